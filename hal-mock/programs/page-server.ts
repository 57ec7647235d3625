/**
 * Serves the page and the session behind it: files of the built page, exports to download, and the WebSocket at /ws.
 *
 * On loopback only. A request must name this server as its Host, so that a name that somebody points here (DNS rebinding)
 * leads nowhere, and an Origin, where there is one, must be the page's own: other sites get no socket and no file.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { DEMO_CODES } from '../demo'
import { PANEL_WORDS } from '../scenario-world'
import { answer, refuse, stranger, turnAway } from './page-files'
import { Refusal, readMessage } from './page-messages'
import { LANES, type ToPage } from './page-protocol'
import { Session, type SessionOptions } from './page-session'
import { twins } from './page-twins'
import { parse, ScenarioProblem } from './scenario-file'
import { loadShipped, shippedNames, shippedText } from './shipped'

export interface ServerOptions extends SessionOptions {
  /** 0 for any that is free. */
  port: number
  /** Of the built page. */
  folder: string
}

export interface PageServer {
  /** http://127.0.0.1:PORT/ */
  address: string
  session: Session
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const TICK_MS = 25
const CLIENT_LIMIT = 8
const MESSAGE_LIMIT_BYTES = 65536
/** A page that cannot keep up gets the newest view when it has caught up. */
const BACKLOG_LIMIT_BYTES = 1000000
const MARKS_AT_ONCE = 4000

interface Client {
  socket: WebSocket
  generation: number
  /** Number of the next mark it has not. */
  nextId: number
  /** What the page has beyond nextId is no longer so. */
  isCut: boolean
  view: string
}

/** Opens the server. Rejects with the host's error, such as a port in use. */
export async function servePage(options: ServerOptions): Promise<PageServer> {
  const session = new Session(options)
  const clients = new Set<Client>()
  const server = createServer((request, response) => {
    answer(request, response, options.folder, session).catch(() => refuse(response, 500, 'that failed'))
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT_BYTES, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const problem = stranger(request) ?? (request.url === '/ws' ? undefined : 'there is no such socket')
    if (problem !== undefined || clients.size >= CLIENT_LIMIT) {
      turnAway(socket, problem ?? 'too many pages are open')
      return
    }
    sockets.handleUpgrade(request, socket, head, (made) => welcome(made, session, clients))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, HOST, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const ticking = startTicking(session, clients)
  return {
    address: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    session,
    close: async () => {
      ticking.stop()
      for (const { socket } of clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function welcome(socket: WebSocket, session: Session, clients: Set<Client>): void {
  const client: Client = { socket, generation: session.generation, nextId: 0, isCut: true, view: '' }
  clients.add(client)
  socket.on('close', () => clients.delete(client))
  socket.on('error', () => socket.terminate())
  socket.on('message', (data: RawData, isBinary: boolean) => {
    try {
      if (isBinary) throw new Refusal('a message is text')
      for (const reply of follow(session, data.toString())) send(socket, reply)
    } catch (error) {
      const isExpected = error instanceof Refusal || error instanceof ScenarioProblem
      send(socket, { type: 'problem', text: isExpected ? error.message : `that failed: ${(error as Error).message}` })
    }
  })
  send(socket, {
    type: 'hello',
    codes: DEMO_CODES.map(({ name, digits }) => ({ name, digits })),
    stories: shippedNames().map((name) => ({ name, title: loadShipped(name).title })),
    panelWords: PANEL_WORDS,
    lanes: [...LANES],
  })
  if (session.story !== undefined) send(socket, { type: 'story', story: session.story })
  bringUpToDate(client, session, JSON.stringify(session.view()))
}

/** Does what a message asks for. Returns what only its sender gets. Throws Refusal, ScenarioProblem. */
function follow(session: Session, text: string): ToPage[] {
  const message = readMessage(text)
  switch (message.type) {
    case 'act':
      session.act(message.line)
      return []
    case 'speed':
      session.run(message.speed)
      return []
    case 'step':
      session.step()
      return []
    case 'go':
      session.go(message.atMs)
      return []
    case 'bytes':
      return [{ type: 'bytes', id: message.id, decoded: session.bytes(message.id) }]
    case 'wires':
      return [session.wires(message.fromMs, message.untilMs)]
    case 'twins':
      return [{ type: 'twins', twins: twins(session.history(), message.forMs) }]
    case 'new':
      session.renew(message.seed, message.panel)
      return [{ type: 'story', story: undefined }]
    case 'story': {
      const source = message.text ?? (shippedNames().includes(message.name) ? shippedText(message.name) : undefined)
      if (source === undefined) throw new Refusal(`there is no story "${message.name}"`)
      try {
        session.load(parse(source, message.name), source)
      } catch (error) {
        if (error instanceof ScenarioProblem) throw new Refusal(`${message.name}, line ${error.line}: ${error.message}`)
        throw error
      }
      return [{ type: 'story', story: session.story }]
    }
  }
}

function send(socket: WebSocket, message: ToPage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
}

/** Marks and view, as far as the page does not have them. */
function bringUpToDate(client: Client, session: Session, view: string): void {
  const { socket } = client
  const { record } = session
  if (socket.readyState !== socket.OPEN || socket.bufferedAmount > BACKLOG_LIMIT_BYTES) return
  if (client.generation !== session.generation) {
    client.generation = session.generation
    client.nextId = 0
    client.isCut = true
  }
  while (client.isCut || client.nextId < record.nextId) {
    const fromId = Math.max(client.nextId, record.firstId)
    const untilId = Math.min(fromId + MARKS_AT_ONCE, record.nextId)
    send(socket, { type: 'marks', firstId: record.firstId, fromId, marks: record.marks(fromId, untilId) })
    client.nextId = untilId
    client.isCut = false
  }
  if (client.view === view) return
  client.view = view
  socket.send(`{"type":"view","view":${view}}`)
}

/** Moves the session on by wall time and tells the pages. */
function startTicking(session: Session, clients: Set<Client>): { stop(): void } {
  let lastMs = performance.now()
  session.onCut = (nextId) => {
    for (const client of clients) {
      if (client.nextId <= nextId) continue
      client.nextId = nextId
      client.isCut = true
    }
  }
  const tick = () => {
    const nowMs = performance.now()
    try {
      session.tick(nowMs - lastMs)
    } catch (error) {
      // Our bug, or one of the firmware that is tried here: time stops, and what led there can be looked at.
      session.run(0)
      const text = `the panel stopped: ${(error as Error).message}`
      for (const { socket } of clients) send(socket, { type: 'problem', text })
    }
    lastMs = nowMs
    if (clients.size === 0) return
    const view = JSON.stringify(session.view())
    for (const client of clients) bringUpToDate(client, session, view)
  }
  const timer = setInterval(tick, TICK_MS)
  return { stop: () => clearInterval(timer) }
}
