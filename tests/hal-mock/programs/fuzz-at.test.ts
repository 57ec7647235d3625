import { describe, expect, it } from 'vitest'
import { fuzzAt } from '../../../hal-mock/programs/fuzz-at'
import { Random } from '../../../hal-mock/random'

describe("fuzz: a modem's bytes", () => {
  it('20 000 inputs in five families: no throw, bounded memory and work, no false word', () => {
    expect(fuzzAt.run(1, 20000)).toEqual([])
  })

  it('reaches open connections, received bytes, restarts and troubles', () => {
    const run = fuzzAt.create()
    for (let index = 0; index < 2000; index++) expect(run.input(new Random(index))).toBe('')
    for (const [what, count] of Object.entries(run.counts)) expect(count, what).toBeGreaterThan(50)
  })
})
