import { describe, expect, it } from 'vitest'
import * as clock from '../../../firmware/clock'
import { categoryOf } from '../../../firmware/config'
import type { Hal } from '../../../firmware/hal'
import { crc16 } from '../../../firmware/report/crc16'
import * as dc09 from '../../../firmware/report/dc09'
import * as dispatcher from '../../../firmware/transmit/dispatcher'
import * as lanes from '../../../firmware/transmit/lanes'
import type { Path } from '../../../firmware/transmit/path'
import * as queue from '../../../firmware/transmit/queue'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'
import { TO_ONE } from '../takers'

/** Two paths that need no hardware, with a receiver behind each: when null messages go, and when a loss is noticed. */

const DOWN = 0
const READY = 1
const OPENING = 2
const OPEN = 3
/** reporting.md §5.4, and the connection time-out of the W5500 (hardware.md §1.8). */
const REPLY_MS = [5000, 15000]
const CONNECT_MS = [14000, 60000]
const ROUND_TRIP_MS = 50
const HOUR_MS = 3600000

// reporting.md §5.5, the table of EN 50136-1:2012, in seconds: primary, alternative, alternative while the primary failed.
const LIMITS: Record<string, [number, number, number]> = {
  SP1: [32 * 86400, 0, 0],
  SP2: [25 * 3600, 0, 0],
  SP3: [1800, 0, 0],
  SP4: [180, 0, 0],
  SP5: [90, 0, 0],
  SP6: [20, 0, 0],
  DP1: [25 * 3600, 50 * 3600, 25 * 3600],
  DP2: [1800, 25 * 3600, 1800],
  DP3: [180, 25 * 3600, 180],
  DP4: [90, 5 * 3600, 90],
}
const CATEGORIES = Object.keys(LIMITS)
const DUAL = CATEGORIES.filter((name) => name.startsWith('DP'))

interface Line extends Path {
  /** False: every packet vanishes. The path itself notices nothing (S-9). */
  isAlive: boolean
  sentMs: number[]
  kissedMs: number[]
  inbox: string
}

interface Rig {
  nowMs: number
  d: dispatcher.Dispatcher
  q: queue.Queue
  lines: Line[]
}

function line(index: number, r: Rig): Line {
  let due: { atMs: number; act: () => void }[] = []
  const later = (ms: number, act: () => void) => due.push({ atMs: r.nowMs + ms, act })
  const l: Line = {
    state: READY,
    replyTimeoutMs: REPLY_MS[index],
    timeSeconds: 0,
    timeAtMs: 0,
    isAlive: true,
    sentMs: [],
    kissedMs: [],
    inbox: '',
    open: () => {
      l.state = OPENING
      if (l.isAlive) later(ROUND_TRIP_MS, () => (l.state = OPEN))
      else later(CONNECT_MS[index], () => (l.state = READY))
    },
    send: (_path, frame) => {
      l.sentMs.push(r.nowMs)
      if (l.isAlive) {
        later(ROUND_TRIP_MS, () => {
          l.kissedMs.push(r.nowMs)
          l.inbox += acknowledgement(frame)
        })
      }
      return true
    },
    receive: () => {
      const bytes = l.inbox
      l.inbox = ''
      return bytes
    },
    close: () => {
      due = []
      l.inbox = ''
      if (l.state !== DOWN) l.state = READY
    },
    poll: () => {
      const ready = due.filter((entry) => entry.atMs <= r.nowMs)
      due = due.filter((entry) => entry.atMs > r.nowMs)
      for (const entry of ready) entry.act()
      return Math.min(Number.POSITIVE_INFINITY, ...due.map((entry) => entry.atMs))
    },
  }
  return l
}

function acknowledgement(frame: string): string {
  const [, sequence, address] = /"(\d{4})(R0L0#1234)\[/.exec(frame) as RegExpExecArray
  const body = `"ACK"${sequence}${address}[]`
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')
  return `\n${hex(crc16(nodeCrypto, body, 0))}${hex(body.length)}${body}\r`
}

function rig(category: string, primary = 0): Rig {
  const r = { nowMs: 0 } as Rig
  const flash = new FlashChip()
  const random = new Random(1)
  const hal = {
    clock: { nowMs: () => r.nowMs, utcSeconds: () => 1767600000 + Math.floor(r.nowMs / 1000) },
    flash,
    crypto: nodeCrypto,
    random,
  } as unknown as Hal
  r.q = queue.create(flash, nodeCrypto, TO_ONE, new Uint8Array([3]))
  r.d = dispatcher.create(hal, r.q, clock.create(), categoryOf(category), primary)
  r.lines = [line(0, r), line(1, r)]
  for (const path of r.lines) {
    const link = dc09.create('1234', new Uint8Array(0), 'R0', 'L0', nodeCrypto, random)
    dispatcher.addLane(r.d, path).atps.push(lanes.atp(0, 0, link, 1, 0, new Uint32Array(7)))
  }
  return r
}

/** Moves on to atMs; isDone ends it earlier. Returns the time. */
function runTo(r: Rig, atMs: number, isDone: () => boolean = () => false): number {
  let polls = 0
  while (!isDone()) {
    const dueMs = dispatcher.poll(r.d, r.nowMs)
    if (dueMs > atMs) {
      r.nowMs = atMs
      break
    }
    polls = dueMs > r.nowMs ? 0 : polls + 1
    if (polls > 100) throw new Error(`stuck at ${r.nowMs}`)
    r.nowMs = Math.max(dueMs, r.nowMs)
  }
  return r.nowMs
}

/** As if the path itself had noticed something. */
function change(r: Rig, index: number, state: 0 | 1): void {
  r.lines[index].state = state
  r.d.lanes[index].pathAtMs = 0
}

function longestGap(times: number[], untilMs: number): number {
  let longest = 0
  for (const [index, atMs] of times.entries()) longest = Math.max(longest, (times[index + 1] ?? untilMs) - atMs)
  return longest
}

describe('null messages', () => {
  it.each(CATEGORIES)('prove both paths within the reporting times of %s (EN 50136-1, S-8)', (category) => {
    const r = rig(category)
    const [primary, alternative] = LIMITS[category]
    const longMs = Math.max(primary, alternative) * 3000
    runTo(r, longMs)
    expect(r.lines[0].kissedMs[0]).toBeLessThan(31000)
    expect(longestGap(r.lines[0].kissedMs, r.nowMs)).toBeLessThan(primary * 1000)
    if (alternative === 0) expect(r.lines[1].sentMs).toEqual([])
    else expect(longestGap(r.lines[1].kissedMs, r.nowMs)).toBeLessThan(alternative * 1000)
    expect(r.d.conditions).toBe(0)
  })

  it('are restarted by any message that was kissed off (reporting.md §5.5)', () => {
    const r = rig('DP3')
    runTo(r, 200000)
    const before = r.lines[0].sentMs.length
    const gapMs = r.lines[0].sentMs[before - 1] - r.lines[0].sentMs[before - 2]
    expect(gapMs).toBeGreaterThanOrEqual(60000)
    expect(gapMs).toBeLessThan(61000)
    const a = r.d.lanes[0].atps[0] as lanes.Atp
    const goodMs = a.goodAtMs
    expect(a.pollAtMs).toBe(goodMs + 60000)
  })

  it('never go to a receiver that is not polled (§7.2, §7.6)', () => {
    const r = rig('SP6')
    for (const lane of r.d.lanes) (lane.atps[0] as lanes.Atp).pollAtMs = Number.POSITIVE_INFINITY
    runTo(r, HOUR_MS)
    expect(r.lines[0].sentMs).toEqual([])
    expect(r.d.conditions).toBe(0)
  })
})

describe('loss of a path', () => {
  it.each(DUAL)('of the primary is known within the reporting time of %s, whenever it comes', (category) => {
    const [primary] = LIMITS[category]
    for (const share of [0.01, 0.35, 0.7, 0.99]) {
      const r = rig(category)
      runTo(r, 200000)
      runTo(r, 200000 + share * primary * 1000)
      r.lines[0].isAlive = false
      const deadMs = r.nowMs
      const knownMs = runTo(r, deadMs + primary * 1000, () => (r.d.conditions & 1) === 1)
      // The event itself needs a connection over the modem and a round trip.
      expect(knownMs - deadMs).toBeLessThan(primary * 1000 - 5000)
    }
  })

  it.each(DUAL)('of the alternative is known within its own reporting time of %s', (category) => {
    const [, alternative] = LIMITS[category]
    const r = rig(category)
    runTo(r, 200000)
    r.lines[1].isAlive = false
    const deadMs = r.nowMs
    const knownMs = runTo(r, deadMs + alternative * 1000, () => (r.d.conditions & 2) === 2)
    expect(knownMs - deadMs).toBeLessThan(alternative * 1000 - 5000)
  })

  it.each(DUAL)('of the alternative after the primary is known within the primary time of %s', (category) => {
    const [primary, , failed] = LIMITS[category]
    expect(failed).toBe(primary)
    const r = rig(category)
    runTo(r, 200000)
    r.lines[0].isAlive = false
    runTo(r, r.nowMs + primary * 1000, () => (r.d.conditions & 1) === 1)
    runTo(r, r.nowMs + 1000)
    r.lines[1].isAlive = false
    const deadMs = r.nowMs
    const knownMs = runTo(r, deadMs + failed * 1000, () => (r.d.conditions & 2) === 2)
    expect(knownMs - deadMs).toBeLessThan(failed * 1000)
  })

  it('ends with the first kiss-off, at most a minute after the path is well again', () => {
    const r = rig('DP4')
    runTo(r, 200000)
    r.lines[0].isAlive = false
    runTo(r, r.nowMs + 90000, () => (r.d.conditions & 1) === 1)
    runTo(r, r.nowMs + 600000)
    r.lines[0].isAlive = true
    const wellMs = r.nowMs
    expect(runTo(r, wellMs + 120000, () => r.d.conditions === 0) - wellMs).toBeLessThan(75000)
    const figures = (r.d.lanes[0].atps[0] as lanes.Atp).figures
    expect(figures[lanes.Figure.LOST]).toBe(1)
    expect(figures[lanes.Figure.LOST_SECONDS]).toBeGreaterThan(590)
    expect(figures[lanes.Figure.LOST_SECONDS]).toBeLessThan(690)
    expect(figures[lanes.Figure.MAX_MS]).toBeLessThan(200)
  })

  it('is counted for a path without service for a minute, not for one that flaps (S-15)', () => {
    const r = rig('DP2')
    runTo(r, 200000)
    for (let count = 0; count < 5; count++) {
      change(r, 1, DOWN)
      runTo(r, r.nowMs + 50000)
      change(r, 1, READY)
      runTo(r, r.nowMs + 10000)
    }
    expect(r.d.conditions).toBe(0)
    change(r, 1, DOWN)
    const downMs = r.nowMs
    const knownMs = runTo(r, downMs + 120000, () => r.d.conditions === 2)
    expect(knownMs - downMs).toBeGreaterThanOrEqual(60000)
    expect(knownMs - downMs).toBeLessThan(80000)
  })

  it('waits two minutes after power-up for a modem to come up', () => {
    const r = rig('SP6', 1)
    r.lines[0].state = DOWN
    r.lines[1].state = DOWN
    runTo(r, 115000)
    expect(r.d.conditions).toBe(0)
    runTo(r, 300000)
    expect(r.d.conditions).toBe(2)
  })

  it('that was told before a restart is taken up, so that its end can be told', () => {
    const r = rig('DP3')
    dispatcher.resume(r.d, 3)
    expect(r.d.conditions).toBe(3)
    runTo(r, 100)
    expect(r.d.conditions).toBe(3)
    runTo(r, 200000)
    expect(r.d.conditions).toBe(0)
  })
})

describe('a loss that was told before a restart', () => {
  it('is over where the settings no longer ask for the path to be watched', () => {
    for (const category of ['SP4', 'DP4']) {
      const r = rig(category)
      if (category === 'DP4')
        for (const lane of r.d.lanes) (lane.atps[0] as lanes.Atp).pollAtMs = Number.POSITIVE_INFINITY
      dispatcher.resume(r.d, 2)
      runTo(r, 60000)
      expect(r.d.conditions).toBe(0)
    }
  })
})

describe('a connection that is kept', () => {
  it('is there for class 0 within seconds after power-up, and again after the receiver closed it', () => {
    const r = rig('DP4')
    runTo(r, 20000)
    expect(r.lines[0].state).toBe(OPEN)
    change(r, 0, READY)
    runTo(r, r.nowMs + 11000)
    expect(r.lines[0].state).toBe(OPEN)
  })

  it('is asked for less often when the receiver closes it again and again without a message', () => {
    const r = rig('DP2')
    let opens = 0
    const open = r.lines[0].open.bind(r.lines[0])
    r.lines[0].open = (path, target) => {
      opens++
      open(path, target)
    }
    runTo(r, 31000)
    for (let second = 0; second < 500; second++) {
      if (r.lines[0].state === OPEN) change(r, 0, READY)
      runTo(r, r.nowMs + 1000)
    }
    expect(opens).toBeLessThan(12)
  })

  it('is not made where polls are further apart than routers remember it', () => {
    const r = rig('DP1')
    runTo(r, 25000)
    expect(r.lines.map((entry) => entry.state)).toEqual([READY, READY])
  })
})
