/**
 * Users and their codes at the keypad (C-7 to C-10, C-15): a master's or manager's code and 8, the user's number, the new
 * code twice. 0 in place of a code deletes. Codes stand in the entry's buffers only, and are overwritten (C-13).
 *
 * Whether a code may be given out takes some seconds of hashing, the same for any code, in small steps beside everything
 * else; a refusal never says why, and three of them in 10 min are all (C-10).
 * Not here: duress codes and other roles, which the computer sets; codes that the panel proposes (C-11): it would have to
 * show one in clear.
 */

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

function saying(line1: string, line2: string, tone: number): Saying {
  return { line1, line2, tone }
}

export function prompt(): Saying {
  return saying('USERS', 'User __', tones.KEY)
}

/** True for who may give out codes (C-4, C-5: no installer). */
export function isAllowed(app: App): boolean {
  return app.role === codes.MASTER || app.role === codes.MANAGER
}

/** A user was chosen. Undefined when the number is none, or somebody's with more rights than the manager has. */
export function choose(app: App, user: number, nowMs: number): Change | undefined {
  if (user < 1 || user > USERS) return undefined
  if (nowMs < app.refusedUntilMs && app.refusals >= REFUSALS) return undefined
  let slot = -1
  let free = -1
  for (let at = codes.SLOT_COUNT - 1; at >= 0; at--) {
    if (app.codes.rights[at] === 0) free = at
    else if (codes.ownerOf(app.codes, at) === user && !codes.isDuress(app.codes, at)) slot = at
  }
  if (slot >= 0 && user !== app.user && codes.roleOf(app.codes, slot) < codes.USER) return undefined
  if (slot < 0) slot = free
  if (slot < 0) return undefined
  return { user, slot, first: new Uint8Array(codes.ENTRY_BYTES), count: 0, check: undefined }
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
  change.check = rules.begin(change.first, change.count, 0)
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
    // The user's own code is replaced: it may be near, but not the same.
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
  const isNew = table.rights[change.slot] === 0
  const role = isNew ? codes.USER : codes.roleOf(table, change.slot)
  const partitions = isNew ? app.partitions : table.rights[change.slot] & 255
  codes.store(table, app.hal.crypto, change.slot, change.first, change.user, false, role, partitions)
  return stored(app, change)
}

/** Takes a user's codes away, a duress code with them; not while the station has still to hear of that user (C-15). */
export function remove(app: App, change: Change): Saying {
  const q = app.queue
  for (let index = 0; index < q.count; index++) {
    if (event.numberIn(q.subjects[index]) === change.user) return saying(name(change), 'Try later', tones.REJECTED)
  }
  if (change.user === app.user) return saying(name(change), 'Not allowed', tones.REJECTED)
  for (let at = 0; at < codes.SLOT_COUNT; at++) {
    if (codes.ownerOf(app.codes, at) === change.user) codes.remove(app.codes, app.hal.random, at)
  }
  return stored(app, change)
}

function stored(app: App, change: Change): Saying {
  app.minuteAtMs = 0 // a temporary user's new code has their hours
  const { tags, meta, rights } = app.codes
  const isKept = settings.setCodes(app.hal.flash, app.hal.crypto, tags, meta, rights)
  return saying(name(change), isKept ? 'Stored' : 'Until restart', isKept ? tones.ACCEPTED : tones.REJECTED)
}
