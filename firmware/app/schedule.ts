/**
 * Arming by the clock: a warning first, in which any code puts it off by an hour. Without the time of day
 * nothing is armed by it (S-13).
 */

import * as clock from '../clock'
import * as event from '../event'
import * as sounder from '../io/sounder'
import * as annunciator from '../panel/annunciator'
import * as partition from '../panel/partition'
import * as tones from '../tones'
import * as house from './house'
import * as keeping from './keeping'
import { type App, NEVER, refresh, setNote } from './state'

const MINUTE_MS = 60000
const HOUR_MS = 60 * MINUTE_MS
const MINUTES_A_DAY = 1440
/** S-12. */
const STEP_SECONDS = 60

/** Once a minute, and when the warning is over. */
export function poll(app: App, nowMs: number): void {
  const config = app.config
  app.minuteAtMs = nowMs + MINUTE_MS
  if (nowMs >= app.autoArmAtMs) {
    app.autoArmAtMs = NEVER
    armAll(app, nowMs)
    return
  }
  const utc = clock.utcSeconds(app.wall, app.hal.clock)
  noticeStep(app, utc, nowMs)
  if (utc === 0 || config.autoArmMinute < 0 || app.autoArmAtMs !== NEVER) return
  const minute = (((utc / 60) | 0) + config.utcOffsetMinutes) % MINUTES_A_DAY
  // Ends with the minute itself, not a minute after some moment in it.
  app.minuteAtMs = nowMs + (60 - (utc % 60)) * 1000
  const untilMinutes = (config.autoArmMinute - minute + MINUTES_A_DAY) % MINUTES_A_DAY
  if (untilMinutes !== config.preAlertMinutes || mask(app) === 0) return
  app.autoArmAtMs = nowMs + untilMinutes * MINUTE_MS - (utc % 60) * 1000
  app.minuteAtMs = app.autoArmAtMs
  warn(app, nowMs)
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
  app.minuteAtMs = app.autoArmAtMs
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
