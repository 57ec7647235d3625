/**
 * Build A of hardware.md §4.2, pin by pin. Other than there the keypad's beeper shares the buzzer's transistor, for no GPIO
 * is left that could drive it; with `pins.beeper` in the settings it has an output of an MCP23017.
 */

import { type BoardMap, CONSOLE, DEVKITC_LOADS, I2C1, MODEM_UART, SPI2 } from './board-map'

export const devkitcWiegand: BoardMap = {
  name: 'devkitc-wiegand',
  title: 'ESP32-DevKitC (WROOM-32E), W5500 module, A7670 or SIM7600 module, Wiegand keypad',
  module: 'WROOM',
  pins: [
    ...CONSOLE,
    ...SPI2,
    ...DEVKITC_LOADS,
    ...MODEM_UART,
    ...I2C1,
    {
      gpio: 27,
      use: 'modemSupply',
      role: 'modem supply',
      direction: 'output',
      idle: 'high',
      note: 'pulled up at reset: the modem is fed',
    },
    {
      gpio: 39,
      use: 'modemStatus',
      role: 'modem STATUS',
      direction: 'driven',
      note: 'polled, never watched; divider above 3.3 V, pull-down 100k',
    },
    {
      gpio: 34,
      use: 'batterySense',
      role: 'battery sense',
      direction: 'analog',
      note: '100k and 18k, 100 nF',
    },
    { gpio: 35, use: 'acSense', role: 'mains sense', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    {
      gpio: 36,
      use: 'sirenSense',
      role: 'siren supervision',
      direction: 'analog',
      note: 'sampled while the siren is off',
    },
    {
      gpio: 14,
      use: 'boxTamper',
      role: 'box tamper',
      direction: 'input',
      pull: 'inside',
      isWatched: true,
      note: 'normally closed to ground, 1k in series',
    },
    {
      gpio: 25,
      use: 'wiegandZero',
      role: 'Wiegand D0',
      direction: 'input',
      pull: 'inside',
      isWatched: true,
      note: 'rising edges; level shifter, 2k2 to 3.3 V',
    },
    {
      gpio: 13,
      use: 'wiegandOne',
      role: 'Wiegand D1',
      direction: 'input',
      pull: 'inside',
      isWatched: true,
      note: 'rising edges; level shifter, 2k2 to 3.3 V',
    },
    {
      gpio: 15,
      use: 'keypadLed',
      role: 'keypad LED',
      direction: 'output',
      idle: 'high',
      note: 'active low; the strap agrees; flickers for milliseconds at power-up',
    },
  ],
  expanders: [
    { part: 'ADS1115', address: 0x48, roles: ['zones at 192-195'] },
    { part: 'ADS1115', address: 0x49, roles: ['zones at 196-199'] },
  ],
  notes: [
    'Zones are loops at the ADS1115s (pin 192-199), or contacts at port expanders.',
    "The keypad's beeper line hangs at the buzzer's transistor, or has an output of an MCP23017 (`pins.beeper`).",
    'Panic chords need a matrix keypad: a Wiegand keypad tells one key at a time.',
  ],
}
