/**
 * Frames of the driver against a bare register file that knows the SPI frame and nothing else, so that each byte on the
 * bus is compared with the data sheet (hardware.md §1.1, §1.4, §1.5). Conversations are in ethernet-path.test.ts.
 */

import { describe, expect, it } from 'vitest'
import * as w5500 from '../../../firmware/ethernet/w5500'
import * as setup from '../../../firmware/ethernet/w5500-setup'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'

/** What inspect() may find. */
const ANSWERS = 1
const IDENTIFIED = 2
const LINKED = 4

/** Blocks by number, 64 KB each: 0 common, 1 socket 0, 2 its send buffer, 3 its receive buffer. */
class RegisterFile {
  blocks: Uint8Array[] = []
  /** Every frame as hex; reads without their dummies. */
  log: string[] = []
  onFrame: (count: number) => void = () => {}
  private frameCount = 0

  constructor() {
    for (let block = 0; block < 32; block++) this.blocks.push(new Uint8Array(0x10000))
    // Reset values: sizes 2 KB, send buffer empty.
    this.set(1, 0x1e, [2, 2, 0x08, 0x00])
    this.set(0, 0x39, [4])
    this.set(0, 0x2e, [0xb8])
  }

  set(block: number, address: number, bytes: number[]): void {
    this.blocks[block].set(bytes, address)
  }

  transfer(frame: Uint8Array): Uint8Array {
    this.onFrame(++this.frameCount)
    const block = this.blocks[frame[2] >> 3]
    const isWrite = (frame[2] & 4) !== 0
    const answer = new Uint8Array(frame.length)
    for (let at = 3; at < frame.length; at++) {
      const address = ((frame[0] << 8) + frame[1] + at - 3) & 0xffff
      // Sn_IR: a 1 written clears its bit.
      if (isWrite && frame[2] === 0x0c && address === 2) block[2] &= ~frame[at]
      else if (isWrite) block[address] = frame[at]
      else answer[at] = block[address]
    }
    this.log.push(hex(isWrite ? frame : frame.slice(0, 3)))
    // Commands are accepted at once.
    if (isWrite && frame[2] === 0x0c && frame[1] === 1) block[1] = 0
    return answer
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

function text(...codes: number[]): string {
  return String.fromCharCode(...codes)
}

function connected(): { file: RegisterFile; chip: w5500.W5500 } {
  const file = new RegisterFile()
  file.set(1, 0x03, [0x17])
  const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
  w5500.look(chip)
  file.log = []
  return { file, chip }
}

describe('frames', () => {
  it('resets with 80 in MR: 00 00 04 80', () => {
    const file = new RegisterFile()
    setup.softReset(w5500.create(file, nodeCrypto, new Uint8Array(131), 0))
    expect(file.log).toEqual(['00 00 04 80'])
  })

  it('is ready at VERSIONR 04 and not before MR bit 7 has cleared', () => {
    const file = new RegisterFile()
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    expect(w5500.inspect(chip, 'x') & ANSWERS).toBe(ANSWERS)
    file.set(0, 0x00, [0x80])
    expect(w5500.inspect(chip, 'x') & ANSWERS).toBe(0)
    file.set(0, 0x00, [0])
    for (const version of [0x00, 0x03, 0x10, 0xa8, 0xff]) {
      file.set(0, 0x39, [version])
      expect(w5500.inspect(chip, 'x') & ANSWERS).toBe(0)
    }
  })

  it('reads the link from PHYCFGR bit 0', () => {
    const file = new RegisterFile()
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    expect(w5500.inspect(chip, 'x') & LINKED).toBe(0)
    file.set(0, 0x2e, [0xbf])
    expect(w5500.inspect(chip, 'x') & LINKED).toBe(LINKED)
  })

  it('writes GAR, SUBR, SHAR, SIPR in one frame, RTR 2000, RCR 5 and all 16 buffer sizes', () => {
    const file = new RegisterFile()
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    const identity = text(10, 0, 0, 1, 255, 255, 255, 0, 2, 0, 0, 0, 0, 9, 10, 0, 0, 2)
    setup.setUp(chip, identity)
    expect(file.log[0]).toBe('00 01 04 0a 00 00 01 ff ff ff 00 02 00 00 00 00 09 0a 00 00 02')
    expect(file.log).toContain('00 19 04 07 d0 05')
    for (let socket = 0; socket < 8; socket++) {
      const control = (0x0c + 0x20 * socket).toString(16).padStart(2, '0')
      expect(file.log).toContain('00 1e ' + control + ' 02 02')
    }
    expect(w5500.inspect(chip, identity) & IDENTIFIED).toBe(IDENTIFIED)
    file.set(0, 0x0f, [0, 0, 0, 0])
    expect(w5500.inspect(chip, identity) & IDENTIFIED).toBe(0)
  })

  it('holds the PHY with bit 7 clear and lets it go with B8', () => {
    const file = new RegisterFile()
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    setup.holdPhy(chip, true)
    setup.holdPhy(chip, false)
    expect(file.log).toEqual(['00 2e 04 38', '00 2e 04 b8'])
  })
})

describe('self-test', () => {
  it('writes and reads back 1, 2, 3, 4, 5, 31, 32, 33, 64 and 65 bytes', () => {
    const file = new RegisterFile()
    setup.selfTest(w5500.create(file, nodeCrypto, new Uint8Array(131), 0))
    const lengths = file.log.filter((line) => line.startsWith('14', 6)).map((line) => (line.length + 1) / 3 - 3)
    expect(lengths).toEqual([1, 2, 3, 4, 5, 31, 32, 33, 64, 65])
    expect(file.log.length).toBeLessThanOrEqual(50)
  })

  it.each([1, 5, 33, 65])('fails on a bus that loses the last byte of %i', (badLength) => {
    const file = new RegisterFile()
    const plain = file.transfer.bind(file)
    file.transfer = (frame) => {
      const answer = plain(frame)
      if (frame[2] === 0x10 && frame.length === badLength + 3) answer[frame.length - 1] ^= 0xff
      return answer
    }
    expect(() => setup.selfTest(w5500.create(file, nodeCrypto, new Uint8Array(131), 0))).toThrow('write not kept')
  })
})

describe('look', () => {
  it('takes 1 frame while nothing moves and 2 when something has', () => {
    const { file, chip } = connected()
    w5500.look(chip)
    expect(file.log.length).toBe(1)
    file.set(1, 0x26, [0, 7])
    file.set(1, 0x2a, [0, 7])
    file.log = []
    w5500.look(chip)
    expect(file.log.length).toBe(2)
    expect(chip.waiting).toBe(7)
  })

  it('waits for two readings that agree', () => {
    const { file, chip } = connected()
    // FSR torn between its bytes: 07FF is read as 00FF, then as 0700, then as it is.
    const readings = [
      [0x00, 0xff],
      [0x07, 0x00],
    ]
    file.onFrame = () => file.set(1, 0x20, readings.shift() ?? [0x07, 0xff])
    w5500.look(chip)
    expect(chip.free).toBe(0x07ff)
    expect(file.log.length).toBe(4)
  })

  it('gives up after 5 readings and takes the smaller figure, never a new state', () => {
    const { file, chip } = connected()
    let free = 100
    file.onFrame = () => file.set(1, 0x20, [0, free++])
    file.set(1, 0x03, [0x00])
    w5500.look(chip)
    expect(file.log.length).toBe(5)
    expect(chip.free).toBe(103)
    expect(chip.state).toBe(0x17)
  })

  it('believes the pointers when RSR says more than RX_WR - RX_RD', () => {
    const { file, chip } = connected()
    file.set(1, 0x26, [0x01, 0x00])
    file.set(1, 0x28, [0xff, 0xf8])
    file.set(1, 0x2a, [0x00, 0x08])
    w5500.look(chip)
    expect(chip.waiting).toBe(16)
  })

  it.each([
    ['all 00', 0x00],
    ['all FF', 0xff],
  ])('throws on a bus that reads %s', (_, level) => {
    const { file, chip } = connected()
    file.set(1, 0, new Array(0x40).fill(level))
    expect(() => w5500.look(chip)).toThrow('impossible')
  })

  it('throws when FSR is beyond the 2048 bytes of the buffer', () => {
    const { file, chip } = connected()
    file.set(1, 0x20, [0x08, 0x01])
    expect(() => w5500.look(chip)).toThrow('impossible')
  })
})

describe('connect', () => {
  it('closes, clears, sets mode 21 and the addresses, opens, and connects once INIT (13) is reached', () => {
    const file = new RegisterFile()
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    file.onFrame = () => {
      if (file.log[file.log.length - 1] === '00 01 0c 01') file.set(1, 0x03, [0x13])
    }
    w5500.connect(chip, 0xc123, text(255, 255, 255, 255, 255, 255, 192, 0, 2, 7, 0x10, 0x92))
    const writes = file.log.filter((line) => line.startsWith('0c', 6))
    expect(writes).toEqual([
      '00 01 0c 10',
      '00 02 0c 1f',
      '00 00 0c 21',
      '00 04 0c c1 23 ff ff ff ff ff ff c0 00 02 07 10 92',
      '00 01 0c 01',
      '00 01 0c 04',
    ])
  })

  it('throws when OPEN does not lead to 13', () => {
    const chip = w5500.create(new RegisterFile(), nodeCrypto, new Uint8Array(131), 0)
    expect(() => w5500.connect(chip, 50000, text(0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 1))).toThrow('does not open')
  })

  it('throws after 10 readings when a command is never taken', () => {
    const file = new RegisterFile()
    const plain = file.transfer.bind(file)
    file.transfer = (frame) => {
      const answer = plain(frame)
      if (frame[2] === 0x08) answer[3] = 0x10
      return answer
    }
    const chip = w5500.create(file, nodeCrypto, new Uint8Array(131), 0)
    expect(() => w5500.command(chip, 0x10)).toThrow('not taken')
    expect(file.log.length).toBe(11)
  })
})

describe('send and receive', () => {
  it('writes data at TX_WR, clears SENDOK, writes TX_WR + n in one frame and gives SEND', () => {
    const { file, chip } = connected()
    file.set(1, 0x22, [0x12, 0x34, 0x12, 0x34])
    w5500.look(chip)
    file.log = []
    w5500.fill(chip, 0, 'abc')
    w5500.send(chip, 3)
    expect(file.log).toEqual([
      '12 34 14 61 62 63',
      '00 02 0c 10',
      '00 24 0c 12 37',
      '00 24 08',
      '00 01 0c 20',
      '00 01 08',
    ])
  })

  it('wraps TX_WR at 65536, not at 65535', () => {
    const { file, chip } = connected()
    file.set(1, 0x22, [0xff, 0xfe, 0xff, 0xfe])
    w5500.look(chip)
    file.log = []
    w5500.fill(chip, 0, 'abcd')
    w5500.fill(chip, 4, 'e')
    w5500.send(chip, 5)
    expect(file.log[0]).toBe('ff fe 14 61 62 63 64')
    expect(file.log[1]).toBe('00 02 14 65')
    expect(file.log).toContain('00 24 0c 00 03')
  })

  it('reads what waits in pieces of 128, moves RX_RD and gives RECV', () => {
    const { file, chip } = connected()
    file.set(1, 0x26, [0x00, 0x84, 0xff, 0xf0, 0x00, 0x74])
    for (let at = 0; at < 132; at++) file.set(3, (0xfff0 + at) & 0xffff, [at])
    w5500.look(chip)
    file.log = []
    const received = w5500.receive(chip)
    expect(received.length).toBe(132)
    for (let at = 0; at < 132; at++) expect(received.charCodeAt(at)).toBe(at)
    expect(file.log).toEqual(['ff f0 18', '00 70 18', '00 28 0c 00 74', '00 28 08', '00 01 0c 40', '00 01 08'])
  })

  it('takes at most 1024 bytes at once', () => {
    const { file, chip } = connected()
    file.set(1, 0x26, [0x08, 0x00, 0x00, 0x00, 0x08, 0x00])
    w5500.look(chip)
    expect(w5500.receive(chip).length).toBe(1024)
    expect(file.log).toContain('00 28 0c 04 00')
  })

  it('writes a pointer again when it reads back bent', () => {
    const { file, chip } = connected()
    file.onFrame = (count) => {
      if (count === 6) file.set(1, 0x24, [0x40, 0x03])
    }
    w5500.fill(chip, 0, 'abc')
    w5500.send(chip, 3)
    expect(file.log.filter((line) => line === '00 24 0c 00 03').length).toBe(2)
  })
})

describe('SPI errors', () => {
  it('tries a frame 3 times and counts each error', () => {
    const { file, chip } = connected()
    let errors = 2
    file.onFrame = () => {
      if (errors-- > 0) throw new Error('SPI Send Error')
    }
    w5500.look(chip)
    expect(chip.errorCount).toBe(2)
    errors = 3
    expect(() => w5500.look(chip)).toThrow('SPI Send Error')
    expect(chip.errorCount).toBe(5)
  })

  it('never repeats a command: a second SEND would be one too many', () => {
    const { file, chip } = connected()
    file.onFrame = () => {
      throw new Error('SPI Send Error')
    }
    expect(() => w5500.command(chip, 0x20)).toThrow('SPI Send Error')
    expect(chip.errorCount).toBe(1)
  })
})
