/** Where the supplies come from: mains, battery, fuse, and a converter for each rail (hardware.md §3.8). */

import { el, fuse, ground, type Mark, rail, text, wire } from './symbols'

export const POWER_WIDTH = 100
export const POWER_HEIGHT = 44

export function drawPower(): Mark[] {
  return [
    ...block(0, 8, 22, 12, ['supply 13.8 V', 'with charger,', 'closed box']),
    ...block(0, 26, 22, 9, ['battery 12 V', '7 Ah']),
    wire([
      [22, 30],
      [25, 30],
      [25, 14],
    ]),
    text(26.2, 24.5, 'fuse 5 A', 2),
    text(26.2, 27, 'at its plus', 2),
    wire([
      [22, 14],
      [28, 14],
    ]),
    fuse(28, 14, '3 A', 'right'),
    wire([
      [38, 14],
      [48, 14],
    ]),
    rail(43, 14, '12V'),
    wire([
      [48, 6],
      [48, 35],
    ]),
    wire([
      [48, 6],
      [54, 6],
    ]),
    wire([
      [48, 20.5],
      [54, 20.5],
    ]),
    wire([
      [48, 35],
      [54, 35],
    ]),
    ...block(54, 1.5, 26, 9, ['step-down 5 V, 2 A', 'for the board']),
    ...block(54, 16, 26, 9, ['step-down 3.8 V, 3 A', 'for the modem alone']),
    ...block(54, 30.5, 26, 9, ['low-drop 3.3 V, 1 A', 'behind the 5 V']),
    wire(
      [
        [80, 6],
        [92, 6],
      ],
      '#b71c1c',
      0.5,
    ),
    rail(88, 6, '5V'),
    wire(
      [
        [80, 20.5],
        [92, 20.5],
      ],
      '#8e24aa',
      0.5,
    ),
    rail(88, 20.5, '3V8'),
    wire(
      [
        [80, 35],
        [92, 35],
      ],
      '#c75b00',
      0.5,
    ),
    rail(88, 35, '3V3'),
    text(0, 41, 'GND of all of them in one point.', 2),
    ground(40, 38.4),
  ]
}

function block(x: number, y: number, width: number, height: number, lines: string[]): Mark[] {
  return [
    el('rect', { x, y, width, height, rx: 0.8, fill: '#fff', stroke: '#222', 'stroke-width': 0.35 }),
    ...lines.map((line, row) => text(x + width / 2, y + 3.6 + row * 3, line, 2, 'middle')),
  ]
}
