/** The pieces that `npm run twins` shares out over its workers, and what comes of each: plain values, for they travel. */

import { leakAt } from './leaks'
import { compareTwins, emptyTally, firstDifference, type Tally } from './twins'

/** Histories from..from+count-1 of a seed. A history depends on its seed and its place, not on the slice it is in. */
export interface Slice {
  kind: 'slice'
  seed: number
  from: number
  count: number
}

/** The leak at a place of the list of leaks, and the seed of its histories. */
export interface LeakHunt {
  kind: 'leak'
  index: number
  seed: number
}

export type Piece = Slice | LeakHunt

export interface SliceAnswer {
  kind: 'slice'
  tally: Tally
  /** Of the first history that differs (twins.ts, compareTwins); '' when none does. */
  report: string
}

export interface LeakAnswer {
  kind: 'leak'
  name: string
  /** What was told first; '' when nobody could tell. */
  told: string
  after: number
}

export type Answer = SliceAnswer | LeakAnswer

/** Histories of one seed; the next so many have the next one. */
const SEED_HISTORIES = 50
/** Some seconds of work: short enough that workers end together, and that there is progress to tell. */
const SLICE_HISTORIES = 10
const LEAK_HISTORIES = 300

export function slicesOf(count: number, seed: number): Slice[] {
  const slices: Slice[] = []
  for (let at = 0; at < count; at += SLICE_HISTORIES) {
    const from = at % SEED_HISTORIES
    slices.push({
      kind: 'slice',
      seed: seed + Math.floor(at / SEED_HISTORIES),
      from,
      count: Math.min(SLICE_HISTORIES, count - at),
    })
  }
  return slices
}

export function nameOf(piece: Piece): string {
  if (piece.kind === 'leak') return `leak ${piece.index + 1}`
  return `histories ${piece.from + 1} to ${piece.from + piece.count} of seed ${piece.seed}`
}

export async function play(piece: Piece): Promise<Answer> {
  if (piece.kind === 'leak') {
    const leak = await leakAt(piece.index)
    const found = firstDifference(LEAK_HISTORIES, piece.seed, () => leak.make())
    return { kind: 'leak', name: leak.name, ...found }
  }
  const tally = emptyTally()
  const report = compareTwins(piece.count, piece.seed, tally, piece.from)
  return { kind: 'slice', tally, report }
}

/** Sums of the answers in their order, up to the first difference: what one worker alone would have said. */
export function sumOf(answers: SliceAnswer[]): { tally: Tally; reports: string[] } {
  const tally = emptyTally()
  for (const answer of answers) {
    addTo(tally, answer.tally)
    if (answer.report !== '') return { tally, reports: [answer.report] }
  }
  return { tally, reports: [] }
}

function addTo(sum: Tally, one: Tally): void {
  sum.histories += one.histories
  sum.entries += one.entries
  sum.notes += one.notes
  sum.calls += one.calls
  for (const [into, from] of [
    [sum.moments, one.moments],
    [sum.steps, one.steps],
  ]) {
    for (const [word, times] of from) into.set(word, (into.get(word) ?? 0) + times)
  }
}
