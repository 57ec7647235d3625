/**
 * The bench in a terminal: keys in, the screen redrawn in place, virtual time tied to wall time. Whatever ends it, the
 * terminal is left as it was found: cooked mode, cursor, line wrap, and the text that stood there before.
 */

import type { PanelBench } from './panel-bench'
import { actions } from './panel-keys'
import { COLUMNS, type Paint, ROWS, render } from './panel-screen'

/** What is needed of process.stdin and process.stdout. */
export interface Terminal {
  input: NodeJS.ReadableStream & { setRawMode?(isRaw: boolean): unknown; unref?(): unknown }
  output: NodeJS.WritableStream & { columns?: number; rows?: number; writableNeedDrain?: boolean }
}

const TICK_MS = 20

// Control sequences (ECMA-48, xterm): alternate screen, cursor, wrap.
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
const HOME = '\x1b[H'
/** Before the line: after one of 80 columns it would take the last character. */
const ERASE_LINE = '\x1b[2K'
const ERASE_BELOW = '\r\n\x1b[J'

/** Runs until a key quits or the signal comes. Rejects with what the bench throws, the terminal restored. */
export async function show(bench: PanelBench, terminal: Terminal, paint: Paint, stop: AbortSignal): Promise<void> {
  const { input, output } = terminal
  let timer: NodeJS.Timeout | undefined
  let onData = (_chunk: unknown) => {}
  let onEnd = () => {}
  const leave = () => output.write(LEAVE)
  input.setRawMode?.(true)
  process.once('exit', leave)
  output.write(ENTER)
  try {
    await new Promise<void>((resolve, reject) => {
      let drawn = ''
      let lastMs = performance.now()
      const tick = () => {
        const nowMs = performance.now()
        bench.advance(nowMs - lastMs)
        lastMs = nowMs
        drawn = draw(bench, output, paint, drawn)
      }
      const guarded = (act: () => void) => {
        try {
          act()
        } catch (error) {
          reject(error)
        }
      }
      onData = (chunk) =>
        guarded(() => {
          for (const action of actions(String(chunk))) {
            if (action.verb === 'quit') resolve()
            else bench.act(action)
          }
        })
      onEnd = () => resolve()
      input.on('data', onData)
      input.on('end', onEnd)
      stop.addEventListener('abort', onEnd, { once: true })
      if (stop.aborted) resolve()
      timer = setInterval(() => guarded(tick), TICK_MS)
      guarded(tick)
    })
  } finally {
    clearInterval(timer)
    input.off('data', onData)
    input.off('end', onEnd)
    stop.removeEventListener('abort', onEnd)
    input.setRawMode?.(false)
    input.pause()
    leave()
    process.off('exit', leave)
  }
}

/** Writes the screen when it differs from what was drawn before. Returns what is drawn now. */
function draw(bench: PanelBench, output: Terminal['output'], paint: Paint, drawn: string): string {
  // A terminal that cannot keep up gets the newest screen when it has caught up.
  if (output.writableNeedDrain) return drawn
  const columns = output.columns ?? COLUMNS
  const rows = output.rows ?? ROWS
  const isTooSmall = columns < COLUMNS || rows < ROWS
  const lines = isTooSmall
    ? [`make the window ${COLUMNS} x ${ROWS}`, `it is ${columns} x ${rows}; q quits`]
    : render(bench.view(), paint)
  const text = HOME + lines.map((line) => ERASE_LINE + line).join('\r\n') + (lines.length < rows ? ERASE_BELOW : '')
  if (text === drawn) return drawn
  output.write(text)
  return text
}
