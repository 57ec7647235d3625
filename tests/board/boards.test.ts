/** The pin maps against hardware.md §4.2 and §4.3, and what is built of them. */

import { describe, expect, it } from 'vitest'
import { BOARDS, bootBoard, find, IMPOSSIBLE, settingsPins, wiring, zonePins } from '../../board/boards/index'
import { check } from '../../board/config/check'
import { checkPins } from '../../board/pin-check'
import { buildBoard, LIMIT_BYTES } from '../../board/targets'
import demoPanel from '../../docs/demo-panel.json'
import { demoConfig } from '../../hal-mock/demo'
import * as built from '../built'

/** The demo's pins as an installation on a board has them. */
const demo = { pins: demoConfig().pins, zones: demoConfig().zones.pins.map((pin) => ({ name: 'Zone', pin })) }

describe('the pin maps', () => {
  it('have no conflict, on any of the six boards', () => {
    expect(BOARDS.map((map) => map.name)).toEqual([
      'devkitc-4x3',
      'devkitc-4x3-holdoff',
      'devkitc-4x4',
      'devkitc-wiegand',
      'devkitc-i2c',
      't-a7670',
    ])
    for (const map of BOARDS) expect(checkPins(map)).toEqual([])
  })

  it('of the 4x3 keypad are what the bench models', () => {
    const map = find('devkitc-4x3')
    expect(settingsPins(map)).toEqual(demoConfig().pins)
    expect(zonePins(map)).toEqual(demoConfig().zones.pins)
    expect(checkPins(map, demo)).toEqual([])
  })

  it('give settings that the firmware takes, for each board', () => {
    for (const map of BOARDS) {
      const pins = zonePins(map)
      const loop = pins.length === 0 ? { style: 'SEOL', eolOhms: 4700 } : undefined
      const zones = (pins.length === 0 ? [192] : pins).map((pin, index) => ({
        loop,
        name: `Zone ${index + 1}`,
        type: 'perimeter',
        pin,
      }))
      expect(check({ ...demoPanel, pins: settingsPins(map), zones }, map)).toEqual([])
    }
  })

  it('put the buses where hardware.md §4.2 and §4.3 have them', () => {
    const devkitc = { sck: 18, miso: 19, mosi: 23, cs: 5, tx: 17, rx: 16, sda: 21, scl: 22 }
    for (const name of ['devkitc-4x3', 'devkitc-4x4', 'devkitc-wiegand']) expect(wiring(find(name))).toEqual(devkitc)
    expect(wiring(find('t-a7670'))).toEqual({ ...devkitc, cs: 32, tx: 26, rx: 27 })
  })

  it('of build A use 24 pins and leave 0 and 12 free', () => {
    const used = find('devkitc-wiegand').pins.map((pin) => pin.gpio)
    const all = [1, 2, 3, 4, 5, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 34, 35, 36, 39]
    expect(used.sort((left, right) => left - right)).toEqual(all)
  })

  it('hold every load off and every chip running from the first line on (P-8)', () => {
    const levels = bootBoard(find('devkitc-4x3')).safeLevels
    const pairs: number[][] = []
    for (let index = 0; index < levels.length; index += 2) pairs.push([levels[index], levels[index + 1]])
    // W5500 CS and RST high; siren, light, buzzer and PWRKEY low.
    expect(pairs.sort((left, right) => left[0] - right[0])).toEqual([
      [2, 0],
      [4, 0],
      [5, 1],
      [26, 1],
      [32, 0],
      [33, 0],
    ])
  })

  it('energise the hold-off line of a siren that sounds when it falls, from the first line on (O-3, P-8)', () => {
    const map = find('devkitc-4x3-holdoff')
    const levels = bootBoard(map).safeLevels
    expect(levels[levels.indexOf(4) + 1]).toBe(1)
    expect(settingsPins(map)).toEqual({ ...demo.pins, sirenRest: 1 })
    // Boot knows the map only, so settings for the other kind of siren are refused, either way.
    expect(checkPins(map, { ...demo, pins: settingsPins(map) })).toEqual([])
    expect(checkPins(map, demo)[0]).toContain('pins.sirenRest is 0, but devkitc-4x3-holdoff keeps its siren')
    const plain = find('devkitc-4x3')
    expect(checkPins(plain, { ...demo, pins: settingsPins(map) })[0]).toContain('pins.sirenRest is 1, but devkitc-4x3')
  })

  it('of a T-A7670 drive what its maker soldered, and leave the rest to the chip (hardware.md §4.3, P-8)', () => {
    const { safeLevels, outputs } = bootBoard(find('t-a7670'))
    const pairs: string[] = []
    for (let index = 0; index < safeLevels.length; index += 2)
      pairs.push(`${safeLevels[index]} ${safeLevels[index + 1]}`)
    // PWRKEY, RESET and DTR low, POWERON and the W5500's CS high.
    expect(pairs.sort()).toEqual(['12 1', '25 0', '32 1', '4 0', '5 0'])
    expect(outputs).toEqual({ address: 0x20, sda: 21, scl: 22 })
    expect(bootBoard(find('devkitc-4x3')).outputs).toBeUndefined()
  })

  it('refuse a board by name, with the reason in a sentence', () => {
    expect(IMPOSSIBLE).toHaveLength(10)
    expect(() => find('wt32-eth01')).toThrow('WT32-ETH01 cannot carry the panel: the interpreter has no driver')
    expect(() => find('toaster')).toThrow("there is no board 'toaster': use one of devkitc-4x3")
    for (const board of IMPOSSIBLE) expect(board.reason.endsWith('.')).toBe(true)
  })
})

describe('a board bundle', () => {
  it(`is at most ${LIMIT_BYTES} bytes, boot first, and made of board and firmware only`, async () => {
    const bundle = await built.board('devkitc-4x3')
    expect(bundle.bytes).toBeLessThanOrEqual(LIMIT_BYTES)
    expect(bundle.code.startsWith('var BOOT=')).toBe(true)
    expect(bundle.modules.every((module) => /^(board|firmware)\//.test(module.path))).toBe(true)
  })

  it('has the pulses of a Wiegand keypad where the board has one, and nowhere else', async () => {
    const holds = async (name: string) =>
      (await built.board(name)).modules.some((module) => module.path === 'board/wiegand.ts')
    expect([await holds('devkitc-wiegand'), await holds('devkitc-4x3')]).toEqual([true, false])
  }, 60000)

  it('is not built for a board that cannot carry the panel', async () => {
    await expect(buildBoard('esp32-poe')).rejects.toThrow('Olimex ESP32-POE')
  })

  it('is not built from a map with a conflict', async () => {
    const map = find('devkitc-4x3')
    map.pins.push({ gpio: 18, use: 'zone', role: 'zone 3', direction: 'input', pull: 'outside' })
    try {
      await expect(buildBoard('devkitc-4x3')).rejects.toThrow('GPIO18 is used twice, as W5500 SCK and zone 3')
    } finally {
      map.pins.pop()
    }
  })
})
