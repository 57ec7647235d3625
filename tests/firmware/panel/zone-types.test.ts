import { describe, expect, it } from 'vitest'
import { House, MODES, type Mode, TYPES, type TypeName, USUAL, ZoneFlag, zones } from './house'

// Section 2.1 written anew from the rules: what a zone of each type does in each mode, and what the station hears.
// ignored, chime, delay 1 (30 s), delay 2 (60 s), alarm at once, silent alarm, trouble, verification, tamper, keyswitch.
type Outcome = 'nothing' | 'chime' | 'delay 30' | 'delay 60' | 'alarm' | 'silent' | 'trouble' | 'verify' | 'turn'
type Row = [
  type: TypeName,
  disarmed: Outcome,
  away: Outcome,
  stay: Outcome,
  night: Outcome,
  awayInstant: Outcome,
  stayInstant: Outcome,
  code: number,
]

// biome-ignore format: one type a line
const ROWS: Row[] = [
  ['entryExit1', 'chime', 'delay 30', 'delay 30', 'delay 30', 'alarm', 'alarm', 134],
  ['entryExit2', 'chime', 'delay 60', 'delay 60', 'delay 60', 'alarm', 'alarm', 134],
  ['perimeter', 'chime', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 131],
  ['follower', 'nothing', 'alarm', 'nothing', 'nothing', 'alarm', 'nothing', 132],
  ['interiorDelayed', 'nothing', 'delay 30', 'nothing', 'nothing', 'alarm', 'nothing', 132],
  ['dayNight', 'trouble', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 135],
  ['silentBurglary', 'nothing', 'silent', 'silent', 'silent', 'silent', 'silent', 146],
  ['burglary24h', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 133],
  ['holdUp', 'silent', 'silent', 'silent', 'silent', 'silent', 'silent', 122],
  ['panic', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 123],
  ['fire', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 110],
  ['fireVerified', 'verify', 'verify', 'verify', 'verify', 'verify', 'verify', 111],
  ['heat', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 114],
  ['pullStation', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 115],
  ['waterflow', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 113],
  ['carbonMonoxide', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 162],
  ['medical', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 100],
  ['pendant', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 101],
  ['gas', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 151],
  ['water', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 154],
  ['temperatureHigh', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 158],
  ['temperatureLow', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 159],
  ['auxiliary', 'silent', 'silent', 'silent', 'silent', 'silent', 'silent', 150],
  ['tamper', 'silent', 'alarm', 'alarm', 'alarm', 'alarm', 'alarm', 137],
  ['keyswitch', 'turn', 'turn', 'turn', 'turn', 'turn', 'turn', 409],
  ['noAlarm', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 'nothing', 0],
]

/** The zone trips in a house that has stood in a mode for a day; then what became of it. */
function outcome(
  type: TypeName,
  mode: Mode | 'disarmed',
  flags: number,
): { outcome: Outcome; codes: string[]; siren: number } {
  const house = new House([{ type, flags }])
  if (mode !== 'disarmed') house.armed(mode)
  house.after(86400000).heard()
  const before = house.state()
  house.open(0)
  const lines = house.heard()
  const p = house.partition()
  const codes = lines.map((line) => line.split(' ')[0])
  const what = (): Outcome => {
    if (lines.some((line) => line.startsWith('keyswitch'))) return 'turn'
    if (lines.some((line) => line.startsWith('unconfirmed'))) return 'verify'
    if (codes.includes('1380')) return 'trouble'
    if (house.state() === 'alarm') return 'alarm'
    if (house.state() === 'entry') return p.untilMs - house.nowMs === 60000 ? 'delay 60' : 'delay 30'
    if (house.w.isChime === 1) return 'chime'
    expect(house.state()).toBe(before)
    return lines.length > 0 ? 'silent' : 'nothing'
  }
  return { outcome: what(), codes, siren: p.siren }
}

function flagsOf(type: TypeName): number {
  return type === 'fire' ? USUAL & ~ZoneFlag.ABORT : USUAL
}

describe('type x mode (section 2.1, ST-2 to ST-4, Z-1, Z-5, A-32)', () => {
  const COLUMNS = ['disarmed', ...MODES] as const
  const CASES = ROWS.flatMap((row) =>
    COLUMNS.map((mode, at) => [row[0], mode, row[1 + at] as Outcome, row[7]] as const),
  )

  it('has a row for each of the 26 types', () => {
    expect(ROWS.map((row) => row[0])).toEqual([...TYPES])
  })

  it.each(CASES)('%s while %s: %s', (type, mode, expected, code) => {
    // ABORT on a fire zone means a delayed alarm (Z-11).
    const found = outcome(type, mode, flagsOf(type) | ZoneFlag.CHIME)
    // In stay an interior zone that is left out may chime.
    const isChime = expected === 'nothing' && mode !== 'disarmed'
    expect(found.outcome).toBe(isChime ? 'chime' : expected)
    if (expected === 'alarm' || expected === 'silent') expect(found.codes).toContain(`1${code}`)
  })

  it.each([
    ['follower', 'alarm'],
    ['interiorDelayed', 'delay 30'],
  ] as const)('%s with the attribute night is live at night: %s', (type, expected) => {
    expect(outcome(type, 'night', USUAL | ZoneFlag.NIGHT).outcome).toBe(expected)
    expect(outcome(type, 'stay', USUAL | ZoneFlag.NIGHT).outcome).toBe('nothing')
  })

  it('chimes only with the attribute', () => {
    expect(outcome('entryExit1', 'disarmed', USUAL).outcome).toBe('nothing')
  })

  // Siren classes: 1 keypad only, 2 burglary, 3 carbon monoxide, 4 fire.
  it.each([
    [1, ['medical', 'pendant', 'water', 'temperatureHigh', 'temperatureLow']],
    [2, ['perimeter', 'burglary24h', 'panic', 'gas', 'tamper']],
    [3, ['carbonMonoxide']],
    [4, ['fire', 'heat', 'pullStation', 'waterflow']],
  ] as const)('sounds pattern %i for %s (O-1, Z-13)', (siren, types) => {
    for (const type of types) expect(outcome(type, 'away', flagsOf(type)).siren, type).toBe(siren)
  })

  it('changes nothing that can be seen for a hold-up zone, armed or not, and tells the station (Z-9, O-8)', () => {
    for (const mode of ['disarmed', 'away'] as const) {
      const house = new House([{ type: 'holdUp' }])
      if (mode === 'away') house.armed()
      house.heard()
      const before = JSON.stringify(house.partition())
      house.open(0)
      expect(house.heard()).toEqual(['1122 1'])
      expect(JSON.stringify(house.partition())).toBe(before)
      expect(zones.has(house.w.zones, 0, zones.MEMORY)).toBe(false)
    }
  })
})
