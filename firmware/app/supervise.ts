/**
 * The panel looks after itself, once a second (section 11): what is sensed goes to panel/troubles.ts, and what that finds
 * is kept, reported, shown and sounded. What is not wired costs nothing.
 */

import * as clock from '../clock'
import type { Config } from '../config'
import * as event from '../event'
import type { Hal } from '../hal'
import * as lcd from '../io/lcd'
import * as supply from '../io/supply'
import * as zoneInputs from '../io/zone-inputs'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as troubles from '../panel/troubles'
import { Sensed } from '../panel/troubles'
import * as types from '../panel/zone-types'
import * as zones from '../panel/zones'
import * as counters from '../store/counters'
import * as journal from '../store/journal'
import * as queue from '../transmit/queue'
import * as keeping from './keeping'
import { type App, NEVER } from './state'

const SECOND_MS = 1000
const MINUTE_MS = 60000
const HOUR_MS = 3600000
/** At most so much is added to the delay of 301 by chance (S-1). */
const SHARE_MS = 600000
/** What is found within a second is shown at a time that tells nothing of when it was found in it. */
const SHOW_MS = 500
/** The siren's circuit has come to rest so long after the last sound (hardware.md §3.6). */
const QUIET_MS = 1000
/** Of what is sensed in one look, a bit each. */
const WATCHED =
  (1 << Sensed.AC) |
  (1 << Sensed.BOX_TAMPER) |
  (1 << Sensed.CLOCK) |
  (1 << Sensed.TEST) |
  (7 << Sensed.PATH_1) |
  (1 << Sensed.ZONE_TAMPER) |
  (1 << Sensed.ZONE_FAULT) |
  (1 << Sensed.MODULE) |
  (7 << Sensed.KEYPAD_2)
/** In the place of the zones' bits: they have to be looked for. */
export const UNKNOWN = -1
const BOTH_PATHS = 3
const PATH_1_NUMBER = 4

/** The troubles of a panel that starts, with what the journal remembers of them. */
export function create(hal: Hal, config: Config, j: journal.Journal): troubles.Troubles {
  let shareMs = 0
  if (config.pins.acSense !== undefined) {
    const chance = new Uint8Array(2)
    hal.random.fill(chance)
    shareMs = (((chance[0] << 8) | chance[1]) / 65536) * SHARE_MS
  }
  const isNew = journal.isNew(j)
  const saved = isNew ? 0 : keeping.savedTroubles(journal.kept(j, 1))
  return troubles.create(config.acDelayMinutes, shareMs, saved, isNew ? 0 : troubles.FROZEN_MS, hal.clock.nowMs())
}

/** Why the panel starts (store/counters.ts): restarts that nobody ordered are counted until it has run for an hour (S-14). */
export function started(app: App, cause: number): void {
  if (cause !== counters.WATCHDOG && cause < counters.EXCEPTION) return
  const nowMs = app.hal.clock.nowMs()
  if (app.restarts < 255) app.restarts++
  app.restartsUntilMs = nowMs + HOUR_MS
  keeping.keepRest(app)
  const causes = new Uint8Array(app.restarts).fill(counters.WATCHDOG)
  troubles.starts(app.troubles, causes, new Uint32Array(app.restarts), nowMs)
}

/** The look of each second. Resident: only what it finds is seldom needed. keypads: bits of further ones that are lost. */
export function poll(app: App, keypads: number, nowMs: number): void {
  const t = app.troubles
  app.superviseAtMs = nowMs - (nowMs % SECOND_MS) + SECOND_MS
  if (app.zoneTroubles === UNKNOWN) lookAtZones(app)
  let wrong = ((app.dispatcher.conditions & 7) << Sensed.PATH_1) | app.zoneTroubles | keypads
  if (app.isTimeKnown === 0) {
    app.isTimeKnown = clock.utcSeconds(app.wall, app.hal.clock) > 0 ? 1 : 0
    wrong |= (1 - app.isTimeKnown) << Sensed.CLOCK
  }
  if (zoneInputs.lostModules(app.zones) !== 0) wrong |= 1 << Sensed.MODULE
  if (app.queue.count > 0) wrong |= testOwed(app, nowMs)
  if (app.supply !== undefined) wrong |= readSupply(app, app.supply, nowMs)
  if (((wrong ^ t.sensed) & WATCHED) !== 0) changed(t, wrong, nowMs)
  // The keypad is what its display and its keys are (S-6).
  if (lcd.probe(app.lcd, nowMs)) {
    if (app.lcd.dueMs < app.lcdAtMs) app.lcdAtMs = app.lcd.dueMs
  } else if (!app.matrix.isStuck) troubles.keypadSeen(t, nowMs)
  if (nowMs >= app.restartsUntilMs) forgetRestarts(app)
  if (nowMs >= t.atMs) advance(app, nowMs)
}

/** Whatever is another than before. */
function changed(t: troubles.Troubles, wrong: number, nowMs: number): void {
  const bits = (wrong ^ t.sensed) & WATCHED
  for (let what = 0; bits >> what !== 0; what++) {
    if (((bits >> what) & 1) === 1) troubles.sense(t, what, (wrong >> what) & 1, nowMs)
  }
}

/** The bit of a test that is not kissed off yet (S-11). Looked for once a minute, through the whole queue. */
function testOwed(app: App, nowMs: number): number {
  if (nowMs < app.testLookAtMs) return app.troubles.sensed & (1 << Sensed.TEST)
  app.testLookAtMs = nowMs + MINUTE_MS
  for (let number = 1; number <= 2; number++) {
    const subject = event.subject(event.PERIODIC_TEST, app.config.partition, number)
    if (queue.isWaiting(app.queue, 0, subject)) return 1 << Sensed.TEST
  }
  return 0
}

/** Bits of mains, box and the outputs' chip; battery and siren go to the troubles themselves. */
function readSupply(app: App, s: supply.Supply, nowMs: number): number {
  const t = app.troubles
  let bits = (supply.isMainsLost(s) << Sensed.AC) | (supply.isBoxOpen(s) << Sensed.BOX_TAMPER)
  if (s.outputs !== undefined) bits |= s.outputs.look(nowMs) << Sensed.MODULE
  if (s.battery >= 0) {
    // First, for the battery is judged by it.
    if (((bits ^ t.sensed) & (1 << Sensed.AC)) !== 0) changed(t, (t.sensed & ~(1 << Sensed.AC)) | bits, nowMs)
    troubles.battery(t, supply.battery(s), nowMs)
  }
  if (s.siren < 0) return bits
  if (app.siren.base !== 0 || app.siren.shot !== 0) t.sirenAtMs = nowMs + QUIET_MS
  else if (nowMs >= t.sirenAtMs) troubles.siren(t, supply.isSirenWrong(s), nowMs)
  return bits
}

/** Something is due: what comes of it is reported and kept, and the keypad told. */
function advance(app: App, nowMs: number): void {
  const t = app.troubles
  const saved = troubles.saved(t)
  const shown = t.shown
  const load = t.load
  const isSounding = t.isSounding
  troubles.poll(t, nowMs)
  while (troubles.take(t)) {
    keeping.keep(app, t.code, t.qualifier, t.number)
    if (t.code === event.MODULE_LOST && t.qualifier === event.NEW) lost(app, nowMs)
  }
  if (troubles.saved(t) !== saved) keeping.keepRest(app)
  if (t.shown === shown && t.load === load && t.isSounding === isSounding) return
  const showAtMs = nowMs - (nowMs % SECOND_MS) + SHOW_MS
  if (showAtMs < app.showAtMs) app.showAtMs = showAtMs
}

/** EN: a keypad or an expander that goes while something is armed was perhaps torn off. Not twice in one alarm (S-6). */
function lost(app: App, nowMs: number): void {
  const w = app.premises
  for (let index = 0; index < w.partitions.length; index++) {
    const p = w.partitions[index]
    if (w.rules.isEn === 0 || !partition.isLive(p) || p.state >= partition.ALARM) continue
    premises.panic(w, index, event.MODULE_TAMPER, types.BURGLARY, nowMs)
    w.dueMs = nowMs // the next pass drains it
    return
  }
}

function forgetRestarts(app: App): void {
  app.restarts = 0
  app.restartsUntilMs = NEVER
  keeping.keepRest(app)
}

/** Bits of the zones that have a tamper or a trouble to tell of. After a change of one; walks over all. */
function lookAtZones(app: App): void {
  const z = app.premises.zones
  app.zoneTroubles = 0
  for (let zone = 0; zone < z.count; zone++) {
    if (!zones.has(z, zone, zones.TOLD)) continue
    const isTamper = zones.loop(z, zone) === zones.TAMPERED || types.response(z.types[zone], 0, 0) === types.TAMPER
    app.zoneTroubles |= 1 << (isTamper ? Sensed.ZONE_TAMPER : Sensed.ZONE_FAULT)
  }
}

/**
 * True when arming is refused unless somebody insists: tamper, siren, a weak battery without mains, or no path to
 * the station. It is the keypad's list that counts, which a call for help changes no sooner than any code (D-15).
 */
export function hindersArming(app: App): boolean {
  const shown = app.troubles.shown
  const paths = (app.queue.lanes[0] & BOTH_PATHS) << PATH_1_NUMBER
  if ((shown & ((1 << 3) | (1 << 7))) !== 0) return true
  return (shown & 6) === 6 || (paths !== 0 && (shown & paths) === paths)
}

/** True while the tone of troubles sounds: never while anything is armed (§9.2). */
export function sounds(app: App, p: partition.Partition): boolean {
  return troubles.sounds(app.troubles, p.state !== partition.DISARMED)
}
