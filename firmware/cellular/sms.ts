/**
 * A text message as the last resort (hardware.md §2.10), for when no path reaches the receiver: off unless a number is set.
 * It works while the modem is on the network at all, with or without a PDP context.
 *
 * Nothing is ever told of a class 0 event: a message may light up on the screen of whoever stands next to the victim.
 * Nobody confirms a message, and "sent" means that the network took it.
 *
 * Not here: receiving messages, delivery reports, a count of messages that survives a restart of the panel. While a message
 * is under way (seconds, at worst 120 s) the modem takes no other command.
 */

import * as at from './at'
import { type CellularPath, Link, SMS_FAILED, SMS_FIRST, Step } from './steps'

/** What sms() says. */
export const TAKEN = 0
/** No number is set, or it is none. */
export const OFF = 1
/** Class 0 is told to the receiver and to nobody else. */
export const SILENT = 2
/** Empty, longer than 160 characters, or with characters that the alphabet of messages writes differently. */
export const UNFIT = 3
/** One is waiting, the last is less than a minute old, or the day's are used up. */
export const LIMITED = 4

/** Values of `sms` that outlive a message. */
export const SENT = 20
export const FAILED = SMS_FAILED

const TEXT_LIMIT = 160
/** '+' and 15 digits (ITU-T E.164). */
const NUMBER_LIMIT = 16
const GAP_MS = 60000
const DAY_MS = 86400000
const DAY_LIMIT = 20
/** AT+CMGF fails until the SIM's part is ready: once a second, so often. */
const READY_TRIES = 30
const RETRY_MS = 1000
const COMMAND_MS = 9000
/** AT+CMGS from its text to its result. */
const SEND_MS = 120000

/** What is said in turn: states 2, 4, 6 and 8. */
const CMGF = SMS_FIRST
const CMGS = 8

/** Hands over a text. priorityClass is that of the event it tells of (event.priorityClass). */
export function sms(p: CellularPath, text: string, priorityClass: number): number {
  if (!(priorityClass > 0)) return SILENT
  if (!isMade(p.settings.smsNumber, true)) return OFF
  if (!isMade(text, false)) return UNFIT
  const nowMs = p.hal.clock.nowMs()
  if (nowMs >= p.smsDayMs + DAY_MS || p.smsCount === 0) {
    p.smsDayMs = nowMs
    p.smsCount = 0
  }
  if (p.smsText !== '' || nowMs < p.smsAtMs || p.smsCount >= DAY_LIMIT) return LIMITED
  p.smsText = text
  p.smsCount++
  p.sms = CMGF
  p.smsAtMs = nowMs
  p.smsTries = READY_TRIES
  p.quietUntilMs = nowMs
  return TAKEN
}

/** The engine is free and a message waits: its next command, unless the link needs the modem more. True when one went out. */
export function work(p: CellularPath): boolean {
  const step = p.step
  const isBusy = step === Step.UP && (p.link === Link.CONNECTING || p.isSending === 1 || p.isAwaiting === 1)
  const isApt = step === Step.UP || step === Step.REST || (step >= Step.REGISTER && step <= Step.NET_CLOSE)
  if (isBusy || !isApt || p.timeMs < p.smsAtMs) return false
  const state = p.sms
  p.sms = state + 1
  if (state === CMGS) at.start(p.at, `AT+CMGS="${p.settings.smsNumber}"`, `${p.smsText}\x1a`, SEND_MS, p.timeMs)
  else {
    const command = state === CMGF ? 'AT+CMGF=1' : state === 4 ? 'AT+CSCS="GSM"' : 'AT+CSMP=17,167,0,0'
    at.start(p.at, command, '', COMMAND_MS, p.timeMs)
  }
  // u-blox modems show the usual prompt for messages.
  p.at.prompt = 62
  return true
}

/** The result of the command that work() sent: at.OK, at.ERROR or at.TIMEOUT. */
export function answered(p: CellularPath, result: number): void {
  const state = p.sms - 1
  p.at.prompt = p.dialect.prompt
  if (state === CMGS) {
    // Without its prompt the modem may still wait for the text: ESC ends that.
    if (result === at.TIMEOUT) p.at.body = '\x1b'
    end(p, result === at.OK ? SENT : FAILED)
  } else if (result === at.OK || (state > CMGF && result === at.ERROR)) p.sms = state + 2
  else if (--p.smsTries > 0) {
    p.sms = state
    p.smsAtMs = p.timeMs + RETRY_MS
  } else end(p, FAILED)
}

function end(p: CellularPath, outcome: number): void {
  p.sms = outcome
  p.smsText = ''
  p.smsAtMs = p.timeMs + GAP_MS
}

/**
 * Whether all characters are of those that ASCII and the messages' alphabet write alike: letters, digits, blank and
 * . , : - / + for a text, digits after a '+' for a number.
 */
function isMade(text: string, isNumber: boolean): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const isDigit = code >= 48 && code <= 57
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
    // From + to : are the digits and , - . /
    if (isNumber ? (index === 0 ? code !== 43 : !isDigit) : !isLetter && code !== 32 && (code < 43 || code > 58))
      return false
  }
  return text.length > (isNumber ? 5 : 0) && text.length <= (isNumber ? NUMBER_LIMIT : TEXT_LIMIT)
}
