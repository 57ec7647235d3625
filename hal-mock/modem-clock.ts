/**
 * The modem model's real-time clock: CTZU or CLTS, CTZR, CCLK?, QLTS (hardware.md §2.4). The network sets it at
 * registration when CTZU or CLTS allows. Not modelled: setting it by AT+CCLK=, NTP, drift, a battery (a restart forgets the time), summer time.
 */

import { type AtLine, type Command, ERROR, OK, UNKNOWN } from './modem-line'

/** Time zone that the network sends: quarter hours east of Greenwich. */
const ZONE_QUARTERS = 4
const QUARTER_S = 900
/** 2070-01-01 00:00:00, as a network without a clock of its own has sent it. */
const ABSURD_S = 3155760000
/** An unset clock starts at 1980-01-06 00:00:00. */
const UNSET_S = 315964800

export class ModemClock {
  private startedAtMs = 0
  private takesNetworkTime = false
  private reportsNetworkTime = false
  private isKnown = false

  constructor(
    private line: AtLine,
    /** What the network says; 0 = nothing. */
    private utcSeconds: () => number,
  ) {}

  reset(): void {
    this.startedAtMs = this.line.clock.nowMs
    this.takesNetworkTime = false
    this.reportsNetworkTime = false
    this.isKnown = false
  }

  /** The modem has just registered: the network tells it the time (NITZ). */
  registered(): void {
    const seconds = this.utcSeconds()
    if (!this.takesNetworkTime || seconds === 0) return
    this.isKnown = true
    // A76xx reports UTC here, whatever the zone.
    if (this.reportsNetworkTime) this.line.urc(`+CTZV: +${two(ZONE_QUARTERS)},${stamp(seconds)}`)
  }

  command(command: Command): string {
    switch (command.name) {
      case '+CLTS':
      case '+CTZU':
        if (command.kind === '=') this.takesNetworkTime = command.args[0] === '1'
        else if (command.kind === '?') this.line.line(`${command.name}: ${this.takesNetworkTime ? 1 : 0}`)
        return OK
      case '+CTZR':
        if (command.kind === '=') this.reportsNetworkTime = command.args[0] === '1'
        else if (command.kind === '?') this.line.line(`+CTZR: ${this.reportsNetworkTime ? 1 : 0}`)
        return OK
      case '+QLTS':
        if (command.args[0] !== '1') return ERROR
        this.line.line(
          this.isKnown ? `+QLTS: "20${stamp(this.networkSeconds())}+${two(ZONE_QUARTERS)},0"` : '+QLTS: ""',
        )
        return OK
      case '+CCLK':
        if (command.kind !== '?') return command.kind === '=?' ? OK : ERROR
        this.line.line(`+CCLK: "${this.localTime()}"`)
        return OK
    }
    return UNKNOWN
  }

  private networkSeconds(): number {
    return this.line.faults.absurdTime ? ABSURD_S : this.utcSeconds()
  }

  private localTime(): string {
    if (this.isKnown) return `${stamp(this.networkSeconds() + ZONE_QUARTERS * QUARTER_S)}+${two(ZONE_QUARTERS)}`
    const uptimeS = ((this.line.clock.nowMs - this.startedAtMs) / 1000) | 0
    return `${stamp(UNSET_S + uptimeS)}+00`
  }
}

/** 'yy/MM/dd,hh:mm:ss' of seconds since 1970; valid to 2099. */
function stamp(seconds: number): string {
  let days = Math.floor(seconds / 86400)
  let year = 1970
  while (days >= yearDays(year)) days -= yearDays(year++)
  let month = 1
  while (days >= monthDays(year, month)) days -= monthDays(year, month++)
  const rest = seconds % 86400
  const date = `${two(year % 100)}/${two(month)}/${two(days + 1)}`
  return `${date},${two((rest / 3600) | 0)}:${two(((rest / 60) | 0) % 60)}:${two(rest % 60)}`
}

function yearDays(year: number): number {
  return year % 4 === 0 ? 366 : 365
}

function monthDays(year: number, month: number): number {
  if (month === 2) return yearDays(year) - 337
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function two(value: number): string {
  return `${value}`.padStart(2, '0')
}
