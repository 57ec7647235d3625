/**
 * Slots of 32 bytes in NOR flash: a body of 28 that ends in its CRC-32 and is written at once, and four bytes behind it
 * whose bits are cleared later. Slots are counted through all pages. Knows nothing of what a body means; never
 * throws for what flash does, but counts it.
 */

import type { Crypto, Flash } from '../hal'

export const SLOT_BYTES = 32
/** What the CRC covers, and what is written at once. */
export const CRC_AT = 24
export const BODY_BYTES = 28
/** An erased byte. */
export const BLANK = 0xff

export interface Slots {
  flash: Flash
  crypto: Crypto
  /** CRC of an erased slot: one native call tells blank from used. */
  blankCrc: number
  /** Writes and erases that failed. */
  failCount: number
}

/** CRC of an erased slot, for Slots.blankCrc. */
export function blankCrc(crypto: Crypto): number {
  return crypto.crc32(new Uint8Array(SLOT_BYTES).fill(BLANK))
}

export function perPage(s: Slots): number {
  return s.flash.pageBytes / SLOT_BYTES
}

/** All 32 bytes of a slot. */
export function read(s: Slots, slot: number): Uint8Array {
  return s.flash.read(slot * SLOT_BYTES, SLOT_BYTES)
}

/** Big-endian; negative from 0x80000000 on. */
export function getWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
}

export function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >> 24
  bytes[at + 1] = word >> 16
  bytes[at + 2] = word >> 8
  bytes[at + 3] = word
}

/** Puts the CRC behind the first 24 bytes; as an integer first, because shifting a float takes longer, and one code's CRC is one. */
export function seal(s: Slots, body: Uint8Array): void {
  setWord(body, CRC_AT, s.crypto.crc32(body.subarray(0, CRC_AT)) | 0)
}

export function isWhole(s: Slots, bytes: Uint8Array): boolean {
  return getWord(bytes, CRC_AT) === (s.crypto.crc32(bytes.subarray(0, CRC_AT)) | 0)
}

export function isBlank(s: Slots, bytes: Uint8Array): boolean {
  return s.crypto.crc32(bytes) === s.blankCrc
}

/** Writes a sealed body and reads it back, held against it by two native calls. False, and counted, when flash did not take it. */
export function write(s: Slots, slot: number, body: Uint8Array): boolean {
  const bytes = body.subarray(0, BODY_BYTES)
  if (!program(s, slot * SLOT_BYTES, bytes)) return false
  const written = s.flash.read(slot * SLOT_BYTES, BODY_BYTES)
  if ((s.crypto.crc32(written) | 0) === (s.crypto.crc32(bytes) | 0)) return true
  s.failCount++
  return false
}

/** Clears bits of byte 0-3 of the four behind the body. */
export function clear(s: Slots, slot: number, index: number, bits: number): void {
  const mark = new Uint8Array(4).fill(BLANK)
  mark[index] = ~bits
  program(s, slot * SLOT_BYTES + BODY_BYTES, mark)
}

export function isErased(s: Slots, page: number): boolean {
  const count = perPage(s)
  for (let slot = page * count; slot < (page + 1) * count; slot++) if (!isBlank(s, read(s, slot))) return false
  return true
}

export function eraseIfUsed(s: Slots, page: number): void {
  if (isErased(s, page)) return
  try {
    s.flash.erase(page)
  } catch (_) {
    s.failCount++
  }
}

function program(s: Slots, address: number, bytes: Uint8Array): boolean {
  try {
    s.flash.write(address, bytes)
    return true
  } catch (_) {
    s.failCount++
    return false
  }
}
