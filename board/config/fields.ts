/**
 * Kinds of fields in a panel's file. Each says in one sentence what it takes, with the rule of panel-behaviour.md or the
 * section of reporting.md behind it: the same sentence for whatever is wrong, so an answer always tells what is right.
 * The texts become the descriptions that an editor shows.
 */

import { z } from 'zod'

/** What follows "use": for the words in front see problems.ts. */
export function use(text: string, rule: string): string {
  return `use ${text}${cited(rule)}`
}

/** A whole number. unit: '' for none. */
export function whole(least: number, most: number, unit: string, what: string, rule = '') {
  const error = use(`a whole number from ${least} to ${most}`, rule)
  const range = `${least}-${most}${unit === '' ? '' : ` ${unit}`}`
  return z
    .int({ error })
    .min(least, { error })
    .max(most, { error })
    .describe(`${what}: ${range}${cited(rule)}.`)
}

/** Yes or no. */
export function flag(what: string, rule = '') {
  return z.boolean({ error: use('true or false', rule) }).describe(`${what}${cited(rule)}.`)
}

/** One of some words. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words, what: string, rule = '') {
  return z.enum(words, { error: use(listed(words, 'or'), rule) }).describe(`${what}${cited(rule)}.`)
}

/** A text of a form. allowed: what follows "use". */
export function text(form: RegExp, allowed: string, what: string, rule = '') {
  const error = use(allowed, rule)
  return z
    .string({ error })
    .regex(form, { error })
    .describe(`${what}${cited(rule)}.`)
}

/** A text that a function of the firmware can read: what the panel does not understand is not taken. */
export function readable(isRead: (text: string) => boolean, allowed: string, what: string, rule = '') {
  const error = use(allowed, rule)
  return z
    .string({ error })
    .refine(isRead, { error })
    .describe(`${what}${cited(rule)}.`)
}

/** least to most entries. things: what they are called. */
export function list<Entry extends z.ZodType>(entry: Entry, least: number, most: number, things: string, what: string) {
  const count = least === most ? `${least}` : `${least} to ${most}`
  const error = `use ${count} ${things}`
  return z.array(entry, { error }).min(least, { error }).max(most, { error }).describe(`${what}.`)
}

/** An object with these fields and no others. The error of an unknown one is the list of those that there are. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(' ')
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : 'use an object { ... } with its fields'),
  })
}

/** ' (A-1)', '' without a rule. */
export function cited(rule: string): string {
  return rule === '' ? '' : ` (${rule})`
}

export function listed(words: readonly string[], last: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`
}
