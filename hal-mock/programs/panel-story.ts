/**
 * The story of a duress disarm, played at once and printed as lines: for a pipe, where there is nobody to type. It is
 * played a second time with the ordinary code, to say whether anybody at the panel could tell the two apart.
 */

import pc from 'picocolors'
import { DEMO_CODES, demoConfig } from '../demo'
import type { Sight } from '../onlooker'
import { PanelBench } from './panel-bench'
import { type Heard, help, stationLine, timeOfDay } from './panel-screen'

export interface Played {
  sights: Sight[]
  heard: Heard[]
}

/** From the last digit until the mode key: the panel answers a code after 400 ms. */
const MODE_KEY_PAUSE_MS = 800
/** 60 s of exit delay, and some. */
const ARMED_LIMIT_MS = 70000
const STEP_MS = 100
/** From the door to the first digit, and from the last digit to the end. */
const WALK_MS = 5000
const AFTERWARDS_MS = 15000

/** Prints the story. Returns the exit code: 0, or 1 when the call did not arrive or could be noticed. */
export function tell(seed: number, out: (line: string) => void): number {
  const plain = pc.createColors(false)
  for (const line of help(plain)) out(line)
  out('')
  out('Nobody types here, so this is that story, played at once. Times are virtual.')
  out('')
  const duress = play(seed, 'duress A', out)
  const calls = duress.heard.filter((entry) => entry.event.code === '121')
  out('')
  if (calls.length === 0) {
    out('The call for help did not arrive.')
    return 1
  }
  const ways = calls.map((entry) => entry.event.via).join(' and ')
  out(`The station has the call over ${ways}, ${Math.round(calls[0].afterKeyMs)} ms after the last key.`)
  const ordinary = play(seed, 'code A', () => undefined)
  if (JSON.stringify(duress.sights) !== JSON.stringify(ordinary.sights)) {
    out('With code A instead, something at the panel looked or sounded different.')
    return 1
  }
  if (ordinary.heard.some((entry) => entry.event.code === '121')) {
    out('With code A instead, the station was called all the same.')
    return 1
  }
  out(`With code A instead, the panel looked and sounded the same: ${duress.sights.length} changes of text, light and`)
  out(`sound, each at the same millisecond. The station then had no call for help but`)
  out(`${eventCodes(ordinary.heard)}: a 1602 is as long on the wire as the call.`)
  return 0
}

/** Arms with code A, opens and closes the door, enters the named code. Everything else is the same for every name. */
export function play(seed: number, codeName: string, out: (line: string) => void): Played {
  let isBooting = true
  let shown = ''
  const print = (atMs: number, source: string, what: string) => out(`${timeOfDay(atMs)}  ${source.padEnd(8)} ${what}`)
  const bench = new PanelBench({
    seed,
    place: '',
    onTrace: (atMs, source, what) => {
      if (isBooting) return
      if (source === 'premises' || source === 'light' || source === 'siren') print(atMs, source, what)
      if (source !== 'text' || isUnfinished(what) || withoutTime(what) === shown) return
      shown = withoutTime(what)
      print(atMs, 'display', `[${what.split('|').join('] [')}]`)
    },
    onHeard: (heard) => out(`${stationLine(heard)}`.trimEnd().replace(/^(\S+)/, '$1  station ')),
  })
  const simulator = bench.simulator
  const enter = (name: string) => {
    print(simulator.clock.nowMs, 'finger', `enters ${name}`)
    bench.runFor(simulator.type(digitsOf(name)) - simulator.clock.nowMs + MODE_KEY_PAUSE_MS)
  }
  bench.start()
  isBooting = false
  print(simulator.clock.nowMs, 'panel', 'is ready, and so are both of its paths')
  enter('code A')
  print(simulator.clock.nowMs, 'finger', 'presses 2 to arm')
  simulator.type('2')
  for (let ms = 0; ms < ARMED_LIMIT_MS && !simulator.onlooker.now.text.startsWith('ARMED'); ms += STEP_MS) {
    bench.runFor(STEP_MS)
  }
  bench.runFor(WALK_MS)
  bench.act({ verb: 'door', key: '' })
  bench.runFor(WALK_MS)
  bench.act({ verb: 'door', key: '' })
  enter(codeName)
  bench.runFor(AFTERWARDS_MS)
  return { sights: simulator.onlooker.sights, heard: bench.heard }
}

function digitsOf(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

/** While a code is typed a star is added with each digit: only the last of them is worth a line. */
function isUnfinished(text: string): boolean {
  const stars = /Code (\*+)/.exec(text)
  return stars !== null && stars[1].length < demoConfig().codeLength
}

/** A countdown's seconds and the time of day change by themselves. */
function withoutTime(text: string): string {
  return text.replace(/\d{3}s|\d\d:\d\d/g, '')
}

function eventCodes(heard: Heard[]): string {
  return heard.map((entry) => `${entry.event.qualifier}${entry.event.code}`).join(', ')
}
