/**
 * The RCT: a monitoring station's receiver for SIA DC-09 (ANSI/SIA DC-09, editions 2013 to 2021) with Contact ID data.
 *
 * It reads the standard for itself and shares no code with the panel's encoder, so that a mistake on one side shows on
 * the other. It is strict where the standard is: upper-case hex digits, exact length, L present, two digits of partition.
 * It knows no sockets: programs/receiver.ts and the virtual network bring the bytes.
 *
 * It can also behave as other receivers do (habits), so that a panel can be tried against their ways without them.
 *
 * Here: sessions. In receiver-*.ts: judge (verdicts), frame (envelope and CRC), message (the body's grammar), cipher, replies,
 * habits and quirks (what others do), accounts and copies, stamp (time), names (event codes), bytes.
 *
 * Not modelled: SIA-DCS content (DUH), RSP and remote commands, supervision (it does not miss a poll), closing of idle
 * connections, a check of the sequence's order, extended data other than H, TLS.
 */

import type { Account } from './receiver-accounts'
import { bodyOf, flawOf, frameEnd, hasBinaryCrc, INCOMPLETE, TORN, wrap } from './receiver-frame'
import { type Habits, STANDARD } from './receiver-habits'
import { Judge, type Mode, type ReceiverOptions, type Reply } from './receiver-judge'

export type { Account } from './receiver-accounts'
export type { Mode, ReceiverOptions } from './receiver-judge'
export type { StationEvent } from './receiver-message'

/** One connection. */
export interface Session {
  /** The replies to send back, '' for none. Nothing comes after the session was closed. */
  receive(bytes: string): string
  /** The receiver has hung up; the bytes that it just returned go out before. */
  isClosed: boolean
}

export class Receiver {
  /** How events are answered, and null messages too unless nullMode says otherwise. */
  mode: Mode = 'ack'
  nullMode: Mode | '' = ''
  aheadSeconds = 0
  /** Another receiver's ways: receiver-quirks.ts. */
  habits: Habits = STANDARD
  /** Those that it was made with. */
  readonly accounts: Account[]
  private judge: Judge

  /** Throws when an account or a key is not of the form that Account asks for. */
  constructor(private options: ReceiverOptions) {
    this.accounts = options.accounts
    this.judge = new Judge(options, this)
  }

  /** Other accounts, or other keys, from now on. Throws as the constructor does. */
  know(accounts: Account[]): void {
    this.judge.know(accounts)
  }

  /**
   * One TCP connection. Frames may come in pieces or joined; what stands between them is skipped. receive() returns the
   * replies to send back, '' for none. A damaged binary header can hide what follows it for at most one frame's length.
   */
  open(via: string): Session {
    let rest = ''
    let isAnswered = false
    const session: Session = {
      isClosed: false,
      receive: (bytes) => {
        if (session.isClosed || (isAnswered && this.habits.answersOnce)) return ''
        isAnswered = true
        const hangUp = () => {
          session.isClosed = true
        }
        if (!this.habits.reassembles) return this.read(bytes, via, hangUp)
        const keep = (kept: string) => {
          rest = kept
        }
        return this.take(rest + bytes, via, keep, hangUp)
      },
    }
    return session
  }

  /** One UDP datagram, a frame by itself; returns the datagram to send back, '' for none. */
  datagram(bytes: string, via: string): string {
    if (!this.habits.reassembles) return this.read(bytes, via)
    let isWhole = bytes.indexOf('\n') >= 0
    const replies = this.take(bytes, via, (rest) => {
      if (rest !== '') isWhole = false
    })
    if (!isWhole) this.trace('in', via, bytes, 'no whole frame')
    return replies
  }

  /** Answers every whole frame in the bytes and hands on what may be the beginning of another. */
  private take(bytes: string, via: string, keep: (rest: string) => void, hangUp?: () => void): string {
    let replies = ''
    let isClosed = false
    const close = () => {
      isClosed = true
      if (hangUp !== undefined) hangUp()
    }
    let start = bytes.indexOf('\n')
    let end = INCOMPLETE
    while (start >= 0) {
      end = frameEnd(bytes, start)
      if (end === INCOMPLETE) break
      if (end === TORN) {
        // Whatever was cut off here, a frame can only begin at a line feed.
        end = start + 1
      } else {
        replies += this.answer(bytes.slice(start, end), via, hangUp === undefined ? undefined : close)
        if (isClosed) break
      }
      start = bytes.indexOf('\n', end)
    }
    keep(start >= 0 ? bytes.slice(start) : '')
    return replies
  }

  /** Answers what one read or one datagram brought, as receivers do that put nothing together (5.1). */
  private read(bytes: string, via: string, hangUp?: () => void): string {
    let end = bytes.length
    while (end > 0 && bytes.charAt(end - 1) === '\0') end--
    const frame = bytes.slice(0, end)
    if (frame.charAt(0) === '\n' && frameEnd(frame, 0) === end) return this.answer(frame, via, hangUp)
    const reply = this.judge.say(this.habits.unreadable, 'not one frame in one read', undefined)
    this.trace('in', via, bytes, reply.verdict)
    return this.utter(reply, via, false, hangUp)
  }

  /** hangUp closes the connection that the frame came by; undefined for a datagram. */
  private answer(frame: string, via: string, hangUp?: () => void): string {
    const isBinary = hasBinaryCrc(frame, 0)
    const body = bodyOf(frame, isBinary)
    let reply: Reply
    const flaw = flawOf(frame, body, isBinary, this.habits)
    if (isBinary && !this.habits.hasBinaryCrc) {
      reply = this.judge.say(this.habits.unreadable, 'binary CRC', undefined)
    } else if (flaw !== '') {
      // reporting.md 3.8: what was not received correctly gets no reply; the panel sends it again.
      reply = this.judge.say(this.habits.damaged, flaw, undefined)
    } else {
      reply = this.judge.verdict(body, via)
    }
    this.trace('in', via, frame, reply.verdict)
    if (reply.event !== undefined) this.options.onEvent(reply.event)
    return this.utter(reply, via, isBinary, hangUp)
  }

  /** The bytes of a reply. */
  private utter(reply: Reply, via: string, isBinary: boolean, hangUp?: () => void): string {
    const isDoubled = this.habits.doublesNak && reply.answer === 'nak' && hangUp !== undefined
    if (hangUp !== undefined && (isDoubled || reply.answer === 'hangUp')) hangUp()
    if (reply.text === '') return ''
    const isRaw = isBinary && this.habits.hasBinaryCrc
    let bytes = reply.text
    if (reply.isFrame) {
      const length = this.habits.hasDecimalLength ? (bytes.length + 1).toString().padStart(4, '0') : undefined
      bytes = wrap(bytes, isRaw, length)
    }
    const token = reply.isFrame ? reply.text.slice(1, reply.text.indexOf('"', 1)) : 'no frame'
    this.trace('out', via, bytes, token)
    return isDoubled ? bytes + bytes : bytes
  }

  private trace(direction: 'in' | 'out', via: string, frame: string, verdict: string): void {
    if (this.options.onFrame !== undefined) this.options.onFrame(direction, via, frame, verdict)
  }
}
