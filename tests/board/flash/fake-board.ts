/**
 * A board on a wire, as the uploader sees it: the interpreter's console (prompt, echo, byte 0x10, Ctrl-C, XOFF) over a
 * flash chip with NOR rules. Expressions run in a context of their own with the natives that the uploader uses. A restart
 * goes as board/boot.ts has it: a program that is whole closes the console and says in a line what became of it.
 *
 * EN and GPIO0 hang on the control lines as on a DevKitC: RTS without DTR pulls EN, DTR without RTS pulls GPIO0.
 *
 * Models Storage as a list of files whose bytes only clear. Does not model: headers, compaction, memory limits, and of
 * timing only the button.
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
  /** A panel runs, so the console is closed. */
  isClosed?: boolean
  /** No wires between the control lines and EN and GPIO0. */
  hasNoLines?: boolean
  /** What a start prints instead of the panel's own line. */
  bootLog?: string
  /** From the reset until boot begins to look at the button. */
  bootMs?: number
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
  isClosed: boolean
  /** The control lines, each time that they were set. */
  lines: { dtr: boolean; rts: boolean; atMs: number }[] = []
  now: () => number = () => Date.now()
  private isInReset = false
  private resetAtMs = 0
  private pressedAtMs = -1
  private listener: (bytes: string) => void = () => undefined
  private onDeath: () => void = () => undefined
  private line = ''
  private isStopped = false
  private sinceXoff = 0
  private context: object = {}
  private radios: { BLE: boolean; Wifi: boolean }

  constructor(readonly faults: Faults = {}) {
    this.isClosed = faults.isClosed === true
    this.radios = { BLE: faults.hasRadios === true, Wifi: faults.hasRadios === true }
    this.start()
  }

  write(bytes: string): void {
    this.sent += bytes
    if (this.isDead || this.isClosed) return
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
    this.lines.push({ ...lines, atMs: this.now() })
    if (this.faults.hasNoLines) return
    const isPressed = lines.dtr && !lines.rts
    if (this.isInReset && !(lines.rts && !lines.dtr)) this.leaveReset(isPressed)
    else if (isPressed && this.pressedAtMs < 0) this.pressedAtMs = this.now()
    else if (!isPressed) this.release()
    this.isInReset = lines.rts && !lines.dtr
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
    this.boot()
  }

  /** What comes after a reset with the button up. */
  private boot(): void {
    this.isClosed = false
    const { bootLog } = this.faults
    const program = this.files.get('.bootcde')
    if (bootLog !== undefined) {
      this.isClosed = true
      this.say(`${bootLog}\r\n`)
    } else if (program !== undefined && !program.subarray(0, 8).includes(0xff)) {
      this.isClosed = true
      this.say(`ets Jun  8 2016 00:22:57\r\n\r\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n`)
      this.say(`${this.verdict()}\r\n`)
    }
  }

  /** In boot's words. */
  private verdict(): string {
    const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
    if (settings.isDamaged(this.flash(), check)) return 'The settings are damaged: run flash.sh again.'
    if (settings.load(this.flash(), check) === undefined) return 'The panel has no settings: run flash.sh.'
    return this.wouldArm() ? 'Panel runs.' : 'The program is not the one that was installed: run flash.sh again.'
  }

  /** EN rises: the ROM reads GPIO0, and waits for a download when it is low. */
  private leaveReset(isPressed: boolean): void {
    this.resetAtMs = this.now()
    this.pressedAtMs = -1
    this.reboot()
    if (!isPressed) return
    this.isClosed = true
    this.say(
      'rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n',
    )
  }

  /** Boot looks for 1 s, and wants the button down for 3 s from when it saw it (board/boot.ts). */
  private release(): void {
    if (this.pressedAtMs < 0) return
    const looksAtMs = this.resetAtMs + (this.faults.bootMs ?? 800)
    const seenAtMs = Math.max(this.pressedAtMs, looksAtMs)
    if (seenAtMs <= looksAtMs + 1000 && this.now() - seenAtMs >= 3000) {
      this.isClosed = false
      this.say('Service console open, panel not started. Reset to leave.\r\n')
    }
    this.pressedAtMs = -1
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
