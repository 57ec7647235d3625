/**
 * How long the page takes to go back: a day of the demo panel, quiet and armed, then moments all over it. Worlds wait at
 * posts (page-past.ts); what it takes until all of them stand there again is told too.
 */

import { Random } from '../random'
import type { Row } from './bench-row'
import { Session } from './page-session'

const DAY_MS = 24 * 3600000
const MOMENTS = 40
/** Idle time of the page between two of them: this many ticks. */
const IDLE_TICKS = 40
const GOAL_MS = 300

export function rewindRows(say: (text: string) => void): Row[] {
  say('a day to go back into ...')
  const session = new Session({ setup: { seed: 1, panel: [] } })
  session.act('arm with code A')
  session.run('max')
  while (session.view().nowMs < DAY_MS) session.tick(0)
  session.run(0)
  const random = new Random(1)
  const fromMs = performance.now()
  while (session.tick(0));
  const readySeconds = (performance.now() - fromMs) / 1000
  let longestMs = 0
  for (let count = 0; count < MOMENTS; count++) {
    session.go(random.below(DAY_MS))
    longestMs = Math.max(longestMs, session.view().wentMs)
    for (let idle = 0; idle < IDLE_TICKS; idle++) session.tick(0)
  }
  return [
    {
      name: `a way to a moment of a day, the longest of ${MOMENTS}`,
      value: longestMs,
      unit: 'ms',
      goal: GOAL_MS,
      better: 'lower',
    },
    {
      name: '  until it is so after the day, in idle time',
      value: Math.round(readySeconds),
      unit: 's',
      goal: null,
      better: 'lower',
    },
  ]
}
