/**
 * Text messages of the modem models (hardware.md §2.10): CMGF, CSCS, CSMP, CNMI, CMGS in text mode. What was sent stands in
 * `messages`, for tests to look at.
 *
 * Not modelled: PDU mode, receiving, storage, delivery reports, the service centre, alphabets.
 */

import { type AtLine, type Command, ERROR, OK, PENDING, UNKNOWN } from './modem-line'

/** The network takes a message in so long. */
const SEND_MS = 2000

export class ModemSms {
  onActivity: (what: string) => void = () => {}
  readonly messages: { number: string; text: string }[] = []
  private isText = false

  constructor(
    private line: AtLine,
    /** The SIM's part is ready some time after the boot. */
    private isReady: () => boolean,
    private isRegistered: () => boolean,
  ) {}

  reset(): void {
    this.isText = false
  }

  command(command: Command): string {
    const isSet = command.kind === '='
    switch (command.name) {
      case '+CMGF':
        if (!this.isReady()) return this.refuse(500)
        if (isSet) this.isText = command.args[0] === '1'
        return OK
      case '+CSCS':
      case '+CSMP':
      case '+CNMI':
        return this.isReady() ? OK : this.refuse(500)
      case '+CMGS':
        return isSet ? this.send(command.args[0]) : OK
    }
    return UNKNOWN
  }

  private refuse(code: number): string {
    return `+CMS ERROR: ${code}`
  }

  private send(number: string): string {
    if (!this.isReady() || !this.isText) return ERROR
    this.line.promptText((text) => {
      if (text === '') {
        this.line.finish(OK)
        return
      }
      this.line.later(SEND_MS + this.line.faults.smsLateMs, () => {
        const code = this.isRegistered() ? this.line.faults.smsError : 331
        if (code > 0) {
          this.line.finish(this.refuse(code))
          return
        }
        this.messages.push({ number, text })
        this.onActivity(`message ${text.length}`)
        this.line.line(`+CMGS: ${this.messages.length}`)
        this.line.finish(OK)
      })
    })
    return PENDING
  }
}
