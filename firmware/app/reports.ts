/** What the panel reports by itself: loss of paths, tests, what was given up, jamming (R-2, R-6, R-7, R-8, S-10, S-15). */

import * as cellularPath from '../cellular/cellular-path'
import * as clock from '../clock'
import type { Config } from '../config'
import * as event from '../event'
import type { Hal } from '../hal'
import * as eventLog from '../store/event-log'
import * as figures from '../store/figures'
import * as journal from '../store/journal'
import * as dispatcher from '../transmit/dispatcher'
import * as lanes from '../transmit/lanes'
import * as queue from '../transmit/queue'
import { keep } from './keeping'
import { type App, NEVER } from './state'

/** Bits of dispatcher.conditions: lost paths. */
const SECOND = 2
const BOTH = 3
const MINUTE_MS = 60000
/** A lost path is tried once a minute (transmit/supervision.ts). */
const SETTLE_MS = 90000
/** An hour of the periodic test, S-10. */
const HOUR_MS = 3600000
/** Places for receivers of a lane in the figures. */
const RECEIVERS = figures.ATPS / 2

/** At a moment of its own for each panel and start, so that a station does not get all tests at once (S-10). */
export function firstTest(hal: Hal, config: Config): number {
  const chance = new Uint8Array(2)
  hal.random.fill(chance)
  const share = ((chance[0] << 8) | chance[1]) / 65536
  return config.testHours === 0 ? NEVER : share * config.testHours * HOUR_MS
}

/**
 * Loss and return of paths become events: over the path that works, or as soon as one does. A station may take the
 * loss of both for a confirmed alarm, so the second of them is told only once both have been lost for the time that the
 * settings give. When the first is back before, the second has a moment to be back as well. The keypad shows what
 * is (supervise.ts).
 */
export function tell(app: App, nowMs: number): void {
  let now = app.dispatcher.conditions
  const isBoth = (now & BOTH) === BOTH
  const wasBoth = (app.seen & BOTH) === BOTH
  let held = now & ~app.told & BOTH
  app.seen = now
  if (held === 0) app.bothAtMs = NEVER
  else if (isBoth && !wasBoth) app.bothAtMs = nowMs + app.config.bothDownMinutes * MINUTE_MS
  else if (wasBoth && !isBoth && app.bothAtMs !== NEVER) app.bothAtMs = nowMs + SETTLE_MS
  if (held === BOTH) held = SECOND
  if (app.bothAtMs !== NEVER && nowMs < app.bothAtMs) now ^= held
  else app.bothAtMs = NEVER
  const changed = now ^ app.told
  app.told = now
  for (let lane = 0; lane < 2; lane++) {
    if (((changed >> lane) & 1) === 0) continue
    keep(app, event.PATH_FAULT, ((now >> lane) & 1) === 1 ? event.NEW : event.RESTORE, lane + 1)
  }
  if ((changed & ~now & dispatcher.STUCK) !== 0) keep(app, event.FAILURE_TO_COMMUNICATE, event.NEW, 0)
}

/** What is reported by itself: tests of the paths (S-10, R-7), events that had to be given up, jamming (S-15). */
export function report(app: App, nowMs: number): void {
  const q = app.queue
  if (nowMs >= app.bothAtMs) tell(app, nowMs)
  if (nowMs >= app.testAtMs) testPaths(app, nowMs)
  if (nowMs >= app.figuresAtMs) keepFigures(app, nowMs)
  if (q.lostCount !== app.lostTold) {
    app.lostTold = q.lostCount
    app.isLossDue = 1
  }
  // With room for it, or it would cost another one.
  if (app.isLossDue === 1 && q.count < queue.LIMIT - queue.DESTINATIONS) {
    app.isLossDue = 0
    keep(app, event.LOG_OVERFLOW, event.NEW, 0)
  }
  if (app.told >= dispatcher.STUCK && app.cellular.settings.smsNumber !== '') lastResort(app)
  const filling = eventLog.due(app.log)
  if (filling !== 0) keep(app, filling, event.NEW, 0) // E-5
  const isJammed = app.cellular.trouble === cellularPath.JAMMED ? 1 : 0
  if (isJammed !== app.isJammed) {
    app.isJammed = isJammed
    keep(app, event.JAMMED, isJammed === 1 ? event.NEW : event.RESTORE, 0) // S-15
  }
}

/** One event for each path that leads to the station. One that is still owed says the same. */
function testPaths(app: App, nowMs: number): void {
  const q = app.queue
  app.testAtMs = nowMs + app.config.testHours * HOUR_MS
  for (let number = 1; number <= 2; number++) {
    const subject = event.subject(event.PERIODIC_TEST, app.config.partition, number)
    if ((q.lanes[0] & number) !== 0 && !queue.isWaiting(q, 0, subject))
      keep(app, event.PERIODIC_TEST, event.NEW, number)
  }
}

/** Once an hour: the figures, and what has waited too long. */
function keepFigures(app: App, nowMs: number): void {
  app.figuresAtMs = nowMs + HOUR_MS
  const hours = app.config.expiryHours
  const seconds = clock.utcSeconds(app.wall, app.hal.clock)
  if (hours > 0 && seconds > 0) queue.expire(app.queue, seconds - hours * 3600)
  const counted = new Uint32Array(figures.ATPS * figures.FIGURE_COUNT)
  for (let index = 0; index < app.dispatcher.lanes.length; index++) {
    const atps = app.dispatcher.lanes[index].atps
    for (let receiver = 0; receiver < atps.length; receiver++) {
      const a = atps[receiver]
      if (a === undefined) continue
      lanes.count(a, nowMs)
      counted.set(a.figures, (index * RECEIVERS + receiver) * figures.FIGURE_COUNT)
    }
  }
  figures.save(app.hal.flash, app.hal.crypto, counted)
}

/** A text message of the newest alarm that nobody has kissed off, when no path delivers; never of class 0. */
function lastResort(app: App): void {
  const q = app.queue
  for (let index = q.count - 1; index >= 0; index--) {
    const priority = q.classes[index]
    if (priority === 0 || priority >= event.CLASS_DROPPABLE || queue.destinationOf(q.handles[index]) !== 0) continue
    if (queue.isHeld(q, index) || queue.isDecoy(q, index)) continue
    const bytes = journal.read(q.journal, queue.locationOf(q.handles[index]))
    const sequence = journal.sequenceOf(bytes)
    if (sequence === app.smsSequence) return
    const text = 'Alarm ' + journal.codeOf(bytes) + ' ' + journal.numberOf(bytes)
    if (cellularPath.sms(app.cellular, text, priority) === cellularPath.TAKEN) app.smsSequence = sequence
    return
  }
}
