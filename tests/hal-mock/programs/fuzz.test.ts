// The fuzz command: 20 000 inputs for each parser in every run of the tests, and a check that it sees what it is for.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TARGETS } from '../../../hal-mock/programs/fuzz'
import { crcOf, type Flight, lengthOf, reading } from '../../../hal-mock/programs/fuzz-dc09-reading'
import { mutateBytes, mutateText } from '../../../hal-mock/programs/fuzz-mutate'
import { type FuzzTarget, keptBytes, runFuzz } from '../../../hal-mock/programs/fuzz-target'
import { Random } from '../../../hal-mock/random'
import { ENCRYPTED_REPLIES, FIELD, KEYS, REPLIES } from '../../vectors/dc09'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const RUNS = 20_000
const SEED = 20241025

describe('targets', () => {
  it.each(TARGETS)(`$name: ${RUNS} inputs of seed ${SEED} without a failure, and every outcome occurs`, (target) => {
    const failures: string[] = []
    const report = runFuzz(target, SEED, 0, RUNS, (index, what) => failures.push(`${index}: ${what}`))
    expect(failures).toEqual([])
    expect(report).toMatchObject({ inputs: RUNS, failures: 0 })
    expect(report.keptBytes).toBeGreaterThan(0)
    expect(report.keptBytes).toBeLessThanOrEqual(target.keptLimitBytes)
    // A run that reaches nothing proves nothing.
    for (const [what, count] of Object.entries(report.counts)) expect(count, what).toBeGreaterThan(RUNS / 100)
  })
})

describe('the runner', () => {
  /** Fails, or throws, for the inputs whose first number ends so. */
  const picky: FuzzTarget = {
    name: 'picky',
    what: 'nothing',
    inputsPerCall: 1,
    keptLimitBytes: 10,
    create: () => ({
      counts: { seen: 0 },
      kept: 10,
      call(random) {
        const value = random.below(10)
        if (value === 7) throw new Error('seven')
        return value === 3 ? 'three' : ''
      },
    }),
  }

  function failuresOf(seed: number, first: number, runs: number): string[] {
    const failures: string[] = []
    const report = runFuzz(picky, seed, first, runs, (index, what) => failures.push(`${index} ${what.slice(0, 12)}`))
    expect(report).toMatchObject({ inputs: runs, failures: failures.length })
    return failures
  }

  it('counts what fails and what throws, some of each', () => {
    const failures = failuresOf(1, 0, 1000)
    expect(failures.length).toBeGreaterThan(100)
    expect(failures.length).toBeLessThan(300)
    expect(new Set(failures.map((line) => line.split(' ')[1]))).toEqual(new Set(['three', 'threw']))
  })

  it('runs each failing input again by its number alone', () => {
    const failures = failuresOf(5, 0, 200)
    for (const line of failures) expect(failuresOf(5, Number(line.split(' ')[0]), 1)).toEqual([line])
  })

  it('makes other inputs of another seed', () => {
    expect(failuresOf(5, 0, 200)).not.toEqual(failuresOf(6, 0, 200))
  })

  it('changes what it mutates: text nearly always, bytes seven times in eight', () => {
    const random = new Random(2)
    const text = 'abcdefghijkl'
    let texts = 0
    let bytes = 0
    for (let round = 0; round < 1000; round++) {
      if (mutateText(random, text, 'xyz', 'other') !== text) texts++
      if (mutateBytes(random, text) !== text) bytes++
    }
    expect(texts).toBeGreaterThan(850)
    expect(bytes).toBeGreaterThan(750)
    expect(bytes).toBeLessThan(900)
  })

  it('fails a call that keeps more than its target may, and tells the most that was kept', () => {
    const failures: string[] = []
    const greedy: FuzzTarget = { ...picky, create: () => ({ counts: {}, kept: 11, call: () => '' }) }
    const report = runFuzz(greedy, 1, 0, 2, (index, what) => failures.push(`${index}: ${what}`))
    expect(failures).toEqual(['0: keeps 11 bytes', '1: keeps 11 bytes'])
    expect(report.keptBytes).toBe(11)
    expect(runFuzz(picky, 2, 0, 1, () => undefined).keptBytes).toBe(10)
  })

  it('runs whole calls of a target whose inputs build on each other, and numbers them by their first input', () => {
    const failures: string[] = []
    const stormy: FuzzTarget = {
      ...picky,
      inputsPerCall: 500,
      create: () => ({ counts: {}, kept: 0, call: (random) => `${random.next()}` }),
    }
    const note = (index: number, what: string) => failures.push(`${index}: ${what}`)
    expect(runFuzz(stormy, 7, 0, 1200, note)).toMatchObject({ inputs: 1500, failures: 3 })
    expect(failures.map((line) => line.split(':')[0])).toEqual(['0', '500', '1000'])
    expect(runFuzz(stormy, 7, 1000, 500, note)).toMatchObject({ inputs: 500, failures: 1 })
    expect(failures[3]).toBe(failures[2])
  })

  it('counts texts, arrays and numbers of a record, and nothing that is shared', () => {
    const shared = { bytes: 'x'.repeat(1000) }
    const state = {
      text: 'abc',
      count: 5,
      bytes: new Uint8Array(7),
      list: ['de', 'f'],
      none: undefined,
      shared,
      f() {},
    }
    expect(keptBytes(state, [shared])).toBe(3 + 8 + 7 + 3)
    expect(keptBytes(state)).toBe(3 + 8 + 7 + 3 + 1000)
  })
})

describe('the independent reading', () => {
  const flight = (sequence: number, key: Uint8Array, changes: Partial<Flight> = {}): Flight => ({
    sequence: String(sequence).padStart(4, '0'),
    key,
    acceptsClearAck: false,
    sureSeconds: 0,
    ...changes,
  })

  it.each([...REPLIES, ...ENCRYPTED_REPLIES])('takes $name for $means', (reply) => {
    const found = [...reading(`\n${reply.frame}\r`, flight(reply.sequence, KEYS[reply.key]))]
    expect(found).toEqual(reply.means === 'IGNORED' ? [] : [reply.means])
  })

  it('takes none of them for a kiss-off with another key, another sequence, or a byte changed', () => {
    for (const reply of [...REPLIES, ...ENCRYPTED_REPLIES].filter((entry) => entry.means === 'ACK')) {
      const bytes = `\n${reply.frame}\r`
      expect(reading(bytes, flight(reply.sequence, KEYS.KBIN)).has('ACK'), reply.name).toBe(false)
      expect(reading(bytes, flight(reply.sequence + 1, KEYS[reply.key])).has('ACK'), reply.name).toBe(false)
      const spoilt = bytes.replace('L0', 'L1')
      expect(reading(spoilt, flight(reply.sequence, KEYS[reply.key])).has('ACK'), reply.name).toBe(false)
    }
  })

  it('believes a clear ACK to an encrypted message only when it is told to', () => {
    const bytes = `\n${REPLIES[0].frame}\r`
    expect(reading(bytes, flight(1, KEYS.K128)).has('ACK')).toBe(false)
    expect(reading(bytes, flight(1, KEYS.K128, { acceptsClearAck: true })).has('ACK')).toBe(true)
  })

  it('reckons CRC and length of the frames from the field', () => {
    for (const frame of FIELD) {
      const body = frame.slice(8)
      expect(crcOf(body).toString(16).toUpperCase().padStart(4, '0') + lengthOf(body)).toBe(frame.slice(0, 8))
    }
  })
})

describe('the command', () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'hal-mock/programs/fuzz.ts', ...words], {
      cwd: ROOT,
      encoding: 'utf8',
    })

  it('ends with its count on the last line of output and 0, the rest on the other stream', () => {
    const { status, stdout, stderr } = run('--target', 'dc09-reply', '--runs', '500', '--seed', '3')
    expect([status, stdout]).toEqual([0, '500 inputs, 0 failures\n'])
    expect(stderr).toMatch(/^dc09-reply, seed 3: 500 inputs, 0 failures; .*ACK \d+.* of 1108 bytes; \d+ inputs\/s\n$/)
  })

  it('feeds every target when none is named, a line of counts each', () => {
    const { status, stdout, stderr } = run('--runs', '500')
    expect([status, stdout]).toEqual([0, `${500 * TARGETS.length} inputs, 0 failures\n`])
    expect(stderr.match(/^[a-z0-9-]+(?=, seed 1: 500 inputs, 0 failures)/gm)).toEqual(TARGETS.map(({ name }) => name))
  })

  it.each([
    [['--target', 'other'], /other.*dc09-reply/s],
    [['--target', 'dc09-reply', '--runs', 'many'], /--runs.*many.*whole number/s],
  ])('refuses %j and says what there is', (words, message) => {
    const { status, stderr } = run(...words)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(message)
  })
})
