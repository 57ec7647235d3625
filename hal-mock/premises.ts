/**
 * What a premises' network has: a router with DHCP and DNS on the cable, a time server behind it. It also says how a panel
 * is set up that makes use of them.
 *
 * Not here: what goes wrong with them (scenario-world.ts).
 */

import { addZone, type DemoConfig, type DemoSenses, type DemoZones, RECEIVER_ADDRESS, RECEIVER_NAME } from './demo'
import { DhcpServer } from './dhcp-server'
import { DnsServer } from './dns-server'
import { NtpServer } from './ntp-server'
import type { Simulator } from './simulator'

const ROUTER = '192.168.1.1'
/** A neighbour of the demo panel's own address. */
const FIRST_LEASE = '192.168.1.50'
const LEASE_SECONDS = 3600
/** Names that the router's DNS knows; the receiver's comes first. */
const TIME_NAME = 'time.example.net'
const TIME_ADDRESS = '198.51.100.20'
const TTL_SECONDS = 300

/** What a story may say of its panel's settings. */
export const PANEL_WORDS = [
  'dhcp',
  'name',
  'ntp',
  'udp',
  'expanders',
  'house',
  'autostay',
  'supply',
  'box',
  'loops',
  'wiegand',
  'pcf8574',
  'tca8418',
  'outputs',
]
/** Zones of a panel with expanders. */
export const ZONES = 64
/** First pin number of port expanders; the last of each eight inputs is none. */
const FIRST_EXPANDER = 64
/** Zones of a panel with a house: name and place of the type in the firmware's list, in the order of their numbers. */
const HOUSE: [name: string, type: number][] = [
  ['Front door', 0],
  ['Hall window', 2],
  ['Living room', 3],
  ['Garage', 1],
  ['Cellar east', 2],
  ['Cellar west', 2],
  ['Smoke', 11],
  ['Safe', 7],
]
/** Places of zones that confirm each other. */
const PAIR = [4, 5]
/** Option of firmware/config.ts. */
const AUTO_STAY = 4
const FIRE = 11
/** Chip 6, which nothing else takes; chip 7 would have the display's address. */
const LAST_EXPANDER = FIRST_EXPANDER + 6 * 16
/** Chip 5, which zones do not reach: siren, light, buzzer and reset first, then one that follows armed, and one of duress. */
const OUTPUT_CHIP = FIRST_EXPANDER + 5 * 16
const OUTPUTS = { pins: [OUTPUT_CHIP + 4, OUTPUT_CHIP + 15], follows: [0, 8] }
const NO_ADDRESS = '0.0.0.0'
/** Inputs of ADS1115s; the last one of the first chip is at the loops' supply. Style of a loop. */
const FIRST_CONVERTER = 192
const LOOP_SUPPLY = 3
const DEOL = 4
/** Of either resistor in a loop, when nobody has changed it. */
export const LOOP_OHMS = 4700

/** Words that each bring zones of their own; and those whose first two zones are where the senses would be. */
const OWN_ZONES = ['expanders', 'house', 'loops']
const AT_INPUTS = ['expanders', 'house']
const SENSES = ['supply', 'box']

/** Why these words do not go together; '' when they do. */
export function panelProblem(words: string[]): string {
  const own = OWN_ZONES.filter((word) => words.includes(word))
  if (own.length > 1) return `${own.join(' and ')} each bring zones of their own: leave all but one out`
  const senses = SENSES.filter((word) => words.includes(word))
  const zones = AT_INPUTS.filter((word) => words.includes(word))
  if (senses.length === 0 || zones.length === 0) return ''
  return `${senses.join(' and ')} ${senses.length > 1 ? 'need' : 'needs'} the inputs that ${zones[0]} has zones at: leave one out`
}

/**
 * The settings with what a story says of them: address by DHCP, the receiver by its name, time by NTP, reports by UDP, 62
 * more zones at port expanders; a house with eight zones of several types; away with nobody gone becomes stay; mains and
 * battery, or the box and the siren's circuit, sensed; loops with resistors; a Wiegand
 * keypad, or one at a chip on I2C; siren, light, buzzer and the reset of the W5500 at a port expander.
 */
export function panelSettings(config: DemoConfig, words: string[]): DemoConfig {
  if (words.length === 0) return config
  const [station, ...others] = config.receivers
  const has = (word: string) => words.includes(word)
  const { ethernet } = config
  return {
    ...config,
    ...(has('supply') || has('box') ? { zones: withSenses(config.zones) } : {}),
    ...(has('expanders') ? { zones: withExpanders(config.zones) } : {}),
    ...(has('house') ? { zones: houseZones(config.zones) } : {}),
    ...(has('loops') ? { zones: withLoops(config.zones), loopSupply: LOOP_SUPPLY } : {}),
    ...(has('pcf8574') ? { keypad: 0x21 } : {}),
    ...(has('tca8418') ? { keypad: 0x34 } : {}),
    ...(has('outputs') ? { outputs: OUTPUTS } : {}),
    pins: pinsOf(config, words),
    options: config.options | (has('autostay') ? AUTO_STAY : 0),
    receivers: [
      {
        ...station,
        host: has('name') ? RECEIVER_NAME : station.host,
        protocol: has('udp') ? 'udp' : station.protocol,
      },
      ...others,
    ],
    ethernet: {
      ...ethernet,
      isDynamic: has('dhcp') || ethernet.isDynamic,
      // Else the address in the settings serves while no server answers.
      ...(has('dhcp') ? { address: NO_ADDRESS, mask: NO_ADDRESS, gateway: NO_ADDRESS } : {}),
      dnsServers: has('name') || has('ntp') ? [ROUTER] : ethernet.dnsServers,
      timeServer: has('ntp') ? TIME_NAME : ethernet.timeServer,
    },
  }
}

/** The first two zones at the board's pins, the others at a port expander; two of them in one cross-zone group. */
function houseZones(zones: DemoZones): DemoZones {
  return {
    count: HOUSE.length,
    names: HOUSE.map(([name]) => name).join('\n'),
    types: HOUSE.map(([, type]) => type),
    pins: HOUSE.map((_, at) => zones.pins[at] ?? FIRST_EXPANDER + at - zones.count),
    partitions: HOUSE.map(() => 1),
    flags: HOUSE.map(([, type]) => (type === FIRE ? 0 : zones.flags[0])),
    cross: HOUSE.map((_, at) => (PAIR.includes(at) ? 1 : 0)),
  }
}

/** Zones that a story's panel has. */
export function zoneCount(words: string[], demoCount: number): number {
  if (words.includes('expanders')) return ZONES
  return words.includes('house') ? HOUSE.length : demoCount
}

/**
 * Mains and battery, or the box and the siren's circuit, at the two free inputs; the zones move to an expander's second
 * half. With all four the contacts are at GPIO 3 and 12: free where the console is closed and a fuse sets the flash's voltage.
 */
function sensing(isSupply: boolean, isBox: boolean): DemoSenses {
  const isBoth = isSupply && isBox
  return {
    ...(isSupply ? { acSense: isBoth ? 3 : 35, batterySense: 34 } : {}),
    ...(isBox ? { boxTamper: isBoth ? 12 : 35, sirenSense: isBoth ? 35 : 34 } : {}),
  }
}

function withSenses(zones: DemoZones): DemoZones {
  return { ...zones, pins: zones.pins.map((_, at) => LAST_EXPANDER + at) }
}

/** Each word with the pins that the ones before it leave. */
function pinsOf(config: DemoConfig, words: string[]): DemoConfig['pins'] {
  const has = (word: string) => words.includes(word)
  let pins: DemoConfig['pins'] = { ...config.pins, ...sensing(has('supply'), has('box')) }
  if (has('pcf8574') || has('tca8418')) pins = withChip(pins)
  if (has('wiegand')) pins = withWiegand(pins)
  return has('outputs') ? withOutputs(pins) : pins
}

/** The zones at the first inputs of an ADS1115, each with 4.7 kOhm at its end and across its contact (DEOL). */
function withLoops(zones: DemoZones): DemoZones {
  const loops: number[] = []
  for (let zone = 0; zone < zones.count; zone++) loops.push(zone, DEOL, LOOP_OHMS, LOOP_OHMS, LOOP_OHMS, 0, 0)
  return { ...zones, pins: zones.pins.map((_, zone) => FIRST_CONVERTER + zone), loops }
}

/** Build A of hardware.md §4.2: D0, D1 and LED of a Wiegand keypad. */
function withWiegand(pins: DemoConfig['pins']): DemoConfig['pins'] {
  return { ...pins, rows: [], columns: [], wiegandZero: 25, wiegandOne: 13, keypadLed: 15 }
}

/** Build B of hardware.md §4.2: a matrix keypad at a chip on I2C, INT at GPIO25. */
function withChip(pins: DemoConfig['pins']): DemoConfig['pins'] {
  return { ...pins, rows: [], columns: [], keypadInterrupt: 25 }
}

/** As on a board whose own pins do not suffice (hardware.md §4.3). */
function withOutputs(pins: DemoConfig['pins']): DemoConfig['pins'] {
  const [siren, light, buzzer, w5500Reset] = [0, 1, 2, 3].map((at) => OUTPUT_CHIP + at)
  return { ...pins, siren, light, buzzer, w5500Reset }
}

/** Zone 3 is at the first input of the first chip, and so on; all of them instant. */
function withExpanders(zones: DemoZones): DemoZones {
  const all: DemoZones = {
    count: zones.count,
    names: zones.names,
    types: zones.types.slice(),
    pins: zones.pins.slice(),
    partitions: zones.partitions.slice(),
    flags: zones.flags.slice(),
  }
  for (let at = 0; all.count < ZONES; at++) {
    if (at % 8 !== 7) addZone(all, 'Zone ' + (all.count + 1), FIRST_EXPANDER + at)
  }
  return all
}

/** All three, in a simulator's world. */
export class Premises {
  readonly dhcp: DhcpServer
  readonly dns = new DnsServer([
    { name: RECEIVER_NAME, address: RECEIVER_ADDRESS, ttlSeconds: TTL_SECONDS },
    { name: TIME_NAME, address: TIME_ADDRESS, ttlSeconds: TTL_SECONDS },
  ])
  readonly ntp: NtpServer
  /** The time server's clock is ahead by so much. */
  aheadSeconds = 0

  constructor({ board, cellular, clock, ethernet, network }: Simulator<unknown, unknown>) {
    this.dhcp = new DhcpServer(clock, ethernet, {
      address: ROUTER,
      first: FIRST_LEASE,
      mask: '255.255.255.0',
      router: ROUTER,
      dnsServers: [ROUTER],
      leaseSeconds: LEASE_SECONDS,
    })
    this.ntp = new NtpServer(() => board.utcSeconds() + (clock.nowMs % 1000) / 1000 + this.aheadSeconds)
    ethernet.neighbour(ROUTER, 53, this.dns.serve)
    cellular.names[RECEIVER_NAME] = RECEIVER_ADDRESS
    network.serve(TIME_ADDRESS, 123, this.ntp.serve)
  }
}
