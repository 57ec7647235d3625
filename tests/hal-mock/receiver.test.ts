// The receiver against the worked frames of reporting.md 6 (SIA DC-09), checked by a second reading of CRC, length and
// encryption: nothing of the receiver's own arithmetic is imported here.

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Random } from '../../hal-mock/random'
import { type Account, Receiver, type StationEvent } from '../../hal-mock/receiver'

/** The receiver's clock in most tests: 2024-10-25 12:34:59 UTC, 3 s after the vectors' stamps. */
const NOW_S = Date.UTC(2024, 9, 25, 12, 34, 59) / 1000

const K128 = hexOfText('0123456789ABCDEF')
const K192 = hexOfText('0123456789ABCDEF01234567')
const K256 = hexOfText('0123456789ABCDEFFEDCBA9876543210')
const KBIN = '000102030405060708090A0B0C0D0E0F'

const C1 = wire('2BB40027"ADM-CID"0001L0#1234[#1234|1121 01 005]')
const C2 = wire('4ACC003D"ADM-CID"0002R1L0#1234[#1234|1121 01 005]_12:34:56,10-25-2024')
const C7 = wire('1BC10012"ACK"0001L0#1234[]')
const C9 = wire('18D30025"NAK"0000R0L0A0[]_12:34:59,10-25-2024')
const C10 = wire('251F0012"DUH"0001L0#1234[]')
const E1 = wire(
  '29EB0076"*ADM-CID"0006L0#1234[D72291D38AB084FD3D16E491F44CBD29940B68FA5AE858BD0F24ADDCCD7FB563' +
    '98E90D045FBC32E453C9551513596B45',
)
const E2 = wire('F30B0053"*NULL"0000L0#1234[D998D9B8858B935AC35DC84023ECF853E572DEED42B837D2801E80FAFAF77113')

function wire(text: string): string {
  return `\n${text}\r`
}

function hexOfText(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase()
}

/** CRC-16/ARC as the standard describes it: one bit at a time. */
function crc16(text: string): number {
  let crc = 0
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

function frame(body: string): string {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0')
  return wire(hex(crc16(body)) + hex(body.length) + body)
}

function binaryFrame(body: string): string {
  const crc = crc16(body)
  const length = body.length.toString(16).toUpperCase().padStart(4, '0')
  return wire(String.fromCharCode(crc >> 8, crc & 255) + length + body)
}

/** A region encrypted as par. 4 says: AES-CBC, zero vector, no padding. */
function encrypt(region: string, keyHex: string): string {
  const key = Buffer.from(keyHex, 'hex')
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.alloc(16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(region, 'latin1'), cipher.final()])
    .toString('hex')
    .toUpperCase()
}

function decrypt(hex: string, keyHex: string): string {
  const key = Buffer.from(keyHex, 'hex')
  const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, Buffer.alloc(16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(hex, 'hex'), cipher.final()]).toString('latin1')
}

/** True when some part of the bytes is a frame with the right length and CRC, in either form. */
function holdsSoundFrame(bytes: string): boolean {
  for (let start = bytes.indexOf('\n'); start >= 0; start = bytes.indexOf('\n', start + 1)) {
    for (const crcBytes of [4, 2]) {
      const lengthText = bytes.slice(start + 1 + crcBytes, start + 5 + crcBytes)
      if (!/^0[0-9A-F]{3}$/.test(lengthText)) continue
      const bodyAt = start + 5 + crcBytes
      const body = bytes.slice(bodyAt, bodyAt + Number.parseInt(lengthText, 16))
      const whole = crcBytes === 4 ? frame(body) : binaryFrame(body)
      if (bytes.startsWith(whole, start)) return true
    }
  }
  return false
}

function station(accounts: Account[], utcSeconds = NOW_S) {
  const events: StationEvent[] = []
  const trace: string[] = []
  const clock = { utcSeconds }
  const receiver = new Receiver({
    accounts,
    crypto: nodeCrypto,
    utcSeconds: () => clock.utcSeconds,
    onEvent: (event) => events.push(event),
    onFrame: (direction, _via, _frame, verdict) => trace.push(`${direction} ${verdict}`),
  })
  const tcp = receiver.open('cable')
  return { receiver, events, trace, clock, say: (bytes: string) => tcp.receive(bytes) }
}

const clear = (...accounts: string[]) => accounts.map((account) => ({ account, keyHex: '' }))

describe('clear frames of reporting.md 6.1', () => {
  it('answers C1 with C7 and shows duress of user 5 in partition 1', () => {
    const { say, events } = station(clear('1234'))
    expect(say(C1)).toBe(C7)
    expect(events).toEqual([
      {
        account: '1234',
        sequence: 1,
        qualifier: 1,
        code: '121',
        partition: 1,
        number: 5,
        via: 'cable',
        isEncrypted: false,
        isDuplicate: false,
        name: 'Duress',
        isPriority: true,
        stamp: '',
        occurred: '',
      },
    ])
  })

  it('answers C2 with C8, R1 echoed, and keeps its stamp', () => {
    const { say, events } = station(clear('1234'))
    expect(say(C2)).toBe(wire('1AB20014"ACK"0002R1L0#1234[]'))
    expect(events[0].stamp).toBe('12:34:56,10-25-2024')
  })

  it('takes C3, a restore of zone 17 in partition 2 for a 6-digit account', () => {
    const { say, events } = station(clear('ABCDEF'))
    const c3 = wire('302B0041"ADM-CID"0003R0L0#ABCDEF[#ABCDEF|3130 02 017]_12:34:56,10-25-2024')
    expect(say(c3)).toBe(frame('"ACK"0003R0L0#ABCDEF[]'))
    expect(events[0]).toMatchObject({ qualifier: 3, code: '130', partition: 2, number: 17, isPriority: false })
  })

  it('takes C4, a disarm with sequence 9999', () => {
    const { say, events } = station(clear('1234'))
    const c4 = wire('E411003B"ADM-CID"9999L0#1234[#1234|1401 01 002]_12:34:56,10-25-2024')
    expect(say(c4)).toBe(frame('"ACK"9999L0#1234[]'))
    expect(events[0]).toMatchObject({ sequence: 9999, code: '401', number: 2 })
  })

  it('answers C5 with C13 and C6 with its R echoed; a NULL is no event', () => {
    const { say, events } = station(clear('1234'))
    expect(say(wire('1EF20013"NULL"0000L0#1234[]'))).toBe(wire('DE900012"ACK"0000L0#1234[]'))
    expect(say(wire('1EB30029"NULL"0000R0L0#1234[]_12:34:56,10-25-2024'))).toBe(frame('"ACK"0000R0L0#1234[]'))
    expect(events).toEqual([])
  })

  it('reads the time of occurrence of C11 and skips its second block', () => {
    const { say, events } = station(clear('1234'))
    const c11 = wire(
      '40FC0062"ADM-CID"0004R1L0#1234[#1234|1121 01 005][H12:34:50,10-25-2024][M0002A1B2C3D4]_12:34:56,10-25-2024',
    )
    expect(say(c11)).toBe(frame('"ACK"0004R1L0#1234[]'))
    expect(events[0]).toMatchObject({ occurred: '12:34:50,10-25-2024', stamp: '12:34:56,10-25-2024' })
  })

  it('answers C12, a SIA-DCS frame, with DUH and no event', () => {
    const { say, events } = station(clear('1234'))
    const c12 = wire('1524003A"SIA-DCS"0005L0#1234[#1234|Nri1/HA005]_12:34:56,10-25-2024')
    expect(say(c12)).toBe(frame('"DUH"0005L0#1234[]'))
    expect(events).toEqual([])
  })

  it('answers B1 in the binary form that it came in', () => {
    const { say, events } = station(clear('1234'))
    const b1 =
      '0a2bb430303237 2241444d2d4349442230303031 4c3023313233345b23313233347c31313231203031203030355d0d'.replace(
        / /g,
        '',
      )
    expect(say(Buffer.from(b1, 'hex').toString('latin1'))).toBe(binaryFrame('"ACK"0001L0#1234[]'))
    expect(events.length).toBe(1)
  })
})

describe('frames from the field of reporting.md 6.4', () => {
  it.each([
    ['9EC40027"ADM-CID"0001L0#1002[#1002|1602 00 001]', '0001L0#1002', '602', 1],
    ['A3AC0029"ADM-CID"6855R0L0#AAAA[#AAAA|3441 01 042]', '6855R0L0#AAAA', '441', 42],
    ['7449003F"ADM-CID"0078R1L0#AAAA[#00AAAA|3407 01 001]_01:59:16,09-21-2023', '0078R1L0#AAAA', '407', 1],
    ['9B2F0041"ADM-CID"1285R1L0#AAAAAA[#AAAAAA|3408 01 000]_13:26:16,10-04-2023', '1285R1L0#AAAAAA', '408', 0],
    ['A7C70040"ADM-CID"0224L000000#5555[#5555|3407 01 503]_09:06:27,01-15-2024', '0224L000000#5555', '407', 503],
    ['F68B003B"ADM-CID"0028L0#9757[#9757|1602 00 000]_20:59:45,02-20-2024', '0028L0#9757', '602', 0],
    ['99820040"ADM-CID"1937R15L1#21401[#21401|1602 00 000]_20:59:59,02-20-2024', '1937R15L1#21401', '602', 0],
    ['F92F0043"ADM-CID"0020R7896L7896#3456[#3456|1407 00 001]_17:01:14,07-26-2024', '0020R7896L7896#3456', '407', 1],
  ])('acknowledges %s', (text, echo, code, number) => {
    const { say, events } = station(clear('1002', 'AAAA', 'AAAAAA', '5555', '9757', '21401', '3456'), 0)
    expect(say(wire(text))).toBe(frame(`"ACK"${echo}[]`))
    expect(events).toMatchObject([{ code, number, account: echo.slice(echo.indexOf('#') + 1) }])
  })

  it.each([
    ['B0970029"NULL"0000L000#0809[]_21:00:01,02-20-2024', '0000L000#0809'],
    ['821F003A"NULL"0000R0L0#AAAB[#0000|0000 00 000]_18:25:49,07-05-2020', '0000R0L0#AAAB'],
    ['EA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026', '0000L0#1409'],
  ])('acknowledges the poll %s', (text, echo) => {
    const { say, events } = station(clear('0809', 'AAAB', '1409'), 0)
    expect(say(wire(text))).toBe(frame(`"ACK"${echo}[]`))
    expect(events).toEqual([])
  })

  it.each([
    '59890012"ACK"0000L0#1409[]',
    '1CB00025"NAK"0000R0L0A0[]_16:56:28,08-07-2019',
    '251F0012"DUH"0001L0#1234[]',
  ])('says nothing to a reply, so that two receivers cannot talk for ever: %s', (text) => {
    const { say, trace } = station(clear('1409', '1234'), 0)
    expect(say(wire(text))).toBe('')
    expect(trace).toEqual(['in a reply'])
  })

  it('takes the data account without # that OPAX sends', () => {
    const { say, events } = station(clear('10064'))
    expect(say(frame('"ADM-CID"0001R8L0#10064[10064|1602 00 000]'))).toBe(frame('"ACK"0001R8L0#10064[]'))
    expect(events.length).toBe(1)
  })

  it('takes the account of the data field when the header names none', () => {
    const { say, events } = station(clear('1234'))
    expect(say(frame('"ADM-CID"0001L0[#1234|1602 00 000]'))).toBe(frame('"ACK"0001L0[]'))
    expect(events[0].account).toBe('1234')
  })
})

describe('encrypted frames of reporting.md 6.2', () => {
  it.each([
    ['E1 (AES-128)', K128, '1234', 'ADM-CID', '0006L0#1234', E1],
    ['E2 (NULL with a bar)', K128, '1234', 'NULL', '0000L0#1234', E2],
    [
      'E5 (AES-256)',
      K256,
      '1234',
      'ADM-CID',
      '0007R1L0#1234',
      wire(
        '22820078"*ADM-CID"0007R1L0#1234[E01F1086A5000CC68BB475465B33EBBEC32BFA88F9FBB166622252F2A127B756' +
          '115BE632177668010EF460A665F67C2E',
      ),
    ],
    [
      'E6 (AES-192)',
      K192,
      '1234',
      'ADM-CID',
      '0008L0#1234',
      wire(
        '8C690076"*ADM-CID"0008L0#1234[07E56E6D190AD7046FE4AC8B68250BA8B6AA671DD622F393D133FEE88F44DE29' +
          '5E79F0ED3C2D6CC3DF6A88C71F5BC418',
      ),
    ],
    [
      'E7 (key of raw bytes)',
      KBIN,
      '1234',
      'ADM-CID',
      '0009L0#1234',
      wire(
        '499E0076"*ADM-CID"0009L0#1234[55EB261078E4A3992C862D62A12BA82396C77071A34CCAC277BD390FB3FF3894' +
          '920B0368CBAE6DF74E2596FC6A334318',
      ),
    ],
    [
      'E8 (13 digits of account, 16 bytes of pad)',
      K128,
      '0123456789ABC',
      'ADM-CID',
      '0010L0#0123456789ABC',
      wire(
        '4146009F"*ADM-CID"0010L0#0123456789ABC[DBEDE346BB93D1851DACCCE448D5D6B477EABAC63995B6C539763367EAEF2' +
          '61C5C2FF1408D9B7C784F5201A936854E15F94ABFB9BD476201522316AE11B85761',
      ),
    ],
    [
      'E9 (NULL without a bar)',
      K128,
      '1234',
      'NULL',
      '0000L0#1234',
      wire('DAF00053"*NULL"0000L0#1234[5ABA6CB9AF5602B62AB4D0F04364153F48C9EB8DB95F961FD470E18B532E7D5B'),
    ],
  ])('answers %s with a *ACK that decrypts to pad, bar and its own time', (_name, keyHex, account, id, echo, sent) => {
    const { say, events } = station([{ account, keyHex }])
    const reply = say(sent)
    const head = `"*ACK"${echo}[`
    expect(reply.slice(9, 9 + head.length)).toBe(head)
    expect(reply).toBe(frame(reply.slice(9, -1)))
    // The shape of E3 and E4: ten legal pad bytes, then the bar.
    expect(decrypt(reply.slice(9 + head.length, -1), keyHex)).toMatch(/^[^|[\]]{10}\|\]_12:34:59,10-25-2024$/)
    expect(events.map((event) => event.code)).toEqual(id === 'NULL' ? [] : ['121'])
    expect(events.every((event) => event.isEncrypted)).toBe(true)
  })

  it('takes F1, a Hikvision poll of 2020, without a clock and answers with the time of the frame', () => {
    const keyHex = hexOfText('A'.repeat(16))
    const { say } = station([{ account: 'AAAB', keyHex }], 0)
    const reply = say(
      wire('76D80055"*NULL"0000R0L0#AAAB[B4BC8B40D0E6D959D6BEA78E88CC0B2155741A3C44FBB96D476A3E557CAD64D9'),
    )
    expect(decrypt(reply.slice(reply.indexOf('[') + 1, -1), keyHex)).toMatch(/\|\]_18:24:52,07-05-2020$/)
  })

  it('never sends the same *ACK twice in 1000 polls of one second, though their sequence stays 0000', () => {
    const { say } = station([{ account: '1234', keyHex: K128 }])
    const replies = new Set<string>()
    for (let count = 0; count < 1000; count++) replies.add(say(E2))
    expect(replies.size).toBe(1000)
  })

  it('refuses a clear frame for an account with a key with DUH (6.1 C1, answer C10)', () => {
    const { say, events, trace } = station([{ account: '1234', keyHex: K128 }])
    expect(say(C1)).toBe(C10)
    expect(events).toEqual([])
    expect(trace).toEqual(['in DUH: clear frame for an account with a key', 'out DUH'])
  })

  it.each([
    ['with another key', [{ account: '1234', keyHex: KBIN }]],
    ['without a key', clear('1234')],
  ])('answers an encrypted frame that it reads %s with NAK in clear', (_name, accounts) => {
    const { say, events } = station(accounts)
    expect(say(E1)).toBe(C9)
    expect(events).toEqual([])
  })

  /** A duress event's region, filled up to whole blocks by one block of extended data. */
  function duressRegion(pad: string, stamp: string): string {
    const fill = (16 - (`${pad}#1234|1121 01 005][J]${stamp}`.length % 16)) % 16
    return `${pad}#1234|1121 01 005][J${'x'.repeat(fill)}]${stamp}`
  }

  it.each([
    ['no time stamp', 'Qm7|', ''],
    ['no pad', '|', '_12:34:56,10-25-2024'],
    ['a bracket in the pad', 'Qm7[9|', '_12:34:56,10-25-2024'],
    ['a day that does not exist', 'Qm7|', '_12:34:56,02-30-2024'],
    ['an hour that does not exist', 'Qm7|', '_24:00:00,10-25-2024'],
  ])('answers an encrypted event with %s with NAK', (_name, pad, stamp) => {
    const { say, events, trace } = station([{ account: '1234', keyHex: K128 }])
    expect(say(frame(`"*ADM-CID"0006L0#1234[${encrypt(duressRegion(pad, stamp), K128)}`))).toBe(C9)
    expect(events).toEqual([])
    expect(trace[0]).toBe('in NAK: cannot decrypt')
  })

  it.each(['Q|', '0123456789abcdef|', '0123456789abcdefg|', `${'z'.repeat(41)}|`, '\0\x80\xff\n\r|'])(
    'takes the pad %j',
    (pad) => {
      const { say, events } = station([{ account: '1234', keyHex: K128 }])
      const region = duressRegion(pad, '_12:34:56,10-25-2024')
      expect(say(frame(`"*ADM-CID"0006L0#1234[${encrypt(region, K128)}`))).toMatch(/"\*ACK"0006L0#1234\[/)
      expect(events).toMatchObject([{ code: '121', number: 5 }])
    },
  )

  it.each([
    ['lower-case digits', E1.slice(9, -1).replace(/\[.*/, (hex) => hex.toLowerCase())],
    ['half a block', E1.slice(9, -17)],
    ['an odd digit', E1.slice(9, -2)],
    ['no content', '"*ADM-CID"0006L0#1234['],
    ['a clear ending', `${E1.slice(9, -1)}]`],
  ])('answers ciphertext with %s with NAK', (_name, body) => {
    const { say, events } = station([{ account: '1234', keyHex: K128 }])
    expect(say(frame(body))).toBe(C9)
    expect(events).toEqual([])
  })
})

describe('frames that are wrong', () => {
  it.each([
    ['a wrong CRC', wire('2BB50027"ADM-CID"0001L0#1234[#1234|1121 01 005]'), 'CRC wrong'],
    ['a CRC in lower case', wire('2bb40027"ADM-CID"0001L0#1234[#1234|1121 01 005]'), 'CRC wrong'],
    ['a wrong length', wire('2BB40026"ADM-CID"0001L0#1234[#1234|1121 01 005]'), 'length wrong'],
    ['no quote', wire('00000000'), 'not a frame'],
  ])('says nothing to %s', (_name, sent, verdict) => {
    const { say, events, trace } = station(clear('1234'))
    expect(say(sent)).toBe('')
    expect(events).toEqual([])
    expect(trace).toEqual([`in ${verdict}`])
  })

  it.each([
    '"ADM-CID"0001#1234[#1234|1121 01 005]',
    '"ADM-CID"0001L#1234[#1234|1121 01 005]',
    '"ADM-CID"0001L0000000#1234[#1234|1121 01 005]',
    '"ADM-CID"0001RL0#1234[#1234|1121 01 005]',
    '"ADM-CID"001L0#1234[#1234|1121 01 005]',
    '"ADM-CID"00001L0#1234[#1234|1121 01 005]',
    '"ADM-CID"0001L0#12[#1234|1121 01 005]',
    '"ADM-CID"0001L0#12345678901234567[#1234|1121 01 005]',
    '"ADM-CID"0001L0#abcd[#1234|1121 01 005]',
    '"ADM-CID"0001L0#1234',
    '"ADM-CID',
  ])('answers a header outside the grammar with NAK: %s', (body) => {
    const { say, events, trace } = station(clear('1234'))
    expect(say(frame(body))).toBe(C9)
    expect(events).toEqual([])
    expect(trace[0]).toBe('in NAK: header wrong')
  })

  it.each([
    ['#1234|1121 1 005', 'partition of one digit'],
    ['#1234|1121 01 05', 'zone of two digits'],
    ['#1234|18 1121 01 005', 'message type of the telephone form'],
    ['#1234|1121 01 005F', 'checksum of the telephone form'],
    ['#1234|2121 01 005', 'qualifier 2'],
    ['#1234|112101005', 'no spaces'],
    ['#1234|1A21 01 005', 'hex digit in the code'],
    ['1121 01 005', 'no account'],
    ['', 'no data'],
  ])('answers the data %j with DUH: %s', (data) => {
    const { say, events } = station(clear('1234'))
    expect(say(frame(`"ADM-CID"0001L0#1234[${data}]`))).toBe(C10)
    expect(events).toEqual([])
  })

  it.each([
    '"ADM-CID"0001L0#1234[#1234|1121 01 005',
    '"ADM-CID"0001L0#1234[#1234|1121 01 005]x',
    '"ADM-CID"0001L0#1234[#1234|1121 01 005]_12:34:56,13-25-2024',
    '"ADM-CID"0001L0#1234[#1234|1121 01 005]_12:34:56,10-25-20240',
    '"ADM-CID"0001L0#1234[#1234|1121 01 005][H12:34:50,10-25-2024',
  ])('answers content outside the grammar with DUH: %s', (body) => {
    const { say, events } = station(clear('1234'))
    expect(say(frame(body))).toBe(C10)
    expect(events).toEqual([])
  })

  it('answers an unknown account and an unknown token with DUH', () => {
    const { say, trace } = station(clear('1234'))
    expect(say(frame('"ADM-CID"0001L0#1235[#1235|1121 01 005]'))).toBe(frame('"DUH"0001L0#1235[]'))
    expect(say(frame('"XYZ"0001L0#1234[]'))).toBe(C10)
    expect(trace).toEqual(['in DUH: unknown account', 'out DUH', 'in DUH: unknown token', 'out DUH'])
  })

  it('counts leading zeros of an account', () => {
    const { say } = station(clear('01234'))
    expect(say(C1)).toBe(C10)
  })

  it('accepts a code that is in no table and calls it by its number', () => {
    const { say, events } = station(clear('1234'))
    expect(say(frame('"ADM-CID"0001L0#1234[#1234|1777 01 005]'))).toBe(C7)
    expect(events[0]).toMatchObject({ code: '777', name: 'event 777', isPriority: false })
  })

  it.each(['120', '121', '122', '123', '124', '125', '126', '129'])('marks code %s as a priority', (code) => {
    const { say, events } = station(clear('1234'))
    say(frame(`"ADM-CID"0001L0#1234[#1234|1${code} 01 005]`))
    expect(events[0].isPriority).toBe(true)
  })

  it('leaves the time of occurrence out when it is no time', () => {
    const { say, events } = station(clear('1234'))
    expect(say(frame('"ADM-CID"0001L0#1234[#1234|1121 01 005][H\x1b[2J]'))).not.toBe('')
    say(frame('"ADM-CID"0002L0#1234[#1234|1121 01 005][Hyesterday]'))
    expect(events.map((event) => event.occurred)).not.toContain('yesterday')
  })

  it.each([
    [[{ account: '12', keyHex: '' }], /account 12/],
    [[{ account: 'abc', keyHex: '' }], /account abc/],
    [[{ account: '1234', keyHex: '00' }], /key of account 1234/],
    [[{ account: '1234', keyHex: 'XY'.repeat(16) }], /key of account 1234/],
  ])('does not start with the accounts %j', (accounts, message) => {
    expect(() => station(accounts)).toThrow(message)
  })
})

describe('the time window of -40 s to +20 s (reporting.md 3.7)', () => {
  const sent = C2
  const sentS = Date.UTC(2024, 9, 25, 12, 34, 56) / 1000

  it.each([
    [40, 'ACK'],
    [41, 'NAK: time stamp off by -41 s'],
    [-20, 'ACK'],
    [-21, 'NAK: time stamp off by 21 s'],
  ])('with the clock %i s after the stamp: %s', (laterS, verdict) => {
    const { say, trace, events } = station(clear('1234'), sentS + laterS)
    say(sent)
    expect(trace[0]).toBe(`in ${verdict}`)
    expect(events.length).toBe(verdict === 'ACK' ? 1 : 0)
  })

  it('names its own time in the NAK, and takes the frame with the stamp corrected by it', () => {
    const { say, events } = station(clear('1234'), Date.UTC(2028, 1, 29, 23, 59, 58) / 1000)
    expect(say(sent)).toBe(frame('"NAK"0000R0L0A0[]_23:59:58,02-29-2028'))
    expect(say(frame('"ADM-CID"0002R1L0#1234[#1234|1121 01 005]_00:00:10,03-01-2028'))).toMatch(/"ACK"0002/)
    expect(events).toMatchObject([{ stamp: '00:00:10,03-01-2028', isDuplicate: false }])
  })

  it('checks an encrypted stamp too', () => {
    const { say, trace } = station([{ account: '1234', keyHex: K128 }], sentS + 41)
    expect(say(E1)).toMatch(/"NAK"0000R0L0A0\[\]_/)
    expect(trace[0]).toBe('in NAK: time stamp off by -41 s')
  })

  it('checks nothing while it has no clock', () => {
    const { say } = station(clear('1234'), 0)
    expect(say(sent)).toMatch(/"ACK"0002/)
  })

  it('agrees with the calendar of the host on 400 days from 2000 to 2099', () => {
    const random = new Random(7)
    const { say, clock } = station(clear('1234'))
    for (let count = 0; count < 400; count++) {
      const day = count < 4 ? [59, 60, 365, 366][count] : random.below(36524)
      clock.utcSeconds = Date.UTC(2000, 0, 1) / 1000 + day * 86400 + random.below(86400)
      const [, year, month, date, time] = /^(\d+)-(\d+)-(\d+)T(.{8})/.exec(
        new Date(clock.utcSeconds * 1000).toISOString(),
      ) as RegExpExecArray
      const stamp = `${time},${month}-${date}-${year}`
      expect(say(frame(`"NULL"0000L0#1234[]_${stamp}`))).toBe(wire('DE900012"ACK"0000L0#1234[]'))
      expect(say(frame('"NULL"0000#1234[]'))).toBe(frame(`"NAK"0000R0L0A0[]_${stamp}`))
    }
  })
})

describe('duplicates (reporting.md 5.2)', () => {
  it('acknowledges the same message again and shows it as a copy, whichever way it came', () => {
    const { say, events, receiver } = station(clear('1234'))
    expect(say(C1)).toBe(C7)
    expect(receiver.open('radio').receive(C1)).toBe(C7)
    expect(receiver.datagram(C1, 'udp')).toBe(C7)
    expect(events.map((event) => `${event.via} ${event.isDuplicate}`)).toEqual([
      'cable false',
      'radio true',
      'udp true',
    ])
  })

  it('knows a retry by its data though its stamp is a new one', () => {
    const { say, events } = station(clear('1234'))
    say(frame('"ADM-CID"0002L0#1234[#1234|1121 01 005]_12:34:30,10-25-2024'))
    say(frame('"ADM-CID"0002L0#1234[#1234|1121 01 005]_12:34:50,10-25-2024'))
    expect(events.map((event) => event.isDuplicate)).toEqual([false, true])
  })

  it('takes another account, sequence or content for a new event', () => {
    const { say, events } = station(clear('1234', '5678'))
    say(C1)
    say(frame('"ADM-CID"0002L0#1234[#1234|1121 01 005]'))
    say(frame('"ADM-CID"0001L0#1234[#1234|1401 01 005]'))
    say(frame('"ADM-CID"0001L0#5678[#1234|1121 01 005]'))
    expect(events.map((event) => event.isDuplicate)).toEqual([false, false, false, false])
  })

  it('remembers the last 64 messages and no more', () => {
    const { say, events } = station(clear('1234'))
    const send = (sequence: number) =>
      say(frame(`"ADM-CID"${String(sequence).padStart(4, '0')}L0#1234[#1234|1130 01 005]`))
    for (let sequence = 1; sequence <= 64; sequence++) send(sequence)
    send(1)
    expect(events.at(-1)?.isDuplicate).toBe(true)
    send(65)
    send(1)
    expect(events.at(-1)?.isDuplicate).toBe(false)
  })

  it('does not remember a message that it refused', () => {
    const { say, events, receiver } = station(clear('1234'))
    for (const mode of ['silent', 'nak', 'duh'] as const) {
      receiver.mode = mode
      say(C1)
    }
    receiver.mode = 'ack'
    say(C1)
    expect(events.map((event) => event.isDuplicate)).toEqual([false])
  })
})

describe('modes', () => {
  it.each([
    ['ack', C7, 1],
    ['silent', '', 0],
    ['nak', C9, 0],
    ['duh', C10, 0],
  ] as const)('answers C1 in mode %s', (mode, reply, count) => {
    const { say, events, receiver } = station(clear('1234'))
    receiver.mode = mode
    expect(say(C1)).toBe(reply)
    expect(events.length).toBe(count)
  })

  it('leaves the time out of a NAK while it has no clock', () => {
    const { say, receiver } = station(clear('1234'), 0)
    receiver.mode = 'nak'
    expect(say(C1)).toBe(frame('"NAK"0000R0L0A0[]'))
  })

  it.each(['ack', 'silent', 'nak', 'duh'] as const)('says nothing to a wrong CRC in mode %s', (mode) => {
    const { say, receiver } = station(clear('1234'))
    receiver.mode = mode
    expect(say(C1.replace('2BB4', '2BB5'))).toBe('')
  })
})

describe('frames in a stream', () => {
  it('answers once when C1 comes byte by byte', () => {
    const { say, events } = station(clear('1234'))
    expect([...C1].map(say).join('')).toBe(C7)
    expect(events.length).toBe(1)
  })

  it.each(Array.from({ length: C1.length - 1 }, (_, index) => index + 1))('answers C1 cut after %i bytes', (at) => {
    const { say } = station(clear('1234'))
    expect(say(C1.slice(0, at))).toBe('')
    expect(say(C1.slice(at))).toBe(C7)
  })

  it('answers a binary frame byte by byte when its CRC is LF and CR themselves', () => {
    // The number was searched for so that the CRC is 0A0D.
    const body = '"NULL"0000L0#1234[919598]'
    expect(binaryFrame(body).slice(0, 3)).toBe('\n\n\r')
    const { say } = station(clear('1234'))
    expect([...binaryFrame(body)].map(say).join('')).toBe(binaryFrame('"ACK"0000L0#1234[]'))
  })

  it('answers three frames in one read in their order, whatever stands between them', () => {
    const { say } = station(clear('1234'))
    const null0 = wire('1EF20013"NULL"0000L0#1234[]')
    expect(say(`${C1}\0\0${null0}noise${C2}`)).toBe(
      C7 + wire('DE900012"ACK"0000L0#1234[]') + wire('1AB20014"ACK"0002R1L0#1234[]'),
    )
  })

  it('drops a frame that was cut off and answers the one that begins behind it', () => {
    const { say, events } = station(clear('1234'))
    expect(say(C1.slice(0, 30))).toBe('')
    expect(say(C1)).toBe(C7)
    expect(events.length).toBe(1)
  })

  it('drops a binary frame whose length leads astray and answers the one behind it', () => {
    const { say } = station(clear('1234'))
    const short = binaryFrame('"NULL"0000L0#1234[]').replace('0013', '0020')
    expect(say(short + C1)).toBe(C7)
  })

  it('keeps connections apart', () => {
    const { say, receiver } = station(clear('1234'))
    const other = receiver.open('radio')
    say(C1.slice(0, 20))
    expect(other.receive(C1.slice(20))).toBe('')
    expect(say(C1.slice(20))).toBe(C7)
  })

  it('takes a body of 4095 bytes, the largest that the length field can name', () => {
    const { say, events } = station(clear('1234'))
    const data = '"ADM-CID"0001L0#1234[#1234|1121 01 005][V'
    const body = `${data.padEnd(4094, 'x')}]`
    expect(say(frame(body))).toBe(C7)
    expect(say(binaryFrame(body))).toBe(binaryFrame('"ACK"0001L0#1234[]'))
    expect(events.length).toBe(2)
  })

  it('drops a body of 4096 bytes, though its length could be written with four digits', () => {
    const { say, events } = station(clear('1234'))
    const data = '"ADM-CID"0001L0#1234[#1234|1121 01 005][V'
    expect(say(frame(`${data.padEnd(4095, 'x')}]`))).toBe('')
    expect(events).toEqual([])
  })

  it('looks for the end of a frame within 4105 bytes and no further', () => {
    const { say, trace } = station(clear('1234'))
    say(`\n${'x'.repeat(4104)}`)
    say('\r')
    expect(trace).toEqual([])
    say(`\n${'x'.repeat(4103)}`)
    say('\r')
    expect(trace).toEqual(['in not a frame'])
  })

  it('drops what grows beyond 4105 bytes without an end, and answers what follows', () => {
    const { say, events } = station(clear('1234'))
    expect(say(`\n2BB40FFF"${'x'.repeat(5000)}`)).toBe('')
    expect(say(C1)).toBe(C7)
    expect(say(`\n2BB41000"${'x'.repeat(4096)}\r${C1}`)).toBe(C7)
    expect(events.length).toBe(2)
  })

  it('works through 64 KiB of line feeds in one read', () => {
    const { say } = station(clear('1234'))
    expect(say('\n'.repeat(65536) + C1)).toBe(C7)
  })
})

describe('datagrams', () => {
  it('answers a whole frame, with trailing NULs too', () => {
    const { receiver } = station(clear('1234'))
    expect(receiver.datagram(C1, 'udp')).toBe(C7)
    expect(receiver.datagram(`${C1}\0`, 'udp')).toBe(C7)
  })

  it('does not wait for the rest of a frame', () => {
    const { receiver, trace, events } = station(clear('1234'))
    expect(receiver.datagram(C1.slice(0, 30), 'udp')).toBe('')
    expect(receiver.datagram(C1.slice(30), 'udp')).toBe('')
    expect(receiver.datagram('', 'udp')).toBe('')
    expect(trace).toEqual(['in no whole frame', 'in no whole frame', 'in no whole frame'])
    expect(events).toEqual([])
  })
})

describe('5000 damaged inputs from seed 20241025', () => {
  const random = new Random(20241025)
  const byte = () => String.fromCharCode(random.below(256))
  const bodies = [C1, C2, E1, E2, wire('1EF20013"NULL"0000L0#1234[]')].map((sent) => sent.slice(9, -1))

  function damage(text: string): string {
    let damaged = text
    for (let count = 1 + random.below(4); count > 0; count--) {
      const at = random.below(damaged.length + 1)
      const kind = random.below(5)
      const removed = kind === 0 ? 0 : kind === 1 ? 1 + random.below(20) : 1
      const added = kind === 1 || kind === 2 ? '' : kind === 3 ? '\n\r"*[]|_#LR0F'[random.below(13)] : byte()
      damaged = damaged.slice(0, at) + added + damaged.slice(at + removed)
    }
    return damaged
  }

  it('never throws, and logs no event without a right CRC', () => {
    const { receiver, events } = station([...clear('ABCD', '1234'), { account: '5678', keyHex: K128 }])
    let soundCount = 0
    for (let round = 0; round < 2500; round++) {
      const body = bodies[random.below(bodies.length)]
      const sent = round % 10 === 0 ? Array.from({ length: random.below(80) }, byte).join('') : damage(frame(body))
      const before = events.length
      const reply = receiver.datagram(sent, `round ${round}`)
      const isSound = holdsSoundFrame(sent)
      if (isSound) soundCount++
      else expect([round, reply, events.length]).toEqual([round, '', before])
    }
    // Some damage falls behind the frame; most does not.
    expect(soundCount).toBeLessThan(500)
  })

  it('never throws on damaged bodies under a right CRC, and replies with sound frames only', () => {
    const accounts = [...clear('ABCD'), { account: '1234', keyHex: K128 }]
    const { say, trace } = station(accounts)
    for (let round = 0; round < 2500; round++) {
      const body = damage(bodies[random.below(bodies.length)]).slice(0, 4095)
      const reply = say(random.oneIn(4) ? binaryFrame(body) : frame(body))
      if (reply !== '') expect([round, holdsSoundFrame(reply)]).toEqual([round, true])
      if (reply !== '') expect(reply.indexOf('"ACK"')).toBe(-1)
    }
    expect(new Set(trace.map((line) => line.replace(/off.*/, ''))).size).toBeGreaterThan(6)
  })
})
