/**
 * Which functions of the firmware the interpreter has executed. The bundle is the shipped one but for the names of its
 * functions and a mark at the head of each (marks.ts); the stories of stories.ts run with it, each in an interpreter of
 * its own. The same stories run on Node in a second or two, to find out what they still leave out.
 */

import { createContext, runInContext } from 'node:vm'
import { buildBench } from '../../board/targets'
import { Interpreter } from '../../hal-mock/programs/interpreter'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import * as built from '../built'
import { mark, marksOf, TELL_MARKS } from './marks'
import { STORIES, STORY_HEAD, type Story, UNREACHED } from './stories'
import { twoAtATime } from './two-at-a-time'

export interface Coverage {
  total: number
  /** Names of functions that never ran, but for those of UNREACHED. */
  missed: string[]
  /** How many of those there are. */
  unreachedCount: number
  /** What went wrong in the stories themselves. */
  problems: string[]
}

/** Collects the marks of several runs of one bundle. */
export class Tally {
  private readonly seen: Uint8Array
  private readonly problems: string[] = []

  /** unreached: names in the bundle of what no story can reach. */
  constructor(
    private readonly names: string[],
    private readonly unreached: Set<string> = new Set(),
  ) {
    this.seen = new Uint8Array(names.length)
  }

  /** lines: what a run printed. complaint: '' when it went well. */
  add(run: string, lines: string[], complaint: string): void {
    const marks = marksOf(lines)
    if (complaint !== '' || marks === undefined) this.problems.push(`${run}: ${complaint || 'no marks came'}`)
    for (let index = 0; index < this.names.length; index++) if (marks?.[index] === 1) this.seen[index] = 1
  }

  result(): Coverage {
    // What two parts need stands in both, as a copy or a stub (board/parts.ts): one that ran speaks for the other.
    const ran = new Set(this.names.filter((_, index) => this.seen[index] === 1).map(bareName))
    const idle = this.names.filter((name) => !ran.has(bareName(name)))
    const missed = idle.filter((name) => !this.isUnreached(name))
    return { total: this.names.length, missed, unreachedCount: idle.length - missed.length, problems: this.problems }
  }

  /** A function of a part stands inside it; a part of which nothing is ever called has no marks at all. */
  private isUnreached(name: string): boolean {
    const [part, inner] = name.split('.')
    if (inner !== undefined) return this.unreached.has(part.startsWith('P_') ? inner : part)
    if (!part.startsWith('P_')) return this.unreached.has(part)
    return this.names.filter((other) => other.startsWith(`${part}.`)).every((other) => this.isUnreached(other))
  }
}

/** Without the part that it stands in: 'P_3.send' is 'send'. */
function bareName(name: string): string {
  return name.replace(/^P_\d+\./, '')
}

/** Names in a bundle of the files and functions in UNREACHED. */
export function unreachedNames(sources: Map<string, string>): Set<string> {
  const found = [...sources].filter(([source]) => UNREACHED.some((entry) => `${source}#`.startsWith(`${entry}#`)))
  return new Set(found.map(([, name]) => name))
}

export async function firmwareCoverage(binary: string, say: (text: string) => void): Promise<Coverage> {
  const bundle = await built.readable()
  const marked = mark(bundle.code)
  const tally = new Tally(marked.names, unreachedNames(bundle.sources))
  await runStories(binary, { code: marked.code, tally, say })
  return tally.result()
}

export interface StoryRuns {
  /** A marked bundle that makes the variable `firmware`. */
  code: string
  tally: Tally
  say: (text: string) => void
}

/** All stories in the interpreter, two at a time. */
export async function runStories(binary: string, { code, tally, say }: StoryRuns): Promise<void> {
  const interpreter = new Interpreter(binary)
  try {
    await interpreter.store({ firmware: code, bench: (await buildBench()).code })
    // The bench first: a board's bundle looks for it and then does not start by itself.
    const load = `eval(require('Storage').read('bench'));eval(require('Storage').read('firmware'));`
    const tell = async (story: Story) => {
      const run = await interpreter.execute(load + scriptOf(story))
      tally.add(story.name, run.lines, run.complaint)
      say(`  ${story.name.padEnd(60)} ${run.seconds.toFixed(1).padStart(6)} s  ${run.complaint}`)
    }
    await twoAtATime(STORIES.map((story) => () => tell(story)))
  } finally {
    interpreter.close()
  }
}

/** The same on Node: what is missed here is missed there too. */
export async function coverageOnNode(stories: Story[] = STORIES): Promise<Coverage> {
  const bundle = await built.readable()
  const marked = mark(bundle.code)
  const bench = (await buildBench()).code
  const tally = new Tally(marked.names, unreachedNames(bundle.sources))
  for (const story of stories) {
    const lines: string[] = []
    const scope = createContext({ nodeCrypto, print: (line: string) => lines.push(line) })
    runInContext('var global=this;', scope)
    let complaint = ''
    try {
      runInContext(`${marked.code}${bench}bench.natives=nodeCrypto;${scriptOf(story)}`, scope)
    } catch (reason) {
      complaint = String(reason)
    }
    tally.add(story.name, lines, complaint)
  }
  return tally.result()
}

/** In a function of its own: the firmware's short names fill the global scope. */
function scriptOf(story: Story): string {
  return `(function(){${STORY_HEAD}${story.text}})();${TELL_MARKS}`
}
