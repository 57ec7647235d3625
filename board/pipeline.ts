/**
 * From TypeScript to text that the Espruino interpreter executes: esbuild joins the modules, Babel lowers what the
 * interpreter does not know, terser makes it small, repair.ts mends two
 * habits of the interpreter, the gate (gate.ts) reads the result once more; of a flat bundle parts.ts takes out what need
 * not be resident, and order.ts puts first what runs in every pass.
 *
 * The options were chosen by running their output in the interpreter; most other combinations do not run there.
 * Not repaired here, so refused by the type checker or the gate: missing library members, inherited statics, classes
 * that extend Error or Array, generators and async functions.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type PluginItem, type PluginObj, parseSync, transformAsync, types } from '@babel/core'
import { build, type Plugin } from 'esbuild'
import { type MangleOptions, minify } from 'terser'
import { inlineConstants } from './constants'
import { inspect, RESERVED_NAMES } from './gate'
import { hotFirst } from './order'
import { type NameMap, type PartSize, split } from './parts'
import { repair } from './repair'

export interface BundleOptions {
  /** The bundle becomes `var NAME={...}` with the entry's exports. */
  globalName: string
  /**
   * True: the bundle's functions stand in the global scope instead of one of their own, which saves each of them the
   * reference to it (espruino.md §6.1: a fifth of a small function). One bundle at a time may do that.
   */
  isFlat?: boolean
  /** True: functions keep their names, so that a report can name them. All else is as shipped. */
  isReadable?: boolean
  /** Modules by path that the bundle can do without: classes that they export throw when one is made. */
  leftOut?: RegExp
  /** Natives that the bundle may use beyond the core library, e.g. 'digitalWrite' for a board's hal. */
  natives?: string[]
  /** Shortens property names: those that match, or all but the reserved ones. Off when absent. */
  mangleProperties?: RegExp | { reserved: string[] }
}

export interface ModuleSize {
  /** Path from the project's root. */
  path: string
  /** What is left of it after joining, before it is made small. */
  bytes: number
}

export interface Bundle {
  /** ASCII only. */
  code: string
  bytes: number
  /** Largest first. */
  modules: ModuleSize[]
  /** What is made when it is needed; none in a bundle with a scope of its own. */
  parts: PartSize[]
  /** Where the functions of a flat bundle come from: 'file#name' to the name in the text. */
  sources: NameMap
}

/** Says in one sentence what is wrong with a bundle. */
export class BundleError extends Error {}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What Babel may take for granted. Each saves a helper that would cost memory on the device or not run there. */
const ASSUMPTIONS = {
  setPublicClassFields: true,
  privateFieldsAsProperties: true,
  iterableIsArray: true,
  setSpreadProperties: true,
  ignoreFunctionLength: true,
  noDocumentAll: true,
  constantSuper: true,
  objectRestNoSymbols: true,
  pureGetters: true,
  setComputedProperties: true,
  noNewArrows: true,
  noClassCalls: true,
  superIsCallableConstructor: true,
  skipForOfIteratorClosing: true,
  // A template becomes a sum of strings instead of a chain of concat() calls.
  ignoreToPrimitiveHint: true,
}

/** The order matters: fields and private members go before the classes that hold them. */
const LOWERINGS: PluginItem[] = [
  '@babel/plugin-transform-class-properties',
  '@babel/plugin-transform-private-methods',
  '@babel/plugin-transform-class-static-block',
  ['@babel/plugin-transform-classes', { loose: true }],
  '@babel/plugin-transform-shorthand-properties',
  '@babel/plugin-transform-for-of',
  '@babel/plugin-transform-parameters',
  '@babel/plugin-transform-destructuring',
  '@babel/plugin-transform-spread',
  ['@babel/plugin-transform-object-rest-spread', { useBuiltIns: true }],
  '@babel/plugin-transform-block-scoping',
  '@babel/plugin-transform-optional-chaining',
  '@babel/plugin-transform-nullish-coalescing-operator',
  '@babel/plugin-transform-logical-assignment-operators',
  '@babel/plugin-transform-exponentiation-operator',
  '@babel/plugin-transform-computed-properties',
  '@babel/plugin-transform-optional-catch-binding',
  '@babel/plugin-transform-arrow-functions',
  '@babel/plugin-transform-template-literals',
]

/**
 * Builds the module `entry` (a path) and everything it imports.
 * Fails: with a BundleError that says what the interpreter would stumble over, or with esbuild's own message.
 */
export async function bundle(entry: string, options: BundleOptions): Promise<Bundle> {
  const joined = await join(entry, options.leftOut)
  const cache: NameCache = {}
  // Else an exported function would move into the record of exports, where no part can have it.
  const kept = [options.globalName]
  const code = repair(await shrink(await lower(joined.code, options, kept), options, kept, cache))
  const complaint = inspect(code, options.natives)
  if (complaint !== '') throw new BundleError(`${options.globalName}: ${complaint}`)
  if (options.isFlat !== true)
    return { code, bytes: code.length, modules: joined.modules, parts: [], sources: new Map() }
  const files = new Set(joined.modules.map((module) => module.path))
  const sources = namesOf(joined.code, cache)
  const finished = split(inlineConstants(code), sources, files)
  const ordered = hotFirst(finished.code, sources, files)
  return { code: ordered, bytes: ordered.length, modules: joined.modules, parts: finished.parts, sources }
}

/**
 * In place of a module that was left out: its exported classes, with the reason instead of their contents, and nothing in its
 * exported constants.
 */
function emptied(leftOut: RegExp): Plugin {
  return {
    name: 'left-out',
    setup(built) {
      built.onLoad({ filter: leftOut }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const named = (what: string) =>
          [...text.matchAll(new RegExp(`^export ${what} (\\w+)`, 'gm'))].map((found) => found[1])
        const made = [
          ...named('class').map(
            (name) => `export class ${name}{constructor(){throw new Error('${name} was left out')}}`,
          ),
          ...named('const').map((name) => `export const ${name} = undefined`),
        ]
        return { contents: made.join('\n'), loader: 'ts' }
      })
    },
  }
}

async function join(entry: string, leftOut?: RegExp): Promise<{ code: string; modules: ModuleSize[] }> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    metafile: true,
    // Exports are turned into a plain record below; esbuild's own wrapper has a getter for each.
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    treeShaking: true,
    // Shorter forms that terser does not find: 15 variables less for a board.
    minifySyntax: true,
    charset: 'ascii',
    legalComments: 'none',
    plugins: leftOut === undefined ? [] : [emptied(leftOut)],
    logLevel: 'silent',
    // Fixed here, so that no tsconfig.json near the entry changes what is built.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
  })
  const output = Object.values(result.metafile.outputs)[0]
  const modules = Object.entries(output.inputs).map(([path, input]) => ({ path, bytes: input.bytesInOutput }))
  modules.sort((left, right) => right.bytes - left.bytes)
  return { code: result.outputFiles[0].text, modules }
}

interface NameCache {
  vars?: { props: Record<string, string> }
}

/** Where each variable of the global scope came from. esbuild heads a module with its path and numbers equal names. */
function namesOf(joined: string, cache: NameCache): NameMap {
  const names: NameMap = new Map()
  let file = ''
  const tree = parseSync(joined, { babelrc: false, configFile: false, sourceType: 'module' }) as types.File
  for (const statement of tree.program.body) {
    for (const { value } of statement.leadingComments ?? []) file = value.trim()
    const declared = types.isVariableDeclaration(statement) ? statement.declarations : [statement]
    for (const { id } of declared as { id?: types.Node }[]) {
      if (!types.isIdentifier(id)) continue
      const finished = cache.vars?.props[`$${id.name}`] ?? id.name
      const bare = `${file}#${id.name.replace(/\d+$/, '')}`
      if (!names.has(bare)) names.set(bare, finished)
      names.set(`${file}#${id.name}`, finished)
    }
  }
  return names
}

async function lower(code: string, options: BundleOptions, kept: string[]): Promise<string> {
  const lowered = await transform(code, LOWERINGS)
  // A second pass, so that Babel's helpers come inside too: two bundles share one global scope on the device.
  return transform(lowered, [exportsAsRecord(options, kept)])
}

async function transform(code: string, plugins: PluginItem[]): Promise<string> {
  const result = await transformAsync(code, {
    // Plugins are found from here, wherever the build was started.
    cwd: ROOT,
    babelrc: false,
    configFile: false,
    compact: false,
    sourceType: 'module',
    assumptions: ASSUMPTIONS,
    plugins,
  })
  return result?.code ?? ''
}

/** `...; export { a as b }` becomes `var NAME = function () { ...; return { b: a } }()`, or flat `...; var NAME = { b: a }`. */
function exportsAsRecord(options: BundleOptions, locals: string[]): PluginObj {
  const { globalName, isFlat } = options
  return {
    visitor: {
      Program(program) {
        const kept: types.Statement[] = []
        const record: types.ObjectProperty[] = []
        for (const statement of program.node.body) {
          if (!types.isExportNamedDeclaration(statement)) kept.push(statement)
          else for (const item of statement.specifiers) record.push(property(item as types.ExportSpecifier))
        }
        if (isFlat) {
          for (const item of record) locals.push((item.value as types.Identifier).name)
          const made = types.variableDeclarator(types.identifier(globalName), types.objectExpression(record))
          program.node.body = [...kept, types.variableDeclaration('var', [made])]
          program.stop()
          return
        }
        kept.push(types.returnStatement(types.objectExpression(record)))
        const scope = types.functionExpression(null, [], types.blockStatement(kept))
        const made = types.variableDeclarator(types.identifier(globalName), types.callExpression(scope, []))
        program.node.body = [types.variableDeclaration('var', [made])]
        program.stop()
      },
    },
  }
}

function property(item: types.ExportSpecifier): types.ObjectProperty {
  const name = types.isIdentifier(item.exported) ? item.exported.name : item.exported.value
  return types.objectProperty(types.identifier(name), types.identifier(item.local.name))
}

/** Short names that the interpreter itself has in the global scope: pins, and what could come out of a mangler. */
const NATIVE_NAMES = ['E', 'SPI', 'I2C', 'Pin', 'NaN', 'LOW', 'SDA', 'SCL', 'LED', 'BTN']
for (const port of 'ABCDEFGH') for (let pin = 0; pin < 40; pin++) NATIVE_NAMES.push(port + pin)

async function shrink(code: string, options: BundleOptions, kept: string[], nameCache: NameCache): Promise<string> {
  const result = await minify(code, {
    ecma: 5,
    nameCache,
    compress: {
      ecma: 5,
      passes: 2,
      arrows: false,
      // The interpreter creates a function when execution reaches it, so functions go first.
      hoist_funs: true,
      // A function put in place of its only call would be created anew at each call.
      reduce_funcs: false,
      toplevel: options.isFlat === true,
      top_retain: kept,
    },
    mangle: {
      toplevel: true,
      keep_fnames: options.isReadable === true,
      reserved: [options.globalName, ...RESERVED_NAMES, ...NATIVE_NAMES],
      properties: mangledProperties(options.mangleProperties),
    },
    format: { ecma: 5, ascii_only: true, comments: false },
  })
  return `${result.code ?? ''}\n`
}

function mangledProperties(wanted: BundleOptions['mangleProperties']): MangleOptions['properties'] {
  if (wanted === undefined) return false
  return wanted instanceof RegExp ? { regex: wanted } : { reserved: wanted.reserved, builtins: true }
}
