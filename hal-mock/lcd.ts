/**
 * A 2 x 16 text display: HD44780 controller behind a PCF8574 I2C expander (hardware.md §3.5), bit for bit: a nibble is
 * taken at the falling edge of E, in 4-bit mode two make a byte, and a controller that is busy takes nothing.
 * Sources: Hitachi HD44780U datasheet, table 6 (instructions) and figures 23-24 (start by instruction); NXP PCF8574.
 *
 * Not modelled: reading the controller (RW high is only not taken; the expander reads back its own latch), custom characters, the cursor, 5x10 dots, the contrast, and D0-D3,
 * which are not wired and are taken as 0 in 8-bit mode.
 */

import type { VirtualClock } from './clock'
import type { I2cPart } from './i2c-bus'

const COLUMNS = 16

// PCF8574 bits on the usual backpack.
const RS = 0x01
const RW = 0x02
const E = 0x04
const BACKLIGHT = 0x08

/** The expander's outputs are weakly high at power-up. */
const PORT_AT_POWER_UP = 0xff

/** 9 bits at 100 kHz, the expander's fastest. */
const BYTE_US = 90
/** Supply at 2.7 V until the controller takes instructions. */
const POWER_UP_US = 40000
/** Execution times at the nominal 270 kHz. */
const CLEAR_US = 1520
const INSTRUCTION_US = 37
/** The start by instruction asks for these after the first and the second function set. */
const FIRST_FUNCTION_SET_US = 4100
const SECOND_FUNCTION_SET_US = 100

export class LcdModule implements I2cPart {
  /** False: unplugged or without supply; it does not acknowledge. */
  isPresent = true
  /** The visible text, told after each transfer that changed it. */
  onChange: (line0: string, line1: string) => void = () => {}
  /** Nibbles that came while the controller was busy, and were lost. */
  lost = 0

  private port = PORT_AT_POWER_UP
  private ddram = new Uint8Array(128)
  private address = 0
  /** Data goes to the custom characters, which are not kept. */
  private isCustom = false
  private isIncrementing = true
  private isShifting = false
  private shift = 0
  private isOn = false
  private isTwoLine = false
  private isFourBit = false
  /** The upper nibble that waits for its lower one, -1 when none does. */
  private upper = -1
  private functionSets = 0
  /** Time inside a transfer, on top of the clock's; and until when the controller is busy. */
  private timeUs = 0
  private busyUntilUs = 0
  private told = ''

  constructor(
    private clock: VirtualClock,
    readonly i2cAddress = 0x27,
  ) {
    this.powerUp()
  }

  /** Supply comes (back): reset of both chips, the text is gone. */
  powerUp(): void {
    this.port = PORT_AT_POWER_UP
    this.ddram.fill(0x20)
    this.address = 0
    this.isCustom = false
    this.isIncrementing = true
    this.isShifting = false
    this.shift = 0
    this.isOn = false
    this.isTwoLine = false
    this.isFourBit = false
    this.upper = -1
    this.functionSets = 0
    this.busyUntilUs = this.clock.nowMs * 1000 + POWER_UP_US
    this.tell()
  }

  /** One I2C transfer. Throws when nobody acknowledges. */
  write(address: number, bytes: Uint8Array): void {
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
    const startUs = this.clock.nowMs * 1000
    // The address byte comes first.
    this.timeUs = startUs + BYTE_US
    for (let index = 0; index < bytes.length; index++) {
      this.timeUs += BYTE_US
      // Data and RS count as they stood while E was high: they may change together with the edge.
      if (this.port & E && (bytes[index] & E) === 0) this.latch(this.port)
      this.port = bytes[index]
    }
    // The clock stood still meanwhile, so the waits of the firmware begin at the start of the transfer. On the board
    // they begin at its end: what is left of a busy time moves to the start.
    this.busyUntilUs -= this.timeUs - startUs
    this.timeUs = startUs
    this.tell()
  }

  /** The expander's port, with nobody driving it but itself. */
  receive(address: number, count: number): Uint8Array {
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
    return new Uint8Array(count).fill(this.port)
  }

  /** What a person sees; blank when the display is off. */
  lines(): [string, string] {
    return [this.line(0), this.isTwoLine ? this.line(0x40) : this.line(-1)]
  }

  /** True while the backlight is on. */
  isLit(): boolean {
    return (this.port & BACKLIGHT) !== 0
  }

  /** Noise on E: the controller takes one nibble of whatever lies on the wires. */
  glitch(nibble: number): void {
    this.timeUs = this.clock.nowMs * 1000
    this.latch(((nibble & 15) << 4) | E)
    this.tell()
  }

  /** Noise in the memory: one visible cell changes. */
  garble(line: number, column: number, code: number): void {
    this.ddram[line * 0x40 + column] = code & 255
    this.tell()
  }

  private line(start: number): string {
    let text = ''
    for (let column = 0; column < COLUMNS; column++) {
      const cell = start + ((this.shift + column) % 40)
      text += this.isOn && start >= 0 ? String.fromCharCode(this.ddram[cell]) : ' '
    }
    return text
  }

  private tell(): void {
    const lines = this.lines()
    const text = lines[0] + lines[1]
    if (text === this.told) return
    this.told = text
    this.onChange(lines[0], lines[1])
  }

  private latch(port: number): void {
    if (port & RW) return
    if (this.timeUs < this.busyUntilUs) {
      this.lost++
      return
    }
    const nibble = port >> 4
    if (!this.isFourBit) this.take(nibble << 4, (port & RS) !== 0)
    else if (this.upper < 0) this.upper = nibble
    else {
      const code = (this.upper << 4) | nibble
      this.upper = -1
      this.take(code, (port & RS) !== 0)
    }
  }

  private take(code: number, isData: boolean): void {
    this.rest(INSTRUCTION_US)
    if (isData) this.store(code)
    else if (code & 0x80) this.seek(code & 0x7f, false)
    else if (code & 0x40) this.seek(code & 0x3f, true)
    else if (code & 0x20) this.setFunction(code)
    else if (code & 0x10) this.moveOrShift(code)
    else if (code & 0x08) this.isOn = (code & 0x04) !== 0
    else if (code & 0x04) {
      this.isIncrementing = (code & 0x02) !== 0
      this.isShifting = (code & 0x01) !== 0
    } else if (code & 0x02) this.home()
    else if (code & 0x01) {
      this.ddram.fill(0x20)
      this.isIncrementing = true
      this.home()
    }
  }

  private home(): void {
    this.seek(0, false)
    this.shift = 0
    this.rest(CLEAR_US)
  }

  private rest(lengthUs: number): void {
    this.busyUntilUs = this.timeUs + lengthUs
  }

  private setFunction(code: number): void {
    this.functionSets++
    if (this.functionSets === 1) this.rest(FIRST_FUNCTION_SET_US)
    if (this.functionSets === 2) this.rest(SECOND_FUNCTION_SET_US)
    this.isFourBit = (code & 0x10) === 0
    this.isTwoLine = (code & 0x08) !== 0
  }

  private moveOrShift(code: number): void {
    const step = code & 0x04 ? 1 : -1
    if (code & 0x08) this.shift = (this.shift + 40 - step) % 40
    else this.step(step)
  }

  private seek(address: number, isCustom: boolean): void {
    this.address = address
    this.isCustom = isCustom
  }

  private store(code: number): void {
    const step = this.isIncrementing ? 1 : -1
    if (!this.isCustom) {
      this.ddram[this.address] = code
      if (this.isShifting) this.shift = (this.shift + 40 + step) % 40
    }
    this.step(step)
  }

  /** Moves the address; the two lines of 40 cells make a ring. */
  private step(step: number): void {
    const address = (this.address + step) & 0x7f
    if (this.isCustom || !this.isTwoLine) this.address = address
    else if (address === 0x28) this.address = 0x40
    else if (address === 0x68) this.address = 0
    else if (address === 0x7f) this.address = 0x67
    else if (address === 0x3f) this.address = 0x27
    else this.address = address
  }
}
