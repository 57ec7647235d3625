/** What the modem model asks of its data side, whatever the family; and what the data side asks of SIM and radio. */

import type { Command } from './modem-line'

export interface Stack {
  onActivity: (what: string) => void
  /** Power gone or restarted: the peers are told nothing. */
  reset(): void
  /** The network took the bearer away; nothing happens when there is none. */
  lose(): void
  /** Runs a command; UNKNOWN when it is none of the family's. */
  command(command: Command): string
}

export interface Registration {
  /** APN of context 1 as the host has set it. */
  apn: string
  isRegistered(): boolean
}
