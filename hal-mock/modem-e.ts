/**
 * Dialect E's data side: u-blox SARA-R4 (hardware.md §2.9). CGACT, USOCR, USOCO, USOWR, USORD, USOCL; the prompt is @, and
 * received bytes stand in quotes on the line of their header.
 *
 * Not modelled: contexts but the first, USOST and USORF, listening, direct link, hex mode, USOER's codes, the firmware that
 * locks its port while it connects, names of hosts.
 */

import { ModemData } from './modem-data'
import { type Command, ERROR, integer, OK, PENDING, UNKNOWN } from './modem-line'
import { ENDED, ModemLink, OPEN, OPENING } from './modem-link'
import { OPENED } from './modem-links'

const SOCKET_COUNT = 6
const TCP = '6'
const UDP = '17'
/** Error of +UUSOCO: connection refused. */
const REFUSED = 111
const PAYLOAD_BYTES = 1024

export class ModemE extends ModemData {
  protected readonly lossNotice = '+UUPSDD: 0'
  /** Sockets made by USOCR and not yet closed: their protocol. */
  private sockets: (string | undefined)[] = []

  protected dropLinks(): void {
    super.dropLinks()
    this.sockets = []
  }

  opened(index: number, link: ModemLink, outcome: number): void {
    if (link.owesOk) {
      link.owesOk = false
      this.line.finish(outcome === OPENED ? OK : ERROR)
    } else this.line.outcome(`+UUSOCO: ${index},${outcome === OPENED ? 0 : REFUSED}`)
  }

  ended(index: number): void {
    this.line.urc(`+UUSOCL: ${index}`)
  }

  notice(index: number, lengthBytes: number): void {
    this.line.urc(`+UUSORD: ${index},${lengthBytes}`)
  }

  command(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+CGACT':
        return this.activate(command)
      case '+USOCR':
        return isSet ? this.make(command.args[0]) : OK
      case '+USOCO':
        return isSet ? this.open(command.args) : OK
      case '+USOWR':
        return isSet ? this.send(command.args) : OK
      case '+USORD':
        return isSet ? this.receive(command.args) : OK
      case '+USOCL':
        return isSet ? this.close(command.args) : OK
      case '+USOER':
        this.line.line('+USOER: 0')
        return OK
      case '+UDCONF':
        return OK
    }
    return UNKNOWN
  }

  private activate(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CGACT: 1,${this.context.isOpen ? 1 : 0}`)
      return OK
    }
    if (command.kind !== '=' || command.args[1] !== '1') return ERROR
    if (command.args[0] === '0') {
      this.context.close()
      this.dropLinks()
      return OK
    }
    if (this.context.isOpen) return OK
    const isBegun = this.context.open(this.registration.apn, (isOpen) => {
      if (!this.line.faults.resultMissing) this.line.finish(isOpen ? OK : ERROR)
    })
    return isBegun ? PENDING : ERROR
  }

  private make(protocol: string): string {
    if ((protocol !== TCP && protocol !== UDP) || !this.context.isOpen) return ERROR
    for (let index = 0; index < SOCKET_COUNT; index++) {
      if (this.sockets[index] !== undefined) continue
      this.sockets[index] = protocol
      this.line.line(`+USOCR: ${index}`)
      return OK
    }
    return ERROR
  }

  private open(args: string[]): string {
    const index = integer(args[0], 0, SOCKET_COUNT - 1)
    const port = integer(args[2], 1, 65535)
    if (index < 0 || port < 0 || this.sockets[index] === undefined || !this.context.isOpen) return ERROR
    if (this.links.linkOf(index) !== undefined) return ERROR
    // The last field asks for an answer at once and the result later.
    const owesOk = args[3] !== '1'
    const localPort = this.sockets[index] === UDP ? this.links.freePort() : 0
    this.links.open(index, new ModemLink(this.line.clock, args[1], port, owesOk, localPort))
    return owesOk ? PENDING : OK
  }

  private send(args: string[]): string {
    const named = this.named(args, SOCKET_COUNT, 1, PAYLOAD_BYTES)
    if (named === undefined || named.link.state !== OPEN) return ERROR
    const { index, lengthBytes, link } = named
    this.line.prompt(
      lengthBytes,
      (bytes) => {
        const taken = this.links.transmit(index, link, bytes)
        if (taken >= 0) this.line.outcome(`+USOWR: ${index},${taken}`)
        this.line.finish(taken < 0 ? ERROR : OK)
      },
      '@',
    )
    return PENDING
  }

  private receive(args: string[]): string {
    const named = this.named(args, SOCKET_COUNT, 0, PAYLOAD_BYTES)
    if (named === undefined) return ERROR
    const { index, lengthBytes, link } = named
    if (lengthBytes === 0) this.line.line(`+USORD: ${index},${link.received.length}`)
    else {
      const bytes = link.take(lengthBytes)
      this.line.inline(`+USORD: ${index},${bytes.length},"`, bytes, '"\r\n')
    }
    return OK
  }

  private close(args: string[]): string {
    const index = integer(args[0], 0, SOCKET_COUNT - 1)
    if (index < 0 || this.sockets[index] === undefined) return ERROR
    const link = this.links.linkOf(index)
    if (link !== undefined && link.state !== ENDED && link.state !== OPENING) link.end()
    this.onActivity(`close ${index}`)
    this.links.drop(index)
    this.sockets[index] = undefined
    return OK
  }
}
