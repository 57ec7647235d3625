/**
 * Fuzz target: wrong bytes for the DHCP client, in each of its states. It refuses without a trace, and whatever it takes
 * makes sense by a second reading of the packet (RFC 2131, RFC 2132).
 */

import * as client from '../../firmware/ethernet/dhcp'
import { type Dhcp, DhcpState, News } from '../../firmware/ethernet/dhcp-message'
import type { Random } from '../random'
import { hex, mutateBytes, pick, randomBytes } from './fuzz-mutate'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'

const MAC = '\x02\0\0\0\0\x01'
const NOW_MS = 100000
/** Addresses that no host has, and one of somebody else. */
const ODD = ['\x0a\0\0\xff', '\x0a\0\0\0', '\x7f\0\0\x01', '\xe0\0\0\x01', '\0\0\0\x05', '\x0a\0\0\x33']
const OFFER = 2
const ACK = 5
const NAK = 6

/** Those in which a packet may matter. */
const STATES = [
  DhcpState.SELECTING,
  DhcpState.REQUESTING,
  DhcpState.PROBING,
  DhcpState.REBOOTING,
  DhcpState.BOUND,
  DhcpState.RENEWING,
  DhcpState.REBINDING,
]

/** A client in that state, which has asked for 10.0.0.50 at 10.0.0.1. */
export function clientIn(state: DhcpState): Dhcp {
  const dhcp = client.create(MAC)
  dhcp.state = state
  dhcp.transaction = '\x11\x22\x33\x44'
  dhcp.requestMs = NOW_MS - 50
  dhcp.atMs = NOW_MS + 1000
  dhcp.endAtMs = NOW_MS + 3600000
  dhcp.rebindAtMs = NOW_MS + 3000000
  dhcp.renewAtMs = NOW_MS + 1800000
  if (state === DhcpState.SELECTING) return dhcp
  dhcp.address = '\x0a\0\0\x32'
  dhcp.mask = '\xff\xff\xff\0'
  dhcp.router = '\x0a\0\0\x01'
  dhcp.server = '\x0a\0\0\x01'
  return dhcp
}

/** A reply that this client would take, by and large. */
function reply(dhcp: Dhcp, random: Random): string {
  const usual = dhcp.state === DhcpState.SELECTING ? OFFER : ACK
  const kind = random.oneIn(4) ? [OFFER, ACK, NAK][random.below(3)] : usual
  const address = random.oneIn(5) ? ODD[random.below(ODD.length)] : '\x0a\0\0\x32'
  let bytes = '\x02\x01\x06\0' + dhcp.transaction + '\0\0\x80\0\0\0\0\0' + address + '\x0a\0\0\x01\0\0\0\0' + MAC
  bytes += '\0'.repeat(202) + '\x63\x82\x53\x63'
  const options = ['\x35\x01' + String.fromCharCode(kind), '\x36\x04\x0a\0\0\x01', '\x33\x04\0\0\x0e\x10']
  options.push('\x01\x04\xff\xff\xff\0', '\x03\x04\x0a\0\0\x01', '\x06\x08\x0a\0\0\x01\x0a\0\0\x02')
  if (random.oneIn(2)) options.push('\x3a\x04\0\0\x07\x08', '\x3b\x04\0\0\x0c\x4e')
  if (random.oneIn(4)) options.push('\0\0\0')
  if (random.oneIn(4)) options.splice(random.below(options.length), 1)
  while (options.length > 0) bytes += odd(random, options.splice(random.below(options.length), 1)[0])
  return bytes + '\xff'
}

/** An option, one in eight with a byte of its value that servers do not send. */
function odd(random: Random, option: string): string {
  if (option.length <= 2 || !random.oneIn(8)) return option
  const at = 2 + random.below(option.length - 2)
  return option.slice(0, at) + pick(random, ['\0', '\x01', '\x7f', '\x80', '\xfe', '\xff']) + option.slice(at + 1)
}

/** A message that makes sense but for its options' values, one that was hurt, or noise, some of it behind a right header. */
function input(dhcp: Dhcp, random: Random): string {
  if (random.oneIn(10)) return randomBytes(random, random.below(601))
  const right = reply(dhcp, random)
  if (random.oneIn(5)) return right.slice(0, 240) + randomBytes(random, random.below(101)) + '\xff'
  if (random.oneIn(3)) return right
  // Most of a message is padding, so half of the changes go where the options are.
  return random.oneIn(2) ? right.slice(0, 240) + mutateBytes(random, right.slice(240)) : mutateBytes(random, right)
}

class Run implements FuzzRun {
  kept = 0
  counts = { NOTHING: 0, ASK: 0, PROBE: 0, LEASE: 0, LOST: 0 }

  call(random: Random): string {
    const dhcp = clientIn(STATES[random.below(STATES.length)])
    const bytes = input(dhcp, random)
    const problem = this.feed(dhcp, bytes, random)
    this.kept = keptBytes(dhcp)
    return problem === '' ? '' : `${problem}: ${hex(bytes)}`
  }

  private feed(dhcp: Dhcp, bytes: string, random: Random): string {
    const before = JSON.stringify(dhcp)
    const { state } = dhcp
    const news = client.receive(dhcp, bytes, NOW_MS)
    this.counts[(['NOTHING', 'ASK', 'PROBE', 'LEASE', 'LOST'] as const)[news]]++
    if (news === News.NOTHING) return JSON.stringify(dhcp) === before ? '' : 'refused, but changed'
    if (bytes.substr(4, 4) !== '\x11\x22\x33\x44' || bytes.substr(28, 6) !== MAC) return 'took what was for others'
    const sense = news === News.LOST ? '' : senseOf(dhcp, bytes, state)
    if (sense !== '') return sense
    for (let polls = 0; polls < 12; polls++) {
      const nowMs = dhcp.atMs
      if (!(nowMs >= NOW_MS)) return `deadline ${nowMs}`
      if (nowMs === Infinity) return ''
      const sent = client.poll(dhcp, random, nowMs)
      if (sent !== '' && sent.length !== 300) return `message of ${sent.length} bytes`
    }
    return ''
  }
}

/** What was taken, read once more from the packet. */
function senseOf(dhcp: Dhcp, bytes: string, state: DhcpState): string {
  const address = long(dhcp.address)
  const mask = long(dhcp.mask)
  const rest = 0xffffffff - mask
  const isContiguous = rest >= 3 && rest < 0x80000000 && (rest & (rest + 1)) === 0
  if (dhcp.address !== bytes.substr(16, 4)) return 'address is not yiaddr'
  if (state !== DhcpState.SELECTING && dhcp.address !== '\x0a\0\0\x32') return 'another address than asked for'
  const host = address % (rest + 1)
  if (!isContiguous || host === 0 || host === rest) return 'mask or host makes no sense'
  const first = address >>> 24
  if (first === 0 || first === 127 || first >= 224) return 'not a host'
  if (bytes.indexOf('\x01\x04' + dhcp.mask, 240) < 0) return 'mask is not in the packet'
  const { renewAtMs, rebindAtMs, endAtMs } = dhcp
  const isOrdered = dhcp.requestMs < renewAtMs && renewAtMs < rebindAtMs && rebindAtMs < endAtMs
  if (!isOrdered && endAtMs !== Infinity) return 'T1, T2 and end out of order'
  return endAtMs - dhcp.requestMs >= 60000 ? '' : 'lease below a minute'
}

function long(bytes: string): number {
  let value = 0
  for (let index = 0; index < 4; index++) value = value * 256 + bytes.charCodeAt(index)
  return value
}

export const dhcp: FuzzTarget = {
  name: 'dhcp',
  what: "a DHCP server's datagrams, in each state of the client",
  inputsPerCall: 1,
  // MAC, transaction, two DNS servers, five more addresses, nine numbers.
  keptLimitBytes: 6 + 4 + 8 + 5 * 4 + 9 * 8,
  create: () => new Run(),
}
