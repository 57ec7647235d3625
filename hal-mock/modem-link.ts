/** One of the modem model's ten links: where it stands, its connection, and what has come but was not read. */

import type { VirtualClock } from './clock'
import type { Connection } from './network'

/** CIPOPEN was said, its result is on the way. */
export const OPENING = 0
export const OPEN = 1
/** Closed by the peer or aborted; unread bytes stay until CIPCLOSE or the next CIPOPEN. */
export const ENDED = 2
/** Its bearer went; held until CIPCLOSE. */
export const DEAD = 3
/** CIPCLOSE was said, its result is on the way. */
export const CLOSING = 4

/** Unread bytes kept for one link. */
const RECEIVE_BYTES = 16384
/** Bytes sent but not acknowledged; beyond it +CIPSEND says 0 taken. */
const SEND_BYTES = 8192

export class ModemLink {
  state = OPENING
  connection: Connection | undefined
  /** Arrived and not yet read. */
  received = ''
  sentBytes = 0
  ackedBytes = 0
  receivedBytes = 0
  /** The clock's alarm for the open, then for the oldest unacknowledged bytes; 0 = none. */
  alarm = 0

  constructor(
    private clock: VirtualClock,
    readonly address: string,
    readonly port: number,
    /** The OK of CIPOPEN is still to come (faults.resultFirst). */
    public owesOk: boolean,
  ) {}

  hasSendRoom(lengthBytes: number): boolean {
    return this.sentBytes - this.ackedBytes + lengthBytes <= SEND_BYTES
  }

  hasReceiveRoom(lengthBytes: number): boolean {
    return this.received.length + lengthBytes <= RECEIVE_BYTES
  }

  /** Takes up to lengthBytes out of the buffer. */
  take(lengthBytes: number): string {
    const bytes = this.received.substr(0, lengthBytes)
    this.received = this.received.substr(bytes.length)
    return bytes
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
