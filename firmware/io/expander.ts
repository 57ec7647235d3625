/**
 * Zone inputs on MCP23017 port expanders (I2C 0x20-0x26; 0x27 is the display's): contacts to ground with the chip's own
 * pull-ups. Source: Microchip DS20001952, revision D, which leaves 14 inputs of the 16: GPA7 and GPB7 are outputs only,
 * because a level that changes there during a transfer may spoil SDA. They stay low here, and unconnected.
 *
 * Polarity is inverted in the chip, so 1 is a closed contact. A chip that lost its supply has forgotten that and its
 * pull-ups: its closed contacts read 0 then, which looks like a change, and before any change is believed the registers
 * are read back. The same in turn, a chip every 5 s, for what noise does to a register whose pins do not show it, or to the
 * pointer.
 * Does not do: outputs, the INT lines, MCP23S17 on SPI.
 */

import type { I2c } from '../hal'
import * as registers from './registers'

export interface Chip {
  /** On the bus: 0x20 + its number. */
  address: number
  /** Inputs that are zones; GPA0 is bit 0, GPB0 bit 8. */
  mask: number
  /** Both ports as they were last believed: 1 is closed. */
  raw: number
  /** 1 while the chip's registers are as setUp() left them, for all that is known. */
  isReady: number
  /** Failures in a row, when the first of them was, and when to try again. */
  failures: number
  failedMs: number
  retryMs: number
  /** When the registers are read back at the next look, if their turn has not come before. */
  checkMs: number
}

export interface Expander {
  i2c: I2c
  /** Of the chips, for isStill(): their number, their addresses, and what all of them read while nothing moves, last chip first. */
  count: number
  addresses: number[]
  rest: string
  chips: Chip[]
  /** A bit for each chip number that has not answered for 20 s (S-6, trouble 333). */
  lost: number
  /** Chips that did not answer last time. */
  failing: number
  /** Looks of isStill() since registers were read back, and the place of their chip. */
  looks: number
  turn: number
  /** Time of the last failure of any chip, and of the last retry that is planned. */
  failedMs: number
  retryMs: number
}

const FIRST_ADDRESS = 0x20

// Registers of port A with IOCON.BANK 0; port B follows each.
const IODIR = 0x00
const IOCON = 0x0a
const GPIO = 0x12
/** IOCON with BANK 1, where BANK 0 has GPINTENB. */
const IOCON_BANKED = 0x05
/** IOCON.SEQOP: what is read after GPIOB is GPIOA again, so that a look needs no address. */
const TO_AND_FRO = 0x20
/** From IODIRA to GPPUB, and what they read as set up while IOCON is 0. */
const SETUP_COUNT = 14
const SETUP = '127,127,127,127,0,0,0,0,0,0,0,0,127,127'
/** All but GPA7 and GPB7. */
const INPUTS = 0x7f

/** S-6. */
const LOST_MS = 20000
/** Failures after which a chip is tried less often, and how often then: S-6 wants 2 s at most. */
const QUICK_TRIES = 2
const RETRY_MS = 2000
/** Longer than a round of all seven chips takes. */
const CHECK_MS = 40000
/** Looks after which a chip has its turn: 5 s. */
const LOOKS = 50

/** Takes no hardware yet. Chips are added as zones need them. */
export function create(i2c: I2c): Expander {
  return {
    i2c,
    count: 0,
    addresses: [],
    rest: '',
    failing: 0,
    looks: 0,
    turn: 0,
    chips: [],
    lost: 0,
    failedMs: -1,
    retryMs: 0,
  }
}

/** Adds input 0-15 of chip 0-6. Returns the place of that chip in the list. */
export function add(e: Expander, number: number, input: number): number {
  let index = 0
  const address = FIRST_ADDRESS | number
  while (index < e.chips.length && e.chips[index].address !== address) index++
  if (index === e.chips.length) {
    e.count = e.addresses.push(address)
    // All contacts count as closed at first.
    e.chips.push({
      address,
      mask: 0,
      raw: 0xffff,
      isReady: 0,
      failures: 0,
      failedMs: 0,
      retryMs: 0,
      checkMs: 0,
    })
  }
  e.chips[index].mask |= 1 << input
  return index
}

/**
 * True when every chip reads as it did when read() believed it: one transfer a chip, for its pointer stands at the ports, and
 * as few statements as can be, because this comes ten times a second: all that was read is one text. False also when read()
 * has to see to something. Never throws.
 */
export function isStill(e: Expander, nowMs: number): boolean {
  if (e.failing > 0) return false
  try {
    if (++e.looks > LOOKS) verify(e, nowMs)
    const { i2c, addresses } = e
    let at = e.count
    let seen = ''
    do seen += i2c.readFrom(addresses[--at], 2) + ';'
    while (at > 0)
    return seen === e.rest
  } catch {
    return false
  }
}

/** Reads the next chip's registers back. Throws when they are not as they were set up, which read() mends. */
function verify(e: Expander, nowMs: number): void {
  e.looks = 0
  e.turn = (e.turn > 0 ? e.turn : e.count) - 1
  const c = e.chips[e.turn]
  c.checkMs = nowMs + CHECK_MS
  if (isSetUp(e, c)) return
  c.isReady = 0
  throw 'lost'
}

/** What isStill() reads of chips that are as they were believed to be. */
function restOf(e: Expander): string {
  let rest = ''
  for (const c of e.chips) rest = `${c.raw & 255},${c.raw >> 8};${rest}`
  return rest
}

/**
 * For a simulator (app/quiet.ts), which a board's program leaves out: how many more looks isStill() would be content with, if
 * no contact moves.
 */
export function passable(e: Expander): number {
  const looks = e.looks
  if (looks >= LOOKS) return 0
  const isSame = isStill(e, 0)
  e.looks = looks
  return isSame ? LOOKS - looks : 0
}

/**
 * Open contacts among the zones of the chip at that place in the list, a bit each. What a chip said last while it does not
 * answer. Never throws.
 */
export function read(e: Expander, index: number, nowMs: number): number {
  const c = e.chips[index]
  // One failure a pass: a bus that is stuck blocks for up to a second each time.
  if (nowMs >= c.retryMs && nowMs !== e.failedMs) {
    try {
      look(e, c, nowMs)
      if (c.failures > 0) answered(e, c)
    } catch {
      fail(e, c, nowMs)
    }
  }
  return ~c.raw & c.mask
}

/** Believes what the ports say, unless the chip has to be set up first. */
function look(e: Expander, c: Chip, nowMs: number): void {
  if (c.isReady === 0) {
    setUp(e, c)
    c.checkMs = nowMs + CHECK_MS
  }
  const bytes = registers.read(e.i2c, c.address, GPIO, 2)
  const raw = bytes[0] | (bytes[1] << 8)
  if (raw === c.raw && nowMs < c.checkMs) return
  c.checkMs = nowMs + CHECK_MS
  // With its pull-ups gone it says nothing: the next look comes with them on again.
  if (isSetUp(e, c)) {
    c.raw = raw
    e.rest = restOf(e)
  } else setUp(e, c)
}

/** Throws also when the chip does not keep what it was given: then it is none, or broken. */
function setUp(e: Expander, c: Chip): void {
  c.isReady = 0
  const address = c.address
  // Whatever the address map is now, BANK becomes 0, then SEQOP; the rest is one run, and SEQOP is last.
  e.i2c.writeTo(address, new Uint8Array([IOCON_BANKED, 0]))
  e.i2c.writeTo(address, new Uint8Array([IOCON, 0]))
  const bytes = new Uint8Array(SETUP_COUNT + 1)
  bytes[0] = IODIR
  // IODIR, IPOL and GPPU of both ports.
  for (const at of [1, 2, 3, 4, 13, 14]) bytes[at] = INPUTS
  e.i2c.writeTo(address, bytes)
  e.i2c.writeTo(address, new Uint8Array([IOCON, TO_AND_FRO]))
  if (!isSetUp(e, c)) throw 'not kept'
  c.isReady = 1
}

/** Leaves the pointer at the ports, where isStill() expects it. */
function isSetUp(e: Expander, c: Chip): boolean {
  const { i2c } = e
  const address = c.address
  if ('' + registers.read(i2c, address, IOCON, 2) !== TO_AND_FRO + ',' + TO_AND_FRO) return false
  i2c.writeTo(address, new Uint8Array([IOCON, 0])) // or only the first two could be read
  const found = '' + registers.read(i2c, address, IODIR, SETUP_COUNT)
  i2c.writeTo(address, new Uint8Array([IOCON, TO_AND_FRO]))
  i2c.writeTo(address, GPIO)
  return found === SETUP
}

function answered(e: Expander, c: Chip): void {
  c.failures = 0
  e.failing--
  e.lost &= ~(1 << (c.address & 7))
}

/** A chip that went away has to be set up again when it is back: it may have lost its supply. */
function fail(e: Expander, c: Chip, nowMs: number): void {
  e.failedMs = nowMs
  c.isReady = 0
  if (c.failures === 0) {
    c.failedMs = nowMs
    e.failing++
  }
  if (++c.failures > QUICK_TRIES) {
    // Chips that are gone take turns.
    e.retryMs = (e.retryMs > nowMs ? e.retryMs : nowMs) + RETRY_MS
    c.retryMs = e.retryMs
  }
  if (nowMs - c.failedMs >= LOST_MS) e.lost |= 1 << (c.address & 7)
}
