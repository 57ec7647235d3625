/** The published examples against OpenSSL and zlib, so that a slip in the data is found without an interpreter. */

import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AES_CBC, CRC32, PBKDF2_SHA256, SHA256 } from './natives'

const bytesOf = (hex: string) => Buffer.from(hex, 'hex')

describe('published examples of the natives', () => {
  test.each(SHA256)('SHA-256 of $name', ({ messageHex, digestHex }) => {
    expect(createHash('sha256').update(bytesOf(messageHex)).digest('hex')).toBe(digestHex)
  })

  test.each(PBKDF2_SHA256)('PBKDF2 of $secretHex and $saltHex, $iterations times', (vector) => {
    const { secretHex, saltHex, iterations, keyHex } = vector
    const key = pbkdf2Sync(bytesOf(secretHex), bytesOf(saltHex), iterations, keyHex.length / 2, 'sha256')
    expect(key.toString('hex')).toBe(keyHex)
  })

  test.each(AES_CBC)('AES-CBC $name, both ways', ({ keyHex, vectorHex, plainHex, cipherHex }) => {
    const name = `aes-${keyHex.length * 4}-cbc`
    const to = createCipheriv(name, bytesOf(keyHex), bytesOf(vectorHex)).setAutoPadding(false)
    expect(to.update(bytesOf(plainHex)).toString('hex') + to.final('hex')).toBe(cipherHex)
    const back = createDecipheriv(name, bytesOf(keyHex), bytesOf(vectorHex)).setAutoPadding(false)
    expect(back.update(bytesOf(cipherHex)).toString('hex') + back.final('hex')).toBe(plainHex)
  })

  test.each(CRC32)('CRC-32 of $name', ({ messageHex, value }) => {
    expect(crc32(bytesOf(messageHex))).toBe(value)
  })
})
