/** What is no mistake in a panel's file, but what an installer should know: one sentence each. */

import type { BoardMap } from '../boards/index'
import type { Panel } from './schema'

type Rule = (panel: Panel, map: BoardMap) => string | false | undefined

const RULES: Rule[] = [
  ({ receivers }) => {
    const clear = receivers.filter(({ key }) => key === '').map(({ host }) => host)
    return (
      clear.length > 0 &&
      `no key for ${clear.join(', ')}: reports go there in clear, so anybody on the way can read a duress event (D-34)`
    )
  },
  ({ duressCodes, receivers, users }) =>
    duressCodes &&
    users.every(({ duressOf }) => duressOf === undefined) &&
    receivers.some(({ isMonitoring }) => isMonitoring) &&
    (users.length === 0
      ? 'users is left out: ./flash.sh asks for codes, and for the duress code of each user'
      : 'no user has a duress code: give somebody one with duressOf, or a master does at the keypad (D-2, D-3)'),
  ({ receivers }) =>
    receivers.every(({ isMonitoring }) => !isMonitoring) &&
    'no receiver has isMonitoring: a duress code is refused, because nobody would hear the call (D-19)',
  ({ category, receivers }) =>
    category.startsWith('SP') &&
    receivers.some(({ paths }) => paths === 'both') &&
    `category ${category} proves one path, and reports use two: use DP1 to DP4 (S-8)`,
  ({ matchedTraffic, users }) =>
    !matchedTraffic &&
    users.some(({ duressOf }) => duressOf !== undefined) &&
    'matchedTraffic is false: on the wires a duress code sends more than an ordinary one (D-34)',
  ({ testHours }) => testHours === 0 && 'testHours is 0: nobody notices a panel that has died (S-10)',
  ({ zones }, map) => {
    const outside = zones.filter(({ pin }) => pin !== undefined && pin >= 34 && pin <= 39)
    return (
      outside.length > 0 &&
      `${outside.map(({ name, pin }) => `${name} (GPIO${pin})`).join(', ')}: no pull-up inside, 10k to 3.3 V needed (${map.name})`
    )
  },
]

/** Of a sound panel with its pins in place (compile.wired). */
export function adviceFor(panel: Panel, map: BoardMap): string[] {
  return [...RULES.map((rule) => rule(panel, map) || ''), ...map.notes].filter((text) => text !== '')
}
