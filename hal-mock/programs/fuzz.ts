/**
 * `npm run fuzz`: feeds a parser of the firmware what chance makes, and says what did not hold. All of chance comes from
 * the seed: seed and number of an input run it again. A new target is a file fuzz-NAME.ts and a line in TARGETS.
 */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { fuzzAt } from './fuzz-at'
import { dc09Reply } from './fuzz-dc09-reply'
import { type FuzzTarget, runFuzz } from './fuzz-target'

export const TARGETS: FuzzTarget[] = [dc09Reply, fuzzAt]

/** Failures that are shown; the rest is counted. */
const SHOWN_FAILURES = 5
const PROGRESS_MS = 2000

function main(): void {
  const program = new Command('npm run fuzz --')
    .description('Feeds parsers of the firmware random and damaged input. Ends with 1 when something did not hold.')
    .addOption(
      new Option('--target <name>', 'what to feed').choices(TARGETS.map((target) => target.name)).makeOptionMandatory(),
    )
    .option('--runs <number>', 'inputs', readNumber, 100_000)
    .option('--seed <number>', 'where chance begins', readNumber, 1)
    .option('--first <number>', 'number of the first input, to run one again', readNumber, 0)
    .addHelpText('after', `\nTargets:\n${TARGETS.map(({ name, what }) => `  ${name.padEnd(16)} ${what}`).join('\n')}`)
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const {
    target: name,
    runs,
    seed,
    first,
  } = program.opts<Record<'runs' | 'seed' | 'first', number> & { target: string }>()
  const target = TARGETS.find((entry) => entry.name === name) as FuzzTarget
  const startMs = performance.now()
  let toldMs = startMs
  let shownCount = 0
  const report = runFuzz(
    target,
    seed,
    first,
    runs,
    (index, what) => {
      if (shownCount++ >= SHOWN_FAILURES) return
      console.log(`input ${index}: ${what}`)
      console.log(`  again: npm run fuzz -- --target ${name} --seed ${seed} --first ${index} --runs 1`)
    },
    (done, failures) => {
      // The clock is not asked for each input.
      if (done % 1000 !== 0 || performance.now() - toldMs < PROGRESS_MS) return
      toldMs = performance.now()
      console.error(`${done} of ${runs} inputs, ${failures} failures`)
    },
  )
  const seconds = (performance.now() - startMs) / 1000
  const counts = Object.entries(report.counts).map(([what, count]) => `${what} ${count}`)
  console.error(`${name}, seed ${seed}: ${counts.join(', ')}; ${Math.round(runs / seconds)} inputs/s`)
  console.log(`${report.inputs} inputs, ${report.failures} failures`)
  if (report.failures > 0) process.exitCode = 1
}

function readNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('Use a whole number of at most nine digits.')
  return Number(text)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main()
