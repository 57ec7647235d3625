/**
 * Loops with resistors, as an installer writes them: their fields, and whether the panel can tell their states apart with
 * what measures them (W-1, W-4, W-5). The sum behind a refusal is told with it.
 */

import * as bands from '../../firmware/io/bands'
import { choice, fields, whole } from './fields'
import { isForLife, type ZoneTypeName } from './zone-types'

/** Satel's range, the widest in the field (panel-behaviour.md §3.1). */
const OHMS = [500, 15000] as const
export const STYLES = ['NC', 'NO', 'SEOL', 'DEOL', 'TEOL'] as const
export type StyleName = (typeof STYLES)[number]

const resistor = (what: string) => whole(OHMS[0], OHMS[1], 'ohms', what, 'W-1').optional()

export const loopField = fields({
  style: choice(STYLES, 'How the zone is wired', 'W-1'),
  eolOhms: resistor('Resistor at the end of the line, for SEOL, DEOL, TEOL'),
  alarmOhms: resistor('Resistor across the alarm contact, for DEOL, TEOL'),
  faultOhms: resistor('Resistor across the fault contact, for TEOL'),
  pullUpOhms: whole(1000, 22000, 'ohms', 'Resistor from the input to 3.3 V', 'W-3').default(4700),
  tolerancePercent: whole(1, 5, '%', 'Of the resistors', 'W-5').default(5),
  learned: whole(1, 4094, '', 'Reading of this input of the ESP32 with the zone at rest', 'W-2').optional(),
})
  .optional()
  .describe('Its wiring. Left out: a contact that opens (NC).')

export interface LoopSettings {
  style: StyleName
  eolOhms?: number
  alarmOhms?: number
  faultOhms?: number
  pullUpOhms: number
  tolerancePercent: number
  learned?: number
}

/** What measures a loop: how far off it may be, in words as well. */
export interface FrontEnd {
  name: string
  /** Share by which a voltage may read wrong, and from where on the ESP32's curve makes it worse. */
  error: number
  bendMillivolts: number
  /** Lowest and highest voltage that it tells from 0 and 3.3 V. */
  lowMillivolts: number
  highMillivolts: number
}

const SUPPLY_MILLIVOLTS = 3300
/** hardware.md §3.7: below the one the ESP32 reads 0, above the other it bends, and from the third on it may read its last code. */
const OWN = { bendMillivolts: 2450, lowMillivolts: 150, highMillivolts: 2950 }
const BEND_ERROR = 0.08
const CHIP = { bendMillivolts: Infinity, lowMillivolts: 10 }
/** W-5: two cores of cable. And of each pull-up. */
const CABLE_OHMS = 100
const PULL_UP_TOLERANCE = 0.01
/** Neighbouring nominals (W-5); with resistors of 1 %, which the same sum allows. */
const RATIO = 1.6
const CLOSE_RATIO = 1.3
/** The chips' references spread so far (hardware.md §3.7). */
const REFERENCE_SPREAD = 100 / 1100
const STEP_MILLIVOLTS = 0.8056
const ZERO_MILLIVOLTS = 142

/** The ADS1115, whose 3.3 V is measured or that of a regulator; the ESP32's own ADC, with a divider, a noted reading, or as it is. */
export function frontEnd(pin: number, hasSupply: boolean, hasDivider: boolean, isLearned: boolean): FrontEnd {
  if (pin >= FIRST_INPUT) {
    const error = hasSupply ? 0.003 : 0.03
    const name = hasSupply ? 'an ADS1115 that measures 3.3 V as well' : 'an ADS1115'
    return { ...CHIP, name, error, highMillivolts: SUPPLY_MILLIVOLTS * (1 - error) - 10 }
  }
  if (isLearned) return { ...OWN, name: 'the ADC of the ESP32 with a reading at rest', error: 0.02 }
  if (hasDivider) return { ...OWN, name: 'the ADC of the ESP32 with its divider', error: 0.02 }
  return { ...OWN, name: 'the ADC of the ESP32 as it is', error: 0.1 }
}

/** First pin of an ADS1115: 192 + 4 * chip + input, chip 0 at 0x48. */
export const FIRST_INPUT = 192
export const LAST_INPUT = 207

/** Detectors that close: an open loop is a fault there (§3.2). */
const CLOSING: ZoneTypeName[] = ['fire', 'fireVerified', 'heat', 'pullStation', 'waterflow', 'carbonMonoxide']

export function styleOf(loop: LoopSettings, type: ZoneTypeName): bands.Style {
  if (loop.style === 'NC') return bands.Style.NC
  if (loop.style === 'NO') return bands.Style.NO
  if (loop.style === 'SEOL') return CLOSING.includes(type) ? bands.Style.CLOSING : bands.Style.SEOL
  return loop.style === 'DEOL' ? bands.Style.DEOL : bands.Style.TEOL
}

/** Resistances of its states, the smallest first, and what the panel takes for each of them. */
export interface Band {
  /** SECURE to MASKED of zone-inputs.ts. */
  state: number
  fromOhms: number
  toOhms: number
  /** Undefined for a short, and for an open loop. */
  nominalOhms: number | undefined
}

export function bandsOf(loop: LoopSettings, type: ZoneTypeName): Band[] {
  const style = styleOf(loop, type)
  const resistors = [loop.eolOhms ?? 0, loop.alarmOhms ?? 0, loop.faultOhms ?? 0] as const
  const nominals = bands.nominals(style, ...resistors)
  const edges = [0, ...bands.edges(style, ...resistors), Infinity]
  return [...bands.statesOf(style)].map((state, at) => ({
    state: Number(state),
    fromOhms: edges[2 * at],
    toOhms: edges[2 * at + 1],
    nominalOhms: nominals[at - 1],
  }))
}

/** What a resistance may read as, in ohms, with everything off that may be (W-5). */
export function readRange(nominalOhms: number, loop: LoopSettings, end: FrontEnd): [least: number, most: number] {
  const off = loop.tolerancePercent / 100
  const volts = (ohms: number, pullUp: number) => (SUPPLY_MILLIVOLTS * ohms) / (ohms + pullUp)
  const least = volts(nominalOhms * (1 - off), loop.pullUpOhms * (1 + PULL_UP_TOLERANCE))
  const most = volts(nominalOhms * (1 + off) + CABLE_OHMS, loop.pullUpOhms * (1 - PULL_UP_TOLERANCE))
  const error = (millivolts: number) => (millivolts > end.bendMillivolts ? Math.max(end.error, BEND_ERROR) : end.error)
  const ohms = (millivolts: number) =>
    millivolts >= SUPPLY_MILLIVOLTS ? Infinity : (loop.pullUpOhms * millivolts) / (SUPPLY_MILLIVOLTS - millivolts)
  return [ohms(least * (1 - error(least))), ohms(most * (1 + error(most)))]
}

type Tell = (path: (string | number)[], value: unknown, advice: string) => void

interface LoopZone {
  type: ZoneTypeName
  pin?: number
  loop?: LoopSettings
}

interface LoopPanel {
  zones: LoopZone[]
  loopSupply?: number
  pins?: { adcDivider?: number }
}

/** What zones and what measures them have wrong together. */
export function brokenLoops(panel: LoopPanel, tell: Tell): void {
  const { zones, loopSupply, pins } = panel
  zones.forEach(({ type, pin, loop }, at) => {
    const path = ['zones', at, 'loop']
    if (pin !== undefined && pin === loopSupply)
      tell(['loopSupply'], loopSupply, `give it another input, zone ${at + 1} has this one`)
    if (loop === undefined) {
      if (pin !== undefined && pin >= FIRST_INPUT)
        tell(path, undefined, 'give the style of its wiring, an ADS1115 measures (W-1)')
      return
    }
    if (!hasResistors(loop, path, tell) || pin === undefined || !fits(loop, type, pin, path, tell)) return
    const end = frontEnd(pin, loopSupply !== undefined, pins?.adcDivider !== undefined, loop.learned !== undefined)
    if (loop.eolOhms === undefined) return
    if (!isApart(loop, path, tell) || !isLikely(loop, path, tell)) return
    const told = sum(loop, type, end)
    const isBlind = end.error >= REFERENCE_SPREAD && loop.alarmOhms !== undefined
    if (told === '' && !isBlind) return
    const better = pin >= FIRST_INPUT ? 'loopSupply' : 'pins.adcDivider, or learned, or an ADS1115'
    const reason =
      told === '' ? `${end.name} cannot tell alarm from tamper on every chip (${sums(loop, type, end)})` : told
    tell(path, loop.style, `give ${better}, or another pullUpOhms: ${reason} (W-5)`)
  })
}

/** Each style has its own resistors, and no others. */
function hasResistors(loop: LoopSettings, path: (string | number)[], tell: Tell): boolean {
  const rank = Math.max(STYLES.indexOf(loop.style) - 1, 0) // NC and NO none, SEOL one ...
  let isSound = true
  const names = ['eolOhms', 'alarmOhms', 'faultOhms'] as const
  names.forEach((name, at) => {
    const isWanted = at < rank
    if (isWanted === (loop[name] !== undefined)) return
    isSound = false
    tell(
      [...path, name],
      loop[name],
      isWanted ? `give it for ${loop.style} (W-1)` : `leave it out for ${loop.style} (W-1)`,
    )
  })
  return isSound
}

function fits(loop: LoopSettings, type: ZoneTypeName, pin: number, path: (string | number)[], tell: Tell): boolean {
  const isOwn = pin >= 32 && pin < 64
  if (loop.style !== 'NC' && loop.style !== 'NO' && pin < FIRST_INPUT && !isOwn) {
    tell(
      [...path, 'style'],
      loop.style,
      `use NC or NO at pin ${pin}, or an input that measures: 192 to 207 of an ADS1115, GPIO32 to 39 (W-4)`,
    )
    return false
  }
  if (loop.alarmOhms !== undefined && isForLife(type) && CLOSING.includes(type)) {
    tell([...path, 'style'], loop.style, 'use SEOL, detectors of fire and CO close their loop (§3.1)')
    return false
  }
  if (loop.learned !== undefined && (!isOwn || loop.eolOhms === undefined)) {
    tell([...path, 'learned'], loop.learned, 'leave it out, only a loop with resistors at GPIO32 to 39 has one (W-2)')
    return false
  }
  return true
}

/** W-5. */
function isApart(loop: LoopSettings, path: (string | number)[], tell: Tell): boolean {
  const known = bands.nominals(styleOf(loop, 'perimeter'), loop.eolOhms ?? 0, loop.alarmOhms ?? 0, loop.faultOhms ?? 0)
  if (loop.faultOhms !== undefined && loop.alarmOhms !== undefined && loop.faultOhms >= loop.alarmOhms) {
    tell([...path, 'faultOhms'], loop.faultOhms, `give less than the ${ohmsText(loop.alarmOhms)} of alarmOhms (W-1)`)
    return false
  }
  const least = loop.tolerancePercent === 1 ? CLOSE_RATIO : RATIO
  for (let at = 1; at < known.length; at++) {
    if (known[at] >= known[at - 1] * least) continue
    const ratio = Math.round((known[at] / known[at - 1]) * 100) / 100
    const closer =
      loop.tolerancePercent === 1 || ratio < CLOSE_RATIO ? '' : ', or 1 % resistors with tolerancePercent 1'
    tell(
      path,
      loop.style,
      `use resistors whose states differ by ${least} or more${closer}: ${ohmsText(known[at - 1])} and ${ohmsText(known[at])} differ by ${ratio} (W-5)`,
    )
    return false
  }
  return true
}

/** A reading at rest that no chip gives with this resistor is that of another one. */
function isLikely(loop: LoopSettings, path: (string | number)[], tell: Tell): boolean {
  if (loop.learned === undefined) return true
  const eol = loop.eolOhms as number
  const usual = ((SUPPLY_MILLIVOLTS * eol) / (eol + loop.pullUpOhms) - ZERO_MILLIVOLTS) / STEP_MILLIVOLTS
  const least = Math.round((usual / (1 + REFERENCE_SPREAD)) * 0.95)
  const most = Math.round((usual / (1 - REFERENCE_SPREAD)) * 1.05)
  if (loop.learned >= least && loop.learned <= most) return true
  tell(
    [...path, 'learned'],
    loop.learned,
    `give what it reads at rest, ${least} to ${most} with ${ohmsText(eol)} and this pull-up, or look for a wrong resistor (W-2)`,
  )
  return false
}

/** '' when every state reads inside of its own band, else the first that does not, with the sum. */
export function sum(loop: LoopSettings, type: ZoneTypeName, end: FrontEnd): string {
  const all = bandsOf(loop, type)
  for (const band of all) {
    if (band.nominalOhms === undefined) continue
    const [least, most] = readRange(band.nominalOhms, loop, end)
    if (least < band.fromOhms || most > band.toOhms) return sumOf(band, loop, end)
  }
  const millivolts = (ohms: number) => (SUPPLY_MILLIVOLTS * ohms) / (ohms + loop.pullUpOhms)
  const [low, high] = [millivolts(all[0].toOhms), millivolts(all[all.length - 1].fromOhms)]
  if (low < end.lowMillivolts)
    return `below ${ohmsText(all[0].toOhms)} it is ${Math.round(low)} mV, which ${end.name} does not see`
  if (high <= end.highMillivolts) return ''
  return `above ${ohmsText(all[all.length - 1].fromOhms)} it is ${Math.round(high)} mV, which ${end.name} does not tell from 3.3 V`
}

function sums(loop: LoopSettings, type: ZoneTypeName, end: FrontEnd): string {
  const known = bandsOf(loop, type).filter((band) => band.nominalOhms !== undefined)
  return known.map((band) => sumOf(band, loop, end)).join('; ')
}

function sumOf(band: Band, loop: LoopSettings, end: FrontEnd): string {
  const nominal = band.nominalOhms as number
  const [least, most] = readRange(nominal, loop, end)
  return (
    `${STATE_WORDS[band.state]}, ${ohmsText(nominal)} ± ${loop.tolerancePercent} % and ${CABLE_OHMS} Ω of cable, ` +
    `reads as ${ohmsText(least)} to ${ohmsText(most)} with ± ${end.error * 100} % of ${end.name}, ` +
    `and its band is ${ohmsText(band.fromOhms)} to ${ohmsText(band.toOhms)}`
  )
}

/** In the order of zone-inputs.ts. */
export const STATE_WORDS = ['secure', 'active', 'tamper', 'fault', 'masked']

/** '4.7k', '330'. */
export function ohmsText(ohms: number): string {
  if (ohms === Infinity) return 'an open loop'
  if (Math.round(ohms) < 1000) return String(Math.round(ohms))
  return ohms < 100000 ? `${Math.round(ohms / 100) / 10}k` : `${Math.round(ohms / 1000)}k`
}

/** The device's record of all of them (firmware/config.ts), which leaves out what is a contact that opens on a level. */
export function compiledLoops(zones: LoopZone[]): number[] {
  return zones.flatMap(({ type, pin = -1, loop }, at) => {
    if (loop === undefined || (loop.style === 'NC' && pin < FIRST_INPUT)) return []
    const { pullUpOhms, eolOhms = 0, alarmOhms = 0, faultOhms = 0, learned = 0 } = loop
    return [at, styleOf(loop, type), pullUpOhms, eolOhms, alarmOhms, faultOhms, learned]
  })
}
