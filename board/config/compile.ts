/**
 * From a panel as an installer writes it to the record that the device holds (firmware/config.ts): zones as one list for
 * each of their fields, switches as bits, what the board and a zone's type decide filled in.
 */

import { type Config, Option, ZoneFlag, type ZonesConfig } from '../../firmware/config'
import { type BoardMap, keypadAddress, settingsPins, zonePins } from '../boards/index'
import { compiledLoops, FIRST_INPUT } from './loops'
import { FOLLOWS, type Panel, type Zone } from './schema'
import { minuteOf, schedulesOf } from './users'
import { isAlwaysSilent, isBurglary, isForLife, isNeverBypassed, typeOf } from './zone-types'

/** In the unit of the firmware's list. */
const RESPONSE_UNIT_MS = 20
const RESPONSE_MS = 400
/** That of most chips, in mV. */
const ADC_REFERENCE = 1100

/** The panel with every pin: those that it leaves out are the map's, for zones in order, as far as there are any. */
export function wired(panel: Panel, map: BoardMap): Panel {
  const free = zonePins(map).filter((pin) => !panel.zones.some((zone) => zone.pin === pin))
  const zones = panel.zones.map((zone) => (zone.pin === undefined ? { ...zone, pin: free.shift() } : zone))
  const pins = panel.pins ?? settingsPins(map)
  const address = keypadAddress(map)
  const hasChip = pins.rows.length === 0 && pins.wiegandZero === undefined && address >= 0
  const keypad = panel.keypad ?? (hasChip ? `0x${address.toString(16)}` : undefined)
  return { ...panel, zones, pins, keypad }
}

/** The device's record. The panel has passed check() for this board. */
export function compile(panel: Panel, map: BoardMap): Config {
  const { zones, pins, keypad, ...rest } = wired(panel, map)
  const { receivers, category, testHours, expiryHours, bothDownMinutes, partition, codeLength, ethernet, cellular } =
    rest
  const { exitDelaySeconds, entryDelaySeconds, entryDelay2Seconds, abortSeconds, cancelMinutes } = rest
  const { swingerLimit, swingerHours, crossZoneSeconds, sirenMinutes, keyTimeoutSeconds, wrongLimit } = rest
  const { sensorWatchDays, acDelayMinutes, adcReference, utcOffsetMinutes } = rest
  return {
    receivers,
    category,
    testHours,
    expiryHours,
    bothDownMinutes,
    partition,
    partitions: panel.partitions.map(({ name }) => name).join('\n'),
    codeLength,
    options: optionsOf(panel),
    exitDelaySeconds,
    entryDelaySeconds,
    entryDelay2Seconds,
    abortSeconds,
    cancelMinutes,
    swingerLimit,
    swingerHours,
    crossZoneSeconds,
    sirenMinutes,
    keyTimeoutSeconds,
    wrongLimit,
    sensorWatchDays,
    acDelayMinutes,
    autoArmMinute: panel.autoArm === '' ? -1 : minuteOf(panel.autoArm),
    preAlertMinutes: panel.preAlertMinutes,
    ...hoursOf(panel),
    ...keypadsOf(panel),
    ...outputsOf(panel),
    ...(adcReference === ADC_REFERENCE ? {} : { adcReference }),
    ...(keypad === undefined ? {} : { keypad: Number(keypad) }),
    ...wiegandOf(panel),
    ...(panel.loopSupply === undefined ? {} : { loopSupply: panel.loopSupply - FIRST_INPUT }),
    utcOffsetMinutes,
    zones: zonesOf(zones),
    ethernet,
    cellular,
    pins: pins as Config['pins'],
  }
}

function optionsOf(panel: Panel): number {
  return bits([
    [panel.exitRestart, Option.EXIT_RESTART],
    [panel.stayDoubleExit, Option.STAY_DOUBLE_EXIT],
    [panel.autoStay, Option.AUTO_STAY],
    [panel.quickArm, Option.QUICK_ARM],
    [panel.quickExit, Option.QUICK_EXIT],
    [panel.profile === 'EN', Option.EN],
    [panel.silentPanic, Option.SILENT_PANIC],
    [panel.audiblePanic, Option.AUDIBLE_PANIC],
    [panel.firePanic, Option.FIRE_PANIC],
    [panel.hiddenEntry, Option.HIDDEN_ENTRY],
    [panel.blanking, Option.BLANKING],
    [panel.lockoutTamper, Option.LOCKOUT_TAMPER],
    [panel.fireByMaster, Option.FIRE_BY_MASTER],
    [panel.matchedTraffic, Option.MATCHED_TRAFFIC],
    [panel.testAtArming, Option.TEST_AT_ARMING],
    [!panel.duressCodes, Option.NO_DURESS],
  ])
}

function hoursOf({ users }: Panel): Pick<Config, 'schedules'> {
  const schedules = schedulesOf(users)
  return schedules.length === 0 ? {} : { schedules }
}

function keypadsOf({ keypads }: Panel): Pick<Config, 'keypads'> {
  return keypads.length === 0 ? {} : { keypads: keypads.flatMap(({ chip, display }) => [chip, Number(display)]) }
}

/** Only what differs from what the firmware takes for granted. */
function wiegandOf({ wiegand }: Panel): Pick<Config, 'wiegand'> {
  return wiegand === undefined ? {} : { wiegand: { keys: wiegand.keys, isWhole: wiegand.wholeCode } }
}

function outputsOf({ outputs }: Panel): Pick<Config, 'outputs'> {
  if (outputs.length === 0) return {}
  return {
    outputs: { pins: outputs.map(({ pin }) => pin), follows: outputs.map(({ follows }) => FOLLOWS.indexOf(follows)) },
  }
}

function zonesOf(zones: Zone[]): ZonesConfig {
  const made: ZonesConfig = {
    count: zones.length,
    names: zones.map((zone) => zone.name).join('\n'),
    types: zones.map((zone) => typeOf(zone.type)),
    pins: zones.map((zone) => zone.pin as number),
    partitions: zones.map((zone) => zone.partitions.reduce((mask, place) => mask | (1 << (place - 1)), 0)),
    flags: zones.map(flagsOf),
  }
  const cross = zones.map((zone) => zone.crossZone)
  const responses = zones.map((zone) => zone.responseMs / RESPONSE_UNIT_MS)
  const pulses = zones.map((zone) => zone.pulses)
  if (cross.some((group) => group !== 0)) made.cross = cross
  if (responses.some((units) => units !== RESPONSE_MS / RESPONSE_UNIT_MS)) made.responses = responses
  if (pulses.some((count) => count !== 1)) made.pulses = pulses
  const loops = compiledLoops(zones)
  if (loops.length > 0) made.loops = loops
  return made
}

/** What is not said is what the type suggests (Z-7, Z-12, A-7). */
function flagsOf(zone: Zone): number {
  const { type } = zone
  return bits([
    [zone.chime, ZoneFlag.CHIME],
    [zone.bypassable ?? !isNeverBypassed(type), ZoneFlag.BYPASSABLE],
    [zone.forceArmable, ZoneFlag.FORCE_ARMABLE],
    [zone.silent ?? isAlwaysSilent(type), ZoneFlag.SILENT],
    [zone.night, ZoneFlag.NIGHT],
    [zone.swinger ?? !isForLife(type), ZoneFlag.SWINGER],
    [zone.delayed || (zone.abort ?? isBurglary(type)), ZoneFlag.ABORT],
    [zone.sensorWatch, ZoneFlag.SENSOR_WATCH],
  ])
}

function bits(flags: [boolean, number][]): number {
  return flags.reduce((sum, [isSet, bit]) => sum | (isSet ? bit : 0), 0)
}
