/**
 * A further keypad's keys and buzzer at an MCP23017 of its own on I2C (Microchip DS20001952): rows at GPA0-GPA3, columns at
 * GPB0-GPB3, an active buzzer at GPA7, which is an output only. It looks like a board's pins, so keypad-matrix.ts and
 * sounder.ts drive it as they drive GPIOs: a row is pulled low by making it an output, and floats as an input.
 *
 * Its registers are read back each second: that is its supervision (S-6), and a chip that lost its supply, whose keys would
 * be dead, is set up again. Between two checks a chip that failed once is left alone, for a stuck bus blocks.
 * Does not do: INT lines, other key controllers.
 */

import type { I2c, WakingPins } from '../hal'
import * as registers from './registers'

export interface Port {
  i2c: I2c
  address: number
  /** IODIRA: rows that are inputs are 1. */
  direction: number
  /** OLATA: the buzzer is bit 7, rows stay 0. */
  latch: number
  /** 1 while the chip does not answer, or keeps nothing. */
  isLost: number
}

/** Pin of the port for sounder.ts. */
export const BUZZER = 7

const FIRST_ADDRESS = 0x20
// Registers with IOCON.BANK 0.
const IODIRA = 0x00
const IOCON = 0x0a
const GPIOB = 0x13
const OLATA = 0x14
/** IOCON with BANK 1, where BANK 0 has GPINTENB. */
const IOCON_BANKED = 0x05
/** From IODIRA to OLATB, and to GPPUB. */
const ALL = 22
const SETUP_COUNT = 14
/** All but GPA7 and GPB7, which are outputs only. */
const INPUTS = 0x7f
/** What columns read while nothing answers: no key. */
const NO_KEY = 0x7f

/** For keypad-matrix.ts. Functions, for a list would stand in the memory of every panel. */
export function rows(): number[] {
  return [0, 1, 2, 3]
}
export function columns(): number[] {
  return [8, 9, 10, 11]
}

/** number: 0-6 of the chip, the address is 0x20 more. Takes no hardware yet: check() does. */
export function create(i2c: I2c, number: number): Port {
  return { i2c, address: FIRST_ADDRESS + number, direction: INPUTS, latch: 0, isLost: 1 }
}

/** The port as pins. Never throws: keys of a chip that fails are not pressed. */
export function pinsOf(p: Port): WakingPins {
  return {
    mode: () => {},
    write: (pin, level) => {
      const bit = 1 << pin
      if (pin === BUZZER) p.latch = level === 1 ? p.latch | bit : p.latch & ~bit
      else p.direction = level === 1 ? p.direction | bit : p.direction & ~bit
      put(p, pin === BUZZER ? OLATA : IODIRA, pin === BUZZER ? p.latch : p.direction)
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

function put(p: Port, register: number, value: number): void {
  if (p.isLost === 1) return
  try {
    p.i2c.writeTo(p.address, new Uint8Array([register, value]))
  } catch {
    p.isLost = 1
  }
}

function columnsOf(p: Port): number {
  if (p.isLost === 1) return NO_KEY
  try {
    return registers.read(p.i2c, p.address, GPIOB, 1)[0]
  } catch {
    p.isLost = 1
    return NO_KEY
  }
}

/** Once a second: whether the chip is there and as it should be; else it is set up. True when it is well. Never throws. */
export function check(p: Port): boolean {
  try {
    if (!isSetUp(p)) {
      setUp(p)
      if (!isSetUp(p)) throw 'not kept'
    }
    p.isLost = 0
  } catch {
    p.isLost = 1
  }
  return p.isLost === 0
}

function setUp(p: Port): void {
  const write = (bytes: number[]) => p.i2c.writeTo(p.address, new Uint8Array(bytes))
  // Whatever the address map is now, BANK becomes 0, then SEQOP. The latch comes before the direction: no chirp.
  write([IOCON_BANKED, 0])
  write([IOCON, 0])
  write([OLATA, p.latch, 0])
  const bytes = new Uint8Array(SETUP_COUNT + 1)
  bytes[0] = IODIRA
  bytes[1] = p.direction
  for (const at of [2, 13, 14]) bytes[at] = INPUTS // IODIRB, GPPUA, GPPUB
  p.i2c.writeTo(p.address, bytes)
}

function isSetUp(p: Port): boolean {
  const b = registers.read(p.i2c, p.address, IODIRA, ALL)
  const isWired = b[0] === p.direction && b[1] === INPUTS && b[12] === INPUTS && b[13] === INPUTS
  return isWired && b[20] === p.latch && (b[2] | b[3] | b[10] | b[21]) === 0
}
