/**
 * Opening a panel's closed console by its BOOT button (hardware.md §5.3 wiring, board/boot.ts window and hold), on a
 * board whose clock only moves while the uploader waits.
 */

import { describe, expect, it } from 'vitest'
import { attach, pressBoot } from '../../../board/flash/attach'
import { FakeBoard, type Faults } from './fake-board'

/** Waits for answers are a fiftieth of those on a board. */
const QUICK = 0.02

function closedBoard(faults: Faults = {}): { board: FakeBoard; wait: (ms: number) => Promise<void> } {
  const board = new FakeBoard({ isClosed: true, bootLog: 'Panel runs.', ...faults })
  board.files.set('.bootcde', Buffer.from('a program that is whole'))
  let nowMs = 0
  board.now = () => nowMs
  const wait = async (ms: number) => {
    nowMs += ms
  }
  return { board, wait }
}

describe('BOOT press', () => {
  it('resets with GPIO0 high, lets the ROM read it, then holds GPIO0 low, and ends with both lines at rest', async () => {
    const { board, wait } = closedBoard()
    await pressBoot(board, wait)
    expect(board.lines.map(({ dtr, rts }) => [dtr, rts])).toEqual([
      [false, true],
      [false, false],
      [true, false],
      [false, false],
    ])
    const [reset, released, pressed, ended] = board.lines.map((line) => line.atMs)
    expect(released - reset).toBeGreaterThanOrEqual(50)
    expect(pressed - released).toBeGreaterThanOrEqual(100)
    // Boot looks for 1 s, and wants 3 s from when it sees the button.
    expect(pressed - released).toBeLessThan(1000)
    expect(ended - pressed).toBeGreaterThanOrEqual(4000)
  })

  it('never has GPIO0 low when EN rises, which would be download mode', async () => {
    const { board, wait } = closedBoard()
    await pressBoot(board, wait)
    expect(board.restarts).toBe(1)
    expect(board.told).not.toContain('waiting for download')
  })

  it.each([0, 250, 1000, 2000, 3500])(
    'opens the console of a panel whose boot looks %d ms after the reset',
    async (bootMs) => {
      const { board, wait } = closedBoard({ bootMs })
      const link = await attach(board, QUICK, wait)
      expect(await link.ask('1+41')).toBe(42)
    },
  )

  it('is left out when the console answers at once', async () => {
    const board = new FakeBoard()
    const link = await attach(board, QUICK)
    expect(await link.ask('7')).toBe(7)
    expect([board.lines, board.restarts]).toEqual([[], 0])
  })

  it.each<[string, Faults]>([
    ['without lines', { hasNoLines: true }],
    ['whose start takes too long', { bootMs: 4000 }],
  ])('on a board %s ends with how to press it by hand, and gives the port back', async (_, faults) => {
    const { board, wait } = closedBoard(faults)
    await expect(attach(board, QUICK, wait)).rejects.toThrow(
      /console does not answer.*\n.*tap EN, press BOOT within one second and hold it for four/,
    )
    expect(board.closed).toBe(1)
    const last = board.lines.at(-1)
    expect([last?.dtr, last?.rts]).toEqual([false, false])
  })

  it.each([
    ['rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\nflash read err, 1000\r\nets_main.c 371', /GPIO12/],
    ['rst:0x7 (TG0WDT_SYS_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)', /mode dio/],
    ['invalid header: 0xffffffff\r\ninvalid header: 0xffffffff', /0x1000, 0x8000 and 0x10000/],
    [
      'Brownout detector was triggered\r\n\r\nets Jun  8 2016 00:22:57\r\nrst:0xc (SW_CPU_RESET)\r\nconfigsip: 0\r\nmode:DIO, clock div:2\r\nload:0x3fff0018,len:4',
      /supply of its own/,
    ],
    [
      'rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download',
      /Release BOOT/,
    ],
    ['rst:0x1 (POWERON_RESET),boot:0x7 (DOWNLOAD_BOOT(UART0/UART1/SDIO_FEI_FEO_V2))', /GPIO0 low/],
  ])('tells what the boot log says: %s (hardware.md §5.4)', async (bootLog, sentence) => {
    const { board, wait } = closedBoard({ bootLog, bootMs: Number.POSITIVE_INFINITY })
    await expect(attach(board, QUICK, wait)).rejects.toThrow(sentence)
  })
})
