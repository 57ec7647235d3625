/**
 * Speaks with the interpreter's console. A line that starts with byte 0x10 is executed without echo; each one prints a
 * marker with its number and a value, and the next goes out only then, so that at most one line is on its way
 * (the driver's ring has 1024 bytes, hardware.md §0). XOFF stops us in between.
 *
 * Does not know what is uploaded (upload.ts) nor how the wire works (link.ts).
 */

import { FlashError, find } from './failures'
import type { Link } from './link'

const INTERRUPT = '\x03'
const QUIET = '\x10'
const XON = '\x11'
const XOFF = '\x13'
/** Longest line that fits the driver's ring. */
const LINE_LIMIT_BYTES = 900
/** Bytes between two looks for XOFF. */
const PIECE_BYTES = 64
/** An XON that was lost must not stop us for ever. */
const XOFF_LIMIT_MS = 10_000
const ANSWER_LIMIT_MS = 5_000
/** A line is repeated when no answer came; what it does must bear that. */
const TRIES = 3
/** Kept of what the board said, for messages. */
const HEARD_LIMIT = 4000

export class Console {
  private text = ''
  private isStopped = false
  private isGone = false
  private number = 0
  private wake: () => void = () => undefined
  /** The last that the board said besides answers: boot log, exceptions. */
  heard = ''

  constructor(
    private readonly link: Link,
    /** All waits are multiplied by it; less than 1 for boards that are models. */
    private readonly scale = 1,
  ) {
    link.onData((bytes) => this.receive(bytes))
    link.onClose(() => {
      this.isGone = true
      this.wake()
    })
  }

  /** Gets the prompt: ends whatever line or program is there. Throws FlashError when nothing answers. */
  async attach(tries = TRIES): Promise<void> {
    for (let attempt = 0; attempt < tries; attempt++) {
      this.link.write(`${XON}${INTERRUPT}\n`)
      this.isStopped = false
      try {
        await this.once('1', ANSWER_LIMIT_MS)
        return
      } catch (reason) {
        // Perhaps it was still starting.
        if (!(reason instanceof Silence)) throw reason
      }
    }
    throw new FlashError(`the console does not answer${this.lastWords()}`)
  }

  /**
   * Value of an expression, as JSON gives it; undefined for none. Repeated when no answer comes, so it must bear that.
   * Throws FlashError with the interpreter's exception, or when it stays silent.
   */
  async ask(expression: string, answerMs = ANSWER_LIMIT_MS): Promise<unknown> {
    let problem: unknown
    for (let attempt = 0; attempt < TRIES; attempt++) {
      try {
        return await this.once(expression, answerMs)
      } catch (reason) {
        problem = reason
        if (!(reason instanceof Silence)) break
        this.link.write(`${XON}${INTERRUPT}\n`)
      }
    }
    throw problem instanceof Silence ? new FlashError(`the console does not answer${this.lastWords()}`) : problem
  }

  /** Executes without waiting: for what restarts the board. */
  async tell(statement: string): Promise<void> {
    await this.send(`${QUIET}${statement}\n`)
  }

  /** Waits, and returns all that the board said meanwhile. */
  async listen(ms: number): Promise<string> {
    const before = this.heard.length
    await this.pause(ms, () => false)
    return this.heard.slice(Math.min(before, this.heard.length))
  }

  /** Executes without an answer; returns the whole lines that the board says then, until they are enough, at most ms. */
  async hear(statement: string, isEnough: (lines: string[]) => boolean, ms: number): Promise<string[]> {
    this.text = ''
    await this.tell(statement)
    const lines = () => this.text.split(/[\r\n]+/).slice(0, -1)
    await this.pause(ms, () => isEnough(lines()))
    return lines()
  }

  close(): Promise<void> {
    return this.link.close()
  }

  /** What a line costs besides its expression. */
  private async once(expression: string, answerMs: number): Promise<unknown> {
    const number = ++this.number
    // The marker is put together by the interpreter, so that an echo of the line never looks like an answer.
    const mark = `"~"+${number}+`
    const line = `try{print(${mark}"="+JSON.stringify(${expression}))}catch(e){print(${mark}"!"+e)}`
    if (line.length > LINE_LIMIT_BYTES) throw new Error(`a line has ${line.length} bytes`)
    this.text = ''
    await this.send(`${QUIET}${line}\n`)
    // The interpreter's JSON also knows escapes that JSON does not, but only numbers, booleans and ASCII are asked for.
    const pattern = new RegExp(`~${number}([=!])([^\\r\\n]*)\\r?\\n`)
    let found: RegExpExecArray | null = null
    await this.pause(answerMs, () => (found = pattern.exec(this.text)) !== null)
    const answer = found as RegExpExecArray | null
    if (answer === null && this.isGone) throw new FlashError(`device disconnected${this.lastWords()}`)
    if (answer === null) throw new Silence()
    if (answer[1] === '!') throw new FlashError(`the board says ${answer[2]}`)
    return answer[2] === 'undefined' ? undefined : JSON.parse(answer[2])
  }

  private async send(bytes: string): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (this.isStopped) await this.pause(XOFF_LIMIT_MS, () => !this.isStopped)
      this.link.write(bytes.slice(at, at + PIECE_BYTES))
      // Lets an XOFF that is already here be seen.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  private receive(bytes: string): void {
    for (const byte of bytes) {
      if (byte === XOFF) this.isStopped = true
      else if (byte === XON) this.isStopped = false
      else {
        this.text += byte
        this.heard += byte
      }
    }
    if (this.heard.length > HEARD_LIMIT) this.heard = this.heard.slice(-HEARD_LIMIT)
    this.wake()
  }

  /** Until something is so, looked at whenever bytes come; at most ms. */
  private pause(ms: number, isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.wake = () => undefined
        resolve()
      }
      const timer = setTimeout(end, ms * this.scale)
      this.wake = () => {
        if (this.isGone || isDone()) end()
      }
      this.wake()
    })
  }

  /** For a message: a line that says what is wrong if there was one, and the last ones. */
  lastWords(): string {
    const lines = this.heard.split(/[\r\n]+/).filter((line) => /[ -~]{4}/.test(line) && !line.includes('~'))
    if (lines.length === 0) return ''
    const last = lines.slice(-3)
    const telling = lines.reverse().find((line) => find(line) !== undefined)
    if (telling !== undefined && !last.includes(telling)) last.unshift(telling)
    return `; it said last: ${last.join(' | ')}`
  }
}

/** No answer in time: the line may be repeated. */
class Silence extends Error {}
