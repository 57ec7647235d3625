/** All families over the modem model (hardware.md §2.5-2.9): what has to hold for each of them. */

import { describe, expect, it } from 'vitest'
import type { ModemModel } from '../../../hal-mock/modem'
import { DOWN, ModemBench, NOBODY, OPEN, READY, RECEIVER, UDP_RECEIVER } from './modem-bench'

const MODELS: ModemModel[] = ['A7670', 'SIM7600', 'SIM7080', 'SIM7000', 'SIM800', 'BG95', 'EC25', 'SARA-R4']
const FRAME = `\n8ACE0033"ADM-CID"0001L0#1234[#1234|1121 01 001]\r`
/** What a parser could trip over. */
const NASTY = '\r\nOK\r\n> @ERROR\r\n\0\xff\x1a\x1b+CIPRXGET: 2,0,9,9\r\n+CARECV: 5,"\r\n'

describe.each(MODELS)('%s', (model) => {
  it('is READY within 40 s of its key and delivers a frame in 700 ms, the next one in 400 ms', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.until(() => bench.p.state === READY, 40000)
    bench.run(5000)
    expect(bench.deliver(FRAME, 5000)).toBeLessThan(700)
    expect(bench.deliver(FRAME, 5000)).toBeLessThan(400)
    expect(bench.frames).toEqual([FRAME, FRAME])
  })

  it('delivers 1024 bytes unchanged, and reads them back', () => {
    const bench = new ModemBench({ modem: { model } })
    const frame = NASTY.repeat(20).slice(0, 1024)
    bench.isMute = true
    bench.connect()
    expect(bench.p.send(bench.p, frame)).toBe(true)
    bench.run(2000)
    expect(bench.frames.join('')).toBe(frame)
    bench.connections[0].send(frame)
    bench.run(3000)
    expect(bench.p.receive(bench.p)).toBe(frame)
    expect(bench.p.state).toBe(OPEN)
  })

  it('delivers over UDP, each datagram whole, and keeps the rest of none for the next', () => {
    const bench = new ModemBench({ modem: { model }, targets: [RECEIVER, UDP_RECEIVER] })
    bench.ready()
    expect(bench.deliver(FRAME, 5000, 1)).toBeLessThan(700)
    const frame = NASTY.repeat(20).slice(0, 900)
    expect(bench.deliver(frame, 5000, 1)).toBeLessThan(700)
    expect(bench.frames).toEqual([FRAME, frame])
    expect(bench.connections).toEqual([])
  })

  it('is OPEN over UDP though nobody is there, and gets no reply', () => {
    const bench = new ModemBench({ modem: { model }, targets: [{ host: '192.0.2.9', port: 9, isUdp: 1 }] })
    bench.connect()
    expect(bench.p.send(bench.p, FRAME)).toBe(true)
    bench.run(15000)
    expect(bench.p.receive(bench.p)).toBe('')
    expect(bench.frames).toEqual([])
  })

  it('takes a second target after a refusal by the first', () => {
    const bench = new ModemBench({ modem: { model }, targets: [NOBODY, RECEIVER] })
    bench.ready()
    bench.p.open(bench.p, 0)
    bench.until(() => bench.p.state < 2, 30000)
    expect(bench.deliver(FRAME, 30000, 1)).toBeLessThan(2000)
  })

  it('delivers cut anywhere, in storms, with lost notices, late answers, either order, a lost first command', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bench = new ModemBench({ modem: { model, chunkBytes: 1 + (seed % 7) }, seed })
      const { faults } = bench.modem
      faults.urcStorm = seed % 2 === 0
      faults.loseUrcOneIn = seed % 3
      faults.lateAnswerMs = (seed % 5) * 150
      faults.resultFirst = seed % 4 === 0
      faults.firstCommandLost = true
      faults.commandGapMs = 20
      faults.overlapDrops = true
      for (let round = 0; round < 3; round++) {
        bench.deliver(FRAME, 120000)
        bench.run(3000)
      }
      for (const frame of bench.frames) expect(frame).toBe(FRAME)
    }
  })

  it('delivers again within 45 s of a brown-out in the middle of a send, whose frame does not leak', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.connect()
    bench.p.send(bench.p, FRAME)
    bench.clock.after(3, () => bench.modem.reboot())
    expect(bench.deliver(FRAME, 60000)).toBeLessThan(45000)
    expect(bench.frames).toEqual([FRAME])
  })

  it('notices within 62 s that the modem restarted without a word, and delivers', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.ready()
    bench.modem.faults.loseUrcOneIn = 1
    bench.modem.reboot()
    bench.until(() => bench.p.state === DOWN, 62000)
    bench.modem.faults.loseUrcOneIn = 0
    bench.deliver(FRAME, 60000)
  })

  it('is back within 200 s after somebody switched the modem off', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.ready()
    bench.modem.setPowerKey(1)
    bench.run(3000)
    bench.modem.setPowerKey(0)
    bench.run(3000)
    expect(bench.modem.statusLevel()).toBe(0)
    // Asked once a minute, for at most 9 s.
    bench.until(() => bench.p.state === DOWN, 75000)
    bench.until(() => bench.p.state === READY, 125000)
    bench.deliver(FRAME, 5000)
  })

  it('switches a modem off in order and on again when neither bearer, radio nor restart helped', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.modem.faults.pdpRefused = true
    bench.until(() => bench.lines.some((line) => line.endsWith('* power off')), 1200000)
    const off = bench.lines.findIndex((line) => line.endsWith('* power off'))
    const asked = bench.lines.slice(0, off).filter((line) => /> AT\+(CPOF|[CQ]POWD=1|CPWROFF)$/.test(line))
    expect(asked.length).toBe(1)
    const restarts = bench.lines.slice(0, off).filter((line) => /> AT\+(CRESET|CREBOOT|CFUN=1,1|CFUN=15)$/.test(line))
    expect(restarts.length).toBeGreaterThan(0)
    bench.modem.faults.pdpRefused = false
    bench.deliver(FRAME, 120000)
  })

  it('reads the reply of a receiver that hangs up after it', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.hangsUp = true
    for (let round = 0; round < 3; round++) {
      bench.deliver(FRAME, 60000)
      bench.run(2000)
      expect(bench.p.state).toBe(READY)
    }
    expect(bench.connections.length).toBe(3)
  })

  it('opens the bearer again within 10 s when the network took it with a word, within 60 s without one', () => {
    for (const lossUntold of [false, true]) {
      const bench = new ModemBench({ modem: { model } })
      bench.connect()
      bench.modem.faults.lossUntold = lossUntold
      bench.modem.loseBearer()
      expect(bench.deliver(FRAME, 120000)).toBeLessThan(lossUntold ? 60000 : 10000)
    }
  })

  it('gets through when the network accepts the PDP again after 10 min', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.modem.faults.pdpRefused = true
    bench.clock.after(600000, () => {
      bench.modem.faults.pdpRefused = false
    })
    expect(bench.deliver(FRAME, 1800000)).toBeLessThan(900000)
  })

  it('gets through 4 min after a modem that had been silent, deaf, or at another baud rate for 30 min', () => {
    for (const fault of ['silent', 'echoOnly', 'wrongBaud'] as const) {
      const bench = new ModemBench({ modem: { model } })
      bench.ready()
      bench.modem.faults[fault] = true
      bench.run(1800000)
      expect(bench.p.state).toBe(DOWN)
      bench.modem.faults[fault] = false
      bench.deliver(FRAME, 240000)
    }
  })

  it('is READY again after coverage was lost for 10 min', () => {
    const bench = new ModemBench({ modem: { model } })
    bench.ready()
    bench.nic.setLink(false)
    bench.run(600000)
    expect(bench.p.state).toBe(DOWN)
    bench.nic.setLink(true)
    bench.deliver(FRAME, 300000)
  })

  it('never blocks a SIM: a wrong PIN goes in once, in 1 h and over 10 restarts of the panel', () => {
    const bench = new ModemBench({ modem: { model, simPin: '1234' }, simPin: '9999' })
    bench.run(3600000)
    expect(bench.p.trouble).toBe(1)
    for (let restart = 0; restart < 10; restart++) {
      bench.restartPanel()
      bench.run(60000)
      expect(bench.p.trouble).toBe(1)
    }
    expect(bench.modem.sim).toBe('ready')
    expect(bench.lines.filter((line) => line.includes('> AT+CPIN="')).length).toBe(1)
  })

  it('has the time of the network 4 s after the path is up, in UTC', () => {
    // 2026-01-05 08:00:00 UTC at 0 ms.
    const bench: ModemBench = new ModemBench({
      modem: { model, utcSeconds: () => 1767600000 + ((bench.clock.nowMs / 1000) | 0) },
    })
    bench.ready()
    bench.until(() => bench.p.timeSeconds > 0, 4000)
    expect(bench.p.timeSeconds - ((bench.p.timeAtMs / 1000) | 0)).toBeGreaterThanOrEqual(1767600000 - 1)
    expect(bench.p.timeSeconds - ((bench.p.timeAtMs / 1000) | 0)).toBeLessThanOrEqual(1767600000)
  })

  it('takes no time from a modem that was told none, nor the year 2070', () => {
    for (const absurdTime of [false, true]) {
      const bench = new ModemBench({ modem: { model, utcSeconds: () => (absurdTime ? 1767600000 : 0) } })
      bench.modem.faults.absurdTime = absurdTime
      bench.run(600000)
      expect(bench.p.state).toBe(READY)
      expect(bench.p.timeSeconds).toBe(0)
      expect(bench.lines.some((line) => line.includes('< +CCLK: "') || line.includes('< +QLTS: "'))).toBe(true)
    }
  })
})
