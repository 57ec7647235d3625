import { describe, expect, it } from 'vitest'
import * as lcd from '../../../firmware/io/lcd'
import { VirtualClock } from '../../../hal-mock/clock'
import { I2cBus } from '../../../hal-mock/i2c-bus'
import { LcdModule } from '../../../hal-mock/lcd'

const BLANK = ' '.repeat(16)

function bench() {
  const clock = new VirtualClock()
  const module = new LcdModule(clock)
  const seen: string[] = []
  const transfers: { atMs: number; lengthBytes: number }[] = []
  module.onChange = (line0, line1) => seen.push(clock.nowMs + ' ' + line0 + '|' + line1)
  const write = module.write.bind(module)
  module.write = (address, bytes) => {
    write(address, bytes)
    transfers.push({ atMs: clock.nowMs, lengthBytes: bytes.length })
  }
  const bus = new I2cBus(clock)
  bus.attach(module)
  const l = lcd.create(bus, 0x27)
  const runTo = (atMs: number): void => {
    for (;;) {
      const nextMs = lcd.poll(l, clock.nowMs)
      if (nextMs > atMs) break
      clock.runTo(nextMs)
    }
    clock.runTo(atMs)
  }
  const text = () => module.lines().join('|')
  return { clock, bus, module, seen, transfers, l, runTo, text }
}

describe('start', () => {
  it('shows the wanted text within 60 ms of power-up, and loses no nibble', () => {
    const { module, l, runTo, seen } = bench()
    lcd.show(l, 0, 'READY      12:34')
    lcd.show(l, 1, 'Enter code')
    runTo(49)
    expect(seen).toEqual([])
    runTo(60)
    expect(module.lines()).toEqual(['READY      12:34', 'Enter code      '])
    expect(module.lost).toBe(0)
    expect(module.isLit()).toBe(true)
  })

  it('starts a display that had power before the panel', () => {
    for (let half = 0; half < 16; half++) {
      const { clock, bus, module, l, runTo, text } = bench()
      lcd.show(l, 0, 'OLD')
      runTo(100)
      module.glitch(half)
      const again = lcd.create(bus, 0x27)
      lcd.show(again, 0, 'NEW')
      for (let nextMs = 50; nextMs < 1000; nextMs = lcd.poll(again, clock.nowMs)) clock.runTo(100 + nextMs)
      for (let count = 0; count < 4; count++) lcd.poll(again, 2000)
      expect(text()).toBe('NEW'.padEnd(16) + '|' + BLANK)
    }
  })
})

describe('text', () => {
  it('cuts to 16 characters and pads with spaces', () => {
    const { l, runTo, text } = bench()
    lcd.show(l, 0, 'A text that is much too long')
    lcd.show(l, 1, '')
    runTo(100)
    expect(text()).toBe('A text that is m|' + BLANK)
  })

  it('writes only the changed cells: 8 bytes for one of them', () => {
    const { l, runTo, transfers, text } = bench()
    lcd.show(l, 0, 'AWAY  exit  045s')
    runTo(100)
    transfers.splice(0)
    lcd.show(l, 0, 'AWAY  exit  044s')
    runTo(200)
    expect(transfers).toEqual([{ atMs: 100, lengthBytes: 8 }])
    expect(text()).toBe('AWAY  exit  044s|' + BLANK)
  })

  it('sends one transfer a line, from its first changed cell to its last', () => {
    const { l, runTo, transfers, text } = bench()
    lcd.show(l, 0, 'abcdefghijklmnop')
    lcd.show(l, 1, 'abcdefghijklmnop')
    runTo(100)
    transfers.splice(0)
    lcd.show(l, 0, 'aXcdefghijklmnXp')
    lcd.show(l, 1, 'XXcdefghijklmnoX')
    runTo(200)
    expect(transfers.map((transfer) => transfer.lengthBytes)).toEqual([60, 68])
    expect(text()).toBe('aXcdefghijklmnXp|XXcdefghijklmnoX')
  })

  it('sends nothing for the same text, and sleeps until the full minute', () => {
    const { l, runTo, transfers } = bench()
    lcd.show(l, 0, 'READY')
    runTo(100)
    transfers.splice(0)
    lcd.show(l, 0, 'READY')
    expect(lcd.poll(l, 100)).toBe(60000)
    expect(transfers).toEqual([])
  })

  it('sends at most one line, 68 bytes, in a poll', () => {
    const { l, runTo, transfers } = bench()
    runTo(100)
    lcd.show(l, 0, 'abcdefghijklmnop')
    lcd.show(l, 1, 'abcdefghijklmnop')
    transfers.splice(0)
    lcd.poll(l, 100)
    expect(transfers).toEqual([{ atMs: 100, lengthBytes: 68 }])
  })
})

describe('bringing into step once a minute', () => {
  it('recovers from half a lost byte, whatever it was', () => {
    for (let half = 0; half < 16; half++) {
      const { l, module, runTo, text } = bench()
      lcd.show(l, 0, 'READY      12:34')
      lcd.show(l, 1, 'Enter code')
      runTo(30000)
      module.glitch(half)
      lcd.show(l, 0, 'READY      12:35')
      runTo(59999)
      runTo(60100)
      expect(text()).toBe('READY      12:35|Enter code      ')
    }
  })

  it('recovers from garbled cells and from a lost supply', () => {
    const { l, module, runTo, text } = bench()
    lcd.show(l, 1, 'Enter code')
    runTo(30000)
    module.garble(0, 3, 0x41)
    module.garble(1, 15, 0x42)
    expect(text()).toBe('   A'.padEnd(16) + '|' + 'Enter code     B')
    runTo(60100)
    expect(text()).toBe(BLANK + '|' + 'Enter code      ')
    module.powerUp()
    runTo(120100)
    expect(text()).toBe(BLANK + '|' + 'Enter code      ')
    expect(module.lost).toBe(0)
  })

  it('recovers from a text that noise has shifted', () => {
    const { l, module, runTo, text } = bench()
    lcd.show(l, 0, 'READY')
    runTo(30000)
    module.glitch(1)
    module.glitch(8)
    expect(text()).toBe('EADY'.padEnd(16) + '|' + BLANK)
    runTo(60100)
    expect(text()).toBe('READY'.padEnd(16) + '|' + BLANK)
  })

  it('cannot be seen: no visible cell changes in an hour of the same text', () => {
    const { l, module, runTo, seen, transfers } = bench()
    lcd.show(l, 0, 'ARMED AWAY 12:34')
    lcd.show(l, 1, 'Back door')
    runTo(30000)
    seen.splice(0)
    transfers.splice(0)
    runTo(3630000)
    expect(seen).toEqual([])
    expect(transfers.length).toBe(60 * 4)
    expect(module.lost).toBe(0)
  })

  it('comes at the same times with the same lengths, whatever is shown', () => {
    const runs = [
      ['DISARMED   12:34', 'Alarm not sent'],
      ['', ''],
    ].map(([line0, line1]) => {
      const { l, runTo, transfers } = bench()
      lcd.show(l, 0, line0)
      runTo(20000)
      lcd.show(l, 1, line1)
      runTo(30000)
      transfers.splice(0)
      runTo(200000)
      return transfers
    })
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0].map((transfer) => transfer.atMs)).toEqual(
      [60000, 120000, 180000].flatMap((atMs) => [atMs, atMs + 5, atMs + 7, atMs + 7]),
    )
  })
})

describe('missing part', () => {
  it('is tried again every second, never throws, and shows its text when it is back', () => {
    const { l, module, runTo, text } = bench()
    lcd.show(l, 0, 'READY')
    module.isPresent = false
    expect(lcd.poll(l, 50)).toBe(1050)
    expect(l.isMissing).toBe(true)
    expect(lcd.poll(l, 1049)).toBe(1050)
    expect(lcd.poll(l, 1050)).toBe(2050)
    runTo(5000)
    module.isPresent = true
    module.powerUp()
    runTo(6200)
    expect(l.isMissing).toBe(false)
    expect(text()).toBe('READY'.padEnd(16) + '|' + BLANK)
  })

  it('is noticed in the middle of a text', () => {
    const { l, module, runTo, text } = bench()
    lcd.show(l, 0, 'READY')
    runTo(1000)
    module.isPresent = false
    lcd.show(l, 0, 'NOT READY')
    runTo(1100)
    expect(l.isMissing).toBe(true)
    expect(lcd.poll(l, 1100)).toBe(2000)
    module.isPresent = true
    module.powerUp()
    runTo(2100)
    expect(text()).toBe('NOT READY'.padEnd(16) + '|' + BLANK)
  })
})
