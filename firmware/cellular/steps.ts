/**
 * The cellular path's record, its steps, and how it passes from one to the next.
 *
 *   START -> PRESS -> SYNC -> CONFIG -> SIM (-> PIN) -> REGISTER -> PDP -> UP      REST: no remedy now, later again
 *
 * NET_CLOSE, RADIO_OFF, RADIO_ON, RESET, KEY_OFF with HOLD, and SUPPLY are the remedies (ladder.ts).
 * Not here: what is said in a step (bring-up.ts, link.ts).
 */

import type { Hal } from '../hal'
import { DOWN, type Path, type Target } from '../transmit/path'
import * as at from './at'
import type { Dialect } from './dialects'

export interface CellularSettings {
  apn: string
  /** '' when the SIM asks for none. */
  simPin: string
  /** At least one. */
  targets: Target[]
  /** High presses the modem's key (NPN, hardware.md §4.2); -1 when not wired. */
  powerKeyPin: number
  /** High feeds the modem; -1 when not wired. */
  supplyPin: number
  /** High while the modem runs; -1 when not wired. */
  statusPin: number
  /** Where the text message of last resort goes, '+' and digits; '' never. */
  smsNumber: string
}

/** Flags are 0 or 1: in the interpreter a boolean would take a variable of its own. */
export interface CellularPath extends Path {
  hal: Hal
  settings: CellularSettings
  at: at.At
  dialect: Dialect
  trouble: number
  step: Step
  /** Which of settings.targets the connection leads to. */
  target: number
  /** When the call from outside came that is being handled. */
  timeMs: number
  /** End of the step's wait, or its time limit. */
  untilMs: number
  /** No command before this. */
  nextMs: number
  /** What the command in flight is for; NONE when its result means nothing any more. */
  doing: Step
  /**
   * SYNC: answers in a row. PDP: place of the command. UP: 1 when the second of two commands that connect is due; later,
   * bytes of the last frame. Steps of one command: 1 once it is sent.
   */
  count: number
  /** CONFIG: the command's place. SYNC: commands without an answer. REGISTER and UP: what query() asked last. */
  place: number
  /** The ladder's level to take once the modem answers again; 0 for a fresh start, PROBE for "is it on?". */
  resume: number
  /** Tries used on each level of the ladder. */
  tries: Uint8Array
  /** The supply is not switched off again before this. */
  supplyAtMs: number
  /** Ten minutes without a fault end here. */
  calmAtMs: number
  /** A READY path shows itself only after this (level 1's back-off). */
  retryAtMs: number
  /** When to ask for data (a reply is due), else for a sign of life. */
  askAtMs: number
  /** Registration counts as lost from here on; 0 while there is one. */
  lostAtMs: number
  /** Registration states of CEREG and CGREG. */
  eps: number
  gprs: number
  /** Last rssi of AT+CSQ while registered, 0-31; 0 after a restart. */
  signal: number
  /** Whether the radio path seems jammed: 0 no, 1 suspected, 2 told as trouble, 3 told and good again (watch.ts). */
  jam: number
  /** When that is decided. */
  jamAtMs: number
  /** When to ask for the network's time. */
  clockAtMs: number
  /** Nothing is due before this, unless bytes come. */
  quietUntilMs: number
  /** The text message that waits, '' for none, and how far it is (sms.ts): 0 none, even: to be said, odd: said. */
  smsText: string
  sms: number
  /** No further message before this; sent since smsDayMs. */
  smsAtMs: number
  smsTries: number
  smsCount: number
  smsDayMs: number
  /** 0 once the modem obeyed ATE0. */
  hasEcho: number
  /** The PIN was sent (or must not be) and the SIM has not been ready since: it is not sent twice. */
  isPinSpent: number
  link: Link
  /** A frame that waits for its turn. */
  frame: string
  /** The modem has not confirmed the last frame yet. */
  isSending: number
  /** The receiver has not replied to the last frame yet. */
  isAwaiting: number
  /** The modem may hold bytes for us. */
  hasData: number
  received: string
}

/** Where the path stands, and what a command is for. The bundler puts the numbers in place of the names. */
export enum Step {
  // In the first five the modem is off, unknown or left alone.
  START = 0,
  PRESS = 1,
  HOLD = 2,
  SUPPLY = 3,
  REST = 4,
  SYNC = 5,
  CONFIG = 6,
  SIM = 7,
  PIN = 8,
  REGISTER = 9,
  PDP = 10,
  NET_CLOSE = 11,
  RADIO_OFF = 12,
  RADIO_ON = 13,
  RESET = 14,
  KEY_OFF = 15,
  UP = 16,
  // No steps, but what a command can be for: nothing any more, or the link. From LINK_OPEN on, ERROR has a meaning.
  NONE = 17,
  LINK_READ = 18,
  LINK_ASK = 19,
  LINK_OPEN = 20,
  LINK_SEND = 21,
  LINK_CLOSE = 22,
}

/** The modem's link 0. */
export enum Link {
  CLOSED = 0,
  CONNECTING = 1,
  CONNECTED = 2,
  /** The receiver closed its side; what it sent before is still to be read. */
  ENDED = 3,
  /** Of no use any more: to be closed. */
  SPOILED = 4,
  CLOSING = 5,
}

/** Troubles that no restart of the modem cures. */
export const NO_TROUBLE = 0
/** SIM absent, blocked, or its PIN missing or refused. */
export const SIM_FAULT = 1
/** The network refuses this SIM (registration state 3). */
export const NETWORK_DENIED = 2
/** No service although the signal was good: possibly jammed (hardware.md §2.11). */
export const JAMMED = 3

/** Values of `sms` (sms.ts): the first command waits, the text is due or under way, given up. */
export const SMS_FIRST = 2
const SMS_TEXT_DUE = 9
export const SMS_FAILED = 22

/** Value of `resume`: the modem may simply be off. */
export const PROBE = 7

/** Time limits of commands and steps. An enum too, because a constant used often takes variables on the panel. */
export enum Limit {
  /** A command that has no limit of its own (hardware.md §2.5: 9 s). */
  COMMAND_MS = 9000,
  /** All the settings together. */
  CONFIG_MS = 60000,
  REGISTER_MS = 180000,
  /** AT+NETOPEN until its +NETOPEN, the pause before it included. */
  PDP_MS = 40000,
  /** The same for families B to E (hardware.md §2.6-2.8: CNACT 75 s, CIICR 85 s, QIACT 150 s). */
  PDP_SLOW_MS = 160000,
  /** A little above the limits that the modem is given by AT+CIPTIMEOUT (dialects.ts). */
  OPEN_MS = 22000,
  SEND_MS = 17000,
  /** Families B to E choose their own limit (75-160 s). Less than the dispatcher's patience of four reply times. */
  OPEN_SLOW_MS = 45000,
}

/** Spans of time that the steps share, as an enum for the same reason. */
export enum Span {
  /** Silent this long: the power key (hardware.md §2.12, level 5). */
  SILENT_MS = 60000,
  /** The key held this long switches a running modem off (2.5 s or more). */
  HOLD_MS = 3000,
  /** AT+CPOF until off; supply off until its capacitors are empty. */
  OFF_MS = 10000,
  /** So long without a fault, and the tries are forgotten. */
  CALM_MS = 600000,
}

/** An idle modem is asked for a sign of life. */
export const CHECK_MS = 60000
/** Value of `place` after which query() asks for the time. */
export const ASK_TIME = 3
/** No remedy: SIM, PUK, denied. */
const REST_MS = 600000

/** Enters a step. Leaving UP drops the connection and all that depended on it. */
export function go(p: CellularPath, step: Step, waitMs: number): void {
  p.step = step
  p.untilMs = p.timeMs + waitMs
  p.nextMs = p.timeMs
  p.count = 0
  p.doing = Step.NONE
  if (step === Step.UP) {
    p.calmAtMs = p.timeMs + Span.CALM_MS
    p.askAtMs = p.timeMs + CHECK_MS
    p.lostAtMs = 0
    if (p.trouble !== JAMMED) p.trouble = NO_TROUBLE
    if (p.timeMs >= p.clockAtMs) {
      p.place = ASK_TIME
      p.askAtMs = p.timeMs + 1000
    }
    return
  }
  if (step === Step.SYNC || step === Step.CONFIG) p.place = 0
  // What the modem said of its registration before is void: it may have restarted, or will search anew.
  if (step < Step.REST || step === Step.RADIO_OFF) {
    p.eps = 0
    p.gprs = 0
  }
  p.state = DOWN
  spoil(p)
}

/** The link is of no use any more. */
export function spoil(p: CellularPath): void {
  if (p.link !== Link.CLOSED && p.link !== Link.CLOSING) p.link = Link.SPOILED
  p.frame = ''
  p.isSending = 0
  p.isAwaiting = 0
}

/** The network is there: the PDP context is next. */
export function openPdp(p: CellularPath): void {
  go(p, Step.PDP, isSlow(p) ? Limit.PDP_SLOW_MS : Limit.PDP_MS)
}

/** Families B to E take no time limits from us. */
export function isSlow(p: CellularPath): boolean {
  return p.dialect.family > 0 && p.dialect.family < 5
}

/** Leaves modem and network alone: no restart cures this. */
export function rest(p: CellularPath, trouble: number): void {
  go(p, Step.REST, REST_MS)
  p.trouble = trouble
}

/** The modem forgot everything: a boot message, or its echo is back. */
export function restarted(p: CellularPath): void {
  at.reset(p.at, p.timeMs)
  go(p, Step.SYNC, Span.SILENT_MS)
  p.link = Link.CLOSED
  p.hasEcho = 1
  p.resume = 0
  p.eps = 0
  p.gprs = 0
  p.signal = 0
  if (p.jam === 1) p.jam = 0
  if ((p.sms & 1) === 0) return
  // Once its text was due a message may have been sent: not a second time.
  if (p.sms === SMS_TEXT_DUE) {
    p.smsText = ''
    p.sms = SMS_FAILED
  } else p.sms = SMS_FIRST
}

/** Drives a pin, if it is wired. */
export function drive(p: CellularPath, pin: number, level: number): void {
  if (pin >= 0) p.hal.pins.write(pin, level)
}

/** Holds the power key down: PRESS switches a modem on, HOLD switches one off. */
export function press(p: CellularPath, step: Step, holdMs: number): void {
  drive(p, p.settings.powerKeyPin, 1)
  go(p, step, holdMs)
}

/** Sends a command. `doing` says what its result will mean. */
export function run(p: CellularPath, doing: Step, command: string, limitMs: number): void {
  p.doing = doing
  at.start(p.at, command, '', limitMs, p.timeMs)
}
