/**
 * Shipped bundles as a simulator's firmware: each power-up is a fresh context of the modelled interpreter. The firmware's
 * own bundle gets a hardware boundary written in the interpreter's calls and is polled by the simulator; a board's bundle
 * brings its own, boots from Storage and runs on its timers. Either way every byte goes through pins, SPI2, Serial3,
 * I2C1, Flash and crypto as on a board.
 */

import { runInNewContext } from 'node:vm'
import type { Flash, Hal } from '../../firmware/hal'
import type { Board } from '../board'
import type { VirtualClock } from '../clock'
import type { DemoConfig } from '../demo'
import { demoConfig } from '../demo'
import { Espruino, type EspruinoOptions } from '../espruino'
import type { BusWiring } from '../espruino-buses'
import { toBytes } from '../espruino-bytes'
import { FlashChip } from '../flash'
import { type Scenario, ScenarioRun, traceLine } from '../scenario'
import { panelSettings } from '../scenario-world'
import { type Firmware, Simulator } from '../simulator'
import { EspruinoContext } from './espruino-context'
import { espruinoNatives } from './espruino-natives'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'
import type { Played } from './play'

/** firmware/hal.ts on the interpreter's calls. ES5, as everything that runs there. */
const BOUNDARY = `(function () {
  var text = '', bootMs = getTime() * 1000, flash = require('Flash'), crypto = require('crypto');
  var BASE = 0x310000, MODES = { output: 'output', openDrain: 'opendrain_pullup', input: 'input', inputPullup: 'input_pullup' };
  var kept = [];
  function note(e, line) { kept.push(Math.round(e.time * 100000) % 16777216 * 2 + line); if (kept.length === 1) WOKEN(); }
  var CBC = { iv: new Uint8Array(16), mode: 'CBC' };
  function bytes(buffer) { return buffer === undefined ? new Uint8Array(0) : new Uint8Array(buffer); }
  SPI2.setup({ sck: D18, miso: D19, mosi: D23, baud: 10000000 });
  I2C1.setup({ scl: D22, sda: D21 });
  Serial3.setup(115200, { tx: D17, rx: D16 });
  Serial3.on('data', function (part) { text += part; });
  return {
    clock: {
      nowMs: function () { return Math.round(getTime() * 1000 - bootMs); },
      utcSeconds: function () { return Math.floor(getTime()); }
    },
    pins: {
      mode: function (pin, mode) { pinMode(pin, MODES[mode]); },
      write: function (pin, level) { digitalWrite(pin, level); },
      read: function (pins) { return digitalRead(pins); },
      wakeOn: function (pins) {
        pins.forEach(function (pin) { setWatch(function () { WOKEN(); }, pin, { repeat: true, edge: 'both' }); });
        return true;
      },
      analog: function (pin) { return analogRead(pin) * 4096; }
    },
    pulses: {
      watch: function (zero, one) {
        setWatch(function (e) { note(e, 0); }, zero, { repeat: true, edge: 'rising' });
        setWatch(function (e) { note(e, 1); }, one, { repeat: true, edge: 'rising' });
      },
      take: function () {
        if (kept.length === 0) return [];
        var list = [Math.round(getTime() * 100000) % 16777216].concat(kept);
        kept = [];
        return list;
      }
    },
    spi: { transfer: function (frame) { return SPI2.send(frame, D5); } },
    uart: {
      write: function (part) { Serial3.write(part); },
      read: function () { var all = text; text = ''; return all; }
    },
    i2c: I2C1,
    flash: {
      pageBytes: 4096,
      pageCount: 16,
      read: function (address, length) { return flash.read(length, BASE + address); },
      write: function (address, part) { flash.write(part, BASE + address); },
      erase: function (page) { flash.erasePage(BASE + page * 4096); }
    },
    crypto: {
      pbkdf2: function (secret, salt, iterations, length) {
        return bytes(crypto.PBKDF2(secret, salt, { keySize: length + 3 >> 2, iterations: iterations, hasher: 'SHA256' }));
      },
      encryptCbc: function (part, key) { return bytes(crypto.AES.encrypt(part, key, CBC)); },
      decryptCbc: function (part, key) { return bytes(crypto.AES.decrypt(part, key, CBC)); },
      crc32: function (part) { return E.CRC32(part); },
      bytesOf: function (text) { return E.toUint8Array(text); },
      hexOf: function (part) {
        var digits = new Uint8Array(2 * part.length);
        E.mapInPlace(part, digits, E.toUint8Array('0123456789ABCDEF'), 4);
        return E.toString(digits);
      },
      lettersOf: function (part, letters) {
        var text = new Uint8Array(part.length);
        E.mapInPlace(part, text, E.toUint8Array(letters), 8);
        return String.fromCharCode.apply(null, text);
      }
    },
    random: {
      fill: function (part) { for (var i = 0; i < part.length; i++) part[i] = peek32(0x3FF75144); }
    }
  };
})()`

const PAGE_BYTES = 4096
const STORAGE_PAGES = 64

export interface ShippedOptions {
  /** Text of the bundle: `var firmware={...}`. */
  code: string
  /** As the interpreter's UART task has it; else bytes come at once, as on the plain board model. */
  hasUartTask?: boolean
}

/** Plays a scenario with the bundle instead of the source. */
export function playShipped(scenario: Scenario, options: ShippedOptions): Played {
  return playWith(scenario, new ShippedFirmware(options))
}

export interface BoardOptions {
  /** Text of the board's bundle, which starts by itself. */
  code: string
  /** Where the board's buses are, other than on a DevKitC; and what its settings have other than the story's. */
  wiring?: BusWiring
  settings?(config: DemoConfig): DemoConfig
  /** True while a finger taps BOOT after each power-up. */
  isTapped?(): boolean
  /** Writes what provisioning gives a panel into its flash region. */
  provision(flash: Flash, config: DemoConfig, table: unknown, code: string): void
}

/** Plays a scenario with a board's own bundle: it boots from Storage, and its timers drive it. */
export function playBoard(scenario: Scenario, options: BoardOptions): Played {
  return playWith(scenario, new BoardFirmware(options), options.settings)
}

/** A bench whose panel is a board's own bundle, for hands of one's own. It has no power yet. */
export function boardBench(config: DemoConfig, options: BoardOptions): Simulator<unknown, unknown> {
  const firmware = new BoardFirmware(options)
  const simulator = new Simulator<unknown, unknown>({ firmware, config, crypto: nodeCrypto, seed: 1 })
  firmware.plugInto(simulator)
  return simulator
}

interface Pluggable extends Firmware<unknown, unknown> {
  plugInto(simulator: Simulator<unknown, unknown>): void
}

function playWith(scenario: Scenario, firmware: Pluggable, settings = (config: DemoConfig) => config): Played {
  const lines: string[] = []
  const simulator = new Simulator<unknown, unknown>({
    firmware,
    config: settings(panelSettings(demoConfig(), scenario.panel)),
    crypto: nodeCrypto,
    seed: scenario.seed,
    onTrace: (atMs, source, what) => lines.push(traceLine(atMs, source, what)),
  })
  firmware.plugInto(simulator)
  const run = new ScenarioRun(simulator, scenario)
  run.advanceTo(scenario.limitMs)
  return { lines, outcome: run.outcome, simulator }
}

/** A line on the console of a panel that should have none to say. */
function refuseLine(line: string): void {
  throw new Error(`the bundle printed: ${line}`)
}

type Provisioner = Pick<Firmware<unknown, unknown>, 'makeCodes' | 'storeCode'>

class ShippedFirmware implements Pluggable {
  private board!: Board
  private clock!: VirtualClock
  private context: EspruinoContext | undefined
  private simulator!: Simulator<unknown, unknown>
  private provisioner: Provisioner
  private storage = new FlashChip(PAGE_BYTES, STORAGE_PAGES)

  constructor(private options: ShippedOptions) {
    this.provisioner = runInNewContext(`${options.code};firmware`) as Provisioner
  }

  plugInto(simulator: Simulator<unknown, unknown>): void {
    this.board = simulator.board
    this.clock = simulator.clock
    this.simulator = simulator
  }

  /** Codes are made at provisioning, before there is power: with the bundle's own functions, outside of the board. */
  makeCodes(hal: Hal, secret: Uint8Array, salt: Uint8Array): unknown {
    return this.provisioner.makeCodes(hal, secret, salt)
  }

  storeCode(...args: Parameters<Firmware<unknown, unknown>['storeCode']>): void {
    this.provisioner.storeCode(...args)
  }

  create(hal: Hal, config: DemoConfig, table: unknown): unknown {
    this.context?.espruino.stop()
    const options: EspruinoOptions = {
      natives: espruinoNatives,
      storage: this.storage,
      isSerialInstant: this.options.hasUartTask !== true,
      noise: () => noiseByte(hal),
      onPrint: refuseLine,
    }
    const context = new EspruinoContext(new Espruino(this.board, this.clock, options))
    this.context = context
    context.run(this.options.code, 'firmware.js')
    // The board model knows the time of day from the start; here it is set.
    context.global.WOKEN = () => this.simulator.wake()
    context.global.setTime(this.board.utcSeconds() + (this.clock.nowMs % 1000) / 1000)
    return context.global.firmware.create(context.evaluate(BOUNDARY), context.copy(config), table)
  }

  poll(panel: unknown): number {
    return this.context?.global.firmware.poll(panel)
  }

  wake(panel: unknown): boolean {
    return this.context?.global.firmware.wake(panel)
  }

  pathState(panel: unknown, index: number): number {
    return this.context?.global.firmware.pathState(panel, index)
  }
}

/** Low bits of the reset register: power-up, and any restart. */
const POWER_ON = 1
const RESTARTED = 12
/** From a reset of the chip to the first line of the program (estimate). */
const START_MS = 300
/** The paths of a program are looked for this often, until they are there. */
const SEARCH_MS = 1000

class BoardFirmware implements Pluggable {
  private board!: Board
  private clock!: VirtualClock
  private context: EspruinoContext | undefined
  private storage = new FlashChip(PAGE_BYTES, STORAGE_PAGES)
  private isProvisioned = false
  /** Of the program that runs now, once it has them. */
  private paths: Found[] = []
  private searchAtMs = 0

  constructor(private options: BoardOptions) {}

  plugInto(simulator: Simulator<unknown, unknown>): void {
    this.board = simulator.board
    this.clock = simulator.clock
  }

  makeCodes(hal: Hal, secret: Uint8Array, salt: Uint8Array): unknown {
    return panelFirmware.makeCodes(hal, secret, salt)
  }

  storeCode(...args: Parameters<Firmware<unknown, unknown>['storeCode']>): void {
    panelFirmware.storeCode(...args)
  }

  create(hal: Hal, config: DemoConfig, table: unknown): unknown {
    if (!this.isProvisioned) this.options.provision(hal.flash, config, table, this.options.code)
    this.start(hal, POWER_ON)
    return this
  }

  /** The pass itself was an alarm of the clock; the simulator only looks at the paths after it. */
  poll(): number {
    const nextMs = this.context?.espruino.loop.nextPassMs() ?? Infinity
    return this.board.upMs() + (nextMs > this.clock.nowMs ? nextMs - this.clock.nowMs : 1)
  }

  /** The program's own watches wake it. */
  wake(): boolean {
    return false
  }

  pathState(_panel: unknown, index: number): number {
    if (this.paths.length === 0) this.findPaths()
    if (this.paths.length === 0) return 0
    // The second path's record begins with its state; both have the same names.
    return this.paths[index][Object.keys(this.paths[1])[0]] as number
  }

  /** In a panel that does not come up there are none, so it is not looked for at every pass. */
  private findPaths(): void {
    if (this.context === undefined || this.clock.nowMs < this.searchAtMs) return
    this.searchAtMs = this.clock.nowMs + SEARCH_MS
    this.paths = pathRecords(this.context.global)
  }

  private start(hal: Hal, resetCause: number): void {
    this.context?.espruino.stop()
    this.paths = []
    this.searchAtMs = 0
    const options: EspruinoOptions = {
      natives: espruinoNatives,
      storage: this.storage,
      isBluetoothOn: false,
      resetCause,
      wiring: this.options.wiring,
      noise: () => (noiseByte(hal) << 24) | (noiseByte(hal) << 12) | noiseByte(hal),
      onPrint: refuseLine,
      onReset: () => this.clock.after(START_MS, () => this.start(hal, RESTARTED)),
    }
    const espruino = new Espruino(this.board, this.clock, options)
    this.context = new EspruinoContext(espruino)
    if (!this.isProvisioned) espruino.storage.write('.bootcde', toBytes(this.options.code), 0, 0)
    this.isProvisioned = true
    if (resetCause === POWER_ON && this.options.isTapped?.() === true) tapButton(this.context.global)
    this.context.boot()
  }
}

const BUTTON = 0
/** Of the tap, since the first look at the button; and what a look takes. */
const TAP_DOWN_MS = 200
const TAP_UP_MS = 500
const LOOK_MS = 0.5

/** No time passes here while a program runs, so each look at the button makes some, until the tap is over. */
function tapButton(global: Found): void {
  const getTime = global.getTime as () => number
  const digitalRead = global.digitalRead as (pins: unknown) => number
  let sinceMs = 0
  global.getTime = () => getTime() + sinceMs / 1000
  global.digitalRead = (pins: unknown) => {
    if (pins !== BUTTON) return digitalRead(pins)
    sinceMs += LOOK_MS
    if (sinceMs >= TAP_UP_MS) Object.assign(global, { getTime, digitalRead })
    return sinceMs >= TAP_DOWN_MS && sinceMs < TAP_UP_MS ? 0 : 1
  }
}

function noiseByte(hal: Hal): number {
  const byte = new Uint8Array(1)
  hal.random.fill(byte)
  return byte[0]
}

type Found = Record<string, unknown>

/** How long the dispatcher waits on the cellular path: the second field of its record. */
const CELLULAR_REPLY_MS = 15000

/**
 * The paths' records inside a bundle whose names are shortened. The app is a variable of the global scope, one of its
 * parts (the dispatcher) holds a list of two lanes, and a lane begins with its path.
 */
function pathRecords(global: Found): Found[] {
  for (const app of records(global)) {
    for (const part of records(app)) {
      for (const list of Object.values(part)) {
        if (!Array.isArray(list) || list.length !== 2) continue
        const paths = list.map((lane) => Object.values(Object(lane))[0] as Found)
        if (Object.values(Object(paths[1]))[1] === CELLULAR_REPLY_MS) return paths
      }
    }
  }
  return []
}

function records(holder: Found): Found[] {
  return Object.values(holder).filter((value) => typeof value === 'object' && value !== null) as Found[]
}
