/**
 * A panel's file as an installer writes it: shape, defaults, ranges and units. docs/schema/panel.schema.json is made of it
 * for editors (npm run schema). What concerns several fields is in rules.ts; compile.ts makes the device's record.
 */

import { z } from 'zod'
import { bytesOf, categoryOf, groupsOf, keyBytes } from '../../firmware/config'
import { BOARDS } from '../boards/index'
import { choice, fields, flag, list, readable, text, use, whole } from './fields'
import { FIRST_INPUT, LAST_INPUT, loopField } from './loops'
import { usersOf } from './users'
import { ZONE_TYPES } from './zone-types'

const BOARD_NAMES = BOARDS.map((map) => map.name)
/** Most zones and partitions of a panel, and receivers. */
export const ZONES = 64
export const PARTITIONS = 8
const RECEIVERS = 4
/** Characters of a name: line 2 of the display has no room for more. */
const NAME = /^[ !#-~]{1,13}$/
const NAME_ALLOWED = '1 to 13 plain characters without ", line 2 of the display has no room for more'
/** Inputs of port expanders: chip 0, GPA0, to chip 6, GPB6; each eighth one is none (docs/boards.md). */
export const FIRST_EXPANDER = 64
const LAST_EXPANDER = 174
const LAST_GPIO = 39
const NO_ADDRESS = '0.0.0.0'

/** A host name of at most 63 letters, digits, '.', '-', '_', with a letter among them: 1.2.3 is a mistyped address. */
export function isHostName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,63}$/.test(name) && /[A-Za-z]/.test(name)
}

function isAddress(address: string): boolean {
  return bytesOf(address, '.', 10, 4).length === 4
}

function isKey(key: string): boolean {
  return key === '' || [16, 24, 32].includes(keyBytes(key).length)
}

function isMac(mac: string): boolean {
  const bytes = bytesOf(mac, ':', 16, 6)
  return bytes.length === 6 && bytes[0] % 2 === 0
}

const FOUR_NUMBERS = 'four numbers such as 192.168.1.50'

const receiver = fields({
  host: readable(
    (host) => isAddress(host) || isHostName(host),
    `${FOUR_NUMBERS}, or a name`,
    'Address, or a name to be looked up',
    'reporting.md 5.1',
  ),
  port: whole(1, 65535, '', 'Port'),
  protocol: choice(['tcp', 'udp'], 'How reports get there').default('tcp'),
  account: text(/^[0-9A-Fa-f]{3,16}$/, '3 to 16 hex digits (0-9, A-F)', 'Account there', 'reporting.md 3.1'),
  key: readable(
    isKey,
    '32, 48 or 64 hex digits, or text: and 16, 24 or 32 characters, or none for clear reports',
    'AES key: 32, 48 or 64 hex digits, or text: and 16, 24 or 32 characters; empty for clear reports',
    'reporting.md 4',
  ).default(''),
  paths: choice(['both', 'ethernet', 'cellular'], 'Paths that lead there').default('both'),
  isMonitoring: flag('True only for a monitoring station: duress and hold-up go to no other', 'D-19'),
  isBackup: flag('It stands in for the receiver before it in the list').default(false),
  events: readable(
    (events) => groupsOf(events) >= 0,
    'all, or some of alarms, troubles, openings, tests with commas between',
    'Groups of events that go there: all, or some of alarms, troubles, openings, tests with commas between',
  ).default('all'),
  isPolled: flag('Null messages prove the paths').default(true),
  hasEventTime: flag('An event that waited carries its time', 'reporting.md 3.6').default(true),
  isPadded: flag('Encrypted frames are padded to one length', 'D-34').default(true),
})

const zone = fields({
  name: text(NAME, NAME_ALLOWED, 'What the display shows for it, 1-13 plain characters'),
  type: choice(ZONE_TYPES, 'What an open contact means', 'panel-behaviour.md 2.1'),
  pin: z
    .int({ error: use(pinAllowed(), '') })
    .refine(isZonePin, { error: use(pinAllowed(), '') })
    .describe(`Its input: ${pinAllowed()}. Left out: the next one that the board has for zones.`)
    .optional(),
  partitions: list(
    whole(1, PARTITIONS, '', 'Place of a partition in the list, from 1 on', 'PT-2'),
    1,
    PARTITIONS,
    'partitions by their place in the list, such as [1]',
    'Partitions that it belongs to, by their place in the list from 1 on; common to several, it is live when all are armed (PT-2)',
  ).default([1]),
  loop: loopField,
  responseMs: whole(20, 5100, 'ms in steps of 20', 'How long it must be open, or closed, to count', 'W-8')
    .multipleOf(20, { error: use('20 to 5100 in steps of 20', 'W-8') })
    .default(400),
  pulses: whole(1, 8, '', 'Violations within 10 s that make one', 'W-11').default(1),
  crossZone: whole(0, 7, '', 'Group whose zones confirm each other, 0 for none', 'A-30').default(0),
  chime: flag('The keypad chimes when it opens while disarmed', 'A-32').default(false),
  bypassable: flag('It may be bypassed. Left out: true, but for fire, CO and panic types', 'Z-7').optional(),
  forceArmable: flag('It may be open at arming, if forced', 'Z-6').default(false),
  silent: flag('Its alarm makes no noise. Left out: by its type', 'Z-14').optional(),
  night: flag('An interior zone that is live in NIGHT too').default(false),
  swinger: flag(
    'After some alarms it is cut off. Left out: true, but for fire, CO, medical and panic',
    'A-10',
  ).optional(),
  abort: flag('Its report waits for the abort window. Left out: true for burglary types', 'A-7').optional(),
  delayed: flag(
    'A fire zone whose siren sounds 30 s before its alarm goes out; a key silences it for a second look',
    'Z-11',
  ).default(false),
  sensorWatch: flag('A trouble when it does not change for sensorWatchDays', 'Z-15').default(false),
})

function isZonePin(pin: number): boolean {
  if (pin >= FIRST_INPUT) return pin <= LAST_INPUT
  if (pin >= FIRST_EXPANDER) return pin <= LAST_EXPANDER && pin % 8 !== 7
  return pin >= 0 && pin <= LAST_GPIO
}

function pinAllowed(): string {
  return `a GPIO from 0 to ${LAST_GPIO}, or ${FIRST_EXPANDER} + 16 * chip + input of an expander, ${FIRST_EXPANDER} to ${LAST_EXPANDER} without GPA7 and GPB7, or ${FIRST_INPUT} + 4 * chip + input of an ADS1115, to ${LAST_INPUT}`
}

const address = (what: string) => readable(isAddress, FOUR_NUMBERS, what)

const ethernet = fields({
  mac: readable(
    isMac,
    'six hex pairs, the first one even, such as 02:00:00:12:34:56',
    'MAC address, six hex pairs, the first one even',
  ),
  isDynamic: flag('The address comes by DHCP; the one given here serves while none comes').default(false),
  address: address('Own address').default(NO_ADDRESS),
  mask: address('Mask of the network').default(NO_ADDRESS),
  gateway: address('Router').default(NO_ADDRESS),
  dnsServers: list(
    address('Address of a name server'),
    0,
    2,
    'addresses of name servers',
    'Name servers, at most two; none are needed with DHCP or without names',
  ).default([]),
  timeServer: readable(
    (server) => server === '' || isAddress(server) || isHostName(server),
    'an address or a name, or leave it empty',
    'Address or name of an NTP server, empty for none',
  ).default(''),
})

const cellular = fields({
  apn: text(
    /^[A-Za-z0-9._-]{0,63}$/,
    'at most 63 letters, digits and . - _',
    'Access point name, 0-63 letters, digits, dots, hyphens and underscores',
  ).default(''),
  simPin: text(
    /^(\d{4,8})?$/,
    '4 to 8 digits, or leave it empty',
    'PIN of the SIM, empty when it asks for none',
  ).default(''),
  smsNumber: text(
    /^(\+\d{1,15})?$/,
    '+ and up to 15 digits, or leave it empty',
    'Number for a text message of an alarm that no path delivers, empty for none',
  ).default(''),
})

const output = (what: string) => whole(0, LAST_GPIO, '(GPIO)', what)
/** What may be at a port expander as well (docs/boards.md, Outputs at a port expander). */
const LAST_OUTPUT = 175
const LOAD_ALLOWED = `a GPIO from 0 to ${LAST_GPIO}, or ${FIRST_EXPANDER} + 16 * chip + output of an MCP23017, to ${LAST_OUTPUT}`
const isLoad = (pin: number) => pin <= LAST_GPIO || pin >= FIRST_EXPANDER
const load = (what: string) =>
  z
    .int({ error: use(LOAD_ALLOWED, '') })
    .min(0, { error: use(LOAD_ALLOWED, '') })
    .max(LAST_OUTPUT, { error: use(LOAD_ALLOWED, '') })
    .refine(isLoad, { error: use(LOAD_ALLOWED, '') })
    .describe(`${what}: ${LOAD_ALLOWED}.`)
const optional = (what: string) => whole(-1, LAST_GPIO, '(GPIO), -1 when not wired', what)

const sense = (what: string) => output(`${what}. Left out: not wired.`).optional()

const pins = fields({
  rows: list(output('GPIO of a row'), 0, 4, 'rows', 'Rows of the keypad from the top, four or none'),
  columns: list(
    output('GPIO of a column'),
    0,
    4,
    'columns',
    'Columns of the keypad from the left, three, four or none',
  ),
  siren: load('Siren'),
  sirenRest: whole(0, 1, '', 'Level of the siren pin while it is quiet, 1 for a hold-off line', 'O-3'),
  buzzer: load('Buzzer'),
  light: load('Strobe light'),
  w5500Reset: load('Reset of the W5500'),
  modemPowerKey: output('PWRKEY of the modem'),
  modemSupply: optional('Supply of the modem'),
  modemStatus: optional('STATUS of the modem'),
  acSense: sense('Mains contact of the power supply, high while there is mains'),
  batterySense: sense('Battery behind 100k and 18k, GPIO32-39'),
  sirenSense: sense('Siren circuit with 1 kOhm, GPIO32-39'),
  boxTamper: sense('Contact of the box, to ground while it is shut'),
  wiegandZero: sense('D0 of a Wiegand keypad, which has neither rows nor columns'),
  wiegandOne: sense('D1 of that keypad'),
  keypadLed: sense('LED of that keypad, which lights when low'),
  beeper: load(
    'Beeper of a keypad, which sounds with the buzzer while its line is low. Left out: not wired',
  ).optional(),
  keypadInterrupt: sense('INT of the chip of a first keypad on I2C'),
  adcDivider: sense('Half of 3.3 V by two resistors of 1 %, GPIO32-39, for loops at the ADC of the ESP32 (W-2)'),
})

/** Abort window: off, or a time. The same sentence from each of the two, for zod tells what the nearer one says. */
const error = use('0 for none, or a whole number from 15 to 45', 'A-7')
const abortSeconds = z
  .union([z.literal(0, { error }), z.int({ error }).min(15, { error }).max(45, { error })], { error })
  .describe('How long a burglary report is held, so that a code can still stop it: 15-45 s, 0 for none (A-7).')

const partition = fields({ name: text(NAME, NAME_ALLOWED, 'What the display shows for it, 1-13 plain characters') })

/** PCF8574 or PCF8574A, as the display's backpack has it. */
const keypad = fields({
  chip: whole(0, 6, '(0x20 to 0x26)', 'MCP23017 with its keys and buzzer'),
  display: text(
    /^0x(2[0-6]|3[89a-fA-F])$/,
    '0x20 to 0x26, or 0x38 to 0x3F',
    'I2C address of its display, 0x20 to 0x26 or 0x38 to 0x3F; 0x27 is the first keypad’s',
  ),
})
const KEYPADS = 3

/** In the order of the firmware's Follow. */
export const FOLLOWS = [
  ...(['armed', 'ready', 'exit', 'entry', 'burglary', 'fire'] as const),
  ...(['trouble', 'detectorPower', 'duress', 'batteryLoad'] as const),
] as const
const OUTPUTS = 8

export const panelSchema = fields({
  $schema: z.string().describe('Where the schema of this file is, for an editor.').optional(),
  board: readable(
    (name) => BOARD_NAMES.includes(name),
    `a board that there is: ${BOARD_NAMES.join(', ')} (docs/boards.md)`,
    `Board that carries it: ${BOARD_NAMES.join(', ')}`,
  ).optional(),
  profile: choice(['SIA', 'EN'], 'Whose defaults and limits it follows: North American, or European').default('SIA'),
  receivers: list(
    receiver,
    1,
    RECEIVERS,
    'receivers',
    'Where reports go, the station first, each back-up behind its own',
  ),
  category: readable(
    (category) => categoryOf(category) >= 0,
    'SP1 to SP6 for one path, DP1 to DP4 for two',
    'ATS category, SP1-SP6 with one path or DP1-DP4 with two: how often paths are proved',
    'S-8',
  ).default('DP2'),
  testHours: whole(0, 720, 'hours, 0 for none', 'Between test reports of each path', 'S-10').default(24),
  expiryHours: whole(0, 720, 'hours, 0 for never', 'After which troubles and less are given up', 'R-2').default(0),
  bothDownMinutes: whole(0, 60, 'min', 'Until the loss of both paths is told', 'R-8').default(3),
  partition: whole(1, 99, '', 'Number of the first partition in reports; the others count on', 'PT-3').default(1),
  partitions: list(partition, 1, PARTITIONS, 'partitions', 'Zones that are armed together (PT-1)').default([
    { name: 'Premises' },
  ]),
  codeLength: whole(4, 8, 'digits', 'Length of every code', 'C-1').default(6),
  exitDelaySeconds: whole(45, 255, 's', 'Exit delay', 'A-1').default(60),
  entryDelaySeconds: whole(30, 240, 's', 'Entry delay of entryExit1', 'A-4').default(30),
  entryDelay2Seconds: whole(30, 240, 's', 'Entry delay of entryExit2', 'A-5').default(60),
  exitRestart: flag('A door that opens again starts the exit delay anew, once', 'A-2').default(true),
  stayDoubleExit: flag('The exit delay of STAY is twice as long', 'A-3').default(false),
  abortSeconds: abortSeconds.default(30),
  cancelMinutes: whole(5, 255, 'min', 'After a report, for a cancel', 'A-9').default(5),
  swingerLimit: whole(
    0,
    14,
    'alarms (profile SIA 1-6), 0 for no limit',
    'Of a zone in an armed period',
    'A-10',
  ).default(2),
  swingerHours: whole(1, 255, 'h', 'Quiet time after which a zone that was cut off counts again', 'A-11').default(48),
  crossZoneSeconds: whole(30, 600, 's', 'Within which zones of a group confirm each other', 'A-12').default(60),
  sirenMinutes: whole(1, 255, 'min (profile EN 2-15)', 'How long the siren sounds', 'A-13').default(4),
  autoStay: flag('Armed away with no door used becomes STAY', 'A-24').default(true),
  quickArm: flag('Arming without a code; never in profile EN', 'A-33').default(false),
  quickExit: flag('From an armed panel one exit delay without disarming', 'A-34').default(false),
  keyTimeoutSeconds: whole(3, 30, 's', 'Between two keys of a code', 'A-16').default(10),
  wrongLimit: whole(3, 10, '', 'Wrong codes before lockout', 'L-1').default(5),
  sensorWatchDays: whole(0, 99, 'days, 0 for none', 'Without a change, for zones with sensorWatch', 'Z-15').default(0),
  acDelayMinutes: whole(0, 255, 'min', 'Until a loss of mains is reported', 'S-1').default(30),
  autoArm: text(
    /^(([01]\d|2[0-3]):[0-5]\d)?$/,
    'a local time such as 22:30, or leave it empty',
    'Local time at which everything is armed by itself, empty for never',
    'A-36',
  ).default(''),
  preAlertMinutes: whole(0, 30, 'min', 'Warning before that', 'A-15').default(5),
  silentPanic: flag('The keys 1 and * held together for a second are a silent hold-up', 'K-3').default(true),
  audiblePanic: flag('The keys * and # held together are a panic with siren', 'K-3').default(true),
  firePanic: flag('The keys 3 and # held together are a fire alarm', 'K-3').default(true),
  hiddenEntry: flag('The display shows no star for a digit', 'K-10').default(false),
  blanking: flag('The display goes dark after 30 s without a key', 'K-12').default(false),
  lockoutTamper: flag('A lockout while armed is a tamper alarm', 'L-7').default(false),
  fireByMaster: flag('Only masters, managers and installers silence a fire or CO alarm', 'O-2').default(false),
  matchedTraffic: flag('Any code sends as many encrypted messages as a duress code does', 'D-34').default(true),
  duressCodes: flag('Users may have duress codes', 'D-25').default(true),
  testAtArming: flag('The battery is tested with each arming too, not only once a day', 'S-3').default(false),
  keypads: list(
    keypad,
    0,
    KEYPADS,
    'keypads',
    'Keypads beside the first one, which is at the board’s own pins (L-5)',
  ).default([]),
  outputs: list(
    fields({ pin: load('Where it is'), follows: choice(FOLLOWS, 'What it follows', 'O-6') }),
    0,
    OUTPUTS,
    'outputs',
    'Programmable outputs. duress drops after a minute; keep it out of sight and hearing (O-7)',
  ).default([]),
  adcReference: whole(
    1000,
    1200,
    'mV',
    'Reference voltage of the ADC, as this ESP32 has it in its eFuse',
    'W-5',
  ).default(1100),
  keypad: text(
    /^0x(2[0-6]|34|3[89a-fA-F])$/,
    '0x20 to 0x26 or 0x38 to 0x3F for a PCF8574, or 0x34 for a TCA8418',
    'I2C address of the chip of the first keypad, 0x34 for a TCA8418, else a PCF8574. Left out: the board’s',
  ).optional(),
  wiegand: fields({
    keys: text(
      /^[0-9*#-]{16}$/,
      '16 characters: for each value of a key 0 to 9, * or #, or - for none',
      'What each of 16 values of a key is, - for none',
    ).default('0123456789*#----'),
    wholeCode: flag('The keypad sends a whole code in one frame of 26 bits', 'C-1').default(false),
  })
    .optional()
    .describe('A Wiegand keypad that differs from the usual ones.'),
  loopSupply: whole(
    FIRST_INPUT,
    LAST_INPUT,
    '',
    'Input of an ADS1115 at the 3.3 V of the loops. Left out: 3.3 V is taken for granted',
    'W-2',
  ).optional(),
  utcOffsetMinutes: whole(-720, 840, 'min', 'That local time is ahead of UTC, for the display only').default(0),
  zones: list(zone, 1, ZONES, 'zones', 'Zones, in the order of their numbers'),
  users: usersOf(whole(1, PARTITIONS, '', 'Place of a partition in the list, from 1 on', 'PT-1')),
  ethernet,
  cellular: cellular.prefault({}),
  pins: pins.optional().describe("Pins of everything but zones. Left out: the board's."),
})

/** With every default in place, but for what the board and the zone's type decide. */
export type Panel = z.output<typeof panelSchema>
/** As it is written. */
export type PanelInput = z.input<typeof panelSchema>
export type Zone = Panel['zones'][number]
