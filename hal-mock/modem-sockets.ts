/**
 * Sockets of the modem model, dialect A: CIPOPEN, CIPSEND, CIPRXGET, CIPCLOSE and their kin (hardware.md §2.5). Ten links,
 * TCP and UDP, buffered (CIPRXGET=1) or pushed (CIPRXGET=0) receive.
 *
 * Not modelled: listening, transparent mode, names of hosts (only dotted addresses are found), CIPSEND ended by
 * Ctrl-Z, the effects of CTCPKA and CIPCCFG, flow control towards the peer: a link whose host never reads is aborted when
 * its buffer is full. With CIPSENDMODE=1 an aborted send is told by +IPCLOSE alone.
 *
 * Here: the commands. What happens to the links between them is in modem-links.ts, one link's record in modem-link.ts.
 */

import { type AtLine, type Command, ERROR, integer, isDotted, OK, PENDING, UNKNOWN } from './modem-line'
import { CLOSING, ENDED, ModemLink, OPEN, OPENING } from './modem-link'
import {
  LINKS,
  ModemLinks,
  NAME_UNKNOWN,
  OPENED,
  type Speech,
  TIMED_OUT,
  TIMEOUT_MAXIMUM_MS,
  TIMEOUT_MINIMUM_MS,
} from './modem-links'
import type { Nic } from './network'

/** What the sockets ask of the bearer. */
export interface Carrier {
  isOpen(): boolean
}

/** Codes of +CIPOPEN, +CIPCLOSE, +CIPERROR at once (§2.5). */
const NETWORK_NOT_OPENED = 2
const WRONG_PARAMETER = 3
const NOT_SUPPORTED = 4
const BUSY = 8
const SOCKETS_OPENED = 9
/** ... and later. */
const NETWORK_FAILURE = 1
const TIME_OUT = 10
const DNS_FAILED = 11
/** From the payload's OK to +CIPSEND. */
const SENT_MS = 15

/** CIPSEND and CIPRXGET=2. */
const PAYLOAD_BYTES = 1500
/** CIPRXGET=3 answers with hex text, so takes half as many. */
const HEX_BYTES = 750
/** From CIPCLOSE to its result. */
const CLOSE_MS = 40

export class ModemSockets implements Speech {
  onActivity: (what: string) => void = () => {}
  private links: ModemLinks

  constructor(
    private line: AtLine,
    nic: Nic,
    private carrier: Carrier,
  ) {
    this.links = new ModemLinks(line, nic, this)
    this.links.onActivity = (what) => this.onActivity(what)
  }

  /** Power gone or restarted: the peers are told nothing. */
  reset(): void {
    this.links.reset()
  }

  /** The bearer went by itself. */
  killAll(): void {
    this.links.killAll()
  }

  /** NETCLOSE: every link closes in order. */
  closeAll(): void {
    this.links.closeAll()
  }

  hasLinks(): boolean {
    return this.links.hasLinks()
  }

  opened(index: number, link: ModemLink, outcome: number): void {
    let code = NETWORK_FAILURE
    if (outcome === OPENED) code = 0
    else if (outcome === TIMED_OUT) code = TIME_OUT
    else if (outcome === NAME_UNKNOWN) code = DNS_FAILED
    this.line.outcome(`+CIPOPEN: ${index},${code}`)
    if (link.owesOk) this.line.finish(OK)
    link.owesOk = false
  }

  ended(index: number, reason: number): void {
    this.line.urc(`+IPCLOSE: ${index},${reason}`)
  }

  notice(index: number): void {
    this.line.urc(`+CIPRXGET: 1,${index}`)
  }

  pushed(_index: number, link: ModemLink, bytes: string): void {
    this.line.block(`RECV FROM:${link.address}:${link.port}\r\n+IPD${bytes.length}`, bytes)
  }

  closed(index: number): void {
    this.line.line(`+CIPCLOSE: ${index},0`)
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
        if (isSet) this.links.waitsForAck = command.args[0] === '1'
        else if (command.kind === '?') this.line.line(`+CIPSENDMODE: ${this.links.waitsForAck ? 1 : 0}`)
        return OK
      case '+CIPTIMEOUT':
        if (isSet) return this.setTimeouts(command.args)
        if (command.kind === '?') this.line.line(`+CIPTIMEOUT: ${this.links.timeoutsMs.join(',')}`)
        return OK
      case '+CTCPKA':
      case '+CIPCCFG':
        return OK
    }
    return UNKNOWN
  }

  private setTimeouts(args: string[]): string {
    for (let index = 0; index < args.length && index < this.links.timeoutsMs.length; index++) {
      const timeoutMs = integer(args[index], TIMEOUT_MINIMUM_MS, TIMEOUT_MAXIMUM_MS)
      if (timeoutMs < 0) return ERROR
      this.links.timeoutsMs[index] = timeoutMs
    }
    return OK
  }

  private open(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    if (index < 0) return ERROR
    const isUdp = args[1] === 'UDP'
    const port = integer(args[3], 1, 65535)
    const localPort = isUdp ? integer(args[4], 1, 65535) : 0
    const refusal = this.openRefusal(index, args, isUdp ? localPort : port)
    if (refusal !== 0) return this.line.refuse(`+CIPOPEN: ${index},${refusal}`)
    // With UDP the result comes first (§2.5).
    const owesOk = isUdp || this.line.faults.resultFirst
    const link = new ModemLink(this.line.clock, args[2], port, owesOk, localPort)
    this.links.open(index, link)
    return link.owesOk ? PENDING : OK
  }

  /** Why a CIPOPEN fails at once; 0 when it does not. */
  private openRefusal(index: number, args: string[], port: number): number {
    if (!this.carrier.isOpen()) return NETWORK_NOT_OPENED
    const isUdp = args[1] === 'UDP'
    if ((args[1] !== 'TCP' && !isUdp) || port < 0 || (args[2] === '' && !isUdp)) return WRONG_PARAMETER
    const link = this.links.linkOf(index)
    if (link === undefined || link.state === ENDED) return 0
    return link.state === OPEN ? SOCKETS_OPENED : BUSY
  }

  private send(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const lengthBytes = integer(args[1], 1, PAYLOAD_BYTES)
    if (index < 0 || lengthBytes < 0) return ERROR
    if (!this.carrier.isOpen()) return this.line.refuse(`+CIPERROR: ${NETWORK_NOT_OPENED}`)
    const link = this.links.linkOf(index)
    if (link === undefined || link.state !== OPEN) return this.line.refuse(`+CIPERROR: ${NOT_SUPPORTED}`)
    const port = integer(args[3], 1, 65535)
    if (link.isUdp() && (port < 0 || !isDotted(args[2]))) return this.line.refuse(`+CIPERROR: ${WRONG_PARAMETER}`)
    this.line.prompt(lengthBytes, (bytes) => this.sendPayload(index, link, bytes, args[2], port))
    return PENDING
  }

  private sendPayload(index: number, link: ModemLink, bytes: string, address: string, port: number): void {
    const tell = (taken: number) => this.line.outcome(`+CIPSEND: ${index},${bytes.length},${taken}`)
    const waitsForAck = this.links.waitsForAck && !link.isUdp()
    this.line.finish(OK)
    let taken = 0
    if (link.isUdp()) taken = this.links.transmit(index, link, bytes, undefined, address, port)
    else
      taken = this.links.transmit(index, link, bytes, () => {
        if (waitsForAck) tell(taken)
      })
    // In send mode 0 the result says that the modem took the bytes, no more (hardware.md §2.5).
    if (taken < 1 || !waitsForAck) this.line.later(SENT_MS, () => tell(taken))
  }

  private receive(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CIPRXGET: ${this.links.isManual ? 1 : 0}`)
      return OK
    }
    if (command.kind !== '=') return command.kind === '=?' ? OK : ERROR
    const mode = integer(command.args[0], 0, 4)
    if (mode < 0) return ERROR
    if (mode < 2) {
      this.links.isManual = mode === 1
      return OK
    }
    const index = integer(command.args[1], 0, LINKS - 1)
    if (index < 0 || !this.links.isManual) return ERROR
    const link = this.links.linkOf(index)
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
    const link = this.links.linkOf(index)
    if (link === undefined || link.state === CLOSING) return this.line.refuse(`+CIPCLOSE: ${index},${NOT_SUPPORTED}`)
    const resultFirst = this.line.faults.resultFirst
    const isUdp = link.isUdp()
    if (link.state === OPEN) link.end()
    else link.abandon()
    link.state = CLOSING
    this.onActivity(`close ${index}`)
    this.line.later(CLOSE_MS, () => {
      if (this.links.linkOf(index) === link) this.links.drop(index)
      this.line.outcome(`+CIPCLOSE: ${index},0`)
      if (resultFirst || isUdp) this.line.finish(OK)
    })
    return resultFirst || isUdp ? PENDING : OK
  }

  private listLinks(): string {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links.linkOf(index)
      const isHeld = link !== undefined && link.state !== OPENING
      this.line.line(
        `+CIPOPEN: ${index}${isHeld ? `,"${link.isUdp() ? 'UDP' : 'TCP'}","${link.address}",${link.port},-1` : ''}`,
      )
    }
    return OK
  }

  private listStates(): string {
    const states: number[] = []
    for (let index = 0; index < LINKS; index++) {
      const link = this.links.linkOf(index)
      states.push(link !== undefined && link.state === OPEN ? 1 : 0)
    }
    this.line.line(`+CIPCLOSE: ${states.join(',')}`)
    return OK
  }

  private acknowledged(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const link = index < 0 ? undefined : this.links.linkOf(index)
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
