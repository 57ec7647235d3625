/**
 * Puts program and settings onto a board through its console, so that a cut at any moment leaves a panel that arms
 * nothing: the program's first bytes are written last (until then the file begins with erased bytes, which are a syntax
 * error before anything runs), and the settings' commit mark is the last write of all.
 */

import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import type { Console } from './console'
import { FlashError, find } from './failures'
import { isRecent, OLDEST_VERSION } from './image'

/** Where things are on the board; the Linux build of the interpreter has its flash elsewhere. */
export interface Target {
  /** process.env.BOARD. */
  image: string
  /** Start of the raw region of 64 KiB. */
  flashBase: number
}

export const ESP32: Target = { image: 'ESP32', flashBase: 0x310000 }

const PROGRAM = '.bootcde'
/** Stands before the program: something has to be at offset 0 when the file is made, and flash writes are in words. */
const PREFIX = '\n\n\n\n'
/** Base64 makes 512 characters of it, so that a line fits the driver's ring. A multiple of 4 and of 3. */
export const CHUNK_BYTES = 384
/** 224 sectors of up to 100 ms (espruino.md §3.8). */
const ERASE_LIMIT_MS = 60_000
/** A page erase and some writes; the whole program read by CRC. */
const SLOW_LIMIT_MS = 15_000
/** For a piece that arrived with a wrong CRC. */
const PIECE_TRIES = 3
/** Restart of chip and interpreter, a check of Storage included. */
const RESTART_MS = 3_000
const RESTART_TRIES = 6
/** What board/main.ts prints when boot found everything right and its first pass came to its end. */
export const RUNS = 'Panel runs.'
/** Restart, boot's checks and the first pass take a few seconds; a crash loop goes round several times. */
export const START_LIMIT_MS = 30_000

/** The text that is stored for a bundle. Settings name its length and CRC. */
export function programOf(bundleCode: string): string {
  return PREFIX + bundleCode
}

/** As E.CRC32, unsigned. */
export function checksum(text: string | Uint8Array): number {
  return crc32(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
}

/** Refuses another image than the panel is made for. Throws FlashError. */
export async function checkImage(board: Console, target: Target): Promise<string> {
  const name = await board.ask('process.env.BOARD')
  const version = String(await board.ask('process.env.VERSION'))
  const modules = String(await board.ask('process.env.MODULES')).split(',')
  if (name !== target.image)
    throw new FlashError(`this image is for ${name}; the panel needs the one for ${target.image}`)
  if (!isRecent(version))
    throw new FlashError(`Espruino ${version} is too old: use ${OLDEST_VERSION} or newer with --image`)
  for (const needed of ['crypto', 'Flash', 'Storage']) {
    if (!modules.includes(needed)) throw new FlashError(`this image has no module ${needed}: use the official build`)
  }
  return version
}

/** Switches Bluetooth and Wi-Fi off for good. Each time the board deletes its program and restarts (espruino.md §3.2). */
export async function closeRadios(board: Console): Promise<void> {
  for (const [state, call] of [
    ['BLE', 'enableBLE'],
    ['Wifi', 'enableWifi'],
  ]) {
    if ((await board.ask(`typeof ESP32=="object"&&!!ESP32.getState().${state}`)) !== true) continue
    await board.tell(`ESP32.${call}(false)`)
    await board.listen(RESTART_MS)
    await board.attach(RESTART_TRIES)
  }
}

/** Writes the program into an erased Storage, and compares length and CRC. Throws FlashError. */
export async function writeProgram(board: Console, program: string, onChunk: (done: number) => void): Promise<void> {
  // Drops whatever runs out of the Storage that is about to go.
  await board.tell('reset()')
  await board.listen(500)
  await board.attach()
  await board.ask('(require("Storage").eraseAll(),1)', ERASE_LIMIT_MS)
  await board.ask(`require("Storage").write("${PROGRAM}","${escaped(PREFIX)}",0,${program.length})`)
  const offsets: number[] = []
  for (let at = PREFIX.length; at < program.length; at += CHUNK_BYTES) offsets.push(at)
  for (const at of offsets.reverse()) {
    const piece = program.slice(at, at + CHUNK_BYTES)
    await store(board, piece, `require("Storage").write("${PROGRAM}",d,${at})`)
    onChunk(piece.length)
  }
  const problem = await programProblem(board, program)
  if (problem !== '') throw new FlashError(problem)
}

/** '' when the board has exactly this program. */
export async function programProblem(board: Console, program: string): Promise<string> {
  const length = await board.ask(`(require("Storage").read("${PROGRAM}")||"").length`)
  if (length !== program.length) return `the program on the board has ${length} bytes instead of ${program.length}`
  const crc = await board.ask(`E.CRC32(require("Storage").read("${PROGRAM}"))`, SLOW_LIMIT_MS)
  return crc === checksum(program) ? '' : 'the program on the board is another one: its CRC differs'
}

/** Puts contents (firmware/store/settings.ts) into force and reads them back on the board. Throws FlashError. */
export async function writeSettings(board: Console, target: Target, contents: Uint8Array): Promise<void> {
  await loadHelper(board)
  const text = Buffer.from(contents).toString('latin1')
  await board.ask(`(global.c=new Uint8Array(${text.length}),1)`)
  for (let at = 0; at < text.length; at += CHUNK_BYTES) {
    await store(board, text.slice(at, at + CHUNK_BYTES), `(c.set(E.toUint8Array(d),${at}),true)`)
  }
  const crc = await board.ask('E.CRC32(c)')
  if (crc !== checksum(contents)) throw new FlashError('the settings did not arrive whole: try again')
  const isSaved = await board.ask(`provision.save(${target.flashBase},c)`, SLOW_LIMIT_MS)
  const found = await stateOf(board, target)
  await board.ask('(c.fill(0),delete global.c,1)')
  if (isSaved !== true || found.length === 0 || found[0] !== crc) {
    throw new FlashError('the flash does not take the settings: replace the module')
  }
}

/** Keeps the settings, and makes them expect this program. Throws FlashError. */
export async function renewSettings(board: Console, target: Target, program: string): Promise<void> {
  await loadHelper(board)
  const crc = checksum(program) | 0
  const isSaved = await board.ask(`provision.renew(${target.flashBase},${program.length},${crc})`, SLOW_LIMIT_MS)
  const found = await stateOf(board, target)
  if (isSaved !== true || found[1] !== program.length || found[2] !== crc) {
    throw new FlashError('the board has no sound settings to keep: run flash.sh without --app-only')
  }
}

/** '' when settings are in force that expect this program. */
export async function settingsProblem(board: Console, target: Target, program: string): Promise<string> {
  await loadHelper(board)
  const found = await stateOf(board, target)
  if (found.length === 0) return 'the board has no sound settings'
  const isSame = found[1] === program.length && found[2] === (checksum(program) | 0)
  return isSame ? '' : 'the settings on the board belong to another program'
}

/**
 * Restarts the board, and waits until the panel itself says that it runs. Throws FlashError with the sentence of its safe
 * state, or with what the boot log tells, or that nothing came.
 */
export async function restart(board: Console, limitMs: number): Promise<void> {
  const isTold = (lines: string[]) => lines.includes(RUNS) || lines.some((line) => find(line)?.name === 'refused')
  const lines = await board.hear('E.reboot()', isTold, limitMs)
  if (lines.includes(RUNS)) return
  const line = lines.find((said) => find(said)?.name === 'refused') ?? lines.find((said) => find(said) !== undefined)
  throw new FlashError(line ?? `the panel did not say that it runs${board.lastWords()}`)
}

async function stateOf(board: Console, target: Target): Promise<number[]> {
  return (await board.ask(`provision.state(${target.flashBase})`, SLOW_LIMIT_MS)) as number[]
}

/** on-device.ts, into RAM. */
async function loadHelper(board: Console): Promise<void> {
  if ((await board.ask('typeof provision=="object"')) === true) return
  const code = await helper()
  const pieceCount = Math.ceil(code.length / CHUNK_BYTES)
  await board.ask('(global.h=[],1)')
  for (let index = 0; index < pieceCount; index++) {
    await store(board, code.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES), `(h[${index}]=d,true)`)
  }
  await board.ask('(h=h.join(""),eval(h),delete global.h,1)', SLOW_LIMIT_MS)
}

let helperCode = ''

/** on-device.ts as the interpreter takes it; built once. */
export async function helper(): Promise<string> {
  if (helperCode !== '') return helperCode
  // The compilers take a while to load, and a dry run does without.
  const { bundle } = await import('../pipeline')
  const entry = fileURLToPath(new URL('on-device.ts', import.meta.url))
  helperCode = (await bundle(entry, { globalName: 'provision', natives: ['global', 'E'] })).code
  return helperCode
}

/** Executes `action` with the piece as d, once it arrived whole. Safe to repeat: the same bytes at the same place. */
async function store(board: Console, piece: string, action: string): Promise<void> {
  const coded = Buffer.from(piece, 'latin1').toString('base64')
  const line = `(function(d){return E.CRC32(d)==${checksum(piece)}&&${action}})(atob("${coded}"))`
  for (let attempt = 0; attempt < PIECE_TRIES; attempt++) if ((await board.ask(line)) === true) return
  throw new FlashError('Corrupt data: a piece of the upload arrived damaged, each of three times')
}

function escaped(text: string): string {
  return text.replace(/\n/g, '\\n')
}
