/**
 * Duress codes that a master gives out at the keypad (D-1 to D-3, D-5): the user's number with a 9 in front. In all that anybody
 * perceives it is like giving out the user's own code, whether there was one before or not.
 */

import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Crypto } from '../../firmware/hal'
import * as codes from '../../firmware/panel/codes'
import * as settings from '../../firmware/store/settings'
import { type DemoConfig, demoConfig, demoReceiver } from '../../hal-mock/demo'
import { difference, type Note, noteOfLine, noteOfPacket, ofRank } from '../../hal-mock/notes'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Work } from '../../hal-mock/work'
import * as house from './house-rig'
import { choose, DURESS, events, INSTALLER, keys, MASTER, nowMs, type Person, text, USER, wait } from './house-rig'
import * as rigs from './panel-rig'
import { provision } from './provision'
import { unmatched } from './unmatched'

/** In the slot of DURESS, so that a panel has as many codes without one: making them takes the bench's processor its time. */
const THIRD: Person = { digits: DURESS.digits, slot: DURESS.slot, user: 5 }
const NEW = '736152'
const OTHER = '597038'
/** Option.NO_DURESS. */
const RULED_OUT = 32768
const PEOPLE = [MASTER, USER, INSTALLER]
const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }

/** With settings in flash, as flash.sh leaves them. */
function start(people: Person[] = PEOPLE, options: house.Options = {}): rigs.Rig {
  const rig = house.start({ people, ...options })
  wait(rig, 40000)
  provision(rig.simulator.board.flash, demoConfig(), rigs.panel(rig).codes, 'program')
  return rig
}

/** Code and 8, then the number. */
function address(rig: rigs.Rig, number: string, person = MASTER): void {
  choose(rig, person, '8')
  keys(rig, `${number}#`)
}

function give(rig: rigs.Rig, number: string, code: string, second = code): void {
  address(rig, number)
  keys(rig, code)
  keys(rig, second, 20000)
}

function takeAway(rig: rigs.Rig, number: string): void {
  address(rig, number)
  keys(rig, '0#', 20000)
}

/** What the station hears of a code, and whether the panel takes it. */
function enter(rig: rigs.Rig, digits: string): { isTaken: boolean; heard: string[] } {
  const sinceMs = nowMs(rig)
  keys(rig, digits)
  const isTaken = !text(rig).includes('Not accepted')
  wait(rig, 12000)
  return { isTaken, heard: events(rig, sinceMs) }
}

const lines = (rig: rigs.Rig, sinceMs: number) =>
  rig.lines.filter(({ atMs, source }) => source === 'text' && atMs >= sinceMs).map(({ what }) => what)

describe('a duress code given out at the keypad', () => {
  it('by a master works as one: the ordinary text, and 121 over both paths with number 32 + user (D-1, D-2, D-3)', () => {
    const rig = start()
    expect(enter(rig, NEW)).toEqual({ isTaken: false, heard: [] }) // D-1
    wait(rig, 6000)
    const sinceMs = nowMs(rig)
    give(rig, '902', NEW)
    expect(lines(rig, sinceMs).join()).toMatch(
      /User 02\s*\|New code.*User 02\s*\|Again.*User 02\s*\|Please wait.*User 02\s*\|Stored/,
    )
    const [own, duress] = [USER.digits, NEW].map((digits) => {
      house.arm(rig)
      wait(rig, 60000 - (nowMs(rig) % 60000)) // the display has the time
      const enteredMs = nowMs(rig)
      keys(rig, digits)
      const shown = text(rig).replace(/\d\d:\d\d/, 'time')
      wait(rig, 12000)
      return { shown, heard: rigs.heard(rig, enteredMs) }
    })
    expect(duress.shown).toBe(own.shown)
    expect(own.heard.join()).not.toContain('1121')
    for (const via of ['ethernet', 'cellular']) expect(duress.heard).toContain(`1121 01 034 ${via}`)
    expect(duress.heard.join()).toContain('1401 01 002')
    expect(enter(rig, USER.digits).isTaken).toBe(true)
  })

  it('has the rights of its owner: a guest\u2019s does not disarm what others armed, and calls (D-5)', () => {
    const guest = { ...USER, role: codes.GUEST, partitions: 1 }
    const rig = start([MASTER, guest])
    give(rig, '902', NEW)
    const table = rigs.panel(rig).codes
    expect(table.rights[33]).toBe(table.rights[guest.slot])
    house.arm(rig)
    expect(enter(rig, NEW).heard).toEqual(['1121 01 034'])
    expect(text(rig)).toContain('ARMED AWAY')
  })

  it('takes another slot where its own is in use, and says nothing of it (D-2, D-20)', () => {
    const rig = start([...PEOPLE, { digits: OTHER, slot: 33, user: 34 }])
    give(rig, '902', NEW)
    expect(enter(rig, NEW).heard).toEqual(['1121 01 064'])
    expect(rig.lines.filter(({ source, what }) => source === 'text' && /64/.test(what))).toEqual([])
  })

  it('takes the place of the one before, which is nobody\u2019s then; another code of the user leaves it (D-2)', () => {
    const rig = start([...PEOPLE, DURESS])
    give(rig, '902', NEW)
    expect(enter(rig, DURESS.digits)).toEqual({ isTaken: false, heard: [] })
    wait(rig, 6000)
    give(rig, '002', OTHER)
    expect(enter(rig, USER.digits).isTaken).toBe(false)
    wait(rig, 6000)
    expect(enter(rig, NEW)).toEqual({ isTaken: true, heard: ['1121 01 003'] })
    expect(enter(rig, OTHER)).toEqual({ isTaken: true, heard: [] })
  })

  it('0 takes it away alone; with the user it goes as well (D-3)', () => {
    const rig = start()
    give(rig, '902', NEW)
    takeAway(rig, '902')
    expect(enter(rig, NEW)).toEqual({ isTaken: false, heard: [] })
    wait(rig, 6000)
    expect(enter(rig, USER.digits).isTaken).toBe(true)
    wait(rig, 12000)
    give(rig, '902', NEW)
    takeAway(rig, '002')
    for (const digits of [NEW, USER.digits]) {
      expect(enter(rig, digits)).toEqual({ isTaken: false, heard: [] })
      wait(rig, 6000)
    }
  })

  it('leaves no line in the log, and none of its digits anywhere (D-17, C-13)', () => {
    const rig = start()
    const before = rig.simulator.board.flash.operations
    const sinceMs = nowMs(rig)
    give(rig, '902', NEW)
    const written = rig.lines.filter(({ atMs, source }) => source === 'flash' && atMs >= sinceMs)
    expect(rig.simulator.board.flash.operations).toBeGreaterThan(before)
    expect(written.map(({ what }) => what).filter((what) => /duress/i.test(what))).toEqual([])
    expect(JSON.stringify(rig.lines).toLowerCase()).not.toContain('duress')
    expect(rigs.panel(rig).change).toBeUndefined()
    expect([...rigs.panel(rig).keypad.entry]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })
})

describe('a number with a 9 in front is refused like one that is nobody\u2019s', () => {
  const MANAGER: Person = { digits: '168359', slot: 5, user: 6, role: codes.MANAGER }
  const SERVICE: Person = { digits: '950274', slot: 6, user: 7, role: codes.SERVICE }
  const all = [...PEOPLE, DURESS, MANAGER, SERVICE]
  const clear: Partial<DemoConfig> = { receivers: [{ ...demoReceiver(), isMonitoring: false }] }
  const cases: [string, string, Person, house.Settings | undefined][] = [
    ['of a master, who has menus (D-5)', '901', MASTER, undefined],
    ['of an installer (D-5)', '904', MASTER, undefined],
    ['of a manager (D-5)', '906', MASTER, undefined],
    ['of service (D-5)', '907', MASTER, undefined],
    ['of a user without a code (D-2)', '910', MASTER, undefined],
    ['of nobody', '965', MASTER, undefined],
    ['of 900', '900', MASTER, undefined],
    ['by a manager (D-3)', '902', MANAGER, undefined],
    [
      'when the settings rule duress codes out (D-25, DS-3)',
      '902',
      MASTER,
      { options: unmatched().options + RULED_OUT },
    ],
    ['when nobody would hear of it (D-19)', '902', MASTER, clear],
  ]
  it.each(cases)('%s', (_, number, person, settings) => {
    const notes = [number, '065'].map((typed) => {
      const rig = start(all, { settings })
      const sinceMs = nowMs(rig)
      address(rig, typed, person)
      expect(text(rig)).toBe('USERS|Not allowed')
      return rig.lines
        .filter(({ atMs }) => atMs >= sinceMs)
        .map(({ atMs, source, what }) => noteOfLine(atMs, source, what))
        .filter((note) => note !== undefined)
    })
    expect(notes[0].length).toBeGreaterThan(0)
    expect(ofRank(notes[0], 'room').map(({ text: what }) => what)).toEqual(
      ofRank(notes[1], 'room').map(({ text: what }) => what),
    )
  })

  it('by a user, a service or an installer there is no menu at all (D-3, C-5)', () => {
    for (const person of [USER, SERVICE, INSTALLER, DURESS]) {
      const rig = start(all)
      choose(rig, person, '8')
      expect(text(rig)).toBe('NOT ALLOWED|')
    }
  })

  it('while the master\u2019s own number and the user\u2019s are taken', () => {
    const rig = start(all)
    address(rig, '902')
    expect(text(rig)).toBe('User 02|New code')
  })
})

describe('a duress code that may not be given out', () => {
  const digit = (code: string, at: number, by: number) =>
    code.slice(0, at) + ((Number(code[at]) + by) % 10) + code.slice(at + 1)

  it('is refused with the words and after the time of any: weak, somebody\u2019s, or one digit from any code (C-9, C-10, D-3)', () => {
    const theirs: Person = { digits: OTHER, slot: 34, user: 1, isDuress: true }
    const bad = [
      '123456',
      USER.digits,
      digit(USER.digits, 0, 5),
      digit(MASTER.digits, 2, 4),
      digit(OTHER, 1, 3),
      DURESS.digits,
    ]
    const times = [...bad, NEW].map((code) => {
      const rig = start([...PEOPLE, DURESS, theirs])
      give(rig, '902', code)
      const all = rig.lines.filter(({ source }) => source === 'text')
      const asked = all.find(({ what }) => what.includes('Please wait'))
      const told = all.find(({ what }) => /Choose another|Stored/.test(what))
      expect(told?.what, code).toContain(code === NEW ? 'Stored' : 'Choose another')
      return (told?.atMs ?? 0) - (asked?.atMs ?? 0)
    })
    expect(new Set(times).size).toBe(1)
  })

  it('counts with the others: three refusals of either kind, then none is asked for (C-10)', () => {
    const rig = start()
    for (const number of ['902', '002', '902']) give(rig, number, MASTER.digits)
    for (const number of ['902', '002']) {
      address(rig, number)
      expect(text(rig)).toBe('USERS|Not allowed')
      wait(rig, 6000)
    }
  })
})

describe('who watches a master', () => {
  const FEW = [...PEOPLE, THIRD]
  const WITH = [...PEOPLE, DURESS]

  /** All that is perceived from the code on, with a processor that takes its time. */
  function watch(number: string, people: Person[], act: (rig: rigs.Rig, number: string) => void): Note[] {
    const notes: Note[] = []
    let sinceMs = Infinity
    const rig = start(people, {
      work: new Work(),
      settings: demoConfig(),
      onLine: ({ atMs, source, what }) => {
        const note = noteOfLine(atMs, source, what)
        if (note !== undefined && atMs >= sinceMs) notes.push(note)
      },
    })
    sinceMs = nowMs(rig)
    rig.simulator.network.onPacket = (packet) => void notes.push(noteOfPacket(packet))
    act(rig, number)
    wait(rig, 60000)
    return notes
  }
  const acts: [string, (rig: rigs.Rig, number: string) => void][] = [
    ['give a code out', (rig, number) => give(rig, number, NEW)],
    ['have one refused', (rig, number) => give(rig, number, MASTER.digits)],
    ['mistype it', (rig, number) => give(rig, number, NEW, OTHER)],
    ['begin and think better of it', (rig, number) => address(rig, number)],
  ]

  it.each(acts)(
    '%s: the user\u2019s own or a duress code, the first or another, it looks the same to all ranks (D-3, D-21, D-25)',
    (_, act) => {
      const own = watch('002', FEW, act)
      expect(ofRank(own, 'room').length).toBeGreaterThan(5)
      for (const people of [FEW, WITH]) expect(difference(own, watch('902', people, act))).toBeUndefined()
      expect(difference(own, watch('003', FEW, act))?.ranks).toContain('room') // it would find one
    },
  )

  it('takes a duress code away: it looks the same when there was none, and as a user who goes (D-21, D-25)', () => {
    const act = takeAway
    const gone = watch('902', WITH, act)
    expect(ofRank(gone, 'bench').length).toBeGreaterThan(3)
    expect(difference(gone, watch('902', FEW, act))).toBeUndefined()
    expect(difference(gone, watch('002', FEW, act))).toBeUndefined()
    expect(difference(gone, watch('002', WITH, act))).toBeUndefined()
    const noises = [
      ['902', WITH],
      ['902', FEW],
      ['002', WITH],
      ['002', FEW],
    ] as const
    for (const [number, people] of noises) {
      const rig = start([...people])
      const { random } = rigs.panel(rig).hal
      const fill = random.fill.bind(random)
      let count = 0
      random.fill = (bytes) => {
        count += bytes.length === 6 ? 1 : 0
        fill(bytes)
      }
      takeAway(rig, number)
      expect(count).toBe(2)
    }
  })

  it('and has a user go while what their code sent is owed: 121 or its decoy, the answer is the same (C-15, D-21)', () => {
    for (const settings of [demoConfig(), unmatched()]) {
      const [own, duress] = [USER, DURESS].map(({ digits }) => {
        const rig = start([...PEOPLE, DURESS], { settings })
        for (const via of ['ethernet', 'cellular']) rig.simulator.setLink(via, false)
        keys(rig, digits, 15000)
        address(rig, '002')
        keys(rig, '0#', 7000)
        return lines(rig, 0)
          .filter((line) => line.startsWith('User'))
          .pop()
      })
      expect(own).toContain('Stored')
      expect(duress).toBe(own)
    }
  })
})

describe('power that goes while a duress code is given out', () => {
  /** What the table in flash makes of a code. */
  function kept(rig: rigs.Rig, digits: string): string {
    const bytes = settings.load(rig.simulator.board.flash, check)
    const found = bytes === undefined ? undefined : settings.unpack(bytes)
    if (found === undefined) return 'no settings'
    const table = codes.create(found.secret, found.salt, { fill: (room) => void room.fill(7) })
    Object.assign(table, { tags: found.tags, meta: found.meta, rights: found.rights })
    const entry = new Uint8Array(codes.ENTRY_BYTES)
    for (let at = 0; at < digits.length; at++) entry[at] = Number(digits[at]) || 10
    codes.match(table, nodeCrypto as Crypto, entry)
    return `${table.found === 1 ? 'a code' : 'nobody'}, ${table.duress === 1 ? 'duress' : 'ordinary'}, ${table.user}`
  }

  it('leaves the table from before or the new one, at each flash operation as for a user\u2019s own code (D-3)', () => {
    const outcomes = ['002', '902'].map((number) => {
      const found: boolean[] = []
      for (let operation = 1; ; operation++) {
        const rig = start()
        const { flash } = rig.simulator.board
        address(rig, number)
        keys(rig, NEW)
        keys(rig, NEW, 100)
        flash.cutAtOperation = operation
        flash.cutAfterBytes = 16
        wait(rig, 20000)
        if (flash.cutAtOperation > 0) break // there were fewer
        expect(kept(rig, MASTER.digits)).toBe('a code, ordinary, 1')
        const isNew = kept(rig, NEW) !== 'nobody, ordinary, 1'
        if (isNew) expect(kept(rig, NEW)).toBe(number === '902' ? 'a code, duress, 2' : 'a code, ordinary, 2')
        expect(kept(rig, USER.digits)).toBe(isNew && number === '002' ? 'nobody, ordinary, 1' : 'a code, ordinary, 2')
        found.push(isNew)
      }
      return found
    })
    expect(outcomes[0].length).toBeGreaterThan(3)
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[1]).toContain(false)
    expect(outcomes[1]).toContain(true)
  })
})
