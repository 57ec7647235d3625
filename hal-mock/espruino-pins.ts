/**
 * Pins as the interpreter on an ESP32 has them: pinMode and the calls that read, write and pulse
 * (espruino.md §3.3, hardware.md §0). Watches: espruino-watches.ts.
 *
 * Not modelled: PWM, DAC, the pull-down inside the chip ('input_pulldown' is a plain input), Pin.writeAtTime, bounds of a
 * pulse (30 us). A pin here is
 * an object; there it is a kind of number (typeof D4 is 'number').
 */

import type { Pins } from '../firmware/hal'
import type { VirtualClock } from './clock'
import type { Callback, Loop, Natives } from './espruino-loop'
import { Watches } from './espruino-watches'
import type { PinBank } from './pins'

const PIN_COUNT = 40
/** ADC1, the only one that is read (§3.5). */
const FIRST_ANALOG = 32
/** Pulses that the one hardware timer takes (§3.3). */
const PULSE_LIMIT = 16

const MODES = 'analog input input_pullup input_pulldown output opendrain opendrain_pullup af_output af_opendrain'.split(
  ' ',
)

export class EspruinoPins {
  /** D0 to D39. */
  readonly pins: Natives[] = []
  /** Level at an analog input, 0 to 1. */
  analog: (pin: number) => number = () => 0

  /** '' until the program has asked for a mode; then digitalWrite() leaves it alone. */
  private modes: string[] = []
  private latches = new Uint8Array(PIN_COUNT)
  private watches: Watches
  private pulses = 0

  constructor(
    private clock: VirtualClock,
    private loop: Loop,
    private hardware: Pins,
    bank: PinBank,
  ) {
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      this.modes.push('')
      this.pins.push(this.makePin(pin))
    }
    this.watches = new Watches(clock, loop, hardware, bank, this.pins)
  }

  stop(): void {
    this.watches.stop()
  }

  natives(): Natives {
    return {
      pinMode: (pin: unknown, mode: unknown, isAutomatic: unknown) => this.pinMode(pin, mode, isAutomatic === true),
      getPinMode: (pin: unknown) => this.modes[pinNumber(pin)] || 'input',
      digitalRead: (pin: unknown) => this.digitalRead(pin),
      digitalWrite: (pin: unknown, value: unknown) => this.digitalWrite(pin, value),
      digitalPulse: (pin: unknown, value: unknown, times: unknown) => this.digitalPulse(pinNumber(pin), !!value, times),
      analogRead: (pin: unknown) => this.analogRead(pinNumber(pin)),
      setWatch: (act: unknown, pin: unknown, options: unknown) =>
        this.watches.set(act as Callback, pinNumber(pin), options),
      clearWatch: (...ids: unknown[]) => this.watches.clear(ids),
    }
  }

  private makePin(pin: number): Natives {
    const made = this.loop.guard({
      read: () => this.readOne(pin) === 1,
      write: (value: unknown) => this.writeOne(pin, value ? 1 : 0),
      set: () => this.writeOne(pin, 1),
      reset: () => this.writeOne(pin, 0),
      toggle: () => {
        const level = this.latches[pin] ^ 1
        this.writeOne(pin, level)
        return level === 1
      },
      mode: (mode: unknown) => this.pinMode(pin, mode, false),
      getMode: () => this.modes[pin] || 'input',
      pulse: (value: unknown, times: unknown) => this.digitalPulse(pin, !!value, times),
    })
    made.valueOf = () => pin
    made.toString = () => `D${pin}`
    made.toJSON = made.toString
    return made
  }

  private pinMode(which: unknown, mode: unknown, isAutomatic: boolean): void {
    const pin = pinNumber(which)
    if (mode === undefined || mode === 'auto') {
      this.modes[pin] = ''
      return
    }
    if (!MODES.includes(mode as string)) throw new Error('Unknown pin mode')
    this.apply(pin, mode as string)
    this.modes[pin] = isAutomatic ? '' : (mode as string)
  }

  private apply(pin: number, mode: string): void {
    if (mode === 'output' || mode === 'af_output') this.hardware.mode(pin, 'output')
    else if (mode === 'opendrain_pullup') this.hardware.mode(pin, 'openDrain')
    else if (mode === 'opendrain' || mode === 'af_opendrain') this.float(pin)
    else this.hardware.mode(pin, mode === 'input_pullup' ? 'inputPullup' : 'input')
  }

  /** Open drain without the pull-up that the bank's own mode has: a high latch lets go. */
  private float(pin: number): void {
    this.hardware.mode(pin, this.latches[pin] === 1 ? 'input' : 'openDrain')
  }

  private digitalRead(pin: unknown): unknown {
    if (!Array.isArray(pin)) return this.readOne(pinNumber(pin))
    let word = 0
    for (const one of pin) word = (word << 1) | this.readOne(pinNumber(one))
    return word
  }

  private readOne(pin: number): number {
    if (this.modes[pin] === '') this.hardware.mode(pin, 'input')
    return this.hardware.read([pin])
  }

  private digitalWrite(pin: unknown, value: unknown): void {
    if (!Array.isArray(pin)) {
      this.writeOne(pinNumber(pin), value ? 1 : 0)
      return
    }
    // The last pin named is bit 0, and goes first.
    let word = Number(value) | 0
    for (let index = pin.length - 1; index >= 0; index--) {
      this.writeOne(pinNumber(pin[index]), word & 1)
      word = word >>> 1
    }
  }

  /** The latch first, then a pin without a mode becomes an output; one with a mode keeps it. */
  private writeOne(pin: number, level: number): void {
    const mode = this.modes[pin]
    this.latches[pin] = level
    this.hardware.write(pin, level)
    if (mode === '') this.hardware.mode(pin, 'output')
    if (mode === 'opendrain' || mode === 'af_opendrain') this.float(pin)
  }

  /** One time or several, in ms; the level changes at the end of each. Returns at once. */
  private digitalPulse(pin: number, level: boolean, times: unknown): void {
    const list = Array.isArray(times) ? times : [times]
    this.writeOne(pin, level ? 1 : 0)
    let atMs = 0
    for (const time of list) {
      if (++this.pulses > PULSE_LIMIT) throw new Error('Unable to add timer task')
      atMs += Number(time)
      level = !level
      const next = level ? 1 : 0
      this.clock.after(Math.ceil(atMs), () => {
        this.pulses--
        if (!this.loop.isDead) this.writeOne(pin, next)
      })
    }
  }

  private analogRead(pin: number): number {
    if (pin >= FIRST_ANALOG) return ((this.analog(pin) * 4095) | 0) / 4096
    this.loop.onPrint(`Pin D${pin} is not capable of Analog Input`)
    return NaN
  }
}

/** A pin object, its number or its name. Throws for anything else. */
export function pinNumber(value: unknown): number {
  const text = String(value)
  const pin = parseInt(text.startsWith('D') ? text.substr(1) : text, 10)
  if (!(pin >= 0 && pin < PIN_COUNT)) throw new Error('Invalid pin!')
  return pin
}
