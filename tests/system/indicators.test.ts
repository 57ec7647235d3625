/** The lights of LAN and modem blink alike whatever code was entered (D-35). There is no amplifier that could be heard. */

import { describe, expect, it } from 'vitest'
import { type DemoConfig, demoConfig, demoReceiver } from '../../hal-mock/demo'
import { Work } from '../../hal-mock/work'
import type { Firmware } from '../twins/heap'
import { leakAt, leakNames } from '../twins/leaks'
import * as house from './house-rig'
import { type Lights, watch } from './lights'
import * as rigs from './panel-rig'
import { unmatched } from './unmatched'

const READY_MS = 40000
/** Longer than an abort window, and than the retries of a frame. */
const WATCHED_MS = 90000

type State = 'disarmed' | 'armed' | 'entry' | 'alarm in its abort window' | 'locked out'
const STATES: State[] = ['disarmed', 'armed', 'entry', 'alarm in its abort window', 'locked out']

interface Options {
  settings?: Partial<DemoConfig>
  firmware?: Firmware
}

const MATCHED = { options: demoConfig().options }
const UNMATCHED = { options: unmatched().options }
const IN_CLEAR = { ...MATCHED, receivers: [{ ...demoReceiver(), key: '' }] }
const OVER_UDP = { ...MATCHED, receivers: [{ ...demoReceiver(), protocol: 'udp' as const }] }

/** Lights from the first key of a code of user 2 on. */
function lightsOf(person: house.Person, state: State, { settings = MATCHED, firmware }: Options): Lights {
  const rig = house.start({ settings, firmware, work: new Work() })
  const { simulator } = rig
  simulator.runTo(READY_MS)
  if (state === 'locked out') rigs.lockOut(rig)
  else if (state !== 'disarmed') house.arm(rig)
  if (state === 'entry') house.open(rig, 0)
  if (state === 'alarm in its abort window') house.open(rig, 1)
  const { lights, runTo } = watch(rig)
  const typedMs = simulator.type(person.digits)
  runTo(typedMs + WATCHED_MS)
  return lights
}

function both(state: State, options: Options = {}): Lights[] {
  return [house.USER, house.DURESS].map((person) => lightsOf(person, state, options))
}

const flashes = (light: string[]) => light.filter((line) => line.includes('flash')).length

/** 121 or its decoy goes over each path, and is acknowledged. */
function expectBothToSay({ lan, modem }: Lights): void {
  expect(lan[0]).toMatch(/^\d+ ms link on$/)
  for (const light of [lan, modem]) {
    for (const way of ['out', 'in']) expect(light.filter((line) => line.includes(` flash ${way} `))).not.toEqual([])
  }
}

describe('the lights of both paths after a code and after the duress code of the same user (D-35)', () => {
  it.each(STATES)('blink alike to the millisecond over TCP: %s', (state) => {
    const [ordinary, duress] = both(state)
    expect(duress).toEqual(ordinary)
    expectBothToSay(ordinary)
  })

  it.each(STATES)('blink alike over UDP: %s', (state) => {
    const [ordinary, duress] = both(state, { settings: OVER_UDP })
    expect(duress).toEqual(ordinary)
    expectBothToSay(ordinary)
  })

  it.each(STATES)('do not without matched traffic: %s', (state) => {
    const [ordinary, duress] = both(state, { settings: UNMATCHED })
    expect(flashes(duress.modem)).toBeGreaterThan(flashes(ordinary.modem))
  })

  it('do not without encryption, for which there are no decoys', () => {
    const [ordinary, duress] = both('disarmed', { settings: IN_CLEAR })
    expect(flashes(duress.modem)).toBeGreaterThan(flashes(ordinary.modem))
  })

  it.each([
    ['no decoy for an ordinary code', 'modem'],
    ['decoys that go over one path only', 'modem'],
    ['only one path', 'modem'],
    ['frames that are a block longer', 'lan'],
    ['connections that are closed when all is said', 'modem'],
  ] as const)('tell of a planted leak: %s shows at the %s', async (name, light) => {
    const leak = await leakAt(leakNames().indexOf(name))
    const [ordinary, duress] = [house.USER, house.DURESS].map((person) =>
      lightsOf(person, 'entry', { firmware: leak.make() }),
    )
    expect(duress[light]).not.toEqual(ordinary[light])
  })
})
