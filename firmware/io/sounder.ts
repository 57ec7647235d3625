/**
 * The keypad's buzzer: tone patterns as numbers, played by deadline (panel-behaviour.md §9.2). Level 1 sounds.
 *
 * A base pattern (exit, entry, alarm) repeats; a one-shot pattern plays over it, then the base goes on where its beat
 * would be by then, so that the seconds of a delay stay audible. Does not do: pitch, volume, the siren.
 */

import type { Pins } from '../hal'
import { OFF } from '../tones'

export interface Sounder {
  pins: Pins
  pin: number
  base: number
  /** When the base began: its beats keep this time. */
  sinceMs: number
  /** The one-shot that plays over the base; OFF when none does. */
  shot: number
  /** The next half beat of what plays: even ones sound, odd ones are silent. */
  half: number
  dueMs: number
}

/**
 * Each pattern, in units of 10 ms: sound, silence, how often, and a pause after the last silence. A silence of 0 is a
 * level for ever. A one-shot's last silence keeps it apart from the base.
 */
// In the order of tones.ts.
// biome-ignore format: one pattern a line
const PATTERNS = new Uint8Array([
  0, 0, 0, 0, // OFF
  4, 6, 1, 0, // KEY
  10, 10, 3, 0, // ACCEPTED
  100, 10, 1, 0, // REJECTED
  50, 20, 3, 0, // NOT_READY
  50, 10, 1, 0, // ARMED
  10, 90, 1, 0, // EXIT
  10, 40, 1, 0, // EXIT_LAST
  10, 10, 2, 60, // ENTRY
  10, 15, 1, 0, // ENTRY_LAST
  1, 0, 0, 0, // ALARM
])
const UNIT_MS = 10

/** Takes the pin, silent. */
export function create(pins: Pins, pin: number): Sounder {
  pins.write(pin, 0)
  pins.mode(pin, 'output')
  return { pins, pin, base: OFF, sinceMs: 0, shot: OFF, half: 0, dueMs: Infinity }
}

/** Moves the pattern on. Returns when to call again, in ms; Infinity when only play() or base() can change things. */
export function poll(s: Sounder, nowMs: number): number {
  if (nowMs < s.dueMs) return s.dueMs
  const at = (s.shot || s.base) * 4
  const silence = PATTERNS[at + 1]
  if (silence === 0) return hold(s, PATTERNS[at])
  if (s.half === PATTERNS[at + 2] * 2) {
    s.half = 0
    if (s.shot !== OFF) return resume(s, nowMs)
  }
  const isSilent = s.half & 1
  s.half++
  let units = isSilent ? silence : PATTERNS[at]
  if (s.half === PATTERNS[at + 2] * 2) units += PATTERNS[at + 3]
  s.pins.write(s.pin, isSilent ^ 1)
  s.dueMs = nowMs + units * UNIT_MS
  return s.dueMs
}

/** Plays a one-shot pattern at once, in place of one that still plays. Poll again after it. */
export function play(s: Sounder, pattern: number, nowMs: number): void {
  s.shot = pattern
  s.half = 0
  s.dueMs = nowMs
}

/** Sets the repeating pattern; the same one again changes nothing. Poll again after it. */
export function base(s: Sounder, pattern: number, nowMs: number): void {
  if (pattern === s.base) return
  s.base = pattern
  s.sinceMs = nowMs
  if (s.shot === OFF) {
    s.half = 0
    s.dueMs = nowMs
  }
}

/** A level that stays. */
function hold(s: Sounder, level: number): number {
  s.pins.write(s.pin, level)
  s.dueMs = Infinity
  return s.dueMs
}

/** Ends the one-shot, whose last half beat is silent: silence until the base's next beat would begin. */
function resume(s: Sounder, nowMs: number): number {
  s.shot = OFF
  const at = s.base * 4
  const silence = PATTERNS[at + 1]
  if (silence === 0) return hold(s, PATTERNS[at])
  const periodMs = ((PATTERNS[at] + silence) * PATTERNS[at + 2] + PATTERNS[at + 3]) * UNIT_MS
  s.dueMs = nowMs + periodMs - 1 - ((nowMs - s.sinceMs + periodMs - 1) % periodMs)
  return s.dueMs
}
