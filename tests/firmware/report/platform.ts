/** What the tests of report/ stand on: Node's ciphers, scripted and seeded chance, a CRC written bit by bit. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Crypto, Random } from '../../../firmware/hal'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

function aes(isEncrypting: boolean, bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const make = isEncrypting ? createCipheriv : createDecipheriv
  const cipher = make(`aes-${key.length * 8}-cbc`, key, new Uint8Array(16))
  cipher.setAutoPadding(false)
  return new Uint8Array(Buffer.concat([cipher.update(bytes), cipher.final()]))
}

const unused = (): never => {
  throw new Error('not used by report/')
}

/** Throws, as Node does, on lengths that are not whole blocks. */
export const crypto: Crypto = {
  pbkdf2: unused,
  crc32: unused,
  encryptCbc: (bytes, key) => aes(true, bytes, key),
  decryptCbc: (bytes, key) => aes(false, bytes, key),
  bytesOf: (text) => new Uint8Array(Buffer.from(text, 'latin1')),
  hexOf: (bytes) => Buffer.from(bytes).toString('hex').toUpperCase(),
  lettersOf: (bytes, letters) => Array.from(bytes, (byte) => letters[byte]).join(''),
}

/** The order in which the firmware counts pad characters. */
const PAD_ORDER = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Chance that makes exactly this pad; it fails when another length is asked for. */
export function scriptedRandom(pad: string): Random {
  return {
    fill(bytes) {
      if (bytes.length !== pad.length) throw new Error(`pad of ${bytes.length} bytes, expected ${pad.length}`)
      for (let index = 0; index < pad.length; index++) bytes[index] = PAD_ORDER.indexOf(pad[index])
    },
  }
}

/** The standard's words, bit by bit: for each byte c ^= b, then eight times shift and xor (reporting.md §3.2). */
export function slowCrc(text: string): number {
  let crc = 0
  for (const letter of text) {
    crc ^= letter.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

const hex4 = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0')

/** A frame around a body, with <LF> and <CR>. */
export function framed(body: string): string {
  return `\n${hex4(slowCrc(body))}${hex4(body.length)}${body}\r`
}

/** A frame around a header up to '[' and a text to encrypt. */
export function sealedFrame(header: string, text: string, key: Uint8Array): string {
  return framed(
    header +
      Buffer.from(aes(true, Buffer.from(text, 'latin1'), key))
        .toString('hex')
        .toUpperCase(),
  )
}

/** The text behind the hex digits after '[' of a frame. */
export function unsealed(frame: string, key: Uint8Array): string {
  const digits = frame.slice(frame.indexOf('[') + 1).replace('\r', '')
  return latin1(aes(false, Buffer.from(digits, 'hex'), key))
}
