/** Plays a scenario on Node, as fast as it goes, and collects its trace. */

import { demoConfig } from '../demo'
import { type Outcome, type Scenario, ScenarioRun, traceLine } from '../scenario'
import { panelSettings, WorldFaults } from '../scenario-world'
import { Simulator } from '../simulator'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

export interface Played {
  lines: string[]
  outcome: Outcome
  simulator: Simulator<unknown, unknown>
}

export function play(scenario: Scenario, config = demoConfig()): Played {
  const lines: string[] = []
  const simulator = new Simulator({
    firmware: panelFirmware,
    config: panelSettings(config, scenario.panel),
    crypto: nodeCrypto,
    seed: scenario.seed,
    onTrace: (atMs, source, what) => lines.push(traceLine(atMs, source, what)),
  })
  const run = new ScenarioRun(simulator, scenario, { faults: new WorldFaults(simulator) })
  run.advanceTo(scenario.limitMs)
  return { lines, outcome: run.outcome, simulator }
}
