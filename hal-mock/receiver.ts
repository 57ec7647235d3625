/**
 * The RCT: a monitoring station's receiver for SIA DC-09 (ANSI/SIA DC-09, editions 2013 to 2021) with Contact ID data.
 *
 * It reads the standard for itself and shares no code with the panel's encoder, so that a mistake on one side shows on
 * the other. It is strict where the standard is: upper-case hex digits, exact length, L present, two digits of partition.
 * It knows no sockets: programs/receiver.ts and the virtual network bring the bytes.
 *
 * Here: sessions, accounts and verdicts. In receiver-*.ts: frame (envelope and CRC), message (the body's grammar), cipher,
 * stamp (time), names (event codes), bytes.
 *
 * Not modelled: SIA-DCS content (DUH), RSP and remote commands, supervision (it does not miss a poll), closing of
 * connections, a check of the sequence's order, extended data other than H, TLS.
 */

import type { Crypto } from '../firmware/hal'
import { bytesOfHex, spanOf, UPPER_HEX } from './receiver-bytes'
import { ReceiverCipher } from './receiver-cipher'
import { bodyOf, flawOf, frameEnd, hasBinaryCrc, INCOMPLETE, TORN, wrap } from './receiver-frame'
import {
  type Content,
  type Header,
  parseContent,
  parseData,
  parseHeader,
  type StationEvent,
  tokenOf,
} from './receiver-message'
import { secondsOf, stampOf } from './receiver-stamp'

export type { StationEvent } from './receiver-message'

export interface Account {
  /** 3 to 16 hex digits, upper case; leading zeros count. */
  account: string
  /** 32, 48 or 64 hex digits (AES-128, -192, -256); '' for an account that reports in clear. */
  keyHex: string
}

/** What the receiver does with a frame whose CRC and length are right. */
export type Mode = 'ack' | 'silent' | 'nak' | 'duh'

export interface ReceiverOptions {
  accounts: Account[]
  crypto: Crypto
  /** Seconds since 1970-01-01 UTC; 0 for a receiver without a clock, which checks no time stamps. */
  utcSeconds: () => number
  onEvent: (event: StationEvent) => void
  /** Each frame with what became of it: 'ACK', 'DUH: unknown account', 'CRC wrong'. */
  onFrame?: (direction: 'in' | 'out', via: string, frame: string, verdict: string) => void
}

interface Reply {
  verdict: string
  /** '' for silence. */
  body: string
  event?: StationEvent
}

interface Keyed {
  account: string
  key: Uint8Array | undefined
}

/** Oldest and newest time stamp that is taken, relative to the receiver's clock. */
const OLDEST_S = -40
const NEWEST_S = 20
/** Messages remembered to tell a copy from a new event; far fewer than the 9999 sequence numbers. */
const SEEN_LIMIT = 64

export class Receiver {
  mode: Mode = 'ack'
  private accounts: Keyed[]
  private seen: string[] = []
  private cipher: ReceiverCipher

  /** Throws when an account or a key is not of the form that Account asks for. */
  constructor(private options: ReceiverOptions) {
    this.accounts = options.accounts.map(keyed)
    this.cipher = new ReceiverCipher(options.crypto)
  }

  /**
   * One TCP connection. Frames may come in pieces or joined; what stands between them is skipped. receive() returns the
   * replies to send back, '' for none. A damaged binary header can hide what follows it for at most one frame's length.
   */
  open(via: string): { receive(bytes: string): string } {
    const connection = { rest: '' }
    return {
      receive: (bytes) => {
        return this.take(connection.rest + bytes, via, (rest) => {
          connection.rest = rest
        })
      },
    }
  }

  /** One UDP datagram, a frame by itself; returns the datagram to send back, '' for none. */
  datagram(bytes: string, via: string): string {
    let isWhole = bytes.indexOf('\n') >= 0
    const replies = this.take(bytes, via, (rest) => {
      if (rest !== '') isWhole = false
    })
    if (!isWhole) this.trace('in', via, bytes, 'no whole frame')
    return replies
  }

  /** Answers every whole frame in the bytes and hands on what may be the beginning of another. */
  private take(bytes: string, via: string, keep: (rest: string) => void): string {
    let replies = ''
    let start = bytes.indexOf('\n')
    let end = INCOMPLETE
    while (start >= 0) {
      end = frameEnd(bytes, start)
      if (end === INCOMPLETE) break
      if (end === TORN) {
        // Whatever was cut off here, a frame can only begin at a line feed.
        end = start + 1
      } else {
        replies += this.answer(bytes.slice(start, end), via)
      }
      start = bytes.indexOf('\n', end)
    }
    keep(start >= 0 ? bytes.slice(start) : '')
    return replies
  }

  private answer(frame: string, via: string): string {
    const isBinary = hasBinaryCrc(frame, 0)
    const body = bodyOf(frame, isBinary)
    const flaw = flawOf(frame, body, isBinary)
    if (flaw !== '') {
      // reporting.md 3.8: what was not received correctly gets no reply; the panel sends it again.
      this.trace('in', via, frame, flaw)
      return ''
    }
    const reply = this.judge(body, via)
    this.trace('in', via, frame, reply.verdict)
    if (reply.event !== undefined) this.options.onEvent(reply.event)
    if (reply.body === '') return ''
    const framed = wrap(reply.body, isBinary)
    this.trace('out', via, framed, reply.body.slice(1, reply.body.indexOf('"', 1)))
    return framed
  }

  /** A body whose CRC and length are right: what to say to it. */
  private judge(body: string, via: string): Reply {
    const id = tokenOf(body)
    // Two receivers that answered each other's replies would never stop.
    if (['ACK', 'NAK', 'DUH', 'RSP'].indexOf(id) >= 0) return { verdict: 'a reply', body: '' }
    if (this.mode === 'silent') return { verdict: 'silent', body: '' }
    if (this.mode === 'nak') return this.nak('mode nak')
    const header = parseHeader(body, id)
    if (header === undefined) return this.nak('header wrong')
    if (this.mode === 'duh') return duh(header, 'mode duh')
    if (id !== 'ADM-CID' && id !== 'NULL') return duh(header, 'unknown token')
    const account = this.accountOf(header)
    if (account === undefined) return duh(header, 'unknown account')
    if (account.key !== undefined && !header.isEncrypted) return duh(header, 'clear frame for an account with a key')
    return this.judgeContent(header, account, via)
  }

  private judgeContent(header: Header, account: Keyed, via: string): Reply {
    const content = header.isEncrypted ? this.cipher.decrypt(header.content, account.key) : parseContent(header.content)
    if (content === undefined) return header.isEncrypted ? this.nak('cannot decrypt') : duh(header, 'content wrong')
    const nowSeconds = this.options.utcSeconds()
    if (content.stamp !== '' && nowSeconds !== 0) {
      const aheadSeconds = secondsOf(content.stamp) - nowSeconds
      if (aheadSeconds < OLDEST_S || aheadSeconds > NEWEST_S)
        return this.nak('time stamp off by ' + aheadSeconds + ' s')
    }
    if (header.id === 'NULL') return this.acknowledge(header, account, content)
    const event = parseData(content.data)
    if (event === undefined) return duh(header, 'data wrong')
    event.account = account.account
    event.sequence = header.sequence
    event.via = via
    event.isEncrypted = header.isEncrypted
    event.isDuplicate = this.isSeen(account.account + ' ' + header.sequence + ' ' + content.data)
    event.stamp = content.stamp
    event.occurred = content.occurred
    const reply = this.acknowledge(header, account, content)
    reply.event = event
    return reply
  }

  /** The header's account; a clear frame without one is taken under the account of its data field. */
  private accountOf(header: Header): Keyed | undefined {
    let name = header.account
    if (name === '' && !header.isEncrypted) {
      name = header.content.slice(header.content.charAt(0) === '#' ? 1 : 0, Math.max(header.content.indexOf('|'), 0))
    }
    return this.accounts.find((entry) => entry.account === name)
  }

  private acknowledge(header: Header, account: Keyed, content: Content): Reply {
    if (!header.isEncrypted || account.key === undefined) {
      return { verdict: 'ACK', body: '"ACK"' + header.echo + '[]' }
    }
    const nowSeconds = this.options.utcSeconds()
    const stamp = nowSeconds === 0 ? content.stamp : stampOf(nowSeconds)
    const cipher = this.cipher.encrypt(stamp, header.sequence, account.key)
    return { verdict: '*ACK', body: '"*ACK"' + header.echo + '[' + cipher }
  }

  /** reporting.md 3.8: fixed text, never encrypted; without a time when the receiver has none. */
  private nak(reason: string): Reply {
    const nowSeconds = this.options.utcSeconds()
    const stamp = nowSeconds === 0 ? '' : '_' + stampOf(nowSeconds)
    return { verdict: 'NAK: ' + reason, body: '"NAK"0000R0L0A0[]' + stamp }
  }

  /** Says whether a message came before, and remembers it. */
  private isSeen(message: string): boolean {
    if (this.seen.indexOf(message) >= 0) return true
    this.seen.push(message)
    if (this.seen.length > SEEN_LIMIT) this.seen.shift()
    return false
  }

  private trace(direction: 'in' | 'out', via: string, frame: string, verdict: string): void {
    if (this.options.onFrame !== undefined) this.options.onFrame(direction, via, frame, verdict)
  }
}

function keyed(entry: Account): Keyed {
  const length = entry.account.length
  if (length < 3 || length > 16 || spanOf(entry.account, 0, UPPER_HEX) !== length) {
    throw new Error('account ' + entry.account + ' is not 3 to 16 hex digits in upper case')
  }
  if (entry.keyHex === '') return { account: entry.account, key: undefined }
  const key = bytesOfHex(entry.keyHex.toUpperCase())
  if (key === undefined || [16, 24, 32].indexOf(key.length) < 0) {
    throw new Error('the key of account ' + entry.account + ' is not 32, 48 or 64 hex digits')
  }
  return { account: entry.account, key }
}

/** reporting.md 3.8: received correctly but cannot be processed; never encrypted. */
function duh(header: Header, reason: string): Reply {
  return { verdict: 'DUH: ' + reason, body: '"DUH"' + header.echo + '[]' }
}
