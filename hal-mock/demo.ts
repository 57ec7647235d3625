/**
 * The demo panel: a DevKitC with W5500, A7670 and a 4x3 keypad, two zones, two users, a duress code for the first one.
 * Its codes stand here for the bench, and on the first screen of `npm start`; nowhere else.
 */

export interface DemoCode {
  /** As scenarios call it: 'code A', 'duress A'. */
  name: string
  digits: string
  /** Slot 0-63 of the code table. */
  slot: number
  /** User shown, 1-64. */
  user: number
  isDuress: boolean
}

export const DEMO_CODES: DemoCode[] = [
  { name: 'code A', digits: '274916', slot: 0, user: 1, isDuress: false },
  { name: 'code B', digits: '805372', slot: 1, user: 2, isDuress: false },
  { name: 'duress A', digits: '618043', slot: 2, user: 1, isDuress: true },
]

/** Digits that match no slot. */
export const WRONG_DIGITS = '913578'

/** Where the station's receiver listens in the virtual network. */
export const RECEIVER_ADDRESS = '198.51.100.10'
export const RECEIVER_PORT = 12128

/** Its name, where somebody knows names. */
export const RECEIVER_NAME = 'rct.example.net'

/** Where a second receiver listens, for panels that have one. */
export const SECOND_ADDRESS = '203.0.113.20'

/** AES-128 key of the demo account. It protects nothing: everybody can read it here. */
export const DEMO_KEY = '30313233343536373839414243444546'

/** A receiver in the shape of firmware/config.ts. */
export interface DemoReceiver {
  host: string
  port: number
  protocol: 'tcp' | 'udp'
  account: string
  key: string
  paths: 'both' | 'ethernet' | 'cellular'
  isMonitoring: boolean
  isBackup: boolean
  events: string
  isPolled: boolean
  hasEventTime: boolean
  isPadded: boolean
}

/** The station that the demo reports to. */
export function demoReceiver(): DemoReceiver {
  return {
    host: RECEIVER_ADDRESS,
    port: RECEIVER_PORT,
    protocol: 'tcp',
    account: '1234',
    key: DEMO_KEY,
    paths: 'both',
    isMonitoring: true,
    isBackup: false,
    events: 'all',
    isPolled: true,
    hasEventTime: true,
    isPadded: true,
  }
}

/**
 * Settings in the shape of firmware/config.ts. Build C of hardware.md §4.2, with two zones on the free
 * input pins; the modem's supply and STATUS are not wired there.
 */
export function demoConfig() {
  return {
    receivers: [demoReceiver()],
    category: 'DP2',
    testHours: 24,
    expiryHours: 0,
    partition: 1,
    codeLength: 6,
    exitDelaySeconds: 60,
    entryDelaySeconds: 30,
    utcOffsetMinutes: 0,
    zones: [
      { name: 'Front door', type: 'entryExit' as const, pin: 34 },
      { name: 'Hall window', type: 'instant' as const, pin: 35 },
    ],
    ethernet: {
      mac: '02:00:00:12:34:56',
      isDynamic: false,
      address: '192.168.1.50',
      mask: '255.255.255.0',
      gateway: '192.168.1.1',
      dnsServers: [] as string[],
      timeServer: '',
    },
    cellular: { apn: 'iot.example', simPin: '', smsNumber: '' },
    pins: {
      rows: [13, 14, 15, 25],
      columns: [27, 36, 39],
      siren: 4,
      sirenRest: 0,
      light: 2,
      buzzer: 33,
      w5500Reset: 26,
      modemPowerKey: 32,
      modemSupply: -1,
      modemStatus: -1,
    },
  }
}

export type DemoConfig = ReturnType<typeof demoConfig>

/** Provisioned secrets of the demo panel: made from the seed by the bench, as flash.sh makes them from noise. */
export const SECRET_BYTES = 32
export const SALT_BYTES = 16
