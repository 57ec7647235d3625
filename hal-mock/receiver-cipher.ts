/**
 * Encrypted content (reporting.md 4): hex of AES-CBC over pad, bar, data and stamp. The pad fills the region up to whole
 * blocks, and further where a sender hides the length of what it says. The cipher itself is the platform's.
 */

import type { Crypto } from '../firmware/hal'
import { bytesOf, bytesOfHex, hexOf, stringOf } from './receiver-bytes'
import type { Habits } from './receiver-habits'
import { type Content, parseContent } from './receiver-message'

/** Pad characters: legal ones are all but | [ ] (reporting.md 4); these survive every panel's parser. */
const PAD_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** AES block; the pad fills the region up to it and is never empty. The standard ends it at 16 bytes, senders do not. */
const BLOCK_BYTES = 16

export class ReceiverCipher {
  /** Makes the pad of each *ACK another one, also when the sequence stays 0000. */
  private replyCount = 0

  constructor(private crypto: Crypto) {}

  /** reporting.md 4: region = pad "|" data "]" *( "[" xdata "]" ) "_" stamp. Undefined when it cannot have been made with this key. */
  decrypt(hex: string, key: Uint8Array | undefined, habits: Habits): Content | undefined {
    const cipher = bytesOfHex(habits.hasLowerCase ? hex.toUpperCase() : hex)
    if (key === undefined || !habits.hasCipher || cipher === undefined || cipher.length === 0) return undefined
    if (cipher.length % BLOCK_BYTES !== 0) return undefined
    const plain = this.crypto.decryptCbc(cipher, key)
    if (habits.isAsciiOnly && plain.some((byte) => byte > 127)) return undefined
    const region = stringOf(plain)
    const bar = region.indexOf('|')
    const bracket = region.indexOf(']')
    // Some panels leave the bar out of a NULL: pad "]_" stamp.
    const hasBar = bar >= 0 && bar < bracket
    const padBytes = hasBar ? bar : bracket
    if (padBytes < 1 || region.slice(0, padBytes).indexOf('[') >= 0) return undefined
    const content = parseContent(region.slice(hasBar ? bar + 1 : bracket))
    // The stamp is mandatory here, and the only sign that the key was right.
    return content === undefined || (habits.needsStamp && content.stamp === '') ? undefined : content
  }

  /** Hex of a reply without data: pad, bar, the closing bracket and the stamp. */
  encrypt(stamp: string, sequence: number, key: Uint8Array, style: Habits['sealed']): string {
    const tail = (style === 'zeros' || style === 'noBar' ? ']_' : '|]_') + stamp
    const lengthBytes = BLOCK_BYTES - (tail.length % BLOCK_BYTES)
    let region = this.pad(lengthBytes, sequence) + tail
    if (style === 'zeros') region = '0'.repeat(lengthBytes) + tail
    // reporting.md 7.2: NULs in front, and then a block of PKCS#7 behind.
    if (style === 'nulls') region = '\0'.repeat(lengthBytes) + tail + '\x10'.repeat(BLOCK_BYTES)
    const hex = hexOf(this.crypto.encryptCbc(bytesOf(region), key))
    return style === 'nulls' ? hex.toLowerCase() : hex
  }

  /** Another pad for each reply; the same run gives the same pads. */
  private pad(lengthBytes: number, sequence: number): string {
    this.replyCount = (this.replyCount + 1) % 65536
    let state = (sequence * 31 + this.replyCount * 7919) % 65537
    let pad = ''
    while (pad.length < lengthBytes) {
      state = (state * 75 + 74) % 65537
      pad += PAD_ALPHABET.charAt(state % PAD_ALPHABET.length)
    }
    return pad
  }
}
