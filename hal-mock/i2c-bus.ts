/**
 * The I2C bus of a board, at 100 kHz: a transfer reaches the part that has the address, and nobody acknowledges any other.
 * It takes its time: the clock stands still while the panel works, so what a pass has sent is counted here, and parts that
 * convert or count in between have this time for theirs.
 *
 * Not modelled: clock stretching, two parts at one address, a bus that something holds low. The display counts its own time.
 */

import type { I2c } from '../firmware/hal'
import type { VirtualClock } from './clock'

/** Nine bits a byte, and start and stop, of 10 µs each. */
const BYTE_MS = 0.09
const ENDS_MS = 0.02

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
  /** Time that transfers have taken since the clock stood at `atMs`. */
  private takenMs = 0
  private atMs = 0

  constructor(private clock: VirtualClock) {}

  /** The clock, and what the transfers since it moved have taken. */
  get nowMs(): number {
    return this.clock.nowMs === this.atMs ? this.atMs + this.takenMs : this.clock.nowMs
  }

  attach(part: I2cPart): void {
    this.parts.push(part)
  }

  writeTo(address: number, bytes: Uint8Array | number): void {
    const all = typeof bytes === 'number' ? new Uint8Array([bytes]) : bytes
    this.take(all.length + 1)
    this.part(address).write(address, all)
  }

  readFrom(address: number, count: number): Uint8Array {
    this.take(count + 1)
    return this.part(address).receive(address, count)
  }

  private take(bytes: number): void {
    this.bytes += bytes
    if (this.clock.nowMs !== this.atMs) this.takenMs = 0
    this.atMs = this.clock.nowMs
    this.takenMs += bytes * BYTE_MS + ENDS_MS
  }

  private part(address: number): I2cPart {
    this.transfers++
    for (const part of this.parts) if (part.i2cAddress === address) return part
    throw new Error('no acknowledge')
  }
}
