import { describe, expect, it } from 'vitest'
import { family } from '../../../firmware/cellular/dialects'
import { asInterpreter } from '../../hal-mock/as-interpreter'

// Families as hardware.md §2.4 names them.
const [A, A6, B, C, D, E, NONE] = ['A', 'A6', 'B', 'C', 'D', 'E', 'none']

/** Answers to AT+CGMM, some of which end with what another family's name begins with. */
const ANSWERS: [string, string][] = [
  ['A7670E-FASE', A],
  ['A7670E-LASS', A],
  ['SIMCOM_SIM7600E-H', A6],
  ['SIMCOM_SIM7600SA', A6],
  ['SIMCOM_SIM7080', B],
  ['SIM7070G', B],
  ['SIMCOM_SIM7000A', C],
  ['SIM800A', C],
  ['SIMCOM_SIM900A', C],
  ['BG95-M3', D],
  ['EC25-A', D],
  ['SARA-R410M-02B', E],
  ['AT+CGMM', NONE],
  ['ANOTHER BRAND S', NONE],
]

describe('the family of a modem (hardware.md §2.4)', () => {
  it('is told by its name on Node and in the interpreter, where the end of a text passes for a part of it', () => {
    const names = new Map(
      [
        [A, 'A7670E-FASE'],
        [A6, 'SIM7600G'],
        [B, 'SIM7080'],
        [C, 'SIM800L'],
        [D, 'BG96'],
        [E, 'SARA-R4'],
      ].map(([name, model]) => [family(model), name]),
    )
    expect(names.size).toBe(6)
    const told = () => ANSWERS.map(([model]) => names.get(family(model)) ?? NONE)
    const expected = ANSWERS.map(([, name]) => name)
    expect(told()).toEqual(expected)
    let there: string[] = []
    asInterpreter(() => {
      there = told()
    })
    expect(there).toEqual(expected)
  })
})
