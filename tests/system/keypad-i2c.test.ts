import { describe, expect, it } from 'vitest'
import { demoConfig } from '../../hal-mock/demo'
import { panelSettings } from '../../hal-mock/premises'
import { Work } from '../../hal-mock/work'
import * as rigs from './panel-rig'

type Kind = 'pcf8574' | 'tca8418'
const KINDS: Kind[] = ['pcf8574', 'tca8418']

/** A panel whose first keypad is at a chip on I2C (build B). */
function panel(kind: Kind, options: { hasInterrupt?: boolean; work?: Work } = {}): rigs.Rig {
  const config = panelSettings(rigs.rigConfig(), [kind])
  if (options.hasInterrupt === false) config.pins.keypadInterrupt = undefined
  const rig = rigs.start(1, rigs.firmware, config, { work: options.work })
  rig.simulator.runTo(70000)
  return rig
}

function type(rig: rigs.Rig, keys: string, ms = 800): void {
  rig.simulator.runTo(rig.simulator.type(keys) + ms)
}

const wait = (rig: rigs.Rig, ms: number) => rig.simulator.runTo(rig.simulator.clock.nowMs + ms)
const text = (rig: rigs.Rig) => rig.simulator.onlooker.now.text
const chipOf = (rig: rigs.Rig) => {
  const chip = rig.simulator.board.keypadChip
  if (chip === undefined) throw new Error('no chip')
  return chip
}

describe.each(KINDS)('a first keypad at a %s', (kind) => {
  it.each([true, false])('arms and disarms, INT wired: %s, with a processor that takes its time', (hasInterrupt) => {
    const rig = panel(kind, { hasInterrupt, work: new Work() })
    type(rig, rigs.USER)
    expect(text(rig)).toContain('2 to arm')
    type(rig, '2#')
    wait(rig, 62000)
    expect(text(rig)).toMatch(/^ARMED AWAY/)
    type(rig, rigs.USER)
    expect(text(rig)).toMatch(/^DISARMED/)
  })

  it('is asked once a second at rest with INT, fifty times without', () => {
    const transfers = [true, false].map((hasInterrupt) => {
      const rig = panel(kind, { hasInterrupt })
      const before = chipOf(rig).transfers
      wait(rig, 10000)
      return (chipOf(rig).transfers - before) / 10
    })
    expect(transfers[0]).toBeLessThanOrEqual(20)
    expect(transfers[1]).toBeGreaterThanOrEqual(90)
  })

  it('is lost without its chip for 20 s, and back with it: 333, keypad 1 (S-6)', () => {
    const rig = panel(kind)
    const sinceMs = rig.simulator.clock.nowMs
    const heard = () => rigs.heard(rig, sinceMs).map((event) => event.slice(0, 11))
    chipOf(rig).setPower(false)
    wait(rig, 18000)
    expect(heard()).toEqual([])
    wait(rig, 10000)
    expect(heard()).toEqual(['1333 01 001'])
    chipOf(rig).setPower(true)
    wait(rig, 10000)
    expect(heard()).toEqual(['1333 01 001', '3333 01 001'])
    type(rig, rigs.USER)
    expect(text(rig)).toContain('2 to arm')
  })

  it('panics with its chords (K-3), and nothing of a key stands in the trace (K-9)', () => {
    const rig = panel(kind)
    const sinceMs = rig.simulator.clock.nowMs
    for (const key of ['1', '*']) rig.simulator.board.keypad.hold(key)
    wait(rig, 3000)
    expect(new Set(rigs.heard(rig, sinceMs).map((event) => event.slice(0, 4)))).toEqual(new Set(['1122']))
    const traces = ['1234', '9080'].map((keys) => {
      const other = panel(kind)
      const before = other.lines.length
      type(other, keys)
      return other.lines.slice(before).map(({ atMs, source, what }) => `${atMs} ${source} ${what}`)
    })
    expect(traces[1]).toEqual(traces[0])
  })

  it('looks and sounds the same under duress for two minutes, work included (D-4, D-31, D-37)', () => {
    const runs = [rigs.USER, rigs.DURESS].map((code) => {
      const config = panelSettings({ ...demoConfig(), abortSeconds: 0 }, [kind, 'loops'])
      const rig = rigs.start(1, rigs.firmware, config, { work: new Work() })
      rigs.reach(rig, 'entry')
      rigs.enter(rig, code)
      rig.simulator.runTo(rigs.READY_MS + 120000)
      return { sights: rig.simulator.onlooker.sights, heard: rigs.heard(rig, rigs.READY_MS) }
    })
    expect(runs[1].sights).toEqual(runs[0].sights)
    expect(runs[1].heard.some((event) => event.startsWith(rigs.DURESS_EVENT))).toBe(true)
  })
})
