/** One of the modem model's links: where it stands, its connection, and what has come but was not read. */

import type { VirtualClock } from './clock'
import type { Connection } from './network'

/** An open was said, its result is on the way. */
export const OPENING = 0
export const OPEN = 1
/** Closed by the peer or aborted; unread bytes stay until it is closed or opened anew. */
export const ENDED = 2
/** Its bearer went; held until it is closed. */
export const DEAD = 3
/** A close was said, its result is on the way. */
export const CLOSING = 4

/** Unread bytes kept for one link. */
const RECEIVE_BYTES = 16384
/** Bytes sent but not acknowledged; beyond it none are taken. */
const SEND_BYTES = 8192

export class ModemLink {
  state = OPENING
  connection: Connection | undefined
  /** Arrived and not yet read. */
  received = ''
  /** UDP: lengths of the datagrams in it. */
  private lengths: number[] = []
  sentBytes = 0
  ackedBytes = 0
  receivedBytes = 0
  /** The clock's alarm for the open, then for the oldest unacknowledged bytes; 0 = none. */
  alarm = 0

  constructor(
    private clock: VirtualClock,
    readonly address: string,
    readonly port: number,
    /** The open's OK is still to come. */
    public owesOk: boolean,
    /** UDP when not 0: the socket's own port. */
    readonly localPort = 0,
  ) {}

  isUdp(): boolean {
    return this.localPort > 0
  }

  /** Bytes from the peer; a datagram is kept as one. */
  keep(bytes: string): void {
    this.received += bytes
    if (this.isUdp()) this.lengths.push(bytes.length)
  }

  hasSendRoom(lengthBytes: number): boolean {
    return this.sentBytes - this.ackedBytes + lengthBytes <= SEND_BYTES
  }

  hasReceiveRoom(lengthBytes: number): boolean {
    return this.received.length + lengthBytes <= RECEIVE_BYTES
  }

  /** Takes up to lengthBytes out of the buffer: of one datagram, whose rest is lost. */
  take(lengthBytes: number): string {
    const datagramBytes = this.lengths.shift() ?? this.received.length
    const bytes = this.received.substr(0, lengthBytes < datagramBytes ? lengthBytes : datagramBytes)
    this.received = this.received.substr(this.isUdp() ? datagramBytes : bytes.length)
    return bytes
  }

  /** Unread bytes are lost. */
  forget(): void {
    this.received = ''
    this.lengths = []
  }

  cancelAlarm(): void {
    this.clock.cancel(this.alarm)
    this.alarm = 0
  }

  /** Closes in order; what was sent before still goes out. */
  end(): void {
    this.cancelAlarm()
    if (this.connection !== undefined) this.connection.end()
  }

  /** Forgets the connection without a word to the peer. */
  abandon(): void {
    this.cancelAlarm()
    if (this.connection !== undefined) this.connection.abandon()
    this.connection = undefined
  }
}
