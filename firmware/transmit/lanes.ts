/**
 * Who is reached how: receivers, the paths to them, and which of both is used next.
 *
 *   destination   who has to have an event: the station, or one more receiver that gets events of its own
 *   receiver      one host of a destination: the main one first, its back-ups behind it
 *   lane          a path with what is going on there; 0 is the primary, 1 the alternative
 *   ATP           a receiver over a path (EN 50136), with what is known of it
 *
 * An ordinary event takes the first ATP that works, in the order main receiver primary path, main alternative, back-up
 * primary, back-up alternative (reporting.md §5.4, van Ovost's order).
 */

import type * as dc09 from '../report/dc09'
import type { Path } from './path'
import { DOWN } from './path'

/** After so many failures in a row an ATP comes last ... */
const BAD_COUNT = 2
/** ... until one attempt after this long shows how it is now. */
const RETURN_MS = 300000
/** First pause after a failure; doubles up to the longest (D-14). */
const PAUSE_MS = 1000
const PAUSE_DOUBLINGS = 6
const PAUSE_LIMIT_MS = 60000

/** The first null message, when the paths may be up. */
export const FIRST_MS = 30000

/** Places of Atp.figures, the panel's own count of transmission and availability (EN 50136-1; store/figures.ts keeps it). */
export enum Figure {
  /** Messages kissed off, sum and longest of the ms from handing the frame over to the kiss-off. */
  SENT,
  SUM_MS,
  MAX_MS,
  FAILED,
  /** Times the ATP was lost, for how many seconds of how many. */
  LOST,
  LOST_SECONDS,
  WATCHED_SECONDS,
}

export enum Phase {
  IDLE,
  CONNECTING,
  /** It is known what is sent; then what is said of it; then its body is there; then half of its CRC. */
  PICKED,
  SAID,
  COMPOSED,
  SUMMED,
  WAITING,
  /** The message in flight was kissed off. */
  DONE,
}

export interface Atp {
  /** Place of the receiver in the list of targets. */
  receiver: number
  destination: number
  /** Each ATP has its own: a reply over the slower path may be stamped earlier than one over the faster. */
  link: dc09.Link
  /** 1: an event that waited carries its time (reporting.md §3.6, H). Taken back when the receiver refuses that. */
  hasTime: number
  failCount: number
  failedAtMs: number
  /** No attempt before this. */
  pauseUntilMs: number
  /** Last kiss-off, or the start. */
  goodAtMs: number
  /** When a null message is due; Infinity when the receiver is not polled. */
  pollAtMs: number
  isLost: number
  /** Its words of all that are counted, and until when seconds are in them. */
  figures: Uint32Array
  countedMs: number
}

export interface Lane {
  path: Path
  index: number
  /** By receiver; undefined when that receiver is not reached over this path. */
  atps: (Atp | undefined)[]
  phase: Phase
  /** What the connection, or the attempt at one, leads to. */
  atp: Atp | undefined
  /** 1 while the message in flight is a null message; an event stands in queue.flying. */
  isPoll: number
  /** 1 once the path was told to connect for this attempt. */
  isOpened: number
  /** 1 when the frame in flight carries the event's time. */
  isTimed: number
  /** Sequence number of the message in flight. */
  sequence: number
  /** What its frame is made of: its data while SAID, its body while COMPOSED and SUMMED; dc09.sum() of that, a byte each. */
  body: string
  sumHigh: number
  sumLow: number
  /** Time that its frame was stamped with, less the seconds since power-up. */
  stampBase: number
  sentAtMs: number
  /** When the phase has lasted too long. */
  untilMs: number
  /** Nothing was found to send: the queue is not searched again before this, unless something changes. */
  searchAtMs: number
  /** 1 after a NAK led to a resend with corrected time, until the event is off the lane. */
  isCorrected: number
  reply: string
  /** When the path must be polled again. */
  pathAtMs: number
  /** State of the path as last looked at; since when it is down, 0 when it is not. */
  state: number
  downAtMs: number
  /** The lane has nothing to do before this, unless something changes. */
  restUntilMs: number
  /** When an idle connection that ended is made again, and how long after its end. */
  keepAtMs: number
  keepMs: number
}

export function create(path: Path, index: number): Lane {
  // What each turn reads comes first: a record is searched from its first property on.
  return {
    path,
    phase: Phase.IDLE,
    pathAtMs: 0,
    restUntilMs: 0,
    state: DOWN,
    index,
    atps: [],
    atp: undefined,
    isPoll: 0,
    isOpened: 0,
    isTimed: 0,
    sequence: 0,
    body: '',
    sumHigh: 0,
    sumLow: 0,
    stampBase: 0,
    sentAtMs: 0,
    untilMs: 0,
    searchAtMs: 0,
    isCorrected: 0,
    reply: '',
    downAtMs: 0,
    keepAtMs: 0,
    keepMs: 0,
  }
}

/** An ATP of which nothing is known yet but its figures. isPolled, hasTime: 0 or 1. */
export function atp(
  receiver: number,
  destination: number,
  link: dc09.Link,
  isPolled: number,
  hasTime: number,
  figures: Uint32Array,
): Atp {
  return {
    receiver,
    destination,
    link,
    hasTime,
    failCount: 0,
    failedAtMs: 0,
    pauseUntilMs: 0,
    goodAtMs: 0,
    pollAtMs: isPolled === 1 ? FIRST_MS : Infinity,
    isLost: 0,
    figures,
    countedMs: 0,
  }
}

/** The lane that a destination's ordinary events take now, -1 when none can. */
export function routeOf(lanes: Lane[], destination: number, nowMs: number): number {
  for (let isLast = 0; isLast < 2; isLast++) {
    for (let receiver = 0; receiver < lanes[0].atps.length; receiver++) {
      for (let index = 0; index < lanes.length; index++) {
        const lane = lanes[index]
        if (lane.path.state !== DOWN && isUsable(lane.atps[receiver], destination, isLast, nowMs)) return index
      }
    }
  }
  return -1
}

/** The ATP that a lane uses for a destination now, undefined when none can be used. */
export function choose(lane: Lane, destination: number, nowMs: number): Atp | undefined {
  for (let isLast = 0; isLast < 2; isLast++) {
    for (let receiver = 0; receiver < lane.atps.length; receiver++) {
      if (isUsable(lane.atps[receiver], destination, isLast, nowMs)) return lane.atps[receiver]
    }
  }
  return undefined
}

/** isLast: 1 takes one that fails, too. */
function isUsable(a: Atp | undefined, destination: number, isLast: number, nowMs: number): boolean {
  if (a === undefined || a.destination !== destination || nowMs < a.pauseUntilMs) return false
  return isLast === 1 || a.failCount < BAD_COUNT || nowMs >= a.failedAtMs + RETURN_MS
}

/** An attempt failed: the next one waits. */
export function failed(a: Atp, nowMs: number): void {
  const pauseMs = PAUSE_MS << (a.failCount < PAUSE_DOUBLINGS ? a.failCount : PAUSE_DOUBLINGS)
  a.pauseUntilMs = nowMs + (pauseMs < PAUSE_LIMIT_MS ? pauseMs : PAUSE_LIMIT_MS)
  a.failedAtMs = nowMs
  a.failCount++
  a.figures[Figure.FAILED]++
}

/** The receiver kissed a message off. */
export function worked(a: Atp, sentAtMs: number, nowMs: number): void {
  const f = a.figures
  const tookMs = nowMs - sentAtMs
  f[Figure.SENT]++
  f[Figure.SUM_MS] += tookMs
  if (tookMs > f[Figure.MAX_MS]) f[Figure.MAX_MS] = tookMs
  count(a, nowMs)
  a.isLost = 0
  a.failCount = 0
  a.pauseUntilMs = 0
  a.goodAtMs = nowMs
}

/** Brings the seconds up to date: before a loss begins or ends, and before the figures are kept. */
export function count(a: Atp, nowMs: number): void {
  const passed = ((nowMs - a.countedMs) / 1000) | 0
  a.countedMs += passed * 1000
  a.figures[Figure.WATCHED_SECONDS] += passed
  if (a.isLost === 1) a.figures[Figure.LOST_SECONDS] += passed
}

/** Bits of the destinations that the lane can send to now. */
export function servesOf(lane: Lane, nowMs: number): number {
  let serves = 0
  for (let receiver = 0; receiver < lane.atps.length; receiver++) {
    const a = lane.atps[receiver]
    if (a !== undefined && nowMs >= a.pauseUntilMs) serves |= 1 << a.destination
  }
  return serves
}
