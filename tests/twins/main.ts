/** `npm run twins`: can anybody tell a duress code from an ordinary one? */

import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import colors from 'picocolors'
import { writeCaptures } from './capture'
import { leaks } from './leaks'
import { draw } from './plot'
import { compareTwins, emptyTally, firstDifference, type Tally } from './twins'

const BATCH = 50
const LEAK_HISTORIES = 300

async function main(): Promise<void> {
  const program = new Command('npm run twins --')
    .description(
      'Plays random histories twice, with the ordinary code and with the duress code of the same user, and compares all that\n' +
        'can be perceived: at the panel, on the cables, on the phone, in flash, with every time to the millisecond.',
    )
    .option('--histories <number>', 'how many', '1000')
    .option('--seed <number>', 'of the first batch; the same seed plays the same histories', '1')
    .option('--leaks', 'instead: plants leaks, one at a time, and shows who finds each')
    .option('--capture <folder>', 'instead: one history with either code, written as pcap files of both wires')
    .option('--plot <file>', 'instead: the same history as a picture (SVG), such as docs/duress-twins.svg')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const options = program.opts<{ histories: string; seed: string; leaks?: boolean; capture?: string; plot?: string }>()
  const count = Number(options.histories)
  const seed = Number(options.seed)
  if (!Number.isInteger(count) || count < 1) program.error(`--histories is '${options.histories}': use 1 or more`)
  if (!Number.isInteger(seed)) program.error(`--seed is '${options.seed}': use a whole number`)
  if (options.capture !== undefined) console.log((await writeCaptures(options.capture)).join('\n'))
  else if (options.plot !== undefined) await writeFile(options.plot, draw())
  else if (options.leaks) await tellLeaks(seed)
  else tellTwins(count, seed)
}

function tellTwins(count: number, seed: number): void {
  const tally = emptyTally()
  let differences = 0
  const fromMs = performance.now()
  for (let batch = 0; tally.histories < count; batch++) {
    try {
      compareTwins(Math.min(BATCH, count - tally.histories), seed + batch, tally)
    } catch (error) {
      differences++
      console.error(`seed ${seed + batch}\n${error instanceof Error ? error.message : error}`)
      break
    }
    progress(`${tally.histories} of ${count} histories`)
  }
  progress('')
  tellCoverage(tally)
  console.log(`${tally.calls} times the station got the call, in ${((performance.now() - fromMs) / 1000).toFixed(0)} s`)
  console.log(`${tally.histories} histories, ${differences} differences`)
  if (differences > 0) process.exitCode = 1
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

async function tellLeaks(seed: number): Promise<void> {
  const all = await leaks()
  let caught = 0
  for (const [index, leak] of all.entries()) {
    progress(`leak ${index + 1} of ${all.length}`)
    const { told, after } = firstDifference(LEAK_HISTORIES, seed, () => leak.make())
    progress('')
    const found = told === '' ? colors.red(`not caught in ${after} histories`) : `${String(after).padStart(3)}  ${told}`
    if (told !== '') caught++
    console.log(`${leak.name.padEnd(62)} ${found}`)
  }
  console.log(`${caught} of ${all.length} leaks caught`)
  if (caught < all.length) process.exitCode = 1
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(40)}${text === '' ? '\r' : ''}`)
}

await main()
