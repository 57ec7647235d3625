/**
 * The keypad test in boards' own bundles: they boot from Storage in the modelled interpreter, a finger taps BOOT, and keypads are
 * wired wrong at the chips. docs/boards.md, A keypad that is wired wrong.
 */

import { describe, expect, it } from 'vitest'
import { DEMO_CODES, demoConfig } from '../../hal-mock/demo'
import { type Keys, MatrixKeypad } from '../../hal-mock/keypad'
import { panelSettings } from '../../hal-mock/premises'
import { boardBench } from '../../hal-mock/programs/espruino-panel'
import type { Simulator } from '../../hal-mock/simulator'
import * as built from '../built'
import { provision } from './provision'

type Bench = Simulator<unknown, unknown>

const DIGITS = DEMO_CODES.find((code) => code.name === 'code A')?.digits as string
const IDLE_MS = 300000
const STEP_MS = 50

/** A panel on that board, with hands that tap BOOT or do not. */
async function bench(board: string, words: string[]) {
  const hand = { isTapping: true }
  const { code } = await built.board(board)
  const isTapped = () => hand.isTapping
  const sim = boardBench(panelSettings(demoConfig(), words), { code, provision, isTapped })
  return { sim, hand }
}

const text = (sim: Bench) => sim.onlooker.now.text ?? ''
const wait = (sim: Bench, ms: number) => sim.runTo(sim.clock.nowMs + ms)

/** Presses what the display asks for, until it says `wanted`. */
function obey(sim: Bench, keys: Keys, wanted: string, limitMs = IDLE_MS): void {
  const untilMs = sim.clock.nowMs + limitMs
  for (let last = ''; sim.clock.nowMs < untilMs && !text(sim).includes(wanted); ) {
    wait(sim, STEP_MS)
    const now = text(sim)
    if (now === last) continue
    last = now
    const key = /PRESS (.)/.exec(now)?.[1]
    if (key !== undefined) keys.press(key, 150)
  }
  expect(text(sim)).toContain(wanted)
}

describe('a panel whose BOOT button is tapped after the reset', () => {
  it('that was armed tests keypads, tells nobody that it is armed, and 5 minutes later goes on being armed (P-2, K-9)', async () => {
    const { sim, hand } = await bench('devkitc-4x3', [])
    hand.isTapping = false
    sim.powerOn()
    wait(sim, 40000)
    wait(sim, sim.type(`${DIGITS}2`) - sim.clock.nowMs + 70000)
    expect(text(sim)).toContain('ARMED AWAY')
    const heard = sim.station.length
    sim.powerOff()
    wait(sim, 2000)
    hand.isTapping = true
    sim.powerOn()
    const from = sim.onlooker.sights.length
    wait(sim, 1000)
    expect(text(sim)).toBe('KEYPAD TEST 1   |HANDS OFF       ')
    obey(sim, sim.board.keypad, 'KEYPAD 1 OK')
    sim.setZone(1, true)
    wait(sim, IDLE_MS - 5000)
    sim.setZone(1, false)
    const shown = sim.onlooker.sights.slice(from)
    expect(shown.filter(({ what }) => /ARM|Code|\*/.test(what) && !/PRESS \*/.test(what))).toEqual([])
    expect(
      shown.filter(({ source }) => source === 'siren' || source === 'light').every(({ what }) => what === 'off'),
    ).toBe(true)
    expect(sim.station.length).toBe(heard)
    wait(sim, 15000)
    expect(text(sim)).toContain('ARMED AWAY')
  })

  it('devkitc-4x3 says which rows are swapped, and which column has no pull-up', async () => {
    const { sim } = await bench('devkitc-4x3', [])
    const keys = new MatrixKeypad(sim.clock, sim.board.pins, [14, 13, 15, 25], [27, 36, 39])
    sim.powerOn()
    obey(sim, keys, 'ROWS 1,2 SWAPPED')
    sim.powerOff()
    sim.board.pins.unsolder(36)
    sim.powerOn()
    obey(sim, keys, '|COL 2 NO PULL-UP')
  })

  it('devkitc-wiegand says that D0 and D1 are swapped, and OK when they are not', async () => {
    const { sim } = await bench('devkitc-wiegand', ['wiegand', 'loops'])
    const pad = sim.board.wiegand
    if (pad === undefined) throw new Error('no Wiegand keypad')
    pad.isSwapped = true
    sim.powerOn()
    obey(sim, pad, 'D0/D1 SWAPPED')
    sim.powerOff()
    pad.isSwapped = false
    sim.powerOn()
    obey(sim, pad, 'KEYPAD 1 OK')
  })

  it.each(['pcf8574', 'tca8418'])('devkitc-i2c with a %s: OK, and NO ANSWER', async (kind) => {
    const { sim } = await bench('devkitc-i2c', [kind, 'loops'])
    sim.powerOn()
    obey(sim, sim.board.keypad, 'KEYPAD 1 OK')
    sim.powerOff()
    sim.powerOn()
    sim.board.keypadChip?.setPower(false)
    obey(sim, sim.board.keypad, 'NO ANSWER')
  })
})
