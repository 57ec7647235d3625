/**
 * Events that are owed to the station, by priority. The events themselves are in the journal; here is only where each
 * one stands, in typed arrays, oldest first.
 *
 * A class 0 event goes out on every path at once (D-13): it has a bit for each lane that has not sent it yet. After its
 * first kiss-off it is settled, and stays only until the other lane has sent its copy or cannot.
 */

import * as event from '../event'
import type { Crypto, Flash } from '../hal'
import * as journal from '../store/journal'

/** Most events in the queue. */
export const LIMIT = 64
/** More of the classes that are never dropped may wait in the journal only; beyond that flash has no room for them. */
const SPILL_LIMIT = journal.OWED_LIMIT - LIMIT
/** Sequence numbers (1-9999) that are less than this apart tell which event is older. */
const SEQUENCES = 9999
const HALF_OF_SEQUENCES = 5000
/** In `flying`: nothing. */
export const NOWHERE = 0xffff
/** The arrays have room for a code's record and a zone's, so that a commit never has to look before it adds. */
const ROOM = LIMIT + 4

/** Bits of `flags`. Lanes are 0 (primary) and 1 (alternative). */
const DUE_LANE = 1 // << lane: class 0 only, the lane has still to send it
const REFUSED_LANE = 4 // << lane: the receiver refused it there (DUH, repeated NAK)
const SETTLED = 16
const BOTH_DUE = 3

export interface Queue {
  journal: journal.Journal
  count: number
  /** Journal location of each event. */
  locations: Uint16Array
  /** Priority class of each event (event.ts). */
  classes: Uint8Array
  flags: Uint8Array
  /** Location of the event that each lane has in flight, or NOWHERE. It follows when the journal moves the record. */
  flying: Uint16Array
  /** Events that were given up because queue, journal or the places in RAM were full. */
  lostCount: number
  /** Events of the classes that are never dropped that wait in the journal only. */
  spilledCount: number
}

/** Opens the journal and takes up all that is owed. */
export function create(flash: Flash, crypto: Crypto): Queue {
  const q: Queue = {
    journal: journal.create(flash, crypto),
    count: 0,
    locations: new Uint16Array(ROOM),
    classes: new Uint8Array(ROOM),
    flags: new Uint8Array(ROOM),
    flying: new Uint16Array(2).fill(NOWHERE),
    lostCount: 0,
    spilledCount: 0,
  }
  journal.scan(q.journal, (location, kind, isCopy) => restore(q, location, kind, isCopy))
  return q
}

/**
 * Adds an event. Takes the same steps for any kind, NONE included (D-36); tidy() removes what is none.
 * The caller tidies after each record, so there is always room.
 */
export function push(q: Queue, location: number, kind: number): void {
  // In RAM, which is used when flash fails, a record takes the place of an older one.
  if (location >= journal.RAM_LOCATION && (location & 1) === 0) forget(q, location)
  q.locations[q.count] = location
  q.classes[q.count] = event.priorityClass(kind)
  q.flags[q.count] = BOTH_DUE
  q.count++
}

/** Adds an event found in the journal. isLate: others may be younger, or it may be there already (see insert). */
export function restore(q: Queue, location: number, kind: number, isLate: boolean): void {
  if (isLate) insert(q, location, kind)
  else push(q, location, kind)
  tidy(q)
}

/** Fetches what was left in the journal, once half of the queue is free again. */
export function refill(q: Queue): void {
  if (q.spilledCount === 0 || q.count > LIMIT / 2) return
  q.spilledCount = 0
  journal.rescan(q.journal, (location, kind) => {
    if (indexOf(q, location) < 0) restore(q, location, kind, true)
  })
}

/** Removes places without an event, and makes room when the queue is full. */
export function tidy(q: Queue): void {
  for (let index = q.count - 1; index >= 0; index--) {
    if (q.classes[index] === event.CLASS_NONE) removeAt(q, index)
  }
  while (q.count > LIMIT) giveUpOne(q)
}

/**
 * The event that a lane should send next, NOWHERE when there is none: lowest class first, oldest first within a class.
 * It counts as in flight on this lane from now on. takesAll: false leaves the lane the class 0 events only, and what the
 * other lane's receiver refused. Only class 0 may be in flight twice; and nothing overtakes an event of its own or a
 * better class that the other lane has in flight, which may fail there.
 */
export function pick(q: Queue, lane: number, takesAll: boolean): number {
  const busyClass = classOf(q, q.flying[1 - lane])
  let best = NOWHERE
  let bestClass = event.CLASS_NONE
  for (let index = 0; index < q.count; index++) {
    const priority = q.classes[index]
    const flags = q.flags[index]
    if (priority >= bestClass || (flags & (REFUSED_LANE << lane)) !== 0) continue
    if (priority === 0) {
      if ((flags & (DUE_LANE << lane)) === 0) continue
    } else if (busyClass > 0 && priority >= busyClass) continue
    else if (!takesAll && (flags & (REFUSED_LANE << (1 - lane))) === 0) continue
    best = q.locations[index]
    bestClass = priority
  }
  q.flying[lane] = best
  return best
}

/** The receiver kissed the event off on this lane. otherCanSend: the other lane is able to send its copy. */
export function kissedOff(q: Queue, location: number, lane: number, otherCanSend: boolean): void {
  const index = indexOf(q, location)
  if (index < 0) return
  if ((q.flags[index] & SETTLED) === 0) journal.settle(q.journal, location)
  q.flags[index] = (q.flags[index] | SETTLED) & ~(DUE_LANE << lane)
  if (q.classes[index] !== 0 || !otherCanSend || (q.flags[index] & BOTH_DUE) === 0) removeAt(q, index)
}

/** A lane could not deliver. A class 0 event that is settled already is not tried again there. */
export function failed(q: Queue, location: number): void {
  const index = indexOf(q, location)
  if (index >= 0 && (q.flags[index] & SETTLED) !== 0) removeAt(q, index)
}

/** The receiver refused the event on this lane: it waits, so that others can go. */
export function refused(q: Queue, location: number, lane: number): void {
  failed(q, location)
  const index = indexOf(q, location)
  if (index >= 0) q.flags[index] |= REFUSED_LANE << lane
}

/** Gives every refused event another chance. True when there was one. */
export function retryRefused(q: Queue): boolean {
  let isAny = false
  for (let index = 0; index < q.count; index++) {
    if ((q.flags[index] & (REFUSED_LANE * 3)) === 0) continue
    q.flags[index] &= ~(REFUSED_LANE * 3)
    isAny = true
  }
  return isAny
}

/** The journal moved a record; both its events move with it. */
export function moved(q: Queue, from: number, to: number): void {
  for (let index = 0; index < q.count; index++) {
    if (q.locations[index] >> 1 === from >> 1) q.locations[index] = to + (q.locations[index] & 1)
  }
  for (let lane = 0; lane < 2; lane++) {
    if (q.flying[lane] >> 1 === from >> 1) q.flying[lane] = to + (q.flying[lane] & 1)
  }
}

/** Priority class of an event that is in the queue; CLASS_NONE when it is not. */
export function classOf(q: Queue, location: number): number {
  const index = indexOf(q, location)
  return index < 0 ? event.CLASS_NONE : q.classes[index]
}

function indexOf(q: Queue, location: number): number {
  for (let index = 0; index < q.count; index++) if (q.locations[index] === location) return index
  return -1
}

function removeAt(q: Queue, index: number): void {
  q.locations.set(q.locations.subarray(index + 1), index)
  q.classes.set(q.classes.subarray(index + 1), index)
  q.flags.set(q.flags.subarray(index + 1), index)
  q.count--
}

/**
 * Puts an event where its sequence number belongs. When a power cut fell between copying a record and settling the
 * original, both are there: then the one found later is settled, so that the event is sent once.
 */
function insert(q: Queue, location: number, kind: number): void {
  const bytes = journal.read(q.journal, location)
  let at = q.count
  while (at > 0) {
    const other = journal.read(q.journal, q.locations[at - 1])
    if (isSame(bytes, other)) {
      journal.settle(q.journal, location)
      return
    }
    const ahead = (journal.sequenceOf(other) - journal.sequenceOf(bytes) + SEQUENCES) % SEQUENCES
    if (ahead >= HALF_OF_SEQUENCES) break
    at--
  }
  push(q, location, kind)
  for (let index = q.count - 1; index > at; index--) {
    q.locations[index] = q.locations[index - 1]
    q.classes[index] = q.classes[index - 1]
    q.flags[index] = q.flags[index - 1]
  }
  q.locations[at] = location
  q.classes[at] = event.priorityClass(kind)
  q.flags[at] = BOTH_DUE
}

/** Kind, partition, number, sequence number and time are those of the other: it is the same event. */
function isSame(bytes: Uint8Array, other: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== other[index]) return false
  return true
}

/** A place in RAM was overwritten: what it held is lost. */
function forget(q: Queue, location: number): void {
  for (let index = q.count - 1; index >= 0; index--) {
    if (q.locations[index] >> 1 !== location >> 1) continue
    if ((q.flags[index] & SETTLED) === 0) q.lostCount++
    removeAt(q, index)
  }
  for (let lane = 0; lane < 2; lane++) if (q.flying[lane] >> 1 === location >> 1) q.flying[lane] = NOWHERE
}

/**
 * Takes one event out of the lowest class that is there. Droppable ones are lost, oldest first; others only leave the
 * queue, newest first, and come back from the journal when there is room again. What is in flight or in RAM stays.
 */
function giveUpOne(q: Queue): void {
  let worst = 0
  let worstClass = -1
  for (let index = 0; index < q.count; index++) {
    const location = q.locations[index]
    if (location === q.flying[0] || location === q.flying[1] || location >= journal.RAM_LOCATION) continue
    const isSettled = (q.flags[index] & SETTLED) !== 0
    const priority = isSettled ? event.CLASS_NONE : q.classes[index]
    if (priority < worstClass || (priority === worstClass && priority >= event.CLASS_DROPPABLE)) continue
    worst = index
    worstClass = priority
  }
  if (worstClass < event.CLASS_DROPPABLE && q.spilledCount < SPILL_LIMIT) q.spilledCount++
  else if (worstClass !== event.CLASS_NONE) {
    q.lostCount++
    journal.settle(q.journal, q.locations[worst])
  }
  removeAt(q, worst)
}
