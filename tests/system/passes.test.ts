// What shares no pass: a panel's passes are kept short, because a key that is pressed and released within one is lost.

import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import * as house from './house-rig'
import * as rigs from './panel-rig'

const SECOND_MS = 1000

/** A panel at rest for some seconds: what each of its passes moved on. */
function rest(seconds: number): { atMs: number; isUpkeep: boolean; isDispatch: boolean }[] {
  const passes: { atMs: number; isUpkeep: boolean; isDispatch: boolean }[] = []
  const poll = (panel: app.App) => {
    const { upkeepAtMs, dispatchAtMs } = panel
    const nextMs = app.poll(panel)
    passes.push({
      atMs: panel.clock.nowMs(),
      isUpkeep: panel.upkeepAtMs !== upkeepAtMs,
      isDispatch: panel.dispatchAtMs !== dispatchAtMs,
    })
    return nextMs
  }
  const rig = house.start({ firmware: { create: app.create, poll } })
  rig.simulator.runTo(60 * SECOND_MS)
  expect(rigs.panel(rig).queue.count).toBe(0)
  passes.length = 0
  rig.simulator.runTo((60 + seconds) * SECOND_MS)
  return passes
}

describe('a panel at rest', () => {
  it('has upkeep once a second and the paths every two, never both in one pass, none of them late', () => {
    const passes = rest(20)
    const upkeeps = passes.filter(({ isUpkeep }) => isUpkeep)
    const turns = passes.filter(({ isDispatch }) => isDispatch)
    expect(upkeeps.length).toBeGreaterThanOrEqual(19)
    expect(upkeeps.length).toBeLessThanOrEqual(21)
    expect(turns.length).toBeGreaterThanOrEqual(9)
    expect(turns.length).toBeLessThanOrEqual(11)
    for (const { isUpkeep, isDispatch } of passes) expect(isUpkeep && isDispatch).toBe(false)
    for (const { atMs } of [...upkeeps, ...turns]) expect(atMs % SECOND_MS).toBeLessThan(200)
  })
})
