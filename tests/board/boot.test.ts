import { createCipheriv, createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import * as boot from '../../board/boot'
import * as counters from '../../firmware/store/counters'
import * as settings from '../../firmware/store/settings'
import { NorFlash, PAGE_BYTES } from '../firmware/store/nor-flash'
import { asInterpreter } from '../hal-mock/as-interpreter'

const SIREN = 4
const HOLD_OFF = 25
const BUTTON = 0
const BOARD: boot.BootBoard = { image: 'ESP32', safeLevels: [SIREN, 0, HOLD_OFF, 1], rescuePin: BUTTON }
const PROGRAM = 'print("panel")'.repeat(100)

// Low six bits of RTC_CNTL_RESET_STATE_REG (ESP32 TRM).
const POWER_ON = 1
const SOFTWARE = 12
const BROWN_OUT = 15
const WATCHDOGS = [4, 7, 8, 9, 11, 13, 16]

const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }

/** The interpreter's globals on a bench; everything that it does is in `calls`, in order. */
class Interpreter {
  calls: string[] = []
  lines: string[] = []
  nowMs = 1000
  reset = POWER_ON
  /** When the button is down, in ms after the start. */
  button: [number, number] = [Infinity, Infinity]
  env = { BOARD: 'ESP32', VERSION: '2v29.277', MODULES: 'timer,Flash,Storage,net,TelnetServer,Wifi,ESP32,crypto' }
  state = { BLE: false, Wifi: true }
  program: string | undefined = PROGRAM
  /** Names of calls that throw. */
  broken: string[] = []
  isNoisy = true
  digestByte = 0
  private noise = 1
  natives: boot.Natives

  constructor() {
    const call = <T>(text: string, result: T): T => {
      this.calls.push(text)
      if (this.broken.some((name) => text.startsWith(name))) throw new Error(`${text} is broken`)
      return result
    }
    const sha256 = (bytes: Uint8Array) => {
      const digest = new Uint8Array(createHash('sha256').update(bytes).digest())
      digest[0] ^= this.digestByte
      return digest.buffer
    }
    const encrypt = (bytes: Uint8Array, key: Uint8Array) => {
      const cipher = createCipheriv('aes-128-cbc', key, new Uint8Array(16)).setAutoPadding(false)
      return new Uint8Array(Buffer.concat([cipher.update(bytes), cipher.final()])).buffer
    }
    const modules: Record<string, unknown> = {
      TelnetServer: { setOptions: (options: { mode: string }) => call(`telnet ${options.mode}`, undefined) },
      Wifi: { stopAP: () => call('stopAP', undefined), disconnect: () => call('disconnect', undefined) },
      Storage: { read: (name: string) => call(`storage ${name}`, this.program) },
      crypto: { SHA256: sha256, AES: { encrypt } },
    }
    this.natives = {
      E: {
        setConsole: (device, options) => call(`console ${device} ${options.force}`, undefined),
        enableWatchdog: (seconds, isAutomatic) => call(`watchdog ${seconds} ${isAutomatic}`, undefined),
        CRC32: (data) => crc32(typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
      },
      process: { env: this.env },
      ESP32: { getState: () => this.state },
      Serial1: { println: (text) => this.lines.push(text) },
      I2C1: {
        setup: ({ sda, scl }) => call(`i2c ${sda} ${scl}`, undefined),
        writeTo: (address, data) => call(`i2c ${address} ${data}`, undefined),
      },
      require: (name) => call(`require ${name}`, modules[name]),
      peek32: (address) => this.peek32(address),
      getTime: () => {
        this.nowMs += 0.25
        return this.nowMs / 1000
      },
      pinMode: (pin, mode) => call(`mode ${pin} ${mode}`, undefined),
      digitalWrite: (pin, level) => call(`write ${pin} ${level}`, undefined),
      digitalRead: () => (this.nowMs - 1000 >= this.button[0] && this.nowMs - 1000 < this.button[1] ? 0 : 1),
    }
  }

  start(flash: NorFlash, board = BOARD): boot.Started {
    this.calls = []
    this.lines = []
    this.nowMs = 1000
    return boot.start(this.natives, flash, board, 0)
  }

  private peek32(address: number): number {
    // Bits above the sixth belong to the second core.
    if (address === 0x3ff48034) return this.reset | (14 << 6)
    if (address === 0x3ff75144 && this.isNoisy) this.noise = (Math.imul(this.noise, 1664525) + 1013904223) | 0
    return this.noise
  }
}

function provision(flash: NorFlash, program = PROGRAM): void {
  const packed = settings.pack({
    programBytes: program.length,
    programCrc: crc32(program) | 0,
    secret: new Uint8Array(32).fill(0x42),
    salt: new Uint8Array(16),
    tags: new Uint16Array(256),
    meta: new Uint16Array(64),
    rights: new Uint16Array(64),
    configText: '{"account":"1234"}',
  })
  expect(settings.save(flash, check, packed as Uint8Array)).toBe(true)
}

/** A provisioned panel's flash; the parameter only lets a table spoil something on the way. */
function ready(_?: unknown): NorFlash {
  const flash = new NorFlash()
  provision(flash)
  return flash
}

describe('boot: the normal start', () => {
  it('comes up with settings, counters and random bytes, and says nothing', () => {
    const panel = new Interpreter()
    const s = panel.start(ready())
    expect(s).toMatchObject({ mode: boot.NORMAL, sentence: '', eventCode: 0, warning: '' })
    expect(s.settings?.configText).toBe('{"account":"1234"}')
    expect(s.counters.boot).toBe(1)
    expect(s.entropy?.isStored).toBe(true)
    expect(panel.lines).toEqual([])
  })

  it('closes the console first, sets the outputs next, closes the radios then, and starts a manual watchdog of 30 s', () => {
    const panel = new Interpreter()
    panel.start(ready())
    const known = panel.calls.filter((call) => !call.startsWith('require'))
    expect(known).toEqual([
      'console null true',
      'write 4 0',
      'mode 4 output',
      'write 25 1',
      'mode 25 output',
      'telnet off',
      'stopAP',
      'disconnect',
      'mode 0 input_pullup',
      'watchdog 30 false',
      'storage .bootcde',
    ])
  })

  it('leaves Wi-Fi alone when it is switched off in the chip', () => {
    const panel = new Interpreter()
    panel.state.Wifi = false
    expect(panel.start(ready()).mode).toBe(boot.NORMAL)
    expect(panel.calls).not.toContain('stopAP')
  })

  it('never opens a console again', () => {
    const panel = new Interpreter()
    panel.start(ready())
    expect(panel.calls.filter((call) => call.startsWith('console'))).toEqual(['console null true'])
  })

  it.each(['console', 'telnet', 'stopAP', 'disconnect', 'watchdog', 'require Wifi', 'mode 0'])(
    'still sets the outputs, and starts, when %s throws',
    (name) => {
      const panel = new Interpreter()
      panel.broken = [name]
      expect(panel.start(ready()).mode).toBe(boot.NORMAL)
      expect(panel.calls).toContain('write 25 1')
    },
  )

  it('sets every other output when one pin throws (P-8)', () => {
    const panel = new Interpreter()
    panel.broken = ['write 4']
    panel.start(ready())
    expect(panel.calls).toContain('write 25 1')
  })
})

describe('boot: outputs at an MCP23017', () => {
  const outputs = { address: 0x20, sda: 21, scl: 22 }

  it.each([
    ['a panel', () => ready()],
    ['no settings', () => new NorFlash()],
  ])('become inputs before anything else runs, with %s: a chip keeps its outputs over a restart (P-8)', (_, make) => {
    const panel = new Interpreter()
    panel.start(make(), { ...BOARD, outputs })
    const bus = panel.calls.filter((call) => call.startsWith('i2c'))
    expect(bus).toEqual(['i2c 21 22', 'i2c 32 5,0', 'i2c 32 0,255,255'])
    expect(panel.calls.indexOf(bus[2])).toBeLessThan(panel.calls.findIndex((call) => call.startsWith('telnet')))
  })

  it('do not keep the panel from starting when their chip is not there', () => {
    const panel = new Interpreter()
    panel.broken = ['i2c 32']
    expect(panel.start(ready(), { ...BOARD, outputs }).mode).toBe(boot.NORMAL)
  })

  it('are not looked for on a board without', () => {
    const panel = new Interpreter()
    panel.start(ready())
    expect(panel.calls.filter((call) => call.startsWith('i2c'))).toEqual([])
  })
})

describe('boot: hold-off (O-3)', () => {
  it.each([
    ['no settings', (_: Interpreter) => new NorFlash()],
    ['a wrong image', (panel: Interpreter) => ready(Object.assign(panel.env, { BOARD: 'ESP32_IDF4' }))],
    ['a crash loop', () => crashed(4)],
  ])('is energised first of all and never dropped with %s', (_, make) => {
    const panel = new Interpreter()
    const s = panel.start(make(panel))
    expect(s.mode).toBe(boot.SAFE)
    expect(panel.calls.filter((call) => call.includes(' 25 '))).toEqual(['write 25 1', 'mode 25 output'])
  })
})

describe('boot: rescue', () => {
  it('opens the console, without watchdog and without panel, when the button is down from 500 ms for 3 s', () => {
    const panel = new Interpreter()
    panel.button = [500, 3600]
    const s = panel.start(ready())
    expect(s).toMatchObject({ mode: boot.RESCUE, settings: undefined, entropy: undefined })
    expect(panel.calls.filter((call) => call.startsWith('console'))).toEqual([
      'console null true',
      'console Serial1 false',
    ])
    expect(panel.calls.some((call) => call.startsWith('watchdog'))).toBe(false)
    expect(panel.calls).toContain('write 25 1')
    expect(panel.calls).toContain('telnet off')
    expect(panel.lines).toEqual(['Service console open, panel not started. Reset to leave.'])
  })

  it('is on record: the next start has cause 5 and no crash', () => {
    const flash = ready()
    const panel = new Interpreter()
    panel.button = [0, 9999]
    panel.start(flash)
    panel.button = [Infinity, Infinity]
    expect(panel.start(flash).counters).toMatchObject({ cause: 5, boot: 2, crashes: 0 })
  })

  it.each([
    ['is let go after 2.9 s', 100, 3000],
    ['is pressed after 1.1 s', 1100, 9999],
    ['only bounces', 10, 12],
  ])('is not when the button %s', (_, downMs, upMs) => {
    const panel = new Interpreter()
    panel.button = [downMs, upMs]
    expect(panel.start(ready()).mode).toBe(boot.NORMAL)
  })

  it('costs a power-up 1 s, another restart nothing', () => {
    const panel = new Interpreter()
    const beforeMs = 1000
    panel.start(ready())
    expect(panel.nowMs - beforeMs).toBeGreaterThan(1000)
    expect(panel.nowMs - beforeMs).toBeLessThan(1100)
    panel.reset = SOFTWARE
    panel.start(ready())
    expect(panel.nowMs - beforeMs).toBeLessThan(100)
  })

  it('is still possible after a watchdog reset, with the button down already', () => {
    const panel = new Interpreter()
    panel.reset = SOFTWARE
    panel.button = [0, 9999]
    expect(panel.start(ready()).mode).toBe(boot.RESCUE)
  })

  it('does not hang when the clock stands still: 40 000 looks', () => {
    const panel = new Interpreter()
    let looks = 0
    panel.natives.getTime = () => 1
    panel.natives.digitalRead = () => {
      looks++
      return 0
    }
    expect(panel.start(ready()).mode).toBe(boot.NORMAL)
    expect(looks).toBe(40000)
  })

  it('is not on a board without button', () => {
    const panel = new Interpreter()
    panel.button = [0, 9999]
    expect(panel.start(ready(), { ...BOARD, rescuePin: -1 }).mode).toBe(boot.NORMAL)
  })
})

describe('boot: keypad test', () => {
  const tapped = (downMs: number, upMs: number, change: (panel: Interpreter, flash: NorFlash) => void = () => {}) => {
    const panel = new Interpreter()
    const flash = ready()
    change(panel, flash)
    panel.button = [downMs, upMs]
    return { panel, s: panel.start(flash) }
  }

  it('comes with settings, watchdog and safe outputs when the button is tapped for 200 ms', () => {
    const { panel, s } = tapped(400, 600)
    expect(s).toMatchObject({ mode: boot.KEYPADS, sentence: '', eventCode: 0 })
    expect(s.settings?.configText).toBe('{"account":"1234"}')
    expect(panel.calls).toContain('watchdog 30 false')
    expect(panel.calls).toContain('write 25 1')
    expect(panel.calls.filter((call) => call.startsWith('console'))).toEqual(['console null true'])
    expect(panel.lines).toEqual([])
  })

  it.each([
    ['comes at the last moment of the window', 990, 1100, boot.KEYPADS],
    ['is let go after 0.98 s', 10, 990, boot.KEYPADS],
    ['is let go after 1.1 s', 10, 1110, boot.NORMAL],
    ['bounces for 10 ms only', 10, 20, boot.NORMAL],
    ['comes after the window', 1050, 1200, boot.NORMAL],
    // As a programmer's cable presses it, which began before the restart.
    ['was down from the start', 0, 500, boot.NORMAL],
    ['stays down', 500, 9999, boot.RESCUE],
  ])('does not take the place of anything else: the button %s', (_, downMs, upMs, mode) => {
    expect(tapped(downMs, upMs).s.mode).toBe(mode)
  })

  it('waits for the press after a bounce of 5 ms before it', () => {
    const panel = new Interpreter()
    const at = () => panel.nowMs - 1000
    panel.natives.digitalRead = () => ((at() >= 100 && at() < 105) || (at() >= 107 && at() < 300) ? 0 : 1)
    expect(panel.start(ready()).mode).toBe(boot.KEYPADS)
  })

  it('is refused by all that keeps the panel from starting, with its own sentence', () => {
    const { s } = tapped(400, 600, (panel) => (panel.program = 'another'))
    expect(s).toMatchObject({ mode: boot.SAFE, eventCode: 304 })
  })

  it('is none after a restart that nobody was there for', () => {
    expect(tapped(5, 300, (panel) => (panel.reset = SOFTWARE)).s.mode).toBe(boot.NORMAL)
  })
})

describe('boot: refusals, each with its sentence and event code', () => {
  const cases: [string, number, string, (panel: Interpreter, flash: NorFlash) => void][] = [
    ['another board', 307, 'This image is for ESP32_IDF4', (panel) => (panel.env.BOARD = 'ESP32_IDF4')],
    ['the released 2v29', 307, 'Espruino 2v29 is too old', (panel) => (panel.env.VERSION = '2v29')],
    ['2v29.276', 307, 'Espruino 2v29.276 is too old', (panel) => (panel.env.VERSION = '2v29.276')],
    ['1v99', 307, 'Espruino 1v99 is too old', (panel) => (panel.env.VERSION = '1v99')],
    ['no crypto', 307, 'no crypto module', (panel) => (panel.env.MODULES = 'Flash,Storage')],
    ['no Flash', 307, 'no Flash module', (panel) => (panel.env.MODULES = 'Storage,crypto')],
    ['a wrong SHA-256', 307, 'SHA-256 or AES', (panel) => (panel.digestByte = 1)],
    ['Bluetooth on', 307, 'Bluetooth is on', (panel) => (panel.state.BLE = true)],
    ['a crypto that throws', 307, 'The self-test failed', (panel) => (panel.broken = ['require crypto'])],
    ['no program', 304, 'The program is not', (panel) => (panel.program = undefined)],
    ['a program cut by a byte', 304, 'The program is not', (panel) => (panel.program = PROGRAM.slice(1))],
    ['a changed program', 304, 'The program is not', (panel) => (panel.program = PROGRAM.replace('p', 'q'))],
    ['damaged settings', 303, 'are damaged', (_, flash) => (flash.image[4 * PAGE_BYTES + 100] ^= 1)],
    ['no settings', 303, 'has no settings', (_, flash) => flash.erase(4)],
    [
      'settings never committed',
      303,
      'has no settings',
      (_, flash) => flash.image.fill(0xff, 5 * PAGE_BYTES - 4, 5 * PAGE_BYTES),
    ],
    ['locked flash', 307, 'does not take a new random seed', (_, flash) => (flash.isFailing = true)],
  ]
  it.each(cases)('%s: %i %s', (_, eventCode, sentence, spoil) => {
    const panel = new Interpreter()
    const flash = ready()
    spoil(panel, flash)
    const s = panel.start(flash)
    expect(s.mode).toBe(boot.SAFE)
    expect(s.eventCode).toBe(eventCode)
    expect(s.sentence).toContain(sentence)
    expect(panel.lines).toEqual([s.sentence])
    expect(panel.calls.filter((call) => call.startsWith('console'))).toEqual(['console null true'])
    expect(panel.calls).toContain('watchdog 30 false')
  })

  it.each(['crypto', 'Flash'])('no %s, as the interpreter searches: the end of a text passes for a part', (name) => {
    const panel = new Interpreter()
    panel.env.MODULES = panel.env.MODULES.replace(name, 'absent')
    let s: boot.Started | undefined
    asInterpreter(() => {
      s = panel.start(ready())
    })
    expect(s).toMatchObject({ mode: boot.SAFE, eventCode: 307 })
    expect(s?.sentence).toContain(`no ${name} module`)
  })

  it('flash that cannot be read', () => {
    const flash = ready()
    flash.read = () => {
      throw new Error('no Flash')
    }
    expect(new Interpreter().start(flash)).toMatchObject({ mode: boot.SAFE, eventCode: 307, settings: undefined })
  })

  it.each(['2v29.278', '2v30', '2v30.5', '3v00'])('none for Espruino %s', (version) => {
    const panel = new Interpreter()
    panel.env.VERSION = version
    expect(panel.start(ready()).mode).toBe(boot.NORMAL)
  })

  it('keeps the settings where there are any, so that the safe state can report', () => {
    const panel = new Interpreter()
    panel.env.VERSION = '2v29'
    expect(panel.start(ready()).settings?.configText).toContain('1234')
  })

  it('only warns of a noise register that stands still', () => {
    const panel = new Interpreter()
    panel.isNoisy = false
    expect(panel.start(ready())).toMatchObject({ mode: boot.NORMAL, warning: 'The noise register does not change.' })
  })

  it('names neither secret nor configuration in any sentence', () => {
    for (const [, , , spoil] of cases) {
      const panel = new Interpreter()
      const flash = ready()
      spoil(panel, flash)
      expect(panel.start(flash).sentence).not.toMatch(/1234|4242|BBBB/)
    }
  })
})

/** Flash of a panel that the watchdog has reset so many times. */
function crashed(count: number): NorFlash {
  const flash = ready()
  const panel = new Interpreter()
  panel.start(flash)
  panel.reset = SOFTWARE
  for (let turn = 1; turn < count; turn++) panel.start(flash)
  return flash
}

describe('boot: causes and the crash loop', () => {
  it.each([
    [POWER_ON, counters.POWER],
    [5, counters.POWER],
    [BROWN_OUT, counters.BROWNOUT],
    [SOFTWARE, counters.WATCHDOG],
    ...WATCHDOGS.map((reset) => [reset, counters.WATCHDOG]),
  ])('reset register %i is cause %i', (reset, cause) => {
    const flash = ready()
    const panel = new Interpreter()
    panel.start(flash)
    panel.reset = reset
    expect(panel.start(flash).counters.cause).toBe(cause)
  })

  it('refuses the start after the third crash in a row with 305, settings in hand, and not after the second', () => {
    const panel = new Interpreter()
    panel.reset = SOFTWARE
    expect(panel.start(crashed(2)).mode).toBe(boot.NORMAL)
    const s = panel.start(crashed(3))
    expect(s).toMatchObject({ mode: boot.SAFE, eventCode: 305, sentence: 'Restarted 3 times, cause 3.' })
    expect(s.settings).toBeDefined()
    expect(s.entropy).toBeDefined()
  })

  it('starts again after the safe state has lasted 10 min', () => {
    const flash = crashed(3)
    const panel = new Interpreter()
    panel.reset = SOFTWARE
    const s = panel.start(flash)
    counters.poll(s.counters, 600000)
    expect(panel.start(flash).mode).toBe(boot.NORMAL)
  })

  it('has the cause that a fatal error noted', () => {
    const flash = ready()
    const panel = new Interpreter()
    counters.end(panel.start(flash).counters, counters.LOW_MEMORY, 0)
    panel.reset = SOFTWARE
    expect(panel.start(flash).counters).toMatchObject({ cause: counters.LOW_MEMORY, crashes: 1 })
  })
})
