/**
 * Dialect B's data side: SIMCom SIM7080, SIM7070, SIM7090 (hardware.md §2.6). CNCFG and CNACT, CAOPEN, CASEND, CARECV,
 * CACLOSE; received bytes are always kept until read, and stand on the line of their header.
 *
 * Not modelled: contexts but the first, listening, TLS, CASEND's free bytes, names of hosts, "buffer full", the limit of
 * 5 s for the payload.
 */

import { ModemData } from './modem-data'
import { type Command, ERROR, integer, OK, PENDING, UNKNOWN } from './modem-line'
import { CLOSING, ENDED, ModemLink, OPEN } from './modem-link'
import { LINKS, NAME_UNKNOWN, OPENED, OWN_ADDRESS } from './modem-links'

/** Results of CAOPEN. */
const SOCKET_ERROR = 1
const DNS_ERROR = 20
const NETWORK_INACTIVE = 21
const CONNECT_FAILED = 27
const PAYLOAD_BYTES = 1460

export class ModemB extends ModemData {
  protected readonly lossNotice = '+APP PDP: 0,DEACTIVE'

  opened(index: number, link: ModemLink, outcome: number): void {
    const code = outcome === OPENED ? 0 : outcome === NAME_UNKNOWN ? DNS_ERROR : CONNECT_FAILED
    this.line.outcome(`+CAOPEN: ${index},${code}`)
    if (link.owesOk) this.line.finish(code === 0 ? OK : ERROR)
    link.owesOk = false
  }

  ended(index: number): void {
    this.line.urc(`+CASTATE: ${index},0`)
  }

  notice(index: number): void {
    this.line.urc(`+CADATAIND: ${index}`)
  }

  command(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+CNCFG':
        if (isSet) this.apn = command.args[2] ?? ''
        return OK
      case '+CNACT':
        return this.activate(command)
      case '+CAOPEN':
        return isSet ? this.open(command.args) : OK
      case '+CASEND':
        return isSet ? this.send(command.args) : OK
      case '+CARECV':
        return isSet ? this.receive(command.args) : OK
      case '+CACLOSE':
        return isSet ? this.close(command.args) : OK
      case '+CNMP':
      case '+CMNB':
        return OK
    }
    return UNKNOWN
  }

  private activate(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CNACT: 0,${this.context.isOpen ? `1,"${OWN_ADDRESS}"` : '0,"0.0.0.0"'}`)
      for (let context = 1; context < 4; context++) this.line.line(`+CNACT: ${context},0,"0.0.0.0"`)
      return OK
    }
    if (command.kind !== '=' || command.args[0] !== '0') return ERROR
    if (command.args[1] === '0') {
      if (!this.context.close()) return ERROR
      this.dropLinks()
      this.line.later(100, () => this.line.urc('+APP PDP: 0,DEACTIVE'))
      return OK
    }
    if (this.context.isOpen) return ERROR
    const isBegun = this.context.open(this.apn, (isOpen) =>
      this.line.outcome(`+APP PDP: 0,${isOpen ? 'ACTIVE' : 'DEACTIVE'}`),
    )
    return isBegun ? OK : ERROR
  }

  private open(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const port = integer(args[4], 1, 65535)
    const isUdp = args[2] === 'UDP'
    if (index < 0 || args[1] !== '0' || port < 0 || (args[2] !== 'TCP' && !isUdp)) return ERROR
    if (!this.context.isOpen) return this.line.refuse(`+CAOPEN: ${index},${NETWORK_INACTIVE}`)
    if (this.links.linkOf(index) !== undefined) return this.line.refuse(`+CAOPEN: ${index},${SOCKET_ERROR}`)
    // The result comes before the OK, unless the host asked for the other order (§2.6).
    const owesOk = !this.line.faults.resultFirst
    this.links.open(index, new ModemLink(this.line.clock, args[3], port, owesOk, isUdp ? this.links.freePort() : 0))
    return owesOk ? PENDING : OK
  }

  private send(args: string[]): string {
    const named = this.named(args, LINKS, 1, PAYLOAD_BYTES)
    if (named === undefined || named.link.state !== OPEN) return ERROR
    const { index, lengthBytes, link } = named
    this.line.prompt(lengthBytes, (bytes) => {
      const taken = this.links.transmit(index, link, bytes)
      this.line.finish(taken === bytes.length ? OK : ERROR)
    })
    return PENDING
  }

  private receive(args: string[]): string {
    const named = this.named(args, LINKS, 1, PAYLOAD_BYTES)
    if (named === undefined) return ERROR
    const { lengthBytes, link } = named
    if (link.received === '') this.line.line('+CARECV: 0')
    else {
      const bytes = link.take(lengthBytes)
      this.line.inline(`+CARECV: ${bytes.length},`, bytes, '')
    }
    return OK
  }

  private close(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    const link = this.links.linkOf(index)
    if (index < 0 || link === undefined || link.state === CLOSING) return ERROR
    if (link.state !== ENDED) link.end()
    this.onActivity(`close ${index}`)
    this.links.drop(index)
    return OK
  }
}
