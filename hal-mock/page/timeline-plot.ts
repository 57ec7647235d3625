/** The plot itself: uPlot has axis, scale and canvas, lanes.ts draws on it. */

import { useEffect } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { timeText } from './bench'
import { type Colours, draw, ROW } from './lanes'
import { AXIS_HEIGHT, type Shown, type Window } from './timeline-window'

const LABELS_WIDE = 104
const LABELS_NARROW = 90
const NARROW_PX = 640
/** Between two ticks, in s. */
const TICKS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10800, 21600, 43200, 86400, 172800, 604800,
]

/** Makes the plot, and fits it to its box. */
export function usePlot(
  box: { current: HTMLDivElement | null },
  plot: { current: uPlot | undefined },
  shown: { current: Window },
  state: { current: Shown },
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
