/** `npm run wiring -- FILE`: the wiring of a panel's file as a picture for the cabinet door, and a terminal table. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'jsonc-parser'
import { BOARDS } from '../boards/index'
import { commandFor, exitCodeOf, fromCaller, type Output, runIfProgram } from '../command'
import { judgeText } from '../config/check'
import { wired } from '../config/compile'
import { openFile } from '../config/file'
import { panelSchema } from '../config/schema'
import { colours, draw } from './draw'
import { headerOf } from './headers'
import { toPng } from './png'
import { sheetOf } from './sheet'
import { tableOf } from './table'

const WHAT = "Draws the wiring of a panel's file: board, parts, resistors, supplies, and a table of all terminals."
const HELP = `
Writes wiring.svg (A4 across; every browser shows and prints it), wiring-2.svg where a page is too small for loops, circuits and
supplies as well, and terminals.md beside the file, or into --out.
The file has to pass npm run check first.

Exit code: 0 written, 1 the file has problems, 2 the command has.`

/** Runs with these arguments; returns the exit code. */
export function main(words: string[], output: Output): number {
  const { say, complain } = output
  const program = commandFor('wiring', WHAT, HELP, output)
    .argument('<file>', "the panel's settings (JSON, comments allowed)")
    .option('--board <name>', `in place of the file's own: ${BOARDS.map((map) => map.name).join(', ')}`)
    .option('--out <folder>', 'where the files go, instead of beside the panel')
    .option('--png', 'wiring.png too, and wiring-2.png, 300 dots an inch')
  try {
    program.parse(words, { from: 'user' })
    const options = program.opts<{ board?: string; out?: string; png?: boolean }>()
    const { name, text, map } = openFile(program.args[0], options.board)
    const { problems, config } = judgeText(text, map)
    if (config === undefined) {
      complain(`${name} has problems, so nothing is drawn:\n${problems.map((line) => `  ${line}\n`).join('')}`)
      return 1
    }
    const panel = wired(panelSchema.parse(parse(text, [], { allowTrailingComma: true })), map)
    const header = headerOf(map)
    const sheet = sheetOf(panel, map, `Wiring of ${basename(name)} on ${map.name}`)
    const folder = fromCaller(options.out ?? join(name, '..'))
    const pictures = draw(sheet, header)
    const files: [string, string | Uint8Array][] = [['terminals.md', tableOf(sheet, colours(sheet, header))]]
    pictures.forEach((picture, at) => {
      const page = at === 0 ? 'wiring' : `wiring-${at + 1}`
      files.push([`${page}.svg`, picture])
      if (options.png) files.push([`${page}.png`, toPng(picture)])
    })
    mkdirSync(folder, { recursive: true })
    for (const [file, contents] of files) {
      writeFileSync(join(folder, file), contents)
      say(`${join(folder, file)}\n`)
    }
    return 0
  } catch (reason) {
    return exitCodeOf(reason, output)
  }
}

await runIfProgram(import.meta.url, main)
