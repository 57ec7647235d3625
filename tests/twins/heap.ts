/** A panel whose variables are counted at the end of its passes (hal-mock/programs/heap.ts). */

import type { App } from '../../firmware/app'
import { HeapCount } from '../../hal-mock/programs/heap'
import type { PanelFirmware } from '../system/panel-rig'

/** Each pass is followed for so long after something could be perceived; else there is a count a second. */
const FOLLOWED_MS = 100
const QUIET_MS = 1000

export type Firmware = Pick<PanelFirmware, 'create' | 'poll'>

export interface Watch {
  nowMs(): number
  /** When something could be perceived last. */
  stirredMs(): number
  /** How many variables the panel's records take, when that has changed. */
  onCount(count: number): void
}

/** Passes that only look at resting inputs keep nothing: they need no count. */
export function counting(firmware: Firmware, watch: Watch): Firmware {
  let heap = new HeapCount()
  let last = -1
  let lastMs = 0
  const count = (panel: App) => {
    const now = heap.of(panel)
    lastMs = watch.nowMs()
    if (now !== last) watch.onCount(now)
    last = now
  }
  return {
    create: (...args) => {
      const panel = firmware.create(...args)
      heap = new HeapCount(hardwareOf(panel))
      last = -1
      count(panel)
      return panel
    },
    poll: (panel) => {
      const isIdle = panel.restingWord >= 0 && panel.clock.nowMs() < panel.restAtMs
      const nextMs = firmware.poll(panel)
      if (isIdle && panel.restingWord >= 0) return nextMs
      const nowMs = watch.nowMs()
      if (nowMs < watch.stirredMs() + FOLLOWED_MS || nowMs >= lastMs + QUIET_MS) count(panel)
      return nextMs
    },
  }
}

/** The board behind hal.ts: no variables of the firmware. */
function hardwareOf({ hal }: App): Set<object> {
  const parts = Object.values(hal).filter((part) => typeof part === 'object')
  return new Set<object>([hal, ...parts])
}
