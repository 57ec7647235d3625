/**
 * The cellular path: a modem of any family carried from power-up to a connection, and back up when anything fails.
 *
 *   steps.ts     the record, the steps and the passage between them
 *   bring-up.ts  from power-up to a PDP context
 *   link.ts      the TCP or UDP link over it
 *   watch.ts     registration, signal, time and jamming
 *   ladder.ts    what follows a fault
 *   sms.ts       the text message of last resort
 *   at.ts        the modem's bytes as lines and results; dialects.ts the families of modems
 *
 * Here each finding of the AT engine goes to the part that it concerns.
 * Source: hardware.md §2; the manuals of the makers as cited there.
 */

import type { Hal } from '../hal'
import { DOWN } from '../transmit/path'
import * as at from './at'
import * as bringUp from './bring-up'
import * as dialects from './dialects'
import * as ladder from './ladder'
import * as link from './link'
import * as messages from './sms'
import { type CellularPath, type CellularSettings, drive, Link, NO_TROUBLE, restarted, Step } from './steps'
import * as watch from './watch'

export { sms, TAKEN } from './sms'
export { type CellularPath, type CellularSettings, JAMMED, NETWORK_DENIED, NO_TROUBLE, SIM_FAULT } from './steps'

/** Findings handled in one poll, empty lines among them: each takes a panel some 8 ms, and a key waits meanwhile. */
const TURN_LIMIT = 3
/** What is left of them waits so long. */
const MORE_MS = 1
/** A modem that is up, with nothing to say or to do, is looked at this often, */
const QUIET_MS = 2000
/** one that is on its way there this often, */
const REST_MS = 1000
/** this often while a reply is due, and for 2 s after it said something, */
const HEARD_MS = 100
const TALK_MS = 2000
/** and this often while it is spoken with. */
const SOON_MS = 20

/** Switches the supply on. The modem is started by poll(). */
export function create(hal: Hal, settings: CellularSettings): CellularPath {
  const nowMs = hal.clock.nowMs()
  const p: CellularPath = {
    state: DOWN,
    replyTimeoutMs: 15000,
    timeSeconds: 0,
    timeAtMs: 0,
    open: link.open,
    send: link.send,
    receive: link.receive,
    close: link.close,
    poll,
    hal,
    settings,
    at: at.create(hal.uart),
    dialect: dialects.record(dialects.Family.A),
    trouble: NO_TROUBLE,
    step: Step.START,
    target: 0,
    timeMs: nowMs,
    untilMs: nowMs + bringUp.SETTLE_MS,
    nextMs: 0,
    doing: Step.NONE,
    count: 0,
    place: 0,
    resume: 0,
    tries: new Uint8Array(7),
    supplyAtMs: 0,
    calmAtMs: 0,
    retryAtMs: 0,
    askAtMs: 0,
    lostAtMs: 0,
    eps: 0,
    gprs: 0,
    signal: 0,
    jam: 0,
    jamAtMs: 0,
    clockAtMs: 0,
    quietUntilMs: 0,
    smsText: '',
    sms: 0,
    smsAtMs: 0,
    smsTries: 0,
    smsCount: 0,
    smsDayMs: 0,
    hasEcho: 1,
    isPinSpent: 0,
    link: Link.CLOSED,
    frame: '',
    isSending: 0,
    isAwaiting: 0,
    hasData: 0,
    received: '',
  }
  drive(p, settings.powerKeyPin, 0)
  drive(p, settings.supplyPin, 1)
  if (settings.powerKeyPin >= 0) hal.pins.mode(settings.powerKeyPin, 'output')
  if (settings.supplyPin >= 0) hal.pins.mode(settings.supplyPin, 'output')
  if (settings.statusPin >= 0) hal.pins.mode(settings.statusPin, 'input')
  return p
}

/**
 * Moves the modem on. Returns the time in ms at which it must be called again, at most QUIET_MS away. While nothing is due
 * and nothing came, that is all it does.
 */
export function poll(p: CellularPath, nowMs: number): number {
  // Full seconds, as the other path: one pass for both.
  return !at.listen(p.at, nowMs) && nowMs < p.quietUntilMs ? nowMs - (nowMs % QUIET_MS) + QUIET_MS : attend(p, nowMs)
}

/** All that is not rest. A part of its own on the device, made when the modem speaks or is spoken with. */
function attend(p: CellularPath, nowMs: number): number {
  p.timeMs = nowMs
  let turns = TURN_LIMIT
  while (turns > 0) {
    const event = at.take(p.at, nowMs)
    if (event === at.NOTHING) break
    if (event !== at.LINE || p.at.line !== '') heard(p, event)
    turns--
  }
  if ((p.jam & 1) === 1 && nowMs >= p.jamAtMs) watch.judge(p)
  const isFree = at.isFree(p.at, nowMs)
  if ((p.sms & 1) === 0) {
    if (nowMs >= p.untilMs) {
      if (p.step === Step.UP) link.expired(p)
      else bringUp.expired(p)
    }
    if (isFree && p.smsText !== '' && messages.work(p)) return nowMs + SOON_MS
    if (p.step === Step.UP) link.work(p)
    else if (nowMs >= p.nextMs && isFree) bringUp.advance(p)
  }
  return nextTime(p, nowMs, turns)
}

/** When to call again, and until when there is nothing to do unless the modem speaks. */
function nextTime(p: CellularPath, nowMs: number, turns: number): number {
  p.quietUntilMs = 0
  if (turns === 0) return nowMs + MORE_MS
  if (p.isSending || p.link === Link.CONNECTING || !at.isFree(p.at, nowMs)) return nowMs + SOON_MS
  let nextMs = nowMs + (p.isAwaiting || nowMs - p.at.heardAtMs < TALK_MS ? HEARD_MS : REST_MS)
  if (p.untilMs < nextMs) nextMs = p.untilMs
  const isStill = p.link === Link.CLOSED || (p.link === Link.CONNECTED && p.hasData === 0)
  if (p.step === Step.UP && isStill && p.state !== DOWN && p.lostAtMs === 0 && p.jam === 0 && p.smsText === '')
    p.quietUntilMs = p.untilMs < p.askAtMs ? p.untilMs : p.askAtMs
  else if (p.step !== Step.UP && p.nextMs > nowMs && p.nextMs < nextMs) nextMs = p.nextMs
  return nextMs
}

/** One finding of the engine. */
function heard(p: CellularPath, event: number): void {
  if (event === at.LINE) {
    const line = p.at.line
    if (p.step === Step.UP && link.told(p, line)) return
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.substr(0, colon)
    const value = line.substr(colon + 1).trim()
    // First of all, so that the code of bring-up is not made once a minute for the answer to a sign of life.
    if (p.step !== Step.UP || !watch.told(p, name, value)) bringUp.told(p, name, value)
  } else if (event === at.ECHO) {
    if (p.hasEcho === 0) restarted(p)
  } else if (event === at.STRAY) {
    // One result too many: the answers seen so far may belong to an earlier command.
    if (p.step === Step.SYNC) p.count = 0
  } else if (event === at.DATA) link.arrived(p)
  else if ((p.sms & 1) === 1) messages.answered(p, event)
  else {
    const doing = p.doing
    p.doing = Step.NONE
    if (event === at.TIMEOUT) ladder.silent(p, doing)
    else if (doing < Step.UP) {
      // The lines before the result have said it all.
      if (doing !== Step.REGISTER) bringUp.answered(p, doing, event === at.OK)
    } else if (event === at.OK) link.answered(p, doing)
    else if (doing >= Step.LINK_OPEN) link.expired(p)
  }
}
