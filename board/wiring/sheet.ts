/**
 * What is wired in one installation, as data: the boxes around the board with their terminals, where each goes, and the
 * circuits that belong to them. The drawing (draw.ts) and the terminal table (table.ts) read the same.
 */

import type { BoardMap } from '../boards/index'
import { chipInput, hex } from '../config/input-names'
import { FIRST_EXPANDER, type Panel, type Zone } from '../config/schema'
import { CIRCUITS, type CircuitName } from './circuits'

/** A GPIO of the board, or a supply. */
export type Net = number | 'GND' | '3V3' | '5V' | '12V' | '3V8'

export interface Terminal {
  /** As printed on the part, or what to call it. */
  label: string
  /** A number from 64 on is an output of a chip: no wire of the board's. */
  net: Net
  /** What sits between, in words: resistors, a level shifter. */
  via?: string
}

export interface Box {
  title: string
  notes: string[]
  terminals: Terminal[]
  /** The circuit that it needs in front, drawn below. */
  circuit?: CircuitName
  side: 'left' | 'right'
}

/** Zones that are wired alike. */
export interface LoopFigure {
  style: 'NC' | 'NO' | 'SEOL' | 'DEOL' | 'TEOL'
  zones: number[]
  pullUpOhms: number
  eolOhms?: number
  alarmOhms?: number
  faultOhms?: number
}

export interface Sheet {
  title: string
  boxes: Box[]
  circuits: CircuitName[]
  loops: LoopFigure[]
  /** Role of each GPIO that is used. */
  roles: Map<number, string>
}

const EXPANDER_PULL_UP = 100_000
const GPIO_PULL_UP = 10_000
const FIRST_INPUT_ONLY = 34

/** The panel has passed the check, and has all its pins (compile.wired). */
export function sheetOf(panel: Panel, map: BoardMap, title: string): Sheet {
  const boxes = [
    ...zoneBox(panel),
    ...senseBoxes(panel),
    keypadBox(panel, map),
    ...outputBoxes(panel, map),
    ethernetBox(panel, map),
    ...modemBox(panel, map),
    displayBox(map),
    ...converterBoxes(panel, map),
    ...furtherKeypads(panel, map),
  ]
  const used = boxes.flatMap((box) => box.circuit ?? [])
  const circuits = (Object.keys(CIRCUITS) as CircuitName[]).filter((name) => used.includes(name))
  return { title, boxes, circuits, loops: loopsOf(panel.zones), roles: rolesOf(boxes) }
}

type Pins = NonNullable<Panel['pins']>

function busPin(map: BoardMap, use: string): number {
  return map.pins.find((pin) => pin.use === use)?.gpio ?? -1
}

function supply(...nets: Net[]): Terminal[] {
  return nets.map((net) => ({ label: net === '3V8' ? 'VBAT' : String(net), net }))
}

function i2c(map: BoardMap): Terminal[] {
  return [
    { label: 'SDA', net: busPin(map, 'i2cData') },
    { label: 'SCL', net: busPin(map, 'i2cClock') },
  ]
}

function ethernetBox({ pins }: Panel, map: BoardMap): Box {
  const { w5500Reset } = pins as Pins
  return {
    title: 'W5500 module',
    notes: ['Ethernet; leads under 15 cm, 10 µF at its supply', ...atChip('RST', w5500Reset, ', 10k to 3V3')],
    side: 'right',
    terminals: [
      { label: 'SCLK', net: busPin(map, 'spiClock') },
      { label: 'MISO', net: busPin(map, 'spiInput') },
      { label: 'MOSI', net: busPin(map, 'spiOutput') },
      { label: 'SCS', net: busPin(map, 'spiSelect') },
      { label: 'RST', net: w5500Reset },
      ...supply('3V3', 'GND'),
    ],
  }
}

/** A line of notes for what is at an output of a chip; none for a GPIO. */
function atChip(label: string, net: number, rest = ''): string[] {
  if (net < FIRST_EXPANDER) return []
  const { address, input } = chipInput(net)
  return [`${label} at ${input} of ${address}${rest}`]
}

/** None where the board's maker has soldered it. */
function modemBox({ pins }: Panel, map: BoardMap): Box[] {
  if (map.pins.some(({ use, isFixed }) => use === 'modemReceive' && isFixed)) return []
  const { modemPowerKey, modemSupply, modemStatus } = pins as Pins
  const terminals: Terminal[] = [
    { label: 'TXD', net: busPin(map, 'modemReceive'), via: 'shifter if 1.8 V' },
    { label: 'RXD', net: busPin(map, 'modemTransmit'), via: 'shifter if 1.8 V' },
    { label: 'PWRKEY', net: modemPowerKey, via: 'NPN' },
  ]
  if (modemSupply >= 0) terminals.push({ label: 'supply EN', net: modemSupply })
  if (modemStatus >= 0) terminals.push({ label: 'STATUS', net: modemStatus, via: '100k to GND' })
  return [
    {
      title: 'Modem (A7670, SIM7600 ...)',
      notes: ['3.8 V that bears 3 A, 1000 µF at the module'],
      side: 'right',
      circuit: 'npn',
      terminals: [...terminals, ...supply('3V8', 'GND')],
    },
  ]
}

function displayBox(map: BoardMap): Box {
  return {
    title: 'Display 2x16, PCF8574 (0x27)',
    notes: ['remove its pull-ups to 5 V', '4k7 to 3V3 at SDA and at SCL, once for all'],
    side: 'right',
    terminals: [...i2c(map), ...supply('5V', 'GND')],
  }
}

function keypadBox({ pins, keypad }: Panel, map: BoardMap): Box {
  const { rows, columns, wiegandZero, wiegandOne, keypadLed, keypadInterrupt, beeper } = pins as Pins
  if (keypadInterrupt !== undefined) {
    const address = keypad ?? hex(map.expanders.find(({ roles }) => roles.includes('keypad'))?.address ?? 0)
    const isController = address === '0x34'
    return {
      title: `Keypad at a ${isController ? 'TCA8418' : 'PCF8574'} (${address})`,
      notes: isController
        ? ['rows R0-R3, columns C0-C3']
        : ['rows P0-P3, columns P4-P7', 'find rows and columns with a meter'],
      side: 'left',
      terminals: [{ label: 'INT', net: keypadInterrupt, via: '10k to 3V3' }, ...i2c(map), ...supply('3V3', 'GND')],
    }
  }
  if (wiegandZero !== undefined && wiegandOne !== undefined) {
    return {
      title: 'Wiegand keypad',
      notes: [
        'D0 green, D1 white; lines of 5 V by a shifter',
        'its GND and the board’s together',
        ...(beeper === undefined ? ['beeper at the buzzer’s transistor'] : atChip('beeper', beeper)),
      ],
      side: 'left',
      terminals: [
        { label: 'D0', net: wiegandZero, via: '2k2 to 3V3' },
        { label: 'D1', net: wiegandOne, via: '2k2 to 3V3' },
        ...(keypadLed === undefined ? [] : [{ label: 'LED', net: keypadLed }]),
        ...(beeper === undefined ? [] : [{ label: 'beeper', net: beeper }]),
        ...supply('12V', 'GND'),
      ],
    }
  }
  return {
    title: `Keypad ${columns.length === 4 ? '4x4' : '4x3'}`,
    notes: ['find rows and columns with a meter', '470 in each line'],
    side: 'left',
    terminals: [
      ...rows.map((net, at) => ({ label: `row ${at + 1}`, net })),
      ...columns.map((net, at) => ({
        label: `column ${at + 1}`,
        net,
        ...(net >= FIRST_INPUT_ONLY ? { via: '10k to 3V3' } : {}),
      })),
    ],
  }
}

function zoneBox({ zones }: Panel): Box[] {
  const own = zones.flatMap((zone, at) => ((zone.pin as number) < FIRST_EXPANDER ? [{ zone, at }] : []))
  if (own.length === 0) return []
  const terminals = own.map(({ zone, at }) => ({
    label: `Z${at + 1} ${zone.name}`,
    net: zone.pin as number,
    via: viaOf(zone),
  }))
  return [
    {
      title: 'Zones',
      notes: ['1k in series, clamp and 100 nF at each terminal'],
      side: 'left',
      terminals: [...terminals, ...supply('GND')],
    },
  ]
}

function viaOf(zone: Zone): string {
  if (zone.loop !== undefined && zone.loop.style !== 'NC' && zone.loop.style !== 'NO')
    return `${resistorMark(zone.loop.pullUpOhms)} to 3V3`
  return (zone.pin as number) >= FIRST_INPUT_ONLY ? '10k to 3V3' : ''
}

/** 4700 as 4k7, 100000 as 100k. */
export function resistorMark(ohms: number): string {
  if (ohms < 1000) return String(ohms)
  const whole = Math.floor(ohms / 1000)
  const rest = String(ohms % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${whole}k${rest}`
}

/** A box for each expander and converter, with what is at it. */
function converterBoxes({ zones, loopSupply, pins: own, outputs }: Panel, map: BoardMap): Box[] {
  const { siren, light, buzzer, w5500Reset, beeper = -1 } = own as Pins
  const loads = new Map([
    ...([
      [siren, 'siren'],
      [light, 'light'],
      [buzzer, 'buzzer'],
      [w5500Reset, 'RST'],
      [beeper, 'beeper'],
    ] as [number, string][]),
    ...outputs.map(({ pin }, at): [number, string] => [pin, `output ${at + 1}`]),
  ])
  const measured = loopSupply === undefined ? [] : [loopSupply]
  const pins = [...zones.map((zone) => zone.pin as number), ...measured, ...loads.keys()]
  const chips = new Map<string, string[]>()
  for (const pin of pins.filter((candidate) => candidate >= FIRST_EXPANDER).sort((a, b) => a - b)) {
    const { part, address, input } = chipInput(pin)
    const zone = zones.findIndex((candidate) => candidate.pin === pin)
    const title = `${part} (${address})`
    const what = zone < 0 ? (loads.get(pin) ?? '3V3 of the loops') : `Z${zone + 1}`
    chips.set(title, [...(chips.get(title) ?? []), `${input} ${what}`])
  }
  return [...chips].map(([title, inputs]) => ({
    title,
    notes: inputs.flatMap((_, at) => (at % 4 === 0 ? [inputs.slice(at, at + 4).join(', ')] : [])),
    side: 'right' as const,
    terminals: [...i2c(map), ...supply('3V3', 'GND')],
  }))
}

function furtherKeypads({ keypads }: Panel, map: BoardMap): Box[] {
  return keypads.map(({ chip, display }, at) => ({
    title: `Keypad ${at + 2}: MCP23017 (${hex(0x20 + chip)})`,
    notes: ['rows GPA0-3, columns GPB0-3', `buzzer GPA7, display at ${display}`],
    side: 'right' as const,
    terminals: [...i2c(map), ...supply('3V3', '5V', 'GND')],
  }))
}

function outputBoxes({ pins, outputs }: Panel, map: BoardMap): Box[] {
  const { siren, sirenRest, light, buzzer } = pins as Pins
  const load = (title: string, net: number, circuit: CircuitName, note: string): Box => ({
    title,
    notes: [note, ...atChip('IN', net)],
    side: sideOf(map, net),
    circuit,
    terminals: [{ label: 'IN', net }],
  })
  return [
    sirenRest === 1
      ? load('Siren, hold-off line', siren, 'holdOff', 'quiet while the line is high')
      : load('Siren 12 V', siren, 'mosfet', 'PTC 1.1 A, diode across it'),
    load('Strobe light 12 V', light, 'mosfet', 'PTC 0.5 A, diode across it'),
    load('Buzzer', buzzer, 'npn', 'active, 5 V'),
    ...outputs.map(({ pin, follows }, at) => load(`Output ${at + 1}, ${follows}`, pin, 'mosfet', 'PTC for its load')),
  ]
}

/** Where the pin is, so that its wire stays on that side. */
function sideOf(map: BoardMap, gpio: number): Box['side'] {
  return map.name.startsWith('devkitc') && [0, 1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 21, 22, 23].includes(gpio)
    ? 'right'
    : 'left'
}

function senseBoxes({ pins }: Panel): Box[] {
  const { acSense, batterySense, sirenSense, boxTamper, adcDivider } = pins as Pins
  const box = (title: string, net: number | undefined, note: string): Box[] =>
    net === undefined || net < 0
      ? []
      : [
          {
            title,
            notes: [note],
            side: 'left',
            terminals: [{ label: 'OUT', net, ...(note === '' ? {} : { via: note }) }],
          },
        ]
  return [
    ...box('Mains contact of the supply', acSense, '10k to 3V3'),
    ...box('Battery', batterySense, '100k, 18k to GND'),
    ...box('Siren circuit', sirenSense, '1k to 3V3'),
    ...box('Box tamper, to GND', boxTamper, '1k in series'),
    ...box('Half of 3V3', adcDivider, '2x 10k 1 %'),
  ]
}

/** One figure for zones that are wired alike. */
function loopsOf(zones: Zone[]): LoopFigure[] {
  const figures: LoopFigure[] = []
  zones.forEach(({ loop, pin }, at) => {
    const input = pin as number
    const plain = input < FIRST_EXPANDER ? GPIO_PULL_UP : EXPANDER_PULL_UP
    const style = loop?.style ?? 'NC'
    const hasResistors = style !== 'NC' && style !== 'NO'
    const figure: LoopFigure = {
      style,
      zones: [at + 1],
      pullUpOhms: hasResistors ? (loop?.pullUpOhms ?? plain) : plain,
      ...(loop?.eolOhms === undefined ? {} : { eolOhms: loop.eolOhms }),
      ...(loop?.alarmOhms === undefined ? {} : { alarmOhms: loop.alarmOhms }),
      ...(loop?.faultOhms === undefined ? {} : { faultOhms: loop.faultOhms }),
    }
    const same = figures.find(
      (other) => JSON.stringify({ ...other, zones: 0 }) === JSON.stringify({ ...figure, zones: 0 }),
    )
    if (same === undefined) figures.push(figure)
    else same.zones.push(at + 1)
  })
  return figures
}

/** What the board's outline says beside a pin. */
function rolesOf(boxes: Box[]): Map<number, string> {
  const roles = new Map<number, string>()
  for (const { title, terminals } of boxes) {
    for (const { label, net } of terminals) {
      if (typeof net !== 'number' || net >= FIRST_EXPANDER) continue
      const role = label === 'IN' || label === 'OUT' ? title.split(/[,(]| 12 V/)[0].trim() : label
      if (!roles.has(net)) roles.set(net, role)
    }
  }
  return roles
}
