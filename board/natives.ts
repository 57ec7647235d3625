/**
 * The interpreter's native cryptography behind firmware/hal.ts. Its errors are silent: a call with a wrong length returns
 * undefined (espruino.md §5.2), which here becomes an empty array, so that no caller takes plain text for cipher text.
 *
 * They also fail when no free variables lie side by side for what they work in (docs/espruino-model.md). A code typed at
 * that moment, maybe under duress, must not be lost, so there are two more tries:
 *
 *   as memory is --fails--> with the spare piece given away --fails--> with all holes closed, which takes seconds
 *
 * What cannot be hashed even then throws, and main restarts: no code is judged by it, and nothing passes for random.
 */

import type { Crypto } from '../firmware/hal'

interface NativeCrypto {
  SHA256(bytes: Uint8Array): ArrayBuffer | undefined
  PBKDF2(
    secret: Uint8Array,
    salt: Uint8Array,
    options: { keySize: number; iterations: number; hasher: string },
  ): ArrayBuffer | undefined
  AES: {
    encrypt(bytes: Uint8Array, key: Uint8Array, options: { iv: Uint8Array; mode: string }): ArrayBuffer | undefined
    decrypt(bytes: Uint8Array, key: Uint8Array, options: { iv: Uint8Array; mode: string }): ArrayBuffer | undefined
  }
}
// By way of the global object: a bundler would look for a module behind a plain require().
declare const global: { require(name: string): NativeCrypto }
declare const E: {
  CRC32(bytes: Uint8Array): number
  /** Of the bytes of texts, numbers and lists. */
  toUint8Array(text: string): Uint8Array
  /** Of one array of bytes: the string that it lies in. */
  toString(bytes: Uint8Array): string
  /** So many bits at a time, highest first: what stands at that place of the map. */
  mapInPlace(source: Uint8Array, target: Uint8Array, map: Uint8Array, bits: number): void
  /** Moves what nobody holds by address until the free variables lie side by side. */
  defrag(): void
}

/** PBKDF2's working memory is 108 and 128 bytes, its result 16, each rounded up with a header; frames are shorter. */
const SPARE_BYTES = 384
const HASH_BYTES = 32
const BLOCK_BYTES = 16
const CBC = { iv: new Uint8Array(BLOCK_BYTES), mode: 'CBC' }

/** The spare piece: made at the start, when memory was empty. Nothing is ever in it. */
const held: { spare: Uint8Array | undefined } = { spare: new Uint8Array(SPARE_BYTES) }

export const natives: Crypto = {
  // keySize counts 32-bit words.
  pbkdf2: (secret, salt, iterations, lengthBytes) => {
    const options = { keySize: (lengthBytes + 3) >> 2, iterations, hasher: 'SHA256' }
    const c = crypto()
    const hash = c.PBKDF2(secret, salt, options)
    if (hash !== undefined) return new Uint8Array(hash)
    const copy = new Uint8Array(4 * options.keySize)
    copy.set(made(c.PBKDF2(secret, salt, roomy(options)) || c.PBKDF2(secret, salt, tidied(options))))
    held.spare = new Uint8Array(SPARE_BYTES)
    return copy
  },
  encryptCbc: (bytes, key) => crypt(crypto().AES.encrypt, bytes, key),
  decryptCbc: (bytes, key) => crypt(crypto().AES.decrypt, bytes, key),
  crc32: (bytes) => E.CRC32(bytes),
  bytesOf: (text) => E.toUint8Array(text),
  hexOf: (bytes) => {
    const digits = new Uint8Array(2 * bytes.length)
    E.mapInPlace(bytes, digits, E.toUint8Array('0123456789ABCDEF'), 4)
    return E.toString(digits) // the same memory: no copy that could fail
  },
  lettersOf: (bytes, letters) => {
    const text = new Uint8Array(bytes.length)
    E.mapInPlace(bytes, text, E.toUint8Array(letters), 8)
    // Of a few bytes E.toString() would make a copy, and may have no room for it.
    return String.fromCharCode.apply(null, text as unknown as number[])
  },
}

/** 32 bytes. Throws when memory is short. */
export function sha256(bytes: Uint8Array): ArrayBuffer {
  const c = crypto()
  const hash = c.SHA256(bytes)
  if (hash !== undefined) return hash
  const copy = new Uint8Array(HASH_BYTES)
  copy.set(made(c.SHA256(roomy(bytes)) || c.SHA256(tidied(bytes))))
  held.spare = new Uint8Array(SPARE_BYTES)
  return copy.buffer as ArrayBuffer
}

function crypt(act: NativeCrypto['AES']['encrypt'], bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const result = act(bytes, key, CBC)
  if (result !== undefined) return new Uint8Array(result)
  // Not for want of memory: no block.
  if (bytes.length % BLOCK_BYTES > 0) return new Uint8Array(0)
  const copy = new Uint8Array(bytes.length)
  try {
    copy.set(made(act(bytes, key, roomy(CBC)) || act(bytes, key, tidied(CBC))))
  } catch {
    return new Uint8Array(0)
  }
  held.spare = new Uint8Array(SPARE_BYTES)
  return copy
}

/** Asked for at each call: at load an image without it would stop here, with every console open (espruino.md §5.4). */
function crypto(): NativeCrypto {
  return global.require('crypto')
}

/** Gives the spare piece away. The native's last argument passes through, so that nothing else is put there before it runs. */
function roomy<T>(argument: T): T {
  held.spare = undefined
  return argument
}

function tidied<T>(argument: T): T {
  E.defrag()
  return argument
}

function made(hash: ArrayBuffer | undefined): Uint8Array {
  if (hash === undefined) throw 'no hash'
  return new Uint8Array(hash)
}
