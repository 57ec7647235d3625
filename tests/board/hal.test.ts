/** The hardware boundary over fakes of the interpreter's natives; their behaviour is that of espruino.md §3. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type * as HalModule from '../../board/hal'
import type { Flash, Hal, Random } from '../../firmware/hal'
import { registers } from '../registers'

const WIRING = { sck: 18, miso: 19, mosi: 23, cs: 5, tx: 17, rx: 16, sda: 21, scl: 22 }
const random: Random = { fill: (bytes) => void bytes.fill(7) }

let calls: unknown[][]
let seconds: number
let onData: (bytes: string) => void
let spiErrors: number
let pages: Uint8Array
let hal: Hal
let flash: Flash
let board: typeof HalModule

function note(name: string) {
  return (...parameters: unknown[]) => void calls.push([name, ...parameters])
}

let edges = 0
const onEdge = () => void edges++

beforeEach(async () => {
  calls = []
  edges = 0
  seconds = 1000
  spiErrors = 0
  pages = new Uint8Array(0x10000).fill(0xff)
  vi.resetModules()
  vi.stubGlobal('pinMode', note('pinMode'))
  vi.stubGlobal('digitalWrite', note('digitalWrite'))
  vi.stubGlobal('digitalRead', (pins: number[]) => pins.length)
  vi.stubGlobal('getTime', () => seconds)
  vi.stubGlobal('SPI2', {
    setup: note('SPI2.setup'),
    send: (frame: Uint8Array, select: number) => {
      calls.push(['SPI2.send', frame.length, select])
      if (spiErrors-- > 0) throw new Error('SPI Send Error 5')
      return new Uint8Array(frame)
    },
  })
  vi.stubGlobal('Serial3', {
    setup: note('Serial3.setup'),
    write: note('Serial3.write'),
    on: (event: string, listener: (bytes: string) => void) => {
      expect(event).toBe('data')
      onData = listener
    },
  })
  vi.stubGlobal('setWatch', (act: () => void, pin: number, options: unknown) => {
    calls.push(['setWatch', pin, options])
    act()
  })
  vi.stubGlobal('I2C1', {
    setup: note('I2C1.setup'),
    writeTo: (address: number, bytes: Uint8Array) => {
      if (address !== 0x27) throw new Error('I2C: no acknowledge')
      calls.push(['I2C1.writeTo', address, bytes.length ?? bytes])
    },
    readFrom: (address: number, length: number) => {
      calls.push(['I2C1.readFrom', address, length])
      return new Uint8Array(length)
    },
  })
  vi.stubGlobal('require', (name: string) => {
    expect(name).toBe('Flash')
    return {
      read: (length: number, address: number) => pages.slice(address - 0x310000, address - 0x310000 + length),
      write: (bytes: Uint8Array, address: number) => {
        for (let at = 0; at < bytes.length; at++) pages[address - 0x310000 + at] &= bytes[at]
      },
      erasePage: (address: number) => pages.fill(0xff, address - 0x310000, address - 0x310000 + 4096),
    }
  })
  board = await import('../../board/hal')
  flash = board.createFlash(0x310000)
  hal = board.createHal(WIRING, flash, random, onEdge)
})

afterEach(() => vi.unstubAllGlobals())

describe('the buses', () => {
  it('are set up once: SPI2 at 10 MHz in mode 0, Serial3 at 115200 baud, I2C1 at 100 kHz, chip select high first', () => {
    expect(calls).toEqual([
      ['digitalWrite', 5, 1],
      ['SPI2.setup', { sck: 18, miso: 19, mosi: 23, baud: 10000000, mode: 0 }],
      ['Serial3.setup', 115200, { tx: 17, rx: 16 }],
      ['I2C1.setup', { sda: 21, scl: 22, bitrate: 100000 }],
    ])
  })
})

describe('wakeOn()', () => {
  it('watches both edges of every pin for ever, and passes them on', () => {
    calls = []
    expect(hal.pins.wakeOn([27, 36, 39])).toBe(true)
    expect(calls).toEqual([27, 36, 39].map((pin) => ['setWatch', pin, { repeat: true, edge: 'both' }]))
    expect(edges).toBe(3)
  })

  it.each([6, 11, 12])('watches none when GPIO%i is among them, where setWatch throws (espruino.md §3.4)', (pin) => {
    calls = []
    expect(hal.pins.wakeOn([27, pin])).toBe(false)
    expect(calls).toEqual([])
  })
})

describe('pins', () => {
  it('take the four modes by the names of the interpreter', () => {
    calls = []
    hal.pins.mode(4, 'output')
    hal.pins.mode(13, 'openDrain')
    hal.pins.mode(34, 'input')
    hal.pins.mode(27, 'inputPullup')
    expect(calls).toEqual([
      ['pinMode', 4, 'output'],
      ['pinMode', 13, 'opendrain_pullup'],
      ['pinMode', 34, 'input'],
      ['pinMode', 27, 'input_pullup'],
    ])
  })

  it('read and write by the natives themselves', () => {
    hal.pins.write(4, 1)
    expect(calls.at(-1)).toEqual(['digitalWrite', 4, 1])
    expect(hal.pins.read([27, 36, 39])).toBe(3)
  })
})

describe('SPI', () => {
  it('sends one flat frame with chip select 5 and gives back as many bytes', () => {
    expect(hal.spi.transfer(new Uint8Array([0, 0x39, 0, 0]))).toHaveLength(4)
    expect(calls.at(-1)).toEqual(['SPI2.send', 4, 5])
  })

  it('tries a read once more after a send error, and not a third time', () => {
    spiErrors = 1
    expect(hal.spi.transfer(new Uint8Array([0, 0x39, 0, 0]))).toHaveLength(4)
    spiErrors = 2
    expect(() => hal.spi.transfer(new Uint8Array([0, 0x39, 0, 0]))).toThrow('SPI Send Error')
  })

  it('never repeats a write (bit 2 of the third byte): it may have arrived', () => {
    calls = []
    spiErrors = 1
    expect(() => hal.spi.transfer(new Uint8Array([0, 1, 4 | 8, 0x20]))).toThrow('SPI Send Error')
    expect(calls).toHaveLength(1)
  })
})

describe('the modem', () => {
  it('keeps what comes between two reads', () => {
    onData('OK')
    onData('\r\n')
    expect(hal.uart.read()).toBe('OK\r\n')
    expect(hal.uart.read()).toBe('')
    hal.uart.write('AT\r')
    expect(calls.at(-1)).toEqual(['Serial3.write', 'AT\r'])
  })

  it('keeps the newest 2048 bytes and counts the ones that went', () => {
    onData('a'.repeat(2040))
    onData('b'.repeat(64))
    expect(board.lostBytes()).toBe(56)
    const bytes = hal.uart.read()
    expect(bytes).toHaveLength(2048)
    expect(bytes.endsWith('b'.repeat(64))).toBe(true)
  })
})

describe('I2C', () => {
  it('throws when nobody acknowledges', () => {
    hal.i2c.writeTo(0x27, new Uint8Array(4))
    expect(calls.at(-1)).toEqual(['I2C1.writeTo', 0x27, 4])
    expect(() => hal.i2c.writeTo(0x3f, new Uint8Array(4))).toThrow('acknowledge')
  })

  it('reads from a register with its number first, in transfers of their own', () => {
    calls = []
    expect(registers(hal.i2c, 0x27, 0x12, 2)).toEqual(new Uint8Array(2))
    expect(calls).toEqual([
      ['I2C1.writeTo', 0x27, 0x12],
      ['I2C1.readFrom', 0x27, 2],
    ])
    expect(() => registers(hal.i2c, 0x20, 0x12, 2)).toThrow('acknowledge')
  })
})

describe('flash', () => {
  it('is 16 pages of 4096 bytes from 0x310000 on', () => {
    expect([flash.pageBytes, flash.pageCount]).toEqual([4096, 16])
    flash.write(4096 + 8, new Uint8Array([1, 2, 3, 4]))
    expect(pages.slice(4104, 4108)).toEqual(new Uint8Array([1, 2, 3, 4]))
    expect(flash.read(4104, 4)).toEqual(new Uint8Array([1, 2, 3, 4]))
    flash.erase(1)
    expect(flash.read(4104, 4)).toEqual(new Uint8Array([255, 255, 255, 255]))
  })
})

describe('the clock', () => {
  it('starts at 0 and counts whole milliseconds without losing their parts', () => {
    expect(hal.clock.nowMs()).toBe(0)
    for (let step = 0; step < 1000; step++) {
      seconds += 0.0004
      hal.clock.nowMs()
    }
    expect(hal.clock.nowMs()).toBeGreaterThanOrEqual(399)
    expect(hal.clock.nowMs()).toBeLessThanOrEqual(400)
    expect(board.lastMs).toBe(hal.clock.nowMs())
  })

  it('does not follow a step of the system clock of 100 000 s forward or back', () => {
    seconds += 1
    expect(hal.clock.nowMs()).toBe(1000)
    seconds += 100000
    expect(hal.clock.nowMs()).toBe(1000)
    seconds += 2
    expect(hal.clock.nowMs()).toBe(3000)
    seconds -= 100002
    expect(hal.clock.nowMs()).toBe(3000)
    seconds += 0.5
    expect(hal.clock.nowMs()).toBe(3500)
  })

  it('passes 2^31 ms without a step', () => {
    for (let step = 0; step < 600000; step++) {
      seconds += 4
      hal.clock.nowMs()
    }
    expect(hal.clock.nowMs()).toBe(2400000000)
  })

  it('does not know the time of day', () => {
    expect(hal.clock.utcSeconds()).toBe(0)
  })
})
