/**
 * TCP sockets of the modem model: CIPOPEN, CIPSEND, CIPRXGET, CIPCLOSE and their kin (hardware.md §2.5, dialect A). Ten
 * links, buffered (CIPRXGET=1) or pushed (CIPRXGET=0) receive.
 *
 * Not modelled: UDP, listening, transparent mode, names of hosts (only dotted addresses are found), CIPSEND ended by
 * Ctrl-Z, the effects of CTCPKA and CIPCCFG, flow control towards the peer: a link whose host never reads is aborted when
 * its buffer is full. With CIPSENDMODE=1 an aborted send is told by +IPCLOSE alone.
 */

import { type AtLine, type Command, ERROR, integer, isDotted, OK, PENDING, UNKNOWN } from './modem-line'
import { CLOSING, DEAD, ENDED, ModemLink, OPEN, OPENING } from './modem-link'
import type { Connection, Nic } from './network'

/** What the sockets ask of the bearer. */
export interface Carrier {
  isOpen(): boolean
}

/** Codes of +CIPOPEN, +CIPCLOSE, +CIPERROR (§2.5). */
const NETWORK_FAILURE = 1
const NETWORK_NOT_OPENED = 2
const WRONG_PARAMETER = 3
const NOT_SUPPORTED = 4
const BUSY = 8
const SOCKETS_OPENED = 9
const TIMED_OUT = 10
const DNS_FAILED = 11

/** Reasons in +IPCLOSE. */
const CLOSED_BY_PEER = 1
const SEND_ABORTED = 2

const LINKS = 10
/** CIPSEND and CIPRXGET=2. */
const PAYLOAD_BYTES = 1500
/** CIPRXGET=3 answers with hex text, so takes half as many. */
const HEX_BYTES = 750
/** Limits of AT+CIPTIMEOUT and its default, in ms. */
const TIMEOUT_MINIMUM_MS = 3000
const TIMEOUT_MAXIMUM_MS = 120000

/** From the payload's OK to +CIPSEND; likewise below. */
const SENT_MS = 15
const CLOSE_MS = 40
const DNS_MS = 1000

export class ModemSockets {
  onActivity: (what: string) => void = () => {}
  private links: (ModemLink | undefined)[] = []
  private isManual = false
  private waitsForAck = false
  /** netopen, cipopen, cipsend. */
  private timeoutsMs = [TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS, TIMEOUT_MAXIMUM_MS]

  constructor(
    private line: AtLine,
    private nic: Nic,
    private carrier: Carrier,
  ) {}

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

  command(command: Command): string {
    switch (command.name) {
      case '+CIPOPEN':
        if (command.kind === '?') return this.listLinks()
        return command.kind === '=' ? this.open(command.args) : OK
      case '+CIPSEND':
        return command.kind === '=' ? this.send(command.args) : OK
      case '+CIPRXGET':
        return this.receive(command)
      case '+CIPCLOSE':
        if (command.kind === '?') return this.listStates()
        return command.kind === '=' ? this.close(command.args) : OK
      case '+CIPACK':
        return this.acknowledged(command.args)
    }
    return this.settings(command)
  }

  private settings(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+CIPMODE':
        if (isSet) return command.args[0] === '0' ? OK : ERROR
        if (command.kind === '?') this.line.line('+CIPMODE: 0')
        return OK
      case '+CIPSENDMODE':
        if (isSet) this.waitsForAck = command.args[0] === '1'
        else if (command.kind === '?') this.line.line(`+CIPSENDMODE: ${this.waitsForAck ? 1 : 0}`)
        return OK
      case '+CIPTIMEOUT':
        if (isSet) return this.setTimeouts(command.args)
        if (command.kind === '?') this.line.line(`+CIPTIMEOUT: ${this.timeoutsMs.join(',')}`)
        return OK
      case '+CTCPKA':
      case '+CIPCCFG':
        return OK
    }
    return UNKNOWN
  }

  private setTimeouts(args: string[]): string {
    for (let index = 0; index < args.length && index < this.timeoutsMs.length; index++) {
      const timeoutMs = integer(args[index], TIMEOUT_MINIMUM_MS, TIMEOUT_MAXIMUM_MS)
      if (timeoutMs < 0) return ERROR
      this.timeoutsMs[index] = timeoutMs
    }
    return OK
  }

  private open(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    if (index < 0) return ERROR
    const port = integer(args[3], 1, 65535)
    const refusal = this.openRefusal(index, args, port)
    if (refusal !== 0) return this.line.refuse(`+CIPOPEN: ${index},${refusal}`)
    this.drop(index)
    const link = new ModemLink(this.line.clock, args[2], port, this.line.faults.resultFirst)
    this.links[index] = link
    this.onActivity(`open ${index} ${link.address}:${port}`)
    if (isDotted(link.address)) this.connect(index, link)
    else link.alarm = this.line.later(DNS_MS, () => this.endOpening(index, link, DNS_FAILED))
    return link.owesOk ? PENDING : OK
  }

  /** Why a CIPOPEN fails at once; 0 when it does not. */
  private openRefusal(index: number, args: string[], port: number): number {
    if (!this.carrier.isOpen()) return NETWORK_NOT_OPENED
    if (args[1] === 'UDP') return NOT_SUPPORTED
    if (args[1] !== 'TCP' || port < 0 || args[2] === '') return WRONG_PARAMETER
    const link = this.links[index]
    if (link === undefined || link.state === ENDED) return 0
    return link.state === OPEN ? SOCKETS_OPENED : BUSY
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

  private drop(index: number): void {
    const link = this.links[index]
    if (link !== undefined) link.abandon()
    this.links[index] = undefined
  }

  private send(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const lengthBytes = integer(args[1], 1, PAYLOAD_BYTES)
    if (index < 0 || lengthBytes < 0) return ERROR
    if (!this.carrier.isOpen()) return this.line.refuse(`+CIPERROR: ${NETWORK_NOT_OPENED}`)
    const link = this.links[index]
    if (link === undefined || link.state !== OPEN) return this.line.refuse(`+CIPERROR: ${NOT_SUPPORTED}`)
    this.line.prompt(lengthBytes, (bytes) => this.sendPayload(index, link, bytes))
    return PENDING
  }

  private sendPayload(index: number, link: ModemLink, bytes: string): void {
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

  private receive(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CIPRXGET: ${this.isManual ? 1 : 0}`)
      return OK
    }
    if (command.kind !== '=') return command.kind === '=?' ? OK : ERROR
    const mode = integer(command.args[0], 0, 4)
    if (mode < 0) return ERROR
    if (mode < 2) {
      this.isManual = mode === 1
      return OK
    }
    const index = integer(command.args[1], 0, LINKS - 1)
    if (index < 0 || !this.isManual) return ERROR
    const link = this.links[index]
    if (link === undefined) return this.line.refuse('+IP ERROR: No data')
    if (mode === 4) {
      this.line.line(`+CIPRXGET: 4,${index},${link.received.length}`)
      return OK
    }
    return this.read(index, link, mode, command.args[2])
  }

  private read(index: number, link: ModemLink, mode: number, wanted: string | undefined): string {
    const limitBytes = mode === 3 ? HEX_BYTES : PAYLOAD_BYTES
    const lengthBytes = wanted === undefined ? limitBytes : integer(wanted, 1, limitBytes)
    if (lengthBytes < 0) return ERROR
    if (link.received === '') return this.line.refuse('+IP ERROR: No data')
    const bytes = link.take(lengthBytes)
    const header = `+CIPRXGET: ${mode},${index},${bytes.length},${link.received.length}`
    this.line.block(header, mode === 3 ? hex(bytes) : bytes)
    return OK
  }

  private close(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    if (index < 0) return ERROR
    const link = this.links[index]
    if (link === undefined || link.state === CLOSING) return this.line.refuse(`+CIPCLOSE: ${index},${NOT_SUPPORTED}`)
    const resultFirst = this.line.faults.resultFirst
    if (link.state === OPEN) link.end()
    else link.abandon()
    link.state = CLOSING
    this.onActivity(`close ${index}`)
    this.line.later(CLOSE_MS, () => {
      if (this.links[index] === link) this.drop(index)
      this.line.outcome(`+CIPCLOSE: ${index},0`)
      if (resultFirst) this.line.finish(OK)
    })
    return resultFirst ? PENDING : OK
  }

  private listLinks(): string {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links[index]
      const isHeld = link !== undefined && link.state !== OPENING
      this.line.line(`+CIPOPEN: ${index}${isHeld ? `,"TCP","${link.address}",${link.port},-1` : ''}`)
    }
    return OK
  }

  private listStates(): string {
    const states: number[] = []
    for (let index = 0; index < LINKS; index++) {
      const link = this.links[index]
      states.push(link !== undefined && link.state === OPEN ? 1 : 0)
    }
    this.line.line(`+CIPCLOSE: ${states.join(',')}`)
    return OK
  }

  private acknowledged(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const link = index < 0 ? undefined : this.links[index]
    if (link === undefined) return ERROR
    this.line.line(`+CIPACK: ${link.sentBytes},${link.ackedBytes},${link.receivedBytes}`)
    return OK
  }
}

function hex(bytes: string): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += bytes.charCodeAt(index).toString(16).padStart(2, '0')
  return text.toUpperCase()
}
