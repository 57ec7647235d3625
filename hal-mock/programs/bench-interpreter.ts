/** Rows that need the real interpreter: variables in use, and instructions of the commit path. */

import { buildFirmware, buildStoryBench } from '../../board/targets'
import type { Row } from './bench-row'
import { Interpreter } from './interpreter'

const MEMORY_GOAL = 6000
const COMMIT_GOAL = 12e6
/** Percent of the commit path by which user, duress and wrong codes may differ. */
const DIFFERENCE_GOAL = 0.01
/** Written by the script when it has something to tell. */
const MARK = 'figure '

/** The firmware's short names fill the global scope, so scripts keep their own ones inside a function. */
const LOAD = `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));`

/**
 * The firmware's own variables: what its code takes when it is loaded, and what comes free when panel and code table
 * are dropped. The modelled hardware stays and does not count, but the record of closures in front of it does. What the
 * bench remembers is forgotten on the way, and holes are closed: the two together fill the memory (interpreter.ts).
 */
const MEMORY_SCRIPT = `eval(require('Storage').read('bench'));var usedBefore=process.memory().usage;
eval(require('Storage').read('firmware'));(function(){
function used(){return process.memory().usage}
var code=used()-usedBefore;
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:1});
function own(){var p=sim.panel,t=sim.table,b=used();sim.panel=undefined;sim.table=undefined;p=undefined;t=undefined;return code+b-used()}
function type(name){bench.DEMO_CODES.forEach(function(c){if(c.name==name)sim.type(c.digits)})}
function go(seconds){for(;seconds>0;seconds--){sim.runTo(sim.clock.nowMs+1000);sim.onlooker.sights=[];sim.station.splice(0);sim.stationAtMs.splice(0);E.defrag()}}
sim.powerOn();go(25);
for(var i=0;i<CYCLES;i++){type('duress A');go(30)}
print('${MARK}'+own());})();`

/**
 * A panel whose table holds a code in the slot asked for; all keys of it are pressed, the last one where it is counted by
 * itself (Interpreter.countCalls). The difference of two whole runs will not do: in one of them the interpreter may
 * collect its garbage once more. Flash is bare arrays, a page each once it is written, because the modelled chip's own
 * work is none of the panel's. The journal has counted an event: from 0, where it stands only before the first one, a wrong
 * code goes back to 9999, a longer number. Garbage is collected before the count: what order the free variables are in depends
 * on the text of this script, which is not of one length for all cases, and shows as some 1300 instructions.
 */
function commitScript(slot: number, isDuress: boolean, isRight: boolean): string {
  return `${LOAD}(function(){
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:1}),hal=sim.board.hal();
var m=[];
hal.flash={pageBytes:4096,pageCount:16,read:function(a,n){var p=m[a>>12];return p===undefined?new Uint8Array(n).fill(255):new Uint8Array(p.buffer,a&4095,n)},
write:function(a,b){var p=m[a>>12]||(m[a>>12]=new Uint8Array(4096).fill(255));p.set(b,a&4095)},erase:function(p){m[p]=undefined}};
for(var s=0;s<64;s++){var d=''+(352671+s*1013);firmware.storeCode(sim.table,hal,s,d,1+(s%8),s==${slot}&&${isDuress},3,255)}
var p=firmware.create(hal,bench.demoConfig(),sim.table,1);
firmware.keep(p,602,1,0);
var code=''+(352671+${slot}*1013);
if(!${isRight})code=code.substr(0,5)+((+code.charAt(5)+5)%10);
for(var i=0;i<5;i++)firmware.keyPressed(p,code.charAt(i),1000+i);
process.memory();
[0].forEach(function(){firmware.keyPressed(p,code.charAt(5),2000);while(firmware.verify(p));});})();quit();`
}

export async function interpreterRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    await interpreter.store({
      firmware: (await buildFirmware()).code,
      bench: (await buildStoryBench('a', MEMORY_SCRIPT + commitScript(0, true, true))).code,
    })
    const rows = await memoryRows(interpreter, say)
    rows.push(...(await commitRows(interpreter, say)))
    return rows
  } finally {
    interpreter.close()
  }
}

async function memoryRows(interpreter: Interpreter, say: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = []
  for (const [cycles, when] of [
    [0, 'after boot'],
    [1, 'after a duress cycle'],
    [3, 'after three duress cycles'],
  ] as const) {
    say(`variables in use ${when} ...`)
    const value = await figure(interpreter, MEMORY_SCRIPT.replaceAll('CYCLES', String(cycles)))
    rows.push({
      name: `firmware in the interpreter, ${when}`,
      value,
      unit: 'JsVars',
      goal: MEMORY_GOAL,
      better: 'lower',
    })
  }
  return rows
}

async function figure(interpreter: Interpreter, script: string): Promise<number> {
  const run = await interpreter.execute(script)
  const line = run.lines.find((text) => text.startsWith(MARK))
  if (run.complaint !== '' || line === undefined)
    throw new Error(`the interpreter complains: ${run.complaint || run.lines.join(' ')}`)
  return Number(line.slice(MARK.length))
}

async function commitRows(interpreter: Interpreter, say: (text: string) => void): Promise<Row[]> {
  const cases = [0, 31, 63].flatMap((slot) => [
    { name: `user code in slot ${slot}`, slot, isDuress: false, isRight: true },
    { name: `duress code in slot ${slot}`, slot, isDuress: true, isRight: true },
  ])
  cases.push({ name: 'wrong code', slot: 0, isDuress: false, isRight: false })
  const rows: Row[] = []
  const words: number[] = []
  for (const entry of cases) {
    say(`instructions of the commit path, ${entry.name} ...`)
    const { counts, parsed } = await interpreter.countCalls(commitScript(entry.slot, entry.isDuress, entry.isRight), 0)
    if (counts.length === 0) {
      say('valgrind is not there: the instruction rows are left out (Debian package valgrind)')
      return []
    }
    words.push(parsed[0])
    rows.push({
      name: `commit path, ${entry.name}`,
      value: counts[0],
      unit: 'instructions',
      goal: COMMIT_GOAL,
      better: 'lower',
    })
  }
  const values = rows.map((row) => row.value)
  const least = Math.min(...values)
  rows.push({
    name: 'commit path, largest difference between these',
    value: ((Math.max(...values) - least) / least) * 100,
    unit: '%',
    goal: DIFFERENCE_GOAL,
    better: 'lower',
  })
  // The same statements in each case: what differs above is how a number is kept, in a name or in a variable of its own.
  rows.push({
    name: 'commit path, largest difference in reading the script',
    value: Math.max(...words) - Math.min(...words),
    unit: 'instructions',
    goal: 0,
    better: 'lower',
  })
  return rows
}
