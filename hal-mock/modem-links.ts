/**
 * The modem model's ten TCP links at work (hardware.md §2.5, dialect A): what becomes of an open, what peer, bearer and
 * silence do to an open link, bytes on their way out and in. The commands are in modem-sockets.ts.
 */

import { type AtLine, isDotted, OK } from './modem-line'
import { DEAD, ENDED, type ModemLink, OPEN, OPENING } from './modem-link'
import type { Connection, Nic } from './network'

/** Codes of +CIPOPEN that come later than the command (§2.5). */
const NETWORK_FAILURE = 1
const TIMED_OUT = 10
const DNS_FAILED = 11

/** Reasons in +IPCLOSE. */
const CLOSED_BY_PEER = 1
const SEND_ABORTED = 2

export const LINKS = 10
/** Limits of AT+CIPTIMEOUT and its default, in ms. */
export const TIMEOUT_MINIMUM_MS = 3000
export const TIMEOUT_MAXIMUM_MS = 120000

/** From the payload's OK to +CIPSEND. */
const SENT_MS = 15
const DNS_MS = 1000

export class ModemLinks {
  onActivity: (what: string) => void = () => {}
  private links: (ModemLink | undefined)[] = []
  /** CIPRXGET=1: received bytes are kept until read. */
  isManual = false
  /** CIPSENDMODE=1: +CIPSEND comes with the acknowledgement. */
  waitsForAck = false
  /** netopen, cipopen, cipsend. */
  timeoutsMs = [TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS]

  constructor(
    private line: AtLine,
    private nic: Nic,
  ) {}

  linkOf(index: number): ModemLink | undefined {
    return this.links[index]
  }

  /** Power gone or restarted: the peers are told nothing. */
  reset(): void {
    for (let index = 0; index < LINKS; index++) this.drop(index)
    this.isManual = false
    this.waitsForAck = false
    this.timeoutsMs = [TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS]
  }

  /** The bearer went by itself: what is being opened fails, all else is dead but held until CIPCLOSE. */
  killAll(): void {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links[index]
      if (link === undefined) continue
      if (link.state === OPENING) this.endOpening(index, link, NETWORK_FAILURE)
      else {
        link.abandon()
        link.state = DEAD
      }
    }
  }

  /** NETCLOSE: every link closes in order. */
  closeAll(): void {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links[index]
      if (link === undefined) continue
      link.end()
      this.drop(index)
      this.line.line(`+CIPCLOSE: ${index},0`)
    }
  }

  hasLinks(): boolean {
    for (let index = 0; index < LINKS; index++) if (this.links[index] !== undefined) return true
    return false
  }

  /** Takes a link's place and begins to connect it; the name of a host is found by nobody. */
  open(index: number, link: ModemLink): void {
    this.drop(index)
    this.links[index] = link
    this.onActivity(`open ${index} ${link.address}:${link.port}`)
    if (isDotted(link.address)) this.connect(index, link)
    else link.alarm = this.line.later(DNS_MS, () => this.endOpening(index, link, DNS_FAILED))
  }

  private connect(index: number, link: ModemLink): void {
    const timeoutMs = this.timeoutsMs[1]
    link.alarm = this.line.later(timeoutMs, () => this.endOpening(index, link, TIMED_OUT))
    link.connection = this.nic.connect(link.address, link.port, {
      onOpen: () => this.endOpening(index, link, 0),
      onData: (bytes) => {
        if (link.state === OPEN) this.arrive(index, link, bytes)
      },
      onEnd: () => this.endByPeer(index, link),
      onReset: () => this.endByPeer(index, link),
    })
  }

  /** The result of a CIPOPEN; anything but 0 frees the link. */
  private endOpening(index: number, link: ModemLink, error: number): void {
    link.cancelAlarm()
    if (error === 0) link.state = OPEN
    else this.drop(index)
    this.onActivity(error === 0 ? `connected ${index}` : `open failed ${index},${error}`)
    this.line.outcome(`+CIPOPEN: ${index},${error}`)
    if (link.owesOk) this.line.finish(OK)
    link.owesOk = false
  }

  private endByPeer(index: number, link: ModemLink): void {
    if (link.state === OPENING) this.endOpening(index, link, NETWORK_FAILURE)
    else if (link.state === OPEN) this.endOpen(index, link, CLOSED_BY_PEER)
  }

  /** An open link closes without the host's wish. */
  private endOpen(index: number, link: ModemLink, reason: number): void {
    if (reason === SEND_ABORTED) link.abandon()
    else link.end()
    link.state = ENDED
    if (this.line.faults.closeDropsData) link.received = ''
    this.onActivity(reason === CLOSED_BY_PEER ? `closed by peer ${index}` : `aborted ${index}`)
    this.line.urc(`+IPCLOSE: ${index},${reason}`)
  }

  /** Frees a link; the peer is told nothing. */
  drop(index: number): void {
    const link = this.links[index]
    if (link !== undefined) link.abandon()
    this.links[index] = undefined
  }

  /** The payload of a CIPSEND came. */
  sendPayload(index: number, link: ModemLink, bytes: string): void {
    this.line.finish(OK)
    const result = `+CIPSEND: ${index},${bytes.length}`
    const isOpen = link.state === OPEN && this.links[index] === link
    if (!isOpen || !link.hasSendRoom(bytes.length)) {
      this.line.later(SENT_MS, () => this.line.outcome(`${result},${isOpen ? 0 : -1}`))
      return
    }
    const part = this.line.faults.partialSend ? bytes.substr(0, bytes.length >> 1) : bytes
    const waitsForAck = this.waitsForAck
    this.onActivity(`send ${part.length}`)
    link.sentBytes += part.length
    if (link.alarm === 0) this.watchSend(index, link)
    const connection = link.connection as Connection
    connection.send(part, () => {
      // This may still come when the link was abandoned.
      if (this.links[index] !== link) return
      this.acknowledge(index, link, part.length)
      if (waitsForAck) this.line.outcome(`${result},${part.length}`)
    })
    // In send mode 0 the result says that the modem took the bytes, no more (hardware.md §2.5).
    if (!waitsForAck) this.line.later(SENT_MS, () => this.line.outcome(`${result},${part.length}`))
  }

  private acknowledge(index: number, link: ModemLink, lengthBytes: number): void {
    link.ackedBytes += lengthBytes
    if (link.state !== OPEN) return
    link.cancelAlarm()
    if (link.ackedBytes < link.sentBytes) this.watchSend(index, link)
  }

  /** A link whose bytes stay unacknowledged is aborted. */
  private watchSend(index: number, link: ModemLink): void {
    link.alarm = this.line.later(this.timeoutsMs[2], () => this.endOpen(index, link, SEND_ABORTED))
  }

  private arrive(index: number, link: ModemLink, bytes: string): void {
    link.receivedBytes += bytes.length
    if (!this.isManual) {
      this.line.block(`RECV FROM:${link.address}:${link.port}\r\n+IPD${bytes.length}`, bytes)
      return
    }
    if (!link.hasReceiveRoom(bytes.length)) {
      this.endOpen(index, link, SEND_ABORTED)
      return
    }
    const wasEmpty = link.received === ''
    link.received += bytes
    // Edge-triggered: no second notice until everything has been read.
    if (wasEmpty) this.line.urc(`+CIPRXGET: 1,${index}`)
  }
}
