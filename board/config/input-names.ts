/** What is printed at the input of a chip, by the pin that the settings give it (docs/boards.md). */

import { FIRST_INPUT } from './loops'
import { FIRST_EXPANDER } from './schema'

export interface ChipInput {
  part: 'MCP23017' | 'ADS1115'
  /** As in '0x20'. */
  address: string
  /** 'GPA0' to 'GPB7', or 'A0' to 'A3'. */
  input: string
}

/** Of a pin from 64 on. */
export function chipInput(pin: number): ChipInput {
  if (pin >= FIRST_INPUT) {
    const at = pin - FIRST_INPUT
    return { part: 'ADS1115', address: hex(0x48 + (at >> 2)), input: `A${at & 3}` }
  }
  const at = pin - FIRST_EXPANDER
  return { part: 'MCP23017', address: hex(0x20 + (at >> 4)), input: `GP${(at & 8) === 0 ? 'A' : 'B'}${at & 7}` }
}

export function hex(address: number): string {
  return `0x${address.toString(16)}`
}
