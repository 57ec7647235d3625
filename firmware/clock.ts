/**
 * Wall time over monotonic time, for the stamps of DC-09 frames and for the display.
 *
 * The board's clock is trusted when it knows the time, and else what the network told. A receiver that refuses our stamp
 * says its own time in the NAK, and the difference is kept for stamps only (reporting.md §4, security notes): it bends no
 * delay and never sets the board's clock, because a NAK can be forged by anyone on the path.
 *
 * Times are whole seconds since 1970-01-01 UTC, from 2020 to 2037 (the board's clock ends in January 2038); 0 means
 * unknown. No leap seconds, no time zones beyond a fixed offset, no setting of the board's clock.
 */

import type { Clock } from './hal'

/** 2020-01-01 00:00:00 UTC. */
const FIRST_SECONDS = 1577836800
/** 2038-01-01 00:00:00 UTC, the first second that is not valid. */
const END_SECONDS = 2145916800
const DAY_SECONDS = 86400
/** Days from 1970-01-01 to 2016-03-01. Years that begin in March have their leap day last, so no table is needed. */
const MARCH_2016_DAYS = 16861
/** Days of four years. None of the valid years lacks its leap day. */
const FOUR_YEARS_DAYS = 1461
/** A stamp that moved by less was not what the receiver objected to (reporting.md §5.3). */
const MOVE_SECONDS = 2

export interface WallClock {
  /** What a receiver's clock is ahead of the board's. */
  offsetSeconds: number
  /** Time of power-up as far as a NAK told it, while the board does not know the time; 0 unknown. */
  startSeconds: number
  /** Time of power-up as the network told it (modem, SNTP), while the board does not know the time; 0 unknown. */
  toldSeconds: number
  /** The board or the network knew the time when utcSeconds() was last called. */
  isSure: boolean
}

export function create(): WallClock {
  return { offsetSeconds: 0, startSeconds: 0, toldSeconds: 0, isSure: false }
}

/** The time to stamp frames with; 0 when nobody told it. Says in isSure whether board or network did. */
export function utcSeconds(c: WallClock, board: Clock): number {
  const seconds = sureSeconds(c, board)
  c.isSure = seconds > 0
  if (c.isSure) return seconds + c.offsetSeconds
  return c.startSeconds > 0 ? c.startSeconds + upSeconds(board) : 0
}

/** Time of the board or the network, without what a receiver's clock is ahead; 0 unknown. */
function sureSeconds(c: WallClock, board: Clock): number {
  const seconds = board.utcSeconds()
  if (isValid(seconds)) return seconds
  return c.toldSeconds > 0 ? c.toldSeconds + upSeconds(board) : 0
}

/**
 * Takes the time that a modem's network or an NTP server told at atMs of the board's clock. What a receiver's clock is
 * ahead of it is learned anew from its next NAK. Ignored when it is no time of 2020 to 2037.
 */
export function learn(c: WallClock, board: Clock, seconds: number, atMs: number): void {
  const start = seconds - ((atMs / 1000) | 0)
  if (!isValid(seconds) || Math.abs(start - c.toldSeconds) < MOVE_SECONDS) return
  c.toldSeconds = start
  if (!isValid(board.utcSeconds())) c.offsetSeconds = 0
}

/**
 * Takes a NAK's time, or one that was stored before a power cut. True when stamps moved by 2 s or more, so that one
 * resend is worth it. False, and nothing changes, when the time is unknown, nearly ours, or more than a day away from a
 * board's clock that knows better.
 */
export function correct(c: WallClock, board: Clock, seconds: number): boolean {
  if (!isValid(seconds) || Math.abs(seconds - utcSeconds(c, board)) < MOVE_SECONDS) return false
  if (c.isSure) {
    const offsetSeconds = seconds - sureSeconds(c, board)
    if (Math.abs(offsetSeconds) > DAY_SECONDS) return false
    c.offsetSeconds = offsetSeconds
  } else {
    c.startSeconds = seconds - upSeconds(board)
  }
  return true
}

/** 'HH:MM:SS,MM-DD-YYYY' (reporting.md §3.7). A time outside 2020-2037 is written as the nearest one inside. */
export function format(seconds: number): string {
  if (seconds < FIRST_SECONDS) seconds = FIRST_SECONDS
  if (seconds >= END_SECONDS) seconds = END_SECONDS - 1
  const days = ((seconds / DAY_SECONDS) | 0) - MARCH_2016_DAYS
  const dayOfFour = days % FOUR_YEARS_DAYS
  // The fourth year has 366 days: its last one still belongs to it.
  const year = ((dayOfFour - ((dayOfFour / 1460) | 0)) / 365) | 0
  const dayOfYear = dayOfFour - year * 365
  // Five months from March on, and again from August on, have 153 days together.
  const month = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * month + 2) / 5) | 0) + 1
  const date = two(month < 10 ? month + 3 : month - 9) + '-' + two(day)
  const fullYear = 2016 + 4 * ((days / FOUR_YEARS_DAYS) | 0) + year + (month < 10 ? 0 : 1)
  return hhmm(seconds, 0) + ':' + two(seconds % 60) + ',' + date + '-' + fullYear
}

/** Seconds of a text as format() makes it; 0 when a character, a field or the day of the month is not as it should be. */
export function parse(text: string): number {
  const month = parseInt(text.substr(9, 2), 10)
  const years = parseInt(text.substr(15, 4), 10) - 2016 - (month < 3 ? 1 : 0)
  const days = years * 365 + (years >> 2) + (((153 * (month < 3 ? month + 9 : month - 3) + 2) / 5) | 0)
  const seconds =
    (days + parseInt(text.substr(12, 2), 10) - 1 + MARCH_2016_DAYS) * DAY_SECONDS +
    parseInt(text.substr(0, 2), 10) * 3600 +
    parseInt(text.substr(3, 2), 10) * 60 +
    parseInt(text.substr(6, 2), 10)
  // Written again it must be the same text: this checks separators, digits and ranges at once.
  return isValid(seconds) && format(seconds) === text ? seconds : 0
}

/** 'HH:MM' for the display, offsetMinutes east of UTC; '--:--' while the time is unknown. */
export function hhmm(seconds: number, offsetMinutes: number): string {
  if (seconds <= 0) return '--:--'
  const minutes = (((seconds / 60) | 0) + offsetMinutes) % 1440
  return two((minutes / 60) | 0) + ':' + two(minutes % 60)
}

/** False for NaN, too. */
function isValid(seconds: number): boolean {
  return seconds >= FIRST_SECONDS && seconds < END_SECONDS
}

function upSeconds(board: Clock): number {
  return (board.nowMs() / 1000) | 0
}

function two(value: number): string {
  return (value < 10 ? '0' : '') + value
}
