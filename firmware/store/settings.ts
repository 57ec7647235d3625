/**
 * What provisioning gives a panel: device secret, code table, configuration, and what the program must be. Two copies on
 * two flash pages; after a cut at any byte either the old or the new contents are there, whole.
 *
 *      0       4        8          12       16                        4092
 *   +-------+--------+----------+--------+-------------- ... ------+------+
 *   | magic | CRC-32 | sequence | length | contents     | blank    | mark |
 *   +-------+--------+----------+--------+-------------- ... ------+------+
 *
 * Words are big-endian, the CRC covers sequence, length and contents. The mark is written last, after the rest was read
 * back, so a copy without it was never in force. The copy to be replaced first loses its magic, then it is erased: a
 * copy that has magic and mark but a wrong CRC was whole once and has been damaged since.
 *
 * Not here: what the configuration means (config.ts), what the codes mean (panel/codes.ts).
 */

import type { Flash } from '../hal'
import type { Check } from './records'
import { getWord, setWord } from './slots'

/** Pages 4 and 5 of the region; the journal has those below (docs/flash-layout.md). */
const FIRST_PAGE = 4
/** "SET1" */
const MAGIC = 0x53455431
const HEADER_BYTES = 16
/** From here on the CRC covers. */
const COVERED_AT = 8
const MARK_BYTES = 4
/** A flash write needs its length in whole words. */
const WORD_BYTES = 4
/** Most bytes of contents. */
export const LIMIT_BYTES = 4000

// Contents.
const VERSION = 2
const PROGRAM_AT = 4
const SECRET_AT = 12
const SECRET_BYTES = 32
const TAGS_AT = SECRET_AT + SECRET_BYTES
/** 64 slots of four 12-bit words, and two words each (panel/codes.ts; rights below). */
const TAG_WORDS = 256
const META_WORDS = 64
const META_AT = TAGS_AT + TAG_WORDS * 2
const RIGHTS_AT = META_AT + META_WORDS * 2
const SALT_AT = RIGHTS_AT + META_WORDS * 2
const SALT_LIMIT_BYTES = 64
/** Most characters of configuration behind the salt that provisioning makes. */
export const TEXT_LIMIT_BYTES = LIMIT_BYTES - SALT_AT - 16
/** String.fromCharCode.apply takes 255 arguments at most (espruino.md §1.6). */
const PIECE_BYTES = 128

export interface Settings {
  /** Length and CRC-32 of the program in .bootcde; the CRC as a signed number. */
  programBytes: number
  programCrc: number
  /** 32 bytes made at provisioning. */
  secret: Uint8Array
  /** 1-64 bytes. */
  salt: Uint8Array
  /** As in panel/codes.ts: 256 words and 64 words. */
  tags: Uint16Array
  meta: Uint16Array
  /**
   * What the code of each slot may do: partitions in bits 0-7, the first in bit 0; role in bits 8-11: 0 installer, 1 master,
   * 2 manager, 3 user, 4 arm only, 5 guest, 6 one-time, 7 temporary, 8 service (C-4); bit 12 for a slot in use.
   */
  rights: Uint16Array
  /** The configuration as JSON, ASCII. */
  configText: string
}

/** Contents of the newest whole copy; undefined when there is none. */
export function load(flash: Flash, check: Check): Uint8Array | undefined {
  const page = newestPage(flash, check)
  if (page < 0) return undefined
  const base = page * flash.pageBytes
  return flash.read(base + HEADER_BYTES, getWord(flash.read(base, HEADER_BYTES), 12))
}

/**
 * True when a copy newer than the one that load() gives was in force once and is damaged now. What load() gives then is
 * history: codes that were deleted since would count again (P-5: refuse to guess).
 */
export function isDamaged(flash: Flash, check: Check): boolean {
  const good = newestPage(flash, check)
  const goodSequence = good < 0 ? 0 : sequenceOf(flash, good)
  for (let page = FIRST_PAGE; page < FIRST_PAGE + 2; page++) {
    // The copy before the one in force may be damaged: nobody needs it.
    if (isCommitted(flash, page) && !isWhole(flash, check, page) && sequenceOf(flash, page) !== goodSequence - 1) {
      return true
    }
  }
  return false
}

/**
 * Replaces the older copy. True when the new contents are in force; false when they are too long or flash does not take
 * them, and then the old ones still are. Takes an erase (45-100 ms) and some writes. Never throws.
 */
export function save(flash: Flash, check: Check, bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.length > LIMIT_BYTES) return false
  try {
    const page = newestPage(flash, check) === FIRST_PAGE ? FIRST_PAGE + 1 : FIRST_PAGE
    const image = imageOf(check, bytes, nextSequence(flash))
    const base = page * flash.pageBytes
    flash.write(base, new Uint8Array(WORD_BYTES))
    // Also a page that looks blank: an erase may have been cut, and its bits would not last.
    flash.erase(page)
    flash.write(base, image)
    if (!isWhole(flash, check, page) || getWord(flash.read(base, 8), 4) !== getWord(image, 4)) return false
    flash.write(base + flash.pageBytes - MARK_BYTES, new Uint8Array(MARK_BYTES))
    return newestPage(flash, check) === page
  } catch (_) {
    return false
  }
}

/**
 * Puts another number into the configuration, in the place of the one that a field of this name has first. True when it is
 * in force; false when there are no settings, no such field, or flash does not take it, and then nothing has changed.
 */
export function setNumber(flash: Flash, check: Check, field: string, value: number): boolean {
  const bytes = load(flash, check)
  const s = bytes === undefined ? undefined : unpack(bytes)
  if (s === undefined) return false
  const name = '"' + field + '":'
  const at = s.configText.indexOf(name)
  if (at < 0) return false
  const from = at + name.length
  let end = from
  while (end < s.configText.length && s.configText.charAt(end) !== ',' && s.configText.charAt(end) !== '}') end++
  s.configText = s.configText.substr(0, from) + value + s.configText.substr(end)
  const packed = pack(s)
  return packed !== undefined && save(flash, check, packed)
}

/** Puts another code table in the place of the one that is in force. True when it is in force; else nothing has changed. */
export function setCodes(
  flash: Flash,
  check: Check,
  tags: Uint16Array,
  meta: Uint16Array,
  rights: Uint16Array,
): boolean {
  const bytes = load(flash, check)
  const s = bytes === undefined ? undefined : unpack(bytes)
  if (s === undefined) return false
  s.tags = tags
  s.meta = meta
  s.rights = rights
  const packed = pack(s)
  return packed !== undefined && save(flash, check, packed)
}

/** Settings as contents; undefined when a field has a wrong length or all is longer than LIMIT_BYTES. */
export function pack(s: Settings): Uint8Array | undefined {
  const textAt = SALT_AT + s.salt.length
  const isSound =
    s.secret.length === SECRET_BYTES &&
    s.salt.length > 0 &&
    s.salt.length <= SALT_LIMIT_BYTES &&
    s.tags.length === TAG_WORDS &&
    s.meta.length === META_WORDS &&
    s.rights.length === META_WORDS &&
    textAt + s.configText.length <= LIMIT_BYTES
  if (!isSound) return undefined
  const bytes = new Uint8Array(textAt + s.configText.length)
  bytes[0] = VERSION
  bytes[1] = s.salt.length
  setWord(bytes, PROGRAM_AT, s.programBytes)
  setWord(bytes, PROGRAM_AT + 4, s.programCrc)
  bytes.set(s.secret, SECRET_AT)
  putWords(bytes, TAGS_AT, s.tags)
  putWords(bytes, META_AT, s.meta)
  putWords(bytes, RIGHTS_AT, s.rights)
  bytes.set(s.salt, SALT_AT)
  for (let at = 0; at < s.configText.length; at++) bytes[textAt + at] = s.configText.charCodeAt(at)
  return bytes
}

/** Contents as settings; undefined when they are of another version or too short. */
export function unpack(bytes: Uint8Array): Settings | undefined {
  const saltBytes = bytes[1]
  const textAt = SALT_AT + saltBytes
  if (bytes[0] !== VERSION || saltBytes === 0 || saltBytes > SALT_LIMIT_BYTES || bytes.length < textAt) return undefined
  let configText = ''
  for (let at = textAt; at < bytes.length; at += PIECE_BYTES) {
    // The interpreter does not cut subarray() at the end of the array: it would give zeros beyond it.
    const piece = bytes.subarray(at, Math.min(at + PIECE_BYTES, bytes.length))
    configText += String.fromCharCode.apply(null, piece as unknown as number[])
  }
  return {
    programBytes: getWord(bytes, PROGRAM_AT),
    programCrc: getWord(bytes, PROGRAM_AT + 4),
    secret: new Uint8Array(bytes.subarray(SECRET_AT, TAGS_AT)),
    salt: new Uint8Array(bytes.subarray(SALT_AT, textAt)),
    tags: getWords(bytes, TAGS_AT, TAG_WORDS),
    meta: getWords(bytes, META_AT, META_WORDS),
    rights: getWords(bytes, RIGHTS_AT, META_WORDS),
    configText,
  }
}

/** Page of the newest copy that is whole and committed, -1 when there is none. */
function newestPage(flash: Flash, check: Check): number {
  const isFirst = isCommitted(flash, FIRST_PAGE) && isWhole(flash, check, FIRST_PAGE)
  const isSecond = isCommitted(flash, FIRST_PAGE + 1) && isWhole(flash, check, FIRST_PAGE + 1)
  if (isFirst && isSecond)
    return sequenceOf(flash, FIRST_PAGE) > sequenceOf(flash, FIRST_PAGE + 1) ? FIRST_PAGE : FIRST_PAGE + 1
  if (isFirst) return FIRST_PAGE
  return isSecond ? FIRST_PAGE + 1 : -1
}

function isCommitted(flash: Flash, page: number): boolean {
  const base = page * flash.pageBytes
  return (
    getWord(flash.read(base, 4), 0) === MAGIC && getWord(flash.read(base + flash.pageBytes - MARK_BYTES, 4), 0) === 0
  )
}

/** True when the CRC is right, committed or not. */
function isWhole(flash: Flash, check: Check, page: number): boolean {
  const base = page * flash.pageBytes
  const header = flash.read(base, HEADER_BYTES)
  const lengthBytes = getWord(header, 12)
  if (lengthBytes <= 0 || lengthBytes > LIMIT_BYTES) return false
  const covered = flash.read(base + COVERED_AT, HEADER_BYTES - COVERED_AT + lengthBytes)
  return getWord(header, 4) === (check.crc32(covered) | 0)
}

function sequenceOf(flash: Flash, page: number): number {
  return getWord(flash.read(page * flash.pageBytes, HEADER_BYTES), 8)
}

/** Beyond both copies, a damaged one included. A page stands 100 000 erases, so the word never overflows. */
function nextSequence(flash: Flash): number {
  let highest = 0
  for (let page = FIRST_PAGE; page < FIRST_PAGE + 2; page++) {
    if (isCommitted(flash, page)) highest = Math.max(highest, sequenceOf(flash, page))
  }
  return highest + 1
}

/** Header and contents, blank up to whole words. */
function imageOf(check: Check, bytes: Uint8Array, sequence: number): Uint8Array {
  const end = HEADER_BYTES + bytes.length
  const image = new Uint8Array((end + WORD_BYTES - 1) & -WORD_BYTES).fill(0xff)
  setWord(image, 0, MAGIC)
  setWord(image, 8, sequence)
  setWord(image, 12, bytes.length)
  image.set(bytes, HEADER_BYTES)
  setWord(image, 4, check.crc32(image.subarray(COVERED_AT, end)))
  return image
}

function putWords(bytes: Uint8Array, at: number, words: Uint16Array): void {
  for (let index = 0; index < words.length; index++) {
    bytes[at++] = words[index] >> 8
    bytes[at++] = words[index]
  }
}

function getWords(bytes: Uint8Array, at: number, count: number): Uint16Array {
  const words = new Uint16Array(count)
  for (let index = 0; index < count; index++) words[index] = (bytes[at + index * 2] << 8) | bytes[at + index * 2 + 1]
  return words
}
