/**
 * What the data sides of dialects B, D and E have in common: one context, links whose bytes are kept until read, and how
 * both end when the network is lost. What is said of it, and the commands, are the dialects' own.
 */

import { ModemContext } from './modem-context'
import { type AtLine, type Command, integer } from './modem-line'
import type { ModemLink } from './modem-link'
import { ModemLinks, type Speech } from './modem-links'
import type { Registration, Stack } from './modem-stack'
import type { Nic } from './network'

export abstract class ModemData implements Stack, Speech {
  onActivity: (what: string) => void = () => {}
  protected readonly links: ModemLinks
  protected readonly context: ModemContext
  /** As the dialect's own command gave it. */
  protected apn = ''
  /** What the modem says when the network takes the context away. */
  protected abstract readonly lossNotice: string

  constructor(
    protected readonly line: AtLine,
    nic: Nic,
    protected readonly registration: Registration,
    apn: string,
  ) {
    this.context = new ModemContext(line, nic, registration, apn, (what) => this.onActivity(what))
    this.links = new ModemLinks(line, nic, this)
    this.links.onActivity = (what) => this.onActivity(what)
    this.links.isManual = true
  }

  abstract command(command: Command): string
  abstract opened(index: number, link: ModemLink, outcome: number): void
  abstract ended(index: number): void
  abstract notice(index: number, lengthBytes: number): void

  reset(): void {
    this.context.reset()
    this.dropLinks()
    this.apn = ''
  }

  /** All links end without a word to their peers. */
  protected dropLinks(): void {
    this.links.reset()
    this.links.isManual = true
  }

  lose(): void {
    if (!this.context.lose()) return
    this.links.killAll()
    if (!this.line.faults.lossUntold) this.line.urc(this.lossNotice)
  }

  /** Bytes are never pushed. */
  pushed(): void {}

  closed(): void {}

  /** The link and the number of bytes that a command names with its first two values; undefined when one is wrong. */
  protected named(
    args: string[],
    linkCount: number,
    leastBytes: number,
    mostBytes: number,
  ): { index: number; lengthBytes: number; link: ModemLink } | undefined {
    const index = integer(args[0], 0, linkCount - 1)
    const lengthBytes = integer(args[1], leastBytes, mostBytes)
    const link = this.links.linkOf(index)
    return index < 0 || lengthBytes < 0 || link === undefined ? undefined : { index, lengthBytes, link }
  }
}
