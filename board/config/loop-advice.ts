/**
 * What a loop's reading tells whoever stands at the panel with a screwdriver: its resistance, its band, how far that is from
 * the next one, and what to look for. The panel itself knows bands only.
 */

import { type Band, bandsOf, type LoopSettings, ohmsText, STATE_WORDS } from './loops'
import type { ZoneTypeName } from './zone-types'

export interface LoopView {
  ohms: number
  /** 'secure' to 'masked', or 'between bands'. */
  band: string
  /** How far it is from the nearest limit of its band, as a share of that; 0 between bands. */
  margin: number
  /** One sentence; '' when all is well. */
  advice: string
}

/** Half a cable of 100 Ω: less is no resistor any more. */
const SHORT_OHMS = 200
/** A resistor that is further off than its ring says, and all that the cable may add. */
const WRONG = 0.12
/** Below it somebody's next cold morning is a fault. */
const NARROW = 0.08
/** Resistors that are sold for loops (panel-behaviour.md §3.1, hardware.md §3.7). */
const USUAL = [1000, 1100, 1500, 2000, 2200, 3300, 3900, 4700, 5600, 6800, 8200, 10000]

/** share: of 3.3 V, 0 to 1 (firmware/io/loops.ts, reading). */
export function view(loop: LoopSettings, type: ZoneTypeName, share: number): LoopView {
  const ohms = share >= 1 ? Infinity : (loop.pullUpOhms * Math.max(share, 0)) / (1 - Math.max(share, 0))
  const all = bandsOf(loop, type)
  const at = all.findIndex((band) => ohms >= band.fromOhms && (ohms < band.toOhms || band.toOhms === Infinity))
  if (at < 0) {
    const above = all.findIndex((band) => ohms < band.fromOhms)
    return { ohms, band: 'between bands', margin: 0, advice: between(ohms, all[above - 1], all[above], loop) }
  }
  const band = all[at]
  return { ohms, band: STATE_WORDS[band.state], margin: marginOf(ohms, band), advice: adviceOf(ohms, band, at, loop) }
}

export function marginOf(ohms: number, band: Band): number {
  const below = band.fromOhms === 0 ? Infinity : ohms / band.fromOhms - 1
  const above = band.toOhms === Infinity ? Infinity : 1 - ohms / band.toOhms
  return Math.min(below, above)
}

function between(ohms: number, lower: Band, upper: Band, loop: LoopSettings): string {
  const seen = `${ohmsText(ohms)} reads between bands, ${STATE_WORDS[lower.state]} ends at ${ohmsText(lower.toOhms)} and ${STATE_WORDS[upper.state]} begins at ${ohmsText(upper.fromOhms)}`
  return `${seen}: ${loop.eolOhms === undefined ? 'look for a bad joint or damp' : `look for a wrong resistor (${ohmsText(loop.eolOhms)} is set), a bad joint or damp`}`
}

function adviceOf(ohms: number, band: Band, at: number, loop: LoopSettings): string {
  if (band.nominalOhms === undefined) {
    if (loop.eolOhms === undefined) return ''
    if (at > 0)
      return `no resistor is seen: the cable is cut, a cover is open, or the resistor of ${ohmsText(loop.eolOhms)} is missing`
    if (ohms <= SHORT_OHMS) return `short in the cable, or the resistor of ${ohmsText(loop.eolOhms)} is bridged`
    return `wrong resistor: ${ohmsText(ohms)} are less than half of the ${ohmsText(loop.eolOhms)} that are set${perhaps(ohms)}`
  }
  const off = ohms / band.nominalOhms - 1
  if (Math.abs(off) > WRONG) {
    const percent = `${Math.abs(Math.round(off * 100))} % ${off > 0 ? 'more' : 'less'}`
    return `wrong resistor, or a bad joint: ${ohmsText(ohms)} are ${percent} than the ${ohmsText(band.nominalOhms)} of ${STATE_WORDS[band.state]}${perhaps(ohms)}`
  }
  const margin = marginOf(ohms, band)
  return margin < NARROW ? `only ${Math.round(margin * 100)} % from the next band: use resistors further apart` : ''
}

/** The usual resistor that a reading is near. */
function perhaps(ohms: number): string {
  const near = USUAL.find((usual) => Math.abs(ohms / usual - 1) < 0.06)
  return near === undefined ? '' : `; a resistor of ${ohmsText(near)} reads so`
}
