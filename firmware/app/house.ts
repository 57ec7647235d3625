/**
 * What happens in the house becomes events: zone changes and time go to panel/premises.ts, and what it leaves is kept,
 * sounded and shown. Arming comes through here, whoever asks for it.
 */

import * as clock from '../clock'
import { Option, ZoneType } from '../config'
import * as event from '../event'
import * as sounder from '../io/sounder'
import * as zoneInputs from '../io/zone-inputs'
import * as annunciator from '../panel/annunciator'
import * as codes from '../panel/codes'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as troubles from '../panel/troubles'
import * as types from '../panel/zone-types'
import * as parts from '../parts'
import * as eventLog from '../store/event-log'
import * as journal from '../store/journal'
import * as tones from '../tones'
import * as queue from '../transmit/queue'
import * as keeping from './keeping'
import { focus, loudest, sound, warm as warmDisplay } from './show'
import { type App, hurry, NEVER, numberOf, refresh, setNote } from './state'
import * as supervise from './supervise'

const NOTE_MS = 5000
/** Of the looks at a zone that settles: what its change needs is made between these. Of a delay's end: the same steps. */
export const FIRST_LOOK = 2
export const LAST_LOOK = 5
/** In the log only: a code was not accepted (L-6). */
export const WRONG_ENTRY = 1003
/** In the log only: who armed in spite of a trouble. */
export const OVERRIDE = 1004

// What arm() returns beside a zone.
export const ARMED = -1
export const TROUBLE = -2

/** Looks at the inputs. Resident: it runs ten times a second. */
export function pollZones(app: App, nowMs: number): void {
  app.zonesAtMs = zoneInputs.poll(app.zones, nowMs)
  for (let change = zoneInputs.take(app.zones); change >= 0; change = zoneInputs.take(app.zones)) {
    zoneChanged(app, change, nowMs)
  }
  // The first look has enough to do. A code that waits makes what it needs itself.
  if (app.zones.looks >= FIRST_LOOK && app.zones.looks <= LAST_LOOK && app.reactionAtMs === NEVER) {
    ahead(app, app.zones.looks)
  }
}

/** On the device this makes what a change of a zone or a delay's end needs, a part a look: there is time for it before. */
export function ahead(app: App, look: number): void {
  if (look === FIRST_LOOK)
    parts.drop(parts.ALL_ELSE) // room: beside what sends there is none
  else if (look === LAST_LOOK) warmDisplay(app)
  else if (look === LAST_LOOK - 1) keeping.warm(app)
  else warm(app)
}

/**
 * On the device this makes what the answer to a code needs, before it is due. Never true, and a loop: the minifier puts what is
 * simpler into its caller, and then nothing would be made.
 */
export function warm(app: App): void {
  while (app.lockedUntilMs < 0) app.lockedUntilMs = 0
}

/**
 * change: zone * 8 + what its loop settled to. Siren, tone and text do not wait for the flash: what there is to keep is kept
 * in a pass after them (drain), before the first key that counts and long before they end (P-1). Two have nothing to show
 * before: a keyswitch, for arming counts once it is stored, and a change while a code waits for its answer.
 */
export function zoneChanged(app: App, change: number, nowMs: number): void {
  const w = app.premises
  const zone = change >> 3
  const before = w.out.length
  premises.zoneChanged(w, zone, change & 7, nowMs)
  const index = premises.firstPartition(w.zones, zone)
  if (w.partitions[index].state === partition.DISARMED && types.is24Hour(w.zones.types[zone]) === 0) {
    // The log has it before what comes of it.
    w.out.splice(before, 0, premises.MOVED, (change & 7) === 0 ? event.RESTORE : event.NEW, index, zone + 1, 0)
  }
  app.scroll = -1
  if (app.reactionAtMs !== NEVER || w.zones.types[zone] === ZoneType.KEYSWITCH) {
    drain(app, nowMs)
    if (w.isTurned === 1) keyswitch(app, zone, nowMs)
    return
  }
  chime(app, nowMs)
  refresh(app, nowMs)
  // The siren in this pass, or else the tone of an entry delay; the text in the next.
  const loud = loudest(app)
  if (loud !== app.siren.base) {
    sounder.base(app.siren, loud, nowMs)
    app.sirenAtMs = nowMs
  } else if (w.partitions[index].state === partition.ENTRY) {
    sound(app, w.partitions[focus(app)], nowMs)
    app.sounderAtMs = app.sounder.dueMs
  }
  app.showAtMs = nowMs + 1
  app.keepAtMs = nowMs + 1
}

function chime(app: App, nowMs: number): void {
  if (app.premises.isChime === 0) return
  app.premises.isChime = 0
  if (app.isChimeOn === 1) sounder.play(app.sounder, tones.CHIME, nowMs)
  app.sounderAtMs = nowMs
}

/**
 * The end of a delay, of a window, of the time after power-up. It is kept in the next pass (drain) and shown in the one after
 * that, never before it is kept: all in one pass would take too long.
 */
export function pollPremises(app: App, nowMs: number): void {
  premises.poll(app.premises, nowMs)
  app.keepAtMs = nowMs
  app.showAtMs = NEVER
}

/** Keeps what the premises have to report, and does what is not for the station. */
export function drain(app: App, nowMs: number): void {
  const w = app.premises
  const list = w.out
  w.out = []
  app.keepAtMs = NEVER
  let hasKept = false
  for (let at = 0; at < list.length; at += premises.OUT_FIELDS) {
    const code = list[at]
    if (code > premises.MOVED) {
      keeping.keepFor(app, code, list[at + 1], list[at + 2], list[at + 3], list[at + 4])
      hasKept = true
      if (event.isZoneTrouble(code)) app.zoneTroubles = supervise.UNKNOWN
    } else act(app, code, list[at + 1], list[at + 2], list[at + 3], nowMs)
  }
  if (!hasKept && keeping.isStateNew(app)) keeping.keep(app, event.NONE, event.NEW, 0)
  keeping.keepRest(app)
  chime(app, nowMs)
  app.sounderAtMs = nowMs
  refresh(app, nowMs)
}

function act(app: App, code: number, qualifier: number, index: number, number: number, nowMs: number): void {
  switch (code) {
    case partition.RELEASE:
      queue.release(app.queue, numberOf(app, index))
      hurry(app, nowMs)
      return
    case partition.DROP:
      queue.drop(app.queue, numberOf(app, index))
      return
    case partition.WARNED:
    case premises.WALKED:
      sounder.play(app.sounder, tones.ACCEPTED, nowMs) // K-23: three beeps
      return
    case premises.MOVED:
      keeping.note(app, eventLog.ZONE, qualifier, index, number)
      return
    default: // UNCONFIRMED
      keeping.note(app, event.CROSS_ZONE_TROUBLE, event.NEW, index, number)
      return
  }
}

/** A turn of a keyswitch arms or disarms (409), and does nothing while keypads are locked out (Z-8). */
function keyswitch(app: App, zone: number, nowMs: number): void {
  const w = app.premises
  w.isTurned = 0
  if (nowMs < app.lockedUntilMs) return
  const index = premises.firstPartition(w.zones, zone)
  const p = w.partitions[index]
  if (p.state === partition.DISARMED) {
    if (arm(app, w.zones.partitions[zone], partition.AWAY, zone + 1, partition.BY_KEYSWITCH, false, nowMs) !== ARMED) {
      keeping.keepFor(app, event.FAILED_CLOSING, event.NEW, index, zone + 1, 0)
    }
    return
  }
  partition.codeEntered(p, 1, 0, p.user, nowMs)
  if (p.aborts === 1) queue.drop(app.queue, numberOf(app, index))
  if (p.cancels === 1) keeping.keepFor(app, event.CANCEL, event.NEW, index, zone + 1, 0)
  if (p.opens === 1) keeping.keepFor(app, event.KEYSWITCH_CLOSING, event.NEW, index, zone + 1, 0)
  premises.disarmed(w, index, nowMs)
  setNote(app, annunciator.NOTE_DISARMED, nowMs + NOTE_MS)
  drain(app, nowMs)
}

/**
 * Arms partitions (a bit each) together or not at all (PT-4). Returns ARMED when the exit delay runs, else the zone that
 * hinders it, or TROUBLE. isForced: zones that may be left out are, and troubles do not count. What was reported is kept before it counts.
 */
export function arm(
  app: App,
  mask: number,
  mode: number,
  user: number,
  origin: number,
  isForced: boolean,
  nowMs: number,
): number {
  const w = app.premises
  const hindrance = premises.hindrance(w, mask, mode, isForced)
  if (hindrance >= 0) return hindrance
  if (supervise.hindersArming(app)) {
    if (!isForced) return TROUBLE
    keeping.note(app, OVERRIDE, event.NEW, -1, user)
  }
  if ((app.config.options & Option.TEST_AT_ARMING) !== 0) troubles.test(app.troubles, nowMs)
  period(app, mask)
  premises.arm(w, mask, mode, user, origin, nowMs)
  drain(app, nowMs)
  return ARMED
}

/**
 * A chord of the keypad (K-3, K-6): P silent, Q audible, R fire, as the settings allow, also in lockout. The silent one
 * changes nothing that can be seen or heard but the digits that it took away (K-5, Z-9).
 */
export function panic(app: App, key: string, nowMs: number): void {
  const w = app.premises
  const chord = key === 'P' ? Option.SILENT_PANIC : key === 'Q' ? Option.AUDIBLE_PANIC : Option.FIRE_PANIC
  refresh(app, nowMs)
  if ((app.config.options & chord) === 0) return
  if (chord === Option.SILENT_PANIC) premises.panic(w, 0, event.SILENT_PANIC, types.SILENT, nowMs)
  else if (chord === Option.AUDIBLE_PANIC) premises.panic(w, 0, event.PANIC, types.BURGLARY, nowMs)
  else premises.panic(w, 0, event.MANUAL_FIRE, types.FIRE, nowMs)
  drain(app, nowMs)
}

/** Too many wrong codes while something is armed: a tamper alarm, where the settings say so (L-7). */
export function lockedOut(app: App, nowMs: number): void {
  const all = app.premises.partitions
  if ((app.config.options & Option.LOCKOUT_TAMPER) === 0) return
  for (let index = 0; index < all.length; index++) {
    if (!partition.isLive(all[index])) continue
    premises.panic(app.premises, index, event.TAMPER, types.BURGLARY, nowMs)
    drain(app, nowMs)
    return
  }
}

/** Ends programming: 628 (K-22). */
export function endProgramming(app: App): void {
  if (app.premises.isProgramming === 0) return
  app.premises.isProgramming = 0
  keeping.keep(app, event.PROGRAMMING_OUT, event.NEW, app.user)
}

/** Ends the log's count of what repeats (E-4). */
function period(app: App, mask: number): void {
  for (let index = 0; index < app.premises.partitions.length; index++) {
    if (((mask >> index) & 1) === 0) continue
    eventLog.period(app.log, index + 1, clock.utcSeconds(app.wall, app.hal.clock))
  }
}

/** Partitions that a code's owner may arm: theirs, as far as they are there; all at once. */
export function armable(app: App): number {
  if (!codes.mayArm(app.role)) return 0
  return app.partitions & ((1 << app.premises.partitions.length) - 1)
}

/**
 * After the answer to a code: what ends with disarming. The openings that did not fit into the code's record follow, and
 * cancels, with as many records and frames for any code (D-33, D-34).
 */
export function disarmed(app: App, nowMs: number): void {
  const w = app.premises
  for (let index = 0; index < w.partitions.length; index++) {
    const p = w.partitions[index]
    if (p.before === p.state) continue
    period(app, 1 << index)
    if (p.aborts === 1) abort(app, index, p.silent)
    if (p.cancels === 1) {
      const decoy = (p.silent * event.FOR_STATIONS) << event.DECOY_SHIFT // the station is not stood down (D-10)
      keeping.send(app, event.CANCEL, event.NEW | decoy, index, p.user, 0)
    }
    if (p.isUntold === 1) {
      p.isUntold = 0
      keeping.send(app, event.OPENING_CLOSING, event.NEW, index, p.user, 0)
    }
    // The log says what an ordinary code would have done (D-17, D-21).
    if (p.wasReported === 1) keeping.note(app, event.CANCEL, event.NEW, index, p.user)
    if (p.opens === 1) keeping.note(app, event.OPENING_CLOSING, event.NEW, index, p.user)
    p.before = p.state
    premises.disarmed(w, index, nowMs)
  }
  if (app.role === codes.ONE_TIME) {
    codes.spend(app.codes, app.user)
    app.spentUser = app.user
  }
  hurry(app, nowMs)
  drain(app, nowMs)
}

/**
 * The held alarms of a partition leave as decoys, and under duress as alarms, but not to receivers at home (D-9, D-18). A cut
 * after the new record and before the old one is settled sends the alarm.
 */
function abort(app: App, index: number, silent: number): void {
  const q = app.queue
  const area = numberOf(app, index)
  const decoy = (event.FOR_OTHERS | (event.FOR_STATIONS * (1 - silent))) << event.DECOY_SHIFT
  const list = queue.held(q, area)
  for (let at = 0; at < list.length; at++) {
    const bytes = journal.read(q.journal, list[at])
    const qualifier = journal.qualifierOf(bytes) | decoy
    keeping.send(app, journal.codeOf(bytes), qualifier, index, journal.numberOf(bytes), 0)
  }
  queue.drop(q, area)
}
