import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { PinBank } from '../../hal-mock/pins'
import { PulseCounter, WiegandKeypad } from '../../hal-mock/wiegand'

function bench() {
  const clock = new VirtualClock()
  const pins = new PinBank()
  for (const pin of [25, 13]) pins.pull(pin, 1)
  let firsts = 0
  const counter = new PulseCounter(clock, pins, () => firsts++)
  const keypad = new WiegandKeypad(clock, pins, [25, 13])
  counter.watch(25, 13)
  /** Bits that came, and the ms between them. */
  const heard = (ms = 500) => {
    clock.runTo(clock.nowMs + ms)
    const [, ...list] = counter.take()
    const times = list.map((pulse) => (pulse >> 1) / 100)
    return {
      bits: list.map((pulse) => pulse & 1).join(''),
      gaps: times.slice(1).map((time, at) => Math.round((time - times[at]) * 100) / 100),
    }
  }
  return { clock, pins, counter, keypad, heard, firsts: () => firsts }
}

describe('a Wiegand keypad (hardware.md §3.3)', () => {
  it('rests high, and sends a key as 4 bits, one every 2 ms', () => {
    const { pins, keypad, heard } = bench()
    expect(pins.read([25, 13])).toBe(3)
    keypad.press('7')
    expect(heard()).toEqual({ bits: '0111', gaps: [2, 2, 2] })
    keypad.press('#')
    expect(heard().bits).toBe('1011')
    expect(pins.read([25, 13])).toBe(3)
  })

  it('or as 8 bits with the complement in front', () => {
    const { keypad, heard } = bench()
    keypad.format = 8
    keypad.press('1')
    expect(heard().bits).toBe('11100001') // E1
    keypad.press('0')
    expect(heard().bits).toBe('11110000') // F0
  })

  it('or keeps digits until #, and sends a frame of H10301: 10101010 as facility is 2A', () => {
    const { keypad, heard } = bench()
    keypad.format = 26
    for (const key of '9*0042') keypad.press(key)
    expect(heard().bits).toBe('')
    keypad.press('#')
    const { bits } = heard()
    expect(bits.length).toBe(26)
    expect([parseInt(bits.slice(1, 9), 2), parseInt(bits.slice(9, 25), 2)]).toEqual([0x2a, 42])
    const ones = (text: string) => [...text].filter((bit) => bit === '1').length
    expect([ones(bits.slice(0, 13)) % 2, ones(bits.slice(13)) % 2]).toEqual([0, 1])
  })

  it('has jitter, exchanged lines, lost bits, and inverting level shifters', () => {
    const jittery = bench()
    jittery.keypad.jitterMs = 5
    jittery.keypad.press('5')
    const { bits, gaps } = jittery.heard()
    expect(bits).toBe('0101')
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(2)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(7)
    const swapped = bench()
    swapped.keypad.isSwapped = true
    swapped.keypad.press('1')
    expect(swapped.heard().bits).toBe('1110')
    const noisy = bench()
    noisy.keypad.lossEvery = 2
    noisy.keypad.press('1')
    noisy.keypad.press('1')
    expect(noisy.heard().bits).toBe('0001001')
    const inverting = bench()
    inverting.keypad.invert()
    expect(inverting.pins.read([25, 13])).toBe(0)
    inverting.heard()
    inverting.keypad.press('1')
    expect(inverting.heard().bits).toBe('0001')
  })

  it('leaves 60 ms between two keys, however fast the fingers', () => {
    const { keypad, heard } = bench()
    keypad.press('0')
    keypad.press('0')
    expect(heard().gaps[3]).toBeGreaterThanOrEqual(60)
  })

  it('wakes the panel once until somebody takes the pulses', () => {
    const { keypad, heard, firsts } = bench()
    keypad.press('3')
    keypad.press('3')
    heard()
    expect(firsts()).toBe(1)
    keypad.press('3')
    heard()
    expect(firsts()).toBe(2)
  })
})
