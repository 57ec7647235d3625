/**
 * `npm run fuzz`: feeds the parsers of the firmware what chance makes, and says what did not hold. All of chance comes
 * from the seed: seed and number of an input run it again. A new target is a file fuzz-NAME.ts and a line in TARGETS.
 */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { at } from './fuzz-at'
import { dc09Reply } from './fuzz-dc09-reply'
import { dhcp } from './fuzz-dhcp'
import { dns } from './fuzz-dns'
import { sntp } from './fuzz-sntp'
import { type FuzzTarget, runFuzz } from './fuzz-target'
import { w5500 } from './fuzz-w5500'

export const TARGETS: FuzzTarget[] = [dc09Reply, at, dhcp, dns, sntp, w5500]

const ALL = 'all'
const DEFAULT_RUNS = 1_000_000
/** Failures that are shown; the rest is counted. */
const SHOWN_FAILURES = 5
const PROGRESS_MS = 2000

interface Options {
  target: string
  runs: number
  seed: number
  first: number
}

function main(): void {
  const names = TARGETS.map((target) => target.name)
  const options = new Command('npm run fuzz --')
    .description('Feeds parsers of the firmware random and damaged input. Ends with 1 when something did not hold.')
    .addOption(new Option('--target <name>', 'what to feed').choices([ALL, ...names]).default(ALL))
    .option('--runs <number>', 'inputs for each', readNumber, DEFAULT_RUNS)
    .option('--seed <number>', 'where chance begins', readNumber, 1)
    .option('--first <number>', 'number of the first input, to run one again', readNumber, 0)
    .addHelpText('after', `\nTargets:\n${TARGETS.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}`)
    .showHelpAfterError('(--help lists the options)')
    .parse()
    .opts<Options>()
  let inputs = 0
  let failures = 0
  for (const target of TARGETS.filter(({ name }) => options.target === ALL || options.target === name)) {
    const report = runTarget(target, options)
    inputs += report.inputs
    failures += report.failures
  }
  console.log(`${inputs} inputs, ${failures} failures`)
  if (failures > 0) process.exitCode = 1
}

function runTarget(target: FuzzTarget, options: Options): { inputs: number; failures: number } {
  const { runs, seed, first } = options
  const { name, inputsPerCall, keptLimitBytes } = target
  const startMs = performance.now()
  let toldMs = startMs
  let asked = 0
  let shownCount = 0
  const onFailure = (index: number, what: string) => {
    if (shownCount++ >= SHOWN_FAILURES) return
    console.log(`${name} input ${index}: ${what}`)
    console.log(`  again: npm run fuzz -- --target ${name} --seed ${seed} --first ${index} --runs ${inputsPerCall}`)
  }
  const after = (done: number, failures: number) => {
    // The clock is not asked after each input.
    if (++asked % 100 !== 0 || performance.now() - toldMs < PROGRESS_MS) return
    toldMs = performance.now()
    console.error(`${name}: ${done} of ${runs} inputs, ${failures} failures`)
  }
  const report = runFuzz(target, seed, first, runs, onFailure, after)
  const perSecond = Math.round((report.inputs * 1000) / (performance.now() - startMs))
  const counts = Object.entries(report.counts).map(([what, count]) => `${what} ${count}`)
  console.error(
    `${name}, seed ${seed}: ${report.inputs} inputs, ${report.failures} failures; ${counts.join(', ')}; ` +
      `kept at most ${report.keptBytes} of ${keptLimitBytes} bytes; ${perSecond} inputs/s`,
  )
  return report
}

function readNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('Use a whole number of at most nine digits.')
  return Number(text)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main()
