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

import * as settings from '../../firmware/store/settings'
import { FlashChip } from '../../hal-mock/flash'
import type { ModemModel } from '../../hal-mock/modem-families'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'

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
 for(var i=0;i<count;i++)for(var k=0;k<d.length;k++){firmware.keyPressed(sim.panel,d.charAt(k),sim.board.upMs());while(firmware.verify(sim.panel));}
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

/** Five more zones, at inputs of a port expander. */
const EXPANDER_ZONES = `for(var i=0;i<5;i++)bench.addZone(config.zones,'Zone '+i,64+i);`

/** Build A of hardware.md §4.2. */
const WIEGAND = `config.pins.rows=[];config.pins.columns=[];config.pins.wiegandZero=25;config.pins.wiegandOne=13;config.pins.keypadLed=15;`

/** Puts settings into flash of which nothing but the exit delay is said: most of their bytes are 0. */
function settingsText(): string {
  const chip = new FlashChip()
  const [secret, salt] = [new Uint8Array(32), new Uint8Array(16)]
  const [tags, meta, rights] = [new Uint16Array(256), new Uint16Array(64), new Uint16Array(64)]
  const configText = '{"exitDelaySeconds":60}'
  const packed = settings.pack({ programBytes: 0, programCrc: 0, secret, salt, tags, meta, rights, configText })
  if (packed === undefined || !settings.save(chip, nodeCrypto, packed)) throw new Error('the settings do not fit')
  const page = chip.read(SETTINGS_BASE, chip.pageBytes)
  let lengthBytes = chip.pageBytes - 4
  while (page[lengthBytes - 1] === 255) lengthBytes--
  let text = `var image=new Uint8Array(${(lengthBytes + 3) & ~3});`
  page.subarray(0, (lengthBytes + 3) & ~3).forEach((byte, at) => {
    if (byte !== 0) text += `image[${at}]=${byte};`
  })
  return `${text}flash.write(${SETTINGS_BASE},image);flash.write(${SETTINGS_BASE + chip.pageBytes - 4},new Uint8Array(4));`
}
/** docs/flash-layout.md. */
const SETTINGS_BASE = 4 * 4096
const SETTINGS_TEXT = settingsText()

/** Nothing is sent, and the parts of the start are dropped again, before much happens in the house at once. */
const ALONE = `sim.setLink('ethernet',false);sim.setLink('cellular',false);sim.powerOn();go(30);`

/**
 * The keypad test in the panel's place, and a finger that presses what the first display asks for, but for the keys in `dead`,
 * until the display says `text`.
 */
const KEYPAD_TEST = `paced.create=function(hal,settings){return firmware.createTest(hal,settings)};paced.pathState=function(){return 0};
paced.poll=function(test){return firmware.pollTest(test,sim.board.upMs())};paced.wake=function(){return false};
function lines(){return sim.onlooker.now.text||''}
function obey(keys,dead,text){
 for(var i=0,last='';i<900&&lines().indexOf(text)<0;i++){
  sim.runTo(sim.clock.nowMs+200);drop();
  var asked=lines(),at=asked.indexOf('PRESS ');
  if(asked===last)continue;
  last=asked;
  if(at>=0&&dead.indexOf(asked.charAt(at+6))<0)keys.press(asked.charAt(at+6),200);
 }
 must(i<900,text+' '+lines());
}
`

/** Some are masters, some are installers: their choices are others. */
const MASTER = `bench.DEMO_CODES[0].role=1;`
const INSTALLER = `bench.DEMO_CODES[0].role=0;`

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
sim.setLink('ethernet',true);go(120);`,
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
    text: `sim.powerOn();go(30);code('code A');go(3);keys('2');go(64);sim.receivers[2].mode='silent';sim.setZone(1,true);go(1);
code('duress A');go(10);sim.receivers[2].mode='ack';sim.receiver.mode='silent';code('duress A');go(60);sim.receiver.mode='ack';go(240);
must(heard[1]>0,'the back-up got nothing');must(heard[2]>0,'the display got nothing');`,
  },
  {
    name: 'an hour: a test of both paths, figures kept; they outlive a restart',
    settings: `config.testHours=1;config.expiryHours=1;config.category='DP1';`,
    text: `sim.powerOn();go(30);code('duress A');go(8);pass(3600,300);var kept=firmware.pathFigures(sim.panel,0);
must(kept[0]>=2&&kept[1]>0&&kept[2]===1,'figures '+kept);sim.powerOff();go(1);sim.powerOn();go(1);
var found=firmware.pathFigures(sim.panel,0);must(found[0]===kept[0]&&found[1]===kept[1],'figures '+found+' after '+kept);`,
  },
  {
    name: 'mains and battery fail, and are listed; a watchdog, and an hour without one',
    settings: `config.pins.acSense=35;config.pins.batterySense=34;config.zones.pins=[176,177];config.acDelayMinutes=0;`,
    text: `sim.powerOn();go(4);firmware.started(sim.panel,3);sim.setMains(false);go(4);keys('*2#');go(2);keys('#');go(2);keys('#');go(2);
sim.setBattery(11,0.1);go(40);sim.setMains(true);sim.setBattery(13,0.1);go(5);pass(3700,300);`,
  },
  {
    name: 'a box that is opened, a siren that is cut, a display that is unplugged',
    settings: `config.pins.boxTamper=35;config.pins.sirenSense=34;config.zones.pins=[176,177];config.options|=32;`,
    text: `sim.powerOn();go(4);sim.setBoxOpen(true);go(3);sim.setSirenLoop('open');go(40);code('code A');go(2);keys('2#');go(2);keys('#');go(2);
sim.setSirenLoop('ok');sim.setBoxOpen(false);go(62);sim.board.lcd.isPresent=false;keys('5');go(24);must(sim.onlooker.now.siren==='on','no tamper alarm');
sim.board.lcd.isPresent=true;go(5);`,
  },
  {
    name: 'a second keypad: a code, a lost chip, another keypad in use meanwhile',
    settings: `config.keypads=[6,63];`,
    text: `function at(text){sim.type(text,2)}
${ALONE}at('12');go(1);code('code A');go(2);keys('9');go(3);code('code A');go(2);at('*'+bench.WRONG_DIGITS);go(3);
must(sim.onlooker.now['text 2'].indexOf('Not accepted')>0,sim.onlooker.now['text 2']);go(10);
var pad=sim.board.furtherKeypads[0];pad.keys.hold('*');pad.keys.hold('#');go(2);must(sim.onlooker.now.siren==='on','no panic');pad.keys.release('*');
pad.keys.release('#');go(1);at(digits('duress A'));go(3);must(sim.onlooker.now['text 2']===sim.onlooker.now.text,sim.onlooker.now['text 2']);
pad.chip.setPower(false);go(24);pad.chip.setPower(true);go(3);`,
  },
  {
    name: 'zones at a port expander that goes and comes back, two of them counting pulses',
    settings: `for(var i=0;i<14;i++)bench.addZone(config.zones,'Zone '+i,64+i+(i>6?1:0));
config.zones.responses=[20,20,20,20,5];config.zones.pulses=[1,1,2,2,1];
while(config.zones.pulses.length<16){config.zones.pulses.push(1);config.zones.responses.push(20)}`,
    text: `var chip=sim.board.expanders[0];function rings(text){must(sim.onlooker.now.siren===text,'siren '+sim.onlooker.now.siren)}
sim.powerOn();go(4);code('code A');go(3);keys('2');go(62);sim.setZone(2,true);go(1);sim.setZone(2,false);chip.reset();go(12);rings('off');
sim.setZone(3,true);go(12);rings('on');chip.setPower(false);go(24);chip.setPower(true);sim.setZone(3,false);go(4);`,
  },
  {
    name: 'outputs at a port expander: an alarm, a spark, the chip gone and back',
    settings: `config.pins.siren=144;config.pins.light=145;config.pins.buzzer=146;config.pins.w5500Reset=147;
config.pins.beeper=150;config.outputs={pins:[148,159],follows:[0,8]};`,
    text: `var chip=sim.board.expanders[5];function siren(text){must(sim.onlooker.now.siren===text,'siren '+sim.onlooker.now.siren)}
sim.powerOn();go(4);code('code A');go(3);keys('2');go(62);sim.setZone(1,true);go(2);siren('on');chip.reset();siren('off');go(2);siren('on');
chip.setPower(false);code('duress A');go(3);chip.setPower(true);go(2);must(chip.level(0)===0&&chip.level(6)===1&&chip.level(15)===1,'levels');go(20);`,
  },
  {
    name: 'loops with resistors at a converter that goes and comes back, and at the processor itself',
    settings: `config.zones.pins=[192,35];config.zones.loops=[0,4,4700,4700,4700,0,0,1,2,4700,4700,0,0,0];config.loopSupply=3;config.pins.adcDivider=34;`,
    text: `var chip=sim.board.converters[0],walls=sim.board.loops;function zone(at,state){must(sim.panel!==undefined&&walls[at]!==undefined,'nothing');
must(firmware.loopReading(sim.panel,at)[1]>0.4===state,'zone '+at+' '+firmware.loopReading(sim.panel,at))}
${ALONE}go(35);zone(0,true);zone(1,true);sim.board.supplyMillivolts=3200;walls[0].cable='cut';go(2);
must(sim.onlooker.now.text.indexOf('01 Front door')>0,sim.onlooker.now.text);walls[0].cable='short';go(2);zone(0,false);walls[0].cable='whole';
chip.setPower(false);go(24);chip.setPower(true);go(5);zone(0,true);sim.setZone(1,true);go(2);
must(sim.onlooker.now.text.indexOf('02 Hall window')>0,sim.onlooker.now.text);sim.setZone(1,false);go(2);`,
  },
  {
    name: 'an installer looks at a loop: at rest, cut',
    settings: `${INSTALLER}config.zones.loops=[1,2,4700,4700,0,0,0];`,
    text: `function see(text){go(1);go(1);must(sim.onlooker.now.text.indexOf(text)>=0,sim.onlooker.now.text)}
sim.powerOn();go(40);code('code A');go(7);keys('0');go(40);keys('012#');go(5);keys('02#');see('Z02 4.7');
sim.board.loops[1].cable='cut';see('open');keys('*');go(3);`,
  },
  {
    name: 'a test of two keypads: a stuck key, a ghost, rows swapped, a key that does not come; a chip that is gone',
    settings: `config.keypads=[1,0x26];`,
    text: `${KEYPAD_TEST}var pad=new sim.board.keypad.constructor(sim.clock,sim.board.pins,[14,13,15,25],[27,36,39]);
pad.hold('#');sim.powerOn();sim.board.furtherKeypads[0].chip.setPower(false);obey(pad,'1','PRESS 1');
['1','2','4'].forEach(function(key){pad.press(key,500)});obey(pad,'1','GHOST KEYS');obey(pad,'5','KEY 5 NOT SEEN');
obey(pad,'','|ROW4 COL3 STUCK');obey(pad,'','|ROWS 1,2 SWAPPED');obey(pad,'','TEST 2');obey(pad,'','NO ANSWER');`,
  },
  {
    name: 'a test of a Wiegand keypad, right and with exchanged lines',
    settings: WIEGAND,
    text: `${KEYPAD_TEST}var pad=sim.board.wiegand;sim.powerOn();obey(pad,'','KEYPAD 1 OK');sim.powerOff();go(1);
pad.isSwapped=true;sim.powerOn();obey(pad,'','D0/D1 SWAPPED');`,
  },
  {
    name: 'a test of a keypad at a PCF8574',
    settings: `config.pins.rows=[];config.pins.columns=[];config.keypad=0x21;`,
    text: `${KEYPAD_TEST}sim.powerOn();obey(sim.board.keypad,'','KEYPAD 1 OK');`,
  },
  {
    name: 'a Wiegand keypad: a code in keys of 4 bits, exchanged lines, a short',
    settings: WIEGAND,
    text: `${ALONE}var pad=sim.board.wiegand;pad.isSwapped=true;keys('12');go(2);must(firmware.keypadWrong(sim.panel)===2,'not exchanged');
pad.isSwapped=false;code('code A');go(3);must(sim.onlooker.now.text.indexOf('2 to arm')>0,sim.onlooker.now.text);
pad.short(0,true);go(3);must(firmware.keypadWrong(sim.panel)===4,'no short');pad.short(0,false);go(1);`,
  },
  {
    name: 'a Wiegand keypad: a code in keys of 8 bits, a whole one in 26, noise',
    settings: `${WIEGAND}config.wiegand={keys:'0123456789*#----',isWhole:true};config.codeLength=4;`,
    text: `${ALONE}var pad=sim.board.wiegand;pad.send(5,3);pad.format=8;keys('1');go(1);pad.format=26;keys('1234#');go(3);
must(sim.panel!==undefined&&sim.onlooker.now.text.indexOf('Not accepted')>0,sim.onlooker.now.text);`,
  },
  {
    name: 'a keypad at a PCF8574 without INT: a code, then the chip is gone and back',
    settings: `config.pins.rows=[];config.pins.columns=[];config.keypad=0x21;`,
    text: `${ALONE}code('code A');go(3);must(sim.onlooker.now.text.indexOf('2 to arm')>0,sim.onlooker.now.text);
var chip=sim.board.keypadChip;chip.setPower(false);go(3);chip.setPower(true);go(2);`,
  },
  {
    name: 'a keypad at a TCA8418: a code, two keys at once, an overflow, taps for a busy panel',
    settings: `config.pins.rows=[];config.pins.columns=[];config.pins.keypadInterrupt=25;config.keypad=0x34;`,
    text: `${ALONE}code('code A');go(3);must(sim.onlooker.now.text.indexOf('2 to arm')>0,sim.onlooker.now.text);go(9);
var pad=sim.board.keypad,chip=sim.board.keypadChip;pad.bounceMs=0;pad.press('1',40);pad.press('5',40);go(1);
function taps(count){for(var i=0;i<count;i++){pad.hold('4');pad.release('4')}}
taps(7);go(2);pad.hold('8');pad.release('8');go(2);must(sim.onlooker.now.text.indexOf('Code *')>0,sim.onlooker.now.text);
chip.setPower(false);go(2);chip.setPower(true);go(2);`,
  },
  {
    name: 'a master walks, bypasses, silences the chime, reads the log',
    settings: `${MASTER}config.options|=8+16;`,
    text: `${ALONE}keys('*3');go(2);code('code A');go(2);keys('5');go(2);sim.setZone(1,true);go(1);sim.setZone(1,false);
code('code A');go(2);keys('5');go(2);code('code A');go(2);keys('602');go(2);keys('9');go(2);
sim.setZone(1,true);go(1);keys('*');go(1);keys('*');sim.setZone(1,false);go(2);keys('#2');go(65);
must(sim.onlooker.now.text.indexOf('ARMED AWAY')===0,sim.onlooker.now.text);sim.setZone(0,true);go(32);
code('code A');go(4);sim.setZone(0,false);keys('*3#');go(3);
code('code A');go(2);keys('*4');go(3);must(sim.onlooker.now.text.indexOf('05.01.')===0,sim.onlooker.now.text);keys('##*');go(2);`,
  },
  {
    name: 'an installer programs',
    settings: INSTALLER,
    text: `${SETTINGS_TEXT}${ALONE}code('code A');go(8);keys('0');go(8);keys('013#');go(2);keys('001');go(8);
must(sim.onlooker.now.text.indexOf('Exit s       060')===0,sim.onlooker.now.text);keys('075');go(8);
must(sim.onlooker.now.text.indexOf('STORED')===0,sim.onlooker.now.text);keys('011');go(8);keys('1');go(8);
must(sim.onlooker.now.text.indexOf('LAN --')>=0,sim.onlooker.now.text);keys('*');go(2);`,
  },
  {
    name: 'a master gives a code to a user, one of either kind, refuses another, takes it away; a code for one time',
    settings: `${MASTER}bench.DEMO_CODES[1].role=6;config.codeLength=4;bench.DEMO_CODES.forEach(function(c){c.digits=c.digits.substr(0,4)});`,
    text: `function users(user,text,word){code('code A');go(2);keys('8');go(2);keys(user);go(2);keys(text);go(3);
for(var i=0;i<15&&sim.onlooker.now.text.indexOf(word)<0;i++)go(1);must(i<15,word+' '+sim.onlooker.now.text);go(6)}
${ALONE}users('03','31073107','Choose another');users('03','95389538','Until restart');users('902','64206420','Until restart');
code('code B');go(2);keys('2');go(62);code('code B');go(5);
users('03','0#','Until restart');users('01','27482748','Until restart');`,
  },
  {
    name: 'chords of the keypad',
    text: `function hold(two){for(var i=0;i<2;i++)sim.board.keypad.hold(two.charAt(i));go(3);for(i=0;i<2;i++)sim.board.keypad.release(two.charAt(i));go(3)}
sim.powerOn();go(24);hold('1*');must(sim.onlooker.now.siren==='off','siren '+sim.onlooker.now.siren);hold('*#');hold('3#');
must(heard[0]>=3,heard[0]+' events');`,
  },
  {
    name: 'partitions, fire verification, tamper, keyswitch, follower, forced arming',
    settings: `${EXPANDER_ZONES}config.partitions='House\\nGarage';config.zones.partitions[0]=3;config.zones.partitions[1]=2;
config.zones.types=[0,2,24,23,11,3,5];config.zones.flags[1]|=4;config.zones.flags[5]|=1;`,
    text: `function turn(zone){sim.setZone(zone,true);go(1);sim.setZone(zone,false);go(1)}
${ALONE}sim.setZone(6,true);go(1);sim.setZone(4,true);go(25);must(sim.onlooker.now.text.indexOf('ALARM')===0,'no fire');sim.setZone(4,false);
code('code A');go(3);sim.setZone(6,false);turn(3);turn(5);sim.setZone(1,true);go(1);code('code A');go(2);keys('3');go(2);keys('#');go(2);
must(sim.onlooker.now.text.indexOf('exit')>=0,sim.onlooker.now.text);code('code A');go(2);sim.setZone(1,false);go(1);
turn(2);go(62);turn(5);must(sim.onlooker.now.siren==='on','siren '+sim.onlooker.now.siren);turn(2);must(sim.onlooker.now.siren==='off','siren '+sim.onlooker.now.siren);`,
  },
  {
    name: 'profile EN: texts after a code, off the entry route, a tamper while disarmed, dark',
    settings: `${EXPANDER_ZONES}config.options|=32+1024;config.zones.types=[0,2,23,2,10,2,2];`,
    text: `${ALONE}must(sim.onlooker.now.text.indexOf('Enter code')>=0,sim.onlooker.now.text);sim.setZone(2,true);go(1);sim.setZone(2,false);code('code A');go(6);
sim.setZone(4,true);go(1);must(sim.onlooker.now.text.indexOf('FIRE')===0,sim.onlooker.now.text);keys('*');go(1);sim.setZone(4,false);code('code A');go(2);keys('2');go(62);sim.setZone(0,true);go(1);sim.setZone(1,true);go(62);must(sim.onlooker.now.siren!=='off','no siren');`,
  },
  {
    name: 'outputs, arming by the clock, a detector that nobody saw move',
    settings: `config.schedules=[2,127,0,60,0,65535];config.outputs={pins:[16,17,21,22,12,5,18,19,23],follows:[0,1,2,3,4,5,6,7,8]};config.autoArmMinute=482;config.preAlertMinutes=1;
config.sensorWatchDays=1;config.zones.flags[0]|=128;`,
    text: `${ALONE}go(100);must(sim.onlooker.now.text.indexOf('AWAY  exit')===0,sim.onlooker.now.text);
code('duress A');go(4);code('code B');go(2);must(sim.onlooker.now.text.indexOf('Not accepted')>0,sim.onlooker.now.text);sim.board.bootMs-=86400000;go(3);`,
  },
  {
    name: 'power cuts: in an exit delay, in an entry delay, in an alarm whose report is held',
    // In no function of its own: go() has the memory put in order, and the interpreter loses its place in one that runs.
    text: `sim.powerOn();go(4);code('code A');go(3);keys('2');go(5);sim.powerOff();go(1);sim.powerOn();go(4);go(62);sim.setZone(0,true);go(3);sim.powerOff();go(1);sim.powerOn();go(4);go(40);
must(sim.onlooker.now.siren==='on','siren '+sim.onlooker.now.siren);sim.powerOff();go(1);sim.powerOn();go(4);must(sim.onlooker.now.siren==='on','siren '+sim.onlooker.now.siren);code('code A');go(4);`,
  },
  {
    name: 'a text message as the last resort',
    settings: `config.cellular.smsNumber='+491700000000';`,
    text: `sim.powerOn();sim.setLink('ethernet',false);go(30);sim.setInternet('cellular',false);
code('code A');go(3);keys('2');go(62);sim.setZone(1,true);go(170);must(modem.messages.length===1,modem.messages.length+' messages');`,
  },
  {
    name: 'a jammed modem',
    text: `sim.powerOn();go(300);sim.setLink('cellular',false);wait(130);sim.setLink('cellular',true);wait(130);`,
  },
  ...(['SIM7080', 'SIM7000', 'BG95', 'SARA-R4'] as const).map((model) => ({
    name: `a ${model} that delivers, restarts, and delivers again`,
    model,
    text: `sim.powerOn();sim.setLink('ethernet',false);go(40);code('duress A');go(8);modem.reboot();go(40);code('duress A');go(12);
must(heard[0]>=2,heard[0]+' events');`,
  })),
]
