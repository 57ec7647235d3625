/** A simulated panel with zones, partitions, people and options of a story's choice, and hands to press its keys. */

import * as app from '../../firmware/app'
import { type ZoneFlag, ZoneType } from '../../firmware/config'
import * as codes from '../../firmware/panel/codes'
import type { DemoConfig } from '../../hal-mock/demo'
import type { Work } from '../../hal-mock/work'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

export interface Person {
  digits: string
  /** Slot 0-63. */
  slot: number
  user: number
  role?: number
  partitions?: number
  isDuress?: boolean
}

export interface HouseZone {
  name: string
  type: ZoneType
  partitions?: number
  flags?: number
  cross?: number
}

export const FRONT_DOOR: HouseZone = { name: 'Front door', type: ZoneType.ENTRY_EXIT_1 }
export const WINDOW: HouseZone = { name: 'Hall window', type: ZoneType.PERIMETER }

export const MASTER: Person = { digits: '274916', slot: 0, user: 1, role: codes.MASTER }
export const USER: Person = { digits: '805376', slot: 1, user: 2, role: codes.USER }
/** Of user 2. */
export const DURESS: Person = { digits: '618046', slot: 2, user: 2, role: codes.USER, isDuress: true }
export const INSTALLER: Person = { digits: '390426', slot: 3, user: 4, role: codes.INSTALLER }

/** Bypassable, swinger, abort window. */
const USUAL = 98 as ZoneFlag

export type Settings = Partial<DemoConfig>

export interface Options {
  zones?: HouseZone[]
  people?: Person[]
  settings?: Settings
  seed?: number
  work?: Work
  /** A panel other than firmware/app.ts. */
  firmware?: Pick<rigs.PanelFirmware, 'create' | 'poll'>
  onLine?: (line: rigs.Line) => void
}

/** Switched on at 0 ms, with the demo's settings otherwise: an abort window of 30 s, one partition. */
export function start(options: Options = {}): rigs.Rig {
  const list = options.zones ?? [FRONT_DOOR, WINDOW]
  const people = options.people ?? [MASTER, USER, DURESS, INSTALLER]
  const config: DemoConfig = { ...unmatched(), ...options.settings }
  const firmware: rigs.PanelFirmware = {
    ...rigs.firmware,
    ...options.firmware,
    makeCodes(hal, secret, salt) {
      const table = app.makeCodes(hal, secret, salt)
      for (const one of people) {
        const role = one.role ?? codes.USER
        app.storeCode(table, hal, one.slot, one.digits, one.user, one.isDuress ?? false, role, one.partitions ?? 255)
      }
      return table
    },
  }
  const settings = {
    ...config,
    zones: {
      ...config.zones,
      count: list.length,
      names: list.map((zone) => zone.name).join('\n'),
      types: list.map((zone) => zone.type),
      pins: zonePins(list.length, options.settings),
      partitions: list.map((zone) => zone.partitions ?? 1),
      flags: list.map((zone) => zone.flags ?? USUAL),
      cross: list.map((zone) => zone.cross ?? 0),
    },
  }
  return rigs.start(options.seed ?? 1, firmware, settings, options)
}

/**
 * The free inputs of the board, when nothing else needs them, then a port expander without its outputs 7 and 15; loops with
 * resistors are at an ADS1115.
 */
function zonePins(count: number, settings: Settings = {}): number[] {
  if (settings.zones?.loops !== undefined) return Array.from({ length: count }, (_, at) => 192 + at)
  const free = 'pins' in settings ? 0 : 2
  const expander = (at: number) => 64 + at + (at > 6 ? 1 : 0)
  return Array.from({ length: count }, (_, at) => (at < free ? 34 + at : expander(at - free)))
}

/** Presses keys as fingers do and gives the panel time for an answer. */
export function keys(rig: rigs.Rig, sequence: string, ms = 600): void {
  rig.simulator.runTo(rig.simulator.type(sequence) + ms)
}

export function wait(rig: rigs.Rig, ms: number): void {
  rig.simulator.runTo(rig.simulator.clock.nowMs + ms)
}

/** A code, then a choice with #. */
export function choose(rig: rigs.Rig, person: Person, choice: string): void {
  keys(rig, person.digits)
  keys(rig, `${choice}#`)
}

/** Armed in a mode, the exit delay over. */
export function arm(rig: rigs.Rig, person = MASTER, choice = '2'): void {
  choose(rig, person, choice)
  wait(rig, 62000)
}

export function open(rig: rigs.Rig, zone: number): void {
  rig.simulator.setZone(zone, true)
  wait(rig, 1000)
}

export function close(rig: rigs.Rig, zone: number): void {
  rig.simulator.setZone(zone, false)
  wait(rig, 1000)
}

export function text(rig: rigs.Rig): string {
  return rig.simulator.onlooker.now.text.replace(/ +\|/, '|').trimEnd()
}

/** Events from a time on in the order of their kiss-offs, each once. */
export function events(rig: rigs.Rig, sinceMs = 0): string[] {
  const { station, stationAtMs } = rig.simulator
  const found = rigs.heard(rig).map((event) => event.slice(0, 11))
  return found.filter((_, index) => stationAtMs[index] >= sinceMs && !station[index].isDuplicate)
}

export const nowMs = (rig: rigs.Rig) => rig.simulator.clock.nowMs
