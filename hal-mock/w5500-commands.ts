/**
 * What the host commands a W5500 socket to do: OPEN, LISTEN, CONNECT, DISCON, CLOSE, SEND, SEND_MAC, SEND_KEEP, RECV
 * (Sn_CR, hardware.md §1.4, §1.5). What is not modelled stands in w5500.ts.
 */

import type { ConnectionEvents } from './nic'
import { W5500Arp } from './w5500-arp'
import type { SocketHost } from './w5500-host'
import type { W5500Options } from './w5500-options'
import {
  CLOSE,
  CLOSE_WAIT,
  CLOSED,
  CONNECT,
  DISCON,
  ESTABLISHED,
  FIN_WAIT,
  INIT,
  LAST_ACK,
  LISTEN,
  LISTENING,
  MACRAW,
  OPEN,
  RECV,
  SEND,
  SEND_KEEP,
  SEND_MAC,
  SN_DPORT,
  SN_IMR,
  SN_MR,
  SN_MSSR,
  SN_PORT,
  SN_RX_RD,
  SN_SR,
  SN_TX_FSR,
  SN_TX_RD,
  SN_TX_WR,
  SYNSENT,
  setWord,
  UDP,
  wordAt,
} from './w5500-registers'
import { addressAt, type Socket } from './w5500-socket'
import type { W5500Tcp } from './w5500-tcp'
import { W5500Udp } from './w5500-udp'

/** Largest TCP payload of one packet. */
const MSS_LIMIT_BYTES = 1460
/** Longest run of bytes handed to one apply; the interpreter takes 255, each in variables of its own meanwhile. */
const TEXT_CHUNK_BYTES = 32

export class W5500Commands {
  private isSendOkAtAck: boolean
  private arp: W5500Arp
  private udp: W5500Udp

  constructor(
    private host: SocketHost,
    private tcp: W5500Tcp,
    options: W5500Options,
  ) {
    this.arp = new W5500Arp(host, tcp)
    this.udp = new W5500Udp(host, tcp, this.arp)
    this.isSendOkAtAck = options.sendOkMeans === 'acknowledged'
  }

  /** A command that does not fit the state is ignored. */
  execute(socket: Socket, command: number): void {
    const state = socket.registers[SN_SR]
    switch (command) {
      case OPEN:
        if (state === CLOSED) this.open(socket)
        break
      case LISTEN:
        if (state === INIT) socket.registers[SN_SR] = LISTENING
        break
      case CONNECT:
        if (state === INIT) this.connect(socket)
        break
      case DISCON:
        if (state === ESTABLISHED || state === CLOSE_WAIT) this.disconnect(socket)
        break
      case CLOSE:
        if (state !== CLOSED) this.tcp.close(socket, 'close')
        break
      case SEND:
        this.send(socket, false)
        break
      case SEND_MAC:
        if (state === UDP) this.send(socket, true)
        break
      case SEND_KEEP:
        this.tcp.keepAlive.byHand(socket)
        break
      case RECV:
        // Also in CLOSED: what came before the end may still be fetched until the next OPEN (hardware.md §1.6).
        socket.released = wordAt(socket.registers, SN_RX_RD)
        this.tcp.updateCounters(socket)
        this.tcp.fill(socket)
        break
    }
  }

  private open(socket: Socket): void {
    const registers = socket.registers
    const protocol = registers[SN_MR] & 15
    if (protocol === 1) registers[SN_SR] = INIT
    else if (protocol === 2) registers[SN_SR] = UDP
    else if (protocol === 4 && socket.number === 0) registers[SN_SR] = MACRAW
    else return
    for (let address = SN_TX_FSR; address < SN_IMR; address++) registers[address] = 0
    socket.acknowledged = 0
    socket.released = 0
    socket.resolvedTarget = ''
    this.tcp.updateCounters(socket)
    this.tcp.tell(socket, 'open')
  }

  private connect(socket: Socket): void {
    const registers = socket.registers
    // The TX pointers start anew with each connection, where nobody should expect them (hardware.md §1.5).
    const start = (this.host.clock.nowMs ^ wordAt(registers, SN_PORT)) & 0xffff
    setWord(registers, SN_TX_RD, start)
    setWord(registers, SN_TX_WR, start)
    socket.acknowledged = start
    this.tcp.updateCounters(socket)
    registers[SN_SR] = SYNSENT
    this.tcp.tell(socket, 'connect ' + addressAt(registers) + ':' + wordAt(registers, SN_DPORT))
    this.arp.resolve(socket, () => this.synchronize(socket))
  }

  /** SYN goes out; the Nic tells what becomes of it. */
  private synchronize(socket: Socket): void {
    const registers = socket.registers
    const generation = socket.generation
    socket.synAtMs = this.host.clock.nowMs
    this.tcp.armTimeout(socket)
    const events: ConnectionEvents = {
      onOpen: () => {
        if (this.tcp.hears(socket, generation)) this.tcp.established(socket)
      },
      onData: (bytes) => {
        if (this.tcp.hears(socket, generation)) this.tcp.arrived(socket, bytes)
      },
      onEnd: () => {
        if (!this.tcp.hears(socket, generation)) return
        socket.hasPeerEnded = true
        this.tcp.fill(socket)
      },
      onReset: () => {
        if (this.tcp.hears(socket, generation)) this.tcp.wasReset(socket)
      },
    }
    const port = wordAt(registers, SN_DPORT)
    const connection = this.host.nic.connect(addressAt(registers), port, events, wordAt(registers, SN_PORT))
    if (socket.generation === generation) socket.connection = connection
  }

  private send(socket: Socket, isResolved: boolean): void {
    const registers = socket.registers
    const state = registers[SN_SR]
    const isStream = state === ESTABLISHED || state === CLOSE_WAIT
    if (!isStream && state !== UDP && state !== MACRAW) return
    const start = wordAt(registers, SN_TX_RD)
    const lengthBytes = (wordAt(registers, SN_TX_WR) - start) & 0xffff
    setWord(registers, SN_TX_RD, start + lengthBytes)
    this.tcp.tell(socket, 'send ' + lengthBytes)
    if (!isStream) this.sendAside(socket, start, lengthBytes, isResolved)
    else if (lengthBytes > 0) this.sendStream(socket, start, lengthBytes)
    else this.tcp.finishSend(socket)
  }

  private sendStream(socket: Socket, start: number, lengthBytes: number): void {
    const sizeBytes = this.tcp.transmit.sizeBytes(socket)
    if (lengthBytes > sizeBytes) this.tcp.tell(socket, 'transmit buffer overrun')
    const bytes = new Uint8Array(lengthBytes)
    this.tcp.transmit.copy(this.tcp.sockets, socket, start, bytes, 0, lengthBytes, false)
    socket.isSendPending = true
    this.tcp.keepAlive.moved(socket)
    if (!this.isSendOkAtAck && this.host.hasLink()) this.tcp.finishSend(socket)
    if (socket.timer === 0) this.tcp.armTimeout(socket)
    const generation = socket.generation
    const maximumBytes = wordAt(socket.registers, SN_MSSR)
    const segmentBytes = maximumBytes > 0 && maximumBytes < MSS_LIMIT_BYTES ? maximumBytes : MSS_LIMIT_BYTES
    for (let at = 0; at < lengthBytes; at += segmentBytes) {
      const segment = text(bytes.subarray(at, Math.min(at + segmentBytes, lengthBytes)))
      // The peer may reset in between.
      if (socket.connection === undefined) return
      socket.connection.send(segment, () => {
        if (this.tcp.hears(socket, generation)) this.tcp.acknowledge(socket, segment.length)
      })
    }
  }

  /** A datagram; a raw frame goes nowhere. TX_FSR counts from TX_RD here. */
  private sendAside(socket: Socket, start: number, lengthBytes: number, isResolved: boolean): void {
    socket.acknowledged = wordAt(socket.registers, SN_TX_RD)
    this.tcp.updateCounters(socket)
    socket.isSendPending = true
    if (socket.registers[SN_SR] !== UDP) {
      this.tcp.finishSend(socket)
      return
    }
    const bytes = new Uint8Array(lengthBytes)
    this.tcp.transmit.copy(this.tcp.sockets, socket, start, bytes, 0, lengthBytes, false)
    this.udp.send(socket, text(bytes), isResolved)
  }

  private disconnect(socket: Socket): void {
    this.tcp.tell(socket, 'disconnect')
    const wasEnded = socket.registers[SN_SR] === CLOSE_WAIT
    socket.registers[SN_SR] = wasEnded ? LAST_ACK : FIN_WAIT
    this.tcp.armTimeout(socket)
    if (socket.connection !== undefined) socket.connection.end()
    if (wasEnded) this.tcp.awaitLastAck(socket)
  }
}

/** Bytes as a string of char codes 0-255. */
function text(bytes: Uint8Array): string {
  let result = ''
  for (let at = 0; at < bytes.length; at += TEXT_CHUNK_BYTES) {
    const end = Math.min(at + TEXT_CHUNK_BYTES, bytes.length)
    result += String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[])
  }
  return result
}
