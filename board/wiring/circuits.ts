/**
 * The circuits in front of loads, as drawings: what stands between a GPIO and 12 V, with fuse and flyback diode. Sources:
 * hardware.md §3.5, §3.6, §4.2.
 */

import { diode, drop, el, fuse, ground, type Mark, mosfet, npn, rail, resistor, text, wire } from './symbols'

/** Heights in mm. */
export const CIRCUITS = {
  mosfet: { title: 'Siren, strobe light, outputs: one each', height: 42, draw: mosfetStage },
  holdOff: { title: 'Siren with a hold-off line', height: 43, draw: holdOffStage },
  npn: { title: 'Buzzer, PWRKEY: one each', height: 36, draw: npnStage },
} as const
export type CircuitName = keyof typeof CIRCUITS

/** Space that a circuit takes, in mm. */
export const CIRCUIT_WIDTH = 62

/** Low side: a logic-level N-MOSFET with its gate held low, fuse in the supply, diode across the load. */
function mosfetStage(): Mark[] {
  return [
    ...gpioIn(2, 28),
    resistor(8, 28, '100', 'right'),
    wire([
      [18, 28],
      [26, 28],
    ]),
    drop(22, 28),
    resistor(22, 28, '10k', 'down'),
    ground(22, 38),
    ...mosfet(26, 28),
    text(40, 31, 'AO3400A or alike:', 2),
    text(40, 33.6, 'threshold under 2 V', 2),
    wire([
      [32, 33],
      [32, 38],
    ]),
    ground(32, 38),
    wire([
      [32, 23],
      [32, 18],
    ]),
    ...load(),
  ]
}

function npnStage(): Mark[] {
  return [
    ...gpioIn(2, 22),
    resistor(8, 22, '4k7', 'right'),
    wire([
      [18, 22],
      [26, 22],
    ]),
    drop(22, 22),
    resistor(22, 22, '10k', 'down'),
    ground(22, 32),
    ...npn(26, 22),
    text(40, 25, 'BC337 or alike', 2),
    wire([
      [32, 27],
      [32, 32],
    ]),
    ground(32, 32),
    wire([
      [32, 17],
      [32, 6],
      [44, 6],
    ]),
    el('rect', { x: 44, y: 2, width: 14, height: 8, fill: 'none', stroke: '#222', 'stroke-width': 0.35 }),
    text(51, 5.4, 'buzzer to', 2, 'middle'),
    text(51, 8, '5V: minus', 2, 'middle'),
    text(34, 13, 'or PWRKEY of the modem itself', 2),
  ]
}

/** A relay or opto-coupled line that keeps a self-powered siren quiet while it is high. */
function holdOffStage(): Mark[] {
  return [
    ...gpioIn(2, 28),
    wire([
      [8, 28],
      [20, 28],
    ]),
    drop(12, 28),
    resistor(12, 18, '10k', 'down'),
    rail(12, 18, '3V3'),
    el('rect', { x: 20, y: 22, width: 16, height: 12, fill: 'none', stroke: '#222', 'stroke-width': 0.35 }),
    text(28, 27.4, 'high-side', 2, 'middle'),
    text(28, 30.2, 'switch', 2, 'middle'),
    wire([
      [28, 22],
      [28, 16],
    ]),
    fuse(28, 8, '1.1 A', 'down'),
    rail(28, 8, '12V'),
    wire([
      [36, 28],
      [44, 28],
    ]),
    el('rect', { x: 44, y: 22, width: 15, height: 12, fill: 'none', stroke: '#222', 'stroke-width': 0.35 }),
    text(51.5, 27.4, 'siren with', 2, 'middle'),
    text(51.5, 30, 'battery', 2, 'middle'),
    text(20, 38.5, 'high = hold-off stays on the cable;', 2),
    text(20, 41.2, 'the siren sounds when it falls (O-3)', 2),
  ]
}

function gpioIn(x: number, y: number): Mark[] {
  return [
    text(x, y - 1.2, 'GPIO', 2, 'start', '#1565c0'),
    wire([
      [x, y],
      [x + 6, y],
    ]),
  ]
}

/** Load between drain and the fused supply, the diode across it with its band to the plus. */
function load(): Mark[] {
  return [
    wire([
      [32, 18],
      [52, 18],
    ]),
    drop(40, 18),
    wire([
      [52, 18],
      [52, 15.5],
    ]),
    el('rect', { x: 47, y: 9.5, width: 10, height: 6, fill: '#fff', stroke: '#222', 'stroke-width': 0.35 }),
    text(52, 13.3, 'load', 2, 'middle'),
    wire([
      [52, 9.5],
      [52, 7],
      [40, 7],
    ]),
    drop(40, 7),
    ...diode(40, 18, 7),
    text(37.9, 13.6, '1N4007', 2, 'end'),
    wire([
      [40, 7],
      [36, 7],
    ]),
    fuse(26, 7, 'PTC', 'right'),
    wire([
      [26, 7],
      [22, 7],
    ]),
    rail(22, 7, '12V'),
  ]
}
