/**
 * The one timer over fakes of the interpreter's natives: what a pass arms, kicks and survives (espruino.md §1.5, §3.8).
 * With ESPRUINO_ESP32 set the shipped bundle itself starts there, on fakes written in JavaScript, and its variables count.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RUNS } from '../../board/flash/upload'
import type * as MainModule from '../../board/main'
import { buildBoard, LIMIT_JSVARS } from '../../board/targets'
import * as counters from '../../firmware/store/counters'
import { DEMO_CODES, demoConfig } from '../../hal-mock/demo'
import { FlashChip } from '../../hal-mock/flash'
import { bareBoard, REST_SECONDS } from '../../hal-mock/programs/bare-board'
import { imageName } from '../../hal-mock/programs/bench-device'
import { Interpreter } from '../../hal-mock/programs/interpreter'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'

const WIRING = { sck: 18, miso: 19, mosi: 23, cs: 5, tx: 17, rx: 16, sda: 21, scl: 22 }
const BOARD = { image: 'ESP32', safeLevels: [], rescuePin: 0 }
const NORMAL = 0
const SAFE = 1
const RESCUE = 2
const KEYPADS = 3
/** Causes as counters.ts numbers them. */
const ORDERED = 4
const EXCEPTION = 6
const MEMORY = 7

interface Timer {
  callback: () => void
  delayMs: number
}

let timers: Map<number, Timer>
let nextId: number
let seconds: number
let kicks: number
let reboots: number
let cleared: number
let lcdBytes: number
let onErrorFlag: (flags: string[]) => void
let flash: FlashChip
let main: typeof MainModule
let isFaulty: boolean
let printed: string[]
let onRead: () => void
let onEdge: () => void
/** What the columns read: 7 is no key. */
let columns: number

/** Boot as far as main sees it. */
function boot(mode: number, sentence = '', hasSettings = true) {
  const count = counters.create(flash, nodeCrypto, counters.POWER, 0)
  const e = { natives: {}, pool: new Uint8Array(68), at: 0, isNoisy: true, isStored: true }
  const s = {
    programBytes: 0,
    programCrc: 0,
    secret: new Uint8Array(32),
    salt: new Uint8Array(16),
    tags: new Uint16Array(256),
    meta: new Uint16Array(64),
    rights: new Uint16Array(64),
    configText: JSON.stringify(demoConfig()),
  }
  const started = {
    mode,
    sentence,
    eventCode: 0,
    warning: '',
    settings: hasSettings ? s : undefined,
    counters: count,
    entropy: e,
  }
  vi.stubGlobal('BOOT', { start: () => started })
  return started
}

function restart(): void {
  throw 'restart'
}

/** Runs the timer that is due next; fails when there is not exactly one. */
function pass(): number {
  expect(timers.size).toBe(1)
  const [id, timer] = [...timers.entries()][0]
  timers.delete(id)
  seconds += timer.delayMs / 1000
  timer.callback()
  return timer.delayMs
}

beforeEach(async () => {
  timers = new Map()
  nextId = 1
  seconds = 50
  kicks = 0
  reboots = 0
  cleared = 0
  lcdBytes = 0
  isFaulty = false
  columns = 7
  printed = []
  onRead = () => {}
  flash = new FlashChip()
  vi.resetModules()
  const nothing = () => {}
  vi.stubGlobal('setTimeout', (callback: () => void, delayMs: number) => {
    expect(delayMs).toBeGreaterThanOrEqual(1)
    timers.set(nextId, { callback, delayMs })
    return nextId++
  })
  vi.stubGlobal('clearTimeout', (id: number) => {
    expect(timers.delete(id)).toBe(true)
    cleared++
  })
  vi.stubGlobal('setWatch', (act: () => void) => {
    onEdge = act
  })
  vi.stubGlobal('E', {
    on: (_event: string, listener: (flags: string[]) => void) => {
      onErrorFlag = listener
    },
    kickWatchdog: () => kicks++,
    reboot: () => reboots++,
    CRC32: (bytes: Uint8Array) => nodeCrypto.crc32(bytes),
  })
  vi.stubGlobal('Serial1', { println: (text: string) => printed.push(text) })
  vi.stubGlobal('getTime', () => seconds)
  vi.stubGlobal('peek32', () => 0)
  vi.stubGlobal('pinMode', nothing)
  vi.stubGlobal('digitalWrite', nothing)
  vi.stubGlobal('digitalRead', (pins: number[]) => {
    onRead()
    if (isFaulty) throw new Error('planted')
    return pins.length === 3 ? columns : 0
  })
  vi.stubGlobal('SPI2', { setup: nothing, send: (frame: Uint8Array) => new Uint8Array(frame.length) })
  vi.stubGlobal('Serial3', { setup: nothing, on: nothing, write: nothing })
  vi.stubGlobal('I2C1', {
    setup: nothing,
    writeTo: (_address: number, bytes: Uint8Array) => {
      lcdBytes += bytes.length
    },
  })
  vi.stubGlobal('require', (name: string) => {
    if (name === 'crypto') return { SHA256: (bytes: Uint8Array) => new Uint8Array(32).fill(bytes.length).buffer }
    return {
      read: (length: number, address: number) => flash.read(address, length),
      write: (bytes: Uint8Array, address: number) => flash.write(address, bytes),
      erasePage: (address: number) => flash.erase(address / 4096),
    }
  })
  main = await import('../../board/main')
})

afterEach(() => vi.unstubAllGlobals())

/** Cause that the present boot's record would give to the next one. */
function causeOfNextBoot(): number {
  return counters.create(flash, nodeCrypto, counters.WATCHDOG, 0).cause
}

/** What journal, figures and log hold: pages 0-3 and 10-15 (docs/flash-layout.md). */
function journalBytes(): number[][] {
  return [0, 1, 2, 3, 10, 11, 12, 13, 14, 15].map((page) => [...flash.read(page * 4096, 4096)])
}

describe('the one timer', () => {
  it('is armed with 96 ms before anything else in a pass', () => {
    boot(NORMAL)
    expect(main.start(WIRING, BOARD, 0)).toBe(NORMAL)
    let armedMs = 0
    onRead = () => {
      armedMs = [...timers.values()][0].delayMs
    }
    pass()
    expect(armedMs).toBe(96)
    expect(timers.size).toBe(1)
  })

  it('runs fewer than 100 passes a second with both chips absent, while their drivers look for them', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    while (seconds < 70) pass()
    const startSeconds = seconds
    let passCount = 0
    while (seconds < startSeconds + 10) {
      pass()
      passCount++
    }
    expect(passCount).toBeGreaterThan(100)
    expect(passCount).toBeLessThan(1000)
    expect(reboots).toBe(0)
  })

  it('is armed sooner, at least 1 ms ahead, when something is due within 95 ms', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    const delays: number[] = []
    for (let count = 0; count < 60; count++) delays.push(pass())
    // The display starts with waits of 5 and 2 ms.
    expect(delays.some((delayMs) => delayMs < 20)).toBe(true)
    expect(Math.max(...delays)).toBe(96)
    expect(cleared).toBeGreaterThan(0)
  })

  it("is armed anew for at once on a key's edge, and left alone while the keypad is being scanned", () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    while (seconds < 70) pass()
    onEdge()
    expect([...timers.values()].map((timer) => timer.delayMs)).toEqual([1])
    columns = 3
    pass()
    const armed = [...timers.values()]
    onEdge()
    expect([...timers.values()]).toEqual(armed)
  })

  it('kicks the watchdog once a pass that came to its end', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    for (let count = 0; count < 10; count++) pass()
    expect(kicks).toBe(10)
  })

  it('goes on after a pass that threw, without a kick, with the cause noted and a restart ordered', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    pass()
    isFaulty = true
    let passCount = 1
    // Keys and zones are read ten times a second; the passes between read nothing that throws.
    while (reboots === 0 && passCount < 100) {
      pass()
      passCount++
    }
    expect([reboots, timers.size]).toEqual([1, 1])
    expect(kicks).toBe(passCount - 1)
    expect(causeOfNextBoot()).toBe(EXCEPTION)
  })

  it('notes after 10 min that this boot ran well', () => {
    const started = boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    pass()
    expect(started.counters.ranAtMs).toBe(600000)
    for (let count = 0; count < 200; count++) {
      seconds += 4
      pass()
    }
    expect(started.counters.ranAtMs).toBe(Infinity)
  })
})

describe('the line that says that the panel runs', () => {
  it('comes once, after the first pass and not before', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    expect(printed).toEqual([])
    pass()
    expect([printed, kicks]).toEqual([[RUNS], 1])
    for (let count = 0; count < 100; count++) pass()
    expect(printed).toEqual([RUNS])
  })

  it('comes although a key moved before the first pass, whose scan then finds it', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    onEdge()
    expect(pass()).toBe(96)
    expect(printed).toEqual([RUNS])
    onEdge()
    expect([...timers.values()].map((timer) => timer.delayMs)).toEqual([1])
  })

  it('does not come from the safe state', () => {
    boot(SAFE, 'The panel has no settings: run flash.sh.', false)
    main.start(WIRING, BOARD, 0)
    for (let count = 0; count < 100; count++) pass()
    expect(printed).toEqual([])
  })

  it('does not come when the first pass fails, for a restart never returns', () => {
    boot(NORMAL)
    vi.stubGlobal('E', { ...(globalThis as unknown as { E: object }).E, reboot: restart })
    main.start(WIRING, BOARD, 0)
    isFaulty = true
    let failed = 0
    while (failed === 0 && seconds < 52) {
      try {
        pass()
      } catch (reason) {
        expect(reason).toBe('restart')
        failed++
      }
      if (printed.length > 0) break
    }
    expect([failed, printed]).toEqual([1, []])
  })
})

describe('errorFlag', () => {
  it('with MEMORY notes the cause and restarts', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    onErrorFlag(['LOW_MEMORY', 'MEMORY'])
    expect(reboots).toBe(1)
    expect(causeOfNextBoot()).toBe(MEMORY)
  })

  it('with lost bytes only does not restart: a burst from outside must not reset the panel', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    onErrorFlag(['FIFO_FULL', 'UART_OVERFLOW'])
    expect(reboots).toBe(0)
  })
})

describe('boot has the word', () => {
  it('RESCUE arms no timer, so that the console stays', () => {
    boot(RESCUE)
    expect(main.start(WIRING, BOARD, 0)).toBe(RESCUE)
    expect(timers.size).toBe(0)
  })

  it('SAFE shows the sentence and kicks, without settings too', () => {
    boot(SAFE, 'The panel has no settings: run flash.sh.', false)
    expect(main.start(WIRING, BOARD, 0)).toBe(SAFE)
    for (let count = 0; count < 300; count++) pass()
    expect(kicks).toBe(300)
    expect(lcdBytes).toBeGreaterThan(32 * 4)
  })

  it('SAFE does not read the keypad and does not restart for an error: it gives up reporting', () => {
    boot(SAFE, 'Restarted 3 times, cause 6.')
    isFaulty = true
    main.start(WIRING, BOARD, 0)
    for (let count = 0; count < 50; count++) pass()
    onErrorFlag(['MEMORY'])
    for (let count = 0; count < 50; count++) pass()
    expect([kicks, reboots]).toEqual([100, 0])
  })

  it.each([
    ['NORMAL', NORMAL],
    ['SAFE', SAFE],
  ])('%s never lets the line of a hold-off siren fall (O-3)', (_, mode) => {
    const { pins } = demoConfig()
    const written: number[] = []
    vi.stubGlobal('digitalWrite', (pin: number, level: number) => {
      if (pin === pins.siren) written.push(level)
    })
    const started = boot(mode, mode === SAFE ? 'Restarted 3 times, cause 6.' : '')
    const settings = started.settings as { configText: string }
    settings.configText = JSON.stringify({ ...demoConfig(), pins: { ...pins, sirenRest: 1 } })
    main.start(WIRING, BOARD, 0)
    for (let count = 0; count < 300; count++) pass()
    expect(new Set(written)).toEqual(new Set([1]))
    expect(reboots).toBe(0)
  })

  it('KEYPADS makes no panel: 5 minutes without a key later it restarts as ordered, no event and no crash on record', () => {
    boot(KEYPADS)
    expect(main.start(WIRING, BOARD, 0)).toBe(KEYPADS)
    const before = journalBytes()
    let sent = 0
    vi.stubGlobal('SPI2', { setup: () => {}, send: () => sent++ })
    while (reboots === 0 && seconds < 360) pass()
    expect(seconds).toBeGreaterThan(350)
    expect([reboots, sent, printed]).toEqual([1, 0, []])
    expect(kicks).toBeGreaterThan(1000)
    expect(lcdBytes).toBeGreaterThan(32 * 4)
    expect(journalBytes()).toEqual(before)
    expect(causeOfNextBoot()).toBe(ORDERED)
  })

  it('KEYPADS never lets the line of a hold-off siren fall, and restarts for a fatal error (O-3)', () => {
    const { pins } = demoConfig()
    const written: number[] = []
    vi.stubGlobal('digitalWrite', (pin: number) => written.push(pin))
    boot(KEYPADS)
    main.start(WIRING, BOARD, 0)
    for (let count = 0; count < 300; count++) pass()
    expect(written.filter((pin) => [pins.siren, pins.light, pins.buzzer].includes(pin))).toEqual([])
    expect(written).toContain(pins.rows[0])
    onErrorFlag(['MEMORY'])
    expect(reboots).toBe(1)
    expect(causeOfNextBoot()).toBe(MEMORY)
  })

  it('KEYPADS with settings that nobody can read restarts, with the cause noted', () => {
    const started = boot(KEYPADS)
    const settings = started.settings as { configText: string }
    settings.configText = '{'
    main.start(WIRING, BOARD, 0)
    expect(reboots).toBe(1)
    expect(causeOfNextBoot()).toBe(EXCEPTION)
  })

  it('gives boot its memory back', () => {
    boot(NORMAL)
    main.start(WIRING, BOARD, 0)
    expect((globalThis as { BOOT?: unknown }).BOOT).toBeUndefined()
  })
})

const interpreter = process.env.ESPRUINO_ESP32

/**
 * Fills all memory, gives back every second variable, and takes what still lies side by side: some 2650 are left, fewer than a
 * panel at rest has free of the 6000 that it may take.
 */
const HOLES = `var junk=[],hash,keep=[];while(process.memory().free>250)junk.push({});
for(var index=0;index<junk.length&&process.memory().free<3000;index++)junk[index]=0;
while((hash=realRequire('crypto').SHA256(new Uint8Array(16)))!==undefined)keep.push(hash);`

describe.skipIf(interpreter === undefined || interpreter === '')('on the interpreter with 14-byte variables', () => {
  it(`the shipped bundle starts from Storage and rests at ${LIMIT_JSVARS} JsVars or fewer`, async () => {
    const device = new Interpreter(interpreter as string)
    const bundle = await buildBoard('devkitc-4x3', { flashBase: 0, image: imageName(interpreter as string) })
    await device.store({ '.bootcde': bundle.code })
    const run = await device.execute(
      `${bareBoard(bundle.code)}runFor(${REST_SECONDS});print(PANEL.mode,process.memory().usage-usageBefore);quit();`,
    )
    device.close()
    expect(run.complaint).toBe('')
    const [mode, jsVars] = run.lines[run.lines.length - 1].split(' ').map(Number)
    expect(mode).toBe(NORMAL)
    expect(jsVars).toBeLessThanOrEqual(LIMIT_JSVARS)
  }, 120000)

  it('two duress codes are kept while no two free variables lie side by side, the first without closing the holes', async () => {
    const device = new Interpreter(interpreter as string)
    const bundle = await buildBoard('devkitc-4x3', { flashBase: 0, image: imageName(interpreter as string) })
    await device.store({ '.bootcde': bundle.code })
    const digits = DEMO_CODES.find((code) => code.name === 'duress A')?.digits
    const run = await device.execute(`${bareBoard(bundle.code)}runFor(${REST_SECONDS});${HOLES}
      var defrags=0,realDefrag=E.defrag;E.defrag=function(){defrags++;realDefrag()};
      function written(){for(var count=0,at=0;at<16384;at++)if(rawFlash[at]!=255)count++;return count}
      for(var code=0,before=written();code<2;code++){pressKeys('${digits}');runFor(15);print('kept',written()-before,defrags)}
      quit();`)
    device.close()
    const kept = run.lines.filter((line) => line.startsWith('kept')).map((line) => line.split(' ').map(Number))
    expect(run.lines.some((line) => line.includes('restarted'))).toBe(false)
    // Bytes on flash that a code's record takes there.
    expect(kept[0].slice(1)).toEqual([28, 0])
    expect(kept[1][1]).toBe(56)
  }, 120000)
})
