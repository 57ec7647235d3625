import * as event from '../../firmware/event'

/** Destinations of each group of events, a bit each, as the journal wants them. matched: destinations with decoys. */
export function takersOf(groups: number[], matched = 0): Uint8Array {
  const takers = new Uint8Array(event.TAKERS)
  takers.set(groups)
  event.completeTakers(takers, matched)
  return takers
}

/** One destination that gets everything. */
export const TO_ONE = takersOf([1, 1, 1, 1, 1])
