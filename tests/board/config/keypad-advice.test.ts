import { describe, expect, it } from 'vitest'
import { matrixAdvice, type Press } from '../../../board/config/keypad-advice'
import * as keypadMatrix from '../../../firmware/io/keypad-matrix'
import { VirtualClock } from '../../../hal-mock/clock'
import { MatrixKeypad } from '../../../hal-mock/keypad'
import { PinBank } from '../../../hal-mock/pins'

const ROWS = [13, 14, 15, 25]
const COLUMNS = [27, 36, 39]
const KEYS = '123456789*0#'

/** A keypad whose wires go to these pins; the firmware believes in ROWS and COLUMNS. */
function bench(rows = ROWS, columns = COLUMNS, pulled = COLUMNS) {
  const pins = new PinBank()
  for (const pin of pulled) pins.pull(pin, 1)
  const keys = new MatrixKeypad(new VirtualClock(), pins, rows, columns)
  keys.bounceMs = 0
  const matrix = keypadMatrix.create(Object.assign(pins, { wakeOn: () => true }), ROWS, COLUMNS)
  const survey = () => keypadMatrix.survey(matrix)
  const presses = (names: string, also = ''): Press[] =>
    [...names].map((key) => {
      for (const name of key + also) keys.hold(name)
      const found = survey()
      for (const name of key + also) keys.release(name)
      return { key, survey: found }
    })
  return { pins, keys, matrix, survey, presses }
}

describe('what is wrong with a matrix keypad', () => {
  it('is nothing when it is wired as it should be', () => {
    const { survey, presses } = bench()
    expect(survey()).toEqual([0, 0, 0, 0, 0])
    expect(matrixAdvice(survey(), presses(KEYS))).toEqual([])
  })

  it('rows and columns exchanged, which a 3 x 3 keypad’s part shows', () => {
    const { survey, presses } = bench([27, 36, 39], [13, 14, 15])
    expect(matrixAdvice(survey(), presses('123456789'))).toEqual([
      'rows and columns are exchanged: the keypad’s row wires go to the columns’ pins',
    ])
  })

  it('the phone keypad’s order of wires: which row is where', () => {
    const { survey, presses } = bench([14, 13, 15, 25], [27, 39, 36])
    expect(matrixAdvice(survey(), presses(KEYS))).toEqual([
      'row 1 is wired to the pin of row 2',
      'row 2 is wired to the pin of row 1',
      'column 2 is wired to the pin of column 3',
      'column 3 is wired to the pin of column 2',
    ])
  })

  it('a pull-up that is missing at an input without one inside (K-8)', () => {
    const { survey, presses } = bench(ROWS, COLUMNS, [27, 36])
    expect(matrixAdvice(survey(), presses('147'))).toEqual([
      'column 3 is low while nothing is pressed: its pull-up (10k to 3.3 V) is missing, or it is short to ground',
    ])
  })

  it('a stuck key, a broken core, two cores that touch', () => {
    const stuck = bench()
    stuck.keys.hold('5')
    expect(matrixAdvice(stuck.survey(), [])).toEqual([
      'row 2 and column 2 touch while nothing is pressed: a stuck key, or two cores of the cable',
    ])
    const broken = bench(ROWS, [27, 36, 32])
    expect(matrixAdvice(broken.survey(), broken.presses('23'))).toEqual([
      '3 is not seen: a core of its row or its column is broken',
    ])
    const touching = bench()
    touching.pins.set(touching.pins.contact(36, 39), true)
    expect(matrixAdvice(touching.survey(), touching.presses('2'))).toEqual([
      '2 shows 2 keys: two cores of the cable touch',
    ])
  })

  it('ghosts of several keys at once', () => {
    const { survey, presses } = bench()
    expect(matrixAdvice(survey(), presses('1', '24'))).toEqual([
      '1: three keys show a fourth, since there are no diodes; press one key at a time',
    ])
  })

  it('wires in no order at all', () => {
    // Survey: floating columns, then the columns of each row, the first in the lowest bit.
    const shows = (key: string, row: number, column: number): Press => ({
      key,
      survey: [0, 1, 2, 3, 4].map((at) => (at === row ? 1 << (column - 1) : 0)),
    })
    expect(matrixAdvice([0, 0, 0, 0, 0], [shows('1', 1, 1), shows('2', 2, 2), shows('3', 1, 3)])).toEqual([
      'the wires are mixed up: find rows and columns with a meter, key by key',
    ])
  })

  it('leaves the keypad as it was: a key goes on being a key', () => {
    const { keys, matrix, survey } = bench()
    survey()
    keys.hold('7')
    for (let nowMs = 0; nowMs < 100; nowMs += 10) keypadMatrix.poll(matrix, nowMs)
    survey()
    expect(keypadMatrix.take(matrix)).toBe('7')
  })
})
