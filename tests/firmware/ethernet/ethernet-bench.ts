/**
 * A bench for the Ethernet path: chip model, network in memory, a receiver behind it, and the owner's loop. Every poll is
 * checked for its bound of 50 SPI frames, for a deadline that is a number, and for a wait now and then.
 */

import { expect } from 'vitest'
import * as ethernetPath from '../../../firmware/ethernet/ethernet-path'
import type { Hal } from '../../../firmware/hal'
import { VirtualClock } from '../../../hal-mock/clock'
import { type Datagram, type PeerConnection, replyTo, VirtualNetwork, type VirtualNic } from '../../../hal-mock/network'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'
import { W5500, type W5500Options } from '../../../hal-mock/w5500'

export const DOWN = 0
export const READY = 1
export const OPENING = 2
export const OPEN = 3
export const RESET_PIN = 25
export const RECEIVER = '192.0.2.7'
export const PORT = 4242
/** One DC-09 frame of a usual size. */
export const FRAME = '\n1AB2003C"SIA-DCS"0001L0#1234[#1234|NBA5]'.padEnd(59, '_') + '\r'

/** A receiver that answers, a chip, the path, and the owner's loop. */
export class Bench {
  clock = new VirtualClock()
  network = new VirtualNetwork(this.clock)
  nic: VirtualNic = this.network.attach('ethernet')
  chip: W5500
  path: ethernetPath.EthernetPath
  /** What the receiver got, and its last connection. */
  received = ''
  ends = 0
  connections: PeerConnection[] = []
  /** What the receiver got by UDP. */
  datagrams: Datagram[] = []
  /** What the path handed over. */
  answers = ''
  frameCount = 0
  mostFrames = 0
  resets = 0
  hurried = 0
  states: string[] = []
  /** Spurious errors of the board, 1 in n frames; the frame goes out all the same. */
  throwOneIn = 0
  private random = new Random(7)

  constructor(
    options?: W5500Options,
    answer: (bytes: string) => string = () => 'ACK',
    settings?: Partial<ethernetPath.EthernetSettings>,
  ) {
    this.chip = new W5500(this.clock, this.nic, options)
    this.chip.setPower(true)
    this.network.listen(RECEIVER, PORT, (connection) => {
      this.connections.push(connection)
      return {
        onData: (bytes) => {
          this.received += bytes
          const reply = answer(bytes)
          if (reply !== '') connection.send(reply)
        },
        onEnd: () => this.ends++,
      }
    })
    this.network.serve(RECEIVER, PORT, (datagram, reply) => {
      this.datagrams.push(datagram)
      const bytes = answer(datagram.bytes)
      if (bytes !== '') reply(replyTo(datagram, bytes))
    })
    const hal = {
      clock: { nowMs: () => this.clock.nowMs, utcSeconds: () => 0 },
      pins: {
        mode: () => {},
        write: (pin: number, level: number) => {
          expect(pin).toBe(RESET_PIN)
          if (level === 0) this.resets++
          this.chip.setReset(level)
        },
        read: () => 0,
      },
      spi: {
        transfer: (frame: Uint8Array) => {
          this.frameCount++
          const answered = this.chip.transfer(frame)
          if (this.random.oneIn(this.throwOneIn)) throw new Error('SPI Send Error')
          return answered
        },
      },
      random: new Random(1),
      crypto: nodeCrypto,
    }
    this.path = ethernetPath.create(hal as unknown as Hal, {
      macAddress: [2, 0, 0, 0, 0, 1],
      address: [10, 0, 0, 2],
      mask: [255, 255, 255, 0],
      gateway: [10, 0, 0, 1],
      isDynamic: 0,
      dnsServers: [],
      timeServer: '',
      targets: [{ host: '192.0.2.7', port: PORT, isUdp: 0 }],
      resetPin: RESET_PIN,
      ...settings,
    })
  }

  poll(): number {
    const before = this.frameCount
    const nextMs = this.path.poll(this.path, this.clock.nowMs)
    const frames = this.frameCount - before
    if (frames > this.mostFrames) this.mostFrames = frames
    if (frames > 50) throw new Error(frames + ' SPI frames in one poll')
    this.hurried = nextMs > this.clock.nowMs ? 0 : this.hurried + 1
    if (this.hurried > 20) throw new Error(this.hurried + ' polls in a row without a wait')
    if (!(nextMs >= this.clock.nowMs)) throw new Error('deadline ' + nextMs + ' lies in the past')
    this.answers += this.path.receive(this.path)
    const last = this.states.length > 0 ? this.states[this.states.length - 1] : ''
    if (!last.startsWith(this.path.state + '@')) this.states.push(this.path.state + '@' + this.clock.nowMs)
    return nextMs
  }

  run(forMs: number): void {
    this.until(() => false, forMs)
  }

  /** Polls as the owner does until the condition holds; returns how long it took, or limitMs. */
  until(isDone: () => boolean, limitMs: number): number {
    const startMs = this.clock.nowMs
    const endMs = startMs + limitMs
    for (let polls = 0; polls < 2000000; polls++) {
      const nextMs = this.poll()
      if (isDone()) break
      if (nextMs >= endMs) {
        this.clock.runTo(endMs)
        break
      }
      // At least a millisecond passes between two polls on the device.
      this.clock.runTo(Math.max(nextMs, this.clock.nowMs + 1))
    }
    return this.clock.nowMs - startMs
  }

  state(): number {
    return this.path.state
  }

  /** Brings the path to READY, or to OPEN. */
  ready(): this {
    this.until(() => this.state() === READY, 20000)
    expect(this.state()).toBe(READY)
    return this
  }

  opened(): this {
    this.ready()
    this.path.open(this.path, 0)
    this.until(() => this.state() === OPEN, 20000)
    expect(this.state()).toBe(OPEN)
    return this
  }

  /** Bends what the chip answers to long reads with this control byte. */
  alter(control: number, act: (answer: Uint8Array) => void): void {
    const plain = this.chip.transfer.bind(this.chip)
    this.chip.transfer = (frame) => {
      const answer = plain(frame)
      if (frame[2] === control && frame.length > 40) act(answer)
      return answer
    }
  }

  send(frame: string): boolean {
    return this.path.send(this.path, frame)
  }

  /** True when one frame got its ACK within limitMs, opening the connection if need be. */
  exchange(limitMs: number): boolean {
    this.answers = ''
    const endMs = this.clock.nowMs + limitMs
    let isSent = false
    while (this.clock.nowMs < endMs && this.answers === '') {
      if (this.state() === READY) {
        this.path.open(this.path, 0)
        isSent = false
      }
      if (this.state() === OPEN && !isSent) isSent = this.send(FRAME)
      const stateBefore = this.state()
      const sentBefore = isSent
      this.until(
        () => this.answers !== '' || this.state() !== stateBefore || !sentBefore,
        Math.min(1000, endMs - this.clock.nowMs),
      )
      if (this.state() !== OPEN) isSent = false
      this.clock.runTo(this.clock.nowMs + 1)
    }
    return this.answers !== ''
  }
}
