import { describe, expect, it } from 'vitest'
import type { App } from '../../firmware/app'
import { DEMO_CODES, RECEIVER_ADDRESS, RECEIVER_PORT } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { Random } from '../../hal-mock/random'
import { eventText, Simulator } from '../../hal-mock/simulator'
import { unsupervised } from './unsupervised'

/**
 * Garbage from outside: the receiver, the modem's line, the chip's registers. Nothing may throw out of the panel's poll,
 * no event may be lost, and nothing may count as a kiss-off that is none: then the event would never be at the station.
 */

type Bench = Simulator<unknown, unknown>

const BOTH_UP_MS = 30000
/** Enough for a modem that lost its way and for the longest pause. */
const CALM_MS = 600000

const digits = (name: string) => DEMO_CODES.find((code) => code.name === name)?.digits ?? ''

function create(seed: number): Bench {
  return new Simulator({ firmware: panelFirmware, config: unsupervised(), crypto: nodeCrypto, seed })
}

function noise(random: Random, lengthBytes: number): string {
  let text = ''
  for (let index = 0; index < lengthBytes; index++) text += String.fromCharCode(random.below(256))
  return text
}

/** What can become of a reply on its way; never the reply as it was. */
function spoil(random: Random, reply: string, former: string): string {
  const at = random.below(reply.length + 1)
  switch (random.below(9)) {
    case 0:
      return reply.slice(0, at)
    case 1:
      return reply.slice(0, at) + noise(random, 1 + random.below(3)) + reply.slice(at)
    case 2: // any bit but 5: a hex digit of the envelope in lower case is tolerated
      return (
        reply.slice(0, at) +
        String.fromCharCode((reply.charCodeAt(at) || 0) ^ (1 << random.below(5))) +
        reply.slice(at + 1)
      )
    case 3:
      return noise(random, random.below(2000))
    case 4:
      return former
    case 5:
      return '\n' + '0'.repeat(random.below(3000)) + '\r'
    case 6:
      return '"NAK"'.repeat(1 + random.below(3))
    case 7:
      return '\n\r'.repeat(random.below(20))
    default:
      return ''
  }
}

/** Puts something between network and receiver that answers in its place two times in three. */
function tamper(bench: Bench, random: Random): { count: number; isOn: boolean } {
  const state = { count: 0, isOn: true }
  let former = ''
  const open = bench.receiver.open.bind(bench.receiver)
  bench.network.listener = (address, port) => {
    if (address !== RECEIVER_ADDRESS || port !== RECEIVER_PORT) return undefined
    return (connection, via) => {
      const session = open(via)
      return {
        onData: (bytes) => {
          state.count++
          if (!state.isOn || random.below(3) === 0) {
            former = session.receive(bytes)
            // Late, now and then: after the panel has given up.
            const delayMs = state.isOn && random.below(4) === 0 ? random.below(20000) : 0
            const reply = former
            bench.clock.after(delayMs, () => connection.send(reply))
            return
          }
          // The station never sees this frame: no true kiss-off exists for it.
          const wrong = spoil(random, former, former)
          if (wrong !== '') connection.send(wrong)
          if (random.below(4) === 0) connection.end()
        },
        onEnd: () => connection.end(),
      }
    }
  }
  return state
}

function queueOf(bench: Bench): App['queue'] {
  return (bench.panel as App).queue
}

function enterDuress(bench: Bench): void {
  bench.runTo(bench.type(digits('duress A')) + 1000)
}

/** After a calm everything that was entered is at the station, each event with its own number, and nothing is owed. */
function expectAll(bench: Bench, entered: number, label: string): void {
  const numbers = new Set(
    bench.station.filter((event) => eventText(event) === '1121 01 003').map((event) => event.sequence),
  )
  expect(numbers.size, label).toBe(entered)
  expect([queueOf(bench).count, queueOf(bench).lostCount], label).toEqual([0, 0])
}

describe('bad input', () => {
  it.each([1, 2, 3])('survives 1000 exchanges with a receiver that lies two times in three (seed %i)', (seed) => {
    const bench = create(seed)
    const tampering = tamper(bench, new Random(seed + 1000))
    bench.powerOn()
    bench.runTo(BOTH_UP_MS)
    let entered = 0
    while (tampering.count < 1000) {
      if (queueOf(bench).count < 40) {
        enterDuress(bench)
        entered++
      }
      bench.runTo(bench.clock.nowMs + 3000)
    }
    tampering.isOn = false
    bench.runTo(bench.clock.nowMs + CALM_MS)
    expect(entered).toBeGreaterThan(100)
    expectAll(bench, entered, `seed ${seed}`)
  })

  it.each([11, 12, 13, 14])(
    'survives a modem line with noise, losses and flipped bits for 20 min (seed %i)',
    (seed) => {
      const bench = create(seed)
      const random = new Random(seed + 1000)
      const deliver = bench.board.modem.onOutput
      let isNoisy = true
      bench.board.modem.onOutput = (bytes) => {
        if (!isNoisy) return deliver(bytes)
        let text = ''
        for (let index = 0; index < bytes.length; index++) {
          if (random.oneIn(200)) continue
          if (random.oneIn(200)) text += noise(random, 1 + random.below(8))
          text += random.oneIn(200)
            ? String.fromCharCode(bytes.charCodeAt(index) ^ (1 << random.below(8)))
            : bytes.charAt(index)
        }
        if (random.oneIn(500)) text += noise(random, 1500)
        deliver(text)
      }
      bench.setLink('ethernet', false)
      bench.powerOn()
      let entered = 0
      for (let round = 0; round < 40; round++) {
        enterDuress(bench)
        entered++
        bench.runTo(bench.clock.nowMs + 28000)
      }
      isNoisy = false
      bench.runTo(bench.clock.nowMs + CALM_MS)
      expectAll(bench, entered, `seed ${seed}`)
    },
  )

  it.each([21, 22, 23, 24])(
    'survives a chip whose registers read wrong, die and come back for 20 min (seed %i)',
    (seed) => {
      const bench = create(seed)
      const random = new Random(seed + 1000)
      const { faults } = bench.board.ethernet
      bench.setLink('cellular', false)
      bench.powerOn()
      let entered = 0
      for (let round = 0; round < 40; round++) {
        faults.spiErrorOneIn = [0, 3, 10, 50][random.below(4)]
        faults.deadBus = (['none', 'none', 'ff', '00'] as const)[random.below(4)]
        faults.sendOkNever = random.oneIn(4)
        faults.stuckState = random.oneIn(4)
        faults.tornCounters = random.oneIn(2)
        if (random.oneIn(4)) bench.board.ethernet.brownOut()
        enterDuress(bench)
        entered++
        bench.runTo(bench.clock.nowMs + random.below(60000))
      }
      Object.assign(faults, {
        spiErrorOneIn: 0,
        deadBus: 'none',
        sendOkNever: false,
        stuckState: false,
        tornCounters: false,
      })
      bench.runTo(bench.clock.nowMs + CALM_MS)
      expectAll(bench, entered, `seed ${seed}`)
    },
  )

  it('lets no exception of SPI bus or display out of its poll', () => {
    const bench = create(31)
    const random = new Random(31)
    const { ethernet, lcd } = bench.board
    let isBroken = true
    const breakOneIn = <T extends unknown[], R>(call: (...words: T) => R, times: number) => {
      return (...words: T): R => {
        if (isBroken && random.oneIn(times)) throw new Error('part does not answer')
        return call(...words)
      }
    }
    ethernet.transfer = breakOneIn(ethernet.transfer.bind(ethernet), 20)
    lcd.write = breakOneIn(lcd.write.bind(lcd), 20)
    bench.powerOn()
    for (let round = 0; round < 20; round++) {
      enterDuress(bench)
      bench.runTo(bench.clock.nowMs + 10000)
    }
    isBroken = false
    bench.runTo(bench.clock.nowMs + CALM_MS)
    expectAll(bench, 20, 'seed 31')
  })

  it('goes on with flash that fails for a while, and loses nothing that it had promised before', () => {
    const bench = create(41)
    bench.powerOn()
    bench.runTo(BOTH_UP_MS)
    bench.receiver.mode = 'silent'
    enterDuress(bench)
    bench.board.flash.isFailing = true
    enterDuress(bench)
    bench.board.flash.isFailing = false
    enterDuress(bench)
    bench.receiver.mode = 'ack'
    bench.runTo(bench.clock.nowMs + CALM_MS)
    expectAll(bench, 3, 'seed 41')
  })
})
