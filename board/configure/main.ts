/** `npm run configure`: asks a newcomer, in order, and writes a panel's file that passes the check. */

import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandFor, exitCodeOf, fromCaller, type Output, runIfProgram } from '../command'
import type { PanelInput } from '../config/schema'
import { type Ask, terminal } from './ask'
import { configure } from './flow'

const SCHEMA = fileURLToPath(new URL('../../docs/schema/panel.schema.json', import.meta.url))

const HELP = `
It asks for the board, the keypad, the zones, both paths, the station and who has a code. Codes are not asked for here: they
stand in no file. ./flash.sh asks for them, twice and hidden, and sends only keyed hashes to the board.
Nothing is written before the last answer; the file can be changed by hand afterwards (docs/settings.md).`

/** Runs with these arguments; returns the exit code: 1 when nothing was written. */
export async function main(words: string[], output: Output, ask?: Ask): Promise<number> {
  const { say, complain } = output
  const what = "Asks for everything that a panel's file needs, and writes it."
  const program = commandFor('configure', what, HELP, output)
    .argument('[file]', 'where it goes', 'panel.json')
    .option('--force', 'write over a file that exists')
  try {
    program.parse(words, { from: 'user' })
    const name = program.args[0] ?? 'panel.json'
    const path = fromCaller(name)
    if (existsSync(path) && program.opts<{ force?: boolean }>().force !== true) {
      complain(`${name} is there already: give another name, or --force to write over it\n`)
      return 1
    }
    if (ask === undefined && process.stdin.isTTY !== true) {
      complain(
        'This asks questions, and there is no terminal: copy docs/demo-panel.json and change it by hand instead.\n',
      )
      return 1
    }
    const panel = await configure(ask ?? terminal(), newMac())
    writeFileSync(path, fileText(panel, relative(dirname(path), SCHEMA)))
    say(`\n${name} is written. Next:\n`)
    for (const line of next(name)) say(`  ${line}\n`)
    return 0
  } catch (reason) {
    if ((reason as Error).name !== 'ExitPromptError') return exitCodeOf(reason, output)
    complain('\nNothing was written.\n')
    return 1
  }
}

/** A W5500 has no address of its own: a local one, for this panel alone. */
export function newMac(): string {
  const bytes = [0x02, ...randomBytes(5)]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function fileText(panel: PanelInput, schema: string): string {
  return `${JSON.stringify({ $schema: schema, ...panel }, undefined, 2)}\n`
}

function next(name: string): string[] {
  return [
    `npm run check -- ${name}      what to know of it`,
    `npm run wiring -- ${name}     a picture of its wiring`,
    `./flash.sh --config ${name} --image PATH   puts it onto the board, and asks for the codes`,
  ]
}

await runIfProgram(import.meta.url, (words, output) => main(words, output))
