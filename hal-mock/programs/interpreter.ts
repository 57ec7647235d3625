/**
 * Runs text in the real interpreter. The bundles are put into its Storage and evaluated from there, as on a board: code
 * stays in flash, and only what lives takes variables.
 */

import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Of a file on its way into Storage. */
const PIECE_BYTES = 4096
/** What the interpreter calls the file with its Storage, in its working directory. */
const STORAGE_FILE = 'espruino.flash'
/** Of Storage without room. */
const STORAGE_FULL = 'Unable to find or create file'
/** What it prints when it gave up; any of these fails a run. */
const COMPLAINTS = ['Uncaught', 'ERROR', 'Execution Interrupted', 'LOW_MEMORY', 'ASSERT']
/** The native behind Array.forEach(), which the firmware does not use in a pass. */
const CALL = 'jswrap_array_forEach'
/** It, and the one behind some(): entering and leaving either turns the counting over. Valgrind takes one pattern only. */
const TURNS = 'jswrap_array_?o??*'
/** Reads flash: a file on Linux. */
const FLASH_READ = 'jshFlashRead'
/** Reads one word of a script. */
const NEXT_WORD = 'jslGetNextToken'

export interface Run {
  /** What the script printed, without the banner. */
  lines: string[]
  /** Empty when all went well. */
  complaint: string
  seconds: number
}

export class Interpreter {
  private folder = mkdtempSync(join(tmpdir(), 'panel-interpreter-'))

  constructor(readonly binary: string) {}

  /** Writes files into Storage; they stay for later runs. */
  async store(files: { [name: string]: string }): Promise<void> {
    const names = Object.keys(files)
    for (const name of names) writeFileSync(join(this.folder, name), files[name])
    // In pieces: the board's memory does not hold the longest of them at once.
    const run = await this.execute(
      `var S=require('Storage');S.eraseAll();function put(n,t){var f=E.openFile(n,'r'),o=0,p;
while(o<t){p=f.read(Math.min(${PIECE_BYTES},t-o));S.write(n,p,o,t);o+=p.length}f.close()}
${names.map((name) => `put('${name}',${files[name].length});`).join('')}print(${names.map((name) => `S.read('${name}').length`).join('+')});`,
    )
    const total = Object.values(files).reduce((sum, text) => sum + text.length, 0)
    if (run.complaint.includes(STORAGE_FULL)) {
      throw new Error(
        `${this.binary} has no room for ${total} bytes in its Storage: build it with as much as the board has, 896 KiB (README.md)`,
      )
    }
    if (run.lines[0] !== String(total))
      throw new Error(`Storage took ${run.lines[0]} of ${total} bytes: ${run.complaint}`)
  }

  /**
   * Runs a script that may eval(require('Storage').read(name)). wrapper: a command in front of the interpreter. files: what
   * it can read by require('fs').
   */
  execute(script: string, wrapper: string[] = [], files: { [name: string]: string } = {}): Promise<Run> {
    const folder = mkdtempSync(join(this.folder, 'run-'))
    for (const [name, text] of Object.entries({ ...files, 'script.js': script }))
      writeFileSync(join(folder, name), text)
    for (const name of [STORAGE_FILE]) copyIfThere(join(this.folder, name), join(folder, name))
    const command = [...wrapper, this.binary, join(folder, 'script.js')]
    const startMs = performance.now()
    return new Promise((resolve, reject) => {
      // The script writes its Storage where it runs: the shared one when it fills it, else a copy of its own.
      const cwd = script.includes('eraseAll') ? this.folder : folder
      const child = spawn(command[0], command.slice(1), { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
      let text = ''
      child.stdout.setEncoding('latin1').on('data', (part: string) => {
        text += part
      })
      child.stderr.resume()
      child.on('error', reject)
      child.on('close', () => {
        rmSync(folder, { recursive: true, force: true })
        resolve({ ...read(text), seconds: (performance.now() - startMs) / 1000 })
      })
    })
  }

  /**
   * Instructions that a script takes, by callgrind; NaN when valgrind is not there. The Linux build opens a file for each
   * few bytes of its flash, where the ESP32 maps it: what happens inside that call is taken off.
   */
  async countInstructions(script: string): Promise<number> {
    const file = join(this.folder, `callgrind-${Math.abs(hash(script))}.out`)
    const run = await this.execute(script, ['valgrind', '--tool=callgrind', `--callgrind-out-file=${file}`])
    if (run.complaint !== '') throw new Error(`the interpreter complains: ${run.complaint}`)
    const total = /^(?:summary|totals): (\d+)/m.exec(readFileSync(file, 'utf8'))
    const fileAccess = instructionsIn(file, FLASH_READ, true)
    rmSync(file, { force: true })
    return total === null ? Number.NaN : Number(total[1]) - fileAccess
  }

  /**
   * Instructions of each call of [0].forEach() that the script makes, in order; none when valgrind is not there. What a
   * [0].some() within it does is not counted. What is inside jshFlashRead is taken off where a call takes more than
   * lookFrom, and parsed is there what reading the script's words took: equal where the same statements were executed.
   */
  async countCalls(script: string, lookFrom: number): Promise<{ run: Run; counts: number[]; parsed: number[] }> {
    const name = `calls-${Math.abs(hash(script))}`
    const run = await this.execute(script, [
      'valgrind',
      '--tool=callgrind',
      `--toggle-collect=${TURNS}`,
      `--dump-after=${CALL}`,
      `--callgrind-out-file=${join(this.folder, name)}`,
    ])
    if (run.complaint !== '') throw new Error(`the interpreter complains: ${run.complaint}`)
    const counts: number[] = []
    const parsed: number[] = []
    for (let index = 1; ; index++) {
      const file = join(this.folder, `${name}.${index}`)
      if (!existsSync(file)) return { run, counts, parsed }
      const total = Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
      counts.push(total > lookFrom ? total - instructionsIn(file, FLASH_READ, true) : total)
      parsed.push(total > lookFrom ? instructionsIn(file, NEXT_WORD, false) : Number.NaN)
      rmSync(file)
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Instructions of one function of the interpreter, with or without what it calls. */
function instructionsIn(file: string, name: string, isInclusive: boolean): number {
  const options = [`--inclusive=${isInclusive ? 'yes' : 'no'}`, '--auto=no', '--threshold=100', file]
  const told = spawnSync('callgrind_annotate', options, { encoding: 'utf8', maxBuffer: 1 << 26 })
  const row = new RegExp(`^ *([\\d,]+) .*:${name}\\b`, 'm').exec(told.stdout ?? '')
  return row === null ? 0 : Number(row[1].replaceAll(',', ''))
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to)
  } catch {
    // Nothing was stored yet.
  }
}

function hash(text: string): number {
  let value = 0
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) | 0
  return value
}

function read(text: string): { lines: string[]; complaint: string } {
  const all = text.split(/\r?\n/).map((line) => line.replace(/^>+/, ''))
  const banner = all.findIndex((line) => line.startsWith('http://espruino.com/Donate'))
  const lines = all.slice(banner + 1).filter((line) => line !== '')
  const complaint = lines.filter((line) => COMPLAINTS.some((word) => line.includes(word)))
  const at = complaint.length > 0 ? lines.indexOf(complaint[0]) : 0
  return { lines, complaint: complaint.length > 0 ? lines.slice(at, at + 4).join(' | ') : '' }
}
