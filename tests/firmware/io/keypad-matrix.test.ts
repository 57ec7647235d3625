import { describe, expect, it, vi } from 'vitest'
import * as keypad from '../../../firmware/io/keypad-matrix'
import { VirtualClock } from '../../../hal-mock/clock'
import { MatrixKeypad } from '../../../hal-mock/keypad'
import { PinBank } from '../../../hal-mock/pins'

const ROWS = [13, 14, 15, 25]
const COLUMNS = [26, 27, 32, 33]

function bench(columns = COLUMNS, wakes = false) {
  const clock = new VirtualClock()
  const pins = Object.assign(new PinBank(), { wakeOn: (watched: number[]) => watched === columns && wakes })
  const keys = new MatrixKeypad(clock, pins, ROWS, columns)
  const k = keypad.create(pins, ROWS, columns)
  /** Polls at each deadline up to atMs, and tells the keys taken. */
  const runTo = (atMs: number): string => {
    let taken = ''
    for (;;) {
      const nextMs = keypad.poll(k, clock.nowMs)
      for (let key = keypad.take(k); key !== ''; key = keypad.take(k)) taken += key
      if (nextMs > atMs) break
      clock.runTo(nextMs)
    }
    clock.runTo(atMs)
    return taken
  }
  return { clock, pins, keys, k, runTo }
}

describe('layout', () => {
  it('reads all 16 keys of a 4x4 keypad', () => {
    const { clock, pins, keys, runTo } = bench()
    let taken = ''
    for (const name of '123A456B789C*0#D') {
      keys.press(name)
      taken += runTo(clock.nowMs + 200)
    }
    expect(taken).toBe('123A456B789C*0#D')
    expect(pins.shorts).toBe(0)
  })

  it('reads all 12 keys of a 4x3 keypad', () => {
    const { clock, keys, runTo } = bench([26, 27, 32])
    let taken = ''
    for (const name of '123456789*0#') {
      keys.press(name)
      taken += runTo(clock.nowMs + 200)
    }
    expect(taken).toBe('123456789*0#')
  })

  it('reads columns on input-only pins with resistors outside', () => {
    const { clock, keys, pins, runTo } = bench([27, 36, 39])
    pins.pull(36, 1)
    pins.pull(39, 1)
    keys.press('6')
    expect(runTo(clock.nowMs + 200)).toBe('6')
  })
})

describe('scan', () => {
  it('comes every 20 ms at rest with a single read, and every 10 ms while a key is down', () => {
    const { pins, keys, k } = bench()
    const read = vi.spyOn(pins, 'read')
    const write = vi.spyOn(pins, 'write')
    expect(keypad.poll(k, 0)).toBe(20)
    expect(keypad.poll(k, 20)).toBe(40)
    expect(read).toHaveBeenCalledTimes(2)
    expect(write).not.toHaveBeenCalled()
    keys.bounceMs = 0
    keys.hold('5')
    expect(keypad.poll(k, 40)).toBe(50)
    expect(keypad.poll(k, 50)).toBe(60)
  })

  it('scans once only when called before its time', () => {
    const { keys, k } = bench()
    keys.bounceMs = 0
    keys.hold('5')
    for (let call = 0; call < 5; call++) expect(keypad.poll(k, 0)).toBe(10)
    expect(keypad.poll(k, 10)).toBe(20)
    expect(keypad.take(k)).toBe('')
    keypad.poll(k, 20)
    expect(keypad.take(k)).toBe('5')
  })

  it('leaves all rows low, so that the next key shows', () => {
    const { pins, keys, clock, runTo } = bench()
    keys.press('5')
    runTo(clock.nowMs + 200)
    expect(pins.read(ROWS)).toBe(0)
    expect(pins.read(COLUMNS)).toBe(15)
  })

  it('finds the key and only then drives rows: 4 rows up, 4 in turn, 4 down', () => {
    const { pins, keys, k } = bench()
    keys.bounceMs = 0
    keys.hold('D')
    const trace: string[] = []
    const write = pins.write.bind(pins)
    pins.write = (pin, level) => {
      trace.push(pin + (level ? '+' : '-'))
      write(pin, level)
    }
    keypad.poll(k, 0)
    expect(trace.join(' ')).toBe('13+ 14+ 15+ 25+ 13- 13+ 14- 14+ 15- 15+ 25- 25+ 13- 14- 15- 25-')
  })
})

describe('debounce (K-8)', () => {
  it('takes a key after 3 scans over 20 ms, not after 2', () => {
    const { keys, clock, runTo } = bench()
    runTo(100)
    keys.bounceMs = 0
    keys.hold('7')
    expect(runTo(119)).toBe('')
    keys.release('7')
    clock.runTo(119)
    expect(runTo(300)).toBe('')
    keys.hold('7')
    expect(runTo(319)).toBe('')
    expect(runTo(340)).toBe('7')
  })

  it('gives one key for a press with 20 ms of bounce at both ends', () => {
    for (let phase = 0; phase < 20; phase++) {
      const { keys, runTo } = bench()
      runTo(100 + phase)
      keys.bounceMs = 20
      keys.press('0', 120)
      expect(runTo(1000)).toBe('0')
    }
  })

  it('gives one key for one press, however long it is below 30 s', () => {
    const { keys, k, runTo } = bench()
    keys.press('4', 29900)
    expect(runTo(29900)).toBe('4')
    expect(k.isStuck).toBe(false)
    expect(runTo(31000)).toBe('')
  })

  it('counts a new press only after the release was seen in 3 scans', () => {
    const { keys, runTo } = bench()
    keys.bounceMs = 0
    keys.hold('4')
    expect(runTo(100)).toBe('4')
    keys.release('4')
    runTo(115)
    keys.hold('4')
    expect(runTo(200)).toBe('')
    keys.release('4')
    runTo(240)
    keys.hold('4')
    expect(runTo(300)).toBe('4')
  })

  it('reads a code of 6 digits typed in 0.6 s', () => {
    for (let phase = 0; phase < 20; phase++) {
      const { clock, keys, runTo } = bench()
      runTo(100 + phase)
      let taken = ''
      for (const name of '135790') {
        keys.press(name, 55)
        taken += runTo(clock.nowMs + 100)
      }
      expect(taken).toBe('135790')
    }
  })

  it('keeps 8 keys for a busy panel and loses the 9th', () => {
    const { clock, keys, k } = bench()
    for (const name of '123456789') {
      keys.press(name)
      for (let step = 0; step < 20; step++) {
        keypad.poll(k, clock.nowMs)
        clock.runTo(clock.nowMs + 10)
      }
    }
    let taken = ''
    for (let key = keypad.take(k); key !== ''; key = keypad.take(k)) taken += key
    expect(taken).toBe('12345678')
    expect(keypad.take(k)).toBe('')
  })
})

describe('several keys', () => {
  it('ignores any two of the 16 keys in one scan until both are released', () => {
    const { clock, keys, runTo } = bench()
    const names = '123A456B789C*0#D'
    for (let first = 0; first < 16; first++) {
      for (let second = first + 1; second < 16; second++) {
        keys.hold(names.charAt(first))
        keys.hold(names.charAt(second))
        expect(runTo(clock.nowMs + 100)).toBe('')
        keys.release(names.charAt(first))
        expect(runTo(clock.nowMs + 100)).toBe('')
        keys.release(names.charAt(second))
        expect(runTo(clock.nowMs + 100)).toBe('')
      }
    }
    keys.press('9')
    expect(runTo(clock.nowMs + 200)).toBe('9')
  })

  it('takes the first of two overlapping keys and not the second', () => {
    const { keys, runTo } = bench()
    keys.hold('1')
    expect(runTo(100)).toBe('1')
    keys.hold('8')
    runTo(200)
    keys.release('1')
    expect(runTo(300)).toBe('')
    keys.release('8')
    expect(runTo(400)).toBe('')
  })

  it('shows no ghost at the fourth corner of three keys, in any order of pressing and letting go', () => {
    // The corners 1, 3, 7 make a ghost at 9.
    for (const order of ['137', '173', '317', '371', '713', '731']) {
      const { keys, runTo } = bench()
      for (const name of order) keys.hold(name)
      expect(runTo(500)).toBe('')
      for (const name of order) {
        keys.release(name)
        expect(runTo(600)).toBe('')
      }
      expect(runTo(1000)).toBe('')
    }
  })
})

describe('stuck keys', () => {
  it('says so after 30 s, ignores the key, and reads the others on', () => {
    const { clock, keys, k, runTo } = bench()
    keys.hold('1')
    expect(runTo(30000)).toBe('1')
    expect(k.isStuck).toBe(false)
    expect(runTo(30050)).toBe('')
    expect(k.isStuck).toBe(true)
    let taken = ''
    for (const name of '2345678D') {
      keys.press(name)
      taken += runTo(clock.nowMs + 200)
    }
    expect(taken).toBe('2345678D')
    expect(k.isStuck).toBe(true)
    keys.release('1')
    expect(runTo(clock.nowMs + 100)).toBe('')
    expect(k.isStuck).toBe(false)
    keys.press('1')
    expect(runTo(clock.nowMs + 200)).toBe('1')
  })

  it('still refuses two keys, and so ghosts, beside a stuck one', () => {
    const { clock, keys, runTo } = bench()
    keys.hold('1')
    runTo(31000)
    keys.hold('3')
    keys.hold('7')
    expect(runTo(32000)).toBe('')
    keys.release('7')
    expect(runTo(33000)).toBe('')
    keys.release('3')
    runTo(33100)
    keys.press('9')
    expect(runTo(clock.nowMs + 200)).toBe('9')
  })

  it('says so although the contact breaks for 15 ms at 20 s', () => {
    const { keys, k, runTo } = bench()
    keys.bounceMs = 0
    keys.hold('1')
    runTo(20000)
    keys.release('1')
    runTo(20015)
    keys.hold('1')
    expect(runTo(30050)).toBe('')
    expect(k.isStuck).toBe(true)
  })

  it('still ignores the first of two stuck keys when the second is released', () => {
    const { clock, keys, runTo } = bench()
    keys.hold('1')
    runTo(31000)
    keys.hold('2')
    expect(runTo(62000)).toBe('2')
    keys.release('2')
    runTo(62100)
    keys.press('3')
    expect(runTo(clock.nowMs + 200)).toBe('3')
  })

  it('says so for two keys held 30 s, and ignores the one that stays', () => {
    const { clock, keys, k, runTo } = bench()
    keys.hold('1')
    keys.hold('5')
    runTo(31000)
    expect(k.isStuck).toBe(true)
    keys.press('9')
    expect(runTo(31200)).toBe('')
    keys.release('5')
    runTo(31300)
    keys.press('9')
    expect(runTo(clock.nowMs + 200)).toBe('9')
    keys.release('1')
    runTo(clock.nowMs + 100)
    expect(k.isStuck).toBe(false)
  })
})

describe('a board that wakes the panel on an edge', () => {
  it('has the columns read every 95 ms at rest instead of every 20 ms', () => {
    for (const [wakes, expected] of [
      [true, 95],
      [false, 20],
    ] as const) {
      const { clock, k } = bench(COLUMNS, wakes)
      expect(keypad.poll(k, clock.nowMs)).toBe(expected)
    }
  })

  it('takes a key 20 ms after the edge that it was woken by', () => {
    const { clock, keys, k, runTo } = bench(COLUMNS, true)
    runTo(200)
    keys.bounceMs = 0
    keys.hold('5')
    expect(keypad.wake(k)).toBe(true)
    expect(runTo(clock.nowMs + 20)).toBe('5')
  })

  it('takes a key of 120 ms also when its edge was lost', () => {
    const { clock, keys, runTo } = bench(COLUMNS, true)
    runTo(200)
    keys.press('5', 120)
    expect(runTo(clock.nowMs + 200)).toBe('5')
  })

  it('is not woken by the edges that its own scans make', () => {
    const { clock, keys, k, runTo } = bench(COLUMNS, true)
    runTo(200)
    keys.hold('5')
    keypad.wake(k)
    keypad.poll(k, clock.nowMs)
    expect(keypad.wake(k)).toBe(false)
    const dueMs = k.dueMs
    expect(keypad.poll(k, clock.nowMs)).toBe(dueMs)
  })

  it('does not mind an edge that was none: one more reading, then 95 ms again', () => {
    const { clock, k, runTo } = bench(COLUMNS, true)
    runTo(200)
    expect(keypad.wake(k)).toBe(true)
    expect(keypad.poll(k, clock.nowMs)).toBe(clock.nowMs + 95)
  })
})

describe('chords (K-3, K-8)', () => {
  /** Two keys down for so long, the second one later by lateMs; what was taken. */
  function together(pair: string, holdMs: number, lateMs = 0): string {
    const { clock, keys, runTo } = bench()
    runTo(100)
    keys.hold(pair[0])
    let taken = runTo(clock.nowMs + lateMs)
    keys.hold(pair[1])
    taken += runTo(clock.nowMs + holdMs)
    keys.release(pair[0])
    keys.release(pair[1])
    return taken + runTo(clock.nowMs + 500)
  }

  it.each([
    ['1*', 'P'],
    ['*#', 'Q'],
    ['3#', 'R'],
  ])('%s together for 1 s gives %s, once, whichever is first', (pair, letter) => {
    expect(together(pair, 5000)).toBe(letter)
    expect(together(pair[1] + pair[0], 5000)).toBe(letter)
  })

  it('the first key counts when it is down alone for long enough; the chord still does', () => {
    expect(together('1*', 1500, 300)).toBe('1P')
  })

  it('is none of fast typing: 800 ms together are not enough', () => {
    expect(together('1*', 800)).toBe('')
    expect(together('1*', 800, 100)).toBe('1')
  })

  it('other pairs give nothing', () => {
    for (const pair of ['12', '19', '#0', 'A*']) expect(together(pair, 3000)).toBe('')
  })

  it('a third key ends it', () => {
    const { clock, keys, runTo } = bench()
    for (const name of '1*#') keys.hold(name)
    expect(runTo(clock.nowMs + 3000)).toBe('')
  })
})

it('one key alone is no panic, however long it is held (K-4)', () => {
  for (const key of '1*#3') {
    const { clock, keys, runTo } = bench()
    keys.hold(key)
    expect(runTo(clock.nowMs + 20000)).toBe(key)
  }
})
