import { describe, expect, it } from 'vitest'
import * as app from '../../firmware/app'
import {
  DEMO_CODES,
  type DemoConfig,
  type DemoReceiver,
  demoConfig,
  demoReceiver,
  SECOND_ADDRESS,
} from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { eventText, Simulator, START_SECONDS } from '../../hal-mock/simulator'
import { unsupervised } from './unsupervised'

/** More than one receiver, on the whole bench: what goes where, and who stands in for whom. */

type Bench = Simulator<unknown, unknown>

const UP_MS = 30000
const DURESS = '1121 01 003'
const OPENED = '1401 01 001'

const digits = (name: string) => DEMO_CODES.find((code) => code.name === name)?.digits ?? ''

/** A home automation that takes reports: it shows what it gets, so it is no monitoring station (D-19). */
function home(): DemoReceiver {
  return { ...demoReceiver(), host: SECOND_ADDRESS, account: 'ABC', key: '', isMonitoring: false, paths: 'ethernet' }
}

function start(others: DemoReceiver[], change: (config: DemoConfig) => void = () => {}, startSeconds?: number) {
  const config = unsupervised()
  for (const receiver of others) config.receivers.push({ ...receiver, isPolled: false })
  change(config)
  const trace: { atMs: number; source: string; what: string }[] = []
  const bench: Bench = new Simulator({
    firmware: panelFirmware,
    config,
    crypto: nodeCrypto,
    seed: 1,
    startSeconds,
    onTrace: (atMs, source, what) => trace.push({ atMs, source, what }),
  })
  bench.powerOn()
  bench.runTo(UP_MS)
  return { bench, trace }
}

/** Arms, and disarms with the code 61 s later. Returns when the last key was pressed. */
function armAndDisarm(bench: Bench, code: string): number {
  const armedMs = bench.type(`${digits('code A')}`)
  bench.runTo(armedMs + 1000)
  bench.type('2')
  bench.runTo(armedMs + 65000)
  const doneMs = bench.type(digits(code))
  bench.runTo(doneMs + 3000)
  return doneMs
}

const station = (bench: Bench) => bench.station.filter((event) => !event.isDuplicate).map(eventText)
const other = (bench: Bench, receiver: number) =>
  bench.others.filter((entry) => entry.receiver === receiver && !entry.event.isDuplicate).map((e) => eventText(e.event))

describe('a receiver that also shows what it gets', () => {
  it('never gets 121, and everything else of a duress disarm (D-18, D-19; acceptance test 7)', () => {
    const { bench } = start([home()])
    armAndDisarm(bench, 'duress A')
    expect(station(bench)).toEqual(['3401 01 001', DURESS, OPENED])
    expect(other(bench, 1)).toEqual(['3401 01 001', OPENED])
  })

  it('never gets 121 after a restart either, nor when the station cannot be reached', () => {
    const { bench } = start([home()])
    bench.receiver.mode = 'silent'
    armAndDisarm(bench, 'duress A')
    bench.powerOff()
    bench.runTo(bench.clock.nowMs + 5000)
    bench.powerOn()
    bench.runTo(bench.clock.nowMs + 300000)
    expect(other(bench, 1)).toContain(OPENED)
    expect(other(bench, 1)).not.toContain(DURESS)
    bench.receiver.mode = 'ack'
    bench.runTo(bench.clock.nowMs + 200000)
    expect(station(bench)).toContain(DURESS)
  })

  it('gets only the groups of events that it was given', () => {
    const { bench } = start([{ ...home(), events: 'alarms' }])
    armAndDisarm(bench, 'code A')
    expect(station(bench)).toEqual(['3401 01 001', OPENED])
    expect(other(bench, 1)).toEqual([])
  })

  it('delays the station by nothing worth speaking of while it is silent or gone (D-13)', () => {
    for (const mode of ['silent', 'gone']) {
      const { bench } = start([home()])
      bench.receivers[1].mode = 'silent'
      if (mode === 'gone') {
        const listeners = bench.network as unknown as { listener: () => undefined }
        const real = bench.network.listener.bind(bench.network)
        listeners.listener = ((address: string, port: number) =>
          address === SECOND_ADDRESS ? undefined : real(address, port)) as () => undefined
      }
      const typedMs = armAndDisarm(bench, 'duress A')
      const at = bench.station.findIndex((event) => eventText(event) === DURESS && event.via === 'ethernet')
      expect(bench.stationAtMs[at] - typedMs).toBeLessThan(2000)
      expect(bench.others).toEqual([])
    }
  })
})

describe('a back-up receiver', () => {
  const backup = () => ({ ...demoReceiver(), host: SECOND_ADDRESS, isBackup: true })

  it('hears nothing while the main one is well', () => {
    const { bench } = start([backup()])
    armAndDisarm(bench, 'duress A')
    expect(station(bench)).toEqual(['3401 01 001', DURESS, OPENED])
    expect(other(bench, 1)).toEqual([])
  })

  it('gets everything, duress first and with its own sequence number, while the main one is silent on both paths', () => {
    const { bench } = start([backup()])
    bench.receiver.mode = 'silent'
    armAndDisarm(bench, 'duress A')
    bench.runTo(bench.clock.nowMs + 120000)
    expect(station(bench)).toEqual([])
    const heard = other(bench, 1).filter((text) => text !== '1354 01 000')
    expect([...heard].sort()).toEqual([DURESS, OPENED, '3401 01 001'].sort())
    const order = (text: string) => bench.others.findIndex((entry) => eventText(entry.event) === text)
    expect(order(DURESS)).toBeLessThan(order(OPENED))
    expect(bench.others[order(DURESS)].event.sequence + 1).toBe(bench.others[order(OPENED)].event.sequence)
  })

  it('hands back to the main one within minutes after that one is well', () => {
    const { bench } = start([backup()])
    bench.receiver.mode = 'silent'
    armAndDisarm(bench, 'code A')
    bench.runTo(bench.clock.nowMs + 120000)
    bench.receiver.mode = 'ack'
    bench.runTo(bench.clock.nowMs + 320000)
    const before = bench.station.length
    armAndDisarm(bench, 'code A')
    expect(station(bench).slice(before)).toEqual(['3401 01 001', OPENED])
  })
})

describe('reports over UDP', () => {
  it.each(['', demoReceiver().key])('bring a duress call over both paths, with key %j', (key) => {
    const { bench, trace } = start([], (config) => {
      config.receivers[0].protocol = 'udp'
      config.receivers[0].key = key
    })
    const typedMs = armAndDisarm(bench, 'duress A')
    expect(station(bench)).toEqual(['3401 01 001', DURESS, OPENED])
    const ways = bench.station.filter((event) => eventText(event) === DURESS).map((event) => event.via)
    expect(ways.sort()).toEqual(['cellular', 'ethernet'])
    const at = bench.station.findIndex((event) => eventText(event) === DURESS)
    expect(bench.stationAtMs[at] - typedMs).toBeLessThan(1000)
    expect(trace.some((entry) => entry.what.includes('SYN') || entry.what.includes('connect 198'))).toBe(false)
  })
})

describe('an event that waited', () => {
  it('carries its own time, and arrives with it (reporting.md §2.1 rule 5)', () => {
    const { bench } = start([])
    bench.setInternet('ethernet', false)
    bench.setInternet('cellular', false)
    const doneMs = armAndDisarm(bench, 'duress A')
    bench.runTo(bench.clock.nowMs + 600000)
    bench.setInternet('ethernet', true)
    bench.runTo(bench.clock.nowMs + 200000)
    const duress = bench.station.find((event) => eventText(event) === DURESS)
    const [time, month, day, year] = (duress?.occurred ?? '').split(/[,-]/)
    const seconds = Date.parse(`${year}-${month}-${day}T${time}Z`) / 1000
    expect(Math.abs(seconds - START_SECONDS - doneMs / 1000)).toBeLessThan(2)
  })
})

describe('a panel that takes 100 ms a pass', () => {
  it('delivers all that three receivers are owed within a minute, with null messages due in each pass (D-14)', () => {
    let paceMs = 0
    const poll = (panel: app.App) => {
      const nextMs = app.poll(panel)
      const soonMs = panel.hal.clock.nowMs() + paceMs
      return nextMs < soonMs ? soonMs : nextMs
    }
    const config = demoConfig()
    const more = { ...demoReceiver(), host: SECOND_ADDRESS }
    config.receivers.push({ ...more, isBackup: true }, { ...home(), port: 12130 })
    const bench = new Simulator({ firmware: { ...app, poll }, config, crypto: nodeCrypto, seed: 7 })
    bench.powerOn()
    bench.runTo(UP_MS)
    bench.receivers[2].mode = 'silent'
    armAndDisarm(bench, 'duress A')
    bench.receiver.mode = 'silent'
    bench.runTo(bench.type(digits('duress A')) + 3000)
    paceMs = 100
    bench.receivers[2].mode = 'ack'
    const sinceMs = bench.clock.nowMs
    bench.runTo(sinceMs + 60000)
    expect(bench.panel?.queue.count).toBe(0)
    expect(other(bench, 1)).toContain(DURESS)
    expect(other(bench, 2)).toContain(OPENED)
  })
})
