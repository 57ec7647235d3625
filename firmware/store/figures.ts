/**
 * What the panel counted of its paths (transmit/lanes.ts), kept over restarts: one record an hour in pages 10 and 11.
 * Eight ATPs, lane times four and receiver, with FIGURE_COUNT words each. A cut leaves the record before it.
 */

import type { Flash } from '../hal'
import type { Check } from './records'
import * as records from './records'
import { getWord, setWord } from './slots'

/** docs/flash-layout.md. 16 records a page, so each of the two is erased every 32 hours. */
const FIRST_PAGE = 10
const SLOT_BYTES = 256
export const ATPS = 8
export const FIGURE_COUNT = 7
const WORDS = ATPS * FIGURE_COUNT
const WORDS_AT = 4
const BODY_BYTES = WORDS_AT + WORDS * 4 + 4

/** All words, ATP by ATP; zeros when nothing was kept yet. Never throws. */
export function load(flash: Flash, check: Check): Uint32Array {
  const words = new Uint32Array(WORDS)
  const last = records.newest(open(flash, check))
  if (last === undefined) return words
  for (let index = 0; index < WORDS; index++) words[index] = getWord(last, WORDS_AT + index * 4)
  return words
}

/** Appends a record. False when flash does not take it. Never throws. */
export function save(flash: Flash, check: Check, words: Uint32Array): boolean {
  const body = new Uint8Array(BODY_BYTES)
  for (let index = 0; index < WORDS; index++) setWord(body, WORDS_AT + index * 4, words[index])
  return records.append(open(flash, check), body)
}

function open(flash: Flash, check: Check): records.Ring {
  return records.open(flash, check, FIRST_PAGE, SLOT_BYTES, BODY_BYTES)
}
