// The fuzz command: 20 000 inputs for each target in every run of the tests, and a check that it sees what it is for.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TARGETS } from '../../../hal-mock/programs/fuzz'
import { crcOf, type Flight, lengthOf, reading } from '../../../hal-mock/programs/fuzz-dc09-reading'
import { type FuzzTarget, mutate, runFuzz } from '../../../hal-mock/programs/fuzz-target'
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
    // A run that reaches nothing proves nothing.
    for (const [what, count] of Object.entries(report.counts)) expect(count, what).toBeGreaterThan(RUNS / 100)
  })
})

describe('the runner', () => {
  /** Fails, or throws, for the inputs whose first number ends so. */
  const picky: FuzzTarget = {
    name: 'picky',
    what: 'nothing',
    create: () => ({
      counts: { seen: 0 },
      input(random) {
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

  it('changes what it mutates, nearly always', () => {
    const random = new Random(2)
    let changed = 0
    for (let round = 0; round < 1000; round++)
      if (mutate(random, 'abcdefghijkl', 'xyz', 'other') !== 'abcdefghijkl') changed++
    expect(changed).toBeGreaterThan(850)
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
    expect(stderr).toMatch(/^dc09-reply, seed 3: .*ACK \d+.*inputs\/s\n$/)
  })

  it.each([
    [['--runs', '5'], /--target/],
    [['--target', 'other'], /other.*dc09-reply/s],
    [['--target', 'dc09-reply', '--runs', 'many'], /--runs.*many.*whole number/s],
  ])('refuses %j and says what there is', (words, message) => {
    const { status, stderr } = run(...words)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(message)
  })
})
