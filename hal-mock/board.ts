/**
 * A whole panel's hardware on one board, behind firmware/hal.ts: pins with keypad and zone loops, flash, display and port
 * expanders on I2C, the W5500 on its SPI bus and the modem on its UART. Power comes and goes for all of it at once.
 *
 * Not modelled: the time that the processor takes for anything, and the way from a battery that runs flat to a brown-out.
 */

import type { Crypto, Hal } from '../firmware/hal'
import { Ads1115 } from './ads1115'
import type { VirtualClock } from './clock'
import { FlashChip } from './flash'
import { I2cBus } from './i2c-bus'
import { type Keys, MatrixKeypad } from './keypad'
import { LcdModule } from './lcd'
import { Loop, STYLES } from './loop'
import { Mcp23017 } from './mcp23017'
import { Modem, type ModemOptions } from './modem'
import type { Nic } from './network'
import type { Onlooker } from './onlooker'
import { Pcf8574 } from './pcf8574'
import { GROUND, PinBank } from './pins'
import { Esp32Adc, PowerSupply, SirenLoop } from './power-supply'
import { Random } from './random'
import { Tca8418 } from './tca8418'
import { W5500 } from './w5500'
import { PulseCounter, WiegandKeypad } from './wiegand'

/** Which GPIO goes where. */
export interface Wiring {
  rows: number[]
  columns: number[]
  siren: number
  /** Level at which the siren is quiet: 1 for one with a hold-off line, which sounds when that falls, at the latest with the supply. */
  sirenRest: number
  light: number
  buzzer: number
  w5500Reset: number
  modemPowerKey: number
  modemSupply: number
  modemStatus: number
  /** Level of the mains, battery and siren circuit as voltages, and the box's contact, where they are wired. */
  acSense?: number
  batterySense?: number
  sirenSense?: number
  boxTamper?: number
  /** Output that takes the charger off and puts a load on the battery. */
  batteryLoad?: number
  /** Programmable outputs. Like siren, light, buzzer and reset of the W5500 they may be at an MCP23017: 64 + 16 * chip + output. */
  outputs?: number[]
  /** Further keypads, two numbers each: MCP23017 0-6, I2C address of the display. */
  keypads?: number[]
  /** Loops that are measured or close, as the settings have them: zone, style, pull-up, three resistors, a reading. */
  loops?: number[]
  /** Input of an ADS1115, chip * 4 + input, at 3.3 V; and a GPIO with half of it. */
  loopSupply?: number
  adcDivider?: number
  /** I2C address of the chip of the first keypad, in the place of rows and columns, and its INT. */
  keypad?: number
  keypadInterrupt?: number
  /** D0 and D1 of a Wiegand keypad in the place of rows and columns, and its LED, which lights when low. */
  wiegandZero?: number
  wiegandOne?: number
  keypadLed?: number
  /** Beeper of a keypad, which sounds when low. */
  beeper?: number
}
const LOOP_FIELDS = 7
const OHM_STYLE = 2

/** Keys and buzzer at an MCP23017, rows at GPA0-3, columns at GPB0-3, buzzer at GPA7; and a display of its own. */
export interface FurtherKeypad {
  chip: Mcp23017
  keys: MatrixKeypad
  lcd: LcdModule
}
const KEY_ROWS = [0, 1, 2, 3]
const KEY_COLUMNS = [8, 9, 10, 11]
const KEY_BUZZER = 7
/** A TCA8418 has this address, and rows and columns of its own; a PCF8574 has rows at P0-P3 and columns at P4-P7. */
const CONTROLLER_ADDRESS = 0x34
const PORT_COLUMNS = [4, 5, 6, 7]

/** Receive ring of the ESP32's UART driver; more than that between two reads is lost (hardware.md §0). */
const UART_RING_BYTES = 1024
/** The most that a board's UART takes at once. */
const UART_WRITE_BYTES = 512

/** Zone pins from here on are inputs of MCP23017s: 16 a chip, the first at I2C address 0x20. */
const EXPANDER_PINS = 64
const EXPANDER_ADDRESS = 0x20
/** And from here on inputs of ADS1115s: 4 a chip, the first at 0x48. */
const ADC_PINS = 192
const ADC_ADDRESS = 0x48
const SUPPLY_MILLIVOLTS = 3300

/** A text counts as shown when it has stood still for so long. */
const TEXT_MS = 2

export class Board {
  readonly pins = new PinBank()
  readonly flash = new FlashChip()
  readonly keypad: Keys
  /** The same, where it is one. */
  readonly wiegand: WiegandKeypad | undefined
  /** Its chip, where that is on I2C. */
  readonly keypadChip: Pcf8574 | Tca8418 | undefined
  readonly i2c: I2cBus
  readonly lcd: LcdModule
  /** Expanders by their number, as far as a zone is wired to one. */
  readonly expanders: (Mcp23017 | undefined)[] = []
  /** Converters by their number, and what hangs on the loop of each zone that has resistors, or is at a converter. */
  readonly converters: (Ads1115 | undefined)[] = []
  readonly loops: (Loop | undefined)[] = []
  /** Of the loops, the converters and the ADC's divider. */
  supplyMillivolts = SUPPLY_MILLIVOLTS
  /** Keypad 2 first. */
  readonly furtherKeypads: FurtherKeypad[] = []
  readonly ethernet: W5500
  readonly modem: Modem
  readonly supply = new PowerSupply()
  readonly sirenLoop = new SirenLoop()
  readonly adc = new Esp32Adc()
  isPowered = false
  /** SPI frames, and UART bytes to the modem, so far. */
  spiFrames = 0
  uartBytes = 0
  /** What the board's clock says when it has the time of day; 0 when not. */
  utcSeconds: () => number = () => 0
  /** Contact of each zone at a GPIO; -1 of one at an expander. */
  private zoneContacts: number[] = []
  /** Zones whose contact closes. */
  private closing: number[] = []
  private mainsContact = -1
  private boxContact = -1
  private received = ''
  private bootMs = 0
  private hardwareRandom: Random
  /** Inputs whose edges the firmware asked for, and their levels. */
  private wakePins: number[] = []
  private pulses: PulseCounter | undefined
  private wakeLevels = 0
  /** The last reading of pins. The list is the caller's, who may not change it; none while the modem's word is among them. */
  private lastPins: number[] | undefined
  private lastChanges = 0
  private lastWord = 0
  /** Told of each such edge, also from inside a call of the firmware. */
  onWake: () => void = () => {}

  constructor(
    private clock: VirtualClock,
    private wiring: Wiring,
    /** By number as in the settings: a GPIO, or from EXPANDER_PINS on 16 a chip. */
    private zonePins: number[],
    nics: { ethernet: Nic; cellular: Nic },
    private crypto: Crypto,
    random: Random,
    private onlooker: Onlooker,
    modem: ModemOptions = {},
  ) {
    this.i2c = new I2cBus(clock)
    // Each part has its own stream of chance, so that one more draw in one of them changes nothing in the others.
    this.hardwareRandom = new Random(random.next())
    const { wiegandZero, wiegandOne } = wiring
    if (wiegandZero !== undefined && wiegandOne !== undefined) {
      for (const pin of [wiegandZero, wiegandOne]) this.pins.pull(pin, 1)
      this.wiegand = new WiegandKeypad(clock, this.pins, [wiegandZero, wiegandOne])
      this.pulses = new PulseCounter(clock, this.pins, () => this.onWake())
    }
    this.keypadChip = this.addKeypadChip()
    const port = this.keypadChip
    if (port === undefined) {
      this.keypad = this.wiegand ?? new MatrixKeypad(clock, this.pins, wiring.rows, wiring.columns)
    } else {
      const columns = wiring.keypad === CONTROLLER_ADDRESS ? KEY_ROWS : PORT_COLUMNS
      this.keypad = new MatrixKeypad(clock, port, KEY_ROWS, columns)
    }
    this.lcd = new LcdModule(clock)
    this.ethernet = new W5500(clock, nics.ethernet, { random: new Random(random.next()) })
    this.modem = new Modem(clock, nics.cellular, new Random(random.next()), modem)
    this.i2c.attach(this.lcd)
    this.addLoops()
    for (let zone = 0; zone < zonePins.length; zone++) {
      const pin = zonePins[zone]
      const isMeasured = this.loops[zone] !== undefined
      if (pin >= EXPANDER_PINS && pin < ADC_PINS) this.addExpander((pin - EXPANDER_PINS) >> 4)
      this.zoneContacts.push(pin >= EXPANDER_PINS || isMeasured ? -1 : this.pins.contact(pin, GROUND))
      this.setZone(zone, false)
    }
    this.addKeypads()
    this.addOutputs()
    this.wireSenses()
    this.solder(zonePins.filter((pin, zone) => pin < EXPANDER_PINS && this.loops[zone] === undefined))
    this.connect()
    this.ethernet.setPower(false)
    this.modem.setSupply(false)
    this.lcd.isPresent = false
    this.powerExpanders(false)
  }

  /** The charger's contact closes to ground without mains; the box's is closed while it is shut (hardware.md §3.7, §3.8). */
  private wireSenses(): void {
    const { acSense = -1, boxTamper = -1 } = this.wiring
    for (const pin of [acSense, boxTamper]) if (pin >= 0) this.pins.pull(pin, 1)
    if (acSense >= 0) this.mainsContact = this.pins.contact(acSense, GROUND)
    if (boxTamper >= 0) this.boxContact = this.pins.contact(boxTamper, GROUND)
    this.setBoxOpen(false)
  }

  setMains(isOn: boolean): void {
    this.supply.isMains = isOn
    if (this.mainsContact >= 0) this.pins.set(this.mainsContact, !isOn)
  }

  setBoxOpen(isOpen: boolean): void {
    if (this.boxContact >= 0) this.pins.set(this.boxContact, !isOpen)
  }

  private addLoops(): void {
    const { loops = [], loopSupply = -1 } = this.wiring
    for (let at = 0; at < loops.length; at += LOOP_FIELDS) {
      const [zone, style, , eol, alarm, fault] = loops.slice(at, at + LOOP_FIELDS)
      const pin = this.zonePins[zone]
      if (style >= OHM_STYLE || pin >= ADC_PINS) this.loops[zone] = new Loop(STYLES[style], { eol, alarm, fault })
      if (STYLES[style] === 'NO') this.closing.push(zone)
      if (pin >= ADC_PINS) this.addConverter((pin - ADC_PINS) >> 2)
    }
    if (loopSupply >= 0) this.addConverter(loopSupply >> 2)
  }

  private addConverter(number: number): void {
    if (this.converters[number] !== undefined) return
    const converter = new Ads1115(this.i2c, ADC_ADDRESS + number)
    converter.millivolts = (input) =>
      number * 4 + input === this.wiring.loopSupply
        ? this.supplyMillivolts
        : this.loopMillivolts(this.zonePins.indexOf(ADC_PINS + number * 4 + input))
    this.converters[number] = converter
    this.i2c.attach(converter)
  }

  /** At the terminal of a zone; nothing is wired to others. */
  private loopMillivolts(zone: number): number {
    const { loops = [] } = this.wiring
    for (let at = 0; at < loops.length; at += LOOP_FIELDS) {
      if (loops[at] === zone) return this.loops[zone]?.millivolts(loops[at + 2], this.supplyMillivolts) ?? 0
    }
    return 0
  }

  /** What the ADC says of a pin; of one that no voltage is wired to, what its level is. */
  private analog(pin: number): number {
    const { batterySense, sirenSense, siren, sirenRest, batteryLoad = -1 } = this.wiring
    if (pin === batterySense) {
      const isTest = batteryLoad >= 0 && this.outputLevel(batteryLoad) === 1
      return this.adc.read(this.supply.senseMillivolts(isTest))
    }
    if (pin === sirenSense) return this.adc.read(this.sirenLoop.senseMillivolts(this.outputLevel(siren) !== sirenRest))
    if (pin === this.wiring.adcDivider) return this.adc.read(this.supplyMillivolts / 2)
    const zone = this.zonePins.indexOf(pin)
    if (zone >= 0 && this.loops[zone] !== undefined) return this.adc.read(this.loopMillivolts(zone))
    return this.adc.read(this.pins.level(pin) * 3300)
  }

  private addExpander(chip: number): void {
    if (this.expanders[chip] !== undefined) return
    const expander = new Mcp23017(EXPANDER_ADDRESS + chip)
    this.expanders[chip] = expander
    this.i2c.attach(expander)
  }

  private addKeypadChip(): Pcf8574 | Tca8418 | undefined {
    const { keypad, keypadInterrupt } = this.wiring
    if (keypad === undefined) return undefined
    const chip = keypad === CONTROLLER_ADDRESS ? new Tca8418(keypad) : new Pcf8574(keypad)
    this.i2c.attach(chip)
    if (keypadInterrupt === undefined) return chip
    const contact = this.pins.contact(keypadInterrupt, GROUND)
    this.pins.pull(keypadInterrupt, 1)
    chip.onInterrupt = (level) => this.pins.set(contact, level === 0)
    return chip
  }

  private addKeypads(): void {
    const { keypads = [] } = this.wiring
    for (let at = 0; at < keypads.length; at += 2) {
      const chip = new Mcp23017(EXPANDER_ADDRESS + keypads[at])
      const lcd = new LcdModule(this.clock, keypads[at + 1])
      const keys = new MatrixKeypad(this.clock, chip, KEY_ROWS, KEY_COLUMNS)
      const number = this.furtherKeypads.push({ chip, keys, lcd }) + 1
      this.i2c.attach(chip)
      this.i2c.attach(lcd)
      this.watchText(lcd, `text ${number}`)
      chip.onOutput = (pin, level) => {
        if (pin === KEY_BUZZER && this.isPowered) {
          this.onlooker.see(this.clock.nowMs, `buzzer ${number}`, level === 1 ? 'on' : 'off')
        }
      }
    }
  }

  /** Loads at expanders: resistors hold what must be high while a pin is an input (hardware.md §3.6). */
  private addOutputs(): void {
    const { siren, sirenRest, light, buzzer, w5500Reset, beeper = -1, outputs = [] } = this.wiring
    for (const pin of [siren, light, buzzer, w5500Reset, beeper, ...outputs]) {
      if (pin < EXPANDER_PINS) continue
      const number = (pin - EXPANDER_PINS) >> 4
      this.addExpander(number)
      const chip = this.expanders[number] as Mcp23017
      if ((pin === siren && sirenRest === 1) || pin === w5500Reset || pin === beeper) chip.pullUp(pin & 15)
      chip.onOutput = (output, level) => this.outputChanged(EXPANDER_PINS + 16 * number + output, level)
    }
  }

  /** Level of an output, at the board itself or at a chip. */
  outputLevel(pin: number): number {
    if (pin < EXPANDER_PINS) return this.pins.level(pin)
    return this.expanders[(pin - EXPANDER_PINS) >> 4]?.level(pin & 15) ?? 0
  }

  /** The keys of keypad 1 to 4. */
  keysOf(number: number): Keys {
    return number === 1 ? this.keypad : this.furtherKeypads[number - 2].keys
  }

  private powerExpanders(isOn: boolean): void {
    for (const converter of this.converters) converter?.setPower(isOn)
    this.keypadChip?.setPower(isOn)
    for (const expander of this.expanders) if (expander !== undefined) expander.setPower(isOn)
    for (const { chip, lcd } of this.furtherKeypads) {
      chip.setPower(isOn)
      lcd.isPresent = isOn
      if (isOn) lcd.powerUp()
    }
  }

  /** Resistors that hardware.md §4.2 asks for. */
  private solder(zonePins: number[]): void {
    const { siren, sirenRest, light, buzzer, beeper = -1, modemPowerKey } = this.wiring
    if (beeper >= 0 && beeper < EXPANDER_PINS) this.pins.pull(beeper, 1)
    if (siren < EXPANDER_PINS) this.pins.pull(siren, sirenRest)
    for (const pin of [light, buzzer, modemPowerKey]) if (pin < EXPANDER_PINS) this.pins.pull(pin, 0)
    for (const pin of this.wiring.columns) this.pins.pull(pin, 1)
    if (this.wiring.keypadLed !== undefined) this.pins.pull(this.wiring.keypadLed, 1)
    for (const pin of zonePins) this.pins.pull(pin, 1)
  }

  private connect(): void {
    this.pins.onChange = (pin, level) => this.outputChanged(pin, level)
    this.pins.listeners.push(() => this.lookForEdges())
    this.watchText(this.lcd, 'text')
    this.modem.onOutput = (bytes) => {
      this.received = (this.received + bytes).slice(-UART_RING_BYTES)
    }
    this.flash.onCut = () => this.powerOff()
  }

  private outputChanged(pin: number, level: number): void {
    if (!this.isPowered) return
    const { clock, onlooker, wiring } = this
    const nowMs = clock.nowMs
    const word = level === 1 ? 'on' : 'off'
    if (pin === wiring.siren) onlooker.see(nowMs, 'siren', level === wiring.sirenRest ? 'off' : 'on')
    else if (pin === wiring.light) onlooker.see(nowMs, 'light', word)
    else if (pin === wiring.buzzer) onlooker.see(nowMs, 'buzzer', word)
    else if (pin === wiring.keypadLed) onlooker.see(nowMs, 'keypad led', level === 0 ? 'on' : 'off')
    else if (pin === wiring.beeper) onlooker.see(nowMs, 'beeper', level === 0 ? 'on' : 'off')
    else if (pin === wiring.w5500Reset) this.ethernet.setReset(level)
    else if (pin === wiring.modemPowerKey) this.modem.setPowerKey(level)
    else if (pin === wiring.modemSupply) this.modem.setSupply(level === 1)
  }

  private lookForEdges(): void {
    if (this.wakePins.length === 0) return
    const levels = this.pins.read(this.wakePins)
    if (levels === this.wakeLevels) return
    this.wakeLevels = levels
    this.onWake()
  }

  private watchText(lcd: LcdModule, source: string): void {
    let alarm = 0
    lcd.onChange = () => {
      // A line is rewritten in several transfers within a millisecond or two; the eye sees the result.
      this.clock.cancel(alarm)
      alarm = this.clock.after(TEXT_MS, () => {
        if (this.isPowered) this.onlooker.see(this.clock.nowMs, source, lcd.lines().join('|'))
      })
    }
  }

  powerOn(): void {
    if (this.isPowered) return
    this.isPowered = true
    this.bootMs = this.clock.nowMs
    this.received = ''
    this.wakePins = []
    this.pulses?.reset()
    this.flash.revive()
    this.pins.reset()
    this.onlooker.see(this.clock.nowMs, 'siren', 'off')
    this.lcd.isPresent = true
    this.lcd.powerUp()
    this.powerExpanders(true)
    this.ethernet.setPower(true)
    this.modem.setSupply(true)
  }

  /** Everything stops where it is; only the flash keeps what it has. */
  powerOff(): void {
    if (!this.isPowered) return
    this.isPowered = false
    this.pins.reset()
    this.ethernet.setPower(false)
    this.modem.setSupply(false)
    this.lcd.isPresent = false
    this.powerExpanders(false)
    const nowMs = this.clock.nowMs
    this.onlooker.see(nowMs, 'text', '')
    this.onlooker.see(nowMs, 'siren', this.wiring.sirenRest === 1 ? 'on' : 'off')
    for (const source of ['light', 'buzzer']) this.onlooker.see(nowMs, source, 'off')
    this.furtherKeypads.forEach((_, at) => {
      this.onlooker.see(nowMs, `text ${at + 2}`, '')
      this.onlooker.see(nowMs, `buzzer ${at + 2}`, 'off')
    })
  }

  /** Zone 0 is the first. An open zone is one whose contact has opened; of one that closes, has closed. */
  setZone(zone: number, isTripped: boolean): void {
    const loop = this.loops[zone]
    if (loop !== undefined) {
      loop.isAlarm = isTripped
      return
    }
    const isOpen = this.closing.includes(zone) ? !isTripped : isTripped
    const at = this.zonePins[zone] - EXPANDER_PINS
    const expander = at >= 0 ? this.expanders[at >> 4] : undefined
    if (expander !== undefined) expander.setContact(at & 15, !isOpen)
    else this.pins.set(this.zoneContacts[zone], !isOpen)
  }

  /**
   * True while what the firmware reads of contacts and loops changes by hands and alarms of the clock only, not by itself; and
   * while times since power-up are as whole as those of the clock.
   */
  isSteady(): boolean {
    return this.bootMs % 1 === 0 && this.converters.every((converter) => converter?.noise === undefined)
  }

  /** Of all loops, in one number: another one when any of them has changed, and the same when none has. */
  loopsSum(): number {
    let sum = this.supplyMillivolts
    for (const loop of this.loops) if (loop !== undefined) sum = sum * 1.7 + loop.ohms()
    for (const converter of this.converters) if (converter?.isPresent === true) sum = sum * 1.7 + 1
    return sum
  }

  /** Milliseconds since power-up. */
  upMs(): number {
    return this.clock.nowMs - this.bootMs
  }

  /** Virtual time of a moment given in milliseconds since power-up. */
  virtualMs(upMs: number): number {
    return this.bootMs + upMs
  }

  /** What the firmware gets. Without power nothing it does has any effect. */
  hal(): Hal {
    const flash = this.flash
    return {
      clock: { nowMs: () => this.upMs(), utcSeconds: () => this.utcSeconds() },
      pins: {
        mode: (pin, mode) => {
          if (this.isPowered) this.pins.mode(pin, mode)
        },
        write: (pin, level) => {
          if (this.isPowered) this.pins.write(pin, level)
        },
        read: (pins) => this.readPins(pins),
        wakeOn: (pins) => {
          this.wakePins = pins
          this.wakeLevels = this.pins.read(pins)
          return true
        },
        analog: (pin) => this.analog(pin),
      },
      pulses: this.pulses,
      spi: {
        transfer: (frame) => {
          this.spiFrames++
          return this.ethernet.transfer(frame)
        },
      },
      uart: {
        write: (bytes) => this.writeUart(bytes),
        read: () => {
          const bytes = this.received
          this.received = ''
          return bytes
        },
      },
      i2c: this.i2c,
      flash,
      crypto: this.crypto,
      random: this.hardwareRandom,
    }
  }

  /** What a resting panel does most: the same pins again, of which none has moved. */
  private readPins(pins: number[]): number {
    const { changes } = this.pins
    if (pins === this.lastPins && changes === this.lastChanges) return this.lastWord
    this.lastWord = this.wordOf(pins)
    this.lastPins = pins.indexOf(this.wiring.modemStatus) < 0 ? pins : undefined
    this.lastChanges = changes
    return this.lastWord
  }

  private wordOf(pins: number[]): number {
    let word = 0
    for (const pin of pins)
      word = (word << 1) | (pin === this.wiring.modemStatus ? this.modem.statusLevel() : this.pins.level(pin))
    return word >>> 0
  }

  private writeUart(bytes: string): void {
    if (!this.isPowered) return
    if (bytes.length > UART_WRITE_BYTES) throw new Error('more than 512 bytes to the UART at once')
    this.uartBytes += bytes.length
    this.modem.receive(bytes)
  }
}
