/**
 * The interpreter's idle loop on virtual time: timers, events, the queue of interrupts, errors, and what becomes of all
 * of them when memory runs out (espruino.md §1.5, §1.7, §3.4, §3.7, §3.8).
 *
 * Not modelled: the time that code takes (block() stands for a long call), timers with a string instead of a function,
 * the sleep between passes, other tasks of the chip.
 */

import type { VirtualClock } from './clock'

export type Callback = (...values: unknown[]) => unknown
export interface Natives {
  [name: string]: unknown
}

/** The queue that all interrupts share (espruino.md §3.4), in bytes. */
const QUEUE_BYTES = 4096
/** Passes at one instant in which a timer shorter than a millisecond ran; more is a program that lets no time pass. */
const HURRY_LIMIT = 2000
/** What cannot be caught says this (interpreter, run on the Linux build). */
const INTERRUPTED = 'Execution Interrupted during event processing.'
const INTERVAL_LOST = 'ERROR: Ctrl-C while processing interval - removing it.'

interface Timer {
  id: number
  /** On the system's clock, fractions of a millisecond included. */
  atMs: number
  delayMs: number
  /** 0 for a timeout. */
  intervalMs: number
  act: Callback
  values: unknown[]
}

interface Interrupt {
  bytes: number
  act: () => void
}

/** Thrown into a program that has no interpreter any more, or no memory. It may catch it, but gets no further. */
export interface Halt {
  isHalt: boolean
  message: string
}

export class Loop {
  /** The program does not run any more: restarted, or without supply. */
  isDead = false
  /** Error flags that E.getErrorFlags() has not fetched yet. */
  flags: string[] = []
  /** Each line that reaches the console. */
  onPrint: (line: string) => void = () => {}
  /** New error flags at the end of a pass; an error that nobody caught. */
  onFlags: (flags: string[]) => void = () => {}
  onUncaught: (error: unknown) => void = () => {}
  /** Natives that run when the interpreter is about to look for work. */
  onPass: () => void = () => {}
  /** The supply: false stops the program where it is. */
  isSupplied: () => boolean = () => true

  private bootMs: number
  /** What jumps of the system's clock, and setTime(), have added to it. */
  private jumpedMs = 0
  private setMs = 0
  private timers: Timer[] = []
  private events: { act: Callback; self: unknown; values: unknown[] }[] = []
  private queue: Interrupt[] = []
  private queueBytes = 0
  private alarm = 0
  private alarmMs = Infinity
  private busyUntilMs = 0
  private isInterrupted = false
  private nativesLeft = 0
  private error: { value: unknown } | undefined
  private newFlags: string[] = []
  private hurryMs = -1
  private hurries = 0

  constructor(private clock: VirtualClock) {
    this.bootMs = clock.nowMs
  }

  // Time.

  /** Milliseconds since the chip started. */
  upMs(): number {
    return this.clock.nowMs - this.bootMs
  }

  /** getTime() in milliseconds: the system's clock starts at 0 and nobody sets it but setTime(). */
  systemMs(): number {
    return this.upMs() + this.jumpedMs + this.setMs
  }

  /** setTime(): timers are moved along, so that none of them notices (§3.7). */
  setSystemMs(atMs: number): void {
    this.setMs += atMs - this.systemMs()
  }

  /** What SNTP inside the SDK does: the clock moves under the timers, and intervals run for each period missed (§3.7). */
  jump(byMs: number): void {
    this.jumpedMs += byMs
    this.wake()
  }

  /** The program is inside a long call from now on (TCP connect, PBKDF2): nothing else runs meanwhile. */
  block(forMs: number): void {
    const untilMs = this.clock.nowMs + forMs
    if (untilMs > this.busyUntilMs) this.busyUntilMs = untilMs
    this.schedule()
  }

  /** Virtual time of the next pass; Infinity when nothing waits. */
  nextPassMs(): number {
    return this.alarm === 0 ? Infinity : this.alarmMs
  }

  isBlocked(): boolean {
    return this.busyUntilMs > this.clock.nowMs
  }

  private timerMs(): number {
    return this.upMs() + this.jumpedMs
  }

  // Calls from the program.

  /** Each native begins with this. Throws when there is nobody left to call it. */
  enter(): void {
    if (!this.isSupplied()) this.isDead = true
    if (this.isDead) throw halt('the program has ended')
    if (this.nativesLeft > 0 && --this.nativesLeft === 0) this.interrupt()
    if (this.isInterrupted) throw halt('out of memory')
  }

  /** A record of natives, each guarded by enter(). */
  guard(natives: Natives): Natives {
    const guarded: Natives = {}
    for (const name of Object.keys(natives)) {
      const native = natives[name]
      guarded[name] = typeof native === 'function' ? this.native(native as Callback) : native
    }
    return guarded
  }

  native(act: Callback): Callback {
    return (...values) => {
      this.enter()
      return act.apply(undefined, values)
    }
  }

  setTimeout(act: Callback, delayMs: number, values: unknown[]): number {
    return this.addTimer(act, delayMs, false, values)
  }

  setInterval(act: Callback, delayMs: number, values: unknown[]): number {
    return this.addTimer(act, delayMs, true, values)
  }

  /** Without an id: all timers (§1.7). An id that nobody has is ignored, undefined is not. */
  clear(native: string, ids: unknown[]): void {
    if (ids.length === 0) this.timers = []
    else if (ids[0] === undefined) throw new Error(`${native}(undefined) not allowed. Use ${native}() instead`)
    else this.timers = this.timers.filter((timer) => timer.id !== ids[0])
    this.schedule()
  }

  changeInterval(id: unknown, delayMs: number): void {
    const timer = this.timers.find((entry) => entry.id === id)
    if (timer === undefined) throw new Error('Unknown Interval')
    timer.intervalMs = delayMs
    timer.atMs = this.timerMs() + delayMs
    this.schedule()
  }

  /** Gives on, emit, removeListener and removeAllListeners to an object; handlers run from the idle loop, later (§1.7). */
  addEvents(target: Natives): void {
    target.on = this.native((name, act) => {
      const key = `#on${name}`
      const known = target[key] as Callback[] | undefined
      target[key] = known === undefined ? [act] : known.concat([act as Callback])
    })
    target.emit = this.native((name, ...values) => this.emit(target, String(name), values))
    target.removeListener = this.native((name, act) => {
      const known = target[`#on${name}`] as Callback[] | undefined
      if (known !== undefined) target[`#on${name}`] = known.filter((entry) => entry !== act)
    })
    target.removeAllListeners = this.native((name) => {
      for (const key of Object.keys(target)) {
        if (name === undefined ? key.startsWith('#on') : key === `#on${name}`) delete target[key]
      }
    })
  }

  /** Queues a call of each handler; false when there is none. */
  emit(target: Natives, name: string, values: unknown[]): boolean {
    const acts = target[`#on${name}`] as Callback[] | undefined
    if (acts === undefined || acts.length === 0) return false
    for (const act of acts) this.events.push({ act, self: target, values })
    this.wake()
    return true
  }

  // Interrupts and errors.

  queueFreeBytes(): number {
    return QUEUE_BYTES - this.queueBytes
  }

  /** From an interrupt to the idle loop. A full queue drops it and says FIFO_FULL (§1.5). */
  push(bytes: number, act: () => void): void {
    if (this.isDead) return
    if (bytes > this.queueFreeBytes()) {
      this.flag('FIFO_FULL')
    } else {
      this.queueBytes += bytes
      this.queue.push({ bytes, act })
    }
    this.wake()
  }

  flag(name: string): void {
    if (!this.flags.includes(name)) this.flags.push(name)
    if (!this.newFlags.includes(name)) this.newFlags.push(name)
  }

  takeFlags(): string[] {
    const flags = this.flags
    this.flags = []
    return flags
  }

  /** Memory runs out in the program's nth native call from now: 1 for the next one (§1.5). */
  starve(nativeCalls: number): void {
    this.nativesLeft = nativeCalls
  }

  /** Nothing of this program ever runs again. */
  stop(): void {
    this.isDead = true
    this.clock.cancel(this.alarm)
    this.timers = []
    this.events = []
    this.queue = []
  }

  /** Runs a piece of the program; false when it was interrupted. What it throws is reported at the end of the pass. */
  run(act: Callback, self: unknown, values: unknown[]): boolean {
    try {
      act.apply(self, values)
    } catch (error) {
      // Of several in one pass only the last is reported (§1.5).
      if (!(error as Halt).isHalt) this.error = { value: error }
    }
    return !this.endInterrupt()
  }

  /** Runs the program's text the same way, and reports at once. */
  runNow(act: Callback): void {
    this.run(act, undefined, [])
    this.report()
    this.wake()
  }

  private interrupt(): void {
    this.isInterrupted = true
    this.flag('LOW_MEMORY')
    this.flag('MEMORY')
  }

  /** The interrupted code is left; intervals of the same pass still pay for it. */
  private endInterrupt(): boolean {
    const was = this.isInterrupted
    this.isInterrupted = false
    return was
  }

  private report(): void {
    const error = this.error
    this.error = undefined
    if (error !== undefined && !this.isDead) {
      this.onPrint(`Uncaught ${error.value}`)
      this.onUncaught(error.value)
    }
    const flags = this.newFlags
    this.newFlags = []
    // LOW_MEMORY alone is a warning, of which no event tells (JSERR_WARNINGS_MASK).
    if (flags.some((flag) => flag !== 'LOW_MEMORY') && !this.isDead) this.onFlags(flags)
  }

  // The loop.

  private addTimer(act: Callback, delayMs: number, isInterval: boolean, values: unknown[]): number {
    if (typeof act !== 'function') throw new Error('Function or String not supplied!')
    const waitMs = delayMs > 0 ? delayMs : 0
    // Numbers of timers that are gone are given again.
    let id = 1
    for (const timer of this.timers) if (timer.id >= id) id = timer.id + 1
    const intervalMs = isInterval ? waitMs || 0.1 : 0
    this.timers.push({ id, atMs: this.timerMs() + waitMs, delayMs: waitMs, intervalMs, act, values })
    this.schedule()
    return id
  }

  /** There is something to do as soon as the program is free. */
  private wake(): void {
    this.setAlarm(this.clock.nowMs)
  }

  private schedule(): void {
    let nextMs = Infinity
    for (const timer of this.timers) if (timer.atMs < nextMs) nextMs = timer.atMs
    if (this.events.length + this.queue.length > 0) nextMs = this.timerMs()
    if (nextMs < Infinity) this.setAlarm(this.clock.nowMs + Math.ceil(nextMs - this.timerMs()))
  }

  private setAlarm(atMs: number): void {
    if (this.isDead) return
    const freeMs = this.busyUntilMs > atMs ? this.busyUntilMs : atMs
    // A pass that comes too early finds nothing due; one that is due comes no later than this.
    if (this.alarm !== 0 && this.alarmMs <= freeMs && this.alarmMs >= this.busyUntilMs) return
    this.clock.cancel(this.alarm)
    this.alarmMs = freeMs
    this.alarm = this.clock.after(freeMs - this.clock.nowMs, () => this.pass())
  }

  private pass(): void {
    this.alarm = 0
    if (!this.isSupplied()) this.stop()
    if (this.isDead) return
    this.onPass()
    let isWhole = this.runQueue()
    isWhole = this.runTimers(isWhole)
    const events = this.events
    this.events = []
    for (const event of events) isWhole = this.run(event.act, event.self, event.values) && isWhole
    if (!isWhole) {
      this.flag('CALLBACK')
      this.onPrint(INTERRUPTED)
    }
    this.report()
    this.schedule()
  }

  private runQueue(): boolean {
    const queue = this.queue
    this.queue = []
    this.queueBytes = 0
    for (const entry of queue) if (!this.isDead) entry.act()
    return true
  }

  /** Each timer that is due once, in the order in which they were set. */
  private runTimers(isWhole: boolean): boolean {
    const nowMs = this.timerMs()
    for (const timer of this.timers.slice()) {
      if (this.isDead || timer.atMs > nowMs || !this.timers.includes(timer)) continue
      // Intervals keep their phase, so a period missed is run in the next pass (§3.7).
      if (timer.intervalMs > 0) timer.atMs += timer.intervalMs
      else this.timers.splice(this.timers.indexOf(timer), 1)
      if (timer.delayMs < 1) this.noteHurry()
      isWhole = this.run(timer.act, undefined, timer.values) && isWhole
      if (isWhole || timer.intervalMs === 0) continue
      this.onPrint(INTERVAL_LOST)
      this.timers = this.timers.filter((entry) => entry !== timer)
    }
    return isWhole
  }

  private noteHurry(): void {
    if (this.hurryMs !== this.clock.nowMs) this.hurries = 0
    this.hurryMs = this.clock.nowMs
    if (++this.hurries > HURRY_LIMIT) throw new Error(`the program lets no time pass at ${this.clock.nowMs} ms`)
  }
}

function halt(message: string): Halt {
  return { isHalt: true, message }
}
