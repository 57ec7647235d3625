/**
 * What the Ethernet path needs seldom, by datagrams on socket 1: an address (DHCP), the receiver's address by its name
 * (DNS), the time of day (SNTP). One job at a time, each an exchange of seconds; an open() that waits for a name comes
 * before all others.
 *
 * Source: hardware.md §1.11 level 2, §1.12, §1.13. A fault of the chip is thrown, as everywhere (bring-up.ts).
 * Not here: the packets and their rules (dhcp.ts, dns.ts, sntp.ts).
 */

import { bytesOf } from '../config'
import { DOWN, OPENING, READY } from '../transmit/path'
import * as dhcp from './dhcp'
import { type Dhcp, News } from './dhcp-message'
import * as dns from './dns'
import * as sntp from './sntp'
import { drop, type EthernetPath, type EthernetSettings, Job, type Services, Span, Step } from './steps'
import * as w5500 from './w5500'
import * as setup from './w5500-setup'

/** How long each kind of answer keeps the socket. An ARP that nobody answers takes 1.2 s (hardware.md §1.8). */
const HOLD_MS = 4000
const ANSWER_MS = 3000
/** Without a lease for so long, the static address serves. */
const FALLBACK_MS = 60000
/** After a look-up that failed, of a receiver and of the time server. */
const ASK_AGAIN_MS = 60000
const ASK_TIME_MS = 3600000
/** An address whose time is up serves all the same after so long without a fresh one. */
const STALE_MS = 1000
/** The panel's clock drifts less than a second in this time. */
const TIME_MS = 21600000
/** After a time server's silence; doubles seven times, to two hours. */
const TIME_RETRY_MS = 60000
const TIME_RETRY_DOUBLINGS = 7
/** After "leave me alone" (RFC 4330 §8). */
const TIME_LEAVE_MS = 86400000
/** Longer datagrams are none of ours: DHCP is at most 576 bytes with its headers, DNS 512. */
const DATAGRAM_LIMIT_BYTES = 576
const NO_ADDRESS = '\0\0\0\0'
const EVERYBODY = '\xff\xff\xff\xff'
const DHCP_CLIENT_PORT = 68
const DHCP_SERVER_PORT = 67
const DNS_PORT = 53
const TIME_PORT = 123
/** Nothing listens there: only ARP's answer counts. */
const DISCARD_PORT = 9
/** First of the dynamic ports. */
const FIRST_PORT = 49152

/** Completes a path that was just created: what is known of the targets, and services if any is needed. */
export function create(path: EthernetPath, settings: EthernetSettings): void {
  let isNeeded = settings.isDynamic === 1 || settings.timeServer !== ''
  for (let index = 0; index <= path.targets.length; index++) {
    const host = index < path.targets.length ? path.targets[index].host : settings.timeServer
    const bytes = bytesOf(host, '.', 10, 4)
    const isName = bytes.length !== 4 && host !== ''
    if (isName) isNeeded = true
    path.addresses.push(isName ? '' : host === '' ? NO_ADDRESS : String.fromCharCode.apply(null, bytes))
    path.freshUntilMs.push(isName ? 0 : Infinity)
  }
  if (!isNeeded) return
  const fixed = path.identity
  const mac = fixed.substr(8, 6)
  let servers = ''
  for (let index = 0; index < settings.dnsServers.length && index < 2; index++) {
    servers += String.fromCharCode.apply(null, settings.dnsServers[index])
  }
  path.services = {
    chip: w5500.create(path.hal.spi, path.chip.frame, 1),
    job: Job.NONE,
    holdUntilMs: 0,
    peer: '',
    fixed: fixed,
    dhcp: settings.isDynamic === 1 ? dhcp.create(mac) : undefined,
    leaselessMs: 0,
    dnsServers: servers,
    dns: dns.create(),
    asked: 0,
    askedMs: 0,
    askAtMs: 0,
    timeServer: settings.timeServer,
    timeAskAtMs: settings.timeServer === '' ? Infinity : 0,
    timeTries: 0,
    stamp: '',
    stampMs: 0,
  }
  if (settings.isDynamic !== 1) return
  path.identity = NO_ADDRESS + NO_ADDRESS + mac + NO_ADDRESS
  path.hasAddress = 0
}

/** The link has come up, or the chip is back from a reset. A lease is confirmed, not kept blindly (hardware.md §1.9). */
export function linked(path: EthernetPath, nowMs: number): void {
  path.isLinked = 1
  const s = path.services
  if (s !== undefined) {
    s.job = Job.NONE
    path.serviceAtMs = nowMs
    if (s.dhcp !== undefined) {
      dhcp.start(s.dhcp, nowMs)
      s.leaselessMs = nowMs
      keepAddress(path, s, s.dhcp, nowMs)
    }
  }
  if (path.hasAddress === 1 && path.state === DOWN) path.state = READY
}

/** The link is gone for good. */
export function unlinked(path: EthernetPath): void {
  path.isLinked = 0
  path.state = DOWN
  path.serviceAtMs = Infinity
  const s = path.services
  if (s === undefined || s.job === Job.NONE) return
  s.job = Job.NONE
  w5500.command(s.chip, w5500.CLOSE)
}

/** Level 2 of the ladder: addresses written again, the lease renewed, names asked anew. */
export function renew(path: EthernetPath, nowMs: number): void {
  setup.identify(path.chip, path.identity)
  const s = path.services
  if (s === undefined) return
  if (s.dhcp !== undefined) dhcp.renew(s.dhcp, nowMs)
  forget(path)
  path.serviceAtMs = nowMs
}

/** The names are asked for again before the next connection. What is known stays, for when no server answers. */
export function forget(path: EthernetPath): void {
  for (let index = 0; index < path.freshUntilMs.length; index++) {
    if (path.freshUntilMs[index] !== Infinity) path.freshUntilMs[index] = 0
  }
}

/** Somebody else answers for our address (IR.CONFLICT). A static one can only be counted. */
export function conflict(path: EthernetPath, nowMs: number): void {
  path.conflictCount++
  setup.clearConflict(path.chip)
  const s = path.services
  if (s === undefined || s.dhcp === undefined || dhcp.hasLease(s.dhcp) === 0) return
  dhcp.decline(s.dhcp, nowMs)
  s.leaselessMs = nowMs
  path.serviceAtMs = nowMs
}

/**
 * Has the address of the target that open() asked for looked up, unless it is being looked up. An alarm does not wait for
 * a dead server when there is an older address: that one serves after a second.
 */
export function resolve(path: EthernetPath, nowMs: number): void {
  const s = path.services as Services // there is a name, so there are services
  if (s.dns.host !== '' && s.asked === path.index) {
    const isKnown = path.addresses[path.index] !== ''
    if (isKnown && nowMs - s.askedMs >= STALE_MS) path.freshUntilMs[path.index] = nowMs + ASK_AGAIN_MS
    return
  }
  ask(path, s, path.index, nowMs)
  path.serviceAtMs = nowMs
}

function ask(path: EthernetPath, s: Services, index: number, nowMs: number): void {
  s.asked = index
  s.askedMs = nowMs
  dns.start(s.dns, index < path.targets.length ? path.targets[index].host : s.timeServer, nowMs)
}

/** One turn. Sets path.serviceAtMs. */
export function step(path: EthernetPath, nowMs: number): void {
  const s = path.services
  if (s === undefined) {
    path.serviceAtMs = Infinity
    return
  }
  if (s.job !== Job.NONE) listen(path, s, nowMs)
  const isUrgent = path.state === OPENING && s.job !== Job.DNS && nowMs >= s.dns.atMs
  if (s.job === Job.NONE || nowMs >= s.holdUntilMs || isUrgent) begin(path, s, nowMs)
  if (s.dhcp !== undefined) keepAddress(path, s, s.dhcp, nowMs)
  const waitMs = s.job === Job.DNS ? Span.QUICK_MS : Span.SLOW_MS
  path.serviceAtMs = s.job !== Job.NONE ? nowMs + waitMs : dueMs(path, s)
}

/** When the next job is due. */
function dueMs(path: EthernetPath, s: Services): number {
  let atMs = Infinity
  if (s.dhcp !== undefined) {
    atMs = s.dhcp.atMs
    if (dhcp.hasLease(s.dhcp) === 0 && path.identity !== s.fixed) atMs = Math.min(atMs, s.leaselessMs + FALLBACK_MS)
  }
  if (path.state === DOWN) return atMs
  if (wanted(path) >= 0) atMs = Math.min(atMs, s.dns.host === '' ? s.askAtMs : s.dns.atMs)
  if (path.addresses[path.targets.length] !== '') atMs = Math.min(atMs, s.timeAskAtMs)
  return Math.min(atMs, s.dns.atMs)
}

/** The first host without an address; -1 when all are known. */
function wanted(path: EthernetPath): number {
  return path.addresses.indexOf('')
}

/** Sends what is due, or closes the socket. */
function begin(path: EthernetPath, s: Services, nowMs: number): void {
  const client = s.dhcp
  const isUp = path.state !== DOWN
  if (isUp && s.dns.host === '' && wanted(path) >= 0 && nowMs >= s.askAtMs) ask(path, s, wanted(path), nowMs)
  if (isUp && nowMs >= s.dns.atMs) {
    if (lookUp(path, s, nowMs)) return
  }
  if (client !== undefined && nowMs >= client.atMs) {
    const bytes = dhcp.poll(client, path.hal.random, nowMs)
    if (bytes !== '') {
      const server = dhcp.destination(client)
      send(s, Job.DHCP, DHCP_CLIENT_PORT, server === '' ? EVERYBODY : server, DHCP_SERVER_PORT, bytes)
      // Another server may answer in place of the one that was asked.
      s.peer = ''
      s.holdUntilMs = nowMs + HOLD_MS
      return
    }
  }
  if (isUp && nowMs >= s.timeAskAtMs && path.addresses[path.targets.length] !== '') {
    askTime(path, s, nowMs)
    return
  }
  if (s.job !== Job.NONE) w5500.command(s.chip, w5500.CLOSE)
  s.job = Job.NONE
}

/** Sends a query, or takes note that the look-up has failed; true when it sent one. */
function lookUp(path: EthernetPath, s: Services, nowMs: number): boolean {
  const servers = s.dnsServers !== '' || s.dhcp === undefined ? s.dnsServers : s.dhcp.dnsServers
  const count = servers.length >> 2
  const bytes = dns.poll(s.dns, count, path.hal.random, nowMs)
  if (bytes === '') {
    s.askAtMs = nowMs + (s.asked < path.targets.length ? ASK_AGAIN_MS : ASK_TIME_MS)
    // The last good address serves meanwhile; without any, an open() that waits for it has failed.
    if (path.addresses[s.asked] !== '') path.freshUntilMs[s.asked] = nowMs + ASK_AGAIN_MS
    else if (path.state === OPENING && path.step === Step.IDLE && path.index === s.asked) drop(path)
    return false
  }
  const server = servers.substr(((s.dns.tries - 1) % count) * 4, 4)
  send(s, Job.DNS, randomPort(path), server, DNS_PORT, bytes)
  s.holdUntilMs = nowMs + ANSWER_MS
  return true
}

function askTime(path: EthernetPath, s: Services, nowMs: number): void {
  const chance = new Uint8Array(8)
  path.hal.random.fill(chance)
  s.stamp = String.fromCharCode.apply(null, chance as unknown as number[])
  s.stampMs = nowMs
  const doublings = s.timeTries < TIME_RETRY_DOUBLINGS ? s.timeTries : TIME_RETRY_DOUBLINGS
  s.timeAskAtMs = nowMs + (TIME_RETRY_MS << doublings) + (chance[0] << 5)
  s.timeTries++
  send(s, Job.TIME, randomPort(path), path.addresses[path.targets.length], TIME_PORT, sntp.request(s.stamp))
  s.holdUntilMs = nowMs + ANSWER_MS
  // A name that leads nowhere may lead elsewhere tomorrow.
  if (s.timeTries > 2 && path.freshUntilMs[path.targets.length] !== Infinity) path.addresses[path.targets.length] = ''
}

/** Opens socket 1 anew and sends one datagram: a fresh port, and a fresh ARP in case the peer's card was changed. */
function send(s: Services, job: Job, localPort: number, address: string, port: number, bytes: string): void {
  const peer = address + w5500.word(port)
  const chip = s.chip
  w5500.bind(chip, localPort, EVERYBODY + '\xff\xff' + peer)
  for (let at = 0; at < bytes.length; at += w5500.CHUNK_BYTES) {
    w5500.fill(chip, at, bytes.substr(at, w5500.CHUNK_BYTES))
  }
  w5500.send(chip, bytes.length)
  s.job = job
  s.peer = peer
}

/** An answer, or the news that the first hop does not even answer ARP. */
function listen(path: EthernetPath, s: Services, nowMs: number): void {
  const chip = s.chip
  w5500.look(chip)
  const isUnheard = (chip.interrupts & w5500.TIMEOUT) !== 0
  if (s.job === Job.PROBE) {
    if (s.dhcp !== undefined && (isUnheard || chip.interrupts & w5500.SENT)) {
      if (isUnheard) dhcp.accept(s.dhcp, nowMs)
      else dhcp.decline(s.dhcp, nowMs)
      s.holdUntilMs = nowMs
    }
    return
  }
  if (isUnheard) {
    s.holdUntilMs = nowMs
    if (s.job === Job.DNS) s.dns.atMs = nowMs
    return
  }
  if (chip.waiting === 0) return
  const bytes = w5500.receiveDatagram(chip, DATAGRAM_LIMIT_BYTES)
  // Both are checked: the chip takes a datagram from anybody.
  if (bytes !== '' && (s.peer === '' || bytes.substr(0, 6) === s.peer)) hear(path, s, bytes.substr(6), nowMs)
}

function hear(path: EthernetPath, s: Services, bytes: string, nowMs: number): void {
  if (s.job === Job.TIME) hearTime(path, s, bytes, nowMs)
  else if (s.job === Job.DNS) {
    const answer = dns.receive(s.dns, bytes, nowMs)
    if (answer === dns.Answer.NONE) return
    s.holdUntilMs = nowMs
    if (answer !== dns.Answer.FOUND) return
    path.addresses[s.asked] = s.dns.address
    path.freshUntilMs[s.asked] = nowMs + s.dns.ttlSeconds * 1000
  } else if (s.dhcp !== undefined) {
    const news = dhcp.receive(s.dhcp, bytes, nowMs)
    if (news === News.NOTHING) return
    s.holdUntilMs = nowMs
    if (news !== News.PROBE) return
    send(s, Job.PROBE, randomPort(path), s.dhcp.address, DISCARD_PORT, '\0')
    s.holdUntilMs = nowMs + HOLD_MS
  }
}

function hearTime(path: EthernetPath, s: Services, bytes: string, nowMs: number): void {
  const seconds = sntp.seconds(bytes, s.stamp)
  if (seconds === 0) return
  s.stamp = ''
  s.holdUntilMs = nowMs
  s.timeAskAtMs = nowMs + (seconds > 0 ? TIME_MS : TIME_LEAVE_MS)
  if (seconds < 0) return
  s.timeTries = 0
  path.timeSeconds = seconds | 0
  // When that second began: half of the round trip ago, and its fraction before that.
  path.timeAtMs = nowMs - ((nowMs - s.stampMs) >> 1) - (((seconds - path.timeSeconds) * 1000) | 0)
}

/** Gives the chip the address that is right now: leased, static in its place, or none. In place, no reset. */
function keepAddress(path: EthernetPath, s: Services, client: Dhcp, nowMs: number): void {
  const mac = s.fixed.substr(8, 6)
  let identity = NO_ADDRESS + NO_ADDRESS + mac + NO_ADDRESS
  if (dhcp.hasLease(client) === 1) {
    s.leaselessMs = nowMs
    identity = client.router + client.mask + mac + client.address
  } else if (nowMs - s.leaselessMs >= FALLBACK_MS) identity = s.fixed
  if (identity === path.identity) return
  const isMoved = identity.substr(14) !== path.identity.substr(14)
  // First our own note: when the chip does not take it, the ladder writes it again.
  path.identity = identity
  path.hasAddress = identity.substr(14) === NO_ADDRESS ? 0 : 1
  if (isMoved) {
    if (path.step > Step.IDLE) w5500.command(path.chip, w5500.CLOSE)
    drop(path)
    if (path.hasAddress === 0) path.state = DOWN
    else if (path.isLinked === 1) path.state = READY
  }
  setup.identify(path.chip, identity)
}

function randomPort(path: EthernetPath): number {
  const chance = new Uint8Array(2)
  path.hal.random.fill(chance)
  return FIRST_PORT + (((chance[0] << 8) | chance[1]) & 0x3fff)
}
