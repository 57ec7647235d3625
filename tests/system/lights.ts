/**
 * What the lights of the two paths show: a W5500's LINKLED and ACTLED at the jack, a modem's network light. The chip models have no
 * such outputs, so what drives them is noted: the link as the PHY has it, what the modem's radio and its stack say of themselves,
 * and each frame in or out with its length, for which a light flashes.
 */

import type { Rig } from './panel-rig'

export interface Lights {
  lan: string[]
  modem: string[]
}

/** Who looks at lights sees no finer than the scheduler's tick (D-37). */
const LOOK_MS = 10

/** From now on. runTo() instead of the simulator's, which would miss a link that comes and goes. */
export function watch({ simulator, lines }: Rig): { lights: Lights; runTo: (atMs: number) => void } {
  const lights: Lights = { lan: [], modem: [] }
  let link = ''
  let lineCount = lines.length
  const onPacket = simulator.network.onPacket
  simulator.network.onPacket = (packet) => {
    onPacket?.(packet)
    const light = packet.via === 'ethernet' ? lights.lan : lights.modem
    light.push(`${packet.atMs} ms flash ${packet.isUp ? 'out' : 'in'} ${packet.bytes.length}`)
  }
  const look = () => {
    const now = simulator.board.ethernet.hasLink() ? 'on' : 'off'
    if (now !== link) lights.lan.push(`${simulator.clock.nowMs} ms link ${now}`)
    link = now
    for (; lineCount < lines.length; lineCount++) {
      const { atMs, source, what } = lines[lineCount]
      if (source === 'cellular') lights.modem.push(`${atMs} ms ${what}`)
    }
  }
  look()
  const runTo = (atMs: number) => {
    while (simulator.clock.nowMs < atMs) {
      simulator.runTo(Math.min(simulator.clock.nowMs + LOOK_MS, atMs))
      look()
    }
  }
  return { lights, runTo }
}
