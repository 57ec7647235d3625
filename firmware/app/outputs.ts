/**
 * Programmable outputs (O-6 to O-8): each follows one thing. A silent alarm moves none of them, but for the duress output,
 * which exists only where the settings name one, and drops by time alone (O-7).
 */

import type { Config } from '../config'
import { Follow } from '../config'
import type { Hal } from '../hal'
import * as outputPort from '../io/output-port'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as types from '../panel/zone-types'
import type { App } from './state'

/** The duress output drops after this long, whatever is entered (O-7). */
export const DURESS_MS = 60000
/** Until when it has dropped, counted from the last key. */
const WATCH_MS = DURESS_MS + 4000

/** Those of the board that are at a chip on I2C; before anything else touches a pin. Undefined where there are none. */
export function atChip(hal: Hal, config: Config): outputPort.OutputPort | undefined {
  const { outputs } = config
  if (outputs === undefined) return outputPort.create(hal.pins, hal.i2c, config.pins, [], -1)
  const at = outputs.follows.indexOf(Follow.DURESS)
  return outputPort.create(hal.pins, hal.i2c, config.pins, outputs.pins, at < 0 ? -1 : outputs.pins[at])
}

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

/**
 * True for a while after any key, where there is a duress output: show() then comes again and again, so that it drops in time
 * and no pass is there for that alone (D-31).
 */
export function mayDrop(app: App, nowMs: number): boolean {
  const { outputs } = app.config
  return nowMs < app.awakeMs + WATCH_MS && outputs !== undefined && outputs.follows.indexOf(Follow.DURESS) >= 0
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
