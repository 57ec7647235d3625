/**
 * TCP in memory: a packet that the way swallows is sent again as TCP would, until it gives up. One packet of each
 * direction is under way at a time, so two sends in a row take twice the delay. Not modelled: a window, fast retransmit.
 */

import type { Way } from './network-way'
import type { Accept, Connection, ConnectionEvents, Peer, PeerConnection } from './nic'

/** What a packet says, by its flags; SYN with ACK from the peer, and every packet but the first acknowledges. */
export type PacketKind = 'SYN' | 'ACK' | 'PSH' | 'FIN' | 'RST' | 'UDP'
/** Told of each packet that is put on the way, whether it arrives or not; isUp: away from the panel. */
export type TellPacket = (isUp: boolean, kind: PacketKind, bytes: string) => void

/** First retransmission after this long, then doubling (the usual TCP habit). */
const RETRY_MS = 200
/** Retransmissions before the network gives up without a word: 12.6 s in all. */
const RETRY_LIMIT = 6

/** One direction of a connection: packets arrive in order, and a packet that the way swallowed is sent again. */
class Stream {
  private waiting: (() => void)[] = []
  /** Kind and bytes of each of them. */
  private packets: [PacketKind, string][] = []
  private retries = 0

  /** isMapped: what the NAT thinks of a packet that leaves now; isUp: away from the panel; address: the peer's. */
  constructor(
    private way: Way,
    private isUp: boolean,
    private address: string,
    private isMapped: () => boolean,
    private tell: TellPacket,
  ) {}

  push(kind: PacketKind, bytes: string, arrive: () => void): void {
    this.waiting.push(arrive)
    this.packets.push([kind, bytes])
    if (this.waiting.length === 1) this.depart()
  }

  private depart(): void {
    const way = this.way
    this.tell(this.isUp, this.packets[0][0], this.packets[0][1])
    const left = way.passes(this.isUp, this.address) && this.isMapped() && way.keeps()
    way.clock.after(way.tripMs(), () => {
      if (left && way.passes(this.isUp, this.address)) {
        this.retries = 0
        const arrive = this.waiting.shift() as () => void
        this.packets.shift()
        arrive()
        if (this.waiting.length > 0) this.depart()
      } else if (this.retries < RETRY_LIMIT) {
        way.clock.after(RETRY_MS << this.retries, () => this.depart())
        this.retries++
      }
    })
  }
}

export class VirtualConnection implements Connection {
  private peer: Peer | undefined
  /** The chip's side hears nothing any more. */
  private isGone = false
  private isEnded = false
  private up: Stream
  private down: Stream
  /** The NAT's mapping: when it last carried a packet, and whether it is forgotten. */
  private carriedMs: number
  private isForgotten = false

  /** onClosed: either side has closed, so that nobody keeps a ghost. */
  constructor(
    private way: Way,
    private via: string,
    address: string,
    private events: ConnectionEvents,
    private onClosed: () => void,
    tell: TellPacket,
  ) {
    this.carriedMs = way.clock.nowMs
    this.up = new Stream(way, true, address, () => this.isMapped(true), tell)
    this.down = new Stream(way, false, address, () => this.isMapped(false), tell)
  }

  /** The NAT's answer to a packet; one from outside never makes a new mapping, one from inside has lost its port. */
  private isMapped(isUp: boolean): boolean {
    const nowMs = this.way.clock.nowMs
    if (nowMs - this.carriedMs > this.way.natTcpMs) this.isForgotten = true
    if (!this.isForgotten) {
      this.carriedMs = nowMs
      return true
    }
    if (isUp && this.way.natResets) this.way.clock.after(this.way.tripMs(), () => this.finish(true))
    return false
  }

  open(accept: Accept | undefined): void {
    this.up.push('SYN', '', () => {
      if (accept === undefined) {
        this.down.push('RST', '', () => this.finish(true))
        return
      }
      const side: PeerConnection = {
        send: (bytes) =>
          this.down.push('PSH', bytes, () => {
            if (!this.isGone) this.events.onData(this.way.bend(bytes))
          }),
        end: () => this.down.push('FIN', '', () => this.finish(false)),
        reset: () => this.down.push('RST', '', () => this.finish(true)),
      }
      this.down.push('SYN', '', () => {
        if (!this.isGone) this.events.onOpen()
      })
      this.peer = accept(side, this.via)
    })
  }

  private finish(isReset: boolean): void {
    if (this.isGone) return
    this.isGone = true
    this.onClosed()
    if (isReset) this.events.onReset()
    else this.events.onEnd()
  }

  send(bytes: string, onAcknowledged: () => void): void {
    if (this.isEnded) return
    this.up.push('PSH', bytes, () => {
      if (this.peer !== undefined) this.peer.onData(this.way.bend(bytes))
      this.down.push('ACK', '', onAcknowledged)
    })
  }

  probe(onAnswer: () => void): void {
    if (this.isEnded) return
    this.up.push('ACK', '', () => this.down.push('ACK', '', onAnswer))
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.onClosed()
    this.up.push('FIN', '', () => {
      if (this.peer !== undefined) this.peer.onEnd()
    })
  }

  abandon(): void {
    this.isGone = true
    this.isEnded = true
  }
}
