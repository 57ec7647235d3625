// The bench may leave out looks at inputs that cannot find anything (firmware/app/quiet.ts). The same hands on two panels, one
// of which makes each of them: what can be seen, sent and kept is the same, and so is every number in the panel's own records.

import { serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DEMO_CODES, demoConfig } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware, quietFirmware } from '../../hal-mock/programs/panel-firmware'
import { Random } from '../../hal-mock/random'
import { panelSettings, WorldFaults } from '../../hal-mock/scenario-world'
import { Simulator } from '../../hal-mock/simulator'

const PANELS = [
  [],
  ['supply', 'box', 'loops'],
  ['loops', 'dhcp', 'ntp'],
  ['loops', 'wiegand'],
  ['supply', 'box'],
  ['expanders', 'udp'],
  ['house'],
  ['wiegand'],
  ['pcf8574'],
  ['tca8418', 'loops'],
]
const MOVES = 24

interface Bench {
  simulator: Simulator<unknown, unknown>
  faults: WorldFaults
  trace: string[]
  polls: number
}

function bench(words: string[], seed: number, firmware: typeof panelFirmware): Bench {
  const trace: string[] = []
  const made = { trace, polls: 0 } as unknown as Bench
  made.simulator = new Simulator<unknown, unknown>({
    firmware: {
      ...firmware,
      poll: (panel) => {
        made.polls++
        return firmware.poll(panel)
      },
    },
    config: panelSettings(demoConfig(), words),
    crypto: nodeCrypto,
    seed,
    onTrace: (atMs, source, what) => trace.push(`${atMs} ${source} ${what}`),
  })
  made.faults = new WorldFaults(made.simulator)
  made.simulator.powerOn()
  return made
}

/** What hands do, drawn anew for each move; the same on both. */
function move(words: string[], random: Random): (on: Bench) => void {
  const zone = random.below(2)
  const code = DEMO_CODES[random.below(3)].digits
  const moves: ((on: Bench) => void)[] = [
    (on) => on.simulator.setZone(zone, true),
    (on) => on.simulator.setZone(zone, false),
    (on) => on.simulator.setZone(zone, false),
    (on) => on.simulator.type(code),
    (on) => on.simulator.type(`${code}2#`),
    (on) => on.simulator.type('*'),
    (on) => on.faults.act(['ethernet', zone === 0 ? 'loses' : 'delays', '20', '40']),
    (on) => on.simulator.setLink('ethernet', zone === 0),
    (on) => on.simulator.powerOff(),
    (on) => on.simulator.powerOn(),
    (on) => on.simulator.powerOn(),
    (on) => on.simulator.setMains(zone === 0),
  ]
  if (words.includes('loops')) {
    const ohms = ['2200', '4700', '4700', '5100', '10000'][random.below(5)]
    moves.push(
      (on) => on.faults.act(['loop', `${zone + 1}`, 'resistor', ohms]),
      (on) => on.faults.act(['loop', `${zone + 1}`, ['short', 'cut', 'whole', 'whole'][random.below(4)]]),
      (on) => {
        on.simulator.board.supplyMillivolts = zone === 0 ? 3300 : 3280
      },
      (on) => {
        const [chip] = on.simulator.board.converters
        if (chip !== undefined) chip.isPresent = zone === 0
      },
    )
  }
  return moves[random.below(moves.length)]
}

/** Plain records, lists and numbers; not what the bench has put behind the boundary. */
function kept(value: unknown): unknown {
  if (typeof value === 'function') return undefined
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(kept)
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, name === 'hal' ? undefined : kept(part)]),
  )
}

function stateOf({ simulator, trace }: Bench) {
  return {
    nowMs: simulator.clock.nowMs,
    panel: kept(simulator.panel),
    flash: crc32(simulator.board.flash.image()),
    spiFrames: simulator.board.spiFrames,
    uartBytes: simulator.board.uartBytes,
    trace: trace.splice(0),
  }
}

/** Byte by byte first, which takes a tenth of the time; then field by field, for a number may have two ways to be written. */
function same(some: Bench, each: Bench, when: string): void {
  const [found, wanted] = [stateOf(some), stateOf(each)]
  if (!serialize(found).equals(serialize(wanted))) expect(found, when).toEqual(wanted)
}

describe('looks that cannot find anything', () => {
  it.each(PANELS.map((words) => [words.join(', ') || 'the demo panel', words] as const))(
    '%s: may be left out',
    (_, words) => {
      for (let seed = 1; seed <= 2; seed++) {
        const each = bench([...words], seed, panelFirmware)
        const some = bench([...words], seed, quietFirmware)
        const random = new Random(seed)
        let atMs = 25000
        for (let count = 0; count < MOVES; count++) {
          const fromMs = atMs
          atMs += [3, 60, 500, 3777, 3777.5, 20000, 90000][random.below(7)]
          each.simulator.runTo(atMs)
          // In one go, or in steps as the page takes them.
          const stepMs = [25, 1500, 20000][random.below(3)]
          for (let stopMs = fromMs + stepMs; stopMs < atMs; stopMs += stepMs) some.simulator.runTo(stopMs)
          some.simulator.runTo(atMs)
          same(some, each, `seed ${seed}, move ${count}`)
          const drawn = random.next()
          for (const on of [each, some]) move([...words], new Random(drawn))(on)
        }
        expect(some.polls).toBeLessThan(each.polls)
      }
    },
    60000,
  )

  it.each([
    ['a loop', ['supply', 'box', 'loops'], 600],
    ['a loop, at a time that is not whole', ['loops'], 600.3],
    ['a contact', [], 600],
    ['a contact, at a time that is not whole', [], 600.3],
    ['a contact at an expander', ['house'], 600.3],
  ])('%s that moves by itself, and back, on a long way: is seen as ever', (_, words, afterMs) => {
    const each = bench(words, 1, panelFirmware)
    const some = bench(words, 1, quietFirmware)
    for (const { simulator } of [each, some]) {
      simulator.runTo(7001)
      simulator.powerOff()
      simulator.powerOn()
    }
    for (let count = 0; count < 20; count++) {
      for (const { simulator } of [each, some]) {
        const forMs = count % 2 === 0 ? 13 * count : 1000
        simulator.clock.after(afterMs + 7 * count, () => simulator.board.setZone(1, true))
        simulator.clock.after(afterMs + 7 * count + forMs, () => simulator.board.setZone(1, false))
        simulator.runTo(32000 + 4000 * count)
      }
      same(some, each, `time ${count}`)
    }
    expect(some.polls).toBeLessThan(each.polls)
  })
})
