/**
 * Which functions of the firmware the interpreter has executed: syntax that it does not know is only noticed when it is
 * reached (espruino.md fact 19). The bundle is built with its names, a mark is set at the head of each function, and the
 * shipped scenarios and a story of faults run with it.
 */

import { parseSync, traverse, types } from '@babel/core'
import { buildBench, buildReadable } from '../../board/targets'
import { Interpreter } from '../../hal-mock/programs/interpreter'
import { loadShipped, shippedNames } from '../../hal-mock/programs/shipped'

export interface Coverage {
  total: number
  /** Names of functions that never ran. */
  missed: string[]
  problems: string[]
}

const MARKS = 'functionMarks'

/** Everything that the shipped scenarios leave out: chips that die, answers that are refused, codes that are wrong. */
const FAULTS = `
var sim=new bench.Simulator({firmware:firmware,config:bench.demoConfig(),crypto:bench.natives,seed:7});
// What the bench remembers is dropped on the way: it would fill the memory.
function go(seconds){sim.runTo(sim.clock.nowMs+seconds*1000);sim.onlooker.sights=[];sim.station.splice(0);sim.stationAtMs.splice(0);print('marks '+functionMarks.join(''))}
sim.powerOn();go(25);
for(var i=0;i<6;i++){sim.type('111111');go(4)}
sim.type('*12#');go(4);go(95);sim.type('274916');go(3);sim.type('2');go(3);sim.type('274916');go(12);
sim.receiver.mode='nak';sim.type('618043');go(20);sim.receiver.mode='duh';sim.type('618043');go(20);
sim.receiver.mode='silent';sim.type('618043');go(60);sim.receiver.mode='ack';go(90);
sim.board.ethernet.faults.deadBus='ff';go(80);sim.board.ethernet.faults.deadBus='none';go(70);
sim.board.ethernet.faults.sendOkNever=true;sim.type('618043');go(40);sim.board.ethernet.faults.sendOkNever=false;go(30);
sim.board.ethernet.brownOut();go(20);sim.setInternet('ethernet',false);sim.type('618043');go(60);sim.setInternet('ethernet',true);go(60);
sim.setLink('ethernet',false);go(10);
sim.board.modem.reboot();go(40);sim.board.modem.faults.promptMissing=true;sim.type('618043');go(60);sim.board.modem.faults.promptMissing=false;go(60);
sim.board.modem.faults.partialSend=true;sim.type('618043');go(60);sim.board.modem.faults.partialSend=false;go(60);
sim.board.modem.faults.pdpRefused=true;sim.board.modem.reboot();go(400);sim.board.modem.faults.pdpRefused=false;go(200);
sim.board.modem.faults.silent=true;go(200);sim.board.modem.faults.silent=false;go(200);
sim.board.modem.sim='absent';sim.board.modem.reboot();go(60);sim.board.modem.sim='ready';sim.board.modem.reboot();go(60);
sim.setLink('ethernet',true);go(30);
sim.board.flash.isFailing=true;sim.type('618043');go(10);sim.board.flash.isFailing=false;go(30);
sim.setLink('ethernet',false);sim.setLink('cellular',false);go(40);
for(var i=0;i<45;i++){sim.type('618043');go(2);sim.type('274916');go(2)}
sim.setLink('ethernet',true);sim.setLink('cellular',true);go(200);
for(var i=0;i<110;i++){sim.type('274916');go(2)}
sim.board.keypad.hold('5');go(35);sim.board.keypad.release('5');go(2);
sim.setZone(1,true);go(2);sim.type('274916');go(3);sim.type('2');go(3);sim.setZone(1,false);go(2);
`

export async function functionCoverage(binary: string, say: (text: string) => void): Promise<Coverage> {
  const { code, names } = marked((await buildReadable()).code)
  const seen = new Uint8Array(names.length)
  const problems: string[] = []
  const interpreter = new Interpreter(binary)
  await interpreter.store({ firmware: code, bench: (await buildBench()).code })
  const load = `eval(require('Storage').read('firmware'));eval(require('Storage').read('bench'));`
  const tell = `print('marks '+${MARKS}.join(''));`
  const stories: { [name: string]: string } = { faults: FAULTS }
  for (const name of shippedNames()) {
    stories[name] = `bench.run(firmware,${JSON.stringify(loadShipped(name))},function(){});`
  }
  for (const [name, story] of Object.entries(stories)) {
    say(`  functions executed in ${name} ...`)
    const run = await interpreter.execute(`${load}(function(){${story}})();${tell}`)
    // The marks only grow, so the last line has them all.
    const line = run.lines.filter((text) => text.startsWith('marks ')).pop()
    if (run.complaint !== '' || line === undefined) problems.push(`${name}: ${run.complaint || 'no marks came'}`)
    for (let index = 0; index < names.length; index++) if (line?.charAt(6 + index) === '1') seen[index] = 1
  }
  interpreter.close()
  return { total: names.length, missed: names.filter((_, index) => seen[index] === 0), problems }
}

/** The bundle with a mark at the head of each function, and their names in the order of the marks. */
function marked(code: string): { code: string; names: string[] } {
  const names: string[] = []
  const inserts: { at: number; text: string }[] = []
  traverse(parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File, {
    Function(path) {
      const body = path.node.body
      if (!types.isBlockStatement(body) || body.start == null) return
      const line = path.node.loc?.start.line
      const named =
        types.isFunctionDeclaration(path.node) || types.isFunctionExpression(path.node) ? path.node.id?.name : ''
      inserts.push({ at: body.start + 1, text: `${MARKS}[${names.length}]=1;` })
      names.push(named || `a function at line ${line}, column ${path.node.loc?.start.column}`)
    },
  })
  inserts.sort((left, right) => right.at - left.at)
  let text = code
  for (const insert of inserts) text = text.slice(0, insert.at) + insert.text + text.slice(insert.at)
  return { code: `var ${MARKS}=new Uint8Array(${names.length});${text}`, names }
}
