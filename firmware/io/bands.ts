/**
 * Loops with resistors (panel-behaviour.md §3): which resistances mean what, by wiring style. Pure, and used once after
 * power-up, for what a pass compares are whole numbers that come of it (loops.ts). Also used on the PC, which refuses what
 * cannot be told apart.
 *
 *   SEOL  0 | active | R/2 | secure | 2R | active          DEOL  0 | tamper | R/2 | secure | √(R·(R+A)) | active | 2(R+A) | tamper
 *
 * Limits are the geometric means of neighbouring nominals; the lowest is half the smallest nominal, the highest twice the
 * largest, and with more than one nominal 20 kΩ at least (W-1). 4 % on both sides of a limit belong to neither band: what
 * stays there is a fault (W-6).
 */

/** How a zone is wired; its place in this list is what the settings hold. */
export enum Style {
  /** A contact that opens. */
  NC,
  /** A contact that closes. */
  NO,
  /** A resistor in series with a contact that opens, or across one that closes: both are active. */
  SEOL,
  /** A resistor across contacts that close: open is a fault, not an alarm (fire, §3.2). */
  CLOSING,
  /** End-of-line resistor, and one across the alarm contact. */
  DEOL,
  /** And one across the contact of a fault. */
  TEOL,
}

/** Bare contacts: closed is below the one, open above the other. */
const CLOSED_OHMS = 1000
const OPEN_OHMS = 20000
/** Half of what lies between two bands, as a share of the limit. */
export const GAP = 0.04

/** What each band settles to (zone-inputs.ts), a digit each, from the lowest resistance on. */
export function statesOf(style: Style): string {
  // In the function, so that the text stays in flash.
  const all = '01 10 101 103 2012 203142'
  return all.split(' ')[style]
}

/** Resistances of the loop in its states, the smallest first: secure, fault, active, fault and active, as far as they are. */
export function nominals(style: Style, eol: number, alarm: number, fault: number): number[] {
  if (style < Style.SEOL) return []
  if (style < Style.DEOL) return [eol]
  if (style === Style.DEOL) return [eol, eol + alarm]
  return [eol, eol + fault, eol + alarm, eol + alarm + fault]
}

/** Ends and beginnings of the bands in ohms, rising: where the first ends, where the second begins, where that ends ... */
export function edges(style: Style, eol: number, alarm: number, fault: number): number[] {
  const known = nominals(style, eol, alarm, fault)
  const count = known.length
  if (count === 0) return [CLOSED_OHMS, OPEN_OHMS]
  const found: number[] = []
  for (let at = 0; at <= count; at++) {
    let limit = at === 0 ? known[0] / 2 : known[count - 1] * 2
    if (at > 0 && at < count) limit = Math.sqrt(known[at - 1] * known[at])
    else if (at > 1 && limit < OPEN_OHMS) limit = OPEN_OHMS
    found.push(limit * (1 - GAP), limit * (1 + GAP))
  }
  return found
}
