/** The two runs as they are on the wires: a pcap file a wire and run. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoConfig } from '../../hal-mock/demo'
import { CELLULAR_ADDRESS, encode } from '../../hal-mock/programs/pcap'
import { START_SECONDS } from '../../hal-mock/simulator'
import { type Recording, RUNS, type Run, record } from './recording'

export const WIRES = ['ethernet', 'cellular'] as const
export type Wire = (typeof WIRES)[number]

const ADDRESS: { [wire in Wire]: string } = { ethernet: demoConfig().ethernet.address, cellular: CELLULAR_ADDRESS }

export function capture(recording: Recording, wire: Wire): Buffer {
  const packets = recording.packets.filter((packet) => packet.via === wire)
  return encode(packets, ADDRESS[wire], START_SECONDS)
}

export function nameOf(run: Run, wire: Wire): string {
  return `${run}-${wire}.pcap`
}

/** Plays both runs and writes them into a folder, which is made. Returns a line a file. */
export async function writeCaptures(folder: string): Promise<string[]> {
  const lines: string[] = []
  await mkdir(folder, { recursive: true })
  for (const run of RUNS) {
    const recording = record(run)
    for (const wire of WIRES) {
      const path = join(folder, nameOf(run, wire))
      await writeFile(path, capture(recording, wire))
      lines.push(`${path}: ${recording.packets.filter((packet) => packet.via === wire).length} packets`)
    }
  }
  return lines
}
