/**
 * The event log that user and installer read (section 13): what happened, newest first, never a duress (D-17). Two rings
 * of flash pages (log-pages.ts), so that zones that open and close while nobody is away do not push out alarms (E-1).
 *
 *   record  | seconds 32 (UTC, 0 unknown) | number 10 | partition 4 | qualifier 2 | code 10 | check 6 |
 *
 * A restart (305) stands in both rings, with its cause as the partition and the boot as the number: with the boot in the
 * page's header it tells the boot of each record. Page number and slot are its place in all that was ever logged (E-3).
 *
 * Turning pages takes an erase: records wait in RAM for maintain(), and a cut in between loses these. What happened how
 * often in a period is in RAM too: a restart begins to count anew.
 */

import * as event from '../event'
import type { Crypto, Flash } from '../hal'
import * as pages from './log-pages'
import { CHUNK_SLOTS, LAST_SLOT, SLOT_BYTES } from './log-pages'

/** Rings: alarms, troubles, openings, programming, resets; and the rest: bypasses, tests, zones, chimes. */
export const MANDATORY = 0
export const OTHERS = 1

// Codes that are no Contact ID.
/** Behind a record of qualifier AGAIN, as its number: how often that happened besides (E-4). */
export const REPEATS = 1000
/** A zone opened (NEW) or closed (RESTORE) while disarmed; a chime. */
export const ZONE = 1001
export const CHIME = 1002
/** The log was read out, and what comes of its filling from then on (E-5). */
export const READ_OUT = 621
export const HALF_FULL = 622
export const NEARLY_FULL = 623
/** Codes 620-623 have this in byte 6 of a record, and code 620 is none. */
const READ_OUT_BYTE = READ_OUT >> 2
/** Contact ID qualifier 6; in two bits it is 2. */
export const AGAIN = 6

/** Events of one kind that are logged in a period; the rest is counted (E-4), up to what a number holds. */
const LOGGED_LIMIT = 3
const NUMBER_MASK = 1023
/** Kinds that are counted at once. Of more than these, every event is logged. */
const KINDS_LIMIT = 32
/** 50 and 90 % of the records that are there for certain. */
const HALF = 256
const NEARLY = 461
/** Records that wait for a page, a ring's number and 8 bytes each. */
const PARKED_LIMIT = 8
const PARKED_BYTES = 1 + SLOT_BYTES
/** An erased byte. */
const BLANK = 255

export interface EventLog {
  pages: pages.Pages
  parked: Uint8Array
  parkedCount: number
  /** Kinds of events of the period, 0 for a free place, and how often each happened. */
  kinds: Uint32Array
  counts: Uint16Array
  /** Mandatory records since the log was read out, and what was told of it: 0, HALF_FULL or NEARLY_FULL. */
  sinceCount: number
  told: number
  /** Records that flash did not take. */
  lostCount: number
}

/** A record as at() gives it. Code NONE: a slot that was cut or spoilt. */
export interface Entry {
  code: number
  qualifier: number
  partition: number
  number: number
  /** UTC, 0 when nobody knew; a 32-bit word, so negative from 2038 on. */
  utcSeconds: number
}

/** Opens the log. secret: the device secret; boot: this start's number (counters.ts). Writes nothing. */
export function create(flash: Flash, crypto: Crypto, secret: Uint8Array, boot: number): EventLog {
  const log: EventLog = {
    pages: pages.open(flash, crypto, secret, boot),
    parked: new Uint8Array(PARKED_LIMIT * PARKED_BYTES),
    parkedCount: 0,
    kinds: new Uint32Array(KINDS_LIMIT),
    counts: new Uint16Array(KINDS_LIMIT),
    sinceCount: 0,
    told: 0,
    lostCount: 0,
  }
  recall(log)
  return log
}

/**
 * Logs an event. Duress and hold-up are not taken (D-17, E-6). Of what happened more than three times in a period only the
 * count is logged, by period(). A restart's number is its cause. At most one flash write, two for a restart; never throws.
 */
export function append(
  log: EventLog,
  code: number,
  qualifier: number,
  partition: number,
  number: number,
  utcSeconds: number,
): void {
  if (code === event.NONE || event.groupOf(code) === event.HOLD_UP) return
  if (code === event.SYSTEM_RESET) {
    write(log, MANDATORY, code, qualifier, number, log.pages.boot, utcSeconds)
    write(log, OTHERS, code, qualifier, number, log.pages.boot, utcSeconds)
    return
  }
  const kind = (code << 16) | ((qualifier & 3) << 14) | (partition << 10) | number
  let index = log.kinds.indexOf(kind)
  if (index < 0) {
    index = log.kinds.indexOf(0)
    if (index >= 0) log.kinds[index] = kind
  }
  if (index >= 0) {
    const times = log.counts[index] + 1
    if (times <= LOGGED_LIMIT + NUMBER_MASK) log.counts[index] = times
    if (times > LOGGED_LIMIT) return
  }
  write(log, ringOf(code), code, qualifier, partition, number, utcSeconds)
}

/**
 * A period of a partition ends: it is armed or disarmed. Logs how often more the events of that partition and of the whole
 * system (partition 0) happened than they were logged. Call it in front of the arming or disarming itself.
 */
export function period(log: EventLog, partition: number, utcSeconds: number): void {
  for (let index = 0; index < KINDS_LIMIT; index++) {
    const kind = log.kinds[index]
    const area = (kind >> 10) & 15
    if (kind === 0 || (area !== partition && area !== 0)) continue
    const more = log.counts[index] - LOGGED_LIMIT
    log.kinds[index] = 0
    log.counts[index] = 0
    // How often it was restored says nothing more.
    if (more <= 0 || ((kind >> 14) & 3) === event.RESTORE) continue
    const ring = ringOf(kind >> 16)
    write(log, ring, kind >> 16, AGAIN, area, kind & NUMBER_MASK, utcSeconds)
    write(log, ring, REPEATS, AGAIN, area, more, utcSeconds)
  }
}

/** HALF_FULL or NEARLY_FULL when that is to be told now, 0 else (E-5): report it and append() it. READ_OUT begins anew. */
export function due(log: EventLog): number {
  if (log.sinceCount >= NEARLY) return log.told < NEARLY_FULL ? NEARLY_FULL : 0
  return log.sinceCount >= HALF && log.told < HALF_FULL ? HALF_FULL : 0
}

/**
 * One step of writing what waits for a page (parkedCount): some of the page's turn, or at last the records. True while there is
 * more to do. May take an erase, so never while a code waits (D-32). Never throws.
 */
export function maintain(log: EventLog): boolean {
  const p = log.pages
  let failed = -1
  for (let index = 0; index < log.parkedCount; index++) {
    const ring = log.parked[index * PARKED_BYTES]
    if (p.slots[ring] <= LAST_SLOT || ring === failed) continue
    const turned = pages.turn(p, ring)
    if (turned === pages.MORE) return true
    if (turned === pages.FAILED) failed = ring
  }
  for (let index = 0; index < log.parkedCount; index++) {
    const bytes = log.parked.subarray(index * PARKED_BYTES + 1, (index + 1) * PARKED_BYTES)
    if (!pages.put(p, log.parked[index * PARKED_BYTES], new Uint8Array(bytes))) log.lostCount++
  }
  log.parkedCount = 0
  return false
}

/**
 * One record of a ring, back from its newest one (0); undefined beyond its oldest.
 * Code NONE is a slot that was cut or spoilt: the reader goes on to the next.
 */
export function at(log: EventLog, ring: number, back: number): Entry | undefined {
  const p = log.pages
  let slot = p.slots[ring] - 1 - back
  let page = p.pages[ring]
  if (slot <= 0 && p.older[ring] === 1) {
    slot += LAST_SLOT
    page ^= 1
  }
  if (slot <= 0 || p.numbers[ring] === 0) return undefined
  const bytes = pages.read(p, page, slot, 1)
  const code = pages.seal(p, bytes) ? (bytes[6] << 2) | (bytes[7] >> 6) : event.NONE
  const isRestart = code === event.SYSTEM_RESET
  const area = (bytes[5] >> 2) & 15
  return {
    code,
    qualifier: (bytes[5] & 3) === 2 ? AGAIN : bytes[5] & 3,
    partition: isRestart ? 0 : area,
    number: isRestart ? area : (bytes[4] << 2) | (bytes[5] >> 6),
    utcSeconds: (bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3],
  }
}

/** Zones, chimes, bypasses and tests are not mandatory. */
function ringOf(code: number): number {
  return code >= REPEATS || (code >= 500 && code < 620) ? OTHERS : MANDATORY
}

function write(
  log: EventLog,
  ring: number,
  code: number,
  qualifier: number,
  partition: number,
  number: number,
  utcSeconds: number,
): void {
  const bytes = new Uint8Array(SLOT_BYTES)
  bytes[0] = utcSeconds >> 24
  bytes[1] = utcSeconds >> 16
  bytes[2] = utcSeconds >> 8
  bytes[3] = utcSeconds
  bytes[4] = (number >> 2) & 255
  bytes[5] = ((number & 3) << 6) | ((partition & 15) << 2) | (qualifier & 3)
  bytes[6] = code >> 2
  bytes[7] = (code & 3) << 6
  pages.seal(log.pages, bytes)
  if (ring === MANDATORY) fill(log, code)
  if (log.pages.slots[ring] <= LAST_SLOT) {
    if (!pages.put(log.pages, ring, bytes)) log.lostCount++
  } else if (log.parkedCount < PARKED_LIMIT) {
    log.parked[log.parkedCount * PARKED_BYTES] = ring
    log.parked.set(bytes, log.parkedCount * PARKED_BYTES + 1)
    log.parkedCount++
  } else log.lostCount++
}

/** What a mandatory record says of how full the log is. */
function fill(log: EventLog, code: number): void {
  log.sinceCount++
  if (code === READ_OUT) {
    log.sinceCount = 0
    log.told = 0
  } else if (code === HALF_FULL || code === NEARLY_FULL) log.told = code
}

/** Counts the mandatory records since the log was read out, newest first; a native looks for the codes among a thousand. */
function recall(log: EventLog): void {
  const p = log.pages
  if (p.numbers[MANDATORY] === 0) return
  for (let step = 0; step <= p.older[MANDATORY]; step++) {
    let end = step === 0 ? p.slots[MANDATORY] : LAST_SLOT + 1
    for (let base = (end - 1) & -CHUNK_SLOTS; base >= 0; base -= CHUNK_SLOTS) {
      const bytes = pages.read(p, p.pages[MANDATORY] ^ step, base, CHUNK_SLOTS)
      // Slot 0 is the header.
      let first = base > 0 ? base : 1
      let told = 0
      let isReadOut = false
      for (let at = bytes.indexOf(READ_OUT_BYTE); at >= 0; at = bytes.indexOf(READ_OUT_BYTE, at + 1)) {
        const slot = base + (at >> 3)
        // 0xFF ends a record that was cut.
        if ((at & 7) !== 6 || bytes[at + 1] === BLANK || slot === 0) continue
        told = (READ_OUT_BYTE << 2) | (bytes[at + 1] >> 6)
        if (told !== READ_OUT) continue
        isReadOut = true
        first = slot + 1
        told = 0
      }
      if (told > log.told) log.told = told
      log.sinceCount += end - first
      if (isReadOut) return
      end = base
    }
  }
}
