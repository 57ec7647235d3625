/**
 * Matrix keypad, 4x3 or 4x4, scanned active-low: rows are open drain, columns have pull-ups (hardware.md §3.1).
 *
 * At rest all rows are low and one read of the columns tells that nothing is pressed; only when something is are the rows
 * driven one at a time. Where the board can wake the panel on an edge, that read is rare. Two keys at once are refused,
 * because three pressed corners of a rectangle show the fourth (K-8).
 * Does not do: panic chords (K-3), held keys, entries and lock-out (those belong to the panel). Keys are never logged.
 */

import type { WakingPins } from '../hal'

export interface Keypad {
  pins: WakingPins
  rows: number[]
  columns: number[]
  /** One bit a column. */
  mask: number
  /** Accepted keys that nobody has taken yet. */
  keys: string
  /** What the last scan found, and in how many scans in a row. */
  seen: number
  count: number
  /** A press was taken or refused: nothing more counts until all is released. */
  isLocked: boolean
  /** When the present touch began. */
  downMs: number
  /** Keypad trouble: something has been down for more than 30 s. */
  isStuck: boolean
  /** The key that is stuck, and ignored; 0 when none or not known. */
  stuckKey: number
  /** Between two scans at rest. */
  idleMs: number
  dueMs: number
}

/** From the top left; the 4x3 keypad lacks the last column. */
const LAYOUT = '123A456B789C*0#D'

/** Scans in a row that make a press or a release. With SCAN_MS: at least 20 ms (K-8). */
const SCANS = 3
const SCAN_MS = 10
/** 50 Hz at rest (hardware.md §3.1). */
const IDLE_MS = 20
/** The same where an edge wakes the panel: only for an edge that was lost (espruino.md §3.4). Below the zones' 100 ms. */
const WATCHED_MS = 95
/** hardware.md §3.1. */
const STUCK_MS = 30000
/** Presses kept for a busy panel; the ones after these are lost. */
const QUEUE_LIMIT = 8

// What a scan finds: a key is its row times 16 plus the bit of its column, which is never 0.
const MANY = 0
const NOTHING = -1
const ONLY_STUCK = -2

/** Pins from the top row down and from the left column on. Takes the pins at once. */
export function create(pins: WakingPins, rows: number[], columns: number[]): Keypad {
  for (const row of rows) {
    pins.write(row, 0)
    pins.mode(row, 'openDrain')
  }
  for (const column of columns) pins.mode(column, 'inputPullup')
  return {
    pins,
    rows,
    columns,
    mask: (1 << columns.length) - 1,
    keys: '',
    seen: NOTHING,
    count: SCANS,
    isLocked: false,
    downMs: 0,
    isStuck: false,
    stuckKey: 0,
    idleMs: pins.wakeOn(columns) ? WATCHED_MS : IDLE_MS,
    dueMs: 0,
  }
}

/** A column's level changed. True when that makes a scan due; edges that the scans themselves make do not. */
export function wake(k: Keypad): boolean {
  if (k.seen !== NOTHING || k.count < SCANS) return false
  k.dueMs = 0
  return true
}

/** True when nothing is pressed or settling, so that poll() would find nothing new as long as the columns read `mask`. */
export function isAtRest(k: Keypad): boolean {
  return k.seen === NOTHING && k.count === SCANS
}

/** Scans once when it is time. Returns when to call again, in ms: idleMs on at rest, 10 ms while anything is pressed. */
export function poll(k: Keypad, nowMs: number): number {
  if (nowMs < k.dueMs) return k.dueMs
  const isIdle = k.mask === k.pins.read(k.columns)
  if (!isIdle || k.seen !== NOTHING || k.count < SCANS) attend(k, isIdle, nowMs)
  k.dueMs = nowMs + (k.seen < 0 && k.count === SCANS ? k.idleMs : SCAN_MS)
  return k.dueMs
}

/** The oldest accepted key, one of 0-9 A-D * #; '' when there is none. */
export function take(k: Keypad): string {
  const key = k.keys.charAt(0)
  k.keys = k.keys.substr(1)
  return key
}

/** While anything is down or settling. */
function attend(k: Keypad, isIdle: boolean, nowMs: number): void {
  note(k, isIdle ? NOTHING : pressed(k, nowMs), nowMs)
}

/** What is down. After the press was taken or refused that is asked again only to tell which key is stuck. */
function pressed(k: Keypad, nowMs: number): number {
  return k.isLocked && k.seen >= 0 && k.stuckKey === 0 && nowMs - k.downMs <= STUCK_MS ? k.seen : scan(k)
}

/** Drives one row low at a time, the others floating, and leaves all rows low. */
function scan(k: Keypad): number {
  const pins = k.pins
  let found = NOTHING
  for (const row of k.rows) pins.write(row, 1)
  for (let row = 0; row < k.rows.length; row++) {
    pins.write(k.rows[row], 0)
    let low = k.mask ^ pins.read(k.columns)
    pins.write(k.rows[row], 1)
    if (row === k.stuckKey >> 4 && (low & k.stuckKey) !== 0) {
      low ^= low & k.stuckKey
      if (found === NOTHING) found = ONLY_STUCK
    }
    // A second bit in this row, or a key in an earlier one, makes it many.
    if (low !== 0) found = found >= 0 || (low & (low - 1)) !== 0 ? MANY : (row << 4) | low
  }
  for (const row of k.rows) pins.write(row, 0)
  return found
}

/** Debounces one scan: a key counts when it was alone in 3 scans, the next one after 3 scans without any. */
function note(k: Keypad, found: number, nowMs: number): void {
  if (k.seen < 0 && k.count === SCANS) k.downMs = nowMs
  if (found !== k.seen) {
    k.seen = found
    k.count = 0
  }
  if (k.count < SCANS) k.count++
  if (found < 0) {
    if (k.count === SCANS) release(k)
    return
  }
  if (nowMs - k.downMs > STUCK_MS && k.stuckKey === 0) {
    k.isStuck = true
    k.stuckKey = found
  }
  if (found === MANY) k.isLocked = true
  else if (k.count === SCANS && !k.isLocked) accept(k)
}

function release(k: Keypad): void {
  k.isLocked = false
  if (k.seen === NOTHING) {
    k.isStuck = false
    k.stuckKey = 0
  }
}

function accept(k: Keypad): void {
  k.isLocked = true
  const bits = k.seen & 15
  // The last column is bit 0. Without a logarithm: 1, 2, 4, 8 become 0, 1, 2, 3.
  const column = k.columns.length - 1 - (bits >> 1) + (bits >> 3)
  if (k.keys.length < QUEUE_LIMIT) k.keys += LAYOUT.charAt((k.seen >> 4) * 4 + column)
}
