/**
 * A panel's own bundle in the interpreter's Linux build, started from Storage as on a board, with the modem model behind
 * a pseudo terminal and our receiver on a real socket. It is killed with kill -9 at random moments, started again, and
 * in the end left in peace: every event whose record had been written must have reached the station, and nothing else.
 *
 * Needs socat for the pseudo terminal (Debian package socat).
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { find, settingsPins, zonePins } from '../../board/boards/index'
import { buildBoard } from '../../board/targets'
import { VirtualClock } from '../../hal-mock/clock'
import { DEMO_CODES } from '../../hal-mock/demo'
import { Modem } from '../../hal-mock/modem'
import { liveNic } from '../../hal-mock/programs/live-network'
import { startReceiver } from '../../hal-mock/programs/receiver'
import { Random } from '../../hal-mock/random'
import type { StationEvent } from '../../hal-mock/receiver'
import { unmatched } from '../system/unmatched'
import { NOTES_FILE, prelude, START_FILE } from './linux-board'
import { install, linuxOptions, provision, settingsFor } from './linux-panel'

const BOARD = 'devkitc-4x3'
/** A run lives for this long before it is killed. */
const LEAST_MS = 150
const MOST_MS = 4500
/** On an idle machine the first code is on flash this long after a start; a busy one gets all times longer by as much. */
const FIRST_CODE_MS = 2000
const FIRST_CODE_LIMIT_MS = 8000
/** Every so many runs the panel is left alone until it owes nothing, or its queue would overflow. */
const CALM_EVERY = 12
const LOOK_MS = 500
const CALM_LIMIT_MS = 60000
/** A duress code, then a user's, over and over. */
const KEYS = ['duress A', 'code A'].map((name) => `${DEMO_CODES.find((code) => code.name === name)?.digits} `).join('')
/** Record of firmware/store/journal.ts (docs/flash-layout.md): type, last sequence number at 2, events at 8 and 12. */
const RECORD_TYPE = '96'
const SEQUENCES = 9999
const RECORD_DIGITS = 56
/** The low bits of an event's first word are its Contact ID code, 0 for none. */
const CODE_MASK = 1023

export interface KillReport {
  kills: number
  /** Events whose record was written before a kill or later, and how many of them reached the station. */
  promised: number
  delivered: number
  duress: number
  /** What is wrong, one sentence each. */
  problems: string[]
}

export async function killRuns(
  binary: string,
  kills: number,
  seed: number,
  say: (text: string) => void,
): Promise<KillReport> {
  const rig = await Rig.create(binary, seed)
  try {
    await rig.measure()
    for (let done = 1; done <= kills; done++) {
      await rig.runAndKill()
      if (done % CALM_EVERY === 0) await rig.calm()
      if (done % 10 === 0) say(`  seed ${seed}: ${done} of ${kills} kills, ${rig.events.length} events at the station`)
    }
    await rig.calm()
    await rig.calm()
    return rig.report(kills)
  } finally {
    await rig.close()
  }
}

export function hasSocat(): boolean {
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0
}

class Rig {
  readonly events: StationEvent[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'panel-kills-'))
  private readonly clock = new VirtualClock()
  private readonly startMs = performance.now()
  private readonly random: Random
  private readonly ticker: NodeJS.Timeout
  private modem!: Modem
  private terminal: ChildProcess | undefined
  private slowness = 1
  private closeReceiver: () => Promise<void> = async () => {}

  private constructor(
    private readonly binary: string,
    seed: number,
  ) {
    this.random = new Random(seed)
    this.ticker = setInterval(() => this.clock.runTo(Math.floor(performance.now() - this.startMs)), 5)
  }

  static async create(binary: string, seed: number): Promise<Rig> {
    const rig = new Rig(binary, seed)
    // Without decoys (D-34): they may say a duress event that is owed, under their own number.
    const config = { ...unmatched(), pins: settingsPins(find(BOARD)) }
    const station = await startReceiver({
      host: '127.0.0.1',
      port: 0,
      mode: 'ack',
      isUdp: false,
      accounts: [{ account: config.receivers[0].account, keyHex: config.receivers[0].key }],
      onEvent: (event) => rig.events.push(event),
    })
    rig.closeReceiver = () => station.close()
    const nic = liveNic('cellular', () => ({ host: '127.0.0.1', port: station.port }))
    rig.modem = new Modem(rig.clock, nic, new Random(seed + 1), { registerAfterMs: 200, bootMs: 500, simBusyMs: 0 })
    rig.modem.setPowerKey(1)
    setTimeout(() => rig.modem.setPowerKey(0), 100)
    rig.modem.onOutput = (bytes) => rig.terminal?.stdin?.write(Buffer.from(bytes, 'latin1'))
    const program = (await buildBoard(BOARD, linuxOptions(binary))).code
    install(binary, rig.folder, program)
    provision(rig.folder, settingsFor(program, config, rig.random))
    return rig
  }

  private writePrelude(keys: string): void {
    const map = find(BOARD)
    const pins = settingsPins(map)
    const text = prelude({
      modem: join(this.folder, 'modem'),
      rows: pins.rows,
      columns: pins.columns,
      zones: zonePins(map),
      keys,
      noise: this.random.next(),
    })
    writeFileSync(join(this.folder, START_FILE), text)
  }

  /** Without a file to run the interpreter boots from its Storage: .boot0, then .bootcde. Its input must stay open. */
  private async start(keys: string): Promise<ChildProcess> {
    this.writePrelude(keys)
    await this.openTerminal()
    return spawn(this.binary, [], { cwd: this.folder, stdio: ['pipe', 'ignore', 'ignore'] })
  }

  private openTerminal(): Promise<void> {
    const path = join(this.folder, 'modem')
    rmSync(path, { force: true })
    const terminal = spawn('socat', ['STDIO', `PTY,link=${path},raw,echo=0`], { stdio: ['pipe', 'pipe', 'ignore'] })
    terminal.stdin?.on('error', () => {})
    terminal.stdout?.setEncoding('latin1').on('data', (bytes: string) => this.modem.receive(bytes))
    this.terminal = terminal
    return new Promise((resolve) => {
      const look = setInterval(() => {
        if (!existsSync(path)) return
        clearInterval(look)
        resolve()
      }, 5)
    })
  }

  private async end(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    this.terminal?.kill('SIGKILL')
    this.terminal = undefined
  }

  /** How slow the machine is now, by a start that is killed once its first code is on flash. */
  async measure(): Promise<void> {
    const child = await this.start(KEYS)
    const fromMs = performance.now()
    while (performance.now() - fromMs < FIRST_CODE_LIMIT_MS && this.written('W').length === 0) await wait(20)
    this.slowness = Math.max(1, (performance.now() - fromMs) / FIRST_CODE_MS)
    await this.end(child)
  }

  async runAndKill(): Promise<void> {
    const child = await this.start(KEYS)
    await wait((LEAST_MS + this.random.below(MOST_MS - LEAST_MS)) * this.slowness)
    await this.end(child)
  }

  /** No keys and no kill, until all that was promised has come to the station, or for too long. */
  async calm(): Promise<void> {
    const child = await this.start('')
    const fromMs = performance.now()
    do await wait(LOOK_MS)
    while (this.lost().length > 0 && performance.now() - fromMs < CALM_LIMIT_MS * this.slowness)
    await this.end(child)
  }

  /** What was promised and has not come yet. */
  private lost(): string[] {
    const heard = new Set(this.events.map(nameOf))
    return [...new Set(this.written('W'))].filter((event) => !heard.has(event))
  }

  /** Events of the records noted with a letter: I for begun, W for written. */
  private written(letter: string): string[] {
    const path = join(this.folder, NOTES_FILE)
    const notes = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : []
    return notes.filter((line) => line.startsWith(letter)).flatMap(eventsOf)
  }

  report(kills: number): KillReport {
    const tried = new Set(this.written('I'))
    const promised = new Set(this.written('W'))
    const lost = this.lost()
    const invented = [...new Set(this.events.map(nameOf))].filter((event) => !tried.has(event))
    const problems = lost.map((event) => `lost: ${event}`).concat(invented.map((event) => `invented: ${event}`))
    if (promised.size < kills) problems.push(`only ${promised.size} events in ${kills} runs: the panel hardly ran`)
    return {
      kills,
      promised: promised.size,
      delivered: promised.size - lost.length,
      duress: [...promised].filter((event) => event.startsWith('121')).length,
      problems,
    }
  }

  async close(): Promise<void> {
    clearInterval(this.ticker)
    this.terminal?.kill('SIGKILL')
    await this.closeReceiver()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function nameOf(event: StationEvent): string {
  return `${event.code} ${event.sequence}`
}

/** '121 17' for each event of a written record. */
function eventsOf(note: string): string[] {
  const digits = note.slice(1)
  if (digits.length !== RECORD_DIGITS || !digits.startsWith(RECORD_TYPE)) return []
  const bytes = Buffer.from(digits, 'hex')
  const last = bytes.readUInt16BE(2)
  const [first, second] = [8, 12].map((at) => bytes.readUInt16BE(at) & CODE_MASK)
  const events: string[] = []
  if (first !== 0) events.push(`${first} ${second === 0 ? last : last - 1 || SEQUENCES}`)
  if (second !== 0) events.push(`${second} ${last}`)
  return events
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
