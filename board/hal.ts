/**
 * The hardware boundary (firmware/hal.ts) on the interpreter's own calls. Natives that already fit stand in it as they
 * are; what has state keeps it in the variables below, because a panel has one board and a closure costs 21 JsVars.
 *
 * Sources: espruino.md §3.3-3.7, hardware.md §0. Does not do: pins on I2C expanders, time of day.
 */

import type { Flash, Hal, PinMode, Pulses, Random } from '../firmware/hal'
import type { Espruino } from './espruino'
import { natives } from './natives'

declare const global: Espruino
declare const pinMode: Espruino['pinMode']
declare const digitalWrite: Espruino['digitalWrite']
declare const digitalRead: Espruino['digitalRead']
declare const analogRead: Espruino['analogRead']
declare const getTime: Espruino['getTime']
declare const SPI2: Espruino['SPI2']
declare const Serial3: Espruino['Serial3']
declare const I2C1: Espruino['I2C1']
declare const setWatch: Espruino['setWatch']

/** Buses and their pins by GPIO number, from a pin map. */
export interface Wiring {
  /** W5500 on SPI2. */
  sck: number
  miso: number
  mosi: number
  cs: number
  /** Modem on Serial3, as the ESP32 sees it. */
  tx: number
  rx: number
  sda: number
  scl: number
  /** wiegand.ts, on boards with such a keypad. */
  pulses?: Pulses
}

/** The user area of the partition table (espruino.md §3.1). */
export const FLASH_BASE = 0x310000
const PAGE_BYTES = 4096
const PAGE_COUNT = 16
/** 4-20 MHz is what the modules' wiring takes (hardware.md §4.2). */
const SPI_HZ = 10000000
/** Third byte of a W5500 frame: this bit is set when it writes. */
const FRAME_WRITES = 4
const MODEM_BAUD = 115200
const I2C_HZ = 100000
/** setWatch throws on these (espruino.md §3.4). */
const FIRST_UNWATCHED = 6
const LAST_UNWATCHED = 12
const ADC_STEPS = 4096
/** Most bytes of the modem between two reads, twice what a buffered read asks for; beyond it the oldest go. */
const RECEIVE_LIMIT = 2048
/**
 * The longest time between two readings that is believed: what blocks longest takes some seconds (boot.ts). A step of
 * the system clock that is longer, or back, counts as no time at all.
 */
const STEP_LIMIT_SECONDS = 5

let flashBase = 0
let selectPin = 0
let received = ''
let lostCount = 0
/** Since power-up, with fractions; and the system clock when it was counted. */
let upMs = 0
/** What nowMs() said last, for who wants the time of a pass without paying for a reading. */
export let lastMs = 0
let countedSeconds = 0
let edge: () => void

/** The pages of the raw flash region, from an address in the chip that is a multiple of 4096. Reading throws in an image without it. */
export function createFlash(base: number): Flash {
  flashBase = base
  return { pageBytes: PAGE_BYTES, pageCount: PAGE_COUNT, read: readFlash, write: writeFlash, erase: eraseFlash }
}

/**
 * Sets up the buses. Pins stay as they are until the firmware takes them. Once per start.
 * onEdge: called from the idle loop for each edge at a pin given to wakeOn().
 */
export function createHal(wiring: Wiring, flash: Flash, random: Random, onEdge: () => void): Hal {
  edge = onEdge
  selectPin = wiring.cs
  received = ''
  lostCount = 0
  upMs = 0
  lastMs = 0
  countedSeconds = getTime()
  digitalWrite(selectPin, 1)
  SPI2.setup({ sck: wiring.sck, miso: wiring.miso, mosi: wiring.mosi, baud: SPI_HZ, mode: 0 })
  Serial3.setup(MODEM_BAUD, { tx: wiring.tx, rx: wiring.rx })
  Serial3.on('data', receive)
  I2C1.setup({ sda: wiring.sda, scl: wiring.scl, bitrate: I2C_HZ })
  return {
    clock: { nowMs, utcSeconds },
    pins: { mode: setMode, write: digitalWrite, read: digitalRead, wakeOn, analog },
    pulses: wiring.pulses,
    spi: { transfer },
    uart: { write: send, read: takeReceived },
    i2c: I2C1,
    flash,
    crypto: natives,
    random,
  }
}

/** An edge that this file does not watch itself. */
export function touched(): void {
  edge()
}

/** Bytes of the modem that came when RECEIVE_LIMIT was reached, so far. */
export function lostBytes(): number {
  return lostCount
}

function nowMs(): number {
  const seconds = getTime()
  const step = seconds - countedSeconds
  countedSeconds = seconds
  if (step > 0 && step < STEP_LIMIT_SECONDS) upMs += step * 1000
  lastMs = upMs - (upMs % 1) // Math.floor() is a search through all names, and a call
  return lastMs
}

/** The board has no clock that outlives its supply: firmware/clock.ts learns the time from the receiver. */
function utcSeconds(): number {
  return 0
}

function setMode(pin: number, mode: PinMode): void {
  pinMode(pin, mode === 'openDrain' ? 'opendrain_pullup' : mode === 'inputPullup' ? 'input_pullup' : mode)
}

/**
 * GPIO36 and 39 see edges that are none whenever a peripheral of the RTC powers up (ESP32 erratum 3.11). That costs a
 * pass and harms nothing, because the keypad's levels are what counts.
 */
function wakeOn(pins: number[]): boolean {
  for (let index = 0; index < pins.length; index++) {
    if (pins[index] >= FIRST_UNWATCHED && pins[index] <= LAST_UNWATCHED) return false
  }
  for (let index = 0; index < pins.length; index++) setWatch(edge, pins[index], { repeat: true, edge: 'both' })
  return true
}

/** analogRead() gives the raw reading by 4096, and turns the pin into an analog input (espruino.md §3.5). */
function analog(pin: number): number {
  return analogRead(pin) * ADC_STEPS
}

/** The driver tests a return code that nobody set (espruino.md §3.5): what only reads is tried once more. */
function transfer(frame: Uint8Array): Uint8Array {
  try {
    return SPI2.send(frame, selectPin)
  } catch (error) {
    if ((frame[2] & FRAME_WRITES) !== 0) throw error
    return SPI2.send(frame, selectPin)
  }
}

function receive(bytes: string): void {
  received += bytes
  if (received.length <= RECEIVE_LIMIT) return
  lostCount += received.length - RECEIVE_LIMIT
  received = received.substr(received.length - RECEIVE_LIMIT)
}

function takeReceived(): string {
  const bytes = received
  received = ''
  return bytes
}

function send(bytes: string): void {
  Serial3.write(bytes)
}

function readFlash(address: number, lengthBytes: number): Uint8Array {
  return global.require('Flash').read(lengthBytes, flashBase + address)
}

function writeFlash(address: number, bytes: Uint8Array): void {
  global.require('Flash').write(bytes, flashBase + address)
}

function eraseFlash(page: number): void {
  global.require('Flash').erasePage(flashBase + page * PAGE_BYTES)
}
