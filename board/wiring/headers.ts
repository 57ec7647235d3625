/**
 * Pins of a board as they lie on its two headers, seen from above with the USB socket below. A number is a GPIO, a text is
 * what is printed there.
 *
 * Sources: the silk screen of the ESP32-DevKitC V4 with 38 pins; hardware.md §4.3.
 */

import { type BoardMap, FIRST_AT_CHIP } from '../boards/index'

export type HeaderPin = number | string

export interface Header {
  title: string
  left: HeaderPin[]
  right: HeaderPin[]
  /** False: only the numbers are right, not the places. */
  isTrue: boolean
}

const DEVKITC: Header = {
  title: 'ESP32-DevKitC V4',
  left: ['3V3', 'EN', 36, 39, 34, 35, 32, 33, 25, 26, 27, 14, 12, 'GND', 13, 9, 10, 11, '5V'],
  right: ['GND', 23, 22, 1, 3, 21, 'GND', 19, 18, 5, 17, 16, 4, 0, 2, 15, 8, 7, 6],
  isTrue: true,
}

/** Of the map's board; by number when we have no drawing of it. */
export function headerOf(map: BoardMap): Header {
  if (map.name.startsWith('devkitc')) return DEVKITC
  const used = map.pins.flatMap(({ gpio }) => (gpio < FIRST_AT_CHIP ? [gpio] : [])).sort((one, other) => one - other)
  const half = Math.ceil(used.length / 2)
  return {
    title: map.title.split(/[,(]/)[0].trim(),
    left: ['3V3', ...used.slice(0, half), 'GND'],
    right: ['5V', ...used.slice(half), 'GND'],
    isTrue: false,
  }
}
