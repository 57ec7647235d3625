/** Symbols of a circuit, in mm, as elements of an SVG. Everything is escaped where it becomes text. */

export interface Mark {
  name: string
  attributes: Record<string, string | number>
  children: (Mark | string)[]
}

export type Point = [x: number, y: number]

const INK = '#222'
const LINE = { fill: 'none', stroke: INK, 'stroke-width': 0.35, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }
/** Colour of a supply's tag. */
export const SUPPLIES: Record<string, string> = {
  GND: '#222222',
  '3V3': '#c75b00',
  '5V': '#b71c1c',
  '3V8': '#8e24aa',
  '12V': '#6d0f0f',
}

export function el(name: string, attributes: Record<string, string | number>, ...children: (Mark | string)[]): Mark {
  return { name, attributes, children }
}

export function text(
  x: number,
  y: number,
  words: string,
  size: number,
  anchor: 'start' | 'middle' | 'end' = 'start',
  fill = INK,
  weight = 'normal',
): Mark {
  return el(
    'text',
    { x: at(x), y: at(y), 'font-size': size, 'text-anchor': anchor, fill, 'font-weight': weight },
    words,
  )
}

export function group(x: number, y: number, marks: Mark[], scale = 1): Mark {
  const size = scale === 1 ? '' : ` scale(${at(scale)})`
  return el('g', { transform: `translate(${at(x)} ${at(y)})${size}` }, ...marks)
}

export function wire(points: Point[], colour = INK, width = 0.35): Mark {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join(' ')
  return el('path', { d: path, ...LINE, stroke: colour, 'stroke-width': width })
}

/** A dot where wires meet. */
export function drop(x: number, y: number, colour = INK): Mark {
  return el('circle', { cx: at(x), cy: at(y), r: 0.6, fill: colour })
}

/** 10 mm long, its value beside it. */
export function resistor(x: number, y: number, value: string, way: 'right' | 'down'): Mark {
  const isDown = way === 'down'
  const body = isDown
    ? { x: x - 1.1, y: y + 2.5, width: 2.2, height: 5 }
    : { x: x + 2.5, y: y - 1.1, width: 5, height: 2.2 }
  return el(
    'g',
    {},
    wire([[x, y], isDown ? [x, y + 10] : [x + 10, y]]),
    el('rect', { ...body, fill: '#fff', stroke: INK, 'stroke-width': 0.35 }),
    isDown ? text(x + 1.8, y + 5.8, value, 2) : text(x + 5, y - 1.8, value, 2, 'middle'),
  )
}

/** 10 mm long: a box with the wire through it. */
export function fuse(x: number, y: number, value: string, way: 'right' | 'down'): Mark {
  const isDown = way === 'down'
  const body = isDown
    ? { x: x - 1.1, y: y + 1.5, width: 2.2, height: 5 }
    : { x: x + 2.5, y: y - 1.1, width: 5, height: 2.2 }
  return el(
    'g',
    {},
    el('rect', { ...body, fill: '#fff', stroke: INK, 'stroke-width': 0.35 }),
    wire([[x, y], isDown ? [x, y + 8] : [x + 10, y]]),
    isDown ? text(x + 1.8, y + 4.8, value, 2) : text(x + 5, y - 1.8, value, 2, 'middle'),
  )
}

export function ground(x: number, y: number): Mark {
  return el(
    'g',
    {},
    wire([
      [x, y],
      [x, y + 1.2],
    ]),
    wire(
      [
        [x - 1.8, y + 1.2],
        [x + 1.8, y + 1.2],
      ],
      INK,
      0.5,
    ),
    wire(
      [
        [x - 1.1, y + 1.9],
        [x + 1.1, y + 1.9],
      ],
      INK,
      0.5,
    ),
    wire(
      [
        [x - 0.4, y + 2.6],
        [x + 0.4, y + 2.6],
      ],
      INK,
      0.5,
    ),
  )
}

/** A supply above a point. */
export function rail(x: number, y: number, name: string): Mark {
  const colour = SUPPLIES[name] ?? INK
  return el(
    'g',
    {},
    wire(
      [
        [x, y],
        [x, y - 1.2],
      ],
      colour,
    ),
    wire(
      [
        [x - 1.8, y - 1.2],
        [x + 1.8, y - 1.2],
      ],
      colour,
      0.5,
    ),
    text(x, y - 1.9, name, 2, 'middle', colour, 'bold'),
  )
}

/** A tag with a supply's name, its right end at x; 7 mm wide. */
export function tag(x: number, y: number, name: string): Mark {
  return el(
    'g',
    {},
    el('rect', { x: at(x - 7), y: at(y - 1.5), width: 7, height: 3, rx: 0.6, fill: SUPPLIES[name] ?? INK }),
    text(x - 3.5, y + 0.75, name, 2, 'middle', '#fff', 'bold'),
  )
}

/** From its anode up to its cathode, whose band lies at the plus. */
export function diode(x: number, anodeY: number, cathodeY: number): Mark[] {
  const middle = (anodeY + cathodeY) / 2
  return [
    wire([
      [x, anodeY],
      [x, cathodeY],
    ]),
    el('path', { d: `M${x - 1.6} ${middle + 1.5} L${x + 1.6} ${middle + 1.5} L${x} ${middle - 1.3} Z`, fill: INK }),
    wire(
      [
        [x - 1.6, middle - 1.3],
        [x + 1.6, middle - 1.3],
      ],
      INK,
      0.5,
    ),
  ]
}

/** Gate at x, y; drain 5 mm above and source 5 mm below, 6 mm to the right. */
export function mosfet(x: number, y: number): Mark[] {
  return [
    el('circle', { cx: x + 4.6, cy: y, r: 4.4, ...LINE, stroke: '#999' }),
    wire([
      [x, y],
      [x + 2.6, y],
    ]),
    wire(
      [
        [x + 2.6, y - 2.6],
        [x + 2.6, y + 2.6],
      ],
      INK,
      0.5,
    ),
    wire(
      [
        [x + 3.5, y - 3],
        [x + 3.5, y - 1.2],
      ],
      INK,
      0.5,
    ),
    wire(
      [
        [x + 3.5, y - 0.8],
        [x + 3.5, y + 0.8],
      ],
      INK,
      0.5,
    ),
    wire(
      [
        [x + 3.5, y + 1.2],
        [x + 3.5, y + 3],
      ],
      INK,
      0.5,
    ),
    wire([
      [x + 3.5, y - 2.1],
      [x + 6, y - 2.1],
      [x + 6, y - 5],
    ]),
    wire([
      [x + 3.5, y + 2.1],
      [x + 6, y + 2.1],
      [x + 6, y + 5],
    ]),
    wire([
      [x + 3.5, y],
      [x + 6, y],
      [x + 6, y + 2.1],
    ]),
    el('path', { d: `M${x + 3.6} ${y} l1.4 -0.7 v1.4 Z`, fill: INK }),
  ]
}

/** Base at x, y; collector 5 mm above and emitter 5 mm below, 6 mm to the right. */
export function npn(x: number, y: number): Mark[] {
  return [
    el('circle', { cx: x + 4.4, cy: y, r: 4.2, ...LINE, stroke: '#999' }),
    wire([
      [x, y],
      [x + 3, y],
    ]),
    wire(
      [
        [x + 3, y - 2.4],
        [x + 3, y + 2.4],
      ],
      INK,
      0.6,
    ),
    wire([
      [x + 3, y - 1],
      [x + 6, y - 3],
      [x + 6, y - 5],
    ]),
    wire([
      [x + 3, y + 1],
      [x + 6, y + 3],
      [x + 6, y + 5],
    ]),
    el('path', { d: `M${x + 5.6} ${y + 2.75} l-1.7 -0.25 l0.9 -1.3 Z`, fill: INK }),
  ]
}

/** A contact at rest, 8 mm wide: closed lies on its stop, open stands off. */
export function contact(x: number, y: number, isClosed: boolean, label: string): Mark[] {
  return [
    el('circle', { cx: x, cy: y, r: 0.5, fill: '#fff', stroke: INK, 'stroke-width': 0.3 }),
    el('circle', { cx: x + 8, cy: y, r: 0.5, fill: '#fff', stroke: INK, 'stroke-width': 0.3 }),
    wire(
      isClosed
        ? [
            [x + 0.5, y - 0.2],
            [x + 8.6, y - 0.9],
          ]
        : [
            [x + 0.4, y - 0.3],
            [x + 7.4, y - 2.9],
          ],
    ),
    ...(isClosed
      ? [
          wire([
            [x + 8, y - 0.5],
            [x + 8, y - 1.6],
          ]),
        ]
      : []),
    text(x + 4, y + 2.8, label, 2, 'middle'),
  ]
}

/** Three decimals are more than a printer has. */
export function at(value: number): number {
  return Math.round(value * 1000) / 1000
}
