/**
 * The pages of the event log (event-log.ts): two rings of two flash pages, of 512 slots of 8 bytes each. Big-endian, bits as
 * counted:
 *
 *   header  | page number 16           | anchor 32                                    | boot 10 | check 6 |
 *   record  | 58 bits                                                                           | check 6 |
 *
 *   boot: number of the start in which the page was begun (counters.ts), its lower bits
 *   anchor: first four bytes of an HMAC under the device secret over all of the page before, so that what was changed in
 *           it afterwards shows, and page after page hangs together (E-8)
 *   check: 0-62, so that the last byte of a record is never 0xFF. One that was cut in front of its last byte is told apart
 *          for certain, as is a blank; of other damage one in 63 is not
 *
 * A full page is followed by the other one only when there is another record to write, so from then on at least 511 records
 * of the page before and this one are there (E-1). A slot that was cut takes one away. A spoilt header takes its page.
 */

import type { Crypto, Flash } from '../hal'

/** docs/flash-layout.md; ring 1 has the two pages behind these. Even, so that the other page of a ring is page ^ 1. */
const FIRST_PAGE = 12
export const SLOT_BYTES = 8
/** Slot 0 is the header. A ring whose next slot is beyond this one has to turn. */
export const LAST_SLOT = 511
/** Attempts at a slot that does not read back as written. */
const WRITE_TRIES = 3
/** Bytes of a page that go into one step of the anchor, in slots. */
export const CHUNK_SLOTS = 32
const HASH_BYTES = 32
/** Steps of the anchor that one call of turn() makes. */
const STEPS_A_CALL = 4
/** What turn() answers. */
export const FAILED = 0
export const TURNED = 1
export const MORE = 2
/** Values of a check. */
const CHECKS = 63
const BOOT_MASK = 1023
const PAGE_NUMBERS = 65535

export interface Pages {
  flash: Flash
  crypto: Crypto
  secret: Uint8Array
  boot: number
  /** Of each ring: page in use, its number (0 before the first), next free slot, 1 when the other page is the one before. */
  pages: Uint8Array
  numbers: Uint16Array
  slots: Uint16Array
  older: Uint8Array
  /** While a page is being turned: the anchor so far, room behind it for the bytes that go into it next, and the slot of these. */
  anchor: Uint8Array | undefined
  anchorSlot: number
}

/** Finds both rings. Writes nothing, and whatever stands in the pages is no reason to throw. */
export function open(flash: Flash, crypto: Crypto, secret: Uint8Array, boot: number): Pages {
  const p: Pages = {
    flash,
    crypto,
    secret,
    boot,
    pages: new Uint8Array([FIRST_PAGE + 1, FIRST_PAGE + 3]), // as if full: the first record of all goes to the first page
    numbers: new Uint16Array(2),
    slots: new Uint16Array(2).fill(LAST_SLOT + 1),
    older: new Uint8Array(2),
    anchor: undefined,
    anchorSlot: 0,
  }
  find(p, 0)
  find(p, 1)
  return p
}

/** Puts the check into a record or header. True when it was right already. */
export function seal(p: Pages, bytes: Uint8Array): boolean {
  const low = bytes[7] & 63
  bytes[7] ^= low
  const check = (p.crypto.crc32(bytes) >>> 8) % CHECKS
  bytes[7] |= check
  return low === check
}

/** Whole slots of a page, several at once. */
export function read(p: Pages, page: number, slot: number, slotCount: number): Uint8Array {
  return p.flash.read(page * p.flash.pageBytes + slot * SLOT_BYTES, slotCount * SLOT_BYTES)
}

/** Writes a record into the next slot of the page that takes it. False when none does. */
export function put(p: Pages, ring: number, bytes: Uint8Array): boolean {
  const page = p.pages[ring]
  for (let tries = 0; tries < WRITE_TRIES && p.slots[ring] <= LAST_SLOT; tries++) {
    const slot = p.slots[ring]
    const isWritten = program(p, page, slot, bytes)
    if (isWritten || !isBlank(p, page, slot)) p.slots[ring] = slot + 1
    if (isWritten) return true
  }
  return false
}

/**
 * One step of a full page's turn: MORE while there is another one, then TURNED, or FAILED when flash or a hash does. Four hashes each;
 * with the last of these the older page is erased and begun, 45-100 ms. First its header goes: an erase that is cut leaves
 * nothing that looks like a page. The other ring's turn comes after this one.
 */
export function turn(p: Pages, ring: number): number {
  if (p.anchor === undefined) {
    p.anchor = firstText(p, ring)
    p.anchorSlot = 0
  }
  const text = p.anchor
  p.anchor = undefined
  try {
    for (let step = 0; step < STEPS_A_CALL; step++) {
      text.set(read(p, p.pages[ring], p.anchorSlot, CHUNK_SLOTS), HASH_BYTES)
      text.set(p.crypto.pbkdf2(p.secret, text, 1, HASH_BYTES), 0)
      p.anchorSlot += CHUNK_SLOTS
    }
  } catch (_) {
    return FAILED // no memory for a hash
  }
  if (p.anchorSlot > LAST_SLOT) return change(p, ring, text) ? TURNED : FAILED
  p.anchor = text
  return MORE
}

/** Goes on in the ring's older page. False when flash fails. */
function change(p: Pages, ring: number, anchor: Uint8Array): boolean {
  const to = p.pages[ring] ^ 1
  const header = start(p, ring)
  header.set(anchor.subarray(0, 4), 2)
  seal(p, header)
  try {
    p.flash.write(to * p.flash.pageBytes, new Uint8Array(SLOT_BYTES))
    p.flash.erase(to)
  } catch (_) {
    return false
  }
  if (!program(p, to, 0, header)) return false
  p.older[ring] = p.numbers[ring] === 0 ? 0 : 1
  p.pages[ring] = to
  p.numbers[ring] = nextNumber(p, ring)
  p.slots[ring] = 1
  return true
}

function nextNumber(p: Pages, ring: number): number {
  return (p.numbers[ring] % PAGE_NUMBERS) + 1
}

/** A ring's next header, without anchor and check. */
function start(p: Pages, ring: number): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES)
  const number = nextNumber(p, ring)
  const boot = p.boot & BOOT_MASK
  bytes[0] = number >> 8
  bytes[1] = number
  bytes[6] = boot >> 2
  bytes[7] = (boot & 3) << 6
  return bytes
}

/**
 * The anchor goes over ring, page number and boot, then over the page before in steps of 256 bytes: each is the HMAC of the
 * one before and these bytes. Codes are hashed under the same secret, but their text is shorter.
 */
function firstText(p: Pages, ring: number): Uint8Array {
  const text = new Uint8Array(HASH_BYTES + CHUNK_SLOTS * SLOT_BYTES)
  text.set(start(p, ring), 0)
  text[HASH_BYTES - 1] = ring
  return text
}

/** Finds the newer page of a ring, whether the other one is the page before, and the next free slot. */
function find(p: Pages, ring: number): void {
  const first = FIRST_PAGE + ring * 2
  const found = [numberOf(p, first), numberOf(p, first + 1)]
  const newer = found[1] !== 0 && (found[0] === 0 || ((found[1] - found[0]) & 0xffff) < 0x8000) ? 1 : 0
  const number = found[newer]
  if (number === 0) return
  p.pages[ring] = first + newer
  p.numbers[ring] = number
  if (found[1 - newer] === (number === 1 ? PAGE_NUMBERS : number - 1)) p.older[ring] = 1
  let low = 1
  let high = LAST_SLOT + 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBlank(p, first + newer, middle)) high = middle
    else low = middle + 1
  }
  p.slots[ring] = low
}

/** A page's number, 0 when it has no whole header. */
function numberOf(p: Pages, page: number): number {
  const header = read(p, page, 0, 1)
  return seal(p, header) ? (header[0] << 8) | header[1] : 0
}

function isBlank(p: Pages, page: number, slot: number): boolean {
  const bytes = read(p, page, slot, 1)
  return (bytes[0] & bytes[1] & bytes[2] & bytes[3] & bytes[4] & bytes[5] & bytes[6] & bytes[7]) === 255
}

/** Programs a slot and reads it back. */
function program(p: Pages, page: number, slot: number, bytes: Uint8Array): boolean {
  try {
    p.flash.write(page * p.flash.pageBytes + slot * SLOT_BYTES, bytes)
  } catch (_) {
    // what stands there now tells
  }
  return read(p, page, slot, 1).join() === bytes.join() // two native calls instead of a loop
}
