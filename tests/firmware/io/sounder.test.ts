import { describe, expect, it } from 'vitest'
import * as sounder from '../../../firmware/io/sounder'
import * as tones from '../../../firmware/tones'
import { PinBank } from '../../../hal-mock/pins'

const PIN = 33

function bench() {
  const pins = new PinBank()
  const s = sounder.create(pins, PIN, 0)
  /** Each change so far as '+ms' (sounds) or '-ms' (silent). */
  const heard: string[] = []
  let nowMs = 0
  pins.onChange = (_pin, level) => heard.push((level ? '+' : '-') + nowMs)
  const runTo = (atMs: number): string => {
    for (;;) {
      const nextMs = sounder.poll(s, nowMs)
      if (nextMs > atMs) break
      nowMs = nextMs
    }
    nowMs = atMs
    return heard.splice(0).join(' ')
  }
  return { s, pins, runTo }
}

/** What is heard of a one-shot pattern that begins at 1000 ms. */
function once(pattern: number): string {
  const { s, runTo } = bench()
  runTo(1000)
  sounder.play(s, pattern, 1000)
  return runTo(10000)
}

/** What is heard of a repeating pattern from 1000 ms up to, not with, 3000 ms. */
function repeated(pattern: number): string {
  const { s, runTo } = bench()
  runTo(1000)
  sounder.base(s, pattern, 1000)
  return runTo(2999)
}

describe('patterns (panel-behaviour.md 9.2)', () => {
  it('clicks 40 ms for a key', () => {
    expect(once(tones.KEY)).toBe('+1000 -1040')
  })

  it('sounds 3 times 100 ms, 100 ms apart, when accepted', () => {
    expect(once(tones.ACCEPTED)).toBe('+1000 -1100 +1200 -1300 +1400 -1500')
  })

  it('sounds 1000 ms when rejected', () => {
    expect(once(tones.REJECTED)).toBe('+1000 -2000')
  })

  it('sounds 3 times 500 ms, 200 ms apart, when not ready', () => {
    expect(once(tones.NOT_READY)).toBe('+1000 -1500 +1700 -2200 +2400 -2900')
  })

  it('sounds 500 ms when armed', () => {
    expect(once(tones.ARMED)).toBe('+1000 -1500')
  })

  it('sounds 100 ms once a second in the exit delay, and twice at its end', () => {
    expect(repeated(tones.EXIT)).toBe('+1000 -1100 +2000 -2100')
    expect(repeated(tones.EXIT_LAST)).toBe('+1000 -1100 +1500 -1600 +2000 -2100 +2500 -2600')
  })

  it('sounds twice a second, close together, in the entry delay', () => {
    expect(repeated(tones.ENTRY)).toBe('+1000 -1100 +1200 -1300 +2000 -2100 +2200 -2300')
  })

  it('sounds 4 times a second at the end of the entry delay', () => {
    expect(repeated(tones.ENTRY_LAST)).toBe(
      '+1000 -1100 +1250 -1350 +1500 -1600 +1750 -1850 +2000 -2100 +2250 -2350 +2500 -2600 +2750 -2850',
    )
  })

  it('sounds without a break in an alarm, and needs no polls for it', () => {
    expect(repeated(tones.ALARM)).toBe('+1000')
    const { s } = bench()
    sounder.base(s, tones.ALARM, 0)
    expect(sounder.poll(s, 0)).toBe(Infinity)
  })

  it('is silent, and needs no polls, after create and when off', () => {
    const { s, pins, runTo } = bench()
    expect(sounder.poll(s, 0)).toBe(Infinity)
    sounder.base(s, tones.ALARM, 0)
    runTo(500)
    sounder.base(s, tones.OFF, 500)
    expect(runTo(1000)).toBe('-500')
    expect(pins.level(PIN)).toBe(0)
    expect(sounder.poll(s, 1000)).toBe(Infinity)
  })

  it('keeps exact seconds over a 60 s exit delay', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.EXIT, 0)
    const beeps = runTo(59999).split(' ')
    expect(beeps.length).toBe(120)
    expect(beeps.slice(-2)).toEqual(['+59000', '-59100'])
  })
})

describe('one-shot over base', () => {
  it('clicks between the beats of the exit delay without moving them', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.EXIT, 0)
    runTo(1500)
    sounder.play(s, tones.KEY, 1500)
    expect(runTo(2200)).toBe('+1500 -1540 +2000 -2100')
  })

  it('replaces the beats that fall into it, then goes on at the next one', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.EXIT, 0)
    runTo(950)
    sounder.play(s, tones.ACCEPTED, 950)
    expect(runTo(2200)).toBe('+950 -1050 +1150 -1250 +1350 -1450 +2000 -2100')
  })

  it('goes on at once when it ends on a beat', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.EXIT, 0)
    runTo(1900)
    sounder.play(s, tones.KEY, 1900)
    expect(runTo(2200)).toBe('+1900 -1940 +2000 -2100')
  })

  it('keeps the beats of a base that began at 1300 ms', () => {
    const { s, runTo } = bench()
    runTo(1300)
    sounder.base(s, tones.EXIT, 1300)
    runTo(1500)
    sounder.play(s, tones.KEY, 1500)
    expect(runTo(2500)).toBe('+1500 -1540 +2300 -2400')
  })

  it('gives way to the alarm again after a rejected code', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.ALARM, 0)
    expect(runTo(500)).toBe('+0')
    sounder.play(s, tones.REJECTED, 500)
    expect(runTo(5000)).toBe('-1500 +1600')
  })

  it('plays to its end when the base changes meanwhile', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.ENTRY, 0)
    runTo(1020)
    sounder.play(s, tones.ACCEPTED, 1020)
    runTo(1050)
    sounder.base(s, tones.OFF, 1050)
    expect(runTo(5000)).toBe('-1120 +1220 -1320 +1420 -1520')
  })

  it('is replaced by a newer one', () => {
    const { s, runTo } = bench()
    sounder.play(s, tones.REJECTED, 0)
    runTo(300)
    sounder.play(s, tones.KEY, 300)
    expect(runTo(5000)).toBe('-340')
  })

  it('does not begin the base anew when the same one is set again', () => {
    const { s, runTo } = bench()
    sounder.base(s, tones.EXIT, 0)
    runTo(600)
    sounder.base(s, tones.EXIT, 600)
    expect(runTo(1999)).toBe('+1000 -1100')
  })
})

describe('patterns of alarms (O-1) and of a siren that rests high (O-3)', () => {
  /** Lengths in ms of sound and silence in turn, from the start, on a pin with this level at rest. */
  function lengths(pattern: number, rest: number, untilMs: number): number[] {
    const pins = new PinBank()
    const s = sounder.create(pins, PIN, rest)
    const times: number[] = []
    pins.onChange = () => times.push(nowMs)
    let nowMs = 0
    sounder.base(s, pattern, 0)
    for (let dueMs = 0; dueMs <= untilMs; dueMs = sounder.poll(s, nowMs)) nowMs = dueMs
    return times.slice(1).map((atMs, index) => atMs - times[index])
  }

  it.each([0, 1])('fire is temporal-3: 0.5 s three times, then 1.5 s without (rest %i)', (rest) => {
    expect(lengths(tones.FIRE, rest, 8000)).toEqual([500, 500, 500, 500, 500, 1500, 500, 500, 500, 500, 500, 1500])
  })

  it('carbon monoxide is temporal-4: 0.1 s four times, then 5 s without', () => {
    expect(lengths(tones.CARBON_MONOXIDE, 0, 6000).slice(0, 9)).toEqual([100, 100, 100, 100, 100, 100, 100, 5000, 100])
  })

  it('trouble is two short ones every 10 s, programming one every 40 s (9.2)', () => {
    expect(lengths(tones.TROUBLE, 0, 10100)).toEqual([100, 100, 100, 9700, 100])
    expect(lengths(tones.PROGRAM, 0, 40100)).toEqual([100, 39900, 100])
  })

  it('not sent is four short ones and a long one (A-27)', () => {
    const pins = new PinBank()
    const s = sounder.create(pins, PIN, 0)
    const times: number[] = []
    let nowMs = 0
    pins.onChange = () => times.push(nowMs)
    sounder.play(s, tones.ABORTED, 0)
    for (let dueMs = 0; dueMs <= 3000; dueMs = sounder.poll(s, nowMs)) nowMs = dueMs
    expect(times).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 1300])
  })
})
