/**
 * WIZnet W5500 Ethernet chip, seen from its SPI pins, its RSTn and INTn pins and its cable (data sheet v1.1.0).
 *
 * Modelled (hardware.md §1.15): SPI frames of variable and fixed length, every register with its reset value and access,
 * buffer memory cut by the size registers, eight sockets as TCP clients and for datagrams over a Nic, ARP with its time-out,
 * retries, keep-alive, interrupts, link, resets, power.
 *
 * Not modelled: MACRAW and IPRAW (OPEN and SEND behave, nothing leaves or arrives); LISTEN (nobody ever calls, so SYNRECV
 * is never seen, nor is CLOSING); multicast, PPPoE, ping, wake on LAN; IR.CONFLICT but by conflict(); TTL, TOS, FRAG; a
 * second ARP while a TCP connection lasts; answers to datagrams for closed ports; INTLEVEL; SPI clock limits. A datagram
 * longer than 1472 bytes is not sent. Waits are rounded up to whole milliseconds.
 *
 * Here: pins, power, SPI frames, common registers, PHY. In w5500-*.ts: registers (addresses, reset values), sockets
 * (their blocks), commands, arp (who can be reached), tcp (connections), udp (datagrams), memory (buffers).
 */

import type { VirtualClock } from './clock'
import type { Nic } from './network'
import { Random } from './random'
import type { SocketHost } from './w5500-host'
import type { W5500Faults, W5500Options } from './w5500-options'
import {
  CHIP_VERSION,
  COMMON_BYTES,
  IMR,
  IR,
  IR_CONFLICT,
  MR,
  MR_RST,
  PHY_MODE_ALL,
  PHY_MODE_POWER_DOWN,
  PHY_OPMD,
  PHY_RST,
  PHYCFGR,
  resetCommon,
  SIMR,
  SIR,
  UIPR,
  VERSIONR,
  wordAt,
} from './w5500-registers'
import { W5500Sockets } from './w5500-sockets'

export type { W5500Faults, W5500Options } from './w5500-options'

/** Shortest RSTn pulse: 500 us, so on a clock of milliseconds the pin must rise in a later one. */
const RESET_LOW_MS = 1
/** From a reset until the PLL is stable and the chip answers. */
const RESET_DEAD_MS = 1
const LINK_UP_MS = 2000

export class W5500 implements SocketHost {
  faults: W5500Faults = {
    deadBus: 'none',
    spiErrorOneIn: 0,
    sendOkNever: false,
    stuckInterrupts: false,
    stuckState: false,
    tornCounters: false,
  }
  /** Told of each thing that happens to a socket or to the chip, for the trace. Lengths only, never contents. */
  onActivity: (what: string) => void = ignore

  readonly clock: VirtualClock
  readonly nic: Nic
  /** The common registers. */
  readonly common = new Uint8Array(COMMON_BYTES)
  private sockets: W5500Sockets
  private random: Random
  private linkUpMs: number

  private isPowered = true
  private resetLevel = 1
  private lowAtMs = 0
  private awakeAtMs = 0
  private phyReadyAtMs = 0
  /** OPMDC as the PHY took it over when it last left its reset. */
  private phyMode = PHY_MODE_ALL

  constructor(clock: VirtualClock, nic: Nic, options?: W5500Options) {
    const chosen: W5500Options = options || {}
    this.clock = clock
    this.nic = nic
    this.random = chosen.random || new Random(5500)
    this.linkUpMs = chosen.linkUpMs === undefined ? LINK_UP_MS : chosen.linkUpMs
    this.sockets = new W5500Sockets(this, chosen)
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
    return this.common[IR] & this.common[IMR] || this.sockets.interrupts() & this.common[SIMR] ? 0 : 1
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

  /** Another host on the cable answers for our address. */
  conflict(): void {
    if (this.isAwake()) this.common[IR] |= IR_CONFLICT
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
    this.sockets.reset()
    resetCommon(this.common)
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
    const number = control >> 5
    if (area > 1) {
      this.sockets.copy(area === 2, number, address, isWrite ? frame : reply, at, lengthBytes, isWrite)
      return
    }
    const isCommon = area === 0
    // Blocks 4, 8 ... 28 are reserved.
    if (isCommon && number !== 0) return
    // The address wraps at 64 K: such a frame is taken byte by byte, as every write is.
    if (!isWrite && address + lengthBytes <= 0x10000) {
      if (isCommon) this.readCommon(address, reply, at, lengthBytes)
      else this.sockets.read(number, address, reply, at, lengthBytes)
      return
    }
    for (let end = at + lengthBytes; at < end; at++) {
      if (isWrite && isCommon) this.writeCommon(address, frame[at])
      else if (isWrite) this.sockets.write(number, address, frame[at])
      else if (isCommon) this.readCommon(address, reply, at, 1)
      else this.sockets.read(number, address, reply, at, 1)
      address = (address + 1) & 0xffff
    }
  }

  /** Behind the common registers there are zeros, but for the version. */
  private readCommon(address: number, reply: Uint8Array, at: number, lengthBytes: number): void {
    const end = address + lengthBytes
    if (address < COMMON_BYTES) reply.set(this.common.subarray(address, end < COMMON_BYTES ? end : COMMON_BYTES), at)
    const from = at - address
    if (address <= SIR && end > SIR) reply[from + SIR] = this.sockets.interrupts()
    if (address <= PHYCFGR && end > PHYCFGR) reply[from + PHYCFGR] = this.common[PHYCFGR] | this.linkBits()
    if (address <= VERSIONR && end > VERSIONR) reply[from + VERSIONR] = CHIP_VERSION
  }

  private writeCommon(address: number, value: number): void {
    if (address === MR && value & MR_RST) {
      this.onActivity('reset by MR')
      this.start()
    } else if (address === IR) {
      if (!this.faults.stuckInterrupts) this.common[IR] &= ~value
    } else if (address === PHYCFGR) this.configurePhy(value)
    else if (address < UIPR && address !== SIR) this.common[address] = value
  }

  /** The PHY takes a new mode over when its reset bit rises, and negotiates anew. */
  private configurePhy(value: number): void {
    const wasRunning = (this.common[PHYCFGR] & PHY_RST) !== 0
    this.common[PHYCFGR] = value & 0xf8
    if (wasRunning || (value & PHY_RST) === 0) return
    this.phyMode = value & PHY_OPMD ? (value >> 3) & 7 : PHY_MODE_ALL
    this.phyReadyAtMs = this.clock.nowMs + this.linkUpMs
  }

  /** Cable, PHY and negotiation are well. */
  hasLink(): boolean {
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
}

function ignore(): void {}
