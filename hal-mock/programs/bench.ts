/**
 * `npm run bench`: what the panel costs, as counts and ratios. Rows that need the interpreter are left out where ESPRUINO
 * is not set; memory and instructions are judged on ESPRUINO_ESP32 when that is set too.
 */

import { Command, InvalidArgumentError } from 'commander'
import colors from 'picocolors'
import { boardRows } from './bench-board'
import { deviceRows } from './bench-device'
import { frameRows } from './bench-frames'
import { growthRows } from './bench-growth'
import { interpreterRows } from './bench-interpreter'
import { keypadRows } from './bench-keypads'
import { reactionRows } from './bench-reaction'
import { reportingRows } from './bench-reporting'
import { rewindRows } from './bench-rewind'
import type { Row } from './bench-row'
import { speedRows } from './bench-speed'
import { yearRow } from './bench-year'

async function main(): Promise<void> {
  const program = new Command('npm run bench --')
    .description(
      'Prints a table of sizes, counts and ratios. Set ESPRUINO, ESPRUINO_ESP32 for the rows of the interpreter.',
    )
    .option('--json', 'prints an array of {name, value, unit, goal, better}')
    .option('--days <number>', 'days of the busy year that are played', readDays, 14)
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { json, days } = program.opts<{ json?: boolean; days: number }>()
  const isJson = json === true
  const say = (text: string) => {
    if (!isJson) console.error(colors.dim(text))
  }
  const rows: Row[] = []
  // Each as it comes: what takes long comes last.
  const add = (found: Row[]) => {
    rows.push(...found)
    if (!isJson) for (const row of found) console.log(line(row))
  }
  add(await boardRows(say))
  add(reportingRows(say))
  add(frameRows(say))
  add(speedRows(say))
  add(rewindRows(say))
  add(keypadRows(say))
  add([yearRow(days, say)])
  const binary = process.env.ESPRUINO_ESP32 || process.env.ESPRUINO
  if (binary) add(await interpreterRows(binary, say))
  else say('ESPRUINO is not set: the rows that need the interpreter are left out')
  if (process.env.ESPRUINO_ESP32) {
    add(await deviceRows(process.env.ESPRUINO_ESP32, say))
    add(await growthRows(process.env.ESPRUINO_ESP32, say))
    add(await reactionRows(process.env.ESPRUINO_ESP32, say))
  } else say('ESPRUINO_ESP32 is not set: the rows of a board are left out')
  if (isJson) console.log(JSON.stringify(rows, null, 2))
}

function readDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Use a whole number of days from 1 to 9999.')
  return Number(text)
}

function line(row: Row): string {
  const value = row.value.toLocaleString('en-US', { maximumFractionDigits: 2 })
  const isMet = row.goal === null || (row.better === 'lower' ? row.value <= row.goal : row.value >= row.goal)
  const goal = row.goal === null ? '' : `${row.better === 'lower' ? '<=' : '>='} ${row.goal.toLocaleString('en-US')}`
  const mark = row.goal === null ? '' : isMet ? colors.green('met') : colors.red('missed')
  return `${row.name.padEnd(58)} ${value.padStart(14)} ${row.unit.padEnd(14)} ${goal.padEnd(14)} ${mark}`
}

await main()
