/**
 * The panel on its board: boot decides, then one timer runs everything. The timer is armed again before anything else in
 * its callback, because what the interpreter aborts (out of memory, stack) can neither be caught nor leaves later lines
 * a chance (espruino.md §1.5); and the watchdog is kicked only after a pass came to its end, so that one which never
 * does resets the chip.
 *
 *   boot.start --NORMAL--> panel polled
 *        |---- SAFE -----> display tells why; that, the restart and what the journal owes are reported; nothing arms
 *        |---- KEYPADS --> keypads are tested; no panel, outputs stay as boot set them; some minutes later it restarts
 *        '---- RESCUE ---> nothing runs; the service console is open
 *
 * A key's edge brings a pass at once; at rest there are ten a second, for the zones.
 */

import * as app from '../firmware/app'
import * as keypadTest from '../firmware/app/keypad-test'
import { LCD_ADDRESS } from '../firmware/app/state'
import type { Config } from '../firmware/config'
import * as event from '../firmware/event'
import type { Flash, Hal } from '../firmware/hal'
import * as lcd from '../firmware/io/lcd'
import * as counters from '../firmware/store/counters'
import type { Settings } from '../firmware/store/settings'
import * as dispatcher from '../firmware/transmit/dispatcher'
import { type BootBoard, KEYPADS, type Natives, NORMAL, RESCUE, SAFE, type start as startBoot } from './boot'
import * as entropy from './entropy'
import type { ErrorFlag, Espruino } from './espruino'
import * as board from './hal'
import { sha256 } from './natives'

declare const global: Espruino & Natives
declare const peek32: Espruino['peek32']
declare const getTime: Espruino['getTime']
declare const E: Espruino['E']
declare const setTimeout: Espruino['setTimeout']
declare const clearTimeout: Espruino['clearTimeout']
/** boot.ts, which the build puts in front of this in a scope of its own. */
declare let BOOT: { start: typeof startBoot } | undefined

/**
 * Between two passes when nothing is due earlier. The 95 ms of zones and keypad and one more, since a reading of the
 * clock is cut to whole ms and a pass at 95 would often come a moment too soon. Armed at the start of a pass, so an idle
 * pass arms once.
 */
const REST_MS = 96
const LCD_COLUMNS = 16
/** How long a part of the safe state's sentence stays on the display. */
const PART_MS = 3000

let timer = 0
/** 1 from the first pass on. */
let isRunning = 0
let mode = NORMAL
let count: counters.Counters
let hal: Hal
let panel: app.App | undefined
let pool: entropy.Entropy | undefined
let test: keypadTest.KeypadTest | undefined
/** The safe state's display, its sentence, the part that comes next and when. */
let display: lcd.Lcd
let sentence = ''
let partAt = 0
let partAtMs = 0

/** Starts the panel. flashBase: where the raw flash region begins. Returns boot's mode; from then on the timer works. */
export function start(wiring: board.Wiring, wanted: BootBoard, flashBase: number): number {
  const flash = board.createFlash(flashBase)
  const started = BOOT!.start(global, flash, wanted, 0)
  BOOT = undefined // about 230 JsVars come back
  mode = started.mode
  count = started.counters
  if (mode === RESCUE) return mode
  E.on('errorFlag', onErrorFlag)
  // Before the rest, so that the display works even if memory ends in it. The first pass has a function of its own, which
  // is dropped then; its line is what flash.sh waits for: boot found all right, a pass came to its end (a restart never
  // does). No key's edge may take its place.
  timer = setTimeout(() => {
    isRunning = 1
    pass()
    if (mode === NORMAL) global.Serial1.println('Panel runs.')
  }, REST_MS)
  createBoard(wiring, flash, started.entropy)
  sentence = started.sentence
  if (mode === SAFE) display = lcd.create(hal.i2c, LCD_ADDRESS)
  if (mode === KEYPADS) {
    createTest(started.settings as Settings)
    return mode
  }
  if (started.settings === undefined || started.entropy === undefined) return mode
  try {
    panel = createPanel(started.settings)
    // create() itself tells of the restart, which in a crash loop is the fault (P-5, P-7).
    if (started.eventCode > 0 && started.eventCode !== event.SYSTEM_RESET) {
      app.keep(panel, started.eventCode, event.NEW, 0)
    }
  } catch (_) {
    fail(counters.EXCEPTION)
  }
  return mode
}

function createTest(s: Settings): void {
  try {
    test = keypadTest.create(hal, JSON.parse(s.configText) as Config)
  } catch (_) {
    fail(counters.EXCEPTION)
  }
}

function createBoard(wiring: board.Wiring, flash: Flash, e: entropy.Entropy | undefined): void {
  // The natives that boot made for it would keep boot's whole scope alive.
  if (e !== undefined) e.natives = { peek32, getTime, sha256 }
  pool = e
  hal = board.createHal(wiring, flash, { fill }, onEdge)
}

/** Without a seed nothing may pass for random. */
function fill(bytes: Uint8Array): void {
  if (pool === undefined) throw 'no random'
  entropy.fill(pool, bytes)
}

function createPanel(s: Settings): app.App {
  const table = app.makeCodes(hal, s.secret, s.salt)
  table.tags = s.tags
  table.meta = s.meta
  table.rights = s.rights
  const config = JSON.parse(s.configText) as Config
  const made = app.create(hal, config, table, count.boot)
  app.started(made, count.cause)
  made.config = rest(config)
  return made
}

/** What is read after create(). The rest goes, the report keys first of all: the parts have their own copies. */
function rest(config: Config): Config {
  const { siren, sirenRest, light, keypadLed } = config.pins
  const { partition, options, wrongLimit, sensorWatchDays, autoArmMinute, preAlertMinutes, schedules, outputs } = config
  const kept = {
    partition,
    options,
    wrongLimit,
    sensorWatchDays,
    autoArmMinute,
    preAlertMinutes,
    schedules,
    outputs,
    utcOffsetMinutes: config.utcOffsetMinutes,
    testHours: config.testHours,
    expiryHours: config.expiryHours,
    bothDownMinutes: config.bothDownMinutes,
    pins: { siren, sirenRest, light, keypadLed },
    zones: { names: config.zones.names },
  }
  return kept as unknown as Config
}

/** One pass, whatever it meets. */
function pass(): void {
  timer = setTimeout(pass, REST_MS)
  try {
    const delayMs = (mode === NORMAL ? app.poll(panel as app.App) : pollOther()) - board.lastMs
    // Something is due earlier once a minute at least; there the rest is looked after, so that an idle pass is short.
    if (delayMs < REST_MS - 1) {
      if (board.lastMs >= count.ranAtMs) counters.poll(count, board.lastMs)
      soon(delayMs)
    }
    E.kickWatchdog()
  } catch (_) {
    fail(counters.EXCEPTION)
  }
}

/** An edge at the keypad. The scans make edges too, which app.wake() tells from those of a finger. */
function onEdge(): void {
  if (panel !== undefined && app.wake(panel) && isRunning === 1) soon(0)
}

function soon(delayMs: number): void {
  clearTimeout(timer)
  timer = setTimeout(pass, delayMs > 1 ? delayMs : 1)
}

/** What is no panel. */
function pollOther(): number {
  const nowMs = hal.clock.nowMs()
  if (mode === SAFE) return pollSafe(nowMs)
  const t = test as keypadTest.KeypadTest
  const dueMs = keypadTest.poll(t, nowMs)
  if (t.isOver) {
    counters.end(count, counters.ORDERED, 0)
    E.reboot()
  }
  return dueMs
}

/** The sentence in parts, and the paths. The keypad is not read, so nothing can be armed; outputs stay as boot set them. */
function pollSafe(nowMs: number): number {
  if (nowMs >= partAtMs) {
    partAtMs = nowMs + PART_MS
    lcd.show(display, 0, sentence.substr(partAt, LCD_COLUMNS))
    lcd.show(display, 1, sentence.substr(partAt + LCD_COLUMNS, LCD_COLUMNS))
    partAt += 2 * LCD_COLUMNS
    if (partAt >= sentence.length) partAt = 0
  }
  const dueMs = lcd.poll(display, nowMs)
  if (panel === undefined) return dueMs
  const sendMs = dispatcher.poll(panel.dispatcher, nowMs)
  return sendMs < dueMs ? sendMs : dueMs
}

/** Bytes that a port lost come again by the protocols above it; everything else is fatal (espruino.md §1.5). */
function onErrorFlag(flags: ErrorFlag[]): void {
  const cause = counters.causeOf(flags)
  if (cause !== counters.FIRST) fail(cause)
}

/** Notes the cause and restarts the chip. The safe state does not go round in circles: it gives up reporting instead. */
function fail(cause: number): void {
  if (mode === SAFE) {
    panel = undefined
    return
  }
  counters.end(count, cause, 0)
  E.reboot()
}
