/**
 * The modules that the modem model can be: names, times and boot lines (hardware.md §2.2, §2.3). Where the data sheet gives
 * a span, the longer time stands here. Power keys: low at the module, high at the ESP's pin.
 */

export type ModemModel = 'A7670' | 'SIM7600' | 'SIM7080' | 'SIM7000' | 'SIM800' | 'BG95' | 'EC25' | 'SARA-R4'

export interface ModuleFacts {
  /** Letter of hardware.md §2. */
  dialect: 'A' | 'B' | 'C' | 'D' | 'E'
  maker: string
  model: string
  revision: string
  /** Key held so long switches on, and so long switches a running module off. */
  keyOnMs: number
  keyOffMs: number
  /** From the key to the first answer. */
  bootMs: number
  /** First lines, then what comes later once the SIM is ready: text after so many ms. */
  bootLines: string[]
  laterLines: { text: string; afterMs: number }[]
  /** Command that switches off; whether it answers OK; what is said when off. */
  offCommand: string
  offAnswersOk: boolean
  offMarker: string
  /** Commands that restart. */
  restarts: string[]
  /** Commands that this module does not know though others of its family do. */
  unknown: string[]
  /** Asks how often a PIN may be tried. */
  pinCommand: string
}

const LATER = [
  { text: 'SMS DONE', afterMs: 3000 },
  { text: 'PB DONE', afterMs: 5000 },
]
const CALL_READY = [
  { text: 'Call Ready', afterMs: 3000 },
  { text: 'SMS Ready', afterMs: 4000 },
]

export const MODULES: Record<ModemModel, ModuleFacts> = {
  A7670: {
    dialect: 'A',
    maker: 'SIMCOM INCORPORATED',
    model: 'A7670E-FASE',
    revision: 'A7670M7_V1.11.1',
    keyOnMs: 50,
    keyOffMs: 2500,
    bootMs: 11100,
    bootLines: ['*ATREADY: 1'],
    laterLines: LATER,
    offCommand: '+CPOF',
    offAnswersOk: true,
    offMarker: '',
    restarts: ['+CRESET'],
    unknown: [],
    pinCommand: '+SPIC',
  },
  SIM7600: {
    dialect: 'A',
    maker: 'SIMCOM INCORPORATED',
    model: 'SIMCOM_SIM7600E-H',
    revision: 'LE20B04SIM7600M22',
    keyOnMs: 500,
    keyOffMs: 2500,
    bootMs: 11100,
    bootLines: ['RDY'],
    laterLines: LATER,
    offCommand: '+CPOF',
    offAnswersOk: true,
    offMarker: '',
    restarts: ['+CRESET'],
    unknown: [],
    pinCommand: '+SPIC',
  },
  SIM7080: {
    dialect: 'B',
    maker: 'SIMCOM_Ltd',
    model: 'SIM7080G',
    revision: '1951B08SIM7080',
    keyOnMs: 1000,
    keyOffMs: 1200,
    bootMs: 4500,
    bootLines: ['RDY', '+CFUN: 1'],
    laterLines: [{ text: 'SMS Ready', afterMs: 3000 }],
    offCommand: '+CPOWD',
    offAnswersOk: false,
    offMarker: 'NORMAL POWER DOWN',
    restarts: ['+CREBOOT'],
    unknown: [],
    pinCommand: '+SPIC',
  },
  SIM7000: {
    dialect: 'C',
    maker: 'SIMCOM_Ltd',
    model: 'SIMCOM_SIM7000E',
    revision: '1529B11V01SIM7000E',
    keyOnMs: 1000,
    keyOffMs: 1200,
    bootMs: 4500,
    bootLines: ['RDY', '+CFUN: 1'],
    laterLines: [{ text: 'SMS Ready', afterMs: 3000 }],
    offCommand: '+CPOWD',
    offAnswersOk: false,
    offMarker: 'NORMAL POWER DOWN',
    restarts: [],
    unknown: [],
    pinCommand: '+SPIC',
  },
  SIM800: {
    dialect: 'C',
    maker: 'SIMCOM_Ltd',
    model: 'SIMCOM_SIM800L',
    revision: '1418B05SIM800L24',
    keyOnMs: 1000,
    keyOffMs: 1500,
    bootMs: 3000,
    bootLines: ['RDY', '+CFUN: 1'],
    laterLines: CALL_READY,
    offCommand: '+CPOWD',
    offAnswersOk: false,
    offMarker: 'NORMAL POWER DOWN',
    restarts: [],
    unknown: ['+CEREG'],
    pinCommand: '+SPIC',
  },
  BG95: {
    dialect: 'D',
    maker: 'Quectel',
    model: 'BG95-M3',
    revision: 'BG95M3LAR02A04',
    keyOnMs: 500,
    keyOffMs: 650,
    bootMs: 5000,
    bootLines: ['RDY'],
    laterLines: [{ text: 'APP RDY', afterMs: 800 }],
    offCommand: '+QPOWD',
    offAnswersOk: true,
    offMarker: 'POWERED DOWN',
    restarts: [],
    unknown: [],
    pinCommand: '+QPINC',
  },
  EC25: {
    dialect: 'D',
    maker: 'Quectel',
    model: 'EC25',
    revision: 'EC25EFAR06A06M4G',
    keyOnMs: 500,
    keyOffMs: 650,
    bootMs: 13000,
    bootLines: ['RDY'],
    laterLines: [{ text: '+QIND: SMS DONE', afterMs: 3000 }],
    offCommand: '+QPOWD',
    offAnswersOk: true,
    offMarker: 'POWERED DOWN',
    restarts: [],
    unknown: [],
    pinCommand: '+QPINC',
  },
  'SARA-R4': {
    dialect: 'E',
    maker: 'u-blox',
    model: 'SARA-R410M-02B',
    revision: 'L0.0.00.00.05.12',
    keyOnMs: 150,
    keyOffMs: 1500,
    bootMs: 6000,
    bootLines: [],
    laterLines: [],
    offCommand: '+CPWROFF',
    offAnswersOk: true,
    offMarker: '',
    restarts: [],
    unknown: [],
    pinCommand: '+UPINCNT',
  },
}
