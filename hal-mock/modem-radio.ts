/**
 * SIM, radio and registration of the modem model (hardware.md §2.3, §2.4).
 *
 * Not modelled: several PDP contexts (only context 1 counts), authentication, operator choice, 2G/3G/4G differences (CREG,
 * CGREG and CEREG say the same), PUK entry. Reports of jamming can be asked for and are then a scenario's.
 */

import { type AtLine, type Command, ERROR, integer, OK, PENDING, UNKNOWN } from './modem-line'
import type { Nic } from './network'

export type Sim = 'ready' | 'absent' | 'puk' | 'failure'

/** What lies outside the modem; plain fields that a scenario sets at any time. */
export interface Surroundings {
  sim: Sim
  /** What a completed registration ends in: 1 home, 5 roaming, 3 denied, 11 emergency only ... */
  networkStatus: number
  /** CSQ rssi, 0-31, while there is coverage. */
  signal: number
}

export interface RadioOptions {
  simPin: string
  registerAfterMs: number
  simBusyMs: number
}

const IDLE = 0
const HOME = 1
const SEARCHING = 2
const ROAMING = 5

/** Without coverage the modem says so after this long. */
const COVERAGE_LOST_MS = 3000
/** ... and the bearer with all sockets is given up after this long out of service. */
const BEARER_KEPT_MS = 30000
/** A SIM that has got its PIN says READY after this long. */
const PIN_MS = 500
/** Wrong PINs before the SIM wants its PUK; they count across power cycles. */
const PIN_TRIES = 3
/** Time for AT+CFUN to switch the radio. */
const FUNCTION_MS = 500
/** RSSI "not known", BER always so. */
const UNKNOWN_SIGNAL = 99
/** Card number in answers: issuer 89, then a number that no operator uses. */
const ICCID = '89999000000000000017'

export class ModemRadio {
  /** APN of context 1. */
  apn = ''
  /** Out of service for too long: the bearer is gone. May be called again and again. */
  onBearerLost: () => void = () => {}
  onRegistered: () => void = () => {}
  onActivity: (what: string) => void = () => {}
  private status = IDLE
  private functionLevel = 1
  private searchSinceMs = -1
  private outOfServiceSinceMs = -1
  /** Which SIM the firmware has last seen. */
  private seenSim: Sim = 'absent'
  private isSimBusy = true
  private isPinAccepted = false
  private pinTriesLeft = PIN_TRIES
  /** <n> of CREG, CGREG and CEREG. */
  private reports = [0, 0, 0]

  constructor(
    private line: AtLine,
    private nic: Nic,
    private world: Surroundings,
    private options: RadioOptions,
  ) {}

  reset(): void {
    this.apn = ''
    this.status = IDLE
    this.functionLevel = 1
    this.searchSinceMs = -1
    this.outOfServiceSinceMs = -1
    this.isSimBusy = true
    this.isPinAccepted = false
    this.reports = [0, 0, 0]
  }

  /** The firmware runs; the SIM answers a little later. */
  start(): void {
    this.line.later(this.options.simBusyMs, () => {
      this.isSimBusy = false
      this.seenSim = this.world.sim
      this.line.urc(`+CPIN: ${this.world.sim === 'absent' ? 'NOT INSERTED' : this.simState()}`)
      this.update()
    })
  }

  /** The answer to SPIC, QPINC or UPINCNT: tries left for PIN and PUK. */
  pinTries(name: string): string {
    const card = name === '+QPINC' ? '"SC",' : ''
    return `${name}: ${card}${this.pinTriesLeft},10${name === '+QPINC' ? '' : ',3,10'}`
  }

  isRegistered(): boolean {
    return this.status === HOME || this.status === ROAMING
  }

  isSimReady(): boolean {
    return !this.isSimBusy && this.functionLevel !== 0 && this.simState() === 'READY'
  }

  /** Looks at SIM and coverage; called once a second and whenever a command changed something. */
  update(): void {
    if (this.isSimBusy) return
    this.noticeSim()
    const nowMs = this.line.clock.nowMs
    if (!this.isSimReady() || this.functionLevel !== 1) {
      this.searchSinceMs = -1
      this.enter(IDLE)
      this.onBearerLost()
      return
    }
    const isCovered = this.nic.isUp()
    if (isCovered && this.isRegistered() && this.world.networkStatus === this.status) {
      this.outOfServiceSinceMs = -1
      return
    }
    if (this.outOfServiceSinceMs < 0) this.outOfServiceSinceMs = nowMs
    const outOfServiceMs = nowMs - this.outOfServiceSinceMs
    if (isCovered) this.search(nowMs)
    else if (!this.isRegistered() || outOfServiceMs >= COVERAGE_LOST_MS) {
      this.searchSinceMs = -1
      this.enter(SEARCHING)
    }
    if (outOfServiceMs >= BEARER_KEPT_MS) this.onBearerLost()
  }

  command(command: Command): string {
    switch (command.name) {
      case '+CPIN':
        return this.pin(command)
      case '+CICCID':
        if (this.world.sim === 'absent') return this.noSim()
        this.line.line(`+ICCID: ${ICCID}`)
        return OK
      case '+CSQ':
        this.line.line(`+CSQ: ${this.nic.isUp() && this.functionLevel === 1 ? this.world.signal : UNKNOWN_SIGNAL},99`)
        return OK
      case '+COPS':
        if (command.kind !== '?') return command.kind === '=?' ? ERROR : OK
        this.line.line(this.isRegistered() ? '+COPS: 0,2,"00101",7' : '+COPS: 0')
        return OK
      case '+CREG':
        return this.report(command, 0)
      case '+CGREG':
        return this.report(command, 1)
      case '+CEREG':
        return this.report(command, 2)
      case '+CFUN':
        return this.functionality(command)
      case '+CGDCONT':
        return this.context(command)
      case '+CGAUTH':
      case '+SJDR':
      case '+QJDR':
        return OK
    }
    return UNKNOWN
  }

  /** What +CPIN shows for a SIM that is there. */
  private simState(): string {
    if (this.world.sim === 'absent') return 'ABSENT'
    if (this.world.sim === 'puk') return 'SIM PUK'
    if (this.world.sim === 'failure') return 'SIM failure'
    return this.options.simPin === '' || this.isPinAccepted ? 'READY' : 'SIM PIN'
  }

  private noSim(): string {
    return this.line.equipmentError(10, 'SIM not inserted')
  }

  /** A SIM pulled or put back while the firmware runs. */
  private noticeSim(): void {
    if (this.world.sim === this.seenSim) return
    this.seenSim = this.world.sim
    this.isPinAccepted = false
    this.line.urc(`+CPIN: ${this.world.sim === 'absent' ? 'SIM REMOVED' : this.simState()}`)
  }

  private search(nowMs: number): void {
    if (this.isRegistered()) {
      // Only the network changed its mind: no new search.
      if (this.status !== this.world.networkStatus) this.enter(this.world.networkStatus)
      return
    }
    if (this.searchSinceMs < 0) {
      this.searchSinceMs = nowMs
      if (this.status === IDLE) this.enter(SEARCHING)
      this.line.later(this.options.registerAfterMs, () => this.update())
    } else if (nowMs - this.searchSinceMs >= this.options.registerAfterMs) {
      this.searchSinceMs = -1
      this.enter(this.world.networkStatus)
    }
  }

  private enter(status: number): void {
    if (status === this.status) return
    const was = this.isRegistered()
    this.status = status
    const names = ['+CREG', '+CGREG', '+CEREG']
    for (let index = 0; index < names.length; index++)
      if (this.reports[index] > 0) this.line.urc(`${names[index]}: ${status}${this.cell(this.reports[index])}`)
    if (this.isRegistered() && !was) this.register()
    else if (was && !this.isRegistered()) this.onActivity('registration lost')
  }

  private register(): void {
    this.outOfServiceSinceMs = -1
    this.onActivity('registered')
    this.onRegistered()
  }

  /** The location that <n> = 2 adds. */
  private cell(report: number): string {
    return report === 2 && this.isRegistered() ? ',"1A2B","0000C3D4",7' : ''
  }

  private pin(command: Command): string {
    if (this.world.sim === 'absent') return this.noSim()
    if (this.isSimBusy) return this.line.equipmentError(14, 'SIM busy')
    if (this.functionLevel === 0 || this.world.sim === 'failure') return this.line.equipmentError(13, 'SIM failure')
    if (command.kind === '?') {
      this.line.line(`+CPIN: ${this.simState()}`)
      return OK
    }
    if (command.kind !== '=') return command.kind === '=?' ? OK : ERROR
    if (this.simState() === 'READY') return this.line.equipmentError(3, 'operation not allowed')
    if (this.world.sim === 'puk') return this.line.equipmentError(12, 'SIM PUK required')
    return this.enterPin(command.args[0])
  }

  private enterPin(digits: string): string {
    if (digits !== this.options.simPin) {
      this.pinTriesLeft--
      if (this.pinTriesLeft === 0) {
        this.world.sim = 'puk'
        this.seenSim = 'puk'
        this.onActivity('SIM blocked')
      }
      return this.line.equipmentError(16, 'incorrect password')
    }
    this.pinTriesLeft = PIN_TRIES
    this.line.later(PIN_MS, () => {
      this.isPinAccepted = true
      this.line.urc('+CPIN: READY')
      this.update()
    })
    return OK
  }

  private report(command: Command, index: number): string {
    if (command.kind === '=') {
      const report = integer(command.args[0], 0, 2)
      if (report < 0) return ERROR
      this.reports[index] = report
    } else if (command.kind === '?') {
      const report = this.reports[index]
      this.line.line(`${command.name}: ${report},${this.status}${this.cell(report)}`)
    } else if (command.kind === '') return ERROR
    return OK
  }

  /** AT+CFUN=1,1 and =6 restart the module and are the power part's. */
  private functionality(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CFUN: ${this.functionLevel}`)
      return OK
    }
    if (command.kind !== '=') return command.kind === '=?' ? OK : ERROR
    const level = integer(command.args[0], 0, 4)
    if (level !== 0 && level !== 1 && level !== 4) return ERROR
    this.line.later(FUNCTION_MS, () => {
      const hadSim = this.functionLevel !== 0
      this.functionLevel = level
      if (level !== 1) this.onActivity('radio off')
      this.line.finish(OK)
      if (this.world.sim !== 'absent' && hadSim !== (level !== 0)) {
        // Minimum functionality switches the SIM off, and the PIN is forgotten.
        if (level === 0) this.isPinAccepted = false
        this.line.urc(`+CPIN: ${level === 0 ? 'NOT READY' : this.simState()}`)
      }
      this.update()
    })
    return PENDING
  }

  private context(command: Command): string {
    if (command.kind === '?') {
      this.line.line(`+CGDCONT: 1,"IP","${this.apn}","0.0.0.0",0,0`)
      return OK
    }
    if (command.kind !== '=') return command.kind === '=?' ? OK : ERROR
    const context = integer(command.args[0], 1, 15)
    if (context < 0) return ERROR
    if (context === 1) this.apn = command.args.length > 2 ? command.args[2] : ''
    return OK
  }
}
