import { describe, expect, it } from 'vitest'
import { Random } from '../../hal-mock/random'

function draw(seed: number, count: number): number[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => random.next())
}

describe('random', () => {
  it('replays the same numbers from one seed, and others from the next', () => {
    expect(draw(1, 100)).toEqual(draw(1, 100))
    expect(draw(1, 100)).not.toEqual(draw(2, 100))
  })

  it("is Marsaglia's xorshift with 13, 17, 5, eight rounds in", () => {
    let x = 1 ^ 0x5bd1e995
    const expected: number[] = []
    for (let round = 0; round < 12; round++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      if (round >= 8) expected.push(x & 0x7fffffff)
    }
    expect(draw(1, 4)).toEqual(expected)
  })

  it('never gets stuck, not even with the seed that would be zero', () => {
    for (const seed of [0, -1, 0x5bd1e995, 0xffffffff]) expect(new Set(draw(seed, 50)).size).toBe(50)
  })

  it('gives whole numbers of 31 bits, and below(n) all of 0 to n - 1', () => {
    for (const value of draw(3, 1000)) expect(value >= 0 && value <= 0x7fffffff && value % 1 === 0).toBe(true)
    const random = new Random(3)
    const counts = new Array(6).fill(0)
    for (let count = 0; count < 6000; count++) counts[random.below(6)]++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1150)
  })

  it('is true once in so many times, and never for 0', () => {
    const random = new Random(5)
    let hits = 0
    for (let count = 0; count < 10000; count++) if (random.oneIn(50)) hits++
    expect(hits).toBeGreaterThan(140)
    expect(hits).toBeLessThan(260)
    for (let count = 0; count < 100; count++) {
      expect(random.oneIn(0)).toBe(false)
      expect(random.oneIn(1)).toBe(true)
    }
  })

  it('fills arrays with every byte value', () => {
    const bytes = new Uint8Array(5000)
    new Random(9).fill(bytes)
    expect(new Set(bytes).size).toBe(256)
  })
})
