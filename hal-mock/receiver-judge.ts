/** The receiver's verdicts: what to say to a frame that was received correctly, and which event to show. */

import type { Crypto } from '../firmware/hal'
import { type Account, type Keyed, keyed, Seen } from './receiver-accounts'
import { ReceiverCipher } from './receiver-cipher'
import type { Answer, Habits } from './receiver-habits'
import {
  type Content,
  type Header,
  parseContent,
  parseData,
  parseHeader,
  type StationEvent,
  tokenOf,
} from './receiver-message'
import { clearAck, echoOf, verdictOf, type Words, wordsOf } from './receiver-replies'
import { secondsOf, stampOf } from './receiver-stamp'

/** What the receiver does with a frame whose CRC and length are right; close: it hangs up without a word. */
export type Mode = 'ack' | 'silent' | 'nak' | 'duh' | 'close'

export interface ReceiverOptions {
  accounts: Account[]
  crypto: Crypto
  /** Seconds since 1970-01-01 UTC; 0 for a receiver without a clock, which checks no time stamps. */
  utcSeconds: () => number
  onEvent: (event: StationEvent) => void
  /** Stamps may differ from the clock by this much either way, 0 for no check; the habits' window when left out. */
  windowSeconds?: number
  /** A message that came before within this time is a copy; one that is older is an event of its own. A day when left out. */
  duplicateSeconds?: number
  /** Each frame with what became of it: 'ACK', 'DUH: unknown account', 'CRC wrong'. */
  onFrame?: (direction: 'in' | 'out', via: string, frame: string, verdict: string) => void
}

/** What may change while the receiver runs. */
export interface Ways {
  mode: Mode
  nullMode: Mode | ''
  /** How far its clock is ahead of the one in the options. */
  aheadSeconds: number
  habits: Habits
}

export interface Reply extends Words {
  verdict: string
  answer: Answer
  event?: StationEvent
}

export class Judge {
  private accounts: Keyed[] = []
  private seen: Seen
  private cipher: ReceiverCipher

  /** Throws when an account or a key is not of the form that Account asks for. */
  constructor(
    private options: ReceiverOptions,
    private ways: Ways,
  ) {
    this.know(options.accounts)
    this.seen = new Seen(options.duplicateSeconds)
    this.cipher = new ReceiverCipher(options.crypto)
  }

  /** Replaces the accounts. Throws as the constructor does. */
  know(accounts: Account[]): void {
    this.accounts = accounts.map(keyed)
  }

  /** Its clock; 0 without one. */
  private nowSeconds(): number {
    const seconds = this.options.utcSeconds()
    return seconds === 0 ? 0 : seconds + this.ways.aheadSeconds
  }

  /** A body whose CRC and length are right: what to say to it. */
  verdict(body: string, via: string): Reply {
    const id = tokenOf(body)
    const mode = id === 'NULL' && this.ways.nullMode !== '' ? this.ways.nullMode : this.ways.mode
    // Two receivers that answered each other's replies would never stop.
    if (['ACK', 'NAK', 'DUH', 'RSP'].indexOf(id) >= 0) return this.say('silence', 'a reply', undefined)
    if (mode === 'silent') return this.say('silence', 'silent', undefined)
    if (mode === 'close') return this.say('hangUp', 'closes', undefined)
    if (mode === 'nak') return this.say('nak', 'mode nak', undefined)
    const habits = this.ways.habits
    const header = parseHeader(body, id, habits.isPrefixOptional)
    if (header === undefined) return this.say(habits.unreadable, 'header wrong', undefined)
    if (mode === 'duh') return this.say('duh', 'mode duh', header)
    if (habits.needsAccount && header.account === '') return this.say(habits.unreadable, 'no account', header)
    if (id !== 'ADM-CID' && id !== 'NULL') return this.say(habits.otherToken, 'unknown token', header)
    const account = this.accountOf(header)
    if (account === undefined) return this.say(habits.unknownAccount, 'unknown account', header)
    if (account.key !== undefined && !header.isEncrypted && habits.clearDespiteKey !== 'take') {
      return this.say(habits.clearDespiteKey, 'clear frame for an account with a key', header)
    }
    return this.judgeContent(header, account, body, via)
  }

  private judgeContent(header: Header, account: Keyed, body: string, via: string): Reply {
    const habits = this.ways.habits
    const content = header.isEncrypted
      ? this.cipher.decrypt(header.content, account.key, habits)
      : parseContent(header.content)
    if (content === undefined) {
      if (header.isEncrypted) return this.say(habits.unreadable, 'cannot decrypt', header)
      return this.say(habits.badData, 'content wrong', header)
    }
    if (content.blockCount > habits.blockLimit) {
      if (habits.onMoreBlocks === 'refuse') return this.say(habits.badData, 'too many blocks', header)
      content.stamp = ''
    }
    const aheadSeconds = this.aheadOf(content)
    if (aheadSeconds !== 0) return this.say(habits.offTime, 'time stamp off by ' + aheadSeconds + ' s', header)
    if (header.id === 'NULL') {
      if (habits.nullMessage !== 'take') return this.say(habits.nullMessage, 'null message', header)
      return this.acknowledge(header, account, content)
    }
    const event = parseData(content.data)
    if (event === undefined) return this.say(habits.badData, 'data wrong', header)
    event.account = account.account
    event.sequence = header.sequence
    event.via = via
    event.isEncrypted = header.isEncrypted
    event.stamp = content.stamp
    event.occurred = content.occurred
    const message = account.account + ' ' + header.sequence + ' ' + content.data
    const isSeen = this.seen.has(habits.copies === 'mark' ? message : body, this.options.utcSeconds())
    const reply = this.acknowledge(header, account, content)
    if (isSeen && habits.copies === 'dropIdentical') return reply
    event.isDuplicate = isSeen && habits.copies === 'mark'
    reply.event = event
    return reply
  }

  /** How far the message's stamp is ahead of the clock, in s; 0 when it is within what is taken, or not checked. */
  private aheadOf(content: Content): number {
    const nowSeconds = this.nowSeconds()
    const asked = this.options.windowSeconds
    const oldest = asked === undefined ? this.ways.habits.oldestSeconds : -asked
    const newest = asked === undefined ? this.ways.habits.newestSeconds : asked
    if (content.stamp === '' || nowSeconds === 0 || (oldest === 0 && newest === 0)) return 0
    const aheadSeconds = secondsOf(content.stamp) - nowSeconds
    return aheadSeconds < oldest || aheadSeconds > newest ? aheadSeconds : 0
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
    const habits = this.ways.habits
    if (!header.isEncrypted || account.key === undefined || habits.sealed === 'clear') {
      return {
        verdict: 'ACK',
        answer: 'ack',
        text: clearAck(header, content.stamp, this.time(), habits),
        isFrame: true,
      }
    }
    const nowSeconds = this.nowSeconds()
    const stamp = nowSeconds === 0 ? content.stamp : stampOf(nowSeconds)
    const cipher = this.cipher.encrypt(stamp, header.sequence, account.key, habits.sealed)
    return { verdict: '*ACK', answer: 'ack', text: '"*ACK"' + echoOf(header, habits) + '[' + cipher, isFrame: true }
  }

  say(answer: Answer, reason: string, header: Header | undefined): Reply {
    const words = wordsOf(answer, header, this.time(), this.ways.habits)
    return { verdict: verdictOf(answer, reason), answer, text: words.text, isFrame: words.isFrame }
  }

  /** '' while the receiver has no clock. */
  private time(): string {
    const nowSeconds = this.nowSeconds()
    return nowSeconds === 0 ? '' : '_' + stampOf(nowSeconds)
  }
}
