/**
 * The cellular path: a modem of dialect A carried from power-up to a TCP connection, and back up when anything fails.
 *
 *   START -> PRESS -> SYNC -> CONFIG -> SIM (-> PIN) -> REGISTER -> PDP -> UP      REST: no remedy now, later again
 *
 * In UP one TCP link (number 0) is opened, used and closed; bytes from the receiver stay in the modem until read.
 * +CIPSEND only says that the modem took the bytes: delivery is proved by the receiver's reply alone.
 * What fails climbs the ladder of hardware.md §2.12: 1 socket, 2 PDP, 3 radio, 4 reset, 5 power key, 6 supply. A level
 * has its tries and then hands over to the next. A reset cannot cure a missing or locked SIM, nor a refused network.
 *
 * Source: hardware.md §2.1-2.5, §2.12; SIMCom A76XX and SIM7500/7600 AT manuals as cited there.
 * Not here: the RESET pin, signal strength and jamming, SMS, network time, memory of a refused SIM PIN over a
 * restart of the panel.
 */

import type { Hal } from '../hal'
import { DOWN, OPEN, OPENING, type Path, READY } from '../transmit/path'
import * as at from './at'
import * as dialects from './dialects'

export interface CellularSettings {
  apn: string
  /** '' when the SIM asks for none. */
  simPin: string
  /** Dotted address or name. */
  receiver: string
  port: number
  /** High presses the modem's key (NPN, hardware.md §4.2); -1 when not wired. */
  powerKeyPin: number
  /** High feeds the modem; -1 when not wired. */
  supplyPin: number
  /** High while the modem runs; -1 when not wired. */
  statusPin: number
}

/** Troubles that no restart of the modem cures. */
export const NO_TROUBLE = 0
/** SIM absent, blocked, or its PIN missing or refused. */
export const SIM_FAULT = 1
/** The network refuses this SIM (registration state 3). */
export const NETWORK_DENIED = 2

export interface CellularPath extends Path {
  hal: Hal
  settings: CellularSettings
  at: at.At
  dialect: dialects.Dialect
  trouble: number
  step: number
  /** End of the step's wait, or its time limit. */
  untilMs: number
  /** No command before this. */
  nextMs: number
  /** What the command in flight is for; NONE when its result means nothing any more. */
  doing: number
  /** SYNC: answers in a row. Steps of one command: 1 once it is sent. */
  count: number
  /** CONFIG: the command's place. SYNC: commands without an answer. REGISTER: odd asks CEREG, even CGREG. */
  index: number
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
  /** Registration counts as lost from here on; Infinity while there is one. */
  lostAtMs: number
  /** Registration states of CEREG and CGREG. */
  eps: number
  gprs: number
  /** False once the modem obeyed ATE0. */
  hasEcho: boolean
  /** The PIN was sent and the SIM has not been ready since: it is not sent twice. */
  isPinSpent: boolean
  link: number
  /** A frame that waits for its turn. */
  frame: string
  /** The modem has not confirmed the last frame yet. */
  isSending: boolean
  /** The receiver has not replied to the last frame yet. */
  isAwaiting: boolean
  /** The modem may hold bytes for us. */
  hasData: boolean
  received: string
}

// Steps. In the first five the modem is off, unknown or left alone.
const START = 0
const PRESS = 1
const HOLD = 2
const SUPPLY = 3
const REST = 4
const SYNC = 5
const CONFIG = 6
const SIM = 7
const PIN = 8
const REGISTER = 9
const PDP = 10
const NET_CLOSE = 11
const RADIO_OFF = 12
const RADIO_ON = 13
const RESET = 14
const KEY_OFF = 15
const UP = 16
// What else a command can be for, all of them in UP.
const LINK_OPEN = 17
const LINK_SEND = 18
const LINK_READ = 19
const LINK_ASK = 20
const LINK_CLOSE = 21
const NONE = 22

// The modem's link 0.
const CLOSED = 0
const CONNECTING = 1
const CONNECTED = 2
/** The receiver closed its side; what it sent before is still to be read. */
const ENDED = 3
/** Of no use any more: to be closed. */
const SPOILED = 4
const CLOSING = 5

/** Value of `resume`: the modem may simply be off. */
const PROBE = 7

/** Time limits in ms (hardware.md §2.5), a little above those given to the modem by AT+CIPTIMEOUT. */
const COMMAND_MS = 9000
const NETOPEN_MS = 35000
const NETCLOSE_MS = 60000
const OPEN_MS = 22000
const SEND_MS = 17000
const RADIO_MS = 20000
/** AT+NETOPEN until its +NETOPEN, the pause before it included. */
const PDP_MS = 40000
/** Between AT+CFUN=4 and AT+CFUN=1 (hardware.md §2.12, level 3). */
const RADIO_PAUSE_MS = 3000

/** Supply settles before the key is thought of. */
const SETTLE_MS = 1000
/** Without STATUS: silence as long as this means off. */
const PROBE_MS = 4000
/** Switches a running modem off (2.5 s or more), and the gap until it may be switched on (2-5 s). */
const HOLD_MS = 3000
const GAP_MS = 5000
/** AT+CPOF until off; supply off until its capacitors are empty. */
const OFF_MS = 10000
/** SYNC: limit of one AT; of the later ones, for a modem that is slow rather than silent. */
const SYNC_AT_MS = 1000
const SYNC_SLOW_MS = 5000
const SYNC_QUICK_COUNT = 12
/** Answers in a row, and the quiet after each in which a late result shows itself. */
const SYNC_COUNT = 3
const SYNC_QUIET_MS = 300
/** Silent this long: the power key (hardware.md §2.12, level 5). */
const SILENT_MS = 60000
const CONFIG_MS = 60000
/** A SIM may be busy after boot; AT+CPIN? once a second. */
const SIM_MS = 20000
const REGISTER_MS = 180000
const LOST_MS = 30000
/** No remedy: SIM, PUK, denied. */
const REST_MS = 600000
const CALM_MS = 600000
/** A lost notice of data must not cost the event; an idle modem is asked for a sign of life. */
const ASK_MS = 2000
const CHECK_MS = 60000

/** The longest frame (path.ts), the most that is kept for receive(), and one read from the modem. */
const FRAME_LIMIT = 1024
const RECEIVED_LIMIT = 1024
const READ_BYTES = 256
/** Lines handled in one poll: a storm is worked off at our pace. */
const TURN_LIMIT = 16
/** Tries of levels 0-5 before the next one has its turn (hardware.md §2.12). Level 6 has no next. */
const TRIES = '032212'

/** Switches the supply on. The modem is started by poll(). */
export function create(hal: Hal, settings: CellularSettings): CellularPath {
  const nowMs = hal.clock.nowMs()
  const p: CellularPath = {
    state: DOWN,
    replyTimeoutMs: 15000,
    open,
    send,
    receive,
    close,
    poll,
    hal,
    settings,
    at: at.create(hal.uart),
    dialect: dialects.detect(''),
    trouble: NO_TROUBLE,
    step: START,
    untilMs: nowMs + SETTLE_MS,
    nextMs: 0,
    doing: NONE,
    count: 0,
    index: 0,
    resume: 0,
    tries: new Uint8Array(7),
    supplyAtMs: 0,
    calmAtMs: 0,
    retryAtMs: 0,
    askAtMs: 0,
    lostAtMs: Infinity,
    eps: 0,
    gprs: 0,
    hasEcho: true,
    isPinSpent: false,
    link: CLOSED,
    frame: '',
    isSending: false,
    isAwaiting: false,
    hasData: false,
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
  let turns = TURN_LIMIT
  while (turns > 0) {
    const event = at.take(p.at, nowMs)
    if (event === at.NOTHING) break
    heard(p, event, nowMs)
    turns--
  }
  if (nowMs >= p.untilMs) expired(p, nowMs)
  if (at.isFree(p.at, nowMs) && nowMs >= p.nextMs) advance(p, nowMs)
  if (turns === 0 || p.isSending || p.link === CONNECTING || !at.isFree(p.at, nowMs)) return nowMs + 20
  const nextMs = nowMs + (nowMs - p.at.heardAtMs < 2000 ? 100 : 500)
  return p.untilMs < nextMs ? p.untilMs : nextMs
}

/** Path.open. The first byte leaves at once when the modem is idle. */
export function open(p: CellularPath): void {
  if (p.state !== READY) return
  p.state = OPENING
  p.received = ''
  hasten(p)
}

/** Path.send. The command leaves at once when the modem is idle, the frame after its prompt. */
export function send(p: CellularPath, frame: string): boolean {
  if (p.state !== OPEN || p.link !== CONNECTED || p.isSending) return false
  if (frame === '' || frame.length > FRAME_LIMIT) return false
  p.frame = frame
  p.isSending = true
  p.isAwaiting = true
  p.askAtMs = p.hal.clock.nowMs() + ASK_MS
  hasten(p)
  return true
}

/** Path.receive. */
export function receive(p: CellularPath): string {
  const bytes = p.received
  if (bytes !== '') p.received = ''
  return bytes
}

/** Path.close. Giving up on a connection or on a reply counts as a fault of the socket. */
export function close(p: CellularPath): void {
  if (p.step !== UP || p.state < OPENING) return
  const isFault = p.isAwaiting || p.link === CONNECTING
  p.state = READY
  spoil(p)
  if (isFault) fail(p, 1, p.hal.clock.nowMs())
}

/** Starts what can start now, without waiting for the next poll. */
function hasten(p: CellularPath): void {
  const nowMs = p.hal.clock.nowMs()
  if (at.isFree(p.at, nowMs)) advance(p, nowMs)
}

function drive(p: CellularPath, pin: number, level: number): void {
  if (pin >= 0) p.hal.pins.write(pin, level)
}

/** Enters a step. Leaving UP drops the connection and all that depended on it. */
function go(p: CellularPath, step: number, waitMs: number, nowMs: number): void {
  p.step = step
  p.untilMs = nowMs + waitMs
  p.nextMs = nowMs
  p.count = 0
  p.doing = NONE
  if (step === UP) {
    p.calmAtMs = nowMs + CALM_MS
    p.askAtMs = nowMs + CHECK_MS
    p.lostAtMs = Infinity
    p.trouble = NO_TROUBLE
    return
  }
  if (step === SYNC) p.index = 0
  p.state = DOWN
  spoil(p)
}

/** The link is of no use any more. */
function spoil(p: CellularPath): void {
  if (p.link !== CLOSED && p.link !== CLOSING) p.link = SPOILED
  p.frame = ''
  p.isSending = false
  p.isAwaiting = false
}

/** (Re)starts the settings. The modem answers. */
function configure(p: CellularPath, nowMs: number): void {
  go(p, CONFIG, CONFIG_MS, nowMs)
  p.index = 0
}

/** The modem forgot everything: a boot message, or its echo is back. */
function restarted(p: CellularPath, nowMs: number): void {
  at.reset(p.at, nowMs)
  go(p, SYNC, SILENT_MS, nowMs)
  p.link = CLOSED
  p.hasEcho = true
  p.resume = 0
}

function rest(p: CellularPath, trouble: number, nowMs: number): void {
  go(p, REST, REST_MS, nowMs)
  p.trouble = trouble
}

/** Presses the power key of a modem that is off. */
function press(p: CellularPath, nowMs: number): void {
  drive(p, p.settings.powerKeyPin, 1)
  go(p, PRESS, p.dialect.pressMs, nowMs)
}

/** One try of a level of the ladder, or of the next one when its tries are used up. */
function fail(p: CellularPath, wanted: number, nowMs: number): void {
  let level = wanted
  while (level < 6 && p.tries[level] >= TRIES.charCodeAt(level) - 48) level++
  p.tries[level]++
  p.tries.fill(0, 0, level)
  const tries = p.tries[level]
  if (level === 1) {
    // The modem keeps its network: only the next open() has to wait 0, 5 or 15 s.
    if (p.step !== UP) go(p, UP, Infinity, nowMs)
    spoil(p)
    p.state = DOWN
    p.calmAtMs = nowMs + CALM_MS
    p.retryAtMs = nowMs + (tries === 1 ? 0 : tries === 2 ? 5000 : 15000)
  } else if (level < 6) {
    const step = level === 2 ? NET_CLOSE : level === 3 ? RADIO_OFF : level === 4 ? RESET : KEY_OFF
    go(p, step, level === 2 ? NETCLOSE_MS : Infinity, nowMs)
  } else if (nowMs < p.supplyAtMs) {
    // The supply had its turn: once more from the bottom. Without coverage, say, the modem must be on when it returns.
    p.tries[6]--
    go(p, START, SILENT_MS, nowMs)
  } else {
    // Again after 10, 30 and 60 min, then every 8 h: at most six times a day.
    const restMinutes = tries === 1 ? 10 : tries === 2 ? 30 : tries === 3 ? 60 : 480
    p.supplyAtMs = nowMs + restMinutes * 60000
    drive(p, p.settings.supplyPin, 0)
    go(p, SUPPLY, OFF_MS, nowMs)
  }
}

/** The step's wait is over, or its time limit passed. */
function expired(p: CellularPath, nowMs: number): void {
  const step = p.step
  p.untilMs = Infinity
  if (step === START) {
    const statusPin = p.settings.statusPin
    const isRunning = statusPin >= 0 && (p.hal.pins.read([statusPin]) & 1) === 1
    p.link = CLOSED
    p.hasEcho = true
    if (statusPin >= 0 && !isRunning) press(p, nowMs)
    else {
      // Pressing the key of a running modem would switch it off: without STATUS its silence has to tell.
      go(p, SYNC, isRunning ? SILENT_MS : PROBE_MS, nowMs)
      p.resume = isRunning ? 0 : PROBE
    }
  } else if (step === PRESS) {
    drive(p, p.settings.powerKeyPin, 0)
    go(p, SYNC, p.dialect.bootMs, nowMs)
    p.resume = 0
  } else if (step === HOLD) {
    drive(p, p.settings.powerKeyPin, 0)
    go(p, START, GAP_MS, nowMs)
  } else if (step === SUPPLY) {
    drive(p, p.settings.supplyPin, 1)
    go(p, START, SETTLE_MS, nowMs)
  } else if (step === REST) configure(p, nowMs)
  else if (step === SYNC) {
    if (p.resume === PROBE) press(p, nowMs)
    else fail(p, 5, nowMs)
  } else if (step === CONFIG) fail(p, 3, nowMs)
  else if (step === SIM) rest(p, SIM_FAULT, nowMs)
  else if (step === REGISTER) {
    if (p.eps === 3 || p.gprs === 3) rest(p, NETWORK_DENIED, nowMs)
    else fail(p, 3, nowMs)
  } else if (step === PDP || step === NET_CLOSE) fail(p, 2, nowMs)
  else if (step === UP) {
    if (p.link === CLOSING) p.link = CLOSED
    else if (p.link === CONNECTING || p.isSending) fail(p, 1, nowMs)
  }
}

function run(p: CellularPath, doing: number, command: string, limitMs: number, nowMs: number): void {
  p.doing = doing
  at.start(p.at, command, '', limitMs, nowMs)
}

/** The engine is free: the step's next command. */
function advance(p: CellularPath, nowMs: number): void {
  const step = p.step
  if (step === UP) work(p, nowMs)
  else if (step === SYNC) {
    if (p.count < SYNC_COUNT) run(p, SYNC, 'AT', p.index < SYNC_QUICK_COUNT ? SYNC_AT_MS : SYNC_SLOW_MS, nowMs)
    else if (p.resume === 0 || p.resume === PROBE) configure(p, nowMs)
    else fail(p, p.resume, nowMs)
  } else if (step === CONFIG) {
    const command = dialects.setup(p.dialect, p.settings.apn, p.index)
    if (command === '') {
      go(p, REGISTER, REGISTER_MS, nowMs)
      p.index = 0
    } else if (command === 'AT+CPIN?') go(p, SIM, SIM_MS, nowMs)
    else run(p, CONFIG, command, COMMAND_MS, nowMs)
  } else if (step === SIM) {
    run(p, SIM, 'AT+CPIN?', COMMAND_MS, nowMs)
    p.nextMs = nowMs + 1000
  } else if (step === REGISTER) {
    query(p, nowMs)
    p.nextMs = nowMs + 1000
  } else if (step > REST && p.count === 0) {
    p.count = 1
    if (step === PIN) run(p, PIN, `AT+CPIN="${p.settings.simPin}"`, COMMAND_MS, nowMs)
    else if (step === PDP) run(p, PDP, 'AT+NETOPEN', NETOPEN_MS, nowMs)
    else if (step === NET_CLOSE) run(p, NET_CLOSE, 'AT+NETCLOSE', NETCLOSE_MS, nowMs)
    else if (step === RADIO_OFF) run(p, RADIO_OFF, 'AT+CFUN=4', RADIO_MS, nowMs)
    else if (step === RADIO_ON) run(p, RADIO_ON, 'AT+CFUN=1', RADIO_MS, nowMs)
    else if (step === RESET) run(p, RESET, 'AT+CRESET', COMMAND_MS, nowMs)
    else run(p, KEY_OFF, 'AT+CPOF', HOLD_MS, nowMs)
  }
}

/** Asks for the registration on LTE and on the older networks in turn: either will do. */
function query(p: CellularPath, nowMs: number): void {
  p.index ^= 1
  run(p, REGISTER, p.index & 1 ? 'AT+CEREG?' : 'AT+CGREG?', COMMAND_MS, nowMs)
}

/** UP: what the link needs next. */
function work(p: CellularPath, nowMs: number): void {
  const link = p.link
  if (nowMs >= p.lostAtMs) {
    go(p, REGISTER, REGISTER_MS, nowMs)
  } else if (link === CONNECTED && p.frame !== '') {
    p.doing = LINK_SEND
    p.untilMs = nowMs + OPEN_MS
    at.start(p.at, `AT+CIPSEND=0,${p.frame.length}`, p.frame, SEND_MS, nowMs)
    p.frame = ''
  } else if ((link === CONNECTED || link === ENDED) && p.hasData) {
    p.hasData = false
    run(p, LINK_READ, `AT+CIPRXGET=2,0,${READ_BYTES}`, COMMAND_MS, nowMs)
  } else if (link === ENDED || link === SPOILED) {
    // The receiver may hang up after its reply; without one, it is a fault of the socket.
    if (link === ENDED && p.isAwaiting) fail(p, 1, nowMs)
    else if (p.state > READY && link === ENDED) p.state = READY
    p.link = CLOSING
    p.isAwaiting = false
    p.untilMs = nowMs + SEND_MS
    run(p, LINK_CLOSE, 'AT+CIPCLOSE=0', SEND_MS, nowMs)
  } else if (link === CLOSED && p.state === OPENING) {
    p.link = CONNECTING
    p.hasData = false
    p.untilMs = nowMs + OPEN_MS
    run(p, LINK_OPEN, `AT+CIPOPEN=0,"TCP","${p.settings.receiver}",${p.settings.port}`, OPEN_MS, nowMs)
  } else if (link === CLOSED && p.state === DOWN) {
    if (nowMs >= p.retryAtMs) p.state = READY
  } else if (nowMs >= p.askAtMs) {
    p.askAtMs = nowMs + (p.isAwaiting ? ASK_MS : CHECK_MS)
    if (nowMs >= p.calmAtMs) p.tries.fill(0)
    if (link === CONNECTED) run(p, LINK_ASK, 'AT+CIPRXGET=4,0', COMMAND_MS, nowMs)
    else if (link === CLOSED) query(p, nowMs)
  }
}

/** One finding of the engine. */
function heard(p: CellularPath, event: number, nowMs: number): void {
  if (event === at.LINE) {
    if (p.at.line !== '') told(p, p.at.line, nowMs)
  } else if (event === at.ECHO) {
    if (!p.hasEcho) restarted(p, nowMs)
  } else if (event === at.STRAY) {
    // One result too many: the answers seen so far may belong to an earlier command.
    if (p.step === SYNC) p.count = 0
  } else if (event === at.DATA) {
    if (p.link === CONNECTED || p.link === ENDED) {
      const bytes = p.received + p.at.payload
      p.received = bytes.length > RECEIVED_LIMIT ? bytes.substr(bytes.length - RECEIVED_LIMIT) : bytes
      p.isAwaiting = false
      // The receiver itself answered: socket, PDP, radio and modem are well.
      p.tries.fill(0, 0, 5)
    }
    p.at.payload = ''
  } else {
    const doing = p.doing
    p.doing = NONE
    if (event === at.TIMEOUT) silent(p, doing, nowMs)
    else answered(p, doing, event === at.OK, nowMs)
  }
}

/** A command's result. */
function answered(p: CellularPath, doing: number, isOk: boolean, nowMs: number): void {
  switch (doing) {
    case SYNC:
      p.count = isOk ? p.count + 1 : 0
      p.nextMs = nowMs + SYNC_QUIET_MS
      break
    case CONFIG:
      if (p.index > 0 || isOk) p.index++
      else p.nextMs = nowMs + SYNC_AT_MS
      if (p.index > 0) p.hasEcho = false
      break
    case PIN:
      // A second attempt would bring the SIM closer to its PUK.
      if (isOk) go(p, SIM, SIM_MS, nowMs)
      else rest(p, SIM_FAULT, nowMs)
      break
    case PDP:
      if (!isOk) fail(p, 2, nowMs)
      break
    case NET_CLOSE:
      if (!isOk) reopen(p, nowMs)
      break
    case RADIO_OFF:
      if (isOk) {
        go(p, RADIO_ON, Infinity, nowMs)
        p.nextMs = nowMs + RADIO_PAUSE_MS
      } else fail(p, 4, nowMs)
      break
    case RADIO_ON:
      if (isOk) configure(p, nowMs)
      else fail(p, 4, nowMs)
      break
    case RESET:
      if (isOk) {
        restarted(p, nowMs)
        p.nextMs = nowMs + GAP_MS
      } else fail(p, 5, nowMs)
      break
    case KEY_OFF:
      if (isOk) go(p, START, OFF_MS, nowMs)
      else hold(p, nowMs)
      break
    case LINK_OPEN:
    case LINK_SEND:
      if (!isOk) fail(p, 1, nowMs)
      break
    case LINK_CLOSE:
      // ERROR: it was not open.
      if (!isOk) closed(p)
      break
  }
}

/** A command's time limit passed without a result. */
function silent(p: CellularPath, doing: number, nowMs: number): void {
  if (doing === NONE) return
  if (doing === SYNC) {
    // Nothing of value can come late here.
    p.at.freeAtMs = nowMs
    p.count = 0
    p.index++
  } else if (doing === KEY_OFF) hold(p, nowMs)
  else {
    const isLink = p.step === UP
    go(p, SYNC, SILENT_MS, nowMs)
    p.resume = isLink ? 1 : doing === PDP || doing === NET_CLOSE ? 2 : doing < PDP ? 3 : doing === RESET ? 5 : 4
  }
}

/** The key held long enough to switch a running modem off. */
function hold(p: CellularPath, nowMs: number): void {
  drive(p, p.settings.powerKeyPin, 1)
  go(p, HOLD, HOLD_MS, nowMs)
}

/** NETCLOSE is done, or there was nothing to close. */
function reopen(p: CellularPath, nowMs: number): void {
  go(p, PDP, PDP_MS, nowMs)
  p.link = CLOSED
  p.nextMs = nowMs + 1000
}

function closed(p: CellularPath): void {
  p.link = CLOSED
  p.untilMs = Infinity
}

/** The outcome is known before the command's OK, which is then due soon and may as well be lost. */
function settle(p: CellularPath, doing: number, nowMs: number): void {
  if (p.doing !== doing) return
  p.doing = NONE
  p.at.untilMs = nowMs + 1000
}

/** An information line or an unsolicited one. */
function told(p: CellularPath, line: string, nowMs: number): void {
  const colon = line.indexOf(':')
  const name = colon < 0 ? line : line.substr(0, colon)
  const value = line.substr(colon + 1).trim()
  const isUp = p.step === UP
  const isLink0 = isUp && value.startsWith('0,')
  switch (name) {
    case '+CIPRXGET':
      if (isUp) dataTold(p, value.split(','))
      break
    case '+CIPSEND': {
      const parts = value.split(',')
      if (!isLink0 || !p.isSending || p.frame !== '') break
      settle(p, LINK_SEND, nowMs)
      // Fewer bytes confirmed than asked for, or -1: the rest of the frame is lost (hardware.md §2.5).
      if (parseInt(parts[2], 10) >= parseInt(parts[1], 10)) {
        p.isSending = false
        p.untilMs = Infinity
      } else fail(p, 1, nowMs)
      break
    }
    case '+CIPOPEN':
      if (!isLink0) break
      if (p.link === CONNECTING) {
        settle(p, LINK_OPEN, nowMs)
        if (value === '0,0') {
          p.link = CONNECTED
          p.state = OPEN
          p.untilMs = Infinity
          p.askAtMs = nowMs + CHECK_MS
        } else {
          // 2: the PDP is down. All else, 1 (network failure) included, may be the receiver's fault.
          fail(p, value === '0,2' ? 2 : 1, nowMs)
        }
      } else if (p.link === CLOSED && value === '0,0') p.link = SPOILED
      break
    case '+CIPCLOSE':
      if (!isLink0) break
      if (p.link === CLOSING) {
        settle(p, LINK_CLOSE, nowMs)
        closed(p)
      } else if (p.link === CONNECTED || p.link === ENDED) {
        fail(p, 1, nowMs)
        p.link = CLOSED
      }
      break
    case '+IPCLOSE':
      if (!isLink0) break
      if (p.link === CONNECTED) {
        // What the receiver sent before it hung up can still be read.
        p.link = ENDED
        p.hasData = true
      } else if (p.link === CONNECTING) fail(p, 1, nowMs)
      break
    case '+CEREG':
    case '+CGREG':
      registrationTold(p, name === '+CEREG', value, nowMs)
      break
    case '+CPIN':
      simTold(p, value, nowMs)
      break
    case '+NETOPEN':
      if (p.step !== PDP) break
      if (value.charCodeAt(0) === 48) go(p, UP, Infinity, nowMs)
      else fail(p, 2, nowMs)
      break
    case '+IP ERROR':
      if (p.step === PDP && value.includes('already')) go(p, UP, Infinity, nowMs)
      break
    case '+NETCLOSE':
    case '+CIPEVENT':
      if (isUp) fail(p, 2, nowMs)
      else if (p.step === NET_CLOSE && name === '+NETCLOSE') reopen(p, nowMs)
      break
    case '*ATREADY':
    case 'RDY':
      if (p.step > SUPPLY) restarted(p, nowMs)
      break
    default:
      if (p.doing === CONFIG && p.at.command === 'AT+CGMM') p.dialect = dialects.detect(line)
  }
}

/** +CIPRXGET: 1,0 (notice) | 2,0,read,rest (then the bytes) | 4,0,rest. */
function dataTold(p: CellularPath, parts: string[]): void {
  if (parts[1] !== '0') return
  const count = parts.length > 2 ? parseInt(parts[2], 10) : 0
  if (parts[0] === '1') p.hasData = true
  else if (parts[0] === '4') {
    if (count > 0) p.hasData = true
  } else if (parts[0] === '2' && p.doing === LINK_READ) {
    if (count > 0 && count <= READ_BYTES) p.at.count = count
    if (parts.length > 3 && parseInt(parts[3], 10) > 0) p.hasData = true
  }
}

/** +CEREG: n,stat[,...] as an answer, +CEREG: stat[,"tac",...] unasked (hardware.md §2.4). */
function registrationTold(p: CellularPath, isEps: boolean, value: string, nowMs: number): void {
  const comma = value.indexOf(',')
  const isAnswer = p.doing === REGISTER && comma > 0 && value.charCodeAt(comma + 1) !== 34
  // Only 1 (home) and 5 (roaming) carry data; 11 is for emergency calls only.
  const registration = parseInt(isAnswer ? value.substr(comma + 1) : value, 10) | 0
  if (isEps) p.eps = registration
  else p.gprs = registration
  if (p.eps === 1 || p.eps === 5 || p.gprs === 1 || p.gprs === 5) {
    p.lostAtMs = Infinity
    if (p.step === REGISTER) go(p, PDP, PDP_MS, nowMs)
    else if (p.step === REST && p.trouble === NETWORK_DENIED) p.untilMs = nowMs
  } else if (p.step === UP && p.lostAtMs === Infinity) p.lostAtMs = nowMs + LOST_MS
}

/** +CPIN: READY | SIM PIN | SIM PUK | NOT INSERTED | NOT READY | SIM REMOVED and others. */
function simTold(p: CellularPath, value: string, nowMs: number): void {
  const step = p.step
  if (value === 'READY') {
    if (step === SIM) {
      const index = p.index
      p.isPinSpent = false
      configure(p, nowMs)
      p.index = index + 1
    } else if (step === REST && p.trouble === SIM_FAULT) p.untilMs = nowMs
  } else if (step === SIM) {
    // Busy after boot, or absent: asked again until SIM_MS.
    if (value.startsWith('NOT ') || value === 'SIM REMOVED') return
    if (value === 'SIM PIN' && p.settings.simPin !== '' && !p.isPinSpent) {
      p.isPinSpent = true
      go(p, PIN, Infinity, nowMs)
    } else rest(p, SIM_FAULT, nowMs)
  } else if (step === UP || step === REGISTER || step === PDP) configure(p, nowMs)
}
