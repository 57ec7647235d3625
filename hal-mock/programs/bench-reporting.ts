/** Rows of the reporting half: how soon a call for help is kissed off, and how soon the loss of a path is known. */

import { DEMO_CODES, type DemoConfig, demoConfig } from '../demo'
import { eventText, Simulator } from '../simulator'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

type Bench = Simulator<unknown, unknown>

/** Boot, both paths ready, the primary's connection made and proved. */
const READY_MS = 40000
/** The fixed reaction and what may follow it. */
const REACTION_MS = 450
const ROUND_TRIPS_MS = [20, 100, 400, 1000]
const ORDINARY_MS = 15000
/** EN 50136-1 reporting times in seconds, of the primary path (reporting.md 5.5). */
const CATEGORIES: [string, number][] = [
  ['SP1', 32 * 86400],
  ['SP2', 25 * 3600],
  ['SP3', 1800],
  ['SP4', 180],
  ['SP5', 90],
  ['SP6', 20],
  ['DP1', 25 * 3600],
  ['DP2', 1800],
  ['DP3', 180],
  ['DP4', 90],
]
/** Longer silences are not played: the poll interval alone decides. */
const PLAYED_SECONDS = 2 * 3600

export function reportingRows(say: (text: string) => void): Row[] {
  say('duress at four round trips, and with a primary that is silently dead ...')
  const rows = ROUND_TRIPS_MS.map((tripMs) =>
    row(
      `last key to kiss-off, connection open, round trip ${tripMs} ms`,
      kissOffMs(open(tripMs), 'duress A'),
      tripMs + REACTION_MS,
    ),
  )
  const dead = () => {
    const bench = open(100)
    bench.setInternet('ethernet', false)
    return bench
  }
  const wellMs = kissOffMs(open(100), 'duress A', 'cellular')
  rows.push(row('last key to kiss-off over the modem, both paths well', wellMs))
  rows.push(row('last key to kiss-off over the modem, primary silently dead', kissOffMs(dead(), 'duress A'), wellMs))
  rows.push(row('an ordinary event, primary silently dead', closingMs(dead()), ORDINARY_MS + 100))
  say('the loss of a path, by ATS category ...')
  for (const [category, seconds] of CATEGORIES) {
    if (seconds <= PLAYED_SECONDS) rows.push(lossRow(category, seconds))
  }
  return rows
}

function row(name: string, value: number, goal: number | null = null, unit = 'virtual ms'): Row {
  return { name, value: Math.round(value), unit, goal, better: 'lower' }
}

function digits(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

/** A panel with its connection open; tripMs: there and back, on both paths. */
function open(tripMs: number, change: (config: DemoConfig) => void = () => {}): Bench {
  const config = demoConfig()
  config.testHours = 0
  change(config)
  const bench = new Simulator({ firmware: panelFirmware, config, crypto: nodeCrypto, seed: 1 })
  bench.ethernet.delayMs = tripMs / 2
  bench.cellular.delayMs = tripMs / 2
  bench.powerOn()
  bench.runTo(READY_MS)
  return bench
}

/** From the last key's contact until the station has 121; via: over that path. */
function kissOffMs(bench: Bench, code: string, via = ''): number {
  const lastKeyMs = bench.type(digits(code)) - 200
  bench.runTo(lastKeyMs + 60000)
  const at = bench.station.findIndex((event) => event.code === '121' && (via === '' || event.via === via))
  // The kiss-off is back at the panel half a round trip after the station had it.
  return bench.stationAtMs[at] + bench.ethernet.delayMs - lastKeyMs
}

/** Arms, lets the exit delay pass, and waits for the closing, which both paths' connections were idle for. */
function closingMs(bench: Bench): number {
  bench.setInternet('ethernet', true)
  const doneMs = bench.type(digits('code A'))
  bench.runTo(doneMs + 1000)
  bench.type('2')
  bench.runTo(doneMs + 55000)
  bench.setInternet('ethernet', false)
  const before = bench.station.length
  let armedMs = 0
  bench.runTo(doneMs + 59000)
  while (bench.station.length === before && bench.clock.nowMs < doneMs + 200000) {
    if (armedMs === 0 && bench.onlooker.now.text.startsWith('ARMED')) armedMs = bench.clock.nowMs
    bench.runTo(bench.clock.nowMs + 20)
  }
  return eventText(bench.station[before]).startsWith('3401') ? bench.stationAtMs[before] - armedMs : Number.NaN
}

/** DP: until the station has 350 over the other path. SP: the longest silence that the station hears while all is well. */
function lossRow(category: string, seconds: number): Row {
  const heardMs: number[] = []
  const config = demoConfig()
  config.testHours = 0
  config.category = category
  const bench = new Simulator({
    firmware: panelFirmware,
    config,
    crypto: nodeCrypto,
    seed: 1,
    onTrace: (atMs, source, what) => {
      if (source === 'receiver' && what.startsWith('in over ethernet')) heardMs.push(atMs)
    },
  })
  bench.powerOn()
  bench.runTo(READY_MS)
  if (category.startsWith('SP')) {
    bench.runTo(READY_MS + 3 * seconds * 1000)
    const gaps = heardMs.slice(1).map((atMs, index) => atMs - heardMs[index])
    return row(`longest silence at the station, ${category}`, Math.max(...gaps) / 1000, seconds, 's')
  }
  // The worst moment: just after a null message was kissed off.
  const count = heardMs.length
  while (heardMs.length === count) bench.runTo(bench.clock.nowMs + 1000)
  bench.runTo(bench.clock.nowMs + 500)
  bench.setInternet('ethernet', false)
  const deadMs = bench.clock.nowMs
  bench.runTo(deadMs + seconds * 1000)
  const at = bench.station.findIndex((event) => event.code === '350')
  return row(
    `a dead primary is told over the other path, ${category}`,
    (bench.stationAtMs[at] - deadMs) / 1000,
    seconds,
    's',
  )
}
