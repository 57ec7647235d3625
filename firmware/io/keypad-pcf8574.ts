/**
 * A matrix keypad at a PCF8574 or PCF8574A on I2C (NXP; hardware.md §3.2): rows at P0-P3, columns at P4-P7. Each pin sinks, or
 * is a weak pull-up of 100 µA that anything can pull down. It looks like a board's pins, so keypad-matrix.ts drives it.
 *
 * The chip has no registers: one byte to it sets all pins, one from it reads them. I2c.read() does both, so what rows are
 * set to goes out with the next look at the columns, and a scan costs one transfer each way for a row. At rest all rows are low,
 * and any key pulls INT low until the next look.
 */

import type { I2c, WakingPins } from '../hal'
import * as registers from './registers'

export interface Pcf8574 {
  i2c: I2c
  address: number
  /** What rows are to be; columns are always 1. */
  latch: number
  /** 1 while it does not answer. */
  isLost: number
}

const COLUMNS = 0xf0

export function rows(): number[] {
  return [0, 1, 2, 3]
}
export function columns(): number[] {
  return [4, 5, 6, 7]
}

/** Takes no hardware yet: the first look does. */
export function create(i2c: I2c, address: number): Pcf8574 {
  return { i2c, address, latch: COLUMNS, isLost: 0 }
}

/** Never throws: keys of a chip that fails are not pressed. isWatched: INT is at a pin that wakes the panel. */
export function pinsOf(c: Pcf8574, isWatched: boolean): WakingPins {
  return {
    mode: () => {},
    write: setRow(c),
    read: (pins) => {
      const levels = look(c)
      let word = 0
      for (let index = 0; index < pins.length; index++) word = (word << 1) | ((levels >> pins[index]) & 1)
      return word
    },
    wakeOn: () => isWatched,
  }
}

/** What writes a row of a chip whose rows go out with its next look. */
export function setRow(c: { latch: number }): (pin: number, level: number) => void {
  return (pin, level) => {
    c.latch = level === 1 ? c.latch | (1 << pin) : c.latch & ~(1 << pin)
  }
}

function look(c: Pcf8574): number {
  try {
    const levels = registers.read(c.i2c, c.address, c.latch, 1)[0]
    c.isLost = 0
    return levels
  } catch {
    c.isLost = 1
    return COLUMNS
  }
}
