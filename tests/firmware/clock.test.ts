import { describe, expect, it } from 'vitest'
import * as clock from '../../firmware/clock'

/** A board whose uptime and time of day (0 unknown) a test moves by hand. */
function board(utc = 0, ms = 0) {
  return {
    ms,
    utc,
    nowMs(): number {
      return this.ms
    },
    utcSeconds(): number {
      return this.utc
    },
  }
}

const at = (text: string): number => Date.parse(text) / 1000
/** 12:34:56 of 2024-10-25, the vectors' time. */
const NOON = at('2024-10-25T12:34:56Z')
const DAY = 86400

/** The stamp as Node's Date makes it. */
function stampByDate(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString()
  return `${iso.slice(11, 19)},${iso.slice(5, 7)}-${iso.slice(8, 10)}-${iso.slice(0, 4)}`
}

describe('stamps of DC-09 (reporting.md §3.7)', () => {
  it('writes the month before the day', () => {
    expect(clock.format(NOON)).toBe('12:34:56,10-25-2024')
    expect(clock.parse('12:34:56,10-25-2024')).toBe(NOON)
  })

  it('agrees with Date on all 6575 days from 2020 to 2037, both ways', () => {
    let days = 0
    const wrong: string[] = []
    for (let midnight = at('2020-01-01T00:00:00Z'); midnight < at('2038-01-01T00:00:00Z'); midnight += DAY) {
      const times = [midnight, midnight + DAY - 1, midnight + ((days * 7919) % DAY)]
      for (const seconds of times) {
        const text = stampByDate(seconds)
        if (clock.format(seconds) !== text || clock.parse(text) !== seconds) wrong.push(text)
      }
      days++
    }
    expect(days).toBe(6575)
    expect(wrong).toEqual([])
  })

  it('writes a time outside 2020-2037 as the nearest one inside', () => {
    expect(clock.format(0)).toBe('00:00:00,01-01-2020')
    expect(clock.format(at('2019-12-31T23:59:59Z'))).toBe('00:00:00,01-01-2020')
    expect(clock.format(at('2038-01-01T00:00:00Z'))).toBe('23:59:59,12-31-2037')
    expect(clock.format(4294967295)).toBe('23:59:59,12-31-2037')
  })

  const malformed = [
    '',
    '12:34:56',
    '12:34:56,10-25-202',
    '12:34:56,10-25-20245',
    ' 12:34:56,10-25-2024',
    '24:00:00,10-25-2024',
    '12:60:56,10-25-2024',
    '12:34:60,10-25-2024',
    '-1:34:56,10-25-2024',
    '12:34:56,00-25-2024',
    '12:34:56,13-25-2024',
    '12:34:56,10-00-2024',
    '12:34:56,10-32-2024',
    '12:34:56,04-31-2024',
    '12:34:56,02-29-2023',
    '12:34:56,02-30-2024',
    '12:34:56,25-10-2024',
    '12:34:56,10-25-2019',
    '12:34:56,10-25-2038',
    '12:34:56 10-25-2024',
    '12-34:56,10-25-2024',
    '12:34-56,10-25-2024',
    '12:34:56,10/25-2024',
    '12:34:56,10-25/2024',
    '1x:34:56,10-25-2024',
    '12:3x:56,10-25-2024',
    '12:34:5x,10-25-2024',
    '12:34:56,1x-25-2024',
    '12:34:56,10-2x-2024',
    '12:34:56,10-25-20x4',
    ' 2:34:56,10-25-2024',
    '0x:34:56,10-25-2024',
    'HH:MM:SS,MM-DD-YYYY',
    '\0\0:\0\0:\0\0,\0\0-\0\0-\0\0\0\0',
  ]
  it(`takes none of ${malformed.length} malformed texts for a time`, () => {
    for (const text of malformed) expect(clock.parse(text), JSON.stringify(text)).toBe(0)
  })

  it('takes not even what format() makes of no number', () => {
    expect(clock.parse(clock.format(NaN))).toBe(0)
  })

  it('knows 29 February of all 5 leap years and of no other', () => {
    const years = []
    for (let year = 2020; year <= 2037; year++) if (clock.parse(`00:00:00,02-29-${year}`) > 0) years.push(year)
    expect(years).toEqual([2020, 2024, 2028, 2032, 2036])
  })
})

describe('time for the display', () => {
  it('writes hours and minutes, east and west of UTC and across midnight', () => {
    expect(clock.hhmm(NOON, 0)).toBe('12:34')
    expect(clock.hhmm(NOON, 120)).toBe('14:34')
    expect(clock.hhmm(NOON, 345)).toBe('18:19')
    expect(clock.hhmm(NOON, 14 * 60)).toBe('02:34')
    expect(clock.hhmm(NOON, -12 * 60 - 35)).toBe('23:59')
    expect(clock.hhmm(at('2024-10-25T00:00:00Z'), 0)).toBe('00:00')
    expect(clock.hhmm(at('2024-10-25T00:00:00Z'), -1)).toBe('23:59')
  })

  it('shows --:-- while the time is unknown', () => {
    expect(clock.hhmm(0, 120)).toBe('--:--')
  })
})

describe('wall time over monotonic time', () => {
  it('knows nothing at first: 0, not sure', () => {
    const c = clock.create()
    expect(clock.utcSeconds(c, board(0, 5000))).toBe(0)
    expect(c.isSure).toBe(false)
  })

  it('follows a board that knows the time, and is sure of it', () => {
    const c = clock.create()
    expect(clock.utcSeconds(c, board(NOON))).toBe(NOON)
    expect(c.isSure).toBe(true)
  })

  it('does not believe a board that says it is 1970', () => {
    const c = clock.create()
    expect(clock.utcSeconds(c, board(17))).toBe(0)
    expect(c.isSure).toBe(false)
  })

  it('goes on from the time of a NAK while the board does not know: at 7.9 s told, at 67.9 s a minute later, never sure', () => {
    const c = clock.create()
    const b = board(0, 7900)
    expect(clock.correct(c, b, NOON)).toBe(true)
    expect(clock.utcSeconds(c, b)).toBe(NOON)
    b.ms = 67900
    expect(clock.utcSeconds(c, b)).toBe(NOON + 60)
    expect(c.isSure).toBe(false)
  })

  it('drops the time of a NAK as soon as the board knows better', () => {
    const c = clock.create()
    const b = board(0, 1000)
    clock.correct(c, b, at('2031-01-01T00:00:00Z'))
    b.utc = NOON
    expect(clock.utcSeconds(c, b)).toBe(NOON)
    expect(c.isSure).toBe(true)
  })

  it('still counts right after 30 days, when milliseconds no longer fit 31 bits', () => {
    const c = clock.create()
    const b = board(0, 0)
    clock.correct(c, b, NOON)
    b.ms = 30 * DAY * 1000 + 999
    expect(clock.utcSeconds(c, b)).toBe(NOON + 30 * DAY)
  })

  it('shifts stamps to a receiver that is 90 s ahead, once', () => {
    const c = clock.create()
    const b = board(NOON)
    expect(clock.correct(c, b, NOON + 90)).toBe(true)
    expect(clock.utcSeconds(c, b)).toBe(NOON + 90)
    // The second NAK with the same time means that the time was not the trouble (§5.3).
    expect(clock.correct(c, b, NOON + 90)).toBe(false)
    b.utc = NOON + 10
    expect(clock.utcSeconds(c, b)).toBe(NOON + 100)
    expect(c.isSure).toBe(true)
  })

  it('corrects from 2 s on, either way, and not below', () => {
    for (const [difference, isMoved] of [
      [2, true],
      [-2, true],
      [1, false],
      [-1, false],
      [0, false],
    ] as [number, boolean][]) {
      const c = clock.create()
      expect(clock.correct(c, board(NOON), NOON + difference), `${difference} s`).toBe(isMoved)
      expect(clock.utcSeconds(c, board(NOON))).toBe(NOON + (isMoved ? difference : 0))
    }
  })

  it('believes no receiver that is more than a day away from a sure clock', () => {
    const c = clock.create()
    const b = board(NOON)
    expect(clock.correct(c, b, NOON + DAY + 1)).toBe(false)
    expect(clock.correct(c, b, NOON - DAY - 1)).toBe(false)
    expect(clock.utcSeconds(c, b)).toBe(NOON)
    expect(clock.correct(c, b, NOON + DAY)).toBe(true)
    // The limit counts from the board's clock, so repeated NAKs cannot walk further.
    expect(clock.correct(c, b, NOON + DAY + 60)).toBe(false)
    expect(clock.utcSeconds(c, b)).toBe(NOON + DAY)
  })

  it('takes no time outside 2020-2037, and no NAK without one', () => {
    const c = clock.create()
    const b = board(0)
    for (const seconds of [0, NaN, at('2019-12-31T23:59:59Z'), at('2038-01-01T00:00:00Z')]) {
      expect(clock.correct(c, b, seconds)).toBe(false)
    }
    expect(clock.utcSeconds(c, b)).toBe(0)
  })
})
