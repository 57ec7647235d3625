/**
 * Where the modem families differ: one record of texts each, over one engine (at.ts) and one link machine (link.ts).
 * Only the record of the modem that was found is held; what is said on the way up and down is asked for when it is due.
 *
 *   A  NETOPEN, CIPOPEN   SIMCom A7670, A7608, A7672, and SIM7600, SIM7500 (A6)      hardware.md §2.5
 *   B  CNACT, CAOPEN      SIMCom SIM7080, SIM7070, SIM7090                           §2.6
 *   C  CIPSTART           SIMCom SIM7000, SIM800, SIM900                             §2.7
 *   D  QIOPEN             Quectel BG95, BG96, EC2x, EG25, EC200U                     §2.8
 *   E  USOCO              u-blox SARA-R4                                             §2.9
 *
 * Not here: PDP user and password (CGAUTH), choice of operator and of radio bands.
 */

export enum Family {
  A = 0,
  B = 1,
  C = 2,
  D = 3,
  E = 4,
  /** SIM7600: as A, but AT+CIPCCFG has seven fields. */
  A6 = 5,
}

/** What link.ts says and looks for. A text that is looked for is the beginning of a line. */
export interface Dialect {
  family: Family
  /** Code of the prompt's character: > or @. */
  prompt: number
  /** Opens link 0; one command a line. %t TCP or UDP, %h host, %p port. */
  open: string
  /** The whole line of success. Failures begin as it does, up to the comma. */
  opened: string
  /** What follows the comma when the PDP context is down. */
  dead: string
  /** Before the number of bytes. */
  send: string
  /** Says how many were taken, after its last comma; '' when OK says it all. */
  sent: string
  /** Before the number of bytes wanted. */
  read: string
  /** Before the number of bytes that follow. */
  head: string
  /** Between that number and the bytes in the same line; '' when they begin on the next. */
  tail: string
  /** Asks how many bytes wait; the number is the last of the answer. '' when reading tells. */
  ask: string
  close: string
  /** '' when OK says it. */
  closed: string
  /** Bytes wait. */
  notice: string
  /** The receiver closed. */
  ended: string
  /** The PDP context is gone. */
  lost: string
}

/** The family of a modem by a line of its answer to AT+CGMM (§2.4); -1 for any other line. */
export function family(line: string): number {
  // No name has the dot in it: at the end of a text the interpreter takes a part for all of it (docs/espruino-model.md),
  // so that an EC25-A would be one of the A76xx.
  const model = `${line}.`
  if (model.includes('SIM7600') || model.includes('SIM7500')) return Family.A6
  if (model.includes('A76')) return Family.A
  if (model.includes('SIM70')) return model.includes('SIM7000') ? Family.C : Family.B
  if (model.includes('SIM800') || model.includes('SIM900')) return Family.C
  if (model.startsWith('BG') || model.startsWith('EC2') || model.startsWith('EG')) return Family.D
  return model.includes('SARA') ? Family.E : -1
}

/** The record of a family. Called once, when the modem said who it is. */
export function record(kind: Family): Dialect {
  const d: Dialect = {
    family: kind,
    prompt: 62,
    open: 'AT+CIPOPEN=0,"%t","%h",%p',
    opened: '+CIPOPEN: 0,0',
    dead: '2',
    send: 'AT+CIPSEND=0,',
    sent: '+CIPSEND: 0,',
    read: 'AT+CIPRXGET=2,0,',
    head: '+CIPRXGET: 2,0,',
    tail: '',
    ask: 'AT+CIPRXGET=4,0',
    close: 'AT+CIPCLOSE=0',
    closed: '+CIPCLOSE: 0,',
    notice: '+CIPRXGET: 1,0',
    ended: '+IPCLOSE: 0,',
    lost: '+CIPEVENT',
  }
  switch (kind) {
    case Family.B:
      d.open = 'AT+CAOPEN=0,0,"%t","%h",%p'
      d.opened = '+CAOPEN: 0,0'
      d.dead = '21'
      d.send = 'AT+CASEND=0,'
      d.sent = ''
      d.read = 'AT+CARECV=0,'
      d.head = '+CARECV: '
      d.tail = ','
      d.ask = ''
      d.close = 'AT+CACLOSE=0'
      d.closed = ''
      d.notice = '+CADATAIND: 0'
      d.ended = '+CASTATE: 0,0'
      d.lost = '+APP PDP: 0,D'
      break
    case Family.C:
      d.open = 'AT+CIPSTART=0,"%t","%h",%p'
      d.opened = '0, CONNECT OK'
      d.dead = ''
      d.sent = 'DATA ACCEPT:0,'
      d.closed = '0, CLOSE OK'
      d.ended = '0, CLOSED'
      d.lost = '+PDP'
      break
    case Family.D:
      d.open = 'AT+QIOPEN=1,0,"%t","%h",%p,0,0'
      d.opened = '+QIOPEN: 0,0'
      d.dead = '561'
      d.send = 'AT+QISEND=0,'
      d.sent = 'SEND OK'
      d.read = 'AT+QIRD=0,'
      d.head = '+QIRD: '
      d.ask = 'AT+QIRD=0,0'
      d.close = 'AT+QICLOSE=0'
      d.closed = ''
      d.notice = '+QIURC: "recv",0'
      d.ended = '+QIURC: "closed",0'
      d.lost = '+QIURC: "pdpdeact"'
      break
    case Family.E:
      d.prompt = 64
      // 6 and 17 are the numbers of TCP and UDP. The last field has the result come later, so that the port stays free.
      d.open = 'AT+USOCR=%t\nAT+USOCO=0,"%h",%p,1'
      d.opened = '+UUSOCO: 0,0'
      d.dead = ''
      d.send = 'AT+USOWR=0,'
      d.sent = '+USOWR: 0,'
      d.read = 'AT+USORD=0,'
      d.head = '+USORD: 0,'
      d.tail = ',"'
      d.ask = 'AT+USORD=0,0'
      d.close = 'AT+USOCL=0'
      d.closed = ''
      d.notice = '+UUSORD: 0'
      d.ended = '+UUSOCL: 0'
      d.lost = '+UUPSDD'
  }
  return d
}

/**
 * The commands between power-up and registration, in order; '' after the last.
 * AT+CGMM tells the family, AT+CPIN? marks where the SIM must be ready. All but the first may fail without harm.
 */
export function setup(kind: Family, apn: string, index: number): string {
  // Text results (CMEE=2), no flow control (the board has no RTS/CTS).
  let all = `E0\n+CMEE=2\n+IFC=0,0\n+CGMM\n+CPIN?\n+CEREG=1\n+CGREG=1\n+CGDCONT=1,"IP","${apn}"\n`
  if (kind === Family.A || kind === Family.A6) {
    // Bytes kept in the modem until read (CIPRXGET=1), limits for NETOPEN, CIPOPEN and CIPSEND of 30, 20 and 15 s; with
    // its eighth field CIPCCFG keeps datagrams apart.
    all += '+CTZU=1\n+SJDR=1\n+CIPMODE=0\n+CIPRXGET=1\n+CIPSENDMODE=0\n+CIPTIMEOUT=30000,20000,15000\n'
    all += `+CIPCCFG=10,0,0,0,1,0,500${kind === Family.A ? ',1' : ''}`
  } else if (kind === Family.B) all += `+CLTS=1\n+CNMP=38\n+CMNB=3\n+CNCFG=0,1,"${apn}"`
  else if (kind === Family.C) all += '+CLTS=1\n+CREG=1\n+SJDR=1'
  else if (kind === Family.D) all += `+CTZU=1\n+QJDR=1\n+QICSGP=1,1,"${apn}","","",0`
  else all += '+CTZU=1\n+UDCONF=1,0'
  const line = all.split('\n')[index]
  return line === undefined ? '' : `AT${line}`
}

/** The commands that bring the PDP context up; '' after the last. Only the last one's ERROR counts. */
export function up(kind: Family, apn: string, index: number): string {
  let all = '+CGACT=1,1'
  if (kind === Family.A || kind === Family.A6) all = '+NETOPEN'
  else if (kind === Family.B) all = '+CNACT?\n+CNACT=0,1'
  else if (kind === Family.D) all = '+QIACT?\n+QIACT=1'
  else if (kind === Family.C) {
    // Quick send (CIPQSEND=1): else SEND OK waits for the receiver. CIFSR has to be asked, or CIPSTART is refused.
    all = `+CIPSHUT\n+CIPMUX=1\n+CIPQSEND=1\n+CIPRXGET=1\n+CSTT="${apn}","",""\n+CIICR\n+CIFSR`
  }
  const line = all.split('\n')[index]
  return line === undefined ? '' : `AT${line}`
}

/** What remedy() says. */
export enum Remedy {
  /** Takes the PDP context down. */
  PDP_DOWN = 0,
  /** Restarts the modem. */
  RESET = 1,
  /** Switches it off in order (§2.2). */
  OFF = 2,
  /** Asks how often a wrong PIN may still be entered: the first number of the answer. */
  PIN_TRIES = 3,
}

/** The families' ways to say what all of them can do. */
export function remedy(kind: Family, what: Remedy): string {
  let all = 'NETCLOSE CRESET CPOF SPIC'
  if (kind === Family.B) all = 'CNACT=0,0 CREBOOT CPOWD=1 SPIC'
  else if (kind === Family.C) all = 'CIPSHUT CFUN=1,1 CPOWD=1 SPIC'
  else if (kind === Family.D) all = 'QIDEACT=1 CFUN=1,1 QPOWD=1 QPINC="SC"'
  else if (kind === Family.E) all = 'CGACT=0,1 CFUN=15 CPWROFF UPINCNT'
  return `AT+${all.split(' ')[what]}`
}
