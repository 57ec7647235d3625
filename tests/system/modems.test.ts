/**
 * The whole panel with each module that the cellular path knows, and nothing but it: the Ethernet cable is out. A duress
 * code must reach the station within the seconds that D-13 and R-1 leave for it, and show nothing.
 */

import { describe, expect, it } from 'vitest'
import type { ModemModel } from '../../hal-mock/modem'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { eventText, Simulator } from '../../hal-mock/simulator'
import { DURESS, DURESS_EVENT, firmware, type Line, USER } from './panel-rig'
import { unsupervised } from './unsupervised'

const MODELS: ModemModel[] = ['A7670', 'SIM7600', 'SIM7080', 'SIM7000', 'SIM800', 'BG95', 'EC25', 'SARA-R4']
/** STATUS is not wired on the demo panel: 4 s of silence, then the key, then the slowest boot of 13 s and the network. */
const UP_MS = 40000

function start(model: ModemModel, seed = 1) {
  const lines: Line[] = []
  const simulator = new Simulator({
    firmware,
    config: unsupervised(),
    crypto: nodeCrypto,
    seed,
    modem: { model },
    onTrace: (atMs, source, what) => lines.push({ atMs, source, what }),
  })
  simulator.setLink('ethernet', false)
  simulator.powerOn()
  return { simulator, lines }
}

describe.each(MODELS)('a panel with a %s', (model) => {
  it('is ready over the modem alone within 40 s, and has a duress code at the station 1.5 s after its last key', () => {
    const { simulator } = start(model)
    simulator.runTo(UP_MS)
    expect(simulator.pathState(1)).toBe('ready')
    const typedMs = simulator.type(DURESS)
    simulator.runTo(typedMs + 1500)
    expect(simulator.station.map((event) => eventText(event)).filter((text) => text === DURESS_EVENT)).toEqual([
      DURESS_EVENT,
    ])
    const index = simulator.station.findIndex((event) => eventText(event) === DURESS_EVENT)
    expect(simulator.station[index].via).toBe('cellular')
    expect(simulator.stationAtMs[index] - typedMs).toBeLessThan(1500)
  })

  it('keeps a duress code through a restart of the modem in the middle of its sending', () => {
    const { simulator, lines } = start(model)
    simulator.runTo(UP_MS)
    const typedMs = simulator.type(DURESS)
    const isSending = () => lines.some((line) => line.atMs > typedMs - 200 && line.what.startsWith('send '))
    while (!isSending()) simulator.runTo(simulator.nextMs())
    simulator.board.modem.reboot()
    simulator.runTo(typedMs + 120000)
    expect(simulator.station.some((event) => eventText(event) === DURESS_EVENT)).toBe(true)
  })

  it('shows the same for a duress code as for the user code, to the millisecond', () => {
    const seen = [DURESS, USER].map((code) => {
      const { simulator } = start(model)
      simulator.runTo(UP_MS)
      simulator.type(code)
      simulator.runTo(UP_MS + 60000)
      return simulator.onlooker.sights
    })
    expect(seen[0]).toEqual(seen[1])
  })
})
