/**
 * The interpreter's two ways to the flash of an ESP32: require('Flash') for raw pages, require('Storage') for files with
 * all their dangers (espruino.md §3.1, §4). Both write to NOR models, so a cut tears what it would tear.
 *
 * Not modelled: StorageFile (Storage.open), the RAM image of save(), Storage.hash, other partitions of the flash, the time
 * that erasing takes, pointers into files that have moved.
 */

import { toBytes, toText } from './espruino-bytes'
import type { Loop, Natives } from './espruino-loop'
import type { FlashChip } from './flash'

/** The user's pages (§3.1). */
export const FLASH_BASE = 0x310000
export const STORAGE_BASE = 0x320000
const ALIGNMENT = 4

/** The raw pages: the panel's region, and Storage as anyone can read and break it. */
export function makeFlash(loop: Loop, flash: FlashChip, storage: FlashChip): Natives {
  const areas = [
    { base: FLASH_BASE, chip: flash },
    { base: STORAGE_BASE, chip: storage },
  ]
  const find = (address: unknown, lengthBytes: number) => {
    for (const area of areas) {
      const at = Number(address) - area.base
      if (at >= 0 && at + lengthBytes <= sizeOf(area.chip)) return { at, chip: area.chip, base: area.base }
    }
    throw new Error(`flash at ${address} is not modelled`)
  }
  return loop.guard({
    read: (lengthBytes: unknown, address: unknown) => {
      const place = find(address, Number(lengthBytes))
      return readBytes(place.chip, place.at, Number(lengthBytes))
    },
    write: (data: unknown, address: unknown) => {
      const bytes = toBytes(data)
      if (Number(address) % ALIGNMENT !== 0 || bytes.length % ALIGNMENT !== 0) {
        throw new Error('Data and address must be multiples of 4')
      }
      const place = find(address, bytes.length)
      writeBytes(place.chip, place.at, bytes)
    },
    erasePage: (address: unknown) => {
      const place = find(address, 1)
      place.chip.erase((place.at / place.chip.pageBytes) | 0)
    },
    getPage: (address: unknown) => {
      const place = find(address, 1)
      return { addr: place.base + place.at - (place.at % place.chip.pageBytes), length: place.chip.pageBytes }
    },
    // The last of them lies inside Storage (§3.1): a trap that is kept.
    getFree: () => [
      { addr: FLASH_BASE, length: 0x10000 },
      { addr: 0xe000, length: 0x2000 },
      { addr: 0x360000, length: 0xa0000 },
    ],
  })
}

// Storage.

/** Size (24 bit, little endian), flags (8), name, zero padded. */
const HEADER_BYTES = 32
const NAME_BYTES = 28
const BLANK = 0xff

interface Entry {
  at: number
  sizeBytes: number
  /** '' for a file that was erased. */
  name: string
}

export class Storage {
  readonly natives: Natives

  constructor(
    loop: Loop,
    private chip: FlashChip,
  ) {
    this.natives = loop.guard({
      read: (name: unknown, offset: unknown, lengthBytes: unknown) => {
        const bytes = this.content(String(name))
        return bytes === undefined ? undefined : toText(part(bytes, offset, lengthBytes))
      },
      readArrayBuffer: (name: unknown) => this.content(String(name))?.buffer,
      readJSON: (name: unknown) => {
        const bytes = this.content(String(name))
        return bytes === undefined ? undefined : JSON.parse(toText(bytes))
      },
      write: (name: unknown, data: unknown, offset: unknown, sizeBytes: unknown) =>
        this.write(String(name), toBytes(data), Number(offset) || 0, Number(sizeBytes) || 0),
      writeJSON: (name: unknown, value: unknown) => this.write(String(name), toBytes(JSON.stringify(value)), 0, 0),
      erase: (name: unknown) => this.erase(String(name)),
      list: (pattern: unknown) => this.list(pattern as RegExp | undefined),
      eraseAll: () => this.eraseAll(),
      compact: () => this.compact(0),
      getFree: () => sizeOf(chip) - this.endOf(this.entries()),
      getStats: () => this.stats(),
    })
  }

  /** The check at power-up. False: what was there looked corrupt, and everything was erased, the program included (§4). */
  check(): boolean {
    const end = this.endOf(this.entries())
    if (end >= sizeOf(this.chip)) return true
    // Only what lies behind the first invalid header counts: a torn header alone is accepted.
    const rest = readBytes(this.chip, end, sizeOf(this.chip) - end)
    for (let index = HEADER_BYTES; index < rest.length; index++) {
      if (rest[index] === BLANK) continue
      this.eraseAll()
      return false
    }
    return true
  }

  /** A file's bytes; undefined when there is none of that name. */
  content(name: string): Uint8Array | undefined {
    const entry = this.find(name)
    return entry === undefined ? undefined : readBytes(this.chip, entry.at + HEADER_BYTES, entry.sizeBytes)
  }

  /** Returns true, whatever became of the bytes (§4, rule 4). */
  write(name: string, bytes: Uint8Array, offset: number, sizeBytes: number): boolean {
    if (name.length === 0 || name.length > NAME_BYTES) throw new Error('Invalid file name')
    if (bytes.length === 0 && sizeBytes === 0) throw new Error("Can't create zero length file")
    const size = sizeBytes > 0 ? sizeBytes : offset + bytes.length
    const known = this.find(name)
    if (known !== undefined && (offset > 0 || known.sizeBytes === size)) {
      if (offset + bytes.length > known.sizeBytes) throw new Error('Too much data for file')
      const old = readBytes(this.chip, known.at + HEADER_BYTES + offset, bytes.length)
      if (toText(old) === toText(bytes)) return true
      if (toText(old) === toText(new Uint8Array(bytes.length).fill(BLANK))) {
        this.program(known.at + HEADER_BYTES + offset, bytes)
        return true
      }
      if (offset > 0) return false
    }
    if (known !== undefined) this.eraseEntry(known) // the old file goes first: a cut from here on has neither
    let at = this.endOf(this.entries())
    if (at + HEADER_BYTES + padded(size) > sizeOf(this.chip)) at = this.compact(HEADER_BYTES + padded(size))
    if (at < 0) throw new Error('Unable to find or create file')
    this.program(at, header(name, size))
    this.program(at + HEADER_BYTES + offset, bytes)
    return true
  }

  erase(name: string): void {
    const entry = this.find(name)
    if (entry !== undefined) this.eraseEntry(entry)
  }

  list(pattern?: RegExp): string[] {
    const names: string[] = []
    for (const entry of this.entries()) {
      if (entry.name === '' || names.includes(entry.name)) continue
      if (pattern === undefined || pattern.test(entry.name)) names.push(entry.name)
    }
    return names
  }

  eraseAll(): void {
    for (let page = 0; page < this.chip.pageCount; page++) this.chip.erase(page)
  }

  private stats(): Natives {
    const entries = this.entries()
    const files = entries.filter((entry) => entry.name !== '')
    const bytesOf = (list: Entry[]) => list.reduce((sum, entry) => sum + HEADER_BYTES + padded(entry.sizeBytes), 0)
    return {
      totalBytes: sizeOf(this.chip),
      freeBytes: sizeOf(this.chip) - this.endOf(entries),
      fileBytes: bytesOf(files),
      fileCount: files.length,
      trashBytes: bytesOf(entries) - bytesOf(files),
      trashCount: entries.length - files.length,
    }
  }

  /** Files one behind the other, until a header that cannot be one. */
  private entries(): Entry[] {
    const entries: Entry[] = []
    let at = 0
    while (at + HEADER_BYTES <= sizeOf(this.chip)) {
      const head = readBytes(this.chip, at, HEADER_BYTES)
      const sizeBytes = head[0] | (head[1] << 8) | (head[2] << 16)
      if (at + HEADER_BYTES + padded(sizeBytes) > sizeOf(this.chip)) break
      entries.push({ at, sizeBytes, name: nameOf(head) })
      at += HEADER_BYTES + padded(sizeBytes)
    }
    return entries
  }

  private endOf(entries: Entry[]): number {
    const last = entries[entries.length - 1]
    return last === undefined ? 0 : last.at + HEADER_BYTES + padded(last.sizeBytes)
  }

  private find(name: string): Entry | undefined {
    return this.entries().find((entry) => entry.name === name)
  }

  /** Writes zeros over the first four characters of the name. */
  private eraseEntry(entry: Entry): void {
    writeBytes(this.chip, entry.at + ALIGNMENT, new Uint8Array(ALIGNMENT))
  }

  /** Moves the files together: each page is erased before what belongs there, held in RAM, is written back (§4). */
  private compact(neededBytes: number): number {
    const kept = this.entries().filter((entry) => entry.name !== '')
    const image = new Uint8Array(sizeOf(this.chip)).fill(BLANK)
    let end = 0
    for (const entry of kept) {
      image.set(readBytes(this.chip, entry.at, HEADER_BYTES + entry.sizeBytes), end)
      end += HEADER_BYTES + padded(entry.sizeBytes)
    }
    const pageBytes = this.chip.pageBytes
    for (let page = 0; page < this.chip.pageCount; page++) {
      this.chip.erase(page)
      if (page * pageBytes < end) {
        writeBytes(this.chip, page * pageBytes, image.subarray(page * pageBytes, (page + 1) * pageBytes))
      }
    }
    return end + neededBytes > sizeOf(this.chip) ? -1 : end
  }

  /** Programs any number of bytes at any address, as the driver pads them. */
  private program(at: number, bytes: Uint8Array): void {
    const before = at % ALIGNMENT
    const whole = new Uint8Array(padded(before + bytes.length)).fill(BLANK)
    whole.set(bytes, before)
    writeBytes(this.chip, at - before, whole)
  }
}

function header(name: string, sizeBytes: number): Uint8Array {
  const head = new Uint8Array(HEADER_BYTES)
  head[0] = sizeBytes & 255
  head[1] = (sizeBytes >> 8) & 255
  head[2] = (sizeBytes >> 16) & 255
  for (let index = 0; index < name.length; index++) head[ALIGNMENT + index] = name.charCodeAt(index)
  return head
}

function nameOf(head: Uint8Array): string {
  const name = toText(head.subarray(ALIGNMENT, HEADER_BYTES))
  const end = name.indexOf('\0')
  return end < 0 ? name : name.substr(0, end)
}

function padded(lengthBytes: number): number {
  return (lengthBytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
}

function part(bytes: Uint8Array, offset: unknown, lengthBytes: unknown): Uint8Array {
  const from = Number(offset) || 0
  return bytes.subarray(from, lengthBytes === undefined ? bytes.length : from + Number(lengthBytes))
}

function sizeOf(chip: FlashChip): number {
  return chip.pageBytes * chip.pageCount
}

/** The chip takes no access across pages; the interpreter's driver does. */
function readBytes(chip: FlashChip, at: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes)
  for (let done = 0; done < lengthBytes; ) {
    const length = Math.min(lengthBytes - done, chip.pageBytes - ((at + done) % chip.pageBytes))
    bytes.set(chip.read(at + done, length), done)
    done += length
  }
  return bytes
}

function writeBytes(chip: FlashChip, at: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, chip.pageBytes - ((at + done) % chip.pageBytes))
    chip.write(at + done, bytes.subarray(done, done + length))
    done += length
  }
}
