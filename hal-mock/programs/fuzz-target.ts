/**
 * What `npm run fuzz` drives: a target makes one input from chance, feeds it to a parser and checks what must hold.
 *
 * Each call has a generator of its own, made of seed and number, so that one input can be run again by itself.
 */

import { Random } from '../random'

export interface FuzzTarget {
  name: string
  /** What is fed, for the help. */
  what: string
  /** Inputs that one call feeds: more than 1 where they build on each other, and then they are run again together. */
  inputsPerCall: number
  /** What may be kept between inputs: bytes as keptBytes() counts them. */
  keptLimitBytes: number
  /** State for one run of many inputs. */
  create(): FuzzRun
}

export interface FuzzRun {
  /** Makes and feeds inputs. Returns '' or what did not hold, with the input in printable form. May throw: a failure. */
  call(random: Random): string
  /** The most that the parser held in the last call, by keptBytes(). */
  kept: number
  /** What occurred how often, so that a run that reached nothing shows. */
  counts: Record<string, number>
}

export interface FuzzReport {
  inputs: number
  failures: number
  /** The most that was kept in any call. */
  keptBytes: number
  counts: Record<string, number>
}

/**
 * Runs inputs first to first + runs - 1 of a seed, whole calls only. onFailure gets the number of the call's first input;
 * after() is called after each call.
 */
export function runFuzz(
  target: FuzzTarget,
  seed: number,
  first: number,
  runs: number,
  onFailure: (index: number, what: string) => void,
  after: (done: number, failures: number) => void = () => undefined,
): FuzzReport {
  const run = target.create()
  const each = target.inputsPerCall
  const report: FuzzReport = { inputs: 0, failures: 0, keptBytes: 0, counts: run.counts }
  for (let call = Math.floor(first / each); report.inputs < runs; call++) {
    let what: string
    try {
      what = run.call(callRandom(seed, call))
    } catch (error) {
      what = `threw ${error instanceof Error ? error.stack : String(error)}`
    }
    if (what === '' && run.kept > target.keptLimitBytes) what = `keeps ${run.kept} bytes`
    if (run.kept > report.keptBytes) report.keptBytes = run.kept
    report.inputs += each
    if (what !== '') {
      report.failures++
      onFailure(call * each, what)
    }
    after(report.inputs, report.failures)
  }
  return report
}

/** Odd factors: no two numbers below 2^32 share a generator within a seed. */
function callRandom(seed: number, call: number): Random {
  return new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(call + 1, 0x85ebca6b))
}

const NUMBER_BYTES = 8

/**
 * Bytes of data in a parser's state: texts and arrays by their length, numbers as 8. Not counted: functions, and what is
 * reached through the records in `shared`, which the state only points at.
 */
export function keptBytes(state: unknown, shared: readonly unknown[] = []): number {
  if (typeof state === 'string') return state.length
  if (typeof state === 'number') return NUMBER_BYTES
  if (ArrayBuffer.isView(state)) return state.byteLength
  if (typeof state !== 'object' || state === null || shared.includes(state)) return 0
  let bytes = 0
  for (const value of Object.values(state)) bytes += keptBytes(value, shared)
  return bytes
}
