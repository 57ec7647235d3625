/**
 * SIA DC-09 (reporting.md §3, §4, §5.3): frames to the receiver and the meaning of what it says, clear or encrypted.
 *
 * Pure: bytes in, bytes and small codes out. Whatever the bytes, nothing throws.
 *
 * Does not number messages, wait, retry or choose a path (transmit/), and does not make SIA-DCS, UDP timing or frames with
 * a binary CRC (§3.3; in a reply it is read). DC-09 has no message authentication: a clear ACK, NAK or DUH can be forged, and
 * an *ACK to a null message (sequence 0000) can be repeated. While our clock is sure, that ends STAMP_SECONDS after the
 * time in it; while it is not, a recorded one passes at any later time, until a newer one has been accepted, and after a
 * restart none has. That is why NAK and DUH never mean delivered or deleted, and why a key admits encrypted replies only.
 */

import * as clock from '../clock'
import type { Crypto, Random } from '../hal'
import { crc16, forget, prepare as makeTables } from './crc16'
import * as seal from './seal'

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
/** hear() only: there is a whole line, and another call is needed for what it says. */
export const AGAIN = 5

/** Longest frame sent, and longest reply looked at (§5.1; Path.send takes no more). */
const FRAME_LIMIT_BYTES = 1024
/** An *ACK's time may differ from ours by this much when our clock is sure (§4: a minute or two). */
const STAMP_SECONDS = 120
/** 'HH:MM:SS,MM-DD-YYYY' */
const STAMP_BYTES = 19
/** crc and length, before the body. */
const PREAMBLE_BYTES = 8
/** The CRC of so many bytes is made first, in a step of its own. Even: crc16() takes two at a time. */
const SUM_BYTES = 96
/** The same of a reply, which has to be searched besides. */
const HEAR_BYTES = 48
/** Longest account (§3.1). */
const ACCOUNT_DIGITS = 16
/** All that some receivers say to an unknown account (R8). */
const BARE_NAK = '"NAK"'
/** What belongs to one receiver. Two receivers have two links, because each has its own clock. */
export interface Link {
  account: string
  /** 16, 24 or 32 bytes; length 0: clear. */
  key: Uint8Array
  /** The header between sequence and '[': 'R0L0#1234'. */
  address: string
  crypto: Crypto
  random: Random
  /**
   * With a key, pads every frame's clear text in front to this many bytes or, when it does not fit, to the next whole
   * block; 0 pads as the standard says, 1 to 16 bytes (§4). 64 holds an event with its own time for accounts up to six
   * digits, 80 for all. Then frames of one account are equally long (D-34), null messages too. A longer pad is not the
   * standard's, but receivers look for the first bar (§7.1-§7.3), so it is a setting.
   */
  padBytes: number
  /** For test receivers only: a clear ACK counts although there is a key. Anyone on the path could make one. */
  acceptsClearAck: boolean
  /** The reply up to the end of its first line, until that has been judged: then the same bytes are not searched again. */
  heard: string
  /**
   * Where the line's body begins in it, how many bytes of that are in the CRC, and the CRC of these: a byte each, because what
   * a number takes of memory must not follow from ciphertext.
   */
  bodyAt: number
  summedBytes: number
  sumHigh: number
  sumLow: number
  /** Its ciphertext, while that waits to be deciphered; then the end of the text, '' until then. */
  sealed: Uint8Array | undefined
  plain: string
  /** How many bytes the last reply() used up. */
  consumed: number
  /** The time in the NAK that reply() just reported; 0 none. */
  nakSeconds: number
  /**
   * The time in the ACK, NAK or DUH that reply() just reported; 0 none. Only the one in an *ACK was made with the key, and
   * only it was held against our clock.
   */
  replySeconds: number
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
    padBytes: 0,
    acceptsClearAck: false,
    heard: '',
    bodyAt: 0,
    summedBytes: 0,
    sumHigh: 0,
    sumLow: 0,
    sealed: undefined,
    plain: '',
    consumed: 0,
    nakSeconds: 0,
    replySeconds: 0,
    acceptedSeconds: 0,
  }
}

/**
 * The null message that proves the path (§5.5): sequence 0000, no data; judge its reply with sequence 0.
 * With padBytes its prefix has three zeros more, L0000 for L0, because 'NULL' is that much shorter than 'ADM-CID'. A
 * prefix of more than three digits has no room for them, and the frame is three bytes shorter.
 * utcSeconds, and how it fails: as in frame().
 */
export function nullFrame(link: Link, utcSeconds: number): string {
  return frame(link, 0, '', utcSeconds, 0)
}

/**
 * One whole frame, <LF> to <CR>.
 * data is '#1234|1121 01 005', or '' for the null message; extended data goes on behind it as '][J1'.
 * utcSeconds 0 leaves a clear frame without a stamp. An encrypted one must have it (§3.4) and then carries the start of
 * 2020, which the receiver answers with a NAK that tells its time.
 * eventSeconds is when the event happened, for one that waited (§2.1 rule 5): it goes into extended data H (§3.6), the
 * one block that all receivers of §7 take. 0: none.
 * A pad byte is the random byte modulo 62, counted in 0-9, A-Z, a-z.
 * Fails: '' when the cipher fails or the frame would exceed 1024 bytes. It is never sent in clear instead.
 */
export function frame(link: Link, sequence: number, data: string, utcSeconds: number, eventSeconds?: number): string {
  const body = compose(link, sequence, eventSeconds ? timed(data, eventSeconds) : data, utcSeconds)
  return enclose(link, body, sum(link, body))
}

/** Data with the time of its event (H, §3.6). */
export function timed(data: string, eventSeconds: number): string {
  return data + '][H' + clock.format(eventSeconds)
}

/** frame() in steps, each of which takes a panel some 40 ms. First its body. Fails: '' as in frame(). */
export function compose(link: Link, sequence: number, data: string, utcSeconds: number): string {
  let id = data === '' ? 'NULL"' : 'ADM-CID"'
  let address = link.address
  let content = data + ']'
  if (link.key.length > 0) {
    if (link.padBytes > 0 && data === '' && address.indexOf('#') - address.indexOf('L') < 5) {
      address = address.replace('L', 'L000')
    }
    id = '*' + id
    content = seal.encrypt(
      link.crypto,
      link.random,
      link.key,
      link.padBytes,
      '|' + content + '_' + clock.format(utcSeconds),
    )
    if (content === '') return ''
  } else if (utcSeconds > 0) {
    content += '_' + clock.format(utcSeconds)
  }
  return '"' + id + ('000' + sequence).slice(-4) + address + '[' + content
}

/** Some of what sum() needs, and on the device all else here. True when that was not there: making it takes as long as a step. */
export function prepare(link: Link): boolean {
  return makeTables(link.crypto)
}

/** Then half of its CRC. */
export function sum(link: Link, body: string): number {
  return crc16(link.crypto, body.substr(0, SUM_BYTES), 0)
}

/** And the frame around a body, whose sum() is crc. */
export function enclose(link: Link, body: string, crc: number): string {
  if (body === '' || body.length + PREAMBLE_BYTES + 2 > FRAME_LIMIT_BYTES) return ''
  return '\n' + hex(crc16(link.crypto, body.substr(SUM_BYTES), crc)) + hex(body.length) + body + '\r'
}

/** No message is on its way any more. */
export function rest(): void {
  forget()
}

/**
 * Looks at the first complete line of what came from the receiver, as the answer to the message with this sequence.
 * Returns NONE, ACK, NAK, DUH or IGNORED; the caller drops link.consumed bytes, and asks again after all but NONE.
 * sureSeconds is the time that our frames are stamped with, or 0 while our clock is not sure.
 * Source: reporting.md §3.8, §4 (decoding a *ACK), §5.3, and the receivers of §7.
 */
export function reply(link: Link, bytes: string, sequence: number, sureSeconds: number): number {
  let verdict = AGAIN
  while (verdict === AGAIN) verdict = hear(link, bytes, sequence, sureSeconds)
  return verdict
}

/** reply() in steps, each of which takes a panel some 40 ms: AGAIN asks for the next one, with the same bytes in front. */
export function hear(link: Link, bytes: string, sequence: number, sureSeconds: number): number {
  link.nakSeconds = 0
  link.replySeconds = 0
  const heard = link.heard
  const isKnown = heard !== '' && bytes.startsWith(heard)
  const verdict = isKnown ? judge(link, heard, ('000' + sequence).slice(-4), sureSeconds) : look(link, bytes)
  if (verdict === AGAIN) return AGAIN
  link.heard = ''
  link.sealed = undefined
  link.plain = ''
  if (verdict === NAK) link.nakSeconds = link.replySeconds
  if (verdict === IGNORED) link.replySeconds = 0
  return verdict
}

/** For the first complete line. AGAIN: it is in link.heard. */
function look(link: Link, bytes: string): number {
  link.consumed = BARE_NAK.length
  if (bytes.startsWith(BARE_NAK)) return NAK
  const first = bytes.indexOf('\n')
  // §3.3: the CRC may be two raw bytes, told by the quote behind the length, and they may be <LF> or <CR> themselves. As
  // long as the quote cannot have come, they may be: so <LF><CR> alone (R9) is waited upon.
  const isRaw = first >= 0 && (bytes.length < first + 8 || bytes.charAt(first + 7) === '"')
  const end = bytes.indexOf('\r', isRaw ? first + 3 : 0)
  if (end < 0) {
    link.consumed = bytes.length < FRAME_LIMIT_BYTES ? 0 : bytes.length
    return link.consumed > 0 ? IGNORED : NONE
  }
  link.consumed = end + 1
  // The last <LF> before <CR>: what stands in front of it is garbage or the torn start of another frame.
  let start = bytes.lastIndexOf('\n', end)
  if (isRaw && start < first + 3) start = first
  if (start < 0 || end - start >= FRAME_LIMIT_BYTES) return IGNORED
  const lengthAt = start + (bytes.charAt(start + 7) === '"' ? 3 : 5)
  // The length first: it costs little, the CRC some 0.5 ms a byte.
  const length = bytes.substr(lengthAt, 4).toUpperCase()
  const bodyBytes = end - lengthAt - 4
  // One receiver writes one more, and that in decimal (py-sia-dc-07, §7.6).
  if (length !== hex(bodyBytes) && length !== ('000' + (bodyBytes + 1)).slice(-4)) return IGNORED
  link.heard = bytes.substr(0, end + 1)
  link.bodyAt = lengthAt + 4
  link.summedBytes = 0
  link.sumHigh = 0
  link.sumLow = 0
  // Of a line that nobody heard to its end.
  link.sealed = undefined
  link.plain = ''
  return AGAIN
}

/** heard: up to the <CR> of the line. Leaves the reply's time in link.replySeconds. */
function judge(link: Link, heard: string, sequence: string, sureSeconds: number): number {
  const bodyAt = link.bodyAt
  const body = heard.substring(bodyAt, heard.length - 1)
  const summed = link.summedBytes
  if (summed > 0 && summed >= body.length) return meaning(link, body, sequence, sureSeconds)
  const crc = crc16(link.crypto, body.substr(summed, HEAR_BYTES), (link.sumHigh << 8) | link.sumLow)
  link.sumHigh = crc >> 8
  link.sumLow = crc & 255
  link.summedBytes = summed + HEAR_BYTES
  if (link.summedBytes < body.length) return AGAIN
  // Two raw bytes stand right behind the <LF>, four digits do not.
  const isRight =
    heard.charAt(bodyAt - 7) === '\n'
      ? heard.charCodeAt(bodyAt - 6) === link.sumHigh && heard.charCodeAt(bodyAt - 5) === link.sumLow
      : heard.substr(bodyAt - 8, 4).toUpperCase() === hex(crc)
  return isRight ? AGAIN : IGNORED
}

function meaning(link: Link, body: string, sequence: string, sureSeconds: number): number {
  const quote = body.indexOf('"', 1)
  const id = body.substring(0, quote + 1)
  link.replySeconds = stamp(body)
  if (id === BARE_NAK) return NAK
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
  if (link.plain === '') {
    if (link.sealed !== undefined) {
      link.plain = seal.decrypt(link.crypto, link.key, link.sealed)
      return link.plain === '' ? IGNORED : AGAIN
    }
    link.sealed = seal.bytesOfHex(body.substr(bracket + 1))
    return link.sealed === undefined ? IGNORED : AGAIN
  }
  link.replySeconds = stamp(link.plain)
  return isFresh(link, link.replySeconds, sureSeconds) ? ACK : IGNORED
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

/**
 * The time behind the last ']' and '_', whatever pad stands before them and whatever filler behind; 0 none. Versions of
 * ioBroker.sia put a blank between the two (§7.2).
 */
function stamp(text: string): number {
  let at = text.lastIndexOf(']') + 1
  if (text.charAt(at) === ' ') at++
  return at > 0 && text.charAt(at) === '_' ? clock.parse(text.substr(at + 1, STAMP_BYTES)) : 0
}

/** Four upper-case hex digits. */
function hex(value: number): string {
  return ('000' + value.toString(16)).slice(-4).toUpperCase()
}
