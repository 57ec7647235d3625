/**
 * Zone inputs: plain normally closed contacts to ground with pull-ups, so an open zone is one whose input is high
 * (panel-behaviour.md §3.2, wiring style NC). They are at the board's own pins, or at port expanders (expander.ts): a
 * zone's pin is a GPIO number, or from 64 on 64 + chip * 16 + input, where inputs 0-7 are GPA and 8-15 GPB.
 *
 * Each zone has its own response time, the same for violation and restore (W-8, W-9). Inputs are sampled every 95 ms, and
 * every 20 ms while one settles (W-10), and a change must last the response time from the sample that first showed it. So
 * with 400 ms a shorter change never counts, and one longer than 515 ms always does. An installation that must process
 * every signal longer than 400 ms (W-10) sets 280 ms. No pass walks over all zones: up to 16 are one word.
 *
 * A zone with a pulse count above 1 becomes active with the last of so many violations within 10 s (W-11), or when one of
 * them lasts as long: what stays open is no pulse.
 * Does not do: end-of-line resistors, so no zone settles to TAMPER, FAULT or MASKED yet; the 60 s after power-up (P-3).
 */

import type { I2c, Pins } from '../hal'
import * as expander from './expander'

// What a zone settles to (panel-behaviour.md §3.2).
export const SECURE = 0
export const ACTIVE = 1
export const TAMPER = 2
export const FAULT = 3
export const MASKED = 4

/** A zone that counts pulses. */
interface Counter {
  zone: number
  wanted: number
  /** Times of the violations that may still count, the oldest first. */
  times: number[]
  /** When the present violation began, as long as it has not made the zone active; NEVER without one. */
  openMs: number
}

export interface ZoneInputs {
  pins: Pins
  /** GPIOs of zones, the highest zone first: so the first of these zones is bit 0. */
  gpio: number[]
  expander: expander.Expander
  /** Last sample and settled level of up to 16 inputs a word, 1 open: the GPIOs first, when there are any, then each chip. */
  last: Uint16Array
  settled: Uint16Array
  /** Zone of each bit of each word. */
  zoneOf: Uint8Array
  /** What each zone has settled to. */
  states: Uint8Array
  /** When each zone's level last changed: the low 16 bits of the time in ms. */
  since: Uint16Array
  /** In UNIT_MS. */
  responses: Uint8Array
  counters: Counter[]
  /** When a violation of a zone that counts pulses will have lasted too long for one; NEVER mostly. */
  lateMs: number
  /** Zones that are not secure. */
  openCount: number
  /** Changes that nobody has taken yet, two characters each: zone index, state. */
  changes: string
  dueMs: number
}

/** Response times are told in this unit, so that a byte holds all of W-8: 20-5100 ms. Longer misses real alarms (W-12). */
const UNIT_MS = 20
/** 400 ms (W-8). */
const RESPONSE = 20
/** W-10: at most 100 ms, which leaves some for a busy pass. */
const SCAN_MS = 95
const SETTLING_MS = 20
/** W-11. */
const WINDOW_MS = 10000
const WORD_BITS = 16
/** First pin number of an expander. */
const FIRST_EXPANDER = 64
/** Two characters a change. A change beyond 128 is not lost: its zone settles when there is room again. */
const CHANGES_LIMIT = 256
const NEVER = Infinity

/**
 * At most 64 zones, index 0 first, 16 of them at GPIOs; GPIOs without a pull-up inside (34-39) need one outside.
 * responses: in units of 20 ms, 1-255; pulses: 1-8, one for each zone; undefined gives all 400 ms, and 1.
 * All zones count as secure at first, so a zone that is open at power-up is told after its response time.
 */
export function create(
  pins: Pins,
  i2c: I2c,
  zonePins: number[],
  responses: number[] | undefined,
  pulses: number[] | undefined,
): ZoneInputs {
  const count = zonePins.length
  const z: ZoneInputs = {
    pins,
    gpio: [],
    expander: expander.create(i2c),
    last: new Uint16Array(0),
    settled: new Uint16Array(0),
    zoneOf: new Uint8Array(0),
    states: new Uint8Array(count),
    since: new Uint16Array(count),
    responses: new Uint8Array(count),
    counters: [],
    lateMs: NEVER,
    openCount: 0,
    changes: '',
    dueMs: 0,
  }
  for (let zone = 0; zone < count; zone++) {
    z.responses[zone] = responses === undefined ? RESPONSE : responses[zone]
    const wanted = pulses === undefined ? 1 : pulses[zone]
    if (wanted > 1) z.counters.push({ zone, wanted, times: [], openMs: NEVER })
  }
  wire(z, zonePins)
  return z
}

/** Takes the pins, and finds the bit of each zone. */
function wire(z: ZoneInputs, zonePins: number[]): void {
  const places: number[] = []
  for (const pin of zonePins) {
    if (pin >= FIRST_EXPANDER) {
      const at = pin - FIRST_EXPANDER
      places.push(expander.add(z.expander, at >> 4, at & 15) * WORD_BITS + (at & 15))
    } else {
      z.pins.mode(pin, 'inputPullup')
      places.push(z.gpio.length)
      z.gpio.unshift(pin)
    }
  }
  const first = z.gpio.length > 0 ? 1 : 0
  const words = first + z.expander.chips.length
  z.last = new Uint16Array(words)
  z.settled = new Uint16Array(words)
  z.zoneOf = new Uint8Array(words * WORD_BITS)
  for (let zone = 0; zone < places.length; zone++) {
    z.zoneOf[places[zone] + (zonePins[zone] >= FIRST_EXPANDER ? first * WORD_BITS : 0)] = zone
  }
}

/** Samples all zones when it is time. Returns when to call again, in ms. */
export function poll(z: ZoneInputs, nowMs: number): number {
  if (nowMs < z.dueMs) return z.dueMs
  const first = z.gpio.length > 0 ? 1 : 0
  let waitMs = SCAN_MS
  for (let at = 0; at < z.last.length; at++) {
    const word = at < first ? z.pins.read(z.gpio) : expander.read(z.expander, at - first, nowMs)
    if (word !== z.settled[at] || word !== z.last[at]) {
      settle(z, at, word, nowMs)
      if (word !== z.settled[at]) waitMs = SETTLING_MS
    }
  }
  if (nowMs >= z.lateMs) overdue(z, nowMs)
  z.dueMs = nowMs + waitMs
  return z.dueMs
}

/** The oldest change: zone index * 8 + what it settled to; -1 when there is none. */
export function take(z: ZoneInputs): number {
  if (z.changes === '') return -1
  const change = z.changes.charCodeAt(0) * 8 + z.changes.charCodeAt(1)
  z.changes = z.changes.substr(2)
  return change
}

/**
 * Levels of `gpio` in one number, while every zone is settled: poll() would find nothing new as long as they stay, and
 * the expanders as well (isStill). -1 while a zone settles.
 */
export function restingWord(z: ZoneInputs): number {
  if (z.lateMs !== NEVER) return -1
  for (let at = 0; at < z.last.length; at++) if (z.last[at] !== z.settled[at]) return -1
  return z.gpio.length > 0 ? z.settled[0] : 0
}

/**
 * True when the expanders read as they did when poll() believed them. They are not to be read more often than zones are, so
 * a look every everyMs may be too often for that.
 */
export function isStill(z: ZoneInputs, everyMs: number): boolean {
  return z.expander.chips.length === 0 || (everyMs >= SCAN_MS && expander.isStill(z.expander))
}

/** A bit for each expander, by its number, that has not answered for 20 s (S-6). Its zones stay as they were. */
export function lostModules(z: ZoneInputs): number {
  return z.expander.lost
}

/** What a zone has settled to: SECURE to MASKED. */
export function stateOf(z: ZoneInputs, index: number): number {
  return z.states[index]
}

/** True when a zone has settled to anything but SECURE. */
export function isOpen(z: ZoneInputs, index: number): boolean {
  return z.states[index] !== SECURE
}

/** Moves the timers of one word: a flipped level starts its timer, a level that stayed becomes the state. */
function settle(z: ZoneInputs, at: number, word: number, nowMs: number): void {
  const flipped = word ^ z.last[at]
  let bits = flipped | (word ^ z.settled[at])
  z.last[at] = word
  for (let bit = 0; bits !== 0; bit++) {
    if ((bits & 1) === 1) {
      const zone = z.zoneOf[at * WORD_BITS + bit]
      if (((flipped >> bit) & 1) === 1) z.since[zone] = nowMs & 0xffff
      // 16 bits are 65 s, and no response time is longer than 5.1 s.
      else if (((nowMs - z.since[zone]) & 0xffff) >= z.responses[zone] * UNIT_MS) turn(z, at, bit, nowMs)
    }
    bits >>= 1
  }
}

/** The level of a contact has changed for good. */
function turn(z: ZoneInputs, at: number, bit: number, nowMs: number): void {
  if (z.changes.length >= CHANGES_LIMIT) return
  z.settled[at] ^= 1 << bit
  const zone = z.zoneOf[at * WORD_BITS + bit]
  const isActive = ((z.settled[at] >> bit) & 1) === 1
  if (z.counters.length > 0 && !isCounted(z, zone, isActive, nowMs)) return
  change(z, zone, isActive ? ACTIVE : SECURE)
}

/** False for a violation that is only a pulse so far. */
function isCounted(z: ZoneInputs, zone: number, isActive: boolean, nowMs: number): boolean {
  for (const c of z.counters) {
    if (c.zone !== zone) continue
    c.openMs = NEVER
    if (!isActive) return true
    while (c.times.length > 0 && c.times[0] < nowMs - WINDOW_MS) c.times.shift()
    c.times.push(nowMs)
    if (c.times.length >= c.wanted) {
      c.times = []
      return true
    }
    c.openMs = nowMs
    if (nowMs + WINDOW_MS < z.lateMs) z.lateMs = nowMs + WINDOW_MS
    return false
  }
  return true
}

/** Zones that have been open for too long to be a pulse; finds the next such time. */
function overdue(z: ZoneInputs, nowMs: number): void {
  z.lateMs = NEVER
  for (const c of z.counters) {
    const endMs = c.openMs + WINDOW_MS
    if (nowMs >= endMs && z.changes.length < CHANGES_LIMIT) {
      c.openMs = NEVER
      c.times = []
      change(z, c.zone, ACTIVE)
    } else if (endMs < z.lateMs) z.lateMs = endMs
  }
}

function change(z: ZoneInputs, zone: number, state: number): void {
  const before = z.states[zone]
  if (state === before) return
  if (before === SECURE) z.openCount++
  else if (state === SECURE) z.openCount--
  z.states[zone] = state
  z.changes += String.fromCharCode(zone) + String.fromCharCode(state)
}
