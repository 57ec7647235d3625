/** Jamming and network time: hardware.md §2.4 and §2.11, panel-behaviour.md S-15. Limits are written anew here. */

import { describe, expect, it } from 'vitest'
import { ModemBench, READY } from './modem-bench'

const NO_TROUBLE = 0
const NETWORK_DENIED = 2
const JAMMED = 3
/** S-15: after 60 s; §2.11: restored after 60 s good. */
const JAM_MS = 60000
/** The modem says that it lost the network after 3 s; its report, and our look at it, take up to 2 s more. */
const NOTICED_MS = 5000

/** READY, and the signal was asked for: the path knows it within three of its minutes. */
function watched(signal = 20, model: 'A7670' | 'BG95' | 'SIM7080' | 'SIM800' = 'A7670'): ModemBench {
  const bench = new ModemBench({ modem: { model } })
  bench.modem.signal = signal
  bench.ready()
  bench.run(200000)
  expect(bench.p.signal).toBe(signal)
  return bench
}

describe('jamming', () => {
  it('is told 60 s after the network went from under a good signal, not before', () => {
    const bench = watched()
    bench.nic.setLink(false)
    bench.run(JAM_MS)
    expect(bench.p.trouble).toBe(NO_TROUBLE)
    bench.run(NOTICED_MS)
    expect(bench.p.trouble).toBe(JAMMED)
  })

  it('is restored after 60 s of service, not before, and not when it goes again meanwhile', () => {
    const bench = watched()
    bench.nic.setLink(false)
    bench.run(JAM_MS + NOTICED_MS)
    bench.nic.setLink(true)
    bench.until(() => bench.p.state === READY, 60000)
    expect(bench.p.trouble).toBe(JAMMED)
    bench.run(30000)
    expect(bench.p.trouble).toBe(JAMMED)
    bench.nic.setLink(false)
    bench.run(JAM_MS + NOTICED_MS)
    expect(bench.p.trouble).toBe(JAMMED)
    bench.nic.setLink(true)
    bench.until(() => bench.p.state === READY, 200000)
    bench.until(() => bench.p.trouble === NO_TROUBLE, JAM_MS + NOTICED_MS)
  })

  it('is not told of a network that went while the signal was below 12', () => {
    const bench = watched(11)
    bench.nic.setLink(false)
    bench.run(150000)
    expect(bench.p.trouble).toBe(NO_TROUBLE)
  })

  it('is not told of a network that comes back within 50 s', () => {
    const bench = watched()
    bench.nic.setLink(false)
    bench.run(50000)
    bench.nic.setLink(true)
    bench.run(200000)
    expect(bench.lines.filter((line) => line.includes('* trouble'))).toEqual([])
  })

  it('is not told of a modem that restarted', () => {
    const bench = watched()
    bench.modem.networkStatus = 2
    bench.modem.signal = 10
    bench.modem.reboot()
    bench.run(150000)
    expect(bench.p.trouble).toBe(NO_TROUBLE)
  })

  it('is told when a signal of 15 brings no network for 60 s, not with 14, and not when the network says no', () => {
    for (const [signal, status, trouble] of [
      [15, 2, JAMMED],
      [14, 2, NO_TROUBLE],
      [25, 0, JAMMED],
      [25, 3, NO_TROUBLE],
    ]) {
      const bench = new ModemBench()
      bench.modem.signal = signal
      bench.modem.networkStatus = status
      // Before the network denies service for good: 180 s.
      bench.run(130000)
      expect(bench.p.trouble, `signal ${signal}, status ${status}`).toBe(trouble)
    }
  })

  it('leaves a denied SIM its own trouble', () => {
    const bench = new ModemBench()
    bench.modem.networkStatus = 3
    bench.run(240000)
    expect(bench.p.trouble).toBe(NETWORK_DENIED)
  })

  it("takes the modem's own word for a suspicion only: the service that goes on clears it", () => {
    for (const model of ['BG95', 'SIM7080', 'SIM800'] as const) {
      const bench = watched(20, model)
      bench.modem.reportJamming(true)
      bench.run(2500)
      expect(bench.p.jam).toBe(1)
      bench.run(2 * JAM_MS)
      expect(bench.p.trouble).toBe(NO_TROUBLE)
      bench.modem.reportJamming(true)
      bench.run(2500)
      bench.modem.reportJamming(false)
      bench.run(2500)
      expect(bench.p.jam).toBe(0)
    }
  })
})

describe('network time', () => {
  /** What the path makes of a modem's answer; 0 = refused. */
  function timeOf(answer: string): number {
    const bench = new ModemBench()
    bench.ready()
    bench.p.timeSeconds = 0
    bench.p.clockAtMs = 0
    // Asked next, and answered before the modem has its say.
    bench.p.place = 3
    bench.p.askAtMs = 0
    bench.p.quietUntilMs = 0
    bench.modem.faults.lateAnswerMs = 1000
    bench.run(100)
    expect(bench.lines[bench.lines.length - 1]).toContain('> AT+CCLK?')
    bench.modem.say(answer)
    bench.run(300)
    return bench.p.timeSeconds
  }

  it.each([
    ['26/01/05,08:00:00+00', 1767600000],
    ['26/01/05,09:00:00+04', 1767600000],
    ['26/01/05,02:30:00-22', 1767600000],
    ['25/12/31,23:00:00-04', 1767225600],
    ['26/01/01,05:45:00+23', 1767225600],
    ['28/02/29,12:00:00+00', 1835438400],
    ['37/12/31,23:59:59+00', 2145916799],
  ])('%s is %i', (text, seconds) => {
    expect(timeOf(`+CCLK: "${text}"`)).toBe(seconds)
  })

  it.each([
    '80/01/06,00:00:09+00',
    '70/01/01,00:00:09+00',
    '04/01/01,00:00:09+00',
    '19/12/31,23:59:59+00',
    '38/01/01,00:00:00+00',
    '27/02/29,12:00:00+00',
    '26/13/01,12:00:00+00',
    '26/01/05,24:00:00+00',
    '26/01/05,08:60:00+00',
    '26/01/05,08:00:00+57',
    '26/01/05,08:00:00',
    '26/01/05',
    '',
    ',,,,',
  ])('refuses %s', (text) => {
    expect(timeOf(`+CCLK: "${text}"`)).toBe(0)
  })

  it('is asked for again after 4 h, not before', () => {
    const bench = new ModemBench({ modem: { utcSeconds: () => 1767600000 } })
    const asked = () => bench.lines.filter((line) => line.includes('> AT+CCLK?')).length
    bench.ready()
    bench.run(2000)
    expect(asked()).toBe(1)
    bench.run(4 * 3600000 - 10000)
    expect(asked()).toBe(1)
    // The turn of the time comes once in four minutes.
    bench.run(300000)
    expect(asked()).toBe(2)
  })
})
