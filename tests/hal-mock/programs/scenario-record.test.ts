// npm run scenario with --until, --vcd, --pcap, --trace and snapshots: what a run leaves behind.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../../hal-mock/programs/scenario'
import { changeOf, encodeVcd } from '../../../hal-mock/programs/vcd'
import { read } from '../../twins/pcap-reader'

const folder = mkdtempSync(join(tmpdir(), 'scenario-record-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let out: string[] = []
let errors: string[] = []
beforeEach(() => {
  out = []
  errors = []
})

const start = (...words: string[]) => run(words, { out: (line) => out.push(line), error: (line) => errors.push(line) })
const path = (name: string) => join(folder, name)

const STORY = path('story.txt')
writeFileSync(
  STORY,
  [
    'at 25 s snapshot before',
    'at 25 s open zone 2',
    'at 26 s enter duress A',
    'by 30 s expect station once 1121 01 003',
    'at 30 s snapshot after',
    'at 50 s expect siren off',
  ].join('\n'),
)

describe('files of a run', () => {
  it('are the same with the same seed, and the trace is what --json prints', async () => {
    const files = ['--vcd', path('a.vcd'), '--pcap', path('a.pcap'), '--trace', path('a.jsonl')]
    expect(await start(STORY, '--json', ...files)).toBe(0)
    expect(readFileSync(path('a.jsonl'), 'utf8')).toBe(`${out.slice(0, -1).join('\n')}\n`)
    const again = files.map((word) => word.replace('a.', 'b.'))
    expect(await start(STORY, ...again)).toBe(0)
    for (const ending of ['vcd', 'pcap', 'jsonl']) {
      expect(readFileSync(path(`a.${ending}`)).equals(readFileSync(path(`b.${ending}`))), ending).toBe(true)
    }
  })

  it('have packets of both paths, each from its own address, and sums that are right', async () => {
    await start(STORY, '--pcap', path('c.pcap'))
    const sources = new Set(read(readFileSync(path('c.pcap'))).map(({ header }) => header.source))
    expect([...sources].sort()).toEqual(['100.64.0.2', '192.168.1.50', '198.51.100.10'])
  })

  it('have what a panel does as signals, with each change at its ms', async () => {
    await start(STORY, '--vcd', path('d.vcd'), '--json')
    const vcd = readFileSync(path('d.vcd'), 'utf8')
    const idOf = (name: string) => new RegExp(`^\\$var \\w+ 1 (\\S+) ${name} \\$end$`, 'm').exec(vcd)?.[1] ?? ''
    for (const name of ['siren', 'light', 'zone_2', 'power', 'display', 'ethernet_path', 'station']) {
      expect(idOf(name), name).not.toBe('')
    }
    const opened = vcd.slice(vcd.indexOf('\n#25000\n'))
    expect(opened).toContain(`\n1${idOf('zone_2')}\n`)
    const station = out.map((line) => JSON.parse(line)).find(({ source }) => source === 'station')
    const at = vcd.slice(vcd.indexOf(`\n#${station.at}\n`) + 1)
    expect(at.slice(0, at.indexOf('\n#'))).toMatch(/s1121\\x2001\\x20003\\x20Duress/)
    // Who has the keypad's pins has the codes.
    expect(vcd).not.toMatch(/row|column|keypad/)
  })

  it('end at --until: what is not over by then is left out, and time runs on behind the last step', async () => {
    expect(await start(STORY, '--json', '--until', '27s')).toBe(0)
    expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({ virtualMs: 27000, passed: 0, ranPastLimit: false })
    out = []
    expect(await start(STORY, '--json', '--until', '5min')).toBe(0)
    const outcome = JSON.parse(out.at(-1) ?? '')
    expect(outcome).toMatchObject({ virtualMs: 300000, passed: 2 })
    expect(outcome.replay).toContain(' --until 5min')
  })

  it('are written when an expectation fails, too', async () => {
    writeFileSync(path('fails.txt'), 'at 2 s expect siren on\n')
    expect(await start(path('fails.txt'), '--trace', path('fails.jsonl'))).toBe(1)
    expect(readFileSync(path('fails.jsonl'), 'utf8')).toContain('"source":"power"')
  })
})

describe('snapshots', () => {
  it('stand in the outcome: what there was, and a sum over the flash', async () => {
    await start(STORY, '--json')
    const { snapshots } = JSON.parse(out.at(-1) ?? '')
    expect(snapshots.map((one: { name: string; at: number }) => [one.name, one.at])).toEqual([
      ['before', 25000],
      ['after', 30000],
    ])
    expect(snapshots[0]).toMatchObject({ display: ['READY      08:00', 'Enter code      '], siren: 'off', station: [] })
    expect(snapshots[1].station).toContain('1121 01 003 over ethernet')
    expect(snapshots[0].flash).toMatch(/^[0-9a-f]{8}$/)
    expect(snapshots[1].flash).not.toBe(snapshots[0].flash)
  })
})

describe('what cannot be', () => {
  it.each([
    ['--until noon', '--until noon is no time: write 90s'],
    ['--until 0s', 'is no time'],
    [`disarm --vcd ${path('x')}`, 'for one FILE'],
    [`--vcd ${path('none/x')}`, 'cannot be written (ENOENT)'],
    [`--live --pcap ${path('x')}`, 'need the virtual network'],
    ['--live --until 5s', 'need the virtual network'],
  ])('is refused before anything runs: %s', async (words, problem) => {
    expect(await start(STORY, ...words.split(' '))).toBe(2)
    expect(errors.join()).toContain(problem)
    expect(out).toEqual([])
  })
})

describe('commands in docs/scenarios.md', () => {
  const text = readFileSync('docs/scenarios.md', 'utf8')
  const commands = [...text.matchAll(/^ {4}npm run scenario -- (.*--(?:vcd|until).*)$/gm)].map(([, words]) => words)

  it.each(commands)('%s', async (words) => {
    process.env.INIT_CWD = folder
    expect(await start(...words.split(' '))).toBe(0)
    delete process.env.INIT_CWD
    for (const file of words.match(/\S+\.(vcd|pcap|jsonl)/g) ?? []) expect(existsSync(path(file)), file).toBe(true)
  })

  it('are there', () => expect(commands.length).toBeGreaterThan(0))
})

describe('a VCD file', () => {
  it('has an id for each of many signals, a time once, and no blanks in a string', () => {
    const changes = Array.from({ length: 200 }, (_, index) => ({ atMs: index >> 1, name: `n${index}`, value: 'a b\\' }))
    const text = encodeVcd(changes, 100)
    const ids = [...text.matchAll(/^\$var string 1 (\S+) /gm)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(200)
    expect(text.match(/^#\d+$/gm)?.length).toBe(101)
    expect(text).toContain('sa\\x20b\\x5c ')
  })

  it('takes from the trace what is a signal, and nothing else', () => {
    expect(changeOf(1, 'text 2', 'A|B')).toEqual({ atMs: 1, name: 'display 2', value: 'A|B' })
    expect(changeOf(1, 'panel', 'ethernet path open')).toEqual({ atMs: 1, name: 'ethernet_path', value: 'open' })
    expect(changeOf(1, 'power', 'on')?.value).toBe('1')
    expect(changeOf(1, 'finger', 'presses a key')).toBeUndefined()
  })
})
