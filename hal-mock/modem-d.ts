/**
 * Dialect D's data side: Quectel BG95, BG96, EC2x, EG25, EC200U (hardware.md §2.8). QICSGP, QIACT, QIOPEN, QISEND, QIRD,
 * QICLOSE, QISTATE in access mode 0: received bytes are kept until read, and told once until they have all been read.
 *
 * Not modelled: contexts but the first, listening, pushed and transparent mode, UDP SERVICE, QIGETERROR, DNS and NTP, names
 * of hosts.
 */

import { ModemData } from './modem-data'
import { type Command, ERROR, integer, OK, PENDING, UNKNOWN } from './modem-line'
import { ENDED, ModemLink, OPEN, OPENING } from './modem-link'
import { LINKS, NAME_UNKNOWN, OPENED, OWN_ADDRESS, TIMED_OUT } from './modem-links'

/** Codes of +QIOPEN (§2.8). */
const PDP_FAILED = 561
const ID_IN_USE = 563
const DNS_FAILED = 565
const CONNECT_FAILED = 566
const TIME_OUT = 569
const SEND_BYTES = 1460
const READ_BYTES = 1500
const CLOSE_MS = 40

export class ModemD extends ModemData {
  protected readonly lossNotice = '+QIURC: "pdpdeact",1'
  /** Bytes read from link 0 to 9 so far. */
  private readBytes: number[] = []

  opened(index: number, _link: ModemLink, outcome: number): void {
    let code = CONNECT_FAILED
    if (outcome === OPENED) code = 0
    else if (outcome === TIMED_OUT) code = TIME_OUT
    else if (outcome === NAME_UNKNOWN) code = DNS_FAILED
    this.line.outcome(`+QIOPEN: ${index},${code}`)
  }

  ended(index: number): void {
    this.line.urc(`+QIURC: "closed",${index}`)
  }

  notice(index: number): void {
    this.line.urc(`+QIURC: "recv",${index}`)
  }

  command(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+QICSGP':
        if (isSet) this.apn = command.args[2] ?? ''
        return OK
      case '+QIACT':
        return this.activate(command)
      case '+QIDEACT':
        return this.deactivate()
      case '+QIOPEN':
        return isSet ? this.open(command.args) : OK
      case '+QISEND':
        return isSet ? this.send(command.args) : OK
      case '+QIRD':
        return isSet ? this.receive(command.args) : OK
      case '+QICLOSE':
        return isSet ? this.close(command.args) : OK
      case '+QISTATE':
        return this.states()
    }
    return UNKNOWN
  }

  private activate(command: Command): string {
    if (command.kind === '?') {
      if (this.context.isOpen) this.line.line(`+QIACT: 1,1,1,"${OWN_ADDRESS}"`)
      return OK
    }
    // Already active: an error on some firmware (§2.8).
    if (command.kind !== '=' || command.args[0] !== '1' || this.context.isOpen) return ERROR
    const isBegun = this.context.open(this.apn, (isOpen) => {
      if (this.line.faults.resultMissing) return
      this.line.finish(isOpen ? OK : this.line.equipmentError(PDP_FAILED, 'PDP open failed'))
    })
    return isBegun ? PENDING : ERROR
  }

  private deactivate(): string {
    this.context.close()
    this.dropLinks()
    return OK
  }

  private open(args: string[]): string {
    const index = integer(args[1], 0, LINKS - 1)
    const isUdp = args[2] === 'UDP'
    const port = integer(args[4], 1, 65535)
    if (index < 0 || args[0] !== '1' || port < 0 || (args[2] !== 'TCP' && !isUdp) || args[6] !== '0') return ERROR
    if (!this.context.isOpen || this.links.linkOf(index) !== undefined) {
      const code = this.context.isOpen ? ID_IN_USE : PDP_FAILED
      this.line.later(10, () => this.line.outcome(`+QIOPEN: ${index},${code}`))
      return OK
    }
    this.readBytes[index] = 0
    this.links.open(index, new ModemLink(this.line.clock, args[3], port, false, isUdp ? this.links.freePort() : 0))
    return OK
  }

  private send(args: string[]): string {
    const named = this.named(args, LINKS, 0, SEND_BYTES)
    if (named === undefined || named.link.state !== OPEN) return ERROR
    const { index, lengthBytes, link } = named
    if (lengthBytes === 0) {
      this.line.line(`+QISEND: ${link.sentBytes},${link.ackedBytes},${link.sentBytes - link.ackedBytes}`)
      return OK
    }
    this.line.prompt(
      lengthBytes,
      (bytes) => {
        const taken = this.links.transmit(index, link, bytes)
        // Not connected any more: ERROR; no room: SEND FAIL (§2.8).
        if (taken < 0) this.line.finish(ERROR)
        else if (!this.line.faults.resultMissing) this.line.finish(taken === bytes.length ? 'SEND OK' : 'SEND FAIL')
      },
      '> ',
    )
    return PENDING
  }

  private receive(args: string[]): string {
    const named = this.named(args, LINKS, 0, READ_BYTES)
    if (named === undefined) return ERROR
    const { index, lengthBytes, link } = named
    if (lengthBytes === 0) {
      const read = this.readBytes[index]
      const unread = link.received.length
      this.line.line(`+QIRD: ${read + unread},${read},${unread}`)
    } else if (link.received === '') this.line.line('+QIRD: 0')
    else {
      const bytes = link.take(lengthBytes)
      this.readBytes[index] += bytes.length
      this.line.block(`+QIRD: ${bytes.length}`, bytes)
    }
    return OK
  }

  private close(args: string[]): string {
    const index = integer(args[0], 0, LINKS - 1)
    if (index < 0) return ERROR
    const link = this.links.linkOf(index)
    // Closing what is not open succeeds.
    if (link === undefined) return OK
    if (link.state !== ENDED && link.state !== OPENING) link.end()
    this.onActivity(`close ${index}`)
    this.line.later(CLOSE_MS, () => {
      if (this.links.linkOf(index) === link) this.links.drop(index)
      this.line.finish(OK)
    })
    return PENDING
  }

  private states(): string {
    for (let index = 0; index < LINKS; index++) {
      const link = this.links.linkOf(index)
      if (link === undefined) continue
      const kind = link.isUdp() ? 'UDP' : 'TCP'
      const state = link.state === OPENING ? 1 : link.state === OPEN ? 2 : 4
      this.line.line(`+QISTATE: ${index},"${kind}","${link.address}",${link.port},0,${state},1,${index},0,"uart1"`)
    }
    return OK
  }
}
