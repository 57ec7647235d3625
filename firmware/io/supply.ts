/**
 * What tells of the panel's own health: mains, battery, siren circuit and box contact (hardware.md §3.6 to §3.8), and the
 * chip that outputs are at, as far as they are wired. Looked at once a second, which is soon enough for what is judged over 15 s and more (section 11).
 *
 *   battery + --100k--+--18k-- ground     3.3 V --1k--+-- contact that a siren at rest closes -- siren || 1k -- ground
 *                     +-- batterySense                +-- sirenSense
 *
 * The ESP32's ADC has a gain of its own in each chip, up to 10 % off: its reference voltage is in the eFuse, and in the
 * settings when somebody read it. Below 0.14 V it sees nothing, above 2.45 V it bends; both sides are only told apart here.
 * Does not do: judging what lasts (panel/troubles.ts).
 */

import type { PinConfig } from '../config'
import type { BoardPins } from '../hal'
import type { OutputPort } from './output-port'

export interface Supply {
  pins: BoardPins
  /** The chip that outputs are at; undefined where there is none. */
  outputs: OutputPort | undefined
  /** GPIOs, -1 when not wired. */
  ac: number
  battery: number
  siren: number
  box: number
  /** mV of one step of the ADC. */
  stepMillivolts: number
}

/** hardware.md §3.7: raw = (mV - 142) / 0.8056 with the usual reference of 1100 mV. */
const ZERO_MILLIVOLTS = 142
const STEP_MILLIVOLTS = 0.8056
const REFERENCE_MILLIVOLTS = 1100
/** Readings for one value (hardware.md §3.7). */
const READINGS = 8
/** 100k and 18k, and the unit of tens of mV. */
const DIVIDER = 118 / 18 / 10
/** With 1 kΩ on both sides it is 1.65 V: 390 Ω are below this, 2.3 kΩ above that; any chip's reference stays within. */
const SHORT_MILLIVOLTS = 930
const OPEN_MILLIVOLTS = 2300

/** Takes the pins that the settings name; undefined when there is nothing to look at. reference: mV, undefined for the usual one. */
export function create(
  pins: BoardPins,
  c: PinConfig,
  reference: number | undefined,
  outputs: OutputPort | undefined,
): Supply | undefined {
  const s: Supply = {
    pins,
    outputs,
    ac: wired(c.acSense),
    battery: wired(c.batterySense),
    siren: wired(c.sirenSense),
    box: wired(c.boxTamper),
    stepMillivolts: (STEP_MILLIVOLTS * (reference || REFERENCE_MILLIVOLTS)) / REFERENCE_MILLIVOLTS,
  }
  if (s.ac >= 0) pins.mode(s.ac, 'input')
  if (s.box >= 0) pins.mode(s.box, 'inputPullup')
  return outputs === undefined && s.ac + s.battery + s.siren + s.box === -4 ? undefined : s
}

function wired(pin: number | undefined): number {
  return pin === undefined ? -1 : pin
}

/** 1 while there is no mains. */
export function isMainsLost(s: Supply): number {
  return s.ac >= 0 ? 1 - s.pins.read([s.ac]) : 0
}

/** 1 while the box is open. */
export function isBoxOpen(s: Supply): number {
  return s.box >= 0 ? s.pins.read([s.box]) : 0
}

/** Voltage at the battery in tens of mV, about 90 when it is 0. Only with a pin for it. */
export function battery(s: Supply): number {
  return measured(s, s.battery) * DIVIDER
}

/** 1 when the siren's circuit is open or short, while the siren is quiet. Only with a pin for it. */
export function isSirenWrong(s: Supply): number {
  const millivolts = measured(s, s.siren)
  return millivolts < SHORT_MILLIVOLTS || millivolts > OPEN_MILLIVOLTS ? 1 : 0
}

/** mV at a pin, 142 for all that is below. */
function measured(s: Supply, pin: number): number {
  let sum = 0
  for (let count = 0; count < READINGS; count++) sum += s.pins.analog(pin)
  return (sum / READINGS) * s.stepMillivolts + ZERO_MILLIVOLTS
}
