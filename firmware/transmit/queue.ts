/**
 * Events that are owed, by priority. The events themselves are in the journal; here is only where each one stands, in
 * typed arrays, oldest first. An event that two destinations get has two places, each with its own kiss-off.
 *
 * A class 0 event goes out on every path at once (D-13): it has a bit for each lane that has not sent it yet. After its
 * first kiss-off it is settled, and stays only until the other lane has sent its copy or cannot. A path test is for one
 * lane only, the one whose number it carries.
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
/** Most destinations; more would need more bits in a handle. */
export const DESTINATIONS = 2
/** In a handle: the destination, above the journal's location. */
const DESTINATION_BIT = 15
const LOCATION = 0x7fff
/** The arrays have room for a code's record and a zone's, so that a commit never has to look before it adds. */
const ROOM = LIMIT + 4 * DESTINATIONS

/** When the queue overflows decoys are given up first. */
const CLASS_DECOY = 14

/** Bits of `flags`. Lanes are 0 (primary) and 1 (alternative). */
const DUE_LANE = 1 // << lane: the lane has still to send it; class 0 and path tests only
const REFUSED_LANE = 4 // << lane: the receiver refused it there (DUH, repeated NAK)
const SETTLED = 16
const BOUND = 32 // only where DUE_LANE says
const DECOY = 128 // its destination gets a decoy
const HELD = 64 // waits for the end of an abort window; a restart forgets that, and the event goes
const BOTH_DUE = 3

export interface Queue {
  journal: journal.Journal
  count: number
  /** Handle of each event: its journal location, and from bit 15 on the destination. */
  handles: Uint16Array
  /** Priority class of each event (event.ts). */
  classes: Uint8Array
  flags: Uint8Array
  /** What each event is about (event.subject). */
  subjects: Int32Array
  /** Lanes of each destination, a bit each. */
  lanes: Uint8Array
  /** Handle of the event that each lane has in flight, or NOWHERE. It follows when the journal moves the record. */
  flying: Uint16Array
  /** Events that were given up because queue, journal or the places in RAM were full. */
  lostCount: number
  /** Events of the classes that are never dropped that wait in the journal only. */
  spilledCount: number
}

/**
 * Opens the journal and takes up all that is owed. takers: who gets what (event.ts). lanes: for each destination its
 * lanes, a bit each.
 */
export function create(flash: Flash, crypto: Crypto, takers: Uint8Array, lanes: Uint8Array): Queue {
  const q: Queue = {
    journal: journal.create(flash, crypto, takers),
    count: 0,
    handles: new Uint16Array(ROOM),
    classes: new Uint8Array(ROOM),
    flags: new Uint8Array(ROOM),
    subjects: new Int32Array(ROOM),
    lanes,
    flying: new Uint16Array(2).fill(NOWHERE),
    lostCount: 0,
    spilledCount: 0,
  }
  journal.scan(q.journal, (location, destinations, isCopy) => restore(q, location, destinations, isCopy))
  return q
}

/** Journal location and destination of a handle. */
export function locationOf(handle: number): number {
  return handle & LOCATION
}
export function destinationOf(handle: number): number {
  return handle >> DESTINATION_BIT
}

/**
 * Adds an event for these destinations (a bit each) with its class and subject. decoyed: who gets a decoy, a bit each. Takes
 * the same steps for any event, NONE included (D-36); tidy() removes what is none. The caller tidies after each record, so
 * there is always room.
 */
export function push(
  q: Queue,
  location: number,
  destinations: number,
  priority: number,
  subject: number,
  decoyed: number,
): void {
  // In RAM, which is used when flash fails, a record takes the place of an older one.
  if (location >= journal.RAM_LOCATION && (location & 1) === 0) forget(q, location)
  const lanes = q.lanes
  let at = q.count
  for (let destination = 0; destination < lanes.length; destination++) {
    const isFor = (destinations >> destination) & 1
    q.handles[at] = location | (destination << DESTINATION_BIT)
    q.classes[at] = event.CLASS_NONE + (priority - event.CLASS_NONE) * isFor
    q.flags[at] = lanes[destination] | (((decoyed >> destination) & 1) * DECOY)
    q.subjects[at++] = subject
  }
  q.count = at
}

/** Adds the event that was just committed, whatever it is, and makes room. Not for the commit path: it asks for codes. */
export function add(q: Queue, location: number): void {
  const bytes = journal.read(q.journal, location)
  const code = journal.codeOf(bytes)
  place(q, location, event.takersOf(q.journal.takers, event.groupOf(code), journal.decoyOf(bytes)), bytes)
  tidy(q)
}

/** Adds an event found in the journal. isLate: others may be younger, or it may be there already (see insert). */
function restore(q: Queue, location: number, destinations: number, isLate: boolean): void {
  const bytes = journal.read(q.journal, location)
  for (let destination = 0; destination < q.lanes.length; destination++) {
    const bit = destinations & (1 << destination)
    if (bit === 0) continue
    if (isLate) insert(q, location, bit, bytes)
    else place(q, location, bit, bytes)
  }
  tidy(q)
}

function place(q: Queue, location: number, destinations: number, bytes: Uint8Array): void {
  const code = journal.codeOf(bytes)
  const number = journal.numberOf(bytes)
  const first = q.count
  push(
    q,
    location,
    destinations,
    event.priorityClass(code, journal.qualifierOf(bytes)),
    event.subject(code, journal.partitionOf(bytes), number),
    q.journal.takers[event.DECOYED + journal.decoyOf(bytes)],
  )
  if (code !== event.PERIODIC_TEST) return
  for (let index = first; index < q.count; index++) {
    q.flags[index] = BOUND | (q.flags[index] & number)
    // Not to a destination that the lane does not lead to.
    if ((q.flags[index] & BOTH_DUE) !== 0 || q.classes[index] === event.CLASS_NONE) continue
    settle(q, q.handles[index])
    q.classes[index] = event.CLASS_NONE
  }
}

/** Keeps an event back until release() or drop() for its partition. */
export function hold(q: Queue, location: number): void {
  for (let index = 0; index < q.count; index++) {
    if ((q.handles[index] & LOCATION) === location) q.flags[index] |= HELD
  }
}

/** Lets the held events of a partition (its number in reports) go. */
export function release(q: Queue, partition: number): void {
  for (let index = 0; index < q.count; index++) {
    if ((q.subjects[index] & 127) === partition) q.flags[index] &= ~HELD
  }
}

/** Locations of a partition's held events, oldest first. */
export function held(q: Queue, partition: number): number[] {
  const locations: number[] = []
  for (let index = 0; index < q.count; index++) {
    const location = q.handles[index] & LOCATION
    if ((q.subjects[index] & 127) !== partition || (q.flags[index] & HELD) === 0) continue
    if (locations.indexOf(location) < 0) locations.push(location)
  }
  return locations
}

/** The held events of a partition are not to be sent. The caller tidies later. */
export function drop(q: Queue, partition: number): void {
  for (let index = 0; index < q.count; index++) {
    if ((q.subjects[index] & 127) !== partition || (q.flags[index] & HELD) === 0) continue
    settle(q, q.handles[index])
    q.flags[index] = SETTLED // the decoy in its place does not have to follow it
    q.classes[index] = event.CLASS_NONE
  }
}

/** Fetches what was left in the journal, once half of the queue is free again. */
export function refill(q: Queue): void {
  if (q.spilledCount === 0 || q.count > LIMIT / 2) return
  q.spilledCount = 0
  journal.rescan(q.journal, (location, destinations) => {
    for (let destination = 0; destination < q.lanes.length; destination++) {
      const isIn = indexOf(q, location | (destination << DESTINATION_BIT)) >= 0
      if (!isIn) restore(q, location, destinations & (1 << destination), true)
    }
  })
}

/** Removes places without an event, and makes room when the queue is full. */
export function tidy(q: Queue): void {
  removeNone(q)
  while (q.count > LIMIT) giveUpOne(q)
}

function removeNone(q: Queue): void {
  for (let index = q.count - 1; index >= 0; index--) {
    if (q.classes[index] === event.CLASS_NONE) removeAt(q, index)
  }
}

/**
 * The event that a lane should send next, NOWHERE when there is none: lowest class first, oldest first within a class,
 * and before it whatever it must not overtake (reporting.md §2.1). It counts as in flight on this lane from now on.
 * takes: destinations, a bit each, whose ordinary events are this lane's; of the others it gets class 0, path tests and
 * what the other lane's receiver refused. serves: destinations that the lane can send to at all now.
 * Only class 0 may be in flight twice; and nothing overtakes an event of its own or a better class that the other lane
 * has in flight to the same destination, which may fail there.
 */
export function pick(q: Queue, lane: number, takes: number, serves: number): number {
  let best = -1
  let bestClass = event.CLASS_NONE
  for (let index = 0; index < q.count; index++) {
    const priority = q.classes[index]
    if (priority >= bestClass || !isFor(q, index, lane, takes, serves)) continue
    const first = priority === 0 ? index : firstOf(q, index, lane, takes, serves)
    if (first < 0) continue
    best = first
    bestClass = priority
  }
  q.flying[lane] = best < 0 ? NOWHERE : q.handles[best]
  return q.flying[lane]
}

/** True when the lane may send this event now. */
function isFor(q: Queue, index: number, lane: number, takes: number, serves: number): boolean {
  const flags = q.flags[index]
  const destination = q.handles[index] >> DESTINATION_BIT
  if (((serves >> destination) & 1) === 0 || (flags & (HELD | (REFUSED_LANE << lane))) !== 0) return false
  const priority = q.classes[index]
  if (priority === 0 || (flags & BOUND) !== 0) {
    if ((flags & (DUE_LANE << lane)) === 0) return false
    if (priority === 0) return true
  } else if (((takes >> destination) & 1) === 0 && (flags & (REFUSED_LANE << (1 - lane))) === 0) return false
  const busy = q.flying[1 - lane]
  if (busy === NOWHERE || busy >> DESTINATION_BIT !== destination) return true
  const busyClass = classOf(q, busy)
  return busyClass === 0 || priority < busyClass
}

/**
 * The oldest of the events that the one at index must follow, itself when there is none; -1 when what it must follow
 * cannot go now.
 */
function firstOf(q: Queue, index: number, lane: number, takes: number, serves: number): number {
  const destination = q.handles[index] >> DESTINATION_BIT
  for (let other = 0; other < index; other++) {
    if (q.handles[other] >> DESTINATION_BIT !== destination || (q.flags[other] & SETTLED) !== 0) continue
    if (!event.mustFollow(q.subjects[index], q.subjects[other])) continue
    return isFor(q, other, lane, takes, serves) ? other : -1
  }
  return index
}

/** The receiver kissed the event off on this lane. otherCanSend: the other lane is able to send its copy. */
export function kissedOff(q: Queue, handle: number, lane: number, otherCanSend: boolean): void {
  const index = indexOf(q, handle)
  if (index < 0) return
  if ((q.flags[index] & SETTLED) === 0) settle(q, handle)
  q.flags[index] = (q.flags[index] | SETTLED) & ~(DUE_LANE << lane)
  if (q.classes[index] !== 0 || !otherCanSend || (q.flags[index] & BOTH_DUE) === 0) removeAt(q, index)
}

/** A lane could not deliver. A class 0 event that is settled already is not tried again there. */
export function failed(q: Queue, handle: number): void {
  const index = indexOf(q, handle)
  if (index >= 0 && (q.flags[index] & SETTLED) !== 0) removeAt(q, index)
}

/** The receiver refused the event on this lane: it waits, so that others can go. */
export function refused(q: Queue, handle: number, lane: number): void {
  failed(q, handle)
  const index = indexOf(q, handle)
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
  for (let index = 0; index < q.count; index++) q.handles[index] = follow(q.handles[index], from, to)
  for (let lane = 0; lane < 2; lane++) q.flying[lane] = follow(q.flying[lane], from, to)
}

function follow(handle: number, from: number, to: number): number {
  return (handle & LOCATION) >> 1 === from >> 1 ? (handle & ~LOCATION) | (to + (handle & 1)) : handle
}

/** Priority class of an event that is in the queue; CLASS_NONE when it is not. */
export function classOf(q: Queue, handle: number): number {
  const index = indexOf(q, handle)
  return index < 0 ? event.CLASS_NONE : q.classes[index]
}

/** Gives up droppable events that happened before that time (UTC seconds) and are not in flight. */
export function expire(q: Queue, beforeSeconds: number): void {
  for (let index = q.count - 1; index >= 0; index--) {
    const handle = q.handles[index]
    if (q.classes[index] < event.CLASS_DROPPABLE || handle === q.flying[0] || handle === q.flying[1]) continue
    const seconds = journal.secondsOf(journal.read(q.journal, handle & LOCATION))
    if (seconds === 0 || seconds >= beforeSeconds) continue
    q.lostCount++
    settle(q, handle)
    removeAt(q, index)
  }
}

/** True when an event with this code and number waits for that destination. */
export function isWaiting(q: Queue, destination: number, subject: number): boolean {
  for (let index = 0; index < q.count; index++) {
    if (q.subjects[index] === subject && q.handles[index] >> DESTINATION_BIT === destination) return true
  }
  return false
}

/** True when anything waits for that destination. */
export function isOwed(q: Queue, destination: number): boolean {
  for (let index = 0; index < q.count; index++) {
    if (q.handles[index] >> DESTINATION_BIT === destination && (q.flags[index] & (SETTLED | HELD)) === 0) return true
  }
  return false
}

/**
 * Where stands what is sent for an event that is in flight: in its own record; but a decoy in the place of a duress event
 * says a duress event that is still owed, so that the first frame that leaves is one, whatever waits in front of it (D-13).
 * Returns the location, or ~location for the partition of a decoy. The whole queue is looked at for any event, so that a
 * decoy is composed as fast as what it stands for.
 */
export function contentOf(q: Queue, handle: number): number {
  const at = indexOf(q, handle)
  const isDecoy = at >= 0 && (q.flags[at] & DECOY) !== 0
  const isUrgent = isDecoy && q.classes[at] === 0
  let content = isDecoy ? ~(handle & LOCATION) : handle & LOCATION
  for (let index = 0; index < q.count; index++) {
    if ((q.flags[index] & (DECOY | SETTLED)) !== 0 || event.codeIn(q.subjects[index]) !== event.DURESS) continue
    if ((q.handles[index] ^ handle) >> DESTINATION_BIT !== 0) continue
    if (isUrgent) content = q.handles[index] & LOCATION
  }
  return content
}

/** True for an event in the place of one that is a decoy to its destination. */
export function isDecoy(q: Queue, index: number): boolean {
  return (q.flags[index] & DECOY) !== 0
}

/** True for an event that waits for the end of an abort window. */
export function isHeld(q: Queue, index: number): boolean {
  return (q.flags[index] & HELD) !== 0
}

/** True when that destination has a class 0 event that the lane has still to send. */
export function hasUrgent(q: Queue, lane: number, destination: number): boolean {
  for (let index = 0; index < q.count; index++) {
    if (q.classes[index] !== 0 || q.handles[index] >> DESTINATION_BIT !== destination) continue
    if ((q.flags[index] & ((DUE_LANE | REFUSED_LANE) << lane)) === DUE_LANE << lane) return true
  }
  return false
}

function indexOf(q: Queue, handle: number): number {
  for (let index = 0; index < q.count; index++) if (q.handles[index] === handle) return index
  return -1
}

function settle(q: Queue, handle: number): void {
  journal.settle(q.journal, handle & LOCATION, 1 << (handle >> DESTINATION_BIT))
}

function removeAt(q: Queue, index: number): void {
  q.handles.set(q.handles.subarray(index + 1), index)
  q.classes.set(q.classes.subarray(index + 1), index)
  q.flags.set(q.flags.subarray(index + 1), index)
  q.subjects.set(q.subjects.subarray(index + 1), index)
  q.count--
}

/**
 * Puts an event where its sequence number belongs. When a power cut fell between copying a record and settling the
 * original, both are there: then the one found later is settled, so that the event is sent once.
 */
function insert(q: Queue, location: number, bit: number, bytes: Uint8Array): void {
  const handle = location | ((bit >> 1) << DESTINATION_BIT)
  let at = q.count
  for (let index = q.count - 1; index >= 0; index--) {
    if (q.handles[index] >> DESTINATION_BIT !== handle >> DESTINATION_BIT) continue
    const other = journal.read(q.journal, q.handles[index] & LOCATION)
    if (isSame(bytes, other)) {
      settle(q, handle)
      return
    }
    const ahead = (journal.sequenceOf(other) - journal.sequenceOf(bytes) + SEQUENCES) % SEQUENCES
    if (ahead >= HALF_OF_SEQUENCES) break
    at = index
  }
  place(q, location, bit, bytes)
  removeNone(q)
  rotate(q.handles, at, q.count)
  rotate(q.classes, at, q.count)
  rotate(q.flags, at, q.count)
  rotate(q.subjects, at, q.count)
}

/** Moves the last of `count` entries to `at`, the ones behind it one up. */
function rotate(list: Uint8Array | Uint16Array | Int32Array, at: number, count: number): void {
  const last = list[count - 1]
  for (let index = count - 1; index > at; index--) list[index] = list[index - 1]
  list[at] = last
}

/** Code, partition, number, sequence number and time are those of the other: it is the same event. */
function isSame(bytes: Uint8Array, other: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index] !== other[index]) return false
  return true
}

/** A place in RAM was overwritten: what it held is lost. */
function forget(q: Queue, location: number): void {
  for (let index = q.count - 1; index >= 0; index--) {
    if ((q.handles[index] & LOCATION) >> 1 !== location >> 1) continue
    if ((q.flags[index] & SETTLED) === 0) q.lostCount++
    removeAt(q, index)
  }
  for (let lane = 0; lane < 2; lane++) if ((q.flying[lane] & LOCATION) >> 1 === location >> 1) q.flying[lane] = NOWHERE
}

/**
 * Takes one event out of the lowest class that is there. Droppable ones are lost, oldest first; others only leave the
 * queue, newest first, and come back from the journal when there is room again. What is in flight or in RAM stays.
 */
function giveUpOne(q: Queue): void {
  let worst = 0
  let worstClass = -1
  for (let index = 0; index < q.count; index++) {
    const handle = q.handles[index]
    if (handle === q.flying[0] || handle === q.flying[1] || (handle & LOCATION) >= journal.RAM_LOCATION) continue
    const isSettled = (q.flags[index] & SETTLED) !== 0
    const isDecoy = (q.flags[index] & DECOY) !== 0
    const priority = isSettled ? event.CLASS_NONE : isDecoy ? CLASS_DECOY : q.classes[index]
    if (priority < worstClass || (priority === worstClass && priority >= event.CLASS_DROPPABLE)) continue
    worst = index
    worstClass = priority
  }
  if (worstClass < event.CLASS_DROPPABLE && q.spilledCount < SPILL_LIMIT) q.spilledCount++
  else if (worstClass !== event.CLASS_NONE) {
    q.lostCount++
    settle(q, q.handles[worst])
  }
  removeAt(q, worst)
}
