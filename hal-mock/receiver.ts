/**
 * The RCT: a monitoring station's receiver for SIA DC-09 (ANSI/SIA DC-09, editions 2013 to 2021) with Contact ID data.
 *
 * It reads the standard for itself and shares no code with the panel's encoder, so that a mistake on one side shows on
 * the other. It is strict where the standard is: upper-case hex digits, exact length, L present, two digits of partition.
 * It knows no sockets: programs/receiver.ts and the virtual network bring the bytes.
 *
 * Not modelled: SIA-DCS content (DUH), RSP and remote commands, supervision (it does not miss a poll), closing of
 * connections, a check of the sequence's order, extended data other than H, TLS.
 */

import type { Crypto } from '../firmware/hal'

export interface Account {
  /** 3 to 16 hex digits, upper case; leading zeros count. */
  account: string
  /** 32, 48 or 64 hex digits (AES-128, -192, -256); '' for an account that reports in clear. */
  keyHex: string
}

/** One accepted event, as an operator would see it. */
export interface StationEvent {
  /** The account of the sending device, from the header. */
  account: string
  sequence: number
  /** 1 new or opening, 3 restore or closing, 6 still so. */
  qualifier: number
  /** Three digits, '121' for duress. */
  code: string
  partition: number
  /** Zone or user (CCC). */
  number: number
  via: string
  isEncrypted: boolean
  /** The same account, sequence and data came before: acknowledged again, but no second event. */
  isDuplicate: boolean
  /** 'Duress'; 'event NNN' for a code that the table below leaves out. */
  name: string
  /** Panic, duress and hold-up, codes 120 to 129. */
  isPriority: boolean
  /** Time of sending, HH:MM:SS,MM-DD-YYYY in UTC, or ''. */
  stamp: string
  /** Time of occurrence from extended data H, in the same form, or ''. */
  occurred: string
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

interface Header {
  id: string
  isEncrypted: boolean
  sequence: number
  /** '' when the frame names none. */
  account: string
  /** Sequence, R, L and account as they came: what a reply echoes. */
  echo: string
  /** All that follows the first bracket. */
  content: string
}

interface Content {
  data: string
  occurred: string
  stamp: string
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

const UPPER_HEX = '0123456789ABCDEF'
const DECIMAL = '0123456789'
/** Pad characters: legal ones are all but | [ ] (reporting.md 4); these survive every panel's parser. */
const PAD_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Largest frame: 0FFF bytes of body, four digits each of CRC and length, LF and CR. */
const FRAME_LIMIT_BYTES = 4095 + 10
/** Enough to see where the first quote stands: offset 7 in the binary form, 9 in the ASCII form. */
const DECIDE_BYTES = 8
/** Oldest and newest time stamp that is taken, relative to the receiver's clock. */
const OLDEST_S = -40
const NEWEST_S = 20
/** Messages remembered to tell a copy from a new event; far fewer than the 9999 sequence numbers. */
const SEEN_LIMIT = 64
/** AES block; the pad fills the region up to it and is 1 to 16 bytes long, never 0. */
const BLOCK_BYTES = 16

/** frameEnd(): the rest of the frame has not come yet. */
const INCOMPLETE = -1
/** frameEnd(): no frame begins here. */
const TORN = -2

/** CRC-16/ARC (reflected polynomial A001), four bits at a time. */
const CRC_NIBBLE = new Uint16Array([
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
  0x8801, 0x4400,
])

/** SIA DC-05 names of the codes that a panel of this kind sends. */
const NAMES: { [code: string]: string } = {
  100: 'Medical alarm',
  110: 'Fire alarm',
  120: 'Panic alarm',
  121: 'Duress',
  122: 'Silent panic / hold-up',
  123: 'Audible panic',
  129: 'Confirmed hold-up (EN 50131 panels)',
  130: 'Burglary',
  131: 'Perimeter burglary',
  132: 'Interior burglary',
  133: '24 hour burglary',
  134: 'Entry/exit burglary',
  137: 'Tamper alarm',
  144: 'Sensor tamper (alarm)',
  146: 'Silent burglary',
  151: 'Gas detected',
  154: 'Water leakage',
  162: 'Carbon monoxide detected',
  301: 'AC mains loss',
  302: 'Low system battery',
  305: 'System reset',
  311: 'Battery missing or dead',
  350: 'Communication trouble',
  351: 'Telco 1 fault',
  352: 'Telco 2 fault',
  354: 'Failure to communicate event',
  356: 'Loss of central polling',
  374: 'Exit error alarm (zone)',
  377: 'Swinger trouble',
  380: 'Sensor trouble',
  401: 'Open/close by user',
  403: 'Automatic open/close',
  406: 'Cancel by user',
  441: 'Armed stay',
  459: 'Recent close',
  461: 'Wrong code entry',
  570: 'Zone/sensor bypass',
  573: 'Burglary bypass',
  602: 'Periodic test report',
  627: 'Program mode entry',
}

export class Receiver {
  mode: Mode = 'ack'
  private accounts: Keyed[]
  private seen: string[] = []
  /** Makes the pad of each *ACK another one, also when the sequence stays 0000. */
  private replyCount = 0

  /** Throws when an account or a key is not of the form that Account asks for. */
  constructor(private options: ReceiverOptions) {
    this.accounts = options.accounts.map(keyed)
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
    const lengthAt = isBinary ? 3 : 5
    const body = frame.slice(lengthAt + 4, frame.length - 1)
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
    const content = header.isEncrypted ? this.decrypt(header.content, account.key) : parseContent(header.content)
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

  /** reporting.md 4: region = pad "|" data "]" *( "[" xdata "]" ) "_" stamp. Undefined when it cannot have been made with this key. */
  private decrypt(hex: string, key: Uint8Array | undefined): Content | undefined {
    const cipher = bytesOfHex(hex)
    if (key === undefined || cipher === undefined || cipher.length === 0) return undefined
    if (cipher.length % BLOCK_BYTES !== 0) return undefined
    const region = stringOf(this.options.crypto.decryptCbc(cipher, key))
    const bar = region.indexOf('|')
    const bracket = region.indexOf(']')
    // Some panels leave the bar out of a NULL: pad "]_" stamp.
    const hasBar = bar >= 0 && bar < bracket
    const padBytes = hasBar ? bar : bracket
    if (padBytes < 1 || padBytes > BLOCK_BYTES || region.slice(0, padBytes).indexOf('[') >= 0) return undefined
    const content = parseContent(region.slice(hasBar ? bar + 1 : bracket))
    // The stamp is mandatory here, and the only sign that the key was right.
    return content === undefined || content.stamp === '' ? undefined : content
  }

  private acknowledge(header: Header, account: Keyed, content: Content): Reply {
    if (!header.isEncrypted || account.key === undefined) {
      return { verdict: 'ACK', body: '"ACK"' + header.echo + '[]' }
    }
    const nowSeconds = this.options.utcSeconds()
    const tail = '|]_' + (nowSeconds === 0 ? content.stamp : stampOf(nowSeconds))
    const region = this.pad(BLOCK_BYTES - (tail.length % BLOCK_BYTES), header.sequence) + tail
    const cipher = this.options.crypto.encryptCbc(bytesOf(region), account.key)
    return { verdict: '*ACK', body: '"*ACK"' + header.echo + '[' + hexOf(cipher) }
  }

  /** reporting.md 3.8: fixed text, never encrypted; without a time when the receiver has none. */
  private nak(reason: string): Reply {
    const nowSeconds = this.options.utcSeconds()
    const stamp = nowSeconds === 0 ? '' : '_' + stampOf(nowSeconds)
    return { verdict: 'NAK: ' + reason, body: '"NAK"0000R0L0A0[]' + stamp }
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

/** reporting.md 3.3: two raw CRC bytes instead of four digits, told by where the first quote stands. */
function hasBinaryCrc(bytes: string, start: number): boolean {
  return bytes.charAt(start + 7) === '"' && bytes.charAt(start + 3) === '0' && spanOf(bytes, start + 3, UPPER_HEX) === 4
}

/** Index behind the frame that begins at start, or INCOMPLETE, or TORN. */
function frameEnd(bytes: string, start: number): number {
  if (bytes.length - start < DECIDE_BYTES) return INCOMPLETE
  if (hasBinaryCrc(bytes, start)) {
    // Raw CRC bytes can be LF or CR: only the length tells the end.
    const end = start + DECIDE_BYTES + parseInt(bytes.substr(start + 3, 4), 16)
    if (bytes.length < end) return INCOMPLETE
    return bytes.charAt(end - 1) === '\r' ? end : TORN
  }
  const next = bytes.indexOf('\n', start + 1)
  const piece = next >= 0 ? bytes.slice(start, next) : bytes.slice(start)
  const sizeBytes = piece.indexOf('\r') + 1
  if (sizeBytes > FRAME_LIMIT_BYTES) return TORN
  if (sizeBytes > 0) return start + sizeBytes
  return next >= 0 || piece.length >= FRAME_LIMIT_BYTES ? TORN : INCOMPLETE
}

/** What is wrong with the envelope, '' when nothing is. Lower-case digits are wrong ones (reporting.md 3.1). */
function flawOf(frame: string, body: string, isBinary: boolean): string {
  if (body.charAt(0) !== '"') return 'not a frame'
  const envelope = wrap(body, isBinary)
  const lengthAt = isBinary ? 3 : 5
  if (frame.substr(lengthAt, 4) !== envelope.substr(lengthAt, 4)) return 'length wrong'
  return frame === envelope ? '' : 'CRC wrong'
}

function wrap(body: string, isBinary: boolean): string {
  const crc = crc16(body)
  const text = isBinary ? String.fromCharCode(crc >> 8, crc & 255) : hexDigits(crc, 4)
  return '\n' + text + hexDigits(body.length, 4) + body + '\r'
}

/** CRC-16/ARC over the body: initial value 0, no final xor; the check value of '123456789' is BB3D (reporting.md 3.2). */
function crc16(text: string): number {
  let crc = 0
  for (let index = 0; index < text.length; index++) {
    crc = crc ^ (text.charCodeAt(index) & 255)
    crc = (crc >> 4) ^ CRC_NIBBLE[crc & 15]
    crc = (crc >> 4) ^ CRC_NIBBLE[crc & 15]
  }
  return crc
}

function hexDigits(value: number, count: number): string {
  return value.toString(16).toUpperCase().padStart(count, '0')
}

/** The id between the quotes without its asterisk. */
function tokenOf(body: string): string {
  return body.slice(body.charAt(1) === '*' ? 2 : 1, Math.max(body.indexOf('"', 1), 1))
}

/** reporting.md 3.1: seq [ "R" rcvr ] "L" pref [ "#" acct ] "[". Undefined when the header does not follow the grammar. */
function parseHeader(body: string, id: string): Header | undefined {
  const first = body.indexOf('"', 1) + 1
  if (first === 0 || spanOf(body, first, DECIMAL) !== 4) return undefined
  let at = first + 4
  if (body.charAt(at) === 'R') at = fieldEnd(body, at, 1, 6)
  if (at < 0 || body.charAt(at) !== 'L') return undefined
  const accountAt = fieldEnd(body, at, 1, 6)
  if (accountAt < 0) return undefined
  const end = body.charAt(accountAt) === '#' ? fieldEnd(body, accountAt, 3, 16) : accountAt
  if (end < 0 || body.charAt(end) !== '[') return undefined
  return {
    id,
    isEncrypted: body.charAt(1) === '*',
    sequence: parseInt(body.substr(first, 4), 10),
    account: body.slice(accountAt + 1, end),
    echo: body.slice(first, end),
    content: body.slice(end + 1),
  }
}

/** Index behind a letter and its hex digits; -1 when there are too few or too many of them. */
function fieldEnd(text: string, at: number, least: number, most: number): number {
  const count = spanOf(text, at + 1, UPPER_HEX)
  return count < least || count > most ? -1 : at + 1 + count
}

/** How many characters from here on belong to the alphabet. */
function spanOf(text: string, from: number, alphabet: string): number {
  let end = from
  while (end < text.length && alphabet.indexOf(text.charAt(end)) >= 0) end++
  return end - from
}

/** reporting.md 3.1: data "]" *( "[" xdata "]" ) [ "_" stamp ]. Undefined when the content does not follow the grammar. */
function parseContent(text: string): Content | undefined {
  let at = text.indexOf(']')
  if (at < 0) return undefined
  const content: Content = { data: text.slice(0, at), occurred: '', stamp: '' }
  at++
  while (text.charAt(at) === '[') {
    const end = text.indexOf(']', at)
    if (end < 0) return undefined
    const block = text.slice(at + 2, end)
    if (text.charAt(at + 1) === 'H' && isStamp(block)) content.occurred = block
    at = end + 1
  }
  if (at === text.length) return content
  content.stamp = text.slice(at + 1)
  return text.charAt(at) === '_' && isStamp(content.stamp) ? content : undefined
}

/** reporting.md 3.5: [#]acct|Qxyz gg ccc. Undefined for anything else. The caller fills in what the frame around it says. */
function parseData(data: string): StationEvent | undefined {
  const bar = data.indexOf('|')
  const first = data.charAt(0) === '#' ? 1 : 0
  const block = data.slice(bar + 1)
  if (bar <= first || spanOf(data, first, UPPER_HEX) !== bar - first || block.length !== 11) return undefined
  const isWell =
    spanOf(block, 0, DECIMAL) === 4 &&
    block.charAt(4) === ' ' &&
    spanOf(block, 5, DECIMAL) === 2 &&
    block.charAt(7) === ' ' &&
    spanOf(block, 8, DECIMAL) === 3
  if (!isWell || '136'.indexOf(block.charAt(0)) < 0) return undefined
  const code = block.substr(1, 3)
  return {
    account: '',
    sequence: 0,
    qualifier: parseInt(block.charAt(0), 10),
    code,
    partition: parseInt(block.substr(5, 2), 10),
    number: parseInt(block.substr(8, 3), 10),
    via: '',
    isEncrypted: false,
    isDuplicate: false,
    name: NAMES[code] || 'event ' + code,
    isPriority: code.substr(0, 2) === '12',
    stamp: '',
    occurred: '',
  }
}

/** reporting.md 3.8: received correctly but cannot be processed; never encrypted. */
function duh(header: Header, reason: string): Reply {
  return { verdict: 'DUH: ' + reason, body: '"DUH"' + header.echo + '[]' }
}

/** True for HH:MM:SS,MM-DD-YYYY of a day that exists. */
function isStamp(text: string): boolean {
  return text.length === 19 && stampOf(secondsOf(text)) === text
}

/** Seconds since 1970-01-01 UTC of HH:MM:SS,MM-DD-YYYY; nonsense in, nonsense out. */
function secondsOf(stamp: string): number {
  const month = parseInt(stamp.substr(9, 2), 10)
  const day = parseInt(stamp.substr(12, 2), 10)
  // The year begins in March here, so that the leap day comes last.
  const year = parseInt(stamp.substr(15, 4), 10) - (month < 3 ? 1 : 0)
  const yearDays = Math.floor((153 * (month + (month < 3 ? 9 : -3)) + 2) / 5) + day - 1
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  const days = year * 365 + leapDays + yearDays - 719468
  const minutes = parseInt(stamp.substr(0, 2), 10) * 60 + parseInt(stamp.substr(3, 2), 10)
  return days * 86400 + minutes * 60 + parseInt(stamp.substr(6, 2), 10)
}

/** HH:MM:SS,MM-DD-YYYY in UTC (reporting.md 3.7). */
function stampOf(utcSeconds: number): string {
  const days = Math.floor(utcSeconds / 86400)
  const second = utcSeconds - days * 86400
  // Days since 0000-03-01; a cycle of 400 years has 146097.
  const cycle = Math.floor((days + 719468) / 146097)
  const cycleDay = days + 719468 - cycle * 146097
  const leaps = Math.floor(cycleDay / 1460) - Math.floor(cycleDay / 36524) + Math.floor(cycleDay / 146096)
  const cycleYear = Math.floor((cycleDay - leaps) / 365)
  const yearDay = cycleDay - (cycleYear * 365 + Math.floor(cycleYear / 4) - Math.floor(cycleYear / 100))
  const marchMonth = Math.floor((5 * yearDay + 2) / 153)
  const day = yearDay - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = cycle * 400 + cycleYear + (month < 3 ? 1 : 0)
  const minute = Math.floor(second / 60)
  const time = digits(Math.floor(minute / 60), 2) + ':' + digits(minute % 60, 2) + ':' + digits(second % 60, 2)
  return time + ',' + digits(month, 2) + '-' + digits(day, 2) + '-' + digits(year, 4)
}

function digits(value: number, count: number): string {
  return value.toString().padStart(count, '0')
}

/** Undefined unless the text is pairs of upper-case hex digits. */
function bytesOfHex(hex: string): Uint8Array | undefined {
  if (hex.length % 2 !== 0 || spanOf(hex, 0, UPPER_HEX) !== hex.length) return undefined
  const bytes = new Uint8Array(hex.length / 2)
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(hex.substr(index * 2, 2), 16)
  return bytes
}

function hexOf(bytes: Uint8Array): string {
  let hex = ''
  for (let index = 0; index < bytes.length; index++) hex += hexDigits(bytes[index], 2)
  return hex
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < bytes.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

function stringOf(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index])
  return text
}
