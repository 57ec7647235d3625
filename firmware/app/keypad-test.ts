/**
 * Finds what is wrong with keypads' wires, on a board that does nothing else meanwhile (board/main.ts). One keypad after the other:
 * its lines are looked at while nobody touches it, then each key is asked for by name, and where it shows is compared with the
 * layout (io/keypad-faults.ts). All displays show the same, the keypad's number in line 1. A key that does not come is passed
 * over, so that a broken core ends nothing. At the end all findings come by turns.
 *
 *   use -- REST --> ASK <--> RELEASE        each key
 *                    '--> RESULT --> use    the next keypad
 *
 * Knows no codes, and keeps nothing: what was pressed is gone with the record (K-9).
 */

import type { Config } from '../config'
import type { Hal } from '../hal'
import * as faults from '../io/keypad-faults'
import * as keypadMatrix from '../io/keypad-matrix'
import * as port from '../io/keypad-port'
import * as lcd from '../io/lcd'
import * as mcp23017 from '../io/mcp23017'
import * as wiegand from '../io/wiegand'
import * as firstKeypad from './first-keypad'
import { LCD_ADDRESS } from './state'

enum Step {
  REST,
  ASK,
  RELEASE,
  RESULT,
}

export interface KeypadTest {
  hal: Hal
  config: Config
  displays: lcd.Lcd[]
  /** The keypad, from 1 on, and what brings its keys. */
  number: number
  matrix: keypadMatrix.Keypad
  remote: firstKeypad.Remote | undefined
  chip: mcp23017.Chip | undefined
  step: Step
  sinceMs: number
  dueMs: number
  /** When the chip is looked at next, and since when it has not answered; 0 while it does. */
  checkMs: number
  lostMs: number
  /** Keys to ask for, which of them is asked, and how long that may take. */
  order: string
  asked: number
  waitMs: number
  /** Where each key of the layout was seen (faults.find). */
  places: number[]
  /** Columns that are low by themselves; places that are down all the time, a bit each, the layout's first in the lowest. */
  floating: number
  stuck: number
  /** What is down, and in how many looks in a row. */
  seen: number
  count: number
  /** 1 when a keypad of four columns has no keys A-D. */
  isNarrow: number
  /** Of this keypad; and of all before, each with its number in front. */
  found: string[]
  results: string[]
  shown: number
  /** The last key, or the start. */
  keyMs: number
  isOver: boolean
}

/** All that a 4x4 keypad has. The last four only if the first of them comes. */
const ORDER = '123456789*0#ABCD'
const FOURTH = 12
/**
 * Looks in a row that make a press or a release, each after so long: no whole period of the mains, or a column without its
 * pull-up that hums would always be seen at the same level.
 */
const LOOKS = 3
const LOOK_MS = 18
const CHECK_MS = 1000
/** Nobody touches the keypad for so long; it does not answer for so long. */
const REST_MS = 2000
const LOST_MS = 3000
/** For the first key, which somebody has to walk to; for each other one. */
const FIRST_MS = 60000
const WAIT_MS = 15000
const RESULT_MS = 3000
/** Without any key the panel is a panel again. */
const IDLE_MS = 300000
/** Seen: a column is low that no row pulls. */
const GROUND = -1

/** Takes the first keypad at once. */
export function create(hal: Hal, config: Config): KeypadTest {
  const nowMs = hal.clock.nowMs()
  const displays = [lcd.create(hal.i2c, LCD_ADDRESS)]
  const { keypads } = config
  if (keypads !== undefined)
    for (let at = 1; at < keypads.length; at += 2) displays.push(lcd.create(hal.i2c, keypads[at]))
  const { rows, columns } = config.pins
  const remote = rows.length > 0 ? undefined : firstKeypad.create(hal, config)
  const t: KeypadTest = {
    hal,
    config,
    displays,
    number: 1,
    matrix: remote === undefined ? keypadMatrix.create(hal.pins, rows, columns) : remote.matrix,
    remote,
    chip: undefined,
    step: Step.REST,
    sinceMs: nowMs,
    dueMs: nowMs,
    checkMs: nowMs,
    lostMs: 0,
    order: ORDER,
    asked: 0,
    waitMs: FIRST_MS,
    places: [],
    floating: 0,
    stuck: 0,
    seen: 0,
    count: 0,
    isNarrow: 0,
    found: [],
    results: [],
    shown: 0,
    keyMs: nowMs,
    isOver: false,
  }
  begin(t, nowMs)
  return t
}

/** Returns when to call again. After isOver the panel should restart. Never throws. */
export function poll(t: KeypadTest, nowMs: number): number {
  if (nowMs >= t.dueMs) {
    t.dueMs = nowMs + LOOK_MS
    if (nowMs >= t.keyMs + IDLE_MS) t.isOver = true
    if (t.step === Step.RESULT) result(t, nowMs)
    else look(t, nowMs)
  }
  let next = t.dueMs
  for (let index = 0; index < t.displays.length; index++) {
    const dueMs = lcd.poll(t.displays[index], nowMs)
    if (dueMs < next) next = dueMs
  }
  return next
}

/** The keypad of t.number, from its first look on. */
function begin(t: KeypadTest, nowMs: number): void {
  t.asked = -1
  t.places = []
  for (let key = 0; key < ORDER.length; key++) t.places.push(faults.UNASKED)
  t.floating = 0
  t.stuck = 0xffff
  t.isNarrow = 0
  t.found = []
  t.lostMs = 0
  t.waitMs = FIRST_MS
  enter(t, Step.REST, nowMs)
  say(t, 0, 'KEYPAD TEST ' + t.number)
  say(t, 1, 'HANDS OFF')
}

function useNext(t: KeypadTest, nowMs: number): void {
  const chip = mcp23017.create(t.hal.i2c, (t.config.keypads as number[])[(t.number - 1) * 2])
  t.number++
  t.remote = undefined
  t.chip = chip
  t.order = ORDER
  t.matrix = keypadMatrix.create(port.pinsOf(chip), port.rows(), port.columns())
  begin(t, nowMs)
}

function enter(t: KeypadTest, step: Step, nowMs: number): void {
  t.step = step
  t.sinceMs = nowMs
  t.seen = 0
  t.count = 0
}

function say(t: KeypadTest, line: 0 | 1, text: string): void {
  for (let index = 0; index < t.displays.length; index++) lcd.show(t.displays[index], line, text)
}

function note(t: KeypadTest, text: string): void {
  if (t.found.indexOf(text) < 0) t.found.push(text)
  say(t, 0, text)
}

function look(t: KeypadTest, nowMs: number): void {
  const { chip, remote } = t
  if (chip !== undefined && nowMs >= t.checkMs) {
    t.checkMs = nowMs + CHECK_MS
    mcp23017.check(chip)
  }
  if (remote !== undefined) {
    firstKeypad.poll(remote, nowMs)
    if (remote.wiegand !== undefined) {
      pulses(t, remote.wiegand, nowMs)
      return
    }
  }
  const lines = keypadMatrix.survey(t.matrix)
  if (isLost(t)) {
    if (t.lostMs === 0) t.lostMs = nowMs
    if (nowMs >= t.lostMs + LOST_MS) {
      note(t, 'NO ANSWER')
      end(t, nowMs)
    }
    return
  }
  t.lostMs = 0
  if (t.step === Step.REST) rest(t, lines, nowMs)
  else press(t, lines, nowMs)
}

function isLost(t: KeypadTest): boolean {
  const { chip, remote } = t
  if (chip !== undefined) return chip.isLost === 1
  if (remote === undefined) return false
  const { port: expander, controller } = remote
  if (controller !== undefined) return controller.isLost === 1
  return expander !== undefined && expander.isLost === 1
}

function rest(t: KeypadTest, lines: number[], nowMs: number): void {
  t.floating |= lines[0] & t.seen // twice in a row: GPIO36 and 39 have pulses of their own (board/hal.ts)
  t.seen = lines[0]
  t.stuck &= faults.picture(lines, 0)
  if (nowMs < t.sinceMs + REST_MS) return
  for (let column = 0; column < 4; column++) {
    if (((t.floating >> column) & 1) === 1) note(t, 'COL ' + (column + 1) + ' NO PULL-UP')
    t.stuck &= ~((((t.floating >> column) & 1) * 0x1111) << column)
  }
  tellStuck(t, t.stuck)
  ask(t, nowMs)
}

function tellStuck(t: KeypadTest, down: number): void {
  for (let place = 0; place < ORDER.length; place++) {
    if (((down >> place) & 1) === 1) note(t, 'ROW' + ((place >> 2) + 1) + ' COL' + ((place & 3) + 1) + ' STUCK')
  }
}

/** The next key that can be told; after the last one, what all of them say. */
function ask(t: KeypadTest, nowMs: number): void {
  do t.asked++
  while (t.asked < t.order.length && !canShow(t))
  if (t.asked >= t.order.length) {
    if (t.remote === undefined || t.remote.wiegand === undefined) t.found = t.found.concat(faults.find(t.places))
    end(t, nowMs)
    return
  }
  enter(t, Step.ASK, nowMs)
  say(t, 1, t.order === '#' ? 'PRESS 1 THEN #' : 'PRESS ' + t.order.charAt(t.asked))
}

/** Whether the keypad has the key, and nothing that is known already hides it. */
function canShow(t: KeypadTest): boolean {
  const { remote, matrix } = t
  if (remote !== undefined && remote.wiegand !== undefined) {
    return remote.wiegand.table.indexOf(t.order.charAt(t.asked)) >= 0
  }
  const key = keyOf(t)
  const column = key & 3
  const isThere = column < matrix.columns.length && key >> 2 < matrix.rows.length
  return isThere && ((t.floating >> column) & 1) === 0 && ((t.stuck >> key) & 1) === 0
}

/** Place in the layout of what is asked for. */
function keyOf(t: KeypadTest): number {
  let key = 0
  while (faults.nameOf(key) !== t.order.charAt(t.asked)) key++
  return key
}

function press(t: KeypadTest, lines: number[], nowMs: number): void {
  const seen = (lines[0] & ~t.floating) !== 0 ? GROUND : faults.picture(lines, t.floating) & ~t.stuck
  if (seen !== t.seen) {
    t.seen = seen
    t.count = 0
  }
  t.count++
  if (t.count < LOOKS) return
  if (seen !== 0) t.keyMs = nowMs
  if (t.step === Step.RELEASE) release(t, seen, nowMs)
  else if (seen !== 0) judge(t, seen, nowMs)
  else if (nowMs >= t.sinceMs + t.waitMs) passOver(t, nowMs)
}

/** A key that was asked for, and that has settled. */
function judge(t: KeypadTest, seen: number, nowMs: number): void {
  const key = keyOf(t)
  say(t, 0, 'KEYPAD TEST ' + t.number)
  if (seen === GROUND) note(t, 'ROW ' + ((key >> 2) + 1) + ' TO GROUND')
  else if (faults.isGhost(seen)) note(t, 'GHOST KEYS')
  else if ((seen & (seen - 1)) !== 0) note(t, 'KEY ' + faults.nameOf(key) + ' SHOWS TWO')
  else {
    let place = 0
    while (seen >> place !== 1) place++
    t.places[key] = place
  }
  t.waitMs = WAIT_MS
  enter(t, Step.RELEASE, nowMs)
  say(t, 1, 'LET GO')
}

function release(t: KeypadTest, seen: number, nowMs: number): void {
  if (seen > 0 && faults.isGhost(seen)) note(t, 'GHOST KEYS')
  if (seen !== 0 && nowMs < t.sinceMs + WAIT_MS) return
  if (seen > 0) {
    tellStuck(t, seen)
    t.stuck |= seen
  }
  ask(t, nowMs)
}

function passOver(t: KeypadTest, nowMs: number): void {
  t.waitMs = WAIT_MS
  if (t.asked === FOURTH) {
    // A keypad of three columns at a chip for four: no fault.
    t.isNarrow = 1
    t.asked = t.order.length
  } else {
    t.places[keyOf(t)] = faults.UNSEEN
    say(t, 0, 'KEY ' + t.order.charAt(t.asked) + ' NOT SEEN')
  }
  ask(t, nowMs)
}

/** A Wiegand keypad: no lines to look at, but frames. */
function pulses(t: KeypadTest, w: wiegand.Wiegand, nowMs: number): void {
  const keys = t.matrix.keys
  t.matrix.keys = ''
  const wrong = wiegand.diagnosis(w, nowMs)
  if (keys !== '') t.keyMs = nowMs
  if (wrong > wiegand.Wrong.SILENT) {
    endFrames(t, wrong, nowMs)
    return
  }
  if (t.step === Step.REST) {
    t.order = w.codeLength > 0 ? '#' : ORDER.substr(0, FOURTH)
    if (nowMs >= t.sinceMs + REST_MS) ask(t, nowMs)
    return
  }
  const key = t.order.charAt(t.asked)
  if (keys === '' && nowMs < t.sinceMs + t.waitMs) return
  t.waitMs = WAIT_MS
  say(t, 0, 'KEYPAD TEST ' + t.number)
  if (keys !== '') {
    if (t.order !== '#' && keys !== key) note(t, 'KEY ' + key + ' IS ANOTHER')
  } else if (wrong === wiegand.Wrong.SILENT) {
    endFrames(t, wrong, nowMs)
    return
  } else note(t, 'KEY ' + key + ' NOT SEEN')
  ask(t, nowMs)
}

/** Nothing more is to be learnt. */
function endFrames(t: KeypadTest, wrong: wiegand.Wrong, nowMs: number): void {
  if (wrong === wiegand.Wrong.LOW) note(t, 'LINE LOW')
  else if (wrong === wiegand.Wrong.SWAPPED) note(t, 'D0/D1 SWAPPED')
  else note(t, wrong === wiegand.Wrong.NOISE ? 'NOISE' : faults.noKey())
  end(t, nowMs)
}

function end(t: KeypadTest, nowMs: number): void {
  const { found, results } = t
  if (found.length === 0) found.push(t.isNarrow === 1 ? 'OK BUT NO A-D' : 'KEYPAD ' + t.number + ' OK')
  t.shown = results.length
  for (let index = 0; index < found.length; index++) results.push(t.number + found[index])
  enter(t, Step.RESULT, nowMs)
  tell(t)
}

/** One finding after the other; after the last of a keypad the next keypad, after the last of all the first one again. */
function result(t: KeypadTest, nowMs: number): void {
  if (nowMs < t.sinceMs + RESULT_MS) return
  t.sinceMs = nowMs
  t.shown++
  if (t.shown >= t.results.length) {
    if (t.number < t.displays.length) {
      useNext(t, nowMs)
      return
    }
    t.shown = 0
  }
  tell(t)
}

function tell(t: KeypadTest): void {
  const text = t.results[t.shown]
  say(t, 0, 'KEYPAD TEST ' + text.charAt(0))
  say(t, 1, text.substr(1))
}
