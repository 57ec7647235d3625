/**
 * The first keypad, where it is no matrix at the board's own pins. Its keys go where those of a matrix would be, so all that
 * comes after them is the same, whatever the keypad (D-31). One entry, poll(), because most panels need none of this.
 */

import type { Config } from '../config'
import type { Hal } from '../hal'
import * as keypadMatrix from '../io/keypad-matrix'
import * as wiegand from '../io/wiegand'

/** Between keys that came together. */
const NEXT_MS = 10

/** What brings the keys. */
export interface Remote {
  /** 1 while it wants to be asked again soon, and an edge tells nothing new. */
  isBusy: number
  wiegand: wiegand.Wiegand | undefined
}

/** The keypad's place for keys: a matrix at the board's pins, or none, whose columns are lines that are high at rest. */
export function create(hal: Hal, config: Config): keypadMatrix.Keypad {
  const { rows, columns, wiegandZero, wiegandOne } = config.pins
  if (wiegandZero === undefined || wiegandOne === undefined) return keypadMatrix.create(hal.pins, rows, columns)
  const { mode, write, read } = hal.pins
  return keypadMatrix.create({ mode, write, read, wakeOn: () => true }, [], [wiegandZero, wiegandOne])
}

/** Undefined where the matrix itself is all. */
export function createRemote(hal: Hal, config: Config): Remote | undefined {
  const { wiegandZero, wiegandOne, keypadLed } = config.pins
  if (wiegandZero === undefined || wiegandOne === undefined || hal.pulses === undefined) return undefined
  const other = config.wiegand
  const codeLength = other !== undefined && other.isWhole ? config.codeLength : 0
  const keys = other === undefined ? '' : other.keys
  if (keypadLed !== undefined) {
    hal.pins.write(keypadLed, 1)
    hal.pins.mode(keypadLed, 'output')
  }
  return { isBusy: 0, wiegand: wiegand.create(hal.pulses, hal.pins, wiegandZero, wiegandOne, keys, codeLength) }
}

/** Takes what came, and what is wrong. Returns when to call again. */
export function poll(r: Remote, k: keypadMatrix.Keypad, nowMs: number): number {
  const w = r.wiegand as wiegand.Wiegand
  const keys = wiegand.poll(w, nowMs)
  if (keys !== '') k.keys = wiegand.room(k.keys, keys)
  k.isStuck = w.isLow === 1
  r.isBusy = w.count > 0 ? 1 : 0
  // The panel takes one key a call.
  return k.keys.length > 1 && nowMs + NEXT_MS < w.endMs ? nowMs + NEXT_MS : w.endMs
}
