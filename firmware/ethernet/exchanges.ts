/**
 * The exchanges on socket 1, one at a time: what is sent, how long its answer is waited for, and what an answer changes
 * (hardware.md §1.12, §1.13). services.ts says which one has its turn.
 *
 * Not here: the packets and their rules (dhcp.ts, dns.ts, sntp.ts).
 */

import { OPENING } from '../transmit/path'
import * as dhcp from './dhcp'
import { type Dhcp, News } from './dhcp-message'
import * as dns from './dns'
import * as sntp from './sntp'
import { drop, type EthernetPath, Job, type Services, Step } from './steps'
import * as w5500 from './w5500'

/** How long each kind of answer keeps the socket. An ARP that nobody answers takes 1.2 s (hardware.md §1.8). */
const HOLD_MS = 4000
const ANSWER_MS = 3000
/** After a look-up that failed, of a receiver and of the time server. */
export const ASK_AGAIN_MS = 60000
const ASK_TIME_MS = 3600000
/** The panel's clock drifts less than a second in this time. */
const TIME_MS = 21600000
/** After a time server's silence; doubles seven times, to two hours. */
const TIME_RETRY_MS = 60000
const TIME_RETRY_DOUBLINGS = 7
/** After "leave me alone" (RFC 4330 §8). */
const TIME_LEAVE_MS = 86400000
/** Longer datagrams are none of ours: DHCP is at most 576 bytes with its headers, DNS 512. */
const DATAGRAM_LIMIT_BYTES = 576
const EVERYBODY = '\xff\xff\xff\xff'
const DHCP_CLIENT_PORT = 68
const DHCP_SERVER_PORT = 67
const DNS_PORT = 53
const TIME_PORT = 123
/** Nothing listens there: only ARP's answer counts. */
const DISCARD_PORT = 9
/** First of the dynamic ports. */
const FIRST_PORT = 49152

/** Sends what DHCP has to say; true when it said something. */
export function askAddress(path: EthernetPath, s: Services, client: Dhcp, nowMs: number): boolean {
  const bytes = dhcp.poll(client, path.hal.random, nowMs)
  if (bytes === '') return false
  const server = dhcp.destination(client)
  send(s, Job.DHCP, DHCP_CLIENT_PORT, server === '' ? EVERYBODY : server, DHCP_SERVER_PORT, bytes)
  // Another server may answer in place of the one that was asked.
  s.peer = ''
  s.holdUntilMs = nowMs + HOLD_MS
  return true
}

/** Sends a query, or takes note that the look-up has failed; true when it sent one. */
export function askName(path: EthernetPath, s: Services, nowMs: number): boolean {
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

/** Asks the time server, and sets when to ask again should it stay silent. */
export function askTime(path: EthernetPath, s: Services, nowMs: number): void {
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
export function listen(path: EthernetPath, s: Services, nowMs: number): void {
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

function randomPort(path: EthernetPath): number {
  const chance = new Uint8Array(2)
  path.hal.random.fill(chance)
  return FIRST_PORT + (((chance[0] << 8) | chance[1]) & 0x3fff)
}
