/** What the picture of the two runs shows, as data: who perceives what around the last key of the code, and the frames. */

import type { Packet } from '../../hal-mock/network'
import type { Recording } from './recording'

export const LANES = ['text', 'light', 'buzzer', 'siren', 'flash', 'Ethernet', 'cellular'] as const
export type Lane = (typeof LANES)[number]

/** Around the last key, in ms. */
export const FROM_MS = -1300
export const UNTIL_MS = 1300

/** Something that lasts: a text, a light, a tone. Times in ms after the last key, cut at the picture's edges. */
export interface Span {
  lane: Lane
  fromMs: number
  untilMs: number
  what: string
}

/** Something that happens: a write, a packet (isUp: away from the panel). */
export interface Tick {
  lane: Lane
  atMs: number
  bytes: number
  isUp: boolean
}

/** What is between the brackets of an encrypted frame of the panel, a byte an entry, as hex digits. */
export interface Cipher {
  lane: Lane
  atMs: number
  bytes: string[]
}

export interface Picture {
  spans: Span[]
  ticks: Tick[]
  ciphers: Cipher[]
}

const LASTING: Lane[] = ['text', 'light', 'buzzer', 'siren']

export function picture({ notes, packets, entriesAtMs }: Recording): Picture {
  const zeroMs = entriesAtMs[0]
  const isInside = ({ atMs }: { atMs: number }) => atMs >= FROM_MS && atMs < UNTIL_MS
  const lines = notes.map(({ atMs, text }) => {
    const [, source, what] = /^(.*?): (.*)$/.exec(text) ?? ['', '', '']
    return { atMs: atMs - zeroMs, source, what }
  })
  const spans = LASTING.flatMap((lane) =>
    spansOf(
      lane,
      lines.filter((line) => line.source === lane),
    ),
  )
  const writes = lines.filter(({ source, what }) => source === 'flash' && what.startsWith('write'))
  const ticks: Tick[] = writes.map(({ atMs, what }) => {
    return { lane: 'flash', atMs, bytes: Number(/\d+/.exec(what)?.[0]), isUp: true }
  })
  const ciphers: Cipher[] = []
  for (const packet of packets) {
    const [lane, atMs] = [laneOf(packet), packet.atMs - zeroMs]
    ticks.push({ lane, atMs, bytes: packet.bytes.length, isUp: packet.isUp })
    const cipher = /\[([0-9A-F]+)\r$/.exec(packet.bytes)
    if (cipher !== null && packet.isUp) ciphers.push({ lane, atMs, bytes: cipher[1].match(/../g) ?? [] })
  }
  return { spans, ticks: ticks.filter(isInside), ciphers: ciphers.filter(isInside) }
}

function laneOf({ via }: Packet): Lane {
  return via === 'ethernet' ? 'Ethernet' : 'cellular'
}

/** From one change to the next. What was never told is off. */
function spansOf(lane: Lane, lines: { atMs: number; what: string }[]): Span[] {
  const changes = [{ atMs: -Infinity, what: 'off' }, ...lines]
  return changes
    .map(({ atMs, what }, index) => ({
      lane,
      what,
      fromMs: Math.max(atMs, FROM_MS),
      untilMs: Math.min(changes[index + 1]?.atMs ?? Infinity, UNTIL_MS),
    }))
    .filter(({ fromMs, untilMs }) => untilMs > fromMs)
}
