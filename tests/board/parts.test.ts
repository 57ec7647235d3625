import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type NameMap, PARTS, type PartPlan, split } from '../../board/parts'
import * as parts from '../../firmware/parts'
import * as built from '../built'

const APP = 'firmware/app.ts'
const CODE =
  'function low(a){return a+1}function only(a){return low(a)*2}function call(f){return f(3)}function seldom(a,b){return call(taken)+only(a)+b}' +
  'function taken(a){return a}function both(a){return a-1}function other(a){return both(a)}function third(a){return both(a)+low(a)}' +
  'function often(a){return a>9?seldom(a,1):low(a)}var held=[];var firmware={often:often,other:other,third:third};'

function plan(name: string, ...entries: string[]): PartPlan {
  return { name, why: 'for the test', entries: entries.map((entry) => `${APP}#${entry}`) }
}

function names(...pairs: [string, string][]): NameMap {
  const all = 'low only call seldom taken both other third often'
    .split(' ')
    .map((name): [string, string] => [name, name])
  return new Map([
    ['firmware/parts.ts#loaded', 'held'],
    ...all.concat(pairs).map(([from, to]): [string, string] => [`${APP}#${from}`, to]),
  ])
}

function taken(table: PartPlan[], map = names()) {
  return split(CODE, map, new Set([APP]), table)
}

/** Names of the functions that stand in the global scope. */
function residents(code: string): string[] {
  const context: Record<string, unknown> = {}
  runInNewContext(code, context)
  return Object.keys(context).filter((name) => typeof context[name] === 'function')
}

describe('a part', () => {
  it('takes its entry and what only the entry calls; what others call, or anybody takes as a value, stays', () => {
    const { code, parts: sizes } = taken([plan('one', 'seldom')])
    expect(sizes.map(({ name, functionCount }) => [name, functionCount])).toEqual([['one', 3]]) // seldom, only, call
    expect(residents(code).sort()).toEqual('P_0 both low often other seldom taken third'.split(' '))
  })

  it('gives the same results, is made at the first call, and again after it was dropped', () => {
    const context: Record<string, never> = {}
    runInNewContext(taken([plan('one', 'seldom')]).code, context)
    const run = (text: string) => runInNewContext(text, context)
    expect([run('firmware.often(1)'), run('held.length')]).toEqual([2, 0])
    expect([run('firmware.often(10)'), run('held.length')]).toEqual([3 + 22 + 1, 1])
    expect(run('held=[];firmware.often(11)')).toBe(3 + 24 + 1)
  })

  it('has a copy of what another needs too, unless resident code needs it', () => {
    const { code, parts: sizes } = taken([plan('one', 'other'), plan('two', 'third')])
    expect(sizes.map(({ functionCount }) => functionCount)).toEqual([2, 2]) // other, third, and both twice
    expect(residents(code)).not.toContain('both')
    expect(residents(code)).toContain('low')
    expect(runInNewContext(`${code};[firmware.other(5),firmware.third(5),held.length]`)).toEqual([4, 10, 2])
  })
})

describe('a stub', () => {
  it('stands in the part that calls it when resident code does not', () => {
    const { code } = taken([plan('one', 'seldom'), plan('two', 'only')])
    expect(residents(code)).not.toContain('only')
    expect(runInNewContext(`${code};[firmware.often(10),held.length]`)).toEqual([3 + 22 + 1, 2])
  })
})

describe('the table', () => {
  it('with a function that its file does not have is refused by name', () => {
    expect(() => taken([plan('one', 'gone')])).toThrow('part one: there is no firmware/app.ts#gone')
  })

  it('passes over files that the bundle does not hold', () => {
    expect(split(CODE, names(), new Set(['firmware/clock.ts']), [plan('one', 'seldom')])).toEqual({
      code: CODE,
      parts: [],
    })
  })

  it('may not make a code wait for a part (D-30)', () => {
    const map = names().set('firmware/app/entry.ts#commit', 'often')
    expect(() => taken([plan('one', 'seldom')], map)).toThrow('firmware/app/entry.ts#commit would wait for seldom')
  })

  it('may make its answer need a part that is made ahead, by what runs while it waits (D-31)', () => {
    const map = names().set('firmware/app/entry.ts#react', 'often')
    expect(() => taken([plan('one', 'seldom')], map)).toThrow('firmware/app/entry.ts#react would wait for seldom')
    const ahead = [{ ...plan('one', 'seldom'), isAhead: true }]
    expect(() => taken(ahead, map)).toThrow('part one: firmware/app/entry.ts#warm does not make it')
    map.set('firmware/app/entry.ts#warm', 'often')
    expect(taken(ahead, map).parts.map(({ name }) => name)).toEqual(['one'])
  })

  it('says for each part why it need not be resident, and each is found in a shipped bundle', async () => {
    const found = new Set<string>()
    for (const bundle of [await built.firmware(), await built.board('devkitc-4x3')]) {
      for (const part of bundle.parts) if (part.functionCount > 0) found.add(part.name)
    }
    expect([...found].sort()).toEqual(PARTS.map((part) => part.name).sort())
    for (const part of PARTS) expect(part.why).not.toBe('')
  })

  it('has each warm() as a function of its own in a board: put into its caller it would make nothing (D-13)', async () => {
    const { code, sources } = await built.board('devkitc-4x3')
    const entries = PARTS.flatMap((part) => part.entries).filter((entry) => entry.includes('#warm'))
    expect(entries.length).toBeGreaterThan(3)
    for (const entry of entries) expect(code, entry).toContain(`function ${sources.get(entry)}(`)
  })
})

describe('firmware/parts.ts', () => {
  it('drops what was made: all, all but what sends while events are owed, or what sends alone', () => {
    const sending = ['dispatch', 'exchange', 'frames', 'supervision', 'conversation', 'modem', 'services']
    const left = (kept: number) => {
      parts.drop(parts.NOTHING)
      for (const part of PARTS) parts.loaded.push(part.name)
      parts.drop(kept)
      return parts.loaded.filter((name) => name !== undefined)
    }
    expect(left(parts.WHAT_SENDS)).toEqual(sending)
    expect(left(parts.ALL_ELSE)).toEqual(PARTS.map(({ name }) => name).filter((name) => !sending.includes(name)))
    expect(left(parts.NOTHING)).toEqual([])
  })
})
