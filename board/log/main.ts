/**
 * `npm run log -- IMAGE`: prints the event log out of an image of the panel's raw flash region, chained and sealed.
 * `npm run log -- --verify FILE [IMAGE]`: tells the first line of such a text that was changed.
 */

import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Flash } from '../../firmware/hal'
import * as records from '../../firmware/store/records'
import * as settings from '../../firmware/store/settings'
import { commandFor, exitCodeOf, type Output, runIfProgram } from '../command'
import { chain, verify } from './chain'
import { linesOf } from './lines'

const PAGE_BYTES = 4096
const PAGES = 16
/** Boot records (docs/flash-layout.md). */
const BOOT_PAGE = 6
const BOOT_SLOT_BYTES = 32
const BOOT_BODY_BYTES = 20
const check = { crc32: (bytes: Uint8Array): number => crc32(bytes) }

const HELP = `
An image is read with the panel connected by USB:
  esptool --chip esp32 read_flash 0x310000 0x10000 panel.bin
It holds the device secret and the hashed codes: keep it as you would keep the codes, and delete it afterwards.
What is printed holds neither. Without an image --verify finds what was changed by hand, but not a chain made anew.

Exit code: 0 all is well, 1 a text was changed or a file cannot be read, 2 the command has a mistake.`

/** Runs with these arguments; returns the exit code: 1 when a text was changed or a file cannot be read. */
export function main(words: string[], output: Output): number {
  const { say, complain } = output
  const program = commandFor('log', 'Prints the event log of a panel, or checks one that was printed.', HELP, output)
    .argument('[image]', 'image of the 64 KiB at 0x310000')
    .option('--verify <file>', 'a printed log; tells the first line that is not as it was written')
  try {
    program.parse(words, { from: 'user' })
    const { verify: file } = program.opts<{ verify?: string }>()
    const path = program.args[0]
    if (path === undefined && file === undefined) program.help({ error: true })
    const image = path === undefined ? undefined : read(path)
    if (file !== undefined) return tellFlaw(readFileSync(file, 'utf8'), image, file, say)
    print(image as Uint8Array, say, complain)
    return 0
  } catch (reason) {
    return exitCodeOf(reason, output)
  }
}

function read(path: string): Uint8Array {
  const image = readFileSync(path)
  if (image.length !== PAGES * PAGE_BYTES) {
    throw new Error(`${path} has ${image.length} bytes: an image of the region has ${PAGES * PAGE_BYTES}`)
  }
  return new Uint8Array(image)
}

function print(image: Uint8Array, say: (text: string) => void, complain: (text: string) => void): void {
  const secret = secretOf(image)
  if (secret === undefined) complain('The image has no sound settings: the log is printed, but not sealed.\n')
  const boots = records.open(flashOf(image), check, BOOT_PAGE, BOOT_SLOT_BYTES, BOOT_BODY_BYTES).number
  for (const line of chain(linesOf(image, secret, boots), secret)) say(`${line}\n`)
}

function tellFlaw(text: string, image: Uint8Array | undefined, file: string, say: (text: string) => void): number {
  const secret = image === undefined ? undefined : secretOf(image)
  if (image !== undefined && secret === undefined)
    throw new Error('The image has no sound settings to check a seal with.')
  const flaw = verify(text, secret)
  if (flaw !== undefined) say(`${file}, line ${flaw.line}: ${flaw.why}.\n`)
  else if (secret === undefined) say(`${file}: no line was changed by hand. The seal was not checked: give an image.\n`)
  else say(`${file}: no line was changed, and the seal is the panel's.\n`)
  return flaw === undefined ? 0 : 1
}

function secretOf(image: Uint8Array): Uint8Array | undefined {
  const contents = settings.load(flashOf(image), check)
  return contents === undefined ? undefined : settings.unpack(contents)?.secret
}

/** To look at only. */
function flashOf(image: Uint8Array): Flash {
  const refuse = (): never => {
    throw new Error('an image is never written')
  }
  return {
    pageBytes: PAGE_BYTES,
    pageCount: PAGES,
    read: (address, lengthBytes) => image.slice(address, address + lengthBytes),
    write: refuse,
    erase: refuse,
  }
}

await runIfProgram(import.meta.url, main)
