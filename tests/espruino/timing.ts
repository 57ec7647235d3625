/**
 * Time of the last key of a code by the wall clock, in the interpreter, class against class: user, duress and wrong codes in
 * random order, and Welch's t of each pair, as dudect does it (Reparaz, Balasch, Verbauwhede 2017). What the machine did in
 * between is cut off: the slowest tenth of all measurements does not count.
 *
 * A matcher that stops at the slot it finds is measured the same way; if that does not show, nothing is proved.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../board/pipeline'
import { buildStoryBench } from '../../board/targets'
import { Interpreter } from '../../hal-mock/programs/interpreter'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MATCHER = 'firmware/panel/codes.ts'
/** Of all the slots, not only of those that are compared in the same step. */
const EARLY_EXIT = [
  ['  const end = slot + STEP_SLOTS\n', '  let end = slot + STEP_SLOTS\n'],
  [
    '    allowed |= rights[slot++] & same\n',
    '    allowed |= rights[slot++] & same\n    if (same !== 0) {\n      end = SLOT_COUNT\n      break\n    }\n',
  ],
] as const
const CLASSES = ['user', 'duress', 'wrong']
/** |t| beyond this is a difference; the early exit has to be far beyond. */
export const T_LIMIT = 4.5
const T_PLANTED = 50
/** Share of the measurements that count. */
const KEPT = 0.9
const MARK = 'us '

/**
 * Slot 5 has the user's code, slot 40 the duress code. Everything that a code leaves is put back before the next one, so that
 * all start from the same panel; flash is bare arrays.
 */
function script(runs: number): string {
  return `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));(function(){
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:1}),hal=sim.board.hal();
var m=[];
hal.flash={pageBytes:4096,pageCount:16,read:function(a,n){var p=m[a>>12];return p===undefined?new Uint8Array(n).fill(255):new Uint8Array(p.buffer,a&4095,n)},
write:function(a,b){var p=m[a>>12]||(m[a>>12]=new Uint8Array(4096).fill(255));p.set(b,a&4095)},erase:function(p){m[p]=undefined}};
var digits=['352671','918264','746195'];
for(var s=0;s<64;s++)firmware.storeCode(sim.table,hal,s,s==5?digits[0]:s==40?digits[1]:''+(210537+s*1013),1+(s%8),s==40,3,255);
var p=firmware.create(hal,bench.demoConfig(),sim.table,1),j=p.queue.journal,state=12345;
for(var run=0;run<${runs * CLASSES.length};run++){
state=(state*1103515245+12345)%2147483648;var kind=(state>>16)%3,code=digits[kind];
p.queue.count=0;j.slot=5;j.sequence=100;if(m[j.page])m[j.page].fill(255,160);p.reactionAtMs=Infinity;p.wrongCount=0;p.installerWrong=0;p.page=0;
for(var i=0;i<5;i++)firmware.keyPressed(p,code.charAt(i),1000+i);
var last=code.charAt(5),from=getTime();firmware.keyPressed(p,last,2000);while(firmware.verify(p));print('${MARK}'+kind+' '+((getTime()-from)*1e6).toFixed(1));
}})();quit();`
}

export interface TimingReport {
  name: string
  /** Measurements of each class, and its mean in µs without the slowest tenth. */
  counts: number[]
  means: number[]
  /** Welch's t: user against duress, user against wrong. */
  userDuress: number
  userWrong: number
}

export async function timing(binary: string, runs: number, say: (text: string) => void): Promise<TimingReport[]> {
  const bench = (await buildStoryBench('a', script(1))).code
  const reports: TimingReport[] = []
  for (const name of ['the matcher', 'a matcher with an early exit']) {
    say(`${name}: ${runs} codes of each class ...`)
    const interpreter = new Interpreter(binary)
    try {
      await interpreter.store({ firmware: await variant(name !== 'the matcher'), bench })
      const run = await interpreter.execute(script(runs))
      if (run.complaint !== '') throw new Error(`the interpreter complains: ${run.complaint}`)
      reports.push(judge(name, run.lines))
    } finally {
      interpreter.close()
    }
  }
  return reports
}

/** Sentences about what is wrong; none when the matcher passes and the early exit shows. */
export function problemsOf([real, planted]: TimingReport[]): string[] {
  const problems: string[] = []
  if (Math.abs(real.userDuress) >= T_LIMIT) problems.push(`duress shows in time: t = ${real.userDuress.toFixed(1)}`)
  if (Math.abs(planted.userDuress) <= T_PLANTED)
    problems.push(`the early exit does not show: t = ${planted.userDuress.toFixed(1)}, more than ${T_PLANTED} is asked`)
  return problems
}

/** The firmware with its own property names, so that the script can put things back; with the early exit, if asked. */
async function variant(isPlanted: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'panel-timing-'))
  try {
    cpSync(join(ROOT, 'firmware'), join(folder, 'firmware'), { recursive: true })
    const file = join(folder, MATCHER)
    let source = readFileSync(file, 'utf8')
    for (const [from, to] of EARLY_EXIT) {
      if (source.split(from).length !== 2) throw new Error(`${MATCHER} has not exactly one '${from.trim()}'`)
      if (isPlanted) source = source.replace(from, to)
    }
    writeFileSync(file, source)
    return (await bundle(join(folder, 'firmware/app.ts'), { globalName: 'firmware' })).code
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function judge(name: string, lines: string[]): TimingReport {
  const times: number[][] = CLASSES.map(() => [])
  for (const line of lines) {
    const parts = /^us (\d) ([\d.]+)$/.exec(line)
    if (parts !== null) times[Number(parts[1])].push(Number(parts[2]))
  }
  const all = times.flat().sort((left, right) => left - right)
  const limit = all[Math.floor(all.length * KEPT)]
  const kept = times.map((list) => list.filter((time) => time <= limit))
  return {
    name,
    counts: times.map((list) => list.length),
    means: kept.map(mean),
    userDuress: welch(kept[0], kept[1]),
    userWrong: welch(kept[0], kept[2]),
  }
}

export function welch(left: number[], right: number[]): number {
  return (mean(left) - mean(right)) / Math.sqrt(variance(left) / left.length + variance(right) / right.length)
}

function mean(list: number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length
}

function variance(list: number[]): number {
  const middle = mean(list)
  return list.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (list.length - 1)
}
