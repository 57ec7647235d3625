// The ways of other receivers (reporting.md 7) against the frames of reporting.md 6.3, and our panel's frames against each
// of them: what the station shows, and what the panel makes of the answer.

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as dc09 from '../../firmware/report/dc09'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Random } from '../../hal-mock/random'
import { Receiver, type ReceiverOptions, type StationEvent } from '../../hal-mock/receiver'
import { HABITS, type Quirk } from '../../hal-mock/receiver-quirks'
import { framed, sealedFrame, slowCrc } from '../firmware/report/platform'
import { CLEAR, ENCRYPTED, KEYS } from '../vectors/dc09'

/** 2024-10-25 12:34:59 UTC, 3 s after the vectors' stamps. */
const NOW_S = Date.UTC(2024, 9, 25, 12, 34, 59) / 1000
const K128 = Buffer.from(KEYS.K128).toString('hex').toUpperCase()
const TIME = '_12:34:59,10-25-2024'

const wire = (frame: string) => `\n${frame}\r`
const [C1, C2, , , C5, C6, C11] = CLEAR.map((message) => wire(message.frame))
const [E1] = ENCRYPTED.map((message) => wire(message.frame))
const C12 = wire('1524003A"SIA-DCS"0005L0#1234[#1234|Nri1/HA005]_12:34:56,10-25-2024')
const R6 = wire('18AD0025"NAK"0000L0R0A0[]_12:34:59,10-25-2024')
const C9 = wire('18D30025"NAK"0000R0L0A0[]_12:34:59,10-25-2024')
const WRONG_CRC = C1.replace('2BB4', '2BB5')
const WRONG_LENGTH = C1.replace('0027', '0026')

function binaryFrame(body: string): string {
  const crc = slowCrc(body)
  const length = body.length.toString(16).toUpperCase().padStart(4, '0')
  return `\n${String.fromCharCode(crc >> 8, crc & 255)}${length}${body}\r`
}

function station(quirk: Quirk, keyHex = '', options: Partial<ReceiverOptions> = {}) {
  const events: StationEvent[] = []
  const trace: string[] = []
  const receiver = new Receiver({
    accounts: [
      { account: '1234', keyHex },
      { account: '0012', keyHex: '' },
    ],
    crypto: nodeCrypto,
    utcSeconds: () => NOW_S,
    onEvent: (event) => events.push(event),
    onFrame: (direction, _via, _frame, verdict) => trace.push(`${direction} ${verdict}`),
    ...options,
  })
  receiver.habits = HABITS[quirk]
  const tcp = receiver.open('cable')
  return { receiver, events, trace, tcp, say: (bytes: string) => tcp.receive(bytes) }
}

function open(frame: string): string {
  const cipher = createDecipheriv('aes-128-cbc', KEYS.K128, Buffer.alloc(16)).setAutoPadding(false)
  const hex = frame.slice(frame.indexOf('[') + 1, -1)
  return Buffer.concat([cipher.update(hex, 'hex'), cipher.final()]).toString('latin1')
}

describe('answers byte for byte', () => {
  const ack = (echo: string, tail = '[]') => framed(`"ACK"${echo}${tail}`)
  it.each<[Quirk, string, string, string, string, number]>([
    ['pysiaalarm', 'C1, no R: None (R1)', '', C1, wire('62D50016"ACK"0001NoneL0#1234[]'), 1],
    ['pysiaalarm', 'C2', '', C2, wire('1AB20014"ACK"0002R1L0#1234[]'), 1],
    ['pysiaalarm', 'C6, a NULL', '', C6, ack('0000R0L0#1234'), 0],
    ['pysiaalarm', 'a wrong CRC (R9)', '', WRONG_CRC, '\n\r', 0],
    ['pysiaalarm', 'a wrong length, which it ignores', '', WRONG_LENGTH, wire('62D50016"ACK"0001NoneL0#1234[]'), 1],
    ['pysiaalarm', 'C11, two blocks', '', C11, R6, 0],
    ['pysiaalarm', 'C12, SIA-DCS', '', C12, R6, 0],
    ['pysiaalarm', 'a binary CRC', '', binaryFrame(C1.slice(9, -1)), R6, 0],
    ['pysiaalarm', 'an unknown account (R8)', '', framed('"ADM-CID"0001R0L0#9999[#9999|1121 01 005]'), '"NAK"', 0],
    [
      'pysiaalarm',
      'an old stamp (R7)',
      '',
      framed('"ADM-CID"0001R1L0#1234[#1234|1121 01 005]_12:30:00,10-25-2024'),
      wire('9A2D0025"NAK"0000R1L0A0[]_12:34:59,10-25-2024'),
      0,
    ],
    ['pysiaalarm', 'C1 for an account with a key', K128, C1, wire('62D50016"ACK"0001NoneL0#1234[]'), 1],
    ['pysiaalarm', 'E1 for an account without', '', E1, R6, 0],
    ['ioBroker', 'C1', '', C1, ack('0001L0#1234'), 1],
    ['ioBroker', 'C1 in lower case', '', C1.replace('2BB4', '2bb4'), ack('0001L0#1234'), 1],
    ['ioBroker', 'B1, binary', '', binaryFrame(C1.slice(9, -1)), binaryFrame('"ACK"0001L0#1234[]'), 1],
    ['ioBroker', 'C1 with NULs behind', '', `${C1}\0\0`, ack('0001L0#1234'), 1],
    ['ioBroker', 'C1 with LF behind (R10)', '', `${C1}\n`, C9 + C9, 0],
    ['ioBroker', 'C5, a NULL', '', C5, C9 + C9, 0],
    ['ioBroker', 'a wrong CRC', '', WRONG_CRC, C9 + C9, 0],
    ['ioBroker', 'a wrong length', '', WRONG_LENGTH, C9 + C9, 0],
    ['ioBroker', 'C11, whose second block and time are lost', '', C11, ack('0004R1L0#1234'), 1],
    ['ioBroker', 'C1 for an account with a key', K128, C1, C9 + C9, 0],
    ['ioBroker', 'no account in the header', '', framed('"ADM-CID"0001R0L0[#1234|1121 01 005]'), C9 + C9, 0],
    ['dc09-rs', 'C1, always with its time (R2)', '', C1, wire('4D810026"ACK"0001L0#1234[]_12:34:59,10-25-2024'), 1],
    ['dc09-rs', 'no L', '', framed('"ADM-CID"0001#1234[#1234|1121 01 005]'), ack('0001#1234', `[]${TIME}`), 1],
    ['dc09-rs', 'a wrong CRC', '', WRONG_CRC, '', 0],
    ['dev-receiver', 'C1 (R3)', '', C1, wire('34BE000B"ACK"0001L0'), 1],
    ['dev-receiver', 'a wrong CRC (R11)', '', WRONG_CRC, wire('9159000B"DUH"0000L0'), 0],
    ['dev-receiver', 'a wrong length', '', WRONG_LENGTH, wire('9159000B"DUH"0000L0'), 0],
    ['dev-receiver', 'E1, which it cannot decrypt', K128, E1, framed('"ACK"0006L0'), 0],
    ['py-sia-dc-07', 'C2', '', C2, wire(`${framed('"ACK"0002R1L0#1234[]').slice(1, 5)}0021"ACK"0002R1L0#1234[]`), 1],
    ['py-sia-dc-07', 'C5, a NULL', '', C5, '', 0],
    ['hacs', 'C1', '', C1, ack('0001L0#1234'), 1],
    ['hacs', 'C2, with a time as it has one', '', C2, ack('0002R1L0#1234', `[]${TIME}`), 1],
    ['hacs', 'E1, in clear', K128, E1, ack('0006L0#1234', `[]${TIME}`), 1],
    ['hacs', 'C1 for an account with a key', K128, C1, C9, 0],
    ['hacs', 'E1 for an account without', '', E1, '', 0],
    ['hacs', 'a wrong CRC', '', WRONG_CRC, C9, 0],
  ])('%s: %s', (quirk, _what, keyHex, sent, reply, count) => {
    const { say, events } = station(quirk, keyHex)
    expect(say(sent)).toBe(reply)
    expect(events.length).toBe(count)
  })

  it('py-sia-dc-07 drops the leading zeros of the account, and answers one read of a connection', () => {
    const { say, receiver } = station('py-sia-dc-07')
    expect(say(framed('"ADM-CID"0001R0L0#0012[#0012|1121 01 005]'))).toContain('"ACK"0001R0L0#12[]')
    expect(say(C2)).toBe('')
    expect(receiver.open('cable').receive(C2)).toContain('"ACK"0002R1L0#1234[]')
  })
})

describe('encrypted acknowledgements', () => {
  it.each<[Quirk, RegExp, boolean]>([
    ['none', /^[0-9A-Za-z]{10}\|\]_12:34:59,10-25-2024$/, true],
    ['pysiaalarm', /^0{11}\]_12:34:59,10-25-2024$/, true],
    ['ioBroker', /^\0{10}\|\]_12:34:59,10-25-2024\x10{16}$/, false],
    ['dc09-rs', /^[0-9A-Za-z]{11}\]_12:34:59,10-25-2024$/, true],
  ])('%s answers E1 with its own pad', (quirk, text, isUpper) => {
    const { say, events } = station(quirk, K128)
    const reply = say(E1)
    expect(open(reply)).toMatch(text)
    expect(events).toMatchObject([{ code: '121', isEncrypted: true }])
    const hex = reply.slice(reply.indexOf('[') + 1, -1)
    expect(hex).toBe(isUpper ? hex.toUpperCase() : hex.toLowerCase())
  })

  it('R4 and R5 of reporting.md 6.3, byte for byte', () => {
    const sent = sealedFrame('"*ADM-CID"0006R1L0#1234[', `Qm7Zp2Xv9|#1234|1121 01 005]_12:34:56,10-25-2024`, KEYS.K128)
    expect(station('pysiaalarm', K128).say(sent)).toBe(
      wire('099D0054"*ACK"0006R1L0#1234[FDCE434358276C8338D6F0A710B574852850BACDA800816C7F7445776B6CB80D'),
    )
    expect(station('ioBroker', K128).say(E1)).toBe(
      wire(
        '87520072"*ACK"0006L0#1234[58e3e07eb1edb2d939e7e56c019c3e30674769839e08eb35506b6bb0d350a56fcc5e1ad1d9711125d36882d6a60cd133',
      ),
    )
  })

  it('dc09-rs loses a message whose pad has a byte above 7F; the others take it', () => {
    const text = `Qm7Zp2\xffv9|#1234|1121 01 005]_12:34:56,10-25-2024`
    const cipher = createCipheriv('aes-128-cbc', KEYS.K128, Buffer.alloc(16)).setAutoPadding(false)
    const hex = Buffer.concat([cipher.update(text, 'latin1'), cipher.final()])
      .toString('hex')
      .toUpperCase()
    const sent = framed(`"*ADM-CID"0006R0L0#1234[${hex}`)
    for (const quirk of ['none', 'pysiaalarm', 'ioBroker', 'dc09-rs'] as Quirk[]) {
      const { say, events, tcp } = station(quirk, K128)
      say(sent)
      expect([events.length, tcp.isClosed], quirk).toEqual(quirk === 'dc09-rs' ? [0, true] : [1, false])
    }
  })
})

describe('connections', () => {
  it.each<[Quirk, string]>([
    ['pysiaalarm', R6 + R6],
    ['ioBroker', C9 + C9],
    ['dc09-rs', ''],
  ])('%s does not put together a frame that came in two reads (5.1)', (quirk, heard) => {
    const { say, events } = station(quirk)
    expect(say(C1.slice(0, 20)) + say(C1.slice(20))).toBe(heard)
    expect(events).toEqual([])
  })

  it.each<[Quirk, string]>([
    ['pysiaalarm', R6],
    ['ioBroker', C9 + C9],
  ])('%s does not take apart two frames in one read', (quirk, heard) => {
    const { say, events } = station(quirk)
    expect(say(C1 + C2)).toBe(heard)
    expect(events).toEqual([])
  })

  it('ioBroker and dc09-rs hang up after what they refuse, and are silent from then on', () => {
    for (const quirk of ['ioBroker', 'dc09-rs'] as Quirk[]) {
      const { say, tcp } = station(quirk)
      expect(say(C2)).not.toBe('')
      expect(tcp.isClosed).toBe(false)
      say(WRONG_CRC)
      expect(tcp.isClosed, quirk).toBe(true)
      expect(say(C2), quirk).toBe('')
    }
  })

  it('a NAK comes once in a datagram', () => {
    expect(station('ioBroker').receiver.datagram(C5, 'udp')).toBe(C9)
    expect(station('dc09-rs').receiver.datagram(WRONG_CRC, 'udp')).toBe('')
    expect(station('pysiaalarm').receiver.datagram(C1, 'udp')).toBe(wire('62D50016"ACK"0001NoneL0#1234[]'))
  })
})

describe('copies', () => {
  it.each<[Quirk, boolean[]]>([
    ['none', [false, true, true]],
    ['pysiaalarm', [false, false, false]],
    ['ioBroker', [false, false, false]],
    // The second is the first byte for byte: acknowledged, and no event.
    ['hacs', [false, false]],
  ])('%s: the same frame twice, then a retry with a new stamp', (quirk, copies) => {
    const { say, events } = station(quirk)
    for (const sent of [C2, C2, framed('"ADM-CID"0002R1L0#1234[#1234|1121 01 005]_12:34:58,10-25-2024')]) {
      expect(say(sent)).toContain('"ACK"0002R1L0#1234[]')
    }
    expect(events.map((event) => event.isDuplicate)).toEqual(copies)
  })

  it('a message is a copy within a day of the last one, and an event of its own after that', () => {
    let nowS = NOW_S
    const { say, events } = station('none', '', { utcSeconds: () => nowS })
    for (const laterS of [0, 86400, 86400, 86401]) {
      nowS += laterS
      say(C1)
    }
    expect(events.map((event) => event.isDuplicate)).toEqual([false, true, true, false])
  })

  it('the time is a setting', () => {
    let nowS = NOW_S
    const { say, events } = station('none', '', { utcSeconds: () => nowS, duplicateSeconds: 60 })
    for (const laterS of [0, 60, 61]) {
      nowS += laterS
      say(C1)
    }
    expect(events.map((event) => event.isDuplicate)).toEqual([false, true, false])
  })
})

describe('settings', () => {
  it.each([
    [30, -30, 'ACK'],
    [30, -31, 'NAK'],
    [30, 30, 'ACK'],
    [30, 31, 'NAK'],
    [0, 86400, 'ACK'],
  ])('with a window of %i s a stamp %i s off is met with %s', (windowSeconds, offS, word) => {
    const nowS = Date.UTC(2024, 9, 25, 12, 34, 56) / 1000 - offS
    const { say } = station('none', '', { windowSeconds, utcSeconds: () => nowS })
    expect(say(C2)).toContain(`"${word}"`)
  })

  it.each([
    ['ack', '"ACK"0000'],
    ['silent', ''],
    ['nak', '"NAK"0000'],
    ['duh', '"DUH"0000'],
  ] as const)('answers null messages in a mode of their own: %s', (nullMode, words) => {
    const { say, receiver } = station('none')
    receiver.nullMode = nullMode
    const reply = say(C6)
    expect(reply.slice(reply === '' ? 0 : 9, 9 + words.length)).toBe(words)
    expect(say(C2)).toContain('"ACK"0002')
    receiver.mode = 'silent'
    expect(say(C2)).toBe('')
    expect(say(C6)).toBe(reply)
  })

  it('keeps a key for each of several accounts', () => {
    const keys = [K128, K128.slice(0, 30) + '00', '']
    const events: StationEvent[] = []
    const receiver = new Receiver({
      accounts: keys.map((keyHex, index) => ({ account: `100${index}`, keyHex })),
      crypto: nodeCrypto,
      utcSeconds: () => NOW_S,
      onEvent: (event) => events.push(event),
    })
    for (const [index, keyHex] of keys.entries()) {
      const account = `100${index}`
      const key = new Uint8Array(Buffer.from(keyHex, 'hex'))
      const l = dc09.create(account, key, 'R0', 'L0', nodeCrypto, new Random(1))
      const reply = receiver.datagram(dc09.frame(l, 7, `#${account}|1121 01 005`, NOW_S, 0), 'udp')
      expect(dc09.reply(l, reply, 7, NOW_S)).toBe(dc09.ACK)
      // Nobody's key opens another's.
      const wrong = dc09.create(`100${(index + 1) % 3}`, KEYS.KBIN, 'R0', 'L0', nodeCrypto, new Random(1))
      expect(dc09.reply(wrong, receiver.datagram(dc09.nullFrame(wrong, NOW_S), 'udp'), 0, NOW_S)).toBe(dc09.NAK)
    }
    expect(events.map((event) => event.account)).toEqual(['1000', '1001', '1002'])
  })
})

/** One answer for each of our panel's frames, and whether the receiver shows the event: clear, then with a key. */
const MEETINGS: { [quirk in Quirk]: { event: string; poll: string; sealedEvent: string; sealedPoll: string } } = {
  none: { event: 'ACK shown', poll: 'ACK', sealedEvent: 'ACK shown', sealedPoll: 'ACK' },
  pysiaalarm: { event: 'ACK shown', poll: 'ACK', sealedEvent: 'ACK shown', sealedPoll: 'ACK' },
  ioBroker: { event: 'ACK shown', poll: 'NAK', sealedEvent: 'ACK shown', sealedPoll: 'NAK' },
  'dc09-rs': { event: 'ACK shown', poll: 'ACK', sealedEvent: 'ACK shown', sealedPoll: 'ACK' },
  // Acknowledged, and never seen: without the key's proof the panel does not believe it.
  'dev-receiver': { event: 'ACK shown', poll: 'ACK', sealedEvent: 'IGNORED', sealedPoll: 'IGNORED' },
  'py-sia-dc-07': { event: 'ACK shown', poll: 'NONE', sealedEvent: 'NAK', sealedPoll: 'NAK' },
  hacs: { event: 'ACK shown', poll: 'ACK', sealedEvent: 'IGNORED shown', sealedPoll: 'IGNORED' },
}

describe('our panel meets', () => {
  const names = ['NONE', 'ACK', 'NAK', 'DUH', 'IGNORED']

  function meet(quirk: Quirk, isSealed: boolean, padBytes: number, isPoll: boolean, eventSeconds: number) {
    const { receiver, events } = station(quirk, isSealed ? K128 : '')
    const l = dc09.create('1234', isSealed ? KEYS.K128 : KEYS.clear, 'R0', 'L0', nodeCrypto, new Random(5))
    l.padBytes = padBytes
    const sequence = isPoll ? 0 : 12
    const sent = isPoll ? dc09.nullFrame(l, NOW_S) : dc09.frame(l, 12, '#1234|1121 01 005', NOW_S, eventSeconds)
    const verdict = names[dc09.reply(l, receiver.open('cable').receive(sent), sequence, NOW_S)]
    const shown = events.map((event) => ` shown${event.occurred === '' ? '' : ` ${event.occurred}`}`).join('')
    return verdict + shown
  }

  for (const quirk of Object.keys(MEETINGS) as Quirk[]) {
    it(`${quirk}, clear and encrypted, at the standard's length and at 64 bytes, with and without the event's time`, () => {
      const expected = MEETINGS[quirk]
      const late = (text: string) => text.replace('shown', 'shown 12:30:00,10-25-2024')
      const eventSeconds = NOW_S - 299
      for (const padBytes of [0, 64]) {
        expect(meet(quirk, false, padBytes, false, 0)).toBe(expected.event)
        expect(meet(quirk, false, padBytes, false, eventSeconds)).toBe(late(expected.event))
        expect(meet(quirk, false, padBytes, true, 0)).toBe(expected.poll)
        expect(meet(quirk, true, padBytes, false, 0)).toBe(expected.sealedEvent)
        expect(meet(quirk, true, padBytes, false, eventSeconds)).toBe(late(expected.sealedEvent))
        expect(meet(quirk, true, padBytes, true, 0)).toBe(expected.sealedPoll)
      }
    })
  }
})
