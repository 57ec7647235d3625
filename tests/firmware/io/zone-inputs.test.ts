import { describe, expect, it, vi } from 'vitest'
import * as zones from '../../../firmware/io/zone-inputs'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { Mcp23017 } from '../../../hal-mock/mcp23017'
import { GROUND, PinBank } from '../../../hal-mock/pins'

const PINS = [13, 14, 15, 25, 26, 27, 32, 33, 4, 16]
/** 64 zones: two at GPIOs, then chips 0 to 4 with 14, 14, 14, 14 and 6 inputs; 7 and 15 are no inputs. */
const MANY = [34, 35, ...Array.from({ length: 62 }, (_, at) => input(at))]

/** Pin of the at-th expander input that can be one. */
function input(at: number): number {
  const place = at % 14
  return 64 + Math.floor(at / 14) * 16 + place + (place >= 7 ? 1 : 0)
}

/** What take() says of a zone. */
const secure = (zone: number) => zone * 8
const active = (zone: number) => zone * 8 + 1

/** Contacts to ground at all pins, closed; open() and close() move one. */
function bench(zonePins = PINS, responses?: number[], pulses?: number[], loops?: number[]) {
  const pins = new PinBank()
  const bus = new I2cBus(new VirtualClock())
  const chips: Mcp23017[] = []
  const move = zonePins.map((pin) => {
    if (pin < 64) {
      if (pin >= 34) pins.pull(pin, 1)
      const contact = pins.contact(pin, GROUND)
      return (isClosed: boolean) => pins.set(contact, isClosed)
    }
    const number = (pin - 64) >> 4
    if (chips[number] === undefined) {
      chips[number] = new Mcp23017(0x20 + number)
      bus.attach(chips[number])
    }
    return (isClosed: boolean) => chips[number].setContact((pin - 64) & 15, isClosed)
  })
  for (const set of move) set(true)
  const board = Object.assign(pins, { wakeOn: () => true, analog: () => 0 })
  const z = zones.create(board, bus, { pins: zonePins, responses, pulses, loops }, -1, -1, undefined)
  let nowMs = 0
  const runTo = (atMs: number): number[] => {
    const taken: number[] = []
    for (;;) {
      const nextMs = zones.poll(z, nowMs)
      for (let change = zones.take(z); change >= 0; change = zones.take(z)) taken.push(change)
      if (nextMs > atMs) break
      nowMs = nextMs
    }
    nowMs = atMs
    return taken
  }
  const open = (zone: number) => move[zone](false)
  const close = (zone: number) => move[zone](true)
  return { pins, bus, chips, z, runTo, open, close }
}

describe('response time (W-8, W-9)', () => {
  it('does not count a violation that was seen for 399 ms', () => {
    const { z, pins } = bench()
    pins.set(0, false)
    for (const atMs of [0, 20, 200, 399]) {
      z.dueMs = 0
      zones.poll(z, atMs)
    }
    expect(zones.take(z)).toBe(-1)
    pins.set(0, true)
    z.dueMs = 0
    zones.poll(z, 400)
    z.dueMs = 0
    zones.poll(z, 1000)
    expect(zones.take(z)).toBe(-1)
  })

  it('counts a violation that was seen for 400 ms', () => {
    const { z, runTo, open } = bench()
    runTo(1000)
    open(0)
    expect(runTo(1399)).toEqual([])
    expect(zones.isOpen(z, 0)).toBe(false)
    expect(runTo(1500)).toEqual([active(0)])
    expect(zones.isOpen(z, 0)).toBe(true)
  })

  it('never counts a change of 399 ms and always one of 521 ms, whenever it comes', () => {
    for (let phase = 0; phase < 100; phase += 7) {
      const { runTo, open, close } = bench()
      runTo(1000 + phase)
      open(3)
      runTo(1000 + phase + 399)
      close(3)
      expect(runTo(3000)).toEqual([])
      runTo(3000 + phase)
      open(3)
      expect(runTo(3000 + phase + 521)).toEqual([active(3)])
      close(3)
      expect(runTo(5000)).toEqual([secure(3)])
    }
  })

  it('counts every change of 400 ms when set to 280 ms (W-10)', () => {
    for (let phase = 0; phase < 100; phase++) {
      const { runTo, open, close } = bench(PINS, new Array(10).fill(14))
      runTo(1000 + phase)
      open(9)
      expect(runTo(1400 + phase)).toEqual([active(9)])
      close(9)
      expect(runTo(3000)).toEqual([secure(9)])
    }
  })

  it('does not take a closing of less than 400 ms for a restore', () => {
    const { runTo, open, close } = bench()
    open(2)
    expect(runTo(1000)).toEqual([active(2)])
    close(2)
    runTo(1390)
    open(2)
    expect(runTo(3000)).toEqual([])
    close(2)
    expect(runTo(4000)).toEqual([secure(2)])
  })

  it('starts the time again when a contact chatters', () => {
    const { runTo, open, close } = bench()
    let atMs = 0
    for (let turn = 0; turn < 20; turn++) {
      open(1)
      expect(runTo((atMs += 300))).toEqual([])
      close(1)
      expect(runTo((atMs += 60))).toEqual([])
    }
  })

  it('keeps a time of its own for each zone', () => {
    const { runTo, open } = bench()
    // Seen at 1045, 1205 and 1365 ms.
    runTo(999)
    open(0)
    runTo(1199)
    open(1)
    runTo(1359)
    open(8)
    expect(runTo(1444)).toEqual([])
    expect(runTo(1445)).toEqual([active(0)])
    expect(runTo(1604)).toEqual([])
    expect(runTo(1605)).toEqual([active(1)])
    expect(runTo(1764)).toEqual([])
    expect(runTo(1765)).toEqual([active(8)])
  })

  it('measures across the turn of its 16-bit times and beyond 2^32 ms', () => {
    for (const startMs of [65536 - 200, 2 ** 31 - 200, 2 ** 32 - 200]) {
      const { pins, z } = bench()
      zones.poll(z, startMs)
      pins.set(0, false)
      for (let ms = 100; ms < 500; ms += 20) {
        zones.poll(z, startMs + ms)
        expect(zones.take(z)).toBe(-1)
      }
      zones.poll(z, startMs + 500)
      expect(zones.take(z)).toBe(active(0))
    }
  })
})

describe('scan (W-10)', () => {
  it('comes every 95 ms at rest and every 20 ms while a zone settles', () => {
    const { z, pins } = bench()
    expect(zones.poll(z, 0)).toBe(95)
    expect(zones.poll(z, 50)).toBe(95)
    pins.set(4, false)
    expect(zones.poll(z, 95)).toBe(115)
    let atMs = 115
    while (atMs < 495) atMs = zones.poll(z, atMs)
    expect(zones.poll(z, atMs)).toBe(590)
    expect(zones.take(z)).toBe(active(4))
  })

  it('reads 10 zones at pins with one read', () => {
    const { z, pins } = bench()
    const read = vi.spyOn(pins, 'read')
    zones.poll(z, 0)
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('reads 64 zones with one read of pins and one of each of 5 chips, and walks over none of them', () => {
    const { z, pins, chips, bus, runTo } = bench(MANY)
    runTo(1000)
    const read = vi.spyOn(pins, 'read')
    const before = bus.transfers
    const reads = chips.map((chip) => chip.portReads)
    // An array that counts who looks into it.
    let looks = 0
    const counting = <List extends object>(list: List): List =>
      new Proxy(list, {
        get: (target, key) => {
          looks++
          return Reflect.get(target, key)
        },
      })
    z.zoneOf = counting(z.zoneOf)
    z.states = counting(z.states)
    runTo(1090)
    expect([read.mock.calls.length, looks]).toEqual([1, 0])
    expect(bus.transfers - before).toBe(10)
    expect(chips.map((chip, index) => chip.portReads - reads[index])).toEqual([2, 2, 2, 2, 2])
  })
})

describe('states and changes', () => {
  it('tells zones that are open at power-up after 400 ms', () => {
    const { z, runTo, open } = bench()
    open(0)
    open(7)
    open(9)
    expect(runTo(399)).toEqual([])
    expect(runTo(400)).toEqual([active(0), active(7), active(9)])
    expect(z.openCount).toBe(3)
    expect(PINS.map((_, zone) => zones.isOpen(z, zone))).toEqual([
      ...[true, false, false, false, false, false, false, true],
      ...[false, true],
    ])
  })

  it('counts the open zones up and down', () => {
    const { z, runTo, open, close } = bench()
    open(0)
    open(8)
    runTo(1000)
    expect(z.openCount).toBe(2)
    close(0)
    runTo(2000)
    expect(z.openCount).toBe(1)
    close(8)
    runTo(3000)
    expect(z.openCount).toBe(0)
  })

  it('takes a cut cable at an input-only pin with a resistor outside for open', () => {
    const { runTo, open } = bench([34, 35])
    open(1)
    expect(runTo(1000)).toEqual([active(1)])
  })

  it('works with 64 zones, each by itself', () => {
    const { z, runTo, open, close } = bench(MANY)
    expect(MANY).toHaveLength(64)
    for (let zone = 0; zone < 64; zone++) {
      open(zone)
      expect(runTo(zone * 2000 + 1000)).toEqual([active(zone)])
      expect(MANY.map((_, index) => zones.stateOf(z, index))).toEqual(
        MANY.map((_, index) => (index === zone ? zones.ACTIVE : zones.SECURE)),
      )
      close(zone)
      expect(runTo(zone * 2000 + 2000)).toEqual([secure(zone)])
    }
    for (let zone = 0; zone < 64; zone++) open(zone)
    expect(runTo(130000).sort((a, b) => a - b)).toEqual(MANY.map((_, zone) => active(zone)))
    expect(z.openCount).toBe(64)
  })

  it('works with expanders only, wired in any order', () => {
    const { z, runTo, open } = bench([64 + 6 * 16 + 14, 64, 64 + 6 * 16])
    open(0)
    open(1)
    expect(runTo(1000).sort((a, b) => a - b)).toEqual([active(0), active(1)])
    expect([0, 1, 2].map((zone) => zones.isOpen(z, zone))).toEqual([true, true, false])
  })

  it('holds back a change when nobody took 128, and tells it when there is room again', () => {
    const { z, open, close } = bench([13])
    let atMs = 0
    const turn = (isClosed: boolean) => {
      if (isClosed) close(0)
      else open(0)
      for (const endMs = atMs + 600; atMs < endMs; atMs += 20) zones.poll(z, atMs)
    }
    for (let count = 0; count < 64; count++) {
      turn(false)
      turn(true)
    }
    turn(false)
    expect(z.openCount).toBe(0)
    const taken: number[] = []
    for (let change = zones.take(z); change >= 0; change = zones.take(z)) taken.push(change)
    expect(taken.length).toBe(128)
    zones.poll(z, atMs)
    expect(zones.take(z)).toBe(active(0))
    expect(z.openCount).toBe(1)
  })
})

describe('the resting word', () => {
  it('has zone 0 in bit 0 once all are settled, and is -1 while one settles (W-9)', () => {
    const { z, runTo, open, close } = bench()
    runTo(1000)
    expect(zones.restingWord(z)).toBe(0)
    open(0)
    open(9)
    runTo(1200)
    expect(zones.restingWord(z)).toBe(-1)
    runTo(2000)
    expect(zones.restingWord(z)).toBe(0x201)
    close(0)
    runTo(3000)
    expect(zones.restingWord(z)).toBe(0x200)
  })

  it('is of the GPIOs only, and -1 while a zone at an expander settles', () => {
    const { z, runTo, open } = bench(MANY)
    runTo(1000)
    open(1)
    open(63)
    runTo(1200)
    expect(zones.restingWord(z)).toBe(-1)
    runTo(2000)
    expect(zones.restingWord(z)).toBe(2)
    expect(z.gpio).toEqual([35, 34])
  })
})

describe('a look at rest', () => {
  it('asks nobody without expanders', () => {
    const { z } = bench()
    expect(zones.isStill(z, 20, 1000)).toBe(true)
  })

  it('finds the expanders still until one of them reads otherwise than poll() believed', () => {
    const { z, runTo, open } = bench(MANY)
    runTo(2000)
    expect(zones.isStill(z, 95, 3000)).toBe(true)
    open(40)
    expect(zones.isStill(z, 95, 3000)).toBe(false)
    expect(runTo(3000)).toEqual([active(40)])
    expect(zones.isStill(z, 95, 3000)).toBe(true)
  })

  it('leaves the expanders to poll() when the keypad is looked at more often than zones are', () => {
    const { bus, z, runTo } = bench(MANY)
    runTo(1000)
    const before = bus.transfers
    expect(zones.isStill(z, 20, 1000)).toBe(false)
    expect(bus.transfers).toBe(before)
  })
})

describe('modules (S-6)', () => {
  it('tells the one that is lost for 20 s, whose zones stay as they were', () => {
    const { chips, z, runTo, open, close } = bench(MANY)
    open(20)
    expect(runTo(1000)).toEqual([active(20)])
    chips[1].setPower(false)
    expect(runTo(20000)).toEqual([])
    expect(zones.lostModules(z)).toBe(0)
    expect(runTo(24000)).toEqual([])
    expect(zones.lostModules(z)).toBe(2)
    expect(zones.stateOf(z, 20)).toBe(zones.ACTIVE)
    close(20)
    chips[1].setPower(true)
    expect(runTo(28000)).toEqual([secure(20)])
    expect(zones.lostModules(z)).toBe(0)
  })
})

describe('response times and pulses of each zone', () => {
  it('follow the settings from 20 ms to 5100 ms (W-8)', () => {
    const { runTo, open } = bench([34, 64, 65], [1, 255, 20])
    runTo(950)
    for (const zone of [0, 1, 2]) open(zone)
    // Seen at 1045.
    expect(runTo(1064)).toEqual([])
    expect(runTo(1065)).toEqual([active(0)])
    expect(runTo(1600)).toEqual([active(2)])
    expect(runTo(6140)).toEqual([])
    expect(runTo(6165)).toEqual([active(1)])
  })

  /** Opens a zone for half a second. */
  function pulse(b: ReturnType<typeof bench>, zone: number, atMs: number): number[] {
    b.runTo(atMs)
    b.open(zone)
    const told = b.runTo(atMs + 550)
    b.close(zone)
    return told.concat(b.runTo(atMs + 1100))
  }

  it('count three violations within 10 s, and tell the third (W-11)', () => {
    const b = bench([34, 64], undefined, [1, 3])
    expect(pulse(b, 1, 1000)).toEqual([])
    expect(pulse(b, 1, 5000)).toEqual([])
    expect(zones.isOpen(b.z, 1)).toBe(false)
    expect(pulse(b, 1, 9000)).toEqual([active(1), secure(1)])
    // It begins anew.
    expect(pulse(b, 1, 11000)).toEqual([])
    expect(pulse(b, 1, 13000)).toEqual([])
    expect(pulse(b, 1, 15000)).toEqual([active(1), secure(1)])
    expect(pulse(b, 0, 17000)).toEqual([active(0), secure(0)])
  })

  it('forget each violation 10 s after it, not the whole count', () => {
    const b = bench([34, 64], undefined, [1, 3])
    expect(pulse(b, 1, 1000)).toEqual([])
    expect(pulse(b, 1, 9000)).toEqual([])
    expect(pulse(b, 1, 13000)).toEqual([])
    expect(pulse(b, 1, 17000)).toEqual([active(1), secure(1)])
  })

  it('take for more than a pulse what stays open for 10 s', () => {
    const { z, runTo, open, close } = bench([64], undefined, [8])
    runTo(1000)
    open(0)
    expect(runTo(11300)).toEqual([])
    expect(zones.restingWord(z)).toBe(-1)
    expect(runTo(11700)).toEqual([active(0)])
    expect(zones.restingWord(z)).toBe(0)
    close(0)
    expect(runTo(13000)).toEqual([secure(0)])
  })
})

describe('contacts that close (W-1, style NO)', () => {
  /** Zone, style NO, and what a level does not care about. */
  const closes = (zone: number) => [zone, 1, 4700, 0, 0, 0, 0]

  it('are secure while open, at a GPIO and at an expander, and rest so', () => {
    const { z, runTo, open, close } = bench([34, 35, 64, 65], undefined, undefined, [...closes(1), ...closes(2)])
    open(1)
    open(2)
    expect(runTo(2000)).toEqual([])
    // The first zone at a GPIO is bit 0: it is closed, and the other one open.
    expect(zones.restingWord(z)).toBe(2)
    close(1)
    close(2)
    expect(runTo(3000).sort()).toEqual([active(1), active(2)].sort())
    open(1)
    open(2)
    open(0)
    expect(runTo(4000).sort()).toEqual([active(0), secure(1), secure(2)].sort())
    expect([0, 1, 2, 3].map((zone) => zones.isOpen(z, zone))).toEqual([true, false, false, false])
  })
})
