/**
 * Which codes may be given out: no factory value, nothing weak, nothing too near another code (C-7, C-8, C-9). The panel
 * holds keyed hashes only, so nearness is asked of the table: every neighbour of the new code is tried as an entry.
 *
 * A check is as long for a code that is refused at once as for one that is taken, and says yes or no (C-10). That is one hash
 * for each neighbour, 9 a digit and one more: on the device some 10 s for six digits, so it goes on by step(). No digit is
 * copied: the entry's own buffer is changed and put back (C-13).
 */

/** What the table says of an entry: nobody's, somebody's code, somebody's duress code. */
export const NOBODY = 0
export const CODE = 1
export const DURESS = 2

export interface CodeCheck {
  /** As the keypad fills it: 1-9, 10 for the key 0, then 0 (panel/codes.ts). The caller's, and the caller wipes it. */
  entry: Uint8Array
  /** Digits in it. */
  count: number
  /** 1 when it is to be a duress code. */
  isDuress: number
  /** Neighbours tried so far. */
  done: number
  /** 1 when it is refused. */
  isRefused: number
}

/** Factory values that are no runs and no repeats; 12345 and its like are runs, 0000 and its like repeats (C-7). */
const FACTORY = [4112]
/** Keypad columns, down and up (C-8). */
const COLUMNS = [2580, 1470, 3690, 852, 741, 963]
/** Other digits that may stand in a place. */
const OTHERS = 9
/** Steps of the last digit within which no other code may be (C-9). */
const LAST_STEPS = 2

/** Begins a check. Its steps are as many for every code of that length. */
export function begin(entry: Uint8Array, count: number, isDuress: number): CodeCheck {
  return { entry, count, isDuress, done: 0, isRefused: isWeak(entry, count) ? 1 : 0 }
}

/**
 * Tries one more neighbour: matches() says what the table holds for the entry as it is then. True when all are tried and
 * isRefused says what came of it.
 */
export function step(c: CodeCheck, matches: (entry: Uint8Array) => number): boolean {
  const total = c.count * OTHERS
  if (c.done < total) {
    const at = (c.done / OTHERS) | 0
    const by = (c.done % OTHERS) + 1
    const own = c.entry[at]
    c.entry[at] = ((own + by - 1) % 10) + 1
    const found = matches(c.entry)
    c.entry[at] = own
    if (isTooNear(c, at, by, found)) c.isRefused = 1
  } else if (matches(c.entry) !== NOBODY) c.isRefused = 1
  c.done++
  return c.done > total
}

/** The whole check at once, for who has the time. True when the code must not be given out. */
export function refuses(
  entry: Uint8Array,
  count: number,
  isDuress: number,
  matches: (entry: Uint8Array) => number,
): boolean {
  const c = begin(entry, count, isDuress)
  while (!step(c, matches));
  return c.isRefused === 1
}

/** One digit differs, at a place, by 1 to 9 steps upwards. */
function isTooNear(c: CodeCheck, at: number, by: number, found: number): boolean {
  if (found === NOBODY) return false
  // One mistyped digit can never be duress, whichever of the two was there first.
  if (found === DURESS || c.isDuress === 1) return true
  return at === c.count - 1 && (by <= LAST_STEPS || by >= 10 - LAST_STEPS)
}

/** True for what everybody tries first (C-7, C-8). */
export function isWeak(entry: Uint8Array, count: number): boolean {
  let same = 1
  for (let at = 1; at < count; at++) if (entry[at] === entry[0]) same++
  if (same === count) return true
  for (let at = 0; at + 4 <= count; at++) if (isRun(entry, at) || COLUMNS.indexOf(number(entry, at)) >= 0) return true
  if (count !== 4) return false
  const value = number(entry, 0)
  const left = (value / 100) | 0
  const right = value % 100
  return FACTORY.indexOf(value) >= 0 || left === 19 || left === 20 || isDate(left, right) || isDate(right, left)
}

/** Four digits up or down by one, 9 and 0 being neighbours. */
function isRun(entry: Uint8Array, at: number): boolean {
  const by = (entry[at + 1] - entry[at] + 10) % 10
  if (by !== 1 && by !== 9) return false
  return (entry[at + 2] - entry[at + 1] + 10) % 10 === by && (entry[at + 3] - entry[at + 2] + 10) % 10 === by
}

/** The four digits from a place on. */
function number(entry: Uint8Array, at: number): number {
  let value = 0
  for (let index = at; index < at + 4; index++) value = value * 10 + (entry[index] % 10)
  return value
}

function isDate(day: number, month: number): boolean {
  return day >= 1 && day <= 31 && month >= 1 && month <= 12
}
