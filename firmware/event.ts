/**
 * What can happen and is worth reporting. An event is named by its Contact ID code (SIA DC-05; reporting.md §2.2 lists
 * all), so that whatever code a part of the panel wants to report has a class, a group and a place in the journal.
 *
 * Priority classes are those of reporting.md §2.1 with class 0 alone in front of fire:
 *
 *   0 duress and hold-up   1 fire, gas, medical, panic   2 burglary, tamper   3 24-hour and supervisory
 *   4 loss of reporting    5 troubles                    6 open, close        7 bypasses
 *   8 restores             9 tests and log
 */

/** No event: fills the place of one where a record always has room for two. */
export const NONE = 0
export const DURESS = 121
export const SILENT_PANIC = 122
export const PANIC = 123
export const MANUAL_FIRE = 115
export const CONFIRMED_HOLD_UP = 129
export const PERIMETER_ALARM = 131
export const ENTRY_EXIT_ALARM = 134
export const RAM_CHECKSUM = 303
export const ROM_CHECKSUM = 304
export const SYSTEM_RESET = 305
export const EXIT_ERROR = 374
export const CROSS_ZONE_TROUBLE = 378
export const ZONE_TROUBLE = 380
export const MODULE_LOST = 333
export const TAMPER = 137
export const ZONE_TAMPER = 144
/** A keypad or a port expander was lost while armed, in profile EN (S-6). */
export const MODULE_TAMPER = 145
/** Of the box, or of a zone for covers. */
export const SENSOR_WATCH = 391
export const SELF_TEST = 307
export const JAMMED = 344
export const PATH_FAULT = 350
export const FAILURE_TO_COMMUNICATE = 354
export const OPENING_CLOSING = 401
export const AUTOMATIC_CLOSING = 403
export const CANCEL = 406
export const QUICK_ARM = 408
export const KEYSWITCH_CLOSING = 409
export const STAY_CLOSING = 441
export const FAILED_CLOSING = 454
export const AUTOMATIC_FAILED = 455
export const PARTIAL_CLOSING = 456
export const RECENT_CLOSE = 459
export const WRONG_CODES = 461
export const AUTOMATIC_LATER = 464
export const BYPASS_24_HOUR = 570
export const BYPASS = 573
export const PERIODIC_TEST = 602
export const WALK_TEST = 607
export const TIME_CHANGED = 625
export const PROGRAMMING_IN = 627
export const PROGRAMMING_OUT = 628
/** Events had to be given up. */
export const LOG_OVERFLOW = 624

/** Qualifiers as Contact ID writes them: new event or opening, restore or closing. */
export const NEW = 1
export const RESTORE = 3

/**
 * A decoy is sent in the place of an event, as long and as often, and says DECOY instead (D-34). Who gets it, in bits above the
 * qualifier's: a monitoring station, the other receivers. An ordinary code has one where a duress code has 121.
 */
export const DECOY = 602
export const DECOY_SHIFT = 2
export const FOR_STATIONS = 1
export const FOR_OTHERS = 2
export const FOR_ALL = 3

/** Class of NONE: behind everything, never sent. */
export const CLASS_NONE = 15
export const CLASS_OPENING = 6
/** From this class on events may be dropped when the queue overflows. */
export const CLASS_DROPPABLE = 4

// Groups of events, for receivers that get only some of them.
export const HOLD_UP = 0
export const ALARMS = 1
export const TROUBLES = 2
export const OPENINGS = 3
export const TESTS = 4
export const GROUP_COUNT = 5
/**
 * Takers: who gets what, destinations a bit each. By group of events; behind those, from OWED on by who gets a decoy, for
 * whom the event is owed then; from DECOYED on who gets DECOY.
 */
export const OWED = 5
export const DECOYED = 9
export const TAKERS = 13

/** Where a subject has its code. */
const CODE_BIT = 17
const CODE_MASK = 1023
/** Always set, so that every subject is a long number, NONE's as well: a short one takes less memory (espruino.md §7). */
const LONG = 1 << 27

/** Priority class of an event, 0 goes first. */
export function priorityClass(code: number, qualifier: number): number {
  const group = groupOf(code)
  if (code === DURESS || code === SILENT_PANIC || code === CONFIRMED_HOLD_UP) return 0
  if (code === LOG_OVERFLOW) return 4
  if (group === OPENINGS) return code < 500 ? CLASS_OPENING : qualifier === RESTORE ? 8 : 7
  if (group === TESTS) return code === NONE ? CLASS_NONE : 9
  if (qualifier === RESTORE) return 8
  if (group === TROUBLES) return code >= 350 && code < 360 ? 4 : 5
  if (code < 130 || code === 151 || code === 162) return 1
  return code < 150 ? 2 : 3
}

/** Group of an event. Hold-up are the codes that no receiver with a display may get (D-19). */
export function groupOf(code: number): number {
  if (code > 120 && code < 130 && code !== 123) return HOLD_UP
  if (code >= 400 && code < 600) return OPENINGS
  if ((code >= 300 && code < 400) || code === 641 || code === 654 || code === LOG_OVERFLOW) return TROUBLES
  return code >= 100 && code < 300 ? ALARMS : TESTS
}

/**
 * Fills the second half of takers. matched: destinations for which ordinary codes send as much as duress codes; the others get
 * no decoys at all. HOLD_UP says which ones monitor.
 */
export function completeTakers(takers: Uint8Array, matched: number): void {
  for (let decoy = 0; decoy <= FOR_ALL; decoy++) {
    const stations = (decoy & FOR_STATIONS) === 0 ? 0 : takers[HOLD_UP]
    const others = (decoy & FOR_OTHERS) === 0 ? 0 : ~takers[HOLD_UP]
    takers[DECOYED + decoy] = stations | others
    takers[OWED + decoy] = ~(stations | others) | matched
  }
}

/** Destinations that an event is for, a bit each. The same steps for each. */
export function takersOf(takers: Uint8Array, group: number, decoy: number): number {
  return takers[group] & takers[OWED + decoy]
}

/** True for a trouble or tamper of a zone, or the end of one (panel/premises.ts). */
export function isZoneTrouble(code: number): boolean {
  return code === ZONE_TROUBLE || code === ZONE_TAMPER || code === TAMPER
}

/**
 * What an event is about, code, partition and zone or user in one number: two events with the same one keep their order
 * (reporting.md §2.1). The same steps whatever the code is (D-30).
 */
export function subject(code: number, partition: number, number: number): number {
  return LONG | (code << CODE_BIT) | (number << 7) | partition
}

/** Code of a subject. */
export function codeIn(subject: number): number {
  return (subject >> CODE_BIT) & CODE_MASK
}

/** Zone or user of a subject. */
export function numberIn(subject: number): number {
  return (subject >> 7) & 1023
}

/** True when an event about `later` must not overtake one about `earlier`: same thing, or a cancel and an alarm. */
export function mustFollow(later: number, earlier: number): boolean {
  if (later === earlier) return true
  if (codeIn(later) !== CANCEL || ((later ^ earlier) & 127) !== 0) return false
  return groupOf(codeIn(earlier)) === ALARMS
}

/** 1 when an event with this code takes a sequence number, 0 for NONE; the same steps for each. */
export function counts(code: number): number {
  return (code + 1023) >> 10
}
