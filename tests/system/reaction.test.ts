/** What a zone does is seen and heard before it is kept, and kept before anything else is (P-1). */

import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import { ZoneType } from '../../firmware/config'
import { Work } from '../../hal-mock/work'
import * as houses from './house-rig'
import * as rigs from './panel-rig'

const INSTANT = 1
/** Response time, looks every 20 ms, and the first look (W-8, W-10). */
const SETTLED_MS = 515
/** The display's two lines have a pass each. */
const KEPT_MS = 5

function armed(): rigs.Rig {
  const rig = rigs.start()
  rigs.reach(rig, 'armed')
  return rig
}

/** Time of the first line of a source from a time on. */
function firstMs(rig: rigs.Rig, source: string, what: RegExp, sinceMs: number): number {
  const line = rig.lines.find((one) => one.atMs >= sinceMs && one.source === source && what.test(one.what))
  return line === undefined ? Number.NaN : line.atMs
}

describe('an alarm', () => {
  it('sounds and is shown before the first byte is written, and is kept within 5 ms of it (P-1)', () => {
    let written = Number.NaN
    let held = ''
    const rig = rigs.start(1, rigs.firmware, rigs.rigConfig(), {
      onLine: ({ atMs, source, what }) => {
        if (atMs < rigs.READY_MS || written > 0 || source !== 'flash' || !what.startsWith('write')) return
        written = atMs
        held = rigs.panel(rig).lcd.have
      },
    })
    rigs.reach(rig, 'armed')
    rig.simulator.setZone(INSTANT, true)
    rig.simulator.runTo(rigs.READY_MS + 1000)
    const siren = rigs.sightsSince(rig, rigs.READY_MS).find((sight) => sight.source === 'siren')?.atMs as number
    expect(siren).toBeLessThanOrEqual(rigs.READY_MS + SETTLED_MS)
    expect(written).toBeGreaterThan(siren)
    expect(written).toBeLessThanOrEqual(siren + KEPT_MS)
    expect(held).toMatch(/^ALARM {11}02 Hall window/)
  })

  it('is kept, with its line in the log, when the supply goes 10 ms after the siren began (P-1, P-4)', () => {
    const rig = armed()
    const { simulator } = rig
    simulator.setZone(INSTANT, true)
    simulator.runTo(rigs.READY_MS + SETTLED_MS)
    const siren = rigs.sightsSince(rig, rigs.READY_MS).find((sight) => sight.source === 'siren')?.atMs as number
    simulator.runTo(siren + 10)
    simulator.powerOff()
    simulator.runTo(siren + 5000)
    simulator.powerOn()
    simulator.runTo(siren + 60000)
    expect(rigs.heard(rig, siren).map((event) => event.slice(0, 11))).toContain('1131 01 002')
    expect(simulator.onlooker.now.text).toMatch(/^ALARM/)
  })

  it('of two zones in one look is kept for both, in the order of their numbers', () => {
    const rig = houses.start({ zones: [houses.WINDOW, { ...houses.WINDOW, name: 'Window 2' }] })
    const { simulator } = rig
    simulator.runTo(40000)
    rigs.arm(rig, houses.MASTER.digits)
    simulator.runTo(120000)
    simulator.setZone(0, true)
    simulator.setZone(1, true)
    simulator.runTo(170000)
    const events = rigs.heard(rig, 120000).map((event) => event.slice(0, 11))
    expect(events.filter((event) => event.startsWith('1131'))).toContain('1131 01 001')
    expect(events.indexOf('1131 01 001')).toBeLessThan(events.indexOf('1131 01 002'))
  })
})

describe('the last key of a code about when a zone settles', () => {
  it('counts after what the zone did was kept: the alarm never stands behind the opening, duress the same (D-30)', () => {
    const heard = [0, 0]
    for (let beforeMs = 580; beforeMs <= 780; beforeMs += 20) {
      const [ordinary, duress] = [rigs.USER, rigs.DURESS].map((code) => {
        const rig = armed()
        const { simulator } = rig
        const typedMs = simulator.type(code)
        simulator.runTo(typedMs - beforeMs)
        simulator.setZone(INSTANT, true)
        simulator.runTo(typedMs + 20000)
        return rigs.heard(rig, rigs.READY_MS).map((event) => event.slice(0, 11))
      })
      const alarm = ordinary.indexOf('1131 01 002')
      heard[alarm >= 0 ? 1 : 0]++
      if (alarm >= 0) expect(alarm).toBeLessThan(ordinary.indexOf('1401 01 001'))
      expect(duress.indexOf('1131 01 002') >= 0).toBe(alarm >= 0)
      expect(duress).toContain(rigs.DURESS_EVENT)
    }
    for (const count of heard) expect(count).toBeGreaterThan(1) // too late for an alarm, and in time for one
  })
})

describe('the last key of a code in the pass in which a zone is still to be kept, because the display was busy until then', () => {
  /** A response time in steps of 20 ms (W-8), and when the zone opens: it settles 5 ms before the last key does. */
  const RESPONSE = 46
  const OPENS_MS = rigs.READY_MS + 20

  it.each([
    ['an ordinary code', rigs.USER, '401'],
    ['duress', rigs.DURESS, '121'],
  ])('counts after it: the alarm has its number before %s (P-1, D-30)', (_, code, ofCode) => {
    let together = 0
    const poll = (panel: app.App) => {
      const isWaiting = panel.keepAtMs < Infinity && panel.reactionAtMs === Infinity
      const nextMs = app.poll(panel)
      if (isWaiting && panel.reactionAtMs < Infinity) together++
      return nextMs
    }
    const config = rigs.rigConfig()
    const zones = { ...config.zones, responses: config.zones.types.map(() => RESPONSE) }
    const rig = rigs.start(1, { ...rigs.firmware, poll }, { ...config, zones }, { work: new Work() })
    const { simulator } = rig
    rigs.reach(rig, 'armed')
    simulator.type(code)
    simulator.runTo(OPENS_MS)
    simulator.setZone(INSTANT, true)
    simulator.runTo(rigs.READY_MS + 20000)
    expect(together).toBe(1)
    const sequenceOf = (one: string) =>
      simulator.station.find((event) => event.code === one && event.qualifier === 1 && event.sequence > 1)?.sequence
    expect(sequenceOf('131')).toBeLessThan(sequenceOf(ofCode) as number)
  })
})

describe('a keyswitch', () => {
  it('arms once that is stored: nothing is shown before the first byte is written (A-38)', () => {
    const keyswitch = { name: 'Key', type: ZoneType.KEYSWITCH }
    const rig = houses.start({ zones: [houses.FRONT_DOOR, keyswitch] })
    const { simulator } = rig
    simulator.runTo(40000)
    simulator.setZone(1, true)
    simulator.runTo(41000)
    const sight = rigs.sightsSince(rig, 40000).find((one) => one.source === 'text')?.atMs as number
    expect(simulator.onlooker.now.text).toMatch(/exit/)
    expect(firstMs(rig, 'flash', /^write/, 40000)).toBeLessThanOrEqual(sight)
  })
})
