/**
 * DNS: the IPv4 address of one name at a time (RFC 1035; RFC 5452 for what makes a forged answer hard).
 *
 * Bytes in, bytes out: poll() gives a query for the socket, receive() takes an answer. The owner sends each query from a
 * new random port, and passes on only what came from the server asked. A server that is silent, or cannot say, hands
 * over to the next; after ROUNDS of all of them the look-up has failed.
 *
 * Not here: IPv6, TCP, search lists, DNSSEC; a CNAME is followed only inside the answer.
 */

import type { Random } from '../hal'

export interface Dns {
  /** Name being looked up; '' none. */
  host: string
  /** Random, 2 bytes, new for each query. */
  id: string
  /** Queries sent so far; the last one went to server (tries - 1) modulo their number. */
  tries: number
  /** poll() has nothing to do before this. */
  atMs: number
  /** The result: 4 bytes, '' when the look-up failed. */
  address: string
  /** How long it may be used, within LEAST_TTL_SECONDS to MOST_TTL_SECONDS. */
  ttlSeconds: number
}

/** What an answer is: not to our query; an address; from a server that cannot say. */
export enum Answer {
  NONE,
  FOUND,
  REFUSED,
}

const WAIT_MS = 3000
const ROUNDS = 2
/** hardware.md §1.13. */
const LEAST_TTL_SECONDS = 60
const MOST_TTL_SECONDS = 86400
/** RFC 1035 §2.3.4; a name has two bytes more on the wire. */
const NAME_LIMIT = 253
const LABEL_LIMIT = 63
const HEADER_BYTES = 12
/** More records than this before the address are not read. */
const RECORD_LIMIT = 20
/** QTYPE A, QCLASS IN. */
const TYPE_AND_CLASS = '\0\x01\0\x01'

export function create(): Dns {
  return { host: '', id: '', tries: 0, atMs: Infinity, address: '', ttlSeconds: 0 }
}

/** Begins a look-up; one that is under way is forgotten. */
export function start(d: Dns, host: string, nowMs: number): void {
  d.host = host
  d.tries = 0
  d.atMs = nowMs
  d.address = ''
}

/** A query to send now, or ''. Afterwards d.atMs says when to call again; d.host is '' when the look-up has failed. */
export function poll(d: Dns, serverCount: number, random: Random, nowMs: number): string {
  if (nowMs < d.atMs) return ''
  const asked = question(d.host)
  if (d.tries >= ROUNDS * serverCount || asked === '') {
    d.host = ''
    d.atMs = Infinity
    return ''
  }
  const chance = new Uint8Array(2)
  random.fill(chance)
  d.id = String.fromCharCode(chance[0], chance[1])
  d.tries++
  d.atMs = nowMs + WAIT_MS
  // Recursion desired; one question.
  return d.id + '\x01\0\0\x01\0\0\0\0\0\0' + asked
}

/** Takes a datagram that came from the server asked. FOUND ends the look-up; REFUSED makes the next try due at once. */
export function receive(d: Dns, bytes: string, nowMs: number): Answer {
  const asked = question(d.host)
  // A reply (QR) to a plain query with our id, repeating our one question.
  if (d.host === '' || bytes.length < HEADER_BYTES + asked.length) return Answer.NONE
  if (bytes.substr(0, 2) !== d.id || (bytes.charCodeAt(2) & 0xf8) !== 0x80) return Answer.NONE
  if (word(bytes, 4) !== 1 || bytes.substr(HEADER_BYTES, asked.length).toLowerCase() !== asked.toLowerCase()) {
    return Answer.NONE
  }
  const address = (bytes.charCodeAt(3) & 15) === 0 ? find(d, bytes, HEADER_BYTES + asked.length) : ''
  if (address === '') {
    d.atMs = nowMs
    return Answer.REFUSED
  }
  d.address = address
  d.host = ''
  d.atMs = Infinity
  return Answer.FOUND
}

/** The first A record's address, with the least TTL on the way to it; '' when there is none or the packet is malformed. */
function find(d: Dns, bytes: string, at: number): string {
  const count = Math.min(word(bytes, 6), RECORD_LIMIT)
  let ttlSeconds = MOST_TTL_SECONDS
  for (let index = 0; index < count; index++) {
    at = afterName(bytes, at)
    if (at + 10 > bytes.length) return ''
    const dataBytes = word(bytes, at + 8)
    if (at + 10 + dataBytes > bytes.length) return ''
    const seconds = word(bytes, at + 4) * 65536 + word(bytes, at + 6)
    // RFC 2181 §8: the top bit makes it 0.
    if (seconds >= 0x80000000) ttlSeconds = 0
    else if (seconds < ttlSeconds) ttlSeconds = seconds
    if (bytes.substr(at, 4) === TYPE_AND_CLASS && dataBytes === 4) {
      const first = bytes.charCodeAt(at + 10)
      // Not 0.x, 127.x or a group: a filter's way to say no.
      if (first === 0 || first === 127 || first >= 224) return ''
      d.ttlSeconds = Math.max(ttlSeconds, LEAST_TTL_SECONDS)
      return bytes.substr(at + 10, 4)
    }
    at += 10 + dataBytes
  }
  return ''
}

/** Where a name ends: after its last label, or after the pointer that stands for the rest. The packet's end if nowhere. */
function afterName(bytes: string, at: number): number {
  while (at < bytes.length) {
    const lengthBytes = bytes.charCodeAt(at)
    if (lengthBytes === 0) return at + 1
    if (lengthBytes >= 0xc0) return at + 2
    if (lengthBytes > LABEL_LIMIT) break
    at += 1 + lengthBytes
  }
  return bytes.length
}

/** The question section for a name; '' when it is no name (RFC 1035 §3.1). */
function question(host: string): string {
  if (host === '' || host.length > NAME_LIMIT) return ''
  const labels = host.split('.')
  let bytes = ''
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]
    if (label === '' || label.length > LABEL_LIMIT) return ''
    bytes += String.fromCharCode(label.length) + label
  }
  return bytes + '\0' + TYPE_AND_CLASS
}

function word(bytes: string, at: number): number {
  return bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1)
}
