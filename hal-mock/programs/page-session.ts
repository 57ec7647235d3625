/**
 * What runs behind the page: one bench with its time, its inputs and its past. Everything that the page shows is asked of it;
 * the page keeps nothing of a panel. Wall time comes in as an argument.
 *
 * A run is its inputs. To go back is to stand at an earlier moment of the same inputs; whoever does something there forgets
 * those that came later, and time runs on as it had not before.
 */

import type { BreakableNic } from '../network'
import type { StationEvent } from '../receiver'
import type { Scenario } from '../scenario'
import { PANEL_WORDS, panelProblem } from '../scenario-world'
import { decodeMark, type Wires, wires } from './page-look'
import { Refusal } from './page-messages'
import { Past } from './page-past'
import type { Decoded, Speed, StoryView, View } from './page-protocol'
import { Record } from './page-record'
import { judge } from './page-story'
import { seen } from './page-view'
import { type Input, inputOf, type Setup, World } from './page-world'

export interface SessionOptions {
  setup: Setup
  /** Real sockets: then there is no way back, and nothing that plays a moment again. */
  live?: { nics: { ethernet: BreakableNic; cellular: BreakableNic }; place: string }
}

/** A modem takes some 20 s to be ready; later than this the first view comes without it. */
const BOOT_LIMIT_MS = 60000
const BOOT_STEP_MS = 1000
/** The host slept or was busy: more wall time than this between two calls does not count. */
const WALL_STEP_LIMIT_MS = 250
/** Work in one call while time runs as fast as it can, and how much virtual time passes between two looks at the clock. */
const FAST_WORK_MS = 18
const FAST_STEP_MS = 20000
/** And work at the past beside it, so that there is a way back when it stops. */
const FAST_PAST_MS = 6
/** Until a run has taken so much real time, it waits for worlds in its past: a day, also a busy one. Each of them costs more than the one before. */
const WAIT_WORK_MS = 2000
/** Without anything to notice a step ends after this. */
const STEP_LIMIT_MS = 3600000
/** Work at the past in one call, while there is nothing else to do. */
const PAST_WORK_MS = 12
const AHEAD_LIMIT_MS = 86400000
/** Keys that may wait for the finger: what comes faster, such as a key held down, is dropped. */
const TYPE_AHEAD_MS = 4000
const KEY_MS = 200

export class Session {
  record = new Record()
  story: StoryView | undefined
  /** Told which mark is the first that is no longer so. */
  onCut: (nextId: number) => void = () => {}
  /** Counts panels, so that a reader knows when all that it has is of another one. */
  generation = 0
  private setup: Setup
  private inputs: Input[] = []
  private world: World
  private past: Past
  private speed: Speed = 1
  private stepUntilMs = -1
  private endMs = 0
  private wentMs = -1
  private restMs = 0
  private typedUntilMs = 0
  private heardCount = 0

  constructor(private options: SessionOptions) {
    this.setup = options.setup
    this.past = this.makePast()
    this.world = this.begin()
    this.boot()
  }

  private makePast(): Past {
    return new Past(this.setup, () => this.inputs)
  }

  private begin(): World {
    const world = new World(this.setup, this.options.live?.nics)
    world.listen(this.record.listener())
    world.powerOn()
    return world
  }

  /** Passes the time until both paths are up. */
  private boot(): void {
    const isDown = (path: number) => !/^(ready|opening|open)$/.test(this.world.simulator.pathState(path))
    while (this.world.nowMs < BOOT_LIMIT_MS && (isDown(0) || isDown(1))) this.runTo(this.world.nowMs + BOOT_STEP_MS)
    this.heardCount = this.world.simulator.station.length
  }

  /** Another panel, switched on just now. Throws Refusal. */
  renew(seed: number, panel: string[]): void {
    const wrong = panel.find((word) => !PANEL_WORDS.includes(word))
    if (wrong !== undefined) throw new Refusal(`no such panel: use some of ${PANEL_WORDS.join(', ')}`)
    const problem = panelProblem(panel)
    if (problem !== '') throw new Refusal(problem)
    if (this.options.live !== undefined) throw new Refusal('the live bench has one panel: start without --live')
    this.reset({ seed, panel: PANEL_WORDS.filter((word) => panel.includes(word)) })
    this.boot()
  }

  /** Plays a scenario's actions, and says at once what came of its expectations. A failure is gone to. */
  load(scenario: Scenario, text: string): void {
    if (this.options.live !== undefined)
      throw new Refusal('a story needs the virtual network here: start without --live')
    this.story = judge(scenario, text)
    this.reset({ seed: scenario.seed, panel: scenario.panel })
    this.inputs = scenario.steps
      .filter((step) => step.verb !== 'expect')
      .map(({ atMs, text: line, verb, args }) => ({
        atMs,
        verb,
        args,
        line: line.replace(/^at\s+\S+?(\s+(ms|s|min|h))?\s+/, ''),
      }))
    const failed = this.story.lines.find((line) => line.found !== '')
    this.speed = failed === undefined ? 1 : 0
    if (failed !== undefined) this.go(failed.failedAtMs)
  }

  private reset(setup: Setup): void {
    this.setup = setup
    this.inputs = []
    this.record = new Record()
    this.generation++
    this.past = this.makePast()
    this.endMs = 0
    this.speed = 1
    this.stepUntilMs = -1
    this.typedUntilMs = 0
    this.heardCount = 0
    this.world = this.begin()
  }

  /** Does what a line of a scenario says, now. Throws ScenarioProblem. */
  act(line: string): void {
    const input = inputOf(line, this.world.nowMs, this.setup)
    if (input.verb === 'press') {
      if (this.typedUntilMs - this.world.nowMs > TYPE_AHEAD_MS) return
      this.typedUntilMs = Math.max(this.typedUntilMs, this.world.nowMs) + KEY_MS * input.args.length
    }
    if (this.options.live !== undefined && (input.verb === 'receiver' || input.verb === 'world')) {
      throw new Refusal('over real sockets there is no virtual network to change: start without --live')
    }
    this.stepUntilMs = -1
    if (this.speed !== 0) this.speed = 1
    this.fork()
    // Two inputs never share an instant: between them everything happens that the first one causes at once.
    if ((this.inputs.at(-1)?.atMs ?? -1) >= this.world.nowMs) this.runTo(this.world.nowMs + 1)
    this.inputs.push({ ...input, atMs: this.world.nowMs })
    this.runTo(this.world.nowMs)
  }

  /** Forgets what came later. */
  private fork(): void {
    this.inputs.length = this.world.doneCount
    this.endMs = this.world.nowMs
    this.record.cut(this.world.nowMs)
    this.onCut(this.record.nextId)
    this.past.fork(this.world.nowMs, this.world.workMs)
    if (this.story !== undefined && this.story.endMs > this.world.nowMs) this.story = undefined
  }

  /** The panel's time of day, for a station that runs over real sockets. */
  utcSeconds(): number {
    return this.world.simulator.board.utcSeconds()
  }

  /** An event that such a station accepted. */
  hear(event: StationEvent): void {
    this.world.simulator.noteEvent(event)
  }

  run(speed: Speed): void {
    if (speed === 'max') this.refuseLive('runs faster than it is')
    this.speed = speed
    this.stepUntilMs = -1
    this.restMs = 0
  }

  step(): void {
    this.speed = 0
    this.stepUntilMs = this.world.nowMs + STEP_LIMIT_MS
  }

  /** Stands at atMs from now on, and stands still. Throws Refusal. */
  go(atMs: number): void {
    const to = Math.floor(atMs)
    if (to - this.endMs > AHEAD_LIMIT_MS) throw new Refusal('that is more than a day ahead')
    if (to < this.world.nowMs) this.refuseLive('goes back')
    const beganMs = performance.now()
    this.speed = 0
    this.stepUntilMs = -1
    if (this.options.live === undefined) {
      this.past.park(this.world)
      const knownMs = Math.min(to, this.endMs)
      this.world = this.past.take(knownMs)
      this.record.again(knownMs, this.endMs)
      this.world.listen(this.record.listener())
      this.heardCount = this.world.simulator.station.length
      this.typedUntilMs = 0
    }
    this.runTo(to)
    this.wentMs = performance.now() - beganMs
  }

  /** Moves on by wall time. Returns false when there is nothing to do until somebody asks for something. */
  tick(wallMs: number): boolean {
    if (this.stepUntilMs >= 0) this.runStep()
    else if (this.speed === 'max') this.runFast()
    else if (this.speed > 0) {
      const ms = Math.min(wallMs, WALL_STEP_LIMIT_MS) * this.speed + this.restMs
      this.restMs = ms % 1
      this.runTo(this.world.nowMs + Math.floor(ms))
      // What one waits for has come: from here on it is watched.
      if (this.world.simulator.station.length > this.heardCount) this.speed = 1
    }
    this.heardCount = this.world.simulator.station.length
    const isBusy = this.speed === 'max' || this.stepUntilMs >= 0
    if (isBusy || this.options.live !== undefined) return true
    return this.past.work(PAST_WORK_MS) || this.speed !== 0
  }

  private runFast(): void {
    const isLive = this.options.live !== undefined
    if (!isLive && this.world.workMs < WAIT_WORK_MS && this.past.isBehind) {
      this.past.work(FAST_WORK_MS + FAST_PAST_MS)
      return
    }
    const endMs = performance.now() + FAST_WORK_MS
    while (performance.now() < endMs) this.runTo(this.world.nowMs + FAST_STEP_MS)
    if (!isLive) this.past.work(FAST_PAST_MS)
  }

  private runStep(): void {
    const { record, world } = this
    const before = record.noticed
    const endMs = performance.now() + FAST_WORK_MS
    while (performance.now() < endMs) {
      const nextInputMs = this.inputs[world.doneCount]?.atMs ?? Infinity
      const nextMs = Math.min(world.simulator.nextMs(), nextInputMs, this.stepUntilMs)
      this.runTo(nextMs)
      if (record.noticed === before && nextMs < this.stepUntilMs) continue
      this.stepUntilMs = -1
      return
    }
  }

  private runTo(atMs: number): void {
    const { past, world } = this
    // On a long way there are posts too.
    while (atMs - world.nowMs > FAST_STEP_MS) {
      world.runTo(world.nowMs + FAST_STEP_MS, this.inputs)
      past.pass(world)
    }
    world.runTo(atMs, this.inputs)
    past.pass(world)
    if (this.world.nowMs > this.endMs) this.endMs = this.world.nowMs
  }

  view(): View {
    const { inputs, world, past } = this
    const now = seen(world, inputs.slice(0, world.doneCount), this.record)
    return {
      ...now,
      endMs: this.endMs,
      speed: this.speed,
      isStepping: this.stepUntilMs >= 0,
      place: this.options.live?.place ?? '',
      laterCount: inputs.length - world.doneCount,
      snapshots: inputs.filter(({ verb }) => verb === 'snapshot').map(({ args, atMs }) => ({ name: args[0], atMs })),
      wentMs: Math.round(this.wentMs),
      ...past.figures,
    }
  }

  /** What was done until now, and when now is: what a file needs to play it again. Nothing is left to happen at that instant. */
  history(): { setup: Setup; inputs: Input[]; untilMs: number; world: World } {
    this.refuseLive('is played again')
    // A later input may come with the next ms, and then that ms is not over either.
    while ((this.inputs[this.world.doneCount - 1]?.atMs ?? -1) >= this.world.nowMs) this.runTo(this.world.nowMs + 1)
    return {
      setup: this.setup,
      inputs: this.inputs.slice(0, this.world.doneCount),
      untilMs: this.world.nowMs,
      world: this.world,
    }
  }

  /** Throws Refusal when there is no such mark, or nothing in it. */
  bytes(id: number): Decoded {
    const entry = this.record.entry(id)
    if (entry === undefined || entry.bytes === '') throw new Refusal('nothing to decode there')
    return decodeMark(entry, this.world.simulator.settings.receivers[0].key)
  }

  /** What the pins and the W5500's bus did: played again for that stretch, because it is too much to keep. Throws Refusal. */
  wires(fromMs: number, untilMs: number): Wires {
    this.refuseLive('is played again')
    return wires(this.past, this.inputs, fromMs, untilMs, this.endMs)
  }

  private refuseLive(what: string): void {
    if (this.options.live !== undefined) throw new Refusal(`nothing ${what} over real sockets: start without --live`)
  }
}
