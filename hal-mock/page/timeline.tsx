/**
 * The timeline: lanes on one axis of time, to zoom (wheel, pinch, + and -) and to pan (drag, arrows). Hovering or choosing
 * a mark shows what it was, its bytes decoded by the bench. uPlot has the axis, the scale and the canvas; lanes.ts the lanes.
 */

import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Mark, View } from '../programs/page-protocol'
import { type Bench, timeText } from './bench'
import { type Colours, draw, firstFrom, nearest, ROW, type Row, rowsOf } from './lanes'

const LABELS_WIDE = 104
const LABELS_NARROW = 90
const NARROW_PX = 640
const AXIS_HEIGHT = 34
const SHORTEST_MS = 20
const LONGEST_MS = 32 * 86400000
const WIRES_LIMIT_MS = 30000
const REACH_PX = 7
const HAS_BYTES = 1
const ZOOM = 1.25
const FIRST_SPAN_MS = 60000
/** Between two ticks, in s. */
const TICKS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 604800,
]

interface Window {
  fromMs: number
  untilMs: number
  /** The right edge goes with time. */
  isFollowing: boolean
}

interface Found {
  row: Row
  mark: Mark
  /** CSS px in the plot. */
  x: number
  y: number
}

export function Timeline({ bench, view }: { bench: Bench; view: View }) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const shown = useRef<Window>({ fromMs: 0, untilMs: FIRST_SPAN_MS, isFollowing: true })
  const state = useRef<{ rows: Row[]; view: View; chosen: number; at?: Mark; anchorMs?: number }>({
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

/** Makes the plot, and fits it to its box. */
function usePlot(
  box: { current: HTMLDivElement | null },
  plot: { current: uPlot | undefined },
  shown: { current: Window },
  state: { current: { rows: Row[]; view: View; chosen: number } },
  rowCount: number,
): void {
  useEffect(() => {
    const { current: element } = box
    if (element === null) return
    const labels = element.clientWidth < NARROW_PX ? LABELS_NARROW : LABELS_WIDE
    let colours = coloursOf(element)
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: rowCount * ROW + AXIS_HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
        padding: [0, 8, 0, 0],
        scales: { x: { time: false }, y: { range: [0, 1] } },
        axes: [
          {
            size: AXIS_HEIGHT,
            stroke: () => colours.quiet,
            grid: { stroke: () => colours.line, width: 1 },
            ticks: { stroke: () => colours.line, width: 1 },
            incrs: TICKS,
            values: (_plot, splits) => splits.map((seconds) => tickText(seconds * 1000, splits)),
          },
          { size: labels, values: () => [], grid: { show: false }, ticks: { show: false } },
        ],
        series: [{}, { show: false }],
        hooks: {
          draw: [
            (self) => {
              const { left, top, width } = self.bbox
              const ratio = uPlot.pxRatio
              const { fromMs, untilMs } = shown.current
              const { rows, view, chosen } = state.current
              draw(rows, {
                context: self.ctx,
                left,
                width,
                top,
                ratio,
                fromMs,
                untilMs,
                nowMs: view.nowMs,
                endMs: Math.max(view.endMs, view.nowMs),
                colours,
                chosen,
              })
              const x = left + ((view.nowMs - fromMs) / (untilMs - fromMs)) * width
              if (x < left || x > left + width) return
              self.ctx.fillStyle = colours.now
              self.ctx.fillRect(x - ratio / 2, top, 1.5 * ratio, self.bbox.height)
            },
          ],
        },
      },
      [
        [0, 1],
        [0, 0],
      ],
      element,
    )
    plot.current = made
    const fit = () => made.setSize({ width: element.clientWidth, height: rowCount * ROW + AXIS_HEIGHT })
    const observer = new ResizeObserver(fit)
    observer.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const repaint = () => {
      colours = coloursOf(element)
      made.redraw()
    }
    scheme.addEventListener('change', repaint)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', repaint)
      made.destroy()
      plot.current = undefined
    }
  }, [rowCount])
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: of('ink'),
    quiet: of('quiet'),
    line: of('line'),
    bar: of('bar'),
    barText: of('ink'),
    on: of('on'),
    bad: of('bad-bar'),
    stroke: of('accent'),
    now: of('ink'),
    card: of('card'),
  }
}

/** As exact as the ticks are apart. */
function tickText(ms: number, splits: number[]): string {
  const apart = splits.length > 1 ? splits[1] - splits[0] : 1
  const text = timeText(ms, apart < 1)
  return text.startsWith('0:') && ms < 3600000 ? text.slice(2) : text
}

type Set_ = (fromMs: number, untilMs: number, isFollowing?: boolean) => void

/** Wheel, drag, pinch and hover. */
function useGestures(
  box: { current: HTMLDivElement | null },
  plot: { current: uPlot | undefined },
  shown: { current: Window },
  state: { current: { rows: Row[]; view: View; chosen: number } },
  set: Set_,
  setFound: (found: Found | undefined) => void,
): void {
  useEffect(() => {
    const { current: element } = box
    if (element === null) return
    const fingers = new Map<number, { x: number; y: number }>()
    const inPlot = (event: { clientX: number; clientY: number }) => {
      const area = plot.current?.over.getBoundingClientRect()
      if (area === undefined) return undefined
      return { x: event.clientX - area.left, y: event.clientY - area.top, width: area.width }
    }
    const momentAt = (x: number, width: number) => {
      const { fromMs, untilMs } = shown.current
      return fromMs + (x / width) * (untilMs - fromMs)
    }
    const zoomAt = (atMs: number, factor: number) => {
      const { fromMs, untilMs } = shown.current
      set(atMs - (atMs - fromMs) * factor, atMs + (untilMs - atMs) * factor)
    }
    const onWheel = (event: WheelEvent) => {
      const place = inPlot(event)
      if (place === undefined || (!event.ctrlKey && Math.abs(event.deltaX) < Math.abs(event.deltaY) && event.shiftKey))
        return
      event.preventDefault()
      const { fromMs, untilMs } = shown.current
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const shiftMs = (event.deltaX / place.width) * (untilMs - fromMs)
        set(fromMs + shiftMs, untilMs + shiftMs)
      } else zoomAt(momentAt(place.x, place.width), event.deltaY > 0 ? ZOOM : 1 / ZOOM)
    }
    const onDown = (event: PointerEvent) => {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      element.setPointerCapture(event.pointerId)
      if (event.pointerType === 'touch') setFound(find(event))
    }
    const onMove = (event: PointerEvent) => {
      const before = fingers.get(event.pointerId)
      const place = inPlot(event)
      if (place === undefined) return
      if (before === undefined) {
        setFound(find(event))
        return
      }
      const { fromMs, untilMs } = shown.current
      const others = [...fingers].filter(([id]) => id !== event.pointerId)
      if (others.length === 1) {
        const other = others[0][1].x
        const [was, is] = [Math.abs(before.x - other), Math.abs(event.clientX - other)]
        if (was > 10 && is > 10) zoomAt(momentAt(place.x, place.width), was / is)
      } else {
        const shiftMs = ((event.clientX - before.x) / place.width) * (untilMs - fromMs)
        if (shiftMs !== 0) set(fromMs - shiftMs, untilMs - shiftMs)
      }
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
    }
    const onUp = (event: PointerEvent) => fingers.delete(event.pointerId)
    const onLeave = () => setFound(undefined)
    const find = (event: PointerEvent): Found | undefined => {
      const place = inPlot(event)
      if (place === undefined) return undefined
      const row = state.current.rows[Math.floor(place.y / ROW)]
      if (row === undefined || place.x < 0) return undefined
      const { fromMs, untilMs } = shown.current
      const reachMs = (REACH_PX / place.width) * (untilMs - fromMs)
      const mark = nearest(row, momentAt(place.x, place.width), reachMs)
      return mark === undefined
        ? undefined
        : { row, mark, x: event.clientX - element.getBoundingClientRect().left, y: place.y }
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    element.addEventListener('pointerdown', onDown)
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onUp)
    element.addEventListener('pointerleave', onLeave)
    return () => {
      element.removeEventListener('wheel', onWheel)
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onUp)
      element.removeEventListener('pointerleave', onLeave)
    }
  }, [])
}

/** Around the first of these moments that is in the window, or around its middle. */
function zoomed({ fromMs, untilMs }: Window, moments: (number | undefined)[], factor: number): [number, number] {
  const inside = moments.find((atMs) => atMs !== undefined && atMs >= fromMs && atMs <= untilMs)
  const atMs = inside ?? (fromMs + untilMs) / 2
  return [atMs - (atMs - fromMs) * factor, atMs + (untilMs - atMs) * factor]
}

interface Keys {
  bench: Bench
  shown: { current: Window }
  state: { current: { rows: Row[]; view: View; chosen: number; at?: Mark; anchorMs?: number } }
  plot: { current: uPlot | undefined }
  set: Set_
  setFound: (found: Found | undefined) => void
}

function onKey(event: KeyboardEvent, keys: Keys): void {
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

function Tip({ bench, found, width }: { bench: Bench; found: Found; width: number }) {
  const { row, mark } = found
  const [id, atMs, , what, flags] = mark
  const decoded = id >= 0 && (flags & HAS_BYTES) !== 0 ? bench.bytes(id) : undefined
  const isRight = found.x > width / 2
  return (
    <div
      class="tip"
      style={{
        '--tip-top': `${found.y + ROW + 6}px`,
        ...(isRight
          ? { '--tip-right': `${Math.max(0, width - found.x + 8)}px` }
          : { '--tip-left': `${found.x + 8}px` }),
      }}
    >
      <b>
        {timeText(atMs)} {row.name}
      </b>
      <div>{row.name === 'text' ? what.split('|').map((line) => <code key={line}>{line}</code>) : what}</div>
      {decoded !== undefined && (
        <>
          <dl>
            {decoded.rows.map(([name, value], index) => (
              <div key={`${index} ${name}`}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <code class="hex">{decoded.hex.length > 360 ? `${decoded.hex.slice(0, 360)} ...` : decoded.hex}</code>
        </>
      )}
    </div>
  )
}
