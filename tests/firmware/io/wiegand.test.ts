import { describe, expect, it } from 'vitest'
import * as wiegand from '../../../firmware/io/wiegand'
import { Wrong } from '../../../firmware/io/wiegand'

/** A line's pulses with their times in ms, as a board notes them; time moves by hand. */
function bench(options: { table?: string; codeLength?: number } = {}) {
  let kept: number[] = []
  let lines: number[] = []
  const world = { nowMs: 1000, levels: 3 }
  const ticks = (ms: number) => Math.round(ms * 100) % 0x1000000
  const pulses = {
    watch: (zero: number, one: number) => {
      lines = [zero, one]
    },
    take: () => {
      const list = kept.length === 0 ? [] : [ticks(world.nowMs), ...kept]
      kept = []
      return list
    },
  }
  const w = wiegand.create(pulses, { read: () => world.levels }, 25, 13, options.table ?? '', options.codeLength ?? 0)
  expect(lines).toEqual([25, 13])
  /** Bits as '0' and '1', one every intervalMs from now; time stands at the last one then. */
  const send = (bits: string, intervalMs = 2) => {
    for (const [at, bit] of [...bits].entries()) {
      if (at > 0) world.nowMs += intervalMs
      kept.push(ticks(world.nowMs) * 2 + Number(bit))
    }
  }
  /** One more pulse, so many ms after the last. */
  const pulse = (line: number, afterMs: number) => {
    world.nowMs += afterMs
    kept.push(ticks(world.nowMs) * 2 + line)
  }
  const poll = () => wiegand.poll(w, Math.floor(world.nowMs))
  /** Waits for the silence that ends a frame. */
  const end = (ms = 31) => {
    let keys = poll()
    world.nowMs += ms
    keys += poll()
    return keys
  }
  return { w, world, send, pulse, poll, end }
}

/** hardware.md §3.3, written anew. */
const FOUR: [string, string][] = [
  ...Array.from({ length: 10 }, (_, digit): [string, string] => [String(digit), digit.toString(2).padStart(4, '0')]),
  ['*', '1010'],
  ['#', '1011'],
]
const EIGHT: [string, number][] = [
  ...[0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69].map((byte, at): [string, number] => [String(at + 1), byte]),
  ['*', 0x5a],
  ['0', 0xf0],
  ['#', 0x4b],
]
const bitsOf = (value: number, count: number) => value.toString(2).padStart(count, '0')
const inverted = (bits: string) => bits.replace(/./g, (bit) => (bit === '0' ? '1' : '0'))

/** H10301: even parity over bits 2-13, facility 42, number, odd parity over bits 14-25. */
function frame26(number: number): string {
  const data = bitsOf(42, 8) + bitsOf(number, 16)
  const ones = (bits: string) => bits.replace(/0/g, '').length
  return `${ones(data.slice(0, 12)) % 2}${data}${1 - (ones(data.slice(12)) % 2)}`
}

describe('keys', () => {
  it.each(FOUR)('of 4 bits: %s', (key, bits) => {
    const { send, end } = bench()
    send(bits)
    expect(end()).toBe(key)
  })

  it.each(EIGHT)('of 8 bits with their complement in front: %s', (key, byte) => {
    const { send, end } = bench()
    send(bitsOf(byte, 8))
    expect(end()).toBe(key)
  })

  it('of 8 bits whose complement is wrong are noise', () => {
    const { w, send, end } = bench()
    send(bitsOf(0xe2, 8))
    expect(end()).toBe('')
    expect(w.noise).toBe(1)
  })

  it('come with any interval from 0.2 to 20 ms, and any jitter', () => {
    for (const intervalMs of [0.2, 1, 2, 20]) {
      const { send, end } = bench()
      send('0111', intervalMs)
      expect(end()).toBe('7')
    }
    const { pulse, end } = bench()
    for (const [at, line] of [0, 1, 1, 1].entries()) pulse(line, [0, 0.3, 19, 4][at])
    expect(end()).toBe('7')
  })

  it('end with a silence of 30 ms, and not before', () => {
    const { send, poll, world } = bench()
    send('0101')
    expect(poll()).toBe('')
    world.nowMs += 29
    expect(poll()).toBe('')
    world.nowMs += 2
    expect(poll()).toBe('5')
    expect(poll()).toBe('')
  })

  it('are told apart by the times of their pulses, however late they are asked for', () => {
    const { send, end, world } = bench()
    for (const bits of ['0001', '0010', '0011']) {
      send(bits)
      world.nowMs += 40
    }
    expect(end()).toBe('123')
  })

  it('may have another table: * and # as 14 and 15', () => {
    const { send, end, w } = bench({ table: '0123456789----*#' })
    send('1110')
    expect(end()).toBe('*')
    send('1111')
    expect(end()).toBe('#')
    send('1010')
    expect([end(), w.noise]).toEqual(['', 0])
  })
})

describe('what no finger makes', () => {
  it('a second pulse within 200 us is the bounce of the first', () => {
    const { send, pulse, end } = bench()
    send('01')
    pulse(1, 0.15)
    pulse(0, 2)
    pulse(1, 2)
    expect(end()).toBe('5')
  })

  it('pulses on both lines within 50 us spoil the frame', () => {
    const { send, pulse, end, w } = bench()
    send('010')
    pulse(1, 0.03)
    pulse(1, 2)
    expect(end()).toBe('')
    expect(w.noise).toBe(1)
  })

  it('frames of other lengths are noise, and three within a minute are worth a look', () => {
    const { send, end, w, world } = bench()
    send('0001')
    end()
    for (const bits of ['1', '110010111', '010']) {
      expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.NOTHING)
      send(bits)
      expect(end(50)).toBe('')
    }
    expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.NOISE)
    world.nowMs += 61000
    expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.NOTHING)
    send('1')
    end(50)
    expect(w.noise).toBe(1)
  })

  it('a line that is low for 100 ms is a short, and no pulse is', () => {
    const { w, world, poll } = bench()
    world.levels = 1
    poll()
    world.nowMs += 99
    poll()
    expect(w.isLow).toBe(0)
    world.nowMs += 1
    poll()
    expect([w.isLow, wiegand.diagnosis(w, world.nowMs)]).toEqual([1, Wrong.LOW])
    world.levels = 3
    poll()
    expect(w.isLow).toBe(0)
  })

  it('and nothing at all is silence', () => {
    const { w } = bench()
    expect(wiegand.diagnosis(w, 1000)).toBe(Wrong.SILENT)
  })

  it('times that go round after 167 s change nothing', () => {
    const { send, end, world } = bench()
    world.nowMs = 167772.16 * 3 - 3
    send('0110')
    expect(end()).toBe('6')
  })
})

describe('exchanged lines', () => {
  it('are found by keys that nobody has: 0 to 3 of either length', () => {
    for (const [, bits] of [...FOUR.slice(0, 4), ...EIGHT.slice(0, 3).map(([key, byte]) => [key, bitsOf(byte, 8)])]) {
      const { send, end, w, world } = bench()
      send(inverted(bits))
      expect(end()).toBe('')
      expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.SWAPPED)
    }
  })

  it('are found by two parities that both fail in a frame of 26', () => {
    const { send, end, w, world } = bench({ codeLength: 4 })
    send(inverted(frame26(1234)))
    expect(end()).toBe('')
    expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.SWAPPED)
  })

  it('are not suspected of a single odd frame among many good ones', () => {
    const { send, end, w, world } = bench()
    for (let count = 0; count < 8; count++) {
      send('0101')
      end()
    }
    send('1111')
    end()
    expect(wiegand.diagnosis(w, world.nowMs)).toBe(Wrong.NOTHING)
  })
})

describe('whole codes in one frame of 26 bits', () => {
  it.each([
    [1234, '*1234'],
    [9999, '*9999'],
    [7, '*0007'],
    [0, '*0000'],
  ])('%i clears what was begun and gives each digit, zeros in front as well', (number, keys) => {
    const { send, end } = bench({ codeLength: 4 })
    send(frame26(number))
    expect(end()).toBe(keys)
  })

  it('with more digits than a code has are noise', () => {
    const { send, end, w } = bench({ codeLength: 4 })
    send(frame26(12345))
    expect([end(), w.noise]).toEqual(['', 1])
  })

  it('of which one parity fails are noise', () => {
    for (const at of [0, 5, 14, 25]) {
      const { send, end, w } = bench({ codeLength: 4 })
      const bits = frame26(4711)
      send(bits.slice(0, at) + inverted(bits[at]) + bits.slice(at + 1))
      expect([end(), w.noise, w.swapped]).toEqual(['', 1, 0])
    }
  })

  it('are cards where the settings do not ask for them: no key, no noise', () => {
    const { send, end, w } = bench()
    send(frame26(1234))
    expect([end(), w.noise]).toEqual(['', 0])
  })
})

describe('the queue', () => {
  it('has room for eight keys, and takes a code whole or not at all', () => {
    expect(wiegand.room('', '1')).toBe('1')
    expect(wiegand.room('12', '*1234')).toBe('12*1234')
    expect(wiegand.room('1234', '*1234')).toBe('1234')
  })
})
