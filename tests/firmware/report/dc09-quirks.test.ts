// What the receivers of reporting.md §7 say, and what a panel must make of it: a row for each way, named after the section
// that tells of it. The frames stand as they go over the wire; those with a key were made with AES of Node.

import { describe, expect, it } from 'vitest'
import * as dc09 from '../../../firmware/report/dc09'
import { Random } from '../../../hal-mock/random'
import { KEYS, REPLY_SECONDS } from '../../vectors/dc09'
import { crypto, framed, sealedFrame, slowCrc } from './platform'

const NAMES = ['NONE', 'ACK', 'NAK', 'DUH', 'IGNORED']
const STAMP = '12:34:59,10-25-2024'

interface Row {
  section: string
  what: string
  bytes: string
  key: 'clear' | 'K128'
  means: string
  /** The time that the reply tells: 1 REPLY_SECONDS, 0 none. */
  tells: 0 | 1
  /** Sequence in flight; 1 unless named. */
  sequence?: number
}

const clear = (section: string, what: string, bytes: string, means: string, tells: 0 | 1 = 0, sequence = 1): Row => ({
  section,
  what,
  bytes,
  key: 'clear',
  means,
  tells,
  sequence,
})
const keyed = (section: string, what: string, bytes: string, means: string, tells: 0 | 1 = 0, sequence = 6): Row => ({
  section,
  what,
  bytes,
  key: 'K128',
  means,
  tells,
  sequence,
})

/** A frame with a CRC of two raw bytes, §3.3. */
function binaryFrame(body: string): string {
  const crc = slowCrc(body)
  const length = body.length.toString(16).toUpperCase().padStart(4, '0')
  return `\n${String.fromCharCode(crc >> 8, crc & 255)}${length}${body}\r`
}

/** A frame whose length is decimal and one too many, §7.6. */
function decimalFrame(body: string): string {
  return framed(body).replace(/^(.{5}).{4}/s, `$1${String(body.length + 1).padStart(4, '0')}`)
}

/** An *ACK to E1 around a text that is padded with zeros to whole blocks. */
function sealed(text: string, header = '"*ACK"0006L0#1234['): string {
  return sealedFrame(header, text.padStart(Math.ceil(text.length / 16) * 16, '0'), KEYS.K128)
}

const lowerHex = (frame: string): string => {
  const at = frame.indexOf('[') + 1
  return framed(frame.slice(9, at) + frame.slice(at, -1).toLowerCase())
}

const NAK = framed(`"NAK"0000R0L0A0[]_${STAMP}`)
const ACK = framed('"ACK"0001L0#1234[]')

const ROWS: Row[] = [
  clear('§3.3', 'binary CRC', binaryFrame('"ACK"0001L0#1234[]'), 'ACK'),
  clear('§3.3', 'binary CRC of a NAK', binaryFrame(`"NAK"0000R0L0A0[]_${STAMP}`), 'NAK', 1),
  clear('§3.3', 'binary CRC, wrong', binaryFrame('"ACK"0001L0#1234[]').replace('"A', '"B'), 'IGNORED'),
  keyed('§3.3', 'binary CRC of an *ACK', binaryFrame(sealed(`|]_${STAMP}`).slice(9, -1)), 'ACK', 1),
  clear('§3.8', 'ACK', ACK, 'ACK'),
  clear('§3.8', 'ACK with a time', framed(`"ACK"0001R0L0#1234[]_${STAMP}`), 'ACK', 1),
  keyed('§3.8', '*ACK', sealed(`Qm7Zp2Xv9L|]_${STAMP}`), 'ACK', 1),
  clear('§3.8', 'NAK of fixed text', NAK, 'NAK', 1),
  keyed('§3.8', 'NAK, never encrypted', NAK, 'NAK', 1),
  clear('§3.8', 'NAK without a time', framed('"NAK"0000R0L0A0[]'), 'NAK'),
  clear('§3.8', 'DUH', framed('"DUH"0001R0L0#1234[]'), 'DUH'),
  keyed('§3.8', 'DUH, never encrypted', framed('"DUH"0006L0#1234[]'), 'DUH'),
  clear('§3.8', 'RSP with data', framed('"RSP"0001L0#1234[K0123456789ABCDEF]'), 'ACK'),
  keyed('§3.8', '*RSP', sealed(`|]_${STAMP}`, '"*RSP"0006L0#1234['), 'ACK', 1),
  keyed('§4', 'a clear ACK to an encrypted message', framed('"ACK"0006L0#1234[]'), 'IGNORED'),
  keyed('§4', 'the same with a time, which is not believed', framed(`"ACK"0006L0#1234[]_${STAMP}`), 'IGNORED'),
  keyed('§4', '*ACK of a NULL, sequence 0000', sealed(`|]_${STAMP}`, '"*ACK"0000L0#1234['), 'ACK', 1, 0),
  clear('§5.2', 'a stale sequence', framed('"ACK"0006L0#1234[]'), 'IGNORED', 0, 7),
  clear('§5.2', 'a stale sequence with a time', framed(`"ACK"0006L0#1234[]_${STAMP}`), 'IGNORED', 0, 7),
  keyed('§5.2', 'a stale *ACK', sealed(`|]_${STAMP}`), 'IGNORED', 0, 7),
  clear('§5.2', 'an ACK of a NULL while an event is in flight', framed('"ACK"0000L0#1234[]'), 'IGNORED'),
  clear('§7.1', 'None where R is missing', framed('"ACK"0001NoneL0#1234[]'), 'ACK'),
  clear('§7.1', 'LF CR for a wrong CRC: no answer', '\n\r', 'NONE'),
  clear('§7.1', 'R6, L before R', framed(`"NAK"0000L0R0A0[]_${STAMP}`), 'NAK', 1),
  clear('§7.1', 'R7, the R of the message', framed(`"NAK"0000R1L0A0[]_${STAMP}`), 'NAK', 1),
  clear('§7.1', 'R8, a bare NAK for an unknown account', '"NAK"', 'NAK'),
  keyed('§7.1', 'pad of zeros, no bar', sealed(`]_${STAMP}`, '"*ACK"0006R1L0#1234['), 'ACK', 1),
  keyed(
    '§7.1',
    'the key behind the bracket, when the message had xdata',
    sealed(`][K${'A'.repeat(64)}]_${STAMP}`),
    'ACK',
    1,
  ),
  keyed(
    '§7.2',
    'pad of NUL, sixteen bytes behind, lower-case hex',
    lowerHex(sealed(`${'\0'.repeat(10)}|]_${STAMP}${'\x10'.repeat(16)}`)),
    'ACK',
    1,
  ),
  keyed(
    '§7.2',
    'a blank before the time, fifteen bytes behind',
    lowerHex(sealed(`${'\0'.repeat(10)}|] _${STAMP}${'\x0f'.repeat(15)}`)),
    'ACK',
    1,
  ),
  clear('§7.2', 'NAK twice in one read', NAK + NAK, 'NAK', 1),
  clear('§7.3', 'ACK that always has a time', framed(`"ACK"0001L0#1234[]_${STAMP}`), 'ACK', 1),
  keyed('§7.3', '*ACK without a bar', sealed(`x8Kq2pLm0aZ]_${STAMP}`), 'ACK', 1),
  clear('§7.4', 'R3, no account and no brackets', framed('"ACK"0001L0'), 'ACK'),
  keyed('§7.4', 'the same to an encrypted message', framed('"ACK"0006L0'), 'IGNORED'),
  clear('§7.4', 'R11, DUH of a wrong CRC', framed('"DUH"0000L0'), 'DUH'),
  clear('§7.6', 'length decimal and one too many', decimalFrame('"ACK"0001R0L0#1234[]'), 'ACK'),
  clear('§7.6', 'such a length of a NAK', decimalFrame(`"NAK"0000R0L0A0[]_${STAMP}`), 'NAK', 1),
  clear(
    '§7.6',
    'a length that is two too many',
    decimalFrame('"ACK"0001R0L0#1234[]').replace('0021', '0022'),
    'IGNORED',
  ),
  keyed('§7.7', 'a clear ACK with a time to an encrypted message', framed(`"ACK"0006R0L0#1234[]_${STAMP}`), 'IGNORED'),
  clear('§7.7', 'a qualifier in the brackets (Pima)', framed('"ACK"0001R1L0#1234[A]'), 'ACK'),
  clear(
    '§7.7',
    'lower-case length',
    framed(`"RSP"0001L0#1234[${'x'.repeat(0x4d - 18)}]`).replace('004D', '004d'),
    'ACK',
  ),
  clear('§7.7', 'NULs around the reply', `\0${ACK}\0`, 'ACK'),
  clear('§7.7', 'the bare ACK of another protocol', '"ACK"', 'NONE'),
]

function link(key: Row['key']): dc09.Link {
  return dc09.create('1234', KEYS[key], 'R0', 'L0', crypto, new Random(1))
}

describe('replies of the receivers in reporting.md §7', () => {
  it.each(ROWS)('$section: $what, key $key: $means', (row) => {
    const l = link(row.key)
    expect(NAMES[dc09.reply(l, row.bytes, row.sequence ?? 1, REPLY_SECONDS)]).toBe(row.means)
    const told = row.tells * REPLY_SECONDS
    expect([l.replySeconds, l.nakSeconds]).toEqual([told, row.means === 'NAK' ? told : 0])
  })

  it('§7.6: drops the leading zeros of the account', () => {
    const l = dc09.create('0012', KEYS.clear, 'R0', 'L0', crypto, new Random(1))
    expect(NAMES[dc09.reply(l, decimalFrame('"ACK"0001R0L0#12[]'), 1, 0)]).toBe('ACK')
  })

  it('§3.3: reads binary CRCs that are LF and CR themselves', () => {
    // The numbers were searched for: each CRC has one of the two in one of its places.
    const bodies = new Map<string, string>()
    for (let number = 0; number < 100000 && bodies.size < 4; number++) {
      const body = `"RSP"0001L0#1234[${number}]`
      const crc = slowCrc(body)
      for (const [name, byte] of [
        ['high', crc >> 8],
        ['low', crc & 255],
      ] as [string, number][]) {
        if (byte === 10 || byte === 13) bodies.set(`${name} ${byte}`, body)
      }
    }
    expect(bodies.size).toBe(4)
    for (const [name, body] of bodies) {
      const l = link('clear')
      const bytes = binaryFrame(body)
      // Found by npm run fuzz: a piece that ends behind such a byte is no line of its own.
      for (let length = 0; length < bytes.length; length++) {
        expect(NAMES[dc09.reply(l, bytes.slice(0, length), 1, 0)], `${name}, ${length} bytes`).toBe('NONE')
      }
      expect(NAMES[dc09.reply(l, bytes + ACK, 1, 0)], name).toBe('ACK')
      expect(l.consumed, name).toBe(bytes.length)
    }
  })

  it('forgets the time that a reply told at the next one', () => {
    const l = link('clear')
    dc09.reply(l, NAK, 1, 0)
    expect(l.replySeconds).toBe(REPLY_SECONDS)
    dc09.reply(l, ACK, 1, 0)
    expect([l.replySeconds, l.nakSeconds]).toEqual([0, 0])
    dc09.reply(l, NAK, 1, 0)
    dc09.reply(l, '\n', 1, 0)
    expect([l.replySeconds, l.nakSeconds]).toEqual([0, 0])
  })

  it('holds nothing of a reply that was heard to its end, and nothing of a torn one for the next', () => {
    const l = link('K128')
    const bytes = sealed(`|]_${STAMP}`)
    expect(NAMES[dc09.reply(l, bytes, 6, REPLY_SECONDS)]).toBe('ACK')
    expect([l.heard, l.plain, l.sealed]).toEqual(['', '', undefined])
    // Deciphered, not judged, when its message is given up.
    l.acceptedSeconds = 0
    while (l.plain === '') expect(dc09.hear(l, bytes, 6, REPLY_SECONDS)).toBe(dc09.AGAIN)
    const forged = framed(`"*ACK"0007L0#1234[${'00'.repeat(32)}`)
    expect(NAMES[dc09.reply(l, forged, 7, REPLY_SECONDS)]).toBe('IGNORED')
  })

  it('§4: tells no time of an *ACK that is too far from a sure clock', () => {
    const l = link('K128')
    expect(NAMES[dc09.reply(l, sealed(`|]_${STAMP}`), 6, REPLY_SECONDS + 121)]).toBe('IGNORED')
    expect(l.replySeconds).toBe(0)
  })
})
