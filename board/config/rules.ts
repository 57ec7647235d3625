/**
 * Rules that concern more than one field of a panel's file, each with its number in panel-behaviour.md. They see a panel
 * whose fields are right by themselves, and a board.
 */

import { type BoardMap, outputAddress, zonePins } from '../boards/index'
import { listed, use } from './fields'
import { brokenLoops, FIRST_INPUT } from './loops'
import { type Path, type Problem, problem } from './problems'
import { FIRST_EXPANDER, isHostName, type Panel, type Zone } from './schema'
import { brokenUsers } from './users'
import * as types from './zone-types'

type Tell = (path: Path, value: unknown, advice: string) => void
type Rule = (panel: Panel, tell: Tell, map: BoardMap) => void

/** Receivers that are not back-ups (transmit/queue.ts). */
const DESTINATIONS = 2
/** Entry delay and abort window together in profile SIA; entry delay in profile EN; response time there (W-10). */
const ENTRY_AND_ABORT_SECONDS = 60
const EN_ENTRY_SECONDS = 45
const EN_RESPONSE_MS = 400
const NO_ADDRESS = '0.0.0.0'
/** Every code of so many digits fits into 16 bits. */
const WHOLE_DIGITS = 4
/** I2C address of the first MCP23017. */
const FIRST_CHIP = 0x20

/** Everything that several fields together have wrong. */
export function broken(panel: Panel, map: BoardMap): Problem[] {
  const problems: Problem[] = []
  for (const rule of RULES) rule(panel, (path, value, advice) => problems.push(problem(path, value, advice)), map)
  return problems
}

/** The station first, its back-ups behind it; one kind of receiver in each group (D-19). */
const receivers: Rule = ({ receivers }, tell) => {
  const main = receivers.filter((receiver) => !receiver.isBackup)
  if (main.length > DESTINATIONS) {
    tell(['receivers'], receivers, `give at most ${DESTINATIONS} without isBackup, the others as back-ups`)
  }
  receivers.forEach((receiver, at) => {
    if (!receiver.isBackup) return
    if (at === 0) tell(['receivers', 0, 'isBackup'], true, 'set it to false, the first one is the station')
    else if (receiver.isMonitoring !== receivers[at - 1].isMonitoring) {
      const path = ['receivers', at, 'isMonitoring']
      tell(path, receiver.isMonitoring, 'give it the same as the receiver that it stands in for (D-19)')
    }
  })
}

/** A duress code calls nobody when no receiver monitors (D-19), and where they are ruled out there is none (D-25). */
const duress: Rule = ({ duressCodes, receivers, users }, tell) => {
  const isHeard = receivers.some((receiver) => receiver.isMonitoring)
  if (isHeard && duressCodes) return
  const advice = isHeard
    ? 'take it out, or duressCodes: false (D-25)'
    : 'set isMonitoring of the station in receivers, or nobody hears the call (D-19)'
  users.forEach(({ duressOf }, at) => {
    if (duressOf !== undefined) tell(['users', at, 'duressOf'], duressOf, advice)
  })
}

/** Names have to be looked up by somebody (hardware.md §2.5). */
const names: Rule = ({ receivers, ethernet }, tell) => {
  const canLookUp = ethernet.isDynamic || ethernet.dnsServers.length > 0
  receivers.forEach(({ host, protocol, paths }, at) => {
    if (!isHostName(host)) return
    const path = ['receivers', at, 'host']
    if (paths !== 'ethernet' && protocol === 'udp') {
      tell(path, host, 'give an address for protocol udp, or use paths ethernet (hardware.md 2.5)')
    }
    if (paths !== 'cellular' && !canLookUp) {
      tell(path, host, 'give ethernet.dnsServers for a name, or set ethernet.isDynamic, or use an address')
    }
  })
}

const addresses: Rule = ({ ethernet }, tell) => {
  if (ethernet.isDynamic) return
  for (const field of ['address', 'mask'] as const) {
    if (ethernet[field] === NO_ADDRESS) tell(['ethernet', field], undefined, 'give it, or set ethernet.isDynamic')
  }
}

/** A-8 in profile SIA, A-6 in EN; entry delay 2 counts when a zone has it. */
const entryDelays: Rule = (panel, tell) => {
  const isUsed = panel.zones.some((zone) => zone.type === 'entryExit2')
  for (const field of ['entryDelaySeconds', 'entryDelay2Seconds'] as const) {
    if (field === 'entryDelay2Seconds' && !isUsed) continue
    const seconds = panel[field]
    const most = panel.profile === 'EN' ? EN_ENTRY_SECONDS : ENTRY_AND_ABORT_SECONDS - panel.abortSeconds
    if (seconds <= most) continue
    const reason =
      panel.profile === 'EN'
        ? `use at most ${most} in profile EN (A-6)`
        : `use at most ${most}, with abortSeconds ${panel.abortSeconds} it may be ${ENTRY_AND_ABORT_SECONDS} in profile SIA (A-8)`
    tell([field], seconds, reason)
  }
}

/** What the profiles narrow (A-10, A-13, A-33, C-2, W-10). */
const profile: Rule = (panel, tell) => {
  if (panel.profile === 'SIA') {
    const { swingerLimit } = panel
    if (swingerLimit < 1 || swingerLimit > 6) tell(['swingerLimit'], swingerLimit, use('1 to 6 in profile SIA', 'A-10'))
    return
  }
  if (panel.sirenMinutes < 2 || panel.sirenMinutes > 15)
    tell(['sirenMinutes'], panel.sirenMinutes, use('2 to 15 in profile EN', 'A-13'))
  if (panel.quickArm) tell(['quickArm'], true, use('false in profile EN', 'A-33'))
  if (panel.codeLength < 5) tell(['codeLength'], panel.codeLength, use('5 to 8 in profile EN', 'C-2'))
  panel.zones.forEach(({ responseMs }, at) => {
    if (responseMs > EN_RESPONSE_MS) {
      tell(['zones', at, 'responseMs'], responseMs, use(`at most ${EN_RESPONSE_MS} in profile EN`, 'W-10'))
    }
  })
}

const partitions: Rule = ({ partition, partitions, zones }, tell) => {
  const last = partition + partitions.length - 1
  if (last > 99)
    tell(['partition'], partition, `use at most ${100 - partitions.length}, so that none is above 99 (PT-3)`)
  zones.forEach((zone, at) => {
    zone.partitions.forEach((place, index) => {
      const path = ['zones', at, 'partitions', index]
      if (place > partitions.length)
        tell(path, place, `use 1 to ${partitions.length}, the partitions that there are (PT-2)`)
      else if (zone.partitions.indexOf(place) !== index) tell(path, place, 'leave it out, it is there already')
    })
  })
}

/** Attributes that a type cannot have. */
interface Refusal {
  field: 'chime' | 'bypassable' | 'forceArmable' | 'silent' | 'night' | 'swinger' | 'abort' | 'delayed' | 'sensorWatch'
  value: boolean
  isRefused: (name: types.ZoneTypeName) => boolean
  advice: string
}

const REFUSALS: Refusal[] = [
  {
    field: 'bypassable',
    value: true,
    isRefused: types.isNeverBypassed,
    advice: 'leave it out, fire, CO, panic and hold-up zones cannot be bypassed (Z-7)',
  },
  {
    field: 'forceArmable',
    value: true,
    isRefused: types.is24Hour,
    advice: 'leave it out, a 24-hour zone needs an explicit bypass (Z-7)',
  },
  {
    field: 'abort',
    value: true,
    isRefused: types.isForLife,
    advice: 'leave it out, fire, CO, medical, panic and hold-up are never held (Z-12)',
  },
  {
    field: 'delayed',
    value: true,
    isRefused: (name) => name !== 'fire',
    advice: 'leave it out, only fire waits for a second look (Z-11)',
  },
  {
    field: 'swinger',
    value: true,
    isRefused: types.isForLife,
    advice: 'leave it out, fire, CO, medical, panic and hold-up are never cut off (Z-12)',
  },
  {
    field: 'chime',
    value: true,
    isRefused: types.isAlwaysSilent,
    advice: 'leave it out, nothing may tell of this zone (Z-9)',
  },
  {
    field: 'silent',
    value: false,
    isRefused: types.isAlwaysSilent,
    advice: 'leave it out, this type is silent (Z-9)',
  },
  {
    field: 'night',
    value: true,
    isRefused: (name) => !types.isInterior(name),
    advice: 'leave it out, only follower and interiorDelayed ask for it (ST-2)',
  },
]

const attributes: Rule = ({ zones, sensorWatchDays }, tell) => {
  zones.forEach((zone: Zone, at) => {
    for (const { field, value, isRefused, advice } of REFUSALS) {
      if (zone[field] === value && isRefused(zone.type)) tell(['zones', at, field], value, advice)
    }
    if (zone.crossZone > 0 && !types.isBurglary(zone.type)) {
      tell(['zones', at, 'crossZone'], zone.crossZone, 'leave it out, only burglary zones wait for another one (A-30)')
    }
    if (zone.sensorWatch && sensorWatchDays === 0) {
      tell(['zones', at, 'sensorWatch'], true, 'give sensorWatchDays from 1 to 99 for it (Z-15)')
    }
  })
}

/** Inputs: each once. GPIOs are looked at by ../pin-check.ts. */
const inputs: Rule = ({ zones }, tell, map) => {
  zones.forEach(({ pin }, at) => {
    const path = ['zones', at, 'pin']
    const first = zones.findIndex((other) => other.pin === pin)
    if (pin === undefined) {
      const has = zonePins(map)
      const board = has.length === 0 ? 'no pin' : `GPIO ${listed(has.map(String), 'and')}`
      tell(
        path,
        pin,
        `give an input of a port expander, 64 to 174, or of an ADS1115, 192 to 207; ${map.name} itself has ${board} for zones`,
      )
    } else if (pin >= 64 && first < at) tell(path, pin, `give it another input, zone ${first + 1} has this one`)
  })
}

/** Every part of a further keypad has an address of its own, which no zone's expander has (L-5). */
const keypads: Rule = ({ keypads, keypad, zones }, tell) => {
  const chipOfZone = (chip: number) =>
    zones.findIndex(({ pin = 0 }) => pin >= 64 && pin < FIRST_INPUT && (pin - 64) >> 4 === chip)
  const taken = new Map<number, string>()
  if (keypad !== undefined) {
    taken.set(Number(keypad), 'the first keypad')
    const zone = chipOfZone(Number(keypad) - FIRST_CHIP)
    if (zone >= 0) tell(['keypad'], keypad, `give it another address, zone ${zone + 1} is at this one`)
  }
  keypads.forEach(({ chip, display }, at) => {
    const zone = chipOfZone(chip)
    if (zone >= 0) tell(['keypads', at, 'chip'], chip, `give it another chip, zone ${zone + 1} is at this one`)
    const parts: ['chip' | 'display', number, number | string][] = [
      ['chip', FIRST_CHIP + chip, chip],
      ['display', Number(display), display],
    ]
    for (const [field, address, value] of parts) {
      const other = taken.get(address)
      const isZones = field === 'display' && chipOfZone(address - FIRST_CHIP) >= 0
      if (other !== undefined) tell(['keypads', at, field], value, `give it another address, ${other} has this one`)
      else if (isZones) tell(['keypads', at, field], value, 'give it another address, zones are at a chip there')
      taken.set(address, `keypads[${at}].${field}`)
    }
  })
}

/** Outputs are at one MCP23017, the board's if it has one, and nothing else is there (firmware/io/output-port.ts). */
const outputChip: Rule = ({ pins, outputs, zones, keypads, keypad }, tell, map) => {
  const { siren = -1, light = -1, buzzer = -1, w5500Reset = -1, beeper = -1 } = pins ?? {}
  const loads: [Path, number][] = [
    ...Object.entries({ siren, light, buzzer, w5500Reset, beeper }).map(([key, pin]): [Path, number] => [
      ['pins', key],
      pin,
    ]),
    ...outputs.map(({ pin }, at): [Path, number] => [['outputs', at, 'pin'], pin]),
  ]
  const there = loads.filter(([, pin]) => pin >= FIRST_EXPANDER)
  if (there.length === 0) return
  const boards = outputAddress(map)
  const chip = boards < 0 ? chipOf(there[0][1]) : boards - FIRST_CHIP
  for (const [path, pin] of there) {
    if (chipOf(pin) !== chip)
      tell(path, pin, `use ${64 + 16 * chip} to ${79 + 16 * chip}, all outputs are at one MCP23017`)
  }
  const advice = 'outputs are at this one'
  zones.forEach(({ pin = 0 }, at) => {
    if (pin >= FIRST_EXPANDER && pin < FIRST_INPUT && chipOf(pin) === chip)
      tell(['zones', at, 'pin'], pin, `give it an input of another chip, ${advice}`)
  })
  keypads.forEach(({ chip: keys, display }, at) => {
    if (keys === chip) tell(['keypads', at, 'chip'], keys, `give it another chip, ${advice}`)
    if (Number(display) === FIRST_CHIP + chip)
      tell(['keypads', at, 'display'], display, `give it another address, ${advice}`)
  })
  if (Number(keypad) === FIRST_CHIP + chip) tell(['keypad'], keypad, `give it another address, ${advice}`)
}

function chipOf(pin: number): number {
  return (pin - FIRST_EXPANDER) >> 4
}

/** A test needs something to measure, and a load (S-3). */
const batteryTest: Rule = ({ testAtArming, pins, outputs }, tell) => {
  const canTest = pins?.batterySense !== undefined && outputs.some(({ follows }) => follows === 'batteryLoad')
  if (testAtArming && !canTest) {
    tell(
      ['testAtArming'],
      true,
      'give pins.batterySense and an output that follows batteryLoad, or set it to false (S-3)',
    )
  }
}

/** One first keypad, whole. */
const firstKeypad: Rule = ({ pins, wiegand, keypad, codeLength }, tell) => {
  const { rows = [], columns = [], wiegandZero, wiegandOne } = pins ?? {}
  const isWiegand = wiegandZero !== undefined && wiegandOne !== undefined
  const other = isWiegand ? 'a Wiegand keypad' : keypad === undefined ? '' : 'at a chip on I2C'
  if ((wiegandZero === undefined) !== (wiegandOne === undefined)) {
    const missing = wiegandZero === undefined ? 'wiegandZero' : 'wiegandOne'
    tell(['pins', missing], undefined, 'give both lines of a Wiegand keypad')
  } else if (other !== '') {
    if (rows.length > 0) tell(['pins', 'rows'], rows, `leave them empty, the first keypad is ${other}`)
    if (columns.length > 0) tell(['pins', 'columns'], columns, `leave them empty, the first keypad is ${other}`)
    if (isWiegand && keypad !== undefined)
      tell(['keypad'], keypad, 'leave it out, the first keypad is a Wiegand keypad')
  } else {
    if (rows.length !== 4) tell(['pins', 'rows'], rows, 'use 4 rows')
    if (columns.length < 3) tell(['pins', 'columns'], columns, 'use 3 to 4 columns')
  }
  if (wiegand !== undefined && !isWiegand) tell(['wiegand'], wiegand, 'leave it out, the board has no Wiegand keypad')
  if (wiegand === undefined) return
  for (const key of '0123456789') {
    if (wiegand.keys.split(key).length !== 2) {
      tell(['wiegand', 'keys'], wiegand.keys, `use each digit once, ${key} is not`)
      return
    }
  }
  if (wiegand.wholeCode && codeLength > WHOLE_DIGITS) {
    tell(['codeLength'], codeLength, `use ${WHOLE_DIGITS}, a frame of 26 bits holds numbers up to 65535`)
  }
}

/** Codes are asked for later. */
const users: Rule = (panel, tell) => brokenUsers(panel.users, panel.partitions.length, tell)

/** Wiring and what measures it (W-1, W-4, W-5). */
const loops: Rule = (panel, tell) => brokenLoops(panel, tell)

const RULES: Rule[] = [
  receivers,
  duress,
  names,
  addresses,
  entryDelays,
  profile,
  partitions,
  attributes,
  inputs,
  firstKeypad,
  loops,
  keypads,
  outputChip,
  batteryTest,
  users,
]
