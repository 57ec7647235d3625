/**
 * Users of a panel's file: who has a code, what it may do, and whose silent call for help it is (C-3, C-4, D-2, D-5). No
 * codes: those are asked for, and never in a file.
 */

import type { z } from 'zod'
import { choice, fields, list, listed, readable, text, whole } from './fields'
import type { Path } from './problems'

/** Slots of the code table (C-3). */
export const USERS = 64
/** In the order of the device's numbers for them. */
export const ROLES = [
  'installer',
  'master',
  'manager',
  'user',
  'armOnly',
  'guest',
  'oneTime',
  'temporary',
  'service',
] as const
/** Roles with menus, which a duress code cannot have: the difference would show (D-5). */
const WITH_MENUS = ['installer', 'master', 'manager', 'service']
/** Of these there is one (C-3). */
const SINGLE = ['installer', 'master']

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** What says when a temporary code counts. */
const SCHEDULE = ['days', 'hours', 'from', 'until'] as const
const MINUTES_A_DAY = 1440
const DAY_MS = 86400000
/** The last day that a panel can count to, in 2149. */
const LAST_DAY = 65535

/** Where the device's word has the role, and the bit of a slot that is in use; the partitions are its low byte. */
const ROLE_AT = 8
const ENABLED = 1 << 12

export function usersOf(partition: z.ZodType<number>) {
  const user = fields({
    user: whole(1, USERS, '', 'Number of the user, which is that of the code too', 'C-3'),
    name: text(
      /^[ !#-~]{1,13}$/,
      '1 to 13 plain characters',
      'For whoever types the code in; the panel has no names',
    ).optional(),
    role: choice(ROLES, 'What the code may do: user when it is left out', 'C-4').optional(),
    partitions: list(
      partition,
      1,
      8,
      'partitions by their place in the list',
      'Partitions that it acts on; all when left out (PT-1)',
    ).optional(),
    days: list(
      choice(DAYS, 'A day of the week'),
      1,
      7,
      'days of the week',
      'Days on which a temporary code counts; all when left out (C-4)',
    ).optional(),
    hours: text(
      /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
      'two local times such as 08:00-17:30',
      'Local time in which a temporary code counts, over midnight too; the whole day when left out',
      'C-4',
    ).optional(),
    from: readable(isDate, 'a date such as 2026-03-01', 'First day of a temporary code', 'C-4').optional(),
    until: readable(isDate, 'a date such as 2026-03-31', 'Last day of a temporary code', 'C-4').optional(),
    duressOf: whole(
      1,
      USERS,
      '',
      'This is the duress code of that user: it does the same, and calls for help silently',
      'D-2',
    ).optional(),
  })
  return list(user, 0, USERS, 'users', 'Who has a code; left out, flash.sh asks').default([])
}

export type User = z.output<ReturnType<typeof usersOf>>[number]

/** What several users, or several fields of one, have wrong. */
export function brokenUsers(
  users: User[],
  partitionCount: number,
  tell: (path: Path, value: unknown, advice: string) => void,
): void {
  users.forEach((user, at) => {
    const path = (field: string): Path => ['users', at, field]
    const before = users.slice(0, at)
    if (before.some((other) => other.user === user.user))
      tell(path('user'), user.user, 'give each its own number (C-3)')
    if (user.role !== undefined && SINGLE.includes(user.role) && before.some((other) => other.role === user.role)) {
      tell(path('role'), user.role, `use it once, there is one ${user.role} (C-3)`)
    }
    user.partitions?.forEach((place, index) => {
      const here: Path = [...path('partitions'), index]
      if (place > partitionCount) tell(here, place, `use 1 to ${partitionCount}, the partitions that there are (PT-1)`)
    })
    brokenSchedule(user, at, tell)
    if (user.duressOf !== undefined) brokenDuress(user, at, users, tell)
  })
}

function brokenSchedule(user: User, at: number, tell: (path: Path, value: unknown, advice: string) => void): void {
  for (const field of SCHEDULE) {
    if (user[field] === undefined || user.role === 'temporary') continue
    const advice =
      user.duressOf === undefined
        ? 'give this user the role temporary, or leave it out (C-4)'
        : 'leave it out, its hours are its owner’s (C-4)'
    tell(['users', at, field], user[field], advice)
  }
  const { hours, from, until } = user
  if (hours !== undefined && hours.slice(0, 5) === hours.slice(6)) {
    tell(['users', at, 'hours'], hours, 'give two times that differ, or leave it out for the whole day (C-4)')
  }
  if (from !== undefined && until !== undefined && until < from) {
    tell(['users', at, 'until'], until, `give a day that is not before ${from} (C-4)`)
  }
}

/** The device's list of hours (firmware/config.ts, schedules): users with any, in the order of the file. */
export function schedulesOf(users: User[]): number[] {
  return users
    .filter((user) => SCHEDULE.some((field) => user[field] !== undefined))
    .flatMap((user) => {
      const [begin, end] =
        user.hours === undefined ? [0, 0] : [minuteOf(user.hours.slice(0, 5)), minuteOf(user.hours.slice(6))]
      const length = (end - begin + MINUTES_A_DAY) % MINUTES_A_DAY || MINUTES_A_DAY
      const days = (user.days ?? [...DAYS]).reduce<number>((sum, day) => sum | (1 << DAYS.indexOf(day)), 0)
      const first = user.from === undefined ? 0 : dayOf(user.from)
      return [user.user, days, begin, length, first, user.until === undefined ? LAST_DAY : dayOf(user.until)]
    })
}

/** '22:30' as a minute of the day. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

function isDate(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text
}

/** Days since 1970. */
function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS
}

function brokenDuress(
  user: User,
  at: number,
  users: User[],
  tell: (path: Path, value: unknown, advice: string) => void,
): void {
  const path: Path = ['users', at, 'duressOf']
  const owner = users.find((other) => other.user === user.duressOf)
  if (owner === undefined || owner.duressOf !== undefined) {
    tell(path, user.duressOf, 'give the number of a user with a code that is not for duress (D-2)')
  } else if (WITH_MENUS.includes(owner.role ?? '')) {
    tell(
      path,
      user.duressOf,
      `give another user, ${listed(WITH_MENUS, 'and')} have menus, and this code has none (D-5)`,
    )
  }
  if (users.slice(0, at).some((other) => other.duressOf === user.duressOf)) {
    tell(path, user.duressOf, 'use one duress code a user (D-2)')
  }
  for (const field of ['role', 'partitions'] as const) {
    if (user[field] !== undefined)
      tell(['users', at, field], user[field], 'leave it out, it has what its owner has (D-5)')
  }
}

/** The device's word for a user: partitions in bits 0-7, role in 8-11, bit 12 for a slot in use (docs/flash-layout.md). */
export function rightsOf(user: User | undefined, users: User[], partitionCount: number): number {
  const owner = user?.duressOf === undefined ? user : users.find((other) => other.user === user.duressOf)
  const all = (1 << partitionCount) - 1
  const mask = owner?.partitions?.reduce((sum, place) => sum | (1 << (place - 1)), 0) ?? all
  return mask | (ROLES.indexOf(owner?.role ?? 'user') << ROLE_AT) | ENABLED
}
