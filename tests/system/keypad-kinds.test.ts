import { describe, expect, it } from 'vitest'
import { playBoard, playShipped } from '../../hal-mock/programs/espruino-panel'
import { play } from '../../hal-mock/programs/play'
import { loadShipped } from '../../hal-mock/programs/shipped'
import type { Scenario } from '../../hal-mock/scenario'
import * as built from '../built'
import { provision } from './provision'

/** Whatever brings the keys and however zones are wired: the story is the same, and so is what anybody sees of it. */

const KINDS: string[][] = [[], ['loops'], ['wiegand'], ['wiegand', 'loops']]
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

describe('the bundle of board devkitc-wiegand, booted from Storage', () => {
  it.each(['duress', 'disarm', 'burglary'])('keeps every expectation of %s, with loops at an ADS1115', async (name) => {
    const board = await built.board('devkitc-wiegand')
    const played = playBoard(story(name, ['wiegand', 'loops']), { code: board.code, provision })
    expect(played.outcome.failures).toEqual([])
  })
})
