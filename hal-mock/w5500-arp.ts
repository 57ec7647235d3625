/**
 * Who the W5500 can reach: ARP for the next hop, RCR + 1 requests, RTR apart (hardware.md §1.8).
 *
 * A UDP socket remembers the answer until it is opened anew or DIPR changes, so that a peer whose card was changed is
 * missed (hardware.md §1.7); MR.FARP asks each time. Not modelled: requests and answers on the cable, proxy ARP.
 */

import type { SocketHost } from './w5500-host'
import { GAR, isZero, MR, MR_FARP, RCR, retryMs, SHAR, SIPR, SN_DHAR, SN_DIPR, SUBR } from './w5500-registers'
import { addressAt, dotted, type Socket } from './w5500-socket'
import type { W5500Tcp } from './w5500-tcp'

/** MAC that answers each ARP request, but for its last byte: locally administered. */
const PEER_MAC = [2, 0, 0, 0, 0]

export class W5500Arp {
  constructor(
    private host: SocketHost,
    private tcp: W5500Tcp,
  ) {}

  /** Asks until somebody answers, then acts; or the socket's wait expires. */
  resolve(socket: Socket, act: () => void): void {
    this.ask(socket, this.host.common[RCR] + 1, act)
  }

  /** Before a datagram: asks only if the last answer does not serve any more. */
  resolveOnce(socket: Socket, act: () => void): void {
    const target = addressAt(socket.registers)
    const isKnown = socket.resolvedTarget === target && !(this.host.common[MR] & MR_FARP) && this.host.hasLink()
    if (isKnown || this.isBroadcast(target)) act()
    else this.resolve(socket, act)
  }

  /** To all hosts, or to all of our subnet: needs no ARP. */
  isBroadcast(target: string): boolean {
    if (target === '255.255.255.255') return true
    const common = this.host.common
    if (isZero(common, SIPR, 4)) return false
    const last: number[] = []
    for (let index = 0; index < 4; index++) last.push(common[SIPR + index] | (~common[SUBR + index] & 255))
    return target === last.join('.') && last.join('.') !== dotted(common, SIPR)
  }

  private ask(socket: Socket, waitsLeft: number, act: () => void): void {
    if (waitsLeft === 0) {
      this.tcp.expire(socket)
      return
    }
    const card = this.card(socket)
    if (card === 0) {
      this.tcp.arm(socket, retryMs(this.host.common), () => this.ask(socket, waitsLeft - 1, act))
      return
    }
    for (let index = 0; index < 5; index++) socket.registers[SN_DHAR + index] = PEER_MAC[index]
    socket.registers[SN_DHAR + 5] = card
    socket.resolvedTarget = addressAt(socket.registers)
    act()
  }

  /** The card that answers for the next hop; 0 when nobody does. */
  private card(socket: Socket): number {
    const common = this.host.common
    if (!this.host.hasLink() || isZero(common, SHAR, 6)) return 0
    const isStream = (socket.registers[0] & 15) === 1
    if (isStream && isZero(common, SIPR, 4)) return 0
    let isNear = true
    for (let index = 0; index < 4; index++) {
      if ((common[SIPR + index] ^ socket.registers[SN_DIPR + index]) & common[SUBR + index]) isNear = false
    }
    if (!isNear && isZero(common, GAR, 4)) return 0
    const hop = isNear ? addressAt(socket.registers) : dotted(common, GAR)
    return this.host.nic.arp === undefined ? 1 : this.host.nic.arp(hop)
  }
}
