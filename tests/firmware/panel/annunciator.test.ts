import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as annunciator from '../../../firmware/panel/annunciator'
import * as partition from '../../../firmware/panel/partition'
import * as types from '../../../firmware/panel/zone-types'
import * as tones from '../../../firmware/tones'

const STATES = ['DISARMED', 'EXIT', 'ARMED', 'ENTRY', 'ALARM', 'ALARM_QUIET'] as const
type State = (typeof STATES)[number]
const NOTES = [0, 1, 2, 3, 4, 5, 6, 7, 8]
/** 2 x 16 (panel-behaviour.md 9.3). */
const COLUMNS = 16
/** Names of 13, the longest that config.ts allows. */
const NAMES = ['Front door', 'Hall window', 'ABCDEFGHIJKLM']
const NONE = annunciator.NOTE_NONE

/** The time is 100 s; the state ends in leftMs. */
function at(state: State, leftMs = 45000): partition.Partition {
  const p = partition.create(1)
  p.state = STATES.indexOf(state)
  p.siren = types.BURGLARY
  p.untilMs = 100000 + leftMs
  p.zone = 1
  return p
}

/** openZone: a zone that is not secure, -1 for none. */
function text(p: partition.Partition, note = NONE, openZone = -1, typed = 0, isTrouble = false): string[] {
  const zone = p.state >= 3 || p.memory === 1 ? p.zone : openZone
  const name = zone < 0 ? '' : `0${zone + 1} ${NAMES[zone]}`
  return [
    annunciator.line1(p, note, openZone < 0, isTrouble, '12:34', 100000),
    annunciator.line2(p, note, name, isTrouble, annunciator.entryText(typed, 0)),
  ]
}

/** At 100 s, in a mode. */
function inMode(state: State, mode: number): partition.Partition {
  const p = at(state)
  p.mode = mode
  return p
}

function exitError(): partition.Partition {
  const p = at('ENTRY')
  p.isExitError = 1
  return p
}

function remembered(): partition.Partition {
  const p = at('DISARMED')
  p.memory = 1
  return p
}

describe('texts (9.3)', () => {
  it.each<[string, string[], string[]]>([
    ['ready', text(at('DISARMED')), ['READY      12:34', 'Enter code']],
    ['not ready', text(at('DISARMED'), NONE, 0), ['NOT READY  12:34', '01 Front door']],
    ['exit', text(at('EXIT')), ['AWAY  exit  045s', 'You may exit now']],
    ['entry', text(at('ENTRY', 25000)), ['ENTRY       025s', 'Enter code']],
    ['armed', text(at('ARMED')), ['ARMED AWAY 12:34', '']],
    ['alarm', text(at('ALARM')), ['ALARM', '02 Hall window']],
    ['alarm after the siren (ST-6)', text(at('ALARM_QUIET')), ['ALARM', '02 Hall window']],
    ['just disarmed', text(at('DISARMED'), annunciator.NOTE_DISARMED), ['DISARMED   12:34', '']],
    ['memory (A-31)', text(remembered()), ['MEMORY     12:34', '02 Hall window']],
    ['trouble', text(at('DISARMED'), NONE, -1, 0, true), ['TROUBLE    12:34', '*2 to view']],
    ['exit in stay', text(inMode('EXIT', partition.STAY)), ['STAY  exit  045s', 'You may exit now']],
    ['armed stay', text(inMode('ARMED', partition.STAY)), ['ARMED STAY 12:34', '']],
    ['armed night', text(inMode('ARMED', partition.NIGHT)), ['ARMED NITE 12:34', '']],
    ['armed away instant', text(inMode('ARMED', partition.AWAY_INSTANT)), ['ARMED MAX  12:34', '']],
    ['armed stay instant', text(inMode('ARMED', partition.STAY_INSTANT)), ['ARMED INST 12:34', '']],
    ['abort (A-27)', text(at('DISARMED'), annunciator.NOTE_ABORTED), ['DISARMED   12:34', 'Alarm not sent']],
    ['cancel (A-28)', text(at('DISARMED'), annunciator.NOTE_CANCELLED), ['DISARMED   12:34', 'Cancel sent']],
    ['exit error (A-25)', text(exitError()), ['ALARM', '02 Hall window']],
    [
      'exit error over (A-25)',
      text(at('DISARMED'), annunciator.NOTE_EXIT_ERROR),
      ['DISARMED   12:34', 'Canceled alarm'],
    ],
    ['wrong code', text(at('ARMED'), annunciator.NOTE_REFUSED), ['Code ******', 'Not accepted']],
    ['lockout, without a countdown', text(at('ENTRY'), annunciator.NOTE_LOCKED), ['KEYPAD LOCKED', 'Wait']],
    ['a code while disarmed', text(at('DISARMED'), annunciator.NOTE_MODE), ['READY      12:34', '2 to arm away']],
    ['arming refused (A-20)', text(at('DISARMED'), annunciator.NOTE_NOT_READY, 1), ['NOT READY  12:34', 'Close zones']],
  ])('%s', (_name, found, wanted) => {
    expect(found).toEqual(wanted)
  })

  it('never exceed 16 characters, in any state, with any note, entry and zone', () => {
    let count = 0
    for (const state of STATES) {
      for (const note of NOTES) {
        for (const openZone of [-1, 0, 1, 2]) {
          for (let typed = 0; typed <= 8; typed++) {
            for (const leftMs of [0, 1, 999, 30000, 255000]) {
              for (const memory of [0, 1]) {
                const p = at(state, leftMs)
                p.memory = memory
                p.zone = 2
                for (const line of text(p, note, openZone, typed)) expect(line.length).toBeLessThanOrEqual(COLUMNS)
                count++
              }
            }
          }
        }
      }
    }
    expect(count).toBe(6 * 9 * 4 * 9 * 5 * 2)
  })

  it.each(['DISARMED', 'EXIT', 'ARMED', 'ENTRY', 'ALARM', 'ALARM_QUIET'] as const)(
    'show a star a digit while %s (K-10)',
    (state) => {
      for (let typed = 1; typed <= 8; typed++)
        expect(text(at(state), NONE, -1, typed)[1]).toBe(`Code ${'*'.repeat(typed)}`)
    },
  )

  it('show none where the option hides them, so that the length does not show (K-10)', () => {
    expect([1, 6, 8].map((typed) => annunciator.entryText(typed, 512))).toEqual(['Code', 'Code', 'Code'])
    expect(annunciator.entryText(0, 512)).toBe('')
  })

  it('count the seconds of a delay down to 000 and never below, each full second shown until it is over', () => {
    const seconds = (leftMs: number) => text(at('EXIT', leftMs))[0].slice(-4)
    expect(seconds(60000)).toBe('060s')
    expect(seconds(59999)).toBe('060s')
    expect(seconds(59000)).toBe('059s')
    expect(seconds(1)).toBe('001s')
    expect(seconds(0)).toBe('000s')
    expect(seconds(-5000)).toBe('000s')
  })
})

describe('siren, light and tones', () => {
  // Siren, light, tone at rest, tone in the last 10 s, tone while typing.
  it.each<[State, number, number, number, number, number]>([
    ['DISARMED', 0, 0, tones.OFF, tones.OFF, tones.OFF],
    ['EXIT', 0, 1, tones.EXIT, tones.EXIT_LAST, tones.EXIT],
    ['ARMED', 0, 1, tones.OFF, tones.OFF, tones.OFF],
    ['ENTRY', 0, 1, tones.ENTRY, tones.ENTRY_LAST, tones.OFF],
    ['ALARM', tones.ALARM, 1, tones.ALARM, tones.ALARM, tones.ALARM],
    ['ALARM_QUIET', 0, 1, tones.OFF, tones.OFF, tones.OFF],
  ])('%s: siren %i, light %i (9.2, A-17, A-23, ST-6)', (state, siren, light, rest, last, typing) => {
    expect(annunciator.siren(at(state))).toBe(siren)
    expect(annunciator.light(at(state))).toBe(light)
    expect(annunciator.tone(at(state, 10001), false, 100000)).toBe(rest)
    expect(annunciator.tone(at(state, 10000), false, 100000)).toBe(last)
    expect(annunciator.tone(at(state, 45000), true, 100000)).toBe(typing)
  })

  // Siren and keypad by what alarms (2.1, O-1): on the siren a medical alarm is silent.
  it.each([
    ['keypad only', types.KEYPAD, tones.OFF, tones.ALARM],
    ['burglary', types.BURGLARY, tones.ALARM, tones.ALARM],
    ['carbon monoxide', types.CARBON_MONOXIDE, tones.CARBON_MONOXIDE, tones.CARBON_MONOXIDE],
    ['fire', types.FIRE, tones.FIRE, tones.FIRE],
  ])('%s: siren and keypad', (_name, cause, siren, keypad) => {
    const p = at('ALARM')
    p.siren = cause
    expect([annunciator.siren(p), annunciator.tone(p, true, 100000)]).toEqual([siren, keypad])
  })

  it('exit is silent in stay and night (A-3, A-23)', () => {
    for (const mode of [partition.STAY, partition.NIGHT, partition.STAY_INSTANT]) {
      expect(annunciator.tone(inMode('EXIT', mode), false, 100000)).toBe(tones.OFF)
    }
    expect(annunciator.tone(inMode('EXIT', partition.AWAY_INSTANT), false, 100000)).toBe(tones.EXIT)
  })

  it('an exit error sounds siren and keypad at once (A-25)', () => {
    expect([annunciator.siren(exitError()), annunciator.tone(exitError(), true, 100000)]).toEqual([
      tones.ALARM,
      tones.ALARM,
    ])
  })
})

describe('duress', () => {
  it('changes nothing that is shown or heard, in any state and with any note (D-15, D-17, D-20)', () => {
    for (const state of STATES) {
      for (const note of NOTES) {
        const [plain, silent] = [at(state), at(state)]
        silent.silent = 1
        silent.user = 33
        expect(text(silent, note)).toEqual(text(plain, note))
        expect(annunciator.siren(silent)).toBe(annunciator.siren(plain))
        expect(annunciator.light(silent)).toBe(annunciator.light(plain))
        expect(annunciator.tone(silent, false, 100000)).toBe(annunciator.tone(plain, false, 100000))
      }
    }
  })

  it('is not even readable here: the source names neither the flag, nor the user, nor codes or queue', () => {
    const path = fileURLToPath(new URL('../../../firmware/panel/annunciator.ts', import.meta.url))
    const source = readFileSync(path, 'utf8')
    const code = source.slice(source.indexOf('*/') + 2) // behind the head comment, which explains just this
    for (const word of ['silent', 'duress', '.user', 'codes', 'queue', 'journal']) expect(code).not.toContain(word)
    expect(code.match(/^import .*$/gm)).toEqual([
      "import { Option } from '../config'",
      "import * as tones from '../tones'",
      "import * as partition from './partition'",
      "import * as types from './zone-types'",
    ])
  })
})
