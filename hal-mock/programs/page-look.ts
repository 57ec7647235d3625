/** A closer look at what has happened: the bytes of a mark, and pins and bus of a short stretch, which are too much to keep. */

import { decodeAt, decodePayload, hexOf, spiWords } from './page-decode'
import { Refusal } from './page-messages'
import type { Past } from './page-past'
import { type Decoded, IS_UP, type Lane, type ToPage } from './page-protocol'
import type { Input } from './page-world'

export type Wires = Extract<ToPage, { type: 'wires' }>

const WIRES_LIMIT_MS = 30000
const WIRES_MARKS = 4000

/** key: of the station's account, in hex. */
export function decodeMark(
  { bytes, flags, lane, what }: { bytes: string; flags: number; lane: Lane; what: string },
  key: string,
): Decoded {
  const isUp = (flags & IS_UP) !== 0
  if (lane === 'modem AT') return decodeAt(bytes, isUp, key)
  return {
    title: `${lane}, ${isUp ? 'from' : 'to'} the panel: ${what}`,
    rows: decodePayload(bytes, key),
    hex: hexOf(bytes),
  }
}

/** Played again for that stretch, as far as it is known (endMs). Throws Refusal. */
export function wires(past: Past, inputs: readonly Input[], fromMs: number, untilMs: number, endMs: number): Wires {
  if (untilMs <= fromMs || untilMs - fromMs > WIRES_LIMIT_MS)
    throw new Refusal('pins and bus are shown for up to 30 s at once')
  const until = Math.min(untilMs, endMs)
  const found: Wires = { type: 'wires', fromMs, untilMs: until, pins: [], spi: [], isCut: false }
  if (until <= fromMs) throw new Refusal('nothing has happened there yet')
  const world = past.take(fromMs)
  const isFull = () => found.pins.length + found.spi.length >= WIRES_MARKS
  world.listen({
    onPin: (atMs, name, level) => {
      if (isFull()) found.isCut = true
      else found.pins.push([atMs, name, level])
    },
    onSpi: (atMs, frame, reply) => {
      if (isFull()) found.isCut = true
      else found.spi.push([atMs, spiWords(frame, reply), Buffer.from(frame).toString('hex').slice(0, 200)])
    },
  })
  world.runTo(until, inputs)
  past.park(world)
  return found
}
