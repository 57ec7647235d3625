/**
 * The panel's region of the ESP32's NOR flash: programming only clears bits, erasing sets a whole page, and the supply
 * may go at any byte of either.
 *
 * Not modelled: read disturb, retention, the time that an erase takes, and wear beyond its counters.
 */

import type { Flash } from '../firmware/hal'

/** What the chip's driver asks of addresses and lengths (hardware.md §0). */
const ALIGNMENT = 4
const ERASED = 0xff
const BLOCK_BYTES = 256

export class FlashChip implements Flash {
  /** Erases of each page. */
  erases: number[] = []
  /** Writes and erases so far, and bytes programmed: a cut is set by their number, and the bench counts them. */
  operations = 0
  bytesWritten = 0
  /** The supply goes during this operation (1 for the next one), 0 never ... */
  cutAtOperation = 0
  /** ... after so many of its bytes. */
  cutAfterBytes = 0
  /** Told when the supply goes; the chip is dead from then until revive(). */
  onCut: () => void = () => {}
  /** Told of each operation, for the trace. */
  onOperation: (what: string) => void = () => {}
  /** True: writes and erases fail with an error, as a worn or locked chip's do. */
  isFailing = false
  private isDead = false
  /** Blocks exist once they were written: in the interpreter a page that holds a line would fill a fiftieth of its memory. */
  private blocks: (Uint8Array | undefined)[] = []

  constructor(
    readonly pageBytes = 4096,
    readonly pageCount = 16,
  ) {
    for (let page = 0; page < pageCount; page++) this.erases.push(0)
  }

  read(address: number, lengthBytes: number): Uint8Array {
    this.check(address, lengthBytes)
    const bytes = new Uint8Array(lengthBytes)
    for (let at = 0; at < lengthBytes; ) {
      const from = (address + at) % BLOCK_BYTES
      const runBytes = Math.min(lengthBytes - at, BLOCK_BYTES - from)
      const block = this.blocks[((address + at) / BLOCK_BYTES) | 0]
      if (block === undefined) bytes.fill(ERASED, at, at + runBytes)
      else bytes.set(block.subarray(from, from + runBytes), at)
      at += runBytes
    }
    return bytes
  }

  write(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length)
    if (address % ALIGNMENT !== 0 || bytes.length % ALIGNMENT !== 0) throw new Error('flash write is not aligned')
    if (this.isDead) return
    if (this.isFailing) throw new Error('flash write failed')
    const length = this.begin(bytes.length)
    for (let index = 0; index < length; index++) {
      this.block(address + index)[(address + index) % BLOCK_BYTES] &= bytes[index]
    }
    this.bytesWritten += length
    this.onOperation(`write ${bytes.length} bytes at ${address}`)
    this.finish()
  }

  erase(page: number): void {
    if (page < 0 || page >= this.pageCount) throw new Error('no such flash page')
    if (this.isDead) return
    if (this.isFailing) throw new Error('flash erase failed')
    const length = this.begin(this.pageBytes)
    for (let at = page * this.pageBytes, end = at + length; at < end; ) {
      const runBytes = Math.min(end - at, BLOCK_BYTES - (at % BLOCK_BYTES))
      if (runBytes === BLOCK_BYTES) this.blocks[at / BLOCK_BYTES] = undefined
      else this.block(at).fill(ERASED, at % BLOCK_BYTES, (at % BLOCK_BYTES) + runBytes)
      at += runBytes
    }
    this.erases[page]++
    this.onOperation(`erase page ${page}`)
    this.finish()
  }

  /** The supply is back. A cut that is set for a later operation stays set. */
  revive(): void {
    this.isDead = false
  }

  /** The whole region, for tests that look for what must not be there. */
  image(): Uint8Array {
    const image = new Uint8Array(this.pageBytes * this.pageCount)
    for (let page = 0; page < this.pageCount; page++) {
      image.set(this.read(page * this.pageBytes, this.pageBytes), page * this.pageBytes)
    }
    return image
  }

  /** Counts an operation. Returns how many of its bytes happen. */
  private begin(lengthBytes: number): number {
    this.operations++
    if (this.cutAtOperation === 0 || --this.cutAtOperation > 0) return lengthBytes
    this.isDead = true
    return this.cutAfterBytes < lengthBytes ? this.cutAfterBytes : lengthBytes
  }

  private finish(): void {
    if (this.isDead) this.onCut()
  }

  private block(address: number): Uint8Array {
    const index = (address / BLOCK_BYTES) | 0
    const known = this.blocks[index]
    if (known !== undefined) return known
    const fresh = new Uint8Array(BLOCK_BYTES).fill(ERASED)
    this.blocks[index] = fresh
    return fresh
  }

  private check(address: number, lengthBytes: number): void {
    const isInside = address >= 0 && lengthBytes >= 0 && address + lengthBytes <= this.pageBytes * this.pageCount
    if (!isInside || (address % this.pageBytes) + lengthBytes > this.pageBytes) {
      throw new Error('flash access crosses a page or leaves the region')
    }
  }
}
