import { describe, expect, it } from 'vitest'
import { difference, type Note } from '../../hal-mock/notes'
import { rankOf } from '../../hal-mock/onlooker'
import { acting, leakAt, leakNames } from './leaks'
import { compareTwins, emptyTally, firstDifference } from './twins'

const HISTORIES = 300
const SEED = 1
/** A leak is found in the directed histories or in one of so many more. */
const LEAK_HISTORIES = 100

describe('twins: one history, the ordinary or the duress code of the same user', () => {
  it(`nobody can tell ${HISTORIES} of them apart, to the millisecond (D-1 to D-22, D-33, D-34, D-37; acceptance test 1)`, () => {
    const tally = emptyTally()
    expect(compareTwins(HISTORIES, SEED, tally)).toBe('')
    expect(tally.histories).toBe(HISTORIES)
    // They are about something: the call went out, and the code came in each state.
    expect(tally.calls).toBeGreaterThan(HISTORIES / 2)
    const states = [...tally.moments.keys()].filter((word) => word.startsWith('partition')).join(' ')
    for (const state of ['disarmed', 'exit', 'armed', 'entry', 'alarm', 'quiet alarm']) expect(states).toContain(state)
    expect(tally.moments.get('locked')).toBeGreaterThan(5)
    expect(tally.moments.get('paths down+down')).toBeGreaterThan(5)
  }, 240000)
})

describe('planted leaks', () => {
  it('are all found, by somebody (D-37)', async () => {
    const all = await Promise.all(leakNames().map((_, index) => leakAt(index)))
    expect(all.length).toBeGreaterThanOrEqual(56)
    const missed = all.filter((leak) => firstDifference(LEAK_HISTORIES, SEED, () => leak.make()).told === '')
    expect(missed.map((leak) => leak.name)).toEqual([])
  }, 240000)

  it.each([
    'a text that stays in memory',
    'a list that grows by one with each code',
    'a number that is short until the first duress code',
  ])('are found where only memory shows them: %s', async (name) => {
    const leak = await leakAt(leakNames().indexOf(name))
    const { told } = firstDifference(LEAK_HISTORIES, SEED, () => leak.make())
    expect(told).toMatch(/^bench: \d+ ms heap: \d+ variables \| /)
  })

  it('show in the report of drawn histories, with the shortest one, and end the count', () => {
    const tally = emptyTally()
    const [from, count] = [20, 5]
    const leak = acting('an answer 10 ms later', 'code', (panel) => {
      panel.reactionAtMs += 10
    })
    const report = compareTwins(count, SEED, tally, from, () => leak.make())
    expect(report).toMatch(/^room.*: \d+ ms .* \| \d+ ms .*\nProperty failed after 1 tests\n{ seed: 1, path: "20[:"]/)
    expect(tally.histories).toBe(1)
  })

  it('are what is found, not the plant: with an act that does nothing nobody can tell', () => {
    const leak = acting('nothing', 'code', () => {})
    expect(firstDifference(3, SEED, () => leak.make()).told).toBe('')
  })
})

describe('what is compared', () => {
  const note = (atMs: number, text: string, rank: Note['rank'] = 'room'): Note => ({ rank, atMs, text })

  it('is each line with its time, for each rank by itself, and what one run has more than the other', () => {
    const base = [note(1, 'a'), note(2, 'b', 'wall'), note(3, 'c')]
    expect(difference(base, [...base])).toBeUndefined()
    expect(difference(base, [note(2, 'b', 'wall'), note(1, 'a'), note(3, 'c')])).toBeUndefined()
    expect(difference(base, [note(1, 'a'), note(2, 'b', 'wall'), note(4, 'c')])?.ranks).toEqual(['room'])
    expect(difference(base, [note(1, 'x'), note(2, 'y', 'wall'), note(3, 'c')])?.ranks).toEqual(['room', 'wall'])
    expect(difference(base, base.slice(0, 2))?.text).toBe('3 ms c | nothing')
  })

  it('knows who perceives what: not the station, not what a tester does', () => {
    expect(['text', 'siren', 'cellular', 'phone', 'flash'].map(rankOf)).toEqual([
      'room',
      'room',
      'wall',
      'phone',
      'bench',
    ])
    expect(['station', 'receiver', 'premises', 'finger', 'panel'].map(rankOf)).toEqual(Array(5).fill(undefined))
  })
})
