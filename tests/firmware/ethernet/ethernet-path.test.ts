/**
 * Dated conversations of the Ethernet path with the chip model over the network in memory, by TCP and with a static
 * address. Datagrams are in ethernet-udp.test.ts, addresses, names and time in services.test.ts, traps in traps.test.ts.
 */

import { describe, expect, it } from 'vitest'
import type { W5500Options } from '../../../hal-mock/w5500'
import { Bench, DOWN, FRAME, OPEN, OPENING, READY } from './ethernet-bench'

const readings: W5500Options[] = [{ sendOkMeans: 'sent' }, { sendOkMeans: 'acknowledged' }]

describe('bring-up', () => {
  it('resets once, is READY within 5 s, and then polls every 2 s, on full seconds, with one frame', () => {
    const bench = new Bench()
    expect(bench.until(() => bench.state() === READY, 10000)).toBeLessThanOrEqual(5000)
    expect(bench.resets).toBe(1)
    bench.clock.runTo(bench.poll())
    for (let polls = 0; polls < 20; polls++) {
      const before = bench.frameCount
      const nextMs = bench.poll()
      expect(bench.frameCount - before).toBe(1)
      expect(nextMs).toBe(Math.floor(bench.clock.nowMs / 2000) * 2000 + 2000)
      bench.clock.runTo(nextMs)
    }
    expect(bench.path.isHardwareFault).toBe(false)
  })

  it('keeps RSTn low for 5 ms and waits 50 ms before the first frame', () => {
    const bench = new Bench()
    expect(bench.poll()).toBe(5)
    bench.clock.runTo(4)
    expect(bench.poll()).toBe(5)
    bench.clock.runTo(5)
    expect(bench.poll()).toBe(55)
    bench.clock.runTo(54)
    expect(bench.poll()).toBe(55)
    expect(bench.frameCount).toBe(0)
  })

  it('stays DOWN without a link, ignores open(), and resets the PHY once in 10 min', () => {
    const bench = new Bench()
    bench.nic.setLink(false)
    let phyResets = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x04 && frame[1] === 0x2e && (frame[3] & 0x80) === 0) phyResets++
      return plain(frame)
    }
    bench.run(60000)
    bench.path.open(bench.path, 0)
    expect(bench.state()).toBe(DOWN)
    expect(phyResets).toBe(0)
    bench.run(5000)
    expect(phyResets).toBe(1)
    bench.run(590000)
    expect(phyResets).toBe(1)
    bench.run(10000)
    expect(phyResets).toBe(2)
    bench.nic.setLink(true)
    expect(bench.until(() => bench.state() === READY, 10000)).toBeLessThanOrEqual(7000)
  })

  it('bears a link flap of 1 s and notices one of 3 s', () => {
    const bench = new Bench().ready()
    bench.nic.setLink(false)
    bench.run(1000)
    bench.nic.setLink(true)
    bench.run(5000)
    expect(bench.states.length).toBe(2)
    bench.nic.setLink(false)
    bench.run(3000)
    expect(bench.state()).toBe(DOWN)
    bench.nic.setLink(true)
    bench.ready()
  })
})

describe.each(readings)('conversation, SENDOK means $sendOkMeans', (options) => {
  it('connects within 150 ms at 25 ms one way, sends 60 bytes and has the answer within 250 ms', () => {
    const bench = new Bench(options).ready()
    bench.path.open(bench.path, 0)
    expect(bench.state()).toBe(OPENING)
    expect(bench.send(FRAME)).toBe(false)
    expect(bench.until(() => bench.state() === OPEN, 5000)).toBeLessThanOrEqual(150)
    expect(FRAME.length).toBe(60)
    expect(bench.send(FRAME)).toBe(true)
    expect(bench.until(() => bench.answers !== '', 5000)).toBeLessThanOrEqual(250)
    expect(bench.received).toBe(FRAME)
    expect(bench.answers).toBe('ACK')
  })

  it('takes the next frame only when the last has left, and every one arrives once and in order', () => {
    const bench = new Bench(options).opened()
    let sent = ''
    for (let count = 0; count < 40; count++) {
      const frame = FRAME + count
      bench.until(() => bench.send(frame), 2000)
      expect(bench.send(frame)).toBe(false)
      sent += frame
    }
    bench.run(500)
    expect(bench.received).toBe(sent)
  })

  it('refuses more than 1024 bytes, takes 1024', () => {
    const bench = new Bench(options).opened()
    expect(bench.send('x'.repeat(1025))).toBe(false)
    expect(bench.send('')).toBe(false)
    expect(bench.send('y'.repeat(1024))).toBe(true)
    bench.until(() => bench.received.length === 1024, 3000)
    expect(bench.received).toBe('y'.repeat(1024))
  })

  it('sends and receives over 64 KB without a byte lost where the pointers wrap', () => {
    let mirrored = 0
    const bench = new Bench(options, (bytes) => {
      mirrored += bytes.length
      return bytes
    }).opened()
    let sent = ''
    for (let count = 0; count < 90; count++) {
      const frame = (count + ':').padEnd(797, String.fromCharCode(128 + count))
      bench.until(() => bench.send(frame), 5000)
      bench.until(() => mirrored === sent.length + frame.length, 5000)
      sent += frame
    }
    bench.run(1000)
    expect(sent.length).toBeGreaterThan(0x11000)
    expect(bench.received === sent).toBe(true)
    expect(bench.answers === sent).toBe(true)
  })

  it('works with a chip that clears its command register only after 5 readings', () => {
    const bench = new Bench({ sendOkMeans: options.sendOkMeans, commandReads: 5 }).opened()
    expect(bench.exchange(3000)).toBe(true)
  })

  it('sends no second frame over unsent bytes when acknowledgements stop', () => {
    const bench = new Bench(options).opened()
    bench.nic.setInternet(false)
    let taken = 0
    while (taken < 10 && bench.send('z'.repeat(800))) {
      taken++
      bench.run(300)
    }
    // 2048 bytes of buffer hold two frames of 800, not three.
    expect(taken).toBe(options.sendOkMeans === 'sent' ? 2 : 1)
  })
})

describe('end of a connection', () => {
  it('spends at most 24 SPI frames on 60 bytes out and the answer', () => {
    const bench = new Bench().opened()
    bench.run(1000)
    const before = bench.frameCount
    bench.send(FRAME)
    bench.until(() => bench.answers !== '', 5000)
    const frames = bench.frameCount - before
    expect(frames).toBeGreaterThan(10)
    expect(frames).toBeLessThanOrEqual(24)
  })

  it('closes with FIN, and opens again when asked meanwhile, from another local port', () => {
    const bench = new Bench().opened()
    const firstPort = bench.path.localPort
    bench.path.close(bench.path)
    expect(bench.state()).toBe(READY)
    bench.path.close(bench.path)
    bench.poll()
    bench.path.open(bench.path, 0)
    expect(bench.until(() => bench.state() === OPEN, 5000)).toBeLessThanOrEqual(2500)
    expect(bench.ends).toBe(1)
    expect(bench.connections.length).toBe(2)
    expect(bench.path.localPort).not.toBe(firstPort)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('close() in the middle of closing keeps the FIN', () => {
    const bench = new Bench().opened()
    bench.path.close(bench.path)
    bench.poll()
    bench.path.close(bench.path)
    bench.run(3000)
    expect(bench.ends).toBe(1)
    expect(bench.state()).toBe(READY)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('gives up an unanswered SYN on close()', () => {
    const bench = new Bench().ready()
    bench.nic.setInternet(false)
    bench.path.open(bench.path, 0)
    bench.run(500)
    bench.path.close(bench.path)
    bench.run(200)
    bench.nic.setInternet(true)
    expect(bench.state()).toBe(READY)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('falls back to READY within 200 ms when refused, however often', () => {
    const bench = new Bench()
    bench.network.listener = () => undefined
    bench.ready()
    for (let tries = 0; tries < 25; tries++) {
      bench.path.open(bench.path, 0)
      expect(bench.until(() => bench.state() !== OPENING, 5000)).toBeLessThanOrEqual(200)
      expect(bench.state()).toBe(READY)
    }
    expect(bench.resets).toBe(1)
  })

  it('falls back within 15.8 s when the world is silent, and pulses RSTn after 10 such tries', () => {
    const bench = new Bench().ready()
    bench.nic.setInternet(false)
    for (let tries = 0; tries < 10; tries++) {
      bench.path.open(bench.path, 0)
      const tookMs = bench.until(() => bench.state() !== OPENING, 30000)
      expect(tookMs).toBeGreaterThan(1000)
      expect(tookMs).toBeLessThanOrEqual(15900)
      expect(bench.state()).toBe(READY)
    }
    expect(bench.resets).toBe(1)
    bench.path.open(bench.path, 0)
    bench.run(20000)
    expect(bench.resets).toBe(2)
    expect(bench.path.isHardwareFault).toBe(false)
    bench.nic.setInternet(true)
    expect(bench.exchange(30000)).toBe(true)
  })

  it('hands over what the peer sent before its FIN, then is READY, with FIN answered', () => {
    const bench = new Bench({}, () => '').opened()
    bench.connections[0].send('last words')
    bench.connections[0].end()
    bench.until(() => bench.state() === READY, 5000)
    expect(bench.answers).toBe('last words')
    bench.run(3000)
    expect(bench.ends).toBe(1)
    expect(bench.exchange(500)).toBe(false)
  })

  it('stays OPEN up to 2 s for the owner to take the last bytes after FIN, and keeps them even then', () => {
    const bench = new Bench({}, () => '').opened()
    bench.connections[0].send('kiss-off')
    bench.connections[0].end()
    const path = bench.path
    const endMs = bench.clock.nowMs + 2500
    let openUntilMs = 0
    while (bench.clock.nowMs < endMs) {
      const nextMs = path.poll(path, bench.clock.nowMs)
      if (path.state === OPEN) openUntilMs = bench.clock.nowMs
      bench.clock.runTo(nextMs)
    }
    expect(openUntilMs).toBeGreaterThan(endMs - 2500 + 1900)
    expect(path.state).toBe(READY)
    expect(path.receive(path)).toBe('kiss-off')
  })

  it('is looked at after an eighth of the time since the answer, 20 to 250 ms: at most 40 times in 2 s', () => {
    const bench = new Bench().opened()
    const { clock, path } = bench
    expect(bench.send(FRAME)).toBe(true)
    bench.until(() => bench.answers !== '', 5000)
    const answeredMs = clock.nowMs
    const gaps: { ageMs: number; gapMs: number }[] = []
    while (clock.nowMs < answeredMs + 6500) {
      const fromMs = clock.nowMs
      clock.runTo(path.poll(path, fromMs))
      gaps.push({ ageMs: fromMs - answeredMs, gapMs: clock.nowMs - fromMs })
    }
    expect(path.state).toBe(OPEN)
    const early = gaps.filter(({ ageMs }) => ageMs < 2000)
    expect(early.length).toBeGreaterThan(20)
    expect(early.length).toBeLessThanOrEqual(40)
    for (const { ageMs, gapMs } of gaps) expect(gapMs).toBeLessThanOrEqual(Math.min(250, Math.max(20, ageMs / 8 + 20)))
    expect(Math.max(...gaps.map(({ gapMs }) => gapMs))).toBe(250)
  })

  it('finds that bytes came in one pass and takes them in the next: both in one take too long', () => {
    const bench = new Bench({}, () => '').opened()
    const { clock, path } = bench
    bench.connections[0].send('kiss-off')
    while (path.chip.waiting === 0) clock.runTo(path.poll(path, clock.nowMs))
    expect(path.receive(path)).toBe('')
    expect(path.poll(path, clock.nowMs)).toBeGreaterThan(clock.nowMs)
    expect(path.receive(path)).toBe('kiss-off')
  })

  it('keeps the newest 1024 received bytes when nobody fetches them', () => {
    const bench = new Bench({}, () => '').opened()
    for (let count = 0; count < 5; count++) bench.connections[0].send(String(count).repeat(400))
    const path = bench.path
    for (let polls = 0; polls < 50; polls++) bench.clock.runTo(path.poll(path, bench.clock.nowMs))
    const kept = path.receive(path)
    expect(kept).toBe('2'.repeat(224) + '3'.repeat(400) + '4'.repeat(400))
  })
})

describe('when the cable goes', () => {
  it('is DOWN 2 to 3 s after the cable was pulled while sending, and READY again after it is back', () => {
    const bench = new Bench().opened()
    bench.nic.setLink(false)
    expect(bench.send(FRAME)).toBe(true)
    let closes = 0
    const plain = bench.chip.transfer.bind(bench.chip)
    bench.chip.transfer = (frame) => {
      if (frame[2] === 0x0c && frame[1] === 0x01 && frame[3] === 0x10) closes++
      return plain(frame)
    }
    const tookMs = bench.until(() => bench.state() === DOWN, 10000)
    expect(closes).toBe(1)
    expect(tookMs).toBeGreaterThanOrEqual(2000)
    expect(tookMs).toBeLessThanOrEqual(3000)
    bench.run(60000)
    bench.nic.setLink(true)
    bench.ready()
    expect(bench.exchange(3000)).toBe(true)
  })

  it('reports a lost connection within 15 s when only the way is dead', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' }).opened()
    bench.nic.setInternet(false)
    bench.send(FRAME)
    const tookMs = bench.until(() => bench.state() === READY, 30000)
    expect(tookMs).toBeLessThanOrEqual(15000)
    bench.nic.setInternet(true)
    expect(bench.exchange(10000)).toBe(true)
  })
})

describe('when the chip fails', () => {
  it('restores a brown-out in the middle of a connection within 6 s, without RSTn', () => {
    const bench = new Bench().opened()
    bench.chip.brownOut()
    bench.until(() => bench.state() === DOWN, 3000)
    expect(bench.state()).toBe(DOWN)
    expect(bench.until(() => bench.state() === READY, 20000)).toBeLessThanOrEqual(6000)
    expect(bench.resets).toBe(1)
    expect(bench.exchange(3000)).toBe(true)
  })

  it('notices a brown-out at rest within a second', () => {
    const bench = new Bench().ready()
    bench.run(10000)
    bench.chip.brownOut()
    expect(bench.until(() => bench.state() === DOWN, 3000)).toBeLessThanOrEqual(1000)
    bench.ready()
  })

  it.each(['00', 'ff'] as const)(
    'says hardware fault within 5 s of a bus dead at %s, tries each 60 s, recovers',
    (level) => {
      const bench = new Bench().opened()
      bench.chip.faults.deadBus = level
      bench.run(5000)
      expect(bench.state()).toBe(DOWN)
      expect(bench.path.isHardwareFault).toBe(true)
      const before = bench.resets
      bench.run(600000)
      expect(bench.resets - before).toBeGreaterThanOrEqual(9)
      expect(bench.resets - before).toBeLessThanOrEqual(10)
      bench.chip.faults.deadBus = 'none'
      expect(bench.until(() => bench.state() === READY, 120000)).toBeLessThanOrEqual(70000)
      expect(bench.path.isHardwareFault).toBe(false)
      expect(bench.exchange(3000)).toBe(true)
    },
  )

  it.each(['00', 'ff'] as const)(
    'says hardware fault within 5 s when the bus is dead at %s from the start',
    (level) => {
      const bench = new Bench()
      bench.chip.faults.deadBus = level
      bench.run(5000)
      expect(bench.path.isHardwareFault).toBe(true)
      bench.chip.faults.deadBus = 'none'
      expect(bench.exchange(80000)).toBe(true)
    },
  )

  it('finds a chip that was without power when it comes back', () => {
    const bench = new Bench().opened()
    bench.chip.setPower(false)
    bench.run(90000)
    expect(bench.state()).toBe(DOWN)
    bench.chip.setPower(true)
    expect(bench.exchange(90000)).toBe(true)
  })

  it.each(readings)('ends a segment by the acknowledgement when SENDOK never comes ($sendOkMeans)', (options) => {
    const bench = new Bench(options).opened()
    bench.chip.faults.sendOkNever = true
    expect(bench.send(FRAME)).toBe(true)
    expect(bench.until(() => bench.answers !== '', 5000)).toBeLessThanOrEqual(250)
    expect(bench.until(() => bench.send(FRAME), 5000)).toBeLessThanOrEqual(250)
  })

  it('drops the connection within 15 s when neither SENDOK nor acknowledgement comes', () => {
    const bench = new Bench().opened()
    bench.chip.faults.sendOkNever = true
    bench.nic.setInternet(false)
    expect(bench.send(FRAME)).toBe(true)
    expect(bench.until(() => bench.state() !== OPEN, 30000)).toBeLessThanOrEqual(15000)
    bench.chip.faults.sendOkNever = false
    bench.nic.setInternet(true)
    expect(bench.exchange(20000)).toBe(true)
  })

  it('climbs the ladder when the socket state is stuck, and works again afterwards', () => {
    const bench = new Bench().ready()
    bench.path.open(bench.path, 0)
    bench.poll()
    bench.chip.faults.stuckState = true
    bench.run(60000)
    expect(bench.state()).not.toBe(OPEN)
    bench.chip.faults.stuckState = false
    expect(bench.exchange(200000)).toBe(true)
  })

  it('believes TIMEOUT within 13 s of a SEND although the state stays 17', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' }).opened()
    bench.alter(0x08, (answer) => {
      answer[3 + 3] = 0x17
    })
    bench.nic.setInternet(false)
    bench.send(FRAME)
    expect(bench.until(() => bench.state() !== OPEN, 30000)).toBeLessThanOrEqual(13500)
  })

  it('ends the wait for a SEND after 14.6 s when the chip shows neither bit nor change of state', () => {
    const bench = new Bench({ sendOkMeans: 'acknowledged' }).opened()
    bench.alter(0x08, (answer) => {
      answer[3 + 2] = 0
      answer[3 + 3] = 0x17
    })
    bench.nic.setInternet(false)
    bench.send(FRAME)
    const tookMs = bench.until(() => bench.state() !== OPEN, 30000)
    expect(tookMs).toBeGreaterThanOrEqual(14600)
    expect(tookMs).toBeLessThanOrEqual(14800)
    expect(bench.path.faultCount).toBe(1)
  })

  it('keeps the connection when one reading of its addresses is bent', () => {
    const bench = new Bench().opened()
    let bends = 1
    bench.alter(0x00, (answer) => {
      if (bends-- > 0) answer[3 + 0x0f] ^= 4
    })
    bench.run(3000)
    expect(bends).toBeLessThan(0)
    expect(bench.state()).toBe(OPEN)
    expect(bench.path.faultCount).toBe(0)
  })

  it('does not fall for torn counters', () => {
    let echoed = ''
    const bench = new Bench({}, (bytes) => bytes).opened()
    bench.chip.faults.tornCounters = true
    for (let count = 0; count < 40; count++) {
      const frame = (count + ':').padEnd(300, 'q')
      bench.until(() => bench.send(frame), 3000)
      echoed += frame
      bench.until(() => bench.answers.length === echoed.length, 3000)
    }
    expect(bench.received === echoed).toBe(true)
    expect(bench.answers === echoed).toBe(true)
    expect(bench.path.faultCount).toBe(0)
  })

  it.each([300, 50])('keeps exchanging when 1 in %i frames has a bent bit', (oneIn) => {
    const bench = new Bench().ready()
    bench.chip.faults.spiErrorOneIn = oneIn
    let good = 0
    for (let count = 0; count < 50; count++) if (bench.exchange(5000)) good++
    expect(good).toBeGreaterThanOrEqual(45)
    bench.chip.faults.spiErrorOneIn = 0
    bench.run(130000)
    expect(bench.exchange(20000)).toBe(true)
  })

  it('shrugs off spurious SPI errors, 1 in 20 frames, and counts them', () => {
    const bench = new Bench().ready()
    bench.throwOneIn = 20
    let good = 0
    for (let count = 0; count < 50; count++) if (bench.exchange(10000)) good++
    expect(good).toBeGreaterThanOrEqual(45)
    expect(bench.path.chip.errorCount).toBeGreaterThan(50)
    bench.throwOneIn = 0
    bench.run(130000)
    expect(bench.exchange(20000)).toBe(true)
  })

  it('forgets old faults after 10 min of calm', () => {
    const bench = new Bench().ready()
    bench.chip.brownOut()
    bench.run(10000)
    expect(bench.path.faultCount).toBe(2)
    bench.run(600000)
    expect(bench.path.faultCount).toBe(0)
  })
})
