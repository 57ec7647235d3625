import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as clock from '../../../firmware/clock'
import type { Hal } from '../../../firmware/hal'
import { crc16 } from '../../../firmware/report/crc16'
import * as dc09 from '../../../firmware/report/dc09'
import * as journal from '../../../firmware/store/journal'
import * as dispatcher from '../../../firmware/transmit/dispatcher'
import * as lanes from '../../../firmware/transmit/lanes'
import type { Path } from '../../../firmware/transmit/path'
import * as queue from '../../../firmware/transmit/queue'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'
import { takersOf } from '../takers'

/**
 * Queue, journal and dispatcher against a list: whatever paths, receivers and the supply do, what was accepted arrives at
 * every receiver that is for it, once by its number, in the order that reporting.md §2.1 asks for.
 */

const DOWN = 0
const READY = 1
const OPENING = 2
const OPEN = 3
const DURESS = 121
/** Code, qualifier. A restore and its alarm are about the same thing. */
const KINDS: [number, number][] = [
  [DURESS, 1],
  [110, 1],
  [131, 1],
  [131, 3],
  [301, 1],
  [401, 1],
  [406, 1],
  [570, 1],
]
const ROUND_TRIP_MS = 60
const CALM_MS = 400000
/** The station with both paths, and a receiver that must never get 121 on the primary. */
const LANES = new Uint8Array([3, 1])
const TAKERS = takersOf([1, 3, 3, 3, 3])

type Answer = 'ack' | 'silent' | 'duh' | 'nak'

interface Event {
  sequence: number
  code: number
  qualifier: number
  number: number
}

/** What should be. */
interface Model {
  accepted: Event[]
}

interface Heard {
  receiver: number
  lane: number
  text: string
  sequence: number
}

/** The real parts on two paths that are the bench's. */
class World {
  nowMs = 0
  heard: Heard[] = []
  answers: Answer[] = ['ack', 'ack']
  isAlive = [true, true]
  flash = new FlashChip()
  q!: queue.Queue
  d!: dispatcher.Dispatcher
  private isCut = false

  constructor() {
    this.flash.onCut = () => {
      this.isCut = true
    }
    this.powerOn()
  }

  powerOn(): void {
    this.flash.cutAtOperation = 0
    this.flash.revive()
    this.isCut = false
    const random = new Random(1)
    const hal = {
      clock: { nowMs: () => this.nowMs, utcSeconds: () => 1767600000 + ((this.nowMs / 1000) | 0) },
      flash: this.flash,
      crypto: nodeCrypto,
      random,
    } as unknown as Hal
    this.q = queue.create(this.flash, nodeCrypto, TAKERS, LANES)
    this.d = dispatcher.create(hal, this.q, clock.create(), 7, 0)
    for (let index = 0; index < 2; index++) {
      const lane = dispatcher.addLane(this.d, this.path(index))
      for (let receiver = 0; receiver < 2; receiver++) {
        const link = dc09.create('1234', new Uint8Array(0), 'R0', 'L0', nodeCrypto, random)
        const isHere = (LANES[receiver] >> index) & 1
        lane.atps.push(isHere ? lanes.atp(receiver, receiver, link, 0, 0, new Uint32Array(7)) : undefined)
      }
    }
  }

  private path(index: number): Path {
    let due: { atMs: number; act: () => void }[] = []
    let inbox = ''
    let target = 0
    const later = (ms: number, act: () => void) => due.push({ atMs: this.nowMs + ms, act })
    const path = {
      state: READY as 0 | 1 | 2 | 3,
      replyTimeoutMs: index === 0 ? 5000 : 15000,
      timeSeconds: 0,
      timeAtMs: 0,
      open: (_path: Path, to: number) => {
        target = to
        path.state = OPENING
        if (this.isAlive[index]) later(ROUND_TRIP_MS, () => (path.state = OPEN))
        else later(14000, () => (path.state = READY))
      },
      send: (_path: Path, frame: string) => {
        if (!this.isAlive[index]) return true
        later(ROUND_TRIP_MS, () => {
          inbox += this.answer(target, index, frame)
        })
        return true
      },
      receive: () => {
        const bytes = inbox
        inbox = ''
        return bytes
      },
      close: () => {
        due = []
        inbox = ''
        if (path.state !== DOWN) path.state = READY
      },
      poll: () => {
        for (const entry of due.filter((one) => one.atMs <= this.nowMs)) entry.act()
        due = due.filter((one) => one.atMs > this.nowMs)
        return Math.min(Number.POSITIVE_INFINITY, ...due.map((one) => one.atMs))
      },
    }
    return path
  }

  private answer(receiver: number, lane: number, frame: string): string {
    const answer = this.answers[receiver]
    if (answer === 'silent') return ''
    const [, sequence, text] = /"(\d{4})R0L0#1234\[#1234\|([^\]]*)\]/.exec(frame) as RegExpExecArray
    if (answer === 'nak') return framed('"NAK"0000R0L0A0[]')
    if (answer === 'duh') return framed(`"DUH"${sequence}R0L0#1234[]`)
    this.heard.push({ receiver, lane, text, sequence: Number(sequence) })
    return framed(`"ACK"${sequence}R0L0#1234[]`)
  }

  /** Accepts an event: true when its record is in flash. */
  accept(code: number, qualifier: number, number: number): number {
    const j = this.q.journal
    journal.begin(j, 1767600000)
    journal.put(j, 0, 1, code, qualifier, 1, number)
    const location = journal.commit(j)
    if (this.isCut) return 0
    queue.add(this.q, location)
    dispatcher.wake(this.d)
    return j.sequence
  }

  runFor(ms: number): void {
    const endMs = this.nowMs + ms
    for (let polls = 0; !this.isCut; polls++) {
      if (polls > 20000) throw new Error(`stuck at ${this.nowMs}`)
      const dueMs = dispatcher.poll(this.d, this.nowMs)
      while (!this.isCut && journal.maintain(this.q.journal, (from, to) => queue.moved(this.q, from, to)));
      if (dueMs >= endMs) break
      this.nowMs = Math.max(dueMs, this.nowMs + 1)
    }
    this.nowMs = endMs
    if (this.isCut) this.powerOn()
  }
}

function framed(body: string): string {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')
  return `\n${hex(crc16(nodeCrypto, body, 0))}${hex(body.length)}${body}\r`
}

const textOf = (event: Event) => `${event.qualifier}${event.code} 01 ${String(event.number).padStart(3, '0')}`

type Step = fc.Command<Model, World>

class Happens implements Step {
  constructor(
    readonly kind: number,
    readonly number: number,
    readonly cutAfter: number,
  ) {}
  check = (model: Readonly<Model>) => model.accepted.length < 55
  run(model: Model, world: World): void {
    const [code, qualifier] = KINDS[this.kind]
    if (this.cutAfter >= 0) {
      world.flash.cutAtOperation = 1
      world.flash.cutAfterBytes = this.cutAfter
    }
    const sequence = world.accept(code, qualifier, this.number)
    if (sequence > 0) model.accepted.push({ sequence, code, qualifier, number: this.number })
    world.runFor(1)
  }
  toString = () =>
    `event ${KINDS[this.kind].join('/')} ${this.number}${this.cutAfter < 0 ? '' : ` cut ${this.cutAfter}`}`
}

class Passes implements Step {
  constructor(readonly ms: number) {}
  check = () => true
  run = (_model: Model, world: World) => world.runFor(this.ms)
  toString = () => `${this.ms} ms`
}

class Changes implements Step {
  constructor(
    readonly what: string,
    readonly act: (world: World) => void,
  ) {}
  check = () => true
  run = (_model: Model, world: World) => this.act(world)
  toString = () => this.what
}

const below = (count: number) => fc.integer({ min: 0, max: count - 1 })
const steps = [
  fc.tuple(below(KINDS.length), below(3)).map(([kind, number]) => new Happens(kind, number, -1)),
  fc.tuple(below(KINDS.length), below(3)).map(([kind, number]) => new Happens(kind, number, -1)),
  fc.tuple(below(KINDS.length), below(3), below(28)).map((picked) => new Happens(...picked)),
  fc.constantFrom(20, 300, 5100, 20000, 70000).map((ms) => new Passes(ms)),
  fc.constantFrom(20, 300, 5100, 20000, 70000).map((ms) => new Passes(ms)),
  fc.tuple(below(2), fc.boolean()).map(
    ([lane, isAlive]) =>
      new Changes(`lane ${lane} ${isAlive ? 'alive' : 'dead'}`, (world) => {
        world.isAlive[lane] = isAlive
      }),
  ),
  fc.tuple(below(2), fc.constantFrom<Answer>('ack', 'ack', 'silent', 'duh', 'nak')).map(
    ([receiver, answer]) =>
      new Changes(`receiver ${receiver} says ${answer}`, (world) => {
        world.answers[receiver] = answer
      }),
  ),
  fc.tuple(below(4), below(5)).map(
    ([operation, bytes]) =>
      new Changes(`cut at operation ${operation + 1} after ${bytes}`, (world) => {
        world.flash.cutAtOperation = operation + 1
        world.flash.cutAfterBytes = bytes
      }),
  ),
  fc.constant(new Changes('restart', (world) => world.powerOn())),
]

/** What must hold at the end of calm. */
function judge(model: Model, world: World): void {
  for (let receiver = 0; receiver < 2; receiver++) {
    const first = new Map<number, string>()
    const order: Event[] = []
    for (const entry of world.heard) {
      if (entry.receiver !== receiver || first.has(entry.sequence)) continue
      first.set(entry.sequence, entry.text)
      const event = model.accepted.find((one) => one.sequence === entry.sequence)
      if (event !== undefined) order.push(event)
    }
    const wanted = model.accepted.filter((event) => receiver === 0 || event.code !== DURESS)
    for (const event of wanted) expect(first.get(event.sequence), `receiver ${receiver}`).toBe(textOf(event))
    for (const text of first.values()) if (receiver === 1) expect(text).not.toMatch(/^1121/)
    expectOrder(order)
  }
  expect(world.q.count).toBe(0)
  expect(queue.create(world.flash, nodeCrypto, TAKERS, LANES).count).toBe(0)
}

/** An event about the same thing, and a cancel behind alarms, never comes before an older one. */
function expectOrder(order: Event[]): void {
  order.forEach((later, index) => {
    for (const event of order.slice(index + 1)) {
      if (event.sequence > later.sequence) continue
      const isSame = event.code === later.code && event.number === later.number && event.code !== DURESS
      const isCancel = later.code === 406 && (event.code === 110 || event.code === 131)
      expect(isSame || isCancel, `${textOf(later)} came before ${textOf(event)}`).toBe(false)
    }
  })
}

/** With everything well again, and a duress and an opening now: the duress goes out first. */
function finish(model: Model, world: World): void {
  world.flash.cutAtOperation = 0
  world.isAlive = [true, true]
  world.answers = ['ack', 'ack']
  const from = world.heard.length
  for (const [code, number] of [
    [401, 9],
    [DURESS, 9],
  ]) {
    const sequence = world.accept(code, 1, number)
    model.accepted.push({ sequence, code, qualifier: 1, number })
  }
  world.runFor(CALM_MS)
  const after = world.heard.slice(from).filter((entry) => entry.receiver === 0)
  const at = (text: string) => after.findIndex((entry) => entry.text === text)
  expect(at('1121 01 009')).toBeLessThan(at('1401 01 009'))
}

describe('queue, journal and dispatcher against a list', () => {
  it('lose nothing, invent nothing, keep the order and send duress first, over any faults, restarts and cuts', () => {
    const runs = Number(process.env.MODEL_RUNS ?? 150)
    fc.assert(
      fc.property(fc.commands(steps, { maxCommands: 60, size: 'max' }), (commands) => {
        const model: Model = { accepted: [] }
        const world = new World()
        fc.modelRun(() => ({ model, real: world }), commands)
        finish(model, world)
        judge(model, world)
      }),
      { numRuns: runs, seed: 4 },
    )
  }, 3600000)
})
