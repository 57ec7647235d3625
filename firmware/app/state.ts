/** All that a running panel is: one plain record, which the parts of app/ and app.ts take first. */

import type * as cellularPath from '../cellular/cellular-path'
import type * as clock from '../clock'
import type { Config } from '../config'
import type { Clock, Hal, Pins } from '../hal'
import type * as keypadMatrix from '../io/keypad-matrix'
import type * as lcd from '../io/lcd'
import type { Chip } from '../io/mcp23017'
import type * as sounder from '../io/sounder'
import type { Supply } from '../io/supply'
import type * as zoneInputs from '../io/zone-inputs'
import type { CodeCheck } from '../panel/code-rules'
import type * as codes from '../panel/codes'
import type * as keypad from '../panel/keypad'
import type { Premises } from '../panel/premises'
import type { Troubles } from '../panel/troubles'
import type * as eventLog from '../store/event-log'
import type * as dispatcher from '../transmit/dispatcher'
import type * as queue from '../transmit/queue'
import type { Remote } from './first-keypad'

/** One of several keypads (keypads.ts). */
export interface Station {
  /** Undefined for the first one, which is at the board's own pins. */
  port: Chip | undefined
  matrix: keypadMatrix.Keypad
  lcd: lcd.Lcd
  keypad: keypad.Keypad
  sounder: sounder.Sounder
  /** When it was last as it should be (S-6). */
  seenMs: number
}

/** A code that is being given out (people.ts). */
export interface Change {
  user: number
  slot: number
  /** 1 when it is the user's duress code. */
  isDuress: number
  /** The code as it was typed first, then the one that is checked. */
  first: Uint8Array
  count: number
  /** Undefined until it was typed twice. */
  check: CodeCheck | undefined
}

/** Never; a plain number, so that it prints the same everywhere. */
export const NEVER = Infinity
/** Of the first keypad's display. */
export const LCD_ADDRESS = 0x27

export interface App {
  clock: Clock
  /** Those of hal. */
  pins: Pick<Pins, 'read'>
  /** The next look at keypad and zones. */
  inputsAtMs: number
  /** Columns and zones at GPIOs, the first zone last; what they read while nothing happens, -1 while something does; and how long to wait then. */
  inputs: number[]
  restingWord: number
  /** What lines of the keypad read while nobody touches it. */
  restingLines: number
  /** 1 when zones are at expanders too (zoneInputs.extent), 2 when keypads are, or loops are measured: all have to be asked. */
  isExpanded: number
  restingMs: number
  /** The earliest of all deadlines but those of keypad and zones, and of those that cannot wait for these two. */
  restAtMs: number
  urgentAtMs: number
  /** The same two without those of a code's next step and of the paths. */
  othersAtMs: number
  pressingAtMs: number
  hal: Hal
  config: Config
  codes: codes.Codes
  wall: clock.WallClock
  matrix: keypadMatrix.Keypad
  /** What fills the matrix with keys where it is none (first-keypad.ts). */
  remote: Remote | undefined
  zones: zoneInputs.ZoneInputs
  lcd: lcd.Lcd
  sounder: sounder.Sounder
  siren: sounder.Sounder
  keypad: keypad.Keypad
  /** All keypads, when there are several; then lcd and matrix are the first one's, keypad and sounder those in use (keypads.ts). */
  stations: Station[] | undefined
  premises: Premises
  queue: queue.Queue
  log: eventLog.EventLog
  dispatcher: dispatcher.Dispatcher
  /** What the station was told of dispatcher.conditions, what was seen of them, and when the loss of both paths is told. */
  told: number
  seen: number
  bothAtMs: number
  /** Events of queue.lostCount that were noticed, and 1 while the station has to be told. */
  lostTold: number
  isLossDue: number
  /** When the next test report of the paths is due (S-10). */
  testAtMs: number
  /** Sequence number of the last event that a text message told of, 0 none. */
  smsSequence: number
  /** When the outcome of the last code is shown; NEVER when none waits. */
  reactionAtMs: number
  /** What that will be: 1 accepted; 1 when it disarmed something. */
  isAccepted: number
  isDisarming: number
  /** 1 when ordinary codes send a decoy in the place of 121 (D-34). */
  isMatched: number
  /** When an installer's duress test was sent; 0 while none is under way, program.VIEWING while a loop is shown. */
  drillAtMs: number
  /** 1 when an alarm that was reported ended with it: 'Cancel sent', under duress as well (D-10). */
  isCancelled: number
  /** Whose the last accepted code was, and what it may do: user number, role, partitions (a bit each). */
  user: number
  role: number
  partitions: number
  note: number
  noteUntilMs: number
  wrongCount: number
  lockedUntilMs: number
  /** When the wrong-code count goes down by one (L-10). */
  decayAtMs: number
  /** Wrong entries since an installer's code (L-9). */
  installerWrong: number
  /** When a code's next step is due, NEVER when all are done: below 0 while it is verified, then the parts that are made ahead. */
  warmAtMs: number
  warmStep: number
  /** The next step of what is made before a delay ends (house.ahead). */
  delayStep: number
  matrixAtMs: number
  zonesAtMs: number
  lcdAtMs: number
  sounderAtMs: number
  sirenAtMs: number
  dispatchAtMs: number
  upkeepAtMs: number
  showAtMs: number
  /** Of config.zones.names (words.ts). */
  namePlaces: Uint16Array
  /** When what zones did is kept: once it was sounded and shown, and before any key counts; NEVER when all is kept. */
  keepAtMs: number
  /** 1 while the paths are at rest, so that their turn may wait for the next look at the inputs. */
  isPatient: number
  /** 1 from an event on, 2 when half of what sends is made for it, 0 when all of it is. */
  isHurried: number
  cellular: cellularPath.CellularPath
  /** When what is counted of the paths is kept next (store/figures.ts). */
  figuresAtMs: number
  /** 1 while the station was told that the radio is jammed. */
  isJammed: number
  /** Page of the menu that is open, and what it is about (menus.ts). */
  page: number
  about: number
  /** Lines of the menu. */
  menu1: string
  menu2: string
  /** Zone that line 2 names when several could be named; -1 the first (K-1). */
  scroll: number
  /** 1 while chimes sound. */
  isChimeOn: number
  /** The duress output falls then (outputs.ts). */
  silentUntilMs: number
  /** UTC seconds of power-up as far as known, 0 not: a step of it is told (S-12). */
  startSeconds: number
  /** The next look at the schedule; when all is armed by it, NEVER while no warning runs. */
  minuteAtMs: number
  autoArmAtMs: number
  /** The last key, or what else lights a dark display; and until when texts are open in profile EN (K-11, K-12). */
  awakeMs: number
  openUntilMs: number
  /** The user whose code is being given out (people.ts); how many were refused, and until when that counts (C-10). */
  change: Change | undefined
  refusals: number
  refusedUntilMs: number
  /** User of the one-time code that disarmed last, 0 none (C-6). */
  spentUser: number
  /** EN: until when an installer may enter (C-5). */
  grantUntilMs: number
  /** What is wrong with the panel itself, what senses that, and the next look (supervise.ts). */
  troubles: Troubles
  supply: Supply | undefined
  superviseAtMs: number
  /** Bits of the zones' troubles (Sensed) or supervise.UNKNOWN, 1 once the time of day was known, the next look for a test that is owed. */
  zoneTroubles: number
  isTimeKnown: number
  testLookAtMs: number
  /** Restarts that nobody ordered, until the panel has run for an hour (S-14). */
  restarts: number
  restartsUntilMs: number
  /** The next look at detectors that nobody has seen move (Z-15). */
  dayAtMs: number
}

/** Has the paths looked after at once: there is an event. */
export function hurry(app: App, nowMs: number): void {
  app.dispatchAtMs = nowMs
  app.isPatient = 0
  app.isHurried = 1
}

export function setNote(app: App, note: number, untilMs: number): void {
  app.note = note
  app.noteUntilMs = untilMs
}

/** Has siren, light, tone and text brought up to date in this pass, unless a code is waiting for its answer. */
export function refresh(app: App, nowMs: number): void {
  app.restAtMs = nowMs
  app.othersAtMs = nowMs
  app.pressingAtMs = nowMs
  app.showAtMs = nowMs
}

/** Number of a partition in reports. */
export function numberOf(app: App, index: number): number {
  return app.config.partition + index
}
