/**
 * Append-only records in a pair of flash pages: the newest whole one counts. Boot records and random seeds are kept so.
 *
 * A slot holds a record and, behind it, bytes outside its CRC that are cleared in place later (marks):
 *
 *      0        4          bodyBytes-4   bodyBytes     slotBytes
 *   +--------+-----------+-------------+-------------+
 *   | number | fields    | CRC-32      | marks       |
 *   +--------+-----------+-------------+-------------+
 *
 * Numbers count up by one, words are big-endian. A full page is followed by the other one, which is erased first; the
 * page before stays as it is, so at least one page of history is always there. A cut at any byte leaves the record
 * before it as the newest whole one.
 */

import type { Crypto, Flash } from '../hal'
import { BLANK, getWord, setWord } from './slots'

/** Attempts at a slot that does not read back as written. */
const WRITE_TRIES = 3
const CRC_BYTES = 4

/** What a record needs of the platform. */
export type Check = Pick<Crypto, 'crc32'>

export interface Ring {
  flash: Flash
  check: Check
  /** First of the two pages. */
  page: number
  slotBytes: number
  /** Record with number and CRC. */
  bodyBytes: number
  /** Number of the newest whole record, 0 when there is none, and its address, -1 then. */
  number: number
  address: number
  /** Where the next record goes; at the end of a page it goes to the other one. */
  next: number
}

/** Opens a pair of pages and finds the newest whole record. Sizes in bytes, multiples of 4; a page is whole slots. */
export function open(flash: Flash, check: Check, page: number, slotBytes: number, bodyBytes: number): Ring {
  // As if the second page were full: the first record of all goes to the first page, erased.
  const next = (page + 2) * flash.pageBytes
  const r: Ring = { flash, check, page, slotBytes, bodyBytes, number: 0, address: -1, next }
  const blankCrc = check.crc32(new Uint8Array(slotBytes).fill(BLANK))
  scan(r, page, blankCrc)
  scan(r, page + 1, blankCrc)
  return r
}

/** The newest whole record with its marks; undefined when there is none. */
export function newest(r: Ring): Uint8Array | undefined {
  return r.address < 0 ? undefined : r.flash.read(r.address, r.slotBytes)
}

/**
 * Writes a record and reads it back. body has bodyBytes; number and CRC are filled in here.
 * False when flash does not take it; the newest record is then the one before. Never throws.
 */
export function append(r: Ring, body: Uint8Array): boolean {
  setWord(body, 0, r.number + 1)
  setWord(body, r.bodyBytes - CRC_BYTES, r.check.crc32(body.subarray(0, r.bodyBytes - CRC_BYTES)) | 0)
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    if (r.next % r.flash.pageBytes === 0 && !turnPage(r)) return false
    const at = r.next
    r.next += r.slotBytes
    if (!write(r.flash, at, body) || !isWhole(r, r.flash.read(at, r.bodyBytes), r.number + 1)) continue
    r.number++
    r.address = at
    return true
  }
  return false
}

/** Clears bits in place. Address and length are multiples of 4. False when flash fails; never throws. */
export function write(flash: Flash, address: number, bytes: Uint8Array): boolean {
  try {
    flash.write(address, bytes)
    return true
  } catch (_) {
    return false
  }
}

/** Looks at a page up to its first blank slot. What stands behind a blank one is left from an erase that was cut. */
function scan(r: Ring, page: number, blankCrc: number): void {
  const end = (page + 1) * r.flash.pageBytes
  let isHere = false
  for (let at = page * r.flash.pageBytes; at < end; at += r.slotBytes) {
    const slot = r.flash.read(at, r.slotBytes)
    if (r.check.crc32(slot) === blankCrc) {
      if (isHere) r.next = at
      return
    }
    const number = getWord(slot, 0)
    if (number <= r.number || !isWhole(r, slot, number)) continue
    isHere = true
    r.number = number
    r.address = at
    r.next = end
  }
}

/** The two words are compared first: an erased word is -1. */
function isWhole(r: Ring, slot: Uint8Array, number: number): boolean {
  const crcAt = r.bodyBytes - CRC_BYTES
  return getWord(slot, 0) === number && getWord(slot, crcAt) === (r.check.crc32(slot.subarray(0, crcAt)) | 0)
}

/** Erases the page that does not hold the newest record, also when it looks blank: an erase may have been cut. */
function turnPage(r: Ring): boolean {
  const newestPage = r.address < 0 ? r.page + 1 : (r.address / r.flash.pageBytes) | 0
  const page = newestPage === r.page ? r.page + 1 : r.page
  try {
    r.flash.erase(page)
  } catch (_) {
    return false
  }
  r.next = page * r.flash.pageBytes
  return true
}
