/**
 * The W5500's TCP keep-alive (hardware.md §1.8): after at least one data byte went either way, a probe each KPALVTR x 5 s
 * of silence, or by SEND_KEEP where KPALVTR is 0. No answer ends in TIMEOUT and CLOSED.
 */

import type { SocketHost } from './w5500-host'
import { CLOSE_WAIT, ESTABLISHED, SN_KPALVTR, SN_SR } from './w5500-registers'
import type { Socket } from './w5500-socket'

/** The socket's wait for an answer, which a probe shares with data (w5500-tcp.ts). */
export interface Waits {
  hears(socket: Socket, generation: number): boolean
  armTimeout(socket: Socket): void
  disarm(socket: Socket): void
}

const UNIT_MS = 5000

export class W5500KeepAlive {
  constructor(
    private host: SocketHost,
    private tcp: Waits,
  ) {}

  /** Data went either way: the silence begins anew. */
  moved(socket: Socket): void {
    socket.hasCarried = true
    this.wait(socket)
  }

  /** SEND_KEEP, which is ignored while probes go out by themselves. */
  byHand(socket: Socket): void {
    if (socket.registers[SN_KPALVTR] === 0 && socket.hasCarried) this.probe(socket)
  }

  stop(socket: Socket): void {
    if (socket.keepTimer !== 0) this.host.clock.cancel(socket.keepTimer)
    socket.keepTimer = 0
  }

  private wait(socket: Socket): void {
    this.stop(socket)
    const periodMs = socket.registers[SN_KPALVTR] * UNIT_MS
    if (periodMs === 0) return
    socket.keepTimer = this.host.clock.after(periodMs, () => {
      socket.keepTimer = 0
      this.probe(socket)
    })
  }

  private probe(socket: Socket): void {
    const state = socket.registers[SN_SR]
    const connection = socket.connection
    if ((state !== ESTABLISHED && state !== CLOSE_WAIT) || connection === undefined) return
    // Unanswered data asks the same question; a Nic may not know keep-alive.
    if (socket.timer !== 0 || connection.probe === undefined) {
      this.wait(socket)
      return
    }
    this.tcp.armTimeout(socket)
    const timer = socket.timer
    const generation = socket.generation
    connection.probe(() => {
      if (!this.tcp.hears(socket, generation)) return
      if (socket.timer === timer) this.tcp.disarm(socket)
      this.wait(socket)
    })
  }
}
