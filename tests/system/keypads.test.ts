import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import { Option } from '../../firmware/config'
import * as eventLog from '../../firmware/store/event-log'
import { demoConfig } from '../../hal-mock/demo'
import {
  arm,
  DURESS,
  events,
  FRONT_DOOR,
  keys,
  MASTER,
  nowMs,
  type Person,
  type Settings,
  start,
  text,
  USER,
  WINDOW,
  wait,
} from './house-rig'
import * as rigs from './panel-rig'

/** Further keypads at port expanders, each with its display (L-5). */

const ONE_MORE = [6, 0x3f]
const THREE_MORE = [6, 0x3f, 5, 0x3e, 4, 0x23]

function panel(keypads: number[] = ONE_MORE, settings: Settings = {}): rigs.Rig {
  const rig = start({ zones: [FRONT_DOOR, WINDOW], settings: { keypads, testHours: 0, ...settings } })
  wait(rig, 70000)
  return rig
}

/** Keys at one of the keypads. */
function at(rig: rigs.Rig, keypad: number, sequence: string, ms = 600): void {
  rig.simulator.runTo(rig.simulator.type(sequence, keypad) + ms)
}

const shown = (rig: rigs.Rig, keypad: number) =>
  (rig.simulator.onlooker.now[keypad === 1 ? 'text' : `text ${keypad}`] ?? '').replace(/ +\|/, '|').trimEnd()

/** 'time what' of one source from a time on. */
const seen = (rig: rigs.Rig, source: string, sinceMs: number) =>
  rigs.sightsSince(rig, sinceMs).flatMap((sight) => (sight.source === source ? [`${sight.atMs} ${sight.what}`] : []))

const CHIP = (rig: rigs.Rig, keypad: number) => rig.simulator.board.furtherKeypads[keypad - 2]

describe('a further keypad (L-5)', () => {
  it('arms and disarms, whichever of four', () => {
    const rig = panel(THREE_MORE)
    for (const keypad of [2, 3, 4, 1]) {
      at(rig, keypad, MASTER.digits)
      expect(shown(rig, keypad)).toMatch(/^READY .*\|2 to arm away$/)
      at(rig, keypad, '2#')
      wait(rig, 62000)
      expect(shown(rig, keypad)).toMatch(/^ARMED AWAY/)
      at(rig, keypad, USER.digits)
      expect(rig.simulator.onlooker.now.light).toBe('off')
      wait(rig, 15000)
    }
  })

  it('shows the same text as the first at the same instant (D-31)', () => {
    const rig = panel(THREE_MORE)
    const sinceMs = nowMs(rig)
    at(rig, 2, MASTER.digits)
    at(rig, 2, '2#')
    wait(rig, 70000)
    at(rig, 3, '12')
    at(rig, 4, '3')
    keys(rig, USER.digits)
    wait(rig, 10000)
    const first = seen(rig, 'text', sinceMs)
    for (const keypad of [2, 3, 4]) expect(seen(rig, `text ${keypad}`, sinceMs)).toEqual(first)
    expect(first.length).toBeGreaterThan(60)
  })

  it('clicks and answers at the one whose keys are pressed; delays sound at all', () => {
    const rig = panel()
    const sinceMs = nowMs(rig)
    at(rig, 2, MASTER.digits, 1500)
    expect(seen(rig, 'buzzer', sinceMs)).toEqual([])
    expect(seen(rig, 'buzzer 2', sinceMs).filter((line) => line.endsWith('on')).length).toBe(9) // 6 clicks, 3 short
    at(rig, 2, '2#')
    const exitMs = nowMs(rig) + 2000
    wait(rig, 30000)
    const beeps = (source: string) => seen(rig, source, exitMs)
    expect(beeps('buzzer').length).toBeGreaterThan(40)
    expect(beeps('buzzer 2')).toEqual(beeps('buzzer'))
  })

  it('keeps what a zone did before a code that comes with it, at either keypad (P-1)', () => {
    for (const keypad of [1, 2]) {
      let both = 0
      for (let offsetMs = 0; offsetMs < 300; offsetMs += 20) {
        const rig = panel(ONE_MORE, { abortSeconds: 0 })
        arm(rig)
        wait(rig, 130000)
        const typedMs = rig.simulator.type(DURESS.digits, keypad)
        rig.simulator.runTo(typedMs - 800 + offsetMs)
        rig.simulator.setZone(1, true)
        wait(rig, 10000)
        const sequenceOf = (code: string) =>
          rig.simulator.station.find((event) => event.code === code && event.qualifier === 1)?.sequence ?? 0
        const [alarm, duress] = [sequenceOf('131'), sequenceOf('121')]
        expect(duress).toBeGreaterThan(0)
        if (alarm === 0) continue
        both++
        expect(alarm, `zone ${800 - offsetMs} ms before the last key`).toBeLessThan(duress)
      }
      expect(both).toBeGreaterThan(2)
    }
  })

  it('takes the last key of a code after what a zone did in that very pass was kept (P-1, D-30)', () => {
    for (const [person, code] of [
      [USER, '401'],
      [DURESS, '121'],
    ] as const) {
      let together = 0
      const poll = (p: app.App) => {
        const isKept = p.keepAtMs === Infinity
        const keys = p.stations?.[1].matrix.keys ?? ''
        const nextMs = app.poll(p)
        // A zone has moved, and in the same pass keypad 2 has a key, taken or not.
        const hasKey = (p.stations?.[1].matrix.keys ?? '') !== keys || p.reactionAtMs === nowMs(rig) + 400
        if (isKept && p.keepAtMs < Infinity && hasKey) together++
        return nextMs
      }
      // A response of 1 s (W-8): the zone settles with the third scan of the last key.
      const zones = { ...demoConfig().zones, responses: [50, 50] }
      const rig = start({
        zones: [FRONT_DOOR, WINDOW],
        settings: { keypads: ONE_MORE, testHours: 0, abortSeconds: 0, zones },
        firmware: { create: app.create, poll },
      })
      wait(rig, 70000)
      arm(rig)
      wait(rig, 130000)
      const fromMs = nowMs(rig)
      together = 0
      rig.simulator.type(person.digits, 2)
      rig.simulator.setZone(1, true)
      wait(rig, 15000)
      expect(together).toBe(1)
      const sequenceOf = (one: string) =>
        rig.simulator.station.find(
          (event, index) => event.code === one && event.qualifier === 1 && rig.simulator.stationAtMs[index] > fromMs,
        )?.sequence as number
      expect(sequenceOf('131')).toBeLessThan(sequenceOf(code))
    }
  })

  it('has a buffer of its own: keys of two never make one code (C-13)', () => {
    const rig = panel()
    const [head, tail] = [USER.digits.slice(0, 3), USER.digits.slice(3)]
    at(rig, 1, head)
    at(rig, 2, tail)
    expect(rigs.panel(rig).wrongCount).toBe(0)
    expect(text(rig)).not.toContain('2 to arm')
    // What each of them began goes on there.
    at(rig, 1, tail)
    expect(text(rig)).toContain('2 to arm')
    wait(rig, 20000)
    expect(rigs.panel(rig).stations?.map((station) => [station.keypad.count, [...station.keypad.entry]])).toEqual([
      [0, new Array(8).fill(0)],
      [0, new Array(8).fill(0)],
    ])
  })

  it('forgets what was begun and left, when another one is in use meanwhile (A-16)', () => {
    const rig = panel()
    at(rig, 2, '123')
    at(rig, 1, '4')
    wait(rig, 4000)
    at(rig, 1, '5')
    wait(rig, 5600)
    expect(rigs.panel(rig).stations?.map((station) => station.keypad.count)).toEqual([2, 0])
  })

  it('is no second chance: wrong codes of all count together, and all are locked; 461 says which', () => {
    const rig = panel()
    for (const keypad of [1, 2, 1, 2, 2]) at(rig, keypad, rigs.WRONG, 1500)
    expect([shown(rig, 1), shown(rig, 2)]).toEqual(['KEYPAD LOCKED|Wait', 'KEYPAD LOCKED|Wait'])
    for (const keypad of [1, 2]) {
      at(rig, keypad, MASTER.digits)
      expect(shown(rig, keypad)).toBe('KEYPAD LOCKED|Wait')
    }
    wait(rig, 20000)
    expect(events(rig)).toContain('1461 01 002')
    const numbers = [0, 1, 2, 3, 4].map((back) => eventLog.at(rigs.panel(rig).log, eventLog.OTHERS, back))
    expect(numbers.filter((entry) => entry?.code === 1003).map((entry) => entry?.number)).toContain(2)
  })

  it('ends the menus of another one', () => {
    const rig = panel()
    at(rig, 1, MASTER.digits)
    at(rig, 1, '8')
    wait(rig, 1500)
    expect(text(rig)).toMatch(/^USERS/)
    at(rig, 2, '1')
    expect(shown(rig, 1)).toBe(shown(rig, 2))
    expect(text(rig)).toMatch(/^READY/)
    at(rig, 1, '05#')
    expect(text(rig)).not.toMatch(/^User 05/)
  })

  it('calls for help by its chord, and nothing shows of it anywhere (K-5, Z-9)', () => {
    const rig = panel()
    at(rig, 1, '12')
    const sinceMs = nowMs(rig)
    const pad = CHIP(rig, 2).keys
    for (const key of ['1', '*']) pad.hold(key)
    wait(rig, 3000)
    for (const key of ['1', '*']) pad.release(key)
    wait(rig, 1000)
    expect(rigs.sightsSince(rig, sinceMs)).toEqual([])
    wait(rig, 10000)
    expect(events(rig)).toContain('1122 01 000')
    expect(rigs.panel(rig).stations?.[1].keypad.count).toBe(0)
  })
})

describe('duress at a further keypad (D-4, D-31)', () => {
  /** Armed; a code at a keypad; what is seen and heard anywhere from then on. */
  function typed(person: Person, keypad: number): { rig: rigs.Rig; sights: string[] } {
    const rig = panel()
    arm(rig)
    const sinceMs = nowMs(rig)
    at(rig, keypad, person.digits)
    wait(rig, 60000)
    return { rig, sights: rigs.sightsSince(rig, sinceMs).map((sight) => JSON.stringify(sight)) }
  }

  it('looks and sounds like the owner’s code, at the first one too', () => {
    const [user, duress] = [USER, DURESS].map((person) => typed(person, 2))
    expect(duress.sights).toEqual(user.sights)
    expect(events(duress.rig)).toEqual(expect.arrayContaining(['1121 01 003', '1401 01 002']))
    expect(events(user.rig)).not.toContain('1121 01 003')
    expect([shown(duress.rig, 1), shown(duress.rig, 2)]).toEqual([shown(user.rig, 1), shown(user.rig, 1)])
  })

  it('is answered as soon as at the first one: no time tells where it was typed', () => {
    const answers = [1, 2].map((keypad) => {
      const { rig, sights } = typed(DURESS, keypad)
      expect(sights.some((sight) => sight.includes('DISARMED'))).toBe(true)
      const commitMs = rigs.commitMs(rig, nowMs(rig) - 63000)
      const shownMs = rig.simulator.onlooker.sights.find(
        (sight) => sight.atMs > commitMs && sight.what.includes('DISARMED'),
      )
      return (shownMs?.atMs ?? 0) - commitMs
    })
    expect(answers[1]).toBe(answers[0])
  })
})

describe('supervision (S-6)', () => {
  const losses: [string, (rig: rigs.Rig, isThere: boolean) => void][] = [
    ['keys', (rig, isThere) => CHIP(rig, 3).chip.setPower(isThere)],
    [
      'display',
      (rig, isThere) => {
        CHIP(rig, 3).lcd.isPresent = isThere
        if (isThere) CHIP(rig, 3).lcd.powerUp()
      },
    ],
  ]

  it.each(losses)('a keypad whose %s are gone for 20 s is told with its number, and when it is back', (_name, set) => {
    const rig = panel(THREE_MORE)
    const sinceMs = nowMs(rig)
    set(rig, false)
    wait(rig, 18000)
    expect(events(rig, sinceMs)).toEqual([])
    wait(rig, 10000)
    expect(events(rig, sinceMs)).toEqual(['1333 01 013'])
    at(rig, 2, '*2#')
    expect(shown(rig, 1)).toBe('TROUBLE|09 Module')
    set(rig, true)
    wait(rig, 15000)
    expect(events(rig, sinceMs)).toEqual(['1333 01 013', '3333 01 013'])
    at(rig, 3, MASTER.digits)
    expect(shown(rig, 3)).toMatch(/2 to arm away$/)
  })

  it('one that is lost over a restart is not told twice, and its end is', () => {
    const rig = panel(THREE_MORE)
    const sinceMs = nowMs(rig)
    CHIP(rig, 4).chip.isPresent = false
    wait(rig, 30000)
    rig.simulator.powerOff()
    rig.simulator.powerOn()
    CHIP(rig, 4).chip.isPresent = false
    wait(rig, 60000)
    CHIP(rig, 4).chip.setPower(true)
    wait(rig, 10000)
    const told = events(rig, sinceMs).filter((event) => event.includes('333'))
    expect(told).toEqual(['1333 01 014', '3333 01 014'])
  })

  it('a chip that browned out is set up again within two seconds, so that its keys are not dead', () => {
    const rig = panel()
    CHIP(rig, 2).chip.reset()
    wait(rig, 2000)
    at(rig, 2, MASTER.digits)
    expect(shown(rig, 2)).toMatch(/2 to arm away$/)
  })

  it('EN: one that goes while armed is a tamper alarm', () => {
    const rig = panel(ONE_MORE, { options: Option.EN, abortSeconds: 0 })
    arm(rig)
    CHIP(rig, 2).chip.setPower(false)
    wait(rig, 30000)
    expect(rig.simulator.onlooker.now.siren).toBe('on')
    expect(events(rig)).toEqual(expect.arrayContaining(['1333 01 012', '1145 01 000']))
  })
})
