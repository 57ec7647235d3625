/** What a user of the W5500 model chooses when it is made (options), and what a scenario may break later (faults). */

import type { Random } from './random'

export interface W5500Options {
  /** The data sheet does not say when SENDOK comes in TCP: bytes on the wire ('sent', the default), or acknowledged. */
  sendOkMeans?: 'sent' | 'acknowledged'
  /**
   * Reads of Sn_CR that still show the command before it reads 0 (default 0). A millisecond clears it too, and a command
   * written before that is lost. Infinity: no command is ever accepted.
   */
  commandReads?: number
  /** A reset by the peer sets Sn_IR.DISCON as well; the data sheet leaves it open. Default false. */
  resetSetsDiscon?: boolean
  /** From reset to link, for auto-negotiation; default 2000 ms (hardware.md §1.2: 1 to 3 s). */
  linkUpMs?: number
  /** Chance for spiErrorOneIn. */
  random?: Random
}

/** What a scenario may break. */
export interface W5500Faults {
  /** MISO held high or low; nothing reaches the chip. */
  deadBus: 'none' | 'ff' | '00'
  /** One frame in so many has one bit inverted, on MOSI or on MISO; 0 is never. */
  spiErrorOneIn: number
  /** Data still goes out and is acknowledged, only the bit never shows. */
  sendOkNever: boolean
  /** Interrupt bits, once set, cannot be cleared by writing. */
  stuckInterrupts: boolean
  /** A socket in SYNSENT, FIN_WAIT, TIME_WAIT or LAST_ACK stays there; only CLOSE and resets get it out. */
  stuckState: boolean
  /** TX_FSR and RX_RSR come with the high byte of the previous read: the first read after a change may be torn. */
  tornCounters: boolean
}
