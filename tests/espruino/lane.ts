/**
 * `npm run test:espruino`: the shipped scenarios in the real interpreter, with the very bundles that `npm run build`
 * makes, against the same run on Node: the traces must be equal to the byte.
 *
 * ESPRUINO names the interpreter's Linux build; ESPRUINO_ESP32, if set, one with the board's memory (16383 variables of
 * 14 bytes). Both run with the code in Storage, as on a board.
 */

import { Command } from 'commander'
import colors from 'picocolors'
import { buildBench, buildFirmware } from '../../board/targets'
import { Interpreter } from '../../hal-mock/programs/interpreter'
import { play } from '../../hal-mock/programs/play'
import { loadShipped, shippedNames } from '../../hal-mock/programs/shipped'
import type { Scenario } from '../../hal-mock/scenario'
import { functionCoverage } from './coverage'
import { hasSocat, killRuns } from './kills'

interface Result {
  name: string
  problem: string
  lineCount: number
  seconds: number
}

async function main(): Promise<void> {
  const program = new Command('npm run test:espruino --')
    .description(
      'Compares scenario traces of the real interpreter with those of Node. Set ESPRUINO to its Linux build.',
    )
    .argument('[scenario...]', 'names of shipped scenarios; all of them when none is named')
    .option('--coverage', 'also: which functions of the firmware the interpreter has executed (some ten minutes)')
    .option('--kills <number>', "also: kill -9 a board's bundle at so many random moments; 200 take some ten minutes")
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const binaries = [process.env.ESPRUINO, process.env.ESPRUINO_ESP32].filter(
    (binary) => binary !== undefined && binary !== '',
  )
  if (binaries.length === 0) {
    console.log('skipped: ESPRUINO is not set; point it at a Linux build of the interpreter to run this lane')
    return
  }
  const names = program.args.length > 0 ? program.args : shippedNames()
  const bundles = { firmware: (await buildFirmware()).code, bench: (await buildBench()).code }
  let failed = 0
  for (const binary of binaries as string[]) {
    console.log(binary)
    const interpreter = new Interpreter(binary)
    await interpreter.store(bundles)
    const queue = names.map((name) => () => compare(interpreter, loadShipped(name)))
    for (const result of await twoAtATime(queue)) {
      if (result.problem !== '') failed++
      const verdict = result.problem === '' ? colors.green('equal') : colors.red(`differs: ${result.problem}`)
      console.log(
        `  ${result.name.padEnd(32)} ${String(result.lineCount).padStart(5)} lines ${result.seconds.toFixed(1).padStart(6)} s  ${verdict}`,
      )
    }
    interpreter.close()
  }
  let total = names.length * binaries.length
  const { coverage, kills } = program.opts<{ coverage?: boolean; kills?: string }>()
  if (coverage) {
    total++
    if (!(await tellCoverage(binaries[0] as string))) failed++
  }
  if (kills !== undefined) {
    total++
    if (!(await tellKills(binaries[0] as string, Number(kills)))) failed++
  }
  console.log(`${total - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** Fails when a story meets an error; what has not run is told. */
async function tellCoverage(binary: string): Promise<boolean> {
  const found = await functionCoverage(binary, console.log)
  console.log(`functions executed: ${found.total - found.missed.length} of ${found.total}`)
  if (found.missed.length > 0) console.log(`  not executed: ${found.missed.join(', ')}`)
  for (const problem of found.problems) console.log(colors.red(`  ${problem}`))
  return found.problems.length === 0
}

/** Two rigs at a time, each with half of the kills and a seed of its own. */
async function tellKills(binary: string, kills: number): Promise<boolean> {
  if (!(kills >= 2)) throw new Error('--kills takes a number from 2 on')
  if (!hasSocat()) {
    console.log('kills: skipped, socat is not there (Debian package socat)')
    return true
  }
  const half = Math.ceil(kills / 2)
  const reports = await Promise.all([1, 2].map((seed) => killRuns(binary, half, seed, console.log)))
  for (const report of reports) {
    console.log(
      `${report.kills} kills: ${report.delivered} of ${report.promised} promised events delivered, ${report.duress} of them duress`,
    )
    for (const problem of report.problems) console.log(colors.red(`  ${problem}`))
  }
  return reports.every((report) => report.problems.length === 0)
}

async function compare(interpreter: Interpreter, scenario: Scenario): Promise<Result> {
  const played = play(scenario)
  const expected = [...played.lines, JSON.stringify(played.outcome)]
  const run = await interpreter.execute(
    `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));` +
      `bench.run(firmware,${JSON.stringify(scenario)},function(line){print(line)});`,
  )
  return {
    name: scenario.name,
    problem: run.complaint !== '' ? run.complaint : difference(run.lines, expected, played.outcome.failures.length),
    lineCount: run.lines.length,
    seconds: run.seconds,
  }
}

/** '' when both are the same and every expectation held. */
function difference(found: string[], expected: string[], failures: number): string {
  for (let index = 0; index < Math.max(found.length, expected.length); index++) {
    if (found[index] !== expected[index]) {
      return `line ${index + 1} is ${found[index] ?? 'missing'}, Node has ${expected[index] ?? 'nothing there'}`
    }
  }
  return failures === 0 ? '' : `${failures} expectations failed, on Node too`
}

/** Results in the order of the work; two cores are what the machines have. */
async function twoAtATime<T>(work: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async () => {
    while (next < work.length) {
      const index = next++
      results[index] = await work[index]()
    }
  }
  await Promise.all([worker(), worker()])
  return results
}

await main()
