/**
 * A further keypad's keys and buzzer at an MCP23017 of its own on I2C (Microchip DS20001952): rows at GPA0-GPA3, columns at
 * GPB0-GPB3, an active buzzer at GPA7, which is an output only. It looks like a board's pins, so keypad-matrix.ts and
 * sounder.ts drive it as they drive GPIOs: a row is pulled low by making it an output, and floats as an input.
 *
 * Its registers are read back each second (mcp23017.ts): that is its supervision (S-6), and a chip that lost its supply, whose
 * keys would be dead, is set up again. Between two checks a chip that failed once is left alone, for a stuck bus blocks.
 * Does not do: INT lines, other key controllers.
 */

import type { WakingPins } from '../hal'
import * as mcp23017 from './mcp23017'
import * as registers from './registers'

/** Pin of the port for sounder.ts. */
export const BUZZER = 7

const GPIOB = 0x13
/** What columns read while nothing answers: no key. */
const NO_KEY = 0x7f

/** For keypad-matrix.ts. Functions, for a list would stand in the memory of every panel. */
export function rows(): number[] {
  return [0, 1, 2, 3]
}
export function columns(): number[] {
  return [8, 9, 10, 11]
}

/** The port as pins. Never throws: keys of a chip that fails are not pressed. */
export function pinsOf(p: mcp23017.Chip): WakingPins {
  return {
    mode: () => {},
    write: (pin, level) => {
      const bit = 1 << pin
      if (pin === BUZZER) p.latch = level === 1 ? p.latch | bit : p.latch & ~bit
      else p.direction = level === 1 ? p.direction | bit : p.direction & ~bit
      put(p, pin === BUZZER ? mcp23017.OLATA : mcp23017.IODIRA, pin === BUZZER ? p.latch : p.direction)
    },
    read: (pins) => {
      const levels = columnsOf(p)
      let word = 0
      for (let index = 0; index < pins.length; index++) word = (word << 1) | ((levels >> (pins[index] - 8)) & 1)
      return word
    },
    wakeOn: () => false,
  }
}

function put(p: mcp23017.Chip, register: number, value: number): void {
  if (p.isLost === 1) return
  try {
    p.i2c.writeTo(p.address, new Uint8Array([register, value])) // the byte of port A
  } catch {
    p.isLost = 1
  }
}

function columnsOf(p: mcp23017.Chip): number {
  if (p.isLost === 1) return NO_KEY
  try {
    return registers.read(p.i2c, p.address, GPIOB, 1)[0]
  } catch {
    p.isLost = 1
    return NO_KEY
  }
}
