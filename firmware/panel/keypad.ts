/**
 * Keys become entries (panel-behaviour.md §9.1). Holds the one buffer in which a code stands in clear, for as long as it
 * is being typed (C-13). Keys are characters '0'-'9', '*', '#', 'A'-'D'; no key is ever logged (K-9).
 */

import { ENTRY_BYTES } from './codes'

/** What a key led to. */
export const NOTHING = 0
/** The entry is complete and waits in `entry`. */
export const SUBMITTED = 1
/** A choice in the menus is complete and waits in `entry`: # after it, or a pause (expire). */
export const CHOSEN = 2
/** A new code is complete and waits in `entry`: it is nobody's yet. */
export const NEW_CODE = 5
/** '*' cleared the entry, or '*' or '#' were pressed without one. */
export const STAR = 3
export const HASH = 4

/** In the menus, a choice is complete so long after its last key: only then is it known not to be the start of a code. */
const CHOICE_MS = 1000

/** Between two keys of one entry there is hardly ever more. */
const TYPING_MS = 2000

export interface Keypad {
  entry: Uint8Array
  /** Digits typed so far. */
  count: number
  codeLength: number
  /** An unfinished entry is forgotten after so long without a key. */
  timeoutMs: number
  /** When entry and leave are forgotten; meaningful while count or isMenu is set. */
  untilMs: number
  /** 1 while keys belong to the menus, 2 while a new code is asked for. */
  isMenu: number
}

export function create(codeLength: number, timeoutMs: number): Keypad {
  return { entry: new Uint8Array(ENTRY_BYTES), count: 0, codeLength, timeoutMs, untilMs: 0, isMenu: 0 }
}

/**
 * Takes one key. Returns one of the outcomes above. Digits build an entry also in the menus, and only a pause makes a choice
 * of fewer digits than a code has: so a code typed there is a code, whatever its first digits would mean.
 */
export function press(keypad: Keypad, key: string, nowMs: number): number {
  keypad.untilMs = nowMs + keypad.timeoutMs
  if (key === '*') {
    keypad.entry.fill(0)
    keypad.count = 0
    return STAR
  }
  if (key === '#') {
    if (keypad.count === 0) return HASH // an empty # is no attempt (L-11)
    return keypad.isMenu > 0 ? CHOSEN : SUBMITTED
  }
  if (key > '9') return NOTHING
  keypad.entry[keypad.count++] = ((+key + 9) % 10) + 1 // 0 as 10 (D-30: in the same steps for each)
  if (keypad.count === keypad.codeLength) return keypad.isMenu === 2 ? NEW_CODE : SUBMITTED
  if (keypad.isMenu === 1) keypad.untilMs = nowMs + CHOICE_MS
  return NOTHING
}

/** The digits of a choice as a number, 1 in front of them: '07' is 107. Overwrites the entry. */
export function choice(keypad: Keypad): number {
  let value = 1
  for (let index = 0; index < keypad.count; index++) value = value * 10 + (keypad.entry[index] % 10)
  keypad.entry.fill(0)
  keypad.count = 0
  return value
}

/** While somebody types, in ms: until when the next key is expected; 0 when nobody does. */
export function typingUntil(keypad: Keypad): number {
  return keypad.count > 0 ? keypad.untilMs - (keypad.isMenu === 1 ? CHOICE_MS : keypad.timeoutMs) + TYPING_MS : 0
}

/** Overwrites the entry and leaves the menus. */
export function clear(keypad: Keypad): void {
  keypad.entry.fill(0)
  keypad.count = 0
  keypad.isMenu = 0
}

/** Gives the next keys to the menus, for so long without one. */
export function menu(keypad: Keypad, untilMs: number): void {
  keypad.isMenu = 1
  keypad.untilMs = untilMs
}

/** Asks for a new code. A whole one is not tried as somebody's. */
export function newCode(keypad: Keypad, untilMs: number): void {
  keypad.isMenu = 2
  keypad.untilMs = untilMs
}

/** When expire() has something to forget; Infinity when nothing waits. */
export function deadline(keypad: Keypad): number {
  return keypad.count > 0 || keypad.isMenu > 0 ? keypad.untilMs : Infinity
}

/** Forgets what waited too long (A-16, L-11: that is no attempt). NOTHING when there was none, CHOSEN for a choice, else STAR. */
export function expire(keypad: Keypad, nowMs: number): number {
  if (nowMs < deadline(keypad)) return NOTHING
  if (keypad.isMenu === 1 && keypad.count > 0) return CHOSEN
  clear(keypad)
  return STAR
}
