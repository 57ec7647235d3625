/**
 * What siren, light, buzzer and text should be for a partition's state (panel-behaviour.md §5, §9.2, §9.3). Reads only
 * what an onlooker may know: neither the silent flag nor the queue, nor which code was used (D-17, D-20).
 */

import * as tones from '../tones'
import * as partition from './partition'

/** Short notes on line 2 that replace the usual text for a while. */
export const NOTE_NONE = 0
export const NOTE_DISARMED = 1
export const NOTE_REFUSED = 2
export const NOTE_LOCKED = 3
export const NOTE_MODE = 4
export const NOTE_NOT_READY = 5

/** The last part of exit and entry delay sounds more urgent. */
const URGENT_MS = 10000

/** 1 while the siren sounds. */
export function siren(p: partition.Partition): number {
  return p.state === partition.ALARM ? 1 : 0
}

/** 1 while the status light is on: armed in any way. */
export function light(p: partition.Partition): number {
  return p.state === partition.DISARMED ? 0 : 1
}

/** Base pattern of the buzzer. Entry beeps pause while a code is typed. */
export function tone(p: partition.Partition, isTyping: boolean, nowMs: number): number {
  const isUrgent = p.untilMs - nowMs <= URGENT_MS
  switch (p.state) {
    case partition.EXIT:
      return isUrgent ? tones.EXIT_LAST : tones.EXIT
    case partition.ENTRY:
      if (isTyping) return tones.OFF
      return isUrgent ? tones.ENTRY_LAST : tones.ENTRY
    case partition.ALARM:
      return tones.ALARM
    default:
      return tones.OFF
  }
}

/** Line 1. time: 'HH:MM', blanks while unknown. openZone: a zone that is not secure, -1 when all are. */
export function line1(p: partition.Partition, note: number, openZone: number, time: string, nowMs: number): string {
  if (note === NOTE_LOCKED) return 'KEYPAD LOCKED'
  if (note === NOTE_REFUSED) return 'Code ******'
  switch (p.state) {
    case partition.EXIT:
      return `AWAY  exit  ${countdown(p, nowMs)}`
    case partition.ARMED:
      return `ARMED AWAY ${time}`
    case partition.ENTRY:
      return `ENTRY       ${countdown(p, nowMs)}`
    case partition.ALARM:
    case partition.ALARM_QUIET:
      return 'ALARM'
    default:
      if (note === NOTE_DISARMED) return `DISARMED   ${time}`
      if (p.memory === 1) return `MEMORY     ${time}`
      return (openZone < 0 ? 'READY      ' : 'NOT READY  ') + time
  }
}

/** Line 2. typed: number of digits in the entry. names: zone names. */
export function line2(p: partition.Partition, note: number, openZone: number, typed: number, names: string[]): string {
  if (note === NOTE_LOCKED) return 'Wait'
  if (note === NOTE_REFUSED) return 'Not accepted'
  if (typed > 0) return entryText(typed)
  switch (p.state) {
    case partition.EXIT:
      return 'You may exit now'
    case partition.ARMED:
      return ''
    case partition.ENTRY:
      return 'Enter code'
    case partition.ALARM:
    case partition.ALARM_QUIET:
      return zoneText(p.zone, names)
    default:
      if (note === NOTE_MODE) return '2 to arm away'
      if (note === NOTE_NOT_READY) return 'Close zones'
      if (note === NOTE_DISARMED) return ''
      if (p.memory === 1) return zoneText(p.zone, names)
      return openZone < 0 ? 'Enter code' : zoneText(openZone, names)
  }
}

/** A star for each digit typed (K-10). */
export function entryText(typed: number): string {
  return 'Code ********'.slice(0, 5 + typed)
}

/** Seconds left as in '045s'. */
function countdown(p: partition.Partition, nowMs: number): string {
  const seconds = ((p.untilMs - nowMs + 999) / 1000) | 0
  return `${('00' + (seconds > 0 ? seconds : 0)).slice(-3)}s`
}

function zoneText(zone: number, names: string[]): string {
  return `${('0' + (zone + 1)).slice(-2)} ${names[zone]}`
}
