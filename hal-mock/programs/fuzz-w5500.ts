/**
 * Fuzz target: wrong bits on the SPI bus, registers that say anything, wrong datagrams, cables in and out, power dips. The
 * Ethernet path on its chip model never throws, never hangs, names a time for its next turn each time, and delivers once
 * all is calm again.
 *
 * One input is one turn of the path; a storm of STORM_POLLS of them is followed by a calm that must end in a delivery.
 */

import * as ethernetPath from '../../firmware/ethernet/ethernet-path'
import { VirtualClock } from '../clock'
import { DhcpServer } from '../dhcp-server'
import { DnsServer } from '../dns-server'
import { VirtualNetwork, type VirtualNic } from '../network'
import { NtpServer } from '../ntp-server'
import { Random } from '../random'
import { W5500 } from '../w5500'
import { pick, randomBytes } from './fuzz-mutate'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'
import { nodeCrypto } from './node-crypto'

const STORM_POLLS = 500
/** Level 6 tries once a minute, DHCP pauses for one. */
const CALM_MS = 400000
/** A frame may be tried three times, and a write twice. */
const FRAME_LIMIT = 150
/** Turns in a row that wanted the next one at once. */
const HURRY_LIMIT = 20
/** A frame on its way, what was received, a datagram; the records' numbers and texts. */
const KEPT_LIMIT = 3 * 1024 + 1024
/** What a register may say: commands, states, interrupts, the identity's bytes, counters' halves. */
const REGISTER_VALUES = [0, 1, 2, 4, 8, 0x10, 0x13, 0x14, 0x15, 0x17, 0x1c, 0x1f, 0x22, 0x40, 0x7f, 0x80, 0xff]
const RECEIVER = '192.0.2.7'
const PORT = 4242

type Counts = Record<'down' | 'ready' | 'opening' | 'open' | 'hardwareFault' | 'received' | 'lies', number>

class Storm {
  private clock = new VirtualClock()
  private network: VirtualNetwork
  private nic: VirtualNic
  private chip: W5500
  private path: ethernetPath.EthernetPath
  private server: DhcpServer
  private frames = 0
  private hurried = 0
  private throwOneIn = 0
  /** One answer in so many has a byte that the chip never said. */
  private lieOneIn = 0
  /** The most that the path held. */
  kept = 0
  private received = ''

  constructor(
    private random: Random,
    private counts: Counts,
  ) {
    this.network = new VirtualNetwork(this.clock, new Random(random.next()))
    this.nic = this.network.attach('ethernet')
    const sendOkMeans = random.oneIn(2) ? 'sent' : 'acknowledged'
    const commandReads = random.below(4)
    this.chip = new W5500(this.clock, this.nic, { sendOkMeans, commandReads, random: new Random(random.next()) })
    this.server = new DhcpServer(this.clock, this.nic, {
      address: '10.0.0.1',
      first: '10.0.0.50',
      mask: '255.255.255.0',
      router: '10.0.0.1',
      dnsServers: ['10.0.0.1'],
      leaseSeconds: 120,
    })
    const names = [{ name: 'rct.example.net', address: RECEIVER, ttlSeconds: 60 }]
    this.nic.neighbour('10.0.0.1', 53, new DnsServer(names).serve)
    this.nic.neighbour('10.0.0.1', 123, new NtpServer(() => 1767225600 + this.clock.nowMs / 1000).serve)
    this.network.listen(RECEIVER, PORT, (connection) => ({
      onData: () => connection.send('ACK'),
      onEnd: () => connection.end(),
    }))
    this.network.serve(RECEIVER, PORT, (datagram, answer) =>
      answer({
        source: RECEIVER,
        sourcePort: PORT,
        target: datagram.source,
        targetPort: datagram.sourcePort,
        bytes: 'ACK',
      }),
    )
    this.path = this.create()
  }

  private create(): ethernetPath.EthernetPath {
    const spi = { transfer: (frame: Uint8Array) => this.transfer(frame) }
    const hal = {
      clock: { nowMs: () => this.clock.nowMs, utcSeconds: () => 0 },
      pins: { mode: () => {}, write: (_pin: number, level: number) => this.chip.setReset(level), read: () => 0 },
      spi,
      random: new Random(this.random.next()),
      crypto: nodeCrypto,
    }
    return ethernetPath.create(hal as unknown as Parameters<typeof ethernetPath.create>[0], {
      macAddress: [2, 0, 0, 0, 0, 1],
      isDynamic: this.random.below(2),
      address: [10, 0, 0, 2],
      mask: [255, 255, 255, 0],
      gateway: [10, 0, 0, 1],
      dnsServers: [[10, 0, 0, 1]],
      timeServer: this.random.oneIn(2) ? '10.0.0.1' : '',
      targets: [
        { host: this.random.oneIn(2) ? 'rct.example.net' : RECEIVER, port: PORT, isUdp: 0 },
        { host: RECEIVER, port: PORT, isUdp: 1 },
      ],
      resetPin: 25,
    })
  }

  private transfer(frame: Uint8Array): Uint8Array {
    this.frames++
    const answer = this.chip.transfer(frame)
    if (this.random.oneIn(this.throwOneIn)) throw new Error('SPI Send Error')
    // The first three bytes stand under address and control byte.
    if (answer.length > 3 && this.random.oneIn(this.lieOneIn)) {
      this.counts.lies++
      answer[3 + this.random.below(answer.length - 3)] = pick(this.random, REGISTER_VALUES)
    }
    return answer
  }

  /** Something changes in the world. */
  private disturb(): void {
    const random = this.random
    const faults = this.chip.faults
    switch (random.below(17)) {
      case 0:
        faults.deadBus = (['none', 'ff', '00'] as const)[random.below(3)]
        break
      case 1:
        faults.spiErrorOneIn = [0, 3, 10, 50][random.below(4)]
        break
      case 2:
        this.throwOneIn = [0, 2, 10, 50][random.below(4)]
        break
      case 3:
        faults.sendOkNever = random.oneIn(2)
        faults.stuckInterrupts = random.oneIn(4)
        break
      case 4:
        faults.stuckState = random.oneIn(3)
        faults.tornCounters = random.oneIn(2)
        break
      case 5:
        this.chip.brownOut()
        break
      case 6:
        this.chip.setPower(random.oneIn(2))
        break
      case 7:
        this.nic.setLink(random.oneIn(2))
        break
      case 8:
        this.nic.isUpCut = random.oneIn(3)
        this.nic.isDownCut = random.oneIn(3)
        break
      case 9:
        this.nic.lossPercent = this.nic.duplicatePercent = this.nic.bendPercent = [0, 50, 20][random.below(3)]
        this.nic.jitterMs = [0, 500][random.below(2)]
        break
      case 10:
        this.server.isSilent = random.oneIn(3)
        this.server.refuses = random.oneIn(3)
        break
      case 11:
        this.chip.conflict()
        break
      case 12:
        this.lieOneIn = pick(random, [0, 2, 10, 50])
        break
      case 13:
        this.clock.runTo(this.clock.nowMs + random.below(120000))
        break
      default:
        this.nic.inject({
          source: ['10.0.0.1', RECEIVER][random.below(2)],
          sourcePort: [53, 67, 123, PORT][random.below(4)],
          target: '255.255.255.255',
          targetPort: random.oneIn(2) ? 68 : 49152 + random.below(16384),
          bytes: randomBytes(random, random.below(1501)),
        })
    }
  }

  private calm(): void {
    const faults = this.chip.faults
    faults.deadBus = 'none'
    faults.spiErrorOneIn = 0
    faults.sendOkNever = faults.stuckInterrupts = faults.stuckState = faults.tornCounters = false
    this.throwOneIn = this.lieOneIn = 0
    this.chip.setPower(true)
    this.nic.setLink(true)
    this.nic.setInternet(true)
    this.nic.lossPercent = this.nic.duplicatePercent = this.nic.bendPercent = this.nic.jitterMs = 0
    this.server.isSilent = this.server.refuses = false
  }

  /** One turn of the path and of its owner; what was wrong, or ''. */
  private turn(): string {
    const path = this.path
    const before = this.frames
    const nextMs = path.poll(path, this.clock.nowMs)
    if (!(nextMs >= this.clock.nowMs)) return `deadline ${nextMs} at ${this.clock.nowMs}`
    this.hurried = nextMs > this.clock.nowMs ? 0 : this.hurried + 1
    if (this.hurried > HURRY_LIMIT) return `${this.hurried} turns in a row without a wait`
    if (this.frames - before > FRAME_LIMIT) return `${this.frames - before} frames in one poll`
    this.look(path)
    if (path.state === 1 && this.random.oneIn(3)) path.open(path, this.random.below(2))
    if (path.state === 3) {
      if (this.random.oneIn(2)) path.send(path, 'x'.repeat(1 + this.random.below(1024)))
      if (this.random.oneIn(20)) path.close(path)
    }
    // Not to infinity, and at least the millisecond that passes on the device.
    this.clock.runTo(Math.min(Math.max(nextMs, this.clock.nowMs + 1), this.clock.nowMs + 60000))
    return ''
  }

  private look(path: ethernetPath.EthernetPath): void {
    const kept = keptBytes(path, [path.hal, path.chip.spi])
    if (kept > this.kept) this.kept = kept
    const bytes = path.receive(path)
    this.received = (this.received + bytes).slice(-3)
    if (bytes !== '') this.counts.received++
    this.counts[(['down', 'ready', 'opening', 'open'] as const)[path.state]]++
    if (path.isHardwareFault) this.counts.hardwareFault++
  }

  run(): string {
    for (let count = 0; count < STORM_POLLS; count++) {
      // Now and then all is well for a while: a path that is always down is no test.
      if (this.random.oneIn(6)) this.disturb()
      else if (this.random.oneIn(10)) this.calm()
      const problem = this.turn()
      if (problem !== '') return `turn ${count}: ${problem}`
    }
    this.calm()
    this.received = ''
    const endMs = this.clock.nowMs + CALM_MS
    while (this.clock.nowMs < endMs && this.received !== 'ACK') {
      const problem = this.turn()
      if (problem !== '') return `calm: ${problem}`
    }
    return this.received === 'ACK' ? '' : `nothing delivered in ${CALM_MS} ms of calm`
  }
}

class Run implements FuzzRun {
  kept = 0
  readonly counts: Counts = { down: 0, ready: 0, opening: 0, open: 0, hardwareFault: 0, received: 0, lies: 0 }

  call(random: Random): string {
    const storm = new Storm(random, this.counts)
    const problem = storm.run()
    this.kept = storm.kept
    return problem
  }
}

export const w5500: FuzzTarget = {
  name: 'w5500',
  what: 'register answers, datagrams, cable and power under the Ethernet path, in storms of 500 turns',
  inputsPerCall: STORM_POLLS,
  keptLimitBytes: KEPT_LIMIT,
  create: () => new Run(),
}
