/**
 * The W5500's registers (data sheet v1.1.0, chapter 4): addresses, bits, reset values, access. A word has its high byte
 * first.
 *
 * Not here: what reading or writing one sets off (w5500.ts, w5500-sockets.ts).
 */

// Common registers (hardware.md §1.3).
export const MR = 0x00
export const GAR = 0x01
export const SUBR = 0x05
export const SHAR = 0x09
export const SIPR = 0x0f
export const IR = 0x15
export const IMR = 0x16
export const SIR = 0x17
export const SIMR = 0x18
export const RTR = 0x19
export const RCR = 0x1b
export const PTIMER = 0x1c
export const PMRU = 0x26
export const UIPR = 0x28
export const UPORTR = 0x2c
export const PHYCFGR = 0x2e
export const COMMON_BYTES = 0x2f
export const VERSIONR = 0x39
export const CHIP_VERSION = 0x04
export const MR_RST = 0x80
/** Ask ARP before each datagram. */
export const MR_FARP = 0x02
export const IR_CONFLICT = 0x80
export const IR_UNREACH = 0x40
export const PHY_RST = 0x80
export const PHY_OPMD = 0x40
export const PHY_DEFAULT = 0xb8
export const PHY_MODE_POWER_DOWN = 6
export const PHY_MODE_ALL = 7

// Socket registers (hardware.md §1.4).
export const SN_MR = 0x00
export const SN_CR = 0x01
export const SN_IR = 0x02
export const SN_SR = 0x03
export const SN_PORT = 0x04
export const SN_DHAR = 0x06
export const SN_DIPR = 0x0c
export const SN_DPORT = 0x10
export const SN_MSSR = 0x12
export const SN_TOS = 0x15
export const SN_TTL = 0x16
export const SN_RXBUF_SIZE = 0x1e
export const SN_TXBUF_SIZE = 0x1f
export const SN_TX_FSR = 0x20
export const SN_TX_RD = 0x22
export const SN_TX_WR = 0x24
export const SN_RX_RSR = 0x26
export const SN_RX_RD = 0x28
export const SN_RX_WR = 0x2a
export const SN_IMR = 0x2c
export const SN_FRAG = 0x2d
export const SN_KPALVTR = 0x2f
/** Sn_MR of a UDP socket: broadcasts are not taken. */
export const SN_MR_BCASTB = 0x40
export const SOCKET_BYTES = 0x30

export const OPEN = 0x01
export const LISTEN = 0x02
export const CONNECT = 0x04
export const DISCON = 0x08
export const CLOSE = 0x10
export const SEND = 0x20
export const SEND_MAC = 0x21
export const SEND_KEEP = 0x22
export const RECV = 0x40

export const CLOSED = 0x00
export const INIT = 0x13
export const LISTENING = 0x14
export const SYNSENT = 0x15
export const ESTABLISHED = 0x17
export const FIN_WAIT = 0x18
export const TIME_WAIT = 0x1b
export const CLOSE_WAIT = 0x1c
export const LAST_ACK = 0x1d
export const UDP = 0x22
export const MACRAW = 0x42

export const IR_CON = 0x01
export const IR_DISCON = 0x02
export const IR_RECV = 0x04
export const IR_TIMEOUT = 0x08
export const IR_SENDOK = 0x10

/** The retry time doubles only while it still fits its 16 bits (hardware.md §1.8). */
const RETRY_LIMIT_UNITS = 65535

/** The common registers as a reset leaves them. */
export function resetCommon(common: Uint8Array): void {
  common.fill(0)
  setWord(common, RTR, 2000)
  common[RCR] = 8
  common[PTIMER] = 0x28
  setWord(common, PMRU, 0xffff)
  common[PHYCFGR] = PHY_DEFAULT
}

/** One socket's registers as a reset leaves them. */
export function createSocketRegisters(): Uint8Array {
  const registers = new Uint8Array(SOCKET_BYTES)
  for (let index = 0; index < 6; index++) registers[SN_DHAR + index] = 0xff
  registers[SN_TTL] = 0x80
  registers[SN_RXBUF_SIZE] = 2
  registers[SN_TXBUF_SIZE] = 2
  setWord(registers, SN_TX_FSR, 2048)
  registers[SN_IMR] = 0xff
  setWord(registers, SN_FRAG, 0x4000)
  return registers
}

/** Plain read-write registers of a socket block; the rest is read-only, reserved, CR or IR. */
export function isWritable(address: number): boolean {
  if (address === SN_MR || address === SN_TOS || address === SN_TTL) return true
  if (address < SN_RXBUF_SIZE) return address >= SN_PORT && address < SN_MSSR + 2
  if (address < SN_IMR)
    return address <= SN_TXBUF_SIZE || (address & 0xfe) === SN_TX_WR || (address & 0xfe) === SN_RX_RD
  return address < SOCKET_BYTES
}

export function wordAt(bytes: Uint8Array, address: number): number {
  return (bytes[address] << 8) | bytes[address + 1]
}

export function setWord(bytes: Uint8Array, address: number, value: number): void {
  bytes[address] = (value >> 8) & 255
  bytes[address + 1] = value & 255
}

export function isZero(bytes: Uint8Array, address: number, lengthBytes: number): boolean {
  for (let index = 0; index < lengthBytes; index++) {
    if (bytes[address + index] !== 0) return false
  }
  return true
}

/** One ARP wait in ms; at least a millisecond, also with RTR 0. */
export function retryMs(common: Uint8Array): number {
  return Math.max(1, Math.ceil(wordAt(common, RTR) / 10))
}

/** Wait for an answer from the peer's TCP, in ms: RCR + 1 waits that double while they fit 16 bits (hardware.md §1.8). */
export function timeoutMs(common: Uint8Array): number {
  let waitUnits = wordAt(common, RTR)
  let totalUnits = 0
  for (let count = common[RCR]; count >= 0; count--) {
    totalUnits += waitUnits
    if (waitUnits * 2 <= RETRY_LIMIT_UNITS) waitUnits *= 2
  }
  return Math.max(1, Math.ceil(totalUnits / 10))
}
