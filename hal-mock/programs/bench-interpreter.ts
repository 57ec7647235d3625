/** Rows that need the real interpreter: variables in use, and instructions of the commit path. */

import { buildBench, buildFirmware } from '../../board/targets'
import type { Row } from './bench-row'
import { Interpreter } from './interpreter'

const MEMORY_GOAL = 2500
const COMMIT_GOAL = 12e6
/** Written by the script when it has something to tell. */
const MARK = 'figure '

/** The firmware's short names fill the global scope, so scripts keep their own ones inside a function. */
const LOAD = `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));`

/**
 * The firmware's own variables: what its code takes when it is loaded, and what comes free when panel and code table
 * are dropped. The modelled hardware stays and does not count, but the record of closures in front of it does.
 */
const MEMORY_SCRIPT = `eval(require('Storage').read('bench'));var usedBefore=process.memory().usage;
eval(require('Storage').read('firmware'));(function(){
function used(){return process.memory().usage}
var code=used()-usedBefore;
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:1});
function own(){var p=sim.panel,t=sim.table,b=used();sim.panel=undefined;sim.table=undefined;p=undefined;t=undefined;return code+b-used()}
function type(name){bench.DEMO_CODES.forEach(function(c){if(c.name==name)sim.type(c.digits)})}
sim.powerOn();sim.runTo(25000);
if(CYCLES){for(var i=0;i<CYCLES;i++){type('duress A');sim.runTo(25000+(i+1)*30000)}}
print('${MARK}'+own());})();`

/**
 * A panel whose table holds a code in the slot asked for; all keys of it are pressed but the last, and then that too.
 * Its flash is a bare array, because the modelled chip's own work is none of the panel's.
 */
function commitScript(slot: number, isDuress: boolean, isRight: boolean, pressesLast: boolean): string {
  return `${LOAD}(function(){
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:1}),hal=sim.board.hal();
var m=new Uint8Array(16384).fill(255);
hal.flash={pageBytes:4096,pageCount:4,read:function(a,n){return new Uint8Array(m.buffer,a,n)},
write:function(a,b){m.set(b,a)},erase:function(p){m.fill(255,p*4096,p*4096+4096)}};
for(var s=0;s<64;s++){var d=''+(352671+s*1013);firmware.storeCode(sim.table,hal,s,d,1+(s%8),s==${slot}&&${isDuress})}
var p=firmware.create(hal,bench.demoConfig(),sim.table),code=''+(352671+${slot}*1013);
if(!${isRight})code=code.substr(0,5)+((+code.charAt(5)+5)%10);
for(var i=0;i<5;i++)firmware.keyPressed(p,code.charAt(i),1000+i);
if(${pressesLast})firmware.keyPressed(p,code.charAt(5),2000);
print('${MARK}'+1);})();quit();`
}

export async function interpreterRows(binary: string, say: (text: string) => void): Promise<Row[]> {
  const interpreter = new Interpreter(binary)
  try {
    await interpreter.store({ firmware: (await buildFirmware()).code, bench: (await buildBench()).code })
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
  const cases = [
    { name: 'user code in the first slot', slot: 0, isDuress: false, isRight: true },
    { name: 'user code in the last slot', slot: 63, isDuress: false, isRight: true },
    { name: 'duress code in the first slot', slot: 0, isDuress: true, isRight: true },
    { name: 'duress code in the last slot', slot: 63, isDuress: true, isRight: true },
    { name: 'wrong code', slot: 0, isDuress: false, isRight: false },
  ]
  const rows: Row[] = []
  for (const entry of cases) {
    say(`instructions of the commit path, ${entry.name} ...`)
    const script = (last: boolean) => commitScript(entry.slot, entry.isDuress, entry.isRight, last)
    const [without, whole] = await Promise.all([
      interpreter.countInstructions(script(false)),
      interpreter.countInstructions(script(true)),
    ])
    if (Number.isNaN(whole)) {
      say('valgrind is not there: the instruction rows are left out (Debian package valgrind)')
      return []
    }
    rows.push({
      name: `commit path, ${entry.name}`,
      value: whole - without,
      unit: 'instructions',
      goal: COMMIT_GOAL,
      better: 'lower',
    })
  }
  return rows
}
