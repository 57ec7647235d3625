/**
 * The arming machine of one partition (ST-1, section 4). Pure: time and inputs come as arguments, outcomes are fields.
 *
 *              code+2              exit over            entry/exit zone
 *   DISARMED ----------> EXIT -----------------> ARMED -----------------> ENTRY
 *      ^                  |                        | instant zone           | entry over, or instant zone
 *      |                  |                        v                        v
 *      +------------------+---------- code ------ ALARM <-------------------+
 *                                                  | bell cut-off
 *                                                  v
 *                                             ALARM_QUIET
 *
 * Not here yet: stay and night, abort and cancel windows, swinger, bypass, exit restart and exit error.
 */

import * as event from '../event'

export const DISARMED = 0
export const EXIT = 1
export const ARMED = 2
export const ENTRY = 3
export const ALARM = 4
export const ALARM_QUIET = 5

export const ENTRY_EXIT_ZONE = 0
export const INSTANT_ZONE = 1

/** Bell cut-off, burglary. */
const BELL_MS = 240000
/** Burglary inputs are not evaluated for this long after power-up (P-3, W-13). */
export const HOLD_OFF_MS = 60000

export interface Partition {
  state: number
  /** When the state ends by itself; read in EXIT, ENTRY and ALARM only. */
  untilMs: number
  /** User who armed or disarmed last, 1-64. */
  user: number
  /** Zone behind ENTRY or ALARM, counted from 0. */
  zone: number
  /** 1 from an alarm until the next arming. */
  memory: number
  /** The silent flag: 1 from a duress code until the next ordinary one. Nothing that shows or sounds may read it. */
  silent: number
  exitDelayMs: number
  entryDelayMs: number
  /** ENTRY_EXIT_ZONE or INSTANT_ZONE for each zone. */
  zoneTypes: Uint8Array
  /** No burglary before this time (P-3). */
  holdOffUntilMs: number
  /** What the last input led to, for the caller to keep: event code (NONE when nothing), qualifier, zone or user. */
  code: number
  qualifier: number
  number: number
}

export function create(exitDelayMs: number, entryDelayMs: number, zoneTypes: Uint8Array): Partition {
  return {
    state: DISARMED,
    untilMs: 0,
    user: 1,
    zone: 0,
    memory: 0,
    silent: 0,
    exitDelayMs,
    entryDelayMs,
    zoneTypes,
    holdOffUntilMs: 0,
    code: event.NONE,
    qualifier: event.NEW,
    number: 0,
  }
}

/** What must survive a power cut (P-1), in two bytes: state, memory and silent flag here ... */
export function stateByte(p: Partition): number {
  return p.state | (p.memory << 3) | (p.silent << 7)
}

/** ... and the user of a running exit, or else the zone behind entry, alarm and memory. The same steps for each (D-30). */
export function numberByte(p: Partition): number {
  const isExit = 1 - (((p.state ^ EXIT) + 7) >> 3)
  return p.zone ^ ((p.zone ^ p.user) * isExit)
}

/**
 * Resumes after a power loss from the two bytes above (P-4): an entry starts anew, an alarm sounds on. True when an exit
 * was under way and the partition is armed now; then code, qualifier and number say what to report.
 */
export function resume(p: Partition, saved: number, number: number, nowMs: number): boolean {
  p.state = saved & 7
  p.memory = (saved >> 3) & 1
  p.silent = saved >> 7
  p.holdOffUntilMs = nowMs + HOLD_OFF_MS
  p.untilMs = nowMs + (p.state === ALARM ? BELL_MS : p.entryDelayMs)
  p.code = event.NONE
  if (p.state !== EXIT) {
    p.zone = number < p.zoneTypes.length ? number : 0 // the zones may be fewer now
    return false
  }
  p.user = number
  p.state = ARMED
  report(p, event.OPENING_CLOSING, event.RESTORE, p.user)
  return true
}

/**
 * Moves time on. True when the state changed, or when the hold-off ended while armed; then code, qualifier and number say
 * what to report. If that leaves ARMED, the caller tells of each zone that is open (A-25, P-3).
 */
export function poll(p: Partition, nowMs: number): boolean {
  if (nowMs < deadline(p)) return false
  p.code = event.NONE
  switch (p.state) {
    case EXIT:
      p.state = ARMED
      if (nowMs >= p.holdOffUntilMs) p.holdOffUntilMs = 0
      report(p, event.OPENING_CLOSING, event.RESTORE, p.user)
      return true
    case ENTRY:
      alarm(p, p.zone, nowMs)
      return true
    case ALARM:
      p.state = ALARM_QUIET // ends the noise, not the alarm (ST-6)
      return true
    case ARMED:
      p.holdOffUntilMs = 0
      return true
    default: // DISARMED and ALARM_QUIET wait for an input
      return false
  }
}

/** When poll() has something to do, in ms; Infinity while only an input can change things. */
export function deadline(p: Partition): number {
  if (p.state === EXIT || p.state === ENTRY || p.state === ALARM) return p.untilMs
  // Zones were secure when it was armed, so one that is open when the hold-off ends was opened since (P-3).
  return p.state === ARMED && p.holdOffUntilMs > 0 ? p.holdOffUntilMs : Infinity
}

/** A zone left its secure state. True when the state changed. */
export function zoneOpened(p: Partition, zone: number, nowMs: number): boolean {
  p.code = event.NONE
  if (nowMs < p.holdOffUntilMs) return false
  const isInstant = p.zoneTypes[zone] === INSTANT_ZONE
  switch (p.state) {
    case ARMED:
      if (isInstant) alarm(p, zone, nowMs)
      else {
        p.state = ENTRY
        p.zone = zone
        p.untilMs = nowMs + p.entryDelayMs
      }
      return true
    case ENTRY:
      if (!isInstant) return false // the running delay is never lengthened (Z-2)
      alarm(p, zone, nowMs)
      return true
    case ALARM:
    case ALARM_QUIET:
      if (zone === p.zone) return false // one report for each zone
      alarm(p, zone, nowMs)
      return true
    default: // DISARMED and EXIT ignore burglary zones (Z-1)
      return false
  }
}

/** Starts the exit delay for the user whose code was just accepted. The caller has checked that the zones are secure. */
export function armAway(p: Partition, nowMs: number): void {
  p.code = event.NONE
  p.state = EXIT
  p.untilMs = nowMs + p.exitDelayMs
  p.memory = 0
}

// What an accepted code leads to, by state. While disarmed it only shows the status (K-2), and an exit was never reported.
const NO = event.NONE
const OPENED = event.OPENING_CLOSING
const EVENT_AFTER_CODE = new Uint16Array([NO, NO, OPENED, OPENED, OPENED, OPENED])

/**
 * A code was entered. accepted: 1 or 0; duress: 1 or 0; user: number shown (D-2).
 * By arithmetic instead of a switch: neither steps nor table reads may depend on what the code was (D-30, D-36). A duress
 * code moves the state exactly as its owner's code (D-4, D-8); a refused one leaves everything as it is (L-12).
 */
export function codeEntered(p: Partition, accepted: number, duress: number, user: number): void {
  p.code = EVENT_AFTER_CODE[p.state] * accepted
  p.state = p.state ^ ((p.state ^ DISARMED) * accepted)
  p.qualifier = event.NEW
  p.user = p.user ^ ((p.user ^ user) * accepted)
  p.number = p.user
  p.silent = duress | (p.silent & (1 - accepted))
}

function alarm(p: Partition, zone: number, nowMs: number): void {
  p.state = ALARM
  p.zone = zone
  p.memory = 1
  p.untilMs = nowMs + BELL_MS
  report(p, p.zoneTypes[zone] === INSTANT_ZONE ? event.PERIMETER_ALARM : event.ENTRY_EXIT_ALARM, event.NEW, zone + 1)
}

function report(p: Partition, code: number, qualifier: number, number: number): void {
  p.code = code
  p.qualifier = qualifier
  p.number = number
}
