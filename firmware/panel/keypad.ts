/**
 * Keys become entries (panel-behaviour.md §9.1). Holds the one buffer in which a code stands in clear, for as long as it
 * is being typed (C-13). Keys are characters '0'-'9', '*', '#', 'A'-'D'; no key is ever logged (K-9).
 */

import { ENTRY_BYTES } from './codes'

/** What a key led to. */
export const NOTHING = 0
/** The entry is complete and waits in `entry`. */
export const SUBMITTED = 1
/** '2' right after an accepted code: arm away (K-2). */
export const ARM_AWAY = 2
/** '*' cleared the entry. */
export const CLEARED = 3

/** An unfinished entry, and the leave to press a mode key, are forgotten after this long without a key. */
const KEY_TIMEOUT_MS = 10000

/** Between two keys of one entry there is hardly ever more. */
const TYPING_MS = 2000

export interface Keypad {
  entry: Uint8Array
  /** Digits typed so far. */
  count: number
  codeLength: number
  /** When entry and leave are forgotten; meaningful while count or isAllowed is set. */
  untilMs: number
  /** 1 after a code was accepted while disarmed: the next key may choose a mode. */
  isAllowed: number
}

export function create(codeLength: number): Keypad {
  return { entry: new Uint8Array(ENTRY_BYTES), count: 0, codeLength, untilMs: 0, isAllowed: 0 }
}

/** Takes one key. Returns one of the outcomes above. */
export function press(keypad: Keypad, key: string, nowMs: number): number {
  keypad.untilMs = nowMs + KEY_TIMEOUT_MS
  if (key === '*') {
    clear(keypad)
    return CLEARED
  }
  if (key === '#') return keypad.count > 0 ? SUBMITTED : NOTHING // an empty # is no attempt (L-11)
  if (key > '9') return NOTHING
  if (keypad.isAllowed === 1) {
    keypad.isAllowed = 0
    if (key === '2') return ARM_AWAY
  }
  keypad.entry[keypad.count++] = key === '0' ? 10 : +key
  return keypad.count === keypad.codeLength ? SUBMITTED : NOTHING
}

/** While somebody types, in ms: until when the next key is expected; 0 when nobody does. */
export function typingUntil(keypad: Keypad): number {
  return keypad.count > 0 ? keypad.untilMs - KEY_TIMEOUT_MS + TYPING_MS : 0
}

/** Overwrites the entry and forgets the leave to choose a mode. */
export function clear(keypad: Keypad): void {
  keypad.entry.fill(0)
  keypad.count = 0
  keypad.isAllowed = 0
}

/** When expire() has something to forget; Infinity when nothing waits. */
export function deadline(keypad: Keypad): number {
  return keypad.count > 0 || keypad.isAllowed === 1 ? keypad.untilMs : Infinity
}

/** Forgets what waited too long (A-16, L-11: that is no attempt). True when there was something to forget. */
export function expire(keypad: Keypad, nowMs: number): boolean {
  if (nowMs < deadline(keypad)) return false
  clear(keypad)
  return true
}
