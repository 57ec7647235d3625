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
// Repeated until another one is asked for.
export const EXIT = 6
export const EXIT_LAST = 7
export const ENTRY = 8
export const ENTRY_LAST = 9
export const ALARM = 10
