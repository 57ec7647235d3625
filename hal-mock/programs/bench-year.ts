/**
 * Row of a busy home's year on Node: armed and disarmed daily, doors all day, a burglary a month, mains that flicker. All of
 * it from one seed, and what the station heard is held against what was done, so that a fast year is no empty one.
 */

import { DEMO_CODES, demoConfig } from '../demo'
import { Random } from '../random'
import { Simulator } from '../simulator'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

const SEED = 20260105
const YEAR_DAYS = 365
const HOUR_MS = 3600000
const DAY_MS = 24 * HOUR_MS
/** Doors are used so often in the hours in which somebody is at home. */
const DOORS = 60
const BURGLARY_DAYS = 30
/** A free input of the demo's board that tells of the mains; reported after the demo's 30 min. */
const MAINS_PIN = 12
const FLAP_MS = 20000
const MAINS_CODE = '301'

type Bench = Simulator<unknown, unknown>

/** What was done, and so has to arrive: codes of Contact ID and how often. */
type Done = { [code: string]: number }

/** days: how many are played; the row tells of a year at that pace. */
export function yearRow(days: number, say: (text: string) => void): Row {
  say(`${days} days of a busy home ...`)
  const random = new Random(SEED)
  const config = demoConfig()
  Object.assign(config.pins, { acSense: MAINS_PIN })
  const bench: Bench = new Simulator({ firmware: panelFirmware, config, crypto: nodeCrypto, seed: SEED })
  const done: Done = { '401': 0, '131': 0, [MAINS_CODE]: 0 }
  const startMs = performance.now()
  bench.powerOn()
  for (let day = 0; day < days; day++) liveDay(bench, random, day, done)
  const realSeconds = (performance.now() - startMs) / 1000
  for (const code of Object.keys(done)) {
    const heard = bench.station.filter((event) => event.code === code && !event.isDuplicate).length
    if (heard !== done[code]) throw new Error(`the station heard ${heard} times ${code}, and not ${done[code]} times`)
  }
  const value = Math.round((realSeconds * YEAR_DAYS) / days)
  return { name: `a year of a busy home on Node, of ${days} days`, value, unit: 's', goal: null, better: 'lower' }
}

/** Armed from 8 to 17 o'clock; the calendar of the bench begins at 8. */
function liveDay(bench: Bench, random: Random, day: number, done: Done): void {
  const atMs = day * DAY_MS
  const type = (name: string) => bench.type(DEMO_CODES.find((code) => code.name === name)?.digits ?? '')
  bench.runTo(atMs + 60000)
  const doneMs = type('code A')
  bench.runTo(doneMs + 1000)
  bench.type('2')
  done['401'] += 2
  bench.runTo(atMs + 2 * HOUR_MS)
  flap(bench, random)
  bench.runTo(atMs + 4 * HOUR_MS)
  if (day % BURGLARY_DAYS === 3 % BURGLARY_DAYS) {
    bench.setZone(1, true)
    done['131'] += 2
    bench.runTo(bench.clock.nowMs + 60000)
    bench.setZone(1, false)
  }
  bench.runTo(atMs + 9 * HOUR_MS)
  bench.runTo(type('code B') + 2000)
  for (let door = 0; door < DOORS; door++) {
    bench.runTo(atMs + 9 * HOUR_MS + 60000 + door * 12 * 60000 + random.below(600000))
    bench.setZone(random.below(2), true)
    bench.runTo(bench.clock.nowMs + 2000 + random.below(20000))
    for (const zone of [0, 1]) bench.setZone(zone, false)
  }
  if (day % 7 === 6) {
    bench.setMains(false)
    done[MAINS_CODE] += 2
    bench.runTo(bench.clock.nowMs + 2 * HOUR_MS)
    bench.setMains(true)
  }
  bench.runTo(atMs + DAY_MS)
}

/** Too short to be reported (S-1). */
function flap(bench: Bench, random: Random): void {
  for (let count = 1 + random.below(4); count > 0; count--) {
    bench.setMains(false)
    bench.runTo(bench.clock.nowMs + 1000 + random.below(FLAP_MS))
    bench.setMains(true)
    bench.runTo(bench.clock.nowMs + 1000 + random.below(FLAP_MS))
  }
}
