/**
 * The bench: a board, its world and a station on one virtual clock, with any firmware that speaks firmware/hal.ts.
 * Everything that happens is told as a trace: virtual ms, source, what. One seed replays a run to the byte.
 *
 * Fingers press keys, hands move doors, cables and covers are pulled: the methods below. What a key was is never told.
 */

import type { Crypto, Hal } from '../firmware/hal'
import { Board, type Wiring } from './board'
import { VirtualClock } from './clock'
import { DEMO_CODES, type DemoConfig, RECEIVER_ADDRESS, RECEIVER_NAME, SALT_BYTES, SECRET_BYTES } from './demo'
import type { ModemOptions } from './modem'
import { type BreakableNic, VirtualNetwork, type VirtualNic } from './network'
import { replyTo } from './nic'
import { Onlooker } from './onlooker'
import { Random } from './random'
import { Receiver, type StationEvent } from './receiver'
import type { Work } from './work'

/** What the bench needs of a firmware. Opaque values are passed back as they came. */
export interface Firmware<Panel, Table> {
  makeCodes(hal: Hal, secret: Uint8Array, salt: Uint8Array): Table
  storeCode(
    table: Table,
    hal: Hal,
    slot: number,
    digits: string,
    user: number,
    isDuress: boolean,
    role: number,
    partitions: number,
  ): void
  /** boot: number of this start, from 1. */
  create(hal: Hal, config: DemoConfig, table: Table, boot: number): Panel
  poll(panel: Panel): number
  /** The board's word of an edge at an input that the firmware asked to be woken by. */
  wake(panel: Panel): boolean
  pathState(panel: Panel, index: number): number
  /**
   * Where there is one, looks that cannot find anything are left out: nothing that the panel reads moves before untilMs (since
   * its start), and nothing has for stillMs. Returns when to poll, as poll() does. What is counted on buses and in calls is
   * less then; nothing else differs.
   */
  pass?(panel: Panel, untilMs: number, stillMs: number): number
}

export interface SimulatorOptions<Panel, Table> {
  firmware: Firmware<Panel, Table>
  config: DemoConfig
  crypto: Crypto
  seed: number
  /** UTC at virtual 0, in seconds since 1970. */
  startSeconds?: number
  /** Which modem is on the board, and how it behaves; an A7670 when left out. */
  modem?: ModemOptions
  /** What the firmware's work costs in time; nothing when left out. */
  work?: Work
  /** Real sockets instead of the virtual network: then no receiver runs inside. */
  nics?: { ethernet: BreakableNic; cellular: BreakableNic }
  onTrace?: (atMs: number, source: string, what: string) => void
}

/** Where the virtual calendar starts when nobody says: 2026-01-05 08:00:00 UTC. */
export const START_SECONDS = 1767600000
/** A key is held for this long, and the finger travels for as long again. */
const KEY_HOLD_MS = 80
const KEY_STEP_MS = 200
/** A firmware that asks to be polled again at once more often than this is stuck. */
const POLL_LIMIT = 2000
/** Place in the settings' list of what outputs follow. */
const BATTERY_LOAD = 9

const STATE_WORDS = ['down', 'ready', 'opening', 'open']

export class Simulator<Panel, Table> {
  readonly clock = new VirtualClock()
  readonly network = new VirtualNetwork(this.clock)
  readonly ethernet: VirtualNic = this.network.attach('ethernet')
  readonly cellular: VirtualNic = this.network.attach('cellular')
  readonly board: Board
  readonly receiver: Receiver
  readonly onlooker = new Onlooker()
  /** Every receiver of the panel's settings, the station's first. */
  readonly receivers: Receiver[]
  /** Events that the other receivers accepted. */
  readonly others: { receiver: number; event: StationEvent; atMs: number }[] = []
  /** Events that the station accepted, copies included. */
  readonly station: StationEvent[] = []
  /** When each of them was kissed off. */
  readonly stationAtMs: number[] = []
  panel: Panel | undefined
  /** Told after each change of what can be seen or heard, of a path, or at the station. */
  onChange: () => void = () => {}

  private nics: { ethernet: BreakableNic; cellular: BreakableNic }
  private firmware: Firmware<Panel, Table>
  private table: Table
  private config: DemoConfig
  private trace: (atMs: number, source: string, what: string) => void
  private dueMs = Infinity
  private pollsHere = 0
  private boots = 0
  private isWoken = false
  /** Hands or an alarm may have moved something since the last poll; since when the loops are as they are, and what they are. */
  private isStirred = true
  private isSteady = false
  private stillFromMs = 0
  private loopsSum = 0
  private work: Work | undefined
  /** The processor is busy until then. */
  private busyUntilMs = 0
  private isStarved = false
  private fingerMs = 0
  private pathStates = ['', '']

  constructor(options: SimulatorOptions<Panel, Table>) {
    this.firmware = options.firmware
    this.config = options.config
    this.trace = options.onTrace ?? (() => {})
    this.work = options.work
    const random = new Random(options.seed)
    const startSeconds = options.startSeconds ?? START_SECONDS
    this.nics = options.nics ?? { ethernet: this.ethernet, cellular: this.cellular }
    const { crypto, modem } = options
    this.board = new Board(
      this.clock,
      wiringOf(this.config),
      this.config.zones.pins,
      this.nics,
      crypto,
      random,
      this.onlooker,
      modem,
    )
    this.board.utcSeconds = () => startSeconds + ((this.clock.nowMs / 1000) | 0)
    this.receivers = this.config.receivers.map((receiver, index) => {
      const name = index === 0 ? 'receiver' : `receiver ${index + 1}`
      const made = new Receiver({
        accounts: [{ account: receiver.account, keyHex: receiver.key }],
        crypto: options.crypto,
        utcSeconds: () => startSeconds + ((this.clock.nowMs / 1000) | 0),
        onEvent: (event) => this.noteEvent(event, index),
        onFrame: (direction, via, _frame, verdict) => this.tell(name, `${direction} over ${via}: ${verdict}`),
      })
      this.listen(made, receiver.host === RECEIVER_NAME ? RECEIVER_ADDRESS : receiver.host, receiver.port)
      return made
    })
    this.receiver = this.receivers[0]
    this.watch()
    this.table = this.provision(random)
  }

  /** TCP and UDP on one port, as DC-09 asks of a receiver that has both (reporting.md 5.1). */
  private listen(receiver: Receiver, host: string, port: number): void {
    this.network.serve(host, port, (datagram, reply, via) => {
      const bytes = receiver.datagram(datagram.bytes, via)
      if (bytes !== '') reply(replyTo(datagram, bytes))
    })
    this.network.listen(host, port, (connection, via) => {
      const session = receiver.open(via)
      return {
        onData: (bytes) => {
          const reply = session.receive(bytes)
          if (reply !== '') connection.send(reply)
          if (session.isClosed) connection.end()
        },
        onEnd: () => connection.end(),
      }
    })
  }

  private watch(): void {
    this.onlooker.onSight = (sight) => {
      this.trace(sight.atMs, sight.source, sight.what)
      this.onChange()
    }
    this.board.ethernet.onActivity = (what) => this.tell('ethernet', what)
    this.board.modem.onActivity = (what) => this.tell('cellular', what)
    this.board.flash.onOperation = (what) => this.tell('flash', what)
    this.board.onWake = () => this.wake()
  }

  /** As flash.sh does it once: a secret and a salt out of noise, and the codes as keyed hashes. */
  private provision(random: Random): Table {
    const secret = new Uint8Array(SECRET_BYTES)
    const salt = new Uint8Array(SALT_BYTES)
    random.fill(secret)
    random.fill(salt)
    const hal = this.hal()
    const table = this.firmware.makeCodes(hal, secret, salt)
    for (const code of DEMO_CODES) {
      this.firmware.storeCode(table, hal, code.slot, code.digits, code.user, code.isDuress, code.role, code.partitions)
    }
    return table
  }

  private hal(): Hal {
    const hal = this.board.hal()
    return this.work === undefined ? hal : this.work.on(hal)
  }

  /** A line of the trace, now. */
  tell(source: string, what: string): void {
    this.trace(this.clock.nowMs, source, what)
  }

  /** Takes an event into the list of its receiver: one inside, or one that runs over real sockets. */
  noteEvent(event: StationEvent, receiver = 0): void {
    if (receiver > 0) {
      this.others.push({ receiver, event, atMs: this.clock.nowMs })
      if (!this.config.receivers[receiver].isMonitoring) this.tell('phone', eventText(event))
    } else {
      this.station.push(event)
      this.stationAtMs.push(this.clock.nowMs)
    }
    const copy = event.isDuplicate ? ' (copy)' : ''
    const priority = event.isPriority ? ' PRIORITY' : ''
    const sequence = ('000' + event.sequence).slice(-4)
    this.tell(
      receiver === 0 ? 'station' : `receiver ${receiver + 1}`,
      `${eventText(event)} ${event.name}, ${sequence} over ${event.via}${priority}${copy}`,
    )
    this.onChange()
  }

  /** Runs until atMs of virtual time. */
  runTo(atMs: number): void {
    this.isStirred = true
    for (;;) {
      const alarmMs = this.clock.nextAtMs()
      const nextMs = alarmMs < this.dueMs ? alarmMs : this.dueMs
      if (nextMs > atMs) break
      if (nextMs > this.clock.nowMs) this.pollsHere = 0
      if (alarmMs === nextMs) this.isStirred = true
      this.clock.runTo(nextMs)
      if (this.dueMs > this.clock.nowMs) continue
      this.pollPanel()
      if (this.firmware.pass !== undefined && this.dueMs < atMs) this.passQuiet(atMs)
    }
    this.clock.runTo(atMs)
  }

  /** Until the next alarm, or until somebody may change something. */
  private passQuiet(atMs: number): void {
    const { nowMs } = this.clock
    if (this.isStirred) this.lookAround()
    const alarmMs = this.clock.nextAtMs()
    const untilMs = alarmMs < atMs ? alarmMs : atMs
    const { pass } = this.firmware
    if (pass === undefined || this.panel === undefined || this.work !== undefined || this.isWoken) return
    if (this.dueMs <= nowMs || this.dueMs >= untilMs || !this.isSteady) return
    const upMs = pass(this.panel, untilMs - (nowMs - this.board.upMs()), nowMs - this.stillFromMs)
    this.dueMs = this.board.virtualMs(upMs)
  }

  private lookAround(): void {
    const sum = this.board.loopsSum()
    if (sum !== this.loopsSum) this.stillFromMs = this.clock.nowMs
    this.loopsSum = sum
    this.isSteady = this.board.isSteady()
    this.isStirred = false
  }

  /** When something happens next; Infinity when nothing ever will. */
  nextMs(): number {
    const alarmMs = this.clock.nextAtMs()
    return alarmMs < this.dueMs ? alarmMs : this.dueMs
  }

  /** An edge at an input: the firmware is told before it is polled, which is now, or after the poll under way. */
  wake(): void {
    if (this.panel === undefined) return
    this.isWoken = true
    this.due(this.clock.nowMs)
  }

  /** The next poll, when the last one's work is done. */
  private due(atMs: number): void {
    this.dueMs = atMs < this.busyUntilMs ? this.busyUntilMs : atMs
  }

  private pollPanel(): void {
    if (this.panel === undefined || !this.board.isPowered) {
      this.dueMs = Infinity
      return
    }
    if (++this.pollsHere > POLL_LIMIT) throw new Error(`the firmware does not let time pass at ${this.clock.nowMs} ms`)
    if (this.isWoken) this.firmware.wake(this.panel)
    this.isWoken = false
    const upMs = this.firmware.poll(this.panel)
    if (!this.board.isPowered) {
      this.stop()
      return
    }
    if (this.work !== undefined) this.busyUntilMs = this.clock.nowMs + this.work.take()
    this.due(this.isWoken ? this.clock.nowMs : this.board.virtualMs(upMs))
    for (let index = 0; index < 2; index++) {
      const state = STATE_WORDS[this.firmware.pathState(this.panel, index)]
      if (state === this.pathStates[index]) continue
      this.pathStates[index] = state
      this.tell('panel', `${index === 0 ? 'ethernet' : 'cellular'} path ${state}`)
      this.onChange()
    }
  }

  /** What the panel is set to. */
  get settings(): DemoConfig {
    return this.config
  }

  /** State of a path as the firmware sees it: down, ready, opening or open; '' without power. */
  pathState(index: number): string {
    return this.pathStates[index]
  }

  powerOn(): void {
    if (this.board.isPowered) return
    this.tell('power', 'on')
    this.board.powerOn()
    this.panel = this.firmware.create(this.hal(), this.config, this.table, ++this.boots)
    if (!this.board.isPowered) this.stop()
    else this.dueMs = this.clock.nowMs
  }

  powerOff(): void {
    if (!this.board.isPowered) return
    this.board.powerOff()
    this.stop()
  }

  private stop(): void {
    this.tell('power', 'off')
    this.panel = undefined
    this.dueMs = Infinity
    this.pathStates = ['', '']
  }

  /** Types keys at a keypad, one every KEY_STEP_MS from now or from the end of what is still being typed. Returns when it is done. */
  type(keys: string, keypad = 1): number {
    if (this.fingerMs < this.clock.nowMs) this.fingerMs = this.clock.nowMs
    for (let index = 0; index < keys.length; index++) {
      const key = keys.charAt(index)
      this.clock.after(this.fingerMs - this.clock.nowMs, () => {
        this.tell('finger', 'presses a key')
        this.board.keysOf(keypad).press(key, KEY_HOLD_MS)
      })
      this.fingerMs += KEY_STEP_MS
    }
    return this.fingerMs
  }

  /** Mains at the charger. Without it and without a battery the panel goes off, and starts when it is back. */
  setMains(isOn: boolean): void {
    this.tell('premises', `mains ${isOn ? 'on' : 'off'}`)
    this.board.setMains(isOn)
    this.feed()
  }

  /** Open-circuit voltage in V, 0 for none, and internal resistance in ohms. */
  setBattery(volts: number, ohms = 0.1): void {
    this.tell('premises', volts === 0 ? 'battery missing' : `battery ${volts} V`)
    this.board.supply.batteryVolts = volts
    this.board.supply.ohms = ohms
    this.feed()
  }

  private feed(): void {
    if (!this.board.supply.feeds()) {
      this.isStarved = this.board.isPowered
      this.powerOff()
    } else if (this.isStarved) {
      this.isStarved = false
      this.powerOn()
    }
  }

  setBoxOpen(isOpen: boolean): void {
    this.tell('premises', `box ${isOpen ? 'opens' : 'closes'}`)
    this.board.setBoxOpen(isOpen)
  }

  setSirenLoop(state: 'ok' | 'open' | 'short'): void {
    this.tell('premises', `siren circuit ${state}`)
    this.board.sirenLoop.state = state
  }

  setZone(zone: number, isOpen: boolean): void {
    this.tell('premises', `zone ${zone + 1} ${isOpen ? 'opens' : 'closes'}`)
    this.board.setZone(zone, isOpen)
  }

  /** Cable in or out, coverage there or gone. */
  setLink(via: string, isUp: boolean): void {
    this.tell('world', `${via} ${isUp ? 'restored' : 'cut'}`)
    this.nic(via).setLink(isUp)
  }

  /** What lies behind the link: packets vanish while it is broken. */
  setInternet(via: string, isUp: boolean): void {
    this.tell('world', `internet behind ${via} ${isUp ? 'mended' : 'broken'}`)
    this.nic(via).setInternet(isUp)
  }

  private nic(via: string): BreakableNic {
    return via === 'ethernet' ? this.nics.ethernet : this.nics.cellular
  }
}

/** The settings' pins, and the output that loads the battery. */
function wiringOf({ pins, outputs, keypads, zones, loopSupply, keypad }: DemoConfig): Wiring {
  const at = outputs?.follows.indexOf(BATTERY_LOAD) ?? -1
  return {
    ...pins,
    ...(at < 0 ? {} : { batteryLoad: outputs?.pins[at] }),
    ...(outputs === undefined ? {} : { outputs: outputs.pins }),
    ...(keypads === undefined ? {} : { keypads }),
    ...(keypad === undefined ? {} : { keypad }),
    ...(zones.loops === undefined ? {} : { loops: zones.loops, loopSupply }),
  }
}

/** '1121 01 003', as Contact ID has it. */
export function eventText(event: StationEvent): string {
  return `${event.qualifier}${event.code} ${('0' + event.partition).slice(-2)} ${('00' + event.number).slice(-3)}`
}
