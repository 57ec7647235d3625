/**
 * UDP of a live bench: each pair of a port of the panel and a peer has a socket of this machine, connected to where the
 * caller's map says that the peer really is. Nothing is ever sent anywhere else, and only that peer is heard.
 *
 * Not modelled: delay, loss and copies on the way (loopback has none), broadcasts, DNS of the panel's own. While the way
 * is cut datagrams vanish, in both directions, as they would.
 */

import { createSocket, type Socket } from 'node:dgram'
import { isIP } from 'node:net'
import type { Datagram, DatagramPort } from '../nic'

/** Where an address of the panel's world really is; undefined where nobody listens. */
export type Mapping = (address: string, port: number) => { host: string; port: number } | undefined

/** Sockets at once; the one that was idle longest goes first. A panel uses one a path and receiver. */
const SOCKET_LIMIT = 16
/** Datagrams that wait until a new socket is connected. */
const WAITING_LIMIT = 8

interface HostSocket {
  socket: Socket
  isConnected: boolean
  isClosed: boolean
  waiting: Buffer[]
}

export class HostDatagrams implements DatagramPort {
  onDatagram: (datagram: Datagram) => void = () => undefined
  onUnreachable: (address: string, port: number) => void = () => undefined
  /** By the panel's port and the peer as the panel calls it; in order of use. */
  private sockets = new Map<string, HostSocket>()

  /** carries: whether the way is whole. onSocket is told the local port of each socket before anything is sent from it. */
  constructor(
    private map: Mapping,
    private carries: () => boolean,
    private onSocket: (localPort: number) => void,
  ) {}

  send(datagram: Datagram): void {
    if (!this.carries()) return
    const target = this.map(datagram.target, datagram.targetPort)
    if (target === undefined) {
      // Not from inside the chip's call.
      setImmediate(() => this.refuse(datagram))
      return
    }
    const key = `${datagram.sourcePort}>${datagram.target}:${datagram.targetPort}`
    const entry = this.sockets.get(key) ?? this.open(datagram, target)
    this.sockets.delete(key)
    this.sockets.set(key, entry)
    if (this.sockets.size > SOCKET_LIMIT) this.drop(this.sockets.keys().next().value as string)
    const bytes = Buffer.from(datagram.bytes, 'latin1')
    if (entry.isConnected) entry.socket.send(bytes, () => undefined)
    else if (entry.waiting.length < WAITING_LIMIT) entry.waiting.push(bytes)
  }

  private open(datagram: Datagram, target: { host: string; port: number }): HostSocket {
    const socket = createSocket(isIP(target.host) === 6 ? 'udp6' : 'udp4')
    const entry: HostSocket = { socket, isConnected: false, isClosed: false, waiting: [] }
    socket.on('message', (bytes) => {
      if (this.carries() && !entry.isClosed) this.onDatagram(replyOf(datagram, bytes.toString('latin1')))
    })
    // ECONNREFUSED: the host's ICMP says that nobody listens there. Other errors are lost datagrams.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') this.refuse(datagram)
    })
    socket.connect(target.port, target.host, () => {
      if (entry.isClosed) return
      entry.isConnected = true
      this.onSocket(socket.address().port)
      for (const bytes of entry.waiting.splice(0)) socket.send(bytes, () => undefined)
    })
    return entry
  }

  private refuse(datagram: Datagram): void {
    if (this.carries()) this.onUnreachable(datagram.target, datagram.targetPort)
  }

  private drop(key: string): void {
    const entry = this.sockets.get(key)
    this.sockets.delete(key)
    if (entry === undefined || entry.isClosed) return
    entry.isClosed = true
    entry.socket.close()
  }

  /** May be called twice. */
  closeAll(): void {
    for (const key of [...this.sockets.keys()]) this.drop(key)
  }
}

/** From the peer as the panel calls it, to the port that the panel sent from. */
function replyOf(datagram: Datagram, bytes: string): Datagram {
  return {
    source: datagram.target,
    sourcePort: datagram.targetPort,
    target: datagram.source,
    targetPort: datagram.sourcePort,
    bytes,
  }
}
