/**
 * Programmable outputs (O-6 to O-8): each follows one thing. A silent alarm moves none of them, but for the duress output,
 * which exists only where the settings name one, and drops by time alone (O-7).
 */

import { Follow } from '../config'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as types from '../panel/zone-types'
import type { App } from './state'

/** The duress output drops after this long, whatever is entered (O-7). */
export const DURESS_MS = 60000

/** Takes the pins, at rest. */
export function create(app: App): void {
  const { outputs } = app.config
  if (outputs === undefined) return
  for (let index = 0; index < outputs.pins.length; index++) {
    app.hal.pins.write(outputs.pins[index], 0)
    app.hal.pins.mode(outputs.pins[index], 'output')
  }
  show(app, 0)
}

/** Brings all of them up to date. */
export function show(app: App, nowMs: number): void {
  const { outputs } = app.config
  if (outputs === undefined) return
  for (let index = 0; index < outputs.pins.length; index++) {
    app.hal.pins.write(outputs.pins[index], level(app, outputs.follows[index], nowMs))
  }
}

function level(app: App, follow: number, nowMs: number): number {
  const w = app.premises
  switch (follow) {
    case Follow.READY:
      return w.zones.openCount === 0 ? 1 : 0
    case Follow.DETECTOR_POWER:
      return 1 - premises.isDetectorOff(w)
    case Follow.TROUBLE:
      return app.troubles.shown !== 0 ? 1 : 0
    case Follow.BATTERY_LOAD:
      return app.troubles.load
    case Follow.DURESS:
      return nowMs < app.silentUntilMs ? 1 : 0
    default:
      return isAny(app, follow)
  }
}

/** 1 when any partition is in that state. */
function isAny(app: App, follow: number): number {
  const all = app.premises.partitions
  for (let index = 0; index < all.length; index++) {
    const p = all[index]
    const isAlarm = p.state === partition.ALARM
    if (follow === Follow.ARMED && partition.isSet(p) === 1) return 1
    if (follow === Follow.EXIT && p.state === partition.EXIT) return 1
    if (follow === Follow.ENTRY && p.state === partition.ENTRY) return 1
    if (follow === Follow.BURGLARY && isAlarm && p.siren === types.BURGLARY) return 1
    if (follow === Follow.FIRE && isAlarm && p.siren >= types.CARBON_MONOXIDE) return 1
  }
  return 0
}
