/**
 * From power-up to a registered modem with a PDP context, and what the steps of the recovery ladder say on their way
 * (hardware.md §2.2-2.9): the command of each step, the end of its wait, its result, and the lines that concern it. What
 * the families say differently comes from dialects.ts.
 *
 * A refused PIN is not remembered over a restart of the panel; instead the SIM is asked how many tries it has left, and
 * gets the PIN only when none was used up. A modem that cannot tell gets it once.
 *
 * Not here: the link (link.ts), registration, signal and time (watch.ts), text messages (sms.ts).
 */

import * as at from './at'
import * as dialects from './dialects'
import { fail, NETCLOSE_MS } from './ladder'
import {
  type CellularPath,
  drive,
  go,
  isSlow,
  Limit,
  Link,
  NETWORK_DENIED,
  openPdp,
  PROBE,
  press,
  rest,
  restarted,
  run,
  SIM_FAULT,
  Span,
  Step,
} from './steps'
import * as watch from './watch'

/** Time limits in ms (hardware.md §2.5), a little above those given to the modem by AT+CIPTIMEOUT. */
const NETOPEN_MS = 35000
/** What is left of PDP_SLOW_MS after the pause before. */
const PDP_COMMAND_MS = 155000
const RADIO_MS = 20000
/** The modem's leave to be switched off; most say OK at once. */
const OFF_COMMAND_MS = 3000
/** Between AT+CFUN=4 and AT+CFUN=1 (hardware.md §2.12, level 3). */
const RADIO_PAUSE_MS = 3000

/** Supply settles before the key is thought of. */
export const SETTLE_MS = 1000
/** Without STATUS: silence as long as this means off. */
const PROBE_MS = 4000
/** Switches every family on (§2.2: 1 s or more for A7608, SIM7000 and SIM800); switches none off that is off. */
const PRESS_MS = 1000
/** From the key to the first answer, at the latest (SIM7600: 15 s, and as much for its files). */
const BOOT_MS = 30000
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
/** Tries for the PIN that a SIM has when none was wrong. */
const PIN_TRIES = 3

/** The engine is free: the step's next command. Not in UP. */
export function advance(p: CellularPath): void {
  const step = p.step
  if (step === Step.SYNC) {
    if (p.count < SYNC_COUNT) run(p, step, 'AT', p.place < SYNC_QUICK_COUNT ? SYNC_AT_MS : SYNC_SLOW_MS)
    else if (p.resume === 0 || p.resume === PROBE) go(p, Step.CONFIG, Limit.CONFIG_MS)
    else fail(p, p.resume)
  } else if (step === Step.CONFIG) {
    const command = dialects.setup(p.dialect.family, p.settings.apn, p.place)
    if (command === '') {
      go(p, Step.REGISTER, Limit.REGISTER_MS)
      p.place = 0
    } else if (command === 'AT+CPIN?') go(p, Step.SIM, SIM_MS)
    else run(p, step, command, Limit.COMMAND_MS)
  } else if (step === Step.SIM) {
    run(p, step, 'AT+CPIN?', Limit.COMMAND_MS)
    p.nextMs = p.timeMs + ASK_AGAIN_MS
  } else if (step === Step.REGISTER) {
    watch.query(p)
    p.nextMs = p.timeMs + ASK_AGAIN_MS
  } else if (step === Step.PDP) {
    const command = dialects.up(p.dialect.family, p.settings.apn, p.count)
    if (command !== '') run(p, step, command, isSlow(p) ? PDP_COMMAND_MS : NETOPEN_MS)
    // A and B say later whether the network agreed.
    else if (isSlow(p) && p.dialect.family !== dialects.Family.B) go(p, Step.UP, Infinity)
  } else if (step === Step.PIN && p.count < 2) {
    if (p.count === 0) run(p, step, dialects.remedy(p.dialect.family, dialects.Remedy.PIN_TRIES), Limit.COMMAND_MS)
    else {
      p.isPinSpent = 1
      run(p, step, `AT+CPIN="${p.settings.simPin}"`, Limit.COMMAND_MS)
    }
    p.count++
  } else if (step > Step.REST && p.count === 0) {
    const family = p.dialect.family
    p.count = 1
    if (step === Step.NET_CLOSE) run(p, step, dialects.remedy(family, dialects.Remedy.PDP_DOWN), NETCLOSE_MS)
    else if (step === Step.RADIO_OFF) run(p, step, 'AT+CFUN=4', RADIO_MS)
    else if (step === Step.RADIO_ON) run(p, step, 'AT+CFUN=1', RADIO_MS)
    else if (step === Step.RESET) run(p, step, dialects.remedy(family, dialects.Remedy.RESET), Limit.COMMAND_MS)
    else run(p, step, dialects.remedy(family, dialects.Remedy.OFF), OFF_COMMAND_MS)
  }
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
      if (statusPin >= 0 && !isRunning) press(p, Step.PRESS, PRESS_MS)
      else {
        // Pressing the key of a running modem would switch it off: without STATUS its silence has to tell.
        go(p, Step.SYNC, isRunning ? Span.SILENT_MS : PROBE_MS)
        p.resume = isRunning ? 0 : PROBE
      }
      break
    }
    case Step.PRESS:
      drive(p, p.settings.powerKeyPin, 0)
      go(p, Step.SYNC, BOOT_MS)
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
      if (p.resume === PROBE) press(p, Step.PRESS, PRESS_MS)
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
      if (p.count === 1) break
      // A second attempt would bring the SIM closer to its PUK.
      if (isOk) go(p, Step.SIM, SIM_MS)
      else rest(p, SIM_FAULT)
      break
    case Step.PDP:
      p.count++
      if (!isOk && dialects.up(p.dialect.family, p.settings.apn, p.count) === '') fail(p, 2)
      break
    case Step.NET_CLOSE:
      // A says later that it is done.
      if (!isOk || isSlow(p)) reopen(p)
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

/** The PDP context is down, or there was nothing to close. */
function reopen(p: CellularPath): void {
  openPdp(p)
  p.link = Link.CLOSED
  p.nextMs = p.timeMs + 1000
}

/** An information line or an unsolicited one that is not about the link. */
export function told(p: CellularPath, name: string, value: string): void {
  const step = p.step
  switch (name) {
    case '+CPIN':
      simTold(p, value)
      break
    case '+SPIC':
    case '+UPINCNT':
    case '+QPINC':
      // A wrong PIN was entered before: the SIM keeps its last tries for whoever knows the right one.
      if (
        p.doing === Step.PIN &&
        parseInt(value.substr(name === '+QPINC' ? value.indexOf(',') + 1 : 0), 10) < PIN_TRIES
      )
        rest(p, SIM_FAULT)
      break
    case '+NETOPEN':
      if (step !== Step.PDP) break
      if (value.charCodeAt(0) === 48) go(p, Step.UP, Infinity)
      else fail(p, 2)
      break
    case '+IP ERROR':
      if (step === Step.PDP && `${value}.`.includes('already')) go(p, Step.UP, Infinity)
      break
    case '+CNACT':
    case '+QIACT':
      if (step === Step.PDP && (value.startsWith('0,1,') || value.startsWith('1,1,'))) go(p, Step.UP, Infinity)
      break
    case '+APP PDP':
      // A late word about the context before must not count: the second command is CNACT=0,1.
      if (step === Step.PDP && value === '0,ACTIVE') go(p, Step.UP, Infinity)
      else if (step === Step.PDP && p.count > 1) fail(p, 2)
      break
    case '+NETCLOSE':
      if (step === Step.UP) fail(p, 2)
      else if (step === Step.NET_CLOSE) reopen(p)
      break
    case 'SHUT OK':
      if (p.doing === Step.PDP || p.doing === Step.NET_CLOSE) ended(p)
      break
    case '*ATREADY':
    case 'RDY':
      if (step > Step.SUPPLY) restarted(p)
      break
    case 'NORMAL POWER DOWN':
    case 'POWERED DOWN':
    case 'UNDER-VOLTAGE POWER DOWN':
      if (p.doing === Step.KEY_OFF) ended(p)
      else if (step >= Step.SYNC && step !== Step.KEY_OFF) {
        restarted(p)
        go(p, Step.START, GAP_MS)
      }
      break
    default:
      if (p.doing === Step.CONFIG && p.at.command === 'AT+CGMM') {
        const family = dialects.family(p.at.line)
        if (family >= 0 && family !== p.dialect.family) p.dialect = dialects.record(family)
        p.at.prompt = p.dialect.prompt
      } else if (p.doing === Step.PDP && p.at.command === 'AT+CIFSR' && parseInt(name, 10) >= 0) ended(p)
      else watch.told(p, name, value)
  }
}

/** The line is what the family says in place of OK. */
function ended(p: CellularPath): void {
  const doing = p.doing
  p.doing = Step.NONE
  at.finish(p.at, p.timeMs)
  answered(p, doing, true)
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
      go(p, Step.PIN, Infinity)
    } else rest(p, SIM_FAULT)
  } else if (step === Step.UP || step === Step.REGISTER || step === Step.PDP) go(p, Step.CONFIG, Limit.CONFIG_MS)
}
