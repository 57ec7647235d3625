/**
 * A modem at AT byte level (hardware.md §2): power key, boot, identification, restart, and the parts behind them:
 *
 *   modem-line.ts      the serial line over modem-wire.ts; modem-faults.ts what can go wrong with it and the network
 *   modem-families.ts  what the modules are called and how long they take
 *   modem-radio.ts     SIM and radio          modem-clock.ts, modem-sms.ts
 *   modem-a.ts .. e.ts the five families' bearers and sockets; modem-link.ts and modem-links.ts what they have in common
 *
 * Not modelled: DNS, HTTP and the rest of the makers' services, other baud rates and automatic baud, sleep, RESET pin, the
 * module's flash (nothing is saved: AT&W is answered and forgotten), command lines joined by `;`, supply droop (a scenario
 * calls reboot()). Each family's file says what else it leaves out.
 */

import type { VirtualClock } from './clock'
import { ModemA } from './modem-a'
import { ModemB } from './modem-b'
import { ModemC } from './modem-c'
import { ModemClock } from './modem-clock'
import { ModemD } from './modem-d'
import { ModemE } from './modem-e'
import { MODULES, type ModemModel, type ModuleFacts } from './modem-families'
import { type ModemFaults, noFaults } from './modem-faults'
import { AtLine, type Command, ERROR, OK, PENDING, UNKNOWN } from './modem-line'
import { ModemRadio, type Sim, type Surroundings } from './modem-radio'
import { ModemSms } from './modem-sms'
import type { Registration, Stack } from './modem-stack'
import type { Nic } from './network'
import type { Random } from './random'

export type { ModemModel } from './modem-families'
export type { ModemFaults } from './modem-faults'
export type { Sim } from './modem-radio'

export interface ModemOptions {
  /** PIN that the SIM asks for; '' none. */
  simPin?: string
  /** APN that the network wants in context 1; '' takes any. */
  apn?: string
  /** From coverage and a ready SIM to registration. */
  registerAfterMs?: number
  /** From power key to a UART that answers; the module's own time when left out. */
  bootMs?: number
  /** The SIM answers "busy" for so long after the boot. */
  simBusyMs?: number
  /** Output comes in pieces of 1 to so many bytes, at random borders; 0 = whole. */
  chunkBytes?: number
  /** Latency of an answer. */
  commandMs?: number
  /** What the network says the time is; 0 = nothing. */
  utcSeconds?: () => number
  /** A7670 when left out. */
  model?: ModemModel
}

type PowerState = 'off' | 'booting' | 'running' | 'closing'

/** From CPOF or the key to STATUS low. */
const CLOSING_MS = 2000
/** The marker comes so long before that. */
const MARKER_MS = 100
/** Off for less than this, the module does not start (§2.2 off-on gap). */
const OFF_GAP_MS = 2000
/** From the OK of CRESET to the restart. */
const RESTART_MS = 100
/** Messages can be sent so long after the boot. */
const SMS_READY_MS = 4000
/** SIM and coverage are looked at so often. */
const TICK_MS = 1000

const DEFAULT_REGISTER_MS = 3000
const DEFAULT_SIM_BUSY_MS = 1000
const DEFAULT_COMMAND_MS = 5

/** A number from the range that is kept for tests. */
const IMEI = '004999010640000'

/** Splits what follows AT into name, kind and parameters. */
function parse(text: string): Command {
  const equals = text.indexOf('=')
  const question = text.indexOf('?')
  const isQuery = question >= 0 && (equals < 0 || question < equals)
  if (isQuery) return { name: text.substr(0, question).trim().toUpperCase(), kind: '?', args: [] }
  if (equals < 0) return { name: text.trim().toUpperCase(), kind: '', args: [] }
  const name = text.substr(0, equals).trim().toUpperCase()
  const value = text.substr(equals + 1).trim()
  if (value === '?') return { name, kind: '=?', args: [] }
  const args: string[] = []
  for (const part of value.split(',')) args.push(part.split('"').join('').trim())
  return { name, kind: '=', args }
}

export class Modem implements Surroundings {
  sim: Sim = 'ready'
  /** What a registration ends in: 1 home, 5 roaming, 3 denied, 11 emergency only ... */
  networkStatus = 1
  /** CSQ rssi, 0-31, while there is coverage. */
  signal = 20
  readonly faults: ModemFaults = noFaults()
  /** Bytes to the host's RX, on virtual time. */
  onOutput: (bytes: string) => void = () => {}
  /** For the trace; never payload bytes, never a PIN. */
  onActivity: (what: string) => void = () => {}

  private state: PowerState = 'off'
  private isSupplied = true
  private keyLevel = 0
  private isSmsReady = false
  private keyAlarm = 0
  private offSinceMs = -OFF_GAP_MS
  private bootMs: number
  private facts: ModuleFacts
  private line: AtLine
  private radio: ModemRadio
  private timeOfDay: ModemClock
  private stack: Stack
  private sms: ModemSms

  constructor(
    private clock: VirtualClock,
    nic: Nic,
    random: Random,
    options: ModemOptions = {},
  ) {
    this.facts = MODULES[options.model ?? 'A7670']
    this.bootMs = options.bootMs ?? this.facts.bootMs
    const commandMs = options.commandMs ?? DEFAULT_COMMAND_MS
    this.line = new AtLine(clock, random, this.faults, commandMs, options.chunkBytes ?? 0, (bytes) =>
      this.onOutput(bytes),
    )
    this.line.onCommand = (text) => this.execute(parse(text))
    this.radio = new ModemRadio(this.line, nic, this, {
      simPin: options.simPin ?? '',
      registerAfterMs: options.registerAfterMs ?? DEFAULT_REGISTER_MS,
      simBusyMs: options.simBusyMs ?? DEFAULT_SIM_BUSY_MS,
    })
    this.timeOfDay = new ModemClock(this.line, options.utcSeconds ?? (() => 0))
    this.stack = makeStack(this.facts, this.line, nic, this.radio, options.apn ?? '')
    this.sms = new ModemSms(
      this.line,
      () => this.isSmsReady && !this.faults.smsNeverReady,
      () => this.radio.isRegistered(),
    )
    this.radio.onRegistered = () => this.timeOfDay.registered()
    this.radio.onBearerLost = () => this.stack.lose()
    this.radio.onActivity = (what) => this.onActivity(what)
    this.stack.onActivity = (what) => this.onActivity(what)
    this.sms.onActivity = (what) => this.onActivity(what)
  }

  /** What has been sent by CMGS. */
  get messages(): { number: string; text: string }[] {
    return this.sms.messages
  }

  /** The network takes the bearer away. */
  loseBearer(): void {
    this.stack.lose()
  }

  /** The module's own report of jamming, where it has one. */
  reportJamming(isJammed: boolean): void {
    if (this.facts.dialect === 'D') this.line.urc(`+QJDR: ${isJammed ? 'JAMMED' : 'NOJAMMING'}`)
    else if (this.facts.dialect === 'B') this.line.urc(`$QCJDSTATE:1,${isJammed ? 1 : 0}`)
    else if (this.facts.dialect === 'C') this.line.urc(`+SJDR: ${isJammed ? '' : 'NO '}INTERFERENCE DETECTED`)
  }

  /** Any line out of turn. */
  say(text: string): void {
    this.line.urc(text)
  }

  /** VBAT. Taking it away drops everything at once. The supply is there from the start, as the enable pin's pull-up has it. */
  setSupply(isOn: boolean): void {
    if (isOn === this.isSupplied) return
    this.isSupplied = isOn
    if (!isOn) this.switchOff('supply off')
    else if (this.keyLevel === 1) this.press()
  }

  /** Level at the ESP pin: 1 = pressed, the transistor pulls PWRKEY low. One press acts once. */
  setPowerKey(level: number): void {
    if (level === this.keyLevel) return
    this.keyLevel = level
    this.clock.cancel(this.keyAlarm)
    if (level === 1 && this.isSupplied) this.press()
  }

  /** STATUS pin: 1 = running. */
  statusLevel(): number {
    return this.state === 'running' || this.state === 'closing' ? 1 : 0
  }

  /** Bytes from the host's TX at 115200 baud. */
  receive(bytes: string): void {
    this.line.receive(bytes)
  }

  /** Brown-out: everything is lost, and the module boots again by itself. Ignored while off. */
  reboot(): void {
    if (this.state !== 'off') this.boot('restart')
  }

  private press(): void {
    if (this.state === 'off') this.keyAlarm = this.clock.after(this.facts.keyOnMs, () => this.switchOn())
    else this.keyAlarm = this.clock.after(this.facts.keyOffMs, () => this.close())
  }

  private switchOn(): void {
    if (this.clock.nowMs - this.offSinceMs < OFF_GAP_MS) this.onActivity('power key too soon')
    else this.boot('power on')
  }

  private boot(why: string): void {
    this.forget()
    this.state = 'booting'
    this.onActivity(why)
    this.line.later(this.bootMs, () => this.run())
  }

  private run(): void {
    if (this.state !== 'booting') return
    this.state = 'running'
    this.line.isListening = true
    this.onActivity('running')
    for (const text of this.facts.bootLines) this.line.urc(text)
    this.radio.start()
    for (const { text, afterMs } of this.facts.laterLines)
      this.line.later(afterMs, () => {
        if (this.radio.isSimReady()) this.line.urc(text)
      })
    this.line.later(SMS_READY_MS, () => {
      this.isSmsReady = true
    })
    this.line.later(TICK_MS, () => this.tick())
  }

  private tick(): void {
    this.radio.update()
    this.line.later(TICK_MS, () => this.tick())
  }

  /** An orderly shutdown: the module is off CLOSING_MS later. */
  private close(): void {
    this.state = 'closing'
    if (this.facts.offMarker !== '') this.line.later(CLOSING_MS - MARKER_MS, () => this.line.urc(this.facts.offMarker))
    this.line.later(CLOSING_MS, () => this.switchOff('power off'))
  }

  private switchOff(why: string): void {
    this.forget()
    this.clock.cancel(this.keyAlarm)
    if (this.state === 'off') return
    this.state = 'off'
    this.offSinceMs = this.clock.nowMs
    this.onActivity(why)
  }

  private forget(): void {
    this.line.reset()
    this.radio.reset()
    this.timeOfDay.reset()
    this.stack.reset()
    this.sms.reset()
    this.isSmsReady = false
  }

  private execute(command: Command): string {
    if (this.facts.unknown.indexOf(command.name) >= 0) return ERROR
    let result = this.identify(command)
    if (result === UNKNOWN) result = this.control(command)
    if (result === UNKNOWN) result = this.radio.command(command)
    if (result === UNKNOWN) result = this.timeOfDay.command(command)
    if (result === UNKNOWN) result = this.sms.command(command)
    if (result === UNKNOWN) result = this.stack.command(command)
    return result === UNKNOWN ? ERROR : result
  }

  private identify(command: Command): string {
    const { maker, model, revision } = this.facts
    switch (command.name) {
      case 'I':
        this.line.line(`Manufacturer: ${maker}`)
        this.line.line(`Model: ${model}`)
        this.line.line(`Revision: ${revision}`)
        this.line.line(`IMEI: ${IMEI}`)
        return OK
      case '+CGMM':
        this.line.line(model)
        return OK
      case '+CGMR':
        this.line.line(`+CGMR: ${revision}`)
        return OK
      case '+CGSN':
        this.line.line(IMEI)
        return OK
    }
    return UNKNOWN
  }

  private control(command: Command): string {
    switch (command.name) {
      case '':
      case 'Z':
      case '&F':
      case '&W':
        return OK
      case 'E':
      case 'E0':
      case 'E1':
        this.line.hasEcho = command.name === 'E1'
        return OK
      case '+CMEE':
        return this.setErrorFormat(command)
      case '+IFC':
        return command.kind !== '=' || command.args.join(',') === '0,0' ? OK : ERROR
      case '+IPR':
        if (command.kind === '?') this.line.line('+IPR: 115200')
        return command.kind !== '=' || command.args[0] === '115200' ? OK : ERROR
      case '+CFUN':
        // 1,1 restarts after switching on, 6 (15 with u-blox) restarts.
        if (command.args.join(',') === '1,1') return this.restart()
        return command.args[0] === (this.facts.dialect === 'E' ? '15' : '6') ? this.restart() : UNKNOWN
      case this.facts.offCommand:
        this.close()
        // Without OK the marker is the answer.
        return this.facts.offAnswersOk ? OK : PENDING
      case this.facts.pinCommand:
        this.line.line(this.radio.pinTries(command.name))
        return OK
    }
    return this.facts.restarts.indexOf(command.name) >= 0 ? this.restart() : UNKNOWN
  }

  private restart(): string {
    this.line.later(RESTART_MS, () => {
      if (this.state === 'running') this.boot('restart')
    })
    return OK
  }

  private setErrorFormat(command: Command): string {
    if (command.kind === '?') this.line.line(`+CMEE: ${this.line.errorFormat}`)
    if (command.kind !== '=') return OK
    const format = parseInt(command.args[0], 10)
    if (!(format >= 0 && format <= 2)) return ERROR
    this.line.errorFormat = format
    return OK
  }
}

function makeStack(facts: ModuleFacts, line: AtLine, nic: Nic, registration: Registration, apn: string): Stack {
  switch (facts.dialect) {
    case 'A':
      return new ModemA(line, nic, registration, apn, facts.bootLines[0] === 'RDY')
    case 'B':
      return new ModemB(line, nic, registration, apn)
    case 'C':
      return new ModemC(line, nic, registration, apn)
    case 'D':
      return new ModemD(line, nic, registration, apn)
    case 'E':
      return new ModemE(line, nic, registration, apn)
  }
}
