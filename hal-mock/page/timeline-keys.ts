/** The timeline by keyboard. */

import type uPlot from 'uplot'
import type { Bench } from './bench'
import { firstFrom, ROW } from './lanes'
import { type Found, type SetWindow, type Shown, type Window, ZOOM, zoomed } from './timeline-window'

export interface Keys {
  bench: Bench
  shown: { current: Window }
  state: { current: Shown }
  plot: { current: uPlot | undefined }
  set: SetWindow
  setFound: (found: Found | undefined) => void
}

export function onKey(event: KeyboardEvent, keys: Keys): void {
  const { shown, state, set } = keys
  const { fromMs, untilMs } = shown.current
  const span = untilMs - fromMs
  const zoom = (factor: number) => {
    const [from, until] = zoomed(shown.current, [state.current.at?.[1], state.current.view.nowMs], factor)
    set(from, until)
  }
  switch (event.key) {
    case 'ArrowLeft':
      set(fromMs - span / 5, untilMs - span / 5)
      break
    case 'ArrowRight':
      set(fromMs + span / 5, untilMs + span / 5)
      break
    case '+':
    case '=':
      zoom(1 / ZOOM)
      break
    case '-':
      zoom(ZOOM)
      break
    case 'ArrowUp':
    case 'ArrowDown': {
      const count = state.current.rows.length
      state.current.chosen = (state.current.chosen + (event.key === 'ArrowUp' ? count - 1 : 1) + count) % count
      walk(0, keys)
      break
    }
    case ',':
    case '.':
      walk(event.key === ',' ? -1 : 1, keys)
      break
    case 'Enter':
      if (state.current.at !== undefined) keys.bench.go(state.current.at[1])
      break
    default:
      return
  }
  event.preventDefault()
}

/** To the mark before or behind, in the chosen lane; by 0 to the one nearest to where one was in another lane. */
function walk(by: number, { shown, state, plot, set, setFound }: Keys): void {
  const { rows, chosen } = state.current
  const row = rows[chosen]
  const { fromMs, untilMs } = shown.current
  if (row === undefined || row.marks.length === 0) {
    setFound(undefined)
    set(fromMs, untilMs)
    return
  }
  const { at, anchorMs = state.current.view.nowMs } = state.current
  // Several marks may be of one ms: where one stands is told by the mark, not by its time.
  const known = by === 0 || at === undefined ? -1 : row.marks.indexOf(at)
  const index = known >= 0 ? known + by : firstFrom(row.marks, anchorMs)
  const mark = row.marks[Math.min(Math.max(index, 0), row.marks.length - 1)]
  state.current.at = mark
  // Going through the lanes keeps the moment, whatever is in them.
  if (by !== 0) state.current.anchorMs = mark[1]
  const span = untilMs - fromMs
  if (mark[1] < fromMs || mark[1] > untilMs) set(mark[1] - span / 2, mark[1] + span / 2)
  else set(fromMs, untilMs)
  const window_ = shown.current
  const area = plot.current?.over
  const x = ((mark[1] - window_.fromMs) / span) * (area?.clientWidth ?? 0) + (area?.offsetLeft ?? 0)
  setFound({ row, mark, x, y: chosen * ROW })
}
