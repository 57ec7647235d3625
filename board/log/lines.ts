/**
 * The event log of a panel as lines of text, read out of an image of its raw flash region by docs/flash-layout.md. This is
 * a second reading of that page: nothing here is shared with what writes the log (firmware/store/event-log.ts).
 *
 *   M 000512 boot 17    2026-01-05T08:00:00Z  1131 01 003 Perimeter burglary
 *
 * M mandatory, O others; place in all that was ever logged; boot; UTC; qualifier and code, partition, zone or user.
 */

import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { NAMES } from './names'

const PAGE_BYTES = 4096
const SLOT_BYTES = 8
const RECORDS = 511
const PAGE_NUMBERS = 65535
const BOOTS = 1024
const RESTART = 305
const REPEATS = 1000
/** First page of each ring, and its letter. */
const RINGS: [number, string][] = [
  [12, 'M'],
  [14, 'O'],
]

/**
 * Lines of both rings, oldest first. image: 64 KiB; secret: the device secret, undefined when it is not known and anchors
 * cannot be checked; boots: the number of the panel's last start, 0 when it is not known.
 */
export function linesOf(image: Uint8Array, secret: Uint8Array | undefined, boots: number): string[] {
  const lines: string[] = []
  RINGS.forEach(([first, letter], ring) => {
    const pages = [first, first + 1].map((page) => image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES))
    const numbers = pages.map(numberOf)
    pages.forEach((page, index) => {
      if (numbers[index] === 0 && page.some((byte) => byte !== 0xff)) {
        lines.push(`${letter} flash page ${first + index} has no whole header: what is in it is left out`)
      }
    })
    // The older one first; after 65535 comes 1.
    const isTurned = ((numbers[1] - numbers[0]) & 0xffff) >= 0x8000
    for (const index of isTurned ? [1, 0] : [0, 1]) {
      const number = numbers[index]
      if (number === 0) continue
      const before = numbers[1 - index]
      if (before === (number === 1 ? PAGE_NUMBERS : number - 1)) {
        lines.push(`${letter} page ${number}: ${anchored(pages[index], pages[1 - index], ring, secret, before)}`)
      }
      lines.push(...recordsOf(pages[index], number, boots).map((text) => `${letter} ${text}`))
    }
  })
  return lines
}

/** What a page's anchor says of the page before it. */
function anchored(
  page: Uint8Array,
  before: Uint8Array,
  ring: number,
  secret: Uint8Array | undefined,
  number: number,
): string {
  if (secret === undefined) return `whether page ${number} was changed cannot be said without the device secret`
  const start = Buffer.alloc(32)
  start.set([page[0], page[1], 0, 0, 0, 0, page[6], page[7] & 0xc0])
  start[31] = ring
  let hash: Buffer = start
  for (let at = 0; at < PAGE_BYTES; at += 256) {
    const text = Buffer.concat([hash, before.subarray(at, at + 256), Buffer.from([0, 0, 0, 1])])
    hash = createHmac('sha256', secret).update(text).digest()
  }
  return hash.subarray(0, 4).equals(page.subarray(2, 6))
    ? `page ${number} is as it was when it was full`
    : `PAGE ${number} WAS CHANGED after it was full, or the panel has other settings since`
}

function recordsOf(page: Uint8Array, number: number, boots: number): string[] {
  const lines: string[] = []
  let boot = (page[6] << 2) | (page[7] >> 6)
  for (let slot = 1; slot <= RECORDS; slot++) {
    const bytes = page.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)
    if (bytes.every((byte) => byte === 0xff)) continue
    const place = String((number - 1) * RECORDS + slot).padStart(6, '0')
    const isRestart = isWhole(bytes) && codeOf(bytes) === RESTART
    if (isRestart) boot = (bytes[4] << 2) | (bytes[5] >> 6)
    const bootText = `boot ${String(whichBoot(boot, boots)).padEnd(5)}`
    lines.push(`${place} ${bootText} ${isWhole(bytes) ? textOf(bytes) : damaged(bytes)}`)
  }
  return lines
}

function textOf(bytes: Uint8Array): string {
  const seconds = ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0
  const time = seconds === 0 ? 'no time'.padEnd(20) : new Date(seconds * 1000).toISOString().replace('.000', '')
  const code = codeOf(bytes)
  const number = (bytes[4] << 2) | (bytes[5] >> 6)
  const partition = (bytes[5] >> 2) & 15
  if (code === REPEATS) return `${time} and ${number} times more`
  const qualifier = (bytes[5] & 3) === 2 ? 6 : bytes[5] & 3
  const [area, subject] = code === RESTART ? [0, partition] : [partition, number]
  const name = NAMES[code] ?? ''
  const end =
    qualifier === 6 ? ' again' : qualifier === 3 ? (code >= 400 && code < 500 ? ' (closing)' : ' restored') : ''
  const digits = `${qualifier}${code} ${String(area).padStart(2, '0')} ${String(subject).padStart(3, '0')}`
  return `${time} ${digits} ${name}${end}`.trimEnd()
}

function damaged(bytes: Uint8Array): string {
  return `cut or damaged: ${Buffer.from(bytes).toString('hex')}`
}

/** The last boot up to the panel's last one that has these lower bits. */
function whichBoot(low: number, boots: number): number {
  return boots === 0 ? low : boots - ((((boots - low) % BOOTS) + BOOTS) % BOOTS)
}

/** 0 when the page has no whole header. */
function numberOf(page: Uint8Array): number {
  return isWhole(page.subarray(0, SLOT_BYTES)) ? (page[0] << 8) | page[1] : 0
}

function codeOf(bytes: Uint8Array): number {
  return (bytes[6] << 2) | (bytes[7] >> 6)
}

function isWhole(bytes: Uint8Array): boolean {
  const bare = Uint8Array.from(bytes)
  bare[7] &= 0xc0
  return (bytes[7] & 63) === (crc32(bare) >>> 8) % 63
}
