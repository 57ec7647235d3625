/** The self-check list of hardware.md §4.2, rule by rule; pins and their properties are read anew from §0 and §4.1. */

import { describe, expect, it } from 'vitest'
import type { BoardMap, PinUse } from '../../board/boards/board-map'
import { checkPins } from '../../board/pin-check'

function map(...pins: PinUse[]): BoardMap {
  return { name: 'test', title: 'Test', module: 'WROOM', pins, expanders: [], notes: [] }
}

function output(gpio: number, idle?: 'low' | 'high'): PinUse {
  return { gpio, use: 'siren', role: 'siren', direction: 'output', idle }
}

function contact(gpio: number, more: Partial<PinUse> = {}): PinUse {
  return { gpio, use: 'zone', role: 'zone 1', direction: 'input', pull: 'outside', ...more }
}

function problem(...pins: PinUse[]): string {
  const problems = checkPins(map(...pins))
  expect(problems).toHaveLength(1)
  return problems[0]
}

const CONFIG_PINS = {
  rows: [13, 14, 15, 25],
  columns: [27, 36, 39],
  siren: 4,
  sirenRest: 0,
  light: 2,
  buzzer: 33,
  w5500Reset: 26,
  modemPowerKey: 32,
  modemSupply: -1,
  modemStatus: -1,
}

describe('the pin check', () => {
  it('finds nothing on the six pins that suit an active-high load: 4, 16, 17, 23, 32, 33', () => {
    for (const gpio of [4, 16, 17, 23, 32, 33]) expect(checkPins(map(output(gpio, 'low')))).toEqual([])
  })

  it('(1) names both users of one pin, and a free one', () => {
    expect(problem(output(4, 'low'), contact(4))).toBe(
      'GPIO4 is used twice, as siren and zone 1: GPIO34 is free and suits, with a pull-up outside',
    )
  })

  it('(1) proposes to move what is not soldered by the board maker', () => {
    const fixed: PinUse = { gpio: 4, use: 'modemPowerKey', role: 'PWRKEY', direction: 'output', isFixed: true }
    const said = problem({ ...contact(4), direction: 'analog', role: 'battery', gpio: 33 }, { ...fixed, gpio: 33 })
    expect(said).toContain('as battery and PWRKEY')
    // A voltage can be measured on 34; PWRKEY could not go there.
    expect(said).toContain('GPIO34 is free')
  })

  it('(2) refuses flash pins 6-11 and pins that do not exist', () => {
    for (const gpio of [6, 7, 8, 9, 10, 11]) expect(problem(output(gpio))).toContain('it belongs to the flash chip')
    for (const gpio of [20, 24, 28, 29, 30, 31]) expect(problem(output(gpio))).toContain('does not exist')
    expect(problem(output(40))).toContain('GPIOs are numbered 0 to 39')
  })

  it('(2) refuses GPIO12, which high at reset selects 1.8 V for the flash, unless the maker soldered it', () => {
    expect(problem(contact(12))).toContain('1.8 V')
    expect(checkPins(map({ ...output(12), isFixed: true }))).toEqual([])
  })

  it('(3) refuses outputs on 34-39 and proposes a pin that can drive', () => {
    for (const gpio of [34, 35, 36, 39]) {
      expect(problem(output(gpio, 'low'))).toBe(
        `GPIO${gpio} cannot be the siren: it is an input only; GPIO4 is free and suits`,
      )
    }
    expect(problem({ ...output(35), direction: 'openDrain', role: 'keypad row 1' })).toContain('an input only')
  })

  it('(4) refuses an active-high load on pins pulled up at reset, resistor or not', () => {
    for (const gpio of [13, 18, 19, 21, 22, 25, 26, 27]) {
      expect(problem({ ...output(gpio, 'low'), isHeld: true })).toContain('it is pulled up at reset')
    }
    for (const gpio of [5, 15]) expect(problem(output(gpio, 'low'))).toContain('high at reset')
    expect(problem(output(14, 'low'))).toContain('moves at power-up')
  })

  it('(5) refuses watches on 12, 36 and 39', () => {
    for (const gpio of [36, 39]) {
      expect(problem(contact(gpio, { isWatched: true }))).toContain('its edges cannot be watched')
    }
    expect(problem(contact(12, { isWatched: true }))).toContain('its edges cannot be watched')
    expect(checkPins(map(contact(34, { isWatched: true })))).toEqual([])
  })

  it('(6) refuses a pull-up inside on 34-39, and an input without any', () => {
    for (const gpio of [34, 35, 36, 39]) {
      expect(problem(contact(gpio, { pull: 'inside' }))).toContain('no pull-up inside')
    }
    expect(problem(contact(27, { pull: undefined }))).toContain('it would float')
  })

  it('(7) refuses 16 and 17 on a WROVER, and takes them on a WROOM', () => {
    const wrover = { ...map(output(16), { ...output(17), role: 'strobe' }), module: 'WROVER' as const }
    expect(checkPins(wrover)).toHaveLength(2)
    expect(checkPins(wrover)[0]).toContain('PSRAM of a WROVER')
    expect(checkPins({ ...wrover, module: 'WROOM' })).toEqual([])
  })

  it('(8) keeps the straps: 2 low, 5 and 15 high, 0 for the button', () => {
    expect(problem(output(2, 'high'))).toContain('must be low at reset')
    expect(problem(contact(2))).toContain('must be low at reset')
    for (const [gpio, idle] of [
      [2, 'low'],
      [5, 'high'],
      [15, 'high'],
    ] as const) {
      expect(checkPins(map({ ...output(gpio, idle), use: 'light', role: 'light' }))).toEqual([])
    }
    expect(problem(contact(0))).toContain('it belongs to the BOOT button')
  })

  it('keeps zones and siren off the straps 0, 2, 5, 12 and 15, unless the maker soldered them there (W-4)', () => {
    for (const gpio of [0, 2, 5, 12, 15]) {
      for (const use of [contact(gpio), output(gpio, 'low'), output(gpio, 'high')]) {
        expect(problem(use)).toMatch(new RegExp(`^GPIO${gpio} cannot be the (zone 1|siren): `))
      }
    }
    for (const use of [contact(5), contact(15), output(2, 'low')]) {
      expect(problem(use)).toContain('zones and siren stay off strapping pins')
      expect(checkPins(map({ ...use, isFixed: true }))).toEqual([])
    }
  })

  it('wants a pull-up outside for a zone on GPIO34-39, which have none (W-4)', () => {
    for (const gpio of [34, 35, 36, 39]) {
      expect(problem(contact(gpio, { pull: 'inside' }))).toContain('it needs one outside')
      expect(checkPins(map(contact(gpio, { pull: 'outside' })))).toEqual([])
    }
  })

  it('(9) keeps 1 and 3 for the console', () => {
    expect(problem(output(1))).toContain('it belongs to the console')
    expect(problem(contact(3))).toContain('it belongs to the console')
  })

  it('measures voltages on GPIO32-39 only, the pins of ADC1 (W-4)', () => {
    for (const gpio of [2, 4, 13, 25, 26, 27]) {
      expect(problem({ ...contact(gpio), direction: 'analog', pull: undefined })).toContain('ADC1')
    }
    for (const gpio of [32, 33, 34, 35, 36, 39]) {
      expect(checkPins(map({ ...contact(gpio), direction: 'analog', pull: undefined }))).toEqual([])
    }
  })

  it('refuses an idle-high line that nothing holds high, and takes it with a resistor', () => {
    expect(problem(output(32, 'high'))).toContain('nothing holds it high')
    expect(checkPins(map({ ...output(32, 'high'), isHeld: true }))).toEqual([])
  })

  it('says so when no free pin suits', () => {
    const taken = [4, 16, 17, 23, 32, 33, 2].map(
      (gpio): PinUse => ({ ...output(gpio, 'low'), use: 'light', role: `load ${gpio}` }),
    )
    expect(problem(...taken, output(34, 'low'))).toContain('no free pin suits')
  })

  it('checks the settings of an installation in place of the pins of the map', () => {
    const bus: PinUse = { gpio: 18, use: 'spiClock', role: 'W5500 SCK', direction: 'output', bus: 'SPI2' }
    const zones = [
      { name: 'Front door', pin: 34 },
      { name: 'Hall', pin: 18 },
    ]
    expect(checkPins(map(bus, output(16, 'low')), { pins: CONFIG_PINS, zones })).toEqual([
      'GPIO18 is used twice, as W5500 SCK and zone 2 (Hall): GPIO35 is free and suits, with a pull-up outside',
    ])
    expect(checkPins(map(bus), { pins: { ...CONFIG_PINS, siren: 36 }, zones: [] })[0]).toContain('cannot be the siren')
  })

  it('has nothing to say about zones at port expanders', () => {
    const zones = [{ name: 'Attic', pin: 64 }]
    expect(checkPins(map(output(16, 'low')), { pins: CONFIG_PINS, zones })).toEqual([])
  })
})
