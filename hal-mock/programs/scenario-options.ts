/** The command line of npm run scenario: what it asks for, checked. Keys reach no error text and no replay command. */

import { Command, CommanderError } from 'commander'
import { check } from '../../board/config/check'
import demoPanel from '../../docs/demo-panel.json'
import { type DemoConfig, demoConfig } from '../demo'
import { type Output, UsageError } from './receiver'
import { isSeed } from './scenario-file'
import type { Target } from './scenario-live'
import { ScenarioProblem, takeTime } from './scenario-words'

/** What the command line asks for. */
export interface Settings {
  names: string[]
  isJson: boolean
  isLive: boolean
  isList: boolean
  target?: Target
  seed?: number
  config: DemoConfig
  /** When the run ends, whatever is left or done; undefined: with its story. */
  untilMs?: number
  /** Where to write what was recorded. */
  files: { vcd?: string; pcap?: string; trace?: string }
  /** Options that a replay needs again, without the key itself. */
  replay: string
}

/** As commander has them. */
interface Options {
  list: boolean
  json: boolean
  seed?: string
  live: boolean
  receiver?: string
  udp: boolean
  account?: string
  key?: string
  clear: boolean
  until?: string
  vcd?: string
  pcap?: string
  trace?: string
}

/** Reads the command line. Throws UsageError; a CommanderError for --help, after it was written. */
export function parseArguments(words: string[], output: Output): Settings {
  const command = new Command('npm run scenario --')
    .description('Runs scenarios, one story a file, against the panel firmware. docs/scenarios.md has the language.')
    .argument('[FILE...]', 'path of a scenario, or the bare name of a shipped one (--list)')
    .option('--list', 'list the shipped scenarios', false)
    .option('--json', 'print the trace, one JSON object a line, then one outcome object a file', false)
    .option('--seed <number>', 'seed of all chance, instead of the one in the file')
    .option('--until <time>', 'end there, whatever is left or done: 90s, 5min')
    .option('--vcd <file>', 'write pins, display, paths and station as a VCD file (GTKWave)')
    .option('--pcap <file>', 'write the packets of both paths as a pcap file (Wireshark)')
    .option('--trace <file>', 'write the trace, one JSON object a line')
    .option('--live', 'real sockets and real time: a scenario then takes minutes', false)
    .option('--receiver <url>', "with --live: report to somebody else's receiver, tcp://HOST:PORT or udp://HOST:PORT")
    .option('--udp', 'report by datagrams instead of TCP connections', false)
    .option('--account <hex>', 'account to report for, 3 to 16 hex digits')
    .option('--key <hex>', "AES key of the account, 32, 48 or 64 hex digits, or '' for clear frames")
    .option('--clear', 'report in clear frames', false)
    .addHelpText(
      'after',
      '\nExamples:\n  npm run scenario -- duress\n  npm run scenario -- --live live-duress\n\n' +
        'Exit code: 0 passed, 1 an expectation failed, 2 a file or an option is wrong, 3 ran past its limit.',
    )
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
  return toSettings(command.args, command.opts())
}

function toSettings(names: string[], options: Options): Settings {
  if (names.length === 0 && !options.list) {
    throw new UsageError('no FILE: name one or more scenarios, such as duress; --list shows those that are shipped')
  }
  if (options.seed !== undefined && !isSeed(options.seed)) {
    throw new UsageError(`--seed ${options.seed} is no seed: use a whole number of up to 9 digits`)
  }
  if (options.receiver !== undefined && !options.live) {
    throw new UsageError('--receiver works over real sockets only: add --live')
  }
  const target = options.receiver === undefined ? undefined : readTarget(options.receiver)
  if (options.udp && target?.protocol === 'tcp') {
    throw new UsageError(
      `--udp and --receiver ${options.receiver} contradict each other: write udp://, or leave out --udp`,
    )
  }
  const { vcd, pcap, trace } = options
  const untilMs = options.until === undefined ? undefined : readUntil(options.until)
  const recorded = [vcd, pcap, trace].filter((file) => file !== undefined)
  if (recorded.length > 0 && names.length > 1) {
    throw new UsageError('--vcd, --pcap and --trace are for one FILE: name one scenario')
  }
  if (options.live && (recorded.length > 0 || untilMs !== undefined)) {
    throw new UsageError('--vcd, --pcap, --trace and --until need the virtual network: leave them out, or --live')
  }
  const replay = [
    options.until === undefined ? '' : ` --until ${shellWord(options.until)}`,
    options.live ? ' --live' : '',
    options.udp ? ' --udp' : '',
    options.receiver === undefined ? '' : ` --receiver ${shellWord(options.receiver)}`,
    options.account === undefined ? '' : ` --account ${options.account}`,
    options.key ? ' --key (the same key)' : options.clear || options.key === '' ? ' --clear' : '',
  ]
  return {
    names,
    isJson: options.json,
    isLive: options.live,
    isList: options.list,
    target,
    seed: options.seed === undefined ? undefined : Number(options.seed),
    config: configure(options, options.udp ? 'udp' : (target?.protocol ?? 'tcp')),
    untilMs,
    files: { vcd, pcap, trace },
    replay: replay.join(''),
  }
}

/** The demo configuration with what the command line puts in its place. */
function configure(options: Options, protocol: 'tcp' | 'udp'): DemoConfig {
  if (options.clear && options.key) throw new UsageError('--clear and --key contradict each other: leave one out')
  const config = demoConfig()
  const station = config.receivers[0]
  if (options.account !== undefined) station.account = options.account.toUpperCase()
  if (options.key !== undefined) station.key = options.key.toUpperCase()
  if (options.clear) station.key = ''
  station.protocol = protocol
  const problems = check({ ...demoPanel, receivers: config.receivers })
  if (problems.length > 0) {
    throw new UsageError(problems.map((problem) => `--${problem.replace('receivers[0].', '')}`).join('\n'))
  }
  return config
}

function readUntil(text: string): number {
  const words = text.trim().split(/\s+/)
  try {
    const time = takeTime(words, 0)
    if (time.words === words.length && time.ms > 0) return time.ms
  } catch (error) {
    if (!(error instanceof ScenarioProblem)) throw error
  }
  throw new UsageError(`--until ${text} is no time: write 90s, 5min or 1h`)
}

function readTarget(text: string): Target {
  const parts = /^(tcp|udp):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})\/?$/.exec(text)
  const port = parts === null ? 0 : Number(parts[3])
  if (parts === null || port < 1 || port > 65535) {
    throw new UsageError(
      `--receiver ${text} is no address: write tcp:// or udp://, HOST:PORT, such as tcp://127.0.0.1:12128`,
    )
  }
  return { protocol: parts[1] as Target['protocol'], host: parts[2].replace(/^\[|\]$/g, ''), port }
}

/** A word as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w./:@=+[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
