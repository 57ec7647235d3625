/**
 * The screen of `npm start`, as a pure function: what there is to see becomes at most 24 lines of at most 80 columns.
 * The upper half is the panel and its world. The lower half is either the station's log or the first screen, which says
 * what to type; the demo codes stand on that one only.
 */

import type picocolors from 'picocolors'
import { DEMO_CODES } from '../demo'
import type { StationEvent } from '../receiver'
import { START_SECONDS } from '../simulator'

/** How words are coloured; with createColors(false) they stay plain. */
export type Paint = ReturnType<typeof picocolors.createColors>

export const COLUMNS = 80
export const ROWS = 24

/** An event at the station. */
export interface Heard {
  atMs: number
  event: StationEvent
  /** From the last key on the keypad until the station had it; Infinity when there was no key yet. */
  afterKeyMs: number
}

/** All that the screen shows. */
export interface View {
  nowMs: number
  speed: number
  /** Right end of the title: seed, or the ports of a live station. */
  place: string
  isHelp: boolean
  isPowered: boolean
  /** Until when zones are not evaluated after a restart, in virtual ms; 0 when they are. */
  holdOffUntilMs: number
  display: string[]
  isLit: boolean
  isSiren: boolean
  isBuzzer: boolean
  zones: { name: string; isOpen: boolean }[]
  /** State as the firmware sees it: down, ready, opening, open; '' without power. */
  paths: { name: string; state: string; isLinked: boolean; isBroken: boolean; figures: string }[]
  heard: Heard[]
  /** The last lines of what the chips did. */
  activity: string[]
}

/** The station's lines that fit below the panel, and on the first screen. */
const LOG_LINES = 8
const LOG_LINES_WITH_HELP = 4
const ACTIVITY_LINES = 2
const DISPLAY_COLUMNS = 16
const NAME_COLUMNS = 22
const DAY_SECONDS = 86400

/** The whole screen: lines without line ends. */
export function render(view: View, paint: Paint): string[] {
  const lines = [title(view, paint), ...panel(view, paint), ...world(view, paint), '']
  if (view.isHelp) lines.push(...help(paint), '', ...station(view, paint, LOG_LINES_WITH_HELP))
  else lines.push(...station(view, paint, LOG_LINES), '', ...activity(view, paint), '', ...keys(paint))
  return lines
}

/** What a newcomer types to see a duress disarm, with the demo codes. */
export function help(paint: Paint): string[] {
  const code = (name: string) => paint.bold(digitsOf(name))
  const key = (name: string) => paint.bold(name)
  return [
    paint.bold('A disarm under duress: type'),
    ` 1  ${code('code A')} then ${key('2')}  user 1 arms and has 60 s to leave; ${key('f')} passes the time`,
    ` 2  ${key('o')}              once it says ARMED AWAY: the front door opens`,
    ` 3  ${code('duress A')}         duress code of user 1: the panel disarms as with any code,`,
    `                   but the station has ${paint.bold('PRIORITY 1121 Duress')}, over both paths`,
    `Again with ${code('code A')}: all looks the same, and calls nobody. User 2 is ${code('code B')}.`,
    `Again with ${key('e')} or ${key('c')} before 3: one path is enough. With both: once one is back.`,
    `World: ${key('e')} Ethernet cable  ${key('i')} internet behind it  ${key('c')} cellular coverage  ${key('p')} power`,
    `       ${key('o')} front door  ${key('w')} hall window  ${key('f')} faster  ${key('h')} log, or this text  ${key('q')} quit`,
  ]
}

/** One event at the station as a line of at most 80 columns; the columns are those of stationHead. */
export function stationLine(heard: Heard): string {
  const event = heard.event
  const seconds = heard.afterKeyMs / 1000
  return [
    timeOfDay(heard.atMs),
    event.isPriority ? 'PRIORITY' : '        ',
    `${event.qualifier}${event.code} ${eventName(event)}`.padEnd(NAME_COLUMNS + 5),
    String(event.partition).padStart(2, '0'),
    `${subject(event)} ${String(event.number).padStart(3, '0')}`,
    event.via.slice(0, 8).padEnd(8),
    (seconds < 1000 ? `${seconds.toFixed(2)} s` : '').padStart(8),
    event.isDuplicate ? 'copy' : '',
  ].join(' ')
}

/** HH:MM:SS in UTC of a moment of virtual time. */
export function timeOfDay(atMs: number): string {
  const seconds = (START_SECONDS + Math.floor(atMs / 1000)) % DAY_SECONDS
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

function digitsOf(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

function title(view: View, paint: Paint): string {
  const left = 'duress-panel'
  const speed = view.speed === 1 ? 'real time' : `x${view.speed}`
  const right = `${speed.padStart(9)}  ${timeOfDay(view.nowMs)}  ${view.place}`
  return paint.bold(left) + right.padStart(COLUMNS - left.length)
}

/** The display in its frame; light, siren and buzzer beside it, and below them what to do next. */
function panel(view: View, paint: Paint): string[] {
  const edge = `+${'-'.repeat(DISPLAY_COLUMNS + 2)}+`
  const row = (index: number) => `| ${paint.cyan((view.display[index] ?? '').padEnd(DISPLAY_COLUMNS))} |`
  const lamp = (name: string, isOn: boolean, colour: (text: string) => string) =>
    `${name} ${isOn ? colour('ON ') : paint.dim('off')}`
  const lamps = [
    lamp('status light', view.isLit, paint.green),
    lamp('siren', view.isSiren, paint.red),
    lamp('buzzer', view.isBuzzer, paint.yellow),
    lamp('power', view.isPowered, paint.green),
  ]
  return [edge, `${row(0)}  ${lamps.join('   ')}`, `${row(1)}  ${paint.yellow(hint(view))}`, edge]
}

/** The next useful thing to do, from what the display says. At most 58 columns. */
function hint(view: View): string {
  const line = view.display[0] ?? ''
  if (!view.isPowered) return 'no power: p brings it back'
  if (view.speed > 1) return `time runs x${view.speed}; any other key brings back real time`
  if (line.startsWith('NOT READY')) return 'close the open zone before arming: o or w'
  if (line.startsWith('READY')) return 'to arm: a code, then 2'
  if (line.startsWith('MEMORY')) return 'there was an alarm; to arm again: a code, then 2'
  if (line.startsWith('DISARMED')) return 'disarmed; h shows what the station was told'
  if (line.startsWith('AWAY')) return 'time to leave: f passes it, a code cancels it'
  if (line.startsWith('ENTRY')) return 'enter a code, the duress code or an ordinary one'
  if (line.startsWith('ALARM')) return 'a code ends the alarm'
  if (line.startsWith('ARMED')) {
    if (view.nowMs < view.holdOffUntilMs) return 'zones are not evaluated for 60 s after power-up: f'
    return 'o opens the front door; a code disarms'
  }
  return ''
}

function world(view: View, paint: Paint): string[] {
  const zones = view.zones.map((zone, index) => {
    const state = zone.isOpen ? paint.yellow('OPEN  ') : paint.dim('closed')
    return `${index + 1} ${zone.name} ${state}`
  })
  return [`zones     ${zones.join('   ')}`, ...view.paths.map((path) => pathLine(path, paint))]
}

function pathLine(path: View['paths'][number], paint: Paint): string {
  const state = path.state === '' ? '-' : path.state
  const isCable = path.name === 'ethernet'
  const link = isCable ? (path.isLinked ? 'cable in' : 'cable CUT') : path.isLinked ? 'coverage' : 'NO coverage'
  const internet = isCable ? (path.isBroken ? '  internet BROKEN' : '  internet works') : ''
  const around = link + internet
  return [
    path.name.padEnd(9),
    (state === 'down' || state === '-' ? paint.red : paint.green)(state.padEnd(8)),
    path.isLinked && !path.isBroken ? paint.dim(around) : paint.yellow(around),
    ...(path.figures === '' ? [] : [paint.dim(path.figures.padStart(path.figures.length + 24 - around.length))]),
  ].join(' ')
}

function station(view: View, paint: Paint, count: number): string[] {
  const head = `${'station'.padEnd(17)} ${'event'.padEnd(NAME_COLUMNS + 5)} pt user/zone ${'path'.padEnd(8)}after key`
  const lines = view.heard.slice(-count).map((heard) => {
    const line = stationLine(heard)
    return heard.event.isPriority ? paint.bold(paint.red(line)) : line
  })
  if (lines.length === 0) lines.push(paint.dim('nothing yet'))
  while (lines.length < count) lines.push('')
  return [paint.bold(head), ...lines]
}

function activity(view: View, paint: Paint): string[] {
  const lines = view.activity.slice(-ACTIVITY_LINES).map((line) => paint.dim(line.slice(0, COLUMNS)))
  while (lines.length < ACTIVITY_LINES) lines.push('')
  return lines
}

function keys(paint: Paint): string[] {
  return [
    paint.dim('0-9 * # keypad   o front door   w hall window   f faster   h the codes   q quit'),
    paint.dim('e Ethernet cable   i internet behind it   c cellular coverage   p power'),
  ]
}

/** Openings and closings in words; restores named as such. */
function eventName(event: StationEvent): string {
  if (event.name.startsWith('Open/close')) return event.qualifier === 3 ? 'Closing (armed)' : 'Opening (disarmed)'
  const suffix = event.qualifier === 3 ? ' restored' : event.qualifier === 6 ? ' still so' : ''
  return event.name.slice(0, NAME_COLUMNS - suffix.length) + suffix
}

/** What the three digits at the end are: Contact ID gives users for duress and openings, zones otherwise. */
function subject(event: StationEvent): string {
  return event.code === '121' || event.code.startsWith('4') ? 'user' : 'zone'
}
