/**
 * One of the W5500's two buffer memories (data sheet 3.3): 16 KB, cut into the sockets' rings by their size registers.
 * Its 1 KB blocks exist once they are written.
 */

import type { Socket } from './w5500-socket'

/** Unit of the buffer size registers. */
const BLOCK_BYTES = 1024
const BLOCK_COUNT = 16

export class W5500Memory {
  private blocks: (Uint8Array | undefined)[] = []

  /** sizeRegister: SN_TXBUF_SIZE or SN_RXBUF_SIZE. */
  constructor(private sizeRegister: number) {}

  reset(): void {
    this.blocks = []
  }

  /** Size of a socket's buffer; a value the data sheet does not name gives none. */
  sizeBytes(socket: Socket): number {
    const kilobytes = socket.registers[this.sizeRegister]
    return kilobytes <= BLOCK_COUNT && (kilobytes & (kilobytes - 1)) === 0 ? kilobytes * BLOCK_BYTES : 0
  }

  /** Moves bytes between a socket's ring, from `pointer` on, and an array; all pointers are masked by the ring's size. */
  copy(
    sockets: Socket[],
    socket: Socket,
    pointer: number,
    bytes: Uint8Array,
    at: number,
    lengthBytes: number,
    isWrite: boolean,
  ): void {
    const sizeBytes = this.sizeBytes(socket)
    if (sizeBytes === 0) return
    // Buffers lie in the order of the sockets, so a socket's place depends on the sizes before it.
    let base = 0
    for (let number = 0; number < socket.number; number++) base += this.sizeBytes(sockets[number])
    for (let end = at + lengthBytes; at < end; ) {
      const index = ((base + (pointer & (sizeBytes - 1))) / BLOCK_BYTES) & (BLOCK_COUNT - 1)
      const offset = pointer & (BLOCK_BYTES - 1)
      const runBytes = Math.min(end - at, BLOCK_BYTES - offset)
      let block = this.blocks[index]
      if (isWrite) {
        if (block === undefined) block = this.blocks[index] = new Uint8Array(BLOCK_BYTES)
        block.set(bytes.subarray(at, at + runBytes), offset)
      } else if (block !== undefined) bytes.set(block.subarray(offset, offset + runBytes), at)
      at += runBytes
      pointer += runBytes
    }
  }
}
