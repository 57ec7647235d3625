/**
 * The encrypted region of a DC-09 frame (reporting.md §4): AES-CBC over pad and text, written as hex digits. Who pads how
 * far, and what the text says, is dc09.ts's; the cipher is the platform's.
 */

import type { Crypto, Random } from '../hal'

/** AES block. */
const BLOCK_BYTES = 16
/** The end of a decrypted text in which its time is looked for: the stamp and the filler of some receivers (§4). */
const TAIL_BYTES = 64
/** A pad byte is one of these 62: some receivers lose a message with other ones (§4). */
const PAD = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BYTES = 256

/**
 * Pads in front by at least a byte (§4), to whole blocks and to padBytes when the text is shorter, and returns upper-case
 * hex digits. Fails: '' when the cipher fails.
 */
export function encrypt(crypto: Crypto, random: Random, key: Uint8Array, padBytes: number, text: string): string {
  const least = text.length < padBytes ? padBytes : text.length + 1
  const pad = new Uint8Array(((least + BLOCK_BYTES - 1) & -BLOCK_BYTES) - text.length)
  random.fill(pad)
  const letters = PAD + PAD + PAD + PAD + PAD
  const bytes = crypto.bytesOf(crypto.lettersOf(pad, letters.substr(0, BYTES)) + text)
  try {
    const sealed = crypto.encryptCbc(bytes, key)
    return sealed.length === bytes.length ? crypto.hexOf(sealed) : ''
  } catch {
    return ''
  }
}

/** Hex digits of either case; undefined when they are none, or not whole blocks. */
export function bytesOfHex(digits: string): Uint8Array | undefined {
  if (digits === '' || digits.length % (2 * BLOCK_BYTES) > 0) return undefined
  const bytes = new Uint8Array(digits.length >> 1)
  // Two bytes a turn: turns are what takes time.
  for (let index = 0; index < bytes.length; index += 2) {
    // With a 1 in front, anything but four hex digits comes out below 0x10000.
    const value = parseInt('1' + digits.substr(2 * index, 4), 16)
    if (value < 0x10000) return undefined
    bytes[index] = value >> 8
    bytes[index + 1] = value
  }
  return bytes
}

/** The end of the text; '' when the cipher fails. */
export function decrypt(crypto: Crypto, key: Uint8Array, bytes: Uint8Array): string {
  try {
    const plain = crypto.decryptCbc(bytes, key)
    const start = plain.length > TAIL_BYTES ? plain.length - TAIL_BYTES : 0
    return String.fromCharCode.apply(null, plain.subarray(start) as unknown as number[])
  } catch {
    return ''
  }
}
