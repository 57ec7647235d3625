/**
 * The socket register blocks of the W5500 as they are read and written: the command register that takes its time, and the
 * counters that a read can tear (hardware.md §1.4, §1.5). What a command does stands in w5500-commands.ts.
 */

import { W5500Commands } from './w5500-commands'
import type { SocketHost } from './w5500-host'
import type { W5500Options } from './w5500-options'
import { isWritable, SN_CR, SN_IR, SN_RX_RSR, SN_TX_FSR, SOCKET_BYTES } from './w5500-registers'
import type { Socket } from './w5500-socket'
import { W5500Tcp } from './w5500-tcp'

export class W5500Sockets {
  private tcp: W5500Tcp
  private commands: W5500Commands
  private commandReads: number

  constructor(
    private host: SocketHost,
    options: W5500Options,
  ) {
    this.tcp = new W5500Tcp(host, options)
    this.commands = new W5500Commands(host, this.tcp, options)
    this.commandReads = options.commandReads || 0
  }

  reset(): void {
    this.tcp.reset()
  }

  /** SIR: the sockets with something in Sn_IR. */
  interrupts(): number {
    let bits = 0
    for (const socket of this.tcp.sockets) {
      if (socket.registers[SN_IR] !== 0) bits |= 1 << socket.number
    }
    return bits
  }

  /** Moves bytes between an array and a socket's transmit or receive ring. */
  copy(
    isTransmit: boolean,
    number: number,
    pointer: number,
    bytes: Uint8Array,
    at: number,
    lengthBytes: number,
    isWrite: boolean,
  ): void {
    const tcp = this.tcp
    const memory = isTransmit ? tcp.transmit : tcp.receive
    memory.copy(tcp.sockets, tcp.sockets[number], pointer, bytes, at, lengthBytes, isWrite)
  }

  /** Reads bytes of a socket's block, all at once: this is what a panel does most. Behind the block there are zeros. */
  read(number: number, address: number, reply: Uint8Array, at: number, lengthBytes: number): void {
    const socket = this.tcp.sockets[number]
    const { registers } = socket
    const isTorn = this.host.faults.tornCounters
    const end = address + lengthBytes
    if (address < SOCKET_BYTES) reply.set(registers.subarray(address, end < SOCKET_BYTES ? end : SOCKET_BYTES), at)
    const from = at - address
    if (address <= SN_CR && end > SN_CR) reply[from + SN_CR] = this.readCommand(socket)
    if (address <= SN_TX_FSR && end > SN_TX_FSR) {
      if (isTorn) reply[from + SN_TX_FSR] = socket.staleFree
      socket.staleFree = registers[SN_TX_FSR]
    }
    if (address <= SN_RX_RSR && end > SN_RX_RSR) {
      if (isTorn) reply[from + SN_RX_RSR] = socket.staleReceived
      socket.staleReceived = registers[SN_RX_RSR]
    }
  }

  /** Writes one byte of a socket's block. */
  write(number: number, address: number, value: number): void {
    const socket = this.tcp.sockets[number]
    const registers = socket.registers
    if (address === SN_CR) this.writeCommand(socket, value)
    else if (address === SN_IR) {
      if (!this.host.faults.stuckInterrupts) registers[SN_IR] &= ~value
    } else if (isWritable(address)) {
      registers[address] = value
      this.tcp.updateCounters(socket)
    }
  }

  private isCommandPending(socket: Socket): boolean {
    if (socket.registers[SN_CR] === 0) return false
    if (this.commandReads === Infinity) return true
    return socket.commandReadsLeft > 0 && this.host.clock.nowMs === socket.commandAtMs
  }

  private readCommand(socket: Socket): number {
    if (!this.isCommandPending(socket)) return 0
    socket.commandReadsLeft--
    return socket.registers[SN_CR]
  }

  private writeCommand(socket: Socket, value: number): void {
    if (value === 0) return
    if (this.isCommandPending(socket)) {
      this.host.onActivity('socket ' + socket.number + ': command lost, the previous one is not accepted yet')
      return
    }
    socket.registers[SN_CR] = value
    socket.commandReadsLeft = this.commandReads
    socket.commandAtMs = this.host.clock.nowMs
    if (this.commandReads !== Infinity) this.commands.execute(socket, value)
  }
}
