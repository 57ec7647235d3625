/**
 * The first thing that runs: closes every way in, gives the outputs their safe levels, opens the service console when
 * somebody holds the button, and decides whether the panel may start. Needed once, so the build may drop it afterwards.
 *
 *   consoles off - outputs safe - radios off - button? -- held --> RESCUE: console open, no panel, no watchdog
 *                                                |
 *                                           watchdog on - image, settings, program, seed, crash loop
 *                                                |                                |
 *                                              NORMAL                      SAFE: arms nothing, keeps outputs,
 *                                  or, button tapped: KEYPADS              shows and reports why
 *
 * Everything comes in by Natives, so this runs on Node too. What the interpreter does: espruino.md §3.2, §3.8, §5.4.
 * Not done here: ESP32.enableBLE(false) deletes the program and restarts, so provisioning does it and this only looks.
 * The button cannot be held while the supply comes on: GPIO0 low at reset is the ROM's download mode. It is pressed
 * right after the reset: held for the console, tapped for a test of the keypads, which does nothing else.
 */

import type { Flash } from '../firmware/hal'
import * as counters from '../firmware/store/counters'
import type { Check } from '../firmware/store/records'
import * as settings from '../firmware/store/settings'
import * as entropy from './entropy'

/** The interpreter's globals that boot uses, by their own names. */
export interface Natives {
  E: {
    setConsole(device: string | null, options: { force: boolean }): void
    enableWatchdog(seconds: number, isAutomatic: boolean): void
    CRC32(data: Uint8Array | string): number
  }
  process: { env: { BOARD: string; VERSION: string; MODULES: string } }
  ESP32?: { getState(): { BLE: boolean; Wifi: boolean } }
  Serial1: { println(text: string): void }
  I2C1: {
    setup(options: { sda: number; scl: number }): void
    writeTo(address: number, data: Uint8Array): void
  }
  // biome-ignore lint/suspicious/noExplicitAny: each module has a shape of its own
  require(name: string): any
  peek32(address: number): number
  getTime(): number
  pinMode(pin: number, mode: string): void
  digitalWrite(pin: number, level: number): void
  digitalRead(pin: number): number
}

/** What boot must know of the board, from its pin map. */
export interface BootBoard {
  /** process.env.BOARD of the image that the board needs. */
  image: string
  /** Pairs of pin and level: every output as it must stand while nothing runs (P-8); hold-off lines energised (O-3). */
  safeLevels: number[]
  /** I2C address of the MCP23017 that outputs are at, and the bus; absent where there is none. */
  outputs?: { address: number; sda: number; scl: number }
  /** Active low, 0 on a DevKitC; -1 for a board without. */
  rescuePin: number
}

export const NORMAL = 0
export const SAFE = 1
export const RESCUE = 2
export const KEYPADS = 3

export interface Started {
  /** NORMAL, SAFE, RESCUE or KEYPADS. */
  mode: number
  /** Why it is SAFE or RESCUE, in a sentence; else ''. */
  sentence: string
  /** Contact ID event code that the safe state reports: 303 settings, 304 program, 307 self-test, 305 crash loop; or 0. */
  eventCode: number
  /** Things that do not keep the panel from starting, '' for none. */
  warning: string
  settings: settings.Settings | undefined
  counters: counters.Counters
  /** Undefined in RESCUE, and where the image has no SHA-256. */
  entropy: entropy.Entropy | undefined
}

/**
 * Longer than what blocks longest, each with the watchdog kicked once a pass of main: an I2C transfer on a stuck bus 1 s
 * (espruino.md §3.5), and a pass makes at most a few; erasing a page 0.1 s; CRC of the program 0.3 s; 512 bytes to the
 * modem 45 ms; PBKDF2 of a code 5 ms. Boot's own longest is RESCUE_HOLD_MS. Nothing here uses net.connect or DNS.
 */
export const WATCHDOG_SECONDS = 30

/** After power-up the button is looked at for so long, and must then stay down for so long. */
const RESCUE_WINDOW_MS = 1000
const RESCUE_HOLD_MS = 3000
/** A shorter press is a contact's bounce, a longer one no tap. */
const TAP_MIN_MS = 20
const TAP_MAX_MS = 1000
/** Most looks, should the clock stand still; one takes about 0.5 ms. */
const RESCUE_LOOKS = 40000
/** What the button did. */
const TAPPED = 1
const HELD = 2

/** RTC_CNTL_RESET_STATE_REG; the low six bits are why the first core was reset (ESP32 TRM, Reset and Clock). */
const RESET_REGISTER = 0x3ff48034
const RESET_MASK = 63
const RESET_POWER_ON = 1
const RESET_DEEP_SLEEP = 5
const RESET_BROWNOUT = 15

/** 2v29.277: the first build that this was checked on; the released 2v29 loses serial bytes and opens an access point. */
const VERSION_MAJOR = 2
const VERSION_MINOR = 29
const VERSION_BUILD = 277

/** CRC-32 of what the natives must give for known input, as signed numbers: FIPS 180-2 "abc", FIPS 197 C.1. */
const DIGEST_CRC = 0xf57613f2 | 0
const CIPHER_CRC = 0x9830db13 | 0

const PROGRAM = '.bootcde'

/** Runs once, before anything else. Throws nothing: what fails becomes SAFE with a sentence. utcSeconds: 0 if unknown. */
export function start(n: Natives, flash: Flash, board: BootBoard, utcSeconds: number): Started {
  attempt(() => n.E.setConsole(null, { force: true }))
  for (let index = 0; index < board.safeLevels.length; index += 2) {
    setOutput(n, board.safeLevels[index], board.safeLevels[index + 1])
  }
  releaseOutputs(n, board.outputs)
  closeRadios(n)
  const hardware = hardwareCause(n)
  const check: Check = { crc32: n.E.CRC32 }
  const press = pressOf(n, board.rescuePin, hardware === counters.POWER)
  const isRescue = press === HELD
  if (!isRescue) attempt(() => n.E.enableWatchdog(WATCHDOG_SECONDS, false))
  const s: Started = {
    mode: NORMAL,
    sentence: '',
    eventCode: 0,
    warning: '',
    settings: undefined,
    counters: counters.none(flash),
    entropy: undefined,
  }
  const hasFlash = attempt(() => {
    s.counters = counters.create(flash, check, hardware, utcSeconds)
  })
  if (isRescue) return rescue(s, n)
  if (!hasFlash) refuse(s, 307, 'Flash cannot be read: replace the module.')
  if (!attempt(() => examine(s, n, flash, check, board))) refuse(s, 307, 'The self-test failed: run flash.sh again.')
  if (s.sentence !== '') attempt(() => n.Serial1.println(s.sentence))
  if (press === TAPPED && s.mode === NORMAL) s.mode = KEYPADS
  return s
}

/** All that must be right, in the order in which one needs the other. The first that is not, is what is told. */
function examine(s: Started, n: Natives, flash: Flash, check: Check, board: BootBoard): void {
  const image = imageProblem(n, board.image)
  if (image !== '') refuse(s, 307, image)
  else s.entropy = entropy.create(noiseOf(n), flash, check, secretOf(s, flash, check))
  loadSettings(s, flash, check)
  if (s.settings !== undefined) verifyProgram(s, n, s.settings)
  if (s.entropy !== undefined && !s.entropy.isStored) {
    refuse(s, 307, 'Flash does not take a new random seed: replace the module.')
  }
  if (s.entropy !== undefined && !s.entropy.isNoisy) s.warning = 'The noise register does not change.'
  if (counters.isCrashLoop(s.counters))
    refuse(s, 305, `Restarted ${s.counters.streak} times, cause ${s.counters.cause}.`)
}

/** The first refusal counts. */
function refuse(s: Started, eventCode: number, sentence: string): void {
  if (s.mode !== NORMAL) return
  s.mode = SAFE
  s.eventCode = eventCode
  s.sentence = sentence
}

/** The service console: whoever can hold the button could read the flash through download mode as well. */
function rescue(s: Started, n: Natives): Started {
  s.mode = RESCUE
  s.sentence = 'Service console open, panel not started. Reset to leave.'
  counters.end(s.counters, counters.RESCUE, 0)
  attempt(() => n.E.setConsole('Serial1', { force: false }))
  attempt(() => n.Serial1.println(s.sentence))
  return s
}

/** Level before direction, so that the pin never drives the wrong one. */
function setOutput(n: Natives, pin: number, level: number): void {
  attempt(() => {
    n.digitalWrite(pin, level)
    n.pinMode(pin, 'output')
  })
}

/**
 * A chip keeps its outputs over a restart of the processor: all become inputs again, so that resistors hold the loads until
 * the panel, if there is to be one, takes them (output-port.ts). Whatever the address map is, BANK becomes 0 first.
 */
function releaseOutputs(n: Natives, at: BootBoard['outputs']): void {
  if (at === undefined) return
  try {
    n.I2C1.setup({ sda: at.sda, scl: at.scl })
    n.I2C1.writeTo(at.address, new Uint8Array([0x05, 0]))
    n.I2C1.writeTo(at.address, new Uint8Array([0x00, 0xff, 0xff]))
  } catch (_) {
    // Without an answer there is nothing that could be on.
  }
}

/** Listener on port 23, access point and station (espruino.md §5.4). An image without them throws here, which is as good. */
function closeRadios(n: Natives): void {
  attempt(() => n.require('TelnetServer').setOptions({ mode: 'off' }))
  if (n.ESP32 !== undefined && !n.ESP32.getState().Wifi) return
  attempt(() => n.require('Wifi').stopAP())
  attempt(() => n.require('Wifi').disconnect())
}

/** POWER, BROWNOUT or WATCHDOG. An order to restart shows like a watchdog, but the firmware has noted it (counters.ts). */
function hardwareCause(n: Natives): number {
  let reset = 0
  attempt(() => {
    reset = n.peek32(RESET_REGISTER) & RESET_MASK
  })
  if (reset === RESET_BROWNOUT) return counters.BROWNOUT
  return reset === RESET_POWER_ON || reset === RESET_DEEP_SLEEP ? counters.POWER : counters.WATCHDOG
}

/**
 * HELD when the button goes down within the window and stays down, TAPPED when it went down and up; 0 for nothing. Other
 * restarts than power-up do not wait for it. One that is down already was pressed for something else: that is no tap.
 */
function pressOf(n: Natives, pin: number, hasWindow: boolean): number {
  if (pin < 0) return 0
  let press = 0
  attempt(() => {
    n.pinMode(pin, 'input_pullup')
    const startMs = n.getTime() * 1000
    let downMs = -1
    let wasUp = false
    for (let look = 0; look < RESCUE_LOOKS; look++) {
      const nowMs = n.getTime() * 1000 - startMs
      if (n.digitalRead(pin) === 0) {
        if (downMs < 0) downMs = nowMs
        if (nowMs - downMs < RESCUE_HOLD_MS) continue
        press = HELD
        return
      }
      const forMs = downMs < 0 ? 0 : nowMs - downMs
      if (wasUp && forMs >= TAP_MIN_MS && forMs <= TAP_MAX_MS) press = TAPPED
      // A bounce is none yet.
      if (forMs >= TAP_MIN_MS || !hasWindow || nowMs >= RESCUE_WINDOW_MS) return
      downMs = -1
      wasUp = true
    }
  })
  return press
}

/** '' for an image that can run the panel, else what to do about it. */
function imageProblem(n: Natives, image: string): string {
  const env = n.process.env
  if (env.BOARD !== image) return `This image is for ${env.BOARD}, the board needs ${image}: flash the right one.`
  if (!isRecent(env.VERSION)) return `Espruino ${env.VERSION} is too old: flash 2v29.277 or later.`
  // The dot, because at the end of a text the interpreter takes a part for all of it (docs/espruino-model.md).
  const modules = `,${env.MODULES},.`
  if (modules.indexOf(',crypto,') < 0) return 'This image has no crypto module: flash the official ESP32 image.'
  if (modules.indexOf(',Flash,') < 0) return 'This image has no Flash module: flash the official ESP32 image.'
  if (!hasCrypto(n)) return 'SHA-256 or AES of this image give wrong results: flash the official ESP32 image.'
  if (n.ESP32 !== undefined && n.ESP32.getState().BLE) return 'Bluetooth is on: run flash.sh again, it switches it off.'
  return ''
}

/** '2v29.277' and what comes after it. A release '2v30' has no third part. */
function isRecent(version: string): boolean {
  const at = version.indexOf('v')
  const major = parseInt(version.substr(0, at))
  const minor = parseInt(version.substr(at + 1))
  const dot = version.indexOf('.')
  const build = dot < 0 ? 0 : parseInt(version.substr(dot + 1))
  if (major !== VERSION_MAJOR) return major > VERSION_MAJOR
  return minor > VERSION_MINOR || (minor === VERSION_MINOR && build >= VERSION_BUILD)
}

/** Known answers, because the natives return undefined instead of throwing (espruino.md §5.2). */
function hasCrypto(n: Natives): boolean {
  const crypto = n.require('crypto')
  const key = new Uint8Array(16)
  const text = new Uint8Array(16)
  for (let index = 0; index < 16; index++) {
    key[index] = index
    text[index] = index * 17
  }
  const digest = new Uint8Array(crypto.SHA256(new Uint8Array([97, 98, 99])))
  const cipher = new Uint8Array(crypto.AES.encrypt(text, key, { iv: new Uint8Array(16), mode: 'CBC' }))
  return (
    digest.length === 32 &&
    (n.E.CRC32(digest) | 0) === DIGEST_CRC &&
    cipher.length === 16 &&
    (n.E.CRC32(cipher) | 0) === CIPHER_CRC
  )
}

/** The natives themselves: a closure made here would keep all of boot in memory. */
function noiseOf(n: Natives): entropy.NoiseNatives {
  return { peek32: n.peek32, getTime: n.getTime, sha256: n.require('crypto').SHA256 }
}

/** The device secret also goes into the random pool. Empty while the panel has no settings. */
function secretOf(s: Started, flash: Flash, check: Check): Uint8Array {
  const bytes = settings.load(flash, check)
  if (bytes !== undefined) s.settings = settings.unpack(bytes)
  return s.settings === undefined ? new Uint8Array(0) : s.settings.secret
}

function loadSettings(s: Started, flash: Flash, check: Check): void {
  if (s.settings === undefined) secretOf(s, flash, check)
  if (settings.isDamaged(flash, check)) refuse(s, 303, 'The settings are damaged: run flash.sh again.')
  if (s.settings === undefined) refuse(s, 303, 'The panel has no settings: run flash.sh.')
}

/** Length and CRC of the program as provisioning wrote it down. */
function verifyProgram(s: Started, n: Natives, known: settings.Settings): void {
  const program = n.require('Storage').read(PROGRAM)
  const isSame =
    program !== undefined && program.length === known.programBytes && (n.E.CRC32(program) | 0) === known.programCrc
  if (!isSame) refuse(s, 304, 'The program is not the one that was installed: run flash.sh again.')
}

/** True when it did not throw. */
function attempt(act: () => void): boolean {
  try {
    act()
    return true
  } catch (_) {
    return false
  }
}
