/** All boards by name, and what the device and the settings take from a map. */

import type { PinConfig } from '../../firmware/config'
import type { BootBoard } from '../boot'
import type { Wiring } from '../hal'
import type { BoardMap, Use } from './board-map'
import { devkitc4x3, devkitc4x3HoldOff } from './devkitc-4x3'
import { devkitc4x4 } from './devkitc-4x4'
import { devkitcI2c } from './devkitc-i2c'
import { devkitcWiegand } from './devkitc-wiegand'
import { IMPOSSIBLE } from './impossible'
import { tA7670 } from './t-a7670'

export type { BoardMap, Expander, ImpossibleBoard, PinUse, Use } from './board-map'
export { IMPOSSIBLE } from './impossible'

/** process.env.BOARD of the official build for the original ESP32 (espruino.md §3.1). */
const IMAGE = 'ESP32'
/** The BOOT button of every board here; active low. */
const RESCUE_PIN = 0

/** A pin from here on is 64 + 16 * chip + output of an MCP23017; chip 0 has this address. */
export const FIRST_AT_CHIP = 64
const FIRST_ADDRESS = 0x20

/** The one that the bench models comes first. */
export const BOARDS: BoardMap[] = [devkitc4x3, devkitc4x3HoldOff, devkitc4x4, devkitcWiegand, devkitcI2c, tA7670]

/** The map of that name. Fails: with one sentence that says why a board is not there, or which are. */
export function find(name: string): BoardMap {
  const map = BOARDS.find((candidate) => candidate.name === name)
  if (map !== undefined) return map
  const impossible = IMPOSSIBLE.find((candidate) => candidate.name === name)
  if (impossible !== undefined) throw new Error(`${impossible.title} cannot carry the panel: ${impossible.reason}`)
  throw new Error(`there is no board '${name}': use one of ${BOARDS.map((candidate) => candidate.name).join(', ')}`)
}

/** Buses and their pins, all that the bundle for the device has to know of a map. */
export function wiring(map: BoardMap): Omit<Wiring, 'pulses'> {
  return {
    sck: one(map, 'spiClock'),
    miso: one(map, 'spiInput'),
    mosi: one(map, 'spiOutput'),
    cs: one(map, 'spiSelect'),
    tx: one(map, 'modemTransmit'),
    rx: one(map, 'modemReceive'),
    sda: one(map, 'i2cData'),
    scl: one(map, 'i2cClock'),
  }
}

/** What boot must know: every output at its idle level, the chip of others, and the BOOT button for the rescue window. */
export function bootBoard(map: BoardMap): BootBoard {
  const safeLevels: number[] = []
  for (const pin of map.pins) {
    if (pin.idle !== undefined && pin.gpio < FIRST_AT_CHIP) safeLevels.push(pin.gpio, pin.idle === 'high' ? 1 : 0)
  }
  const address = outputAddress(map)
  const outputs = { address, sda: one(map, 'i2cData'), scl: one(map, 'i2cClock') }
  return { image: IMAGE, safeLevels, ...(address < 0 ? {} : { outputs }), rescuePin: RESCUE_PIN }
}

/** The `pins` of the settings (firmware/config.ts); -1 for what is not wired to a pin. */
export function settingsPins(map: BoardMap): PinConfig {
  return {
    rows: all(map, 'row'),
    columns: all(map, 'column'),
    siren: one(map, 'siren'),
    sirenRest: sirenRest(map),
    buzzer: one(map, 'buzzer'),
    light: one(map, 'light'),
    w5500Reset: one(map, 'w5500Reset'),
    modemPowerKey: one(map, 'modemPowerKey'),
    modemSupply: one(map, 'modemSupply'),
    modemStatus: one(map, 'modemStatus'),
    ...senses(map),
  }
}

/** Not on every board. */
const SENSES = [
  ...(['acSense', 'batterySense', 'sirenSense', 'boxTamper', 'adcDivider'] as const),
  ...(['wiegandZero', 'wiegandOne', 'keypadLed', 'beeper', 'keypadInterrupt'] as const),
]

/** Only those that the board has. */
function senses(map: BoardMap): Partial<PinConfig> {
  const uses = SENSES.filter((use) => one(map, use) >= 0)
  return Object.fromEntries(uses.map((use) => [use, one(map, use)]))
}

/** Level of the siren's pin from power-up on, while it is quiet: 1 for a hold-off line (O-3). */
export function sirenRest(map: BoardMap): number {
  return map.pins.find((pin) => pin.use === 'siren')?.idle === 'high' ? 1 : 0
}

/** Pins for zones, first zone first. */
export function zonePins(map: BoardMap): number[] {
  return all(map, 'zone')
}

function all(map: BoardMap, use: Use): number[] {
  return map.pins.filter((pin) => pin.use === use).map((pin) => pin.gpio)
}

/** I2C address of the chip that a map has its keypad at; -1 for none. */
export function keypadAddress(map: BoardMap): number {
  return map.expanders.find(({ roles }) => roles.includes('keypad'))?.address ?? -1
}

/** I2C address of the MCP23017 that a map has outputs at; -1 for none. */
export function outputAddress(map: BoardMap): number {
  const pin = map.pins.find(({ gpio }) => gpio >= FIRST_AT_CHIP)
  return pin === undefined ? -1 : FIRST_ADDRESS + ((pin.gpio - FIRST_AT_CHIP) >> 4)
}

/** True for a map whose keypad makes pulses: its bundle has what notes them. */
export function hasPulses(map: BoardMap): boolean {
  return one(map, 'wiegandZero') >= 0
}

function one(map: BoardMap, use: Use): number {
  return all(map, use)[0] ?? -1
}
