import { runInNewContext } from 'node:vm'
import { parseSync, type types } from '@babel/core'
import { describe, expect, it } from 'vitest'
import { HOT, hotFirst } from '../../board/order'
import * as built from '../built'

const CODE = 'function cold(){return 1}function hot(){return ++often+cold()}var rare=3,often=4;var PANEL={value:hot()};'
const NAMES = new Map(['cold', 'hot', 'rare', 'often', 'inlined'].map((name) => [`a.ts#${name}`, name]))
const FILES = new Set(['a.ts'])

function ordered(...names: string[]): string {
  const table = names.map((name) => `a.ts#${name}`)
  return hotFirst(CODE, NAMES, FILES, table)
}

/** Names of the global scope in the order in which they are made. */
function made(code: string): string[] {
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  return tree.program.body.flatMap((statement) => {
    const declared = statement.type === 'VariableDeclaration' ? statement.declarations : [statement]
    return declared.map((one) => ((one as types.FunctionDeclaration).id as types.Identifier).name)
  })
}

describe('what runs in every pass', () => {
  it('stands first, in the order of the table, and the program does the same', () => {
    const code = ordered('often', 'hot')
    expect(made(code).slice(0, 3)).toEqual(['often', 'hot', 'cold'])
    const context: { PANEL?: { value: number }; often?: number } = {}
    runInNewContext(code, context)
    expect([context.PANEL?.value, context.often]).toEqual([6, 5])
  })

  it('may have been put in place of its call by the minifier, but must be in the source', () => {
    expect(ordered('inlined')).toBe(CODE)
    expect(() => ordered('gone')).toThrow('there is no a.ts#gone')
  })

  it('changes nothing in a bundle without those files', () => {
    expect(hotFirst(CODE, NAMES, new Set(['b.ts']), ['a.ts#hot'])).toBe(CODE)
  })

  it('stands first on a board', async () => {
    const { code, sources } = await built.board('devkitc-4x3')
    const all = made(code)
    const first = HOT.map((entry) => sources.get(entry) as string).filter((name) => all.includes(name))
    // Boot stands in front, in a scope of its own, and is dropped.
    expect(all.slice(0, first.length + 1)).toEqual(['BOOT', ...first])
    expect(first.length).toBeGreaterThanOrEqual(HOT.length - 1)
  })
})
