/**
 * Proof that each ATP works, end to end, never by the state of a link (S-9): a null message whenever nothing else was
 * kissed off for the poll interval of the ATS category (reporting.md §5.5; EN 50136-1:2012). The alternative path takes
 * the primary's interval while the primary is lost. A path is lost when three attempts in a row failed there, or when
 * most of the reporting time is over, and the other path has the rest of it to tell the station.
 *
 * With one path (SP) the panel cannot tell of its loss: there the station misses the null messages.
 */

import type { Atp, Lane } from './lanes'
import { count, FIRST_MS, Figure } from './lanes'
import { DOWN } from './path'

/**
 * SP1 to SP6, DP1 to DP4. Seconds: poll interval and reporting time of the primary path, of the alternative while the
 * primary is good, and while it is lost. 0: not supervised. Intervals are those suggested in reporting.md §5.5; SP1's is a
 * day.
 */
// biome-ignore format: one category a line
const TABLE = new Uint32Array([
  86400, 2764800,     0,      0,     0,      0,
  28800,   90000,     0,      0,     0,      0,
    600,    1800,     0,      0,     0,      0,
     60,     180,     0,      0,     0,      0,
     30,      90,     0,      0,     0,      0,
      8,      20,     0,      0,     0,      0,
  28800,   90000, 60000, 180000, 28800,  90000,
    600,    1800, 30000,  90000,   600,   1800,
     60,     180, 30000,  90000,    60,    180,
     30,      90,  6000,  18000,    30,     90,
])
const COLUMNS = 6
/** A null message that failed is sent again after this, and while the path is lost after that, unless polls are quicker. */
const RETRY_MS = 5000
const LOST_RETRY_MS = 60000
/** A path without service for this long is polled at once, so that the attempts fail (S-15). */
const DOWN_MS = 60000
/** A modem needs its time after power-up: nothing is missed before this. */
const START_MS = 120000
/** Attempts that fail in a row before an ATP counts as lost. */
const TRIES = 3
/** Of the reporting time, after which it is lost in any case. */
const PATIENCE = 0.9
/** Not while the panel runs; Infinity would mean a receiver that is never polled. */
const LATE_MS = 1e15
/** A null message that is due and could not leave is looked at again after this. */
const AGAIN_MS = 100
/** Connections idle for longer are dropped by routers on the way, and a dead one is worse than none. */
const KEEP_SECONDS = 600

export interface Supervision {
  /** First place of the category's row. */
  row: number
  /** The lane that is the primary path to the station. */
  primary: number
  /** When something is due. */
  atMs: number
  /** Bits of the lanes that are lost, and since when that is so. */
  lost: number
  sinceMs: number
}

/** category: 0-9 for SP1 to DP4 (config.categoryOf). primary: the first lane that leads to the station. */
export function create(category: number, primary: number): Supervision {
  return { row: category * COLUMNS, primary, atMs: 0, lost: 0, sinceMs: 0 }
}

/** Poll interval of a lane now, in seconds; 0 when it is not supervised. which: 1 its reporting time. */
function seconds(s: Supervision, lane: number, which: number): number {
  const column = lane === s.primary ? 0 : ((s.lost >> s.primary) & 1) === 0 ? 2 : 4
  return TABLE[s.row + column + which]
}

/** True when the lane's connection is kept open, so that a class 0 event finds it made. */
export function isKept(s: Supervision, lane: number): boolean {
  const interval = seconds(s, lane, 0)
  return interval > 0 && interval <= KEEP_SECONDS
}

/** Looks at every ATP, when s.atMs is there; then that says when to look again. */
export function watch(s: Supervision, lanes: Lane[], nowMs: number): void {
  s.atMs = Infinity
  for (let index = 0; index < lanes.length; index++) {
    const lane = lanes[index]
    watchState(lane, nowMs)
    let isLost = -1
    for (let receiver = 0; receiver < lane.atps.length; receiver++) {
      const a = lane.atps[receiver]
      if (a === undefined || a.pollAtMs === Infinity) continue
      judge(s, lane, a, nowMs)
      // The path to the station is lost when no receiver there answers.
      if (a.destination === 0 && isLost !== 0) isLost = a.isLost
    }
    // A path that nobody watches is not lost, whatever was told before a restart.
    if (isLost < 0) isLost = 0
    if (isLost !== ((s.lost >> index) & 1)) {
      s.lost ^= 1 << index
      s.sinceMs = nowMs
      s.atMs = nowMs // the other lane's intervals are others now
    }
  }
}

/** A path that is down for a minute is polled now: what fails then is an attempt, not a state. */
function watchState(lane: Lane, nowMs: number): void {
  if (lane.path.state !== DOWN) lane.downAtMs = 0
  else if (lane.downAtMs === 0) lane.downAtMs = nowMs < START_MS ? START_MS : nowMs
}

/** When the next null message is due, and whether the ATP is lost. */
function judge(s: Supervision, lane: Lane, a: Atp, nowMs: number): void {
  const interval = seconds(s, lane.index, 0)
  if (interval === 0) {
    a.pollAtMs = LATE_MS
    a.isLost = 0 // it may have been lost before a restart, under other settings
    return
  }
  // The reporting time of the alternative begins anew when it changes.
  let sinceMs = a.goodAtMs === 0 ? START_MS : a.goodAtMs
  if (lane.index !== s.primary && s.sinceMs > sinceMs) sinceMs = s.sinceMs
  const deadAtMs = sinceMs + seconds(s, lane.index, 1) * 1000 * PATIENCE
  if (a.isLost === 0 && (a.failCount >= TRIES || nowMs >= deadAtMs)) {
    count(a, nowMs)
    a.isLost = 1
    a.figures[Figure.LOST]++
  }
  let dueMs = a.goodAtMs === 0 ? FIRST_MS : a.goodAtMs + interval * 1000
  if (a.failCount > 0) {
    const lostMs = interval * 1000 < LOST_RETRY_MS ? interval * 1000 : LOST_RETRY_MS
    dueMs = a.failedAtMs + (a.isLost === 0 ? RETRY_MS : lostMs)
  } else if (lane.downAtMs > 0) dueMs = lane.downAtMs + DOWN_MS
  a.pollAtMs = dueMs
  // One that is due may have to wait for the lane.
  if (dueMs <= nowMs) dueMs = nowMs + AGAIN_MS
  if (dueMs < s.atMs) s.atMs = dueMs
  if (a.isLost === 0 && deadAtMs < s.atMs) s.atMs = deadAtMs
}

/** Something changed: watch() is due at once. */
export function wake(s: Supervision): void {
  s.atMs = 0
}
