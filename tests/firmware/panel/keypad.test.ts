import { describe, expect, it } from 'vitest'
import * as keypad from '../../../firmware/panel/keypad'

const NOTHING = 0
const SUBMITTED = 1
const ARM_AWAY = 2
const CLEARED = 3
/** */
const KEY_TIMEOUT_MS = 10000

/** Presses keys at the same time; the outcome of each. */
function press(pad: keypad.Keypad, keys: string, nowMs = 0): number[] {
  return [...keys].map((key) => keypad.press(pad, key, nowMs))
}

describe('a code of 6 digits', () => {
  it('is submitted by its last digit (K-1, C-1)', () => {
    const pad = keypad.create(6)
    expect(press(pad, '274916')).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, SUBMITTED])
    expect([...pad.entry]).toEqual([2, 7, 4, 9, 1, 6, 0, 0])
    expect(pad.count).toBe(6)
  })

  it('has 10 for the key 0, so that 0 is not the same as no digit', () => {
    const pad = keypad.create(6)
    press(pad, '00100')
    expect([...pad.entry]).toEqual([10, 10, 1, 10, 10, 0, 0, 0])
  })

  it.each([4, 5, 6, 7, 8])('is submitted at %i digits when codes are that long (C-1)', (length) => {
    const outcomes = press(keypad.create(length), '12345678'.slice(0, length))
    expect(outcomes.indexOf(SUBMITTED)).toBe(length - 1)
  })

  it('is submitted earlier by # (K-1)', () => {
    const pad = keypad.create(6)
    expect(press(pad, '274#')).toEqual([NOTHING, NOTHING, NOTHING, SUBMITTED])
    expect(pad.count).toBe(3)
  })

  it('is no attempt when # comes first (L-11)', () => {
    const pad = keypad.create(6)
    expect(press(pad, '##')).toEqual([NOTHING, NOTHING])
    expect(pad.count).toBe(0)
  })

  it('is overwritten by * (K-1, L-11)', () => {
    const pad = keypad.create(6)
    expect(press(pad, '27491*').pop()).toBe(CLEARED)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
    expect(press(pad, '274916').pop()).toBe(SUBMITTED)
  })

  it('does not take A to D for digits', () => {
    const pad = keypad.create(6)
    expect(press(pad, '2ABCD7')).toEqual([NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING])
    expect([...pad.entry.slice(0, 3)]).toEqual([2, 7, 0])
  })

  it('is overwritten by clear() (C-13)', () => {
    const pad = keypad.create(6)
    press(pad, '274916')
    keypad.clear(pad)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
  })
})

describe('an unfinished entry', () => {
  it('is kept for 9999 ms and overwritten at 10000 ms (A-16, C-13)', () => {
    const pad = keypad.create(6)
    press(pad, '27', 500)
    expect(keypad.expire(pad, 500 + KEY_TIMEOUT_MS - 1)).toBe(false)
    expect([...pad.entry.slice(0, 2)]).toEqual([2, 7])
    expect(keypad.expire(pad, 500 + KEY_TIMEOUT_MS)).toBe(true)
    expect([...pad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(pad.count).toBe(0)
  })

  it('counts its time from the last key (A-16)', () => {
    const pad = keypad.create(6)
    press(pad, '2', 0)
    press(pad, '7', 9000)
    expect(keypad.expire(pad, 18999)).toBe(false)
    expect(keypad.expire(pad, 19000)).toBe(true)
  })

  it('is forgotten once, and then there is nothing to forget', () => {
    const pad = keypad.create(6)
    expect(keypad.expire(pad, 50000)).toBe(false)
    press(pad, '2', 0)
    expect(keypad.expire(pad, 50000)).toBe(true)
    expect(keypad.expire(pad, 60000)).toBe(false)
  })
})

describe('the key behind an accepted code (K-2)', () => {
  function allowed(): keypad.Keypad {
    const pad = keypad.create(6)
    pad.isAllowed = 1
    pad.untilMs = KEY_TIMEOUT_MS
    return pad
  }

  it('arms away when it is 2, once', () => {
    const pad = allowed()
    expect(press(pad, '22')).toEqual([ARM_AWAY, NOTHING])
    expect(pad.count).toBe(1)
  })

  it('begins the next code when it is another digit, and 2 no longer arms', () => {
    const pad = allowed()
    expect(press(pad, '12')).toEqual([NOTHING, NOTHING])
    expect([...pad.entry.slice(0, 2)]).toEqual([1, 2])
  })

  it('does not arm after *', () => {
    expect(press(allowed(), '*2')).toEqual([CLEARED, NOTHING])
  })

  it('does not arm 10000 ms later, but does at 9999 ms (A-16)', () => {
    const late = allowed()
    expect(keypad.expire(late, KEY_TIMEOUT_MS)).toBe(true)
    expect(press(late, '2')).toEqual([NOTHING])
    const early = allowed()
    expect(keypad.expire(early, KEY_TIMEOUT_MS - 1)).toBe(false)
    expect(press(early, '2')).toEqual([ARM_AWAY])
  })

  it('never arms without a code before it (A-33)', () => {
    expect(press(keypad.create(6), '2')).toEqual([NOTHING])
  })
})
