/** Rows for DC-09 frames on Node: how many a second one thread makes, and judges, in clear and with AES-128. */

import * as dc09 from '../../firmware/report/dc09'
import { Random } from '../random'
import { Receiver } from '../receiver'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'

/** 2024-10-25 12:34:56 UTC. */
const NOW_S = 1729859696
const DATA = '#1234|1121 01 005'
const ACCOUNT = '1234'
const KEY_HEX = '30313233343536373839414243444546'
/** Long enough for the compiler to have settled; the best of the rounds counts, because others share the machine. */
const ROUND_MS = 400
const ROUNDS = 4
/** Calls between two looks at the clock. */
const BATCH = 500

export function frameRows(say: (text: string) => void): Row[] {
  say('DC-09 frames made and judged ...')
  return [...rowsOf('clear', ''), ...rowsOf('AES-128', KEY_HEX)]
}

function rowsOf(how: string, keyHex: string): Row[] {
  const key = new Uint8Array(Buffer.from(keyHex, 'hex'))
  const link = dc09.create(ACCOUNT, key, 'R0', 'L0', nodeCrypto, new Random(1))
  const encoded = perSecond(() => dc09.frame(link, 6, DATA, NOW_S, 0).length > 0)
  const receiver = new Receiver({
    accounts: [{ account: ACCOUNT, keyHex }],
    crypto: nodeCrypto,
    utcSeconds: () => NOW_S,
    onEvent: () => undefined,
  })
  const reply = receiver.datagram(dc09.frame(link, 6, DATA, NOW_S, 0), 'bench')
  const decoded = perSecond(() => dc09.reply(link, reply, 6, NOW_S) === dc09.ACK)
  const row = (what: string, value: number): Row => ({
    name: `DC-09 ${what} on Node, ${how}`,
    value: Math.round(value),
    unit: 'frames/s',
    goal: null,
    better: 'higher',
  })
  return [row('events encoded', encoded), row('acknowledgements decoded', decoded)]
}

/** Calls in a second of the best round. Throws when a call did not do its work: a fast failure is no speed. */
function perSecond(call: () => boolean): number {
  let best = 0
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now()
    let count = 0
    let lastMs = 0
    do {
      for (let index = 0; index < BATCH; index++) if (!call()) throw new Error('a frame was not made or not judged')
      count += BATCH
      lastMs = performance.now() - startMs
    } while (lastMs < ROUND_MS)
    best = Math.max(best, (count * 1000) / lastMs)
  }
  return best
}
