/**
 * The bench inside the interpreter: the entry of the bundle that runs scenarios there, with the firmware's own bundle
 * passed in, and the interpreter's native cryptography.
 */

import { natives } from '../board/natives'
import { demoConfig } from './demo'
import { type Scenario, ScenarioRun, traceLine } from './scenario'
import { type Firmware, Simulator } from './simulator'

export { natives } from '../board/natives'
export { DEMO_CODES, demoConfig, WRONG_DIGITS } from './demo'
export { Simulator } from './simulator'

/** Runs a scenario and writes its trace, one line an event, then its outcome. */
export function run(firmware: Firmware<unknown, unknown>, scenario: Scenario, write: (line: string) => void): void {
  const simulator = new Simulator({
    firmware,
    config: demoConfig(),
    crypto: natives,
    seed: scenario.seed,
    onTrace: (atMs, source, what) => write(traceLine(atMs, source, what)),
  })
  const story = new ScenarioRun(simulator, scenario)
  story.advanceTo(scenario.limitMs)
  write(JSON.stringify(story.outcome))
}
