/**
 * The modem model's data bearer: NETOPEN, NETCLOSE, IPADDR, CDNSGIP (hardware.md §2.5, dialect A).
 *
 * A bearer that went by itself leaves its links behind: they must be closed (CIPCLOSE, or NETCLOSE for all of them) before
 * NETOPEN can succeed again. Not modelled: several bearers, IPv6, a name server (only dotted addresses are found).
 */

import { type AtLine, type Command, ERROR, isDotted, OK, UNKNOWN } from './modem-line'
import { OWN_ADDRESS } from './modem-links'
import type { Registration } from './modem-stack'
import type { Nic } from './network'

/** What the bearer asks of the sockets. */
export interface Links {
  hasLinks(): boolean
  /** NETCLOSE: each link is closed in order and reported. */
  closeAll(): void
  /** The bearer went by itself. */
  killAll(): void
}

/** Codes of +NETOPEN and +NETCLOSE (§2.5). */
const NETWORK_FAILURE = 1
const NETWORK_NOT_OPENED = 2

/** From NETOPEN's OK to its result; likewise below. */
const OPEN_MS = 400
const CLOSE_MS = 200

const CLOSED = 0
const OPENING = 1
const OPEN = 2

export class ModemBearer {
  onActivity: (what: string) => void = () => {}
  /** Set once, by the modem. */
  links: Links | undefined
  private state = CLOSED

  constructor(
    private line: AtLine,
    private nic: Nic,
    private registration: Registration,
    /** APN that the network wants; '' takes any. */
    private apn: string,
    /** SIM7600 answers NETOPEN? with two numbers. */
    private isSim7600: boolean,
  ) {}

  reset(): void {
    this.state = CLOSED
  }

  isOpen(): boolean {
    return this.state === OPEN
  }

  /** The network took the bearer away; nothing happens when there is none. */
  lose(): void {
    if (this.state !== OPEN) return
    this.state = CLOSED
    this.onActivity('network lost')
    if (this.links !== undefined) this.links.killAll()
    if (!this.line.faults.lossUntold) this.line.urc('+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY')
  }

  command(command: Command): string {
    switch (command.name) {
      case '+NETOPEN':
        if (command.kind === '?') return this.query()
        return command.kind === '' ? this.open() : OK
      case '+NETCLOSE':
        return command.kind === '' ? this.close() : OK
      case '+IPADDR':
        if (this.state !== OPEN) return this.line.refuse('+IP ERROR: Network not opened')
        this.line.line(`+IPADDR: ${OWN_ADDRESS}`)
        return OK
      case '+CDNSGIP':
        return this.lookUp(command)
    }
    return UNKNOWN
  }

  private query(): string {
    if (this.isSim7600) this.line.line(this.state === OPEN ? '+NETOPEN: 1,0' : '+NETOPEN: 0,0')
    else this.line.line(`+NETOPEN: ${this.state === OPEN ? 1 : 0}`)
    return OK
  }

  private hasLinks(): boolean {
    return this.links?.hasLinks() === true
  }

  private open(): string {
    if (this.state === OPEN) return this.line.refuse('+IP ERROR: Network is already opened')
    if (this.state === OPENING) return ERROR
    this.state = OPENING
    this.line.later(OPEN_MS, () => {
      const isGranted = this.registration.isRegistered() && this.nic.isUp() && !this.line.faults.pdpRefused
      const isWelcome = this.apn === '' || this.registration.apn === this.apn
      const isOpen = isGranted && isWelcome && !this.hasLinks()
      this.state = isOpen ? OPEN : CLOSED
      this.onActivity(isOpen ? 'network opened' : 'network refused')
      this.line.outcome(`+NETOPEN: ${isOpen ? 0 : NETWORK_FAILURE}`)
    })
    return OK
  }

  private close(): string {
    if (this.state !== OPEN && !this.hasLinks()) return this.line.refuse(`+NETCLOSE: ${NETWORK_NOT_OPENED}`)
    if (this.links !== undefined) this.links.closeAll()
    this.state = CLOSED
    this.onActivity('network closed')
    this.line.later(CLOSE_MS, () => this.line.outcome('+NETCLOSE: 0'))
    return OK
  }

  private lookUp(command: Command): string {
    if (command.kind !== '=') return OK
    const host = command.args[0]
    if (this.state !== OPEN || !isDotted(host)) return this.line.refuse('+CDNSGIP: 0,10')
    this.line.line(`+CDNSGIP: 1,"${host}","${host}"`)
    return OK
  }
}
