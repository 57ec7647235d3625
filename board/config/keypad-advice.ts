/**
 * What is wrong with the first keypad's wires, in a sentence for whoever holds the screwdriver (firmware/app.ts, keypadWrong).
 */

import { Wrong } from '../../firmware/io/wiegand'

const WIEGAND: Record<Wrong, string> = {
  [Wrong.NOTHING]: '',
  [Wrong.SILENT]:
    'no key has come yet: press one; if none comes, look at the keypad’s supply, its common ground, D0 and D1',
  [Wrong.SWAPPED]: 'D0 and D1 are exchanged: green belongs to D0, white to D1',
  [Wrong.NOISE]:
    'frames of odd lengths come: look at the shield, the common ground and the pull-ups of D0 and D1 (2k2 to 3.3 V)',
  [Wrong.LOW]: 'D0 or D1 is low at rest: a core is short to ground, or the level shifter inverts',
}

/** '' when nothing is. */
export function keypadAdvice(wrong: Wrong): string {
  return WIEGAND[wrong]
}

/** Keys by row and column. */
const LAYOUT = ['123A', '456B', '789C', '*0#D']

/** Somebody held a key, and this is what the lines said (firmware/app.ts, keypadSurvey). */
export interface Press {
  key: string
  survey: number[]
}

/**
 * What is wrong with a matrix keypad's wires, a sentence each, none when nothing is. rest: a survey with no key down; presses: one
 * for each key that somebody was asked to hold, alone.
 */
export function matrixAdvice(rest: number[], presses: Press[]): string[] {
  const [floating, ...rows] = rest
  const found = numbers(floating).map(
    (column) =>
      `column ${column} is low while nothing is pressed: its pull-up (10k to 3.3 V) is missing, or it is short to ground`,
  )
  rows.forEach((low, row) => {
    for (const column of numbers(low & ~floating))
      found.push(
        `row ${row + 1} and column ${column} touch while nothing is pressed: a stuck key, or two cores of the cable`,
      )
  })
  const places: { key: string; row: number; column: number }[] = []
  for (const { key, survey } of presses) {
    const down = placesOf(survey, floating)
    if (down.length === 1) places.push({ key, ...down[0] })
    else if (down.length === 0) found.push(`${key} is not seen: a core of its row or its column is broken`)
    else if (isGhost(down))
      found.push(`${key}: three keys show a fourth, since there are no diodes; press one key at a time`)
    else found.push(`${key} shows ${down.length} keys: two cores of the cable touch`)
  }
  return [...found, ...exchanged(places)]
}

/** Places of bits, from 1 on. */
function numbers(bits: number): number[] {
  return [1, 2, 3, 4].filter((place) => ((bits >> (place - 1)) & 1) === 1)
}

function placesOf([, ...rows]: number[], floating: number): { row: number; column: number }[] {
  return rows.flatMap((low, row) => numbers(low & ~floating).map((column) => ({ row: row + 1, column })))
}

/** All corners of a rectangle. */
function isGhost(down: { row: number; column: number }[]): boolean {
  const rows = new Set(down.map(({ row }) => row))
  const columns = new Set(down.map(({ column }) => column))
  return rows.size > 1 && columns.size > 1 && down.length === rows.size * columns.size
}

/** Rows for columns, or some of them for one another. */
function exchanged(places: { key: string; row: number; column: number }[]): string[] {
  const wanted = places.map(({ key }) => {
    const row = LAYOUT.findIndex((keys) => keys.includes(key))
    return { row: row + 1, column: LAYOUT[row].indexOf(key) + 1 }
  })
  const isRight = places.every(({ row, column }, at) => row === wanted[at].row && column === wanted[at].column)
  if (isRight) return []
  if (places.every(({ row, column }, at) => row === wanted[at].column && column === wanted[at].row))
    return ['rows and columns are exchanged: the keypad’s row wires go to the columns’ pins']
  const found: string[] = []
  for (const what of ['row', 'column'] as const) {
    for (let number = 1; number <= 4; number++) {
      const at = new Set(places.filter((_, index) => wanted[index][what] === number).map((place) => place[what]))
      if (at.size > 1) return ['the wires are mixed up: find rows and columns with a meter, key by key']
      const [there] = at
      if (there !== undefined && there !== number)
        found.push(`${what} ${number} is wired to the pin of ${what} ${there}`)
    }
  }
  return found
}
