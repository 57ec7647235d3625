/**
 * SPI and I2C as the interpreter on an ESP32 has them (espruino.md §3.5, hardware.md §0), wired to the
 * board's W5500 and display.
 *
 * Not modelled: the time that a transfer takes, software SPI, chip select moved by hand (refused), SPI clock and mode,
 * a bus that is stuck, `stop: false`.
 */

import type { Hal } from '../firmware/hal'
import { toBytes, toText } from './espruino-bytes'
import type { Loop, Natives } from './espruino-loop'
import { pinNumber } from './espruino-pins'
import type { I2cBus } from './i2c-bus'

/** Where the board's traces go. */
export interface BusWiring {
  chipSelect: number
  spi: { sck: number; miso: number; mosi: number }
  i2c: { scl: number; sda: number }
  modem: { tx: number; rx: number; baud: number }
}

/** Build C of hardware.md §4.2. */
export const BUS_WIRING: BusWiring = {
  chipSelect: 5,
  spi: { sck: 18, miso: 19, mosi: 23 },
  i2c: { scl: 22, sda: 21 },
  modem: { tx: 17, rx: 16, baud: 115200 },
}

// SPI.

/** The driver's transaction for typed arrays, and the pieces of a string (§3.5). */
const SPI_BLOCK_BYTES = 4092
const SPI_STRING_BYTES = 10

/** Counts what the bench may ask for, and breaks what it wants broken. */
export interface SpiFaults {
  /** Driver transactions so far. */
  transactions: number
  /** Sends that report "SPI Send Error" although all went well (§3.5). */
  spuriousErrors: number
}

/** SPI1 or SPI2. defaults: SCK, MISO, MOSI. */
export function makeSpi(loop: Loop, hal: Hal, wiring: BusWiring, defaults: number[], faults: SpiFaults): Natives {
  let pins: number[] | undefined
  return loop.guard({
    setup: (options: unknown) => {
      const wanted = (options ?? {}) as Natives
      if (wanted.order === 'lsb') throw new Error('LSB first is not implemented for hardware SPI')
      pins = ['sck', 'miso', 'mosi'].map((name, index) =>
        wanted[name] === undefined ? defaults[index] : pinNumber(wanted[name]),
      )
    },
    send: (data: unknown, select: unknown) => {
      if (pins === undefined) throw new Error('SPI is not set up')
      if (select === undefined) throw new Error('chip select by hand is not modelled')
      const frame = toBytes(data)
      faults.transactions += transactionCount(data, frame.length)
      const isWired = pins.join() === [wiring.spi.sck, wiring.spi.miso, wiring.spi.mosi].join()
      const reply = isWired && pinNumber(select) === wiring.chipSelect ? hal.spi.transfer(frame) : nobody(frame.length)
      if (faults.spuriousErrors > 0 && faults.spuriousErrors--) throw new Error('SPI Send Error 1')
      if (typeof data === 'string') return toText(reply)
      return typeof data === 'number' ? reply[0] : reply
    },
    write: (...data: unknown[]) => {
      throw new Error(`SPI.write of ${data.length} is not modelled`)
    },
  })
}

function transactionCount(data: unknown, lengthBytes: number): number {
  if (typeof data === 'string') return Math.ceil(lengthBytes / SPI_STRING_BYTES)
  return Array.isArray(data) ? lengthBytes : Math.ceil(lengthBytes / SPI_BLOCK_BYTES)
}

/** The line rests high when no chip drives it. */
function nobody(lengthBytes: number): Uint8Array {
  return new Uint8Array(lengthBytes).fill(255)
}

// I2C.

/** I2C1 or I2C2. defaults: SCL, SDA. A transfer that nobody acknowledges throws. */
export function makeI2c(loop: Loop, bus: I2cBus, wiring: BusWiring, defaults: number[]): Natives {
  let pins: number[] | undefined
  const checked = (address: unknown) => {
    if (pins === undefined) throw new Error('I2C is not set up')
    if (pins.join() !== [wiring.i2c.scl, wiring.i2c.sda].join()) throw new Error('I2C: no acknowledge')
    return Number(typeof address === 'object' ? (address as Natives).address : address)
  }
  return loop.guard({
    setup: (options: unknown) => {
      const wanted = (options ?? {}) as Natives
      pins = ['scl', 'sda'].map((name, index) =>
        wanted[name] === undefined ? defaults[index] : pinNumber(wanted[name]),
      )
    },
    writeTo: (address: unknown, ...data: unknown[]) => bus.writeTo(checked(address), toBytes(data)),
    readFrom: (address: unknown, lengthBytes: unknown) => bus.readFrom(checked(address), Number(lengthBytes)),
  })
}
