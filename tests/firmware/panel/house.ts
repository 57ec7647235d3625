/** A house without hardware: zones, partitions and a clock, and what they have to report as lines of text. */

import { ZoneFlag } from '../../../firmware/config'
import * as event from '../../../firmware/event'
import * as partition from '../../../firmware/panel/partition'
import * as premises from '../../../firmware/panel/premises'
import * as zones from '../../../firmware/panel/zones'

/** Types in the order of section 2.1, as the settings name them. */
export const TYPES = [
  ...['entryExit1', 'entryExit2', 'perimeter', 'follower', 'interiorDelayed', 'dayNight', 'silentBurglary'],
  ...['burglary24h', 'holdUp', 'panic', 'fire', 'fireVerified', 'heat', 'pullStation', 'waterflow', 'carbonMonoxide'],
  ...['medical', 'pendant', 'gas', 'water', 'temperatureHigh', 'temperatureLow', 'auxiliary', 'tamper', 'keyswitch'],
  'noAlarm',
] as const
export type TypeName = (typeof TYPES)[number]

export const MODES = ['away', 'stay', 'night', 'away instant', 'stay instant'] as const
export type Mode = (typeof MODES)[number]
export const STATES = ['disarmed', 'exit', 'armed', 'entry', 'alarm', 'quiet alarm'] as const
export type State = (typeof STATES)[number]

export interface ZoneSpec {
  type: TypeName
  partitions?: number
  flags?: number
  cross?: number
}

/** Bypassable, swinger and abort window, as a burglary zone has them by default. */
export const USUAL = ZoneFlag.BYPASSABLE | ZoneFlag.SWINGER | ZoneFlag.ABORT

/** A-1, A-4, A-5, A-7, A-9, A-13. */
export const RULES: partition.Rules = {
  exitMs: 60000,
  entryMs: 30000,
  entry2Ms: 60000,
  abortMs: 30000,
  cancelMs: 300000,
  bellMs: 240000,
  isExitRestart: 1,
  isStayDouble: 0,
  isAutoStay: 0,
  isEn: 0,
}

/** Words for what is no event. */
const OUTCOMES: Record<number, string> = {
  [partition.RELEASE]: 'release',
  [partition.DROP]: 'drop',
  [partition.WARNED]: 'warned',
  [premises.WALKED]: 'walked',
  [premises.UNCONFIRMED]: 'unconfirmed',
}

export class House {
  readonly w: premises.Premises
  nowMs = 0
  /** What was reported: '1131 1 003', held ones with ' held'; '2: ' in front of another partition than the first. */
  lines: string[] = []

  constructor(specs: ZoneSpec[], rules: Partial<partition.Rules> = {}, partitionCount = 1, swingLimit = 2) {
    const z = zones.create(
      specs.map((spec) => TYPES.indexOf(spec.type)),
      specs.map((spec) => spec.partitions ?? 1),
      specs.map((spec) => spec.flags ?? (spec.type === 'fire' ? USUAL & ~ZoneFlag.ABORT : USUAL)), // Z-11
      specs.map((spec) => spec.cross ?? 0),
      swingLimit,
    )
    this.w = premises.create({ ...RULES, ...rules }, z, partitionCount)
    this.w.crossMs = 60000
    this.w.swingMs = 48 * 3600000
  }

  partition(index = 0): partition.Partition {
    return this.w.partitions[index]
  }

  state(index = 0): State {
    return STATES[this.partition(index).state]
  }

  mode(index = 0): string {
    return MODES[this.partition(index).mode] ?? 'none'
  }

  /** Lets time pass up to a moment, with each deadline on its own. */
  to(atMs: number): this {
    while (this.w.dueMs <= atMs) {
      this.nowMs = this.w.dueMs
      premises.poll(this.w, this.nowMs)
      this.take()
    }
    this.nowMs = atMs
    return this
  }

  after(ms: number): this {
    return this.to(this.nowMs + ms)
  }

  /** A loop settles to a state: ACTIVE when left out. */
  open(zone: number, state = zones.ACTIVE): this {
    premises.zoneChanged(this.w, zone, state, this.nowMs)
    this.take()
    return this
  }

  close(zone: number): this {
    return this.open(zone, zones.SECURE)
  }

  arm(mode: Mode = 'away', user = 5, mask = 1, origin = partition.BY_CODE, isForced = false): number {
    const hindrance = premises.hindrance(this.w, mask, MODES.indexOf(mode), isForced)
    if (hindrance >= 0) return hindrance
    premises.arm(this.w, mask, MODES.indexOf(mode), user, origin, this.nowMs)
    this.take()
    return -1
  }

  /** Armed, the exit delay over. */
  armed(mode: Mode = 'away', mask = 1): this {
    this.arm(mode, 5, mask)
    return this.after(RULES.exitMs * 2)
  }

  /** A code that counts, in the partitions of mask. Returns what it led to. */
  code(user = 5, isDuress = false, mask = 1): { opens: number; cancels: number; aborts: number; exitError: number } {
    let [opens, cancels, aborts, exitError] = [0, 0, 0, 0]
    for (let index = 0; index < this.w.partitions.length; index++) {
      const p = this.w.partitions[index]
      if (((mask >> index) & 1) === 0) continue
      partition.codeEntered(p, 1, isDuress ? 1 : 0, user, this.nowMs)
      opens += p.opens
      cancels += p.cancels
      aborts += p.aborts
      exitError += p.wasExitError
      premises.disarmed(this.w, index, this.nowMs)
    }
    this.take()
    return { opens, cancels, aborts, exitError }
  }

  /** Lines since the last call. */
  heard(): string[] {
    const lines = this.lines
    this.lines = []
    return lines
  }

  take(): void {
    const list = this.w.out
    this.w.out = []
    if (this.w.isTurned === 1) this.lines.push('keyswitch')
    this.w.isTurned = 0
    for (let at = 0; at < list.length; at += premises.OUT_FIELDS) {
      const [code, qualifier, index, number, isHeld] = list.slice(at, at + premises.OUT_FIELDS)
      const area = index === 0 ? '' : `${index + 1}: `
      const what = OUTCOMES[code] ?? `${qualifier}${code}`
      this.lines.push(`${area}${what}${code < 100 && number === 0 ? '' : ` ${number}`}${isHeld === 1 ? ' held' : ''}`)
    }
  }
}

export { event, partition, premises, ZoneFlag, zones }
