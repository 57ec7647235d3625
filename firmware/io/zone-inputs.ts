/**
 * Zone inputs: contacts to ground with pull-ups, so a closed one is an input that is low (panel-behaviour.md §3.2, wiring
 * styles NC and NO). They are at the board's own pins, or at port expanders (expander.ts): a zone's pin is a GPIO number, or
 * from 64 on 64 + chip * 16 + input, where inputs 0-7 are GPA and 8-15 GPB. Loops that are measured are loops.ts.
 *
 * Each zone has its own response time, the same for violation and restore (W-8, W-9). Inputs are sampled every 95 ms, and
 * every 20 ms while one settles (W-10), and a change must last the response time from the sample that first showed it. So
 * with 400 ms a shorter change never counts, and one longer than 515 ms always does. An installation that must process
 * every signal longer than 400 ms (W-10) sets 280 ms. No pass walks over all zones: up to 16 are one word, and while some
 * settle only their words are sampled every 20 ms.
 *
 * A zone with a pulse count above 1 becomes active with the last of so many violations within 10 s (W-11), or when one of
 * them lasts as long: what stays open is no pulse.
 * Does not do: the 60 s after power-up (P-3).
 */

import type { ZonesConfig } from '../config'
import type { BoardPins, I2c, Pins } from '../hal'
import { Style } from './bands'
import * as expander from './expander'
import * as loops from './loops'

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
  /** Those that are measured; undefined when there are none. */
  loops: loops.Loops | undefined
  /** Last sample and settled level of up to 16 inputs a word, 1 open: the GPIOs first, when there are any, then each chip. */
  last: Uint16Array
  settled: Uint16Array
  /** What each word is when all of its zones are secure, 1 for a contact that is then open (NO); undefined without any. */
  rest: Uint16Array | undefined
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
  /** When all words are sampled again, also those in which nothing settles. */
  allMs: number
  /** Looks since a zone began to settle; 0 while none does. */
  looks: number
}

/** Response times are told in this unit, so that a byte holds all of W-8: 20-5100 ms. Longer misses real alarms (W-12). */
const UNIT_MS = 20
/** 400 ms (W-8). */
const RESPONSE = 20
/** W-10: at most 100 ms, which leaves some for a busy pass. */
const SCAN_MS = 95
const SETTLING_MS = 20
/** While one settles, all others. */
const ALL_MS = 60
/** W-11. */
const WINDOW_MS = 10000
const WORD_BITS = 16
/** First pin number of an expander. */
const FIRST_EXPANDER = 64
/** Two characters a change. A change beyond 128 is not lost: its zone settles when there is room again. */
const CHANGES_LIMIT = 256
/** In the place of a style: not read as a level. */
const MEASURED = 255
const NEVER = Infinity

/**
 * At most 64 zones, index 0 first, 16 of them at GPIOs; GPIOs without a pull-up inside (34-39) need one outside. What the
 * settings say of them has been checked. supply: config.loopSupply; divider: GPIO of adcDivider; -1 for none. reference: of
 * the ESP32's ADC in mV.
 * All zones count as secure at first, so a zone that is open at power-up is told after its response time.
 */
export function create(
  pins: BoardPins,
  i2c: I2c,
  config: Pick<ZonesConfig, 'pins' | 'responses' | 'pulses' | 'loops'>,
  supply: number,
  divider: number,
  reference: number | undefined,
): ZoneInputs {
  const zonePins = config.pins
  const { responses, pulses } = config
  const count = zonePins.length
  const z: ZoneInputs = {
    pins,
    gpio: [],
    expander: expander.create(i2c),
    loops: undefined,
    last: new Uint16Array(0),
    settled: new Uint16Array(0),
    rest: undefined,
    zoneOf: new Uint8Array(0),
    states: new Uint8Array(count),
    since: new Uint16Array(count),
    responses: new Uint8Array(count),
    counters: [],
    lateMs: NEVER,
    openCount: 0,
    changes: '',
    dueMs: 0,
    allMs: 0,
    looks: 0,
  }
  for (let zone = 0; zone < count; zone++) {
    z.responses[zone] = responses === undefined ? RESPONSE : responses[zone]
    const wanted = pulses === undefined ? 1 : pulses[zone]
    if (wanted > 1) z.counters.push({ zone, wanted, times: [], openMs: NEVER })
  }
  const list = config.loops
  const styles = new Uint8Array(count)
  const measured: number[] = []
  if (list !== undefined) {
    for (let at = 0; at < list.length; at += loops.FIELDS) {
      const isMeasured = list[at + 1] >= Style.SEOL || zonePins[list[at]] >= loops.FIRST_INPUT
      styles[list[at]] = isMeasured ? MEASURED : list[at + 1]
      for (let field = 0; field < loops.FIELDS && isMeasured; field++) measured.push(list[at + field])
    }
  }
  wire(z, zonePins, styles)
  if (measured.length > 0)
    z.loops = loops.create(pins, i2c, measured, zonePins, z.responses, supply, divider, reference)
  return z
}

/** Takes the pins, and finds the bit of each zone. styles: of contacts, or MEASURED. */
function wire(z: ZoneInputs, zonePins: number[], styles: Uint8Array): void {
  const places: number[] = []
  for (let zone = 0; zone < zonePins.length; zone++) {
    const pin = zonePins[zone]
    if (styles[zone] === MEASURED) places.push(0)
    else if (pin >= FIRST_EXPANDER) {
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
  z.zoneOf = new Uint8Array(words * WORD_BITS)
  z.settled = new Uint16Array(words)
  for (let zone = 0; zone < places.length; zone++) {
    if (styles[zone] === MEASURED) continue
    const place = places[zone] + (zonePins[zone] >= FIRST_EXPANDER ? first * WORD_BITS : 0)
    z.zoneOf[place] = zone
    if (styles[zone] === Style.NO) z.settled[place >> 4] |= 1 << (place & 15)
  }
  z.last.set(z.settled)
  if (styles.indexOf(Style.NO) >= 0) z.rest = new Uint16Array(z.settled)
}

/** Samples the zones when it is time. Returns when to call again, in ms. */
export function poll(z: ZoneInputs, nowMs: number): number {
  const loopsMs = z.loops === undefined ? NEVER : pollLoops(z, z.loops, nowMs)
  if (nowMs < z.dueMs) return z.dueMs < loopsMs ? z.dueMs : loopsMs
  const first = z.gpio.length > 0 ? 1 : 0
  const isAll = z.looks === 0 || nowMs >= z.allMs
  // Sooner than W-10 wants, so that it is not just the look at which 400 ms are over.
  if (isAll) z.allMs = nowMs + ALL_MS
  let waitMs = SCAN_MS
  for (let at = 0; at < z.last.length; at++) {
    if (!isAll && z.last[at] === z.settled[at]) continue
    const word = at < first ? z.pins.read(z.gpio) : expander.read(z.expander, at - first, nowMs)
    if (word !== z.settled[at] || word !== z.last[at]) {
      settle(z, at, word, nowMs)
      if (word !== z.settled[at]) waitMs = SETTLING_MS
    }
  }
  if (nowMs >= z.lateMs) overdue(z, nowMs)
  z.looks = waitMs === SETTLING_MS ? z.looks + 1 : 0
  z.dueMs = nowMs + waitMs
  return z.dueMs < loopsMs ? z.dueMs : loopsMs
}

/** Loops that are measured, and what they have settled to, as far as there is room. Returns when to call again. */
function pollLoops(z: ZoneInputs, l: loops.Loops, nowMs: number): number {
  const dueMs = loops.poll(l, nowMs)
  while (l.changes !== '' && z.changes.length < CHANGES_LIMIT) {
    const zone = l.changes.charCodeAt(0)
    const state = l.changes.charCodeAt(1)
    l.changes = l.changes.substr(2)
    if (isCounted(z, zone, state === ACTIVE, nowMs)) change(z, zone, state)
  }
  return dueMs
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
 * expanders and loops as well (isStill). -1 while a zone settles.
 */
export function restingWord(z: ZoneInputs): number {
  if (z.looks > 0 || z.lateMs !== NEVER) return -1
  return z.gpio.length > 0 ? z.settled[0] : 0
}

/**
 * What else than GPIOs isStill() has to ask: 0 nothing, 1 expanders alone and each time, so that expander.isStill() says as
 * much, 2 more.
 */
export function extent(z: ZoneInputs, everyMs: number): number {
  if (z.loops !== undefined) return 2
  return z.expander.chips.length === 0 ? 0 : everyMs >= SCAN_MS ? 1 : 2
}

/**
 * True when the expanders read as they did when poll() believed them, and no loop has settled anew. Expanders are not to be
 * read more often than zones are, so a look every everyMs may be too often for that.
 */
export function isStill(z: ZoneInputs, everyMs: number, nowMs: number): boolean {
  if (z.loops !== undefined && !loops.isStill(z.loops, nowMs)) return false
  return z.expander.chips.length === 0 || (everyMs >= SCAN_MS && expander.isStill(z.expander, nowMs))
}

/**
 * For a simulator (app/quiet.ts): how many more times isStill() would be true, if no contact and no loop moves, and none has
 * for stillMs.
 */
export function passable(z: ZoneInputs, everyMs: number, stillMs: number): number {
  if (z.loops !== undefined && !loops.isPassable(z.loops, stillMs)) return 0
  if (z.expander.chips.length === 0) return NEVER
  return everyMs >= SCAN_MS ? expander.passable(z.expander) : 0
}

/**
 * A bit for each expander, by its number, and above them for each converter (loops.ts), that has not answered for 20 s
 * (S-6). Its zones stay as they were.
 */
export function lostModules(z: ZoneInputs): number {
  return z.loops === undefined ? z.expander.lost : z.expander.lost | (z.loops.lost << 7)
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
  const moved = z.rest === undefined ? z.settled[at] : z.settled[at] ^ z.rest[at]
  const isActive = ((moved >> bit) & 1) === 1
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
