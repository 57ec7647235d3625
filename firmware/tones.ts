/**
 * The tones that the annunciator asks for and the sounder plays (panel-behaviour.md §9.2), by number. What each one
 * sounds like is in io/sounder.ts.
 */

export const OFF = 0
// Played once.
export const KEY = 1
export const ACCEPTED = 2
export const REJECTED = 3
export const NOT_READY = 4
export const ARMED = 5
/** Four short, then LONG by itself. */
export const ABORTED = 6
export const LONG = 7
export const CHIME = 8
// Repeated until another one is asked for.
export const EXIT = 9
export const EXIT_LAST = 10
export const ENTRY = 11
export const ENTRY_LAST = 12
export const ALARM = 13
/** Temporal-4 and temporal-3 (O-1), for siren and keypad. Of two the higher number sounds (Z-13). */
export const CARBON_MONOXIDE = 14
export const FIRE = 15
export const TROUBLE = 16
export const PROGRAM = 17
