/**
 * The core library of the Espruino interpreter, in place of TypeScript's own: only what exists there and means the same
 * there as in Node. A member that is missing here is a type error in firmware/ and hal-mock/.
 *
 * Checked member by member on Espruino 2v29.277 (Linux build and the build with the ESP32's memory geometry).
 *
 * Left out although the interpreter has it, because it differs or has no place in the firmware:
 * - clocks, chance and deferral: Date, Math.random, timers, Promise; they come in through hal.ts or not at all
 * - different result: Array.length as a target (throws), typed slice() and filter() (plain arrays), typed set() beyond
 *   the end (no RangeError), split() with a limit (ignored), Math.pow (a float), toFixed() (truncates),
 *   Object.defineProperty (drops the value), JSON.stringify with a replacer (ignored), RegExp flags, Function.name
 * - TypeError and its like: not instances of Error there
 */

// --- what the compiler itself asks for -------------------------------------------------------------------------------

/** Only for the types of for..of and spread, which the build lowers. The interpreter has no Symbol. */
interface SymbolConstructor {
  readonly iterator: unique symbol
  readonly toStringTag: unique symbol
}
declare const Symbol: SymbolConstructor
// biome-ignore lint/suspicious/noEmptyInterface: the compiler needs the name
interface Symbol {}

interface IteratorYieldResult<T> {
  done?: false
  value: T
}
interface IteratorReturnResult<T> {
  done: true
  value: T
}
type IteratorResult<T, R = any> = IteratorYieldResult<T> | IteratorReturnResult<R>
interface Iterator<T, R = any, N = any> {
  next(...parameters: [] | [N]): IteratorResult<T, R>
}
interface Iterable<T, _R = any, _N = any> {
  [Symbol.iterator](): Iterator<T>
}
interface IterableIterator<T, R = any, N = any> extends Iterator<T, R, N> {
  [Symbol.iterator](): IterableIterator<T, R, N>
}

interface IArguments {
  [index: number]: any
  readonly length: number
}
// biome-ignore lint/suspicious/noEmptyInterface: tagged templates are not lowered, but the compiler needs the name
interface TemplateStringsArray extends ReadonlyArray<string> {}

type PropertyKey = string | number | symbol
type Partial<T> = { [K in keyof T]?: T[K] }
type Required<T> = { [K in keyof T]-?: T[K] }
type Readonly<T> = { readonly [K in keyof T]: T[K] }
type Pick<T, K extends keyof T> = { [P in K]: T[P] }
type Record<K extends keyof any, T> = { [P in K]: T }
type Exclude<T, U> = T extends U ? never : T
type Extract<T, U> = T extends U ? T : never
type Omit<T, K extends keyof any> = Pick<T, Exclude<keyof T, K>>
type NonNullable<T> = T & {}
type Parameters<F extends (...parameters: any) => any> = F extends (...parameters: infer P) => any ? P : never
type ConstructorParameters<C extends abstract new (...parameters: any) => any> = C extends abstract new (
  ...parameters: infer P
) => any
  ? P
  : never
type ReturnType<F extends (...parameters: any) => any> = F extends (...parameters: any) => infer R ? R : any
type InstanceType<C extends abstract new (...parameters: any) => any> = C extends abstract new (
  ...parameters: any
) => infer R
  ? R
  : any
// biome-ignore lint/suspicious/noEmptyInterface: a marker that the compiler knows by name
interface ThisType<_T> {}

// --- values ----------------------------------------------------------------------------------------------------------

declare const NaN: number
declare const Infinity: number

declare function isNaN(value: number): boolean
declare function isFinite(value: number): boolean
/** Stops at the first character that is no digit; NaN when there is none. */
declare function parseInt(text: string, radix?: number): number
declare function parseFloat(text: string): number
/** Byte-wise base64. */
declare function btoa(bytes: string): string
declare function atob(text: string): string

interface Object {
  hasOwnProperty(key: PropertyKey): boolean
  toString(): string
}
interface ObjectConstructor {
  keys(record: object): string[]
  values<T>(record: { [key: string]: T } | ArrayLike<T>): T[]
  values(record: object): any[]
  entries<T>(record: { [key: string]: T } | ArrayLike<T>): [string, T][]
  entries(record: object): [string, any][]
  assign<T extends object, U>(target: T, source: U): T & U
  assign<T extends object, U, V>(target: T, source1: U, source2: V): T & U & V
  create(prototype: object | null): any
}
declare const Object: ObjectConstructor

interface Function {
  apply(self: any, parameters?: any): any
  call(self: any, ...parameters: any[]): any
  bind(self: any, ...parameters: any[]): any
  readonly length: number
  prototype: any
}
/** At most 255 parameters in an apply(). */
interface CallableFunction extends Function {
  apply<T, R>(this: (this: T) => R, self: T): R
  apply<T, A extends any[], R>(this: (this: T, ...parameters: A) => R, self: T, parameters: A): R
  call<T, A extends any[], R>(this: (this: T, ...parameters: A) => R, self: T, ...parameters: A): R
  bind<T>(this: T, self: any): T
  bind<T, A extends any[], B extends any[], R>(
    this: (this: T, ...parameters: [...A, ...B]) => R,
    self: T,
    ...parameters: A
  ): (...parameters: B) => R
}
// biome-ignore lint/suspicious/noEmptyInterface: the compiler needs the name
interface NewableFunction extends Function {}

interface Boolean {
  valueOf(): boolean
}
interface BooleanConstructor {
  (value?: unknown): boolean
}
declare const Boolean: BooleanConstructor

interface Number {
  toString(radix?: number): string
  valueOf(): number
}
interface NumberConstructor {
  (value?: unknown): number
}
declare const Number: NumberConstructor

/** On the device a string is bytes: char codes 0-255. */
interface String {
  readonly length: number
  readonly [index: number]: string
  charAt(index: number): string
  charCodeAt(index: number): number
  concat(...texts: string[]): string
  endsWith(text: string, endIndex?: number): boolean
  includes(text: string, fromIndex?: number): boolean
  indexOf(text: string, fromIndex?: number): number
  lastIndexOf(text: string, fromIndex?: number): number
  match(pattern: RegExp): RegExpMatchArray | null
  padEnd(length: number, fill?: string): string
  padStart(length: number, fill?: string): string
  repeat(count: number): string
  replace(pattern: string | RegExp, replacement: string): string
  replace(pattern: string | RegExp, replacer: (found: string, ...parameters: any[]) => string): string
  replaceAll(text: string, replacement: string): string
  slice(start?: number, end?: number): string
  split(separator: string | RegExp): string[]
  startsWith(text: string, fromIndex?: number): boolean
  substr(start: number, length?: number): string
  substring(start: number, end?: number): string
  toLowerCase(): string
  toUpperCase(): string
  toString(): string
  trim(): string
  valueOf(): string
  [Symbol.iterator](): IterableIterator<string>
}
interface StringConstructor {
  (value?: unknown): string
  fromCharCode(...codes: number[]): string
}
declare const String: StringConstructor

/** Trivial patterns only: no ? {n} \b (?: lookahead, no group with a quantifier, no alternation beside an anchor. */
interface RegExp {
  exec(text: string): RegExpExecArray | null
  test(text: string): boolean
  readonly source: string
  lastIndex: number
}
interface RegExpMatchArray extends Array<string> {
  index?: number
}
interface RegExpExecArray extends Array<string> {
  index: number
}
interface RegExpConstructor {
  new (pattern: string, flags?: string): RegExp
}
declare const RegExp: RegExpConstructor

/** Costs about 39 variables; not to be extended. */
interface Error {
  message: string
  stack?: string
}
interface ErrorConstructor {
  new (message?: string): Error
  (message?: string): Error
}
declare const Error: ErrorConstructor

interface Math {
  readonly PI: number
  abs(value: number): number
  atan2(y: number, x: number): number
  ceil(value: number): number
  cos(value: number): number
  floor(value: number): number
  max(...values: number[]): number
  min(...values: number[]): number
  /** Halves away from zero, so -0.5 becomes -1 on the device. */
  round(value: number): number
  sign(value: number): number
  sin(value: number): number
  sqrt(value: number): number
}
declare const Math: Math

interface JSON {
  /** Accepts more than JSON and keeps the first of duplicate keys: validate what comes out. */
  parse(text: string): unknown
  stringify(value: unknown): string
}
declare const JSON: JSON

// --- lists -----------------------------------------------------------------------------------------------------------

interface ArrayLike<T> {
  readonly length: number
  readonly [index: number]: T
}

interface ReadonlyArray<T> {
  readonly length: number
  readonly [index: number]: T
  concat(...items: (T | readonly T[])[]): T[]
  every(test: (value: T, index: number, array: readonly T[]) => unknown): boolean
  filter<S extends T>(test: (value: T, index: number, array: readonly T[]) => value is S): S[]
  filter(test: (value: T, index: number, array: readonly T[]) => unknown): T[]
  find<S extends T>(test: (value: T, index: number, array: readonly T[]) => value is S): S | undefined
  find(test: (value: T, index: number, array: readonly T[]) => unknown): T | undefined
  findIndex(test: (value: T, index: number, array: readonly T[]) => unknown): number
  forEach(act: (value: T, index: number, array: readonly T[]) => void): void
  includes(value: T, fromIndex?: number): boolean
  indexOf(value: T, fromIndex?: number): number
  join(separator?: string): string
  map<U>(change: (value: T, index: number, array: readonly T[]) => U): U[]
  reduce(merge: (sum: T, value: T, index: number, array: readonly T[]) => T): T
  reduce<U>(merge: (sum: U, value: T, index: number, array: readonly T[]) => U, start: U): U
  slice(start?: number, end?: number): T[]
  some(test: (value: T, index: number, array: readonly T[]) => unknown): boolean
  toString(): string
  [Symbol.iterator](): IterableIterator<T>
}

/** A linked list: a[i] walks from the nearer end. */
interface Array<T> {
  /** Assigning to it throws: use splice(). */
  readonly length: number
  [index: number]: T
  concat(...items: (T | readonly T[])[]): T[]
  every(test: (value: T, index: number, array: T[]) => unknown): boolean
  fill(value: T, start?: number, end?: number): this
  filter<S extends T>(test: (value: T, index: number, array: T[]) => value is S): S[]
  filter(test: (value: T, index: number, array: T[]) => unknown): T[]
  find<S extends T>(test: (value: T, index: number, array: T[]) => value is S): S | undefined
  find(test: (value: T, index: number, array: T[]) => unknown): T | undefined
  findIndex(test: (value: T, index: number, array: T[]) => unknown): number
  forEach(act: (value: T, index: number, array: T[]) => void): void
  includes(value: T, fromIndex?: number): boolean
  indexOf(value: T, fromIndex?: number): number
  join(separator?: string): string
  map<U>(change: (value: T, index: number, array: T[]) => U): U[]
  pop(): T | undefined
  push(...items: T[]): number
  reduce(merge: (sum: T, value: T, index: number, array: T[]) => T): T
  reduce<U>(merge: (sum: U, value: T, index: number, array: T[]) => U, start: U): U
  reverse(): T[]
  shift(): T | undefined
  slice(start?: number, end?: number): T[]
  some(test: (value: T, index: number, array: T[]) => unknown): boolean
  /** Not stable. */
  sort(compare?: (left: T, right: T) => number): this
  splice(start: number, deleteCount?: number, ...items: T[]): T[]
  toString(): string
  unshift(...items: T[]): number
  [Symbol.iterator](): IterableIterator<T>
}
interface ArrayConstructor {
  new <T = any>(length?: number): T[]
  <T = any>(length?: number): T[]
  isArray(value: unknown): value is any[]
}
declare const Array: ArrayConstructor

interface ArrayBuffer {
  readonly byteLength: number
}
interface ArrayBufferConstructor {
  new (lengthBytes: number): ArrayBuffer
}
declare const ArrayBuffer: ArrayBufferConstructor

/** What all typed arrays share. An index of -1 throws when read; beyond the end reads undefined and writes nothing. */
interface TypedArray<Self> {
  readonly buffer: ArrayBuffer
  readonly byteLength: number
  readonly byteOffset: number
  readonly length: number
  [index: number]: number
  every(test: (value: number, index: number, array: Self) => unknown): boolean
  fill(value: number, start?: number, end?: number): this
  find(test: (value: number, index: number, array: Self) => boolean): number | undefined
  findIndex(test: (value: number, index: number, array: Self) => boolean): number
  forEach(act: (value: number, index: number, array: Self) => void): void
  includes(value: number, fromIndex?: number): boolean
  indexOf(value: number, fromIndex?: number): number
  join(separator?: string): string
  map(change: (value: number, index: number, array: Self) => number): Self
  reduce(merge: (sum: number, value: number, index: number, array: Self) => number): number
  reduce<U>(merge: (sum: U, value: number, index: number, array: Self) => U, start: U): U
  reverse(): this
  set(source: ArrayLike<number>, offset?: number): void
  some(test: (value: number, index: number, array: Self) => unknown): boolean
  sort(compare?: (left: number, right: number) => number): this
  /** A view of the same bytes. */
  subarray(start?: number, end?: number): Self
  toString(): string
  [Symbol.iterator](): IterableIterator<number>
}
interface TypedArrayConstructor<Self> {
  new (length: number): Self
  new (values: ArrayLike<number>): Self
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): Self
}

// toStringTag only keeps the kinds apart for the type checker.
interface Uint8Array extends TypedArray<Uint8Array> {
  readonly [Symbol.toStringTag]: 'Uint8Array'
}
declare const Uint8Array: TypedArrayConstructor<Uint8Array>
interface Int8Array extends TypedArray<Int8Array> {
  readonly [Symbol.toStringTag]: 'Int8Array'
}
declare const Int8Array: TypedArrayConstructor<Int8Array>
interface Uint16Array extends TypedArray<Uint16Array> {
  readonly [Symbol.toStringTag]: 'Uint16Array'
}
declare const Uint16Array: TypedArrayConstructor<Uint16Array>
interface Int16Array extends TypedArray<Int16Array> {
  readonly [Symbol.toStringTag]: 'Int16Array'
}
declare const Int16Array: TypedArrayConstructor<Int16Array>
interface Uint32Array extends TypedArray<Uint32Array> {
  readonly [Symbol.toStringTag]: 'Uint32Array'
}
declare const Uint32Array: TypedArrayConstructor<Uint32Array>
interface Int32Array extends TypedArray<Int32Array> {
  readonly [Symbol.toStringTag]: 'Int32Array'
}
declare const Int32Array: TypedArrayConstructor<Int32Array>
