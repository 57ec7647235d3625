/**
 * The wiring of one installation on pages of A4 across: the board with everything around it, and on a second page, where the
 * first has no room, loops, circuits and supplies. Letters are 2 mm at least, for a cabinet door.
 */

import { DOMParser } from 'linkedom'
import { CIRCUIT_WIDTH, CIRCUITS } from './circuits'
import type { Header } from './headers'
import { BOARD, BOX_WIDTH, type Layout, layout, PAGE_WIDTH, type Placed, type Run, signals } from './layout'
import { drawLoop, LOOP_HEIGHT, LOOP_WIDTH } from './loops'
import { drawPower, POWER_HEIGHT, POWER_WIDTH } from './power'
import type { LoopFigure, Sheet } from './sheet'
import { at, drop, el, group, type Mark, tag, text, wire } from './symbols'

const PAGE_HEIGHT = 210
const FONT = 'DejaVu Sans, Verdana, Arial, sans-serif'
const SVG = 'http://www.w3.org/2000/svg'
const EDGE = 5
const FIGURE_GAP = 4
const PAGE_END = PAGE_HEIGHT - 4
/** On a page of their own figures are enlarged, in steps, as far as there is room below its heading. */
const LARGEST = 1.5
const SCALE_STEP = 0.05
const SECOND_HEADING = 8

/** Colours of wires that can be told apart on white paper, with their names for the table. */
export const COLOURS: [name: string, value: string][] = [
  ['brown', '#7a4a21'],
  ['red', '#d32f2f'],
  ['orange', '#e67300'],
  ['green', '#2e7d32'],
  ['blue', '#1565c0'],
  ['violet', '#7b1fa2'],
  ['turquoise', '#00838f'],
  ['pink', '#d81b60'],
  ['olive', '#827717'],
  ['grey', '#546e7a'],
]

/** Colour of each GPIO's wire: neighbours on the headers differ. */
export function colours(sheet: Sheet, header: Header): Map<number, [name: string, value: string]> {
  const order = [...header.left, ...header.right].filter((pin) => typeof pin === 'number' && sheet.roles.has(pin))
  return new Map(order.map((pin, index) => [pin as number, COLOURS[index % COLOURS.length]]))
}

/** The pages, each as the text of an SVG. Only what stands around the board may make one taller than A4. */
export function draw(sheet: Sheet, header: Header): string[] {
  const plan = layout(sheet, header)
  const palette = colours(sheet, header)
  const wiring = [
    ...plan.runs.flatMap((run) => runMarks(run, palette)),
    ...boardMarks(sheet, header, plan, palette),
    ...plan.placed.flatMap((placed) => boxMarks(placed)),
  ]
  const taken = takenAbove(plan)
  const bottom = Math.max(...taken)
  const beside = figureMarks(sheet, taken, 1)
  if (beside.bottom <= PAGE_END)
    return [page(sheet.title, beside.bottom, [...heading(sheet, header, ''), ...wiring, ...beside.marks])]
  const alone = largest(sheet)
  return [
    page(sheet.title, bottom, [...heading(sheet, header, ', page 1 of 2'), ...wiring]),
    page(`${sheet.title}, page 2`, alone.bottom, [...secondHeading(sheet), ...alone.marks]),
  ]
}

/** The figures by themselves, as large as a page takes them. */
function largest(sheet: Sheet): { marks: Mark[]; bottom: number } {
  for (let scale = LARGEST; ; scale -= SCALE_STEP) {
    const figures = figureMarks(sheet, Array(PAGE_WIDTH).fill(SECOND_HEADING), scale)
    if (figures.bottom <= PAGE_END || scale - SCALE_STEP < 1) return figures
  }
}

function page(title: string, bottom: number, inside: Mark[]): string {
  const height = Math.max(PAGE_HEIGHT, Math.ceil(bottom + 4))
  const marks = [el('rect', { x: 0, y: 0, width: PAGE_WIDTH, height, fill: '#fff' }), ...inside]
  const made = el(
    'svg',
    {
      xmlns: SVG,
      width: `${PAGE_WIDTH}mm`,
      height: `${height}mm`,
      viewBox: `0 0 ${PAGE_WIDTH} ${height}`,
      'font-family': FONT,
      role: 'img',
      'aria-label': title,
    },
    ...marks,
  )
  return serialized(made)
}

function secondHeading(sheet: Sheet): Mark[] {
  return [text(5, 8, `${sheet.title}, page 2 of 2`, 4.6, 'start', '#111', 'bold')]
}

function heading(sheet: Sheet, header: Header, which: string): Mark[] {
  const place = header.isTrue
    ? 'Seen from above, the USB socket below.'
    : 'Pins by number: find their places on your board.'
  return [
    text(5, 8, `${sheet.title}${which}`, 4.6, 'start', '#111', 'bold'),
    text(
      5,
      12.4,
      `${place} Switch everything off before you wire. Crossing wires are joined only where there is a dot.`,
      2.3,
    ),
    text(
      5,
      15.8,
      'Numbers at the boxes are GPIOs. Tags are supplies: run them in a star from the converters, all GND together.',
      2.3,
    ),
  ]
}

/** Wires over white, so that one that crosses another is seen to pass. */
function runMarks(run: Run, palette: ReturnType<typeof colours>): Mark[] {
  const colour = palette.get(run.gpio)?.[1] ?? '#222'
  const halo = run.lines.map((points) =>
    el('path', { d: pathOf(points), stroke: '#fff', 'stroke-width': 1.6, fill: 'none' }),
  )
  return [
    ...halo,
    ...run.lines.map((points) => wire(points, colour, 0.65)),
    ...run.joints.map(([x, y]) => drop(x, y, colour)),
    ...run.ends.map(({ x, y, isRight }) =>
      text(isRight ? x - 1 : x + 1, y - 0.9, `IO${run.gpio}`, 2.1, isRight ? 'end' : 'start', colour, 'bold'),
    ),
  ]
}

function pathOf(points: [number, number][]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join(' ')
}

function boardMarks(sheet: Sheet, header: Header, plan: Layout, palette: ReturnType<typeof colours>): Mark[] {
  const width = BOARD.right - BOARD.left
  const middle = (BOARD.left + BOARD.right) / 2
  const marks = [
    el('rect', {
      ...{ x: BOARD.left, y: plan.boardTop, width, height: plan.boardBottom - plan.boardTop, rx: 2 },
      ...{ fill: '#eef3f0', stroke: '#2f4f3f', 'stroke-width': 0.6 },
    }),
    text(middle, plan.boardTop + 4, header.title, 2.8, 'middle', '#2f4f3f', 'bold'),
    el('rect', {
      x: middle - 5,
      y: plan.boardBottom - 3,
      width: 10,
      height: 5,
      rx: 0.8,
      fill: '#b0bec5',
      stroke: '#455a64',
      'stroke-width': 0.3,
    }),
    text(middle, plan.boardBottom + 0.4, 'USB', 2, 'middle'),
  ]
  for (const { pin, x, y, isRight } of plan.pins) {
    const role = typeof pin === 'number' ? (sheet.roles.get(pin) ?? '') : ''
    const colour = typeof pin === 'number' ? (palette.get(pin)?.[1] ?? '#aaa') : '#888'
    const inside = isRight ? x - 3 : x + 3
    marks.push(
      el('rect', {
        x: at(x - 1.3),
        y: at(y - 1.3),
        width: 2.6,
        height: 2.6,
        fill: colour,
        stroke: '#222',
        'stroke-width': 0.2,
      }),
    )
    const label = typeof pin === 'number' ? `${pin}` : pin
    const words = role === '' ? label : isRight ? `${short(role)}  ${label}` : `${label}  ${short(role)}`
    marks.push(
      text(
        inside,
        y + 0.8,
        words,
        2.1,
        isRight ? 'end' : 'start',
        role === '' && typeof pin === 'number' ? '#888' : '#111',
      ),
    )
    if (typeof pin === 'string' && pin in { GND: 1, '3V3': 1, '5V': 1 })
      marks.push(isRight ? tag(x + 10, y, pin) : tag(x - 3, y, pin))
  }
  return marks
}

/** What fits beside a pin. */
function short(role: string): string {
  return role.length > 15 ? `${role.slice(0, 14).trim()}…` : role
}

function boxMarks({ box, x, y, height, rows }: Placed): Mark[] {
  const isRight = box.side === 'right'
  const edge = isRight ? x : x + BOX_WIDTH
  const supplies = box.terminals.filter(({ net }) => typeof net === 'string')
  const marks = [
    el('rect', { x, y, width: BOX_WIDTH, height, rx: 1.2, fill: '#fff', stroke: '#333', 'stroke-width': 0.45 }),
    text(x + 2, y + 3.6, box.title, 2.6, 'start', '#111', 'bold'),
    ...box.notes.map((note, row) => text(x + 2, y + 6.8 + row * 2.9, note, 2, 'start', '#444')),
    ...supplies.map(({ net }, place) =>
      tag(isRight ? x + BOX_WIDTH - 1 : x + 8, y + height - 3 - 3.6 * (supplies.length - 1 - place), String(net)),
    ),
  ]
  signals(box).forEach(({ label, via }, row) => {
    const words = via === undefined || via === '' || label === 'OUT' ? label : `${label}  (${via})`
    marks.push(
      el('circle', { cx: edge, cy: at(rows[row]), r: 0.9, fill: '#fff', stroke: '#222', 'stroke-width': 0.35 }),
    )
    marks.push(text(isRight ? edge + 2 : edge - 2, rows[row] + 0.8, words, 2.2, isRight ? 'start' : 'end'))
  })
  return marks
}

/** Supplies, circuits and loops, each as high as there is room under what is taken. */
function figureMarks(sheet: Sheet, above: number[], scale: number): { marks: Mark[]; bottom: number } {
  const figures: { title: string; width: number; height: number; marks: Mark[] }[] = [
    ...sheet.loops.map((loop) => ({
      title: loopTitle(loop),
      width: LOOP_WIDTH,
      height: LOOP_HEIGHT,
      marks: drawLoop(loop),
    })),
    { title: 'Supplies', width: POWER_WIDTH, height: POWER_HEIGHT, marks: drawPower() },
    ...sheet.circuits.map((name) => ({
      title: CIRCUITS[name].title,
      width: CIRCUIT_WIDTH,
      height: CIRCUITS[name].height,
      marks: CIRCUITS[name].draw(),
    })),
  ]
  const marks: Mark[] = []
  const taken = [...above]
  for (const figure of figures) {
    const { title, marks: inside } = figure
    const [width, height] = [figure.width * scale, figure.height * scale]
    let x = EDGE
    let y = Infinity
    for (let left = EDGE; left + width <= PAGE_WIDTH - EDGE; left++) {
      const top = Math.max(...taken.slice(left, Math.ceil(left + width))) + FIGURE_GAP
      if (top < y) [x, y] = [left, top]
    }
    marks.push(
      text(x, y + 2.6 * scale, title, 2.6 * scale, 'start', '#111', 'bold'),
      group(x, y + 5 * scale, inside, scale),
    )
    taken.fill(y + 5 * scale + height, x - 2, Math.ceil(x + width) + 2)
  }
  return { marks, bottom: Math.max(...taken) }
}

/** How far down each mm of the page's width is taken by boxes, wires and the board. */
function takenAbove({ placed, runs, boardBottom }: Layout): number[] {
  const taken: number[] = Array(PAGE_WIDTH).fill(0)
  const take = (from: number, to: number, y: number) => {
    for (let x = Math.floor(from) - 1; x <= Math.ceil(to) + 1; x++) if (y > taken[x]) taken[x] = y
  }
  for (const { x, y, height } of placed) take(x, x + BOX_WIDTH, y + height)
  take(BOARD.left - 12, BOARD.right + 12, boardBottom + 2)
  for (const { lines } of runs) {
    for (const [from, to] of lines)
      take(Math.min(from[0], to[0]), Math.max(from[0], to[0]), Math.max(from[1], to[1]) + 1)
  }
  return taken
}

function loopTitle({ style, zones }: LoopFigure): string {
  const list = zones.length > 8 ? `${zones.slice(0, 7).join(', ')} … (${zones.length})` : zones.join(', ')
  return `${style} loop: ${zones.length === 1 ? 'zone' : 'zones'} ${list}`
}

/** What we use of an element: linkedom's types want those of a browser. */
interface Node {
  outerHTML: string
  setAttribute(name: string, value: string): void
  append(...children: (Node | string)[]): void
}

/** Through a document, which escapes what an installer has written. */
function serialized(page: Mark): string {
  const document = new DOMParser().parseFromString(`<svg xmlns="${SVG}"></svg>`, 'image/svg+xml') as unknown as {
    createElementNS(space: string, name: string): Node
  }
  const built = (mark: Mark): Node => {
    const element = document.createElementNS(SVG, mark.name)
    for (const [name, value] of Object.entries(mark.attributes)) element.setAttribute(name, String(value))
    element.append(...mark.children.map((child) => (typeof child === 'string' ? child : built(child))))
    return element
  }
  return `${built(page).outerHTML}\n`
}
