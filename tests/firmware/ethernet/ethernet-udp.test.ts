/** Dated conversations with a receiver by datagrams: hardware.md §1.7, reporting.md §5.1. */

import { describe, expect, it } from 'vitest'
import { DnsServer } from '../../../hal-mock/dns-server'
import type { W5500Options } from '../../../hal-mock/w5500'
import { Bench, FRAME, OPEN, OPENING, PORT, READY, RECEIVER } from './ethernet-bench'

const UDP = { targets: [{ host: RECEIVER, port: PORT, isUdp: 1 }] }
const readings: W5500Options[] = [{ sendOkMeans: 'sent' }, { sendOkMeans: 'acknowledged' }]

function udp(options?: W5500Options, answer?: (bytes: string) => string): Bench {
  return new Bench(options, answer, UDP)
}

describe.each(readings)('conversation by datagrams, SENDOK means $sendOkMeans', (options) => {
  it('is OPEN at once, sends one datagram for one frame, and has the answer within 150 ms', () => {
    const bench = udp(options).ready()
    bench.path.open(bench.path, 0)
    expect(bench.state()).toBe(OPENING)
    expect(bench.until(() => bench.state() === OPEN, 1000)).toBeLessThanOrEqual(20)
    expect(bench.send(FRAME)).toBe(true)
    expect(bench.until(() => bench.answers !== '', 5000)).toBeLessThanOrEqual(150)
    expect(bench.datagrams.map((datagram) => datagram.bytes)).toEqual([FRAME])
    expect(bench.datagrams[0].source).toBe('10.0.0.2')
    expect(bench.datagrams[0].sourcePort).toBeGreaterThanOrEqual(49152)
    expect(bench.connections.length).toBe(0)
  })

  it('sends 1024 bytes whole, and 70 datagrams over the ring end and past pointer 65535', () => {
    const bench = udp(options, (bytes) => bytes).opened()
    let sent = ''
    for (let count = 0; count < 70; count++) {
      const frame = (count + ':').padEnd(1024, String.fromCharCode(128 + count))
      bench.until(() => bench.send(frame), 5000)
      sent += frame
      bench.until(() => bench.answers.length === sent.length, 5000)
    }
    expect(sent.length).toBeGreaterThan(0x10000)
    expect(bench.answers === sent).toBe(true)
    expect(bench.datagrams.length).toBe(70)
    expect(bench.path.faultCount).toBe(0)
  })
})

describe('what is taken and what is not', () => {
  it("takes datagrams from the receiver's address and port only", () => {
    const bench = udp({}, () => '').opened()
    bench.send(FRAME)
    bench.run(100)
    const target = '10.0.0.2'
    const targetPort = bench.datagrams[0].sourcePort
    for (const [source, sourcePort] of [
      ['192.0.2.8', PORT],
      ['10.0.0.9', PORT],
      [RECEIVER, PORT + 1],
    ] as const) {
      bench.nic.inject({ source, sourcePort, target, targetPort, bytes: 'forged' })
    }
    bench.run(500)
    expect(bench.answers).toBe('')
    bench.nic.inject({ source: RECEIVER, sourcePort: PORT, target, targetPort, bytes: 'right' })
    bench.run(500)
    expect(bench.answers).toBe('right')
  })

  it('passes over a datagram of 1025 bytes, and takes the one behind it', () => {
    const bench = udp({}, () => '').opened()
    bench.send(FRAME)
    bench.run(100)
    const targetPort = bench.datagrams[0].sourcePort
    for (const bytes of ['x'.repeat(1025), 'y'.repeat(800)]) {
      bench.nic.inject({ source: RECEIVER, sourcePort: PORT, target: '10.0.0.2', targetPort, bytes })
    }
    bench.run(500)
    expect(bench.answers === 'y'.repeat(800)).toBe(true)
    expect(bench.path.faultCount).toBe(0)
  })

  it('takes an empty datagram and one of a single byte', () => {
    const bench = udp({}, () => '').opened()
    bench.send(FRAME)
    bench.run(100)
    const targetPort = bench.datagrams[0].sourcePort
    for (const bytes of ['', 'z']) {
      bench.nic.inject({ source: RECEIVER, sourcePort: PORT, target: '10.0.0.2', targetPort, bytes })
    }
    bench.run(500)
    expect(bench.answers).toBe('z')
  })
})

describe('when datagrams go astray', () => {
  it('stays OPEN when nobody answers: only the reply counts, and its absence is for the owner to judge', () => {
    const bench = udp().opened()
    bench.nic.setInternet(false)
    expect(bench.send(FRAME)).toBe(true)
    bench.run(20000)
    expect([bench.state(), bench.answers]).toEqual([OPEN, ''])
  })

  it('falls back to READY within 1.4 s when nobody on the cable answers ARP', () => {
    const bench = udp()
    bench.nic.own('10.0.0.9')
    bench.opened()
    bench.send(FRAME)
    const tookMs = bench.until(() => bench.state() === READY, 10000)
    expect(tookMs).toBeGreaterThan(1000)
    expect(tookMs).toBeLessThanOrEqual(1400)
    bench.nic.own('10.0.0.1')
    expect(bench.exchange(3000)).toBe(true)
  })

  it('takes no second frame while ARP is still asking for the first', () => {
    const bench = udp()
    bench.nic.own('10.0.0.9')
    bench.opened()
    expect(bench.send(FRAME)).toBe(true)
    bench.run(500)
    expect(bench.send(FRAME)).toBe(false)
    bench.nic.own('10.0.0.1')
    bench.run(1000)
    expect(bench.datagrams.length).toBe(1)
    expect(bench.send(FRAME)).toBe(true)
  })

  it('asks for the name again after 3 connections without a datagram back (level 2 of the ladder)', () => {
    const bench = new Bench({}, () => '', {
      targets: [{ host: 'rct.example.net', port: PORT, isUdp: 1 }],
      dnsServers: [[192, 0, 2, 53]],
    })
    const dns = new DnsServer([{ name: 'rct.example.net', address: RECEIVER, ttlSeconds: 86400 }])
    bench.network.serve('192.0.2.53', 53, dns.serve)
    bench.ready()
    for (let count = 0; count < 4; count++) {
      bench.run(500)
      expect(dns.log.length).toBe(count < 3 ? 1 : 2)
      bench.path.open(bench.path, 0)
      bench.until(() => bench.state() === OPEN, 3000)
      bench.send(FRAME)
      bench.run(1000)
      bench.path.close(bench.path)
      // The fourth open() finds the name stale.
      if (count === 2) {
        bench.run(500)
        bench.path.open(bench.path, 0)
        bench.run(500)
        bench.path.close(bench.path)
      }
    }
  })

  it('reaches a router whose card was changed as soon as the owner opens again', () => {
    const bench = udp().opened()
    expect(bench.exchange(3000)).toBe(true)
    bench.nic.changeCards()
    expect(bench.exchange(5000)).toBe(false)
    bench.path.close(bench.path)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('gets through when 1 datagram in 4 is lost, doubled, late and overtaken, by sending again', () => {
    const bench = udp().ready()
    bench.nic.lossPercent = 25
    bench.nic.duplicatePercent = 25
    bench.nic.jitterMs = 300
    let good = 0
    for (let count = 0; count < 60; count++) {
      if (bench.exchange(3000)) good++
      else bench.path.close(bench.path)
    }
    // Half of the round trips survive a loss of a quarter each way.
    expect(good).toBeGreaterThan(20)
    expect(good).toBeLessThan(60)
    expect(bench.path.faultCount).toBe(0)
  })

  it('hears no answer once the NAT has forgotten the port, and one after the next datagram', () => {
    const bench = udp({}, () => '').opened()
    bench.nic.natUdpMs = 30000
    bench.send(FRAME)
    bench.run(100)
    const reply = { source: RECEIVER, sourcePort: PORT, target: '10.0.0.2', targetPort: bench.datagrams[0].sourcePort }
    bench.run(31000)
    bench.nic.datagrams.deliver({ ...reply, bytes: 'late' }, false)
    bench.run(500)
    expect(bench.answers).toBe('')
    bench.send(FRAME)
    bench.run(100)
    bench.nic.datagrams.deliver({ ...reply, bytes: 'in time' }, false)
    bench.run(500)
    expect(bench.answers).toBe('in time')
  })

  it('pulses RSTn after 10 connections without a single datagram back', () => {
    const bench = udp({}, () => '').ready()
    for (let count = 0; count < 10; count++) {
      bench.until(() => bench.state() === READY, 20000)
      bench.path.open(bench.path, 0)
      bench.until(() => bench.state() === OPEN, 1000)
      bench.send(FRAME)
      bench.run(1000)
      bench.path.close(bench.path)
      bench.run(500)
    }
    expect(bench.resets).toBe(1)
    bench.path.open(bench.path, 0)
    bench.run(10000)
    expect(bench.resets).toBe(2)
  })

  it('is DOWN 2 to 3 s after the cable was pulled, and works after it is back', () => {
    const bench = udp().opened()
    bench.nic.setLink(false)
    const tookMs = bench.until(() => bench.state() < READY, 10000)
    expect(tookMs).toBeGreaterThanOrEqual(2000)
    expect(tookMs).toBeLessThanOrEqual(3000)
    bench.nic.setLink(true)
    expect(bench.exchange(10000)).toBe(true)
  })
})

describe('several targets', () => {
  it('opens the one that is named, by its own transport', () => {
    const bench = new Bench({}, () => 'ACK', {
      targets: [
        { host: RECEIVER, port: PORT, isUdp: 0 },
        { host: RECEIVER, port: PORT, isUdp: 1 },
      ],
    }).ready()
    bench.path.open(bench.path, 1)
    bench.until(() => bench.state() === OPEN, 1000)
    bench.send(FRAME)
    bench.run(500)
    expect([bench.datagrams.length, bench.connections.length]).toEqual([1, 0])
    bench.path.close(bench.path)
    bench.run(100)
    bench.path.open(bench.path, 0)
    bench.until(() => bench.state() === OPEN, 1000)
    bench.send(FRAME)
    bench.run(500)
    expect([bench.datagrams.length, bench.connections.length]).toEqual([1, 1])
    expect(bench.answers).toBe('ACKACK')
  })
})
