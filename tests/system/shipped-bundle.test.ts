import { describe, expect, it } from 'vitest'
import type { Flash } from '../../firmware/hal'
import { type DemoConfig, demoConfig } from '../../hal-mock/demo'
import { playBoard, playShipped } from '../../hal-mock/programs/espruino-panel'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { play } from '../../hal-mock/programs/play'
import { parse } from '../../hal-mock/programs/scenario-file'
import { loadShipped, shippedNames } from '../../hal-mock/programs/shipped'
import { type Scenario, ScenarioRun } from '../../hal-mock/scenario'
import { panelSettings } from '../../hal-mock/scenario-world'
import { Simulator } from '../../hal-mock/simulator'
import * as built from '../built'
import { provision } from './provision'

const { code } = await built.firmware()
const board = await built.board('devkitc-4x3')

/** Passes come every 21 ms at rest, the UART's task up to 100 ms after a byte, and a reply waits for both. */
const GRANULARITY_MS = 250

interface Line {
  at: number
  source: string
  what: string
}

/** The source on a board that does not know the time of day, as no ESP32 does at power-up. */
function playWithoutClock(scenario: Scenario): Line[] {
  const lines: Line[] = []
  const simulator = new Simulator<unknown, unknown>({
    firmware: panelFirmware,
    config: panelSettings(demoConfig(), scenario.panel),
    crypto: nodeCrypto,
    seed: scenario.seed,
    onTrace: (at, source, what) => lines.push({ at, source, what }),
  })
  simulator.board.utcSeconds = () => 0
  new ScenarioRun(simulator, scenario).advanceTo(scenario.limitMs)
  return lines
}

function of(lines: Line[], source: string): Line[] {
  return lines.filter((line) => line.source === source)
}

/** Events as the station has them: what, without the sequence number, the path, copies. */
function stationEvents(lines: Line[]): string[] {
  const events = of(lines, 'station').filter((line) => !line.what.endsWith('(copy)'))
  return events.map((line) => line.what.split(',')[0]).sort()
}

describe('the shipped firmware bundle in the modelled interpreter', () => {
  for (const name of shippedNames()) {
    it(`plays ${name} with a trace equal to the source's, to the byte`, () => {
      const source = play(loadShipped(name))
      const shipped = playShipped(loadShipped(name), { code })
      expect(shipped.lines).toEqual(source.lines)
      expect(shipped.outcome).toEqual(source.outcome)
      expect(shipped.outcome.failures).toEqual([])
    })
  }

  it('keeps every expectation of duress when bytes of the modem take the way of the UART task, up to 100 ms (§3.5)', () => {
    const shipped = playShipped(loadShipped('duress'), { code, hasUartTask: true })
    expect(shipped.outcome.failures).toEqual([])
  })
})

describe('the bundle of board devkitc-4x3, booted from Storage and driven by its own timer', () => {
  for (const name of shippedNames()) {
    it(`keeps every expectation of ${name}, and shows what the source shows within ${GRANULARITY_MS} ms`, () => {
      const scenario = loadShipped(name)
      const played = playBoard(scenario, { code: board.code, provision })
      expect(played.outcome.failures).toEqual([])
      const lines = played.lines.map((line) => JSON.parse(line) as Line)
      const source = playWithoutClock(scenario)
      expect(stationEvents(lines)).toEqual(stationEvents(source))
      for (const sight of ['siren', 'light']) {
        const shown = of(lines, sight)
        const expected = of(source, sight)
        expect(shown.map((line) => line.what)).toEqual(expected.map((line) => line.what))
        shown.forEach((line, index) => {
          expect(Math.abs(line.at - expected[index].at)).toBeLessThanOrEqual(GRANULARITY_MS)
        })
      }
    })
  }
})

describe('the safe state (P-5): nothing is guessed, nothing arms, and the station is told why', () => {
  /** Where the settings' copy in force is; their second page stays empty until they are replaced. */
  const SETTINGS_AT = 4 * 4096
  const STORY = `title A fault that boot finds
limit 4 min

at 60 s   arm with code A
at 120 s  cut power
at 125 s  restore power
by 180 s  expect station has FAULT
by 200 s  expect station has 1305
at 239 s  expect station lacks 3401
from 1 s to 239 s expect siren off
`
  it.each([
    ['1303', 'settings of which a later copy is damaged', damageCopy],
    [
      '1304',
      'a program of another length',
      (flash: Flash, config: DemoConfig, table: unknown, program: string) =>
        provision(flash, config, table, program + ' '),
    ],
    [
      '1304',
      'a program with another CRC',
      (flash: Flash, config: DemoConfig, table: unknown, program: string) =>
        provision(flash, config, table, ' ' + program.slice(1)),
    ],
  ])('reports %s and 305 for %s', (fault, _, spoil) => {
    const scenario = parse(STORY.replace('FAULT', fault), 'safe state')
    const played = playBoard(scenario, { code: board.code, provision: spoil })
    expect(played.outcome.failures).toEqual([])
  })

  /** Both copies as flash.sh leaves them after two runs; then a bit of the newer one, whose sequence still says so, falls. */
  function damageCopy(flash: Flash, config: DemoConfig, table: unknown, program: string): void {
    provision(flash, config, table, program)
    provision(flash, config, table, program)
    const newer = SETTINGS_AT + 4096
    const byte = flash.read(newer + 100, 4)
    for (let index = 0; index < 4; index++) byte[index] &= 0x55
    flash.write(newer + 100, byte)
  }
})
