/**
 * A matrix keypad at a TCA8418 on I2C (TI SCPS215): rows at R0-R3, columns at C0-C3. The chip scans by itself and keeps ten
 * events, each a key that went down or up. Here they become a picture of what is down, which looks like a board's pins, so
 * that keypad-matrix.ts decides what counts, chords and ghosts as well.
 *
 * Its debounce is 50 µs, so contacts that bounce make several events. All that wait are taken in one look, and what is shown
 * of them changes every five looks at most, long enough to count. A key that went down alone is shown even if it is up again by
 * then, because the panel was busy; not if it was released in the looks before: that is bounce. After an overflow (more than
 * ten events) nothing that waits is believed.
 * Does not do: the key lock, GPIO of the pins that are left.
 */

import type { I2c, WakingPins } from '../hal'
import { setRow } from './keypad-pcf8574'
import * as registers from './registers'

export interface Tca8418 {
  i2c: I2c
  address: number
  /** Levels of the rows as they were set last. */
  latch: number
  /** Keys that are down, and those that are shown as down: four bits a row, column 0 in the lowest. */
  down: number
  shown: number
  /** Keys that went down alone and were not shown yet, and looks until what is shown may change. */
  taps: number[]
  pause: number
  /** Keys that were released in the last look, and in the two before it. */
  released: number
  earlier: number
  earliest: number
  /** 1 from two keys at once until none is down. */
  isSpoiled: number
  /** 1 while it does not answer, or has to be set up. */
  isLost: number
}

// Registers (SCPS215, table 3).
const CFG = 0x01
const INT_STAT = 0x02
const KEY_LCK_EC = 0x03
const KEY_EVENT_A = 0x04
const KP_GPIO1 = 0x1d
const KP_GPIO2 = 0x1e

/** CFG: key events and overflow pull INT low. */
const KE_IEN = 0x01
const OVR_FLOW_IEN = 0x08
/** INT_STAT: the same two. */
const K_INT = 0x01
const OVR_FLOW_INT = 0x08
/** KEY_EVENT_A: a key went down. */
const PRESSED = 0x80
/** Numbers of a row in there. */
const ROW_KEYS = 10
const ALL_ROWS = 15
const FIFO = 10
/** Looks come every 10 ms while anything is down or waits, and three make a press or a release (keypad-matrix.ts). */
const LASTS = 4

export function rows(): number[] {
  return [0, 1, 2, 3]
}
export function columns(): number[] {
  return [0, 1, 2, 3]
}

/** Takes no hardware yet: check() does. */
export function create(i2c: I2c, address: number): Tca8418 {
  return {
    i2c,
    address,
    latch: 0,
    down: 0,
    shown: 0,
    taps: [],
    pause: 0,
    released: 0,
    earlier: 0,
    earliest: 0,
    isSpoiled: 0,
    isLost: 1,
  }
}

/** Never throws: keys of a chip that fails are not pressed. isWatched: INT is at a pin that wakes the panel. */
export function pinsOf(c: Tca8418, isWatched: boolean): WakingPins {
  return {
    mode: () => {},
    write: setRow(c),
    read: (pins) => {
      // All rows are low in the look that begins a scan, and only then.
      if (c.latch === 0) look(c)
      let low = 0
      for (let row = 0; row < 4; row++) if (((c.latch >> row) & 1) === 0) low |= (c.shown >> (row * 4)) & ALL_ROWS
      let word = 0
      for (let index = 0; index < pins.length; index++) word = (word << 1) | (1 - ((low >> pins[index]) & 1))
      return word
    },
    wakeOn: () => isWatched,
  }
}

/** True while it has something to show that may no longer be so, and wants to be asked again soon. */
export function isShowing(c: Tca8418): boolean {
  return c.pause > 0 || c.taps.length > 0 || c.shown !== c.down
}

/** What is down now, or was; each picture lasts for some looks. */
function look(c: Tca8418): void {
  if (c.isLost === 1) return
  try {
    drain(c)
  } catch {
    c.isLost = 1
    return
  }
  if (c.pause > 0) {
    c.pause--
    return
  }
  let next = c.down
  if (c.taps.length > 0 && (c.taps[0] & c.down) === 0) next = c.taps[0]
  // Another key comes after none.
  if (c.shown !== 0 && (c.shown & next) === 0) next = 0
  if (next === c.shown) return
  c.shown = next
  c.pause = LASTS
  if (c.taps.length > 0) c.taps = c.taps.filter((bit) => (bit & next) === 0)
}

/** Takes all events that wait. */
function drain(c: Tca8418): void {
  const status = registers.read(c.i2c, c.address, INT_STAT, 1)[0]
  if ((status & OVR_FLOW_INT) !== 0) forget(c)
  c.earliest = c.earlier
  c.earlier = c.released
  c.released = 0
  const before = c.down
  for (let count = registers.read(c.i2c, c.address, KEY_LCK_EC, 1)[0] & 15; count > 0; count--) {
    const event = registers.read(c.i2c, c.address, KEY_EVENT_A, 1)[0]
    const bit = bitOf((event & (PRESSED - 1)) - 1)
    if (event < PRESSED) released(c, bit)
    else pressed(c, bit, before)
  }
  if (status !== 0) c.i2c.writeTo(c.address, new Uint8Array([INT_STAT, K_INT | OVR_FLOW_INT]))
}

function pressed(c: Tca8418, bit: number, before: number): void {
  if (c.down !== 0 && c.down !== bit) {
    // Two at once are none, or a chord (keypad-matrix.ts).
    c.isSpoiled = 1
    c.taps = c.taps.filter((other) => (other & c.down) === 0)
  }
  c.down |= bit
  const isBounce = ((before | c.released | c.earlier | c.earliest) & bit) !== 0
  if (!isBounce && c.isSpoiled === 0 && c.taps.length < FIFO) c.taps.push(bit)
}

function released(c: Tca8418, bit: number): void {
  c.released |= bit
  c.down &= ~bit
  if (c.down === 0) c.isSpoiled = 0
}

/** 0 for a key that this keypad does not have. */
function bitOf(number: number): number {
  const column = number % ROW_KEYS
  const row = (number - column) / ROW_KEYS
  return number < 0 || row > 3 || column > 3 ? 0 : 1 << (row * 4 + column)
}

/** Events were lost: all that wait are thrown away, and nothing counts as down. */
function forget(c: Tca8418): void {
  for (let count = registers.read(c.i2c, c.address, KEY_LCK_EC, 1)[0] & 15; count > 0; count--)
    registers.read(c.i2c, c.address, KEY_EVENT_A, 1)
  c.taps = []
  c.down = 0
}

/** Once a second: whether it is there and as it should be; else it is set up. True when it is well. Never throws. */
export function check(c: Tca8418): boolean {
  try {
    if (!isSetUp(c)) {
      const write = (register: number, value: number) => c.i2c.writeTo(c.address, new Uint8Array([register, value]))
      write(KP_GPIO1, ALL_ROWS)
      write(KP_GPIO2, ALL_ROWS)
      write(CFG, KE_IEN | OVR_FLOW_IEN)
      if (!isSetUp(c)) throw 'not kept'
      forget(c)
    }
    c.isLost = 0
  } catch {
    c.isLost = 1
    c.down = 0
  }
  return c.isLost === 0
}

function isSetUp(c: Tca8418): boolean {
  const pins =
    registers.read(c.i2c, c.address, KP_GPIO1, 1)[0] === ALL_ROWS &&
    registers.read(c.i2c, c.address, KP_GPIO2, 1)[0] === ALL_ROWS
  return pins && registers.read(c.i2c, c.address, CFG, 1)[0] === (KE_IEN | OVR_FLOW_IEN)
}
