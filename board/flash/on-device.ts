/**
 * What flash.sh lets the interpreter execute, from RAM and once, to put settings into force: the panel's own code for
 * its flash pages (firmware/store/settings.ts), so that there is one reading of docs/flash-layout.md. Whatever touches
 * secrets happens here: none is ever read back to the computer.
 */

import { isDamaged as isSettingsDamaged, load, save as saveSettings, unpack } from '../../firmware/store/settings'
import type { Espruino } from '../espruino'
import { createFlash } from '../hal'

declare const E: Espruino['E']

/** Bytes 4-11 of the contents: length and CRC-32 of the program (docs/flash-layout.md). */
const PROGRAM_AT = 4

const check = { crc32: (bytes: Uint8Array): number => E.CRC32(bytes) }

/** Puts new contents into force; the commit mark is the last byte written. base: of the raw flash region. */
export function save(base: number, contents: Uint8Array): boolean {
  return saveSettings(createFlash(base), check, contents)
}

/** Keeps all settings, but expects another program from now on. False when there are none that this version can read. */
export function renew(base: number, programBytes: number, programCrc: number): boolean {
  const contents = load(createFlash(base), check)
  if (contents === undefined || unpack(contents) === undefined) return false
  put(contents, PROGRAM_AT, programBytes)
  put(contents, PROGRAM_AT + 4, programCrc)
  return save(base, contents)
}

/** [CRC-32 of the contents in force, length and signed CRC-32 of the program they expect]; [] when none are sound. */
export function state(base: number): number[] {
  const flash = createFlash(base)
  const contents = load(flash, check)
  if (contents === undefined || isSettingsDamaged(flash, check)) return []
  const settings = unpack(contents)
  return settings === undefined ? [] : [E.CRC32(contents), settings.programBytes, settings.programCrc]
}

function put(bytes: Uint8Array, at: number, word: number): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = word >> (24 - 8 * index)
}
