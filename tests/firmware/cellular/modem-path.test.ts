import { describe, expect, it } from 'vitest'
import * as cellularPath from '../../../firmware/cellular/cellular-path'
import type { Hal } from '../../../firmware/hal'
import { VirtualClock } from '../../../hal-mock/clock'
import { Modem, type ModemOptions } from '../../../hal-mock/modem'
import { type PeerConnection, VirtualNetwork } from '../../../hal-mock/network'
import { Random } from '../../../hal-mock/random'

// The path's states, written down again.
const DOWN = 0
const READY = 1
const OPEN = 3

/** The path, the modem's model behind a UART and three pins, and a receiver that answers each frame with "kiss-off n". */
function bench(options: ModemOptions = {}, simPin = '', seed = 1) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const nic = network.attach('cellular')
  const modem = new Modem(clock, nic, new Random(seed), options)
  const station = { frames: [] as string[], connections: [] as PeerConnection[], hangsUp: false, isMute: false }
  network.listen('192.0.2.7', 12345, (connection) => {
    station.connections.push(connection)
    return {
      onData: (bytes) => {
        station.frames.push(bytes)
        if (!station.isMute) connection.send(`kiss-off ${bytes.length}\r`)
        if (station.hangsUp) connection.end()
      },
      onEnd: () => {},
    }
  })
  let incoming = ''
  modem.onOutput = (bytes) => {
    incoming += bytes
  }
  const hal = {
    clock: { nowMs: () => clock.nowMs, utcSeconds: () => 0 },
    pins: {
      mode: () => {},
      write: (pin: number, level: number) => {
        if (pin === 32) modem.setPowerKey(level)
        else if (pin === 27) modem.setSupply(level === 1)
      },
      read: () => modem.statusLevel(),
    },
    uart: {
      read: () => {
        const bytes = incoming
        incoming = ''
        return bytes
      },
      write: (bytes: string) => modem.receive(bytes),
    },
  } as unknown as Hal
  const p = cellularPath.create(hal, {
    apn: 'internet',
    simPin,
    targets: [{ host: '192.0.2.7', port: 12345, isUdp: 0 }],
    powerKeyPin: 32,
    supplyPin: 27,
    statusPin: 39,
    smsNumber: '',
  })
  function until(condition: () => boolean, limitMs: number): number {
    const startMs = clock.nowMs
    while (!condition()) {
      if (clock.nowMs - startMs > limitMs)
        throw new Error(`state ${p.state} step ${p.step} after ${limitMs} ms, seed ${seed}`)
      clock.runTo(p.poll(p, clock.nowMs))
    }
    return clock.nowMs - startMs
  }
  function run(durationMs: number) {
    const endMs = clock.nowMs + durationMs
    until(() => clock.nowMs >= endMs, durationMs + 1000)
  }
  /** As the dispatcher does: open when READY, send, wait for the reply, give up after 15 s and try again. Time it took. */
  function deliver(frame: string, limitMs: number): number {
    const endMs = clock.nowMs + limitMs
    const startMs = clock.nowMs
    while (clock.nowMs < endMs) {
      until(() => p.state === READY || p.state === OPEN || clock.nowMs >= endMs, limitMs + 1000)
      if (p.state === READY) p.open(p, 0)
      until(() => p.state === OPEN || p.state < 2 || clock.nowMs >= endMs, limitMs + 1000)
      if (p.state !== OPEN || !p.send(p, frame)) {
        run(50)
        continue
      }
      const replyMs = clock.nowMs + p.replyTimeoutMs
      let reply = ''
      until(() => {
        reply += p.receive(p)
        return reply.endsWith('\r') || clock.nowMs >= replyMs || p.state < 2
      }, 20000)
      reply += p.receive(p)
      if (reply === `kiss-off ${frame.length}\r`) return clock.nowMs - startMs
      p.close(p)
    }
    throw new Error(`not delivered in ${limitMs} ms, seed ${seed}, state ${p.state}, step ${p.step}`)
  }
  return { clock, nic, modem, station, p, until, run, deliver }
}

const FRAME = `\n8ACE0033"ADM-CID"0001L0#1234[#1234|1121 01 001]\r`

describe('cellular path over the modem model', () => {
  it('is READY 20 s after the key of a modem that was off, and delivers a frame within 600 ms', () => {
    const { until, p, deliver, station, run } = bench()
    expect(until(() => p.state === READY, 30000)).toBeLessThan(22000)
    run(5000)
    expect(deliver(FRAME, 5000)).toBeLessThan(600)
    expect(station.frames).toEqual([FRAME])
    expect(deliver(FRAME, 5000)).toBeLessThan(400)
  })

  it('delivers 1024 bytes unchanged', () => {
    const frame = `${'>OK\r\n\0\xff'.repeat(128)}`
    const { deliver, station } = bench()
    deliver(frame, 40000)
    expect(station.frames.join('')).toBe(frame)
  })

  it('unlocks the SIM with its PIN', () => {
    const { until, p } = bench({ simPin: '1234' }, '1234')
    until(() => p.state === READY, 40000)
  })

  it('stays down with a wrong PIN, and has not blocked the SIM after 1 h', () => {
    const { run, p, modem } = bench({ simPin: '1234' }, '9999')
    run(3600000)
    expect(p.trouble).toBe(1)
    expect(modem.sim).toBe('ready')
  })

  it('says SIM trouble without a SIM and with a blocked one', () => {
    for (const sim of ['absent', 'puk'] as const) {
      const { run, p, modem } = bench()
      modem.sim = sim
      run(120000)
      expect(p.state).toBe(DOWN)
      expect(p.trouble).toBe(1)
    }
  })

  it('delivers with output cut anywhere, storms, lost notices, late answers, results first, a lost first command', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { deliver, modem, run } = bench({ chunkBytes: 1 + (seed % 7) }, '', seed)
      modem.faults.urcStorm = seed % 2 === 0
      modem.faults.loseUrcOneIn = seed % 3
      modem.faults.lateAnswerMs = (seed % 5) * 150
      modem.faults.resultFirst = seed % 4 === 0
      modem.faults.firstCommandLost = true
      modem.faults.commandGapMs = 20
      modem.faults.overlapDrops = true
      for (let round = 0; round < 3; round++) {
        deliver(FRAME, 90000)
        run(3000)
      }
    }
  })

  it('recovers from a missing prompt and from a partial send', () => {
    for (const fault of ['promptMissing', 'partialSend'] as const) {
      const { deliver, modem, until, p, clock } = bench()
      until(() => p.state === READY, 30000)
      modem.faults[fault] = true
      clock.after(10000, () => {
        modem.faults[fault] = false
      })
      expect(deliver(FRAME, 60000)).toBeLessThan(30000)
    }
  })

  it('delivers again within 45 s of a brown-out in the middle of a send', () => {
    const { deliver, modem, p, until, clock, station } = bench()
    until(() => p.state === READY, 30000)
    p.open(p, 0)
    until(() => p.state === OPEN, 5000)
    p.send(p, FRAME)
    clock.after(3, () => modem.reboot())
    expect(deliver(FRAME, 60000)).toBeLessThan(45000)
    expect(station.frames.length).toBe(1)
  })

  it('reads the reply of a receiver that hangs up after it', () => {
    const { deliver, station, run, p } = bench()
    station.hangsUp = true
    for (let round = 0; round < 3; round++) {
      deliver(FRAME, 40000)
      run(2000)
      expect(p.state).toBe(READY)
    }
    expect(station.connections.length).toBe(3)
  })

  it('gets through when the network accepts the PDP again after 10 min', () => {
    const { deliver, modem, clock } = bench()
    modem.faults.pdpRefused = true
    clock.after(600000, () => {
      modem.faults.pdpRefused = false
    })
    expect(deliver(FRAME, 1200000)).toBeLessThan(780000)
  })

  it('gets through 3 min after a modem that had gone silent for 30 min is cured by its power key', () => {
    const { deliver, modem, clock, until, p, run } = bench()
    until(() => p.state === READY, 30000)
    modem.faults.silent = true
    run(1800000)
    expect(p.state).toBe(DOWN)
    modem.faults.silent = false
    const fromMs = clock.nowMs
    deliver(FRAME, 600000)
    expect(clock.nowMs - fromMs).toBeLessThan(180000)
  })

  it('comes back after coverage was lost for 10 min', () => {
    const { deliver, nic, until, p, run } = bench()
    until(() => p.state === READY, 30000)
    nic.setLink(false)
    run(600000)
    expect(p.state).toBe(DOWN)
    nic.setLink(true)
    expect(deliver(FRAME, 600000)).toBeLessThan(240000)
  })

  it('is READY again after a mute receiver, and delivers when it speaks', () => {
    const { deliver, station, clock } = bench()
    station.isMute = true
    clock.after(300000, () => {
      station.isMute = false
    })
    expect(deliver(FRAME, 600000)).toBeLessThan(400000)
  })
})
