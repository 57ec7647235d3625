/** The pipeline keeps the meaning of a source, and mends what only the interpreter would get wrong. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundle } from '../../board/pipeline'
import { repair } from '../../board/repair'
import { run } from './fixtures/dialect'

const SAMPLE = fileURLToPath(new URL('./fixtures/dialect.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pipeline-'))

/** Path of an interpreter to run bundles in; without it those tests are skipped. */
const ESPRUINO = process.env.ESPRUINO ?? ''

afterAll(() => rmSync(folder, { recursive: true }))

async function built(source: string): Promise<Bundle> {
  const path = join(folder, 'entry.ts')
  writeFileSync(path, source)
  return bundle(path, { globalName: 'sample' })
}

/** Value of an expression after the text has run in a fresh global scope. */
function evaluated(code: string, expression: string): unknown {
  const scope = createContext({})
  runInContext(code, scope)
  return runInContext(expression, scope)
}

describe('bundle', () => {
  let sample: Bundle

  beforeAll(async () => {
    sample = await bundle(SAMPLE, { globalName: 'sample' })
  })

  it('computes the same as the source', () => {
    expect(evaluated(sample.code, 'sample.run()')).toBe(run())
  })

  it('leaves exactly one global', () => {
    const scope = createContext({})
    runInContext(sample.code, scope)
    expect(Object.keys(scope)).toEqual(['sample'])
  })

  it('carries every byte from 0 to 255 in a string', async () => {
    const text = Array.from({ length: 256 }, (_, code) => `\\x${code.toString(16).padStart(2, '0')}`).join('')
    const { code } = await built(`export const text = '${text}'`)
    expect(evaluated(code, 'sample.text.length')).toBe(256)
    expect(evaluated(code, 'sample.text')).toBe(Buffer.from([...Array(256).keys()]).toString('latin1'))
  })

  it('drops what nobody uses, and says what each module weighs', () => {
    expect(sample.code).not.toContain('this text is dropped')
    expect(sample.bytes).toBe(sample.code.length)
    expect(sample.modules.map((module) => module.path)).toEqual([
      'tests/board/fixtures/dialect.ts',
      'tests/board/fixtures/shapes.ts',
    ])
    expect(sample.modules[0].bytes).toBeGreaterThan(sample.modules[1].bytes)
  })

  it('gives the same text for the same source', async () => {
    expect((await bundle(SAMPLE, { globalName: 'sample' })).code).toBe(sample.code)
  })

  it('puts functions before what runs at load time', async () => {
    const { code } = await built('export const first = second()\nfunction second() { return 2 }')
    expect(evaluated(code, 'sample.first')).toBe(2)
  })

  it.each([
    ['Map is not', 'export const a = new Map()'],
    ['generators', 'export function* a() { yield 1 }'],
    ['async functions', 'export async function a() {}'],
    ['Math.pow is not', 'export const a = (b: number) => b ** 3'],
    ['a label', 'export function a(n: number) { out: for (;;) for (;;) if (n-- < 0) break out }'],
    ['Map is not', 'export class A extends Error {}'],
    [
      'a case stands after default',
      'export function a(b: number) { switch (b) { default: b = a(2); case 2: case 3: b++; case 4: b *= 2; case 5: return b; case 6: return 1 } }',
    ],
    ['beyond code 255', "export const a = '\u20ac'"],
  ])('refuses, with the bundle named: %s', async (why, source) => {
    await expect(built(source)).rejects.toThrow(why)
    await expect(built(source)).rejects.toThrow('sample: ')
  })

  it('says where an import leads nowhere', async () => {
    await expect(built("export * from './nowhere'")).rejects.toThrow('Could not resolve "./nowhere"')
  })

  it('shortens property names on demand, but not the reserved ones', async () => {
    const path = join(folder, 'names.ts')
    writeFileSync(
      path,
      'export function f(r: any) { r.longName_ = 1; r.keptName = 2; return r.longName_ + r.keptName }',
    )
    const byPattern = await bundle(path, { globalName: 'names', mangleProperties: /_$/ })
    expect(byPattern.code).not.toContain('longName_')
    expect(byPattern.code).toContain('keptName')
    const byList = await bundle(path, { globalName: 'names', mangleProperties: { reserved: ['keptName', 'f'] } })
    expect(byList.code).not.toContain('longName_')
    expect(byList.code).toContain('keptName')
    expect(evaluated(byList.code, 'names.f({})')).toBe(3)
  })
})

describe('repair', () => {
  it('writes out a compound assignment whose right side may change the target', () => {
    expect(repair('function f(r,g){r.sum+=g(r)}')).toBe('function f(r,g){r.sum=r.sum+(g(r))}')
    expect(repair('function f(a,i){a[i]<<=i++?1:2}')).toBe('function f(a,i){a[i]=a[i]<<(i++?1:2)}')
    expect(repair('var n=0;function g(){return n=5}n+=(g(),1)')).toBe('var n=0;function g(){return n=5}n=n+((g(),1))')
  })

  it('leaves a compound assignment that is right as it is', () => {
    const right = 'function f(r,g){var s="";s+=g(r);r.sum+=2;r.sum|=s.length;return s}'
    expect(repair(right)).toBe(right)
  })

  it('mends one assignment inside another', () => {
    const mended = repair('function f(a,b,g){a.x+=b.y-=g()}')
    expect(mended).toBe('function f(a,b,g){a.x=a.x+(b.y=b.y-(g()))}')
  })

  it('declares at the head what is used where its var may not have run', () => {
    expect(repair('function f(q){if(q)var r=1;return r}')).toBe('function f(q){var r;if(q)var r=1;return r}')
    expect(repair('function f(){r=1;var r;return r}')).toBe('function f(){var r;r=1;var r;return r}')
    expect(repair('function f(q){switch(q){case 1:var r=2;case 2:return r}}')).toBe(
      'function f(q){var r;switch(q){case 1:var r=2;case 2:return r}}',
    )
    expect(repair('function f(q){while(q--){var r=q}return r}')).toBe(
      'function f(q){var r;while(q--){var r=q}return r}',
    )
  })

  it('leaves a var that always runs first', () => {
    const right = 'function f(q){for(var i=0,r;i<q;i++){var s=i;r=s}do{var t=r}while(t--);return t+i}'
    expect(repair(right)).toBe(right)
  })
})

describe('in the interpreter', () => {
  it.skipIf(ESPRUINO === '')('computes the same as in Node (set ESPRUINO to the path of an interpreter)', async () => {
    const { code } = await bundle(SAMPLE, { globalName: 'sample' })
    const path = join(folder, 'run.js')
    const escaped = 'print("<" + JSON.stringify(sample.run()) + ">");quit()'
    writeFileSync(path, `${code}${escaped}\n`)
    const result = spawnSync(ESPRUINO, [path], { cwd: folder, encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'] })
    const line = result.stdout.split('<')[1]?.split('>')[0]
    expect(JSON.parse(line)).toBe(run())
    expect(readFileSync(path, 'latin1')).toContain(code)
  })
})
