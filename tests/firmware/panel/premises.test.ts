import { describe, expect, it } from 'vitest'
import { House, partition, premises, type State, USUAL, ZoneFlag, type ZoneSpec, zones } from './house'

const FORCE = USUAL | ZoneFlag.FORCE_ARMABLE
// Front door, hall window, living room (follower), garage door with the long delay.
const HOME: ZoneSpec[] = [
  { type: 'entryExit1' },
  { type: 'perimeter', flags: FORCE },
  { type: 'follower' },
  { type: 'entryExit2' },
]
const [DOOR, WINDOW, ROOM, GARAGE] = [0, 1, 2, 3]

/** A house that came into a state; zone 0 is behind ENTRY, the window behind ALARM. */
function at(state: State): House {
  const house = new House(HOME)
  if (state === 'exit') house.arm()
  else if (state !== 'disarmed') house.armed().after(86400000)
  if (state === 'entry') house.open(DOOR).close(DOOR)
  if (state === 'alarm' || state === 'quiet alarm') house.open(WINDOW).close(WINDOW)
  if (state === 'quiet alarm') house.after(250000)
  expect(house.state()).toBe(state)
  house.heard()
  return house
}

describe('states x inputs (ST-1, section 4)', () => {
  type Row = [State, State, string]
  const table = (title: string, act: (house: House) => void, rows: Row[]) => {
    it.each(rows)(`${title}: %s becomes %s, '%s'`, (before, after, heard) => {
      const house = at(before)
      act(house)
      expect(house.state()).toBe(after)
      expect(house.heard().join(', ')).toBe(heard)
    })
  }

  table('the front door opens (Z-1, Z-2)', (house) => house.open(DOOR), [
    ['disarmed', 'disarmed', ''],
    ['exit', 'exit', ''],
    ['armed', 'entry', ''],
    ['entry', 'entry', ''],
    ['alarm', 'alarm', '1134 1 held'],
    ['quiet alarm', 'alarm', '1134 1'],
  ])
  table('the window opens', (house) => house.open(WINDOW), [
    ['disarmed', 'disarmed', ''],
    ['exit', 'exit', ''],
    ['armed', 'alarm', '1131 2 held'],
    ['entry', 'alarm', '1131 2 held'],
    ['alarm', 'alarm', '1131 2 held'],
    ['quiet alarm', 'alarm', '1131 2'],
  ])
  table('somebody moves in the living room (Z-3)', (house) => house.open(ROOM), [
    ['disarmed', 'disarmed', ''],
    ['exit', 'exit', ''],
    ['armed', 'alarm', '1132 3 held'],
    ['entry', 'entry', ''],
    ['alarm', 'alarm', '1132 3 held'],
    ['quiet alarm', 'alarm', '1132 3'],
  ])
  table('a code (K-2, D-6 to D-8, L-12)', (house) => house.code(7), [
    ['disarmed', 'disarmed', ''],
    ['exit', 'disarmed', ''],
    ['armed', 'disarmed', ''],
    ['entry', 'disarmed', ''],
    ['alarm', 'disarmed', ''],
    ['quiet alarm', 'disarmed', ''],
  ])
  it.each([
    ['disarmed', 0, 0, 0],
    ['exit', 0, 0, 0],
    ['armed', 1, 0, 0],
    ['entry', 1, 0, 0],
    ['alarm', 1, 0, 1],
    ['quiet alarm', 1, 1, 0],
  ] as const)(
    'a code while %s opens %i, cancels %i, aborts %i, for user and duress alike (D-4)',
    (state, opens, cancels, aborts) => {
      for (const isDuress of [false, true]) {
        const house = at(state)
        expect(house.code(7, isDuress)).toEqual({ opens, cancels, aborts, exitError: 0 })
        expect(house.partition().silent).toBe(isDuress ? 1 : 0)
      }
    },
  )
})

describe('exit', () => {
  it('lasts 60 s, then armed and closed by user 5 (A-1, R-5)', () => {
    const house = new House(HOME)
    house.arm()
    expect(house.to(59999).state()).toBe('exit')
    expect(house.to(60000).state()).toBe('armed')
    expect(house.heard()).toEqual(['3401 5'])
  })

  it.each([
    ['stay', '3441 5'],
    ['night', '3441 5'],
    ['stay instant', '3441 5'],
    ['away instant', '3401 5'],
  ] as const)('runs in mode %s as well, and the closing is %s (ST-2, ST-3, R-5)', (mode, closing) => {
    const house = new House(HOME)
    house.arm(mode)
    expect(house.state()).toBe('exit')
    expect(house.to(60000).state()).toBe('armed')
    expect(house.heard()).toEqual([closing])
    expect(house.mode()).toBe(mode)
  })

  it.each([
    ['quick arm', partition.BY_QUICK_ARM, '3408 5'],
    ['keyswitch', partition.BY_KEYSWITCH, '3409 5'],
    ['schedule', partition.BY_SCHEDULE, '3403 5'],
  ] as const)('by %s the closing is %s (R-5, A-33)', (_name, origin, closing) => {
    const house = new House(HOME)
    house.arm('away', 5, 1, origin)
    expect(house.to(60000).heard()).toEqual([closing])
  })

  it('may take twice as long in stay (A-3)', () => {
    const house = new House(HOME, { isStayDouble: 1 })
    house.arm('stay')
    expect(house.to(119999).state()).toBe('exit')
    expect(house.to(120000).state()).toBe('armed')
  })

  it('starts anew once when the exit door opens again after open and close (A-2, acceptance test 9)', () => {
    const house = new House(HOME)
    house.arm()
    house.to(20000).open(DOOR).to(25000).close(DOOR)
    expect(house.partition().untilMs).toBe(60000)
    house.to(50000).open(DOOR)
    expect(house.partition().untilMs).toBe(110000)
    house.to(55000).close(DOOR).to(100000).open(DOOR).to(102000).close(DOOR)
    expect(house.partition().untilMs).toBe(110000)
    expect(house.to(110000).state()).toBe('armed')
  })

  it('does not start anew when that is switched off (A-2)', () => {
    const house = new House(HOME, { isExitRestart: 0 })
    house.arm()
    house.to(20000).open(DOOR).close(DOOR).to(50000).open(DOOR)
    expect(house.partition().untilMs).toBe(60000)
  })

  it('becomes stay when nobody left by the door; not for keyswitch or quick arm (A-24, acceptance test 11)', () => {
    const stay = (origin: number, isDoorUsed: boolean) => {
      const house = new House(HOME, { isAutoStay: 1 })
      house.arm('away', 5, 1, origin)
      if (isDoorUsed) house.to(10000).open(DOOR).to(15000).close(DOOR)
      house.to(60000)
      return [house.mode(), house.heard().join()]
    }
    expect(stay(partition.BY_CODE, false)).toEqual(['stay', '3441 5'])
    expect(stay(partition.BY_CODE, true)).toEqual(['away', '3401 5'])
    expect(stay(partition.BY_KEYSWITCH, false)).toEqual(['away', '3409 5'])
    expect(stay(partition.BY_QUICK_ARM, false)).toEqual(['away', '3408 5'])
  })

  it('needs the door opened and closed to count as left (A-24)', () => {
    const house = new House(HOME, { isAutoStay: 1 })
    house.arm()
    house.to(10000).close(DOOR).to(60000)
    expect(house.mode()).toBe('stay')
  })

  it('does not become stay in a partition without an exit door', () => {
    const house = new House([{ type: 'perimeter' }], { isAutoStay: 1 })
    house.arm()
    expect(house.to(60000).mode()).toBe('away')
  })
})

describe('exit error (A-25, acceptance test 10)', () => {
  const leftOpen = () => {
    const house = new House(HOME)
    house.arm()
    house.to(50000).open(DOOR).to(60000)
    return house
  }

  it('sounds at once and runs the entry delay; disarmed in time it sends nothing', () => {
    const house = leftOpen()
    expect(house.state()).toBe('entry')
    expect([house.partition().isExitError, house.partition().siren]).toEqual([1, 2])
    expect(house.heard()).toEqual(['3401 5 held'])
    house.to(80000)
    expect(house.code()).toEqual({ opens: 0, cancels: 0, aborts: 0, exitError: 1 })
    expect(house.heard()).toEqual(['drop'])
    expect(house.after(600000).heard()).toEqual([])
  })

  it('not disarmed sends the closing, 134, 374 and leaves the zone out', () => {
    const house = leftOpen()
    house.heard()
    house.to(90000)
    expect(house.heard()).toEqual(['release', '1134 1', '1374 1'])
    expect(zones.has(house.w.zones, DOOR, zones.BYPASSED)).toBe(true)
    expect(house.state()).toBe('alarm')
    house.close(DOOR).heard()
    expect(house.open(DOOR).heard()).toEqual([])
  })

  it('is one of an interior zone too, but not of a window, which alarms', () => {
    const room = new House(HOME)
    room.arm()
    room.to(50000).open(ROOM).to(60000)
    expect([room.state(), room.partition().isExitError]).toEqual(['entry', 1])
    const window = new House(HOME)
    window.arm()
    window.to(50000).open(WINDOW).to(60000)
    expect(window.state()).toBe('alarm')
    expect(window.heard()).toEqual(['3401 5', '1131 2 held', '1459 5 held'])
  })

  it('an alarm of another zone meanwhile holds the closing with it, and a code drops both', () => {
    const house = leftOpen()
    house.to(65000).open(WINDOW)
    house.heard()
    house.to(70000)
    expect(house.code()).toMatchObject({ opens: 0, aborts: 1, exitError: 1 })
    expect(house.heard()).toEqual(['drop'])
  })
})

describe('entry', () => {
  it('lasts 30 s by the front door and 60 s by the garage (A-4, A-5)', () => {
    for (const [zone, ms] of [
      [DOOR, 30000],
      [GARAGE, 60000],
    ]) {
      const house = at('armed').open(zone)
      expect(house.after(ms - 1).state()).toBe('entry')
      expect(house.after(1).state()).toBe('alarm')
      expect(house.heard()).toEqual([`1134 ${zone + 1} held`])
    }
  })

  it('is shortened by a door with a shorter delay, never lengthened (Z-2)', () => {
    const short = at('armed').open(GARAGE).after(10000).open(DOOR)
    expect(short.partition().untilMs - short.nowMs).toBe(30000)
    const long = at('armed').open(DOOR).after(10000).open(GARAGE)
    expect(long.partition().untilMs - long.nowMs).toBe(20000)
  })

  it('a follower that tripped in it waits for its end (Z-3, acceptance test 13)', () => {
    const house = at('armed').open(DOOR).after(5000).open(ROOM)
    expect(house.state()).toBe('entry')
    expect(house.after(25000).heard()).toEqual(['1134 1 held'])
  })

  it('a follower without it alarms at once (Z-3, acceptance test 13)', () => {
    expect(at('armed').open(ROOM).state()).toBe('alarm')
  })

  it('an interior delayed zone has its delay also when it trips first (Z-5)', () => {
    const house = new House([{ type: 'interiorDelayed' }]).armed().open(0)
    expect(house.state()).toBe('entry')
    expect(house.after(30000).state()).toBe('alarm')
  })

  it('EN: off the entry route a local warning; an alarm when the delay is over and 30 s have passed (Z-4)', () => {
    const early = new House(HOME, { isEn: 1 }).armed().after(200000)
    early.heard()
    early.open(DOOR).after(5000).open(WINDOW)
    expect([early.state(), early.heard().join()]).toEqual(['entry', 'warned 2'])
    expect(early.after(29999).state()).toBe('entry') // entry over at 30 s, the trip was at 5 s
    expect(early.after(1).state()).toBe('alarm')
    expect(early.heard()).toEqual(['1131 2 held'])
  })

  it('SIA: off the entry route an alarm at once (Z-4)', () => {
    expect(at('entry').open(WINDOW).state()).toBe('alarm')
  })
})

describe('abort and cancel (A-7, A-9, A-27, A-28)', () => {
  it('holds the report 30 s; a code in it drops it and sends nothing but the opening', () => {
    const house = at('armed').open(WINDOW)
    expect(house.heard()).toEqual(['1131 2 held'])
    house.after(29999)
    expect(house.heard()).toEqual([])
    expect(house.code()).toMatchObject({ opens: 1, aborts: 1, cancels: 0 })
  })

  it('releases it after 30 s; a code in the next 5 min cancels, later it does not', () => {
    const house = at('armed').open(WINDOW)
    house.heard()
    expect(house.after(30000).heard()).toEqual(['release'])
    expect(house.after(299999).code()).toMatchObject({ opens: 1, aborts: 0, cancels: 1 })
    const late = at('armed').open(WINDOW).after(330000)
    expect(late.code()).toMatchObject({ opens: 1, aborts: 0, cancels: 0 })
  })

  it('holds what comes meanwhile and its restore, and nothing once it is out (R-4)', () => {
    const house = at('armed').open(WINDOW).after(10000).open(ROOM).close(WINDOW)
    expect(house.heard()).toEqual(['1131 2 held', '1132 3 held', '3131 2 held'])
    house.after(20000).close(ROOM)
    expect(house.heard()).toEqual(['release', '3132 3'])
  })

  it('is off with 0 (A-7)', () => {
    const house = new House(HOME, { abortMs: 0 }).armed()
    house.heard()
    expect(house.after(200000).open(WINDOW).heard()).toEqual(['1131 2'])
  })

  it.each(['fire', 'carbonMonoxide', 'medical', 'panic', 'holdUp', 'burglary24h', 'gas'] as const)(
    'never holds %s, armed or not (Z-12)',
    (type) => {
      for (const isArmed of [true, false]) {
        const house = new House([{ type, flags: USUAL }])
        if (isArmed) house.armed()
        house.after(500000).heard()
        house.open(0)
        expect(house.heard().some((line) => line.endsWith('held'))).toBe(false)
        expect(house.partition().heldUntilMs).toBe(Infinity)
      }
    },
  )

  it('a fire lets a held burglary go (Z-12, R-1)', () => {
    const house = new House([{ type: 'perimeter' }, { type: 'fire' }]).armed().after(200000)
    house.open(0).heard()
    expect(house.open(1).heard()).toEqual(['release', '1110 2'])
    expect(house.partition().siren).toBe(4)
  })

  it('does not hold a zone without the attribute (Z-14)', () => {
    const house = new House([{ type: 'perimeter', flags: ZoneFlag.SWINGER }]).armed().after(200000)
    house.heard()
    expect(house.open(0).heard()).toEqual(['1131 1'])
  })
})

describe('alarms', () => {
  it('the siren stops after 4 min, the alarm does not (A-13, ST-6)', () => {
    const house = at('armed').open(WINDOW)
    expect(house.after(239999).state()).toBe('alarm')
    expect(house.after(1).state()).toBe('quiet alarm')
    expect(house.after(86400000).state()).toBe('quiet alarm')
  })

  it('within 120 s of arming 459 says who armed (A-14, A-26)', () => {
    const soon = new House(HOME)
    soon.arm()
    soon.to(60000).heard()
    expect(soon.to(179999).open(WINDOW).heard()).toEqual(['1131 2 held', '1459 5 held'])
    const later = new House(HOME)
    later.arm()
    later.to(60000).heard()
    expect(later.to(180000).open(WINDOW).heard()).toEqual(['1131 2 held'])
  })

  it('of a 24-hour zone in a disarmed house ends with a code, and opens nothing (ST-4)', () => {
    const house = new House([{ type: 'burglary24h' }])
    house.to(10000).open(0)
    expect([house.state(), house.mode()]).toEqual(['alarm', 'none'])
    house.close(0).heard()
    expect(house.code()).toMatchObject({ opens: 0, cancels: 1 })
    expect(house.state()).toBe('disarmed')
  })

  it('remembers its zones in order until the next arming (A-31, E-7)', () => {
    const house = at('armed').open(ROOM).close(ROOM).after(1000).open(WINDOW).close(WINDOW).after(1000)
    house.code()
    const order = () => {
      const found: number[] = []
      for (let zone = zones.nextInMemory(house.w.zones, 255, -1); zone >= 0; ) {
        found.push(zone)
        zone = zones.nextInMemory(house.w.zones, 255, zone)
      }
      return found
    }
    expect(order()).toEqual([ROOM, WINDOW])
    expect(house.partition().memory).toBe(1)
    house.arm()
    expect(order()).toEqual([])
    expect(house.partition().memory).toBe(0)
  })

  it('remembers more zones than it keeps the order of, each once', () => {
    const many = Array.from({ length: 10 }, (): ZoneSpec => ({ type: 'perimeter' }))
    const house = new House(many).armed()
    for (const zone of [9, 3, 7, 1, 0, 2, 4, 5]) house.open(zone)
    const found: number[] = []
    for (let zone = zones.nextInMemory(house.w.zones, 255, -1); zone >= 0; ) {
      found.push(zone)
      zone = zones.nextInMemory(house.w.zones, 255, zone)
    }
    expect(found).toEqual([9, 3, 7, 1, 0, 2, 4, 5])
  })

  it('sounds the worst: fire before carbon monoxide before burglary, and never a lesser one after it (Z-13)', () => {
    const house = new House([
      { type: 'perimeter' },
      { type: 'carbonMonoxide' },
      { type: 'fire' },
      { type: 'water' },
    ]).armed()
    const sirens = [0, 1, 2, 3, 0].map((zone) => house.open(zone).partition().siren)
    expect(sirens).toEqual([2, 3, 4, 4, 4])
  })
})

describe('swinger shutdown (A-10, A-11, A-29, acceptance test 12)', () => {
  const twice = () => at('armed').open(WINDOW).close(WINDOW).after(60000).open(WINDOW).close(WINDOW).after(60000)

  it('after two alarms the third makes neither siren nor report, until disarmed and armed', () => {
    const house = twice().after(300000)
    house.heard()
    expect(house.open(WINDOW).close(WINDOW).heard()).toEqual([])
    expect(house.state()).toBe('quiet alarm')
    house.code()
    house.heard()
    house.armed().after(200000).heard()
    expect(house.open(WINDOW).heard()).toEqual(['1131 2 held'])
  })

  it('holds the last restore until it is over', () => {
    const house = twice()
    const restores = house.heard().filter((line) => line.startsWith('3131'))
    expect(restores.length).toBe(1)
    house.code()
    expect(house.heard()).toContain('3131 2')
  })

  it('ends after 48 h without an alarm', () => {
    const house = twice().after(48 * 3600000)
    house.heard()
    expect(house.open(WINDOW).heard()).toEqual(['1131 2'])
  })

  it('counts for no fire, and for no zone without the attribute (Z-12, Z-14)', () => {
    for (const spec of [
      { type: 'fire', flags: USUAL & ~ZoneFlag.ABORT },
      { type: 'heat', flags: USUAL },
      { type: 'perimeter', flags: 0 },
    ] satisfies ZoneSpec[]) {
      const house = new House([spec]).armed().after(200000)
      house.heard()
      for (let count = 0; count < 5; count++) house.open(0).close(0).after(1000)
      expect(house.heard().filter((line) => /^1(110|114|131)/.test(line)).length).toBe(5)
    }
  })
})

describe('cross-zone (A-12, A-30)', () => {
  const PAIR: ZoneSpec[] = [
    { type: 'perimeter', cross: 1 },
    { type: 'perimeter', cross: 1 },
    { type: 'perimeter', cross: 2 },
  ]
  const house = () => {
    const made = new House(PAIR).armed().after(200000)
    made.heard()
    return made
  }

  it('one trip alone makes no siren and no report', () => {
    const one = house().open(0)
    expect([one.state(), one.heard().join()]).toEqual(['armed', 'unconfirmed 1'])
  })

  it('two zones of a group within 60 s alarm, 1 ms later they do not', () => {
    expect(house().open(0).after(59999).open(1).state()).toBe('alarm')
    expect(house().open(0).after(60000).open(1).state()).toBe('armed')
  })

  it('so does the same zone twice; a zone of another group does not', () => {
    expect(house().open(0).close(0).after(10000).open(0).state()).toBe('alarm')
    expect(house().open(0).after(10000).open(2).state()).toBe('armed')
  })
})

describe('fire verification (Z-10)', () => {
  const smoke = () =>
    new House([
      { type: 'fireVerified', flags: 0 },
      { type: 'fireVerified', flags: 0 },
    ])

  it('takes the detectors\u2019 power for 20 s, then a second activation within 60 s is an alarm', () => {
    const house = smoke().to(10000).open(0)
    expect(premises.isDetectorOff(house.w)).toBe(1)
    house.after(1000).close(0).after(18999)
    expect(premises.isDetectorOff(house.w)).toBe(1)
    house.after(1)
    expect(premises.isDetectorOff(house.w)).toBe(0)
    expect(house.heard()).toEqual(['unconfirmed 1'])
    expect(house.after(59999).open(0).state()).toBe('alarm')
    expect(house.heard()).toEqual(['1111 1'])
  })

  it('without a second one in 80 s there is no alarm, and the next one begins anew', () => {
    const house = smoke().to(10000).open(0).after(1000).close(0).after(79000)
    expect(house.state()).toBe('disarmed')
    house.heard()
    expect(house.open(0).heard()).toEqual(['unconfirmed 1'])
  })

  it('another detector is an alarm at once', () => {
    const house = smoke().to(10000).open(0).after(5000).open(1)
    expect(house.state()).toBe('alarm')
    expect(house.heard()).toEqual(['unconfirmed 1', '1111 2'])
  })

  it('one that stays active through the reset is an alarm after 20 s', () => {
    const house = smoke().to(10000).open(0)
    expect(house.after(19999).state()).toBe('disarmed')
    expect(house.after(1).state()).toBe('alarm')
  })
})

describe('delayed fire (Z-11)', () => {
  const flags = ZoneFlag.ABORT
  const smoke = () =>
    new House([
      { type: 'fire', flags },
      { type: 'fire', flags },
      { type: 'fire', flags: 0 },
    ])
  /** What entry.ts does with a key. */
  function hush(house: House): House {
    house.w.verifying = premises.HUSHED
    house.w.verifyUntilMs = house.nowMs + premises.HUSH_MS
    return house
  }

  it('is off by default: a fire zone is an alarm at once', () => {
    const house = smoke().to(10000).open(2)
    expect([house.state(), house.heard()]).toEqual(['alarm', ['1110 3']])
  })

  it('is reported 30 s after it began, when nobody came; also when the smoke is gone by then', () => {
    for (const isGone of [false, true]) {
      const house = smoke().to(10000).open(0)
      expect([house.w.verifying, house.heard()]).toEqual([premises.SMOKE, ['unconfirmed 1']])
      house.after(1000)
      if (isGone) house.close(0)
      expect(house.after(28999).heard()).toEqual([])
      expect(house.after(1).heard()).toEqual(['1110 1'])
      expect([house.state(), house.w.verifying]).toEqual(['alarm', 0])
    }
  })

  it('that somebody hushed is looked at again after 90 s: gone, and nothing is reported', () => {
    const house = hush(smoke().to(10000).open(0).after(29000))
    house.heard()
    house.after(5000).close(0).after(84999)
    expect(house.w.verifying).toBe(premises.HUSHED)
    house.after(1)
    expect([house.w.verifying, house.state(), house.heard()]).toEqual([0, 'disarmed', []])
    expect(house.open(0).w.verifying).toBe(premises.SMOKE)
  })

  it('that is still there after 90 s begins anew, and goes out 30 s later', () => {
    const house = hush(smoke().to(10000).open(0).after(1000))
    house.heard()
    house.after(90000)
    expect([house.w.verifying, house.heard()]).toEqual([premises.SMOKE, ['unconfirmed 1']])
    expect(house.after(30000).heard()).toEqual(['1110 1'])
  })

  it.each([false, true])('and a second detector is an alarm of both at once, hushed %s', (isHushed) => {
    const house = smoke().to(10000).open(0).after(1000)
    if (isHushed) hush(house)
    house.heard()
    expect(house.after(5000).open(1).heard()).toEqual(['1110 1', '1110 2'])
  })

  it('leaves an armed partition armed while it is looked at', () => {
    const house = new House([...HOME, { type: 'fire', flags }])
    house.arm()
    house.after(60000)
    house.open(HOME.length).after(1000)
    hush(house).after(1000).close(HOME.length).after(90000)
    expect(house.state()).toBe('armed')
  })
})

describe('arming', () => {
  it('needs ready: names the open zone and arms nothing (A-20)', () => {
    const house = new House(HOME).open(ROOM)
    expect(house.arm()).toBe(ROOM)
    expect(house.state()).toBe('disarmed')
  })

  it('in stay an open interior zone does not matter', () => {
    expect(new House(HOME).open(ROOM).arm('stay')).toBe(-1)
  })

  it('forced leaves out what may be, reports each, and takes it in when it is secure (A-21, Z-6)', () => {
    const house = new House(HOME).open(WINDOW)
    expect(house.arm('away', 5, 1, partition.BY_CODE, false)).toBe(WINDOW)
    expect(house.arm('away', 5, 1, partition.BY_CODE, true)).toBe(-1)
    expect(house.heard()).toEqual(['1573 2'])
    expect(house.to(60000).heard()).toEqual(['3456 5'])
    house.after(200000)
    expect(house.close(WINDOW).heard()).toEqual(['3573 2'])
    expect(house.open(WINDOW).state()).toBe('alarm')
  })

  it('forced does not leave out a zone that may not be, nor a 24-hour zone (Z-7)', () => {
    expect(new House(HOME).open(DOOR).arm('away', 5, 1, partition.BY_CODE, true)).toBe(DOOR)
    const house = new House([{ type: 'burglary24h', flags: FORCE }]).open(0)
    house.code()
    expect(house.arm('away', 5, 1, partition.BY_CODE, true)).toBe(0)
  })

  it('leaves out a bypassed zone until disarming, with 573 and 570 new and restore (A-22)', () => {
    const house = new House([{ type: 'perimeter' }, { type: 'burglary24h' }])
    expect(premises.bypass(house.w, 0)).toBe(true)
    expect(premises.bypass(house.w, 1)).toBe(true)
    house.take()
    expect(house.heard()).toEqual(['1573 1', '1570 2'])
    house.armed().heard()
    expect(house.open(0).open(1).heard()).toEqual([])
    house.code()
    expect(house.heard()).toEqual(['3573 1', '3570 2'])
    expect(zones.has(house.w.zones, 0, zones.BYPASSED)).toBe(false)
  })

  it('refuses to bypass fire, or what has not the attribute (Z-7, Z-14)', () => {
    const house = new House([{ type: 'fire', flags: 0 }])
    expect([premises.bypass(house.w, 0), premises.bypass(house.w, 5), premises.bypass(house.w, -1)]).toEqual([
      false,
      false,
      false,
    ])
  })

  it('out of armed is a quick exit: one exit delay, then armed again (A-34)', () => {
    const house = new House(HOME).armed('stay').after(1000)
    house.heard()
    house.arm('stay')
    expect(house.open(DOOR).close(DOOR).state()).toBe('exit')
    expect(house.after(60000).state()).toBe('armed')
  })
})

describe('partitions', () => {
  // Flat 1, flat 2, and the hall that both share.
  const HOUSE: ZoneSpec[] = [
    { type: 'perimeter', partitions: 1 },
    { type: 'perimeter', partitions: 2 },
    { type: 'perimeter', partitions: 3 },
  ]

  it('a common zone is live only when both are armed, and is told once, for the first (PT-2, PT-3)', () => {
    const house = new House(HOUSE, {}, 2).armed('away', 1)
    expect(house.open(2).close(2).state()).toBe('armed')
    house.arm('away', 6, 2)
    house.after(400000).heard()
    house.open(2)
    expect([house.state(0), house.state(1)]).toEqual(['alarm', 'alarm'])
    expect(house.heard()).toEqual(['1131 3 held'])
  })

  it('events carry the partition of their zone (PT-3)', () => {
    const house = new House(HOUSE, {}, 2).armed('away', 3).after(200000)
    house.heard()
    expect(house.open(1).heard()).toEqual(['2: 1131 2 held'])
  })

  it('arming all is all or nothing (PT-4)', () => {
    const house = new House(HOUSE, {}, 2).open(1)
    expect(house.arm('away', 5, 3)).toBe(1)
    expect([house.state(0), house.state(1)]).toEqual(['disarmed', 'disarmed'])
  })

  it('a code acts on its own partition only (PT-1, PT-5)', () => {
    const house = new House(HOUSE, {}, 2).armed('away', 3).after(200000)
    house.code(5, true, 2)
    expect([house.state(0), house.state(1)]).toEqual(['armed', 'disarmed'])
    expect([house.partition(0).silent, house.partition(1).silent]).toEqual([0, 1])
  })
})

describe('power-up (P-3, W-13)', () => {
  it('burglary zones do not count for 60 s, 24-hour zones for 5 s; what is open then counts', () => {
    const house = new House([{ type: 'perimeter' }, { type: 'panic' }])
    house.arm()
    house.to(60000).heard()
    premises.holdOff(house.w, house.nowMs)
    house.after(1000).open(0).open(1)
    expect(house.heard()).toEqual([])
    expect(house.after(4000).heard()).toEqual(['1123 2', '1459 5'])
    expect(house.after(54999).heard()).toEqual([])
    expect(house.after(1).heard()[0]).toMatch(/^1131 1/)
  })
})

describe('other inputs', () => {
  it('tamper: 144 once, an alarm while armed, none while disarmed in SIA, the keypad in EN (2.1 type 20)', () => {
    const disarmed = new House(HOME).open(WINDOW, zones.TAMPERED)
    expect([disarmed.state(), disarmed.heard().join()]).toEqual(['disarmed', '1144 2'])
    expect(disarmed.open(WINDOW, zones.TAMPERED).heard()).toEqual([])
    expect(at('armed').open(WINDOW, zones.TAMPERED).partition().siren).toBe(2)
    const en = new House(HOME, { isEn: 1 }).open(WINDOW, zones.TAMPERED)
    expect([en.state(), en.partition().siren]).toEqual(['alarm', 1])
  })

  it('a loop between its bands is a trouble (380), never secure; its end is told (W-6)', () => {
    const house = new House(HOME).open(WINDOW, zones.FAULT)
    expect(house.heard()).toEqual(['1380 2'])
    expect(house.arm()).toBe(WINDOW)
    expect(house.close(WINDOW).heard()).toEqual(['3380 2'])
  })

  it('the tamper of a loop ends as one (R-4), and follows a trouble that was there before', () => {
    const house = new House(HOME).open(WINDOW, zones.TAMPERED)
    expect(house.heard()).toEqual(['1144 2'])
    // What is cut does not heal by reading between bands for a while.
    expect(house.open(WINDOW, zones.FAULT).heard()).toEqual([])
    expect(house.close(WINDOW).heard()).toEqual(['3144 2'])
    expect(house.open(WINDOW, zones.MASKED).heard()).toEqual(['1380 2'])
    expect(house.open(WINDOW, zones.TAMPERED).heard()).toEqual(['3380 2', '1144 2'])
    expect(house.close(WINDOW).heard()).toEqual(['3144 2'])
    expect(house.open(WINDOW, zones.FAULT).heard()).toEqual(['1380 2'])
    expect(house.close(WINDOW).heard()).toEqual(['3380 2'])
  })

  it('a detector that nobody has seen move for 3 days is a trouble (Z-15)', () => {
    const house = new House([
      { type: 'perimeter', flags: ZoneFlag.SENSOR_WATCH },
      { type: 'perimeter', flags: 0 },
    ])
    const days = [1, 2, 3, 4].map(() => {
      premises.dayPassed(house.w, 3)
      house.take()
      return house.heard().join()
    })
    expect(days).toEqual(['', '', '1391 1', ''])
    house.open(0).close(0)
    premises.dayPassed(house.w, 3)
    house.take()
    expect(house.heard()).toEqual([])
  })

  it('walk test: 607, zones beep and do nothing else, fire and panic do; it ends after 4 h (K-23)', () => {
    const house = new House([{ type: 'perimeter' }, { type: 'burglary24h' }, { type: 'fire' }]).to(1000)
    premises.walkTest(house.w, house.nowMs)
    house.take()
    house.open(0).open(1)
    expect(house.heard()).toEqual(['1607 0', 'walked 1', 'walked 2'])
    expect(house.open(2).heard()).toEqual(['1110 3'])
    house.code()
    house.heard()
    expect(house.to(4 * 3600000 + 999).heard()).toEqual([])
    expect(house.after(1).heard()).toEqual(['3607 0'])
  })

  it('while an installer programs burglary zones do not alarm, fire does (K-22, ST-4)', () => {
    const house = new House([{ type: 'burglary24h' }, { type: 'fire' }])
    house.w.isProgramming = 1
    expect(house.open(0).heard()).toEqual([])
    expect(house.open(1).heard()).toEqual(['1110 2'])
  })
})
