import { describe, expect, it } from 'vitest'
import { citations, citedIn, rules } from './rules'

describe('the list of rules', () => {
  it('has each number once, with what it asks', () => {
    const all = rules()
    expect(new Set(all.map((rule) => rule.id)).size).toBe(all.length)
    for (const rule of all) expect(rule.rule.length, rule.id).toBeGreaterThan(8)
  })

  it('knows every rule that a test cites', () => {
    const known = new Set(rules().map((rule) => rule.id))
    const unknown = [...citedIn().entries()].filter(([id]) => !known.has(id))
    expect(unknown).toEqual([])
  })

  it('gives a reason for each rule that no test cites', () => {
    const silent = citations().filter(({ rule, files }) => files.length === 0 && (rule.open ?? '') === '')
    expect(silent.map(({ rule }) => rule.id)).toEqual([])
  })
})
