/**
 * What ./flash.sh runs: reads the options, checks everything that can be checked without the board, asks for the codes,
 * then goes through the steps (steps.ts).
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { type Config, Option } from '../../firmware/config'
import { BOARDS, type BoardMap, find } from '../boards/index'
import { boardIn } from '../config/file'
import type { User } from '../config/users'
import { askCodes, askCodesOf, createPrompter } from './codes-prompt'
import * as esptool from './esptool'
import { explain, FlashError } from './failures'
import * as images from './image'
import * as ports from './ports'
import { contents, readPanel, type UserCode } from './provision'
import * as states from './state'
import { type Job, type Progress, perform, plan, type Step, StepError, verification } from './steps'
import { ESP32, programOf, type Target } from './upload'

interface Options {
  port?: string
  board?: string
  config?: string
  image?: string
  bundle?: string
  baud?: string
  stub: boolean
  appOnly?: boolean
  dryRun?: boolean
  erase?: boolean
  verify?: boolean
}

/** Of the panel's file: the device's record, and who is to have a code. */
interface Chosen {
  config: Config
  users: User[]
}

/** What may be said of a panel when a step failed. Old settings are in force until `clear` is done, new ones perhaps in `settings`. */
const REPEAT = 'Do not rely on this panel until the same command has come to its end.'
const NOTHING_ARMS = 'The panel arms nothing yet. Run the same command again: it goes on from here.'
/** Steps of an installation that come after `clear` and before anything is in force again. */
const SAFE_STEPS = ['image', 'radios', 'program']

const HELP = `
The interpreter's image is the official Espruino build for the original ESP32:
  ${images.IMAGE_URL}${images.IMAGE_NAME}
  or a newer one from ${images.NEWEST_URL} (not the release 2v29: it loses bytes of the
  modem and opens a Wi-Fi access point). Give it as it is: --image ${images.IMAGE_NAME}
  It holds bootloader.bin (0x1000), partitions_espruino.bin (0x8000) and espruino_esp32.bin (0x10000).

Examples:
  ./flash.sh --dry-run
  ./flash.sh --board ${BOARDS[0].name} --config panel.json --image ${images.IMAGE_NAME}
  ./flash.sh --board ${BOARDS[0].name} --app-only        a new program, settings and codes stay
  ./flash.sh --board ${BOARDS[0].name} --verify          compares only

docs/flashing.md tells all of it step by step.`

/** Runs with these arguments; returns the exit code. Throws nothing that a user can cause. */
export async function main(words: string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'panel-flash-'))
  try {
    await install(parse(words), folder)
    return 0
  } catch (reason) {
    if (!isForUser(reason)) throw reason
    process.stderr.write(`flash.sh: ${reason.message}\n`)
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function parse(words: string[]): Options {
  const program = new Command('./flash.sh')
    .description('Puts the alarm panel onto an ESP32: interpreter, program, device secret, codes and configuration.')
    .option('--board <name>', `pin map, else that of the file: ${BOARDS.map((map) => map.name).join(', ')}`)
    .option('--config <file>', "the panel's settings (JSON)")
    .option('--image <path>', 'folder, .tgz or .zip with the official Espruino build')
    .option('--port <path>', 'serial port; found by itself when there is just one')
    .option('--app-only', 'only a new program; interpreter, settings and codes stay')
    .option('--erase', 'erase everything first, journal and counters too')
    .option('--verify', 'compare what is on the board, write nothing')
    .option('--dry-run', 'show every step with its commands, touch nothing; needs no board')
    .option('--bundle <file>', 'a program built before (npm run build -- --board NAME); without it, it is built now')
    .option('--baud <speed>', 'speed of esptool; by itself 921600, then slower ones')
    .option('--no-stub', "for Debian's esptool, which has no stub; noticed by itself as well")
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help lists the options)')
  const options = program.parse(words, { from: 'user' }).opts<Options>()
  // Paths count from where they were typed; the build's tools find each other from the project only.
  if (options.config !== undefined) options.config = resolve(options.config)
  if (options.image !== undefined) options.image = resolve(options.image)
  if (options.bundle !== undefined) options.bundle = resolve(options.bundle)
  process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
  return options
}

async function install(options: Options, folder: string): Promise<void> {
  const isDry = options.dryRun === true
  if (options.appOnly && options.erase)
    throw new FlashError('--erase takes the settings away that --app-only keeps: use one')
  if (options.verify && (options.erase || options.appOnly))
    throw new FlashError('--verify writes nothing: use it alone')
  const map = chooseBoard(options.board ?? boardOf(options.config), isDry)
  const isWhole = !options.appOnly && !options.verify
  const panel = isWhole ? choosePanel(options.config, map, isDry) : undefined
  const image =
    options.appOnly || (options.verify && options.image === undefined) ? undefined : chooseImage(options.image, isDry)
  const tool = image === undefined && !isDry ? { ...esptool.ASSUMED } : chooseTool(isDry)
  if (!options.stub) tool.hasStub = false
  const job: Job = {
    tool,
    baud: speed(options.baud),
    port: options.port ?? choosePort(isDry),
    folder: isDry ? '' : folder,
    image,
    isErasing: options.erase === true,
    target: target(),
    program: programOf(await bundleText(options.bundle, map)),
    makeContents: undefined,
    show: (text) => process.stdout.write(text),
  }
  let codes: UserCode[] = []
  if (isWhole) job.makeContents = () => contents(job.program, (panel as Chosen).config, codes)
  const steps = options.verify ? verification(job) : plan(job)
  if (isDry) {
    process.stdout.write(description(job, map, steps, panel?.users ?? []))
    return
  }
  if (panel !== undefined) codes = await readCodes(panel)
  process.stdout.write(`Board ${map.name}, port ${job.port}\n`)
  if (image === undefined) {
    await tellingState(options.verify === true, [], () => perform(steps, undefined, job.show))
  } else {
    await flash(job, steps, map, options.verify === true)
  }
  for (const code of codes) code.digits = ''
  const result = options.verify ? 'The board has what it should have, and the panel runs.' : 'Done: the panel runs.'
  process.stdout.write(`${result}\n`)
}

/** With esptool: first of all, which chip is it? Its MAC names the file that remembers the steps. */
async function flash(job: Job, steps: Step[], map: BoardMap, isReading: boolean): Promise<void> {
  const chip = await identify(job)
  process.stdout.write(`Chip ${chip.chip}, MAC ${chip.mac}\n`)
  const image = job.image as images.Image
  const marks = [map.name, String(job.isErasing), job.program, ...image.parts.map((part) => part.bytes)]
  const state = states.load(states.folder(), chip.mac, states.fingerprint(marks))
  if (state.done.length > 0 && !isReading)
    process.stdout.write(`Going on where the last run stopped (${state.path}).\n`)
  const progress: Progress = {
    isDone: (step) => state.done.includes(step),
    mark: (step) => states.mark(state, step),
    unmark: (done) => states.unmark(state, done),
  }
  await tellingState(isReading, SAFE_STEPS, () => perform(steps, isReading ? undefined : progress, job.show))
  if (!isReading) states.forget(state)
}

/** After a failure says what the panel is good for now, besides what is wrong. */
async function tellingState(isReading: boolean, safeSteps: string[], act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (reason) {
    if (reason instanceof StepError && !isReading)
      reason.message += `\n${safeSteps.includes(reason.step) ? NOTHING_ARMS : REPEAT}`
    throw reason
  }
}

async function identify(job: Job): Promise<{ chip: string; mac: string }> {
  const ask = () => esptool.run(job.tool, esptool.chipArguments(job.tool, job.port), () => undefined)
  let text: string
  try {
    text = await ask()
  } catch (reason) {
    // run() has noticed whether it was the stub that is missing; then the ROM loader will do.
    if (job.tool.hasStub || !(reason instanceof FlashError)) throw reason
    process.stdout.write('This esptool has no stub: going on without, which takes some minutes longer.\n')
    text = await ask()
  }
  const found = esptool.identity(text)
  if (/^ESP32-?(S|C|H|P)\d/i.test(found.chip)) throw new FlashError(explain(`This chip is ${found.chip}, not ESP32`))
  if (found.mac === '') throw new FlashError(`esptool did not tell the chip's MAC; it said:\n${text.trim()}`)
  return found
}

async function readCodes({ config, users }: Chosen): Promise<UserCode[]> {
  const prompter = createPrompter(process.stdin, process.stdout)
  const { codeLength, options, partitions, receivers } = config
  const mayDuress = (options & Option.NO_DURESS) === 0 && receivers.some(({ isMonitoring }) => isMonitoring)
  try {
    if (users.length === 0) return await askCodes(prompter, codeLength, mayDuress)
    return await askCodesOf(prompter, codeLength, users, partitions.split('\n').length)
  } finally {
    prompter.close()
  }
}

function description(job: Job, map: BoardMap, steps: Step[], users: User[]): string {
  const lines = ['Dry run: nothing is touched.', `Board: ${map.name}, ${map.title}`, `Port: ${job.port}`]
  lines.push(`Program: ${job.program.length} bytes`)
  if (job.makeContents !== undefined) {
    const whose = users.length === 0 ? '' : ` of users ${users.map((user) => user.user).join(', ')}`
    lines.push(`Codes${whose}: asked twice, hidden, before the first step; only keyed hashes leave this computer`)
  }
  const chip =
    job.image === undefined
      ? []
      : [
          {
            title: 'Ask which chip it is',
            commands: [[job.tool.command, ...esptool.chipArguments(job.tool, job.port)].join(' ')],
          },
        ]
  const all = [...chip, ...steps]
  all.forEach((step, index) => {
    lines.push(`[${index + 1}/${all.length}] ${step.title}`, ...step.commands.map((command) => `    ${command}`))
  })
  return `${lines.join('\n')}\n`
}

async function bundleText(path: string | undefined, map: BoardMap): Promise<string> {
  if (path === undefined) {
    const { buildBoard } = await import('../targets')
    return (await buildBoard(map.name, targetOptions())).code
  }
  try {
    return readFileSync(path, 'latin1')
  } catch {
    throw new FlashError(`--bundle ${path} cannot be read: build it with npm run build -- --board ${map.name}`)
  }
}

/** That of the panel's file; a file that cannot be read is told later. */
function boardOf(path: string | undefined): string | undefined {
  if (path === undefined || !existsSync(path) || !statSync(path).isFile()) return undefined
  return boardIn(readFileSync(path, 'utf8'))
}

function chooseBoard(name: string | undefined, isDry: boolean): BoardMap {
  const names = BOARDS.map((map) => map.name)
  if (name === undefined && !isDry)
    throw new FlashError(`name the board with --board, or in the file: ${names.join(', ')}`)
  try {
    return find(name ?? names[0])
  } catch (reason) {
    throw new FlashError((reason as Error).message)
  }
}

function choosePanel(path: string | undefined, map: BoardMap, isDry: boolean): Chosen | undefined {
  if (path !== undefined) return readPanel(path, map)
  if (isDry) return undefined
  throw new FlashError("name the file with the panel's settings with --config")
}

function chooseImage(path: string | undefined, isDry: boolean): images.Image {
  if (path !== undefined) return images.open(path)
  if (isDry) return images.expected()
  throw new FlashError(`name the interpreter's image with --image: ${images.IMAGE_NAME} from ${images.IMAGE_URL}`)
}

function chooseTool(isDry: boolean): esptool.Esptool {
  try {
    return esptool.locate()
  } catch (reason) {
    if (!isDry) throw reason
    process.stdout.write(`Not ready yet: ${(reason as Error).message}\n`)
    return { ...esptool.ASSUMED }
  }
}

function choosePort(isDry: boolean): string {
  const choice = ports.choose(ports.list())
  if ('path' in choice) return choice.path
  if (!isDry) throw new FlashError(explain(choice.problem))
  process.stdout.write(`Not ready yet: ${explain(choice.problem)}\n`)
  return 'PORT'
}

function speed(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d+$/.test(text) || Number(text) < 9600)
    throw new FlashError(`--baud is '${text}': use 115200, 460800 or 921600`)
  return Number(text)
}

/** PANEL_IMAGE and PANEL_FLASH_BASE: for the interpreter's Linux build, which has another name and flash elsewhere. */
function target(): Target {
  const { image, flashBase } = targetOptions()
  return { image: image ?? ESP32.image, flashBase: flashBase ?? ESP32.flashBase }
}

function targetOptions(): { image?: string; flashBase?: number } {
  const { PANEL_IMAGE: image, PANEL_FLASH_BASE: base } = process.env
  return { ...(image && { image }), ...(base && { flashBase: Number(base) }) }
}

function isForUser(reason: unknown): reason is Error {
  return reason instanceof FlashError || (reason instanceof Error && reason.constructor.name === 'BundleError')
}
