/**
 * What is known of each zone: its loop, bypass, swinger shutdown, alarm memory, cross-zone groups (section 2.2, A-10, A-22,
 * One byte of bits a zone, so that 64 of them cost little and nothing walks them without need.
 */

import { ZoneFlag, ZoneType } from '../config'
import { is24Hour, isLifeSafety } from './zone-types'

// Loop states, as the inputs give them (io/zone-inputs.ts).
export const SECURE = 0
export const ACTIVE = 1
export const TAMPERED = 2
export const FAULT = 3
export const MASKED = 4

// Bits of a zone's status. The lowest three are its loop state.
const LOOP = 7
export const BYPASSED = 8
/** Bypassed by force arming until it is secure for the first time (Z-6). */
export const FORCED = 16
/** Its alarm was reported, its restore was not. */
export const ALARMED = 32
/** In the alarm memory. */
export const MEMORY = 64
/** Its trouble or tamper was reported. */
export const TOLD = 128
/** What survives a power cut (P-2). */
const KEPT = BYPASSED | FORCED | ALARMED | MEMORY

/** The alarm memory keeps the order of so many zones (A-31, E-7); of later ones only that they alarmed. */
export const ORDER_LIMIT = 6
const GROUPS = 8

export interface Zones {
  count: number
  types: Uint8Array
  /** Partitions of each zone, a bit each. */
  partitions: Uint8Array
  flags: Uint8Array
  /** Cross-zone group 1-7, 0 none. */
  cross: Uint8Array
  status: Uint8Array
  /** Alarms of each zone in the armed period. */
  swings: Uint8Array
  swingLimit: number
  /** Zones that are not secure and not bypassed: how many, and 1 for each of them. */
  openCount: number
  open: Uint8Array
  /** Zones in the order of their alarms, 1 more than their index; 0 at the end. */
  order: Uint8Array
  /** For each cross-zone group the zone that tripped first, and until when the second one counts. */
  crossZone: Uint8Array
  crossUntilMs: number[]
  /** Days without a change, for zones that are watched (Z-15). */
  quietDays: Uint8Array
  /** 1 when something that has to survive a power cut is not in flash yet. */
  isChanged: number
}

/** types, partitions, flags and cross: a number each zone. */
export function create(
  types: number[],
  partitions: number[],
  flags: number[],
  cross: number[] | undefined,
  swingLimit: number,
): Zones {
  const count = types.length
  return {
    count,
    types: new Uint8Array(types),
    partitions: new Uint8Array(partitions),
    flags: new Uint8Array(flags),
    cross: cross === undefined ? new Uint8Array(count) : new Uint8Array(cross),
    status: new Uint8Array(count),
    swings: new Uint8Array(count),
    swingLimit,
    openCount: 0,
    open: new Uint8Array(count),
    order: new Uint8Array(ORDER_LIMIT),
    crossZone: new Uint8Array(GROUPS),
    crossUntilMs: [],
    quietDays: new Uint8Array(count),
    isChanged: 0,
  }
}

/** SECURE to MASKED. */
export function loop(z: Zones, zone: number): number {
  return z.status[zone] & LOOP
}

/** Takes a new loop state. */
export function setLoop(z: Zones, zone: number, state: number): void {
  change(z, zone, (z.status[zone] & ~LOOP) | state)
  z.quietDays[zone] = 0
}

export function has(z: Zones, zone: number, bits: number): boolean {
  return (z.status[zone] & bits) !== 0
}

export function set(z: Zones, zone: number, bits: number): void {
  change(z, zone, z.status[zone] | bits)
}

export function clear(z: Zones, zone: number, bits: number): void {
  change(z, zone, z.status[zone] & ~bits)
}

function change(z: Zones, zone: number, status: number): void {
  const isOpenNow = isHindrance(status, z.types[zone])
  z.openCount += isOpenNow - z.open[zone]
  z.open[zone] = isOpenNow
  if (((status ^ z.status[zone]) & KEPT) !== 0) z.isChanged = 1
  z.status[zone] = status
}

/** 1 for a status that keeps a partition from being ready. A keyswitch never does, nor what is no alarm, the types behind. */
function isHindrance(status: number, type: number): number {
  return (status & LOOP) !== SECURE && (status & (BYPASSED | FORCED)) === 0 && type < ZoneType.KEYSWITCH ? 1 : 0
}

/** True when it is not secure and nobody bypassed it. */
export function isOpen(z: Zones, zone: number): boolean {
  return z.open[zone] === 1
}

/** First open zone of these partitions (a bit each) from `from` on; -1 when there is none. */
export function firstOpen(z: Zones, partitions: number, from: number): number {
  if (z.openCount === 0) return -1
  let zone = z.open.indexOf(1, from)
  while (zone >= 0 && (z.partitions[zone] & partitions) === 0) zone = z.open.indexOf(1, zone + 1)
  return zone
}

/** True when force arming may leave it out: it has the attribute, and it is no 24-hour zone (Z-6, Z-7). */
export function mayForce(z: Zones, zone: number): boolean {
  return (z.flags[zone] & ZoneFlag.FORCE_ARMABLE) !== 0 && is24Hour(z.types[zone]) === 0 && loop(z, zone) === ACTIVE
}

/** True when it has alarmed so often that it is left out until disarming or two quiet days (A-10, A-29; never fire, Z-12). */
export function isShutDown(z: Zones, zone: number): boolean {
  if (isLifeSafety(z.types[zone]) === 1) return false
  return (z.flags[zone] & ZoneFlag.SWINGER) !== 0 && z.swingLimit > 0 && z.swings[zone] >= z.swingLimit
}

/** An alarm of it goes to the station or is held: memory, order, swinger count. */
export function alarmed(z: Zones, zone: number): void {
  if (!has(z, zone, MEMORY)) {
    const at = z.order.indexOf(0)
    if (at >= 0) z.order[at] = zone + 1
  }
  set(z, zone, ALARMED | MEMORY)
  if (z.swings[zone] < 15) z.swings[zone]++
}

/**
 * A zone of a cross-zone group tripped. True when it makes an alarm: another of the group, or the same one, tripped within
 * the window before. Else it is remembered.
 */
export function crosses(z: Zones, zone: number, windowMs: number, nowMs: number): boolean {
  const group = z.cross[zone]
  if (group === 0 || nowMs < (z.crossUntilMs[group] || 0)) return true
  z.crossZone[group] = zone + 1
  z.crossUntilMs[group] = nowMs + windowMs
  return false
}

/** Forgets the alarm memory of these partitions' zones: at the next arming (A-31). */
export function forget(z: Zones, partitions: number): void {
  for (let zone = 0; zone < z.count; zone++) {
    if ((z.partitions[zone] & partitions) !== 0) clear(z, zone, MEMORY)
  }
  let kept = 0
  for (let at = 0; at < ORDER_LIMIT; at++) {
    const number = z.order[at]
    if (number === 0 || !has(z, number - 1, MEMORY)) continue
    z.order[at] = 0
    z.order[kept++] = number
  }
  for (let at = kept; at < ORDER_LIMIT; at++) z.order[at] = 0
}

/** Next zone of the alarm memory after `after` (-1 for the first): those whose order is known first. -1: no more. */
export function nextInMemory(z: Zones, partitions: number, after: number): number {
  const place = after < 0 ? -1 : z.order.indexOf(after + 1)
  if (after < 0 || place >= 0) {
    for (let at = place + 1; at < ORDER_LIMIT && z.order[at] !== 0; at++) {
      if ((z.partitions[z.order[at] - 1] & partitions) !== 0) return z.order[at] - 1
    }
  }
  for (let zone = place >= 0 ? 0 : after + 1; zone < z.count; zone++) {
    const isListed = z.order.indexOf(zone + 1) >= 0
    if (!isListed && has(z, zone, MEMORY) && (z.partitions[zone] & partitions) !== 0) return zone
  }
  return -1
}
