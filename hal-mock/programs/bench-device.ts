/**
 * Rows of a board's own bundle in the interpreter with the board's memory (ESPRUINO_ESP32): what is in use at rest, and
 * the instructions of an idle second and of a key, without those of the fakes (bench-unseen.ts).
 */

import { execFileSync } from 'node:child_process'
import { buildBoard, LIMIT_JSVARS } from '../../board/targets'
import { DEMO_CODES } from '../demo'
import { bareBoard, MARK, REST_SECONDS } from './bare-board'
import { bareStation } from './bare-station'
import type { Row } from './bench-row'
import { countUnseen } from './bench-unseen'
import { Interpreter } from './interpreter'

const BOARD = 'devkitc-4x3'
/** Of all that a panel may take at any time. */
const MEMORY_GOAL = 6000
const IDLE_GOAL = 8e6
const IDLE_SECONDS = 10
/** At two chips. */
const LOOPS = 8
const LOOP_SECONDS = 3

function digits(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

/** What the script does after the panel has come to rest, by what it measures. */
const STORIES = {
  'after boot': '',
  armed: `pressKeys('${digits('code A')}');runFor(2);pressKeys('2');runFor(60);`,
  'after one duress cycle': `pressKeys('${digits('duress A')}');runFor(20);`,
  'after ten duress cycles': `for(var cycle=0;cycle<10;cycle++){pressKeys('${digits('duress A')}');runFor(20)}`,
}
/** Cycles of a duress code after which a panel whose station answers is looked at: it must have forgotten them all. */
const CYCLES = [0, 1, 3, 10]
/** Of a cycle; then the panel is at rest again, and what it needs seldom has been dropped. */
const CYCLE_SECONDS = 20

/** Rows of one interpreter build. Fails: with an Error that has what the interpreter said. */
export async function deviceRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    const { code } = await buildBoard(BOARD, { flashBase: 0, image: imageName(binary) })
    await interpreter.store({ '.bootcde': code })
    const head = `${bareBoard(code)}runFor(${REST_SECONDS});`
    const rows: Row[] = [row(`${BOARD}: bundle`, code.length, 'bytes', null)]
    for (const [when, story] of Object.entries(STORIES)) {
      say(`${BOARD}: variables in use ${when} ...`)
      const value = await figure(
        interpreter,
        `${head}${story}print('${MARK}'+(process.memory().usage-usageBefore));quit();`,
      )
      const goal = story === '' ? LIMIT_JSVARS : MEMORY_GOAL
      rows.push(row(`${BOARD}: panel from Storage, ${when}`, value, 'JsVars', goal))
    }
    const served = `${bareBoard(code, bareStation())}runFor(${REST_SECONDS});`
    rows.push(...(await cycleRows(interpreter, served, say)))
    rows.push(...(await instructionRows(interpreter, served, say)))
    rows.push(...(await loopRows(interpreter, `${bareBoard(code, '', undefined, LOOPS)}runFor(${REST_SECONDS});`, say)))
    return rows
  } finally {
    interpreter.close()
  }
}

/** What is in use after so many duress codes, each of which the station has kissed off over both paths. */
async function cycleRows(interpreter: Interpreter, head: string, say: (text: string) => void): Promise<Row[]> {
  say(`${BOARD}: variables in use after duress codes that were kissed off ...`)
  const look = `print('${MARK}'+(process.memory().usage-usageBefore)+' '+kissedOff+' '+overModem);`
  const cycle = `pressKeys('${digits('duress A')}');runFor(${CYCLE_SECONDS - 1});runFor(1-clock%1);`
  const count = CYCLES[CYCLES.length - 1]
  const run = await interpreter.execute(
    `${head}runFor(1-clock%1);${look}for(var cycle=0;cycle<${count};cycle++){${cycle}${look}}quit();`,
  )
  const figures = run.lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length).split(' '))
  const [, before, modemBefore] = figures[0] ?? []
  const [, after, modemAfter] = figures[count] ?? []
  const overModem = Number(modemAfter) - Number(modemBefore)
  if (run.complaint !== '' || overModem !== count || Number(after) - Number(before) !== 2 * count)
    throw new Error(`not every code was kissed off over both paths: ${run.complaint || run.lines.join(' ')}`)
  return CYCLES.map((cycles) =>
    row(`${BOARD}: with a station, after ${cycles} duress codes`, Number(figures[cycles][0]), 'JsVars', MEMORY_GOAL),
  )
}

/** process.env.BOARD of a Linux build: what boot must find there. */
export function imageName(binary: string): string {
  const told = execFileSync(binary, ['-e', 'print(process.env.BOARD);quit()'], { input: '' }).toString()
  return /LINUX\w*/.exec(told)?.[0] ?? 'LINUX'
}

/** What a panel at rest does in the time of a key, or of a code, is taken off. */
async function instructionRows(interpreter: Interpreter, head: string, say: (text: string) => void): Promise<Row[]> {
  say(`${BOARD}: instructions of an idle second, of a key and of a code ...`)
  const code = digits('code A')
  const { counts } = await countUnseen(
    interpreter,
    head,
    `counted(function(){runFor(${IDLE_SECONDS})});counted(function(){pressKeys('1')});runFor(12);
pressKeys('${code.slice(0, 5)}');counted(function(){pressKeys('${code.slice(5)}')});`,
  )
  if (counts.length === 0) return []
  const idle = counts[0] / IDLE_SECONDS
  return [
    row(`${BOARD}: an idle second, both paths ready`, Math.round(idle), 'instructions', IDLE_GOAL),
    row(`${BOARD}: a key press of 0.2 s`, Math.round(counts[1] - idle * 0.2), 'instructions', null),
    row(`${BOARD}: the last key of a code, 0.2 s`, Math.round(counts[2] - idle * 0.2), 'instructions', null),
  ]
}

async function loopRows(interpreter: Interpreter, head: string, say: (text: string) => void): Promise<Row[]> {
  say(`${BOARD}: ${LOOPS} loops at ADS1115s ...`)
  const script = `${head}print('${MARK}'+(process.memory().usage-usageBefore));quit();`
  const what = `${LOOPS} loops at ADS1115s`
  const rows = [row(`${BOARD}: at rest, ${what}`, await figure(interpreter, script), 'JsVars', null)]
  const { counts } = await countUnseen(interpreter, head, `counted(function(){runFor(${LOOP_SECONDS})});`)
  if (counts.length === 0) return rows
  return [...rows, row(`${BOARD}: an idle second, ${what}`, Math.round(counts[0] / LOOP_SECONDS), 'instructions', null)]
}

async function figure(interpreter: Interpreter, script: string): Promise<number> {
  const run = await interpreter.execute(script)
  const line = run.lines.find((text) => text.startsWith(MARK))
  if (run.complaint !== '' || line === undefined)
    throw new Error(`the interpreter complains: ${run.complaint || run.lines.join(' ')}`)
  return Number(line.slice(MARK.length))
}

function row(name: string, value: number, unit: string, goal: number | null): Row {
  return { name, value, unit, goal, better: 'lower' }
}
