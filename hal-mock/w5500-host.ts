/** The W5500 model as its sockets see it from inside. */

import type { VirtualClock } from './clock'
import type { Nic } from './nic'
import type { W5500Faults } from './w5500-options'

/** What the sockets know of the chip around them. */
export interface SocketHost {
  clock: VirtualClock
  nic: Nic
  /** The common registers. */
  common: Uint8Array
  faults: W5500Faults
  hasLink(): boolean
  onActivity(what: string): void
}
