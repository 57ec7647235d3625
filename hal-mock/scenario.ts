/**
 * Runs a scenario: steps and expectations in order of time, against a simulator. Knows nothing of files; programs/
 * scenario-file.ts turns text into what stands here. Runs in the interpreter as well as on Node.
 */

import { DEMO_CODES, WRONG_DIGITS } from './demo'
import type { Mode } from './receiver'
import { eventText, type Simulator } from './simulator'

/** One line of a scenario. when: 'at' an instant, 'by' a latest time, 'during' a whole span. */
export interface Step {
  line: number
  text: string
  when: 'at' | 'by' | 'during'
  atMs: number
  /** End of a span. */
  untilMs: number
  verb: string
  /** What the verb needs: words and numbers as strings. */
  args: string[]
}

export interface Scenario {
  name: string
  title: string
  seed: number
  limitMs: number
  /** How this panel differs from the demo's: PANEL_WORDS of scenario-world.ts. */
  panel: string[]
  steps: Step[]
}

export interface Failure {
  line: number
  text: string
  atMs: number
  found: string
}

export interface Outcome {
  failures: Failure[]
  /** Expectations that held. */
  passed: number
  /** Expectations of a station that cannot be asked. */
  notJudged: number
  /** True when steps were left at the limit. */
  ranPastLimit: boolean
}

/** From the last digit until a mode key may follow: reaction 400 ms and a finger's pause. */
const MODE_KEY_PAUSE_MS = 800

/** One line of a trace. at: virtual ms. */
export interface TraceLine {
  at: number
  source: string
  what: string
}

/** Its text, the same to the byte wherever it is made. */
export function traceLine(atMs: number, source: string, what: string): string {
  const line: TraceLine = { at: atMs, source, what }
  return JSON.stringify(line)
}

type AnySimulator = Simulator<unknown, unknown>

/** What acts for the words about the network and about a receiver's ways (scenario-world.ts). */
export interface Faults {
  act(args: string[]): void
}

/** What is different about a run over real sockets, and what a run on Node has more than one in the interpreter. */
export interface World {
  /** What 'receiver silent' and its like act upon; the receiver inside when left out. */
  receiver?: { mode: Mode }
  /** Without it a story that has such words cannot be run. */
  faults?: Faults
  /** False: what the station has is not known here, so nothing about it is judged. */
  hasStation?: boolean
  /** Told of each 'snapshot', by its name. */
  onSnapshot?: (name: string) => void
}

/** What somebody or the world does, now. Throws for words that nothing acts for. */
export function act({ verb, args }: Pick<Step, 'verb' | 'args'>, simulator: AnySimulator, world: World): void {
  switch (verb) {
    case 'press':
      simulator.type(args.join(''))
      return
    case 'enter':
      simulator.type(digitsOf(args[0]))
      return
    case 'arm': {
      const doneMs = simulator.type(digitsOf(args[0]))
      simulator.clock.after(doneMs - simulator.clock.nowMs + MODE_KEY_PAUSE_MS, () => simulator.type(args[1] + '#'))
      return
    }
    case 'zone':
      simulator.setZone(+args[0] - 1, args[1] === 'open')
      return
    case 'link':
      simulator.setLink(args[0], args[1] === 'restore')
      return
    case 'internet':
      simulator.setInternet(args[0], args[1] === 'mend')
      return
    case 'power':
      if (args[0] === 'restore') simulator.powerOn()
      else simulator.powerOff()
      return
    case 'receiver':
      if (world.receiver !== undefined) world.receiver.mode = args[0] as Mode
      else simulator.receiver.mode = args[0] as Mode
      return
    case 'snapshot':
      if (world.onSnapshot !== undefined) world.onSnapshot(args[0])
      return
    case 'world':
      if (world.faults === undefined) throw new Error('nothing here acts for: ' + args.join(' '))
      simulator.tell('world', args.join(' '))
      world.faults.act(args)
      return
    default:
      throw new Error('no such step: ' + verb)
  }
}

/** A run that can be moved on bit by bit; live runs do so in real time. */
export class ScenarioRun {
  readonly outcome: Outcome = { failures: [], passed: 0, notJudged: 0, ranPastLimit: false }
  private next = 0
  /** Expectations that are being watched: 'by' until they hold, 'during' until they do not. */
  private watched: Step[] = []
  private receiver: { mode: Mode }
  private hasStation: boolean

  constructor(
    private simulator: AnySimulator,
    readonly scenario: Scenario,
    private world: World = {},
  ) {
    this.receiver = world.receiver ?? simulator.receiver
    this.hasStation = world.hasStation ?? true
    simulator.onChange = () => this.lookAtWatched()
    simulator.powerOn()
  }

  isDone(): boolean {
    return this.next >= this.scenario.steps.length && this.watched.length === 0
  }

  /** Steps and expectations that are still to come. */
  leftCount(): number {
    return this.scenario.steps.length - this.next + this.watched.length
  }

  /** Runs the world to atMs of virtual time, doing and checking what comes due. */
  advanceTo(atMs: number): void {
    const steps = this.scenario.steps
    while (!this.isDone()) {
      let stopMs = this.next < steps.length ? steps[this.next].atMs : Infinity
      for (const step of this.watched) if (step.untilMs < stopMs) stopMs = step.untilMs
      if (stopMs > atMs || stopMs > this.scenario.limitMs) break
      this.simulator.runTo(stopMs)
      this.lookAtWatched()
      while (this.next < steps.length && steps[this.next].atMs <= this.simulator.clock.nowMs)
        this.begin(steps[this.next++])
    }
    if (this.isDone()) return
    const endMs = atMs < this.scenario.limitMs ? atMs : this.scenario.limitMs
    this.simulator.runTo(endMs)
    if (endMs >= this.scenario.limitMs) this.outcome.ranPastLimit = true
  }

  private begin(step: Step): void {
    if (step.verb !== 'expect') {
      act(step, this.simulator, { ...this.world, receiver: this.receiver })
      return
    }
    if (step.when !== 'at') {
      this.watched.push(step)
      this.lookAtWatched()
      return
    }
    this.judge(step)
  }

  /** Called at each change of what can be expected, and when the time of a watched expectation is over. */
  private lookAtWatched(): void {
    if (this.watched.length === 0) return
    const nowMs = this.simulator.clock.nowMs
    const left: Step[] = []
    for (const step of this.watched) {
      // What cannot be judged is waited for all the same: the run goes on for as long as with a station.
      const isDecided = this.canJudge(step) && this.holds(step.args) === (step.when === 'by')
      if (isDecided || nowMs >= step.untilMs) this.judge(step)
      else left.push(step)
    }
    this.watched = left
  }

  private canJudge(step: Step): boolean {
    return this.hasStation || step.args[0] !== 'station'
  }

  private judge(step: Step): void {
    if (!this.canJudge(step)) this.outcome.notJudged++
    else if (this.holds(step.args)) this.outcome.passed++
    else {
      const found = this.describe(step.args)
      this.outcome.failures.push({ line: step.line, text: step.text, atMs: this.simulator.clock.nowMs, found })
    }
  }

  /** True when what an expectation says is so now. */
  private holds(args: string[]): boolean {
    const now = this.simulator.onlooker.now
    switch (args[0]) {
      case 'text':
        return now.text.includes(args[1])
      case 'siren':
      case 'light':
      case 'buzzer':
        return now[args[0]] === args[1]
      case 'path':
        return this.pathWord(args[1]) === args[2]
      case 'station':
        return this.stationHolds(args)
      default:
        throw new Error('no such expectation: ' + args[0])
    }
  }

  /** A path is up from when it could be opened; without power, or before the firmware's first look, it is down. */
  private pathWord(via: string): string {
    const state = this.simulator.pathState(via === 'ethernet' ? 0 : 1)
    return state === 'down' || state === '' ? 'down' : 'up'
  }

  /** args: 'station', what, event or events; what is has, lacks, once, first, order or nothing. */
  private stationHolds(args: string[]): boolean {
    const heard = this.heard()
    switch (args[1]) {
      case 'nothing':
        return heard.length === 0
      case 'has':
        return heard.some((entry) => matches(entry, args[2], args[3]))
      case 'lacks':
        return !heard.some((entry) => matches(entry, args[2], args[3]))
      case 'once':
        return heard.filter((entry) => !entry.isCopy && matches(entry, args[2], args[3])).length === 1
      case 'first':
        return heard.length > 0 && matches(heard[0], args[2], args[3])
      default: {
        // order: the events named come in this order; others may stand between them.
        let at = 0
        for (const entry of heard) if (at < args.length - 2 && !entry.isCopy && matches(entry, args[at + 2], '')) at++
        return at === args.length - 2
      }
    }
  }

  private heard(): { text: string; via: string; isCopy: boolean }[] {
    return this.simulator.station.map((event) => ({
      text: eventText(event),
      via: event.via,
      isCopy: event.isDuplicate,
    }))
  }

  private describe(args: string[]): string {
    if (args[0] === 'path')
      return `the path is ${this.simulator.pathState(args[1] === 'ethernet' ? 0 : 1) || 'without power'}`
    if (args[0] !== 'station') return `${args[0]} is ${this.simulator.onlooker.now[args[0]]}`
    const heard = this.heard().map((entry) => `${entry.text} over ${entry.via}${entry.isCopy ? ' (copy)' : ''}`)
    return heard.length === 0 ? 'the station has nothing' : `the station has ${heard.join('; ')}`
  }
}

/** An event as named in a scenario: '1121', '1121 01' or '1121 01 003'. */
function matches(entry: { text: string; via: string }, wanted: string, via: string): boolean {
  return entry.text.startsWith(wanted) && (via === '' || entry.via === via)
}

function digitsOf(name: string): string {
  if (name === 'wrong code') return WRONG_DIGITS
  const code = DEMO_CODES.find((entry) => entry.name === name)
  if (code === undefined) throw new Error('no such code: ' + name)
  return code.digits
}
