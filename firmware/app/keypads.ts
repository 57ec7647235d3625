/**
 * Further keypads, up to three beside the first (L-5): keys and buzzer at a port expander, a display beside it on I2C. All
 * show the same text and sound the same tones at the same time (D-31); what a key says sounds at its own. Each keypad has a
 * buffer of its own, so keys of two never make one code (C-13). Wrong codes, lockout and menus are one for all: a second
 * keypad is not a second chance, and a key at another keypad ends the menus.
 *
 * One entry, turn(), because most panels have one keypad and make none of this.
 */

import * as keypadMatrix from '../io/keypad-matrix'
import * as port from '../io/keypad-port'
import * as lcd from '../io/lcd'
import * as mcp23017 from '../io/mcp23017'
import * as sounder from '../io/sounder'
import * as keypad from '../panel/keypad'
import { Sensed } from '../panel/troubles'
import * as entry from './entry'
import * as house from './house'
import * as menus from './menus'
import { type App, NEVER, type Station } from './state'

/** What turn() is asked for. */
export enum Turn {
  /** Makes them, as the settings say. */
  CREATE,
  /** 1 when no key is down or settling anywhere, and nobody has left an entry. */
  STILL,
  /** Keys of the further ones; when to look again. */
  KEYS,
  /** From now on the first one is in use. */
  FIRST,
  /** Displays and buzzers; when to come again. */
  DRAW,
  /** Bits of those that are lost, for troubles.ts. */
  LOOK,
}

/** S-6. */
const LOST_MS = 20000

export function turn(app: App, what: Turn, nowMs: number): number {
  if (what === Turn.CREATE) return create(app, nowMs)
  const all = app.stations as Station[]
  if (what === Turn.STILL) return areStill(app, all)
  if (what === Turn.KEYS) return keys(app, all, nowMs)
  if (what === Turn.FIRST) return use(app, all[0], nowMs)
  if (what === Turn.DRAW) return draw(app, all, nowMs)
  return look(app, all, nowMs)
}

/** Two numbers a keypad: chip, and address of its display. */
function create(app: App, nowMs: number): number {
  const config = app.config
  const list = config.keypads as number[]
  const { matrix, sounder: buzzer } = app
  const stations: Station[] = [
    { port: undefined, matrix, lcd: app.lcd, keypad: app.keypad, sounder: buzzer, seenMs: nowMs },
  ]
  for (let at = 0; at < list.length; at += 2) {
    const made = mcp23017.create(app.hal.i2c, list[at])
    const pins = port.pinsOf(made)
    const wasLost = (app.troubles.raised >> (Sensed.KEYPAD_2 + (at >> 1))) & 1 // before the restart
    stations.push({
      port: made,
      matrix: keypadMatrix.create(pins, port.rows(), port.columns()),
      lcd: lcd.create(app.hal.i2c, list[at + 1]),
      keypad: keypad.create(config.codeLength, config.keyTimeoutSeconds * 1000),
      sounder: sounder.create(pins, port.BUZZER, 0),
      seenMs: nowMs - wasLost * LOST_MS,
    })
    mcp23017.check(made)
  }
  app.stations = stations
  app.isExpanded = 2
  app.restingMs = stations[1].matrix.idleMs
  return 0
}

function areStill(app: App, all: Station[]): number {
  for (let index = 0; index < all.length; index++) {
    const { matrix, keypad: pad } = all[index]
    if (pad !== app.keypad && pad.count > 0) return 0
    if (index === 0) continue // the board's own pins were read already
    if (!keypadMatrix.isAtRest(matrix) || matrix.keys !== '') return 0
    if (matrix.pins.read(matrix.columns) !== matrix.mask) return 0
  }
  return 1
}

function keys(app: App, all: Station[], nowMs: number): number {
  let next = NEVER
  for (let index = 0; index < all.length; index++) {
    const s = all[index]
    if (s.keypad !== app.keypad && nowMs >= keypad.deadline(s.keypad)) keypad.clear(s.keypad)
    if (index === 0) continue
    const dueMs = keypadMatrix.poll(s.matrix, nowMs)
    if (dueMs < next) next = dueMs
    // Keys wait until the last code was answered, wherever it was typed, and until what a zone did in this pass is kept.
    if (s.matrix.keys === '' || app.reactionAtMs !== NEVER || app.keepAtMs !== NEVER) continue
    const key = keypadMatrix.take(s.matrix)
    if (key < 'P') {
      use(app, s, nowMs)
      entry.keyPressed(app, key, nowMs)
      continue
    }
    // A chord changes nothing at the other keypads (K-5, K-7).
    keypad.clear(s.keypad)
    house.panic(app, key, nowMs)
  }
  return next
}

/** Whose keys, clicks and answers come from now on. The menus of another one are over. */
function use(app: App, s: Station, nowMs: number): number {
  if (app.keypad === s.keypad) return 0
  if (app.keypad.isMenu > 0) menus.quit(app)
  app.keypad = s.keypad
  app.sounder = s.sounder
  app.sounderAtMs = nowMs
  app.lcdAtMs = nowMs
  return 0
}

function draw(app: App, all: Station[], nowMs: number): number {
  let next = NEVER
  for (let index = 0; index < all.length; index++) {
    const s = all[index]
    s.lcd.want = app.lcd.want
    const dueMs = lcd.poll(s.lcd, nowMs)
    if (dueMs < next) next = dueMs
    const soundMs = sounder.poll(s.sounder, nowMs)
    if (soundMs < next) next = soundMs
  }
  return next
}

function look(app: App, all: Station[], nowMs: number): number {
  let lost = 0
  for (let index = 1; index < all.length; index++) {
    const s = all[index]
    const isThere = mcp23017.check(s.port as mcp23017.Chip)
    const isDark = lcd.probe(s.lcd, nowMs)
    if (s.lcd.dueMs < app.lcdAtMs) app.lcdAtMs = s.lcd.dueMs
    if (isThere && !isDark && !s.matrix.isStuck) s.seenMs = nowMs
    if (nowMs >= s.seenMs + LOST_MS) lost |= 1 << (Sensed.KEYPAD_2 + index - 1)
  }
  return lost
}
