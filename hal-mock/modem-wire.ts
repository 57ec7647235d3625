/** The modem model's wires to and from the host: bytes at 115200 baud, in pieces. */

import type { VirtualClock } from './clock'
import type { Random } from './random'

/** One byte with start and stop bit at 115200 baud. */
const BYTE_US = 87
/** The most that is handed over in one piece when chunkBytes asks for no borders. */
const PIECE_BYTES = 512
/** One direction of a serial line: bytes take their time, and arrive in pieces of at most chunkBytes (0 = whole). */
export class Wire {
  private queue = ''
  private alarm = 0
  /** Of the bytes delivered so far, the part that did not fill a millisecond. */
  private remainderUs = 0

  constructor(
    private clock: VirtualClock,
    private random: Random,
    private chunkBytes: number,
    private deliver: (bytes: string) => void,
  ) {}

  write(bytes: string): void {
    this.queue += bytes
    if (this.alarm === 0 && bytes !== '') this.next()
  }

  clear(): void {
    this.clock.cancel(this.alarm)
    this.alarm = 0
    this.queue = ''
  }

  private next(): void {
    const lengthBytes = this.chunkBytes > 0 ? 1 + this.random.below(this.chunkBytes) : PIECE_BYTES
    const piece = this.queue.substr(0, lengthBytes)
    this.queue = this.queue.substr(lengthBytes)
    const us = piece.length * BYTE_US + this.remainderUs
    this.remainderUs = us % 1000
    this.alarm = this.clock.after((us / 1000) | 0, () => {
      this.alarm = 0
      this.deliver(piece)
      if (this.alarm === 0 && this.queue !== '') this.next()
    })
  }
}
