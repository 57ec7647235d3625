import { describe, expect, it } from 'vitest'
import * as bands from '../../../firmware/io/bands'
import { Style } from '../../../firmware/io/bands'

/** The limits, which lie in the middle of each end and beginning, in whole ohms. */
function limits(style: Style, eol: number, alarm = 0, fault = 0): number[] {
  const found = bands.edges(style, eol, alarm, fault)
  return Array.from({ length: found.length / 2 }, (_, at) => Math.round((found[2 * at] + found[2 * at + 1]) / 2))
}

describe('bands of a loop (W-1)', () => {
  it('are those of the example: DSC 5k6 and 5k6', () => {
    // "tamper < 2.8k, secure 2.8k-7.9k, active 7.9k-22.4k, tamper above"
    expect(limits(Style.DEOL, 5600, 5600)).toEqual([2800, 7920, 22400])
    expect(bands.statesOf(Style.DEOL)).toBe('2012')
  })

  it.each<[string, Style, [number, number?, number?], number[], string]>([
    ['single 2k2: open from twice that on', Style.SEOL, [2200], [1100, 4400], '101'],
    ['single 2k2 with contacts that close: open is a fault', Style.CLOSING, [2200], [1100, 4400], '103'],
    ['Satel 1k1 and 1k1: open at 20k at the least', Style.DEOL, [1100, 1100], [550, 1556, 20000], '2012'],
    ['Texecom 2k2 and 4k7', Style.DEOL, [2200, 4700], [1100, 3896, 20000], '2012'],
    ['Texecom 2k2, 4k7 and 2k2', Style.TEOL, [2200, 4700, 2200], [1100, 3111, 5510, 7924, 20000], '203142'],
    ['Bosch 1k', Style.SEOL, [1000], [500, 2000], '101'],
  ])('%s', (_, style, [eol, alarm, fault], expected, states) => {
    expect(limits(style, eol, alarm, fault)).toEqual(expected)
    expect(bands.statesOf(style)).toBe(states)
    expect(states.length).toBe(expected.length + 1)
  })

  it('of a bare contact are closed and open, and nothing between is either (§3.2)', () => {
    for (const style of [Style.NC, Style.NO]) expect(bands.edges(style, 0, 0, 0)).toEqual([1000, 20000])
    expect([bands.statesOf(Style.NC), bands.statesOf(Style.NO)]).toEqual(['01', '10'])
  })

  it('leave 4 % on both sides of a limit to neither, and rise', () => {
    const found = bands.edges(Style.TEOL, 2200, 4700, 2200)
    for (let at = 1; at < found.length; at++) expect(found[at]).toBeGreaterThan(found[at - 1])
    for (let at = 0; at < found.length; at += 2) expect(found[at + 1] / found[at]).toBeCloseTo(1.04 / 0.96, 6)
  })

  it('are not those of ±25 % around one value, which take a short of the far contact for rest (W-7)', () => {
    // 4k7 and 4k7: 9k4 with 5 % less, 4k7 with 5 % more and 100 ohms are each inside of their own band only.
    const [, , end, begin] = bands.edges(Style.DEOL, 4700, 4700, 0)
    expect(4700 * 1.05 + 100).toBeLessThan(end)
    expect(9400 * 0.95).toBeGreaterThan(begin)
  })
})
