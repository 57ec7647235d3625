/**
 * WIZnet W5500: SPI frames, the registers we use, and socket 0 as a TCP client.
 *
 * Source: W5500 data sheet v1.1.0 as digested in hardware.md §1. Bytes travel as strings of char codes 0-255, so that
 * comparing, cutting and joining are single native operations of the interpreter.
 *
 * Any function here may throw: the board reported an SPI error three times over, or the chip answered nonsense. The
 * caller (ethernet-path.ts) catches it in one place and climbs the recovery ladder.
 *
 * Not here: UDP, DHCP, DNS, listening sockets, interrupts by INTn, sockets 1 to 7 (their buffer sizes are set, no more).
 */

import type { Spi } from '../hal'

export interface W5500 {
  spi: Spi
  /** Scratch for the frame on its way out: 3 header bytes and up to CHUNK_BYTES of data. */
  frame: Uint8Array
  /** The socket's registers as last read twice alike; '' when the last readings differed. */
  seen: string
  /** Sn_SR. */
  state: number
  /** Sn_IR. */
  interrupts: number
  /** Free bytes in the send buffer. */
  free: number
  /** Received bytes waiting in the chip. */
  waiting: number
  /** Sn_TX_WR and Sn_RX_RD: free-running 16-bit pointers. */
  sendPointer: number
  readPointer: number
  /** True when the peer's TCP has acknowledged all that was sent. */
  isAcknowledged: boolean
  /** SPI errors reported by the board, retried ones included. */
  errorCount: number
}

/** Blocks as the read form of the control byte, variable length mode; the write form has bit 2 set (hardware.md §1.1). */
const COMMON = 0x00
const SOCKET = 0x08
const SEND_BUFFER = 0x10
const RECEIVE_BUFFER = 0x18
const WRITE = 0x04
/** From one socket's register block to the next. */
const NEXT_SOCKET = 0x20
const SOCKET_COUNT = 8

/** Common registers (hardware.md §1.3). GAR, SUBR, SHAR and SIPR lie side by side from 0x0001: the chip's identity. */
const MODE = 0x0000
const IDENTITY = 0x0001
const RETRY = 0x0019
const PHY_CONFIG = 0x002e
const VERSION = 0x0039
const COMMON_BYTES = 0x3a
const SOFT_RESET = 0x80
const PING_BLOCK = 0x10
const EXPECTED_VERSION = 4
/** All speeds with auto-negotiation by pins; bit 7 clear holds the PHY in reset. */
const PHY_HELD = 0x38
const PHY_RUNNING = 0xb8

/** Socket registers (hardware.md §1.4). */
const SOCKET_MODE = 0x00
const COMMAND = 0x01
const INTERRUPTS = 0x02
const STATE = 0x03
const SOURCE_PORT = 0x04
const BUFFER_SIZES = 0x1e
const SEND_FREE = 0x20
const SEND_READ = 0x22
const SEND_WRITE = 0x24
const RECEIVE_SIZE = 0x26
const RECEIVE_READ = 0x28
const RECEIVE_WRITE = 0x2a
const KEEP_ALIVE = 0x2f
/** One frame from Sn_MR to Sn_RX_WR shows the whole socket: a frame costs the same whatever its length. */
const SNAPSHOT_BYTES = 0x2c

const COMMAND_OPEN = 0x01
const COMMAND_CONNECT = 0x04
/** Closes in order: FIN goes out, the state becomes CLOSED when the peer has answered. */
export const DISCONNECT = 0x08
/** Closes at once and without a word; the peer keeps a ghost (hardware.md §1.6 step 7). */
export const CLOSE = 0x10
const COMMAND_SEND = 0x20
const COMMAND_RECEIVE = 0x40

/** Sn_SR values that mean something to a TCP client; all others are on the way to one of these. */
export const CLOSED = 0x00
export const ESTABLISHED = 0x17
/** The peer has closed its side; we may still read and send. */
export const CLOSE_WAIT = 0x1c
const INIT = 0x13

/** What inspect() finds: a W5500 out of reset; the addresses we gave it; a link partner. */
export const ANSWERS = 1
export const IDENTIFIED = 2
export const LINKED = 4

/** Sn_IR bits. */
export const TIMEOUT = 0x08
export const SENT = 0x10
const ALL_INTERRUPTS = 0x1f

/** TCP, and ND: without it the chip waits up to RTR before it acknowledges (hardware.md §1.6). */
const TCP_NO_DELAY = 0x21
/** RTR in 100 us units and RCR: TCP gives up after 12.6 s, ARP after 1.2 s (hardware.md §1.8). */
const RETRY_TIME = 2000
const RETRY_COUNT = 5
/** 2 KB for each direction of each socket, in KB. */
const BUFFER_KB = 2
const BUFFER_BYTES = 2048
/** In 5 s units: a backstop behind the application's own supervision. */
const KEEP_ALIVE_UNITS = 12

/** Most data bytes in one frame: keeps the scratch small, and String.fromCharCode.apply below 255 arguments. */
export const CHUNK_BYTES = 128
/** Most bytes that one receive() takes. */
export const RECEIVE_BYTES = 1024
/** The chip clears Sn_CR within microseconds (the limit in hardware.md §1.10 is 50). */
const COMMAND_READS = 10
/** Counters are not latched: read until two readings agree, this many times at most (hardware.md §1.5). */
const AGREE_READS = 5
const WRITE_TRIES = 2
const TRANSFER_TRIES = 3

/** The chip's driver record. Touches no hardware. */
export function create(spi: Spi): W5500 {
  return {
    spi: spi,
    frame: new Uint8Array(CHUNK_BYTES + 3),
    seen: '',
    state: CLOSED,
    interrupts: 0,
    free: 0,
    waiting: 0,
    sendPointer: 0,
    readPointer: 0,
    isAcknowledged: true,
    errorCount: 0,
  }
}

/** Starts a software reset: every register falls back, sockets vanish without FIN. inspect() tells when it is over. */
export function softReset(chip: W5500): void {
  write(chip, COMMON, MODE, String.fromCharCode(SOFT_RESET))
}

/**
 * Proves that frames of awkward lengths survive the bus both ways (hardware.md §0: odd lengths and whole words were
 * broken once). Uses the send buffer, so no socket may be open.
 */
export function selfTest(chip: W5500): void {
  // That MR takes a value shows the chip is not held in reset.
  writeSurely(chip, COMMON, MODE, String.fromCharCode(PING_BLOCK))
  writeSurely(chip, COMMON, MODE, String.fromCharCode(0))
  const pattern = String.fromCharCode(0, 255, 85, 170, 1, 128, 127, 254, 16, 60, 195, 7, 224).repeat(5)
  for (const lengthBytes of [1, 2, 3, 4, 5, 31, 32, 33, 64, 65]) {
    writeSurely(chip, SEND_BUFFER, lengthBytes << 6, pattern.substr(0, lengthBytes))
  }
}

/** Writes all that a reset has taken. identity: GAR, SUBR, SHAR, SIPR, 18 bytes. */
export function setUp(chip: W5500, identity: string): void {
  writeSurely(chip, COMMON, IDENTITY, identity)
  writeSurely(chip, COMMON, RETRY, word(RETRY_TIME) + String.fromCharCode(RETRY_COUNT))
  for (let socket = 0; socket < SOCKET_COUNT; socket++) {
    writeSurely(chip, SOCKET + socket * NEXT_SOCKET, BUFFER_SIZES, String.fromCharCode(BUFFER_KB, BUFFER_KB))
  }
  writeSurely(chip, SOCKET, KEEP_ALIVE, String.fromCharCode(KEEP_ALIVE_UNITS))
}

/**
 * All common registers in one frame, as a sum of ANSWERS, IDENTIFIED and LINKED. After a silent reset the chip answers,
 * VERSIONR and all, but has lost its identity (hardware.md §1.10).
 */
export function inspect(chip: W5500, identity: string): number {
  const common = read(chip, COMMON, MODE, COMMON_BYTES)
  let found = 0
  if (common.charCodeAt(VERSION) === EXPECTED_VERSION && common.charCodeAt(MODE) < SOFT_RESET) found = ANSWERS
  if (common.substr(IDENTITY, identity.length) === identity) found |= IDENTIFIED
  if (common.charCodeAt(PHY_CONFIG) & 1) found |= LINKED
  return found
}

/** Holds the PHY in reset (1 ms at least), or lets it run and negotiate anew. */
export function holdPhy(chip: W5500, isHeld: boolean): void {
  write(chip, COMMON, PHY_CONFIG, String.fromCharCode(isHeld ? PHY_HELD : PHY_RUNNING))
}

/**
 * Brings state, interrupts and counters up to date. One frame when nothing moved since last time, else up to
 * AGREE_READS frames; readings that never agree count as the smaller figures.
 * Fails: throws when what is read cannot be.
 */
export function look(chip: W5500): void {
  let seen = read(chip, SOCKET, SOCKET_MODE, SNAPSHOT_BYTES)
  if (seen === chip.seen) return
  let before = ''
  for (let reads = 1; reads < AGREE_READS && seen !== before; reads++) {
    before = seen
    seen = read(chip, SOCKET, SOCKET_MODE, SNAPSHOT_BYTES)
  }
  chip.seen = ''
  chip.sendPointer = wordAt(seen, SEND_WRITE)
  chip.readPointer = wordAt(seen, RECEIVE_READ)
  chip.free = Math.min(wordAt(seen, SEND_FREE), wordAt(before, SEND_FREE))
  // The pointers tell the count a second time.
  chip.waiting = Math.min(
    wordAt(seen, RECEIVE_SIZE),
    wordAt(before, RECEIVE_SIZE),
    (wordAt(seen, RECEIVE_WRITE) - chip.readPointer) & 0xffff,
  )
  // The sizes we wrote prove that socket registers answer at all: a dead bus reads all 00 or all FF.
  if (
    seen.charCodeAt(BUFFER_SIZES) !== BUFFER_KB ||
    seen.charCodeAt(BUFFER_SIZES + 1) !== BUFFER_KB ||
    chip.free > BUFFER_BYTES ||
    chip.waiting > BUFFER_BYTES
  ) {
    throw new Error('W5500: impossible registers')
  }
  if (seen !== before) return
  chip.seen = seen
  chip.state = seen.charCodeAt(STATE)
  chip.interrupts = seen.charCodeAt(INTERRUPTS)
  chip.isAcknowledged = chip.free === BUFFER_BYTES && wordAt(seen, SEND_READ) === chip.sendPointer
}

/**
 * Starts a TCP connection (hardware.md §1.6 steps 2-5); look() tells how it goes.
 * target: DHAR (6 bytes FF, ARP fills it in), DIPR, DPORT: 12 bytes.
 */
export function connect(chip: W5500, localPort: number, target: string): void {
  command(chip, CLOSE)
  write(chip, SOCKET, INTERRUPTS, String.fromCharCode(ALL_INTERRUPTS))
  writeSurely(chip, SOCKET, SOCKET_MODE, String.fromCharCode(TCP_NO_DELAY))
  writeSurely(chip, SOCKET, SOURCE_PORT, word(localPort) + target)
  command(chip, COMMAND_OPEN)
  look(chip)
  if (chip.state !== INIT) throw new Error('W5500: socket does not open')
  command(chip, COMMAND_CONNECT)
}

/** Puts bytes (at most CHUNK_BYTES) into the send buffer, offsetBytes after what was sent last. Sends nothing yet. */
export function fill(chip: W5500, offsetBytes: number, bytes: string): void {
  write(chip, SEND_BUFFER, (chip.sendPointer + offsetBytes) & 0xffff, bytes)
}

/** Sends the first lengthBytes of what fill() put there. The caller has seen that they are free. */
export function send(chip: W5500, lengthBytes: number): void {
  // A SENDOK left over from the last segment must not stand for this one.
  write(chip, SOCKET, INTERRUPTS, String.fromCharCode(SENT))
  writeSurely(chip, SOCKET, SEND_WRITE, word(chip.sendPointer + lengthBytes))
  command(chip, COMMAND_SEND)
}

/** Takes up to RECEIVE_BYTES of the bytes that look() saw waiting, and opens the window again. */
export function receive(chip: W5500): string {
  const lengthBytes = Math.min(chip.waiting, RECEIVE_BYTES)
  let bytes = ''
  for (let at = 0; at < lengthBytes; at += CHUNK_BYTES) {
    bytes += read(chip, RECEIVE_BUFFER, (chip.readPointer + at) & 0xffff, Math.min(lengthBytes - at, CHUNK_BYTES))
  }
  writeSurely(chip, SOCKET, RECEIVE_READ, word(chip.readPointer + lengthBytes))
  command(chip, COMMAND_RECEIVE)
  return bytes
}

/** Gives socket 0 a command and waits until the chip has accepted it; carrying it out may take longer. */
export function command(chip: W5500, code: number): void {
  write(chip, SOCKET, COMMAND, String.fromCharCode(code))
  for (let reads = 0; reads < COMMAND_READS; reads++) {
    if (read(chip, SOCKET, COMMAND, 1).charCodeAt(0) === 0) return
  }
  throw new Error('W5500: command not taken')
}

/** Writes and reads back: a pointer or an address that was bent on the bus would do harm unseen. */
function writeSurely(chip: W5500, block: number, address: number, bytes: string): void {
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    write(chip, block, address, bytes)
    if (read(chip, block, address, bytes.length) === bytes) return
  }
  throw new Error('W5500: write not kept')
}

function write(chip: W5500, block: number, address: number, bytes: string): void {
  const frame = chip.frame
  for (let at = 0; at < bytes.length; at++) frame[at + 3] = bytes.charCodeAt(at)
  transfer(chip, block + WRITE, address, bytes.length)
}

function read(chip: W5500, block: number, address: number, lengthBytes: number): string {
  const answer = transfer(chip, block, address, lengthBytes)
  // apply() takes any list; the type of the standard library is narrower.
  return String.fromCharCode.apply(null, answer.subarray(3) as unknown as number[])
}

/** One SPI frame. The board may report an error that never was (hardware.md §0), so it is tried again. */
function transfer(chip: W5500, control: number, address: number, lengthBytes: number): Uint8Array {
  const frame = chip.frame.subarray(0, lengthBytes + 3)
  frame[0] = address >> 8
  frame[1] = address
  frame[2] = control
  for (let tries = 1; ; tries++) {
    try {
      return chip.spi.transfer(frame)
    } catch (error) {
      chip.errorCount++
      // A command may have arrived in spite of the error, and a second SEND would be one too many.
      if (tries >= TRANSFER_TRIES || (control === SOCKET + WRITE && address === COMMAND)) throw error
    }
  }
}

function word(value: number): string {
  return String.fromCharCode((value >> 8) & 255, value & 255)
}

function wordAt(bytes: string, index: number): number {
  return (bytes.charCodeAt(index) << 8) | bytes.charCodeAt(index + 1)
}
