/**
 * The ESP32's pins with what is soldered to them: pull resistors, and contacts that join two pins or a pin and ground.
 * Levels are solved net by net: a net is all that closed contacts join, and low wins in it. So a keypad without diodes
 * shows its ghost keys, and a zone its cable. Source: hardware.md §0 and §4.1.
 *
 * Not modelled: voltages between the levels, contact resistance, capacitance, interrupts, the ADC, pull-downs inside
 * the chip, what strapping pins do to the boot.
 */

import type { PinMode, Pins } from '../firmware/hal'

/** The other end of a contact to ground. */
export const GROUND = 40

const PIN_COUNT = 40
/** GPIO 34-39 have neither drivers nor pulls. */
const FIRST_INPUT_ONLY = 34
/** Pins that the interpreter pulls up at reset (hardware.md §0). */
const PULLED_UP_AT_RESET = [0, 12, 13, 14, 15, 18, 19, 21, 22, 25, 26, 27]

interface Contact {
  a: number
  b: number
  isClosed: boolean
}

export class PinBank implements Pins {
  /** Times that a high output met a low one, or ground, through closed contacts. The bench asks that it stays 0. */
  shorts = 0
  /** What a load on an output pin sees, told at each change. Inputs and open-drain pins are not told. */
  onChange: (pin: number, level: number) => void = () => {}
  /** Told after anything that may have changed the level of any pin. */
  readonly listeners: (() => void)[] = []

  /** Grows with anything that may have changed a level: what was read before is still so while it stays. */
  changes = 0

  private modes: PinMode[] = []
  private latches = new Uint8Array(PIN_COUNT)
  private told = new Uint8Array(PIN_COUNT)
  /** Level of the resistor on the board, undefined when there is none. */
  private pulls: (number | undefined)[] = []
  private contacts: Contact[] = []
  /** For each pin and GROUND the members of its net; the pins of one net share one array. */
  private nets: number[][] = []
  private isShorted = new Uint8Array(PIN_COUNT + 1)

  constructor() {
    for (let pin = 0; pin < PIN_COUNT; pin++) this.modes.push('input')
    this.join()
    this.reset()
  }

  // The board.

  /** Solders a resistor to 3.3 V (1) or to ground (0). One to ground wins over the chip's own pull-up. */
  pull(pin: number, level: number): void {
    check(pin)
    this.changes++
    this.pulls[pin] = level
    this.told[pin] = this.loadLevel(pin)
  }

  /** Takes a pin's resistor away. */
  unsolder(pin: number): void {
    check(pin)
    this.changes++
    this.pulls[pin] = undefined
    this.told[pin] = this.loadLevel(pin)
    this.notify()
  }

  /** Wires a contact, open, between two pins or a pin and GROUND. Returns its number for set(). */
  contact(a: number, b: number): number {
    check(a)
    if (b !== GROUND) check(b)
    this.contacts.push({ a, b, isClosed: false })
    return this.contacts.length - 1
  }

  /** Opens or closes a contact. */
  set(contact: number, isClosed: boolean): void {
    if (this.contacts[contact].isClosed === isClosed) return
    this.contacts[contact].isClosed = isClosed
    this.changes++
    this.join()
    for (let pin = 0; pin < PIN_COUNT; pin++) if (this.modes[pin] === 'output') this.noteShort(pin)
    this.notify()
  }

  private notify(): void {
    for (const listener of this.listeners) listener()
  }

  /** The level at a pin, whoever makes it. A net that nothing drives or pulls floats, and reads 0. */
  level(pin: number): number {
    check(pin)
    const net = this.nets[pin]
    let level = 0
    let isHigh = false
    let isPulledDown = false
    for (const member of net) {
      if (this.drive(member) === 0) return 0
      if (this.drive(member) === 1) isHigh = true
      if (member !== GROUND && this.pulls[member] === 0) isPulledDown = true
      if (member !== GROUND && this.isPulledUp(member)) level = 1
    }
    if (isHigh) return 1
    return isPulledDown ? 0 : level
  }

  /** Power-up: all pins are inputs again, with the pull-ups that the interpreter sets, and the latches are 0. */
  reset(): void {
    this.changes++
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      const isOutput = this.modes[pin] === 'output'
      this.modes[pin] = PULLED_UP_AT_RESET.indexOf(pin) < 0 ? 'input' : 'inputPullup'
      this.latches[pin] = 0
      this.isShorted[pin] = 0
      if (isOutput) this.tell(pin)
      else this.told[pin] = this.loadLevel(pin)
    }
  }

  // The chip, as the firmware sees it.

  mode(pin: number, mode: PinMode): void {
    check(pin)
    if (pin >= FIRST_INPUT_ONLY && (mode === 'output' || mode === 'openDrain')) {
      throw new Error('GPIO ' + pin + ' is input only')
    }
    const wasOutput = this.modes[pin] === 'output'
    this.changes++
    this.modes[pin] = mode
    if (wasOutput || mode === 'output') this.tell(pin)
    else this.told[pin] = this.loadLevel(pin)
    this.noteShorts(pin)
    this.notify()
  }

  write(pin: number, level: number): void {
    check(pin)
    this.changes++
    this.latches[pin] = level ? 1 : 0
    if (this.modes[pin] === 'output') this.tell(pin)
    this.noteShorts(pin)
    this.notify()
  }

  read(pins: number[]): number {
    let word = 0
    for (const pin of pins) word = (word << 1) | this.level(pin)
    return word >>> 0
  }

  // Nets.

  /** 0 or 1 when the node is driven to that level, -1 when it is not. */
  private drive(node: number): number {
    if (node === GROUND) return 0
    if (this.modes[node] === 'output') return this.latches[node]
    return this.modes[node] === 'openDrain' && this.latches[node] === 0 ? 0 : -1
  }

  private isPulledUp(pin: number): boolean {
    if (this.pulls[pin] === 1) return true
    return pin < FIRST_INPUT_ONLY && (this.modes[pin] === 'inputPullup' || this.modes[pin] === 'openDrain')
  }

  /** Finds the nets anew. Contacts move seldom, levels often; so levels are solved from these. */
  private join(): void {
    this.nets = []
    for (let node = 0; node <= GROUND; node++) this.nets.push([node])
    for (const contact of this.contacts) {
      const kept = this.nets[contact.a]
      const merged = this.nets[contact.b]
      if (!contact.isClosed || kept === merged) continue
      for (const node of merged) {
        kept.push(node)
        this.nets[node] = kept
      }
    }
  }

  /** A change at one pin can begin or end a short at each output of its net. */
  private noteShorts(pin: number): void {
    for (const member of this.nets[pin]) if (member !== GROUND) this.noteShort(member)
  }

  /** Counts a short once, at the output that is high in it. */
  private noteShort(pin: number): void {
    const isShorted = this.drive(pin) === 1 && this.level(pin) === 0 ? 1 : 0
    if (isShorted > this.isShorted[pin]) this.shorts++
    this.isShorted[pin] = isShorted
  }

  private loadLevel(pin: number): number {
    if (this.modes[pin] === 'output') return this.latches[pin]
    if (this.pulls[pin] !== undefined) return this.pulls[pin] as number
    return this.isPulledUp(pin) ? 1 : 0
  }

  private tell(pin: number): void {
    const level = this.loadLevel(pin)
    if (level === this.told[pin]) return
    this.told[pin] = level
    this.onChange(pin, level)
  }
}

function check(pin: number): void {
  if (!(pin >= 0 && pin < PIN_COUNT) || pin !== (pin | 0)) throw new Error('no pin ' + pin)
  if (pin >= 6 && pin <= 11) throw new Error('GPIO ' + pin + ' belongs to the flash')
}
