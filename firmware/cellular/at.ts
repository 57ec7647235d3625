/**
 * The AT engine: bytes of the modem's UART become lines, results, counted data and time-outs; one command is in flight.
 *
 * ITU-T V.250 as SIMCom modems speak it (hardware.md §2.1). What the bytes can be:
 *
 *   \r\n TEXT \r\n            an information line or an unsolicited one, between any two other lines
 *   \r\n OK \r\n              the result: OK, ERROR, +CME ERROR: x, +CMS ERROR: x
 *   COMMAND \r \r\n           the echo, until ATE0 (and again after the modem restarted)
 *   >  or  > blank  or  @     the prompt, without an end of line; looked for only while a send waits for it
 *   counted bytes             whatever they look like; the caller says how many follow the line it was just given, or
 *                             which head announces them within the same line: +CARECV: 5,HELLO or +USORD: 0,5,"HELLO"
 *
 * The caller pulls: listen() takes what came, take() gives one thing at a time. The engine knows no command and no meaning
 * of any line; a line that is a result only for its command is ended by the caller (finish).
 * Not here: data mode (CONNECT), multiplexing, flow control, dialling.
 */

import type { Uart } from '../hal'

/** What take() found. */
export const NOTHING = 0
/** A line that is no result; it stands in `line`, '' for a blank one. */
export const LINE = 1
export const OK = 2
/** ERROR, +CME ERROR or +CMS ERROR ended the command. */
export const ERROR = 3
/** A result that nobody waits for: the late answer to a command given up. */
export const STRAY = 4
/** The modem returned the command in flight. */
export const ECHO = 5
/** The counted bytes are complete, in `payload`. */
export const DATA = 6
/** The command's time limit passed; results in the next LATE_MS are strays. */
export const TIMEOUT = 7

const FREE = 0
const RESULT = 1
const PROMPT = 2

/** Unread bytes kept; a storm beyond that loses its oldest bytes. */
const TEXT_LIMIT = 1024
/** One write to the UART (hardware.md §0), and the pause after it: 512 bytes take 44 ms at 115200 baud. */
const PIECE_BYTES = 512
const PIECE_MS = 50
/** Pause between a result and the next command (hardware.md §2.1: 20-50 ms, some firmware loses the first byte). */
const GAP_MS = 30
/** A prompt comes at once or never. */
const PROMPT_MS = 3000
/** Between the prompt @ and the first byte (hardware.md §2.9: 50 ms or more). */
const AT_SIGN_MS = 50
const AT_SIGN = 64
/** The most that a head within a line may announce; beyond it, it is a line like any other. */
const COUNT_LIMIT = 1500
/** How long a late result is waited for after a time-out (hardware.md §2.12, level 0). */
const LATE_MS = 2000

export interface At {
  uart: Uart
  /** Bytes not yet taken. */
  text: string
  line: string
  /** The command in flight, without its CR; '' when there is none. */
  command: string
  /** Bytes that follow the prompt, or what is left of them. */
  body: string
  payload: string
  /** Counted bytes still to come. */
  count: number
  /** Code of the prompt's character. */
  prompt: number
  /** What stands before and after the number of counted bytes within a line, while they are expected; '' when not. */
  head: string
  tail: string
  /** FREE, RESULT or PROMPT: what the command in flight waits for. */
  wait: number
  limitMs: number
  untilMs: number
  freeAtMs: number
  flowAtMs: number
  heardAtMs: number
  /** Bytes lost to TEXT_LIMIT since power-up. */
  dropped: number
}

export function create(uart: Uart): At {
  return {
    uart,
    text: '',
    line: '',
    command: '',
    body: '',
    payload: '',
    count: 0,
    prompt: 62,
    head: '',
    tail: '',
    wait: FREE,
    limitMs: 0,
    untilMs: 0,
    freeAtMs: 0,
    flowAtMs: 0,
    heardAtMs: 0,
    dropped: 0,
  }
}

/** True when a command may start: none in flight, nothing left to write, the gap is over. */
export function isFree(a: At, nowMs: number): boolean {
  return a.wait === FREE && a.body === '' && nowMs >= a.freeAtMs
}

/**
 * Sends a command; only while isFree(). With a body, the modem's prompt is awaited first, then the body goes out in
 * pieces and limitMs counts from there.
 */
export function start(a: At, command: string, body: string, limitMs: number, nowMs: number): void {
  a.command = command
  a.body = body
  a.limitMs = limitMs
  a.wait = body === '' ? RESULT : PROMPT
  a.untilMs = nowMs + (body === '' ? limitMs : PROMPT_MS)
  a.uart.write(`${command}\r`)
}

/** Forgets the command in flight and all that came in: the modem was restarted. */
export function reset(a: At, nowMs: number): void {
  a.text = ''
  a.body = ''
  a.command = ''
  a.payload = ''
  a.count = 0
  a.head = ''
  a.wait = FREE
  a.freeAtMs = nowMs + GAP_MS
}

/** The line just taken was the command's result: some families end a command with a text of their own. */
export function finish(a: At, nowMs: number): void {
  a.wait = FREE
  a.command = ''
  a.body = ''
  a.head = ''
  a.freeAtMs = nowMs + GAP_MS
}

/** Takes in what came. True when there is anything for take(); false costs one look at the UART. */
export function listen(a: At, nowMs: number): boolean {
  const bytes = a.uart.read()
  if (bytes === '') return a.text !== ''
  a.text += bytes
  a.heardAtMs = nowMs
  return true
}

/** The next thing the modem said, NOTHING when there is none. Also moves the body on. */
export function take(a: At, nowMs: number): number {
  if (a.head !== '' && a.count === 0) expectCounted(a)
  if (a.count > 0) {
    const part = a.text.substr(0, a.count)
    a.payload += part
    a.text = a.text.substr(part.length)
    a.count -= part.length
    if (a.count === 0) return DATA
  }
  if (a.text !== '') {
    const excess = a.text.length - TEXT_LIMIT
    if (excess > 0) {
      a.dropped += excess
      a.text = a.text.substr(excess)
    }
    if (a.wait === PROMPT && a.text.trim().charCodeAt(0) === a.prompt) {
      a.text = a.text.substr(a.text.indexOf(String.fromCharCode(a.prompt)) + 1)
      a.wait = RESULT
      a.untilMs = nowMs + a.limitMs
      a.flowAtMs = a.prompt === AT_SIGN ? nowMs + AT_SIGN_MS : nowMs
    }
  }
  if (a.body !== '' && a.wait !== PROMPT && nowMs >= a.flowAtMs) {
    a.uart.write(a.body.substr(0, PIECE_BYTES))
    a.body = a.body.substr(PIECE_BYTES)
    a.flowAtMs = nowMs + PIECE_MS
  }
  let found = TIMEOUT
  const end = a.text.indexOf('\n')
  if (end >= 0) {
    a.line = a.text.substr(0, end).trim()
    a.text = a.text.substr(end + 1)
    found = sort(a)
    if (found !== OK && found !== ERROR) return found
  } else if (a.wait === FREE || nowMs < a.untilMs) return NOTHING
  else {
    // A modem whose prompt was lost would swallow the next commands as payload. An empty line per missing byte
    // satisfies it, and means nothing to a modem that never wanted the bytes.
    if (a.wait === PROMPT) a.body = '\r'.repeat(a.body.length)
    a.count = 0
    a.payload = ''
  }
  a.wait = FREE
  a.command = ''
  a.head = ''
  a.freeAtMs = nowMs + (found === TIMEOUT ? LATE_MS : GAP_MS)
  return found
}

/** Bytes announced within a line begin right after their head; the head must begin the line and be whole. */
function expectCounted(a: At): void {
  const from = a.text.indexOf(a.head)
  if (from < 0 || a.text.substr(0, from).trim() !== '') return
  const digits = from + a.head.length
  const to = a.text.indexOf(a.tail, digits)
  // The interpreter finds the tail although only its beginning has come (docs/espruino-model.md).
  if (to < 0 || to + a.tail.length > a.text.length) return
  const size = a.text.substr(digits, to - digits)
  const count = parseInt(size, 10)
  if (`${count}` !== size || count < 1 || count > COUNT_LIMIT) return
  a.count = count
  a.text = a.text.substr(to + a.tail.length)
  a.head = ''
}

/** What a whole line is: LINE, ECHO, STRAY, or OK or ERROR for the command in flight. */
function sort(a: At): number {
  const line = a.line
  if (line !== '' && line === a.command) return ECHO
  const isOk = line === 'OK'
  if (!isOk && line !== 'ERROR' && !line.startsWith('+CME ERROR') && !line.startsWith('+CMS ERROR')) return LINE
  // An OK cannot stand in for the prompt: it belongs to an earlier command.
  if (a.wait === FREE || (isOk && a.wait === PROMPT)) return STRAY
  if (!isOk) a.body = ''
  return isOk ? OK : ERROR
}
