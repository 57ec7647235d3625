/**
 * What of the premises has to survive a power cut beside the state bytes (P-1, P-2), as the journal's four kinds of 22 bytes:
 *
 *   kind 0: bypassed zones (8), zones of the alarm memory (8), their order (6)
 *   kind 1: who armed each partition (8), zone behind its entry or alarm (8), the caller's (6)
 *   kind 2: swinger counts of zones 0-31, half a byte each (16), zones 0-31 whose restore is owed (4)
 *   kind 3: the same of zones 32-63
 */

import * as partition from './partition'
import type { Premises } from './premises'
import * as zones from './zones'

export const BYTES = 22
/** Where the caller's bytes of kind 1 begin. */
export const OWN_AT = 16
const ORDER_AT = 16
const RESTORES_AT = 16

/** Who and where, for kind 1; the caller's bytes are left as they are. */
export function packPartitions(w: Premises, bytes: Uint8Array): void {
  for (let index = 0; index < w.partitions.length; index++) {
    const p = w.partitions[index]
    // Who disarmed is not kept: it would be another write for another user.
    bytes[index] = p.state === partition.DISARMED ? 0 : p.user
    bytes[8 + index] = p.zone
  }
}

/** Kind 0. */
export function packZones(z: zones.Zones): Uint8Array {
  const bytes = new Uint8Array(BYTES)
  for (let zone = 0; zone < z.count; zone++) {
    const status = z.status[zone]
    const bit = 1 << (zone & 7)
    if ((status & (zones.BYPASSED | zones.FORCED)) !== 0) bytes[zone >> 3] |= bit
    if ((status & zones.MEMORY) !== 0) bytes[8 + (zone >> 3)] |= bit
  }
  bytes.set(z.order, ORDER_AT)
  return bytes
}

/** Kind 2 for half 0, kind 3 for half 1. */
export function packSwings(z: zones.Zones, half: number): Uint8Array {
  const bytes = new Uint8Array(BYTES)
  const first = half * 32
  for (let zone = first; zone < z.count && zone < first + 32; zone++) {
    const at = zone - first
    bytes[at >> 1] |= z.swings[zone] << ((at & 1) * 4)
    if (zones.has(z, zone, zones.ALARMED)) bytes[RESTORES_AT + (at >> 3)] |= 1 << (at & 7)
  }
  return bytes
}

/**
 * Takes up kinds 0, 2 and 3. A zone that was forced is bypassed from now on (P-2). What was reported of zones that are no
 * longer there is forgotten.
 */
export function unpackZones(z: zones.Zones, kind0: Uint8Array, kind2: Uint8Array, kind3: Uint8Array): void {
  for (let zone = 0; zone < z.count; zone++) {
    const byte = zone >> 3
    const bit = 1 << (zone & 7)
    const half = zone < 32 ? kind2 : kind3
    const at = zone & 31
    let bits = 0
    if ((kind0[byte] & bit) !== 0) bits |= zones.BYPASSED
    if ((kind0[8 + byte] & bit) !== 0) bits |= zones.MEMORY
    if ((half[RESTORES_AT + (at >> 3)] & (1 << (at & 7))) !== 0) bits |= zones.ALARMED
    if (bits !== 0) zones.set(z, zone, bits)
    z.swings[zone] = (half[at >> 1] >> ((at & 1) * 4)) & 15
  }
  for (let at = 0; at < zones.ORDER_LIMIT; at++) {
    const number = kind0[ORDER_AT + at]
    z.order[at] = number <= z.count ? number : 0
  }
  z.isChanged = 0
}
