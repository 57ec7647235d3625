/**
 * SIA DC-09 (reporting.md §3, §4, §5.3): frames to the receiver and the meaning of what it says, clear or encrypted.
 *
 * Pure: bytes in, bytes and small codes out. Whatever the bytes, nothing throws.
 *
 * Does not number messages, wait, retry or choose a path (transmit/), and does not make SIA-DCS, UDP timing or the
 * binary CRC of some receivers (§3.3). DC-09 has no message authentication: a clear ACK, NAK or DUH can be forged, and
 * an *ACK to a null message (sequence 0000) can be repeated. While our clock is sure, that ends STAMP_SECONDS after the
 * time in it; while it is not, a recorded one passes at any later time, until a newer one has been accepted, and after a
 * restart none has. That is why NAK and DUH never mean delivered or deleted, and why a key admits encrypted replies only.
 */

import * as clock from '../clock'
import type { Crypto, Random } from '../hal'
import { crc16 } from './crc16'

/** Nothing complete has come. */
export const NONE = 0
/** Delivered: the receiver's kiss-off for the message in flight. */
export const ACK = 1
/** Refused; the receiver's time is in link.nakSeconds, 0 when it told none. */
export const NAK = 2
/** Received, but the receiver cannot process it. */
export const DUH = 3
/** Something complete that says nothing about the message in flight: stale, foreign, forged, damaged. Go on waiting. */
export const IGNORED = 4

/** Longest frame sent, and longest reply looked at (§5.1; Path.send takes no more). */
const FRAME_LIMIT_BYTES = 1024
/** An *ACK's time may differ from ours by this much when our clock is sure (§4: a minute or two). */
const STAMP_SECONDS = 120
/** AES block. */
const BLOCK_BYTES = 16
/** 'HH:MM:SS,MM-DD-YYYY' */
const STAMP_BYTES = 19
/** crc and length, before the body. */
const PREAMBLE_BYTES = 8
/** The end of a decrypted text in which its time is looked for: the stamp and the filler of some receivers (§4). */
const TAIL_BYTES = 64
/** Longest account (§3.1). */
const ACCOUNT_DIGITS = 16
/** All that some receivers say to an unknown account (R8). */
const BARE_NAK = '"NAK"'
/** A pad byte is one of these: some receivers lose a message with other ones (§4). */
const PAD = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What belongs to one receiver. Two receivers have two links, because each has its own clock. */
export interface Link {
  account: string
  /** 16, 24 or 32 bytes; length 0: clear. */
  key: Uint8Array
  /** The header between sequence and '[': 'R0L0#1234'. */
  address: string
  crypto: Crypto
  random: Random
  /** For test receivers only: a clear ACK counts although there is a key. Anyone on the path could make one. */
  acceptsClearAck: boolean
  /** How many bytes the last reply() used up. */
  consumed: number
  /** The time in the NAK that reply() just reported; 0 none. */
  nakSeconds: number
  /** Stamp of the last *ACK that counted; an older one is a repetition. */
  acceptedSeconds: number
}

/**
 * receiver is 'R' and 1-6 hex digits, or ''; some receivers answer 'None' without it (§7.1), so 'R0' is the usual one.
 * prefix is 'L' and 1-6 hex digits, 'L0' when unused. config.ts has checked account and key.
 */
export function create(
  account: string,
  key: Uint8Array,
  receiver: string,
  prefix: string,
  crypto: Crypto,
  random: Random,
): Link {
  account = account.toUpperCase()
  return {
    account,
    key,
    address: receiver + prefix + '#' + account,
    crypto,
    random,
    acceptsClearAck: false,
    consumed: 0,
    nakSeconds: 0,
    acceptedSeconds: 0,
  }
}

/**
 * One whole frame, <LF> to <CR>.
 * data is '#1234|1121 01 005', or '' for the null message; extended data goes on behind it as '][H12:34:50,10-25-2024'.
 * utcSeconds 0 leaves a clear frame without a stamp. An encrypted one must have it (§3.4) and then carries the start of
 * 2020, which the receiver answers with a NAK that tells its time.
 * A pad byte is the random byte modulo 62, counted in 0-9, A-Z, a-z.
 * Fails: '' when the cipher fails or the frame would exceed 1024 bytes. It is never sent in clear instead.
 */
export function frame(link: Link, sequence: number, data: string, utcSeconds: number): string {
  let id = data === '' ? 'NULL"' : 'ADM-CID"'
  let content = data + ']'
  if (link.key.length > 0) {
    id = '*' + id
    content = encrypt(link, '|' + content + '_' + clock.format(utcSeconds))
    if (content === '') return ''
  } else if (utcSeconds > 0) {
    content += '_' + clock.format(utcSeconds)
  }
  const body = '"' + id + ('000' + sequence).slice(-4) + link.address + '[' + content
  if (body.length + PREAMBLE_BYTES + 2 > FRAME_LIMIT_BYTES) return ''
  return '\n' + hex(crc16(body)) + hex(body.length) + body + '\r'
}

/**
 * Looks at the first complete line of what came from the receiver, as the answer to the message with this sequence.
 * Returns NONE, ACK, NAK, DUH or IGNORED; the caller drops link.consumed bytes, and asks again after all but NONE.
 * sureSeconds is the time that our frames are stamped with, or 0 while our clock is not sure.
 * Source: reporting.md §3.8, §4 (decoding a *ACK), §5.3, and the receivers of §7.
 */
export function reply(link: Link, bytes: string, sequence: number, sureSeconds: number): number {
  link.nakSeconds = 0
  link.consumed = BARE_NAK.length
  if (bytes.startsWith(BARE_NAK)) return NAK
  const end = bytes.indexOf('\r')
  if (end < 0) {
    link.consumed = bytes.length < FRAME_LIMIT_BYTES ? 0 : bytes.length
    return link.consumed > 0 ? IGNORED : NONE
  }
  link.consumed = end + 1
  // The last <LF> before <CR>: what stands in front of it is garbage or the torn start of another frame.
  const start = bytes.lastIndexOf('\n', end)
  if (start < 0 || end - start >= FRAME_LIMIT_BYTES) return IGNORED
  return judge(link, bytes.substring(start + 1, end), ('000' + sequence).slice(-4), sureSeconds)
}

/** line is a frame without <LF> and <CR>. */
function judge(link: Link, line: string, sequence: string, sureSeconds: number): number {
  const body = line.substr(PREAMBLE_BYTES)
  // The length first: it costs little, the CRC some 0.5 ms a byte.
  if (line.substr(4, 4).toUpperCase() !== hex(body.length)) return IGNORED
  if (line.substr(0, 4).toUpperCase() !== hex(crc16(body))) return IGNORED
  const quote = body.indexOf('"', 1)
  const id = body.substring(0, quote + 1)
  if (id === BARE_NAK) {
    link.nakSeconds = stamp(body)
    return NAK
  }
  const echo = body.substr(quote + 1, 4)
  // A receiver that could not read the message cannot echo its sequence (R11).
  if (id === '"DUH"') return echo === sequence || echo === '0000' ? DUH : IGNORED
  const bracket = body.indexOf('[')
  const header = body.substring(quote + 5, bracket < 0 ? body.length : bracket)
  if (echo !== sequence || !isOurs(link, header)) return IGNORED
  const isSealed = id === '"*ACK"' || id === '"*RSP"'
  if (!isSealed && id !== '"ACK"' && id !== '"RSP"') return IGNORED
  if (!isSealed) return link.key.length === 0 || link.acceptsClearAck ? ACK : IGNORED
  if (link.key.length === 0) return IGNORED
  return isFresh(link, stamp(decrypt(link, body.substr(bracket + 1))), sureSeconds) ? ACK : IGNORED
}

/**
 * R and what stands in its place ('None', R1) is skipped, L must be there. Some receivers leave the account out (R3),
 * one drops its leading zeros (§7.6).
 */
function isOurs(link: Link, header: string): boolean {
  const mark = header.indexOf('#')
  if (header.indexOf('L') < 0) return false
  if (mark < 0) return link.key.length === 0 || link.acceptsClearAck
  const account = header.substr(mark + 1).toUpperCase()
  return account.padStart(ACCOUNT_DIGITS, '0') === link.account.padStart(ACCOUNT_DIGITS, '0')
}

/** No time in it: a wrong key or a forged reply (§4). An old time: a repeated one. */
function isFresh(link: Link, seconds: number, sureSeconds: number): boolean {
  if (seconds === 0 || seconds < link.acceptedSeconds) return false
  if (sureSeconds > 0 && Math.abs(seconds - sureSeconds) > STAMP_SECONDS) return false
  link.acceptedSeconds = seconds
  return true
}

/** The time behind the last ']_', whatever pad stands before it and whatever filler behind; 0 none. */
function stamp(text: string): number {
  const at = text.lastIndexOf(']_')
  return at < 0 ? 0 : clock.parse(text.substr(at + 2, STAMP_BYTES))
}

/** Pads in front to whole blocks, 1 to 16 bytes (§4), and returns upper-case hex digits; '' when the cipher fails. */
function encrypt(link: Link, text: string): string {
  const pad = new Uint8Array(BLOCK_BYTES - (text.length % BLOCK_BYTES))
  link.random.fill(pad)
  let padded = ''
  for (let index = 0; index < pad.length; index++) padded += PAD.charAt(pad[index] % PAD.length)
  padded += text
  const bytes = new Uint8Array(padded.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = padded.charCodeAt(index)
  let digits = ''
  try {
    const sealed = link.crypto.encryptCbc(bytes, link.key)
    if (sealed.length !== bytes.length) return ''
    // Two bytes a turn, here and in decrypt(): turns are what takes time.
    for (let index = 0; index < sealed.length; index += 2) {
      digits += (0x10000 | (sealed[index] << 8) | sealed[index + 1]).toString(16).substr(1)
    }
  } catch {
    return ''
  }
  return digits.toUpperCase()
}

/** The end of the text behind hex digits of either case; '' when they are not whole blocks or the cipher fails. */
function decrypt(link: Link, digits: string): string {
  if (digits.length % (2 * BLOCK_BYTES) > 0) return ''
  const bytes = new Uint8Array(digits.length >> 1)
  for (let index = 0; index < bytes.length; index += 2) {
    // With a 1 in front, anything but four hex digits comes out below 0x10000.
    const value = parseInt('1' + digits.substr(2 * index, 4), 16)
    if (value < 0x10000) return ''
    bytes[index] = value >> 8
    bytes[index + 1] = value
  }
  try {
    const plain = link.crypto.decryptCbc(bytes, link.key)
    const start = plain.length > TAIL_BYTES ? plain.length - TAIL_BYTES : 0
    return String.fromCharCode.apply(null, plain.subarray(start) as unknown as number[])
  } catch {
    return ''
  }
}

/** Four upper-case hex digits. */
function hex(value: number): string {
  return ('000' + value.toString(16)).slice(-4).toUpperCase()
}
