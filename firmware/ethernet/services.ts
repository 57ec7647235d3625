/**
 * What the Ethernet path needs seldom, by datagrams on socket 1: an address (DHCP), the receiver's address by its name
 * (DNS), the time of day (SNTP). One job at a time, each an exchange of seconds; an open() that waits for a name comes
 * before all others.
 *
 * Source: hardware.md §1.11 level 2, §1.12, §1.13. A fault of the chip is thrown, as everywhere (bring-up.ts).
 * Here: what is due when, and what comes of it. Not here: the exchanges (exchanges.ts), their packets and rules (dhcp.ts,
 * dns.ts, sntp.ts).
 */

import { bytesOf } from '../config'
import { DOWN, OPENING, READY } from '../transmit/path'
import * as dhcp from './dhcp'
import type { Dhcp } from './dhcp-message'
import * as dns from './dns'
import * as exchanges from './exchanges'
import { drop, type EthernetPath, type EthernetSettings, Job, type Services, Span, Step } from './steps'
import * as w5500 from './w5500'
import * as setup from './w5500-setup'

/** Without a lease for so long, the static address serves. */
const FALLBACK_MS = 60000
/** An address whose time is up serves all the same after so long without a fresh one. */
const STALE_MS = 1000
const NO_ADDRESS = '\0\0\0\0'

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
    chip: w5500.create(path.hal.spi, path.hal.crypto, path.chip.frame, 1),
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

/** The cable is out, or the switch is off. The chip itself would keep its sockets (hardware.md §1.9). */
export function unplugged(path: EthernetPath): void {
  w5500.command(path.chip, w5500.CLOSE)
  drop(path)
  unlinked(path)
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
    if (isKnown && nowMs - s.askedMs >= STALE_MS) path.freshUntilMs[path.index] = nowMs + exchanges.ASK_AGAIN_MS
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
  if (s.job !== Job.NONE) exchanges.listen(path, s, nowMs)
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
  if (isUp && nowMs >= s.dns.atMs && exchanges.askName(path, s, nowMs)) return
  if (client !== undefined && nowMs >= client.atMs && exchanges.askAddress(path, s, client, nowMs)) return
  if (isUp && nowMs >= s.timeAskAtMs && path.addresses[path.targets.length] !== '') {
    exchanges.askTime(path, s, nowMs)
    return
  }
  if (s.job !== Job.NONE) w5500.command(s.chip, w5500.CLOSE)
  s.job = Job.NONE
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
