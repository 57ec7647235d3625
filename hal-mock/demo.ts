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
  /** Role by its place in the settings' list (3: user, 1: master), and partitions, a bit each. */
  role: number
  partitions: number
}

export const DEMO_CODES: DemoCode[] = [
  { name: 'code A', digits: '274916', slot: 0, user: 1, isDuress: false, role: 3, partitions: 255 },
  { name: 'code B', digits: '805372', slot: 1, user: 2, isDuress: false, role: 3, partitions: 255 },
  { name: 'duress A', digits: '618043', slot: 2, user: 1, isDuress: true, role: 3, partitions: 255 },
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

/** Zones in the shape of firmware/config.ts, one entry a zone in each list. */
export interface DemoZones {
  count: number
  names: string
  types: number[]
  pins: number[]
  partitions: number[]
  flags: number[]
  cross?: number[]
  responses?: number[]
  pulses?: number[]
  loops?: number[]
}

/** Places of two zone types in the firmware's list. */
export const ENTRY_EXIT_1 = 0
export const PERIMETER = 2
/** Attributes that a burglary zone has by itself: it can be bypassed, its alarms are counted, its report waits. */
const BURGLARY_FLAGS = 2 + 32 + 64

/** Two zones on the free input pins. */
function demoZones(): DemoZones {
  return {
    count: 2,
    names: 'Front door\nHall window',
    types: [ENTRY_EXIT_1, PERIMETER],
    pins: [34, 35],
    partitions: [1, 1],
    flags: [BURGLARY_FLAGS, BURGLARY_FLAGS],
  }
}

/** One more instant zone, without attributes that need saying. */
export function addZone(zones: DemoZones, name: string, pin: number): void {
  zones.count++
  zones.names += '\n' + name
  zones.types.push(PERIMETER)
  zones.pins.push(pin)
  zones.partitions.push(1)
  zones.flags.push(BURGLARY_FLAGS)
}

/**
 * Settings in the shape of firmware/config.ts, as board/config/ makes them of docs/demo-panel.json. Build C of hardware.md §4.2, with two zones on the
 * free input pins; the modem's supply and STATUS are not wired there.
 */
export function demoConfig() {
  return {
    receivers: [demoReceiver()],
    category: 'DP2',
    testHours: 24,
    expiryHours: 0,
    bothDownMinutes: 3,
    partition: 1,
    partitions: 'Premises',
    codeLength: 6,
    // A door opened again restarts the exit delay; the three panic chords; any code sends as much as a duress code. Nobody walks
    // out of a bench: no stay by itself.
    options: 1 + 64 + 128 + 256 + 16384,
    exitDelaySeconds: 60,
    entryDelaySeconds: 30,
    entryDelay2Seconds: 60,
    abortSeconds: 30,
    cancelMinutes: 5,
    swingerLimit: 2,
    swingerHours: 48,
    crossZoneSeconds: 60,
    sirenMinutes: 4,
    keyTimeoutSeconds: 10,
    wrongLimit: 5,
    sensorWatchDays: 0,
    acDelayMinutes: 30,
    autoArmMinute: -1,
    preAlertMinutes: 5,
    utcOffsetMinutes: 0,
    zones: demoZones(),
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

/** And what a panel may have more. */
export type DemoConfig = Omit<ReturnType<typeof demoConfig>, 'pins'> & {
  pins: ReturnType<typeof demoConfig>['pins'] & DemoSenses
  outputs?: { pins: number[]; follows: number[] }
  adcReference?: number
  schedules?: number[]
  keypads?: number[]
  loopSupply?: number
  keypad?: number
  wiegand?: { keys: string; isWhole: boolean }
}

export interface DemoSenses {
  keypadInterrupt?: number
  wiegandZero?: number
  wiegandOne?: number
  keypadLed?: number
  beeper?: number
  adcDivider?: number
  acSense?: number
  batterySense?: number
  sirenSense?: number
  boxTamper?: number
}

/** Provisioned secrets of the demo panel: made from the seed by the bench, as flash.sh makes them from noise. */
export const SECRET_BYTES = 32
export const SALT_BYTES = 16
