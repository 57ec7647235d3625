/**
 * W5500: what is needed seldom - resets, self-test, the settings that a reset has taken (hardware.md §1.2, §1.3).
 *
 * Any function may throw, as in w5500.ts. Not here: fixed length frames, wake on LAN, PPPoE, interrupts by INTn.
 */

import {
  Block,
  BUFFER_KB,
  BUFFER_SIZES,
  Buffer,
  Common,
  KEEP_ALIVE,
  RESETTING,
  type W5500,
  word,
  write,
  writeSurely,
} from './w5500'

const SOCKET_COUNT = 8
/** MR bit 4, as a value to try. */
const PING_BLOCK = 0x10
/** All speeds with auto-negotiation by pins; bit 7 clear holds the PHY in reset. */
const PHY_HELD = 0x38
const PHY_RUNNING = 0xb8
/** RTR in 100 us units and RCR: TCP gives up after 12.6 s, ARP after 1.2 s (hardware.md §1.8). */
const RETRY_TIME = 2000
const RETRY_COUNT = 5
/** In 5 s units: a backstop behind the application's own supervision (hardware.md §1.8). */
const KEEP_ALIVE_UNITS = 12

/** Starts a software reset: every register falls back, sockets vanish without FIN. inspect() tells when it is over. */
export function softReset(chip: W5500): void {
  write(chip, Block.COMMON, Common.MODE, String.fromCharCode(RESETTING))
}

/**
 * Proves that frames of awkward lengths survive the bus both ways (hardware.md §0: odd lengths and whole words were
 * broken once). Uses the send buffer, so the socket may not be open.
 */
export function selfTest(chip: W5500): void {
  // That MR takes a value shows the chip is not held in reset.
  writeSurely(chip, Block.COMMON, Common.MODE, String.fromCharCode(PING_BLOCK))
  writeSurely(chip, Block.COMMON, Common.MODE, String.fromCharCode(0))
  const pattern = String.fromCharCode(0, 255, 85, 170, 1, 128, 127, 254, 16, 60, 195, 7, 224).repeat(5)
  for (const lengthBytes of [1, 2, 3, 4, 5, 31, 32, 33, 64, 65]) {
    writeSurely(chip, chip.block + Buffer.SEND, lengthBytes << 6, pattern.substr(0, lengthBytes))
  }
}

/** Writes all that a reset has taken. identity: GAR, SUBR, SHAR, SIPR, 18 bytes. */
export function setUp(chip: W5500, identity: string): void {
  identify(chip, identity)
  writeSurely(chip, Block.COMMON, Common.RETRY, word(RETRY_TIME) + String.fromCharCode(RETRY_COUNT))
  for (let socket = 0; socket < SOCKET_COUNT; socket++) {
    const block = Block.SOCKET + socket * Block.NEXT
    writeSurely(chip, block, BUFFER_SIZES, String.fromCharCode(BUFFER_KB, BUFFER_KB))
  }
  writeSurely(chip, chip.block, KEEP_ALIVE, String.fromCharCode(KEEP_ALIVE_UNITS))
}

/** New addresses in place: open sockets keep running, which a soft reset would not allow (hardware.md §1.10). */
export function identify(chip: W5500, identity: string): void {
  writeSurely(chip, Block.COMMON, Common.IDENTITY, identity)
}

/** Clears the note that somebody else has our address; it comes again while that is so. */
export function clearConflict(chip: W5500): void {
  write(chip, Block.COMMON, Common.INTERRUPTS, String.fromCharCode(0x80))
}

/** Holds the PHY in reset (1 ms at least), or lets it run and negotiate anew. */
export function holdPhy(chip: W5500, isHeld: boolean): void {
  write(chip, Block.COMMON, Common.PHY_CONFIG, String.fromCharCode(isHeld ? PHY_HELD : PHY_RUNNING))
}
