/**
 * Fuzz target: what a panel makes of bytes that come from a receiver (firmware/report/dc09.ts, reply()).
 *
 * Inputs are streams in pieces: random bytes, replies of every form of reporting.md 3.8 and 7, the same damaged, and the
 * same damaged under a right CRC. They are fed as the dispatcher feeds them, with at most 1024 bytes kept.
 *
 * Checked: nothing throws; every verdict but NONE uses bytes up; no more than 1023 bytes are kept; at most one decryption
 * of 512 bytes a line; a whole, undamaged kiss-off is taken for one; and ACK, NAK and DUH only where an independent reading
 * of the bytes (fuzz-dc09-reading.ts) finds the same.
 */

import * as dc09 from '../../firmware/report/dc09'
import type { Random } from '../random'
import { stampOf } from '../receiver-stamp'
import { crcOf, type Flight, lengthOf, reading } from './fuzz-dc09-reading'
import { mutateText, pick, randomBytes, shown } from './fuzz-mutate'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'
import { nodeCrypto } from './node-crypto'

/** 2024-10-25 12:34:56 UTC. */
const NOW_S = 1729859696
/** What a caller keeps (transmit/dispatcher.ts). */
const KEPT_BYTES = 1024
/** Hex digits of the longest frame, halved. */
const CIPHER_BYTES = 512
const NAMES = ['NONE', 'ACK', 'NAK', 'DUH', 'IGNORED']
const LETTERS = '\n\r"[]#|_*0123456789ABCDEFabcdefLRNone \0\xff'
const KEYS = ['', '0123456789ABCDEF', '0123456789ABCDEF01234567', '0123456789ABCDEFFEDCBA9876543210'].map(
  (text) => new Uint8Array(Buffer.from(text, 'latin1')),
)

/** An input, and whether the panel must find a kiss-off in it. */
interface Input {
  bytes: string
  mustAcknowledge: boolean
}

export const dc09Reply: FuzzTarget = {
  name: 'dc09-reply',
  what: "a receiver's bytes, as the panel judges them",
  inputsPerCall: 1,
  // Bytes, the longest key, account, header and five numbers.
  keptLimitBytes: KEPT_BYTES - 1 + 32 + 4 + 'R0L0#1234'.length + 5 * 8,
  create(): FuzzRun {
    const counts: Record<string, number> = { NONE: 0, ACK: 0, NAK: 0, DUH: 0, IGNORED: 0, missable: 0 }
    const run: FuzzRun = { counts, kept: 0, call: (random) => feed(random, run) }
    return run
  },
}

function feed(random: Random, run: FuzzRun): string {
  const { counts } = run
  const flight: Flight = {
    sequence: pick(random, ['0000', '0001', '0006', '9999']),
    key: pick(random, KEYS),
    acceptsClearAck: random.oneIn(8),
    sureSeconds: pick(random, [0, NOW_S, NOW_S - 100, NOW_S + 1000]),
  }
  let cipherCalls = 0
  let cipherBytes = 0
  const decryptCbc = (bytes: Uint8Array, key: Uint8Array) => {
    cipherCalls++
    cipherBytes += bytes.length
    return nodeCrypto.decryptCbc(bytes, key)
  }
  const crypto = { ...nodeCrypto, decryptCbc }
  const link = dc09.create('1234', flight.key, 'R0', 'L0', crypto, random)
  link.acceptsClearAck = flight.acceptsClearAck
  const { bytes, mustAcknowledge } = makeInput(random, flight)
  if (mustAcknowledge) counts.missable++
  const failed = (what: string) => `${what}: ${shown(bytes)}, ${JSON.stringify({ ...flight, key: flight.key.length })}`
  let kept = ''
  run.kept = 0
  let steps = 0
  let isAcknowledged = false
  for (let at = 0; at < bytes.length; ) {
    const size = random.oneIn(3) ? 1 + random.below(20) : bytes.length
    kept = (kept + bytes.slice(at, at + size)).slice(-KEPT_BYTES)
    at += size
    for (;;) {
      if (++steps > 2 * bytes.length) return failed('stands still')
      cipherCalls = 0
      cipherBytes = 0
      const verdict = dc09.reply(link, kept, Number(flight.sequence), flight.sureSeconds)
      const name = NAMES[verdict] ?? `verdict ${verdict}`
      counts[name]++
      if (cipherCalls > 1 || cipherBytes > CIPHER_BYTES)
        return failed(`${cipherCalls} decryptions, ${cipherBytes} bytes`)
      const { consumed, replySeconds, nakSeconds } = link
      if (nakSeconds !== (name === 'NAK' ? replySeconds : 0)) return failed(`${name} with nakSeconds ${nakSeconds}`)
      if (name === 'NONE') {
        if (consumed !== 0 || kept.length >= KEPT_BYTES) return failed(`keeps ${kept.length} bytes, uses ${consumed}`)
        run.kept = Math.max(run.kept, kept.length + keptBytes(link, [crypto, random]))
        break
      }
      if (!(consumed > 0 && consumed <= kept.length)) return failed(`${name} uses ${consumed} of ${kept.length} bytes`)
      const slice = kept.slice(0, consumed)
      if (name === 'IGNORED' && replySeconds !== 0) return failed(`IGNORED tells a time`)
      if (name !== 'IGNORED' && !reading(slice, flight).has(name)) return failed(`a false ${name} in ${shown(slice)}`)
      if (name === 'ACK') isAcknowledged = true
      kept = kept.slice(consumed)
      link.acceptedSeconds = 0
      if (kept === '') break
    }
  }
  return mustAcknowledge && !isAcknowledged ? failed('a kiss-off was missed') : ''
}

function makeInput(random: Random, flight: Flight): Input {
  const kind = random.below(12)
  if (kind === 0) {
    const long = random.oneIn(20) ? 3000 : 80
    return { bytes: randomBytes(random, 1 + random.below(long)), mustAcknowledge: false }
  }
  if (kind === 1) {
    const noise = pick(random, ['', '\0', 'abc', '\xff\xfe', '[]'])
    return { bytes: noise + wrap(random, kissOff(random, flight)), mustAcknowledge: true }
  }
  let bytes = ''
  for (let count = random.below(3); count >= 0; count--) {
    const body = random.oneIn(3) ? kissOff(random, flight) : anyReply(random, flight)
    const other = anyReply(random, flight)
    if (kind <= 4) bytes += mutateText(random, wrap(random, body), LETTERS, wrap(random, other))
    else if (kind <= 9) bytes += wrap(random, mutateText(random, body, LETTERS, other))
    else bytes += random.oneIn(8) ? pick(random, ['\n\r', '"NAK"', '"ACK"', '\n', '\r', '\0']) : wrap(random, body)
  }
  return { bytes, mustAcknowledge: false }
}

/** The frame around a body: mostly ASCII, some with two raw bytes of CRC, lower-case digits or a decimal length. */
function wrap(random: Random, body: string): string {
  const form = random.below(8)
  const crc = crcOf(body)
  if (form === 0) return `\n${String.fromCharCode(crc >> 8, crc & 255)}${lengthOf(body)}${body}\r`
  const digits = crc.toString(16).padStart(4, '0')
  if (form === 1) return `\n${digits}${lengthOf(body).toLowerCase()}${body}\r`
  const length = form === 2 ? String(body.length + 1).padStart(4, '0') : lengthOf(body)
  return `\n${digits.toUpperCase()}${length}${body}\r`
}

/** A reply that the panel must take for the kiss-off, in a form that some receiver has. */
function kissOff(random: Random, flight: Flight): string {
  const header = `${flight.sequence}${pick(random, ['', 'R0', 'None', 'R7896'])}${pick(random, ['L0', 'L0000', 'L1'])}`
  if (flight.key.length === 0) {
    const tail = pick(random, ['[]', `[]_${stampOf(NOW_S)}`, '[A]', ''])
    return `"${pick(random, ['ACK', 'RSP'])}"${header}${pick(random, ['#1234', '#001234', ''])}${tail}`
  }
  const seconds = (flight.sureSeconds || NOW_S) + pick(random, [0, 3, -120, 120])
  const text = pick(random, [`|]_`, `]_`, `\0|] _`, `|#1234|data]_`, `|][K${'A'.repeat(32)}]_`]) + stampOf(seconds)
  return `"*${pick(random, ['ACK', 'RSP'])}"${header}#1234[${seal(random, text, flight.key)}`
}

/** A reply that may or may not be one: its parts are drawn one by one. */
function anyReply(random: Random, flight: Flight): string {
  const id = pick(random, ['ACK', 'NAK', 'DUH', 'RSP', '*ACK', '*RSP', '*NAK', 'ADM-CID', 'ack'])
  const sequence = random.oneIn(3) ? pick(random, ['0000', '0001', '0007', '12', '']) : flight.sequence
  const header = pick(random, ['L0', 'R0L0', 'NoneL0', 'R0', '', 'L0R0A0']) + pick(random, ['#1234', '#9999', '', '#'])
  const stamp = stampOf(NOW_S + pick(random, [0, 0, 119, 121, -5000]))
  if (id.startsWith('*')) {
    const key = random.oneIn(4) || flight.key.length === 0 ? pick(random, KEYS.slice(1)) : flight.key
    return `"${id}"${sequence}${header}[${seal(random, pick(random, [`|]_${stamp}`, `]_${stamp}`, stamp, '|]']), key)}`
  }
  return `"${id}"${sequence}${header}${pick(random, ['[]', `[]_${stamp}`, `[data]_${stamp}`, `_${stamp}`, ''])}`
}

function seal(random: Random, text: string, key: Uint8Array): string {
  const filler = random.oneIn(4) ? '\x10'.repeat(16) : ''
  const pad = pick(random, ['0', '\0', 'z']).repeat(16 - ((text.length + filler.length) % 16))
  const hex = Buffer.from(nodeCrypto.encryptCbc(Buffer.from(pad + text + filler, 'latin1'), key)).toString('hex')
  return random.oneIn(3) ? hex : hex.toUpperCase()
}
