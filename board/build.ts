/**
 * `npm run build`: the two texts that the interpreter executes. dist/firmware.js is what a panel is given;
 * dist/bench.js models the panel's hardware, so that the firmware can run in an interpreter without any.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Command } from 'commander'
import colors from 'picocolors'
import type { Bundle, ModuleSize } from './pipeline'
import { buildBench, buildFirmware } from './targets'

const LISTED_MODULE_COUNT = 10

async function main(): Promise<void> {
  const program = new Command('npm run build --')
    .description('Builds dist/firmware.js and dist/bench.js for the Espruino interpreter.')
    .option('--out <folder>', 'where to write them', 'dist')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  const { out } = program.opts<{ out: string }>()
  mkdirSync(out, { recursive: true })
  const modules: ModuleSize[] = []
  for (const [name, build] of Object.entries({ firmware: buildFirmware, bench: buildBench })) {
    const built = await build()
    const path = join(out, `${name}.js`)
    writeFileSync(path, built.code)
    console.log(row(built.bytes, relative(process.cwd(), path) || path))
    modules.push(...ofBundle(name, built))
  }
  console.log(colors.dim('\nlargest modules, before they are made small'))
  modules.sort((left, right) => right.bytes - left.bytes)
  for (const module of modules.slice(0, LISTED_MODULE_COUNT)) console.log(row(module.bytes, module.path))
}

/** Both bundles may hold the same module, so each says whose it is. */
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
