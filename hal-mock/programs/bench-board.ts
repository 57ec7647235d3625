/** Rows that need no interpreter: sizes, and what the bench counts on Node. */

import { buildFirmware } from '../../board/targets'
import { DEMO_CODES, demoConfig } from '../demo'
import { Simulator } from '../simulator'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

interface Happening {
  at: number
  source: string
  what: string
}

/** Boot, both paths ready. */
const READY_MS = 25000
const IDLE_SECONDS = 3600
/** Armed and disarmed so often: an event each, over several times the journal's pages. */
const ARMINGS = 300

type Bench = Simulator<unknown, unknown>

export async function boardRows(say: (text: string) => void): Promise<Row[]> {
  say('building the bundle ...')
  const rows: Row[] = [row('bundle', (await buildFirmware()).bytes, 'bytes')]
  say('a duress code at 50 ms round trip ...')
  rows.push(...duressRows(false), ...duressRows(true))
  say(`an armed panel at rest for ${IDLE_SECONDS} virtual seconds ...`)
  rows.push(idleRow())
  say(`${2 * ARMINGS} openings and closings kissed off ...`)
  rows.push(...flashRows())
  return rows
}

function row(
  name: string,
  value: number,
  unit: string,
  goal: number | null = null,
  better: Row['better'] = 'lower',
): Row {
  return { name, value, unit, goal, better }
}

function makeBench(told: Happening[]): Bench {
  const bench = new Simulator({
    firmware: panelFirmware,
    config: demoConfig(),
    crypto: nodeCrypto,
    seed: 1,
    onTrace: (at, source, what) => told.push({ at, source, what }),
  })
  bench.powerOn()
  bench.runTo(READY_MS)
  return bench
}

function digits(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

/** From the last key to hand-over and kiss-off; isOpen: with the connections of an earlier duress still open. */
function duressRows(isOpen: boolean): Row[] {
  const told: Happening[] = []
  const bench = makeBench(told)
  if (isOpen) {
    bench.type(digits('duress A'))
    bench.runTo(READY_MS + 20000)
  }
  told.length = 0
  const before = {
    frames: bench.board.spiFrames,
    bytes: bench.board.uartBytes,
    written: bench.board.flash.bytesWritten,
  }
  bench.type(digits('duress A'))
  bench.runTo(bench.clock.nowMs + 10000)
  const keys = told.filter((entry) => entry.source === 'finger')
  const lastKeyMs = keys[keys.length - 1].at
  const after = (source: string, what: RegExp) => {
    const found = told.find((entry) => entry.at >= lastKeyMs && entry.source === source && what.test(entry.what))
    return found === undefined ? Number.NaN : found.at - lastKeyMs
  }
  const handed = Math.max(after('ethernet', /send/), after('cellular', /^send/))
  const how = isOpen ? 'connections open' : 'connections closed'
  const rows = [
    row(`last key to both frames handed to the drivers, ${how}`, handed, 'virtual ms', 1000),
    // The first 4-byte write after it marks the event as kissed off.
    row(`last key to kiss-off, ${how}`, after('flash', /^write 4 bytes/), 'virtual ms'),
  ]
  if (isOpen) return rows
  rows.push(row('SPI frames of a duress code, 10 s', bench.board.spiFrames - before.frames, 'frames'))
  rows.push(row('UART bytes of a duress code, 10 s', bench.board.uartBytes - before.bytes, 'bytes'))
  rows.push(row('flash bytes of a duress code', bench.board.flash.bytesWritten - before.written, 'bytes'))
  return rows
}

function idleRow(): Row {
  const bench = makeBench([])
  const doneMs = bench.type(digits('code A'))
  bench.runTo(doneMs + 1000)
  bench.type('2')
  bench.runTo(doneMs + 90000)
  const startMs = performance.now()
  const fromMs = bench.clock.nowMs
  bench.runTo(fromMs + IDLE_SECONDS * 1000)
  const realSeconds = (performance.now() - startMs) / 1000
  return row('an idle armed panel on Node', Math.round(IDLE_SECONDS / realSeconds), 'virtual s/s', null, 'higher')
}

/** What an event costs the flash from the code to its kiss-off, the journal's tidying included. */
function flashRows(): Row[] {
  const bench = makeBench([])
  const { flash } = bench.board
  const erases = () => flash.erases.reduce((sum, count) => sum + count, 0)
  const before = { written: flash.bytesWritten, erases: erases(), events: bench.station.length }
  for (let count = 0; count < ARMINGS; count++) {
    const doneMs = bench.type(digits('code A'))
    bench.runTo(doneMs + 1000)
    bench.type('2')
    bench.runTo(doneMs + 70000)
    bench.runTo(bench.type(digits('code A')) + 20000)
  }
  const heard = bench.station.slice(before.events)
  const events = heard.length
  // The panel's own come on top: that its log fills (E-5), and tests.
  const armings = heard.filter((event) => event.code === '401').length
  if (armings !== 2 * ARMINGS) throw new Error(`the station heard of ${armings} openings and closings`)
  return [
    row('flash bytes written, an event', (flash.bytesWritten - before.written) / events, 'bytes'),
    row('page erases, a thousand events', ((erases() - before.erases) / events) * 1000, 'erases'),
  ]
}
