/**
 * The interpreter's crypto, chance, console switches and chip functions (espruino.md §5, §3.8), without their inner
 * workings: digests and ciphers come from the platform that the bench runs on.
 *
 * Not modelled: what goes over Wi-Fi, Bluetooth, telnet or TLS (they can only be switched), deep sleep, NVS, temperature,
 * the password of the console.
 */

import { toBytes, toText } from './espruino-bytes'
import type { Callback, Loop, Natives } from './espruino-loop'

/** Natives of the platform below the bench. */
export interface EspruinoNatives {
  /** name: 'SHA1', 'SHA224', 'SHA256', 'SHA384' or 'SHA512'. */
  digest(name: string, bytes: Uint8Array): Uint8Array
  pbkdf2(name: string, secret: Uint8Array, salt: Uint8Array, iterations: number, lengthBytes: number): Uint8Array
  /** mode: 'CBC', 'CFB8', 'ECB' or 'CTR'; no padding. */
  cipher(mode: string, isEncrypting: boolean, bytes: Uint8Array, key: Uint8Array, vector: Uint8Array): Uint8Array
  crc32(bytes: Uint8Array): number
}

const HASHERS = ['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512']
const BLOCK_BYTES = 16

/** Free variables in holes: nothing that must lie in one piece finds room, though there is enough in all. */
export interface Memory {
  /** So many calls of require('crypto') find no room yet; E.defrag() sets it to 0. */
  refusalsLeft: number
}

/**
 * require('crypto'): errors print a line and return undefined; only an unknown name throws (§5.2). Without room for the
 * result there is a warning flag, LOW_MEMORY, that no event tells.
 */
export function makeCrypto(loop: Loop, natives: EspruinoNatives, memory: Memory): Natives {
  /** What a native made, if there is room for it. */
  const inOnePiece = (result: Uint8Array): unknown => {
    if (memory.refusalsLeft === 0) return result.buffer
    memory.refusalsLeft--
    loop.flag('LOW_MEMORY')
    return fail('Not enough memory for result')
  }
  const fail = (message: string): undefined => {
    loop.onPrint(`ERROR: ${message}`)
    return undefined
  }
  const crypt = (isEncrypting: boolean, data: unknown, key: unknown, options: unknown) => {
    const wanted = (options ?? {}) as Natives
    const mode = wanted.mode === undefined ? 'CBC' : String(wanted.mode)
    if (!['CBC', 'CFB', 'CTR', 'OFB', 'ECB'].includes(mode)) throw new Error(`Unknown Crypto mode "${mode}"`)
    const bytes = toBytes(data)
    const keyBytes = toBytes(key)
    if (![16, 24, 32].includes(keyBytes.length)) return fail('Unknown error: -0x20')
    if (mode === 'OFB') return fail('Feature unavailable')
    if (mode === 'CBC' && bytes.length % BLOCK_BYTES !== 0) return fail('Invalid input length')
    // CTR counts from zero, whatever the caller says.
    const vector = wanted.iv === undefined || mode === 'CTR' ? new Uint8Array(BLOCK_BYTES) : toBytes(wanted.iv)
    const result = new Uint8Array(bytes.length)
    // ECB leaves an incomplete tail as zeros.
    const whole = mode === 'ECB' ? bytes.subarray(0, bytes.length - (bytes.length % BLOCK_BYTES)) : bytes
    result.set(natives.cipher(mode === 'CFB' ? 'CFB8' : mode, isEncrypting, whole, keyBytes, vector), 0)
    return inOnePiece(result)
  }
  const crypto: Natives = {
    PBKDF2: (secret: unknown, salt: unknown, options: unknown) => {
      // Without options one iteration of SHA-1.
      const wanted = (options ?? {}) as Natives
      const hasher = wanted.hasher === undefined ? 'SHA1' : String(wanted.hasher)
      if (!HASHERS.includes(hasher)) throw new Error(`Unknown Hasher "${hasher}"`)
      const lengthBytes = 4 * (wanted.keySize === undefined ? 4 : Number(wanted.keySize))
      const iterations = wanted.iterations === undefined ? 1 : Number(wanted.iterations)
      return inOnePiece(natives.pbkdf2(hasher, toBytes(secret), toBytes(salt), iterations, lengthBytes))
    },
    AES: loop.guard({
      encrypt: (data: unknown, key: unknown, options: unknown) => crypt(true, data, key, options),
      decrypt: (data: unknown, key: unknown, options: unknown) => crypt(false, data, key, options),
    }),
  }
  for (const name of HASHERS) crypto[name] = (data: unknown) => inOnePiece(natives.digest(name, toBytes(data)))
  return loop.guard(crypto)
}

/** Both generators of the interpreter are this one, and start the same after each reset (§5.1). */
export class FixedChance {
  private w = 0xdeadbeef
  private z = 0xcafebabe

  /** 31 bits. */
  next(): number {
    this.z = (36969 * (this.z & 65535) + (this.z >>> 16)) >>> 0
    this.w = (18000 * (this.w & 65535) + (this.w >>> 16)) >>> 0
    return ((this.z << 16) + this.w) & 0x7fffffff
  }

  /** E.srand(): 32 bits of state. */
  seed(value: number): void {
    this.w = value >>> 0
    this.z = 0xcafebabe
  }
}

/** Ways in from outside, and whether they are open (§5.4). */
export interface Exposure {
  serial: boolean
  telnet: boolean
  bluetooth: boolean
  accessPoint: boolean
}

/** As the head build is after power-up. */
export function openExposure(): Exposure {
  return { serial: true, telnet: true, bluetooth: true, accessPoint: false }
}

export interface EDeps {
  loop: Loop
  natives: EspruinoNatives
  chance: FixedChance
  exposure: Exposure
  memory: Memory
  enableWatchdog(seconds: number, isAutomatic: boolean): void
  kickWatchdog(): void
  reboot(): void
}

/** E.mapInPlace() over bytes, `bits` of them at a time (1 to 8), highest first, until source or target ends. */
function mapBits(source: Uint8Array, target: Uint8Array, map: ArrayLike<number>, bits: number): void {
  for (let at = 0; at < target.length && (at + 1) * bits <= 8 * source.length; at++) {
    const word = (source[(at * bits) >> 3] << 8) | (source[((at * bits) >> 3) + 1] ?? 0)
    target[at] = map[(word >> (16 - bits - ((at * bits) & 7))) & ((1 << bits) - 1)]
  }
}

/** The E object. */
export function makeE(deps: EDeps): Natives {
  const loop = deps.loop
  const e = loop.guard({
    CRC32: (data: unknown) => deps.natives.crc32(toBytes(data)),
    hwRand: () => deps.chance.next(),
    srand: (value: unknown) => deps.chance.seed(Number(value)),
    toString: (...data: unknown[]) => toText(toBytes(data)),
    toUint8Array: (...data: unknown[]) => toBytes(data),
    mapInPlace: (source: Uint8Array, target: Uint8Array, map: ArrayLike<number>, bits: number) =>
      mapBits(source, target, map, bits),
    toArrayBuffer: (text: unknown) => toBytes(text).buffer,
    getErrorFlags: () => loop.takeFlags(),
    setConsole: (device: unknown) => {
      deps.exposure.serial = device !== null
    },
    enableWatchdog: (seconds: unknown, isAutomatic: unknown) =>
      deps.enableWatchdog(Number(seconds), isAutomatic !== false),
    kickWatchdog: () => deps.kickWatchdog(),
    reboot: () => deps.reboot(),
    defrag: () => {
      deps.memory.refusalsLeft = 0
    },
    setTimeZone: () => undefined,
    setFlags: () => undefined,
    getFlags: () => ({}),
    lockConsole: () => undefined,
    setPassword: () => undefined,
  })
  loop.addEvents(e)
  return e
}

/** ESP32, require('Wifi') and require('TelnetServer'): the switches. */
export function makeChip(deps: EDeps): { esp32: Natives; wifi: Natives; telnet: Natives } {
  const loop = deps.loop
  const exposure = deps.exposure
  const refuse = (what: string) => () => {
    throw new Error(`${what} is not modelled`)
  }
  const done = (act: unknown) => {
    if (typeof act === 'function') loop.setTimeout(act as Callback, 0, [null])
  }
  const esp32 = loop.guard({
    // Both are kept in NVS, delete saved code and restart: a step of provisioning (§3.2).
    enableBLE: (isOn: unknown) => {
      exposure.bluetooth = isOn === true
      deps.reboot()
    },
    enableWifi: () => deps.reboot(),
    reboot: () => deps.reboot(),
    setAtten: () => undefined,
    getState: () => ({ sdkVersion: 'v3.1', freeHeap: 40000, BLE: exposure.bluetooth, Wifi: true, minHeap: 40000 }),
    getWakeupCause: () => 0,
    deepSleep: refuse('ESP32.deepSleep'),
  })
  const wifi = loop.guard({
    stopAP: (act: unknown) => {
      exposure.accessPoint = false
      done(act)
    },
    startAP: (_name: unknown, _options: unknown, act: unknown) => {
      exposure.accessPoint = true
      done(act)
    },
    disconnect: (act: unknown) => done(act),
    getStatus: () => ({
      mode: exposure.accessPoint ? 'sta+ap' : 'sta',
      station: 'off',
      ap: exposure.accessPoint ? 'enabled' : 'disabled',
    }),
    connect: refuse('Wifi.connect'),
    setSNTP: refuse('Wifi.setSNTP'),
  })
  loop.addEvents(wifi)
  const telnet = loop.guard({
    setOptions: (options: unknown) => {
      exposure.telnet = (options as Natives).mode !== 'off'
    },
  })
  return { esp32, wifi, telnet }
}
