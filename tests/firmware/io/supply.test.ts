import { describe, expect, it } from 'vitest'
import type { PinConfig } from '../../../firmware/config'
import type { BoardPins } from '../../../firmware/hal'
import * as supply from '../../../firmware/io/supply'
import { Esp32Adc } from '../../../hal-mock/power-supply'

/** Pins with these levels, and one voltage at the ADC of a chip with this reference. */
function bench(millivolts: number, reference: number, levels: { [pin: number]: number } = {}) {
  const adc = new Esp32Adc(reference)
  const modes: string[] = []
  const pins: BoardPins = {
    mode: (pin, mode) => void modes.push(`${pin} ${mode}`),
    write: () => {},
    read: ([pin]) => levels[pin] ?? 0,
    wakeOn: () => true,
    analog: () => adc.read(millivolts),
  }
  return { pins, modes }
}

const make = (pins: BoardPins, wired: Partial<PinConfig>, reference?: number) =>
  supply.create(pins, wired as PinConfig, reference, undefined) as supply.Supply

describe('what is not wired', () => {
  it('takes no pin, and there is nothing to look at', () => {
    const { pins, modes } = bench(0, 1100)
    expect(supply.create(pins, {} as PinConfig, undefined, undefined)).toBeUndefined()
    expect(modes).toEqual([])
    const only = make(pins, { batterySense: 34 })
    expect([supply.isMainsLost(only), supply.isBoxOpen(only)]).toEqual([0, 0])
  })
})

describe('mains and box', () => {
  it('are levels: mains there is high (S-1), a shut box is low (S-7)', () => {
    const { pins, modes } = bench(0, 1100, { 35: 1, 14: 0 })
    const s = make(pins, { acSense: 35, boxTamper: 14 })
    expect(modes).toEqual(['35 input', '14 inputPullup'])
    expect([supply.isMainsLost(s), supply.isBoxOpen(s)]).toEqual([0, 0])
    const other = make(bench(0, 1100, { 35: 0, 14: 1 }).pins, { acSense: 35, boxTamper: 14 })
    expect([supply.isMainsLost(other), supply.isBoxOpen(other)]).toEqual([1, 1])
  })
})

describe('battery (hardware.md §3.8: 100k and 18k)', () => {
  // Volts at the battery and mV at the pin, as the reference has them.
  it.each([
    [9.6, 1464],
    [11.5, 1754],
    [12.8, 1953],
    [13.7, 2090],
    [15, 2288],
  ])('%f V is read within 0.05 V by a chip whose reference is known', (volts, millivolts) => {
    for (const reference of [1000, 1100, 1200]) {
      const s = make(bench(millivolts, reference).pins, { batterySense: 34 }, reference)
      expect(Math.abs(supply.battery(s) / 100 - volts)).toBeLessThan(0.05)
    }
  })

  it('is up to 1.3 V off when the reference is not known, which is why there is a setting', () => {
    const read = supply.battery(make(bench(1953, 1000).pins, { batterySense: 34 })) / 100
    expect(read - 12.8).toBeGreaterThan(1)
    expect(read - 12.8).toBeLessThan(1.4)
  })

  it('at 0 V reads below 1 V', () => {
    expect(supply.battery(make(bench(0, 1100).pins, { batterySense: 34 }))).toBeLessThan(100)
  })
})

describe('siren circuit (S-5)', () => {
  const judged = (ohms: number, reference: number) => {
    const millivolts = ohms === Infinity ? 3300 : (3300 * ohms) / (ohms + 1000)
    return supply.isSirenWrong(make(bench(millivolts, reference).pins, { sirenSense: 36 }))
  }

  it('is right from 620 to 1400 ohms on any chip, without its reference', () => {
    for (const reference of [1000, 1100, 1200]) {
      for (const ohms of [620, 950, 1000, 1050, 1400]) expect(judged(ohms, reference)).toBe(0)
    }
  })

  it('is wrong when short or open', () => {
    for (const reference of [1000, 1100, 1200]) {
      for (const ohms of [0, 50, 200, 5600, 10000, Infinity]) expect(judged(ohms, reference)).toBe(1)
    }
  })
})
