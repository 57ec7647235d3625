/**
 * The W5500's UDP (hardware.md §1.7): datagrams out after ARP, datagrams in behind an 8-byte header, whole or not at all.
 */

import type { Datagram } from './nic'
import type { W5500Arp } from './w5500-arp'
import type { SocketHost } from './w5500-host'
import {
  IR,
  IR_RECV,
  IR_UNREACH,
  isZero,
  SIPR,
  SN_DHAR,
  SN_DPORT,
  SN_MR,
  SN_MR_BCASTB,
  SN_PORT,
  SN_RX_RSR,
  SN_RX_WR,
  SN_SR,
  setWord,
  UDP,
  UIPR,
  UPORTR,
  wordAt,
} from './w5500-registers'
import { addressAt, dotted, raise, type Socket } from './w5500-socket'
import type { W5500Tcp } from './w5500-tcp'

const HEADER_BYTES = 8
const DATAGRAM_LIMIT_BYTES = 1472

export class W5500Udp {
  constructor(
    private host: SocketHost,
    private tcp: W5500Tcp,
    private arp: W5500Arp,
  ) {
    const port = host.nic.datagrams
    if (port === undefined) return
    port.onDatagram = (datagram) => this.arrived(datagram)
    port.onUnreachable = (address, unreachedPort) => this.unreachable(address, unreachedPort)
  }

  /** Sends what lies in the ring to DIPR and DPORT. isResolved: SEND_MAC, which takes DHAR as it stands. */
  send(socket: Socket, bytes: string, isResolved: boolean): void {
    const registers = socket.registers
    const depart = () => {
      const port = this.host.nic.datagrams
      if (port !== undefined && this.host.hasLink() && bytes.length <= DATAGRAM_LIMIT_BYTES) {
        const target = addressAt(registers)
        port.send({
          source: dotted(this.host.common, SIPR),
          sourcePort: wordAt(registers, SN_PORT),
          target,
          targetPort: wordAt(registers, SN_DPORT),
          bytes,
          card: this.arp.isBroadcast(target) ? undefined : registers[SN_DHAR + 5],
        })
      }
      this.tcp.finishSend(socket)
    }
    if (isResolved) depart()
    else this.arp.resolveOnce(socket, depart)
  }

  private arrived(datagram: Datagram): void {
    if (!this.host.hasLink()) return
    const isBroadcast = this.arp.isBroadcast(datagram.target)
    const isOurs = !isZero(this.host.common, SIPR, 4) && datagram.target === dotted(this.host.common, SIPR)
    if (!isBroadcast && !isOurs) return
    for (const socket of this.tcp.sockets) {
      const registers = socket.registers
      if (registers[SN_SR] !== UDP || wordAt(registers, SN_PORT) !== datagram.targetPort) continue
      if (!isBroadcast || !(registers[SN_MR] & SN_MR_BCASTB)) this.store(socket, datagram)
    }
  }

  /** Header and data into the ring; a datagram that does not fit is dropped whole. */
  private store(socket: Socket, datagram: Datagram): void {
    const registers = socket.registers
    const lengthBytes = HEADER_BYTES + datagram.bytes.length
    if (lengthBytes > this.tcp.receive.sizeBytes(socket) - wordAt(registers, SN_RX_RSR)) {
      this.tcp.tell(socket, 'datagram dropped, no room')
      return
    }
    const bytes = new Uint8Array(lengthBytes)
    const parts = datagram.source.split('.')
    for (let index = 0; index < 4; index++) bytes[index] = Number(parts[index])
    setWord(bytes, 4, datagram.sourcePort)
    setWord(bytes, 6, datagram.bytes.length)
    for (let index = 0; index < datagram.bytes.length; index++) {
      bytes[HEADER_BYTES + index] = datagram.bytes.charCodeAt(index)
    }
    const pointer = wordAt(registers, SN_RX_WR)
    this.tcp.receive.copy(this.tcp.sockets, socket, pointer, bytes, 0, lengthBytes, true)
    setWord(registers, SN_RX_WR, pointer + lengthBytes)
    this.tcp.updateCounters(socket)
    raise(socket, IR_RECV)
    this.tcp.tell(socket, 'receive ' + lengthBytes)
  }

  /** ICMP "port unreachable": global, not per socket. */
  private unreachable(address: string, port: number): void {
    if (!this.host.hasLink()) return
    const common = this.host.common
    common[IR] |= IR_UNREACH
    const parts = address.split('.')
    for (let index = 0; index < 4; index++) common[UIPR + index] = Number(parts[index])
    setWord(common, UPORTR, port)
  }
}
