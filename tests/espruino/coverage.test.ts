import { describe, expect, test } from 'vitest'
import { coverageOnNode, Tally } from './coverage'
import { mark, marksOf } from './marks'

describe('marks in a bundle', () => {
  const CODE =
    'function outer(){function inner(){return 1}return inner()+inner()}function other(){function inner(){}}' +
    'var record={made:function(){}},kept=function(){};[1].forEach(function(){});[2].forEach(function(){});'

  test('every function has one, those inside others too, and no two names are alike', () => {
    expect(mark(CODE).names).toEqual([
      'outer',
      'outer.inner',
      'other',
      'other.inner',
      'made',
      'kept',
      '(in forEach)',
      '(in forEach)#2',
    ])
  })

  test('they tell what was executed, and only that', () => {
    const marks = new Function(`${mark(CODE).code}outer();return FMK.join('')`)()
    expect(marks).toBe('11000011')
    expect(marksOf(['marks 10', 'something else', `marks ${marks}`])).toEqual(Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 1))
    expect(marksOf(['nothing'])).toBeUndefined()
  })
})

describe('copies of a function in parts', () => {
  const NAMES = ['P_3', 'P_3.append', 'P_8', 'P_8.append', 'P_8.append.inner', 'save']

  test('count as one, executed when any of them was', () => {
    const tally = new Tally(NAMES)
    tally.add('first', ['marks 110000'], '')
    expect(tally.result()).toEqual({ total: 5, missed: ['P_8', 'append.inner', 'save'], problems: [] })
    tally.add('second', ['marks 001011'], '')
    expect(tally.result().missed).toEqual([])
  })

  test('count for nothing when the run left no marks', () => {
    const tally = new Tally(NAMES)
    tally.add('first', [], '')
    expect(tally.result().missed).toEqual(['P_3', 'append', 'P_8', 'append.inner', 'save'])
    expect(tally.result().problems).toEqual(['first: no marks came'])
  })
})

describe('stories for the interpreter, on Node', () => {
  test('together they execute every function of the firmware', async () => {
    const found = await coverageOnNode()
    expect(found.problems).toEqual([])
    expect(found.missed).toEqual([])
    expect(found.total).toBeGreaterThan(200)
  })

  test('a function that no story needs is missed, by its name', async () => {
    const found = await coverageOnNode([{ name: 'nothing but power', text: 'sim.powerOn();go(1);' }])
    expect(found.missed).toContain('firmware/app/entry.ts#keyPressed')
    expect(found.missed).not.toContain('firmware/app.ts#poll')
  })
})
