/**
 * Runs esptool: finds it, learns its version and whether it has the ESP32's stub, and makes the command lines of
 * hardware.md §5.1 in the words of that version.
 */

import { spawn, spawnSync } from 'node:child_process'
import { explain, FlashError, find as findFailure } from './failures'

export interface Esptool {
  command: string
  /** As it prints it, such as 4.7.0. */
  version: string
  major: number
  /** False for Debian's build: everything then goes through the ROM loader, uncompressed. */
  hasStub: boolean
}

export interface Write {
  address: number
  path: string
}

const NAMES = ['esptool', 'esptool.py']
/** Versions before this do not know --chip esp32 as we use it, or are not tested any more. */
const OLDEST_MAJOR = 3
/** The first speed, and what it falls back to when packets are damaged (hardware.md §5.1). */
export const SPEEDS = [921600, 460800, 115200]
/** The ROM loader takes some minutes for 2 MB at 115200. */
const LIMIT_MS = 15 * 60_000
const INSTALL =
  'install it: python3 -m venv ~/esptool && ~/esptool/bin/pip install esptool, then PATH=$HOME/esptool/bin:$PATH ./flash.sh ...'

/** The first of the two names on the PATH that answers. Throws FlashError when none does. */
export function locate(environment = process.env): Esptool {
  for (const command of NAMES) {
    const run = spawnSync(command, ['version'], { encoding: 'utf8', env: environment, timeout: 30_000 })
    if (run.error !== undefined || run.status !== 0) continue
    const version = /v?(\d+\.\d+(?:\.\d+)?)/.exec(run.stdout)?.[1] ?? ''
    const major = Number(version.split('.')[0])
    if (major < OLDEST_MAJOR) throw new FlashError(`${command} ${version} is too old: ${INSTALL}`)
    return { command, version, major, hasStub: true }
  }
  throw new FlashError(`esptool is not installed: ${INSTALL}`)
}

/** What stands in for esptool in a dry run without one. */
export const ASSUMED: Esptool = { command: 'esptool', version: '5.0.0', major: 5, hasStub: true }

/** Asks which chip is there; leaves it in the bootloader. */
export function chipArguments(tool: Esptool, port: string): string[] {
  return [...common(tool, port, 115200), word(tool, 'chip_id')]
}

/** Writes files, and resets the chip afterwards so that it runs them. */
export function writeArguments(tool: Esptool, port: string, baud: number, writes: Write[]): string[] {
  const line = [
    ...common(tool, port, baud),
    '--before',
    reset(tool, 'default_reset'),
    '--after',
    reset(tool, 'hard_reset'),
  ]
  line.push(word(tool, 'write_flash'), tool.hasStub ? '-z' : '-u')
  return [...line, ...header(tool), ...pairs(writes)]
}

/** Compares flash with files. */
export function verifyArguments(tool: Esptool, port: string, writes: Write[]): string[] {
  return [...common(tool, port, 115200), word(tool, 'verify_flash'), ...header(tool), ...pairs(writes)]
}

/** What esptool puts into the bootloader's header. The same to compare as to write, or a sound board differs there. */
function header(tool: Esptool): string[] {
  const line = [option(tool, '--flash_mode'), 'dio', option(tool, '--flash_freq'), '40m']
  return [...line, option(tool, '--flash_size'), 'detect']
}

/** Erases all flash; needs the stub. */
export function eraseArguments(tool: Esptool, port: string): string[] {
  return [...common(tool, port, 115200), word(tool, 'erase_flash')]
}

/**
 * Runs it and returns what it printed. A tool without stub is noticed and `tool.hasStub` cleared; the caller then makes
 * its command line anew.
 * Throws FlashError with the tool's last words and the sentence for them.
 */
export async function run(tool: Esptool, line: string[], show: (text: string) => void): Promise<string> {
  const { text, code } = await execute(tool.command, line, show)
  if (code === 0) return text
  if (findFailure(text)?.name === 'noStub') tool.hasStub = false
  throw new FlashError(explain(text))
}

/** True when a slower speed is worth a try. */
export function isSpeedProblem(reason: unknown): boolean {
  return reason instanceof FlashError && ['garbled', 'noAnswer'].includes(findFailure(reason.message)?.name ?? '')
}

/** The chip's name and MAC out of chip_id's output; '' for what is not there. */
export function identity(text: string): { chip: string; mac: string } {
  const chip = /(?:Chip is|Chip type:)\s*([A-Za-z0-9-]+)/.exec(text)?.[1] ?? ''
  return { chip, mac: /MAC:\s*([0-9a-f:]{17})/i.exec(text)?.[1].toLowerCase() ?? '' }
}

function common(tool: Esptool, port: string, baud: number): string[] {
  const line = ['--chip', 'esp32', '--port', port, '--baud', String(baud)]
  return tool.hasStub ? line : ['--no-stub', ...line]
}

/** Version 5 writes commands, options and reset modes with hyphens. */
function word(tool: Esptool, name: string): string {
  return tool.major >= 5 ? name.replace(/_/g, '-') : name
}

const reset = word
const option = word

function pairs(writes: Write[]): string[] {
  return writes.flatMap((write) => [`0x${write.address.toString(16)}`, write.path])
}

function execute(
  command: string,
  line: string[],
  show: (text: string) => void,
): Promise<{ text: string; code: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(command, line, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    const timer = setTimeout(() => child.kill(), LIMIT_MS)
    const take = (part: Buffer) => {
      text += part.toString('latin1')
      show(part.toString('latin1'))
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (problem) => {
      clearTimeout(timer)
      resolve({ text: `${text}\n${problem.message}`, code: 1 })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ text, code })
    })
  })
}
