/**
 * A SIMCom A7670E at AT byte level (dialect A of hardware.md §2): power key, boot, identification, restart; SIM and radio
 * are in modem-radio.ts, its clock in modem-clock.ts, the bearer in modem-bearer.ts, TCP in modem-sockets.ts, the serial
 * line in modem-line.ts.
 *
 * Not modelled: UDP, DNS, SMS, HTTP and the rest of the vendor's services, other baud rates and automatic baud, sleep,
 * RESET pin, the module's flash (nothing is saved: AT&W is answered and forgotten), command lines joined by `;`, supply
 * droop (a scenario calls reboot()). Of the SIM7600 only boot lines, model name, power-key time and NETOPEN? differ.
 */

import type { VirtualClock } from './clock'
import { ModemBearer } from './modem-bearer'
import { ModemClock } from './modem-clock'
import { AtLine, type Command, ERROR, type ModemFaults, noFaults, OK, UNKNOWN } from './modem-line'
import { ModemRadio, type Sim, type Surroundings } from './modem-radio'
import { ModemSockets } from './modem-sockets'
import type { Nic } from './network'
import type { Random } from './random'

export type { ModemFaults } from './modem-line'
export type { Sim } from './modem-radio'

export interface ModemOptions {
  /** PIN that the SIM asks for; '' none. */
  simPin?: string
  /** APN that the network wants in context 1; '' takes any. */
  apn?: string
  /** From coverage and a ready SIM to registration. */
  registerAfterMs?: number
  /** From power key to a UART that answers (A7670: 11.1 s). */
  bootMs?: number
  /** The SIM answers "busy" for so long after the boot. */
  simBusyMs?: number
  /** Output comes in pieces of 1 to so many bytes, at random borders; 0 = whole. */
  chunkBytes?: number
  /** Latency of an answer. */
  commandMs?: number
  /** What the network says the time is; 0 = nothing. */
  utcSeconds?: () => number
  model?: 'A7670' | 'SIM7600'
}

type PowerState = 'off' | 'booting' | 'running' | 'closing'

/** PWRKEY low for so long switches on (§2.2); SIM7600 wants more. */
const KEY_ON_MS = 50
const KEY_ON_SIM7600_MS = 500
/** ... and for so long switches a running module off. */
const KEY_OFF_MS = 2500
/** From CPOF or the key to STATUS low. */
const CLOSING_MS = 2000
/** Off for less than this, the module does not start (§2.2 off-on gap). */
const OFF_GAP_MS = 2000
/** From the OK of CRESET to the restart. */
const RESTART_MS = 100
/** `SMS DONE` and `PB DONE` after the boot (§2.3). */
const SMS_DONE_MS = 3000
const PHONE_BOOK_DONE_MS = 5000
/** SIM and coverage are looked at so often. */
const TICK_MS = 1000

const DEFAULT_BOOT_MS = 11100
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
  private keyAlarm = 0
  private offSinceMs = -OFF_GAP_MS
  private bootMs: number
  private isSim7600: boolean
  private line: AtLine
  private radio: ModemRadio
  private timeOfDay: ModemClock
  private bearer: ModemBearer
  private sockets: ModemSockets

  constructor(
    private clock: VirtualClock,
    nic: Nic,
    random: Random,
    options: ModemOptions = {},
  ) {
    this.isSim7600 = options.model === 'SIM7600'
    this.bootMs = options.bootMs ?? DEFAULT_BOOT_MS
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
    this.bearer = new ModemBearer(this.line, nic, this.radio, options.apn ?? '', this.isSim7600)
    this.sockets = new ModemSockets(this.line, nic, this.bearer)
    this.bearer.links = this.sockets
    this.radio.onRegistered = () => this.timeOfDay.registered()
    this.radio.onBearerLost = () => this.bearer.lose()
    this.radio.onActivity = (what) => this.onActivity(what)
    this.bearer.onActivity = (what) => this.onActivity(what)
    this.sockets.onActivity = (what) => this.onActivity(what)
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
    const onMs = this.isSim7600 ? KEY_ON_SIM7600_MS : KEY_ON_MS
    if (this.state === 'off') this.keyAlarm = this.clock.after(onMs, () => this.switchOn())
    else this.keyAlarm = this.clock.after(KEY_OFF_MS, () => this.close())
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
    this.line.urc(this.isSim7600 ? 'RDY' : '*ATREADY: 1')
    this.radio.start()
    this.line.later(SMS_DONE_MS, () => {
      if (this.radio.isSimReady()) this.line.urc('SMS DONE')
    })
    this.line.later(PHONE_BOOK_DONE_MS, () => {
      if (this.radio.isSimReady()) this.line.urc('PB DONE')
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
    this.bearer.reset()
    this.sockets.reset()
  }

  private execute(command: Command): string {
    let result = this.identify(command)
    if (result === UNKNOWN) result = this.control(command)
    if (result === UNKNOWN) result = this.radio.command(command)
    if (result === UNKNOWN) result = this.timeOfDay.command(command)
    if (result === UNKNOWN) result = this.bearer.command(command)
    if (result === UNKNOWN) result = this.sockets.command(command)
    return result === UNKNOWN ? ERROR : result
  }

  private identify(command: Command): string {
    const model = this.isSim7600 ? 'SIMCOM_SIM7600E-H' : 'A7670E-FASE'
    const revision = this.isSim7600 ? 'LE20B04SIM7600M22' : 'A7670M7_V1.11.1'
    switch (command.name) {
      case 'I':
        this.line.line('Manufacturer: SIMCOM INCORPORATED')
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
      case '+CPOF':
        this.close()
        return OK
      case '+CRESET':
        return this.restart()
      case '+CFUN':
        // 1,1 restarts after switching on, 6 restarts.
        return command.args[0] === '6' || command.args.join(',') === '1,1' ? this.restart() : UNKNOWN
    }
    return UNKNOWN
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
