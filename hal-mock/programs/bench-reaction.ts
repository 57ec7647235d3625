/**
 * Rows of how soon a zone is seen and heard, of a board's own bundle in the interpreter with the board's memory
 * (ESPRUINO_ESP32): from the pass in which its change has lasted for its response time (W-8) until text, tone or siren are
 * out, whole passes, with 8 and with 64 zones. What the fakes do is not counted (bench-unseen.ts), but for the pins'.
 *
 * The passes before, in which the zone settles, have a row of their own: they cost no time, as long as they take less than
 * the response time.
 */

import { buildBoard } from '../../board/targets'
import { DEMO_CODES, demoConfig } from '../demo'
import { bareBoard, REST_SECONDS, type Size } from './bare-board'
import { bareStation } from './bare-station'
import { imageName } from './bench-device'
import type { Row } from './bench-row'
import { countUnseen } from './bench-unseen'
import { Interpreter } from './interpreter'

const BOARD = 'devkitc-4x3'
const SIZES: Size[] = [8, 64].map((count) => ({ zones: count, codes: count, partitions: count >> 3 }))
/** 100 ms at the 80 M instructions a second that docs/boards.md estimates for an ESP32. */
const REACTION_GOAL = 8e6
/** Response time of a zone (W-8), and what fits into it by the same estimate. */
const RESPONSE_SECONDS = 0.4
const SETTLING_GOAL = 32e6
/** Far more than any of them takes. */
const PASSES_LIMIT = 200
const TOLD = 'reaction '

/** Zones whose reaction is counted, in this order: what is done before, which contact opens, and what has to come of it. */
const STORIES: [name: string, before: string, open: string, isOut: string][] = [
  ['a zone opens, disarmed, until its text', '', 'openLast(true)', `lcdText().indexOf('Zone ')>0`],
  [
    'a delay zone opens, armed, until its tone',
    `openLast(false);runFor(6);pressKeys('${userCode()}');runFor(2);pressKeys('2');runFor(64);`,
    'openContacts=1',
    `pinLevels[${demoConfig().pins.buzzer}]===1`,
  ],
  [
    'an instant zone opens, armed, until the siren',
    'runFor(2);',
    'openLast(true)',
    `pinLevels[${demoConfig().pins.siren}]===1`,
  ],
]

function userCode(): string {
  return DEMO_CODES.find((code) => code.name === 'code A')?.digits ?? ''
}

/** Rows of one interpreter build. Fails: with an Error that has what the interpreter said. */
export async function reactionRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    const { code } = await buildBoard(BOARD, { flashBase: 0, image: imageName(binary) })
    await interpreter.store({ '.bootcde': code })
    const rows: Row[] = []
    for (const size of SIZES) {
      say(`${BOARD}: ${size.zones} zones, one of them opens ...`)
      rows.push(...(await rowsOf(interpreter, code, size)))
    }
    return rows
  } finally {
    interpreter.close()
  }
}

async function rowsOf(interpreter: Interpreter, code: string, size: Size): Promise<Row[]> {
  const { counts, lines } = await countUnseen(interpreter, reactionHead(code, size, REST_SECONDS), reactionStories())
  if (counts.length === 0) return []
  const told = lines.filter((line) => line.startsWith(TOLD)).map((line) => line.slice(TOLD.length))
  return STORIES.flatMap(([name], at) => {
    const [first, settled, end, isOut] = (told[at] ?? '').split(',').map(Number)
    if (isOut !== 1 || settled < 0) throw new Error(`${BOARD}: ${name}: nothing came of it: ${told.join(' ')}`)
    const sum = (from: number, to: number) => Math.round(counts.slice(from, to).reduce((all, one) => all + one, 0))
    const what = `${BOARD}: ${name}, ${size.zones} zones`
    return [
      row(what, sum(settled, end), 'instructions', REACTION_GOAL),
      row(`${what}: passes`, end - settled, 'passes', null),
      row(`${what}: the longest`, Math.round(Math.max(...counts.slice(settled, end))), 'instructions', null),
      row(`${what}: while it settles`, sum(first, settled), 'instructions', SETTLING_GOAL),
    ]
  })
}

/** The panel at rest, under fakes that tell what can be seen and heard: levels of pins, and the display's cells. */
export function reactionHead(code: string, size: Size, restSeconds: number): string {
  // The last zone of a panel: bare-board.ts has 14 at each chip, behind the two at GPIOs.
  const place = size.zones - 3
  const input = (place % 14) + (place % 14 > 6 ? 1 : 0)
  const watching = `
var lookedAt=0,pinLevels={},lcdCells=[],lcdAt=0,openContacts=0,bareRead=digitalRead,bareLevel=digitalWrite,bareWriteTo=I2C1.writeTo;
digitalWrite=function(p,l){pinLevels[p]=l;bareLevel(p,l)};
digitalRead=function(p){if(p[p.length-1]!==${demoConfig().zones.pins[0]})return bareRead(p);lookedAt=clock;return bareRead(p)|openContacts};
I2C1.writeTo=function(a,b){if(a===39)lcdTake(b);else bareWriteTo.call(I2C1,a,b)};
function lcdTake(b){for(var i=0;i+2<b.length;i+=4){var v=b[i]&240|b[i+2]>>4;if(b[i]&1)lcdCells[lcdAt++]=v;else if(v>127)lcdAt=v&127}}
function lcdText(){var t='';for(var i=0;i<16;i++)t+=String.fromCharCode(lcdCells[64+i]);return t}
function openLast(isOpen){openInput(${0x20 + Math.floor(place / 14)},${input},isOpen)}`
  return `${bareBoard(code, bareStation() + watching, size)}runFor(${restSeconds});`
}

/** Behind it, and behind bench-unseen.ts: each story counts its passes one by one and tells which of them are which. */
export function reactionStories(): string {
  const told = 'hiding.told.length-2' // without the two probes
  return `
function react(isOut){var first=${told},settled=-1,dueAt=0;
 while(!isOut()&&${told}-first<${PASSES_LIMIT}){
  clock+=pause/1000;
  if(settled<0&&dueAt&&clock>=dueAt)settled=${told};
  counted(pending);
  if(!dueAt&&lookedAt===clock)dueAt=clock+${RESPONSE_SECONDS}-0.0005}
 print('${TOLD}'+first+','+settled+','+(${told})+','+(isOut()?1:0))}
${STORIES.map(([, before, open, isOut]) => `${before}${open};react(function(){return ${isOut}});`).join('\n')}
`
}

function row(name: string, value: number, unit: string, goal: number | null): Row {
  return { name, value, unit, goal, better: 'lower' }
}
