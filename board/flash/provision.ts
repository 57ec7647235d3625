/**
 * Makes what a panel is given: device secret and salt from this computer's cryptographic random, the code table as keyed
 * hashes (panel/codes.ts), and the checked configuration. Secret and codes live in memory only: no file, no message and
 * no command line ever holds them.
 */

import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Config, type ReceiverConfig, validate } from '../../firmware/config'
import type { Crypto, Flash, Random } from '../../firmware/hal'
import * as codes from '../../firmware/panel/codes'
import * as settings from '../../firmware/store/settings'
import { type BoardMap, settingsPins, zonePins } from '../boards/index'
import { checkPins } from '../pin-check'
import { FlashError } from './failures'
import { checksum } from './upload'

export interface UserCode {
  /** 0-63. */
  slot: number
  digits: string
  /** Shown and reported; for a duress code its owner's number. */
  user: number
  isDuress: boolean
}

const SECRET_BYTES = 32
const SALT_BYTES = 16
/** Known factory values, refused for ever (C-7). */
const FACTORY = ['1234', '4112', '5555', '0000', '1111', '9999', '12345', '2580', '123456', '12345678']
/** Columns of a keypad, both ways (C-8). */
const COLUMNS = ['2580', '1470', '3690', '0852', '0741', '0963']

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

/**
 * Contents of the settings for a new panel. The codes are checked before (codeProblem), the configuration too.
 * Throws FlashError when all is longer than flash has room for.
 */
export function contents(program: string, config: Config, userCodes: UserCode[]): Uint8Array {
  const secret = new Uint8Array(randomBytes(SECRET_BYTES))
  const table = codes.create(secret, new Uint8Array(randomBytes(SALT_BYTES)), random)
  for (const code of userCodes) {
    const entry = entryOf(code.digits)
    codes.store(table, crypto as Crypto, code.slot, entry, code.user, code.isDuress)
    entry.fill(0)
  }
  const packed = settings.pack({
    programBytes: program.length,
    programCrc: checksum(program) | 0,
    secret,
    salt: table.salted.slice(0, table.saltBytes),
    tags: table.tags,
    meta: table.meta,
    configText: ascii(JSON.stringify(config)),
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
 * Why a code is refused, '' when it is not (C-1, C-7, C-8, C-9). One sentence for all that is weak or near another code
 * (C-10): it must not tell a person somebody else's.
 */
export function codeProblem(digits: string, isDuress: boolean, codeLength: number, others: UserCode[]): string {
  if (digits.length !== codeLength || !/^\d+$/.test(digits)) return `Type ${codeLength} digits.`
  const isNear = others.some((other) => {
    const differing = [...digits].filter((digit, index) => digit !== other.digits[index]).length
    const step = (Number(digits.slice(-1)) - Number(other.digits.slice(-1)) + 10) % 10
    const isNeighbour = digits.slice(0, -1) === other.digits.slice(0, -1) && (step <= 2 || step >= 8)
    return isNeighbour || (differing < 2 && (isDuress || other.isDuress))
  })
  return isWeak(digits) || isNear ? 'Choose another code.' : ''
}

/** Reads a configuration for a board; pins that it leaves out are the map's. Throws FlashError with every problem. */
export function readConfig(path: string, map: BoardMap): Config {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new FlashError(`--config ${path} cannot be read: give the file with the panel's settings`)
  }
  let given: Partial<Config>
  try {
    given = JSON.parse(text)
  } catch (reason) {
    throw new FlashError(`--config ${path} is not JSON: ${(reason as Error).message}`)
  }
  const config = withDefaults(withPins(given, map))
  const problems = shapeProblems(config, SHAPE, '')
  if (problems.length === 0) problems.push(...validate(config as Config), ...checkPins(map, config as Config))
  if (problems.length > 0) throw new FlashError(`--config ${path} has problems:\n  ${problems.join('\n  ')}`)
  return config as Config
}

function withPins(given: Partial<Config>, map: BoardMap): Partial<Config> {
  if (given === null || typeof given !== 'object') return {}
  const free = zonePins(map)
  const zones = Array.isArray(given.zones)
    ? given.zones.map((zone, at) => ({ ...zone, pin: zone.pin ?? free[at] }))
    : given.zones
  return { ...given, zones, pins: given.pins ?? settingsPins(map) } as Partial<Config>
}

/** What most panels have, for what the file leaves out (reporting.md §7.8; S-8, S-10). */
const DEFAULTS: Partial<Config> = { category: 'DP2', testHours: 24, expiryHours: 0 }
const RECEIVER_DEFAULTS: Partial<ReceiverConfig> = {
  protocol: 'tcp',
  key: '',
  paths: 'both',
  isBackup: false,
  events: 'all',
  isPolled: true,
  hasEventTime: true,
  isPadded: true,
}
const NO_ADDRESS = '0.0.0.0'
const ETHERNET_DEFAULTS: Partial<Config['ethernet']> = { isDynamic: false, dnsServers: [], timeServer: '' }
const DYNAMIC_DEFAULTS: Partial<Config['ethernet']> = { address: NO_ADDRESS, mask: NO_ADDRESS, gateway: NO_ADDRESS }
const CELLULAR_DEFAULTS: Partial<Config['cellular']> = { simPin: '', smsNumber: '' }

function withDefaults(given: Partial<Config>): Partial<Config> {
  const receivers = Array.isArray(given.receivers)
    ? given.receivers.map((receiver) => ({ ...RECEIVER_DEFAULTS, ...receiver }))
    : given.receivers
  const address = given.ethernet?.isDynamic === true ? DYNAMIC_DEFAULTS : {}
  return {
    ...DEFAULTS,
    ...given,
    receivers,
    ethernet: { ...ETHERNET_DEFAULTS, ...address, ...given.ethernet },
    cellular: { ...CELLULAR_DEFAULTS, ...given.cellular },
  } as Partial<Config>
}

/** An example of each field: validate() takes the types for granted. */
const SHAPE: Config = {
  receivers: [
    {
      host: '',
      port: 0,
      protocol: 'tcp',
      account: '',
      key: '',
      paths: 'both',
      isMonitoring: false,
      isBackup: false,
      events: '',
      isPolled: false,
      hasEventTime: false,
      isPadded: false,
    },
  ],
  category: '',
  testHours: 0,
  expiryHours: 0,
  partition: 0,
  codeLength: 0,
  exitDelaySeconds: 0,
  entryDelaySeconds: 0,
  utcOffsetMinutes: 0,
  zones: [{ name: '', type: 'entryExit', pin: 0 }],
  ethernet: { mac: '', isDynamic: false, address: '', mask: '', gateway: '', dnsServers: [''], timeServer: '' },
  cellular: { apn: '', simPin: '', smsNumber: '' },
  pins: {
    rows: [0],
    columns: [0],
    siren: 0,
    sirenRest: 0,
    buzzer: 0,
    light: 0,
    w5500Reset: 0,
    modemPowerKey: 0,
    modemSupply: 0,
    modemStatus: 0,
  },
}

function shapeProblems(found: unknown, wanted: unknown, path: string): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [`${path} is missing or no list`]
    return found.flatMap((item, index) => shapeProblems(item, wanted[0], `${path}[${index}]`))
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null || Array.isArray(found))
      return [`${path || 'it'} is missing or no object`]
    return Object.entries(wanted).flatMap(([key, value]) =>
      shapeProblems((found as Record<string, unknown>)[key], value, path === '' ? key : `${path}.${key}`),
    )
  }
  return typeof found === typeof wanted ? [] : [`${path} is missing or no ${typeof wanted}`]
}

/** As the keypad fills it: 1-9, and 10 for the key 0. */
function entryOf(digits: string): Uint8Array {
  const entry = new Uint8Array(codes.ENTRY_BYTES)
  for (let index = 0; index < digits.length; index++) entry[index] = Number(digits[index]) || 10
  return entry
}

function isWeak(digits: string): boolean {
  if (FACTORY.includes(digits) || COLUMNS.includes(digits)) return true
  if (/^(.)\1*$/.test(digits)) return true
  for (let at = 0; at + 4 <= digits.length; at++) {
    if ('01234567890'.includes(digits.slice(at, at + 4)) || '09876543210'.includes(digits.slice(at, at + 4)))
      return true
  }
  return digits.length === 4 && (/^(19|20)/.test(digits) || isDate(digits))
}

/** Day and month, in either order. */
function isDate(digits: string): boolean {
  const [left, right] = [Number(digits.slice(0, 2)), Number(digits.slice(2))]
  return (isDay(left) && isMonth(right)) || (isMonth(left) && isDay(right))
}

function isDay(value: number): boolean {
  return value >= 1 && value <= 31
}

function isMonth(value: number): boolean {
  return value >= 1 && value <= 12
}

function ascii(text: string): string {
  return text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
