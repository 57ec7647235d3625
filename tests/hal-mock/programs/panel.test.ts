// `npm start -- --terminal`: what the keys mean, the screen as a function of what there is to see, the bench behind it in virtual
// time, the story of a pipe, the command line, a terminal made of streams, and one run over real loopback sockets.

import { PassThrough } from 'node:stream'
import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import { DEMO_CODES, WRONG_DIGITS } from '../../../hal-mock/demo'
import { parseArguments, run, UsageError } from '../../../hal-mock/programs/panel'
import { PanelBench } from '../../../hal-mock/programs/panel-bench'
import { actions } from '../../../hal-mock/programs/panel-keys'
import { startLive } from '../../../hal-mock/programs/panel-live'
import { type Heard, render, stationLine, timeOfDay, type View } from '../../../hal-mock/programs/panel-screen'
import { play } from '../../../hal-mock/programs/panel-story'
import { show } from '../../../hal-mock/programs/panel-terminal'
import type { StationEvent } from '../../../hal-mock/receiver'

const PLAIN = pc.createColors(false)
const [CODE_A, CODE_B, DURESS_A] = DEMO_CODES.map((code) => code.digits)
const silent = { out: () => undefined, error: () => undefined }

function bench(seed = 1): PanelBench {
  const made = new PanelBench({ seed, place: `seed ${seed}` })
  made.start()
  return made
}

/** Types as a person would: each piece and the panel's answer to it. */
function type(on: PanelBench, ...pieces: string[]): void {
  for (const piece of pieces) {
    for (const action of actions(piece)) on.act(action)
    on.runFor(piece.length * 200 + 1000)
  }
}

function armed(seed = 1): PanelBench {
  const made = bench(seed)
  type(made, CODE_A, '2')
  made.runFor(61000)
  expect(made.view().display[0]).toContain('ARMED AWAY')
  return made
}

const codes = (on: PanelBench) => on.heard.map(({ event }) => `${event.qualifier}${event.code} ${event.via}`)
const isWithoutCodes = (text: string) => [CODE_A, CODE_B, DURESS_A].every((digits) => !text.includes(digits))

function heard(changes: Partial<StationEvent>, afterKeyMs = 70): Heard {
  const event: StationEvent = {
    account: '1234',
    sequence: 2,
    qualifier: 1,
    code: '121',
    partition: 1,
    number: 3,
    via: 'ethernet',
    isEncrypted: true,
    isDuplicate: false,
    name: 'Duress',
    isPriority: true,
    stamp: '',
    occurred: '',
    ...changes,
  }
  return { atMs: 131000, event, afterKeyMs }
}

describe('the keyboard', () => {
  it('gives digits, * and # to the keypad, in order', () => {
    expect(actions('09*#')).toEqual(['0', '9', '*', '#'].map((key) => ({ verb: 'press', key })))
  })

  it.each([
    ['e', 'cable'],
    ['i', 'internet'],
    ['c', 'coverage'],
    ['o', 'door'],
    ['w', 'window'],
    ['p', 'power'],
    ['f', 'faster'],
    ['h', 'help'],
    ['?', 'help'],
    ['q', 'quit'],
    ['E', 'cable'],
    ['\x03', 'quit'],
    ['\x04', 'quit'],
  ])('takes %j as %s', (character, verb) => {
    expect(actions(character)).toEqual([{ verb, key: '' }])
  })

  it('does not cut coverage at an arrow key, whose sequence ends in C', () => {
    expect(actions('\x1b[C\x1bOC\x1b[1;5C\x1bc\x1b[15~')).toEqual([])
    expect(actions('\x1b[A7')).toEqual([{ verb: 'press', key: '7' }])
  })

  it('leaves out what means nothing', () => {
    expect(actions('xyz \r\t!')).toEqual([])
  })
})

describe('the screen', () => {
  const busy: View = {
    nowMs: 131000,
    speed: 60,
    place: 'ports 65535 65534',
    isHelp: false,
    isPowered: true,
    holdOffUntilMs: 0,
    display: ['ENTRY       030s', 'Code ******     '],
    isLit: true,
    isSiren: true,
    isBuzzer: true,
    zones: [
      { name: 'Front door', isOpen: true },
      { name: 'Hall window', isOpen: false },
    ],
    paths: [
      {
        name: 'ethernet',
        state: 'opening',
        isLinked: false,
        isBroken: true,
        figures: '99999 acks, 15000 ms, up 100.0 %',
      },
      { name: 'cellular', state: 'opening', isLinked: false, isBroken: false, figures: '' },
    ],
    heard: Array.from({ length: 40 }, (_, index) =>
      heard({ name: 'Confirmed hold-up (EN 50131 panels)', number: index, isDuplicate: true }, 999990),
    ),
    activity: ['x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)],
  }

  it.each([true, false])('is at most 80 columns by 24 rows when all of it is full (first screen: %s)', (isHelp) => {
    const lines = render({ ...busy, isHelp }, PLAIN)
    expect(lines.length).toBeLessThanOrEqual(24)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  it('shows the display in its frame, the lamps, zones, paths and the newest 8 events', () => {
    const text = render(busy, PLAIN).join('\n')
    for (const part of ['| ENTRY       030s |', '| Code ******      |', 'siren ON', '1 Front door OPEN', 'x60']) {
      expect(text).toContain(part)
    }
    expect(text).toContain('ethernet  opening  cable CUT  internet BROKEN 99999 acks, 15000 ms, up 100.0 %')
    expect(text).toContain('cellular  opening  NO coverage')
    expect(text.match(/PRIORITY/g)).toHaveLength(8)
    expect(text).toContain('user 039')
  })

  it('shows the three demo codes on the first screen and on no other', () => {
    const first = render({ ...busy, isHelp: true }, PLAIN).join('\n')
    for (const digits of [CODE_A, CODE_B, DURESS_A]) expect(first).toContain(digits)
    expect(isWithoutCodes(render(busy, PLAIN).join('\n'))).toBe(true)
  })

  it('colours without adding a column', () => {
    const coloured = render(busy, pc.createColors(true)).join('\n')
    expect(coloured).toContain('\x1b[')
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(render(busy, PLAIN).join('\n'))
  })

  it.each([
    ['READY      08:00', 'a code, then 2'],
    ['NOT READY  08:00', 'close the open zone'],
    ['AWAY  exit  060s', 'f passes it'],
    ['ARMED AWAY 08:00', 'o opens the front door'],
    ['ENTRY       030s', 'enter a code'],
    ['ALARM', 'ends the alarm'],
    ['MEMORY     08:00', 'there was an alarm'],
    ['DISARMED   08:00', 'h shows'],
  ])('says at %j what to do: %s', (line, help) => {
    expect(render({ ...busy, speed: 1, display: [line, ''] }, PLAIN)[3]).toContain(help)
  })

  it('says that power is off, and that zones wait for 60 s after it came back (P-3)', () => {
    expect(render({ ...busy, isPowered: false }, PLAIN)[3]).toContain('p brings it back')
    const armedAgain = { ...busy, speed: 1, display: ['ARMED AWAY 08:00', ''], holdOffUntilMs: 131001 }
    expect(render(armedAgain, PLAIN)[3]).toContain('not evaluated for 60 s')
    expect(render({ ...armedAgain, holdOffUntilMs: 131000 }, PLAIN)[3]).toContain('o opens')
  })

  it('names openings and closings, users and zones, restores and copies', () => {
    expect(stationLine(heard({ code: '401', name: 'Open/close by user' }))).toContain('1401 Opening (disarmed)')
    expect(stationLine(heard({ code: '401', qualifier: 3, name: 'Open/close by user' }))).toContain(
      '3401 Closing (armed)',
    )
    expect(stationLine(heard({}))).toMatch(/^08:02:11 PRIORITY 1121 Duress +01 user 003 ethernet +0\.07 s $/)
    expect(stationLine(heard({ isDuplicate: true }))).toMatch(/copy$/)
    expect(stationLine(heard({ code: '134', number: 1, isPriority: false, name: 'Entry/exit burglary' }))).toMatch(
      /^08:02:11 {10}1134 Entry\/exit burglary +01 zone 001/,
    )
    expect(stationLine(heard({ code: '137', qualifier: 3, name: 'Tamper alarm' }))).toContain('Tamper alarm restored')
    expect(stationLine(heard({}, Number.POSITIVE_INFINITY))).not.toContain(' s ')
  })

  it('begins its calendar at 08:00:00 and turns at midnight', () => {
    expect([0, 999, 61000, 57599000, 57600000].map(timeOfDay)).toEqual([
      '08:00:00',
      '08:00:00',
      '08:01:01',
      '23:59:59',
      '00:00:00',
    ])
  })
})

describe('the bench behind the screen', () => {
  it('has both paths up and READY on the display before the first screen, in less than 60 s', () => {
    const view = bench().view()
    for (const path of view.paths) expect(path.state).toMatch(/^(ready|open)$/)
    expect(view.display[0]).toContain('READY')
    expect(view.nowMs).toBeLessThan(60000)
    expect(view.isHelp).toBe(true)
  })

  it('does what the first screen says: arm, door, duress code, 1121 over both paths within 2 s', () => {
    const on = armed()
    expect(codes(on)).toEqual(['1602 ethernet', '1602 cellular', '3401 ethernet'])
    type(on, 'o', DURESS_A)
    on.runFor(2000)
    expect(on.view().display[0]).toContain('DISARMED')
    expect(codes(on)).toContain('1121 ethernet')
    expect(codes(on)).toContain('1121 cellular')
    expect(codes(on)).toContain('1401 ethernet')
    const call = on.heard.find((entry) => entry.event.code === '121') as Heard
    expect(call.event.isPriority).toBe(true)
    expect(call.afterKeyMs).toBeGreaterThan(0)
    expect(call.afterKeyMs).toBeLessThan(2000)
  })

  it('calls nobody for the ordinary code', () => {
    const on = armed()
    type(on, 'o', CODE_A)
    on.runFor(2000)
    const heard = ['1602 ethernet', '3401 ethernet', '1602 ethernet', '1401 ethernet']
    expect(codes(on).filter((code) => !code.endsWith('cellular'))).toEqual(heard)
    expect(codes(on).join()).not.toContain('1121')
  })

  it.each([
    ['e', 'cellular'],
    ['c', 'ethernet'],
  ])('gets the call out over the other path when %s was pressed before: %s', (key, via) => {
    const on = armed()
    type(on, key, 'o', DURESS_A)
    on.runFor(60000)
    expect(codes(on)).toContain(`1121 ${via}`)
    expect(codes(on)).not.toContain(`1121 ${via === 'ethernet' ? 'cellular' : 'ethernet'}`)
  })

  it('gets the call out once a path is back when both were cut', () => {
    const on = armed()
    type(on, 'ec', 'o', DURESS_A)
    on.runFor(60000)
    expect(codes(on).join()).not.toContain('1121')
    expect(on.view().paths.map((path) => path.isLinked)).toEqual([false, false])
    type(on, 'e')
    on.runFor(120000)
    expect(codes(on)).toContain('1121 ethernet')
  })

  it('keeps the call over a power cut', () => {
    const on = armed()
    type(on, 'ec', 'o', DURESS_A, 'p')
    expect(on.view().isPowered).toBe(false)
    expect(on.view().paths.map((path) => path.state)).toEqual(['', ''])
    type(on, 'ec', 'p')
    on.runFor(60000)
    expect(codes(on)).toContain('1121 ethernet')
  })

  it('shows internet broken behind a cable that is in', () => {
    const on = bench()
    type(on, 'i')
    expect(on.view().paths[0]).toMatchObject({ isLinked: true, isBroken: true })
    type(on, 'i')
    expect(on.view().paths[0].isBroken).toBe(false)
  })

  it('runs at 1, 10 and 60 times, and in real time again at any other key', () => {
    const on = bench()
    const fromMs = on.view().nowMs
    const speeds = [1, 2, 3].map(() => {
      for (const action of actions('f')) on.act(action)
      return on.speed
    })
    expect(speeds).toEqual([10, 60, 1])
    for (const key of ['1', 'h', 'w', 'e']) {
      type(on, 'f')
      expect(on.speed).toBe(10)
      type(on, key)
      expect(on.speed).toBe(1)
    }
    type(on, 'f')
    const beforeMs = on.view().nowMs
    on.advance(20)
    expect(on.view().nowMs - beforeMs).toBe(200)
    expect(beforeMs).toBeGreaterThan(fromMs)
  })

  it('is back in real time when the station hears something', () => {
    const on = bench()
    type(on, CODE_A, '2')
    on.runFor(1000)
    const before = on.heard.length
    for (const action of actions('ff')) on.act(action)
    for (let tick = 0; tick < 60 && on.heard.length === before; tick++) on.advance(20)
    expect(codes(on)).toContain('3401 ethernet')
    expect(on.speed).toBe(1)
  })

  it('passes at most 250 ms for a host that slept', () => {
    const on = bench()
    const fromMs = on.view().nowMs
    on.advance(3600000)
    expect(on.view().nowMs - fromMs).toBe(250)
  })

  it('drops what a key held down sends beyond 4 s of typing', () => {
    let presses = 0
    const on = new PanelBench({ seed: 1, place: '', onTrace: (_atMs, source) => source === 'finger' && presses++ })
    on.start()
    for (const action of actions('*'.repeat(500))) on.act(action)
    on.runFor(200000)
    expect(presses).toBe(20)
  })

  it('shows no code on the second screen, whatever was typed', () => {
    const on = bench()
    const screens: string[] = []
    type(on, 'h')
    for (const piece of [WRONG_DIGITS, CODE_B, CODE_A, '2', DURESS_A, CODE_A]) {
      for (const key of piece) {
        type(on, key)
        screens.push(render(on.view(), PLAIN).join('\n'))
      }
    }
    expect(screens.join()).toContain('Code *****')
    expect(screens.every(isWithoutCodes)).toBe(true)
    expect(screens.join()).not.toContain(WRONG_DIGITS)
  })
})

describe('the story', () => {
  it('brings the call, says that nobody could tell, and shows codes in what it says to type only', async () => {
    const lines: string[] = []
    const output = { ...silent, out: (line: string) => lines.push(line) }
    const code = await run(['--terminal'], output, undefined, new AbortController().signal)
    const text = lines.join('\n')
    expect(code).toBe(0)
    expect(text).toMatch(/station {2}PRIORITY 1121 Duress +01 user 003 ethernet/)
    expect(text).toContain('the panel looked and sounded the same')
    expect(text).toContain('[DISARMED')
    const told = text.slice(text.indexOf('Nobody types here'))
    expect(text).toContain(DURESS_A)
    expect(isWithoutCodes(told)).toBe(true)
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(90)
  })

  it('is the same at the panel with either code, for three seeds, and not with a wrong one', () => {
    for (const seed of [1, 2, 3]) {
      const duress = play(seed, 'duress A', silent.out)
      expect(duress.sights.length).toBeGreaterThan(100)
      expect(duress.sights).toEqual(play(seed, 'code A', silent.out).sights)
    }
    expect(play(1, 'duress A', silent.out).sights).not.toEqual(play(1, 'no such code', silent.out).sights)
  })
})

describe('the command line', () => {
  it('fills in seed 1, virtual, and a page on port 8321', () => {
    const usual = { seed: 1, isLive: false, isStory: false, isTerminal: false, port: 8321, isOpen: false }
    expect(parseArguments([], silent)).toEqual(usual)
    const words = ['--seed', '42', '--live', '--terminal', '--port', '0', '--open']
    expect(parseArguments(words, silent)).toEqual({
      seed: 42,
      isLive: true,
      isStory: false,
      isTerminal: true,
      port: 0,
      isOpen: true,
    })
  })

  it.each([
    ['--seed -1', 'whole number'],
    ['--seed 4294967296', 'from 0 to 4294967295'],
    ['--seed', 'argument missing'],
    ['--sed 1', 'unknown option'],
    ['--port 65536', 'from 0 to 65535'],
    ['--port http', 'is no port'],
    ['extra', 'too many arguments'],
  ])('refuses "%s" and says: %s', (line, message) => {
    expect(() => parseArguments(line.split(' '), silent)).toThrow(UsageError)
    expect(() => parseArguments(line.split(' '), silent)).toThrow(message)
  })

  it('ends with 0 for --help, with 2 and a sentence for what cannot be', async () => {
    const stop = new AbortController().signal
    const lines: string[] = []
    const output = { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) }
    expect(await run(['--help'], output, undefined, stop)).toBe(0)
    expect(lines.join()).toContain('--seed')
    expect(await run(['--terminal', '--live'], output, undefined, stop)).toBe(2)
    expect(lines.at(-1)).toMatch(/^panel: --live .* run it in a terminal/)
    expect(await run(['--live', '--story'], output, undefined, stop)).toBe(2)
    expect(lines.at(-1)).toContain('leave out --story')
  })
})

describe('the terminal', () => {
  function terminal(size: { columns?: number; rows?: number } = {}) {
    const raw: boolean[] = []
    const input = Object.assign(new PassThrough(), { setRawMode: (isRaw: boolean) => raw.push(isRaw) })
    const output = Object.assign(new PassThrough(), size)
    let text = ''
    output.on('data', (bytes) => {
      text += bytes
    })
    return { raw, input, output, text: () => text }
  }

  it.each(['q', '\x03'])('draws the first screen and is left as it was found at %j', async (key) => {
    const fake = terminal()
    const shown = show(bench(), fake, PLAIN, new AbortController().signal)
    fake.input.write(key)
    await shown
    expect(fake.raw).toEqual([true, false])
    expect(fake.text()).toContain('A disarm under duress')
    expect(fake.text().startsWith('\x1b[?1049h\x1b[?25l\x1b[?7l')).toBe(true)
    expect(fake.text().endsWith('\x1b[?7h\x1b[?25h\x1b[?1049l')).toBe(true)
    expect(fake.input.listenerCount('data')).toBe(0)
  })

  it('is restored when a signal comes, when the input ends, and when the bench fails', async () => {
    const stop = new AbortController()
    const first = terminal()
    const stopped = show(bench(), first, PLAIN, stop.signal)
    stop.abort()
    await stopped
    const second = terminal()
    const ended = show(bench(), second, PLAIN, new AbortController().signal)
    second.input.end()
    await ended
    const third = terminal()
    const broken = bench()
    broken.advance = () => {
      throw new Error('stuck')
    }
    await expect(show(broken, third, PLAIN, new AbortController().signal)).rejects.toThrow('stuck')
    for (const fake of [first, second, third]) {
      expect(fake.raw).toEqual([true, false])
      expect(fake.text().endsWith('\x1b[?1049l')).toBe(true)
    }
  })

  it('asks for 80 x 24 where the window is smaller', async () => {
    const fake = terminal({ columns: 79, rows: 24 })
    const shown = show(bench(), fake, PLAIN, new AbortController().signal)
    fake.input.write('q')
    await shown
    expect(fake.text()).toContain('make the window 80 x 24')
    expect(fake.text()).not.toContain(CODE_A)
  })
})

describe('the live bench', () => {
  it('brings the duress call over both real connections, the second one as a copy', async () => {
    let on: PanelBench | undefined
    const live = await startLive(
      () => on?.simulator.board.utcSeconds() ?? 0,
      (event) => on?.hear(event),
    )
    try {
      on = new PanelBench({ seed: 1, place: live.place, nics: live.nics })
      on.start()
      expect(live.place).toMatch(/^ports \d+ \d+$/)
      type(on, DURESS_A)
      // Small steps, so that the sockets keep up with virtual time.
      for (let step = 0; step < 400 && codes(on).length < 2; step++) {
        on.runFor(20)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      expect(codes(on).sort()).toEqual(['1121 cellular', '1121 ethernet'])
      expect(on.heard.map((entry) => entry.event.isDuplicate).sort()).toEqual([false, true])
    } finally {
      await live.close()
    }
  })
})
