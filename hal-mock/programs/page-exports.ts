/** Files that the page offers: the run until now, played again from its inputs with every wire listened to. */

import { Refusal } from './page-messages'
import type { Session } from './page-session'
import { type Input, type Setup, World } from './page-world'
import { Recorder } from './recorder'
import { LONGEST_MS } from './scenario-words'
import { writeScenario } from './scenario-write'

export const EXPORTS = ['scenario', 'trace', 'vcd', 'ethernet.pcap', 'cellular.pcap'] as const
export type Export = (typeof EXPORTS)[number]

export interface ExportedFile {
  bytes: string | Buffer
  type: string
  file: string
}

/** Throws Refusal when the run cannot be played again. */
export function exported(kind: Export, session: Session): ExportedFile {
  const { setup, inputs, untilMs, world } = session.history()
  switch (kind) {
    case 'scenario':
      if (untilMs > LONGEST_MS) throw new Refusal('a scenario has at most 24 h: this run is longer')
      return text(writeScenario(setup, inputs, world, untilMs), 'recorded.txt')
    case 'trace':
      return text(replay(setup, inputs, untilMs).trace(), 'trace.jsonl')
    case 'vcd':
      return text(replay(setup, inputs, untilMs).vcd(untilMs), 'panel.vcd')
    default: {
      const bytes = replay(setup, inputs, untilMs).pcap(kind === 'ethernet.pcap' ? 'ethernet' : 'cellular')
      return { bytes, type: 'application/vnd.tcpdump.pcap', file: `panel-${kind}` }
    }
  }
}

function text(bytes: string, file: string): ExportedFile {
  return { bytes, type: 'text/plain; charset=utf-8', file }
}

function replay(setup: Setup, inputs: readonly Input[], untilMs: number): Recorder {
  const recorder = new Recorder()
  const world = new World(setup)
  world.listen(recorder.listener())
  world.powerOn()
  world.runTo(untilMs, inputs)
  return recorder
}
