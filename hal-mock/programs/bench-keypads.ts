/**
 * Rows of the keypads and of loops, on Node with work that takes its time: from the last finger to the record of the code, and
 * what each costs on its bus, with a code and at rest.
 */

import { DEMO_CODES, demoConfig } from '../demo'
import { panelSettings } from '../premises'
import { Simulator } from '../simulator'
import { Work } from '../work'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

/** Boot, both paths ready, and some time after. */
const READY_MS = 70000
const REST_SECONDS = 60
/** A slow finger sees no delay: the answer comes 400 ms after the record (D-31). */
const LATENCY_GOAL = 150
/** Codes at different moments of the panel's second. */
const CODES = 20

/** By the words of premises.panelSettings. */
const KEYPADS: [name: string, words: string[]][] = [
  ['matrix at pins', []],
  ['Wiegand, 4 bits', ['wiegand']],
  ['Wiegand, 8 bits', ['wiegand']],
  ['PCF8574 with INT', ['pcf8574']],
  ['TCA8418 with INT', ['tca8418']],
  ['PCF8574 without INT', ['pcf8574']],
  ['TCA8418 without INT', ['tca8418']],
]

/** On I2C. */
interface Cost {
  bytes: number
  transfers: number
}

interface Bench {
  simulator: Simulator<unknown, unknown>
  /** Times of the records of codes. */
  records: number[]
}

function start(words: string[], hasInterrupt = true): Bench {
  const records: number[] = []
  const config = panelSettings(demoConfig(), words)
  if (!hasInterrupt) config.pins.keypadInterrupt = undefined
  const simulator: Simulator<unknown, unknown> = new Simulator({
    firmware: panelFirmware,
    config,
    crypto: nodeCrypto,
    seed: 1,
    work: new Work(),
    onTrace: (atMs, source, what) => {
      if (source === 'flash' && what.startsWith('write 28 bytes')) records.push(atMs)
    },
  })
  simulator.powerOn()
  simulator.runTo(READY_MS)
  return { simulator, records }
}

export function keypadRows(say: (text: string) => void): Row[] {
  say('keypads: from the last finger to the record of the code ...')
  const idle = restOf(start([]).simulator)
  const rows = KEYPADS.flatMap(([name, words]) => rowsOf(name, words, idle))
  say('loops at rest ...')
  const loops = restOf(start(['loops']).simulator)
  return [...rows, row('I2C bytes of three inputs at an ADS1115, a second', loops.bytes - idle.bytes, 'bytes', null)]
}

/** display: what it costs at rest. */
function rowsOf(name: string, words: string[], display: Cost): Row[] {
  const { simulator, records } = start(words, !name.endsWith('without INT'))
  const { board, clock } = simulator
  if (board.wiegand !== undefined) board.wiegand.format = name.endsWith('8 bits') ? 8 : 4
  const digits = DEMO_CODES[0].digits
  const before = { bytes: board.i2c.bytes, transfers: board.i2c.transfers, pulses: board.wiegand?.pulses ?? 0 }
  const latencies: number[] = []
  const startMs = clock.nowMs
  for (let count = 0; count < CODES; count++) {
    records.length = 0
    const typedMs = simulator.type(digits)
    const lastMs = typedMs - (typedMs - clock.nowMs) / digits.length
    simulator.runTo(lastMs + 1000)
    if (records.length === 0) throw new Error(`${name}: a code left no record`)
    latencies.push(records[0] - lastMs)
    simulator.runTo(clock.nowMs + 15000 + count * 37)
  }
  const seconds = (clock.nowMs - startMs) / 1000
  const spent = { bytes: board.i2c.bytes - before.bytes, transfers: board.i2c.transfers - before.transfers }
  const idle = restOf(simulator)
  const rows = [
    row(`${name}: last finger to the record of a code, mean`, mean(latencies), 'virtual ms', null),
    row(`${name}: the same, the longest of ${CODES}`, Math.max(...latencies), 'virtual ms', LATENCY_GOAL),
  ]
  if (board.wiegand !== undefined) {
    return [...rows, row(`${name}: pulses of a code`, (board.wiegand.pulses - before.pulses) / CODES, 'pulses', null)]
  }
  if (board.keypadChip === undefined) return rows
  // What the display and an idle keypad take in that time is taken off.
  const shown = displayOf(digits)
  return [
    ...rows,
    row(`${name}: I2C bytes of a code`, (spent.bytes - idle.bytes * seconds) / CODES - shown.bytes, 'bytes', null),
    row(
      `${name}: I2C transfers of a code`,
      (spent.transfers - idle.transfers * seconds) / CODES - shown.transfers,
      'transfers',
      null,
    ),
    row(`${name}: I2C bytes at rest, a second`, idle.bytes - display.bytes, 'bytes', null),
  ]
}

/** What a code costs at a matrix, which has nothing on the bus: the display alone. */
function displayOf(digits: string): Cost {
  const { simulator } = start([])
  const { board, clock } = simulator
  const idle = restOf(simulator)
  const [bytes, transfers, startMs] = [board.i2c.bytes, board.i2c.transfers, clock.nowMs]
  simulator.runTo(simulator.type(digits) + 16000)
  const seconds = (clock.nowMs - startMs) / 1000
  return {
    bytes: board.i2c.bytes - bytes - idle.bytes * seconds,
    transfers: board.i2c.transfers - transfers - idle.transfers * seconds,
  }
}

/** A second at rest, the display's included. */
function restOf(simulator: Simulator<unknown, unknown>): Cost {
  const { board, clock } = simulator
  const [bytes, transfers] = [board.i2c.bytes, board.i2c.transfers]
  simulator.runTo(clock.nowMs + REST_SECONDS * 1000)
  return {
    bytes: (board.i2c.bytes - bytes) / REST_SECONDS,
    transfers: (board.i2c.transfers - transfers) / REST_SECONDS,
  }
}

const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length

function row(name: string, value: number, unit: string, goal: number | null): Row {
  return { name, value: Math.round(value * 10) / 10, unit, goal, better: 'lower' }
}
