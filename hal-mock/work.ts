/**
 * What the panel's work costs in time: on a board an extra write to flash, a longer frame or one more hash delays whatever
 * comes next, and an onlooker with a stopwatch sees that. The bench's processor is infinitely quick unless it has one of
 * these. Statements of JavaScript cost nothing here; the interpreter counts those (npm run bench).
 *
 * Orders of magnitude of an ESP32 at 240 MHz with its flash on four lines (hardware.md §0, espruino.md §3, §4); twins need
 * them to be there, not to be exact.
 */

import type { Crypto, Flash, Hal } from '../firmware/hal'

/** Microseconds. */
const FLASH_CALL = 60
const FLASH_READ_BYTE = 0.05
const FLASH_WRITE_BYTE = 3
const FLASH_ERASE = 60000
const SPI_CALL = 80
const SPI_BYTE = 1
const UART_CALL = 100
const UART_BYTE = 2
const I2C_CALL = 120
const I2C_BYTE = 92
const PIN_CALL = 12
const HASH_ROUND = 55
const CIPHER_CALL = 150
const CIPHER_BYTE = 1.2
const CRC_BYTE = 0.2
const TEXT_BYTE = 0.6

export class Work {
  /** Time spent since take() was asked. */
  private us = 0

  /** Full milliseconds of the work done since the last call; what is left over counts next time. */
  take(): number {
    const ms = Math.floor(this.us / 1000)
    this.us -= ms * 1000
    return ms
  }

  spend(us: number): void {
    this.us += us
  }

  /** The same hardware, whose calls take their time. */
  on(hal: Hal): Hal {
    return {
      clock: hal.clock,
      pins: {
        mode: (pin, mode) => this.after(PIN_CALL, () => hal.pins.mode(pin, mode)),
        write: (pin, level) => this.after(PIN_CALL, () => hal.pins.write(pin, level)),
        read: (pins) => this.after(PIN_CALL, () => hal.pins.read(pins)),
        wakeOn: (pins) => hal.pins.wakeOn(pins),
        analog: (pin) => this.after(PIN_CALL, () => hal.pins.analog(pin)),
      },
      pulses: hal.pulses,
      spi: { transfer: (frame) => this.after(SPI_CALL + frame.length * SPI_BYTE, () => hal.spi.transfer(frame)) },
      uart: {
        write: (bytes) => this.after(UART_CALL + bytes.length * UART_BYTE, () => hal.uart.write(bytes)),
        read: () => this.after(UART_CALL, () => hal.uart.read()),
      },
      i2c: {
        writeTo: (address, bytes) => {
          const count = typeof bytes === 'number' ? 1 : bytes.length
          this.after(I2C_CALL + count * I2C_BYTE, () => hal.i2c.writeTo(address, bytes))
        },
        readFrom: (address, count) =>
          this.after(I2C_CALL + (1 + count) * I2C_BYTE, () => hal.i2c.readFrom(address, count)),
      },
      flash: this.flash(hal.flash),
      crypto: this.crypto(hal.crypto),
      random: hal.random,
    }
  }

  private flash(flash: Flash): Flash {
    return {
      pageBytes: flash.pageBytes,
      pageCount: flash.pageCount,
      read: (address, length) => this.after(FLASH_CALL + length * FLASH_READ_BYTE, () => flash.read(address, length)),
      write: (address, bytes) =>
        this.after(FLASH_CALL + bytes.length * FLASH_WRITE_BYTE, () => flash.write(address, bytes)),
      erase: (page) => this.after(FLASH_CALL + FLASH_ERASE, () => flash.erase(page)),
    }
  }

  private crypto(crypto: Crypto): Crypto {
    return {
      pbkdf2: (secret, salt, rounds, length) =>
        this.after(rounds * HASH_ROUND, () => crypto.pbkdf2(secret, salt, rounds, length)),
      encryptCbc: (bytes, key) =>
        this.after(CIPHER_CALL + bytes.length * CIPHER_BYTE, () => crypto.encryptCbc(bytes, key)),
      decryptCbc: (bytes, key) =>
        this.after(CIPHER_CALL + bytes.length * CIPHER_BYTE, () => crypto.decryptCbc(bytes, key)),
      crc32: (bytes) => this.after(bytes.length * CRC_BYTE, () => crypto.crc32(bytes)),
      bytesOf: (text) => this.after(text.length * TEXT_BYTE, () => crypto.bytesOf(text)),
      hexOf: (bytes) => this.after(bytes.length * TEXT_BYTE, () => crypto.hexOf(bytes)),
      lettersOf: (bytes, letters) =>
        this.after((bytes.length + letters.length) * TEXT_BYTE, () => crypto.lettersOf(bytes, letters)),
    }
  }

  private after<T>(us: number, act: () => T): T {
    this.us += us
    return act()
  }
}
