/**
 * DHCP client: an address of the network's own choosing, kept as long as its lease lasts (RFC 2131; options RFC 2132).
 *
 *   INIT > SELECTING > REQUESTING > PROBING > BOUND > RENEWING > REBINDING
 *    ^---- NAK, silence, address in use, end of lease -------------'       REBOOTING: the old address after a link loss
 *
 * Bytes in, bytes out: poll() gives a message for the socket, receive() takes what came to port 68, and whoever owns both
 * acts on the news. All times are monotonic. Addresses are strings of 4 bytes, '' unknown.
 *
 * Not here: the socket (services.ts), the packets (dhcp-message.ts), INFORM, RELEASE (power is cut without warning), a
 * lease kept over a restart.
 */

import type { Random } from '../hal'
import * as message from './dhcp-message'
import { type Dhcp, DhcpState, News } from './dhcp-message'

/** First wait for an answer; doubles with each try (RFC 2131 §4.1), give or take JITTER_MS. */
const WAIT_MS = 4000
const JITTER_MS = 1000
/** DISCOVERs before a pause: 4 + 8 + 16 + 32 s. REQUESTs to a server or for the old address before another way is tried. */
const DISCOVER_LIMIT = 4
const REQUEST_LIMIT = 2
const PAUSE_MS = 60000
/** RFC 2131 §3.1 point 5: least wait after a DECLINE. A server that refuses what it offered gets the same. */
const REFUSED_MS = 10000
/** RFC 2131 §4.4.5: least wait between two requests for a longer lease. */
const RENEW_MS = 60000
/** A new transaction after a NAK does not start at the same instant on all clients. */
const RESTART_MS = 1000

/** A client that has asked for nothing yet. mac: 6 bytes. */
export function create(mac: string): Dhcp {
  return {
    state: DhcpState.INIT,
    mac: mac,
    transaction: '',
    address: '',
    mask: '',
    router: '',
    dnsServers: '',
    server: '',
    shunned: '',
    tries: 0,
    startMs: 0,
    requestMs: 0,
    atMs: Infinity,
    renewAtMs: 0,
    rebindAtMs: 0,
    endAtMs: 0,
  }
}

/** Begins, or begins again after a loss of the link: with the old address while its lease lasts (RFC 2131 §3.2). */
export function start(d: Dhcp, nowMs: number): void {
  const hadLease = d.state >= DhcpState.BOUND || d.state === DhcpState.REBOOTING
  if (hadLease && nowMs < d.endAtMs) begin(d, DhcpState.REBOOTING, nowMs)
  else begin(d, DhcpState.INIT, nowMs)
}

/** Asks for a longer lease now, or goes on as it was when there is none. */
export function renew(d: Dhcp, nowMs: number): void {
  if (d.state !== DhcpState.BOUND) return
  d.renewAtMs = nowMs
  d.atMs = nowMs
}

/** Somebody else has the address: says so to the server and starts over (RFC 2131 §3.1 point 5, §4.4.4). */
export function decline(d: Dhcp, nowMs: number): void {
  begin(d, DhcpState.DECLINING, nowMs)
}

/** Nobody answered for the offered address: it is ours. */
export function accept(d: Dhcp, nowMs: number): void {
  d.state = DhcpState.BOUND
  d.shunned = ''
  d.atMs = d.renewAtMs > nowMs ? d.renewAtMs : nowMs
}

/** 1 while the address may be used. */
export function hasLease(d: Dhcp): number {
  return d.state >= DhcpState.BOUND ? 1 : 0
}

/** Where the message of poll() goes: the server that gave the lease; '' everybody. */
export function destination(d: Dhcp): string {
  return d.state === DhcpState.RENEWING ? d.server : ''
}

/** A message to send now, or ''. Afterwards d.atMs says when to call again. */
export function poll(d: Dhcp, random: Random, nowMs: number): string {
  if (nowMs < d.atMs) return ''
  const chance = new Uint8Array(5)
  random.fill(chance)
  switch (d.state) {
    case DhcpState.PROBING:
      accept(d, nowMs)
      return ''
    case DhcpState.DECLINING:
      return declining(d, nowMs)
    case DhcpState.BOUND:
    case DhcpState.RENEWING:
    case DhcpState.REBINDING:
      return extend(d, chance, nowMs)
    default:
      return acquire(d, chance, nowMs)
  }
}

function declining(d: Dhcp, nowMs: number): string {
  const bytes = message.build(d, message.DECLINE, nowMs)
  d.address = ''
  d.server = ''
  begin(d, DhcpState.INIT, nowMs + REFUSED_MS)
  return bytes
}

/** From BOUND on: asks the server from T1, everybody from T2, and again after half of what is left (RFC 2131 §4.4.5). */
function extend(d: Dhcp, chance: Uint8Array, nowMs: number): string {
  if (nowMs >= d.endAtMs) {
    d.address = ''
    begin(d, DhcpState.INIT, nowMs)
    return ''
  }
  const state = nowMs >= d.rebindAtMs ? DhcpState.REBINDING : DhcpState.RENEWING
  if (state !== d.state) {
    d.state = state
    d.transaction = transaction(chance)
    d.startMs = nowMs
  }
  const limitMs = state === DhcpState.RENEWING ? d.rebindAtMs : d.endAtMs
  const halfMs = (limitMs - nowMs) / 2
  d.atMs = Math.min(limitMs, nowMs + (halfMs > RENEW_MS ? halfMs : RENEW_MS))
  d.requestMs = nowMs
  return message.build(d, message.REQUEST, nowMs)
}

/** Before BOUND: the next try, or another way when this one stays without an answer. */
function acquire(d: Dhcp, chance: Uint8Array, nowMs: number): string {
  if (d.state === DhcpState.REQUESTING && d.tries >= REQUEST_LIMIT) {
    // It offers and then is silent: somebody else's offer is worth more.
    d.shunned = d.server
    d.state = DhcpState.INIT
  } else if (d.state === DhcpState.REBOOTING && d.tries >= REQUEST_LIMIT) {
    // No word against the old address: it may be used while the lease lasts (RFC 2131 §3.2 point 4).
    if (nowMs < d.endAtMs) {
      d.state = DhcpState.BOUND
      d.atMs = Math.min(d.endAtMs, Math.max(d.renewAtMs, nowMs + RENEW_MS))
      return ''
    }
    d.state = DhcpState.INIT
  } else if (d.state === DhcpState.SELECTING && d.tries >= DISCOVER_LIMIT) {
    d.shunned = ''
    begin(d, DhcpState.INIT, nowMs + PAUSE_MS)
    return ''
  }
  if (d.state === DhcpState.INIT) {
    d.state = DhcpState.SELECTING
    d.tries = 0
  }
  if (d.tries === 0 && d.state !== DhcpState.REQUESTING) {
    d.transaction = transaction(chance)
    d.startMs = nowMs
  }
  const jitterMs = ((chance[4] * 2 * JITTER_MS) >> 8) - JITTER_MS
  d.atMs = nowMs + (WAIT_MS << d.tries) + jitterMs
  d.tries++
  d.requestMs = nowMs
  return message.build(d, d.state === DhcpState.SELECTING ? message.DISCOVER : message.REQUEST, nowMs)
}

/** Takes a datagram that came to port 68. Anything that is not for us, or makes no sense, changes nothing. */
export function receive(d: Dhcp, bytes: string, nowMs: number): News {
  const options = message.read(d, bytes)
  if (options === undefined) return News.NOTHING
  const kind = message.kindOf(options)
  const server = message.serverOf(options)
  switch (d.state) {
    case DhcpState.SELECTING:
      if (kind !== message.OFFER || server === d.shunned || !message.keep(d, bytes, options)) return News.NOTHING
      d.server = server
      begin(d, DhcpState.REQUESTING, nowMs)
      return News.ASK
    case DhcpState.REQUESTING:
      if (server !== d.server) return News.NOTHING
      if (kind === message.NAK) {
        d.shunned = server
        return lose(d, nowMs + REFUSED_MS)
      }
      if (kind !== message.ACK || !message.isFor(d, bytes) || !message.keep(d, bytes, options)) return News.NOTHING
      d.state = DhcpState.PROBING
      d.atMs = nowMs + WAIT_MS
      return News.PROBE
    case DhcpState.REBOOTING:
    case DhcpState.RENEWING:
    case DhcpState.REBINDING:
      if (kind === message.NAK) return lose(d, nowMs + RESTART_MS)
      if (kind !== message.ACK || !message.isFor(d, bytes) || !message.keep(d, bytes, options)) return News.NOTHING
      d.server = server
      accept(d, nowMs)
      return News.LEASE
    default:
      return News.NOTHING
  }
}

function lose(d: Dhcp, atMs: number): News {
  d.address = ''
  begin(d, DhcpState.INIT, atMs)
  return News.LOST
}

function begin(d: Dhcp, state: DhcpState, atMs: number): void {
  d.state = state
  d.tries = 0
  d.atMs = atMs
}

function transaction(chance: Uint8Array): string {
  return String.fromCharCode(chance[0], chance[1], chance[2], chance[3])
}
