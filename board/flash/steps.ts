/**
 * The steps of an installation, in order, each with the exact commands it gives. A dry run prints them; a real run does
 * them, marks each when it is done, and after a failure goes on with the first that is not.
 *
 *   chip -> clear or erase -> image -> radios -> program -> settings -> start
 *
 * `clear` takes the old settings and program away before anything new is written, `settings` ends with the commit mark:
 * in between nothing on the board can arm.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attach } from './attach'
import type { Console } from './console'
import * as esptool from './esptool'
import { advise, explain, FlashError } from './failures'
import type { Image } from './image'
import { type Link, open } from './link'
import * as upload from './upload'

/** What is to be done, all checked. */
export interface Job {
  tool: esptool.Esptool
  /** 0: by itself. */
  baud: number
  /** Path of the port, or tcp://host:port for the console steps. */
  port: string
  /** For temporary files; never holds a secret. */
  folder: string
  /** undefined with --app-only. */
  image: Image | undefined
  isErasing: boolean
  target: upload.Target
  program: string
  /** Makes the settings when they are needed; undefined keeps those on the board. */
  makeContents: (() => Uint8Array) | undefined
  show: (text: string) => void
}

export interface Step {
  id: string
  title: string
  /** As a person would type them; for the console, what is executed there. */
  commands: string[]
  run: () => Promise<void>
  /** True when a later run need not repeat it. */
  isLasting: boolean
  /** Steps that a later run must repeat once this one has begun. */
  undoes?: string[]
}

/** What is known of earlier runs, kept as soon as it changes (state.ts). */
export interface Progress {
  isDone(step: string): boolean
  mark(step: string): void
  unmark(steps: string[]): void
}

/** A step failed: which one, and what to do. */
export class StepError extends FlashError {
  constructor(
    readonly step: string,
    message: string,
  ) {
    super(message)
  }
}

/** Regions that hold what a panel runs and knows (espruino.md §3.1, docs/flash-layout.md). */
const SETTINGS = { address: 0x314000, bytes: 0x2000 }
const STORAGE = { address: 0x320000, bytes: 0xe0000 }
/** With --erase and no stub: nvs, all of the raw region, Storage. */
const ALL = [{ address: 0x9000, bytes: 0x6000 }, { address: 0x310000, bytes: 0x10000 }, STORAGE]

/** For an installation, or with --app-only for a new program. */
export function plan(job: Job): Step[] {
  const steps: Step[] = []
  let board: Console | undefined
  const withBoard = async (): Promise<Console> => (board ??= await openBoard(job))
  if (job.image !== undefined) steps.push(...flashSteps(job, job.image))
  steps.push({
    id: 'radios',
    title: 'Check the interpreter, switch Bluetooth and Wi-Fi off',
    commands: ['console: process.env', 'console: ESP32.enableBLE(false)', 'console: ESP32.enableWifi(false)'],
    isLasting: false,
    run: async () => {
      const console = await withBoard()
      job.show(`Espruino ${await upload.checkImage(console, job.target)}\n`)
      // Deletes the program, which --app-only replaces anyway.
      await upload.closeRadios(console)
    },
  })
  steps.push(programStep(job, withBoard), settingsStep(job, withBoard))
  steps.push({
    id: 'start',
    title: 'Restart, and wait until the panel says that it runs',
    commands: ['console: E.reboot()', `serial: ${upload.RUNS}`],
    isLasting: false,
    run: async () => {
      await start(await withBoard())
    },
  })
  return steps
}

/** Compares what is on the board, writes nothing. */
export function verification(job: Job): Step[] {
  const steps: Step[] = []
  const image = job.image
  if (image !== undefined) {
    const writes = image.parts.map((part) => ({ address: part.address, path: join(job.folder, part.name) }))
    const line = () => esptool.verifyArguments(job.tool, job.port, writes)
    steps.push(toolStep(job, 'image', 'Compare the interpreter', line, false, () => writeParts(job, image)))
  }
  steps.push({
    id: 'verify',
    title: 'Compare program and settings',
    commands: [
      'console: E.CRC32(require("Storage").read(".bootcde"))',
      `console: provision.state(${base(job)})`,
      'console: E.reboot()',
      `serial: ${upload.RUNS}`,
    ],
    isLasting: false,
    run: async () => {
      const console = await openBoard(job)
      await upload.checkImage(console, job.target)
      const problems = [await upload.programProblem(console, job.program)]
      problems.push(await upload.settingsProblem(console, job.target, job.program))
      const told = problems.filter((problem) => problem !== '')
      if (told.length === 0) {
        await start(console)
        return
      }
      // Whatever it is, the board goes back to what it was doing.
      await console.tell('E.reboot()')
      await console.close()
      throw new FlashError(`${told.join('; ')}: run flash.sh again without --verify`)
    },
  })
  return steps
}

/** Restarts the board, whose console closes with it. Throws FlashError unless the panel says that it runs. */
async function start(console: Console): Promise<void> {
  try {
    await upload.restart(console, upload.START_LIMIT_MS)
  } catch (reason) {
    throw new FlashError(explain((reason as Error).message))
  } finally {
    await console.close()
  }
}

/** Does what is not done yet. Throws StepError with the step's name in front. */
export async function perform(
  steps: Step[],
  progress: Progress | undefined,
  show: (text: string) => void,
): Promise<void> {
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]
    const title = `[${index + 1}/${steps.length}] ${step.title}`
    if (step.isLasting && progress?.isDone(step.id)) {
      show(`${title}: done before\n`)
      continue
    }
    show(`${title}\n`)
    try {
      if (step.undoes !== undefined) progress?.unmark(step.undoes)
      await step.run()
    } catch (reason) {
      if (!(reason instanceof FlashError)) throw reason
      throw new StepError(step.id, `${step.id}: ${advise(reason.message)}`)
    }
    if (step.isLasting) progress?.mark(step.id)
  }
}

/** Files that the flashing steps write. */
function writeParts(job: Job, image: Image): void {
  for (const part of image.parts) writeFileSync(join(job.folder, part.name), part.bytes)
}

function flashSteps(job: Job, image: Image): Step[] {
  const writes = image.parts.map((part) => ({ address: part.address, path: join(job.folder, part.name) }))
  const canErase = () => job.isErasing && job.tool.hasStub
  const clearing = () =>
    canErase()
      ? esptool.eraseArguments(job.tool, job.port)
      : esptool.writeArguments(job.tool, job.port, baud(job), blanks(job))
  const title = job.isErasing ? 'Erase everything' : 'Take away program and settings'
  return [
    toolStep(job, 'clear', title, clearing, true, () => writeBlanks(job)),
    toolStep(
      job,
      'image',
      `Write the interpreter ${image.version}`.trim(),
      () => esptool.writeArguments(job.tool, job.port, baud(job), writes),
      true,
      () => writeParts(job, image),
    ),
  ]
}

function toolStep(
  job: Job,
  id: string,
  title: string,
  line: () => string[],
  isLasting: boolean,
  prepare: () => void,
): Step {
  return {
    id,
    title,
    isLasting,
    get commands() {
      return [[job.tool.command, ...line()].join(' ')]
    },
    run: async () => {
      prepare()
      await runSlower(job, line)
    },
  }
}

/** At the next lower speed after damaged packets, unless a speed was asked for. */
async function runSlower(job: Job, line: () => string[]): Promise<void> {
  for (;;) {
    try {
      await esptool.run(job.tool, line(), job.show)
      return
    } catch (reason) {
      const slower = esptool.SPEEDS[esptool.SPEEDS.indexOf(baud(job)) + 1]
      if (!esptool.isSpeedProblem(reason) || slower === undefined || slower > baud(job)) throw reason
      job.show(`Once more at ${slower} baud.\n`)
      job.baud = slower
    }
  }
}

function baud(job: Job): number {
  return job.baud === 0 ? esptool.SPEEDS[0] : job.baud
}

function programStep(job: Job, withBoard: () => Promise<Console>): Step {
  const pieceCount = Math.ceil(job.program.length / upload.CHUNK_BYTES)
  return {
    id: 'program',
    title: `Upload the panel's program (${job.program.length} bytes), compare its CRC`,
    commands: [
      'console: require("Storage").eraseAll()',
      `console: require("Storage").write(".bootcde","...",offset)  ${pieceCount} pieces, the first one last`,
      'console: E.CRC32(require("Storage").read(".bootcde"))',
    ],
    isLasting: false,
    run: async () => {
      const console = await withBoard()
      // A program that arrived whole in a run before need not be written again.
      if ((await upload.programProblem(console, job.program)) === '') return
      let done = 0
      await upload.writeProgram(console, job.program, (bytes) => {
        done += bytes
        job.show(`\r${Math.round((100 * done) / job.program.length)} % `)
      })
      job.show('\n')
    },
  }
}

function settingsStep(job: Job, withBoard: () => Promise<Console>): Step {
  const isNew = job.makeContents !== undefined
  return {
    id: 'settings',
    title: isNew
      ? 'Provision secret, codes and configuration; the commit mark is the last write'
      : "Keep the settings, renew the program's CRC in them",
    commands: [
      isNew ? `console: provision.save(${base(job)},...)` : `console: provision.renew(${base(job)},length,crc)`,
    ],
    isLasting: false,
    // From here on a restart runs the program, which closes the console: another run has to clear the board once more.
    undoes: job.isErasing ? ['clear', 'image'] : ['clear'],
    run: async () => {
      const console = await withBoard()
      if (job.makeContents === undefined) {
        await upload.renewSettings(console, job.target, job.program)
        return
      }
      const contents = job.makeContents()
      await upload.writeSettings(console, job.target, contents)
      contents.fill(0)
    },
  }
}

async function openBoard(job: Job): Promise<Console> {
  let link: Link
  try {
    link = await open(job.port)
  } catch (reason) {
    throw new FlashError(explain((reason as Error).message))
  }
  return attach(link)
}

function regions(job: Job): { address: number; bytes: number }[] {
  return job.isErasing ? ALL : [SETTINGS, STORAGE]
}

function blanks(job: Job): esptool.Write[] {
  return regions(job).map((region) => ({ address: region.address, path: join(job.folder, blankName(region.bytes)) }))
}

function writeBlanks(job: Job): void {
  for (const region of regions(job)) {
    writeFileSync(join(job.folder, blankName(region.bytes)), Buffer.alloc(region.bytes, 0xff))
  }
}

function blankName(bytes: number): string {
  return `blank-${bytes / 1024}k.bin`
}

function base(job: Job): string {
  return `0x${job.target.flashBase.toString(16)}`
}
