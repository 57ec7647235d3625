/** Chance for the fuzz targets: what a message may look like after bad wires, bad servers and bad people. */

import type { Random } from '../random'

/** Values that parsers stumble over. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 63, 64, 127, 128, 191, 192, 254, 255]

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)]
}

/** Bytes of no sense at all. */
export function randomBytes(random: Random, count: number): string {
  let bytes = ''
  for (let index = 0; index < count; index++) bytes += String.fromCharCode((random.next() >>> 8) & 255)
  return bytes
}

/** One to three changes to text: a byte, an insertion, a cut, a repetition, a piece of another. letters: bytes to prefer. */
export function mutateText(random: Random, text: string, letters: string, other: string): string {
  for (let change = random.below(3); change >= 0; change--) {
    const at = random.below(text.length + 1)
    const span = random.below(12)
    const letter = random.oneIn(2) ? letters.charAt(random.below(letters.length)) : randomBytes(random, 1)
    const kind = random.below(6)
    if (kind <= 1) text = text.slice(0, at) + letter + text.slice(at + 1)
    else if (kind === 2) text = text.slice(0, at) + letter + text.slice(at)
    else if (kind === 3) text = text.slice(0, at) + text.slice(at + span)
    else if (kind === 4) text = text.slice(0, at + span) + text.slice(at)
    else text = text.slice(0, at) + other.slice(0, span * 3) + text.slice(at + span)
  }
  return text
}

/** A binary message with one to four things wrong, or as it was once in eight. */
export function mutateBytes(random: Random, bytes: string): string {
  if (random.oneIn(8)) return bytes
  let result = bytes
  for (let count = 1 + random.below(4); count > 0; count--) result = change(random, result)
  return result
}

function change(random: Random, bytes: string): string {
  const at = random.below(bytes.length + 1)
  const other = random.below(bytes.length + 1)
  switch (random.below(7)) {
    case 0:
      return bytes.slice(0, at)
    case 1:
      return bytes.slice(0, at) + randomBytes(random, random.below(9)) + bytes.slice(at)
    case 2:
      // A piece twice.
      return bytes.slice(0, Math.max(at, other)) + bytes.slice(Math.min(at, other))
    case 3:
      // A piece less.
      return bytes.slice(0, Math.min(at, other)) + bytes.slice(Math.max(at, other))
    case 4:
      return put(bytes, at, pick(random, EDGES))
    case 5:
      return put(bytes, at, random.below(256))
    default:
      return put(bytes, at, (bytes.charCodeAt(at) || 0) ^ (1 << random.below(8)))
  }
}

function put(bytes: string, at: number, value: number): string {
  return at < bytes.length ? bytes.slice(0, at) + String.fromCharCode(value) + bytes.slice(at + 1) : bytes
}

/** The bytes on one line, as JSON writes them, at most so many. */
export function shown(bytes: string, limit = 400): string {
  return JSON.stringify(bytes.slice(0, limit)) + (bytes.length > limit ? ` and ${bytes.length - limit} bytes more` : '')
}

/** Binary bytes as hex, to be quoted in a failure. */
export function hex(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('hex')
}
