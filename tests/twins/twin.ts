/** Plays a history with one of user 2's codes, and notes all that anybody can perceive. */

import * as app from '../../firmware/app'
import { ZoneType } from '../../firmware/config'
import * as codes from '../../firmware/panel/codes'
import { type DemoConfig, demoReceiver } from '../../hal-mock/demo'
import type { Packet } from '../../hal-mock/network'
import { type Note, noteOfLine, noteOfPacket } from '../../hal-mock/notes'
import { Work } from '../../hal-mock/work'
import * as house from '../system/house-rig'
import * as rigs from '../system/panel-rig'
import { counting, type Firmware } from './heap'
import type { History, Step, Who } from './history'

export interface Played {
  notes: Note[]
  /** What the panel was doing at each entry of user 2: for the coverage. */
  moments: string[]
  /** When user 2 pressed the last key of a code, in virtual ms. */
  entriesAtMs: number[]
  /** Codes the station heard, copies left out. */
  heard: string[]
}

const MATCHED = 16384
const PEOPLE: { [who in Exclude<Who, 'wrong' | 'TWIN'> | 'duress']: house.Person } = {
  master: { digits: '274916', slot: 0, user: 1, role: codes.MASTER },
  twin: { digits: '805376', slot: 1, user: 2, role: codes.USER },
  duress: { digits: '618046', slot: 2, user: 2, role: codes.USER, isDuress: true },
  user: { digits: '493057', slot: 3, user: 3, role: codes.USER },
  guest: { digits: '528601', slot: 4, user: 4, role: codes.GUEST },
  installer: { digits: '390426', slot: 5, user: 5, role: codes.INSTALLER },
}
const ZONES: house.HouseZone[] = [
  house.FRONT_DOOR,
  house.WINDOW,
  { name: 'Cellar', type: ZoneType.FOLLOWER, partitions: 2 },
  { name: 'Smoke', type: ZoneType.FIRE, flags: 0 },
  { name: 'Till', type: ZoneType.HOLD_UP, flags: 0 },
]
const READY_MS = 35000
const SECOND_RECEIVER = 12130

function settingsOf({ house: h }: History): Partial<DemoConfig> {
  const station = { ...demoReceiver(), protocol: h.isUdp ? ('udp' as const) : ('tcp' as const) }
  const display = { ...demoReceiver(), port: SECOND_RECEIVER, isMonitoring: false, isPolled: false }
  const options = 1 + 64 + MATCHED + (h.profile === 'EN' ? 32 : 0) + (h.isHidden ? 512 : 0) + (h.isBlanking ? 1024 : 0)
  return {
    receivers: h.hasDisplay ? [station, display] : [station],
    options,
    abortSeconds: h.abort,
    exitDelaySeconds: 45,
    sirenMinutes: 1,
    category: h.category,
    partitions: h.areTwo ? 'House\nGarage' : 'House',
  }
}

/**
 * isDuress: user 2 enters the duress code each time. firmware: with a planted leak, else the panel's. onPacket: told of
 * each packet with all that it carries, which a note leaves out.
 */
export function play(
  history: History,
  isDuress: boolean,
  firmware: Firmware = app,
  onPacket: (packet: Packet) => void = () => {},
): Played {
  const notes: Note[] = []
  const moments: string[] = []
  const entriesAtMs: number[] = []
  const zones = ZONES.map((zone) => (history.house.areTwo ? zone : { ...zone, partitions: 1 }))
  const people = Object.values(PEOPLE).map((one) => ({ ...one, partitions: history.house.areTwo ? 3 : 1 }))
  const noteLine = (atMs: number, source: string, what: string) => {
    const note = noteOfLine(atMs, source, what)
    if (note !== undefined) notes.push(note)
    return note !== undefined
  }
  let nowMs = () => 0 // it is switched on at 0
  let stirredMs = 0
  const rig = house.start({
    zones,
    people,
    settings: settingsOf(history),
    seed: history.house.seed,
    work: new Work(),
    firmware: counting(firmware, {
      nowMs: () => nowMs(),
      stirredMs: () => stirredMs,
      onCount: (variables) => noteLine(nowMs(), 'heap', `${variables} variables`),
    }),
    onLine: ({ atMs, source, what }) => {
      if (noteLine(atMs, source, what)) stirredMs = atMs
    },
  })
  const { simulator } = rig
  nowMs = () => simulator.clock.nowMs
  simulator.network.onPacket = (packet) => {
    notes.push(noteOfPacket(packet))
    stirredMs = packet.atMs
    onPacket(packet)
  }
  simulator.runTo(READY_MS)
  for (const step of history.steps) act(rig, step, isDuress, moments, entriesAtMs)
  simulator.runTo(simulator.clock.nowMs + 20000)
  const heard = simulator.station.filter((event) => !event.isDuplicate).map((event) => event.qualifier + event.code)
  return { notes, moments, entriesAtMs, heard }
}

function act(rig: rigs.Rig, step: Step, isDuress: boolean, moments: string[], entriesAtMs: number[]): void {
  const { simulator } = rig
  const wait = (ms: number) => simulator.runTo(simulator.clock.nowMs + ms)
  switch (step.do) {
    case 'code': {
      const digits = digitsOf(step.who, isDuress)
      simulator.runTo(simulator.type(digits.slice(0, -1)))
      if (step.who === 'TWIN') {
        moments.push(momentOf(rig))
        entriesAtMs.push(simulator.clock.nowMs)
      }
      simulator.runTo(simulator.type(digits.slice(-1)))
      if (step.choice !== '') {
        wait(700)
        simulator.runTo(simulator.type(step.choice))
      }
      wait(step.waitMs)
      return
    }
    case 'keys':
      simulator.runTo(simulator.type(step.keys))
      wait(step.waitMs)
      return
    case 'lockout':
      rigs.lockOut(rig)
      return
    case 'zone':
      simulator.setZone(step.zone, true)
      wait(step.ms)
      simulator.setZone(step.zone, false)
      wait(700)
      return
    case 'link':
      for (const via of step.via === 'both' ? ['ethernet', 'cellular'] : [step.via]) simulator.setLink(via, step.isUp)
      wait(700)
      return
    case 'internet':
      for (const via of ['ethernet', 'cellular']) simulator.setInternet(via, step.isUp)
      wait(700)
      return
    case 'receiver':
      simulator.receiver.mode = step.mode as typeof simulator.receiver.mode
      wait(700)
      return
    case 'power':
      simulator.powerOff()
      wait(step.offMs)
      simulator.powerOn()
      wait(900)
      return
    case 'mains':
      simulator.setMains(step.isOn)
      wait(700)
      return
    default:
      wait(step.ms)
  }
}

function digitsOf(who: Who, isDuress: boolean): string {
  if (who === 'wrong') return rigs.WRONG
  if (who === 'TWIN') return (isDuress ? PEOPLE.duress : PEOPLE.twin).digits
  return PEOPLE[who].digits
}

const STATES = ['disarmed', 'exit', 'armed', 'entry', 'alarm', 'quiet alarm']
const PATHS = ['down', 'ready', 'opening', 'open']

/** State of partitions and paths, lockout, programming, how much is owed, starts: what a moment is counted under. */
function momentOf(rig: rigs.Rig): string {
  const panel = rig.simulator.panel as app.App | undefined
  if (panel === undefined) return 'no power'
  const nowMs = rig.simulator.board.upMs()
  const words = panel.premises.partitions.map((p) => STATES[p.state])
  const paths = panel.dispatcher.lanes.map((lane) => PATHS[lane.path.state])
  const rest = [
    nowMs < panel.lockedUntilMs ? 'locked' : '',
    panel.premises.isProgramming !== 0 ? 'programming' : '',
    panel.queue.count === 0 ? 'nothing owed' : panel.queue.count > 8 ? 'much owed' : 'some owed',
    nowMs < 60000 ? 'just started' : '',
  ]
  return [`partition ${words.join('+')}`, `paths ${paths.join('+')}`, ...rest.filter((word) => word !== '')].join(', ')
}
