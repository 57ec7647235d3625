import { afterEach, describe, expect, test } from 'vitest'
import { natives } from '../../board/natives'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'

/** The interpreter's `require('crypto')`, which natives.ts looks up at each call. */
function haveCrypto(answer: ArrayBuffer | undefined): void {
  const refuse = () => answer
  Object.assign(globalThis, { require: () => ({ PBKDF2: refuse, AES: { encrypt: refuse, decrypt: refuse } }) })
}

describe('natives behind the boundary', () => {
  afterEach(() => {
    Object.assign(globalThis, { require: undefined })
  })
  const bytes = new Uint8Array(16)

  test('a hash that memory was too short for is an error, never an empty hash', () => {
    haveCrypto(undefined)
    expect(() => natives.pbkdf2(bytes, bytes, 1, 16)).toThrow('no hash')
  })

  test('a cipher that was refused is empty, so that no plain text passes for it (espruino.md §5.2)', () => {
    haveCrypto(undefined)
    expect(natives.encryptCbc(bytes, bytes)).toHaveLength(0)
    expect(natives.decryptCbc(bytes, bytes)).toHaveLength(0)
  })

  test('what the native made comes as bytes', () => {
    const hash = nodeCrypto.pbkdf2(bytes, bytes, 1, 16)
    haveCrypto(hash.slice().buffer as ArrayBuffer)
    expect(natives.pbkdf2(bytes, bytes, 1, 16)).toEqual(hash)
  })
})
