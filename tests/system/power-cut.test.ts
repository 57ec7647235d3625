import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import * as journal from '../../firmware/store/journal'
import { DEMO_CODES, type DemoReceiver, demoReceiver, SECOND_ADDRESS } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { parse } from '../../hal-mock/programs/scenario-file'
import { ScenarioRun } from '../../hal-mock/scenario'
import { eventText, Simulator } from '../../hal-mock/simulator'
import { TO_ONE } from '../firmware/takers'
import { unsupervised } from './unsupervised'

/**
 * The supply goes at every flash operation of two stories, in front of, inside and behind its bytes, and comes back 5 s
 * later. What flash held whole at that moment was promised and must reach the station; nothing else may.
 */

const SCENARIOS = new URL('../../hal-mock/scenarios/', import.meta.url)
/** Power comes back after this long; the calm after it is long enough for both paths. */
const DARK_MS = 5000
const CALM_MS = 15000
/** P-4: a moment after power-up when the text must show the state. */
const LOOK_MS = 1500

// The journal's layout, written down again (journal.ts, head comment).
const SLOT_BYTES = 32
const SLOTS = 4 * 128
const RECORD = 0x96
const COPY = 0x69
const HEADER = 0xa5
const KEPT = 0x0f
const SEQUENCES = 9999
/** Place of state and mode: 0 disarmed, 31 the same and not told, else 1 + (state - 1) * 6 + mode. */
const STATE_BITS = 31
const stateOf = (place: number) => (place === 0 || place === 31 ? 0 : Math.floor((place - 1) / 6) + 1)
// States, and what the first line shows after a restart (P-4). An exit delay becomes armed.
const TEXTS = [/READY|MEMORY|TROUBLE/, /ARMED AWAY/, /ARMED AWAY/, /ENTRY/, /ALARM/, /ALARM/]

type Bench = Simulator<unknown, unknown>

interface Kept {
  /** '1121 01 003 #2': event and sequence number, as the station tells it. */
  events: Map<number, string>
  /** State of the newest record or header, -1 without any. */
  state: number
  owedCount: number
  /** Newest bytes of each of four kinds, '' when there are none. */
  kinds: string[]
}

/** Reads a flash image by the layout: each whole record's events, kissed off or not. */
function keptIn(image: Uint8Array, destinationCount: number): Kept {
  const kept: Kept = { events: new Map(), state: -1, owedCount: 0, kinds: ['', '', '', ''] }
  const word = (at: number) => ((image[at] << 24) | (image[at + 1] << 16) | (image[at + 2] << 8) | image[at + 3]) >>> 0
  const isWhole = (at: number) => word(at + 24) === crc32(image.subarray(at, at + 24)) >>> 0
  const pages = [0, 4096, 8192, 12288].filter((at) => image[at] === HEADER && isWhole(at))
  pages.sort((a, b) => word(a + 4) - word(b + 4))
  const newest = pages[pages.length - 1] ?? -1
  if (newest >= 0) kept.state = image[newest + 16] & STATE_BITS
  for (const page of pages) {
    for (let at = page; at < page + 4096; at += SLOT_BYTES) {
      if (image[at] !== KEPT || !isWhole(at)) continue
      kept.kinds[image[at + 1]] = Buffer.from(image.subarray(at + 2, at + 24)).toString('hex')
    }
  }
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = slot * SLOT_BYTES
    if ((image[at] !== RECORD && image[at] !== COPY) || !isWhole(at)) continue
    if (image[at] === RECORD && at >= newest && at < newest + 4096) kept.state = stateOf(image[at + 16] & STATE_BITS)
    const codes = [at + 8, at + 12].map((start) => ((image[start] & 3) << 8) | image[start + 1])
    for (const [half, start] of [at + 8, at + 12].entries()) {
      const code = codes[half]
      if (code === 0) continue
      const last = (image[at + 2] << 8) | image[at + 3]
      const sequence = half === 0 && codes[1] !== 0 ? last - 1 || SEQUENCES : last
      const number = ((image[start] & 12) << 6) | image[start + 3]
      kept.events.set(sequence, `${image[start] >> 4}${code} 0${image[start + 2]} ${String(number).padStart(3, '0')}`)
      const destinations = code > 120 && code < 130 && code !== 123 ? 1 : (1 << destinationCount) - 1
      if ((image[at + 28 + half] & destinations) !== 0) kept.owedCount++
    }
  }
  return kept
}

interface Story {
  seed: number
  /** Before the first power-up. */
  prepare: (bench: Bench) => void
  /** Runs it, power-up included, to its end or until a cut at a flash operation. */
  tell: (bench: Bench) => void
  /** What was kissed off before the story begins, or may be given up in it. */
  oldEvents: RegExp
  /** A destination besides the station. */
  second?: DemoReceiver
  /** 0 when left out: every alarm goes out at once. */
  abortSeconds?: number
  /** Kinds of kept records that nothing in the story changes. */
  keptKinds?: number[]
  /** After the cut, until everything must have arrived; CALM_MS when left out. */
  calmMs?: number
}

type Act = { atMs: number; act: (bench: Bench) => void }

function tellSteps(bench: Bench, steps: Act[], endMs: number): void {
  bench.powerOn()
  for (const step of steps) {
    bench.runTo(step.atMs)
    if (!bench.board.isPowered) return
    step.act(bench)
  }
  bench.runTo(endMs)
}

const digits = (name: string) => DEMO_CODES.find((code) => code.name === name)?.digits ?? ''

/** Arming, an entry that ends in duress, arming again, an alarm, an ordinary disarm. */
const EVENTFUL: Act[] = [
  { atMs: 8000, act: (bench) => bench.type(digits('code A')) },
  { atMs: 10500, act: (bench) => bench.type('2') },
  { atMs: 62000, act: (bench) => bench.setZone(0, true) },
  { atMs: 63000, act: (bench) => bench.setZone(0, false) },
  { atMs: 64000, act: (bench) => bench.type(digits('duress A')) },
  { atMs: 68000, act: (bench) => bench.type(digits('code B')) },
  { atMs: 70500, act: (bench) => bench.type('2') },
  { atMs: 118000, act: (bench) => bench.setZone(1, true) },
  { atMs: 119000, act: (bench) => bench.setZone(1, false) },
  { atMs: 121000, act: (bench) => bench.type(digits('code B')) },
]

const eventful: Story = {
  seed: 1,
  prepare: () => {},
  tell: (bench) => tellSteps(bench, EVENTFUL, 124000),
  oldEvents: /^$/,
}

/** The same with both paths dead from the beginning: everything is still owed when the supply goes. */
const unheard: Story = {
  ...eventful,
  seed: 2,
  prepare: (bench) => {
    bench.setInternet('ethernet', false)
    bench.setInternet('cellular', false)
  },
}

/**
 * A journal that is about to change pages: its oldest page has a duress that nobody has kissed off, and the page in use
 * was filled without upkeep. The oldest page also has the only records of all four kinds. Both paths are dead until the
 * supply comes back.
 */
const turning: Story = {
  seed: 3,
  prepare: (bench) => {
    const j = journal.create(bench.board.flash, nodeCrypto, TO_ONE)
    journal.scan(j, () => {})
    const write = (code: number) => {
      journal.begin(j, 1767590000)
      journal.put(j, 0, 1, code, 1, 1, 3)
      return journal.commit(j)
    }
    write(121)
    for (let kind = 0; kind < 4; kind++) journal.keep(j, kind, new Uint8Array(22).fill(0x11 * (kind + 1)))
    while (j.page < 3 || j.slot < 118) {
      journal.settle(j, write(305), 1)
      if (j.page < 3) while (journal.maintain(j, () => {}));
    }
    bench.setInternet('ethernet', false)
    bench.setInternet('cellular', false)
  },
  tell: (bench) => tellSteps(bench, [{ atMs: 2000, act: () => bench.type(digits('duress A')) }], 6000),
  oldEvents: /^1305 01 00[03]/,
  keptKinds: [0, 2, 3],
}

/** The eventful story with a receiver that shows what it gets: it has to have everything but duress (D-19). */
const twoReceivers: Story = {
  ...eventful,
  seed: 4,
  second: { ...demoReceiver(), host: SECOND_ADDRESS, account: 'ABC', key: '', isMonitoring: false, isPolled: false },
}

/**
 * A journal that owes 62 openings while both paths are dead: a duress, an arming, an alarm and a disarm are more than fit,
 * so the oldest openings are given up, and that is an event too.
 */
const fullJournal: Story = {
  seed: 5,
  prepare: (bench) => {
    const j = journal.create(bench.board.flash, nodeCrypto, TO_ONE)
    journal.scan(j, () => {})
    for (let count = 0; count < 62; count++) {
      journal.begin(j, 1767590000)
      journal.put(j, 0, 1, 401, 1, 1, 2)
      journal.commit(j)
      while (journal.maintain(j, () => {}));
    }
    bench.setInternet('ethernet', false)
    bench.setInternet('cellular', false)
  },
  tell: (bench) => tellSteps(bench, EVENTFUL.slice(5), 124000),
  oldEvents: /^(1401|3131) 01 002/,
  calmMs: 60000,
}

/** Shipped stories in which something is promised; the others differ in what the panel decides, not in what it keeps. */
const CUT_STORIES = [
  ...['burglary.txt', 'disarm.txt', 'duress.txt', 'duress-one-path-down.txt', 'duress-both-down-then-reboot.txt'],
  'exit-error.txt',
]

/** A story as it is shipped, without its expectations. */
function shipped(file: string): Story {
  const scenario = parse(readFileSync(new URL(file, SCENARIOS), 'utf8'), file)
  return {
    seed: scenario.seed,
    prepare: () => {},
    tell: (bench) => {
      const wasSet = bench.board.flash.cutAtOperation > 0
      const run = new ScenarioRun(bench, scenario)
      const last = scenario.steps[scenario.steps.length - 1].untilMs
      for (let atMs = 0; atMs <= last; atMs += 1000) {
        if (wasSet && bench.board.flash.cutAtOperation === 0) return
        run.advanceTo(atMs)
      }
    },
    oldEvents: /^$/,
  }
}

function create(story: Story): { bench: Bench; writes: number[]; journalWrites: number[] } {
  const writes: number[] = []
  const journalWrites: number[] = []
  const config = { ...unsupervised(), exitDelaySeconds: 45, abortSeconds: story.abortSeconds ?? 0 }
  if (story.second !== undefined) config.receivers.push(story.second)
  const bench: Bench = new Simulator({
    firmware: panelFirmware,
    config,
    crypto: nodeCrypto,
    seed: story.seed,
    onTrace: (_atMs, source, what) => {
      if (source !== 'flash') return
      writes.push(what.startsWith('erase') ? 4096 : Number(what.split(' ')[1]))
      const at = Number(what.split(' ').pop())
      if (what.startsWith('erase') ? at < 4 : at < 4 * 4096) journalWrites.push(writes[writes.length - 1])
    },
  })
  return { bench, writes, journalWrites }
}

function start(story: Story): { bench: Bench; writes: number[]; journalWrites: number[] } {
  const run = create(story)
  story.prepare(run.bench)
  run.writes.length = 0
  run.journalWrites.length = 0
  return run
}

/** Lengths of the flash operations of an uncut run. */
function operationsOf(story: Story): number[] {
  const { bench, writes } = start(story)
  story.tell(bench)
  return writes
}

/** Bytes of a record at whose ends a cut is tried: around each of its fields, and the CRC's bytes. */
const RECORD_CUTS = [0, 1, 3, 7, 12, 16, 23, 26, 27, 28]

/** In front of, in, and behind the operation; of an erase only some of its bytes. */
function cutsOf(lengthBytes: number): number[] {
  if (lengthBytes === 8) return [0, 5, 8] // the event log's, which has a test of its own
  if (lengthBytes === 28) return RECORD_CUTS
  if (lengthBytes > 28) return [0, 1, 31, 32, 33, 2048, 2049, lengthBytes - 1, lengthBytes]
  return Array.from({ length: lengthBytes + 1 }, (_, index) => index)
}

function runCut(story: Story, operation: number, afterBytes: number): void {
  const label = `seed ${story.seed}, cut at operation ${operation} after ${afterBytes} bytes`
  const { bench } = start(story)
  const flash = bench.board.flash
  flash.cutAtOperation = operation
  flash.cutAfterBytes = afterBytes
  story.tell(bench)
  expect(flash.cutAtOperation, `${label}: the supply never went`).toBe(0)
  expect(bench.board.isPowered, label).toBe(false)
  const destinationCount = story.second === undefined ? 1 : 2
  const promised = keptIn(flash.image(), destinationCount)
  for (const text of bench.station.map(eventText)) expect([...promised.events.values()], label).toContain(text)

  for (const via of ['ethernet', 'cellular']) {
    bench.setLink(via, true)
    bench.setInternet(via, true)
  }
  bench.runTo(bench.clock.nowMs + DARK_MS)
  bench.powerOn()
  bench.runTo(bench.clock.nowMs + LOOK_MS)
  if (promised.state >= 0) expect(bench.onlooker.now.text, `${label}: state`).toMatch(TEXTS[promised.state])
  expect(bench.onlooker.now.siren, label).toBe(promised.state === 4 ? 'on' : 'off')
  bench.runTo(bench.clock.nowMs + (story.calmMs ?? CALM_MS))

  const heard = new Map<number, string>()
  for (const event of bench.station) {
    const text = eventText(event)
    expect(heard.get(event.sequence) ?? text, `${label}: two events with number ${event.sequence}`).toBe(text)
    expect(event.isDuplicate, `${label}: ${text} again, not as a copy`).toBe(heard.has(event.sequence))
    heard.set(event.sequence, text)
  }
  for (const [sequence, text] of promised.events) {
    if (story.oldEvents.test(text)) continue
    expect(heard.get(sequence), `${label}: ${text} with number ${sequence} was promised`).toBe(text)
  }
  if (story.second !== undefined) expectSecond(bench, promised, label)
  const after = keptIn(flash.image(), destinationCount)
  for (const [sequence, text] of heard) {
    // What was kissed off may have gone with its page.
    if (after.events.get(sequence) === undefined && story.oldEvents.test(text)) continue
    expect(after.events.get(sequence), `${label}: invented ${text}`).toBe(text)
  }
  expect(after.owedCount, `${label}: still owed`).toBe(0)
  for (const kind of story.keptKinds ?? [])
    expect(after.kinds[kind], `${label}: kind ${kind}`).toBe(promised.kinds[kind])
}

/** Everything but duress, with its number, and nothing else. */
function expectSecond(bench: Bench, promised: Kept, label: string): void {
  const heard = new Map(bench.others.map((entry) => [entry.event.sequence, eventText(entry.event)]))
  for (const [sequence, text] of promised.events) {
    const wanted = text.startsWith('1121') ? undefined : text
    expect(heard.get(sequence), `${label}: ${text} with number ${sequence} at the second receiver`).toBe(wanted)
  }
}

function cutEverywhere(story: Story, cuts: (lengthBytes: number) => number[]): number[] {
  const operations = operationsOf(story)
  operations.forEach((lengthBytes, index) => {
    for (const afterBytes of cuts(lengthBytes)) runCut(story, index + 1, afterBytes)
  })
  return operations
}

describe('power cut', () => {
  it('delivers all that was promised, and nothing else, after a cut at any field of arm, duress, alarm (D-12, D-14, P-2, P-4)', () => {
    const operations = cutEverywhere(eventful, cutsOf)
    expect(operations.filter((lengthBytes) => lengthBytes === 28).length).toBeGreaterThan(8)
    expect(operations.filter((lengthBytes) => lengthBytes === 4).length).toBeGreaterThan(4)
  }, 60000)

  it('delivers what nobody heard before the cut, each event once, with its old number (D-14, reporting.md 5.2)', () => {
    const operations = cutEverywhere(unheard, (lengthBytes) => [0, 1, lengthBytes >> 1, lengthBytes - 1, lengthBytes])
    expect(operations.filter((lengthBytes) => lengthBytes === 4)).toEqual([])
  }, 60000)

  it('delivers an old duress with its old number after a cut at any field of a change of page', () => {
    cutEverywhere(turning, cutsOf)
    const { bench, journalWrites } = start(turning)
    turning.tell(bench)
    // Restart, copy, two marks, the kinds, one erase, header, duress, and what the panel has to keep meanwhile.
    expect(journalWrites.filter((lengthBytes) => lengthBytes === 4096)).toEqual([4096])
    expect(journalWrites.filter((lengthBytes) => lengthBytes === 4)).toEqual([4, 4])
    expect(journalWrites.filter((lengthBytes) => lengthBytes === 28).length).toBeGreaterThan(7)
    const kinds = [1, 2, 3, 4].map((kind) => `${kind}${kind}`.repeat(22))
    const found = keptIn(bench.board.flash.image(), 1).kinds
    for (const kind of [0, 2, 3]) expect(found[kind]).toBe(kinds[kind])
  }, 60000)

  it('keeps what each of two receivers is owed apart, cut at each flash operation (D-19)', () => {
    const operations = cutEverywhere(twoReceivers, (lengthBytes) => [lengthBytes >> 1, lengthBytes])
    expect(operations.filter((lengthBytes) => lengthBytes === 4).length).toBeGreaterThan(8)
  }, 60000)

  it('loses nothing but openings of a full journal, cut at each flash operation (R-2, D-14)', () => {
    const operations = cutEverywhere(fullJournal, (lengthBytes) => [lengthBytes >> 1, lengthBytes])
    expect(operations.length).toBeGreaterThan(6)
  }, 60000)

  it.each(CUT_STORIES)(
    'keeps its promises in %s, cut at each flash operation at its first, a middle and its last byte',
    (file) => {
      const operations = cutEverywhere(shipped(file), (lengthBytes) => [
        0,
        lengthBytes >> 1,
        lengthBytes - 1,
        lengthBytes,
      ])
      expect(operations.length).toBeGreaterThan(2)
    },
    60000,
  )
})
