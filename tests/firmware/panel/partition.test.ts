import { describe, expect, it } from 'vitest'
import * as event from '../../../firmware/event'
import * as partition from '../../../firmware/panel/partition'

const STATES = ['DISARMED', 'EXIT', 'ARMED', 'ENTRY', 'ALARM', 'ALARM_QUIET'] as const
type State = (typeof STATES)[number]

const EXIT_MS = 60000
const ENTRY_MS = 30000
/** 4 min. */
const BELL_MS = 240000
/** P-3, W-13. */
const HOLD_OFF_MS = 60000

// Zones 0 and 1 are entry/exit zones, 2 and 3 are instant.
const ZONE_TYPES = new Uint8Array([0, 0, 1, 1])

/** A partition that came into the state at 100 s; user 5 armed it, zone 0 is behind ENTRY and ALARM. */
function at(state: State): partition.Partition {
  const p = partition.create(EXIT_MS, ENTRY_MS, ZONE_TYPES)
  p.user = 5
  p.state = STATES.indexOf(state)
  p.memory = p.state >= 4 ? 1 : 0
  p.untilMs = 100000 + (state === 'EXIT' ? EXIT_MS : state === 'ENTRY' ? ENTRY_MS : BELL_MS)
  return p
}

const T = 101000

const name = (p: partition.Partition): State => STATES[p.state]

/** What is to be reported, as '1134 1'; '' when nothing is. */
function report(p: partition.Partition): string {
  return p.code === event.NONE ? '' : `${p.qualifier}${p.code} ${p.number}`
}

describe('states x inputs', () => {
  // Input, then for each state: the state after it, and what is reported.
  type Row = [State, State, string]
  const table = (title: string, act: (p: partition.Partition) => void, rows: Row[]) => {
    it.each(rows)(`${title}: %s becomes %s, reports '%s'`, (before, after, reported) => {
      const p = at(before)
      act(p)
      expect(name(p)).toBe(after)
      expect(report(p)).toBe(reported)
    })
  }

  table('an entry/exit zone opens (Z-1, Z-2)', (p) => partition.zoneOpened(p, 1, T), [
    ['DISARMED', 'DISARMED', ''],
    ['EXIT', 'EXIT', ''],
    ['ARMED', 'ENTRY', ''],
    ['ENTRY', 'ENTRY', ''],
    ['ALARM', 'ALARM', '1134 2'],
    ['ALARM_QUIET', 'ALARM', '1134 2'],
  ])

  table('an instant zone opens', (p) => partition.zoneOpened(p, 2, T), [
    ['DISARMED', 'DISARMED', ''],
    ['EXIT', 'EXIT', ''],
    ['ARMED', 'ALARM', '1131 3'],
    ['ENTRY', 'ALARM', '1131 3'],
    ['ALARM', 'ALARM', '1131 3'],
    ['ALARM_QUIET', 'ALARM', '1131 3'],
  ])

  table('the zone behind the alarm opens again', (p) => partition.zoneOpened(p, 0, T), [
    ['ALARM', 'ALARM', ''],
    ['ALARM_QUIET', 'ALARM_QUIET', ''],
  ])

  table('a user code (K-2, D-6 to D-8)', (p) => partition.codeEntered(p, 1, 0, 7), [
    ['DISARMED', 'DISARMED', ''],
    ['EXIT', 'DISARMED', ''],
    ['ARMED', 'DISARMED', '1401 7'],
    ['ENTRY', 'DISARMED', '1401 7'],
    ['ALARM', 'DISARMED', '1401 7'],
    ['ALARM_QUIET', 'DISARMED', '1401 7'],
  ])

  table('a duress code, the same as its owner\u2019s (D-4, D-6 to D-8)', (p) => partition.codeEntered(p, 1, 1, 7), [
    ['DISARMED', 'DISARMED', ''],
    ['EXIT', 'DISARMED', ''],
    ['ARMED', 'DISARMED', '1401 7'],
    ['ENTRY', 'DISARMED', '1401 7'],
    ['ALARM', 'DISARMED', '1401 7'],
    ['ALARM_QUIET', 'DISARMED', '1401 7'],
  ])

  const unmoved: Row[] = STATES.map((state) => [state, state, ''])
  table('a wrong code (L-12)', (p) => partition.codeEntered(p, 0, 0, 1), unmoved)
  table('a duress code in lockout (D-22)', (p) => partition.codeEntered(p, 0, 1, 1), unmoved)

  table('the end of the state\u2019s time (ST-6)', (p) => partition.poll(p, p.untilMs), [
    ['DISARMED', 'DISARMED', ''],
    ['EXIT', 'ARMED', '3401 5'],
    ['ARMED', 'ARMED', ''],
    ['ENTRY', 'ALARM', '1134 1'],
    ['ALARM', 'ALARM_QUIET', ''],
    ['ALARM_QUIET', 'ALARM_QUIET', ''],
  ])
})

describe('delays', () => {
  it('exit lasts 60000 ms: armed then, not 1 ms earlier (A-1)', () => {
    const p = at('DISARMED')
    partition.armAway(p, 5000)
    expect(name(p)).toBe('EXIT')
    expect(partition.deadline(p)).toBe(5000 + EXIT_MS)
    expect(partition.poll(p, 5000 + EXIT_MS - 1)).toBe(false)
    expect(name(p)).toBe('EXIT')
    expect(partition.poll(p, 5000 + EXIT_MS)).toBe(true)
    expect(name(p)).toBe('ARMED')
    expect(partition.deadline(p)).toBe(Infinity)
  })

  it('entry lasts 30000 ms: alarm then, not 1 ms earlier (A-4)', () => {
    const p = at('ARMED')
    expect(partition.zoneOpened(p, 1, T)).toBe(true)
    expect(partition.deadline(p)).toBe(T + ENTRY_MS)
    expect(partition.poll(p, T + ENTRY_MS - 1)).toBe(false)
    expect(partition.poll(p, T + ENTRY_MS)).toBe(true)
    expect(report(p)).toBe('1134 2')
    expect(p.memory).toBe(1)
  })

  it('a second entry zone never lengthens a running entry delay (Z-2)', () => {
    const p = at('ENTRY')
    const untilMs = p.untilMs
    expect(partition.zoneOpened(p, 1, T + 20000)).toBe(false)
    expect(p.untilMs).toBe(untilMs)
    expect(p.zone).toBe(0)
  })

  it('a wrong code never lengthens exit, entry or siren (L-12)', () => {
    for (const state of ['EXIT', 'ENTRY', 'ALARM'] as const) {
      const p = at(state)
      const before = { ...p }
      partition.codeEntered(p, 0, 0, 1)
      expect(p).toEqual({ ...before, code: event.NONE, number: 5 })
    }
  })

  it('the siren lasts 240000 ms, and the alarm goes on in silence until a person ends it (A-13, ST-6)', () => {
    const p = at('ARMED')
    partition.zoneOpened(p, 2, T)
    expect(partition.deadline(p)).toBe(T + BELL_MS)
    expect(partition.poll(p, T + BELL_MS - 1)).toBe(false)
    expect(partition.poll(p, T + BELL_MS)).toBe(true)
    expect(name(p)).toBe('ALARM_QUIET')
    expect(partition.deadline(p)).toBe(Infinity)
    expect(partition.poll(p, T + 86400000)).toBe(false)
    partition.codeEntered(p, 1, 0, 7)
    expect(name(p)).toBe('DISARMED')
  })

  it('the siren starts anew for another zone', () => {
    const p = at('ALARM')
    partition.zoneOpened(p, 3, T)
    expect(p.untilMs).toBe(T + BELL_MS)
    expect(p.zone).toBe(3)
  })
})

describe('memory (A-31)', () => {
  it('stands from the alarm over the disarm to the next arming', () => {
    const p = at('ARMED')
    partition.zoneOpened(p, 3, T)
    expect([p.memory, p.zone]).toEqual([1, 3])
    partition.codeEntered(p, 1, 0, 7)
    expect([p.memory, p.zone]).toEqual([1, 3])
    partition.codeEntered(p, 1, 0, 7)
    expect(p.memory).toBe(1)
    partition.armAway(p, T)
    expect(p.memory).toBe(0)
  })

  it('is not set by an entry that was ended in time (D-8)', () => {
    const p = at('ENTRY')
    partition.codeEntered(p, 1, 1, 7)
    expect(p.memory).toBe(0)
  })
})

describe('the silent flag', () => {
  // Before, accepted, duress, after.
  it.each([
    [0, 1, 0, 0],
    [0, 1, 1, 1],
    [0, 0, 0, 0],
    [0, 0, 1, 1],
    [1, 1, 0, 0],
    [1, 1, 1, 1],
    [1, 0, 0, 1],
    [1, 0, 1, 1],
  ])('%i, accepted %i, duress %i: becomes %i (D-17, D-22)', (before, accepted, duress, after) => {
    const p = at('ARMED')
    p.silent = before
    partition.codeEntered(p, accepted, duress, 7)
    expect(p.silent).toBe(after)
  })
})

describe('the user', () => {
  it('is who entered an accepted code, and stays for a refused one', () => {
    const p = at('ARMED')
    partition.codeEntered(p, 0, 0, 1)
    expect(p.user).toBe(5)
    partition.codeEntered(p, 1, 0, 64)
    expect(p.user).toBe(64)
    partition.armAway(p, T)
    partition.poll(p, T + EXIT_MS)
    expect(report(p)).toBe('3401 64')
  })
})

describe('after a power loss (P-2 to P-4)', () => {
  const BOOT_MS = 40

  /** Saved and resumed, as the journal does it with two bytes. */
  function restarted(p: partition.Partition): partition.Partition {
    const [state, number] = [partition.stateByte(p), partition.numberByte(p)]
    for (const byte of [state, number]) expect(byte >= 0 && byte <= 255 && byte % 1 === 0).toBe(true)
    const fresh = partition.create(EXIT_MS, ENTRY_MS, ZONE_TYPES)
    partition.resume(fresh, state, number, BOOT_MS)
    return fresh
  }

  // State before, state after, when it ends by itself, what is reported.
  it.each<[State, State, number, string]>([
    ['DISARMED', 'DISARMED', Infinity, ''],
    ['EXIT', 'ARMED', BOOT_MS + HOLD_OFF_MS, '3401 5'],
    ['ARMED', 'ARMED', BOOT_MS + HOLD_OFF_MS, ''],
    ['ENTRY', 'ENTRY', BOOT_MS + ENTRY_MS, ''],
    ['ALARM', 'ALARM', BOOT_MS + BELL_MS, ''],
    ['ALARM_QUIET', 'ALARM_QUIET', Infinity, ''],
  ])('%s becomes %s until %i ms, reports \u2019%s\u2019 (P-4)', (before, after, untilMs, reported) => {
    const p = restarted(at(before))
    expect(name(p)).toBe(after)
    expect(partition.deadline(p)).toBe(untilMs)
    expect(report(p)).toBe(reported)
  })

  it.each(STATES)('%s keeps memory, silent flag and the zone behind them, zones 0 to 3 (P-1)', (state) => {
    for (let bits = 0; bits < 16; bits++) {
      const p = at(state)
      p.memory = bits & 1
      p.silent = (bits >> 1) & 1
      p.zone = bits >> 2
      const after = restarted(p)
      expect([after.memory, after.silent]).toEqual([p.memory, p.silent])
      expect(after.zone).toBe(state === 'EXIT' ? 0 : p.zone)
    }
  })

  it('says the right zone when the entry delay then runs out', () => {
    const p = at('ENTRY')
    p.zone = 1
    const after = restarted(p)
    partition.poll(after, after.untilMs)
    expect(report(after)).toBe('1134 2')
  })

  it('has room for user 64 and zone 64', () => {
    const exit = at('EXIT')
    exit.user = 64
    expect(report(restarted(exit))).toBe('3401 64')
    const many = partition.create(EXIT_MS, ENTRY_MS, new Uint8Array(64))
    partition.resume(many, 4, 63, BOOT_MS)
    expect(many.zone).toBe(63)
  })

  it('does not point at a zone that is no longer there', () => {
    const p = partition.create(EXIT_MS, ENTRY_MS, ZONE_TYPES)
    partition.resume(p, 4, 4, BOOT_MS)
    expect(p.zone).toBe(0)
  })

  it('ignores burglary zones for 59999 ms, not for 60000 (P-3, W-13)', () => {
    const early = restarted(at('ARMED'))
    expect(partition.zoneOpened(early, 2, BOOT_MS + HOLD_OFF_MS - 1)).toBe(false)
    expect(name(early)).toBe('ARMED')
    const late = restarted(at('ARMED'))
    expect(partition.zoneOpened(late, 2, BOOT_MS + HOLD_OFF_MS)).toBe(true)
    expect(name(late)).toBe('ALARM')
  })

  it('asks once, when the hold-off ends while armed, for the zones that are open then (P-3)', () => {
    const p = restarted(at('ARMED'))
    expect(partition.poll(p, BOOT_MS + HOLD_OFF_MS - 1)).toBe(false)
    expect(partition.poll(p, BOOT_MS + HOLD_OFF_MS)).toBe(true)
    expect(name(p)).toBe('ARMED')
    expect(report(p)).toBe('')
    expect(partition.deadline(p)).toBe(Infinity)
    expect(partition.poll(p, BOOT_MS + HOLD_OFF_MS + 1)).toBe(false)
  })

  it('asks no second time when it is armed after the hold-off', () => {
    const p = restarted(at('DISARMED'))
    partition.armAway(p, 100000)
    partition.poll(p, 100000 + EXIT_MS)
    expect(name(p)).toBe('ARMED')
    expect(partition.deadline(p)).toBe(Infinity)
  })

  it('still asks when the exit delay ends inside the hold-off', () => {
    const p = restarted(at('DISARMED'))
    p.exitDelayMs = 45000
    partition.armAway(p, 5000)
    partition.poll(p, 50000)
    expect(partition.deadline(p)).toBe(BOOT_MS + HOLD_OFF_MS)
  })
})
