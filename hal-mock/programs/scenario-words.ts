/** Words of a scenario's line that many steps share, and what is said when one of them is wrong. */

/** What is wrong with a scenario, in a sentence that says what would be right. */
export class ScenarioProblem extends Error {
  constructor(
    /** From 1. */
    readonly line: number,
    message: string,
  ) {
    super(message)
  }
}

const UNITS: { [unit: string]: number } = { ms: 1, s: 1000, min: 60000, h: 3600000 }
/** A day of virtual time; stories need minutes. */
export const LONGEST_MS = 86400000
/** The panel's paths, by the names that a story has for them. */
export const VIAS = ['ethernet', 'cellular']

/** '1.5 s', '90 ms', '2 min', '1 h', also without the blank. */
export function takeTime(words: string[], line: number): { ms: number; words: number } {
  const first = words[0] ?? ''
  const joined = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|min|h)$/.exec(first)
  const isSplit = /^\d{1,9}(\.\d{1,3})?$/.test(first) && Object.hasOwn(UNITS, words[1] ?? '')
  const exactMs = joined ? Number(joined[1]) * UNITS[joined[2]] : isSplit ? Number(first) * UNITS[words[1]] : Number.NaN
  const ms = Math.round(exactMs)
  // 2.3 s is not quite 2300 in binary; 0.5 ms is no whole millisecond in any system.
  if (!(Math.abs(exactMs - ms) < 0.001)) {
    throw new ScenarioProblem(line, `${quote(words.slice(0, 2))} is no time: write 500 ms, 40 s, 1.5 s, 2 min or 1 h`)
  }
  if (ms > LONGEST_MS) {
    throw new ScenarioProblem(line, `${quote(words.slice(0, joined ? 1 : 2))} is too late: a story has at most 24 h`)
  }
  return { ms, words: joined ? 1 : 2 }
}

/** The word itself, when it is one of those allowed. */
export function choice(word: string, allowed: string[], field: string, line: number): string {
  if (allowed.includes(word)) return word
  throw new ScenarioProblem(line, `${quote([field, word])}: after "${field}" comes one of ${allowed.join(', ')}`)
}

/** Words as they stood, but for rows of digits that could be a code. */
export function quote(words: string[]): string {
  const text = words
    .filter((word) => word !== undefined && word !== '')
    .join(' ')
    .replace(/\d{5,}/g, (digits) => '*'.repeat(digits.length))
  return `"${text}"`
}
