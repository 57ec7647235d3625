/**
 * The keypad test against keypads that are wired wrong, at the models of the pins and chips. An obedient finger reads the display
 * and presses what it asks for. S-6, K-8, K-9; the texts: docs/boards.md, A keypad that is wired wrong.
 */

import { describe, expect, it } from 'vitest'
import * as keypadTest from '../../../firmware/app/keypad-test'
import { type DemoConfig, demoConfig } from '../../../hal-mock/demo'
import { type Keys, MatrixKeypad } from '../../../hal-mock/keypad'
import type { LcdModule } from '../../../hal-mock/lcd'
import { panelSettings } from '../../../hal-mock/premises'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../../hal-mock/programs/panel-firmware'
import { Simulator } from '../../../hal-mock/simulator'
import type { WiegandKeypad } from '../../../hal-mock/wiegand'

const ROWS = [13, 14, 15, 25]
const COLUMNS = [27, 36, 39]
const STEP_MS = 50
/** Longer than any test with its results. */
const LIMIT_MS = 299000

type Bench = Simulator<keypadTest.KeypadTest, unknown>

function bench(config: DemoConfig = demoConfig()): Bench {
  return new Simulator<keypadTest.KeypadTest, unknown>({
    firmware: {
      ...panelFirmware,
      create: (hal, settings) => keypadTest.create(hal, settings),
      poll: (test) => keypadTest.poll(test, made.board.upMs()),
      wake: () => false,
      pathState: () => 0,
    } as ConstructorParameters<typeof Simulator<keypadTest.KeypadTest, unknown>>[0]['firmware'],
    config,
    crypto: nodeCrypto,
    seed: 1,
  })
}
let made: Bench

function start(config?: DemoConfig): Bench {
  made = bench(config)
  return made
}

const lines = (lcd: LcdModule) => lcd.lines().map((line) => line.trim())

/** What the displays said, each pair of lines once; by the finger that presses what is asked for, but for the keys in `dead`. */
function obey(
  sim: Bench,
  keysOf: (number: number) => Keys,
  dead = '',
  onAsk: (key: string) => void = () => {},
): string[] {
  const said: string[] = []
  sim.powerOn()
  let last = ''
  while (sim.clock.nowMs < LIMIT_MS) {
    sim.runTo(sim.clock.nowMs + STEP_MS)
    const [first, second] = lines(sim.board.lcd)
    if (second === '' || `${first}|${second}` === last) continue
    last = `${first}|${second}`
    said.push(last)
    const key = /^PRESS (.)/.exec(second)?.[1]
    if (key === undefined || dead.includes(key)) continue
    onAsk(key)
    keysOf(Number(first.slice(-1)) || 1).press(key, 150)
  }
  return said
}

/** Texts of the results: after the last key they come by turns. */
function results(said: string[]): string[] {
  const from = said.reduce((last, pair, at) => (/PRESS|LET GO|HANDS/.test(pair) ? at + 1 : last), 0)
  return [...new Set(said.slice(from).map((pair) => pair.split('|')[1]))]
}

/** A matrix at the board's own pins, its wires in another order than the settings have them. */
function wired(rows: number[], columns: number[], dead = ''): string[] {
  const sim = start()
  const keys = new MatrixKeypad(sim.clock, sim.board.pins, rows, columns)
  return results(obey(sim, () => keys, dead))
}

describe('a matrix keypad at the board’s own pins', () => {
  it('that is wired as it should be is asked for its 12 keys, and is OK', () => {
    const sim = start()
    const said = obey(sim, () => sim.board.keypad)
    expect(said[0]).toBe('KEYPAD TEST 1|HANDS OFF')
    expect(
      said
        .filter((pair) => pair.includes('PRESS'))
        .map((pair) => pair.slice(-1))
        .join(''),
    ).toBe('123456789*0#')
    expect(results(said)).toEqual(['KEYPAD 1 OK'])
  })

  it('shows rows and columns that are swapped, in pairs and in a ring', () => {
    expect(wired([14, 13, 15, 25], COLUMNS)).toEqual(['ROWS 1,2 SWAPPED'])
    expect(wired(ROWS, [39, 36, 27])).toEqual(['COLS 1,3 SWAPPED'])
    expect(wired([25, 15, 14, 13], [27, 39, 36])).toEqual(['ROWS 1,4 SWAPPED', 'ROWS 2,3 SWAPPED', 'COLS 2,3 SWAPPED'])
    expect(wired([14, 15, 13, 25], COLUMNS)).toEqual(['ROW 1 AT ROW 2', 'ROW 2 AT ROW 3', 'ROW 3 AT ROW 1'])
  })

  it('shows rows at the columns’ pins, the fourth row unseen, and wires in no order at all', () => {
    expect(wired([27, 36, 39], [13, 14, 15], '*0#')).toEqual(['ROWS AS COLUMNS', 'ROW 4 NOT SEEN'])
    const sim = start()
    const wrong: Record<string, string> = { 2: '5', 5: '2' }
    const keys = { ...sim.board.keypad, press: (key: string) => sim.board.keypad.press(wrong[key] ?? key, 150) } as Keys
    expect(results(obey(sim, () => keys))).toEqual(['WIRES MIXED UP'])
  })

  it('shows a column without its pull-up at once, and asks for none of its keys (K-8)', () => {
    const sim = start()
    sim.board.pins.unsolder(39)
    const said = obey(sim, () => sim.board.keypad)
    expect(results(said)).toEqual(['COL 3 NO PULL-UP'])
    expect(
      said
        .filter((pair) => pair.includes('PRESS'))
        .map((pair) => pair.slice(-1))
        .join(''),
    ).toBe('124578*0')
  })

  it.each([0, 5, 10, 15])('shows a column without its pull-up that hums at 50 Hz, %i ms into its period', (phaseMs) => {
    const sim = start()
    const hum = (level: number) => {
      sim.board.pins.pull(39, level)
      sim.clock.after(10, () => hum(1 - level))
    }
    sim.clock.after(phaseMs + 0.5, () => hum(0))
    expect(results(obey(sim, () => sim.board.keypad))).toEqual(['COL 3 NO PULL-UP'])
  })

  it('takes one low look at a column for nothing', () => {
    const sim = start()
    sim.clock.after(1000, () => sim.board.pins.pull(39, 0))
    sim.clock.after(1015, () => sim.board.pins.pull(39, 1))
    expect(results(obey(sim, () => sim.board.keypad))).toEqual(['KEYPAD 1 OK'])
  })

  it('shows a key that is stuck at rest, and one that is never let go', () => {
    const stuck = start()
    stuck.board.keypad.hold('6')
    expect(results(obey(stuck, () => stuck.board.keypad))).toEqual(['ROW2 COL3 STUCK'])
    const sim = start()
    const keys = {
      press: (key: string) => (key === '5' ? sim.board.keypad.hold(key) : sim.board.keypad.press(key, 150)),
    }
    expect(results(obey(sim, () => keys as Keys))).toEqual(['ROW2 COL2 STUCK'])
  })

  it('passes over a key that does not come for 15 s, the first one for 60 s, and says which', () => {
    const sim = start()
    const said = obey(sim, () => sim.board.keypad, '58')
    expect(said).toContain('KEY 5 NOT SEEN|PRESS 6')
    expect(results(said)).toEqual(['KEY 5 NOT SEEN', 'KEY 8 NOT SEEN'])
    const row = start()
    expect(results(obey(row, () => row.board.keypad, '456'))).toEqual(['ROW 2 NOT SEEN'])
    const column = start()
    expect(results(obey(column, () => column.board.keypad, '369#'))).toEqual(['COL 3 NOT SEEN'])
  })

  it('shows three keys that make a fourth, two cores that touch, and a row short to ground', () => {
    const ghost = start()
    const several = (names: string) => (key: string) => {
      for (const name of key === '1' ? names : key) ghost.board.keypad.press(name, 150)
    }
    expect(results(obey(ghost, () => ({ press: several('124') }) as unknown as Keys))).toEqual(['GHOST KEYS'])
    const touching = start()
    touching.board.pins.set(touching.board.pins.contact(36, 39), true)
    expect(results(obey(touching, () => touching.board.keypad, '147*'))).toContain('KEY 2 SHOWS TWO')
    const ground = start()
    ground.board.pins.set(ground.board.pins.contact(14, 40), true)
    expect(results(obey(ground, () => ground.board.keypad))).toEqual(['ROW 2 TO GROUND'])
  })

  it('is over after 5 minutes without a key, and not before', () => {
    const sim = start()
    sim.powerOn()
    sim.runTo(20000)
    sim.board.keypad.press('1', 150)
    sim.runTo(319000)
    expect(sim.panel?.isOver).toBe(false)
    sim.runTo(321000)
    expect(sim.panel?.isOver).toBe(true)
  })
})

describe('a first keypad at a chip', () => {
  it.each(['pcf8574', 'tca8418'])(
    '%s: 16 keys are OK, 12 are OK but for A-D, and no chip is NO ANSWER (S-6)',
    (kind) => {
      const config = panelSettings(demoConfig(), [kind])
      const whole = start(config)
      expect(results(obey(whole, () => whole.board.keypad))).toEqual(['KEYPAD 1 OK'])
      const narrow = start(config)
      expect(results(obey(narrow, () => narrow.board.keypad, 'ABCD'))).toEqual(['OK BUT NO A-D'])
      const absent = start(config)
      absent.powerOn()
      absent.board.keypadChip?.setPower(false)
      expect(results(obey(absent, () => absent.board.keypad))).toEqual(['NO ANSWER'])
    },
  )

  it.each(['pcf8574', 'tca8418'])('%s: swapped rows are seen as at the board’s pins', (kind) => {
    const sim = start(panelSettings(demoConfig(), [kind]))
    const chip = sim.board.keypadChip
    if (chip === undefined) throw new Error('no chip')
    const keys = new MatrixKeypad(sim.clock, chip, [1, 0, 2, 3], kind === 'tca8418' ? [0, 1, 2, 3] : [4, 5, 6, 7])
    expect(results(obey(sim, () => keys))).toEqual(['ROWS 1,2 SWAPPED'])
  })
})

describe('a Wiegand keypad', () => {
  const wiegand = (change: (pad: WiegandKeypad, sim: Bench) => void, settings: Partial<DemoConfig> = {}, dead = '') => {
    const sim = start({ ...panelSettings(demoConfig(), ['wiegand']), ...settings })
    const pad = sim.board.wiegand
    if (pad === undefined) throw new Error('no Wiegand keypad')
    change(pad, sim)
    return results(obey(sim, () => pad, dead))
  }

  it.each([4, 8] as const)('of %i bits a key is OK, and D0/D1 SWAPPED after its first key when they are', (format) => {
    expect(wiegand((pad) => Object.assign(pad, { format }))).toEqual(['KEYPAD 1 OK'])
    expect(wiegand((pad) => Object.assign(pad, { format, isSwapped: true }))).toEqual(['D0/D1 SWAPPED'])
  })

  it('that sends whole codes of 26 bits is asked for 1 and #, no code', () => {
    const settings = { wiegand: { keys: '', isWhole: true } }
    const sim = start({ ...panelSettings(demoConfig(), ['wiegand']), ...settings })
    const pad = sim.board.wiegand as WiegandKeypad
    pad.format = 26
    const both = {
      press: () => {
        for (const key of '1#') pad.press(key)
      },
    } as unknown as Keys
    const said = obey(sim, () => both)
    expect(said).toContain('KEYPAD TEST 1|PRESS 1 THEN #')
    expect(results(said)).toEqual(['KEYPAD 1 OK'])
  })

  it('tells a short or inverted line, noise, a key that is another, one that does not come, and silence', () => {
    expect(wiegand((pad) => pad.short(1, true))).toEqual(['LINE LOW'])
    expect(wiegand((pad) => pad.invert())).toEqual(['LINE LOW'])
    expect(
      wiegand((pad, sim) => {
        for (const atMs of [300, 600, 900]) sim.clock.after(atMs, () => pad.send(5, 3))
      }),
    ).toEqual(['NOISE'])
    expect(wiegand(() => {}, {}, '7')).toEqual(['KEY 7 NOT SEEN'])
    expect(wiegand(() => {}, {}, '1234567890*#')).toEqual(['NO KEY YET'])
    expect(wiegand(() => {}, { wiegand: { keys: '1023456789*#----', isWhole: false } })).toEqual([
      'KEY 1 IS ANOTHER',
      'KEY 0 IS ANOTHER',
    ])
  })
})

describe('several keypads', () => {
  const config = () => ({ ...demoConfig(), keypads: [1, 0x26] })

  it('are tested one after the other, all displays showing the same, and their findings come by turns', () => {
    const sim = start(config())
    const [further] = sim.board.furtherKeypads
    const swapped = new MatrixKeypad(sim.clock, further.chip, [0, 1, 2, 3], [9, 8, 10, 11])
    let differences = 0
    const said = obey(
      sim,
      (number) => (number === 1 ? sim.board.keypad : swapped),
      'ABCD',
      () => {
        if (lines(further.lcd).join() !== lines(sim.board.lcd).join()) differences++
      },
    )
    expect(differences).toBe(0)
    expect(said).toContain('KEYPAD TEST 2|PRESS 9')
    expect(results(said).sort()).toEqual(['COLS 1,2 SWAPPED', 'KEYPAD 1 OK'])
    expect(said).toContain('KEYPAD TEST 2|COLS 1,2 SWAPPED')
    expect(said.filter((pair) => pair === 'KEYPAD TEST 1|KEYPAD 1 OK').length).toBeGreaterThan(1)
  })

  it('each say NO ANSWER when their chip is gone, and do not keep the others from their test', () => {
    const sim = start(config())
    sim.powerOn()
    sim.board.furtherKeypads[0].chip.setPower(false)
    const said = obey(sim, () => sim.board.keypad)
    expect(said).toContain('KEYPAD TEST 1|KEYPAD 1 OK')
    expect(results(said)).toContain('NO ANSWER')
  })
})

describe('nothing else', () => {
  it('is written to flash, sent, sounded or switched while keypads are tested (P-8, K-9)', () => {
    const sim = start()
    const { flash } = sim.board
    const pages = () =>
      Array.from({ length: flash.pageCount }, (_, page) => [...flash.read(page * flash.pageBytes, flash.pageBytes)])
    const before = pages()
    obey(sim, () => sim.board.keypad)
    expect(pages()).toEqual(before)
    expect([sim.station.length, sim.board.spiFrames, sim.board.uartBytes]).toEqual([0, 0, 0])
    expect(new Set(sim.onlooker.sights.map(({ source }) => source))).toEqual(new Set(['text']))
    expect(sim.onlooker.now.siren).toBe('off')
  })
})
