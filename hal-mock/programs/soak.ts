/** `npm run soak`: months of a panel's life with faults from a seed, then calm; every event it promised must have arrived. */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'
import { type SoakReport, soak } from './soak-run'

const SHOWN = 5

function main(): void {
  const program = new Command('npm run soak --')
    .description(
      'Runs panels through days of random faults, then calm, and holds what their flash promised against what arrived.\n' +
        'Ends with 1 when an event was lost, invented or out of order.',
    )
    .option('--seeds <a..b>', 'lives to run, such as 1..20, or one number', readSeeds, [1, 5] as [number, number])
    .option('--days <number>', 'virtual days of each', readDays, 30)
    .option('--notes', 'tell what happens, to look into one seed', false)
    .addHelpText('after', '\nExample: npm run soak -- --seeds 1..10 --days 30')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { seeds, days, notes } = program.opts<{ seeds: [number, number]; days: number; notes: boolean }>()
  const [first, last] = seeds
  let events = 0
  let lost = 0
  for (let seed = first; seed <= last; seed++) {
    const report = soak({
      seed,
      days,
      firmware: panelFirmware,
      crypto: nodeCrypto,
      onDay: (day) => {
        if (process.stderr.isTTY) process.stderr.write(`\rseed ${seed}: day ${day} of ${days} `)
        else if (day % 10 === 0) console.error(`seed ${seed}: day ${day} of ${days}`)
      },
      onNote: notes ? (atMs, what) => console.log(`${(atMs / 1000).toFixed(1)} s  ${what}`) : undefined,
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    events += report.events
    lost += report.lost.length
    tell(report)
  }
  const count = last - first + 1
  console.log(`${count} seeds, ${count * days} virtual days, ${events} events, ${lost} lost`)
}

function tell(report: SoakReport): void {
  const { seed, days, events, duress, lost, invented, disordered, faults } = report
  console.log(
    `seed ${seed}: ${events} events, ${duress} of them duress, ${faults} deeds and faults; ` +
      `${lost.length} lost, ${invented.length} invented, ${disordered.length} out of order`,
  )
  const wrong = [
    ...lost.map((key) => `lost ${key}`),
    ...invented.map((key) => `invented ${key}`),
    ...disordered.map((key) => `out of order ${key}`),
  ]
  if (wrong.length === 0) return
  for (const what of wrong.slice(0, SHOWN)) console.log(`  ${what}`)
  console.log(`  again: npm run soak -- --seeds ${seed} --days ${days} --notes`)
  process.exitCode = 1
}

function readSeeds(text: string): [number, number] {
  const parts = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text)
  const range: [number, number] | undefined =
    parts === null ? undefined : [Number(parts[1]), Number(parts[2] ?? parts[1])]
  if (range === undefined || range[1] < range[0])
    throw new InvalidArgumentError('Use A..B, such as 1..20, or one number.')
  return range
}

function readDays(text: string): number {
  const days = Number(text)
  if (!/^\d{1,4}$/.test(text) || days < 1) throw new InvalidArgumentError('Use a whole number of days from 1 to 9999.')
  return days
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main()
