/** Dialect A's data side: the bearer (modem-bearer.ts) and the sockets over it (modem-sockets.ts). */

import { ModemBearer } from './modem-bearer'
import { type AtLine, type Command, UNKNOWN } from './modem-line'
import { ModemSockets } from './modem-sockets'
import type { Registration, Stack } from './modem-stack'
import type { Nic } from './network'

export class ModemA implements Stack {
  onActivity: (what: string) => void = () => {}
  private bearer: ModemBearer
  private sockets: ModemSockets

  constructor(line: AtLine, nic: Nic, registration: Registration, apn: string, isSim7600: boolean) {
    this.bearer = new ModemBearer(line, nic, registration, apn, isSim7600)
    this.sockets = new ModemSockets(line, nic, this.bearer)
    this.bearer.links = this.sockets
    this.bearer.onActivity = (what) => this.onActivity(what)
    this.sockets.onActivity = (what) => this.onActivity(what)
  }

  reset(): void {
    this.bearer.reset()
    this.sockets.reset()
  }

  lose(): void {
    this.bearer.lose()
  }

  command(command: Command): string {
    const result = this.bearer.command(command)
    return result === UNKNOWN ? this.sockets.command(command) : result
  }
}
