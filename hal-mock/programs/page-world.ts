/**
 * One run of the bench from power-up on: a seed, a panel, and what was done to it, line by line as a scenario has it. Two
 * worlds with the same inputs are the same to the byte, so a moment is kept as its inputs and made again when it is asked for.
 */

import { demoConfig } from '../demo'
import type { BreakableNic } from '../network'
import { act } from '../scenario'
import { panelSettings, WorldFaults, zoneCount } from '../scenario-world'
import { Simulator } from '../simulator'
import { type Taps, tap } from '../taps'
import { nodeCrypto } from './node-crypto'
import { quietFirmware } from './panel-firmware'
import { action } from './scenario-actions'

/** What a world begins with. */
export interface Setup {
  seed: number
  /** Words of PANEL_WORDS. */
  panel: string[]
}

/** Something that was done. line: as in a scenario, behind "at TIME". */
export interface Input {
  atMs: number
  line: string
  verb: string
  args: string[]
}

export interface Listener extends Taps {
  onLine?: (atMs: number, source: string, what: string) => void
}

/** Checks a line as a scenario's parser does. Throws ScenarioProblem. */
export function inputOf(line: string, atMs: number, setup: Setup): Input {
  const zones = zoneCount(setup.panel, demoConfig().zones.count)
  const words = line.trim().split(/\s+/)
  return { atMs, line: words.join(' '), ...action(words, 0, zones) }
}

export class World {
  readonly simulator: Simulator<unknown, unknown>
  /** How many of the inputs were done. */
  doneCount = 0
  /** Real time that all its ways have taken so far. */
  workMs = 0
  private faults: WorldFaults
  private listener: Listener = {}
  private untap: () => void = () => {}

  /** nics: real sockets; such a world cannot be made again. */
  constructor(
    readonly setup: Setup,
    nics?: { ethernet: BreakableNic; cellular: BreakableNic },
  ) {
    this.simulator = new Simulator<unknown, unknown>({
      firmware: quietFirmware,
      config: panelSettings(demoConfig(), setup.panel),
      crypto: nodeCrypto,
      seed: setup.seed,
      nics,
      onTrace: (atMs, source, what) => this.listener.onLine?.(atMs, source, what),
    })
    this.faults = new WorldFaults(this.simulator)
  }

  get nowMs(): number {
    return this.simulator.clock.nowMs
  }

  /** From now on; the one before hears nothing more. */
  listen(listener: Listener): void {
    this.untap()
    this.listener = listener
    this.untap = tap(this.simulator, listener)
  }

  powerOn(): void {
    this.simulator.powerOn()
  }

  /** Runs to atMs of virtual time and does what comes due; all that happens at that very instant has happened then. */
  runTo(atMs: number, inputs: readonly Input[]): void {
    const fromMs = performance.now()
    while (this.doneCount < inputs.length && inputs[this.doneCount].atMs <= atMs) {
      const { atMs: stopMs } = inputs[this.doneCount]
      this.simulator.runTo(stopMs)
      while (this.doneCount < inputs.length && inputs[this.doneCount].atMs <= stopMs) {
        act(inputs[this.doneCount++], this.simulator, { faults: this.faults })
      }
    }
    this.simulator.runTo(atMs)
    this.workMs += performance.now() - fromMs
  }
}
