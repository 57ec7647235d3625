/**
 * The interpreter's native cryptography behind firmware/hal.ts. Its errors are silent: a call with a wrong length returns
 * undefined (espruino.md §5.2), which here becomes an empty array, so that no caller takes plain text for cipher text.
 * PBKDF2 fails when no free variables lie side by side for it (docs/espruino-model.md); then it throws instead, and main
 * restarts: a code must never be judged by a hash that was not made.
 */

import type { Crypto } from '../firmware/hal'

interface NativeCrypto {
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
declare const E: { CRC32(bytes: Uint8Array): number }

const CBC = { iv: new Uint8Array(16), mode: 'CBC' }

export const natives: Crypto = {
  // keySize counts 32-bit words.
  pbkdf2: (secret, salt, iterations, lengthBytes) =>
    made(crypto().PBKDF2(secret, salt, { keySize: (lengthBytes + 3) >> 2, iterations, hasher: 'SHA256' })),
  encryptCbc: (bytes, key) => bytesOf(crypto().AES.encrypt(bytes, key, CBC)),
  decryptCbc: (bytes, key) => bytesOf(crypto().AES.decrypt(bytes, key, CBC)),
  crc32: (bytes) => E.CRC32(bytes),
}

/** Asked for at each call: at load an image without it would stop here, with every console open (espruino.md §5.4). */
function crypto(): NativeCrypto {
  return global.require('crypto')
}

function made(buffer: ArrayBuffer | undefined): Uint8Array {
  if (buffer === undefined) throw 'no hash'
  return new Uint8Array(buffer)
}

function bytesOf(buffer: ArrayBuffer | undefined): Uint8Array {
  return buffer === undefined ? new Uint8Array(0) : new Uint8Array(buffer)
}
