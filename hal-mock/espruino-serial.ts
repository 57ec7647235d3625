/**
 * Serial ports as the interpreter on an ESP32 has them: driver rings, the task that empties them, events to the program
 * (espruino.md §3.5, hardware.md §0).
 *
 * Not modelled: the time that sending takes, a UART at another speed than its peer's (nothing gets through), XON/XOFF,
 * parity and stop bits, the REPL behind the console's port.
 */

import type { VirtualClock } from './clock'
import { toBytes, toText } from './espruino-bytes'
import type { Loop, Natives } from './espruino-loop'
import { pinNumber } from './espruino-pins'

/** Driver ring of each port; what comes while it is full is lost without a word (§3.5). */
const RING_BYTES = 1024
/** One pass takes so much of each port ... */
const PASS_BYTES = 256
/** ... when the queue has room for it; else it looks again later. */
const RETRY_MS = 10
/** A pass waits for the console first: this long, and longer after so many passes without a byte on any port. */
const PASS_MS = 5
const IDLE_PASS_MS = 100
const IDLE_PASSES = 5000
/** Most bytes of one event, and what the queue needs beside them. */
const EVENT_BYTES = 64
const EVENT_HEAD_BYTES = 2
/** Kept for read() while nobody listens to 'data'. */
const STREAM_BYTES = 512
/** The board's UART takes no more in one call. */
const WRITE_BYTES = 512

/** The task that carries bytes from the UART drivers to the interpreter. */
export class UartTask {
  /** Bytes that a full ring lost. */
  lostBytes = 0
  readonly ports: SerialPort[] = []
  private lastPassMs: number
  private idlePasses = 0
  private alarm = 0

  /** isInstant: bytes reach the queue as they come; for comparison with a board that has no such task. */
  constructor(
    private clock: VirtualClock,
    private loop: Loop,
    private isInstant: boolean,
  ) {
    this.lastPassMs = clock.nowMs
  }

  stop(): void {
    this.clock.cancel(this.alarm)
  }

  receive(port: SerialPort, bytes: string): void {
    const room = RING_BYTES - port.ring.length
    if (bytes.length > room) this.lostBytes += bytes.length - room
    port.ring += bytes.substr(0, room)
    if (this.isInstant) this.pass()
    else if (this.alarm === 0) this.wait()
  }

  private wait(): void {
    const nowMs = this.clock.nowMs
    // Passes until now found nothing; there was no need to run them.
    const fastEndMs = this.lastPassMs + Math.max(0, IDLE_PASSES - this.idlePasses) * PASS_MS
    const isFast = nowMs < fastEndMs
    const stepMs = isFast ? PASS_MS : IDLE_PASS_MS
    const fromMs = isFast ? this.lastPassMs : Math.max(fastEndMs, this.lastPassMs)
    const passes = ((nowMs - fromMs) / stepMs) | 0
    this.idlePasses = isFast ? this.idlePasses + passes : IDLE_PASSES
    this.lastPassMs = fromMs + passes * stepMs
    this.setAlarm(this.lastPassMs + stepMs - nowMs)
  }

  private setAlarm(inMs: number): void {
    this.clock.cancel(this.alarm)
    this.alarm = this.clock.after(inMs, () => {
      this.alarm = 0
      this.pass()
    })
  }

  private pass(): void {
    if (this.loop.isDead) return
    if (!this.isInstant && this.loop.queueFreeBytes() < PASS_BYTES) {
      this.setAlarm(RETRY_MS)
      return
    }
    this.lastPassMs = this.clock.nowMs
    this.idlePasses = 0
    let isLeft = false
    for (const port of this.ports) {
      this.carry(port, this.isInstant ? RING_BYTES : PASS_BYTES)
      if (port.ring !== '') isLeft = true
    }
    if (isLeft && !this.isInstant) this.setAlarm(PASS_MS)
  }

  private carry(port: SerialPort, lengthBytes: number): void {
    const bytes = port.ring.substr(0, lengthBytes)
    port.ring = port.ring.substr(lengthBytes)
    for (let from = 0; from < bytes.length; from += EVENT_BYTES) {
      const part = bytes.substr(from, EVENT_BYTES)
      this.loop.push(part.length + EVENT_HEAD_BYTES, () => port.push(part))
    }
  }
}

/** Serial1, 2 or 3. */
export class SerialPort {
  /** Arrived at the driver. */
  ring = ''
  readonly natives: Natives
  /** Bytes that the program wrote while it was set up with these pins. */
  onWrite: (bytes: string, tx: number, baud: number) => void = () => {}
  tx = -1
  rx = -1
  baud = 0
  /** For read(): what nobody listened to. */
  private stream = ''

  constructor(
    private loop: Loop,
    defaults: number[],
  ) {
    this.natives = loop.guard({
      setup: (baud: unknown, options: unknown) => this.setup(baud, (options ?? {}) as Natives, defaults),
      write: (...data: unknown[]) => this.write(toText(toBytes(data))),
      print: (text: unknown) => this.write(String(text)),
      println: (text: unknown) => this.write(`${text}\r\n`),
      available: () => this.stream.length,
      read: (lengthBytes: unknown) => this.read(lengthBytes === undefined ? STREAM_BYTES : Number(lengthBytes)),
      unsetup: () => {
        this.tx = this.rx = -1
      },
    })
    loop.addEvents(this.natives)
    const on = this.natives.on as (name: unknown, act: unknown) => void
    this.natives.on = (name: unknown, act: unknown) => {
      on(name, act)
      // What came before goes to the first listener.
      if (name === 'data' && this.stream !== '') this.push('')
    }
  }

  /** From the queue to the program: an event when somebody listens, else kept for read(). */
  push(bytes: string): void {
    const all = this.stream + bytes
    this.stream = ''
    if (this.loop.emit(this.natives, 'data', [all])) return
    this.stream = all.substr(0, STREAM_BYTES)
    if (all.length > STREAM_BYTES) this.loop.flag('BUFFER_FULL')
  }

  private setup(baud: unknown, options: Natives, defaults: number[]): void {
    if (options.errors) throw new Error('Serial port error handling is not implemented on this platform')
    this.tx = options.tx === undefined ? defaults[0] : pinNumber(options.tx)
    this.rx = options.rx === undefined ? defaults[1] : pinNumber(options.rx)
    this.baud = baud === undefined ? 9600 : Number(baud)
  }

  private write(bytes: string): void {
    for (let from = 0; from < bytes.length; from += WRITE_BYTES) {
      this.onWrite(bytes.substr(from, WRITE_BYTES), this.tx, this.baud)
    }
  }

  private read(lengthBytes: number): string | undefined {
    const bytes = this.stream.substr(0, lengthBytes)
    this.stream = this.stream.substr(lengthBytes)
    return bytes === '' ? undefined : bytes
  }
}
