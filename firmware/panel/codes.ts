/**
 * User codes: a fixed table of 64 slots and a match that takes the same steps whatever was entered (C-3, D-30, D-36).
 *
 * A slot keeps 48 bits of a keyed hash (device secret and salt, C-12), as four 12-bit words, and two 13-bit words: whose
 * code it is, and what that person may do (C-4).
 * What changes with the time of day is done to the table beforehand, so that a match need not know of it (C-4).
 * Numbers stay within -1..8191: beyond -8192..8191 the interpreter stores them in another way, which shows in time
 * (espruino.md §7). Slots without a code hold random words. What is not here: choosing and checking new codes.
 */

import type { Crypto, Random } from '../hal'

export const SLOT_COUNT = 64
/** Longest code in digits (C-1). The entry buffer has this many bytes: 1-9 for the keys 1-9, 10 for 0, 0 for none. */
export const ENTRY_BYTES = 8

const WORDS = 4
const TAG_BYTES = 6
/** So many slots are compared in a step: about 2 M of the interpreter's instructions, 25 ms. */
const STEP_SLOTS = 16
/** PBKDF2 rounds. What protects a six-digit code is the device secret, not the rounds (end of panel-behaviour.md §6). */
const ITERATIONS = 16

// Roles, in the order of the settings (C-4).
export const INSTALLER = 0
export const MASTER = 1
export const MANAGER = 2
export const USER = 3
export const ARM_ONLY = 4
export const GUEST = 5
export const ONE_TIME = 6
export const TEMPORARY = 7
export const SERVICE = 8
/** A one-time code that has disarmed: it only arms (C-6). */
export const SPENT = 9

/** Bit 12 of a slot's meta word. */
const DURESS_BIT = 4096
/** Bit 12 of a slot's rights: the code counts now (C-4: hours of temporary users). */
export const ENABLED = 4096
/** Roles that disarm always, and those that do so when they armed (C-4, C-5), a bit each. */
const DISARMS = (1 << MASTER) | (1 << MANAGER) | (1 << USER) | (1 << ONE_TIME) | (1 << TEMPORARY) | (1 << SERVICE)
const DISARMS_OWN = (1 << INSTALLER) | (1 << GUEST)
/** Roles that silence a fire where only some may (O-2). */
const SILENCES_FIRE = (1 << INSTALLER) | (1 << MASTER) | (1 << MANAGER)
/** Roles that do not arm. */
const ARMS_NOT = 1 << SERVICE

export interface Codes {
  secret: Uint8Array
  /** Panel salt followed by room for the entry; one buffer, so that no allocation depends on the entry. */
  salted: Uint8Array
  saltBytes: number
  /** WORDS 12-bit words a slot. */
  tags: Uint16Array
  /** A word a slot: bit 12 duress, bits 11-6 user shown (number - 1), bits 5-0 the slot itself. */
  meta: Uint16Array
  /** A word a slot: bit 12 enabled, bits 11-8 role, bits 7-0 partitions. */
  rights: Uint16Array
  /** While an entry is compared: its WORDS words, then the meta and the rights that were found so far. Else zeros (C-13). */
  work: Uint16Array
  /** The next slot that it is compared with; SLOT_COUNT: there is no more to do. */
  next: number
  /** Outcome of the last match: 1 when a slot matched whose code counts now. */
  found: number
  /** 1 when a slot matched, whether its code counts now or not. */
  known: number
  /** 1 when it was a duress code: in its owner's hours or not, a call for help is one. */
  duress: number
  /** User number 1-64 shown and reported with the opening; 1 when nothing matched. */
  user: number
  /** Slot number 1-64 that matched; 1 when nothing matched. */
  slot: number
  /** Its role and its partitions (a bit each); installer's and none when nothing matched. */
  role: number
  partitions: number
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
  const rights = new Uint16Array(SLOT_COUNT)
  const saltBytes = salt.length
  return {
    secret,
    salted,
    saltBytes,
    tags,
    meta,
    rights,
    work: new Uint16Array(WORDS + 2),
    next: SLOT_COUNT,
    found: 0,
    known: 0,
    duress: 0,
    user: 1,
    slot: 1,
    role: 0,
    partitions: 0,
  }
}

/** True when there is a duress code. */
export function hasDuress(codes: Codes): boolean {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (codes.meta[slot] >= DURESS_BIT && codes.rights[slot] !== 0) return true
  }
  return false
}

/**
 * Stores a code. Slot 0-63; entry as in ENTRY_BYTES; user 1-64 is the number that displays and the opening show, which
 * for a duress slot is its owner's (D-2); role and partitions (a bit each) likewise (D-5). Checks nothing.
 */
export function store(
  codes: Codes,
  crypto: Crypto,
  slot: number,
  entry: Uint8Array,
  user: number,
  isDuress: boolean,
  role: number,
  partitions: number,
): void {
  spread(digest(codes, crypto, entry), 0, codes.tags, slot * WORDS)
  codes.meta[slot] = (isDuress ? DURESS_BIT : 0) | ((user - 1) << 6) | slot
  codes.rights[slot] = ENABLED | (role << 8) | partitions
}

/** User that a slot belongs to, shown for it; 1 for an empty one. */
export function ownerOf(codes: Codes, slot: number): number {
  return ((codes.meta[slot] >> 6) & 63) + 1
}

export function roleOf(codes: Codes, slot: number): number {
  return (codes.rights[slot] >> 8) & 15
}

export function isDuress(codes: Codes, slot: number): boolean {
  return codes.meta[slot] >= 4096
}

/** Empties a slot: random words, which no code matches (C-3). */
export function remove(codes: Codes, random: Random, slot: number): void {
  const noise = new Uint8Array(TAG_BYTES)
  random.fill(noise)
  spread(noise, 0, codes.tags, slot * WORDS)
  codes.meta[slot] = 0
  codes.rights[slot] = 0
}

/** 1 when this role may disarm what `armedBy` has armed; the same steps for each (D-30). */
export function mayDisarm(role: number, user: number, armedBy: number): number {
  const isOwn = 1 - (((armedBy ^ user) + 127) >> 7)
  return ((DISARMS >> role) & 1) | ((DISARMS_OWN >> role) & isOwn)
}

/** 1 when this role may silence a fire where only some may (O-2); the same steps for each (D-30). */
export function maySilenceFire(role: number): number {
  return (SILENCES_FIRE >> role) & 1
}

/** A one-time code has disarmed: it, and what else its owner has, only arms from now on (C-6). */
export function spend(codes: Codes, user: number): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (ownerOf(codes, slot) !== user || roleOf(codes, slot) !== ONE_TIME) continue
    codes.rights[slot] = (codes.rights[slot] & ~(15 << 8)) | (SPENT << 8)
  }
}

/** From now on the codes of this user count (1) or are like wrong ones (0); a duress code calls for help either way (C-4). */
export function open(codes: Codes, user: number, isOpen: number): void {
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    if (codes.rights[slot] === 0 || ownerOf(codes, slot) !== user) continue
    codes.rights[slot] = (codes.rights[slot] & ~ENABLED) | (ENABLED * isOpen)
  }
}

/** True when this role may arm. */
export function mayArm(role: number): boolean {
  return ((ARMS_NOT >> role) & 1) === 0
}

/**
 * Compares an entry with every slot and leaves the outcome in found, known, duress, user and slot.
 * One hash, then the whole table: no early exit, no branch, no index and no allocation depends on entry or table.
 */
export function match(codes: Codes, crypto: Crypto, entry: Uint8Array): void {
  begin(codes, crypto, entry)
  while (codes.next < SLOT_COUNT) compare(codes)
}

/** As match(), in steps: this is the hash; then compare(), until `next` is SLOT_COUNT. */
export function begin(codes: Codes, crypto: Crypto, entry: Uint8Array): void {
  const hash = digest(codes, crypto, entry)
  spread(hash, 0, codes.work, 0)
  codes.next = 0
}

/** The next slots. The last step leaves the outcome, and nothing of the entry. */
export function compare(codes: Codes): void {
  const { tags, meta, rights, work } = codes
  const word0 = work[0]
  const word1 = work[1]
  const word2 = work[2]
  const word3 = work[3]
  let chosen = work[WORDS]
  let allowed = work[WORDS + 1]
  let slot = codes.next
  let at = slot * WORDS
  const end = slot + STEP_SLOTS
  let same = 0
  while (slot < end) {
    // All bits when all four words agree, else none: differences are 0..4095, and one less is below 0 for none of them but 0.
    same = (((tags[at++] ^ word0) | (tags[at++] ^ word1) | (tags[at++] ^ word2) | (tags[at++] ^ word3)) - 1) >> 12
    chosen |= meta[slot] & same
    allowed |= rights[slot++] & same
  }
  work[WORDS] = chosen
  work[WORDS + 1] = allowed
  codes.next = end
  if (end < SLOT_COUNT) return
  work.fill(0)
  codes.found = allowed >> 12
  // Only an empty slot has no rights: where there are some, a slot matched.
  codes.known = (-allowed >> 13) & 1
  codes.duress = chosen >> 12
  codes.user = ((chosen >> 6) & 63) + 1
  codes.slot = (chosen & 63) + 1
  codes.role = (allowed >> 8) & 15
  codes.partitions = allowed & 255
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
