/**
 * Random bytes. The interpreter's own generator gives the same sequence after every reset (espruino.md §5.1), so it is
 * not used at all. Here SHA-256 hashes what no two boots share: reads of the chip's noise register, the time each took,
 * the chip's address, the device secret, and a seed that the boot before left on flash. The new seed is on flash, read
 * back, before the first byte goes out.
 *
 * The pool is one array: key (32), gathered (32), purpose (1), count (3). Every output block is the hash of the pool
 * under its own purpose and count, and after each request the key is replaced, so that nobody who reads the memory later
 * can tell what was given out before (the aim of NIST SP 800-90A; this is not one of its generators).
 *
 * Without a radio the register is not proven to be noise; then first the secret and the seeds carry the weight. Not
 * modelled or measured here: how much noise the register has on a given chip.
 * create() is needed at boot only; stir() and fill() stay.
 */

import type { Flash, Random } from '../firmware/hal'
import * as records from '../firmware/store/records'
import { setWord } from '../firmware/store/slots'

/** RNG_DATA_REG of the original ESP32; other chips have it elsewhere (espruino.md §5.1). */
const NOISE_REGISTER = 0x3ff75144
/** EFUSE_BLK0_RDATA1 and 2: the factory's MAC address. */
const MAC_REGISTER = 0x3ff5a004
/** Reads at boot. A hash between two of them spaces them by some milliseconds. */
const READS = 64
/** Fewer different neighbours than this, and the register is stuck or not there. */
const CHANGES_LEAST = 32

/** Pages 8 and 9 of the region: 64 seeds a page (docs/flash-layout.md). */
const FIRST_PAGE = 8
const SLOT_BYTES = 64
const BODY_BYTES = 40
const SEED_AT = 4

const KEY_BYTES = 32
const GATHERED_AT = 32
const GATHERED_MASK = 31
const PURPOSE_AT = 64
const COUNT_AT = 65
const POOL_BYTES = 68

const ABSORB = 1
const OUTPUT = 2
const NEXT_KEY = 3
const SEED = 4
/** The first key of a boot whose seed was not stored; never the one of a boot with the same noise whose seed was. */
const UNSEEDED = 5

/** The natives that this needs, and no other. */
export interface NoiseNatives {
  peek32(address: number): number
  /** Seconds, with microseconds behind the point. */
  getTime(): number
  /** 32 bytes; crypto.SHA256 of the interpreter gives the ArrayBuffer. */
  sha256(bytes: Uint8Array): ArrayBuffer
}

export interface Entropy {
  natives: NoiseNatives
  pool: Uint8Array
  /** Where stir() puts its next byte. */
  at: number
  /** The register gave different values. */
  isNoisy: boolean
  /** The next boot's seed is on flash. */
  isStored: boolean
}

/**
 * Gathers, replaces the stored seed, and only then is ready. Takes about 0.3 s. secret: the device secret, empty while
 * there is none. Never throws for what flash does; a native that is missing throws.
 */
export function create(natives: NoiseNatives, flash: Flash, check: records.Check, secret: Uint8Array): Entropy {
  const e: Entropy = { natives, pool: new Uint8Array(POOL_BYTES), at: 0, isNoisy: false, isStored: false }
  absorbWord(e, natives.peek32(MAC_REGISTER))
  absorbWord(e, natives.peek32(MAC_REGISTER + 4))
  absorb(e, secret)
  gather(e)
  const ring = records.open(flash, check, FIRST_PAGE, SLOT_BYTES, BODY_BYTES)
  const last = records.newest(ring)
  const lastAddress = ring.address
  const withoutSeed = new Uint8Array(e.pool)
  if (last !== undefined) absorb(e, last.subarray(0, SEED_AT + KEY_BYTES))
  const body = new Uint8Array(BODY_BYTES)
  body.set(hash(e, SEED), SEED_AT)
  e.isStored = records.append(ring, body)
  // A seed that cannot be replaced would be used again by the next boot: then this one goes without it.
  if (!e.isStored) e.pool.set(withoutSeed)
  // What is used up is wiped, so that flash does not tell what past boots gave out.
  else if (lastAddress >= 0) records.write(flash, lastAddress + SEED_AT, new Uint8Array(KEY_BYTES))
  e.pool.set(hash(e, e.isStored ? NEXT_KEY : UNSEEDED), 0)
  return e
}

/** Adds something that nobody can foretell, such as the moment of a key press. The same few steps each time. */
export function stir(e: Entropy, value: number): void {
  const micros = microseconds(e.natives) ^ value
  e.pool[GATHERED_AT + e.at] ^= micros
  e.pool[GATHERED_AT + e.at + 1] ^= micros >> 8
  e.at = (e.at + 2) & GATHERED_MASK
}

/** Fills the array with unpredictable bytes. About 4 ms for 32 bytes. */
export function fill(e: Entropy, bytes: Uint8Array): void {
  for (let at = 0, count = 0; at < bytes.length; at += KEY_BYTES, count++) {
    e.pool[COUNT_AT] = count >> 16
    e.pool[COUNT_AT + 1] = count >> 8
    e.pool[COUNT_AT + 2] = count
    const block = hash(e, OUTPUT)
    bytes.set(bytes.length - at < KEY_BYTES ? block.subarray(0, bytes.length - at) : block, at)
  }
  e.pool.set(hash(e, NEXT_KEY), 0)
}

/** As the boundary wants it (firmware/hal.ts). */
export function random(e: Entropy): Random {
  return { fill: (bytes) => fill(e, bytes) }
}

/** Reads of the register and the time of each, every one hashed in before the next. */
function gather(e: Entropy): void {
  let changes = 0
  let before = e.natives.peek32(NOISE_REGISTER)
  for (let read = 0; read < READS; read++) {
    const word = e.natives.peek32(NOISE_REGISTER)
    if (word !== before) changes++
    before = word
    stir(e, 0)
    absorbWord(e, word)
  }
  e.isNoisy = changes >= CHANGES_LEAST
}

function absorbWord(e: Entropy, word: number): void {
  const bytes = new Uint8Array(4)
  setWord(bytes, 0, word)
  absorb(e, bytes)
}

/** Hashes bytes into the key, the pool before them. */
function absorb(e: Entropy, bytes: Uint8Array): void {
  e.pool[PURPOSE_AT] = ABSORB
  const both = new Uint8Array(POOL_BYTES + bytes.length)
  both.set(e.pool, 0)
  both.set(bytes, POOL_BYTES)
  e.pool.set(new Uint8Array(e.natives.sha256(both)), 0)
}

function hash(e: Entropy, purpose: number): Uint8Array {
  e.pool[PURPOSE_AT] = purpose
  return new Uint8Array(e.natives.sha256(e.pool))
}

/** The 16 low bits of the time in microseconds. */
function microseconds(natives: NoiseNatives): number {
  return (natives.getTime() * 1000000) & 0xffff
}
