/**
 * A scenario over real sockets, in real time: both chip models' connections are TCP connections of this machine, their
 * datagrams UDP, to our receiver on a free loopback port, or to somebody else's. What a foreign receiver makes of an event is not known here,
 * so only its frames are told, without their content.
 *
 * Not live: the display, the keypad, the zones, the flash, and the panel's clock, which keeps step with this machine's.
 */

import { createSocket } from 'node:dgram'
import { connect, isIP } from 'node:net'
import type { DemoConfig } from '../demo'
import type { BreakableNic, Connection, ConnectionEvents, DatagramPort } from '../network'
import { type Outcome, type Scenario, ScenarioRun } from '../scenario'
import { ReceiverFaults } from '../scenario-world'
import { Simulator } from '../simulator'
import { type LiveNic, liveNic } from './live-network'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'
import { printable, type Station, startReceiver } from './receiver'
import type { Snapshot } from './snapshot'

export interface Target {
  protocol: 'tcp' | 'udp'
  host: string
  port: number
}

export interface LiveOptions {
  scenario: Scenario
  config: DemoConfig
  /** Somebody else's receiver; ours on a free port when left out. */
  target?: Target
  onTrace: (atMs: number, source: string, what: string) => void
  onProgress: (nowMs: number) => void
  /** Virtual ms in one of this machine's: 1, but for tests. */
  speed: number
}

/** What came of a run. */
export interface Result {
  outcome: Outcome
  endMs: number
  leftCount: number
  /** Frames that a foreign receiver was sent, and its replies by their kind. */
  sentCount: number
  replies: { [kind: string]: number }
  snapshots?: Snapshot[]
}

const LOOPBACK = '127.0.0.1'
/** Pause between two looks at the panel. */
const TICK_MS = 5
/** The most that virtual time moves in a tick: a machine that was busy or asleep must not look like a dead network. */
const STEP_LIMIT_MS = 100
/** A receiver that does not answer a connection in this time is not there. */
const REACH_LIMIT_MS = 3000
/** A host on the same machine or network refuses a datagram within this time, when nobody listens. */
const REFUSAL_MS = 200
/** Body 0FFF, CRC, length, LF and CR (SIA DC-09). */
const FRAME_LIMIT_BYTES = 4105

/**
 * Looks whether somebody listens. Returns '' or what is wrong. A UDP port that is silent may be heard: only a refusal of an
 * empty datagram shows that it is not, or a name that nobody knows.
 */
export function reach(target: Target): Promise<string> {
  return target.protocol === 'udp' ? reachUdp(target) : reachTcp(target)
}

function reachTcp({ host, port }: Target): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: REACH_LIMIT_MS })
    const finish = (problem: string) => {
      socket.destroy()
      resolve(problem)
    }
    socket.on('connect', () => finish(''))
    socket.on('timeout', () => finish(`no answer within ${REACH_LIMIT_MS / 1000} s`))
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message))
  })
}

function reachUdp({ host, port }: Target): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
    let isDone = false
    const finish = (problem: string) => {
      if (isDone) return
      isDone = true
      socket.close()
      resolve(problem)
    }
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message))
    socket.connect(port, host, () => {
      socket.send('', () => undefined)
      setTimeout(() => finish(''), REFUSAL_MS)
    })
  })
}

/** Runs a scenario to its end or its limit. Rejects when no port can be had, and for what the firmware throws. */
export async function runLive(options: LiveOptions): Promise<Result> {
  const bench = new LiveBench(options)
  try {
    return await bench.run()
  } finally {
    await bench.close()
  }
}

class LiveBench {
  private sentCount = 0
  private replies: { [kind: string]: number } = {}
  /** Which way something came to our receiver, by protocol and port on this side: 'udp 40001'. */
  private ways = new Map<string, string>()
  private nics: LiveNic[] = []
  private target: Target | undefined
  private station: Station | undefined
  private simulator: Simulator<unknown, unknown>

  constructor(private options: LiveOptions) {
    this.target = options.target
    this.simulator = new Simulator({
      firmware: panelFirmware,
      config: options.config,
      crypto: nodeCrypto,
      seed: options.scenario.seed,
      startSeconds: Math.floor(Date.now() / 1000),
      nics: { ethernet: this.nic('ethernet'), cellular: this.nic('cellular') },
      onTrace: options.onTrace,
    })
  }

  private nic(via: string): BreakableNic {
    const { host, port } = this.options.config.receivers[0]
    const nic = liveNic(
      via,
      (address, wanted) => (address === host && wanted === port ? this.target : undefined),
      (localPort, protocol) => this.ways.set(`${protocol} ${localPort}`, via),
    )
    this.nics.push(nic)
    return this.options.target === undefined
      ? nic
      : new TappedNic(nic, (direction, frame) => this.hear(direction, via, frame))
  }

  async run(): Promise<Result> {
    if (this.options.target === undefined) await this.openStation()
    const { scenario, speed, onProgress } = this.options
    const receiver = this.station?.receiver
    const faults = receiver === undefined ? undefined : new ReceiverFaults(receiver)
    const run = new ScenarioRun(this.simulator, scenario, { receiver, faults, hasStation: receiver !== undefined })
    let nowMs = 0
    let hostMs = performance.now()
    while (!run.isDone() && !run.outcome.ranPastLimit) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS / speed))
      const elapsedMs = (performance.now() - hostMs) * speed
      hostMs = performance.now()
      nowMs += Math.min(elapsedMs, STEP_LIMIT_MS)
      run.advanceTo(Math.floor(nowMs))
      onProgress(this.simulator.clock.nowMs)
    }
    return {
      outcome: run.outcome,
      endMs: this.simulator.clock.nowMs,
      leftCount: run.leftCount(),
      sentCount: this.sentCount,
      replies: this.replies,
    }
  }

  private async openStation(): Promise<void> {
    const { account, key, protocol } = this.options.config.receivers[0]
    this.station = await startReceiver({
      host: LOOPBACK,
      port: 0,
      accounts: [{ account, keyHex: key }],
      mode: 'ack',
      isUdp: protocol === 'udp',
      utcSeconds: () => this.simulator.board.utcSeconds(),
      onEvent: (event) => this.simulator.noteEvent({ ...event, via: this.way(event.via) }),
      onFrame: (direction, via, _frame, verdict) => this.tell(`${direction} over ${this.way(via)}: ${verdict}`),
    })
    this.target = { protocol, host: LOOPBACK, port: this.station.port }
  }

  /** 'tcp 127.0.0.1:40001' as our receiver has it: the path's name. */
  private way(via: string): string {
    return this.ways.get(`${via.slice(0, 3)} ${via.slice(via.lastIndexOf(':') + 1)}`) ?? via
  }

  private hear(direction: 'in' | 'out', via: string, frame: string): void {
    const header = frame.slice(frame.indexOf('"'), frame.indexOf('['))
    const isFrame = header.startsWith('"') && header.lastIndexOf('"') > 0
    const what = isFrame ? printable(header) : 'not a DC-09 frame'
    if (direction === 'in') this.sentCount++
    else {
      const kind = isFrame ? printable(header.slice(1, header.lastIndexOf('"'))) : 'not a frame'
      this.replies[kind] = (this.replies[kind] ?? 0) + 1
    }
    this.tell(`${direction} over ${via}: ${what}, ${frame.length} bytes`)
  }

  private tell(what: string): void {
    this.options.onTrace(this.simulator.clock.nowMs, 'receiver', what)
  }

  async close(): Promise<void> {
    for (const nic of this.nics) nic.closeAll()
    await this.station?.close()
  }
}

/** A Nic whose frames are shown as they pass. */
class TappedNic implements BreakableNic {
  readonly datagrams: DatagramPort

  constructor(
    private nic: LiveNic,
    private onFrame: (direction: 'in' | 'out', frame: string) => void,
  ) {
    this.datagrams = tapped(nic.datagrams, onFrame)
  }

  isUp(): boolean {
    return this.nic.isUp()
  }

  setLink(isUp: boolean): void {
    this.nic.setLink(isUp)
  }

  setInternet(isUp: boolean): void {
    this.nic.setInternet(isUp)
  }

  connect(address: string, port: number, events: ConnectionEvents): Connection {
    const fromPanel = framer((frame) => this.onFrame('in', frame))
    const toPanel = framer((frame) => this.onFrame('out', frame))
    const connection = this.nic.connect(address, port, {
      onOpen: () => events.onOpen(),
      onData: (bytes) => {
        toPanel(bytes)
        events.onData(bytes)
      },
      onEnd: () => events.onEnd(),
      onReset: () => events.onReset(),
    })
    return {
      send: (bytes, onAcknowledged) => {
        fromPanel(bytes)
        connection.send(bytes, onAcknowledged)
      },
      end: () => connection.end(),
      abandon: () => connection.abandon(),
    }
  }
}

/** A datagram is a frame. */
function tapped(port: DatagramPort, onFrame: (direction: 'in' | 'out', frame: string) => void): DatagramPort {
  const tap: DatagramPort = {
    onDatagram: () => undefined,
    onUnreachable: () => undefined,
    send: (datagram) => {
      onFrame('in', datagram.bytes)
      port.send(datagram)
    },
  }
  port.onDatagram = (datagram) => {
    onFrame('out', datagram.bytes)
    tap.onDatagram(datagram)
  }
  port.onUnreachable = (address, targetPort) => tap.onUnreachable(address, targetPort)
  return tap
}

/** Cuts a stream of bytes into frames, LF to CR; only for showing them. */
function framer(onFrame: (frame: string) => void): (bytes: string) => void {
  let rest = ''
  return (bytes) => {
    rest += bytes
    for (let end = rest.indexOf('\r'); end >= 0; end = rest.indexOf('\r')) {
      const frame = rest.slice(0, end + 1)
      rest = rest.slice(end + 1)
      onFrame(frame.slice(Math.max(frame.lastIndexOf('\n'), 0)))
    }
    if (rest.length > FRAME_LIMIT_BYTES) rest = rest.slice(-FRAME_LIMIT_BYTES)
  }
}
