import { describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { check, judge } from '../../../board/config/check'
import { ROLES, rightsOf, schedulesOf, type User } from '../../../board/config/users'
import { type Loose, sound } from './sound'

function problems(users: Loose, more: Loose = {}): string[] {
  return check(sound((panel) => Object.assign(panel, { users }, more)))
}

const TWO = { partitions: [{ name: 'House' }, { name: 'Shop' }] }

describe('hours of temporary users (C-4)', () => {
  const temporary = (more: Loose) => [{ user: 2, role: 'temporary', ...more }]

  it('are days, a time, and first and last day, each of which may be left out', () => {
    const all = { days: ['mon', 'fri'], hours: '08:00-17:30', from: '2026-03-01', until: '2026-03-31' }
    expect(problems(temporary(all))).toEqual([])
    for (const field of Object.keys(all) as (keyof typeof all)[]) {
      expect(problems(temporary({ [field]: all[field] }))).toEqual([])
    }
  })

  it.each([
    ['a day that is none', { days: ['mo'] }, /^users\[0\].days\[0\] is 'mo': use mon, tue/],
    ['no day', { days: [] }, /^users\[0\].days has 0 entries/],
    [
      'a time that is none',
      { hours: '8:00-17:30' },
      /^users\[0\].hours is .*: use two local times such as 08:00-17:30 \(C-4\)/,
    ],
    ['a time after midnight', { hours: '08:00-24:00' }, /use two local times/],
    ['no time at all', { hours: '08:00-08:00' }, /give two times that differ/],
    ['a date that is none', { from: '2026-02-30' }, /^users\[0\].from is '2026-02-30': use a date such as/],
    ['a date of another form', { until: '1.3.2026' }, /use a date such as/],
    ['a last day before the first', { from: '2026-03-02', until: '2026-03-01' }, /not before 2026-03-02 \(C-4\)/],
  ])('refuse %s', (_name, more, said) => {
    const found = problems(temporary(more))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(said)
  })

  it('are for temporary users only, and a duress code has its owner’s', () => {
    expect(problems([{ user: 2, hours: '08:00-17:30' }])).toEqual([
      "users[0].hours is '08:00-17:30': give this user the role temporary, or leave it out (C-4)",
    ])
    const duress = { user: 3, duressOf: 2, days: ['mon'] }
    expect(problems([...temporary({}), duress])[0]).toMatch(/days.*leave it out, its hours are its owner’s \(C-4\)/)
  })

  it('become six numbers a user: days as bits, minutes, days since 1970', () => {
    const users: User[] = [
      { user: 1 },
      {
        user: 2,
        role: 'temporary',
        days: ['mon', 'sun'],
        hours: '08:00-17:30',
        from: '2026-01-01',
        until: '2026-01-02',
      },
      { user: 3, role: 'temporary', hours: '22:00-06:00' },
      { user: 4, role: 'temporary' },
      { user: 5, role: 'temporary', until: '2026-01-05' },
    ]
    const expected = [
      [2, 0b1000001, 480, 570, 20454, 20455],
      [3, 127, 1320, 480, 0, 65535],
      [5, 127, 0, 1440, 0, 20458],
    ]
    expect(schedulesOf(users)).toEqual(expected.flat())
    expect(
      judge(
        sound((panel) => void (panel.users = users)),
        find('devkitc-4x3'),
      ).config?.schedules,
    ).toEqual(expected.flat())
    expect(judge(sound(), find('devkitc-4x3')).config).not.toHaveProperty('schedules')
  })
})

describe('users of a panel', () => {
  it('have a number of 1 to 64 and, if they like, name, role, partitions, and a duress code (C-3, C-4, D-2)', () => {
    expect(problems([])).toEqual([])
    expect(
      problems(
        [
          { user: 1, name: 'Anna', role: 'master' },
          { user: 2, name: 'Ben', partitions: [2] },
          { user: 64, duressOf: 2 },
          ...ROLES.slice(2).map((role, at) => ({ user: 10 + at, role })),
        ],
        TWO,
      ),
    ).toEqual([])
  })

  it('have no duress code while nobody monitors, who would hear it (D-19)', () => {
    const receivers = sound(() => {}).receivers.map((receiver: Loose) => ({ ...receiver, isMonitoring: false }))
    const found = problems([{ user: 1 }, { user: 2, duressOf: 1 }], { receivers })
    expect(found).toEqual([expect.stringMatching(/^users\[1\].duressOf is 1: set isMonitoring .* \(D-19\)/)])
    expect(problems([{ user: 1 }], { receivers })).toEqual([])
  })

  it.each([
    ['number 0', [{ user: 0 }], /^users\[0\].user is 0: use a whole number from 1 to 64 \(C-3\)/],
    ['number 65', [{ user: 65 }], /^users\[0\].user is 65/],
    ['one number twice', [{ user: 2 }, { user: 2 }], /^users\[1\].user is 2: give each its own number \(C-3\)/],
    ['another role', [{ user: 1, role: 'guests' }], /^users\[0\].role is 'guests': use .* \(C-4\); perhaps guest/],
    [
      'a second master',
      [
        { user: 1, role: 'master' },
        { user: 2, role: 'master' },
      ],
      /^users\[1\].role is 'master': use it once, there is one master \(C-3\)/,
    ],
    [
      'a partition that is not there',
      [{ user: 1, partitions: [2] }],
      /^users\[0\].partitions\[0\] is 2: use 1 to 1, .*\(PT-1\)/,
    ],
    ['no partition', [{ user: 1, partitions: [] }], /^users\[0\].partitions has 0 entries/],
    ['a code', [{ user: 1, code: '123456' }], /^users\[0\].code is no field that there is/],
    ['duress of nobody', [{ user: 1, duressOf: 2 }], /^users\[0\].duressOf is 2: give the number of a user .* \(D-2\)/],
    [
      'duress of a duress code',
      [{ user: 1 }, { user: 2, duressOf: 1 }, { user: 3, duressOf: 2 }],
      /^users\[2\].duressOf is 2: give the number of a user with a code that is not for duress \(D-2\)/,
    ],
    [
      'two duress codes of one user',
      [{ user: 1 }, { user: 2, duressOf: 1 }, { user: 3, duressOf: 1 }],
      /^users\[2\].duressOf is 1: use one duress code a user \(D-2\)/,
    ],
    [
      'a duress code with a role of its own',
      [{ user: 1 }, { user: 2, duressOf: 1, role: 'guest' }],
      /^users\[1\].role is 'guest': leave it out, it has what its owner has \(D-5\)/,
    ],
  ])('are refused with %s', (_name, users, sentence) => {
    const found = problems(users)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(sentence)
    expect(found[0]).not.toContain('123456')
  })

  it.each(ROLES)('with role %s have a duress code if they have no menus (D-5)', (role) => {
    const found = problems([
      { user: 1, role },
      { user: 33, duressOf: 1 },
    ])
    const hasMenus = ['installer', 'master', 'manager', 'service'].includes(role)
    expect(found).toHaveLength(hasMenus ? 1 : 0)
    if (hasMenus) expect(found[0]).toContain('(D-5)')
  })

  it('are not in the record of the device, which has no names', () => {
    const verdict = judge(
      sound((panel) => void (panel.users = [{ user: 1, name: 'Annabella' }])),
      find('devkitc-4x3'),
    )
    expect(verdict.users).toEqual([{ user: 1, name: 'Annabella' }])
    expect(JSON.stringify(verdict.config)).not.toContain('Annabella')
  })
})

describe('rights', () => {
  const users: User[] = [
    { user: 1, role: 'installer' },
    { user: 2, partitions: [1, 3] },
    { user: 9, role: 'service', partitions: [2] },
    { user: 40, duressOf: 2 },
  ]

  it('are partitions in bits 0-7, role in 8-11, and bit 12 for a slot in use (docs/flash-layout.md)', () => {
    expect(users.slice(0, 3).map((user) => rightsOf(user, users, 3))).toEqual([
      0b1_0000_00000111, 0b1_0011_00000101, 0b1_1000_00000010,
    ])
    expect(rightsOf(undefined, [], 8)).toBe(0b1_0011_11111111)
  })

  it("of a duress code are its owner's (D-5)", () => {
    expect(rightsOf(users[3], users, 3)).toBe(rightsOf(users[1], users, 3))
  })

  it('stay within 0 to 8191, where the interpreter stores all numbers alike (D-30)', () => {
    for (const role of ROLES) expect(rightsOf({ user: 1, role }, [], 8)).toBeLessThanOrEqual(8191)
  })
})
