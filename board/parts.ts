/**
 * Takes seldom needed functions out of the resident program (espruino.md §6.2). A part is one function whose body makes
 * the others and returns its entries; as long as nobody called it, it costs about six variables, however much is in it,
 * because its text stays in flash. In place of each entry stands a stub that makes the part when it is not there.
 *
 *   function bringUp(a){ ... }          function bringUp(a){return(L[1]||(L[1]=P1()))[0](a)}
 *                                  -->  function P1(){function bringUp(a){ ... } function only(..){ ... } return[bringUp]}
 *
 * A part holds its entries and all that only they reach. Reached from two parts, or taken as a value (a callback, a
 * record's method), a function stays resident: a reference from outside would keep the whole part alive.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodePath, parseSync, traverse, types } from '@babel/core'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface PartPlan {
  name: string
  /** Why it need not be resident. */
  why: string
  /** 'file#function', as written in the source. Those of files that a bundle does not hold are passed over. */
  entries: string[]
}

function of(file: string, ...names: string[]): string[] {
  return names.map((name) => `${file}#${name}`)
}

/** Which code is where, and why. All that is not here is resident. */
export const PARTS: PartPlan[] = [
  {
    name: 'start',
    why: 'runs once after power-up',
    entries: [
      'board/main.ts#start',
      'firmware/app.ts#create',
      'firmware/app.ts#makeCodes',
      'firmware/app.ts#storeCode',
    ],
  },
  {
    name: 'ethernet',
    why: 'reset, self-test and the recovery ladder of the W5500: once after power-up, and after a fault',
    entries: of('firmware/ethernet/bring-up.ts', 'step', 'resetPhy', 'fault'),
  },
  {
    name: 'services',
    why: 'DHCP, DNS, SNTP: when the link comes, at half of a lease, before a name is connected to',
    entries: of(
      'firmware/ethernet/services.ts',
      ...['linked', 'unlinked', 'conflict', 'renew', 'resolve', 'forget', 'step'],
    ),
  },
  {
    name: 'cellular',
    why: 'the way from power key to network, and the ladder: about half a minute after power-up, and after a fault',
    entries: [
      ...of('firmware/cellular/bring-up.ts', 'advance', 'expired', 'answered', 'told'),
      ...of('firmware/cellular/ladder.ts', 'fail', 'silent'),
    ],
  },
  {
    name: 'dialects',
    why: 'what the families of modems say differently: asked for while one is brought up; its record stays',
    entries: of('firmware/cellular/dialects.ts', 'family', 'record', 'setup', 'up', 'remedy'),
  },
  {
    name: 'watch',
    why: 'registration, signal and jamming: once a minute',
    entries: of('firmware/cellular/watch.ts', 'query', 'judge', 'told'),
  },
  {
    name: 'figures',
    why: 'what was counted of the paths: read once after power-up, kept once an hour',
    entries: of('firmware/store/figures.ts', 'load', 'save'),
  },
  {
    name: 'sms',
    why: 'the last resort, off by default',
    entries: of('firmware/cellular/sms.ts', 'work', 'answered'),
  },
]
/** What a code runs through until its answer (D-30). It must not reach an entry: making a part takes time and memory. */
const NEVER_WAITS = ['firmware/app.ts#commit', 'firmware/app.ts#keyPressed', 'firmware/app.ts#react']
/** The variable that holds what is made (firmware/parts.ts). */
const HOLDER = 'firmware/parts.ts#loaded'

export interface PartSize {
  name: string
  functionCount: number
  bytes: number
}

interface Fn {
  node: types.FunctionDeclaration
  /** Functions that it calls, or takes as values. */
  calls: Set<string>
  values: Set<string>
}

/** Names in the finished text by 'file#name' of the source. */
export type NameMap = Map<string, string>

/** Returns the text with its parts, and what is in them. Fails: with an Error that names the entry and what is wrong. */
export function split(
  code: string,
  names: NameMap,
  files: Set<string>,
  table: PartPlan[] = PARTS,
): { code: string; parts: PartSize[] } {
  const functions = new Map<string, Fn>()
  const roots = new Set<string>()
  read(code, functions, roots)
  const plans = table
    .map((plan) => ({ plan, entries: entriesOf(plan, names, files, functions) }))
    .filter(({ entries }) => entries.length > 0)
  const holder = names.get(HOLDER)
  if (plans.length === 0 || holder === undefined) return { code, parts: [] }
  const owner = assign(
    functions,
    roots,
    plans.map(({ entries }) => entries),
  )
  refuseWaits(names, functions, owner)
  return write(code, functions, owner, plans, holder)
}

function entriesOf(plan: PartPlan, names: NameMap, files: Set<string>, functions: Map<string, Fn>): string[] {
  const entries: string[] = []
  for (const entry of plan.entries) {
    if (!files.has(entry.split('#')[0])) continue
    const name = names.get(entry)
    if (name === undefined || !functions.has(name)) {
      // A function that nothing in this bundle calls is gone; one whose file no longer has it is a mistake in the table.
      if (!isWritten(entry)) throw new Error(`part ${plan.name}: there is no ${entry}: correct board/parts.ts`)
      continue
    }
    entries.push(name)
  }
  return entries
}

/** True when the source has a function of that name. */
function isWritten(entry: string): boolean {
  const [file, name] = entry.split('#')
  return new RegExp(`^export function ${name}\\(|^function ${name}\\(`, 'm').test(
    readFileSync(join(ROOT, file), 'utf8'),
  )
}

/** Fills functions with those of the global scope, and roots with the names that everything else uses. */
function read(code: string, functions: Map<string, Fn>, roots: Set<string>): void {
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  traverse(tree, {
    Program(program) {
      for (const [name, binding] of Object.entries(program.scope.bindings)) {
        const node = binding.path.node
        if (types.isFunctionDeclaration(node)) functions.set(name, { node, calls: new Set(), values: new Set() })
      }
      for (const name of functions.keys()) {
        for (const path of program.scope.bindings[name].referencePaths) note(name, path, functions, roots)
      }
      program.stop()
    },
  })
}

function note(name: string, path: NodePath, functions: Map<string, Fn>, roots: Set<string>): void {
  const isCall = path.parentPath?.isCallExpression() === true && path.key === 'callee'
  const outer = path.findParent((parent) => parent.isFunctionDeclaration() && parent.parentPath?.isProgram() === true)
  const user = outer === null ? undefined : functions.get((outer.node as types.FunctionDeclaration).id?.name ?? '')
  if (user === undefined) roots.add(name)
  else if (isCall) user.calls.add(name)
  else user.values.add(name)
}

/** The part that each function belongs to: its place in the list, -1 for resident. */
function assign(functions: Map<string, Fn>, roots: Set<string>, entries: string[][]): Map<string, number> {
  const owner = new Map<string, number>()
  const isEntry = new Set(entries.flat())
  entries.forEach((list, part) => {
    for (const name of list) owner.set(name, part)
  })
  const settle = (name: string, part: number): void => {
    if (isEntry.has(name)) return // a stub stands there for everybody else
    const had = owner.get(name)
    if (had === -1 || had === part) return
    owner.set(name, had === undefined ? part : -1)
    const to = owner.get(name) as number
    for (const next of (functions.get(name) as Fn).calls) settle(next, to)
    for (const next of (functions.get(name) as Fn).values) settle(next, -1)
  }
  for (const name of roots) settle(name, -1)
  entries.forEach((list, part) => {
    for (const name of list) {
      for (const next of (functions.get(name) as Fn).calls) settle(next, part)
      for (const next of (functions.get(name) as Fn).values) settle(next, -1)
    }
  })
  return owner
}

function refuseWaits(names: NameMap, functions: Map<string, Fn>, owner: Map<string, number>): void {
  for (const from of NEVER_WAITS) {
    const start = names.get(from)
    if (start === undefined || !functions.has(start)) continue
    const seen = new Set([start])
    for (const name of seen) {
      if ((owner.get(name) ?? -1) >= 0) throw new Error(`${from} would wait for a part: keep what it calls resident`)
      for (const next of (functions.get(name) as Fn).calls) seen.add(next)
    }
  }
}

function write(
  code: string,
  functions: Map<string, Fn>,
  owner: Map<string, number>,
  plans: { plan: PartPlan; entries: string[] }[],
  holder: string,
): { code: string; parts: PartSize[] } {
  const bodies: string[][] = plans.map(() => [])
  const edits: { start: number; end: number; text: string }[] = []
  for (const [name, { node }] of functions) {
    const part = owner.get(name) ?? -1
    if (part < 0) continue
    const start = node.start as number
    const end = node.end as number
    bodies[part].push(code.slice(start, end))
    edits.push({ start, end, text: stub(name, node, part, plans[part].entries, holder) })
  }
  let resident = code
  for (const edit of edits.sort((left, right) => right.start - left.start)) {
    resident = resident.slice(0, edit.start) + edit.text + resident.slice(edit.end)
  }
  const made = bodies.map(
    (list, part) => `function ${partName(part)}(){${list.join('')}return[${plans[part].entries}]}`,
  )
  return {
    code: made.join('') + resident,
    parts: plans.map(({ plan }, part) => ({
      name: plan.name,
      functionCount: bodies[part].length,
      bytes: made[part].length,
    })),
  }
}

/** '' for a function that only its part calls. */
function stub(name: string, node: types.FunctionDeclaration, part: number, entries: string[], holder: string): string {
  const place = entries.indexOf(name)
  if (place < 0) return ''
  const parameters = node.params.map((parameter) => (parameter as types.Identifier).name).join(',')
  return `function ${name}(${parameters}){return(${holder}[${part}]||(${holder}[${part}]=${partName(part)}()))[${place}](${parameters})}`
}

/** No name of the minifier's begins so. */
function partName(part: number): string {
  return `P_${part}`
}
