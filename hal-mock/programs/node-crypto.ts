/** The platform's natives of firmware/hal.ts on Node: the same functions that the interpreter has built in. */

import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Crypto } from '../../firmware/hal'

/** SIA DC-09 encrypts with an all-zero initialisation vector. */
const ZERO_VECTOR = new Uint8Array(16)

export const nodeCrypto: Crypto = {
  pbkdf2(secret, salt, iterations, lengthBytes) {
    return new Uint8Array(pbkdf2Sync(secret, salt, iterations, lengthBytes, 'sha256'))
  },

  encryptCbc(bytes, key) {
    const cipher = createCipheriv(cbcName(key), key, ZERO_VECTOR).setAutoPadding(false)
    return joined(cipher.update(bytes), cipher.final())
  },

  decryptCbc(bytes, key) {
    const decipher = createDecipheriv(cbcName(key), key, ZERO_VECTOR).setAutoPadding(false)
    return joined(decipher.update(bytes), decipher.final())
  },

  crc32(bytes) {
    return crc32(bytes)
  },

  bytesOf(text) {
    return new Uint8Array(Buffer.from(text, 'latin1'))
  },

  hexOf(bytes) {
    return Buffer.from(bytes).toString('hex').toUpperCase()
  },

  lettersOf(bytes, letters) {
    return Array.from(bytes, (byte) => letters.charAt(byte)).join('')
  },
}

/** OpenSSL's name for the key's length; throws, as the platform does, for one that is not 16, 24 or 32 bytes. */
function cbcName(key: Uint8Array): string {
  return `aes-${key.length * 8}-cbc`
}

/** A plain array of bytes: what firmware and models get is no Buffer, on Node as in the interpreter. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
