/**
 * Dialect C's data side: SIMCom SIM7000, SIM800 (hardware.md §2.7). CIPSHUT, CSTT, CIICR, CIFSR, CIPSTART, CIPSEND,
 * CIPRXGET, CIPCLOSE, CIPSTATUS, in the form of CIPMUX=1. Several of these end without OK.
 *
 * Not modelled: CIPMUX=0, CIPRXGET=0 (pushed bytes are lost), hex reads, listening, transparent mode, names of hosts, user
 * and password, over- and under-voltage.
 */

import { ModemContext } from './modem-context'
import { type AtLine, type Command, ERROR, integer, OK, PENDING, UNKNOWN } from './modem-line'
import { CLOSING, ENDED, ModemLink, OPEN } from './modem-link'
import { ModemLinks, OPENED, OWN_ADDRESS, type Speech } from './modem-links'
import type { Registration, Stack } from './modem-stack'
import type { Nic } from './network'

/** Links of CIPMUX=1. */
const LINK_COUNT = 8
const PAYLOAD_BYTES = 1460
const SHUT_MS = 200
const CLOSE_MS = 40

/** The way of the state that CIPSTATUS shows. */
const INITIAL = 0
const START = 1
const READY = 2
const STATUS = 3
const DEACTIVATED = 4
const STATE_NAMES = ['IP INITIAL', 'IP START', 'IP GPRSACT', 'IP STATUS', 'PDP DEACT']

export class ModemC implements Stack, Speech {
  onActivity: (what: string) => void = () => {}
  private links: ModemLinks
  private context: ModemContext
  private state = INITIAL
  private apn = ''
  private isMultiple = false
  /** CIPQSEND=1: the modem says when it took the bytes, not when the peer had them. */
  private isQuick = false

  constructor(
    private line: AtLine,
    nic: Nic,
    registration: Registration,
    apn: string,
  ) {
    this.context = new ModemContext(line, nic, registration, apn, (what) => this.onActivity(what))
    this.links = new ModemLinks(line, nic, this)
    this.links.onActivity = (what) => this.onActivity(what)
  }

  reset(): void {
    this.context.reset()
    this.links.reset()
    this.state = INITIAL
    this.apn = ''
    this.isMultiple = false
    this.isQuick = false
  }

  lose(): void {
    if (!this.context.lose()) return
    this.state = DEACTIVATED
    this.links.killAll()
    if (!this.line.faults.lossUntold) this.line.urc('+PDP: DEACT')
  }

  opened(index: number, _link: ModemLink, outcome: number): void {
    this.line.outcome(`${index}, CONNECT ${outcome === OPENED ? 'OK' : 'FAIL'}`)
  }

  ended(index: number): void {
    this.line.urc(`${index}, CLOSED`)
  }

  notice(index: number): void {
    this.line.urc(`+CIPRXGET: 1,${index}`)
  }

  pushed(): void {}

  closed(index: number): void {
    this.line.line(`${index}, CLOSED`)
  }

  command(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+CIPSHUT':
        return this.shut()
      case '+CSTT':
        if (this.state !== INITIAL || !isSet) return ERROR
        this.apn = command.args[0]
        this.state = START
        return OK
      case '+CIICR':
        return this.bringUp()
      case '+CIFSR':
        if (this.state !== READY && this.state !== STATUS) return ERROR
        this.state = STATUS
        return OWN_ADDRESS
      case '+CIPSTATUS':
        return this.status()
      case '+CIPSTART':
        return isSet ? this.open(command.args) : OK
      case '+CIPSEND':
        return isSet ? this.send(command.args) : OK
      case '+CIPRXGET':
        return isSet ? this.receive(command.args) : OK
      case '+CIPCLOSE':
        return isSet ? this.close(command.args) : OK
    }
    return this.settings(command)
  }

  private settings(command: Command): string {
    const isOne = command.args[0] === '1'
    switch (command.name) {
      case '+CIPMUX':
        if (this.state !== INITIAL) return ERROR
        this.isMultiple = isOne
        return OK
      case '+CIPQSEND':
        this.isQuick = isOne
        return OK
      case '+CNMP':
      case '+CMNB':
        return OK
    }
    return UNKNOWN
  }

  private shut(): string {
    this.line.later(SHUT_MS, () => {
      this.context.close()
      const { isManual } = this.links
      this.links.reset()
      this.links.isManual = isManual
      this.state = INITIAL
      this.line.finish('SHUT OK')
    })
    return PENDING
  }

  private bringUp(): string {
    if (this.state !== START) return ERROR
    const isBegun = this.context.open(this.apn, (isOpen) => {
      if (isOpen) this.state = READY
      if (!this.line.faults.resultMissing) this.line.finish(isOpen ? OK : ERROR)
    })
    return isBegun ? PENDING : ERROR
  }

  /** The states stand behind the OK. */
  private status(): string {
    this.line.finish(OK)
    this.line.line(`STATE: ${STATE_NAMES[this.state]}`)
    for (let index = 0; index < LINK_COUNT; index++) {
      const link = this.links.linkOf(index)
      const kind = link?.isUdp() === true ? 'UDP' : 'TCP'
      if (link === undefined) this.line.line(`C: ${index},,"","","","INITIAL"`)
      else this.line.line(`C: ${index},0,"${kind}","${link.address}","${link.port}","${stateName(link)}"`)
    }
    return PENDING
  }

  private open(args: string[]): string {
    const index = integer(args[0], 0, LINK_COUNT - 1)
    const isUdp = args[1] === 'UDP'
    const port = integer(args[3], 1, 65535)
    if (index < 0 || port < 0 || (args[1] !== 'TCP' && !isUdp) || !this.isMultiple || this.state !== STATUS)
      return ERROR
    const held = this.links.linkOf(index)
    if (held !== undefined && held.state === OPEN) {
      this.line.later(1, () => this.line.line(`${index}, ALREADY CONNECT`))
      return ERROR
    }
    this.links.open(index, new ModemLink(this.line.clock, args[2], port, false, isUdp ? this.links.freePort() : 0))
    return OK
  }

  private send(args: string[]): string {
    const index = integer(args[0], 0, LINK_COUNT - 1)
    const lengthBytes = integer(args[1], 1, PAYLOAD_BYTES)
    const link = this.links.linkOf(index)
    if (index < 0 || lengthBytes < 0 || link === undefined || link.state !== OPEN) return ERROR
    this.line.prompt(lengthBytes, (bytes) => this.sendPayload(index, link, bytes), '> ')
    return PENDING
  }

  private sendPayload(index: number, link: ModemLink, bytes: string): void {
    const ok = () => {
      if (!this.line.faults.resultMissing) this.line.finish(`${index}, SEND OK`)
    }
    const isSlow = !this.isQuick && !link.isUdp()
    const taken = this.links.transmit(index, link, bytes, isSlow ? ok : () => {})
    if (taken !== bytes.length) this.line.finish(`${index}, SEND FAIL`)
    else if (this.isQuick) {
      if (!this.line.faults.resultMissing) this.line.finish(`DATA ACCEPT:${index},${taken}`)
    } else if (!isSlow) ok()
  }

  private receive(args: string[]): string {
    const mode = integer(args[0], 0, 4)
    if (mode < 0 || mode === 3) return ERROR
    if (mode < 2) {
      this.links.isManual = mode === 1
      return OK
    }
    const index = integer(args[1], 0, LINK_COUNT - 1)
    const link = this.links.linkOf(index)
    if (index < 0 || link === undefined || !this.links.isManual) return ERROR
    if (mode === 4) {
      this.line.line(`+CIPRXGET: 4,${index},${link.received.length}`)
      return OK
    }
    const lengthBytes = integer(args[2], 1, PAYLOAD_BYTES)
    if (lengthBytes < 0) return ERROR
    const bytes = link.take(lengthBytes)
    this.line.block(`+CIPRXGET: 2,${index},${bytes.length},${link.received.length}`, bytes)
    return OK
  }

  private close(args: string[]): string {
    const index = integer(args[0], 0, LINK_COUNT - 1)
    const link = this.links.linkOf(index)
    if (index < 0 || link === undefined || link.state === CLOSING) return ERROR
    if (link.state === OPEN) link.end()
    link.state = CLOSING
    this.onActivity(`close ${index}`)
    this.line.later(CLOSE_MS, () => {
      if (this.links.linkOf(index) === link) this.links.drop(index)
      this.line.finish(`${index}, CLOSE OK`)
    })
    return PENDING
  }
}

function stateName(link: ModemLink): string {
  if (link.state === OPEN) return 'CONNECTED'
  return link.state === ENDED ? 'CLOSED' : 'CONNECTING'
}
