/**
 * The W5500's TCP: what the network does to a socket, acknowledgement, waits, closing, interrupts (hardware.md §1.4 to
 * §1.8). The host's commands are in w5500-commands.ts; what is not modelled stands in w5500.ts.
 */

import type { SocketHost } from './w5500-host'
import { W5500KeepAlive } from './w5500-keep-alive'
import { W5500Memory } from './w5500-memory'
import type { W5500Options } from './w5500-options'
import {
  CLOSE_WAIT,
  CLOSED,
  ESTABLISHED,
  FIN_WAIT,
  IR_CON,
  IR_DISCON,
  IR_RECV,
  IR_SENDOK,
  IR_TIMEOUT,
  LAST_ACK,
  SN_RX_RSR,
  SN_RX_WR,
  SN_RXBUF_SIZE,
  SN_SR,
  SN_TX_FSR,
  SN_TX_RD,
  SN_TX_WR,
  SN_TXBUF_SIZE,
  SYNSENT,
  setWord,
  TIME_WAIT,
  timeoutMs,
  UDP,
  wordAt,
} from './w5500-registers'
import { createSocket, raise, type Socket } from './w5500-socket'

/** The data sheet gives no length for TIME_WAIT; long enough to be seen by a driver that polls. */
const TIME_WAIT_MS = 20
/** A peer that has so much outside a closed window gives up and resets. */
const WAITING_LIMIT_BYTES = 65536
const SOCKET_COUNT = 8

export class W5500Tcp {
  readonly transmit = new W5500Memory(SN_TXBUF_SIZE)
  readonly receive = new W5500Memory(SN_RXBUF_SIZE)
  readonly keepAlive: W5500KeepAlive
  sockets: Socket[] = []
  private resetSetsDiscon: boolean

  constructor(
    private host: SocketHost,
    options: W5500Options,
  ) {
    this.keepAlive = new W5500KeepAlive(host, this)
    this.resetSetsDiscon = options.resetSetsDiscon === true
  }

  /** All sockets vanish without FIN, with their buffers. */
  reset(): void {
    for (const socket of this.sockets) this.drop(socket)
    this.sockets = []
    for (let number = 0; number < SOCKET_COUNT; number++) this.sockets.push(createSocket(number))
    this.transmit.reset()
    this.receive.reset()
  }

  /** False for news of a former connection, and for a socket that a fault holds in its state. */
  hears(socket: Socket, generation: number): boolean {
    return socket.generation === generation && !this.isStuck(socket)
  }

  private isStuck(socket: Socket): boolean {
    if (!this.host.faults.stuckState) return false
    const state = socket.registers[SN_SR]
    return state === SYNSENT || state === FIN_WAIT || state === TIME_WAIT || state === LAST_ACK
  }

  /** The peer answered the SYN. */
  established(socket: Socket): void {
    if (socket.registers[SN_SR] !== SYNSENT) return
    this.disarm(socket)
    socket.roundTripMs = Math.max(1, this.host.clock.nowMs - socket.synAtMs)
    socket.registers[SN_SR] = ESTABLISHED
    raise(socket, IR_CON)
    this.tell(socket, 'established')
  }

  /** Bytes of the peer came. */
  arrived(socket: Socket, bytes: string): void {
    this.keepAlive.moved(socket)
    socket.waiting += bytes
    this.fill(socket)
    if (socket.waiting.length > WAITING_LIMIT_BYTES) this.wasReset(socket)
  }

  /** Moves what fits from the wire into the ring; the rest, and a FIN behind it, waits for RECV. */
  fill(socket: Socket): void {
    const registers = socket.registers
    const roomBytes = this.receive.sizeBytes(socket) - wordAt(registers, SN_RX_RSR)
    const lengthBytes = Math.min(roomBytes, socket.waiting.length)
    if (lengthBytes > 0) {
      const bytes = new Uint8Array(lengthBytes)
      for (let index = 0; index < lengthBytes; index++) bytes[index] = socket.waiting.charCodeAt(index)
      socket.waiting = socket.waiting.substr(lengthBytes)
      const pointer = wordAt(registers, SN_RX_WR)
      this.receive.copy(this.sockets, socket, pointer, bytes, 0, lengthBytes, true)
      setWord(registers, SN_RX_WR, pointer + lengthBytes)
      this.updateCounters(socket)
      raise(socket, IR_RECV)
      this.tell(socket, 'receive ' + lengthBytes)
    }
    if (socket.hasPeerEnded && socket.waiting === '') this.peerEnded(socket)
  }

  private peerEnded(socket: Socket): void {
    socket.hasPeerEnded = false
    raise(socket, IR_DISCON)
    this.tell(socket, 'peer closed')
    if (socket.registers[SN_SR] === ESTABLISHED) socket.registers[SN_SR] = CLOSE_WAIT
    else {
      socket.registers[SN_SR] = TIME_WAIT
      this.arm(socket, TIME_WAIT_MS, () => {
        if (!this.isStuck(socket)) this.finish(socket)
      })
    }
  }

  /** Refused or torn down: CLOSED without TIMEOUT. */
  wasReset(socket: Socket): void {
    if (this.resetSetsDiscon) raise(socket, IR_DISCON)
    this.close(socket, socket.registers[SN_SR] === SYNSENT ? 'refused' : 'reset by peer')
  }

  /** The peer has that many more of our bytes. */
  acknowledge(socket: Socket, lengthBytes: number): void {
    const state = socket.registers[SN_SR]
    const isStream = state === ESTABLISHED || state === CLOSE_WAIT
    socket.acknowledged = (socket.acknowledged + lengthBytes) & 0xffff
    this.updateCounters(socket)
    if (socket.acknowledged !== wordAt(socket.registers, SN_TX_RD)) {
      if (isStream) this.armTimeout(socket)
      return
    }
    if (isStream) this.disarm(socket)
    if (socket.isSendPending) this.finishSend(socket)
    if (state === LAST_ACK) this.awaitLastAck(socket)
  }

  /** The SEND in hand is done: SENDOK. */
  finishSend(socket: Socket): void {
    socket.isSendPending = false
    if (!this.host.faults.sendOkNever) raise(socket, IR_SENDOK)
  }

  /** A Nic does not tell when our FIN is acknowledged: one round trip after the last of the data, if there is a link. */
  awaitLastAck(socket: Socket): void {
    if (socket.acknowledged !== wordAt(socket.registers, SN_TX_RD)) return
    this.arm(socket, socket.roundTripMs, () => {
      if (!this.host.hasLink()) this.armTimeout(socket)
      else if (!this.isStuck(socket)) this.finish(socket)
    })
  }

  /** All retries are spent. A UDP socket stays open (hardware.md §1.7). */
  expire(socket: Socket): void {
    if (this.isStuck(socket)) return
    raise(socket, IR_TIMEOUT)
    if (socket.registers[SN_SR] !== UDP) this.close(socket, 'timeout')
    else this.tell(socket, 'timeout')
  }

  /** Both sides have closed in order, so there is nothing to abandon. */
  private finish(socket: Socket): void {
    socket.connection = undefined
    this.close(socket, 'closed')
  }

  /** To CLOSED without a word on the wire; bytes already in the ring stay until the next OPEN. */
  close(socket: Socket, reason: string): void {
    this.drop(socket)
    socket.registers[SN_SR] = CLOSED
    this.tell(socket, reason)
  }

  private drop(socket: Socket): void {
    socket.generation++
    this.disarm(socket)
    this.keepAlive.stop(socket)
    socket.hasCarried = false
    if (socket.connection !== undefined) socket.connection.abandon()
    socket.connection = undefined
    socket.waiting = ''
    socket.hasPeerEnded = false
    socket.isSendPending = false
  }

  /** The one wait a socket can be in; a new one takes the place of the former. */
  arm(socket: Socket, delayMs: number, act: () => void): void {
    this.disarm(socket)
    socket.timer = this.host.clock.after(delayMs, () => {
      socket.timer = 0
      act()
    })
  }

  disarm(socket: Socket): void {
    if (socket.timer !== 0) this.host.clock.cancel(socket.timer)
    socket.timer = 0
  }

  /** Waits for an answer from the peer's TCP. */
  armTimeout(socket: Socket): void {
    this.arm(socket, timeoutMs(this.host.common), () => this.expire(socket))
  }

  /** TX_FSR counts from the ACK pointer, RX_RSR from the last RECV (hardware.md §1.4, §1.5). */
  updateCounters(socket: Socket): void {
    const registers = socket.registers
    const pending = (wordAt(registers, SN_TX_WR) - socket.acknowledged) & 0xffff
    setWord(registers, SN_TX_FSR, this.transmit.sizeBytes(socket) - pending)
    setWord(registers, SN_RX_RSR, wordAt(registers, SN_RX_WR) - socket.released)
  }

  tell(socket: Socket, what: string): void {
    this.host.onActivity('socket ' + socket.number + ': ' + what)
  }
}
