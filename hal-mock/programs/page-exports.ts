/** Files that the page offers: the run until now, played again from its inputs with every wire listened to. */

import { demoConfig } from '../demo'
import type { Packet } from '../network'
import { traceLine } from '../scenario'
import { START_SECONDS } from '../simulator'
import { Refusal } from './page-messages'
import type { Session } from './page-session'
import { type Input, type Setup, World } from './page-world'
import { CELLULAR_ADDRESS, encode } from './pcap'
import { LONGEST_MS } from './scenario-words'
import { writeScenario } from './scenario-write'
import { type Change, changeOf, encodeVcd } from './vcd'

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
      return text(replay(setup, inputs, untilMs).trace.join(''), 'trace.jsonl')
    case 'vcd':
      return text(encodeVcd(replay(setup, inputs, untilMs).changes, untilMs), 'panel.vcd')
    default: {
      const via = kind === 'ethernet.pcap' ? 'ethernet' : 'cellular'
      const packets = replay(setup, inputs, untilMs).packets.filter((packet) => packet.via === via)
      return { bytes: encodePcap(packets, via), type: 'application/vnd.tcpdump.pcap', file: `panel-${kind}` }
    }
  }
}

function text(bytes: string, file: string): ExportedFile {
  return { bytes, type: 'text/plain; charset=utf-8', file }
}

export function encodePcap(packets: readonly Packet[], via: string): Buffer {
  return encode(packets, via === 'ethernet' ? demoConfig().ethernet.address : CELLULAR_ADDRESS, START_SECONDS)
}

interface Replayed {
  trace: string[]
  packets: Packet[]
  changes: Change[]
}

function replay(setup: Setup, inputs: readonly Input[], untilMs: number): Replayed {
  const found: Replayed = { trace: [], packets: [], changes: [] }
  const world = new World(setup)
  world.listen({
    onLine: (atMs, source, what) => {
      found.trace.push(`${traceLine(atMs, source, what)}\n`)
      const change = changeOf(atMs, source, what)
      if (change !== undefined) found.changes.push(change)
    },
    onPacket: (packet) => found.packets.push(packet),
    onPin: (atMs, name, level) => found.changes.push({ atMs, name, value: String(level) }),
  })
  world.powerOn()
  world.runTo(untilMs, inputs)
  return found
}
