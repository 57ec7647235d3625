/**
 * An MCP23017 of which the panel drives pins: a further keypad's (keypad-port.ts), or one that outputs are at
 * (output-port.ts). Source: Microchip DS20001952. What is wanted of the chip stands in its record; check() reads its
 * registers back and sets up whatever is not so, for a chip that lost its supply, or that a spark reset, has forgotten all.
 *
 * Does not do: inputs that are zones (expander.ts), INT lines.
 */

import type { I2c } from '../hal'
import * as registers from './registers'

export interface Chip {
  i2c: I2c
  address: number
  /** IODIR of both ports, A in the low byte: inputs are 1. */
  direction: number
  /** OLAT of both ports. */
  latch: number
  /** 1 while the chip does not answer, or keeps nothing. */
  isLost: number
}

/** All but GPA7 and GPB7, which are outputs only. */
export const INPUTS = 0x7f7f

const FIRST_ADDRESS = 0x20
// Registers of port A with IOCON.BANK 0; port B follows each.
export const IODIRA = 0x00
const IOCON = 0x0a
export const OLATA = 0x14
/** IOCON with BANK 1, where BANK 0 has GPINTENB. */
const IOCON_BANKED = 0x05
/** From IODIRA to OLATB, and to GPPUB. */
const ALL = 22
const SETUP_COUNT = 14
const PULL_UPS = 0x7f

/** number: 0-6 of the chip, the address is 0x20 more. Takes no hardware yet: check() does. */
export function create(i2c: I2c, number: number): Chip {
  return { i2c, address: FIRST_ADDRESS + number, direction: INPUTS, latch: 0, isLost: 1 }
}

/** Whether the chip is there and as it should be; else it is set up. True when it is well. Never throws. */
export function check(c: Chip): boolean {
  try {
    mend(c)
    c.isLost = 0
  } catch {
    c.isLost = 1
  }
  return c.isLost === 0
}

/** Throws when the chip does not answer, or does not keep what it was given: then it is none, or broken. */
export function mend(c: Chip): void {
  if (isSetUp(c)) return
  setUp(c)
  if (!isSetUp(c)) throw 'not kept'
}

function setUp(c: Chip): void {
  const write = (bytes: number[]) => c.i2c.writeTo(c.address, new Uint8Array(bytes))
  // Whatever the address map is now, BANK becomes 0, then SEQOP. The latch comes before the direction: no chirp.
  write([IOCON_BANKED, 0])
  write([IOCON, 0])
  write([OLATA, c.latch & 255, c.latch >> 8])
  const bytes = new Uint8Array(SETUP_COUNT + 1)
  bytes[0] = IODIRA
  bytes[1] = c.direction
  bytes[2] = c.direction >> 8
  bytes[13] = PULL_UPS // GPPUA, GPPUB
  bytes[14] = PULL_UPS
  c.i2c.writeTo(c.address, bytes)
}

function isSetUp(c: Chip): boolean {
  const b = registers.read(c.i2c, c.address, IODIRA, ALL)
  const isWired = (b[0] | (b[1] << 8)) === c.direction && b[12] === PULL_UPS && b[13] === PULL_UPS
  return isWired && (b[20] | (b[21] << 8)) === c.latch && (b[2] | b[3] | b[10]) === 0
}
