/** `npm run model`: the panel and a second model of its arming rules over many random histories. */

import { Command } from 'commander'
import { compareHistories } from './arming'

const BATCH = 500

function main(): void {
  const program = new Command('npm run model --')
    .description('Compares the panel with a second model of its arming rules over random histories.')
    .option('--histories <count>', 'how many', '10000')
    .option('--seed <number>', 'of the first batch; the same seed makes the same histories', '1')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const options = program.opts<{ histories: string; seed: string }>()
  const wanted = Number(options.histories)
  const seed = Number(options.seed)
  if (!Number.isInteger(wanted) || wanted < 1) program.error(`--histories is '${options.histories}': use 1 or more`)
  if (!Number.isInteger(seed)) program.error(`--seed is '${options.seed}': use a whole number`)
  let done = 0
  let steps = 0
  while (done < wanted) {
    const count = Math.min(BATCH, wanted - done)
    try {
      steps += compareHistories(count, seed + done / BATCH)
    } catch (error) {
      console.error(error instanceof Error ? `${error.message}\n${error.cause ?? ''}` : error)
      console.error(`seed ${seed + done / BATCH}: ${done} histories before it agreed`)
      process.exitCode = 1
      return
    }
    done += count
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${wanted} histories`)
  }
  if (process.stderr.isTTY) process.stderr.write('\r')
  console.log(`${done} histories, ${steps} steps, 0 differences`)
}

main()
