/**
 * All that can happen and is worth reporting: one table. Contact ID codes and what CCC carries are those of SIA DC-05
 * (reporting.md §2); priority classes are R-1, with class 0 alone in front of fire.
 */

export const DURESS = 0
export const ENTRY_EXIT_ALARM = 1
export const PERIMETER_ALARM = 2
export const OPENING_CLOSING = 3
export const SYSTEM_RESET = 4
/** No event: fills the place of one where a record always has room for two. */
export const NONE = 5

/** Qualifiers as Contact ID writes them: new event or opening, restore or closing. */
export const NEW = 1
export const RESTORE = 3

/** Class of NONE: behind everything, never sent. */
export const CLASS_NONE = 15
/** From this class on events may be dropped when the queue overflows. */
export const CLASS_DROPPABLE = 4

// Rows in the order of the kinds above: event code, CCC carries 0 a zone or 1 a user.
// biome-ignore format: one kind a line
const TABLE = new Uint16Array([
  121, 1, // duress
  134, 0, // entry/exit burglary
  131, 0, // perimeter burglary
  401, 1, // opening (disarmed) with NEW, closing (armed) with RESTORE
  305, 0, // system reset
  0, 0,
])
/** Priority classes, four bits a kind, DURESS lowest: a shift, not a table, because it is asked while a code is handled (D-30). */
const CLASSES = 0xf45220

/** Contact ID event code of a kind, 100-999. */
export function code(kind: number): number {
  return TABLE[kind * 2]
}

/** Priority class of a kind, 0 goes first. */
export function priorityClass(kind: number): number {
  return (CLASSES >> (kind * 4)) & 15
}

/** True when CCC carries a user number, false when it carries a zone. */
export function carriesUser(kind: number): boolean {
  return TABLE[kind * 2 + 1] === 1
}

/** 1 when an event of this kind takes a sequence number, 0 for NONE; the same steps for each. */
export function counts(kind: number): number {
  return 1 - ((kind + 8 - NONE) >> 3)
}
