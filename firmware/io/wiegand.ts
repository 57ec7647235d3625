/**
 * Wiegand keypad: each pulse on D0 is a 0, each one on D1 a 1, and a silence ends the frame (hardware.md §3.3). The board
 * notes pulses with their times (hal.ts, Pulses), so that a busy pass loses none; keys go to where the matrix has its own.
 *
 *   4 bits   a key: 0-9, * is 10, # is 11 (or as the table of the settings has it)
 *   8 bits   the same, with its complement in front
 *   26 bits  a whole code as its 16-bit number, between two parity bits; only where the settings say so
 *   others   noise, counted; nothing of what came is kept or told (K-9)
 *
 * A pulse within 200 µs of the one before is its bounce; both lines within 50 µs spoil the frame. A frame that would make
 * sense with D0 and D1 exchanged is counted apart: parities that both fail, or keys that nobody has.
 * Does not do: cards, chords (a Wiegand keypad tells one key at a time).
 */

import type { Pins, Pulses } from '../hal'

export interface Wiegand {
  pulses: Pulses
  pins: Pick<Pins, 'read'>
  lines: number[]
  /** What each of 16 values of a key is; '-' for none. */
  table: string
  /** Digits of a code that comes in one frame; 0 when none does. */
  codeLength: number
  /** The frame under way: its bits, how many, when the last one came (Pulses), 1 when it is spoiled, and when it ends. */
  bits: number
  count: number
  lastTicks: number
  isSpoiled: number
  endMs: number
  /** What was wrong: frames of no kind within a minute and its begin, frames that are right the other way round, good ones. */
  noise: number
  noiseMs: number
  swapped: number
  good: number
  /** Since when a line has been low; NEVER while none is. */
  lowMs: number
  /** 1 while a line is low for longer than any pulse: the cable is short, or the level shifter inverts. */
  isLow: number
}

/** What is wrong with a keypad, for whoever wires it (diagnosis). */
export enum Wrong {
  NOTHING,
  /** Nothing has come yet. */
  SILENT,
  SWAPPED,
  NOISE,
  LOW,
}

const TABLE = '0123456789*#----'
/** hardware.md §3.3, in units of 10 µs: both lines, a bounce, and a silence that ends a frame. */
const COLLISION = 5
const BOUNCE = 20
const GAP = 3000
const GAP_MS = 30
/** Idle lines are high; a low one for so long is a short. */
const LOW_MS = 100
/** Frames of no kind in a minute that are more than chance. */
const NOISE_LIMIT = 3
const MINUTE_MS = 60000
/** Times of pulses go round. */
const TICKS = 0xffffff
/** Keys kept for a busy panel, as keypad-matrix.ts does. */
const QUEUE_LIMIT = 8
const NEVER = Infinity

/** Takes the lines at once. table: '' for the usual one; codeLength: of codes in one frame, 0 for none. */
export function create(
  pulses: Pulses,
  pins: Pick<Pins, 'read'>,
  zero: number,
  one: number,
  table: string,
  codeLength: number,
): Wiegand {
  pulses.watch(zero, one)
  return {
    pulses,
    pins,
    lines: [zero, one],
    table: table === '' ? TABLE : table,
    codeLength,
    bits: 0,
    count: 0,
    lastTicks: 0,
    isSpoiled: 0,
    endMs: NEVER,
    noise: 0,
    noiseMs: 0,
    swapped: 0,
    good: 0,
    lowMs: NEVER,
    isLow: 0,
  }
}

/** Takes what came. Returns the keys that are complete; endMs is when to call again. */
export function poll(w: Wiegand, nowMs: number): string {
  const list = w.pulses.take()
  let keys = ''
  for (let at = 1; at < list.length; at++) keys += pulse(w, list[at] >> 1, list[at] & 1, nowMs)
  if (list.length > 1) w.endMs = nowMs + GAP_MS - ((((list[0] - w.lastTicks) & TICKS) / 100) | 0)
  if (w.count > 0 && nowMs >= w.endMs) keys += finish(w, nowMs)
  lines(w, nowMs)
  return keys
}

/** One pulse. Returns the keys of the frame before it, when it begins one. */
function pulse(w: Wiegand, ticks: number, line: number, nowMs: number): string {
  const sinceTicks = (ticks - w.lastTicks) & TICKS
  const keys = w.count > 0 && sinceTicks >= GAP ? finish(w, nowMs) : ''
  if (w.count > 0 && sinceTicks < BOUNCE) {
    if (sinceTicks < COLLISION && (w.bits & 1) !== line) w.isSpoiled = 1
    return keys
  }
  w.lastTicks = ticks
  w.bits = (w.bits << 1) | line
  w.count++
  return keys
}

/** The frame is over: what it says. */
function finish(w: Wiegand, nowMs: number): string {
  const { bits, count, isSpoiled } = w
  w.bits = 0
  w.count = 0
  w.isSpoiled = 0
  w.endMs = NEVER
  let keys = ''
  if (isSpoiled === 0) {
    if (count === 4) keys = key(w, bits)
    else if (count === 8 && ((bits ^ (bits >> 4)) & 15) === 15) keys = key(w, bits & 15)
    else if (count === 26) keys = whole(w, bits)
  }
  if (keys === '') {
    if (nowMs >= w.noiseMs + MINUTE_MS) {
      w.noiseMs = nowMs
      w.noise = 0
    }
    w.noise++
  } else if (keys !== '-') w.good++
  return keys === '-' ? '' : keys
}

/** '-' when nobody has such a key. Exchanged lines make 15 of 0, 14 of 1 ... */
function key(w: Wiegand, value: number): string {
  const found = w.table.charAt(value)
  if (found === '-' && w.table.charAt(15 - value) !== '-') w.swapped++
  return found
}

/** Even parity over the first half, odd over the second; in between eight bits that do not matter, and the number. */
function whole(w: Wiegand, bits: number): string {
  const first = parity(bits >> 13)
  const second = parity(bits & 0x1fff)
  if (first !== 0 && second !== 1) {
    w.swapped++
    return '-'
  }
  if (first !== 0 || second !== 1) return ''
  let number = (bits >> 1) & 0xffff
  if (w.codeLength === 0) return '-' // a card
  // As many steps for any code (D-30).
  let digits = ''
  for (let count = 0; count < w.codeLength; count++) {
    const digit = number % 10
    digits = String.fromCharCode(48 + digit) + digits
    number = (number - digit) / 10
  }
  return number === 0 ? '*' + digits : ''
}

/** 1 when the number of ones among 13 bits is odd. */
function parity(bits: number): number {
  let odd = bits & 0x1fff
  odd ^= odd >> 8
  odd ^= odd >> 4
  odd ^= odd >> 2
  return (odd ^ (odd >> 1)) & 1
}

function lines(w: Wiegand, nowMs: number): void {
  if (w.pins.read(w.lines) === 3) {
    w.lowMs = NEVER
    w.isLow = 0
  } else if (w.lowMs === NEVER) w.lowMs = nowMs
  else if (nowMs >= w.lowMs + LOW_MS) w.isLow = 1
}

/** The keys that a queue has room for. */
export function room(queued: string, keys: string): string {
  return queued.length + keys.length > QUEUE_LIMIT ? queued : queued + keys
}

/** What is wrong with the lines, as far as what came tells. For whoever wires it. */
export function diagnosis(w: Wiegand, nowMs: number): Wrong {
  if (w.isLow === 1) return Wrong.LOW
  if (w.swapped > 0 && w.swapped * 4 >= w.good) return Wrong.SWAPPED
  if (w.noise >= NOISE_LIMIT && nowMs < w.noiseMs + MINUTE_MS) return Wrong.NOISE
  return w.good === 0 ? Wrong.SILENT : Wrong.NOTHING
}
