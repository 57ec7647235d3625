/**
 * The arming rules a second time, as a list of what lies ahead: no table, no bits, no partition record. One partition with
 * a front door, a garage door, a window, a living room and a smoke detector. Written from section 4 of the rules, to be
 * compared with the panel over random histories.
 */

export type Level = 'away' | 'stay' | 'away instant' | 'stay instant'
export type Phase = 'disarmed' | 'exit' | 'armed' | 'entry' | 'alarm' | 'quiet alarm'
export type Place = 'door' | 'garage' | 'window' | 'room' | 'smoke'
export const PLACES: Place[] = ['door', 'garage', 'window', 'room', 'smoke']

export interface ModelRules {
  abortMs: number
  isRestart: boolean
  isAutoStay: boolean
}

const EXIT_MS = 60000
const ENTRY_MS: Record<string, number> = { door: 30000, garage: 60000 }
const CANCEL_MS = 300000
const BELL_MS = 240000
const RECENT_MS = 120000
const ALARM_CODE: Record<Place, number> = { door: 134, garage: 134, window: 131, room: 132, smoke: 110 }
const SWINGS = 2
/** Quiet for so long, and swinger shutdown ends. */
const CALM_MS = 48 * 3600000

export class ArmingModel {
  phase: Phase = 'disarmed'
  level: Level | 'none' = 'away'
  nowMs = 0
  said: string[] = []
  private isOpen = new Set<Place>()
  private bypassed = new Set<Place>()
  /** What lies ahead, by name. */
  private ahead = new Map<'phase' | 'hold' | 'calm', number>()
  private cancelUntilMs = 0
  private recentUntilMs = 0
  private behind: Place = 'door'
  private doorSteps: string[] = []
  private isRestarted = false
  private isError = false
  private alarms = new Map<Place, number>()
  private owesRestore = new Set<Place>()
  private user = 1

  constructor(private rules: ModelRules) {}

  /** Lets time pass; what lies ahead happens in its order. */
  to(atMs: number): void {
    for (;;) {
      const due = [...this.ahead].filter(([, at]) => at <= atMs).sort(([, left], [, right]) => left - right)
      if (due.length === 0) break
      const [, at] = due[0]
      this.nowMs = at
      // At one moment a window ends before the phase does, and the calm comes last.
      for (const name of ['hold', 'phase', 'calm'] as const) if (this.ahead.get(name) === at) this.happen(name)
    }
    this.nowMs = atMs
  }

  private happen(name: 'phase' | 'hold' | 'calm'): void {
    this.ahead.delete(name)
    if (name === 'hold') this.letGo()
    else if (name === 'calm') this.calm()
    else if (this.phase === 'exit') this.left()
    else if (this.phase === 'entry') this.late()
    else if (this.phase === 'alarm') this.phase = 'quiet alarm'
  }

  arm(level: Level, user: number): boolean {
    const isStay = level.startsWith('stay')
    const hindering = [...this.isOpen].filter((place) => !this.bypassed.has(place) && !(isStay && place === 'room'))
    if (hindering.length > 0) return false
    this.phase = 'exit'
    this.level = level
    this.user = user
    this.doorSteps = []
    this.isRestarted = false
    this.isError = false
    this.cancelUntilMs = 0
    this.calm()
    this.ahead.set('phase', this.nowMs + EXIT_MS)
    return true
  }

  code(user: number): { opens: number; cancels: number; aborts: number } {
    const isSet = !['disarmed', 'exit'].includes(this.phase) && this.level !== 'none'
    const isAlarm = this.phase === 'alarm' || this.phase === 'quiet alarm'
    const result = {
      opens: isSet && !this.isError ? 1 : 0,
      cancels: isAlarm && this.nowMs < this.cancelUntilMs ? 1 : 0,
      aborts: isAlarm && this.ahead.has('hold') ? 1 : 0,
    }
    if (this.isError) this.said.push('drop')
    this.phase = 'disarmed'
    this.isError = false
    this.user = user
    this.ahead.delete('phase')
    this.ahead.delete('hold')
    this.cancelUntilMs = 0
    this.recentUntilMs = 0
    for (const place of PLACES) {
      if (this.bypassed.delete(place)) this.said.push(`3${place === 'smoke' ? 570 : 573} ${this.number(place)}`)
    }
    this.calm()
    return result
  }

  open(place: Place): void {
    if (this.isOpen.has(place)) return
    this.isOpen.add(place)
    if (place === 'door' || place === 'garage') this.exitDoor(true)
    if (!this.bypassed.has(place)) this.trip(place)
  }

  close(place: Place): void {
    if (!this.isOpen.delete(place)) return
    if (place === 'door' || place === 'garage') this.exitDoor(false)
    if (this.owesRestore.has(place) && !this.isOut(place)) this.restore(place)
  }

  private exitDoor(isOpening: boolean): void {
    if (this.phase !== 'exit') return
    const hasBeenUsed = this.doorSteps.includes('opened') && this.doorSteps.includes('closed')
    if (isOpening && hasBeenUsed && this.rules.isRestart && !this.isRestarted) {
      this.isRestarted = true
      this.ahead.set('phase', this.nowMs + EXIT_MS)
    } else if (isOpening) this.doorSteps.push('opened')
    else if (this.doorSteps.includes('opened')) this.doorSteps.push('closed')
  }

  private trip(place: Place): void {
    if (place === 'smoke') {
      this.alarm(place, false)
      return
    }
    const isLive = !['disarmed', 'exit'].includes(this.phase) && this.level !== 'none'
    if (!isLive || (place === 'room' && this.level.startsWith('stay')) || this.isOut(place)) return
    const isInstant = this.level.endsWith('instant')
    if ((place === 'door' || place === 'garage') && !isInstant) {
      if (this.phase === 'armed') {
        this.phase = 'entry'
        this.behind = place
        this.ahead.set('phase', this.nowMs + ENTRY_MS[place])
        return
      }
      if (this.phase === 'entry') {
        this.ahead.set('phase', Math.min(this.ahead.get('phase') ?? 0, this.nowMs + ENTRY_MS[place]))
        return
      }
    }
    if (place === 'room' && !isInstant && this.phase === 'entry') return
    this.alarm(place, true)
  }

  /** The exit delay is over. */
  private left(): void {
    const isStay = this.level.startsWith('stay')
    const wayOut = PLACES.filter((place) => this.isOpen.has(place) && !this.bypassed.has(place)).find((place) =>
      this.level.endsWith('instant') ? false : place === 'door' || place === 'garage' || (place === 'room' && !isStay),
    )
    const hasLeft = this.doorSteps.includes('closed')
    if (this.rules.isAutoStay && this.level === 'away' && !hasLeft && wayOut === undefined) this.level = 'stay'
    this.phase = 'armed'
    this.recentUntilMs = this.nowMs + RECENT_MS
    const closing = this.level.startsWith('stay') ? 441 : 401
    this.said.push(`3${closing} ${this.user}${wayOut === undefined ? '' : ' held'}`)
    if (wayOut !== undefined) {
      this.phase = 'entry'
      this.behind = wayOut
      this.isError = true
      this.ahead.set('phase', this.nowMs + (ENTRY_MS[wayOut] ?? 30000))
    }
    for (const place of PLACES) {
      const isCounted = !this.isOpen.has(place) || this.bypassed.has(place) || this.owesRestore.has(place)
      if (place !== wayOut && !isCounted) this.trip(place)
    }
  }

  /** The entry delay is over. */
  private late(): void {
    if (!this.isError) {
      this.alarm(this.behind, true, 134)
      return
    }
    this.recentUntilMs = 0
    this.alarm(this.behind, false, 134)
    this.said.push(`1374 ${this.number(this.behind)}`)
    this.bypassed.add(this.behind)
  }

  private alarm(place: Place, mayHold: boolean, code = ALARM_CODE[place]): void {
    const isHeld = mayHold && this.rules.abortMs > 0 && this.cancelUntilMs === 0
    if (this.phase === 'disarmed' || this.phase === 'exit') this.level = 'none'
    this.phase = 'alarm'
    this.ahead.set('phase', this.nowMs + BELL_MS)
    if (isHeld) {
      if (!this.ahead.has('hold')) this.ahead.set('hold', this.nowMs + this.rules.abortMs)
    } else {
      if (this.ahead.has('hold') || this.isError) this.letGo()
      this.cancelUntilMs = this.nowMs + CANCEL_MS
    }
    const held = isHeld ? ' held' : ''
    this.said.push(`1${code} ${this.number(place)}${held}`)
    if (this.nowMs < this.recentUntilMs && this.level !== 'none') {
      this.recentUntilMs = 0
      this.said.push(`1459 ${this.user}${held}`)
    }
    this.alarms.set(place, (this.alarms.get(place) ?? 0) + 1)
    this.owesRestore.add(place)
    this.ahead.set('calm', this.nowMs + CALM_MS)
  }

  private letGo(): void {
    this.ahead.delete('hold')
    this.isError = false
    this.said.push('release')
    this.cancelUntilMs = this.nowMs + CANCEL_MS
  }

  private isOut(place: Place): boolean {
    return place !== 'smoke' && (this.alarms.get(place) ?? 0) >= SWINGS
  }

  private calm(): void {
    this.ahead.delete('calm')
    const counted = [...this.alarms.keys()]
    this.alarms.clear()
    for (const place of PLACES) {
      if (counted.includes(place) && this.owesRestore.has(place) && !this.isOpen.has(place)) this.restore(place)
    }
  }

  private restore(place: Place): void {
    this.owesRestore.delete(place)
    this.said.push(`3${ALARM_CODE[place]} ${this.number(place)}${this.ahead.has('hold') ? ' held' : ''}`)
  }

  private number(place: Place): number {
    return PLACES.indexOf(place) + 1
  }
}
