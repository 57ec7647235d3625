import { describe, expect, it } from 'vitest'
import { EspruinoContext } from '../../../hal-mock/programs/espruino-context'
import { Rig } from '../espruino-rig'

function context() {
  const rig = new Rig()
  const made = new EspruinoContext(rig.espruino)
  return { rig, made, see: (expression: string) => made.evaluate(expression) }
}

// espruino.md §1.6, §1.7, written anew: what the interpreter answered 'undefined' to.
const MISSING_GLOBALS =
  'Map Set WeakMap WeakSet Symbol Proxy Reflect BigInt TextEncoder structuredClone queueMicrotask setImmediate RangeError URIError EvalError Intl WebAssembly SharedArrayBuffer Atomics escape Buffer navigator performance'.split(
    ' ',
  )
const MISSING_STATICS =
  'Object.freeze Object.seal Object.is Object.hasOwn Object.groupBy Array.from Array.of Number.isInteger Number.isFinite Number.isNaN Number.parseInt Math.trunc Math.imul Math.clz32 Math.hypot Math.log2 Math.log10 Math.cbrt Math.fround String.raw String.fromCodePoint Uint8Array.from'.split(
    ' ',
  )
const MISSING_METHODS: Record<string, string> = {
  '[1]': 'at flat flatMap entries keys values lastIndexOf reduceRight copyWithin findLast toSorted with',
  '"a"': 'at codePointAt localeCompare matchAll normalize search trimStart trimEnd isWellFormed',
  '(5)': 'toPrecision toExponential toLocaleString',
  'new Uint8Array(2)': 'at entries lastIndexOf keys values',
  '({})': 'isPrototypeOf propertyIsEnumerable __defineGetter__',
}

describe('what the interpreter lacks is not there', () => {
  for (const name of MISSING_GLOBALS) {
    it(`${name} is unknown`, () => {
      expect(context().see(`typeof ${name}`)).toBe('undefined')
    })
  }

  it('each static member that it lacks is undefined, and calling one throws', () => {
    const { see } = context()
    for (const name of MISSING_STATICS) expect([name, see(`typeof ${name}`)]).toEqual([name, 'undefined'])
    expect(() => see('Math.imul(2, 3)')).toThrow('not a function')
  })

  it('methods of arrays, strings, numbers, typed arrays and objects are undefined', () => {
    const { see } = context()
    for (const [value, names] of Object.entries(MISSING_METHODS)) {
      for (const name of names.split(' ')) expect([name, see(`typeof ${value}.${name}`)]).toEqual([name, 'undefined'])
    }
  })

  it('built-in methods are found on values, not on the prototypes; a program may add its own (§1.7)', () => {
    const { see } = context()
    expect(see('typeof Array.prototype.slice')).toBe('undefined')
    expect(() => see('Array.prototype.slice.call([1])')).toThrow()
    expect(see('[].slice.call({ length: 1, 0: 7 })[0]')).toBe(7)
    expect(see('Object.prototype.hasOwnProperty.call({ a: 1 }, "a")')).toBe(true)
    expect(see('Array.prototype.last = function () { return this[this.length - 1] }; [1, 2].last()')).toBe(2)
  })
})

describe('what behaves otherwise there', () => {
  it('cuts char codes to a byte: fromCharCode(300) is 44 (§1.6)', () => {
    expect(context().see('String.fromCharCode(300).charCodeAt(0)')).toBe(44)
  })

  it('refuses an apply() with 256 arguments, takes 255', () => {
    const { see } = context()
    expect(see('String.fromCharCode.apply(null, new Uint8Array(255)).length')).toBe(255)
    expect(() => see('String.fromCharCode.apply(null, new Uint8Array(256))')).toThrow()
  })

  it('sorts without keeping the order of equals, by text without a comparison', () => {
    const { see } = context()
    expect(see('["b1", "a1", "a2"].sort(function (x, y) { return x.charCodeAt(0) - y.charCodeAt(0) }).join()')).toBe(
      'a2,a1,b1',
    )
    expect(see('[10, 9, 1].sort().join()')).toBe('1,10,9')
  })

  it('gives plain arrays from slice() and filter() of typed arrays', () => {
    const { see } = context()
    expect(see('Array.isArray(new Uint8Array([1, 2]).slice(1))')).toBe(true)
    expect(see('Array.isArray(new Uint8Array([1, 2]).filter(function (x) { return x > 1 }))')).toBe(true)
  })

  it('finds a text whose beginning is the end of the other: indexOf, includes, replace; not lastIndexOf and the rest', () => {
    // What the interpreter with 14-byte variables printed.
    for (const [expression, expected] of [
      ['"1100".indexOf("01")', 3],
      ['"abcO".indexOf("OK")', 3],
      ['"abc".indexOf("bcd")', 1],
      ['"abc".indexOf("cd", 2)', 2],
      ['"OK".indexOf("OKX")', -1],
      ['"abc".indexOf("c", 5)', -1],
      ['"abc".indexOf("", 3)', -1],
      ['"".indexOf("")', -1],
      ['"abc".indexOf("c", -1)', 2],
      ['"xxSIM700".includes("SIM7000")', true],
      ['"abcO".replace("OK", "!")', 'abc!'],
      ['"xx%".replace("%h", "!")', 'xx!'],
      ['"abcO".lastIndexOf("OK")', -1],
      ['"aO".startsWith("OK", 1)', false],
      ['"SEND O".endsWith("SEND OK")', false],
      ['"a--b-".split("--").length', 2],
      ['["ab"].indexOf("abc")', -1],
    ]) {
      expect([expression, context().see(String(expression))]).toEqual([expression, expected])
    }
  })

  it('ignores the limit of split, rounds halves away from zero, refuses properties in Object.create', () => {
    const { see } = context()
    expect(see('"a,b,c".split(",", 1).length')).toBe(3)
    expect(see('Math.round(-0.5)')).toBe(-1)
    expect(() => see('Object.create({}, {})')).toThrow()
    expect(see('JSON.stringify(undefined)')).toBe('null')
  })

  it('makes errors of a type that are no Error and have no name (§1.5)', () => {
    const { see } = context()
    expect(see('new TypeError("q") instanceof Error')).toBe(false)
    expect(see('new TypeError("q").type')).toBe('TypeError')
    expect(see('new TypeError("q").name')).toBeUndefined()
  })

  it('repeats Math.random() after every reset: 2002641757 / 2^31 first', () => {
    expect(context().see('Math.random()')).toBeCloseTo(2002641757 / 2147483648, 12)
    expect(context().see('Math.random()')).toBe(context().see('Math.random()'))
  })
})

describe('what passes between model and program belongs to the program', () => {
  it('errors, bytes, buffers and lists are of the context', () => {
    const { see } = context()
    expect(see('try { pinMode(4, "bad") } catch (e) { e instanceof Error && e.message }')).toBe('Unknown pin mode')
    expect(see('E.toUint8Array("ab") instanceof Uint8Array')).toBe(true)
    expect(see('require("crypto").SHA256("abc") instanceof ArrayBuffer')).toBe(true)
    expect(see('typeof E.getErrorFlags().flat')).toBe('undefined')
  })
})

describe('programs', () => {
  it('runs boot files in their order, then onInit, and prints what one of them throws', () => {
    const { rig, made } = context()
    const storage = rig.espruino.storage
    const put = (name: string, code: string) => storage.write(name, new Uint8Array(Buffer.from(code)), 0, 0)
    put('.bootcde', 'print("code"); function onInit() { print("init") }')
    put('.boot0', 'print("zero"); throw "wrong"; print("never")')
    put('.bootrst', 'print("reset"); function onInit() { print("init") }')
    made.boot()
    expect(rig.lines).toEqual(['zero', 'Uncaught wrong', 'reset', 'init'])
  })

  it('keeps timers that a program set before it threw', () => {
    const { rig, made } = context()
    made.run('setTimeout(function () { print("later") }, 5); nothing.there')
    rig.pass(10)
    expect(rig.lines).toEqual(['Uncaught ReferenceError: nothing is not defined', 'later'])
  })

  it('loads a module from Storage once, drops it, and loads it again (§6.2)', () => {
    const { rig, see } = context()
    see('require("Storage").write("menu", "exports.open = function () { return 5 }; print(\'loaded\')")')
    expect(see('require("menu").open() + require("menu").open()')).toBe(10)
    expect(see('Modules.getCached().join()')).toBe('menu')
    see('Modules.removeCached("menu")')
    see('require("menu")')
    expect(rig.lines).toEqual(['loaded', 'loaded'])
    expect(() => see('require("nothere")')).toThrow('Module "nothere" not found')
    expect(see('Modules.addCached("own", "exports.a = 1"), require("own").a')).toBe(1)
  })

  it('evaluates texts of Storage in the global scope', () => {
    const { see } = context()
    see('require("Storage").write("t", "var fromText = 7")')
    expect(see('eval(require("Storage").read("t")), global.fromText')).toBe(7)
  })

  it('has fresh globals in each context', () => {
    const { made } = context()
    made.run('var leftover = 1')
    expect(context().see('typeof leftover')).toBe('undefined')
  })
})
