/** `npm run check -- FILE`: everything that is wrong with a panel's file, and what an installer should know of it. */

import { parse } from 'jsonc-parser'
import type { Config } from '../../firmware/config'
import { TEXT_LIMIT_BYTES } from '../../firmware/store/settings'
import { BOARDS } from '../boards/index'
import { commandFor, exitCodeOf, type Output, runIfProgram } from '../command'
import { adviceFor } from './advice'
import { configText, judgeText } from './check'
import { wired } from './compile'
import { openFile, type PanelFile } from './file'
import { panelSchema } from './schema'

const HELP = `
Checks every field, what several fields make together (timings by profile, receivers, users, partitions), and each pin on the
board: input-only, strapping and flash pins, the ADC, levels at power-up, and who else has the pin. Nothing is written.
docs/settings.md has every field.

Exit code: 0 sound, 1 something is wrong, 2 the command is.`

/** Runs with these arguments; returns the exit code. */
export function main(words: string[], output: Output): number {
  const program = commandFor('check', "Checks a panel's file before anything is wired or flashed.", HELP, output)
    .argument('<file>', "the panel's settings (JSON, comments allowed)")
    .option('--board <name>', `in place of the file's own: ${names()}`)
    .option('--json', 'prints {file, board, problems, notes}')
  try {
    program.parse(words, { from: 'user' })
    const options = program.opts<{ board?: string; json?: boolean }>()
    return tell(openFile(program.args[0], options.board), options.json === true, output.say)
  } catch (reason) {
    return exitCodeOf(reason, output)
  }
}

function names(): string {
  return BOARDS.map((map) => map.name).join(', ')
}

function tell(file: PanelFile, isJson: boolean, say: (text: string) => void): number {
  const { name, text, map } = file
  const { problems, config } = judgeText(text, map)
  const notes = config === undefined ? [] : notesOf(file)
  if (isJson) {
    say(`${JSON.stringify({ file: name, board: map.name, problems, notes }, undefined, 2)}\n`)
  } else if (config === undefined) {
    say(`${name} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} (board ${map.name}):\n`)
    for (const problem of problems) say(`  ${problem}\n`)
  } else {
    say(`${name} is sound for ${map.name}: ${summary(config)}.\n`)
    for (const note of notes) say(`  note: ${note}\n`)
  }
  return config === undefined ? 1 : 0
}

function notesOf({ text, map, isAssumed }: PanelFile): string[] {
  const panel = wired(panelSchema.parse(parse(text, [], { allowTrailingComma: true })), map)
  const assumed = `the file names no board: checked for ${map.name}; put "board" into it, or use --board`
  return [...(isAssumed ? [assumed] : []), ...adviceFor(panel, map)]
}

function summary(config: Config): string {
  const { zones, receivers, partitions } = config
  const room = `${configText(config).length} of ${TEXT_LIMIT_BYTES} bytes for settings`
  const parts = partitions.split('\n').length
  return `${count(zones.count, 'zone')}, ${count(parts, 'partition')}, ${count(receivers.length, 'receiver')}, ${room}`
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`
}

await runIfProgram(import.meta.url, main)
