/**
 * WIZnet W5500 Ethernet chip, seen from its SPI pins, its RSTn and INTn pins and its cable (data sheet v1.1.0).
 *
 * Modelled: SPI frames of variable and fixed length, every register with its reset value and access, buffer memory cut by
 * the size registers, eight sockets as TCP clients over a Nic, retries and timeouts, interrupts, link, resets, power.
 *
 * Not modelled: what travels by UDP, MACRAW or IPRAW (OPEN and SEND behave, nothing leaves or arrives); LISTEN (nobody
 * ever calls, so SYNRECV is never seen, nor is CLOSING); PPPoE, ping, wake on LAN, IR.CONFLICT and IR.UNREACH; keep-alive
 * (KPALVTR is kept, SEND_KEEP does nothing); TTL, TOS, FRAG; ARP answers: a host on the own subnet that does not exist
 * looks like one that swallows packets; a peer that still holds the reused local port; INTLEVEL; SPI clock limits.
 * Waits are rounded up to whole milliseconds.
 */

import type { VirtualClock } from './clock'
import type { Connection, Nic } from './network'
import { Random } from './random'

export interface W5500Options {
  /** The data sheet does not say when SENDOK comes in TCP: bytes on the wire ('sent', the default), or acknowledged. */
  sendOkMeans?: 'sent' | 'acknowledged'
  /**
   * Reads of Sn_CR that still show the command before it reads 0 (default 0). A millisecond clears it too, and a command
   * written before that is lost. Infinity: no command is ever accepted.
   */
  commandReads?: number
  /** A reset by the peer sets Sn_IR.DISCON as well; the data sheet leaves it open. Default false. */
  resetSetsDiscon?: boolean
  /** From reset to link, for auto-negotiation; default 2000 ms (hardware.md §1.2: 1 to 3 s). */
  linkUpMs?: number
  /** Chance for spiErrorOneIn. */
  random?: Random
}

/** What a scenario may break. */
export interface W5500Faults {
  /** MISO held high or low; nothing reaches the chip. */
  deadBus: 'none' | 'ff' | '00'
  /** One frame in so many has one bit inverted, on MOSI or on MISO; 0 is never. */
  spiErrorOneIn: number
  /** Data still goes out and is acknowledged, only the bit never shows. */
  sendOkNever: boolean
  /** A socket in SYNSENT, FIN_WAIT, TIME_WAIT or LAST_ACK stays there; only CLOSE and resets get it out. */
  stuckState: boolean
  /** TX_FSR and RX_RSR come with the high byte of the previous read: the first read after a change may be torn. */
  tornCounters: boolean
}

interface Socket {
  number: number
  registers: Uint8Array
  /** Internal ACK pointer: everything before it has reached the peer. */
  acknowledged: number
  /** RX_RD as of the last RECV: everything before it is free again. */
  released: number
  connection: Connection | undefined
  /** Counts closings, so that what a former connection still reports is not heard. */
  generation: number
  /** Alarm of the one wait a socket can be in; 0 when none. */
  timer: number
  synAtMs: number
  roundTripMs: number
  /** Arrived, but outside the window. */
  waiting: string
  /** The peer's FIN, which takes effect behind the waiting bytes. */
  hasPeerEnded: boolean
  isSendPending: boolean
  commandAtMs: number
  commandReadsLeft: number
  /** High bytes of TX_FSR and RX_RSR at their previous read. */
  staleFree: number
  staleReceived: number
}

/** One of the two buffer memories; its 1 KB blocks exist once they are written. */
interface Memory {
  sizeRegister: number
  blocks: (Uint8Array | undefined)[]
}

const SOCKET_COUNT = 8
/** Unit of the buffer size registers. */
const BLOCK_BYTES = 1024
const MEMORY_BLOCKS = 16

// Common registers (hardware.md §1.3).
const MR = 0x00
const GAR = 0x01
const SUBR = 0x05
const SHAR = 0x09
const SIPR = 0x0f
const IR = 0x15
const IMR = 0x16
const SIR = 0x17
const SIMR = 0x18
const RTR = 0x19
const RCR = 0x1b
const PTIMER = 0x1c
const PMRU = 0x26
const UIPR = 0x28
const PHYCFGR = 0x2e
const COMMON_BYTES = 0x2f
const VERSIONR = 0x39
const CHIP_VERSION = 0x04
const MR_RST = 0x80
const PHY_RST = 0x80
const PHY_OPMD = 0x40
const PHY_DEFAULT = 0xb8
const PHY_MODE_POWER_DOWN = 6
const PHY_MODE_ALL = 7

// Socket registers (hardware.md §1.4).
const SN_MR = 0x00
const SN_CR = 0x01
const SN_IR = 0x02
const SN_SR = 0x03
const SN_PORT = 0x04
const SN_DHAR = 0x06
const SN_DIPR = 0x0c
const SN_DPORT = 0x10
const SN_MSSR = 0x12
const SN_TOS = 0x15
const SN_TTL = 0x16
const SN_RXBUF_SIZE = 0x1e
const SN_TXBUF_SIZE = 0x1f
const SN_TX_FSR = 0x20
const SN_TX_RD = 0x22
const SN_TX_WR = 0x24
const SN_RX_RSR = 0x26
const SN_RX_RD = 0x28
const SN_RX_WR = 0x2a
const SN_IMR = 0x2c
const SN_FRAG = 0x2d
const SOCKET_BYTES = 0x30

const OPEN = 0x01
const LISTEN = 0x02
const CONNECT = 0x04
const DISCON = 0x08
const CLOSE = 0x10
const SEND = 0x20
const SEND_MAC = 0x21
const RECV = 0x40

const CLOSED = 0x00
const INIT = 0x13
const LISTENING = 0x14
const SYNSENT = 0x15
const ESTABLISHED = 0x17
const FIN_WAIT = 0x18
const TIME_WAIT = 0x1b
const CLOSE_WAIT = 0x1c
const LAST_ACK = 0x1d
const UDP = 0x22
const MACRAW = 0x42

const IR_CON = 0x01
const IR_DISCON = 0x02
const IR_RECV = 0x04
const IR_TIMEOUT = 0x08
const IR_SENDOK = 0x10

/** Shortest RSTn pulse: 500 us, so on a clock of milliseconds the pin must rise in a later one. */
const RESET_LOW_MS = 1
/** From a reset until the PLL is stable and the chip answers. */
const RESET_DEAD_MS = 1
const LINK_UP_MS = 2000
/** The data sheet gives no length for TIME_WAIT; long enough to be seen by a driver that polls. */
const TIME_WAIT_MS = 20
/** Largest TCP payload of one packet. */
const MSS_LIMIT_BYTES = 1460
/** A peer that has so much outside a closed window gives up and resets. */
const WAITING_LIMIT_BYTES = 65536
/** The retry time doubles only while it still fits its 16 bits (hardware.md §1.8). */
const RETRY_LIMIT_UNITS = 65535
/** MAC that answers each ARP request: locally administered. */
const PEER_MAC = [2, 0, 0, 0, 0, 1]
/** Longest run of bytes handed to one apply; the interpreter takes 255. */
const TEXT_CHUNK_BYTES = 128

export class W5500 {
  faults: W5500Faults = {
    deadBus: 'none',
    spiErrorOneIn: 0,
    sendOkNever: false,
    stuckState: false,
    tornCounters: false,
  }
  /** Told of each thing that happens to a socket or to the chip, for the trace. Lengths only, never contents. */
  onActivity: (what: string) => void = ignore

  private clock: VirtualClock
  private nic: Nic
  private random: Random
  private isSendOkAtAck: boolean
  private commandReads: number
  private resetSetsDiscon: boolean
  private linkUpMs: number

  private isPowered = true
  private resetLevel = 1
  private lowAtMs = 0
  private awakeAtMs = 0
  private phyReadyAtMs = 0
  /** OPMDC as the PHY took it over when it last left its reset. */
  private phyMode = PHY_MODE_ALL
  private common = new Uint8Array(COMMON_BYTES)
  private sockets: Socket[] = []
  private transmitMemory: Memory = { sizeRegister: SN_TXBUF_SIZE, blocks: [] }
  private receiveMemory: Memory = { sizeRegister: SN_RXBUF_SIZE, blocks: [] }

  constructor(clock: VirtualClock, nic: Nic, options?: W5500Options) {
    const chosen: W5500Options = options || {}
    this.clock = clock
    this.nic = nic
    this.random = chosen.random || new Random(5500)
    this.isSendOkAtAck = chosen.sendOkMeans === 'acknowledged'
    this.commandReads = chosen.commandReads || 0
    this.resetSetsDiscon = chosen.resetSetsDiscon === true
    this.linkUpMs = chosen.linkUpMs === undefined ? LINK_UP_MS : chosen.linkUpMs
    this.start()
  }

  /**
   * One frame with CS low from its first byte to its last; returns MISO, as many bytes (hardware.md §1.1).
   * MISO carries 01 02 03 during a header, 00 during written data, FF when nobody drives it.
   */
  transfer(frame: Uint8Array): Uint8Array {
    const reply = new Uint8Array(frame.length)
    if (this.faults.deadBus === '00') return reply
    if (this.faults.deadBus === 'ff' || !this.isAwake()) return reply.fill(0xff)
    if (frame.length === 0 || !this.random.oneIn(this.faults.spiErrorOneIn)) {
      this.decode(frame, reply)
      return reply
    }
    const bit = this.random.below(frame.length * 16)
    const index = bit >> 4
    if (bit & 8) {
      this.decode(frame, reply)
      reply[index] ^= 1 << (bit & 7)
    } else {
      const damaged = new Uint8Array(frame.length)
      damaged.set(frame)
      damaged[index] ^= 1 << (bit & 7)
      this.decode(damaged, reply)
    }
    return reply
  }

  /** RSTn. The reset takes effect when the pin rises; a pulse within one millisecond is too short and changes nothing. */
  setReset(level: number): void {
    if (level === this.resetLevel) return
    this.resetLevel = level
    if (level === 0) this.lowAtMs = this.clock.nowMs
    else if (this.clock.nowMs - this.lowAtMs < RESET_LOW_MS) this.onActivity('RSTn pulse too short, ignored')
    else if (this.isPowered) this.restart('reset by RSTn')
  }

  /** INTn, active low. */
  interruptLevel(): number {
    if (!this.isAwake()) return 1
    return this.common[IR] & this.common[IMR] || this.socketInterrupts() & this.common[SIMR] ? 0 : 1
  }

  /** Off: nobody drives MISO, all state is lost, and the peers are not told. */
  setPower(isOn: boolean): void {
    if (isOn === this.isPowered) return
    this.isPowered = isOn
    this.restart(isOn ? 'power on' : 'power off')
  }

  /** A dip of the supply: the chip is back at its defaults and says nothing about it (hardware.md §1.10). */
  brownOut(): void {
    if (this.isPowered) this.restart('reset by brown-out')
  }

  // The chip as a whole.

  private isAwake(): boolean {
    return this.isPowered && this.resetLevel === 1 && this.clock.nowMs >= this.awakeAtMs
  }

  private restart(reason: string): void {
    this.onActivity(reason)
    this.start()
    this.awakeAtMs = this.clock.nowMs + RESET_DEAD_MS
  }

  /** Every register to its reset value; all sockets vanish without FIN. */
  private start(): void {
    for (const socket of this.sockets) this.drop(socket)
    this.sockets = []
    for (let number = 0; number < SOCKET_COUNT; number++) this.sockets.push(createSocket(number))
    this.transmitMemory.blocks = []
    this.receiveMemory.blocks = []
    const common = new Uint8Array(COMMON_BYTES)
    setWord(common, RTR, 2000)
    common[RCR] = 8
    common[PTIMER] = 0x28
    setWord(common, PMRU, 0xffff)
    common[PHYCFGR] = PHY_DEFAULT
    this.common = common
    this.phyMode = PHY_MODE_ALL
    this.phyReadyAtMs = this.clock.nowMs + this.linkUpMs
  }

  /** Splits a frame into its accesses: one of variable length, or several of fixed length (CS tied low). */
  private decode(frame: Uint8Array, reply: Uint8Array): void {
    let at = 0
    while (at < frame.length) {
      for (let index = 0; index < 3 && at + index < frame.length; index++) reply[at + index] = index + 1
      if (at + 3 > frame.length) return
      const control = frame[at + 2]
      const mode = control & 3
      const restBytes = frame.length - at - 3
      const lengthBytes = mode === 0 ? restBytes : Math.min(mode === 3 ? 4 : mode, restBytes)
      this.access(control, wordAt(frame, at), frame, reply, at + 3, lengthBytes)
      at += 3 + lengthBytes
    }
  }

  /** Reads or writes lengthBytes from `address` on, in the block that the control byte names. */
  private access(
    control: number,
    address: number,
    frame: Uint8Array,
    reply: Uint8Array,
    at: number,
    lengthBytes: number,
  ): void {
    const isWrite = (control & 4) !== 0
    const area = (control >> 3) & 3
    const socket = this.sockets[control >> 5]
    if (area > 1) {
      const memory = area === 2 ? this.transmitMemory : this.receiveMemory
      this.copy(memory, socket, address, isWrite ? frame : reply, at, lengthBytes, isWrite)
      return
    }
    const isCommon = area === 0
    // Blocks 4, 8 ... 28 are reserved.
    if (isCommon && control >> 5 !== 0) return
    for (let end = at + lengthBytes; at < end; at++) {
      if (!isWrite) reply[at] = isCommon ? this.readCommon(address) : this.readSocket(socket, address)
      else if (isCommon) this.writeCommon(address, frame[at])
      else this.writeSocket(socket, address, frame[at])
      address = (address + 1) & 0xffff
    }
  }

  private readCommon(address: number): number {
    if (address === SIR) return this.socketInterrupts()
    if (address === PHYCFGR) return this.common[PHYCFGR] | this.linkBits()
    if (address === VERSIONR) return CHIP_VERSION
    return address < COMMON_BYTES ? this.common[address] : 0
  }

  private writeCommon(address: number, value: number): void {
    if (address === MR && value & MR_RST) {
      this.onActivity('reset by MR')
      this.start()
    } else if (address === IR) this.common[IR] &= ~value
    else if (address === PHYCFGR) this.configurePhy(value)
    else if (address < UIPR && address !== SIR) this.common[address] = value
  }

  private socketInterrupts(): number {
    let bits = 0
    for (let number = 0; number < SOCKET_COUNT; number++) {
      if (this.sockets[number].registers[SN_IR] !== 0) bits |= 1 << number
    }
    return bits
  }

  /** The PHY takes a new mode over when its reset bit rises, and negotiates anew. */
  private configurePhy(value: number): void {
    const wasRunning = (this.common[PHYCFGR] & PHY_RST) !== 0
    this.common[PHYCFGR] = value & 0xf8
    if (wasRunning || (value & PHY_RST) === 0) return
    this.phyMode = value & PHY_OPMD ? (value >> 3) & 7 : PHY_MODE_ALL
    this.phyReadyAtMs = this.clock.nowMs + this.linkUpMs
  }

  private hasLink(): boolean {
    if ((this.common[PHYCFGR] & PHY_RST) === 0 || this.phyMode === PHY_MODE_POWER_DOWN) return false
    return this.clock.nowMs >= this.phyReadyAtMs && this.nic.isUp()
  }

  /** DPX, SPD and LNK. OPMDC 000 to 011 count 10H, 10F, 100H, 100F; 100 is 100H by negotiation. */
  private linkBits(): number {
    if (!this.hasLink()) return 0
    if (this.phyMode === 4) return 0x03
    if (this.phyMode > 4) return 0x07
    return 0x01 | (this.phyMode & 1 ? 0x04 : 0) | (this.phyMode & 2 ? 0x02 : 0)
  }

  // Buffer memory.

  /** Size of a socket's buffer; a value the data sheet does not name gives none. */
  private sizeBytes(memory: Memory, socket: Socket): number {
    const kilobytes = socket.registers[memory.sizeRegister]
    return kilobytes <= MEMORY_BLOCKS && (kilobytes & (kilobytes - 1)) === 0 ? kilobytes * BLOCK_BYTES : 0
  }

  /** Moves bytes between a socket's ring, from `pointer` on, and an array; all pointers are masked by the ring's size. */
  private copy(
    memory: Memory,
    socket: Socket,
    pointer: number,
    bytes: Uint8Array,
    at: number,
    lengthBytes: number,
    isWrite: boolean,
  ): void {
    const sizeBytes = this.sizeBytes(memory, socket)
    if (sizeBytes === 0) return
    // Buffers lie in the order of the sockets, so a socket's place depends on the sizes before it.
    let base = 0
    for (let number = 0; number < socket.number; number++) base += this.sizeBytes(memory, this.sockets[number])
    for (let end = at + lengthBytes; at < end; ) {
      const index = ((base + (pointer & (sizeBytes - 1))) / BLOCK_BYTES) & (MEMORY_BLOCKS - 1)
      const offset = pointer & (BLOCK_BYTES - 1)
      const runBytes = Math.min(end - at, BLOCK_BYTES - offset)
      let block = memory.blocks[index]
      if (isWrite) {
        if (block === undefined) block = memory.blocks[index] = new Uint8Array(BLOCK_BYTES)
        block.set(bytes.subarray(at, at + runBytes), offset)
      } else if (block !== undefined) bytes.set(block.subarray(offset, offset + runBytes), at)
      at += runBytes
      pointer += runBytes
    }
  }

  /** TX_FSR counts from the ACK pointer, RX_RSR from the last RECV (hardware.md §1.4, §1.5). */
  private updateCounters(socket: Socket): void {
    const registers = socket.registers
    const pending = (wordAt(registers, SN_TX_WR) - socket.acknowledged) & 0xffff
    setWord(registers, SN_TX_FSR, this.sizeBytes(this.transmitMemory, socket) - pending)
    setWord(registers, SN_RX_RSR, wordAt(registers, SN_RX_WR) - socket.released)
  }

  // One socket's registers and commands.

  private readSocket(socket: Socket, address: number): number {
    if (address >= SOCKET_BYTES) return 0
    if (address === SN_CR) return this.readCommand(socket)
    const value = socket.registers[address]
    if (address === SN_TX_FSR) {
      const stale = socket.staleFree
      socket.staleFree = value
      return this.faults.tornCounters ? stale : value
    }
    if (address === SN_RX_RSR) {
      const stale = socket.staleReceived
      socket.staleReceived = value
      return this.faults.tornCounters ? stale : value
    }
    return value
  }

  private writeSocket(socket: Socket, address: number, value: number): void {
    const registers = socket.registers
    if (address === SN_CR) this.writeCommand(socket, value)
    else if (address === SN_IR) registers[SN_IR] &= ~value
    else if (isWritable(address)) {
      registers[address] = value
      this.updateCounters(socket)
    }
  }

  private isCommandPending(socket: Socket): boolean {
    if (socket.registers[SN_CR] === 0) return false
    if (this.commandReads === Infinity) return true
    return socket.commandReadsLeft > 0 && this.clock.nowMs === socket.commandAtMs
  }

  private readCommand(socket: Socket): number {
    if (!this.isCommandPending(socket)) return 0
    socket.commandReadsLeft--
    return socket.registers[SN_CR]
  }

  private writeCommand(socket: Socket, value: number): void {
    if (value === 0) return
    if (this.isCommandPending(socket)) {
      this.tell(socket, 'command lost, the previous one is not accepted yet')
      return
    }
    socket.registers[SN_CR] = value
    socket.commandReadsLeft = this.commandReads
    socket.commandAtMs = this.clock.nowMs
    if (this.commandReads !== Infinity) this.execute(socket, value)
  }

  /** A command that does not fit the state is ignored. */
  private execute(socket: Socket, command: number): void {
    const state = socket.registers[SN_SR]
    switch (command) {
      case OPEN:
        if (state === CLOSED) this.open(socket)
        break
      case LISTEN:
        if (state === INIT) socket.registers[SN_SR] = LISTENING
        break
      case CONNECT:
        if (state === INIT) this.connect(socket)
        break
      case DISCON:
        if (state === ESTABLISHED || state === CLOSE_WAIT) this.disconnect(socket)
        break
      case CLOSE:
        if (state !== CLOSED) this.close(socket, 'close')
        break
      case SEND:
        this.send(socket)
        break
      case SEND_MAC:
        if (state === UDP) this.send(socket)
        break
      case RECV:
        // Also in CLOSED: what came before the end may still be fetched until the next OPEN (hardware.md §1.6).
        socket.released = wordAt(socket.registers, SN_RX_RD)
        this.updateCounters(socket)
        this.fill(socket)
        break
    }
  }

  private open(socket: Socket): void {
    const registers = socket.registers
    const protocol = registers[SN_MR] & 15
    if (protocol === 1) registers[SN_SR] = INIT
    else if (protocol === 2) registers[SN_SR] = UDP
    else if (protocol === 4 && socket.number === 0) registers[SN_SR] = MACRAW
    else return
    for (let address = SN_TX_FSR; address < SN_IMR; address++) registers[address] = 0
    socket.acknowledged = 0
    socket.released = 0
    this.updateCounters(socket)
    this.tell(socket, 'open')
  }

  private connect(socket: Socket): void {
    const registers = socket.registers
    // The TX pointers start anew with each connection, where nobody should expect them (hardware.md §1.5).
    const start = (this.clock.nowMs ^ wordAt(registers, SN_PORT)) & 0xffff
    setWord(registers, SN_TX_RD, start)
    setWord(registers, SN_TX_WR, start)
    socket.acknowledged = start
    this.updateCounters(socket)
    registers[SN_SR] = SYNSENT
    this.tell(socket, 'connect ' + addressAt(registers) + ':' + wordAt(registers, SN_DPORT))
    this.resolve(socket, this.common[RCR] + 1)
  }

  /** ARP: RCR + 1 requests, RTR apart, until the next hop can answer. */
  private resolve(socket: Socket, waitsLeft: number): void {
    if (waitsLeft === 0) this.expire(socket)
    else if (this.isReachable(socket)) this.synchronize(socket)
    else this.arm(socket, this.retryMs(), () => this.resolve(socket, waitsLeft - 1))
  }

  /** True when an ARP request would be answered: link, own addresses set, and a gateway for a peer outside the subnet. */
  private isReachable(socket: Socket): boolean {
    const common = this.common
    if (!this.hasLink() || isZero(common, SIPR, 4) || isZero(common, SHAR, 6)) return false
    if (!isZero(common, GAR, 4)) return true
    for (let index = 0; index < 4; index++) {
      if ((common[SIPR + index] ^ socket.registers[SN_DIPR + index]) & common[SUBR + index]) return false
    }
    return true
  }

  /** SYN goes out; the Nic tells what becomes of it. */
  private synchronize(socket: Socket): void {
    const registers = socket.registers
    const generation = socket.generation
    for (let index = 0; index < 6; index++) registers[SN_DHAR + index] = PEER_MAC[index]
    socket.synAtMs = this.clock.nowMs
    this.armTimeout(socket)
    const connection = this.nic.connect(addressAt(registers), wordAt(registers, SN_DPORT), {
      onOpen: () => {
        if (this.hears(socket, generation)) this.established(socket)
      },
      onData: (bytes) => {
        if (this.hears(socket, generation)) this.arrived(socket, bytes)
      },
      onEnd: () => {
        if (!this.hears(socket, generation)) return
        socket.hasPeerEnded = true
        this.fill(socket)
      },
      onReset: () => {
        if (this.hears(socket, generation)) this.wasReset(socket)
      },
    })
    if (socket.generation === generation) socket.connection = connection
  }

  private send(socket: Socket): void {
    const registers = socket.registers
    const state = registers[SN_SR]
    const isStream = state === ESTABLISHED || state === CLOSE_WAIT
    if (!isStream && state !== UDP && state !== MACRAW) return
    const start = wordAt(registers, SN_TX_RD)
    const lengthBytes = (wordAt(registers, SN_TX_WR) - start) & 0xffff
    setWord(registers, SN_TX_RD, start + lengthBytes)
    this.tell(socket, 'send ' + lengthBytes)
    if (!isStream) this.sendAside(socket)
    else if (lengthBytes > 0) this.sendStream(socket, start, lengthBytes)
    else this.finishSend(socket)
  }

  private sendStream(socket: Socket, start: number, lengthBytes: number): void {
    const sizeBytes = this.sizeBytes(this.transmitMemory, socket)
    if (lengthBytes > sizeBytes) this.tell(socket, 'transmit buffer overrun')
    const bytes = new Uint8Array(lengthBytes)
    this.copy(this.transmitMemory, socket, start, bytes, 0, lengthBytes, false)
    socket.isSendPending = true
    if (!this.isSendOkAtAck && this.hasLink()) this.finishSend(socket)
    if (socket.timer === 0) this.armTimeout(socket)
    const generation = socket.generation
    const maximumBytes = wordAt(socket.registers, SN_MSSR)
    const segmentBytes = maximumBytes > 0 && maximumBytes < MSS_LIMIT_BYTES ? maximumBytes : MSS_LIMIT_BYTES
    for (let at = 0; at < lengthBytes; at += segmentBytes) {
      const segment = text(bytes.subarray(at, Math.min(at + segmentBytes, lengthBytes)))
      // The peer may reset in between.
      if (socket.connection === undefined) return
      socket.connection.send(segment, () => {
        if (this.hears(socket, generation)) this.acknowledge(socket, segment.length)
      })
    }
  }

  /** A datagram or frame that nobody gets. Without a link, ARP goes unanswered. */
  private sendAside(socket: Socket): void {
    socket.acknowledged = wordAt(socket.registers, SN_TX_RD)
    this.updateCounters(socket)
    socket.isSendPending = true
    if (socket.registers[SN_SR] !== UDP || this.hasLink()) this.finishSend(socket)
    else this.arm(socket, this.retryMs() * (this.common[RCR] + 1), () => this.expire(socket))
  }

  private finishSend(socket: Socket): void {
    socket.isSendPending = false
    if (!this.faults.sendOkNever) raise(socket, IR_SENDOK)
  }

  private disconnect(socket: Socket): void {
    this.tell(socket, 'disconnect')
    const wasEnded = socket.registers[SN_SR] === CLOSE_WAIT
    socket.registers[SN_SR] = wasEnded ? LAST_ACK : FIN_WAIT
    this.armTimeout(socket)
    if (socket.connection !== undefined) socket.connection.end()
    if (wasEnded) this.awaitLastAck(socket)
  }

  /** A Nic does not tell when our FIN is acknowledged: one round trip after the last of the data, if there is a link. */
  private awaitLastAck(socket: Socket): void {
    if (socket.acknowledged !== wordAt(socket.registers, SN_TX_RD)) return
    this.arm(socket, socket.roundTripMs, () => {
      if (!this.hasLink()) this.armTimeout(socket)
      else if (!this.isStuck(socket)) this.finish(socket)
    })
  }

  // What the network does to a socket.

  /** False for news of a former connection, and for a socket that a fault holds in its state. */
  private hears(socket: Socket, generation: number): boolean {
    return socket.generation === generation && !this.isStuck(socket)
  }

  private isStuck(socket: Socket): boolean {
    if (!this.faults.stuckState) return false
    const state = socket.registers[SN_SR]
    return state === SYNSENT || state === FIN_WAIT || state === TIME_WAIT || state === LAST_ACK
  }

  private established(socket: Socket): void {
    if (socket.registers[SN_SR] !== SYNSENT) return
    this.disarm(socket)
    socket.roundTripMs = Math.max(1, this.clock.nowMs - socket.synAtMs)
    socket.registers[SN_SR] = ESTABLISHED
    raise(socket, IR_CON)
    this.tell(socket, 'established')
  }

  private arrived(socket: Socket, bytes: string): void {
    socket.waiting += bytes
    this.fill(socket)
    if (socket.waiting.length > WAITING_LIMIT_BYTES) this.wasReset(socket)
  }

  /** Moves what fits from the wire into the ring; the rest, and a FIN behind it, waits for RECV. */
  private fill(socket: Socket): void {
    const registers = socket.registers
    const roomBytes = this.sizeBytes(this.receiveMemory, socket) - wordAt(registers, SN_RX_RSR)
    const lengthBytes = Math.min(roomBytes, socket.waiting.length)
    if (lengthBytes > 0) {
      const bytes = new Uint8Array(lengthBytes)
      for (let index = 0; index < lengthBytes; index++) bytes[index] = socket.waiting.charCodeAt(index)
      socket.waiting = socket.waiting.substr(lengthBytes)
      const pointer = wordAt(registers, SN_RX_WR)
      this.copy(this.receiveMemory, socket, pointer, bytes, 0, lengthBytes, true)
      setWord(registers, SN_RX_WR, pointer + lengthBytes)
      this.updateCounters(socket)
      raise(socket, IR_RECV)
      this.tell(socket, 'receive ' + lengthBytes)
    }
    if (socket.hasPeerEnded && socket.waiting === '') this.peerEnded(socket)
  }

  private peerEnded(socket: Socket): void {
    socket.hasPeerEnded = false
    raise(socket, IR_DISCON)
    this.tell(socket, 'peer closed')
    if (socket.registers[SN_SR] === ESTABLISHED) socket.registers[SN_SR] = CLOSE_WAIT
    else {
      socket.registers[SN_SR] = TIME_WAIT
      this.arm(socket, TIME_WAIT_MS, () => {
        if (!this.isStuck(socket)) this.finish(socket)
      })
    }
  }

  /** Refused or torn down: CLOSED without TIMEOUT. */
  private wasReset(socket: Socket): void {
    if (this.resetSetsDiscon) raise(socket, IR_DISCON)
    this.close(socket, socket.registers[SN_SR] === SYNSENT ? 'refused' : 'reset by peer')
  }

  private acknowledge(socket: Socket, lengthBytes: number): void {
    const state = socket.registers[SN_SR]
    const isStream = state === ESTABLISHED || state === CLOSE_WAIT
    socket.acknowledged = (socket.acknowledged + lengthBytes) & 0xffff
    this.updateCounters(socket)
    if (socket.acknowledged !== wordAt(socket.registers, SN_TX_RD)) {
      if (isStream) this.armTimeout(socket)
      return
    }
    if (isStream) this.disarm(socket)
    if (socket.isSendPending) this.finishSend(socket)
    if (state === LAST_ACK) this.awaitLastAck(socket)
  }

  /** All retries are spent. A UDP socket stays open (hardware.md §1.7). */
  private expire(socket: Socket): void {
    if (this.isStuck(socket)) return
    raise(socket, IR_TIMEOUT)
    if (socket.registers[SN_SR] !== UDP) this.close(socket, 'timeout')
    else this.tell(socket, 'timeout')
  }

  /** Both sides have closed in order, so there is nothing to abandon. */
  private finish(socket: Socket): void {
    socket.connection = undefined
    this.close(socket, 'closed')
  }

  /** To CLOSED without a word on the wire; bytes already in the ring stay until the next OPEN. */
  private close(socket: Socket, reason: string): void {
    this.drop(socket)
    socket.registers[SN_SR] = CLOSED
    this.tell(socket, reason)
  }

  private drop(socket: Socket): void {
    socket.generation++
    this.disarm(socket)
    if (socket.connection !== undefined) socket.connection.abandon()
    socket.connection = undefined
    socket.waiting = ''
    socket.hasPeerEnded = false
    socket.isSendPending = false
  }

  // Waits.

  private arm(socket: Socket, delayMs: number, act: () => void): void {
    this.disarm(socket)
    socket.timer = this.clock.after(delayMs, () => {
      socket.timer = 0
      act()
    })
  }

  private disarm(socket: Socket): void {
    if (socket.timer !== 0) this.clock.cancel(socket.timer)
    socket.timer = 0
  }

  /** One ARP wait; at least a millisecond, also with RTR 0. */
  private retryMs(): number {
    return Math.max(1, Math.ceil(wordAt(this.common, RTR) / 10))
  }

  /** Waits for an answer from the peer's TCP: RCR + 1 waits that double while they fit 16 bits (hardware.md §1.8). */
  private armTimeout(socket: Socket): void {
    let waitUnits = wordAt(this.common, RTR)
    let totalUnits = 0
    for (let count = this.common[RCR]; count >= 0; count--) {
      totalUnits += waitUnits
      if (waitUnits * 2 <= RETRY_LIMIT_UNITS) waitUnits *= 2
    }
    this.arm(socket, Math.max(1, Math.ceil(totalUnits / 10)), () => this.expire(socket))
  }

  private tell(socket: Socket, what: string): void {
    this.onActivity('socket ' + socket.number + ': ' + what)
  }
}

function ignore(): void {}

function createSocket(number: number): Socket {
  const registers = new Uint8Array(SOCKET_BYTES)
  for (let index = 0; index < 6; index++) registers[SN_DHAR + index] = 0xff
  registers[SN_TTL] = 0x80
  registers[SN_RXBUF_SIZE] = 2
  registers[SN_TXBUF_SIZE] = 2
  setWord(registers, SN_TX_FSR, 2048)
  registers[SN_IMR] = 0xff
  setWord(registers, SN_FRAG, 0x4000)
  return {
    number,
    registers,
    acknowledged: 0,
    released: 0,
    connection: undefined,
    generation: 0,
    timer: 0,
    synAtMs: 0,
    roundTripMs: 1,
    waiting: '',
    hasPeerEnded: false,
    isSendPending: false,
    commandAtMs: 0,
    commandReadsLeft: 0,
    staleFree: 8,
    staleReceived: 0,
  }
}

/** Plain read-write registers of a socket block; the rest is read-only, reserved, CR or IR. */
function isWritable(address: number): boolean {
  if (address === SN_MR || address === SN_TOS || address === SN_TTL) return true
  if (address < SN_RXBUF_SIZE) return address >= SN_PORT && address < SN_MSSR + 2
  if (address < SN_IMR)
    return address <= SN_TXBUF_SIZE || (address & 0xfe) === SN_TX_WR || (address & 0xfe) === SN_RX_RD
  return address < SOCKET_BYTES
}

/** An event shows only if its mask bit is 1 (hardware.md §1.4). */
function raise(socket: Socket, bit: number): void {
  socket.registers[SN_IR] |= bit & socket.registers[SN_IMR]
}

function wordAt(bytes: Uint8Array, address: number): number {
  return (bytes[address] << 8) | bytes[address + 1]
}

function setWord(bytes: Uint8Array, address: number, value: number): void {
  bytes[address] = (value >> 8) & 255
  bytes[address + 1] = value & 255
}

function isZero(bytes: Uint8Array, address: number, lengthBytes: number): boolean {
  for (let index = 0; index < lengthBytes; index++) {
    if (bytes[address + index] !== 0) return false
  }
  return true
}

/** DIPR as the Nic wants it: dotted. */
function addressAt(registers: Uint8Array): string {
  return registers.subarray(SN_DIPR, SN_DIPR + 4).join('.')
}

/** Bytes as a string of char codes 0-255. */
function text(bytes: Uint8Array): string {
  let result = ''
  for (let at = 0; at < bytes.length; at += TEXT_CHUNK_BYTES) {
    const end = Math.min(at + TEXT_CHUNK_BYTES, bytes.length)
    result += String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[])
  }
  return result
}
