/**
 * A PDP context of the modem models B to E: closed, being opened, open. What is said of it is the family's own.
 * Not modelled: several contexts, IPv6, addresses that change.
 */

import type { AtLine } from './modem-line'
import type { Registration } from './modem-stack'
import type { Nic } from './network'

/** From the command to its outcome. */
const OPEN_MS = 400

export class ModemContext {
  isOpen = false
  private isOpening = false

  constructor(
    private line: AtLine,
    private nic: Nic,
    private registration: Registration,
    /** APN that the network wants; '' takes any. */
    private wantedApn: string,
    private onActivity: (what: string) => void,
  ) {}

  reset(): void {
    this.isOpen = false
    this.isOpening = false
  }

  /** Tries to open with an APN; act is told the outcome. False when that is under way already. */
  open(apn: string, act: (isOpen: boolean) => void): boolean {
    if (this.isOpening) return false
    this.isOpening = true
    this.line.later(OPEN_MS, () => {
      this.isOpening = false
      const isWelcome = this.wantedApn === '' || apn === this.wantedApn
      const isGranted = this.registration.isRegistered() && this.nic.isUp() && !this.line.faults.pdpRefused
      this.isOpen = isGranted && isWelcome
      this.onActivity(this.isOpen ? 'network opened' : 'network refused')
      act(this.isOpen)
    })
    return true
  }

  /** True when it was open. */
  close(): boolean {
    const was = this.isOpen
    this.isOpen = false
    if (was) this.onActivity('network closed')
    return was
  }

  /** The network took it. True when there was one. */
  lose(): boolean {
    const was = this.isOpen
    this.isOpen = false
    if (was) this.onActivity('network lost')
    return was
  }
}
