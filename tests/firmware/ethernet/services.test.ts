/**
 * Dated conversations with DHCP, DNS and NTP servers over the chip model: addresses, names and time (hardware.md §1.12,
 * §1.13; RFC 2131, RFC 1035, RFC 4330).
 */

import { describe, expect, it } from 'vitest'
import type { EthernetSettings } from '../../../firmware/ethernet/ethernet-path'
import { Job } from '../../../firmware/ethernet/steps'
import { DhcpServer, type DhcpServerOptions } from '../../../hal-mock/dhcp-server'
import { DnsServer } from '../../../hal-mock/dns-server'
import { NtpServer } from '../../../hal-mock/ntp-server'
import type { W5500Options } from '../../../hal-mock/w5500'
import { Bench, DOWN, FRAME, OPEN, OPENING, PORT, READY, RECEIVER } from './ethernet-bench'

const SERVER: DhcpServerOptions = {
  address: '10.0.0.1',
  first: '10.0.0.50',
  mask: '255.255.255.0',
  router: '10.0.0.1',
  dnsServers: ['10.0.0.1', '192.0.2.53'],
  leaseSeconds: 3600,
}
const HOUR_MS = 3600000
/** 2026-01-01. */
const START_SECONDS = 1767225600

const NAMED: Partial<EthernetSettings> = {
  targets: [{ host: 'rct.example.net', port: PORT, isUdp: 0 }],
  dnsServers: [
    [192, 0, 2, 53],
    [192, 0, 2, 54],
  ],
}

function dynamic(
  settings: Partial<EthernetSettings> = {},
  options?: W5500Options,
): { bench: Bench; server: DhcpServer } {
  const bench = new Bench(options, () => 'ACK', { isDynamic: 1, ...settings })
  const server = new DhcpServer(bench.clock, bench.nic, SERVER)
  return { bench, server }
}

function named(settings: Partial<EthernetSettings> = {}): { bench: Bench; first: DnsServer; second: DnsServer } {
  const bench = new Bench({}, () => 'ACK', { ...NAMED, ...settings })
  const records = [{ name: 'rct.example.net', address: RECEIVER, ttlSeconds: 600 }]
  const first = new DnsServer(records)
  const second = new DnsServer(records)
  bench.network.serve('192.0.2.53', 53, first.serve)
  bench.network.serve('192.0.2.54', 53, second.serve)
  return { bench, first, second }
}

/** SIPR, SUBR and GAR as the chip holds them. */
function addresses(bench: Bench): string[] {
  const common = bench.chip.common
  return [common.subarray(15, 19), common.subarray(5, 9), common.subarray(1, 5)].map((bytes) => bytes.join('.'))
}

describe('DHCP: an address', () => {
  it('has DISCOVER, REQUEST and the probe behind it within 7 s of power-up, and reports from the leased address', () => {
    const { bench, server } = dynamic()
    expect(addresses(bench)).toEqual(['0.0.0.0', '0.0.0.0', '0.0.0.0'])
    expect(bench.until(() => bench.state() === READY, 20000)).toBeLessThanOrEqual(7000)
    expect(server.log).toEqual(['DISCOVER 0.0.0.0', 'REQUEST 10.0.0.50'])
    expect(addresses(bench)).toEqual(['10.0.0.50', '255.255.255.0', '10.0.0.1'])
    expect(bench.exchange(3000)).toBe(true)
    expect(bench.resets).toBe(1)
  })

  it('spends one SPI frame per 500 ms at rest with a lease', () => {
    const { bench } = dynamic()
    bench.ready()
    bench.run(5000)
    const before = bench.frameCount
    bench.run(60000)
    expect(bench.frameCount - before).toBeLessThanOrEqual(121)
  })

  it('is DOWN with SIPR 0 for 60 s without a server, then serves from the static address and keeps asking', () => {
    const { bench, server } = dynamic()
    server.isSilent = true
    bench.nic.own('10.0.0.1')
    bench.run(60000)
    expect([bench.state(), addresses(bench)[0]]).toEqual([DOWN, '0.0.0.0'])
    expect(bench.until(() => bench.state() === READY, 10000)).toBeLessThanOrEqual(6000)
    expect(addresses(bench)).toEqual(['10.0.0.2', '255.255.255.0', '10.0.0.1'])
    expect(bench.exchange(3000)).toBe(true)
    server.isSilent = false
    bench.until(() => addresses(bench)[0] === '10.0.0.50', 180000)
    expect(addresses(bench)[0]).toBe('10.0.0.50')
    expect(bench.exchange(3000)).toBe(true)
  })

  it('stays DOWN for ever when neither a server nor a static address is there', () => {
    const { bench, server } = dynamic({ address: [0, 0, 0, 0], mask: [0, 0, 0, 0], gateway: [0, 0, 0, 0] })
    server.isSilent = true
    bench.run(600000)
    expect([bench.state(), bench.path.isHardwareFault]).toEqual([DOWN, false])
  })

  it('sends 4 DISCOVERs about 4, 8 and 16 s apart, then pauses for 60 s', () => {
    const { bench, server } = dynamic()
    const sent: number[] = []
    server.mangle = () => undefined
    let seen = 0
    bench.until(() => {
      if (server.log.length > seen) sent.push(bench.clock.nowMs)
      seen = server.log.length
      return sent.length === 6
    }, 300000)
    const gaps = sent.slice(1).map((at, index) => at - sent[index])
    for (const [index, wanted] of [4000, 8000, 16000, 92000, 4000].entries()) {
      expect(Math.abs(gaps[index] - wanted)).toBeLessThanOrEqual(index === 3 ? 1400 : 1200)
    }
  })
})

describe('DHCP: a lease in the course of time', () => {
  it('renews at T1 with a unicast, without a gap in the connection', () => {
    const { bench, server } = dynamic()
    bench.opened()
    server.log.length = 0
    const connections = bench.connections.length
    bench.run(HOUR_MS / 2 + 5000)
    expect(server.log).toEqual(['REQUEST 10.0.0.50'])
    expect(server.targets.pop()).toBe('10.0.0.1')
    bench.run(HOUR_MS)
    expect(server.log.length).toBe(3)
    expect([bench.state(), bench.connections.length]).toEqual([OPEN, connections])
  })

  it('keeps T1 and T2 that the server names', () => {
    const { bench, server } = dynamic()
    server.renewSeconds = 100
    server.rebindSeconds = 200
    bench.ready()
    server.log.length = 0
    bench.run(95000)
    expect(server.log).toEqual([])
    bench.run(10000)
    expect(server.log).toEqual(['REQUEST 10.0.0.50'])
  })

  it('rebinds by broadcast from T2 when its server is gone, and another one may confirm', () => {
    const { bench, server } = dynamic()
    bench.ready()
    server.isSilent = true
    const other = new DhcpServer(bench.clock, bench.nic, { ...SERVER, address: '10.0.0.9' })
    other.leases['020000000001'] = '10.0.0.50'
    bench.run((HOUR_MS * 7) / 8 - 30000)
    expect(other.log).toEqual([])
    bench.run(60000)
    expect(other.log).toEqual(['REQUEST 10.0.0.50'])
    expect(other.targets).toEqual(['255.255.255.255'])
    bench.run(2 * HOUR_MS)
    expect([bench.state(), addresses(bench)[0]]).toEqual([READY, '10.0.0.50'])
  })

  it('drops the address at the end of the lease, not before, and falls back 60 s later', () => {
    const { bench, server } = dynamic()
    bench.ready()
    server.isSilent = true
    bench.until(() => bench.state() === DOWN, 2 * HOUR_MS)
    expect(Math.abs(bench.clock.nowMs - HOUR_MS - 4000)).toBeLessThan(4000)
    expect(addresses(bench)[0]).toBe('0.0.0.0')
    bench.run(66000)
    expect([bench.state(), addresses(bench)[0]]).toEqual([READY, '10.0.0.2'])
  })

  it('starts over at once after a NAK while renewing, and moves to the new address', () => {
    const { bench, server } = dynamic()
    bench.opened()
    server.leases['020000000001'] = '10.0.0.77'
    bench.run(HOUR_MS / 2)
    expect(bench.until(() => bench.state() === READY && addresses(bench)[0] === '10.0.0.77', 20000)).toBeLessThan(10000)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('takes a lease for ever, and never asks again', () => {
    const { bench, server } = dynamic()
    server.options.leaseSeconds = 0xffffffff
    bench.ready()
    server.log.length = 0
    bench.run(3 * HOUR_MS)
    expect([server.log.length, bench.state()]).toEqual([0, READY])
  })

  it('asks for its old address after the cable was out, and is READY within 5 s of its return', () => {
    const { bench, server } = dynamic()
    bench.ready()
    bench.nic.setLink(false)
    bench.run(10000)
    expect(bench.state()).toBe(DOWN)
    server.log.length = 0
    bench.nic.setLink(true)
    expect(bench.until(() => bench.state() === READY, 20000)).toBeLessThanOrEqual(5000)
    expect(server.log).toEqual(['REQUEST 10.0.0.50'])
  })

  it('uses the old address after 12 s of silence while its lease lasts (RFC 2131 §3.2 point 4)', () => {
    const { bench, server } = dynamic()
    bench.ready()
    bench.nic.setLink(false)
    bench.run(10000)
    server.isSilent = true
    bench.nic.setLink(true)
    expect(bench.until(() => bench.state() === READY, 60000)).toBeLessThanOrEqual(18000)
    expect(addresses(bench)[0]).toBe('10.0.0.50')
  })

  it('starts over in another network, whose server says NAK to the old address', () => {
    const { bench, server } = dynamic()
    bench.ready()
    bench.nic.setLink(false)
    bench.run(10000)
    server.leases['020000000001'] = '10.0.0.99'
    bench.nic.setLink(true)
    expect(bench.until(() => bench.state() === READY, 60000)).toBeLessThanOrEqual(9000)
    expect(addresses(bench)[0]).toBe('10.0.0.99')
  })

  it('confirms the lease after a silent reset of the chip', () => {
    const { bench, server } = dynamic()
    bench.opened()
    server.log.length = 0
    bench.chip.brownOut()
    bench.until(() => bench.state() === DOWN, 3000)
    expect(bench.until(() => bench.state() === READY, 20000)).toBeLessThanOrEqual(8000)
    expect(server.log).toEqual(['REQUEST 10.0.0.50'])
    expect(bench.exchange(3000)).toBe(true)
  })
})

describe('DHCP: servers that do harm', () => {
  it('passes over a rogue that offers first and never confirms', () => {
    const { bench, server } = dynamic()
    const rogue = new DhcpServer(bench.clock, bench.nic, { ...SERVER, address: '10.0.0.66', first: '10.0.0.200' })
    rogue.forgetsRequests = true
    rogue.delayMs = 1
    server.delayMs = 20
    expect(bench.until(() => bench.state() === READY, 60000)).toBeLessThanOrEqual(25000)
    expect(addresses(bench)[0]).toBe('10.0.0.50')
  })

  it('passes over a server that refuses what it offered, 10 s later', () => {
    const { bench, server } = dynamic()
    const rogue = new DhcpServer(bench.clock, bench.nic, { ...SERVER, address: '10.0.0.66', first: '10.0.0.200' })
    rogue.refuses = true
    rogue.delayMs = 1
    server.delayMs = 20
    expect(bench.until(() => bench.state() === READY, 60000)).toBeLessThanOrEqual(20000)
    expect(addresses(bench)[0]).toBe('10.0.0.50')
  })

  it('serves from the static address while its only server says NAK for ever', () => {
    const { bench, server } = dynamic()
    server.refuses = true
    bench.run(75000)
    expect([bench.state(), addresses(bench)[0]]).toEqual([READY, '10.0.0.2'])
    expect(server.log.length).toBeLessThan(20)
  })

  it('declines an address that somebody else answers for, and gets the next one', () => {
    const { bench, server } = dynamic()
    bench.nic.own('10.0.0.50')
    expect(bench.until(() => bench.state() === READY, 60000)).toBeLessThanOrEqual(20000)
    expect(server.log).toContain('DECLINE 10.0.0.50')
    expect(addresses(bench)[0]).toBe('10.0.0.51')
  })

  it('gives up a leased address when IR.CONFLICT shows another owner', () => {
    const { bench, server } = dynamic()
    bench.opened()
    bench.chip.conflict()
    bench.run(2000)
    expect(server.log).toContain('DECLINE 10.0.0.50')
    bench.until(() => bench.state() === READY, 30000)
    expect([addresses(bench)[0], bench.path.conflictCount]).toEqual(['10.0.0.51', 1])
  })

  it('only counts a conflict of the static address', () => {
    const bench = new Bench().opened()
    bench.chip.conflict()
    bench.run(2000)
    expect([bench.path.conflictCount, bench.state()]).toEqual([1, OPEN])
    expect(bench.chip.common[0x15]).toBe(0)
  })

  it.each([5, 20, 33])('gets an address when %i datagrams in 100 are lost, doubled, bent and overtaken', (percent) => {
    const { bench } = dynamic()
    bench.nic.lossPercent = percent
    bench.nic.duplicatePercent = percent
    bench.nic.bendPercent = percent
    bench.nic.jitterMs = 200
    bench.until(() => addresses(bench)[0] === '10.0.0.50', 600000)
    expect(addresses(bench)[0]).toBe('10.0.0.50')
  })
})

describe('DNS: the receiver by its name', () => {
  it('knows the address before the first event, so that open() takes no longer than without a name', () => {
    const { bench, first } = named()
    bench.ready()
    bench.run(1000)
    expect(first.log).toEqual(['rct.example.net'])
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() === OPEN, 5000)).toBeLessThanOrEqual(150)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('asks from another port and with another id each time', () => {
    const { bench, first } = named()
    first.isSilent = true
    bench.ready()
    bench.run(60000)
    first.isSilent = false
    for (let count = 0; count < 10; count++) {
      bench.run(700000)
      expect(bench.exchange(5000)).toBe(true)
      bench.path.close(bench.path)
    }
    expect(new Set(first.ports).size).toBeGreaterThan(8)
    expect(new Set(first.ids).size).toBeGreaterThan(8)
    expect(Math.min(...first.ports)).toBeGreaterThanOrEqual(49152)
  })

  it('turns to the second server after 3 s of silence, at once after SERVFAIL, and gives up after 12 s', () => {
    const silent = named()
    silent.first.isSilent = true
    silent.bench.ready()
    silent.bench.run(2500)
    expect(silent.second.log.length).toBe(0)
    silent.bench.run(1000)
    expect(silent.second.log.length).toBe(1)

    const failing = named()
    failing.first.failure = 2
    failing.bench.ready()
    failing.bench.run(500)
    expect(failing.second.log.length).toBe(1)

    const dead = named()
    dead.first.isSilent = true
    dead.second.isSilent = true
    dead.bench.ready()
    dead.bench.path.open(dead.bench.path, 0)
    expect(dead.bench.state()).toBe(OPENING)
    const tookMs = dead.bench.until(() => dead.bench.state() === READY, 60000)
    expect([Math.round(tookMs / 1000), dead.first.log.length, dead.second.log.length]).toEqual([12, 2, 2])
  })

  it('asks again at the next open() once the TTL has passed, and takes the last good address after 1 s of silence', () => {
    const { bench, first, second } = named()
    bench.ready()
    bench.run(599000)
    expect(bench.exchange(3000)).toBe(true)
    expect(first.log.length).toBe(1)
    bench.path.close(bench.path)
    bench.run(10000)
    expect(bench.exchange(3000)).toBe(true)
    expect(first.log.length).toBe(2)
    bench.path.close(bench.path)
    first.isSilent = true
    second.isSilent = true
    bench.run(700000)
    bench.path.open(bench.path, 0)
    const tookMs = bench.until(() => bench.state() === OPEN, 20000)
    expect(tookMs).toBeGreaterThan(1000)
    expect(tookMs).toBeLessThanOrEqual(1300)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('finds a receiver that has moved at the second attempt', () => {
    const { bench, first } = named()
    bench.ready()
    bench.run(1000)
    first.records[0].address = '192.0.2.8'
    bench.network.listen('192.0.2.8', PORT, (connection) => ({
      onData: () => connection.send('ACK'),
      onEnd: () => {},
    }))
    bench.network.listener = (
      (plain) => (address: string, port: number) =>
        address === RECEIVER ? undefined : plain(address, port)
    )(bench.network.listener.bind(bench.network))
    bench.path.open(bench.path, 0)
    bench.until(() => bench.state() === READY, 5000)
    expect(bench.exchange(3000)).toBe(true)
    expect(first.log.length).toBe(2)
  })

  it('uses the servers that DHCP tells when none are set', () => {
    const { bench } = dynamic({ targets: NAMED.targets as EthernetSettings['targets'] })
    const dns = new DnsServer([{ name: 'rct.example.net', address: RECEIVER, ttlSeconds: 600 }])
    bench.nic.neighbour('10.0.0.1', 53, dns.serve)
    bench.ready()
    expect(bench.exchange(5000)).toBe(true)
    expect(dns.log.length).toBe(1)
  })

  it('falls back to READY at once without any server', () => {
    const bench = new Bench({}, () => 'ACK', { ...NAMED, dnsServers: [] }).ready()
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() === READY, 5000)).toBeLessThanOrEqual(100)
  })

  it('does not believe an answer from another address or port, nor one to another id', () => {
    for (const forge of ['source', 'port', 'id']) {
      const { bench, first, second } = named()
      bench.nic.own('10.0.0.1')
      second.isSilent = true
      first.mangle = (reply) => {
        const forged = { ...reply }
        forged.bytes = reply.bytes.replace(/.{4}$/s, '\x0a\0\0\x42')
        if (forge === 'source') forged.source = '10.0.0.1'
        if (forge === 'port') forged.sourcePort = 5353
        if (forge === 'id') forged.bytes = '\0\0' + forged.bytes.substr(2)
        bench.nic.inject(forged)
        return undefined
      }
      bench.ready()
      bench.run(2000)
      expect(bench.path.addresses[0]).toBe('')
    }
  })

  it.each([
    ['the time of day', 0],
    ['a DHCP server that is silent', 1],
  ])('lets an alarm go before %s', (_, isDynamic) => {
    const { bench, first } = named({ timeServer: '192.0.2.123', isDynamic })
    const server = new DhcpServer(bench.clock, bench.nic, SERVER)
    server.mangle = () => undefined
    bench.until(() => bench.state() === READY, 80000)
    bench.run(5000)
    first.log.length = 0
    const services = bench.path.services
    if (services === undefined) throw new Error('no services')
    // The name has to be asked for just when the other exchange has begun.
    bench.until(() => services.job === (isDynamic ? Job.DHCP : Job.TIME), 80000)
    bench.path.freshUntilMs[0] = 0
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() === OPEN, 5000)).toBeLessThanOrEqual(300)
    expect(first.log.length).toBe(1)
  })
})

describe('SNTP: the time of day', () => {
  function timed(timeServer: string): { bench: Bench; ntp: NtpServer; now: () => number } {
    const bench = new Bench({}, () => 'ACK', {
      ...NAMED,
      timeServer,
      targets: [{ host: RECEIVER, port: PORT, isUdp: 0 }],
    })
    const now = () => START_SECONDS + bench.clock.nowMs / 1000
    const ntp = new NtpServer(now)
    bench.network.serve('192.0.2.123', 123, ntp.serve)
    const names = [{ name: 'time.example.net', address: '192.0.2.123', ttlSeconds: 600 }]
    bench.network.serve('192.0.2.53', 53, new DnsServer(names).serve)
    return { bench, ntp, now }
  }

  it.each(['192.0.2.123', 'time.example.net'])(
    'hands over the time of %s within 1 s of READY, right to 60 ms',
    (host) => {
      const { bench, now } = timed(host)
      bench.ready()
      bench.run(1000)
      const path = bench.path
      expect(path.timeSeconds).toBeGreaterThan(START_SECONDS)
      const error = path.timeSeconds + (bench.clock.nowMs - path.timeAtMs) / 1000 - now()
      expect(Math.abs(error)).toBeLessThanOrEqual(0.06)
    },
  )

  it('asks every 6 h', () => {
    const { bench, ntp } = timed('192.0.2.123')
    bench.ready()
    bench.run(12 * HOUR_MS - 60000)
    expect(ntp.log.length).toBe(2)
    bench.run(120000)
    expect(ntp.log.length).toBe(3)
  })

  it('backs off from a silent server to two hours, and leaves one alone for a day that says so', () => {
    const silent = timed('192.0.2.123')
    silent.ntp.isSilent = false
    silent.ntp.mangle = () => undefined
    silent.bench.ready()
    silent.bench.run(4 * HOUR_MS)
    expect(silent.ntp.log.length).toBe(8)
    expect(silent.bench.path.timeSeconds).toBe(0)

    const full = timed('192.0.2.123')
    full.ntp.stratum = 0
    full.ntp.reference = 'RATE'
    full.bench.ready()
    full.bench.run(9 * HOUR_MS)
    expect([full.ntp.log.length, full.bench.path.timeSeconds]).toEqual([1, 0])
  })
})

describe('other breakage', () => {
  it('keeps the receiver, DHCP, DNS and SNTP going with 1 in 100 SPI frames damaged', () => {
    const { bench } = dynamic({ ...NAMED, timeServer: '192.0.2.123' })
    const dns = new DnsServer([{ name: 'rct.example.net', address: RECEIVER, ttlSeconds: 60 }])
    bench.network.serve('192.0.2.53', 53, dns.serve)
    bench.network.serve('192.0.2.123', 123, new NtpServer(() => START_SECONDS + bench.clock.nowMs / 1000).serve)
    bench.chip.faults.spiErrorOneIn = 100
    let good = 0
    for (let count = 0; count < 30; count++) {
      if (bench.exchange(20000)) good++
      bench.run(60000)
      bench.path.close(bench.path)
    }
    expect(good).toBeGreaterThanOrEqual(25)
    expect(bench.path.timeSeconds).toBeGreaterThan(START_SECONDS)
    bench.chip.faults.spiErrorOneIn = 0
    bench.run(130000)
    expect(bench.exchange(30000)).toBe(true)
  })

  it('takes no harm from any datagram that a neighbour sends to ports 68 and 123', () => {
    const { bench } = dynamic({ timeServer: '192.0.2.123' })
    bench.opened()
    for (let count = 0; count < 500; count++) {
      const bytes = String.fromCharCode(...Array.from({ length: count }, (_, at) => (at * count) & 255))
      for (const targetPort of [68, 123, 49152 + count]) {
        bench.nic.inject({ source: '10.0.0.1', sourcePort: 67, target: '255.255.255.255', targetPort, bytes })
      }
      bench.run(50)
    }
    expect([bench.state(), bench.path.faultCount]).toEqual([OPEN, 0])
    expect(bench.send(FRAME)).toBe(true)
  })
})
