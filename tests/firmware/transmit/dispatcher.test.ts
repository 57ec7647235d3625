import { describe, expect, it } from 'vitest'
import * as clock from '../../../firmware/clock'
import type { Hal } from '../../../firmware/hal'
import * as dc09 from '../../../firmware/report/dc09'
import * as journal from '../../../firmware/store/journal'
import * as dispatcher from '../../../firmware/transmit/dispatcher'
import * as lanes from '../../../firmware/transmit/lanes'
import type { Path, PathState } from '../../../firmware/transmit/path'
import * as queue from '../../../firmware/transmit/queue'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'
import { TO_ONE } from '../takers'

// States of a path, codes of Contact ID, the row of DP2 (supervision.ts).
const DOWN = 0
const READY = 1
const OPENING = 2
const OPEN = 3
const DURESS = 121
const PERIMETER_ALARM = 131
const OPENED = 401
const SYSTEM_RESET = 305
const DP2 = 7
/** One destination that gets everything. */
const ALL = TO_ONE

/** 2026-01-05 08:00:00 UTC. */
const START_SECONDS = 1767600000
/** reporting.md 5.4. */
const PRIMARY_REPLY_MS = 5000
const ALTERNATIVE_REPLY_MS = 15000

interface FakePath extends Path {
  opensAfterMs: number
  /** False: takes no frame. */
  takes: boolean
  openCount: number
  closeCount: number
  sent: { atMs: number; frame: string }[]
  inbox: string
  openAtMs: number
  nowMs: number
}

/** A path that opens when told to, remembers what it was given and hands over what stands in its inbox. */
function fakePath(replyTimeoutMs: number, opensAfterMs = 40): FakePath {
  return {
    state: READY,
    replyTimeoutMs,
    timeSeconds: 0,
    timeAtMs: 0,
    opensAfterMs,
    takes: true,
    openCount: 0,
    closeCount: 0,
    sent: [],
    inbox: '',
    openAtMs: Infinity,
    nowMs: 0,
    open(path) {
      const p = path as FakePath
      if (p.state !== READY) return
      p.state = OPENING
      p.openCount++
      p.openAtMs = p.nowMs + p.opensAfterMs
    },
    send(path, frame) {
      const p = path as FakePath
      if (p.state !== OPEN || !p.takes || frame === '') return false
      p.sent.push({ atMs: p.nowMs, frame })
      return true
    },
    receive(path) {
      const p = path as FakePath
      const bytes = p.inbox
      p.inbox = ''
      return bytes
    },
    close(path) {
      const p = path as FakePath
      p.closeCount++
      p.inbox = ''
      if (p.state > READY) p.state = READY
      p.openAtMs = Infinity
    },
    poll(path, nowMs) {
      const p = path as FakePath
      p.nowMs = nowMs
      if (p.state === OPENING && nowMs >= p.openAtMs) p.state = OPEN
      return p.state === OPENING ? p.openAtMs : Infinity
    },
  }
}

interface Rig {
  d: dispatcher.Dispatcher
  q: queue.Queue
  flash: FlashChip
  primary: FakePath
  alternative: FakePath
  wall: clock.WallClock
  hal: Hal
  /** What the board's clock says at 0 ms; 0: it does not know. */
  boardSeconds: number
  nowMs: number
}

function rig(isDual = true, key = new Uint8Array(0)): Rig {
  const flash = new FlashChip()
  const wall = clock.create()
  const r = { boardSeconds: START_SECONDS, nowMs: 0 } as Rig
  const random = new Random(1)
  const hal = {
    clock: {
      nowMs: () => r.nowMs,
      utcSeconds: () => (r.boardSeconds === 0 ? 0 : r.boardSeconds + Math.floor(r.nowMs / 1000)),
    },
    flash,
    crypto: nodeCrypto,
    random,
  } as unknown as Hal
  const q = queue.create(flash, nodeCrypto, ALL, new Uint8Array([isDual ? 3 : 1]))
  const d = dispatcher.create(hal, q, wall, DP2, 0)
  const primary = fakePath(PRIMARY_REPLY_MS)
  const alternative = fakePath(ALTERNATIVE_REPLY_MS)
  for (const path of isDual ? [primary, alternative] : [primary]) {
    const link = dc09.create('1234', key, 'R0', 'L0', nodeCrypto, random)
    dispatcher.addLane(d, path).atps.push(lanes.atp(0, 0, link, 0, 0, new Uint32Array(7)))
  }
  return Object.assign(r, { d, q, flash, primary, alternative, wall, hal })
}

function add(r: Rig, kind: number, number = 1): number {
  const j = r.q.journal
  journal.begin(j, START_SECONDS)
  journal.put(j, 0, 1, kind, 1, 1, number)
  queue.add(r.q, journal.commit(j))
  dispatcher.wake(r.d)
  return j.sequence
}

/** Moves on to atMs, poll by poll, as app.ts does; then once more at atMs. act is called after each poll. */
function runTo(r: Rig, atMs: number, act: () => void = () => {}): void {
  for (let polls = 0, atOnce = 0; ; polls++, atOnce++) {
    if (atOnce > 100) throw new Error(`stuck at ${r.nowMs} ms after ${polls} polls`)
    const nextMs = dispatcher.poll(r.d, r.nowMs)
    act()
    if (r.nowMs >= atMs) return
    if (nextMs > r.nowMs) atOnce = 0
    // Bytes may come at any time: look at least each 10 ms.
    r.nowMs = Math.min(Math.max(nextMs, r.nowMs), r.nowMs + 10, atMs)
  }
}

/** Polls until nothing is left to do at once. Returns when to call again. */
function settled(r: Rig): number {
  for (let polls = 0; polls < 10; polls++) {
    const nextMs = dispatcher.poll(r.d, r.nowMs)
    if (nextMs > r.nowMs) return nextMs
  }
  throw new Error('never at rest')
}

/** SIA DC-09 3.2: CRC-16/ARC and length around a body. */
function framed(body: string): string {
  let crc = 0
  for (const char of body) {
    crc ^= char.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return `\n${crc.toString(16).toUpperCase().padStart(4, '0')}${body.length.toString(16).toUpperCase().padStart(4, '0')}${body}\r`
}

function ack(sequence: number): string {
  return framed(`"ACK"${String(sequence).padStart(4, '0')}R0L0#1234[]`)
}

function duh(sequence: number): string {
  return framed(`"DUH"${String(sequence).padStart(4, '0')}R0L0#1234[]`)
}

function nak(seconds: number): string {
  return framed(`"NAK"0000R0L0A0[]_${stampOf(seconds)}`)
}

function stampOf(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString()
  return `${iso.slice(11, 19)},${iso.slice(5, 7)}-${iso.slice(8, 10)}-${iso.slice(0, 4)}`
}

function sequenceOf(frame: string): number {
  return Number(frame.substr(frame.indexOf('"', 10) + 1, 4))
}

function codes(path: FakePath): string[] {
  return path.sent.map((entry) => entry.frame.substr(entry.frame.indexOf('|') + 1, 4))
}

function sequences(path: FakePath): number[] {
  return path.sent.map((entry) => sequenceOf(entry.frame))
}

/** A receiver behind a path: answers each frame delayMs later with what the function says. */
function answering(path: FakePath, delayMs: number, answer: (sequence: number, count: number) => string): () => void {
  let answered = 0
  return () => {
    while (answered < path.sent.length) {
      const entry = path.sent[answered]
      if (path.nowMs < entry.atMs + delayMs) return
      answered++
      if (path.state === OPEN) path.inbox += answer(sequenceOf(entry.frame), answered)
    }
  }
}

/** Both paths are polled each 10 ms so that their clocks go on. */
function together(r: Rig, ...acts: (() => void)[]): () => void {
  return () => {
    r.primary.nowMs = r.nowMs
    r.alternative.nowMs = r.nowMs
    for (const act of acts) act()
  }
}

describe('dispatcher: which path', () => {
  it('sends 121 on both paths at once with one sequence number, and the rest on the primary only (D-13)', () => {
    const r = rig()
    add(r, OPENED)
    const sequence = add(r, DURESS, 3)
    runTo(r, 3000, together(r, answering(r.primary, 50, ack), answering(r.alternative, 50, ack)))
    expect(codes(r.primary)).toEqual(['1121', '1401'])
    expect(codes(r.alternative)).toEqual(['1121'])
    expect(sequences(r.alternative)).toEqual([sequence])
    expect(sequences(r.primary)[0]).toBe(sequence)
    expect([r.primary.sent[0].atMs, r.alternative.sent[0].atMs]).toEqual([40, 40])
    expect(r.q.count).toBe(0)
  })

  it('sends an ordinary event on the alternative as soon as the primary is down', () => {
    const r = rig()
    r.primary.state = DOWN
    add(r, OPENED)
    runTo(r, 100)
    expect(codes(r.alternative)).toEqual(['1401'])
    expect(r.primary.sent).toEqual([])
  })

  it('sends an ordinary event on the alternative when the primary gave no reply for 5 s', () => {
    const r = rig()
    add(r, PERIMETER_ALARM)
    runTo(r, 5500, together(r))
    expect(r.primary.sent.map((entry) => entry.atMs)).toEqual([40])
    expect(r.alternative.sent).toHaveLength(1)
    expect(r.alternative.sent[0].atMs).toBeLessThan(5200)
    expect(sequences(r.alternative)).toEqual(sequences(r.primary))
  })

  it('works with one path only', () => {
    const r = rig(false)
    add(r, DURESS)
    add(r, OPENED)
    runTo(r, 1000, together(r, answering(r.primary, 50, ack)))
    expect(codes(r.primary)).toEqual(['1121', '1401'])
    expect(r.q.count).toBe(0)
  })

  it('has one message in flight on each path: the second waits for the first reply (reporting.md 5.1)', () => {
    const r = rig()
    add(r, PERIMETER_ALARM, 1)
    add(r, PERIMETER_ALARM, 2)
    runTo(r, 1000, together(r))
    expect(r.primary.sent).toHaveLength(1)
    r.primary.inbox = ack(1)
    runTo(r, 1100, together(r))
    expect(sequences(r.primary)).toEqual([1, 2])
  })

  it('sends 121 before what waits, also when that was chosen while the connection was made (D-13)', () => {
    const r = rig()
    add(r, PERIMETER_ALARM)
    runTo(r, 20)
    expect(r.primary.state).toBe(OPENING)
    add(r, DURESS)
    runTo(r, 1000, together(r, answering(r.primary, 50, ack)))
    expect(codes(r.primary)).toEqual(['1121', '1131'])
  })

  it('asks to be called within 20 ms while it waits, and not at all while nothing is owed', () => {
    const r = rig()
    expect(settled(r)).toBe(Infinity)
    add(r, OPENED)
    runTo(r, 60)
    expect(dispatcher.poll(r.d, r.nowMs) - r.nowMs).toBeLessThanOrEqual(20)
  })
})

describe('dispatcher: replies', () => {
  it('counts a right ACK as kiss-off and settles the event in flash', () => {
    const r = rig()
    const sequence = add(r, OPENED)
    runTo(r, 100, together(r))
    r.primary.inbox = ack(sequence)
    runTo(r, 130, together(r))
    expect(r.q.count).toBe(0)
    expect(queue.create(r.flash, nodeCrypto, ALL, new Uint8Array([3])).count).toBe(0)
  })

  it.each([
    ['the ACK of another message', ack(77)],
    ['an ACK with a wrong CRC', ack(1).replace(/^\n..../, '\nFFFF')],
    ['an ACK without its end', ack(1).slice(0, -1)],
    ['an ACK without its beginning', ack(1).slice(1)],
    ['an ACK for another account', framed('"ACK"0001R0L0#9999[]')],
    ['an empty line', '\n\r'],
    ['a frame of our own, sent back', framed('"ADM-CID"0001R0L0#1234[#1234|1401 01 001]')],
    ['4000 bytes of garbage', 'x'.repeat(4000)],
    ['zero bytes', '\0'.repeat(100)],
  ])('takes %s for no kiss-off, and sends again with the same number', (_name, bytes) => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 100, together(r))
    r.primary.inbox = bytes
    runTo(r, 5000, together(r))
    expect(r.q.count).toBe(1)
    runTo(r, 7000, together(r))
    expect(sequences(r.primary)).toEqual([1, 1])
  })

  it('finds the ACK behind garbage, behind another ACK, and in pieces', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 100, together(r))
    const bytes = `\r\nrubbish${ack(999)}${duh(998)}${ack(1)}`
    for (const byte of bytes) {
      expect(r.q.count).toBe(1)
      r.primary.inbox += byte
      runTo(r, r.nowMs + 5, together(r))
    }
    runTo(r, r.nowMs + 30, together(r))
    expect(r.q.count).toBe(0)
  })

  it('judges at most 8 lines of a flood of <LF><CR> in one poll, and finds the ACK behind 400 of them', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 100, together(r))
    r.primary.inbox = '\n\r'.repeat(400) + ack(1)
    const lengthBytes = r.primary.inbox.length
    r.nowMs += 20
    for (let polls = 1; polls <= 50; polls++) {
      r.nowMs = dispatcher.poll(r.d, r.nowMs)
      expect(r.d.lanes[0].reply.length).toBe(lengthBytes - polls * 8 * 2)
      expect(r.q.count).toBe(1)
    }
    // The line, its CRC, its meaning, and what follows from it: a poll each.
    for (let polls = 0; polls < 4; polls++) dispatcher.poll(r.d, r.nowMs)
    expect(r.q.count).toBe(0)
  })

  it('finds the ACK behind 20 empty lines although the connection has ended, and fails when nothing is left', () => {
    for (const tail of [ack(1), '']) {
      const r = rig(false)
      add(r, OPENED)
      runTo(r, 100, together(r))
      r.primary.inbox = '\n\r'.repeat(20) + tail
      r.primary.state = READY
      runTo(r, 200, together(r))
      expect(r.q.count).toBe(tail === '' ? 1 : 0)
      expect(r.d.lanes[0].atps[0]?.failCount).toBe(tail === '' ? 1 : 0)
    }
  })

  it('ignores the late ACK of a former message (SIA DC-09 5.2)', () => {
    const r = rig(false)
    add(r, PERIMETER_ALARM, 1)
    runTo(r, 100, together(r))
    r.primary.inbox = ack(1)
    add(r, PERIMETER_ALARM, 2)
    runTo(r, 300, together(r))
    expect(sequences(r.primary)).toEqual([1, 2])
    r.primary.inbox = ack(1)
    runTo(r, 4000, together(r))
    expect(r.q.count).toBe(1)
    r.primary.inbox = ack(2)
    runTo(r, 4100, together(r))
    expect(r.q.count).toBe(0)
  })

  it('throws away what came unasked before it sends', () => {
    const r = rig(false)
    add(r, PERIMETER_ALARM)
    runTo(r, 100, together(r))
    r.primary.inbox = ack(1)
    runTo(r, 200, together(r))
    r.primary.inbox = ack(2)
    add(r, OPENED)
    runTo(r, 400, together(r))
    expect(r.q.count).toBe(1)
  })

  it('parks what the receiver cannot process (DUH), lets others pass, and offers it again after 60 s', () => {
    const r = rig(false)
    add(r, PERIMETER_ALARM)
    add(r, OPENED)
    const act = together(
      r,
      answering(r.primary, 50, (sequence, count) => (count === 1 ? duh(sequence) : ack(sequence))),
    )
    runTo(r, 2000, act)
    expect(codes(r.primary)).toEqual(['1131', '1401'])
    expect(r.q.count).toBe(1)
    runTo(r, 59000, act)
    expect(r.primary.sent).toHaveLength(2)
    runTo(r, 63000, act)
    expect(codes(r.primary)).toEqual(['1131', '1401', '1131'])
    expect(r.q.count).toBe(0)
  })

  it('tries a refused event on the other path, although the primary is well (reporting.md 5.3)', () => {
    const r = rig()
    add(r, PERIMETER_ALARM)
    runTo(r, 3000, together(r, answering(r.primary, 50, duh), answering(r.alternative, 50, ack)))
    expect(codes(r.alternative)).toEqual(['1131'])
    expect(r.q.count).toBe(0)
  })

  it('never gives 121 up for a receiver that refuses it: 60 tries in an hour on each path (D-14)', () => {
    const r = rig()
    add(r, DURESS)
    runTo(r, 3600000, together(r, answering(r.primary, 50, duh), answering(r.alternative, 50, duh)))
    expect(r.q.count).toBe(1)
    expect(r.primary.sent.length).toBeGreaterThanOrEqual(58)
    expect(r.alternative.sent.length).toBeGreaterThanOrEqual(58)
  })
})

describe('dispatcher: NAK', () => {
  it('sends once more with the same number and the time of the receiver, one hour ahead, on a new connection', () => {
    const r = rig(false)
    add(r, OPENED)
    const answers = (sequence: number, count: number) =>
      count === 1 ? nak(START_SECONDS + 3600) + nak(START_SECONDS + 3600) : ack(sequence)
    runTo(r, 3000, together(r, answering(r.primary, 50, answers)))
    expect(sequences(r.primary)).toEqual([1, 1])
    expect(r.primary.sent[0].frame).toContain(`_${stampOf(START_SECONDS)}`)
    expect(r.primary.sent[1].frame).toContain(`_${stampOf(START_SECONDS + 3600)}`)
    expect(r.primary.sent[1].atMs).toBeLessThan(1000)
    expect([r.primary.openCount, r.q.count]).toEqual([2, 0])
  })

  it('learns the time from the first NAK when the board does not know it', () => {
    const r = rig(false)
    r.boardSeconds = 0
    add(r, OPENED)
    const answers = (sequence: number, count: number) => (count === 1 ? nak(START_SECONDS) : ack(sequence))
    runTo(r, 3000, together(r, answering(r.primary, 50, answers)))
    expect(r.primary.sent[0].frame).not.toContain(']_')
    expect(r.primary.sent[1].frame).toContain(`_${stampOf(START_SECONDS)}`)
    expect(r.q.count).toBe(0)
  })

  it('takes a second NAK for a refusal, whatever time it tells: 2 frames, then 60 s of peace', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(
      r,
      50000,
      together(
        r,
        answering(r.primary, 50, (_sequence, count) => nak(START_SECONDS + count * 1000)),
      ),
    )
    expect(r.primary.sent).toHaveLength(2)
    expect(r.q.count).toBe(1)
  })

  it('takes a NAK without a time, or with ours, for a refusal at once', () => {
    for (const bytes of ['"NAK"', framed('"NAK"0000R0L0A0[]'), nak(START_SECONDS)]) {
      const r = rig(false)
      add(r, OPENED)
      runTo(
        r,
        50000,
        together(
          r,
          answering(r.primary, 50, () => bytes),
        ),
      )
      expect(r.primary.sent).toHaveLength(1)
      expect(r.q.count).toBe(1)
    }
  })

  it('resends on both paths when both get a NAK for the old time: the second is no refusal', () => {
    const r = rig()
    r.boardSeconds = 0
    add(r, DURESS)
    const answers = (sequence: number, count: number) => (count === 1 ? nak(START_SECONDS) : ack(sequence))
    runTo(r, 3000, together(r, answering(r.primary, 50, answers), answering(r.alternative, 80, answers)))
    expect([sequences(r.primary), sequences(r.alternative)]).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(r.alternative.sent[1].atMs).toBeLessThan(1000)
    expect(r.q.count).toBe(0)
  })
})

describe('dispatcher: failures', () => {
  it('pauses 1, 2, 4, 8, 16, 32 and then 60 s for ever after a reply that never came (D-14)', () => {
    const r = rig(false)
    r.primary.opensAfterMs = 0
    add(r, DURESS)
    runTo(r, 3600000, together(r))
    const gaps = r.primary.sent
      .slice(1)
      .map((entry, index) => entry.atMs - r.primary.sent[index].atMs - PRIMARY_REPLY_MS)
    expect(gaps.slice(0, 8).map((gap) => Math.round(gap / 1000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
    expect(gaps.length).toBeGreaterThan(50)
    expect(Math.max(...gaps)).toBeLessThan(60500)
    expect(new Set(sequences(r.primary)).size).toBe(1)
    expect(r.q.count).toBe(1)
  })

  it('waits 5 s for a reply on the primary and 15 s on the alternative (reporting.md 5.4)', () => {
    const r = rig()
    add(r, DURESS)
    runTo(r, 5000, together(r))
    expect([r.primary.closeCount, r.alternative.closeCount]).toEqual([0, 0])
    runTo(r, 5100, together(r))
    expect([r.primary.closeCount, r.alternative.closeCount]).toEqual([1, 0])
    runTo(r, 15000, together(r))
    expect(r.alternative.closeCount).toBe(0)
    runTo(r, 15100, together(r))
    expect(r.alternative.closeCount).toBe(1)
  })

  it('is back at the shortest pause after a kiss-off', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 40000, together(r))
    const sent = r.primary.sent.length
    runTo(
      r,
      120000,
      together(
        r,
        answering(r.primary, 50, (sequence, count) => (count > sent ? ack(sequence) : '')),
      ),
    )
    expect(r.q.count).toBe(0)
    add(r, OPENED)
    const before = r.primary.sent.length
    const startMs = r.nowMs
    runTo(r, startMs + 7000, together(r))
    expect(r.primary.sent.length - before).toBe(2)
  })

  it('ends a pause for a new event (reporting.md 5.4)', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 70000, together(r))
    const before = r.primary.sent.length
    const startMs = r.nowMs
    add(r, DURESS)
    runTo(r, startMs + 200, together(r))
    expect(codes(r.primary).slice(before)).toEqual(['1121'])
  })

  it('gives up an attempt to open after 4 reply times, and tries again', () => {
    const r = rig(false)
    r.primary.opensAfterMs = Infinity
    add(r, OPENED)
    runTo(r, 19900, together(r))
    expect([r.primary.openCount, r.primary.closeCount]).toEqual([1, 0])
    runTo(r, 21200, together(r))
    expect([r.primary.openCount, r.primary.closeCount]).toEqual([2, 1])
  })

  it('notices within 20 ms that the path fell back, while opening and while waiting', () => {
    for (const fallMs of [20, 100]) {
      for (const state of [READY, DOWN]) {
        const r = rig(false)
        add(r, OPENED)
        runTo(r, fallMs, together(r))
        r.primary.state = state as PathState
        runTo(r, fallMs + 20, together(r))
        expect(r.primary.closeCount).toBe(1)
        r.primary.state = READY
        r.d.lanes[0].pathAtMs = r.nowMs // a path comes back in its own poll
        runTo(r, fallMs + 1500, together(r, answering(r.primary, 50, ack)))
        expect(r.q.count).toBe(0)
      }
    }
  })

  it('still takes the kiss-off that came with the end of the connection', () => {
    const r = rig(false)
    add(r, OPENED)
    runTo(r, 100, together(r))
    r.primary.inbox = ack(1)
    r.primary.state = READY
    runTo(r, 130, together(r))
    expect(r.q.count).toBe(0)
  })

  it('offers a frame that the path does not take for 20 s, then counts a failure; nothing is lost', () => {
    const r = rig(false)
    r.primary.takes = false
    add(r, OPENED)
    runTo(r, 19900, together(r))
    expect(r.primary.closeCount).toBe(0)
    runTo(r, 20100, together(r))
    expect(r.primary.closeCount).toBe(1)
    r.primary.takes = true
    runTo(r, 22000, together(r, answering(r.primary, 50, ack)))
    expect(r.q.count).toBe(0)
  })

  it('does not wait for a path that is down: asked again only when the path says so', () => {
    const r = rig(false)
    r.primary.state = DOWN
    add(r, OPENED)
    expect(settled(r)).toBe(Infinity)
    expect(r.primary.openCount).toBe(0)
  })

  it('drops the courtesy copy of a settled 121 when its path fails, and is idle then', () => {
    const r = rig()
    add(r, DURESS)
    runTo(r, 20000, together(r, answering(r.primary, 50, ack)))
    expect(r.alternative.sent).toHaveLength(1)
    expect(r.q.count).toBe(0)
  })

  it('resends what is in flight from its new place when the journal moves it', () => {
    const r = rig(false)
    const sequence = add(r, DURESS, 3)
    runTo(r, 100, together(r))
    const from = r.q.flying[0]
    // A copy elsewhere, and the old slot erased.
    const slot = r.flash.read((from >> 1) * 32, 32)
    r.flash.write(100 * 32, slot)
    r.flash.erase(0)
    r.flash.write(100 * 32, slot)
    queue.moved(r.q, from, 200)
    runTo(r, 7000, together(r))
    expect(r.primary.sent).toHaveLength(2)
    expect(r.primary.sent[1].frame).toContain('#1234|1121 01 003]')
    expect(sequences(r.primary)).toEqual([sequence, sequence])
    r.primary.inbox = ack(sequence)
    runTo(r, 7050, together(r))
    expect(r.q.count).toBe(0)
  })
})

describe('dispatcher: a hostile receiver', () => {
  it('loses nothing and believes nothing over 2000 replies of noise, damaged and foreign frames (seed 11)', () => {
    const r = rig()
    const random = new Random(11)
    for (let count = 0; count < 20; count++) add(r, [DURESS, PERIMETER_ALARM, OPENED, SYSTEM_RESET][count & 3], count)
    let replies = 0
    const noise = (sequence: number): string => {
      replies++
      const whole = [ack(sequence), ack(sequence + 1), duh(sequence + 1), nak(START_SECONDS)][random.below(4)]
      const at = random.below(whole.length)
      switch (random.below(4)) {
        case 0:
          return whole.slice(0, at)
        case 1:
          // Any bit but 5: that would make a hex digit of the envelope lower case, which is tolerated.
          return (
            whole.slice(0, at) +
            String.fromCharCode(whole.charCodeAt(at) ^ (1 << random.below(5))) +
            whole.slice(at + 1)
          )
        case 2:
          return String.fromCharCode(random.below(256)).repeat(random.below(3000))
        default:
          return ack(sequence + 1 + random.below(9000))
      }
    }
    const act = together(r, answering(r.primary, 30, noise), answering(r.alternative, 30, noise))
    while (replies < 2000) {
      dispatcher.wake(r.d)
      runTo(r, r.nowMs + 6000, act)
    }
    expect(r.q.count).toBe(20)
    runTo(r, r.nowMs + 400000, together(r, answering(r.primary, 30, ack), answering(r.alternative, 30, ack)))
    expect(r.q.count).toBe(0)
    expect(r.q.lostCount).toBe(0)
  })
})
