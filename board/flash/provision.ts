/**
 * Makes what a panel is given: device secret and salt from this computer's cryptographic random, the code table as keyed
 * hashes (panel/codes.ts), and the checked configuration. Secret and codes live in memory only: no file, no message and
 * no command line ever holds them.
 */

import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from '../../firmware/config'
import type { Crypto, Flash, Random } from '../../firmware/hal'
import * as codeRules from '../../firmware/panel/code-rules'
import * as codes from '../../firmware/panel/codes'
import * as settings from '../../firmware/store/settings'
import type { BoardMap } from '../boards/index'
import { configText, judgeText } from '../config/check'
import { rightsOf, type User } from '../config/users'
import { FlashError } from './failures'
import { checksum } from './upload'

export interface UserCode {
  /** 0-63. */
  slot: number
  digits: string
  /** Shown and reported; for a duress code its owner's number. */
  user: number
  isDuress: boolean
  /** The device's word (config/users.ts); left out: a user of all partitions. */
  rights?: number
}

const SECRET_BYTES = 32
const SALT_BYTES = 16
const random: Random = {
  fill: (bytes) => {
    bytes.set(randomBytes(bytes.length))
  },
}

/** The one native that codes.ts uses. */
const crypto: Pick<Crypto, 'pbkdf2'> = {
  pbkdf2: (secret, salt, iterations, lengthBytes) =>
    new Uint8Array(pbkdf2Sync(secret, salt, iterations, lengthBytes, 'sha256')),
}

/** Digits in which a duress code differs from any other. */
const DURESS_DIGITS = 3

/**
 * Contents of the settings for a new panel. The codes are checked before (codeProblem), the configuration too.
 * Throws FlashError when all is longer than flash has room for.
 */
export function contents(program: string, config: Config, userCodes: UserCode[]): Uint8Array {
  const secret = new Uint8Array(randomBytes(SECRET_BYTES))
  const table = codes.create(secret, new Uint8Array(randomBytes(SALT_BYTES)), random)
  const partitionCount = config.partitions.split('\n').length
  for (const code of userCodes) {
    const entry = entryOf(code.digits)
    const rights = code.rights ?? rightsOf(undefined, [], partitionCount)
    codes.store(table, crypto as Crypto, code.slot, entry, code.user, code.isDuress, (rights >> 8) & 15, rights & 255)
    entry.fill(0)
  }
  const packed = settings.pack({
    programBytes: program.length,
    programCrc: checksum(program) | 0,
    secret,
    salt: table.salted.slice(0, table.saltBytes),
    tags: table.tags,
    meta: table.meta,
    rights: table.rights,
    configText: configText(config),
  })
  secret.fill(0)
  if (packed === undefined) throw new FlashError('the configuration is too long for the panel: shorten the zone names')
  return packed
}

/** Provisions a panel that lies in memory, as flash.sh does it to one on a wire: true when its settings are in force. */
export function install(flash: Flash, program: string, config: Config, userCodes: UserCode[]): boolean {
  return settings.save(flash, { crc32: checksum as never }, contents(program, config, userCodes))
}

/**
 * Why a code is refused, '' when it is not (C-1, C-7, C-8, C-9). Between a duress code and any other there are three digits at
 * least, one more than C-9 asks: two slips of a frightened hand are no call for help, and no missing one. One sentence for all that is weak or near another code
 * (C-10): it must not tell a person somebody else's.
 */
export function codeProblem(digits: string, isDuress: boolean, codeLength: number, others: UserCode[]): string {
  if (digits.length !== codeLength || !/^\d+$/.test(digits)) return `Type ${codeLength} digits.`
  const entry = entryOf(digits)
  const isRefused = codeRules.refuses(entry, codeLength, isDuress ? 1 : 0, (tried) => {
    const other = others.find((code) => entryOf(code.digits).every((key, at) => key === tried[at]))
    if (other === undefined) return codeRules.NOBODY
    return other.isDuress ? codeRules.DURESS : codeRules.CODE
  })
  const isNear = others.some((code) => (isDuress || code.isDuress) && differing(code.digits, digits) < DURESS_DIGITS)
  entry.fill(0)
  return isRefused || isNear ? 'Choose another code.' : ''
}

/**
 * Reads a panel's file for a board and makes the device's record of it; pins that it leaves out are the map's. users: who
 * is to have a code, empty when the file does not say. Throws FlashError with every problem, each with its line.
 */
export function readPanel(path: string, map: BoardMap): { config: Config; users: User[] } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new FlashError(`--config ${path} cannot be read: give the file with the panel's settings`)
  }
  const { problems, config, users } = judgeText(text, map)
  if (config === undefined || users === undefined) {
    throw new FlashError(`--config ${path} has problems:\n  ${problems.join('\n  ')}`)
  }
  return { config, users }
}

/** Places in which two codes of one length differ. */
function differing(one: string, other: string): number {
  return [...one].filter((digit, at) => digit !== other[at]).length
}

/** As the keypad fills it: 1-9, and 10 for the key 0. */
function entryOf(digits: string): Uint8Array {
  const entry = new Uint8Array(codes.ENTRY_BYTES)
  for (let index = 0; index < digits.length; index++) entry[index] = Number(digits[index]) || 10
  return entry
}
