/** SNTP packets (RFC 4330), and 20 000 wrong replies. Conversations are in services.test.ts. */

import { describe, expect, it } from 'vitest'
import * as sntp from '../../../firmware/ethernet/sntp'
import { sntpReply } from '../../../hal-mock/programs/fuzz-sntp'

const STAMP = 'stampstm'
/** Transmit time ED 00 00 00: 3976200192 s since 1900. */
const SECONDS = 0xed000000 - 2208988800

function changed(at: number, bytes: string): string {
  const reply = sntpReply()
  return reply.substr(0, at) + bytes + reply.substr(at + bytes.length)
}

describe('SNTP', () => {
  it('asks with 48 bytes: version 4, client, zeros, and its stamp for a transmit time', () => {
    expect(sntp.request(STAMP)).toBe('\x23' + '\x00'.repeat(39) + STAMP)
  })

  it('reads seconds and fraction', () => {
    expect(sntp.seconds(sntpReply(), STAMP)).toBe(SECONDS)
    expect(sntp.seconds(changed(44, '\x80\x00'), STAMP)).toBe(SECONDS + 0.5)
    expect(sntp.seconds(sntpReply() + 'digest', STAMP)).toBe(SECONDS)
  })

  it('accepts version 3, and stratum 1 to 15', () => {
    expect(sntp.seconds(changed(0, '\x1c'), STAMP)).toBe(SECONDS)
    for (let stratum = 1; stratum <= 15; stratum++) {
      expect(sntp.seconds(changed(1, String.fromCharCode(stratum)), STAMP)).toBe(SECONDS)
    }
  })

  it.each<[string, string]>([
    ['47 bytes', sntpReply().substr(0, 47)],
    ['nothing', ''],
    ['another stamp', changed(24, 'Stampstm')],
    ['mode 3', changed(0, '\x23')],
    ['mode 5', changed(0, '\x25')],
    ['version 2', changed(0, '\x14')],
    ['a clock that is not set', changed(0, '\xe4')],
    ['stratum 16', changed(1, '\x10')],
    ['a root delay of 1 s', changed(4, '\x00\x01')],
    ['a root delay below zero', changed(4, '\xff\xff')],
    ['a root dispersion of 1 s', changed(8, '\x00\x01')],
    ['no transmit time', changed(40, '\x00\x00\x00\x00')],
    ['31 December 2019', changed(40, '\xe1\xb6\x57\xff')],
  ])('refuses %s', (_, bytes) => {
    expect(sntp.seconds(bytes, STAMP)).toBe(0)
  })

  it('knows 2020-01-01, the era that begins on 7 February 2036, and no second of 2038', () => {
    expect(sntp.seconds(changed(40, '\xe1\xb6\x5f\x80'), STAMP)).toBe(Date.UTC(2020, 0, 1) / 1000)
    expect(sntp.seconds(changed(40, '\xff\xff\xff\xff'), STAMP)).toBe(Date.UTC(2036, 1, 7, 6, 28, 15) / 1000)
    expect(sntp.seconds(changed(40, '\x00\x00\x00\x01'), STAMP)).toBe(Date.UTC(2036, 1, 7, 6, 28, 17) / 1000)
    const last = Date.UTC(2037, 11, 31, 23, 59, 59) / 1000 + 2208988800 - 4294967296
    const bytes = (value: number) =>
      String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
    expect(sntp.seconds(changed(40, bytes(last)), STAMP)).toBe(last + 4294967296 - 2208988800)
    expect(sntp.seconds(changed(40, bytes(last + 1)), STAMP)).toBe(0)
  })

  it('hears a kiss-of-death', () => {
    expect(sntp.seconds(changed(1, '\x00'), STAMP)).toBe(sntp.LEAVE)
  })
})
