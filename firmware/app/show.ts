/** Brings everything visible and audible up to date (panel-behaviour.md §5, §9). */

import * as clock from '../clock'
import { Option } from '../config'
import * as lcd from '../io/lcd'
import * as sounder from '../io/sounder'
import * as annunciator from '../panel/annunciator'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as zones from '../panel/zones'
import * as tones from '../tones'
import * as outputs from './outputs'
import { type App, setNote } from './state'
import * as supervise from './supervise'
import { zoneText } from './words'

/** In the place of a zone to name: there is none. */
const NOWHERE = -2
/** K-12. */
const DARK_MS = 30000
/** Between two looks at a duress output that may drop. */
const DROP_MS = 2000

/** Of each state: alarm goes before quiet alarm, that before entry, entry before exit, exit before armed. */
const RANKS = new Uint8Array([0, 2, 1, 3, 5, 4])

/** On the device this makes show(), before an answer is due. A loop: as in house.ts. */
export function warm(app: App): void {
  while (app.awakeMs < 0) app.awakeMs = 0
}

/** All at once; the caller sees to it that nothing comes before the answer to a code. */
export function show(app: App, nowMs: number): void {
  const w = app.premises
  const pins = app.config.pins
  if (app.note !== annunciator.NOTE_NONE && nowMs >= app.noteUntilMs) setNote(app, annunciator.NOTE_NONE, 0)
  const p = w.partitions[focus(app)]
  sounder.base(app.siren, loudest(app), nowMs)
  app.hal.pins.write(pins.light, annunciator.light(p))
  if (pins.keypadLed !== undefined) app.hal.pins.write(pins.keypadLed, 1 - annunciator.light(p))
  sound(app, p, nowMs)
  for (let index = 0; app.stations !== undefined && index < app.stations.length; index++) {
    sounder.base(app.stations[index].sounder, app.sounder.base, nowMs)
  }
  const utc = clock.utcSeconds(app.wall, app.hal.clock)
  const time = clock.hhmm(utc, app.config.utcOffsetMinutes)
  const typed = annunciator.entryText(app.keypad.count, app.config.options)
  if (w.verifying >= premises.SMOKE && app.note === annunciator.NOTE_NONE) {
    const isSounding = w.verifying === premises.SMOKE
    write(app, isSounding ? 'FIRE     any key' : 'FIRE  wait', typed === '' ? zoneText(app, w.verifyZone) : typed)
  } else if (isDark(app, p, nowMs)) write(app, '', '')
  else if (app.note === annunciator.NOTE_MENU) write(app, app.menu1, typed === '' ? app.menu2 : typed)
  else if (isPrivate(app, p, nowMs)) write(app, '           ' + time, typed === '' ? 'Enter code' : typed)
  else {
    const zone = named(app, p)
    const text = zone === NOWHERE ? '' : zoneText(app, zone)
    const isReady = w.zones.openCount === 0
    const isTrouble = app.troubles.shown !== 0
    write(
      app,
      annunciator.line1(p, app.note, isReady, isTrouble, time, nowMs),
      annunciator.line2(p, app.note, text, isTrouble, typed),
    )
  }
  outputs.show(app, nowMs)
  // What did not change has no turn.
  app.sounderAtMs = app.sounder.dueMs
  app.sirenAtMs = app.siren.dueMs
  app.lcdAtMs = nowMs
  app.showAtMs = nextChange(app, p, nowMs, utc)
}

/** What the buzzer of the keypad in use repeats. Poll it after this. */
export function sound(app: App, p: partition.Partition, nowMs: number): void {
  let tone = annunciator.tone(p, app.keypad.count > 0, nowMs)
  if (app.premises.verifying === premises.SMOKE) tone = tones.FIRE
  sounder.base(app.sounder, tone === tones.OFF && supervise.sounds(app, p) ? tones.TROUBLE : tone, nowMs)
}

function write(app: App, line1: string, line2: string): void {
  lcd.show(app.lcd, 0, line1)
  lcd.show(app.lcd, 1, line2)
}

/** True when the display is dark: nobody pressed a key for a while, no delay runs and nothing sounds (K-12). */
function isDark(app: App, p: partition.Partition, nowMs: number): boolean {
  if ((app.config.options & Option.BLANKING) === 0 || isTelling(p)) return false
  return nowMs >= app.awakeMs + DARK_MS && app.note === annunciator.NOTE_NONE
}

/** True for what everybody may see at any time: delays and audible alarms. */
function isTelling(p: partition.Partition): boolean {
  return p.state === partition.EXIT || p.state === partition.ENTRY || p.state === partition.ALARM
}

/** EN: states, zones, alarms and memory only after a code (K-11). */
function isPrivate(app: App, p: partition.Partition, nowMs: number): boolean {
  if (app.premises.rules.isEn === 0 || isTelling(p) || nowMs < app.openUntilMs) return false
  return app.note === annunciator.NOTE_NONE
}

/** Place of the partition that the keypad shows: the one in the most urgent state. */
export function focus(app: App): number {
  const all = app.premises.partitions
  let best = 0
  let most = RANKS[all[0].state]
  for (let index = 1; index < all.length; index++) {
    const rank = RANKS[all[index].state]
    if (rank > most) {
      most = rank
      best = index
    }
  }
  return best
}

/** What the siren plays: the worst of all partitions (Z-13). */
export function loudest(app: App): number {
  const all = app.premises.partitions
  let tone = app.premises.verifying === premises.SMOKE ? tones.FIRE : tones.OFF
  for (let index = 0; index < all.length; index++) {
    const p = all[index]
    if (p.state !== partition.ALARM && p.isExitError === 0) continue
    const one = annunciator.siren(p)
    if (one > tone) tone = one
  }
  return tone
}

/** The zone that line 2 names, -1 the keypad, NOWHERE none. */
function named(app: App, p: partition.Partition): number {
  if (p.state >= partition.ENTRY) return p.zone
  if (p.state !== partition.DISARMED) return NOWHERE
  // An alarm without a zone leaves a memory without one.
  if (p.memory === 1 && app.note !== annunciator.NOTE_NOT_READY) return zones.nextInMemory(app.premises.zones, 255, -1)
  if (app.scroll >= 0 && zones.isOpen(app.premises.zones, app.scroll)) return app.scroll
  const open = zones.firstOpen(app.premises.zones, 255, 0)
  return open < 0 ? NOWHERE : open
}

/** When the text or tone changes by itself: each second of a delay, the end of a note, the next minute. */
function nextChange(app: App, p: partition.Partition, nowMs: number, utc: number): number {
  let next = nowMs + (60 - (utc % 60)) * 1000
  if (p.state === partition.EXIT || p.state === partition.ENTRY) {
    const leftMs = (p.untilMs - nowMs) % 1000
    next = nowMs + (leftMs > 0 ? leftMs : 1000)
  }
  if (app.note !== annunciator.NOTE_NONE && app.noteUntilMs < next) next = app.noteUntilMs
  const darkMs = app.awakeMs + DARK_MS
  if (nowMs < darkMs && darkMs < next) next = darkMs
  if (nowMs < app.openUntilMs && app.openUntilMs < next) next = app.openUntilMs
  const dropMs = nowMs - (nowMs % DROP_MS) + DROP_MS
  if (dropMs < next && outputs.mayDrop(app, nowMs)) next = dropMs
  return next
}
