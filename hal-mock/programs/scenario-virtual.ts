/** A scenario in virtual time, with the files that it leaves. */

import { writeFileSync } from 'node:fs'
import { fromCaller } from '../../board/command'
import { type Outcome, type Scenario, ScenarioRun } from '../scenario'
import { panelSettings, WorldFaults } from '../scenario-world'
import { Simulator } from '../simulator'
import { tap } from '../taps'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'
import { Recorder } from './recorder'
import type { Result } from './scenario-live'
import type { Settings } from './scenario-options'
import { type Snapshot, snapshotOf } from './snapshot'

export type Trace = (atMs: number, source: string, what: string) => void

/** Plays a story as fast as it goes, and writes the files that were asked for, whatever came of it. */
export function playVirtual(scenario: Scenario, { config, files, untilMs }: Settings, onTrace: Trace): Result {
  let lastMs = 0
  const isRecorded = Object.values(files).some((file) => file !== undefined)
  const recorder = new Recorder()
  const { onLine, ...taps } = recorder.listener()
  const note: Trace = (atMs, source, what) => {
    lastMs = atMs
    onTrace(atMs, source, what)
    if (isRecorded) onLine(atMs, source, what)
  }
  const result = { sentCount: 0, replies: {}, snapshots: [] as Snapshot[] }
  const write = (endMs: number) => {
    if (files.trace !== undefined) writeFileSync(fromCaller(files.trace), recorder.trace())
    if (files.vcd !== undefined) writeFileSync(fromCaller(files.vcd), recorder.vcd(endMs))
    if (files.pcap !== undefined) writeFileSync(fromCaller(files.pcap), recorder.pcap())
  }
  try {
    const simulator = new Simulator<unknown, unknown>({
      firmware: panelFirmware,
      config: panelSettings(config, scenario.panel),
      crypto: nodeCrypto,
      seed: scenario.seed,
      onTrace: note,
    })
    if (isRecorded) tap(simulator, taps)
    const onSnapshot = (name: string) => result.snapshots.push(snapshotOf(name, simulator))
    const played = untilMs === undefined ? scenario : cutAt(scenario, untilMs)
    const story = new ScenarioRun(simulator, played, { faults: new WorldFaults(simulator), onSnapshot })
    story.advanceTo(untilMs ?? scenario.limitMs)
    if (untilMs !== undefined) simulator.runTo(untilMs)
    const endMs = simulator.clock.nowMs
    write(endMs)
    return { ...result, outcome: story.outcome, endMs, leftCount: story.leftCount() }
  } catch (error) {
    write(lastMs)
    return { ...result, outcome: brokenOff(error, lastMs), endMs: lastMs, leftCount: 0 }
  }
}

/** What is to be over by then. What is watched beyond it is left out: nobody knows how it would have ended. */
function cutAt(scenario: Scenario, untilMs: number): Scenario {
  return { ...scenario, limitMs: Infinity, steps: scenario.steps.filter((step) => step.untilMs <= untilMs) }
}

/** A firmware that throws or lets no time pass has failed, whatever the story expects. */
export function brokenOff(error: unknown, atMs: number): Outcome {
  const failure = { line: 0, text: 'the firmware runs on', atMs, found: (error as Error).message }
  return { failures: [failure], passed: 0, notJudged: 0, ranPastLimit: false }
}
