/**
 * Rows of the passes of a board's bundle from the first key of a duress code until it is kissed off on both paths: what a key
 * may have to wait for. Counted as in bench-device.ts.
 */

import { buildBoard } from '../../board/targets'
import { DEMO_CODES } from '../demo'
import { bareBoard, REST_SECONDS } from './bare-board'
import { bareStation } from './bare-station'
import { imageName } from './bench-device'
import type { Row } from './bench-row'
import { countUnseen } from './bench-unseen'
import { Interpreter } from './interpreter'

const BOARD = 'devkitc-4x3'
const CODE_SECONDS = 8
/** 50 ms at the 80 M instructions a second that docs/boards.md estimates for an ESP32. */
const PASS_GOAL = 4e6

/** Rows of one interpreter build. Fails: with an Error that has what the interpreter said. */
export async function passRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    const { code, sources, parts } = await buildBoard(BOARD, { flashBase: 0, image: imageName(binary) })
    await interpreter.store({ '.bootcde': code })
    const holder = sources.get('firmware/parts.ts#loaded') as string
    const names = parts.map(({ name }) => name)
    say(`${BOARD}: each pass of a duress code ...`)
    const head = `${bareBoard(code, bareStation())}runFor(${REST_SECONDS});`
    const { counts, lines } = await countUnseen(interpreter, head, storyOf(holder, names), PASS_GOAL)
    if (counts.length === 0) return []
    const longest = counts.indexOf(Math.max(...counts))
    const did = (lines.find((text) => text.startsWith(`pass ${longest} `)) ?? '').replace(/^pass \d+ /, '')
    const tooLong = counts.filter((count) => count > PASS_GOAL).length
    return [
      row(`${BOARD}: the longest pass of a duress code (${did})`, counts[longest], 'instructions', PASS_GOAL),
      row(`${BOARD}: longer passes than that goal, of ${counts.length}`, tooLong, 'passes', 0),
    ]
  } finally {
    interpreter.close()
  }
}

/** Each pass counted by itself, and what it did. Parts that were made show in `holder`. */
function storyOf(holder: string, names: string[]): string {
  const duress = DEMO_CODES.find((code) => code.name === 'duress A')?.digits ?? ''
  return `
var passes=0,partNames=${JSON.stringify(names)};function isMade(part){return ${holder}[part]?1:0}
runFor=function(seconds){for(var end=clock+seconds;clock<end;){clock+=pause/1000;
 var was=partNames.map(function(n,part){return isMade(part)});counted(pending);
 var did=partNames.filter(function(n,part){return isMade(part)>was[part]}).map(function(n){return 'makes '+n});
 for(var what in hiding.calls)if(hiding.calls[what])did.unshift(what+' '+hiding.calls[what]);
 print('pass '+passes+++' '+did.join(', '))}};
pressKeys('${duress}');runFor(${CODE_SECONDS});`
}

function row(name: string, value: number, unit: string, goal: number): Row {
  return { name, value, unit, goal, better: 'lower' }
}
