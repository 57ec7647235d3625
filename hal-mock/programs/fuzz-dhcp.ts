/**
 * Wrong bytes for the DHCP client, in each of its states: it never throws, refuses without a trace, and whatever it takes
 * makes sense by a second reading of the packet (RFC 2131, RFC 2132).
 */

import * as dhcp from '../../firmware/ethernet/dhcp'
import { type Dhcp, DhcpState, News } from '../../firmware/ethernet/dhcp-message'
import { Random } from '../random'
import { hex, mutate, noise } from './fuzz-mutate'

const MAC = '\x02\0\0\0\0\x01'
const NOW_MS = 100000
/** Addresses that no host has, and one of somebody else. */
const ODD = ['\x0a\0\0\xff', '\x0a\0\0\0', '\x7f\0\0\x01', '\xe0\0\0\x01', '\0\0\0\x05', '\x0a\0\0\x33']
const OFFER = 2
const ACK = 5
const NAK = 6

/** The state's name, and how a client gets there. */
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
  const client = dhcp.create(MAC)
  client.state = state
  client.transaction = '\x11\x22\x33\x44'
  client.requestMs = NOW_MS - 50
  client.atMs = NOW_MS + 1000
  client.endAtMs = NOW_MS + 3600000
  client.rebindAtMs = NOW_MS + 3000000
  client.renewAtMs = NOW_MS + 1800000
  if (state === DhcpState.SELECTING) return client
  client.address = '\x0a\0\0\x32'
  client.mask = '\xff\xff\xff\0'
  client.router = '\x0a\0\0\x01'
  client.server = '\x0a\0\0\x01'
  return client
}

/** A reply that this client would take, by and large. */
export function reply(client: Dhcp, random: Random): string {
  const usual = client.state === DhcpState.SELECTING ? OFFER : ACK
  const kind = random.oneIn(4) ? [OFFER, ACK, NAK][random.below(3)] : usual
  const address = random.oneIn(5) ? ODD[random.below(ODD.length)] : '\x0a\0\0\x32'
  let bytes = '\x02\x01\x06\0' + client.transaction + '\0\0\x80\0\0\0\0\0' + address + '\x0a\0\0\x01\0\0\0\0' + MAC
  bytes += '\0'.repeat(202) + '\x63\x82\x53\x63'
  const options = ['\x35\x01' + String.fromCharCode(kind), '\x36\x04\x0a\0\0\x01', '\x33\x04\0\0\x0e\x10']
  options.push('\x01\x04\xff\xff\xff\0', '\x03\x04\x0a\0\0\x01', '\x06\x08\x0a\0\0\x01\x0a\0\0\x02')
  if (random.oneIn(2)) options.push('\x3a\x04\0\0\x07\x08', '\x3b\x04\0\0\x0c\x4e')
  if (random.oneIn(4)) options.push('\0\0\0')
  if (random.oneIn(4)) options.splice(random.below(options.length), 1)
  while (options.length > 0) bytes += options.splice(random.below(options.length), 1)[0]
  return bytes + '\xff'
}

/** One input: a message that was hurt, or noise, some of it behind a right header. */
export function dhcpInput(client: Dhcp, random: Random): string {
  if (random.oneIn(10)) return noise(600, random)
  const right = reply(client, random)
  if (random.oneIn(5)) return right.substr(0, 240) + noise(100, random) + '\xff'
  // Most of a message is padding, so half of the changes go where the options are.
  return random.oneIn(2) ? right.substr(0, 240) + mutate(right.substr(240), random) : mutate(right, random)
}

export const fuzzDhcp = {
  name: 'dhcp',
  /** A line for each input that did harm; it holds the bytes. */
  run(seed: number, count: number): string[] {
    const random = new Random(seed)
    const failures: string[] = []
    for (let index = 0; index < count; index++) {
      const client = clientIn(STATES[index % STATES.length])
      const bytes = dhcpInput(client, random)
      const problem = judge(client, bytes, random)
      if (problem !== '') failures.push(`dhcp seed ${seed} input ${index}: ${problem}: ${hex(bytes)}`)
    }
    return failures
  },
}

function judge(client: Dhcp, bytes: string, random: Random): string {
  const before = JSON.stringify(client)
  const state = client.state
  try {
    const news = dhcp.receive(client, bytes, NOW_MS)
    if (news === News.NOTHING) return JSON.stringify(client) === before ? '' : 'refused, but changed'
    if (bytes.substr(4, 4) !== '\x11\x22\x33\x44' || bytes.substr(28, 6) !== MAC) return 'took what was for others'
    const sense = news === News.LOST ? '' : senseOf(client, bytes, state)
    if (sense !== '') return sense
    for (let polls = 0; polls < 12; polls++) {
      const nowMs = client.atMs
      if (!(nowMs >= NOW_MS)) return `deadline ${nowMs}`
      if (nowMs === Infinity) return ''
      const sent = dhcp.poll(client, random, nowMs)
      if (sent !== '' && sent.length !== 300) return `message of ${sent.length} bytes`
    }
    return ''
  } catch (error) {
    return String(error)
  }
}

/** What was taken, read once more from the packet. */
function senseOf(client: Dhcp, bytes: string, state: DhcpState): string {
  const address = long(client.address)
  const mask = long(client.mask)
  const rest = 0xffffffff - mask
  const isContiguous = rest >= 3 && rest < 0x80000000 && (rest & (rest + 1)) === 0
  if (client.address !== bytes.substr(16, 4)) return 'address is not yiaddr'
  if (state !== DhcpState.SELECTING && client.address !== '\x0a\0\0\x32') return 'another address than asked for'
  const host = address % (rest + 1)
  if (!isContiguous || host === 0 || host === rest) return 'mask or host makes no sense'
  const first = address >>> 24
  if (first === 0 || first === 127 || first >= 224) return 'not a host'
  if (bytes.indexOf('\x01\x04' + client.mask, 240) < 0) return 'mask is not in the packet'
  const { renewAtMs, rebindAtMs, endAtMs } = client
  const isOrdered = client.requestMs < renewAtMs && renewAtMs < rebindAtMs && rebindAtMs < endAtMs
  if (!isOrdered && endAtMs !== Infinity) return 'T1, T2 and end out of order'
  return endAtMs - client.requestMs >= 60000 ? '' : 'lease below a minute'
}

function long(bytes: string): number {
  let value = 0
  for (let index = 0; index < 4; index++) value = value * 256 + bytes.charCodeAt(index)
  return value
}
