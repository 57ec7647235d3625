import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOARDS } from '../../../board/boards/index'
import { judge } from '../../../board/config/check'
import { FOLLOWS } from '../../../board/config/schema'
import { ZONE_TYPES } from '../../../board/config/zone-types'
import type { Config } from '../../../firmware/config'
import { sound } from './sound'

/** `CONFIGURATIONS=100000 npx vitest run tests/board/config/random.test.ts` is the long campaign. */
const RUNS = Number(process.env.CONFIGURATIONS ?? 1500)
const SEED = 20261127

// What the ESP32 can do, once more and without board/pin-check.ts (hardware.md 4.1).
const BUSES = [1, 3, 5, 16, 17, 18, 19, 21, 22, 23]
const FLASH = [6, 7, 8, 9, 10, 11]
const MISSING = [20, 24, 28, 29, 30, 31, 37, 38]
const BOOT_BUTTON = 0
const FLASH_VOLTAGE = 12
const PULLED_UP_AT_RESET = [5, 13, 14, 15, 18, 19, 21, 22, 25, 26, 27]
// Of a LilyGO T-A7670, which its maker has soldered to the strap: the board's supply (hardware.md 4.3).
const SOLDERED: { [board: string]: number[] } = { 't-a7670': [FLASH_VOLTAGE] }
// Outputs at MCP23017s: 64 + 16 * chip + output, seven chips from 0x20 on.
const FIRST_OUTPUT = 64
const LAST_OUTPUT = 64 + 7 * 16 - 1
const chipOf = (pin: number) => (pin - FIRST_OUTPUT) >> 4

/** Everything that a panel which was passed has wrong on its pins; found by trying each against each. */
function conflicts({ pins, zones, outputs, keypads }: Config, board: string): string[] {
  const outs = [pins.siren, pins.light, pins.buzzer, pins.w5500Reset, pins.modemPowerKey, pins.modemSupply]
  const driven = [...pins.rows, ...outs, ...(outputs?.pins ?? [])].filter((pin) => pin >= 0)
  const sensed = [pins.modemStatus, pins.acSense ?? -1, pins.boxTamper ?? -1].filter((pin) => pin >= 0)
  const measured = [pins.batterySense ?? -1, pins.sirenSense ?? -1].filter((pin) => pin >= 0)
  const contacts = zones.pins.filter((pin) => pin < 64)
  const all = [...driven, ...sensed, ...measured, ...contacts, ...pins.columns]
  const found: string[] = []
  for (let left = 0; left < all.length; left++) {
    for (let right = left + 1; right < all.length; right++)
      if (all[left] === all[right]) found.push(`${all[left]} twice`)
    if (BUSES.includes(all[left])) found.push(`${all[left]} belongs to a bus`)
    const isSoldered = SOLDERED[board]?.includes(all[left]) === true && all[left] === pins.modemSupply
    if (!isSoldered && [...FLASH, ...MISSING, BOOT_BUTTON, FLASH_VOLTAGE].includes(all[left]))
      found.push(`${all[left]} is none`)
    if (all[left] > 39 && !outs.includes(all[left]) && !outputs?.pins.includes(all[left]))
      found.push(`${all[left]} is no GPIO`)
  }
  for (const pin of driven) if (pin >= 34 && pin < FIRST_OUTPUT) found.push(`${pin} drives nothing`)
  const atChips = driven.filter((pin) => pin >= FIRST_OUTPUT)
  const others = [
    ...zones.pins.filter((pin) => pin >= FIRST_OUTPUT && pin <= LAST_OUTPUT).map(chipOf),
    ...(keypads ?? []),
  ]
  for (const pin of atChips) {
    if (pin > LAST_OUTPUT) found.push(`${pin} is no output`)
    if (chipOf(pin) !== chipOf(atChips[0])) found.push('outputs at two chips')
    if (others.includes(chipOf(pin))) found.push(`${pin} is at a chip of zones or keys`)
  }
  for (const pin of measured) if (pin < 32) found.push(`${pin} measures nothing`)
  const quiet = [pins.light, pins.buzzer, pins.modemPowerKey, ...(pins.sirenRest === 0 ? [pins.siren] : [])]
  for (const pin of quiet) if (PULLED_UP_AT_RESET.includes(pin)) found.push(`${pin} switches its load on at reset`)
  const inputs = zones.pins.filter((pin) => pin >= 64)
  if (new Set(inputs).size !== inputs.length) found.push('an input of an expander twice')
  if (zones.pins.some((pin) => !(pin >= 0))) found.push('a zone without an input')
  return found
}

/** Mostly sensible, sometimes near a limit, now and then not of the right kind at all. */
const junk = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant([]),
  fc.constant({}),
)
const mostly = <T>(good: fc.Arbitrary<T>) => fc.oneof({ weight: 60, arbitrary: good }, { weight: 1, arbitrary: junk })
const gpio = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(4, 14, 15, 25, 27, 33, 34, 35, 36, 39) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 40 }) },
)
const zone = fc.record(
  {
    name: mostly(fc.constantFrom('Door', 'Hall', 'Loft')),
    type: mostly(fc.constantFrom(...ZONE_TYPES)),
    pin: mostly(fc.oneof(gpio, fc.integer({ min: 64, max: 78 }))),
    responseMs: mostly(fc.integer({ min: 1, max: 22 }).map((steps) => steps * 20)),
  },
  { requiredKeys: ['name', 'type'] },
)
const OUTS = ['siren', 'buzzer', 'light', 'w5500Reset', 'modemPowerKey', 'modemSupply', 'modemStatus'] as const
const SENSES = ['acSense', 'batterySense', 'sirenSense', 'boxTamper'] as const
const RIGHT: Record<string, unknown> = {
  ...{ rows: [13, 14, 15, 25], columns: [27, 36, 39], siren: 4, sirenRest: 0, buzzer: 33, light: 2 },
  ...{ w5500Reset: 26, modemPowerKey: 32, modemSupply: -1, modemStatus: -1 },
}
const pins = fc
  .record({
    moved: fc.dictionary(fc.constantFrom(...OUTS, ...SENSES), gpio, { maxKeys: 2 }),
    rows: fc.option(fc.array(gpio, { minLength: 4, maxLength: 4 }), { nil: undefined, freq: 2 }),
    sirenRest: fc.constantFrom(0, 0, 0, 0, 0, 1),
  })
  .map(({ moved, rows, sirenRest }) => ({ ...RIGHT, ...moved, sirenRest, ...(rows === undefined ? {} : { rows }) }))
const FIELDS = fc.record({
  board: mostly(fc.constantFrom(...BOARDS.map((map) => map.name))),
  profile: mostly(fc.constantFrom('SIA', 'EN')),
  zones: mostly(fc.array(zone, { minLength: 1, maxLength: 3 })),
  pins: mostly(pins),
  outputs: mostly(fc.array(fc.record({ pin: gpio, follows: fc.constantFrom(...FOLLOWS) }), { maxLength: 1 })),
  entryDelaySeconds: mostly(fc.integer({ min: 28, max: 62 })),
  abortSeconds: mostly(fc.constantFrom(0, 0, 15, 30, 45, 46)),
  keypads: mostly(
    fc.array(fc.record({ chip: fc.integer({ min: 1, max: 6 }), display: fc.constantFrom('0x38', '0x39', '0x3a') }), {
      maxLength: 1,
    }),
  ),
  surplus: fc.jsonValue(),
})
/** A few of them at a time, else nearly every panel would be refused for some field, and no pin looked at. */
const change = fc
  .tuple(
    FIELDS,
    fc.subarray(
      ['board', 'profile', 'zones', 'pins', 'outputs', 'entryDelaySeconds', 'abortSeconds', 'keypads', 'surplus'],
      { maxLength: 3 },
    ),
  )
  .map(([all, kept]) => Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name))))

describe(`${RUNS} random configurations`, () => {
  it('never stop the check, and none that it passes has a conflict of pins', () => {
    let passed = 0
    let refused = 0
    const property = fc.property(fc.constantFrom(...BOARDS), change, (map, changed) => {
      const given = sound((panel) => {
        Object.assign(panel, changed)
        if (panel.board !== undefined && panel.board !== null) panel.board = map.name
      })
      const { problems, config } = judge(given, map)
      for (const { text } of problems) expect(text).not.toMatch(/is undefined|\[object|NaN/)
      if (config === undefined) {
        refused++
        expect(problems.length).toBeGreaterThan(0)
        return
      }
      passed++
      expect(conflicts(config, map.name), JSON.stringify(given.pins)).toEqual([])
    })
    fc.assert(property, { numRuns: RUNS, seed: SEED })
    // Both kinds are there, or nothing was tried.
    expect(passed).toBeGreaterThan(RUNS / 50)
    expect(refused).toBeGreaterThan(RUNS / 50)
    if (RUNS > 1500) process.stdout.write(`${RUNS} configurations: ${passed} passed, ${refused} refused\n`)
  })

  it('find conflicts with the brute force when there are some', () => {
    const { config } = judge(sound(), BOARDS[0])
    const wrong = structuredClone(config) as Config
    wrong.pins.siren = 34
    wrong.zones.pins[0] = 18
    expect(conflicts(wrong, '')).toEqual(expect.arrayContaining(['34 drives nothing', '18 belongs to a bus']))
    Object.assign(wrong.pins, { light: 64, buzzer: 80, modemSupply: 12 })
    const found = conflicts(wrong, 'devkitc-4x3')
    expect(found).toEqual(expect.arrayContaining(['outputs at two chips', '12 is none']))
    expect(conflicts(wrong, 't-a7670')).not.toContain('12 is none')
    expect(conflicts(config as Config, '')).toEqual([])
  })
})
