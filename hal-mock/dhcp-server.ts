/**
 * A DHCP server on the panel's cable, with the habits and faults of real ones (RFC 2131, options RFC 2132). It reads the
 * RFCs for itself and shares nothing with the firmware.
 *
 * Not modelled: relays, INFORM, options beyond the panel's needs, leases that other clients take.
 */

import type { VirtualClock } from './clock'
import type { VirtualNic } from './network'
import type { Datagram } from './nic'

export interface DhcpServerOptions {
  /** Its own address. */
  address: string
  /** First address that it gives; the next ones follow. */
  first: string
  mask: string
  router: string
  dnsServers: string[]
  leaseSeconds: number
}

const DISCOVER = 1
const OFFER = 2
const REQUEST = 3
const DECLINE = 4
const ACK = 5
const NAK = 6
const EVERYBODY = '255.255.255.255'

export class DhcpServer {
  /** Does nothing at all. */
  isSilent = false
  /** Offers, and then says nothing to the REQUEST. */
  forgetsRequests = false
  /** Says NAK to each REQUEST. */
  refuses = false
  /** Has lost its memory and says nothing to those it does not know (RFC 2131 §4.3.2). */
  knowsNobody = false
  /** T1 and T2 in seconds; 0 leaves them out. */
  renewSeconds = 0
  rebindSeconds = 0
  /** Before an answer. */
  delayMs = 5
  /** Has the last word on each reply's bytes; undefined sends nothing. */
  mangle: (bytes: string) => string | undefined = (bytes) => bytes
  /** Told each message: 'DISCOVER 0.0.0.0', with the address asked for. */
  readonly log: string[] = []
  /** Where each of them was sent to. */
  readonly targets: string[] = []
  /** By MAC as hex. */
  readonly leases: Record<string, string> = {}
  private spoiled: string[] = []

  constructor(
    private clock: VirtualClock,
    private nic: VirtualNic,
    readonly options: DhcpServerOptions,
  ) {
    nic.own(options.router)
    nic.neighbour(options.address, 67, (datagram) => this.serve(datagram))
  }

  /** From now on it gives other addresses, that one first, and takes the old ones back when their owners renew. */
  move(first: string): void {
    this.options.first = first
    const clients = Object.keys(this.leases)
    for (const mac of clients) delete this.leases[mac]
    for (const mac of clients) this.addressFor(mac)
  }

  private serve(datagram: Datagram): void {
    const bytes = datagram.bytes
    if (this.isSilent || bytes.length < 241 || bytes.charCodeAt(0) !== 1) return
    if (bytes.substr(236, 4) !== '\x63\x82\x53\x63') return
    const options = parseOptions(bytes)
    const mac = hex(bytes.substr(28, 6))
    const kind = (options[53] || '\0').charCodeAt(0)
    const ciaddr = bytes.substr(12, 4)
    const asked = options[50] || ciaddr
    const names = ['', 'DISCOVER', '', 'REQUEST', 'DECLINE']
    this.log.push(`${names[kind]} ${dotted(asked)}`)
    this.targets.push(datagram.target)
    if (kind === DISCOVER) {
      const address = this.addressFor(mac)
      if (address !== '') this.answer(datagram, OFFER, address)
    } else if (kind === DECLINE) {
      if (options[54] === packed(this.options.address)) this.decline(mac, dotted(asked))
    } else if (kind === REQUEST && !this.forgetsRequests) this.request(datagram, mac, options, dotted(asked))
  }

  private request(datagram: Datagram, mac: string, options: Record<number, string>, asked: string): void {
    // Somebody else's offer was taken.
    if (options[54] !== undefined && options[54] !== packed(this.options.address)) return
    const known = this.leases[mac]
    if (this.knowsNobody || (options[54] === undefined && known === undefined)) return
    if (this.refuses || known !== asked) this.answer(datagram, NAK, '0.0.0.0')
    else this.answer(datagram, ACK, known)
  }

  /** The client found it in use: it is not given again. */
  private decline(mac: string, address: string): void {
    this.spoiled.push(address)
    delete this.leases[mac]
  }

  private addressFor(mac: string): string {
    if (this.leases[mac] !== undefined) return this.leases[mac]
    const taken = this.spoiled.slice()
    for (const other in this.leases) taken.push(this.leases[other])
    const parts = this.options.first.split('.')
    for (let offset = 0; offset < 50; offset++) {
      const address = parts.slice(0, 3).join('.') + '.' + (Number(parts[3]) + offset)
      if (taken.indexOf(address) < 0) {
        this.leases[mac] = address
        return address
      }
    }
    return ''
  }

  private answer(datagram: Datagram, kind: number, address: string): void {
    const bytes = this.mangle(this.build(datagram.bytes, kind, address))
    if (bytes === undefined) return
    const ciaddr = dotted(datagram.bytes.substr(12, 4))
    // To the client's own address while it has one; NAK and all else by broadcast, as the flag asks for.
    const isDirect = kind !== NAK && ciaddr !== '0.0.0.0'
    const reply: Datagram = {
      source: this.options.address,
      sourcePort: 67,
      target: isDirect ? ciaddr : EVERYBODY,
      targetPort: 68,
      bytes,
    }
    this.clock.after(this.delayMs, () => this.nic.inject(reply))
  }

  /** A reply to the client's message, 300 bytes at least. */
  build(asked: string, kind: number, address: string): string {
    const options = this.options
    let bytes = '\x02\x01\x06\0' + asked.substr(4, 4) + '\0\0' + asked.substr(10, 2)
    bytes += kind === NAK ? '\0\0\0\0' : asked.substr(12, 4)
    bytes += packed(address) + '\0\0\0\0\0\0\0\0' + asked.substr(28, 16)
    while (bytes.length < 236) bytes += '\0'
    bytes += '\x63\x82\x53\x63' + option(53, String.fromCharCode(kind)) + option(54, packed(options.address))
    if (kind !== NAK) {
      bytes += option(51, long(options.leaseSeconds)) + option(1, packed(options.mask))
      bytes += option(3, packed(options.router))
      if (options.dnsServers.length > 0) bytes += option(6, options.dnsServers.map(packed).join(''))
      if (this.renewSeconds > 0) bytes += option(58, long(this.renewSeconds))
      if (this.rebindSeconds > 0) bytes += option(59, long(this.rebindSeconds))
    }
    bytes += '\xff'
    while (bytes.length < 300) bytes += '\0'
    return bytes
  }
}

function parseOptions(bytes: string): Record<number, string> {
  const options: Record<number, string> = {}
  for (let at = 240; at < bytes.length && bytes.charCodeAt(at) !== 255; ) {
    const code = bytes.charCodeAt(at)
    if (code === 0) {
      at++
      continue
    }
    const lengthBytes = bytes.charCodeAt(at + 1)
    options[code] = bytes.substr(at + 2, lengthBytes)
    at += 2 + lengthBytes
  }
  return options
}

function option(code: number, value: string): string {
  return String.fromCharCode(code, value.length) + value
}

function long(value: number): string {
  return String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

function packed(address: string): string {
  let bytes = ''
  for (const part of address.split('.')) bytes += String.fromCharCode(Number(part))
  return bytes
}

function dotted(bytes: string): string {
  const parts: number[] = []
  for (let index = 0; index < 4; index++) parts.push(bytes.charCodeAt(index))
  return parts.join('.')
}

function hex(bytes: string): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += ('0' + bytes.charCodeAt(index).toString(16)).slice(-2)
  return text
}
