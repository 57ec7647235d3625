/**
 * What `npm run fuzz` drives: a target makes one input from chance, feeds it to a parser and checks what must hold.
 *
 * Each input has a generator of its own, made of seed and number, so that one input can be run again by itself.
 */

import { Random } from '../random'

export interface FuzzTarget {
  name: string
  /** What is fed, for the help. */
  what: string
  /** State for one run of many inputs. */
  create(): FuzzRun
}

export interface FuzzRun {
  /** Makes and feeds one input. Returns '' or what did not hold, with the input in printable form. May throw: a failure. */
  input(random: Random): string
  /** What occurred how often, so that a run that reached nothing shows. */
  counts: Record<string, number>
}

export interface FuzzReport {
  inputs: number
  failures: number
  counts: Record<string, number>
}

/** Runs inputs first to first + runs - 1 of a seed. onFailure gets the input's number; after() is called after each input. */
export function runFuzz(
  target: FuzzTarget,
  seed: number,
  first: number,
  runs: number,
  onFailure: (index: number, what: string) => void,
  after: (done: number, failures: number) => void = () => undefined,
): FuzzReport {
  const run = target.create()
  let failures = 0
  for (let done = 0; done < runs; done++) {
    const index = first + done
    let what: string
    try {
      what = run.input(inputRandom(seed, index))
    } catch (error) {
      what = `threw ${error instanceof Error ? error.stack : String(error)}`
    }
    if (what !== '') {
      failures++
      onFailure(index, what)
    }
    after(done + 1, failures)
  }
  return { inputs: runs, failures, counts: run.counts }
}

/** Odd factors: no two numbers below 2^32 share a generator within a seed. */
function inputRandom(seed: number, index: number): Random {
  return new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)]
}

export function randomBytes(random: Random, count: number): string {
  let bytes = ''
  for (let index = 0; index < count; index++) bytes += String.fromCharCode((random.next() >>> 8) & 255)
  return bytes
}

/** One to three changes: a byte, an insertion, a cut, a repetition, a piece of another input. letters: bytes to prefer. */
export function mutate(random: Random, text: string, letters: string, other: string): string {
  for (let change = random.below(3); change >= 0; change--) {
    const at = random.below(text.length + 1)
    const span = random.below(12)
    const letter = random.oneIn(2) ? letters.charAt(random.below(letters.length)) : randomBytes(random, 1)
    const kind = random.below(6)
    if (kind <= 1) text = text.slice(0, at) + letter + text.slice(at + 1)
    else if (kind === 2) text = text.slice(0, at) + letter + text.slice(at)
    else if (kind === 3) text = text.slice(0, at) + text.slice(at + span)
    else if (kind === 4) text = text.slice(0, at + span) + text.slice(at)
    else text = text.slice(0, at) + other.slice(0, span * 3) + text.slice(at + span)
  }
  return text
}

/** The bytes on one line, as JSON writes them, at most so many. */
export function shown(bytes: string, limit = 400): string {
  return JSON.stringify(bytes.slice(0, limit)) + (bytes.length > limit ? ` and ${bytes.length - limit} bytes more` : '')
}
