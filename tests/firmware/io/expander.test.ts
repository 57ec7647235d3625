import { describe, expect, it } from 'vitest'
import * as expander from '../../../firmware/io/expander'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { Mcp23017 } from '../../../hal-mock/mcp23017'

// DS20001952, table 3-1, IOCON.BANK 0.
const IODIRA = 0x00
const IPOLA = 0x02
const IOCON = 0x0a
const GPPUA = 0x0c
const INPUTS = 0x7f
/** IOCON.SEQOP (§3.2.1): with BANK 0 the pointer goes to and fro between the ports of a pair. */
const TO_AND_FRO = 0x20

/** Chips with input 0 and 8 of each wired; all contacts closed. */
function bench(numbers = [0]) {
  const bus = new I2cBus(new VirtualClock())
  const e = expander.create(bus)
  const chips = numbers.map((number) => {
    const chip = new Mcp23017(0x20 + number)
    bus.attach(chip)
    for (const input of [0, 8]) {
      expander.add(e, number, input)
      chip.setContact(input, true)
    }
    return chip
  })
  let nowMs = 0
  /** As a panel at rest looks, and reads all when that is not enough. */
  const restTo = (atMs: number): void => {
    for (; nowMs <= atMs; nowMs += 95) {
      if (!expander.isStill(e, nowMs))
        for (let index = 0; index < numbers.length; index++) expander.read(e, index, nowMs)
    }
  }
  /** Reads all, as often as zones are, until that time. */
  const runTo = (atMs: number): number[] => {
    let words: number[] = []
    for (; nowMs <= atMs; nowMs += 95) words = numbers.map((_, index) => expander.read(e, index, nowMs))
    return words
  }
  return { bus, e, chips, restTo, runTo }
}

/** A look of which only the transfers matter. */
function isStill(e: expander.Expander): boolean {
  return expander.isStill(e, 0)
}

describe('bring-up', () => {
  it('makes 14 inputs with pull-ups, inverted, and leaves GPA7 and GPB7 low outputs (revision D)', () => {
    const { chips, runTo } = bench()
    expect(runTo(0)).toEqual([0])
    for (const register of [IODIRA, IPOLA, GPPUA]) {
      expect([chips[0].peek(register), chips[0].peek(register + 1)]).toEqual([INPUTS, INPUTS])
    }
    expect(chips[0].peek(IOCON)).toBe(TO_AND_FRO)
    chips[0].setContact(8, false)
    expect(runTo(95)).toEqual([0x100])
    chips[0].setContact(0, false)
    expect(runTo(190)).toEqual([0x101])
  })

  it('comes out of any address map and mode that noise may have left', () => {
    for (let iocon = 0; iocon < 256; iocon += 2) {
      const { chips, runTo } = bench()
      chips[0].poke(IOCON, iocon)
      chips[0].setContact(0, false)
      runTo(0)
      expect(runTo(95), `IOCON ${iocon}`).toEqual([1])
      expect(chips[0].peek(IOCON)).toBe(TO_AND_FRO)
    }
  })

  it('does not take for a chip what does not keep its registers', () => {
    const { e, chips, runTo } = bench()
    chips[0].setContact(0, false)
    const receive = chips[0].receive.bind(chips[0])
    chips[0].receive = (address, count) => receive(address, count).fill(0)
    expect(runTo(19900)).toEqual([0])
    expect(e.lost).toBe(0)
    expect(runTo(24000)).toEqual([0])
    expect(e.lost).toBe(1)
  })
})

describe('a chip that lost its supply', () => {
  it('is set up again before a word of it is believed, whichever contacts are open and however inputs float', () => {
    for (const floatLevel of [0, 1]) {
      for (const open of [[], [0], [8]]) {
        const { e, chips, runTo } = bench()
        const [chip] = chips
        chip.floatLevel = floatLevel
        for (const input of open) chip.setContact(input, false)
        const before = runTo(190)
        chip.reset()
        expect(isStill(e)).toBe(false)
        expect(runTo(285)).toEqual(before)
        expect(chip.peek(GPPUA)).toBe(INPUTS)
        expect(runTo(380)).toEqual(before)
        expect(e.failing).toBe(0)
        expect(isStill(e)).toBe(true)
      }
    }
  })

  const SPOILT = [
    [IODIRA, 0x7e],
    [GPPUA + 1, 0],
    [IPOLA, 0xff],
  ]

  it('is noticed within 5 s of rest for each chip even when all its inputs read the same, and so is a register that noise changed', () => {
    for (const numbers of [[0], [0, 1, 2, 3, 4, 5, 6]]) {
      for (const [register, value] of SPOILT) {
        for (let index = 0; index < numbers.length; index++) {
          const { chips, restTo } = bench(numbers)
          restTo(190)
          chips[index].poke(register, value)
          restTo(190 + 5000 * numbers.length)
          expect(chips[index].peek(register)).toBe(INPUTS)
        }
      }
    }
  })

  it('is noticed within 41 s where a zone never comes to rest', () => {
    for (const [register, value] of SPOILT) {
      const { chips, runTo } = bench()
      runTo(190)
      chips[0].poke(register, value)
      runTo(41000)
      expect(chips[0].peek(register)).toBe(INPUTS)
    }
  })
})

describe('a chip that does not answer (S-6)', () => {
  it('keeps its last word, is told lost after 20 s, and found again within 2 s of its return', () => {
    const { e, chips, runTo } = bench([0, 3])
    chips[1].setContact(8, false)
    expect(runTo(950)).toEqual([0, 0x100])
    chips[1].setPower(false)
    expect(runTo(20900)).toEqual([0, 0x100])
    expect([e.failing, e.lost]).toEqual([1, 0])
    expect(runTo(23000)).toEqual([0, 0x100])
    expect(e.lost).toBe(1 << 3)
    chips[1].setPower(true)
    chips[1].setContact(8, true)
    expect(runTo(25200)).toEqual([0, 0])
    expect([e.failing, e.lost]).toEqual([0, 0])
  })

  it('is tried on the next two looks, then every 2 s; several take turns, and one failure is all in one pass', () => {
    const { bus, chips, runTo } = bench([0, 1, 2])
    runTo(0)
    for (const chip of chips) chip.setPower(false)
    const tries: number[] = []
    let count = bus.transfers
    for (let atMs = 95; atMs <= 15200; atMs += 95) {
      runTo(atMs)
      for (; count < bus.transfers; count++) tries.push(atMs)
    }
    expect(tries.length).toBe(new Set(tries).size)
    expect(tries.filter((atMs) => atMs < 1000)).toHaveLength(9)
    const later = tries.filter((atMs) => atMs > 1000)
    for (let index = 1; index < later.length; index++) {
      expect(later[index] - later[index - 1]).toBeGreaterThan(1900)
      expect(later[index] - later[index - 1]).toBeLessThan(2200)
    }
  })

  it('does not lose a chip for one transfer that failed', () => {
    const { e, chips, runTo } = bench()
    runTo(0)
    chips[0].isPresent = false
    runTo(95)
    expect(isStill(e)).toBe(false)
    chips[0].isPresent = true
    chips[0].setContact(0, false)
    expect(runTo(190)).toEqual([1])
    expect(e.failing).toBe(0)
  })
})

describe('a look at rest', () => {
  it('takes one read of both ports a chip, and sees a contact that moved', () => {
    const { bus, e, chips, runTo } = bench([0, 1, 2, 6])
    runTo(0)
    const before = bus.transfers
    const reads = chips.map((chip) => chip.portReads)
    expect(isStill(e)).toBe(true)
    expect(bus.transfers - before).toBe(4)
    expect(chips.map((chip, index) => chip.portReads - reads[index])).toEqual([2, 2, 2, 2])
    chips[3].setContact(8, false)
    expect(isStill(e)).toBe(false)
  })

  it('has a pointer that was moved put right within 5 s, and at once where it stands at another value (S-6)', () => {
    const { e, chips, runTo } = bench()
    for (let input = 0; input < 15; input++) if (input !== 7) chips[0].setContact(input, true)
    runTo(0)
    chips[0].write(0x20, new Uint8Array([IPOLA])) // reads as closed contacts do
    chips[0].setContact(8, false)
    expect(isStill(e)).toBe(true)
    let looks = 1
    while (isStill(e)) looks++
    expect(looks).toBeLessThanOrEqual(51)
    expect(runTo(95)).toEqual([0x100])
    chips[0].write(0x20, new Uint8Array([IOCON]))
    expect(isStill(e)).toBe(false)
    runTo(190)
    expect(isStill(e)).toBe(true)
  })

  it('reads the ports after each check of the registers', () => {
    const { e, chips, runTo } = bench()
    for (let atMs = 0; atMs <= 30000; atMs += 1000) {
      runTo(atMs)
      expect(isStill(e)).toBe(true)
      const reads = chips[0].portReads
      isStill(e)
      expect(chips[0].portReads - reads, `${atMs} ms`).toBe(2)
    }
  })

  it('reads the registers of one chip in 51 looks, each in its turn, and is content with what it finds', () => {
    const { bus, e, chips, runTo } = bench([0, 1, 2])
    runTo(0)
    const checked: number[] = []
    for (let look = 1; look <= 153; look++) {
      const before = bus.transfers
      const reads = chips.map((chip) => chip.portReads)
      expect(isStill(e)).toBe(true)
      if (bus.transfers - before > chips.length) checked.push(look)
      expect(chips.map((chip, index) => chip.portReads - reads[index])).toEqual([2, 2, 2])
    }
    expect(checked).toEqual([51, 102, 153])
  })

  it('never throws, and says no when a chip is gone', () => {
    const { e, chips, runTo } = bench()
    runTo(0)
    chips[0].setPower(false)
    expect(isStill(e)).toBe(false)
  })
})
