import { describe, expect, it } from 'vitest'
import { Mcp23017 } from '../../hal-mock/mcp23017'
import { Rig } from './espruino-rig'

// Constants from espruino.md, written anew.
const FLASH = 0x310000
const STORAGE = 0x320000
const RNG = 0x3ff75144
const MODEM = { tx: 17, rx: 16 }

describe('timers (espruino.md §1.5, §1.7, §3.7)', () => {
  it('runs a timeout once with its arguments, and an interval every period', () => {
    const { g, ...rig } = full()
    const seen: string[] = []
    g.setTimeout((a: string, b: string) => seen.push(a + b), 10, 'x', 'y')
    g.setInterval(() => seen.push('i'), 4)
    rig.pass(12)
    expect(seen).toEqual(['i', 'i', 'xy', 'i'])
  })

  it('catches up: a 10 ms interval behind a call of 95 ms runs 9 times back to back', () => {
    const { g, espruino, pass } = full()
    let count = 0
    g.setInterval(() => count++, 10)
    espruino.loop.block(95)
    pass(94)
    expect(count).toBe(0)
    pass(1)
    expect(count).toBe(9)
  })

  it('fires a 1 s interval 101 times when the system clock jumps by 100 s, and not once for setTime()', () => {
    const { g, espruino, pass } = full()
    let count = 0
    g.setInterval(() => count++, 1000)
    g.setTime(5_000_000)
    pass(1000)
    expect(count).toBe(1)
    expect(g.getTime()).toBe(5_000_001)
    espruino.loop.jump(100_000)
    pass(1)
    expect(count).toBe(101)
  })

  it('clears all timers without an id, refuses undefined, ignores a number that nobody has', () => {
    const { g, pass } = full()
    let count = 0
    g.setTimeout(() => count++, 1)
    expect(() => g.clearTimeout(undefined)).toThrow('clearTimeout(undefined) not allowed')
    g.clearTimeout(99)
    g.clearTimeout()
    pass(5)
    expect(count).toBe(0)
    expect(g.setTimeout(() => 0, 1)).toBe(1)
    expect(() => g.changeInterval(55, 1)).toThrow('Unknown Interval')
  })

  it('loses every interval due in the pass in which memory runs out, keeps what was armed before, and says so', () => {
    const { g, espruino, lines, pass } = full()
    const seen: string[] = []
    const flags: string[][] = []
    g.E.on('errorFlag', (list: string[]) => flags.push(list))
    g.setTimeout(() => {
      g.setTimeout(() => seen.push('rearmed'), 20)
      espruino.loop.starve(1)
      g.getTime()
      seen.push('never')
    }, 10)
    g.setTimeout(() => seen.push('timeout'), 10)
    g.setInterval(() => seen.push('interval'), 10)
    pass(100)
    expect(seen).toEqual(['timeout', 'interval', 'rearmed'])
    expect(flags[0].sort()).toEqual(['CALLBACK', 'LOW_MEMORY', 'MEMORY'])
    expect(lines.join()).toContain('Ctrl-C while processing interval - removing it.')
    expect(g.E.getErrorFlags().sort()).toEqual(['CALLBACK', 'LOW_MEMORY', 'MEMORY'])
    expect(g.E.getErrorFlags()).toEqual([])
  })

  it('reports only the last of two uncaught errors in one pass, and the interval survives', () => {
    const { g, lines, pass } = full()
    const seen: unknown[] = []
    g.process.on('uncaughtException', (error: unknown) => seen.push(error))
    g.setInterval(() => {
      throw 'one'
    }, 10)
    g.setTimeout(() => {
      throw 'two'
    }, 10)
    pass(25)
    expect(lines).toEqual(['Uncaught two', 'Uncaught one'])
    expect(seen).toEqual(['two', 'one'])
  })

  it('stops with an error when a program lets no time pass', () => {
    const { g, pass } = full()
    const again = () => g.setTimeout(again, 0)
    again()
    expect(() => pass(1)).toThrow('lets no time pass')
  })
})

describe('events (§1.7)', () => {
  it('runs handlers later, and shows them as #on properties', () => {
    const { g, pass } = full()
    const seen: number[] = []
    g.E.on('x', (value: number) => seen.push(value))
    g.E.emit('x', 1)
    expect(seen).toEqual([])
    expect(Object.keys(g.E)).toContain('#onx')
    pass(0)
    expect(seen).toEqual([1])
    g.E.removeAllListeners('x')
    g.E.emit('x', 2)
    pass(0)
    expect(seen).toEqual([1])
  })
})

describe('pins (§3.3, §3.4)', () => {
  it('reads an array with the last pin as bit 0, and writes it the same way', () => {
    const { g, board } = full()
    g.pinMode(g.D4, 'output')
    g.pinMode(g.D2, 'output')
    g.digitalWrite([g.D4, g.D2], 0b01)
    expect([board.pins.level(4), board.pins.level(2)]).toEqual([0, 1])
    expect(g.digitalRead([g.D4, g.D2])).toBe(1)
    expect(g.digitalRead([g.D2, g.D4])).toBe(2)
  })

  it('makes a pin without a mode an output when written, level first, and leaves one with a mode alone', () => {
    const { g, board } = full()
    const told: number[] = []
    board.pins.onChange = (pin, level) => {
      if (pin === 33) told.push(level)
    }
    g.digitalWrite(33, 1)
    expect(told).toEqual([1])
    g.pinMode(32, 'input')
    g.digitalWrite(32, 1)
    expect(board.pins.level(32)).toBe(0)
  })

  it('lets go of an open drain at level 1, with a pull-up only when asked for', () => {
    const { g, board } = full()
    g.pinMode(14, 'opendrain')
    g.digitalWrite(14, 1)
    expect(board.pins.level(14)).toBe(0)
    g.pinMode(14, 'opendrain_pullup')
    expect(board.pins.level(14)).toBe(1)
    g.digitalWrite(14, 0)
    expect(board.pins.level(14)).toBe(0)
  })

  it('takes D4, 4 and "D4" for one pin, refuses others and unknown modes', () => {
    const { g } = full()
    g.D4.write(1)
    expect([g.digitalRead(4), g.digitalRead('D4'), String(g.D4), +g.D4, JSON.stringify(g.D4)]).toEqual([
      0,
      0,
      'D4',
      4,
      '"D4"',
    ])
    expect(() => g.digitalRead(40)).toThrow('Invalid pin!')
    expect(() => g.pinMode(4, 'bad')).toThrow('Unknown pin mode')
  })

  it('pulses for 100 ms without waiting', () => {
    const { g, board, pass } = full()
    g.digitalPulse(33, 1, 100)
    expect(board.pins.level(33)).toBe(1)
    pass(99)
    expect(board.pins.level(33)).toBe(1)
    pass(1)
    expect(board.pins.level(33)).toBe(0)
  })

  it('reads ADC1 as 12 bits of 1, and nothing on pin 4', () => {
    const { g, espruino } = full()
    espruino.pins.analog = () => 0.5
    expect(g.analogRead(34)).toBe(2047 / 4096)
    expect(g.analogRead(4)).toBeNaN()
  })

  it('forces input with pull-up on a watched pin, and refuses pins 6 to 12', () => {
    const { g, board } = full()
    g.pinMode(14, 'input')
    expect(board.pins.level(14)).toBe(0)
    g.setWatch(() => 0, 14, { repeat: true })
    expect(board.pins.level(14)).toBe(1)
    for (const pin of [6, 11, 12]) expect(() => g.setWatch(() => 0, pin, { repeat: true })).toThrow('Watch')
    expect(() => g.clearWatch(77)).toThrow('Unknown Watch 77')
    expect(() => g.setWatch(() => 0, 4, { edge: 'bad' })).toThrow("'edge' in setWatch")
  })

  it('tells state, time and the time before of each wanted edge', () => {
    const { g, board, pass } = full()
    const events: unknown[] = []
    g.setWatch(
      (e: { state: boolean; time: number; lastTime: number }) => events.push([e.state, e.time, e.lastTime]),
      34,
      {
        repeat: true,
        edge: 'rising',
      },
    )
    pass(10)
    board.setZone(0, true)
    pass(10)
    board.setZone(0, false)
    pass(10)
    board.setZone(0, true)
    pass(1)
    expect(events).toEqual([
      [true, 0.01, undefined],
      [true, 0.03, 0.01],
    ])
  })

  it('fires a debounced watch once, 20 ms after the last edge, and not for a pulse of 5 ms', () => {
    const { g, board, pass } = full()
    const states: boolean[] = []
    g.setWatch((e: { state: boolean }) => states.push(e.state), 34, { repeat: true, debounce: 20 })
    board.setZone(0, true)
    pass(5)
    board.setZone(0, false)
    pass(50)
    expect(states).toEqual([])
    board.setZone(0, true)
    pass(19)
    expect(states).toEqual([])
    pass(1)
    expect(states).toEqual([true])
  })

  it('keeps 682 edges of 6 bytes while the program is busy, drops the rest and flags FIFO_FULL', () => {
    const { g, board, espruino, pass } = full()
    let count = 0
    g.setWatch(() => count++, 34, { repeat: true })
    espruino.loop.block(1000)
    for (let edge = 0; edge < 700; edge++) board.setZone(0, edge % 2 === 0)
    pass(1000)
    expect(count).toBe(682)
    expect(g.E.getErrorFlags()).toEqual(['FIFO_FULL'])
  })
})

describe('SPI (§3.5)', () => {
  const READ_VERSION = [0x00, 0x39, 0x00, 0x00]

  function withSpi() {
    const rig = full()
    rig.pass(100) // the chip's PLL
    rig.g.SPI2.setup({ sck: rig.g.D18, miso: rig.g.D19, mosi: rig.g.D23, baud: 10_000_000 })
    return rig
  }

  it('sends a typed array in one transaction, an array byte by byte, a string in pieces of 10', () => {
    const { g, espruino } = withSpi()
    const reply = g.SPI2.send(new Uint8Array(READ_VERSION), g.D5)
    expect([reply[3], espruino.spi.transactions]).toEqual([4, 1])
    g.SPI2.send(READ_VERSION, g.D5)
    expect(espruino.spi.transactions).toBe(5)
    expect(typeof g.SPI2.send('\x00\x39\x00'.padEnd(21, '\0'), g.D5)).toBe('string')
    expect(espruino.spi.transactions).toBe(8)
  })

  it('reads 0xFF with another chip select, refuses one moved by hand and a bus that is not set up', () => {
    const { g } = withSpi()
    expect(g.SPI2.send(new Uint8Array(READ_VERSION), g.D15)[3]).toBe(255)
    expect(() => g.SPI2.send(new Uint8Array(READ_VERSION))).toThrow('by hand')
    expect(() => g.SPI1.send(new Uint8Array(1), g.D5)).toThrow('not set up')
  })

  it('can report a send error although the bytes went out', () => {
    const { g, espruino, board } = withSpi()
    espruino.spi.spuriousErrors = 1
    const frames = board.spiFrames
    expect(() => g.SPI2.send(new Uint8Array(READ_VERSION), g.D5)).toThrow('SPI Send Error')
    expect(board.spiFrames).toBe(frames + 1)
    expect(g.SPI2.send(new Uint8Array(READ_VERSION), g.D5)[3]).toBe(4)
  })
})

describe('I2C (§3.5)', () => {
  it('throws without an acknowledge, and when it is not set up', () => {
    const { g, board } = full()
    expect(() => g.I2C1.writeTo(0x27, 8)).toThrow('not set up')
    g.I2C1.setup({ scl: g.D22, sda: g.D21 })
    expect(() => g.I2C1.writeTo(0x27, [8, 9])).not.toThrow()
    expect(() => g.I2C1.writeTo(0x20, 8)).toThrow('no acknowledge')
    board.lcd.isPresent = false
    expect(() => g.I2C1.writeTo({ address: 0x27 }, 8)).toThrow('no acknowledge')
    expect(() => g.I2C1.readFrom(0x27, 1)).toThrow('no acknowledge')
  })

  it('reads from where the last write left the pointer of the part', () => {
    const { g, board } = full()
    const chip = new Mcp23017(0x21)
    board.i2c.attach(chip)
    expect(() => g.I2C1.readFrom(0x21, 1)).toThrow('not set up')
    g.I2C1.setup({ scl: g.D22, sda: g.D21 })
    g.I2C1.writeTo(0x21, 0x0c, 0x7f)
    g.I2C1.writeTo(0x21, 0x0b)
    expect(g.I2C1.readFrom(0x21, 3)).toEqual(new Uint8Array([0, 0x7f, 0]))
    g.I2C1.writeTo(0x27, 0xf8)
    expect(g.I2C1.readFrom({ address: 0x27 }, 2)).toEqual(new Uint8Array([0xf8, 0xf8]))
    g.I2C2.setup({ scl: 16, sda: 17 })
    expect(() => g.I2C2.readFrom(0x21, 1)).toThrow('no acknowledge')
  })
})

describe('serial ports (§3.5, hardware.md §0)', () => {
  function withModem(isListening = true) {
    const rig = full()
    const parts: string[] = []
    rig.g.Serial3.setup(115200, MODEM)
    if (isListening) rig.g.Serial3.on('data', (part: string) => parts.push(part))
    return { ...rig, parts, receive: (bytes: string) => rig.board.modem.onOutput(bytes) }
  }

  it('gives bytes to the program within 5 ms, and within 100 ms after 25 s of silence', () => {
    const { parts, pass, receive } = withModem()
    pass(12)
    receive('a')
    pass(2)
    expect(parts).toEqual([])
    pass(1)
    expect(parts).toEqual(['a'])
    pass(25_010)
    receive('b')
    pass(89)
    expect(parts).toEqual(['a'])
    pass(1)
    expect(parts).toEqual(['a', 'b'])
    pass(1)
    receive('c')
    pass(5)
    expect(parts).toEqual(['a', 'b', 'c'])
  })

  it('carries 256 bytes a pass in events of at most 64', () => {
    const { parts, pass, receive } = withModem()
    receive('x'.repeat(300))
    pass(5)
    expect(parts.map((part) => part.length)).toEqual([64, 64, 64, 64])
    pass(5)
    expect(parts.map((part) => part.length)).toEqual([64, 64, 64, 64, 44])
  })

  it('loses without a word what exceeds the ring of 1024 bytes', () => {
    const { parts, pass, receive, espruino } = withModem()
    receive('x'.repeat(1100))
    pass(50)
    expect(parts.join('').length).toBe(1024)
    expect(espruino.uart.lostBytes).toBe(76)
  })

  it('leaves bytes in the ring while the queue of 4096 has no room for 256', () => {
    const { parts, pass, receive, espruino } = withModem()
    espruino.loop.block(2000)
    for (let burst = 0; burst < 6; burst++) {
      receive('x'.repeat(1000))
      pass(40)
    }
    expect(espruino.uart.lostBytes).toBeGreaterThan(0)
    pass(2000)
    expect(parts.join('').length).toBe(6000 - espruino.uart.lostBytes)
  })

  it('keeps 512 bytes for read() while nobody listens, flags BUFFER_FULL, and gives them to the first listener', () => {
    const { g, pass, receive } = withModem(false)
    receive('y'.repeat(600))
    pass(20)
    expect(g.Serial3.available()).toBe(512)
    expect(g.E.getErrorFlags()).toEqual(['BUFFER_FULL'])
    expect(g.Serial3.read(12)).toBe('y'.repeat(12))
    const parts: string[] = []
    g.Serial3.on('data', (part: string) => parts.push(part))
    pass(0)
    expect(parts.join('').length).toBe(500)
    expect(g.Serial3.read()).toBeUndefined()
  })

  it('reaches the modem on pins 17 and 16 at 115200 baud only, in calls of any length', () => {
    const { g, board } = withModem()
    g.Serial3.write('z'.repeat(1300))
    expect(board.uartBytes).toBe(1300)
    g.Serial2.setup(115200)
    g.Serial2.write('z')
    g.Serial3.setup(9600, MODEM)
    g.Serial3.write('z')
    expect(board.uartBytes).toBe(1300)
    expect(() => g.Serial3.setup(9600, { errors: true })).toThrow('not implemented')
  })
})

describe('require("Flash") (§3.1, §4)', () => {
  it('writes as NOR does: bits only fall until the page is erased', () => {
    const { g } = full()
    const flash = g.require('Flash')
    flash.write(new Uint8Array([0xf0, 1, 2, 3]), FLASH)
    flash.write(new Uint8Array([0x3c, 255, 255, 255]), FLASH)
    expect([...flash.read(4, FLASH)]).toEqual([0x30, 1, 2, 3])
    flash.erasePage(FLASH + 100)
    expect([...flash.read(4, FLASH)]).toEqual([255, 255, 255, 255])
    expect(flash.getPage(FLASH + 5000)).toEqual({ addr: FLASH + 4096, length: 4096 })
  })

  it('refuses what is not aligned to 4, takes what crosses a page, and knows no other addresses', () => {
    const { g } = full()
    const flash = g.require('Flash')
    expect(() => flash.write(new Uint8Array(4), FLASH + 2)).toThrow('multiples of 4')
    expect(() => flash.write(new Uint8Array(3), FLASH)).toThrow('multiples of 4')
    flash.write(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), FLASH + 4092)
    expect([...flash.read(8, FLASH + 4092)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(() => flash.read(4, 0x10000)).toThrow('not modelled')
  })

  it('offers 640 KB of Storage as free, which they are not', () => {
    const { g } = full()
    expect(g.require('Flash').getFree()).toContainEqual({ addr: 0x360000, length: 640 * 1024 })
  })
})

describe('require("Storage") (§4)', () => {
  it('writes, reads by offset, lists and erases files', () => {
    const { g } = full()
    const storage = g.require('Storage')
    expect(storage.write('a', 'hello')).toBe(true)
    expect(storage.write('a', 'world!')).toBe(true)
    expect(storage.read('a', 1, 3)).toBe('orl')
    expect(storage.list()).toEqual(['a'])
    storage.erase('a')
    expect([storage.read('a'), storage.list()]).toEqual([undefined, []])
    expect(() => storage.write('a', '')).toThrow("Can't create zero length file")
    expect(storage.getStats().trashCount).toBe(2)
  })

  it('does not write again what is the same, and fills a reserved file in place', () => {
    const { g, storage: chip } = full()
    const storage = g.require('Storage')
    storage.write('log', 'AAAA', 0, 16)
    const operations = chip.operations
    storage.write('log', 'AAAA', 0, 16)
    expect(chip.operations).toBe(operations)
    storage.write('log', 'BBBB', 4)
    expect(storage.read('log')).toBe('AAAABBBB' + '\xff'.repeat(8))
  })

  it('has neither the old file nor the new when the supply goes after the first of the three steps', () => {
    const { g, storage: chip, start, board } = full()
    g.require('Storage').write('a', 'old')
    chip.cutAtOperation = 2
    chip.onCut = () => board.powerOff()
    g.require('Storage').write('a', 'new')
    chip.revive()
    board.powerOn()
    expect(start().globals().require).toBeDefined()
    expect(start().storage.content('a')).toBeUndefined()
  })

  it('accepts a torn header at boot, and a later write goes onto it, says true, and can be empty', () => {
    const { g, start } = full()
    const storage = g.require('Storage')
    storage.write('a', 'one')
    // Of the next header only the size arrives, with bits that were still on their way: larger than the area.
    g.require('Flash').write(new Uint8Array([0xf7, 0xff, 0xff, 0xff]), STORAGE + 36)
    const again = start()
    expect(again.storage.check()).toBe(true)
    expect(again.storage.write('b', new Uint8Array([1, 2, 3]), 0, 0)).toBe(true)
    // 3 & 0xf7 is 3: this one is lucky. A size with the bit that is gone is not.
    expect(again.storage.content('b')?.length).toBe(3)
    g.require('Flash').write(new Uint8Array([0xf7, 0xff, 0xff, 0xff]), STORAGE + 72)
    expect(again.storage.write('c', new Uint8Array(8), 0, 0)).toBe(true)
    expect(again.storage.content('c')?.length).toBe(0)
  })

  it('erases everything, program included, when data stand behind an invalid header', () => {
    const { g, start, lines } = full()
    g.require('Storage').write('.bootcde', 'print(1)')
    g.require('Flash').write(new Uint8Array([0, 0, 0, 0]), STORAGE + 200)
    start().boot(
      () => 0,
      () => 0,
    )
    expect(lines).toEqual(['Storage is corrupt ... Erasing'])
    expect(start().storage.list()).toEqual([])
  })

  it('compacts when the end is reached, with every page erased once', () => {
    const { g, storage: chip } = full()
    const storage = g.require('Storage')
    storage.write('keep', 'k')
    for (let round = 0; round < 5; round++) storage.write('big', String(round).repeat(4000))
    expect(storage.read('keep')).toBe('k')
    expect(storage.read('big')).toBe('4'.repeat(4000))
    expect(chip.erases).toEqual([1, 1, 1, 1])
  })
})

describe('require("crypto") (§5.2)', () => {
  const key = new Uint8Array(16)
  const block = new Uint8Array(16)

  it('hashes "abc" to the published SHA-256, as an ArrayBuffer', () => {
    const { g } = full()
    const digest = g.require('crypto').SHA256('abc')
    expect(digest).toBeInstanceOf(ArrayBuffer)
    expect(Buffer.from(digest).toString('hex').slice(0, 16)).toBe('ba7816bf8f01cfea')
  })

  it('derives with PBKDF2 what the interpreter printed, and uses one round of SHA-1 without options', () => {
    const { g } = full()
    const crypto = g.require('crypto')
    const derived = crypto.PBKDF2('a', 'b', { keySize: 2, iterations: 2, hasher: 'SHA256' })
    expect([...new Uint8Array(derived)]).toEqual([161, 69, 133, 245, 129, 64, 72, 211])
    expect(crypto.PBKDF2('a', 'b').byteLength).toBe(16)
    expect(() => crypto.PBKDF2('a', 'b', { hasher: 'XX' })).toThrow('Unknown Hasher "XX"')
  })

  it('gives undefined and a line for a wrong length, a wrong key and OFB; throws for an unknown mode only', () => {
    const { g, lines } = full()
    const { AES } = g.require('crypto')
    expect(AES.encrypt(new Uint8Array(15), key)).toBeUndefined()
    expect(AES.encrypt(block, new Uint8Array(15))).toBeUndefined()
    expect(AES.encrypt(block, key, { mode: 'OFB' })).toBeUndefined()
    expect(lines).toEqual(['ERROR: Invalid input length', 'ERROR: Unknown error: -0x20', 'ERROR: Feature unavailable'])
    expect(() => AES.encrypt(block, key, { mode: 'XX' })).toThrow('Unknown Crypto mode "XX"')
  })

  it('has no room for a result where memory is in holes, until E.defrag(); the only flag is a warning (run)', () => {
    const { g, espruino, lines, pass } = full()
    const crypto = g.require('crypto')
    let flagged = 0
    g.E.on('errorFlag', () => flagged++)
    espruino.memory.refusalsLeft = 3
    expect(crypto.SHA256('abc')).toBeUndefined()
    expect(crypto.PBKDF2('a', 'b')).toBeUndefined()
    expect(crypto.AES.encrypt(block, key)).toBeUndefined()
    expect(lines).toEqual(Array(3).fill('ERROR: Not enough memory for result'))
    expect(crypto.SHA256('abc').byteLength).toBe(32)
    espruino.memory.refusalsLeft = Infinity
    expect(crypto.SHA256('abc')).toBeUndefined()
    g.E.defrag()
    expect(crypto.AES.encrypt(block, key).byteLength).toBe(16)
    pass(10)
    expect([flagged, g.E.getErrorFlags()]).toEqual([0, ['LOW_MEMORY']])
  })

  it('ignores the iv of CTR, not that of CBC', () => {
    const { g } = full()
    const { AES } = g.require('crypto')
    const iv = new Uint8Array(16).fill(7)
    const hex = (mode: string, vector: Uint8Array) =>
      Buffer.from(AES.encrypt(block, key, { mode, iv: vector })).toString('hex')
    expect(hex('CTR', iv)).toBe(hex('CTR', block))
    expect(hex('CBC', iv)).not.toBe(hex('CBC', block))
  })

  it('leaves the tail of an incomplete ECB block as zeros', () => {
    const { g } = full()
    const text = new Uint8Array(g.require('crypto').AES.encrypt(new Uint8Array(20), key, { mode: 'ECB' }))
    expect([...text.subarray(16)]).toEqual([0, 0, 0, 0])
  })
})

describe('E, process and the chip', () => {
  it('gives the same "random" numbers after every reset, the ones that the interpreter printed (§5.1)', () => {
    const rig = full()
    const draw = () => [rig.rig.g.E.hwRand(), rig.rig.g.E.hwRand(), rig.rig.g.E.hwRand()]
    expect(draw()).toEqual([2002641757, 1519824769, 548953282])
    rig.start()
    expect(draw()).toEqual([2002641757, 1519824769, 548953282])
    expect(rig.espruino.random()).toBeCloseTo(0.68512640334, 10)
  })

  it('has noise in the RNG register only', () => {
    const { g } = full()
    expect(g.peek32(RNG)).not.toBe(g.peek32(RNG))
    expect(() => g.peek32(0x3ff00000)).toThrow('not modelled')
  })

  it('resets when the watchdog of 5 s is not kicked, and not while it is', () => {
    const { g, resets, pass } = full()
    g.E.enableWatchdog(5, false)
    pass(4999)
    g.E.kickWatchdog()
    pass(4999)
    expect(resets).toEqual([])
    pass(1)
    expect(resets).toEqual(['watchdog'])
  })

  it('starves the automatic watchdog by a long call only', () => {
    const { g, espruino, resets, pass } = full()
    g.E.enableWatchdog(2)
    pass(60_000)
    expect(resets).toEqual([])
    espruino.loop.block(5000)
    pass(2000)
    expect(resets).toEqual(['watchdog'])
  })

  it('ends the program at E.reboot(): outputs back to inputs, timers gone, no call comes back', () => {
    const { g, board, resets, pass } = full()
    let count = 0
    g.digitalWrite(33, 1)
    g.setInterval(() => count++, 10)
    expect(() => g.E.reboot()).toThrow()
    expect(() => g.getTime()).toThrow()
    pass(100)
    expect([count, resets, board.pins.level(33)]).toEqual([0, ['reboot'], 0])
  })

  it('stops with the supply', () => {
    const { g, board, pass } = full()
    let count = 0
    g.setInterval(() => count++, 10)
    board.powerOff()
    pass(100)
    expect(count).toBe(0)
  })

  it('runs E.on("kill") at load(), not at E.reboot()', () => {
    const { g } = full()
    let count = 0
    g.E.on('kill', () => count++)
    expect(() => g.load()).toThrow()
    expect(count).toBe(1)
  })

  it('is open on serial, telnet and Bluetooth until the program closes them (§5.4)', () => {
    const { g, espruino } = full()
    expect(espruino.exposure).toEqual({ serial: true, telnet: true, bluetooth: true, accessPoint: false })
    g.E.setConsole(null, { force: true })
    g.require('TelnetServer').setOptions({ mode: 'off' })
    g.require('Wifi').stopAP()
    expect(() => g.ESP32.enableBLE(false)).toThrow()
    expect(espruino.exposure).toEqual({ serial: false, telnet: false, bluetooth: false, accessPoint: false })
  })

  it('has CRC-32 and bytes from text as the natives give them', () => {
    const { g } = full()
    expect(g.E.CRC32('123456789')).toBe(0xcbf43926)
    expect([...g.E.toUint8Array('ab', 1, [2, 3])]).toEqual([97, 98, 1, 2, 3])
    const mapped = new Uint8Array(4)
    g.E.mapInPlace(new Uint8Array([0x1f, 0xa0, 0xff]), mapped, new Uint8Array(16).fill(7, 10), 4)
    expect([...mapped]).toEqual([0, 7, 7, 0])
    expect(g.E.toString([65, 200])).toBe('A\xc8')
    expect(g.process.env.BOARD).toBe('ESP32')
    expect(g.process.memory().blocksize).toBe(14)
  })
})

/** A rig with its parts in reach; rig.g is of the present run. */
function full() {
  const rig = new Rig()
  return {
    rig,
    g: rig.g,
    espruino: rig.espruino,
    board: rig.board,
    storage: rig.storage,
    lines: rig.lines,
    resets: rig.resets,
    pass: (ms: number) => rig.pass(ms),
    start: () => rig.start(),
  }
}
