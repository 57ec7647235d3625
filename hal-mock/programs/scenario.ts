/**
 * npm run scenario: runs stories of docs/scenarios.md against our firmware and says what came of them.
 *
 * All files and options are checked before anything runs. Without --live a run takes no longer than it must, and the
 * seed replays it to the byte; with --live it takes as long as the story says, over real sockets (scenario-live.ts).
 */

import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { fromCaller } from '../../board/command'
import { type Scenario, traceLine } from '../scenario'
import { panelSettings } from '../scenario-world'
import { type Output, UsageError } from './receiver'
import { parse, ScenarioProblem } from './scenario-file'
import { type Result, reach, runLive, type Target } from './scenario-live'
import { parseArguments, type Settings, shellWord } from './scenario-options'
import { brokenOff, playVirtual, type Trace } from './scenario-virtual'
import { loadShipped, SCENARIO_FOLDER, shippedNames } from './shipped'

interface Story {
  /** As it was named, and the path that is shown. */
  name: string
  file: string
  scenario: Scenario
}

const EXIT_PASSED = 0
const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_LIMIT = 3
/** The worst first. */
const EXITS_BY_WEIGHT = [EXIT_USAGE, EXIT_LIMIT, EXIT_FAILED, EXIT_PASSED]
const EXIT_WORDS: { [code: number]: string } = { 0: 'passed', 1: 'FAILED', 3: 'LIMIT' }
const JSON_WORDS: { [code: number]: string } = { 0: 'passed', 1: 'failed', 3: 'limit' }

const consoleOutput: Output = {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
}

/**
 * Runs the program. Returns the exit code: 0 passed, 1 an expectation failed, 2 a file or an option is wrong, 3 ran past
 * its limit; of several files the worst, in the order 2, 3, 1, 0. speed is for tests of live runs.
 */
export async function run(words: string[], output: Output = consoleOutput, speed = 1): Promise<number> {
  let settings: Settings
  let stories: Story[]
  try {
    settings = parseArguments(words, output)
    if (settings.isList) {
      for (const name of shippedNames()) output.out(`${name.padEnd(30)} ${loadShipped(name).title}`)
      return EXIT_PASSED
    }
    stories = readStories(settings)
    checkFiles(settings)
    await checkTarget(settings)
  } catch (error) {
    if (error instanceof CommanderError) return EXIT_PASSED
    for (const line of (error as Error).message.split('\n')) output.error(`scenario: ${line}`)
    return EXIT_USAGE
  }
  const codes: number[] = []
  for (const story of stories) codes.push(await play(story, settings, output, speed))
  if (stories.length > 1 && !settings.isJson) {
    output.out(`${codes.filter((code) => code === EXIT_PASSED).length} of ${stories.length} scenarios passed`)
  }
  return EXITS_BY_WEIGHT.find((code) => codes.includes(code)) as number
}

/** Makes the files that are written at the end, so that a path that is wrong is known before anything runs. */
function checkFiles({ files }: Settings): void {
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined) continue
    try {
      writeFileSync(fromCaller(file), '')
    } catch (error) {
      throw new UsageError(`--${option} ${file} cannot be written (${(error as NodeJS.ErrnoException).code})`)
    }
  }
}

async function checkTarget(settings: Settings): Promise<void> {
  if (settings.target === undefined) return
  const { host, port } = settings.target
  const problem = await reach(settings.target)
  if (problem !== '') {
    throw new UsageError(
      `--receiver: nobody answers at ${host} port ${port} (${problem}): start the receiver, or correct the address`,
    )
  }
}

/** Reads all files. Throws one UsageError with a line for each file that is wrong. */
function readStories(settings: Settings): Story[] {
  const stories: Story[] = []
  const problems: string[] = []
  for (const name of settings.names) {
    try {
      stories.push(readStory(name, settings))
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'))
  return stories
}

function readStory(name: string, settings: Settings): Story {
  const isShipped = shippedNames().includes(name)
  const path = isShipped ? join(SCENARIO_FOLDER, `${name}.txt`) : fromCaller(name)
  const file = isShipped ? relative(process.cwd(), path) : name
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(readError(name, (error as NodeJS.ErrnoException).code ?? ''))
  }
  try {
    const scenario = parse(text, name)
    if (settings.isLive) refuseNetworkSteps(scenario, text)
    if (settings.target !== undefined) refuseReceiverSteps(scenario)
    if (settings.seed !== undefined) scenario.seed = settings.seed
    return { name, file, scenario }
  } catch (error) {
    if (!(error instanceof ScenarioProblem)) throw error
    throw new UsageError(`${file}:${error.line}: ${error.message}`)
  }
}

function readError(name: string, code: string): string {
  if (code === 'EISDIR') return `${name} is a folder: name the files in it`
  if (code !== 'ENOENT') return `${name} cannot be read (${code}): check its permissions`
  return `${name} is neither a file nor a shipped scenario: correct the path, or use one of ${shippedNames().join(', ')}`
}

/** Real sockets lose and delay nothing that we could tell them to. */
function refuseNetworkSteps(scenario: Scenario, text: string): void {
  const word = scenario.panel.find((entry) => entry !== 'udp' && entry !== 'expanders')
  if (word !== undefined) {
    const line = text.split('\n').findIndex((entry) => /^\s*panel\s/.test(entry)) + 1
    throw new ScenarioProblem(line, `"panel ${word}" needs the virtual network: leave it out, or --live`)
  }
  const step = scenario.steps.find((entry) => entry.verb === 'world' && entry.args[0] !== 'receiver')
  if (step === undefined) return
  throw new ScenarioProblem(step.line, `"${step.text}" needs the virtual network: leave out this line, or --live`)
}

function refuseReceiverSteps(scenario: Scenario): void {
  const step = scenario.steps.find((entry) => entry.verb === 'receiver' || entry.verb === 'world')
  if (step === undefined) return
  throw new ScenarioProblem(step.line, `"${step.text}" needs our own receiver: leave out this line, or --receiver`)
}

/** Runs one story and prints what came of it. Returns its exit code. */
async function play(story: Story, settings: Settings, output: Output, speed: number): Promise<number> {
  const onTrace = (atMs: number, source: string, what: string) => {
    if (settings.isJson) output.out(traceLine(atMs, source, what))
  }
  const result = settings.isLive
    ? await playLive(story, settings, output, speed, onTrace)
    : playVirtual(story.scenario, settings, onTrace)
  const code = result.outcome.ranPastLimit ? EXIT_LIMIT : result.outcome.failures.length > 0 ? EXIT_FAILED : EXIT_PASSED
  const replay = `npm run scenario -- ${shellWord(story.name)} --seed ${story.scenario.seed}${settings.replay}`
  if (settings.isJson) output.out(JSON.stringify(outcomeObject(story, result, code, replay)))
  else for (const line of report(story, result, code, replay, settings)) output.out(line)
  return code
}

async function playLive(
  story: Story,
  settings: Settings,
  output: Output,
  speed: number,
  onTrace: Trace,
): Promise<Result> {
  const { scenario } = story
  const endMs = Math.max(...scenario.steps.map((step) => step.untilMs))
  if (!settings.isJson) output.out(`live    ${story.file} takes ${seconds(endMs)} in real time`)
  const isShown = process.stderr.isTTY === true
  let shownS = -1
  let lastMs = 0
  const onProgress = (nowMs: number) => {
    lastMs = nowMs
    if (!isShown || Math.floor(nowMs / 1000) === shownS) return
    shownS = Math.floor(nowMs / 1000)
    process.stderr.write(`\r${shownS} s of ${seconds(endMs)}, limit ${seconds(scenario.limitMs)} `)
  }
  try {
    const { target } = settings
    const config = panelSettings(settings.config, scenario.panel)
    return await runLive({ scenario, config, target, onTrace, onProgress, speed })
  } catch (error) {
    return { outcome: brokenOff(error, lastMs), endMs: lastMs, leftCount: 0, sentCount: 0, replies: {} }
  } finally {
    if (isShown) process.stderr.write('\r\x1b[K')
  }
}

function outcomeObject(story: Story, result: Result, code: number, replay: string): object {
  const { scenario } = story
  return {
    file: story.file,
    title: scenario.title,
    seed: scenario.seed,
    result: JSON_WORDS[code],
    code,
    virtualMs: result.endMs,
    ...result.outcome,
    left: result.leftCount,
    snapshots: result.snapshots ?? [],
    sent: result.sentCount,
    replies: result.replies,
    replay,
  }
}

function report(story: Story, result: Result, code: number, replay: string, settings: Settings): string[] {
  const { outcome } = result
  const judged = outcome.passed + outcome.failures.length
  const unjudged = outcome.notJudged > 0 ? `, ${outcome.notJudged} not judged` : ''
  const count = `${outcome.passed} of ${judged} expectations${unjudged}, ${seconds(result.endMs)}`
  const lines = [`${EXIT_WORDS[code].padEnd(7)} ${story.file}: ${story.scenario.title} (${count})`]
  for (const failure of outcome.failures) {
    const place = failure.line === 0 ? story.file : `${story.file}:${failure.line}`
    lines.push(`        ${place}: ${failure.text}`, `          found at ${seconds(failure.atMs)}: ${failure.found}`)
  }
  if (outcome.ranPastLimit) {
    const limit = seconds(story.scenario.limitMs)
    lines.push(
      `        ${result.leftCount} steps were left at its limit of ${limit}: raise "limit", or shorten the story`,
    )
  }
  if (settings.target !== undefined) lines.push(...foreignLines(result, settings.target))
  if (code !== EXIT_PASSED) lines.push(`        replay: ${replay}`)
  if (code !== EXIT_PASSED && settings.isLive) lines.push('        (live runs differ in their timing)')
  return lines
}

function foreignLines(result: Result, target: Target): string[] {
  const replies = Object.entries(result.replies).map(([kind, count]) => `${count} ${kind}`)
  const came = replies.length === 0 ? 'no reply came' : `replies: ${replies.join(', ')}`
  const lines = [`        ${target.host} port ${target.port}: ${result.sentCount} frames sent, ${came}`]
  if (result.outcome.notJudged > 0) {
    lines.push('        what its station has is not known here: expectations of "station" were not judged')
  }
  return lines
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await run(process.argv.slice(2))
}
