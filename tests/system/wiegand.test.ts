import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import { Wrong } from '../../firmware/io/wiegand'
import { type DemoConfig, demoConfig } from '../../hal-mock/demo'
import { panelSettings } from '../../hal-mock/premises'
import type { WiegandKeypad } from '../../hal-mock/wiegand'
import { Work } from '../../hal-mock/work'
import * as rigs from './panel-rig'

/** A panel whose first keypad is a Wiegand keypad (build A). */
function panel(settings: Partial<DemoConfig> = {}, options: { work?: Work } = {}): rigs.Rig {
  const config = panelSettings({ ...rigs.rigConfig(), ...settings }, ['wiegand'])
  const rig = rigs.start(1, rigs.firmware, config, options)
  rig.simulator.runTo(70000)
  return rig
}

function keypadOf(rig: rigs.Rig): WiegandKeypad {
  const keypad = rig.simulator.board.wiegand
  if (keypad === undefined) throw new Error('no Wiegand keypad')
  return keypad
}

function type(rig: rigs.Rig, keys: string, ms = 800): void {
  rig.simulator.runTo(rig.simulator.type(keys) + ms)
}

const wait = (rig: rigs.Rig, ms: number) => rig.simulator.runTo(rig.simulator.clock.nowMs + ms)
const text = (rig: rigs.Rig) => rig.simulator.onlooker.now.text

describe('a Wiegand keypad as the first one', () => {
  it.each([0, 150])(
    'has a beeper of its own, at pin %i, that sounds as the buzzer does, under duress too (D-31)',
    (beeper) => {
      const runs = [rigs.USER, rigs.DURESS].map((code) => {
        const config = panelSettings({ ...demoConfig(), abortSeconds: 0 }, ['wiegand'])
        const rig = rigs.start(1, rigs.firmware, { ...config, pins: { ...config.pins, beeper } }, { work: new Work() })
        rigs.reach(rig, 'entry')
        rigs.enter(rig, code)
        wait(rig, 20000)
        return rig.simulator.onlooker.sights
      })
      expect(runs[1]).toEqual(runs[0])
      const heard = (source: string) =>
        runs[0].flatMap((sight) => (sight.source === source ? [`${sight.atMs} ${sight.what}`] : []))
      expect(heard('beeper')).toEqual(heard('buzzer'))
      expect(heard('beeper').length).toBeGreaterThan(50)
    },
  )

  it.each([4, 8] as const)('arms and disarms with keys of %i bits, with jitter and a busy processor', (format) => {
    const rig = panel({}, { work: new Work() })
    Object.assign(keypadOf(rig), { format, jitterMs: 6 })
    type(rig, rigs.USER)
    expect(text(rig)).toContain('2 to arm')
    type(rig, '2#')
    wait(rig, 62000)
    expect(text(rig)).toMatch(/^ARMED AWAY/)
    expect(rig.simulator.onlooker.now['keypad led']).toBe('on')
    type(rig, rigs.USER)
    expect(text(rig)).toMatch(/^DISARMED/)
    expect(rig.simulator.onlooker.now['keypad led']).toBe('off')
  })

  it('takes whole codes in one frame, zeros in front as well', () => {
    const rig = panel({ codeLength: 4, wiegand: { keys: '0123456789*#----', isWhole: true } })
    keypadOf(rig).format = 26
    const table = rigs.panel(rig).codes
    for (const [slot, digits] of [
      [5, '0042'],
      [6, '4711'],
    ] as const) {
      app.storeCode(table, rigs.panel(rig).hal, slot, digits, slot + 1, false, 3, 255)
    }
    type(rig, '0042#', 2500)
    expect(text(rig)).toContain('2 to arm')
    wait(rig, 20000)
    type(rig, '4712#', 2500)
    expect(rigs.panel(rig).wrongCount).toBe(1)
    type(rig, '4711#', 2500)
    expect(text(rig)).toContain('2 to arm')
  })

  it('counts wrong codes and locks out as any keypad (L-1, L-2)', () => {
    const rig = panel()
    for (let count = 0; count < 5; count++) type(rig, rigs.WRONG, 1500)
    expect(text(rig)).toMatch(/^KEYPAD LOCKED/)
  })

  it('is lost when a line is low for 20 s, and back when it is not: 333, keypad 1 (S-6)', () => {
    const rig = panel()
    const sinceMs = rig.simulator.clock.nowMs
    keypadOf(rig).short(0, true)
    wait(rig, 30000)
    expect(app.keypadWrong(rigs.panel(rig))).toBe(Wrong.LOW)
    const heard = () => rigs.heard(rig, sinceMs).map((event) => event.slice(0, 11))
    expect(heard()).toEqual(['1333 01 001'])
    keypadOf(rig).short(0, false)
    wait(rig, 10000)
    expect(heard()).toEqual(['1333 01 001', '3333 01 001'])
    type(rig, rigs.USER)
    expect(text(rig)).toContain('2 to arm')
  })

  it('with exchanged lines does nothing and says why', () => {
    const rig = panel()
    expect(app.keypadWrong(rigs.panel(rig))).toBe(Wrong.SILENT)
    keypadOf(rig).isSwapped = true
    type(rig, '0123')
    expect(app.keypadWrong(rigs.panel(rig))).toBe(Wrong.SWAPPED)
  })

  it('tells nobody which key it was (K-9)', () => {
    const traces = ['1234', '9080'].map((keys) => {
      const rig = panel()
      const before = rig.lines.length
      type(rig, keys)
      return rig.lines.slice(before).map(({ atMs, source, what }) => `${atMs} ${source} ${what}`)
    })
    expect(traces[1]).toEqual(traces[0])
  })
})

describe('duress at a Wiegand keypad', () => {
  it.each([4, 8] as const)(
    'looks and sounds like the code of its user for two minutes, %i bits (D-4, D-31, D-37)',
    (format) => {
      const runs = [rigs.USER, rigs.DURESS].map((code) => {
        const rig = rigs.start(
          1,
          rigs.firmware,
          panelSettings({ ...demoConfig(), abortSeconds: 0 }, ['wiegand', 'loops']),
          {
            work: new Work(),
          },
        )
        keypadOf(rig).format = format
        rigs.reach(rig, 'entry')
        rigs.enter(rig, code)
        rig.simulator.runTo(rigs.READY_MS + 120000)
        return { sights: rig.simulator.onlooker.sights, heard: rigs.heard(rig, rigs.READY_MS) }
      })
      expect(runs[1].sights).toEqual(runs[0].sights)
      expect(runs[0].sights.filter(({ source }) => source === 'keypad led').length).toBeGreaterThan(1)
      expect(runs[1].heard.some((event) => event.startsWith(rigs.DURESS_EVENT))).toBe(true)
      expect(runs[0].heard.some((event) => event.startsWith('1121'))).toBe(false)
    },
  )

  it('panics: the chord keys are no chords there', () => {
    expect(demoConfig().options & 64).toBe(64)
    const rig = panel()
    const sinceMs = rig.simulator.clock.nowMs
    for (const key of ['1', '*']) keypadOf(rig).hold(key)
    wait(rig, 3000)
    expect(rigs.heard(rig, sinceMs)).toEqual([])
  })
})
