/**
 * The choices after a code and the functions without one (K-1, K-2, A-21, A-22, A-33 to A-35). One page is open at a time,
 * '*' closes it. A choice is complete with # or after a pause (keypad.ts). Keys are never logged (K-9).
 *
 *   code, then   2 away   3 stay   33 night   4 away instant   7 stay instant   1 nothing more
 *                5 walk test   6 zz bypass   9 chime   then # after NOT READY: force
 *                *4 event log, for masters: newest first, # the one before (K-21)
 *                8 users and their codes, for masters and managers (people.ts)
 *                0 programming, for installers (program.ts)
 *   without:     *  next open zone   *2 troubles   *3 alarm memory   # and a mode: quick arm, or quick exit
 */

import { Option } from '../config'
import * as event from '../event'
import * as sounder from '../io/sounder'
import * as annunciator from '../panel/annunciator'
import * as codes from '../panel/codes'
import * as keypad from '../panel/keypad'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as troubles from '../panel/troubles'
import * as zones from '../panel/zones'
import * as parts from '../parts'
import * as eventLog from '../store/event-log'
import * as tones from '../tones'
import * as house from './house'
import * as keeping from './keeping'
import * as loopView from './loop-view'
import * as people from './people'
import * as programming from './program'
import { type App, type Change, refresh, setNote } from './state'
import { entryLine1, entryLine2, troubleText, zoneText } from './words'

// Pages.
const LEAVE = 1
const FORCE = 2
const BYPASS = 3
const FUNCTION = 4
/** The same after a code: its owner's rights count. */
const FUNCTIONS = 8
const QUICK = 5
const MEMORY = 6
const VIEWER = 7
/** Programming: a section is asked for, or its value. */
const PROGRAM = 9
const VALUE = 10
/** Users: a number is asked for, or a new code. */
const USERS = 11
const NEW_CODE = 12
const TROUBLES = 13

/** The leave to choose, also while a menu waits for a number. */
const LEAVE_MS = 10000
const NOTE_MS = 5000
/** For the key after * or #. */
const FUNCTION_MS = 3000
/** Choices of the modes, as keypad.choice() gives them, in the order of partition.ts. */
const MODE_CHOICES = [12, 13, 133, 14, 17]

/** An accepted code disarmed nothing: the next key may choose (K-2). */
export function leave(app: App, nowMs: number): void {
  open(app, LEAVE, nowMs + LEAVE_MS)
  setNote(app, annunciator.NOTE_MODE, nowMs + LEAVE_MS)
}

/** The menus' part of a key: '*', '#' without an entry, or a choice (keypad.ts). Never called while keypads are locked out. */
export function key(app: App, outcome: number, nowMs: number): void {
  parts.drop(parts.ALL_ELSE) // room: what a key does may take much
  if (outcome === keypad.STAR) {
    if (app.keypad.isMenu === 1 && (app.page === LEAVE || app.page === FORCE)) open(app, FUNCTIONS, nowMs + FUNCTION_MS)
    else if (app.page === VALUE && app.keypad.isMenu === 1) ask(app, programming.prompt(), PROGRAM, nowMs)
    else if (app.keypad.isMenu === 1) quit(app)
    else star(app, nowMs)
    return
  }
  if (outcome === keypad.NEW_CODE) {
    const change = app.change as Change
    tell(app, people.typed(change, app.keypad.entry, app.keypad.count), nowMs)
    keypad.clear(app.keypad)
    if (change.check === undefined) keypad.newCode(app.keypad, nowMs + LEAVE_MS)
    return
  }
  if (outcome === keypad.HASH) {
    hash(app, nowMs)
    return
  }
  const choice = keypad.choice(app.keypad)
  const page = app.page
  if (page === PROGRAM || page === VALUE) {
    program(app, page, digitsOf(choice), nowMs)
    return
  }
  if (page === USERS || page === NEW_CODE) {
    user(app, page, digitsOf(choice), nowMs)
    return
  }
  close(app)
  switch (page) {
    case BYPASS:
      bypass(app, choice, nowMs)
      return
    case QUICK:
      quick(app, MODE_CHOICES.indexOf(choice), nowMs)
      return
    case FUNCTION:
    case FUNCTIONS:
      if (choice === 13) remember(app, -1, nowMs)
      else if (choice === 12) list(app, 0, nowMs)
      else if (choice === 14 && page === FUNCTIONS) view(app, 0, nowMs)
      return
    default:
      choose(app, choice, nowMs)
  }
}

/**
 * Nobody pressed a key for a while: a choice is complete, or else what was begun is forgotten. Resident, because that
 * comes after each code, when what sends fills the memory.
 */
export function expire(app: App, nowMs: number): void {
  if (keypad.expire(app.keypad, nowMs) === keypad.CHOSEN) key(app, keypad.CHOSEN, nowMs)
  else if (app.premises.isProgramming === 1) house.endProgramming(app)
  refresh(app, nowMs)
}

function hash(app: App, nowMs: number): void {
  const page = app.keypad.isMenu === 1 ? app.page : 0
  if (page === FORCE) {
    close(app)
    armOrSay(app, app.about, true, nowMs)
  } else if (page === MEMORY) remember(app, app.about, nowMs)
  else if (page === TROUBLES) list(app, app.about, nowMs)
  else if (page === VIEWER) view(app, app.about + 1, nowMs)
  else if (page === 0) open(app, QUICK, nowMs + FUNCTION_MS)
}

function open(app: App, page: number, untilMs: number): void {
  app.page = page
  keypad.menu(app.keypad, untilMs)
}

function close(app: App): void {
  app.page = 0
  app.change = undefined
  keypad.clear(app.keypad)
}

/** '*' in a menu, or a key at another keypad: back to the usual display. */
export function quit(app: App): void {
  close(app)
  house.endProgramming(app)
  setNote(app, annunciator.NOTE_NONE, 0)
}

/** The digits of a choice as a number, without the 1 in front of them. */
function digitsOf(choice: number): number {
  let power = 1
  while (power * 10 <= choice) power *= 10
  return choice - power
}

/** A section was chosen, or a value for it. */
function program(app: App, page: number, number: number, nowMs: number): void {
  if (page === VALUE) {
    const saying = programming.set(app, app.about, number, nowMs)
    ask(app, saying, app.about < programming.LOOPS ? PROGRAM : VALUE, nowMs) // of loops one is seen after the other
    return
  }
  const section = programming.sectionOf(app, number)
  app.about = section
  if (section < 0) {
    const line2 = 'Use 001 to 0' + programming.lastSection(app)
    ask(app, { line1: 'PROGRAM', line2, tone: tones.REJECTED }, PROGRAM, nowMs)
  } else ask(app, programming.show(app, section), VALUE, nowMs)
}

/** The result of a duress test, while the installer is still there (D-24); or the loop that is shown. Once a second. */
export function drill(app: App, nowMs: number): void {
  if (app.drillAtMs === programming.VIEWING) {
    if (app.page !== VALUE || app.about <= programming.LOOPS) {
      app.drillAtMs = 0
      return
    }
    const lines = loopView.view(app, app.about - programming.LOOPS - 1)
    app.menu1 = lines[0]
    app.menu2 = lines[1]
    app.showAtMs = nowMs
    return
  }
  const text = programming.drillStep(app, nowMs)
  if (text === '' || app.page !== PROGRAM) return
  app.menu2 = text
  app.showAtMs = nowMs
}

/** A user was chosen, or 0 in place of a new code: delete. */
function user(app: App, page: number, number: number, nowMs: number): void {
  const change = app.change
  close(app)
  if (page === NEW_CODE) {
    if (number === 0 && change !== undefined) tell(app, people.remove(app, change), nowMs)
    return
  }
  app.change = people.choose(app, number, nowMs)
  if (app.change === undefined) {
    say(app, 'USERS', 'Not allowed', tones.REJECTED, nowMs)
    return
  }
  tell(app, people.ask(app.change), nowMs)
  setNote(app, annunciator.NOTE_MENU, nowMs + LEAVE_MS)
  app.page = NEW_CODE
  keypad.newCode(app.keypad, nowMs + LEAVE_MS)
}

/** One step of whether a code may be given out. */
export function giveOut(app: App, nowMs: number): void {
  const answer = people.step(app, app.change as Change, nowMs)
  if (answer === undefined) return
  app.change = undefined
  tell(app, answer, nowMs)
  app.showAtMs = nowMs
  app.sounderAtMs = nowMs
}

function tell(app: App, saying: programming.Saying, nowMs: number): void {
  say(app, saying.line1, saying.line2, saying.tone, nowMs)
}

/** Says something and waits for digits, for as long as programming may rest. */
function ask(app: App, saying: programming.Saying, page: number, nowMs: number): void {
  say(app, saying.line1, saying.line2, saying.tone, nowMs)
  open(app, page, nowMs + programming.IDLE_MS)
  setNote(app, annunciator.NOTE_MENU, nowMs + programming.IDLE_MS)
}

/** A sentence for both lines, and a tone. */
function say(app: App, line1: string, line2: string, tone: number, nowMs: number): void {
  app.menu1 = line1
  app.menu2 = line2
  setNote(app, annunciator.NOTE_MENU, nowMs + NOTE_MS)
  sounder.play(app.sounder, tone, nowMs)
}

/** '*' without an entry: the next open zone (K-1), and perhaps a digit. In profile EN only after a code (K-11). */
function star(app: App, nowMs: number): void {
  if (app.premises.rules.isEn === 1) return
  const next = zones.firstOpen(app.premises.zones, 255, app.scroll + 1)
  app.scroll = next >= 0 ? next : zones.firstOpen(app.premises.zones, 255, 0)
  open(app, FUNCTION, nowMs + FUNCTION_MS)
}

/** What a code is leave for (K-2). Anything else is no choice. */
function choose(app: App, choice: number, nowMs: number): void {
  const mode = MODE_CHOICES.indexOf(choice)
  if (mode >= 0) armOrSay(app, mode, false, nowMs)
  else if (choice === 16) {
    open(app, BYPASS, nowMs + LEAVE_MS)
    say(app, 'BYPASS', 'Zone __', tones.KEY, nowMs)
    setNote(app, annunciator.NOTE_MENU, nowMs + LEAVE_MS)
  } else if (choice >= 1600 && choice < 1700) bypass(app, choice - 1500, nowMs)
  else if (choice === 19) toggleChime(app, nowMs)
  else if (choice === 15) walkTest(app, nowMs)
  else if (choice === 18 && people.isAllowed(app)) {
    tell(app, people.prompt(), nowMs)
    open(app, USERS, nowMs + LEAVE_MS)
  } else if (choice === 18) say(app, 'NOT ALLOWED', '', tones.REJECTED, nowMs)
  else if (choice === 10) {
    const saying = programming.enter(app, nowMs)
    if (app.premises.isProgramming === 1) ask(app, saying, PROGRAM, nowMs)
    else say(app, saying.line1, saying.line2, saying.tone, nowMs)
  }
}

/** Arms what the code's owner may arm; else says why not. # then forces. */
function armOrSay(app: App, mode: number, isForced: boolean, nowMs: number): void {
  const mask = house.armable(app)
  if (mask === 0) {
    say(app, 'NOT ALLOWED', '', tones.REJECTED, nowMs)
    return
  }
  const zone = house.arm(app, mask, mode, app.user, partition.BY_CODE, isForced, nowMs)
  if (zone === house.ARMED) {
    setNote(app, annunciator.NOTE_NONE, 0)
    return
  }
  refuse(app, zone, nowMs)
  open(app, FORCE, nowMs + NOTE_MS)
  app.about = mode
}

/** What is in the way of arming: a zone, or troubles. */
function refuse(app: App, hindrance: number, nowMs: number): void {
  if (hindrance === house.TROUBLE) {
    say(app, 'TROUBLE', '*2 to view', tones.NOT_READY, nowMs)
    return
  }
  app.scroll = hindrance
  sounder.play(app.sounder, tones.NOT_READY, nowMs)
  setNote(app, annunciator.NOTE_NOT_READY, nowMs + NOTE_MS)
}

/** Two digits of a zone. choice: with 1 in front. */
function bypass(app: App, choice: number, nowMs: number): void {
  const zone = choice - 101
  const w = app.premises
  const isTheirs = zone >= 0 && zone < w.zones.count && (w.zones.partitions[zone] & app.partitions) !== 0
  if (!isTheirs || !premises.bypass(w, zone)) {
    say(app, 'BYPASS', 'Not allowed', tones.REJECTED, nowMs)
    return
  }
  house.drain(app, nowMs)
  const word = zones.has(w.zones, zone, zones.BYPASSED) ? 'BYPASSED' : 'BYPASS ENDED'
  say(app, word, zoneText(app, zone), tones.ACCEPTED, nowMs)
  open(app, LEAVE, nowMs + LEAVE_MS) // the next choice may be a mode
}

function toggleChime(app: App, nowMs: number): void {
  app.isChimeOn = 1 - app.isChimeOn
  keeping.keepRest(app)
  say(app, 'CHIME', app.isChimeOn === 1 ? 'On' : 'Off', tones.ACCEPTED, nowMs)
}

/** Masters and installers, while nothing is armed (K-23). */
function walkTest(app: App, nowMs: number): void {
  const w = app.premises
  const isAllowed = app.role === codes.MASTER || app.role === codes.INSTALLER
  for (let index = 0; index < w.partitions.length; index++) {
    if (isAllowed && w.partitions[index].state === partition.DISARMED) continue
    say(app, 'NOT ALLOWED', '', tones.REJECTED, nowMs)
    return
  }
  premises.walkTest(w, nowMs)
  house.drain(app, nowMs)
  say(app, 'WALK TEST', w.walkUntilMs !== 0 ? 'Begins' : 'Ends', tones.ACCEPTED, nowMs)
}

/** # and a mode without a code: quick arm, or a quick exit out of an armed state. Off by default. */
function quick(app: App, mode: number, nowMs: number): void {
  const w = app.premises
  const mask = (1 << w.partitions.length) - 1
  const p = w.partitions[0]
  const isArmed = p.state === partition.ARMED
  // To a lower level it always takes a code: it disarms, and then arms anew.
  const isRaised = p.mode !== partition.AWAY && p.mode !== partition.AWAY_INSTANT && mode === partition.AWAY
  const isExit = isArmed && mode === p.mode && (app.config.options & Option.QUICK_EXIT) !== 0
  const isArm = (!isArmed || isRaised) && (app.config.options & Option.QUICK_ARM) !== 0
  const isFree = isArmed || p.state === partition.DISARMED
  if (mode < 0 || !isFree || (!isExit && !isArm)) {
    sounder.play(app.sounder, tones.REJECTED, nowMs)
    return
  }
  const zone = house.arm(app, mask, mode, p.user, partition.BY_QUICK_ARM, false, nowMs)
  if (zone !== house.ARMED) refuse(app, zone, nowMs)
}

/** The zones of the alarm memory in their order, one a key (A-31, E-7). */
function remember(app: App, after: number, nowMs: number): void {
  const zone = zones.nextInMemory(app.premises.zones, 255, after)
  if (zone < 0) {
    close(app)
    say(app, 'MEMORY', after < 0 ? 'No alarms' : 'End', tones.KEY, nowMs)
    return
  }
  open(app, MEMORY, nowMs + LEAVE_MS)
  app.about = zone
  say(app, 'MEMORY', zoneText(app, zone), tones.KEY, nowMs)
}

/** The troubles by their numbers, one a key (K-20). */
function list(app: App, after: number, nowMs: number): void {
  const number = troubles.next(app.troubles, after)
  if (number === 0) {
    close(app)
    say(app, 'TROUBLE', after === 0 ? 'None' : 'End', tones.KEY, nowMs)
    return
  }
  open(app, TROUBLES, nowMs + LEAVE_MS)
  app.about = number
  say(app, 'TROUBLE', troubleText(number), tones.KEY, nowMs)
  setNote(app, annunciator.NOTE_MENU, nowMs + LEAVE_MS)
}

/** One line of the event log, back from the newest; for masters and installers (K-21). It knows nothing of duress (D-17). */
function view(app: App, back: number, nowMs: number): void {
  if (app.role !== codes.MASTER && app.role !== codes.INSTALLER) {
    say(app, 'NOT ALLOWED', '', tones.REJECTED, nowMs)
    return
  }
  const entry = eventLog.at(app.log, eventLog.MANDATORY, back)
  if (entry === undefined) {
    close(app)
    say(app, 'LOG', 'End', tones.KEY, nowMs)
    return
  }
  open(app, VIEWER, nowMs + LEAVE_MS)
  app.about = back
  if (entry.code === event.NONE) say(app, 'LOG', 'Not readable', tones.KEY, nowMs)
  else say(app, entryLine1(app, entry), entryLine2(entry), tones.KEY, nowMs)
  setNote(app, annunciator.NOTE_MENU, nowMs + LEAVE_MS)
}
