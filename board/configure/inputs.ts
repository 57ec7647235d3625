/** Inputs that a zone can still be wired to, nearest first: pins of the board, then converters, then port expanders. */

import { type BoardMap, zonePins } from '../boards/index'
import { FIRST_INPUT } from '../config/loops'
import { FIRST_EXPANDER } from '../config/schema'
import type { Choice } from './ask'

const CHIPS = 7
const CONVERTERS = 4
/** How many of each kind are offered: more than one chip's worth only when one is full. */
const OFFERED = 2

export function freeInputs(map: BoardMap, taken: number[]): Choice[] {
  const isFree = (pin: number) => !taken.includes(pin)
  const own = zonePins(map).filter(isFree)
  const measured = range(CONVERTERS * 4)
    .map((input) => FIRST_INPUT + input)
    .filter(isFree)
  const contacts = range(CHIPS * 16)
    .map((input) => FIRST_EXPANDER + input)
    .filter((pin) => pin % 8 !== 7 && isFree(pin))
  return [
    ...own.map((pin) => ({ value: String(pin), name: `GPIO${pin} of the board` })),
    ...measured
      .slice(0, OFFERED)
      .map((pin) => ({ value: String(pin), name: nameOfMeasured(pin), hint: 'measures loops with resistors' })),
    ...contacts
      .slice(0, OFFERED)
      .map((pin) => ({ value: String(pin), name: nameOfContact(pin), hint: 'contacts without resistors, 14 a chip' })),
  ]
}

/** Of an ADS1115, by a zone's pin. */
export function nameOfMeasured(pin: number): string {
  const input = pin - FIRST_INPUT
  return `input A${input % 4} of the ADS1115 at 0x${(0x48 + (input >> 2)).toString(16)} (pin ${pin})`
}

function nameOfContact(pin: number): string {
  const input = pin - FIRST_EXPANDER
  const port = (input & 8) === 0 ? 'A' : 'B'
  return `GP${port}${input & 7} of the MCP23017 at 0x${(0x20 + (input >> 4)).toString(16)} (pin ${pin})`
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
