import { describe, expect, it } from 'vitest'
import * as keypadMatrix from '../../../firmware/io/keypad-matrix'
import * as pcf8574 from '../../../firmware/io/keypad-pcf8574'
import * as tca8418 from '../../../firmware/io/keypad-tca8418'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { MatrixKeypad } from '../../../hal-mock/keypad'
import { Pcf8574 } from '../../../hal-mock/pcf8574'
import { Tca8418 } from '../../../hal-mock/tca8418'

const ALL = [...'123A456B789C*0#D']

function bench(kind: 'PCF8574' | 'TCA8418') {
  const clock = new VirtualClock()
  const bus = new I2cBus(clock)
  const isPort = kind === 'PCF8574'
  const chip = isPort ? new Pcf8574(0x21) : new Tca8418()
  bus.attach(chip)
  chip.setPower(true)
  const keys = new MatrixKeypad(clock, chip, [0, 1, 2, 3], isPort ? [4, 5, 6, 7] : [0, 1, 2, 3])
  const port = pcf8574.create(bus, 0x21)
  const controller = tca8418.create(bus, 0x34)
  const pins = isPort ? pcf8574.pinsOf(port, false) : tca8418.pinsOf(controller, false)
  const matrix = keypadMatrix.create(pins, pcf8574.rows(), isPort ? pcf8574.columns() : tca8418.columns())
  if (!isPort) tca8418.check(controller)
  /** Scans every stepMs for so long, and takes what was pressed. */
  const run = (ms: number, stepMs = 5) => {
    let found = ''
    for (const endMs = clock.nowMs + ms; clock.nowMs < endMs; clock.runTo(clock.nowMs + stepMs)) {
      keypadMatrix.poll(matrix, clock.nowMs)
      found += keypadMatrix.take(matrix)
    }
    return found
  }
  return { bus, chip, keys, port, controller, matrix, run, clock }
}

describe.each(['PCF8574', 'TCA8418'] as const)('a keypad at a %s', (kind) => {
  it.each(ALL)('knows its key %s, with contacts that bounce for up to 9 ms', (key) => {
    for (const bounceMs of [0, 3, 9]) {
      const { keys, run } = bench(kind)
      keys.bounceMs = bounceMs
      keys.press(key, 80)
      expect(run(300)).toBe(key)
      keys.press(key, 80)
      expect(run(300)).toBe(key)
    }
  })

  it('refuses two keys at once, and takes a chord after a second (K-8, K-3)', () => {
    const { keys, run } = bench(kind)
    for (const key of ['*', '#']) keys.hold(key)
    expect(run(800)).toBe('')
    expect(run(500)).toBe('Q')
    for (const key of ['*', '#']) keys.release(key)
    keys.press('5', 80)
    expect(run(300)).not.toContain('Q')
  })

  it('refuses three corners of a rectangle, which show the fourth', () => {
    const { keys, run } = bench(kind)
    for (const key of ['1', '2', '4']) keys.hold(key)
    expect(run(1500)).toBe('')
    for (const key of ['1', '2', '4']) keys.release(key)
    run(200)
    keys.press('7', 80)
    expect(run(300)).toBe('7')
  })

  it('has no keys while its chip is gone, never throws, and has them again afterwards', () => {
    const { chip, keys, port, controller, run } = bench(kind)
    run(100)
    chip.setPower(false)
    keys.press('5', 80)
    expect(run(300)).toBe('')
    expect(kind === 'PCF8574' ? port.isLost : controller.isLost).toBe(1)
    chip.setPower(true)
    expect(tca8418.check(controller)).toBe(kind === 'TCA8418')
    keys.press('6', 80)
    expect(run(300)).toBe('6')
  })
})

describe('a PCF8574', () => {
  it('costs one byte each way for a look at rest, and five of them for a scan', () => {
    const { chip, matrix, keys, clock } = bench('PCF8574')
    keypadMatrix.poll(matrix, 0)
    const before = chip.busBytes
    clock.runTo(20)
    keypadMatrix.poll(matrix, 20)
    expect(chip.busBytes - before).toBe(4) // address and byte, there and back
    keys.bounceMs = 0
    keys.hold('1')
    clock.runTo(40)
    keypadMatrix.poll(matrix, 40)
    expect(chip.busBytes - before).toBe(4 + 5 * 4)
  })
})

describe('a TCA8418', () => {
  it('keeps keys for a panel that is busy: pressed and released between two looks, in their order', () => {
    const { keys, run, clock, matrix } = bench('TCA8418')
    keys.bounceMs = 0
    run(50)
    for (const [at, key] of ['2', '7', '4'].entries()) {
      clock.after(at * 60, () => keys.press(key, 40))
    }
    clock.runTo(clock.nowMs + 250)
    expect(matrix.keys).toBe('')
    expect(run(600, 10)).toBe('274')
  })

  it('takes bounce for no second press, although each contact is an event', () => {
    const { keys, run, clock } = bench('TCA8418')
    keys.bounceMs = 8
    keys.press('3', 120)
    clock.runTo(clock.nowMs + 60)
    expect(run(600, 10)).toBe('3')
  })

  it('makes one key of each press of 80 ms, whatever its bounce and however seldom the panel looks', () => {
    for (let bounceMs = 0; bounceMs <= 12; bounceMs++) {
      for (const stepMs of [5, 10, 15, 20, 30, 45, 60, 100, 150]) {
        const { keys, run, clock } = bench('TCA8418')
        keys.bounceMs = bounceMs
        let found = ''
        for (const [at, key] of [...'5280'].entries())
          clock.after(at * 400 + ((bounceMs * 7) % 10), () => keys.press(key, 80))
        // Busy while the key is down and after it, then quick for a while.
        for (let count = 0; count < 4; count++) found += run(220, stepMs) + run(180, 10)
        expect(found + run(400, 10), `bounce ${bounceMs} ms, a look every ${stepMs} ms`).toBe('5280')
      }
    }
  })

  it('believes nothing after an overflow, and goes on', () => {
    const { keys, run, clock } = bench('TCA8418')
    for (let count = 0; count < 6; count++) clock.after(count * 60, () => keys.press('1', 40))
    clock.runTo(clock.nowMs + 500)
    expect(run(300, 10)).toBe('')
    keys.press('9', 80)
    expect(run(300, 10)).toBe('9')
  })

  it('is set up anew when it lost its supply, each second', () => {
    const { chip, controller, keys, run } = bench('TCA8418')
    ;(chip as Tca8418).reset()
    expect(tca8418.check(controller)).toBe(true)
    keys.press('8', 80)
    expect(run(300)).toBe('8')
  })
})
