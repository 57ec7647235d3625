import type { I2c } from '../firmware/hal'

/** Bytes of a part on I2C from one of its registers on. */
export function registers(i2c: I2c, address: number, register: number, count: number): Uint8Array {
  i2c.writeTo(address, register)
  return i2c.readFrom(address, count)
}
