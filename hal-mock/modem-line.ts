/**
 * The modem's end of its serial line: bytes at 115200 baud, echo, command lines, answers, unsolicited lines (URCs), and
 * the prompt with its counted payload (hardware.md §2.1, §2.13).
 *
 * Not modelled: baud rates as such (at a wrong one there is only junk), flow control, several commands in one line (`;`), the host's receive
 * ring (the board has that), noise on the wire.
 */

import type { VirtualClock } from './clock'
import type { ModemFaults } from './modem-faults'
import { Wire } from './modem-wire'
import type { Random } from './random'

/** One command as the parts of the modem see it: AT<name><kind><args>. */
export interface Command {
  /** Upper case, with its plus sign: '+CIPOPEN'; '' for a bare AT. */
  name: string
  /** '' run, '=' set, '?' query, '=?' test. */
  kind: string
  /** Parameters without their quotes. */
  args: string[]
}

/** A handler's answer: not one of my commands. */
export const UNKNOWN = ''
/** A handler's answer: it will call finish() itself. */
export const PENDING = 'pending'
/** A handler's answer, and the final result that the host sees. */
export const OK = 'OK'
export const ERROR = 'ERROR'

/** Longest command line; the rest of a longer one is dropped. */
const COMMAND_BYTES = 560
/** Commands that wait for the one that runs; more are dropped. */
const WAITING_LIMIT = 8

/** Lines that a network or a caller can cause at any time; none of them asks the host for anything. */
const NOISE = ['+CREG: 1', '*PSUTTZ: 2026,1,2,3,4,5,"+04",0', '+CTZV: +04,26/01/02,03:04:05', 'RING', '+CMTI: "SM",1']
/** Ends or aborts a text. */
const CTRL_Z = '\x1a'
const ESCAPE = '\x1b'
/** Longest text; the rest of a longer one is dropped. */
const TEXT_BYTES = 700

/** In a storm also this, as A76xx inserts it into other answers (§2.5). */
const NOTICE = '+CIPRXGET: 1,0'

/** The whole number in text if it is within the limits, else -1. */
export function integer(text: string | undefined, minimum: number, maximum: number): number {
  const value = parseInt(text === undefined ? '' : text, 10)
  return value >= minimum && value <= maximum ? value : -1
}

/** An IPv4 address in four numbers. */
export function isDotted(address: string): boolean {
  const parts = address.split('.')
  if (parts.length !== 4) return false
  for (const part of parts) if (`${integer(part, 0, 255)}` !== part) return false
  return true
}

export class AtLine {
  /** Powered, booted and willing to talk. */
  isListening = false
  hasEcho = true
  /** AT+CMEE: 0 ERROR only, 1 numbers, 2 words. */
  errorFormat = 0
  /** Runs one command and returns its final result, or PENDING. */
  onCommand: (text: string) => string = () => ERROR
  private inbound: Wire
  private outbound: Wire
  /** The command line as far as it has come. */
  private typed = ''
  private isBusy = false
  private waiting: { text: string; atMs: number }[] = []
  private payload = ''
  /** Payload bytes still to come; 0 outside a prompt. */
  private missingBytes = 0
  private onPayload: ((bytes: string) => void) | undefined
  /** The payload is a text, which a byte of its own ends. */
  private isText = false
  private finishedAtMs = 0
  private emittedBytes = 0
  private isFirstCommand = true
  /** Counts resets, so that what was planned before one does not happen after it. */
  private life = 0

  constructor(
    readonly clock: VirtualClock,
    private random: Random,
    readonly faults: ModemFaults,
    private commandMs: number,
    chunkBytes: number,
    output: (bytes: string) => void,
  ) {
    this.inbound = new Wire(clock, random, 0, (bytes) => this.take(bytes))
    this.outbound = new Wire(clock, random, chunkBytes, output)
  }

  /** Power gone or restarted: settings, half a command and half an answer are lost, nothing planned happens. */
  reset(): void {
    this.life++
    this.outbound.clear()
    this.isListening = false
    this.hasEcho = true
    this.errorFormat = 0
    this.typed = ''
    this.isBusy = false
    this.waiting = []
    this.payload = ''
    this.missingBytes = 0
    this.onPayload = undefined
    this.isText = false
    this.isFirstCommand = true
  }

  /** Bytes from the host. */
  receive(bytes: string): void {
    this.inbound.write(bytes)
  }

  /** Does something later, unless a reset comes first. Returns an id for the clock's cancel(). */
  later(delayMs: number, act: () => void): number {
    const life = this.life
    return this.clock.after(delayMs, () => {
      if (life === this.life) act()
    })
  }

  /** A line of an answer. */
  line(text: string): void {
    this.noise()
    this.emit(`\r\n${text}\r\n`)
  }

  /** An unsolicited line: may be lost, and in a storm comes twice now and then. */
  urc(text: string): void {
    if (this.random.oneIn(this.faults.loseUrcOneIn)) return
    this.line(text)
    if (this.faults.urcStorm && this.random.oneIn(4)) this.emit(`\r\n${text}\r\n`)
  }

  /** The delayed result of a command that was already answered with OK. */
  outcome(text: string): void {
    if (!this.faults.resultMissing) this.line(text)
  }

  /** A header line and raw bytes; what follows begins with its own line end. */
  block(header: string, bytes: string): void {
    this.line(header)
    if (this.faults.noticeInPayload) this.emit(`\r\n${NOTICE}\r\n`)
    this.emit(bytes)
  }

  /** Bytes within a line: +CARECV: 5,HELLO or +USORD: 0,5,"HELLO". */
  inline(before: string, bytes: string, after: string): void {
    this.noise()
    this.emit(`\r\n${before}`)
    this.emit(bytes)
    this.emit(after)
  }

  /** Asks for exactly lengthBytes of payload, no echo, whatever the bytes are. */
  prompt(lengthBytes: number, act: (bytes: string) => void, sign = '>'): void {
    this.noise()
    if (!this.faults.promptMissing) this.emit(`\r\n${sign}`)
    this.noise()
    this.missingBytes = lengthBytes
    this.onPayload = act
  }

  /** Asks for a text, which Ctrl-Z ends; act is told '' when ESC came instead. */
  promptText(act: (text: string) => void): void {
    this.prompt(1, act, '> ')
    this.isText = true
  }

  /** Ends the running command; the next one that waits begins. */
  finish(result: string): void {
    this.line(result)
    this.isBusy = false
    this.finishedAtMs = this.clock.nowMs
    const next = this.waiting.shift()
    if (next !== undefined) this.start(next.text, next.atMs)
  }

  /** An error line with its final result. */
  refuse(text: string): string {
    this.line(text)
    return ERROR
  }

  /** The final result for an equipment error, as AT+CMEE asks for it (hardware.md §2.4). */
  equipmentError(code: number, words: string): string {
    if (this.errorFormat === 0) return ERROR
    return `+CME ERROR: ${this.errorFormat === 1 ? code : words}`
  }

  private emit(bytes: string): void {
    if (!this.isListening || this.faults.silent) return
    const limitBytes = this.faults.silentAfterBytes
    this.emittedBytes += bytes.length
    if (limitBytes > 0 && this.emittedBytes > limitBytes) return
    this.outbound.write(this.faults.wrongBaud ? this.junk(bytes.length) : bytes)
  }

  /** What a receiver at another rate makes of so many bytes. */
  private junk(lengthBytes: number): string {
    let bytes = ''
    for (let index = 0; index < lengthBytes; index++) {
      const kind = this.random.below(4)
      bytes += String.fromCharCode(kind === 0 ? 0 : kind === 1 ? 255 : this.random.below(256))
    }
    return bytes
  }

  private noise(): void {
    if (!this.faults.urcStorm) return
    const index = this.random.below(NOISE.length + 1)
    this.emit(`\r\n${index < NOISE.length ? NOISE[index] : NOTICE}\r\n`)
  }

  private take(bytes: string): void {
    if (!this.isListening || this.faults.silent || this.faults.wrongBaud) return
    let rest = bytes
    while (rest !== '') rest = this.missingBytes > 0 ? this.takePayload(rest) : this.takeCommand(rest)
  }

  /** Returns what was not used. */
  private takeText(bytes: string): string {
    let length = 0
    while (length < bytes.length && bytes[length] !== CTRL_Z && bytes[length] !== ESCAPE) length++
    this.payload = (this.payload + bytes.substr(0, length)).substr(0, TEXT_BYTES)
    if (length === bytes.length) return ''
    const text = bytes[length] === CTRL_Z ? this.payload : ''
    const act = this.onPayload as (bytes: string) => void
    this.payload = ''
    this.onPayload = undefined
    this.isText = false
    this.missingBytes = 0
    act(text)
    return bytes.substr(length + 1)
  }

  /** Returns what was not used. */
  private takePayload(bytes: string): string {
    if (this.isText) return this.takeText(bytes)
    const part = bytes.substr(0, this.missingBytes)
    this.payload += part
    this.missingBytes -= part.length
    if (this.missingBytes === 0) {
      const payload = this.payload
      const act = this.onPayload as (bytes: string) => void
      this.payload = ''
      this.onPayload = undefined
      act(payload)
    }
    return bytes.substr(part.length)
  }

  /** Returns what was not used. */
  private takeCommand(bytes: string): string {
    const end = bytes.indexOf('\r')
    const part = end < 0 ? bytes : bytes.substr(0, end + 1)
    const isBegin = this.typed === ''
    const isHasty = isBegin && this.clock.nowMs - this.finishedAtMs < this.faults.commandGapMs
    const heard = isHasty ? part.substr(1) : part
    if (this.hasEcho) {
      if (isBegin) this.noise()
      this.emit(heard)
    }
    this.typed = (this.typed + heard).substr(0, COMMAND_BYTES)
    if (end >= 0) {
      const text = this.typed.split('\r')[0]
      this.typed = ''
      this.accept(text)
    }
    return bytes.substr(part.length)
  }

  /** Everything before the prefix AT is ignored (ITU-T V.250 §5.2.1); so is a line without one. */
  private accept(text: string): void {
    const prefix = text.toUpperCase().indexOf('AT')
    if (prefix < 0 || this.faults.echoOnly) return
    const isLost = this.isFirstCommand && this.faults.firstCommandLost
    this.isFirstCommand = false
    if (isLost) return
    const body = text.substr(prefix + 2)
    if (!this.isBusy) this.start(body, this.clock.nowMs)
    else if (!this.faults.overlapDrops && this.waiting.length < WAITING_LIMIT)
      this.waiting.push({ text: body, atMs: this.clock.nowMs })
  }

  private start(text: string, atMs: number): void {
    this.isBusy = true
    // A late modem is late from the moment the command came, not from the moment its turn comes.
    const spentMs = this.clock.nowMs - atMs
    const lateMs = this.faults.lateAnswerMs > spentMs ? this.faults.lateAnswerMs - spentMs : 0
    this.later(this.commandMs + lateMs, () => {
      const result = this.onCommand(text)
      if (result !== PENDING) this.finish(result)
    })
  }
}
