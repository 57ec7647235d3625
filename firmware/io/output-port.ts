/**
 * Outputs at an MCP23017, for boards whose own pins do not suffice: siren, light, buzzer, beeper, reset of the W5500, programmable
 * outputs. create() puts itself in front of the board's pins, so whoever drives an output knows nothing of it: a pin from 64
 * on is 64 + chip * 16 + output, outputs 0-7 are GPA, 8-15 GPB. All of them are at one chip, which has no zones.
 *
 * After power-up, and whenever it was reset, all of the chip's pins are inputs: resistors hold each load as it rests (P-8,
 * O-3) until the panel has written latch and direction, in this order. The latch is only written when it changes; then, and
 * each second, the registers are read back, and set anew when they are not as they should be (hardware.md §3.6). What
 * cannot be written stays wanted. Where one of the outputs tells of duress, it is written each time, so that the bus has as
 * much to do for any code (D-31).
 */

import type { PinConfig } from '../config'
import type { BoardPins, I2c } from '../hal'
import * as mcp23017 from './mcp23017'

export interface OutputPort {
  chip: mcp23017.Chip
  /** Once a second: sees to the chip. 1 when it has not answered for 20 s, or never since the start (S-6). Never throws. */
  look: (nowMs: number) => number
}

const FIRST = 64
/** S-6. */
const LOST_MS = 20000

/**
 * From now on these pins know outputs at a chip; the chip itself is set up by the first look(). programmable: their pins;
 * hidden: the one of them that tells of duress, -1 for none. Undefined where no output is at a chip.
 */
export function create(
  pins: BoardPins,
  i2c: I2c,
  c: PinConfig,
  programmable: number[],
  hidden: number,
): OutputPort | undefined {
  const { beeper } = c
  const all = [c.siren, c.light, c.buzzer, c.w5500Reset].concat(programmable)
  if (beeper !== undefined) all.push(beeper)
  let first = 0
  while (first < all.length && all[first] < FIRST) first++
  const port = first === all.length ? undefined : atChip(pins, i2c, (all[first] - FIRST) >> 4, hidden)
  if (beeper !== undefined) echo(pins, c.buzzer, beeper)
  return port
}

/** What the buzzer does, a keypad's beeper does too: it sounds while its line is low. */
function echo(pins: BoardPins, buzzer: number, beeper: number): void {
  const { write } = pins
  write(beeper, 1)
  pins.mode(beeper, 'output')
  pins.write = (pin, level) => {
    write(pin, level)
    if (pin === buzzer) write(beeper, 1 - level)
  }
}

function atChip(pins: BoardPins, i2c: I2c, number: number, hidden: number): OutputPort {
  const chip = mcp23017.create(i2c, number)
  const { write, mode } = pins
  let seenMs = -LOST_MS
  pins.write = (pin, level) => {
    if (pin < FIRST) write(pin, level)
    else {
      const latch = (chip.latch & ~(1 << (pin & 15))) | (level << (pin & 15))
      if (latch !== chip.latch || pin === hidden) put(chip, latch, chip.direction)
    }
  }
  pins.mode = (pin, kind) => {
    if (pin < FIRST) mode(pin, kind)
    else if (((chip.direction >> (pin & 15)) & 1) === 1) put(chip, chip.latch, chip.direction & ~(1 << (pin & 15)))
  }
  const look = (nowMs: number) => {
    if (mcp23017.check(chip)) seenMs = nowMs
    return nowMs >= seenMs + LOST_MS ? 1 : 0
  }
  return { chip, look }
}

/** A chip that failed once is left alone until the next look, for a stuck bus blocks. */
function put(chip: mcp23017.Chip, latch: number, direction: number): void {
  chip.latch = latch
  chip.direction = direction
  if (chip.isLost === 1) return
  try {
    chip.i2c.writeTo(chip.address, new Uint8Array([mcp23017.OLATA, latch & 255, latch >> 8]))
    mcp23017.mend(chip)
  } catch {
    chip.isLost = 1
  }
}
