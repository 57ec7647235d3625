import { describe, expect, it } from 'vitest'
import { GROUND, PinBank } from '../../hal-mock/pins'

describe('levels of the pins', () => {
  it('reads several pins with the last one named as bit 0', () => {
    const pins = new PinBank()
    pins.mode(4, 'output')
    pins.write(4, 1)
    expect(pins.read([4, 5, 16])).toBe(0b100)
    expect(pins.read([16, 5, 4])).toBe(0b001)
  })

  it('pulls up inputs and released open-drain pins, but not GPIO 34, which has no pull-up', () => {
    const pins = new PinBank()
    pins.mode(32, 'inputPullup')
    pins.mode(33, 'openDrain')
    pins.write(33, 1)
    pins.mode(34, 'inputPullup')
    expect(pins.read([32, 33, 34])).toBe(0b110)
    pins.pull(34, 1)
    expect(pins.level(34)).toBe(1)
  })

  it('reads 0 at GPIO 34 again when its resistor is taken away, and leaves the pull-up inside GPIO 32', () => {
    const pins = new PinBank()
    let changes = 0
    pins.listeners.push(() => changes++)
    for (const pin of [32, 34]) {
      pins.mode(pin, 'inputPullup')
      pins.pull(pin, 1)
    }
    expect(pins.read([32, 34])).toBe(0b11)
    changes = 0
    for (const pin of [32, 34]) pins.unsolder(pin)
    expect(pins.read([32, 34])).toBe(0b10)
    expect(changes).toBe(2)
  })

  it('lets a resistor to ground win over the pull-up inside', () => {
    const pins = new PinBank()
    pins.pull(32, 0)
    pins.mode(32, 'inputPullup')
    expect(pins.level(32)).toBe(0)
  })

  it('reads a zone contact to ground as 0 when closed and 1 when open', () => {
    const pins = new PinBank()
    const contact = pins.contact(13, GROUND)
    pins.mode(13, 'inputPullup')
    expect(pins.level(13)).toBe(1)
    pins.set(contact, true)
    expect(pins.level(13)).toBe(0)
    pins.set(contact, false)
    expect(pins.level(13)).toBe(1)
  })

  it('carries a low level around three closed corners to the fourth', () => {
    const pins = new PinBank()
    for (const row of [13, 14]) pins.mode(row, 'openDrain')
    for (const column of [25, 26]) pins.mode(column, 'inputPullup')
    for (const row of [13, 14]) pins.write(row, 1)
    const corners = [pins.contact(13, 25), pins.contact(13, 26), pins.contact(14, 25)]
    for (const corner of corners) pins.set(corner, true)
    pins.write(14, 0)
    expect(pins.read([25, 26])).toBe(0b00)
    pins.set(corners[2], false)
    expect(pins.read([25, 26])).toBe(0b11)
  })

  it('has all pins as inputs after a reset, with the pull-ups of the interpreter', () => {
    const pins = new PinBank()
    pins.mode(4, 'output')
    pins.write(4, 1)
    pins.reset()
    expect(pins.level(4)).toBe(0)
    for (const pin of [0, 12, 13, 14, 15, 18, 19, 21, 22, 25, 26, 27]) expect(pins.level(pin)).toBe(1)
    for (const pin of [2, 4, 5, 16, 17, 23, 32, 33, 34, 39]) expect(pins.level(pin)).toBe(0)
  })
})

describe('what the bench is told', () => {
  function listen(pins: PinBank): string[] {
    const heard: string[] = []
    pins.onChange = (pin, level) => heard.push(pin + '=' + level)
    return heard
  }

  it('tells each change of an output once', () => {
    const pins = new PinBank()
    const heard = listen(pins)
    pins.mode(4, 'output')
    pins.write(4, 1)
    pins.write(4, 1)
    pins.write(4, 0)
    expect(heard).toEqual(['4=1', '4=0'])
  })

  it('tells that a reset lets go of a siren, and that a pulled-up pin would sound it', () => {
    const pins = new PinBank()
    pins.mode(4, 'output')
    pins.mode(25, 'output')
    pins.write(4, 1)
    pins.write(25, 0)
    const heard = listen(pins)
    pins.reset()
    expect(heard).toEqual(['4=0', '25=1'])
  })

  it('does not tell levels of inputs and of scanned rows', () => {
    const pins = new PinBank()
    const heard = listen(pins)
    pins.mode(13, 'openDrain')
    pins.write(13, 1)
    pins.write(13, 0)
    pins.mode(14, 'inputPullup')
    expect(heard).toEqual([])
  })
})

describe('bench errors', () => {
  it('counts a high output against a low one once for each time they meet', () => {
    const pins = new PinBank()
    const contact = pins.contact(13, 14)
    for (const pin of [13, 14]) pins.mode(pin, 'output')
    pins.write(13, 1)
    expect(pins.shorts).toBe(0)
    pins.set(contact, true)
    expect(pins.shorts).toBe(1)
    pins.write(14, 1)
    expect(pins.shorts).toBe(1)
    pins.write(14, 0)
    expect(pins.shorts).toBe(2)
  })

  it('counts a high output against ground, but not a pull-up', () => {
    const pins = new PinBank()
    const grounded = pins.contact(13, GROUND)
    pins.mode(13, 'inputPullup')
    pins.set(grounded, true)
    expect(pins.shorts).toBe(0)
    pins.write(13, 1)
    pins.mode(13, 'output')
    expect(pins.shorts).toBe(1)
  })

  it('refuses to drive the input-only pins 34-39', () => {
    const pins = new PinBank()
    for (const pin of [34, 35, 36, 37, 38, 39]) {
      expect(() => pins.mode(pin, 'output')).toThrow('input only')
      expect(() => pins.mode(pin, 'openDrain')).toThrow('input only')
      pins.mode(pin, 'input')
    }
  })

  it('refuses pins that do not exist and those of the flash, 6-11', () => {
    const pins = new PinBank()
    for (const pin of [-1, 40, 1.5]) expect(() => pins.write(pin, 0)).toThrow('no pin')
    for (const pin of [6, 11]) expect(() => pins.mode(pin, 'input')).toThrow('flash')
    expect(() => pins.contact(GROUND, 13)).toThrow('no pin')
  })
})
