/**
 * Bring-up of the W5500 and the recovery ladder (hardware.md §1.2, §1.11). A fault of the chip is an exception inside the
 * path's poll() and ends in fault(), which picks the level by how many faults came lately:
 *
 *   hang up > soft reset > RSTn > RSTn > RSTn once a minute, with isHardwareFault
 *
 * Level 2 (addresses written and names asked anew) is in services.ts. Not here: a slower SPI clock at level 6 (the
 * board's business), a module without its reset wire beyond the soft reset that each bring-up makes.
 */

import { DOWN } from '../transmit/path'
import { drop, type EthernetPath, Job, Span, Step } from './steps'
import * as w5500 from './w5500'
import * as setup from './w5500-setup'

/** hardware.md §1.2. */
const RESET_LOW_MS = 5
const RESET_WAIT_MS = 50
const PROBE_LIMIT_MS = 500
/** hardware.md §1.11 level 3. */
const PHY_RESET_PAUSE_MS = 600000
/** The rung after which only time helps, and the time. */
const LAST_RUNG = 4
const FAULT_RETRY_MS = 60000
/** Faults further apart than this start at the first rung again. */
const CALM_MS = 600000

/** From reset to IDLE, one step a call. Returns when to call again. */
export function step(path: EthernetPath, nowMs: number): number {
  let waitMs = 0
  switch (path.step) {
    case Step.RESET:
      path.hal.pins.mode(path.resetPin, 'output')
      path.hal.pins.write(path.resetPin, 0)
      path.step = Step.RELEASE
      waitMs = RESET_LOW_MS
      break
    case Step.RELEASE:
      path.hal.pins.write(path.resetPin, 1)
      waitMs = RESET_WAIT_MS
      // For a module whose RSTn is not wired: it may still hold the sockets of before (hardware.md §1.10).
      path.step = Step.SOFT_RESET
      break
    case Step.SOFT_RESET:
      setup.softReset(path.chip)
      waitMs = 1
      path.deadlineMs = nowMs + PROBE_LIMIT_MS
      path.step = Step.PROBE
      break
    case Step.PROBE:
      if (w5500.inspect(path.chip, path.identity) & w5500.ANSWERS) path.step = Step.SELF_TEST
      else if (nowMs >= path.deadlineMs) throw new Error('W5500: no answer')
      else waitMs = Span.QUICK_MS
      break
    case Step.SELF_TEST:
      setup.selfTest(path.chip)
      path.step = Step.SET_UP
      break
    case Step.SET_UP:
      setup.setUp(path.chip, path.identity)
      path.isHardwareFault = false
      path.isLinkSeen = false
      path.isLinked = 0
      path.linkSinceMs = nowMs
      path.step = Step.IDLE
      break
    default:
      setup.holdPhy(path.chip, false)
      path.step = Step.IDLE
  }
  path.waitUntilMs = nowMs + waitMs
  return path.waitUntilMs
}

/** Level 3: no link for long, though expected. The PHY negotiates anew, once in PHY_RESET_PAUSE_MS. */
export function resetPhy(path: EthernetPath, nowMs: number): void {
  path.phyResetAtMs = nowMs + PHY_RESET_PAUSE_MS
  setup.holdPhy(path.chip, true)
  path.step = Step.PHY_HELD
}

/** One rung of the ladder. Returns when to call again. */
export function fault(path: EthernetPath, nowMs: number): number {
  const wasServing = path.step >= Step.IDLE
  drop(path)
  path.faultCount++
  path.calmAtMs = nowMs + CALM_MS
  path.waitUntilMs = nowMs + Span.QUICK_MS
  if (path.faultCount === 1 && wasServing) {
    path.step = Step.HANG_UP
    return path.waitUntilMs
  }
  path.state = DOWN
  if (path.services !== undefined) path.services.job = Job.NONE
  path.step = path.faultCount <= 2 ? Step.SOFT_RESET : Step.RESET
  if (path.faultCount > LAST_RUNG) {
    path.isHardwareFault = true
    path.waitUntilMs = nowMs + FAULT_RETRY_MS
  }
  return path.waitUntilMs
}
