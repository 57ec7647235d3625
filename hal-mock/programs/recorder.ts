/** Listens to a run and makes files of it: the trace, a VCD file, pcap files. */

import { demoConfig } from '../demo'
import type { Packet } from '../network'
import { traceLine } from '../scenario'
import { START_SECONDS } from '../simulator'
import type { Listener } from './page-world'
import { CELLULAR_ADDRESS, encode } from './pcap'
import { type Change, changeOf, encodeVcd } from './vcd'

export class Recorder {
  private lines: string[] = []
  private packets: Packet[] = []
  private changes: Change[] = []

  listener(): Listener & { onLine: NonNullable<Listener['onLine']> } {
    return {
      onLine: (atMs, source, what) => {
        this.lines.push(`${traceLine(atMs, source, what)}\n`)
        const change = changeOf(atMs, source, what)
        if (change !== undefined) this.changes.push(change)
      },
      onPacket: (packet) => this.packets.push(packet),
      onPin: (atMs, name, level) => this.changes.push({ atMs, name, value: String(level) }),
    }
  }

  /** A JSON object a line, as --json prints it. */
  trace(): string {
    return this.lines.join('')
  }

  vcd(untilMs: number): string {
    return encodeVcd(this.changes, untilMs)
  }

  /** via: of one wire; of both when left out. */
  pcap(via?: string): Buffer {
    const packets = this.packets.filter((packet) => via === undefined || packet.via === via)
    return encode(packets, { ethernet: demoConfig().ethernet.address, cellular: CELLULAR_ADDRESS }, START_SECONDS)
  }
}
