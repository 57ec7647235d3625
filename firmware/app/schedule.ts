/**
 * What goes by the clock: arming, with a warning first, in which any code puts it off by an hour; and the hours
 * of temporary users (C-4). Without the time of day nothing is armed, and no temporary code counts (S-13).
 */

import * as clock from '../clock'
import * as event from '../event'
import * as sounder from '../io/sounder'
import * as annunciator from '../panel/annunciator'
import * as codes from '../panel/codes'
import * as partition from '../panel/partition'
import * as tones from '../tones'
import * as house from './house'
import * as keeping from './keeping'
import { type App, NEVER, refresh, setNote } from './state'

const MINUTE_MS = 60000
const HOUR_MS = 60 * MINUTE_MS
const MINUTES_A_DAY = 1440
/** Config.schedules has so many a user. */
const SCHEDULE_NUMBERS = 6
/** Of the first day of 1970, Monday is 0. */
const THURSDAY = 3
/** S-12. */
const STEP_SECONDS = 60

/** Once a minute, with the minute itself, and when the warning is over. */
export function poll(app: App, nowMs: number): void {
  const config = app.config
  const utc = clock.utcSeconds(app.wall, app.hal.clock)
  const minutes = ((utc / 60) | 0) + config.utcOffsetMinutes
  noticeStep(app, utc, nowMs)
  if (config.schedules !== undefined) openCodes(app, config.schedules, utc === 0 ? -1 : minutes)
  app.minuteAtMs = nowMs + (60 - (utc % 60)) * 1000
  if (nowMs >= app.autoArmAtMs) {
    app.autoArmAtMs = NEVER
    armAll(app, nowMs)
  } else if (utc > 0 && config.autoArmMinute >= 0 && app.autoArmAtMs === NEVER) {
    const untilMinutes = (config.autoArmMinute - (minutes % MINUTES_A_DAY) + MINUTES_A_DAY) % MINUTES_A_DAY
    if (untilMinutes === config.preAlertMinutes && mask(app) !== 0) {
      app.autoArmAtMs = nowMs + untilMinutes * MINUTE_MS - (utc % 60) * 1000
      warn(app, nowMs)
    }
  }
  if (app.autoArmAtMs < app.minuteAtMs) app.minuteAtMs = app.autoArmAtMs
}

/**
 * The codes of temporary users count in their hours (C-4). minutes: local time since 1970, -1 while it is not known: then
 * none of them counts, or cutting the clock would lengthen their hours (S-13).
 */
function openCodes(app: App, list: number[], minutes: number): void {
  for (let at = 0; at < list.length; at += SCHEDULE_NUMBERS) {
    let day = (minutes / MINUTES_A_DAY) | 0
    let past = (minutes % MINUTES_A_DAY) - list[at + 2]
    if (past < 0) {
      past += MINUTES_A_DAY
      day-- // it began yesterday
    }
    const isDay = day >= list[at + 4] && day <= list[at + 5] && ((list[at + 1] >> ((day + THURSDAY) % 7)) & 1) === 1
    codes.open(app.codes, list[at], minutes >= 0 && isDay && past < list[at + 3] ? 1 : 0)
  }
}

/** The time of day was changed by more than a minute: 625 (S-12). No delay knows of it (ST-5). */
function noticeStep(app: App, utc: number, nowMs: number): void {
  if (utc === 0) return
  const startSeconds = utc - Math.floor(nowMs / 1000)
  const isStep = app.startSeconds !== 0 && Math.abs(startSeconds - app.startSeconds) > STEP_SECONDS
  app.startSeconds = startSeconds
  if (isStep) keeping.keep(app, event.TIME_CHANGED, event.NEW, 0)
}

function warn(app: App, nowMs: number): void {
  app.menu1 = 'ARMING SOON'
  app.menu2 = 'Code: 1 h later'
  setNote(app, annunciator.NOTE_MENU, app.autoArmAtMs)
  sounder.play(app.sounder, tones.ACCEPTED, nowMs)
  sounder.play(app.siren, tones.KEY, nowMs) // a chirp
  refresh(app, nowMs)
}

/** A code in the warning: an hour later (464). The same for any code that counts. */
export function postpone(app: App, nowMs: number): void {
  if (app.autoArmAtMs === NEVER) return
  app.autoArmAtMs = nowMs + HOUR_MS
  keeping.keep(app, event.AUTOMATIC_LATER, event.NEW, app.user)
}

/** Partitions that are not armed. */
function mask(app: App): number {
  const all = app.premises.partitions
  let bits = 0
  for (let index = 0; index < all.length; index++) if (all[index].state === partition.DISARMED) bits |= 1 << index
  return bits
}

/** 403 follows the exit delay; 455 when a zone is in the way, or a trouble. */
function armAll(app: App, nowMs: number): void {
  const bits = mask(app)
  setNote(app, annunciator.NOTE_NONE, 0)
  refresh(app, nowMs)
  if (bits === 0) return
  const zone = house.arm(app, bits, partition.AWAY, 0, partition.BY_SCHEDULE, false, nowMs)
  if (zone !== house.ARMED) keeping.keep(app, event.AUTOMATIC_FAILED, event.NEW, zone >= 0 ? zone + 1 : 0)
}
