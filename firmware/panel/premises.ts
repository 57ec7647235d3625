/**
 * What happens in the house: zones and partitions together. Takes zone changes, arming, codes and time, and leaves what is
 * to be reported, logged and heard. Pure; knows neither keypad nor flash (sections 2 to 5).
 *
 *   zone change --> zone table (type x mode) --> entry delay, alarm, chime, trouble --> partition --> out
 *
 * Not here: how loops are read (io/zone-inputs.ts), codes (codes.ts), what is shown (annunciator.ts).
 */

import { ZoneFlag, ZoneType } from '../config'
import * as event from '../event'
import * as partition from './partition'
import * as types from './zone-types'
import * as zones from './zones'

/** Burglary inputs are not evaluated for this long after power-up, 24-hour zones for less (P-3, W-13). */
export const HOLD_OFF_MS = 60000
const HOLD_OFF_24_MS = 5000
/** Fire verification: detectors without power, then the window in which a second activation is an alarm (Z-10). */
const VERIFY_OFF_MS = 20000
const VERIFY_WINDOW_MS = 60000
/** Delayed fire: its siren sounds and nothing is reported (Z-11); a key makes it quiet for a while (HUSHED, HUSH_MS). */
export const SMOKE = 3
export const HUSHED = 4
const SMOKE_MS = 30000
export const HUSH_MS = 90000
/** A walk test ends by itself (K-23). */
const WALK_TEST_MS = 4 * 3600000
const HOUR_MS = 3600000
const NEVER = Infinity

// Outcomes for `out`, in the place of a code, beside those of partition.ts.
/** A zone of a walk test (K-23). */
export const WALKED = 5
/** A zone whose first trip needs another one, or a detector that is being verified: for the log (A-30, Z-10). */
export const UNCONFIRMED = 6
/** A zone of a disarmed partition opened or closed: for the log (app/house.ts). */
export const MOVED = 7

/** Numbers of `out`. */
export const OUT_FIELDS = 5

export interface Premises {
  rules: partition.Rules
  zones: zones.Zones
  partitions: partition.Partition[]
  crossMs: number
  /** Alarms are forgotten for the swinger count after so long without one; 0: never. */
  swingMs: number
  lastAlarmMs: number
  holdOffUntilMs: number
  holdOff24UntilMs: number
  /** Fire verification: 0 none, 1 detectors off, 2 window; delayed fire: SMOKE, HUSHED. Its zone and its end. */
  verifying: number
  verifyZone: number
  verifyUntilMs: number
  /** End of the walk test, 0 when there is none. */
  walkUntilMs: number
  walked: Uint8Array
  /** A bit for each zone of which the station was told the tamper of its loop: its restore is told as well. */
  tampers: Uint8Array
  /** 1 while an installer programs: burglary zones do not alarm (K-22). */
  isProgramming: number
  /** 1 after a chime zone opened, until it was sounded. */
  isChime: number
  /** 1 when a keyswitch was turned. The caller arms or disarms, if keypads are not locked out (Z-8). */
  isTurned: number
  /** 1 while the clock of no rule needs a look: when poll() has something to do. */
  dueMs: number
  /** What is to be reported: code or outcome, qualifier, partition (0 the first), number, 1 when held. */
  out: number[]
}

export function create(rules: partition.Rules, z: zones.Zones, partitionCount: number): Premises {
  const partitions: partition.Partition[] = []
  for (let index = 0; index < partitionCount; index++) {
    let hasExitDoor = 0
    for (let zone = 0; zone < z.count; zone++) {
      if (((z.partitions[zone] >> index) & 1) === 1 && isExitDoor(z, zone)) hasExitDoor = 1
    }
    partitions.push(partition.create(hasExitDoor))
  }
  return {
    rules,
    zones: z,
    partitions,
    crossMs: 0,
    swingMs: 0,
    lastAlarmMs: 0,
    holdOffUntilMs: 0,
    holdOff24UntilMs: 0,
    verifying: 0,
    verifyZone: 0,
    verifyUntilMs: 0,
    walkUntilMs: 0,
    walked: new Uint8Array((z.count + 7) >> 3),
    tampers: new Uint8Array((z.count + 7) >> 3),
    isProgramming: 0,
    isChime: 0,
    isTurned: 0,
    dueMs: NEVER,
    out: [],
  }
}

function isExitDoor(z: zones.Zones, zone: number): boolean {
  const letter = types.response(z.types[zone], 1, 0)
  return letter === types.DELAY_1 || letter === types.DELAY_2
}

/** Starts the time after power-up in which inputs do not count (P-3). */
export function holdOff(w: Premises, nowMs: number): void {
  w.holdOffUntilMs = nowMs + HOLD_OFF_MS
  w.holdOff24UntilMs = nowMs + HOLD_OFF_24_MS
  schedule(w)
}

/** A loop changed: state SECURE to MASKED. */
export function zoneChanged(w: Premises, zone: number, state: number, nowMs: number): void {
  const z = w.zones
  zones.setLoop(z, zone, state)
  if (isExitDoor(z, zone)) {
    for (let index = 0; index < w.partitions.length; index++) {
      if (isIn(z, zone, index)) {
        partition.exitDoor(w.partitions[index], w.rules, state !== zones.SECURE, nowMs)
      }
    }
  }
  if (state === zones.SECURE) secured(w, zone)
  else if (!zones.has(z, zone, zones.BYPASSED | zones.FORCED)) opened(w, zone, state, nowMs)
  flush(w, nowMs)
}

function isIn(z: zones.Zones, zone: number, index: number): boolean {
  return ((z.partitions[zone] >> index) & 1) === 1
}

function opened(w: Premises, zone: number, state: number, nowMs: number): void {
  if (w.walkUntilMs !== 0 && walks(w, zone)) return
  if (state === zones.ACTIVE) tripped(w, zone, nowMs)
  else if (state === zones.TAMPERED) tampered(w, zone, event.ZONE_TAMPER, nowMs)
  else told(w, zone, event.ZONE_TROUBLE) // W-6
}

/** In a walk test all zones only beep but those of fire and panic (K-23). */
function walks(w: Premises, zone: number): boolean {
  if (types.isLifeSafety(w.zones.types[zone]) === 1) return false
  w.walked[zone >> 3] |= 1 << (zone & 7)
  out(w, WALKED, 0, firstPartition(w.zones, zone), zone + 1, 0)
  return true
}

/** What a zone that tripped leads to, by its type and the mode of its partitions. */
function tripped(w: Premises, zone: number, nowMs: number): void {
  const z = w.zones
  const type = z.types[zone]
  if (nowMs < (types.is24Hour(type) === 1 ? w.holdOff24UntilMs : w.holdOffUntilMs)) return
  const response = responseOf(w, zone)
  switch (response) {
    case types.IGNORED:
    case types.CHIME:
      if ((z.flags[zone] & ZoneFlag.CHIME) !== 0 && (response === types.CHIME || isStay(w, zone))) w.isChime = 1
      return
    case types.TROUBLE:
      told(w, zone, event.ZONE_TROUBLE)
      return
    case types.TAMPER:
      tampered(w, zone, types.eventCode(type), nowMs)
      return
    case types.VERIFIED:
      verify(w, zone, 1, VERIFY_OFF_MS, nowMs)
      return
    case types.KEYSWITCH:
      w.isTurned = 1
      return
    default:
      if (w.isProgramming === 1 && types.isLifeSafety(type) === 0) return // K-22
      if (type === ZoneType.FIRE && (z.flags[zone] & ZoneFlag.ABORT) !== 0) {
        verify(w, zone, SMOKE, SMOKE_MS, nowMs)
        return
      }
      alarms(w, zone, response, nowMs)
  }
}

/**
 * The response of a zone now. A common zone is live only when every partition that shares it is armed, and in the least
 * watchful of their modes (PT-2).
 */
function responseOf(w: Premises, zone: number): number {
  const z = w.zones
  const isNight = (z.flags[zone] & ZoneFlag.NIGHT) !== 0 ? 1 : 0
  let chosen = types.IGNORED
  for (let index = 0, mask = z.partitions[zone]; mask !== 0 && index < w.partitions.length; index++, mask >>= 1) {
    if ((mask & 1) === 0) continue
    chosen = types.response(z.types[zone], partition.column(w.partitions[index]), isNight)
    if (chosen === types.IGNORED || chosen === types.CHIME || chosen === types.TROUBLE) return chosen
  }
  return chosen
}

/** True when it is left out by the mode of an armed partition: there it may chime as well. */
function isStay(w: Premises, zone: number): boolean {
  for (let index = 0; index < w.partitions.length; index++) {
    if (isIn(w.zones, zone, index) && partition.isLive(w.partitions[index])) return true
  }
  return false
}

/** A live zone: its entry delay or its alarm, unless it is shut down or waits for a second one. */
function alarms(w: Premises, zone: number, response: number, nowMs: number): void {
  const z = w.zones
  const type = z.types[zone]
  const isBurglary = types.isLifeSafety(type) === 0
  if (zones.isShutDown(z, zone)) return
  const isAtOnce = response === types.INSTANT || response === types.FOLLOWER
  if (isBurglary && isAtOnce && !zones.crosses(z, zone, w.crossMs, nowMs)) {
    out(w, UNCONFIRMED, 0, firstPartition(z, zone), zone + 1, 0)
    return
  }
  const code = types.eventCode(type)
  const isHeld = (z.flags[zone] & ZoneFlag.ABORT) !== 0 && types.is24Hour(type) === 0 ? 1 : 0
  const sound = (z.flags[zone] & ZoneFlag.SILENT) !== 0 ? types.SILENT : types.siren(type)
  const r = w.rules
  const first = firstPartition(z, zone)
  for (let index = first; index < w.partitions.length; index++) {
    if (!isIn(z, zone, index)) continue
    const p = w.partitions[index]
    const reported = p.out.length
    if (response === types.DELAY_1 || response === types.DELAYED) {
      partition.delayZone(p, r, zone, code, r.entryMs, nowMs)
    } else if (response === types.DELAY_2) partition.delayZone(p, r, zone, code, r.entry2Ms, nowMs)
    else if (response === types.FOLLOWER) partition.followerZone(p, r, zone, code, nowMs)
    else if (types.is24Hour(type) === 1) partition.alarm(p, r, zone, code, sound, isHeld, nowMs)
    else partition.instantZone(p, r, zone, code, sound, isHeld, nowMs)
    // Every partition that shares the zone is in alarm, the station is told once.
    if (index > first) p.out.splice(reported, p.out.length - reported)
  }
}

/** Tamper: an alarm while armed; while disarmed a trouble, and in profile EN the keypad sounds (section 2.1, 20). */
function tampered(w: Premises, zone: number, code: number, nowMs: number): void {
  const index = firstPartition(w.zones, zone)
  const p = w.partitions[index]
  if (zones.has(w.zones, zone, zones.TOLD)) {
    if (toldOf(w, zone) !== event.ZONE_TROUBLE) return
    // A cable that is cut while its loop is in trouble is no less cut.
    out(w, event.ZONE_TROUBLE, event.RESTORE, index, zone + 1, 0)
  }
  zones.set(w.zones, zone, zones.TOLD)
  if (code === event.ZONE_TAMPER) w.tampers[zone >> 3] |= 1 << (zone & 7)
  const isArmed = partition.isLive(p)
  if (isArmed || w.rules.isEn === 1) {
    partition.alarm(p, w.rules, zone, code, isArmed ? types.BURGLARY : types.KEYPAD, 0, nowMs)
  } else out(w, code, event.NEW, index, zone + 1, 0)
}

/** What the station was told of a zone that is TOLD: tamper of its loop, tamper by its type, or a trouble. */
function toldOf(w: Premises, zone: number): number {
  if (((w.tampers[zone >> 3] >> (zone & 7)) & 1) === 1) return event.ZONE_TAMPER
  const type = w.zones.types[zone]
  return types.response(type, 0, 0) === types.TAMPER ? types.eventCode(type) : event.ZONE_TROUBLE
}

/** A zone's trouble goes to the station once; its restore with the zone's. */
function told(w: Premises, zone: number, code: number): void {
  if (zones.has(w.zones, zone, zones.TOLD)) return
  zones.set(w.zones, zone, zones.TOLD)
  out(w, code, event.NEW, firstPartition(w.zones, zone), zone + 1, 0)
}

/** A zone is secure again: a forced one counts from now on, and what was reported of it ends (Z-6, R-4). */
function secured(w: Premises, zone: number): void {
  const z = w.zones
  const index = firstPartition(z, zone)
  if (zones.has(z, zone, zones.FORCED)) {
    zones.clear(z, zone, zones.FORCED)
    out(w, event.BYPASS, event.RESTORE, index, zone + 1, 0)
  }
  if (zones.has(z, zone, zones.TOLD)) {
    zones.clear(z, zone, zones.TOLD)
    out(w, toldOf(w, zone), event.RESTORE, index, zone + 1, 0)
    w.tampers[zone >> 3] &= ~(1 << (zone & 7))
  }
  // The last restore of a zone that is shut down waits for the end of that.
  if (zones.has(z, zone, zones.ALARMED) && !zones.isShutDown(z, zone)) restored(w, zone)
}

function restored(w: Premises, zone: number): void {
  const z = w.zones
  const index = firstPartition(z, zone)
  zones.clear(z, zone, zones.ALARMED)
  // Never before its alarm: while that is held, so is this.
  const isHeld = w.partitions[index].heldUntilMs === NEVER ? 0 : 1
  out(w, types.eventCode(z.types[zone]), event.RESTORE, index, zone + 1, isHeld)
}

/**
 * Verified smoke (Z-10): the first activation takes the detectors' power for 20 s; one in the 60 s after that is an alarm,
 * and so is one of another detector at any time of the 80 s. Delayed fire (Z-11): the siren sounds for 30 s, then it is an
 * alarm; another detector makes it one at once. phase, forMs: what begins with the first activation.
 */
function verify(w: Premises, zone: number, phase: number, forMs: number, nowMs: number): void {
  const was = w.verifying
  if (was === 0) {
    w.verifying = phase
    w.verifyZone = zone
    w.verifyUntilMs = nowMs + forMs
    out(w, UNCONFIRMED, 0, firstPartition(w.zones, zone), zone + 1, 0)
    schedule(w)
    return
  }
  if (was !== 2 && zone === w.verifyZone) return
  w.verifying = 0
  if (was >= SMOKE) alarms(w, w.verifyZone, types.INSTANT, nowMs)
  alarms(w, zone, types.INSTANT, nowMs)
}

/** 1 while the detectors have no power. */
export function isDetectorOff(w: Premises): number {
  return w.verifying === 1 ? 1 : 0
}

/** Moves time on; call it from dueMs on. */
export function poll(w: Premises, nowMs: number): void {
  const r = w.rules
  for (let index = 0; index < w.partitions.length; index++) {
    const p = w.partitions[index]
    if (nowMs < partition.deadline(p)) continue
    const isExit = p.state === partition.EXIT && nowMs >= p.untilMs
    const zone = isExit ? openOnWayOut(w, index) : -1
    const isSecond = zone >= 0 && types.response(w.zones.types[zone], 1, 0) === types.DELAY_2
    partition.poll(p, r, zone, isSecond ? r.entry2Ms : r.entryMs, nowMs)
    if (isExit) reconsider(w, 1 << index, zone, nowMs)
  }
  if (w.verifying > 0 && nowMs >= w.verifyUntilMs) verifyOver(w, nowMs)
  if (w.holdOff24UntilMs !== 0 && nowMs >= w.holdOff24UntilMs) {
    w.holdOff24UntilMs = 0
    reconsider(w, 255, -1, nowMs)
  }
  if (w.holdOffUntilMs !== 0 && nowMs >= w.holdOffUntilMs) {
    w.holdOffUntilMs = 0
    reconsider(w, 255, -1, nowMs)
  }
  if (w.walkUntilMs !== 0 && nowMs >= w.walkUntilMs) endWalkTest(w)
  if (w.lastAlarmMs !== 0 && w.swingMs !== 0 && nowMs >= w.lastAlarmMs + w.swingMs) calm(w, 255)
  flush(w, nowMs)
}

/** First open zone that the way out may lead through: it makes an exit error. */
function openOnWayOut(w: Premises, index: number): number {
  const z = w.zones
  for (let zone = zones.firstOpen(z, 1 << index, 0); zone >= 0; zone = zones.firstOpen(z, 1 << index, zone + 1)) {
    const letter = letterOf(z, zone, w.partitions[index].mode)
    if (letter === types.INSTANT || letter === types.VERIFIED || letter === types.IGNORED) continue
    if (letter !== types.TAMPER && letter !== types.KEYSWITCH) return zone
  }
  return -1
}

/** Zones that are open now count as opened now: after an exit delay, but for an exit error's, and after power-up (P-3). */
function reconsider(w: Premises, partitions: number, except: number, nowMs: number): void {
  const z = w.zones
  for (let zone = zones.firstOpen(z, partitions, 0); zone >= 0; zone = zones.firstOpen(z, partitions, zone + 1)) {
    if (zone !== except && !zones.has(z, zone, zones.ALARMED)) opened(w, zone, zones.loop(z, zone), nowMs)
  }
}

function verifyOver(w: Premises, nowMs: number): void {
  const zone = w.verifyZone
  switch (w.verifying) {
    case 1:
      w.verifying = 2
      w.verifyUntilMs = nowMs + VERIFY_WINDOW_MS
      // Still active although it had no power, or nothing switches that power here.
      if (zones.isOpen(w.zones, zone)) verify(w, zone, 1, VERIFY_OFF_MS, nowMs)
      return
    case SMOKE: // nobody came
      w.verifying = 0
      alarms(w, zone, types.INSTANT, nowMs)
      return
    case HUSHED:
      w.verifying = 0
      if (zones.isOpen(w.zones, zone)) verify(w, zone, SMOKE, SMOKE_MS, nowMs)
      return
    default: // the window passed
      w.verifying = 0
  }
}

/** Sets dueMs anew. Call it after anything that moved a deadline. */
export function schedule(w: Premises): void {
  let next = NEVER
  for (const p of w.partitions) {
    if (p.heldUntilMs === NEVER && (p.state === partition.DISARMED || p.state === partition.ARMED)) continue
    const at = partition.deadline(p)
    if (at < next) next = at
  }
  if (w.verifying > 0 && w.verifyUntilMs < next) next = w.verifyUntilMs
  if (w.holdOff24UntilMs !== 0 && w.holdOff24UntilMs < next) next = w.holdOff24UntilMs
  if (w.holdOffUntilMs !== 0 && w.holdOffUntilMs < next) next = w.holdOffUntilMs
  if (w.walkUntilMs !== 0 && w.walkUntilMs < next) next = w.walkUntilMs
  if (w.lastAlarmMs !== 0 && w.swingMs !== 0 && w.lastAlarmMs + w.swingMs < next) next = w.lastAlarmMs + w.swingMs
  w.dueMs = next
}

/** Takes what the partitions have to report, and marks the zones of their alarms. */
export function flush(w: Premises, nowMs: number): void {
  for (let index = 0; index < w.partitions.length; index++) {
    const reports = w.partitions[index].out
    if (reports.length === 0) continue
    for (let at = 0; at < reports.length; at += 4) {
      out(w, reports[at], reports[at + 1], index, reports[at + 2], reports[at + 3])
      if (reports[at + 1] === event.NEW) noted(w, reports[at], reports[at + 2] - 1, nowMs)
    }
    w.partitions[index].out = []
  }
  schedule(w)
}

function noted(w: Premises, code: number, zone: number, nowMs: number): void {
  if (zone < 0) return
  if (code >= 100 && code < 200) {
    if (types.siren(w.zones.types[zone]) === types.SILENT && types.isLifeSafety(w.zones.types[zone]) === 1) return // Z-9
    zones.alarmed(w.zones, zone)
    w.lastAlarmMs = nowMs || 1 // 0: none
  } else if (code === event.EXIT_ERROR) zones.set(w.zones, zone, zones.BYPASSED)
}

function out(w: Premises, code: number, qualifier: number, index: number, number: number, isHeld: number): void {
  w.out.push(code, qualifier, index, number, isHeld)
}

/** The first partition of a zone: alarms of common zones are reported for it. */
export function firstPartition(z: zones.Zones, zone: number): number {
  let index = 0
  for (let mask = z.partitions[zone]; index < 7 && (mask & 1) === 0; mask >>= 1) index++
  return index
}

/**
 * First zone that keeps these partitions (a bit each) from being armed in a mode, -1 when nothing does. Zones that the mode
 * leaves out do not count; isForced: nor do those that may be forced.
 */
export function hindrance(w: Premises, partitions: number, mode: number, isForced: boolean): number {
  const z = w.zones
  for (let zone = zones.firstOpen(z, partitions, 0); zone >= 0; zone = zones.firstOpen(z, partitions, zone + 1)) {
    if (!(isForced && zones.mayForce(z, zone)) && letterOf(z, zone, mode) !== types.IGNORED) return zone
  }
  return -1
}

/** What a zone would do in a mode. */
function letterOf(z: zones.Zones, zone: number, mode: number): number {
  return types.response(z.types[zone], mode + 1, (z.flags[zone] & ZoneFlag.NIGHT) !== 0 ? 1 : 0)
}

/**
 * Arms these partitions together: all or none (PT-4). The caller has asked hindrance() with the same arguments. What was
 * bypassed or forced is reported, memory and swinger counts start anew.
 */
export function arm(w: Premises, partitions: number, mode: number, user: number, origin: number, nowMs: number): void {
  const z = w.zones
  for (let zone = zones.firstOpen(z, partitions, 0); zone >= 0; zone = zones.firstOpen(z, partitions, zone + 1)) {
    if (letterOf(z, zone, mode) === types.IGNORED) continue
    zones.set(z, zone, zones.FORCED)
    out(w, event.BYPASS, event.NEW, firstPartition(z, zone), zone + 1, 0)
  }
  zones.forget(z, partitions)
  calm(w, partitions)
  for (let index = 0; index < w.partitions.length; index++) {
    if (((partitions >> index) & 1) === 0) continue
    const p = w.partitions[index]
    partition.arm(p, w.rules, mode, user, origin, nowMs)
    p.isPartial = isAnyBypassed(z, 1 << index) ? 1 : 0
  }
  flush(w, nowMs)
}

function isAnyBypassed(z: zones.Zones, partitions: number): boolean {
  for (let zone = 0; zone < z.count; zone++) {
    if ((z.partitions[zone] & partitions) !== 0 && zones.has(z, zone, zones.BYPASSED | zones.FORCED)) return true
  }
  return false
}

/** Bypasses a zone, or takes that back. False when its type or its settings forbid it (Z-7, Z-14). */
export function bypass(w: Premises, zone: number): boolean {
  const z = w.zones
  if (zone < 0 || zone >= z.count || (z.flags[zone] & ZoneFlag.BYPASSABLE) === 0) return false
  const isOn = !zones.has(z, zone, zones.BYPASSED)
  if (isOn) zones.set(z, zone, zones.BYPASSED)
  else zones.clear(z, zone, zones.BYPASSED)
  bypassReport(w, zone, isOn ? event.NEW : event.RESTORE)
  return true
}

function bypassReport(w: Premises, zone: number, qualifier: number): void {
  const code = types.is24Hour(w.zones.types[zone]) === 1 ? event.BYPASS_24_HOUR : event.BYPASS
  out(w, code, qualifier, firstPartition(w.zones, zone), zone + 1, 0)
}

/** What ends with disarming: bypasses, swinger shutdown, held restores; after the answer to the code. */
export function disarmed(w: Premises, index: number, nowMs: number): void {
  const z = w.zones
  partition.settle(w.partitions[index])
  for (let zone = 0; zone < z.count; zone++) {
    if (firstPartition(z, zone) !== index || !zones.has(z, zone, zones.BYPASSED | zones.FORCED)) continue
    zones.clear(z, zone, zones.BYPASSED | zones.FORCED)
    bypassReport(w, zone, event.RESTORE)
  }
  calm(w, 1 << index)
  flush(w, nowMs)
}

/** Swinger counts start anew; the restores that waited for it are told. */
function calm(w: Premises, partitions: number): void {
  const z = w.zones
  const lastMs = w.lastAlarmMs
  if (lastMs === 0) return
  w.lastAlarmMs = 0
  z.isChanged = 1
  for (let zone = 0; zone < z.count; zone++) {
    if (z.swings[zone] === 0) continue
    if ((z.partitions[zone] & partitions) === 0) {
      w.lastAlarmMs = lastMs // another partition's count goes on
      continue
    }
    z.swings[zone] = 0
    if (zones.has(z, zone, zones.ALARMED) && zones.loop(z, zone) === zones.SECURE) restored(w, zone)
  }
}

/** An alarm of a keypad in a partition: in any state, never held (Z-12, K-6). It has no zone. */
export function panic(w: Premises, index: number, code: number, siren: number, nowMs: number): void {
  partition.alarm(w.partitions[index], w.rules, -1, code, siren, 0, nowMs)
  flush(w, nowMs)
}

/** Begins or ends a walk test: 607 either way (K-23). */
export function walkTest(w: Premises, nowMs: number): void {
  if (w.walkUntilMs !== 0) {
    endWalkTest(w)
  } else {
    w.walkUntilMs = nowMs + WALK_TEST_MS
    w.walked.fill(0)
    out(w, event.WALK_TEST, event.NEW, 0, 0, 0)
  }
  flush(w, nowMs)
}

function endWalkTest(w: Premises): void {
  w.walkUntilMs = 0
  out(w, event.WALK_TEST, event.RESTORE, 0, 0, 0)
}

/** Once a day: detectors that nobody has seen move for so long raise a trouble (Z-15). */
export function dayPassed(w: Premises, days: number): void {
  const z = w.zones
  for (let zone = 0; zone < z.count; zone++) {
    if ((z.flags[zone] & ZoneFlag.SENSOR_WATCH) === 0 || partition.isLive(w.partitions[firstPartition(z, zone)]))
      continue
    if (z.quietDays[zone] < 255) z.quietDays[zone]++
    if (z.quietDays[zone] === days) out(w, event.SENSOR_WATCH, event.NEW, firstPartition(z, zone), zone + 1, 0)
  }
}

/** Hours as the settings have them. */
export function hours(count: number): number {
  return count * HOUR_MS
}
