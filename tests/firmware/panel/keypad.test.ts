import { describe, expect, it } from 'vitest'
import * as keypad from '../../../firmware/panel/keypad'

const NOTHING = 0
const SUBMITTED = 1
const CHOSEN = 2
const STAR = 3
const HASH = 4
/** A choice is complete so long after its last key. */
const CHOICE_MS = 1000
/** */
const KEY_TIMEOUT_MS = 10000

/** Presses keys at the same time; the outcome of each. */
function press(pad: keypad.Keypad, keys: string, nowMs = 0): number[] {
  return [...keys].map((key) => keypad.press(pad, key, nowMs))
}

describe('a code of 6 digits', () => {
  it('is submitted by its last digit (K-1, C-1)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(press(pad, '274916')).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SUBMITTED])
    expect([...pad.entry]).toEqual([2, 7, 4, 9, 1, 6, 0, 0])
    expect(pad.count).toBe(6)
  })

  it('has 10 for the key 0, so that 0 is not the same as no digit', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    press(pad, '00100')
    expect([...pad.entry]).toEqual([10, 10, 1, 10, 10, 0, 0, 0])
  })

  it.each([4, 5, 6, 7, 8])('is submitted at %i digits when codes are that long (C-1)', (length) => {
    const outcomes = press(keypad.create(length, KEY_TIMEOUT_MS), '12345678'.slice(0, length))
    expect(outcomes.indexOf(SUBMITTED)).toBe(length - 1)
  })

  it('is submitted earlier by # (K-1)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(press(pad, '274#')).toEqual([NOTHING, NOTHING, NOTHING, SUBMITTED])
    expect(pad.count).toBe(3)
  })

  it('is no attempt when # comes first (L-11)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(press(pad, '##')).toEqual([HASH, HASH])
    expect(pad.count).toBe(0)
  })

  it('is overwritten by * (K-1, L-11)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(press(pad, '27491*').pop()).toBe(STAR)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
    expect(press(pad, '274916').pop()).toBe(SUBMITTED)
  })

  it('does not take A to D for digits', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(press(pad, '2ABCD7')).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING])
    expect([...pad.entry.slice(0, 3)]).toEqual([2, 7, 0])
  })

  it('is overwritten by clear() (C-13)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    press(pad, '274916')
    keypad.clear(pad)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
  })
})

describe('an unfinished entry', () => {
  it('is kept for 9999 ms and overwritten at 10000 ms (A-16, C-13)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    press(pad, '27', 500)
    expect(keypad.expire(pad, 500 + KEY_TIMEOUT_MS - 1)).toBe(NOTHING)
    expect([...pad.entry.slice(0, 2)]).toEqual([2, 7])
    expect(keypad.expire(pad, 500 + KEY_TIMEOUT_MS)).toBe(STAR)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
  })

  it('counts its time from the last key (A-16)', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    press(pad, '2', 0)
    press(pad, '7', 9000)
    expect(keypad.expire(pad, 18999)).toBe(NOTHING)
    expect(keypad.expire(pad, 19000)).toBe(STAR)
  })

  it('is forgotten once, and then there is nothing to forget', () => {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    expect(keypad.expire(pad, 50000)).toBe(NOTHING)
    press(pad, '2', 0)
    expect(keypad.expire(pad, 50000)).toBe(STAR)
    expect(keypad.expire(pad, 60000)).toBe(NOTHING)
  })
})

describe('in the menus (K-2)', () => {
  function menu(): keypad.Keypad {
    const pad = keypad.create(6, KEY_TIMEOUT_MS)
    keypad.menu(pad, KEY_TIMEOUT_MS)
    return pad
  }

  it.each([
    ['2', 12],
    ['33', 133],
    ['607', 1607],
    ['0', 10],
  ])('a choice %s is complete 1000 ms after its last key: %i', (keys, value) => {
    const pad = menu()
    expect(press(pad, keys, 500).every((outcome) => outcome === NOTHING)).toBe(true)
    expect(keypad.expire(pad, 500 + CHOICE_MS - 1)).toBe(NOTHING)
    expect(keypad.expire(pad, 500 + CHOICE_MS)).toBe(CHOSEN)
    expect(keypad.choice(pad)).toBe(value)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('or at once with #', () => {
    const pad = menu()
    expect(press(pad, '33#')).toEqual([NOTHING, NOTHING, CHOSEN])
    expect(keypad.choice(pad)).toBe(133)
  })

  it('a whole code is a code, whatever its first digits would choose (D-4)', () => {
    const pad = menu()
    expect(press(pad, '618043')).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SUBMITTED])
    expect([...pad.entry]).toEqual([6, 1, 8, 10, 4, 3, 0, 0])
  })

  it('ends without a key after the leave (A-16)', () => {
    const pad = menu()
    expect(keypad.expire(pad, KEY_TIMEOUT_MS - 1)).toBe(NOTHING)
    expect(keypad.expire(pad, KEY_TIMEOUT_MS)).toBe(STAR)
    expect(press(pad, '2')).toEqual([NOTHING])
    expect(keypad.expire(pad, CHOICE_MS)).toBe(NOTHING) // a digit of an entry again
  })

  it('* and # without digits are told apart', () => {
    expect(press(menu(), '*#')).toEqual([STAR, HASH])
  })
})
