/** The two runs as they are on the wires: a pcap file a wire and run. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoConfig } from '../../hal-mock/demo'
import { START_SECONDS } from '../../hal-mock/simulator'
import { encode } from './pcap'
import { type Recording, RUNS, type Run, record } from './recording'

export const WIRES = ['ethernet', 'cellular'] as const
export type Wire = (typeof WIRES)[number]

/** The cellular network gives an address that the modem does not tell; one of the range for that (RFC 6598). */
const ADDRESS: { [wire in Wire]: string } = { ethernet: demoConfig().ethernet.address, cellular: '100.64.0.2' }

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
