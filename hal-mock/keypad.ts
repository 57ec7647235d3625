/**
 * A matrix keypad of 4x3 or 4x4 keys: contacts between row and column pins, without diodes, so that chords make ghosts.
 * Contacts bounce when they make and when they break (hardware.md §3.1: 1-10 ms, membranes up to 20 ms).
 *
 * Not modelled: resistance of carbon pads, keys that make late or not at all.
 */

import type { VirtualClock } from './clock'
import type { PinBank } from './pins'

/** From the top left. */
const ROWS = ['123A', '456B', '789C', '*0#D']
const HOLD_MS = 80

/** Whatever fingers press. */
export interface Keys {
  press(name: string, holdMs?: number): void
  hold(name: string): void
  release(name: string): void
}

interface Key {
  contact: number
  /** Alarms of the present press, to be forgotten by the next one. */
  alarms: number[]
}

export class MatrixKeypad implements Keys {
  /** From the first touch to rest, in three toggles; 0 for contacts that do not bounce. */
  bounceMs = 4

  private keys: { [name: string]: Key } = {}

  /** Pins from the top row down and from the left column on. */
  constructor(
    private clock: VirtualClock,
    /** Those of the processor, or of a port expander. */
    private pins: Pick<PinBank, 'contact' | 'set'>,
    rowPins: number[],
    columnPins: number[],
  ) {
    for (let row = 0; row < rowPins.length; row++) {
      for (let column = 0; column < columnPins.length; column++) {
        const contact = pins.contact(rowPins[row], columnPins[column])
        this.keys[ROWS[row].charAt(column)] = { contact, alarms: [] }
      }
    }
  }

  /** Presses a key now for holdMs, bounce at the start included. Other keys may be down at the same time. */
  press(name: string, holdMs = HOLD_MS): void {
    this.hold(name)
    const key = this.key(name)
    key.alarms.push(this.clock.after(holdMs, () => this.release(name)))
  }

  /** Presses a key until release(). */
  hold(name: string): void {
    this.move(this.key(name), true)
  }

  release(name: string): void {
    this.move(this.key(name), false)
  }

  /** Three toggles: makes, breaks, makes; or the other way round. */
  private move(key: Key, isClosed: boolean): void {
    for (const alarm of key.alarms) this.clock.cancel(alarm)
    key.alarms = []
    this.pins.set(key.contact, isClosed)
    if (this.bounceMs === 0) return
    const middleMs = this.bounceMs >> 1
    key.alarms.push(this.clock.after(middleMs, () => this.pins.set(key.contact, !isClosed)))
    key.alarms.push(this.clock.after(this.bounceMs, () => this.pins.set(key.contact, isClosed)))
  }

  private key(name: string): Key {
    const key = this.keys[name]
    if (key === undefined) throw new Error('no such key on this keypad')
    return key
  }
}
