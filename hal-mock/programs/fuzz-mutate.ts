/** Wrong bytes for the fuzz programs: what a message may look like after bad wires, bad servers and bad people. */

import type { Random } from '../random'

/** Values that parsers stumble over. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 63, 64, 127, 128, 191, 192, 254, 255]

/** The bytes with one to four things wrong, or as they were once in eight. */
export function mutate(bytes: string, random: Random): string {
  if (random.oneIn(8)) return bytes
  let result = bytes
  for (let count = 1 + random.below(4); count > 0; count--) result = change(result, random)
  return result
}

/** Bytes of no sense at all. */
export function noise(limitBytes: number, random: Random): string {
  let bytes = ''
  for (let count = random.below(limitBytes + 1); count > 0; count--) bytes += String.fromCharCode(random.below(256))
  return bytes
}

function change(bytes: string, random: Random): string {
  const at = random.below(bytes.length + 1)
  const other = random.below(bytes.length + 1)
  switch (random.below(7)) {
    case 0:
      return bytes.substr(0, at)
    case 1:
      return bytes.substr(0, at) + noise(8, random) + bytes.substr(at)
    case 2:
      // A piece twice.
      return bytes.substr(0, Math.max(at, other)) + bytes.substr(Math.min(at, other))
    case 3:
      // A piece less.
      return bytes.substr(0, Math.min(at, other)) + bytes.substr(Math.max(at, other))
    case 4:
      return put(bytes, at, EDGES[random.below(EDGES.length)])
    case 5:
      return put(bytes, at, random.below(256))
    default:
      return put(bytes, at, (bytes.charCodeAt(at) || 0) ^ (1 << random.below(8)))
  }
}

function put(bytes: string, at: number, value: number): string {
  return at < bytes.length ? bytes.substr(0, at) + String.fromCharCode(value) + bytes.substr(at + 1) : bytes
}

/** Bytes as hex, to be quoted in a failure. */
export function hex(bytes: string): string {
  let text = ''
  for (let index = 0; index < bytes.length; index++) text += ('0' + bytes.charCodeAt(index).toString(16)).slice(-2)
  return text
}
