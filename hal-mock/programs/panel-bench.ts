/**
 * What `npm start` runs: the demo panel on the bench, its world as the keyboard changes it, and what the station has
 * heard. Wall time comes in as an argument. Which keys were pressed is kept nowhere: only when the last one was.
 */

import { demoConfig } from '../demo'
import type { BreakableNic } from '../network'
import type { StationEvent } from '../receiver'
import { Simulator } from '../simulator'
import { nodeCrypto } from './node-crypto'
import { panelFirmware, pathFigures } from './panel-firmware'
import type { Action } from './panel-keys'
import { type Heard, timeOfDay, type View } from './panel-screen'

export interface BenchOptions {
  seed: number
  /** Right end of the screen's title. */
  place: string
  /** Real sockets instead of the virtual network; then the caller brings the station's events to hear(). */
  nics?: { ethernet: BreakableNic; cellular: BreakableNic }
  onTrace?: (atMs: number, source: string, what: string) => void
  onHeard?: (heard: Heard) => void
}

const SPEEDS = [1, 10, 60]
/** A modem takes some 20 s to be ready; later than this the first screen comes without it. */
const BOOT_LIMIT_MS = 60000
const BOOT_STEP_MS = 1000
/** The host slept or was busy: more wall time than this between two calls does not count. */
const WALL_STEP_LIMIT_MS = 250
/** Keys that may wait for the finger: what comes faster, such as a key held down, is dropped. */
const TYPE_AHEAD_MS = 4000
/** The panel evaluates no burglary zone for this long after a restart (P-3). */
const HOLD_OFF_MS = 60000
const HEARD_LIMIT = 100
const ACTIVITY_LIMIT = 8
const ACTIVITY_SOURCES = ['ethernet', 'cellular', 'flash']

export class PanelBench {
  readonly simulator: Simulator<unknown, unknown>
  readonly heard: Heard[] = []
  isHelp = true
  speed = 1

  private virtualMs = 0
  private lastKeyMs = Number.NEGATIVE_INFINITY
  private typedUntilMs = 0
  private holdOffUntilMs = 0
  private heardCount = 0
  private activity: string[] = []
  private isOpen = [false, false]
  private hasCable = true
  private hasInternet = true
  private hasCoverage = true

  constructor(private options: BenchOptions) {
    this.simulator = new Simulator({
      firmware: panelFirmware,
      config: demoConfig(),
      crypto: nodeCrypto,
      seed: options.seed,
      nics: options.nics,
      onTrace: (atMs, source, what) => this.trace(atMs, source, what),
    })
    this.simulator.onChange = () => this.listen()
  }

  /** Powers the panel and passes the time until both paths are up. */
  start(): void {
    const simulator = this.simulator
    simulator.powerOn()
    const isDown = (path: number) => !/^(ready|opening|open)$/.test(simulator.pathState(path))
    while (this.virtualMs < BOOT_LIMIT_MS && (isDown(0) || isDown(1))) this.runFor(BOOT_STEP_MS)
  }

  /** Moves virtual time on by ms. */
  runFor(ms: number): void {
    this.virtualMs += ms
    this.simulator.runTo(this.virtualMs)
  }

  /** Moves virtual time on by wall time at the present speed. */
  advance(wallMs: number): void {
    this.runFor(Math.min(wallMs, WALL_STEP_LIMIT_MS) * this.speed)
  }

  /** Does what a key asks for; 'quit' is the caller's. Every key but 'faster' brings back real time. */
  act(action: Action): void {
    if (action.verb === 'faster') this.speed = SPEEDS[(SPEEDS.indexOf(this.speed) + 1) % SPEEDS.length]
    else {
      this.speed = 1
      if (action.verb === 'help') this.isHelp = !this.isHelp
      else this.change(action)
    }
  }

  private change(action: Action): void {
    const simulator = this.simulator
    switch (action.verb) {
      case 'press':
        if (this.typedUntilMs - simulator.clock.nowMs < TYPE_AHEAD_MS) this.typedUntilMs = simulator.type(action.key)
        return
      case 'door':
      case 'window': {
        const zone = action.verb === 'door' ? 0 : 1
        this.isOpen[zone] = !this.isOpen[zone]
        simulator.setZone(zone, this.isOpen[zone])
        return
      }
      case 'cable':
        this.hasCable = !this.hasCable
        simulator.setLink('ethernet', this.hasCable)
        return
      case 'internet':
        this.hasInternet = !this.hasInternet
        simulator.setInternet('ethernet', this.hasInternet)
        return
      case 'coverage':
        this.hasCoverage = !this.hasCoverage
        simulator.setLink('cellular', this.hasCoverage)
        return
      case 'power':
        if (simulator.board.isPowered) simulator.powerOff()
        else {
          simulator.powerOn()
          this.holdOffUntilMs = simulator.clock.nowMs + HOLD_OFF_MS
        }
        return
      default:
        return
    }
  }

  /** An event that the station accepted just now. It ends the fast forward: this is what one waits for. */
  hear(event: StationEvent): void {
    const atMs = this.simulator.clock.nowMs
    const heard = { atMs, event, afterKeyMs: atMs - this.lastKeyMs }
    this.speed = 1
    this.heard.push(heard)
    if (this.heard.length > HEARD_LIMIT) this.heard.shift()
    this.options.onHeard?.(heard)
  }

  /** What the screen shows now. */
  view(): View {
    const simulator = this.simulator
    const now = simulator.onlooker.now
    const names = demoConfig().zones.names.split('\n')
    return {
      nowMs: simulator.clock.nowMs,
      speed: this.speed,
      place: this.options.place,
      isHelp: this.isHelp,
      isPowered: simulator.board.isPowered,
      holdOffUntilMs: this.holdOffUntilMs,
      display: now.text.split('|'),
      isLit: now.light === 'on',
      isSiren: now.siren === 'on',
      isBuzzer: now.buzzer === 'on',
      zones: names.map((name, index) => ({ name, isOpen: this.isOpen[index] })),
      paths: [
        {
          name: 'ethernet',
          state: simulator.pathState(0),
          isLinked: this.hasCable,
          isBroken: !this.hasInternet,
          figures: pathFigures(simulator.panel, 0),
        },
        {
          name: 'cellular',
          state: simulator.pathState(1),
          isLinked: this.hasCoverage,
          isBroken: false,
          figures: pathFigures(simulator.panel, 1),
        },
      ],
      heard: this.heard,
      activity: this.activity,
    }
  }

  private listen(): void {
    const station = this.simulator.station
    while (this.heardCount < station.length) this.hear(station[this.heardCount++])
  }

  private trace(atMs: number, source: string, what: string): void {
    if (source === 'finger') this.lastKeyMs = atMs
    if (ACTIVITY_SOURCES.includes(source)) {
      this.activity.push(
        `${timeOfDay(atMs)}.${String(Math.floor(atMs) % 1000).padStart(3, '0')} ${source.padEnd(8)} ${what}`,
      )
      if (this.activity.length > ACTIVITY_LIMIT) this.activity.shift()
    }
    this.options.onTrace?.(atMs, source, what)
  }
}
