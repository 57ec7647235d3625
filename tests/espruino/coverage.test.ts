import { describe, expect, test } from 'vitest'
import { coverageOnNode } from './coverage'
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
    const marks = new Function(`${mark(CODE).code}outer();return functionMarks.join('')`)()
    expect(marks).toBe('11000011')
    expect(marksOf(['marks 10', 'something else', `marks ${marks}`])).toEqual(Uint8Array.of(1, 1, 0, 0, 0, 0, 1, 1))
    expect(marksOf(['nothing'])).toBeUndefined()
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
    expect(found.missed).toContain('keyPressed')
    expect(found.missed).not.toContain('poll')
  })
})
