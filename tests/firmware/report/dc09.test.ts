import { describe, expect, it } from 'vitest'
import type { Crypto } from '../../../firmware/hal'
import * as dc09 from '../../../firmware/report/dc09'
import { Random } from '../../../hal-mock/random'
import {
  CLEAR,
  ENCRYPTED,
  ENCRYPTED_BY_OTHERS,
  ENCRYPTED_REPLIES,
  KEYS,
  type KeyName,
  REPLIES,
  REPLY_SECONDS,
  SENT_SECONDS,
} from '../../vectors/dc09'
import { crypto, framed, scriptedRandom, sealedFrame, slowCrc, unsealed } from './platform'

const NAMES = ['NONE', 'ACK', 'NAK', 'DUH', 'IGNORED']

function link(key: KeyName, account = '1234', receiver = '', pad = ''): dc09.Link {
  const random = pad === '' ? new Random(1) : scriptedRandom(pad)
  return dc09.create(account, KEYS[key], receiver, 'L0', crypto, random)
}

/** Verdict on a whole buffer, as a name. */
function verdict(l: dc09.Link, bytes: string, sequence: number, sureSeconds = 0): string {
  return NAMES[dc09.reply(l, bytes, sequence, sureSeconds)]
}

const line = (frame: string): string => `\n${frame}\r`
const [C7] = REPLIES.map((entry) => line(entry.frame))
const C9 = line(REPLIES[2].frame)
const [E3] = ENCRYPTED_REPLIES.map((entry) => line(entry.frame))

describe('frames to the receiver', () => {
  for (const message of [...CLEAR, ...ENCRYPTED]) {
    it(`makes ${message.name}`, () => {
      const l = link(message.key, message.account, message.receiver, message.pad)
      const seconds = message.isStamped ? SENT_SECONDS : 0
      expect(dc09.frame(l, message.sequence, message.data, seconds)).toBe(line(message.frame))
    })
  }

  for (const message of ENCRYPTED) {
    it(`hides in ${message.name} what a receiver with the key reads again`, () => {
      const text = `${message.pad}|${message.data}]_12:34:56,10-25-2024`
      expect(unsealed(message.frame, KEYS[message.key])).toBe(text)
    })
  }

  for (const other of ENCRYPTED_BY_OTHERS) {
    it(`reads ${other.name} of another maker with the ciphers of these tests`, () => {
      expect(unsealed(other.frame, KEYS[other.key])).toBe(other.text)
    })
  }

  it('numbers from 0000 to 9999 with four digits', () => {
    const l = link('clear')
    for (const [sequence, digits] of [
      [0, '0000'],
      [7, '0007'],
      [42, '0042'],
      [999, '0999'],
      [9999, '9999'],
    ] as [number, string][]) {
      expect(dc09.frame(l, sequence, '', 0)).toContain(`"NULL"${digits}L0`)
    }
  })

  it('writes the account in upper case (§3.1)', () => {
    expect(dc09.frame(link('clear', 'abcdef'), 1, '', 0)).toContain('L0#ABCDEF[]')
  })

  it('pads with 1 to 16 of 0-9 A-Z a-z, anew each time, to whole blocks (§4)', () => {
    const l = link('K128')
    const lengths = new Set<number>()
    const pads = new Set<string>()
    for (let extra = 0; extra < 64; extra++) {
      const data = '#1234|1121 01 005][I' + 'x'.repeat(extra)
      const text = unsealed(dc09.frame(l, 1, data, SENT_SECONDS), KEYS.K128)
      const pad = text.slice(0, text.indexOf('|'))
      expect(text.length % 16).toBe(0)
      expect(text.slice(pad.length)).toBe(`|${data}]_12:34:56,10-25-2024`)
      expect(pad).toMatch(/^[0-9A-Za-z]{1,16}$/)
      lengths.add(pad.length)
      pads.add(pad)
    }
    expect(lengths.size).toBe(16)
    expect(pads.size).toBeGreaterThan(55)
  })

  it('uses all 62 pad characters and no other', () => {
    const seen = new Set<string>()
    for (let byte = 0; byte < 256; byte++) {
      const l = dc09.create('1234', KEYS.K128, '', 'L0', crypto, { fill: (bytes) => bytes.fill(byte) })
      const text = unsealed(dc09.frame(l, 0, '', SENT_SECONDS), KEYS.K128)
      for (const letter of text.slice(0, text.indexOf('|'))) seen.add(letter)
    }
    expect([...seen].sort().join('')).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  })

  it('stamps an encrypted frame with the start of 2020 while the time is unknown (§3.4: mandatory)', () => {
    expect(unsealed(dc09.frame(link('K128'), 0, '', 0), KEYS.K128)).toMatch(/\|\]_00:00:00,01-01-2020$/)
  })

  it('sends nothing, and never in clear, when the cipher fails in any way', () => {
    const failing: Crypto['encryptCbc'][] = [
      () => {
        throw new Error('cipher')
      },
      // The interpreter's cipher answers errors with undefined.
      () => undefined as unknown as Uint8Array,
      () => new Uint8Array(0),
      (bytes) => bytes.subarray(1),
    ]
    for (const encryptCbc of failing) {
      const l = dc09.create('1234', KEYS.K128, '', 'L0', { ...crypto, encryptCbc }, new Random(1))
      expect(dc09.frame(l, 6, '#1234|1121 01 005', SENT_SECONDS)).toBe('')
    }
  })

  it('makes a frame of 1024 bytes and none of 1025', () => {
    const l = link('clear')
    const around = dc09.frame(l, 1, 'x', 0).length - 1
    expect(dc09.frame(l, 1, 'x'.repeat(1024 - around), 0)).toHaveLength(1024)
    expect(dc09.frame(l, 1, 'x'.repeat(1025 - around), 0)).toBe('')
  })
})

describe('replies of the receiver, reporting.md §6.3', () => {
  for (const entry of [...REPLIES, ...ENCRYPTED_REPLIES]) {
    it(`takes ${entry.name} for ${entry.means}`, () => {
      const l = link(entry.key)
      const bytes = line(entry.frame)
      expect(verdict(l, bytes, entry.sequence, SENT_SECONDS)).toBe(entry.means)
      expect(l.nakSeconds).toBe(entry.nakSeconds)
      expect(l.consumed).toBe(bytes.length)
    })
  }

  it('takes R8, a bare "NAK" of 5 bytes, for a NAK without time', () => {
    const l = link('clear')
    expect(verdict(l, '"NAK"', 1)).toBe('NAK')
    expect([l.nakSeconds, l.consumed]).toEqual([0, 5])
  })

  it('waits upon R9, <LF><CR>, which may begin a frame with a binary CRC, and drops it before what follows', () => {
    const l = link('clear')
    expect(verdict(l, '\n\r', 1)).toBe('NONE')
    expect(l.consumed).toBe(0)
    expect(verdict(l, '\n\r' + C7, 1)).toBe('IGNORED')
    expect(l.consumed).toBe(2)
    expect(verdict(l, C7, 1)).toBe('ACK')
  })

  it('takes R10, C9 twice in one read, for two NAKs', () => {
    const l = link('clear')
    expect(verdict(l, C9 + C9, 1)).toBe('NAK')
    expect([l.nakSeconds, l.consumed]).toEqual([REPLY_SECONDS, C9.length])
    expect(verdict(l, C9, 1)).toBe('NAK')
  })

  it('forgets the time of a NAK at the next reply', () => {
    const l = link('clear')
    verdict(l, C9, 1)
    verdict(l, C7, 1)
    expect(l.nakSeconds).toBe(0)
  })
})

describe('outcome of an attempt, reporting.md §5.3', () => {
  it('row 1: ACK and RSP deliver without a key, *ACK and *RSP with one', () => {
    expect(verdict(link('clear'), framed('"RSP"0001L0#1234[data]'), 1)).toBe('ACK')
    const sealed = sealedFrame('"*RSP"0006L0#1234[', 'Qm7Zp2Xv9L|]_12:34:59,10-25-2024', KEYS.K128)
    expect(verdict(link('K128'), sealed, 6)).toBe('ACK')
    expect(verdict(link('clear'), sealed, 6)).toBe('IGNORED')
  })

  it('row 2: NAK with time says the time, whatever its sequence', () => {
    const l = link('K128')
    expect(verdict(l, framed('"NAK"0004R0L0A0[]_12:34:59,10-25-2024'), 1)).toBe('NAK')
    expect(l.nakSeconds).toBe(REPLY_SECONDS)
  })

  it('row 3: NAK without time, or with nonsense for one, says 0', () => {
    for (const tail of ['', '_', '_99:99:99,99-99-9999', '12:34:59,10-25-2024', '_12:34:59,25-10-2024']) {
      const l = link('clear')
      expect(verdict(l, framed(`"NAK"0000R0L0A0[]${tail}`), 1), tail).toBe('NAK')
      expect(l.nakSeconds, tail).toBe(0)
    }
  })

  it('row 4: DUH counts with our sequence or 0000, not with another', () => {
    expect(verdict(link('K128'), framed('"DUH"0001L0#1234[]'), 1)).toBe('DUH')
    expect(verdict(link('K128'), framed('"DUH"0000L0#1234[]'), 1)).toBe('DUH')
    expect(verdict(link('K128'), framed('"DUH"0002L0#1234[]'), 1)).toBe('IGNORED')
  })

  it('row 5: an ACK with another sequence or account is ignored', () => {
    expect(verdict(link('clear'), C7, 2)).toBe('IGNORED')
    expect(verdict(link('clear', '1235'), C7, 1)).toBe('IGNORED')
    expect(verdict(link('clear', '12340'), C7, 1)).toBe('IGNORED')
    expect(verdict(link('K128'), E3, 7, REPLY_SECONDS)).toBe('IGNORED')
    expect(verdict(link('K128', '1235'), E3, 6, REPLY_SECONDS)).toBe('IGNORED')
  })

  it('row 6: unknown ids, an *NAK and garbage lines are ignored', () => {
    for (const body of [
      '"*NAK"0000R0L0A0[]_12:34:59,10-25-2024',
      '"*DUH"0001L0#1234[]',
      '"ADM-CID"0001L0#1234[#1234|1121 01 005]',
      '"NULL"0001L0#1234[]',
      '"ack"0001L0#1234[]',
      'ACK"0001L0#1234[]',
      '"ACK0001L0#1234[]',
      '""0001L0#1234[]',
      '"',
      '',
    ]) {
      expect(verdict(link('clear'), framed(body), 1), body).toBe('IGNORED')
    }
  })
})

describe('what other receivers write (reporting.md §7)', () => {
  it('takes an account in lower case or without its leading zeros', () => {
    expect(verdict(link('clear', 'ABCD'), framed('"ACK"0001L0#abcd[]'), 1)).toBe('ACK')
    expect(verdict(link('clear', '0012'), framed('"ACK"0001L0#12[]'), 1)).toBe('ACK')
    expect(verdict(link('clear', '0012'), framed('"ACK"0001L0#120[]'), 1)).toBe('IGNORED')
    expect(verdict(link('clear', '0012'), framed('"ACK"0001L0#[]'), 1)).toBe('IGNORED')
  })

  it('takes CRC and length in lower case', () => {
    expect(verdict(link('clear'), C7.replace('1BC1', '1bc1'), 1)).toBe('ACK')
    const long = framed(`"RSP"0001L0#1234[${'x'.repeat(0xab - 18)}]`)
    expect(long).toContain('00AB"')
    expect(verdict(link('clear'), long.replace('00AB"', '00ab"'), 1)).toBe('ACK')
  })

  it('finds the frame behind garbage, NULs, torn frames and further <LF>', () => {
    for (const garbage of ['\0', '\0\0\n', 'abc', '\n1BC10012"AC', '\xff\xfe\n\n', '"NA', '[]']) {
      const l = link('clear')
      expect(verdict(l, garbage + C7, 1), JSON.stringify(garbage)).toBe('ACK')
      expect(l.consumed).toBe(garbage.length + C7.length)
    }
  })

  it('asks for L and for <LF>', () => {
    expect(verdict(link('clear'), framed('"ACK"0001#1234[]'), 1)).toBe('IGNORED')
    expect(verdict(link('clear'), C7.slice(1), 1)).toBe('IGNORED')
  })
})

describe('CRC and length', () => {
  const negative = [
    ['a wrong CRC', C7.replace('1BC1', '1BC2')],
    ['a length that is 1 short', C7.replace('0012', '0011')],
    ['a length that is 1 long', C7.replace('0012', '0013')],
    ['a length without its 0', C7.replace('0012', '1012')],
    ['a changed byte', C7.replace('"ACK"', '"BCK"')],
    ['a wrong CRC in front of a NAK', C9.replace('18D3', '18D4')],
    ['a wrong CRC in front of a DUH', line('251E0012"DUH"0001L0#1234[]')],
    ['a length of a NAK that is wrong', C9.replace('0025', '0026')],
  ]
  for (const [what, bytes] of negative) {
    it(`ignores ${what}`, () => {
      const l = link('clear')
      expect(verdict(l, bytes, 1)).toBe('IGNORED')
      expect([l.nakSeconds, l.consumed]).toEqual([0, bytes.length])
    })
  }
})

describe('with a key', () => {
  it('ignores a clear ACK or RSP, which anyone on the path can make (§4)', () => {
    expect(verdict(link('K128'), C7, 1)).toBe('IGNORED')
    expect(verdict(link('K128'), line('34BE000B"ACK"0001L0'), 1)).toBe('IGNORED')
    expect(verdict(link('K128'), framed('"RSP"0001L0#1234[]'), 1)).toBe('IGNORED')
  })

  it('takes a clear ACK only when the link says so, and checks it all the same', () => {
    const l = link('K128')
    l.acceptsClearAck = true
    expect(verdict(l, C7, 1)).toBe('ACK')
    expect(verdict(l, line('34BE000B"ACK"0001L0'), 1)).toBe('ACK')
    expect(verdict(l, C7, 2)).toBe('IGNORED')
    expect(verdict(l, E3, 6)).toBe('ACK')
  })

  it('still hears NAK and DUH, which are never encrypted (§3.8)', () => {
    expect(verdict(link('K128'), C9, 6)).toBe('NAK')
    expect(verdict(link('K128'), '"NAK"', 6)).toBe('NAK')
    expect(verdict(link('K128'), framed('"DUH"0006L0#1234[]'), 6)).toBe('DUH')
  })

  it('ignores an *ACK made with another key, without a time, without blocks or without an account', () => {
    expect(verdict(link('KBIN'), E3, 6)).toBe('IGNORED')
    const header = '"*ACK"0006L0#1234['
    for (const text of [
      'Qm7Zp2Xv9L|].....',
      'Qm7Zp2Xv9L|_12:34:59,10-25-2024',
      ']_12:34:59,10-25-202',
      '0'.repeat(64),
    ]) {
      const sealed = sealedFrame(header, text.padStart(64, '0'), KEYS.K128)
      expect(verdict(link('K128'), sealed, 6), text).toBe('IGNORED')
    }
    for (const digits of ['', '00', '0'.repeat(31), 'g'.repeat(32), '0x'.repeat(16), ']'.repeat(32)]) {
      expect(verdict(link('K128'), framed(header + digits), 6), digits).toBe('IGNORED')
    }
    expect(verdict(link('K128'), framed('"*ACK"0006L0#1234'), 6)).toBe('IGNORED')
    const text = 'Qm7Zp2Xv9L|]_12:34:59,10-25-2024'
    expect(verdict(link('K128'), sealedFrame('"*ACK"0006L0[', text, KEYS.K128), 6)).toBe('IGNORED')
    expect(verdict(link('K128'), sealedFrame(header, text, KEYS.K128), 6)).toBe('ACK')
  })

  it('asks for whole hex digits: 0D is not 0 and a blank', () => {
    const digits = E3.slice(E3.indexOf('[') + 1, -1)
    const at = digits.indexOf('D9')
    const spoilt = digits.slice(0, at) + 'D ' + digits.slice(at + 2)
    expect(verdict(link('K128'), framed(`"*ACK"0006L0#1234[${spoilt}`), 6)).toBe('IGNORED')
  })

  it('ignores an *ACK that carries a time 121 s from ours, takes one of 120 s, and any while our clock is unsure', () => {
    for (const [sureSeconds, means] of [
      [REPLY_SECONDS - 121, 'IGNORED'],
      [REPLY_SECONDS - 120, 'ACK'],
      [REPLY_SECONDS, 'ACK'],
      [REPLY_SECONDS + 120, 'ACK'],
      [REPLY_SECONDS + 121, 'IGNORED'],
      [0, 'ACK'],
    ] as [number, string][]) {
      const l = link('K128')
      expect(verdict(l, E3, 6, sureSeconds), `${sureSeconds - REPLY_SECONDS} s`).toBe(means)
      expect(l.acceptedSeconds).toBe(means === 'ACK' ? REPLY_SECONDS : 0)
    }
  })

  it('ignores an *ACK to a null message that is 1 s older than the last one it accepted', () => {
    const l = link('K128')
    const header = '"*ACK"0000L0#1234['
    const earlier = sealedFrame(header, 'Qm7Zp2Xv9L|]_12:34:59,10-25-2024', KEYS.K128)
    const later = sealedFrame(header, 'Qm7Zp2Xv9L|]_12:35:00,10-25-2024', KEYS.K128)
    expect(verdict(l, later, 0)).toBe('ACK')
    expect(verdict(l, earlier, 0)).toBe('IGNORED')
    expect(verdict(l, later, 0)).toBe('ACK')
    expect(l.acceptedSeconds).toBe(REPLY_SECONDS + 1)
  })

  it('asks for ]_ in front of the time', () => {
    for (const text of ['x12:34:59,10-25-2024000000000000', 'Qm7Zp2Xv9Lk|12:34:59,10-25-20240']) {
      expect(verdict(link('K128'), sealedFrame('"*ACK"0006L0#1234[', text, KEYS.K128), 6), text).toBe('IGNORED')
    }
  })

  it('does not ask the cipher without a key', () => {
    const decryptCbc = (): Uint8Array => new Uint8Array(Buffer.from(']_12:34:59,10-25-2024', 'latin1'))
    const l = dc09.create('1234', KEYS.clear, '', 'L0', { ...crypto, decryptCbc }, new Random(1))
    expect(verdict(l, E3, 6)).toBe('IGNORED')
    l.key = KEYS.K128
    expect(verdict(l, E3, 6)).toBe('ACK')
  })

  it('looks at the last ]_ : a pad may hold another', () => {
    const text = '00]_12:34:59,10-25-2023000|]_12:34:59,10-25-2024'
    const l = link('K128')
    expect(text).toHaveLength(48)
    expect(verdict(l, sealedFrame('"*ACK"0006L0#1234[', text, KEYS.K128), 6)).toBe('ACK')
    expect(l.acceptedSeconds).toBe(REPLY_SECONDS)
  })

  it('is not thrown off by a cipher that throws or returns undefined', () => {
    const failing: Crypto['decryptCbc'][] = [
      () => {
        throw new Error('cipher')
      },
      () => undefined as unknown as Uint8Array,
    ]
    for (const decryptCbc of failing) {
      const l = dc09.create('1234', KEYS.K128, '', 'L0', { ...crypto, decryptCbc }, new Random(1))
      expect(verdict(l, E3, 6)).toBe('IGNORED')
    }
  })
})

describe('bytes that come in pieces', () => {
  it('waits through every proper beginning of C7, E3 and the bare NAK, using nothing up', () => {
    for (const whole of [C7, E3, '"NAK"']) {
      for (let length = 0; length < whole.length; length++) {
        const l = link('clear')
        expect(verdict(l, whole.slice(0, length), 1), whole.slice(0, length)).toBe('NONE')
        expect(l.consumed).toBe(0)
      }
    }
  })

  it('takes one line at a time: stale ACK, <LF><CR>, good ACK, and the rest is left', () => {
    const l = link('clear')
    let bytes = line('C1700012"ACK"0006L0#1234[]') + '\n\r' + C7 + '\n1B'
    const story: string[] = []
    for (let step = 0; step < 4; step++) {
      story.push(verdict(l, bytes, 1))
      bytes = bytes.slice(l.consumed)
    }
    expect(story).toEqual(['IGNORED', 'IGNORED', 'ACK', 'NONE'])
    expect(bytes).toBe('\n1B')
  })

  it('drops 1024 bytes without an end, and waits at 1023', () => {
    const l = link('clear')
    expect(verdict(l, '\n'.padEnd(1023, 'A'), 1)).toBe('NONE')
    expect(l.consumed).toBe(0)
    expect(verdict(l, '\n'.padEnd(1024, 'A'), 1)).toBe('IGNORED')
    expect(l.consumed).toBe(1024)
  })

  it('takes a frame of 1024 bytes and ignores one of 1025', () => {
    const around = framed('"RSP"0001L0#1234[]').length
    const longest = framed(`"RSP"0001L0#1234[${'x'.repeat(1024 - around)}]`)
    const tooLong = framed(`"RSP"0001L0#1234[${'x'.repeat(1025 - around)}]`)
    expect([longest.length, tooLong.length]).toEqual([1024, 1025])
    expect(verdict(link('clear'), longest, 1)).toBe('ACK')
    expect(verdict(link('clear'), tooLong, 1)).toBe('IGNORED')
  })
})

/**
 * Another reading of §3.1, §3.2 and §4 than the firmware's, for account 1234: is this slice, garbage in front included,
 * an acknowledgement of the message with this sequence?
 */
function isAcknowledgement(slice: string, sequence: string, key: Uint8Array): boolean {
  const found = /\n([0-9A-Fa-f]{4})0([0-9A-Fa-f]{3})("[^\n]*)\r$/.exec(slice)
  if (found === null || slice.indexOf('\r') !== slice.length - 1) return false
  const [, crc, length, body] = found
  if (slowCrc(body) !== parseInt(crc, 16) || body.length !== parseInt(length, 16)) return false
  const parts = /^"(\*?)(ACK|RSP)"([\s\S]{4})([^[]*)(\[([\s\S]*))?$/.exec(body)
  if (parts === null || parts[3] !== sequence || !parts[4].includes('L')) return false
  const isAccountRight = /^[^#]*#0{0,12}1234$/.test(parts[4])
  if (key.length === 0) return parts[1] === '' && (isAccountRight || !parts[4].includes('#'))
  if (parts[1] !== '*' || !isAccountRight || !/^([0-9A-Fa-f]{32})+$/.test(parts[6] ?? '')) return false
  const text = unsealed(`[${parts[6]}`, key)
  const stamp = /^[\s\S]*\]_(\d\d:\d\d:\d\d),(\d\d-\d\d)-(\d{4})/.exec(text)
  return stamp !== null && !Number.isNaN(Date.parse(`${stamp[3]}-${stamp[2]}T${stamp[1]}Z`))
}

/** One to three random changes: a byte, an insertion, a cut, a repetition, a piece of another reply. */
function mutate(text: string, random: Random, others: string[]): string {
  for (let change = random.below(3); change >= 0; change--) {
    const at = random.below(text.length + 1)
    const span = random.below(12)
    const letters = '\n\r"[]#|_*0123456789ABCDEFLRNone \0\xff'
    const letter = random.oneIn(2) ? letters[random.below(letters.length)] : String.fromCharCode(random.below(256))
    const other = others[random.below(others.length)]
    const from = random.below(other.length)
    const kind = random.below(6)
    if (kind <= 1) text = text.slice(0, at) + letter + text.slice(at + 1)
    else if (kind === 2) text = text.slice(0, at) + letter + text.slice(at)
    else if (kind === 3) text = text.slice(0, at) + text.slice(at + span)
    else if (kind === 4) text = text.slice(0, at + span) + text.slice(at)
    else text = text.slice(0, at) + other.slice(from, from + span * 3) + text.slice(at + span)
  }
  return text
}

describe('5000 mutated replies', () => {
  for (const [name, entries] of [
    ['clear', REPLIES],
    ['K128', ENCRYPTED_REPLIES],
  ] as [KeyName, typeof REPLIES][]) {
    it(`${name}: never throw, never stand still, and are an ACK exactly when an independent reading says so (seed 9)`, () => {
      const random = new Random(9)
      const bodies = entries.map((entry) => entry.frame.slice(8))
      const key = KEYS[name]
      let changedCount = 0
      let acceptedCount = 0
      for (let round = 0; round < 2500; round++) {
        const entry = entries[random.below(entries.length)]
        const sequence = String(entry.sequence).padStart(4, '0')
        // Half of them get a right CRC and length again, so that the changes reach what stands behind those.
        const original = line(entry.frame)
        let bytes = random.oneIn(2)
          ? mutate(
              original,
              random,
              entries.map((other) => line(other.frame)),
            )
          : framed(mutate(entry.frame.slice(8), random, bodies))
        if (bytes !== original) changedCount++
        const l = link(name)
        for (let step = 0; ; step++) {
          const outcome = verdict(l, bytes, entry.sequence)
          if (outcome === 'NONE') break
          const slice = bytes.slice(0, l.consumed)
          const shown = `round ${round} of seed 9: ${JSON.stringify(slice)}`
          expect(l.consumed, shown).toBeGreaterThan(0)
          expect(outcome === 'ACK', shown).toBe(isAcknowledgement(slice, sequence, key))
          if (outcome === 'ACK') acceptedCount++
          bytes = bytes.slice(l.consumed)
          l.acceptedSeconds = 0
          expect(step, shown).toBeLessThan(50)
        }
      }
      // The test can only fail if both outcomes occur.
      expect(changedCount).toBeGreaterThan(2000)
      expect(acceptedCount).toBeGreaterThan(40)
      expect(acceptedCount).toBeLessThan(1500)
    })
  }

  it('of random bytes alone: no verdict but IGNORED and NONE, and no more kept than 1023 bytes (seed 10)', () => {
    const random = new Random(10)
    const l = link('clear')
    let bytes = ''
    for (let round = 0; round < 2000; round++) {
      for (let count = random.below(40); count > 0; count--) bytes += String.fromCharCode(random.below(256))
      const outcome = verdict(l, bytes, 0)
      bytes = bytes.slice(l.consumed)
      expect(['IGNORED', 'NONE']).toContain(outcome)
      if (outcome === 'NONE') expect(bytes.length).toBeLessThan(1024)
    }
  })
})
