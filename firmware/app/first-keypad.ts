/**
 * The first keypad, where it is no matrix at the board's own pins: a Wiegand keypad, or a matrix at a chip on I2C. Its keys go
 * where those of a matrix would be, so all that comes after them is the same, whatever the keypad (D-31).
 */

import type { Config } from '../config'
import type { Hal } from '../hal'
import * as keypadMatrix from '../io/keypad-matrix'
import * as pcf8574 from '../io/keypad-pcf8574'
import * as tca8418 from '../io/keypad-tca8418'
import * as wiegand from '../io/wiegand'

/** What brings the keys: one of the three. */
export interface Remote {
  /** 1 while it wants to be asked again soon, and an edge tells nothing new. */
  isBusy: number
  /** Inputs that are high while nothing happens there. */
  lines: number[]
  matrix: keypadMatrix.Keypad
  wiegand: wiegand.Wiegand | undefined
  port: pcf8574.Pcf8574 | undefined
  controller: tca8418.Tca8418 | undefined
  /** The next look at the chip itself, NEVER without one. */
  checkMs: number
}

/** The address that every TCA8418 has; all others are PCF8574s. */
const TCA8418 = 0x34
/** Between keys, or events, that came together. */
const NEXT_MS = 10
const CHECK_MS = 1000
const NEVER = Infinity

/** Takes the lines at once, and chips with the first poll(). */
export function create(hal: Hal, config: Config): Remote {
  const { keypadLed } = config.pins
  if (keypadLed !== undefined) {
    hal.pins.write(keypadLed, 1)
    hal.pins.mode(keypadLed, 'output')
  }
  return config.keypad === undefined ? overWiegand(hal, config) : overI2c(hal, config, config.keypad)
}

function overWiegand(hal: Hal, config: Config): Remote {
  const { wiegandZero, wiegandOne } = config.pins
  const { wiegand: other, codeLength } = config
  const lines = [wiegandZero as number, wiegandOne as number]
  const isWhole = other !== undefined && other.isWhole
  const keys = other === undefined ? '' : other.keys
  if (hal.pulses === undefined) throw 'no pulses' // a board for another keypad
  const made = wiegand.create(hal.pulses, hal.pins, lines[0], lines[1], keys, isWhole ? codeLength : 0)
  const matrix = keypadMatrix.create(hal.pins, [], []) // only its keys are used
  return { isBusy: 0, lines, matrix, wiegand: made, port: undefined, controller: undefined, checkMs: NEVER }
}

function overI2c(hal: Hal, config: Config, address: number): Remote {
  const interrupt = config.pins.keypadInterrupt
  const lines: number[] = interrupt === undefined ? [] : [interrupt]
  let isWatched = false
  if (interrupt !== undefined) {
    hal.pins.mode(interrupt, 'inputPullup')
    isWatched = hal.pins.wakeOn(lines)
  }
  const isController = address === TCA8418
  const controller = isController ? tca8418.create(hal.i2c, address) : undefined
  const port = isController ? undefined : pcf8574.create(hal.i2c, address)
  const pins =
    controller === undefined
      ? pcf8574.pinsOf(port as pcf8574.Pcf8574, isWatched)
      : tca8418.pinsOf(controller, isWatched)
  const columns = isController ? tca8418.columns() : pcf8574.columns()
  const matrix = keypadMatrix.create(pins, pcf8574.rows(), columns)
  // Without INT it has to be asked all the time.
  return { isBusy: 1 - lines.length, lines, matrix, wiegand: undefined, port, controller, checkMs: 0 }
}

/** Takes what came, and what is wrong. Returns when to call again. */
export function poll(r: Remote, nowMs: number): number {
  const { matrix, wiegand: w } = r
  if (w !== undefined) {
    const keys = wiegand.poll(w, nowMs)
    if (keys !== '') matrix.keys = wiegand.room(matrix.keys, keys)
    matrix.isStuck = w.isLow === 1
    r.isBusy = w.count > 0 ? 1 : 0
    // The panel takes one key a call.
    return matrix.keys.length > 1 && nowMs + NEXT_MS < w.endMs ? nowMs + NEXT_MS : w.endMs
  }
  if (nowMs >= r.checkMs) check(r, nowMs)
  const { controller } = r
  if (controller !== undefined && controller.isLost === 0 && tca8418.isShowing(controller)) {
    if (matrix.dueMs > nowMs + NEXT_MS) matrix.dueMs = nowMs + NEXT_MS
    r.isBusy = 1
    return matrix.dueMs
  }
  r.isBusy = 1 - r.lines.length
  return matrix.dueMs
}

/** A chip that is gone is a keypad that is gone (S-6). */
function check(r: Remote, nowMs: number): void {
  const { matrix, controller, port } = r
  r.checkMs = nowMs - (nowMs % CHECK_MS) + CHECK_MS
  if (controller !== undefined) tca8418.check(controller)
  const isLost = controller === undefined ? (port as pcf8574.Pcf8574).isLost : controller.isLost
  if (isLost === 1) matrix.isStuck = true
  else if (keypadMatrix.isAtRest(matrix)) matrix.isStuck = false
}
