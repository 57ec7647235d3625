import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { BOARDS, find } from '../../../board/boards/index'
import { judge } from '../../../board/config/check'
import type { PanelInput } from '../../../board/config/schema'
import { type Ask, terminal } from '../../../board/configure/ask'
import { configure } from '../../../board/configure/flow'
import { freeInputs } from '../../../board/configure/inputs'
import { main, newMac } from '../../../board/configure/main'

const folder = mkdtempSync(join(tmpdir(), 'panel-configure-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const MAC = '02:00:00:12:34:56'
const KEY = '30313233343536373839414243444546'

/** Answers a question by its words; a list is taken one by one. Refused answers are noted with the sentence. */
class Script implements Ask {
  said: string[] = []
  refused: string[] = []
  asked: string[] = []

  constructor(private answers: [RegExp, string | string[]][]) {}

  say(text: string): void {
    this.said.push(text)
  }

  private answer(question: string): string | undefined {
    this.asked.push(question)
    const found = this.answers.find(([words]) => words.test(question))
    if (found === undefined) return undefined
    const [, value] = found
    return Array.isArray(value) ? value.shift() : value
  }

  async choose(question: string, choices: { value: string }[], preset?: string): Promise<string> {
    const wanted = this.answer(question) ?? preset ?? choices[0].value
    if (!choices.some(({ value }) => value === wanted)) throw new Error(`${question}: ${wanted} is not offered`)
    return wanted
  }

  async text(question: string, preset: string, check: (answer: string) => string): Promise<string> {
    for (let attempt = 0; attempt < 9; attempt++) {
      const given = this.answer(question) ?? preset
      const problem = check(given)
      if (problem === '') return given
      this.refused.push(`${given}: ${problem}`)
    }
    throw new Error(`no answer to ${question} was taken`)
  }

  hidden(question: string, check: (answer: string) => string): Promise<string> {
    return this.text(question, '', check)
  }

  async yes(question: string, preset: boolean): Promise<boolean> {
    const given = this.answer(question)
    return given === undefined ? preset : given === 'yes'
  }
}

const BASE: [RegExp, string | string[]][] = [
  [/Name of zone/, ['Front door', 'Kitchen', '']],
  [/^What is Front/, 'entryExit1'],
  [/^What is Kitchen/, 'perimeter'],
  [/Host or address/, 'station.example'],
  [/AES key/, KEY],
  [/Name of .*person/, ['Ann', 'Ben', '']],
  [/PIN of the SIM/, ''],
]

/** With other answers in front. */
const script = (...others: [RegExp, string | string[]][]): Script =>
  new Script([
    ...others,
    ...BASE.map(([words, value]): [RegExp, string | string[]] => [words, Array.isArray(value) ? [...value] : value]),
  ])

describe('the questions', () => {
  it.each(BOARDS.map(({ name }) => name))(
    'with the answers that are offered make a panel that passes, on %s',
    async (board) => {
      for (const profile of ['SIA', 'EN']) {
        const panel = await configure(script([/Which board/, board], [/Whose rules/, profile]), MAC)
        expect(judge(panel, find(board)).problems).toEqual([])
        expect(panel.users).toEqual([
          { user: 1, name: 'Ann' },
          { user: 33, duressOf: 1 },
          { user: 2, name: 'Ben' },
          { user: 34, duressOf: 2 },
        ])
      }
    },
  )

  it('come in the order board, keypad, zones, paths, station, users', async () => {
    const ask = script()
    await configure(ask, MAC)
    const places = [/board/, /digits/, /zone 1/, /DHCP/, /Host/, /first person/].map((words) =>
      ask.asked.findIndex((question) => words.test(question)),
    )
    expect(places).toEqual([...places].sort((one, other) => one - other))
    expect(places[0]).toBe(0)
  })

  it('say what is right when an answer is wrong, and ask again', async () => {
    const ask = script(
      [/How many digits/, ['3', 'six', '6']],
      [/Port/, ['0', '12128']],
      [/Account/, ['12 34', '1234']],
      [/AES key/, ['secret', KEY]],
      [/^Name of zone/, ['', 'a name that is far too long', 'Front door', '']],
    )
    const panel = await configure(ask, MAC)
    expect(ask.refused).toEqual([
      '3: Use a whole number from 4 to 8 (C-1).',
      'six: Use a whole number from 4 to 8 (C-1).',
      expect.stringMatching(/^: Use 1 to 13 plain characters/),
      expect.stringMatching(/^a name that is far too long: Use 1 to 13 plain characters/),
      '0: Use a whole number from 1 to 65535.',
      expect.stringMatching(/^12 34: Use 3 to 16 hex digits/),
      expect.stringMatching(/^secret: Use 32, 48 or 64 hex digits/),
    ])
    expect(panel.codeLength).toBe(6)
  })

  it('never ask for a code', async () => {
    const ask = script()
    const panel = await configure(ask, MAC)
    expect(ask.asked.filter((question) => /code/i.test(question) && !/digits|duress code for/i.test(question))).toEqual(
      [],
    )
    expect(JSON.stringify(panel)).not.toMatch(/"code"/)
  })

  it('take loops with their resistors, and no two zones at one input', async () => {
    const ask = script(
      [/Which board/, 'devkitc-wiegand'],
      [/^Name of zone/, ['Door', 'PIR', 'Shed', '']],
      [/Where is it wired/, ['192', '193', '64']],
      [/How is its loop/, ['DEOL', 'TEOL']],
    )
    const { zones, loopSupply } = await configure(ask, MAC)
    expect(zones.map(({ pin }) => pin)).toEqual([192, 193, 64])
    expect(zones[0].loop).toEqual({ style: 'DEOL', eolOhms: 4700, alarmOhms: 4700 })
    expect(zones[1].loop).toEqual({
      style: 'TEOL',
      eolOhms: 4700,
      faultOhms: 4700,
      alarmOhms: 10000,
      tolerancePercent: 1,
    })
    expect(zones[2].loop).toBeUndefined()
    expect(loopSupply).toBe(195)
  })

  it('tell what is wrong together, and let that part be answered anew', async () => {
    // W-5 shows only with both resistors together.
    const ask = script(
      [/Which board/, 'devkitc-wiegand'],
      [/^Name of zone/, ['Door', '', 'Door', '']],
      [/How is its loop/, ['DEOL', 'DEOL']],
      [/Ohms across the alarm/, ['500', '4700']],
    )
    const panel = await configure(ask, MAC)
    expect(ask.said.join('\n')).toMatch(/Together there is something wrong:\n {2}zones\[0\]\.loop .*W-5/s)
    expect(ask.asked).toContain('What do you want to answer anew?')
    expect(panel.zones).toHaveLength(1)
  })

  it('offer no duress code when nobody would hear it (D-19), nor to whom the menus would show it (D-5)', async () => {
    const unheard = await configure(script([/Do people act/, 'no']), MAC)
    expect(unheard.users?.some(({ duressOf }) => duressOf !== undefined)).toBe(false)
    const ask = script([/What may Ann do/, 'master'])
    const panel = await configure(ask, MAC)
    expect(panel.users?.filter(({ duressOf }) => duressOf !== undefined)).toEqual([{ user: 34, duressOf: 2 }])
  })

  it('say why other boards cannot carry it, and ask again', async () => {
    const ask = script([/Which board/, ['', 'devkitc-4x4']])
    const panel = await configure(ask, MAC)
    expect(panel.board).toBe('devkitc-4x4')
    expect(ask.said.join('\n')).toMatch(/WT32-ETH01: the interpreter has no driver/)
  })
})

describe('inputs', () => {
  it('are offered while they are free, the board’s own first', () => {
    const map = find('devkitc-4x3')
    expect(freeInputs(map, []).map(({ value }) => value)).toEqual(['34', '35', '192', '193', '64', '65'])
    expect(freeInputs(map, [34, 192, 64, 65, 66, 67, 68, 69, 70]).map(({ value }) => value)).toEqual([
      '35',
      '193',
      '194',
      '72',
      '73',
    ])
  })
})

describe('npm run configure', () => {
  async function run(ask: Ask | undefined, ...words: string[]) {
    let said = ''
    let complained = ''
    const code = await main(words, { say: (text) => (said += text), complain: (text) => (complained += text) }, ask)
    return { code, said, complained }
  }

  it('writes a file that an editor finds the schema of, and says what comes next', async () => {
    const path = join(folder, 'panel.json')
    const { code, said } = await run(script(), path)
    expect(code).toBe(0)
    const panel = JSON.parse(readFileSync(path, 'utf8')) as PanelInput
    expect(readFileSync(join(folder, panel.$schema as string), 'utf8')).toContain('"title"')
    expect(judge(panel, find(panel.board as string)).problems).toEqual([])
    expect(said).toContain('npm run wiring')
    expect(said).not.toContain(KEY)
  })

  it('writes over nothing unless it is told to', async () => {
    const path = join(folder, 'there.json')
    writeFileSync(path, 'mine')
    expect((await run(script(), path)).complained).toMatch(/is there already/)
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect((await run(script(), path, '--force')).code).toBe(0)
  })

  it('writes nothing when it is broken off, and asks nothing without a terminal', async () => {
    const path = join(folder, 'none.json')
    const broken = script()
    broken.hidden = () => Promise.reject(Object.assign(new Error('closed'), { name: 'ExitPromptError' }))
    expect(await run(broken, path)).toMatchObject({ code: 1, complained: '\nNothing was written.\n' })
    expect((await run(undefined, path)).complained).toMatch(/there is no terminal/)
    expect(existsSync(path)).toBe(false)
    expect((await run(undefined, '--help')).code).toBe(0)
  })

  it('gives each panel an address of its own, that nobody else has by right', () => {
    const macs = Array.from({ length: 20 }, newMac)
    expect(new Set(macs).size).toBe(20)
    for (const mac of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/)
  })
})

describe('on a terminal', () => {
  /** Types each answer once its question is on the screen. */
  async function typed(answers: [question: string, keys: string][], act: (ask: Ask) => Promise<unknown>) {
    const input = new PassThrough()
    const output = new PassThrough()
    // The end of one question would end the stream, which a terminal's never does.
    output.end = () => output
    let shown = ''
    output.on('data', (bytes) => {
      shown += bytes
      if (answers.length === 0 || !shown.includes(answers[0][0])) return
      const [, keys] = answers.shift() as [string, string]
      shown = ''
      for (const key of keys.split('|')) setImmediate(() => input.write(key))
    })
    let all = ''
    output.on('data', (bytes) => (all += bytes))
    const result = await act(terminal({ input, output }))
    return { result, all }
  }

  it('arrows choose, a wrong answer is told, and what is hidden does not show', async () => {
    const { result, all } = await typed(
      [
        ['Which?', '\x1b[B|\r'],
        ['Number?', 'x|\r'],
        ['Use digits.', '\x7f|7|\r'],
        ['Key?', 'abcdef|\r'],
        ['Sure?', 'n|\r'],
      ],
      async (ask) => [
        await ask.choose('Which?', [{ value: 'one' }, { value: 'two' }]),
        await ask.text('Number?', '', (answer) => (/^\d+$/.test(answer) ? '' : 'Use digits.')),
        await ask.hidden('Key?', () => ''),
        await ask.yes('Sure?', true),
      ],
    )
    expect(result).toEqual(['two', '7', 'abcdef', false])
    expect(all).not.toContain('abcdef')
  })
})
