import { describe, expect, it } from 'vitest'
import { Style } from '../../../firmware/io/bands'
import * as loops from '../../../firmware/io/loops'
import { Ads1115 } from '../../../hal-mock/ads1115'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { Esp32Adc } from '../../../hal-mock/power-supply'

const [SECURE, ACTIVE, TAMPER, FAULT, MASKED] = [0, 1, 2, 3, 4]
const PULL_UP = 4700
/** 8 units of 20 ms, so that a sweep is quick. */
const RESPONSE = 8
const RESPONSE_MS = RESPONSE * 20

interface Setting {
  pin: number
  style: Style
  eol?: number
  alarm?: number
  fault?: number
  pullUp?: number
  learned?: number
}

interface Options {
  supply?: number
  divider?: number
  supplyMillivolts?: number
  referenceMillivolts?: number
  reference?: number
}

/** Loops with a resistance each, as it is set; at ADS1115s and the ESP32's ADC. */
function bench(settings: Setting[], options: Options = {}) {
  const clock = new VirtualClock()
  const bus = new I2cBus(clock)
  const chips: Ads1115[] = []
  const ohms = settings.map(({ eol }) => eol ?? 0)
  const world = { supplyMillivolts: options.supplyMillivolts ?? 3300 }
  const volts = (pin: number) => {
    const at = settings.findIndex((setting) => setting.pin === pin)
    if (at < 0) return pin === options.divider ? world.supplyMillivolts / 2 : world.supplyMillivolts
    if (ohms[at] === Infinity) return world.supplyMillivolts
    return (world.supplyMillivolts * ohms[at]) / (ohms[at] + (settings[at].pullUp ?? PULL_UP))
  }
  const addChip = (number: number) => {
    if (chips[number] !== undefined) return
    chips[number] = new Ads1115(bus, 0x48 + number, world.supplyMillivolts)
    chips[number].millivolts = (input) => volts(192 + number * 4 + input)
    bus.attach(chips[number])
  }
  for (const { pin } of settings) if (pin >= 192) addChip((pin - 192) >> 2)
  if (options.supply !== undefined) addChip(options.supply >> 2)
  const adc = new Esp32Adc(options.referenceMillivolts ?? 1100)
  let analogReads = 0
  const pins = {
    mode: () => {},
    write: () => {},
    read: () => 0,
    wakeOn: () => true,
    analog: (pin: number) => {
      analogReads++
      return adc.read(volts(pin))
    },
  }
  const list = settings.flatMap(({ style, eol = 0, alarm = 0, fault = 0, pullUp = PULL_UP, learned = 0 }, zone) => [
    ...[zone, style, pullUp, eol, alarm, fault, learned],
  ])
  const l = loops.create(
    pins,
    bus,
    list,
    settings.map(({ pin }) => pin),
    new Uint8Array(settings.length).fill(RESPONSE),
    options.supply ?? -1,
    options.divider ?? -1,
    options.reference,
  )
  /** Runs on, and returns 'zone:state' of what settled. */
  const run = (ms: number): string[] => {
    const endMs = clock.nowMs + ms
    let told = ''
    for (let nextMs = loops.poll(l, clock.nowMs); nextMs <= endMs; nextMs = loops.poll(l, clock.nowMs)) {
      clock.runTo(nextMs)
      told += l.changes
      l.changes = ''
    }
    clock.runTo(endMs)
    told += l.changes
    l.changes = ''
    return Array.from(
      { length: told.length / 2 },
      (_, at) => `${told.charCodeAt(2 * at)}:${told.charCodeAt(2 * at + 1)}`,
    )
  }
  const reads = () => analogReads
  return { l, chips, bus, clock, ohms, world, run, reads, adc }
}

const DEOL: Setting = { pin: 192, style: Style.DEOL, eol: 4700, alarm: 4700 }

/** States that a loop settles to from 0 to 50 kOhm in steps of 10 Ohm, each as often as it comes anew. */
function sweep(setting: Setting, options: Options): { state: number; from: number; to: number }[] {
  const { ohms, run, l } = bench([setting], options)
  const found: { state: number; from: number; to: number }[] = []
  for (let at = 0; at <= 50000; at += 10) {
    ohms[0] = at
    run(24 * 4)
    // Where the reading is, without waiting for the response time.
    const place = l.places[0]
    const last = found[found.length - 1]
    if (last !== undefined && last.state === place) last.to = at
    else found.push({ state: place, from: at, to: at })
  }
  return found
}

describe('a sweep from 0 to 50 kOhm in steps of 10 Ohm', () => {
  const KITS: [string, Setting, number][] = [
    ['DEOL 4k7', DEOL, 4],
    ['DEOL 5k6', { ...DEOL, eol: 5600, alarm: 5600 }, 4],
    ['DEOL 1k1', { ...DEOL, eol: 1100, alarm: 1100 }, 4],
    ['TEOL 2k2', { ...DEOL, style: Style.TEOL, eol: 2200, alarm: 4700, fault: 2200 }, 6],
    ['SEOL 2k2', { ...DEOL, style: Style.SEOL, eol: 2200, alarm: 0 }, 3],
    ['NC', { ...DEOL, style: Style.NC, eol: 0, alarm: 0 }, 2],
  ]
  it.each(KITS)('%s at an ADS1115 finds each band once, with nothing but gaps between (W-1)', (_, kit, count) => {
    const found = sweep(kit, { supply: 3 })
    // Bands are even places, gaps odd ones, each once.
    expect(found.map(({ state }) => state)).toEqual(Array.from({ length: 2 * count - 1 }, (__, at) => at))
  })

  it.each([1000, 1100, 1200])('DEOL 4k7 at the ESP32 with a divider, reference %i mV', (referenceMillivolts) => {
    const found = sweep({ ...DEOL, pin: 33, pullUp: 10000 }, { divider: 32, referenceMillivolts })
    expect(found.map(({ state }) => state)).toEqual([0, 1, 2, 3, 4, 5, 6])
    // Each limit where it should be, but for the curve above 2.45 V.
    const limits = [found[1], found[3]].map(({ from, to }) => Math.round((from + to) / 20) * 10)
    expect(Math.abs(limits[0] / 2350 - 1)).toBeLessThan(0.03)
    expect(Math.abs(limits[1] / 6647 - 1)).toBeLessThan(0.03)
  })

  it('has its limits within 1.2 % of the geometric means at an ADS1115, whatever the supply (W-2)', () => {
    for (const supplyMillivolts of [3100, 3300, 3450]) {
      const found = sweep(DEOL, { supply: 3, supplyMillivolts })
      const limits = [found[1], found[3], found[5]].map(({ from, to }) => (from + to) / 2)
      for (const [at, limit] of [2350, Math.sqrt(4700 * 9400), 20000].entries()) {
        expect(Math.abs(limits[at] / limit - 1), `${supplyMillivolts} mV, ${limit}`).toBeLessThan(0.012)
      }
    }
  })
})

describe('states of a loop', () => {
  it('settle after the response time, and a restore takes the same (W-8, W-9)', () => {
    const { ohms, run } = bench([DEOL])
    run(1000)
    ohms[0] = 9400
    expect(run(RESPONSE_MS - 1)).toEqual([])
    expect(run(240)).toEqual([`0:${ACTIVE}`])
    ohms[0] = 4700
    run(RESPONSE_MS - 30)
    ohms[0] = 9400
    expect(run(2000)).toEqual([])
    ohms[0] = 4700
    expect(run(1000)).toEqual([`0:${SECURE}`])
  })

  it('short and open are tamper in DEOL; a fault between bands, and never secure (W-6)', () => {
    const { ohms, run } = bench([DEOL])
    for (const [at, expected] of [
      [0, TAMPER],
      [4700, SECURE],
      [6650, FAULT],
      [9400, ACTIVE],
      [20000, FAULT],
      [Infinity, TAMPER],
      [2350, FAULT],
    ]) {
      ohms[0] = at
      expect(run(1000)).toEqual([`0:${expected}`])
    }
  })

  it('stay as they were while a reading between bands is shorter than the response time (W-6)', () => {
    const { ohms, run } = bench([DEOL])
    run(1000)
    ohms[0] = 6650
    expect(run(RESPONSE_MS - 30)).toEqual([])
    ohms[0] = 4700
    expect(run(2000)).toEqual([])
  })

  it('TEOL tells fault, alarm and mask apart', () => {
    const { ohms, run } = bench([{ pin: 192, style: Style.TEOL, eol: 2200, alarm: 4700, fault: 2200 }])
    const found = [4400, 2200, 6900, 9100, Infinity].map((at) => {
      ohms[0] = at
      return run(1000)
    })
    expect(found).toEqual([FAULT, SECURE, ACTIVE, MASKED, TAMPER].map((state) => [`0:${state}`]))
  })

  it('a loop whose contacts close is a fault when it is cut, and active when it is short', () => {
    const { ohms, run } = bench([{ pin: 192, style: Style.CLOSING, eol: 4700 }])
    ohms[0] = Infinity
    expect(run(1000)).toEqual([`0:${FAULT}`])
    ohms[0] = 0
    expect(run(1000)).toEqual([`0:${ACTIVE}`])
  })

  it('noise at a limit moves nothing', () => {
    const { ohms, run, chips, l } = bench([DEOL])
    ohms[0] = 6390 // a little above the end of secure
    run(1000)
    let sign = 1
    chips[0].noise = () => (sign = -sign) * 12
    const before = l.places[0]
    for (let count = 0; count < 40; count++) {
      run(24)
      expect(l.places[0]).toBe(before)
    }
  })
})

describe('the scan', () => {
  const EIGHT = Array.from({ length: 8 }, (_, at) => ({ ...DEOL, pin: 192 + at }))

  it('reads eight loops at two chips every 95 ms, in one pass (W-10)', () => {
    const { l, chips, run, ohms, clock } = bench(EIGHT)
    expect(loops.poll(l, 0)).toBe(95)
    expect(chips.map((chip) => chip.conversions)).toEqual([4, 4])
    expect(loops.poll(l, 94)).toBe(95)
    expect(chips.map((chip) => chip.conversions)).toEqual([4, 4])
    run(1000)
    // Whichever loop, whenever: a change is settled within two looks more than its response time.
    for (let zone = 0; zone < 8; zone++) {
      clock.runTo(clock.nowMs + zone * 13)
      ohms[zone] = 9400
      expect(run(RESPONSE_MS + 2 * 95)).toEqual([`${zone}:${ACTIVE}`])
    }
  })

  it('a pass of eight is less than 21 ms of the bus, with any oscillator, and six to eight transfers a loop', () => {
    for (const oscillator of [0.9, 1, 1.1]) {
      const { l, bus, chips, run, clock } = bench(EIGHT)
      for (const chip of chips) chip.oscillator = oscillator
      run(1000)
      clock.runTo(l.dueMs)
      const before = bus.transfers
      loops.poll(l, clock.nowMs)
      const perLoop = (bus.transfers - before) / 8
      expect(perLoop).toBeGreaterThanOrEqual(6)
      expect(perLoop).toBeLessThanOrEqual(8)
      expect(bus.nowMs - clock.nowMs).toBeLessThan(21)
    }
  })

  it('believes nothing of a chip that has stopped converting, and says that it is lost', () => {
    const { l, run, chips, ohms } = bench([DEOL])
    run(1000)
    chips[0].oscillator = 1e6
    ohms[0] = 9400
    expect(run(19000)).toEqual([])
    expect(l.lost).toBe(0)
    run(3000)
    expect(l.lost).toBe(1)
  })

  it('reads the ESP32 once while nothing is new, and takes the sum of eight before it believes anything', () => {
    const own = [33, 34, 35, 36, 39].map((pin) => ({ ...DEOL, pin }))
    const { l, reads, run, ohms, clock } = bench(own, { divider: 32 })
    loops.poll(l, 0)
    expect(reads()).toBe(6 * 9)
    run(1000)
    clock.runTo(l.dueMs)
    const before = reads()
    loops.poll(l, clock.nowMs)
    expect(reads() - before).toBe(6)
    ohms[2] = 9400
    clock.runTo(l.dueMs)
    loops.poll(l, clock.nowMs)
    expect(reads() - before).toBe(6 + 6 + 8)
  })

  it('goes on with the other chip and the ESP32 in the very pass in which one does not answer', () => {
    const { l, run, chips, ohms, clock } = bench([...EIGHT, { ...DEOL, pin: 33 }])
    run(1000)
    chips[0].setPower(false)
    ohms[8] = 9400
    expect(run(RESPONSE_MS + 2 * 95)).toEqual([`8:${ACTIVE}`])
    clock.runTo(l.dueMs)
    const before = chips[1].conversions
    loops.poll(l, clock.nowMs)
    expect(chips[1].conversions - before).toBe(4)
  })

  it('a chip that is gone leaves its loops as they were, is lost after 20 s, and is back when it answers (S-6)', () => {
    const { l, run, chips, ohms } = bench(EIGHT)
    ohms[0] = 9400
    expect(run(1000)).toEqual([`0:${ACTIVE}`])
    chips[0].setPower(false)
    ohms[4] = 9400
    expect(run(19000)).toEqual([`4:${ACTIVE}`])
    expect(l.lost).toBe(0)
    run(3000)
    expect(l.lost).toBe(1)
    chips[0].setPower(true)
    ohms[0] = 4700
    expect(run(4000)).toEqual([`0:${SECURE}`])
    expect(l.lost).toBe(0)
  })

  it('one that lost its supply for a moment does not make a tamper of its zeros', () => {
    const { run, chips } = bench([DEOL])
    for (let count = 0; count < 50; count++) {
      expect(run(117)).toEqual([])
      chips[0].reset()
    }
  })
})

describe('what 3.3 V are', () => {
  it('is measured, so that a supply of 3.0 V changes no state (W-2)', () => {
    const settings = [DEOL, { ...DEOL, pin: 193 }]
    const { ohms, run, world, l } = bench(settings, { supply: 3 })
    ohms[0] = 5035 // 5 % more
    ohms[1] = 8930 // 5 % less
    expect(run(1000)).toEqual([`1:${ACTIVE}`])
    world.supplyMillivolts = 3000
    expect(run(3000)).toEqual([])
    expect(l.supply).toBe(24000)
  })

  it('that cannot be changes nothing, and is lost after 20 s', () => {
    const { run, world, l } = bench([DEOL], { supply: 3 })
    run(1000)
    world.supplyMillivolts = 1000
    run(10000)
    expect([l.supply, l.lost]).toEqual([26400, 0])
    run(11000)
    expect(l.lost).toBe(16)
    world.supplyMillivolts = 3300
    run(1000)
    expect(l.lost).toBe(0)
  })

  it.each([1000, 1050, 1100, 1150, 1200])(
    'at the ESP32 with a divider, 5 %% off each way, keeps rest and alarm apart with a reference of %i mV (W-3, W-5)',
    (referenceMillivolts) => {
      const settings = [33, 34, 35, 36].map((pin) => ({ ...DEOL, pin, pullUp: 10000 }))
      const { ohms, run } = bench(settings, { divider: 32, referenceMillivolts })
      ohms.splice(0, 4, 4465, 5035 + 100, 8930, 9870 + 100)
      expect(run(2000).sort()).toEqual([`2:${ACTIVE}`, `3:${ACTIVE}`])
    },
  )

  it.each([1000, 1200])(
    'as it is takes one for the other at the ends of the references: %i mV',
    (referenceMillivolts) => {
      // 4k7 and 7k7 are as far apart as W-5 asks for.
      const settings = [33, 34].map((pin) => ({ ...DEOL, pin, alarm: 3000 }))
      const states = (divider: number) => {
        const { ohms, run } = bench(settings, { referenceMillivolts, divider })
        ohms.splice(0, 2, 4700 * 1.05 + 100, 7700 * 0.95)
        return run(2000)
      }
      expect(states(-1)).not.toEqual([`1:${ACTIVE}`])
      expect(states(32)).toEqual([`1:${ACTIVE}`])
    },
  )

  it.each([1000, 1200])('is known by the reading at rest, with a reference of %i mV', (referenceMillivolts) => {
    const learned = Math.round(((1650 - 142) / 0.8056) * (1100 / referenceMillivolts))
    const settings = [33, 34].map((pin) => ({ ...DEOL, pin, learned }))
    const { ohms, run } = bench(settings, { referenceMillivolts })
    ohms.splice(0, 2, 5035, 8930)
    expect(run(2000)).toEqual([`1:${ACTIVE}`])
  })

  it('is told to whoever looks: steps and share', () => {
    const { l, run, ohms } = bench([DEOL, { ...DEOL, pin: 33 }], { supply: 3, divider: 32, referenceMillivolts: 1180 })
    ohms.splice(0, 2, 9400, 9400)
    run(1000)
    const [chip, own] = [loops.reading(l, 0), loops.reading(l, 1)]
    expect(chip[0]).toBe(17600)
    expect(chip[1]).toBeCloseTo(2 / 3, 3)
    expect(own[1]).toBeCloseTo(2 / 3, 1)
    expect(loops.reading(l, 2)).toEqual([])
  })
})
