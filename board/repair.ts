/**
 * Two habits of the interpreter that no compiler knows of, mended in the finished text:
 *
 * - `a += f()` reads `a` after the call, so a change that f() makes to `a` is counted twice over. Written out as
 *   `a = a + f()` it is right; terser always writes the short form.
 * - A `var` counts from where it is executed, not from the head of its function. Read before that, the name is that of
 *   an outer variable, and terser gives outer and inner variables the same names. A declaration goes to the head.
 *
 * Works on ES5 text without strict mode; edits are insertions, so that the rest stays as terser left it.
 */

import { type NodePath, parseSync, traverse, types } from '@babel/core'

type Edit = { at: number; length: number; text: string }

/** Returns the mended text. */
export function repair(code: string): string {
  const edits: Edit[] = []
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  traverse(tree, {
    AssignmentExpression(path) {
      if (path.node.operator !== '=' && readsTargetLate(path)) edits.push(...writtenOut(code, path.node))
    },
    Function(path) {
      const names = Object.keys(path.scope.bindings).filter((name) => isReadEarly(path, name))
      const body = path.node.body
      if (names.length > 0 && body.start != null) {
        edits.push({ at: body.start + 1, length: 0, text: `var ${names.join(',')};` })
      }
    },
  })
  return applied(code, edits)
}

/** True when the right side of a compound assignment may change its target. */
function readsTargetLate(path: NodePath<types.AssignmentExpression>): boolean {
  const target = path.node.left
  let hasCall = false
  let hasAssignment = false
  const look = (node: types.Node): void => {
    if (types.isCallExpression(node) || types.isNewExpression(node)) hasCall = true
    if (types.isAssignmentExpression(node) || types.isUpdateExpression(node)) hasAssignment = true
  }
  types.traverseFast(path.node.right, look)
  if (!types.isIdentifier(target)) return hasCall || hasAssignment
  const binding = path.scope.getBinding(target.name)
  if (binding === undefined) return hasCall || hasAssignment
  const home = binding.scope.getFunctionParent()
  const isShared = binding.constantViolations.some((change) => change.scope.getFunctionParent() !== home)
  return hasAssignment || (hasCall && isShared)
}

function writtenOut(code: string, node: types.AssignmentExpression): Edit[] {
  const target = node.left
  const text = code.slice(target.start as number, target.end as number)
  const operator = node.operator.slice(0, -1)
  // A parenthesis belongs to the right side although the node begins after it.
  const at = code.indexOf(node.operator, target.end as number)
  return [
    { at, length: node.operator.length, text: `=${text}${operator}(` },
    { at: node.end as number, length: 0, text: ')' },
  ]
}

/** True when a variable is used at a place that no execution of its `var` is bound to come before. */
function isReadEarly(path: NodePath<types.Function>, name: string): boolean {
  const binding = path.scope.bindings[name]
  if (binding.kind !== 'var') return false
  const declarators = [binding.path, ...binding.constantViolations].filter(isDeclaration)
  const uses = [...binding.referencePaths, ...binding.constantViolations.filter((change) => !isDeclaration(change))]
  return uses
    .filter((use) => use.scope.getFunctionParent() === path.scope)
    .some((use) => !declarators.some((declarator) => comesBefore(declarator, use)))
}

function isDeclaration(path: NodePath): boolean {
  return path.isVariableDeclarator() || path.isVariableDeclaration() || path.isForXStatement()
}

function comesBefore(declarator: NodePath, use: NodePath): boolean {
  if ((declarator.node.start ?? 0) > (use.node.start ?? 0)) return false
  const branch = branchOf(declarator)
  return branch === undefined || use.isDescendant(branch)
}

/** The nearest surrounding code that may be skipped; undefined when the place is always reached. */
function branchOf(path: NodePath): NodePath | undefined {
  let place: NodePath = path
  while (place.parentPath !== null && !place.isFunction()) {
    const parent = place.parentPath
    if (parent.isIfStatement() && place.key !== 'test') return place
    if (parent.isLoop() && place.key === 'body' && !parent.isDoWhileStatement()) return place
    if (parent.isTryStatement() && place.key !== 'finalizer') return place
    if (place.isSwitchCase()) return place
    place = parent
  }
  return undefined
}

function applied(code: string, edits: Edit[]): string {
  let text = code
  // From the end, so that earlier places stay where they are.
  for (const edit of edits.sort((left, right) => right.at - left.at)) {
    text = text.slice(0, edit.at) + edit.text + text.slice(edit.at + edit.length)
  }
  return text
}
