/**
 * ADS1115, four inputs of 16 bits on I2C (TI SBAS444): single conversions of one input against ground, ±4.096 V, so that a
 * step is 125 µV, at 860 a second.
 *
 * A conversion takes 1.2 ms, which is what two or three looks at the configuration take on a bus of 100 kHz: each look says
 * whether it has ended, and that the chip still is what it was made, for one that lost its supply gives zeros and says
 * nothing. So all inputs are read in one pass, and none is believed unseen.
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
/** Looks at a conversion until it is given up: 0.3 ms each on the bus, and as much of the interpreter's time. */
const LOOKS = 12

/** What starts a conversion of input 0-3, and what the configuration reads when it has ended. */
export function frame(input: number): Uint8Array {
  return new Uint8Array([CONFIG, IDLE | SINGLE | (input << 4), RATE])
}

/**
 * Converts one input after the other, each as its frame says; results gets what came of them, 0-32767. Returns a bit for each
 * that is not from low to high. Throws when the chip does not answer, has forgotten what it was to do, or comes to no end:
 * what came until then stands in results. Ten times a second, so with as few statements as can be.
 */
export function convert(
  i2c: I2c,
  address: number,
  frames: Uint8Array[],
  results: Uint16Array,
  low: Uint16Array,
  high: Uint16Array,
): number {
  let news = 0
  i2c.writeTo(address, frames[0])
  for (let at = 0; at < frames.length; at++) {
    let looks = LOOKS
    // A write leaves the pointer at the configuration. Its upper byte is another one after a reset.
    let bytes = i2c.readFrom(address, 2)
    while (bytes[0] < IDLE && --looks > 0) bytes = i2c.readFrom(address, 2)
    if (bytes[0] !== frames[at][1]) throw looks > 0 ? 'not kept' : 'no result'
    i2c.writeTo(address, CONVERSION)
    bytes = i2c.readFrom(address, 2)
    if (at + 1 < frames.length) i2c.writeTo(address, frames[at + 1])
    // An input at ground may read some steps below it.
    const steps = bytes[0] > 127 ? 0 : (bytes[0] << 8) | bytes[1]
    results[at] = steps
    if (steps < low[at] || steps >= high[at]) news |= 1 << at
  }
  return news
}
