import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as event from '../../firmware/event'

// Classes of reporting.md §2.1, written down again by range; class 0 is alone in front of fire.
const RANGES: [number, number, number][] = [
  // from, to, class of a new event
  [100, 118, 1],
  [120, 128, 1],
  [130, 149, 2],
  [150, 206, 3],
  [300, 349, 5],
  [350, 359, 4],
  [360, 399, 5],
  [400, 499, 6],
  [500, 599, 7],
  [600, 640, 9],
  [642, 653, 9],
  [655, 999, 9],
]
const SINGLE: Record<number, number> = { 121: 0, 122: 0, 129: 0, 151: 1, 162: 1, 641: 5, 654: 5, 624: 4 }

function classOf(code: number): number {
  if (SINGLE[code] !== undefined) return SINGLE[code]
  const row = RANGES.find(([from, to]) => code >= from && code <= to)
  if (row === undefined) throw new Error(`no class for ${code}`)
  return row[2]
}

/** Every code of SIA DC-05 that is known. */
const CODES = readFileSync(new URL('../vectors/contact-id-events.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => Number(line.split(',')[0]))

describe('events', () => {
  it.each(CODES)('%i has its class as new event and as restore (reporting.md §2.1)', (code) => {
    expect(event.priorityClass(code, event.NEW)).toBe(classOf(code))
    const isRestore = classOf(code) > 0 && code < 600 && (code < 400 || code >= 500)
    if (isRestore && SINGLE[code] !== 624) expect(event.priorityClass(code, event.RESTORE)).toBe(8)
  })

  it('puts duress and hold-up alone into class 0 (D-13, R-1)', () => {
    expect(CODES.filter((code) => event.priorityClass(code, event.NEW) === 0)).toEqual([121, 122, 129])
  })

  it('counts all codes between 121 and 129 but the audible panic among hold-up, which no display may get (D-19)', () => {
    expect(CODES.filter((code) => event.groupOf(code) === event.HOLD_UP)).toEqual([121, 122, 124, 125, 126, 129])
  })

  it.each([
    ['alarms', event.ALARMS, [110, 131, 200]],
    ['troubles', event.TROUBLES, [301, 350, 354, 394, 624, 641, 654]],
    ['openings', event.OPENINGS, [401, 406, 461, 570]],
    ['tests', event.TESTS, [602, 627, 999]],
  ])('has the group of %s', (_name, group, codes) => {
    for (const code of codes) expect(event.groupOf(code)).toBe(group)
  })

  it('lets troubles and below be dropped, alarms and duress never (D-14, R-2)', () => {
    const kept = CODES.filter((code) => event.priorityClass(code, event.NEW) < event.CLASS_DROPPABLE)
    expect(kept.every((code) => code < 300)).toBe(true)
    expect(kept).toContain(206)
  })

  it('gives the place of no event class 15, behind everything, and no sequence number', () => {
    expect(event.priorityClass(event.NONE, event.NEW)).toBe(15)
    expect(event.CLASS_NONE).toBe(15)
    expect(event.counts(event.NONE)).toBe(0)
    for (const code of CODES) expect(event.counts(code)).toBe(1)
  })

  it('tells what an event is about from every other by code, partition and number', () => {
    const subjects = new Set<number>()
    for (const code of [1, 121, 602, 999]) {
      for (const partition of [0, 1, 99]) {
        for (const number of [0, 1, 999]) subjects.add(event.subject(code, partition, number))
      }
    }
    expect(subjects.size).toBe(36)
    for (const subject of subjects) expect(subject).toBeGreaterThan(0)
  })

  it('keeps a cancel behind every alarm of its partition, and nothing else behind another thing (R-3)', () => {
    const cancel = event.subject(event.CANCEL, 2, 5)
    expect(event.mustFollow(cancel, event.subject(131, 2, 7))).toBe(true)
    expect(event.mustFollow(cancel, event.subject(131, 1, 7))).toBe(false)
    expect(event.mustFollow(cancel, event.subject(401, 2, 5))).toBe(false)
    expect(event.mustFollow(event.subject(131, 2, 7), cancel)).toBe(false)
    expect(event.mustFollow(event.subject(131, 2, 7), event.subject(131, 2, 7))).toBe(true)
    expect(event.mustFollow(event.subject(131, 2, 7), event.subject(131, 2, 8))).toBe(false)
  })

  it('has qualifiers 1 and 3 of Contact ID', () => {
    expect([event.NEW, event.RESTORE]).toEqual([1, 3])
  })
})
