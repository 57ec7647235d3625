/**
 * The W5500 model against the data sheet (v1.1.0, as in hardware.md §1). Registers, commands and states are written anew
 * here: the test is a second reading. The cable's far end is a record of calls that each story answers by hand.
 */

import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import type { Connection, ConnectionEvents, Nic } from '../../hal-mock/network'
import { Random } from '../../hal-mock/random'
import { W5500, type W5500Options } from '../../hal-mock/w5500'

const CR = 0x01
const IR = 0x02
const SR = 0x03
const TX_FSR = 0x20
const TX_RD = 0x22
const TX_WR = 0x24
const RX_RSR = 0x26
const RX_RD = 0x28
const RX_WR = 0x2a

const OPEN = 0x01
const CONNECT = 0x04
const DISCON = 0x08
const CLOSE = 0x10
const SEND = 0x20
const RECV = 0x40

const CON_BIT = 0x01
const DISCON_BIT = 0x02
const RECV_BIT = 0x04
const TIMEOUT_BIT = 0x08
const SENDOK_BIT = 0x10

/** One TCP connection as the far end sees it. */
class Line implements Connection {
  sent: string[] = []
  acknowledgements: (() => void)[] = []
  isEnded = false
  isAbandoned = false

  constructor(
    readonly address: string,
    readonly port: number,
    readonly events: ConnectionEvents,
  ) {}

  send(bytes: string, onAcknowledged: () => void): void {
    this.sent.push(bytes)
    this.acknowledgements.push(onAcknowledged)
  }

  end(): void {
    this.isEnded = true
  }

  abandon(): void {
    this.isAbandoned = true
  }
}

class Cable implements Nic {
  isPlugged = true
  lines: Line[] = []

  isUp(): boolean {
    return this.isPlugged
  }

  connect(address: string, port: number, events: ConnectionEvents): Connection {
    const line = new Line(address, port, events)
    this.lines.push(line)
    return line
  }
}

class Bench {
  clock = new VirtualClock()
  cable = new Cable()
  log: string[] = []
  chip: W5500

  constructor(options: W5500Options = {}) {
    this.chip = new W5500(this.clock, this.cable, options)
    this.chip.onActivity = (what) => this.log.push(what)
    this.clock.runTo(3000)
  }

  /** A frame as numbers, MISO as numbers. */
  frame(...bytes: number[]): number[] {
    return [...this.chip.transfer(new Uint8Array(bytes))]
  }

  readCommon(address: number, count = 1): number[] {
    return this.frame(address >> 8, address & 255, 0x00, ...new Array(count).fill(0)).slice(3)
  }

  writeCommon(address: number, ...bytes: number[]): void {
    this.frame(address >> 8, address & 255, 0x04, ...bytes)
  }

  read(socket: number, offset: number, count = 1): number[] {
    return this.frame(0, offset, 0x08 + 0x20 * socket, ...new Array(count).fill(0)).slice(3)
  }

  write(socket: number, offset: number, ...bytes: number[]): void {
    this.frame(0, offset, 0x0c + 0x20 * socket, ...bytes)
  }

  word(socket: number, offset: number): number {
    const [high, low] = this.read(socket, offset, 2)
    return high * 256 + low
  }

  state(socket = 0): number {
    return this.read(socket, SR)[0]
  }

  interrupts(socket = 0): number {
    return this.read(socket, IR)[0]
  }

  command(code: number, socket = 0): void {
    this.write(socket, CR, code)
  }

  /** SHAR and SIPR, so that the chip can talk on its own subnet 192.0.2.0/24. */
  configure(): void {
    this.writeCommon(0x0001, 192, 0, 2, 1, 255, 255, 255, 0, 2, 3, 4, 5, 6, 7, 192, 0, 2, 50)
  }

  /** TCP to 192.0.2.10:5000 from port 50000. */
  startConnect(socket = 0): void {
    this.write(socket, 0x00, 0x21)
    this.write(socket, 0x04, 0xc3, 0x50)
    this.write(socket, 0x0c, 192, 0, 2, 10, 0x13, 0x88)
    this.command(OPEN, socket)
    this.command(CONNECT, socket)
  }

  /** A connection open after 50 ms, interrupts cleared. */
  connected(socket = 0): Line {
    this.configure()
    this.startConnect(socket)
    const line = this.cable.lines[this.cable.lines.length - 1]
    this.wait(50)
    line.events.onOpen()
    this.write(socket, IR, 0xff)
    return line
  }

  wait(ms: number): void {
    this.clock.runTo(this.clock.nowMs + ms)
  }

  /** Puts bytes at TX_WR, moves it and commands SEND. */
  send(bytes: number[], socket = 0): void {
    const pointer = this.word(socket, TX_WR)
    this.frame(pointer >> 8, pointer & 255, 0x14 + 0x20 * socket, ...bytes)
    const next = pointer + bytes.length
    this.write(socket, TX_WR, (next >> 8) & 255, next & 255)
    this.command(SEND, socket)
  }

  /** Reads count bytes at RX_RD, moves it and commands RECV. */
  receive(count: number, socket = 0): number[] {
    const pointer = this.word(socket, RX_RD)
    const bytes = this.frame(pointer >> 8, pointer & 255, 0x18 + 0x20 * socket, ...new Array(count).fill(0)).slice(3)
    const next = pointer + count
    this.write(socket, RX_RD, (next >> 8) & 255, next & 255)
    this.command(RECV, socket)
    return bytes
  }
}

function configured(options: W5500Options = {}): Bench {
  const bench = new Bench(options)
  bench.configure()
  return bench
}

function letters(count: number): string {
  let result = ''
  for (let index = 0; index < count; index++) result += String.fromCharCode((index * 7 + (index >> 8)) & 255)
  return result
}

function codes(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0))
}

describe('SPI frames (data sheet 2.2)', () => {
  it('answers 01 02 03 to a header and VERSIONR 04 at 0x0039', () => {
    expect(new Bench().frame(0x00, 0x39, 0x00, 0x00)).toEqual([1, 2, 3, 4])
  })

  it('answers as many bytes as were sent, also when a frame is shorter than its header', () => {
    const bench = new Bench()
    expect(bench.frame()).toEqual([])
    expect(bench.frame(0)).toEqual([1])
    expect(bench.frame(0, 0)).toEqual([1, 2])
    expect(bench.frame(0, 0x39, 0)).toEqual([1, 2, 3])
  })

  it('takes RTR and RCR in one frame 00 19 04 07 D0 05', () => {
    const bench = new Bench()
    bench.frame(0x00, 0x19, 0x04, 0x0b, 0xb8, 0x05)
    expect(bench.readCommon(0x19, 3)).toEqual([0x0b, 0xb8, 0x05])
  })

  it('reads 2 accesses of 1 byte out of a frame of fixed length', () => {
    const bench = new Bench()
    expect(bench.frame(0x00, 0x39, 0x01, 0x00, 0x00, 0x1b, 0x01, 0x00)).toEqual([1, 2, 3, 4, 1, 2, 3, 8])
  })

  it('writes 2 and 4 bytes by fixed length', () => {
    const bench = new Bench()
    bench.frame(0x00, 0x19, 0x06, 0x01, 0x02, 0x00, 0x01, 0x07, 10, 0, 0, 1)
    expect(bench.readCommon(0x19, 2)).toEqual([1, 2])
    expect(bench.readCommon(0x01, 5)).toEqual([10, 0, 0, 1, 0])
  })

  it('goes from address FFFF to 0000 within a frame', () => {
    const bench = new Bench()
    expect(bench.frame(0xff, 0xff, 0x04, 0x55, 0x10)).toEqual([1, 2, 3, 0, 0])
    expect(bench.readCommon(0x0000)).toEqual([0x10])
  })

  it('reads 0 from the reserved blocks 4 and 28, and takes no write there', () => {
    const bench = new Bench()
    bench.frame(0, 1, 0x24, 9)
    expect(bench.frame(0, 1, 0x20, 0)).toEqual([1, 2, 3, 0])
    expect(bench.frame(0, 0x39, 0xe0, 0)).toEqual([1, 2, 3, 0])
    expect(bench.readCommon(0x01)).toEqual([0])
  })
})

describe('registers', () => {
  it('start with the reset values of the common block', () => {
    const bench = new Bench()
    expect(bench.readCommon(0x00, 0x19)).toEqual(new Array(0x19).fill(0))
    expect(bench.readCommon(0x19, 5)).toEqual([0x07, 0xd0, 0x08, 0x28, 0x00])
    expect(bench.readCommon(0x26, 8)).toEqual([0xff, 0xff, 0, 0, 0, 0, 0, 0])
  })

  it('start with the reset values of a socket block', () => {
    const bench = new Bench()
    expect(bench.read(7, 0, 0x30)).toEqual([
      0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 2,
      2, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x40, 0x00, 0,
    ])
  })

  it('ignore writes to SIR, UIPR, VERSIONR, SR, TX_FSR, TX_RD, RX_RSR, RX_WR and reserved places', () => {
    const bench = new Bench()
    for (const address of [0x17, 0x28, 0x2b, 0x2d, 0x39]) bench.writeCommon(address, 0x55)
    expect([0x17, 0x28, 0x2b, 0x2d, 0x39].map((address) => bench.readCommon(address)[0])).toEqual([0, 0, 0, 0, 4])
    const readOnly = [SR, TX_FSR, TX_FSR + 1, TX_RD, TX_RD + 1, RX_RSR, RX_RSR + 1, RX_WR, RX_WR + 1, 0x14, 0x17, 0x1d]
    const before = bench.read(0, 0, 0x40)
    for (const offset of readOnly) bench.write(0, offset, 0x55)
    bench.write(0, 0x30, 0x55)
    expect(bench.read(0, 0, 0x40)).toEqual(before)
  })

  it('keep what is written to the read-write registers of a socket', () => {
    const bench = new Bench()
    const readWrite = [
      0x00, 0x04, 0x05, 0x06, 0x0b, 0x0c, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x15, 0x16, 0x24, 0x25, 0x28, 0x29, 0x2c, 0x2d,
      0x2e, 0x2f,
    ]
    for (const offset of readWrite) {
      bench.write(3, offset, 0xa5)
      expect([offset, bench.read(3, offset)[0]]).toEqual([offset, 0xa5])
    }
  })

  it('show link, 100 Mbit/s and full duplex as BF once the negotiation of 2000 ms is over', () => {
    const bench = new Bench()
    bench.chip.brownOut()
    bench.wait(1999)
    expect(bench.readCommon(0x2e)).toEqual([0xb8])
    bench.wait(1)
    expect(bench.readCommon(0x2e)).toEqual([0xbf])
    bench.cable.isPlugged = false
    expect(bench.readCommon(0x2e)).toEqual([0xb8])
  })

  it.each([
    [0, 0x01],
    [1, 0x05],
    [2, 0x03],
    [3, 0x07],
    [4, 0x03],
    [6, 0x00],
    [7, 0x07],
  ])('PHYCFGR with OPMDC %i shows status bits %i, from the reset of the PHY on', (mode, status) => {
    const bench = new Bench()
    const value = 0xc0 | (mode << 3)
    bench.writeCommon(0x2e, value)
    expect(bench.readCommon(0x2e)).toEqual([value | 0x07])
    bench.writeCommon(0x2e, value & 0x7f)
    expect(bench.readCommon(0x2e)).toEqual([value & 0x7f])
    bench.writeCommon(0x2e, value)
    bench.wait(2000)
    expect(bench.readCommon(0x2e)).toEqual([value | status])
  })
})

describe('reset and power (data sheet 5.5.1)', () => {
  it('MR.RST restores every register and clears itself; a socket vanishes without FIN', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.writeCommon(0x00, 0x80)
    expect(bench.readCommon(0x00, 0x13)).toEqual(new Array(0x13).fill(0))
    expect(bench.state()).toBe(0x00)
    expect([line.isAbandoned, line.isEnded]).toEqual([true, false])
    line.events.onData('late')
    expect(bench.word(0, RX_RSR)).toBe(0)
    expect(bench.readCommon(0x2e)[0] & 1).toBe(0)
  })

  it('RSTn low for 1 ms resets; the chip is deaf while it is low and 1 ms after', () => {
    const bench = configured()
    bench.chip.setReset(0)
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([255, 255, 255, 255])
    bench.wait(1)
    bench.chip.setReset(1)
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([255, 255, 255, 255])
    bench.wait(1)
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([1, 2, 3, 4])
    expect(bench.readCommon(0x0f, 4)).toEqual([0, 0, 0, 0])
    expect(bench.log).toContain('reset by RSTn')
  })

  it('RSTn low for less than 1 ms changes nothing and is told', () => {
    const bench = configured()
    bench.chip.setReset(0)
    bench.chip.setReset(1)
    expect(bench.readCommon(0x0f, 4)).toEqual([192, 0, 2, 50])
    expect(bench.log).toEqual(['RSTn pulse too short, ignored'])
  })

  it('power off reads FF, loses all and leaves the peer a ghost', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.chip.setPower(false)
    expect([line.isAbandoned, line.isEnded]).toEqual([true, false])
    bench.wait(1000)
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([255, 255, 255, 255])
    bench.chip.brownOut()
    bench.chip.setPower(true)
    bench.wait(1)
    expect(bench.readCommon(0x39)).toEqual([4])
    expect(bench.readCommon(0x0f, 4)).toEqual([0, 0, 0, 0])
    expect(bench.log.slice(-2)).toEqual(['power off', 'power on'])
  })

  it('a brown-out forgets SHAR and SIPR while VERSIONR still reads 04', () => {
    const bench = configured()
    bench.chip.brownOut()
    bench.wait(1)
    expect(bench.readCommon(0x39)).toEqual([4])
    expect(bench.readCommon(0x09, 10)).toEqual(new Array(10).fill(0))
  })

  it('leaves no alarm behind when a connecting chip is reset', () => {
    const bench = configured()
    bench.startConnect()
    bench.cable.isPlugged = false
    bench.startConnect(1)
    expect(bench.clock.nextAtMs()).toBeLessThan(Infinity)
    bench.writeCommon(0x00, 0x80)
    expect(bench.clock.nextAtMs()).toBe(Infinity)
  })
})

describe('commands and states', () => {
  it('OPEN shows INIT 13 for TCP, 22 for UDP, 42 for MACRAW on socket 0 only, 00 for a closed protocol', () => {
    const bench = new Bench()
    const opened = (socket: number, mode: number) => {
      bench.write(socket, 0x00, mode)
      bench.command(OPEN, socket)
      const state = bench.state(socket)
      bench.command(CLOSE, socket)
      return state
    }
    expect([opened(0, 0x21), opened(1, 2), opened(0, 4), opened(1, 4), opened(2, 0)]).toEqual([0x13, 0x22, 0x42, 0, 0])
    expect(bench.state(0)).toBe(0)
  })

  it('LISTEN shows 14 from INIT only', () => {
    const bench = new Bench()
    bench.command(0x02)
    expect(bench.state()).toBe(0)
    bench.write(0, 0x00, 1)
    bench.command(OPEN)
    bench.command(0x02)
    expect(bench.state()).toBe(0x14)
  })

  it.each([
    ['CLOSED', 0x00, [CONNECT, DISCON, CLOSE, SEND, 0x21, 0x22, 0x99]],
    ['INIT', 0x13, [OPEN, DISCON, SEND, 0x21]],
    ['SYNSENT', 0x15, [OPEN, 0x02, CONNECT, DISCON, SEND]],
    ['ESTABLISHED', 0x17, [OPEN, 0x02, CONNECT, 0x21, 0x22]],
  ])('in %s the commands that do not fit are ignored and CR still reads 0', (_name, state, ignored) => {
    const bench = configured()
    if (state >= 0x15) bench.startConnect()
    if (state === 0x17) bench.cable.lines[0].events.onOpen()
    if (state === 0x13) {
      bench.write(0, 0x00, 1)
      bench.command(OPEN)
    }
    for (const code of ignored) {
      bench.command(code)
      expect([code, bench.state(), bench.read(0, CR)[0]]).toEqual([code, state, 0])
    }
    expect(bench.cable.lines.length).toBe(state >= 0x15 ? 1 : 0)
  })

  it('CR shows the command for 2 reads and takes no other meanwhile; a millisecond clears it too', () => {
    const bench = new Bench({ commandReads: 2 })
    bench.write(0, 0x00, 1)
    bench.command(OPEN)
    bench.command(CLOSE)
    expect(bench.state()).toBe(0x13)
    expect([bench.read(0, CR)[0], bench.read(0, CR)[0], bench.read(0, CR)[0]]).toEqual([1, 1, 0])
    bench.command(CLOSE)
    expect(bench.state()).toBe(0)
    bench.wait(1)
    bench.command(OPEN)
    expect(bench.state()).toBe(0x13)
    expect(bench.log).toContain('socket 0: command lost, the previous one is not accepted yet')
  })

  it('never accepts a command when CR never clears', () => {
    const bench = new Bench({ commandReads: Infinity })
    bench.write(0, 0x00, 1)
    bench.command(OPEN)
    bench.wait(1000)
    expect([bench.read(0, CR)[0], bench.state()]).toEqual([1, 0])
    bench.command(OPEN)
    expect([bench.read(0, CR)[0], bench.state()]).toEqual([1, 0])
  })

  it('an event sets its IR bit only where the mask is 1; a 1 written clears it', () => {
    const bench = configured()
    bench.startConnect()
    bench.cable.lines[0].events.onOpen()
    bench.cable.lines[0].events.onData('x')
    expect(bench.interrupts()).toBe(CON_BIT | RECV_BIT)
    bench.write(0, IR, CON_BIT)
    expect(bench.interrupts()).toBe(RECV_BIT)
    bench.write(0, 0x2c, 0xff & ~DISCON_BIT)
    bench.cable.lines[0].events.onEnd()
    expect(bench.interrupts()).toBe(RECV_BIT)
    expect(bench.state()).toBe(0x1c)
  })

  it('SIR shows each socket with an interrupt, and SIMR lets it through to INTn', () => {
    const bench = new Bench()
    const line = bench.connected(2)
    expect([bench.readCommon(0x17)[0], bench.chip.interruptLevel()]).toEqual([0, 1])
    line.events.onData('x')
    expect([bench.readCommon(0x17)[0], bench.chip.interruptLevel()]).toEqual([0x04, 1])
    bench.writeCommon(0x18, 0x04)
    expect(bench.chip.interruptLevel()).toBe(0)
    bench.write(2, IR, 0xff)
    expect([bench.readCommon(0x17)[0], bench.chip.interruptLevel()]).toEqual([0, 1])
    line.events.onData('y')
    bench.chip.setPower(false)
    expect(bench.chip.interruptLevel()).toBe(1)
  })
})

describe('CONNECT', () => {
  it('goes to the dotted DIPR and DPORT, fills DHAR, and is ESTABLISHED with CON once the peer answers', () => {
    const bench = configured()
    bench.startConnect()
    expect([bench.state(), bench.interrupts()]).toEqual([0x15, 0])
    expect([bench.cable.lines[0].address, bench.cable.lines[0].port]).toEqual(['192.0.2.10', 5000])
    expect(bench.read(0, 0x06, 6)).not.toEqual(new Array(6).fill(0xff))
    bench.wait(40)
    bench.cable.lines[0].events.onOpen()
    expect([bench.state(), bench.interrupts()]).toEqual([0x17, CON_BIT])
    expect(bench.clock.nextAtMs()).toBe(Infinity)
    expect(bench.log).toEqual(['socket 0: open', 'socket 0: connect 192.0.2.10:5000', 'socket 0: established'])
  })

  it('is CLOSED without TIMEOUT when the peer refuses', () => {
    const bench = configured()
    bench.startConnect()
    bench.cable.lines[0].events.onReset()
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, 0])
    expect(bench.log[bench.log.length - 1]).toBe('socket 0: refused')
    expect(bench.clock.nextAtMs()).toBe(Infinity)
  })

  it.each([
    [2000, 8, 31800],
    [2000, 5, 12600],
    [2000, 4, 6200],
    [2000, 3, 3000],
    [1000, 6, 12700],
    [4000, 3, 6000],
    [0, 0, 1],
  ])('with RTR %i and RCR %i a swallowed SYN times out after %i ms', (rtr, rcr, timeoutMs) => {
    const bench = configured()
    bench.writeCommon(0x19, rtr >> 8, rtr & 255, rcr)
    bench.startConnect()
    bench.wait(timeoutMs - 1)
    expect(bench.state()).toBe(0x15)
    bench.wait(1)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, TIMEOUT_BIT])
    expect(bench.cable.lines[0].isAbandoned).toBe(true)
    bench.cable.lines[0].events.onOpen()
    expect(bench.state()).toBe(0x00)
  })

  it.each([
    [2000, 8, 1800],
    [2000, 5, 1200],
    [1000, 6, 700],
    [4000, 3, 1600],
  ])('with RTR %i and RCR %i and no link, ARP times out after %i ms', (rtr, rcr, timeoutMs) => {
    const bench = configured()
    bench.writeCommon(0x19, rtr >> 8, rtr & 255, rcr)
    bench.cable.isPlugged = false
    bench.startConnect()
    bench.wait(timeoutMs - 1)
    expect(bench.state()).toBe(0x15)
    bench.wait(1)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, TIMEOUT_BIT])
    expect(bench.cable.lines).toEqual([])
  })

  it('sends its SYN at the next ARP request when the cable comes back after 300 ms', () => {
    const bench = configured()
    bench.cable.isPlugged = false
    bench.startConnect()
    bench.wait(300)
    bench.cable.isPlugged = true
    bench.wait(99)
    expect(bench.cable.lines.length).toBe(0)
    bench.wait(1)
    expect(bench.cable.lines.length).toBe(1)
  })

  it.each([
    ['SIPR is 0', 0x0f, [0, 0, 0, 0], [192, 0, 2, 10]],
    ['SHAR is 0', 0x09, [0, 0, 0, 0, 0, 0], [192, 0, 2, 10]],
    ['the peer is outside the subnet and GAR is 0', 0x01, [0, 0, 0, 0], [198, 51, 100, 1]],
  ])('ends in an ARP timeout when %s', (_name, address, bytes, peer) => {
    const bench = configured()
    bench.writeCommon(address, ...bytes)
    bench.startConnect()
    bench.command(CLOSE)
    bench.cable.lines = []
    bench.write(0, 0x0c, ...peer)
    bench.command(OPEN)
    bench.command(CONNECT)
    bench.wait(1800)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, TIMEOUT_BIT])
    expect(bench.cable.lines).toEqual([])
  })

  it('reaches its own subnet without a gateway', () => {
    const bench = configured()
    bench.writeCommon(0x01, 0, 0, 0, 0)
    bench.startConnect()
    expect(bench.cable.lines.length).toBe(1)
  })

  it('reaches another subnet through the gateway', () => {
    const bench = configured()
    bench.write(0, 0x00, 1)
    bench.write(0, 0x0c, 198, 51, 100, 1, 0, 80)
    bench.command(OPEN)
    bench.command(CONNECT)
    expect(bench.cable.lines.map((line) => line.address)).toEqual(['198.51.100.1'])
  })

  it('starts the TX pointers anew, away from 0, with the whole buffer free', () => {
    const bench = new Bench()
    bench.connected()
    expect(bench.word(0, TX_WR)).not.toBe(0)
    expect(bench.word(0, TX_RD)).toBe(bench.word(0, TX_WR))
    expect(bench.word(0, TX_FSR)).toBe(2048)
  })

  it('hears nothing more of a connection that was closed', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.send([1])
    bench.command(CLOSE)
    bench.startConnect()
    line.events.onOpen()
    line.events.onData('x')
    line.events.onEnd()
    line.events.onReset()
    line.acknowledgements[0]()
    expect([bench.state(), bench.word(0, RX_RSR), bench.word(0, TX_FSR)]).toEqual([0x15, 0, 2048])
  })
})

describe('SEND', () => {
  it('means sent: SENDOK at once, TX_FSR only with the acknowledgement', () => {
    const bench = new Bench({ sendOkMeans: 'sent' })
    const line = bench.connected()
    bench.send([0x41, 0x00, 0xff])
    expect(line.sent).toEqual(['A\x00\xff'])
    expect([bench.interrupts(), bench.word(0, TX_FSR)]).toEqual([SENDOK_BIT, 2045])
    expect(bench.word(0, TX_RD)).toBe(bench.word(0, TX_WR))
    bench.write(0, IR, SENDOK_BIT)
    line.acknowledgements[0]()
    expect([bench.interrupts(), bench.word(0, TX_FSR)]).toEqual([0, 2048])
    expect(bench.clock.nextAtMs()).toBe(Infinity)
  })

  it('means acknowledged: SENDOK together with TX_FSR', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' })
    const line = bench.connected()
    bench.send([1, 2, 3])
    expect([bench.interrupts(), bench.word(0, TX_FSR)]).toEqual([0, 2045])
    line.acknowledgements[0]()
    expect([bench.interrupts(), bench.word(0, TX_FSR)]).toEqual([SENDOK_BIT, 2048])
  })

  it.each(['sent', 'acknowledged'] as const)(
    'is CLOSED with TIMEOUT 31800 ms after bytes that nobody acknowledged (%s)',
    (sendOkMeans) => {
      const bench = new Bench({ sendOkMeans })
      const line = bench.connected()
      bench.send([1])
      bench.write(0, IR, 0xff)
      bench.wait(31799)
      expect([bench.state(), bench.interrupts()]).toEqual([0x17, 0])
      bench.wait(1)
      expect([bench.state(), bench.interrupts(), line.isAbandoned]).toEqual([0x00, TIMEOUT_BIT, true])
    },
  )

  it('shows no SENDOK without a link, keeps its state until the timeout, and SENDOK if the cable is back in time', () => {
    const bench = new Bench({ sendOkMeans: 'sent' })
    const line = bench.connected()
    bench.cable.isPlugged = false
    bench.send([1])
    bench.wait(10000)
    expect([bench.state(), bench.interrupts()]).toEqual([0x17, 0])
    bench.cable.isPlugged = true
    line.acknowledgements[0]()
    expect([bench.state(), bench.interrupts()]).toEqual([0x17, SENDOK_BIT])
    bench.cable.isPlugged = false
    bench.send([2])
    bench.wait(31800)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, SENDOK_BIT | TIMEOUT_BIT])
  })

  it('a partial acknowledgement starts the timeout anew', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.send([1])
    bench.send([2, 3])
    bench.wait(30000)
    line.acknowledgements[0]()
    expect(bench.word(0, TX_FSR)).toBe(2046)
    bench.wait(31799)
    expect(bench.state()).toBe(0x17)
    bench.wait(1)
    expect(bench.state()).toBe(0x00)
  })

  it('a second SEND does not put off the timeout of the first', () => {
    const bench = new Bench()
    bench.connected()
    bench.send([1])
    bench.wait(30000)
    bench.send([2])
    bench.wait(1800)
    expect(bench.state()).toBe(0x00)
  })

  it('cuts 2048 bytes into segments of 1460 and 588, and by MSSR 1000 into 1000, 1000 and 48', () => {
    const bench = new Bench()
    const line = bench.connected()
    const bytes = codes(letters(2048))
    bench.send(bytes)
    expect(line.sent.map((segment) => segment.length)).toEqual([1460, 588])
    expect(codes(line.sent.join(''))).toEqual(bytes)
    expect(bench.word(0, TX_FSR)).toBe(0)
    line.acknowledgements[0]()
    expect(bench.word(0, TX_FSR)).toBe(1460)
    line.acknowledgements[1]()
    bench.write(0, 0x12, 1000 >> 8, 1000 & 255)
    bench.send(bytes)
    expect(line.sent.slice(2).map((segment) => segment.length)).toEqual([1000, 1000, 48])
  })

  it('carries 200 frames of 700 bytes intact over the ring end and over pointer 65535', () => {
    const bench = new Bench()
    const line = bench.connected()
    let wrapCount = 0
    for (let index = 0; index < 200; index++) {
      const before = bench.word(0, TX_WR)
      const bytes = codes(letters(700)).map((code) => (code + index) & 255)
      bench.send(bytes)
      expect(codes(line.sent[index])).toEqual(bytes)
      line.acknowledgements[index]()
      expect(bench.word(0, TX_FSR)).toBe(2048)
      if (bench.word(0, TX_WR) < before) wrapCount++
    }
    expect(wrapCount).toBeGreaterThanOrEqual(2)
  })

  it('tells when more than the free space was written', () => {
    const bench = new Bench()
    bench.connected()
    bench.send(new Array(2049).fill(7))
    expect(bench.log).toContain('socket 0: transmit buffer overrun')
    expect(bench.word(0, TX_FSR)).toBe(0xffff)
  })

  it('of 0 bytes is done at once and sends nothing', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' })
    const line = bench.connected()
    bench.send([])
    expect([bench.interrupts(), line.sent.length]).toEqual([SENDOK_BIT, 0])
    bench.send([1])
    bench.command(SEND)
    expect([line.sent.length, bench.word(0, TX_FSR)]).toEqual([1, 2047])
  })

  it('by UDP is SENDOK with a link, and TIMEOUT after 1800 ms in state 22 without', () => {
    const bench = configured()
    bench.write(4, 0x00, 2)
    bench.command(OPEN, 4)
    bench.send([1, 2, 3, 4], 4)
    expect([bench.interrupts(4), bench.word(4, TX_FSR)]).toEqual([SENDOK_BIT, 2048])
    bench.write(4, IR, 0xff)
    bench.cable.isPlugged = false
    bench.send([1], 4)
    bench.wait(1799)
    expect(bench.interrupts(4)).toBe(0)
    bench.wait(1)
    expect([bench.interrupts(4), bench.state(4)]).toEqual([TIMEOUT_BIT, 0x22])
    bench.cable.isPlugged = true
    bench.write(4, IR, 0xff)
    bench.command(0x21, 4)
    expect(bench.interrupts(4)).toBe(SENDOK_BIT)
  })
})

describe('receiving', () => {
  it('counts what came in RX_RSR until RECV, and sets RECV for each arrival', () => {
    const bench = new Bench()
    const line = bench.connected()
    line.events.onData('ab\xff')
    expect([bench.interrupts(), bench.word(0, RX_RSR), bench.word(0, RX_WR)]).toEqual([RECV_BIT, 3, 3])
    bench.write(0, IR, RECV_BIT)
    line.events.onData('c')
    expect([bench.interrupts(), bench.word(0, RX_RSR)]).toEqual([RECV_BIT, 4])
    expect(bench.frame(0, 0, 0x18, 0, 0, 0, 0).slice(3)).toEqual([0x61, 0x62, 0xff, 0x63])
    bench.write(0, RX_RD, 0, 2)
    expect(bench.word(0, RX_RSR)).toBe(4)
    bench.command(RECV)
    expect([bench.word(0, RX_RSR), bench.read(0, RX_RSR, 6)]).toEqual([2, [0, 2, 0, 2, 0, 4]])
  })

  it('holds back what does not fit 2048 bytes until RECV gives room, and a FIN behind it', () => {
    const bench = new Bench()
    const line = bench.connected()
    const text = letters(3000)
    line.events.onData(text)
    line.events.onEnd()
    expect([bench.word(0, RX_RSR), bench.state(), bench.interrupts()]).toEqual([2048, 0x17, RECV_BIT])
    bench.write(0, IR, RECV_BIT)
    const first = bench.receive(900)
    expect([bench.word(0, RX_RSR), bench.state(), bench.interrupts()]).toEqual([2048, 0x17, RECV_BIT])
    const second = bench.receive(2048)
    expect([bench.word(0, RX_RSR), bench.state(), bench.interrupts()]).toEqual([52, 0x1c, RECV_BIT | DISCON_BIT])
    expect([...first, ...second, ...bench.receive(52)]).toEqual(codes(text))
    expect(bench.word(0, RX_RSR)).toBe(0)
  })

  it('stays intact over pointer 65535', () => {
    const bench = new Bench()
    const line = bench.connected()
    for (let index = 0; index < 100; index++) {
      const text = letters(901)
      line.events.onData(text)
      expect(bench.receive(901)).toEqual(codes(text))
    }
    expect(bench.word(0, RX_WR)).toBe(90100 - 65536)
  })

  it('is reset by a peer that has more than 65536 bytes outside the window', () => {
    const bench = new Bench()
    const line = bench.connected()
    line.events.onData(letters(2048 + 65536))
    expect(bench.state()).toBe(0x17)
    line.events.onData('x')
    expect([bench.state(), line.isAbandoned]).toEqual([0x00, true])
  })

  it('drops what was still outside the window when the socket closes', () => {
    const bench = new Bench()
    bench.connected().events.onData(letters(3000))
    bench.command(CLOSE)
    bench.connected().events.onData('new')
    expect(bench.receive(bench.word(0, RX_RSR))).toEqual(codes('new'))
  })

  it('leaves what came before a reset in the ring until the next OPEN', () => {
    const bench = new Bench()
    const line = bench.connected()
    line.events.onData('last words')
    line.events.onReset()
    expect([bench.state(), bench.interrupts(), bench.word(0, RX_RSR)]).toEqual([0x00, RECV_BIT, 10])
    expect(bench.receive(4)).toEqual(codes('last'))
    expect(bench.word(0, RX_RSR)).toBe(6)
    bench.command(OPEN)
    expect([bench.word(0, RX_RSR), bench.word(0, RX_RD), bench.word(0, RX_WR)]).toEqual([0, 0, 0])
  })

  it('a reset by the peer sets DISCON where the option says so', () => {
    const bench = new Bench({ resetSetsDiscon: true })
    const line = bench.connected()
    line.events.onReset()
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, DISCON_BIT])
  })
})

describe('closing', () => {
  it('DISCON sends FIN, shows FIN_WAIT 18 until the peer closes, then TIME_WAIT 1B and CLOSED', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.command(DISCON)
    expect([line.isEnded, bench.state()]).toEqual([true, 0x18])
    line.events.onData('bye')
    line.events.onEnd()
    expect([bench.state(), bench.interrupts(), bench.word(0, RX_RSR)]).toEqual([0x1b, RECV_BIT | DISCON_BIT, 3])
    bench.wait(100)
    expect([bench.state(), line.isAbandoned, bench.clock.nextAtMs()]).toEqual([0x00, false, Infinity])
  })

  it('DISCON that nobody answers ends in TIMEOUT after 31800 ms', () => {
    const bench = new Bench()
    bench.connected()
    bench.command(DISCON)
    bench.wait(31799)
    expect(bench.state()).toBe(0x18)
    bench.wait(1)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, TIMEOUT_BIT])
  })

  it('after the peer closed, data still goes out, and DISCON shows LAST_ACK 1D for the round trip of 50 ms', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' })
    const line = bench.connected()
    line.events.onEnd()
    bench.send([0x41])
    bench.command(DISCON)
    bench.wait(60)
    expect([line.sent, line.isEnded, bench.state()]).toEqual([['A'], true, 0x1d])
    line.acknowledgements[0]()
    bench.wait(49)
    expect([bench.state(), bench.interrupts()]).toEqual([0x1d, DISCON_BIT | SENDOK_BIT])
    bench.wait(1)
    expect([bench.state(), line.isAbandoned]).toEqual([0x00, false])
  })

  it('LAST_ACK without a link ends in TIMEOUT', () => {
    const bench = new Bench()
    const line = bench.connected()
    line.events.onEnd()
    bench.cable.isPlugged = false
    bench.command(DISCON)
    bench.wait(31800)
    expect(bench.state()).toBe(0x1d)
    bench.wait(50)
    expect([bench.state(), bench.interrupts()]).toEqual([0x00, DISCON_BIT | TIMEOUT_BIT])
  })

  it('acknowledgements after DISCON count, but do not stop its timeout', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.send([1])
    bench.command(DISCON)
    line.acknowledgements[0]()
    expect(bench.word(0, TX_FSR)).toBe(2048)
    bench.wait(31800)
    expect(bench.state()).toBe(0x00)
  })

  it('CLOSE sends neither FIN nor RST and cancels every wait', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.send([1])
    bench.command(CLOSE)
    expect([bench.state(), line.isEnded, line.isAbandoned]).toEqual([0x00, false, true])
    expect(bench.clock.nextAtMs()).toBe(Infinity)
  })
})

describe('buffer memory', () => {
  it.each([1, 2, 3, 4, 5, 31, 32, 33, 64, 65])('gives back %i bytes written to a TX buffer', (count) => {
    const bench = new Bench()
    const bytes = codes(letters(count))
    bench.frame(0x07, 0xf0, 0xf4, ...bytes)
    expect(bench.frame(0x07, 0xf0, 0xf0, ...bytes).slice(3)).toEqual(bytes)
  })

  it('masks addresses by the size: 0800 is 0000 in 2 KB, and the buffers of two sockets are apart', () => {
    const bench = new Bench()
    bench.frame(0x00, 0x00, 0x14, 1)
    bench.frame(0x00, 0x00, 0x34, 2)
    expect(bench.frame(0x08, 0x00, 0x10, 0).slice(3)).toEqual([1])
    expect(bench.frame(0xf8, 0x00, 0x30, 0).slice(3)).toEqual([2])
    expect(bench.frame(0x00, 0x00, 0x18, 0).slice(3)).toEqual([0])
  })

  it('lays sizes out from socket 0 upward: after 1 KB for socket 0, socket 1 begins in its former second half', () => {
    const bench = new Bench()
    bench.frame(0x04, 0x00, 0x14, 0x77)
    bench.write(0, 0x1f, 1)
    expect(bench.frame(0x00, 0x00, 0x30, 0).slice(3)).toEqual([0x77])
    expect(bench.word(0, TX_FSR)).toBe(1024)
  })

  it.each([
    [0, 0],
    [1, 1024],
    [4, 4096],
    [8, 8192],
    [16, 16384],
    [3, 0],
    [32, 0],
  ])('TXBUF_SIZE %i gives TX_FSR %i', (kilobytes, free) => {
    const bench = new Bench()
    bench.write(0, 0x1f, kilobytes)
    expect(bench.word(0, TX_FSR)).toBe(free)
  })

  it('a buffer of 0 KB takes nothing', () => {
    const bench = new Bench()
    bench.write(0, 0x1f, 0)
    bench.frame(0, 0, 0x14, 9)
    expect(bench.frame(0, 0, 0x10, 0).slice(3)).toEqual([0])
  })

  it('takes 16384 bytes on one socket when the others have none', () => {
    const bench = new Bench()
    for (let socket = 1; socket < 8; socket++) bench.write(socket, 0x1e, 0)
    bench.write(0, 0x1e, 16)
    const line = bench.connected()
    const text = letters(16385)
    line.events.onData(text)
    expect(bench.word(0, RX_RSR)).toBe(16384)
    expect(bench.receive(16384)).toEqual(codes(text.slice(0, 16384)))
    expect(bench.receive(1)).toEqual(codes(text.slice(16384)))
  })
})

describe('faults', () => {
  it('a dead bus reads all FF or all 00 and reaches nothing', () => {
    const bench = new Bench()
    bench.chip.faults.deadBus = 'ff'
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([255, 255, 255, 255])
    bench.writeCommon(0x01, 9)
    bench.chip.faults.deadBus = '00'
    expect(bench.frame(0, 0x39, 0, 0)).toEqual([0, 0, 0, 0])
    bench.writeCommon(0x01, 9)
    bench.chip.faults.deadBus = 'none'
    expect(bench.readCommon(0x01)).toEqual([0])
  })

  it('spiErrorOneIn 10 damages about 1 frame in 10, one bit on either wire, and never the array of the sender', () => {
    const bench = new Bench({ random: new Random(1) })
    bench.chip.faults.spiErrorOneIn = 10
    let misoCount = 0
    for (let index = 0; index < 2000; index++) {
      const frame = new Uint8Array([0x00, 0x39, 0x00, 0x00])
      const reply = bench.chip.transfer(frame)
      expect([...frame]).toEqual([0x00, 0x39, 0x00, 0x00])
      const good = [1, 2, 3, 4]
      let wrongBits = 0
      for (let at = 0; at < 4; at++) for (let x = reply[at] ^ good[at]; x > 0; x >>= 1) wrongBits += x & 1
      if (wrongBits > 0) misoCount++
    }
    // Half are on MISO; of those on MOSI, 8 of 32 fall into the dummy byte and do no harm.
    expect(misoCount).toBeGreaterThan(120)
    expect(misoCount).toBeLessThan(240)
    bench.chip.faults.spiErrorOneIn = 1
    let written = 0
    for (let index = 0; index < 200; index++) {
      bench.writeCommon(0x01, 0xf0)
      bench.chip.faults.spiErrorOneIn = 0
      if (bench.readCommon(0x01)[0] !== 0xf0) written++
      bench.writeCommon(0x01, 0xf0)
      bench.chip.faults.spiErrorOneIn = 1
    }
    expect(written).toBeGreaterThan(0)
  })

  it('sendOkNever hides SENDOK under both readings while the bytes go out and are acknowledged', () => {
    for (const sendOkMeans of ['sent', 'acknowledged'] as const) {
      const bench = new Bench({ sendOkMeans })
      const line = bench.connected()
      bench.chip.faults.sendOkNever = true
      bench.send([1])
      line.acknowledgements[0]()
      expect([line.sent.length, bench.interrupts(), bench.word(0, TX_FSR)]).toEqual([1, 0, 2048])
    }
  })

  it('stuckState keeps SYNSENT through answer, refusal and timeout; CLOSE ends it', () => {
    const bench = configured()
    bench.chip.faults.stuckState = true
    bench.startConnect()
    bench.cable.lines[0].events.onOpen()
    bench.cable.lines[0].events.onReset()
    bench.wait(60000)
    expect([bench.state(), bench.interrupts()]).toEqual([0x15, 0])
    bench.command(CLOSE)
    expect(bench.state()).toBe(0x00)
  })

  it('stuckState keeps FIN_WAIT, TIME_WAIT and LAST_ACK', () => {
    const finWait = new Bench()
    finWait.connected()
    finWait.command(DISCON)
    finWait.chip.faults.stuckState = true
    finWait.cable.lines[0].events.onEnd()
    finWait.wait(60000)
    expect(finWait.state()).toBe(0x18)

    const timeWait = new Bench()
    timeWait.connected()
    timeWait.command(DISCON)
    timeWait.cable.lines[0].events.onEnd()
    timeWait.chip.faults.stuckState = true
    timeWait.wait(60000)
    expect(timeWait.state()).toBe(0x1b)

    const lastAck = new Bench()
    lastAck.connected()
    lastAck.cable.lines[0].events.onEnd()
    lastAck.command(DISCON)
    lastAck.chip.faults.stuckState = true
    lastAck.wait(60000)
    expect(lastAck.state()).toBe(0x1d)
  })

  it('tornCounters joins the old high byte to the new low byte once; the second read agrees with the third', () => {
    const bench = new Bench()
    const line = bench.connected()
    bench.word(0, TX_FSR)
    bench.word(0, RX_RSR)
    bench.chip.faults.tornCounters = true
    line.events.onData(letters(300))
    expect([bench.word(0, RX_RSR), bench.word(0, RX_RSR), bench.word(0, RX_RSR)]).toEqual([0x002c, 300, 300])
    bench.send([1])
    expect([bench.word(0, TX_FSR), bench.word(0, TX_FSR)]).toEqual([0x08ff, 2047])
  })
})
