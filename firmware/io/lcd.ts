/**
 * Text display, 2 x 16: an HD44780 behind a PCF8574 backpack on I2C (hardware.md §3.5), 4-bit, write only.
 *
 * The wanted text is compared with what the display holds, and what changed in a line goes out in one transfer. Once a
 * minute the 4-bit link is brought into step again and all cells are written, because a siren's noise garbles both and
 * nothing can be read back. That is done without clearing, on full minutes, whatever is shown: nobody can see it, and
 * its time tells nothing.
 * Does not do: scrolling, custom characters, backlight control, other sizes.
 */

import type { I2c } from '../hal'

export interface Lcd {
  i2c: Pick<I2c, 'writeTo'>
  /** 0x27, or 0x3F for the PCF8574A. */
  address: number
  /** Line 0 and line 1, 16 characters each: wanted, and held by the display as far as known. */
  want: string
  have: string
  step: number
  /** When the next step of the start may come. */
  dueMs: number
  /** When the next bringing into step is due. */
  resyncMs: number
  /** The part does not acknowledge. */
  isMissing: boolean
  /** When probe() asks it next. */
  probeMs: number
}

const COLUMNS = 16
const BLANK = '                '

// The backpack's bits: P0 RS, P1 RW, P2 E, P3 backlight, P4-P7 D4-D7.
const COMMAND = 0x08
const ENABLE = 0x04
/** Of a byte in a word: its lower nibble's place, each nibble in two bytes, and the other lines of those four. */
const UPPER_NIBBLE = 0xf00000
const TWICE = 0x101
const COMMANDS = 0x080c080c
const CHARACTERS = 0x090d090d
/** All lines at rest: nothing that the display takes. */
const REST = new Uint8Array([COMMAND])

/** From power-up to the first command (HD44780: 40 ms at 2.7 V). */
const POWER_UP_MS = 50
/** After the first function set (HD44780: 4.1 ms); a half command that it ends may run 1.5 ms. */
const FIRST_MS = 5
/** After a return home (HD44780: 1.52 ms). */
const HOME_MS = 2
/** Until a missing part is tried again. */
const RETRY_MS = 1000
/** hardware.md §3.5: once a minute. */
const RESYNC_MS = 60000
/** A keypad is asked at least every 2 s (S-6); it comes with a look of each second, which may be late. */
const PROBE_MS = 1500

// Steps of the start.
const FIRST = 0
const SECOND = 1
const READY = 2

/** Address of each line's first cell, as a command. */
const LINE_0 = 0x80
const LINE_1 = 0xc0

/** Nothing is sent before poll(). Both lines are blank. */
export function create(i2c: Pick<I2c, 'writeTo'>, address: number): Lcd {
  return {
    i2c,
    address,
    want: BLANK + BLANK,
    have: '',
    step: FIRST,
    dueMs: POWER_UP_MS,
    resyncMs: 0,
    isMissing: false,
    probeMs: 0,
  }
}

/** Sets the text of line 0 or 1, cut or padded to 16 characters. Poll again after it. */
export function show(l: Lcd, line: 0 | 1, text: string): void {
  const padded = (text + BLANK).substr(0, COLUMNS)
  l.want = line ? l.want.substr(0, COLUMNS) + padded : padded + l.want.substr(COLUMNS)
}

/** Sends at most one transfer. Returns when to call again, in ms. Never throws: a missing part is tried every second. */
export function poll(l: Lcd, nowMs: number): number {
  if (l.step === READY) {
    if (nowMs >= l.resyncMs) l.step = FIRST
    else if (l.want === l.have) return l.resyncMs
  } else if (nowMs < l.dueMs) return l.dueMs
  try {
    l.dueMs = nowMs + (l.step === READY ? writeRun(l) : start(l, nowMs))
    l.isMissing = false
    if (l.want === l.have) return l.resyncMs
  } catch {
    lost(l, nowMs)
  }
  return l.dueMs
}

/** Asks now and then whether the part is there, for texts may stand for a minute. True while it is missing. Never throws. */
export function probe(l: Lcd, nowMs: number): boolean {
  if (nowMs < l.probeMs || l.step !== READY) return l.isMissing
  l.probeMs = nowMs + PROBE_MS
  try {
    l.i2c.writeTo(l.address, REST)
  } catch {
    lost(l, nowMs)
  }
  return l.isMissing
}

function lost(l: Lcd, nowMs: number): void {
  l.isMissing = true
  l.step = FIRST
  l.dueMs = nowMs + RETRY_MS
}

/**
 * One step of bringing the display into 4-bit mode from any state; returns the wait after it in ms. The first nibble
 * ends a command of which half was lost. The other commands go in one transfer, because between them line 1 is off.
 */
function start(l: Lcd, nowMs: number): number {
  if (l.step === FIRST) {
    sendNibbles(l, [0x30])
    l.step = SECOND
    return FIRST_MS
  }
  // 8-bit twice, 4-bit; then as bytes: 2 lines, display on, move right, home (undoes a shift that noise made).
  sendNibbles(l, [0x30, 0x30, 0x20, 0x20, 0x80, 0x00, 0xc0, 0x00, 0x60, 0x00, 0x20])
  l.step = READY
  l.have = ''
  l.resyncMs = nowMs - (nowMs % RESYNC_MS) + RESYNC_MS
  return HOME_MS
}

/** Writes from the first changed cell of a line to the last one. */
function writeRun(l: Lcd): number {
  let at = l.want.substr(0, COLUMNS) === l.have.substr(0, COLUMNS) ? COLUMNS : 0
  let end = at + COLUMNS
  while (l.want.charAt(at) === l.have.charAt(at)) at++
  while (l.want.charAt(end - 1) === l.have.charAt(end - 1)) end--
  const command = at < COLUMNS ? LINE_0 + at : LINE_1 + at - COLUMNS
  send(l, command, l.want.substring(at, end))
  l.have = l.have.substr(0, at) + l.want.substring(at, end) + l.have.substr(end)
  return 0
}

/** One transfer of commands in nibbles, each in the upper 4 bits. Each falls in with the edge of E. */
function sendNibbles(l: Lcd, nibbles: number[]): void {
  const bytes = new Uint8Array(nibbles.length * 2)
  let at = 0
  for (const nibble of nibbles) {
    bytes[at++] = nibble | COMMAND | ENABLE
    bytes[at++] = nibble | COMMAND
  }
  l.i2c.writeTo(l.address, bytes)
}

/**
 * One transfer: a command, then characters. Four bytes each, two a nibble, the upper one first, put together as one word:
 * for each step of its own there is a search of names. Little-endian, as the ESP32 is, and any PC.
 */
function send(l: Lcd, command: number, text: string): void {
  const words = new Uint32Array(text.length + 1)
  words[0] = ((command & 0xf0) | ((command << 20) & UPPER_NIBBLE)) * TWICE + COMMANDS
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    words[index + 1] = ((code & 0xf0) | ((code << 20) & UPPER_NIBBLE)) * TWICE + CHARACTERS
  }
  l.i2c.writeTo(l.address, new Uint8Array(words.buffer))
}
