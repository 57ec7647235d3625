/**
 * What the modem says of the radio: registration, signal, the network's time, and whether somebody jams it.
 *
 * Jamming (hardware.md §2.11, panel-behaviour.md S-15): suspected when the registration goes while the signal was good
 * before and the modem did not restart, or when a good signal brings no registration, or when the modem says so itself;
 * told as trouble after 60 s of it, restored after 60 s of service. A modem's own word alone is not enough: the service
 * that it goes on giving clears it.
 *
 * Time (§2.4): AT+CCLK? has local time with its offset in quarter hours, Quectel's AT+QLTS=1 UTC. Modems that were not told
 * it begin in 1970, 1980 or 2004; clock.parse() takes 2020 to 2037 only.
 */

import * as clock from '../clock'
import { Family } from './dialects'
import { ASK_TIME, type CellularPath, JAMMED, Limit, NETWORK_DENIED, NO_TROUBLE, openPdp, run, Step } from './steps'

/** Out of service for so long: registration is waited for again (§2.12). */
const LOST_MS = 30000
/** Signal that service should not be lost from, and that should bring service (§2.11: 12 and 15, -89 and -83 dBm). */
const GOOD_SIGNAL = 12
const STRONG_SIGNAL = 15
const UNKNOWN_SIGNAL = 99
const JAM_MS = 60000
/** A modem's clock is not asked more often once it was right. */
const TIME_MS = 14400000
/** Offsets reach from -12 to +14 h. */
const QUARTER_S = 900
const QUARTERS_LIMIT = 56

/** Asks in turn for the registration on LTE and on the older networks (either will do), the signal, and the time when due. */
export function query(p: CellularPath): void {
  let command = 'AT+CEREG?'
  if ((p.place & 3) === ASK_TIME) {
    if (p.step === Step.UP && p.timeMs >= p.clockAtMs)
      command = p.dialect.family === Family.D ? 'AT+QLTS=1' : 'AT+CCLK?'
  } else if ((p.place & 3) === 1) command = 'AT+CGREG?'
  else if ((p.place & 3) === 2) command = 'AT+CSQ'
  p.place++
  run(p, Step.REGISTER, command, Limit.COMMAND_MS)
}

/** A line about the radio. False for any other. */
export function told(p: CellularPath, name: string, value: string): boolean {
  if (name === '+CEREG' || name === '+CGREG') registrationTold(p, name === '+CEREG', value)
  else if (name === '+CSQ') signalTold(p, parseInt(value, 10))
  else if (name === '+CCLK' || name === '+QLTS') timeTold(p, value, name === '+QLTS')
  else if (name === '$QCJDSTATE') rate(p, !value.endsWith(',1'))
  else if (name === '+QJDR' || name === '+SJDR') rate(p, value.startsWith('NO'))
  else return false
  return true
}

/** Registered for data: 1 (home) and 5 (roaming) only; 11 is for emergency calls. */
function isRegistered(p: CellularPath): boolean {
  return p.eps === 1 || p.eps === 5 || p.gprs === 1 || p.gprs === 5
}

/** +CEREG: n,stat[,...] as an answer, +CEREG: stat[,"tac",...] unasked (hardware.md §2.4). */
function registrationTold(p: CellularPath, isEps: boolean, value: string): void {
  const comma = value.indexOf(',')
  const isAnswer = p.doing === Step.REGISTER && comma > 0 && value.charCodeAt(comma + 1) !== 34
  const registration = parseInt(isAnswer ? value.substr(comma + 1) : value, 10) | 0
  if (isEps) p.eps = registration
  else p.gprs = registration
  if (isRegistered(p)) {
    p.lostAtMs = 0
    rate(p, true)
    if (p.step === Step.REGISTER) openPdp(p)
    else if (p.step === Step.REST && p.trouble === NETWORK_DENIED) p.untilMs = p.timeMs
    return
  }
  if (p.step === Step.UP && p.lostAtMs === 0) p.lostAtMs = p.timeMs + LOST_MS
  if (p.signal >= GOOD_SIGNAL) rate(p, false)
}

function signalTold(p: CellularPath, rssi: number): void {
  if (isRegistered(p)) {
    if (rssi < UNKNOWN_SIGNAL) {
      p.signal = rssi
      rate(p, true)
    } else if (p.signal >= GOOD_SIGNAL) rate(p, false)
  } else if (rssi >= STRONG_SIGNAL && rssi < UNKNOWN_SIGNAL) {
    // Denied is an answer, and none that a jammer gives.
    if (p.eps !== 3 && p.gprs !== 3) rate(p, false)
  } else if (rssi < STRONG_SIGNAL && p.signal < GOOD_SIGNAL) rate(p, true)
}

/** Service is good, or seems jammed: what has been said so far is waited out. */
function rate(p: CellularPath, isGood: boolean): void {
  if (p.jam === (isGood ? 1 : 3)) p.jam--
  else if (p.jam === (isGood ? 2 : 0)) {
    p.jam++
    p.jamAtMs = p.timeMs + JAM_MS
  }
}

/** At jamAtMs, while `jam` is odd: it has lasted. */
export function judge(p: CellularPath): void {
  if (p.jam === 1) {
    p.jam = 2
    p.trouble = JAMMED
  } else {
    p.jam = 0
    if (p.trouble === JAMMED) p.trouble = NO_TROUBLE
  }
}

/** "yy/MM/dd,hh:mm:ss+zz" or "yyyy/MM/dd,hh:mm:ss+zz,dst". */
function timeTold(p: CellularPath, value: string, isUtc: boolean): void {
  const from = value.indexOf('/')
  if (p.doing !== Step.REGISTER || from < 2) return
  const date = `${value.substr(from + 1, 2)}-${value.substr(from + 4, 2)}-20${value.substr(from - 2, 2)}`
  const local = clock.parse(`${value.substr(from + 7, 8)},${date}`)
  const quarters = isUtc ? 0 : parseInt(value.substr(from + 15, 3), 10)
  if (local === 0 || !(quarters >= -QUARTERS_LIMIT && quarters <= QUARTERS_LIMIT)) return
  p.timeSeconds = local - quarters * QUARTER_S
  p.timeAtMs = p.timeMs
  p.clockAtMs = p.timeMs + TIME_MS
}
