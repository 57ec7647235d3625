/**
 * Takes the next owed event to its receiver: over both paths at once for class 0 (D-13), over the first ATP that works
 * for the rest (lanes.ts), until the receiver's own acknowledgement (SIA DC-09; reporting.md §5). One message is in flight
 * on each path. What a path or a receiver does wrong costs an attempt and a pause, never an event. A path with nothing to
 * send proves itself by null messages (supervision.ts).
 *
 * Each path has a lane:   IDLE --open()--> CONNECTING > PICKED > SAID > COMPOSED > SUMMED --send()--> WAITING --ACK--> DONE > IDLE
 *                           ^----------------------------- failure ---------------------------------+
 *
 * None of it may take long, because a key waits meanwhile: one poll makes one step of one lane, or polls its path.
 */

import * as clock from '../clock'
import * as event from '../event'
import type { Hal } from '../hal'
import * as contactId from '../report/contact-id'
import * as dc09 from '../report/dc09'
import * as journal from '../store/journal'
import * as lanes from './lanes'
import { type Atp, type Lane, Phase } from './lanes'
import type { Path } from './path'
import { DOWN, OPEN, OPENING, READY } from './path'
import * as queue from './queue'
import * as supervision from './supervision'

/** A path gets this many times its reply time-out to open a connection. */
const OPEN_FACTOR = 4
/** Nothing to send was found: the queue is looked at again after this. */
const SEARCH_MS = 1000
/** Refused events are offered again after this long (D-14). */
const REFUSED_MS = 60000
/** A lane that waits looks at its path this often; one whose frame was not taken offers it again this often. */
const LOOK_MS = 20
const OFFER_MS = 200
/** A stamp that is off by less is not what the receiver objects to (§5.3). */
const STAMP_SECONDS = 2
/** An event that is older than this when it is sent carries its own time (reporting.md §2.1 rule 5). */
const WAITED_SECONDS = 60
/** With no kiss-off for this long while events wait, the panel fails to communicate. */
const STUCK_MS = 120000
/** Whether it does is judged this often: it takes a walk through the queue. */
const JUDGE_MS = 1000
/** Turns of the lanes to one of the supervision. */
const TURNS = 3
/** An idle connection that ended is made again after this; longer each time the receiver ends it without a message. */
const KEEP_MS = 5000
const KEEP_LIMIT_MS = 600000
/** What is kept of a reply that is not complete. */
const REPLY_LIMIT_BYTES = 1024
/** Lines of a reply judged in one poll: a flood of empty ones must not hold the panel's loop. */
const REPLY_LIMIT_LINES = 8

/** Bit of `conditions` behind those of the lanes (supervision.lost): events wait, and no path delivers. */
export const STUCK = 4

export interface Dispatcher {
  hal: Hal
  queue: queue.Queue
  clock: clock.WallClock
  lanes: Lane[]
  supervision: supervision.Supervision
  refusedUntilMs: number
  /** Turns of the lanes that go before the next one of the supervision. */
  turns: number
  /** Last kiss-off of an event, or when the first one began to wait. */
  movedAtMs: number
  judgeAtMs: number
  /** What is wrong now: bit 0 and 1 the lane is lost, STUCK. The panel makes events of the changes. */
  conditions: number
}

/** category, primary: of the supervision. */
export function create(
  hal: Hal,
  owed: queue.Queue,
  wall: clock.WallClock,
  category: number,
  primary: number,
): Dispatcher {
  return {
    hal,
    queue: owed,
    clock: wall,
    lanes: [],
    supervision: supervision.create(category, primary),
    refusedUntilMs: Infinity,
    turns: 0,
    movedAtMs: 0,
    judgeAtMs: 0,
    conditions: 0,
  }
}

/** Takes up what was wrong before a restart, so that its end is told, too. After all ATPs are there. */
export function resume(d: Dispatcher, conditions: number): void {
  d.conditions = conditions
  d.supervision.lost = conditions & 3
  for (let index = 0; index < d.lanes.length; index++) {
    const atps = d.lanes[index].atps
    for (let receiver = 0; receiver < atps.length; receiver++) {
      const a = atps[receiver]
      if (a !== undefined && a.destination === 0) a.isLost = (conditions >> index) & 1
    }
  }
}

/** Adds a path, the primary first; its ATPs are then put into the lane's `atps`, by receiver. At most two. */
export function addLane(d: Dispatcher, path: Path): Lane {
  const lane = lanes.create(path, d.lanes.length)
  d.lanes.push(lane)
  return lane
}

/** A new event ends all pauses (reporting.md §5.4). */
export function wake(d: Dispatcher): void {
  for (let index = 0; index < d.lanes.length; index++) {
    const lane = d.lanes[index]
    for (let receiver = 0; receiver < lane.atps.length; receiver++) {
      const a = lane.atps[receiver]
      if (a !== undefined) a.pauseUntilMs = 0
    }
    lane.pathAtMs = 0
  }
  searchAgain(d)
}

/** On the device this makes what looks for the next message, in a pass without a turn. Never true, and a loop: as in app/house.ts. */
export function warm(d: Dispatcher): void {
  while (d.conditions < 0) d.conditions = 0
}

/** The same of what says it and hears the answer. */
export function warmExchange(d: Dispatcher): void {
  while (d.conditions < 0) d.conditions = 0
}

/** Moves the lanes on, or the one of them that has waited longest. Returns when to call again, in ms. */
export function poll(d: Dispatcher, nowMs: number): number {
  if (nowMs >= d.refusedUntilMs) offerAgain(d)
  const s = d.supervision
  // A pass of its own, but not before the lanes had some turns, however slow the passes are.
  if (nowMs >= s.atMs && d.turns === 0) return watch(d, nowMs)
  if (d.turns > 0) d.turns--
  const first = d.lanes[0]
  const second = d.lanes.length > 1 ? d.lanes[1] : first
  const isSecond = Math.min(second.pathAtMs, second.restUntilMs) < Math.min(first.pathAtMs, first.restUntilMs)
  if (take(d, isSecond ? second : first, nowMs) && first !== second) take(d, isSecond ? first : second, nowMs)
  if (nowMs >= d.judgeAtMs) judge(d, nowMs)
  const nextMs = Math.min(s.atMs, first.pathAtMs, first.restUntilMs, second.pathAtMs, second.restUntilMs)
  return nextMs > nowMs ? nextMs : nowMs
}

/** What was refused is offered once more (D-14). */
export function offerAgain(d: Dispatcher): void {
  d.refusedUntilMs = Infinity
  queue.retryRefused(d.queue)
  searchAgain(d)
}

/** The supervision's turn. */
export function watch(d: Dispatcher, nowMs: number): number {
  const s = d.supervision
  d.turns = TURNS
  supervision.watch(s, d.lanes, nowMs)
  d.conditions = s.lost | (d.conditions & STUCK)
  searchAgain(d)
  return nowMs
}

/**
 * A lane's turn: its path's or its own, whichever has waited longer. True when both are at rest after it, so that there is
 * time for the other lane.
 */
function take(d: Dispatcher, lane: Lane, nowMs: number): boolean {
  if (nowMs >= lane.pathAtMs && lane.pathAtMs < lane.restUntilMs) {
    pollPath(d, lane, nowMs)
    if (lane.phase !== Phase.IDLE && lane.restUntilMs > nowMs) lane.restUntilMs = nowMs // what it brought is looked at next
  } else if (nowMs >= lane.restUntilMs)
    lane.restUntilMs = lane.phase < Phase.PICKED ? seek(d, lane, nowMs) : proceed(d, lane, nowMs)
  return lane.phase === Phase.IDLE && nowMs < lane.pathAtMs && nowMs < lane.restUntilMs
}

function pollPath(d: Dispatcher, lane: Lane, nowMs: number): void {
  const path = lane.path
  lane.pathAtMs = path.poll(path, nowMs)
  if (path.state !== lane.state) {
    if (path.state === DOWN || lane.state === DOWN) supervision.wake(d.supervision)
    lane.state = path.state
    searchAgain(d)
  }
  if (path.timeSeconds === 0) return
  clock.learn(d.clock, d.hal.clock, path.timeSeconds, path.timeAtMs)
  path.timeSeconds = 0
}

/** STUCK when events wait for the station and none was kissed off for long, on whatever path. */
function judge(d: Dispatcher, nowMs: number): void {
  d.judgeAtMs = nowMs + JUDGE_MS
  const isOwed = queue.isOwed(d.queue, 0)
  if (!isOwed) d.movedAtMs = nowMs
  d.conditions = d.supervision.lost | (isOwed && nowMs >= d.movedAtMs + STUCK_MS ? STUCK : 0)
}

/** A lane at rest or with a connection in the making: what it should send. */
function seek(d: Dispatcher, lane: Lane, nowMs: number): number {
  return lane.phase === Phase.IDLE ? idle(d, lane, nowMs) : connecting(d, lane, nowMs)
}

/** A lane with a message. The one that waits for its kiss-off does so most often. */
function proceed(d: Dispatcher, lane: Lane, nowMs: number): number {
  if (lane.phase === Phase.WAITING) return waiting(d, lane, nowMs)
  switch (lane.phase) {
    case Phase.PICKED:
      return picked(d, lane, nowMs)
    case Phase.SAID:
      return dc09.prepare((lane.atp as Atp).link) ? nowMs : compose(d, lane, nowMs)
    case Phase.COMPOSED:
      return sum(lane, nowMs)
    case Phase.SUMMED:
      return hand(d, lane, nowMs)
    default:
      return acknowledged(d, lane, nowMs)
  }
}

/** Something changed, or the deadline that this named last is there. Returns the next one. */
function idle(d: Dispatcher, lane: Lane, nowMs: number): number {
  const path = lane.path
  const polled = pollDue(lane, nowMs)
  if (path.state === DOWN) {
    // The path's own poll brings it back. Until then a due null message has failed.
    if (polled !== undefined) {
      lanes.failed(polled, nowMs)
      supervision.wake(d.supervision)
    }
    return Infinity
  }
  if (d.queue.count > 0 && nowMs >= lane.searchAtMs) {
    if (pick(d, lane, nowMs) !== queue.NOWHERE) return connect(lane, eventAtp(d, lane, nowMs), nowMs)
    lane.searchAtMs = nowMs + SEARCH_MS
  }
  if (polled !== undefined) {
    lane.isPoll = 1
    return connect(lane, polled, nowMs)
  }
  return keep(d, lane, nowMs)
}

/** An ATP whose null message is due; undefined when none is. */
function pollDue(lane: Lane, nowMs: number): Atp | undefined {
  for (let receiver = 0; receiver < lane.atps.length; receiver++) {
    const a = lane.atps[receiver]
    if (a !== undefined && nowMs >= a.pollAtMs && nowMs >= a.pauseUntilMs) return a
  }
  return undefined
}

/** Holds a connection to the station for the next class 0 event. Returns the idle lane's deadline. */
function keep(d: Dispatcher, lane: Lane, nowMs: number): number {
  const nextMs = d.queue.count > 0 ? lane.searchAtMs : Infinity
  if (!supervision.isKept(d.supervision, lane.index)) return nextMs
  const state = lane.path.state
  const home = lanes.choose(lane, 0, nowMs)
  if (state === OPENING || home === undefined || home.pollAtMs === Infinity) return nextMs
  if (state === OPEN) {
    if (lane.atp === home) return nextMs
    lane.path.close(lane.path) // to another receiver, whose message is off
  } else if (lane.keepAtMs === 0) {
    lane.keepMs = lane.keepMs === 0 ? KEEP_MS : lane.keepMs < KEEP_LIMIT_MS ? lane.keepMs * 2 : KEEP_LIMIT_MS
    lane.keepAtMs = nowMs + lane.keepMs
  }
  if (nowMs < lane.keepAtMs) return lane.keepAtMs < nextMs ? lane.keepAtMs : nextMs
  return connect(lane, home, nowMs)
}

/** Begins an attempt. The connection is made first, unless there is one to this receiver. */
function connect(lane: Lane, a: Atp | undefined, nowMs: number): number {
  const path = lane.path
  if (path.state !== READY && lane.atp !== a) path.close(path)
  lane.atp = a
  lane.isOpened = 0
  lane.keepAtMs = 0
  lane.phase = Phase.CONNECTING
  lane.untilMs = nowMs + path.replyTimeoutMs * OPEN_FACTOR
  return nowMs
}

/** What the lane should send next; it is in flight there from now on. */
function pick(d: Dispatcher, lane: Lane, nowMs: number): number {
  let takes = 0
  for (let destination = 0; destination < d.queue.lanes.length; destination++) {
    if (lanes.routeOf(d.lanes, destination, nowMs) === lane.index) takes |= 1 << destination
  }
  return queue.pick(d.queue, lane.index, takes, lanes.servesOf(lane, nowMs))
}

function eventAtp(d: Dispatcher, lane: Lane, nowMs: number): Atp | undefined {
  return lanes.choose(lane, queue.destinationOf(d.queue.flying[lane.index]), nowMs)
}

function connecting(d: Dispatcher, lane: Lane, nowMs: number): number {
  const path = lane.path
  if (path.state === READY && lane.isOpened === 0) {
    lane.isOpened = 1
    path.open(path, (lane.atp as Atp).receiver)
    lane.pathAtMs = nowMs
    return nowMs + LOOK_MS
  }
  if ((path.state !== OPEN && path.state !== OPENING) || nowMs >= lane.untilMs) return fail(d, lane, nowMs)
  // What became urgent meanwhile goes first (D-13), and may be for another receiver.
  const isDue = path.state === OPEN || nowMs >= lane.searchAtMs
  const isPicked = isDue && d.queue.count > 0 && pick(d, lane, nowMs) !== queue.NOWHERE
  if (path.state === OPENING) lane.searchAtMs = nowMs + SEARCH_MS
  const a = isPicked ? eventAtp(d, lane, nowMs) : lane.atp
  if (a !== lane.atp) return connect(lane, a, nowMs)
  if (path.state === OPENING) return nowMs + LOOK_MS
  if (isPicked || lane.isPoll === 1) lane.phase = Phase.PICKED
  else release(d, lane)
  return nowMs
}

/** What was picked may be gone meanwhile: a place in RAM was overwritten (queue.ts). */
function picked(d: Dispatcher, lane: Lane, nowMs: number): number {
  if (d.queue.flying[lane.index] !== queue.NOWHERE) return transmit(d, lane, nowMs)
  if (lane.isPoll === 1) return transmitNull(lane, nowMs)
  lane.phase = Phase.CONNECTING
  return nowMs
}

/** What the frame says. It is made anew for each attempt: the stamp is the time of sending, the sequence number stays (§3.7, §5.2). */
function transmit(d: Dispatcher, lane: Lane, nowMs: number): number {
  const a = lane.atp as Atp
  const bytes = journal.read(d.queue.journal, queue.locationOf(d.queue.flying[lane.index]))
  const data = `#${a.link.account}|${dataOf(d.queue, d.queue.flying[lane.index])}`
  const happened = journal.secondsOf(bytes)
  const hasWaited =
    happened > 0 && clock.utcSeconds(d.clock, d.hal.clock) - happened >= WAITED_SECONDS && a.hasTime === 1
  lane.isPoll = 0
  lane.isTimed = hasWaited ? 1 : 0
  return say(lane, hasWaited ? dc09.timed(data, happened) : data, journal.sequenceOf(bytes), nowMs)
}

/** The digits of what is said for an event in flight. */
function dataOf(q: queue.Queue, handle: number): string {
  const content = queue.contentOf(q, handle)
  const isDecoy = content < 0
  const bytes = journal.read(q.journal, isDecoy ? ~content : content)
  const [code, number] = isDecoy ? [event.DECOY, 0] : [journal.codeOf(bytes), journal.numberOf(bytes)]
  return contactId.digits(journal.qualifierOf(bytes), code, journal.partitionOf(bytes), number)
}

function transmitNull(lane: Lane, nowMs: number): number {
  lane.isTimed = 0
  return say(lane, '', 0, nowMs)
}

function say(lane: Lane, data: string, sequence: number, nowMs: number): number {
  lane.body = data
  lane.sequence = sequence
  lane.phase = Phase.SAID
  return nowMs
}

function compose(d: Dispatcher, lane: Lane, nowMs: number): number {
  const stamp = clock.utcSeconds(d.clock, d.hal.clock)
  lane.body = dc09.compose((lane.atp as Atp).link, lane.sequence, lane.body, stamp)
  lane.stampBase = stamp - upSeconds(nowMs)
  lane.phase = Phase.COMPOSED
  return nowMs
}

/** In two bytes, because what a number takes of memory must not follow from ciphertext. */
function sum(lane: Lane, nowMs: number): number {
  const crc = dc09.sum((lane.atp as Atp).link, lane.body)
  lane.sumHigh = crc >> 8
  lane.sumLow = crc & 255
  lane.phase = Phase.SUMMED
  return nowMs
}

/** Hands the frame over. */
function hand(d: Dispatcher, lane: Lane, nowMs: number): number {
  const path = lane.path
  if (path.state !== OPEN) return fail(d, lane, nowMs)
  const frame = dc09.enclose((lane.atp as Atp).link, lane.body, (lane.sumHigh << 8) | lane.sumLow)
  lane.body = ''
  path.receive(path) // what came unasked belongs to no message of ours
  lane.reply = ''
  if (!path.send(path, frame)) {
    lane.phase = Phase.CONNECTING
    d.queue.flying[lane.index] = queue.NOWHERE // picked again with the next offer
    return nowMs + OFFER_MS
  }
  lane.phase = Phase.WAITING
  lane.sentAtMs = nowMs
  lane.untilMs = nowMs + path.replyTimeoutMs
  lane.pathAtMs = nowMs
  return nowMs + LOOK_MS
}

function waiting(d: Dispatcher, lane: Lane, nowMs: number): number {
  const link = (lane.atp as Atp).link
  lane.reply = (lane.reply + lane.path.receive(lane.path)).slice(-REPLY_LIMIT_BYTES)
  let lineCount = 0
  let laterMs = LOOK_MS
  while (lane.reply !== '' && lineCount < REPLY_LIMIT_LINES) {
    lineCount++
    const verdict = dc09.hear(link, lane.reply, lane.sequence, sureSeconds(d))
    // However slow the passes are: a line that is there is judged.
    if (verdict === dc09.AGAIN) return nowMs
    if (verdict === dc09.NONE) break
    lane.reply = lane.reply.slice(link.consumed)
    if (verdict === dc09.ACK) {
      lane.phase = Phase.DONE
      return nowMs
    }
    if (verdict === dc09.NAK) return negative(d, lane, nowMs)
    if (verdict === dc09.DUH) return refused(d, lane, nowMs)
  }
  if (lineCount === REPLY_LIMIT_LINES) laterMs = 1
  // After the end of the connection, what is left to judge may still hold the kiss-off.
  const isEnded = lane.path.state !== OPEN && laterMs === LOOK_MS
  if (isEnded || nowMs >= lane.untilMs + LOOK_MS - laterMs) return fail(d, lane, nowMs)
  if (isOvertaken(d, lane, nowMs)) return abandon(d, lane, nowMs)
  return nowMs + laterMs
}

/** True when a class 0 event could go to the station now while the lane listens to somebody else (D-13). */
function isOvertaken(d: Dispatcher, lane: Lane, nowMs: number): boolean {
  if ((lane.atp as Atp).destination === 0 || d.queue.count === 0) return false
  return lanes.choose(lane, 0, nowMs) !== undefined && queue.hasUrgent(d.queue, lane.index, 0)
}

/** The message is sent again later; its receiver did nothing wrong. */
function abandon(d: Dispatcher, lane: Lane, nowMs: number): number {
  lane.path.close(lane.path)
  release(d, lane)
  return nowMs
}

function acknowledged(d: Dispatcher, lane: Lane, nowMs: number): number {
  const a = lane.atp as Atp
  lanes.worked(a, lane.sentAtMs, nowMs)
  lane.keepMs = 0
  lane.isCorrected = 0
  supervision.wake(d.supervision)
  const handle = d.queue.flying[lane.index]
  if (lane.isPoll === 0) {
    if (a.destination === 0) {
      d.movedAtMs = nowMs
      d.judgeAtMs = nowMs
    }
    queue.kissedOff(d.queue, handle, lane.index, canSend(d, 1 - lane.index, a.destination, nowMs))
  }
  release(d, lane)
  queue.refill(d.queue)
  return nowMs
}

function canSend(d: Dispatcher, index: number, destination: number, nowMs: number): boolean {
  const lane = d.lanes[index]
  return lane !== undefined && lane.path.state !== DOWN && lanes.choose(lane, destination, nowMs) !== undefined
}

/**
 * NAK: the clocks differ. One resend with the receiver's time; a second NAK is a refusal (§5.3). The stamp that was sent
 * is what counts: the other lane may have corrected the clock since.
 */
function negative(d: Dispatcher, lane: Lane, nowMs: number): number {
  clock.correct(d.clock, d.hal.clock, (lane.atp as Atp).link.nakSeconds)
  const moved = clock.utcSeconds(d.clock, d.hal.clock) - upSeconds(nowMs) - lane.stampBase
  if (lane.isCorrected !== 0 || Math.abs(moved) < STAMP_SECONDS) return refused(d, lane, nowMs)
  lane.isCorrected = 1
  // On a new connection: receivers double a NAK, or close after it (§5.1).
  return abandon(d, lane, nowMs)
}

/** A null message that is refused has failed (ioBroker.sia and others do not know it, §7.2). */
function refused(d: Dispatcher, lane: Lane, nowMs: number): number {
  if (lane.isPoll === 1) return fail(d, lane, nowMs)
  if (lane.isTimed === 1) {
    // Perhaps only the time of the event is too much for it (§3.6).
    const a = lane.atp as Atp
    a.hasTime = 0
    return abandon(d, lane, nowMs)
  }
  queue.refused(d.queue, d.queue.flying[lane.index], lane.index)
  d.refusedUntilMs = nowMs + REFUSED_MS
  lane.isCorrected = 0
  return abandon(d, lane, nowMs) // a doubled reply must not be taken for the next message's (§5.1)
}

function fail(d: Dispatcher, lane: Lane, nowMs: number): number {
  queue.failed(d.queue, d.queue.flying[lane.index])
  lanes.failed(lane.atp as Atp, nowMs)
  supervision.wake(d.supervision)
  lane.isCorrected = 0
  return abandon(d, lane, nowMs)
}

/** Our time for judging a reply's stamp, 0 while it is only assumed. */
function sureSeconds(d: Dispatcher): number {
  const seconds = clock.utcSeconds(d.clock, d.hal.clock)
  return d.clock.isSure ? seconds : 0
}

/** What one lane leaves may be for the other. One that is at work looks by itself; it must not keep its path from its turn. */
function searchAgain(d: Dispatcher): void {
  for (let index = 0; index < d.lanes.length; index++) {
    const lane = d.lanes[index]
    lane.searchAtMs = 0
    if (lane.phase === Phase.IDLE) lane.restUntilMs = 0
  }
}

function upSeconds(nowMs: number): number {
  return (nowMs / 1000) | 0
}

function release(d: Dispatcher, lane: Lane): void {
  d.queue.flying[lane.index] = queue.NOWHERE
  lane.phase = Phase.IDLE
  searchAgain(d)
  lane.isPoll = 0
  lane.reply = ''
  lane.body = ''
  dc09.rest()
}
