/**
 * The bench inside the interpreter: the entry of the bundle that runs scenarios there, with the firmware's own bundle
 * passed in, and the interpreter's native cryptography.
 */

import { natives } from '../board/natives'
import { demoConfig } from './demo'
import { type Scenario, ScenarioRun, traceLine } from './scenario'
import { panelSettings } from './scenario-world'
import { type Firmware, Simulator } from './simulator'

declare const E: { defrag(): void }

/**
 * The bench fills two thirds of the board's memory and leaves holes in the rest; what the natives work in must be in one
 * piece (docs/espruino-model.md). So the holes are closed this often, in virtual ms.
 */
const TIDY_MS = 1000

/** Runs a scenario and writes its trace, one line an event, then its outcome. */
export function run(firmware: Firmware<unknown, unknown>, scenario: Scenario, write: (line: string) => void): void {
  const simulator = new Simulator({
    firmware,
    config: panelSettings(demoConfig(), scenario.panel),
    crypto: natives,
    seed: scenario.seed,
    onTrace: (atMs, source, what) => write(traceLine(atMs, source, what)),
  })
  const story = new ScenarioRun(simulator, scenario)
  for (let atMs = TIDY_MS; atMs < scenario.limitMs; atMs += TIDY_MS) {
    story.advanceTo(atMs)
    // Expectations look at what there is now; what there was would fill the memory.
    simulator.onlooker.sights = []
    E.defrag()
  }
  story.advanceTo(scenario.limitMs)
  write(JSON.stringify(story.outcome))
}
