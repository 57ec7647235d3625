/**
 * From a key to what comes of it: the commit path of a code (D-30) and its answer at a fixed time (D-31), lockout (section 8).
 */

import * as clock from '../clock'
import { Option } from '../config'
import * as event from '../event'
import * as lcd from '../io/lcd'
import * as sounder from '../io/sounder'
import * as annunciator from '../panel/annunciator'
import * as codes from '../panel/codes'
import * as keypad from '../panel/keypad'
import * as partition from '../panel/partition'
import * as premises from '../panel/premises'
import * as troubles from '../panel/troubles'
import * as types from '../panel/zone-types'
import * as parts from '../parts'
import * as journal from '../store/journal'
import * as tones from '../tones'
import * as dispatcher from '../transmit/dispatcher'
import * as queue from '../transmit/queue'
import * as house from './house'
import * as keeping from './keeping'
import * as menus from './menus'
import * as outputs from './outputs'
import * as schedule from './schedule'
import { focus, warm as warmDisplay } from './show'
import { type App, hurry, NEVER, refresh, setNote } from './state'

/** All that can be seen and heard of a code comes this long after its last key, whatever it was (D-31). */
export const REACTION_MS = 400
/** EN: how long texts are open after a code (K-11). */
const OPEN_MS = 30000
/** How long line 2 shows what came of a code. */
const NOTE_MS = 5000
/** Length of a lockout (L-2). It doubles with each further one, up to 60 min with the seventh; in profile EN it does not. */
const LOCKOUT_MS = 90000
const LOCKOUT_LIMIT_MS = 3600000
const LOCKOUTS = 7
/** The count goes down by one in an hour without wrong entries (L-10). */
const DECAY_MS = 3600000
/** While a code waits for its answer, the code of that is made, one part at a time, and not in the last moments. */
const WARM_MS = 30
const WARM_END_MS = 200
/** Before those, the steps of its check. */
const HASH = -2
const COMPARE = -1
const SECOND_MS = 1000

/**
 * One debounced key: '0'-'9', '*', '#', 'A'-'D', or a chord, 'P'-'R'. When it completes a code, verify() has to follow until
 * it returns false. Public, because the two are what the proofs of sameness count.
 */
export function keyPressed(app: App, key: string, nowMs: number): void {
  if (key >= 'P') {
    keypad.clear(app.keypad) // the chord's first key may have been taken for a digit (K-7)
    house.panic(app, key, nowMs)
    return
  }
  const isLocked = nowMs < app.lockedUntilMs
  const w = app.premises
  if (w.verifying === premises.SMOKE) {
    // Somebody is there: quiet, and another look later (Z-11).
    w.verifying = premises.HUSHED
    w.verifyUntilMs = nowMs + premises.HUSH_MS
  }
  app.awakeMs = nowMs
  troubles.keyPressed(app.troubles, w.partitions[focus(app)].state !== partition.DISARMED, nowMs)
  setNote(app, isLocked ? annunciator.NOTE_LOCKED : annunciator.NOTE_NONE, app.lockedUntilMs)
  sounder.play(app.sounder, isLocked ? tones.REJECTED : tones.KEY, nowMs) // L-4
  app.sounderAtMs = nowMs
  const outcome = keypad.press(app.keypad, key, nowMs)
  if (outcome === keypad.SUBMITTED) {
    // Its last star; then nothing moves until react().
    if (!isLocked) lcd.show(app.lcd, 1, annunciator.entryText(app.keypad.count, app.config.options))
    app.lcdAtMs = nowMs
    // From here on the answer has its time (D-31).
    app.reactionAtMs = nowMs + REACTION_MS
    app.warmAtMs = nowMs
    app.warmStep = HASH // verify() comes first
  } else if (outcome !== keypad.NOTHING && !isLocked) menus.key(app, outcome, nowMs)
  // What it does is shown in a pass of its own: this one is long enough.
  refresh(app, nowMs + 1)
  app.urgentAtMs = nowMs + 1
}

/**
 * A step of judging a code: its hash is made, then some more of the table is compared with the entry, at last comes the commit, which leaves the
 * events in the journal and in the queue. In one pass it would be the longest of all by far. False: there was nothing to do.
 */
export function verify(app: App): boolean {
  const step = app.warmStep
  const c = app.codes
  if (step >= 0) return false
  if (step === HASH) {
    // The hash is made of the entry, which is forgotten at once (C-13).
    app.warmStep = COMPARE
    codes.begin(c, app.hal.crypto, app.keypad.entry)
    keypad.clear(app.keypad)
  } else if (c.next < codes.SLOT_COUNT) codes.compare(c)
  else commit(app, app.reactionAtMs - REACTION_MS)
  return true
}

/**
 * The end of the commit path (D-30): every partition, both events into one record of fixed size, one
 * write. The same steps for a user code, a duress code and a wrong one; nothing here may branch on which it was. What
 * people see of it comes in react(), at a fixed time. nowMs: of the last key.
 */
function commit(app: App, nowMs: number): void {
  const c = app.codes
  const j = app.queue.journal
  queue.tidy(app.queue) // room for two more
  // While locked nothing is accepted, but duress is still reported (D-22, L-4).
  const isOpen = nowMs < app.lockedUntilMs ? 0 : 1
  enterAll(app, c.found * isOpen, nowMs)
  const isMirrored = (c.known | (1 - isOpen)) * app.isMatched
  // A wrong entry counts one; a code that counts clears the count; neither does while locked (L-4, D-16, D-22).
  const counts = c.found * isOpen
  app.wrongCount = (app.wrongCount + 1 - c.found) * (1 - counts) * isOpen + app.wrongCount * (1 - isOpen)
  const isInstaller = counts * (1 - ((c.role + 15) >> 4))
  const installerWrong = app.installerWrong + (1 - c.found) * isOpen
  app.installerWrong = (installerWrong - (installerWrong >> 7)) * (1 - isInstaller) // L-9; at most 127
  record(app, j, isMirrored)
  app.warmAtMs = nowMs + WARM_MS
  app.warmStep = 0
  // D-15. Far from full seconds, at which the panel looks after itself, early or late by a pass.
  troubles.codeEntered(app.troubles, nowMs - (nowMs % SECOND_MS) + SECOND_MS / 2)
  dispatcher.wake(app.dispatcher)
  hurry(app, nowMs)
}

/** The code in every partition (PT-1). granted: 1 for a code that counts now. */
function enterAll(app: App, granted: number, nowMs: number): void {
  const { duress, user, role, partitions } = app.codes
  const all = app.premises.partitions
  let accepted = 0
  let disarming = 0
  for (let index = 0; index < all.length; index++) {
    const p = all[index]
    const isMine = (partitions >> index) & 1
    const isRefused =
      (partition.isSet(p) * (1 - codes.mayDisarm(role, user, p.user))) |
      (isFire(app, p) * (1 - codes.maySilenceFire(role)))
    const one = granted * isMine * (1 - isRefused)
    partition.codeEntered(p, one, duress * isMine, user, nowMs)
    accepted |= one
    disarming |= one * ((p.before + 7) >> 3)
  }
  app.isAccepted = accepted
  app.isDisarming = disarming
  app.user ^= (app.user ^ user) * accepted
  app.role ^= (app.role ^ role) * accepted
  app.partitions ^= (app.partitions ^ partitions) * accepted
}

/** 1 while only some may silence what sounds here (O-2). It says nothing of the code. */
function isFire(app: App, p: partition.Partition): number {
  const isKept = (app.config.options & Option.FIRE_BY_MASTER) !== 0
  return isKept && p.state === partition.ALARM && p.siren >= types.CARBON_MONOXIDE ? 1 : 0
}

/**
 * The record: 121, or in its place a decoy that the station gets as often and as long (D-34), and the opening of the first
 * partition that was disarmed. What else there is to tell follows with the answer, so that the record has its size (D-33).
 * isMirrored: 1 when there is a decoy if it is not 121.
 */
function record(app: App, j: journal.Journal, isMirrored: number): void {
  const c = app.codes
  const q = app.queue
  const all = app.premises.partitions
  const first = app.config.partition
  const mask = c.partitions
  let hasOpened = 0
  let hasCancelled = 0
  let openArea = first
  // The partition that duress is reported for: the first that the code is for (PT-5).
  let area = first
  let isFound = 0
  for (let index = 0; index < all.length; index++) {
    const p = all[index]
    const isFirst = p.opens * (1 - hasOpened)
    openArea ^= (openArea ^ (first + index)) * isFirst
    hasOpened |= p.opens
    hasCancelled |= p.cancels
    p.isUntold = p.opens * (1 - isFirst)
    const isHere = ((mask >> index) & 1) * (1 - isFound)
    area += index * isHere
    isFound |= isHere
  }
  const isUrgent = c.duress | isMirrored
  const decoy = event.FOR_ALL * (1 - c.duress)
  const code = event.DURESS * isUrgent
  const number = c.user ^ ((c.user ^ c.slot) * c.duress)
  const opening = event.OPENING_CLOSING * hasOpened
  app.isCancelled = hasCancelled
  journal.begin(j, clock.utcSeconds(app.wall, app.hal.clock))
  keeping.setState(app)
  journal.put(j, 0, isUrgent, code, event.NEW | (decoy << event.DECOY_SHIFT), area, number)
  journal.put(j, 1, hasOpened, opening, event.NEW, openArea, c.user)
  const location = journal.commit(j)
  // event.takersOf(), with the same reads for each code.
  const takers = j.takers
  const decoyed = takers[event.DECOYED + event.FOR_ALL] * (1 - c.duress)
  const takersA = takers[event.HOLD_UP] & (255 + (takers[event.OWED + event.FOR_ALL] - 255) * (1 - c.duress))
  queue.push(q, location, takersA * isUrgent, 0, event.subject(code, area, number), decoyed)
  const takersB = takers[event.OPENINGS] * hasOpened
  queue.push(q, location + 1, takersB, event.CLASS_OPENING, event.subject(opening, openArea, c.user), 0)
}

/**
 * Until the answer to a code the paths have to wait anyway (app.ts, mayDispatch): meanwhile what makes the answer is made,
 * whatever the code was (D-30). What sends is not: both together take more memory than a panel of 64 zones has.
 */
export function warm(app: App, nowMs: number): void {
  if (app.warmStep === 0) parts.drop(parts.NOTHING) // room for what any code makes
  const step = app.warmStep++
  app.warmAtMs = step < 2 && nowMs + WARM_END_MS < app.reactionAtMs ? nowMs + WARM_MS : NEVER
  if (step === 0) house.warm(app)
  else if (step === 1) keeping.warm(app)
  else warmDisplay(app)
}

/** What can be seen and heard of a code, at its fixed time (D-31). */
export function react(app: App, nowMs: number): void {
  const enteredMs = app.reactionAtMs - REACTION_MS
  app.reactionAtMs = NEVER
  if (app.isAccepted === 1) accepted(app, nowMs)
  else {
    sounder.play(app.sounder, tones.REJECTED, nowMs)
    keeping.note(app, house.WRONG_ENTRY, event.NEW, -1, numberOfKeypad(app)) // L-6
    if (enteredMs < app.lockedUntilMs) setNote(app, annunciator.NOTE_LOCKED, app.lockedUntilMs)
    else if (isLockoutDue(app)) lock(app, nowMs)
    else {
      setNote(app, annunciator.NOTE_REFUSED, nowMs + NOTE_MS)
      app.decayAtMs = nowMs + DECAY_MS
    }
  }
  house.endProgramming(app) // a code leaves the menus
  app.silentUntilMs += (nowMs + outputs.DURESS_MS - app.silentUntilMs) * app.codes.duress
  keeping.keepRest(app) // the installer's count (L-8, L-9)
  app.sounderAtMs = nowMs
  refresh(app, nowMs)
}

/** Something was disarmed, or else the code is leave to choose a mode (K-2). */
function accepted(app: App, nowMs: number): void {
  let note = annunciator.NOTE_DISARMED
  const all = app.premises.partitions
  for (let index = 0; index < all.length; index++) {
    const p = all[index]
    if (p.opens === 1 || p.before !== p.state) note = noteOf(app, p, note)
  }
  app.openUntilMs = nowMs + OPEN_MS
  schedule.postpone(app, nowMs)
  sounder.play(app.sounder, note === annunciator.NOTE_ABORTED ? tones.ABORTED : tones.ACCEPTED, nowMs)
  if (app.isDisarming === 0) {
    menus.leave(app, nowMs)
    return
  }
  setNote(app, note, nowMs + NOTE_MS)
  house.disarmed(app, nowMs)
}

function noteOf(app: App, p: partition.Partition, note: number): number {
  if (p.aborts === 1) return annunciator.NOTE_ABORTED
  if (p.wasExitError === 1) return annunciator.NOTE_EXIT_ERROR
  return app.isCancelled === 1 ? annunciator.NOTE_CANCELLED : note
}

/** True at each so many wrong entries in a row (L-1); the journal has the count, so a power cut clears nothing (L-8). */
function isLockoutDue(app: App): boolean {
  return app.wrongCount > 0 && app.wrongCount % app.config.wrongLimit === 0
}

/** 1 to 4: of the keypad in use. */
function numberOfKeypad(app: App): number {
  let index = 0
  while (app.stations !== undefined && app.stations[index].keypad !== app.keypad) index++
  return index + 1
}

/** Locks the keypads and says so to the station, once (L-6). */
function lock(app: App, nowMs: number): void {
  const limit = app.config.wrongLimit
  if (app.wrongCount > LOCKOUTS * limit) app.wrongCount = LOCKOUTS * limit
  const times = app.premises.rules.isEn === 1 ? 0 : app.wrongCount / limit - 1
  const lockoutMs = LOCKOUT_MS << times
  app.lockedUntilMs = nowMs + (lockoutMs < LOCKOUT_LIMIT_MS ? lockoutMs : LOCKOUT_LIMIT_MS)
  app.decayAtMs = app.lockedUntilMs + DECAY_MS
  setNote(app, annunciator.NOTE_LOCKED, app.lockedUntilMs)
  keeping.keep(app, event.WRONG_CODES, event.NEW, numberOfKeypad(app))
  house.lockedOut(app, nowMs)
}

/** After a restart a lockout begins anew: nobody knows how much of it had passed (L-8). */
export function resumeLockout(app: App, nowMs: number): void {
  app.decayAtMs = nowMs + DECAY_MS
  if (isLockoutDue(app)) lock(app, nowMs)
}

/** One wrong entry is forgotten (L-10). */
export function decay(app: App, nowMs: number): void {
  app.decayAtMs = nowMs + DECAY_MS
  if (app.wrongCount === 0) return
  app.wrongCount--
  keeping.keep(app, event.NONE, event.NEW, 0)
}
