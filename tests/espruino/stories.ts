/**
 * What has to happen so that every function of the firmware runs: chips that die, answers that are refused, codes that
 * are wrong. Each story is a run of its own in the interpreter, which starts with empty memory; so stories are short.
 *
 * To add one: a name, and the text that the interpreter runs. It has `sim` (hal-mock/simulator.ts), switched off, with
 * `ethernet`, `modem` and `flash` of its board, and
 *   go(seconds)         lets time pass
 *   code(name), keys(text)    has fingers type
 *   fill(count)         commits so many duress codes at once, faster than fingers could
 */

export interface Story {
  name: string
  text: string
}

/**
 * Stands in front of each story. What the bench remembers is dropped on the way, or it would fill the memory. While no
 * finger is busy, the panel is polled each 100 ms at most: most of a story's time would go into reading the keypad.
 */
export const STORY_HEAD = `
var restMs=0,paced={makeCodes:firmware.makeCodes,storeCode:firmware.storeCode,create:firmware.create,pathState:firmware.pathState,wake:firmware.wake,
 poll:function(panel){var dueMs=firmware.poll(panel),atMs=sim.board.upMs()+restMs;return dueMs<atMs?atMs:dueMs}};
var sim=new bench.Simulator({firmware:paced,config:bench.demoConfig(),crypto:firmware.natives||bench.natives,seed:7});
var ethernet=sim.board.ethernet,modem=sim.board.modem,flash=sim.board.flash;
function drop(){sim.onlooker.sights=[];sim.station.splice(0);sim.stationAtMs.splice(0)}
function go(seconds){
 var endMs=sim.clock.nowMs+seconds*1000;
 restMs=0;
 if(sim.panel!==undefined)sim.dueMs=sim.clock.nowMs;
 if(sim.fingerMs>sim.clock.nowMs)sim.runTo(Math.min(endMs,sim.fingerMs+500));
 for(restMs=100;sim.clock.nowMs<endMs;drop())sim.runTo(Math.min(endMs,sim.clock.nowMs+5000));
 restMs=0;
}
function keys(text){sim.type(text)}
function digits(name){for(var i=0;i<bench.DEMO_CODES.length;i++)if(bench.DEMO_CODES[i].name===name)return bench.DEMO_CODES[i].digits}
function code(name){keys(name==='wrong code'?bench.WRONG_DIGITS:digits(name))}
function fill(count){
 var d=digits('duress A');
 for(var i=0;i<count;i++)for(var k=0;k<d.length;k++)firmware.keyPressed(sim.panel,d.charAt(k),sim.board.upMs());
}
`

/** What no setting of the panel, and so no story, reaches yet: files, or single functions as 'file#function'. */
export const UNREACHED = [
  // DHCP, DNS, SNTP and UDP targets.
  ...['services', 'exchanges', 'dhcp', 'dhcp-message', 'dns', 'sntp'].map((name) => `firmware/ethernet/${name}.ts`),
  'firmware/ethernet/w5500.ts#bind',
  'firmware/ethernet/w5500.ts#receiveDatagram',
  'firmware/ethernet/ethernet-path.ts#takeDatagram',
  // Text messages, a jammed modem, other families than A.
  'firmware/cellular/sms.ts',
  'firmware/cellular/watch.ts#judge',
  'firmware/cellular/bring-up.ts#ended',
  'firmware/cellular/at.ts#finish',
  'firmware/cellular/at.ts#expectCounted',
]

const NO_TIME = `sim.board.utcSeconds=function(){return 0};`

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
]
