/**
 * A simulated panel for stories about codes: more codes than the demo's, the states a partition can be in, and what the
 * onlooker, the station and the flash saw. Digits of the last place are the same in all codes, so that fingers are, too.
 */

import * as app from '../../firmware/app'
import type * as codes from '../../firmware/panel/codes'
import type { DemoConfig } from '../../hal-mock/demo'
import type { Sight } from '../../hal-mock/onlooker'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { eventText, type Firmware, Simulator } from '../../hal-mock/simulator'
import type { Work } from '../../hal-mock/work'
import { unmatched } from './unmatched'

export type PanelFirmware = Firmware<app.App, codes.Codes>

/** User 1 and their duress code in slot 3; user 2; a user in the last slot. WRONG matches nothing. */
export const USER = '274916'
export const OTHER_USER = '805376'
export const DURESS = '618046'
export const LAST_USER = '350796'
export const WRONG = '913576'
/** What the station hears for the duress code: 121, partition 1, slot 3 (D-12). */
export const DURESS_EVENT = '1121 01 003'

const CODES: [number, string, number, boolean][] = [
  [0, USER, 1, false],
  [1, OTHER_USER, 2, false],
  [2, DURESS, 1, true],
  [63, LAST_USER, 64, false],
]

/** firmware/app.ts as it is, with the codes above instead of the demo's. */
export const firmware: PanelFirmware = {
  makeCodes(hal, secret, salt) {
    const table = app.makeCodes(hal, secret, salt)
    for (const [slot, digits, user, isDuress] of CODES) app.storeCode(table, hal, slot, digits, user, isDuress, 3, 255)
    return table
  },
  storeCode: () => {},
  create: app.create,
  poll: app.poll,
  wake: app.wake,
  pathState: app.pathState,
}

/** One line of the trace. */
export interface Line {
  atMs: number
  source: string
  what: string
}

export interface Rig {
  simulator: Simulator<app.App, codes.Codes>
  lines: Line[]
}

/** The demo's settings without an abort window, so that alarms go out at once. */
export function rigConfig() {
  return { ...unmatched(), abortSeconds: 0 }
}

/** A panel that was switched on at 0 ms. */
/** work: what the panel's work costs in time; onLine: told of each line of the trace, which is not kept then. */
export function start(
  seed = 1,
  panelFirmware: PanelFirmware = firmware,
  config: DemoConfig = rigConfig(),
  options: { work?: Work; onLine?: (line: Line) => void } = {},
): Rig {
  const lines: Line[] = []
  const simulator = new Simulator({
    firmware: panelFirmware,
    config,
    crypto: nodeCrypto,
    seed,
    work: options.work,
    onTrace: (atMs, source, what) => {
      if (options.onLine === undefined) lines.push({ atMs, source, what })
      else options.onLine({ atMs, source, what })
    },
  })
  simulator.powerOn()
  return { simulator, lines }
}

/** The panel's records, while it has power. */
export function panel(rig: Rig): app.App {
  if (rig.simulator.panel === undefined) throw new Error('the panel has no power')
  return rig.simulator.panel
}

export const STATES = [
  'disarmed',
  'exit',
  'armed',
  'entry',
  'alarm',
  'quiet alarm',
  'lockout',
  'lockout in entry',
] as const
export type StateName = (typeof STATES)[number]

/** Time at which reach() is done, in ms. */
export const READY_MS = 400000

/** Brings a panel into a state; it stands there at READY_MS, and stays for 15 s at least. */
export function reach(rig: Rig, state: StateName): void {
  const { simulator } = rig
  if (state === 'disarmed' || state === 'lockout') {
    simulator.runTo(READY_MS - 20000)
    if (state === 'lockout') lockOut(rig)
  } else if (state === 'exit') {
    simulator.runTo(READY_MS - 20000)
    arm(rig)
  } else {
    simulator.runTo(40000)
    arm(rig)
    if (state === 'entry' || state === 'lockout in entry') trip(rig, 0, READY_MS - 14000)
    if (state === 'alarm') trip(rig, 1, READY_MS - 10000)
    if (state === 'quiet alarm') trip(rig, 1, READY_MS - 250000)
    if (state === 'lockout in entry') lockOut(rig)
  }
  simulator.runTo(READY_MS)
}

/** Types a code, and 2 and # after the pause that the reaction needs. */
export function arm(rig: Rig, code = USER): void {
  enter(rig, code)
  rig.simulator.runTo(rig.simulator.clock.nowMs + 1000)
  rig.simulator.runTo(rig.simulator.type('2#') + 100)
}

/** Types a code and runs to the end of the last key. */
export function enter(rig: Rig, code: string): void {
  rig.simulator.runTo(rig.simulator.type(code))
}

/** Opens a zone and closes it 3 s later. */
export function trip(rig: Rig, zone: number, atMs: number): void {
  rig.simulator.runTo(atMs)
  rig.simulator.setZone(zone, true)
  rig.simulator.runTo(atMs + 3000)
  rig.simulator.setZone(zone, false)
}

/** Five wrong codes, 2 s each (L-1). */
export function lockOut(rig: Rig): void {
  for (let count = 0; count < 5; count++) {
    enter(rig, WRONG)
    rig.simulator.runTo(rig.simulator.clock.nowMs + 800)
  }
}

/** What the station took from a time on, as '1121 01 003 ethernet'. */
export function heard(rig: Rig, sinceMs = 0): string[] {
  const { station, stationAtMs } = rig.simulator
  return station.filter((_, index) => stationAtMs[index] >= sinceMs).map((event) => `${eventText(event)} ${event.via}`)
}

/** What was seen and heard at the panel from a time on. */
export function sightsSince(rig: Rig, sinceMs: number): Sight[] {
  return rig.simulator.onlooker.sights.filter((sight) => sight.atMs >= sinceMs)
}

/** Flash operations from a time on, up to and with another. Addresses are left out: they follow from what came before. */
export function flashOperations(rig: Rig, sinceMs: number, untilMs: number): string[] {
  return rig.lines
    .filter((line) => line.source === 'flash' && line.atMs >= sinceMs && line.atMs <= untilMs)
    .map((line) => line.what.replace(/ at \d+$/, ''))
}

/** A code is compared, and its record written, in passes of their own: the pass after the one that took its last key. */
const PASS_MS = 1

/** T0, the last key of a code: a pass before the first record (28 bytes) that was written from a time on. */
export function commitMs(rig: Rig, sinceMs: number): number {
  const write = rig.lines.find(
    (line) => line.source === 'flash' && line.atMs >= sinceMs && line.what.startsWith('write 28 bytes'),
  )
  if (write === undefined) throw new Error('nothing was committed')
  return write.atMs - PASS_MS
}
