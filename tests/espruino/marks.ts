/**
 * Marks in a finished bundle: which of its functions have been executed. Syntax that the interpreter does not know is
 * only noticed when it is reached (espruino.md fact 19), so a function that never ran there is not known to run at all.
 */

import { type NodePath, parseSync, traverse, types } from '@babel/core'

export interface Marked {
  /** The bundle with `FMK[N]=1;` at the head of each function, and the array of marks in front. */
  code: string
  /** A name for each mark, no two alike. */
  names: string[]
}

/** Short: Storage has to hold one for each function. The bundle's own names are shorter still. */
const MARKS = 'FMK'
/** What a script prints its marks with; the line is read by marksOf(). */
export const TELL_MARKS = `print('marks '+${MARKS}.join(''));`

/**
 * Functions inside functions are marked too; they are named with those around them, as 'outer.inner'. sources: names in
 * the text by 'file#name' of the source (Bundle.sources); those of the global scope, and of parts, are told by the latter.
 */
export function mark(code: string, sources: Map<string, string> = new Map()): Marked {
  // The joined text has other names for those alike; the source's own comes first.
  const told = new Map([...sources].reverse().map(([source, name]) => [name, source]))
  const names: string[] = []
  const inserts: { at: number; text: string }[] = []
  traverse(parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File, {
    Function(path) {
      const body = path.node.body
      if (!types.isBlockStatement(body) || body.start == null)
        throw new Error('a function without a block is not marked')
      inserts.push({ at: body.start + 1, text: `${MARKS}[${names.length}]=1;` })
      names.push(sourceOf(pathName(path), told))
    },
  })
  inserts.sort((left, right) => right.at - left.at)
  let text = code
  for (const insert of inserts) text = text.slice(0, insert.at) + insert.text + text.slice(insert.at)
  return { code: `var ${MARKS}=new Uint8Array(${names.length});${text}`, names: unique(names) }
}

/** The last line of marks, as an array of 0 and 1; undefined when none came. Marks only grow, so the last has them all. */
export function marksOf(lines: string[]): Uint8Array | undefined {
  const line = lines.filter((text) => text.startsWith('marks ')).pop()
  return line === undefined ? undefined : Uint8Array.from(line.slice(6), (digit) => (digit === '1' ? 1 : 0))
}

/** 'P_3.ab.inner' becomes 'P_3.firmware/event.ts#subject.inner'. */
function sourceOf(name: string, told: Map<string, string>): string {
  const [, part, own, rest] = /^(P_\d+\.)?([^.]+)(.*)$/.exec(name) as RegExpExecArray
  return (part ?? '') + (told.get(own) ?? own) + rest
}

function pathName(path: NodePath<types.Function>): string {
  const around = path.parentPath.getFunctionParent()
  return (around === null ? '' : `${pathName(around)}.`) + ownName(path)
}

/** As declared; else as the variable or property that it is put into; else by what it is given to. */
function ownName(path: NodePath<types.Function>): string {
  const { node, parent } = path
  if ((types.isFunctionDeclaration(node) || types.isFunctionExpression(node)) && node.id) return node.id.name
  // The scope around a whole bundle: var NAME = function () { ... }().
  const whole = path.parentPath?.parent
  if (types.isCallExpression(parent) && types.isVariableDeclarator(whole) && types.isIdentifier(whole.id)) {
    if (parent.callee === node) return whole.id.name
  }
  if (types.isVariableDeclarator(parent) && types.isIdentifier(parent.id)) return parent.id.name
  if (types.isObjectProperty(parent) && types.isIdentifier(parent.key)) return parent.key.name
  if (types.isCallExpression(parent) && parent.callee !== node) {
    const { callee } = parent
    if (types.isIdentifier(callee)) return `(in ${callee.name})`
    if (types.isMemberExpression(callee) && types.isIdentifier(callee.property)) return `(in ${callee.property.name})`
  }
  return '(nameless)'
}

/** The second of two names alike becomes 'name#2'. */
function unique(names: string[]): string[] {
  const counts = new Map<string, number>()
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name}#${count}`
  })
}
