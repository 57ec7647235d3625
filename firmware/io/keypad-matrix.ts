/**
 * Matrix keypad, 4x3 or 4x4, scanned active-low: rows are open drain, columns have pull-ups (hardware.md §3.1).
 *
 * At rest all rows are low and one read of the columns tells that nothing is pressed; only when something is are the rows
 * driven one at a time. Where the board can wake the panel on an edge, that read is rare. Two keys at once are refused,
 * because three pressed corners of a rectangle show the fourth (K-8), but for the chords: a pair held together for 1 s gives
 * a letter (K-3).
 * Does not do: entries, lock-out, what a chord means (those belong to the panel). Keys are never logged.
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
  /** When a pair of keys was first seen, Infinity after its chord was taken; 0 while there is none. */
  pairMs: number
  /** The next look for a second key while one is held. */
  pairAtMs: number
  /** The key that is stuck, and ignored; 0 when none or not known. */
  stuckKey: number
  /** Between two scans at rest. */
  idleMs: number
  dueMs: number
}

/** From the top left; the 4x3 keypad lacks the last column. */
const LAYOUT = '123A456B789C*0#D'

/** Pairs that are chords (K-3), in the order of a scan, and what take() gives for each. */
const CHORDS = '1**#3#'
const CHORD_KEYS = 'PQR'
/** Together for so long: fast fingers overlap, and a panic must not come of that. */
const CHORD_MS = 1000
/** While a key is held, a second one is looked for this often. */
const PAIR_MS = 100

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
/** Two keys: the first times this plus the second. */
const PAIR = 256

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
    pairMs: 0,
    pairAtMs: 0,
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

/** The oldest accepted key, one of 0-9 A-D * #, or P Q R for the chords 1* *# 3#; '' when there is none. */
export function take(k: Keypad): string {
  const key = k.keys.charAt(0)
  k.keys = k.keys.substr(1)
  return key
}

/**
 * For whoever wires it (app/keypad-test.ts): columns that are low while all rows float, a bit each, the first column in the
 * lowest; then for each row those that are low while it is alone. Forgets nothing, and takes no key.
 */
export function survey(k: Keypad): number[] {
  k.pins.read(k.columns) // with all rows low, as every scan begins: a controller takes its events then
  for (const row of k.rows) k.pins.write(row, 1)
  const found = [lowColumns(k)]
  for (const row of k.rows) {
    k.pins.write(row, 0)
    found.push(lowColumns(k))
    k.pins.write(row, 1)
  }
  for (const row of k.rows) k.pins.write(row, 0)
  return found
}

function lowColumns(k: Keypad): number {
  const word = k.mask ^ k.pins.read(k.columns)
  const last = k.columns.length - 1
  let bits = 0
  for (let column = 0; column <= last; column++) bits |= ((word >> (last - column)) & 1) << column
  return bits
}

/** While anything is down or settling. */
function attend(k: Keypad, isIdle: boolean, nowMs: number): void {
  note(k, isIdle ? NOTHING : pressed(k, nowMs), nowMs)
}

/** What is down. After the press was taken or refused that is asked now and then: for a chord, or which key is stuck. */
function pressed(k: Keypad, nowMs: number): number {
  const isKnown = k.isLocked && k.seen >= 0 && k.stuckKey === 0 && nowMs - k.downMs <= STUCK_MS
  if (isKnown && nowMs < k.pairAtMs) return k.seen
  k.pairAtMs = nowMs + PAIR_MS
  return scan(k)
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
    while (low !== 0) {
      const bit = low & -low // the last column is bit 0: from the right
      low ^= bit
      found = add(found, (row << 4) | bit)
    }
  }
  for (const row of k.rows) pins.write(row, 0)
  return found
}

/** One more key: the first, the second of a pair, or one too many. Pairs have their smaller number first. */
function add(found: number, key: number): number {
  if (found < 0) return key
  if (found === MANY || found >= PAIR) return MANY
  return found >> 4 === key >> 4 ? key * PAIR + found : found * PAIR + key
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
    k.stuckKey = found < PAIR ? found : MANY
  }
  if (found >= PAIR) pair(k, nowMs)
  else k.pairMs = 0
  if (found === MANY) k.isLocked = true
  else if (found < PAIR && k.count === SCANS && !k.isLocked) accept(k)
}

/** Two keys are down: no key any more, and after a while perhaps a chord, once. */
function pair(k: Keypad, nowMs: number): void {
  k.isLocked = true
  if (k.pairMs === 0) k.pairMs = nowMs
  if (nowMs < k.pairMs + CHORD_MS) return
  k.pairMs = Infinity
  const keys = charOf(k, k.seen >> 8) + charOf(k, k.seen & (PAIR - 1))
  const at = CHORDS.indexOf(keys)
  if (at >= 0 && (at & 1) === 0 && k.keys.length < QUEUE_LIMIT) k.keys += CHORD_KEYS.charAt(at >> 1)
}

function release(k: Keypad): void {
  k.isLocked = false
  k.pairMs = 0
  if (k.seen === NOTHING) {
    k.isStuck = false
    k.stuckKey = 0
  }
}

function accept(k: Keypad): void {
  k.isLocked = true
  if (k.keys.length < QUEUE_LIMIT) k.keys += charOf(k, k.seen)
}

function charOf(k: Keypad, key: number): string {
  const bits = key & 15
  // The last column is bit 0. Without a logarithm: 1, 2, 4, 8 become 0, 1, 2, 3.
  const column = k.columns.length - 1 - (bits >> 1) + (bits >> 3)
  return LAYOUT.charAt((key >> 4) * 4 + column)
}
