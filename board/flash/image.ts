/**
 * The interpreter's image: three files of the official Espruino build for the original ESP32, from a folder or an
 * archive. Checked before anything is written: all there, first byte, size within its partition, version.
 *
 * Not checked: signatures, because the builds have none. The panel tests the natives at every start (board/boot.ts).
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, unpack } from './archive'
import { FlashError } from './failures'

export interface Part {
  name: string
  address: number
  bytes: Buffer
}

export interface Image {
  parts: Part[]
  /** '2v29.277'; '' when the file does not tell, and then the board is asked. */
  version: string
}

/**
 * Espruino's build server keeps each commit's builds in a folder of the commit's name (scripts/ci_upload.sh there; listings
 * of such folders from 2v04.84 to 2v25.416 name espruino_VERSION_esp32.tgz). 2v29.277 is commit c5ff787b1: 277 after 2v29.
 */
export const IMAGE_URL = 'https://www.espruino.com/binaries/travis/c5ff787b199148c31ef2776fb6f70673cba01a25/'
/** The newest build of the development head; any from 2v29.277 on will do. */
export const NEWEST_URL = 'https://www.espruino.com/binaries/travis/master/'
export const IMAGE_NAME = 'espruino_2v29.277_esp32.tgz'
/** As board/boot.ts has it: released 2v29 loses serial bytes and opens an access point. */
export const OLDEST_VERSION = '2v29.277'

/** What every ESP32 image, bootloader or program, begins with. */
const IMAGE_MAGIC = 0xe9
/** What a partition table begins with: 0x50AA, little-endian. */
const TABLE_MAGIC = 0xaa

/** Name, address, first byte, least and most bytes (espruino.md §3.1: programs end where ota_0 or flash begins). */
const PARTS = [
  { name: 'bootloader.bin', address: 0x1000, magic: IMAGE_MAGIC, least: 4096, most: 0x7000 },
  { name: 'partitions_espruino.bin', address: 0x8000, magic: TABLE_MAGIC, least: 96, most: 0x1000 },
  { name: 'espruino_esp32.bin', address: 0x10000, magic: IMAGE_MAGIC, least: 500_000, most: 0x200000 - 0x10000 },
]

/** Opens a folder, a .zip or a .tgz. Throws FlashError with every problem, one a line. */
export function open(path: string): Image {
  const files = filesOf(path)
  const problems: string[] = []
  const parts: Part[] = []
  for (const wanted of PARTS) {
    const bytes = files.get(wanted.name)
    const problem = bytes === undefined ? 'is missing' : problemOf(bytes, wanted)
    if (problem !== '') problems.push(`${wanted.name} ${problem}`)
    else parts.push({ name: wanted.name, address: wanted.address, bytes: bytes as Buffer })
  }
  if (problems.length > 0) {
    throw new FlashError(
      `${path} is no Espruino image for the ESP32: ${problems.join('; ')}. Get ${IMAGE_NAME} from ${IMAGE_URL}`,
    )
  }
  const version = versionOf(parts[2].bytes)
  if (version !== '' && !isRecent(version)) {
    throw new FlashError(
      `${path} holds Espruino ${version}: use ${OLDEST_VERSION} or newer, such as ${IMAGE_NAME} from ${IMAGE_URL}`,
    )
  }
  return { parts, version }
}

/** Versions such as 2v29.277; a release such as 2v30 has no third part. */
export function isRecent(version: string): boolean {
  const [wanted, found] = [numbers(OLDEST_VERSION), numbers(version)]
  for (let index = 0; index < wanted.length; index++) {
    if (found[index] !== wanted[index]) return found[index] > wanted[index]
  }
  return true
}

function numbers(version: string): number[] {
  const match = /^(\d+)v(\d+)(?:\.(\d+))?/.exec(version)
  return match === null ? [0, 0, 0] : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
}

function problemOf(bytes: Buffer, wanted: (typeof PARTS)[number]): string {
  if (bytes.length < wanted.least || bytes.length > wanted.most) {
    return `has ${bytes.length} bytes instead of ${wanted.least} to ${wanted.most}`
  }
  if (bytes[0] === wanted.magic) return ''
  return `begins with 0x${hex(bytes[0])} instead of 0x${hex(wanted.magic)}`
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

/** Text constant in the program: the banner's version, ended by a zero. */
function versionOf(bytes: Buffer): string {
  return /(?<![0-9A-Za-z.])([2-9]v\d\d(?:\.\d+)?)\0/.exec(bytes.toString('latin1'))?.[1] ?? ''
}

function filesOf(path: string): Files {
  if (!existsSync(path)) throw new FlashError(`--image ${path} is not there. Get ${IMAGE_NAME} from ${IMAGE_URL}`)
  if (statSync(path).isDirectory()) {
    const files: Files = new Map()
    for (const { name } of PARTS) if (existsSync(join(path, name))) files.set(name, readFileSync(join(path, name)))
    if (files.size > 0) return files
    // An unpacked archive: the files are one folder down.
    const inner = readdirSync(path).find((name) => existsSync(join(path, name, PARTS[2].name)))
    return inner === undefined ? files : filesOf(join(path, inner))
  }
  try {
    const files = unpack(readFileSync(path)) ?? new Map()
    const inner = [...files.keys()].find((name) => /_esp32\.tgz$/.test(name))
    return inner !== undefined && !files.has(PARTS[2].name) ? (unpack(files.get(inner) as Buffer) ?? files) : files
  } catch (reason) {
    throw new FlashError(`--image ${path} cannot be unpacked (${(reason as Error).message}): download it again`)
  }
}

/** The files by name only, for a dry run without an image. */
export function expected(): Image {
  const parts = PARTS.map(({ name, address }) => ({ name, address, bytes: Buffer.alloc(0) }))
  return { parts, version: `${OLDEST_VERSION} or newer` }
}
