/**
 * The cellular path, the modem's model behind a UART and three pins, and a receiver that answers each frame with
 * "kiss-off n", over TCP and UDP. Everything that goes over the wire can be had as a dated conversation.
 */

import * as cellularPath from '../../../firmware/cellular/cellular-path'
import type { Hal } from '../../../firmware/hal'
import type { Target } from '../../../firmware/transmit/path'
import { VirtualClock } from '../../../hal-mock/clock'
import { Modem, type ModemOptions } from '../../../hal-mock/modem'
import { type PeerConnection, replyTo, VirtualNetwork } from '../../../hal-mock/network'
import { Random } from '../../../hal-mock/random'

// The path's states, written down again.
export const DOWN = 0
export const READY = 1
export const OPEN = 3

export const RECEIVER: Target = { host: '192.0.2.7', port: 12345, isUdp: 0 }
export const UDP_RECEIVER: Target = { host: '192.0.2.7', port: 12345, isUdp: 1 }
/** Nobody listens there. */
export const NOBODY: Target = { host: '192.0.2.9', port: 9, isUdp: 0 }

const KEY = 32
const SUPPLY = 27
const STATUS = 39
const STATES = ['DOWN', 'READY', 'OPENING', 'OPEN']

export interface BenchSettings {
  modem?: ModemOptions
  simPin?: string
  seed?: number
  targets?: Target[]
  smsNumber?: string
}

export class ModemBench {
  readonly clock = new VirtualClock()
  readonly network = new VirtualNetwork(this.clock)
  readonly nic = this.network.attach('cellular')
  readonly modem: Modem
  p: cellularPath.CellularPath
  /** The station: what came, and how it behaves. */
  readonly frames: string[] = []
  readonly connections: PeerConnection[] = []
  hangsUp = false
  isMute = false
  /** The conversation so far, one line each: time, direction, text. */
  readonly lines: string[] = []
  polls = 0
  private incoming = ''
  private spoken = ''
  private heard = ''
  private lastState = 0
  private lastTrouble = 0
  private seed: number
  private settings: cellularPath.CellularSettings

  constructor(settings: BenchSettings = {}) {
    this.seed = settings.seed ?? 1
    this.modem = new Modem(this.clock, this.nic, new Random(this.seed), settings.modem)
    this.modem.onOutput = (bytes) => {
      this.incoming = (this.incoming + bytes).slice(-1024)
      this.note('<', bytes)
    }
    this.modem.onActivity = (what) => this.tell(what)
    this.station()
    this.settings = {
      apn: 'iot.example',
      simPin: settings.simPin ?? '',
      targets: settings.targets ?? [RECEIVER],
      powerKeyPin: KEY,
      supplyPin: SUPPLY,
      statusPin: STATUS,
      smsNumber: settings.smsNumber ?? '',
    }
    this.p = cellularPath.create(this.hal(), this.settings)
  }

  /** The panel restarts; the modem goes on. */
  restartPanel(): void {
    this.p = cellularPath.create(this.hal(), this.settings)
  }

  private hal(): Hal {
    return {
      clock: { nowMs: () => this.clock.nowMs, utcSeconds: () => 0 },
      pins: {
        mode: () => {},
        write: (pin: number, level: number) => {
          if (pin === KEY) this.modem.setPowerKey(level)
          else if (pin === SUPPLY) this.modem.setSupply(level === 1)
        },
        read: () => this.modem.statusLevel(),
      },
      uart: {
        read: () => {
          const bytes = this.incoming
          this.incoming = ''
          return bytes
        },
        write: (bytes: string) => {
          this.note('>', bytes)
          this.modem.receive(bytes)
        },
      },
    } as unknown as Hal
  }

  private station(): void {
    const { host, port } = RECEIVER
    this.network.listen(host, port, (connection) => {
      this.connections.push(connection)
      return {
        onData: (bytes) => {
          this.frames.push(bytes)
          if (!this.isMute) connection.send(`kiss-off ${bytes.length}\r`)
          if (this.hangsUp) connection.end()
        },
        onEnd: () => {},
      }
    })
    this.network.serve(host, port, (datagram, answer) => {
      this.frames.push(datagram.bytes)
      if (!this.isMute) answer(replyTo(datagram, `kiss-off ${datagram.bytes.length}\r`))
    })
  }

  /** Something that is not on the wire. */
  tell(what: string): void {
    this.lines.push(`${`${this.clock.nowMs}`.padStart(8)} ms  * ${what}`)
  }

  /** Bytes on the wire, noted by whole lines; what stays unfinished is noted with the next of its kind. */
  private note(direction: string, bytes: string): void {
    let text = (direction === '>' ? this.spoken : this.heard) + bytes
    for (;;) {
      const end = text.search(/[\r\n]/)
      const isPrompt = /^[>@] ?$/.test(text)
      if (end < 0 && !isPrompt) break
      const line = end < 0 ? text : text.slice(0, end)
      text = end < 0 ? '' : text.slice(end + 1)
      if (line !== '')
        this.lines.push(`${`${this.clock.nowMs}`.padStart(8)} ms  ${direction} ${printable(line).trimEnd()}`)
    }
    if (direction === '>') this.spoken = text
    else this.heard = text
  }

  private look(): void {
    if (this.p.state !== this.lastState) this.tell(`path ${STATES[this.p.state]}`)
    if (this.p.trouble !== this.lastTrouble) this.tell(`trouble ${this.p.trouble}`)
    this.lastState = this.p.state
    this.lastTrouble = this.p.trouble
  }

  /** Polls at the path's own pace until it holds. Returns how long that took. */
  until(condition: () => boolean, limitMs: number): number {
    const startMs = this.clock.nowMs
    while (!condition()) {
      if (this.clock.nowMs - startMs > limitMs) throw new Error(`after ${limitMs} ms: ${this.where()}`)
      const nextMs = this.p.poll(this.p, this.clock.nowMs)
      this.polls++
      this.look()
      if (!(nextMs > this.clock.nowMs) || nextMs > this.clock.nowMs + 2000)
        throw new Error(`poll at ${this.clock.nowMs} wants ${nextMs}`)
      this.clock.runTo(nextMs)
    }
    return this.clock.nowMs - startMs
  }

  run(durationMs: number): void {
    const endMs = this.clock.nowMs + durationMs
    this.until(() => this.clock.nowMs >= endMs, durationMs + 1000)
  }

  ready(): this {
    this.until(() => this.p.state === READY, 60000)
    this.run(100)
    return this
  }

  connect(target = 0): this {
    this.ready()
    this.p.open(this.p, target)
    this.until(() => this.p.state === OPEN, 30000)
    return this
  }

  /** As the dispatcher does: open when READY, send, wait for the reply, give up after 15 s and try again. Time it took. */
  deliver(frame: string, limitMs: number, target = 0): number {
    const { p, clock } = this
    const startMs = clock.nowMs
    const endMs = startMs + limitMs
    while (clock.nowMs < endMs) {
      this.until(() => p.state === READY || p.state === OPEN || clock.nowMs >= endMs, limitMs + 1000)
      if (p.state === READY) p.open(p, target)
      this.until(() => p.state === OPEN || p.state < 2 || clock.nowMs >= endMs, limitMs + 1000)
      if (p.state !== OPEN || !p.send(p, frame)) {
        this.run(50)
        continue
      }
      const replyMs = clock.nowMs + p.replyTimeoutMs
      let reply = ''
      this.until(() => {
        reply += p.receive(p)
        return reply.endsWith('\r') || clock.nowMs >= replyMs || p.state < 2
      }, 20000)
      reply += p.receive(p)
      if (reply === `kiss-off ${frame.length}\r`) {
        this.tell('kiss-off')
        return clock.nowMs - startMs
      }
      p.close(p)
      this.look()
    }
    throw new Error(`not delivered in ${limitMs} ms: ${this.where()}`)
  }

  where(): string {
    const { p } = this
    return `seed ${this.seed}, state ${p.state}, step ${p.step}, link ${p.link}\n${this.lines.slice(-30).join('\n')}`
  }
}

/** Bytes that cannot be read stand as \xNN. */
function printable(text: string): string {
  let out = ''
  for (const byte of text) {
    const code = byte.charCodeAt(0)
    out += code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : byte
  }
  return out
}
