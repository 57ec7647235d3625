/**
 * The arming machine of one partition (ST-1 to ST-6, section 4). Pure: time and inputs come as arguments, what is to be
 * reported is left in `out`. Which response a zone has in the present mode is the table's business (zone-types.ts), and
 * which zones are open, bypassed or shut down that of premises.ts.
 *
 *               arm             exit over             delay zone
 *   DISARMED ---------> EXIT -----------------> ARMED -----------> ENTRY
 *      ^                 | |                     | instant zone      | entry over, or instant zone
 *      |                 | | exit zone left open |                   |
 *      |                 | '---------------------+------> ENTRY -----+   (exit error: the siren sounds at once)
 *      |                 |                       v                   |
 *      +-----------------+-------- code ------ ALARM <---------------+------ 24-hour zone, in any state
 *                                                | bell cut-off
 *                                                v
 *                                           ALARM_QUIET
 */

import * as event from '../event'
import { BURGLARY, SILENT } from './zone-types'

export const DISARMED = 0
export const EXIT = 1
export const ARMED = 2
export const ENTRY = 3
export const ALARM = 4
export const ALARM_QUIET = 5

// Modes (ST-2). The column of the zone table is 1 more.
export const AWAY = 0
export const STAY = 1
export const NIGHT = 2
export const AWAY_INSTANT = 3
export const STAY_INSTANT = 4
/** Of a 24-hour alarm in a partition that is not armed. */
export const UNARMED = 5
const MODES = 6

// Who armed, for the code of the closing and for A-24.
export const BY_CODE = 0
export const BY_QUICK_ARM = 1
export const BY_KEYSWITCH = 2
export const BY_SCHEDULE = 3

// In `out`, in the place of a code.
/** What was held goes to the station now, or never. */
export const RELEASE = 1
export const DROP = 2
/** A local warning of a zone off the entry route: qualifier and zone follow. Nothing is reported (Z-4). */
export const WARNED = 3

/** After an alarm in so short a time from arming 459 says who armed. */
const RECENT_MS = 120000
/** EN: an alarm off the entry route waits at least so long (Z-4). */
const OFF_ROUTE_MS = 30000
/** In the place of a state byte's number of state and mode: disarmed, and the opening is not in the journal yet. */
const UNTOLD = 31
const NEVER = Infinity

// What happened at the exit door.
const DOOR_OPENED = 1
const DOOR_CLOSED = 2
const DOOR_RESTARTED = 4

/** What the settings say of delays and windows; one for all partitions. */
export interface Rules {
  exitMs: number
  entryMs: number
  entry2Ms: number
  /** 0: reports are never held. */
  abortMs: number
  cancelMs: number
  bellMs: number
  isExitRestart: number
  isStayDouble: number
  isAutoStay: number
  /** 1 for profile EN, 0 for SIA. */
  isEn: number
}

export interface Partition {
  state: number
  mode: number
  /** When the state ends by itself; read in EXIT, ENTRY and ALARM only. */
  untilMs: number
  /** User who armed or disarmed last, 1-64. */
  user: number
  /** BY_CODE ... BY_SCHEDULE, of the last arming. */
  origin: number
  /** Zone behind ENTRY or ALARM, counted from 0. */
  zone: number
  /** 1 from an alarm until the next arming. */
  memory: number
  /** The silent flag: 1 from a duress code until the next ordinary one. Nothing that shows or sounds may read it. */
  silent: number
  /** What sounds in ALARM, and in ENTRY after an exit error (zone-types.ts). */
  siren: number
  isExitError: number
  /** What happened at the exit door since arming. 8: there is one at all. */
  door: number
  /** End of the abort window; NEVER when no report is held. */
  heldUntilMs: number
  /** End of the cancel window; 0 when the alarm has not been reported. */
  cancelUntilMs: number
  /** End of the time in which an alarm is a recent close. */
  recentUntilMs: number
  /** EN: when the alarm off the entry route is due, and its zone. NEVER: none. */
  offRouteMs: number
  offRouteZone: number
  offRouteCode: number
  /** 1 when zones were bypassed at arming: the closing is a partial one. */
  isPartial: number
  /** Outcome of the last code: state and mode before it, 1 when it opened, cancelled, ended an abort window. */
  before: number
  beforeMode: number
  opens: number
  cancels: number
  aborts: number
  wasExitError: number
  /** 1 when it ended an alarm that had been reported. */
  wasReported: number
  /** 1: the opening is not in the journal yet. */
  isUntold: number
  /** What is to be reported, four numbers each: code (or RELEASE, DROP), qualifier, zone or user, 1 when held. */
  out: number[]
}

/** hasExitDoor: 1 when it has an entry/exit zone. */
export function create(hasExitDoor: number): Partition {
  return {
    state: DISARMED,
    mode: AWAY,
    untilMs: 0,
    user: 1,
    origin: BY_CODE,
    zone: 0,
    memory: 0,
    silent: 0,
    siren: SILENT,
    isExitError: 0,
    door: hasExitDoor * 8,
    heldUntilMs: NEVER,
    cancelUntilMs: 0,
    recentUntilMs: 0,
    offRouteMs: NEVER,
    offRouteZone: 0,
    offRouteCode: 0,
    isPartial: 0,
    before: DISARMED,
    beforeMode: AWAY,
    opens: 0,
    cancels: 0,
    aborts: 0,
    wasExitError: 0,
    wasReported: 0,
    isUntold: 0,
    out: [],
  }
}

/** Column of the zone table: 0 while nothing but 24-hour zones is live. */
export function column(p: Partition): number {
  return isLive(p) ? p.mode + 1 : 0
}

/** True while burglary zones are live. */
export function isLive(p: Partition): boolean {
  return p.state >= ARMED && p.mode !== UNARMED
}

/**
 * Starts the exit delay, from any state: out of ARMED it is a quick exit or another mode. The caller has
 * checked that the zones may be armed.
 */
export function arm(p: Partition, rules: Rules, mode: number, user: number, origin: number, nowMs: number): void {
  const isStay = mode === STAY || mode === NIGHT || mode === STAY_INSTANT
  p.state = EXIT
  p.mode = mode
  p.user = user
  p.origin = origin
  p.untilMs = nowMs + rules.exitMs * (isStay && rules.isStayDouble === 1 ? 2 : 1)
  p.memory = 0
  p.door &= 8
  p.siren = SILENT
  p.isExitError = 0
  p.cancelUntilMs = 0
  p.offRouteMs = NEVER
}

/** The exit door opened or closed: the delay starts anew once, and somebody has left. */
export function exitDoor(p: Partition, rules: Rules, isOpen: boolean, nowMs: number): void {
  if (p.state !== EXIT) return
  if (!isOpen) p.door |= (p.door & DOOR_OPENED) << 1
  else if ((p.door & (DOOR_CLOSED | DOOR_RESTARTED)) === DOOR_CLOSED && rules.isExitRestart === 1) {
    p.door |= DOOR_RESTARTED
    p.untilMs = nowMs + rules.exitMs
  } else p.door |= DOOR_OPENED
}

/** A live zone with an entry delay tripped. */
export function delayZone(
  p: Partition,
  rules: Rules,
  zone: number,
  code: number,
  delayMs: number,
  nowMs: number,
): void {
  switch (p.state) {
    case ARMED:
      p.state = ENTRY
      p.zone = zone
      p.untilMs = nowMs + delayMs
      break
    case ENTRY: // the running delay is never lengthened (Z-2)
      if (nowMs + delayMs < p.untilMs) p.untilMs = nowMs + delayMs
      break
    case ALARM:
    case ALARM_QUIET:
      alarm(p, rules, zone, code, BURGLARY, 1, nowMs)
      break
    default: // DISARMED and EXIT ignore it (Z-1)
      break
  }
}

/** A live follower tripped: with the entry delay that runs, else at once (Z-3). */
export function followerZone(p: Partition, rules: Rules, zone: number, code: number, nowMs: number): void {
  if (p.state !== ENTRY) alarm(p, rules, zone, code, BURGLARY, 1, nowMs)
}

/** A live instant zone tripped. isHeld: its report waits for the abort window. siren: as in zone-types.ts. */
export function instantZone(
  p: Partition,
  rules: Rules,
  zone: number,
  code: number,
  siren: number,
  isHeld: number,
  nowMs: number,
): void {
  if (p.state === ENTRY && rules.isEn === 1) {
    // Off the entry route: a local warning first (Z-4).
    if (p.offRouteMs !== NEVER) return
    p.offRouteMs = nowMs + OFF_ROUTE_MS
    p.offRouteZone = zone
    p.offRouteCode = code
    report(p, WARNED, 0, zone + 1, 0)
    return
  }
  alarm(p, rules, zone, code, siren, isHeld, nowMs)
}

/**
 * An alarm, in any state: of a live zone, or of a 24-hour zone. A silent one changes nothing that can be seen (O-8). isHeld:
 * 1 when its report may wait for the abort window.
 */
export function alarm(
  p: Partition,
  rules: Rules,
  zone: number,
  code: number,
  siren: number,
  isHeld: number,
  nowMs: number,
): void {
  const isAudible = siren !== SILENT
  const isHeldNow = isHeld === 1 && isAudible && rules.abortMs > 0 && p.cancelUntilMs === 0 ? 1 : 0
  if (isAudible) sound(p, rules, zone, siren, nowMs)
  if (isHeldNow === 1) {
    if (p.heldUntilMs === NEVER) p.heldUntilMs = nowMs + rules.abortMs
  } else if (isAudible) {
    if (p.heldUntilMs !== NEVER || p.isExitError === 1) release(p)
    p.cancelUntilMs = nowMs + rules.cancelMs
  }
  report(p, code, event.NEW, zone + 1, isHeldNow)
  if (isAudible && nowMs < p.recentUntilMs && isLive(p)) {
    p.recentUntilMs = 0
    report(p, event.RECENT_CLOSE, event.NEW, p.user, isHeldNow)
  }
}

/** The zone that is behind it, the siren, and the state. The worse sound stays (Z-13). */
function sound(p: Partition, rules: Rules, zone: number, siren: number, nowMs: number): void {
  if (p.state === DISARMED || p.state === EXIT) p.mode = UNARMED // an arming that was under way is off
  if (p.state !== ALARM || siren > p.siren) p.siren = siren
  p.state = ALARM
  p.zone = zone
  p.memory = 1
  p.untilMs = nowMs + rules.bellMs
  p.offRouteMs = NEVER
}

/**
 * Moves time on. openZone: when an exit delay is over, the first zone of the way out that is open, else -1. The caller
 * then tells of the other zones that are open.
 */
export function poll(p: Partition, rules: Rules, openZone: number, entryMs: number, nowMs: number): void {
  if (nowMs >= p.heldUntilMs) {
    release(p)
    p.cancelUntilMs = nowMs + rules.cancelMs
  }
  if (p.offRouteMs !== NEVER && nowMs >= p.offRouteMs && nowMs >= p.untilMs && p.state === ENTRY) {
    alarm(p, rules, p.offRouteZone, p.offRouteCode, BURGLARY, 1, nowMs)
  }
  if (nowMs < p.untilMs) return
  switch (p.state) {
    case EXIT:
      exitOver(p, rules, openZone, entryMs, nowMs)
      break
    case ENTRY:
      entryOver(p, rules, nowMs)
      break
    case ALARM:
      p.state = ALARM_QUIET // ends the noise, not the alarm (ST-6)
      p.siren = SILENT
      break
    default: // DISARMED, ARMED and ALARM_QUIET wait for an input
      break
  }
}

/** When poll() has something to do, in ms; NEVER while only an input can change things. */
export function deadline(p: Partition): number {
  const next = p.heldUntilMs
  if (p.state !== EXIT && p.state !== ENTRY && p.state !== ALARM) return next
  // EN, Z-4: at the end of the entry delay or 30 s after the trip, whichever is later.
  const endMs = p.state === ENTRY && p.offRouteMs !== NEVER && p.offRouteMs > p.untilMs ? p.offRouteMs : p.untilMs
  return endMs < next ? endMs : next
}

/** Nobody left by a door: they stay in. A door left open is an exit error. */
function exitOver(p: Partition, rules: Rules, openZone: number, entryMs: number, nowMs: number): void {
  p.state = ARMED
  const hasLeft = (p.door & (8 | DOOR_CLOSED)) !== 8
  if (rules.isAutoStay === 1 && p.origin === BY_CODE && p.mode === AWAY && !hasLeft && openZone < 0) p.mode = STAY
  p.recentUntilMs = nowMs + RECENT_MS
  report(p, closing(p), event.RESTORE, p.user, openZone >= 0 ? 1 : 0)
  if (openZone < 0) return
  p.state = ENTRY
  p.zone = openZone
  p.untilMs = nowMs + entryMs
  p.isExitError = 1
  p.siren = BURGLARY
}

/** Contact ID code of the closing. */
function closing(p: Partition): number {
  if (p.isPartial === 1) return event.PARTIAL_CLOSING
  if (p.origin === BY_QUICK_ARM) return event.QUICK_ARM
  if (p.origin === BY_KEYSWITCH) return event.KEYSWITCH_CLOSING
  if (p.origin === BY_SCHEDULE) return event.AUTOMATIC_CLOSING
  return p.mode === AWAY || p.mode === AWAY_INSTANT ? event.OPENING_CLOSING : event.STAY_CLOSING
}

/** The delay ended without a code. After an exit error the siren has warned long enough: no abort window. */
function entryOver(p: Partition, rules: Rules, nowMs: number): void {
  if (p.offRouteMs !== NEVER && nowMs < p.offRouteMs) return
  if (p.isExitError === 0) {
    alarm(p, rules, p.zone, event.ENTRY_EXIT_ALARM, BURGLARY, 1, nowMs)
    return
  }
  p.recentUntilMs = 0
  alarm(p, rules, p.zone, event.ENTRY_EXIT_ALARM, BURGLARY, 0, nowMs)
  report(p, event.EXIT_ERROR, event.NEW, p.zone + 1, 0)
}

/** What was held goes out, the closing of an exit error with it. */
function release(p: Partition): void {
  p.heldUntilMs = NEVER
  p.isExitError = 0
  report(p, RELEASE, 0, 0, 0)
}

// By state: 1 where a code disarms something that was armed; 1 where there is an alarm. By mode: 1 when it is armed.
const IS_SET = new Uint8Array([0, 0, 1, 1, 1, 1])
const IS_ALARM = new Uint8Array([0, 0, 0, 0, 1, 1])
const IS_ARMED = new Uint8Array([1, 1, 1, 1, 1, 0])

/** 1 while a code would disarm: what a user without that right may not do. */
export function isSet(p: Partition): number {
  return IS_SET[p.state] * IS_ARMED[p.mode]
}

/**
 * A code was entered. accepted: 1 or 0; duress: 1 or 0; user: number shown (D-2).
 * By arithmetic instead of a switch: neither steps nor table reads may depend on what the code was (D-30, D-36). A duress
 * code moves the state exactly as its owner's code (D-4, D-8); a refused one leaves everything as it is (L-12). What a
 * duress code must not do is done by the caller: no cancel (D-10), no abort (D-9).
 */
export function codeEntered(p: Partition, accepted: number, duress: number, user: number, nowMs: number): void {
  const isReported = nowMs < p.cancelUntilMs ? 1 : 0
  const isHeld = p.heldUntilMs === NEVER ? 0 : 1
  p.before = p.state
  p.beforeMode = p.mode
  p.wasExitError = p.isExitError * accepted
  p.opens = IS_SET[p.state] * IS_ARMED[p.mode] * (1 - p.isExitError) * accepted
  p.cancels = IS_ALARM[p.state] * isReported * accepted
  p.wasReported = p.cancels
  p.aborts = IS_ALARM[p.state] * isHeld * accepted
  p.state = p.state ^ (p.state * accepted)
  p.isExitError = p.isExitError * (1 - accepted)
  p.user = p.user ^ ((p.user ^ user) * accepted)
  p.silent = duress | (p.silent & (1 - accepted))
}

/** After the answer to a code was due: what an alarm and a delay left behind ends with them. */
export function settle(p: Partition): void {
  if (p.wasExitError === 1) report(p, DROP, 0, 0, 0)
  p.siren = SILENT
  p.heldUntilMs = NEVER
  p.cancelUntilMs = 0
  p.recentUntilMs = 0
  p.offRouteMs = NEVER
  p.wasExitError = 0
}

/** What must survive a power cut (P-1): state and mode (bits 4-0), memory, silent flag. The same steps for each (D-30). */
export function stateByte(p: Partition): number {
  const isOn = (p.state + 7) >> 3
  return ((1 + (p.state - 1) * MODES + p.mode) * isOn + UNTOLD * p.isUntold) | (p.memory << 5) | (p.silent << 6)
}

/**
 * Resumes after a power loss from the byte above (P-4): an exit is over, an entry starts anew, an alarm sounds on.
 * user: who armed; zone: the one behind entry and alarm; siren: of that zone's type.
 */
export function resume(
  p: Partition,
  rules: Rules,
  saved: number,
  user: number,
  zone: number,
  siren: number,
  entryMs: number,
  nowMs: number,
): void {
  const place = saved & 31
  p.memory = (saved >> 5) & 1
  p.silent = (saved >> 6) & 1
  p.user = user
  p.zone = zone
  if (place === UNTOLD) {
    report(p, event.OPENING_CLOSING, event.NEW, p.user, 0)
    return
  }
  if (place === 0) return
  p.state = (((place - 1) / MODES) | 0) + 1
  p.mode = (place - 1) % MODES
  p.untilMs = nowMs + (p.state === ALARM ? rules.bellMs : entryMs)
  if (p.state === ALARM) p.siren = siren
  if (p.state !== EXIT) return
  p.state = ARMED
  report(p, closing(p), event.RESTORE, p.user, 0)
}

function report(p: Partition, code: number, qualifier: number, number: number, isHeld: number): void {
  p.out.push(code, qualifier, number, isHeld)
}
