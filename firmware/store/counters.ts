/**
 * Boot records: each start appends one, marks it when it has run well, and notes why it ends when it can. From the last
 * one the next start knows its cause, and whether the panel goes round in a crash loop.
 *
 *      0        4       5        6       8         12        16       20      24            28
 *   +--------+-------+--------+-------+---------+---------+--------+-------+-------------+--------+
 *   | number | cause | streak | 0xFF  | crashes | seconds | CRC-32 | ran   | end, ~end   | at     |
 *   +--------+-------+--------+-------+---------+---------+--------+-------+-------------+--------+
 *   cause: why this boot came; streak: crashes in a row, this cause included; crashes: all so far; seconds: UTC or 0
 *   outside the CRC, cleared in place: ran (4) 0 after RAN_MS; end: cause of the end and its complement; at: UTC
 *
 * create() is needed at boot only; poll() and end() stay.
 * Not here: more than 3 watchdog resets in an hour (S-14) as a trouble of its own; the clock may be unset at boot.
 */

import type { Flash } from '../hal'
import type { Check } from './records'
import * as records from './records'
import { getWord, setWord } from './slots'

/** Pages 6 and 7 of the region (docs/flash-layout.md): 128 records a page, so one erase in 128 boots. */
const FIRST_PAGE = 6
const SLOT_BYTES = 32
const BODY_BYTES = 20
const CAUSE_AT = 4
const STREAK_AT = 5
const CRASHES_AT = 8
const SECONDS_AT = 12
const RAN_AT = 20
const END_AT = 24
const END_BYTES = 8
/** A boot that lasted this long ran well. */
export const RAN_MS = 600000
/** So many crashes in a row, each before RAN_MS, are a crash loop. */
const LOOP_COUNT = 3
/** The streak is kept in a byte. */
const STREAK_LIMIT = 255

// Causes of a start; reported as CCC of Contact ID 305 (S-14).
/** No earlier boot is known. */
export const FIRST = 0
/** Supply or reset button. */
export const POWER = 1
/** The supply sagged (brown-out detector). */
export const BROWNOUT = 2
/** The chip was restarted and nobody had said why: watchdog, or a panic of the SDK. */
export const WATCHDOG = 3
/** Ordered: an update, or the end of a safe state. */
export const ORDERED = 4
/** The service console was opened by the button. */
export const RESCUE = 5
// From here on the firmware failed and said so.
export const EXCEPTION = 6
export const MEMORY = 7
export const LOW_MEMORY = 8
export const CALLBACK = 9
/** Its note of the cause was cut. */
export const UNKNOWN = 10

export interface Counters {
  flash: Flash
  /** Address of this boot's record, -1 when flash did not take it. */
  address: number
  /** This boot's number, from 1. */
  boot: number
  /** Why it came. */
  cause: number
  /** Crashes in a row up to it. */
  streak: number
  /** All crashes so far. */
  crashes: number
  /** When it will have run well; Infinity once it has. */
  ranAtMs: number
}

/**
 * Appends this boot's record. hardware: POWER, BROWNOUT or WATCHDOG, as the chip's reset register has it; a restart that
 * the firmware asked for also shows as WATCHDOG, but has left its cause. Never throws.
 */
export function create(flash: Flash, check: Check, hardware: number, utcSeconds: number): Counters {
  const ring = records.open(flash, check, FIRST_PAGE, SLOT_BYTES, BODY_BYTES)
  const last = records.newest(ring)
  const c: Counters = {
    flash,
    address: -1,
    boot: ring.number + 1,
    cause: FIRST,
    streak: 0,
    crashes: 0,
    ranAtMs: RAN_MS,
  }
  if (last !== undefined) follow(c, last, hardware)
  const body = new Uint8Array(BODY_BYTES).fill(0xff)
  body[CAUSE_AT] = c.cause
  body[STREAK_AT] = c.streak
  setWord(body, CRASHES_AT, c.crashes)
  setWord(body, SECONDS_AT, utcSeconds)
  if (records.append(ring, body)) c.address = ring.address
  return c
}

/** For a boot whose flash cannot be read at all: nothing is known, and nothing is kept. */
export function none(flash: Flash): Counters {
  return { flash, address: -1, boot: 0, cause: FIRST, streak: 0, crashes: 0, ranAtMs: Infinity }
}

/** Notes that this boot has run well, once. Returns when to call again, in ms; Infinity afterwards. */
export function poll(c: Counters, nowMs: number): number {
  if (nowMs < c.ranAtMs) return c.ranAtMs
  c.ranAtMs = Infinity
  if (c.address >= 0) records.write(c.flash, c.address + RAN_AT, new Uint8Array(4))
  return Infinity
}

/** Notes why this boot is about to end. The first note counts. Restart the chip after it. Never throws. */
export function end(c: Counters, cause: number, utcSeconds: number): void {
  if (c.address < 0) return
  const note = new Uint8Array(END_BYTES).fill(0xff)
  note[0] = cause
  note[1] = cause ^ 0xff
  setWord(note, 4, utcSeconds)
  records.write(c.flash, c.address + END_AT, note)
  c.address = -1
}

/** Cause for the flags of the interpreter's errorFlag event, worst first; FIRST (0) when none of them is fatal. */
export function causeOf(flags: string[]): number {
  if (flags.indexOf('MEMORY') >= 0) return MEMORY
  if (flags.indexOf('LOW_MEMORY') >= 0) return LOW_MEMORY
  return flags.indexOf('CALLBACK') >= 0 ? CALLBACK : FIRST
}

/** True when the last three starts all crashed before they had run well. */
export function isCrashLoop(c: Counters): boolean {
  return c.streak >= LOOP_COUNT
}

/**
 * Cause and counts from the last record. A crash after a good run, or an ordered end, ends the row. Loss of the supply
 * neither counts nor ends it: a panel is not cured by being switched off.
 */
function follow(c: Counters, last: Uint8Array, hardware: number): void {
  c.cause = causeOfEnd(last, hardware)
  c.crashes = getWord(last, CRASHES_AT)
  const hasRun = getWord(last, RAN_AT) === 0
  const isClean = c.cause === ORDERED || c.cause === RESCUE
  c.streak = hasRun || isClean ? 0 : last[STREAK_AT]
  if (c.cause !== WATCHDOG && c.cause < EXCEPTION) return
  c.crashes++
  if (!hasRun && c.streak < STREAK_LIMIT) c.streak++
}

function causeOfEnd(last: Uint8Array, hardware: number): number {
  const cause = last[END_AT]
  if (cause === 0xff && last[END_AT + 1] === 0xff) return hardware
  return last[END_AT + 1] === (cause ^ 0xff) ? cause : UNKNOWN
}
