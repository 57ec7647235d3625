/**
 * Time in which nothing happens, for a simulator on a PC; a board's program leaves this out. A quiet panel looks at its inputs
 * ten times a second. Whoever knows that none of them moves need not make those looks: this leaves the panel as they would
 * leave it, to the byte, times included.
 *
 * Only looks that find nothing are passed over, and none when anything else is due. Not with further keypads, nor with loops
 * at the ESP32's own ADC, which draws chance.
 */

import * as loops from '../io/loops'
import * as zoneInputs from '../io/zone-inputs'
import type { App } from './state'

/**
 * Between two calls of poll(). Nothing that the panel can read moves before untilMs, and nothing has for stillMs. Returns
 * when to call poll(), as poll() does: never later than it would have found something to do.
 */
export function pass(app: App, untilMs: number, stillMs: number): number {
  let endMs = app.restAtMs < app.urgentAtMs ? app.restAtMs : app.urgentAtMs
  if (untilMs < endMs) endMs = untilMs
  // Sums of broken numbers would differ from the clock's in their last bits.
  if (app.restingWord >= 0 && app.inputsAtMs < endMs && app.inputsAtMs % 1 === 0 && app.stations === undefined) {
    passLooks(app, endMs, stillMs)
  }
  return app.inputsAtMs < app.urgentAtMs ? app.inputsAtMs : app.urgentAtMs
}

/** Looks that only compare (poll() in app.ts). */
function passLooks(app: App, endMs: number, stillMs: number): void {
  if (app.restingWord !== app.pins.read(app.inputs)) return
  const l = app.zones.loops
  const most = app.isExpanded === 0 ? Infinity : zoneInputs.passable(app.zones, app.restingMs, stillMs)
  let count = 0
  while (count < most && app.inputsAtMs < endMs) {
    if (l !== undefined) loops.passAt(l, app.inputsAtMs)
    app.inputsAtMs += app.restingMs
    count++
  }
  if (app.zones.expander.chips.length > 0) app.zones.expander.looks += count
}
