/**
 * ADS1115, a 16-bit converter with four inputs on I2C, register for register: pointer, configuration with multiplexer, gain,
 * mode and rate, and a conversion that takes its time, whose oscillator is up to 10 % off.
 * Source: TI SBAS444E, §9.3 (operation), §9.5 (bus), §9.6 (registers).
 *
 * Not modelled: the comparator (its registers are kept, ALERT is not there), general call reset, input impedance and
 * leakage, and what an input beyond the supply does to its neighbours: it reads as the supply.
 */

// Registers by pointer (§9.6.1).
const CONVERSION = 0
const CONFIG = 1
const LO_THRESH = 2
const HI_THRESH = 3

/** After power-up: input 0 against 1, ±2.048 V, single, 128 a second, comparator off (§9.6.3). */
const CONFIG_RESET = 0x8583
const OS = 0x8000
const SINGLE = 0x0100
/** Full scale in mV by PGA bits. */
const SCALES = [6144, 4096, 2048, 1024, 512, 256, 256, 256]
/** Conversions a second by DR bits. */
const RATES = [8, 16, 32, 64, 128, 250, 475, 860]
/** Pairs of inputs by MUX bits; -1 is ground. */
const PAIRS = [
  [0, 1],
  [0, 3],
  [1, 3],
  [2, 3],
  [0, -1],
  [1, -1],
  [2, -1],
  [3, -1],
]
/** A single conversion begins with the chip waking up. */
const WAKE_MS = 0.025
const LAST_CODE = 32767

export class Ads1115 {
  /** False: unplugged or without supply; it does not acknowledge. */
  isPresent = true
  /** Its conversions take so much of what the rate says: 0.9 to 1.1. */
  oscillator = 1
  /** Conversions that were started so far, and what they cost on the bus. */
  conversions = 0
  transfers = 0
  busBytes = 0
  /** Voltage at an input in mV. */
  millivolts: (input: number) => number = () => 0
  /** Noise of a result in steps, drawn from here; none when undefined. */
  noise: (() => number) | undefined

  private pointer = CONVERSION
  private config = CONFIG_RESET
  private thresholds = [0x8000, 0x7fff]
  private result = 0
  /** When the conversion under way ends; Infinity when none is. */
  readyMs = Infinity

  constructor(
    private clock: { readonly nowMs: number },
    readonly i2cAddress: number,
    /** Beyond it an input cannot be. */
    public supplyMillivolts = 3300,
  ) {}

  setPower(isOn: boolean): void {
    this.isPresent = isOn
    this.reset()
  }

  reset(): void {
    this.pointer = CONVERSION
    this.config = CONFIG_RESET
    this.thresholds = [0x8000, 0x7fff]
    this.result = 0
    this.readyMs = Infinity
  }

  /** Register by pointer, without a transfer. OS reads 1 while nothing is converted. */
  peek(register: number): number {
    this.settle()
    if (register === CONVERSION) return this.result & 0xffff
    if (register === CONFIG) return (this.config & ~OS) | (this.readyMs === Infinity ? OS : 0)
    return this.thresholds[register - LO_THRESH]
  }

  /** One transfer to the chip: the pointer, then the two bytes of a register, the upper one first. */
  write(address: number, bytes: Uint8Array): void {
    this.answer(address, bytes.length)
    if (bytes.length > 0) this.pointer = bytes[0] & 3
    if (bytes.length < 3) return
    const value = (bytes[1] << 8) | bytes[2]
    if (this.pointer === CONFIG) this.configure(value)
    if (this.pointer === LO_THRESH || this.pointer === HI_THRESH) this.thresholds[this.pointer - LO_THRESH] = value
  }

  /** One transfer from the chip: the register that the pointer is at. It stands still, so what follows repeats. */
  receive(address: number, count: number): Uint8Array {
    this.answer(address, count)
    const value = this.peek(this.pointer)
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) bytes[index] = index % 2 === 0 ? value >> 8 : value & 255
    return bytes
  }

  private answer(address: number, lengthBytes: number): void {
    this.transfers++
    this.busBytes += lengthBytes + 1
    if (!this.isPresent || address !== this.i2cAddress) throw new Error('no acknowledge')
  }

  /** Writing OS starts a single conversion, but not while one runs; continuous ones begin by themselves (§9.4.2). */
  private configure(value: number): void {
    this.settle()
    const isBusy = this.readyMs !== Infinity
    this.config = value
    const isContinuous = (value & SINGLE) === 0
    if (isContinuous || ((value & OS) !== 0 && !isBusy)) this.begin(isContinuous ? 0 : WAKE_MS)
  }

  private begin(wakeMs: number): void {
    this.conversions++
    this.readyMs = this.clock.nowMs + wakeMs + (1000 / RATES[(this.config >> 5) & 7]) * this.oscillator
  }

  /** The results that are there by now. */
  private settle(): void {
    if (this.clock.nowMs < this.readyMs) return
    this.result = this.measured()
    this.readyMs = Infinity
    if ((this.config & SINGLE) === 0) this.begin(0)
  }

  private measured(): number {
    const [plus, minus] = PAIRS[(this.config >> 12) & 7]
    const millivolts = this.at(plus) - this.at(minus)
    const steps = (millivolts * (LAST_CODE + 1)) / SCALES[(this.config >> 9) & 7]
    return Math.min(
      Math.max(Math.round(this.noise === undefined ? steps : steps + this.noise()), -LAST_CODE - 1),
      LAST_CODE,
    )
  }

  private at(input: number): number {
    return input < 0 ? 0 : Math.min(Math.max(this.millivolts(input), -300), this.supplyMillivolts)
  }
}
