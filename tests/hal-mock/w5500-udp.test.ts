/**
 * The W5500 model's datagrams, ARP, keep-alive and sticking bits against the data sheet (hardware.md §1.3, §1.7, §1.8,
 * §1.15), over the network in memory. Registers are written anew here.
 */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { type Datagram, type PeerConnection, replyTo, VirtualNetwork } from '../../hal-mock/network'
import { W5500, type W5500Options } from '../../hal-mock/w5500'

const OPEN = 0x01
const CONNECT = 0x04
const CLOSE = 0x10
const SEND = 0x20
const SEND_MAC = 0x21
const SEND_KEEP = 0x22
const RECV = 0x40
const TIMEOUT_BIT = 0x08
const SENDOK_BIT = 0x10
const RECV_BIT = 0x04

class Bench {
  clock = new VirtualClock()
  network = new VirtualNetwork(this.clock)
  nic = this.network.attach('ethernet')
  chip: W5500
  log: string[] = []
  got: Datagram[] = []
  peers: PeerConnection[] = []

  constructor(options: W5500Options = {}) {
    this.chip = new W5500(this.clock, this.nic, options)
    this.chip.onActivity = (what) => this.log.push(what)
    this.network.serve('198.51.100.7', 7000, (datagram) => this.got.push(datagram))
    this.network.listen('198.51.100.7', 7000, (connection) => {
      this.peers.push(connection)
      return { onData: () => {}, onEnd: () => {} }
    })
    this.clock.runTo(3000)
    // GAR, SUBR, SHAR, SIPR.
    this.frame(0x00, 0x01, 0x04, 192, 0, 2, 1, 255, 255, 255, 0, 2, 3, 4, 5, 6, 7, 192, 0, 2, 50)
  }

  frame(...bytes: number[]): number[] {
    return [...this.chip.transfer(new Uint8Array(bytes))]
  }

  common(address: number, count = 1): number[] {
    return this.frame(0, address, 0, ...new Array(count).fill(0)).slice(3)
  }

  read(offset: number, count = 1, socket = 0): number[] {
    return this.frame(0, offset, 0x08 + 0x20 * socket, ...new Array(count).fill(0)).slice(3)
  }

  write(offset: number, ...bytes: number[]): void {
    this.frame(0, offset, 0x0c, ...bytes)
  }

  word(offset: number): number {
    const [high, low] = this.read(offset, 2)
    return high * 256 + low
  }

  /** Opens socket 0 for datagrams from port 50000 to an address and port. */
  open(address = [198, 51, 100, 7], port = 7000, mode = 2): this {
    this.write(0x01, CLOSE)
    this.write(0x00, mode)
    this.write(0x04, 0xc3, 0x50)
    this.write(0x0c, ...address, port >> 8, port & 255)
    this.write(0x01, OPEN)
    this.write(0x02, 0xff)
    return this
  }

  send(text: string, command = SEND): void {
    const pointer = this.word(0x24)
    this.frame(pointer >> 8, pointer & 255, 0x14, ...[...text].map((letter) => letter.charCodeAt(0)))
    const next = (pointer + text.length) & 0xffff
    this.write(0x24, next >> 8, next & 255)
    this.write(0x01, command)
  }

  /** All that waits, as bytes. */
  take(): number[] {
    const pointer = this.word(0x28)
    const count = this.word(0x26)
    const bytes = this.frame(pointer >> 8, pointer & 255, 0x18, ...new Array(count).fill(0)).slice(3)
    const next = (pointer + count) & 0xffff
    this.write(0x28, next >> 8, next & 255)
    this.write(0x01, RECV)
    return bytes
  }

  arrive(changes: Partial<Datagram> = {}): void {
    this.nic.inject({
      source: '192.0.2.9',
      sourcePort: 1234,
      target: '192.0.2.50',
      targetPort: 50000,
      bytes: 'hello',
      ...changes,
    })
    this.wait(30)
  }

  wait(ms: number): void {
    this.clock.runTo(this.clock.nowMs + ms)
  }

  /** A TCP connection with a byte behind it, so that keep-alive may begin. */
  connected(period: number): this {
    this.open([198, 51, 100, 7], 7000, 0x21)
    this.write(0x2f, period)
    this.write(0x01, CONNECT)
    this.wait(100)
    this.send('x')
    this.wait(100)
    this.write(0x02, 0xff)
    return this
  }
}

describe('datagrams out', () => {
  it('carry SIPR, PORT, DIPR, DPORT and the bytes between TX_RD and TX_WR', () => {
    const bench = new Bench().open()
    bench.send('one')
    bench.send('two')
    bench.wait(50)
    const addresses = { source: '192.0.2.50', sourcePort: 50000, target: '198.51.100.7', targetPort: 7000 }
    expect(bench.got).toMatchObject([
      { ...addresses, bytes: 'one' },
      { ...addresses, bytes: 'two' },
    ])
    expect([bench.read(0x02)[0] & SENDOK_BIT, bench.word(0x20)]).toEqual([SENDOK_BIT, 2048])
  })

  it('ask ARP once for a target, and again after OPEN or with MR.FARP: a changed card is missed until then', () => {
    const bench = new Bench().open()
    bench.send('a')
    bench.nic.changeCards()
    bench.send('b')
    bench.wait(50)
    expect(bench.got.map((datagram) => datagram.bytes)).toEqual(['a'])
    bench.frame(0x00, 0x00, 0x04, 0x02)
    bench.send('c')
    bench.frame(0x00, 0x00, 0x04, 0x00)
    bench.nic.changeCards()
    bench.open()
    bench.send('d')
    bench.wait(50)
    expect(bench.got.map((datagram) => datagram.bytes)).toEqual(['a', 'c', 'd'])
  })

  it('end in TIMEOUT after RTR x (RCR + 1) where nobody answers ARP; the socket stays 22', () => {
    const bench = new Bench()
    bench.nic.own('192.0.2.1')
    bench.open([192, 0, 2, 99], 7000)
    bench.send('a')
    bench.wait(1799)
    expect(bench.read(0x02)[0]).toBe(0)
    bench.wait(1)
    expect([bench.read(0x02)[0], bench.read(0x03)[0]]).toEqual([TIMEOUT_BIT, 0x22])
  })

  it('find the way through the gateway, and none without it', () => {
    const bench = new Bench()
    bench.nic.own('192.0.2.1')
    bench.open()
    bench.send('a')
    bench.wait(50)
    expect(bench.got.length).toBe(1)
    bench.frame(0x00, 0x01, 0x04, 0, 0, 0, 0)
    bench.open()
    bench.send('b')
    bench.wait(2000)
    expect([bench.read(0x02)[0], bench.got.length]).toEqual([TIMEOUT_BIT, 1])
  })

  it.each([
    ['255.255.255.255', [255, 255, 255, 255]],
    ['the subnet', [192, 0, 2, 255]],
  ])('to %s need no ARP', (_, address) => {
    const bench = new Bench()
    bench.nic.own('192.0.2.1')
    bench.open(address, 67)
    bench.send('a')
    expect(bench.read(0x02)[0]).toBe(SENDOK_BIT)
  })

  it('go without ARP by SEND_MAC, to whatever DHAR holds', () => {
    const bench = new Bench()
    bench.nic.own('192.0.2.1')
    bench.open()
    bench.write(0x06, 2, 0, 0, 0, 0, 1)
    bench.send('a', SEND_MAC)
    bench.wait(50)
    expect([bench.read(0x02)[0], bench.got.length]).toEqual([SENDOK_BIT, 1])
  })

  it('of 1473 bytes do not leave', () => {
    const bench = new Bench().open()
    bench.send('x'.repeat(1472))
    bench.send('y'.repeat(1473))
    bench.wait(50)
    expect(bench.got.map((datagram) => datagram.bytes.length)).toEqual([1472])
  })

  it('with SIPR 0 leave from 0.0.0.0', () => {
    const bench = new Bench()
    const heard: string[] = []
    bench.nic.neighbour('192.0.2.1', 67, (datagram) => heard.push(datagram.source))
    bench.frame(0x00, 0x0f, 0x04, 0, 0, 0, 0)
    bench.open([255, 255, 255, 255], 67)
    bench.send('a')
    bench.wait(50)
    expect(heard).toEqual(['0.0.0.0'])
  })
})

describe('datagrams in', () => {
  it('stand behind source address, source port and length', () => {
    const bench = new Bench().open()
    bench.arrive()
    expect([bench.word(0x26), bench.read(0x02)[0]]).toEqual([13, RECV_BIT])
    expect(bench.take()).toEqual([192, 0, 2, 9, 0x04, 0xd2, 0, 5, 104, 101, 108, 108, 111])
    expect(bench.word(0x26)).toBe(0)
  })

  it('that do not fit are dropped whole, and the next one that fits is taken', () => {
    const bench = new Bench().open()
    bench.arrive({ bytes: 'x'.repeat(1472) })
    bench.arrive({ bytes: 'y'.repeat(561) })
    expect(bench.word(0x26)).toBe(1480)
    expect(bench.log).toContain('socket 0: datagram dropped, no room')
    bench.arrive({ bytes: 'z'.repeat(560) })
    expect(bench.word(0x26)).toBe(2048)
  })

  it('for another port or address are not taken, broadcasts are, unless BCASTB is set', () => {
    const bench = new Bench().open()
    bench.arrive({ targetPort: 50001 })
    bench.arrive({ target: '192.0.2.51' })
    expect(bench.word(0x26)).toBe(0)
    bench.arrive({ target: '255.255.255.255' })
    bench.arrive({ target: '192.0.2.255' })
    expect(bench.word(0x26)).toBe(26)
    bench.open([198, 51, 100, 7], 7000, 0x42)
    bench.arrive({ target: '255.255.255.255' })
    expect(bench.word(0x26)).toBe(0)
  })

  it('reach a chip with SIPR 0 as broadcasts only', () => {
    const bench = new Bench().open()
    bench.frame(0x00, 0x0f, 0x04, 0, 0, 0, 0)
    bench.arrive({ target: '0.0.0.0' })
    bench.arrive({ target: '192.0.2.50' })
    expect(bench.word(0x26)).toBe(0)
    bench.arrive({ target: '255.255.255.255' })
    expect(bench.word(0x26)).toBe(13)
  })

  it('do not come without a link', () => {
    const bench = new Bench().open()
    bench.nic.setLink(false)
    bench.arrive()
    expect(bench.word(0x26)).toBe(0)
  })

  it('set IR.UNREACH with UIPR and UPORTR when a port is closed', () => {
    const bench = new Bench()
    bench.open([198, 51, 100, 7], 7001)
    bench.send('a')
    bench.wait(100)
    expect(bench.common(0x15)).toEqual([0x40])
    expect(bench.common(0x28, 6)).toEqual([198, 51, 100, 7, 0x1b, 0x59])
    bench.frame(0x00, 0x15, 0x04, 0x40)
    expect(bench.common(0x15)).toEqual([0])
  })
})

describe('ARP for TCP', () => {
  it('an address on the own subnet without an owner ends in TIMEOUT after 1.8 s, not after 31.8 s', () => {
    const bench = new Bench()
    bench.nic.own('192.0.2.1')
    bench.open([192, 0, 2, 99], 7000, 0x21)
    bench.write(0x01, CONNECT)
    bench.wait(1799)
    expect(bench.read(0x03)[0]).toBe(0x15)
    bench.wait(1)
    expect([bench.read(0x03)[0], bench.read(0x02)[0]]).toEqual([0x00, TIMEOUT_BIT])
  })
})

describe('keep-alive', () => {
  it('KPALVTR 6 asks each 30 s of silence, and closes with TIMEOUT after 31.8 s without an answer', () => {
    const bench = new Bench().connected(6)
    bench.wait(600000)
    expect(bench.read(0x03)[0]).toBe(0x17)
    bench.nic.setInternet(false)
    bench.wait(30000 + 31800 + 100)
    expect([bench.read(0x03)[0], bench.read(0x02)[0] & TIMEOUT_BIT]).toEqual([0x00, TIMEOUT_BIT])
  })

  it('KPALVTR 0 asks for nothing by itself; SEND_KEEP does', () => {
    const bench = new Bench().connected(0)
    bench.nic.setInternet(false)
    bench.wait(600000)
    expect(bench.read(0x03)[0]).toBe(0x17)
    bench.write(0x01, SEND_KEEP)
    bench.wait(31800)
    expect(bench.read(0x03)[0]).toBe(0x00)
  })

  it('waits for a first byte, either way', () => {
    const bench = new Bench()
    bench.open([198, 51, 100, 7], 7000, 0x21)
    bench.write(0x2f, 1)
    bench.write(0x01, CONNECT)
    bench.wait(100)
    bench.nic.setInternet(false)
    bench.wait(100000)
    expect(bench.read(0x03)[0]).toBe(0x17)
    bench.nic.setInternet(true)
    bench.peers[0].send('x')
    bench.wait(100)
    bench.nic.setInternet(false)
    bench.wait(5000 + 31800 + 100)
    expect(bench.read(0x03)[0]).toBe(0x00)
  })

  it('leaves no alarm behind when the socket closes', () => {
    const bench = new Bench().connected(1)
    bench.write(0x01, CLOSE)
    bench.wait(1000)
    expect(bench.clock.nextAtMs()).toBe(Infinity)
  })
})

describe('faults', () => {
  it('stuckInterrupts keeps Sn_IR and IR against writing; CLOSE does not clear them either', () => {
    const bench = new Bench().open()
    bench.send('a')
    bench.chip.conflict()
    bench.chip.faults.stuckInterrupts = true
    bench.write(0x02, 0xff)
    bench.frame(0x00, 0x15, 0x04, 0xff)
    bench.write(0x01, CLOSE)
    expect([bench.read(0x02)[0], bench.common(0x15)[0]]).toEqual([SENDOK_BIT, 0x80])
    bench.chip.faults.stuckInterrupts = false
    bench.write(0x02, 0xff)
    bench.frame(0x00, 0x15, 0x04, 0xff)
    expect([bench.read(0x02)[0], bench.common(0x15)[0]]).toEqual([0, 0])
  })

  it('conflict() sets IR bit 7, and IMR lets it through to INTn', () => {
    const bench = new Bench()
    bench.frame(0x00, 0x16, 0x04, 0x80)
    expect(bench.chip.interruptLevel()).toBe(1)
    bench.chip.conflict()
    expect([bench.common(0x15)[0], bench.chip.interruptLevel()]).toEqual([0x80, 0])
  })
})

describe('a peer that still holds the port', () => {
  it('refuses the first connection from it, not the second', () => {
    const bench = new Bench().connected(0)
    bench.chip.brownOut()
    bench.wait(3000)
    bench.frame(0x00, 0x01, 0x04, 192, 0, 2, 1, 255, 255, 255, 0, 2, 3, 4, 5, 6, 7, 192, 0, 2, 50)
    for (const state of [0x00, 0x17]) {
      bench.open([198, 51, 100, 7], 7000, 0x21)
      bench.write(0x01, CONNECT)
      bench.wait(200)
      expect(bench.read(0x03)[0]).toBe(state)
    }
  })
})

it('replyTo turns both ends of a datagram around', () => {
  expect(replyTo({ source: 'a', sourcePort: 1, target: 'b', targetPort: 2, bytes: 'x' }, 'y')).toEqual({
    source: 'b',
    sourcePort: 2,
    target: 'a',
    targetPort: 1,
    bytes: 'y',
  })
})
