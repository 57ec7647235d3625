import { describe, expect, it } from 'vitest'
import * as keypadMatrix from '../../../firmware/io/keypad-matrix'
import * as port from '../../../firmware/io/keypad-port'
import * as mcp23017 from '../../../firmware/io/mcp23017'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { MatrixKeypad } from '../../../hal-mock/keypad'
import { Mcp23017 } from '../../../hal-mock/mcp23017'

// DS20001952, table 3-1 with IOCON.BANK 0.
const [IODIRA, IODIRB, IOCON, GPPUA, GPPUB, OLATA] = [0x00, 0x01, 0x0a, 0x0c, 0x0d, 0x14]

function bench() {
  const clock = new VirtualClock()
  const bus = new I2cBus(clock)
  const chip = new Mcp23017(0x26)
  bus.attach(chip)
  const keys = new MatrixKeypad(clock, chip, port.rows(), port.columns())
  const made = mcp23017.create(bus, 6)
  const pins = port.pinsOf(made)
  const matrix = keypadMatrix.create(pins, port.rows(), port.columns())
  /** Scans for so long, and takes what was pressed. */
  const run = (ms: number) => {
    let found = ''
    for (const endMs = clock.nowMs + ms; clock.nowMs < endMs; clock.runTo(clock.nowMs + 5)) {
      keypadMatrix.poll(matrix, clock.nowMs)
      found += keypadMatrix.take(matrix)
    }
    return found
  }
  return { bus, chip, keys, made, pins, run }
}

describe('a keypad at a port expander (L-5)', () => {
  it.each([...'123A456B789C*0#D'])('knows its key %s', (key) => {
    const { keys, made, run } = bench()
    expect(mcp23017.check(made)).toBe(true)
    keys.press(key, 80)
    expect(run(200)).toBe(key)
  })

  it('has rows low, columns and free pins as inputs with pull-ups, GPA7 and GPB7 as outputs', () => {
    const { chip, made } = bench()
    mcp23017.check(made)
    expect([IODIRA, IODIRB, GPPUA, GPPUB, OLATA].map((register) => chip.peek(register))).toEqual([
      0x70, 0x7f, 0x7f, 0x7f, 0,
    ])
  })

  it('refuses two keys at once, and takes a chord after a second (K-8, K-3)', () => {
    const { keys, made, run } = bench()
    mcp23017.check(made)
    for (const key of ['1', '*']) keys.hold(key)
    expect(run(800)).toBe('')
    expect(run(500)).toBe('P')
  })

  it.each([
    ['a chip without supply for a moment', (chip: Mcp23017) => chip.reset()],
    ['noise in its direction', (chip: Mcp23017) => chip.poke(IODIRA, 0x7f)],
    ['noise in its pull-ups', (chip: Mcp23017) => chip.poke(GPPUB, 0)],
    ['the other address map', (chip: Mcp23017) => chip.poke(IOCON, 0x80)],
    ['a buzzer that noise switched on', (chip: Mcp23017) => chip.poke(OLATA, 0x80)],
  ])('is set up again after %s', (_name, spoil) => {
    const { chip, keys, made, run } = bench()
    mcp23017.check(made)
    spoil(chip)
    expect(mcp23017.check(made)).toBe(true)
    expect(chip.peek(OLATA)).toBe(0)
    keys.press('5', 80)
    expect(run(200)).toBe('5')
  })

  it('without an answer has no key down, is asked by check() alone, and works when it is back (S-6)', () => {
    const { bus, chip, keys, made, run } = bench()
    mcp23017.check(made)
    keys.hold('5')
    chip.setPower(false)
    expect(run(100)).toBe('')
    const before = bus.transfers
    run(500)
    expect(bus.transfers).toBe(before)
    expect([mcp23017.check(made), made.isLost]).toEqual([false, 1])
    chip.setPower(true)
    expect(mcp23017.check(made)).toBe(true)
    expect(run(200)).toBe('5')
  })

  it('a chip that keeps nothing is none', () => {
    const { chip, made } = bench()
    const write = chip.write.bind(chip)
    chip.write = (address, bytes) => write(address, bytes.slice(0, 1))
    expect(mcp23017.check(made)).toBe(false)
  })

  it('sounds its buzzer at GPA7', () => {
    const { chip, made, pins } = bench()
    mcp23017.check(made)
    pins.write(port.BUZZER, 1)
    expect(chip.peek(OLATA)).toBe(0x80)
    pins.write(port.BUZZER, 0)
    expect(chip.peek(OLATA)).toBe(0)
  })
})
