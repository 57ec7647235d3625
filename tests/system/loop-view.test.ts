import { describe, expect, it } from 'vitest'
import { view } from '../../board/config/loop-advice'
import { ZoneType } from '../../firmware/config'
import { choose, DURESS, INSTALLER, keys, MASTER, nowMs, open, start, text, USER, WINDOW, wait } from './house-rig'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

/** Programming section 012: what an installer at the keypad sees of a loop (W-1, W-2, W-5, W-6, K-22). */

const [NC, CLOSING, DEOL, TEOL] = [0, 3, 4, 5]
const loop = (zone: number, style: number, eol: number, alarm: number, fault: number) => [
  ...[zone, style, 4700, eol, alarm, fault, 0],
]
const ZONES = [
  WINDOW,
  { name: 'Smoke', type: ZoneType.FIRE, flags: 0 },
  { ...WINDOW, name: 'Garage' },
  { ...WINDOW, name: 'Shed' },
]

/** Window, smoke, garage and shed at ADS1115s; people: whose codes there are. */
function panel(people = [MASTER, USER, DURESS, INSTALLER]): rigs.Rig {
  const loops = [
    ...loop(0, DEOL, 4700, 4700, 0),
    ...loop(1, CLOSING, 4700, 0, 0),
    ...loop(2, TEOL, 2200, 4700, 2200),
    ...loop(3, NC, 0, 0, 0),
  ]
  const pins = [192, 193, 194, 196]
  const rig = start({
    people,
    zones: ZONES,
    settings: { testHours: 0, loopSupply: 7, zones: { ...unmatched().zones, pins, loops } },
  })
  wait(rig, 70000)
  return rig
}

/** In front of the view, which asks for a zone. */
function viewing(people = [MASTER, USER, DURESS, INSTALLER]): rigs.Rig {
  const rig = panel(people)
  choose(rig, INSTALLER, '0')
  keys(rig, '012#')
  expect(text(rig)).toBe('LOOPS|Zone __')
  return rig
}

const wall = (rig: rigs.Rig, zone: number) => {
  const found = rig.simulator.board.loops[zone]
  if (found === undefined) throw new Error('no loop')
  return found
}

/** Both lines, 1.5 s after something on the wall. */
function shows(rig: rigs.Rig, act: () => void): string {
  act()
  wait(rig, 1500)
  return text(rig)
}

describe('the installer’s view of a loop', () => {
  it('has resistance, band and margin, anew each second while it is open', () => {
    const rig = viewing()
    keys(rig, '01#')
    // 4700 and 10 ohms of cable; from 0.96 of the mean of 4700 and 9400 it is 26 % away (W-1).
    expect(text(rig)).toBe('Z01 4.71k secure|margin 26%')
    expect(shows(rig, () => rig.simulator.setZone(0, true))).toBe('Z01 9.41k alarm|margin 36%')
    expect(shows(rig, () => rig.simulator.setZone(0, false))).toBe('Z01 4.71k secure|margin 26%')
    const before = rigs.sightsSince(rig, 0).length
    wait(rig, 5000)
    // Nothing new, nothing written.
    expect(rigs.sightsSince(rig, 0).length).toBe(before)
  })

  it.each([
    ['a short', { cable: 'short' }, 'Z01 5 tamper|short'],
    ['a cut', { cable: 'cut' }, 'Z01 open tamper|open'],
    ['an opened cover', { isTampered: true }, 'Z01 open tamper|open'],
    ['damp between bands (W-6)', { cableOhms: 1900 }, 'Z01 6.60k fault|between bands'],
    [
      'a resistor of another house',
      { resistors: { eol: 5600, alarm: 4700, fault: 0 } },
      'Z01 5.61k secure|wrong resistor',
    ],
    ['a resistor of 1k', { resistors: { eol: 1000, alarm: 4700, fault: 0 } }, 'Z01 1.01k tamper|wrong resistor'],
    ['one that is a little off', { resistors: { eol: 5000, alarm: 4700, fault: 0 } }, 'Z01 5.01k secure|margin 21%'],
  ])('tells %s', (_, change, lines) => {
    const rig = viewing()
    keys(rig, '01#')
    expect(shows(rig, () => Object.assign(wall(rig, 0), change))).toBe(lines)
  })

  it('goes on to another zone by its number, and knows each style', () => {
    const rig = viewing()
    keys(rig, '02#')
    // Half of what 9400 ohms are, less 4 %.
    expect(text(rig)).toBe('Z02 4.71k secure|margin 48%')
    keys(rig, '03#')
    expect(text(rig)).toMatch(/^Z03 2\.21k secure\|margin \d+%$/)
    expect(shows(rig, () => void (wall(rig, 2).isFault = true))).toMatch(/^Z03 4\.41k fault\|margin/)
    keys(rig, '4#')
    expect(text(rig)).toBe('Z04 10 secure|margin 99%')
    expect(shows(rig, () => open(rig, 3))).toBe('Z04 open alarm|margin 100%')
  })

  it('says so when the converter does not answer, or no loop is measured there', () => {
    const rig = viewing()
    for (const zone of ['00', '05', '64']) {
      keys(rig, `${zone}#`)
      expect(text(rig)).toBe('LOOPS|Not measured')
    }
    keys(rig, '01#')
    expect(shows(rig, () => rig.simulator.board.converters[0]?.setPower(false))).toBe('Z01 4.71k secure|no answer')
    // It is tried each 2 s.
    rig.simulator.board.converters[0]?.setPower(true)
    wait(rig, 4000)
    expect(text(rig)).toBe('Z01 4.71k secure|margin 26%')
  })

  it('ends with *, in the sections and then outside, and shows nothing more', () => {
    const rig = viewing()
    keys(rig, '01#')
    keys(rig, '*')
    wait(rig, 3000)
    expect(text(rig)).toBe('PROGRAM|Section ___')
    expect(shows(rig, () => void (wall(rig, 0).cable = 'cut'))).toBe('PROGRAM|Section ___')
    keys(rig, '001#')
    wait(rig, 3000)
    expect(text(rig)).toBe('Exit s       060|New value ___')
    keys(rig, '**')
    expect(text(rig)).not.toContain('PROGRAM')
  })

  it('leaves the duress test alone: after the view its result shows as ever (D-24)', () => {
    const rig = viewing()
    keys(rig, '01#')
    keys(rig, '*')
    keys(rig, '011#')
    keys(rig, '1#')
    wait(rig, 4000)
    expect(text(rig)).toBe('DURESS TEST|LAN ok  GSM ok')
  })

  it('is for installers, and only where loops are measured (K-22)', () => {
    const rig = panel()
    choose(rig, MASTER, '0')
    expect(text(rig)).toBe('NOT ALLOWED|')
    const plain = start({ zones: [WINDOW] })
    wait(plain, 70000)
    choose(plain, INSTALLER, '0')
    keys(plain, '012#')
    expect(text(plain)).toBe('PROGRAM|Use 001 to 011')
  })

  it('has no word of duress where nobody has such a code (D-25)', () => {
    const rig = viewing([MASTER, USER, INSTALLER])
    keys(rig, '*')
    keys(rig, '011#')
    expect(text(rig)).toBe('PROGRAM|Use 001 to 012')
  })

  it('agrees with what the PC says of the same loop, over all resistances (W-1, W-2)', () => {
    const rig = viewing()
    const settings = { style: 'DEOL', pullUpOhms: 4700, eolOhms: 4700, alarmOhms: 4700 } as const
    const WORDS: Record<string, RegExp> = {
      secure: /secure/,
      active: /alarm/,
      tamper: /tamper/,
      'between bands': /between bands/,
    }
    keys(rig, '01#')
    for (let ohms = 100; ohms < 60000; ohms *= 1.17) {
      wall(rig, 0).resistors = { eol: ohms - 10, alarm: 4700, fault: 0 }
      wait(rig, 2000)
      const told = view({ ...settings, learned: 0 } as never, 'perimeter', ohms / (ohms + 4700))
      const [line1, line2] = text(rig).split('|')
      expect(told.band === 'between bands' ? line2 : line1, `${ohms}`).toMatch(WORDS[told.band])
      const shown = /^Z01 ([\d.]+)(k?)/.exec(line1) as RegExpExecArray
      expect(Math.abs((Number(shown[1]) * (shown[2] === 'k' ? 1000 : 1)) / ohms - 1)).toBeLessThan(0.01)
      const margin = /^margin (\d+)%/.exec(line2)
      if (margin !== null) expect(Math.abs(Number(margin[1]) - told.margin * 100)).toBeLessThan(1.2)
      if (told.advice.startsWith('wrong resistor')) expect(line2).toBe('wrong resistor')
    }
    expect(nowMs(rig)).toBeLessThan(1200000)
  })
})
