import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { MatrixKeypad } from '../../hal-mock/keypad'
import { PinBank } from '../../hal-mock/pins'

const ROWS = [13, 14, 15, 25]
const COLUMNS = [26, 27, 32, 33]

function bench(columns = COLUMNS) {
  const clock = new VirtualClock()
  const pins = new PinBank()
  const keypad = new MatrixKeypad(clock, pins, ROWS, columns)
  for (const row of ROWS) pins.mode(row, 'openDrain')
  for (const column of columns) pins.mode(column, 'inputPullup')
  return { clock, pins, keypad }
}

/** Levels of the columns in each ms from now on. */
function record(clock: VirtualClock, pins: PinBank, lengthMs: number): number[] {
  const levels: number[] = []
  for (let ms = 0; ms < lengthMs; ms++) {
    clock.runTo(clock.nowMs + (ms > 0 ? 1 : 0))
    levels.push(pins.read(COLUMNS))
  }
  return levels
}

describe('matrix keypad', () => {
  it('joins row and column of each of the 16 keys', () => {
    const { clock, pins, keypad } = bench()
    keypad.bounceMs = 0
    const names = '123A456B789C*0#D'
    for (let index = 0; index < 16; index++) {
      for (const row of ROWS) pins.write(row, 1)
      pins.write(ROWS[index >> 2], 0)
      keypad.press(names.charAt(index))
      expect(pins.read(COLUMNS)).toBe(15 ^ (8 >> (index & 3)))
      clock.runTo(clock.nowMs + 80)
      expect(pins.read(COLUMNS)).toBe(15)
    }
  })

  it('toggles three times within 4 ms at each end of an 80 ms press', () => {
    const { clock, pins, keypad } = bench()
    keypad.press('D')
    expect(record(clock, pins, 6)).toEqual([14, 14, 15, 15, 14, 14])
    clock.runTo(79)
    expect(pins.read(COLUMNS)).toBe(14)
    clock.runTo(80)
    expect(record(clock, pins, 6)).toEqual([15, 15, 14, 14, 15, 15])
    clock.runTo(1000)
    expect(pins.read(COLUMNS)).toBe(15)
  })

  it('holds a key again that is pressed anew while it is down', () => {
    const { clock, pins, keypad } = bench()
    keypad.press('D')
    clock.runTo(50)
    keypad.press('D')
    clock.runTo(125)
    expect(pins.read(COLUMNS)).toBe(14)
    clock.runTo(140)
    expect(pins.read(COLUMNS)).toBe(15)
  })

  it('holds several keys until they are released', () => {
    const { clock, pins, keypad } = bench()
    keypad.hold('1')
    keypad.hold('#')
    clock.runTo(60000)
    expect(pins.read(COLUMNS)).toBe(0b0101)
    keypad.release('1')
    clock.runTo(61000)
    expect(pins.read(COLUMNS)).toBe(0b1101)
  })

  it('has no letters on a 4x3 keypad', () => {
    const { keypad } = bench([26, 27, 32])
    keypad.press('#')
    expect(() => keypad.press('A')).toThrow('no such key')
  })
})
