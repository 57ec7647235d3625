/**
 * User codes: a fixed table of 64 slots and a match that takes the same steps whatever was entered (C-3, D-30, D-36).
 *
 * A slot keeps 48 bits of a keyed hash (device secret and salt, C-12), as four 12-bit words, and a 13-bit meta word.
 * Numbers stay within 0..8191: beyond that the interpreter stores them in another way, which shows in time
 * (espruino.md §7). Slots without a code hold random words. What is not here: choosing and checking new codes.
 */

import type { Crypto, Random } from '../hal'

export const SLOT_COUNT = 64
/** Longest code in digits (C-1). The entry buffer has this many bytes: 1-9 for the keys 1-9, 10 for 0, 0 for none. */
export const ENTRY_BYTES = 8

const WORDS = 4
const TAG_BYTES = 6
/** PBKDF2 rounds. What protects a six-digit code is the device secret, not the rounds (end of panel-behaviour.md §6). */
const ITERATIONS = 16

export interface Codes {
  secret: Uint8Array
  /** Panel salt followed by room for the entry; one buffer, so that no allocation depends on the entry. */
  salted: Uint8Array
  saltBytes: number
  /** WORDS 12-bit words a slot. */
  tags: Uint16Array
  /** A word a slot: bit 12 duress, bits 11-6 user shown (number - 1), bits 5-0 the slot itself. */
  meta: Uint16Array
  /** Outcome of the last match: 1 when a slot matched. */
  found: number
  /** 1 when it was a duress code. */
  duress: number
  /** User number 1-64 shown and reported with the opening; 1 when nothing matched. */
  user: number
  /** Slot number 1-64 that matched; 1 when nothing matched. */
  slot: number
}

/** An empty table. Secret: 32 bytes made at provisioning. Salt: any length. Random fills the slots (no code matches). */
export function create(secret: Uint8Array, salt: Uint8Array, random: Random): Codes {
  const salted = new Uint8Array(salt.length + ENTRY_BYTES)
  salted.set(salt, 0)
  const tags = new Uint16Array(SLOT_COUNT * WORDS)
  const noise = new Uint8Array(SLOT_COUNT * TAG_BYTES)
  random.fill(noise)
  for (let slot = 0; slot < SLOT_COUNT; slot++) spread(noise, slot * TAG_BYTES, tags, slot * WORDS)
  const meta = new Uint16Array(SLOT_COUNT)
  return { secret, salted, saltBytes: salt.length, tags, meta, found: 0, duress: 0, user: 1, slot: 1 }
}

/**
 * Stores a code. Slot 0-63; entry as in ENTRY_BYTES; user 1-64 is the number that displays and the opening show, which
 * for a duress slot is its owner's (D-2). Checks nothing.
 */
export function store(
  codes: Codes,
  crypto: Crypto,
  slot: number,
  entry: Uint8Array,
  user: number,
  isDuress: boolean,
): void {
  spread(digest(codes, crypto, entry), 0, codes.tags, slot * WORDS)
  codes.meta[slot] = (isDuress ? 4096 : 0) | ((user - 1) << 6) | slot
}

/**
 * Compares an entry with every slot and leaves the outcome in found, duress, user and slot.
 * One hash, then the whole table: no early exit, no branch, no index and no allocation depends on entry or table.
 */
export function match(codes: Codes, crypto: Crypto, entry: Uint8Array): void {
  const tags = codes.tags
  const meta = codes.meta
  const hash = digest(codes, crypto, entry)
  const word0 = (hash[0] << 4) | (hash[1] >> 4)
  const word1 = ((hash[1] & 15) << 8) | hash[2]
  const word2 = (hash[3] << 4) | (hash[4] >> 4)
  const word3 = ((hash[4] & 15) << 8) | hash[5]
  let found = 0
  let chosen = 0
  let at = 0
  let same = 0
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    // 1 when all four words agree, else 0: differences are 0..4095, so the sum carries into bit 12 unless it is 0.
    same =
      1 -
      ((((tags[at] ^ word0) | (tags[at + 1] ^ word1) | (tags[at + 2] ^ word2) | (tags[at + 3] ^ word3)) + 4095) >> 12)
    found |= same
    chosen |= same * meta[slot]
    at += WORDS
  }
  codes.found = found
  codes.duress = chosen >> 12
  codes.user = ((chosen >> 6) & 63) + 1
  codes.slot = (chosen & 63) + 1
}

/** Keyed hash of an entry; overwrites the entry's copy in the salted buffer afterwards (C-13). */
function digest(codes: Codes, crypto: Crypto, entry: Uint8Array): Uint8Array {
  codes.salted.set(entry, codes.saltBytes)
  const hash = crypto.pbkdf2(codes.secret, codes.salted, ITERATIONS, TAG_BYTES)
  codes.salted.fill(0, codes.saltBytes)
  return hash
}

/** Six bytes into four 12-bit words. */
function spread(bytes: Uint8Array, from: number, words: Uint16Array, to: number): void {
  for (let half = 0; half < 2; half++) {
    const at = from + half * 3
    words[to + half * 2] = (bytes[at] << 4) | (bytes[at + 1] >> 4)
    words[to + half * 2 + 1] = ((bytes[at + 1] & 15) << 8) | bytes[at + 2]
  }
}
