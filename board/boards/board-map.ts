/**
 * What a pin map is: a board with every pin that the panel uses on it, as data. The check (../pin-check.ts), the build
 * and the configuration read the same map.
 *
 * Does not hold what a pin can do (that is the chip's, ../pin-check.ts) nor the settings of an installation.
 */

import type { PinConfig } from '../../firmware/config'

/** Who uses a pin. Several rows, columns and zones count from the first one in the map on. */
export type Use =
  | keyof Omit<PinConfig, 'rows' | 'columns' | 'sirenRest'>
  | 'row'
  | 'column'
  | 'zone'
  | 'output'
  | 'consoleTx'
  | 'consoleRx'
  | 'spiClock'
  | 'spiInput'
  | 'spiOutput'
  | 'spiSelect'
  | 'modemReceive'
  | 'modemTransmit'
  | 'i2cData'
  | 'i2cClock'
  | 'other'

export interface PinUse {
  /** From 64 on an output of an MCP23017: 64 + 16 * chip + output, GPB0 is output 8. */
  gpio: number
  use: Use
  /** What an installer calls it. */
  role: string
  /** 'driven' inputs always have a level from the other end; 'analog' ones are read as a voltage. */
  direction: 'output' | 'openDrain' | 'input' | 'driven' | 'analog'
  bus?: 'SPI2' | 'Serial1' | 'Serial3' | 'I2C1'
  /** Pull-up that an input needs: the chip's own, or a resistor on the board. */
  pull?: 'inside' | 'outside'
  /** What an output must be from power-up until the firmware sets it; its load is off, or a chip runs, at this level. */
  idle?: 'low' | 'high'
  /** A pull-up outside holds the idle level 'high'. None can hold 'low' against the chip's own pull-up (hardware.md §0). */
  isHeld?: boolean
  /** Edges are noticed by interrupt. */
  isWatched?: boolean
  /** Soldered by the board's maker, who answers for the strapping levels. */
  isFixed?: boolean
  note?: string
}

/** A part on I2C1 with pins of its own. */
export interface Expander {
  part: 'PCF8574' | 'MCP23017' | 'ADS1115'
  address: number
  /** What sits on it. */
  roles: string[]
}

export interface BoardMap {
  /** As in `--board NAME` and dist/panel-NAME.js. */
  name: string
  title: string
  /** A WROVER's PSRAM takes GPIO16 and 17. */
  module: 'WROOM' | 'WROVER'
  pins: PinUse[]
  expanders: Expander[]
  notes: string[]
}

/** A board that cannot carry the panel. */
export interface ImpossibleBoard {
  name: string
  title: string
  /** One sentence. */
  reason: string
}

/** Console on UART0, the same on every board. */
export const CONSOLE: PinUse[] = [
  { gpio: 1, use: 'consoleTx', role: 'console TX', direction: 'output', bus: 'Serial1', isFixed: true },
  { gpio: 3, use: 'consoleRx', role: 'console RX', direction: 'driven', bus: 'Serial1', isFixed: true },
]

/** SPI2 (VSPI) without its chip select. */
export const SPI2: PinUse[] = [
  { gpio: 18, use: 'spiClock', role: 'W5500 SCK', direction: 'output', bus: 'SPI2' },
  { gpio: 19, use: 'spiInput', role: 'W5500 MISO', direction: 'driven', bus: 'SPI2' },
  { gpio: 23, use: 'spiOutput', role: 'W5500 MOSI', direction: 'output', bus: 'SPI2' },
]

export const I2C1: PinUse[] = [
  { gpio: 21, use: 'i2cData', role: 'I2C SDA', direction: 'openDrain', bus: 'I2C1', pull: 'outside' },
  { gpio: 22, use: 'i2cClock', role: 'I2C SCL', direction: 'openDrain', bus: 'I2C1', pull: 'outside' },
]

/** The modem's UART on a WROOM module. */
export const MODEM_UART: PinUse[] = [
  {
    gpio: 16,
    use: 'modemReceive',
    role: 'modem TXD',
    direction: 'driven',
    bus: 'Serial3',
    note: 'through a level shifter when the modem has 1.8 V',
  },
  { gpio: 17, use: 'modemTransmit', role: 'modem RXD', direction: 'output', bus: 'Serial3' },
]

/** Loads that are the same in all DevKitC builds: quiet at power-up, held low by a resistor at each gate or base. */
export const DEVKITC_LOADS: PinUse[] = [
  { gpio: 5, use: 'spiSelect', role: 'W5500 CS', direction: 'output', bus: 'SPI2', idle: 'high' },
  {
    gpio: 26,
    use: 'w5500Reset',
    role: 'W5500 RST',
    direction: 'output',
    idle: 'high',
    note: 'pulled up at reset: the chip runs',
  },
  {
    gpio: 32,
    use: 'modemPowerKey',
    role: 'modem PWRKEY',
    direction: 'output',
    idle: 'low',
    note: 'high presses, by an NPN transistor; 10k pull-down at its base',
  },
  { gpio: 4, use: 'siren', role: 'siren', direction: 'output', idle: 'low', note: 'N-MOSFET, 10k gate pull-down' },
  {
    gpio: 2,
    use: 'light',
    role: 'strobe light',
    direction: 'output',
    idle: 'low',
    note: 'N-MOSFET, 10k gate pull-down; also the blue LED of many kits',
  },
  { gpio: 33, use: 'buzzer', role: 'buzzer', direction: 'output', idle: 'low', note: 'NPN, 10k base pull-down' },
]
