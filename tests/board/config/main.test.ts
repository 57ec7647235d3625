import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { adviceFor } from '../../../board/config/advice'
import { wired } from '../../../board/config/compile'
import { boardIn, openFile } from '../../../board/config/file'
import { main } from '../../../board/config/main'
import { panelSchema } from '../../../board/config/schema'
import { type Change, sound } from './sound'

const folder = mkdtempSync(join(tmpdir(), 'panel-check-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const SECRET_KEY = '30313233343536373839414243444546'

function check(change: Change, ...options: string[]): { code: number; said: string; complained: string } {
  const path = join(folder, 'panel.json')
  writeFileSync(path, JSON.stringify(sound(change), undefined, 2))
  return run(path, ...options)
}

function run(...words: string[]): { code: number; said: string; complained: string } {
  let said = ''
  let complained = ''
  const code = main(words, { say: (text) => (said += text), complain: (text) => (complained += text) })
  return { code, said, complained }
}

describe('npm run check', () => {
  it('says that a sound file is sound, for which board, and what it takes', () => {
    const { code, said } = check((panel) => (panel.board = 'devkitc-4x3'))
    expect(code).toBe(0)
    expect(said).toMatch(
      /is sound for devkitc-4x3: 2 zones, 1 partition, 1 receiver, \d+ of 3172 bytes for settings\.\n/,
    )
    expect(said).not.toContain('names no board')
    expect(said).not.toContain(SECRET_KEY)
  })

  it('tells that the board was assumed', () => {
    expect(check(() => {}).said).toContain('checked for devkitc-4x3; put "board" into it, or use --board')
    expect(check(() => {}, '--board', 'devkitc-4x4').said).not.toContain('names no board')
  })

  it('tells each problem with its line, both users of a pin, and a free pin; nothing is written', () => {
    const path = join(folder, 'panel.json')
    const { code, said } = check((panel) => {
      panel.board = 'devkitc-4x3'
      panel.zones[0].pin = 4
      panel.exitDelaySeconds = 5
    })
    expect(code).toBe(1)
    expect(said).toMatch(/has 2 problems \(board devkitc-4x3\):/)
    expect(said).toMatch(/line \d+: exitDelaySeconds is 5: use a whole number from 45 to 255 \(A-1\)/)
    expect(said).toMatch(/line \d+: GPIO4 is used twice, as siren and zone 1 \(Front door\): GPIO\d+ is free and suits/)
    expect(JSON.parse(readFileSync(path, 'utf8')).zones[0].pin).toBe(4)
  })

  it('--json has the same for a program', () => {
    const { code, said } = check((panel) => (panel.zones = []), '--json')
    expect(code).toBe(1)
    const told = JSON.parse(said)
    expect(told.board).toBe('devkitc-4x3')
    expect(told.problems).toHaveLength(1)
    expect(told.notes).toEqual([])
  })

  it.each([
    [(panel: { board?: string }) => (panel.board = 'devkit'), [], /there is no board 'devkit': use one of devkitc-4x3/],
    [
      (panel: { board?: string }) => (panel.board = 'devkitc-4x4'),
      ['--board', 'devkitc-4x3'],
      /board is 'devkitc-4x4': use devkitc-4x3, which --board names/,
    ],
  ] as [Change, string[], RegExp][])(
    'refuses a board that is none, or another one than the command names',
    (change, options, sentence) => {
      const { code, said, complained } = check(change, ...options)
      expect(code).toBe(1)
      expect(said + complained).toMatch(sentence)
    },
  )

  it('says why a ready board cannot carry the panel', () => {
    const { code, complained } = check((panel) => (panel.board = 'wt32-eth01'))
    expect(code).toBe(1)
    expect(complained).toMatch(/^WT32-ETH01 cannot carry the panel: the interpreter has no driver/)
  })

  it('says why a file cannot be read', () => {
    expect(run('/nowhere/panel.json')).toEqual({
      code: 1,
      said: '',
      complained: '/nowhere/panel.json: there is none; npm run configure makes one\n',
    })
    expect(run(folder).complained).toMatch(/is a folder: name the file/)
    expect(run().code).toBe(2)
    expect(run('--help')).toMatchObject({ code: 0, complained: '' })
  })
})

describe('the board of a file', () => {
  it('is found however wrong the rest is', () => {
    expect(boardIn('{ "board": "devkitc-4x4", "zones": ')).toBe('devkitc-4x4')
    expect(['', '[]', '7', '{"board": 4}'].map(boardIn)).toEqual(Array(4).fill(undefined))
  })

  it('gives way to the one that the user names', () => {
    const path = join(folder, 'named.json')
    writeFileSync(path, '{ "board": "devkitc-4x4" }')
    expect(openFile(path, undefined).map.name).toBe('devkitc-4x4')
    expect(openFile(path, 'devkitc-4x3').map.name).toBe('devkitc-4x3')
  })
})

describe('notes', () => {
  const notes = (change: Change): string =>
    adviceFor(wired(panelSchema.parse(sound(change)), find('devkitc-4x3')), find('devkitc-4x3')).join('\n')

  it.each([
    ['clear reports', (panel) => delete panel.receivers[0].key, 'no key for 198.51.100.10'],
    ['nobody with a duress code', (panel) => (panel.users = [{ user: 1 }]), 'no user has a duress code'],
    [
      'a station that does not monitor',
      (panel) => (panel.receivers[0].isMonitoring = false),
      'a duress code is refused',
    ],
    ['one path proved', (panel) => (panel.category = 'SP3'), 'category SP3 proves one path'],
    ['no test reports', (panel) => (panel.testHours = 0), 'testHours is 0'],
    [
      'duress that shows on the wires',
      (panel) => {
        panel.matchedTraffic = false
        panel.users = [{ user: 1 }, { user: 33, duressOf: 1 }]
      },
      'matchedTraffic is false',
    ],
  ] as [string, Change, string][])('tell of %s', (_name, change, part) => {
    expect(notes(change)).toContain(part)
    expect(notes((panel) => (panel.users = [{ user: 1 }, { user: 33, duressOf: 1 }]))).not.toContain(part)
  })

  it('tell which zones need a resistor', () => {
    expect(notes(() => {})).toContain(
      'Front door (GPIO34), Hall window (GPIO35): no pull-up inside, 10k to 3.3 V needed',
    )
    expect(
      notes((panel) => {
        panel.zones[0].pin = 64
        panel.zones[1].pin = 65
      }),
    ).not.toContain('10k')
  })
})
