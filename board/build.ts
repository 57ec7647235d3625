/**
 * `npm run build`: the texts that the interpreter executes. dist/firmware.js is the panel without a board, dist/bench.js
 * models the panel's hardware, so that the firmware can run in an interpreter without any, and dist/panel-BOARD.js
 * (`--board BOARD`, `--all`) is what a board is given.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Command } from 'commander'
import colors from 'picocolors'
import { BOARDS } from './boards/index'
import type { Bundle, ModuleSize } from './pipeline'
import { buildBench, buildBoard, buildFirmware } from './targets'

const LISTED_MODULE_COUNT = 10

async function main(): Promise<void> {
  const program = new Command('npm run build --')
    .description('Builds dist/firmware.js, dist/bench.js and dist/panel-BOARD.js for the Espruino interpreter.')
    .option('--board <name>', 'only the bundle of this board (docs/boards.md)')
    .option('--all', 'firmware, bench and all boards; the same as without an option')
    .option('--out <folder>', 'where to write them', 'dist')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { out, board } = program.opts<{ out: string; board?: string }>()
  mkdirSync(out, { recursive: true })
  const modules: ModuleSize[] = []
  const parts: string[] = []
  for (const [name, build] of targets(board)) {
    const built = await build()
    const path = join(out, `${name}.js`)
    writeFileSync(path, built.code)
    console.log(row(built.bytes, relative(process.cwd(), path) || path))
    modules.push(...ofBundle(name, built))
    for (const part of built.parts) {
      parts.push(`${row(part.bytes, `${part.name}, ${part.functionCount} functions (${name})`)}`)
    }
  }
  console.log(colors.dim('\nparts that are made when they are needed (board/parts.ts)'))
  for (const part of parts) console.log(part)
  console.log(colors.dim('\nlargest modules, before they are made small'))
  modules.sort((left, right) => right.bytes - left.bytes)
  for (const module of modules.slice(0, LISTED_MODULE_COUNT)) console.log(row(module.bytes, module.path))
}

function targets(board: string | undefined): [name: string, build: () => Promise<Bundle>][] {
  const boards = board === undefined ? BOARDS.map((map) => map.name) : [board]
  const panels = boards.map((name): [string, () => Promise<Bundle>] => [`panel-${name}`, () => buildBoard(name)])
  return board === undefined ? [['firmware', buildFirmware], ['bench', buildBench], ...panels] : panels
}

/** Several bundles may hold the same module, so each says whose it is. */
function ofBundle(name: string, built: Bundle): ModuleSize[] {
  return built.modules.map((module) => ({ path: `${module.path} (${name})`, bytes: module.bytes }))
}

function row(bytes: number, name: string): string {
  return `${String(bytes).padStart(8)} bytes  ${name}`
}

main().catch((reason: unknown) => {
  console.error(colors.red(reason instanceof Error ? reason.message : String(reason)))
  process.exitCode = 1
})
