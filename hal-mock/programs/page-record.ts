/**
 * What has happened, as marks for the timeline. Marks have numbers that grow; the oldest are forgotten beyond a limit. A stretch
 * that runs again is held against what is known of it: a run that does not repeat itself is a mistake of the bench.
 */

import { HAS_BYTES, IS_UP, LANES, type Lane, type Mark } from './page-protocol'
import type { Listener } from './page-world'

/** A mark and what it carries. */
interface Entry {
  atMs: number
  lane: number
  what: string
  flags: number
  bytes: string
}

export const MARK_LIMIT = 60000
const FORGOTTEN_AT_ONCE = 10000

const LANE_OF: { [source: string]: Lane | undefined } = {
  text: 'text',
  light: 'light',
  buzzer: 'buzzer',
  siren: 'siren',
  power: 'power',
  finger: 'hands',
  premises: 'hands',
  world: 'world',
  ethernet: 'W5500',
  cellular: 'modem',
  flash: 'flash',
  station: 'station',
  phone: 'receiver',
  receiver: 'receiver',
  'receiver 2': 'receiver',
}

/** Lanes whose marks are worth a stop: what somebody could notice. */
const NOTICED = new Set<Lane>([
  'text',
  'light',
  'buzzer',
  'siren',
  'power',
  'ethernet path',
  'cellular path',
  'station',
])

export class Record {
  private entries: Entry[] = []
  private firstNumber = 0
  /** Counts marks that somebody would notice; a countdown's seconds and the time of day are none. */
  noticed = 0
  private shown = ''
  /** Until then all is known; before it nothing is added. */
  private knownUntilMs = -1
  /** Place of the next mark that is known, and has to come; -1 when it was forgotten. */
  private due = -1
  /** When hands did something last, in order. */
  private causes: number[] = []

  get firstId(): number {
    return this.firstNumber
  }

  /** The number that the next mark gets. */
  get nextId(): number {
    return this.firstNumber + this.entries.length
  }

  listener(): Listener {
    return {
      onLine: (atMs, source, what) => this.line(atMs, source, what),
      onPacket: ({ atMs, via, kind, bytes, isUp }) => {
        const words = bytes === '' ? kind : `${kind} ${bytes.length} bytes`
        this.add(atMs, via as Lane, words, isUp ? IS_UP : 0, bytes)
      },
      onUart: (atMs, isUp, bytes) => this.add(atMs, 'modem AT', wordsOf(bytes), isUp ? IS_UP : 0, bytes),
    }
  }

  /** A world runs again from atMs on, through what is known until knownUntilMs. */
  again(atMs: number, knownUntilMs: number): void {
    this.knownUntilMs = knownUntilMs
    this.shown = ''
    let index = this.entries.length
    while (index > 0 && this.entries[index - 1].atMs > atMs) index--
    this.due = index === 0 && this.firstNumber > 0 ? -1 : index
  }

  /** Forgets what came after atMs: from there on things are otherwise. */
  cut(atMs: number): void {
    this.knownUntilMs = -1
    while (this.entries.length > 0 && this.entries[this.entries.length - 1].atMs > atMs) this.entries.pop()
    while (this.causes.length > 0 && this.causes[this.causes.length - 1] > atMs) this.causes.pop()
  }

  /** Marks with these numbers, the first included and the last not. */
  marks(fromId: number, untilId: number): Mark[] {
    const from = Math.max(fromId - this.firstNumber, 0)
    return this.entries
      .slice(from, untilId - this.firstNumber)
      .map(({ atMs, lane, what, flags }, index) => [this.firstNumber + from + index, atMs, lane, what, flags])
  }

  entry(id: number): (Omit<Entry, 'lane'> & { lane: Lane }) | undefined {
    const found = this.entries[id - this.firstNumber]
    return found === undefined ? undefined : { ...found, lane: LANES[found.lane] }
  }

  /** From the last thing that hands did before atMs until then; -1 when they did nothing. */
  afterHands(atMs: number): number {
    let low = 0
    let high = this.causes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.causes[middle] <= atMs) low = middle + 1
      else high = middle
    }
    return low === 0 ? -1 : atMs - this.causes[low - 1]
  }

  private line(atMs: number, source: string, what: string): void {
    if (source === 'finger' || source === 'premises') this.causes.push(atMs)
    const path = source === 'panel' ? /^(ethernet|cellular) path (.*)$/.exec(what) : null
    if (path !== null) this.add(atMs, `${path[1]} path` as Lane, path[2], 0, '')
    const lane = LANE_OF[source]
    if (lane !== undefined)
      this.add(atMs, lane, source === 'receiver' ? what : source === 'phone' ? `phone: ${what}` : what, 0, '')
  }

  private add(atMs: number, lane: Lane, what: string, flags: number, bytes: string): void {
    if (NOTICED.has(lane) && (lane !== 'text' || withoutTime(what) !== this.shown)) this.noticed++
    if (lane === 'text') this.shown = withoutTime(what)
    if (atMs <= this.knownUntilMs) {
      this.check(atMs, lane, what)
      return
    }
    this.entries.push({ atMs, lane: LANES.indexOf(lane), what, flags: flags | (bytes === '' ? 0 : HAS_BYTES), bytes })
    if (this.entries.length <= MARK_LIMIT) return
    this.entries.splice(0, FORGOTTEN_AT_ONCE)
    this.firstNumber += FORGOTTEN_AT_ONCE
  }

  private check(atMs: number, lane: Lane, what: string): void {
    if (this.due < 0) return
    const known = this.entries[this.due++]
    if (known !== undefined && known.atMs === atMs && LANES[known.lane] === lane && known.what === what) return
    this.due = -1
    throw new Error(`the run does not repeat itself at ${atMs} ms: ${lane} ${what}`)
  }
}

function withoutTime(text: string): string {
  return text.replace(/\d{3}s|\d\d:\d\d/g, '')
}

/** AT lines as they are; what is no text by its length. */
function wordsOf(bytes: string): string {
  const text = bytes.trim().replace(/[\r\n]+/g, ' | ')
  return /^[ -~|]{1,60}$/.test(text) && !/\[[0-9A-F]{16}/.test(text) ? text : `${bytes.length} bytes`
}
