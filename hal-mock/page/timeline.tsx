/**
 * The timeline: lanes on one axis of time, to zoom (wheel, pinch, + and -) and to pan (drag, arrows). Hovering or choosing
 * a mark shows what it was, its bytes decoded by the bench. The parts: timeline-plot.ts, timeline-gestures.ts,
 * timeline-keys.ts, tip.tsx; lanes.ts draws.
 */

import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import type { View } from '../programs/page-protocol'
import { type Bench, timeText } from './bench'
import { ROW, rowsOf } from './lanes'
import { useGestures } from './timeline-gestures'
import { onKey } from './timeline-keys'
import { usePlot } from './timeline-plot'
import { AXIS_HEIGHT, type Found, type Shown, type Window, ZOOM, zoomed } from './timeline-window'
import { Tip } from './tip'

const SHORTEST_MS = 20
const LONGEST_MS = 32 * 86400000
const WIRES_LIMIT_MS = 30000
const FIRST_SPAN_MS = 60000

export function Timeline({ bench, view }: { bench: Bench; view: View }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const shown = useRef<Window>({ fromMs: 0, untilMs: FIRST_SPAN_MS, isFollowing: true })
  const state = useRef<Shown>({
    rows: [],
    view,
    chosen: -1,
  })
  const [found, setFound] = useState<Found | undefined>(undefined)
  const [, redraw] = useState(0)

  const { hello } = bench
  const rows = rowsOf(hello?.lanes ?? [], bench.lanes, bench.wires)
  state.current.rows = rows
  state.current.view = view
  const window_ = shown.current
  if (window_.isFollowing) {
    const span = window_.untilMs - window_.fromMs
    window_.untilMs = Math.max(view.nowMs, span)
    window_.fromMs = window_.untilMs - span
  }

  const set = (fromMs: number, untilMs: number, isFollowing = false) => {
    const span = Math.min(Math.max(untilMs - fromMs, SHORTEST_MS), LONGEST_MS)
    const from = Math.max(0, fromMs)
    shown.current = { fromMs: from, untilMs: from + span, isFollowing }
    redraw((count) => count + 1)
  }

  usePlot(box, plot, shown, state, rows.length)
  useEffect(() => {
    const { current } = plot
    if (current === undefined) return
    const { fromMs, untilMs } = shown.current
    current.setScale('x', { min: fromMs / 1000, max: untilMs / 1000 })
  })
  useGestures(box, plot, shown, state, set, setFound)

  const { fromMs, untilMs } = shown.current
  const span = untilMs - fromMs
  const zoom = (factor: number) => {
    const [from, until] = zoomed(shown.current, [state.current.at?.[1], view.nowMs], factor)
    set(from, until)
  }
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened</h2>
      <div class="buttons" role="group" aria-label="Timeline">
        <button type="button" onClick={() => zoom(1 / ZOOM ** 3)}>
          Zoom in
        </button>
        <button type="button" onClick={() => zoom(ZOOM ** 3)}>
          Zoom out
        </button>
        <button type="button" onClick={() => set(0, Math.max(view.endMs, view.nowMs, 1000))}>
          All of it
        </button>
        <button
          type="button"
          aria-pressed={window_.isFollowing}
          onClick={() => set(Math.max(0, view.nowMs - Math.min(span, FIRST_SPAN_MS)), view.nowMs, true)}
        >
          Follow
        </button>
        <button
          type="button"
          disabled={span > WIRES_LIMIT_MS || view.place !== ''}
          title="Plays up to 30 s again and listens to pins and to the SPI bus"
          onClick={() => bench.askWires(fromMs, untilMs)}
        >
          Pins and SPI here
        </button>
        <span class="quiet">
          {timeText(fromMs, false)} to {timeText(untilMs, false)}
          {bench.wires?.isCut ? '; the bus had more than is shown: zoom in' : ''}
        </span>
      </div>
      <div
        class="plot"
        ref={box}
        tabIndex={0}
        role="application"
        aria-label="Timeline. Arrows left and right pan, plus and minus zoom, up and down choose a lane, comma and full stop go from mark to mark, Enter goes to that moment."
        onKeyDown={(event) => onKey(event, { bench, shown, state, plot, set, setFound })}
        style={{ height: `${rows.length * ROW + AXIS_HEIGHT}px` }}
      />
      {found !== undefined && <Tip bench={bench} found={found} width={box.current?.clientWidth ?? 0} />}
      <p class="visually-hidden" aria-live="polite">
        {found === undefined ? '' : `${timeText(found.mark[1])} ${found.row.name}: ${found.mark[3]}`}
      </p>
    </section>
  )
}
