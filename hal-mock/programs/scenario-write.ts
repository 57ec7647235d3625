/**
 * What was done by hand, as a scenario file that plays it again: each thing at its millisecond, and at the end what there is
 * to see, as expectations. Digits of codes stand in no file, so keys that spell one are named by their place in it.
 */

import { DEMO_CODES } from '../demo'
import { eventText } from '../simulator'
import type { Input, Setup, World } from './page-world'
import { LONGEST_MS } from './scenario-words'

/** Fewer digits in a row that a code begins with are just keys. */
const SPELLED_KEYS = 3

/** world: as it is at untilMs, which is later than the last input. */
export function writeScenario(setup: Setup, inputs: readonly Input[], world: World, untilMs: number): string {
  const lines = [
    'title Recorded by hand',
    `seed ${setup.seed}`,
    `limit ${Math.min(Math.ceil(untilMs / 60000) + 1, LONGEST_MS / 60000)} min`,
  ]
  if (setup.panel.length > 0) lines.push(`panel ${setup.panel.join(' ')}`)
  lines.push('')
  const named = withNames(inputs)
  inputs.forEach(({ atMs }, index) => {
    lines.push(`at ${time(atMs)} ${named[index]}`)
  })
  lines.push('', ...expectations(world).map((what) => `at ${time(untilMs)} expect ${what}`))
  return `${lines.join('\n')}\n`
}

function time(ms: number): string {
  return `${ms / 1000} s`
}

/** The lines, with the digits of codes named by their places. Keys of several presses in one line are pressed by one line. */
function withNames(inputs: readonly Input[]): string[] {
  const lines = inputs.map(({ line }) => line)
  // Only single presses are looked at: that is what a hand at the page does.
  const digits = inputs.map(({ verb, args }) =>
    verb === 'press' && args.length === 1 && /\d/.test(args[0]) ? args[0] : '',
  )
  const presses = inputs.flatMap(({ verb }, index) => (verb === 'press' ? [index] : []))
  for (let at = 0; at < presses.length; ) {
    const rest = presses.slice(at).map((index) => digits[index])
    const { name, count } = longest(rest)
    for (let place = 0; place < count; place++) lines[presses[at + place]] = `press key ${place + 1} of ${name}`
    at += Math.max(count, 1)
  }
  return lines
}

/** The code that most of the next keys spell from its first digit on. */
function longest(keys: string[]): { name: string; count: number } {
  let best = { name: '', count: 0 }
  for (const { name, digits } of DEMO_CODES) {
    let count = 0
    while (count < digits.length && keys[count] === digits.charAt(count)) count++
    if (count >= SPELLED_KEYS && count > best.count) best = { name, count }
  }
  return best
}

/** What is there now and does not change by itself. */
function expectations({ simulator }: World): string[] {
  const { onlooker, board } = simulator
  const [line = ''] = onlooker.now.text.split('|')
  const word = line.trim().split(/\s{2,}|\s\d/)[0]
  const list = [`siren ${onlooker.now.siren}`, `light ${onlooker.now.light}`]
  if (board.isPowered && /^[ -{}]{2,16}$/.test(word) && !/\d/.test(word)) list.unshift(`text "${word}"`)
  const heard = new Set(
    simulator.station
      .filter((event) => !event.isDuplicate)
      .map((event) => `station has ${eventText(event)} over ${event.via}`),
  )
  if (simulator.station.length === 0) list.push('station nothing')
  return [...list, ...heard]
}
