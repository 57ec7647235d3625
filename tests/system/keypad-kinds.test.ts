import { describe, expect, it } from 'vitest'
import { playBoard, playShipped } from '../../hal-mock/programs/espruino-panel'
import { play } from '../../hal-mock/programs/play'
import { loadShipped } from '../../hal-mock/programs/shipped'
import type { Scenario } from '../../hal-mock/scenario'
import * as built from '../built'
import { provision } from './provision'

/** Whatever brings the keys and however zones are wired: the story is the same, and so is what anybody sees of it. */

const KINDS: string[][] = [
  [],
  ['loops'],
  ['wiegand'],
  ['wiegand', 'loops'],
  ['pcf8574', 'loops'],
  ['tca8418'],
  ['outputs', 'loops'],
]
const { code } = await built.firmware()

const story = (name: string, panel: string[]): Scenario => ({ ...loadShipped(name), panel })

describe.each(KINDS)('a panel with %s %s', (...panel) => {
  const words = panel.filter((word) => word !== undefined)

  it('keeps every expectation of duress, and shows the same as disarm does (D-4, D-31)', () => {
    const [duress, disarm] = ['duress', 'disarm'].map((name) => play(story(name, words)))
    expect([duress.outcome.failures, disarm.outcome.failures]).toEqual([[], []])
    expect(duress.simulator.onlooker.sights).toEqual(disarm.simulator.onlooker.sights)
  })

  it('plays duress in the modelled interpreter with the trace of the source, to the byte', () => {
    const shipped = playShipped(story('duress', words), { code })
    expect(shipped.outcome.failures).toEqual([])
    expect(shipped.lines).toEqual(play(story('duress', words)).lines)
  })
})

describe('a board’s own bundle, booted from Storage, with loops at an ADS1115', () => {
  const BOARDS = [
    ['devkitc-wiegand', 'wiegand'],
    ['devkitc-i2c', 'pcf8574'],
    ['devkitc-i2c', 'tca8418'],
  ]
  const ROWS = BOARDS.flatMap(([name, kind]) => ['duress', 'burglary'].map((told) => [name, kind, told]))

  it.each(ROWS)('%s, keypad %s, keeps every expectation of %s', async (name, kind, told) => {
    const board = await built.board(name)
    const played = playBoard(story(told, [kind, 'loops']), { code: board.code, provision })
    expect(played.outcome.failures).toEqual([])
  })
})
