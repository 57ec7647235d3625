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
import { passRows } from './bench-passes'
import { reactionRows } from './bench-reaction'
import { reportingRows } from './bench-reporting'
import { rewindRows } from './bench-rewind'
import type { Row } from './bench-row'
import { speedRows } from './bench-speed'
import { yearRow } from './bench-year'

type Say = (text: string) => void

interface Group {
  name: string
  /** What it needs: ESPRUINO alone, or the build with the board's memory. */
  needs: '' | 'ESPRUINO' | 'ESPRUINO_ESP32'
  rows(say: Say, binary: string, days: number): Row[] | Promise<Row[]>
}

/** What takes long comes last. */
const GROUPS: Group[] = [
  { name: 'board', needs: '', rows: (say) => boardRows(say) },
  { name: 'reporting', needs: '', rows: (say) => reportingRows(say) },
  { name: 'frames', needs: '', rows: (say) => frameRows(say) },
  { name: 'speed', needs: '', rows: (say) => speedRows(say) },
  { name: 'rewind', needs: '', rows: (say) => rewindRows(say) },
  { name: 'keypads', needs: '', rows: (say) => keypadRows(say) },
  { name: 'year', needs: '', rows: (say, _, days) => [yearRow(days, say)] },
  { name: 'commit', needs: 'ESPRUINO', rows: (say, binary) => interpreterRows(binary, say) },
  { name: 'device', needs: 'ESPRUINO_ESP32', rows: (say, binary) => deviceRows(binary, say) },
  { name: 'passes', needs: 'ESPRUINO_ESP32', rows: (say, binary) => passRows(binary, say) },
  { name: 'growth', needs: 'ESPRUINO_ESP32', rows: (say, binary) => growthRows(binary, say) },
  { name: 'reaction', needs: 'ESPRUINO_ESP32', rows: (say, binary) => reactionRows(binary, say) },
]

async function main(): Promise<void> {
  const program = new Command('npm run bench --')
    .description(
      'Prints a table of sizes, counts and ratios. Set ESPRUINO, ESPRUINO_ESP32 for the rows of the interpreter.',
    )
    .option('--json', 'prints an array of {name, value, unit, goal, better}')
    .option('--days <number>', 'days of the busy year that are played', readDays, 14)
    .option(
      '--only <groups>',
      `these rows alone, with commas between: ${GROUPS.map(({ name }) => name).join(', ')}`,
      readGroups,
    )
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { json, days, only = GROUPS } = program.opts<{ json?: boolean; days: number; only?: Group[] }>()
  const isJson = json === true
  const say = (text: string) => {
    if (!isJson) console.error(colors.dim(text))
  }
  const rows: Row[] = []
  for (const group of only) {
    const binary = binaryFor(group)
    if (binary === undefined) {
      say(`${group.needs} is not set: the rows of '${group.name}' are left out`)
      continue
    }
    const found = await group.rows(say, binary, days)
    rows.push(...found)
    if (!isJson) for (const row of found) console.log(line(row))
  }
  if (isJson) console.log(JSON.stringify(rows, null, 2))
}

/** Memory and instructions are judged on the board's memory where there is such a build. Undefined: it is missing. */
function binaryFor({ needs }: Group): string | undefined {
  const { ESPRUINO, ESPRUINO_ESP32 } = process.env
  if (needs === '') return ''
  return ESPRUINO_ESP32 || (needs === 'ESPRUINO' && ESPRUINO) || undefined
}

function readGroups(text: string): Group[] {
  return text.split(',').map((word) => {
    const group = GROUPS.find(({ name }) => name === word.trim())
    if (group === undefined) throw new InvalidArgumentError(`'${word}' is none of them.`)
    return group
  })
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
