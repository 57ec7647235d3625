/**
 * The hardware boundary: everything the firmware asks of a board, and nothing else.
 *
 * For driver authors: every call returns at once. Bytes are numbers 0-255 in a Uint8Array, or the char codes 0-255 of a
 * string where a stream is meant (the interpreter's strings are bytes). Only what says so may throw; a driver catches it
 * and treats it as a fault of the part.
 * For board authors: no call may invoke the firmware back. What arrives between two calls is kept until it is asked for.
 */

/** Whole milliseconds since power-up, and the time of day when the board has one. */
export interface Clock {
  /** Monotonic, never steps, starts near 0 at power-up. */
  nowMs(): number
  /** Seconds since 1970-01-01 UTC; 0 while the board does not know. */
  utcSeconds(): number
}

/** 'openDrain' pulls low for level 0 and floats (with pull-up) for level 1. */
export type PinMode = 'output' | 'openDrain' | 'input' | 'inputPullup'

export interface Pins {
  mode(pin: number, mode: PinMode): void
  write(pin: number, level: number): void
  /** Levels of several pins in one call; the last pin named is bit 0, as in Espruino's digitalRead(array). */
  read(pins: number[]): number
}

/** Pins of a board that can call the panel when somebody touches one. */
export interface WakingPins extends Pins {
  /**
   * Asks that app.wake() be called, from outside of any call, when the level of one of these inputs has changed. False
   * where the board cannot: then the caller has to look often. True promises nothing: an edge may be lost or invented.
   */
  wakeOn(pins: number[]): boolean
}

/** And can measure. */
export interface BoardPins extends WakingPins {
  /** Raw reading of an ADC1 pin (GPIO32-39), 0-4095 at 11 dB, uncalibrated; takes some ten microseconds. */
  analog(pin: number): number
}

/** Two lines that are high at rest and go low for some ten microseconds, as a Wiegand keypad's do. */
export interface Pulses {
  /** From now on keeps the time of each rising edge at either line, and asks that app.wake() be called for the first. */
  watch(zero: number, one: number): void
  /**
   * What came since the last call, [] when nothing did. The first number is the time, in units of 10 µs modulo 2^24; then for
   * each pulse, the oldest first, its time times 2, plus 1 for one at line `one`.
   */
  take(): number[]
}

export interface Spi {
  /**
   * One frame with chip select low for its whole length. Returns as many bytes as were sent.
   * May throw: the interpreter can report a spurious send error (hardware.md §0).
   */
  transfer(frame: Uint8Array): Uint8Array
}

export interface Uart {
  /** At most 512 bytes a call (hardware.md §0). */
  write(bytes: string): void
  /** All that came since the last call, '' when nothing did. */
  read(): string
}

export interface I2c {
  /**
   * One transfer to a 7-bit address: bytes, or one byte as a number. Throws when the part does not acknowledge; a bus that is
   * stuck blocks for up to 1 s first (espruino.md §3.5).
   */
  writeTo(address: number, bytes: Uint8Array | number): void
  /** One transfer from there: as many bytes as asked for, from where the part's register pointer is. Throws as writeTo(). */
  readFrom(address: number, count: number): Uint8Array
}

/** NOR flash: programming clears bits, erasing sets a whole page to 0xFF. Addresses count from the region's start. */
export interface Flash {
  pageBytes: number
  pageCount: number
  read(address: number, lengthBytes: number): Uint8Array
  /** Address and length are multiples of 4. */
  write(address: number, bytes: Uint8Array): void
  erase(page: number): void
}

/** Natives of the platform; the project writes none of these itself. */
export interface Crypto {
  /**
   * PBKDF2-HMAC-SHA256. One iteration is HMAC-SHA256 over salt and the block number. Throws when memory is short, and
   * nobody catches it: without a hash no code can be judged, so the board restarts.
   */
  pbkdf2(secret: Uint8Array, salt: Uint8Array, iterations: number, lengthBytes: number): Uint8Array
  /** AES-CBC without padding, all-zero initialisation vector (SIA DC-09); length a multiple of 16, key 16, 24 or 32 bytes. */
  encryptCbc(bytes: Uint8Array, key: Uint8Array): Uint8Array
  decryptCbc(bytes: Uint8Array, key: Uint8Array): Uint8Array
  /** CRC-32 (IEEE) as an unsigned number; the check value of '123456789' is 0xCBF43926. */
  crc32(bytes: Uint8Array): number
  /** The char codes 0-255 of a text, in memory of their own. A loop that does this takes 30,000 instructions a character. */
  bytesOf(text: string): Uint8Array
  /** Upper-case hex digits, two a byte. */
  hexOf(bytes: Uint8Array): string
  /** A letter a byte: the one that stands at that place of the letters, which are 256. */
  lettersOf(bytes: Uint8Array, letters: string): string
}

export interface Random {
  /** Fills the array with unpredictable bytes. */
  fill(bytes: Uint8Array): void
}

export interface Hal {
  clock: Clock
  pins: BoardPins
  /** Only on boards whose keypad needs it. */
  pulses: Pulses | undefined
  spi: Spi
  uart: Uart
  i2c: I2c
  flash: Flash
  crypto: Crypto
  random: Random
}
