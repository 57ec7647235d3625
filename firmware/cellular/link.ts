/**
 * The TCP link of a modem that is UP (hardware.md §2.5, dialect A): number 0 is opened, used and closed; bytes from the
 * receiver stay in the modem until read. +CIPSEND only says that the modem took the bytes: delivery is proved by the
 * receiver's reply alone.
 *
 * Not here: further links, UDP, pushed receive (CIPRXGET=0), transparent mode.
 */

import { DOWN, OPEN, OPENING, READY } from '../transmit/path'
import * as at from './at'
import { query } from './bring-up'
import { fail } from './ladder'
import { type CellularPath, CHECK_MS, go, Limit, Link, run, Step, spoil } from './steps'

/** A lost notice of data must not cost the event. */
const ASK_MS = 2000
/** A result that means nothing any more is waited for no longer than this. */
const SETTLE_MS = 1000

/** The longest frame (path.ts), the most that is kept for receive(), and one read from the modem. */
const FRAME_LIMIT = 1024
const RECEIVED_LIMIT = 1024
const READ_BYTES = 256

/** Path.open. The first byte leaves at once when the modem is idle. */
export function open(p: CellularPath, target: number): void {
  if (p.state !== READY) return
  p.state = OPENING
  p.target = target
  p.received = ''
  p.timeMs = p.hal.clock.nowMs()
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
  else if (link === Link.CONNECTED && p.frame !== '') {
    p.doing = Step.LINK_SEND
    p.untilMs = nowMs + Limit.OPEN_MS
    at.start(p.at, `AT+CIPSEND=0,${p.frame.length}`, p.frame, Limit.SEND_MS, nowMs)
    p.frame = ''
  } else if ((link === Link.CONNECTED || link === Link.ENDED) && p.hasData) {
    p.hasData = 0
    run(p, Step.LINK_READ, `AT+CIPRXGET=2,0,${READ_BYTES}`, Limit.COMMAND_MS)
  } else if (link === Link.ENDED || link === Link.SPOILED) {
    // The receiver may hang up after its reply; without one, it is a fault of the socket.
    if (link === Link.ENDED && p.isAwaiting) fail(p, 1)
    else if (p.state > READY && link === Link.ENDED) p.state = READY
    p.link = Link.CLOSING
    p.isAwaiting = 0
    p.untilMs = nowMs + Limit.SEND_MS
    run(p, Step.LINK_CLOSE, 'AT+CIPCLOSE=0', Limit.SEND_MS)
  } else if (link === Link.CLOSED && p.state === OPENING) {
    p.link = Link.CONNECTING
    p.hasData = 0
    p.untilMs = nowMs + Limit.OPEN_MS
    const target = p.settings.targets[p.target]
    run(p, Step.LINK_OPEN, `AT+CIPOPEN=0,"TCP","${target.host}",${target.port}`, Limit.OPEN_MS)
  } else if (link === Link.CLOSED && p.state === DOWN) {
    if (nowMs >= p.retryAtMs) p.state = READY
  } else if (nowMs >= p.askAtMs) {
    p.askAtMs = nowMs + (p.isAwaiting ? ASK_MS : CHECK_MS)
    if (nowMs >= p.calmAtMs) p.tries.fill(0)
    if (link === Link.CONNECTED) run(p, Step.LINK_ASK, 'AT+CIPRXGET=4,0', Limit.COMMAND_MS)
    else if (link === Link.CLOSED) query(p)
  }
}

/** In UP: the time limit of what the link does has passed, or the modem answered its command with ERROR. */
export function expired(p: CellularPath): void {
  p.untilMs = Infinity
  // A CIPCLOSE fails when there is nothing to close.
  if (p.link === Link.CLOSING) p.link = Link.CLOSED
  else if (p.link === Link.CONNECTING || p.isSending) fail(p, 1)
}

/** In UP: a line about the link, all that begin with +CIP, and +IPCLOSE. */
export function told(p: CellularPath, name: string, value: string): void {
  const parts = value.split(',')
  const isOurs = parts[0] === '0'
  switch (name) {
    case '+CIPRXGET':
      dataTold(p, parts)
      break
    case '+CIPSEND':
      if (!isOurs || !p.isSending || p.frame !== '') break
      settle(p, Step.LINK_SEND)
      // Fewer bytes confirmed than asked for, or -1: the rest of the frame is lost (hardware.md §2.5).
      if (parseInt(parts[2], 10) >= parseInt(parts[1], 10)) {
        p.isSending = 0
        p.untilMs = Infinity
      } else fail(p, 1)
      break
    case '+CIPOPEN':
      if (!isOurs) break
      if (p.link === Link.CONNECTING) {
        settle(p, Step.LINK_OPEN)
        if (value === '0,0') {
          p.link = Link.CONNECTED
          p.state = OPEN
          p.untilMs = Infinity
          p.askAtMs = p.timeMs + CHECK_MS
        } else {
          // 2: the PDP is down. All else, 1 (network failure) included, may be the receiver's fault.
          fail(p, value === '0,2' ? 2 : 1)
        }
      } else if (p.link === Link.CLOSED && value === '0,0') p.link = Link.SPOILED
      break
    case '+CIPCLOSE':
      if (!isOurs) break
      if (p.link === Link.CLOSING) {
        settle(p, Step.LINK_CLOSE)
        p.link = Link.CLOSED
        p.untilMs = Infinity
      } else if (p.link === Link.CONNECTED || p.link === Link.ENDED) {
        fail(p, 1)
        p.link = Link.CLOSED
      }
      break
    case '+IPCLOSE':
      if (!isOurs) break
      if (p.link === Link.CONNECTED) {
        // What the receiver sent before it hung up can still be read.
        p.link = Link.ENDED
        p.hasData = 1
      } else if (p.link === Link.CONNECTING) fail(p, 1)
      break
    case '+CIPEVENT':
      fail(p, 2)
      break
  }
}

/** +CIPRXGET: 1,0 (notice) | 2,0,read,rest (then the bytes) | 4,0,rest. */
function dataTold(p: CellularPath, parts: string[]): void {
  if (parts[1] !== '0') return
  const count = parts.length > 2 ? parseInt(parts[2], 10) : 0
  if (parts[0] === '1') p.hasData = 1
  else if (parts[0] === '4') {
    if (count > 0) p.hasData = 1
  } else if (parts[0] === '2' && p.doing === Step.LINK_READ) {
    if (count > 0 && count <= READ_BYTES) p.at.count = count
    if (parts.length > 3 && parseInt(parts[3], 10) > 0) p.hasData = 1
  }
}

/** The bytes announced by +CIPRXGET: 2 are complete. */
export function arrived(p: CellularPath): void {
  if (p.link === Link.CONNECTED || p.link === Link.ENDED) {
    const bytes = p.received + p.at.payload
    p.received = bytes.length > RECEIVED_LIMIT ? bytes.substr(bytes.length - RECEIVED_LIMIT) : bytes
    p.isAwaiting = 0
    // The receiver itself answered: socket, PDP, radio and modem are well.
    p.tries.fill(0, 0, 5)
  }
  p.at.payload = ''
}

/** The outcome is known before the command's OK, which is then due soon and may as well be lost. */
function settle(p: CellularPath, doing: Step): void {
  if (p.doing !== doing) return
  p.doing = Step.NONE
  p.at.untilMs = p.timeMs + SETTLE_MS
}
