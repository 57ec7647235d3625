/**
 * The Ethernet path's record, its steps, and how it lets go of a connection.
 *
 *   RESET > RELEASE > SOFT_RESET > PROBE > SELF_TEST > SET_UP > IDLE > CONNECTING > CONNECTED > HANG_UP > CLOSING > IDLE
 *                                                      PHY_HELD -^
 *
 * Not here: what is done in a step (bring-up.ts up to IDLE, ethernet-path.ts from there on).
 */

import type { Hal } from '../hal'
import { type Path, READY, type Target } from '../transmit/path'
import type { Dhcp } from './dhcp-message'
import type { Dns } from './dns'
import type { W5500 } from './w5500'

/** All addresses as lists of bytes, highest first. */
export interface EthernetSettings {
  /** 6 bytes. */
  macAddress: number[]
  /** 1: an address by DHCP; the static one below serves while no server gives any. 0: the static one alone. */
  isDynamic: number
  /** 4 bytes each; address 0.0.0.0: none. */
  address: number[]
  mask: number[]
  gateway: number[]
  /** At most two; none: those that DHCP tells. */
  dnsServers: number[][]
  /** Name or dotted address of an NTP server; '' none. */
  timeServer: string
  /** At least one. */
  targets: Target[]
  /** Drives RSTn; the ladder's last rungs need it. */
  resetPin: number
}

export enum Step {
  RESET,
  RELEASE,
  SOFT_RESET,
  PROBE,
  SELF_TEST,
  SET_UP,
  PHY_HELD,
  IDLE,
  CONNECTING,
  CONNECTED,
  HANG_UP,
  CLOSING,
}

/** What socket 1 is open for. */
export enum Job {
  NONE,
  DHCP,
  /** Is the offered address free? */
  PROBE,
  DNS,
  TIME,
}

/** An enum too, because a constant used often takes variables on the panel. */
export enum Span {
  QUICK_MS = 20,
  SLOW_MS = 100,
  /** Polls stay quick for so long after something happened. */
  ACTIVE_MS = 2000,
}

export interface EthernetPath extends Path {
  hal: Hal
  chip: W5500
  resetPin: number
  /** GAR, SUBR, SHAR, SIPR as the chip must hold them. */
  identity: string
  /** 1 while these hold an address that may be used. */
  hasAddress: number
  targets: Target[]
  /** Which of them the connection leads to. */
  index: number
  /** Per target, and one more for the time server: address (4 bytes, '' unknown), and until when it is fresh. */
  addresses: string[]
  freshUntilMs: number[]
  /** Where to: DHAR, DIPR, DPORT. */
  target: string
  localPort: number
  step: Step
  /** poll() does nothing before this. */
  waitUntilMs: number
  /** End of the current wait: probe, connection, segment, orderly close. 0: not begun. */
  deadlineMs: number
  /** Next look at the link and the chip's identity. */
  checkAtMs: number
  /** Next work on addresses, names and time; Infinity without any. */
  serviceAtMs: number
  /** Polls are quick until then. */
  activeUntilMs: number
  /** Link bit as last read, and since when it reads so. */
  isLinkSeen: boolean
  linkSinceMs: number
  /** The same, debounced. */
  isLinked: number
  phyResetAtMs: number
  /** The frame being sent; '' when none. */
  outgoing: string
  /** How much of it lies in the chip's send buffer. */
  filledBytes: number
  isSending: boolean
  incoming: string
  /** Faults of the chip in a row: the rung of the ladder. */
  faultCount: number
  calmAtMs: number
  /** Connections in a row to which nothing answered at all. */
  silentCount: number
  /** Times that somebody else was heard with our address. */
  conflictCount: number
  /** Level 6: the chip does not come back. A trouble for the panel to report; retried every FAULT_RETRY_MS. */
  isHardwareFault: boolean
  /** undefined when address, targets are all given and no time is wanted. */
  services: Services | undefined
}

/** Addresses, names and time: all by datagrams on socket 1, one job at a time (services.ts). */
export interface Services {
  chip: W5500
  job: Job
  /** The job's answer is waited for until then. */
  holdUntilMs: number
  /** Where it must come from: address and port, 6 bytes; '' anybody. */
  peer: string
  /** GAR, SUBR, SHAR, SIPR of the static settings. */
  fixed: string
  /** undefined with a static address. */
  dhcp: Dhcp | undefined
  /** Since when there is no lease. */
  leaselessMs: number
  /** 4 bytes each. */
  dnsServers: string
  dns: Dns
  /** What the look-up is for: an index into path.addresses. */
  asked: number
  askedMs: number
  /** Names without an address are not asked for before this. */
  askAtMs: number
  timeServer: string
  timeAskAtMs: number
  timeTries: number
  /** Random stamp of the request under way, and when it left. */
  stamp: string
  stampMs: number
}

/** Forgets the connection and what was to be sent; a READY path stays READY, a path that is DOWN stays DOWN. */
export function drop(path: EthernetPath): void {
  if (path.state > READY) path.state = READY
  if (path.step > Step.IDLE) {
    path.step = Step.IDLE
    path.checkAtMs = 0
  }
  path.outgoing = ''
  path.filledBytes = 0
  path.isSending = false
}
