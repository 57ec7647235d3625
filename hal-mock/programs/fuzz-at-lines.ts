/**
 * What modems say, for fuzz-at.ts: the answers that lead a path through its stages, and lines out of turn. Written from
 * hardware.md §2, not taken from firmware or models.
 */

/** A command's beginning and the answer to it; the longest beginning wins. */
export type Conversation = [string, string]

export interface Family {
  name: string
  conversation: Conversation[]
  /** Answer to a frame. */
  taken: string
  /** Says that the connection is open. */
  opened: string
  /** Announces % bytes. */
  head: string
  /** The same as it is looked for in a stream, perhaps hurt: the number is its first group. */
  counted: RegExp
  /** Commands in whose flight an input begins. */
  stages: string[]
  /** Lines out of turn. */
  lines: string[]
}

function said(...lines: string[]): string {
  return lines.map((line) => `\r\n${line}\r\n`).join('')
}

export const GENERAL: Conversation[] = [
  ['AT', said('OK')],
  ['AT+CPIN?', said('+CPIN: READY', 'OK')],
  ['AT+CEREG?', said('+CEREG: 1,1', 'OK')],
  ['AT+CGREG?', said('+CGREG: 1,5', 'OK')],
  ['AT+CSQ', said('+CSQ: 20,99', 'OK')],
  ['AT+CCLK?', said('+CCLK: "26/01/05,08:00:00+04"', 'OK')],
  ['AT+SPIC', said('+SPIC: 3,10,3,10', 'OK')],
]

const COMMON = [
  ...['OK', 'ERROR', '+CME ERROR: 10', '+CMS ERROR: 500', 'RDY', '*ATREADY: 1', 'RING', '+CREG: 1', '+CEREG: 2'],
  ...[
    '+CEREG: 1,"1A2B","0000C3D4",7',
    '+CGREG: 0',
    '+CSQ: 99,99',
    '+CPIN: SIM PIN',
    '+CPIN: SIM PUK',
    '+CPIN: NOT READY',
  ],
  ...[
    '+CPIN: READY',
    '+CCLK: "70/01/01,00:00:00+00"',
    '+CCLK: "',
    '+QLTS: "2026/01/05,08:00:00+04,0"',
    '+CMTI: "SM",1',
  ],
  ...[
    'NORMAL POWER DOWN',
    'POWERED DOWN',
    '+QJDR: JAMMED',
    '$QCJDSTATE:1,1',
    '>',
    '@',
    '',
    'A7670E',
    'BG96',
    'SHUT OK',
  ],
]

export const FAMILIES: Family[] = [
  {
    name: 'A',
    conversation: [
      ['AT+CGMM', said('A7670E-FASE', 'OK')],
      ['AT+NETOPEN', said('OK', '+NETOPEN: 0')],
      ['AT+CIPOPEN', said('OK', '+CIPOPEN: 0,0')],
      ['AT+CIPSEND=', '\r\n>'],
      ['AT+CIPRXGET=2', `${said('+CIPRXGET: 2,0,9,0')}kiss-off\r${said('OK')}`],
      ['AT+CIPRXGET=4', said('+CIPRXGET: 4,0,9', 'OK')],
      ['AT+CIPCLOSE', said('OK', '+CIPCLOSE: 0,0')],
    ],
    taken: said('OK', '+CIPSEND: 0,46,46', '+CIPRXGET: 1,0'),
    opened: '+CIPOPEN: 0,0',
    head: '\r\n+CIPRXGET: 2,0,%,0\r\n',
    counted: /\+CIPRXGET: 2,0, *(\d+)[^\n]*\n/g,
    stages: ['AT+NETOPEN', 'AT+CIPOPEN', 'AT+CIPSEND', '\nA1B2', 'AT+CIPRXGET=2'],
    lines: [
      ...COMMON,
      ...[
        '+NETOPEN: 0',
        '+NETOPEN: 1',
        '+NETCLOSE: 0',
        '+CIPOPEN: 0,1',
        '+CIPOPEN: 0,2',
        '+CIPOPEN: 1,0',
        '+CIPSEND: 0,46,-1',
      ],
      ...['+CIPRXGET: 1,0', '+CIPRXGET: 4,0,99999', '+IPCLOSE: 0,1', '+CIPCLOSE: 0,0', '+CIPEVENT: NETWORK CLOSED'],
      ...['+IP ERROR: Network is already opened', '+CIPERROR: 4', '+CIPRXGET: 2,0,-5,9', '+CIPRXGET: 2,0,5'],
    ],
  },
  {
    name: 'B',
    conversation: [
      ['AT+CGMM', said('SIM7080G', 'OK')],
      ['AT+CNACT?', said('+CNACT: 0,0,"0.0.0.0"', 'OK')],
      ['AT+CNACT=0,1', said('OK', '+APP PDP: 0,ACTIVE')],
      ['AT+CAOPEN', said('+CAOPEN: 0,0', 'OK')],
      ['AT+CASEND', '\r\n>'],
      ['AT+CARECV', `\r\n+CARECV: 9,kiss-off\r${said('OK')}`],
      ['AT+CACLOSE', said('OK')],
    ],
    taken: said('OK', '+CADATAIND: 0'),
    opened: '+CAOPEN: 0,0',
    head: '\r\n+CARECV: %,',
    counted: /\+CARECV: *(\d+),/g,
    stages: ['AT+CNACT=0,1', 'AT+CAOPEN', 'AT+CASEND', '\nA1B2', 'AT+CARECV'],
    lines: [
      ...COMMON,
      ...[
        '+APP PDP: 0,ACTIVE',
        '+APP PDP: 0,DEACTIVE',
        '+CAOPEN: 0,21',
        '+CAOPEN: 0,27',
        '+CADATAIND: 0',
        '+CASTATE: 0,0',
      ],
      ...['+CAURC: "buffer full"', '+CARECV: 0', '+CARECV: 99999,x', '+CARECV: ,', '+CNACT: 0,1,"10.0.0.1"'],
    ],
  },
  {
    name: 'C',
    conversation: [
      ['AT+CGMM', said('SIMCOM_SIM800L', 'OK')],
      ['AT+CIPSHUT', said('SHUT OK')],
      ['AT+CIFSR', said('10.64.12.34')],
      ['AT+CIPSTART', said('OK', '0, CONNECT OK')],
      ['AT+CIPSEND=', '\r\n> '],
      ['AT+CIPRXGET=2', `${said('+CIPRXGET: 2,0,9,0')}kiss-off\r${said('OK')}`],
      ['AT+CIPRXGET=4', said('+CIPRXGET: 4,0,9', 'OK')],
      ['AT+CIPCLOSE', said('0, CLOSE OK')],
    ],
    taken: said('DATA ACCEPT:0,46', '+CIPRXGET: 1,0'),
    opened: '0, CONNECT OK',
    head: '\r\n+CIPRXGET: 2,0,%,0\r\n',
    counted: /\+CIPRXGET: 2,0, *(\d+)[^\n]*\n/g,
    stages: ['AT+CIPSHUT', 'AT+CIICR', 'AT+CIFSR', 'AT+CIPSTART', 'AT+CIPSEND', '\nA1B2', 'AT+CIPRXGET=2'],
    lines: [
      ...COMMON,
      ...[
        '0, CONNECT FAIL',
        '0, ALREADY CONNECT',
        '0, CLOSED',
        '0, CLOSE OK',
        '0, SEND OK',
        '0, SEND FAIL',
        '1, CLOSED',
      ],
      ...[
        '+PDP: DEACT',
        'UNDER-VOLTAGE WARNNING',
        'UNDER-VOLTAGE POWER DOWN',
        'DATA ACCEPT:0,5',
        '10.0.0.1',
        'STATE: IP STATUS',
      ],
    ],
  },
  {
    name: 'D',
    conversation: [
      ['AT+CGMM', said('BG95-M3', 'OK')],
      ['AT+QLTS', said('+QLTS: "2026/01/05,08:00:00+04,0"', 'OK')],
      ['AT+QPINC', said('+QPINC: "SC",3,10', 'OK')],
      ['AT+QIOPEN', said('OK', '+QIOPEN: 0,0')],
      ['AT+QISEND', '\r\n> '],
      ['AT+QIRD', `${said('+QIRD: 9')}kiss-off\r${said('OK')}`],
      ['AT+QIRD=0,0', said('+QIRD: 9,0,9', 'OK')],
    ],
    taken: said('SEND OK', '+QIURC: "recv",0'),
    opened: '+QIOPEN: 0,0',
    head: '\r\n+QIRD: %\r\n',
    counted: /\+QIRD: *(\d+)[^\n]*\n/g,
    stages: ['AT+QIACT?', 'AT+QIACT=1', 'AT+QIOPEN', 'AT+QISEND', '\nA1B2', 'AT+QIRD'],
    lines: [
      ...COMMON,
      ...[
        '+QIOPEN: 0,561',
        '+QIOPEN: 0,566',
        '+QIOPEN: 1,0',
        'SEND OK',
        'SEND FAIL',
        '+QIURC: "recv",0',
        '+QIURC: "closed",0',
      ],
      ...[
        '+QIURC: "pdpdeact",1',
        '+QIURC: "incoming full"',
        '+QIRD: 0',
        '+QIRD: 99999',
        '+QIRD: -1',
        '+QIACT: 1,1,1,"10.0.0.1"',
      ],
    ],
  },
  {
    name: 'E',
    conversation: [
      ['AT+CGMM', said('SARA-R410M-02B', 'OK')],
      ['AT+UPINCNT', said('+UPINCNT: 3,3,10,10', 'OK')],
      ['AT+USOCR', said('+USOCR: 0', 'OK')],
      ['AT+USOCO', said('OK', '+UUSOCO: 0,0')],
      ['AT+USOWR', '\r\n@'],
      ['AT+USORD', `\r\n+USORD: 0,9,"kiss-off\r"\r\n${said('OK')}`],
      ['AT+USORD=0,0', said('+USORD: 0,9', 'OK')],
    ],
    taken: said('+USOWR: 0,46', 'OK', '+UUSORD: 0,9'),
    opened: '+UUSOCO: 0,0',
    head: '\r\n+USORD: 0,%,"',
    counted: /\+USORD: 0, *(\d+),"/g,
    stages: ['AT+CGACT=1,1', 'AT+USOCR', 'AT+USOCO', 'AT+USOWR', '\nA1B2', 'AT+USORD'],
    lines: [
      ...COMMON,
      ...[
        '+UUSOCO: 0,111',
        '+UUSOCO: 1,0',
        '+UUSORD: 0,5',
        '+UUSOCL: 0',
        '+UUPSDD: 0',
        '+USOWR: 0,5',
        '+USORD: 0,99999,"x"',
      ],
      ...['+USORD: 0,0,""', '+USORD: 0,5', '+USOCR: 3', '"'],
    ],
  },
]
