import { describe, expect, it } from 'vitest'
import { FlashChip } from '../../hal-mock/flash'

const PAGE_BYTES = 4096
const PAGES = 16

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values)
}

describe('flash chip', () => {
  it('is 16 pages of 4096 bytes, all FF, when new', () => {
    const flash = new FlashChip()
    expect([flash.pageBytes, flash.pageCount]).toEqual([PAGE_BYTES, PAGES])
    expect(flash.image().length).toBe(PAGE_BYTES * PAGES)
    expect(flash.image().every((byte) => byte === 0xff)).toBe(true)
  })

  it('clears bits by writing and never sets one', () => {
    const flash = new FlashChip()
    flash.write(8, bytes(0xf0, 0x0f, 0xff, 0x00))
    flash.write(8, bytes(0x3c, 0xff, 0x55, 0xff))
    expect([...flash.read(8, 4)]).toEqual([0x30, 0x0f, 0x55, 0x00])
    expect([...flash.read(4, 4), ...flash.read(12, 4)]).toEqual(new Array(8).fill(0xff))
  })

  it('sets a whole page and only that by erasing, and counts it', () => {
    const flash = new FlashChip()
    for (const page of [0, 1, 2]) {
      flash.write(page * PAGE_BYTES, bytes(0, 0, 0, 0))
      flash.write((page + 1) * PAGE_BYTES - 4, bytes(0, 0, 0, 0))
    }
    flash.erase(1)
    expect(flash.read(PAGE_BYTES, PAGE_BYTES).every((byte) => byte === 0xff)).toBe(true)
    expect(flash.read(PAGE_BYTES - 4, 1)[0]).toBe(0)
    expect(flash.read(2 * PAGE_BYTES, 1)[0]).toBe(0)
    expect(flash.erases).toEqual([0, 1, ...new Array(PAGES - 2).fill(0)])
    expect([flash.operations, flash.bytesWritten]).toEqual([7, 24])
  })

  it.each([
    ['an address that is no multiple of 4', 2, 4],
    ['a length that is no multiple of 4', 4, 3],
    ['a write across the border of a page', PAGE_BYTES - 4, 8],
    ['a write in front of the region', -4, 4],
    ['a write behind the region', PAGE_BYTES * PAGES, 4],
  ])('refuses %s, and changes nothing', (_name, address, length) => {
    const flash = new FlashChip()
    expect(() => flash.write(address, new Uint8Array(length))).toThrow()
    expect(flash.operations).toBe(0)
    expect(flash.image().every((byte) => byte === 0xff)).toBe(true)
  })

  it('refuses to read outside the region and to erase a page that is not there', () => {
    const flash = new FlashChip()
    expect(() => flash.read(-1, 2)).toThrow()
    expect(() => flash.read(PAGE_BYTES * PAGES - 2, 4)).toThrow()
    expect(() => flash.erase(-1)).toThrow()
    expect(() => flash.erase(PAGES)).toThrow()
  })

  it('hands out copies: neither a buffer that was written nor one that was read is shared', () => {
    const flash = new FlashChip()
    const written = bytes(1, 2, 3, 4)
    flash.write(0, written)
    written[0] = 0
    flash.read(0, 4)[1] = 0
    expect([...flash.read(0, 4)]).toEqual([1, 2, 3, 4])
  })

  it('cuts a write after so many bytes of the operation that was chosen, tells it, and is dead then', () => {
    for (let cut = 0; cut <= 8; cut++) {
      const flash = new FlashChip()
      let cuts = 0
      flash.onCut = () => cuts++
      flash.cutAtOperation = 2
      flash.cutAfterBytes = cut
      flash.write(0, bytes(1, 1, 1, 1))
      expect(cuts).toBe(0)
      flash.write(8, new Uint8Array(8))
      expect(cuts).toBe(1)
      const expected = Array.from({ length: 8 }, (_, index) => (index < cut ? 0 : 0xff))
      expect([...flash.read(8, 8)]).toEqual(expected)
      flash.write(32, new Uint8Array(4))
      flash.erase(0)
      expect([flash.read(32, 1)[0], flash.read(0, 1)[0], flash.operations, cuts]).toEqual([0xff, 1, 2, 1])
      flash.revive()
      flash.write(32, new Uint8Array(4))
      expect(flash.read(32, 1)[0]).toBe(0)
    }
  })

  it('cuts an erase in the middle: the bytes before are FF, those behind are as they were', () => {
    const flash = new FlashChip()
    flash.write(0, new Uint8Array(PAGE_BYTES))
    flash.cutAtOperation = 1
    flash.cutAfterBytes = 1000
    flash.erase(0)
    const page = flash.read(0, PAGE_BYTES)
    expect(page.subarray(0, 1000).every((byte) => byte === 0xff)).toBe(true)
    expect(page.subarray(1000).every((byte) => byte === 0)).toBe(true)
  })

  it('keeps a cut that is set when the supply comes back meanwhile', () => {
    const flash = new FlashChip()
    flash.cutAtOperation = 1
    flash.revive()
    flash.write(0, new Uint8Array(4))
    expect(flash.read(0, 1)[0]).toBe(0xff)
  })

  it('fails writes and erases with an error when told to, without a trace in the array', () => {
    const flash = new FlashChip()
    flash.isFailing = true
    expect(() => flash.write(0, new Uint8Array(4))).toThrow()
    expect(() => flash.erase(0)).toThrow()
    expect(flash.read(0, 1)[0]).toBe(0xff)
    expect([flash.operations, flash.erases[0]]).toEqual([0, 0])
  })

  it('tells each operation to the trace', () => {
    const flash = new FlashChip()
    const told: string[] = []
    flash.onOperation = (what) => told.push(what)
    flash.write(32, new Uint8Array(28))
    flash.erase(3)
    expect(told).toEqual(['write 28 bytes at 32', 'erase page 3'])
  })
})
