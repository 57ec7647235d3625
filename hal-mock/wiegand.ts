/**
 * A Wiegand keypad: open collectors that pull D0 or D1 to ground for each bit, through one cable (hardware.md §3.3). Keys
 * leave as bursts of 4 or 8 bits when they are pressed, or digits are kept and leave as one frame of 26 bits with `#`.
 *
 * Not modelled: the width of a pulse (it falls and rises at one instant), anything below a millisecond, LED and beeper
 * inputs, readers of cards, reflections.
 */

import type { VirtualClock } from './clock'
import type { Keys } from './keypad'
import { GROUND, type PinBank } from './pins'
import { Random } from './random'

const VALUES = '0123456789*#'
/** Facility of the frames that carry whole codes. */
const FACILITY = 0x2a
/** Units of 10 us in which the panel's board tells times. */
const TICKS_PER_MS = 100
const TICKS = 0x1000000

export class WiegandKeypad implements Keys {
  /** 4 or 8 bits a key, or whole codes of 26. */
  format: 4 | 8 | 26 = 4
  /** Between two pulses, and by how much it varies. */
  intervalMs = 2
  jitterMs = 0
  /** D0 and D1 exchanged; a level shifter that inverts; bits that are lost by noise, one frame in so many. */
  isSwapped = false
  isInverted = false
  lossEvery = 0
  /** Frames and pulses that have left. */
  frames = 0
  pulses = 0

  private contacts: number[]
  private typed = ''
  /** When the wire is free again. */
  private freeMs = 0
  private random = new Random(7)

  constructor(
    private clock: VirtualClock,
    private pins: PinBank,
    lines: [zero: number, one: number],
  ) {
    this.contacts = lines.map((pin) => pins.contact(pin, GROUND))
  }

  /** Turns both lines round: they rest low then. */
  invert(): void {
    this.isInverted = true
    for (const contact of this.contacts) this.pins.set(contact, true)
  }

  /** The cable's cores, one of them at ground. */
  short(line: number, isShort: boolean): void {
    this.pins.set(this.contacts[line], isShort)
  }

  press(name: string): void {
    const value = VALUES.indexOf(name)
    if (value < 0) throw new Error('no such key on this keypad')
    if (this.format === 4) this.send(value, 4)
    else if (this.format === 8) this.send(((15 - value) << 4) | value, 8)
    else if (name === '#') this.sendWhole()
    else this.typed = name === '*' ? '' : this.typed + name
  }

  /** The key leaves when it goes down; how long it is held nobody hears. */
  hold(name: string): void {
    this.press(name)
  }

  release(): void {}

  /** H10301: even parity, facility, number, odd parity. Leading zeros of the code are lost in it. */
  private sendWhole(): void {
    const number = Number(this.typed) & 0xffff
    this.typed = ''
    const data = FACILITY * 0x10000 + number
    const even = ones(data >> 12) % 2
    const odd = 1 - (ones(data & 0xfff) % 2)
    this.send((even << 25) | (data << 1) | odd, 26)
  }

  /** The upper bit first. */
  send(bits: number, count: number): void {
    this.frames++
    let atMs = Math.max(this.clock.nowMs, this.freeMs)
    const lost = this.lossEvery > 0 && this.frames % this.lossEvery === 0 ? count >> 1 : -1
    for (let bit = count - 1; bit >= 0; bit--) {
      const line = (((bits >> bit) & 1) === 1) !== this.isSwapped ? 1 : 0
      if (bit !== lost) this.clock.after(atMs - this.clock.nowMs, () => this.pulse(line))
      atMs += this.intervalMs + (this.jitterMs === 0 ? 0 : this.random.below(this.jitterMs + 1))
    }
    this.freeMs = atMs + 60
  }

  private pulse(line: number): void {
    this.pulses++
    this.pins.set(this.contacts[line], !this.isInverted)
    this.pins.set(this.contacts[line], this.isInverted)
  }
}

function ones(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest >>= 1) count += rest & 1
  return count
}

/** Rising edges at two pins with their times, as a board notes them for the firmware (hal.ts, Pulses). */
export class PulseCounter {
  private kept: number[] = []
  private levels = 0
  private lines: number[] = []

  constructor(
    private clock: VirtualClock,
    private pins: PinBank,
    /** Told of the first pulse after a take(). */
    private onFirst: () => void,
  ) {
    pins.listeners.push(() => this.look())
  }

  reset(): void {
    this.lines = []
    this.kept = []
  }

  watch(zero: number, one: number): void {
    for (const pin of [zero, one]) this.pins.mode(pin, 'inputPullup')
    this.lines = [zero, one]
    this.levels = this.pins.read(this.lines)
  }

  take(): number[] {
    if (this.kept.length === 0) return []
    const list = [this.ticks()].concat(this.kept)
    this.kept = []
    return list
  }

  private look(): void {
    if (this.lines.length === 0) return
    const levels = this.pins.read(this.lines)
    const risen = levels & ~this.levels
    this.levels = levels
    for (let line = 0; line < 2; line++) {
      if (((risen >> (1 - line)) & 1) === 0) continue
      this.kept.push(this.ticks() * 2 + line)
      if (this.kept.length === 1) this.onFirst()
    }
  }

  private ticks(): number {
    return Math.round(this.clock.nowMs * TICKS_PER_MS) % TICKS
  }
}
