import { describe, expect, it } from 'vitest'
import { find } from '../../../board/boards/index'
import { check, judge } from '../../../board/config/check'
import { keypadAdvice } from '../../../board/config/keypad-advice'
import { Wrong } from '../../../firmware/io/wiegand'
import { type Change, sound } from './sound'

const MAP = find('devkitc-wiegand')

/** The demo's panel on build A, whose zones are loops at an ADS1115. */
function wiegand(change: Change = () => {}) {
  return sound((panel) => {
    panel.zones.forEach((zone: { pin: number; loop: object }, at: number) => {
      zone.pin = 192 + at
      zone.loop = { style: 'DEOL', eolOhms: 4700, alarmOhms: 4700 }
    })
    change(panel)
  })
}

const problems = (change?: Change) => check(wiegand(change), MAP)
const pinsOf = () => judge(wiegand(), MAP).config?.pins

describe('a first keypad', () => {
  it('is that of the board: D0, D1 and LED of build A, neither rows nor columns', () => {
    expect(problems()).toEqual([])
    expect(pinsOf()).toMatchObject({ rows: [], columns: [], wiegandZero: 25, wiegandOne: 13, keypadLed: 15 })
  })

  it('has both lines, or 4 rows and 3 or 4 columns, and never both', () => {
    expect(problems((panel) => void (panel.pins = { ...pinsOf(), wiegandOne: undefined }))).toContain(
      'pins.wiegandOne is missing: give both lines of a Wiegand keypad',
    )
    expect(problems((panel) => void (panel.pins = { ...pinsOf(), rows: [2, 4, 16, 17] }))).toContain(
      'pins.rows has 4 entries: leave them empty, the first keypad is a Wiegand keypad',
    )
    const neither = problems(
      (panel) => void (panel.pins = { ...pinsOf(), wiegandZero: undefined, wiegandOne: undefined }),
    )
    expect(neither).toContain('pins.rows has 0 entries: use 4 rows')
    expect(neither).toContain('pins.columns has 0 entries: use 3 to 4 columns')
  })

  it('is watched where a pin can be, and its LED rests high (hardware.md §0)', () => {
    const moved = (pins: object) => problems((panel) => void (panel.pins = { ...pinsOf(), ...pins }))
    expect(moved({ wiegandZero: 36 }).join()).toContain('GPIO36')
    expect(moved({ keypadLed: 25 }).join()).toContain('GPIO25 is used twice')
  })

  it('may have other values for its keys, each digit once', () => {
    const keys = (text: string) => problems((panel) => void (panel.wiegand = { keys: text }))
    expect(keys('0123456789----*#')).toEqual([])
    expect(keys('0123456788----*#')).toEqual(["wiegand.keys is '0123456788----*#': use each digit once, 8 is not"])
    expect(keys('01234')[0]).toContain('use 16 characters: for each value of a key 0 to 9, * or #, or - for none')
  })

  it('may send whole codes of 4 digits: more do not fit into 16 bits', () => {
    const whole = (codeLength: number) =>
      problems((panel) => Object.assign(panel, { codeLength, wiegand: { wholeCode: true } }))
    expect(whole(4)).toEqual([])
    expect(whole(5)).toEqual(['codeLength is 5: use 4, a frame of 26 bits holds numbers up to 65535'])
    const { config } = judge(
      wiegand((panel) => Object.assign(panel, { codeLength: 4, wiegand: { wholeCode: true } })),
      MAP,
    )
    expect(config?.wiegand).toEqual({ keys: '0123456789*#----', isWhole: true })
  })

  it('may have a pin of its own for its beeper, where one can drive it, or at a port expander', () => {
    const pins = judge(wiegand(), MAP).config?.pins
    const told = (beeper: number) =>
      check(
        wiegand((panel) => void (panel.pins = { ...pins, beeper })),
        MAP,
      )
    expect(told(64)).toEqual([])
    expect(told(13)[0]).toContain('GPIO13 is used twice')
    expect(told(12)[0]).toMatch(/^GPIO12 cannot be the keypad beeper/)
    expect(told(34).join()).toContain('GPIO34 cannot be the keypad beeper: it is an input only')
    const { pins: other } = judge(wiegand(), find('devkitc-i2c')).config as never as { pins: object }
    expect(
      check(
        wiegand((panel) => void (panel.pins = { ...other, beeper: 15 })),
        find('devkitc-i2c'),
      ),
    ).toEqual([])
  })

  it('has no such settings on another board', () => {
    expect(check(sound((panel) => void (panel.wiegand = {})))).toEqual([
      'wiegand is an object: leave it out, the board has no Wiegand keypad',
    ])
  })
})

describe('what is wrong with its wires', () => {
  it('is said in a sentence, and nothing when nothing is', () => {
    const all = [Wrong.NOTHING, Wrong.SILENT, Wrong.SWAPPED, Wrong.NOISE, Wrong.LOW].map(keypadAdvice)
    expect(all[0]).toBe('')
    expect(new Set(all).size).toBe(5)
    expect(all[2]).toContain('D0 and D1 are exchanged')
  })
})

describe('a first keypad at a chip on I2C', () => {
  const I2C = find('devkitc-i2c')

  it('is that of the board, or another one by its address', () => {
    const keypadOf = (change?: Change) => judge(wiegand(change), I2C).config?.keypad
    expect(check(wiegand(), I2C)).toEqual([])
    expect(keypadOf()).toBe(0x21)
    expect(keypadOf((panel) => void (panel.keypad = '0x34'))).toBe(0x34)
    expect(judge(wiegand(), I2C).config?.pins).toMatchObject({ rows: [], columns: [], keypadInterrupt: 25 })
    expect(judge(wiegand(), MAP).config?.keypad).toBeUndefined()
  })

  it('has an address that a chip can have and nobody else has', () => {
    const told = (change: Change) => check(wiegand(change), I2C)
    expect(told((panel) => void (panel.keypad = '0x27'))).toEqual([
      "keypad is '0x27': use 0x20 to 0x26 or 0x38 to 0x3F for a PCF8574, or 0x34 for a TCA8418",
    ])
    expect(told((panel) => Object.assign(panel, { keypad: '0x22', keypads: [{ chip: 2, display: '0x3f' }] }))).toEqual([
      'keypads[0].chip is 2: give it another address, the first keypad has this one',
    ])
    expect(
      told((panel) => {
        panel.zones[0] = { ...panel.zones[0], pin: 64 + 16, loop: undefined }
      }),
    ).toEqual(["keypad is '0x21': give it another address, zone 1 is at this one"])
  })

  it('is the only first keypad', () => {
    expect(check(sound((panel) => void (panel.keypad = '0x34')))).toEqual([
      'pins.rows has 4 entries: leave them empty, the first keypad is at a chip on I2C',
      'pins.columns has 3 entries: leave them empty, the first keypad is at a chip on I2C',
    ])
    expect(problems((panel) => void (panel.keypad = '0x34'))).toEqual([
      "keypad is '0x34': leave it out, the first keypad is a Wiegand keypad",
    ])
  })
})
