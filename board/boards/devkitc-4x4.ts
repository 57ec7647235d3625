/**
 * Build C of hardware.md §4.2 with a 4x4 keypad wired directly. Other than there the fourth column does not take the
 * W5500's reset, whose place would be an expander that has no driver yet, but the pin of the second zone.
 */

import { type BoardMap, CONSOLE, DEVKITC_LOADS, I2C1, MODEM_UART, SPI2 } from './board-map'
import { ROWS } from './devkitc-4x3'

export const devkitc4x4: BoardMap = {
  name: 'devkitc-4x4',
  title: 'ESP32-DevKitC (WROOM-32E), W5500 module, A7670 or SIM7600 module, 4x4 keypad wired directly',
  module: 'WROOM',
  pins: [
    ...CONSOLE,
    ...SPI2,
    ...DEVKITC_LOADS,
    ...MODEM_UART,
    ...I2C1,
    ...ROWS,
    { gpio: 27, use: 'column', role: 'keypad column 1', direction: 'input', pull: 'inside' },
    { gpio: 34, use: 'column', role: 'keypad column 2', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    { gpio: 36, use: 'column', role: 'keypad column 3', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    { gpio: 39, use: 'column', role: 'keypad column 4', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    { gpio: 35, use: 'zone', role: 'zone 1', direction: 'input', pull: 'outside', note: '10k to 3.3 V, 1k in series' },
  ],
  expanders: [],
  notes: [
    'One zone only: several contacts can share its loop in series. For two, use devkitc-4x3.',
    'LCD with PCF8574 backpack at I2C address 0x27, without its pull-ups to 5 V.',
    'The modem is fed all the time; its supply cannot be switched and STATUS is not wired.',
  ],
}
