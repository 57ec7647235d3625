/**
 * What is built for the interpreter: the firmware, and the bench that stands in for its hardware.
 *
 * The firmware's own property names are shortened: a name up to four characters long costs no variable of its own
 * (espruino.md §6.1). Names that somebody else speaks (the boundary, the settings, the interpreter) stay.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, traverse, types } from '@babel/core'
import { type Bundle, bundle } from './pipeline'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Files whose member names are spoken by others than the firmware. */
const SPOKEN = ['board/espruino-core.d.ts', 'firmware/hal.ts', 'firmware/config.ts']
const ENTRY = 'firmware/app.ts'

/** dist/firmware.js: what a panel is given. It knows no natives; the board's layer hands them in. */
export function buildFirmware(): Promise<Bundle> {
  const reserved = [...SPOKEN.flatMap((file) => memberNames(file)), ...exportNames(ENTRY)]
  return bundle(join(ROOT, ENTRY), { globalName: 'firmware', isFlat: true, mangleProperties: { reserved } })
}

/** dist/bench.js: the modelled hardware, so that the firmware can run in an interpreter without any. */
export function buildBench(): Promise<Bundle> {
  return bundle(join(ROOT, 'hal-mock/interpreter.ts'), { globalName: 'bench', natives: ['global', 'E', 'print'] })
}

function parse(file: string): types.File {
  const parserOpts = { plugins: ['typescript' as const] }
  const tree = parseSync(readFileSync(join(ROOT, file), 'utf8'), { parserOpts, configFile: false, babelrc: false })
  return tree as types.File
}

/** Names of all members of interfaces and type literals in a file. */
function memberNames(file: string): string[] {
  const names: string[] = []
  traverse(parse(file), {
    'TSPropertySignature|TSMethodSignature'(path) {
      const key = (path.node as types.TSPropertySignature | types.TSMethodSignature).key
      if (types.isIdentifier(key)) names.push(key.name)
    },
  })
  return names
}

/** Names of the functions that a file exports. */
function exportNames(file: string): string[] {
  const names: string[] = []
  traverse(parse(file), {
    ExportNamedDeclaration(path) {
      const made = path.node.declaration
      if (types.isFunctionDeclaration(made) && made.id) names.push(made.id.name)
    },
  })
  return names
}
