/**
 * Zones whose loops are measured: at ADS1115s on I2C, or at the ESP32's own ADC (GPIO32-39). A loop is pulled up to 3.3 V
 * and goes to ground, so the share of 3.3 V that is left at the input tells its resistance (W-2); bands.ts says what that
 * means. All limits become steps of the converter once, and again when the reference has moved; a pass only compares.
 *
 *   3.3 V --pull-up--+-- loop (contacts, resistors) -- ground          share x = R / (R + pull-up)
 *                    +-- input
 *
 * Every loop is read every 95 ms (W-10), all in one pass (ads1115.ts); a reading that tells nothing new is only compared with
 * two numbers. The settings may name an input that measures the loops' 3.3 V.
 * The ESP32's ADC has a gain of its own, up to 10 % off: an input with half of 3.3 V tells it, or the reading of a loop
 * at rest, which somebody noted (hardware.md §3.7).
 *
 * A band counts after the zone's response time (W-8, W-9); between two bands the zone stays as it was, and what stays there
 * that long is a FAULT (W-6). A limit is only crossed by HYSTERESIS steps beyond it.
 * Does not do: pulses (zone-inputs.ts), what a state means (panel/).
 */

import type { BoardPins, I2c } from '../hal'
import * as ads1115 from './ads1115'
import * as bands from './bands'

/** A chip, or the ESP32's ADC, with what is read there. */
interface Converter {
  /** ADS1115 0-3, OWN for the ESP32's. */
  number: number
  /** The first of its loops, its inputs from there on, and at a chip what starts the conversion of each. */
  first: number
  inputs: number[]
  frames: Uint8Array[]
  /** Its part of what all loops have. */
  readings: Uint16Array
  low: Uint16Array
  high: Uint16Array
  /** Failures in a row, when the first of them was, and when to try again. */
  failures: number
  failedMs: number
  retryMs: number
}

export interface Loops {
  i2c: I2c
  pins: BoardPins
  converters: Converter[]
  /** Of each loop, by converters: its zone or REFERENCE, what its bands mean, and 1 for one whose limits move with the reference. */
  zones: Uint8Array
  styles: Uint8Array
  isOwn: Uint8Array
  isScaled: Uint8Array
  /** Ends and beginnings of its bands as shares of 3.3 V, of 65536, and as steps; EDGES a loop, LAST where there is none. */
  shares: Uint16Array
  edges: Uint16Array
  /** What was read last; where that is: even numbers are bands, odd ones between two. */
  readings: Uint16Array
  places: Uint8Array
  /** From where to where a reading tells nothing new. */
  low: Uint16Array
  high: Uint16Array
  /** The low 16 bits of the time when it came there, and what the loop has settled to. */
  since: Uint16Array
  settled: Uint8Array
  /** Of each zone, in units of 20 ms. */
  responses: Uint8Array
  /** Of each loop, in ohms. */
  pullUps: Uint16Array
  /** What the reference reads: 3.3 V at an ADS1115, half of it at the ESP32. */
  supply: number
  half: number
  /** Since when either is as it cannot be, 3.3 V first; NEVER mostly. */
  badMs: number[]
  /** A bit for each ADS1115 that has not answered for 20 s (S-6), LOST_SUPPLY and the next one for the references. */
  lost: number
  /** Changes that nobody has taken yet, two characters each: zone, state. */
  changes: string
  failedMs: number
  dueMs: number
}

/** First pin of an ADS1115 in the settings: 192 + 4 * chip + input. */
export const FIRST_INPUT = 192
/** Numbers that the settings give for a loop: zone, bands.Style, pull-up, resistors (eol, alarm, fault), reading at rest or 0. */
export const FIELDS = 7

const OWN = 4
/** In the place of a zone: 3.3 V at an ADS1115, half of it at the ESP32. */
const REFERENCE = 255
const EDGES = 10
const LAST = 0xffff
const UNIT_MS = 20
/** W-10: at most 100 ms. */
const SCAN_MS = 95
const NEVER = Infinity
/** Readings of the ESP32's ADC that make one (hardware.md §3.7). */
const READINGS = 8
/** Its curve: raw = (mV - 142) / step; the usual step, and 3.3 V. */
const ZERO_MILLIVOLTS = 142
const STEP_MILLIVOLTS = 0.8056
const REFERENCE_MILLIVOLTS = 1100
const SUPPLY_MILLIVOLTS = 3300
const HALF_MILLIVOLTS = 1650
/** A reference outside of this share of what it should be is none; one that moved by less than 1 / MOVED changes nothing. */
const OFF = 0.15
const MOVED = 256
const HYSTERESIS = 32
/** As in expander.ts: failures after which a chip is tried less often, how often then, when it counts as lost (S-6). */
const QUICK_TRIES = 2
const RETRY_MS = 2000
const LOST_MS = 20000
const LOST_SUPPLY = 16
const FAULT = 3

/**
 * list: FIELDS numbers a loop. supply: ADS1115 input (chip * 4 + input) that measures 3.3 V, divider: GPIO with half of
 * it; -1 for none. reference: mV of the ESP32's ADC, undefined for the usual. responses: of each zone. All loops count as
 * secure at first.
 */
export function create(
  pins: BoardPins,
  i2c: I2c,
  list: number[],
  zonePins: number[],
  responses: Uint8Array,
  supply: number,
  divider: number,
  reference: number | undefined,
): Loops {
  const count = list.length / FIELDS
  const all = count + (supply >= 0 ? 1 : 0) + (divider >= 0 ? 1 : 0)
  const l: Loops = {
    dueMs: 0,
    converters: [],
    i2c,
    failedMs: -1,
    changes: '',
    pins,
    low: new Uint16Array(all).fill(LAST),
    high: new Uint16Array(all),
    readings: new Uint16Array(all),
    zones: new Uint8Array(all).fill(REFERENCE),
    styles: new Uint8Array(all),
    isOwn: new Uint8Array(all),
    isScaled: new Uint8Array(all),
    shares: new Uint16Array(all * EDGES),
    edges: new Uint16Array(all * EDGES).fill(LAST),
    places: new Uint8Array(all),
    since: new Uint16Array(all),
    settled: new Uint8Array(all),
    responses,
    pullUps: new Uint16Array(all),
    supply: ads1115.SUPPLY_STEPS,
    half: halfOf(reference || REFERENCE_MILLIVOLTS),
    badMs: [NEVER, NEVER],
    lost: 0,
  }
  let loop = 0
  for (let number = 0; number <= OWN; number++) {
    const inputs: number[] = []
    for (let at = 0; at < list.length; at += FIELDS) {
      const pin = zonePins[list[at]]
      if (converterOf(pin) !== number) continue
      const place = loop + inputs.length
      l.zones[place] = list[at]
      l.styles[place] = list[at + 1]
      l.isOwn[place] = number === OWN ? 1 : 0
      inputs.push(number === OWN ? pin : (pin - FIRST_INPUT) & 3)
      limit(l, place, list, at)
    }
    if (number === OWN && divider >= 0) l.isOwn[loop + inputs.push(divider) - 1] = 1
    if (supply >= 0 && supply >> 2 === number) inputs.push(supply & 3)
    if (inputs.length === 0) continue
    add(l, number, loop, inputs)
    loop += inputs.length
  }
  return l
}

function converterOf(pin: number): number {
  return pin < FIRST_INPUT ? OWN : (pin - FIRST_INPUT) >> 2
}

function add(l: Loops, number: number, first: number, inputs: number[]): void {
  const end = first + inputs.length
  l.converters.push({
    number,
    retryMs: 0,
    frames: number === OWN ? [] : inputs.map((input) => ads1115.frame(input)),
    readings: l.readings.subarray(first, end),
    low: l.low.subarray(first, end),
    high: l.high.subarray(first, end),
    first,
    inputs,
    failures: 0,
    failedMs: 0,
  })
}

/** The limits of a loop as shares, and as steps; it is in its secure band. */
function limit(l: Loops, loop: number, list: number[], at: number): void {
  const [pullUp, eol, learned] = [list[at + 2], list[at + 3], list[at + 6]]
  const ohms = bands.edges(list[at + 1], eol, list[at + 4], list[at + 5])
  for (let edge = 0; edge < ohms.length; edge++) {
    l.shares[loop * EDGES + edge] = (ohms[edge] / (ohms[edge] + pullUp)) * 65536
  }
  l.pullUps[loop] = pullUp
  l.places[loop] = 2 * bands.statesOf(list[at + 1]).indexOf('0')
  l.isScaled[loop] = learned === 0 ? 1 : 0
  if (learned === 0) scale(l, loop, l.isOwn[loop] === 1 ? l.half : l.supply)
  else
    scale(l, loop, (learned * READINGS * spanOf(HALF_MILLIVOLTS)) / spanOf((SUPPLY_MILLIVOLTS * eol) / (eol + pullUp)))
}

/** Part of a voltage that the ESP32's ADC sees. */
function spanOf(millivolts: number): number {
  return millivolts - ZERO_MILLIVOLTS
}

/** What half of 3.3 V reads with a reference voltage in mV. */
function halfOf(reference: number): number {
  return (READINGS * spanOf(HALF_MILLIVOLTS) * REFERENCE_MILLIVOLTS) / (STEP_MILLIVOLTS * reference)
}

/** Turns the shares of a loop into steps. reference: what 3.3 V read, or half of it at the ESP32. */
function scale(l: Loops, loop: number, reference: number): void {
  const isOwn = l.isOwn[loop] === 1
  const steps = isOwn ? (reference * SUPPLY_MILLIVOLTS) / spanOf(HALF_MILLIVOLTS) : reference
  const zero = isOwn ? (steps * ZERO_MILLIVOLTS) / SUPPLY_MILLIVOLTS : 0
  for (let edge = loop * EDGES; edge < (loop + 1) * EDGES; edge++) {
    if (l.shares[edge] === 0) continue
    const step = (l.shares[edge] * steps) / 65536 - zero
    l.edges[edge] = step > 0 ? step : 0
  }
  l.low[loop] = LAST
}

/** Reads all loops when it is time. Returns when to call again, in ms. Never throws. */
export function poll(l: Loops, nowMs: number): number {
  if (nowMs < l.dueMs) return l.dueMs
  l.dueMs = nowMs + SCAN_MS
  for (const c of l.converters) {
    let news = 0
    if (c.number === OWN) news = measure(l, c)
    // One failure a pass: a bus that is stuck blocks for up to a second each time.
    else if (nowMs >= c.retryMs && nowMs !== l.failedMs) {
      try {
        news = ads1115.convert(l.i2c, c.number + ads1115.FIRST_ADDRESS, c.frames, c.readings, c.low, c.high)
        if (c.failures > 0) answered(l, c)
      } catch {
        fail(l, c, nowMs)
      }
    }
    for (let at = 0; news > 0; at++) {
      if ((news & 1) === 1) heard(l, c.first + at, c.readings[at], nowMs)
      news >>= 1
    }
  }
  return l.dueMs
}

/** True while nothing has settled anew: poll(), for who comes ten times a second. */
export function isStill(l: Loops, nowMs: number): boolean {
  if (nowMs >= l.dueMs) poll(l, nowMs)
  return l.changes === ''
}

/** As ads1115.convert(): one reading that tells nothing new is enough; any other is the sum of eight. */
function measure(l: Loops, c: Converter): number {
  let news = 0
  for (let at = 0; at < c.inputs.length; at++) {
    const pin = c.inputs[at]
    let sum = l.pins.analog(pin) * READINGS
    if (sum < c.low[at] || sum >= c.high[at]) {
      sum = 0
      for (let count = 0; count < READINGS; count++) sum += l.pins.analog(pin)
      if (sum < c.low[at] || sum >= c.high[at]) news |= 1 << at
    }
    c.readings[at] = sum
  }
  return news
}

/** A reading of a loop, or of a reference: one that cannot be leaves the limits as they are, and is lost after a while. */
function heard(l: Loops, loop: number, steps: number, nowMs: number): void {
  if (l.zones[loop] !== REFERENCE) {
    judge(l, loop, steps, nowMs)
    return
  }
  const isOwn = l.isOwn[loop]
  const usual = isOwn === 1 ? halfOf(REFERENCE_MILLIVOLTS) : ads1115.SUPPLY_STEPS
  if (steps < usual * (1 - OFF) || steps > usual * (1 + OFF)) {
    if (l.badMs[isOwn] === NEVER) l.badMs[isOwn] = nowMs
    if (nowMs - l.badMs[isOwn] >= LOST_MS) l.lost |= LOST_SUPPLY << isOwn
    l.low[loop] = LAST
    return
  }
  l.badMs[isOwn] = NEVER
  l.lost &= ~(LOST_SUPPLY << isOwn)
  if (isOwn === 1) l.half = steps
  else l.supply = steps
  l.low[loop] = steps - steps / MOVED
  l.high[loop] = steps + steps / MOVED
  for (let other = 0; other < l.zones.length; other++) {
    if (l.isScaled[other] === 1 && l.isOwn[other] === isOwn) scale(l, other, steps)
  }
}

/** Where a reading is, and what comes of it when it has stayed there. */
function judge(l: Loops, loop: number, steps: number, nowMs: number): void {
  const before = l.places[loop]
  let place = placeOf(l, loop, steps)
  // Noise at a limit is no move.
  if (place !== before && placeOf(l, loop, place > before ? steps - HYSTERESIS : steps + HYSTERESIS) === before) {
    place = before
  }
  const state = stateAt(l, loop, place)
  if (place !== before) {
    l.places[loop] = place
    if (state !== stateAt(l, loop, before)) l.since[loop] = nowMs & 0xffff
  }
  const isSettled = state === l.settled[loop]
  // Until it leaves this place, by more than noise, there is nothing to tell; while it settles, there is.
  const at = loop * EDGES + place
  const from = place === 0 ? 0 : l.edges[at - 1] - HYSTERESIS
  const to = place === EDGES ? LAST : l.edges[at] + HYSTERESIS
  l.low[loop] = isSettled ? (from > 0 ? from : 0) : LAST
  l.high[loop] = to < LAST ? to : LAST
  if (isSettled) return
  const zone = l.zones[loop]
  if (((nowMs - l.since[loop]) & 0xffff) < l.responses[zone] * UNIT_MS || l.changes.length >= 2 * l.zones.length) return
  l.settled[loop] = state
  l.low[loop] = LAST // the next one says from where on it is known
  l.changes += String.fromCharCode(zone) + String.fromCharCode(state)
}

/** Edges that are not above a reading: twice the number of its band, odd between two. */
function placeOf(l: Loops, loop: number, steps: number): number {
  let edge = loop * EDGES
  while (edge < (loop + 1) * EDGES && steps >= l.edges[edge]) edge++
  return edge - loop * EDGES
}

function stateAt(l: Loops, loop: number, place: number): number {
  return (place & 1) === 1 ? FAULT : bands.statesOf(l.styles[loop]).charCodeAt(place >> 1) - 48
}

function answered(l: Loops, c: Converter): void {
  c.failures = 0
  l.lost &= ~(1 << c.number)
}

/** The loops of what does not answer stay as they were. */
function fail(l: Loops, c: Converter, nowMs: number): void {
  l.failedMs = nowMs
  if (c.failures === 0) c.failedMs = nowMs
  if (++c.failures > QUICK_TRIES) c.retryMs = nowMs + RETRY_MS
  if (nowMs - c.failedMs >= LOST_MS) l.lost |= 1 << c.number
}

/**
 * For a simulator (app/quiet.ts), which a board's program leaves out: true when poll() would leave all this as it is but for its
 * time, as long as no loop changes. stillMs: since when none has, so that each was read as it is.
 */
export function isPassable(l: Loops, stillMs: number): boolean {
  if (l.changes !== '' || stillMs <= 2 * SCAN_MS) return false
  for (const c of l.converters) {
    // The ESP32's own ADC draws chance.
    if (c.number === OWN || c.failures > 0) return false
    for (let at = 0; at < c.readings.length; at++) {
      if (c.readings[at] < c.low[at] || c.readings[at] >= c.high[at]) return false
    }
  }
  return true
}

/** For the same: what poll() does to the time. */
export function passAt(l: Loops, nowMs: number): void {
  if (nowMs >= l.dueMs) l.dueMs = nowMs + SCAN_MS
}

/**
 * For whoever looks (app/loop-view.ts): what a zone's loop read last in steps, and its share of 3.3 V, 0 to 1. Empty for a
 * zone without such a loop.
 */
export function reading(l: Loops, zone: number): number[] {
  const loop = l.zones.indexOf(zone)
  if (loop < 0) return []
  const steps = l.readings[loop]
  if (l.isOwn[loop] === 0) return [steps, steps / l.supply]
  const millivolts = (steps * spanOf(HALF_MILLIVOLTS)) / l.half + ZERO_MILLIVOLTS
  return [steps / READINGS, millivolts / SUPPLY_MILLIVOLTS]
}
