/**
 * Where everything of a sheet lies, in mm: boxes in a column on each side of the board, a track of its own for each net, and
 * tracks above the board for what has to cross over. Pins and terminals lie on rows that never meet, so two wires share a line
 * nowhere; they may cross.
 */

import { FIRST_EXPANDER } from '../config/schema'
import type { Header } from './headers'
import type { Box, Sheet } from './sheet'
import { at, type Point } from './symbols'

export const PAGE_WIDTH = 297
export const BOX_WIDTH = 56
const MARGIN = 5
const STEP = 5
/** Boxes begin and end on this grid, so that no terminal is on a pin's row. */
const GRID = STEP / 2
export const BOARD = { left: 120, right: 177 }
const GAP = 2
const TITLE = 4.6
const NOTE = 2.9
/** Below the heading; a track above the board takes so much. */
const HEADING = 20
const TRACK = 2.2
/** Nearest to the boxes that a track may lie, and to the board, whose supplies have tags there. */
const CLEAR = 11
const TAGS = 11
/** Rounds of swapping neighbours until no crossing is saved. */
const ROUNDS = 40

export interface Placed {
  box: Box
  x: number
  y: number
  height: number
  /** Of each signal's terminal, as in box.terminals without supplies. */
  rows: number[]
}

export interface Run {
  gpio: number
  /** Each a line of its own. */
  lines: Point[][]
  joints: Point[]
  /** Where a number is written: at the box's edge. */
  ends: { x: number; y: number; isRight: boolean }[]
}

export interface Layout {
  placed: Placed[]
  runs: Run[]
  /** Of each header pin, left side first. */
  pins: { pin: number | string; x: number; y: number; isRight: boolean }[]
  boardTop: number
  boardBottom: number
}

interface Net {
  gpio: number
  pinY: number
  isPinRight: boolean
  /** Rows of its terminals on either side. */
  left: number[]
  right: number[]
}

export function layout(sheet: Sheet, header: Header): Layout {
  // What has to go over the board depends on where the boxes lie, not on how far down.
  const crossing = netsOf(placeBoxes(sheet.boxes, placePins(header, 0), 0), placePins(header, 0)).filter(isCrossing)
  const boardTop = at(HEADING + TRACK * crossing.length)
  const pins = placePins(header, boardTop)
  const placed = placeBoxes(sheet.boxes, pins, boardTop)
  const runs = route(netsOf(placed, pins), boardTop)
  const boardBottom = Math.max(...pins.map(({ y }) => y)) + 4
  return { placed, runs, pins, boardTop, boardBottom }
}

function placePins(header: Header, top: number): Layout['pins'] {
  const side = (list: Header['left'], isRight: boolean) =>
    list.map((pin, row) => ({ pin, x: isRight ? BOARD.right : BOARD.left, y: top + 8 + row * STEP, isRight }))
  return [...side(header.left, false), ...side(header.right, true)]
}

/** In the order of their pins from above; boxes on the bus go where there is room. */
function placeBoxes(boxes: Box[], pins: Layout['pins'], top: number): Placed[] {
  const level = (box: Box) => {
    const rows = signals(box).map(({ net }) => pins.find(({ pin }) => pin === net)?.y ?? 0)
    return rows.reduce((sum, y) => sum + y, 0) / Math.max(1, rows.length)
  }
  const columns = { left: [] as Box[], right: [] as Box[] }
  const used = { left: 0, right: 0 }
  const put = (box: Box, side: Box['side']) => {
    columns[side].push(box)
    used[side] += heightOf(box) + GAP
  }
  const isOnBus = (box: Box) => /MCP23017|ADS1115/.test(box.title)
  for (const box of boxes.filter((candidate) => !isOnBus(candidate))) put(box, box.side)
  for (const box of boxes.filter(isOnBus)) put(box, used.left < used.right ? 'left' : 'right')
  return (['left', 'right'] as const).flatMap((side) => {
    // The tracks above the board lie between the columns.
    let y = HEADING
    const x = side === 'left' ? MARGIN : PAGE_WIDTH - MARGIN - BOX_WIDTH
    return columns[side]
      .sort((one, other) => level(one) - level(other))
      .map((box) => {
        const first = y + TITLE + NOTE * box.notes.length + 3
        // Half of the grid off the rows of the pins.
        const offset = (((top + 8 + GRID / 2 - first) % GRID) + GRID) % GRID
        const rows = signals(box).map((_terminal, row) => first + offset + row * STEP)
        const height = at((rows.at(-1) ?? first) + 3 - y)
        const here: Placed = { box: { ...box, side }, x, y, height, rows }
        y += height + GAP
        return here
      })
  })
}

function heightOf(box: Box): number {
  return TITLE + NOTE * box.notes.length + STEP * signals(box).length + 4
}

/** Terminals that a wire of the board goes to. */
export function signals(box: Box): Box['terminals'] {
  return box.terminals.filter(({ net }) => typeof net === 'number' && net < FIRST_EXPANDER)
}

function netsOf(placed: Placed[], pins: Layout['pins']): Net[] {
  const nets: Net[] = []
  for (const { box, rows } of placed) {
    signals(box).forEach(({ net }, row) => {
      const pin = pins.find((candidate) => candidate.pin === net)
      if (pin === undefined) throw new Error(`GPIO${net} is on no header of this board`)
      let found = nets.find(({ gpio }) => gpio === net)
      if (found === undefined) {
        found = { gpio: net as number, pinY: pin.y, isPinRight: pin.isRight, left: [], right: [] }
        nets.push(found)
      }
      found[box.side].push(rows[row])
    })
  }
  return nets
}

/** Has a terminal on the side where its pin is not. */
function isCrossing(net: Net): boolean {
  return net[net.isPinRight ? 'left' : 'right'].length > 0
}

/** Tracks of both sides and above, in the order with fewest crossings that swapping neighbours finds. */
function route(nets: Net[], top: number): Run[] {
  const isOn = (net: Net, side: 'left' | 'right') => net[side].length > 0 || net.isPinRight === (side === 'right')
  const order = {
    left: nets.filter((net) => isOn(net, 'left')),
    right: nets.filter((net) => isOn(net, 'right')),
    above: nets.filter(isCrossing),
  }
  const draw = () => nets.map((net) => runOf(net, order, top))
  let least = crossings(draw())
  for (let round = 0, hasGained = true; round < ROUNDS && hasGained; round++) {
    hasGained = false
    for (const list of Object.values(order)) {
      for (let index = 0; index + 1 < list.length; index++) {
        swap(list, index)
        const now = crossings(draw())
        if (now < least) {
          least = now
          hasGained = true
        } else swap(list, index)
      }
    }
  }
  return draw()
}

function swap(list: Net[], index: number): void {
  const [one, other] = list.slice(index, index + 2)
  list[index] = other
  list[index + 1] = one
}

function runOf(net: Net, order: { left: Net[]; right: Net[]; above: Net[] }, top: number): Run {
  const run: Run = { gpio: net.gpio, lines: [], joints: [], ends: [] }
  const pinX = net.isPinRight ? BOARD.right : BOARD.left
  const near = net.isPinRight ? 'right' : 'left'
  const far = net.isPinRight ? 'left' : 'right'
  const hasFar = net[far].length > 0
  const aboveY = top - 2.5 - TRACK * order.above.indexOf(net)
  const nearX = trackX(near, order[near].indexOf(net), order[near].length)
  trunk(run, nearX, [...net[near], net.pinY, ...(hasFar ? [aboveY] : [])])
  run.lines.push([
    [pinX, net.pinY],
    [nearX, net.pinY],
  ])
  ends(run, near, nearX, net[near])
  if (hasFar) {
    const farX = trackX(far, order[far].indexOf(net), order[far].length)
    run.lines.push([
      [nearX, aboveY],
      [farX, aboveY],
    ])
    trunk(run, farX, [...net[far], aboveY])
    ends(run, far, farX, net[far])
  }
  return run
}

function trunk(run: Run, x: number, rows: number[]): void {
  const from = Math.min(...rows)
  const to = Math.max(...rows)
  if (from < to)
    run.lines.push([
      [x, from],
      [x, to],
    ])
  for (const y of rows) if (y > from && y < to) run.joints.push([x, y])
}

function ends(run: Run, side: 'left' | 'right', x: number, rows: number[]): void {
  const edge = side === 'left' ? MARGIN + BOX_WIDTH : PAGE_WIDTH - MARGIN - BOX_WIDTH
  for (const y of rows) {
    run.lines.push([
      [x, y],
      [edge, y],
    ])
    run.ends.push({ x: edge, y, isRight: side === 'right' })
  }
}

function trackX(side: 'left' | 'right', index: number, count: number): number {
  const from = side === 'left' ? MARGIN + BOX_WIDTH + CLEAR : BOARD.right + TAGS
  const to = side === 'left' ? BOARD.left - TAGS : PAGE_WIDTH - MARGIN - BOX_WIDTH - CLEAR
  return at(from + ((to - from) * (index + 0.5)) / count)
}

/** How often lines of two nets cross: a horizontal one and a vertical one, for there are no others. */
function crossings(runs: Run[]): number {
  const lines = runs.flatMap((run) => run.lines.map(([from, to]) => ({ gpio: run.gpio, from, to })))
  const flat = lines.filter(({ from, to }) => from[1] === to[1])
  const upright = lines.filter(({ from, to }) => from[0] === to[0])
  let count = 0
  for (const one of flat) {
    const [left, right] = [Math.min(one.from[0], one.to[0]), Math.max(one.from[0], one.to[0])]
    for (const other of upright) {
      if (other.gpio === one.gpio) continue
      const [x] = other.from
      const y = one.from[1]
      if (x > left && x < right && y > other.from[1] && y < other.to[1]) count++
    }
  }
  return count
}
