import { describe, expect, it } from 'vitest'
import { find, settingsPins } from '../../board/boards/index'
import { type DemoConfig, demoConfig } from '../../hal-mock/demo'
import { BUS_WIRING } from '../../hal-mock/espruino-buses'
import type { Mcp23017 } from '../../hal-mock/mcp23017'
import { panelSettings } from '../../hal-mock/premises'
import { playBoard } from '../../hal-mock/programs/espruino-panel'
import { loadShipped } from '../../hal-mock/programs/shipped'
import { Work } from '../../hal-mock/work'
import * as built from '../built'
import * as rigs from './panel-rig'
import { provision } from './provision'

/** Siren, light, buzzer, the W5500's reset and two programmable outputs at an MCP23017, as a T-A7670 has them. */

const ADDRESS = 0x25
/** GPA0, GPA1, GPA4 follows armed, GPB7 duress. */
const [SIREN, LIGHT, ARMED, DURESS] = [0, 1, 4, 15]

function panel(change: (config: DemoConfig) => void = () => {}, work?: Work): rigs.Rig {
  const config = panelSettings({ ...demoConfig(), abortSeconds: 0 }, ['outputs'])
  change(config)
  return rigs.start(1, rigs.firmware, config, { work })
}

const wait = (rig: rigs.Rig, ms: number) => rig.simulator.runTo(rig.simulator.clock.nowMs + ms)
const chipOf = (rig: rigs.Rig) => rig.simulator.board.expanders[5] as Mcp23017
const levels = (rig: rigs.Rig) => [SIREN, LIGHT, ARMED, DURESS].map((pin) => chipOf(rig).level(pin))

describe('outputs at a port expander', () => {
  it('sound, light and follow as those of the board do', () => {
    const rig = panel()
    rigs.reach(rig, 'armed')
    expect(levels(rig)).toEqual([0, 1, 1, 0])
    rigs.trip(rig, 1, rig.simulator.clock.nowMs + 1000)
    expect(levels(rig)).toEqual([1, 1, 1, 0])
    expect(rig.simulator.onlooker.now).toMatchObject({ siren: 'on' })
    rigs.enter(rig, rigs.USER)
    wait(rig, 2000)
    expect(levels(rig)[0]).toBe(0)
  })

  it('show the very sights, at the same times, as outputs at the board’s own pins (D-4)', () => {
    const sights = [panel(), rigs.start(1, rigs.firmware, { ...demoConfig(), abortSeconds: 0 })].map((rig) => {
      rigs.reach(rig, 'entry')
      rigs.enter(rig, rigs.DURESS)
      wait(rig, 20000)
      return rig.simulator.onlooker.sights.filter(({ source }) => ['siren', 'light', 'buzzer'].includes(source))
    })
    expect(sights[0]).toEqual(sights[1])
    expect(sights[0].filter(({ source }) => source === 'buzzer').length).toBeGreaterThan(20)
  })

  it('sound on with the next look, within 1.1 s, when the siren’s spark resets their chip (hardware.md §3.6)', () => {
    const rig = panel()
    rigs.reach(rig, 'alarm')
    chipOf(rig).reset()
    expect(rig.simulator.onlooker.now.siren).toBe('off')
    wait(rig, 1100)
    expect(rig.simulator.onlooker.now.siren).toBe('on')
  })

  it('are a trouble without their chip for 20 s, and on again with it: 333, module 2 (S-6)', () => {
    const rig = panel()
    rigs.reach(rig, 'armed')
    const sinceMs = rig.simulator.clock.nowMs
    const heard = () => rigs.heard(rig, sinceMs).flatMap((event) => (event.includes('333') ? [event.slice(0, 11)] : []))
    chipOf(rig).setPower(false)
    wait(rig, 19000)
    expect(heard()).toEqual([])
    rigs.trip(rig, 1, rig.simulator.clock.nowMs + 500)
    wait(rig, 5000)
    expect([heard(), levels(rig)]).toEqual([['1333 01 002'], [0, 0, 0, 0]])
    chipOf(rig).setPower(true)
    wait(rig, 5000)
    expect([heard(), levels(rig)[0]]).toEqual([['1333 01 002', '3333 01 002'], 1])
  })

  it('never let a hold-off line fall: not at power-up, not when their chip is reset or gone (O-3, P-8)', () => {
    const rig = panel((config) => {
      config.pins.sirenRest = 1
    })
    wait(rig, 100000)
    chipOf(rig).reset()
    wait(rig, 5000)
    chipOf(rig).setPower(false)
    wait(rig, 30000)
    chipOf(rig).setPower(true)
    wait(rig, 5000)
    expect(rig.simulator.onlooker.sights.filter(({ source, what }) => source === 'siren' && what === 'on')).toEqual([])
    expect(chipOf(rig).level(SIREN)).toBe(1)
    rigs.arm(rig)
    wait(rig, 62000)
    rigs.trip(rig, 1, rig.simulator.clock.nowMs + 500)
    expect([rig.simulator.onlooker.now.siren, chipOf(rig).level(SIREN)]).toEqual(['on', 0])
  })

  it('are as they were after a power cut in an alarm (O-4)', () => {
    const rig = panel()
    rigs.reach(rig, 'alarm')
    rig.simulator.powerOff()
    wait(rig, 2000)
    rig.simulator.powerOn()
    wait(rig, 5000)
    expect(levels(rig)).toEqual([1, 1, 1, 0])
  })

  it('give the W5500 its reset: without it no frame of it leaves the panel', () => {
    const rig = panel()
    wait(rig, 60000)
    expect(rig.simulator.pathState(0)).toBe('open')
  })
})

describe('under duress', () => {
  /** 'ms bytes' of each transfer with the chip, and what anybody saw, for two minutes from a code on. */
  function run(code: string, before: string | undefined) {
    const rig = panel(undefined, new Work())
    rigs.reach(rig, 'entry')
    const { board, clock } = rig.simulator
    const transfers: string[] = []
    const duress: number[] = []
    const { i2c } = board
    const [write, read] = [i2c.writeTo.bind(i2c), i2c.readFrom.bind(i2c)]
    i2c.writeTo = (address, bytes) => {
      const count = typeof bytes === 'number' ? 1 : bytes.length
      if (address === ADDRESS) transfers.push(`${clock.nowMs} write ${count}`)
      write(address, bytes)
      if (address === ADDRESS) duress.push(chipOf(rig).level(DURESS))
    }
    i2c.readFrom = (address, count) => {
      if (address === ADDRESS) transfers.push(`${clock.nowMs} read ${count}`)
      return read(address, count)
    }
    if (before !== undefined) {
      rigs.enter(rig, before)
      wait(rig, 20000)
    }
    rigs.enter(rig, code)
    rig.simulator.runTo(rigs.READY_MS + 150000)
    return { transfers, duress, sights: rig.simulator.onlooker.sights, heard: rigs.heard(rig, rigs.READY_MS) }
  }

  it.each([undefined, rigs.USER, rigs.DURESS])(
    'the bus and the house tell nothing, %s before it (D-4, D-31, D-37, O-7)',
    (before) => {
      const [user, duress] = [rigs.USER, rigs.DURESS].map((code) => run(code, before))
      expect(duress.transfers).toEqual(user.transfers)
      expect(duress.sights).toEqual(user.sights)
      expect(duress.heard.some((event) => event.startsWith(rigs.DURESS_EVENT))).toBe(true)
      // It is the output that tells, and it has dropped by itself.
      expect(duress.duress).toContain(1)
      expect(duress.duress.at(-1)).toBe(0)
      if (before !== rigs.DURESS) expect(user.duress).not.toContain(1)
    },
  )
})

describe('a T-A7670, whose pins do not suffice without them', () => {
  const map = find('t-a7670')
  const pins = settingsPins(map)

  it('has siren, light, buzzer and reset where hardware.md §4.3 puts them', () => {
    expect(pins).toMatchObject({ siren: 64, light: 65, buzzer: 66, w5500Reset: 67, modemPowerKey: 4, modemSupply: 12 })
    expect(pins).toMatchObject({ keypadInterrupt: 34, boxTamper: 39, rows: [], columns: [], modemStatus: -1 })
  })

  it.each(['duress', 'burglary'].flatMap((told) => ['pcf8574', 'tca8418'].map((keypad) => [told, keypad])))(
    'keeps every expectation of %s with its own bundle, keypad %s',
    async (told, keypad) => {
      const board = await built.board('t-a7670')
      const played = playBoard(
        { ...loadShipped(told), panel: [keypad, 'loops'] },
        {
          code: board.code,
          provision,
          wiring: { ...BUS_WIRING, chipSelect: 32, modem: { tx: 26, rx: 27, baud: 115200 } },
          settings: (config) => ({ ...config, pins: { ...pins } as DemoConfig['pins'] }),
        },
      )
      expect(played.outcome.failures).toEqual([])
      expect(played.lines.some((line) => line.includes('"light"'))).toBe(true)
    },
  )
})
