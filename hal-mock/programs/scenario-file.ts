/**
 * Scenario files: one story a file, readable by an installer. docs/scenarios.md is the reference. Everything is checked
 * before anything runs; each problem names its line and what would be right. Digits of codes reach no error text. Here: lines, heads
 and times. What is done stands in scenario-actions.ts, what is expected in scenario-expectations.ts.
 *
 * It does not know whether the story makes sense for a panel: that is what the run finds out.
 */

import { demoConfig } from '../demo'
import type { Scenario, Step } from '../scenario'
import { PANEL_WORDS, panelProblem, zoneCount } from '../scenario-world'
import { action } from './scenario-actions'
import { expectation } from './scenario-expectations'
import { choice, quote, ScenarioProblem, takeTime } from './scenario-words'

export { ScenarioProblem } from './scenario-words'

const DEFAULT_LIMIT_MS = 600000
const DEMO_ZONES = demoConfig().zones.count
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
