import { describe, expect, it } from 'vitest'
import * as contactId from '../../../firmware/report/contact-id'
import { BLOCKS } from '../../vectors/dc09'

/** Digit values as in the table of reporting.md §1.2. */
const VALUES: Record<string, number> = {
  '0': 10,
  '1': 1,
  '2': 2,
  '3': 3,
  '4': 4,
  '5': 5,
  '6': 6,
  '7': 7,
  '8': 8,
  '9': 9,
  B: 11,
  C: 12,
  D: 13,
  E: 14,
  F: 15,
}

describe('Contact ID digits for DC-09 (reporting.md §3.5)', () => {
  it('writes duress of user 5 in partition 1 as 1121 01 005', () => {
    expect(contactId.digits(1, 121, 1, 5)).toBe('1121 01 005')
  })

  it('always has two digits for the partition and three for zone or user', () => {
    expect(contactId.digits(3, 130, 2, 17)).toBe('3130 02 017')
    expect(contactId.digits(1, 602, 0, 0)).toBe('1602 00 000')
    expect(contactId.digits(6, 301, 99, 999)).toBe('6301 99 999')
  })

  it('keeps the shape even for a number that is too large', () => {
    expect(contactId.digits(1, 130, 100, 1000)).toBe('1130 00 000')
  })
})

describe('Contact ID block (SIA DC-05, reporting.md §1)', () => {
  for (const row of BLOCKS) {
    it(`makes ${row.block}`, () => {
      expect(contactId.block(row.account, row.qualifier, row.code, row.partition, row.number)).toBe(row.block)
    })
  }

  it('sums to a multiple of 15 for 3000 blocks, and shows each of the 15 checksum digits', () => {
    const seen = new Set<string>()
    for (let number = 0; number < 1000; number++) {
      for (const account of ['1234', 'BCDE', '00F9']) {
        const block = contactId.block(account, 1, 130, number % 100, number)
        const sum = [...block].reduce((total, digit) => total + VALUES[digit], 0)
        expect(block).toMatch(/^[0-9B-F]{16}$/)
        expect(sum % 15, block).toBe(0)
        seen.add(block[15])
      }
    }
    expect(seen.size).toBe(15)
  })

  it('writes A of an account as the 0 that it means', () => {
    expect(contactId.block('A1A2', 1, 130, 1, 3)).toBe(contactId.block('0102', 1, 130, 1, 3))
    expect(contactId.block('A1A2', 1, 130, 1, 3).slice(0, 4)).toBe('0102')
  })

  it('refuses an account of 3 or 5 digits, other letters, lower case, and an event code of 2 or 4 digits', () => {
    for (const account of ['', '123', '12345', '12G4', '12 4', 'b0f3']) {
      expect(contactId.block(account, 1, 130, 1, 3)).toBe('')
    }
    expect(contactId.block('1234', 1, 13, 1, 3)).toBe('')
    expect(contactId.block('1234', 1, 1300, 1, 3)).toBe('')
    expect(contactId.block('123', 1, 1300, 1, 3)).toBe('')
  })
})
