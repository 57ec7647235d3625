/**
 * From power-up to a registered modem with a PDP context, and what the steps of the recovery ladder say on their way
 * (hardware.md §2.2-2.5): the command of each step, the end of its wait, its result, and the lines that concern it.
 *
 * Not here: the TCP link (link.ts), signal strength and jamming, SMS, network time, memory of a refused SIM PIN over a
 * restart of the panel.
 */

import * as dialects from './dialects'
import { fail, NETCLOSE_MS } from './ladder'
import {
  type CellularPath,
  drive,
  go,
  Limit,
  Link,
  NETWORK_DENIED,
  PROBE,
  press,
  rest,
  restarted,
  run,
  SIM_FAULT,
  Span,
  Step,
} from './steps'

/** Time limits in ms (hardware.md §2.5), a little above those given to the modem by AT+CIPTIMEOUT. */
const NETOPEN_MS = 35000
const RADIO_MS = 20000
const CPOF_MS = 3000
/** Between AT+CFUN=4 and AT+CFUN=1 (hardware.md §2.12, level 3). */
const RADIO_PAUSE_MS = 3000

/** Supply settles before the key is thought of. */
export const SETTLE_MS = 1000
/** Without STATUS: silence as long as this means off. */
const PROBE_MS = 4000
/** The gap until a modem that was switched off may be switched on (2-5 s). */
const GAP_MS = 5000
/** SYNC: limit of one AT; of the later ones, for a modem that is slow rather than silent. */
const SYNC_AT_MS = 1000
const SYNC_SLOW_MS = 5000
const SYNC_QUICK_COUNT = 12
/** Answers in a row, and the quiet after each in which a late result shows itself. */
const SYNC_COUNT = 3
const SYNC_QUIET_MS = 300
/** A SIM may be busy after boot; AT+CPIN? once a second, likewise the registration. */
const SIM_MS = 20000
const ASK_AGAIN_MS = 1000
const LOST_MS = 30000

/** The engine is free: the step's next command. Not in UP. */
export function advance(p: CellularPath): void {
  const step = p.step
  if (step === Step.SYNC) {
    if (p.count < SYNC_COUNT) run(p, step, 'AT', p.place < SYNC_QUICK_COUNT ? SYNC_AT_MS : SYNC_SLOW_MS)
    else if (p.resume === 0 || p.resume === PROBE) go(p, Step.CONFIG, Limit.CONFIG_MS)
    else fail(p, p.resume)
  } else if (step === Step.CONFIG) {
    const command = dialects.setup(p.dialect, p.settings.apn, p.place)
    if (command === '') {
      go(p, Step.REGISTER, Limit.REGISTER_MS)
      p.place = 0
    } else if (command === 'AT+CPIN?') go(p, Step.SIM, SIM_MS)
    else run(p, step, command, Limit.COMMAND_MS)
  } else if (step === Step.SIM) {
    run(p, step, 'AT+CPIN?', Limit.COMMAND_MS)
    p.nextMs = p.timeMs + ASK_AGAIN_MS
  } else if (step === Step.REGISTER) {
    query(p)
    p.nextMs = p.timeMs + ASK_AGAIN_MS
  } else if (step > Step.REST && p.count === 0) {
    p.count = 1
    if (step === Step.PIN) run(p, step, `AT+CPIN="${p.settings.simPin}"`, Limit.COMMAND_MS)
    else if (step === Step.PDP) run(p, step, 'AT+NETOPEN', NETOPEN_MS)
    else if (step === Step.NET_CLOSE) run(p, step, 'AT+NETCLOSE', NETCLOSE_MS)
    else if (step === Step.RADIO_OFF) run(p, step, 'AT+CFUN=4', RADIO_MS)
    else if (step === Step.RADIO_ON) run(p, step, 'AT+CFUN=1', RADIO_MS)
    else if (step === Step.RESET) run(p, step, 'AT+CRESET', Limit.COMMAND_MS)
    else run(p, step, 'AT+CPOF', CPOF_MS)
  }
}

/** Asks for the registration on LTE and on the older networks in turn: either will do. */
export function query(p: CellularPath): void {
  p.place ^= 1
  run(p, Step.REGISTER, p.place & 1 ? 'AT+CEREG?' : 'AT+CGREG?', Limit.COMMAND_MS)
}

/** The step's wait is over, or its time limit passed. Not in UP. */
export function expired(p: CellularPath): void {
  p.untilMs = Infinity
  switch (p.step) {
    case Step.START: {
      const statusPin = p.settings.statusPin
      const isRunning = statusPin >= 0 && (p.hal.pins.read([statusPin]) & 1) === 1
      p.link = Link.CLOSED
      p.hasEcho = 1
      if (statusPin >= 0 && !isRunning) press(p, Step.PRESS, p.dialect.pressMs)
      else {
        // Pressing the key of a running modem would switch it off: without STATUS its silence has to tell.
        go(p, Step.SYNC, isRunning ? Span.SILENT_MS : PROBE_MS)
        p.resume = isRunning ? 0 : PROBE
      }
      break
    }
    case Step.PRESS:
      drive(p, p.settings.powerKeyPin, 0)
      go(p, Step.SYNC, p.dialect.bootSeconds * 1000)
      p.resume = 0
      break
    case Step.HOLD:
      drive(p, p.settings.powerKeyPin, 0)
      go(p, Step.START, GAP_MS)
      break
    case Step.SUPPLY:
      drive(p, p.settings.supplyPin, 1)
      go(p, Step.START, SETTLE_MS)
      break
    case Step.REST:
      go(p, Step.CONFIG, Limit.CONFIG_MS)
      break
    case Step.SYNC:
      if (p.resume === PROBE) press(p, Step.PRESS, p.dialect.pressMs)
      else fail(p, 5)
      break
    case Step.CONFIG:
      fail(p, 3)
      break
    case Step.SIM:
      rest(p, SIM_FAULT)
      break
    case Step.REGISTER:
      if (p.eps === 3 || p.gprs === 3) rest(p, NETWORK_DENIED)
      else fail(p, 3)
      break
    case Step.PDP:
    case Step.NET_CLOSE:
      fail(p, 2)
      break
  }
}

/** A command's result. */
export function answered(p: CellularPath, doing: Step, isOk: boolean): void {
  switch (doing) {
    case Step.SYNC:
      p.count = isOk ? p.count + 1 : 0
      p.nextMs = p.timeMs + SYNC_QUIET_MS
      break
    case Step.CONFIG:
      if (p.place > 0 || isOk) p.place++
      else p.nextMs = p.timeMs + SYNC_AT_MS
      if (p.place > 0) p.hasEcho = 0
      break
    case Step.PIN:
      // A second attempt would bring the SIM closer to its PUK.
      if (isOk) go(p, Step.SIM, SIM_MS)
      else rest(p, SIM_FAULT)
      break
    case Step.PDP:
      if (!isOk) fail(p, 2)
      break
    case Step.NET_CLOSE:
      if (!isOk) reopen(p)
      break
    case Step.RADIO_OFF:
      if (isOk) {
        go(p, Step.RADIO_ON, Infinity)
        p.nextMs = p.timeMs + RADIO_PAUSE_MS
      } else fail(p, 4)
      break
    case Step.RADIO_ON:
      if (isOk) go(p, Step.CONFIG, Limit.CONFIG_MS)
      else fail(p, 4)
      break
    case Step.RESET:
      if (isOk) {
        restarted(p)
        p.nextMs = p.timeMs + GAP_MS
      } else fail(p, 5)
      break
    case Step.KEY_OFF:
      if (isOk) go(p, Step.START, Span.OFF_MS)
      else press(p, Step.HOLD, Span.HOLD_MS)
      break
  }
}

/** NETCLOSE is done, or there was nothing to close. */
function reopen(p: CellularPath): void {
  go(p, Step.PDP, Limit.PDP_MS)
  p.link = Link.CLOSED
  p.nextMs = p.timeMs + 1000
}

/** An information line or an unsolicited one that is not about the link. */
export function told(p: CellularPath, name: string, value: string): void {
  switch (name) {
    case '+CEREG':
    case '+CGREG':
      registrationTold(p, name === '+CEREG', value)
      break
    case '+CPIN':
      simTold(p, value)
      break
    case '+NETOPEN':
      if (p.step !== Step.PDP) break
      if (value.charCodeAt(0) === 48) go(p, Step.UP, Infinity)
      else fail(p, 2)
      break
    case '+IP ERROR':
      if (p.step === Step.PDP && value.includes('already')) go(p, Step.UP, Infinity)
      break
    case '+NETCLOSE':
      if (p.step === Step.UP) fail(p, 2)
      else if (p.step === Step.NET_CLOSE) reopen(p)
      break
    case '*ATREADY':
    case 'RDY':
      if (p.step > Step.SUPPLY) restarted(p)
      break
    default:
      if (p.doing === Step.CONFIG && p.at.command === 'AT+CGMM') p.dialect = dialects.detect(p.at.line)
  }
}

/** +CEREG: n,stat[,...] as an answer, +CEREG: stat[,"tac",...] unasked (hardware.md §2.4). */
function registrationTold(p: CellularPath, isEps: boolean, value: string): void {
  const comma = value.indexOf(',')
  const isAnswer = p.doing === Step.REGISTER && comma > 0 && value.charCodeAt(comma + 1) !== 34
  // Only 1 (home) and 5 (roaming) carry data; 11 is for emergency calls only.
  const registration = parseInt(isAnswer ? value.substr(comma + 1) : value, 10) | 0
  if (isEps) p.eps = registration
  else p.gprs = registration
  if (p.eps === 1 || p.eps === 5 || p.gprs === 1 || p.gprs === 5) {
    p.lostAtMs = 0
    if (p.step === Step.REGISTER) go(p, Step.PDP, Limit.PDP_MS)
    else if (p.step === Step.REST && p.trouble === NETWORK_DENIED) p.untilMs = p.timeMs
  } else if (p.step === Step.UP && p.lostAtMs === 0) p.lostAtMs = p.timeMs + LOST_MS
}

/** +CPIN: READY | SIM PIN | SIM PUK | NOT INSERTED | NOT READY | SIM REMOVED and others. */
function simTold(p: CellularPath, value: string): void {
  const step = p.step
  if (value === 'READY') {
    if (step === Step.SIM) {
      const index = p.place
      p.isPinSpent = 0
      go(p, Step.CONFIG, Limit.CONFIG_MS)
      p.place = index + 1
    } else if (step === Step.REST && p.trouble === SIM_FAULT) p.untilMs = p.timeMs
  } else if (step === Step.SIM) {
    // Busy after boot, or absent: asked again until SIM_MS.
    if (value.startsWith('NOT ') || value === 'SIM REMOVED') return
    if (value === 'SIM PIN' && p.settings.simPin !== '' && p.isPinSpent === 0) {
      p.isPinSpent = 1
      go(p, Step.PIN, Infinity)
    } else rest(p, SIM_FAULT)
  } else if (step === Step.UP || step === Step.REGISTER || step === Step.PDP) go(p, Step.CONFIG, Limit.CONFIG_MS)
}
