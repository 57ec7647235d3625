/**
 * Takes seldom needed functions out of the resident program (espruino.md §6.2). A part is one function whose body makes
 * the others and returns its entries; as long as nobody called it, it costs about six variables, however much is in it,
 * because its text stays in flash. In place of each entry stands a stub that makes the part when it is not there.
 *
 *   function bringUp(a){ ... }          function bringUp(a){return(L[1]||(L[1]=P1()))[0](a)}     (more parameters: arguments)
 *                                  -->  function P1(){function bringUp(a){ ... } function only(..){ ... } return[bringUp]}
 *
 * A part holds its entries and all that they reach and resident code does not; what two parts reach, each has a copy of.
 * A stub that only another part calls stands in that part. Taken as a value (a callback, a record's method), a function
 * stays resident: a reference from outside would keep the whole part alive.
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
  /** True: made ahead, while a code waits for its answer (WARM), so that the answer may need it. */
  isAhead?: boolean
}

function of(file: string, ...names: string[]): string[] {
  return names.map((name) => `${file}#${name}`)
}

/**
 * Which code is where, and why. All that is not here is resident. First what sends: it stays while events are owed
 * (SENDING in firmware/parts.ts).
 */
export const PARTS: PartPlan[] = [
  {
    name: 'dispatch',
    why: 'what is sent where: with an event or a null message, and when a path comes or goes',
    entries: of('firmware/transmit/dispatcher.ts', 'warm', 'seek', 'offerAgain'),
  },
  {
    name: 'exchange',
    why: 'what is said, and the kiss-off: with an event or a null message. Together with dispatch it would take too long to make',
    entries: of('firmware/transmit/dispatcher.ts', 'warmExchange', 'proceed'),
  },
  {
    name: 'frames',
    why: 'frames and replies: with an event or a null message. Together with dispatch it would take too long to make',
    entries: [
      ...of('firmware/report/crc16.ts', 'crc16', 'prepare'),
      ...of('firmware/report/dc09.ts', 'compose', 'hear'),
    ],
  },
  {
    name: 'supervision',
    why: 'when the next null message is due and which path is lost: with each of them',
    entries: of('firmware/transmit/dispatcher.ts', 'watch'),
  },
  {
    name: 'conversation',
    why: 'opens a connection, sends, receives and closes: with an event, and not while an open connection rests',
    entries: of('firmware/ethernet/ethernet-path.ts', 'turn'),
  },
  {
    name: 'modem',
    why: 'lines, commands and the link of the modem: with an event, and some seconds a minute to ask how it is',
    entries: of('firmware/cellular/cellular-path.ts', 'attend'),
  },
  {
    name: 'services',
    why: 'DHCP, DNS, SNTP: when the link comes, at half of a lease, before a name is connected to',
    entries: of(
      'firmware/ethernet/services.ts',
      ...['linked', 'unplugged', 'unlinked', 'conflict', 'renew', 'resolve', 'forget', 'step'],
    ),
  },
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
  {
    name: 'refill',
    why: 'events that had no room in the queue: at the start, and after more than 64 were owed',
    entries: ['firmware/store/journal.ts#rescan', 'firmware/transmit/queue.ts#restore'],
  },
  {
    name: 'house',
    why: 'the answer to a code: some times an hour',
    isAhead: true,
    entries: [
      ...of('firmware/app/house.ts', 'warm', 'drain', 'endProgramming'),
      ...of('firmware/app/entry.ts', 'react', 'decay'),
      'firmware/panel/premises.ts#panic',
    ],
  },
  {
    name: 'arming',
    why: 'arming and panic: some times a day. Apart from house, or a code would wait for a long pass that makes both',
    entries: [...of('firmware/app/house.ts', 'arm', 'panic'), 'firmware/panel/premises.ts#bypass'],
  },
  {
    name: 'records',
    why: 'what is kept of events: with each. Apart from house, or a code would wait for a long pass that makes both',
    isAhead: true,
    entries: [
      ...of('firmware/app/keeping.ts', 'warm', 'note', 'keepFor', 'send', 'keep', 'isStateNew', 'keepRest'),
      'firmware/app/house.ts#abort',
      'firmware/store/event-log.ts#period',
    ],
  },
  {
    name: 'premises',
    why: 'what zones and time do: some times an hour. Apart from house, or that would take too long to make for a code',
    entries: [
      ...of('firmware/app/house.ts', 'ahead', 'zoneChanged', 'pollPremises'),
      ...of('firmware/panel/premises.ts', 'walkTest', 'dayPassed'),
    ],
  },
  {
    name: 'display',
    why: 'texts, tones and outputs: when something happens, and once a minute for the clock',
    isAhead: true,
    entries: of('firmware/app/show.ts', 'warm', 'show', 'sound'),
  },
  {
    name: 'schedule',
    why: 'arming by the clock: once a minute',
    entries: of('firmware/app/schedule.ts', 'poll'),
  },
  {
    name: 'warm',
    why: 'makes the answer to a code while that waits for it',
    entries: of('firmware/app/entry.ts', 'warm'),
  },
  {
    name: 'keys',
    why: 'scanning and debouncing, while a key is down; at rest one reading of the columns says that none is',
    entries: of('firmware/io/keypad-matrix.ts', 'attend'),
  },
  {
    name: 'zones',
    why: 'timers and pulses of a zone that moves; at rest one comparison a word says that none does',
    entries: of('firmware/io/zone-inputs.ts', 'settle', 'overdue'),
  },
  {
    name: 'expander',
    why: 'a port expander that has to be set up, has moved, or does not answer; at rest one comparison a chip',
    entries: of('firmware/io/expander.ts', 'look', 'fail'),
  },
  {
    name: 'loops',
    why: 'loops with resistors, on panels that have them: there it is made each second',
    entries: ['firmware/io/zone-inputs.ts#pollLoops', 'firmware/io/loops.ts#isStill'],
  },
  {
    name: 'first keypad',
    why: 'a first keypad that is no matrix at the board, on panels that have one: with each of its keys',
    entries: of('firmware/app/first-keypad.ts', 'create', 'poll'),
  },
  {
    name: 'output chip',
    why: 'outputs at a port expander: made once after power-up on panels that have them, and kept by the pins it stands before',
    entries: of('firmware/io/output-port.ts', 'create'),
  },
  {
    name: 'keypads',
    why: 'further keypads, on panels that have them: there it is made every 5 s',
    entries: of('firmware/app/keypads.ts', 'turn'),
  },
  {
    name: 'menus',
    why: 'what follows a code or stands behind * and #: some times a day',
    entries: of('firmware/app/menus.ts', 'key', 'quit'),
  },
  {
    name: 'pages',
    why: 'lists, event viewer, bypass, walk test and quick arming: seldom, and not beside what sends and arms',
    entries: of('firmware/app/menus.ts', 'remember', 'list', 'view', 'bypass', 'walkTest', 'quick'),
  },
  {
    name: 'program',
    why: 'programming at the keypad: by installers',
    entries: [...of('firmware/app/menus.ts', 'program', 'drill'), ...of('firmware/app/program.ts', 'enter', 'prompt')],
  },
  {
    name: 'loop view',
    why: 'what a loop reads, for an installer at the keypad, on panels with loops: each second while it is shown',
    entries: of('firmware/app/loop-view.ts', 'view'),
  },
  {
    name: 'people',
    why: 'users and their codes: seldom',
    entries: [...of('firmware/app/menus.ts', 'user', 'giveOut'), ...of('firmware/app/people.ts', 'prompt', 'typed')],
  },
  {
    name: 'troubles',
    why: 'what is wrong with the panel comes or goes, or may have; each second one comparison says that nothing does',
    entries: of('firmware/app/supervise.ts', 'advance', 'changed', 'testOwed', 'forgetRestarts', 'lookAtZones'),
  },
  {
    name: 'supply',
    why: 'mains, battery, siren and box, on panels that sense them: there it is made every 5 s',
    entries: of('firmware/app/supervise.ts', 'readSupply'),
  },
  {
    name: 'upkeep',
    why: 'journal and log prepare their next page: once in some 90 events, and in 500 lines',
    entries: [...of('firmware/app.ts', 'tidyJournal'), ...of('firmware/store/event-log.ts', 'maintain')],
  },
  {
    name: 'safe',
    why: 'display and paths of the safe state, which most panels never see, and the way to the keypad test',
    entries: of('board/main.ts', 'pollOther'),
  },
  {
    name: 'keypad test',
    why: 'how keypads are wired, for an installer who tapped the button: seldom, and then nothing else runs',
    entries: of('firmware/app/keypad-test.ts', 'create', 'poll'),
  },
  {
    name: 'reports',
    why: 'path faults, tests, figures, the last resort: some times a day',
    entries: of('firmware/app/reports.ts', 'tell', 'testPaths', 'keepFigures', 'lastResort'),
  },
]
/** What a code runs through (D-30). It must not reach an entry: making a part takes time and memory. */
const NEVER_WAITS = 'firmware/app/entry.ts#commit'
/** Its answer. It may reach entries of parts that are made ahead, and of no others. */
const ANSWER = 'firmware/app/entry.ts#react'
/** Makes them, the same ones for any code: it must reach an entry of each. */
const WARM = 'firmware/app/entry.ts#warm'
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
  const layout = assign(
    functions,
    roots,
    plans.map(({ entries }) => entries),
  )
  refuseWaits(
    names,
    functions,
    layout,
    plans.map(({ plan }) => plan),
  )
  return write(code, functions, layout, plans, holder)
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

/** Who stands where. */
interface Layout {
  /** The part of each entry: its place in the list. */
  entries: Map<string, number>
  /** Functions of the global scope; an entry among them is there as a stub. */
  resident: Set<string>
  /** What each part holds; an entry of another part among them is there as a stub. */
  members: Set<string>[]
}

function assign(functions: Map<string, Fn>, roots: Set<string>, lists: string[][]): Layout {
  const entries = new Map<string, number>()
  lists.forEach((list, part) => {
    for (const name of list) entries.set(name, part)
  })
  const resident = new Set(roots)
  let members: Set<string>[] = []
  // What a part takes as a value becomes resident, and with it what that calls: until nothing new does.
  for (let size = -1; size !== resident.size; ) {
    size = resident.size
    reach(functions, resident, (name) => !entries.has(name))
    members = lists.map((list, part) => {
      const found = new Set(list)
      reach(functions, found, (name) => (entries.get(name) ?? part) === part, resident)
      return found
    })
    for (const found of members) {
      for (const name of found) for (const value of (functions.get(name) as Fn).values) resident.add(value)
    }
  }
  return { entries, resident, members }
}

/** Adds to a set what its functions call and take, as far as they are looked into, and not what is known elsewhere. */
function reach(
  functions: Map<string, Fn>,
  found: Set<string>,
  isOpen: (name: string) => boolean,
  elsewhere = new Set<string>(),
): void {
  for (const name of found) {
    if (!isOpen(name)) continue
    const { calls, values } = functions.get(name) as Fn
    for (const next of [...calls, ...values]) if (!elsewhere.has(next)) found.add(next)
  }
}

function refuseWaits(names: NameMap, functions: Map<string, Fn>, layout: Layout, plans: PartPlan[]): void {
  const isAhead = (name: string) => plans[layout.entries.get(name) as number].isAhead === true
  for (const name of entriesFrom(names.get(NEVER_WAITS), functions, layout)) {
    throw new Error(`${NEVER_WAITS} would wait for ${name}, a part: keep what it calls resident`)
  }
  for (const name of entriesFrom(names.get(ANSWER), functions, layout)) {
    if (!isAhead(name)) throw new Error(`${ANSWER} would wait for ${name}, a part: keep what it calls resident`)
  }
  const made = new Set(entriesFrom(names.get(WARM), functions, layout).map((name) => layout.entries.get(name)))
  plans.forEach((plan, part) => {
    if (plan.isAhead && !made.has(part)) throw new Error(`part ${plan.name}: ${WARM} does not make it`)
  })
}

/** Entries of parts that a function reaches, itself included, through those of parts too. */
function entriesFrom(start: string | undefined, functions: Map<string, Fn>, layout: Layout): string[] {
  const seen = new Set(start === undefined || !functions.has(start) ? [] : [start])
  for (const name of seen) {
    for (const next of (functions.get(name) as Fn).calls) seen.add(next)
  }
  return [...seen].filter((name) => layout.entries.has(name))
}

function write(
  code: string,
  functions: Map<string, Fn>,
  { entries, resident, members }: Layout,
  plans: { plan: PartPlan; entries: string[] }[],
  holder: string,
): { code: string; parts: PartSize[] } {
  const whole = (name: string) => {
    const { node } = functions.get(name) as Fn
    return code.slice(node.start as number, node.end as number)
  }
  const short = (name: string) => {
    const part = entries.get(name) as number
    return stub(name, (functions.get(name) as Fn).node, part, plans[part].entries, holder)
  }
  let kept = code
  for (const [name, { node }] of [...functions].sort((left, right) => right[1].node.start! - left[1].node.start!)) {
    const isEntry = entries.has(name)
    if (resident.has(name) ? !isEntry : !isEntry && !members.some((found) => found.has(name))) continue
    kept =
      kept.slice(0, node.start as number) + (resident.has(name) ? short(name) : '') + kept.slice(node.end as number)
  }
  const parts: PartSize[] = []
  let made = ''
  members.forEach((found, part) => {
    const own = [...functions.keys()].filter((name) => found.has(name) && (entries.get(name) ?? part) === part)
    const others = [...found].filter((name) => (entries.get(name) ?? part) !== part)
    const body = own.map(whole).join('') + others.map(short).join('')
    const text = `function ${partName(part)}(){${body}return[${plans[part].entries}]}`
    parts.push({ name: plans[part].plan.name, functionCount: own.length, bytes: text.length })
    made += text
  })
  return { code: made + kept, parts }
}

/** In place of an entry, for those who do not stand in its part. */
function stub(name: string, node: types.FunctionDeclaration, part: number, entries: string[], holder: string): string {
  const place = entries.indexOf(name)
  const entry = `(${holder}[${part}]||(${holder}[${part}]=${partName(part)}()))[${place}]`
  // A parameter is a variable for good, in each stub; `arguments` are made with each call (25,000 instructions of it).
  if (node.params.length > 1) return `function ${name}(){return${entry}.apply(0,arguments)}`
  const parameter = node.params.map((only) => (only as types.Identifier).name).join('')
  return `function ${name}(${parameter}){return${entry}(${parameter})}`
}

/** No name of the minifier's begins so. */
function partName(part: number): string {
  return `P_${part}`
}
