/**
 * The Espruino interpreter of an ESP32 as a program sees it: its globals, over the chips of a board model. One object is
 * one run of the interpreter, from a reset to the next. docs/espruino-model.md lists every call.
 *
 * Not modelled: the language itself (programs/espruino-context.ts takes away what it lacks), variables and their number,
 * the time that code takes, sockets, the REPL, graphics and the rest of the library: a call of these throws or is absent.
 */

import type { Board } from './board'
import type { VirtualClock } from './clock'
import { BUS_WIRING, type BusWiring, makeI2c, makeSpi } from './espruino-buses'
import { type Callback, Loop, type Natives } from './espruino-loop'
import {
  type EDeps,
  type EspruinoNatives,
  type Exposure,
  FixedChance,
  type Memory,
  makeChip,
  makeCrypto,
  makeE,
  openExposure,
} from './espruino-modules'
import { EspruinoPins } from './espruino-pins'
import { Registry } from './espruino-registry'
import { SerialPort, UartTask } from './espruino-serial'
import { makeFlash, Storage } from './espruino-storage'
import { FlashChip } from './flash'
import { Random } from './random'

export interface EspruinoOptions {
  natives: EspruinoNatives
  wiring?: BusWiring
  /** The pages of Storage, which outlive a reset; 224 on a board of 4 MB. */
  storage?: FlashChip
  /** 32 bits of noise, as the chip's RNG register has them while a radio is on. Default: the bench's chance, seed 1. */
  noise?: () => number
  /** What the radio's switch in NVS says; on at first start (espruino.md §5.4). */
  isBluetoothOn?: boolean
  /** Low bits of RTC_CNTL_RESET_STATE_REG: 1 power-up (the default), 12 a restart by software, the watchdog's included. */
  resetCause?: number
  /** UART bytes reach the program at once: for comparison with a board model without that task. */
  isSerialInstant?: boolean
  /** Each line on the console. */
  onPrint?: (line: string) => void
  /** The interpreter has ended; the next run is up to the bench. Pins are in their reset state. */
  onReset?: (cause: 'reboot' | 'watchdog') => void
}

/** RNG_DATA_REG of the original ESP32 (espruino.md §5.1). */
const RNG_REGISTER = 0x3ff75144
/** RTC_CNTL_RESET_STATE_REG, and the words of the factory's MAC address (ESP32 TRM). */
const RESET_REGISTER = 0x3ff48034
const MAC_REGISTER = 0x3ff5a004
const MAC_WORDS = [0x00123456, 0x00000200]
/** Variables of a module without PSRAM, both radios on (§3.1). */
const VARIABLES = 4100
const STORAGE_PAGES = 224

export class Espruino {
  readonly loop: Loop
  readonly pins: EspruinoPins
  readonly storage: Storage
  readonly uart: UartTask
  readonly exposure: Exposure = openExposure()
  readonly memory: Memory = { refusalsLeft: 0 }
  readonly spi = { transactions: 0, spuriousErrors: 0 }
  private serials: SerialPort[] = []
  private e: Natives
  private process: Natives
  private registry: Registry
  private watchdogAlarm = 0
  private watchdogMs = 0
  private isKickedAlways = false
  private chance = new FixedChance()
  private deps: EDeps

  constructor(
    private board: Board,
    private clock: VirtualClock,
    private options: EspruinoOptions,
  ) {
    const hal = board.hal()
    const loop = new Loop(clock)
    this.exposure.bluetooth = options.isBluetoothOn ?? true
    this.loop = loop
    loop.isSupplied = () => board.isPowered
    loop.onPrint = options.onPrint ?? (() => {})
    this.pins = new EspruinoPins(clock, loop, hal.pins, board.pins)
    const chip = options.storage ?? new FlashChip(4096, STORAGE_PAGES)
    this.storage = new Storage(loop, chip)
    this.uart = new UartTask(clock, loop, options.isSerialInstant === true)
    this.connectSerials()
    this.deps = {
      loop,
      natives: options.natives,
      chance: this.chance,
      exposure: this.exposure,
      memory: this.memory,
      enableWatchdog: (seconds, isAutomatic) => this.enableWatchdog(seconds, isAutomatic),
      kickWatchdog: () => this.armWatchdog(),
      reboot: () => this.reset('reboot'),
    }
    this.e = makeE(this.deps)
    this.process = this.makeProcess()
    this.registry = new Registry((name) => this.file(name))
    this.fillModules(chip)
    loop.onFlags = (flags) => loop.emit(this.e, 'errorFlag', [flags])
    loop.onUncaught = (error) => loop.emit(this.process, 'uncaughtException', [error])
  }

  /** Who can run a module's text as the interpreter does. */
  setEngine(compile: (code: string) => Callback): void {
    this.registry.compile = compile
  }

  /** Everything in the global scope that is not of the language. */
  globals(): Natives {
    const loop = this.loop
    const hal = this.board.hal()
    const wiring = this.options.wiring ?? BUS_WIRING
    const chip = makeChip(this.deps)
    this.registry.builtIn.Wifi = chip.wifi
    this.registry.builtIn.TelnetServer = chip.telnet
    const globals: Natives = {
      ...loop.guard(this.pins.natives()),
      ...loop.guard(this.timers()),
      ...loop.guard(this.functions()),
      E: this.e,
      process: this.process,
      ESP32: chip.esp32,
      SPI1: makeSpi(loop, hal, wiring, [14, 12, 13], this.spi),
      SPI2: makeSpi(loop, hal, wiring, [18, 19, 23], this.spi),
      I2C1: makeI2c(loop, this.board.i2c, wiring, [22, 21]),
      I2C2: makeI2c(loop, this.board.i2c, wiring, [16, 17]),
      Modules: loop.guard(this.registry.natives()),
      console: loop.guard({
        log: (...values: unknown[]) => this.print(values),
        warn: (...values: unknown[]) => this.print(values),
        error: (...values: unknown[]) => this.print(values),
        debug: (...values: unknown[]) => this.print(values),
      }),
      LOW: 0,
      HIGH: 1,
    }
    for (let index = 0; index < this.serials.length; index++)
      globals[`Serial${index + 1}`] = this.serials[index].natives
    for (let pin = 0; pin < this.pins.pins.length; pin++) globals[`D${pin}`] = this.pins.pins[pin]
    return globals
  }

  /** Storage is checked, then the boot files run in their order (§3.2), then 'init' and onInit(). */
  boot(run: (code: string) => void, onInit: () => void): void {
    if (!this.storage.check()) this.loop.onPrint('Storage is corrupt ... Erasing')
    const files = ['.bootPowerOn', '.boot0', '.boot1', '.boot2', '.boot3']
    files.push(this.storage.content('.bootrst') === undefined ? '.bootcde' : '.bootrst')
    for (const name of files) {
      const code = this.file(name)
      if (code !== undefined && !this.loop.isDead) this.loop.runNow(() => run(code))
    }
    if (this.loop.isDead) return
    this.loop.emit(this.e, 'init', [])
    this.loop.runNow(onInit)
  }

  /** Text of a file in Storage. */
  file(name: string): string | undefined {
    const bytes = this.storage.content(name)
    if (bytes === undefined) return undefined
    let text = ''
    for (let index = 0; index < bytes.length; index++) text += String.fromCharCode(bytes[index])
    return text
  }

  /** Bytes on a port's RX. */
  receive(port: number, bytes: string): void {
    if (!this.loop.isDead) this.uart.receive(this.serials[port - 1], bytes)
  }

  /** Math.random() (§5.1). */
  random(): number {
    return this.chance.next() / 0x80000000
  }

  /** The run ends without a reset, as when the supply goes. */
  stop(): void {
    this.loop.stop()
    this.pins.stop()
    this.uart.stop()
    this.clock.cancel(this.watchdogAlarm)
  }

  private reset(cause: 'reboot' | 'watchdog'): void {
    this.stop()
    this.board.pins.reset()
    if (this.options.onReset !== undefined) this.options.onReset(cause)
    // The call that asked for it does not come back.
    if (cause === 'reboot') this.loop.enter()
  }

  private connectSerials(): void {
    const modem = (this.options.wiring ?? BUS_WIRING).modem
    const hal = this.board.hal()
    for (const defaults of [
      [1, 3],
      [4, 5],
      [17, 16],
    ]) {
      const port = new SerialPort(this.loop, defaults)
      port.onWrite = (bytes, tx, baud) => {
        if (tx === modem.tx && baud === modem.baud) hal.uart.write(bytes)
      }
      this.serials.push(port)
      this.uart.ports.push(port)
    }
    this.board.modem.onOutput = (bytes) => {
      if (this.loop.isDead) return
      for (const port of this.serials) {
        if (port.rx === modem.rx && port.baud === modem.baud) this.uart.receive(port, bytes)
      }
    }
  }

  // Watchdog (§3.8): whole seconds; the automatic one is kicked by every idle pass, so only a long call starves it.

  private enableWatchdog(seconds: number, isAutomatic: boolean): void {
    this.watchdogMs = Math.ceil(seconds) * 1000
    this.isKickedAlways = isAutomatic
    this.armWatchdog()
  }

  private armWatchdog(): void {
    this.clock.cancel(this.watchdogAlarm)
    if (this.watchdogMs === 0) return
    this.watchdogAlarm = this.clock.after(this.watchdogMs, () => {
      if (this.loop.isDead) return
      if (this.isKickedAlways && !this.loop.isBlocked()) this.armWatchdog()
      else this.reset('watchdog')
    })
  }

  // Functions of the global scope.

  private timers(): Natives {
    const loop = this.loop
    return {
      setTimeout: (act: unknown, delayMs: unknown, ...values: unknown[]) =>
        loop.setTimeout(act as Callback, Number(delayMs) || 0, values),
      setInterval: (act: unknown, delayMs: unknown, ...values: unknown[]) =>
        loop.setInterval(act as Callback, Number(delayMs) || 0, values),
      clearTimeout: (...ids: unknown[]) => loop.clear('clearTimeout', ids),
      clearInterval: (...ids: unknown[]) => loop.clear('clearInterval', ids),
      changeInterval: (id: unknown, delayMs: unknown) => loop.changeInterval(id, Number(delayMs)),
      getTime: () => loop.systemMs() / 1000,
      setTime: (seconds: unknown) => loop.setSystemMs(Number(seconds) * 1000),
    }
  }

  private functions(): Natives {
    return {
      print: (...values: unknown[]) => this.print(values),
      require: (name: unknown) => this.registry.require(String(name)),
      peek32: (address: unknown) => this.peek(Number(address)),
      // E.on('kill') handlers run at once; a chip restart (E.reboot) asks nobody.
      load: () => {
        for (const act of (this.e['#onkill'] as Callback[] | undefined) ?? []) this.loop.run(act, this.e, [])
        this.reset('reboot')
      },
    }
  }

  private print(values: unknown[]): void {
    this.loop.onPrint(
      values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(' '),
    )
  }

  private peek(address: number): number {
    if (address === RNG_REGISTER) return this.noise() >>> 0
    if (address === RESET_REGISTER) return this.options.resetCause ?? 1
    if (address === MAC_REGISTER) return MAC_WORDS[0]
    if (address === MAC_REGISTER + 4) return MAC_WORDS[1]
    throw new Error(`the register at ${address} is not modelled`)
  }

  private noise(): number {
    if (this.options.noise !== undefined) return this.options.noise()
    const random = new Random(1)
    this.options.noise = () => (random.next() << 1) ^ random.next()
    return this.options.noise()
  }

  private makeProcess(): Natives {
    const process = this.loop.guard({
      memory: () => ({
        free: VARIABLES >> 1,
        usage: VARIABLES >> 1,
        total: VARIABLES,
        history: 0,
        gc: 0,
        gctime: 3.2,
        blocksize: 14,
      }),
    })
    process.version = '2v29.277'
    process.env = {
      VERSION: '2v29.277',
      GIT_COMMIT: 'c5ff787b1',
      BOARD: 'ESP32',
      FLASH: 0,
      RAM: 524288,
      SERIAL: '020000-123456',
      CONSOLE: 'Serial1',
      MODULES: 'Flash,Storage,heatshrink,fs,net,dgram,tls,http,NetworkJS,Wifi,TelnetServer,crypto,neopixel',
      EXPTR: 0,
    }
    this.loop.addEvents(process)
    return process
  }

  private fillModules(chip: FlashChip): void {
    this.registry.builtIn.Flash = makeFlash(this.loop, this.board.flash, chip)
    this.registry.builtIn.Storage = this.storage.natives
    this.registry.builtIn.crypto = makeCrypto(this.loop, this.options.natives, this.memory)
  }
}
