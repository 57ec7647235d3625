/** Draws the lanes of the timeline on uPlot's canvas: what lasts as bars, what happens as strokes. */

import type { Mark, ToPage } from '../programs/page-protocol'

type Wires = Extract<ToPage, { type: 'wires' }>

/** Of the canvas, in CSS px. */
export const ROW = 22
const LABEL_PADDING = 6
const FONT = 11

const LASTING = ['text', 'light', 'buzzer', 'siren', 'power', 'ethernet path', 'cellular path']
/** Frames go up from the panel, and down to it. */
const FRAMES = ['ethernet', 'cellular', 'modem AT']
const IS_UP = 2

export interface Row {
  name: string
  marks: Mark[]
  kind: 'lasting' | 'frames' | 'strokes'
}

/** The lanes, and below them what was asked of the wires. Marks of wires have negative numbers: they carry nothing more. */
export function rowsOf(names: string[], lanes: Mark[][], wires: Wires | undefined): Row[] {
  const rows = names.map((name, index): Row => {
    const kind = LASTING.includes(name) ? 'lasting' : FRAMES.includes(name) ? 'frames' : 'strokes'
    return { name, marks: lanes[index] ?? [], kind }
  })
  if (wires === undefined) return rows
  const pins = new Map<string, Mark[]>()
  for (const [atMs, name, level] of wires.pins) {
    const marks = pins.get(name) ?? []
    marks.push([-1, atMs, 0, level === 1 ? 'high' : 'low', 0])
    pins.set(name, marks)
  }
  for (const [name, marks] of pins) rows.push({ name: `pin ${name}`, marks, kind: 'lasting' })
  rows.push({
    name: 'SPI',
    marks: wires.spi.map(([atMs, words]) => [-1, atMs, 0, words, words.startsWith('write') ? IS_UP : 0]),
    kind: 'frames',
  })
  return rows
}

/** Index of the first mark at or behind atMs. */
export function firstFrom(marks: Mark[], atMs: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (marks[middle][1] < atMs) low = middle + 1
    else high = middle
  }
  return low
}

/** The mark nearest to a moment, within reachMs; of one that lasts the one that began last. */
export function nearest({ marks, kind }: Row, atMs: number, reachMs: number): Mark | undefined {
  const at = firstFrom(marks, atMs)
  if (kind === 'lasting') return marks[at]?.[1] === atMs ? marks[at] : marks[at - 1]
  const candidates = [marks[at - 1], marks[at]].filter((mark) => mark !== undefined)
  candidates.sort((one, other) => Math.abs(one[1] - atMs) - Math.abs(other[1] - atMs))
  return candidates[0] !== undefined && Math.abs(candidates[0][1] - atMs) <= reachMs ? candidates[0] : undefined
}

export interface Colours {
  ink: string
  quiet: string
  line: string
  bar: string
  barText: string
  on: string
  bad: string
  stroke: string
  now: string
  card: string
}

interface Place {
  context: CanvasRenderingContext2D
  left: number
  width: number
  top: number
  /** Device pixels in a CSS px. */
  ratio: number
  fromMs: number
  untilMs: number
  nowMs: number
  endMs: number
  colours: Colours
  chosen: number
}

export function draw(rows: Row[], place: Place): void {
  const { context, left, width, top, ratio, colours } = place
  context.save()
  context.font = `${FONT * ratio}px system-ui, sans-serif`
  context.textBaseline = 'middle'
  rows.forEach((row, index) => {
    const y = top + index * ROW * ratio
    if (index === place.chosen) {
      context.fillStyle = colours.line
      context.fillRect(0, y, left + width, ROW * ratio)
    }
    context.fillStyle = colours.quiet
    context.textAlign = 'right'
    context.fillText(row.name, left - LABEL_PADDING * ratio, y + (ROW / 2) * ratio)
    context.fillStyle = colours.line
    context.fillRect(left, y + ROW * ratio - 1, width, 1)
  })
  context.beginPath()
  context.rect(left, top, width, rows.length * ROW * ratio)
  context.clip()
  context.textAlign = 'left'
  rows.forEach((row, index) => {
    const y = top + index * ROW * ratio
    if (row.kind === 'lasting') drawLasting(row, y, place)
    else drawStrokes(row, y, place)
  })
  // What was, and comes again unless somebody does something else.
  const x = Math.max(xOf(place.nowMs, place), left)
  context.globalAlpha = 0.55
  context.fillStyle = colours.card
  context.fillRect(x, top, left + width - x, rows.length * ROW * ratio)
  context.restore()
}

function xOf(atMs: number, { left, width, fromMs, untilMs }: Place): number {
  return left + ((atMs - fromMs) / (untilMs - fromMs)) * width
}

function drawLasting({ marks, name }: Row, y: number, place: Place): void {
  const { context, ratio, colours, left, width } = place
  const height = (ROW - 6) * ratio
  for (let at = Math.max(0, firstFrom(marks, place.fromMs) - 1); at < marks.length; at++) {
    const [, atMs, , what] = marks[at]
    if (atMs > place.untilMs) return
    const x1 = Math.max(xOf(atMs, place), left)
    const x2 = Math.min(xOf(marks[at + 1]?.[1] ?? place.endMs, place), left + width)
    const colour = colourOf(name, what, colours)
    if (colour === '' || x2 <= x1) continue
    context.fillStyle = colour
    context.fillRect(x1, y + 3 * ratio, Math.max(x2 - x1 - ratio, ratio), height)
    const text =
      name === 'text'
        ? what
            .split('|')
            .map((line) => line.trim())
            .filter((line) => line !== '')
            .join(' / ')
        : what
    if (x2 - x1 < (text.length * FONT * 0.62 + 8) * ratio) continue
    context.fillStyle = colours.barText
    context.fillText(text, x1 + 4 * ratio, y + (ROW / 2) * ratio)
  }
}

/** '' for what is nothing to see. */
function colourOf(name: string, what: string, colours: Colours): string {
  if (what === 'off' || what === 'low' || what === '|' || what === '') return ''
  if (name === 'siren' || what === 'down') return colours.bad
  if (name.endsWith('path')) return what === 'open' ? colours.on : colours.bar
  return name === 'text' ? colours.bar : colours.on
}

function drawStrokes({ marks, kind }: Row, y: number, place: Place): void {
  const { context, ratio, colours } = place
  const middle = y + (ROW / 2) * ratio
  const half = (ROW / 2 - 3) * ratio
  let lastUp = -1
  let lastDown = -1
  context.fillStyle = colours.stroke
  for (let at = firstFrom(marks, place.fromMs); at < marks.length; at++) {
    const [, atMs, , what, flags] = marks[at]
    if (atMs > place.untilMs) break
    const x = Math.round(xOf(atMs, place))
    const isUp = kind !== 'frames' || (flags & IS_UP) !== 0
    // What would be drawn over is left out: a day has more marks than the screen has columns.
    if (isUp ? x === lastUp : x === lastDown) continue
    if (isUp) lastUp = x
    else lastDown = x
    const isCall = what.includes('1121')
    if (isCall) context.fillStyle = colours.bad
    if (kind === 'frames') context.fillRect(x - ratio / 2, isUp ? middle - half : middle, 1.5 * ratio, half)
    else context.fillRect(x - ratio, middle - half, 2 * ratio, 2 * half)
    if (isCall) context.fillStyle = colours.stroke
  }
}
