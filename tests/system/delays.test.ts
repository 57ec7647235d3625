import { afterEach, describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import * as partition from '../../firmware/panel/partition'
import * as parts from '../../firmware/parts'
import * as house from './house-rig'
import * as rigs from './panel-rig'

/** As app.ts has it: what a delay's end needs is made from so long before it. */
const AHEAD_MS = 250
/** On Node no code is made or dropped (firmware/parts.ts): names stand in for it. */
const SENDS = 'what sends'
const OTHER = 'what zones and time do'

/** An exit delay that ends soon, paths at rest, all code made; and when it ends. Each pass leaves its time in `passesMs`. */
function leaving(passesMs: number[] = [], onPass: () => void = () => {}) {
  let isReady = false
  const poll = (panel: app.App) => {
    passesMs.push(panel.clock.nowMs())
    const nextMs = app.poll(panel)
    if (isReady) onPass()
    return nextMs
  }
  const rig = house.start({ firmware: { create: app.create, poll } })
  rig.simulator.runTo(40000)
  house.choose(rig, house.MASTER, '2')
  const panel = rigs.panel(rig)
  const endMs = panel.premises.dueMs
  expect(panel.premises.partitions[0].state).toBe(partition.EXIT)
  rig.simulator.runTo(endMs - AHEAD_MS - 1)
  expect(panel.queue.count).toBe(0)
  parts.drop(parts.NOTHING)
  for (let part = 0; part < parts.SENDING; part++) parts.loaded[part] = SENDS
  parts.loaded[parts.SENDING] = OTHER
  isReady = true
  return { rig, panel, endMs }
}

afterEach(() => parts.drop(parts.NOTHING))

const made = () => parts.loaded.filter((name) => name !== undefined)

describe('the end of a delay', () => {
  it('finds room: what sends is dropped before the rest is made, and not made meanwhile, for both take too much memory', () => {
    const { rig, panel, endMs } = leaving()
    expect(made()).toContain(SENDS)
    rig.simulator.runTo(endMs - AHEAD_MS)
    expect(made()).toEqual([OTHER])
    // A null message that is due waits for the end, and is off after it.
    panel.dispatchAtMs = endMs - 100
    rig.simulator.runTo(endMs - 1)
    expect(panel.dispatchAtMs).toBe(endMs)
    rig.simulator.runTo(endMs)
    expect(panel.premises.partitions[0].state).toBe(partition.ARMED)
    rig.simulator.runTo(endMs + 100)
    expect(panel.dispatchAtMs).toBeGreaterThan(endMs)
  })

  it('has four passes before it, each of which makes a part, 50 ms apart, and comes at its exact time', () => {
    const passesMs: number[] = []
    const { rig, panel, endMs } = leaving(passesMs)
    const steps: number[] = []
    for (let atMs = endMs - AHEAD_MS; atMs < endMs; atMs += 50) {
      rig.simulator.runTo(atMs)
      steps.push(panel.delayStep)
      if (atMs < endMs - 50) expect(passesMs).toContain(atMs)
    }
    expect(steps.slice(0, 4)).toEqual([3, 4, 5, 6])
    expect(panel.premises.partitions[0].state).toBe(partition.EXIT)
    rig.simulator.runTo(endMs)
    expect(passesMs).toContain(endMs)
    expect(panel.premises.partitions[0].state).toBe(partition.ARMED)
  })

  it('is kept in a pass of its own, and shown in a later one, never before (A-38, P-1)', () => {
    const states: [number, number][] = []
    const { rig, panel, endMs } = leaving([], () => states.push([panel.premises.partitions[0].state, panel.keepAtMs]))
    const since = rig.lines.length
    rig.simulator.runTo(endMs + 5)
    const ended = states.findIndex(([state]) => state === partition.ARMED)
    expect(states[ended][1]).toBe(endMs)
    expect(states[ended + 1]).toEqual([partition.ARMED, Infinity])
    const lines = rig.lines.slice(since).filter(({ source }) => source === 'flash' || source === 'text')
    const written = lines.findIndex(({ source }) => source === 'flash')
    const shown = lines.findIndex(({ source, what }) => source === 'text' && what.startsWith('ARMED'))
    expect(written).toBeGreaterThanOrEqual(0)
    expect(shown).toBeGreaterThan(written)
  })

  it('keeps what was made for it through the full second at which all else is dropped', () => {
    for (const beforeMs of [110, 160, 220]) {
      const { rig, panel, endMs } = leaving()
      // So that the full second falls within.
      rig.simulator.runTo(endMs - AHEAD_MS + 5)
      panel.upkeepAtMs = endMs - beforeMs
      rig.simulator.runTo(endMs - 1)
      expect(made(), `${beforeMs} ms`).toEqual([OTHER])
      expect(panel.upkeepAtMs).toBeGreaterThan(endMs - beforeMs)
    }
  })

  it('holds up nothing that is owed: 122 of a silent chord is kissed off before the delay ends (D-13, K-5)', () => {
    const { rig, panel, endMs } = leaving()
    rig.simulator.runTo(endMs - 240)
    app.keyPressed(panel, 'P', panel.clock.nowMs())
    rig.simulator.runTo(endMs - 1)
    expect(house.events(rig, endMs - 240).filter((event) => event.startsWith('1122'))).toHaveLength(1)
    rig.simulator.runTo(endMs + 100)
    expect(panel.premises.partitions[0].state).toBe(partition.ARMED)
  })

  it('begins anew for the next one when a code ended it meanwhile', () => {
    const { rig, panel, endMs } = leaving()
    rig.simulator.runTo(endMs - 100)
    expect(panel.delayStep).toBeGreaterThan(2)
    house.keys(rig, house.MASTER.digits, 3000)
    house.wait(rig, 70000)
    house.choose(rig, house.MASTER, '2')
    expect(panel.premises.partitions[0].state).toBe(partition.EXIT)
    house.wait(rig, 2000)
    expect(panel.delayStep).toBe(2)
  })
})
