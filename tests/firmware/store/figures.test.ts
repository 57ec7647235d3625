import { describe, expect, it } from 'vitest'
import * as figures from '../../../firmware/store/figures'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'

const WORDS = 56
const counted = (base: number) => Uint32Array.from({ length: WORDS }, (_, index) => base * 1000 + index)

describe('figures of the paths', () => {
  it('are zeros on a blank region', () => {
    expect([...figures.load(new FlashChip(), nodeCrypto)]).toEqual(new Array(WORDS).fill(0))
  })

  it('come back as they were kept last, words above 2^31 too, over 100 hours and their erases', () => {
    const flash = new FlashChip()
    const words = counted(1)
    for (let hour = 1; hour <= 100; hour++) {
      words.set(counted(hour))
      words[55] = 0xfffffffe
      expect(figures.save(flash, nodeCrypto, words)).toBe(true)
    }
    expect(figures.load(flash, nodeCrypto)).toEqual(words)
    expect(flash.erases.map((count, page) => (count > 0 ? page : -1)).filter((page) => page >= 0)).toEqual([10, 11])
    expect(Math.max(...flash.erases)).toBeLessThanOrEqual(4)
  })

  it('are the ones before when the supply goes at any byte of a record or an erase', () => {
    for (let cut = 0; cut < 240; cut += 7) {
      for (const hours of [3, 16]) {
        const flash = new FlashChip()
        for (let hour = 1; hour <= hours; hour++) figures.save(flash, nodeCrypto, counted(hour))
        flash.cutAtOperation = 1
        flash.cutAfterBytes = cut
        figures.save(flash, nodeCrypto, counted(99))
        flash.revive()
        expect(figures.load(flash, nodeCrypto)).toEqual(counted(cut < 236 || hours === 16 ? hours : 99))
      }
    }
  })

  it('are not kept by flash that fails, and nothing is thrown', () => {
    const flash = new FlashChip()
    flash.isFailing = true
    expect(figures.save(flash, nodeCrypto, counted(1))).toBe(false)
  })
})
