import { describe, expect, it } from 'vitest'
import { compareHistories } from './arming'

describe('the arming machine and a second model of section 4', () => {
  it('agree over 500 random histories (A-1 to A-31; more: npm run model)', () => {
    expect(compareHistories(500, 20260105)).toBeGreaterThan(10000)
  })
})
