/** A panel with 64 zones: two at pins of the board, 62 at five port expanders. */

import { describe, expect, it } from 'vitest'
import * as zoneInputs from '../../firmware/io/zone-inputs'
import { panelSettings } from '../../hal-mock/premises'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

function started(): rigs.Rig {
  const rig = rigs.start(1, rigs.firmware, panelSettings(unmatched(), ['expanders']))
  rig.simulator.runTo(40000)
  return rig
}

/** Transfers to chips so far. */
function portReads(rig: rigs.Rig): number {
  return rig.simulator.board.expanders.reduce((sum, chip) => sum + (chip?.portReads ?? 0), 0)
}

describe('64 zones', () => {
  it('alarm each by its number, within 500 ms of opening', () => {
    for (const zone of [2, 15, 16, 40, 63]) {
      const rig = started()
      rigs.arm(rig)
      rig.simulator.runTo(120000)
      rig.simulator.setZone(zone, true)
      rig.simulator.runTo(165000) // the report waits for the abort window
      const number = String(zone + 1).padStart(3, '0')
      expect(rigs.heard(rig).map((event) => event.slice(0, 11))).toContain(`1131 01 ${number}`)
      const siren = rigs.sightsSince(rig, 120000).find((sight) => sight.source === 'siren')
      expect(siren?.atMs).toBeLessThanOrEqual(120000 + 515)
    }
  })

  it('are looked at every 95 ms at rest, each chip once', () => {
    const rig = started()
    const before = portReads(rig)
    rig.simulator.runTo(50000)
    // Two ports of five chips; a hundred looks in 9.5 s, some of them for the registers.
    const looks = (portReads(rig) - before) / 10
    expect(looks).toBeGreaterThan(100)
    expect(looks).toBeLessThan(115)
  })

  it('are looked at every 60 ms while one settles, and the chip of that one every 20 ms (W-10)', () => {
    const rig = started()
    const { expanders } = rig.simulator.board
    rig.simulator.setZone(2, true)
    rig.simulator.runTo(40100) // it was seen
    const before = expanders.map((chip) => chip?.portReads ?? 0)
    rig.simulator.runTo(40400)
    const [own, ...others] = expanders.slice(0, 5).map((chip, at) => ((chip?.portReads ?? 0) - before[at]) / 2)
    expect(own).toBeGreaterThanOrEqual(14)
    for (const looks of others) {
      expect(looks).toBeGreaterThanOrEqual(4)
      expect(looks).toBeLessThanOrEqual(6)
    }
  })

  it('show no alarm when a chip loses its supply for a moment, and the next opening is seen', () => {
    const rig = started()
    rigs.arm(rig)
    rig.simulator.runTo(120000)
    const [chip] = rig.simulator.board.expanders
    chip?.setPower(false)
    rig.simulator.runTo(120300)
    chip?.setPower(true)
    rig.simulator.runTo(130000)
    expect(rig.simulator.onlooker.now.siren).toBe('off')
    rig.simulator.setZone(3, true)
    rig.simulator.runTo(131000)
    expect(rig.simulator.onlooker.now.siren).toBe('on')
  })

  it('keep their last state on a chip that is gone, which is told after 20 s (S-6)', () => {
    const rig = started()
    rig.simulator.setZone(20, true)
    rig.simulator.runTo(50000)
    rig.simulator.board.expanders[1]?.setPower(false)
    rig.simulator.runTo(80000)
    const { zones } = rigs.panel(rig)
    expect(zoneInputs.lostModules(zones)).toBe(1 << 1)
    expect(zoneInputs.isOpen(zones, 20)).toBe(true)
    expect(zones.openCount).toBe(1)
  })
})
