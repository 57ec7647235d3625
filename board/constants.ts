/**
 * Puts the numbers of a flat bundle's constants where they are used, and drops the constants: each is a variable or two
 * on the device for ever, and a search through the global scope at each use. The minifier leaves those that functions
 * use which stand before them, as all functions do here (espruino.md §1.2).
 *
 * Does not touch negative numbers (`a-B` would become `a--1`), fractions, texts, or what is assigned anywhere.
 */

import { type NodePath, parseSync, traverse, types } from '@babel/core'

interface Edit {
  start: number
  end: number
  text: string
}

/** The same program with constants in place. */
export function inlineConstants(code: string): string {
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  const edits: Edit[] = []
  traverse(tree, {
    Program(program) {
      for (const statement of program.get('body')) if (statement.isVariableDeclaration()) drop(statement, code, edits)
      program.stop()
    },
  })
  edits.sort((left, right) => right.start - left.start)
  for (const edit of edits) code = code.slice(0, edit.start) + edit.text + code.slice(edit.end)
  return code
}

function drop(statement: NodePath<types.VariableDeclaration>, code: string, edits: Edit[]): void {
  const kept: string[] = []
  const inner: Edit[] = []
  for (const declarator of statement.node.declarations) {
    const uses = usesOfConstant(statement, declarator)
    if (uses === undefined) kept.push(code.slice(declarator.start ?? 0, declarator.end ?? 0))
    else inner.push(...uses)
  }
  if (inner.length === 0) return
  const start = statement.node.start ?? 0
  const end = statement.node.end ?? 0
  // A use inside the same statement would be edited twice; then all stay.
  if (inner.some((edit) => edit.start >= start && edit.end <= end)) return
  const semicolon = code.charAt(end - 1) === ';' ? ';' : ''
  edits.push({ start, end, text: kept.length > 0 ? `var ${kept.join(',')}${semicolon}` : '' }, ...inner)
}

/** Undefined when it is no whole number above 0, is assigned elsewhere, or is used where a number cannot stand. */
function usesOfConstant(statement: NodePath, declarator: types.VariableDeclarator): Edit[] | undefined {
  const { id, init } = declarator
  if (!types.isIdentifier(id) || !types.isNumericLiteral(init) || init.value % 1 !== 0) return undefined
  const binding = statement.scope.getBinding(id.name)
  if (binding === undefined || !binding.constant) return undefined
  if (binding.referencePaths.some((path) => path.parentPath?.isObjectProperty({ shorthand: true }))) return undefined
  return binding.referencePaths.map((path) => ({
    start: path.node.start ?? 0,
    end: path.node.end ?? 0,
    text: String(init.value),
  }))
}
