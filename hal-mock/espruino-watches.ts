/**
 * setWatch() as the interpreter on an ESP32 has it (espruino.md §3.4, hardware.md §0).
 *
 * Not modelled: the `irq`, `hispeed` and `data` options, the modem's STATUS pin as a source of edges, an interrupt that
 * comes late and sees the level after two edges.
 */

import type { Pins } from '../firmware/hal'
import type { VirtualClock } from './clock'
import type { Callback, Loop, Natives } from './espruino-loop'
import type { PinBank } from './pins'

const PIN_COUNT = 40
/** Watches are refused on these. */
const FIRST_UNWATCHED = 6
const LAST_UNWATCHED = 12
/** Bytes of one edge in the queue. */
const EDGE_BYTES = 6

interface Watch {
  id: number
  pin: number
  act: Callback
  isRepeating: boolean
  /** 1 rising, -1 falling, 0 both. */
  edge: number
  debounceMs: number
  lastState: boolean
  lastTime: number | undefined
  alarm: number
}

export class Watches {
  private watches: Watch[] = []
  private levels = new Uint8Array(PIN_COUNT)

  /** pins: the pin objects that events carry. */
  constructor(
    private clock: VirtualClock,
    private loop: Loop,
    private hardware: Pins,
    private bank: PinBank,
    private pins: Natives[],
  ) {
    bank.listeners.push(this.look)
  }

  stop(): void {
    this.bank.listeners.splice(this.bank.listeners.indexOf(this.look), 1)
    for (const watch of this.watches) this.clock.cancel(watch.alarm)
    this.watches = []
  }

  /** Forces input with pull-up, whatever the mode was, for any edge; the chip has no pull-ups on 34-39 (§3.4). */
  set(act: Callback, pin: number, options: unknown): number {
    if (typeof act !== 'function') throw new Error('Function not supplied!')
    const wanted = (typeof options === 'object' && options !== null ? options : { repeat: options }) as Natives
    const edge = edgeOf(wanted.edge)
    if (pin >= FIRST_UNWATCHED && pin <= LAST_UNWATCHED) throw new Error(`Watch not supported on pin D${pin}`)
    this.hardware.mode(pin, 'inputPullup')
    let id = 1
    for (const watch of this.watches) if (watch.id >= id) id = watch.id + 1
    this.levels[pin] = this.hardware.read([pin])
    this.watches.push({
      id,
      pin,
      act,
      isRepeating: wanted.repeat === true || wanted.repeat === 1,
      edge,
      debounceMs: Number(wanted.debounce) || 0,
      lastState: this.levels[pin] === 1,
      lastTime: undefined,
      alarm: 0,
    })
    return id
  }

  clear(ids: unknown[]): void {
    if (ids.length === 0) {
      this.watches = []
      return
    }
    const kept = this.watches.filter((watch) => watch.id !== ids[0])
    if (kept.length === this.watches.length) throw new Error(`Unknown Watch ${ids[0]}`)
    this.watches = kept
  }

  /** The interrupt reads the level when it runs, at each change of a watched pin. */
  private look = (): void => {
    for (const watch of this.watches.slice()) {
      const level = this.hardware.read([watch.pin])
      if (level !== this.levels[watch.pin]) this.edge(watch.pin, level)
    }
  }

  private edge(pin: number, level: number): void {
    this.levels[pin] = level
    const time = this.loop.systemMs() / 1000
    for (const watch of this.watches) {
      if (watch.pin === pin) this.loop.push(EDGE_BYTES, () => this.handle(watch, level === 1, time))
    }
  }

  private handle(watch: Watch, state: boolean, time: number): void {
    if (watch.debounceMs === 0) {
      this.fire(watch, state, time)
      return
    }
    // It counts when the level has stood still, and differs from what was told last (§3.4).
    this.clock.cancel(watch.alarm)
    watch.alarm = this.clock.after(watch.debounceMs, () => {
      this.loop.push(0, () => {
        if (state !== watch.lastState) this.fire(watch, state, time)
      })
    })
  }

  private fire(watch: Watch, state: boolean, time: number): void {
    watch.lastState = state
    if (!this.watches.includes(watch)) return
    if (watch.edge !== 0 && watch.edge !== (state ? 1 : -1)) return
    const event = { state, lastTime: watch.lastTime, time, pin: this.pins[watch.pin] }
    watch.lastTime = time
    const isWhole = this.loop.run(watch.act, undefined, [event])
    if (!isWhole) this.loop.flag('CALLBACK')
    // Memory that runs out takes the watch with it (§1.5).
    if (!watch.isRepeating || !isWhole) this.watches = this.watches.filter((entry) => entry !== watch)
  }
}

function edgeOf(value: unknown): number {
  if (value === undefined || value === 0 || value === 'both') return 0
  if (value === 1 || value === 'rising') return 1
  if (value === -1 || value === 'falling') return -1
  throw new Error("'edge' in setWatch should be 1, -1, 0, 'rising', 'falling' or 'both'")
}
