/**
 * Says what is wrong with a pin map: every rule of the self-check list in hardware.md §4.2, against what each pin of the
 * ESP32 does between power-up and the firmware's first line (hardware.md §0, §4.1). A map with a problem is not built.
 *
 * A pin that the board's maker soldered (isFixed) answers to the rules of the chip, not to those about its level at
 * power-up. Does not know: currents, the pins of other chips than the ESP32, what hangs on an expander.
 */

import type { PinConfig } from '../firmware/config'
import type { BoardMap, PinUse, Use } from './boards/board-map'

/** One GPIO as Espruino leaves it at reset. */
interface Pin {
  gpio: number
  /** Who has it whatever the map says: '' nobody. */
  owner: '' | 'the flash chip' | 'the console' | 'the BOOT button' | 'nobody, because it does not exist'
  canDrive: boolean
  isAdc1: boolean
  isWatchable: boolean
  /** Before the firmware runs: quiet and without a pull, pulled up, or moving. */
  atReset: 'floating' | 'up' | 'moving'
  /** Strapping: the level that the chip must find at reset; '' for none. 12 decides the flash voltage. */
  strap: '' | 'low' | 'high'
}

/** First GPIO without a driver and without pulls. */
const FIRST_INPUT_ONLY = 34
const LAST = 39
/** Pin numbers from here on are at port expanders: inputs, which config/ checks, and outputs, 16 a chip. */
const FIRST_EXPANDER = 64
const CHIP_PINS = 16
const LAST_OUTPUT = FIRST_EXPANDER + 7 * CHIP_PINS - 1
/** What may be an output of a chip: it rests by a resistor until the panel has spoken with the chip. */
const AT_CHIP: Use[] = ['siren', 'light', 'buzzer', 'beeper', 'w5500Reset', 'output']

const OWNERS: Record<number, Pin['owner']> = { 0: 'the BOOT button', 1: 'the console', 3: 'the console' }
for (let gpio = 6; gpio <= 11; gpio++) OWNERS[gpio] = 'the flash chip'
for (const gpio of [20, 24, 28, 29, 30, 31, 37, 38]) OWNERS[gpio] = 'nobody, because it does not exist'

/** setWatch refuses the first seven; 36 and 39 show pulses of 80 ns whenever the ADC starts (erratum 3.11). */
const NOT_WATCHABLE = [6, 7, 8, 9, 10, 11, 12, 36, 39]
const PULLED_UP = [0, 12, 13, 14, 15, 18, 19, 21, 22, 25, 26, 27]
/** Logs, JTAG and clock noise for milliseconds at power-up. On 5 and 15 the strap's pull-up holds an idle-high line. */
const MOVING = [0, 1, 3, 14]
const STRAPS: Record<number, Pin['strap']> = { 0: 'high', 2: 'low', 5: 'high', 12: 'low', 15: 'high' }
/** The PSRAM of a WROVER module. */
const PSRAM = [16, 17]

const PINS: Pin[] = []
for (let gpio = 0; gpio <= LAST; gpio++) {
  PINS.push({
    gpio,
    owner: OWNERS[gpio] ?? '',
    canDrive: gpio < FIRST_INPUT_ONLY,
    isAdc1: gpio >= 32,
    isWatchable: !NOT_WATCHABLE.includes(gpio),
    atReset: MOVING.includes(gpio) ? 'moving' : PULLED_UP.includes(gpio) || gpio === 5 ? 'up' : 'floating',
    strap: STRAPS[gpio] ?? '',
  })
}

/** '' when the pin suits the use, else why not, to be read after "GPIO4 cannot be the siren: ". */
type Rule = (pin: Pin, use: PinUse, map: BoardMap) => string

/** In the order in which they are told; the first that is broken is. */
const RULES: Rule[] = [
  (pin, use) => (pin.owner === '' || isConsoleItself(pin, use) ? '' : `it belongs to ${pin.owner}`),
  (pin, _use, map) =>
    map.module === 'WROVER' && PSRAM.includes(pin.gpio) ? 'it belongs to the PSRAM of a WROVER module' : '',
  (pin, use) => (isDriving(use) && !pin.canDrive ? 'it is an input only' : ''),
  (pin, use) => (use.pull === 'inside' && !pin.canDrive ? 'it has no pull-up inside, so it needs one outside' : ''),
  (_pin, use) =>
    use.direction === 'input' && use.pull === undefined ? 'it would float: it needs a pull-up, inside or outside' : '',
  (pin, use) => (use.isWatched && !pin.isWatchable ? 'its edges cannot be watched' : ''),
  (pin, use) => (use.direction === 'analog' && !pin.isAdc1 ? 'only GPIO32 to 39 (ADC1) can measure a voltage' : ''),
  (pin, use) =>
    pin.gpio === 12 && !use.isFixed ? 'high at reset it sets the flash chip to 1.8 V and nothing starts' : '',
  (pin, use) =>
    pin.strap === 'low' && !use.isFixed && isHighAtReset(use)
      ? 'it is a strapping pin that must be low at reset, or the chip cannot be flashed'
      : '',
  (pin, use) =>
    pin.strap === 'high' && !use.isFixed && use.direction !== 'analog' && use.idle === 'low'
      ? 'it is a strapping pin that is high at reset, which would switch the load on'
      : '',
  (pin, use) =>
    pin.strap !== '' && !use.isFixed && (use.use === 'zone' || use.use === 'siren')
      ? 'zones and siren stay off strapping pins'
      : '',
  (pin, use) =>
    use.idle === 'low' && !use.isFixed && pin.atReset === 'up'
      ? 'it is pulled up at reset, which would switch the load on'
      : '',
  (pin, use) =>
    use.idle !== undefined && !use.isFixed && pin.atReset === 'moving' ? 'its level moves at power-up' : '',
  (pin, use) =>
    use.idle === 'high' && !use.isFixed && !use.isHeld && pin.atReset === 'floating'
      ? 'nothing holds it high at power-up: it needs a resistor outside'
      : '',
]

/** What the settings of an installation say of pins. */
export interface Installation {
  pins: PinConfig
  zones: { name: string; pin: number; isMeasured?: boolean }[]
  outputs?: { pin: number; follows: string }[]
}

function wiegandLine(role: string, use: Use): PinUse {
  return { gpio: -1, use, role, direction: 'input', pull: 'outside', isWatched: true }
}

/** What each of the settings' pins is on any board; rows, columns and zones are added per pin. */
const SETTINGS: [keyof Omit<PinConfig, 'rows' | 'columns' | 'sirenRest'>, PinUse][] = [
  ['siren', { gpio: -1, use: 'siren', role: 'siren', direction: 'output', idle: 'low' }],
  ['light', { gpio: -1, use: 'light', role: 'strobe light', direction: 'output', idle: 'low' }],
  ['buzzer', { gpio: -1, use: 'buzzer', role: 'buzzer', direction: 'output', idle: 'low' }],
  ['w5500Reset', { gpio: -1, use: 'w5500Reset', role: 'W5500 RST', direction: 'output', idle: 'high' }],
  ['modemPowerKey', { gpio: -1, use: 'modemPowerKey', role: 'modem PWRKEY', direction: 'output', idle: 'low' }],
  ['modemSupply', { gpio: -1, use: 'modemSupply', role: 'modem supply', direction: 'output', idle: 'high' }],
  ['modemStatus', { gpio: -1, use: 'modemStatus', role: 'modem STATUS', direction: 'driven' }],
  ['acSense', { gpio: -1, use: 'acSense', role: 'mains sense', direction: 'input', pull: 'outside' }],
  ['batterySense', { gpio: -1, use: 'batterySense', role: 'battery sense', direction: 'analog' }],
  ['sirenSense', { gpio: -1, use: 'sirenSense', role: 'siren supervision', direction: 'analog' }],
  ['wiegandZero', wiegandLine('Wiegand D0', 'wiegandZero')],
  ['wiegandOne', wiegandLine('Wiegand D1', 'wiegandOne')],
  [
    'keypadInterrupt',
    { gpio: -1, use: 'keypadInterrupt', role: 'keypad INT', direction: 'input', pull: 'outside', isWatched: true },
  ],
  ['keypadLed', { gpio: -1, use: 'keypadLed', role: 'keypad LED', direction: 'output', idle: 'high' }],
  ['beeper', { gpio: -1, use: 'beeper', role: 'keypad beeper', direction: 'output', idle: 'high' }],
  ['adcDivider', { gpio: -1, use: 'adcDivider', role: 'half of 3.3 V', direction: 'analog' }],
  ['boxTamper', { gpio: -1, use: 'boxTamper', role: 'box tamper', direction: 'input', pull: 'outside' }],
]
const SETTINGS_USES: Use[] = ['row', 'column', 'zone', ...SETTINGS.map(([use]) => use)]

/**
 * Problems of a map, or of an installation's settings on that map, one sentence each; empty when it is sound. A sentence
 * names the pin, who wants it, why not, and a free pin that suits.
 * Source: hardware.md §4.1, §4.2.
 */
export function checkPins(map: BoardMap, config?: Installation): string[] {
  const uses = config === undefined ? map.pins : withSettings(map, config)
  const problems: string[] = []
  if (config !== undefined) {
    checkSiren(map, config.pins.sirenRest, problems)
    checkChip(map, config, problems)
  }
  for (let index = 0; index < uses.length; index++) {
    const use = uses[index]
    const earlier = uses.slice(0, index).find((other) => other.gpio === use.gpio)
    const reason = reasonAgainst(use.gpio, use, map)
    const name = use.gpio < FIRST_EXPANDER ? `GPIO${use.gpio}` : `pin ${use.gpio}`
    if (reason !== '') {
      problems.push(`${name} cannot be the ${use.role}: ${reason}; ${advice(use, uses, map)}`)
    } else if (earlier !== undefined) {
      // What the maker soldered stays; the other one has to go.
      const moved = use.isFixed && !earlier.isFixed ? earlier : use
      problems.push(`${name} is used twice, as ${earlier.role} and ${use.role}: ${advice(moved, uses, map)}`)
    }
  }
  return problems
}

/** Boot sets the siren's level by the map, long before it has read any settings. */
function checkSiren(map: BoardMap, wanted: number, problems: string[]): void {
  const siren = map.pins.find((pin) => pin.use === 'siren')
  if (siren?.idle === undefined || (siren.idle === 'high' ? 1 : 0) === wanted) return
  problems.push(
    `pins.sirenRest is ${wanted}, but ${map.name} keeps its siren's line ${siren.idle} from power-up: use a board whose siren is of the other kind`,
  )
}

/**
 * Boot makes inputs of all pins of the map's chip, so that no load stays on while there is no panel; of another chip it does
 * not know, and siren and reset need it (P-8).
 */
function checkChip(map: BoardMap, { pins }: Installation, problems: string[]): void {
  for (const key of ['siren', 'w5500Reset'] as const) {
    const there = map.pins.find(({ use }) => use === key)?.gpio ?? -1
    if (pins[key] < FIRST_EXPANDER || pins[key] === there) continue
    problems.push(
      `pin ${pins[key]} cannot be the ${key === 'siren' ? 'siren' : 'W5500 RST'}: ${map.name} does not know of it at power-up; leave it at ${there}`,
    )
  }
}

/** The map's buses and extras with the pins of the settings in place of the map's own. */
function withSettings(map: BoardMap, config: Installation): PinUse[] {
  const { pins, zones } = config
  const uses = map.pins.filter((pin) => !SETTINGS_USES.includes(pin.use))
  for (const [key, use] of SETTINGS) {
    const held: Partial<PinUse> = key === 'siren' && pins.sirenRest === 1 ? { idle: 'high', isHeld: true } : {}
    const gpio = pins[key] ?? -1
    if (gpio !== -1) uses.push(asOnMap(map, { ...use, ...held, gpio }))
  }
  pins.rows.forEach((gpio, index) => {
    uses.push(asOnMap(map, { gpio, use: 'row', role: `keypad row ${index + 1}`, direction: 'openDrain' }))
  })
  pins.columns.forEach((gpio, index) => {
    uses.push(asOnMap(map, input(gpio, 'column', `keypad column ${index + 1}`)))
  })
  config.outputs?.forEach(({ pin, follows }, index) => {
    uses.push(asOnMap(map, { gpio: pin, use: 'output', role: `output ${index + 1} (${follows})`, direction: 'output' }))
  })
  zones.forEach((zone, index) => {
    if (zone.pin >= FIRST_EXPANDER) return
    const role = `zone ${index + 1} (${zone.name})`
    const use: PinUse = zone.isMeasured
      ? { gpio: zone.pin, use: 'zone', role, direction: 'analog' }
      : asOnMap(map, input(zone.pin, 'zone', role))
    uses.push(use)
  })
  return uses
}

/** A contact to ground; where the chip has no pull-up inside, the installer has put one outside. */
function input(gpio: number, use: Use, role: string): PinUse {
  return { gpio, use, role, direction: 'input', pull: gpio >= FIRST_INPUT_ONLY ? 'outside' : 'inside' }
}

/** Resistors and solder joints of the map count for a setting that leaves the pin where the map has it. */
function asOnMap(map: BoardMap, use: PinUse): PinUse {
  const there = map.pins.find((pin) => pin.gpio === use.gpio && pin.use === use.use)
  return there === undefined ? use : { ...there, role: use.role }
}

function reasonAgainst(gpio: number, use: PinUse, map: BoardMap): string {
  if (gpio >= FIRST_EXPANDER && gpio <= LAST_OUTPUT) {
    return AT_CHIP.includes(use.use) ? '' : 'only outputs of the panel can be at a port expander'
  }
  const pin = PINS[gpio]
  if (pin === undefined) return `GPIOs are numbered 0 to ${LAST}`
  for (const rule of RULES) {
    const reason = rule(pin, use, map)
    if (reason !== '') return reason
  }
  return ''
}

/** A free pin that suits, from those with least trouble on. */
function advice(use: PinUse, uses: PinUse[], map: BoardMap): string {
  const chip = use.gpio - (use.gpio % CHIP_PINS)
  for (let pin = chip; chip >= FIRST_EXPANDER && pin < chip + CHIP_PINS; pin++) {
    if (!uses.some((other) => other.gpio === pin)) return `pin ${pin} is free and suits`
  }
  // On another pin the maker's joints and the resistors for this one do not count; a pull-up can be put anywhere.
  const wanted: PinUse = { ...use, isFixed: false, isHeld: false }
  if (wanted.direction === 'input') wanted.pull = 'outside'
  for (const gpio of byTrouble(wanted)) {
    if (uses.some((other) => other.gpio === gpio) || reasonAgainst(gpio, wanted, map) !== '') continue
    const needsPull = wanted.direction === 'input' && gpio >= FIRST_INPUT_ONLY
    return `GPIO${gpio} is free and suits${needsPull ? ', with a pull-up outside' : ''}`
  }
  if (!AT_CHIP.includes(use.use)) return 'no free pin suits, so something has to move to an I2C expander'
  return 'no free pin suits, so something has to move to an I2C expander, outputs to an MCP23017 as 64 + 16 * chip + output'
}

/** What only takes a level leaves the pins that can drive to those who need them. */
function byTrouble(use: PinUse): number[] {
  const all = PINS.map((pin) => pin.gpio)
  const quiet = all.filter((gpio) => PINS[gpio].strap === '' && PINS[gpio].atReset !== 'moving')
  const rest = all.filter((gpio) => !quiet.includes(gpio))
  const inputs = quiet.filter((gpio) => gpio >= FIRST_INPUT_ONLY)
  const others = quiet.filter((gpio) => gpio < FIRST_INPUT_ONLY)
  return isDriving(use) ? [...others, ...rest] : [...inputs, ...others, ...rest]
}

function isDriving(use: PinUse): boolean {
  return use.direction === 'output' || use.direction === 'openDrain'
}

function isHighAtReset(use: PinUse): boolean {
  return use.idle === 'high' || use.pull !== undefined
}

function isConsoleItself(pin: Pin, use: PinUse): boolean {
  return (pin.gpio === 1 && use.use === 'consoleTx') || (pin.gpio === 3 && use.use === 'consoleRx')
}
