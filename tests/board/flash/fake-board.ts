/**
 * A board on a wire, as the uploader sees it: the interpreter's console (prompt, echo, byte 0x10, Ctrl-C, XOFF) over a
 * flash chip with NOR rules. Expressions run in a context of their own with the natives that the uploader uses.
 *
 * Models Storage as a list of files whose bytes only clear. Does not model: headers, compaction, memory limits, timing.
 */

import { createContext, runInContext } from 'node:vm'
import { crc32 } from 'node:zlib'
import type { Link } from '../../../board/flash/link'
import type { Flash } from '../../../firmware/hal'
import * as settings from '../../../firmware/store/settings'

export const BASE = 0x310000
const REGION_BYTES = 65536

export interface Faults {
  /** Supply fails after so many flash operations; then the wire is silent. */
  cutAfter?: number
  /** The first line that contains this text loses a byte on the way. */
  damagedLine?: string
  /** XOFF after so many bytes, XON 5 ms later. */
  xoffEvery?: number
  /** A panel that keeps its console closed until BOOT was held by DTR. */
  isClosed?: boolean
  hasRadios?: boolean
  env?: { BOARD: string; VERSION: string; MODULES: string }
}

export class FakeBoard implements Link {
  files = new Map<string, Buffer>()
  region = new Uint8Array(REGION_BYTES).fill(0xff)
  /** Flash operations so far. */
  operations = 0
  isDead = false
  /** Everything that was sent to the board, and everything that came from it. */
  sent = ''
  told = ''
  restarts = 0
  bytesWhileStopped = 0
  closed = 0
  private listener: (bytes: string) => void = () => undefined
  private onDeath: () => void = () => undefined
  private line = ''
  private isStopped = false
  private sinceXoff = 0
  private context: object = {}
  private radios: { BLE: boolean; Wifi: boolean }

  constructor(readonly faults: Faults = {}) {
    this.radios = { BLE: faults.hasRadios === true, Wifi: faults.hasRadios === true }
    this.start()
  }

  write(bytes: string): void {
    this.sent += bytes
    if (this.isDead || this.faults.isClosed) return
    if (this.isStopped) this.bytesWhileStopped += bytes.length
    for (const byte of bytes) this.take(byte)
    this.sinceXoff += bytes.length
    if (this.faults.xoffEvery !== undefined && this.sinceXoff >= this.faults.xoffEvery) {
      this.sinceXoff = 0
      this.isStopped = true
      this.say('\x13')
      setTimeout(() => {
        this.isStopped = false
        this.say('\x11')
      }, 5)
    }
  }

  onData(listener: (bytes: string) => void): void {
    this.listener = listener
  }

  onClose(listener: () => void): void {
    this.onDeath = listener
  }

  async setLines(lines: { dtr: boolean; rts: boolean }): Promise<void> {
    if (lines.dtr && !lines.rts) this.faults.isClosed = false
  }

  async close(): Promise<void> {
    this.closed++
  }

  /** The flash as the panel's own code reads it. */
  flash(): Flash {
    return {
      pageBytes: 4096,
      pageCount: 16,
      read: (address, length) => this.region.slice(address, address + length),
      write: () => undefined,
      erase: () => undefined,
    }
  }

  /** What board/boot.ts would find at a start: true only when program and settings are whole and belong together. */
  wouldArm(): boolean {
    const contents = settings.load(this.flash(), { crc32: (bytes) => crc32(bytes) })
    const found = contents === undefined ? undefined : settings.unpack(contents)
    const program = this.files.get('.bootcde')
    if (found === undefined || program === undefined) return false
    return found.programBytes === program.length && found.programCrc === (crc32(program) | 0)
  }

  private take(byte: string): void {
    if (byte === '\x03') this.line = ''
    else if (byte === '\n') {
      const line = this.line
      this.line = ''
      if (line.startsWith('\x10')) this.execute(line.slice(1))
      else this.say(`${line}\r\n>`)
    } else if (byte !== '\x11') this.line += byte
  }

  private execute(line: string): void {
    const { damagedLine } = this.faults
    if (damagedLine !== undefined && line.includes(damagedLine)) {
      this.faults.damagedLine = undefined
      line = line.slice(0, -40) + line.slice(-39)
    }
    try {
      runInContext(line, this.context)
    } catch (reason) {
      if (!this.isDead) this.say(`Uncaught ${reason}\r\n`)
    }
  }

  private say(bytes: string): void {
    if (this.isDead) return
    this.told += bytes
    setImmediate(() => this.listener(bytes))
  }

  /** One operation on the flash; the supply may fail in it, and then only half of it happened. */
  private operate(act: (isTorn: boolean) => void): void {
    if (this.isDead) return
    this.operations++
    const isTorn = this.operations === this.faults.cutAfter
    act(isTorn)
    if (isTorn) {
      this.isDead = true
      setImmediate(() => this.onDeath())
      throw new Error('power')
    }
  }

  private start(): void {
    const { say, operate } = this
    const native: Record<string, unknown> = {
      print: (text: unknown) => say.call(this, `${text}\r\n`),
      atob: (text: string) => Buffer.from(text, 'base64').toString('latin1'),
      reset: () => undefined,
      process: { env: this.faults.env ?? { BOARD: 'ESP32', VERSION: '2v29.277', MODULES: 'Flash,Storage,crypto,net' } },
      ESP32: {
        getState: () => this.radios,
        enableBLE: (isOn: boolean) => this.radio('BLE', isOn),
        enableWifi: (isOn: boolean) => this.radio('Wifi', isOn),
      },
      E: {
        CRC32: (data: string | Uint8Array) => crc32(typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
        toUint8Array: (text: string) => new Uint8Array(Buffer.from(text, 'latin1')),
        reboot: () => this.reboot(),
      },
      require: (name: string) => (name === 'Storage' ? this.storage(operate) : this.flashModule(operate)),
    }
    native.global = native
    this.context = createContext(native)
  }

  private reboot(): void {
    this.restarts++
    this.start()
  }

  private radio(name: 'BLE' | 'Wifi', isOn: boolean): void {
    this.radios[name] = isOn
    this.files.clear()
    this.reboot()
  }

  private storage(operate: FakeBoard['operate']) {
    return {
      eraseAll: () => operate.call(this, () => this.files.clear()),
      read: (name: string) => this.files.get(name)?.toString('latin1'),
      write: (name: string, data: string, offset: number, size?: number) => {
        operate.call(this, (isTorn) => {
          if (offset === 0) this.files.set(name, Buffer.alloc(size ?? data.length, 0xff))
          const file = this.files.get(name) as Buffer
          const length = isTorn ? data.length >> 1 : data.length
          for (let at = 0; at < length; at++) file[offset + at] &= data.charCodeAt(at)
        })
        return true
      },
    }
  }

  private flashModule(operate: FakeBoard['operate']) {
    return {
      read: (length: number, address: number) => this.region.slice(address - BASE, address - BASE + length),
      write: (data: Uint8Array, address: number) =>
        operate.call(this, (isTorn) => {
          const length = isTorn ? data.length >> 1 : data.length
          for (let at = 0; at < length; at++) this.region[address - BASE + at] &= data[at]
        }),
      erasePage: (address: number) =>
        operate.call(this, (isTorn) => this.region.fill(0xff, address - BASE, address - BASE + (isTorn ? 2048 : 4096))),
    }
  }
}
