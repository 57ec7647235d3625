/**
 * The cellular path: a modem of dialect A carried from power-up to a TCP connection, and back up when anything fails.
 *
 *   steps.ts     the record, the steps and the passage between them
 *   bring-up.ts  from power-up to a PDP context
 *   link.ts      the TCP link over it
 *   ladder.ts    what follows a fault
 *   at.ts        the modem's bytes as lines and results; dialects.ts the families of modems
 *
 * Here each finding of the AT engine goes to the part that it concerns.
 * Source: hardware.md §2.1-2.5, §2.12; SIMCom A76XX and SIM7500/7600 AT manuals as cited there.
 */

import type { Hal } from '../hal'
import { DOWN } from '../transmit/path'
import * as at from './at'
import * as bringUp from './bring-up'
import * as dialects from './dialects'
import * as ladder from './ladder'
import * as link from './link'
import { type CellularPath, type CellularSettings, drive, Link, NO_TROUBLE, restarted, Step } from './steps'

export { type CellularPath, type CellularSettings, NETWORK_DENIED, NO_TROUBLE, SIM_FAULT } from './steps'

/** Lines handled in one poll: a storm is worked off at our pace. */
const TURN_LIMIT = 16

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
    dialect: dialects.detect(''),
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

/** Moves the modem on. Returns the time in ms at which it must be called again, at most 500 ms away. */
export function poll(p: CellularPath, nowMs: number): number {
  p.timeMs = nowMs
  let turns = TURN_LIMIT
  while (turns > 0) {
    const event = at.take(p.at, nowMs)
    if (event === at.NOTHING) break
    if (event !== at.LINE || p.at.line !== '') heard(p, event)
    turns--
  }
  if (nowMs >= p.untilMs) {
    if (p.step === Step.UP) link.expired(p)
    else bringUp.expired(p)
  }
  if (p.step === Step.UP) link.work(p)
  else if (nowMs >= p.nextMs && at.isFree(p.at, nowMs)) bringUp.advance(p)
  if (turns === 0 || p.isSending || p.link === Link.CONNECTING || !at.isFree(p.at, nowMs)) return nowMs + 20
  const nextMs = nowMs + (nowMs - p.at.heardAtMs < 2000 ? 100 : 500)
  return p.untilMs < nextMs ? p.untilMs : nextMs
}

/** One finding of the engine. */
function heard(p: CellularPath, event: number): void {
  if (event === at.LINE) {
    const line = p.at.line
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.substr(0, colon)
    const value = line.substr(colon + 1).trim()
    if (!name.startsWith('+CIP') && name !== '+IPCLOSE') bringUp.told(p, name, value)
    else if (p.step === Step.UP) link.told(p, name, value)
  } else if (event === at.ECHO) {
    if (p.hasEcho === 0) restarted(p)
  } else if (event === at.STRAY) {
    // One result too many: the answers seen so far may belong to an earlier command.
    if (p.step === Step.SYNC) p.count = 0
  } else if (event === at.DATA) link.arrived(p)
  else {
    const doing = p.doing
    p.doing = Step.NONE
    if (event === at.TIMEOUT) ladder.silent(p, doing)
    else if (doing < Step.UP) bringUp.answered(p, doing, event === at.OK)
    else if (doing >= Step.LINK_OPEN && event === at.ERROR) link.expired(p)
  }
}
