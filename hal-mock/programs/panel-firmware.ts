/** Our firmware as the bench's simulator wants it. The only place where the bench's programs meet firmware/. */

import * as app from '../../firmware/app'
import * as quiet from '../../firmware/app/quiet'
import type { Firmware } from '../simulator'

export const panelFirmware: Firmware<unknown, unknown> = {
  makeCodes: app.makeCodes,
  storeCode: (table, hal, slot, digits, user, isDuress, role, partitions) =>
    app.storeCode(table as Parameters<typeof app.storeCode>[0], hal, slot, digits, user, isDuress, role, partitions),
  create: (hal, config, table, boot) => app.create(hal, config, table as Parameters<typeof app.create>[2], boot),
  poll: (panel) => app.poll(panel as app.App),
  wake: (panel) => app.wake(panel as app.App),
  pathState: (panel, index) => app.pathState(panel as app.App, index),
}

/** The same without the looks at inputs that cannot find anything: what comes out is the same, sooner. */
export const quietFirmware: Firmware<unknown, unknown> = {
  ...panelFirmware,
  pass: (panel, untilMs, stillMs) => quiet.pass(panel as app.App, untilMs, stillMs),
}

/** What the panel counted on a path to its station: '12 acks, 61 ms, up 99.9 %', the ms as a mean; '' before the first. */
export function pathFigures(panel: unknown, index: number): string {
  if (panel === undefined) return ''
  const [sent, meanMs, upShare] = app.pathFigures(panel as app.App, index)
  return sent === 0 ? '' : `${sent} acks, ${Math.round(meanMs)} ms, up ${(100 * upShare).toFixed(1)} %`
}

/** What the panel read last at a zone's loop, as a share of 3.3 V; -1 for a contact that is not measured, and before the first reading. */
export function loopShare(panel: unknown, zone: number): number {
  if (panel === undefined) return -1
  const [steps, share] = app.loopReading(panel as app.App, zone)
  return steps > 0 ? share : -1
}

/** What is wrong with the lines of a Wiegand keypad, 0 for nothing (firmware/io/wiegand.ts, Wrong). */
export function keypadWrong(panel: unknown): number {
  return panel === undefined ? 0 : app.keypadWrong(panel as app.App)
}
