/**
 * Virtual time of the bench. Nothing happens between two alarms, so time jumps from one to the next.
 * Alarms due at the same instant run in the order in which they were set.
 */

interface Alarm {
  atMs: number
  id: number
  act: () => void
}

export class VirtualClock {
  nowMs = 0
  private lastId = 0
  /** Sorted by time, then by id. Few alarms are set at once, so a plain array is quick enough. */
  private alarms: Alarm[] = []

  /** Runs act once, delayMs (0 or more) from now. Returns an id for cancel(). */
  after(delayMs: number, act: () => void): number {
    const alarm: Alarm = { atMs: this.nowMs + (delayMs > 0 ? delayMs : 0), id: ++this.lastId, act }
    let index = this.alarms.length
    while (index > 0 && this.alarms[index - 1].atMs > alarm.atMs) index--
    this.alarms.splice(index, 0, alarm)
    return alarm.id
  }

  /** Forgets an alarm; an unknown or spent id is ignored. */
  cancel(id: number): void {
    const index = this.alarms.findIndex((alarm) => alarm.id === id)
    if (index >= 0) this.alarms.splice(index, 1)
  }

  /** When the next alarm is due; Infinity when none is set. */
  nextAtMs(): number {
    return this.alarms.length > 0 ? this.alarms[0].atMs : Infinity
  }

  /** Moves to atMs, running every alarm due up to and including it. Time never goes back. */
  runTo(atMs: number): void {
    while (this.alarms.length > 0 && this.alarms[0].atMs <= atMs) {
      const alarm = this.alarms.shift() as Alarm
      if (alarm.atMs > this.nowMs) this.nowMs = alarm.atMs
      alarm.act()
    }
    if (atMs > this.nowMs) this.nowMs = atMs
  }
}
