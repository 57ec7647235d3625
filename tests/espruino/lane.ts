/**
 * `npm run test:espruino`: the shipped scenarios in the real interpreter, with the very bundles that `npm run build`
 * makes, against the same run on Node: the traces must be equal to the byte.
 *
 * The natives are held against published vectors, and the functions that have run are counted: one that never did fails
 * the lane, because nobody knows whether it would run (coverage.ts).
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
import { boardCoverage } from './board-coverage'
import { type Coverage, firmwareCoverage } from './coverage'
import { hasSocat, killRuns } from './kills'
import { checkNatives } from './natives'
import { problemsOf, timing as timeCodes } from './timing'
import { twoAtATime } from './two-at-a-time'

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
    .option(
      '--coverage',
      "count a board's functions too, and the firmware's also when scenarios are named: some twelve minutes",
    )
    .option('--no-coverage', 'count no functions; without either option the firmware is counted: some six minutes')
    .option('--kills <number>', "also: kill -9 a board's bundle at so many random moments; 200 take some ten minutes")
    .option('--timing <number>', 'also: time so many user, duress and wrong codes each; 20000 take some ten minutes')
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
  let total = names.length * binaries.length
  for (const binary of binaries as string[]) {
    console.log(binary)
    const interpreter = new Interpreter(binary)
    const natives = await tellNatives(interpreter)
    total += natives.total
    failed += natives.failed
    await interpreter.store(bundles)
    const queue = names.map((name) => () => compare(interpreter, loadShipped(name)))
    let done = 0
    await twoAtATime(queue, (result) => {
      if (result.problem !== '') failed++
      const verdict = result.problem === '' ? colors.green('equal') : colors.red(`differs: ${result.problem}`)
      console.log(
        `  ${`${++done}/${queue.length}`.padStart(5)} ${result.name.padEnd(30)} ${String(result.lineCount).padStart(5)} lines ${result.seconds.toFixed(1).padStart(6)} s  ${verdict}`,
      )
    })
    interpreter.close()
  }
  const { coverage, kills, timing } = program.opts<{ coverage?: boolean; kills?: string; timing?: string }>()
  // The build with the board's memory is the quicker one.
  const quickFirst = [...(binaries as string[])].reverse()
  if (coverage ?? program.args.length === 0) {
    total++
    console.log('the firmware: stories that run every function')
    if (!tellCoverage('firmware.js', await firmwareCoverage(quickFirst, console.log))) failed++
  }
  if (coverage === true) {
    total++
    console.log("a board's own bundle: starts, and the same stories")
    if (!tellCoverage("a board's bundle", await boardCoverage(quickFirst, console.log))) failed++
  }
  if (kills !== undefined) {
    total++
    if (!(await tellKills(binaries[0] as string, Number(kills)))) failed++
  }
  if (timing !== undefined) {
    total++
    if (!(await tellTiming(binaries[0] as string, Number(timing)))) failed++
  }
  console.log(`${total - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** Fails when a story meets an error, and when a function never ran. */
function tellCoverage(bundle: string, found: Coverage): boolean {
  console.log(`functions executed: ${found.total - found.missed.length} of ${found.total}, ${bundle}`)
  for (const name of found.missed) console.log(colors.red(`  never executed: ${name}`))
  for (const problem of found.problems) console.log(colors.red(`  ${problem}`))
  return found.missed.length === 0 && found.problems.length === 0
}

/** A row for each native. Returns how many differ from their published examples. */
async function tellNatives(interpreter: Interpreter): Promise<{ total: number; failed: number }> {
  const results = await checkNatives(interpreter)
  for (const { native, count, problem } of results) {
    const verdict = problem === '' ? colors.green('equal') : colors.red(`differs: ${problem}`)
    console.log(`  ${native.padEnd(32)} ${String(count).padStart(5)} published vectors  ${verdict}`)
  }
  return { total: results.length, failed: results.filter((result) => result.problem !== '').length }
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

/** Whether user, duress and wrong codes can be told apart by the clock. */
async function tellTiming(binary: string, runs: number): Promise<boolean> {
  if (!(runs >= 100)) throw new Error('--timing takes a number from 100 on')
  const reports = await timeCodes(binary, runs, console.log)
  for (const { name, counts, means, userDuress, userWrong } of reports) {
    const classes = means.map((mean, at) => `${counts[at]} x ${mean.toFixed(1)} µs`).join(', ')
    console.log(`${name}: user, duress, wrong ${classes}`)
    console.log(`  t of user against duress ${userDuress.toFixed(2)}, against wrong ${userWrong.toFixed(2)}`)
  }
  const problems = problemsOf(reports)
  for (const problem of problems) console.log(colors.red(`  ${problem}`))
  return problems.length === 0
}

async function compare(interpreter: Interpreter, scenario: Scenario): Promise<Result> {
  const played = play(scenario)
  const expected = [...played.lines, JSON.stringify(played.outcome)]
  // From a file: as text of the script a long story would take some hundred variables to its end.
  const run = await interpreter.execute(
    `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));` +
      `bench.run(firmware,JSON.parse(require('fs').readFileSync('story')),function(line){print(line)});`,
    [],
    { story: JSON.stringify(scenario) },
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

await main()
