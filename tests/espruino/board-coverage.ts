/**
 * Which functions of a board's own bundle the interpreter has executed: the firmware's by the same stories as ever, and
 * boot, main and the boundary by starts of the bundle as a board does them, from Storage (linux-board.ts).
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootBoard, find, settingsPins, zonePins } from '../../board/boards/index'
import { buildBoard } from '../../board/targets'
import { DEMO_CODES, demoConfig } from '../../hal-mock/demo'
import { Random } from '../../hal-mock/random'
import { type Coverage, runStories, Tally } from './coverage'
import { type LinuxBoard, prelude, START_FILE } from './linux-board'
import { install, linuxOptions, provision, settingsFor } from './linux-panel'
import { mark, TELL_MARKS } from './marks'
import { twoAtATime } from './two-at-a-time'

const BOARD = 'devkitc-4x3'
const MARKS_FILE = 'marks.txt'
const LOOK_MS = 50
/** A start may take so much longer than planned before it counts as hanging. */
const LIMIT_MS = 60000

interface Start {
  name: string
  /** Left out: the demo's, as for a panel that flash.sh has been to. */
  configText?: string
  hasSettings?: boolean
  keys?: string
  resetCause?: number
  heldPin?: number
  tappedPin?: number
  /** There was another start before on the same flash. */
  isSecond?: boolean
  /** It is over after so long, if it does not restart itself before. */
  seconds: number
  /** Runs after the prelude, before the program. */
  before?: string
}

const RESET_POWER_ON = 1
const [USER, DURESS] = ['code A', 'duress A'].map((name) => DEMO_CODES.find((code) => code.name === name)?.digits)

const STARTS: Start[] = [
  {
    name: 'a panel that takes codes, then runs out of memory',
    keys: `${DURESS} ${USER} `,
    seconds: 12,
    before: `setTimeout(function(){E.emit('errorFlag',['FIFO_FULL'])},3000);
setTimeout(function(){E.emit('errorFlag',['LOW_MEMORY'])},8000);`,
  },
  { name: 'no settings: the safe state', hasSettings: false, seconds: 6 },
  { name: 'settings that nobody can read', configText: '{', seconds: 6 },
  {
    name: 'the service console, by its button',
    resetCause: RESET_POWER_ON,
    heldPin: bootBoard(find(BOARD)).rescuePin,
    seconds: 5,
  },
  {
    name: 'the keypad test, by a tap',
    resetCause: RESET_POWER_ON,
    tappedPin: bootBoard(find(BOARD)).rescuePin,
    seconds: 8,
  },
  { name: 'a second power-up, without the button', resetCause: RESET_POWER_ON, isSecond: true, seconds: 4 },
  {
    // As with holes in the memory (docs/espruino-model.md): a native that finds no piece long enough answers undefined.
    name: 'natives that find no memory in one piece, twice at each code',
    keys: `${USER} `,
    seconds: 8,
    before: `var wholeCrypto=nativeRequire('crypto'),refusals=0,shortCrypto={SHA256:wholeCrypto.SHA256,AES:wholeCrypto.AES,
 PBKDF2:function(secret,salt,options){if(++refusals%3>0)return undefined;return wholeCrypto.PBKDF2(secret,salt,options)}};
function require(name){return name==='Flash'?rawFlash:name==='crypto'?shortCrypto:nativeRequire(name)}`,
  },
  {
    // Three seconds a reading, for the boundary believes no step of the clock beyond five.
    name: 'a long good run, with a clock that hurries',
    seconds: 15,
    before: 'var readSeconds=0;function getTime(){readSeconds+=3;return readSeconds}',
  },
]

/** binaries: of runStories(); the starts run in the first one. */
export async function boardCoverage(binaries: string[], say: (text: string) => void): Promise<Coverage> {
  const binary = binaries[0]
  const bundle = await buildBoard(BOARD, { ...linuxOptions(binary), isReadable: true })
  const marked = mark(bundle.code, bundle.sources)
  const tally = new Tally(marked.names)
  await twoAtATime(
    STARTS.map((start) => async () => {
      const startMs = performance.now()
      const lines = await boot(binary, marked.code, start)
      tally.add(start.name, lines, '')
      say(`  ${start.name.padEnd(60)} ${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s`)
    }),
  )
  await runStories(binaries, { code: `${marked.code}var firmware=PANEL;`, tally, say })
  return tally.result()
}

/** One start, from a fresh flash until it is over. Returns the marks that it left. */
async function boot(binary: string, program: string, start: Start): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'panel-start-'))
  let child: ChildProcess | undefined
  try {
    install(binary, folder, program)
    if (start.hasSettings !== false) {
      const config = { ...demoConfig(), pins: settingsPins(find(BOARD)) }
      const values = settingsFor(program, config, new Random(1))
      if (start.configText !== undefined) values.configText = start.configText
      provision(folder, values)
    }
    writeFileSync(join(folder, START_FILE), prelude(boardOf(start)) + ending(start) + (start.before ?? ''))
    const run = () => spawn(binary, [], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
    child = run()
    if (start.isSecond) {
      await marksIn(join(folder, MARKS_FILE))
      await gone(child)
      rmSync(join(folder, MARKS_FILE))
      child = run()
    }
    return await marksIn(join(folder, MARKS_FILE))
  } finally {
    await gone(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

function boardOf(start: Start): LinuxBoard {
  const map = find(BOARD)
  const { rows, columns } = settingsPins(map)
  const { resetCause, heldPin, tappedPin } = start
  return {
    modem: '',
    rows,
    columns,
    zones: zonePins(map),
    keys: start.keys ?? '',
    noise: 5,
    resetCause,
    heldPin,
    tappedPin,
  }
}

/** Writes the marks when the panel restarts itself, or when its time is over; the file appears whole, by its last line. */
function ending(start: Start): string {
  return `function leaveMarks(){var print=function(text){noteFile.writeFileSync('${MARKS_FILE}',text+'\\nend')};${TELL_MARKS}}
E.reboot=function(){leaveMarks()};setTimeout(leaveMarks,${start.seconds * 1000});
`
}

async function marksIn(path: string): Promise<string[]> {
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += LOOK_MS) {
    const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : []
    if (lines[lines.length - 1] === 'end') return lines
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return []
}

async function gone(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
