/**
 * What is wrong with a panel's file, one sentence each: the field, what it has, and what would be right with the rule that
 * wants it. Keys and PINs are never repeated.
 */

import type { z } from 'zod'

/** Where in the file: names of fields, and places in lists from 0 on. */
export type Path = (string | number)[]

export interface Problem {
  path: Path
  text: string
}

/** Fields whose value must not reach a screen. */
const SECRETS = ['key', 'simPin']
/** Slips of the finger in a name until it is another one. */
const SLIPS = 3

/** 'zones[3].name'. */
export function fieldName(path: Path): string {
  return path.map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${step}`)).join('')
}

/** 'zones[3].name is 'Loft': use ...'. advice begins with use, give, set or leave. */
export function problem(path: Path, value: unknown, advice: string): Problem {
  return { path, text: `${fieldName(path) || 'the file'} ${shown(path, value)}: ${advice}` }
}

/** Of what the schema found, one a field; an unknown field with the name that was perhaps meant. */
export function problemsOf(error: z.ZodError, given: unknown): Problem[] {
  const problems: Problem[] = []
  for (const issue of error.issues) {
    const path = issue.path as Path
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.push(unknownField([...path, key], issue.message.split(' ')))
      continue
    }
    const value = valueAt(given, path)
    const near = issue.code === 'invalid_value' ? nearest(String(value), issue.values.map(String)) : ''
    problems.push(problem(path, value, near === '' ? issue.message : `${issue.message}; perhaps ${near}`))
  }
  // A field that breaks two limits has one sentence for both.
  const texts = problems.map((found) => found.text)
  return problems.filter((found, at) => texts.indexOf(found.text) === at)
}

function unknownField(path: Path, known: string[]): Problem {
  const near = nearest(String(path[path.length - 1]), known)
  const advice = near === '' ? `use one of ${known.join(', ')}` : `use ${near}, if that is meant`
  return { path, text: `${fieldName(path)} is no field that there is: ${advice}` }
}

export function valueAt(given: unknown, path: Path): unknown {
  let value = given
  for (const step of path) value = (value as Record<string | number, unknown> | undefined | null)?.[step]
  return value
}

function shown(path: Path, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (Array.isArray(value)) return `has ${value.length} ${value.length === 1 ? 'entry' : 'entries'}`
  if (typeof value === 'string') {
    return SECRETS.includes(String(path[path.length - 1])) ? `has ${value.length} characters` : `is '${value}'`
  }
  if (typeof value === 'object' && value !== null) return 'is an object'
  return SECRETS.includes(String(path[path.length - 1])) ? `is no text` : `is ${value}`
}

/** The one that takes fewest slips, '' when none is near. Upper and lower case are the same here. */
export function nearest(name: string, known: string[]): string {
  let best = ''
  let least = Math.min(SLIPS, Math.ceil(name.length / 3)) + 1
  for (const candidate of known) {
    const slips = distance(name.toLowerCase(), candidate.toLowerCase())
    if (slips >= least) continue
    least = slips
    best = candidate
  }
  return best
}

/** Letters to put in, take out or change (Levenshtein), row by row. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let at = 0; at < left.length; at++) {
    const next = [at + 1]
    for (let to = 0; to < right.length; to++) {
      const change = row[to] + (left[at] === right[to] ? 0 : 1)
      next.push(Math.min(change, row[to + 1] + 1, next[to] + 1))
    }
    row = next
  }
  return row[right.length]
}
