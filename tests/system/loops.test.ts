import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import { ZoneType } from '../../firmware/config'
import { arm, DURESS, events, keys, nowMs, type Settings, start, text, USER, WINDOW, wait } from './house-rig'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

/** Loops with resistors in a whole panel (W-1, W-6): zone, style, pull-up, resistors, reading. */
const [SEOL, CLOSING, DEOL, TEOL] = [2, 3, 4, 5]
const loop = (zone: number, style: number, eol = 4700, alarm = 4700, fault = 0) => [
  ...[zone, style, 4700, eol, alarm, fault, 0],
]

/** Window, smoke and garage at an ADS1115, which measures its 3.3 V as well. */
function started(settings: Settings = {}): rigs.Rig {
  const zones = [WINDOW, { name: 'Smoke', type: ZoneType.FIRE, flags: 0 }, { ...WINDOW, name: 'Garage' }]
  const loops = [...loop(0, DEOL), ...loop(1, CLOSING, 4700, 0), ...loop(2, TEOL, 2200, 4700, 2200)]
  const config: Settings = { testHours: 0, abortSeconds: 0, loopSupply: 3, ...settings }
  const rig = start({ zones, settings: { ...config, zones: { ...unmatched().zones, loops } } })
  wait(rig, 70000)
  return rig
}

const wall = (rig: rigs.Rig, zone: number) => {
  const found = rig.simulator.board.loops[zone]
  if (found === undefined) throw new Error('no loop')
  return found
}

/** What the station hears within 3 s of something on the wall. */
function hears(rig: rigs.Rig, act: () => void): string[] {
  const sinceMs = nowMs(rig)
  act()
  wait(rig, 3000)
  return events(rig, sinceMs)
}

describe('a loop with resistors', () => {
  it('that is cut or short while disarmed is a tamper, 144, and shows as an open zone', () => {
    const rig = started()
    const window = wall(rig, 0)
    expect(hears(rig, () => void (window.cable = 'cut'))).toEqual(['1144 01 001'])
    expect(text(rig)).toContain('01 Hall window')
    expect(hears(rig, () => void (window.cable = 'whole'))).toEqual(['3144 01 001'])
    expect(hears(rig, () => void (window.cable = 'short'))).toEqual(['1144 01 001'])
  })

  it('alarms when armed, and its tamper is an alarm as well', () => {
    const rig = started()
    arm(rig)
    expect(hears(rig, () => rig.simulator.setZone(0, true))).toContain('1131 01 001')
    expect(rig.simulator.onlooker.now.siren).toBe('on')
    keys(rig, USER.digits)
    rig.simulator.setZone(0, false)
    wait(rig, 5000)
    arm(rig)
    const tamper = hears(rig, () => void (wall(rig, 0).isTampered = true))
    expect(tamper).toContain('1144 01 001')
    expect(rig.simulator.onlooker.now.siren).toBe('on')
  })

  it('that reads between bands is a trouble, 380, and hinders arming (W-6)', () => {
    const rig = started()
    const window = wall(rig, 0)
    expect(hears(rig, () => void (window.cableOhms = 1900))).toEqual(['1380 01 001'])
    keys(rig, USER.digits)
    keys(rig, '2#')
    expect(text(rig)).toContain('NOT READY')
    expect(hears(rig, () => void (window.cableOhms = 10))).toEqual(['3380 01 001'])
  })

  it('of a smoke detector alarms when it closes, and is in trouble when it is cut', () => {
    const rig = started()
    const smoke = wall(rig, 1)
    expect(hears(rig, () => void (smoke.cable = 'cut'))).toEqual(['1380 01 002'])
    expect(hears(rig, () => void (smoke.cable = 'whole'))).toEqual(['3380 01 002'])
    expect(hears(rig, () => rig.simulator.setZone(1, true))).toContain('1110 01 002')
  })

  it('with a third resistor tells fault and mask, and no alarm of either', () => {
    const rig = started()
    const garage = wall(rig, 2)
    expect(hears(rig, () => void (garage.isFault = true))).toEqual(['1380 01 003'])
    expect(hears(rig, () => void (garage.isAlarm = true))).toEqual([]) // both are masking
    expect(app.loopReading(rigs.panel(rig), 2)[1]).toBeCloseTo(9110 / 13810, 2)
    expect(hears(rig, () => Object.assign(garage, { isFault: false, isAlarm: false }))).toEqual(['3380 01 003'])
  })

  it('is read by a chip that is lost for 20 s: 333 with 2, zones as they were, and back (S-6)', () => {
    const rig = started()
    const chip = rig.simulator.board.converters[0]
    const sinceMs = nowMs(rig)
    chip?.setPower(false)
    wait(rig, 15000)
    expect(events(rig, sinceMs)).toEqual([])
    wait(rig, 10000)
    expect(events(rig, sinceMs)).toEqual(['1333 01 002'])
    chip?.setPower(true)
    wait(rig, 5000)
    expect(events(rig, sinceMs)).toEqual(['1333 01 002', '3333 01 002'])
  })
})

describe('a duress code on a panel with loops', () => {
  it.each([SEOL, DEOL, TEOL])('looks and sounds like the code of its user, wiring style %i (D-4, D-37)', (style) => {
    const runs = [USER, DURESS].map((person) => {
      const loops = loop(0, style, 2200, style === SEOL ? 0 : 4700, style === TEOL ? 2200 : 0)
      const rig = start({
        zones: [WINDOW],
        settings: { abortSeconds: 0, loopSupply: 3, zones: { ...unmatched().zones, loops } },
      })
      wait(rig, 70000)
      arm(rig, USER)
      rig.simulator.setZone(0, true)
      wait(rig, 10000)
      keys(rig, person.digits)
      const sinceMs = nowMs(rig)
      rig.simulator.setZone(0, false)
      wait(rig, 60000)
      return { sights: rig.simulator.onlooker.sights, heard: events(rig, sinceMs - 2000) }
    })
    expect(runs[1].sights).toEqual(runs[0].sights)
    expect(runs[1].heard).toContain('1121 01 003')
    expect(runs[0].heard).not.toContain('1121 01 003')
  })
})
