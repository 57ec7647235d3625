// Null messages, the time of an event that waited, and frames of one length (reporting.md §3.6, §4, §5.5; D-34).

import { describe, expect, it } from 'vitest'
import * as dc09 from '../../../firmware/report/dc09'
import { Random } from '../../../hal-mock/random'
import { KEYS, type KeyName, SENT_SECONDS } from '../../vectors/dc09'
import { crypto, framed, scriptedRandom, sealedFrame, unsealed } from './platform'

const DURESS = '#1234|1121 01 005'
const OPENED = '#1234|1401 01 005'
/** 12:34:50, six seconds before the frame. */
const EVENT_SECONDS = SENT_SECONDS - 6

function link(key: KeyName, padBytes = 0, account = '1234'): dc09.Link {
  const l = dc09.create(account, KEYS[key], 'R0', 'L0', crypto, new Random(3))
  l.padBytes = padBytes
  return l
}

describe('the null message', () => {
  it('is "NULL"0000 with empty brackets, in clear with and without a stamp', () => {
    expect(dc09.nullFrame(link('clear'), 0)).toBe(framed('"NULL"0000R0L0#1234[]'))
    // C6 of §6.1.
    expect(dc09.nullFrame(link('clear'), SENT_SECONDS)).toBe('\n1EB30029"NULL"0000R0L0#1234[]_12:34:56,10-25-2024\r')
  })

  it('is E2 of §6.2 with a key', () => {
    const l = dc09.create('1234', KEYS.K128, '', 'L0', crypto, scriptedRandom('Qm7Zp2Xv9L'))
    expect(dc09.nullFrame(l, SENT_SECONDS)).toBe(
      '\nF30B0053"*NULL"0000L0#1234[D998D9B8858B935AC35DC84023ECF853E572DEED42B837D2801E80FAFAF77113\r',
    )
  })

  it('carries the start of 2020 with a key while the time is unknown', () => {
    expect(unsealed(dc09.nullFrame(link('K256'), 0), KEYS.K256)).toMatch(/\|\]_00:00:00,01-01-2020$/)
  })

  it('is delivered by an ACK with sequence 0000 and by no other', () => {
    expect(dc09.reply(link('clear'), framed('"ACK"0000R0L0#1234[]'), 0, 0)).toBe(dc09.ACK)
    expect(dc09.reply(link('clear'), framed('"ACK"0001R0L0#1234[]'), 0, 0)).toBe(dc09.IGNORED)
  })
})

describe('the time of an event that waited', () => {
  it('is one block H between data and stamp, clear and encrypted', () => {
    const text = `${DURESS}][H12:34:50,10-25-2024]_12:34:56,10-25-2024`
    expect(dc09.frame(link('clear'), 4, DURESS, SENT_SECONDS, EVENT_SECONDS)).toBe(
      framed(`"ADM-CID"0004R0L0#1234[${text}`),
    )
    const l = dc09.create('1234', KEYS.K128, 'R0', 'L0', crypto, scriptedRandom('Qm7'))
    expect(dc09.frame(l, 4, DURESS, SENT_SECONDS, EVENT_SECONDS)).toBe(
      sealedFrame('"*ADM-CID"0004R0L0#1234[', `Qm7|${text}`, KEYS.K128),
    )
  })

  it('goes into a clear frame without a stamp too', () => {
    expect(dc09.frame(link('clear'), 4, DURESS, 0, EVENT_SECONDS)).toBe(
      framed(`"ADM-CID"0004R0L0#1234[${DURESS}][H12:34:50,10-25-2024]`),
    )
  })

  it('is left out for 0 and when it is not given', () => {
    const without = framed(`"ADM-CID"0004R0L0#1234[${DURESS}]_12:34:56,10-25-2024`)
    expect(dc09.frame(link('clear'), 4, DURESS, SENT_SECONDS, 0)).toBe(without)
    expect(dc09.frame(link('clear'), 4, DURESS, SENT_SECONDS)).toBe(without)
  })
})

describe('frames of one length', () => {
  for (const key of ['K128', 'K192', 'K256'] as KeyName[]) {
    it(`${key}: a duress, an opening, each with and without its own time, and a NULL are equally long at 64 bytes`, () => {
      const l = link(key, 64)
      const frames = [
        dc09.frame(l, 1, DURESS, SENT_SECONDS, 0),
        dc09.frame(l, 2, OPENED, SENT_SECONDS, 0),
        dc09.frame(l, 3, DURESS, SENT_SECONDS, EVENT_SECONDS),
        dc09.frame(l, 4, OPENED, SENT_SECONDS, EVENT_SECONDS),
        dc09.nullFrame(l, SENT_SECONDS),
        dc09.nullFrame(l, 0),
      ]
      // 10 around the body, 10 of id, 4 of sequence, 10 of address and bracket, 128 digits.
      expect(frames.map((bytes) => bytes.length)).toEqual(Array(6).fill(162))
      const texts = frames.map((bytes) => unsealed(bytes, KEYS[key]))
      for (const text of texts) expect(text).toMatch(/^[0-9A-Za-z]+\|[^|]*(\|[^|]*)?$/)
      expect(texts[0].slice(texts[0].indexOf('|'))).toBe(`|${DURESS}]_12:34:56,10-25-2024`)
      expect(texts[2].slice(texts[2].indexOf('|'))).toBe(`|${DURESS}][H12:34:50,10-25-2024]_12:34:56,10-25-2024`)
      expect(texts[4].slice(texts[4].indexOf('|'))).toBe('|]_12:34:56,10-25-2024')
    })
  }

  it('64 bytes suit accounts of 3 to 6 digits, 80 those of up to 16', () => {
    for (let digits = 3; digits <= 16; digits++) {
      const account = '1234567890123456'.slice(0, digits)
      const l = link('K128', digits <= 6 ? 64 : 80, account)
      const data = `#${account}|1121 01 005`
      const longest = dc09.frame(l, 1, data, SENT_SECONDS, EVENT_SECONDS)
      expect(unsealed(longest, KEYS.K128), account).toHaveLength(digits <= 6 ? 64 : 80)
      expect(dc09.frame(l, 1, data, SENT_SECONDS, 0), account).toHaveLength(longest.length)
      expect(dc09.nullFrame(l, SENT_SECONDS), account).toHaveLength(longest.length)
    }
    // Seven digits do not fit 64.
    const l = link('K128', 64, '1234567')
    expect(unsealed(dc09.frame(l, 1, '#1234567|1121 01 005', SENT_SECONDS, EVENT_SECONDS), KEYS.K128)).toHaveLength(80)
  })

  it('makes up for the shorter name NULL with three zeros in L, which stays zero', () => {
    expect(dc09.nullFrame(link('K128', 64), SENT_SECONDS)).toContain('"*NULL"0000R0L0000#1234[')
    const l = dc09.create('1234', KEYS.K128, '', 'L789', crypto, new Random(1))
    l.padBytes = 64
    expect(dc09.nullFrame(l, SENT_SECONDS)).toContain('"*NULL"0000L000789#1234[')
    expect(dc09.nullFrame(l, SENT_SECONDS)).toHaveLength(dc09.frame(l, 1, DURESS, SENT_SECONDS, 0).length)
  })

  it('leaves a prefix of four digits or more alone: six are the most (§3.1)', () => {
    const l = dc09.create('1234', KEYS.K128, 'R0', 'L7896', crypto, new Random(1))
    l.padBytes = 64
    expect(dc09.nullFrame(l, SENT_SECONDS)).toContain('"*NULL"0000R0L7896#1234[')
  })

  it('takes the reply to such a NULL, whose L has the zeros', () => {
    const bytes = sealedFrame('"*ACK"0000R0L0000#1234[', 'Qm7Zp2Xv9L|]_12:34:59,10-25-2024', KEYS.K128)
    expect(dc09.reply(link('K128', 64), bytes, 0, SENT_SECONDS)).toBe(dc09.ACK)
  })

  it('never leaves out the pad, and rounds up to whole blocks, whatever the setting', () => {
    const data = DURESS
    for (let padBytes = 0; padBytes <= 100; padBytes++) {
      const text = unsealed(dc09.frame(link('K128', padBytes), 1, data, SENT_SECONDS), KEYS.K128)
      expect(text.length, `${padBytes}`).toBe(Math.max(48, Math.ceil(padBytes / 16) * 16))
      expect(text.indexOf('|'), `${padBytes}`).toBeGreaterThan(0)
    }
  })

  it('changes nothing in clear', () => {
    expect(dc09.frame(link('clear', 64), 1, DURESS, SENT_SECONDS)).toBe(
      dc09.frame(link('clear'), 1, DURESS, SENT_SECONDS),
    )
    expect(dc09.nullFrame(link('clear', 64), SENT_SECONDS)).toBe(dc09.nullFrame(link('clear'), SENT_SECONDS))
  })

  it('fills a long pad with all 62 letters and no other', () => {
    const seen = new Set<string>()
    const l = link('K128', 80)
    for (let round = 0; round < 100; round++) {
      const text = unsealed(dc09.nullFrame(l, SENT_SECONDS), KEYS.K128)
      for (const letter of text.slice(0, text.indexOf('|'))) seen.add(letter)
    }
    expect([...seen].sort().join('')).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  })
})
