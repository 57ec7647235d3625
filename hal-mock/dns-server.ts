/**
 * A DNS server for a few names (RFC 1035), to be put on the cable or into the world: network.serve(address, 53,
 * server.serve). It answers A queries; names that it does not know do not exist.
 *
 * Not modelled: zones, other types, EDNS, TCP.
 */

import type { Datagram, Serve } from './nic'
import { replyTo } from './nic'

export interface DnsRecord {
  name: string
  /** Dotted; '' with an alias. */
  address: string
  ttlSeconds: number
  /** The name that this one is another word for. */
  alias?: string
}

export class DnsServer {
  isSilent = false
  /** Response code in place of an answer: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED; 0 none. */
  failure = 0
  /** Has the last word on each reply; undefined sends nothing. */
  mangle: (reply: Datagram) => Datagram | undefined = (reply) => reply
  /** Each query's name. */
  readonly log: string[] = []
  /** Source port and id of each query. */
  readonly ports: number[] = []
  readonly ids: number[] = []

  constructor(readonly records: DnsRecord[]) {}

  readonly serve: Serve = (datagram, answer) => {
    const bytes = this.answer(datagram)
    if (bytes === '' || this.isSilent) return
    const reply = this.mangle(replyTo(datagram, bytes))
    if (reply !== undefined) answer(reply)
  }

  private answer(datagram: Datagram): string {
    const query = datagram.bytes
    let at = 12
    const labels: string[] = []
    while (at < query.length && query.charCodeAt(at) !== 0) {
      const lengthBytes = query.charCodeAt(at)
      labels.push(query.substr(at + 1, lengthBytes))
      at += 1 + lengthBytes
    }
    // One plain question for an A record of class IN.
    if (at + 5 > query.length || query.substr(2, 4) !== '\x01\0\0\x01') return ''
    if (query.substr(at + 1, 4) !== '\0\x01\0\x01') return ''
    const name = labels.join('.')
    this.log.push(name)
    this.ports.push(datagram.sourcePort)
    this.ids.push(query.charCodeAt(0) * 256 + query.charCodeAt(1))
    const records = this.failure === 0 ? this.find(name) : []
    const code = this.failure !== 0 ? this.failure : records.length === 0 ? 3 : 0
    let reply = query.substr(0, 2) + String.fromCharCode(0x81, 0x80 | code) + word(1) + word(records.length)
    reply += word(0) + word(0) + query.substring(12, at + 5)
    for (let index = 0; index < records.length; index++) {
      const record = records[index]
      // The first record's name is a pointer to the question.
      reply += index === 0 ? '\xc0\x0c' : encode(record.name)
      const data = record.alias !== undefined ? encode(record.alias) : packed(record.address)
      reply += word(record.alias !== undefined ? 5 : 1) + word(1)
      reply += word((record.ttlSeconds >>> 16) & 0xffff) + word(record.ttlSeconds & 0xffff) + word(data.length) + data
    }
    return reply
  }

  /** The record of a name, behind the aliases that lead to it. */
  private find(name: string): DnsRecord[] {
    const found: DnsRecord[] = []
    let wanted = name.toLowerCase()
    for (let hops = 0; hops < 8; hops++) {
      const record = this.records.find((entry) => entry.name === wanted)
      if (record === undefined) break
      found.push(record)
      if (record.alias === undefined) return found
      wanted = record.alias
    }
    return []
  }
}

function encode(name: string): string {
  let bytes = ''
  for (const label of name.split('.')) bytes += String.fromCharCode(label.length) + label
  return bytes + '\0'
}

function word(value: number): string {
  return String.fromCharCode((value >> 8) & 255, value & 255)
}

function packed(address: string): string {
  let bytes = ''
  for (const part of address.split('.')) bytes += String.fromCharCode(Number(part))
  return bytes
}
