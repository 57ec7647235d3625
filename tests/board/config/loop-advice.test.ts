import { describe, expect, it } from 'vitest'
import { view } from '../../../board/config/loop-advice'

const LOOP = { style: 'DEOL' as const, eolOhms: 4700, alarmOhms: 4700, pullUpOhms: 4700, tolerancePercent: 5 }
const share = (ohms: number) => ohms / (ohms + 4700)
const seen = (ohms: number) => view(LOOP, 'perimeter', ohms === Infinity ? 1 : share(ohms))

describe('what a reading tells an installer', () => {
  it('is resistance, band and margin, and no advice while all is well (W-2)', () => {
    const rest = seen(4750)
    expect(rest.ohms).toBeCloseTo(4750, 0)
    expect([rest.band, rest.advice]).toEqual(['secure', ''])
    // To the end of secure, 6.38k.
    expect(rest.margin).toBeCloseTo(1 - 4750 / (Math.sqrt(4700 * 9400) * 0.96), 6)
    expect(seen(9400).band).toBe('active')
  })

  it.each<[number, string, string]>([
    [30, 'tamper', 'short in the cable, or the resistor of 4.7k is bridged'],
    [1000, 'tamper', 'wrong resistor: 1k are less than half of the 4.7k that are set; a resistor of 1k reads so'],
    [Infinity, 'tamper', 'no resistor is seen: the cable is cut, a cover is open, or the resistor of 4.7k is missing'],
    [
      5600,
      'secure',
      'wrong resistor, or a bad joint: 5.6k are 19 % more than the 4.7k of secure; a resistor of 5.6k reads so',
    ],
    [
      6650,
      'between bands',
      '6.7k reads between bands, secure ends at 6.4k and active begins at 6.9k: look for a wrong resistor (4.7k is set), a bad joint or damp',
    ],
  ])('%d ohms', (ohms, band, advice) => {
    expect([seen(ohms).band, seen(ohms).advice]).toEqual([band, advice])
  })

  it('knows bare contacts, which have no resistor to be wrong', () => {
    const contact = { style: 'NC' as const, pullUpOhms: 4700, tolerancePercent: 5 }
    expect(view(contact, 'perimeter', 0.01)).toMatchObject({ band: 'secure', advice: '' })
    expect(view(contact, 'perimeter', 1)).toMatchObject({ band: 'active', advice: '' })
    expect(view(contact, 'perimeter', share(5000)).advice).toContain('look for a bad joint or damp')
  })

  it('says a narrow margin', () => {
    const narrow = { ...LOOP, alarmOhms: 1500, tolerancePercent: 1 }
    expect(view(narrow, 'perimeter', share(4900)).advice).toMatch(/^only [0-7] % from the next band/)
  })
})
