/**
 * Zone inputs: plain normally closed contacts to ground with pull-ups, so level 1 is an open zone (panel-behaviour.md
 * §3.2, wiring style NC). Each zone has its own response time, the same for violation and restore (W-8, W-9).
 *
 * The contacts are sampled every 95 ms, and every 20 ms while one settles (W-10), and a change must last the response
 * time from the sample that first showed it. So with 400 ms a shorter change never counts, and one longer than 515 ms
 * always does. An installation that must process every signal longer than 400 ms (W-10) sets 280 ms.
 * Does not do: end-of-line resistors, tamper and fault bands, pulse count, the 60 s after power-up (P-3).
 */

import type { Pins } from '../hal'

export interface ZoneInputs {
  pins: Pins
  /** Pins of 8 zones each, the highest zone first: so zone 8g is bit 0 of what group g reads. */
  groups: number[][]
  /** Last sample and settled state of each group; bit 1 is open. */
  last: Uint8Array
  open: Uint8Array
  /** When each zone's level last changed: the low 16 bits of the time in ms. */
  since: Uint16Array
  /** 20-5100 ms (W-8); longer misses real alarms (W-12). */
  responseMs: number
  openCount: number
  /** Changes that nobody has taken yet, one character each: zone index * 2 + 1 when opened. */
  changes: string
  dueMs: number
}

/** W-8. */
const RESPONSE_MS = 400
/** W-10: at most 100 ms, which leaves some for a busy pass. */
const SCAN_MS = 95
const SETTLING_MS = 20
/** With the keypad's four columns they fill 31 bits. */
const WORD_ZONES = 27
/** A change beyond these is not lost: its zone settles when there is room again. */
const CHANGES_LIMIT = 128

/**
 * At most 64 pins, zone index 0 first; pins without a pull-up inside (34-39) need one outside. All zones count as
 * closed at first, so a zone that is open at power-up is told after its response time.
 */
export function create(pins: Pins, zonePins: number[]): ZoneInputs {
  const groups: number[][] = []
  for (let first = 0; first < zonePins.length; first += 8) groups.push(zonePins.slice(first, first + 8).reverse())
  for (const pin of zonePins) pins.mode(pin, 'inputPullup')
  return {
    pins,
    groups,
    last: new Uint8Array(groups.length),
    open: new Uint8Array(groups.length),
    since: new Uint16Array(zonePins.length),
    responseMs: RESPONSE_MS,
    openCount: 0,
    changes: '',
    dueMs: 0,
  }
}

/** Samples all zones when it is time. Returns when to call again, in ms. */
export function poll(z: ZoneInputs, nowMs: number): number {
  if (nowMs < z.dueMs) return z.dueMs
  let waitMs = SCAN_MS
  for (let group = 0; group < z.groups.length; group++) {
    const word = z.pins.read(z.groups[group])
    if (word !== z.open[group] || word !== z.last[group]) {
      settle(z, group, word, nowMs)
      if (word !== z.open[group]) waitMs = SETTLING_MS
    }
  }
  z.dueMs = nowMs + waitMs
  return z.dueMs
}

/** The oldest change: zone index * 2, plus 1 when it opened; -1 when there is none. */
export function take(z: ZoneInputs): number {
  if (z.changes === '') return -1
  const change = z.changes.charCodeAt(0)
  z.changes = z.changes.substr(1)
  return change
}

/**
 * All levels in one number, zone 0 in bit 0, while every zone is settled: poll() would find nothing new as long as they
 * stay. -1 while one settles, and for more zones than fit.
 */
export function restingWord(z: ZoneInputs): number {
  if (z.since.length > WORD_ZONES) return -1
  let word = 0
  for (let group = z.groups.length - 1; group >= 0; group--) {
    if (z.last[group] !== z.open[group]) return -1
    word = (word << 8) | z.open[group]
  }
  return word
}

/** The settled state of a zone. */
export function isOpen(z: ZoneInputs, index: number): boolean {
  return ((z.open[index >> 3] >> (index & 7)) & 1) === 1
}

/** Moves the timers of one group: a flipped level starts its timer, a level that stayed becomes the state. */
function settle(z: ZoneInputs, group: number, word: number, nowMs: number): void {
  const flipped = word ^ z.last[group]
  const pending = word ^ z.open[group]
  z.last[group] = word
  for (let bit = 0; bit < z.groups[group].length; bit++) {
    const zone = group * 8 + bit
    if ((flipped >> bit) & 1) z.since[zone] = nowMs & 0xffff
    // 16 bits are 65 s, and no response time is longer than 5.1 s.
    else if ((pending >> bit) & 1 && ((nowMs - z.since[zone]) & 0xffff) >= z.responseMs) change(z, zone)
  }
}

function change(z: ZoneInputs, zone: number): void {
  if (z.changes.length >= CHANGES_LIMIT) return
  z.open[zone >> 3] ^= 1 << (zone & 7)
  const state = isOpen(z, zone) ? 1 : 0
  z.openCount += state * 2 - 1
  z.changes += String.fromCharCode(zone * 2 + state)
}
