/**
 * What anybody perceives of a run, as notes that can be compared: two runs whose notes are equal at a rank look the same to
 * whoever has that rank (onlooker.ts). Of an encrypted frame a note has the length and the clear part only.
 */

import type { Packet } from './network'
import { RANKS, type Rank, rankOf } from './onlooker'

/** A line somebody perceives. */
export interface Note {
  rank: Rank
  atMs: number
  text: string
}

/** The note of a line of the trace; undefined when nobody perceives it. */
export function noteOfLine(atMs: number, source: string, what: string): Note | undefined {
  const rank = rankOf(source)
  return rank === undefined ? undefined : { rank, atMs, text: `${source}: ${what}` }
}

/** A packet with its length, its peer and what stands in front of the encrypted part; the CRC follows from the latter. */
export function noteOfPacket({ atMs, via, isUp, kind, bytes, address, port }: Packet): Note {
  const clear = /"[^[]*\[/.exec(bytes)?.[0] ?? ''
  const way = isUp ? 'to' : 'from'
  return { rank: 'wall', atMs, text: `${via} ${kind} ${bytes.length} bytes ${way} ${address}:${port} ${clear}` }
}

/** Who can tell two runs apart, and by what first; undefined when nobody can. */
export function difference(left: Note[], right: Note[]): { ranks: Rank[]; text: string } | undefined {
  const found: { rank: Rank; atMs: number; text: string }[] = []
  for (const rank of RANKS) {
    const first = firstDifference(ofRank(left, rank), ofRank(right, rank))
    if (first !== undefined) found.push({ rank, ...first })
  }
  if (found.length === 0) return undefined
  const earliest = found.reduce((one, other) => (other.atMs < one.atMs ? other : one))
  return { ranks: found.map(({ rank }) => rank), text: earliest.text }
}

export function ofRank(notes: Note[], rank: Rank): Note[] {
  return notes.filter((note) => note.rank === rank)
}

/** Of notes of one rank. */
export function firstDifference(left: Note[], right: Note[]): { atMs: number; text: string } | undefined {
  const length = Math.max(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const pair = [left[index], right[index]]
    const [one, other] = pair
    if (one?.atMs === other?.atMs && one?.text === other?.text) continue
    const text = pair.map((note) => (note === undefined ? 'nothing' : `${note.atMs} ms ${note.text}`)).join(' | ')
    return { atMs: Math.min(one?.atMs ?? Infinity, other?.atMs ?? Infinity), text }
  }
  return undefined
}
