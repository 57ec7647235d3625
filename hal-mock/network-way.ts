/**
 * The way between a Nic and the world, with all that can be wrong with it: what network-tcp.ts and network-udp.ts ask of
 * the Nic (network.ts) for each packet. Chance comes from the network's seed, and nothing is drawn while a fault is off.
 */

import type { VirtualClock } from './clock'
import type { Random } from './random'

export interface Way {
  readonly clock: VirtualClock
  /** A NAT forgets a mapping after so long without a packet. */
  natUdpMs: number
  natTcpMs: number
  /** What it does with a TCP packet that fits no mapping any more: RST, or nothing. */
  natResets: boolean
  /** True while that direction is whole between here and the host of that address; isUp: away from the panel. */
  passes(isUp: boolean, address: string): boolean
  /** False for lossPercent of packets. */
  keeps(): boolean
  /** True for duplicatePercent of datagrams. */
  doubles(): boolean
  /** How long this packet is under way. */
  tripMs(): number
  /** The bytes, in bendPercent of packets with a bit inverted. */
  bend(bytes: string): string
}

/** The bytes with one bit inverted, anywhere. */
export function invertBit(bytes: string, random: Random): string {
  const at = random.below(bytes.length)
  const bent = bytes.charCodeAt(at) ^ (1 << random.below(8))
  return bytes.substr(0, at) + String.fromCharCode(bent) + bytes.substr(at + 1)
}
