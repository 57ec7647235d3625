/**
 * A station for the bare board (bare-board.ts): it kisses off each frame at once, over both paths, so that what a panel
 * does with a reply, and what it keeps of a conversation, can be counted in the interpreter.
 *
 * Its time is the frame's own stamp. It judges nothing, refuses nothing and hangs up on nobody: receiver.ts does that.
 */

import { DEMO_KEY } from '../demo'

/**
 * For bareBoard(). `kissedOff` counts the replies, `overModem` those that went over the modem. A frame that a receiver
 * would not take is an ERROR line, which fails the run. Registers by hardware.md §1.4, replies by reporting.md §3.8, §4.
 */
export function bareStation(): string {
  return `
var stationKey=new Uint8Array(${JSON.stringify([...Buffer.from(DEMO_KEY, 'hex')])}),kissedOff=0,overModem=0;
function stationHex(value){return ('000'+value.toString(16)).substr(-4).toUpperCase()}
function stationCrc(text){var crc=0;for(var i=0;i<text.length;i++){crc^=text.charCodeAt(i);for(var k=0;k<8;k++)crc=crc&1?crc>>1^0xa001:crc>>1}return crc}
function stationBytes(text){var bytes=new Uint8Array(text.length);for(var i=0;i<text.length;i++)bytes[i]=text.charCodeAt(i);return bytes}
function stationReply(frame){
 var open=frame.indexOf('['),quote=frame.lastIndexOf('"',open),digits=frame.substring(open+1,frame.length-1),plain='',text='';
 if(frame.charAt(0)!=='\\n'||frame.charAt(frame.length-1)!=='\\r'||parseInt(frame.substr(5,4),16)!==frame.length-10)print('ERROR: no frame');
 if(parseInt(frame.substr(1,4),16)!==stationCrc(frame.substring(9,frame.length-1)))print('ERROR: wrong CRC');
 var sealed=new Uint8Array(digits.length/2);
 for(var i=0;i<sealed.length;i++)sealed[i]=parseInt(digits.substr(2*i,2),16);
 var options={iv:new Uint8Array(16),mode:'CBC'},opened=new Uint8Array(realRequire('crypto').AES.decrypt(sealed,stationKey,options));
 for(var i=opened.length-20;i<opened.length;i++)plain+=String.fromCharCode(opened[i]);
 if(plain.charAt(0)!=='_')print('ERROR: no stamp');
 plain='padded-text|]'.substr(-12)+plain;
 var answer=new Uint8Array(realRequire('crypto').AES.encrypt(stationBytes(plain),stationKey,options));
 for(var i=0;i<answer.length;i++)text+=('0'+answer[i].toString(16)).substr(-2);
 text='"*ACK"'+frame.substring(quote+1,open+1)+text.toUpperCase();
 kissedOff++;
 return '\\n'+stationHex(stationCrc(text))+stationHex(text.length)+text+'\\r'}
var stationSent='',stationText='',bareSend=SPI2.send,bareWrite=Serial3.write,modemDue=0,modemText='';
function stationWord(registers,at,value){registers[at]=value>>8;registers[at+1]=value}
SPI2.send=function(b){
 var a=b[0]<<8|b[1],k=b[2],r=socketRegs[0],n=b.length-3;
 if(k===0x18&&stationText!==''){var o=new Uint8Array(n+3),p=(a-(r[0x28]<<8|r[0x29]))&0xffff;for(var i=0;i<n;i++)o[i+3]=stationText.charCodeAt(p+i);return o}
 if(k===0x14){for(var i=0;i<n;i++)stationSent+=String.fromCharCode(b[i+3]);return bareSend(b)}
 if(k===0x0c&&a===1&&b[3]===1)stationSent=stationText='';
 if(k===0x0c&&a===1&&b[3]===0x20){
  r[2]|=16;r[0x22]=r[0x24];r[0x23]=r[0x25];stationText=stationReply(stationSent);stationSent='';
  stationWord(r,0x26,stationText.length);stationWord(r,0x2a,((r[0x28]<<8|r[0x29])+stationText.length)&0xffff)}
 if(k===0x0c&&a===1&&b[3]===0x40){stationText='';stationWord(r,0x26,0)}
 return bareSend(b)};
Serial3.write=function(b){
 var told=b.trim();
 if(modemDue>0){modemText=stationReply(b);overModem++;Serial3.f('\\r\\nOK\\r\\n\\r\\n+CIPSEND: 0,'+modemDue+','+modemDue+'\\r\\n\\r\\n+CIPRXGET: 1,0\\r\\n');modemDue=0}
 else if(told.substr(0,13)==='AT+CIPSEND=0,'){modemDue=parseInt(told.substr(13));Serial3.f('\\r\\n>')}
 else if(told.substr(0,16)==='AT+CIPRXGET=2,0,'){Serial3.f('\\r\\n+CIPRXGET: 2,0,'+modemText.length+',0\\r\\n'+modemText+'\\r\\nOK\\r\\n');modemText=''}
 else bareWrite.call(Serial3,b)};
`
}
