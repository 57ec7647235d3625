/** Inputs that a zone can still be wired to, nearest first: pins of the board, then converters, then port expanders. */

import { type BoardMap, zonePins } from '../boards/index'
import { chipInput } from '../config/input-names'
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
      .map((pin) => ({ value: String(pin), name: nameOf(pin), hint: 'measures loops with resistors' })),
    ...contacts
      .slice(0, OFFERED)
      .map((pin) => ({ value: String(pin), name: nameOf(pin), hint: 'contacts without resistors, 14 a chip' })),
  ]
}

/** Of a chip, by a zone's pin. */
export function nameOf(pin: number): string {
  const { part, address, input } = chipInput(pin)
  return `${input} of the ${part} at ${address} (pin ${pin})`
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
