/**
 * Programming at the keypad (K-22): installer's code and 0 while nothing is armed; in profile EN only after a user has
 * allowed it (C-5). Burglary zones do not alarm meanwhile, fire and panic do. A section is a number of the settings: its
 * value is shown, and digits with # give it another one, within its limits. * leaves; so do 20 minutes without a key.
 *
 *   001 exit delay s    002 entry delay 1 s   003 entry delay 2 s   004 abort window s   005 cancel window min
 *   006 siren min       007 swinger limit     008 cross-zone s      009 wrong codes      010 key time-out s
 *   011 sends a duress event with the installer's number, and shows over which paths it was kissed off (D-24). It is only there
 *       when a duress code is (D-25), and the log knows nothing of it (D-17).
 *   012 shows what the loop of a zone reads, anew each second (loop-view.ts). It is only there where loops are measured.
 */

import { Option } from '../config'
import * as event from '../event'
import * as codes from '../panel/codes'
import * as partition from '../panel/partition'
import * as settings from '../store/settings'
import * as tones from '../tones'
import * as lanes from '../transmit/lanes'
import * as queue from '../transmit/queue'
import * as keeping from './keeping'
import * as loopView from './loop-view'
import type { App } from './state'

/** Without a key it ends by itself. */
export const IDLE_MS = 1200000
/** EN: how long an installer may enter after a user allowed it. */
const GRANT_MS = 3600000

/** Place of the drill behind the fields. */
export const DRILL = 10
/** Place of the view of loops; a zone's number is added while its loop is shown. In the place of a drill's time: one is. */
export const LOOPS = 11
export const VIEWING = -1
/** How long it waits for both paths. */
const DRILL_MS = 120000

/** Entry delay and abort window together in profile SIA; the entry delay alone in EN. */
const SIA_LIMIT_SECONDS = 60
const EN_LIMIT_SECONDS = 45

/** Field of the settings, least and most value of each section, and the word for it. */
const FIELDS = [
  'exitDelaySeconds',
  'entryDelaySeconds',
  'entryDelay2Seconds',
  'abortSeconds',
  'cancelMinutes',
  'sirenMinutes',
  'swingerLimit',
  'crossZoneSeconds',
  'wrongLimit',
  'keyTimeoutSeconds',
]
const LEAST = [45, 30, 30, 0, 5, 1, 1, 30, 3, 3]
const MOST = [255, 240, 240, 45, 255, 255, 6, 600, 10, 30]
const WORDS =
  'Exit s     Entry 1 s  Entry 2 s  Abort s    Cancel min Siren min  Swinger    Cross s    Wrong codesKey time s '
const WORD_LENGTH = 11
/** The abort window is off or at least this long. */
const LEAST_ABORT = 15
/** Limits that profile EN has instead. */
const EN_SIREN = [2, 15]
const EN_SWINGER = [0, 14]

/** What the keypad is to say: both lines and a tone. */
export interface Saying {
  line1: string
  line2: string
  tone: number
}

function saying(line1: string, line2: string, tone: number): Saying {
  return { line1, line2, tone }
}

/** Code and 0. Installers begin to program; in profile EN others allow them to. */
export function enter(app: App, nowMs: number): Saying {
  const isEn = app.premises.rules.isEn === 1
  if (app.role !== codes.INSTALLER) {
    if (!isEn || app.role === codes.SERVICE) return saying('NOT ALLOWED', '', tones.REJECTED)
    app.grantUntilMs = nowMs + GRANT_MS
    return saying('INSTALLER', 'May enter: 1 h', tones.ACCEPTED)
  }
  const all = app.premises.partitions
  for (let index = 0; index < all.length; index++) {
    if (all[index].state !== partition.DISARMED) return saying('NOT ALLOWED', 'Disarm first', tones.REJECTED)
  }
  if (isEn && nowMs >= app.grantUntilMs) return saying('NOT ALLOWED', 'Ask a user', tones.REJECTED)
  app.premises.isProgramming = 1
  keeping.keep(app, event.PROGRAMMING_IN, event.NEW, app.user)
  return prompt()
}

export function prompt(): Saying {
  return saying('PROGRAM', 'Section ___', tones.ACCEPTED)
}

/** The section of a choice, 0-11; -1 when there is none of that number. */
export function sectionOf(app: App, number: number): number {
  if (number === LOOPS + 1) return app.zones.loops === undefined ? -1 : LOOPS
  return number >= 1 && number <= FIELDS.length + (codes.hasDuress(app.codes) ? 1 : 0) ? number - 1 : -1
}

/** The number of the last section. */
export function lastSection(app: App): number {
  if (app.zones.loops !== undefined) return LOOPS + 1
  return FIELDS.length + (codes.hasDuress(app.codes) ? 1 : 0)
}

export function show(app: App, section: number): Saying {
  if (section === DRILL) return saying('DURESS TEST', '1# sends 121', tones.KEY)
  if (section === LOOPS) return saying('LOOPS', 'Zone __', tones.KEY)
  const word = WORDS.substr(section * WORD_LENGTH, WORD_LENGTH)
  return saying(word + '  ' + ('00' + current(app, section)).slice(-3), 'New value ___', tones.KEY)
}

function current(app: App, section: number): number {
  const r = app.premises.rules
  switch (section) {
    case 0:
      return r.exitMs / 1000
    case 1:
      return r.entryMs / 1000
    case 2:
      return r.entry2Ms / 1000
    case 3:
      return r.abortMs / 1000
    case 4:
      return r.cancelMs / 60000
    case 5:
      return r.bellMs / 60000
    case 6:
      return app.premises.zones.swingLimit
    case 7:
      return app.premises.crossMs / 1000
    case 8:
      return app.config.wrongLimit
    default:
      return app.keypad.timeoutMs / 1000
  }
}

/** Takes another value, or says what is allowed and loses nothing. It counts at once and is kept in the settings. */
export function set(app: App, section: number, value: number, nowMs: number): Saying {
  if (section === DRILL) return value === 1 ? drill(app, nowMs) : prompt()
  if (section >= LOOPS) return watch(app, value)
  const isEn = (app.config.options & Option.EN) !== 0
  const range = section === 5 && isEn ? EN_SIREN : section === 6 && isEn ? EN_SWINGER : [LEAST[section], MOST[section]]
  const isShortAbort = section === 3 && value > 0 && value < LEAST_ABORT
  if (value < range[0] || value > range[1] || isShortAbort) {
    return saying('NOT TAKEN', 'Use ' + (section === 3 ? '0, 15-45' : range[0] + '-' + range[1]), tones.REJECTED)
  }
  const complaint = togetherWith(app, section, value, isEn)
  if (complaint !== '') return saying('NOT TAKEN', complaint, tones.REJECTED)
  apply(app, section, value)
  const isKept = settings.setNumber(app.hal.flash, app.hal.crypto, FIELDS[section], value)
  return saying(isKept ? 'STORED' : 'UNTIL RESTART', 'Section ___', isKept ? tones.ACCEPTED : tones.REJECTED)
}

/** on both entry delays. */
function togetherWith(app: App, section: number, value: number, isEn: boolean): string {
  if (section < 1 || section > 3) return ''
  const r = app.premises.rules
  const entry = section === 1 ? value : r.entryMs / 1000
  const abort = section === 3 ? value : r.abortMs / 1000
  if (isEn) return section < 3 && value > EN_LIMIT_SECONDS ? 'At most 45' : ''
  const longest = section === 2 && value > entry ? value : entry
  return longest + abort > SIA_LIMIT_SECONDS && abort > 0 ? 'Entry+abort > 60' : ''
}

function apply(app: App, section: number, value: number): void {
  const r = app.premises.rules
  if (section === 0) r.exitMs = value * 1000
  else if (section === 1) r.entryMs = value * 1000
  else if (section === 2) r.entry2Ms = value * 1000
  else if (section === 3) r.abortMs = value * 1000
  else if (section === 4) r.cancelMs = value * 60000
  else if (section === 5) r.bellMs = value * 60000
  else if (section === 6) app.premises.zones.swingLimit = value
  else if (section === 7) app.premises.crossMs = value * 1000
  else if (section === 8) app.config.wrongLimit = value
  else app.keypad.timeoutMs = value * 1000
}

/** From now on the loop of that zone is shown, until another section or zone is. */
function watch(app: App, zone: number): Saying {
  const lines = loopView.view(app, zone - 1)
  if (lines.length === 0) return saying('LOOPS', 'Not measured', tones.REJECTED)
  app.about = LOOPS + zone
  app.drillAtMs = VIEWING
  return saying(lines[0], lines[1], tones.KEY)
}

function drill(app: App, nowMs: number): Saying {
  app.drillAtMs = nowMs
  keeping.send(app, event.DURESS, event.NEW, 0, app.user, 0)
  return saying('DURESS TEST', drillText(app), tones.ACCEPTED)
}

/** Looks for kiss-offs of a drill under way. Returns what to show, '' for nothing new. */
export function drillStep(app: App, nowMs: number): string {
  const text = drillText(app)
  if (app.premises.isProgramming === 0 || nowMs >= app.drillAtMs + DRILL_MS || text.indexOf('--') < 0) app.drillAtMs = 0
  return app.premises.isProgramming === 0 || text === app.menu2 ? '' : text
}

/** A path has proved itself when the station kissed something off there since, and the event is not owed any more. */
function drillText(app: App): string {
  const subject = event.subject(event.DURESS, app.config.partition, app.user)
  const isOwed = queue.isWaiting(app.queue, 0, subject) && queue.isOwed(app.queue, 0)
  let text = ''
  for (let index = 0; index < app.dispatcher.lanes.length; index++) {
    const a = lanes.choose(app.dispatcher.lanes[index], 0, Infinity)
    const isGood = a !== undefined && a.goodAtMs > app.drillAtMs && !isOwed
    text += (index === 0 ? 'LAN ' : '  GSM ') + (isGood ? 'ok' : '--')
  }
  return text
}
