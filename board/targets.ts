/**
 * What is built for the interpreter: the firmware, and the bench that stands in for its hardware.
 *
 * The firmware's own property names are shortened: a name up to four characters long costs no variable of its own
 * (espruino.md §6.1). Names that somebody else speaks (the boundary, the settings, the interpreter) stay.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, traverse, types } from '@babel/core'
import { type BoardMap, bootBoard, find, hasPulses, wiring } from './boards/index'
import { checkPins } from './pin-check'
import { type Bundle, BundleError, bundle } from './pipeline'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Files whose member names are spoken by others than the firmware. */
const SPOKEN = ['board/espruino-core.d.ts', 'firmware/hal.ts', 'firmware/config.ts']
const ENTRY = 'firmware/app.ts'
const BENCH = 'hal-mock'
/** Of the bench: natives, the firmware as it is called, and a story with its outcome. */
const SPOKEN_IN_BENCH = [
  ...SPOKEN,
  'board/espruino.d.ts',
  'board/natives.ts',
  'hal-mock/simulator.ts',
  'hal-mock/scenario.ts',
]
/** A bundle of its own (buildWorld), which speaks with the bench. */
const WORLD = ['premises', 'dhcp-server', 'dns-server', 'ntp-server'].map((name) => `${BENCH}/${name}.ts`)
/** What getters become with. */
const DESCRIPTOR = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable']

/** Of the board's layer: the interpreter's natives with their options, and the records that boot hands to main. */
const SPOKEN_ON_BOARD = [
  ...SPOKEN,
  'board/espruino.d.ts',
  'board/natives.ts',
  'board/boot.ts',
  'board/entropy.ts',
  'firmware/store/counters.ts',
  'firmware/store/settings.ts',
]
/** What the board's layer may use beyond the core library: the members of these, and the way to the rest. */
const NATIVES = ['board/espruino.d.ts', 'Espruino']
/** What the bundle leaves in the global scope for a look from outside. No module may have a variable of that name. */
const GLOBAL_NAME = 'PANEL'
/**
 * Most bytes of a bundle for a board. Text in flash costs no memory, and functions that several parts need stand in each of
 * them (parts.ts); Storage has 896 KiB.
 */
export const LIMIT_BYTES = 196608
/** Most variables that a panel takes at rest, of 14 bytes each: with what events need made as well it may take 6000. */
export const LIMIT_JSVARS = 3600

/** dist/firmware.js: what a panel is given. It knows no natives; the board's layer hands them in. */
export function buildFirmware(): Promise<Bundle> {
  const reserved = [...SPOKEN.flatMap((file) => memberNames(file)), ...exportNames(ENTRY)]
  return bundle(join(ROOT, ENTRY), { globalName: 'firmware', isFlat: true, mangleProperties: { reserved } })
}

/**
 * dist/bench.js: the modelled hardware, and scenarios, so that the firmware can run in an interpreter without any. Its own
 * property names are shortened too: it must leave room for a panel in the board's geometry.
 */
export function buildBench(): Promise<Bundle> {
  return benchBundle('hal-mock/interpreter.ts', 'a', [], [])
}

/** Models that few panels have, with what a script says of a panel that has one. Left out where none does. */
const RARE: [model: string, words: RegExp][] = [
  ['ads1115', /converter/i],
  ['loop', /loop/i],
  ['wiegand', /wiegand/i],
  ['pcf8574', /pcf8574|config\.keypad=0x2/i],
  ['tca8418', /tca8418|config\.keypad=0x34/i],
]

/**
 * The bench without scenarios, for the interpreter lane's own stories. families: letters of the modems in it
 * (hardware.md §2). scripts: what is run with it; property names in there are not shortened, nor those that the world uses.
 */
export function buildStoryBench(families: string, scripts: string): Promise<Bundle> {
  const texts = [scripts, ...WORLD.map((file) => readFileSync(join(ROOT, file), 'utf8'))]
  return benchBundle(
    'hal-mock/interpreter-bench.ts',
    families,
    texts.flatMap((text) => text.match(/\w+/g) ?? []),
    rareModels(scripts),
  )
}

/** Of the models that few panels have, those that a script speaks of. */
export function rareModels(script: string): string[] {
  return RARE.filter(([, words]) => words.test(script)).map(([model]) => model)
}

/** With modems of all families, too few variables are left side by side for the natives' work (docs/espruino-model.md). */
function benchBundle(entry: string, families: string, spoken: string[], rare: string[]): Promise<Bundle> {
  const absent = RARE.map(([model]) => model).filter((model) => !rare.includes(model))
  const files = readdirSync(join(ROOT, BENCH)).filter((file) => file.endsWith('.ts'))
  // What a record is looked up by, as a text, keeps its name.
  const texts = files.flatMap((file) => textsIn(join(BENCH, file)))
  const members = SPOKEN_IN_BENCH.flatMap((file) => memberNames(file))
  return bundle(join(ROOT, entry), {
    globalName: 'bench',
    mangleProperties: { reserved: [...members, ...texts, ...DESCRIPTOR, ...exportNames(entry), ...spoken] },
    natives: ['global', 'E', 'print'],
    leftOut: new RegExp(`/(modem-[^${families}]|${[...absent, 'nothing'].join('|')})\\.ts$`),
  })
}

/** Router, name server and time server for the bench, by themselves. */
export function buildWorld(): Promise<Bundle> {
  return bundle(join(ROOT, 'hal-mock/premises.ts'), { globalName: 'surroundings', natives: ['global'] })
}

/** Where a bundle runs other than on the chip: the Linux build has its flash elsewhere, and another name. */
export interface BoardOptions {
  flashBase?: number
  image?: string
  /** False: one scope around everything. For the measurement in docs/boards.md. */
  isFlat?: boolean
  /**
   * True: boot's functions keep their names, and PANEL has the firmware's own functions and the natives too, so that the
   * interpreter lane can run its stories with this very bundle: where there is a global `bench`, it does not start by itself.
   */
  isReadable?: boolean
}

/**
 * dist/panel-NAME.js: everything that a board of that name runs, and it starts by itself. It leaves PANEL.mode,
 * boot's mode, in the global scope. Fails: with a BundleError, in a sentence, when the map has a problem, or is not there.
 */
export async function buildBoard(mapName: string, options: BoardOptions = {}): Promise<Bundle> {
  const map = soundMap(mapName)
  const folder = mkdtempSync(join(tmpdir(), 'panel-board-'))
  try {
    const entry = join(folder, `${map.name}.ts`)
    writeFileSync(entry, entryText(map, options))
    const { isReadable } = options
    const spoken = [...SPOKEN_ON_BOARD.flatMap((file) => memberNames(file)), 'mode', 'start']
    const mangleProperties = { reserved: isReadable ? [...spoken, ...exportNames(ENTRY), 'natives'] : spoken }
    const boot = await bundle(join(ROOT, 'board/boot.ts'), { globalName: 'BOOT', isReadable, mangleProperties })
    const main = await bundle(entry, {
      globalName: GLOBAL_NAME,
      isFlat: options.isFlat ?? true,
      natives: ['BOOT', ...nativeNames()],
      mangleProperties,
    })
    return joined(map, boot, main, isReadable ? Infinity : LIMIT_BYTES)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Boot stands in a scope of its own in front, so that main gives all of it back when it is done (espruino.md §6.2). */
function joined(map: BoardMap, boot: Bundle, main: Bundle, limitBytes: number): Bundle {
  const code = boot.code + main.code
  if (code.length > limitBytes) {
    throw new BundleError(`panel-${map.name} has ${code.length} bytes, ${code.length - limitBytes} more than it may`)
  }
  // The entry is the build's own and no module that anybody could make smaller.
  const modules = [...boot.modules, ...main.modules].filter((module) => !module.path.endsWith(`/${map.name}.ts`))
  modules.sort((left, right) => right.bytes - left.bytes)
  return { code, bytes: code.length, modules, parts: main.parts, sources: main.sources }
}

function soundMap(name: string): BoardMap {
  let map: BoardMap
  try {
    map = find(name)
  } catch (reason) {
    throw new BundleError((reason as Error).message)
  }
  const problem = checkPins(map).join('; ')
  if (problem !== '') throw new BundleError(problem)
  return map
}

/** main with the board's pins as constants: nothing else of the map goes onto the device. */
function entryText(map: BoardMap, options: BoardOptions): string {
  const wanted = bootBoard(map)
  if (options.image !== undefined) wanted.image = options.image
  const base = options.flashBase === undefined ? 'FLASH_BASE' : String(options.flashBase)
  const buses = hasPulses(map) ? `{ ...${JSON.stringify(wiring(map))}, pulses }` : JSON.stringify(wiring(map))
  // Put in its place, as it is called once, all that it calls would stay for good: parts are functions.
  const call = `/*@__NOINLINE__*/ start(${buses}, ${JSON.stringify(wanted)}, ${base})`
  const lines = [
    ...(hasPulses(map) ? [`import { pulses } from ${JSON.stringify(join(ROOT, 'board/wiegand'))}`] : []),
    `import { FLASH_BASE } from ${JSON.stringify(join(ROOT, 'board/hal'))}`,
    `import { start } from ${JSON.stringify(join(ROOT, 'board/main'))}`,
    `export const mode = ${options.isReadable ? `global.bench === undefined ? ${call} : -1` : call}`,
  ]
  if (options.isReadable) {
    lines.push(`export { ${exportNames(ENTRY).join(', ')} } from ${JSON.stringify(join(ROOT, ENTRY))}`)
    lines.push(`export { natives } from ${JSON.stringify(join(ROOT, 'board/natives'))}`)
  }
  return `${lines.join('\n')}\n`
}

function nativeNames(): string[] {
  const [file, owner] = NATIVES
  const names = ['global']
  traverse(parse(file), {
    TSInterfaceDeclaration(path) {
      if (path.node.id.name !== owner) return
      for (const member of path.node.body.body) {
        const key = (member as types.TSPropertySignature | types.TSMethodSignature).key
        if (types.isIdentifier(key)) names.push(key.name)
      }
    },
  })
  return names
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

/** All texts in a file: any could be a name. */
function textsIn(file: string): string[] {
  const texts: string[] = []
  traverse(parse(file), {
    StringLiteral(path) {
      texts.push(path.node.value)
    },
  })
  return texts
}

/** Names of the functions that a file exports, its own and those it passes on. */
function exportNames(file: string): string[] {
  const names: string[] = []
  traverse(parse(file), {
    ExportNamedDeclaration(path) {
      const made = path.node.declaration
      if (types.isFunctionDeclaration(made) && made.id) names.push(made.id.name)
      if (path.node.exportKind === 'type') return
      for (const passed of path.node.specifiers) {
        if (types.isIdentifier(passed.exported)) names.push(passed.exported.name)
      }
    },
  })
  return names
}
