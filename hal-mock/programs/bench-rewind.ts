/**
 * How long the page takes to go back: a day at full speed in which somebody comes and goes every other hour, then moments all
 * over it in any order. The first few as soon as the day is over and one right after the other, so that no world that waits in
 * the past (page-past.ts) is made again in between; the others a second apart, as long as one looks at a moment. For the panel
 * that the page has at first, and for the demo panel, whose contacts cost less to look at.
 */

import { Random } from '../random'
import type { Row } from './bench-row'
import { PAGE_PANEL } from './page'
import { Session } from './page-session'

const DAY_MS = 24 * 3600000
const VISIT_MS = 2 * 3600000
const MOMENTS = 40
/** Of these, at once; and ticks of the page in a second. */
const AT_ONCE = 5
const IDLE_TICKS = 40
const GOAL_MS = 300
/** Gone through in turn, one each time. */
const VISITS = ['arm with code A', 'open zone 2', 'enter code A', 'close zone 2']

export function rewindRows(say: (text: string) => void): Row[] {
  return [...rowsOf("the page's panel", PAGE_PANEL, say), ...rowsOf('the demo panel', [], say)]
}

function rowsOf(name: string, panel: string[], say: (text: string) => void): Row[] {
  say(`a day to go back into, ${name} ...`)
  const session = new Session({ setup: { seed: 1, panel } })
  const fromMs = performance.now()
  for (let visit = 0; visit * VISIT_MS < DAY_MS; visit++) {
    session.act(VISITS[visit % VISITS.length])
    session.run('max')
    while (session.view().nowMs < (visit + 1) * VISIT_MS) session.tick(0)
  }
  session.run(0)
  const daySeconds = (performance.now() - fromMs) / 1000
  // One moment in each stretch of the day, in any order.
  const random = new Random(1)
  const stretches = Array.from({ length: MOMENTS }, (_, at) => at)
  let longestMs = 0
  while (stretches.length > 0) {
    const [at] = stretches.splice(random.below(stretches.length), 1)
    session.go(((at + random.below(1000) / 1000) * DAY_MS) / MOMENTS)
    longestMs = Math.max(longestMs, session.view().wentMs)
    const isIdle = stretches.length < MOMENTS - AT_ONCE
    for (let tick = 0; tick < IDLE_TICKS && isIdle; tick++) session.tick(0)
  }
  return [
    {
      name: `a way to a moment of a day, the longest of ${MOMENTS}: ${name}`,
      value: longestMs,
      unit: 'ms',
      goal: GOAL_MS,
      better: 'lower',
    },
    {
      name: '  the day before that, with the worlds in its past',
      value: Number(daySeconds.toFixed(1)),
      unit: 's',
      goal: null,
      better: 'lower',
    },
  ]
}
