/**
 * Troubles of the panel (section 11): what is sensed becomes, after its time, a trouble with a number of the keypad's menu
 * (K-20), an event to report, and a tone. Pure: readings and time come as arguments, outcomes are fields. What is never
 * sensed is never wrong.
 *
 *   sensed --the time to raise it--> raised: NEW event      back --the time to clear it--> cleared: RESTORE event
 *
 * AC loss is shown at once and reported later (S-1), everything else when it is raised.
 *
 * D-15: a call for help tries both paths at once and may find that one is lost, which the code of a user would not. So from
 * each code on, whatever it was (a duress in lockout calls, too, D-22), communication troubles stay on the keypad for
 * 60 min as they are: none comes, none goes, and no tone tells of one. Then the keypad catches up. A code within these
 * 60 min begins them anew; who types codes all day long sees such troubles late, but the station hears of them in time.
 *
 * Not here: events of paths and zones, which others report; the alarm of an armed panel about a lost keypad (S-6, EN:
 * app/supervise.ts).
 */

import * as event from '../event'

/** What can be wrong. */
export enum Sensed {
  BATTERY_LOW = 0,
  BATTERY_MISSING = 1,
  AC = 2,
  SIREN = 3,
  BOX_TAMPER = 4,
  KEYPAD = 5,
  CLOCK = 6,
  WATCHDOG = 7,
  /** A path test waits for its kiss-off. */
  TEST = 8,
  PATH_1 = 9,
  PATH_2 = 10,
  /** Events wait, and no path delivers. */
  STUCK = 11,
  ZONE_TAMPER = 12,
  ZONE_FAULT = 13,
  /** A port expander. */
  MODULE = 14,
  /** Further keypads: three of these. */
  KEYPAD_2 = 15,
}
const COUNT = 18
/** Those that a restart does not find out anew; the others are sensed again. */
const KEPT = 255 | (1 << Sensed.MODULE)

// Of each: number in the menu (K-20), event (NONE where others report), seconds until it is raised and cleared.
const NUMBERS = new Uint8Array([1, 1, 2, 3, 7, 9, 8, 9, 6, 4, 5, 6, 7, 10, 9, 9, 9, 9])
// 333 is event.MODULE_LOST: a name in front of this table would cost a variable for each constant here (board/constants.ts).
// biome-ignore format: one row
const CODES = new Uint16Array([302, 311, 301, 321, 137, 333, 626, event.SELF_TEST, 0, 0, 0, 0, 0, 0, 333, 333, 333, 333])
const RAISE_SECONDS = new Uint16Array([30, 2, 0, 15, 0, 0, 300, 0, 3600, 0, 0, 0, 0, 0, 0, 0, 0, 0])
const CLEAR_SECONDS = new Uint16Array([30, 2, 0, 15, 0, 0, 0, 3600, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
/** Zone part of the event: siren 1, keypad 1, expanders 2, further keypads 10 and their number. */
const SUBJECTS = new Uint8Array([0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 12, 13, 14])
/** Those of further keypads stand so high in saved(). */
const FURTHER = 7
const FURTHER_SHIFT = 19 - Sensed.KEYPAD_2
/** Troubles 4, 5 and 6 as bits: paths and failure to communicate. In saved() they stand this much higher. */
const COMMUNICATION = 0x70
const SAVED_SHIFT = 12

/** Battery (S-2), in tens of millivolts: low below, good above; missing below under load (S-3). */
const LOW = 1150
const GOOD = 1250
const MISSING = 900
/** Load test: how long, how often, and how often while it finds a fault (S-3); the first one after this. */
const LOAD_SECONDS = 40
const TEST_SECONDS = 86400
const RETEST_SECONDS = 3600
const FIRST_TEST_SECONDS = 3600
/** The siren's circuit is read this often (S-5). A fault counts when the next reading finds it again. */
const SIREN_MS = 10000
/** A keypad that was not seen for so long is lost (S-6). */
const LOST_MS = 20000
/** More restarts by the watchdog than this within an hour are a trouble (S-14). Cause as in store/counters.ts. */
const WATCHDOG_LIMIT = 3
const WATCHDOG_CAUSE = 3
const HOUR_SECONDS = 3600
/** D-15. */
export const FROZEN_MS = 3600000
/** The tone comes again so long after it was acknowledged (§9.2). */
const REPEAT_MS = 14400000
/** In a Uint32Array: no deadline. */
const NEVER_SECONDS = 0xffffffff

export interface Troubles {
  /** When poll() has something to do. */
  atMs: number
  /** A bit for each Sensed: what was read last, what is a trouble, and whose event was not taken yet. */
  sensed: number
  raised: number
  due: number
  /** When each is raised or cleared. */
  atSeconds: Uint32Array
  acSeconds: number
  /** 1 while the battery is to be loaded; the panel drives the output. */
  load: number
  testAtSeconds: number
  /** 1 when a load test found the battery low: then only a load test finds it good. */
  isTestLow: number
  /** When the siren's circuit is to be read next. */
  sirenAtMs: number
  /** When the keypad was seen last, -1 when it is not watched. */
  seenMs: number
  /** Bits of the trouble numbers that the keypad may show. */
  shown: number
  frozenUntilMs: number
  /** 1 while the tone asks for attention, and when it does so again. */
  isSounding: number
  repeatAtMs: number
  /** What take() found. */
  code: number
  qualifier: number
  number: number
}

/**
 * acMinutes: delay of 301 (0-255, S-1); shareMs: this panel's random part of it, 0 to 10 min. saved: of saved() before the
 * restart, 0 for none; frozenMs: how long communication troubles stay as they were then (D-15): FROZEN_MS after a restart,
 * because nobody knows when the last code was, 0 on a panel that was never used.
 */
export function create(acMinutes: number, shareMs: number, saved: number, frozenMs: number, nowMs: number): Troubles {
  const kept = (saved & KEPT) | ((saved >> FURTHER_SHIFT) & (FURTHER << Sensed.KEYPAD_2))
  const t: Troubles = {
    atMs: nowMs,
    sensed: kept,
    raised: kept,
    due: 0,
    atSeconds: new Uint32Array(COUNT).fill(NEVER_SECONDS),
    acSeconds: Math.ceil(acMinutes * 60 + shareMs / 1000),
    load: 0,
    testAtSeconds: NEVER_SECONDS,
    isTestLow: saved & 1, // nobody knows any more: a load test finds out
    sirenAtMs: 0,
    seenMs: -1,
    shown: (saved >> SAVED_SHIFT) & COMMUNICATION,
    frozenUntilMs: nowMs + frozenMs,
    isSounding: 0,
    repeatAtMs: nowMs + REPEAT_MS,
    code: event.NONE,
    qualifier: event.NEW,
    number: 0,
  }
  // An hour without another restart clears it.
  sense(t, Sensed.WATCHDOG, 0, nowMs)
  return t
}

/** What create() wants back after a restart: what was reported, and what the keypad showed of the paths. */
export function saved(t: Troubles): number {
  const further = (t.raised & (FURTHER << Sensed.KEYPAD_2)) << FURTHER_SHIFT
  return (t.raised & KEPT) | ((t.shown & COMMUNICATION) << SAVED_SHIFT) | further
}

/** A reading: isWrong 1 or 0. Call poll() once atMs has come. */
export function sense(t: Troubles, what: Sensed, isWrong: number, nowMs: number): void {
  const bit = 1 << what
  if (((t.sensed >> what) & 1) === isWrong) return
  t.sensed ^= bit
  if (what === Sensed.AC) t.atMs = nowMs // shown at once
  if (((t.raised >> what) & 1) === isWrong) {
    t.atSeconds[what] = NEVER_SECONDS
    return
  }
  let seconds = isWrong === 1 ? RAISE_SECONDS[what] : CLEAR_SECONDS[what]
  if (what === Sensed.AC) seconds = t.acSeconds
  const atSeconds = Math.floor((seconds === 0 ? nowMs : nowMs + 999) / 1000) + seconds
  t.atSeconds[what] = atSeconds
  if (atSeconds * 1000 < t.atMs) t.atMs = atSeconds * 1000
}

/** The battery's voltage in tens of millivolts, once a second. The first reading begins its supervision. */
export function battery(t: Troubles, tenMillivolts: number, nowMs: number): void {
  if (t.testAtSeconds === NEVER_SECONDS) test(t, nowMs + FIRST_TEST_SECONDS * 1000)
  const isRaised = ((t.raised >> Sensed.BATTERY_LOW) & 1) === 1
  const isLow = isRaised ? tenMillivolts <= GOOD : tenMillivolts < LOW
  if (t.load === 1 || isOnBattery(t)) {
    const isMissing = tenMillivolts < MISSING
    sense(t, Sensed.BATTERY_MISSING, isMissing ? 1 : 0, nowMs)
    sense(t, Sensed.BATTERY_LOW, isLow && !isMissing ? 1 : 0, nowMs)
    return
  }
  // The charger holds it up: nothing can be found, and of what was found only a low that was no load test's can go.
  sense(t, Sensed.BATTERY_MISSING, (t.raised >> Sensed.BATTERY_MISSING) & 1, nowMs)
  if (!isRaised || t.isTestLow === 0) sense(t, Sensed.BATTERY_LOW, isRaised && isLow ? 1 : 0, nowMs)
}

/** Has the battery tested at that time, or as soon as there is AC (S-3): with arming, or because somebody asks. */
export function test(t: Troubles, atMs: number): void {
  if (t.load === 1) return
  t.testAtSeconds = Math.ceil(atMs / 1000)
  if (atMs < t.atMs) t.atMs = atMs
}

/** The siren's circuit, open or short (1) or right (0). Due at sirenAtMs. */
export function siren(t: Troubles, isWrong: number, nowMs: number): void {
  t.sirenAtMs = nowMs + SIREN_MS
  sense(t, Sensed.SIREN, isWrong, nowMs)
}

/** The keypad answered. The first call begins its supervision. */
export function keypadSeen(t: Troubles, nowMs: number): void {
  if (t.seenMs < 0 || ((t.raised >> Sensed.KEYPAD) & 1) === 1) t.atMs = nowMs
  t.seenMs = nowMs
}

/**
 * The last starts, newest first: cause (store/counters.ts) and UTC seconds. A start whose time nobody knew (0) counts as
 * simultaneous with the one after it.
 */
export function starts(t: Troubles, causes: Uint8Array, utcSeconds: Uint32Array, nowMs: number): void {
  let newest = 0
  let seconds = 0
  let count = 0
  for (let index = 0; index < causes.length; index++) {
    if (utcSeconds[index] !== 0) seconds = utcSeconds[index]
    if (newest === 0) newest = seconds
    if (newest - seconds >= HOUR_SECONDS) break
    if (causes[index] === WATCHDOG_CAUSE) count++
  }
  if (count <= WATCHDOG_LIMIT) return
  const bit = 1 << Sensed.WATCHDOG
  if ((t.raised & bit) === 0) t.due ^= bit
  t.raised |= bit
  t.sensed |= bit
  sense(t, Sensed.WATCHDOG, 0, nowMs)
  t.atMs = nowMs
}

/** A code was committed, whatever it was: the same steps for each (D-15, D-30). */
export function codeEntered(t: Troubles, nowMs: number): void {
  t.frozenUntilMs = nowMs + FROZEN_MS
}

/** Any key acknowledges the tone, but not while nobody can hear it. */
export function keyPressed(t: Troubles, isArmed: boolean, nowMs: number): void {
  if (isArmed || t.isSounding === 0) return
  t.isSounding = 0
  t.repeatAtMs = nowMs + REPEAT_MS
  if (t.repeatAtMs < t.atMs) t.atMs = t.repeatAtMs
}

/** True while the trouble tone sounds: until a key is pressed, again every 4 h, never while armed (§9.2). */
export function sounds(t: Troubles, isArmed: boolean): boolean {
  return !isArmed && t.isSounding === 1
}

/** The next trouble on show behind this number, for the menu (K-20): 1 to 10, 0 when there is none. */
export function next(t: Troubles, number: number): number {
  for (let other = number + 1; other <= 10; other++) if (((t.shown >> other) & 1) === 1) return other
  return 0
}

/** One event to report, in code, qualifier and number; false when there is none. */
export function take(t: Troubles): boolean {
  for (let what = 0; t.due !== 0 && what < COUNT; what++) {
    const bit = 1 << what
    if ((t.due & bit) === 0) continue
    t.due ^= bit
    if (CODES[what] === event.NONE) continue
    t.code = CODES[what]
    t.qualifier = (t.raised & bit) === 0 ? event.RESTORE : event.NEW
    t.number = SUBJECTS[what]
    return true
  }
  return false
}

/** Moves time on; then take() what is to be reported. Returns when to call again, as in atMs, unless a reading comes first. */
export function poll(t: Troubles, nowMs: number): number {
  const nowSeconds = Math.floor(nowMs / 1000)
  if (t.seenMs >= 0) sense(t, Sensed.KEYPAD, nowMs >= t.seenMs + LOST_MS ? 1 : 0, nowMs)
  let numbers = 0
  let nextSeconds = NEVER_SECONDS
  for (let what = 0; what < COUNT; what++) {
    if (t.atSeconds[what] <= nowSeconds) change(t, what)
    if (t.atSeconds[what] < nextSeconds) nextSeconds = t.atSeconds[what]
    if (((t.raised >> what) & 1) === 1) numbers |= 1 << NUMBERS[what]
  }
  pollTest(t, nowMs, nowSeconds)
  const acBit = 1 << NUMBERS[Sensed.AC]
  if (isOnBattery(t)) numbers |= acBit
  else {
    numbers &= ~acBit
    if (t.testAtSeconds < nextSeconds) nextSeconds = t.testAtSeconds
  }
  show(t, numbers, nowMs)
  let nextMs = nextSeconds === NEVER_SECONDS ? Infinity : nextSeconds * 1000
  if (t.seenMs >= 0 && (t.sensed & (1 << Sensed.KEYPAD)) === 0 && t.seenMs + LOST_MS < nextMs)
    nextMs = t.seenMs + LOST_MS
  if (nowMs < t.frozenUntilMs && t.frozenUntilMs < nextMs) nextMs = t.frozenUntilMs
  if (t.isSounding === 0 && t.repeatAtMs < nextMs) nextMs = t.repeatAtMs
  t.atMs = nextMs
  return nextMs
}

function isOnBattery(t: Troubles): boolean {
  return ((t.sensed >> Sensed.AC) & 1) === 1
}

/** A deadline is over: what is sensed counts. */
function change(t: Troubles, what: number): void {
  const bit = 1 << what
  t.atSeconds[what] = NEVER_SECONDS
  t.raised ^= bit
  t.due ^= bit
  if (what === Sensed.BATTERY_LOW) t.isTestLow = t.load
}

/** Begins and ends the load test. Without AC there is load enough, and none is added. */
function pollTest(t: Troubles, nowMs: number, nowSeconds: number): void {
  if (t.load === 0) {
    if (nowSeconds < t.testAtSeconds || isOnBattery(t)) return
    t.load = 1
    t.testAtSeconds = nowSeconds + LOAD_SECONDS
    return
  }
  if (isOnBattery(t)) {
    t.load = 0
    t.testAtSeconds = nowSeconds // again when AC is back
    return
  }
  if (nowSeconds < t.testAtSeconds) return
  const batteries = (1 << Sensed.BATTERY_LOW) | (1 << Sensed.BATTERY_MISSING)
  t.load = 0
  // What was not there for its whole time was not found.
  sense(t, Sensed.BATTERY_LOW, (t.raised >> Sensed.BATTERY_LOW) & 1, nowMs)
  sense(t, Sensed.BATTERY_MISSING, (t.raised >> Sensed.BATTERY_MISSING) & 1, nowMs)
  t.testAtSeconds = nowSeconds + ((t.raised & batteries) === 0 ? TEST_SECONDS : RETEST_SECONDS)
}

/** What the keypad may show of these numbers, and whether the tone asks for attention. */
function show(t: Troubles, numbers: number, nowMs: number): void {
  const before = t.shown
  t.shown = nowMs < t.frozenUntilMs ? (numbers & ~COMMUNICATION) | (before & COMMUNICATION) : numbers
  if (t.shown === 0) {
    t.isSounding = 0
    t.repeatAtMs = Infinity
  } else if ((t.shown & ~before) !== 0 || nowMs >= t.repeatAtMs) {
    t.isSounding = 1
    t.repeatAtMs = Infinity
  }
}
