/**
 * Users of a panel's file: who has a code, what it may do, and whose silent call for help it is (C-3, C-4, D-2, D-5). No
 * codes: those are asked for, and never in a file.
 */

import type { z } from 'zod'
import { choice, fields, list, listed, text, whole } from './fields'
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
    if (user.duressOf !== undefined) brokenDuress(user, at, users, tell)
  })
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
