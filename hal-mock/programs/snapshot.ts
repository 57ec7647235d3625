/** A named moment of a run: what there is, and a sum over the flash that tells whether two moments keep the same. */

import { crc32 } from 'node:zlib'
import { eventText, type Simulator } from '../simulator'

export interface Snapshot {
  name: string
  /** Virtual ms. */
  at: number
  /** Lines of the display. */
  display: string[]
  siren: string
  light: string
  buzzer: string
  /** As the firmware has them; '' without power. */
  ethernet: string
  cellular: string
  /** '1121 01 003 over ethernet', copies left out. */
  station: string[]
  /** CRC-32 of the panel's region, eight hex digits. */
  flash: string
}

export function snapshotOf(name: string, simulator: Simulator<unknown, unknown>): Snapshot {
  const { now } = simulator.onlooker
  return {
    name,
    at: simulator.clock.nowMs,
    display: now.text.split('|'),
    siren: now.siren,
    light: now.light,
    buzzer: now.buzzer,
    ethernet: simulator.pathState(0),
    cellular: simulator.pathState(1),
    station: simulator.station
      .filter((event) => !event.isDuplicate)
      .map((event) => `${eventText(event)} over ${event.via}`),
    flash: crc32(simulator.board.flash.image()).toString(16).padStart(8, '0'),
  }
}
