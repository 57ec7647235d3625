/**
 * The Ethernet path to the receiver: brings the W5500 up, keeps it healthy, and makes one TCP connection at a time.
 *
 *   RESET > RELEASE > PROBE > SELF_TEST > SET_UP > IDLE > CONNECTING > CONNECTED > HANG_UP > CLOSING > IDLE
 *                       ^                           |  ^
 *                   SOFT_RESET                      PHY_HELD
 *
 * Source: hardware.md §1.6 (connection), §1.9 (link), §1.11 (recovery ladder, levels 1 and 3 to 6). A fault of the chip
 * is an exception inside poll() and ends in fault(), which picks the level by how many faults came lately.
 *
 * Static address, socket 0 only. Not here: DHCP, DNS (level 2 of the ladder goes with them), a slower SPI clock at
 * level 6 (the board's business), a module without its reset wire. After open(), send() or close() the owner polls at
 * once; otherwise the work waits until the time that the last poll() named.
 */

import { bytesOf } from '../config'
import type { Hal } from '../hal'
import { DOWN, OPEN, OPENING, type Path, READY, type Target } from '../transmit/path'
import * as w5500 from './w5500'

/** All addresses as lists of bytes, highest first. */
export interface EthernetSettings {
  /** 6 bytes. */
  macAddress: number[]
  /** 4 bytes each. */
  address: number[]
  mask: number[]
  gateway: number[]
  /** At least one. Not here: names, UDP, more than the first. */
  targets: Target[]
  /** Drives RSTn; the ladder's last rungs need it. */
  resetPin: number
}

export interface EthernetPath extends Path {
  hal: Hal
  chip: w5500.W5500
  resetPin: number
  /** GAR, SUBR, SHAR, SIPR as the chip must hold them. */
  identity: string
  /** Where to: DHAR, DIPR, DPORT. */
  target: string
  localPort: number
  step: number
  /** poll() does nothing before this. */
  waitUntilMs: number
  /** End of the current wait: probe, connection, segment, orderly close. 0: not begun. */
  deadlineMs: number
  /** Next look at the link and the chip's identity. */
  checkAtMs: number
  /** Polls are quick until then. */
  activeUntilMs: number
  /** Link bit as last read, and since when it reads so. path.state DOWN or not is the debounced link. */
  isLinkSeen: boolean
  linkSinceMs: number
  phyResetAtMs: number
  /** The frame being sent; '' when none. */
  outgoing: string
  /** How much of it lies in the chip's send buffer. */
  filledBytes: number
  isSending: boolean
  incoming: string
  /** Faults of the chip in a row: the rung of the ladder. */
  faultCount: number
  calmAtMs: number
  /** Connections in a row to which nothing answered at all. */
  silentCount: number
  /** Level 6: the chip does not come back. A trouble for the panel to report; retried every FAULT_RETRY_MS. */
  isHardwareFault: boolean
}

const RESET = 0
const RELEASE = 1
const SOFT_RESET = 2
const PROBE = 3
const SELF_TEST = 4
const SET_UP = 5
const PHY_HELD = 6
const IDLE = 7
const CONNECTING = 8
const CONNECTED = 9
const HANG_UP = 10
const CLOSING = 11

/** reporting.md §5.4. */
const REPLY_TIMEOUT_MS = 5000
/** hardware.md §1.2. */
const RESET_LOW_MS = 5
const RESET_WAIT_MS = 50
const PROBE_LIMIT_MS = 500
/** hardware.md §1.9. */
const CHECK_MS = 500
const LINK_UP_MS = 1000
const LINK_DOWN_MS = 2000
/** hardware.md §1.11 level 3. */
const PHY_PATIENCE_MS = 60000
const PHY_RESET_PAUSE_MS = 600000
/** TCP's 12.6 s and ARP's 1.2 s at RTR 2000, RCR 5 (hardware.md §1.8), with a margin of 2 s. */
const CONNECT_LIMIT_MS = 15800
const SEND_LIMIT_MS = 14600
/** hardware.md §1.6 step 7. */
const CLOSE_LIMIT_MS = 2000
const QUICK_MS = 20
const SLOW_MS = 100
const ACTIVE_MS = 2000
/** hardware.md §1.11: the rung after which only time helps, and the time. */
const LAST_RUNG = 4
const FAULT_RETRY_MS = 60000
/** Faults further apart than this start at the first rung again. */
const CALM_MS = 600000
/** A chip that looks well but reaches nobody may be locked up by interference (hardware.md §1.10): pulse RSTn. */
const SILENT_LIMIT = 10
/** Longest frame and most received bytes kept (transmit/path.ts). */
const FRAME_BYTES = 1024

/** First of the dynamic ports; the last is 65535. */
const FIRST_PORT = 49152
const PORT_MASK = 0x3fff

/** Touches no hardware; the first poll() begins the reset. */
export function create(hal: Hal, settings: EthernetSettings): EthernetPath {
  // A port the peer still remembers from before a reboot would fail the first connection (hardware.md §1.6).
  const chance = new Uint8Array(2)
  hal.random.fill(chance)
  const first = settings.targets[0]
  return {
    hal: hal,
    chip: w5500.create(hal.spi),
    resetPin: settings.resetPin,
    identity: String.fromCharCode.apply(
      null,
      settings.gateway.concat(settings.mask, settings.macAddress, settings.address),
    ),
    target: String.fromCharCode.apply(
      null,
      [255, 255, 255, 255, 255, 255].concat(bytesOf(first.host, '.', 10, 4), first.port >> 8, first.port & 255),
    ),
    localPort: FIRST_PORT + (((chance[0] << 8) | chance[1]) & PORT_MASK),
    step: RESET,
    waitUntilMs: 0,
    deadlineMs: 0,
    checkAtMs: 0,
    activeUntilMs: 0,
    isLinkSeen: false,
    linkSinceMs: 0,
    phyResetAtMs: 0,
    outgoing: '',
    filledBytes: 0,
    isSending: false,
    incoming: '',
    faultCount: 0,
    calmAtMs: 0,
    silentCount: 0,
    isHardwareFault: false,
    state: DOWN,
    replyTimeoutMs: REPLY_TIMEOUT_MS,
    timeSeconds: 0,
    timeAtMs: 0,
    open: open,
    send: send,
    receive: receive,
    close: close,
    poll: poll,
  }
}

/** See Path.poll. At most 50 SPI frames a call, 2 when nothing goes on. */
export function poll(path: EthernetPath, nowMs: number): number {
  if (nowMs < path.waitUntilMs) return path.waitUntilMs
  try {
    return path.step < IDLE ? bringUp(path, nowMs) : serve(path, nowMs)
  } catch {
    return fault(path, nowMs)
  }
}

/** See Path.open. */
export function open(path: EthernetPath): void {
  if (path.state !== READY) return
  path.state = OPENING
  path.incoming = ''
}

/** See Path.send. */
export function send(path: EthernetPath, frame: string): boolean {
  if (path.state !== OPEN || path.outgoing !== '' || frame === '') return false
  if (frame.length > FRAME_BYTES || frame.length > path.chip.free) return false
  path.outgoing = frame
  path.deadlineMs = 0
  return true
}

/** See Path.receive. What came before the peer closed stays here until the next open(). */
export function receive(path: EthernetPath): string {
  const received = path.incoming
  path.incoming = ''
  return received
}

/** See Path.close. The chip closes in its own time; an open() meanwhile waits for it. */
export function close(path: EthernetPath): void {
  const step = path.step
  drop(path)
  path.incoming = ''
  path.step = step === CONNECTING || step === CONNECTED ? HANG_UP : step
}

/** From reset to IDLE, one step a call. */
function bringUp(path: EthernetPath, nowMs: number): number {
  let waitMs = 0
  switch (path.step) {
    case RESET:
      path.hal.pins.mode(path.resetPin, 'output')
      path.hal.pins.write(path.resetPin, 0)
      path.step = RELEASE
      waitMs = RESET_LOW_MS
      break
    case RELEASE:
      path.hal.pins.write(path.resetPin, 1)
      waitMs = RESET_WAIT_MS
      path.deadlineMs = nowMs + RESET_WAIT_MS + PROBE_LIMIT_MS
      path.step = PROBE
      break
    case SOFT_RESET:
      w5500.softReset(path.chip)
      waitMs = 1
      path.deadlineMs = nowMs + PROBE_LIMIT_MS
      path.step = PROBE
      break
    case PROBE:
      if (w5500.inspect(path.chip, path.identity) & w5500.ANSWERS) path.step = SELF_TEST
      else if (nowMs >= path.deadlineMs) throw new Error('W5500: no answer')
      else waitMs = QUICK_MS
      break
    case SELF_TEST:
      w5500.selfTest(path.chip)
      path.step = SET_UP
      break
    case SET_UP:
      w5500.setUp(path.chip, path.identity)
      path.isHardwareFault = false
      path.isLinkSeen = false
      path.linkSinceMs = nowMs
      path.step = IDLE
      break
    default:
      w5500.holdPhy(path.chip, false)
      path.step = IDLE
  }
  path.waitUntilMs = nowMs + waitMs
  return path.waitUntilMs
}

/** The chip is up: watch it, and move the connection on. */
function serve(path: EthernetPath, nowMs: number): number {
  if (nowMs >= path.checkAtMs) check(path, nowMs)
  if (path.step > IDLE) {
    w5500.look(path.chip)
    switch (path.step) {
      case CONNECTED:
        converse(path, nowMs)
        break
      case CONNECTING:
        awaitAnswer(path, nowMs)
        break
      default:
        hangUp(path, nowMs)
    }
  }
  if (path.step === IDLE) {
    // A connection that just ended has made the check due at once.
    if (path.state !== OPENING) return Math.max(path.checkAtMs, nowMs)
    connect(path, nowMs)
  }
  return nowMs + (nowMs < path.activeUntilMs ? QUICK_MS : SLOW_MS)
}

/** Link with debounce, silent resets, level 3 of the ladder. One frame, two in doubt. */
function check(path: EthernetPath, nowMs: number): void {
  path.checkAtMs = nowMs + CHECK_MS
  let found = w5500.inspect(path.chip, path.identity)
  // One bent reading is no reset.
  if (!(found & w5500.IDENTIFIED)) found = w5500.inspect(path.chip, path.identity)
  if (!(found & w5500.IDENTIFIED)) {
    // There is no connection left to hang up: begin with the second rung.
    if (path.faultCount === 0) path.faultCount = 1
    throw new Error('W5500: registers lost')
  }
  const isUp = (found & w5500.LINKED) !== 0
  if (isUp !== path.isLinkSeen) {
    path.isLinkSeen = isUp
    path.linkSinceMs = nowMs
  }
  const ageMs = nowMs - path.linkSinceMs
  if (isUp) {
    if (path.state === DOWN && ageMs >= LINK_UP_MS) path.state = READY
  } else if (path.state !== DOWN && ageMs >= LINK_DOWN_MS) {
    // The chip itself keeps its sockets when the link goes (hardware.md §1.9).
    w5500.command(path.chip, w5500.CLOSE)
    drop(path)
    path.state = DOWN
  } else if (ageMs > PHY_PATIENCE_MS && nowMs >= path.phyResetAtMs) {
    path.phyResetAtMs = nowMs + PHY_RESET_PAUSE_MS
    w5500.holdPhy(path.chip, true)
    path.step = PHY_HELD
  }
  if (nowMs >= path.calmAtMs) path.faultCount = 0
}

function connect(path: EthernetPath, nowMs: number): void {
  if (path.silentCount >= SILENT_LIMIT) {
    path.silentCount = 0
    if (path.faultCount < 2) path.faultCount = 2
    throw new Error('W5500: reaches nobody')
  }
  path.localPort = FIRST_PORT + ((path.localPort + 1) & PORT_MASK)
  w5500.connect(path.chip, path.localPort, path.target)
  path.step = CONNECTING
  path.deadlineMs = nowMs + CONNECT_LIMIT_MS
  path.activeUntilMs = nowMs + ACTIVE_MS
}

function awaitAnswer(path: EthernetPath, nowMs: number): void {
  switch (path.chip.state) {
    case w5500.ESTABLISHED:
    case w5500.CLOSE_WAIT:
      path.silentCount = 0
      path.activeUntilMs = nowMs + ACTIVE_MS
      path.step = CONNECTED
      path.state = OPEN
      break
    case w5500.CLOSED:
      // A refusal leaves no TIMEOUT bit (hardware.md §1.6 step 5), and shows that somebody is there.
      path.silentCount = path.chip.interrupts & w5500.TIMEOUT ? path.silentCount + 1 : 0
      drop(path)
      break
    default:
      // The chip gives up by itself before this.
      if (nowMs >= path.deadlineMs) throw new Error('W5500: state stuck')
  }
}

/** Receive first: what the peer said last must not be lost with the connection. */
function converse(path: EthernetPath, nowMs: number): void {
  const chip = path.chip
  if (chip.waiting > 0) {
    path.incoming = (path.incoming + w5500.receive(chip)).slice(-FRAME_BYTES)
    path.activeUntilMs = nowMs + ACTIVE_MS
    path.faultCount = 0
  } else if (chip.state === w5500.CLOSE_WAIT && path.outgoing === '') {
    // The owner gets a while to take the last bytes, so that it does not see the loss before the kiss-off.
    if (path.incoming === '' || nowMs >= path.activeUntilMs) {
      drop(path)
      path.step = HANG_UP
      return
    }
  }
  if (chip.state === w5500.CLOSED) {
    drop(path)
  } else if ((chip.state !== w5500.ESTABLISHED && chip.state !== w5500.CLOSE_WAIT) || chip.interrupts & w5500.TIMEOUT) {
    drop(path)
    path.step = HANG_UP
  } else if (path.outgoing !== '') {
    transmit(path, nowMs)
  }
}

/**
 * Moves path.outgoing into the chip, chunk by chunk, and waits for its end. Of the four exits of that wait SENDOK, or the
 * peer's acknowledgement, and the deadline are here; TIMEOUT and the change of state are in converse().
 */
function transmit(path: EthernetPath, nowMs: number): void {
  const chip = path.chip
  if (path.deadlineMs === 0) {
    path.deadlineMs = nowMs + SEND_LIMIT_MS
    path.activeUntilMs = nowMs + ACTIVE_MS
  }
  if (path.isSending) {
    if (chip.interrupts & w5500.SENT || chip.isAcknowledged) {
      path.outgoing = ''
      path.filledBytes = 0
      path.isSending = false
      path.activeUntilMs = nowMs + ACTIVE_MS
      return
    }
  } else if (chip.free >= path.outgoing.length) {
    const part = path.outgoing.substr(path.filledBytes, w5500.CHUNK_BYTES)
    w5500.fill(chip, path.filledBytes, part)
    path.filledBytes += part.length
    if (path.filledBytes === path.outgoing.length) {
      w5500.send(chip, path.filledBytes)
      path.isSending = true
    }
  }
  if (nowMs >= path.deadlineMs) throw new Error('W5500: never sent')
}

/** FIN first, and CLOSE when no answer comes: CLOSE alone leaves the peer a ghost. */
function hangUp(path: EthernetPath, nowMs: number): void {
  const chip = path.chip
  if (path.step === HANG_UP && (chip.state === w5500.ESTABLISHED || chip.state === w5500.CLOSE_WAIT)) {
    w5500.command(chip, w5500.DISCONNECT)
    path.deadlineMs = nowMs + CLOSE_LIMIT_MS
    path.activeUntilMs = nowMs + ACTIVE_MS
    path.step = CLOSING
  } else if (path.step === HANG_UP || nowMs >= path.deadlineMs) {
    w5500.command(chip, w5500.CLOSE)
    path.step = IDLE
  } else if (chip.state === w5500.CLOSED) {
    path.step = IDLE
  }
}

/** Forgets the connection and what was to be sent; a READY path stays READY, a path that is DOWN stays DOWN. */
function drop(path: EthernetPath): void {
  if (path.state > READY) path.state = READY
  if (path.step > IDLE) {
    path.step = IDLE
    path.checkAtMs = 0
  }
  path.outgoing = ''
  path.filledBytes = 0
  path.isSending = false
}

/** The recovery ladder (hardware.md §1.11): hang up, soft reset, RSTn, RSTn, then RSTn once a minute. */
function fault(path: EthernetPath, nowMs: number): number {
  const wasServing = path.step >= IDLE
  drop(path)
  path.faultCount++
  path.calmAtMs = nowMs + CALM_MS
  path.waitUntilMs = nowMs + QUICK_MS
  if (path.faultCount === 1 && wasServing) {
    path.step = HANG_UP
    return path.waitUntilMs
  }
  path.state = DOWN
  path.step = path.faultCount <= 2 ? SOFT_RESET : RESET
  if (path.faultCount > LAST_RUNG) {
    path.isHardwareFault = true
    path.waitUntilMs = nowMs + FAULT_RETRY_MS
  }
  return path.waitUntilMs
}
