/**
 * Gets a console that answers: at once from a bare interpreter, and from a panel, which keeps its console closed, by
 * restarting it and pressing its BOOT button with the control lines.
 *
 * The lines as kits wire them (two transistors): RTS alone pulls EN, DTR alone pulls GPIO0, both or none pull nothing.
 * Levels are true when asserted. A board without them feels nothing of it; its user presses the button (failures.ts).
 */

import { Console } from './console'
import { explain, FlashError } from './failures'
import type { Link } from './link'

/** EN low for so long is a reset. */
const RESET_MS = 100
/** GPIO0 must be high while the ROM reads it, or it waits for a download. */
const STRAPS_MS = 250
/**
 * GPIO0 low for so long: until boot looks, plus the 3 s for which boot wants it held (board/boot.ts). Boot may begin to
 * look up to 3.5 s after the reset, and then sees the button already down.
 */
const HOLD_MS = 6500
const REST = { dtr: false, rts: false }

export type Wait = (ms: number) => Promise<void>

/** Takes the link over; it is closed when this fails. Throws FlashError with the sentence. scale: as Console's. */
export async function attach(link: Link, scale = 1, wait: Wait = sleep): Promise<Console> {
  const console = new Console(link, scale)
  try {
    await console.attach(2)
    return console
  } catch {
    // Closed, or nobody there: the button will tell.
  }
  try {
    await pressBoot(link, wait)
    await console.attach()
    return console
  } catch (reason) {
    await console.close()
    throw new FlashError(explain((reason as Error).message))
  }
}

/** Restarts the board with its BOOT button up, then holds it; ends with both lines at rest. */
export async function pressBoot(link: Link, wait: Wait): Promise<void> {
  await link.setLines({ dtr: false, rts: true })
  await wait(RESET_MS)
  await link.setLines(REST)
  await wait(STRAPS_MS)
  await link.setLines({ dtr: true, rts: false })
  await wait(HOLD_MS)
  await link.setLines(REST)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
