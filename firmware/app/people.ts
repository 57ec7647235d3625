/**
 * Users and their codes at the keypad (C-7 to C-10, C-15): a master's or manager's code and 8, the user's number, the new
 * code twice. 0 in place of a code deletes. Codes stand in the entry's buffers only, and are overwritten (C-13).
 *
 * A master reaches a user's duress code by the number with a 9 in front: 007 and 907 (D-3). Nothing but that digit differs,
 * no text, tone, time or flash write, whether there is one already or not; where there is to be none, or nobody would hear
 * of it, 907 is a number like 965 (D-25, DS-3).
 *
 * Whether a code may be given out takes some seconds of hashing, the same for any code, in small steps beside everything
 * else; a refusal never says why, and three of them in 10 min are all (C-10).
 * Not here: other roles, which the computer sets; duress codes by an installer, who gives out no others at the keypad, so that
 * whoever sees it would know which this is; codes that the panel proposes (C-11): it would have to show one in clear.
 */

import { Option } from '../config'
import * as event from '../event'
import * as rules from '../panel/code-rules'
import * as codes from '../panel/codes'
import * as settings from '../store/settings'
import * as tones from '../tones'
import type { Saying } from './program'
import type { App, Change } from './state'

/** C-10. */
const REFUSALS = 3
const REFUSAL_MS = 600000
const USERS = 64
/** In front of a user's number. There is no user 90 to 99, so no key that is pressed twice makes one of two digits another's. */
const SECOND_CODES = 900
/** Where the computer puts the duress codes of users 1 to 32 (codes-prompt.ts): the station knows them by that number. */
const SECOND_SLOTS = 32

function saying(line1: string, line2: string, tone: number): Saying {
  return { line1, line2, tone }
}

export function prompt(): Saying {
  return saying('USERS', 'User ___', tones.KEY)
}

/** True for who may give out codes (C-4, C-5: no installer). */
export function isAllowed(app: App): boolean {
  return app.role === codes.MASTER || app.role === codes.MANAGER
}

/**
 * A user was chosen. Undefined when the number is none, or somebody's with more rights than the manager has. The walk over the
 * slots is the same for each number.
 */
export function choose(app: App, number: number, nowMs: number): Change | undefined {
  const isDuress = number > SECOND_CODES ? 1 : 0
  const user = number - SECOND_CODES * isDuress
  if (user < 1 || user > USERS) return undefined
  if (nowMs < app.refusedUntilMs && app.refusals >= REFUSALS) return undefined
  const table = app.codes
  const slots = [-1, -1] // the user's own code and their duress code
  let first = -1
  let last = -1
  for (let at = codes.SLOT_COUNT - 1; at >= 0; at--) {
    if (table.rights[at] === 0) {
      first = at
      if (last < 0 || at === user - 1 + SECOND_SLOTS) last = at
    } else if (codes.ownerOf(table, at) === user) slots[codes.isDuress(table, at) ? 1 : 0] = at
  }
  const own = slots[0]
  if (own >= 0 && user !== app.user && codes.roleOf(table, own) < codes.USER) return undefined
  if (isDuress === 1 && !mayHaveTwo(app, own)) return undefined
  let slot = slots[isDuress]
  if (slot < 0) slot = isDuress === 1 ? last : first
  if (slot < 0) return undefined
  return { user, slot, isDuress, first: new Uint8Array(codes.ENTRY_BYTES), count: 0, check: undefined }
}

/**
 * True when the code in this slot may have a duress code beside it: a master says so (D-3), its owner has no menus (D-5), a
 * receiver hears of it (D-19), and the settings do not rule it out (D-25).
 */
function mayHaveTwo(app: App, own: number): boolean {
  if (app.role !== codes.MASTER || (app.config.options & Option.NO_DURESS) !== 0) return false
  if (own < 0 || app.queue.journal.takers[event.HOLD_UP] === 0) return false
  const role = codes.roleOf(app.codes, own)
  return role >= codes.USER && role !== codes.SERVICE
}

export function ask(change: Change): Saying {
  return saying(name(change), 'New code', tones.KEY)
}

function name(change: Change): string {
  return 'User ' + ('0' + change.user).slice(-2)
}

/** A whole code was typed, for the first or the second time. The entry is overwritten. */
export function typed(change: Change, entry: Uint8Array, count: number): Saying {
  let differs = 0
  for (let at = 0; at < change.first.length; at++) differs |= entry[at] ^ change.first[at]
  if (change.count === 0) {
    change.first.set(entry, 0)
    change.count = count
    entry.fill(0)
    return saying(name(change), 'Again', tones.KEY)
  }
  entry.fill(0)
  if (differs !== 0) {
    forget(change)
    return saying(name(change), 'Not the same', tones.REJECTED)
  }
  change.check = rules.begin(change.first, change.count, change.isDuress)
  return saying(name(change), 'Please wait', tones.KEY)
}

export function forget(change: Change): void {
  change.first.fill(0)
  change.count = 0
  change.check = undefined
}

/** One step of the check; what to say when it is done. */
export function step(app: App, change: Change, nowMs: number): Saying | undefined {
  const check = change.check as rules.CodeCheck
  const own = change.slot
  const isDone = rules.step(check, (entry) => {
    codes.match(app.codes, app.hal.crypto, entry)
    if (app.codes.known === 0) return rules.NOBODY // one outside its hours is somebody's as well
    // The code that is replaced may be near, but not the same.
    if (app.codes.slot - 1 === own && !isSame(entry, check)) return rules.NOBODY
    return app.codes.duress === 1 ? rules.DURESS : rules.CODE
  })
  if (!isDone) return undefined
  const answer = check.isRefused === 1 ? refused(app, change, nowMs) : take(app, change)
  forget(change)
  return answer
}

/** True for the code itself, of which each neighbour differs by one digit while it is tried. */
function isSame(entry: Uint8Array, check: rules.CodeCheck): boolean {
  return check.done >= check.count * 9 && entry === check.entry
}

function refused(app: App, change: Change, nowMs: number): Saying {
  if (nowMs >= app.refusedUntilMs) app.refusals = 0
  app.refusals++
  app.refusedUntilMs = nowMs + REFUSAL_MS
  return saying(name(change), 'Choose another', tones.REJECTED)
}

function take(app: App, change: Change): Saying {
  const table = app.codes
  let own = change.slot
  for (let at = 0; at < codes.SLOT_COUNT; at++) {
    const isOwn = codes.ownerOf(table, at) === change.user && !codes.isDuress(table, at)
    if (isOwn && table.rights[at] !== 0) own = at // also for a duress code: its rights are those of its owner (D-5)
  }
  const isNew = table.rights[own] === 0
  const role = isNew ? codes.USER : codes.roleOf(table, own)
  const partitions = isNew ? app.partitions : table.rights[own] & 255
  codes.store(table, app.hal.crypto, change.slot, change.first, change.user, change.isDuress === 1, role, partitions)
  return stored(app, change)
}

/**
 * Takes a user's codes away, a duress code with them, or that alone; not while the station has still to hear of that user
 * (C-15). 121 and its decoys do not count: the one has its slot's number and the other the user's, which would show.
 */
export function remove(app: App, change: Change): Saying {
  const q = app.queue
  for (let index = 0; index < q.count; index++) {
    const subject = q.subjects[index]
    if (event.codeIn(subject) === event.DURESS || event.numberIn(subject) !== change.user) continue
    return saying(name(change), 'Try later', tones.REJECTED)
  }
  if (change.user === app.user) return saying(name(change), 'Not allowed', tones.REJECTED)
  const table = app.codes
  let free = -1
  let count = 0
  for (let at = 0; at < codes.SLOT_COUNT; at++) {
    if (table.rights[at] === 0) free = at
    else if (codes.ownerOf(table, at) === change.user && (change.isDuress === 0 || codes.isDuress(table, at))) {
      codes.remove(table, app.hal.random, at)
      free = at
      count++
    }
  }
  // As long for a user who has a duress code as for one who has none.
  while (free >= 0 && count++ < 2) codes.remove(table, app.hal.random, free)
  return stored(app, change)
}

function stored(app: App, change: Change): Saying {
  app.minuteAtMs = 0 // a temporary user's new code has their hours
  const { tags, meta, rights } = app.codes
  const isKept = settings.setCodes(app.hal.flash, app.hal.crypto, tags, meta, rights)
  return saying(name(change), isKept ? 'Stored' : 'Until restart', isKept ? tones.ACCEPTED : tones.REJECTED)
}
