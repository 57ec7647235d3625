import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../hal-mock/clock'
import { LcdModule } from '../../hal-mock/lcd'

const BLANK = ' '.repeat(16)

/** One nibble on the backpack: E high, E low. P3 is the backlight, P0 RS. */
function nibble(value: number, rs = 0): number[] {
  return [(value << 4) | 0x0c | rs, (value << 4) | 0x08 | rs]
}

function command(code: number): number[] {
  return [...nibble(code >> 4), ...nibble(code & 15)]
}

function data(text: string): number[] {
  return [...text].flatMap((char) => [...nibble(char.charCodeAt(0) >> 4, 1), ...nibble(char.charCodeAt(0) & 15, 1)])
}

function bench() {
  const clock = new VirtualClock()
  const lcd = new LcdModule(clock)
  const seen: string[][] = []
  lcd.onChange = (line0, line1) => seen.push([line0, line1])
  const send = (...bytes: number[]) => lcd.write(0x27, Uint8Array.from(bytes))
  const wait = (ms: number) => clock.runTo(clock.nowMs + ms)
  /** HD44780U figure 24: start by instruction, 4-bit. */
  const start = () => {
    wait(50)
    send(...nibble(3))
    wait(5)
    send(...nibble(3))
    wait(1)
    send(...nibble(3))
    send(...nibble(2), ...command(0x28), ...command(0x0c), ...command(0x06), ...command(0x01))
    wait(2)
  }
  return { clock, lcd, seen, send, wait, start }
}

describe('display module', () => {
  it('shows both lines after the start by instruction', () => {
    const { lcd, seen, send, start } = bench()
    start()
    expect(lcd.lines()).toEqual([BLANK, BLANK])
    send(...command(0x80), ...data('READY'))
    send(...command(0xc0 + 14), ...data('OK'))
    expect(lcd.lines()).toEqual(['READY           ', '              OK'])
    expect(lcd.lost).toBe(0)
    expect(seen.length).toBe(2)
    expect(lcd.isLit()).toBe(true)
  })

  it('takes nothing in the first 40 ms after power-up', () => {
    const { lcd, send, wait } = bench()
    wait(39)
    send(...nibble(3))
    expect(lcd.lost).toBe(1)
    wait(1)
    send(...nibble(3))
    expect(lcd.lost).toBe(1)
  })

  it('takes nothing in the 4.1 ms after the first function set', () => {
    const { lcd, send, wait } = bench()
    wait(50)
    send(...nibble(3))
    wait(3)
    send(...nibble(3))
    expect(lcd.lost).toBe(1)
    wait(2)
    send(...nibble(3))
    expect(lcd.lost).toBe(1)
  })

  it('is busy for 1.52 ms after a clear', () => {
    const { lcd, send, start, wait } = bench()
    start()
    send(...command(0x01), ...command(0x80), ...data('A'))
    expect(lcd.lines()[0]).toBe(BLANK)
    expect(lcd.lost).toBe(4)
    wait(2)
    send(...command(0x80), ...data('A'))
    expect(lcd.lines()[0]).toBe('A'.padEnd(16))
  })

  it('shows nothing while the display is off', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x80), ...data('A'), ...command(0x08))
    expect(lcd.lines()).toEqual([BLANK, BLANK])
    send(...command(0x0c))
    expect(lcd.lines()[0]).toBe('A'.padEnd(16))
  })

  it('shows no second line in 1-line mode', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0xc0), ...data('B'), ...command(0x20))
    expect(lcd.lines()[1]).toBe(BLANK)
    send(...command(0x28))
    expect(lcd.lines()[1]).toBe('B'.padEnd(16))
  })

  it('runs from the 40th cell of line 0 into line 1', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x80 + 39), ...data('XY'))
    expect(lcd.lines()).toEqual([BLANK, 'Y'.padEnd(16)])
  })

  it('runs backwards in a ring from either line into the end of the other', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x04), ...command(0xc0), ...data('YX'), ...command(0x80), ...data('AB'))
    // Text to the left comes into view by shifting right: last cells of the ring.
    send(...command(0x1c))
    expect(lcd.lines()).toEqual(['XA'.padEnd(16), 'BY'.padEnd(16)])
  })

  it('moves the address by 1 without writing', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x80), ...data('A'), ...command(0x14), ...data('B'), ...command(0x10), ...data('C'))
    expect(lcd.lines()[0]).toBe('A C'.padEnd(16))
  })

  it('shifts the text left and brings it back on return home', () => {
    const { lcd, send, start, wait } = bench()
    start()
    send(...command(0x80), ...data('AB'), ...command(0x18))
    expect(lcd.lines()[0]).toBe('B'.padEnd(16))
    send(...command(0x02))
    wait(2)
    expect(lcd.lines()[0]).toBe('AB'.padEnd(16))
  })

  it('writes backwards, and shifts with each character, when the entry mode says so', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x04), ...command(0x81), ...data('BA'))
    expect(lcd.lines()[0]).toBe('AB'.padEnd(16))
    send(...command(0x07), ...command(0x82), ...data('C'))
    expect(lcd.lines()[0]).toBe('BC'.padEnd(16))
  })

  it('keeps custom characters out of the text', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x40), ...data('zz'), ...command(0x80), ...data('A'))
    expect(lcd.lines()[0]).toBe('A'.padEnd(16))
  })

  it('does not take what comes with RW high', () => {
    const { lcd, send, start } = bench()
    start()
    send(...command(0x80), ...data('A'), 0x4f, 0x4b, 0x2f, 0x2b)
    expect(lcd.lines()[0]).toBe('A'.padEnd(16))
  })

  it('takes the data that lay there while E was high', () => {
    const { lcd, send, start } = bench()
    start()
    // The byte with E low carries the next nibble's data already.
    send(...command(0x80), 0x4d, 0x19, 0x1d, 0x49)
    expect(lcd.lines()[0]).toBe('A'.padEnd(16))
  })

  it('takes everything wrong after half a byte is lost', () => {
    const { lcd, send, start } = bench()
    start()
    lcd.glitch(4)
    send(...command(0x80), ...data('HELLO'))
    expect(lcd.lines()[0]).not.toBe('HELLO'.padEnd(16))
  })

  it('does not acknowledge another address, nor when it is missing', () => {
    const { lcd, send } = bench()
    expect(() => lcd.write(0x3f, Uint8Array.of(0))).toThrow('no acknowledge')
    lcd.isPresent = false
    expect(() => send(0)).toThrow('no acknowledge')
  })

  it('loses its text, mode and light with its supply', () => {
    const { lcd, seen, send, start } = bench()
    start()
    send(...command(0x80), ...data('A'))
    lcd.powerUp()
    expect(lcd.lines()).toEqual([BLANK, BLANK])
    expect(seen.length).toBe(2)
  })
})
