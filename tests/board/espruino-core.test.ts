/** The core library refuses what the interpreter lacks, and nothing in it is unknown to the gate. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { CORE_GLOBALS, CORE_STATICS } from '../../board/gate'

const CORE_PATH = fileURLToPath(new URL('../../board/espruino-core.d.ts', import.meta.url))
const SAMPLE_PATH = '/sample.ts'

/** What the type checker says of a text in firmware/, with the line it means. */
function complaints(text: string): { line: number; message: string }[] {
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
  const host = ts.createCompilerHost(options)
  const open = host.getSourceFile.bind(host)
  host.getSourceFile = (path, language) =>
    path === SAMPLE_PATH ? ts.createSourceFile(path, text, language) : open(path, language)
  const program = ts.createProgram([CORE_PATH, SAMPLE_PATH], options, host)
  return ts.getPreEmitDiagnostics(program).map((found) => ({
    line: found.file?.getLineAndCharacterOfPosition(found.start ?? 0).line ?? -1,
    message: ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  }))
}

/** Each line is one expression that must be refused. Taken from espruino's missing members, not from the library. */
const ABSENT = [
  '[1].at(0)',
  '[[1]].flat()',
  '[1].flatMap((x) => [x])',
  '[1].entries()',
  '[1].lastIndexOf(1)',
  '[1].findLast((x) => x > 0)',
  'Array.from([1])',
  'Array.of(1)',
  'Object.freeze({})',
  'Object.hasOwn({}, "a")',
  'Object.fromEntries([])',
  'Object.defineProperty({}, "a", {})',
  'Number.isInteger(1)',
  'Number.isFinite(1)',
  'Number.MAX_SAFE_INTEGER',
  'Math.trunc(1.5)',
  'Math.imul(2, 3)',
  'Math.clz32(1)',
  'Math.hypot(3, 4)',
  'Math.random()',
  'Math.pow(2, 3)',
  '"a".at(0)',
  '"a".codePointAt(0)',
  '"a".normalize()',
  '"a".localeCompare("b")',
  '"a".trimEnd()',
  '"a,b".split(",", 1)',
  'new Map()',
  'new Set()',
  'new Proxy({}, {})',
  'Symbol()',
  'new Date()',
  'Date.now()',
  'new Promise(() => {})',
  'setTimeout(() => {}, 1)',
  'console.log(1)',
  'process.env',
  'new TextEncoder()',
  'structuredClone({})',
  'new RangeError("x")',
  'new Uint8Array(2).slice(1)',
  'Uint8Array.BYTES_PER_ELEMENT',
  '[1].length = 0',
]

const PRESENT = `
  const record: Partial<Record<string, number>> = { a: 1 }
  for (const [key, value] of Object.entries(record)) key.padStart(value ?? 2, '0')
  for (const byte of new Uint8Array([1, 2]).subarray(1)) String.fromCharCode(byte)
  const list = [3, 1].sort((left, right) => left - right).concat([4], 5)
  list.splice(1, 1, Math.max(...list))
  export const text = JSON.stringify([list.indexOf(3), parseInt('7f', 16), 'abc'.substr(1, 1), isNaN(NaN), Infinity])
  export const { a = 2, ...rest } = { ...record, b: 'x' }
  export class Counter { private count = 0; next(): number { return ++this.count } }
`

describe('espruino-core.d.ts', () => {
  it('lets ordinary firmware pass', () => {
    expect(complaints(PRESENT)).toEqual([])
  })

  it(`refuses each of ${ABSENT.length} members that the interpreter lacks or the firmware must not use`, () => {
    const lines = complaints(ABSENT.join(';\n')).map((found) => found.line)
    expect(ABSENT.filter((_, line) => !lines.includes(line))).toEqual([])
  })

  const declarations = ts.createSourceFile(CORE_PATH, readFileSync(CORE_PATH, 'utf8'), ts.ScriptTarget.ES2022)

  it('declares the same globals as the gate lets pass', () => {
    const names: string[] = []
    for (const statement of declarations.statements) {
      if (ts.isFunctionDeclaration(statement)) names.push((statement.name as ts.Identifier).text)
      if (!ts.isVariableStatement(statement)) continue
      for (const declaration of statement.declarationList.declarations) {
        names.push((declaration.name as ts.Identifier).text)
      }
    }
    // Symbol is there for the type checker only.
    expect(names.filter((name) => name !== 'Symbol').sort()).toEqual([...CORE_GLOBALS].sort())
  })

  it('declares the same static members as the gate lets pass', () => {
    for (const [owner, allowed] of Object.entries(CORE_STATICS)) {
      const wanted = owner === 'Math' || owner === 'JSON' ? owner : `${owner}Constructor`
      const members: string[] = []
      for (const statement of declarations.statements) {
        if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== wanted) continue
        for (const member of statement.members) {
          if (member.name !== undefined && ts.isIdentifier(member.name)) members.push(member.name.text)
        }
      }
      expect([owner, ...new Set(members.sort())]).toEqual([owner, ...allowed])
    }
  })
})
