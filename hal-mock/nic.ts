/**
 * A chip's plug into the IP network: what a Nic offers, whoever makes it (network.ts in memory, programs/live-network.ts
 * over real sockets). Bytes are strings of char codes 0-255, addresses are dotted.
 */

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
  /** A keep-alive: onAnswer runs when the peer's TCP still knows the connection. Absent where the bench has none. */
  probe?(onAnswer: () => void): void
}

/** One UDP packet. */
export interface Datagram {
  source: string
  sourcePort: number
  target: string
  targetPort: number
  bytes: string
  /** The card that it is addressed to on the cable, as arp() told it; undefined: it finds its way. */
  card?: number
}

/** A Nic's UDP side. */
export interface DatagramPort {
  send(datagram: Datagram): void
  /** Set by the chip: all that reaches the Nic, whatever its target. */
  onDatagram: (datagram: Datagram) => void
  /** Set by the chip: an ICMP "port unreachable" came back for what was sent there. */
  onUnreachable: (address: string, port: number) => void
}

export interface Nic {
  /** True while cable or bearer is there; the chip model shows it as its link or registration. */
  isUp(): boolean
  /**
   * Starts a TCP connection to a dotted address. When the world swallows the packets, no event ever comes. localPort
   * matters to a peer that still holds a connection from it.
   */
  connect(address: string, port: number, events: ConnectionEvents, localPort?: number): Connection
  /** Absent where the bench has no UDP: what is sent there vanishes. */
  readonly datagrams?: DatagramPort
  /** The address of a name, as the network behind a modem looks it up; '' unknown. Absent: it knows no names. */
  resolve?(name: string): string
  /** The card of the host on the cable that has this address, 1 to 255; 0 nobody. Absent: every address has an owner. */
  arp?(address: string): number
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
  /** Tears the connection down (RST). */
  reset(): void
}

/** Called for each connection that reaches a listener; via names the Nic it came through. */
export type Accept = (connection: PeerConnection, via: string) => Peer

/** Called for each datagram that reaches a host's port. An answer may claim any source; NAT lets only the right one in. */
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
