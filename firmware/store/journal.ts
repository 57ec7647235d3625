/**
 * The journal: what the panel has promised, in an append-only ring of flash pages. After a power cut at any byte, every
 * record whose write had ended is still there, and a record that was cut is not (its CRC fails).
 *
 * A page is 128 slots of 32 bytes. Slot 0 is the page's header, the others are records of one size, so that an ordinary
 * and a duress disarm write the same bytes in number (D-33):
 *
 *      0      1       2          4         8         12        16      24      28      29      30
 *   +------+-------+----------+---------+---------+---------+-------+-------+-------+-------+------+
 *   | type | wrong | sequence | seconds | event A | event B | state | CRC32 | A out | B out | free |
 *   +------+-------+----------+---------+---------+---------+-------+-------+-------+-------+------+
 *   event: who gets a decoy (bits 15-14, event.ts), qualifier (13-12), number's upper bits (11-10), code (9-0); partition,
 *          number's lower byte; big-endian.
 *          Code 0: no event. Both happened at the same time, in seconds since 1970 UTC. The sequence number is that of B;
 *          A has the one before it, or this one when there is no B.
 *   state: eight bytes that mean nothing here, a partition's each; what the last record says counts.
 *   header: type, wrong, sequence, page number (4), ..., state, CRC32
 *   kept:   type, kind, 22 bytes, CRC32: what is longer than the state and changes seldom, of four kinds
 *
 * Events A and B share one CRC, so 121 and its opening are kept both or not at all (D-12). "Out" bytes lie outside the
 * CRC and have a bit for each destination, cleared in place when that one kissed the event off; NOR flash allows that
 * without an erase. Which destinations an event is for is not kept: the settings say it, by group of events.
 *
 * Pages are used in turn. Long before the current page is full, maintain() copies what is still owed, and the newest of
 * each kind, out of the oldest page and erases it, never while a code is being handled (D-32). That fits as long as no
 * more than OWED_LIMIT events are owed, which the queue sees to.
 * When flash fails, records go to four places in RAM: the panel goes on and the events are still sent, but a power cut
 * then loses them. A page that can no longer be erased stops the ring for good; no other page takes its place.
 */

import * as event from '../event'
import type { Crypto, Flash } from '../hal'
import * as slots from './slots'
import { BLANK, BODY_BYTES, CRC_AT, SLOT_BYTES } from './slots'

const SEQUENCE_AT = 2
const SECONDS_AT = 4
/** In a header, in place of the seconds. */
const PAGE_NUMBER_AT = 4
const EVENT_A_AT = 8
const EVENT_BYTES = 4
const STATE_AT = 16
/** What read() gives: event, sequence number, seconds. */
const READ_BYTES = 10

// Four bits apart from each other and from those of the layout before (0x5a, 0x3c, 0xc3), which is foreign now.
const TYPE_RECORD = 0x96
/** A record copied out of an old page: its events count, its state is history. */
const TYPE_COPY = 0x69
const TYPE_HEADER = 0xa5
const TYPE_KEPT = 0x0f

/** Kinds of what keep() keeps, and the length of each. */
export const KINDS = 4
export const KEPT_BYTES = 22
const KEPT_AT = 2

/** Pages in the ring: one in use, one erased ahead, two that still hold what was promised earlier. */
const PAGES = 4
/**
 * Most events that may be owed at once. All of them may have to be copied into one page, and KINDS slots besides. It has
 * 96 left from PREPARE_AT_SLOT on; 12 are for what happens meanwhile.
 */
export const OWED_LIMIT = 80
/** From this slot on maintain() prepares the next page. */
const PREPARE_AT_SLOT = 32
/** Slots that one call of maintain() looks at. */
const SLOTS_A_CALL = 16
/** maintain() changes pages here, so that a commit hardly ever has to. */
const CHANGE_AT_SLOT = 120
/** Attempts at a slot that does not read back as written. */
const WRITE_TRIES = 3
const MAX_SEQUENCE = 9999
/** What a place in RAM with a mere decoy is worth: hardly more than a free one. */
const CLASS_DECOY = 14
/** All destinations. */
const ALL = 255

/** Locations from here on are in RAM. A location is page and slot, times two, plus 1 for event B; 15 bits. */
export const RAM_LOCATION = 0x7ff0
const RAM_RECORDS = 4

export interface Journal extends slots.Slots {
  /** Who gets what (event.ts). */
  takers: Uint8Array
  /** Page in use, and the next free slot in it. */
  page: number
  slot: number
  /** Number of the page in use; each new page counts on. */
  pageNumber: number
  /** Last event sequence number given out (1-9999, 0 before the first). */
  sequence: number
  /** The record being put together; afterwards the last one written. */
  draft: Uint8Array
  /** The last record's 24 bytes: headers repeat its wrong count, sequence and state. */
  last: Uint8Array
  /** What keep() kept, kind by kind, and the slot of each, 0 for never. */
  kept: Uint8Array
  keptAt: Uint16Array
  /** Records that flash would not take, and the place from which the next one is sought. */
  ram: Uint8Array
  ramNext: number
  /** Where maintain() stands in the oldest page; 0 when the next page is erased. */
  cleanSlot: number
  /** Records found torn at boot. */
  tornCount: number
}

/** Told of an event that is still owed: where it is, to which destinations, and whether it is a copy of an older record. */
export type OnOwed = (location: number, destinations: number, isCopy: boolean) => void

/**
 * Opens the journal; scan() then tells what is owed.
 * A blank or foreign region becomes an empty journal. Bad flash never throws: see failCount.
 */
export function create(flash: Flash, crypto: Crypto, takers: Uint8Array): Journal {
  const j: Journal = {
    flash,
    crypto,
    takers,
    page: -1,
    slot: 1,
    pageNumber: 0,
    sequence: 0,
    draft: new Uint8Array(SLOT_BYTES),
    last: new Uint8Array(CRC_AT),
    kept: new Uint8Array(KINDS * KEPT_BYTES),
    keptAt: new Uint16Array(KINDS),
    ram: new Uint8Array(RAM_RECORDS * SLOT_BYTES),
    ramNext: 0,
    cleanSlot: 1,
    tornCount: 0,
    failCount: 0,
    blankCrc: slots.blankCrc(crypto),
  }
  const newest = newestPage(j)
  begin(j, 0)
  j.page = newest < 0 ? 0 : newest
  j.slot = slots.perPage(j)
  if (newest < 0) {
    slots.eraseIfUsed(j, 0)
    changePage(j, 0)
  }
  return j
}

/**
 * Reads the whole journal and takes up state, sequence and the next free slot. onOwed is called for each event not yet
 * kissed off, oldest first.
 */
export function scan(j: Journal, onOwed: OnOwed): void {
  for (let step = 1; step <= PAGES; step++) readPage(j, (j.page + step) % PAGES, onOwed)
  remember(j)
}

/** Reads the whole journal again for what is owed. What is newer than flash, because flash failed, stays. */
export function rescan(j: Journal, onOwed: OnOwed): void {
  const draft = new Uint8Array(j.draft)
  const slot = j.slot
  const sequence = j.sequence
  const tornCount = j.tornCount
  for (let step = 1; step <= PAGES; step++) readPage(j, (j.page + step) % PAGES, onOwed)
  j.draft.set(draft, 0)
  j.slot = slot
  j.sequence = sequence
  j.tornCount = tornCount
}

/** State (8 bytes, to be changed in place between begin() and commit()) and wrong-code count as last committed. */
export function state(j: Journal): Uint8Array {
  return j.draft.subarray(STATE_AT, CRC_AT)
}
export function wrongCount(j: Journal): number {
  return j.draft[1]
}

/** True when nothing was ever committed or kept: a panel at its first start. */
export function isNew(j: Journal): boolean {
  const last = j.last
  const isBlank = (slots.getWord(last, STATE_AT) | slots.getWord(last, STATE_AT + 4)) === 0
  return j.pageNumber === 1 && j.slot === 1 && isBlank && j.sequence === 0
}

/**
 * Starts a record without events. utcSeconds: when it happens, 0 when nobody knows. State and wrong count stay as last
 * committed until set.
 */
export function begin(j: Journal, utcSeconds: number): void {
  j.draft[0] = TYPE_RECORD
  slots.setWord(j.draft, SECONDS_AT, utcSeconds)
  clear(j.draft, 0)
  clear(j.draft, 1)
}

/** Code 0: no event. */
function clear(record: Uint8Array, half: number): void {
  const at = EVENT_A_AT + half * EVENT_BYTES
  record[at] = 0
  record[at + 1] = 0
}

export function setWrong(j: Journal, wrong: number): void {
  j.draft[1] = wrong
}

/**
 * Puts an event into the record. half: 0 for A, 1 for B. counts: 1 gives it the next sequence number, 0 (for NONE) does
 * not; the steps are the same (D-30). qualifier: with who gets a decoy above it (event.DECOY_SHIFT).
 */
export function put(
  j: Journal,
  half: number,
  counts: number,
  code: number,
  qualifier: number,
  partition: number,
  number: number,
): void {
  const draft = j.draft
  const at = EVENT_A_AT + half * EVENT_BYTES
  j.sequence = ((j.sequence + counts - 1 + MAX_SEQUENCE) % MAX_SEQUENCE) + 1
  draft[at] = (qualifier << 4) | ((number >> 6) & 12) | (code >> 8)
  draft[at + 1] = code
  draft[at + 2] = partition
  draft[at + 3] = number
}

/**
 * Writes the record. Returns its location (of event A; add 1 for event B). When flash does not take it, the record is
 * kept in RAM and failCount grows; what stood in that place is given up then (queue.push).
 */
export function commit(j: Journal): number {
  setSequence(j.draft, j.sequence)
  const location = append(j)
  remember(j)
  return location >= 0 ? location : keepInRam(j)
}

/** An event's four bytes, its sequence number and time; fields by the functions below. */
export function read(j: Journal, location: number): Uint8Array {
  const bytes = new Uint8Array(READ_BYTES)
  let record: Uint8Array
  if (location >= RAM_LOCATION) {
    const from = ((location - RAM_LOCATION) >> 1) * SLOT_BYTES
    record = j.ram.subarray(from, from + SLOT_BYTES)
  } else record = slots.read(j, location >> 1)
  const half = location & 1
  const at = EVENT_A_AT + half * EVENT_BYTES
  const sequence = numberIn(record, half)
  bytes.set(record.subarray(at, at + EVENT_BYTES), 0)
  bytes[4] = sequence >> 8
  bytes[5] = sequence
  bytes.set(record.subarray(SECONDS_AT, EVENT_A_AT), 6)
  return bytes
}

export function codeOf(bytes: Uint8Array): number {
  return ((bytes[0] & 3) << 8) | bytes[1]
}
export function qualifierOf(bytes: Uint8Array): number {
  return (bytes[0] >> 4) & 3
}
/** Who gets a decoy (event.ts). */
export function decoyOf(bytes: Uint8Array): number {
  return bytes[0] >> 6
}
export function numberOf(bytes: Uint8Array): number {
  return ((bytes[0] & 12) << 6) | bytes[3]
}
export function partitionOf(bytes: Uint8Array): number {
  return bytes[2]
}
export function sequenceOf(bytes: Uint8Array): number {
  return (bytes[4] << 8) | bytes[5]
}
/** When it happened, UTC; 0 when nobody knew. */
export function secondsOf(bytes: Uint8Array): number {
  return slots.getWord(bytes, 6)
}

/**
 * Marks an event as kissed off by these destinations (a bit each). A cut in here means that it is sent once more, with its
 * old sequence number.
 */
export function settle(j: Journal, location: number, destinations: number): void {
  if (location >= RAM_LOCATION) {
    const place = (location - RAM_LOCATION) >> 1
    j.ram[place * SLOT_BYTES + BODY_BYTES + (location & 1)] &= ~destinations
    return
  }
  slots.clear(j, location >> 1, location & 1, destinations)
}

/** True when maintain() would do something; so often asked that it stands alone. */
export function hasWork(j: Journal): boolean {
  return j.slot >= (j.cleanSlot === 0 ? CHANGE_AT_SLOT : PREPARE_AT_SLOT)
}

/**
 * One step of preparing the next page: a few slots looked at and at most one record copied, or one erase, or one change
 * of page. Returns true while there is more to do.
 * onMoved(from, to): an event that is still owed lives at another location now.
 */
export function maintain(j: Journal, onMoved: (from: number, to: number) => void): boolean {
  if (!hasWork(j)) return false
  const oldest = (j.page + 1) % PAGES
  if (j.cleanSlot === 0) return changePage(j, oldest)
  const end = slots.perPage(j)
  for (let count = 0; count < SLOTS_A_CALL && j.cleanSlot < end; count++) {
    const to = copyIfOwed(j, oldest * end + j.cleanSlot, onMoved)
    if (to < 0) return false // no room in flash: the original stays what counts
    j.cleanSlot++
    if (to > 0) return true
  }
  if (j.cleanSlot < end) return true
  j.cleanSlot = 0
  slots.eraseIfUsed(j, oldest)
  return true
}

/**
 * Keeps 22 bytes of a kind, 0 to KINDS - 1, until the next ones: no write when they are what is kept. They stand alone:
 * state, wrong count and sequence are those of the records. False when flash did not take them; the ones before then
 * still are what counts, and another call tries again. Not between begin() and commit().
 */
export function keep(j: Journal, kind: number, bytes: Uint8Array): boolean {
  const old = kept(j, kind)
  let difference = 0
  for (let index = 0; index < KEPT_BYTES; index++) difference |= old[index] ^ bytes[index]
  return difference === 0 || writeKept(j, kind, bytes)
}

/** The newest bytes of a kind, to look at only; all zero when there never were any. */
export function kept(j: Journal, kind: number): Uint8Array {
  return j.kept.subarray(kind * KEPT_BYTES, (kind + 1) * KEPT_BYTES)
}

function writeKept(j: Journal, kind: number, bytes: Uint8Array): boolean {
  const body = new Uint8Array(j.draft.subarray(0, BODY_BYTES))
  j.draft[0] = TYPE_KEPT
  j.draft[1] = kind
  j.draft.set(bytes, KEPT_AT)
  const location = append(j)
  if (location >= 0) take(j, j.draft, location >> 1)
  j.draft.set(body, 0)
  return location >= 0
}

/** What a record of TYPE_KEPT holds is the newest of its kind from now on. */
function take(j: Journal, record: Uint8Array, slot: number): void {
  const kind = record[1]
  if (kind >= KINDS) return
  j.kept.set(record.subarray(KEPT_AT, CRC_AT), kind * KEPT_BYTES)
  j.keptAt[kind] = slot
}

/** Writes the draft into the next slot that takes it. Returns its location, -1 when none does. */
function append(j: Journal): number {
  slots.seal(j, j.draft)
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    if (j.slot >= slots.perPage(j) && !turnPage(j)) break
    const slot = j.page * slots.perPage(j) + j.slot
    if (slots.write(j, slot, j.draft)) {
      j.slot++
      return slot * 2
    }
    // A slot that stayed blank is tried again: at boot the first blank one ends its page.
    if (!slots.isBlank(j, slots.read(j, slot))) j.slot++
  }
  return -1
}

/** For a full page. After a restart nobody knows yet whether the next page is clean. */
function turnPage(j: Journal): boolean {
  const next = (j.page + 1) % PAGES
  return (j.cleanSlot === 0 || slots.isErased(j, next)) && changePage(j, next)
}

/** Puts the sealed draft into the place that holds the least: nothing owed, else the lowest class, the oldest of those. */
function keepInRam(j: Journal): number {
  let place = j.ramNext
  for (let step = 1; step < RAM_RECORDS; step++) {
    const other = (j.ramNext + step) % RAM_RECORDS
    if (ramClass(j, other) > ramClass(j, place)) place = other
  }
  j.ram.set(j.draft, place * SLOT_BYTES)
  j.ram.fill(BLANK, place * SLOT_BYTES + BODY_BYTES, (place + 1) * SLOT_BYTES)
  j.ramNext = (place + 1) % RAM_RECORDS
  return RAM_LOCATION + place * 2
}

/** Best priority class that is owed in a place in RAM. */
function ramClass(j: Journal, place: number): number {
  const record = j.ram.subarray(place * SLOT_BYTES, (place + 1) * SLOT_BYTES)
  let best = event.CLASS_NONE
  for (let half = 0; half < 2; half++) {
    if (owedTo(j, record, half) === 0) continue
    const bytes = record.subarray(EVENT_A_AT + half * EVENT_BYTES)
    const priority =
      decoyOf(bytes) === event.FOR_ALL ? CLASS_DECOY : event.priorityClass(codeOf(bytes), qualifierOf(bytes))
    best = Math.min(best, priority)
  }
  return best
}

/** Destinations that are for the event in half A or B of a record and have not kissed it off, a bit each; 0 none. */
function owedTo(j: Journal, record: Uint8Array, half: number): number {
  const code = codeIn(record, half)
  if (code === event.NONE) return 0
  const decoy = record[EVENT_A_AT + half * EVENT_BYTES] >> 6
  return record[BODY_BYTES + half] & event.takersOf(j.takers, event.groupOf(code), decoy)
}

function codeIn(record: Uint8Array, half: number): number {
  return codeOf(record.subarray(EVENT_A_AT + half * EVENT_BYTES))
}

/** Sequence number of the event in half A or B of a record. In front of 1 comes 9999. */
function numberIn(record: Uint8Array, half: number): number {
  const last = (record[SEQUENCE_AT] << 8) | record[SEQUENCE_AT + 1]
  if (half === 1 || codeIn(record, 1) === event.NONE) return last
  return last > 1 ? last - 1 : MAX_SEQUENCE
}

function setSequence(record: Uint8Array, sequence: number): void {
  record[SEQUENCE_AT] = sequence >> 8
  record[SEQUENCE_AT + 1] = sequence
}

/** Keeps what the draft says for the next header, which may be written before the next record is. */
function remember(j: Journal): void {
  j.last.set(j.draft.subarray(0, CRC_AT), 0)
}

/** The page with the highest number among those with a whole header, -1 when there is none. */
function newestPage(j: Journal): number {
  let newest = -1
  for (let page = 0; page < PAGES; page++) {
    const header = slots.read(j, page * slots.perPage(j))
    if (header[0] !== TYPE_HEADER || !slots.isWhole(j, header)) continue
    if (newest >= 0 && slots.getWord(header, PAGE_NUMBER_AT) <= j.pageNumber) continue
    newest = page
    j.pageNumber = slots.getWord(header, PAGE_NUMBER_AT)
  }
  return newest
}

/** Reads a page at boot, in order of age; the last one read leaves state and sequence as they were. */
function readPage(j: Journal, page: number, onOwed: OnOwed): void {
  const count = slots.perPage(j)
  const base = page * count
  j.slot = count
  const header = slots.read(j, base)
  if (header[0] !== TYPE_HEADER || !slots.isWhole(j, header)) return
  resume(j, header)
  for (let slot = 1; slot < count; slot++) {
    const record = slots.read(j, base + slot)
    if (slots.isBlank(j, record)) {
      j.slot = slot
      return
    }
    if (!slots.isWhole(j, record)) j.tornCount++
    else readRecord(j, record, (base + slot) * 2, onOwed)
  }
}

/** Wrong count, sequence and state are those of this record or header. */
function resume(j: Journal, record: Uint8Array): void {
  j.draft.set(record.subarray(1, SECONDS_AT), 1)
  j.draft.set(record.subarray(STATE_AT, CRC_AT), STATE_AT)
  j.sequence = numberIn(record, 1)
}

function readRecord(j: Journal, record: Uint8Array, location: number, onOwed: OnOwed): void {
  const type = record[0]
  if (type === TYPE_KEPT) take(j, record, location >> 1)
  if (type === TYPE_RECORD) resume(j, record)
  else if (type !== TYPE_COPY) return
  for (let half = 0; half < 2; half++) {
    const destinations = owedTo(j, record, half)
    if (destinations !== 0) onOwed(location + half, destinations, type === TYPE_COPY)
  }
}

/** Makes an erased page the one in use. When that fails, the page has to be cleaned again. */
function changePage(j: Journal, page: number): boolean {
  const draft = j.draft
  const body = new Uint8Array(draft.subarray(0, BODY_BYTES))
  draft.set(j.last, 0)
  draft[0] = TYPE_HEADER
  slots.setWord(draft, PAGE_NUMBER_AT, j.pageNumber + 1)
  draft.fill(BLANK, EVENT_A_AT, STATE_AT)
  slots.seal(j, j.draft)
  const isWritten = slots.write(j, page * slots.perPage(j), draft)
  draft.set(body, 0)
  j.cleanSlot = 1
  if (!isWritten) return false
  j.pageNumber++
  j.page = page
  j.slot = 1
  return true
}

/** Marks on a copy what the original was kissed off for already. */
function settleRest(j: Journal, to: number, record: Uint8Array, half: number): void {
  const done = ~record[BODY_BYTES + half] & ALL
  if (done !== 0) settle(j, to, done)
}

/**
 * Copies a record of the oldest page when one of its events is still owed, or it is the newest of its kind. Returns 1
 * then, 0 if not, -1 if it failed.
 */
function copyIfOwed(j: Journal, from: number, onMoved: (from: number, to: number) => void): number {
  const kind = j.keptAt.indexOf(from)
  if (kind >= 0) return j.slot < slots.perPage(j) && writeKept(j, kind, new Uint8Array(kept(j, kind))) ? 1 : -1
  const record = slots.read(j, from)
  if (slots.isBlank(j, record) || record[0] === TYPE_KEPT || !slots.isWhole(j, record)) return 0
  const owedA = owedTo(j, record, 0)
  const owedB = owedTo(j, record, 1)
  if (owedA + owedB === 0) return 0
  if (j.slot >= slots.perPage(j)) return -1
  const body = new Uint8Array(j.draft.subarray(0, BODY_BYTES))
  j.draft.set(record.subarray(0, CRC_AT), 0)
  j.draft[0] = TYPE_COPY
  if (owedA === 0) clear(j.draft, 0)
  if (owedB === 0) {
    setSequence(j.draft, numberIn(record, 0)) // without B it is A's
    clear(j.draft, 1)
  }
  const to = append(j)
  j.draft.set(body, 0)
  if (to < 0) return -1
  // First what the copy no longer owes, then the original: a cut between the two sends an event twice, never not at all.
  if (owedA !== 0) settleRest(j, to, record, 0)
  if (owedB !== 0) settleRest(j, to + 1, record, 1)
  settle(j, from * 2, ALL)
  settle(j, from * 2 + 1, ALL)
  onMoved(from * 2, to)
  return 1
}
