import { describe, expect, it } from 'vitest'
import { Pcf8574 } from '../../hal-mock/pcf8574'
import { Tca8418 } from '../../hal-mock/tca8418'

describe('PCF8574 (NXP, §8)', () => {
  function chip() {
    const made = new Pcf8574(0x21)
    const told: number[] = []
    made.onInterrupt = (level) => told.push(level)
    const write = (byte: number) => made.write(0x21, Uint8Array.of(byte))
    const read = () => made.receive(0x21, 1)[0]
    return { made, told, write, read }
  }

  it('has all pins high after power-up, and reads what is pulled low', () => {
    const { made, write, read } = chip()
    expect(read()).toBe(0xff)
    const contact = made.contact(0, 4)
    write(0xfe)
    expect(read()).toBe(0xfe)
    made.set(contact, true)
    expect(read()).toBe(0xee)
    write(0xff)
    expect(read()).toBe(0xff)
    made.setPower(false)
    expect(() => read()).toThrow('no acknowledge')
    made.setPower(true)
    expect(read()).toBe(0xff)
  })

  it('pulls INT low when a pin is another than it was read or written, and lets it go with the next transfer', () => {
    const { made, told, write, read } = chip()
    const contact = made.contact(2, 6)
    write(0xf0) // all rows low: any key shows
    made.set(contact, true)
    expect(told).toEqual([0])
    read()
    expect(told).toEqual([0, 1])
    made.set(contact, false)
    expect(told).toEqual([0, 1, 0])
    write(0xf0)
    expect(told).toEqual([0, 1, 0, 1])
  })

  it('shows the fourth corner of a rectangle, as contacts without diodes do', () => {
    const { made, write, read } = chip()
    for (const [row, column] of [
      [0, 4],
      [0, 5],
      [1, 4],
    ])
      made.set(made.contact(row, column), true)
    write(0xfd) // row 1 alone
    expect((~read() & 0xf0) >> 4).toBe(3)
  })
})

describe('TCA8418 (TI SCPS215, table 3)', () => {
  const [CFG, INT_STAT, COUNT, EVENT, GPIO1, GPIO2] = [0x01, 0x02, 0x03, 0x04, 0x1d, 0x1e]
  function chip() {
    const made = new Tca8418()
    let level = 1
    made.onInterrupt = (now) => {
      level = now
    }
    const write = (register: number, value: number) => made.write(0x34, Uint8Array.of(register, value))
    const read = (register: number) => {
      made.write(0x34, Uint8Array.of(register))
      return made.receive(0x34, 1)[0]
    }
    const contacts: number[] = []
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++) contacts.push(made.contact(row, column))
    const set = (row: number, column: number, isDown: boolean) => made.set(contacts[row * 4 + column], isDown)
    const setUp = () => {
      write(GPIO1, 15)
      write(GPIO2, 15)
      write(CFG, 0x09)
    }
    return { made, write, read, set, setUp, interrupt: () => level }
  }

  it('tells presses and releases as row * 10 + column + 1, bit 7 for a press', () => {
    const { read, set, setUp } = chip()
    setUp()
    set(0, 0, true)
    set(0, 0, false)
    set(3, 2, true)
    expect(read(COUNT)).toBe(3)
    expect([read(EVENT), read(EVENT), read(EVENT), read(EVENT)]).toEqual([0x81, 0x01, 0x80 | 33, 0])
    expect(read(COUNT)).toBe(0)
  })

  it('has INT low while K_INT stands, which comes back as long as events wait', () => {
    const { read, write, set, setUp, interrupt } = chip()
    setUp()
    set(1, 1, true)
    expect([interrupt(), read(INT_STAT)]).toEqual([0, 1])
    write(INT_STAT, 1)
    expect([interrupt(), read(INT_STAT)]).toEqual([0, 1])
    read(EVENT)
    write(INT_STAT, 1)
    expect([interrupt(), read(INT_STAT)]).toEqual([1, 0])
  })

  it('keeps ten events; the eleventh is lost, and that is told', () => {
    const { read, set, setUp } = chip()
    setUp()
    for (let count = 0; count < 6; count++) for (const isDown of [true, false]) set(0, count % 3, isDown)
    expect([read(COUNT), read(INT_STAT)]).toEqual([10, 9])
    expect(read(EVENT)).toBe(0x81)
  })

  it('or the first one is, with OVR_FLOW_M', () => {
    const { read, write, set, setUp } = chip()
    setUp()
    write(CFG, 0x29)
    for (let count = 0; count < 6; count++) for (const isDown of [true, false]) set(0, count % 3, isDown)
    expect(read(EVENT)).toBe(0x82)
  })

  it('knows nothing of pins that are no keypad, and forgets everything without supply', () => {
    const { made, read, set, setUp } = chip()
    set(0, 0, true)
    expect(read(COUNT)).toBe(0)
    setUp()
    expect(read(COUNT)).toBe(1) // it is down when the pins become a keypad
    made.setPower(false)
    expect(() => read(COUNT)).toThrow('no acknowledge')
    made.setPower(true)
    expect([read(COUNT), read(GPIO1), read(CFG)]).toEqual([0, 0, 0])
  })

  it('makes an event of the fourth corner as well', () => {
    const { read, set, setUp } = chip()
    setUp()
    for (const [row, column] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ])
      set(row, column, true)
    expect(Array.from({ length: read(COUNT) }, () => read(EVENT) & 127).sort((a, b) => a - b)).toEqual([1, 2, 11, 12])
  })
})
