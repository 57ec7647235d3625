/**
 * Settings of a panel as it holds them: numbers and short lists. board/config/ on the PC makes them of what an installer
 * writes, and checks that; nothing is checked here. Codes are not here (panel/codes.ts).
 */

/** Zone types in the order of panel-behaviour.md §2.1; a zone's place in this list is what the settings hold. */
export enum ZoneType {
  ENTRY_EXIT_1,
  ENTRY_EXIT_2,
  PERIMETER,
  FOLLOWER,
  INTERIOR_DELAYED,
  DAY_NIGHT,
  SILENT_BURGLARY,
  BURGLARY_24H,
  HOLD_UP,
  PANIC,
  FIRE,
  FIRE_VERIFIED,
  HEAT,
  PULL_STATION,
  WATERFLOW,
  CARBON_MONOXIDE,
  MEDICAL,
  PENDANT,
  GAS,
  WATER,
  TEMPERATURE_HIGH,
  TEMPERATURE_LOW,
  AUXILIARY,
  TAMPER,
  KEYSWITCH,
  NO_ALARM,
}

/** Attributes of a zone (Z-14), a bit each. */
export enum ZoneFlag {
  CHIME = 1,
  BYPASSABLE = 2,
  FORCE_ARMABLE = 4,
  SILENT = 8,
  /** An interior zone that is live in NIGHT too. */
  NIGHT = 16,
  SWINGER = 32,
  /** Its report is held for the abort window; of a fire zone, the delayed one (Z-11). */
  ABORT = 64,
  SENSOR_WATCH = 128,
}

/** What is on or off for the whole panel, a bit each. */
export enum Option {
  /** */
  EXIT_RESTART = 1,
  /** */
  STAY_DOUBLE_EXIT = 2,
  /** */
  AUTO_STAY = 4,
  /** */
  QUICK_ARM = 8,
  /** */
  QUICK_EXIT = 16,
  /** Profile EN instead of SIA. */
  EN = 32,
  /** The chords 1*, *# and 3# (K-3). */
  SILENT_PANIC = 64,
  AUDIBLE_PANIC = 128,
  FIRE_PANIC = 256,
  /** The display shows no stars (K-10). */
  HIDDEN_ENTRY = 512,
  /** It goes dark after 30 s without a key (K-12). */
  BLANKING = 1024,
  /** A lockout while armed is a tamper alarm (L-7). */
  LOCKOUT_TAMPER = 2048,
  /** Only masters, managers and installers silence fire and carbon monoxide (O-2). */
  FIRE_BY_MASTER = 4096,
  /** Ordinary codes send as much as duress codes, where frames are encrypted (D-34). */
  MATCHED_TRAFFIC = 16384,
  /** The battery is tested with each arming too (S-3). */
  TEST_AT_ARMING = 8192,
  /** Nobody is given a duress code at the keypad (D-25, DS-3). */
  NO_DURESS = 32768,
}

/** What a programmable output follows (O-6, O-7). */
export enum Follow {
  ARMED,
  READY,
  EXIT,
  ENTRY,
  BURGLARY,
  /** Fire and carbon monoxide. */
  FIRE,
  TROUBLE,
  /** High but for the 20 s in which fire detectors are reset (Z-10). */
  DETECTOR_POWER,
  DURESS,
  /** High for the 40 s of a battery test: the charger off, a load on (S-3). */
  BATTERY_LOAD,
}

/** The zones of a panel as its settings hold them: one entry a zone in each list. */
export interface ZonesConfig {
  /** 1-64. */
  count: number
  /** 1-13 characters each, a line each. */
  names: string
  /** ZoneType. */
  types: number[]
  /**
   * GPIO, or 64 + chip * 16 + input of an expander (io/zone-inputs.ts), with a contact to ground that is closed while secure
   * if `loops` says nothing else; or 192 + chip * 4 + input of an ADS1115.
   */
  pins: number[]
  /** A bit for each partition, the first in bit 0. */
  partitions: number[]
  /** Bits of ZoneFlag. */
  flags: number[]
  /** Cross-zone group 1-7, 0 none; absent when all are 0. */
  cross?: number[]
  /** Response times in units of 20 ms, 1-255 (W-8); absent when all are 400 ms. */
  responses?: number[]
  /** Violations within 10 s that make one, 1-8 (W-11); absent when all are 1. */
  pulses?: number[]
  /**
   * Loops that are other than a contact that opens, seven numbers each: zone from 0 on, bands.Style, pull-up in ohms, resistors in
   * ohms (end of line, across alarm, across fault), reading of the ESP32's ADC at rest as it was noted, else 0 (W-1). Absent
   * when there are none.
   */
  loops?: number[]
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
  /** Both paths lost is told after this, 0-60. */
  bothDownMinutes: number
  /** Number of the first partition in reports; the others count on from it, up to 99 (PT-3). */
  partition: number
  /** Names of the 1-8 partitions, a line each. */
  partitions: string
  /** Digits in every code, 4-8 (C-1). */
  codeLength: number
  /** Bits of Option. */
  options: number
  /** 45-255. */
  exitDelaySeconds: number
  /** 30-240 each. */
  entryDelaySeconds: number
  entryDelay2Seconds: number
  /** Abort window: 15-45, 0 for none. */
  abortSeconds: number
  /** 5-255. */
  cancelMinutes: number
  /** Alarms of a zone in an armed period, 1-6 in profile SIA, 0-14 in EN, 0 for no limit; quiet hours that reset it. */
  swingerLimit: number
  swingerHours: number
  /** 30-600. */
  crossZoneSeconds: number
  /** 1-255. */
  sirenMinutes: number
  /** Between two keys of an entry: 3-30. */
  keyTimeoutSeconds: number
  /** Wrong codes before lockout: 3-10 (L-1). */
  wrongLimit: number
  /** Days without a change that make a watched zone a trouble: 1-99, 0 for none (Z-15). */
  sensorWatchDays: number
  /** Until mains loss is reported: 0-255 (S-1). */
  acDelayMinutes: number
  /** Local minute of the day at which all is armed, -1 never; minutes of the warning before it, 0-30. */
  autoArmMinute: number
  preAlertMinutes: number
  /** Further keypads, at most three, two numbers each: chip 0-6 with the keys, I2C address of the display; absent when none. */
  keypads?: number[]
  /**
   * Hours of temporary users, six numbers each: user, weekdays (a bit each, Monday in bit 0), local minute of the day at which
   * they begin, how many minutes they last, first and last day (days since 1970). Absent when nobody has any (C-4).
   */
  schedules?: number[]
  /** Programmable outputs: GPIO, or output of a port expander (io/output-port.ts), and Follow of each; absent when there are none. */
  outputs?: { pins: number[]; follows: number[] }
  /** Reference voltage of this ESP32's ADC in mV, 1000-1200, as its eFuse has it; absent for 1100. */
  adcReference?: number
  /** I2C address of the first keypad, when it is neither at the board's pins nor a Wiegand keypad: 0x34 for a TCA8418, else a PCF8574. */
  keypad?: number
  /** A Wiegand keypad that differs: 16 characters, what each value of a key is; whole codes come in one frame. */
  wiegand?: { keys: string; isWhole: boolean }
  /** Input of an ADS1115, chip * 4 + input, that measures the 3.3 V of the loops (W-2); absent for none. */
  loopSupply?: number
  /** Minutes that local time is ahead of UTC, for the display only. */
  utcOffsetMinutes: number
  zones: ZonesConfig
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

/** Groups of events in the order of event.ts, from ALARMS on. */
const GROUPS = ['alarms', 'troubles', 'openings', 'tests']
const CATEGORIES = 'SP1SP2SP3SP4SP5SP6DP1DP2DP3DP4'
/** In front of a key that is written as text. */
const KEY_TEXT = 'text:'

/** Pins by GPIO number (hardware.md §4.2). siren, buzzer, beeper, light and w5500Reset may be at a port expander (io/output-port.ts). */
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
  /** High while there is mains (S-1). This and the next ones are absent when not wired (io/supply.ts). */
  acSense?: number
  /** The battery behind 100k and 18k (S-2). */
  batterySense?: number
  /** The siren's circuit with its 1 kΩ, 1 kΩ to 3.3 V (S-5). */
  sirenSense?: number
  /** Contact of the box to ground, open when somebody opens it (S-7). */
  boxTamper?: number
  /** D0 and D1 of a Wiegand keypad, in the place of rows and columns, which are empty then. */
  wiegandZero?: number
  wiegandOne?: number
  /** INT of the chip of a first keypad on I2C, low until it was looked at; absent when not wired. */
  keypadInterrupt?: number
  /** LED of a keypad, low while the light is on. */
  keypadLed?: number
  /** Beeper of a keypad, low while the buzzer sounds; absent where it hangs at the buzzer's transistor. */
  beeper?: number
  /** Half of 3.3 V by two resistors of one value, which tells the gain of this ESP32's ADC (W-2). */
  adcDivider?: number
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

/** True for one or more digits of that radix, of either case. */
function digitsOnly(text: string, radix: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const at = '0123456789abcdef'.indexOf(text.charAt(index).toLowerCase())
    if (at < 0 || at >= radix) return false
  }
  return text !== ''
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
