import { describe, expect, it, vi } from 'vitest'
import * as zones from '../../../firmware/io/zone-inputs'
import { GROUND, PinBank } from '../../../hal-mock/pins'

const PINS = [13, 14, 15, 25, 26, 27, 32, 33, 4, 16]

/** Contacts to ground at all pins, closed; open() and close() move one. */
function bench(zonePins = PINS) {
  const pins = new PinBank()
  const contacts = zonePins.map((pin) => pins.contact(pin, GROUND))
  for (const contact of contacts) pins.set(contact, true)
  const z = zones.create(pins, zonePins)
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
  const open = (zone: number) => pins.set(contacts[zone], false)
  const close = (zone: number) => pins.set(contacts[zone], true)
  return { pins, z, runTo, open, close }
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
    expect(runTo(1500)).toEqual([1])
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
      expect(runTo(3000 + phase + 521)).toEqual([7])
      close(3)
      expect(runTo(5000)).toEqual([6])
    }
  })

  it('counts every change of 400 ms when set to 280 ms (W-10)', () => {
    for (let phase = 0; phase < 100; phase++) {
      const { z, runTo, open, close } = bench()
      z.responseMs = 280
      runTo(1000 + phase)
      open(9)
      expect(runTo(1400 + phase)).toEqual([19])
      close(9)
      expect(runTo(3000)).toEqual([18])
    }
  })

  it('does not take a closing of less than 400 ms for a restore', () => {
    const { runTo, open, close } = bench()
    open(2)
    expect(runTo(1000)).toEqual([5])
    close(2)
    runTo(1390)
    open(2)
    expect(runTo(3000)).toEqual([])
    close(2)
    expect(runTo(4000)).toEqual([4])
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
    expect(runTo(1445)).toEqual([1])
    expect(runTo(1604)).toEqual([])
    expect(runTo(1605)).toEqual([3])
    expect(runTo(1764)).toEqual([])
    expect(runTo(1765)).toEqual([17])
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
      expect(zones.take(z)).toBe(1)
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
    expect(zones.take(z)).toBe(9)
  })

  it('reads 10 zones with 2 reads', () => {
    const { z, pins } = bench()
    const read = vi.spyOn(pins, 'read')
    zones.poll(z, 0)
    expect(read).toHaveBeenCalledTimes(2)
  })
})

describe('states and changes', () => {
  it('tells zones that are open at power-up after 400 ms', () => {
    const { z, runTo, open } = bench()
    open(0)
    open(7)
    open(9)
    expect(runTo(399)).toEqual([])
    expect(runTo(400)).toEqual([1, 15, 19])
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
    const { pins, runTo, open } = bench([34, 35])
    pins.pull(34, 1)
    pins.pull(35, 1)
    open(1)
    expect(runTo(1000)).toEqual([3])
  })

  it('works with 64 zones', () => {
    // More zones than pins: expanders answer through the same interface.
    const levels: { [pin: number]: number } = {}
    const pins = {
      mode: () => {},
      write: () => {},
      read: (list: number[]) => list.reduce((word, pin) => (word << 1) | (levels[pin] ?? 0), 0),
    }
    const z = zones.create(
      pins,
      Array.from({ length: 64 }, (_, zone) => 100 + zone),
    )
    for (const zone of [0, 31, 32, 63]) levels[100 + zone] = 1
    for (let atMs = 0; atMs <= 400; atMs += 20) zones.poll(z, atMs)
    expect([zones.take(z), zones.take(z), zones.take(z), zones.take(z), zones.take(z)]).toEqual([1, 63, 65, 127, -1])
  })

  it('holds back a change when nobody took 128, and tells it when there is room again', () => {
    const { z, pins } = bench([13])
    let atMs = 0
    const turn = (isClosed: boolean) => {
      pins.set(0, isClosed)
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
    expect(zones.take(z)).toBe(1)
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

  it('fits 27 zones beside four columns, and not one more', () => {
    const pins = { mode: () => undefined, write: () => undefined, read: () => 0 }
    const create = (count: number) =>
      zones.create(
        pins,
        Array.from({ length: count }, (_, index) => index),
      )
    expect(zones.restingWord(create(27))).toBe(0)
    expect(zones.restingWord(create(28))).toBe(-1)
  })
})
