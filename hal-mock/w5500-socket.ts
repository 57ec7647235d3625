/** One of the W5500 model's eight sockets: its registers, and what the chip knows beyond them. */

import type { Connection } from './nic'
import { createSocketRegisters, SN_DIPR, SN_IMR, SN_IR } from './w5500-registers'

export interface Socket {
  number: number
  registers: Uint8Array
  /** Internal ACK pointer: everything before it has reached the peer. */
  acknowledged: number
  /** RX_RD as of the last RECV: everything before it is free again. */
  released: number
  connection: Connection | undefined
  /** Counts closings, so that what a former connection still reports is not heard. */
  generation: number
  /** Alarm of the one wait a socket can be in; 0 when none. */
  timer: number
  synAtMs: number
  roundTripMs: number
  /** Arrived, but outside the window. */
  waiting: string
  /** The peer's FIN, which takes effect behind the waiting bytes. */
  hasPeerEnded: boolean
  isSendPending: boolean
  /** UDP: the target that DHAR was found for; '' none. */
  resolvedTarget: string
  /** Alarm of the next keep-alive; 0 when none. */
  keepTimer: number
  /** Data went either way since ESTABLISHED. */
  hasCarried: boolean
  commandAtMs: number
  commandReadsLeft: number
  /** High bytes of TX_FSR and RX_RSR at their previous read. */
  staleFree: number
  staleReceived: number
}

export function createSocket(number: number): Socket {
  return {
    number,
    registers: createSocketRegisters(),
    acknowledged: 0,
    released: 0,
    connection: undefined,
    generation: 0,
    timer: 0,
    synAtMs: 0,
    roundTripMs: 1,
    waiting: '',
    hasPeerEnded: false,
    isSendPending: false,
    resolvedTarget: '',
    keepTimer: 0,
    hasCarried: false,
    commandAtMs: 0,
    commandReadsLeft: 0,
    staleFree: 8,
    staleReceived: 0,
  }
}

/** An event shows only if its mask bit is 1 (hardware.md §1.4). */
export function raise(socket: Socket, bit: number): void {
  socket.registers[SN_IR] |= bit & socket.registers[SN_IMR]
}

/** DIPR as the Nic wants it: dotted. */
export function addressAt(registers: Uint8Array): string {
  return dotted(registers, SN_DIPR)
}

/** The address in these four registers. */
export function dotted(registers: Uint8Array, at: number): string {
  return registers.subarray(at, at + 4).join('.')
}
