import { describe, expect, it } from 'vitest'
import { Esp32Adc, PowerSupply, SirenLoop } from '../../hal-mock/power-supply'

describe('ESP32 ADC at 11 dB (hardware.md §3.7, table)', () => {
  it.each([
    [500, 488, 444, 407],
    [1100, 1308, 1189, 1090],
    [1650, 2058, 1871, 1715],
    [2200, 2809, 2554, 2341],
  ])('reads %i mV as %i, %i and %i by its reference', (millivolts, ...codes) => {
    const read = [1000, 1100, 1200].map((reference) => new Esp32Adc(reference, 0).read(millivolts))
    for (const [at, code] of codes.entries()) expect(Math.abs(read[at] - code)).toBeLessThanOrEqual(1)
  })

  it('begins to bend at 2450 mV, where it is still within 1 % of 3127, 2864 and 2626', () => {
    for (const [reference, code] of [
      [1000, 3127],
      [1100, 2864],
      [1200, 2626],
    ]) {
      expect(Math.abs(new Esp32Adc(reference, 0).read(2450) / code - 1)).toBeLessThan(0.01)
    }
  })

  it('sees nothing below 142 mV and its last code from 3060 to 3210 mV on', () => {
    expect(new Esp32Adc(1100, 0).read(142)).toBe(0)
    expect(new Esp32Adc(1000, 0).read(3060)).toBe(4095)
    expect(new Esp32Adc(1200, 0).read(3200)).toBeLessThan(4095)
    expect(new Esp32Adc(1200, 0).read(3300)).toBe(4095)
  })

  it('is some codes off, never more', () => {
    const adc = new Esp32Adc(1100, 4)
    const codes = Array.from({ length: 200 }, () => adc.read(1650))
    expect([Math.min(...codes), Math.max(...codes)]).toEqual([1868, 1876])
  })
})

describe('battery', () => {
  it('is held up by the charger, gives way under load, and more in a test', () => {
    const supply = new PowerSupply()
    supply.batteryVolts = 12.4
    supply.ohms = 0.5
    expect([supply.terminalVolts(false), supply.terminalVolts(true)]).toEqual([13.7, 11.4])
    supply.isMains = false
    expect(supply.terminalVolts(false)).toBeCloseTo(12.2)
    expect(supply.senseMillivolts(false)).toBeCloseTo(1861, 0)
  })

  it('that is missing is found only without the charger; without mains nothing runs then', () => {
    const supply = new PowerSupply()
    supply.batteryVolts = 0
    expect([supply.terminalVolts(false), supply.terminalVolts(true), supply.feeds()]).toEqual([13.7, 0, true])
    supply.isMains = false
    expect(supply.feeds()).toBe(false)
  })

  it('is taken off at 10.5 V', () => {
    const supply = new PowerSupply()
    supply.isMains = false
    supply.ohms = 0
    for (const [volts, feeds] of [
      [10.5, true],
      [10.4, false],
    ] as const) {
      supply.batteryVolts = volts
      expect(supply.feeds()).toBe(feeds)
    }
  })
})

describe('siren circuit (S-5)', () => {
  it('divides 3.3 V by two, and cannot be seen while the siren sounds', () => {
    const loop = new SirenLoop()
    expect([loop.senseMillivolts(false), loop.senseMillivolts(true)]).toEqual([1650, 3300])
    loop.state = 'open'
    expect(loop.senseMillivolts(false)).toBe(3300)
    loop.state = 'short'
    expect(loop.senseMillivolts(false)).toBe(0)
  })
})
