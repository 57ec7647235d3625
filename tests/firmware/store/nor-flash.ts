/** NOR flash as bytes, for forks of a run: a restart from any image, with the supply gone after any byte. */

import type { Flash } from '../../../firmware/hal'

export const PAGE_BYTES = 4096
export const PAGES = 10

export class NorFlash implements Flash {
  pageBytes = PAGE_BYTES
  pageCount = PAGES
  /** Bytes programmed or erased so far, and how many more there will be. */
  bytesChanged = 0
  bytesLeft = Infinity
  erases = 0
  /** Writes and erases fail with an error, as on a locked chip. */
  isFailing = false
  image: Uint8Array

  constructor(image?: Uint8Array) {
    this.image = image === undefined ? new Uint8Array(PAGES * PAGE_BYTES).fill(0xff) : image.slice()
  }

  read(address: number, lengthBytes: number): Uint8Array {
    this.check(address, lengthBytes)
    return this.image.slice(address, address + lengthBytes)
  }

  write(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length)
    if (address % 4 !== 0 || bytes.length % 4 !== 0) throw new Error('not aligned')
    const count = this.spend(bytes.length)
    for (let index = 0; index < count; index++) this.image[address + index] &= bytes[index]
    this.die(count, bytes.length)
  }

  erase(page: number): void {
    const count = this.spend(PAGE_BYTES)
    this.image.fill(0xff, page * PAGE_BYTES, page * PAGE_BYTES + count)
    this.erases++
    this.die(count, PAGE_BYTES)
  }

  private spend(lengthBytes: number): number {
    if (this.isFailing) throw new Error('locked')
    const count = Math.min(lengthBytes, this.bytesLeft)
    this.bytesLeft -= count
    this.bytesChanged += count
    return count
  }

  private die(count: number, lengthBytes: number): void {
    if (count < lengthBytes) this.isFailing = true
  }

  private check(address: number, lengthBytes: number): void {
    const isInside = address >= 0 && (address % PAGE_BYTES) + lengthBytes <= PAGE_BYTES
    if (!isInside || address + lengthBytes > this.image.length) throw new Error('outside the page')
  }
}

/**
 * Runs act on forks of an image, the supply gone after 0, 1, 2 ... bytes, and once whole. inspect sees what is left.
 * stride: of an erase's bytes only each so-many'th, of the first and last hundred bytes all.
 */
export function cutEverywhere(
  image: Uint8Array,
  act: (flash: NorFlash) => void,
  inspect: (flash: NorFlash, bytesBefore: number, bytesInAll: number) => void,
  stride = 1,
): void {
  const whole = new NorFlash(image)
  act(whole)
  for (let bytes = 0; bytes <= whole.bytesChanged; bytes++) {
    if (bytes % stride !== 0 && bytes > 100 && bytes < whole.bytesChanged - 100) continue
    const flash = new NorFlash(image)
    flash.bytesLeft = bytes
    act(flash)
    const after = new NorFlash(flash.image)
    inspect(after, bytes, whole.bytesChanged)
  }
}
