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

/** A receiver of reports (reporting.md §5, §7). */
export interface ReceiverConfig {
  /** Dotted address, or a name to be looked up. */
  host: string
  port: number
  protocol: 'tcp' | 'udp'
  /** Account there: 3 to 16 hex digits. */
  account: string
  /** AES key: 32, 48 or 64 hex digits, or 16, 24 or 32 characters behind 'text:'; '' for clear frames. */
  key: string
  /** Paths that lead there. */
  paths: 'both' | 'ethernet' | 'cellular'
  /** True only for a monitoring station. Duress and hold-up never go to a receiver that also shows or sounds (D-19). */
  isMonitoring: boolean
  /** True: stands in for the receiver before it in the list. */
  isBackup: boolean
  /** Groups of events that go there: 'all', or some of 'alarms', 'troubles', 'openings', 'tests' with commas between. */
  events: string
  /** Null messages prove the paths. Some receivers do not know them (§7.2, §7.6). */
  isPolled: boolean
  /** An event that waited carries its time (§3.6 H). */
  hasEventTime: boolean
  /** Encrypted frames are padded to one length (D-34). */
  isPadded: boolean
}

export interface Config {
  /** The station first, its back-ups behind it; then at most one more receiver with back-ups of its own. 1-4 in all. */
  receivers: ReceiverConfig[]
  /** ATS category, 'SP1' to 'DP4': how often paths are proved, and how soon a loss is reported (EN 50136-1). */
  category: string
  /** Hours between test reports (602) of each path, 0 for none, up to 720 (S-10). */
  testHours: number
  /** Hours after which troubles, openings and what is below them are given up undelivered, 0 for never, up to 720. */
  expiryHours: number
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
  /**
   * isDynamic: the address comes by DHCP, and the one given here serves while none comes. dnsServers: at most two; none are
   * needed with DHCP or without names. timeServer: address or name of an NTP server, '' none.
   */
  ethernet: {
    mac: string
    isDynamic: boolean
    address: string
    mask: string
    gateway: string
    dnsServers: string[]
    timeServer: string
  }
  /**
   * Access point name of 0-63 letters, digits, '.', '-', '_'; PIN of 4-8 digits, '' when the SIM asks for none; number for a
   * text message as the last resort, '' for none (hardware.md §2.10).
   */
  cellular: { apn: string; simPin: string; smsNumber: string }
  pins: PinConfig
}

/** Most receivers, and most of them that are not back-ups (transmit/queue.ts). */
const RECEIVERS = 4
const DESTINATIONS = 2
/** Groups of events in the order of event.ts, from ALARMS on. */
const GROUPS = ['alarms', 'troubles', 'openings', 'tests']
const CATEGORIES = 'SP1SP2SP3SP4SP5SP6DP1DP2DP3DP4'
/** In front of a key that is written as text. */
const KEY_TEXT = 'text:'
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
  /** Level of the siren's pin while it is quiet: 0 for one that is switched on, 1 for a hold-off line, which falls (O-3). */
  sirenRest: number
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
  const receivers = config.receivers
  number(problems, 'receivers (how many)', receivers.length, 1, RECEIVERS)
  let destinations = 0
  for (let index = 0; index < receivers.length; index++) {
    const field = `receivers[${index}]`
    checkReceiver(receivers[index], field, config, problems)
    if (!receivers[index].isBackup) destinations++
    if (index > 0 && receivers[index].isBackup && receivers[index].isMonitoring !== receivers[index - 1].isMonitoring) {
      problems.push(`${field}.isMonitoring differs from the receiver that it stands in for: give both the same (D-19)`)
    }
    if (index === 0 && receivers[0].isBackup)
      problems.push(`${field}.isBackup is true: set it to false, the first one is the station`)
  }
  if (destinations > DESTINATIONS) {
    problems.push(`receivers has ${destinations} without isBackup: use at most ${DESTINATIONS}, the others as back-ups`)
  }
  if (categoryOf(config.category) < 0) {
    problems.push(`category is '${config.category}': use SP1 to SP6 for one path, DP1 to DP4 for two`)
  }
  number(problems, 'testHours', config.testHours, 0, 720)
  number(problems, 'expiryHours', config.expiryHours, 0, 720)
  checkEthernet(config, problems)
  const apn = config.cellular.apn
  if (apn !== '' && (apn.length > APN_LIMIT || !isPlain(apn) || !digitsOnly(apn, APN_SIGNS))) {
    problems.push(`cellular.apn has ${apn.length} characters: use at most ${APN_LIMIT}, of letters, digits and . - _`)
  }
  const pin = config.cellular.simPin
  if (pin !== '' && (pin.length < 4 || pin.length > 8 || !digitsOnly(pin, 10))) {
    problems.push('cellular.simPin is not 4 to 8 digits: correct it, or leave it empty')
  }
  const sms = config.cellular.smsNumber
  if (sms !== '' && (sms.length > 16 || sms.charAt(0) !== '+' || !digitsOnly(sms.substr(1), 10))) {
    problems.push('cellular.smsNumber is not + and up to 15 digits: correct it, or leave it empty')
  }
}

function checkReceiver(r: ReceiverConfig, field: string, config: Config, problems: string[]): void {
  if (bytesOf(r.host, '.', 10, 4).length === 0 && !isName(r.host)) {
    problems.push(`${field}.host is '${r.host}': use four numbers such as 192.168.1.50, or a name`)
  }
  number(problems, `${field}.port`, r.port, 1, 65535)
  if (r.protocol !== 'tcp' && r.protocol !== 'udp')
    problems.push(`${field}.protocol is '${r.protocol}': use tcp or udp`)
  if (r.account.length < 3 || r.account.length > 16 || !digitsOnly(r.account, 16)) {
    problems.push(`${field}.account is '${r.account}': use 3 to 16 hex digits (0-9, A-F)`)
  }
  const length = keyBytes(r.key).length
  if (r.key !== '' && length !== 16 && length !== 24 && length !== 32) {
    problems.push(
      `${field}.key has ${r.key.length} characters: use 32, 48 or 64 hex digits, or text: and 16, 24 or 32 characters, or none for clear reports`,
    )
  }
  if (r.paths !== 'both' && r.paths !== 'ethernet' && r.paths !== 'cellular') {
    problems.push(`${field}.paths is '${r.paths}': use both, ethernet or cellular`)
  }
  if (groupsOf(r.events) < 0) {
    problems.push(`${field}.events is '${r.events}': use all, or some of ${GROUPS.join(',')}`)
  }
  const isDynamic = config.ethernet.isDynamic || config.ethernet.dnsServers.length > 0
  if (isName(r.host) && r.paths !== 'ethernet' && r.protocol === 'udp') {
    // Modems of the first family send datagrams to addresses only (hardware.md §2.5).
    problems.push(`${field}.host is a name and protocol is udp: give an address, or use paths ethernet`)
  }
  if (isName(r.host) && r.paths !== 'cellular' && !isDynamic) {
    problems.push(`${field}.host is a name: give ethernet.dnsServers, or set ethernet.isDynamic, or use an address`)
  }
}

function checkEthernet(config: Config, problems: string[]): void {
  const e = config.ethernet
  address(problems, 'ethernet.address', e.address)
  address(problems, 'ethernet.mask', e.mask)
  address(problems, 'ethernet.gateway', e.gateway)
  number(problems, 'ethernet.dnsServers (how many)', e.dnsServers.length, 0, 2)
  for (let index = 0; index < e.dnsServers.length; index++) {
    address(problems, `ethernet.dnsServers[${index}]`, e.dnsServers[index])
  }
  if (e.timeServer !== '' && bytesOf(e.timeServer, '.', 10, 4).length === 0 && !isName(e.timeServer)) {
    problems.push(`ethernet.timeServer is '${e.timeServer}': use an address or a name, or leave it empty`)
  }
  const mac = bytesOf(e.mac, ':', 16, 6)
  if (mac.length === 0 || mac[0] % 2 === 1) {
    problems.push(`ethernet.mac is '${e.mac}': use six hex pairs, the first one even, such as 02:00:00:12:34:56`)
  }
}

/** A host name of at most 63 letters, digits, '.', '-', with a letter among them: 1.2.3 is a mistyped address. */
function isName(text: string): boolean {
  if (text.length > APN_LIMIT || !isPlain(text) || !digitsOnly(text, APN_SIGNS)) return false
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index)
    if (!digitsOnly(sign, 10) && digitsOnly(sign, 36)) return true
  }
  return false
}

/** Place of an ATS category among SP1 ... SP6, DP1 ... DP4; -1 for any other text. */
export function categoryOf(text: string): number {
  const at = CATEGORIES.indexOf(text)
  return text.length === 3 && at % 3 === 0 ? at / 3 : -1
}

/** What stands for a key in the settings, as bytes; none when it is malformed. */
export function keyBytes(text: string): Uint8Array {
  if (text.substr(0, KEY_TEXT.length) === KEY_TEXT) {
    const key = text.substr(KEY_TEXT.length)
    const bytes = new Uint8Array(key.length)
    for (let index = 0; index < bytes.length; index++) bytes[index] = key.charCodeAt(index)
    return bytes
  }
  return text !== '' && digitsOnly(text, 16) && text.length % 2 === 0 ? hexBytes(text) : new Uint8Array(0)
}

/** Bits of the groups of events (event.ts) that a receiver's `events` names, hold-up never; -1 when it is malformed. */
export function groupsOf(events: string): number {
  if (events === 'all') return 30
  const names = events.split(',')
  let bits = 0
  for (let index = 0; index < names.length; index++) {
    const at = GROUPS.indexOf(names[index])
    if (at < 0) return -1
    bits |= 2 << at
  }
  return bits
}

/** Outputs first, then inputs; none twice, none that the module or the board needs. */
function checkPins(config: Config, problems: string[]): void {
  const pins = config.pins
  number(problems, 'pins.rows (how many)', pins.rows.length, 4, 4)
  number(problems, 'pins.columns (how many)', pins.columns.length, 3, 4)
  number(problems, 'pins.sirenRest', pins.sirenRest, 0, 1)
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
