/**
 * What siren, light, buzzer and text should be for a partition's state (panel-behaviour.md §5, §9.2, §9.3). Reads only
 * what an onlooker may know: neither the silent flag nor the queue, nor which code was used (D-17, D-20).
 */

import { Option } from '../config'
import * as tones from '../tones'
import * as partition from './partition'
import * as types from './zone-types'

/** Short notes that replace the usual text for a while. */
export const NOTE_NONE = 0
export const NOTE_DISARMED = 1
export const NOTE_REFUSED = 2
export const NOTE_LOCKED = 3
export const NOTE_MODE = 4
export const NOTE_NOT_READY = 5
/** */
export const NOTE_ABORTED = 6
export const NOTE_CANCELLED = 7
export const NOTE_EXIT_ERROR = 8
/** A sentence of the menus; both lines come from them. */
export const NOTE_MENU = 9

/** The last part of exit and entry delay sounds more urgent. */
const URGENT_MS = 10000

/** Five letters a mode, in the order of partition.ts; the last is no mode. */
const MODES = 'AWAY STAY NITE MAX  INST      '

/** What the siren plays. */
export function siren(p: partition.Partition): number {
  if (p.state !== partition.ALARM && p.isExitError === 0) return tones.OFF
  if (p.siren === types.FIRE) return tones.FIRE
  if (p.siren === types.CARBON_MONOXIDE) return tones.CARBON_MONOXIDE
  return p.siren === types.BURGLARY ? tones.ALARM : tones.OFF
}

/** 1 while the status light is on: armed, or in alarm. */
export function light(p: partition.Partition): number {
  return p.state === partition.DISARMED ? 0 : 1
}

/** Base pattern of the buzzer. Entry beeps pause while a code is typed; an exit in stay has no sound. */
export function tone(p: partition.Partition, isTyping: boolean, nowMs: number): number {
  const isUrgent = p.untilMs - nowMs <= URGENT_MS
  switch (p.state) {
    case partition.EXIT:
      if (p.mode !== partition.AWAY && p.mode !== partition.AWAY_INSTANT) return tones.OFF
      return isUrgent ? tones.EXIT_LAST : tones.EXIT
    case partition.ENTRY:
      if (p.isExitError === 1) return tones.ALARM
      if (isTyping) return tones.OFF
      return isUrgent ? tones.ENTRY_LAST : tones.ENTRY
    case partition.ALARM:
      return p.siren === types.KEYPAD ? tones.ALARM : siren(p)
    default:
      return tones.OFF
  }
}

/** Line 1. time: 'HH:MM', blanks while unknown. isReady: every zone is secure. isTrouble: one is there to be shown. */
export function line1(
  p: partition.Partition,
  note: number,
  isReady: boolean,
  isTrouble: boolean,
  time: string,
  nowMs: number,
): string {
  if (note === NOTE_LOCKED) return 'KEYPAD LOCKED'
  if (note === NOTE_REFUSED) return 'Code ******'
  switch (p.state) {
    case partition.EXIT:
      return `${modeText(p)} exit  ${countdown(p, nowMs)}`
    case partition.ARMED:
      return `ARMED ${modeText(p)}${time}`
    case partition.ENTRY:
      return p.isExitError === 1 ? 'ALARM' : `ENTRY       ${countdown(p, nowMs)}`
    case partition.ALARM:
    case partition.ALARM_QUIET:
      return 'ALARM'
    default:
      if (isDisarmedNote(note)) return `DISARMED   ${time}`
      if (p.memory === 1) return `MEMORY     ${time}`
      if (!isReady) return `NOT READY  ${time}`
      return (isTrouble ? 'TROUBLE    ' : 'READY      ') + time
  }
}

/** Line 2. zone: what to name, as '07 Hall PIR', '' when there is none. entry: text of a code being typed, else ''. */
export function line2(p: partition.Partition, note: number, zone: string, isTrouble: boolean, entry: string): string {
  if (note === NOTE_LOCKED) return 'Wait'
  if (note === NOTE_REFUSED) return 'Not accepted'
  if (entry !== '') return entry
  switch (p.state) {
    case partition.EXIT:
      return 'You may exit now'
    case partition.ARMED:
      return ''
    case partition.ENTRY:
      return p.isExitError === 1 ? zone : 'Enter code'
    case partition.ALARM:
    case partition.ALARM_QUIET:
      return zone
    default:
      return disarmedText(note, zone, isTrouble)
  }
}

function disarmedText(note: number, zone: string, isTrouble: boolean): string {
  if (note === NOTE_MODE) return '2 to arm away'
  if (note === NOTE_NOT_READY) return 'Close zones'
  if (note === NOTE_ABORTED) return 'Alarm not sent'
  if (note === NOTE_CANCELLED) return 'Cancel sent'
  if (note === NOTE_EXIT_ERROR) return 'Canceled alarm'
  if (note === NOTE_DISARMED) return ''
  if (zone !== '') return zone
  return isTrouble ? '*2 to view' : 'Enter code'
}

function isDisarmedNote(note: number): boolean {
  return note === NOTE_DISARMED || (note >= NOTE_ABORTED && note <= NOTE_EXIT_ERROR)
}

/** A star for each digit typed, or none where the option hides them (K-10); '' without digits. */
export function entryText(typed: number, options: number): string {
  if (typed === 0) return ''
  return (options & Option.HIDDEN_ENTRY) !== 0 ? 'Code' : 'Code ********'.slice(0, 5 + typed)
}

/** 'AWAY ', 'STAY ', 'NITE ', 'MAX  ' (away instant), 'INST ' (stay instant): Ademco's words (ST-2). */
function modeText(p: partition.Partition): string {
  return MODES.substr(p.mode * 5, 5)
}

/** Seconds left as in '045s'. */
function countdown(p: partition.Partition, nowMs: number): string {
  const seconds = ((p.untilMs - nowMs + 999) / 1000) | 0
  return `${('00' + (seconds > 0 ? seconds : 0)).slice(-3)}s`
}
