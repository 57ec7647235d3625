/**
 * A board for the interpreter's Linux build: what a panel's own bundle finds there instead of the ESP32's parts. It runs
 * as .boot0, before the program, and puts its own functions in front of the natives that Linux cannot have.
 *
 * The raw flash region lies behind the first 256 KiB of the file that the build uses for flash; a write is noted before and
 * after it happens, in a file of its own, so that a kill -9 shows what had been promised. The modem is at the other end
 * of a pseudo terminal. There is no W5500 and no display. A finger presses the keys of a script on the matrix.
 */

/** Where the raw region begins in the fake flash: its address, and its offset in the file. */
export const FLASH_BASE = 0x10040000
export const FLASH_OFFSET = 0x40000
export const FLASH_FILE = 'espruino.flash'
/** At least. A board's bundle with its marks has more than 192 KiB. */
export const FLASH_FILE_BYTES = 0x50000
/** What the writes are noted in: 'I' before, 'W' after, then the bytes as hex digits. */
export const NOTES_FILE = 'notes.txt'
/** Where .boot0 finds the board that Linux lacks: it is written anew for each start, because the keys change. */
export const START_FILE = 'start.js'

export interface LinuxBoard {
  /** Path of the pseudo terminal; '' for a modem that only says RDY, once a second. */
  modem: string
  rows: number[]
  columns: number[]
  zones: number[]
  /** Keys to press, over and over; a blank is a rest of REST_MS. '' presses none. */
  keys: string
  /** Seeds the noise register. */
  noise: number
  /** Low bits of RTC_CNTL_RESET_STATE_REG: 1 power-up, 15 brown-out. Brown-out when left out. */
  resetCause?: number
  /** A pin that somebody holds low, such as the button's; or one that somebody taps when it is first looked at. */
  heldPin?: number
  tappedPin?: number
}

const KEY_MS = 80
/** A release counts after three scans (K-8). */
const GAP_MS = 100
const REST_MS = 450
/** Of a tap, since the first look. */
const TAP_DOWN_SECONDS = 0.2
const TAP_UP_SECONDS = 0.5

const RDY_MODEM = `var Serial3={setup:function(){},write:function(){},
 on:function(name,act){setInterval(function(){act('RDY\\r\\n')},1000)}};`

function terminalModem(path: string): string {
  return `var Serial3={setup:function(){Serial1.setup(115200,{path:${JSON.stringify(path)}})},
 on:function(name,act){Serial1.on(name,act)},write:function(bytes){Serial1.write(bytes)}};`
}

/** The text of .boot0. Its names stay clear of the bundle's, which are short. */
export function prelude(board: LinuxBoard): string {
  return `
var nativeRequire=require,nativeFlash=require('Flash'),noteFile=require('fs');
var matrixRows=${JSON.stringify(board.rows)},matrixColumns=${JSON.stringify(board.columns)},zonePins=${JSON.stringify(board.zones)};
var rowLevels=[1,1,1,1],keyDown=-1,noiseState=${board.noise | 1};
var tapFrom=0;
function tapLevel(){
 if(tapFrom===0)tapFrom=getTime();
 var forSeconds=getTime()-tapFrom;
 return forSeconds>=${TAP_DOWN_SECONDS}&&forSeconds<${TAP_UP_SECONDS}?0:1;
}
function pinLevel(pin){
 if(pin===${board.tappedPin ?? -1})return tapLevel();
 var column=matrixColumns.indexOf(pin);
 if(column>=0)return keyDown>=0&&keyDown%4===column&&rowLevels[keyDown>>2]===0?0:1;
 return zonePins.indexOf(pin)>=0||pin===${board.heldPin ?? -1}?0:1;
}
function digitalRead(pins){
 if(typeof pins==='number')return pinLevel(pins);
 var word=0;for(var i=0;i<pins.length;i++)word=word<<1|pinLevel(pins[i]);return word;
}
function digitalWrite(pin,level){var row=matrixRows.indexOf(pin);if(row>=0)rowLevels[row]=level?1:0}
function pinMode(){}
var keypadWatches=[];
function setWatch(act){keypadWatches.push(act)}
function fingerMoves(key){keyDown=key;for(var i=0;i<keypadWatches.length;i++)keypadWatches[i]()}
function peek32(address){
 if(address===0x3ff48034)return ${board.resetCause ?? 15};
 noiseState=(noiseState*1103515245+12345)%2147483648;return noiseState|0;
}
var SPI2={setup:function(){},send:function(bytes){return bytes}};
var I2C1={setup:function(){},writeTo:function(){throw 'no acknowledge'},readFrom:function(){throw 'no acknowledge'}};
${board.modem === '' ? RDY_MODEM : terminalModem(board.modem)}
Serial1.println=function(){};
function hexText(bytes){var text='';for(var i=0;i<bytes.length;i++)text+=('0'+bytes[i].toString(16)).substr(-2);return text}
var rawFlash={
 read:function(count,address){return nativeFlash.read(count,address)},
 write:function(bytes,address){
  var text=hexText(bytes)+'\\n';
  noteFile.appendFileSync('${NOTES_FILE}','I'+text);
  nativeFlash.write(bytes,address);
  noteFile.appendFileSync('${NOTES_FILE}','W'+text);
 },
 erasePage:function(address){for(var i=0;i<4;i++)nativeFlash.erasePage(address+i*1024)}
};
function require(name){return name==='Flash'?rawFlash:nativeRequire(name)}
var fingerKeys=${JSON.stringify(board.keys)},fingerAt=0;
function fingerStep(){
 if(keyDown>=0){fingerMoves(-1);setTimeout(fingerStep,${GAP_MS});return}
 var key=fingerKeys.charAt(fingerAt);
 fingerAt=(fingerAt+1)%fingerKeys.length;
 if(key===' '){setTimeout(fingerStep,${REST_MS});return}
 fingerMoves('123A456B789C*0#D'.indexOf(key));
 setTimeout(fingerStep,${KEY_MS});
}
if(fingerKeys!=='')setTimeout(fingerStep,200);
`
}
