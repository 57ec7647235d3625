/**
 * The IP network between the modelled chips and the station, in memory, with virtual time.
 *
 * A chip model attaches a Nic (one for the W5500's cable, one for the modem's radio bearer) and opens TCP connections
 * through it. Bytes are strings of char codes 0-255. A live bench replaces this file by real loopback sockets behind the
 * same Nic (programs/live-network.ts).
 *
 * A packet that the way swallows is sent again as TCP would, until it gives up. One packet of each direction is under way
 * at a time, so two sends in a row take twice the delay. Datagrams take the delay once and may be lost with the way. Not
 * modelled here: ARP, DNS, DHCP, a window, NAT, duplication and reordering.
 */

import type { VirtualClock } from './clock'

/** What happens to a connection that a chip opened. Exactly one of onEnd and onReset comes last; after it, silence. */
export interface ConnectionEvents {
  onOpen(): void
  onData(bytes: string): void
  /** The peer closed its side in order (FIN). */
  onEnd(): void
  /** Refused, or torn down (RST). */
  onReset(): void
}

export interface Connection {
  /** onAcknowledged runs when the peer's TCP has the bytes; never, when they are lost for good. */
  send(bytes: string, onAcknowledged: () => void): void
  /** Closes in order (FIN). */
  end(): void
  /** Forgets the connection without a word: the peer keeps a ghost. No event comes after this. */
  abandon(): void
}

/** One UDP packet. */
export interface Datagram {
  source: string
  sourcePort: number
  target: string
  targetPort: number
  bytes: string
}

/** A Nic's UDP side. */
export interface DatagramPort {
  send(datagram: Datagram): void
  /** Set by the chip: all that reaches the Nic, whatever its target. */
  onDatagram: (datagram: Datagram) => void
}

/** Called for each datagram that reaches a host's port. */
export type Serve = (datagram: Datagram, answer: (reply: Datagram) => void, via: string) => void

/** The plain answer to a datagram: from where it went, back to where it came from. */
export function replyTo(datagram: Datagram, bytes: string): Datagram {
  return {
    source: datagram.target,
    sourcePort: datagram.targetPort,
    target: datagram.source,
    targetPort: datagram.sourcePort,
    bytes,
  }
}

/** The chip's plug into the network. */
export interface Nic {
  /** True while cable or bearer is there; the chip model shows it as its link or registration. */
  isUp(): boolean
  /** Starts a TCP connection to a dotted address. When the world swallows the packets, no event ever comes. */
  connect(address: string, port: number, events: ConnectionEvents): Connection
  /** Absent where the bench has no UDP: what is sent there vanishes. */
  readonly datagrams?: DatagramPort
}

/** A Nic that the bench can break. */
export interface BreakableNic extends Nic {
  /** Cable in or out, coverage there or gone. */
  setLink(isUp: boolean): void
  /** False: the link stays up, but nothing gets through (S-9). */
  setInternet(isUp: boolean): void
}

/** A listener's side of a connection, on a host of the virtual network. */
export interface Peer {
  /** Bytes from the panel, with the way they came. */
  onData(bytes: string): void
  onEnd(): void
}

export interface PeerConnection {
  send(bytes: string): void
  end(): void
}

/** Called for each connection that reaches a listener; via names the Nic it came through. */
export type Accept = (connection: PeerConnection, via: string) => Peer

/** First retransmission after this long, then doubling (the usual TCP habit). */
const RETRY_MS = 200
/** Retransmissions before the network gives up without a word: 12.6 s in all. */
const RETRY_LIMIT = 6

/** One direction of a connection: packets arrive in order, and a packet that the way swallowed is sent again. */
class Stream {
  private waiting: (() => void)[] = []
  private retries = 0

  constructor(
    private clock: VirtualClock,
    private nic: VirtualNic,
  ) {}

  push(arrive: () => void): void {
    this.waiting.push(arrive)
    if (this.waiting.length === 1) this.depart()
  }

  private depart(): void {
    const left = this.nic.carries()
    this.clock.after(this.nic.delayMs, () => {
      if (left && this.nic.carries()) {
        this.retries = 0
        const arrive = this.waiting.shift() as () => void
        arrive()
        if (this.waiting.length > 0) this.depart()
      } else if (this.retries < RETRY_LIMIT) {
        this.clock.after(RETRY_MS << this.retries, () => this.depart())
        this.retries++
      }
    })
  }
}

class VirtualConnection implements Connection {
  private peer: Peer | undefined
  /** The chip's side hears nothing any more. */
  private isGone = false
  private isEnded = false
  private up: Stream
  private down: Stream

  constructor(
    clock: VirtualClock,
    private nic: VirtualNic,
    private events: ConnectionEvents,
  ) {
    this.up = new Stream(clock, nic)
    this.down = new Stream(clock, nic)
  }

  open(accept: Accept | undefined): void {
    this.up.push(() => {
      if (accept === undefined) {
        this.down.push(() => this.finish(true))
        return
      }
      const side: PeerConnection = {
        send: (bytes) =>
          this.down.push(() => {
            if (!this.isGone) this.events.onData(bytes)
          }),
        end: () => this.down.push(() => this.finish(false)),
      }
      this.down.push(() => {
        if (!this.isGone) this.events.onOpen()
      })
      this.peer = accept(side, this.nic.name)
    })
  }

  private finish(isReset: boolean): void {
    if (this.isGone) return
    this.isGone = true
    if (isReset) this.events.onReset()
    else this.events.onEnd()
  }

  send(bytes: string, onAcknowledged: () => void): void {
    if (this.isEnded) return
    this.up.push(() => {
      if (this.peer !== undefined) this.peer.onData(bytes)
      this.down.push(onAcknowledged)
    })
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.up.push(() => {
      if (this.peer !== undefined) this.peer.onEnd()
    })
  }

  abandon(): void {
    this.isGone = true
    this.isEnded = true
  }
}

export class VirtualNic implements BreakableNic {
  /** One-way delay in ms: half the round trip. */
  delayMs = 25
  readonly datagrams: DatagramPort = {
    onDatagram: () => {},
    send: (datagram) => this.carry(() => this.network.deliver(datagram, this)),
  }
  private hasLink = true
  private hasInternet = true

  constructor(
    private network: VirtualNetwork,
    readonly name: string,
  ) {}

  isUp(): boolean {
    return this.hasLink
  }

  setLink(isUp: boolean): void {
    this.hasLink = isUp
  }

  setInternet(isUp: boolean): void {
    this.hasInternet = isUp
  }

  carries(): boolean {
    return this.hasLink && this.hasInternet
  }

  /** One packet's way, in either direction. */
  carry(arrive: () => void): void {
    if (!this.carries()) return
    this.network.clock.after(this.delayMs, () => {
      if (this.carries()) arrive()
    })
  }

  connect(address: string, port: number, events: ConnectionEvents): Connection {
    const connection = new VirtualConnection(this.network.clock, this, events)
    connection.open(this.network.listener(address, port))
    return connection
  }
}

export class VirtualNetwork {
  private listeners: { address: string; port: number; accept: Accept }[] = []
  private hosts: { address: string; port: number; serve: Serve }[] = []

  constructor(readonly clock: VirtualClock) {}

  attach(name: string): VirtualNic {
    return new VirtualNic(this, name)
  }

  listen(address: string, port: number, accept: Accept): void {
    this.listeners.push({ address, port, accept })
  }

  /** A host that takes datagrams on a port. */
  serve(address: string, port: number, serve: Serve): void {
    this.hosts.push({ address, port, serve })
  }

  deliver(datagram: Datagram, nic: VirtualNic): void {
    for (const host of this.hosts) {
      if (host.address !== datagram.target || host.port !== datagram.targetPort) continue
      host.serve(datagram, (reply) => nic.carry(() => nic.datagrams.onDatagram(reply)), nic.name)
    }
  }

  listener(address: string, port: number): Accept | undefined {
    const found = this.listeners.find((entry) => entry.address === address && entry.port === port)
    return found ? found.accept : undefined
  }
}
