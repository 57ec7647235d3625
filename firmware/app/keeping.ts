/** What has to survive a power cut, and how it comes back: events and states into the journal (P-1 to P-4, P-6). */

import * as clock from '../clock'
import * as event from '../event'
import * as codes from '../panel/codes'
import * as keepsake from '../panel/keepsake'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as troubles from '../panel/troubles'
import * as types from '../panel/zone-types'
import * as eventLog from '../store/event-log'
import * as journal from '../store/journal'
import * as dispatcher from '../transmit/dispatcher'
import * as queue from '../transmit/queue'
import { type App, hurry, numberOf } from './state'

/** Bit 7 of the state bytes: of 0-2 what the station knows of the paths (dispatcher.conditions), of 3 that events were lost. */
const PANEL_BIT = 7
const LOSS_AT = 3
const HOUR_MS = 3600000
/**
 * In kind 1 of what is kept: wrong entries since an installer's code; 1 while chimes are off; troubles (2); restarts; a spent
 * one-time code's user.
 */
const INSTALLER_AT = keepsake.OWN_AT
const QUIET_AT = keepsake.OWN_AT + 1
const TROUBLES_AT = keepsake.OWN_AT + 2
const RESTARTS_AT = keepsake.OWN_AT + 4
const SPENT_AT = keepsake.OWN_AT + 5
/** The second byte of troubles.saved(): it leaves out bits that are never set. */
const TROUBLES_SHIFT = 14

/** On the device this makes what keeps events, before the answer to a code needs it. A loop: as in house.ts. */
export function warm(app: App): void {
  while (app.told < 0) app.told = 0
}

/** A line of the event log, which knows nothing of duress (D-17). index: partition, 0 the first, -1 the whole panel. */
export function note(app: App, code: number, qualifier: number, index: number, number: number): void {
  eventLog.append(app.log, code, qualifier, index + 1, number, clock.utcSeconds(app.wall, app.hal.clock))
}

/** An event with its line in the log. index: partition, 0 the first. isHeld: it is not sent before its release. */
export function keepFor(
  app: App,
  code: number,
  qualifier: number,
  index: number,
  number: number,
  isHeld: number,
): void {
  send(app, code, qualifier, index, number, isHeld)
  note(app, code, qualifier, index, number)
}

/** Writes the state and one event (or none) and has it sent. */
export function send(app: App, code: number, qualifier: number, index: number, number: number, isHeld: number): void {
  const j = app.queue.journal
  journal.begin(j, clock.utcSeconds(app.wall, app.hal.clock))
  setState(app)
  journal.put(j, 0, event.counts(code), code, qualifier, numberOf(app, index), number)
  const location = journal.commit(j)
  queue.add(app.queue, location)
  if (isHeld === 1) queue.hold(app.queue, location)
  dispatcher.wake(app.dispatcher)
  hurry(app, app.hal.clock.nowMs())
}

/** An event of the panel as a whole, reported for the first partition. */
export function keep(app: App, code: number, qualifier: number, number: number): void {
  keepFor(app, code, qualifier, 0, number, 0)
}

/** The state bytes and the wrong-code count, for the record that is being put together; the same steps for any (D-30). */
export function setState(app: App): void {
  const j = app.queue.journal
  const bytes = journal.state(j)
  const all = app.premises.partitions
  for (let index = 0; index < all.length; index++) bytes[index] = partition.stateByte(all[index])
  for (let index = 0; index < LOSS_AT; index++) {
    bytes[index] = (bytes[index] & 127) | (((app.told >> index) & 1) << PANEL_BIT)
  }
  bytes[LOSS_AT] = (bytes[LOSS_AT] & 127) | (app.isLossDue << PANEL_BIT)
  journal.setWrong(j, app.wrongCount)
}

/** True when the partitions are not what the last record says. */
export function isStateNew(app: App): boolean {
  const bytes = journal.state(app.queue.journal)
  const all = app.premises.partitions
  for (let index = 0; index < all.length; index++) {
    if ((bytes[index] & 127) !== partition.stateByte(all[index])) return true
  }
  return false
}

/** What is longer than the state; each kind is written only when it is another one than before. */
export function keepRest(app: App): void {
  const w = app.premises
  const j = app.queue.journal
  const bytes = new Uint8Array(journal.kept(j, 1))
  keepsake.packPartitions(w, bytes)
  bytes[INSTALLER_AT] = app.installerWrong
  bytes[QUIET_AT] = 1 - app.isChimeOn
  bytes[SPENT_AT] = app.spentUser
  const saved = troubles.saved(app.troubles)
  bytes[TROUBLES_AT] = saved & 255
  bytes[TROUBLES_AT + 1] = saved >> TROUBLES_SHIFT
  bytes[RESTARTS_AT] = app.restarts
  journal.keep(j, 1, bytes)
  if (w.zones.isChanged === 0) return
  w.zones.isChanged = 0
  journal.keep(j, 0, keepsake.packZones(w.zones))
  for (let half = 0; half < 2; half++) journal.keep(j, 2 + half, keepsake.packSwings(w.zones, half))
}

/** What troubles.create() wants back, from kind 1. */
export function savedTroubles(own: Uint8Array): number {
  return own[TROUBLES_AT] | (own[TROUBLES_AT + 1] << TROUBLES_SHIFT)
}

/** Takes up what the journal remembers (P-2, P-4); a restart is an event of its own (P-7). */
export function resume(app: App, nowMs: number): void {
  const j = app.queue.journal
  const w = app.premises
  if (journal.isNew(j)) return
  const bytes = new Uint8Array(journal.state(j))
  for (let index = 0; index < LOSS_AT; index++) app.told |= (bytes[index] >> PANEL_BIT) << index
  app.seen = app.told
  dispatcher.resume(app.dispatcher, app.told)
  app.isLossDue = bytes[LOSS_AT] >> PANEL_BIT
  app.wrongCount = journal.wrongCount(j)
  keepsake.unpackZones(w.zones, journal.kept(j, 0), journal.kept(j, 2), journal.kept(j, 3))
  const own = journal.kept(j, 1)
  app.installerWrong = own[INSTALLER_AT]
  app.isChimeOn = 1 - (own[QUIET_AT] & 1)
  app.spentUser = own[SPENT_AT]
  if (app.spentUser !== 0) codes.spend(app.codes, app.spentUser)
  app.restarts = own[RESTARTS_AT]
  if (app.restarts > 0) app.restartsUntilMs = nowMs + HOUR_MS
  for (let index = 0; index < w.partitions.length; index++) {
    // The zones may be fewer now.
    const zone = own[8 + index] < w.zones.count ? own[8 + index] : 0
    const siren = types.siren(w.zones.types[zone])
    partition.resume(w.partitions[index], w.rules, bytes[index], own[index] || 1, zone, siren, w.rules.entryMs, nowMs)
  }
  premises.holdOff(w, nowMs)
  keep(app, event.SYSTEM_RESET, event.NEW, 0)
  premises.flush(w, nowMs)
}
