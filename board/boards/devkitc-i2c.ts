/** Build B of hardware.md §4.2: build A with a matrix keypad at a chip on I2C in the place of the Wiegand keypad. */

import type { BoardMap } from './board-map'
import { devkitcWiegand } from './devkitc-wiegand'

export const devkitcI2c: BoardMap = {
  ...devkitcWiegand,
  name: 'devkitc-i2c',
  title: 'ESP32-DevKitC (WROOM-32E), W5500 module, A7670 or SIM7600 module, matrix keypad at a chip on I2C',
  pins: [
    ...devkitcWiegand.pins.filter(({ use }) => !['wiegandZero', 'wiegandOne', 'keypadLed'].includes(use)),
    {
      gpio: 25,
      use: 'keypadInterrupt',
      role: 'keypad INT',
      direction: 'input',
      pull: 'inside',
      isWatched: true,
      note: "open drain of the keypad's chip",
    },
  ],
  expanders: [...devkitcWiegand.expanders, { part: 'PCF8574', address: 0x21, roles: ['keypad'] }],
  notes: [
    'Zones are loops at the ADS1115s (pin 192-199), or contacts at port expanders.',
    'The keypad is at a PCF8574 at 0x21, or with `keypad` in the settings at another one or a TCA8418 at 0x34.',
  ],
}
