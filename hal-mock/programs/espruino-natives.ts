/** The platform's digests and ciphers for the interpreter's model. */

import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { EspruinoNatives } from '../espruino-modules'

export const espruinoNatives: EspruinoNatives = {
  digest: (name, bytes) => new Uint8Array(createHash(name.toLowerCase()).update(bytes).digest()),

  pbkdf2: (name, secret, salt, iterations, lengthBytes) =>
    new Uint8Array(pbkdf2Sync(secret, salt, iterations, lengthBytes, name.toLowerCase())),

  cipher(mode, isEncrypting, bytes, key, vector) {
    const create = isEncrypting ? createCipheriv : createDecipheriv
    const name = `aes-${key.length * 8}-${mode.toLowerCase()}`
    const cipher = create(name, key, mode === 'ECB' ? null : vector).setAutoPadding(false)
    return new Uint8Array([...cipher.update(bytes), ...cipher.final()])
  },

  crc32: (bytes) => crc32(bytes),
}
