/**
 * One story for each trap of hardware.md §1.10 to §1.13, in the order of that text. Where SENDOK matters the story is told
 * under both readings of it.
 */

import { describe, expect, it } from 'vitest'
import * as w5500 from '../../../firmware/ethernet/w5500'
import { DhcpServer } from '../../../hal-mock/dhcp-server'
import { DnsServer } from '../../../hal-mock/dns-server'
import { NtpServer } from '../../../hal-mock/ntp-server'
import type { W5500Options } from '../../../hal-mock/w5500'
import { Bench, DOWN, FRAME, OPEN, OPENING, PORT, READY, RECEIVER } from './ethernet-bench'

const readings: W5500Options[] = [{ sendOkMeans: 'sent' }, { sendOkMeans: 'acknowledged' }]
const LEASE = {
  address: '10.0.0.1',
  first: '10.0.0.50',
  mask: '255.255.255.0',
  router: '10.0.0.1',
  dnsServers: ['192.0.2.53'],
  leaseSeconds: 3600,
}

/** Watches the commands written to Sn_CR of a socket. */
function commands(bench: Bench, socket = 0): number[] {
  const seen: number[] = []
  const plain = bench.chip.transfer.bind(bench.chip)
  bench.chip.transfer = (frame) => {
    if (frame[2] === 0x0c + 0x20 * socket && frame[1] === 0x01) seen.push(frame[3])
    return plain(frame)
  }
  return seen
}

describe.each(readings)('§1.10, SENDOK means $sendOkMeans', (options) => {
  it('1 endless wait for SENDOK after the cable was pulled: ends by link, within 3 s', () => {
    const bench = new Bench(options).opened()
    bench.nic.setLink(false)
    bench.send(FRAME)
    expect(bench.until(() => bench.state() === DOWN, 20000)).toBeLessThanOrEqual(3000)
    bench.nic.setLink(true)
    expect(bench.exchange(20000)).toBe(true)
  })

  it('1 the same with the link still up: ends by TIMEOUT, change of state or the owner, within 15 s', () => {
    const bench = new Bench(options).opened()
    bench.nic.setInternet(false)
    bench.send(FRAME)
    expect(bench.until(() => bench.state() === READY, 30000)).toBeLessThanOrEqual(15000)
  })

  it('1 the same when the bit never shows at all: the acknowledgement ends it', () => {
    const bench = new Bench(options).opened()
    bench.chip.faults.sendOkNever = true
    bench.send(FRAME)
    expect(bench.until(() => bench.send(FRAME), 5000)).toBeLessThanOrEqual(250)
    expect(bench.received).toBe(FRAME)
  })

  it('1 a SENDOK left from before does not stand for the next segment', () => {
    const bench = new Bench(options).opened()
    bench.send(FRAME)
    bench.run(500)
    bench.nic.setInternet(false)
    bench.send('a'.repeat(1024))
    bench.run(300)
    // By "acknowledged" it is still under way; by "sent" the next may follow, but never over unsent bytes.
    const isTaken = bench.send('b'.repeat(1024))
    expect(isTaken).toBe(options.sendOkMeans === 'sent')
    bench.run(300)
    expect(bench.send('c'.repeat(1024))).toBe(false)
    bench.nic.setInternet(true)
    bench.run(10000)
    expect(bench.received).toBe(FRAME + 'a'.repeat(1024) + (isTaken ? 'b'.repeat(1024) : ''))
  })

  it('4 DISCON shows once: a FIN is seen by the state alone, with the bit cleared before anybody looked', () => {
    const bench = new Bench(options, () => '').opened()
    bench.connections[0].end()
    bench.clock.runTo(bench.clock.nowMs + 26)
    bench.chip.transfer(new Uint8Array([0x00, 0x02, 0x0c, 0xff]))
    expect(bench.until(() => bench.state() === READY, 5000)).toBeLessThanOrEqual(2500)
  })
})

describe('§1.10', () => {
  it('2 endless wait for CR = 0: a chip that takes no command is a fault within 5 s', () => {
    const bench = new Bench({ commandReads: Infinity }).ready()
    for (let tries = 0; tries < 3; tries++) {
      bench.path.open(bench.path, 0)
      bench.until(() => bench.state() !== OPENING, 5000)
    }
    expect(bench.path.faultCount).toBeGreaterThan(0)
    expect(bench.state()).not.toBe(OPEN)
  })

  it('3 a connect that looks for 17 only: refused is 00 without TIMEOUT, and the path is READY in 200 ms', () => {
    const bench = new Bench().ready()
    bench.network.listener = () => undefined
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() === READY, 5000)).toBeLessThanOrEqual(200)
  })

  it('5 CLOSE in CLOSE_WAIT leaves the peer half open: DISCON goes first, and CLOSE is not needed', () => {
    const bench = new Bench({}, () => '').opened()
    const seen = commands(bench)
    bench.connections[0].end()
    bench.run(5000)
    expect(seen).toEqual([w5500.DISCONNECT])
    expect(bench.ends).toBe(1)
  })

  it('5 CLOSE is the hammer 2 s later when the peer never answers our FIN', () => {
    const bench = new Bench().opened()
    const seen = commands(bench)
    bench.nic.setInternet(false)
    bench.path.close(bench.path)
    bench.run(1900)
    expect(seen).toEqual([w5500.DISCONNECT])
    bench.run(300)
    expect(seen).toEqual([w5500.DISCONNECT, w5500.CLOSE])
  })

  it('6 sockets that stay in SYNSENT or FIN_WAIT: closed when older than TCPTO + 2 s', () => {
    const bench = new Bench().ready()
    bench.chip.faults.stuckState = true
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() !== OPENING, 60000)).toBeLessThanOrEqual(16000)
    bench.chip.faults.stuckState = false
    expect(bench.exchange(20000)).toBe(true)
  })

  it('7 a close that blocks: close() itself sends no frame', () => {
    const bench = new Bench().opened()
    const before = bench.frameCount
    bench.path.close(bench.path)
    expect(bench.frameCount).toBe(before)
    expect(bench.state()).toBe(READY)
  })

  it('8 a silent reset: SHAR and SIPR no longer compare, seen within 500 ms although VERSIONR reads 04', () => {
    const bench = new Bench().ready()
    bench.chip.brownOut()
    bench.run(2)
    expect(bench.chip.transfer(new Uint8Array([0x00, 0x39, 0x00, 0x00]))[3]).toBe(4)
    expect(bench.until(() => bench.state() === DOWN, 2000)).toBeLessThanOrEqual(500)
    expect(bench.until(() => bench.state() === READY, 10000)).toBeLessThanOrEqual(6000)
  })

  it('8 a silent reset in each phase of an exchange heals, whatever the phase', () => {
    for (let atMs = 0; atMs < 300; atMs += 10) {
      const bench = new Bench().ready()
      bench.path.open(bench.path, 0)
      let isSent = false
      bench.until(() => {
        if (!isSent && bench.state() === OPEN) isSent = bench.send(FRAME)
        return false
      }, atMs)
      bench.chip.brownOut()
      bench.run(10000)
      expect(bench.exchange(10000), `reset after ${atMs} ms`).toBe(true)
    }
  })

  it('9 locked up by interference: 10 connections into silence pulse RSTn', () => {
    const bench = new Bench().ready()
    const plain = bench.chip.transfer.bind(bench.chip)
    let isLocked = true
    // Looks well in every register, but nothing leaves it until RSTn.
    bench.nic.isUpCut = true
    const reset = bench.chip.setReset.bind(bench.chip)
    bench.chip.setReset = (level) => {
      isLocked = false
      bench.nic.isUpCut = false
      reset(level)
    }
    bench.chip.transfer = plain
    for (let tries = 0; tries < 12 && isLocked; tries++) bench.exchange(16000)
    expect([isLocked, bench.resets]).toEqual([false, 2])
    expect(bench.exchange(20000)).toBe(true)
  })

  it('10 a module without RSTn: a soft reset at boot clears the sockets of before', () => {
    const bench = new Bench()
    bench.chip.setReset = () => {}
    bench.clock.runTo(3000)
    // What the panel left behind before its processor restarted: socket 3 open, buffers laid out otherwise.
    for (const frame of [
      [0x00, 0x1e, 0x0c + 0x60, 8, 8],
      [0x00, 0x00, 0x0c + 0x60, 2],
      [0x00, 0x01, 0x0c + 0x60, 1],
    ]) {
      bench.chip.transfer(new Uint8Array(frame))
    }
    bench.ready()
    const socket = bench.chip.transfer(new Uint8Array(0x24).fill(0).fill(0x08 + 0x60, 2, 3))
    expect([socket[3 + 0x03], socket[3 + 0x1e], socket[3 + 0x1f]]).toEqual([0, 2, 2])
    expect(bench.exchange(3000)).toBe(true)
  })

  it('11 a permanent error state: an hour of dead bus, and it works again', () => {
    const bench = new Bench().opened()
    bench.chip.faults.deadBus = 'ff'
    bench.run(3600000)
    expect(bench.path.isHardwareFault).toBe(true)
    bench.chip.faults.deadBus = 'none'
    expect(bench.exchange(80000)).toBe(true)
    expect(bench.path.isHardwareFault).toBe(false)
  })

  it('12 a DHCP client that blocks: no poll takes more than 50 frames, and each names a time to come back', () => {
    const bench = new Bench({}, () => 'ACK', { isDynamic: 1 })
    new DhcpServer(bench.clock, bench.nic, LEASE)
    bench.ready()
    expect(bench.mostFrames).toBeLessThanOrEqual(50)
  })

  it('13 a new address by soft reset kills open sockets: here it is written in place, and only when it changed', () => {
    const bench = new Bench({}, () => 'ACK', { isDynamic: 1 })
    const server = new DhcpServer(bench.clock, bench.nic, { ...LEASE, leaseSeconds: 600 })
    bench.opened()
    let writes = 0
    let resets = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x04 && frame[1] === 0x01) writes++
      if (frame[2] === 0x04 && frame[1] === 0x00 && frame[3] & 0x80) resets++
      return plain(frame)
    }
    bench.run(700000)
    expect(server.log.length).toBeGreaterThan(3)
    expect([writes, resets, bench.state(), bench.connections.length]).toEqual([0, 0, OPEN, 1])
  })

  it('14 a full receive buffer stops the peer: it is drained on each poll, and garbage goes beyond 1024 bytes', () => {
    const bench = new Bench({}, () => '').opened()
    for (let count = 0; count < 40; count++) bench.connections[0].send('g'.repeat(1000))
    bench.connections[0].send('the end')
    const path = bench.path
    for (let polls = 0; polls < 400; polls++) bench.clock.runTo(path.poll(path, bench.clock.nowMs))
    expect(path.receive(path).slice(-7)).toBe('the end')
  })

  it('15 buffer sizes: all sixteen are written, and each direction sums to 16 KB', () => {
    const bench = new Bench().ready()
    let sum = 0
    for (let socket = 0; socket < 8; socket++) {
      const answer = bench.chip.transfer(new Uint8Array([0x00, 0x1e, 0x08 + 0x20 * socket, 0, 0]))
      expect(answer[3]).toBe(answer[4])
      sum += answer[3]
    }
    expect(sum).toBe(16)
  })

  it.each([0x10, 0xff, 0x03, 0xa8])('16 VERSIONR that reads %i now and then: asked again for 500 ms', (version) => {
    const bench = new Bench()
    let wrong = 5
    bench.alter(0x00, (answer) => {
      if (wrong-- > 0) answer[3 + 0x39] = version
    })
    bench.ready()
    expect(wrong).toBeLessThan(0)
    expect([bench.resets, bench.path.faultCount]).toEqual([1, 0])
  })

  it('17 pointers wrap at 65536, for streams and for datagrams', () => {
    for (const isUdp of [0, 1]) {
      const bench = new Bench({}, (bytes) => bytes, { targets: [{ host: RECEIVER, port: PORT, isUdp }] }).opened()
      let sent = ''
      for (let count = 0; count < 140; count++) {
        const frame = (count + '/').padEnd(997, String.fromCharCode(97 + (count % 26)))
        bench.until(() => bench.send(frame), 5000)
        sent += frame
        bench.until(() => bench.answers.length === sent.length, 5000)
      }
      expect(bench.answers === sent).toBe(true)
    }
  })

  it('stuck interrupt bits end in a soft reset, not in an endless loop', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' }).opened()
    bench.chip.faults.stuckInterrupts = true
    let softResets = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x04 && frame[1] === 0x00 && frame[3] & 0x80) softResets++
      return plain(frame)
    }
    expect(bench.exchange(3000)).toBe(true)
    bench.path.close(bench.path)
    // SENDOK is still there at the next OPEN, and only a reset gets rid of it.
    expect(bench.exchange(20000)).toBe(true)
    expect(softResets).toBe(1)
  })

  it('§1.8 keep-alive: an idle connection whose peer is gone is dropped within 75 s, a living one is kept', () => {
    const bench = new Bench().opened()
    bench.exchange(3000)
    bench.run(300000)
    expect([bench.state(), bench.connections.length]).toEqual([OPEN, 1])
    bench.nic.setInternet(false)
    expect(bench.until(() => bench.state() === READY, 200000)).toBeLessThanOrEqual(75000)
  })

  it('§1.6 a reused local port: a peer that still holds it refuses once, and the next port gets through', () => {
    const bench = new Bench().opened()
    const port = bench.path.localPort
    bench.chip.brownOut()
    bench.run(10000)
    bench.path.localPort = port - 1
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() !== OPENING, 3000)).toBeLessThanOrEqual(200)
    expect(bench.state()).toBe(READY)
    expect(bench.exchange(3000)).toBe(true)
  })
})

describe('§1.11 recovery ladder', () => {
  it('1 socket: DISCON, and a new local port each time', () => {
    const bench = new Bench().ready()
    const ports: number[] = []
    for (let count = 0; count < 5; count++) {
      expect(bench.exchange(3000)).toBe(true)
      ports.push(bench.path.localPort)
      bench.path.close(bench.path)
    }
    expect(new Set(ports).size).toBe(5)
  })

  it('2 after 3 connections into silence: SIPR and GAR are written, DHCP renews, the name is asked for again', () => {
    const bench = new Bench({}, () => 'ACK', {
      isDynamic: 1,
      targets: [{ host: 'rct.example.net', port: PORT, isUdp: 0 }],
    })
    const server = new DhcpServer(bench.clock, bench.nic, LEASE)
    const dns = new DnsServer([{ name: 'rct.example.net', address: '192.0.2.99', ttlSeconds: 86400 }])
    bench.network.serve('192.0.2.53', 53, dns.serve)
    bench.ready()
    bench.run(1000)
    // Packets to the receiver vanish, those to DHCP and DNS do not.
    bench.nic.connect = () => ({ send: () => {}, end: () => {}, abandon: () => {} })
    server.log.length = 0
    let writes = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x04 && frame[1] === 0x01) writes++
      return plain(frame)
    }
    for (let count = 0; count < 3; count++) bench.exchange(15500)
    bench.run(5000)
    expect(writes).toBe(1)
    expect(server.log).toEqual(['REQUEST 10.0.0.50'])
    expect(dns.log.length).toBeGreaterThan(1)
  })

  it('3 PHY: reset once when the link is away for 60 s', () => {
    const bench = new Bench().ready()
    let held = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x04 && frame[1] === 0x2e && (frame[3] & 0x80) === 0) held++
      return plain(frame)
    }
    bench.nic.setLink(false)
    bench.run(59000)
    expect(held).toBe(0)
    bench.run(300000)
    expect(held).toBe(1)
  })

  it('4 to 6: soft reset, RSTn twice, hardware fault, then RSTn each 60 s; the panel is never rebooted', () => {
    const bench = new Bench().opened()
    bench.chip.faults.deadBus = '00'
    bench.run(5000)
    expect([bench.path.isHardwareFault, bench.resets]).toEqual([true, 3])
    bench.run(60000)
    expect(bench.resets).toBe(4)
  })
})

describe('§1.12 DHCP', () => {
  function dynamic(): { bench: Bench; server: DhcpServer } {
    const bench = new Bench({}, () => 'ACK', { isDynamic: 1 })
    return { bench, server: new DhcpServer(bench.clock, bench.nic, LEASE) }
  }

  it('SIPR is 0.0.0.0 until bound, and the broadcast flag is set, so that the chip hears the reply', () => {
    const { bench, server } = dynamic()
    const sipr: string[] = []
    const flags: number[] = []
    server.mangle = (bytes) => {
      sipr.push(bench.chip.common.subarray(15, 19).join('.'))
      flags.push(bytes.charCodeAt(10))
      return bytes
    }
    bench.ready()
    expect(sipr).toEqual(['0.0.0.0', '0.0.0.0'])
    expect(flags).toEqual([0x80, 0x80])
  })

  it('a time of day that jumps bends no lease: all is counted from power-up', () => {
    const { bench, server } = dynamic()
    bench.ready()
    server.log.length = 0
    bench.path.timeSeconds = 2000000000
    bench.run(1700000)
    expect(server.log).toEqual([])
  })

  it('an address in use is found by the probe: SENDOK means taken, TIMEOUT means free', () => {
    const { bench, server } = dynamic()
    bench.nic.own('10.0.0.50')
    bench.nic.own('10.0.0.51')
    bench.until(() => bench.state() === READY, 60000)
    expect(server.log.filter((line) => line.startsWith('DECLINE'))).toEqual(['DECLINE 10.0.0.50', 'DECLINE 10.0.0.51'])
    expect(bench.chip.common.subarray(15, 19).join('.')).toBe('10.0.0.52')
  })
})

describe('§1.13 DNS and SNTP', () => {
  it('TTL is kept within 60 s and 24 h', () => {
    for (const [ttlSeconds, kept] of [
      [0, 60],
      [59, 60],
      [61, 61],
      [86399, 86399],
      [604800, 86400],
    ]) {
      const bench = new Bench({}, () => 'ACK', {
        targets: [{ host: 'rct.example.net', port: PORT, isUdp: 0 }],
        dnsServers: [[192, 0, 2, 53]],
      })
      bench.network.serve(
        '192.0.2.53',
        53,
        new DnsServer([{ name: 'rct.example.net', address: RECEIVER, ttlSeconds }]).serve,
      )
      bench.ready()
      bench.until(() => bench.path.addresses[0] !== '', 5000)
      expect(Math.round((bench.path.freshUntilMs[0] - bench.clock.nowMs) / 1000)).toBe(kept)
    }
  })

  it('a name that parses as a dotted quad needs no DNS', () => {
    const bench = new Bench({}, () => 'ACK', { dnsServers: [[192, 0, 2, 53]] })
    const dns = new DnsServer([])
    bench.network.serve('192.0.2.53', 53, dns.serve)
    expect(bench.exchange(10000)).toBe(true)
    expect([dns.log.length, bench.path.services]).toEqual([0, undefined])
  })

  it.each([
    ['stratum 0', (ntp: NtpServer) => (ntp.stratum = 0)],
    ['stratum 16', (ntp: NtpServer) => (ntp.stratum = 16)],
    ['leap indicator 3', (ntp: NtpServer) => (ntp.leap = 3)],
    ['a dispersion of 1 s', (ntp: NtpServer) => (ntp.dispersionSeconds = 1)],
  ])('a time server with %s is not believed', (_, break_) => {
    const bench = new Bench({}, () => 'ACK', { timeServer: '192.0.2.123' })
    const ntp = new NtpServer(() => 1767225600)
    break_(ntp)
    bench.network.serve('192.0.2.123', 123, ntp.serve)
    bench.ready()
    bench.run(5000)
    expect([ntp.log.length > 0, bench.path.timeSeconds]).toEqual([true, 0])
  })

  it('the era that begins in February 2036 is understood', () => {
    const seconds = Date.UTC(2037, 0, 1) / 1000
    const bench = new Bench({}, () => 'ACK', { timeServer: '192.0.2.123' })
    bench.network.serve('192.0.2.123', 123, new NtpServer(() => seconds).serve)
    bench.ready()
    bench.run(5000)
    expect(bench.path.timeSeconds).toBe(seconds)
  })
})
