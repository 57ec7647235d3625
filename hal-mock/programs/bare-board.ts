/**
 * A board's own bundle in the interpreter's Linux build without any hardware: chips that give canned answers, and a clock
 * that the script moves, so that memory and instructions of the panel can be counted with little of anything else.
 *
 * The W5500 is a file of registers with a link; a conversion of an ADS1115 has ended at the second look at it; the modem repeats what the model answered to the same command in a run
 * on Node; contacts at port expanders are closed, which their inverted inputs read as 1. For behaviour there are the models; here everything is well and nothing happens.
 */

import { install } from '../../board/flash/provision'
import { addZone, DEMO_CODES, type DemoConfig, demoConfig } from '../demo'
import { FlashChip } from '../flash'
import { Simulator } from '../simulator'
import { nodeCrypto } from './node-crypto'
import { panelFirmware } from './panel-firmware'

/** Written by a script in front of what it has to tell. */
export const MARK = 'figure '
/** Both paths are ready by then, and the parts of bring-up dropped. */
export const REST_SECONDS = 70

const PAGE_BYTES = 4096
/** Pages of the two copies of the settings (docs/flash-layout.md). */
const SETTINGS_PAGES = [4, 5]
const BRING_UP_MS = 60000

/** What the modem's model answers to each command of a bring-up, the last answer where it changes. */
function modemAnswers(): { [command: string]: string } {
  const answers: { [command: string]: string } = {}
  const bench = new Simulator({ firmware: panelFirmware, config: demoConfig(), crypto: nodeCrypto, seed: 1 })
  let command = ''
  const hear = bench.board.modem.receive.bind(bench.board.modem)
  bench.board.modem.receive = (bytes: string) => {
    command = bytes.trim()
    answers[command] = ''
    hear(bytes)
  }
  const say = bench.board.modem.onOutput
  bench.board.modem.onOutput = (bytes) => {
    if (command !== '') answers[command] += bytes
    say(bytes)
  }
  bench.powerOn()
  bench.runTo(BRING_UP_MS)
  return answers
}

/** A panel larger than the demo's: zones beyond its two are at expanders, and spread over the partitions. */
export interface Size {
  zones: number
  partitions: number
  codes: number
}

/** Inputs of an expander: 0-6 and 8-14. */
const CHIP_INPUTS = 14
const FIRST_EXPANDER = 64
/** First input of ADS1115s. */
const FIRST_CONVERTER = 192

function enlarge(config: DemoConfig, { zones, partitions }: Size): void {
  for (let more = config.zones.count; more < zones; more++) {
    const at = more - 2
    const input = at % CHIP_INPUTS
    const pin = FIRST_EXPANDER + Math.floor(at / CHIP_INPUTS) * 16 + input + (input > 6 ? 1 : 0)
    addZone(config.zones, `Zone ${more + 1}`, pin)
  }
  config.partitions = Array.from({ length: partitions }, (_, index) => `Area ${index + 1}`).join('\n')
  config.zones.partitions = config.zones.partitions.map((_, zone) => 1 << (zone % partitions))
}

/** DEOL with 4.7 kOhm; the converters' registers below read as half of 3.3 V. */
function addLoop({ zones }: DemoConfig, zone: number): void {
  const pin = FIRST_CONVERTER + zone
  if (zone < zones.count) zones.pins[zone] = pin
  else addZone(zones, `Zone ${zone + 1}`, pin)
  zones.loops = [...(zones.loops ?? []), zone, 4, 4700, 4700, 4700, 0, 0]
}

/** The demo's three, and others that are near none of them. */
function codesOf(size: Size | undefined): typeof DEMO_CODES {
  const all = [...DEMO_CODES]
  for (let slot = all.length; slot < (size?.codes ?? 0); slot++) {
    const digits = String(352671 + slot * 1013)
    all.push({ name: '', digits, slot, user: slot + 1, isDuress: false, role: 3, partitions: 255 })
  }
  return all
}

/**
 * The script's head: fakes, then the bundle is started. Names have three letters and more, because the bundle's own are
 * shorter and share the scope. The program stands in Storage as .bootcde; its settings are the demo's.
 * The reset is one by software, so that boot does not wait for the button on a clock that stands still.
 * station: bare-station.ts; without it nobody kisses anything off, and what is counted is a panel at rest. loops: so many zones
 * are loops at ADS1115s, all of them secure.
 */
export function bareBoard(code: string, station = '', size?: Size, loops = 0): string {
  const config: DemoConfig = demoConfig()
  for (let zone = 0; zone < loops; zone++) addLoop(config, zone)
  if (size !== undefined) enlarge(config, size)
  config.receivers[0].isPolled = station !== ''
  config.testHours = 0
  const chip = new FlashChip()
  if (!install(chip, code, config, codesOf(size))) throw new Error('the settings do not fit')
  const pages = SETTINGS_PAGES.map((page) => Buffer.from(chip.read(page * PAGE_BYTES, PAGE_BYTES)).toString('base64'))
  return `
var rawFlash=new Uint8Array(65536);rawFlash.fill(255);
function fillPage(base,text){var bytes=atob(text);for(var index=0;index<4096;index++)rawFlash[base+index]=bytes.charCodeAt(index)}
fillPage(16384,'${pages[0]}');fillPage(20480,'${pages[1]}');fillPage=undefined;
var realRequire=require;
var fakeFlash={read:function(n,a){return new Uint8Array(rawFlash.subarray(a,a+n))},
write:function(b,a){for(var i=0;i<b.length;i++)rawFlash[a+i]&=b[i]},erasePage:function(a){eraseCount++;rawFlash.fill(255,a,a+4096)}};
var fakeWifi={stopAP:function(){},disconnect:function(){},setOptions:function(){}};
var require=function(n){return n=='Flash'?fakeFlash:n=='Wifi'||n=='TelnetServer'?fakeWifi:realRequire(n)};
var noise=1,peek32=function(a){return a==0x3ff48034?12:(noise=(noise*1103515245+12345)&0x7fffffff)};
var commonRegs=new Uint8Array(64),socketRegs=[],socketBuffer=new Uint8Array(2048);
commonRegs[0x39]=4;commonRegs[0x2e]=0xbf;
for(var index=0;index<8;index++){socketRegs.push(new Uint8Array(48));socketRegs[index][0x20]=8}
var SPI2={setup:function(o){this.o=o},send:function(b){
 var a=b[0]<<8|b[1],k=b[2]>>3,s=k&3,r=k==0?commonRegs:s==1?socketRegs[k>>2]:socketBuffer,o=new Uint8Array(b.length);
 if(s!=1&&k)a&=1023;
 if(!(b[2]&4)){o.set(r.subarray(a,a+b.length-3),3);return o}
 if(!k&&a==0&&b[3]>127){r.fill(0,0,46);return o}
 if(!k&&a==0x2e)return o;
 if(s==1&&a==1){var c=b[3];r[3]=c==1?r[0]==2?0x22:0x13:c==4?0x17:c==8||c==16?0:r[3];return o}
 if(s==1&&a==2){r[2]&=~b[3];return o}
 r.set(b.subarray(3),a);return o}};
var modemAnswers=${JSON.stringify(modemAnswers())};
var Serial3={setup:function(b,o){this.o=o},on:function(e,f){this.f=f},write:function(b){
 var answer=modemAnswers[b.trim()];this.f(answer===undefined?'\\r\\nOK\\r\\n':answer)}};
var chipRegs={},chipAt={},isBusy=0,I2C1={setup:function(o){this.o=o},writeTo:function(a,b){if(a==39)return;
 var r=chipRegs[a];if(r===undefined){r=chipRegs[a]=new Uint8Array(22);r[18]=r[19]=127}
 if(b.length===undefined){chipAt[a]=b;return}
 chipAt[a]=b[0];isBusy=a>71;
 for(var i=1;i<b.length;i++)r[b[0]+i-1]=b[i];
 if(a<72&&b[0]==10)r[11]=b[1]},
readFrom:function(a,n){var r=chipRegs[a];if(r===undefined)return new Uint8Array(n);
 r=new Uint8Array(r.subarray(chipAt[a],chipAt[a]+n));
 if(isBusy){isBusy=false;r[0]&=127}
 return r}};
for(index=72;index<76;index++){chipRegs[index]=new Uint8Array(22);chipRegs[index][0]=0x33}
function openInput(a,input,isOpen){var r=chipRegs[a],at=18+(input>>3),bit=1<<(input&7);r[at]=isOpen?r[at]&~bit:r[at]|bit}
var keyDown=-1,rowPins=${JSON.stringify(config.pins.rows)},rowLevels=[1,1,1,1],columnPin=${config.pins.columns[0]},onEdge;
function digitalRead(p){if(p===0)return 1;if(p[0]!==columnPin)return 0;
 return (keyDown>=0&&rowLevels[keyDown>>2]==0?7&~(4>>(keyDown&3)):7)<<(p.length-3)}
function digitalWrite(p,l){var row=rowPins.indexOf(p);if(row>=0)rowLevels[row]=l}
function pinMode(){}
function setWatch(f){onEdge=f}
function pressKeys(names){for(var at=0;at<names.length;at++){keyDown='123A456B789C*0#D'.indexOf(names.charAt(at));onEdge();runFor(0.1);keyDown=-1;onEdge();runFor(0.1)}}
var clock=100,getTime=function(){return clock};
var pending,pause=0,setTimeout=function(f,d){pending=f;pause=d;return 1},clearTimeout=function(){},eraseCount=0;
E.kickWatchdog=function(){};E.enableWatchdog=function(){};E.reboot=function(){print('ERROR: restarted')};
E.setConsole=function(){};Serial1.println=function(t){if(t!='Panel runs.')print('ERROR: '+t)};
function runFor(seconds){for(var end=clock+seconds;clock<end;){clock+=pause/1000;pending()}}
${station}
var usageBefore=process.memory().usage;
eval(realRequire('Storage').read('.bootcde'));
`
}
