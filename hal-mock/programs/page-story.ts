/** What comes of a story's expectations: played to its end at once, before anybody watches it. */

import type { Scenario } from '../scenario'
import type { StoryLine, StoryView } from './page-protocol'
import { play } from './play'

/** text: of the file, for the lines as they were written. */
export function judge(scenario: Scenario, text: string): StoryView {
  const { outcome, simulator } = play(scenario)
  const written = text.split(/\r?\n/)
  const lines: StoryLine[] = scenario.steps.map((step) => {
    const failure = outcome.failures.find((one) => one.line === step.line)
    return {
      line: step.line,
      text: (written[step.line - 1] ?? step.text).trim(),
      atMs: step.atMs,
      isExpectation: step.verb === 'expect',
      found: failure?.found ?? '',
      failedAtMs: failure?.atMs ?? step.untilMs,
    }
  })
  return {
    name: scenario.name,
    title: scenario.title,
    passed: outcome.passed,
    failed: outcome.failures.length,
    endMs: simulator.clock.nowMs,
    ranPastLimit: outcome.ranPastLimit,
    lines: lines.sort((one, other) => one.line - other.line),
  }
}
