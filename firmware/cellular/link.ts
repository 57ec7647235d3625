/**
 * The TCP or UDP link of a modem that is UP: number 0 is opened, used and closed; bytes from the receiver stay in the modem
 * until read. What is said and heard stands in the family's record (dialects.ts). A modem's word that it sent only means
 * that it took the bytes: delivery is proved by the receiver's reply alone.
 *
 * A frame is one datagram, and a datagram is read whole. Not here: further links, pushed receive, transparent mode.
 */

import { DOWN, OPEN, OPENING, READY } from '../transmit/path'
import * as at from './at'
import { Family } from './dialects'
import { fail } from './ladder'
import { type CellularPath, CHECK_MS, go, isSlow, Limit, Link, run, Step, spoil } from './steps'
import { query } from './watch'

/** A lost notice of data must not cost the event. */
const ASK_MS = 2000
/** A result that means nothing any more is waited for no longer than this. */
const SETTLE_MS = 1000

/** The longest frame (path.ts), the most that is kept for receive(), and one read from the modem. */
const FRAME_LIMIT = 1024
const RECEIVED_LIMIT = 1024
const READ_BYTES = 256
/** A datagram that is read in parts loses the rest on some families. */
const DATAGRAM_BYTES = 1024
/** Our side's port for datagrams, where the modem does not choose one. */
const LOCAL_PORT = 5000
/** While jamming is suspected the modem is asked this often. */
const SUSPECT_MS = 10000

/** Path.open. The first byte leaves at once when the modem is idle. */
export function open(p: CellularPath, target: number): void {
  if (p.state !== READY) return
  p.state = OPENING
  p.target = target
  p.received = ''
  p.timeMs = p.hal.clock.nowMs()
  p.quietUntilMs = 0
  work(p)
}

/** Path.send. The command leaves at once when the modem is idle, the frame after its prompt. */
export function send(p: CellularPath, frame: string): boolean {
  if (p.state !== OPEN || p.link !== Link.CONNECTED || p.isSending === 1) return false
  if (frame === '' || frame.length > FRAME_LIMIT) return false
  p.frame = frame
  p.isSending = 1
  p.isAwaiting = 1
  p.timeMs = p.hal.clock.nowMs()
  p.askAtMs = p.timeMs + ASK_MS
  p.quietUntilMs = 0
  work(p)
  return true
}

/** Path.receive. */
export function receive(p: CellularPath): string {
  const bytes = p.received
  if (bytes !== '') p.received = ''
  return bytes
}

/** Path.close. Giving up on a connection or on a reply counts as a fault of the socket. */
export function close(p: CellularPath): void {
  if (p.step !== Step.UP || p.state < OPENING) return
  const isFault = p.isAwaiting === 1 || p.link === Link.CONNECTING
  p.state = READY
  p.quietUntilMs = 0
  spoil(p)
  p.timeMs = p.hal.clock.nowMs()
  if (isFault) fail(p, 1)
}

/** In UP: what the link needs next, once the engine is free. */
export function work(p: CellularPath): void {
  const nowMs = p.timeMs
  const link = p.link
  if (!at.isFree(p.at, nowMs)) return
  if (p.lostAtMs !== 0 && nowMs >= p.lostAtMs) go(p, Step.REGISTER, Limit.REGISTER_MS)
  else if (link === Link.CONNECTED && p.frame !== '') transmit(p)
  else if ((link === Link.CONNECTED || link === Link.ENDED) && p.hasData) fetch(p)
  else if (link === Link.ENDED || link === Link.SPOILED) {
    // The receiver may hang up after its reply; without one, it is a fault of the socket.
    if (link === Link.ENDED && p.isAwaiting) fail(p, 1)
    else if (p.state > READY && link === Link.ENDED) p.state = READY
    p.link = Link.CLOSING
    p.isAwaiting = 0
    p.untilMs = nowMs + Limit.SEND_MS
    run(p, Step.LINK_CLOSE, p.dialect.close, Limit.SEND_MS)
  } else if (link === Link.CLOSED && p.state === OPENING) {
    p.link = Link.CONNECTING
    p.hasData = 0
    p.count = 0
    p.untilMs = nowMs + (isSlow(p) ? Limit.OPEN_SLOW_MS : Limit.OPEN_MS)
    connect(p, 0)
  } else if (link === Link.CONNECTING && p.count === 1) {
    p.count = 2
    connect(p, 1)
  } else if (link === Link.CLOSED && p.state === DOWN) {
    if (nowMs >= p.retryAtMs) p.state = READY
  } else if (nowMs >= p.askAtMs) ask(p)
}

/** The frame at hand goes out behind its command. */
function transmit(p: CellularPath): void {
  const target = p.settings.targets[p.target]
  p.doing = Step.LINK_SEND
  p.untilMs = p.timeMs + Limit.OPEN_MS
  p.count = p.frame.length
  let command = p.dialect.send + p.count
  if (target.isUdp && !isSlow(p)) command += `,"${target.host}",${target.port}`
  at.start(p.at, command, p.frame, Limit.SEND_MS, p.timeMs)
  p.frame = ''
}

/** Reads what the modem keeps. */
function fetch(p: CellularPath): void {
  const d = p.dialect
  p.hasData = 0
  run(p, Step.LINK_READ, d.read + (p.settings.targets[p.target].isUdp ? DATAGRAM_BYTES : READ_BYTES), Limit.COMMAND_MS)
  if (d.tail === '') return
  p.at.head = d.head
  p.at.tail = d.tail
}

/** The command that opens the link, or the second of two. */
function connect(p: CellularPath, index: number): void {
  const target = p.settings.targets[p.target]
  const isUdp = target.isUdp === 1
  const family = p.dialect.family
  let kind = isUdp ? 'UDP' : 'TCP'
  if (family === Family.E) kind = isUdp ? '17' : '6'
  let command = p.dialect.open.split('\n')[index].replace('%t', kind)
  // A's sockets for datagrams have a port of their own, and learn the receiver's with each frame.
  if (isUdp && !isSlow(p)) command = command.replace('"%h",%p', `,,${LOCAL_PORT}`)
  else command = command.replace('%h', target.host).replace('%p', `${target.port}`)
  run(p, Step.LINK_OPEN, command, isSlow(p) ? Limit.OPEN_SLOW_MS : Limit.OPEN_MS)
}

/** Nothing has come for a while: is there a reply, whose notice was lost; or a sign of life. */
function ask(p: CellularPath): void {
  const nowMs = p.timeMs
  p.askAtMs = nowMs + (p.isAwaiting ? ASK_MS : (p.jam & 1) === 1 ? SUSPECT_MS : CHECK_MS)
  if (nowMs >= p.calmAtMs) p.tries.fill(0)
  if (p.link === Link.CLOSED || (p.link === Link.CONNECTED && !p.isAwaiting)) query(p)
  else if (p.link === Link.CONNECTED) {
    if (p.dialect.ask === '') fetch(p)
    else run(p, Step.LINK_ASK, p.dialect.ask, Limit.COMMAND_MS)
  }
}

/** In UP: a command about the link got its OK, which for some families says it all. */
export function answered(p: CellularPath, doing: Step): void {
  if (doing === Step.LINK_OPEN) {
    if (p.link === Link.CONNECTING && p.count === 0 && p.dialect.family === Family.E) p.count = 1
  } else if (doing === Step.LINK_SEND) {
    if (p.dialect.sent === '') finished(p)
  } else if (doing === Step.LINK_CLOSE && p.dialect.closed === '') finished(p)
}

/** In UP: the time limit of what the link does has passed, or the modem answered its command with ERROR. */
export function expired(p: CellularPath): void {
  p.untilMs = Infinity
  // A close fails when there is nothing to close.
  if (p.link === Link.CLOSING) p.link = Link.CLOSED
  else if (p.link === Link.CONNECTING || p.isSending) fail(p, 1)
}

/** In UP: a line. False when it is not about the link. */
export function told(p: CellularPath, line: string): boolean {
  const d = p.dialect
  const link = p.link
  const number = parseInt(line.substr(line.lastIndexOf(',') + 1), 10)
  const from = d.opened.indexOf(',') + 1
  if (line.startsWith(d.notice)) p.hasData = 1
  else if (p.doing === Step.LINK_READ && d.tail === '' && line.startsWith(d.head)) {
    const count = parseInt(line.substr(d.head.length), 10)
    if (count > 0 && count <= DATAGRAM_BYTES) p.at.count = count
    // What is left, where the family says so. Where not, there is no further notice until all has been read.
    if (count > 0 && number !== 0) p.hasData = 1
  } else if (p.doing === Step.LINK_ASK && line.startsWith(p.at.command.substr(2, 5))) {
    if (number > 0) p.hasData = 1
  } else if (line.endsWith('SEND FAIL') || line.endsWith('SEND OK') || (d.sent !== '' && line.startsWith(d.sent))) {
    if (!p.isSending || p.frame !== '') return true
    settle(p, Step.LINK_SEND)
    // Fewer bytes than the frame has, or -1: the rest is lost (hardware.md §2.5).
    // A says twice how many: asked for, then taken.
    const isWhole = number >= p.count && (isSlow(p) || line.indexOf(',') < line.lastIndexOf(','))
    if (isWhole || line.endsWith('SEND OK')) finished(p)
    else fail(p, 1)
  } else if (link === Link.CONNECTING && line.startsWith(d.opened.substr(0, from))) {
    settle(p, Step.LINK_OPEN)
    if (line === d.opened) {
      p.link = Link.CONNECTED
      p.state = OPEN
      p.untilMs = Infinity
      p.askAtMs = p.timeMs + CHECK_MS
    } else {
      // The PDP context is down. All else, a failing network included, may be the receiver's fault.
      fail(p, d.dead !== '' && line.substr(from) === d.dead ? 2 : 1)
    }
  } else if (line === d.opened) {
    if (link === Link.CLOSED) p.link = Link.SPOILED
  } else if (d.closed !== '' && line.startsWith(d.closed)) {
    if (link === Link.CLOSING) {
      settle(p, Step.LINK_CLOSE)
      finished(p)
    } else if (link === Link.CONNECTED || link === Link.ENDED) {
      fail(p, 1)
      p.link = Link.CLOSED
    }
  } else if (line.startsWith(d.ended)) {
    if (link === Link.CONNECTED) {
      // What the receiver sent before it hung up can still be read.
      p.link = Link.ENDED
      p.hasData = 1
    } else if (link === Link.CONNECTING) fail(p, 1)
  } else if (line.startsWith(d.lost)) fail(p, 2)
  else return false
  return true
}

/** The modem took the frame, or closed the link. */
function finished(p: CellularPath): void {
  if (p.link === Link.CLOSING) p.link = Link.CLOSED
  p.isSending = 0
  p.untilMs = Infinity
}

/** The announced bytes are complete. */
export function arrived(p: CellularPath): void {
  if (p.link === Link.CONNECTED || p.link === Link.ENDED) {
    const bytes = p.received + p.at.payload
    p.received = bytes.length > RECEIVED_LIMIT ? bytes.substr(bytes.length - RECEIVED_LIMIT) : bytes
    p.isAwaiting = 0
    if (p.dialect.tail !== '') p.hasData = 1
    // The receiver itself answered: socket, PDP, radio and modem are well.
    p.tries.fill(0, 0, 5)
  }
  p.at.payload = ''
}

/**
 * The outcome is known before the command's OK, which is then due soon and may as well be lost. C has no OK for what it
 * sends and closes, D none for what it sends.
 */
function settle(p: CellularPath, doing: Step): void {
  if (p.doing !== doing) return
  const family = p.dialect.family
  p.doing = Step.NONE
  if (doing !== Step.LINK_OPEN && (family === Family.C || family === Family.D)) at.finish(p.at, p.timeMs)
  else p.at.untilMs = p.timeMs + SETTLE_MS
}
