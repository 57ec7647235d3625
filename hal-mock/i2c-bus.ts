/**
 * The I2C bus of a board: a transfer reaches the part that has the address, and nobody acknowledges any other.
 *
 * Not modelled: the time that a transfer takes (the display counts its own), clock stretching, two parts at one address,
 * a bus that something holds low.
 */

import type { I2c } from '../firmware/hal'

export interface I2cPart {
  readonly i2cAddress: number
  /** Both throw when the part does not answer. */
  write(address: number, bytes: Uint8Array): void
  receive(address: number, count: number): Uint8Array
}

export class I2cBus implements I2c {
  /** Transfers so far, the unanswered ones included. */
  transfers = 0
  /** Bytes on the bus, the address of each transfer included. */
  bytes = 0
  private parts: I2cPart[] = []

  attach(part: I2cPart): void {
    this.parts.push(part)
  }

  write(address: number, bytes: Uint8Array): void {
    this.bytes += bytes.length + 1
    this.part(address).write(address, bytes)
  }

  receive(address: number, count: number): Uint8Array {
    this.bytes += count + 1
    return this.part(address).receive(address, count)
  }

  read(address: number, register: number, count: number): Uint8Array {
    this.write(address, new Uint8Array([register]))
    return this.receive(address, count)
  }

  private part(address: number): I2cPart {
    this.transfers++
    for (const part of this.parts) if (part.i2cAddress === address) return part
    throw new Error('no acknowledge')
  }
}
