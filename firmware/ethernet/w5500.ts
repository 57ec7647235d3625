/**
 * WIZnet W5500: SPI frames, the registers we use, and a socket as a TCP client or for datagrams.
 *
 * Source: W5500 data sheet v1.1.0 as digested in hardware.md §1. Bytes travel as strings of char codes 0-255, so that
 * comparing, cutting and joining are single native operations of the interpreter.
 *
 * Any function here may throw: the board reported an SPI error three times over, or the chip answered nonsense. The
 * caller (ethernet-path.ts) catches it in one place and climbs the recovery ladder.
 *
 * Here is what a running path needs at any time; resets, self-test and settings are in w5500-setup.ts. Not here: listening
 * sockets, MACRAW, interrupts by INTn.
 */

import type { Crypto, Spi } from '../hal'

/** One socket of the chip; the sockets of one chip share bus and scratch. */
export interface W5500 {
  spi: Spi
  natives: Crypto
  /** Scratch for the frame on its way out: FRAME_BYTES. */
  frame: Uint8Array
  /** The socket's register block, as the read form of the control byte. */
  block: number
  /** The socket's registers as last read twice alike; '' when the last readings differed. */
  seen: string
  /** The common registers when they were last found in order; '' when they were not. */
  common: string
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

/**
 * Blocks as the read form of the control byte, variable length mode; the write form has bit 2 set (hardware.md §1.1).
 * The next socket's lie NEXT further on. A socket's buffers follow its registers.
 */
export enum Block {
  COMMON = 0x00,
  WRITE = 0x04,
  SOCKET = 0x08,
  NEXT = 0x20,
}
export enum Buffer {
  SEND = 0x08,
  RECEIVE = 0x10,
}

/** Common registers (hardware.md §1.3). GAR, SUBR, SHAR and SIPR lie side by side from 0x0001: the chip's identity. */
export enum Common {
  MODE = 0x0000,
  IDENTITY = 0x0001,
  INTERRUPTS = 0x0015,
  RETRY = 0x0019,
  PHY_CONFIG = 0x002e,
  VERSION = 0x0039,
}
const COMMON_BYTES = 0x3a
/** MR bit 7. */
export const RESETTING = 0x80
const EXPECTED_VERSION = 4

/** Socket registers (hardware.md §1.4). */
const SOCKET_MODE = 0x00
const COMMAND = 0x01
const INTERRUPTS = 0x02
const STATE = 0x03
const SOURCE_PORT = 0x04
export const BUFFER_SIZES = 0x1e
const SEND_FREE = 0x20
const SEND_READ = 0x22
const SEND_WRITE = 0x24
const RECEIVE_SIZE = 0x26
const RECEIVE_READ = 0x28
const RECEIVE_WRITE = 0x2a
export const KEEP_ALIVE = 0x2f
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

/** Sn_SR values that mean something to us; all others are on the way to one of these. */
export const CLOSED = 0x00
export const ESTABLISHED = 0x17
/** The peer has closed its side; we may still read and send. */
export const CLOSE_WAIT = 0x1c
export const UDP = 0x22
const INIT = 0x13

/** What inspect() finds: a W5500 out of reset; the addresses we gave it; a link partner; somebody else with our address. */
export const ANSWERS = 1
export const IDENTIFIED = 2
export const LINKED = 4
export const CONFLICT = 8
const IN_ORDER = ANSWERS | IDENTIFIED | LINKED

/** Sn_IR bits. */
export const TIMEOUT = 0x08
export const SENT = 0x10
const ALL_INTERRUPTS = 0x1f

/** TCP, and ND: without it the chip waits up to RTR before it acknowledges (hardware.md §1.6). */
const TCP_NO_DELAY = 0x21
const DATAGRAMS = 0x02
/** 2 KB for each direction of each socket, in KB. */
export const BUFFER_KB = 2
const BUFFER_BYTES = 2048

/** Most data bytes in one frame: keeps the scratch small, and String.fromCharCode.apply below 255 arguments. */
export const CHUNK_BYTES = 128
export const FRAME_BYTES = CHUNK_BYTES + 3
/** Before each datagram in the receive buffer: source address (4), source port (2), length of the data (2). */
const DATAGRAM_HEADER_BYTES = 8
/** Most bytes that one receive() takes. */
export const RECEIVE_BYTES = 1024
/** The chip clears Sn_CR within microseconds (the limit in hardware.md §1.10 is 50). */
const COMMAND_READS = 10
/** Counters are not latched: read until two readings agree, this many times at most (hardware.md §1.5). */
const AGREE_READS = 5
const WRITE_TRIES = 2
const TRANSFER_TRIES = 3

/** The driver record of one socket, 0-7. Touches no hardware. */
export function create(spi: Spi, natives: Crypto, frame: Uint8Array, socket: number): W5500 {
  return {
    spi: spi,
    natives: natives,
    frame: frame,
    block: Block.SOCKET + socket * Block.NEXT,
    seen: '',
    common: '',
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

/**
 * All common registers in one frame, as a sum of ANSWERS, IDENTIFIED, LINKED and CONFLICT. After a silent reset the chip
 * answers, VERSIONR and all, but has lost its identity (hardware.md §1.10).
 * identity: GAR, SUBR, SHAR, SIPR, 18 bytes.
 */
export function inspect(chip: W5500, identity: string): number {
  const common = read(chip, Block.COMMON, Common.MODE, COMMON_BYTES)
  if (common === chip.common) return IN_ORDER
  let found = 0
  if (common.charCodeAt(Common.VERSION) === EXPECTED_VERSION && common.charCodeAt(Common.MODE) < RESETTING)
    found = ANSWERS
  if (common.substr(Common.IDENTITY, identity.length) === identity) found |= IDENTIFIED
  if (common.charCodeAt(Common.PHY_CONFIG) & 1) found |= LINKED
  if (common.charCodeAt(Common.INTERRUPTS) & 0x80) found |= CONFLICT
  chip.common = found === IN_ORDER ? common : ''
  return found
}

/**
 * Brings state, interrupts and counters up to date. One frame when nothing moved since last time, else up to
 * AGREE_READS frames; readings that never agree count as the smaller figures.
 * Fails: throws when what is read cannot be.
 */
export function look(chip: W5500): void {
  let seen = read(chip, chip.block, SOCKET_MODE, SNAPSHOT_BYTES)
  if (seen === chip.seen) return
  let before = ''
  for (let reads = 1; reads < AGREE_READS && seen !== before; reads++) {
    before = seen
    seen = read(chip, chip.block, SOCKET_MODE, SNAPSHOT_BYTES)
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
  open(chip, TCP_NO_DELAY, word(localPort) + target, INIT)
  command(chip, COMMAND_CONNECT)
}

/** Opens for datagrams to one target (as in connect()) and from anybody; what had come before is lost. */
export function bind(chip: W5500, localPort: number, target: string): void {
  open(chip, DATAGRAMS, word(localPort) + target, UDP)
}

/** From any state to an open socket. A TIMEOUT or SENDOK that cannot be cleared would end every later wait at once. */
function open(chip: W5500, mode: number, addresses: string, opened: number): void {
  command(chip, CLOSE)
  write(chip, chip.block, INTERRUPTS, String.fromCharCode(ALL_INTERRUPTS))
  writeSurely(chip, chip.block, SOCKET_MODE, String.fromCharCode(mode))
  writeSurely(chip, chip.block, SOURCE_PORT, addresses)
  command(chip, COMMAND_OPEN)
  look(chip)
  if (chip.state !== opened || chip.interrupts & (TIMEOUT | SENT)) throw new Error('W5500: socket does not open')
}

/** Puts bytes (at most CHUNK_BYTES) into the send buffer, offsetBytes after what was sent last. Sends nothing yet. */
export function fill(chip: W5500, offsetBytes: number, bytes: string): void {
  write(chip, chip.block + Buffer.SEND, (chip.sendPointer + offsetBytes) & 0xffff, bytes)
}

/** Sends the first lengthBytes of what fill() put there. The caller has seen that they are free. */
export function send(chip: W5500, lengthBytes: number): void {
  // A SENDOK left over from the last segment must not stand for this one.
  write(chip, chip.block, INTERRUPTS, String.fromCharCode(SENT))
  writeSurely(chip, chip.block, SEND_WRITE, word(chip.sendPointer + lengthBytes))
  command(chip, COMMAND_SEND)
}

/** Takes up to RECEIVE_BYTES of the bytes that look() saw waiting, and opens the window again. */
export function receive(chip: W5500): string {
  const lengthBytes = Math.min(chip.waiting, RECEIVE_BYTES)
  return take(chip, 0, lengthBytes)
}

/**
 * Takes the first of the datagrams that look() saw waiting: source address (4 bytes), source port (2), then the data. ''
 * when the data is longer than limitBytes, and when nothing can be said yet because the counters still move.
 * Fails: throws when the header cannot be, because the ring is out of step (hardware.md §1.7).
 */
export function receiveDatagram(chip: W5500, limitBytes: number): string {
  if (chip.seen === '') return ''
  const header = read(chip, chip.block + Buffer.RECEIVE, chip.readPointer, DATAGRAM_HEADER_BYTES)
  const lengthBytes = wordAt(header, 6)
  if (lengthBytes + DATAGRAM_HEADER_BYTES > chip.waiting) throw new Error('W5500: datagrams out of step')
  // All of it is consumed, wanted or not.
  if (lengthBytes <= limitBytes) return header.substr(0, 6) + take(chip, DATAGRAM_HEADER_BYTES, lengthBytes)
  chip.readPointer += lengthBytes
  take(chip, DATAGRAM_HEADER_BYTES, 0)
  return ''
}

/** Reads lengthBytes after skipBytes, and gives both back to the chip. */
function take(chip: W5500, skipBytes: number, lengthBytes: number): string {
  const from = chip.readPointer + skipBytes
  let bytes = ''
  for (let at = 0; at < lengthBytes; at += CHUNK_BYTES) {
    const partBytes = Math.min(lengthBytes - at, CHUNK_BYTES)
    bytes += read(chip, chip.block + Buffer.RECEIVE, (from + at) & 0xffff, partBytes)
  }
  writeSurely(chip, chip.block, RECEIVE_READ, word(from + lengthBytes))
  command(chip, COMMAND_RECEIVE)
  return bytes
}

/** Gives the socket a command and waits until the chip has accepted it; carrying it out may take longer. */
export function command(chip: W5500, code: number): void {
  write(chip, chip.block, COMMAND, String.fromCharCode(code))
  for (let reads = 0; reads < COMMAND_READS; reads++) {
    if (read(chip, chip.block, COMMAND, 1).charCodeAt(0) === 0) return
  }
  throw new Error('W5500: command not taken')
}

/** Writes and reads back: a pointer or an address that was bent on the bus would do harm unseen. */
export function writeSurely(chip: W5500, block: number, address: number, bytes: string): void {
  for (let tries = 0; tries < WRITE_TRIES; tries++) {
    write(chip, block, address, bytes)
    if (read(chip, block, address, bytes.length) === bytes) return
  }
  throw new Error('W5500: write not kept')
}

export function write(chip: W5500, block: number, address: number, bytes: string): void {
  chip.frame.set(chip.natives.bytesOf(bytes), 3)
  transfer(chip, block + Block.WRITE, address, bytes.length)
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
      if (tries >= TRANSFER_TRIES || (control === chip.block + Block.WRITE && address === COMMAND)) throw error
    }
  }
}

/** Two bytes, the high one first. */
export function word(value: number): string {
  return String.fromCharCode((value >> 8) & 255, value & 255)
}

export function wordAt(bytes: string, index: number): number {
  return (bytes.charCodeAt(index) << 8) | bytes.charCodeAt(index + 1)
}
