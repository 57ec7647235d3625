// Anything done in any order, with the way back in between: the run repeats itself (page-record.ts checks each mark that comes
// again), and a file of it plays the same.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exported } from '../../../hal-mock/programs/page-exports'
import { Session } from '../../../hal-mock/programs/page-session'
import { play } from '../../../hal-mock/programs/play'
import { parse } from '../../../hal-mock/programs/scenario-file'

const LINES = [
  'press 1',
  'enter code A',
  'enter duress A',
  'arm with code A',
  'open zone 1',
  'close zone 1',
  'open zone 2',
  'cut ethernet',
  'restore ethernet',
  'break internet behind cellular',
  'mend internet behind cellular',
  'ethernet loses 30 %',
  'cellular delays 100 ms to 2 s',
  'modem reboots',
  'sim removed',
  'receiver silent',
  'receiver ack',
  'cut power',
  'restore power',
  'cut power at flash operation 2 after 4 bytes',
  'snapshot here',
]

type Doing =
  | { do: 'act'; line: string }
  | { do: 'pass'; ms: number }
  | { do: 'go'; share: number }
  | { do: 'step' }
  | { do: 'idle' }

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('act' as const), line: fc.constantFrom(...LINES) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(7, 400, 3000, 20000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('go' as const), share: fc.double({ min: 0, max: 1.1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'step' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'idle' as const }) },
)

function follow(session: Session, list: Doing[]): void {
  for (const one of list) {
    switch (one.do) {
      case 'act':
        session.act(one.line)
        break
      case 'pass':
        session.run(1)
        for (let ms = 0; ms < one.ms; ms += 250) session.tick(Math.min(250, one.ms - ms))
        session.run(0)
        break
      case 'go':
        session.go(session.view().endMs * one.share)
        break
      case 'step':
        session.step()
        for (let count = 0; count < 20 && session.view().isStepping; count++) session.tick(0)
        session.run(0)
        break
      default:
        session.tick(0)
    }
  }
}

describe('a random session', () => {
  it('repeats itself, and its file plays the same to the byte', () => {
    fc.assert(
      fc.property(fc.array(doing, { minLength: 4, maxLength: 14 }), (list) => {
        const session = new Session({ setup: { seed: 1, panel: [] } })
        session.run(0)
        follow(session, list)
        // Through all that is known once more.
        const { nowMs, endMs } = session.view()
        session.go(1)
        session.go(endMs)
        session.go(nowMs)
        const text = String(exported('scenario', session).bytes)
        const { lines, outcome } = play(parse(text, 'recorded'))
        expect(outcome.failures).toEqual([])
        expect(`${lines.join('\n')}\n`).toBe(String(exported('trace', session).bytes))
      }),
      { numRuns: 25, seed: 20261127 },
    )
  })
})
