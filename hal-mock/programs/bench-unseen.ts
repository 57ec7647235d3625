/**
 * Counting the panel's instructions without those of the fakes under it (bare-board.ts): Array.some() switches counting off
 * inside of [0].forEach() (interpreter.ts), and would switch it on elsewhere. Getting there takes more than the call of a
 * native would; two probes tell how much, and that is taken off for each call.
 *
 * A call makes no function and no variable: closures that wait for the garbage collector would make each later call dearer.
 */

import { MARK } from './bare-board'
import type { Interpreter } from './interpreter'

/** Where the bundle begins in bare-board.ts' head: what it takes from the board is hidden by then. */
const BUNDLE = 'var usageBefore='
/** Calls by which the bench finds out what its own part of a call is. */
const PROBES = 100

/**
 * In bare-board.ts' head, in front of the bundle, so that this finds them hidden: hide(holder, name, what), and counted(act), which counts one call of act. hiding.calls has the
 * calls of the last one by what they were.
 */
const UNSEEN = `
var hiding={isOn:false,calls:{},told:[]};
function hide(holder,name,what){var old=holder[name],one=[0],first,second,result,my=hiding,act=function(){result=old.call(holder,first,second)};
holder[name]=function(a,b){first=a;second=b;my.calls[what]++;if(my.isOn)one.some(act);else act();return result}}
function counted(act){for(var what in hiding.calls)hiding.calls[what]=0;hiding.isOn=true;[0].forEach(act);hiding.isOn=false;
var sum=0;for(var what in hiding.calls)sum+=hiding.calls[what];hiding.told.push(sum)}
var probe={noop:function(a,b){return 0},clip:E.clip};hide(probe,'noop','probes');
hiding.calls={probes:0,'SPI frames':0,commands:0,'I2C transfers':0,'flash reads':0,'flash writes':0,'flash erases':0,pins:0,clock:0,timer:0,watchdog:0};
counted(function(){for(var index=0;index<${PROBES};index++)probe.noop(index,index)});
counted(function(){for(var index=0;index<${PROBES};index++)probe.clip(index,index)});
hide(SPI2,'send','SPI frames');hide(Serial3,'write','commands');hide(I2C1,'writeTo','I2C transfers');hide(I2C1,'readFrom','I2C transfers');
hide(fakeFlash,'read','flash reads');hide(fakeFlash,'write','flash writes');hide(fakeFlash,'erasePage','flash erases');
hide(global,'digitalRead','pins');hide(global,'digitalWrite','pins');hide(global,'pinMode','pins');hide(global,'getTime','clock');
hide(global,'setTimeout','timer');hide(global,'clearTimeout','timer');hide(E,'kickWatchdog','watchdog');
`

export interface Counted {
  /** Instructions of each counted() of the script; none when valgrind is not there. */
  counts: number[]
  /** What the script printed. */
  lines: string[]
}

/** head: of bare-board.ts; script: what follows. lookFrom: as in Interpreter.countCalls(). */
export async function countUnseen(
  interpreter: Interpreter,
  head: string,
  script: string,
  lookFrom = 0,
): Promise<Counted> {
  const at = head.indexOf(BUNDLE)
  if (at < 0) throw new Error('no head of bare-board.ts')
  const { run, counts } = await interpreter.countCalls(
    `${head.slice(0, at)}${UNSEEN}${head.slice(at)}${script}print('${MARK}'+hiding.told);quit();`,
    lookFrom,
  )
  if (counts.length === 0) return { counts, lines: run.lines }
  const told = run.lines.filter((line) => line.startsWith(MARK)).pop() ?? ''
  const hidden = told.slice(MARK.length).split(',').map(Number)
  const [probed, native, ...found] = counts
  const each = (probed - native) / PROBES
  return { counts: found.map((count, at) => count - hidden[at + 2] * each), lines: run.lines }
}
