// The runner of scenarios, by itself: a firmware of a few lines stands in for the panel, so that what is seen is the
// runner's doing. The real firmware's stories are in programs/scenario-file.test.ts and programs/scenario.test.ts.

import { describe, expect, it } from 'vitest'
import type { Hal } from '../../firmware/hal'
import { type DemoConfig, demoConfig } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { parse } from '../../hal-mock/programs/scenario-file'
import type { StationEvent } from '../../hal-mock/receiver'
import { ScenarioRun, traceLine, type World } from '../../hal-mock/scenario'
import { eventText, type Firmware, Simulator } from '../../hal-mock/simulator'

/** GPIO of the siren and of zone 1 on the demo panel. */
const SIREN = 4
const ZONE_1 = 34

interface Toy {
  hal: Hal
}

/** The siren follows zone 1, looked at every 10 ms; path 0 is ready from 1 s on. */
const toy: Firmware<Toy, null> = {
  makeCodes: () => null,
  storeCode: () => undefined,
  create: (hal: Hal, _config: DemoConfig) => {
    hal.pins.mode(SIREN, 'output')
    hal.pins.mode(ZONE_1, 'input')
    return { hal }
  },
  poll: ({ hal }) => {
    hal.pins.write(SIREN, hal.pins.read([ZONE_1]))
    return hal.clock.nowMs() + 10
  },
  wake: () => false,
  pathState: ({ hal }, index) => (index === 0 && hal.clock.nowMs() >= 1000 ? 1 : 0),
}

function event(qualifier: number, code: string, via: string, isDuplicate = false): StationEvent {
  return {
    account: '1234',
    sequence: 1,
    qualifier,
    code,
    partition: 1,
    number: 3,
    via,
    isEncrypted: true,
    isDuplicate,
    name: '',
    isPriority: false,
    stamp: '',
    occurred: '',
  }
}

function start(text: string, world?: World) {
  const trace: string[] = []
  const simulator = new Simulator<unknown, unknown>({
    firmware: toy as Firmware<unknown, unknown>,
    config: demoConfig(),
    crypto: nodeCrypto,
    seed: 1,
    onTrace: (atMs, source, what) => trace.push(`${atMs} ${source} ${what}`),
  })
  const run = new ScenarioRun(simulator, parse(text, 'test'), world)
  const report = (atMs: number, entry: StationEvent) => simulator.clock.after(atMs, () => simulator.noteEvent(entry))
  return { simulator, run, trace, report }
}

function outcomeOf(text: string) {
  const { run } = start(text)
  run.advanceTo(run.scenario.limitMs)
  return run.outcome
}

describe('an expectation', () => {
  it('at an instant is judged there: the siren is on 10 ms after the zone opens and not before', () => {
    const text = 'at 5 s open zone 1\nat 5 s expect siren off\nat 5010 ms expect siren on\nat 6 s expect siren off'
    const outcome = outcomeOf(text)
    expect(outcome.passed).toBe(2)
    expect(outcome.failures).toEqual([{ line: 4, text: 'at 6 s expect siren off', atMs: 6000, found: 'siren is on' }])
  })

  it('by a time holds as soon as it is so once, and fails at its end', () => {
    const pulse = 'at 5 s open zone 1\nby 9 s expect siren on\nat 6 s close zone 1\nby 8 s expect light on'
    const outcome = outcomeOf(pulse)
    expect(outcome.passed).toBe(1)
    expect(outcome.failures).toMatchObject([{ line: 4, atMs: 8000, found: 'light is off' }])
  })

  it('over a span fails at the first moment it is not so, and holds at its end', () => {
    const outcome = outcomeOf('from 1 s to 4 s expect siren off\nfrom 1 s to 9 s expect siren off\nat 5 s open zone 1')
    expect(outcome.passed).toBe(1)
    expect(outcome.failures).toMatchObject([{ line: 2, found: 'siren is on' }])
    expect(outcome.failures[0].atMs).toBeGreaterThanOrEqual(5000)
    expect(outcome.failures[0].atMs).toBeLessThanOrEqual(5010)
  })

  it('of a path is down before the first look and without power, and up from when it is ready', () => {
    const outcome = outcomeOf(
      'at 0 s expect ethernet down\nat 2 s expect ethernet up\nat 2 s expect cellular down\nat 3 s cut power\n' +
        'at 4 s expect ethernet down\nat 4 s expect ethernet up',
    )
    expect(outcome.passed).toBe(4)
    expect(outcome.failures).toMatchObject([{ line: 6, found: 'the path is without power' }])
  })
})

describe('what the station has', () => {
  const judge = (words: string) => {
    const { run, report } = start(`at 9 s expect station ${words}`)
    report(1000, event(3, '401', 'ethernet'))
    report(2000, event(1, '121', 'cellular'))
    report(2010, event(1, '121', 'ethernet', true))
    report(3000, event(1, '401', 'ethernet'))
    run.advanceTo(10000)
    return run.outcome.passed === 1
  }

  it.each([
    ['has 1121', true],
    ['has 1121 over ethernet', true],
    ['has 1121 01 004', false],
    ['has 1131', false],
    ['lacks 1131', true],
    ['lacks 1121', false],
    ['lacks 1401 over cellular', true],
    ['once 1121', true],
    ['once 1121 over cellular', true],
    ['once 1121 over ethernet', false],
    ['once 3401 01 003', true],
    ['first 3401', true],
    ['first 3401 over cellular', false],
    ['first 1121', false],
    ['order 3401 1121 1401', true],
    ['order 3401 1401', true],
    ['order 1401 1121', false],
    ['order 1121 1121', false],
    ['nothing', false],
  ])('station %s: %s', (words, isTrue) => {
    expect(judge(words)).toBe(isTrue)
  })

  it('is nothing while it has nothing', () => {
    expect(outcomeOf('at 5 s expect station nothing').passed).toBe(1)
    expect(outcomeOf('at 5 s expect station has 1121').failures[0].found).toBe('the station has nothing')
  })

  it('is listed in a failure with path and copies', () => {
    const { run, report } = start('at 5 s expect station has 1131')
    report(1000, event(1, '121', 'cellular'))
    report(2000, event(1, '121', 'ethernet', true))
    run.advanceTo(10000)
    const list = 'the station has 1121 01 003 over cellular; 1121 01 003 over ethernet (copy)'
    expect(run.outcome.failures[0].found).toBe(list)
  })

  it('has its events by qualifier, code, partition and number', () => {
    expect(eventText({ ...event(3, '401', ''), partition: 7, number: 42 })).toBe('3401 07 042')
  })
})

describe('a station that cannot be asked', () => {
  it('is not judged, and waited for as long', () => {
    const { run, report } = start(
      'at 1 s press 1\nby 5 s expect station has 1121\nfrom 1 s to 7 s expect station lacks 1121',
      {
        hasStation: false,
      },
    )
    report(2000, event(1, '121', 'cellular'))
    run.advanceTo(6999)
    expect(run.isDone()).toBe(false)
    run.advanceTo(7000)
    expect(run.isDone()).toBe(true)
    expect(run.outcome).toEqual({ failures: [], passed: 0, notJudged: 2, ranPastLimit: false })
  })

  it('leaves everything else judged', () => {
    const { run } = start('at 1 s expect station nothing\nat 1 s expect siren on', { hasStation: false })
    run.advanceTo(2000)
    expect(run.outcome).toMatchObject({ passed: 0, notJudged: 1, failures: [{ line: 2 }] })
  })
})

describe('a run', () => {
  it('ends at its limit and says how many steps were left', () => {
    const { run } = start('limit 5 s\nat 5 s expect siren off\nby 6 s expect siren on\nat 7 s press 1')
    run.advanceTo(60000)
    expect(run.outcome).toEqual({ failures: [], passed: 1, notJudged: 0, ranPastLimit: true })
    expect(run.leftCount()).toBe(2)
    expect(run.isDone()).toBe(false)
  })

  it('does not run on when its last expectation is judged', () => {
    const { run, simulator } = start('limit 5 s\nby 4 s expect siren off')
    run.advanceTo(5000)
    expect(run.outcome.ranPastLimit).toBe(false)
    expect(simulator.clock.nowMs).toBe(0)
  })

  it('gives the same outcome in steps of 7 ms and in one', () => {
    const text = 'at 1 s open zone 1\nby 2 s expect siren on\nfrom 1.5 s to 3 s expect siren on\nat 3 s expect light on'
    const inOne = start(text)
    inOne.run.advanceTo(4000)
    const inSteps = start(text)
    for (let atMs = 0; atMs <= 4000; atMs += 7) inSteps.run.advanceTo(atMs)
    expect(inSteps.run.outcome).toEqual(inOne.run.outcome)
    expect(inSteps.trace).toEqual(inOne.trace)
  })

  it('moves zones, cables, the internet, power and the receiver as it is told', () => {
    const receiver = { mode: 'ack' as const }
    const { run, simulator, trace } = start(
      'at 1 s open zone 1\nat 2 s close zone 1\nat 3 s cut ethernet\nat 4 s restore ethernet\n' +
        'at 5 s break internet behind cellular\nat 6 s mend internet behind cellular\nat 7 s cut power\n' +
        'at 8 s restore power\nat 9 s receiver duh',
      { receiver },
    )
    run.advanceTo(3500)
    expect(simulator.ethernet.isUp()).toBe(false)
    run.advanceTo(5500)
    expect([simulator.ethernet.isUp(), simulator.cellular.isUp(), simulator.cellular.carries()]).toEqual([
      true,
      true,
      false,
    ])
    run.advanceTo(7500)
    expect([simulator.cellular.carries(), simulator.board.isPowered]).toEqual([true, false])
    run.advanceTo(10000)
    expect([simulator.board.isPowered, receiver.mode, simulator.receiver.mode]).toEqual([true, 'duh', 'ack'])
    for (const line of [
      '1000 premises zone 1 opens',
      '2000 premises zone 1 closes',
      '3000 world ethernet cut',
      '4000 world ethernet restored',
      '5000 world internet behind cellular broken',
      '6000 world internet behind cellular mended',
      '7000 power off',
      '8000 power on',
    ]) {
      expect(trace).toContain(line)
    }
  })

  it('tells the receiver inside when no other is named', () => {
    const { run, simulator } = start('at 1 s receiver silent')
    run.advanceTo(2000)
    expect(simulator.receiver.mode).toBe('silent')
  })

  it('presses a key every 200 ms, six for a code, and 2 and # when arming 800 ms after them', () => {
    const { run, trace } = start(
      'at 1 s press 1 2\nat 3 s enter code A\nat 6 s arm with code B\nat 9 s press *\nat 9.1 s expect siren off',
    )
    run.advanceTo(10000)
    const atMs = trace.filter((line) => line.endsWith('finger presses a key')).map((line) => parseInt(line))
    const code = (startMs: number) => [0, 200, 400, 600, 800, 1000].map((delayMs) => startMs + delayMs)
    expect(atMs).toEqual([1000, 1200, ...code(3000), ...code(6000), 8000, 8200, 9000])
  })
})

describe('traceLine', () => {
  it('writes at, source and what, in this order', () => {
    expect(traceLine(12, 'text', 'A|"B"')).toBe('{"at":12,"source":"text","what":"A|\\"B\\""}')
  })
})
