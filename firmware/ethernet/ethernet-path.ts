/**
 * The Ethernet path to the receiver: keeps the W5500 healthy, and makes one connection at a time, by TCP or by datagrams.
 *
 * Source: hardware.md §1.6 (connection), §1.7 (UDP), §1.9 (link), §1.11 (recovery ladder). A fault of the chip is an
 * exception inside poll() and ends in bringUp.fault(). Steps and record are in steps.ts; what is needed seldom is in
 * bring-up.ts (resets, ladder) and services.ts (DHCP, DNS, SNTP on socket 1), called from here and from nowhere else.
 *
 * An open connection is never closed for being idle. Not here: listening, a second connection, TLS. After open(), send()
 * or close() the owner polls at once; otherwise the work waits until the time that the last poll() named.
 */

import type { Hal } from '../hal'
import { DOWN, OPEN, OPENING, READY } from '../transmit/path'
import * as bringUp from './bring-up'
import * as services from './services'
import { drop, type EthernetPath, type EthernetSettings, Span, Step } from './steps'
import * as w5500 from './w5500'

export type { EthernetPath, EthernetSettings } from './steps'

/** reporting.md §5.4. */
const REPLY_TIMEOUT_MS = 5000
/**
 * hardware.md §1.9 has 0.5-1 s for the link, §1.10 1-5 s for the registers. A link that is up is looked at every 2 s, on full
 * seconds, so that both paths share one pass: that look was a fifth of what a panel at rest did each second. Its loss counts after 4 s at the most.
 */
const CHECK_MS = 500
const REST_MS = 2000
/** An answer that takes long is seen at the latest so long after it came. */
const LOOK_LIMIT_MS = 250
const LINK_UP_MS = 1000
const LINK_DOWN_MS = 2000
/** hardware.md §1.11 level 3. */
const PHY_PATIENCE_MS = 60000
/** TCP's 12.6 s and ARP's 1.2 s at RTR 2000, RCR 5 (hardware.md §1.8), with a margin of 2 s. */
const CONNECT_LIMIT_MS = 15800
const SEND_LIMIT_MS = 14600
/** hardware.md §1.6 step 7. */
const CLOSE_LIMIT_MS = 2000
/** A chip that looks well but reaches nobody may be locked up by interference (hardware.md §1.10): pulse RSTn. */
const SILENT_LIMIT = 10
/** Before that, level 2 of the ladder each time so many connections met silence. */
const RENEW_COUNT = 3
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
  const path: EthernetPath = {
    hal: hal,
    chip: w5500.create(hal.spi, hal.crypto, new Uint8Array(w5500.FRAME_BYTES), 0),
    resetPin: settings.resetPin,
    identity: String.fromCharCode.apply(
      null,
      settings.gateway.concat(settings.mask, settings.macAddress, settings.address),
    ),
    hasAddress: 1,
    targets: settings.targets,
    index: 0,
    addresses: [],
    freshUntilMs: [],
    target: '',
    localPort: FIRST_PORT + (((chance[0] << 8) | chance[1]) & PORT_MASK),
    step: Step.RESET,
    waitUntilMs: 0,
    deadlineMs: 0,
    checkAtMs: 0,
    serviceAtMs: Infinity,
    activeUntilMs: 0,
    isLinkSeen: false,
    linkSinceMs: 0,
    isLinked: 0,
    phyResetAtMs: 0,
    outgoing: '',
    filledBytes: 0,
    isSending: false,
    incoming: '',
    faultCount: 0,
    calmAtMs: 0,
    silentCount: 0,
    conflictCount: 0,
    isHardwareFault: false,
    services: undefined,
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
  services.create(path, settings)
  return path
}

/** See Path.poll. At most 50 SPI frames a call, 1 when nothing goes on. */
export function poll(path: EthernetPath, nowMs: number): number {
  if (nowMs < path.waitUntilMs) return path.waitUntilMs
  try {
    return path.step < Step.IDLE ? bringUp.step(path, nowMs) : serve(path, nowMs)
  } catch {
    return bringUp.fault(path, nowMs)
  }
}

/** See Path.open. */
export function open(path: EthernetPath, target: number): void {
  if (path.state !== READY) return
  path.state = OPENING
  path.index = target
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
  path.step = step === Step.CONNECTING || step === Step.CONNECTED ? Step.HANG_UP : step
}

/** The chip is up: watch it, and move the connection on. */
function serve(path: EthernetPath, nowMs: number): number {
  if (nowMs >= path.checkAtMs) check(path, nowMs)
  if (nowMs >= path.serviceAtMs) services.step(path, nowMs)
  const waitedBytes = path.chip.waiting
  if (isBusy(path)) {
    // To find that bytes came and to take them are a pass each.
    if (waitedBytes === 0 && path.chip.waiting > 0 && path.step === Step.CONNECTED) return nowMs
    turn(path, nowMs)
  }
  if (path.step > Step.IDLE) {
    const isIdle = path.step === Step.CONNECTED && path.outgoing === ''
    // No reply can be due any more: the end of an idle connection is seen with the next check.
    if (!isIdle || nowMs < path.activeUntilMs + REPLY_TIMEOUT_MS) return nowMs + patience(path, nowMs)
  }
  // A connection that just ended has made the check due at once.
  const nextMs = path.checkAtMs < path.serviceAtMs ? path.checkAtMs : path.serviceAtMs
  return nextMs > nowMs ? nextMs : nowMs
}

/** Until the next look, in ms: an eighth of the time since something happened. A look takes an ESP32 25 ms, by estimate. */
function patience(path: EthernetPath, nowMs: number): number {
  const waitMs = (nowMs + Span.ACTIVE_MS - path.activeUntilMs) >> 3
  if (waitMs > LOOK_LIMIT_MS) return LOOK_LIMIT_MS
  return waitMs > Span.QUICK_MS ? waitMs : Span.QUICK_MS
}

/** Brings the socket up to date. False while nothing is asked of it and an open connection shows nothing new. */
function isBusy(path: EthernetPath): boolean {
  if (path.step <= Step.IDLE) return path.step === Step.IDLE && path.state === OPENING // the check may have begun a reset
  const chip = path.chip
  w5500.look(chip)
  if (path.step !== Step.CONNECTED || path.outgoing !== '' || chip.waiting > 0) return true
  return (chip.state !== w5500.ESTABLISHED && chip.state !== w5500.UDP) || (chip.interrupts & w5500.TIMEOUT) !== 0
}

/** Moves the connection on. A part of its own on the device: nothing at rest needs it, an open connection included. */
function turn(path: EthernetPath, nowMs: number): void {
  switch (path.step) {
    case Step.IDLE:
      break
    case Step.CONNECTED:
      converse(path, nowMs)
      break
    case Step.CONNECTING:
      awaitAnswer(path, nowMs)
      break
    default:
      hangUp(path, nowMs)
  }
  if (path.step === Step.IDLE && path.state === OPENING) connect(path, nowMs)
}

/** Link with debounce, silent resets, our address in other hands. One frame, two in doubt. */
function check(path: EthernetPath, nowMs: number): void {
  path.checkAtMs = path.isLinked === 1 && path.isLinkSeen ? nowMs - (nowMs % REST_MS) + REST_MS : nowMs + CHECK_MS
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
    if (path.isLinked === 0 && ageMs >= LINK_UP_MS) services.linked(path, nowMs)
    if (found & w5500.CONFLICT) services.conflict(path, nowMs)
  } else if (path.isLinked === 1 && ageMs >= LINK_DOWN_MS) {
    services.unplugged(path)
  } else if (ageMs > PHY_PATIENCE_MS && nowMs >= path.phyResetAtMs) bringUp.resetPhy(path, nowMs)
  if (nowMs >= path.calmAtMs) path.faultCount = 0
}

/** To the target that open() named, as soon as its address is known. */
function connect(path: EthernetPath, nowMs: number): void {
  if (nowMs >= path.freshUntilMs[path.index]) {
    services.resolve(path, nowMs)
    return
  }
  if (path.silentCount >= SILENT_LIMIT) {
    path.silentCount = 0
    if (path.faultCount < 2) path.faultCount = 2
    throw new Error('W5500: reaches nobody')
  }
  const target = path.targets[path.index]
  path.target = '\xff\xff\xff\xff\xff\xff' + path.addresses[path.index] + w5500.word(target.port)
  path.localPort = FIRST_PORT + ((path.localPort + 1) & PORT_MASK)
  path.activeUntilMs = nowMs + Span.ACTIVE_MS
  if (target.isUdp === 1) {
    w5500.bind(path.chip, path.localPort, path.target)
    // Until a datagram comes back.
    silent(path, nowMs)
    path.step = Step.CONNECTED
    path.state = OPEN
    return
  }
  w5500.connect(path.chip, path.localPort, path.target)
  path.step = Step.CONNECTING
  path.deadlineMs = nowMs + CONNECT_LIMIT_MS
}

/** Nobody was heard: the receiver may have moved, or the router forgotten us (level 2 of the ladder). */
function silent(path: EthernetPath, nowMs: number): void {
  path.silentCount++
  if (path.silentCount % RENEW_COUNT === 0) services.renew(path, nowMs)
}

function awaitAnswer(path: EthernetPath, nowMs: number): void {
  switch (path.chip.state) {
    case w5500.ESTABLISHED:
    case w5500.CLOSE_WAIT:
      path.silentCount = 0
      path.activeUntilMs = nowMs + Span.ACTIVE_MS
      path.step = Step.CONNECTED
      path.state = OPEN
      break
    case w5500.CLOSED:
      // A refusal leaves no TIMEOUT bit (hardware.md §1.6 step 5), and shows that somebody is there.
      if (path.chip.interrupts & w5500.TIMEOUT) silent(path, nowMs)
      else path.silentCount = 0
      if (path.services !== undefined) services.forget(path)
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
  if (chip.state === w5500.UDP) takeDatagram(path, nowMs)
  else if (chip.waiting > 0) {
    path.incoming = (path.incoming + w5500.receive(chip)).slice(-FRAME_BYTES)
    path.activeUntilMs = nowMs + Span.ACTIVE_MS
    path.faultCount = 0
  } else if (chip.state === w5500.CLOSE_WAIT && path.outgoing === '') {
    // The owner gets a while to take the last bytes, so that it does not see the loss before the kiss-off.
    if (path.incoming === '' || nowMs >= path.activeUntilMs) {
      drop(path)
      path.step = Step.HANG_UP
      return
    }
  }
  if (chip.state === w5500.CLOSED) {
    drop(path)
  } else if (!isOpen(chip) || chip.interrupts & w5500.TIMEOUT) {
    // A datagram socket stays as it is when ARP finds nobody.
    drop(path)
    path.step = Step.HANG_UP
  } else if (path.outgoing !== '') {
    transmit(path, nowMs)
  }
}

function isOpen(chip: w5500.W5500): boolean {
  return chip.state === w5500.ESTABLISHED || chip.state === w5500.CLOSE_WAIT || chip.state === w5500.UDP
}

/** Only what the receiver sent: the chip takes datagrams from anybody (hardware.md §1.7). */
function takeDatagram(path: EthernetPath, nowMs: number): void {
  if (path.chip.waiting === 0) return
  const bytes = w5500.receiveDatagram(path.chip, FRAME_BYTES)
  if (bytes.substr(0, 6) !== path.target.substr(6)) return
  path.incoming = (path.incoming + bytes.substr(6)).slice(-FRAME_BYTES)
  path.activeUntilMs = nowMs + Span.ACTIVE_MS
  path.faultCount = 0
  path.silentCount = 0
}

/**
 * Moves path.outgoing into the chip, chunk by chunk, and waits for its end. Of the four exits of that wait SENDOK, or the
 * peer's acknowledgement, and the deadline are here; TIMEOUT and the change of state are in converse().
 */
function transmit(path: EthernetPath, nowMs: number): void {
  const chip = path.chip
  if (path.deadlineMs === 0) {
    path.deadlineMs = nowMs + SEND_LIMIT_MS
    path.activeUntilMs = nowMs + Span.ACTIVE_MS
  }
  if (path.isSending) {
    // Of a datagram the free buffer says nothing: ARP may still be asking.
    if (chip.interrupts & w5500.SENT || (chip.isAcknowledged && chip.state !== w5500.UDP)) {
      path.outgoing = ''
      path.filledBytes = 0
      path.isSending = false
      path.activeUntilMs = nowMs + Span.ACTIVE_MS
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
  if (path.step === Step.HANG_UP && (chip.state === w5500.ESTABLISHED || chip.state === w5500.CLOSE_WAIT)) {
    w5500.command(chip, w5500.DISCONNECT)
    path.deadlineMs = nowMs + CLOSE_LIMIT_MS
    path.activeUntilMs = nowMs + Span.ACTIVE_MS
    path.step = Step.CLOSING
  } else if (path.step === Step.HANG_UP || nowMs >= path.deadlineMs) {
    w5500.command(chip, w5500.CLOSE)
    path.step = Step.IDLE
  } else if (chip.state === w5500.CLOSED) {
    path.step = Step.IDLE
  }
}
