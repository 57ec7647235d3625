/**
 * Which functions of the firmware the interpreter has executed. The bundle is the shipped one but for a mark at
 * the head of each of its functions (marks.ts); the stories of stories.ts run with it, each in an interpreter of
 * its own. The same stories run on Node in a second or two, to find out what they still leave out.
 */

import { createContext, runInContext } from 'node:vm'
import { buildFirmware, buildStoryBench, buildWorld, rareModels } from '../../board/targets'
import { MODULES } from '../../hal-mock/modem-families'
import { Interpreter } from '../../hal-mock/programs/interpreter'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import * as built from '../built'
import { type Marked, mark, marksOf, TELL_MARKS } from './marks'
import { STORIES, type Story, scriptOf } from './stories'
import { twoAtATime } from './two-at-a-time'

/** All that is run with the bench: it keeps the names in there. */
const SCRIPTS = STORIES.map((story) => scriptOf(story, '')).join('')

export interface Coverage {
  /** Functions of the source, copies in parts not counted. */
  total: number
  /** Names of functions that never ran. */
  missed: string[]
  /** What went wrong in the stories themselves. */
  problems: string[]
}

/**
 * Collects the marks of several runs of one bundle. A part has its own copy of what it shares with others, and stubs that
 * lead to them (board/parts.ts): all of them are one function of the source, which has run when one of them has. Their text
 * is the same, and a stub that runs makes the function run that it stands for.
 */
export class Tally {
  private readonly seen = new Set<string>()
  private readonly problems: string[] = []

  constructor(private readonly names: string[]) {}

  /** lines: what a run printed. complaint: '' when it went well. */
  add(run: string, lines: string[], complaint: string): void {
    const marks = marksOf(lines)
    if (complaint !== '' || marks === undefined) this.problems.push(`${run}: ${complaint || 'no marks came'}`)
    this.names.forEach((name, index) => {
      if (marks?.[index] === 1) this.seen.add(sourceName(name))
    })
  }

  result(): Coverage {
    const all = new Set(this.names.map(sourceName))
    return { total: all.size, missed: [...all].filter((name) => !this.seen.has(name)), problems: this.problems }
  }
}

/** Of a function in a part, what it is called in the source's scope: 'P_3.outer.inner' becomes 'outer.inner'. */
function sourceName(name: string): string {
  return name.replace(/^P_\d+\./, '')
}

/** binaries: of runStories(). */
export async function firmwareCoverage(binaries: string[], say: (text: string) => void): Promise<Coverage> {
  const { code, sources } = await buildFirmware()
  const marked = mark(code, sources)
  const tally = new Tally(marked.names)
  await runStories(binaries, { code: marked.code, tally, say })
  return tally.result()
}

export interface StoryRuns {
  /** A marked bundle that makes the variable `firmware`. */
  code: string
  tally: Tally
  say: (text: string) => void
}

/** What the interpreter says when its variables are used up. */
const NO_ROOM = /LOW_MEMORY|out of memory|Not enough memory/i

/**
 * All stories in the interpreter, two at a time. binaries: builds of it, one that is to be tried first. A story whose panel and
 * modelled world have no room in it side by side is run in the next one: what is counted is which functions run, and how much
 * the panel takes by itself is counted elsewhere (npm run bench).
 */
export async function runStories(binaries: string[], { code, tally, say }: StoryRuns): Promise<void> {
  const world = (await buildWorld()).code
  const made = new Map<string, Promise<Interpreter>>()
  const interpreterFor = (binary: string, story: Story) => {
    const key = `${binary} ${groupOf(story)}`
    const found = made.get(key) ?? filled(binary, groupOf(story), { code, world })
    made.set(key, found)
    return found
  }
  const tell = async (story: Story) => {
    for (const [at, binary] of binaries.entries()) {
      const interpreter = await interpreterFor(binary, story)
      const run = await interpreter.execute(loadText(story) + scriptOf(story, TELL_MARKS))
      const hasNoRoom = NO_ROOM.test(run.complaint) && at + 1 < binaries.length
      const comment = hasNoRoom ? 'no room beside its models here: again in the other build' : run.complaint
      say(`  ${story.name.padEnd(60)} ${run.seconds.toFixed(1).padStart(6)} s  ${comment}`)
      if (hasNoRoom) continue
      tally.add(story.name, run.lines, run.complaint)
      return
    }
  }
  try {
    await twoAtATime(STORIES.map((story) => () => tell(story)))
  } finally {
    for (const interpreter of made.values()) (await interpreter).close()
  }
}

/**
 * An interpreter with firmware and bench in its Storage. That holds one bench, so there is one for each family of modems, and
 * for each set of models that few stories have: with all of them the board's memory is too small.
 */
async function filled(binary: string, group: string, bundles: { code: string; world: string }): Promise<Interpreter> {
  const stories = STORIES.filter((story) => groupOf(story) === group)
  const scripts = stories.map((story) => scriptOf(story, TELL_MARKS)).join('')
  const bench = (await buildStoryBench(familyOf(stories[0]), scripts)).code
  const interpreter = new Interpreter(binary)
  await interpreter.store({ firmware: bundles.code, bench, world: bundles.world })
  return interpreter
}

function groupOf(story: Story): string {
  return [familyOf(story), ...rareModels(scriptOf(story, TELL_MARKS))].join(' ')
}

/** The bench first: a board's bundle looks for it and then does not start by itself. */
function loadText(story: Story): string {
  const names = story.hasWorld ? ['bench', 'world', 'firmware'] : ['bench', 'firmware']
  return names.map((name) => `eval(require('Storage').read('${name}'));`).join('')
}

function familyOf(story: Story): string {
  return MODULES[story.model ?? 'A7670'].dialect.toLowerCase()
}

/** The marked firmware, and a bench with a world and all modems at once: on Node there is room for them. */
async function buildForNode(): Promise<{ marked: Marked; bench: string }> {
  const { code, sources } = await built.firmware()
  const marked = mark(code, sources)
  return { marked, bench: (await built.storyBench('abcde', SCRIPTS)).code + (await buildWorld()).code }
}
let builtForNode: ReturnType<typeof buildForNode> | undefined

/** The same on Node: what is missed here is missed there too. */
export async function coverageOnNode(stories: Story[] = STORIES): Promise<Coverage> {
  builtForNode ??= buildForNode()
  const { marked, bench } = await builtForNode
  const tally = new Tally(marked.names)
  for (const story of stories) {
    const lines: string[] = []
    const scope = createContext({ nodeCrypto, print: (line: string) => lines.push(line), atob })
    runInContext('var global=this;', scope)
    let complaint = ''
    try {
      runInContext(`${marked.code}${bench}bench.natives=nodeCrypto;${scriptOf(story, TELL_MARKS)}`, scope)
    } catch (reason) {
      complaint = String(reason)
    }
    tally.add(story.name, lines, complaint)
  }
  return tally.result()
}
