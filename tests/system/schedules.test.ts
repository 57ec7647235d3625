import { describe, expect, it } from 'vitest'
import { schedulesOf, type User } from '../../board/config/users'
import * as codes from '../../firmware/panel/codes'
import * as eventLog from '../../firmware/store/event-log'
import { arm, choose, events, keys, MASTER, nowMs, type Person, start, text, wait } from './house-rig'
import * as rigs from './panel-rig'

/** Hours of temporary users on the whole panel (C-4). The bench starts on Monday, 5 January 2026, at 08:00. */

const MINUTE = 60000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const CLEANER: Person = { digits: '805376', slot: 1, user: 2, role: codes.TEMPORARY }
/** Of the cleaner. */
const HELP: Person = { digits: '618046', slot: 2, user: 2, role: codes.TEMPORARY, isDuress: true }
const WRONG = { digits: rigs.WRONG }

type Hours = Pick<User, 'days' | 'hours' | 'from' | 'until'>

function panel(hours: Hours, seed = 1): rigs.Rig {
  const schedules = schedulesOf([{ user: 2, role: 'temporary', ...hours }])
  const rig = start({ people: [MASTER, CLEANER, HELP], settings: { schedules, testHours: 0 }, seed })
  wait(rig, 5000)
  return rig
}

/** 1 when the cleaner's code counts, for a panel that starts at each of these times after 08:00 on Monday. */
function countsAt(hours: Hours, times: number[]): number[] {
  return times.map((atMs) => {
    const rig = panel(hours)
    const known = rig.simulator.board.utcSeconds
    for (const via of ['ethernet', 'cellular']) rig.simulator.setLink(via, false)
    rig.simulator.powerOff()
    rig.simulator.board.utcSeconds = () => known.call(rig.simulator.board) + atMs / 1000
    rig.simulator.powerOn()
    wait(rig, 3000)
    keys(rig, CLEANER.digits)
    return text(rig).includes('Not accepted') ? 0 : 1
  })
}

describe('a temporary code (C-4)', () => {
  it('counts in its hours, from the first minute to the last', () => {
    const times = [4, 44, 45, 89, 90].map((minutes) => minutes * MINUTE)
    expect(countsAt({ hours: '08:45-09:30' }, times)).toEqual([0, 0, 1, 1, 0])
  })

  it('begins and ends to count with the minute while the panel runs', () => {
    const rig = panel({ hours: '08:10-08:12' })
    const counts = [9, 10, 11, 12].map((minutes) => {
      rig.simulator.runTo(minutes * MINUTE + 3000)
      keys(rig, CLEANER.digits)
      return text(rig).includes('Not accepted') ? 0 : 1
    })
    expect(counts).toEqual([0, 1, 1, 0])
  })

  it('counts on its days of the week', () => {
    const noons = [0, 1, 2, 3, 4, 5, 6, 7].map((day) => day * DAY + 4 * HOUR)
    expect(countsAt({ days: ['tue', 'sat', 'sun'] }, noons)).toEqual([0, 1, 0, 0, 0, 1, 1, 0])
  })

  it('counts from its first day to the end of its last, local time', () => {
    const times = [16 * HOUR - MINUTE, 16 * HOUR, 4 * DAY - 8 * HOUR - MINUTE, 4 * DAY - 8 * HOUR]
    expect(countsAt({ from: '2026-01-06', until: '2026-01-08' }, times)).toEqual([0, 1, 1, 0])
  })

  it('counts over midnight, in the night that begins on its day', () => {
    const at = (day: number, hour: number) => day * DAY + (hour - 8) * HOUR + 2 * MINUTE
    const times = [at(0, 21), at(0, 22), at(1, 5), at(1, 6), at(1, 22), at(2, 5)]
    expect(countsAt({ days: ['mon'], hours: '22:00-06:00' }, times)).toEqual([0, 1, 1, 0, 0, 0])
  })

  it('is like a wrong one outside: not accepted, in the log, and five of them lock the keypad and tell it, 461', () => {
    const rig = panel({ hours: '12:00-13:00' })
    arm(rig)
    keys(rig, CLEANER.digits)
    expect(text(rig)).toContain('Not accepted')
    wait(rig, 1000)
    expect(eventLog.at(rigs.panel(rig).log, eventLog.OTHERS, 0)?.code).toBe(1003)
    for (let count = 0; count < 4; count++) keys(rig, CLEANER.digits, 1000)
    expect(text(rig)).toBe('KEYPAD LOCKED|Wait')
    wait(rig, 20000)
    expect(events(rig)).toContain('1461 01 001')
    expect(rig.simulator.onlooker.now.light).toBe('on')
  })

  it('does not count while nobody knows the time, and does soon after somebody does (S-13)', () => {
    const rig = start({
      people: [MASTER, CLEANER],
      settings: { schedules: schedulesOf([{ user: 2, role: 'temporary', hours: '00:00-23:59' }]) },
    })
    const known = rig.simulator.board.utcSeconds
    rig.simulator.board.utcSeconds = () => 0
    for (const via of ['ethernet', 'cellular']) rig.simulator.setLink(via, false)
    wait(rig, 10000)
    keys(rig, CLEANER.digits)
    expect(text(rig)).toContain('Not accepted')
    rig.simulator.board.utcSeconds = known
    wait(rig, 2 * MINUTE)
    keys(rig, CLEANER.digits)
    expect(text(rig)).toContain('2 to arm away')
  })

  it('is refused as somebody’s when it is given to another user outside its hours (C-9)', () => {
    const rig = panel({ hours: '12:00-13:00' })
    choose(rig, MASTER, '8')
    keys(rig, '05#')
    keys(rig, CLEANER.digits)
    keys(rig, CLEANER.digits)
    wait(rig, 20000)
    expect(rigs.sightsSince(rig, 0).some((sight) => sight.what.includes('Choose another'))).toBe(true)
  })

  it('that is given out at the keypad has its user’s hours within two seconds', () => {
    const rig = panel({ hours: '12:00-13:00' })
    choose(rig, MASTER, '8')
    keys(rig, '02#')
    keys(rig, '350796')
    keys(rig, '350796')
    for (let count = 0; count < 200 && !text(rig).includes('restart'); count++) wait(rig, 100)
    expect(text(rig)).toContain('Until restart') // no settings on the bench's flash
    wait(rig, 2000)
    keys(rig, '350796')
    expect(text(rig)).toContain('Not accepted')
  })

  it('still lets the clock arm, at its minute and after an hour put off (A-36)', () => {
    const rig = start({
      people: [MASTER, CLEANER],
      settings: {
        schedules: schedulesOf([{ user: 2, role: 'temporary', hours: '08:20-09:00' }]),
        autoArmMinute: 8 * 60 + 10,
        preAlertMinutes: 5,
      },
    })
    rig.simulator.runTo(6 * MINUTE)
    expect(text(rig)).toContain('ARMING SOON')
    keys(rig, MASTER.digits) // an hour later
    rig.simulator.runTo(25 * MINUTE)
    keys(rig, CLEANER.digits) // its hours began meanwhile, and this puts it off again
    expect(text(rig)).not.toContain('Not accepted')
    rig.simulator.runTo(84 * MINUTE)
    expect(text(rig)).not.toContain('exit')
    rig.simulator.runTo(86 * MINUTE)
    expect(text(rig)).toContain('AWAY  exit')
  })
})

describe('a duress code of a temporary user (C-4, D-22)', () => {
  /** What is seen until two minutes after a code at a time, armed. */
  function typed(person: { digits: string }, hours: Hours, times = 1): { rig: rigs.Rig; sights: string[] } {
    const rig = panel(hours)
    arm(rig)
    const sinceMs = nowMs(rig)
    for (let count = 0; count < times; count++) keys(rig, person.digits, 2000)
    wait(rig, 2 * MINUTE)
    const shown = rigs.sightsSince(rig, sinceMs)
    return { rig, sights: shown.map(({ atMs, source, what }) => `${atMs} ${source} ${what}`) }
  }

  it.each([1, 5])(
    'outside its hours looks like a wrong code to the millisecond, and calls for help: %i times',
    (times) => {
      const [wrong, closed, help] = [WRONG, CLEANER, HELP].map((person) =>
        typed(person, { hours: '12:00-13:00' }, times),
      )
      expect(closed.sights).toEqual(wrong.sights)
      expect(help.sights).toEqual(wrong.sights)
      expect(wrong.sights.some((sight) => sight.includes('Not accepted'))).toBe(true)
      expect(events(help.rig)).toContain('1121 01 003')
      expect([wrong, closed].flatMap(({ rig }) => events(rig)).filter((event) => event.startsWith('1121'))).toEqual([])
      const counts = [wrong, closed, help].map(({ rig }) => rigs.panel(rig).wrongCount)
      expect(new Set(counts)).toEqual(new Set([times]))
    },
  )

  it('in its hours disarms like its owner’s', () => {
    const [user, help] = [CLEANER, HELP].map((person) => typed(person, { hours: '08:00-13:00' }))
    expect(help.sights).toEqual(user.sights)
    expect(help.sights.some((sight) => sight.includes('DISARMED'))).toBe(true)
    expect(events(help.rig)).toEqual(expect.arrayContaining(['1121 01 003', '1401 01 002']))
  })
})
