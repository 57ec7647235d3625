import { describe, expect, it } from 'vitest'
import type { PinConfig } from '../../../firmware/config'
import type { BoardPins } from '../../../firmware/hal'
import * as outputPort from '../../../firmware/io/output-port'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { Mcp23017 } from '../../../hal-mock/mcp23017'

// DS20001952, table 3-1 with IOCON.BANK 0.
const [IODIRA, IOCON, GPPUA, OLATA] = [0x00, 0x0a, 0x0c, 0x14]
/** Chip 2: GPA0, GPA1, GPA2, GPB0, GPB7. */
const [SIREN, LIGHT, BUZZER, RESET, DURESS] = [96, 97, 98, 104, 111]

function bench(sirenRest = 0, hidden = -1) {
  const bus = new I2cBus(new VirtualClock())
  const chip = new Mcp23017(0x22)
  bus.attach(chip)
  if (sirenRest === 1) chip.pullUp(0)
  chip.pullUp(8)
  const gpio: string[] = []
  const pins = {
    mode: (pin: number, mode: string) => gpio.push(`${pin} ${mode}`),
    write: (pin: number, level: number) => gpio.push(`${pin} ${level}`),
  } as unknown as BoardPins
  const wired = { siren: SIREN, light: LIGHT, buzzer: BUZZER, w5500Reset: RESET } as PinConfig
  const port = outputPort.create(pins, bus, wired, [DURESS], hidden) as outputPort.OutputPort
  /** What loads saw, as 'pin level'. */
  const seen: string[] = []
  chip.onOutput = (pin, level) => seen.push(`${pin} ${level}`)
  const take = (pin: number, level: number) => {
    pins.write(pin, level)
    pins.mode(pin, 'output')
  }
  return { bus, chip, gpio, pins, port, seen, take }
}

/** With siren, light, buzzer and duress output taken, and the chip set up. */
function ready(sirenRest = 0, hidden = -1) {
  const made = bench(sirenRest, hidden)
  made.take(SIREN, sirenRest)
  for (const pin of [LIGHT, BUZZER, DURESS]) made.take(pin, 0)
  expect(made.port.look(0)).toBe(0)
  made.seen.splice(0)
  return made
}

describe('the beeper of a keypad', () => {
  it.each([15, 99])('at pin %i sounds with the buzzer, and only with it, while its line is low', (beeper) => {
    const bus = new I2cBus(new VirtualClock())
    const chip = new Mcp23017(0x22)
    bus.attach(chip)
    chip.pullUp(3)
    const levels: Record<number, number> = {}
    const pins = {
      mode: () => {},
      write: (pin: number, level: number) => {
        levels[pin] = level
      },
    } as unknown as BoardPins
    const wired = { siren: 4, light: 2, buzzer: 33, w5500Reset: 26, beeper } as PinConfig
    const port = outputPort.create(pins, bus, wired, [], -1)
    expect(port === undefined).toBe(beeper < 64)
    port?.look(0)
    const level = () => (beeper < 64 ? levels[beeper] : chip.level(3))
    expect(level()).toBe(1)
    const heard = [1, 0, 1].map((on) => {
      pins.write(33, on)
      return [levels[33], level()]
    })
    expect(heard).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ])
    pins.write(4, 1)
    expect(level()).toBe(0)
  })
})

describe('outputs at an MCP23017', () => {
  it('are none where all of them are GPIOs: the pins stay the board’s own', () => {
    const pins = { write: () => {}, mode: () => {} } as unknown as BoardPins
    const { write } = pins
    const wired = { siren: 4, light: 2, buzzer: 33, w5500Reset: 26 } as PinConfig
    expect(outputPort.create(pins, new I2cBus(new VirtualClock()), wired, [12], 12)).toBeUndefined()
    expect(pins.write).toBe(write)
  })

  it('leave GPIOs to the board', () => {
    const { gpio, pins } = ready()
    pins.write(32, 1)
    pins.mode(32, 'output')
    expect(gpio).toEqual(['32 1', '32 output'])
  })

  it.each([0, 1])(
    'rest by their resistors, and move no load when the chip is set up, siren at rest %i (O-3, P-8)',
    (rest) => {
      const { chip, port, seen, take } = bench(rest)
      take(SIREN, rest)
      for (const pin of [LIGHT, BUZZER]) take(pin, 0)
      // Nothing was written yet: all are inputs.
      expect([chip.peek(IODIRA), chip.level(0), chip.level(8)]).toEqual([0xff, rest, 1])
      port.look(0)
      expect([chip.peek(IODIRA), chip.peek(IODIRA + 1)]).toEqual([0x78, 0x7f])
      expect([chip.peek(OLATA), chip.peek(GPPUA)]).toEqual([rest, 0x7f])
      expect(seen).toEqual([])
    },
  )

  it('take the reset of the W5500 when it asks for it, with the level that was written before', () => {
    const { chip, pins, seen } = ready()
    pins.mode(RESET, 'output')
    pins.write(RESET, 0)
    pins.write(RESET, 1)
    expect(seen).toEqual(['8 0', '8 1'])
    expect(chip.peek(IODIRA + 1)).toBe(0x7e)
  })

  it('are written when they change, and read back with each change', () => {
    const { bus, pins, seen } = ready()
    const before = bus.bytes
    pins.write(SIREN, 0)
    expect(bus.bytes).toBe(before)
    pins.write(SIREN, 1)
    // Address, OLATA, two latches; address, IODIRA; address, 22 registers.
    expect(bus.bytes - before).toBe(4 + 2 + 23)
    pins.write(SIREN, 1)
    expect(bus.bytes - before).toBe(4 + 2 + 23)
    expect(seen).toEqual(['0 1'])
  })

  it('of duress are written each time, so that the bus tells nothing (D-31)', () => {
    const bytes = [0, 1].map((level) => {
      const { bus, pins } = ready(0, DURESS)
      const before = bus.bytes
      for (let time = 0; time < 3; time++) pins.write(DURESS, level)
      return bus.bytes - before
    })
    expect(bytes).toEqual([3 * 29, 3 * 29])
  })

  it('come back at once after a spark reset the chip and something is written, else within the second', () => {
    const { chip, pins, port } = ready()
    pins.write(SIREN, 1)
    chip.reset()
    expect(chip.level(0)).toBe(0)
    pins.write(LIGHT, 1)
    expect([chip.level(0), chip.level(1)]).toEqual([1, 1])
    chip.reset()
    expect(port.look(1000)).toBe(0)
    expect([chip.level(0), chip.level(1)]).toEqual([1, 1])
  })

  it('are set anew when noise turned a register: latch, direction or bank', () => {
    const { chip, pins, port } = ready()
    pins.write(SIREN, 1)
    for (const [register, value] of [
      [OLATA, 0],
      [IODIRA, 0xff],
      [IOCON, 0x80],
      [IOCON, 0x20],
      [0x02, 1],
    ]) {
      chip.poke(register, value)
      expect(port.look(1000), `register ${register}`).toBe(0)
      expect([chip.level(0), chip.peek(IOCON)]).toEqual([1, 0])
    }
  })

  it('keep what was wanted while the chip is gone, and are lost after 20 s without it (S-6)', () => {
    const { bus, chip, pins, port } = ready()
    chip.isPresent = false
    pins.write(SIREN, 1)
    const { transfers } = bus
    pins.write(LIGHT, 1)
    // One failure a second: a stuck bus blocks.
    expect(bus.transfers).toBe(transfers)
    expect([1000, 19000, 20000, 21000].map((nowMs) => port.look(nowMs))).toEqual([0, 0, 1, 1])
    chip.setPower(true)
    expect(port.look(22000)).toBe(0)
    expect([chip.level(0), chip.level(1)]).toEqual([1, 1])
  })

  it('are lost from the start when the chip never answers, or keeps nothing', () => {
    const gone = bench()
    gone.chip.isPresent = false
    expect(gone.port.look(0)).toBe(1)
    const deaf = bench()
    deaf.bus.writeTo = () => {}
    deaf.take(SIREN, 0)
    expect(deaf.port.look(0)).toBe(1)
  })
})
