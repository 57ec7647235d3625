/**
 * Rows of what grows with the panel, of a board's own bundle in the interpreter with the board's memory (ESPRUINO_ESP32):
 * instructions and variables at 8 to 64 zones, as many codes, and at most 8 partitions. Zones are at port expanders, and
 * what the fakes do is not counted (bench-unseen.ts).
 */

import { buildBoard, LIMIT_JSVARS } from '../../board/targets'
import { DEMO_CODES } from '../demo'
import { bareBoard, MARK, REST_SECONDS, type Size } from './bare-board'
import { bareStation } from './bare-station'
import { imageName } from './bench-device'
import type { Row } from './bench-row'
import { countUnseen } from './bench-unseen'
import { Interpreter } from './interpreter'

const BOARD = 'devkitc-4x3'
const SIZES: Size[] = [8, 16, 32, 64].map((count) => ({
  zones: count,
  codes: count,
  partitions: Math.min(count >> 3, 8),
}))
/** Of all that a panel may take at any time. */
const MEMORY_GOAL = 6000
/** What an idle second may take, and how much more of it with 64 zones than with 8. */
const IDLE_GOAL = 8e6
const GROWTH_GOAL = 1.3
/** The expanders' registers are read back in one of them (expander.ts). */
const IDLE_SECONDS = 10

function digits(name: string): string {
  return DEMO_CODES.find((code) => code.name === name)?.digits ?? ''
}

/** Address and input of the last zone of a panel. */
function lastInput({ zones }: Size): string {
  const at = (zones - 3) % 14
  return `${0x20 + Math.floor((zones - 3) / 14)},${at + (at > 6 ? 1 : 0)}`
}

/** What is measured, in this order: a name, what is done uncounted before, what is done, and its seconds. */
function phases(size: Size): [name: string, before: string, act: string, seconds: number][] {
  const user = digits('code A')
  return [
    ['an idle second', '', `runFor(${IDLE_SECONDS})`, IDLE_SECONDS],
    ['a zone opens, with what follows in the second after', `openInput(${lastInput(size)},true);`, 'runFor(1)', 1],
    ['a key press', `openInput(${lastInput(size)},false);runFor(6);`, `pressKeys('1')`, 0.2],
    ['the last key of a code', `runFor(12);pressKeys('${user.slice(0, 5)}');`, `pressKeys('${user.slice(5)}')`, 0.2],
    ['arming', 'runFor(2);', `pressKeys('2');runFor(1.3)`, 1.5],
  ]
}

/** Rows of one interpreter build. Fails: with an Error that has what the interpreter said. */
export async function growthRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    const { code } = await buildBoard(BOARD, { flashBase: 0, image: imageName(binary) })
    await interpreter.store({ '.bootcde': code })
    const rows: Row[] = []
    const counted: number[][] = []
    for (const size of SIZES) {
      const head = `${bareBoard(code, bareStation(), size)}runFor(${REST_SECONDS});`
      say(`${BOARD}: ${size.zones} zones ...`)
      rows.push(...(await memoryRows(interpreter, head, size)))
      counted.push(await costs(interpreter, head, size))
    }
    if (counted.some((found) => found.length === 0)) return rows
    return [...rows, ...costRows(counted)]
  } finally {
    interpreter.close()
  }
}

/** At rest, and the most of a day in small: a zone opens, a code arms, duress codes are kissed off, a menu. */
async function memoryRows(interpreter: Interpreter, head: string, size: Size): Promise<Row[]> {
  const isLargest = size === SIZES[SIZES.length - 1]
  const day = `pressKeys('${digits('code A')}');runFor(2);pressKeys('2');runFor(70);tell();
for(var cycle=0;cycle<3;cycle++){pressKeys('${digits('duress A')}');runFor(20)}
openInput(${lastInput(size)},true);runFor(3);openInput(${lastInput(size)},false);runFor(3);pressKeys('*3');runFor(8);`
  const run = await interpreter.execute(`${head}
var mostUsed=0;
function used(){return process.memory().usage-usageBefore}
function tell(){print('${MARK}'+used())}
runFor=function(seconds){for(var end=clock+seconds;clock<end;){clock+=pause/1000;pending();if(used()>mostUsed)mostUsed=used()}};
tell();${isLargest ? `${day}print('${MARK}'+mostUsed);` : ''}quit();`)
  const found = run.lines.filter((line) => line.startsWith(MARK)).map((line) => Number(line.slice(MARK.length)))
  if (run.complaint !== '' || found.length !== (isLargest ? 3 : 1))
    throw new Error(`the interpreter complains: ${run.complaint || run.lines.join(' ')}`)
  const what = sizeText(size)
  const rows = [row(`${BOARD}: at rest, ${what}`, found[0], 'JsVars', LIMIT_JSVARS)]
  if (isLargest) {
    rows.push(row(`${BOARD}: armed, ${what}`, found[1], 'JsVars', MEMORY_GOAL))
    rows.push(row(`${BOARD}: the most at any time, ${what}`, found[2], 'JsVars', MEMORY_GOAL))
  }
  return rows
}

function sizeText({ zones, codes, partitions }: Size): string {
  return `${zones} zones, ${codes} codes, ${partitions} partition${partitions > 1 ? 's' : ''}`
}

/** Instructions of each phase; none when valgrind is not there. */
async function costs(interpreter: Interpreter, head: string, size: Size): Promise<number[]> {
  const script = phases(size)
    .map(([, before, act]) => `${before}counted(function(){${act}});`)
    .join('')
  return (await countUnseen(interpreter, head, script)).counts
}

function costRows(counted: number[][]): Row[] {
  const rows: Row[] = []
  phases(SIZES[0]).forEach(([name, , , seconds], phase) => {
    // What an idle panel does in that time is taken off.
    const net = counted.map((found) =>
      phase === 0 ? found[0] / seconds : found[phase] - (found[0] / IDLE_SECONDS) * seconds,
    )
    SIZES.forEach(({ zones }, at) => {
      const isLast = at === SIZES.length - 1
      const goal = phase === 0 && isLast ? IDLE_GOAL : null
      rows.push(row(`${BOARD}: ${name}, ${zones} zones`, Math.round(net[at]), 'instructions', goal))
    })
    const growth = Math.round((net[SIZES.length - 1] / net[0]) * 100) / 100
    rows.push(row(`${BOARD}: ${name}, 64 zones to 8`, growth, 'ratio', phase === 0 ? GROWTH_GOAL : null))
  })
  return rows
}

function row(name: string, value: number, unit: string, goal: number | null): Row {
  return { name, value, unit, goal, better: 'lower' }
}
