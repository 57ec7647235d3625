import { describe, expect, it } from 'vitest'
import { Follow, Option, ZoneFlag, ZoneType } from '../../firmware/config'
import * as codes from '../../firmware/panel/codes'
import * as eventLog from '../../firmware/store/event-log'
import {
  arm,
  choose,
  close,
  DURESS,
  events,
  FRONT_DOOR,
  INSTALLER,
  keys,
  MASTER,
  nowMs,
  type Options,
  open,
  type Person,
  start,
  text,
  USER,
  WINDOW,
  wait,
} from './house-rig'
import * as rigs from './panel-rig'

const USUAL = ZoneFlag.BYPASSABLE | ZoneFlag.SWINGER | ZoneFlag.ABORT
const lamp = (rig: rigs.Rig) => rig.simulator.onlooker.now

describe('an alarm within the abort window (A-7, A-27)', () => {
  const alarm = () => {
    const rig = start()
    wait(rig, 40000)
    arm(rig)
    wait(rig, 130000) // no recent close
    rig.simulator.runTo(300000)
    open(rig, 1)
    close(rig, 1)
    expect(lamp(rig).siren).toBe('on')
    return rig
  }

  it('ended by a code sends nothing but the opening, and says so', () => {
    const rig = alarm()
    keys(rig, USER.digits)
    expect([text(rig), lamp(rig).siren]).toEqual(['DISARMED   08:05|Alarm not sent', 'off'])
    wait(rig, 120000)
    expect(events(rig, 300000)).toEqual(['1401 01 002'])
  })

  it('ended by the duress code sends the alarm with 121, and says the same (D-9, acceptance test 2)', () => {
    const rig = alarm()
    keys(rig, DURESS.digits)
    expect(text(rig)).toBe('DISARMED   08:05|Alarm not sent')
    wait(rig, 120000)
    // 121 first, then the alarm by its class, the opening; its restore is last.
    expect(events(rig, 300000)).toEqual(['1121 01 003', '1131 01 002', '1401 01 002', '3131 01 002'])
  })

  it('looks and sounds the same for both, and writes as much to flash with the answer (D-9, D-33)', () => {
    const runs = [USER, DURESS].map((person) => {
      const rig = alarm()
      const sinceMs = nowMs(rig)
      keys(rig, person.digits)
      const commitMs = rigs.commitMs(rig, sinceMs)
      const written = rigs.flashOperations(rig, commitMs, commitMs + 400)
      wait(rig, 120000)
      return { sights: JSON.stringify(rigs.sightsSince(rig, 0)), written }
    })
    expect(runs[1].sights).toBe(runs[0].sights)
    expect(runs[1].written).toEqual(runs[0].written)
    expect(runs[0].written.length).toBeGreaterThan(2)
  })

  it('goes out when the window is over; a code then cancels, under duress it does not (A-9, A-28, D-10, acceptance test 3)', () => {
    const ended = (person: Person) => {
      const rig = alarm()
      wait(rig, 35000)
      expect(events(rig, 300000)).toEqual(['1131 01 002', '3131 01 002'])
      const sinceMs = nowMs(rig)
      keys(rig, person.digits)
      expect(text(rig)).toBe('DISARMED   08:05|Cancel sent')
      wait(rig, 60000)
      return events(rig, sinceMs)
    }
    expect(ended(USER)).toEqual(['1401 01 002', '1406 01 002'])
    expect(ended(DURESS)).toEqual(['1121 01 003', '1401 01 002'])
  })

  it('is sent after a power cut in it: what was promised is not forgotten (P-1, P-6)', () => {
    const rig = alarm()
    rig.simulator.powerOff()
    wait(rig, 5000)
    rig.simulator.powerOn()
    wait(rig, 60000)
    expect(events(rig, 300000)).toContain('1131 01 002')
    expect(lamp(rig).siren).toBe('on')
  })
})

describe('what follows a code (K-2)', () => {
  it.each([
    ['2', 'AWAY', '3401 01 002'],
    ['3', 'STAY', '3441 01 002'],
    ['33', 'NITE', '3441 01 002'],
    ['4', 'MAX', '3401 01 002'],
    ['7', 'INST', '3441 01 002'],
  ])('%s arms %s (ST-2, R-5)', (choice, word, closing) => {
    const rig = start()
    wait(rig, 40000)
    choose(rig, USER, choice)
    expect(text(rig)).toContain(`${word}`)
    expect(text(rig)).toContain('exit')
    wait(rig, 65000)
    expect(text(rig)).toMatch(new RegExp(`^ARMED ${word} *08:0`))
    expect(events(rig)).toEqual([closing])
  })

  it('is known after a pause of 1 s without #, and not before', () => {
    const rig = start()
    wait(rig, 40000)
    keys(rig, USER.digits)
    keys(rig, '2', 700)
    expect(text(rig)).not.toContain('exit')
    wait(rig, 400)
    expect(text(rig)).toContain('AWAY  exit')
  })

  it('is a code when a whole one is typed, duress as well (D-4, D-6)', () => {
    const rig = start()
    wait(rig, 40000)
    keys(rig, USER.digits)
    keys(rig, DURESS.digits)
    wait(rig, 20000)
    expect(events(rig)).toEqual(['1121 01 003'])
  })

  it('6 and a zone bypasses it for one armed period (A-22)', () => {
    const rig = start()
    wait(rig, 40000)
    choose(rig, USER, '602')
    expect(text(rig)).toBe('BYPASSED|02 Hall window')
    keys(rig, '2#')
    wait(rig, 70000)
    open(rig, 1)
    expect(lamp(rig).siren).toBe('off')
    close(rig, 1)
    keys(rig, USER.digits)
    wait(rig, 20000)
    expect(events(rig)).toEqual(['1573 01 002', '3456 01 002', '1401 01 002', '3573 01 002'])
  })

  it('6 asks for the zone, and refuses one that may not be bypassed or is not there (Z-7)', () => {
    const rig = start({ zones: [FRONT_DOOR, { name: 'Smoke', type: ZoneType.FIRE, flags: 0 }] })
    wait(rig, 40000)
    choose(rig, USER, '6')
    expect(text(rig)).toBe('BYPASS|Zone __')
    keys(rig, '02#')
    expect(text(rig)).toBe('BYPASS|Not allowed')
    wait(rig, 12000)
    choose(rig, USER, '609')
    expect(text(rig)).toBe('BYPASS|Not allowed')
    expect(events(rig)).toEqual([])
  })

  it('with an open zone is refused and names it; # then forces what may be left out (A-20, A-21)', () => {
    const zones = [FRONT_DOOR, { ...WINDOW, flags: USUAL | ZoneFlag.FORCE_ARMABLE }]
    const rig = start({ zones })
    wait(rig, 40000)
    open(rig, 1)
    choose(rig, USER, '2')
    expect(text(rig)).toMatch(/^NOT READY/)
    keys(rig, '#')
    expect(text(rig)).toContain('AWAY  exit')
    wait(rig, 65000)
    expect(events(rig)).toEqual(['1573 01 002', '3456 01 002'])
  })

  it('# forces nothing that may not be left out', () => {
    const rig = start()
    wait(rig, 40000)
    open(rig, 0)
    choose(rig, USER, '2')
    keys(rig, '#')
    expect(text(rig)).not.toContain('exit')
    expect(events(rig)).toEqual([])
  })

  it('9 turns the chimes off and on, and a restart remembers (A-32, P-1)', () => {
    const rig = start({ zones: [{ ...FRONT_DOOR, flags: USUAL | ZoneFlag.CHIME }, WINDOW] })
    wait(rig, 40000)
    const beeps = () => {
      const sinceMs = nowMs(rig)
      open(rig, 0)
      close(rig, 0)
      return rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === 'buzzer' && sight.what === 'on').length
    }
    expect(beeps()).toBe(2)
    choose(rig, USER, '9')
    expect(text(rig)).toBe('CHIME|Off')
    wait(rig, 12000)
    expect(beeps()).toBe(0)
    rig.simulator.powerOff()
    wait(rig, 1000)
    rig.simulator.powerOn()
    wait(rig, 70000)
    expect(beeps()).toBe(0)
  })

  it('5 begins and ends a walk test, for masters and installers (K-23)', () => {
    const rig = start()
    wait(rig, 40000)
    choose(rig, USER, '5')
    expect(text(rig)).toBe('NOT ALLOWED|')
    wait(rig, 12000)
    choose(rig, MASTER, '5')
    expect(text(rig)).toBe('WALK TEST|Begins')
    wait(rig, 12000)
    const sinceMs = nowMs(rig)
    open(rig, 1)
    close(rig, 1)
    const beeps = rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === 'buzzer' && sight.what === 'on')
    expect(beeps.length).toBe(3)
    wait(rig, 4 * 3600000)
    expect(events(rig).filter((event) => event.includes('607'))).toEqual(['1607 01 000', '3607 01 000'])
  })
})

describe('without a code', () => {
  it('* names the next open zone (K-1)', () => {
    const rig = start()
    wait(rig, 40000)
    open(rig, 0)
    open(rig, 1)
    expect(text(rig)).toBe('NOT READY  08:00|01 Front door')
    keys(rig, '*', 100)
    keys(rig, '', 4000)
    expect(text(rig)).toBe('NOT READY  08:00|01 Front door')
    keys(rig, '*', 4000)
    expect(text(rig)).toBe('NOT READY  08:00|02 Hall window')
  })

  it('# and a mode arm only with quick arm on, off by default; 408 (A-33)', () => {
    const off = start()
    wait(off, 40000)
    keys(off, '#2#')
    expect(text(off)).not.toContain('exit')
    const on = start({ settings: { options: Option.QUICK_ARM } })
    wait(on, 40000)
    keys(on, '#2#')
    expect(text(on)).toContain('AWAY  exit')
    wait(on, 65000)
    expect(events(on)).toEqual(['3408 01 001'])
  })

  it('# raises stay to away with quick arm on, and never lowers (A-35)', () => {
    const rig = start({ settings: { options: Option.QUICK_ARM } })
    wait(rig, 40000)
    arm(rig, USER, '3')
    keys(rig, '#2#')
    expect(text(rig)).toContain('AWAY  exit')
    wait(rig, 65000)
    keys(rig, '#3#')
    expect(text(rig)).toContain('ARMED AWAY')
  })

  it('# and the same mode is a quick exit where that is on (A-34)', () => {
    const rig = start({ settings: { options: Option.QUICK_EXIT } })
    wait(rig, 40000)
    arm(rig, USER, '3')
    keys(rig, '#3#')
    expect(text(rig)).toContain('STAY  exit')
    open(rig, 0)
    close(rig, 0)
    wait(rig, 62000)
    expect(text(rig)).toContain('ARMED STAY')
    expect(lamp(rig).siren).toBe('off')
  })

  it('*3 tells the zones of the last alarm in order (A-31, E-7)', () => {
    const rig = start()
    wait(rig, 40000)
    arm(rig)
    open(rig, 1)
    open(rig, 0)
    close(rig, 1)
    close(rig, 0)
    keys(rig, USER.digits)
    wait(rig, 10000)
    keys(rig, '*3#')
    expect(text(rig)).toBe('MEMORY|02 Hall window')
    keys(rig, '#')
    expect(text(rig)).toBe('MEMORY|01 Front door')
    keys(rig, '#')
    expect(text(rig)).toBe('MEMORY|End')
  })
})

describe('people (C-4 to C-6)', () => {
  const as = (role: number): Person[] => [MASTER, { ...USER, role }, DURESS, INSTALLER]

  it.each([
    ['arm-only', codes.ARM_ONLY, false, false],
    ['guest', codes.GUEST, true, false],
    ['installer', codes.INSTALLER, true, false],
    ['user', codes.USER, true, true],
    ['manager', codes.MANAGER, true, true],
    ['one-time', codes.ONE_TIME, true, true],
    ['temporary', codes.TEMPORARY, true, true],
  ] as const)('%s disarms what they armed: %s %s, what the master armed: %s', (_name, role, own, others) => {
    for (const [armedBy, isAllowed] of [
      [USER, own],
      [MASTER, others],
    ] as const) {
      const rig = start({ people: as(role) })
      wait(rig, 40000)
      arm(rig, armedBy)
      keys(rig, USER.digits)
      expect(lamp(rig).light).toBe(isAllowed ? 'off' : 'on')
      if (!isAllowed) expect(text(rig)).toBe('Code ******|Not accepted')
    }
  })

  it('a known code that may not disarm is no wrong one (L-1)', () => {
    const rig = start({ people: as(codes.ARM_ONLY) })
    wait(rig, 40000)
    arm(rig)
    for (let count = 0; count < 6; count++) keys(rig, USER.digits, 6000)
    expect(rigs.panel(rig).wrongCount).toBe(0)
    expect(text(rig)).not.toContain('LOCKED')
  })

  it('service does not arm (C-4)', () => {
    const rig = start({ people: as(codes.SERVICE) })
    wait(rig, 40000)
    choose(rig, USER, '2')
    expect(text(rig)).toBe('NOT ALLOWED|')
  })

  it('duress does what its owner may, no more: an arm-only owner\u2019s does not disarm, and is reported (D-4, D-5)', () => {
    const rig = start({ people: [MASTER, { ...USER, role: codes.ARM_ONLY }, { ...DURESS, role: codes.ARM_ONLY }] })
    wait(rig, 40000)
    arm(rig)
    const sinceMs = nowMs(rig)
    keys(rig, DURESS.digits)
    expect(text(rig)).toBe('Code ******|Not accepted')
    wait(rig, 20000)
    expect(events(rig, sinceMs)).toEqual(['1121 01 003'])
  })
})

describe('partitions (PT-1 to PT-5)', () => {
  const FLATS = {
    zones: [
      { ...FRONT_DOOR, partitions: 1 },
      { ...WINDOW, partitions: 2 },
    ],
    people: [MASTER, { ...USER, partitions: 2 }, { ...DURESS, partitions: 2 }],
    settings: { partitions: 'Flat 1\nFlat 2', abortSeconds: 0 },
  }

  it('a master arms and disarms all, each told for itself (PT-3, PT-4)', () => {
    const rig = start(FLATS)
    wait(rig, 40000)
    arm(rig)
    keys(rig, MASTER.digits)
    expect(lamp(rig).light).toBe('off')
    wait(rig, 20000)
    expect(events(rig)).toEqual(['3401 01 001', '3401 02 001', '1401 01 001', '1401 02 001'])
  })

  it('a code of one partition leaves the other armed, duress the same and told for its partition (PT-1, PT-5)', () => {
    for (const [person, reported] of [
      [USER, ['1401 02 002']],
      [DURESS, ['1121 02 003', '1401 02 002']],
    ] as const) {
      const rig = start(FLATS)
      wait(rig, 40000)
      arm(rig)
      const sinceMs = nowMs(rig)
      keys(rig, person.digits)
      expect(lamp(rig).light).toBe('on')
      wait(rig, 20000)
      expect(events(rig, sinceMs)).toEqual(reported)
      const states = rigs.panel(rig).premises.partitions.map((p) => p.state)
      expect(states).toEqual([2, 0])
    }
  })

  it('all of them and their bypasses come back after a power cut (P-2)', () => {
    const rig = start(FLATS)
    wait(rig, 40000)
    choose(rig, MASTER, '602')
    keys(rig, '2#')
    wait(rig, 65000)
    keys(rig, USER.digits)
    choose(rig, USER, '602')
    rig.simulator.powerOff()
    wait(rig, 3000)
    rig.simulator.powerOn()
    wait(rig, 3000)
    const w = rigs.panel(rig).premises
    expect(w.partitions.map((p) => p.state)).toEqual([2, 0])
    expect([w.zones.status[0] & 8, w.zones.status[1] & 8]).toEqual([0, 8])
  })

  it('an opening that a power cut kept from being written is told after it (P-1)', () => {
    const rig = start(FLATS)
    wait(rig, 40000)
    arm(rig)
    const sinceMs = nowMs(rig)
    rig.simulator.runTo(rig.simulator.type(MASTER.digits) - 80)
    while (!rig.lines.some((line) => line.atMs >= sinceMs && line.what.startsWith('write 28'))) wait(rig, 1)
    rig.simulator.powerOff()
    wait(rig, 3000)
    rig.simulator.powerOn()
    wait(rig, 40000)
    expect(
      events(rig, sinceMs)
        .filter((event) => event.startsWith('1401'))
        .sort(),
    ).toEqual(['1401 01 001', '1401 02 001'])
  })
})

describe('wrong codes', () => {
  it('461 once per lockout (L-6)', () => {
    const rig = start()
    wait(rig, 40000)
    for (let count = 0; count < 5; count++) keys(rig, rigs.WRONG)
    wait(rig, 20000)
    for (let count = 0; count < 3; count++) keys(rig, rigs.WRONG)
    wait(rig, 30000)
    expect(events(rig)).toEqual(['1461 01 001'])
  })

  it('are forgotten one an hour (L-10)', () => {
    const rig = start()
    wait(rig, 40000)
    for (let count = 0; count < 3; count++) keys(rig, rigs.WRONG)
    wait(rig, 3601000)
    expect(rigs.panel(rig).wrongCount).toBe(2)
    wait(rig, 2 * 3601000)
    expect(rigs.panel(rig).wrongCount).toBe(0)
  })

  it('a user\u2019s code clears their own count, not the installer\u2019s; a restart neither (L-8, L-9, acceptance test 15)', () => {
    const rig = start()
    wait(rig, 40000)
    for (let count = 0; count < 3; count++) keys(rig, rigs.WRONG)
    keys(rig, USER.digits)
    const counts = () => [rigs.panel(rig).wrongCount, rigs.panel(rig).installerWrong]
    expect(counts()).toEqual([0, 3])
    wait(rig, 20000)
    rig.simulator.powerOff()
    wait(rig, 1000)
    rig.simulator.powerOn()
    wait(rig, 1000)
    expect(counts()).toEqual([0, 3])
    keys(rig, INSTALLER.digits)
    expect(counts()).toEqual([0, 0])
  })

  it('EN: 90 s again after each ten, without doubling (L-3)', () => {
    const rig = start({ settings: { options: Option.EN, wrongLimit: 10 } })
    wait(rig, 40000)
    for (let round = 0; round < 2; round++) {
      for (let count = 0; count < 10; count++) keys(rig, rigs.WRONG)
      expect(text(rig)).toContain('LOCKED')
      wait(rig, 89000)
      expect(text(rig)).toContain('LOCKED')
      wait(rig, 2000)
      expect(text(rig)).not.toContain('LOCKED')
    }
  })
})

describe('a keyswitch (2.1 type 21, Z-8)', () => {
  const HOUSE = { zones: [FRONT_DOOR, { name: 'Switch', type: ZoneType.KEYSWITCH }], settings: { abortSeconds: 0 } }
  const turn = (rig: rigs.Rig) => {
    open(rig, 1)
    close(rig, 1)
  }

  it('arms and disarms with 409', () => {
    const rig = start(HOUSE)
    wait(rig, 40000)
    turn(rig)
    expect(text(rig)).toContain('AWAY  exit')
    wait(rig, 65000)
    turn(rig)
    expect(lamp(rig).light).toBe('off')
    wait(rig, 10000)
    expect(events(rig)).toEqual(['3409 01 002', '1409 01 002'])
  })

  it('does nothing in lockout (Z-8)', () => {
    const rig = start(HOUSE)
    wait(rig, 40000)
    for (let count = 0; count < 5; count++) keys(rig, rigs.WRONG)
    turn(rig)
    expect(lamp(rig).light).toBe('off')
    expect(events(rig).some((event) => event.includes('409'))).toBe(false)
  })

  it('raises no duress however long or often it is turned, in any state, and the schedule neither (D-23)', () => {
    for (const holdMs of [450, 1000, 3000, 10000, 61000]) {
      const rig = start({ ...HOUSE, settings: { ...HOUSE.settings, autoArmMinute: 8 * 60 + 20 } })
      wait(rig, 40000)
      for (const pauseMs of [450, 450, 450, 2000, 30000, 70000, 450]) {
        rig.simulator.setZone(1, true)
        wait(rig, holdMs)
        rig.simulator.setZone(1, false)
        wait(rig, pauseMs)
      }
      // Then it is turned in entry delay and in alarm.
      if (lamp(rig).light === 'off') turn(rig)
      wait(rig, 65000)
      open(rig, 0)
      close(rig, 0)
      turn(rig)
      if (lamp(rig).light !== 'off') turn(rig)
      wait(rig, 1300000 - nowMs(rig)) // armed by the schedule at 08:20
      open(rig, 0)
      wait(rig, 40000)
      turn(rig)
      wait(rig, 120000)
      const told = events(rig)
      expect(told.filter((event) => event.includes('409')).length).toBeGreaterThan(1)
      expect(told.some((event) => event.startsWith('3403'))).toBe(true)
      expect(told.filter((event) => /^112[1-5]|^1602/.test(event))).toEqual([])
    }
  })
})

describe('the event viewer (K-21)', () => {
  const view = (rig: rigs.Rig, person: Person) => {
    keys(rig, person.digits)
    keys(rig, '*4#')
  }

  it('shows a master the newest line first, # the one before', () => {
    const rig = start()
    wait(rig, 40000)
    arm(rig)
    wait(rig, 150000)
    open(rig, 1)
    close(rig, 1)
    wait(rig, 40000)
    keys(rig, USER.digits)
    wait(rig, 10000)
    view(rig, MASTER)
    const seen = [text(rig)]
    for (let count = 0; count < 4; count++) {
      keys(rig, '#')
      seen.push(text(rig))
    }
    expect(seen).toEqual([
      '05.01. 08:04  P1|401  OP/CL 02',
      '05.01. 08:04  P1|406  CANCEL 02',
      '05.01. 08:04  P1|131+ ALARM 02',
      '05.01. 08:04  P1|131  ALARM 02',
      '05.01. 08:01  P1|401+ OP/CL 01',
    ])
    keys(rig, '#')
    expect(text(rig)).toBe('LOG|End')
  })

  it('is not for users, and shows the same after user and duress code (D-17, D-21)', () => {
    const shown = [USER, DURESS].map((person) => {
      const rig = start()
      wait(rig, 40000)
      arm(rig)
      keys(rig, person.digits)
      wait(rig, 10000)
      view(rig, person)
      const refused = text(rig)
      wait(rig, 15000)
      view(rig, MASTER)
      const lines = [refused, text(rig)]
      for (let count = 0; count < 3; count++) {
        keys(rig, '#')
        lines.push(text(rig))
      }
      return lines
    })
    expect(shown[0][0]).toBe('NOT ALLOWED|')
    expect(shown[1]).toEqual(shown[0])
  })
})

describe('the event log (section 13)', () => {
  /** Mandatory lines, oldest first, as code and number. */
  function lines(rig: rigs.Rig): string[] {
    const found: string[] = []
    for (let back = 0; ; back++) {
      const entry = eventLog.at(rigs.panel(rig).log, eventLog.MANDATORY, back)
      if (entry === undefined) return found.reverse()
      found.push(`${entry.qualifier}${entry.code} ${entry.partition} ${entry.number}`)
    }
  }

  it('is the same after user and duress codes, in armed, alarm and reported alarm (D-17, D-21, E-6)', () => {
    const logs = [USER, DURESS].map((person) => {
      const rig = start()
      wait(rig, 40000)
      arm(rig)
      keys(rig, person.digits)
      wait(rig, 200000)
      for (const ms of [5000, 60000]) {
        arm(rig)
        wait(rig, 130000)
        open(rig, 1)
        close(rig, 1)
        wait(rig, ms)
        keys(rig, person.digits)
        wait(rig, 20000)
      }
      return lines(rig)
    })
    expect(logs[1]).toEqual(logs[0])
    expect(logs[0]).toContain('1406 1 2')
    expect(logs[0].filter((line) => line === '1401 1 2').length).toBe(3)
    expect(logs[0].join()).not.toMatch(/12[1-9] /)
  })
})

describe('panic chords (K-3 to K-7)', () => {
  /** Holds two keys for 1.5 s. */
  function chord(rig: rigs.Rig, pair: string): void {
    const { keypad } = rig.simulator.board
    for (const name of pair) keypad.hold(name)
    wait(rig, 1500)
    for (const name of pair) keypad.release(name)
    wait(rig, 8000)
  }

  it.each(['disarmed', 'armed', 'lockout'])(
    'silent while %s: 122 goes out, nothing is seen or heard (K-5, K-6)',
    (state) => {
      const runs = ['1*', ''].map((pair) => {
        const rig = start()
        wait(rig, 40000)
        if (state === 'armed') arm(rig)
        if (state === 'lockout') for (let count = 0; count < 5; count++) keys(rig, rigs.WRONG)
        wait(rig, 20000)
        const sinceMs = nowMs(rig)
        chord(rig, pair)
        return { sights: rigs.sightsSince(rig, sinceMs), events: events(rig, sinceMs) }
      })
      expect(runs[0].events).toEqual(['1122 01 000'])
      expect(runs[0].sights).toEqual(runs[1].sights)
    },
  )

  it('audible: siren and text, also in an entry delay; a code ends it', () => {
    const rig = start()
    wait(rig, 40000)
    chord(rig, '*#')
    expect([text(rig), lamp(rig).siren]).toEqual(['ALARM|Keypad', 'on'])
    expect(events(rig)).toEqual(['1123 01 000'])
    keys(rig, USER.digits)
    expect([text(rig), lamp(rig).siren]).toEqual(['DISARMED   08:00|Cancel sent', 'off'])
  })

  it('fire: temporal-3, three half seconds and 1.5 s without (O-1)', () => {
    const rig = start()
    wait(rig, 40000)
    const sinceMs = nowMs(rig)
    chord(rig, '3#')
    const times = rigs
      .sightsSince(rig, sinceMs)
      .filter((sight) => sight.source === 'siren')
      .map((sight) => sight.atMs)
    const steps = times.slice(1, 7).map((atMs, index) => atMs - times[index])
    expect(steps).toEqual([500, 500, 500, 500, 500, 1500])
    expect(events(rig)).toEqual(['1115 01 000'])
  })

  it('leaves no digit in the entry (K-7)', () => {
    const rig = start()
    wait(rig, 40000)
    keys(rig, '27', 100)
    chord(rig, '1*')
    expect(rigs.panel(rig).keypad.count).toBe(0)
    expect([...rigs.panel(rig).keypad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('each may be switched off', () => {
    const rig = start({ settings: { options: 0 } })
    wait(rig, 40000)
    for (const pair of ['1*', '*#', '3#']) chord(rig, pair)
    expect(events(rig)).toEqual([])
    expect(lamp(rig).siren).toBe('off')
  })
})

describe('the duress test of an installer (D-24)', () => {
  function programming(people = [MASTER, USER, DURESS, INSTALLER]): rigs.Rig {
    const rig = start({ people })
    wait(rig, 35000)
    choose(rig, INSTALLER, '0')
    keys(rig, '011#')
    return rig
  }

  it('sends 121 with the installer as user over both paths, and says to the installer that both were kissed off', () => {
    const rig = programming()
    expect(text(rig)).toBe('DURESS TEST|1# sends 121')
    const sinceMs = nowMs(rig)
    const before = rig.simulator.onlooker.now
    keys(rig, '1#', 50)
    expect(text(rig)).toBe('DURESS TEST|LAN --  GSM --')
    wait(rig, 3000)
    expect(text(rig)).toBe('DURESS TEST|LAN ok  GSM ok')
    expect(rigs.heard(rig, sinceMs).sort()).toEqual(['1121 01 004 cellular', '1121 01 004 ethernet'])
    expect([before.siren, rig.simulator.onlooker.now.siren]).toEqual(['off', 'off'])
    // The log has the programming, and nothing of the test (D-17).
    keys(rig, '*')
    wait(rig, 6000)
    keys(rig, INSTALLER.digits)
    keys(rig, '*4', 1500)
    expect(text(rig)).toMatch(/628/)
    keys(rig, '#')
    expect(text(rig)).toMatch(/627/)
  })

  it('shows the path on which nothing comes back, and stops looking after two minutes', () => {
    const rig = programming()
    rig.simulator.setInternet('cellular', false)
    keys(rig, '1#')
    wait(rig, 20000)
    expect(text(rig)).toBe('DURESS TEST|LAN ok  GSM --')
    wait(rig, 110000)
    rig.simulator.setInternet('cellular', true)
    wait(rig, 300000)
    expect(text(rig)).toBe('DURESS TEST|LAN ok  GSM --')
  })

  it('waits for 1 and #: anything else sends nothing', () => {
    const rig = programming()
    const sinceMs = nowMs(rig)
    keys(rig, '2#')
    wait(rig, 10000)
    expect(rigs.heard(rig, sinceMs)).toEqual([])
  })

  it('is not there when nobody has a duress code: no menu, no word of it (D-25, DS-3)', () => {
    const rig = programming([MASTER, USER, INSTALLER])
    expect(text(rig)).toBe('PROGRAM|Use 001 to 010')
  })
})

describe('programming at the keypad (K-22, C-5)', () => {
  const enterProgram = (rig: rigs.Rig) => choose(rig, INSTALLER, '0')

  it('shows a section, takes a value within its limits, and refuses others with the limits', () => {
    const rig = start()
    wait(rig, 40000)
    enterProgram(rig)
    expect(text(rig)).toBe('PROGRAM|Section ___')
    keys(rig, '001#')
    expect(text(rig)).toBe('Exit s       060|New value ___')
    keys(rig, '44#')
    expect(text(rig)).toBe('NOT TAKEN|Use 45-255')
    keys(rig, '001#')
    keys(rig, '90#')
    expect(rigs.panel(rig).premises.rules.exitMs).toBe(90000)
    keys(rig, '012#')
    expect(text(rig)).toBe('PROGRAM|Use 001 to 011')
    keys(rig, '*')
    expect(text(rig)).toContain('READY')
    wait(rig, 20000)
    expect(events(rig)).toEqual(['1627 01 004', '1628 01 004'])
  })

  it('keeps A-7 and A-8: no abort window of 1 to 14 s, entry delay and abort window at most 60 s (acceptance test 8)', () => {
    const rig = start()
    wait(rig, 40000)
    enterProgram(rig)
    const answer = (section: string, value: string) => {
      keys(rig, `${section}#`)
      keys(rig, `${value}#`)
      return text(rig)
    }
    expect(answer('004', '14')).toBe('NOT TAKEN|Use 0, 15-45')
    expect(answer('004', '31')).toBe('NOT TAKEN|Entry+abort > 60')
    expect(answer('002', '31')).toBe('NOT TAKEN|Entry+abort > 60')
    answer('004', '0')
    answer('002', '240')
    expect(rigs.panel(rig).premises.rules.entryMs).toBe(240000)
  })

  it('applies each of the ten sections', () => {
    const rig = start({ settings: { abortSeconds: 0 } })
    wait(rig, 40000)
    enterProgram(rig)
    const values = [70, 40, 50, 20, 9, 7, 4, 45, 6, 8]
    values.forEach((value, index) => {
      keys(rig, `${String(index + 1).padStart(3, '0')}#`)
      keys(rig, `${value}#`)
    })
    const { rules, zones, crossMs } = rigs.panel(rig).premises
    const found = [rules.exitMs / 1000, rules.entryMs / 1000, rules.entry2Ms / 1000, rules.abortMs / 1000]
    found.push(rules.cancelMs / 60000, rules.bellMs / 60000, zones.swingLimit, crossMs / 1000)
    found.push(rigs.panel(rig).config.wrongLimit, rigs.panel(rig).keypad.timeoutMs / 1000)
    expect(found).toEqual(values)
  })

  it('is for installers while nothing is armed; burglary does not alarm meanwhile, fire does', () => {
    const rig = start({
      zones: [
        { name: 'Safe', type: ZoneType.BURGLARY_24H },
        { name: 'Smoke', type: ZoneType.FIRE, flags: 0 },
      ],
    })
    wait(rig, 40000)
    choose(rig, MASTER, '0')
    expect(text(rig)).toBe('NOT ALLOWED|')
    wait(rig, 10000)
    enterProgram(rig)
    open(rig, 0)
    expect(lamp(rig).siren).toBe('off')
    const sinceMs = nowMs(rig)
    open(rig, 1)
    expect(rigs.sightsSince(rig, sinceMs).some((sight) => sight.source === 'siren')).toBe(true)
  })

  it('ends after 20 min without a key', () => {
    const rig = start()
    wait(rig, 40000)
    enterProgram(rig)
    wait(rig, 1190000)
    expect(rigs.panel(rig).premises.isProgramming).toBe(1)
    wait(rig, 20000)
    expect(rigs.panel(rig).premises.isProgramming).toBe(0)
    expect(events(rig)).toEqual(['1627 01 004', '1628 01 004'])
  })

  it('EN: not before a user allowed it, for an hour (C-5)', () => {
    const rig = start({ settings: { options: Option.EN } })
    wait(rig, 40000)
    enterProgram(rig)
    expect(text(rig)).toBe('NOT ALLOWED|Ask a user')
    wait(rig, 10000)
    choose(rig, USER, '0')
    expect(text(rig)).toBe('INSTALLER|May enter: 1 h')
    wait(rig, 10000)
    enterProgram(rig)
    expect(text(rig)).toBe('PROGRAM|Section ___')
    keys(rig, '*')
    wait(rig, 3600000)
    enterProgram(rig)
    expect(text(rig)).toBe('NOT ALLOWED|Ask a user')
  })

  it('takes a duress code that is typed in it for what it is (D-4)', () => {
    const rig = start()
    wait(rig, 40000)
    enterProgram(rig)
    keys(rig, DURESS.digits)
    wait(rig, 10000)
    expect(events(rig)).toEqual(['1627 01 004', '1121 01 003', '1628 01 002'])
    expect(rigs.panel(rig).premises.isProgramming).toBe(0)
  })
})

describe('a one-time code (C-6)', () => {
  const people: Person[] = [MASTER, { ...USER, role: codes.ONE_TIME }, { ...DURESS, role: codes.ONE_TIME }]

  it('disarms once, arms on, and a restart does not renew it; duress is reported either way', () => {
    const rig = start({ people })
    wait(rig, 40000)
    arm(rig)
    keys(rig, USER.digits)
    expect(lamp(rig).light).toBe('off')
    wait(rig, 10000)
    arm(rig, USER)
    expect(lamp(rig).light).toBe('on')
    keys(rig, USER.digits)
    expect(lamp(rig).light).toBe('on')
    rig.simulator.powerOff()
    wait(rig, 1000)
    rig.simulator.powerOn()
    wait(rig, 5000)
    keys(rig, USER.digits)
    expect(lamp(rig).light).toBe('on')
    const sinceMs = nowMs(rig)
    keys(rig, DURESS.digits)
    wait(rig, 40000)
    expect(events(rig, sinceMs)).toContain('1121 01 003')
  })
})

describe('options of codes', () => {
  it('a fire is silenced by any code, or by masters alone where that is set (O-2)', () => {
    const zones = [FRONT_DOOR, { name: 'Smoke', type: ZoneType.FIRE, flags: 0 }]
    for (const options of [0, Option.FIRE_BY_MASTER]) {
      const rig = start({ zones, settings: { options } })
      wait(rig, 40000)
      open(rig, 1)
      close(rig, 1)
      keys(rig, USER.digits)
      expect(rigs.panel(rig).premises.partitions[0].state).toBe(options === 0 ? 0 : 4)
      wait(rig, 3000)
      keys(rig, MASTER.digits)
      expect(rigs.panel(rig).premises.partitions[0].state).toBe(0)
    }
  })

  it('a lockout while armed is a tamper alarm where that is set, and never while disarmed (L-7)', () => {
    for (const [options, isArmed] of [
      [0, true],
      [Option.LOCKOUT_TAMPER, false],
      [Option.LOCKOUT_TAMPER, true],
    ] as const) {
      const rig = start({ settings: { options } })
      wait(rig, 40000)
      if (isArmed) arm(rig)
      for (let count = 0; count < 5; count++) keys(rig, rigs.WRONG)
      wait(rig, 20000)
      expect(events(rig).includes('1137 01 000')).toBe(options !== 0 && isArmed)
    }
  })
})

describe('arming by the clock (A-15, A-36, S-13)', () => {
  // The bench begins at 08:00 UTC.
  const settings = { autoArmMinute: 8 * 60 + 10, preAlertMinutes: 5 }

  it('warns 5 min before with text and a chirp of the siren, then arms with 403', () => {
    const rig = start({ settings })
    rig.simulator.runTo(299000)
    expect(text(rig)).toContain('READY')
    rig.simulator.runTo(302000)
    expect(text(rig)).toBe('ARMING SOON|Code: 1 h later')
    const chirp = rigs.sightsSince(rig, 290000).filter((sight) => sight.source === 'siren')
    expect(chirp.map((sight) => sight.what)).toEqual(['on', 'off'])
    rig.simulator.runTo(602000)
    expect(text(rig)).toContain('AWAY  exit')
    rig.simulator.runTo(680000)
    expect(events(rig)).toEqual(['3403 01 000'])
  })

  it('is put off by an hour with a code in the warning, duress too: 464', () => {
    for (const [person, reported] of [
      [USER, ['1464 01 002']],
      [DURESS, ['1121 01 003', '1464 01 002']],
    ] as const) {
      const rig = start({ settings })
      rig.simulator.runTo(400000)
      keys(rig, person.digits)
      wait(rig, 3500000)
      expect(events(rig)).toEqual(reported)
      expect(lamp(rig).light).toBe('off')
      wait(rig, 180000)
      expect(lamp(rig).light).toBe('on')
    }
  })

  it('tells that it failed with an open zone: 455', () => {
    const rig = start({ settings })
    rig.simulator.runTo(290000)
    open(rig, 1)
    rig.simulator.runTo(650000)
    expect(lamp(rig).light).toBe('off')
    expect(events(rig)).toEqual(['1455 01 002'])
  })

  it('arms nothing while nobody knows the time (S-13)', () => {
    const rig = start({ settings })
    rig.simulator.board.utcSeconds = () => 0
    for (const via of ['ethernet', 'cellular']) rig.simulator.setInternet(via, false)
    rig.simulator.runTo(700000)
    expect(lamp(rig).light).toBe('off')
  })
})

describe('programmable outputs (O-4, O-6, O-7, O-8)', () => {
  const PIN = 12
  const level = (rig: rigs.Rig) => rig.simulator.board.pins.level(PIN)
  const following = (follow: Follow, more: Options = {}) =>
    start({ ...more, settings: { ...more.settings, outputs: { pins: [PIN], follows: [follow] } } })

  it('follows armed, exit, entry, ready, and is right again after a restart (O-4)', () => {
    const found: Record<string, number[]> = {}
    for (const [name, follow] of Object.entries({
      armed: Follow.ARMED,
      exit: Follow.EXIT,
      entry: Follow.ENTRY,
      ready: Follow.READY,
    })) {
      const rig = following(follow)
      wait(rig, 40000)
      const levels = [level(rig)]
      choose(rig, USER, '2')
      levels.push(level(rig))
      wait(rig, 65000)
      levels.push(level(rig))
      rig.simulator.powerOff()
      wait(rig, 1000)
      rig.simulator.powerOn()
      wait(rig, 70000)
      levels.push(level(rig))
      open(rig, 0)
      levels.push(level(rig))
      found[name] = levels
    }
    // Disarmed, exit, armed, after a power cut, entry with the door open.
    expect(found).toEqual({
      armed: [0, 0, 1, 1, 1],
      exit: [0, 1, 0, 0, 0],
      entry: [0, 0, 0, 0, 1],
      ready: [1, 1, 1, 1, 0],
    })
  })

  it('follows burglary and fire, never a silent alarm (O-8)', () => {
    const zones = [
      { name: 'Window', type: ZoneType.PERIMETER },
      { name: 'Smoke', type: ZoneType.FIRE, flags: 0 },
      { name: 'Button', type: ZoneType.HOLD_UP, flags: 0 },
    ]
    const levels = [Follow.BURGLARY, Follow.FIRE].map((follow) => {
      const rig = following(follow, { zones })
      wait(rig, 40000)
      arm(rig)
      return [2, 0, 1].map((zone) => {
        open(rig, zone)
        return level(rig)
      })
    })
    expect(levels).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ])
  })

  it('takes the detectors\u2019 power for 20 s (Z-10)', () => {
    const rig = following(Follow.DETECTOR_POWER, {
      zones: [FRONT_DOOR, { name: 'Smoke', type: ZoneType.FIRE_VERIFIED, flags: 0 }],
    })
    wait(rig, 40000)
    expect(level(rig)).toBe(1)
    open(rig, 1)
    close(rig, 1)
    expect(level(rig)).toBe(0)
    wait(rig, 20000)
    expect(level(rig)).toBe(1)
  })

  it('of duress is off by default, and drops by time alone after 60 s (O-7)', () => {
    const rig = following(Follow.DURESS)
    wait(rig, 40000)
    keys(rig, USER.digits)
    expect(level(rig)).toBe(0)
    wait(rig, 10000)
    keys(rig, DURESS.digits)
    expect(level(rig)).toBe(1)
    wait(rig, 20000)
    keys(rig, USER.digits)
    expect(level(rig)).toBe(1)
    wait(rig, 45000)
    expect(level(rig)).toBe(0)
  })
})

describe('delayed fire (Z-11)', () => {
  const SMOKE = { name: 'Kitchen', type: ZoneType.FIRE, flags: ZoneFlag.ABORT }
  const smoky = () => {
    const rig = start({ zones: [FRONT_DOOR, SMOKE], settings: { options: Option.BLANKING } })
    wait(rig, 70000)
    open(rig, 1)
    return rig
  }
  const fires = (rig: rigs.Rig) => events(rig).filter((event) => event.startsWith('1110'))
  const sounds = (rig: rigs.Rig, sinceMs: number, source: string) =>
    rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === source && sight.what === 'on').length

  it('sounds and names the detector at once, in its pattern, and goes out 30 s later', () => {
    const rig = smoky()
    expect(text(rig)).toBe('FIRE     any key|02 Kitchen')
    expect(sounds(rig, 0, 'siren')).toBe(1)
    wait(rig, 28000)
    expect(sounds(rig, 0, 'siren')).toBeGreaterThan(15) // temporal-3: 3 in 4 s
    expect(fires(rig)).toEqual([])
    wait(rig, 6000)
    expect([fires(rig), text(rig)]).toEqual([['1110 01 002'], 'ALARM|02 Kitchen'])
  })

  it('is quiet for 90 s after any key, also while the keypad is locked, and over when the smoke is gone', () => {
    for (const isLocked of [false, true]) {
      const rig = start({ zones: [FRONT_DOOR, SMOKE] })
      wait(rig, 70000)
      if (isLocked) for (let count = 0; count < 5; count++) keys(rig, rigs.WRONG, 1000)
      open(rig, 1)
      keys(rig, '5')
      const sinceMs = nowMs(rig)
      expect(lamp(rig).siren).toBe('off')
      if (!isLocked) expect(text(rig)).toBe('FIRE  wait|Code *')
      close(rig, 1)
      wait(rig, 180000)
      expect([sounds(rig, sinceMs, 'siren'), fires(rig), lamp(rig).light]).toEqual([0, [], 'off'])
      expect(text(rig)).toMatch(/^READY/)
    }
  })

  it('sounds again when the smoke is still there, and is an alarm without another key', () => {
    const rig = smoky()
    keys(rig, '*')
    const sinceMs = nowMs(rig)
    wait(rig, 85000)
    expect(sounds(rig, sinceMs, 'siren')).toBe(0)
    wait(rig, 10000)
    expect(sounds(rig, sinceMs, 'siren')).toBeGreaterThan(0)
    expect(fires(rig)).toEqual([])
    wait(rig, 30000)
    expect(fires(rig)).toEqual(['1110 01 002'])
  })

  it('looks and sounds the same for user and duress code, and the call goes out (D-4)', () => {
    const runs = [USER, DURESS].map((person) => {
      const rig = smoky()
      keys(rig, person.digits)
      wait(rig, 200000)
      return rig
    })
    const [user, duress] = runs.map((rig) => JSON.stringify(rigs.sightsSince(rig, 0)))
    expect(duress).toBe(user)
    expect(events(runs[1])).toContain('1121 01 003')
  })
})

describe('what the display keeps to itself', () => {
  it('EN: zones, states and memory only for 30 s after a code; delays and alarms always (K-11)', () => {
    const rig = start({ settings: { options: Option.EN } })
    wait(rig, 40000)
    open(rig, 1)
    expect(text(rig)).toBe('           08:00|Enter code')
    close(rig, 1)
    keys(rig, USER.digits)
    wait(rig, 12000)
    expect(text(rig)).toBe('READY      08:00|Enter code')
    wait(rig, 30000)
    expect(text(rig)).toBe('           08:01|Enter code')
    choose(rig, USER, '2')
    expect(text(rig)).toContain('exit')
    wait(rig, 100000)
    expect(text(rig)).toBe('           08:03|Enter code')
    open(rig, 0)
    expect(text(rig)).toContain('ENTRY')
  })

  it('goes dark 30 s after the last key where that is set; a key, a delay and an alarm wake it (K-12)', () => {
    const rig = start({ settings: { options: Option.BLANKING } })
    wait(rig, 40000)
    expect(text(rig)).toBe('|')
    keys(rig, '5', 200)
    expect(text(rig)).toContain('Code *')
    wait(rig, 15000)
    expect(text(rig)).toContain('READY')
    wait(rig, 30000)
    expect(text(rig)).toBe('|')
    arm(rig)
    wait(rig, 40000)
    expect(text(rig)).toBe('|')
    open(rig, 0)
    expect(text(rig)).toContain('ENTRY')
  })
})

describe('users at the keypad (C-8 to C-10, C-13, C-15)', () => {
  const NEW = '736152'
  /** Master, 8, a user, and a code twice; then time for the check. */
  function give(rig: rigs.Rig, user: string, first: string, second = first): void {
    choose(rig, MASTER, '8')
    keys(rig, `${user}#`)
    keys(rig, first)
    keys(rig, second, 20000)
  }
  const answer = (rig: rigs.Rig) =>
    rig.lines.filter((line) => line.source === 'text' && line.what.startsWith('User')).pop()?.what

  it('a master gives one out: typed twice, then it works, for its user', () => {
    const rig = start()
    wait(rig, 40000)
    choose(rig, MASTER, '8')
    expect(text(rig)).toBe('USERS|User ___')
    keys(rig, '07#')
    expect(text(rig)).toBe('User 07|New code')
    keys(rig, NEW)
    expect(text(rig)).toBe('User 07|Again')
    keys(rig, NEW, 300)
    expect(text(rig)).toBe('User 07|Please wait')
    wait(rig, 20000)
    arm(rig, { digits: NEW, slot: 0, user: 7 })
    wait(rig, 10000)
    expect(events(rig)).toEqual(['3401 01 007'])
  })

  it('replaces a user\u2019s code: the old one is nobody\u2019s then', () => {
    const rig = start()
    wait(rig, 40000)
    give(rig, '02', NEW)
    keys(rig, USER.digits)
    expect(text(rig)).toContain('Not accepted')
    wait(rig, 6000)
    keys(rig, NEW)
    expect(text(rig)).toContain('2 to arm away')
  })

  it('refuses what is weak, somebody\u2019s, or near, with one sentence and after the same time (C-8, C-9, C-10)', () => {
    const near = (digits: string, by: number) => digits.slice(0, -1) + ((Number(digits.slice(-1)) + by) % 10)
    const bad = ['123456', '111111', USER.digits, DURESS.digits, near(USER.digits, 2), near(DURESS.digits, 5)]
    const times: number[] = []
    for (const code of [...bad, NEW]) {
      const rig = start()
      wait(rig, 40000)
      give(rig, '07', code)
      const lines = rig.lines.filter((line) => line.source === 'text')
      const asked = lines.find((line) => line.what.includes('Please wait'))
      const told = lines.find((line) => /Choose another|Until restart/.test(line.what))
      expect(told?.what).toContain(code === NEW ? 'Until restart' : 'Choose another')
      times.push((told?.atMs ?? 0) - (asked?.atMs ?? 0))
    }
    expect(new Set(times).size).toBe(1)
  })

  it('after three refusals in 10 min there is no more asking (C-10)', () => {
    const rig = start()
    wait(rig, 40000)
    for (let count = 0; count < 3; count++) give(rig, '07', USER.digits)
    choose(rig, MASTER, '8')
    keys(rig, '07#')
    expect(text(rig)).toBe('USERS|Not allowed')
    wait(rig, 610000)
    choose(rig, MASTER, '8')
    keys(rig, '07#')
    expect(text(rig)).toBe('User 07|New code')
  })

  it('two that differ give nothing, and no digit stays in a buffer (C-13)', () => {
    const rig = start()
    wait(rig, 40000)
    give(rig, '07', NEW, '736153')
    expect(answer(rig)).toContain('Not the same')
    expect(rigs.panel(rig).change?.first.some((byte) => byte !== 0) ?? false).toBe(false)
    expect([...rigs.panel(rig).keypad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    keys(rig, NEW)
    expect(text(rig)).toContain('Not accepted')
  })

  it('0 deletes a user and their duress code, not while the station has to hear of them (C-15)', () => {
    const rig = start()
    wait(rig, 40000)
    for (const via of ['ethernet', 'cellular']) rig.simulator.setInternet(via, false)
    arm(rig, USER)
    keys(rig, MASTER.digits, 12000)
    choose(rig, MASTER, '8')
    keys(rig, '02#')
    keys(rig, '0#')
    expect(text(rig)).toBe('User 02|Try later')
    for (const via of ['ethernet', 'cellular']) rig.simulator.setInternet(via, true)
    wait(rig, 300000)
    choose(rig, MASTER, '8')
    keys(rig, '02#')
    keys(rig, '0#', 7000)
    for (const person of [USER, DURESS]) {
      const sinceMs = nowMs(rig)
      keys(rig, person.digits)
      expect(text(rig)).toContain('Not accepted')
      wait(rig, 10000)
      expect(events(rig, sinceMs)).toEqual([])
    }
  })

  it('is for masters and managers; users and installers may not, and nobody gets above a manager (C-4, C-5)', () => {
    for (const person of [USER, INSTALLER, DURESS]) {
      const rig = start()
      wait(rig, 40000)
      choose(rig, person, '8')
      expect(text(rig)).toBe('NOT ALLOWED|')
    }
    const manager = { ...USER, role: codes.MANAGER }
    const rig = start({ people: [MASTER, manager] })
    wait(rig, 40000)
    choose(rig, manager, '8')
    keys(rig, '01#')
    expect(text(rig)).toBe('USERS|Not allowed')
  })
})

describe('what is promised of time and order', () => {
  it('a wall clock that jumps moves no delay (ST-5)', () => {
    for (const hours of [-5, 5]) {
      const rig = start()
      wait(rig, 40000)
      choose(rig, USER, '2')
      const board = rig.simulator.board
      const told = board.utcSeconds
      board.utcSeconds = () => told() + hours * 3600
      wait(rig, 58000)
      expect(text(rig)).toContain('exit')
      wait(rig, 4000)
      expect(text(rig)).toContain('ARMED AWAY')
    }
  })

  it('a clock that is changed by more than a minute is told with 625; one by less is not (S-12)', () => {
    for (const [seconds, isTold] of [
      [50, false],
      [120, true],
      [-3600, true],
    ] as const) {
      const rig = start()
      wait(rig, 200000)
      const board = rig.simulator.board
      const told = board.utcSeconds
      board.utcSeconds = () => told() + seconds
      wait(rig, 300000)
      // The receiver's clock did not move: its NAK may take ours back, which is another change (reporting.md 4).
      expect(events(rig).includes('1625 01 000')).toBe(isTold)
      expect(events(rig).every((event) => event === '1625 01 000')).toBe(true)
    }
  })

  it('an arming whose record a power cut took has not begun (A-38)', () => {
    const rig = start()
    wait(rig, 40000)
    keys(rig, USER.digits, 1500)
    const { flash } = rig.simulator.board
    flash.cutAtOperation = 1
    flash.cutAfterBytes = 20
    keys(rig, '2#', 3000)
    expect(rig.simulator.board.isPowered).toBe(false)
    rig.simulator.powerOn()
    wait(rig, 3000)
    expect(text(rig)).toContain('READY')
  })

  it('duress is reported in a walk test, with everything bypassed and after swinger shutdown, and nothing takes it back (D-11)', () => {
    const rig = start()
    wait(rig, 40000)
    choose(rig, MASTER, '602')
    choose(rig, MASTER, '5')
    wait(rig, 12000)
    keys(rig, DURESS.digits)
    wait(rig, 10000)
    keys(rig, USER.digits)
    wait(rig, 60000)
    expect(events(rig).filter((event) => event.startsWith('1121'))).toEqual(['1121 01 003'])
    expect(events(rig).some((event) => event.startsWith('1406') || event.startsWith('3121'))).toBe(false)
  })
})
