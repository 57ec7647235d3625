/**
 * ADS1115, four inputs of 16 bits on I2C (TI SBAS444): single conversions of one input against ground, ±4.096 V, so that a
 * step is 125 µV, at 860 a second. A conversion takes 1.2 ms and nobody waits for it: start() now, take() in a later pass.
 *
 * The configuration that take() reads back says whether the conversion has ended, and that the chip still is what start()
 * made it, for one that lost its supply gives zeros and says nothing. last() trusts it, for results that change nothing.
 * Does not do: the comparator and its ALERT pin, continuous conversions, differences between inputs.
 */

import type { I2c } from '../hal'

export const FIRST_ADDRESS = 0x48
export const INPUTS = 4
/** Steps of 125 µV that 3.3 V are. */
export const SUPPLY_STEPS = 26400

const CONVERSION = 0
const CONFIG = 1
/** Upper byte: OS (start, or idle), MUX 1xx (an input against ground), PGA 001 (±4.096 V), MODE 1 (single). */
const IDLE = 0x80
const SINGLE = 0x43
/** Lower byte: DR 111 (860 a second), COMP_QUE 11 (no comparator). */
const RATE = 0xe3

/** What starts a conversion of input 0-3: made once, for it goes out some ten times a second. */
export function frame(input: number): Uint8Array {
  return new Uint8Array([CONFIG, IDLE | SINGLE | (input << 4), RATE])
}

/** Starts a conversion. Throws when the chip does not answer. */
export function start(i2c: I2c, chip: number, made: Uint8Array): void {
  i2c.write(FIRST_ADDRESS + chip, made)
}

/** What came of the last conversion, whichever that was, 0-32767. Throws when the chip does not answer. */
export function last(i2c: I2c, chip: number): number {
  const bytes = i2c.read(FIRST_ADDRESS + chip, CONVERSION, 2)
  // An input at ground may read some steps below it.
  return bytes[0] > 127 ? 0 : (bytes[0] << 8) | bytes[1]
}

/** What came of it, 0-32767; -1 while it goes on. Throws also when the chip has forgotten what it was to do. */
export function take(i2c: I2c, chip: number, input: number): number {
  const config = i2c.read(FIRST_ADDRESS + chip, CONFIG, 2)
  if ((config[0] | IDLE) !== (IDLE | SINGLE | (input << 4)) || config[1] !== RATE) throw 'not kept'
  if (config[0] < IDLE) return -1
  return last(i2c, chip)
}
