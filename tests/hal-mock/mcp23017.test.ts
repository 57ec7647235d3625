import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { I2cBus } from '../../hal-mock/i2c-bus'
import { Mcp23017 } from '../../hal-mock/mcp23017'
import { registers } from '../registers'

// DS20001952, table 3-1: addresses with IOCON.BANK 0, then those with BANK 1 where a test needs them.
const IODIRA = 0x00
const IODIRB = 0x01
const IPOLA = 0x02
const GPINTENA = 0x04
const IOCON = 0x0a
const IOCON_TOO = 0x0b
const GPPUA = 0x0c
const GPPUB = 0x0d
const INTFA = 0x0e
const INTCAPB = 0x11
const GPIOA = 0x12
const GPIOB = 0x13
const OLATA = 0x14
const OLATB = 0x15
const BANKED = { IODIRB: 0x10, IOCON: 0x05, GPPUA: 0x06, GPIOA: 0x09, GPIOB: 0x19, OLATB: 0x1a }
// Register 3-6.
const BANK = 0x80
const SEQOP = 0x20

function bench(address = 0x20) {
  const chip = new Mcp23017(address)
  const bus = new I2cBus(new VirtualClock())
  bus.attach(chip)
  const write = (...bytes: number[]) => bus.writeTo(address, new Uint8Array(bytes))
  const read = (register: number, count = 1) => [...registers(bus, address, register, count)]
  return { chip, bus, write, read }
}

describe('contacts between pins, as a matrix has them', () => {
  /** Rows at GPA0 and GPA1, columns at GPB0 and GPB1, all with pull-ups; a contact for each crossing. */
  function matrix() {
    const it = bench()
    const contacts = [0, 1].map((row) => [8, 9].map((column) => it.chip.contact(row, column)))
    it.write(GPPUA, 0x7f, 0x7f)
    const columns = (direction: number) => {
      it.write(IODIRA, direction)
      return it.read(GPIOB)[0] & 3
    }
    return { ...it, contacts, columns }
  }

  it('pull a column low while its row is an output that is low, and not while the row floats', () => {
    const { chip, contacts, columns } = matrix()
    chip.set(contacts[0][1], true)
    expect([columns(0x7e), columns(0x7d), columns(0x7f)]).toEqual([0b01, 0b11, 0b11])
    chip.set(contacts[0][1], false)
    expect(columns(0x7c)).toBe(0b11)
  })

  it('show a ghost: three corners of a rectangle pull the fourth', () => {
    const { chip, contacts, columns } = matrix()
    for (const [row, column] of [
      [0, 0],
      [1, 0],
      [1, 1],
    ]) {
      chip.set(contacts[row][column], true)
    }
    expect(columns(0x7e)).toBe(0b00)
  })

  it('do not move an output, which is told when it rises and falls, also with the supply', () => {
    const { chip, write } = bench()
    const told: string[] = []
    chip.onOutput = (pin, level) => told.push(`${pin} ${level}`)
    write(OLATA, 0x80)
    expect(told).toEqual([])
    write(IODIRA, 0x7f)
    write(OLATA, 0)
    write(OLATA, 0x80)
    chip.setPower(false)
    expect(told).toEqual(['7 1', '7 0', '7 1', '7 0'])
  })
})

describe('registers (table 3-1)', () => {
  it('are inputs without pull-ups after power-on, and 0 in all else', () => {
    const { read } = bench()
    expect(read(IODIRA, 22)).toEqual([0xff, 0xff, ...new Array(20).fill(0)])
  })

  it('take a run of bytes in sequential mode and give it back, over the end to the first (3.2.1)', () => {
    const { write, read } = bench()
    write(IPOLA, 1, 2, 3, 4)
    expect(read(IPOLA, 4)).toEqual([1, 2, 3, 4])
    write(OLATB, 0x55, 0x66)
    expect(read(IODIRA)).toEqual([0x66])
    expect(read(OLATB, 2)).toEqual([0x55, 0x66])
  })

  it('go to and fro between the ports in byte mode (SEQOP, 3.2.1)', () => {
    const { bus, write, read } = bench()
    write(IOCON, SEQOP)
    write(GPPUA, 0x0f, 0xf0, 0x11)
    expect(read(GPPUA, 4)).toEqual([0x11, 0xf0, 0x11, 0xf0])
    // The pointer stays: a read without a register goes on from there.
    expect([...bus.readFrom(0x20, 2)]).toEqual([0x11, 0xf0])
  })

  it('have the other map with BANK 1, and IOCON at both its addresses', () => {
    const { write, read } = bench()
    write(IOCON_TOO, BANK)
    expect(read(BANKED.IOCON)).toEqual([BANK])
    write(BANKED.GPPUA, 0x81)
    write(BANKED.IODIRB, 0x7f)
    expect(read(BANKED.GPPUA)).toEqual([0x81])
    expect(read(BANKED.OLATB + 1)).toEqual([0])
    // Between the ports nothing is.
    write(0x0c, 0xff)
    expect(read(0x0c)).toEqual([0])
    write(BANKED.IOCON, 0)
    expect(read(IODIRA, 14)).toEqual([0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x81, 0])
  })

  it('keep one register in byte mode with BANK 1', () => {
    const { chip, write, read } = bench()
    write(IOCON, BANK | SEQOP)
    write(BANKED.GPPUA, 1, 2, 3)
    expect(read(BANKED.GPPUA, 2)).toEqual([3, 3])
    expect(chip.peek(GPPUA)).toBe(3)
  })

  it('ignore what is written to INTF and INTCAP, and to bit 0 of IOCON', () => {
    const { write, read } = bench()
    write(INTFA, 0xff, 0xff, 0xff, 0xff)
    expect(read(INTFA, 4)).toEqual([0, 0, 0, 0])
    expect(read(INTCAPB)).toEqual([0])
    write(IOCON, 0x01)
    expect(read(IOCON)).toEqual([0])
    write(GPINTENA, 0xa5)
    expect(read(GPINTENA)).toEqual([0xa5])
  })
})

describe('ports', () => {
  it('read 0 at a closed contact and 1 where a pull-up holds an open one (GPPU)', () => {
    const { chip, write, read } = bench()
    write(GPPUA, 0xff, 0xff)
    chip.setContact(0, true)
    chip.setContact(9, true)
    expect(read(GPIOA, 2)).toEqual([0xfe, 0xfd])
    chip.setContact(9, false)
    expect(read(GPIOB)).toEqual([0xff])
    expect(chip.portReads).toBe(3)
  })

  it('float without a pull-up, as the bench says', () => {
    const { chip, read } = bench()
    chip.setContact(3, true)
    expect(read(GPIOA)).toEqual([0])
    chip.floatLevel = 1
    expect(read(GPIOA)).toEqual([0xf7])
  })

  it('are inverted bit by bit by IPOL', () => {
    const { chip, write, read } = bench()
    write(GPPUA, 0xff)
    write(IPOLA, 0x0f)
    chip.setContact(0, true)
    chip.setContact(4, true)
    expect(read(GPIOA)).toEqual([0xe1])
  })

  it('give an output its latch, which a write to the port sets', () => {
    const { write, read } = bench()
    write(IODIRA, 0xf0)
    write(GPIOA, 0x35)
    expect(read(OLATA)).toEqual([0x35])
    expect(read(GPIOA)).toEqual([0x05])
    write(IODIRB, 0x00)
    write(OLATB, 0x81)
    expect(read(GPIOB)).toEqual([0x81])
    expect(read(GPPUB)).toEqual([0])
  })
})

describe('the chip', () => {
  it('does not acknowledge another address, nor without supply, and forgets its registers with that', () => {
    const { chip, bus, write, read } = bench(0x26)
    write(GPPUA, 0x7f)
    expect(() => bus.writeTo(0x20, new Uint8Array(1))).toThrow('no acknowledge')
    expect(() => chip.receive(0x20, 1)).toThrow('no acknowledge')
    chip.setPower(false)
    expect(() => write(GPPUA, 1)).toThrow('no acknowledge')
    expect(() => read(GPPUA)).toThrow('no acknowledge')
    chip.setPower(true)
    expect(read(GPPUA)).toEqual([0])
    expect(read(IODIRA)).toEqual([0xff])
    expect(bus.transfers).toBe(8)
  })

  it('has in a register what noise put there', () => {
    const { chip, read } = bench()
    chip.poke(IODIRA, 0xfe)
    chip.poke(IOCON, SEQOP)
    expect(read(IODIRA)).toEqual([0xfe])
    expect(read(IOCON_TOO)).toEqual([SEQOP])
  })
})
