/**
 * npm start: an alarm panel and its monitoring station as a page in a browser, served on loopback; with --terminal in one
 * terminal. The page, and the first screen, say what to do.
 *
 * Everything is virtual unless --live asks for real loopback connections. --terminal without a terminal plays the story of
 * a duress disarm and ends.
 */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { PanelBench } from './panel-bench'
import { type Live, startLive } from './panel-live'
import { tell } from './panel-story'
import { show, type Terminal } from './panel-terminal'

/** Where the program writes, line by line. */
export interface Output {
  out: (line: string) => void
  error: (line: string) => void
}

export interface Settings {
  seed: number
  isLive: boolean
  isStory: boolean
  isTerminal: boolean
  /** Of the page; 0 for any that is free. */
  port: number
  /** Opens the page in the user's browser. */
  isOpen: boolean
}

/** A command line that cannot be followed; the message names the option and the fix. */
export class UsageError extends Error {}

const EXIT_FAILURE = 1
const EXIT_USAGE = 2
const SEED_LIMIT = 0xffffffff
const DEFAULT_PORT = 8321
const PORT_LIMIT = 65535

/** Reads the command line. Throws UsageError; a CommanderError for --help, after it was written. */
export function parseArguments(words: string[], output: Output): Settings {
  const command = new Command('npm start --')
    .description('An alarm panel and its monitoring station as a page in your browser, which says what to do.')
    .option('--port <number>', 'port of the page on 127.0.0.1, 0 for any that is free', readPort, DEFAULT_PORT)
    .option('--open', 'open the page in your browser', false)
    .option('--terminal', 'in this terminal instead; its first screen says what to type', false)
    .option('--seed <number>', 'seed of all chance: the same seed gives the same run', readSeed, 1)
    .option('--live', 'report over real TCP connections on loopback', false)
    .option('--story', 'play the story of a duress disarm as lines and end, as --terminal does without one', false)
    .addHelpText('after', '\nExamples:\n  npm start -- --open\n  npm start -- --terminal --live')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text.trimEnd()), writeErr: () => undefined })
  try {
    command.parse(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new UsageError(`${error.message.replace(/^error: /, '')}; see --help`)
    }
    throw error
  }
  const options = command.opts<{
    seed: number
    live: boolean
    story: boolean
    terminal: boolean
    port: number
    open: boolean
  }>()
  return {
    seed: options.seed,
    isLive: options.live,
    isStory: options.story,
    isTerminal: options.terminal,
    port: options.port,
    isOpen: options.open,
  }
}

function readPort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= PORT_LIMIT))
    throw new UsageError(`--port ${text} is no port: use a whole number from 0 to ${PORT_LIMIT}`)
  return port
}

function readSeed(text: string): number {
  const seed = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(seed <= SEED_LIMIT))
    throw new UsageError(`--seed ${text} is no seed: use a whole number from 0 to ${SEED_LIMIT}`)
  return seed
}

/** Runs the program. terminal: undefined when input or output is none. Returns the exit code. */
export async function run(
  words: string[],
  output: Output,
  terminal: Terminal | undefined,
  stop: AbortSignal,
): Promise<number> {
  try {
    const settings = parseArguments(words, output)
    if (settings.isStory || settings.isTerminal) return await runByLines(settings, output, terminal, stop)
    // Not before it is asked for: the build of the page is no part of the terminal's program.
    const { runPage } = await import('./page')
    await runPage(settings, output, stop)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return 0
    output.error(`panel: ${(error as Error).message}`)
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE
  }
}

async function runByLines(
  settings: Settings,
  output: Output,
  terminal: Terminal | undefined,
  stop: AbortSignal,
): Promise<number> {
  const isStory = settings.isStory || terminal === undefined
  if (isStory && settings.isLive) {
    const reason = settings.isStory ? 'leave out --story' : 'run it in a terminal'
    throw new UsageError(`--live takes real time and somebody who types: ${reason}, or leave out --live`)
  }
  if (isStory || terminal === undefined) return tell(settings.seed, output.out)
  await runInTerminal(settings, terminal, stop)
  return 0
}

async function runInTerminal(settings: Settings, terminal: Terminal, stop: AbortSignal): Promise<void> {
  const seed = settings.seed
  let live: Live | undefined
  let bench: PanelBench | undefined
  try {
    if (settings.isLive) {
      // The station keeps the bench's clock: stamps of a fast forward would be wrong by any other.
      live = await startLive(
        () => bench?.simulator.board.utcSeconds() ?? 0,
        (event) => bench?.hear(event),
      )
    }
    bench = new PanelBench({ seed, place: live?.place ?? `seed ${seed}`, nics: live?.nics })
    bench.start()
    await show(bench, terminal, pc.createColors(pc.isColorSupported), stop)
  } finally {
    await live?.close()
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  // The reader of a pipe went away: there is nobody left to tell.
  process.stdout.on('error', () => process.exit(0))
  const output = {
    out: (line: string) => process.stdout.write(`${line}\n`),
    error: (line: string) => process.stderr.write(`${line}\n`),
  }
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY
  const terminal = isTerminal ? { input: process.stdin, output: process.stdout } : undefined
  process.exitCode = await run(process.argv.slice(2), output, terminal, stop.signal)
}
