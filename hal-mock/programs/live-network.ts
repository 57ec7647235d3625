/**
 * The network's Nic over real sockets: what the panel's chips connect to on a live bench.
 *
 * The caller's map turns each address that the panel dials into a host of this machine. Nothing else is ever dialled: an
 * address without a mapping is refused. Map to loopback (127.0.0.0/8, ::1), except for a host that the user named on the
 * command line for exactly this purpose, such as a test receiver in the same house.
 *
 * Not modelled: delay and loss on the way (the host's loopback has none), DNS, DHCP. An acknowledgement means that the
 * host's TCP took the bytes, not that the peer has them. A peer that is cut off sees silence, as it would. TCP is here, UDP
 * in live-datagrams.ts.
 */

import { createConnection, type Socket } from 'node:net'
import type { Connection, ConnectionEvents, DatagramPort, Nic } from '../network'
import { HostDatagrams, type Mapping } from './live-datagrams'

export interface LiveNic extends Nic {
  readonly datagrams: DatagramPort
  /** Cable or bearer there or not; isUp() shows it to the chip. */
  setLink(isUp: boolean): void
  /** False: the link is up but nothing gets through. */
  setInternet(isUp: boolean): void
  /** Destroys every host socket, ghosts included. May be called twice. */
  closeAll(): void
}

/** Told the port on this side of each connection and each datagram socket, before any byte is sent from it. */
export type OnDial = (localPort: number, protocol: 'tcp' | 'udp') => void

/** A cut that lasts longer ends a connection without a word: six retransmissions, as in network.ts. */
const GIVE_UP_MS = 12600
/** Abandoned sockets kept open for their peers' sake; the oldest go first. */
const GHOST_LIMIT = 64

/**
 * Creates a Nic. Events come from the host's event loop, never from inside a call. By onDial a receiver can tell which way
 * something came.
 */
export function liveNic(name: string, map: Mapping, onDial: OnDial = () => {}): LiveNic {
  return new HostNic(name, map, onDial)
}

class HostNic implements LiveNic {
  private hasLink = true
  private hasInternet = true
  private cutAtMs = 0
  private connections: HostConnection[] = []
  readonly datagrams: HostDatagrams

  constructor(
    readonly name: string,
    private map: Mapping,
    readonly onDial: OnDial,
  ) {
    this.datagrams = new HostDatagrams(
      map,
      () => this.carries(),
      (localPort) => onDial(localPort, 'udp'),
    )
  }

  isUp(): boolean {
    return this.hasLink
  }

  carries(): boolean {
    return this.hasLink && this.hasInternet
  }

  connect(address: string, port: number, events: ConnectionEvents): Connection {
    const connection = new HostConnection(this, this.map(address, port), events)
    this.connections.push(connection)
    const ghosts = this.connections.filter((entry) => entry.isGhost)
    if (ghosts.length > GHOST_LIMIT) ghosts[0].destroy()
    return connection
  }

  forget(connection: HostConnection): void {
    this.connections = this.connections.filter((entry) => entry !== connection)
  }

  setLink(isUp: boolean): void {
    this.change(() => {
      this.hasLink = isUp
    })
  }

  setInternet(isUp: boolean): void {
    this.change(() => {
      this.hasInternet = isUp
    })
  }

  private change(act: () => void): void {
    const carried = this.carries()
    act()
    if (carried === this.carries()) return
    if (carried) {
      this.cutAtMs = performance.now()
      for (const connection of this.connections) connection.cut()
      return
    }
    const isTooLate = performance.now() - this.cutAtMs > GIVE_UP_MS
    for (const connection of this.connections) {
      if (isTooLate) connection.abandon()
      else connection.restore()
    }
  }

  closeAll(): void {
    for (const connection of [...this.connections]) connection.destroy()
    this.datagrams.closeAll()
  }
}

class HostConnection implements Connection {
  /** No event comes any more, but the peer still has its side. */
  isGhost = false
  private socket: Socket | undefined
  private isEnded = false
  private isFinished = false
  /** What either side did while the way was cut, in order. */
  private held: (() => void)[] = []

  constructor(
    private nic: HostNic,
    private target: { host: string; port: number } | undefined,
    private events: ConnectionEvents,
  ) {
    this.pass(() => this.dial())
  }

  /** Now, or when the way is there again. */
  private pass(act: () => void): void {
    if (this.isGhost) return
    if (this.nic.carries()) act()
    else this.held.push(act)
  }

  private dial(): void {
    if (this.target === undefined) {
      // Not from inside the chip's call.
      setImmediate(() => this.pass(() => this.finish(true)))
      return
    }
    // The chip closes its own side by itself when the peer has closed.
    const socket = createConnection({ ...this.target, allowHalfOpen: true, noDelay: true })
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('connect', () => {
      if (socket.localPort !== undefined) this.nic.onDial(socket.localPort, 'tcp')
      this.pass(() => this.events.onOpen())
    })
    socket.on('data', (bytes) => this.pass(() => this.hear(String(bytes))))
    socket.on('end', () => this.pass(() => this.finish(false)))
    // 'close' follows, and says the same.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.pass(() => this.finish(true))
      if (this.held.length === 0) this.nic.forget(this)
    })
  }

  private hear(bytes: string): void {
    if (!this.isFinished) this.events.onData(bytes)
  }

  /** The last event; the socket's own end, error and close may all come, the first one counts. */
  private finish(isReset: boolean): void {
    if (this.isFinished) return
    this.isFinished = true
    if (isReset) this.events.onReset()
    else this.events.onEnd()
    if (this.socket === undefined || this.socket.destroyed) this.nic.forget(this)
  }

  send(bytes: string, onAcknowledged: () => void): void {
    if (this.isEnded) return
    this.pass(() => {
      this.socket?.write(bytes, 'latin1', (error) => {
        if (!error) this.pass(onAcknowledged)
      })
    })
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.pass(() => {
      this.socket?.end()
    })
  }

  abandon(): void {
    if (this.isGhost) return
    this.isGhost = true
    this.isEnded = true
    this.held = []
    // A vanished panel reads nothing; it must not keep the program alive either.
    this.socket?.pause()
    this.socket?.unref()
    if (this.socket === undefined || this.socket.destroyed) this.nic.forget(this)
  }

  cut(): void {
    if (!this.isGhost) this.socket?.pause()
  }

  restore(): void {
    const acts = this.held
    this.held = []
    for (const act of acts) this.pass(act)
    if (!this.isGhost) this.socket?.resume()
    if (this.socket?.destroyed) this.nic.forget(this)
  }

  destroy(): void {
    this.isGhost = true
    this.held = []
    this.socket?.destroy()
    this.nic.forget(this)
  }
}
