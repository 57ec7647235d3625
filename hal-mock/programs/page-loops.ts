/**
 * What the panel itself has measured at a zone's loop, and what it makes of its first keypad's wires, in the installer's words
 * (board/config/loop-advice.ts, keypad-advice.ts). For the bench: the panel's own display has none of this. Asking changes nothing.
 *
 * Not here: the survey of a matrix keypad's lines, which drives them and so would change the run.
 */

import { keypadAdvice } from '../../board/config/keypad-advice'
import { view } from '../../board/config/loop-advice'
import { type LoopSettings, ohmsText } from '../../board/config/loops'
import { ZONE_TYPES } from '../../board/config/zone-types'
import type { DemoZones } from '../demo'
import { STYLES } from '../loop'
import type { LoopReading } from './page-protocol'
import { keypadWrong, loopShare } from './panel-firmware'

/** Numbers that the settings give for a loop (board.ts), and a tolerance, which only the check of settings asks for. */
const FIELDS = 7
const TOLERANCE_PERCENT = 5
/** No resistor in a loop is near that. */
const OPEN_OHMS = 1000000

/** panel: of the simulator, undefined without power. Undefined for a contact that is not measured, and before the first reading. */
export function readingOf(panel: unknown, zones: DemoZones, zone: number): LoopReading | undefined {
  const { loops = [], types } = zones
  const share = loopShare(panel, zone)
  let at = 0
  while (at < loops.length && loops[at] !== zone) at += FIELDS
  if (share < 0 || at >= loops.length) return undefined
  const seen = view(settingsOf(loops.slice(at, at + FIELDS)), ZONE_TYPES[types[zone]], share)
  return {
    ohms: seen.ohms > OPEN_OHMS ? 'open' : withUnit(ohmsText(seen.ohms)),
    band: seen.band,
    marginPercent: Number.isFinite(seen.margin) ? Math.round(seen.margin * 100) : undefined,
    advice: seen.advice,
  }
}

/** '4.7k' as '4.7 k\u2126', '30' as '30 \u2126' */
function withUnit(text: string): string {
  return text.endsWith('k') ? `${text.slice(0, -1)} k\u2126` : `${text} \u2126`
}

function settingsOf([, style, pullUpOhms, eol, alarm, fault]: number[]): LoopSettings {
  const name = STYLES[style]
  return {
    // The one that closes is of a detector's type, which says so (styleOf).
    style: name === 'CLOSING' ? 'SEOL' : name,
    ...(eol > 0 ? { eolOhms: eol } : {}),
    ...(alarm > 0 ? { alarmOhms: alarm } : {}),
    ...(fault > 0 ? { faultOhms: fault } : {}),
    pullUpOhms,
    tolerancePercent: TOLERANCE_PERCENT,
  }
}

/** A sentence; '' when nothing is wrong, and for any keypad but a Wiegand one. */
export function keypadSeen(panel: unknown): string {
  return keypadAdvice(keypadWrong(panel))
}
