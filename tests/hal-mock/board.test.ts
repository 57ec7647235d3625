import { describe, expect, it } from 'vitest'
import { Board } from '../../hal-mock/board'
import { VirtualClock } from '../../hal-mock/clock'
import { VirtualNetwork } from '../../hal-mock/network'
import { Onlooker } from '../../hal-mock/onlooker'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Random } from '../../hal-mock/random'
import { registers } from '../registers'

// Build C of hardware.md §4.2.
const ZONES = [34, 35]
const SIREN = 4
const LIGHT = 2
const BUZZER = 33
const RESET = 26
const POWER_KEY = 32
const SUPPLY = 5
const STATUS = 12
const ROWS = [13, 14, 15, 25]
const COLUMNS = [27, 36, 39]
const LCD = 0x27

function bench(isPowered = true, seed = 1, sirenRest = 0, zones = ZONES) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const onlooker = new Onlooker()
  const wiring = {
    rows: ROWS,
    columns: COLUMNS,
    siren: SIREN,
    sirenRest,
    light: LIGHT,
    buzzer: BUZZER,
    w5500Reset: RESET,
    modemPowerKey: POWER_KEY,
    modemSupply: SUPPLY,
    modemStatus: STATUS,
  }
  const nics = { ethernet: network.attach('ethernet'), cellular: network.attach('cellular') }
  const board = new Board(clock, wiring, zones, nics, nodeCrypto, new Random(seed), onlooker)
  const hal = board.hal()
  if (isPowered) board.powerOn()
  return { clock, board, hal, onlooker }
}

describe('board: outputs', () => {
  it('keeps siren, light, buzzer and power key low until somebody drives them (hardware.md 4.2)', () => {
    const { hal, onlooker } = bench()
    expect(hal.pins.read([SIREN, LIGHT, BUZZER, POWER_KEY])).toBe(0)
    expect(onlooker.sights.filter((sight) => sight.source !== 'text')).toEqual([])
  })

  it('has a siren with a hold-off line sound when that falls or the supply goes, and not at a reset (O-3)', () => {
    const { clock, board, hal, onlooker } = bench(true, 1, 1)
    hal.pins.write(SIREN, 1)
    hal.pins.mode(SIREN, 'output')
    clock.runTo(100)
    board.pins.reset()
    expect(onlooker.sights.filter((sight) => sight.source === 'siren')).toEqual([])
    hal.pins.mode(SIREN, 'output')
    clock.runTo(200)
    hal.pins.write(SIREN, 1)
    clock.runTo(300)
    board.powerOff()
    clock.runTo(400)
    board.powerOn()
    expect(onlooker.sights.filter((sight) => sight.source === 'siren')).toEqual([
      { atMs: 100, source: 'siren', what: 'on' },
      { atMs: 200, source: 'siren', what: 'off' },
      { atMs: 300, source: 'siren', what: 'on' },
      { atMs: 400, source: 'siren', what: 'off' },
    ])
  })

  it('shows siren, light and buzzer to the onlooker at the time they change', () => {
    const { clock, hal, onlooker } = bench()
    for (const pin of [SIREN, LIGHT, BUZZER]) hal.pins.mode(pin, 'output')
    clock.runTo(100)
    hal.pins.write(SIREN, 1)
    clock.runTo(150)
    hal.pins.write(LIGHT, 1)
    hal.pins.write(BUZZER, 1)
    hal.pins.write(BUZZER, 0)
    expect(onlooker.sights).toEqual([
      { atMs: 100, source: 'siren', what: 'on' },
      { atMs: 150, source: 'light', what: 'on' },
      { atMs: 150, source: 'buzzer', what: 'on' },
      { atMs: 150, source: 'buzzer', what: 'off' },
    ])
  })

  it('shows text that stands still for 2 ms, not what stands in between', () => {
    const { clock, board, onlooker } = bench()
    clock.runTo(10)
    board.lcd.lines = () => ['half a word', '']
    board.lcd.onChange('', '')
    clock.runTo(11)
    board.lcd.lines = () => ['READY', 'Enter code']
    board.lcd.onChange('', '')
    clock.runTo(12)
    expect(onlooker.now.text).toBe('')
    clock.runTo(13)
    expect(onlooker.now.text).toBe('READY|Enter code')
    expect(onlooker.sights).toHaveLength(1)
  })
})

describe('board: inputs', () => {
  it('reads a secure zone low and an open one high, the last pin named in bit 0', () => {
    const { board, hal } = bench()
    for (const pin of ZONES) hal.pins.mode(pin, 'input')
    expect(hal.pins.read(ZONES)).toBe(0b00)
    board.setZone(0, true)
    expect(hal.pins.read(ZONES)).toBe(0b10)
    board.setZone(1, true)
    board.setZone(0, false)
    expect(hal.pins.read(ZONES)).toBe(0b01)
  })

  it('has zones at port expanders, 16 pins each from 64 on, the first at address 0x20', () => {
    const { board, hal } = bench(true, 1, 0, [34, 64, 64 + 3 * 16 + 9])
    // GPPUA and B, then both ports.
    for (const address of [0x20, 0x23]) hal.i2c.writeTo(address, new Uint8Array([0x0c, 0xff, 0xff]))
    expect([...registers(hal.i2c, 0x20, 0x12, 2), ...registers(hal.i2c, 0x23, 0x12, 2)]).toEqual([
      0xfe, 0xff, 0xff, 0xfd,
    ])
    board.setZone(1, true)
    board.setZone(2, true)
    expect([...registers(hal.i2c, 0x20, 0x12, 2), ...registers(hal.i2c, 0x23, 0x12, 2)]).toEqual([
      0xff, 0xff, 0xff, 0xff,
    ])
    board.setZone(2, false)
    expect([...registers(hal.i2c, 0x23, 0x12, 2)]).toEqual([0xff, 0xfd])
    expect(() => registers(hal.i2c, 0x21, 0x12, 2)).toThrow('no acknowledge')
  })

  it('takes the supply of the expanders with its own, and with that their registers', () => {
    const { board, hal } = bench(true, 1, 0, [64])
    hal.i2c.writeTo(0x20, new Uint8Array([0x0c, 0xff]))
    board.powerOff()
    expect(() => registers(hal.i2c, 0x20, 0x0c, 1)).toThrow('no acknowledge')
    board.powerOn()
    expect([...registers(hal.i2c, 0x20, 0x0c, 1)]).toEqual([0])
  })

  it("reads the modem's STATUS on its pin", () => {
    const { board, hal } = bench()
    board.modem.statusLevel = () => 1
    expect(hal.pins.read([STATUS, SIREN])).toBe(0b10)
  })

  it('keeps 1024 bytes from the modem between two reads, the oldest go first (hardware.md 0)', () => {
    const { board, hal } = bench()
    board.modem.onOutput('a'.repeat(1000))
    board.modem.onOutput('b'.repeat(100))
    expect(hal.uart.read()).toBe('a'.repeat(924) + 'b'.repeat(100))
    expect(hal.uart.read()).toBe('')
  })

  it('takes 512 bytes for the modem at once and throws at 513', () => {
    const { board, hal } = bench()
    hal.uart.write('x'.repeat(512))
    expect(() => hal.uart.write('x'.repeat(513))).toThrow()
    expect(board.uartBytes).toBe(512)
  })

  it('counts SPI frames and returns as many bytes as were sent', () => {
    const { board, hal } = bench()
    expect(hal.spi.transfer(new Uint8Array([0, 0x39, 1, 0])).length).toBe(4)
    expect(board.spiFrames).toBe(1)
  })

  it('gives each part its own chance: what one draws changes nothing for the others', () => {
    const fill = (isDisturbed: boolean) => {
      const { clock, board, hal } = bench(true, 7)
      if (isDisturbed) {
        board.ethernet.faults.spiErrorOneIn = 2
        clock.runTo(100)
        for (let count = 0; count < 20; count++) hal.spi.transfer(new Uint8Array([0, 0x39, 1, 0]))
      }
      const bytes = new Uint8Array(16)
      hal.random.fill(bytes)
      return [...bytes]
    }
    expect(fill(true)).toEqual(fill(false))
  })
})

describe('board: power', () => {
  it('is dead without power: outputs stay, chip and display do not answer, nothing reaches the modem', () => {
    const { board, hal, onlooker } = bench(false)
    hal.pins.mode(SIREN, 'output')
    hal.pins.write(SIREN, 1)
    expect(onlooker.now.siren).toBe('off')
    expect([...hal.spi.transfer(new Uint8Array([0, 0x39, 1, 0]))]).toEqual([0xff, 0xff, 0xff, 0xff])
    expect(() => hal.i2c.writeTo(LCD, new Uint8Array(1))).toThrow()
    hal.uart.write('AT\r')
    expect(board.uartBytes).toBe(0)
  })

  it('counts its time from power-up, again from 0 after a loss', () => {
    const { clock, board, hal } = bench(false)
    clock.runTo(500)
    board.powerOn()
    expect(hal.clock.nowMs()).toBe(0)
    clock.runTo(1500)
    expect([hal.clock.nowMs(), board.virtualMs(2000)]).toEqual([1000, 2500])
    board.powerOff()
    clock.runTo(4000)
    board.powerOn()
    expect(hal.clock.nowMs()).toBe(0)
  })

  it('falls silent and dark at once when the supply goes, and forgets what the modem had said', () => {
    const { clock, board, hal, onlooker } = bench()
    for (const pin of [SIREN, LIGHT, BUZZER]) {
      hal.pins.mode(pin, 'output')
      hal.pins.write(pin, 1)
    }
    board.modem.onOutput('RDY')
    clock.runTo(40)
    board.powerOff()
    expect(onlooker.now).toEqual({ text: '', siren: 'off', light: 'off', buzzer: 'off' })
    expect(onlooker.sights.filter((sight) => sight.atMs === 40)).toHaveLength(3)
    board.powerOn()
    expect(hal.pins.read([SIREN, LIGHT, BUZZER])).toBe(0)
    expect(hal.uart.read()).toBe('')
  })

  it('keeps what flash holds, and nothing else', () => {
    const { board, hal } = bench()
    hal.flash.write(0, new Uint8Array([1, 2, 3, 4]))
    board.powerOff()
    board.powerOn()
    expect([...hal.flash.read(0, 4)]).toEqual([1, 2, 3, 4])
  })

  it('loses all of its power in the middle of a flash write that is cut, and writes again afterwards', () => {
    const { board, hal, onlooker } = bench()
    hal.pins.mode(SIREN, 'output')
    hal.pins.write(SIREN, 1)
    board.flash.cutAtOperation = 1
    board.flash.cutAfterBytes = 2
    hal.flash.write(0, new Uint8Array(4))
    expect(board.isPowered).toBe(false)
    expect(onlooker.now.siren).toBe('off')
    hal.pins.write(SIREN, 1)
    hal.flash.write(8, new Uint8Array(4))
    expect([...hal.flash.read(0, 4), ...hal.flash.read(8, 4)]).toEqual([0, 0, 255, 255, 255, 255, 255, 255])
    board.powerOn()
    hal.flash.write(8, new Uint8Array(4))
    expect([...hal.flash.read(8, 4)]).toEqual([0, 0, 0, 0])
  })

  it('does nothing when it is switched on or off twice', () => {
    const { clock, board, hal, onlooker } = bench()
    clock.runTo(100)
    board.powerOn()
    expect(hal.clock.nowMs()).toBe(100)
    board.powerOff()
    const sights = onlooker.sights.length
    board.powerOff()
    expect(onlooker.sights.length).toBe(sights)
  })
})
