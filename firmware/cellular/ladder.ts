/**
 * The recovery ladder (hardware.md §2.12): 1 socket, 2 PDP, 3 radio, 4 reset, 5 power key, 6 supply. A level has its
 * tries and then hands over to the next.
 *
 * A reset cannot cure a missing or locked SIM, nor a refused network: those are left alone (steps.rest).
 * Not here: the RESET pin, and level 0, the wait for a late result, which is at.ts's.
 */

import { DOWN } from '../transmit/path'
import { type CellularPath, drive, go, Link, press, Span, Step, spoil } from './steps'

/** Tries of levels 0-5 before the next one has its turn (hardware.md §2.12). Level 6 has no next. */
const TRIES = '032212'
/** AT+NETCLOSE until its +NETCLOSE, or its own time limit. */
export const NETCLOSE_MS = 60000

/** One try of a level of the ladder, or of the next one when its tries are used up. */
export function fail(p: CellularPath, wanted: number): void {
  let level = wanted
  while (level < 6 && p.tries[level] >= TRIES.charCodeAt(level) - 48) level++
  p.tries[level]++
  p.tries.fill(0, 0, level)
  const tries = p.tries[level]
  if (level === 1) {
    // The modem keeps its network: only the next open() has to wait 0, 5 or 15 s.
    if (p.step !== Step.UP) {
      go(p, Step.UP, Infinity)
      // Nobody waits for the result of a CIPCLOSE that was under way: close once more.
      if (p.link === Link.CLOSING) p.link = Link.SPOILED
    }
    spoil(p)
    p.state = DOWN
    p.calmAtMs = p.timeMs + Span.CALM_MS
    p.retryAtMs = p.timeMs + (tries === 1 ? 0 : tries === 2 ? 5000 : 15000)
  } else if (level === 2) go(p, Step.NET_CLOSE, NETCLOSE_MS)
  else if (level < 6) go(p, level === 3 ? Step.RADIO_OFF : level === 4 ? Step.RESET : Step.KEY_OFF, Infinity)
  else if (p.timeMs < p.supplyAtMs) {
    // The supply had its turn: once more from the bottom. Without coverage, say, the modem must be on when it returns.
    p.tries[6]--
    go(p, Step.START, Span.SILENT_MS)
  } else {
    // Again after 10, 30 and 60 min, then every 8 h: at most six times a day.
    const restMinutes = tries === 1 ? 10 : tries === 2 ? 30 : tries === 3 ? 60 : 480
    p.supplyAtMs = p.timeMs + restMinutes * 60000
    drive(p, p.settings.supplyPin, 0)
    go(p, Step.SUPPLY, Span.OFF_MS)
  }
}

/** A command's time limit passed without a result: first the modem must answer again, then the level has its try. */
export function silent(p: CellularPath, doing: Step): void {
  if (doing === Step.NONE) return
  if (doing === Step.SYNC) {
    // Nothing of value can come late here.
    p.at.freeAtMs = p.timeMs
    p.count = 0
    p.place++
  } else if (doing === Step.KEY_OFF) press(p, Step.HOLD, Span.HOLD_MS)
  else {
    const isLink = p.step === Step.UP
    go(p, Step.SYNC, Span.SILENT_MS)
    if (isLink) p.resume = 1
    else if (doing === Step.PDP || doing === Step.NET_CLOSE) p.resume = 2
    else p.resume = doing < Step.PDP ? 3 : doing === Step.RESET ? 5 : 4
  }
}
