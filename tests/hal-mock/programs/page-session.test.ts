// The session behind the page, by itself: time, what is done by hand, the way back and forks, twins, stories, and the files
// that play a run again.

import { describe, expect, it } from 'vitest'
import { DEMO_CODES } from '../../../hal-mock/demo'
import { exported } from '../../../hal-mock/programs/page-exports'
import { HAS_BYTES, IS_UP, LANES, type Mark, type View } from '../../../hal-mock/programs/page-protocol'
import { Record } from '../../../hal-mock/programs/page-record'
import { Session } from '../../../hal-mock/programs/page-session'
import { twins } from '../../../hal-mock/programs/page-twins'
import { startLive } from '../../../hal-mock/programs/panel-live'
import { play } from '../../../hal-mock/programs/play'
import { parse } from '../../../hal-mock/programs/scenario-file'
import { loadShipped, shippedText } from '../../../hal-mock/programs/shipped'
import { PANEL_WORDS } from '../../../hal-mock/scenario-world'
import { read } from '../../twins/pcap-reader'

const DIGITS = DEMO_CODES.map((code) => code.digits)
const TICK_MS = 25

function session(panel: string[] = []): Session {
  return new Session({ setup: { seed: 1, panel } })
}

/** Passes real time at the speed that is set. */
function pass(on: Session, ms: number): View {
  for (let passed = 0; passed < ms; passed += TICK_MS) on.tick(TICK_MS)
  return on.view()
}

/** Armed by single keys, as a hand types them, and past the exit delay. */
function armed(on = session()): Session {
  for (const key of `${DIGITS[0]}`) {
    on.act(`press ${key}`)
    pass(on, 225)
  }
  pass(on, 800)
  on.act('press 2')
  pass(on, 1000)
  on.run(60)
  for (let count = 0; count < 100 && on.view().speed === 60; count++) on.tick(TICK_MS)
  expect(pass(on, 1000).display[0]).toContain('ARMED AWAY')
  return on
}

const marksOf = (on: Session) => on.record.marks(0, on.record.nextId)
const heard = (view: View) => view.heard.map(({ text, via }) => `${text} ${via}`)

describe('the first view', () => {
  it('has a panel that is ready, both paths up, and nothing done', () => {
    const view = session(['supply', 'box']).view()
    expect(view.display[0]).toContain('READY')
    for (const { state } of view.paths) expect(state).toMatch(/^(ready|open)$/)
    expect(view).toMatchObject({
      hasBox: true,
      hasSupply: true,
      isPowered: true,
      steps: [false, false, false],
      heard: [],
    })
  })
})

describe('another panel', () => {
  it.each(PANEL_WORDS)('%s: arms by single keys, and shows its zones', (word) => {
    const on = session()
    on.renew(2, [word])
    expect(on.view()).toMatchObject({ panel: [word], seed: 2, laterCount: 0 })
    const zones = on.view().zones.length
    expect(zones).toBe(word === 'expanders' ? 64 : word === 'house' ? 8 : 2)
    // The last of the house is a safe, which alarms at any time.
    const zone = word === 'house' ? 2 : zones
    on.act(`open zone ${zone}`)
    expect(pass(on, 2000).display[0]).toContain('NOT READY')
    on.act(`close zone ${zone}`)
    pass(on, 1000)
    for (const key of DIGITS[0]) {
      on.act(`press ${key}`)
      pass(on, 225)
    }
    expect(pass(on, 800).display.join()).toContain('to arm away')
  })
})

describe('time', () => {
  it('stands still, runs at 1 and 60, and never more than 250 ms of real time at once', () => {
    const on = session()
    const fromMs = on.view().nowMs
    on.run(0)
    expect(pass(on, 500).nowMs).toBe(fromMs)
    on.run(1)
    expect(pass(on, 500).nowMs).toBe(fromMs + 500)
    on.run(60)
    expect(pass(on, 500).nowMs).toBe(fromMs + 30500)
    on.tick(3600000)
    expect(on.view().nowMs).toBe(fromMs + 45500)
  })

  it('is slow again when the station hears something, or somebody does something; not in max', () => {
    const on = session()
    on.run(60)
    on.act('open zone 2')
    expect(on.view().speed).toBe(1)
    on.act('close zone 2')
    on.act('arm with code A')
    on.run(60)
    for (let count = 0; count < 20; count++) on.tick(TICK_MS)
    expect(on.view()).toMatchObject({ speed: 1, heardCount: 2 })
    on.run('max')
    const fromMs = on.view().nowMs
    for (let count = 0; count < 100 && on.view().nowMs < fromMs + 90000; count++) on.tick(TICK_MS)
    expect(on.view().speed).toBe('max')
    expect(heard(on.view())).toContain('3401 01 001 ethernet')
  })

  it('goes to the next event and stands there: text, light, a path, the station', () => {
    const on = session()
    on.act('open zone 1')
    const fromMs = on.view().nowMs
    on.step()
    for (let count = 0; count < 50 && on.view().isStepping; count++) on.tick(TICK_MS)
    const view = on.view()
    expect(view.nowMs).toBeGreaterThan(fromMs)
    expect(view.nowMs).toBeLessThan(fromMs + 1000)
    expect(view).toMatchObject({ speed: 0, isStepping: false })
    expect(view.display[0]).toContain('NOT READY')
    expect(marksOf(on).at(-1)?.[1]).toBe(view.nowMs)
  })
})

describe('what is done', () => {
  it('is checked as a scenario is, and nothing has happened when it is refused', () => {
    const on = session()
    const before = on.record.nextId
    for (const line of ['dance', 'open zone 3', 'press 12', 'enter 274916', 'expect siren on', 'at 5 s press 1']) {
      expect(() => on.act(line), line).toThrow()
    }
    expect(on.record.nextId).toBe(before)
  })

  it('drops keys beyond 4 s of typing', () => {
    const on = session()
    for (let count = 0; count < 100; count++) on.act('press *')
    pass(on, 8000)
    const presses = marksOf(on).filter(([, , lane]) => LANES[lane] === 'hands')
    expect(presses.length).toBeGreaterThan(15)
    expect(presses.length).toBeLessThan(25)
  })

  it('shows each fault in the view, and its end', () => {
    const on = session(['supply', 'box'])
    const doing: [string, Partial<View>][] = [
      ['box open', { isBoxOpen: true }],
      ['mains off', { isMains: false }],
      ['mains on', { isMains: true }],
      ['battery 11.2 V', { batteryVolts: 11.2 }],
      ['siren cut', { sirenLoop: 'open' }],
      ['sim removed', { sim: 'absent' }],
      ['modem silent', { isModemSilent: true }],
      ['receiver duh', { receiver: 'duh' }],
      ['receiver clock 10 min ahead', { receiverClockSeconds: 600 }],
      ['receiver key wrong', { isReceiverKeyWrong: true }],
      ['receiver key right', { isReceiverKeyWrong: false }],
      ['box closed', { isBoxOpen: false }],
      ['cut power at flash operation 3 after 4 bytes', { cutAtOperation: 3 }],
      ['cut power', { isPowered: false }],
    ]
    for (const [line, shown] of doing) {
      on.act(line)
      expect(on.view(), line).toMatchObject(shown)
    }
    for (const line of [
      'cut ethernet',
      'break internet behind cellular',
      'ethernet delays 500 ms',
      'cellular loses 30 %',
    ])
      on.act(line)
    expect(on.view().paths).toMatchObject([
      { isLinked: false, delayMs: 500 },
      { isBroken: true, lossPercent: 30 },
    ])
  })

  it('has loops with resistors to short, cut and change, and a meter at each', () => {
    const on = session(['loops'])
    const zone = () => on.view().zones[1]
    expect(zone()).toMatchObject({ name: 'Hall window', isOpen: false, loop: 'whole', endOhms: 4700, ohms: 4710 })
    on.act('open zone 2')
    expect(zone()).toMatchObject({ isOpen: true, loop: 'whole', ohms: 9410 })
    on.act('close zone 2')
    on.act('loop 2 short')
    expect(zone()).toMatchObject({ loop: 'short', ohms: 5 })
    on.act('loop 2 cut')
    expect(zone().ohms).toBeGreaterThan(1000000)
    on.act('loop 2 whole')
    on.act('loop 2 resistor 2200 ohm')
    expect(zone()).toMatchObject({ loop: 'whole', endOhms: 2200, ohms: 2210 })
    on.act('loop 2 whole')
    on.act('loop 2 tampered')
    expect(zone().loop).toBe('tampered')
    expect(pass(on, 3000).display.join()).toContain('Hall window')
  })

  it('shows what the panel reads at a loop: ohms, band, margin in percent, and advice that names the mistake', () => {
    const on = session(['loops'])
    const reading = () => pass(on, 1000).zones[1].reading
    // DEOL of 4.7k and 4.7k: secure ends 4 % below the mean of 4.7k and 9.4k, at 6381 (W-1).
    expect(reading()).toEqual({ ohms: '4.7 kΩ', band: 'secure', marginPercent: 26, advice: '' })
    const doing: [string, string, string, RegExp][] = [
      ['loop 2 resistor 2200 ohm', '2.2 kΩ', 'tamper', /^wrong resistor: 2\.2k are less than half of the 4\.7k/],
      [
        'loop 2 resistor 5600 ohm',
        '5.6 kΩ',
        'secure',
        /^wrong resistor, or a bad joint: .* 19 % more .* of 5\.6k reads so/,
      ],
      ['loop 2 resistor 6600 ohm', '6.6 kΩ', 'between bands', /reads between bands, secure ends at 6\.4k/],
      ['loop 2 short', '5 Ω', 'tamper', /^short in the cable/],
      ['loop 2 cut', 'open', 'tamper', /the cable is cut, a cover is open/],
      ['loop 2 whole', '4.7 kΩ', 'secure', /^$/],
      ['open zone 2', '9.4 kΩ', 'active', /^$/],
    ]
    for (const [line, ohms, band, advice] of doing) {
      on.act(line)
      const found = reading()
      expect([found?.ohms, found?.band], line).toEqual([ohms, band])
      expect(found?.advice, line).toMatch(advice)
    }
    const { nowMs } = on.view()
    on.act('cut power')
    expect(on.view().zones[1].reading).toBeUndefined()
    on.go(nowMs - 1)
    expect(on.view().zones[1].reading).toMatchObject({ ohms: '9.4 kΩ', band: 'active' })
    expect(session(['supply']).view().zones[0].reading).toBeUndefined()
  })

  it('reads loops and keypad the same after either code of user 1 (D-30)', () => {
    const [left, right] = ['code A', 'duress A'].map((code) => {
      const on = armed(session(['loops']))
      on.act('loop 1 resistor 5600 ohm')
      on.act(`enter ${code}`)
      const seen: unknown[] = []
      for (let count = 0; count < 40; count++) {
        const { zones, keypadAdvice } = pass(on, 250)
        seen.push([zones, keypadAdvice])
      }
      return seen
    })
    expect(right).toEqual(left)
  })

  it("tells what is wrong with a Wiegand keypad's wires, and nothing once a key has come", () => {
    const on = session(['wiegand'])
    expect(on.view().keypadAdvice).toMatch(/^no key has come yet/)
    on.act('press 1')
    expect(pass(on, 1000).keypadAdvice).toBe('')
    expect(session().view().keypadAdvice).toBe('')
  })

  it('tells what a frame, an AT line and an SPI frame say, the frame as the station reads it', () => {
    const on = armed()
    on.act('enter duress A')
    pass(on, 3000)
    const all = marksOf(on)
    const decoded = (lane: string) =>
      all
        .filter((mark: Mark) => LANES[mark[2]] === lane && mark[4] & HAS_BYTES)
        .map(([id]) => JSON.stringify(on.bytes(id)))
    expect(decoded('ethernet').join()).toContain('"1121 01 003"')
    expect(decoded('cellular').join()).toContain('Duress (new, opening), partition 01, number 003')
    expect(decoded('modem AT').join()).toContain('AT+CIPOPEN')
    const up = all.find((mark) => LANES[mark[2]] === 'ethernet' && mark[4] & IS_UP)
    expect(up?.[3]).toMatch(/^(PSH|SYN|ACK|FIN)/)
    const at = all.find((mark) => LANES[mark[2]] === 'station' && mark[3].startsWith('1121'))?.[1] ?? 0
    const wires = on.wires(at - 500, at + 10)
    expect(wires.spi.map(([, words]) => words).join('\n')).toMatch(/write socket \d Sn_CR SEND, 1 byte: 20/)
    expect(wires.pins.map(([, name]) => name)).toEqual(expect.arrayContaining(['siren', 'light', 'zone 1']))
    expect(() => on.wires(0, 31000)).toThrow('up to 30 s')
    expect(() => on.bytes(999999)).toThrow('nothing to decode')
  })
})

describe('the way back', () => {
  it('stands at the moment as it was; what comes again is held against what is known, and adds nothing', () => {
    const on = armed()
    on.act('open zone 1')
    pass(on, 2000)
    on.act('enter duress A')
    const then = pass(on, 4000)
    const all = JSON.stringify(marksOf(on))
    for (const atMs of [30000, 70123, 1]) {
      on.go(atMs)
      expect(on.view().nowMs).toBe(atMs)
      on.go(then.nowMs)
      expect(JSON.stringify(marksOf(on)), `from ${atMs} ms`).toBe(all)
    }
    const { wentMs: _went, posts: _posts, parked: _parked, speed: _speed, ...now } = on.view()
    expect(then).toMatchObject(now)
  })

  it('sees a run that does not repeat itself', () => {
    const record = new Record()
    const { onLine = () => undefined } = record.listener()
    const lines: [number, string, string][] = [
      [1, 'light', 'on'],
      [5, 'siren', 'on'],
      [5, 'light', 'off'],
      [9, 'siren', 'off'],
    ]
    for (const line of lines) onLine(...line)
    record.again(1, 9)
    for (const line of lines.slice(1)) onLine(...line)
    onLine(10, 'light', 'on')
    expect(record.marks(0, 99).map(([, atMs]) => atMs)).toEqual([1, 5, 5, 9, 10])
    record.again(4, 10)
    expect(() => onLine(6, 'siren', 'on')).toThrow('does not repeat itself at 6 ms: siren on')
    record.cut(5)
    onLine(5, 'light', 'on')
    expect(record.marks(0, 99).map(([, atMs, , what]) => [atMs, what])).toEqual([
      [1, 'on'],
      [5, 'on'],
      [5, 'off'],
      [5, 'on'],
    ])
  })

  it('forks where somebody does something: what came later is forgotten', () => {
    const on = armed()
    const armedMs = on.view().nowMs
    on.act('open zone 1')
    pass(on, 2000)
    on.act('enter duress A')
    expect(heard(pass(on, 4000))).toContain('1121 01 003 ethernet')
    on.go(armedMs - 1)
    const known = marksOf(on)
    expect(on.view()).toMatchObject({ laterCount: 2, steps: [true, false, false] })
    on.act('enter code A')
    on.run(1)
    const view = pass(on, 6000)
    expect(view).toMatchObject({ laterCount: 0, endMs: view.nowMs })
    const kept = known.filter(([, atMs]) => atMs < armedMs)
    expect(marksOf(on).slice(0, kept.length)).toEqual(kept)
    expect(JSON.stringify(marksOf(on).slice(kept.length))).not.toContain('1121')
    expect(heard(view).join()).not.toContain('1121')
    expect(heard(view)).toContain('1401 01 001 ethernet')
  })

  it('runs the nearest world before a moment, which is made again in idle time', () => {
    const on = session()
    on.run('max')
    for (let count = 0; count < 2000 && on.view().posts < 5; count++) on.tick(TICK_MS)
    on.run(0)
    // At full speed time waits for them: one may be on its way, or two where somebody else has the machine.
    expect(on.view().posts).toBeGreaterThanOrEqual(5)
    expect(on.view().parked).toBeGreaterThanOrEqual(on.view().posts - 2)
    while (on.tick(TICK_MS));
    const { posts, parked } = on.view()
    expect(parked).toBe(posts)
    const endMs = on.view().endMs
    on.go(endMs - 1000)
    expect(on.view().nowMs).toBe(endMs - 1000)
    while (on.tick(TICK_MS));
    on.act('open zone 2')
    expect(on.view().endMs).toBe(endMs - 1000)
  })
})

describe('twins', () => {
  it('are the same at each rank; the ciphertext of one frame on each path differs, and the station', () => {
    const on = armed()
    on.act('open zone 1')
    pass(on, 2000)
    const found = twins(on.history(), 30000)
    expect(found.ranks.map(({ rank, difference }) => [rank, difference])).toEqual([
      ['room', ''],
      ['wall', ''],
      ['phone', ''],
      ['bench', ''],
    ])
    expect(found.rows.length).toBeGreaterThan(30)
    expect(found.rows.every((row) => row.isSame)).toBe(true)
    expect(found.ciphers.filter((cipher) => !cipher.isSame).map(({ via }) => via)).toEqual(['ethernet', 'cellular'])
    for (const { left, right } of found.ciphers) expect(left.length).toBe(right.length)
    expect(found.station[0].join()).not.toContain('1121')
    expect(found.station[1][0]).toContain('1121 01 003 Duress')
  })
})

describe('files', () => {
  it('play again to the byte, and name no digits of a code', () => {
    const on = armed(session(['supply', 'box']))
    on.act('open zone 1')
    pass(on, 1500)
    for (const key of DIGITS[2]) {
      on.act(`press ${key}`)
      pass(on, 150)
    }
    on.act('snapshot under-duress')
    pass(on, 3000)
    const text = String(exported('scenario', on).bytes)
    for (const digits of DIGITS) expect(text.replace(/\D/g, '')).not.toContain(digits)
    expect(text).toContain('press key 3 of duress A')
    expect(text).toContain('expect station has 1121 01 003 over ethernet')
    const { lines, outcome } = play(parse(text, 'recorded'))
    expect(outcome.failures).toEqual([])
    expect(outcome.passed).toBeGreaterThan(5)
    expect(`${lines.join('\n')}\n`).toBe(String(exported('trace', on).bytes))
  })

  it('are what readers of their own kind take: pcap with all sums right, VCD with its signals', () => {
    const on = armed()
    const frames = read(exported('ethernet.pcap', on).bytes as Buffer)
    expect(frames.length).toBeGreaterThan(5)
    expect(frames.some(({ payload }) => payload.includes('"ADM-CID"') || payload.includes('"*ADM-CID"'))).toBe(true)
    const vcd = String(exported('vcd', on).bytes).split('\n')
    expect(vcd[1]).toBe('$timescale 1 ms $end')
    const id = /^\$var wire 1 (\S+) light \$end$/m.exec(vcd.join('\n'))?.[1]
    expect(vcd).toContain(`1${id}`)
    expect(vcd.filter((line) => line.startsWith('#')).map((line) => Number(line.slice(1)))).toEqual(
      [...new Set(vcd.filter((line) => line.startsWith('#')).map((line) => Number(line.slice(1))))].sort(
        (a, b) => a - b,
      ),
    )
    expect(vcd.join()).toContain('\\x20')
  })
})

describe('stories', () => {
  it('are watched from the start with their actions to come, and judged at once', () => {
    const on = session()
    on.load(loadShipped('duress'), shippedText('duress'))
    expect(on.story).toMatchObject({ failed: 0, passed: 15 })
    expect(on.view().nowMs).toBe(0)
    expect(on.view().laterCount).toBeGreaterThan(2)
    on.go(on.story?.endMs ?? 0)
    expect(heard(on.view()).join()).toContain('1121 01 003')
  })

  it('with a failing expectation stand at its moment', () => {
    const on = session()
    const text = 'title Wrong\nat 25 s enter code A\nby 30 s expect siren on\nat 31 s expect light off\n'
    on.load(parse(text, 'wrong'), text)
    expect(on.story).toMatchObject({ failed: 1, passed: 1 })
    expect(on.story?.lines[1]).toMatchObject({
      text: 'by 30 s expect siren on',
      found: 'siren is off',
      failedAtMs: 30000,
    })
    expect(on.view()).toMatchObject({ nowMs: 30000, speed: 0 })
  })
})

describe('over real sockets', () => {
  it('brings the duress call to a station on loopback, and has no way back', async () => {
    let on: Session | undefined
    const live = await startLive(
      () => on?.utcSeconds() ?? 0,
      (event) => on?.hear(event),
    )
    try {
      on = new Session({ setup: { seed: 1, panel: [] }, live })
      on.act('enter duress A')
      for (let step = 0; step < 400 && on.view().heardCount < 2; step++) {
        on.tick(20)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      expect(heard(on.view()).sort()).toEqual(['1121 01 003 cellular', '1121 01 003 ethernet'])
      expect(on.view().place).toMatch(/^ports \d+ \d+$/)
      for (const act of [() => on?.go(0), () => on?.history(), () => on?.wires(0, 1000), () => on?.run('max')]) {
        expect(act).toThrow('over real sockets')
      }
      expect(() => on?.act('receiver silent')).toThrow('no virtual network')
      expect(() => on?.renew(1, [])).toThrow('without --live')
    } finally {
      await live.close()
    }
  })
})
