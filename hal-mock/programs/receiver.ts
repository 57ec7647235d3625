/**
 * npm run receiver: a monitoring station on this machine, to point a panel at.
 *
 * Listens for SIA DC-09 over TCP, with --udp over UDP at the same port too, and prints one line an event. It keeps
 * nothing: what was printed is all there is. The frames' rules are ../receiver.ts.
 *
 * It listens on loopback unless --host names another address: whoever reaches that port can report for an account
 * without a key.
 */

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { realpathSync } from 'node:fs'
import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import { type Account, type Mode, Receiver, type StationEvent } from '../receiver'
import { HABITS, type Quirk } from '../receiver-quirks'
import { nodeCrypto } from './node-crypto'

export interface StationOptions {
  host: string
  /** 0 for any free port. */
  port: number
  accounts: Account[]
  mode: Mode
  /** How null messages are answered; like events when left out. */
  nullMode?: Mode
  /** Whose ways the receiver has; our own when left out. */
  quirk?: Quirk
  /** Stamps may differ by this much either way, 0 for no check; as the receiver has it when left out. */
  windowSeconds?: number
  /** UDP at the same port as TCP. */
  isUdp: boolean
  onEvent: (event: StationEvent) => void
  onFrame?: (direction: 'in' | 'out', via: string, frame: string, verdict: string) => void
  /** The receiver's clock in seconds since 1970-01-01 UTC, 0 to check no stamps; the host's clock when left out. */
  utcSeconds?: () => number
}

export interface Station {
  port: number
  /** The running receiver; its mode may be changed at any time. */
  receiver: Receiver
  /** Destroys the connections and frees the port. May be called twice. */
  close(): Promise<void>
}

/** What the command line asks for. */
export interface Settings {
  host: string
  port: number
  accounts: Account[]
  mode: Mode
  nullMode?: Mode
  quirk: Quirk
  windowSeconds?: number
  isUdp: boolean
  isJson: boolean
  hasFrames: boolean
}

/** Where the program writes, line by line. */
export interface Output {
  out: (line: string) => void
  error: (line: string) => void
}

/** A command line that cannot be followed; the message names the option and the fix. */
export class UsageError extends Error {}

/** Connections at once; a panel that keeps reconnecting leaves ghosts behind. */
const CONNECTION_LIMIT = 256
const MODES: Mode[] = ['ack', 'silent', 'nak', 'duh', 'close']
/** A failed start or a wrong command line. */
const EXIT_USAGE = 2
const EXAMPLE = 'npm run receiver -- --port 12128 --account 1234 --key 30313233343536373839414243444546'

/** Contact ID codes whose CCC is a user (SIA DC-05); in all others it is a zone. */
const USER_CODES = new Set(
  (
    '121 126 313 400 401 402 403 404 405 406 407 408 409 411 412 413 414 415 421 422 424 425 429 430 431 435 436 441 ' +
    '442 450 451 452 453 454 455 456 457 458 459 462 463 464 466 574 604 607 625 642 652 653 913 914 920 921 928 929'
  ).split(' '),
)

/** Reads the command line. Throws UsageError; a CommanderError for --help, after it was written. */
export function parseArguments(words: string[], output: Output = consoleOutput): Settings {
  const accounts: Account[] = []
  const command = new Command('receiver')
    .description('A monitoring station for SIA DC-09 with Contact ID: prints what a panel reports and acknowledges it.')
    .option('--port <number>', 'port to listen on, 0 for any free one', readPort)
    .option('--account <hex>', 'account of a panel, 3 to 16 hex digits; may be repeated', (text: string) => {
      accounts.push({ account: readAccount(text, accounts), keyHex: '' })
    })
    .option('--key <hex>', 'AES key of the --account before it, 32, 48 or 64 hex digits', (text: string) => {
      addKey(accounts, text)
    })
    .option('--host <address>', 'address to listen on', readHost, '127.0.0.1')
    .option('--udp', 'also take UDP datagrams at the same port', false)
    .option('--json', 'print one JSON object a line', false)
    .option('--frames', 'also print every frame and what became of it', false)
    .addOption(new Option('--mode <mode>', 'how to answer sound frames').choices(MODES).default('ack'))
    .addOption(new Option('--null-mode <mode>', 'how to answer null messages, if not as --mode says').choices(MODES))
    .addOption(
      new Option('--quirk <receiver>', 'whose ways to have').choices(Object.keys(HABITS)).default('none' as Quirk),
    )
    .option(
      '--window <seconds>',
      'time stamps may be off by this much, 0 for no check (default: -40 to +20)',
      readWindow,
    )
    .addHelpText(
      'after',
      `\nExample:\n  ${EXAMPLE}\n\nThe key above is the text 0123456789ABCDEF as bytes. End with Ctrl-C.`,
    )
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
    port?: number
    host: string
    udp: boolean
    json: boolean
    frames: boolean
    mode: Mode
    nullMode?: Mode
    quirk: Quirk
    window?: number
  }>()
  if (options.port === undefined)
    throw new UsageError('--port is missing: name the port to listen on, such as --port 12128')
  if (accounts.length === 0)
    throw new UsageError('--account is missing: give the account of the panel, such as --account 1234')
  return {
    host: options.host,
    port: options.port,
    accounts,
    mode: options.mode,
    nullMode: options.nullMode,
    quirk: options.quirk,
    windowSeconds: options.window,
    isUdp: options.udp,
    isJson: options.json,
    hasFrames: options.frames,
  }
}

function readPort(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65535)) throw new UsageError(`--port ${text} is no port: use a number from 0 to 65535`)
  return port
}

function readWindow(text: string): number {
  const seconds = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds)) throw new UsageError(`--window ${text} is no time: use whole seconds, 0 for no check`)
  return seconds
}

function readHost(text: string): string {
  if (isIP(text) === 0)
    throw new UsageError(`--host ${text} is no IP address: use one of this machine, such as 127.0.0.1`)
  return text
}

function readAccount(text: string, known: Account[]): string {
  const account = text.toUpperCase()
  if (!/^[0-9A-F]{3,16}$/.test(account)) {
    throw new UsageError(`--account ${text} is no account: use 3 to 16 of the digits 0-9 and A-F`)
  }
  if (known.some((entry) => entry.account === account)) {
    throw new UsageError(`--account ${account} is given twice: leave one out`)
  }
  return account
}

/** The key itself never reaches an error text. */
function addKey(accounts: Account[], text: string): void {
  const last = accounts.at(-1)
  if (last === undefined)
    throw new UsageError('--key stands before its account: put it after the --account it belongs to')
  if (last.keyHex !== '') throw new UsageError(`--key is given twice for account ${last.account}: leave one out`)
  if (!/^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})$/.test(text)) {
    const count = `it has ${text.length} characters`
    throw new UsageError(`--key of account ${last.account} is no key: use 32, 48 or 64 hex digits (${count})`)
  }
  last.keyHex = text.toUpperCase()
}

/** Listens until close(). Rejects with the host's error when the address cannot be had. */
export async function startReceiver(options: StationOptions): Promise<Station> {
  const receiver = new Receiver({
    accounts: options.accounts,
    crypto: nodeCrypto,
    utcSeconds: options.utcSeconds ?? (() => Math.floor(Date.now() / 1000)),
    onEvent: options.onEvent,
    onFrame: options.onFrame,
    windowSeconds: options.windowSeconds,
  })
  receiver.mode = options.mode
  receiver.nullMode = options.nullMode ?? ''
  receiver.habits = HABITS[options.quirk ?? 'none']
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(receiver, socket)
  })
  server.maxConnections = CONNECTION_LIMIT
  const port = await listen(server, options.host, options.port)
  let udp: UdpSocket | undefined
  try {
    if (options.isUdp) udp = await listenUdp(receiver, options.host, port)
  } catch (error) {
    server.close()
    throw error
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([
      new Promise<void>((resolve) => server.close(() => resolve())),
      udp && new Promise<void>((resolve) => udp.close(() => resolve())),
    ])
  }
  return {
    port,
    receiver,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** One panel's connection. It stays open after a reply: several messages may use it. */
function serve(receiver: Receiver, socket: Socket): void {
  const connection = receiver.open(`tcp ${socket.remoteAddress}:${socket.remotePort}`)
  socket.setEncoding('latin1')
  socket.on('data', (bytes) => {
    const reply = connection.receive(String(bytes))
    if (reply !== '') socket.write(reply, 'latin1')
    if (connection.isClosed) socket.end()
  })
  // A panel that goes away is no event of ours: it dials again.
  socket.on('error', () => undefined)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      // Running out of descriptors while accepting: the next connection may do better.
      server.on('error', () => undefined)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function listenUdp(receiver: Receiver, host: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
  socket.on('message', (bytes, sender) => {
    const reply = receiver.datagram(bytes.toString('latin1'), `udp ${sender.address}:${sender.port}`)
    // A reply that cannot be sent is a lost datagram: the panel sends again.
    if (reply !== '') socket.send(Buffer.from(reply, 'latin1'), sender.port, sender.address, () => undefined)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

/** One event as a line of text, its time first. */
export function describe(event: StationEvent, time: string): string {
  const kind = USER_CODES.has(event.code) ? 'user' : 'zone'
  const fields = [
    time,
    event.isPriority ? 'PRIORITY' : '        ',
    `${event.code} ${event.name} (${qualifierName(event)})`,
    `account ${event.account}`,
    `partition ${String(event.partition).padStart(2, '0')}`,
    `${kind} ${String(event.number).padStart(3, '0')}`,
    `via ${event.via}`,
    `seq ${String(event.sequence).padStart(4, '0')}`,
    event.isEncrypted ? 'encrypted' : 'clear',
  ]
  if (event.occurred !== '') fields.push(`occurred ${event.occurred}`)
  if (event.isDuplicate) fields.push('COPY')
  return fields.join('  ')
}

/** Opening means disarmed, closing armed; elsewhere the words are new and restore. */
function qualifierName(event: StationEvent): string {
  if (event.qualifier === 6) return 'still so'
  if (/^(40[0-57-9]|44[12]|45[0-26])$/.test(event.code)) return event.qualifier === 1 ? 'disarmed' : 'armed'
  return event.qualifier === 1 ? 'new' : 'restore'
}

/** A frame on one line: what a terminal might obey is written as \xNN. */
export function printable(frame: string): string {
  return frame.replace(/[^\x20-\x5b\x5d-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

const consoleOutput: Output = {
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
}

/** Runs the program until the signal. Returns the exit code. */
export async function run(words: string[], output: Output, signal: AbortSignal): Promise<number> {
  let settings: Settings
  try {
    settings = parseArguments(words, output)
  } catch (error) {
    if (error instanceof CommanderError) return 0
    output.error(`receiver: ${(error as Error).message}`)
    return EXIT_USAGE
  }
  const time = () => new Date().toISOString()
  const print = (type: string, record: object, line: string) =>
    output.out(settings.isJson ? JSON.stringify({ type, time: time(), ...record }) : line)
  try {
    const station = await startReceiver({
      ...settings,
      onEvent: (event) => print('event', event, describe(event, time())),
      onFrame: (direction, via, frame, verdict) => {
        if (!settings.hasFrames) return
        print(
          'frame',
          { direction, via, frame, verdict },
          `${time()}  ${direction} ${via}  ${printable(frame)}  ${verdict}`,
        )
      },
    })
    const { host, mode, quirk } = settings
    const place = { host, port: station.port, udp: settings.isUdp, mode, quirk }
    const ways = settings.isUdp ? 'TCP and UDP' : 'TCP'
    const like = quirk === 'none' ? '' : `, like ${quirk}`
    print('listening', place, `listening on ${host} port ${station.port}, ${ways}, mode ${mode}${like}`)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await station.close()
    return 0
  } catch (error) {
    output.error(`receiver: ${startError(error as NodeJS.ErrnoException, settings)}`)
    return EXIT_USAGE
  }
}

function startError(error: NodeJS.ErrnoException, settings: Settings): string {
  if (error.code === 'EADDRINUSE') {
    return `--port ${settings.port} is taken: stop the other program, or choose another port (0 for any free one)`
  }
  if (error.code === 'EACCES') return `--port ${settings.port} is reserved by the system: choose one above 1023`
  if (error.code === 'EADDRNOTAVAIL') {
    return `--host ${settings.host} is no address of this machine: use one that is, such as 127.0.0.1`
  }
  return error.message
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  process.exitCode = await run(process.argv.slice(2), consoleOutput, stop.signal)
}
