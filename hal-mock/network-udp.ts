/**
 * UDP in memory: hosts on the Nic's own cable, and hosts behind the router's NAT. Loss, copies, delay, overtaking and
 * bent bytes come from the way (network-way.ts), for each packet on its own. Not modelled: fragments, a size limit.
 */

import type { Way } from './network-way'
import { type Datagram, type DatagramPort, replyTo, type Serve } from './nic'

export interface Host {
  address: string
  port: number
  serve: Serve
}

const EVERYBODY = '255.255.255.255'

export class VirtualDatagrams implements DatagramPort {
  onDatagram: (datagram: Datagram) => void = ignore
  onUnreachable: (address: string, port: number) => void = ignore
  /** Hosts on the cable; broadcasts reach these. */
  readonly neighbours: Host[] = []
  /** The cards in use on the cable, all of one make. */
  card = 1
  /** When the NAT last carried a packet from inside, by both ends. */
  private mappings: Record<string, number> = {}

  /** world: the hosts behind the router. */
  constructor(
    private way: Way,
    private via: string,
    private world: Host[],
    private tell: (isUp: boolean, datagram: Datagram) => void,
  ) {}

  send(datagram: Datagram): void {
    if (datagram.card !== undefined && datagram.card !== this.card) return
    const isLocal = datagram.target === EVERYBODY || this.neighbours.some((host) => host.address === datagram.target)
    if (!isLocal) this.mappings[ends(datagram)] = this.way.clock.nowMs
    this.carry(true, datagram, (arrived) => this.arrive(arrived, isLocal))
  }

  /** A packet from the cable or the world to the panel. Unasked ones from the world stop at the NAT. */
  deliver(datagram: Datagram, isLocal: boolean): void {
    if (!isLocal && !this.isMapped(datagram)) return
    this.carry(false, datagram, (arrived) => this.onDatagram(arrived))
  }

  private arrive(datagram: Datagram, isLocal: boolean): void {
    const hosts = isLocal ? this.neighbours : this.world
    let isHost = false
    let isServed = false
    for (const host of hosts) {
      const isTarget = host.address === datagram.target
      if (isTarget) isHost = true
      if (host.port !== datagram.targetPort || !(isTarget || datagram.target === EVERYBODY)) continue
      isServed = true
      host.serve(datagram, (reply) => this.deliver(reply, isLocal), this.via)
    }
    if (!isHost || isServed || !this.way.passes(false, datagram.target)) return
    this.way.clock.after(this.way.tripMs(), () => this.onUnreachable(datagram.target, datagram.targetPort))
  }

  /** A reply fits when the panel sent to its source not long ago; replies keep no mapping alive. */
  private isMapped(reply: Datagram): boolean {
    const sentMs = this.mappings[ends(replyTo(reply, ''))]
    return sentMs !== undefined && this.way.clock.nowMs - sentMs <= this.way.natUdpMs
  }

  private carry(isUp: boolean, datagram: Datagram, arrive: (datagram: Datagram) => void): void {
    const way = this.way
    const address = isUp ? datagram.target : datagram.source
    const copies = way.doubles() ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      this.tell(isUp, datagram)
      if (!way.passes(isUp, address) || !way.keeps()) continue
      const bytes = way.bend(datagram.bytes)
      const packet: Datagram = {
        source: datagram.source,
        sourcePort: datagram.sourcePort,
        target: datagram.target,
        targetPort: datagram.targetPort,
        bytes,
      }
      way.clock.after(way.tripMs(), () => {
        if (way.passes(isUp, address)) arrive(packet)
      })
    }
  }
}

function ends(datagram: Datagram): string {
  return datagram.source + ':' + datagram.sourcePort + '>' + datagram.target + ':' + datagram.targetPort
}

function ignore(): void {}
