import { describe, expect, it } from 'vitest'
import type { App } from '../../../firmware/app'
import * as journal from '../../../firmware/store/journal'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../../hal-mock/programs/panel-firmware'
import { soak } from '../../../hal-mock/programs/soak-run'

/** A cheap life, in which an event is owed long enough to be forgotten. */
const SEED = 4

describe('a life with faults', () => {
  it('loses, invents and disorders nothing in a day', () => {
    const report = soak({ seed: SEED, days: 1, firmware: panelFirmware, crypto: nodeCrypto })
    expect([report.lost, report.invented, report.disordered]).toEqual([[], [], []])
    expect(report.events).toBeGreaterThan(15)
    expect(report.duress).toBeGreaterThan(2)
    expect(report.faults).toBeGreaterThan(20)
  })

  it('shows an event that a panel forgets', () => {
    let isForgotten = false
    const forgetful = {
      ...panelFirmware,
      poll: (panel: unknown) => {
        const q = (panel as App).queue
        const last = q.handles[q.count - 1]
        // An event for the station that no lane has in flight.
        if (!isForgotten && q.count > 2 && last < 0x8000 && !q.flying.includes(last)) {
          isForgotten = true
          journal.settle(q.journal, last, 1)
          q.count--
        }
        return panelFirmware.poll(panel)
      },
    }
    const report = soak({ seed: SEED, days: 1, firmware: forgetful, crypto: nodeCrypto })
    expect(report.lost).toHaveLength(1)
  })
})
