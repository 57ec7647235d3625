/** What flash.sh does to a board, for the interpreter's Linux build: the program into its Storage, the settings into the raw region. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { BoardOptions } from '../../board/targets'
import * as app from '../../firmware/app'
import * as settings from '../../firmware/store/settings'
import { DEMO_CODES, type DemoConfig } from '../../hal-mock/demo'
import { FlashChip } from '../../hal-mock/flash'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import type { Random } from '../../hal-mock/random'
import { FLASH_BASE, FLASH_FILE, FLASH_FILE_BYTES, FLASH_OFFSET, START_FILE } from './linux-board'

/** Of a program that is put into Storage. */
const PIECE_BYTES = 4096

/** How a board's bundle is built for a Linux build of the interpreter, whatever that calls itself. */
export function linuxOptions(binary: string): BoardOptions {
  const folder = mkdtempSync(join(tmpdir(), 'panel-image-'))
  writeFileSync(join(folder, 'ask.js'), `print('image '+process.env.BOARD);`)
  const answer = spawnSync(binary, ['ask.js'], { cwd: folder, encoding: 'latin1' }).stdout
  rmSync(folder, { recursive: true, force: true })
  const image = /^image (\w+)/m.exec(answer)?.[1]
  if (image === undefined) throw new Error(`${binary} does not tell its name`)
  return { flashBase: FLASH_BASE, image }
}

/** Puts a board's program into a folder's flash file. The panel has no settings yet. */
export function install(binary: string, folder: string, program: string): void {
  writeFileSync(join(folder, 'program.js'), program)
  // In pieces: the board's memory does not hold the program at once.
  const script =
    `var S=require('Storage'),f=E.openFile('program.js','r'),o=0,p;S.eraseAll();` +
    `while(o<${program.length}){p=f.read(Math.min(${PIECE_BYTES},${program.length}-o));S.write('.bootcde',p,o,${program.length});o+=p.length}f.close();` +
    `S.write('.boot0','eval(require("fs").readFileSync("${START_FILE}"))');`
  writeFileSync(join(folder, 'install.js'), script)
  const told = spawnSync(binary, ['install.js'], { cwd: folder, encoding: 'latin1' }).stdout
  if (!existsSync(join(folder, FLASH_FILE))) throw new Error(`${binary} kept no ${FLASH_FILE}: ${told.trim()}`)
  const image = readFileSync(join(folder, FLASH_FILE))
  if (image.length < FLASH_FILE_BYTES) throw new Error(`${FLASH_FILE} has ${image.length} bytes`)
  // Storage fills the file from its beginning.
  if (image.subarray(FLASH_OFFSET, FLASH_FILE_BYTES).some((byte) => byte !== 0xff))
    throw new Error(`the program of ${program.length} bytes reaches into the raw region at ${FLASH_OFFSET}`)
}

export function provision(folder: string, values: settings.Settings): void {
  const flash = new FlashChip()
  const bytes = settings.pack(values)
  if (bytes === undefined || !settings.save(flash, nodeCrypto, bytes)) throw new Error('the settings do not fit')
  const image = readFileSync(join(folder, FLASH_FILE))
  image.set(flash.image(), FLASH_OFFSET)
  writeFileSync(join(folder, FLASH_FILE), image)
}

/** The demo's codes and config, for a program. */
export function settingsFor(program: string, config: DemoConfig, random: Random): settings.Settings {
  const secret = new Uint8Array(32)
  const salt = new Uint8Array(16)
  random.fill(secret)
  random.fill(salt)
  const hal = { crypto: nodeCrypto, random } as unknown as Parameters<typeof app.makeCodes>[0]
  const table = app.makeCodes(hal, secret, salt)
  for (const code of DEMO_CODES) {
    app.storeCode(table, hal, code.slot, code.digits, code.user, code.isDuress, code.role, code.partitions)
  }
  return {
    programBytes: program.length,
    programCrc: crc32(program) | 0,
    secret,
    salt,
    tags: table.tags,
    meta: table.meta,
    rights: table.rights,
    configText: JSON.stringify(config),
  }
}
