/**
 * Runs one life (soak-life.ts) and holds the station's log against what flash held: every event of a record that was
 * written whole was promised (D-14, R-2), and has to arrive with its sequence number; nothing else may.
 *
 * The reading of records is this file's own, from the picture at the head of firmware/store/journal.ts.
 */

import { crc32 } from 'node:zlib'
import { Random } from '../random'
import type { StationEvent } from '../receiver'
import { eventText, Simulator } from '../simulator'
import { type Bench, Life, someConfig, someModem } from './soak-life'

const DAY_MS = 86400000
/** Long enough for the last pause, a lost connection and a restart of both paths. */
const CALM_MS = 3 * 3600000
const SLOT_BYTES = 28
const RECORD = 0x96
/** Bits of an event: who gets a decoy, a 602 of its length, in its place. */
const DECOY_FOR_STATIONS = 1
const DECOY_FOR_OTHERS = 2
/** The longest abort window, and the answer to a code. */
const ABORT_LIMIT_MS = 46000
/** Sequence numbers are 1-9999. */
const SEQUENCES = 9999

export interface SoakReport {
  seed: number
  days: number
  /** Events that were promised. */
  events: number
  duress: number
  /** Promised and not delivered; delivered and not promised; delivered in front of what they must follow. */
  lost: string[]
  invented: string[]
  disordered: string[]
  faults: number
}

interface Promised {
  key: string
  /** What receivers that are no stations get, which differs with decoys only. */
  atOthers: string
  atMs: number
  isHoldUp: boolean
}

export interface SoakOptions {
  seed: number
  days: number
  /** How a firmware and its natives come in. */
  firmware: ConstructorParameters<typeof Simulator<unknown, unknown>>[0]['firmware']
  crypto: ConstructorParameters<typeof Simulator<unknown, unknown>>[0]['crypto']
  onDay?: (day: number) => void
  /** What happens, for a replay. */
  onNote?: (atMs: number, what: string) => void
}

/** Runs a seed. The same seed and days make the same run, to the byte. */
export function soak(options: SoakOptions): SoakReport {
  const random = new Random(options.seed)
  const promised: Promised[] = []
  let bench: Bench | undefined
  bench = new Simulator({
    firmware: options.firmware,
    config: someConfig(random),
    crypto: options.crypto,
    seed: options.seed,
    modem: { model: someModem(random) },
    onTrace: (atMs, source, what) => {
      if (source === 'flash') note(bench as Bench, what, atMs, promised)
      else if (source === 'station' || source.startsWith('receiver ')) options.onNote?.(atMs, `${source}: ${what}`)
    },
  })
  let faults = 0
  const life = new Life(bench, random, (what) => {
    faults++
    options.onNote?.((bench as Bench).clock.nowMs, what)
  })
  bench.powerOn()
  for (let day = 1; day <= options.days; day++) {
    liveUntil(bench, life, day * DAY_MS)
    options.onDay?.(day)
  }
  life.calm()
  bench.runTo(bench.clock.nowMs + CALM_MS)
  return judge(options, bench, promised, faults)
}

function liveUntil(bench: Bench, life: Life, endMs: number): void {
  for (let nextMs = life.nextMs(); nextMs < endMs; nextMs = life.nextMs()) {
    bench.runTo(Math.max(nextMs, bench.clock.nowMs))
    life.act()
  }
  bench.runTo(endMs)
}

/** A write of a record's length: its events were promised when all of it is there. */
function note(bench: Bench, what: string, atMs: number, promised: Promised[]): void {
  const parts = /^write 28 bytes at (\d+)$/.exec(what)
  if (parts === null) return
  const record = bench.board.flash.read(Number(parts[1]), SLOT_BYTES)
  const view = new DataView(record.buffer, record.byteOffset)
  if (record[0] !== RECORD || view.getUint32(24) !== crc32(record.subarray(0, 24)) >>> 0) return
  const isPair = (view.getUint16(12) & 1023) !== 0
  for (const at of [8, 12]) {
    const code = view.getUint16(at) & 1023
    if (code === 0) continue
    const last = view.getUint16(2)
    const sequence = at === 8 && isPair ? last - 1 || SEQUENCES : last
    const number = ((record[at] & 12) << 6) | record[at + 3]
    const event = `${(record[at] >> 4) & 3}${code} ${two(record[at + 2])} ${three(number)}`
    const decoy = `${(record[at] >> 4) & 3}602 ${two(record[at + 2])} 000`
    const decoyed = record[at] >> 6
    promised.push({
      key: `${(decoyed & DECOY_FOR_STATIONS) !== 0 ? decoy : event} #${sequence}`,
      atOthers: `${(decoyed & DECOY_FOR_OTHERS) !== 0 ? decoy : event} #${sequence}`,
      atMs,
      isHoldUp: code > 120 && code < 130 && code !== 123 && decoyed === 0,
    })
  }
}

function judge(options: SoakOptions, bench: Bench, promised: Promised[], faults: number): SoakReport {
  const toStation = [...bench.station]
  const config = bench.settings.receivers
  for (const entry of bench.others) if (config[entry.receiver].isBackup) toStation.push(entry.event)
  const known = new Set(promised.flatMap((entry) => [entry.key, entry.atOthers]))
  const keyOf = (event: StationEvent) => nameOf(event, known)
  const heard = new Set(toStation.map(keyOf))
  const invented = [...bench.station, ...bench.others.map((entry) => entry.event)]
    .map(keyOf)
    .filter((key) => !known.has(key))
  for (const entry of bench.others) {
    if (!config[entry.receiver].isMonitoring && entry.event.isPriority)
      invented.push(`${keyOf(entry.event)} at a display`)
  }
  return {
    seed: options.seed,
    days: options.days,
    events: promised.length,
    duress: promised.filter((entry) => entry.isHoldUp).length,
    lost: promised
      .filter((entry) => !heard.has(entry.key) && !isReplaced(entry, promised, heard))
      .map(({ key }) => key),
    invented,
    disordered: disorder(bench.station, promised, keyOf),
    faults,
  }
}

/** What an abort window held back is recorded anew when a duress code ends it, with a number of its own. */
function isReplaced(entry: Promised, promised: Promised[], heard: Set<string>): boolean {
  const text = entry.key.slice(0, entry.key.indexOf('#'))
  return promised.some(
    (other) =>
      other.key.startsWith(text) &&
      other.atMs > entry.atMs &&
      other.atMs < entry.atMs + ABORT_LIMIT_MS &&
      heard.has(other.key),
  )
}

/** Events about the same thing have to arrive in the order in which they happened (reporting.md 2.1). */
function disorder(station: StationEvent[], promised: Promised[], keyOf: (event: StationEvent) => string): string[] {
  const place = new Map(promised.map((entry, index) => [entry.key, index]))
  const last = new Map<string, number>()
  const found: string[] = []
  const seen = new Set<string>()
  for (const event of station) {
    const key = keyOf(event)
    if (seen.has(key)) continue
    seen.add(key)
    const subject = eventText(event).slice(1)
    if (/^602 \d\d 000$/.test(subject)) continue // decoys have the class of what they stand for
    const index = place.get(key) ?? -1
    if (index < (last.get(subject) ?? -1)) found.push(key)
    last.set(subject, index)
  }
  return found
}

/** A decoy in the place of a duress event may say one that is still owed, under its own number. */
function nameOf(event: StationEvent, known: Set<string>): string {
  const key = `${eventText(event)} #${event.sequence}`
  if (known.has(key) || event.code !== '121') return key
  const decoy = `1602 ${two(event.partition)} 000 #${event.sequence}`
  return known.has(decoy) ? decoy : key
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function three(value: number): string {
  return String(value).padStart(3, '0')
}
