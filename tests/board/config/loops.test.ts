import { describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { check, judge } from '../../../board/config/check'
import { frontEnd, readRange } from '../../../board/config/loops'
import type { Change } from './sound'
import { sound } from './sound'

const MAP = find('devkitc-4x3')

/** The demo's panel with its second zone wired so; the first is a contact at GPIO34. */
function wired(loop: object | undefined, more: { pin?: number; type?: string } = {}, change: Change = () => {}) {
  return sound((panel) => {
    panel.zones[0].pin = 34
    panel.zones[1] = { ...panel.zones[1], pin: 192, ...more, loop }
    change(panel)
  })
}

const problems = (...given: Parameters<typeof wired>) => check(wired(...given), MAP)
const DEOL = { style: 'DEOL', eolOhms: 4700, alarmOhms: 4700 }

describe('a loop', () => {
  it('is taken in each style with its resistors, and becomes seven numbers (W-1)', () => {
    const compiled = (loop: object, more = {}) => {
      const { problems, config } = judge(wired(loop, more), MAP)
      expect(problems).toEqual([])
      return config?.zones.loops
    }
    expect(compiled({ style: 'NC' })).toEqual([1, 0, 4700, 0, 0, 0, 0])
    expect(compiled({ style: 'NO' })).toEqual([1, 1, 4700, 0, 0, 0, 0])
    expect(compiled({ style: 'SEOL', eolOhms: 2200, pullUpOhms: 2200 })).toEqual([1, 2, 2200, 2200, 0, 0, 0])
    expect(compiled({ style: 'SEOL', eolOhms: 4700 }, { type: 'fire' })).toEqual([1, 3, 4700, 4700, 0, 0, 0])
    expect(compiled(DEOL)).toEqual([1, 4, 4700, 4700, 4700, 0, 0])
    const teol = { style: 'TEOL', eolOhms: 2200, alarmOhms: 4700, faultOhms: 2200, tolerancePercent: 1 }
    const supply = judge(
      wired(teol, {}, (panel) => void (panel.loopSupply = 207)),
      MAP,
    )
    expect(supply.problems).toEqual([])
    expect(supply.config?.zones.loops).toEqual([1, 5, 4700, 2200, 4700, 2200, 0])
    expect(supply.config?.loopSupply).toBe(15)
  })

  it('that is a contact that opens on a level is not in the record at all; one that closes is', () => {
    const compiled = (loop: object) => judge(wired(loop, { pin: 35 }), MAP).config?.zones.loops
    expect(compiled({ style: 'NC' })).toBeUndefined()
    expect(compiled({ style: 'NO' })).toEqual([1, 1, 4700, 0, 0, 0, 0])
  })

  it('has the resistors of its style and no others (W-1)', () => {
    expect(problems({ style: 'SEOL' })).toEqual(['zones[1].loop.eolOhms is missing: give it for SEOL (W-1)'])
    expect(problems({ ...DEOL, alarmOhms: undefined })).toEqual([
      'zones[1].loop.alarmOhms is missing: give it for DEOL (W-1)',
    ])
    expect(problems({ style: 'NC', eolOhms: 4700 })).toEqual([
      'zones[1].loop.eolOhms is 4700: leave it out for NC (W-1)',
    ])
    expect(problems({ ...DEOL, faultOhms: 2200 })).toEqual([
      'zones[1].loop.faultOhms is 2200: leave it out for DEOL (W-1)',
    ])
  })

  it.each([
    ['eolOhms', 499, '500 to 15000', 'W-1'],
    ['eolOhms', 15001, '500 to 15000', 'W-1'],
    ['pullUpOhms', 999, '1000 to 22000', 'W-3'],
    ['tolerancePercent', 6, '1 to 5', 'W-5'],
    ['learned', 4095, '1 to 4094', 'W-2'],
  ])('takes %s in its range: %i is outside', (field, value, range, rule) => {
    expect(problems({ ...DEOL, [field]: value })).toEqual([
      `zones[1].loop.${field} is ${value}: use a whole number from ${range} (${rule})`,
    ])
  })

  it('knows its styles, and the one that was perhaps meant', () => {
    expect(problems({ style: 'DOEL' })[0]).toMatch(/^zones\[1]\.loop\.style is 'DOEL': use NC, NO, SEOL, DEOL or TEOL/)
  })

  it('with resistors needs an input that measures (W-4)', () => {
    for (const pin of [64, 25]) {
      expect(problems(DEOL, { pin })).toContain(
        `zones[1].loop.style is 'DEOL': use NC or NO at pin ${pin}, or an input that measures: 192 to 207 of an ADS1115, GPIO32 to 39 (W-4)`,
      )
    }
  })

  it('is said at an ADS1115, which has no level', () => {
    expect(problems(undefined)).toEqual([
      'zones[1].loop is missing: give the style of its wiring, an ADS1115 measures (W-1)',
    ])
  })

  it('of a fire or CO detector is single: its contacts close', () => {
    for (const type of ['fire', 'carbonMonoxide']) {
      expect(problems(DEOL, { type })).toEqual([
        "zones[1].loop.style is 'DEOL': use SEOL, detectors of fire and CO close their loop (§3.1)",
      ])
    }
  })

  it('has states that differ by 1.6 times, or by 1.3 with resistors of 1 % (W-5)', () => {
    expect(problems({ ...DEOL, alarmOhms: 2820 })).toEqual([])
    expect(problems({ ...DEOL, alarmOhms: 2800 })).toEqual([
      "zones[1].loop is 'DEOL': use resistors whose states differ by 1.6 or more, or 1 % resistors with tolerancePercent 1: 4.7k and 7.5k differ by 1.6 (W-5)",
    ])
    const teol = { style: 'TEOL', eolOhms: 2200, alarmOhms: 4700, faultOhms: 2200 }
    expect(problems(teol)[0]).toContain('4.4k and 6.9k differ by 1.57 (W-5)')
    expect(problems({ ...teol, alarmOhms: 2200, faultOhms: 4700 })).toEqual([
      'zones[1].loop.faultOhms is 4700: give less than the 2.2k of alarmOhms (W-1)',
    ])
    expect(problems({ ...DEOL, alarmOhms: 1000, tolerancePercent: 1 })[0]).toContain('differ by 1.3 or more: 4.7k and')
  })
})

describe('what measures it', () => {
  const OWN = { pin: 35 }
  const divided: Change = (panel) => {
    panel.pins = { ...judge(sound(), MAP).config?.pins, adcDivider: 33, buzzer: 16 }
  }

  it('the ADC of the ESP32 as it is is refused for DEOL, with the sum (W-5)', () => {
    const [problem] = problems(DEOL, OWN)
    expect(problem).toBe(
      "zones[1].loop is 'DEOL': give pins.adcDivider, or learned, or an ADS1115, or another pullUpOhms: " +
        'active, 9.4k ± 5 % and 100 Ω of cable, reads as 6.7k to 14.1k with ± 10 % of the ADC of the ESP32 as it is, ' +
        'and its band is 6.9k to 19.2k (W-5)',
    )
    // Also where the sum would allow it: a chip at the end of its spread is no reason to arm.
    expect(problems({ ...DEOL, pullUpOhms: 10000 }, OWN)[0]).toContain('cannot tell alarm from tamper on every chip')
  })

  it('is good enough for SEOL as it is', () => {
    expect(problems({ style: 'SEOL', eolOhms: 4700 }, OWN)).toEqual([])
  })

  it('is good enough for DEOL with a divider, or with the reading at rest (W-2)', () => {
    const withDivider = problems({ ...DEOL, pullUpOhms: 10000 }, OWN, divided)
    // The divider's pin was the buzzer's, and 16 is the modem's.
    expect(withDivider.filter((text) => text.includes('loop'))).toEqual([])
    expect(problems({ ...DEOL, learned: 1871 }, OWN)).toEqual([])
  })

  it('a reading at rest that no chip gives with that resistor is refused (W-2)', () => {
    expect(problems({ ...DEOL, learned: 900 }, OWN)).toEqual([
      'zones[1].loop.learned is 900: give what it reads at rest, 1630 to 2162 with 4.7k and this pull-up, or look for a wrong resistor (W-2)',
    ])
    expect(problems({ ...DEOL, learned: 1871 })).toEqual([
      'zones[1].loop.learned is 1871: leave it out, only a loop with resistors at GPIO32 to 39 has one (W-2)',
    ])
  })

  it('sees neither the lowest voltages at the ESP32 nor the highest', () => {
    const low = problems({ style: 'SEOL', eolOhms: 500, pullUpOhms: 10000 }, OWN)
    expect(low[0]).toContain('below 240 it is 77 mV')
    const high = problems({ style: 'SEOL', eolOhms: 15000, pullUpOhms: 2200 }, OWN)
    expect(high[0]).toMatch(/zones\[1].loop .* \(W-5\)$/)
  })

  it('an ADS1115 whose supply is not measured is refused where 3 % decide', () => {
    const close = { style: 'DEOL', eolOhms: 1000, alarmOhms: 620, pullUpOhms: 1000 }
    expect(problems(close)[0]).toContain('give loopSupply')
    expect(problems(close, {}, (panel) => void (panel.loopSupply = 207))).toEqual([])
  })

  it('loopSupply is an input of its own', () => {
    expect(problems(DEOL, {}, (panel) => void (panel.loopSupply = 192))).toEqual([
      'loopSupply is 192: give it another input, zone 2 has this one',
    ])
    expect(problems(DEOL, {}, (panel) => void (panel.loopSupply = 208))).toEqual([
      'loopSupply is 208: use a whole number from 192 to 207 (W-2)',
    ])
  })

  it('a measured zone stays on ADC1 (W-4)', () => {
    const [problem] = check(wired({ style: 'SEOL', eolOhms: 4700 }, { pin: 32 }), MAP)
    expect(problem).toContain('GPIO32 is used twice')
  })

  it('may read wrong by resistors, cable and its own error: the sum by hand', () => {
    const end = { ...frontEnd(192, true, false, false), error: 0 }
    const [least, most] = readRange(4700, { style: 'SEOL', pullUpOhms: 4700, tolerancePercent: 5 }, end)
    expect(least).toBeCloseTo((4700 * 0.95) / 1.01, 0)
    expect(most).toBeCloseTo((4700 * 1.05 + 100) / 0.99, 0)
  })
})
