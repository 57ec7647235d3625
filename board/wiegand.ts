/**
 * Pulses of a Wiegand keypad on the interpreter's watches (firmware/hal.ts, Pulses). Only bundles of boards that have one
 * contain this. Rising edges: one for each active-low pulse, also when the interrupt comes late and both of its edges are
 * one (hardware.md §0). The times are those of the interrupts, so a long pass bends none.
 *
 * Edges wait in the interpreter's queue of 4096 bytes, 6 each, shared with serial bytes: a frame of 26 fits many times.
 */

import type { Pulses } from '../firmware/hal'
import type { Espruino, WatchEvent } from './espruino'
import { touched } from './hal'

declare const setWatch: Espruino['setWatch']
declare const getTime: Espruino['getTime']

/** Units of 10 us, modulo 2^24. */
const TICKS_PER_SECOND = 100000
const TICKS = 0x1000000
/** A keypad that floats must not fill the memory: what comes beyond is lost. */
const LIMIT = 128

let kept: number[] = []

export const pulses: Pulses = { watch, take }

function watch(zero: number, one: number): void {
  setWatch(onZero, zero, { repeat: true, edge: 'rising' })
  setWatch(onOne, one, { repeat: true, edge: 'rising' })
}

function take(): number[] {
  if (kept.length === 0) return kept
  const list = [ticksOf(getTime())].concat(kept)
  kept = []
  return list
}

function onZero(e: WatchEvent): void {
  note(ticksOf(e.time) * 2)
}

function onOne(e: WatchEvent): void {
  note(ticksOf(e.time) * 2 + 1)
}

function note(pulse: number): void {
  if (kept.length >= LIMIT) return
  kept.push(pulse)
  // The frame ends long after its first pulse: the panel looks by itself then.
  if (kept.length === 1) touched()
}

function ticksOf(seconds: number): number {
  return ((seconds * TICKS_PER_SECOND) % TICKS) | 0
}
