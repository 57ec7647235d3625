/**
 * A fresh context of node:vm that has what the interpreter has and nothing else: the globals of ../espruino.ts, and the
 * language's own objects with only those members that Espruino 2v29.277 showed when it was asked for each of Node's.
 *
 * Cannot be taken away or bent here, so a program that relies on it still runs: syntax that the interpreter does not know
 * (board/gate.ts reads the bundle for it), hoisting, `array.length = n` (throws there), `typed[-1]` (throws there), names
 * beyond 63 characters, `|0` beyond 2^63, `===` of doubles with its tolerance, printing of floats, strings of bytes in
 * literals, RegExp's missing forms, JSON.parse that takes more than JSON and keeps the first of duplicate keys,
 * `replace` without `$&`, constants that are fixed (BYTES_PER_ELEMENT, Number.EPSILON and MAX_SAFE_INTEGER), `Number(' 5 ')`, `new Uint8Array(text)` (throws there), errors of the engine itself (TypeError
 * for what is a plain Error there), depth of recursion. Out of memory is thrown from the next native call, so a program
 * may catch it here; there it cannot. Promise and Date's calendar are left out on purpose: the firmware uses neither.
 */

import { createContext, runInContext, Script } from 'node:vm'
import type { Espruino } from '../espruino'
import * as text from '../espruino-text'

/** Own names of the global object that stay; all others go. */
const GLOBALS =
  'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String RegExp Error ReferenceError SyntaxError TypeError JSON Math ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array Uint8ClampedArray DataView decodeURIComponent encodeURIComponent eval isFinite isNaN globalThis'.split(
    ' ',
  )

/** Members of constructors and of Math and JSON. */
const STATICS: Record<string, string> = {
  Array: 'isArray',
  String: 'fromCharCode',
  Number: 'MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY',
  Object:
    'assign getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames create defineProperties defineProperty getPrototypeOf setPrototypeOf keys entries fromEntries values',
  Math: 'abs acos asin atan atan2 ceil cos exp floor log max min pow random round sign sin sqrt tan E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2',
  JSON: 'parse stringify',
  RegExp: '',
  Error: '',
  ArrayBuffer: '',
  Boolean: '',
  Function: '',
}

/** Members of values. */
const METHODS: Record<string, string> = {
  Array:
    'length concat fill find findIndex pop push reverse shift unshift slice sort splice includes indexOf join forEach filter map every some reduce toString',
  String:
    'length charAt charCodeAt concat endsWith includes indexOf lastIndexOf match padEnd padStart repeat replace replaceAll slice split substr substring startsWith toString trim toLowerCase toUpperCase valueOf',
  Number: 'toFixed toString valueOf',
  Object: 'hasOwnProperty toString valueOf __proto__',
  Function: 'length apply bind call toString',
  Boolean: 'toString valueOf',
  // flags, global and the like are what String.replace itself asks for.
  RegExp:
    'exec source toString test lastIndex flags global ignoreCase multiline sticky unicode unicodeSets dotAll hasIndices',
  ArrayBuffer: 'byteLength',
  DataView:
    'buffer byteLength byteOffset getInt8 setInt8 getUint8 setUint8 getInt16 setInt16 getUint16 setUint16 getInt32 setInt32 getUint32 setUint32 getFloat32 setFloat32 getFloat64 setFloat64',
}
const TYPED_METHODS =
  'buffer byteLength byteOffset length every fill filter find findIndex forEach includes indexOf join map reverse reduce set slice some sort subarray toString'

/** Methods that the interpreter finds on a value but not on the prototype (espruino.md §1.7). */
const HIDDEN = ['Array', 'String', 'Function']
const ERROR_TYPES = ['ReferenceError', 'SyntaxError', 'TypeError']
/** The most arguments of an apply() (§1.6). */
const APPLY_LIMIT = 255

type Method = (this: unknown, ...values: unknown[]) => unknown
// The context's own objects: whatever a program may find there.
// biome-ignore lint/suspicious/noExplicitAny: built-ins are taken apart by name
type Guest = Record<string, any>

export class EspruinoContext {
  readonly global: Guest
  private context = createContext({})

  constructor(readonly espruino: Espruino) {
    this.global = runInContext('globalThis', this.context) as Guest
    const guest = this.global
    const bend = new Bender(guest)
    bend.behaviour(() => espruino.random())
    bend.members()
    for (const name of Object.getOwnPropertyNames(guest)) if (!GLOBALS.includes(name)) delete guest[name]
    guest.global = guest
    const border = new Border(guest)
    for (const [name, value] of Object.entries(espruino.globals())) guest[name] = border.let(value)
    guest.btoa = border.let((text: string) => Buffer.from(text, 'latin1').toString('base64'))
    guest.atob = border.let((text: string) => Buffer.from(text, 'base64').toString('latin1'))
    espruino.setEngine((code) => runInContext(code, this.context))
  }

  /** Runs a program's text as boot code: what it throws is printed, and its timers and events go on. */
  run(code: string, filename = 'program.js'): void {
    const script = new Script(code, { filename })
    this.espruino.loop.runNow(() => script.runInContext(this.context))
  }

  /** Value of an expression; throws what it throws. */
  evaluate(expression: string): unknown {
    return runInContext(expression, this.context)
  }

  /** Power-up: the boot files of Storage in their order, then onInit(). */
  boot(): void {
    this.espruino.boot(
      (code) => new Script(code, { filename: 'boot.js' }).runInContext(this.context),
      () => {
        if (typeof this.global.onInit === 'function') this.global.onInit()
      },
    )
  }

  /** A copy of plain data that is made of the context's own objects. */
  copy(value: unknown): unknown {
    return this.global.JSON.parse(JSON.stringify(value))
  }
}

/** Takes members away, and gives others the interpreter's behaviour. */
class Bender {
  private typedPrototype: Guest

  constructor(private guest: Guest) {
    this.typedPrototype = Object.getPrototypeOf(guest.Uint8Array.prototype)
  }

  members(): void {
    const guest = this.guest
    for (const [name, kept] of Object.entries(STATICS)) keep(guest[name], kept, ['prototype', 'length', 'name'])
    for (const [name, kept] of Object.entries(METHODS)) keep(guest[name].prototype, kept, ['constructor'])
    keep(this.typedPrototype, TYPED_METHODS, ['constructor'])
    keep(Object.getPrototypeOf(guest.Uint8Array), '', ['prototype', 'length', 'name'])
    for (const name of HIDDEN) hideMethods(guest[name].prototype)
    for (const name of ERROR_TYPES) {
      const prototype = guest[name].prototype
      // No instance of Error; `type` holds the name, `name` nothing (§1.5).
      Object.setPrototypeOf(prototype, guest.Object.prototype)
      this.put(prototype, 'toString', function () {
        return `${name}: ${(this as Error).message}`
      })
      prototype.type = name
      delete prototype.name
    }
  }

  behaviour(random: () => number): void {
    const guest = this.guest
    const array = guest.Array.prototype
    const sliceArray = array.slice as Method
    const filterArray = array.filter as Method
    // Both give plain arrays (§1.7).
    this.put(this.typedPrototype, 'slice', function (...values) {
      return sliceArray.apply(this, values)
    })
    this.put(this.typedPrototype, 'filter', function (...values) {
      return filterArray.apply(this, values)
    })
    this.put(array, 'sort', function (compare) {
      return sortUnstably(this as unknown[], compare as Compare | undefined)
    })
    const split = guest.String.prototype.split as Method
    this.put(guest.String.prototype, 'split', function (separator) {
      return split.call(this, separator)
    })
    this.searching(guest.String.prototype)
    const apply = guest.Function.prototype.apply
    this.put(guest.Function.prototype, 'apply', function (self, values) {
      const list = values as ArrayLike<unknown> | undefined
      if (list != null && list.length > APPLY_LIMIT) throw new guest.Error('Too many arguments in apply')
      return Reflect.apply(apply, this, [self, list])
    })
    const fromCharCode = guest.String.fromCharCode
    this.put(guest.String, 'fromCharCode', (...codes) => fromCharCode(...codes.map((code) => Number(code) & 255)))
    const math = guest.Math
    this.put(math, 'random', () => random())
    this.put(math, 'round', (value) => Math.sign(Number(value)) * Math.floor(Math.abs(Number(value)) + 0.5))
    this.put(math, 'pow', (base, exponent) => Math.pow(Number(base), Number(exponent)))
    const stringify = guest.JSON.stringify
    // No replacer, and a text for nothing at all (§1.7).
    this.put(guest.JSON, 'stringify', (value, _replacer, indent) => stringify(value, undefined, indent) ?? 'null')
    const parse = guest.JSON.parse
    this.put(guest.JSON, 'parse', (text) => parse(text))
    const create = guest.Object.create
    this.put(guest.Object, 'create', (prototype, properties) => {
      if (properties !== undefined) throw new guest.Error('Object.create: second argument not supported')
      return create(prototype)
    })
  }

  /** A find at the end of a text may be a part of what is sought (../espruino-text.ts). */
  private searching(prototype: Guest): void {
    this.put(prototype, 'indexOf', function (part, from) {
      return text.indexOf(String(this), String(part), from === undefined ? 0 : Number(from))
    })
    this.put(prototype, 'includes', function (part, from) {
      return text.indexOf(String(this), String(part), from === undefined ? 0 : Number(from)) >= 0
    })
    for (const name of ['replace', 'replaceAll']) {
      const original = prototype[name] as Method
      this.put(prototype, name, function (part, by) {
        if (typeof part !== 'string' || typeof by === 'function') return original.call(this, part, by)
        return text.replace(String(this), part, String(by), name === 'replaceAll')
      })
    }
  }

  private put(target: Guest, name: string, method: Method): void {
    // So that apply() and its like are the context's.
    Object.setPrototypeOf(method, this.guest.Function.prototype)
    Object.defineProperty(target, name, { value: method, writable: true, enumerable: false, configurable: true })
  }
}

function keep(target: Guest, names: string, always: string[]): void {
  const kept = [...names.split(' '), ...always]
  for (const name of Object.getOwnPropertyNames(target)) if (!kept.includes(name)) Reflect.deleteProperty(target, name)
}

/** A method is there for each value, but a look at the prototype itself finds nothing; a program may add its own. */
function hideMethods(prototype: Guest): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[name]
    if (typeof method !== 'function' || name === 'constructor') continue
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get() {
        return this === prototype ? undefined : method
      },
      set(value) {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
      },
    })
  }
}

type Compare = (left: unknown, right: unknown) => number

/** In place; equal elements come out in the opposite order, so that nobody relies on theirs (§1.7). */
function sortUnstably(list: unknown[], compare: Compare | undefined): unknown[] {
  const byText: Compare = (left, right) => {
    const texts = [String(left), String(right)]
    return texts[0] === texts[1] ? 0 : texts[0] < texts[1] ? -1 : 1
  }
  const order = compare ?? byText
  const entries = Array.from({ length: list.length }, (_, index) => ({ value: list[index], index }))
  entries.sort((left, right) => Number(order(left.value, right.value)) || right.index - left.index)
  entries.forEach((entry, index) => {
    list[index] = entry.value
  })
  return list
}

/** What passes between the model and the program: errors, bytes and lists become the context's own on their way in. */
class Border {
  private done = new WeakSet<object>()

  constructor(private guest: Guest) {}

  let(value: unknown): unknown {
    if (typeof value === 'function') return this.wrap(value as Method)
    if (typeof value !== 'object' || value === null || this.done.has(value)) return value
    if (value instanceof Uint8Array) return new this.guest.Uint8Array(value)
    if (value instanceof ArrayBuffer) return new this.guest.Uint8Array(new Uint8Array(value)).buffer
    if (Array.isArray(value)) return this.list(value)
    if (Object.getPrototypeOf(value) !== Object.prototype) return value
    this.done.add(value)
    const record = value as Record<string, unknown>
    for (const name of Object.keys(record)) if (!name.startsWith('#')) record[name] = this.let(record[name])
    return value
  }

  private list(values: unknown[]): unknown[] {
    const list = new this.guest.Array()
    for (const value of values) list.push(this.let(value))
    return list
  }

  private wrap(method: Method): Method {
    const guest = this.guest
    const border = this
    const wrapped: Method = function (this: unknown, ...values) {
      try {
        return border.let(method.apply(this, values))
      } catch (error) {
        throw error instanceof Error ? new guest.Error(error.message) : error
      }
    }
    Object.setPrototypeOf(wrapped, guest.Function.prototype)
    return wrapped
  }
}
