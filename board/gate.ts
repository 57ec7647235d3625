/**
 * Reads a finished bundle and says what the interpreter would stumble over. It notices syntax that it does not know only
 * when it executes it, perhaps months after the installation, so nothing of the kind may leave the build.
 *
 * Cannot be seen here: recursion depth, inherited statics, getters that JSON must see, the sort's order of equals.
 */

import { type NodePath, parseSync, traverse, types } from '@babel/core'

/** The interpreter compares no more of a name. */
const NAME_LIMIT_LENGTH = 63

/** Names that the interpreter reserves although JavaScript does not; fine for properties. */
export const RESERVED_NAMES = ['of']

/** Nodes that must have been lowered, with what a programmer calls them. */
const UNKNOWN_SYNTAX: Record<string, string> = {
  ArrowFunctionExpression: 'an arrow function',
  ClassDeclaration: 'a class',
  ClassExpression: 'a class',
  TemplateLiteral: 'a template string',
  TaggedTemplateExpression: 'a tagged template',
  SpreadElement: 'a spread (...)',
  RestElement: 'a rest parameter (...)',
  ObjectPattern: 'destructuring',
  ArrayPattern: 'destructuring',
  AssignmentPattern: 'a default value of a parameter',
  OptionalMemberExpression: 'optional chaining (?.)',
  OptionalCallExpression: 'optional chaining (?.)',
  LabeledStatement: 'a label',
  WithStatement: 'a with statement',
  MetaProperty: 'new.target or import.meta',
  Super: 'super',
  YieldExpression: 'a generator',
  AwaitExpression: 'await',
  BigIntLiteral: 'a BigInt (it would be read as a plain number)',
  ImportExpression: 'a dynamic import',
  Import: 'a dynamic import',
}

const UNKNOWN_OPERATORS = ['**', '**=', '&&=', '||=', '??=']

/** Every global that firmware and bench may use; the same list as in espruino-core.d.ts. */
export const CORE_GLOBALS =
  'Array ArrayBuffer Boolean Error Infinity Int16Array Int32Array Int8Array JSON Math NaN Number Object RegExp String Uint16Array Uint32Array Uint8Array atob btoa isFinite isNaN parseFloat parseInt'.split(
    ' ',
  )

/** What Babel's and terser's own output needs beyond it. */
const GLOBALS_OF_THE_BUILD = ['arguments', 'undefined', 'TypeError', 'ReferenceError']

/** Members of the globals that may be used; the same as in espruino-core.d.ts. */
export const CORE_STATICS: Record<string, string[]> = {
  Array: ['isArray'],
  Boolean: [],
  Number: [],
  String: ['fromCharCode'],
  Object: ['assign', 'create', 'entries', 'keys', 'values'],
  Math: ['PI', 'abs', 'atan2', 'ceil', 'cos', 'floor', 'max', 'min', 'round', 'sign', 'sin', 'sqrt'],
  JSON: ['parse', 'stringify'],
}

/** Of lowered classes and accessors: they are there, but easy to use wrongly, so espruino-core.d.ts hides them. */
const STATICS_OF_THE_BUILD: Record<string, string[]> = { Object: ['setPrototypeOf', 'defineProperty'] }

/** Methods that arrays, strings, numbers or objects lack in the interpreter. */
const ABSENT_METHODS =
  'at copyWithin findLast findLastIndex flat flatMap reduceRight toReversed toSorted toSpliced codePointAt isWellFormed localeCompare matchAll normalize search toLocaleLowerCase toLocaleUpperCase toLocaleString trimEnd trimLeft trimRight trimStart toPrecision toExponential isPrototypeOf propertyIsEnumerable'.split(
    ' ',
  )

/** '' when the interpreter can execute the text, else one sentence for the first thing it cannot. */
export function inspect(code: string, natives: string[] = []): string {
  const foreign = strangeByte(code)
  if (foreign !== '') return foreign
  let complaint = ''
  const globals = [...CORE_GLOBALS, ...GLOBALS_OF_THE_BUILD, ...natives]
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  const ownNames = namesGiven(tree)
  const absent = ABSENT_METHODS.filter((name) => !ownNames[name])
  traverse(tree, {
    enter(path) {
      complaint = complaintAbout(path, globals, absent)
      if (complaint !== '') {
        const at = path.node.start ?? 0
        complaint += `, near: ${code.slice(Math.max(0, at - 20), at + 60).replace(/\s+/g, ' ')}`
        path.stop()
      }
    },
  })
  return complaint
}

/** Property names that the bundle itself gives a value: a method of our own may be called like an absent one. */
function namesGiven(tree: types.File): Record<string, boolean> {
  const names: Record<string, boolean> = {}
  types.traverseFast(tree, (node) => {
    let given: types.Node | undefined
    if (types.isAssignmentExpression(node) && types.isMemberExpression(node.left)) given = node.left.property
    else if (types.isObjectProperty(node) || types.isObjectMethod(node)) given = node.key
    if (types.isIdentifier(given)) names[given.name] = true
  })
  return names
}

function strangeByte(code: string): string {
  for (let at = 0; at < code.length; at++) {
    const value = code.charCodeAt(at)
    if (value > 126 || (value < 32 && value !== 10)) {
      return `the text must be ASCII, but has the character code ${value} at ${at}`
    }
  }
  return ''
}

function complaintAbout(path: NodePath, globals: string[], absent: string[]): string {
  const unknown = UNKNOWN_SYNTAX[path.node.type]
  if (unknown !== undefined) return `the interpreter does not know ${unknown}`
  return (
    wrongOperator(path.node) ||
    wrongFunction(path) ||
    wrongDeclaration(path.node) ||
    wrongName(path) ||
    wrongSwitch(path.node) ||
    wrongLiteral(path.node) ||
    wrongNew(path.node) ||
    wrongGlobal(path, globals) ||
    wrongMember(path, absent)
  )
}

function wrongOperator(node: types.Node): string {
  if (!types.isBinaryExpression(node) && !types.isAssignmentExpression(node)) return ''
  return UNKNOWN_OPERATORS.includes(node.operator) ? `the interpreter does not know the operator ${node.operator}` : ''
}

function wrongFunction(path: NodePath): string {
  const node = path.node
  if (types.isFunction(node) && node.async) return 'the interpreter does not know async functions'
  if (types.isFunction(node) && node.generator) return 'the interpreter does not know generators'
  if (!path.isFunctionDeclaration()) return ''
  // Nothing is hoisted there: what runs before a declaration cannot call it, directly or through others.
  const isFirst = path.getAllPrevSiblings().every((before) => before.isFunctionDeclaration() || isBare(before.node))
  return isFirst ? '' : `the function ${path.node.id?.name} is declared after code that runs before it exists`
}

/** A declaration without values, as repair.ts puts at the head of a function. */
function isBare(node: types.Node): boolean {
  return types.isVariableDeclaration(node) && node.declarations.every((declarator) => declarator.init == null)
}

function wrongDeclaration(node: types.Node): string {
  if (types.isVariableDeclaration(node) && node.kind !== 'var') {
    return `${node.kind} must have been lowered: in a loop all turns would share one variable`
  }
  if (types.isObjectProperty(node) && node.computed) return 'the interpreter does not know computed keys'
  if (types.isObjectMethod(node) && node.computed) return 'the interpreter does not know computed keys'
  return ''
}

function wrongName(path: NodePath): string {
  const node = path.node
  if (!types.isIdentifier(node)) return ''
  const isProperty =
    (path.key === 'property' || path.key === 'key') && !(path.parent as types.MemberExpression).computed
  if (RESERVED_NAMES.includes(node.name) && !isProperty) return `${node.name} is a reserved word there`
  if (node.name.length <= NAME_LIMIT_LENGTH) return ''
  return `the name ${node.name} is longer than the ${NAME_LIMIT_LENGTH} characters that the interpreter compares`
}

function wrongSwitch(node: types.Node): string {
  if (!types.isSwitchStatement(node)) return ''
  const index = node.cases.findIndex((branch) => branch.test == null)
  return index >= 0 && index < node.cases.length - 1 ? 'a case stands after default, a syntax error there' : ''
}

function wrongLiteral(node: types.Node): string {
  if (types.isStringLiteral(node)) {
    for (let at = 0; at < node.value.length; at++) {
      if (node.value.charCodeAt(at) > 255)
        return 'a string has a character beyond code 255, which is cut to a byte there'
    }
  }
  return types.isRegExpLiteral(node) ? wrongPattern(node) : ''
}

/** Most of these do not throw there, they just do not match. */
function wrongPattern(node: types.RegExpLiteral): string {
  const said = `the pattern /${node.pattern}/${node.flags}`
  const plain = node.pattern.replace(/\[(\\.|[^\]\\])*\]/g, 'x')
  if (/\\[bB1-9k]/.test(plain)) return `${said} needs \\b or a back reference, which never match there`
  const bare = plain.replace(/\\./g, 'x')
  if (/[?{]/.test(bare)) return `${said} needs ?, {n} or (?: which never match there`
  if (/\)[*+]/.test(bare) || /\([^)]*\(/.test(bare))
    return `${said} repeats or nests a group, which never matches there`
  if (/\|/.test(bare) && /[\^$]/.test(bare)) return `${said} mixes | with an anchor, which does not match there`
  return /[^gi]/.test(node.flags) ? `${said} has a flag other than g and i` : ''
}

function wrongNew(node: types.Node): string {
  if (!types.isNewExpression(node)) return ''
  let made: types.Node = node.callee
  while (types.isMemberExpression(made) && !made.computed) made = made.object
  return types.isIdentifier(made) || types.isThisExpression(made) ? '' : 'new must be followed by a plain name'
}

function wrongGlobal(path: NodePath, globals: string[]): string {
  if (!path.isReferencedIdentifier() && !isAssigned(path)) return ''
  const name = (path.node as types.Identifier).name
  if (path.scope.hasBinding(name, true) || globals.includes(name)) return ''
  // typeof is the one question that may be put to a name that is not there.
  if (path.parentPath?.isUnaryExpression({ operator: 'typeof' })) return ''
  return `${name} is not in the interpreter's core library or not for the firmware's use`
}

function isAssigned(path: NodePath): boolean {
  return (
    path.isIdentifier() && path.parentPath !== null && path.parentPath.isAssignmentExpression() && path.key === 'left'
  )
}

function wrongMember(path: NodePath, absent: string[]): string {
  const node = path.node
  if (!types.isMemberExpression(node)) return ''
  const name = memberName(node)
  if (types.isIdentifier(node.object) && !path.scope.hasBinding(node.object.name, true)) {
    const owner = node.object.name
    const allowed = CORE_STATICS[owner]
    if (allowed === undefined || name === undefined) return ''
    if (allowed.includes(name) || STATICS_OF_THE_BUILD[owner]?.includes(name)) return ''
    return `${owner}.${name} is not in the interpreter's core library or not for the firmware's use`
  }
  const isCalled = types.isCallExpression(path.parent) && path.key === 'callee'
  if (!isCalled || name === undefined || !absent.includes(name)) return ''
  return `.${name}() is missing in the interpreter`
}

function memberName(node: types.MemberExpression): string | undefined {
  if (types.isIdentifier(node.property) && !node.computed) return node.property.name
  return types.isStringLiteral(node.property) ? node.property.value : undefined
}
