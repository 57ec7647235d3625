/**
 * What the page and the bench say to each other over the WebSocket, one JSON object a message. What comes from the page is
 * checked here; what goes to it stands in page-protocol.ts.
 */

import { z } from 'zod'

/** A day and some: the longest run that one would look at. */
const LATEST_MS = 32 * 86400000
const moment = z.number().min(0).max(LATEST_MS)

const MESSAGE = z.discriminatedUnion('type', [
  /** Somebody does something: a line of a scenario, behind "at TIME". */
  z.strictObject({ type: z.literal('act'), line: z.string().min(1).max(120) }),
  z.strictObject({
    type: z.literal('speed'),
    speed: z.union([z.literal(0), z.literal(1), z.literal(60), z.literal('max')]),
  }),
  /** Runs to the next thing that can be noticed. */
  z.strictObject({ type: z.literal('step') }),
  /** Goes to a moment, back or on. */
  z.strictObject({ type: z.literal('go'), atMs: moment }),
  /** What a mark of the timeline carries. */
  z.strictObject({ type: z.literal('bytes'), id: z.int().min(0) }),
  /** SPI frames and pins of a short stretch. */
  z.strictObject({ type: z.literal('wires'), fromMs: moment, untilMs: moment }),
  z.strictObject({ type: z.literal('twins'), forMs: z.number().min(1000).max(3600000) }),
  /** A panel that is switched on just now. */
  z.strictObject({
    type: z.literal('new'),
    seed: z.int().min(0).max(999999999),
    panel: z.array(z.string().max(20)).max(12),
  }),
  /** Loads a story: one that is shipped, or a text. */
  z.strictObject({ type: z.literal('story'), name: z.string().max(60), text: z.string().max(60000).optional() }),
])

export type FromPage = z.infer<typeof MESSAGE>

/** A message that cannot be followed, in a sentence that says why. */
export class Refusal extends Error {}

/** Throws Refusal. */
export function readMessage(text: string): FromPage {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('a message is one JSON object')
  }
  const read = MESSAGE.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const place = issue.path.length === 0 ? 'the message' : `"${issue.path.join('.')}"`
  throw new Refusal(`${place}: ${issue.message}`)
}
