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

/**
 * Pads in front by at least a byte (§4), to whole blocks and to padBytes when the text is shorter, and returns upper-case
 * hex digits. Fails: '' when the cipher fails.
 */
export function encrypt(crypto: Crypto, random: Random, key: Uint8Array, padBytes: number, text: string): string {
  const least = text.length < padBytes ? padBytes : text.length + 1
  const pad = new Uint8Array(((least + BLOCK_BYTES - 1) & -BLOCK_BYTES) - text.length)
  random.fill(pad)
  const count = pad.length
  const letters = PAD
  let padded = ''
  for (let index = 0; index < count; index++) padded += letters.charAt(pad[index] % 62)
  const bytes = crypto.bytesOf(padded + text)
  try {
    const sealed = crypto.encryptCbc(bytes, key)
    return sealed.length === bytes.length ? crypto.hexOf(sealed) : ''
  } catch {
    return ''
  }
}

/** The end of the text behind hex digits of either case; '' when they are not whole blocks or the cipher fails. */
export function decrypt(crypto: Crypto, key: Uint8Array, digits: string): string {
  if (digits.length % (2 * BLOCK_BYTES) > 0) return ''
  const bytes = new Uint8Array(digits.length >> 1)
  // Two bytes a turn: turns are what takes time.
  for (let index = 0; index < bytes.length; index += 2) {
    // With a 1 in front, anything but four hex digits comes out below 0x10000.
    const value = parseInt('1' + digits.substr(2 * index, 4), 16)
    if (value < 0x10000) return ''
    bytes[index] = value >> 8
    bytes[index + 1] = value
  }
  try {
    const plain = crypto.decryptCbc(bytes, key)
    const start = plain.length > TAIL_BYTES ? plain.length - TAIL_BYTES : 0
    return String.fromCharCode.apply(null, plain.subarray(start) as unknown as number[])
  } catch {
    return ''
  }
}
