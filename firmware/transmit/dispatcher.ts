/**
 * Takes the next owed event to the receiver: over both paths at once for class 0 (D-13), over the primary and then the
 * alternative for the rest, until the receiver's own acknowledgement (SIA DC-09; reporting.md §5). One message is in
 * flight on each path. What a path or a receiver does wrong costs an attempt and a pause, never an event.
 *
 * Each path has a lane:   IDLE --open()--> OPENING --send()--> WAITING --ACK--> IDLE
 *                           ^------------------ pause 1, 2, 4 ... 60 s ---------+
 */

import * as clock from '../clock'
import * as event from '../event'
import type { Hal } from '../hal'
import * as contactId from '../report/contact-id'
import * as dc09 from '../report/dc09'
import * as journal from '../store/journal'
import type { Path } from './path'
import { DOWN, OPEN, OPENING, READY } from './path'
import * as queue from './queue'

const IDLE = 0
const CONNECTING = 1
const WAITING = 2

/** A path gets this many times its reply time-out to open a connection. */
const OPEN_FACTOR = 4
/** First pause after a failure; doubles up to the longest (D-14). */
const PAUSE_MS = 1000
const PAUSE_DOUBLINGS = 6
const PAUSE_LIMIT_MS = 60000
/** The alternative takes ordinary events after this many failures in a row on the primary. */
const FAILOVER_COUNT = 2
/** Refused events are offered again after this long. */
const REFUSED_MS = 60000
/** A lane that waits looks at its path this often; one whose frame was not taken offers it again this often. */
const LOOK_MS = 20
const OFFER_MS = 200
/** A stamp that is off by less is not what the receiver objects to (§5.3). */
const STAMP_SECONDS = 2
/** What is kept of a reply that is not complete. */
const REPLY_LIMIT_BYTES = 1024
/** Lines of a reply judged in one poll: a flood of empty ones must not hold the panel's loop. */
const REPLY_LIMIT_LINES = 8

interface Lane {
  path: Path
  /** Each lane has its own: a reply over the slower path may be stamped earlier than one over the faster. */
  link: dc09.Link
  /** What is in flight stands in queue.flying. */
  phase: number
  /** Sequence number of the event in flight. */
  sequence: number
  /** Time that its frame was stamped with, less the seconds since power-up. */
  stampBase: number
  /** When the phase has lasted too long, or the pause is over. */
  untilMs: number
  /** Nothing was found to send: the queue is not searched again before this, unless something changes. */
  searchAtMs: number
  failCount: number
  /** 1 after a NAK led to a resend with corrected time, until the event is off the lane. */
  isCorrected: number
  reply: string
  /** When the path must be polled again. */
  pathAtMs: number
}

export interface Dispatcher {
  hal: Hal
  queue: queue.Queue
  clock: clock.WallClock
  lanes: Lane[]
  refusedUntilMs: number
}

export function create(hal: Hal, owed: queue.Queue, wall: clock.WallClock): Dispatcher {
  return { hal, queue: owed, clock: wall, lanes: [], refusedUntilMs: 0 }
}

/** Adds a path, the primary first, with the receiver that is behind it. At most two. */
export function addLane(d: Dispatcher, path: Path, link: dc09.Link): void {
  d.lanes.push(createLane(path, link))
}

function createLane(path: Path, link: dc09.Link): Lane {
  return {
    path,
    link,
    phase: IDLE,
    sequence: 0,
    stampBase: 0,
    untilMs: 0,
    searchAtMs: 0,
    failCount: 0,
    isCorrected: 0,
    reply: '',
    pathAtMs: 0,
  }
}

/** A new event of an urgent class ends all pauses (reporting.md §5.4). */
export function wake(d: Dispatcher): void {
  for (let index = 0; index < d.lanes.length; index++) {
    const lane = d.lanes[index]
    if (lane.phase === IDLE) lane.untilMs = 0
    lane.searchAtMs = 0
    lane.pathAtMs = 0
  }
}

/** Moves both lanes on. Returns when to call again, in ms. */
export function poll(d: Dispatcher, nowMs: number): number {
  let nextMs = Infinity
  if (nowMs >= d.refusedUntilMs && d.refusedUntilMs !== 0) {
    d.refusedUntilMs = 0
    queue.retryRefused(d.queue)
    searchAgain(d)
  }
  for (let index = 0; index < d.lanes.length; index++) {
    const lane = d.lanes[index]
    if (nowMs >= lane.pathAtMs) lane.pathAtMs = lane.path.poll(lane.path, nowMs)
    const laneMs = step(d, lane, index, nowMs)
    if (laneMs < nextMs) nextMs = laneMs
    if (lane.pathAtMs < nextMs) nextMs = lane.pathAtMs
  }
  return nextMs
}

/** One lane's turn. Returns its deadline. */
function step(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  switch (lane.phase) {
    case IDLE:
      return idle(d, lane, index, nowMs)
    case CONNECTING:
      return connecting(d, lane, index, nowMs)
    default:
      return waiting(d, lane, index, nowMs)
  }
}

function idle(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  if (d.queue.count === 0) return Infinity
  if (nowMs < lane.untilMs) return lane.untilMs
  if (lane.path.state === DOWN) return Infinity // the path's own poll brings it back
  if (nowMs < lane.searchAtMs) return lane.searchAtMs
  if (pick(d, index, nowMs) === queue.NOWHERE) {
    lane.searchAtMs = nowMs + PAUSE_MS
    return lane.searchAtMs
  }
  lane.phase = CONNECTING
  lane.untilMs = nowMs + lane.path.replyTimeoutMs * OPEN_FACTOR
  if (lane.path.state === OPEN) return transmit(d, lane, index, nowMs)
  if (lane.path.state === READY) lane.path.open(lane.path, 0)
  lane.pathAtMs = nowMs
  return nowMs
}

function pick(d: Dispatcher, index: number, nowMs: number): number {
  return queue.pick(d.queue, index, index === 0 || isFailed(d.lanes[0], nowMs))
}

/** True while the primary cannot be relied on, so that the alternative takes everything. */
function isFailed(primary: Lane, nowMs: number): boolean {
  return (
    primary.path.state === DOWN ||
    primary.failCount >= FAILOVER_COUNT ||
    (primary.phase === IDLE && nowMs < primary.untilMs)
  )
}

function connecting(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  const state = lane.path.state
  if ((state !== OPEN && state !== OPENING) || nowMs >= lane.untilMs) return fail(d, lane, index, nowMs)
  if (state === OPENING) return nowMs + LOOK_MS
  // What became urgent meanwhile goes first (D-13).
  if (pick(d, index, nowMs) !== queue.NOWHERE) return transmit(d, lane, index, nowMs)
  release(d, lane, index)
  return nowMs
}

/** Builds the frame anew for each attempt: the stamp is the time of sending, the sequence number stays (§3.7, §5.2). */
function transmit(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  const bytes = journal.read(d.queue.journal, d.queue.flying[index])
  const kind = journal.kindOf(bytes)
  lane.sequence = journal.sequenceOf(bytes)
  const data = contactId.digits(journal.qualifierOf(bytes), event.code(kind), bytes[1], journal.numberOf(bytes))
  const stamp = clock.utcSeconds(d.clock, d.hal.clock)
  lane.stampBase = stamp - upSeconds(nowMs)
  lane.path.receive(lane.path) // what came unasked belongs to no message of ours
  lane.reply = ''
  if (!lane.path.send(lane.path, dc09.frame(lane.link, lane.sequence, `#${lane.link.account}|${data}`, stamp))) {
    return nowMs + OFFER_MS
  }
  lane.phase = WAITING
  lane.untilMs = nowMs + lane.path.replyTimeoutMs
  lane.pathAtMs = nowMs
  return nowMs + LOOK_MS
}

function waiting(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  lane.reply = (lane.reply + lane.path.receive(lane.path)).slice(-REPLY_LIMIT_BYTES)
  let lineCount = 0
  while (lane.reply !== '' && lineCount < REPLY_LIMIT_LINES) {
    lineCount++
    const verdict = dc09.reply(lane.link, lane.reply, lane.sequence, sureSeconds(d))
    if (verdict === dc09.NONE) break
    lane.reply = lane.reply.slice(lane.link.consumed)
    if (verdict === dc09.ACK) return acknowledged(d, lane, index, nowMs)
    if (verdict === dc09.NAK) return negative(d, lane, index, nowMs)
    if (verdict === dc09.DUH) return refused(d, lane, index, nowMs)
  }
  // After the end of the connection, what is left to judge may still hold the kiss-off.
  const isLost = lane.path.state !== OPEN && lineCount < REPLY_LIMIT_LINES
  if (isLost || nowMs >= lane.untilMs) return fail(d, lane, index, nowMs)
  return nowMs + LOOK_MS
}

function acknowledged(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  const other = d.lanes[1 - index]
  const otherCanSend =
    other !== undefined && other.path.state !== DOWN && !(other.phase === IDLE && nowMs < other.untilMs)
  queue.kissedOff(d.queue, d.queue.flying[index], index, otherCanSend)
  release(d, lane, index)
  queue.refill(d.queue)
  lane.isCorrected = 0
  lane.failCount = 0
  return nowMs
}

/**
 * NAK: the clocks differ. One resend with the receiver's time; a second NAK is a refusal (§5.3). The stamp that was sent
 * is what counts: the other lane may have corrected the clock since.
 */
function negative(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  clock.correct(d.clock, d.hal.clock, lane.link.nakSeconds)
  const moved = clock.utcSeconds(d.clock, d.hal.clock) - upSeconds(nowMs) - lane.stampBase
  if (lane.isCorrected !== 0 || Math.abs(moved) < STAMP_SECONDS) return refused(d, lane, index, nowMs)
  lane.isCorrected = 1
  // On a new connection: receivers double a NAK, or close after it (§5.1).
  lane.path.close(lane.path)
  release(d, lane, index)
  return nowMs
}

function refused(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  queue.refused(d.queue, d.queue.flying[index], index)
  d.refusedUntilMs = nowMs + REFUSED_MS
  lane.path.close(lane.path) // a doubled reply must not be taken for the next message's (§5.1)
  release(d, lane, index)
  lane.isCorrected = 0
  return nowMs
}

function fail(d: Dispatcher, lane: Lane, index: number, nowMs: number): number {
  queue.failed(d.queue, d.queue.flying[index])
  lane.path.close(lane.path)
  release(d, lane, index)
  lane.isCorrected = 0
  const doublings = lane.failCount < PAUSE_DOUBLINGS ? lane.failCount : PAUSE_DOUBLINGS
  lane.failCount++
  const pauseMs = PAUSE_MS << doublings
  lane.untilMs = nowMs + (pauseMs < PAUSE_LIMIT_MS ? pauseMs : PAUSE_LIMIT_MS)
  return lane.untilMs
}

/** Our time for judging a reply's stamp, 0 while it is only assumed. */
function sureSeconds(d: Dispatcher): number {
  const seconds = clock.utcSeconds(d.clock, d.hal.clock)
  return d.clock.isSure ? seconds : 0
}

/** What one lane leaves may be for the other. */
function searchAgain(d: Dispatcher): void {
  for (let index = 0; index < d.lanes.length; index++) d.lanes[index].searchAtMs = 0
}

function upSeconds(nowMs: number): number {
  return (nowMs / 1000) | 0
}

function release(d: Dispatcher, lane: Lane, index: number): void {
  d.queue.flying[index] = queue.NOWHERE
  searchAgain(d)
  lane.phase = IDLE
  lane.untilMs = 0
  lane.reply = ''
}
