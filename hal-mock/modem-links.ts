/**
 * The modem models' links at work: what becomes of an open, what peer, bearer and silence do to an open link, bytes on
 * their way out and in, over TCP and UDP. What a family says of all this is its own (Speech); its commands are in
 * modem-sockets.ts for A, modem-b.ts to modem-e.ts for the others.
 */

import { type AtLine, isDotted } from './modem-line'
import { DEAD, ENDED, type ModemLink, OPEN, OPENING } from './modem-link'
import type { Connection, Datagram, Nic } from './network'

/** Outcomes of an open. */
export const OPENED = 0
export const REFUSED = 1
export const TIMED_OUT = 2
export const NAME_UNKNOWN = 3

/** Why a link ended without the host's wish. */
export const BY_PEER = 1
export const ABORTED = 2

/** How a family tells its host; each is called once the thing has happened. */
export interface Speech {
  /** An open is done; after a failure the link is free. */
  opened(index: number, link: ModemLink, outcome: number): void
  ended(index: number, reason: number): void
  /** The first bytes that are not read yet. */
  notice(index: number, lengthBytes: number): void
  /** Bytes that are not kept (isManual is false). */
  pushed(index: number, link: ModemLink, bytes: string): void
  /** The host's wish, or NETCLOSE's. */
  closed(index: number): void
}

export const LINKS = 10
/** Limits of AT+CIPTIMEOUT and its default, in ms. */
export const TIMEOUT_MINIMUM_MS = 3000
export const TIMEOUT_MAXIMUM_MS = 120000

const DNS_MS = 1000
/** A UDP socket is there as soon as it is made. */
const SOCKET_MS = 20
/** The modem's own address, and the first port that it gives to a UDP socket. */
export const OWN_ADDRESS = '10.64.12.34'
const FIRST_PORT = 49152

export class ModemLinks {
  onActivity: (what: string) => void = () => {}
  private links: (ModemLink | undefined)[] = []
  private nextPort = FIRST_PORT
  /** CIPRXGET=1: received bytes are kept until read. */
  isManual = false
  /** CIPSENDMODE=1: +CIPSEND comes with the acknowledgement. */
  waitsForAck = false
  /** netopen, cipopen, cipsend. */
  timeoutsMs = [TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS]

  constructor(
    private line: AtLine,
    private nic: Nic,
    private speech: Speech,
  ) {
    if (nic.datagrams !== undefined) nic.datagrams.onDatagram = (datagram) => this.takeDatagram(datagram)
  }

  /** A port for a UDP socket that was given none. */
  freePort(): number {
    return this.nextPort++
  }

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
      if (link.state === OPENING) this.endOpening(index, link, REFUSED)
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
      this.speech.closed(index)
    }
  }

  hasLinks(): boolean {
    for (let index = 0; index < LINKS; index++) if (this.links[index] !== undefined) return true
    return false
  }

  /** Takes a link's place and begins to connect it, to a host by its name where the network knows it (TCP only). */
  open(index: number, link: ModemLink): void {
    this.drop(index)
    this.links[index] = link
    this.onActivity(`open ${index} ${link.address}:${link.port}`)
    if (link.isUdp()) link.alarm = this.line.later(SOCKET_MS, () => this.endOpening(index, link, OPENED))
    else if (isDotted(link.address)) this.connect(index, link, link.address)
    else link.alarm = this.line.later(DNS_MS, () => this.lookUp(index, link))
  }

  private lookUp(index: number, link: ModemLink): void {
    const address = this.nic.resolve === undefined ? '' : this.nic.resolve(link.address)
    if (address === '') this.endOpening(index, link, NAME_UNKNOWN)
    else this.connect(index, link, address)
  }

  private connect(index: number, link: ModemLink, address: string): void {
    const timeoutMs = this.timeoutsMs[1]
    link.alarm = this.line.later(timeoutMs, () => this.endOpening(index, link, TIMED_OUT))
    link.connection = this.nic.connect(address, link.port, {
      onOpen: () => this.endOpening(index, link, OPENED),
      onData: (bytes) => {
        if (link.state === OPEN) this.arrive(index, link, bytes)
      },
      onEnd: () => this.endByPeer(index, link),
      onReset: () => this.endByPeer(index, link),
    })
  }

  /** An open is done; anything but OPENED frees the link. */
  private endOpening(index: number, link: ModemLink, outcome: number): void {
    link.cancelAlarm()
    if (outcome === OPENED) link.state = OPEN
    else this.drop(index)
    this.onActivity(outcome === OPENED ? `connected ${index}` : `open failed ${index}`)
    this.speech.opened(index, link, outcome)
  }

  private endByPeer(index: number, link: ModemLink): void {
    if (link.state === OPENING) this.endOpening(index, link, REFUSED)
    else if (link.state === OPEN) this.endOpen(index, link, BY_PEER)
  }

  /** An open link closes without the host's wish. */
  private endOpen(index: number, link: ModemLink, reason: number): void {
    if (reason === ABORTED) link.abandon()
    else link.end()
    link.state = ENDED
    if (this.line.faults.closeDropsData) link.forget()
    this.onActivity(reason === BY_PEER ? `closed by peer ${index}` : `aborted ${index}`)
    this.speech.ended(index, reason)
  }

  /** Frees a link; the peer is told nothing. */
  drop(index: number): void {
    const link = this.links[index]
    if (link !== undefined) link.abandon()
    this.links[index] = undefined
  }

  /**
   * Sends what the modem takes of it: all, half (faults.partialSend), 0 when its buffer is full, -1 when the link is not
   * open. onAcknowledged runs when the peer has it; with UDP never. address and port may be the host's wish.
   */
  transmit(
    index: number,
    link: ModemLink,
    bytes: string,
    onAcknowledged: () => void = () => {},
    address = link.address,
    port = link.port,
  ): number {
    if (link.state !== OPEN || this.links[index] !== link) return -1
    if (!link.hasSendRoom(bytes.length)) return 0
    const part = this.line.faults.partialSend ? bytes.substr(0, bytes.length >> 1) : bytes
    this.onActivity(`send ${part.length}`)
    if (link.isUdp()) {
      if (this.nic.datagrams !== undefined)
        this.nic.datagrams.send({
          source: OWN_ADDRESS,
          sourcePort: link.localPort,
          target: address,
          targetPort: port,
          bytes: part,
        })
      return part.length
    }
    link.sentBytes += part.length
    if (link.alarm === 0) this.watchSend(index, link)
    const connection = link.connection as Connection
    connection.send(part, () => {
      // This may still come when the link was abandoned.
      if (this.links[index] !== link) return
      this.acknowledge(index, link, part.length)
      onAcknowledged()
    })
    return part.length
  }

  private acknowledge(index: number, link: ModemLink, lengthBytes: number): void {
    link.ackedBytes += lengthBytes
    if (link.state !== OPEN) return
    link.cancelAlarm()
    if (link.ackedBytes < link.sentBytes) this.watchSend(index, link)
  }

  /** A link whose bytes stay unacknowledged is aborted. */
  private watchSend(index: number, link: ModemLink): void {
    link.alarm = this.line.later(this.timeoutsMs[2], () => this.endOpen(index, link, ABORTED))
  }

  /** A socket whose peer was named takes datagrams from there only. */
  private takeDatagram(datagram: Datagram): void {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links[index]
      if (link === undefined || link.state !== OPEN || link.localPort !== datagram.targetPort) continue
      const isFrom = link.address === datagram.source && link.port === datagram.sourcePort
      if (link.address === '' || isFrom) this.arrive(index, link, datagram.bytes)
    }
  }

  private arrive(index: number, link: ModemLink, bytes: string): void {
    link.receivedBytes += bytes.length
    if (!this.isManual) {
      this.speech.pushed(index, link, bytes)
      return
    }
    if (!link.hasReceiveRoom(bytes.length)) {
      // A datagram that finds no room is lost; a stream cannot go on without its bytes.
      if (!link.isUdp()) this.endOpen(index, link, ABORTED)
      return
    }
    const wasEmpty = link.received === ''
    link.keep(bytes)
    // Edge-triggered: no second notice until everything has been read.
    if (wasEmpty) this.speech.notice(index, bytes.length)
  }
}
