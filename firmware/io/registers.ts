/** What most parts on I2C have in common. The boundary has the interpreter's own two calls, for passes that come often. */

import type { I2c } from '../hal'

/**
 * So many bytes from a register of the part on: its number is written, then the bytes are read, with a stop in between, for
 * the parts keep their register pointer and nobody else is on the bus. Throws when the part does not acknowledge.
 */
export function read(i2c: I2c, address: number, register: number, count: number): Uint8Array {
  i2c.writeTo(address, register)
  return i2c.readFrom(address, count)
}
