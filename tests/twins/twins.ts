/** Histories played twice: how many, what differed, and what the panel was doing when the code was entered. */

import fc from 'fast-check'
import { difference } from '../../hal-mock/notes'
import type { Firmware } from './heap'
import { DIRECTED, type History, history } from './history'
import { type Played, play } from './twin'

export interface Tally {
  histories: number
  entries: number
  /** How often each word of a moment was true at an entry, and how many histories had each kind of step. */
  moments: Map<string, number>
  steps: Map<string, number>
  /** What was perceived of the ordinary runs, all ranks together. */
  notes: number
  calls: number
}

export function emptyTally(): Tally {
  return { histories: 0, entries: 0, moments: new Map(), steps: new Map(), notes: 0, calls: 0 }
}

/** What somebody could tell of a history; undefined when nobody could. The tally takes what was covered. */
export function tell(drawn: History, tally: Tally, make?: () => Firmware): string | undefined {
  const ordinary = play(drawn, false, make?.())
  const duress = play(drawn, true, make?.())
  count(tally, drawn, ordinary, duress)
  if (ordinary.heard.includes('1121')) return 'the station: 121 without duress'
  const found = difference(ordinary.notes, duress.notes)
  return found === undefined ? undefined : `${found.ranks.join(', ')}: ${found.text}`
}

function count(tally: Tally, drawn: History, ordinary: Played, duress: Played): void {
  tally.histories++
  tally.notes += ordinary.notes.length
  if (duress.heard.includes('1121')) tally.calls++
  for (const moment of ordinary.moments) {
    tally.entries++
    for (const word of moment.split(', ')) tally.moments.set(word, (tally.moments.get(word) ?? 0) + 1)
  }
  for (const kind of new Set(drawn.steps.map(nameOf))) tally.steps.set(kind, (tally.steps.get(kind) ?? 0) + 1)
}

function nameOf(step: History['steps'][number]): string {
  if (step.do === 'code') return `code, then '${step.choice}'`
  if (step.do === 'keys') return `keys '${step.keys}'`
  if (step.do === 'receiver') return `receiver ${step.mode}`
  if (step.do === 'wait' && step.ms > 3600000) return 'hours pass'
  return step.do
}

/**
 * Draws and plays histories from..from+count-1 of a seed. Returns what could be told of the first that differs, made as short as it
 * goes, and fast-check's report of it; '' when none does. The tally has those up to the first that differs.
 */
export function compareTwins(count: number, seed: number, tally: Tally, from = 0, make?: () => Firmware): string {
  let isShrinking = false
  const property = fc.property(history, (drawn) => {
    const found = tell(drawn, isShrinking ? emptyTally() : tally, make)
    if (found === undefined) return
    isShrinking = true
    throw new Error(found)
  })
  try {
    fc.assert(property, { numRuns: count, seed, path: from === 0 ? '' : String(from) })
  } catch (error) {
    if (!(error instanceof Error)) return String(error)
    return error.cause instanceof Error ? `${error.cause.message}\n${error.message}` : error.message
  }
  return ''
}

/** Plays the directed histories, then those of a seed, until one differs. Returns what was told first, and after how many. */
export function firstDifference(count: number, seed: number, make: () => Firmware): { told: string; after: number } {
  const tally = emptyTally()
  for (const [index, drawn] of DIRECTED.concat(fc.sample(history, { numRuns: count, seed })).entries()) {
    const told = tell(drawn, tally, make)
    if (told !== undefined) return { told, after: index + 1 }
  }
  return { told: '', after: count }
}
