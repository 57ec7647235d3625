/**
 * The live bench of `npm start -- --live`: the station listens on real loopback ports, and each socket of the chip
 * models is a real TCP connection to it. One receiver behind two ports, one for each path, so that the log can say
 * which way an event came: on loopback both would look alike.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { DEMO_KEY, demoConfig } from '../demo'
import type { Receiver, StationEvent } from '../receiver'
import { type LiveNic, liveNic } from './live-network'
import { startReceiver } from './receiver'

export interface Live {
  /** 'ports 40001 40002': Ethernet's, then cellular's. */
  place: string
  nics: { ethernet: LiveNic; cellular: LiveNic }
  /** Destroys every connection and frees the ports. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** Connections at once on the second port, ghosts included. */
const CONNECTION_LIMIT = 64

/** Opens the station. Rejects with the host's error. onEvent's via is 'ethernet' or 'cellular'. */
export async function startLive(utcSeconds: () => number, onEvent: (event: StationEvent) => void): Promise<Live> {
  const config = demoConfig()
  const station = await startReceiver({
    host: HOST,
    port: 0,
    accounts: [{ account: config.receivers[0].account, keyHex: DEMO_KEY }],
    mode: 'ack',
    isUdp: false,
    utcSeconds,
    onEvent: (event) => onEvent(event.via === 'cellular' ? event : { ...event, via: 'ethernet' }),
  })
  const sockets = new Set<Socket>()
  const second = createServer((socket) => serve(station.receiver, socket, sockets))
  second.maxConnections = CONNECTION_LIMIT
  const port = await listen(second)
  const ethernet = liveNic('ethernet', (address) => target(address, station.port))
  const cellular = liveNic('cellular', (address) => target(address, port))
  const target = (address: string, to: number) =>
    address === config.receivers[0].host ? { host: HOST, port: to } : undefined
  return {
    place: `ports ${station.port} ${port}`,
    nics: { ethernet, cellular },
    close: async () => {
      ethernet.closeAll()
      cellular.closeAll()
      for (const socket of sockets) socket.destroy()
      await Promise.all([station.close(), new Promise<void>((resolve) => second.close(() => resolve()))])
    },
  }
}

function serve(receiver: Receiver, socket: Socket, sockets: Set<Socket>): void {
  const session = receiver.open('cellular')
  sockets.add(socket)
  socket.setEncoding('latin1')
  socket.on('data', (bytes) => {
    const reply = session.receive(String(bytes))
    if (reply !== '') socket.write(reply, 'latin1')
    if (session.isClosed) socket.end()
  })
  // A panel that goes away is no event of ours: it dials again.
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, HOST, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
