/** The terminals of an installation as a table, for whoever holds the screwdriver. */

import { chipInput } from '../config/input-names'
import { FIRST_EXPANDER } from '../config/schema'
import type { LoopFigure, Sheet } from './sheet'
import { resistorMark } from './sheet'

type Palette = Map<number, [name: string, value: string]>

/** Markdown, which reads as plain text too. */
export function tableOf(sheet: Sheet, palette: Palette): string {
  const rows: string[][] = [['part', 'terminal', 'goes to', 'wire', 'between']]
  for (const { title, terminals } of sheet.boxes) {
    terminals.forEach(({ label, net, via }, at) => {
      const isPin = typeof net === 'number'
      const wire = isPin ? (palette.get(net)?.[0] ?? '') : wireOf(String(net))
      rows.push([at === 0 ? title : '', label, isPin ? placeOf(net) : net, wire, via ?? ''])
    })
  }
  const zones = sheet.boxes.flatMap(({ title, notes }) =>
    /^(MCP23017|ADS1115)/.test(title) ? [`- ${title}: ${notes.join(', ')}`] : [],
  )
  const parts = [`# ${sheet.title}`, aligned(rows)]
  if (zones.length > 0) parts.push(`## Inputs and outputs of the chips\n\n${zones.join('\n')}`)
  parts.push(`## Loops\n\n${sheet.loops.map((loop) => `- ${loopLine(loop)}`).join('\n')}`)
  return `${parts.join('\n\n')}\n`
}

/** A GPIO, or an output of a chip. */
function placeOf(pin: number): string {
  if (pin < FIRST_EXPANDER) return `GPIO${pin}`
  const { part, address, input } = chipInput(pin)
  return `${part} ${address} ${input}`
}

function wireOf(supply: string): string {
  return supply === 'GND' ? 'black' : 'red, marked'
}

function loopLine({ style, zones, pullUpOhms, eolOhms, alarmOhms, faultOhms }: LoopFigure): string {
  const parts = [
    `${zones.length === 1 ? 'zone' : 'zones'} ${zones.join(', ')}: ${style}, ${resistorMark(pullUpOhms)} to 3V3`,
  ]
  if (eolOhms !== undefined) parts.push(`${resistorMark(eolOhms)} at the end of the line`)
  if (alarmOhms !== undefined) parts.push(`${resistorMark(alarmOhms)} across the alarm contact`)
  if (faultOhms !== undefined) parts.push(`${resistorMark(faultOhms)} across the fault contact`)
  return parts.join(', ')
}

function aligned(rows: string[][]): string {
  const widths = rows[0].map((_cell, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')
}
