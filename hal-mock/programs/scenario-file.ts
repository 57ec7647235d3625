/**
 * Scenario files: one story a file, readable by an installer. docs/scenarios.md is the reference. Everything is checked
 * before anything runs; each problem names its line and what would be right. Digits of codes reach no error text.
 *
 * It does not know whether the story makes sense for a panel: that is what the run finds out.
 */

import { DEMO_CODES, demoConfig } from '../demo'
import type { Scenario, Step } from '../scenario'
import { PANEL_WORDS, panelProblem, zoneCount } from '../scenario-world'
import { choice, quote, ScenarioProblem, takeTime, VIAS } from './scenario-words'
import { flashCut, WORLD_WORDS, worldAction } from './scenario-world-words'

export { ScenarioProblem } from './scenario-words'

const DEFAULT_LIMIT_MS = 600000
/** Characters in a line of the display (hardware.md §3.5). */
const DISPLAY_COLUMNS = 16
const CODE_NAMES = [...DEMO_CODES.map((code) => code.name), 'wrong code']
const DEMO_ZONES = demoConfig().zones.count
/** What is pressed behind a code to arm; '' is away. */
const ARM_CHOICES: { [mode: string]: string | undefined } = {
  '': '2',
  away: '2',
  stay: '3',
  night: '33',
  'away instant': '4',
  'stay instant': '7',
}
const SEEN = 'text, siren, light, buzzer, ethernet, cellular or station'
const ACTIONS = `press, enter, arm, open, close, cut, restore, break, mend, receiver, ${WORLD_WORDS}, loop, snapshot or expect`
const HEADERS = ['title', 'seed', 'limit', 'panel']
/** Seeds have up to nine digits, so that they are whole numbers everywhere. */
const SEED_DIGITS = /^\d{1,9}$/

/** Parses a scenario. Throws ScenarioProblem for the first thing that is wrong. */
export function parse(text: string, name: string): Scenario {
  const scenario: Scenario = { name, title: name, seed: 1, limitMs: DEFAULT_LIMIT_MS, panel: [], steps: [] }
  const seen: { [header: string]: number } = {}
  text.split('\n').forEach((raw, index) => {
    const line = withoutComment(raw)
    if (line !== '') parseLine(scenario, seen, line, index + 1)
  })
  if (scenario.steps.length === 0) {
    throw new ScenarioProblem(1, 'there is no step: write a line such as "at 30 s enter code A"')
  }
  // A stable order: lines at the same instant stay as written.
  scenario.steps.sort((a, b) => a.atMs - b.atMs || a.line - b.line)
  return scenario
}

/** True for what may stand after "seed". */
export function isSeed(text: string): boolean {
  return SEED_DIGITS.test(text)
}

/** A comment begins with # at the start of a line, or between blanks behind a step; # is a key in a press line. */
function withoutComment(raw: string): string {
  const line = raw.trim()
  if (line.startsWith('#')) return ''
  if (/^at\s+\S+(\s+(ms|s|min|h))?\s+press(\s|$)/.test(line)) return line
  let isQuoted = false
  for (let index = 0; index < line.length; index++) {
    if (line[index] === '"') isQuoted = !isQuoted
    if (line[index] === '#' && !isQuoted && /\s/.test(line[index - 1]) && /^(\s|$)/.test(line.slice(index + 1))) {
      return line.slice(0, index).trim()
    }
  }
  return line
}

function parseLine(scenario: Scenario, seen: { [header: string]: number }, line: string, number: number): void {
  const words = line.split(/\s+/)
  if (HEADERS.includes(words[0])) {
    if (seen[words[0]] !== undefined) {
      throw new ScenarioProblem(number, `${words[0]} already stands in line ${seen[words[0]]}: leave one out`)
    }
    seen[words[0]] = number
  }
  switch (words[0]) {
    case 'title':
      scenario.title = line.slice('title'.length).trim()
      if (scenario.title === '') throw new ScenarioProblem(number, 'the title is empty: say in a sentence what happens')
      return
    case 'seed':
      if (words.length !== 2 || !isSeed(words[1])) {
        throw new ScenarioProblem(number, `${quote(words.slice(1))} is no seed: write a whole number of up to 9 digits`)
      }
      scenario.seed = Number(words[1])
      return
    case 'limit':
      scenario.limitMs = limit(words.slice(1), number)
      return
    case 'panel':
      scenario.panel = panel(words.slice(1), number)
      return
    case 'at':
      scenario.steps.push(atStep(scenario, line, number, words.slice(1)))
      return
    case 'by':
      scenario.steps.push(byStep(scenario, line, number, words.slice(1)))
      return
    case 'from':
      scenario.steps.push(spanStep(line, number, words.slice(1)))
      return
    default:
      throw new ScenarioProblem(
        number,
        `${quote(words.slice(0, 1))} is no step: a line begins with at, by, from, title, seed, limit, panel or #`,
      )
  }
}

function limit(words: string[], line: number): number {
  const time = takeTime(words, line)
  if (time.words !== words.length) throw new ScenarioProblem(line, 'after the limit comes nothing more: limit 10 min')
  if (time.ms === 0) throw new ScenarioProblem(line, 'a limit of 0 leaves no time: write limit 10 min')
  return time.ms
}

function panel(words: string[], line: number): string[] {
  if (words.length === 0)
    throw new ScenarioProblem(line, `panel takes some of ${PANEL_WORDS.join(', ')}: panel dhcp name`)
  for (const word of words) choice(word, PANEL_WORDS, 'panel', line)
  const problem = panelProblem(words)
  if (problem !== '') throw new ScenarioProblem(line, problem)
  return words
}

function atStep(scenario: Scenario, line: string, number: number, words: string[]): Step {
  const time = takeTime(words, number)
  const before = lastInstant(scenario)
  if (before !== undefined && time.ms < before.atMs) {
    const place = `line ${before.line}, at ${before.atMs / 1000} s`
    throw new ScenarioProblem(
      number,
      `${time.ms / 1000} s is before ${place}: put the lines in the order of their times`,
    )
  }
  const rest = words.slice(time.words)
  const base = { line: number, text: line, when: 'at' as const, atMs: time.ms, untilMs: time.ms }
  if (rest[0] === 'expect') return { ...base, verb: 'expect', args: expectation(line, rest.slice(1), number) }
  const zones = zoneCount(scenario.panel, DEMO_ZONES)
  return { ...base, ...action(rest, number, zones) }
}

/** 'by 50 s expect ...': watched from the "at" above it until then. */
function byStep(scenario: Scenario, line: string, number: number, words: string[]): Step {
  const time = takeTime(words, number)
  const before = lastInstant(scenario)
  const atMs = before === undefined ? 0 : before.atMs
  if (before !== undefined && time.ms < atMs) {
    const place = `line ${before.line}, at ${atMs / 1000} s, from when on it is watched`
    throw new ScenarioProblem(number, `${time.ms / 1000} s is before ${place}: give it a later time`)
  }
  return watchedStep('by', line, number, words.slice(time.words), atMs, time.ms)
}

function lastInstant(scenario: Scenario): Step | undefined {
  return scenario.steps.filter((step) => step.when === 'at').pop()
}

function spanStep(line: string, number: number, words: string[]): Step {
  const from = takeTime(words, number)
  if (words[from.words] !== 'to') {
    throw new ScenarioProblem(number, 'after "from" come two times: from 10 s to 20 s expect siren off')
  }
  const to = takeTime(words.slice(from.words + 1), number)
  if (to.ms <= from.ms) throw new ScenarioProblem(number, 'the span ends before it begins: swap the times')
  return watchedStep('during', line, number, words.slice(from.words + 1 + to.words), from.ms, to.ms)
}

function watchedStep(
  when: 'by' | 'during',
  text: string,
  line: number,
  words: string[],
  atMs: number,
  untilMs: number,
): Step {
  if (words[0] !== 'expect') {
    const start = when === 'by' ? 'by 50 s' : 'from 10 s to 20 s'
    throw new ScenarioProblem(
      line,
      `only an expectation can stand here: ${start} expect siren off; an action takes "at"`,
    )
  }
  return { line, text, when, atMs, untilMs, verb: 'expect', args: expectation(text, words.slice(1), line) }
}

/** What comes behind the time of an 'at' line, but for expectations. zones: how many the panel has. Throws ScenarioProblem. */
export function action(words: string[], line: number, zones: number): { verb: string; args: string[] } {
  const rest = words.slice(1).join(' ')
  switch (words[0]) {
    case 'press':
      if (words[1] === 'key') return { verb: 'press', args: [keyOf(words.slice(2), line)] }
      if (words.length < 2 || !words.slice(1).every((key) => /^[0-9*#]$/.test(key))) {
        throw new ScenarioProblem(
          line,
          'press takes the keys 0-9, * and # with blanks between them, and nothing else: press 1 2 #',
        )
      }
      return { verb: 'press', args: words.slice(1) }
    case 'enter':
      return { verb: 'enter', args: [codeName(rest, 'enter', line)] }
    case 'arm': {
      const at = words.indexOf('with')
      const choice = ARM_CHOICES[words.slice(1, at).join(' ')]
      if (at < 1 || choice === undefined) {
        throw new ScenarioProblem(
          line,
          'say whose code arms it, and how: arm with code A, arm stay with code A, arm night ..., arm away instant ..., arm stay instant ...',
        )
      }
      return { verb: 'arm', args: [codeName(words.slice(at + 1).join(' '), 'arm with', line), choice] }
    }
    case 'open':
    case 'close':
      return { verb: 'zone', args: [zone(words.slice(1), words[0], line, zones), words[0]] }
    case 'cut':
    case 'restore': {
      if (words[0] === 'cut' && words[1] === 'power' && words.length > 2) return flashCut(words.slice(2), line)
      const part = choice(rest, [...VIAS, 'power'], words[0], line)
      return part === 'power' ? { verb: 'power', args: [words[0]] } : { verb: 'link', args: [part, words[0]] }
    }
    case 'loop':
      return loop(words, line, zones)
    case 'snapshot':
      if (!/^[A-Za-z][\w-]{0,31}$/.test(rest)) {
        throw new ScenarioProblem(line, 'a snapshot has a name of letters, digits, - and _: snapshot before-the-door')
      }
      return { verb: 'snapshot', args: [rest] }
    case 'break':
    case 'mend':
    case 'receiver':
      return worldAction(words, line)
    default:
      if (WORLD_WORDS.split(', ').includes(words[0])) return worldAction(words, line)
      throw new ScenarioProblem(line, `${quote(words.slice(0, 1))} is no action: use ${ACTIONS}`)
  }
}

/** '3 of code A': the digit, which stands in no file. */
function keyOf(words: string[], line: number): string {
  const name = words.slice(2).join(' ')
  const code = DEMO_CODES.find((entry) => entry.name === name)
  const place = /^\d$/.test(words[0] ?? '') ? Number(words[0]) : 0
  if (code === undefined || words[1] !== 'of' || place < 1 || place > code.digits.length) {
    const names = DEMO_CODES.map((entry) => entry.name).join(', ')
    throw new ScenarioProblem(line, `a single key of a code is press key 1 of code A, up to 6, of one of ${names}`)
  }
  return code.digits.charAt(place - 1)
}

/** What was written instead is not repeated: it may be a code. */
function codeName(name: string, field: string, line: number): string {
  if (CODE_NAMES.includes(name)) return name
  const names = CODE_NAMES.join(', ')
  throw new ScenarioProblem(line, `"${field}" takes a code by its name, never by its digits: one of ${names}`)
}

/** 'loop 1 cut', 'loop 2 resistor 2200 ohm'. */
function loop(words: string[], line: number, zones: number): { verb: string; args: string[] } {
  const number = zone(['zone', words[1] ?? ''], 'loop', line, zones)
  const rest = words.slice(2).join(' ')
  const resistor = /^resistor (\d{1,6}) ohm$/.exec(rest)
  if (resistor !== null) return { verb: 'world', args: ['loop', number, 'resistor', resistor[1]] }
  const allowed = ['whole', 'cut', 'short', 'tampered', 'resistor 2200 ohm']
  return { verb: 'world', args: ['loop', number, choice(rest, allowed, `loop ${number}`, line)] }
}

function zone(words: string[], field: string, line: number, zones: number): string {
  const number = /^\d{1,2}$/.test(words[1] ?? '') ? Number(words[1]) : 0
  if (words.length !== 2 || words[0] !== 'zone' || number < 1 || number > zones) {
    throw new ScenarioProblem(line, `"${field}" takes "zone" and a number from 1 to ${zones}: ${field} zone 1`)
  }
  return String(number)
}

function expectation(text: string, words: string[], line: number): string[] {
  const rest = words.slice(1).join(' ')
  switch (words[0]) {
    case 'text':
      return ['text', displayText(text, line)]
    case 'siren':
    case 'light':
    case 'buzzer':
      return [words[0], choice(rest, ['on', 'off'], words[0], line)]
    case 'ethernet':
    case 'cellular':
      return ['path', words[0], choice(rest, ['up', 'down'], words[0], line)]
    case 'station':
      return ['station', ...stationExpectation(words.slice(1), line)]
    default:
      throw new ScenarioProblem(line, `${quote(words.slice(0, 1))} cannot be expected: use ${SEEN}`)
  }
}

function displayText(line: string, number: number): string {
  const quoted = /expect\s+text\s+"([^"]*)"$/.exec(line)
  if (quoted === null) {
    throw new ScenarioProblem(
      number,
      'expect text takes a part of what the display shows, in quotes: expect text "READY"',
    )
  }
  const text = quoted[1]
  if (text === '') throw new ScenarioProblem(number, 'an empty text is always there: write what must be shown')
  if (DEMO_CODES.some((code) => text.includes(code.digits))) {
    throw new ScenarioProblem(number, 'the display never shows a code: expect its stars, such as "Code ******"')
  }
  if (text.length > DISPLAY_COLUMNS || !/^[ -{}]+$/.test(text)) {
    throw new ScenarioProblem(
      number,
      `a line of the display has ${DISPLAY_COLUMNS} plain characters and this text does not fit into one: shorten it, or expect each line by itself`,
    )
  }
  return text
}

function stationExpectation(words: string[], line: number): string[] {
  const what = choice(words[0] ?? '', ['nothing', 'has', 'lacks', 'once', 'first', 'order'], 'station', line)
  if (what === 'nothing') {
    if (words.length > 1) throw new ScenarioProblem(line, 'after "station nothing" comes nothing more')
    return ['nothing']
  }
  if (what === 'order') {
    const named = words.slice(1)
    if (named.length < 2 || !named.every((word) => /^[136]\d{3}$/.test(word))) {
      throw new ScenarioProblem(
        line,
        'station order takes two or more events, each a qualifier (1, 3, 6) with its code: station order 1121 1401',
      )
    }
    return ['order', ...named]
  }
  const over = words.indexOf('over')
  const via = over < 0 ? '' : choice(words.slice(over + 1).join(' '), VIAS, 'over', line)
  const event = words.slice(1, over < 0 ? words.length : over).join(' ')
  if (!/^[136]\d{3}( \d\d( \d{3})?)?$/.test(event)) {
    throw new ScenarioProblem(
      line,
      `${quote([event])} is no event: write qualifier (1, 3, 6) and code, then partition and number if wanted: 1121 01 003`,
    )
  }
  return [what, event, via]
}
