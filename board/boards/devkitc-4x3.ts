/**
 * Build C of hardware.md §4.2 with a 4x3 keypad wired directly, as far as this firmware drives it: two zones are on
 * GPIO34 and 35, where the reference has battery and mains sense, because its ADS1115s on I2C have no driver yet.
 */

import { type BoardMap, CONSOLE, DEVKITC_LOADS, I2C1, MODEM_UART, type PinUse, SPI2 } from './board-map'

export const ROWS: PinUse[] = [
  { gpio: 13, use: 'row', role: 'keypad row 1', direction: 'openDrain' },
  { gpio: 14, use: 'row', role: 'keypad row 2', direction: 'openDrain' },
  { gpio: 15, use: 'row', role: 'keypad row 3', direction: 'openDrain' },
  { gpio: 25, use: 'row', role: 'keypad row 4', direction: 'openDrain' },
]

export const devkitc4x3: BoardMap = {
  name: 'devkitc-4x3',
  title: 'ESP32-DevKitC (WROOM-32E), W5500 module, A7670 or SIM7600 module, 4x3 keypad wired directly',
  module: 'WROOM',
  pins: [
    ...CONSOLE,
    ...SPI2,
    ...DEVKITC_LOADS,
    ...MODEM_UART,
    ...I2C1,
    ...ROWS,
    { gpio: 27, use: 'column', role: 'keypad column 1', direction: 'input', pull: 'inside' },
    { gpio: 36, use: 'column', role: 'keypad column 2', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    { gpio: 39, use: 'column', role: 'keypad column 3', direction: 'input', pull: 'outside', note: '10k to 3.3 V' },
    { gpio: 34, use: 'zone', role: 'zone 1', direction: 'input', pull: 'outside', note: '10k to 3.3 V, 1k in series' },
    { gpio: 35, use: 'zone', role: 'zone 2', direction: 'input', pull: 'outside', note: '10k to 3.3 V, 1k in series' },
  ],
  expanders: [],
  notes: [
    'LCD with PCF8574 backpack at I2C address 0x27, without its pull-ups to 5 V.',
    'The modem is fed all the time; its supply cannot be switched and STATUS is not wired.',
    'Box tamper, battery, mains and siren supervision have no pin left: with the zones on expanders, GPIO34 and 35 are free for two of them.',
    'A 4x4 keypad works here too: leave its column with A, B, C and D unconnected.',
  ],
}

/** The same for a siren with a battery of its own, which sounds when its hold-off line falls (O-3, P-8). */
export const devkitc4x3HoldOff: BoardMap = {
  ...devkitc4x3,
  name: 'devkitc-4x3-holdoff',
  title: `${devkitc4x3.title}, siren with a hold-off line`,
  pins: devkitc4x3.pins.map((pin) =>
    pin.use === 'siren'
      ? {
          ...pin,
          idle: 'high',
          isHeld: true,
          note: 'hold-off line, high is quiet; 10k to 3.3 V holds it through a reset',
        }
      : pin,
  ),
}
