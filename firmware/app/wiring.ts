/** The paths and their receivers, as the settings have them. Runs once after power-up. */

import * as cellularPath from '../cellular/cellular-path'
import type { Config, ReceiverConfig } from '../config'
import { bytesOf, groupsOf, keyBytes, Option } from '../config'
import * as ethernetPath from '../ethernet/ethernet-path'
import * as event from '../event'
import type { Hal } from '../hal'
import * as dc09 from '../report/dc09'
import * as figures from '../store/figures'
import * as dispatcher from '../transmit/dispatcher'
import * as lanes from '../transmit/lanes'
import type { Target } from '../transmit/path'
import type { App } from './state'

/** Places for receivers of a lane in the figures. */
const RECEIVERS = figures.ATPS / 2

/** Who gets what (event.ts), and lanes of each destination, a bit each (transmit/queue.ts). */
export function receiversOf(config: Config): { takers: Uint8Array; lanes: Uint8Array } {
  const takers = new Uint8Array(event.TAKERS)
  const laneBits: number[] = []
  let matched = (config.options & Option.MATCHED_TRAFFIC) === 0 ? 0 : 255
  for (let index = 0; index < config.receivers.length; index++) {
    const r = config.receivers[index]
    // A destination of which one receiver gets clear frames hides nothing there.
    if (r.key === '') matched &= ~(1 << (r.isBackup ? laneBits.length - 1 : laneBits.length))
    const lane = r.paths === 'both' ? 3 : r.paths === 'ethernet' ? 1 : 2
    if (r.isBackup) {
      laneBits[laneBits.length - 1] |= lane
      continue
    }
    const groups = groupsOf(r.events) | (r.isMonitoring ? 1 : 0)
    for (let group = 0; group < event.GROUP_COUNT; group++) {
      takers[group] |= ((groups >> group) & 1) << laneBits.length
    }
    laneBits.push(lane)
  }
  event.completeTakers(takers, matched)
  return { takers, lanes: new Uint8Array(laneBits) }
}

function targetsOf(config: Config): Target[] {
  const targets: Target[] = []
  for (let index = 0; index < config.receivers.length; index++) {
    const r = config.receivers[index]
    targets.push({ host: r.host, port: r.port, isUdp: r.protocol === 'udp' ? 1 : 0 })
  }
  return targets
}

export function createCellular(hal: Hal, config: Config): cellularPath.CellularPath {
  return cellularPath.create(hal, {
    apn: config.cellular.apn,
    simPin: config.cellular.simPin,
    targets: targetsOf(config),
    powerKeyPin: config.pins.modemPowerKey,
    supplyPin: config.pins.modemSupply,
    statusPin: config.pins.modemStatus,
    smsNumber: config.cellular.smsNumber,
  })
}

export function addPaths(app: App): void {
  const config = app.config
  const e = config.ethernet
  const dnsServers: number[][] = []
  for (let index = 0; index < e.dnsServers.length; index++) dnsServers.push(bytesOf(e.dnsServers[index], '.', 10, 4))
  const ethernet = ethernetPath.create(app.hal, {
    macAddress: bytesOf(e.mac, ':', 16, 6),
    isDynamic: e.isDynamic ? 1 : 0,
    address: bytesOf(e.address, '.', 10, 4),
    mask: bytesOf(e.mask, '.', 10, 4),
    gateway: bytesOf(e.gateway, '.', 10, 4),
    dnsServers,
    timeServer: e.timeServer,
    targets: app.cellular.settings.targets,
    resetPin: config.pins.w5500Reset,
  })
  const counted = figures.load(app.hal.flash, app.hal.crypto)
  addAtps(app, dispatcher.addLane(app.dispatcher, ethernet), counted)
  addAtps(app, dispatcher.addLane(app.dispatcher, app.cellular), counted)
}

/** Every receiver that this path leads to. counted: store/figures.ts. */
function addAtps(app: App, lane: lanes.Lane, counted: Uint32Array): void {
  const receivers = app.config.receivers
  let destination = -1
  for (let index = 0; index < receivers.length; index++) {
    const r = receivers[index]
    if (!r.isBackup) destination++
    const isHere = r.paths === 'both' || r.paths === (lane.index === 0 ? 'ethernet' : 'cellular')
    const at = (lane.index * RECEIVERS + index) * figures.FIGURE_COUNT
    const words = new Uint32Array(counted.subarray(at, at + figures.FIGURE_COUNT))
    const [isPolled, hasTime] = [r.isPolled ? 1 : 0, r.hasEventTime ? 1 : 0]
    lane.atps.push(isHere ? lanes.atp(index, destination, link(app, r), isPolled, hasTime, words) : undefined)
  }
}

/** 64 bytes hold an event with its own time for accounts up to six digits, 80 for all (dc09.Link.padBytes). */
function link(app: App, r: ReceiverConfig): dc09.Link {
  const made = dc09.create(r.account, keyBytes(r.key), 'R0', 'L0', app.hal.crypto, app.hal.random)
  if (r.isPadded) made.padBytes = r.account.length > 6 ? 80 : 64
  return made
}
