/** `npm run twins`: can anybody tell a duress code from an ordinary one? */

import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import colors from 'picocolors'
import { writeCaptures } from './capture'
import { leakNames } from './leaks'
import { draw } from './plot'
import { Progress } from './progress'
import type { Tally } from './twins'
import { type LeakAnswer, type LeakHunt, type SliceAnswer, slicesOf, sumOf } from './work'
import { shareOut } from './workers'

interface Options {
  histories: string
  seed: string
  jobs: string
  leaks?: boolean
  capture?: string
  plot?: string
}

async function main(): Promise<void> {
  const program = new Command('npm run twins --')
    .description(
      'Plays random histories twice, with the ordinary code and with the duress code of the same user, and compares all that\n' +
        'can be perceived: at the panel, on the cables, on the phone, in flash and memory, with every time to the millisecond.',
    )
    .option('--histories <number>', 'how many', '1000')
    .option('--seed <number>', 'of the first 50; the same seed plays the same histories, with any number of jobs', '1')
    .option('--jobs <number>', 'processes that share the work', String(availableParallelism()))
    .option('--leaks', 'instead: plants leaks, one at a time, and shows who finds each')
    .option('--capture <folder>', 'instead: one history with either code, written as pcap files of both wires')
    .option('--plot <file>', 'instead: the same history as a picture (SVG), such as docs/duress-twins.svg')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const options = program.opts<Options>()
  const count = Number(options.histories)
  const seed = Number(options.seed)
  const jobs = Number(options.jobs)
  if (!Number.isInteger(count) || count < 1) program.error(`--histories is '${options.histories}': use 1 or more`)
  if (!Number.isInteger(seed)) program.error(`--seed is '${options.seed}': use a whole number`)
  if (!Number.isInteger(jobs) || jobs < 1) program.error(`--jobs is '${options.jobs}': use 1 or more`)
  if (options.capture !== undefined) console.log((await writeCaptures(options.capture)).join('\n'))
  else if (options.plot !== undefined) await writeFile(options.plot, draw())
  else {
    try {
      if (options.leaks) await tellLeaks(seed, jobs)
      else await tellTwins(count, seed, jobs)
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  }
}

async function tellTwins(count: number, seed: number, jobs: number): Promise<void> {
  const fromMs = performance.now()
  const progress = new Progress(count, 'histories')
  const answers: SliceAnswer[] = []
  await shareOut(slicesOf(count, seed), jobs, (answer, index) => {
    answers[index] = answer as SliceAnswer
    const done = Object.values(answers)
    const differences = done.filter(({ report }) => report !== '').length
    const histories = done.reduce((sum, { tally }) => sum + tally.histories, 0)
    progress.at(histories, `${differences} differences`)
    return differences === 0
  })
  progress.clear()
  const { tally, reports } = sumOf(answers)
  for (const report of reports) console.error(report)
  tellCoverage(tally)
  const seconds = ((performance.now() - fromMs) / 1000).toFixed(0)
  console.log(`${tally.notes} times somebody could perceive something in the runs with the ordinary code`)
  console.log(`${tally.calls} times the station got the call, in ${seconds} s`)
  console.log(`${tally.histories} histories, ${reports.length} differences`)
  if (reports.length > 0) process.exitCode = 1
}

function tellCoverage(tally: Tally): void {
  const lists: [string, Map<string, number>][] = [
    ['At the entry of the code', tally.moments],
    ['Histories with', tally.steps],
  ]
  for (const [title, list] of lists) {
    console.log(title)
    const sorted = [...list].sort((left, right) => right[1] - left[1])
    for (const [word, times] of sorted) console.log(`  ${String(times).padStart(7)}  ${word}`)
  }
}

/** A line a leak, in their order, as soon as those before it are known. */
async function tellLeaks(seed: number, jobs: number): Promise<void> {
  const names = leakNames()
  const progress = new Progress(names.length, 'leaks')
  const answers: LeakAnswer[] = []
  let told = 0
  const hunts = names.map((_, index): LeakHunt => ({ kind: 'leak', index, seed }))
  await shareOut(hunts, jobs, (answer, index) => {
    answers[index] = answer as LeakAnswer
    progress.clear()
    while (answers[told] !== undefined) console.log(lineOf(answers[told++]))
    const done = Object.values(answers)
    progress.at(done.length, `${done.filter(isCaught).length} caught`)
    return true
  })
  progress.clear()
  const caught = answers.filter(isCaught).length
  console.log(`${caught} of ${names.length} leaks caught`)
  if (caught < names.length) process.exitCode = 1
}

function isCaught({ told }: LeakAnswer): boolean {
  return told !== ''
}

function lineOf({ name, told, after }: LeakAnswer): string {
  const found = told === '' ? colors.red(`not caught in ${after} histories`) : `${String(after).padStart(3)}  ${told}`
  return `${name.padEnd(62)} ${found}`
}

await main()
