// npm run scenario as a program: its exit codes, its lines of text and JSON, replay, and live runs over real loopback
// sockets at sixty times the speed of the day.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoConfig } from '../../../hal-mock/demo'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../../hal-mock/programs/panel-firmware'
import { startReceiver } from '../../../hal-mock/programs/receiver'
import { run } from '../../../hal-mock/programs/scenario'
import type { StationEvent } from '../../../hal-mock/receiver'
import { Simulator } from '../../../hal-mock/simulator'

const KEY = '30313233343536373839414243444546'
const OTHER_KEY = 'A0A1A2A3A4A5A6A7A8A9AAABACADAEAF'
const PASSES = 'title It passes\nat 1 s expect siren off\nfrom 1 s to 2 s expect light off\n'
const FAILS = 'title It fails\n\nat 1 s expect siren off\nat 2 s expect light on\n'
const TOO_LONG = 'limit 3 s\nat 1 s expect siren off\nat 5 s press 1\nat 6 s expect siren off\n'
const WRONG = 'at 1 s expect rain\n'
/** A duress event over both paths; the first at 26 s. */
const SHORT = 'at 24 s expect text "READY"\nat 25 s enter duress A\nby 28 s expect station once 1121 01 003\n'
const BOTH = `${SHORT}by 28 s expect station has 1121 over ethernet\nby 28 s expect station has 1121 over cellular\n`
/** Live tests run so many times faster than the day. */
const SPEED = 60

const folder = mkdtempSync(join(tmpdir(), 'scenario-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What a test has opened, closed after it whatever happened. */
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanUp.splice(0).reverse()) await act()
})

let out: string[] = []
let errors: string[] = []
beforeEach(() => {
  out = []
  errors = []
})

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const passes = write('passes.txt', PASSES)
const fails = write('fails.txt', FAILS)
const tooLong = write('too-long.txt', TOO_LONG)
const wrong = write('wrong.txt', WRONG)

function start(...words: string[]): Promise<number> {
  return run(words, { out: (line) => out.push(line), error: (line) => errors.push(line) }, SPEED)
}

/** The station of somebody else, and what it heard. */
async function foreignStation(keyHex = KEY, mode: 'ack' | 'nak' = 'ack', isUdp = false) {
  const events: StationEvent[] = []
  const options = { host: '127.0.0.1', port: 0, isUdp, mode, utcSeconds: () => 0 }
  const onEvent = (event: StationEvent) => events.push(event)
  const station = await startReceiver({ ...options, accounts: [{ account: '1234', keyHex }], onEvent })
  cleanUp.push(() => station.close())
  return { url: `tcp://127.0.0.1:${station.port}`, port: station.port, events }
}

describe('exit code and report', () => {
  it('0: one line with title, expectations and virtual time', async () => {
    expect(await start(passes)).toBe(0)
    expect(out).toEqual([`passed  ${passes}: It passes (2 of 2 expectations, 2 s)`])
    expect(errors).toEqual([])
  })

  it('1: file, line, expectation, what was found, when, and the command that plays it again', async () => {
    expect(await start(fails, '--seed', '7', '--account', 'abc', '--clear')).toBe(1)
    expect(out).toEqual([
      `FAILED  ${fails}: It fails (1 of 2 expectations, 2 s)`,
      `        ${fails}:4: at 2 s expect light on`,
      '          found at 2 s: light is off',
      `        replay: npm run scenario -- ${fails} --seed 7 --account abc --clear`,
    ])
  })

  it('3: how many steps were left at which limit', async () => {
    expect(await start(tooLong)).toBe(3)
    expect(out[0]).toBe(`LIMIT   ${tooLong}: ${tooLong} (1 of 1 expectations, 3 s)`)
    expect(out[1]).toMatch(/2 steps were left at its limit of 3 s: raise "limit", or shorten the story/)
    expect(out[2]).toMatch(/replay: npm run scenario -- .*too-long.txt --seed 1$/)
  })

  it('2: every file that is wrong with its line, and nothing has run', async () => {
    const other = write('other.txt', '\nat 1 s enter code Z\n')
    expect(await start(passes, wrong, fails, other)).toBe(2)
    expect(out).toEqual([])
    expect(errors).toEqual([
      expect.stringMatching(/wrong\.txt:1: "rain" cannot be expected: use text, siren/),
      expect.stringMatching(/other\.txt:2: "enter" takes a code by its name.*duress A/),
    ])
  })

  it.each([
    [[passes, fails], 1],
    [[fails, passes], 1],
    [[tooLong, fails, passes], 3],
    [[fails, tooLong], 3],
    [[fails, tooLong, wrong], 2],
  ])('of several files the worst wins: %#', async (files, code) => {
    expect(await start(...files)).toBe(code)
  })

  it('counts the files that passed', async () => {
    await start(passes, fails, passes)
    expect(out.at(-1)).toBe('2 of 3 scenarios passed')
  })

  it('runs a shipped scenario by its bare name', async () => {
    expect(await start('duress')).toBe(0)
    expect(out[0]).toMatch(/^passed {2}hal-mock\/scenarios\/duress\.txt: A duress code disarms.*\(15 of 15.*160 s\)$/)
  })

  it('lists the shipped scenarios with their titles', async () => {
    expect(await start('--list')).toBe(0)
    expect(out.length).toBe(19)
    expect(out.join('\n')).toMatch(/^duress +A duress code disarms/m)
  })

  it('shows its options with --help', async () => {
    expect(await start('--help')).toBe(0)
    expect(out.join('\n')).toMatch(/--live[\s\S]*--receiver[\s\S]*Exit code: 0 passed/)
  })
})

describe('a command line that cannot be followed ends with 2, the option and the fix', () => {
  const long = 'nowhere.txt'
  it.each([
    [[], /no FILE: name one.*--list/],
    [[long], /nowhere\.txt is neither a file nor a shipped scenario.*burglary, cross-zone/],
    [[folder], /is a folder: name the files in it/],
    [[passes, '--loud'], /unknown option '--loud'; see --help/],
    [[passes, '--seed'], /--seed.*argument missing; see --help/],
    [[passes, '--seed', 'x'], /--seed x is no seed.*up to 9 digits/],
    [[passes, '--seed', '1234567890'], /up to 9 digits/],
    [[passes, '--account', '12'], /--account is '12': use 3 to 16 hex digits/],
    [[passes, '--account', '12G4'], /--account is '12G4'/],
    [[passes, '--key', '1234'], /--key has 4 characters: use 32, 48 or 64 hex digits/],
    [[passes, '--key', KEY, '--clear'], /--clear and --key contradict each other/],
    [[passes, '--receiver', 'tcp://127.0.0.1:1'], /--receiver works over real sockets only: add --live/],
    [[passes, '--live', '--receiver', '127.0.0.1:1'], /is no address: write tcp:\/\/ or udp:\/\/, HOST:PORT, such as/],
    [[passes, '--live', '--receiver', 'tcp://127.0.0.1'], /is no address/],
    [[passes, '--live', '--receiver', 'tcp://127.0.0.1:70000'], /is no address/],
    [[passes, '--live', '--receiver', 'http://127.0.0.1:7'], /is no address/],
  ])('%#: %j', async (words, message) => {
    expect(await start(...words)).toBe(2)
    expect(out).toEqual([])
    expect(errors[0]).toMatch(message)
  })

  it('when nobody listens where the receiver should be', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
    await new Promise((resolve) => server.close(resolve))
    expect(await start(passes, '--live', '--receiver', `tcp://127.0.0.1:${port}`)).toBe(2)
    expect(errors[0]).toMatch(/nobody answers at 127\.0\.0\.1 port \d+ \(ECONNREFUSED\): start the receiver/)
  })

  it("when somebody else's receiver should be told to be silent", async () => {
    const story = write('silent.txt', 'at 1 s press 1\nat 2 s receiver silent\n')
    const words = [story, '--live', '--receiver', 'tcp://127.0.0.1:9']
    expect(await start(...words)).toBe(2)
    expect(errors[0]).toMatch(/silent\.txt:2: "at 2 s receiver silent" needs our own receiver: leave out this line/)
  })

  it.each(['ethernet loses 5 %', 'part receiver from cellular', 'dhcp off', 'break way in behind ethernet'])(
    'refuses "%s" over real sockets before anything runs, with its line',
    async (words) => {
      const story = write('network.txt', `at 1 s press 1\nat 2 s ${words}\nat 3 s expect siren off\n`)
      expect(await start(story, '--live')).toBe(2)
      expect(errors[0]).toMatch(/network\.txt:2: "at 2 s .*" needs the virtual network: leave out this line, or --live/)
      expect(out).toEqual([])
      expect(await start(story)).toBe(0)
    },
  )

  it('refuses a panel that asks servers over real sockets, with the line', async () => {
    const story = write('panel.txt', 'title Its address by DHCP\n\npanel udp dhcp\nat 3 s expect siren off\n')
    expect(await start(story, '--live')).toBe(2)
    expect(errors[0]).toMatch(/panel\.txt:3: "panel dhcp" needs the virtual network: leave it out, or --live/)
    expect(await start(write('udp.txt', 'panel udp\nat 1 s expect siren off\n'), '--live')).toBe(0)
  })

  it.each(['receiver like hacs', 'receiver clock 5 min ahead'])(
    'refuses "%s" for a receiver not ours',
    async (words) => {
      const story = write('ways.txt', `at 2 s ${words}\nat 3 s expect siren off\n`)
      expect(await start(story, '--live', '--receiver', 'tcp://127.0.0.1:9')).toBe(2)
      expect(errors[0]).toMatch(/ways\.txt:1: .* needs our own receiver/)
    },
  )

  it('never shows a key', async () => {
    await start(fails, '--key', OTHER_KEY)
    await start(fails, '--key', `${OTHER_KEY}0`)
    await start(fails, '--key', OTHER_KEY, '--json')
    expect([...out, ...errors].join('\n')).not.toContain(OTHER_KEY)
    expect(out.join('\n')).toContain('--key (the same key)')
  })
})

describe('--json', () => {
  it('prints at, source and what of each event in order of time, then one outcome', async () => {
    expect(await start(fails, '--json')).toBe(1)
    const objects = out.map((line) => JSON.parse(line))
    const trace = objects.slice(0, -1)
    expect(trace.length).toBeGreaterThan(3)
    expect(out[0]).toBe('{"at":0,"source":"power","what":"on"}')
    let lastMs = 0
    for (const entry of trace) {
      expect(Object.keys(entry)).toEqual(['at', 'source', 'what'])
      expect(entry.at).toBeGreaterThanOrEqual(lastMs)
      lastMs = entry.at
    }
    expect(objects.at(-1)).toEqual({
      file: fails,
      title: 'It fails',
      seed: 1,
      result: 'failed',
      code: 1,
      virtualMs: 2000,
      failures: [{ line: 4, text: 'at 2 s expect light on', atMs: 2000, found: 'light is off' }],
      passed: 1,
      notJudged: 0,
      ranPastLimit: false,
      left: 0,
      snapshots: [],
      sent: 0,
      replies: {},
      replay: `npm run scenario -- ${fails} --seed 1`,
    })
  })

  it('gives each file its outcome behind its trace', async () => {
    expect(await start(passes, tooLong, '--json')).toBe(3)
    const files = out.map((line) => JSON.parse(line)).filter((entry) => entry.file !== undefined)
    expect(files.map((entry) => [entry.file, entry.result, entry.code, entry.left])).toEqual([
      [passes, 'passed', 0, 0],
      [tooLong, 'limit', 3, 2],
    ])
  })
})

describe('the seed', () => {
  it('plays the same run to the byte, the one in the file or the one of --seed', async () => {
    await start('duress', '--json')
    const first = out
    out = []
    await start('duress', '--json', '--seed', '1')
    expect(out.length).toBeGreaterThan(300)
    expect(out).toEqual(first)
  })

  it('changes what is drawn by chance, and nothing of the trace while no chance fault happens', async () => {
    await start('duress', '--json')
    const first = out
    out = []
    await start('duress', '--json', '--seed', '2')
    expect(out.slice(0, -1)).toEqual(first.slice(0, -1))
    expect(JSON.parse(out.at(-1)!).seed).toBe(2)
    expect(JSON.parse(first.at(-1)!).seed).toBe(1)
    const noise = [1, 1, 2].map((seed) => {
      const options = { firmware: panelFirmware, config: demoConfig(), crypto: nodeCrypto, seed }
      const bytes = new Uint8Array(16)
      new Simulator(options).board.hal().random.fill(bytes)
      return bytes.join()
    })
    expect(noise[1]).toBe(noise[0])
    expect(noise[2]).not.toBe(noise[0])
  })
})

describe('--account, --key and --clear', () => {
  it.each([
    [['--account', 'ABC123']],
    [['--key', OTHER_KEY.toLowerCase()]],
    [['--key', `${KEY}${KEY}`]],
    [['--key', '']],
    [['--clear', '--account', '00000000000000AF']],
  ])('the station takes the event: %j', async (words) => {
    expect(await start(write('short.txt', SHORT), ...words)).toBe(0)
  })
})

describe('--udp', () => {
  it('reports by datagrams: the station takes the event, encrypted or clear', async () => {
    for (const words of [[], ['--clear']]) expect(await start(write('both.txt', BOTH), '--udp', ...words)).toBe(0)
    out = []
    expect(await start(write('short.txt', SHORT), '--udp', '--json')).toBe(0)
    const ethernet = out.map((line) => JSON.parse(line)).filter((entry) => entry.source === 'ethernet')
    expect(ethernet.map((entry) => entry.what).join('\n')).not.toContain('connect')
  })

  it('contradicts a tcp:// receiver, and stands in the command that plays the same again', async () => {
    expect(await start(passes, '--live', '--udp', '--receiver', 'tcp://127.0.0.1:9')).toBe(2)
    expect(errors[0]).toMatch(/--udp and --receiver tcp:\/\/127.0.0.1:9 contradict each other: write udp:\/\//)
    expect(await start(fails, '--udp')).toBe(1)
    expect(out.at(-1)).toBe(`        replay: npm run scenario -- ${fails} --seed 1 --udp`)
  })
})

describe('--live', () => {
  it('reports to our receiver over real sockets, and judges its station', async () => {
    expect(await start(write('both.txt', BOTH), '--live')).toBe(0)
    expect(out[0]).toMatch(/^live .*both\.txt takes 28 s in real time$/)
    expect(out[1]).toMatch(/^passed .*\(4 of 4 expectations/)
  })

  it('reports to our receiver by datagrams, and knows by which path each came', async () => {
    expect(await start(write('both.txt', BOTH), '--live', '--udp')).toBe(0)
    expect(out[1]).toMatch(/^passed .*\(4 of 4 expectations/)
  })

  it('passes the short shipped story', async () => {
    expect(await start('live-duress', '--live')).toBe(0)
    expect(out[1]).toMatch(/10 of 10 expectations, 31 s/)
  })

  it('cuts the real connections, and has our receiver answer as it is told', async () => {
    const text =
      'at 23 s cut ethernet\nat 23 s receiver silent\nat 25 s enter duress A\nat 30 s expect station nothing\n' +
      'at 30 s receiver ack\nby 60 s expect station once 1121 01 003 over cellular\nat 60 s expect station lacks 1121 over ethernet\n'
    expect(await start(write('cut.txt', text), '--live', '--json')).toBe(0)
    const verdicts = out.map((line) => JSON.parse(line)).filter((entry) => entry.source === 'receiver')
    expect(verdicts[0].what).toBe('in over cellular: silent')
    expect(verdicts.map((entry) => entry.what)).toContain('out over cellular: *ACK')
  })

  it('has our receiver behave as it is told: another key, then a clock that is off', async () => {
    const text =
      'at 20 s receiver key wrong\nat 25 s enter duress A\nat 30 s expect station nothing\n' +
      'at 30 s receiver key right\nat 30 s receiver clock 10 min ahead\nby 100 s expect station once 1121 01 003\n'
    expect(await start(write('ways.txt', text), '--live', '--json')).toBe(0)
    const verdicts = out.map((line) => JSON.parse(line)).filter((entry) => entry.source === 'receiver')
    expect(verdicts[0].what).toMatch(/NAK: cannot decrypt$/)
    expect(verdicts.map((entry) => entry.what).join('\n')).toMatch(/NAK: time stamp off by -60\d s/)
  })

  it('fails with 1, and says that live runs differ in their timing', async () => {
    expect(await start(fails, '--live')).toBe(1)
    expect(out.at(-2)).toBe(`        replay: npm run scenario -- ${fails} --seed 1 --live`)
    expect(out.at(-1)).toContain('live runs differ in their timing')
  })

  it('ends with 3 at the limit', async () => {
    expect(await start(tooLong, '--live')).toBe(3)
  })
})

describe('--live --receiver', () => {
  it('delivers the events to it, judges nothing of its station and says so', async () => {
    const foreign = await foreignStation(OTHER_KEY)
    expect(await start(write('both.txt', BOTH), '--live', '--receiver', foreign.url, '--key', OTHER_KEY)).toBe(0)
    expect(foreign.events.map((event) => [event.code, event.isDuplicate, event.isEncrypted])).toEqual([
      ['121', false, true],
      ['121', true, true],
    ])
    expect(out[1]).toMatch(/\(1 of 1 expectations, 3 not judged, 28(\.\d+)? s\)$/)
    expect(out[2]).toBe(`        127.0.0.1 port ${foreign.port}: 2 frames sent, replies: 2 *ACK`)
    expect(out[3]).toMatch(/expectations of "station" were not judged/)
  })

  it('traces frames and replies by their headers, without content, in clear as well', async () => {
    const foreign = await foreignStation('')
    expect(await start(write('short.txt', SHORT), '--live', '--receiver', foreign.url, '--clear', '--json')).toBe(0)
    const lines = out.filter((line) => line.includes('"receiver"'))
    const frames = lines.map((line) => JSON.parse(line).what)
    expect(frames).toContainEqual(expect.stringMatching(/^in over ethernet: "ADM-CID"0001R0L0#1234, \d+ bytes$/))
    expect(frames).toContainEqual(expect.stringMatching(/^out over ethernet: "ACK"0001R0L0#1234, \d+ bytes$/))
    expect(frames.join('\n')).not.toContain('1121')
    expect(foreign.events[0].isEncrypted).toBe(false)
    expect(JSON.parse(out.at(-1)!)).toMatchObject({ result: 'passed', notJudged: 1, sent: 2, replies: { ACK: 2 } })
  })

  it.each([
    ['clear', ''],
    ['encrypted', OTHER_KEY],
  ])('delivers by datagrams over both paths, %s', async (_how, key) => {
    const foreign = await foreignStation(key, 'ack', true)
    const words = ['--live', '--receiver', foreign.url.replace('tcp', 'udp'), '--key', key]
    expect(await start(write('both.txt', BOTH), ...words)).toBe(0)
    const heard = foreign.events.map(({ code, isDuplicate, isEncrypted, via }) => [
      code,
      isDuplicate,
      isEncrypted,
      via.slice(0, 4),
    ])
    expect(heard).toEqual([
      ['121', false, key !== '', 'udp '],
      ['121', true, key !== '', 'udp '],
    ])
    expect(out[2]).toMatch(new RegExp(`2 frames sent, replies: 2 ${key === '' ? 'ACK' : '\\*ACK'}$`))
  })

  it('finds that nobody takes datagrams there before anything runs', async () => {
    const foreign = await foreignStation(KEY)
    expect(await start(passes, '--live', '--receiver', foreign.url.replace('tcp', 'udp'))).toBe(2)
    expect(errors[0]).toMatch(/nobody answers at 127\.0\.0\.1 port \d+ \(ECONNREFUSED\): start the receiver/)
  })

  it('names the replies of a receiver that refuses, and what is not a frame', async () => {
    const foreign = await foreignStation(KEY, 'nak')
    expect(await start(write('short.txt', SHORT), '--live', '--receiver', foreign.url)).toBe(0)
    expect(out.join('\n')).toMatch(/replies: \d+ NAK$/m)
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => socket.write('\x1b[2J220 hello\r\n'))
    })
    const port = await listen(server)
    out = []
    expect(await start(write('short.txt', SHORT), '--live', '--receiver', `tcp://127.0.0.1:${port}`)).toBe(0)
    expect(out.join('\n')).toMatch(/replies: \d+ not a frame$/m)
    expect(out.join('')).not.toContain('\x1b')
  })

  it('says that no reply came from a receiver that is silent', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume())
    const port = await listen(server)
    expect(await start(write('short.txt', SHORT), '--live', '--receiver', `tcp://127.0.0.1:${port}`)).toBe(0)
    expect(out.join('\n')).toMatch(/[1-9]\d* frames sent, no reply came$/m)
  })
})

/** Listens on a free port until the test is over. */
function listen(server: Server): Promise<number> {
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
