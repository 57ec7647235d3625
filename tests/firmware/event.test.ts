import { describe, expect, it } from 'vitest'
import * as event from '../../firmware/event'

// SIA DC-05 event codes; classes of panel-behaviour.md R-1, in which class 0 is alone in front of fire.
const ROWS: [string, number, number, number, boolean, number][] = [
  // kind, its number, code, class, CCC carries a user, takes a sequence number
  ['duress', event.DURESS, 121, 0, true, 1],
  ['entry/exit alarm', event.ENTRY_EXIT_ALARM, 134, 2, false, 1],
  ['perimeter alarm', event.PERIMETER_ALARM, 131, 2, false, 1],
  ['opening and closing', event.OPENING_CLOSING, 401, 5, true, 1],
  ['system reset', event.SYSTEM_RESET, 305, 4, false, 1],
]

describe('the table of events', () => {
  it.each(ROWS)('%s has its code, class and number (R-1)', (_name, kind, code, priority, isUser, count) => {
    expect(event.code(kind)).toBe(code)
    expect(event.priorityClass(kind)).toBe(priority)
    expect(event.carriesUser(kind)).toBe(isUser)
    expect(event.counts(kind)).toBe(count)
  })

  it('numbers its kinds 0 to 5, each once, so that they fit into 4 bits of a record', () => {
    const kinds = ROWS.map((row) => row[1]).concat(event.NONE)
    expect(kinds.sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('gives the place of no event class 15, behind everything, and no sequence number', () => {
    expect(event.priorityClass(event.NONE)).toBe(15)
    expect(event.CLASS_NONE).toBe(15)
    expect(event.counts(event.NONE)).toBe(0)
  })

  it('puts duress alone into class 0 (D-13, R-1)', () => {
    const first = ROWS.filter((row) => event.priorityClass(row[1]) === 0)
    expect(first.map((row) => row[0])).toEqual(['duress'])
  })

  it('lets trouble and below be dropped, alarms and duress never (D-14, R-2)', () => {
    const kept = ROWS.filter((row) => event.priorityClass(row[1]) < event.CLASS_DROPPABLE)
    expect(kept.map((row) => row[2])).toEqual([121, 134, 131])
  })

  it('has qualifiers 1 and 3 of Contact ID', () => {
    expect([event.NEW, event.RESTORE]).toEqual([1, 3])
  })
})
