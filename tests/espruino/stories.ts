/**
 * What has to happen so that every function of the firmware runs: chips that die, answers that are refused, codes that
 * are wrong. Each story is a run of its own in the interpreter, which starts with empty memory; so stories are short.
 *
 * To add one: a name, and the text that the interpreter runs. It has `sim` (hal-mock/simulator.ts), switched off, with
 * `ethernet`, `modem` and `flash` of its board, and
 *   go(seconds)         lets time pass
 *   wait(seconds)       the same for hours in which nothing but the paths' own pace matters
 *   code(name), keys(text)    has fingers type
 *   fill(count)         commits so many duress codes at once, faster than fingers could
 *   must(isSo, text)    ends the story when it is not so
 * and `heard`, how many events each receiver has got, the station's first; in a story with hasWorld also `dhcp` and `dns`.
 */

import type { ModemModel } from '../../hal-mock/modem-families'

export interface Story {
  name: string
  text: string
  /** Text that changes `config`, the demo's settings, before the panel is made. */
  settings?: string
  /** Words of premises.panelSettings; the story then has a router, a name server and a time server. */
  hasWorld?: string[]
  /** A7670 when left out. */
  model?: ModemModel
}

/**
 * Stands in front of each story, after its settings. What the bench remembers is dropped on the way, or it would fill the
 * memory, and its holes are closed (hal-mock/interpreter.ts). While no finger is busy, the panel is polled each 100 ms at
 * most: most of a story's time would go into reading the keypad.
 */
const STORY_HEAD = `
var restMs=0,paced={makeCodes:firmware.makeCodes,storeCode:firmware.storeCode,create:firmware.create,pathState:firmware.pathState,wake:firmware.wake,
 poll:function(panel){var dueMs=firmware.poll(panel),atMs=sim.board.upMs()+restMs;return dueMs<atMs?atMs:dueMs}};
var sim=new bench.Simulator({firmware:paced,config:config,crypto:firmware.natives||bench.natives,seed:7,modem:{model:model}});
var ethernet=sim.board.ethernet,modem=sim.board.modem,flash=sim.board.flash;
var heard=[0,0,0];
function drop(){
 heard[0]+=sim.station.length;
 for(var i=0;i<sim.others.length;i++)heard[sim.others[i].receiver]++;
 sim.onlooker.sights=[];sim.station.splice(0);sim.stationAtMs.splice(0);sim.others.splice(0);
 if(restMs===100&&typeof E!=='undefined')E.defrag();
}
function pass(seconds,paceMs){
 var endMs=sim.clock.nowMs+seconds*1000;
 restMs=0;
 if(sim.panel!==undefined)sim.dueMs=sim.clock.nowMs;
 if(sim.fingerMs>sim.clock.nowMs)sim.runTo(Math.min(endMs,sim.fingerMs+500));
 for(restMs=paceMs;sim.clock.nowMs<endMs;drop())sim.runTo(Math.min(endMs,sim.clock.nowMs+1000));
 restMs=0;
}
function go(seconds){pass(seconds,100)}
function wait(seconds){pass(seconds,1000)}
function keys(text){sim.type(text)}
function digits(name){for(var i=0;i<bench.DEMO_CODES.length;i++)if(bench.DEMO_CODES[i].name===name)return bench.DEMO_CODES[i].digits}
function code(name){keys(name==='wrong code'?bench.WRONG_DIGITS:digits(name))}
function fill(count){
 var d=digits('duress A');
 for(var i=0;i<count;i++)for(var k=0;k<d.length;k++)firmware.keyPressed(sim.panel,d.charAt(k),sim.board.upMs());
}
function must(isSo,text){if(!isSo)throw new Error(text)}
`

const WORLD_HEAD = `var premises=new surroundings.Premises(sim),dhcp=premises.dhcp,dns=premises.dns;
var others=drop;drop=function(){others();dhcp.log.splice(0);dhcp.targets.splice(0);dns.log.splice(0)};`

/** What the interpreter runs. In a function of its own: the firmware's short names fill the global scope. */
export function scriptOf(story: Story, last: string): string {
  const { model, settings, hasWorld, text } = story
  const made = `var config=bench.demoConfig(),model=${JSON.stringify(model ?? 'A7670')};`
  const worded = hasWorld ? `config=surroundings.panelSettings(config,${JSON.stringify(hasWorld)});` : ''
  const head = STORY_HEAD + (hasWorld ? WORLD_HEAD : '')
  return `(function(){${made}${worded}${settings ?? ''}${head}${text}})();${last}`
}

const NO_TIME = `sim.board.utcSeconds=function(){return 0};`
/** Start and DHCP one after the other: at the same time they need more memory than a board's bundle leaves the bench. */
const LATE_CABLE = `sim.setLink('ethernet',false);sim.powerOn();go(27);sim.setLink('ethernet',true);go(15);`

export const STORIES: Story[] = [
  {
    name: 'codes, arming and an alarm',
    text: `sim.powerOn();go(25);
code('code A');go(3);keys('2');go(62);sim.setZone(0,true);go(35);sim.setZone(0,false);
code('duress A');go(8);sim.setZone(1,true);go(2);code('code A');go(3);keys('2');go(3);sim.setZone(1,false);go(2);`,
  },
  {
    name: 'wrong codes until lockout, a stuck key',
    text: `sim.powerOn();go(3);
for(var i=0;i<5;i++){code('wrong code');go(2)}
code('code A');go(4);keys('*12#');go(3);sim.board.keypad.hold('5');go(35);sim.board.keypad.release('5');go(2);
sim.powerOff();go(1);sim.powerOn();go(3);`,
  },
  {
    name: 'power comes back to an armed panel',
    text: `sim.powerOn();go(4);code('code A');go(3);keys('2');go(62);
sim.powerOff();go(1);sim.powerOn();go(5);sim.powerOff();sim.setZone(1,true);sim.powerOn();go(8);`,
  },
  {
    name: 'a receiver that refuses, then is silent',
    text: `sim.powerOn();go(23);
sim.receiver.mode='nak';code('duress A');go(12);sim.receiver.mode='duh';code('duress A');go(12);
sim.receiver.mode='silent';code('duress A');go(40);sim.receiver.mode='ack';go(70);`,
  },
  {
    name: 'a panel that does not know the time',
    text: `${NO_TIME}sim.powerOn();go(23);code('duress A');go(8);code('duress A');go(5);`,
  },
  {
    name: 'an Ethernet chip that dies, browns out, and sends nothing',
    text: `sim.powerOn();go(5);ethernet.faults.deadBus='ff';go(12);ethernet.faults.deadBus='none';go(70);
ethernet.faults.sendOkNever=true;code('duress A');go(25);ethernet.faults.sendOkNever=false;go(15);
ethernet.brownOut();go(10);sim.setInternet('ethernet',false);code('duress A');go(40);`,
  },
  {
    name: 'a modem that reboots, sends in part, shows no prompt',
    text: `sim.powerOn();sim.setLink('ethernet',false);go(23);modem.reboot();go(30);
modem.faults.promptMissing=true;code('duress A');go(40);modem.faults.promptMissing=false;go(20);
modem.faults.partialSend=true;code('duress A');go(30);modem.faults.partialSend=false;go(30);`,
  },
  {
    name: 'a modem without data, without a voice, without a SIM',
    text: `sim.powerOn();sim.setLink('ethernet',false);modem.faults.pdpRefused=true;go(260);modem.faults.pdpRefused=false;
modem.faults.silent=true;go(120);modem.faults.silent=false;go(60);
modem.sim='absent';modem.reboot();go(40);`,
  },
  {
    name: 'a modem whose results never come',
    text: `sim.powerOn();sim.setLink('ethernet',false);go(30);sim.setLink('cellular',false);go(10);sim.setLink('cellular',true);
modem.faults.resultMissing=true;code('duress A');go(90);modem.faults.resultMissing=false;go(30);`,
  },
  {
    name: 'a flash that takes nothing',
    text: `sim.powerOn();go(5);flash.isFailing=true;code('duress A');go(8);code('duress A');go(4);flash.isFailing=false;
sim.setLink('ethernet',false);flash.isFailing=true;fill(20);go(3);flash.isFailing=false;sim.setLink('ethernet',true);go(15);`,
  },
  {
    name: 'more events than the queue holds',
    text: `sim.setLink('ethernet',false);sim.setLink('cellular',false);sim.powerOn();go(3);fill(130);go(2);
sim.setLink('ethernet',true);go(60);`,
  },
  {
    name: 'a journal that goes round with events owed',
    text: `sim.setLink('ethernet',false);sim.setLink('cellular',false);sim.powerOn();go(2);for(var page=0;page<3;page++){fill(126);go(3)}
fill(40);go(3);sim.powerOff();go(1);sim.powerOn();go(3);sim.setLink('ethernet',true);go(30);`,
  },
  {
    name: 'an address by DHCP: prolonged, found in use, refused',
    hasWorld: ['dhcp'],
    text: `${LATE_CABLE}code('duress A');go(8);dhcp.options.leaseSeconds=60;sim.setLink('ethernet',false);go(5);
sim.setLink('ethernet',true);go(40);ethernet.conflict();go(30);dhcp.refuses=true;go(40);`,
  },
  {
    name: 'the receiver by its name, the time by NTP, nobody there',
    hasWorld: ['dhcp', 'name', 'ntp'],
    text: `${NO_TIME}${LATE_CABLE}code('duress A');go(8);sim.setInternet('ethernet',false);
for(var i=0;i<4;i++){code('duress A');go(40)}must(heard[0]>=5,heard[0]+' events');dns.isSilent=true;go(60);`,
  },
  {
    name: 'reports by UDP',
    hasWorld: ['udp'],
    text: `sim.powerOn();go(30);code('duress A');go(8);sim.setLink('ethernet',false);code('duress A');go(12);
must(heard[0]>=2,heard[0]+' events');`,
  },
  {
    name: 'a back-up, and a display that is slow when a code comes',
    settings: `config.receivers=[bench.demoConfig().receivers[0],bench.demoConfig().receivers[0],bench.demoConfig().receivers[0]];
var backup=config.receivers[1],display=config.receivers[2];
backup.isBackup=true;backup.port=12129;display.isMonitoring=false;display.port=12130;display.paths='ethernet';display.isPolled=false;`,
    text: `sim.powerOn();go(30);code('code A');go(3);keys('2');go(62);sim.receivers[2].mode='silent';sim.setZone(1,true);go(1);
code('duress A');go(10);sim.receivers[2].mode='ack';sim.receiver.mode='silent';code('duress A');go(60);sim.receiver.mode='ack';go(20);
must(heard[1]>0,'the back-up got nothing');must(heard[2]>0,'the display got nothing');`,
  },
  {
    name: 'an hour: a test of both paths, figures kept; they outlive a restart',
    settings: `config.testHours=1;config.expiryHours=1;config.category='DP1';`,
    text: `sim.powerOn();go(30);code('duress A');go(8);wait(3600);var kept=firmware.pathFigures(sim.panel,0);
must(kept[0]>=2&&kept[1]>0&&kept[2]===1,'figures '+kept);sim.powerOff();go(1);sim.powerOn();go(1);
var found=firmware.pathFigures(sim.panel,0);must(found[0]===kept[0]&&found[1]===kept[1],'figures '+found+' after '+kept);`,
  },
  {
    name: 'a text message as the last resort',
    settings: `config.cellular.smsNumber='+491700000000';`,
    text: `sim.powerOn();sim.setLink('ethernet',false);go(30);sim.setInternet('cellular',false);
code('code A');go(3);keys('2');go(62);sim.setZone(1,true);go(170);must(modem.messages.length===1,modem.messages.length+' messages');`,
  },
  {
    name: 'a jammed modem',
    text: `sim.powerOn();go(20);wait(280);sim.setLink('cellular',false);wait(130);sim.setLink('cellular',true);wait(130);`,
  },
  ...(['SIM7080', 'SIM7000', 'BG95', 'SARA-R4'] as const).map((model) => ({
    name: `a ${model} that delivers, restarts, and delivers again`,
    model,
    text: `sim.powerOn();sim.setLink('ethernet',false);go(40);code('duress A');go(8);modem.reboot();go(40);code('duress A');go(8);
must(heard[0]>=2,heard[0]+' events');`,
  })),
]
