/**
 * The interpreter's natives that the board's layer uses, and no others, as types. Nothing here is global: a file says at
 * its head which natives it uses (`declare const E: Espruino['E']`), so that the bench's programs on Node cannot take
 * one by mistake, and what the build's gate may let pass can be read off (natives() in targets.ts).
 *
 * Checked on Espruino 2v29.277 by its source for the ESP32. @types/espruino 1.95.0 was made from 1v95 and is not used:
 * it lacks require, process, setTimeout, ESP32, E.on, E.enableWatchdog, E.kickWatchdog's manual mode, E.reboot, E.CRC32,
 * E.setConsole, PBKDF2's options and the array form of digitalRead; it is wrong in setWatch's options, takes Pin objects
 * only where numbers do as well, wants a third parameter for pinMode, and has `any` for almost all else.
 */

/** Argument of errorFlag's listener; LOW_MEMORY comes along with others only, alone it is a warning. */
export type ErrorFlag =
  | 'FIFO_FULL'
  | 'BUFFER_FULL'
  | 'CALLBACK'
  | 'LOW_MEMORY'
  | 'MEMORY'
  | 'MEMORY_BUSY'
  | 'UART_OVERFLOW'

/** What a watch is told; time in seconds, as getTime() has it, of the interrupt. */
export interface WatchEvent {
  time: number
}

/** 'opendrain_pullup' reads its pin as well. Any mode given here stays: a later digitalWrite does not change it. */
export type NativePinMode = 'output' | 'opendrain' | 'opendrain_pullup' | 'input' | 'input_pullup' | 'input_pulldown'

export interface SpiSetup {
  sck: number
  miso: number
  mosi: number
  /** Bits per second. */
  baud: number
  mode: 0 | 1 | 2 | 3
}

/** SPI1 is HSPI, SPI2 is VSPI. */
export interface NativeSpi {
  setup(options: SpiSetup): void
  /**
   * A flat typed array goes out as one transaction, select low around it; a typed array of the same length comes back.
   * May throw 'SPI Send Error' although all went well (espruino.md §3.5).
   */
  send(bytes: Uint8Array, select: number): Uint8Array
}

export interface SerialSetup {
  tx: number
  rx: number
  /** Of a pseudo terminal or device; the Linux build only. */
  path?: string
}

/** Serial1 is UART0, Serial2 UART1, Serial3 UART2. */
export interface NativeSerial {
  setup(baud: number, options: SerialSetup): void
  /** Blocks while the driver's ring of 1024 bytes is full. */
  write(bytes: string): void
  println(text: string): void
  /** Bytes as char codes, 64 at most; called from the idle loop. */
  on(event: 'data', listener: (bytes: string) => void): void
}

export interface I2cSetup {
  sda: number
  scl: number
  bitrate: number
}

export interface NativeI2c {
  setup(options: I2cSetup): void
  /** Throws without an acknowledge, and after up to 1 s on a stuck bus. */
  writeTo(address: number, bytes: Uint8Array | number): void
  /** Throws as writeTo() does. */
  readFrom(address: number, lengthBytes: number): Uint8Array
}

/** require('Flash'). Addresses count from the start of the chip. */
export interface FlashModule {
  read(lengthBytes: number, address: number): Uint8Array
  /** Address and length are multiples of 4; clears bits only. */
  write(bytes: Uint8Array, address: number): void
  /** The page of 4096 bytes around the address. */
  erasePage(address: number): void
}

/** require('crypto'). Errors give undefined, not an exception (espruino.md §5.2). */
export interface CryptoModule {
  SHA256(bytes: Uint8Array): ArrayBuffer
}

/** Modules of the image by name; any other name throws. */
export interface Modules {
  Flash: FlashModule
  crypto: CryptoModule
}

export interface NativeE {
  on(event: 'errorFlag', listener: (flags: ErrorFlag[]) => void): void
  /** Whole seconds. When not automatic, kickWatchdog() must come within that time, else the chip resets. */
  enableWatchdog(seconds: number, isAutomatic: boolean): void
  kickWatchdog(): void
  /** Does not return on the chip. */
  reboot(): void
  /** IEEE CRC-32, unsigned. */
  CRC32(bytes: Uint8Array | string): number
  /** null closes the console for all ports when forced. */
  setConsole(device: string | null, options: { force: boolean }): void
}

export interface Espruino {
  E: NativeE
  SPI2: NativeSpi
  Serial1: NativeSerial
  Serial3: NativeSerial
  I2C1: NativeI2c
  process: { env: { BOARD: string; VERSION: string; MODULES: string } }
  /** Not on Linux. */
  ESP32?: { getState(): { BLE: boolean; Wifi: boolean } }
  /** A bundler takes a bare require() for its own, so it is called by way of global. */
  require<Name extends keyof Modules>(name: Name): Modules[Name]
  /** Ends the automatic mode of the pin; the output's level stays. Throws on pins that are not there. */
  pinMode(pin: number, mode: NativePinMode): void
  /** Level first, direction after it, so that a fresh output never shows the other one. */
  digitalWrite(pin: number, level: number): void
  digitalRead(pin: number): number
  /** The last pin named is bit 0. */
  digitalRead(pins: number[]): number
  /** 0 to 4095/4096 of full scale, 11 dB, uncalibrated; GPIO32-39 only, NaN for others. */
  analogRead(pin: number): number
  /** Seconds since 1970 by the system clock, with microseconds behind the point. setTime() steps it. */
  getTime(): number
  /** Any address above 0x10000000. */
  peek32(address: number): number
  /** At least 1 ms. Returns an id above 0. The timer is gone before its callback runs. */
  setTimeout(callback: () => void, delayMs: number): number
  /**
   * Forces input with pull-up (GPIO34-39 have none in silicon). Throws on GPIO6-12. Called from the idle loop, never
   * from inside another callback. Returns an id above 0.
   */
  setWatch(
    callback: (event: WatchEvent) => void,
    pin: number,
    options: { repeat: boolean; edge: 'both' | 'rising' | 'falling' },
  ): number
  /** Without an id all timers go; undefined throws. */
  clearTimeout(id: number): void
}
