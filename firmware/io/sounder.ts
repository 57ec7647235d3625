/**
 * Whatever sounds, the keypad's buzzer and the siren: patterns as numbers, played by deadline (panel-behaviour.md §9.2,
 * O-1). A siren may rest at level 1 (hold-off, O-3); everything else sounds with level 1.
 *
 * A base pattern (exit, entry, alarm) repeats; a one-shot pattern plays over it, then the base goes on where its beat
 * would be by then, so that the seconds of a delay stay audible. Does not do: pitch, volume.
 */

import type { Pins } from '../hal'
import { ABORTED, LONG, OFF } from '../tones'

export interface Sounder {
  pins: Pins
  pin: number
  /** Level while silent. */
  rest: number
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
 * level for ever. A one-shot's last silence keeps it apart from the base; ABORTED is followed by LONG.
 */
// In the order of tones.ts.
// biome-ignore format: one pattern a line
const PATTERNS = new Uint16Array([
  0, 0, 0, 0, // OFF
  4, 6, 1, 0, // KEY
  10, 10, 3, 0, // ACCEPTED
  100, 10, 1, 0, // REJECTED
  50, 20, 3, 0, // NOT_READY
  50, 10, 1, 0, // ARMED
  10, 10, 4, 0, // ABORTED
  50, 10, 1, 0, // LONG
  10, 10, 2, 0, // CHIME
  10, 90, 1, 0, // EXIT
  10, 40, 1, 0, // EXIT_LAST
  10, 10, 2, 60, // ENTRY
  10, 15, 1, 0, // ENTRY_LAST
  1, 0, 0, 0, // ALARM
  10, 10, 4, 490, // CARBON_MONOXIDE: 5.0 s off after the fourth
  50, 50, 3, 100, // FIRE: 1.5 s off after the third
  10, 10, 2, 960, // TROUBLE: every 10 s
  10, 3990, 1, 0, // PROGRAM: every 40 s
])
const UNIT_MS = 10

/** Takes the pin, silent. rest: level while silent. */
export function create(pins: Pins, pin: number, rest: number): Sounder {
  pins.write(pin, rest)
  pins.mode(pin, 'output')
  return { pins, pin, rest, base: OFF, sinceMs: 0, shot: OFF, half: 0, dueMs: Infinity }
}

/** Moves the pattern on. Returns when to call again, in ms; Infinity when only play() or base() can change things. */
export function poll(s: Sounder, nowMs: number): number {
  if (nowMs < s.dueMs) return s.dueMs
  let at = (s.shot || s.base) * 4
  const silence = PATTERNS[at + 1]
  if (silence === 0) return hold(s, PATTERNS[at])
  if (s.half === PATTERNS[at + 2] * 2) {
    s.half = 0
    if (s.shot === ABORTED) {
      s.shot = LONG
      at = LONG * 4
    } else if (s.shot !== OFF) return resume(s, nowMs)
  }
  const isSilent = s.half & 1
  s.half++
  let units = isSilent ? PATTERNS[at + 1] : PATTERNS[at]
  if (s.half === PATTERNS[at + 2] * 2) units += PATTERNS[at + 3]
  s.pins.write(s.pin, isSilent ^ 1 ^ s.rest)
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
  s.pins.write(s.pin, level ^ s.rest)
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
