/**
 * Zone types by the names that an installer writes, and what each type means for a zone's attributes
 * (panel-behaviour.md §2.1, Z-7, Z-9, Z-12, A-30).
 */

import { ZoneType } from '../../firmware/config'

/** In the order of the firmware's list. */
export const ZONE_TYPES = [
  'entryExit1',
  'entryExit2',
  'perimeter',
  'follower',
  'interiorDelayed',
  'dayNight',
  'silentBurglary',
  'burglary24h',
  'holdUp',
  'panic',
  'fire',
  'fireVerified',
  'heat',
  'pullStation',
  'waterflow',
  'carbonMonoxide',
  'medical',
  'pendant',
  'gas',
  'water',
  'temperatureHigh',
  'temperatureLow',
  'auxiliary',
  'tamper',
  'keyswitch',
  'noAlarm',
] as const

export type ZoneTypeName = (typeof ZONE_TYPES)[number]

export function typeOf(name: ZoneTypeName): ZoneType {
  return ZONE_TYPES.indexOf(name)
}

/** Burglary: its report may wait for the abort window, and a second zone may have to confirm it. */
export function isBurglary(name: ZoneTypeName): boolean {
  return typeOf(name) <= ZoneType.BURGLARY_24H
}

/** Live in every state, disarmed too (ST-4). */
export function is24Hour(name: ZoneTypeName): boolean {
  return typeOf(name) >= ZoneType.BURGLARY_24H && typeOf(name) <= ZoneType.TAMPER
}

/** Somebody is in danger: no abort window, no swinger shutdown (Z-12). */
export function isForLife(name: ZoneTypeName): boolean {
  return typeOf(name) >= ZoneType.HOLD_UP && typeOf(name) <= ZoneType.PENDANT
}

/** Cannot be bypassed at all (Z-7): fire, CO, panic and hold-up. */
export function isNeverBypassed(name: ZoneTypeName): boolean {
  return typeOf(name) >= ZoneType.HOLD_UP && typeOf(name) <= ZoneType.CARBON_MONOXIDE
}

/** Ignored in STAY, and in NIGHT without the attribute. */
export function isInterior(name: ZoneTypeName): boolean {
  return name === 'follower' || name === 'interiorDelayed'
}

/** Neither heard nor shown, whatever else is set (Z-9; §2.1, types 7 and 9). */
export function isAlwaysSilent(name: ZoneTypeName): boolean {
  return name === 'holdUp' || name === 'silentBurglary'
}
