/**
 * Zone types by mode: panel-behaviour.md §2.1 as one table. What a zone that leaves its secure state leads to, which siren
 * sounds for it, and the Contact ID code of its alarm. Pure look-up; what is done about it: premises.ts.
 */

import { ZoneType } from '../config'

// Responses of a zone in a mode, the letters of the table.
/** Nothing, not even a chime. */
export const IGNORED = 45 // -
/** Chime only. */
export const CHIME = 99 // c
/** Entry delay 1 or 2, then alarm. */
export const DELAY_1 = 49 // 1
export const DELAY_2 = 50 // 2
/** Always entry delay 1, also when it trips first (Z-5). */
export const DELAYED = 100 // d
/** Follows an entry delay that runs, else at once (Z-3). */
export const FOLLOWER = 102 // f
export const INSTANT = 105 // i
/** Trouble, no alarm. */
export const TROUBLE = 116 // t
/** Fire verification (Z-10). */
export const VERIFIED = 118 // v
/** Tamper: trouble while disarmed, alarm while armed; in profile EN the keypad sounds while disarmed. */
export const TAMPER = 120 // x
/** Arms and disarms. */
export const KEYSWITCH = 107 // k

// What an alarm sounds, later ones go before earlier ones (Z-13). The letters of the table are b f o k - s.
export const SILENT = 0
/** The keypad alone. */
export const KEYPAD = 1
/** Steady. */
export const BURGLARY = 2
/** Temporal-4 (O-1). */
export const CARBON_MONOXIDE = 3
/** Temporal-3 (O-1). */
export const FIRE = 4

/** Column of a partition that is not armed; an armed one has 1 + its mode (partition.ts). */
export const DISARMED_COLUMN = 0
/** Letters of a row: six responses, siren, three digits of the code. */
const ROW = 10
const SIREN_AT = 6
const CODE_AT = 7
/** Siren letters in the order of the numbers above; silent ones first. */
const SIRENS = '-kbof'

/**
 * A row for each type, in the order of ZoneType. Columns: disarmed, away, stay, night, away instant, stay
 * instant. A capital letter counts only for zones with the attribute "night".
 */
function table(): string {
  return (
    'c111iib134' + // entryExit1
    'c222iib134' + // entryExit2
    'ciiiiib131' + // perimeter
    '-f-Fi-b132' + // follower
    '-d-Di-b132' + // interiorDelayed
    'tiiiiib135' + // dayNight
    '-iiiii-146' + // silentBurglary
    'iiiiiib133' + // burglary24h
    'iiiiii-122' + // holdUp
    'iiiiiib123' + // panic
    'iiiiiif110' + // fire
    'vvvvvvf111' + // fireVerified
    'iiiiiif114' + // heat
    'iiiiiif115' + // pullStation
    'iiiiiif113' + // waterflow
    'iiiiiio162' + // carbonMonoxide
    'iiiiiik100' + // medical
    'iiiiiik101' + // pendant
    'iiiiiib151' + // gas
    'iiiiiik154' + // water
    'iiiiiik158' + // temperatureHigh
    'iiiiiik159' + // temperatureLow
    'iiiiii-150' + // auxiliary
    'xxxxxxb137' + // tamper
    'kkkkkk-409' + // keyswitch
    '-------000' // noAlarm
  )
}

/** What a zone of this type does in a column of the table. isNight: 1 for a zone with the attribute "night". */
export function response(type: number, column: number, isNight: number): number {
  const letter = table().charCodeAt(type * ROW + column)
  if (letter > 64 && letter < 91) return isNight === 1 ? letter + 32 : IGNORED
  return letter
}

/** Siren of an alarm of this type: SILENT to FIRE. */
export function siren(type: number): number {
  const at = SIRENS.indexOf(table().charAt(type * ROW + SIREN_AT))
  return at < 0 ? SILENT : at
}

/** Contact ID code of its alarm; 0 for noAlarm. */
export function eventCode(type: number): number {
  return +table().substr(type * ROW + CODE_AT, 3)
}

/** 1 for types that alarm whether armed or not: no mode, no abort window, no force arming (Z-7, ST-4). */
export function is24Hour(type: number): number {
  return type >= ZoneType.BURGLARY_24H && type <= ZoneType.TAMPER ? 1 : 0
}

/** 1 for fire, gas, CO, medical and panic: no abort window and no swinger shutdown (Z-12). */
export function isLifeSafety(type: number): number {
  return type >= ZoneType.HOLD_UP && type <= ZoneType.GAS ? 1 : 0
}
