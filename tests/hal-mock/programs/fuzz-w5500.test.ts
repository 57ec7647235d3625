import { describe, expect, it } from 'vitest'
import { fuzzW5500 } from '../../../hal-mock/programs/fuzz-w5500'

describe('wrong bits on the bus, wrong datagrams, cables and power', () => {
  it('20 000 turns of the Ethernet path in 40 storms: no throw, no hang, and a delivery in the calm after each', () => {
    expect(fuzzW5500.run(20260101, 20000)).toEqual([])
  })
})
