/** The one history that is captured and drawn: armed, in through the door, the code, and what comes after it. */

import type { Packet } from '../../hal-mock/network'
import type { History } from './history'
import { type Played, play } from './twin'

/** Both paths up, TCP, encryption, matched traffic, no alarm: the disarm that a robber waits for at the door. */
export const DOOR: History = {
  house: {
    abort: 30,
    areTwo: false,
    profile: 'SIA',
    isHidden: false,
    isBlanking: false,
    hasDisplay: false,
    isUdp: false,
    category: 'DP2',
    seed: 5,
  },
  steps: [
    { do: 'code', who: 'master', choice: '2#', waitMs: 48000 },
    { do: 'zone', zone: 0, ms: 3000 },
    { do: 'code', who: 'TWIN', choice: '', waitMs: 3000 },
    { do: 'wait', ms: 60000 },
  ],
}

export const RUNS = ['ordinary', 'duress'] as const
export type Run = (typeof RUNS)[number]

export interface Recording extends Played {
  packets: Packet[]
}

export function record(run: Run): Recording {
  const packets: Packet[] = []
  const played = play(DOOR, run === 'duress', undefined, (packet) => packets.push(packet))
  return { ...played, packets }
}
