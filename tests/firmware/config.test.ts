import { describe, expect, it } from 'vitest'
import { bytesOf, categoryOf, groupsOf, hexBytes, keyBytes, Option, ZoneFlag, ZoneType } from '../../firmware/config'

describe('what the settings hold as numbers', () => {
  it('has 26 zone types, the flags of a zone in a byte, and options of one bit each', () => {
    expect([ZoneType.ENTRY_EXIT_1, ZoneType.FIRE, ZoneType.TAMPER, ZoneType.NO_ALARM]).toEqual([0, 10, 23, 25])
    expect(numbers(ZoneFlag)).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
    for (const option of numbers(Option) as number[]) expect(option & (option - 1)).toBe(0)
    expect(new Set(numbers(Option)).size).toBe(numbers(Option).length)
    expect(Math.max(...(numbers(Option) as number[]))).toBeLessThan(65536)
  })
})

function numbers(list: object): unknown[] {
  return Object.values(list).filter((value) => typeof value === 'number')
}

describe('keyBytes', () => {
  it('takes 16, 24 or 32 characters behind text: for another key than the same digits as hex', () => {
    expect([...keyBytes('text:0123456789ABCDEF')]).toEqual([...Buffer.from('0123456789ABCDEF')])
    expect(keyBytes('0123456789ABCDEF0123456789ABCDEF')).toHaveLength(16)
  })

  it.each(['', 'ABC', 'XY'])('gives nothing for %j', (text) => {
    expect(keyBytes(text)).toHaveLength(0)
  })
})

describe('groupsOf', () => {
  it('reads groups of events as bits, hold-up never among them (D-19)', () => {
    expect(groupsOf('all')).toBe(0b11110)
    expect(groupsOf('alarms')).toBe(0b00010)
    expect(groupsOf('tests,troubles')).toBe(0b10100)
    expect(groupsOf('')).toBe(-1)
    expect(groupsOf('holdUp')).toBe(-1)
  })
})

describe('categoryOf', () => {
  it('numbers the ten ATS categories, and no other text', () => {
    const all = ['SP1', 'SP2', 'SP3', 'SP4', 'SP5', 'SP6', 'DP1', 'DP2', 'DP3', 'DP4']
    expect(all.map(categoryOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(['DP5', 'P1S', 'SP', ''].map(categoryOf)).toEqual([-1, -1, -1, -1])
  })
})

describe('bytesOf', () => {
  it('reads dotted addresses and MACs', () => {
    expect(bytesOf('192.168.1.50', '.', 10, 4)).toEqual([192, 168, 1, 50])
    expect(bytesOf('02:00:fF:12:34:56', ':', 16, 6)).toEqual([2, 0, 255, 18, 52, 86])
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.-4', '1.2.3. 4', '1.2.3.4x', '1.2.3.0004', '1e1.2.3.4'])(
    'gives nothing for %j',
    (text) => {
      expect(bytesOf(text, '.', 10, 4)).toEqual([])
    },
  )
})

describe('hexBytes', () => {
  it('reads pairs of either case', () => {
    expect([...hexBytes('00fFa1')]).toEqual([0, 255, 161])
    expect(hexBytes('').length).toBe(0)
  })
})
