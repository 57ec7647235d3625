/** Loops as drawings: the resistors at the end of the line with their values, and the contacts at rest (W-1). */

import { type LoopFigure, resistorMark } from './sheet'
import { contact, drop, el, ground, type Mark, rail, resistor, text, wire } from './symbols'

export const LOOP_WIDTH = 84
export const LOOP_HEIGHT = 30

/** One kind of loop: the terminal with its pull-up at the left, the cable, and what is at its end. */
export function drawLoop(figure: LoopFigure): Mark[] {
  const { style } = figure
  const marks = [
    ...terminal(figure),
    el('rect', { x: 28, y: 7, width: 54, height: 20, rx: 1.5, fill: '#f4f6f8', stroke: '#aab', 'stroke-width': 0.25 }),
    text(80.5, 25.6, 'inside the detector', 2, 'end', '#556'),
  ]
  if (style === 'NC' || style === 'NO') {
    return [
      ...marks,
      wire([
        [22, 13],
        [46, 13],
      ]),
      ...contact(46, 13, style === 'NC', style === 'NC' ? 'opens' : 'closes'),
      ...home(54),
    ]
  }
  const eol = resistorMark(figure.eolOhms ?? 0)
  if (style === 'SEOL') {
    return [
      ...marks,
      wire([
        [22, 13],
        [36, 13],
      ]),
      ...contact(36, 13, true, 'alarm'),
      wire([
        [44, 13],
        [52, 13],
      ]),
      resistor(52, 13, eol, 'right'),
      ...home(62),
    ]
  }
  const hasFault = style === 'TEOL'
  return [
    ...marks,
    wire([
      [22, 13],
      [30, 13],
    ]),
    resistor(28, 13, eol, 'right'),
    ...bridged(40, resistorMark(figure.alarmOhms ?? 0), 'alarm'),
    ...(hasFault
      ? [
          wire([
            [54, 13],
            [58, 13],
          ]),
          ...bridged(58, resistorMark(figure.faultOhms ?? 0), 'fault'),
        ]
      : []),
    ...tamper(hasFault ? 72 : 58),
  ]
}

/** A contact with a resistor across it. */
function bridged(x: number, value: string, label: string): Mark[] {
  return [
    wire([
      [x - 2, 13],
      [x + 3, 13],
    ]),
    ...contact(x + 3, 13, true, ''),
    text(x + 7, 10.6, label, 2, 'middle'),
    wire([
      [x + 11, 13],
      [x + 14, 13],
    ]),
    drop(x + 1, 13),
    drop(x + 13, 13),
    wire([
      [x + 1, 13],
      [x + 1, 19],
      [x + 2, 19],
    ]),
    resistor(x + 2, 19, value, 'right'),
    wire([
      [x + 12, 19],
      [x + 13, 19],
      [x + 13, 13],
    ]),
  ]
}

/** The tamper contact of the detector, and the way back. */
function tamper(x: number): Mark[] {
  if (x > 60)
    return [
      wire([
        [x, 13],
        [78, 13],
      ]),
      text(78, 22.2, 'tamper contact in series', 2, 'end', '#556'),
      ...home(78),
    ]
  return [
    wire([
      [x - 4, 13],
      [x + 4, 13],
    ]),
    ...contact(x + 4, 13, true, 'tamper'),
    ...home(x + 12),
  ]
}

function home(fromX: number): Mark[] {
  return [
    wire([
      [fromX, 13],
      [79, 13],
      [79, 23],
      [12, 23],
      [12, 24],
    ]),
    ground(12, 24),
  ]
}

function terminal({ pullUpOhms }: LoopFigure): Mark[] {
  return [
    resistor(12, 3, resistorMark(pullUpOhms), 'down'),
    rail(12, 3, '3V3'),
    drop(12, 13),
    wire([
      [2, 13],
      [22, 13],
    ]),
    text(1, 11.8, 'input', 2, 'start', '#1565c0'),
    el('circle', { cx: 22, cy: 13, r: 0.9, fill: '#fff', stroke: '#222', 'stroke-width': 0.35 }),
    text(22, 16.6, 'terminal', 2, 'middle', '#556'),
  ]
}
