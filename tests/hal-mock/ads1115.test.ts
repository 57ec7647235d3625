import { describe, expect, it } from 'vitest'
import { Ads1115 } from '../../hal-mock/ads1115'
import { VirtualClock } from '../../hal-mock/clock'

/** TI SBAS444E: register map of §9.6, written anew. */
const CONVERSION = 0
const CONFIG = 1
const OS = 0x8000
/** MUX AIN0-GND, PGA 4.096 V, single, 860 SPS, comparator off. */
const SINGLE_0 = 0x43e3

function chip(address = 0x48) {
  const clock = new VirtualClock()
  const made = new Ads1115(clock, address)
  const volts = [0, 0, 0, 0]
  made.millivolts = (input) => volts[input]
  const write = (register: number, value: number) =>
    made.write(address, new Uint8Array([register, value >> 8, value & 255]))
  const read = (register: number) => {
    made.write(address, new Uint8Array([register]))
    const [high, low] = made.receive(address, 2)
    return (high << 8) | low
  }
  const wait = (ms: number) => clock.runTo(clock.nowMs + ms)
  return { made, volts, write, read, wait }
}

describe('ADS1115', () => {
  it('is what §9.6.3 says after power-up: 8583h, single, 128 a second, nothing under way', () => {
    const { read } = chip()
    expect(read(CONFIG)).toBe(0x8583)
    expect(read(CONVERSION)).toBe(0)
    expect([read(2), read(3)]).toEqual([0x8000, 0x7fff])
  })

  it('converts once when OS is written, and OS reads 0 until it has ended (table 8)', () => {
    const { volts, write, read, wait } = chip()
    volts[0] = 1650
    write(CONFIG, OS | SINGLE_0)
    expect(read(CONFIG)).toBe(SINGLE_0)
    wait(1)
    expect(read(CONFIG)).toBe(SINGLE_0)
    expect(read(CONVERSION)).toBe(0)
    wait(1)
    expect(read(CONFIG)).toBe(OS | SINGLE_0)
    expect(read(CONVERSION)).toBe(13200) // 1.65 V of 4.096 V, 125 uV a step
    volts[0] = 0
    wait(100)
    expect(read(CONVERSION)).toBe(13200)
  })

  it('takes its rate with an oscillator that is up to 10 % off (§7.5)', () => {
    for (const [rate, ms] of [
      [0, 125],
      [4, 7.8125],
      [7, 1.1628],
    ]) {
      const { made, write, read, wait } = chip()
      made.oscillator = 1.1
      write(CONFIG, OS | 0x4303 | (rate << 5))
      wait(Math.floor(ms * 1.1 - 0.5))
      expect(read(CONFIG) & OS).toBe(0)
      wait(2)
      expect(read(CONFIG) & OS).toBe(OS)
    }
  })

  it('has six gains, and results of both signs that stop at their ends (§9.3.3)', () => {
    const { volts, write, read, wait } = chip()
    volts[0] = 1000
    volts[1] = 3000
    const results = [0, 1, 2, 3, 4, 5].map((gain) => {
      write(CONFIG, 0x8183 | (gain << 9)) // AIN0 against AIN1
      wait(10)
      return (read(CONVERSION) << 16) >> 16
    })
    expect(results).toEqual([-10667, -16000, -32000, -32768, -32768, -32768])
  })

  it('measures each input against ground, never above its supply (§7.3)', () => {
    const { volts, write, read, wait } = chip()
    volts.splice(0, 4, 100, 200, 5000, -50)
    const results = [0, 1, 2, 3].map((input) => {
      write(CONFIG, OS | SINGLE_0 | (input << 12))
      wait(2)
      return (read(CONVERSION) << 16) >> 16
    })
    expect(results).toEqual([800, 1600, 26400, -400])
  })

  it('goes on by itself in continuous mode, and a start amid a conversion is none', () => {
    const { made, volts, write, read, wait } = chip()
    write(CONFIG, SINGLE_0 & ~0x0100)
    for (const millivolts of [100, 300, 500]) {
      volts[0] = millivolts
      wait(3)
      expect(read(CONVERSION)).toBe(millivolts * 8)
    }
    write(CONFIG, OS | SINGLE_0)
    wait(2)
    wait(2)
    // The one before has ended, though nobody has looked.
    const before = made.conversions
    write(CONFIG, OS | SINGLE_0)
    write(CONFIG, OS | SINGLE_0)
    expect(made.conversions).toBe(before + 1)
  })

  it('forgets everything without supply, does not acknowledge then, and hears only its own address', () => {
    const { made, volts, write, read, wait } = chip(0x4a)
    volts[0] = 1650
    write(CONFIG, OS | SINGLE_0)
    wait(2)
    made.setPower(false)
    expect(() => read(CONFIG)).toThrow('no acknowledge')
    made.setPower(true)
    expect([read(CONFIG), read(CONVERSION)]).toEqual([0x8583, 0])
    expect(() => made.receive(0x48, 2)).toThrow('no acknowledge')
  })
})
