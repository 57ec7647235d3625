import { describe, expect, it } from 'vitest'
import type { App } from '../../firmware/app'
import { DEMO_CODES, type DemoConfig, RECEIVER_ADDRESS } from '../../hal-mock/demo'
import { DhcpServer } from '../../hal-mock/dhcp-server'
import { DnsServer } from '../../hal-mock/dns-server'
import type { ModemOptions } from '../../hal-mock/modem'
import { NtpServer } from '../../hal-mock/ntp-server'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { eventText, Simulator, START_SECONDS } from '../../hal-mock/simulator'
import { unmatched } from './unmatched'

/** What the panel reports of itself, and what its settings switch on in the drivers, on the whole bench. */

type Bench = Simulator<unknown, unknown>

const UP_MS = 40000
const HOUR_MS = 3600000
const digits = (name: string) => DEMO_CODES.find((code) => code.name === name)?.digits ?? ''

function create(change: (config: DemoConfig) => void = () => {}, seed = 1, modem?: ModemOptions): Bench {
  const config = unmatched()
  config.testHours = 0
  change(config)
  return new Simulator({ firmware: panelFirmware, config, crypto: nodeCrypto, seed, modem })
}

function start(change?: (config: DemoConfig) => void, seed?: number): Bench {
  const bench = create(change, seed)
  bench.powerOn()
  bench.runTo(UP_MS)
  return bench
}

const runFor = (bench: Bench, ms: number) => bench.runTo(bench.clock.nowMs + ms)

/** '1602 01 002 cellular' of each event once. */
function log(bench: Bench): string[] {
  return bench.station.filter((event) => !event.isDuplicate).map((event) => `${eventText(event)} ${event.via}`)
}

describe('test reports (S-10, R-7)', () => {
  it('go over each path by itself and say which, once an interval, at a moment of their own for each start', () => {
    const firsts = [1, 2, 3].map((seed) => {
      const bench = start((config) => void (config.testHours = 1), seed)
      runFor(bench, 3 * HOUR_MS)
      const tests = log(bench).filter((text) => text.startsWith('1602'))
      expect(tests.length).toBe(6)
      expect(new Set(tests)).toEqual(new Set(['1602 01 001 ethernet', '1602 01 002 cellular']))
      const times = bench.station.flatMap((event, index) =>
        eventText(event) === '1602 01 001' ? [bench.stationAtMs[index]] : [],
      )
      expect(times[0]).toBeLessThan(1.02 * HOUR_MS)
      expect((times[1] - times[0]) / HOUR_MS).toBeCloseTo(1, 2)
      return times[0]
    })
    expect(new Set(firsts).size).toBe(3)
  })

  it('wait for their own path, and do not pile up there', () => {
    const bench = start((config) => void (config.testHours = 1))
    bench.setLink('cellular', false)
    runFor(bench, 2.2 * HOUR_MS)
    expect(log(bench)).not.toContain('1602 01 002 cellular')
    bench.setLink('cellular', true)
    runFor(bench, 120000)
    expect(log(bench).filter((text) => text === '1602 01 002 cellular')).toHaveLength(1)
  })
})

describe('loss of a path (R-6, S-9)', () => {
  it('is told over the other one, and its end too', () => {
    const bench = start((config) => void (config.category = 'DP4'))
    bench.setInternet('ethernet', false)
    runFor(bench, 90000)
    expect(log(bench)).toEqual(['1350 01 001 cellular'])
    bench.setInternet('ethernet', true)
    runFor(bench, 90000)
    expect(log(bench)[1]).toMatch(/^3350 01 001/)
  })

  it('is neither told twice nor taken back by a restart while it lasts', () => {
    const bench = start((config) => void (config.category = 'DP4'))
    bench.setInternet('ethernet', false)
    runFor(bench, 90000)
    bench.powerOff()
    runFor(bench, 5000)
    bench.powerOn()
    runFor(bench, 300000)
    expect(log(bench)).toEqual(['1350 01 001 cellular', '1305 01 000 cellular'])
    bench.setInternet('ethernet', true)
    runFor(bench, 120000)
    expect(log(bench)[2]).toMatch(/^3350 01 001/)
  })

  it('of both for two minutes with an event waiting is a failure to communicate, told when one is back', () => {
    const bench = start((config) => void (config.receivers[0].isPolled = false))
    for (const via of ['ethernet', 'cellular']) bench.setInternet(via, false)
    bench.type(digits('duress A'))
    runFor(bench, 180000)
    expect(bench.station).toEqual([])
    bench.setInternet('cellular', true)
    runFor(bench, 120000)
    expect(log(bench)).toEqual(['1121 01 003 cellular', '1354 01 000 cellular'])
  })

  /** Armed; both paths lose the internet, the first one a minute before; then both have it again. Path events in order. */
  function outage(bothDownMinutes: number, lastsMs: number, firstMs = 60000): { paths: string[]; bench: Bench } {
    const bench = start((config) => void Object.assign(config, { category: 'DP4', bothDownMinutes }))
    bench.type(digits('code A'))
    runFor(bench, 3000)
    bench.type('2#')
    runFor(bench, 90000)
    bench.setInternet('ethernet', false)
    runFor(bench, firstMs)
    bench.setInternet('cellular', false)
    runFor(bench, lastsMs)
    for (const via of ['ethernet', 'cellular']) bench.setInternet(via, true)
    runFor(bench, 240000)
    expect(bench.onlooker.now.text).toMatch(/^ARMED/)
    const paths = log(bench).filter((text) => /^.350/.test(text))
    return { paths: paths.map((text) => text.slice(0, 11)).sort(), bench }
  }
  const FIRST = ['1350 01 001', '3350 01 001']
  const BOTH = ['1350 01 001', '1350 01 002', '3350 01 001', '3350 01 002']

  it('of both while set is told only when it lasts for the set time: a short double outage looks like one path (R-8)', () => {
    expect(outage(5, 240000).paths).toEqual(FIRST)
    expect(outage(5, 600000).paths).toEqual(BOTH)
    expect(outage(2, 240000).paths).toEqual(BOTH)
    expect(outage(0, 120000).paths).toEqual(BOTH)
  })

  it('of both at the same moment is told as one path too, whichever was lost first (R-8)', () => {
    const { paths } = outage(5, 240000, 0)
    expect([FIRST, FIRST.map((text) => text.replace('001', '002'))]).toContainEqual(paths)
  })

  it('of the second is told 90 s after the first is back, when it is still lost then (R-8)', () => {
    const bench = start((config) => void Object.assign(config, { category: 'DP4', bothDownMinutes: 60 }))
    bench.setInternet('ethernet', false)
    runFor(bench, 60000)
    bench.setInternet('cellular', false)
    runFor(bench, 180000)
    bench.setInternet('ethernet', true)
    runFor(bench, 60000)
    const first = ['1350 01 001', '3350 01 001']
    const paths = () => log(bench).flatMap((text) => (/^.350/.test(text) ? [text.slice(0, 11)] : []))
    expect(paths()).toEqual(first)
    runFor(bench, 120000)
    expect(paths()).toEqual([...first, '1350 01 002'])
  })

  it('of both begins its time anew when one was back meanwhile (R-8)', () => {
    const bench = start((config) => void Object.assign(config, { category: 'DP4', bothDownMinutes: 10 }))
    for (const via of ['ethernet', 'cellular']) bench.setInternet(via, false)
    for (let round = 0; round < 3; round++) {
      runFor(bench, 480000)
      bench.setInternet('ethernet', true)
      runFor(bench, 70000)
      bench.setInternet('ethernet', false)
    }
    expect((bench.panel as App).told & 3).not.toBe(3)
    runFor(bench, 720000)
    expect((bench.panel as App).told & 3).toBe(3)
  })

  it('of both is on the keypad at once, whatever the station has been told (R-8, K-20)', () => {
    const bench = start((config) => void Object.assign(config, { category: 'DP4', bothDownMinutes: 60 }))
    for (const via of ['ethernet', 'cellular']) bench.setInternet(via, false)
    runFor(bench, 180000)
    const { troubles, told } = bench.panel as App
    expect(troubles.raised & (3 << 9)).toBe(3 << 9)
    expect((told & 1) + ((told >> 1) & 1)).toBe(1)
  })

  it('is shown as a trouble, but for an hour after a code, whatever the code was (K-20, D-15)', () => {
    const runs = ['', 'code A', 'duress A'].map((name) => {
      const bench = start((config) => void (config.category = 'DP4'))
      if (name !== '') bench.type(digits(name))
      runFor(bench, 3000)
      bench.setInternet('ethernet', false)
      runFor(bench, 300000)
      expect(log(bench).length).toBeGreaterThan(0)
      return bench.onlooker
    })
    expect(runs[0].now.text).toBe('TROUBLE    08:05|*2 to view      ')
    expect(runs[1].now.text).toBe('READY      08:05|Enter code      ')
    expect(runs[2].sights).toEqual(runs[1].sights)
  })
})

describe('events that had to be given up (R-2)', () => {
  it('are told as 624 as soon as there is room', () => {
    const bench = start((config) => void (config.receivers[0].isPolled = false))
    bench.receiver.mode = 'silent'
    bench.type(digits('duress A')) // from now on a restart is an event of its own (P-7)
    runFor(bench, 2000)
    for (let count = 0; count < 70; count++) {
      bench.powerOff()
      bench.powerOn()
      runFor(bench, 200)
    }
    const app = bench.panel as App
    expect(app.queue.count).toBe(64)
    expect(app.queue.lostCount).toBeGreaterThan(0)
    bench.receiver.mode = 'ack'
    runFor(bench, 300000)
    expect(log(bench).filter((text) => text.startsWith('1624'))).toHaveLength(1)
    expect(log(bench).filter((text) => text.startsWith('1305')).length).toBeGreaterThanOrEqual(60)
    expect(app.queue.count).toBe(0)
  })
})

describe('an event that nobody takes', () => {
  it('waits for ever, or for as many hours as the settings say; an alarm and a duress for ever (R-2, D-14)', () => {
    for (const expiryHours of [0, 2]) {
      const bench = start((config) => {
        config.receivers[0].isPolled = false
        config.exitDelaySeconds = 45
        config.expiryHours = expiryHours
      })
      for (const via of ['ethernet', 'cellular']) bench.setInternet(via, false)
      bench.type(digits('code A'))
      runFor(bench, 2500)
      bench.type('2')
      runFor(bench, 50000)
      bench.setZone(1, true)
      runFor(bench, 25000)
      bench.type(digits('duress A'))
      runFor(bench, 4 * HOUR_MS)
      for (const via of ['ethernet', 'cellular']) bench.setInternet(via, true)
      runFor(bench, 120000)
      const heard = bench.station.filter((event) => !event.isDuplicate).map(eventText)
      const kept = ['1121 01 003', '1131 01 002']
      const openings = ['3401 01 001', '1401 01 001', '1459 01 001']
      if (expiryHours === 0) expect(heard).toEqual([...kept, '1354 01 000', ...openings])
      else expect(heard.sort()).toEqual([...kept, '1354 01 000', '1624 01 000'].sort())
    }
  })
})

describe('jamming (S-15)', () => {
  it('is told over Ethernet, and its end', () => {
    const bench = start()
    const app = bench.panel as App
    app.cellular.trouble = 3
    runFor(bench, 3000)
    expect(log(bench)).toEqual(['1344 01 000 ethernet'])
    app.cellular.trouble = 0
    runFor(bench, 3000)
    expect(log(bench)[1]).toBe('3344 01 000 ethernet')
  })
})

describe('the text message of last resort', () => {
  const stuck = (change: (config: DemoConfig) => void): Bench => {
    const bench = start((config) => {
      config.cellular.smsNumber = '+491701234567'
      config.exitDelaySeconds = 45
      change(config)
    })
    bench.type(digits('code A'))
    runFor(bench, 2500)
    bench.type('2')
    runFor(bench, 65000)
    bench.receiver.mode = 'silent'
    return bench
  }

  it('tells of an alarm that no path delivers', () => {
    const bench = stuck(() => {})
    bench.setZone(1, true)
    runFor(bench, 240000)
    expect(bench.board.modem.messages).toEqual([{ number: '+491701234567', text: 'Alarm 131 2' }])
  })

  it('never tells of duress, not even beside an alarm, and nothing at all without a number', () => {
    const quiet = stuck(() => {})
    quiet.type(digits('duress A'))
    runFor(quiet, 400000)
    expect(quiet.board.modem.messages).toEqual([])
    const off = stuck((config) => void (config.cellular.smsNumber = ''))
    off.setZone(1, true)
    runFor(off, 400000)
    expect(off.board.modem.messages).toEqual([])
  })
})

describe('null messages', () => {
  it('wait while somebody types, so that no key gets lost in the pass that builds one; events do not', () => {
    const sentMs: number[] = []
    const config = unmatched()
    config.category = 'SP6'
    const bench: Bench = new Simulator({
      firmware: panelFirmware,
      config,
      crypto: nodeCrypto,
      seed: 1,
      onTrace: (atMs, source, what) => {
        if (source === 'ethernet' && what.startsWith('socket 0: send')) sentMs.push(atMs)
      },
    })
    bench.powerOn()
    bench.runTo(UP_MS)
    for (let second = 0; second < 40; second++) {
      bench.clock.after(second * 1000, () => bench.board.keypad.press(second % 5 === 4 ? '*' : '1', 80))
    }
    sentMs.length = 0
    runFor(bench, 40000)
    // Between the star that clears an entry and the next digit there is a second in which they may go.
    for (const atMs of sentMs) expect(Math.floor((atMs - UP_MS) / 1000) % 5).toBe(4)
    expect(sentMs.length).toBeGreaterThan(3)
    sentMs.length = 0
    for (let second = 0; second < 3; second++) {
      bench.clock.after(second * 1000, () => bench.board.keypad.press('1', 80))
    }
    runFor(bench, 1500)
    const app = bench.panel as App
    app.cellular.trouble = 3 // an event in the middle of an entry
    runFor(bench, 1200)
    expect(log(bench)).toContain('1344 01 000 ethernet')
  })
})

describe('settings that switch on what the drivers can', () => {
  function networked(change: (config: DemoConfig) => void) {
    const bench = create((config) => {
      config.ethernet.isDynamic = true
      config.ethernet.address = '0.0.0.0'
      config.ethernet.mask = '0.0.0.0'
      config.ethernet.gateway = '0.0.0.0'
      change(config)
    })
    const dhcp = new DhcpServer(bench.clock, bench.ethernet, {
      address: '192.168.1.1',
      first: '192.168.1.100',
      mask: '255.255.255.0',
      router: '192.168.1.1',
      dnsServers: ['192.0.2.53'],
      leaseSeconds: 1200,
    })
    const dns = new DnsServer([
      { name: 'arc.example', address: RECEIVER_ADDRESS, ttlSeconds: 300 },
      { name: 'time.example', address: '192.0.2.123', ttlSeconds: 300 },
    ])
    const ntp = new NtpServer(() => START_SECONDS + bench.clock.nowMs / 1000)
    bench.network.serve('192.0.2.53', 53, dns.serve)
    bench.network.serve('192.0.2.123', 123, ntp.serve)
    return { bench, dhcp, dns, ntp }
  }

  it('reach a receiver by name with an address from DHCP', () => {
    const { bench, dhcp, dns } = networked((config) => {
      config.receivers[0].paths = 'ethernet'
    })
    const station = bench.settings.receivers[0]
    station.host = 'arc.example'
    bench.powerOn()
    bench.runTo(60000)
    bench.type(digits('duress A'))
    runFor(bench, 5000)
    expect(log(bench)).toEqual(['1121 01 003 ethernet'])
    expect(Object.values(dhcp.leases)).toHaveLength(1)
    expect(dns.log).toContain('arc.example')
    runFor(bench, HOUR_MS)
    expect(dhcp.log.filter((text) => text.startsWith('REQUEST')).length).toBeGreaterThan(2)
  })

  it('take the time from an NTP server, so that an *ACK is judged by a sure clock', () => {
    const { bench, ntp } = networked((config) => void (config.ethernet.timeServer = 'time.example'))
    bench.board.utcSeconds = () => 0
    bench.powerOn()
    bench.runTo(60000)
    expect(ntp.log.length).toBeGreaterThan(0)
    const app = bench.panel as App
    expect(app.wall.isSure).toBe(true)
    expect(app.wall.toldSeconds).toBeGreaterThan(START_SECONDS - 3)
    expect(app.wall.toldSeconds).toBeLessThan(START_SECONDS + 3)
  })

  it("take the modem network's time", () => {
    const utcSeconds = () => START_SECONDS + ((bench.clock.nowMs / 1000) | 0)
    const bench: Bench = create(() => {}, 1, { utcSeconds })
    bench.board.utcSeconds = () => 0
    bench.powerOn()
    bench.runTo(120000)
    const app = bench.panel as App
    expect(app.wall.isSure).toBe(true)
  })
})
