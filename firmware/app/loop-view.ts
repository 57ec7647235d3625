/**
 * What a loop reads, for an installer in front of the keypad (programming section 012): resistance, band, and how far that
 * is from the next one or what to look for. On a PC board/config/loop-advice.ts says the same in sentences.
 *
 *   Z03 4.68k secure    Z03 6.10k alarm     Z03 open tamper     Z03 6.55k secure
 *   margin 32%          wrong resistor      open                between bands
 *
 * The margin is the distance to the nearest limit of the band as a share of the limit. All of it follows from shares of 3.3 V
 * (loops.ts), as the judgement does; between bands the zone stays as it was (W-6). Does not judge: that is loops.ts.
 */

import * as bands from '../io/bands'
import * as loops from '../io/loops'
import type { App } from './state'

/** Of loops.ts: ends and beginnings of bands. */
const EDGES = 10
/** Less is no resistor any more, only cable. */
const SHORT_OHMS = 200
/** More is none. */
const OPEN_OHMS = 99950
/** A resistor that is further off than its ring says, and all that the cable may add. */
const WRONG = 0.12
/** Below it somebody's next cold morning is a fault. */
const NARROW = 0.08
/** By the state of a zone (zone-inputs.ts), six letters each. */
const WORDS = 'securealarm tamperfault masked'
const WORD_LENGTH = 6

/** Both lines for a zone, from 0 on; none for one whose loop is not measured. */
export function view(app: App, zone: number): string[] {
  const l = app.zones.loops
  const read = l === undefined ? [] : loops.reading(l, zone)
  if (l === undefined || read.length === 0) return []
  const loop = l.zones.indexOf(zone)
  const ohms = ohmsOf(read[1], l.pullUps[loop])
  const word = WORDS.substr(l.settled[loop] * WORD_LENGTH, WORD_LENGTH)
  const line1 = 'Z' + ('0' + (zone + 1)).slice(-2) + ' ' + ohmsText(ohms) + ' ' + word
  return [line1, isSilent(l, loop) ? 'no answer' : advice(l, loop, ohms)]
}

function ohmsOf(share: number, pullUp: number): number {
  return share >= 1 ? Infinity : (pullUp * share) / (1 - share)
}

/** '470', '4.68k', '12.4k', 'open': five letters at most. */
function ohmsText(ohms: number): string {
  if (ohms >= OPEN_OHMS) return 'open'
  if (ohms < 999.5) return '' + rounded(ohms)
  const point = ohms < 9995 ? 1 : 2
  const digits = '' + rounded(ohms / (point === 1 ? 10 : 100))
  return digits.substr(0, point) + '.' + digits.substr(point) + 'k'
}

function rounded(value: number): number {
  return Math.floor(value + 0.5)
}

/** Its converter did not answer last time: what it read is old. */
function isSilent(l: loops.Loops, loop: number): boolean {
  for (let index = 0; index < l.converters.length; index++) {
    const c = l.converters[index]
    if (loop >= c.first && loop < c.first + c.inputs.length) return c.failures > 0
  }
  return false
}

/** Resistance at an edge; 0 behind the last one. */
function edgeOf(l: loops.Loops, loop: number, edge: number): number {
  return edge < EDGES ? ohmsOf(l.shares[loop * EDGES + edge] / 65536, l.pullUps[loop]) : 0
}

function advice(l: loops.Loops, loop: number, ohms: number): string {
  let place = 0
  let above = edgeOf(l, loop, 0)
  while (above > 0 && ohms >= above) above = edgeOf(l, loop, ++place)
  if ((place & 1) === 1) return 'between bands'
  let margin = above > 0 ? 1 - ohms / above : 1
  if (place > 0) {
    const fromBelow = ohms / edgeOf(l, loop, place - 1) - 1
    if (fromBelow < margin) margin = fromBelow
  }
  if (l.styles[loop] >= bands.Style.SEOL) {
    if (above === 0) return 'open'
    if (place === 0) return ohms <= SHORT_OHMS ? 'short' : 'wrong resistor'
    const off = ohms / nominalOf(l, loop, place / 2) - 1
    if (off > WRONG || off < -WRONG) return 'wrong resistor'
  }
  const text = 'margin ' + rounded(margin * 100) + '%'
  return margin < NARROW ? text + ' low' : text
}

/** What a band with a resistor would read: half of the first one is a limit, others are means of two (W-1). */
function nominalOf(l: loops.Loops, loop: number, band: number): number {
  let nominal = (2 * edgeOf(l, loop, 0)) / (1 - bands.GAP)
  for (let at = 1; at < band; at++) {
    const limit = edgeOf(l, loop, 2 * at) / (1 - bands.GAP)
    nominal = (limit * limit) / nominal
  }
  return nominal
}
