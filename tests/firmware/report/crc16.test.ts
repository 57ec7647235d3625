import { describe, expect, it } from 'vitest'
import { crc16 } from '../../../firmware/report/crc16'
import { CLEAR, ENCRYPTED, ENCRYPTED_BY_OTHERS, ENCRYPTED_REPLIES, FIELD, REPLIES } from '../../vectors/dc09'
import { crypto, slowCrc } from './platform'

describe('CRC-16/ARC of DC-09 (reporting.md §3.2)', () => {
  it('gives the check value BB3D for 123456789 and 0 for nothing', () => {
    expect(crc16(crypto, '123456789', 0)).toBe(0xbb3d)
    expect(crc16(crypto, '', 0)).toBe(0)
  })

  it('agrees with the bitwise definition for each of the 256 bytes, alone and behind another', () => {
    for (let byte = 0; byte < 256; byte++) {
      const letter = String.fromCharCode(byte)
      expect(crc16(crypto, letter, 0)).toBe(slowCrc(letter))
      expect(crc16(crypto, '\xff' + letter, 0)).toBe(slowCrc('\xff' + letter))
    }
  })

  it('goes on from what stands in front', () => {
    expect(crc16(crypto, '6789', crc16(crypto, '12345', 0))).toBe(0xbb3d)
  })

  const frames = [...CLEAR, ...ENCRYPTED, ...ENCRYPTED_BY_OTHERS, ...REPLIES, ...ENCRYPTED_REPLIES]
  it(`agrees with CRC and length of all ${frames.length + FIELD.length} frames of reporting.md §6`, () => {
    for (const frame of [...frames.map((entry) => entry.frame), ...FIELD]) {
      expect(crc16(crypto, frame.slice(8), 0), frame).toBe(parseInt(frame.slice(0, 4), 16))
      expect(frame.length - 8, frame).toBe(parseInt(frame.slice(4, 8), 16))
    }
  })
})
