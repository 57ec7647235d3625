import { describe, expect, it } from 'vitest'
import { Loop, type StyleName } from '../../hal-mock/loop'

const RESISTORS = { eol: 2200, alarm: 4700, fault: 2200 }

function loop(style: StyleName): Loop {
  const made = new Loop(style, { ...RESISTORS })
  made.cableOhms = 0
  return made
}

/** Tens of ohms in each state: at rest, alarm, fault, both, tamper; 'open' from 1 MOhm on. */
function states(style: StyleName): (number | string)[] {
  return [[], ['isAlarm'], ['isFault'], ['isAlarm', 'isFault'], ['isTampered']].map((contacts) => {
    const made = Object.assign(loop(style), Object.fromEntries(contacts.map((name) => [name, true])))
    return made.ohms() > 1e6 ? 'open' : Math.round(made.ohms() / 10) * 10
  })
}

describe('a loop on the wall (panel-behaviour.md §3.2)', () => {
  it.each<[StyleName, (number | string)[]]>([
    ['NC', [0, 'open', 0, 'open', 'open']],
    ['NO', ['open', 0, 'open', 0, 'open']],
    ['SEOL', [2200, 'open', 2200, 'open', 'open']],
    ['CLOSING', [2200, 0, 2200, 0, 'open']],
    ['DEOL', [2200, 6900, 2200, 6900, 'open']],
    ['TEOL', [2200, 6900, 4400, 9100, 'open']],
  ])('%s has the resistances of its states', (style, expected) => {
    expect(states(style)).toEqual(expected)
  })

  it('has cables that are short, cut, long or wet', () => {
    const made = loop('DEOL')
    made.cableOhms = 100
    expect(made.ohms()).toBeCloseTo(2300.4, 0)
    made.leakageOhms = 22000
    expect(made.ohms()).toBeCloseTo(100 + 2000.3, 0)
    made.cable = 'short'
    expect(made.ohms()).toBe(50)
    made.cable = 'cut'
    expect(made.ohms()).toBeGreaterThan(1e6)
  })

  it('makes with a pull-up of 4k7 at 3.3 V the voltages of W-3', () => {
    const volts = [1000, 1100, 2000, 2200, 4400, 5600, 6900, 9100, 11200, 20000].map((eol) => {
      const made = new Loop('SEOL', { ...RESISTORS, eol })
      made.cableOhms = 0
      return Math.round(made.millivolts(4700, 3300) / 10) / 100
    })
    expect(volts).toEqual([0.58, 0.63, 0.99, 1.05, 1.6, 1.79, 1.96, 2.18, 2.32, 2.67])
  })
})
