/**
 * The IP network between the modelled chips and the station, in memory, with virtual time.
 *
 * A chip model attaches a Nic (one for the W5500's cable, one for the modem's radio bearer) and opens TCP connections or
 * sends datagrams through it. A live bench replaces this file by real loopback sockets behind the same Nic
 * (programs/live-network.ts). What can go wrong on the way is set on the Nic: delay, overtaking, loss, copies, bent bytes,
 * a cut in either direction, a part of the world that cannot be reached, a NAT that forgets.
 *
 * In network-*.ts: the way, TCP, UDP; in dhcp-server.ts, dns-server.ts, ntp-server.ts hosts to put on it. Not modelled:
 * routing, fragments, ICMP beyond "port unreachable", IPv6.
 */

import type { VirtualClock } from './clock'
import { type PacketKind, VirtualConnection } from './network-tcp'
import { type Host, VirtualDatagrams } from './network-udp'
import { invertBit, type Way } from './network-way'
import type { Accept, BreakableNic, Connection, ConnectionEvents, Datagram, Serve } from './nic'
import { Random } from './random'

export type {
  Accept,
  BreakableNic,
  Connection,
  ConnectionEvents,
  Datagram,
  DatagramPort,
  Nic,
  Peer,
  PeerConnection,
  Serve,
} from './nic'
export { replyTo } from './nic'

/** A few ghosts are enough to trip over. */
const HELD_LIMIT = 64

export class VirtualNic implements BreakableNic, Way {
  /** One-way delay in ms: half the round trip. */
  delayMs = 25
  /** Up to so much more for each packet, so that datagrams overtake each other. */
  jitterMs = 0
  /** So many packets of a hundred are lost. TCP sends it again, a datagram is gone. */
  lossPercent = 0
  /** So many datagrams of a hundred arrive twice. TCP hides copies. */
  duplicatePercent = 0
  /** So many packets of a hundred arrive with a bit inverted and a checksum that fits: a broken router, not a broken wire. */
  bendPercent = 0
  /** The way beyond the cable, from the panel and to the panel: one alone may be cut. */
  isUpCut = false
  isDownCut = false
  natUdpMs = Infinity
  natTcpMs = Infinity
  natResets = false
  /** The network is parted: nothing gets from here to these addresses, nor back. */
  parted: string[] = []
  /** Names that resolve() knows: what a modem's network looks up by itself. */
  names: Record<string, string> = {}
  /** Addresses with an owner on the cable; undefined: all of them, so that ARP always finds somebody. */
  owned: string[] | undefined
  readonly clock: VirtualClock
  readonly datagrams: VirtualDatagrams
  private hasLink = true

  constructor(
    private network: VirtualNetwork,
    readonly name: string,
    private random: Random,
  ) {
    this.clock = network.clock
    this.datagrams = new VirtualDatagrams(this, name, network.hosts, (isUp, packet) => {
      const [address, port] = isUp ? [packet.target, packet.targetPort] : [packet.source, packet.sourcePort]
      this.tell(isUp, 'UDP', packet.bytes, address, port, isUp ? packet.sourcePort : packet.targetPort)
    })
  }

  isUp(): boolean {
    return this.hasLink
  }

  setLink(isUp: boolean): void {
    this.hasLink = isUp
  }

  setInternet(isUp: boolean): void {
    this.isUpCut = !isUp
    this.isDownCut = !isUp
  }

  /** True while both directions are whole. */
  carries(): boolean {
    return this.passes(true, '') && this.passes(false, '')
  }

  passes(isUp: boolean, address: string): boolean {
    return this.hasLink && !(isUp ? this.isUpCut : this.isDownCut) && this.parted.indexOf(address) < 0
  }

  keeps(): boolean {
    return !this.happens(this.lossPercent)
  }

  doubles(): boolean {
    return this.happens(this.duplicatePercent)
  }

  private happens(percent: number): boolean {
    return percent > 0 && this.random.below(100) < percent
  }

  tripMs(): number {
    return this.delayMs + (this.jitterMs > 0 ? this.random.below(this.jitterMs + 1) : 0)
  }

  bend(bytes: string): string {
    return bytes !== '' && this.happens(this.bendPercent) ? invertBit(bytes, this.random) : bytes
  }

  resolve(name: string): string {
    return this.names[name] || ''
  }

  arp(address: string): number {
    const isOwned = this.owned === undefined || this.owned.indexOf(address) >= 0
    return this.hasLink && isOwned ? this.datagrams.card : 0
  }

  private tell(isUp: boolean, kind: PacketKind, bytes: string, address: string, port: number, localPort: number): void {
    const { network } = this
    if (network.onPacket === undefined) return
    network.onPacket({ atMs: network.clock.nowMs, via: this.name, isUp, kind, bytes, address, port, localPort })
  }

  /** All cards on the cable are changed for others: what is addressed to the old ones is lost. */
  changeCards(): void {
    this.datagrams.card = (this.datagrams.card % 255) + 1
  }

  /** Puts a host on the cable. From the first one on, ARP finds only hosts that were put there, and the owned ones. */
  neighbour(address: string, port: number, serve: Serve): void {
    this.own(address)
    this.datagrams.neighbours.push({ address, port, serve })
  }

  /** Gives an address an owner that says nothing but "here" to ARP. */
  own(address: string): void {
    if (this.owned === undefined) this.owned = []
    if (this.owned.indexOf(address) < 0) this.owned.push(address)
  }

  /** A datagram that nobody asked for, from the cable itself. */
  inject(datagram: Datagram): void {
    this.datagrams.deliver(datagram, true)
  }

  connect(address: string, port: number, events: ConnectionEvents, localPort?: number): Connection {
    const key = this.name + ':' + localPort + '>' + address + ':' + port
    const network = this.network
    const released = () => network.release(key)
    const connection = new VirtualConnection(this, this.name, address, events, released, (isUp, kind, bytes) =>
      this.tell(isUp, kind, bytes, address, port, localPort ?? 0),
    )
    // A peer that still holds a connection from this port answers the SYN with an ACK of the old one; our chip's RST
    // clears that away, and the attempt has failed (hardware.md §1.6).
    const isHeld = localPort !== undefined && network.isHeld(key)
    if (localPort !== undefined && !isHeld) network.hold(key)
    connection.open(isHeld ? undefined : network.listener(address, port))
    return connection
  }
}

/** One packet on the way between a Nic and the world, as somebody who listens on the cable or the air interface has it. */
export interface Packet {
  atMs: number
  /** Name of the Nic. */
  via: string
  /** Away from the panel. */
  isUp: boolean
  kind: PacketKind
  /** Payload, a character a byte. */
  bytes: string
  /** Of the peer; localPort is the panel's, 0 where a modem keeps it to itself. */
  address: string
  port: number
  localPort: number
}

export class VirtualNetwork {
  /** Told of every packet, those that get lost on the way too. */
  onPacket: ((packet: Packet) => void) | undefined
  readonly hosts: Host[] = []
  private listeners: { address: string; port: number; accept: Accept }[] = []
  private held: string[] = []
  private random: Random

  constructor(
    readonly clock: VirtualClock,
    random?: Random,
  ) {
    this.random = random ?? new Random(80)
  }

  attach(name: string): VirtualNic {
    return new VirtualNic(this, name, new Random(this.random.next()))
  }

  listen(address: string, port: number, accept: Accept): void {
    this.listeners.push({ address, port, accept })
  }

  listener(address: string, port: number): Accept | undefined {
    const found = this.listeners.find((entry) => entry.address === address && entry.port === port)
    return found ? found.accept : undefined
  }

  /** A host behind the router that takes datagrams on a port. */
  serve(address: string, port: number, serve: Serve): void {
    this.hosts.push({ address, port, serve })
  }

  // Connections that a peer may still hold, by both ends.

  hold(key: string): void {
    this.held.push(key)
    if (this.held.length > HELD_LIMIT) this.held.shift()
  }

  release(key: string): void {
    const index = this.held.indexOf(key)
    if (index >= 0) this.held.splice(index, 1)
  }

  /** True once for a connection that was never closed in order. */
  isHeld(key: string): boolean {
    const isHeld = this.held.indexOf(key) >= 0
    this.release(key)
    return isHeld
  }
}
