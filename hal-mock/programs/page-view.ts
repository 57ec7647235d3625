/** What the page shows of a world: its panel, the world around it as it was left, and the station. */

import { DEMO_CODES } from '../demo'
import { eventText } from '../simulator'
import { keypadSeen, readingOf } from './page-loops'
import type { Heard, PathView, View, ZoneView } from './page-protocol'
import type { Record } from './page-record'
import type { Input, World } from './page-world'
import { pathFigures } from './panel-firmware'
import { timeOfDay } from './panel-screen'

/** Events at once on the page. */
const HEARD_SHOWN = 60
/** The panel evaluates no burglary zone for this long after a restart (P-3). */
const HOLD_OFF_MS = 60000

/** What is known of the moment without asking how time runs. */
export type Seen = Omit<
  View,
  'speed' | 'isStepping' | 'endMs' | 'laterCount' | 'snapshots' | 'wentMs' | 'posts' | 'parked' | 'place'
>

/** inputs: those that the world has done. */
export function seen(world: World, inputs: readonly Input[], record: Record): Seen {
  const { simulator } = world
  const { board, onlooker, settings, receiver } = simulator
  const { now } = onlooker
  const left = new Map<string, string>()
  for (const { verb, args } of inputs) left.set(subjectOf(verb, args), args.at(-1) ?? '')
  const display = now.text === '' ? ['', ''] : now.text.split('|')
  const zones = settings.zones.names
    .split('\n')
    .map((name, index) => zoneView(world, index, name, left.get(`zone ${index + 1}`) === 'open'))
  const view = {
    nowMs: world.nowMs,
    time: timeOfDay(world.nowMs),
    seed: world.setup.seed,
    panel: world.setup.panel,
    isPowered: board.isPowered,
    display,
    isLit: now.light === 'on',
    isSiren: now.siren === 'on',
    isBuzzer: now.buzzer === 'on',
    zones,
    keypadAdvice: keypadSeen(simulator.panel),
    hasSupply: settings.pins.acSense !== undefined,
    isMains: board.supply.isMains,
    batteryVolts: board.supply.batteryVolts,
    hasBox: settings.pins.boxTamper !== undefined,
    isBoxOpen: left.get('world box') === 'open',
    sirenLoop: board.sirenLoop.state,
    paths: [pathView(world, 0), pathView(world, 1)],
    sim: board.modem.sim,
    isModemSilent: board.modem.faults.silent,
    receiver: receiver.mode,
    receiverClockSeconds: receiver.aheadSeconds,
    isReceiverKeyWrong: left.get('world receiver key') === 'wrong',
    cutAtOperation: board.flash.cutAtOperation,
    flashOperations: board.flash.operations,
    steps: stepsDone(world, inputs),
    heardCount: simulator.station.length,
    heard: heardBy(world, record),
  }
  return { ...view, hint: hint(view, restartedAtMs(inputs)) }
}

/** What an input changes, so that the last one tells how it is. */
function subjectOf(verb: string, args: string[]): string {
  if (verb === 'zone') return `zone ${args[0]}`
  return `${verb} ${args.slice(0, args[0] === 'receiver' ? 2 : 1).join(' ')}`
}

function zoneView(world: World, index: number, name: string, isOpen: boolean): ZoneView {
  const { board, panel, settings } = world.simulator
  const loop = board.loops[index]
  const reading = readingOf(panel, settings.zones, index)
  if (loop === undefined) return { name, isOpen, loop: '', endOhms: 0, ohms: 0, reading }
  const state = loop.cable !== 'whole' ? loop.cable : loop.isTampered ? 'tampered' : 'whole'
  return { name, isOpen, loop: state, endOhms: loop.resistors.eol, ohms: Math.round(loop.ohms()), reading }
}

function pathView(world: World, index: 0 | 1): PathView {
  const { simulator } = world
  const nic = index === 0 ? simulator.ethernet : simulator.cellular
  return {
    name: index === 0 ? 'ethernet' : 'cellular',
    state: simulator.pathState(index),
    isLinked: nic.isUp(),
    isBroken: nic.isUpCut || nic.isDownCut,
    lossPercent: nic.lossPercent,
    delayMs: nic.delayMs,
    figures: pathFigures(simulator.panel, index),
  }
}

function heardBy(world: World, record: Record): Heard[] {
  const { station, stationAtMs } = world.simulator
  const first = Math.max(0, station.length - HEARD_SHOWN)
  return station.slice(first).map((event, index) => ({
    atMs: stationAtMs[first + index],
    text: eventText(event),
    name: event.name,
    via: event.via,
    isPriority: event.isPriority,
    isCopy: event.isDuplicate,
    isEncrypted: event.isEncrypted,
    account: event.account,
    code: event.code,
    partition: event.partition,
    number: event.number,
    afterMs: record.afterHands(stationAtMs[first + index]),
  }))
}

/** Armed; the door opened after that; the call at the station. */
function stepsDone({ simulator }: World, inputs: readonly Input[]): boolean[] {
  const at = (code: string, qualifier: number) =>
    simulator.stationAtMs.find((_, index) => {
      const event = simulator.station[index]
      return event.code === code && event.qualifier === qualifier
    })
  const armedAtMs = at('401', 3) ?? (simulator.onlooker.now.text.startsWith('ARMED') ? simulator.clock.nowMs : Infinity)
  const isOpened = inputs.some(({ verb, args, atMs }) => verb === 'zone' && args[1] === 'open' && atMs >= armedAtMs)
  const isCalled = simulator.station.some((event) => event.code === '121')
  return [armedAtMs < Infinity, isOpened, isCalled]
}

function restartedAtMs(inputs: readonly Input[]): number {
  return inputs.filter(({ verb, args }) => verb === 'power' && args[0] === 'restore').pop()?.atMs ?? -Infinity
}

/** The next useful thing to do, from what the display says. */
function hint(view: Pick<View, 'display' | 'isPowered' | 'nowMs'>, restartMs: number): string {
  const line = view.display[0] ?? ''
  if (!view.isPowered) return 'No power: give it back under "The world".'
  if (line.startsWith('NOT READY')) return 'A zone is open: close it before arming.'
  if (line.startsWith('READY')) return `Disarmed. To arm: code ${DEMO_CODES[0].digits}, then 2.`
  if (line.startsWith('MEMORY')) return 'There was an alarm. To arm again: a code, then 2.'
  if (line.startsWith('DISARMED')) return 'Disarmed. What the station was told stands under The station.'
  if (line.startsWith('AWAY') || line.startsWith('STAY')) return 'Time to leave: x60 passes it. A code cancels it.'
  if (line.startsWith('ENTRY')) return 'Somebody came in: enter a code, the ordinary one or the duress code.'
  if (line.startsWith('ALARM')) return 'A code ends the alarm.'
  if (line.startsWith('ARMED')) {
    if (view.nowMs - restartMs < HOLD_OFF_MS) return 'Zones are not evaluated for 60 s after power-up.'
    return 'Armed. Open the front door, or enter a code.'
  }
  return ''
}
