import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import type { Hal } from '../../firmware/hal'
import * as lcd from '../../firmware/io/lcd'
import { demoConfig } from '../../hal-mock/demo'
import type { Sight } from '../../hal-mock/onlooker'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { parse } from '../../hal-mock/programs/scenario-file'
import { ScenarioRun } from '../../hal-mock/scenario'
import { Simulator } from '../../hal-mock/simulator'
import * as rigs from './panel-rig'

/** From the commit of a code to all that can be seen of it (D-31). */
const REACTION_MS = 400
/** How long a run goes on after the code: longer than a lockout, notes and an entry delay. */
const AFTERMATH_MS = 120000
const MISTYPED_MS = 60000

/** The first sight in which two onlookers differ; '' when both saw the same, times included. */
function difference(left: Sight[], right: Sight[]): string {
  const count = Math.max(left.length, right.length)
  for (let index = 0; index < count; index++) {
    const seen = [left[index], right[index]].map((sight) =>
      sight ? `${sight.atMs} ms ${sight.source} ${sight.what}` : 'nothing',
    )
    if (seen[0] !== seen[1]) return seen.join(' / ')
  }
  return ''
}

interface Twin {
  rig: rigs.Rig
  commitMs: number
  sights: Sight[]
}

type World = 'paths up' | 'paths dead'

interface Options {
  world?: World
  seed?: number
  firmware?: rigs.PanelFirmware
  /** How long it goes on after the code. */
  aftermathMs?: number
}

/** A story up to a state, a code, and what comes of it; a minute later somebody mistypes (D-16). */
function run(code: string, state: rigs.StateName, options: Options = {}): Twin {
  const rig = rigs.start(options.seed, options.firmware)
  const endMs = rigs.READY_MS + (options.aftermathMs ?? AFTERMATH_MS)
  if (options.world === 'paths dead') {
    rig.simulator.setLink('ethernet', false)
    rig.simulator.setLink('cellular', false)
  }
  rigs.reach(rig, state)
  rigs.enter(rig, code)
  const commitMs = rigs.commitMs(rig, rigs.READY_MS)
  if (endMs > rigs.READY_MS + MISTYPED_MS) {
    rig.simulator.runTo(rigs.READY_MS + MISTYPED_MS)
    rigs.enter(rig, rigs.WRONG)
  }
  rig.simulator.runTo(endMs)
  return { rig, commitMs, sights: rig.simulator.onlooker.sights }
}

describe('twins: one seed, one story, the user code or the duress code', () => {
  const ROWS = rigs.STATES.flatMap((state) => [[state, 'paths up'] as const, [state, 'paths dead'] as const])

  it.each(ROWS)('look and sound the same for 120 s: %s, %s (D-4, D-15, D-17, D-20 to D-22, D-37)', (state, world) => {
    const user = run(rigs.USER, state, { world })
    const duress = run(rigs.DURESS, state, { world })
    expect(difference(user.sights, duress.sights)).toBe('')
    // The call for help did go out, but for dead paths.
    const events = rigs.heard(duress.rig, rigs.READY_MS).map((event) => event.slice(0, 11))
    expect(events.includes(rigs.DURESS_EVENT)).toBe(world === 'paths up')
    expect(rigs.heard(user.rig, rigs.READY_MS).some((event) => event.startsWith('1121'))).toBe(false)
    expect(rigs.sightsSince(duress.rig, duress.commitMs + REACTION_MS).length).toBeGreaterThan(0)
  })

  it.each(ROWS)('write to flash the same up to the answer: %s, %s (D-30, D-33)', (state, world) => {
    const operations = [rigs.USER, rigs.DURESS, rigs.WRONG].map((code) => {
      const { rig, commitMs } = run(code, state, { world, aftermathMs: 3000 })
      return [REACTION_MS - 1, REACTION_MS].map((ms) => rigs.flashOperations(rig, commitMs, commitMs + ms))
    })
    // Before the answer one record for any code; with it the log and what ends, the same for user and duress.
    for (const [before] of operations) expect(before).toEqual(['write 28 bytes'])
    expect(operations[1][1]).toEqual(operations[0][1])
  })

  it.each([2, 3, 4, 5, 6, 7, 8, 9])('look and sound the same with seed %i (D-37)', (seed) => {
    const left = run(rigs.USER, 'entry', { seed })
    const right = run(rigs.DURESS, 'entry', { seed })
    expect(difference(left.sights, right.sights)).toBe('')
  })

  it('look the same with the codes of two users, but not with a wrong one: the comparison can fail', () => {
    expect(difference(run(rigs.USER, 'armed').sights, run(rigs.OTHER_USER, 'armed').sights)).toBe('')
    expect(difference(run(rigs.USER, 'armed').sights, run(rigs.WRONG, 'armed').sights)).not.toBe('')
  })

  it('stay the same over a power cut and a restart 60 s after the code (D-21, P-4)', () => {
    const sights = [rigs.USER, rigs.DURESS].map((code) => {
      const rig = rigs.start()
      rigs.reach(rig, 'entry')
      rigs.enter(rig, code)
      rig.simulator.runTo(rigs.READY_MS + 60000)
      rig.simulator.powerOff()
      rig.simulator.runTo(rigs.READY_MS + 90000)
      rig.simulator.powerOn()
      rig.simulator.runTo(rigs.READY_MS + 290000)
      return rig.simulator.onlooker.sights
    })
    expect(difference(sights[0], sights[1])).toBe('')
  })

  it('stay the same when armed and disarmed again afterwards (D-21)', () => {
    const sights = [rigs.USER, rigs.DURESS].map((code) => {
      const rig = rigs.start()
      rigs.reach(rig, 'alarm')
      rigs.enter(rig, code)
      rig.simulator.runTo(rigs.READY_MS + 30000)
      rigs.arm(rig, code)
      rigs.trip(rig, 1, rigs.READY_MS + 130000)
      rigs.enter(rig, rigs.OTHER_USER)
      rig.simulator.runTo(rigs.READY_MS + 290000)
      return rig.simulator.onlooker.sights
    })
    expect(difference(sights[0], sights[1])).toBe('')
  })
})

describe('the shipped stories disarm and duress', () => {
  function play(name: string): { sights: Sight[]; failures: number } {
    const path = fileURLToPath(new URL(`../../hal-mock/scenarios/${name}.txt`, import.meta.url))
    const scenario = parse(readFileSync(path, 'utf8'), name)
    const config = demoConfig()
    const simulator = new Simulator({ firmware: panelFirmware, config, crypto: nodeCrypto, seed: 7 })
    const story = new ScenarioRun(simulator, scenario)
    story.advanceTo(scenario.limitMs)
    simulator.runTo(scenario.limitMs)
    return { sights: simulator.onlooker.sights, failures: story.outcome.failures.length }
  }

  it('pass, and the onlooker sees the same for 10 min, entry for entry', () => {
    const [disarm, duress] = [play('disarm'), play('duress')]
    expect([disarm.failures, duress.failures]).toEqual([0, 0])
    expect(disarm.sights.length).toBeGreaterThan(100)
    expect(difference(disarm.sights, duress.sights)).toBe('')
  })
})

describe('planted leaks', () => {
  type Act = (panel: app.App, nowMs: number) => void
  type When = 'with the code' | 'with the answer'

  /** Firmware with a fault that shows under duress only: act() comes once, right after the code or after its answer. */
  function leaky(when: When, act: Act): rigs.PanelFirmware {
    let isDone = false
    return {
      ...rigs.firmware,
      poll(panel) {
        const nextMs = app.poll(panel)
        // Its text comes in the pass after its tone.
        const isAnswered = panel.reactionAtMs === Infinity && panel.showAtMs > panel.hal.clock.nowMs()
        if (isDone || panel.premises.partitions[0].silent === 0 || (when === 'with the answer' && !isAnswered))
          return nextMs
        isDone = true
        const nowMs = panel.hal.clock.nowMs()
        act(panel, nowMs)
        return nowMs
      },
    }
  }

  function pulse(panel: app.App, pin: number, level: number): void {
    panel.hal.pins.write(pin, level)
    panel.hal.pins.write(pin, 1 - level)
  }

  function show(panel: app.App, line: 0 | 1, text: string, nowMs: number): void {
    lcd.show(panel.lcd, line, text)
    panel.lcdAtMs = nowMs
  }

  // biome-ignore format: one leak a line
  const LEAKS: [string, When, Act][] = [
    ['another text', 'with the answer', (panel, nowMs) => show(panel, 1, 'User 03', nowMs)],
    ['one dot more', 'with the answer', (panel, nowMs) => show(panel, 0, `${panel.lcd.want.slice(0, 9)}.`, nowMs)],
    ['a text before the answer', 'with the code', (panel, nowMs) => show(panel, 1, 'Sending', nowMs)],
    ['a blink of the light', 'with the code', (panel) => pulse(panel, panel.config.pins.light, 0)],
    ['a click of the siren', 'with the answer', (panel) => pulse(panel, panel.config.pins.siren, 1)],
    ['a beep that is 10 ms longer', 'with the answer', (panel) => {
      panel.sounder.dueMs += 10
      panel.sounderAtMs += 10
    }],
    ['a key click cut short', 'with the code', (panel) => panel.hal.pins.write(panel.config.pins.buzzer, 0)],
    ['an answer 10 ms later', 'with the code', (panel) => { panel.reactionAtMs += 10 }],
    ['an answer 1 ms earlier', 'with the code', (panel) => { panel.reactionAtMs -= 1 }],
    ['a note that stays 1 s longer', 'with the answer', (panel) => {
      panel.noteUntilMs += 1000
      panel.showAtMs = 0
    }],
    ['a count of wrong codes that stays', 'with the answer', (panel) => { panel.wrongCount = 4 }],
  ]

  it.each(LEAKS)('would show: %s', (_name, when, act) => {
    const user = run(rigs.USER, 'entry', { firmware: leaky(when, act) })
    const duress = run(rigs.DURESS, 'entry', { firmware: leaky(when, act) })
    expect(difference(user.sights, duress.sights)).not.toBe('')
  })

  it('would show: one more write to flash (D-33)', () => {
    const firmware = leaky('with the code', (panel) => panel.hal.flash.write(4096 * 8, new Uint8Array(4)))
    const { rig, commitMs } = run(rigs.DURESS, 'entry', { firmware, aftermathMs: 3000 })
    expect(rigs.flashOperations(rig, commitMs, commitMs + REACTION_MS - 1)).not.toEqual(['write 28 bytes'])
  })

  it('are what is found, not the plant: without an act nothing differs', () => {
    const firmware = () => leaky('with the code', () => {})
    const user = run(rigs.USER, 'entry', { firmware: firmware() })
    const duress = run(rigs.DURESS, 'entry', { firmware: firmware() })
    expect(difference(user.sights, duress.sights)).toBe('')
  })
})

describe('digits of codes', () => {
  /** A code as text, as the keypad's bytes with 10 or 0 for 0, and packed two digits a byte either way round. */
  function disguises(code: string): number[][] {
    const digits = [...code].map(Number)
    const pairs = [0, 2, 4].map((at) => digits.slice(at, at + 2))
    const number = Number(code)
    return [
      [...code].map((digit) => digit.charCodeAt(0)),
      digits,
      digits.map((digit) => digit || 10),
      pairs.map(([high, low]) => high * 16 + low),
      pairs.map(([high, low]) => low * 16 + high),
      [number >> 16, (number >> 8) & 255, number & 255],
      [number & 255, (number >> 8) & 255, number >> 16],
    ]
  }

  /** Names of the places in which a code was found. */
  function finds(places: { [name: string]: Uint8Array }): string[] {
    const found: string[] = []
    for (const code of [rigs.USER, rigs.DURESS, rigs.WRONG]) {
      for (const bytes of disguises(code)) {
        const needle = Buffer.from(bytes)
        for (const [name, place] of Object.entries(places)) if (Buffer.from(place).includes(needle)) found.push(name)
      }
    }
    return found
  }

  /** Every number and text that the panel's records hold, as bytes in order. */
  function recordsOf(value: unknown, seen: Set<unknown> = new Set()): number[] {
    if (typeof value === 'number') return [value & 255]
    if (typeof value === 'string') return [...value].map((character) => character.charCodeAt(0))
    if (typeof value !== 'object' || value === null || seen.has(value)) return []
    seen.add(value)
    if (ArrayBuffer.isView(value)) return [...(value as Uint8Array)]
    if (Array.isArray(value)) return value.flatMap((inner) => recordsOf(inner, seen))
    return Object.values(value).flatMap((inner) => [0, ...recordsOf(inner, seen)])
  }

  function places(): { [name: string]: Uint8Array } {
    const wire: number[] = []
    const rig = rigs.start(1, {
      ...rigs.firmware,
      create(hal, config, table, boot) {
        const spi: Hal['spi'] = {
          transfer: (frame) => {
            wire.push(...frame)
            return hal.spi.transfer(frame)
          },
        }
        const uart: Hal['uart'] = {
          write: (text) => {
            wire.push(...Buffer.from(text, 'latin1'))
            hal.uart.write(text)
          },
          read: () => hal.uart.read(),
        }
        const i2c: Hal['i2c'] = {
          readFrom: (address, count) => hal.i2c.readFrom(address, count),
          writeTo: (address, bytes) => {
            wire.push(...(typeof bytes === 'number' ? [bytes] : bytes))
            hal.i2c.writeTo(address, bytes)
          },
        }
        return app.create({ ...hal, spi, uart, i2c }, config, table, boot)
      },
    })
    rigs.reach(rig, 'entry')
    for (const code of [rigs.WRONG, rigs.DURESS, rigs.USER]) {
      rigs.enter(rig, code)
      rig.simulator.runTo(rig.simulator.clock.nowMs + 1000)
    }
    const lines = rig.lines.map((line) => `${line.source} ${line.what}`).join('\n')
    const sights = rig.simulator.onlooker.sights.map((sight) => sight.what).join('\n')
    const panel: Partial<app.App> = { ...rigs.panel(rig) }
    delete panel.hal // leads to the bench
    panel.codes = { ...rigs.panel(rig).codes, secret: new Uint8Array(0), tags: new Uint16Array(0) } // noise, by design
    const chips = new Set<unknown>([rigs.panel(rig).hal.pins, rigs.panel(rig).hal.flash, rigs.panel(rig).hal.crypto])
    return {
      flash: rig.simulator.board.flash.image(),
      trace: Buffer.from(lines),
      onlooker: Buffer.from(sights),
      wires: Uint8Array.from(wire),
      records: Uint8Array.from(recordsOf(panel, chips)),
    }
  }

  it('stand in no flash page, trace, text, wire or record after three codes (C-12, C-13, K-9, E-6)', () => {
    const found = places()
    for (const place of Object.values(found)) expect(place.length).toBeGreaterThan(100)
    expect(finds(found)).toEqual([])
  })

  it('would be found in each of these disguises', () => {
    for (const bytes of disguises(rigs.DURESS))
      expect(finds({ place: Uint8Array.from([1, ...bytes, 2]) })).toEqual(['place'])
  })
})
