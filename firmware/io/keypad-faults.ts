/**
 * What is wrong with a matrix keypad's wires, in texts of a display's line, from where each key was seen that somebody was asked
 * to press (app/keypad-test.ts). A key is its place in the layout, row times 4 plus column; so is where it is seen.
 * What each text means, and what to do: docs/boards.md, A keypad that is wired wrong.
 */

/** Instead of a place. */
export const UNASKED = -2
export const UNSEEN = -1

const KEYS = 16
const NONE = -1

/** places: for each key of the layout where it was seen, UNSEEN or UNASKED. Empty when all is as it should be. */
export function find(places: number[]): string[] {
  let best = UNASKED
  for (let key = 0; key < KEYS; key++) if (places[key] > best) best = places[key]
  if (best === UNSEEN) return [noKey()]
  const found: string[] = []
  const rows = linesOf(places, 0, 0)
  const columns = linesOf(places, 1, 0)
  if (rows !== undefined && columns !== undefined) {
    tellExchanged('ROW', rows, found)
    tellExchanged('COL', columns, found)
  } else if (linesOf(places, 0, 1) !== undefined && linesOf(places, 1, 1) !== undefined) found.push('ROWS AS COLUMNS')
  else found.push('WIRES MIXED UP')
  tellUnseen(places, found)
  return found
}

/** Of any keypad. A function, for a text would stand in the memory of every panel. */
export function noKey(): string {
  return 'NO KEY YET'
}

export function nameOf(key: number): string {
  return '123A456B789C*0#D'.charAt(key)
}

/**
 * For each row, or column, the line that its keys are seen at; where rows go to columns' pins (isTurned), one of the other kind.
 * NONE for a line of which no key was seen; undefined when its keys are seen at several, or two lines at one.
 */
function linesOf(places: number[], isColumn: number, isTurned: number): number[] | undefined {
  const lines = [NONE, NONE, NONE, NONE]
  for (let key = 0; key < KEYS; key++) {
    if (places[key] < 0) continue
    const line = lineOf(key, isColumn)
    const seen = lineOf(places[key], isColumn ^ isTurned)
    if (lines[line] === seen) continue
    if (lines[line] !== NONE || lines.indexOf(seen) >= 0) return undefined
    lines[line] = seen
  }
  return lines
}

function lineOf(place: number, isColumn: number): number {
  return isColumn === 1 ? place & 3 : place >> 2
}

function tellExchanged(word: string, lines: number[], found: string[]): void {
  for (let line = 0; line < 4; line++) {
    const at = lines[line]
    if (at === NONE || at === line) continue
    if (lines[at] !== line) found.push(word + ' ' + (line + 1) + ' AT ' + word + ' ' + (at + 1))
    else if (line < at) found.push(word + 'S ' + (line + 1) + ',' + (at + 1) + ' SWAPPED')
  }
}

/** Whole rows and columns first: then it is a core of the cable. */
function tellUnseen(places: number[], found: string[]): void {
  let dead = 0
  for (let line = 0; line < 4; line++) {
    for (let isColumn = 0; isColumn < 2; isColumn++) {
      if (!isDead(places, line, isColumn)) continue
      dead |= (isColumn === 1 ? 0x1111 : 15) << (line << (2 - 2 * isColumn))
      found.push((isColumn === 1 ? 'COL ' : 'ROW ') + (line + 1) + ' NOT SEEN')
    }
  }
  for (let key = 0; key < KEYS; key++) {
    if (places[key] === UNSEEN && ((dead >> key) & 1) === 0) found.push('KEY ' + nameOf(key) + ' NOT SEEN')
  }
}

/** True when several keys of a line were asked for, and none was seen. */
function isDead(places: number[], line: number, isColumn: number): boolean {
  let asked = 0
  for (let key = 0; key < KEYS; key++) {
    if (lineOf(key, isColumn) !== line) continue
    if (places[key] >= 0) return false
    if (places[key] === UNSEEN) asked++
  }
  return asked > 1
}

/** Places that are down, a bit each, in what keypadMatrix.survey() found; but for columns that are low by themselves. */
export function picture(lines: number[], floating: number): number {
  let down = 0
  for (let row = 1; row < lines.length; row++) down |= (lines[row] & ~floating) << ((row - 1) * 4)
  return down
}

/** All corners of a rectangle: three keys show the fourth (K-8). */
export function isGhost(down: number): boolean {
  let rows = 0
  let columns = 0
  for (let row = 0; row < 4; row++) {
    const low = (down >> (row * 4)) & 15
    if (low === 0) continue
    rows++
    if (columns !== 0 && columns !== low) return false
    columns = low
  }
  return rows > 1 && (columns & (columns - 1)) !== 0
}
