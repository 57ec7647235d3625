/** The DHCP, DNS and NTP servers of the bench against hand-written clients (RFC 2131, RFC 1035, RFC 4330). */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { DhcpServer } from '../../hal-mock/dhcp-server'
import { DnsServer } from '../../hal-mock/dns-server'
import { type Datagram, VirtualNetwork } from '../../hal-mock/network'
import { NtpServer } from '../../hal-mock/ntp-server'

const MAC = '\x02\x00\x00\x00\x00\x09'

function cable() {
  const clock = new VirtualClock()
  const nic = new VirtualNetwork(clock).attach('ethernet')
  const server = new DhcpServer(clock, nic, {
    address: '10.0.0.1',
    first: '10.0.0.50',
    mask: '255.255.255.0',
    router: '10.0.0.1',
    dnsServers: ['10.0.0.1'],
    leaseSeconds: 3600,
  })
  const heard: Datagram[] = []
  nic.datagrams.onDatagram = (datagram) => heard.push(datagram)
  const ask = (options: string, ciaddr = '\x00\x00\x00\x00', mac = MAC): Datagram | undefined => {
    heard.length = 0
    const head = '\x01\x01\x06\x00abcd\x00\x00\x80\x00' + ciaddr + '\x00'.repeat(12) + mac + '\x00'.repeat(202)
    const bytes = head + '\x63\x82\x53\x63' + options + '\xff'
    nic.datagrams.send({ source: '0.0.0.0', sourcePort: 68, target: '255.255.255.255', targetPort: 67, bytes })
    clock.runTo(clock.nowMs + 1000)
    return heard[0]
  }
  return { server, ask }
}

function kind(reply: Datagram | undefined): number {
  return reply === undefined ? 0 : reply.bytes.charCodeAt(242)
}

const DISCOVER = '\x35\x01\x01'
const SELECT = '\x35\x01\x03\x32\x04\x0a\x00\x00\x32\x36\x04\x0a\x00\x00\x01'

describe('DHCP server', () => {
  it('offers and confirms by broadcast, 300 bytes or more, with its options and an end mark', () => {
    const { ask } = cable()
    const offer = ask(DISCOVER)
    expect(kind(offer)).toBe(2)
    const acknowledged = ask(SELECT)
    expect(kind(acknowledged)).toBe(5)
    expect([acknowledged?.target, acknowledged?.targetPort, acknowledged?.source]).toEqual([
      '255.255.255.255',
      68,
      '10.0.0.1',
    ])
    const bytes = acknowledged?.bytes ?? ''
    expect([bytes.substr(4, 4), bytes.substr(16, 4), bytes.length]).toEqual(['abcd', '\x0a\x00\x00\x32', 300])
    for (const option of ['\x33\x04\x00\x00\x0e\x10', '\x01\x04\xff\xff\xff\x00', '\x03\x04\x0a\x00\x00\x01']) {
      expect(bytes.indexOf(option, 240)).toBeGreaterThan(240)
    }
  })

  it('gives two clients two addresses, and each its own again', () => {
    const { server, ask } = cable()
    ask(DISCOVER)
    ask(DISCOVER, undefined, '\x02\x00\x00\x00\x00\x0a')
    ask(DISCOVER)
    expect(server.leases).toEqual({ '020000000009': '10.0.0.50', '02000000000a': '10.0.0.51' })
  })

  it('renews to the address of the client, and says NAK to one that is not its own', () => {
    const { ask } = cable()
    ask(DISCOVER)
    const renewed = ask('\x35\x01\x03', '\x0a\x00\x00\x32')
    expect([kind(renewed), renewed?.target]).toEqual([5, '10.0.0.50'])
    const wrong = ask('\x35\x01\x03', '\x0a\x00\x00\x63')
    expect([kind(wrong), wrong?.target]).toEqual([6, '255.255.255.255'])
  })

  it("is silent to strangers, to another server's client, and to what is no DHCP", () => {
    const { ask } = cable()
    expect(ask('\x35\x01\x03\x32\x04\x0a\x00\x00\x32')).toBeUndefined()
    expect(ask('\x35\x01\x03\x32\x04\x0a\x00\x00\x32\x36\x04\x0a\x00\x00\x09')).toBeUndefined()
    expect(ask('')).toBeUndefined()
  })

  it('does not offer what was declined', () => {
    const { server, ask } = cable()
    ask(DISCOVER)
    ask('\x35\x01\x04\x32\x04\x0a\x00\x00\x32\x36\x04\x0a\x00\x00\x01')
    expect(ask(DISCOVER)?.bytes.substr(16, 4)).toBe('\x0a\x00\x00\x33')
    expect(server.log).toEqual(['DISCOVER 0.0.0.0', 'DECLINE 10.0.0.50', 'DISCOVER 0.0.0.0'])
  })

  it('breaks as it is told: silent, forgetful, refusing', () => {
    const { server, ask } = cable()
    server.isSilent = true
    expect(ask(DISCOVER)).toBeUndefined()
    server.isSilent = false
    server.forgetsRequests = true
    expect(kind(ask(DISCOVER))).toBe(2)
    expect(ask(SELECT)).toBeUndefined()
    server.forgetsRequests = false
    server.refuses = true
    expect(kind(ask(SELECT))).toBe(6)
    server.knowsNobody = true
    expect(ask(SELECT)).toBeUndefined()
  })
})

function through(serve: (datagram: Datagram, answer: (reply: Datagram) => void, via: string) => void, bytes: string) {
  let reply: Datagram | undefined
  serve(
    { source: '10.0.0.2', sourcePort: 50000, target: '10.0.0.1', targetPort: 53, bytes },
    (datagram) => {
      reply = datagram
    },
    'ethernet',
  )
  return reply as Datagram | undefined
}

describe('DNS server', () => {
  const records = [
    { name: 'www.example.net', address: '', alias: 'host.example.net', ttlSeconds: 30 },
    { name: 'host.example.net', address: '192.0.2.7', ttlSeconds: 70000 },
  ]
  const question = '\x04host\x07example\x03net\x00\x00\x01\x00\x01'
  const query = 'ID\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00' + question

  it('repeats id and question, and answers with address and TTL', () => {
    const server = new DnsServer(records)
    const reply = through(server.serve, query)
    expect(reply?.bytes).toBe(
      'ID\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00' +
        question +
        '\xc0\x0c\x00\x01\x00\x01\x00\x01\x11\x70\x00\x04\xc0\x00\x02\x07',
    )
    expect([reply?.targetPort, reply?.sourcePort, server.log]).toEqual([50000, 53, ['host.example.net']])
  })

  it('puts the alias in front of the address it leads to', () => {
    const reply = through(new DnsServer(records).serve, query.replace('\x04host', '\x03www'))
    expect(reply?.bytes.charCodeAt(7)).toBe(2)
    expect(reply?.bytes.endsWith('\xc0\x00\x02\x07')).toBe(true)
  })

  it('says NXDOMAIN to other names, SERVFAIL on demand, and nothing to what is no A query', () => {
    const server = new DnsServer(records)
    expect(through(server.serve, query.replace('host', 'hose'))?.bytes.charCodeAt(3)).toBe(0x83)
    server.failure = 2
    expect(through(server.serve, query)?.bytes.charCodeAt(3)).toBe(0x82)
    expect(through(server.serve, query.replace(/\x00\x01\x00\x01$/, '\x00\x1c\x00\x01'))).toBeUndefined()
    expect(through(server.serve, query.substr(0, 20))).toBeUndefined()
  })
})

describe('NTP server', () => {
  const request = '\x23' + '\x00'.repeat(39) + 'stampstm'

  it('is mode 4 of the version asked for, repeats the stamp, and tells seconds and fraction', () => {
    const reply = through(new NtpServer(() => 1767225600.5).serve, request)?.bytes ?? ''
    expect([reply.length, reply.charCodeAt(0), reply.charCodeAt(1), reply.substr(24, 8)]).toEqual([
      48,
      0x24,
      2,
      'stampstm',
    ])
    expect(reply.substr(40, 6)).toBe('\xed\x00\x37\x80\x80\x00')
  })

  it('begins a new era in February 2036', () => {
    const reply = through(new NtpServer(() => 4294967296 - 2208988800 + 5).serve, request)?.bytes ?? ''
    expect(reply.substr(40, 4)).toBe('\x00\x00\x00\x05')
  })

  it('answers clients only', () => {
    expect(through(new NtpServer(() => 1767225600).serve, '\x24' + request.substr(1))).toBeUndefined()
  })
})
