/**
 * Firmware that tells each step it takes: every statement, decision, computed read and write with its index, call, and
 * whether an assigned number is one that the interpreter stores in its short form. Two inputs that leave the same trace
 * took the same path through the same table places (panel-behaviour.md D-30, D-36).
 *
 * Natives are told by name only; what they do with their arguments is the platform's. Not seen: how long a step takes.
 */

import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodePath, type PluginObj, types as t, transformSync } from '@babel/core'
import { build, transform } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HOOK = '__trace'
/** Integers from one to the other fit into a name's own cell in the interpreter, others need one more (espruino.md §6.1). */
const SHORT_LEAST = -8192
const SHORT_MOST = 8191

/** What is called by instrumented code. Keeps a running hash and a count, and the steps themselves when asked to. */
export class Trace {
  /** Each place in the code: file, line, and what stands there. */
  readonly sites: string[] = []
  isOn = false
  steps = 0
  /** Keeps every step as text, to show where two traces part. */
  log: string[] | undefined
  /** Told when a call returned, with its name as written: 'commit', 'codes.match'. */
  onReturn: (name: string) => void = () => {}
  private hash0 = 0
  private hash1 = 0

  reset(): void {
    this.steps = 0
    this.hash0 = 0x811c9dc5 | 0
    this.hash1 = 0x1b873593
    if (this.log !== undefined) this.log = []
  }

  /** The trace so far, in short: how many steps, and two 32-bit hashes of them in order. */
  digest(): string {
    return `${this.steps}:${(this.hash0 >>> 0).toString(16)}:${(this.hash1 >>> 0).toString(16)}`
  }

  private note(site: number, value: number): void {
    if (!this.isOn) return
    this.steps++
    this.hash0 = Math.imul(Math.imul(this.hash0 ^ site, 0x01000193) ^ value, 0x01000193)
    this.hash1 = Math.imul(this.hash1 ^ (value + (site << 8)), 0x5bd1e995) ^ (this.hash1 >>> 15)
    this.log?.push(`${this.sites[site]} ${value}`)
  }

  /** Statement. */
  s(site: number): void {
    this.note(site, 0)
  }

  /** Decision. */
  b<T>(site: number, value: T): T {
    this.note(site, typeof value === 'number' ? value | 0 : value ? 1 : 0)
    return value
  }

  /** Stored value: whether it is in short form. */
  v<T>(site: number, value: T): T {
    const isShort = Number.isInteger(value) && Number(value) >= SHORT_LEAST && Number(value) <= SHORT_MOST
    this.note(site, typeof value !== 'number' ? 2 : isShort ? 0 : 1)
    return value
  }

  /** Computed read. */
  r(site: number, from: Record<string, unknown>, key: string | number): unknown {
    this.note(site, placeOf(key))
    return from[key]
  }

  /** Index of a computed write. */
  w<T extends string | number>(site: number, key: T): T {
    this.note(site, placeOf(key))
    return key
  }

  /** Call. */
  c(site: number): void {
    this.note(site, 0)
  }

  /** Return of a call. */
  x<T>(site: number, _called: undefined, value: T): T {
    this.note(site, 1)
    const name = this.sites[site]
    this.onReturn(name.slice(name.lastIndexOf(' ') + 1))
    return value
  }
}

export interface Loaded<Exports> {
  exports: Exports
  trace: Trace
}

/**
 * Bundles a module of the project with everything it imports, all of it instrumented, and runs it.
 * edit: changes a source before that, to plant a fault; it gets the path from the project's root.
 */
export async function load<Exports>(
  entry: string,
  edit: (path: string, source: string) => string = (_path, source) => source,
): Promise<Loaded<Exports>> {
  const trace = new Trace()
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'silent',
    plugins: [
      {
        name: 'instrument',
        setup(bundler) {
          bundler.onLoad({ filter: /firmware\/.*\.ts$/ }, async ({ path }) => {
            const name = relative(ROOT, path)
            const source = edit(name, await readFile(path, 'utf8'))
            return { contents: await instrument(source, name, trace), loader: 'js' }
          })
        },
      },
    ],
  })
  const module = { exports: {} }
  new Function(HOOK, 'module', 'exports', result.outputFiles[0].text)(trace, module, module.exports)
  trace.reset()
  return { exports: module.exports as Exports, trace }
}

async function instrument(source: string, name: string, trace: Trace): Promise<string> {
  const plain = await transform(source, { loader: 'ts', target: 'es2022', tsconfigRaw: {} })
  const site = (node: t.Node, what: string) => trace.sites.push(`${name}:${node.loc?.start.line ?? 0} ${what}`) - 1
  const result = transformSync(plain.code, { babelrc: false, configFile: false, plugins: [plugin(site)] })
  return result?.code ?? ''
}

type Site = (node: t.Node, what: string) => number

function hook(kind: string, site: number, ...rest: t.Expression[]): t.CallExpression {
  const call = t.memberExpression(t.identifier(HOOK), t.identifier(kind))
  return t.callExpression(call, [t.numericLiteral(site), ...rest])
}

function isHook(node: t.Node): boolean {
  return t.isMemberExpression(node) && t.isIdentifier(node.object, { name: HOOK })
}

function plugin(site: Site): PluginObj {
  const seen = new WeakSet<t.Node>()
  /** False for what was handled before; a replaced node is visited again inside its replacement. */
  const isNew = (node: t.Node): boolean => {
    if (seen.has(node)) return false
    seen.add(node)
    return true
  }
  const decide = (node: t.Expression, what: string): t.Expression => hook('b', site(node, what), node)
  const exit = (path: NodePath<t.IfStatement | t.ConditionalExpression | t.While | t.ForStatement>): void => {
    const node = path.node
    if (isNew(node) && node.test) node.test = decide(node.test, 'decides')
  }
  const block = (node: t.Statement): t.BlockStatement => (t.isBlockStatement(node) ? node : t.blockStatement([node]))
  const enterLoop = (path: NodePath<t.Loop>): void => {
    path.node.body = block(path.node.body)
  }
  return {
    visitor: {
      IfStatement: {
        enter(path) {
          path.node.consequent = block(path.node.consequent)
          if (path.node.alternate) path.node.alternate = block(path.node.alternate)
        },
        exit,
      },
      ConditionalExpression: { exit },
      ForStatement: { enter: enterLoop, exit },
      WhileStatement: { enter: enterLoop, exit },
      DoWhileStatement: { enter: enterLoop, exit },
      ForOfStatement: { enter: enterLoop },
      ForInStatement: { enter: enterLoop },
      BlockStatement: {
        exit(path) {
          if (isNew(path.node)) path.node.body = path.node.body.flatMap((statement) => told(statement, site))
        },
      },
      SwitchCase: {
        exit(path) {
          if (isNew(path.node))
            path.node.consequent = path.node.consequent.flatMap((statement) => told(statement, site))
        },
      },
      SwitchStatement: {
        exit(path) {
          if (isNew(path.node)) path.node.discriminant = decide(path.node.discriminant, 'switches')
        },
      },
      LogicalExpression: {
        exit(path) {
          if (isNew(path.node)) path.node.left = decide(path.node.left, path.node.operator)
        },
      },
      VariableDeclarator: {
        exit(path) {
          const init = path.node.init
          if (init && isNew(path.node)) path.node.init = hook('v', site(path.node, 'stores'), init)
        },
      },
      'AssignmentExpression|UpdateExpression': {
        exit(path: NodePath) {
          const node = path.node as t.AssignmentExpression | t.UpdateExpression
          if (!isNew(node)) return
          const target = t.isAssignmentExpression(node) ? node.left : node.argument
          if (t.isMemberExpression(target) && target.computed) {
            target.property = hook('w', site(node, 'writes'), target.property as t.Expression)
            return // an element of a typed array takes the same room for any value
          }
          path.replaceWith(hook('v', site(node, 'stores'), node))
        },
      },
      MemberExpression: {
        exit(path) {
          const node = path.node
          if (!node.computed || !isNew(node) || isTarget(path)) return
          path.replaceWith(hook('r', site(node, 'reads'), node.object, node.property as t.Expression))
        },
      },
      'CallExpression|NewExpression': {
        exit(path: NodePath) {
          const node = path.node as t.CallExpression | t.NewExpression
          if (isHook(node.callee) || !isNew(node)) return
          const at = site(node, nameOf(node.callee))
          path.replaceWith(hook('x', at, hook('c', at), node))
        },
      },
    },
  }
}

function told(statement: t.Statement, site: Site): t.Statement[] {
  if (t.isFunctionDeclaration(statement)) return [statement]
  return [t.expressionStatement(hook('s', site(statement, statement.type))), statement]
}

/** True when the place is written, or called as a method, which must keep its object. */
function isTarget(path: NodePath<t.MemberExpression>): boolean {
  const parent = path.parent
  if (t.isAssignmentExpression(parent)) return parent.left === path.node
  if (t.isCallExpression(parent)) return parent.callee === path.node
  return t.isUpdateExpression(parent)
}

function nameOf(callee: t.Node): string {
  if (t.isIdentifier(callee)) return callee.name
  if (t.isMemberExpression(callee) && t.isIdentifier(callee.property)) {
    return `${t.isIdentifier(callee.object) ? `${callee.object.name}.` : ''}${callee.property.name}`
  }
  return 'call'
}

/** An index as it is, a name as a number. */
function placeOf(key: string | number): number {
  if (typeof key === 'number') return key
  let place = 0
  for (let index = 0; index < key.length; index++) place = Math.imul(place ^ key.charCodeAt(index), 0x01000193)
  return place
}
