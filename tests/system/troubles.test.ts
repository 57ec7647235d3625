import { describe, expect, it } from 'vitest'
import { Follow, Option, type ZoneFlag, ZoneType } from '../../firmware/config'
import * as eventLog from '../../firmware/store/event-log'
import type { DemoSenses } from '../../hal-mock/demo'
import {
  arm,
  choose,
  close,
  DURESS,
  events,
  FRONT_DOOR,
  keys,
  MASTER,
  nowMs,
  open,
  type Person,
  type Settings,
  start,
  text,
  USER,
  WINDOW,
  wait,
} from './house-rig'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

const MINUTE = 60000
const HOUR = 3600000
const MAINS_AND_BATTERY: DemoSenses = { acSense: 35, batterySense: 34 }
const BOX_AND_SIREN: DemoSenses = { boxTamper: 35, sirenSense: 34 }

/** A panel that senses these, 40 s after its start. The output of the load test takes the strobe light's place. */
function panel(senses: DemoSenses, settings: Settings = {}): rigs.Rig {
  const pins = { ...unmatched().pins, ...senses }
  const outputs = { pins: [12], follows: [Follow.BATTERY_LOAD] }
  const rig = start({ settings: { pins, outputs, acDelayMinutes: 0, ...settings } })
  wait(rig, 40000)
  return rig
}

function cutBoth(rig: rigs.Rig, isCut = true): void {
  for (const via of ['ethernet', 'cellular']) rig.simulator.setLink(via, !isCut)
}

/** How often the buzzer came on from a time on. */
function beeps(rig: rigs.Rig, sinceMs: number): number {
  return rigs.sightsSince(rig, sinceMs).filter((sight) => sight.source === 'buzzer' && sight.what === 'on').length
}

/** Texts and tones from a time on, each text once in a row, without the minute of the day. */
function seen(rig: rigs.Rig, sinceMs: number, untilMs: number): string[] {
  return rigs
    .sightsSince(rig, sinceMs)
    .filter((sight) => sight.atMs < untilMs)
    .map((sight) => `${sight.source} ${sight.what.replace(/\d\d:\d\d/, 'hh:mm')}`)
    .filter((line, at, all) => line !== all[at - 1])
}

/** The list behind *2. */
function listed(rig: rigs.Rig): string[] {
  const found: string[] = []
  for (keys(rig, '*2#'); !/End|None/.test(text(rig)) && found.length < 10; keys(rig, '#'))
    found.push(text(rig).slice(8))
  return found
}

/** The first thing that two onlookers saw otherwise; '' when there is none. */
function difference(left: rigs.Rig, right: rigs.Rig, untilMs = Infinity): string {
  const [a, b] = [left, right].map((rig) => rig.simulator.onlooker.sights.filter(({ atMs }) => atMs < untilMs))
  const at = a.findIndex((sight, index) => JSON.stringify(sight) !== JSON.stringify(b[index]))
  if (at < 0) return a.length === b.length ? '' : 'more on one side'
  return `${JSON.stringify(a[at])} / ${JSON.stringify(b[at])}`
}

const troubleEvents = (rig: rigs.Rig) => events(rig).filter((event) => /^[13](3\d\d|137|626) /.test(event))

describe('mains (S-1)', () => {
  it('is shown within 1.5 s, heard every 10 s until a key, and told after its delay', () => {
    const rig = panel(MAINS_AND_BATTERY)
    expect(text(rig)).toBe('READY      08:00|Enter code')
    const lostMs = nowMs(rig)
    rig.simulator.setMains(false)
    wait(rig, 1500)
    expect(text(rig)).toBe('TROUBLE    08:00|*2 to view')
    wait(rig, 60000)
    expect(beeps(rig, lostMs)).toBeGreaterThan(10)
    keys(rig, '*')
    const quietMs = nowMs(rig)
    wait(rig, 15 * MINUTE)
    expect([beeps(rig, quietMs), troubleEvents(rig)]).toEqual([0, ['1301 01 000']])
    rig.simulator.setMains(true)
    wait(rig, 1500)
    expect(text(rig)).toMatch(/^READY/)
    wait(rig, 15 * MINUTE)
    expect(troubleEvents(rig)).toEqual(['1301 01 000', '3301 01 000'])
  })

  it('sounds again after 4 h, and never while armed (§9.2)', () => {
    const rig = panel(MAINS_AND_BATTERY)
    rig.simulator.setMains(false)
    wait(rig, 20000)
    arm(rig)
    const armedMs = nowMs(rig)
    wait(rig, 5 * MINUTE)
    expect(beeps(rig, armedMs)).toBe(0)
    keys(rig, MASTER.digits)
    wait(rig, 10000)
    const sinceMs = nowMs(rig)
    wait(rig, 3.8 * HOUR)
    expect(beeps(rig, sinceMs)).toBe(0)
    wait(rig, 0.3 * HOUR)
    expect(beeps(rig, sinceMs)).toBeGreaterThan(10)
  })

  it('flaps every 10 min for a day: at most one 301 and its restore (acceptance 18)', () => {
    const rig = panel(MAINS_AND_BATTERY, { acDelayMinutes: 30, testHours: 0 })
    for (let round = 0; round < 144; round++) {
      rig.simulator.setMains(round % 2 === 1)
      wait(rig, 10 * MINUTE)
    }
    wait(rig, HOUR)
    expect(troubleEvents(rig)).toEqual([])
  }, 60000)
})

describe('battery (S-2, S-3)', () => {
  it('is loaded by the output once a day; a weak one is found by it, and told once', () => {
    const rig = panel(MAINS_AND_BATTERY)
    rig.simulator.setBattery(12.6, 0.8)
    wait(rig, 61 * MINUTE)
    expect(troubleEvents(rig)).toEqual(['1302 01 000'])
    expect(text(rig)).toMatch(/^TROUBLE/)
    rig.simulator.setBattery(13, 0.1)
    wait(rig, 61 * MINUTE)
    expect(troubleEvents(rig)).toEqual(['1302 01 000', '3302 01 000'])
  })

  it('that is not there is found missing: 311', () => {
    const rig = panel(MAINS_AND_BATTERY)
    rig.simulator.setBattery(0)
    wait(rig, 61 * MINUTE)
    expect(troubleEvents(rig)).toEqual(['1311 01 000'])
  })

  it.each([
    [Option.TEST_AT_ARMING, ['1302 01 000']],
    [0, []],
  ])('is tested when somebody arms, with option %i (S-3): %j', (options, expected) => {
    const rig = panel(MAINS_AND_BATTERY, { options })
    wait(rig, 2 * HOUR) // the test after the start found it good
    rig.simulator.setBattery(12.6, 0.8)
    wait(rig, 10 * MINUTE)
    arm(rig)
    expect(troubleEvents(rig)).toEqual(expected)
    expect(rig.simulator.onlooker.now.text).toMatch(/^ARMED/)
  })

  it.each([
    [1000, 11.8, []],
    [1200, 11.8, []],
    [1000, 11.2, ['1302 01 000']],
    [1200, 11.2, ['1302 01 000']],
  ])('is judged by the reference of this chip, %i mV: %f V gives %j', (reference, volts, expected) => {
    const rig = panel(MAINS_AND_BATTERY, { adcReference: reference, acDelayMinutes: 255 })
    rig.simulator.board.adc.referenceMillivolts = reference
    rig.simulator.setBattery(volts, 0)
    rig.simulator.setMains(false)
    wait(rig, 5 * MINUTE)
    expect(troubleEvents(rig)).toEqual(expected)
  })
})

describe('siren and box (S-5, S-7)', () => {
  it.each(['open', 'short'] as const)('a siren circuit that is %s is told after its time, 321', (state) => {
    const rig = panel(BOX_AND_SIREN)
    rig.simulator.setSirenLoop(state)
    wait(rig, MINUTE)
    expect(troubleEvents(rig)).toEqual(['1321 01 001'])
    rig.simulator.setSirenLoop('ok')
    wait(rig, MINUTE)
    expect(troubleEvents(rig)).toEqual(['1321 01 001', '3321 01 001'])
  })

  it('a siren that sounds is not judged', () => {
    const rig = panel(BOX_AND_SIREN)
    arm(rig)
    open(rig, 1)
    expect(rig.simulator.onlooker.now.siren).toBe('on')
    wait(rig, 5 * MINUTE)
    expect(troubleEvents(rig)).toEqual([])
  })

  it('the box: 137, and its restore', () => {
    const rig = panel(BOX_AND_SIREN)
    rig.simulator.setBoxOpen(true)
    wait(rig, 5000)
    expect(text(rig)).toMatch(/^TROUBLE/)
    rig.simulator.setBoxOpen(false)
    wait(rig, 5000)
    expect([troubleEvents(rig), text(rig)]).toEqual([['1137 01 000', '3137 01 000'], 'READY      08:00|Enter code'])
  })

  it('what was told before a restart is not told again, and its end is', () => {
    const rig = panel(BOX_AND_SIREN)
    rig.simulator.setBoxOpen(true)
    wait(rig, 5000)
    rig.simulator.powerOff()
    wait(rig, 1000)
    rig.simulator.powerOn()
    wait(rig, MINUTE)
    rig.simulator.setBoxOpen(false)
    wait(rig, MINUTE)
    expect(troubleEvents(rig)).toEqual(['1137 01 000', '1305 01 000', '3137 01 000'])
  })
})

describe('keypad and modules (S-6)', () => {
  it('a keypad without an answer for 20 s is 333, whatever stands on it', () => {
    const rig = panel({})
    rig.simulator.board.lcd.isPresent = false
    wait(rig, 15000)
    expect(troubleEvents(rig)).toEqual([])
    wait(rig, 15000)
    expect(troubleEvents(rig)).toEqual(['1333 01 001'])
    rig.simulator.board.lcd.isPresent = true
    rig.simulator.board.lcd.powerUp()
    wait(rig, 10000)
    expect(troubleEvents(rig)).toEqual(['1333 01 001', '3333 01 001'])
    expect(text(rig)).toMatch(/^READY/)
  })

  it('so is a port expander, as number 2', () => {
    const rig = panel({})
    rig.simulator.board.expanders[0]?.setPower(false)
    wait(rig, 40000)
    expect(troubleEvents(rig)).toEqual(['1333 01 002'])
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|09 Module')
  })
})

describe('keypad and modules while armed (S-6)', () => {
  const losses: [string, (rig: rigs.Rig) => void, string][] = [
    ['a keypad', (rig) => (rig.simulator.board.lcd.isPresent = false), '1333 01 001'],
    ['a port expander', (rig) => rig.simulator.board.expanders[0]?.setPower(false), '1333 01 002'],
  ]

  it.each(losses)('%s that is lost is a tamper alarm in profile EN: 145 behind 333, once', (_name, lose, told) => {
    const rig = panel({}, { options: Option.EN, abortSeconds: 0 })
    arm(rig)
    const sinceMs = nowMs(rig)
    lose(rig)
    wait(rig, 15000)
    expect([rig.simulator.onlooker.now.siren, events(rig, sinceMs)]).toEqual(['off', []])
    wait(rig, 15000)
    expect(rig.simulator.onlooker.now.siren).toBe('on')
    wait(rig, 5 * MINUTE)
    const found = events(rig, sinceMs)
    expect(found.filter((event) => /^1(333|145)/.test(event)).sort()).toEqual(['1145 01 000', told].sort())
    expect(rig.simulator.onlooker.now.siren).toBe('off') // its time is over, the alarm is not
  })

  it.each(losses)('%s is a trouble only in profile SIA', (_name, lose, told) => {
    const rig = panel({})
    arm(rig)
    const sinceMs = nowMs(rig)
    lose(rig)
    wait(rig, MINUTE)
    expect([rig.simulator.onlooker.now.siren, events(rig, sinceMs)]).toEqual(['off', [told]])
  })

  it.each(losses)('%s is a trouble only in profile EN while disarmed, and in the exit delay', (_name, lose, told) => {
    for (const isArming of [false, true]) {
      const rig = panel({}, { options: Option.EN, abortSeconds: 0 })
      if (isArming) choose(rig, MASTER, '2')
      const sinceMs = nowMs(rig)
      lose(rig)
      wait(rig, 40000)
      expect([rig.simulator.onlooker.now.siren, events(rig, sinceMs)]).toEqual(['off', [told]])
    }
  })

  it('one that goes while an alarm stands makes no second one', () => {
    const rig = panel({}, { options: Option.EN, abortSeconds: 0 })
    arm(rig)
    open(rig, 1)
    const sinceMs = nowMs(rig)
    rig.simulator.board.lcd.isPresent = false
    wait(rig, MINUTE)
    expect(events(rig, sinceMs)).toEqual(['1333 01 001'])
  })
})

describe('what is wrong is listed (K-20)', () => {
  it('*2 and # by numbers, without a code in profile SIA', () => {
    const rig = panel(BOX_AND_SIREN)
    rig.simulator.setBoxOpen(true)
    rig.simulator.setSirenLoop('open')
    wait(rig, MINUTE)
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|03 Siren')
    keys(rig, '#')
    expect(text(rig)).toBe('TROUBLE|07 Tamper')
    keys(rig, '#')
    expect(text(rig)).toBe('TROUBLE|End')
  })

  it('says so when there is none', () => {
    const rig = panel({})
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|None')
  })

  it('only after a code in profile EN, whose display says nothing of it before (K-11)', () => {
    const rig = panel(BOX_AND_SIREN, { options: Option.EN })
    rig.simulator.setBoxOpen(true)
    wait(rig, MINUTE)
    expect(text(rig)).toMatch(/Enter code$/)
    keys(rig, '*2#')
    expect(text(rig)).not.toContain('Tamper')
    wait(rig, 12000)
    keys(rig, USER.digits)
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|07 Tamper')
  })

  it('has zones: a cover is number 7', () => {
    const rig = start({ zones: [FRONT_DOOR, { name: 'Cover', type: ZoneType.TAMPER }] })
    wait(rig, 70000)
    open(rig, 1)
    wait(rig, 2000)
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|07 Tamper')
    close(rig, 1)
    wait(rig, 12000)
    expect(text(rig)).toMatch(/^READY/)
  })

  it('has a path test without an answer, after an hour: number 6 (S-11)', () => {
    const rig = panel({}, { testHours: 1, category: 'DP1' })
    rig.simulator.receiver.mode = 'silent'
    rig.simulator.runTo(2.2 * HOUR)
    const bits = rigs.panel(rig).troubles
    expect((bits.raised >> 8) & 1).toBe(1)
    expect((bits.shown >> 6) & 1).toBe(1)
  })
})

describe('arming with a trouble (A-37)', () => {
  const broken = () => {
    const rig = panel(BOX_AND_SIREN)
    rig.simulator.setBoxOpen(true)
    wait(rig, MINUTE)
    return rig
  }

  it('is refused, shows where to look, and # insists; the log says who did', () => {
    const rig = broken()
    choose(rig, USER, '2')
    expect(text(rig)).toBe('TROUBLE|*2 to view')
    keys(rig, '#')
    expect(text(rig)).toContain('AWAY  exit')
    const log = rigs.panel(rig).log
    const entries = [0, 1, 2, 3].map((back) => eventLog.at(log, eventLog.OTHERS, back))
    const found = [0, 1, 2, 3].map((back) => eventLog.at(log, eventLog.MANDATORY, back)).concat(entries)
    expect(found.some((entry) => entry?.code === 1004 && entry.number === USER.user)).toBe(true)
  })

  it('*2 after the refusal lists it', () => {
    const rig = broken()
    choose(rig, USER, '2')
    keys(rig, '*2#')
    expect(text(rig)).toBe('TROUBLE|07 Tamper')
  })

  it('is not refused for mains alone, but for mains and a low battery', () => {
    const rig = panel(MAINS_AND_BATTERY)
    rig.simulator.setMains(false)
    wait(rig, 5000)
    choose(rig, USER, '2')
    expect(text(rig)).toContain('AWAY  exit')
    keys(rig, USER.digits)
    rig.simulator.setBattery(11.2)
    wait(rig, MINUTE)
    choose(rig, USER, '2')
    expect(text(rig)).toBe('TROUBLE|*2 to view')
  })

  it('is refused for both paths, not for one; and after a code not for what came since (D-15)', () => {
    const rig = panel({}, { category: 'DP4' })
    cutBoth(rig)
    wait(rig, 10 * MINUTE)
    choose(rig, USER, '2')
    expect(text(rig)).toBe('TROUBLE|*2 to view')
    cutBoth(rig, false)
    wait(rig, 2 * HOUR)
    choose(rig, USER, '1')
    wait(rig, 20000)
    cutBoth(rig)
    wait(rig, 10 * MINUTE)
    expect(rigs.panel(rig).told & 3).toBe(3)
    choose(rig, USER, '2')
    expect(text(rig)).toContain('AWAY  exit')
  })

  it('by quick arm, keyswitch and clock as well', () => {
    const key = { name: 'Key', type: ZoneType.KEYSWITCH, flags: 0 as ZoneFlag }
    const pins = { ...unmatched().pins, ...BOX_AND_SIREN }
    const settings = { pins, options: Option.QUICK_ARM, autoArmMinute: 8 * 60 + 10 }
    const rig = start({ zones: [FRONT_DOOR, WINDOW, key], settings })
    rig.simulator.setBoxOpen(true)
    wait(rig, 70000)
    keys(rig, '#2#')
    expect(text(rig)).toBe('TROUBLE|*2 to view')
    open(rig, 2)
    rig.simulator.runTo(11 * MINUTE)
    expect(events(rig)).toEqual(expect.arrayContaining(['1454 01 003', '1455 01 000']))
    expect(rig.simulator.onlooker.now.light).toBe('off')
  })
})

describe('a call for help leaves the keypad as it is (D-15, acceptance 4)', () => {
  /** Paths that die after the start, or never; a code while disarmed; what is seen for two hours after it. */
  function twin(person: Person, deadAtMs: number, codeAtMs: number): { rig: rigs.Rig; codeMs: number } {
    const rig = start({ settings: { category: 'DP4', testHours: 0 } })
    if (deadAtMs > 0) {
      rig.simulator.runTo(deadAtMs)
      cutBoth(rig)
    }
    rig.simulator.runTo(codeAtMs)
    keys(rig, person.digits)
    const codeMs = nowMs(rig)
    wait(rig, 2 * HOUR)
    return { rig, codeMs }
  }

  it('shows nothing new for 60 min, then what would be there anyway', () => {
    const { rig, codeMs } = twin(DURESS, 2 * MINUTE, 2 * MINUTE + 5000)
    const firstHour = seen(rig, codeMs + 15000, codeMs + HOUR - 2000)
    expect(firstHour.length).toBeGreaterThan(0)
    expect(firstHour.every((line) => line.startsWith('text READY'))).toBe(true)
    expect(text(rig)).toMatch(/^TROUBLE/)
    expect(rigs.panel(rig).told).toBe(7)
  })

  it.each([
    ['paths up', 0, 10 * MINUTE],
    ['paths that die with it', 2 * MINUTE, 2 * MINUTE + 5000],
    ['paths long dead', 2 * MINUTE, 20 * MINUTE],
  ])('as after any code, to the millisecond: %s', (_name, deadAtMs, codeAtMs) => {
    const [user, duress] = [USER, DURESS].map((person) => twin(person, deadAtMs, codeAtMs).rig)
    expect(difference(user, duress)).toBe('')
  })

  it('with mains that fail in the hour, which is shown at once for both', () => {
    const runs = [USER, DURESS].map((person) => {
      const rig = panel(MAINS_AND_BATTERY, { category: 'DP4' })
      cutBoth(rig)
      keys(rig, person.digits)
      wait(rig, 10 * MINUTE + 300)
      rig.simulator.setMains(false)
      wait(rig, 2000)
      expect(text(rig)).toMatch(/^TROUBLE/)
      wait(rig, 2 * HOUR)
      return rig
    })
    expect(difference(runs[0], runs[1])).toBe('')
  })

  it('over a restart in it; 121 is the first that gets out, 6 h later (acceptance 4)', () => {
    const runs = [USER, DURESS].map((person) => {
      const rig = start({ settings: { category: 'DP4', testHours: 0 } })
      rig.simulator.runTo(2 * MINUTE)
      cutBoth(rig)
      keys(rig, person.digits)
      const codeMs = nowMs(rig)
      wait(rig, 20 * MINUTE)
      rig.simulator.powerOff()
      wait(rig, 10000)
      rig.simulator.powerOn()
      wait(rig, 40 * MINUTE)
      expect(seen(rig, codeMs + 15000, codeMs + HOUR - 2000).join()).not.toContain('TROUBLE')
      rig.simulator.runTo(6 * HOUR)
      cutBoth(rig, false)
      wait(rig, 5 * MINUTE)
      return rig
    })
    const [first] = events(runs[1], 6 * HOUR)
    expect(first).toBe('1121 01 003')
    expect(difference(runs[0], runs[1], 6 * HOUR)).toBe('')
  })
})

describe('the clock (S-13)', () => {
  it('that nobody told is a trouble after 5 min, and ends when it is known', () => {
    const rig = start()
    const known = rig.simulator.board.utcSeconds
    rig.simulator.board.utcSeconds = () => 0
    cutBoth(rig)
    rig.simulator.runTo(6 * MINUTE)
    expect(listed(rig)).toContain('08 Clock')
    rig.simulator.board.utcSeconds = known
    wait(rig, 20000)
    expect(listed(rig)).not.toContain('08 Clock')
  })
})
