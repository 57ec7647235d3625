/**
 * Settings of a panel: shape, limits, and a check that names every problem. Codes are not here (panel/codes.ts).
 */

export interface ZoneConfig {
  name: string
  /** 'entryExit' starts the entry delay, 'instant' alarms at once. */
  type: 'entryExit' | 'instant'
  /** GPIO with a contact to ground that is closed while the zone is secure. */
  pin: number
}

export interface Config {
  /** Account at the station: 3 to 16 hex digits. */
  account: string
  /** AES key of DC-09: 32, 48 or 64 hex digits, or '' for clear frames. */
  key: string
  /** Dotted address of the receiver, and its TCP port. */
  receiver: string
  port: number
  /** Partition number in reports, 1-99. */
  partition: number
  /** Digits in every code, 4-8 (C-1). */
  codeLength: number
  /** 45-255 s. */
  exitDelaySeconds: number
  /** 30-240 s. */
  entryDelaySeconds: number
  /** Minutes that local time is ahead of UTC, for the display only. */
  utcOffsetMinutes: number
  /** 1-64 zones. */
  zones: ZoneConfig[]
  ethernet: { mac: string; address: string; mask: string; gateway: string }
  /** Access point name of 0-63 letters, digits, '.', '-', '_'; PIN of 4-8 digits, '' when the SIM asks for none. */
  cellular: { apn: string; simPin: string }
  pins: PinConfig
}

/** Longest access point name that the modems' commands take. */
const APN_LIMIT = 63
/** The signs of an access point name: all that digitsOnly() knows. It goes to the modem in quotes (hardware.md §2.4). */
const APN_SIGNS = 39
/** GPIO 34-39 have no driver (hardware.md §4.1). */
const FIRST_INPUT_ONLY = 34
/** Console, W5500 bus and its select, flash, modem, display (hardware.md §4.2). */
const TAKEN = [1, 3, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23]

/** Pins by GPIO number (hardware.md §4.2). */
export interface PinConfig {
  rows: number[]
  columns: number[]
  siren: number
  buzzer: number
  light: number
  w5500Reset: number
  modemPowerKey: number
  /** -1 when the modem's supply cannot be switched. */
  modemSupply: number
  /** -1 when the modem's STATUS is not wired. */
  modemStatus: number
}

/**
 * Problems of a configuration, one sentence each with field, value and what is allowed; empty when it is sound.
 * Source: panel-behaviour.md, C-1; reporting.md §3.1, §4.
 */
export function validate(config: Config): string[] {
  const problems: string[] = []
  checkStation(config, problems)
  number(problems, 'partition', config.partition, 1, 99)
  number(problems, 'codeLength', config.codeLength, 4, 8)
  number(problems, 'exitDelaySeconds', config.exitDelaySeconds, 45, 255)
  number(problems, 'entryDelaySeconds', config.entryDelaySeconds, 30, 240)
  number(problems, 'utcOffsetMinutes', config.utcOffsetMinutes, -720, 840)
  number(problems, 'zones (how many)', config.zones.length, 1, 64)
  for (let index = 0; index < config.zones.length; index++) {
    const zone = config.zones[index]
    const field = `zones[${index}]`
    if (zone.name === '' || zone.name.length > 13 || !isPlain(zone.name)) {
      problems.push(`${field}.name is '${zone.name}': use 1 to 13 plain characters, line 2 has no room for more`)
    }
    if (zone.type !== 'entryExit' && zone.type !== 'instant') {
      problems.push(`${field}.type is '${zone.type}': use entryExit or instant`)
    }
  }
  checkPins(config, problems)
  return problems
}

/** The four numbers of a dotted address, or of as many hex pairs as a MAC has; [] when it is malformed. */
export function bytesOf(text: string, separator: string, radix: number, count: number): number[] {
  const parts = text.split(separator)
  const bytes: number[] = []
  for (let index = 0; index < parts.length; index++) {
    const value = parseInt(parts[index], radix)
    const isPlain = parts[index].length <= 3 && digitsOnly(parts[index], radix)
    if (!isPlain || !(value >= 0 && value <= 255)) return []
    bytes.push(value)
  }
  return bytes.length === count ? bytes : []
}

/** Bytes of a text of hex digit pairs. */
export function hexBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(text.substr(index * 2, 2), 16)
  return bytes
}

/** True for one or more digits of that radix, of either case; radix 39 stands for all letters and . - _ too. */
function digitsOnly(text: string, radix: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const at = '0123456789abcdefghijklmnopqrstuvwxyz.-_'.indexOf(text.charAt(index).toLowerCase())
    if (at < 0 || at >= radix) return false
  }
  return text !== ''
}

/** Only what display and modem take: ASCII from the space on, and no quotation mark, which would end an AT parameter. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126 || code === 34) return false
  }
  return true
}

function checkStation(config: Config, problems: string[]): void {
  const account = config.account
  if (account.length < 3 || account.length > 16 || !digitsOnly(account, 16)) {
    problems.push(`account is '${account}': use 3 to 16 hex digits (0-9, A-F)`)
  }
  const length = config.key.length
  if (length > 0 && ((length !== 32 && length !== 48 && length !== 64) || !digitsOnly(config.key, 16))) {
    problems.push(`key has ${length} characters: use 32, 48 or 64 hex digits, or none for clear reports`)
  }
  number(problems, 'port', config.port, 1, 65535)
  address(problems, 'receiver', config.receiver)
  address(problems, 'ethernet.address', config.ethernet.address)
  address(problems, 'ethernet.mask', config.ethernet.mask)
  address(problems, 'ethernet.gateway', config.ethernet.gateway)
  const mac = bytesOf(config.ethernet.mac, ':', 16, 6)
  if (mac.length === 0 || mac[0] % 2 === 1) {
    problems.push(
      `ethernet.mac is '${config.ethernet.mac}': use six hex pairs, the first one even, such as 02:00:00:12:34:56`,
    )
  }
  const apn = config.cellular.apn
  if (apn !== '' && (apn.length > APN_LIMIT || !isPlain(apn) || !digitsOnly(apn, APN_SIGNS))) {
    problems.push(`cellular.apn has ${apn.length} characters: use at most ${APN_LIMIT}, of letters, digits and . - _`)
  }
  const pin = config.cellular.simPin
  if (pin !== '' && (pin.length < 4 || pin.length > 8 || !digitsOnly(pin, 10))) {
    problems.push('cellular.simPin is not 4 to 8 digits: correct it, or leave it empty')
  }
}

/** Outputs first, then inputs; none twice, none that the module or the board needs. */
function checkPins(config: Config, problems: string[]): void {
  const pins = config.pins
  number(problems, 'pins.rows (how many)', pins.rows.length, 4, 4)
  number(problems, 'pins.columns (how many)', pins.columns.length, 3, 4)
  const used = pins.rows.concat([pins.siren, pins.buzzer, pins.light, pins.w5500Reset, pins.modemPowerKey])
  if (pins.modemSupply !== -1) used.push(pins.modemSupply)
  const outputCount = used.length
  for (let index = 0; index < pins.columns.length; index++) used.push(pins.columns[index])
  if (pins.modemStatus !== -1) used.push(pins.modemStatus)
  for (let index = 0; index < config.zones.length; index++) used.push(config.zones[index].pin)
  for (let index = 0; index < used.length; index++) {
    const pin = used[index]
    number(problems, 'a pin', pin, 0, 39)
    if (index < outputCount && pin >= FIRST_INPUT_ONLY)
      problems.push(`GPIO${pin} cannot be an output: use one below ${FIRST_INPUT_ONLY}`)
    if (TAKEN.indexOf(pin) >= 0)
      problems.push(`GPIO${pin} is taken by flash, console, SPI, UART or I2C: use another pin`)
    if (used.indexOf(pin) !== index) problems.push(`GPIO${pin} has two uses: give one of them another pin`)
  }
}

function number(problems: string[], field: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most && value % 1 === 0) return
  problems.push(`${field} is ${value}: use a whole number from ${least} to ${most}`)
}

function address(problems: string[], field: string, value: string): void {
  if (bytesOf(value, '.', 10, 4).length === 0)
    problems.push(`${field} is '${value}': use four numbers such as 192.168.1.50`)
}
