/**
 * How many of the interpreter's variables a program's records take: what anybody sees who counts them (`process.memory()` at a
 * console, or how soon a panel runs out of them). Costs are those of the ESP32's 14-byte variables (espruino.md §3.1, §6.1).
 *
 * Counted is what can be reached from a record when a call is over. Not counted: what is in use within a call, functions (the
 * program's, the same for each run), and where in memory a variable lies. A text that two records share counts twice, since
 * JavaScript does not tell; a shared record or buffer counts once.
 */

/** Characters in the variable of a name, in that of a text, and in each that continues one (§3.1). */
const NAME_CHARS = 4
const TEXT_CHARS = 9
const MORE_CHARS = 10
/** Integers from -LIMIT to LIMIT - 1 stand in the variable of their name (§3.1). */
const INLINE_LIMIT = 8192
const VARIABLE_BYTES = 14
/** Longer buffers lie in one piece, behind a variable that says how long (§1.7; sizes of §6.1). */
const FLAT_BYTES = TEXT_CHARS + MORE_CHARS

/** What is known of an object from the count before: most are as they were. */
interface Known {
  value: object
  /** The count that has met it. */
  count: number
  isArray: boolean
  /** Of a view. */
  buffer: ArrayBufferLike | undefined
  /** How many names a record had, -1 before it was looked at, and their variables; those of a buffer. */
  names: number
  variables: number
}

export class HeapCount {
  private known = new WeakMap<object, Known>()
  private count = 0
  private sum = 0
  private waiting: Known[] = []

  /** left: records that are not the program's own, and are not entered. */
  constructor(private readonly left: Iterable<object> = []) {}

  /** Of a record with all that it reaches. Cycles are no harm. Throws when it meets an instance of a class. */
  of(root: object): number {
    this.count++
    this.sum = 0
    for (const one of this.left) this.meet(one)
    this.add(root, false)
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) this.enter(next)
    return this.sum
  }

  private enter(known: Known): void {
    const { value, buffer, isArray } = known
    this.sum++
    if (buffer !== undefined) {
      const met = this.meet(buffer)
      if (met !== undefined) this.sum += met.variables
      return
    }
    const values: unknown[] = isArray ? (value as unknown[]) : Object.values(value)
    this.sum += isArray ? values.length : namesOf(known, values.length)
    for (let index = 0; index < values.length; index++) this.add(values[index], !isArray)
  }

  /** Beside the variable of its name, which holds what is small; a property's truth value has one of its own (§6.1). */
  private add(value: unknown, isProperty: boolean): void {
    if (typeof value === 'number') {
      if (value !== (value | 0) || value < -INLINE_LIMIT || value >= INLINE_LIMIT) this.sum++
    } else if (typeof value === 'string') this.sum += textVariables(value.length)
    else if (value === null || (isProperty && typeof value === 'boolean')) this.sum++
    else if (typeof value === 'object') {
      const known = this.meet(value)
      if (known !== undefined) this.waiting.push(known)
    }
  }

  /** Undefined when this count has met it. */
  private meet(value: object): Known | undefined {
    const { count } = this
    let known = this.known.get(value)
    if (known === undefined) {
      const isArray = Array.isArray(value)
      const buffer = ArrayBuffer.isView(value) ? value.buffer : undefined
      const variables = value instanceof ArrayBuffer ? 1 + bufferVariables(value.byteLength) : 0
      known = { value, count, isArray, buffer, names: -1, variables }
      this.known.set(value, known)
      return known
    }
    if (known.count === count) return undefined
    known.count = count
    return known
  }
}

function namesOf(known: Known, names: number): number {
  if (known.names === names) return known.variables
  const prototype = Object.getPrototypeOf(known.value)
  if (prototype !== Object.prototype) throw new Error(`a ${prototype?.constructor?.name} is no plain record`)
  known.names = names
  known.variables = 0
  for (const name of Object.keys(known.value)) known.variables += 1 + blocks(name.length - NAME_CHARS)
  return known.variables
}

function textVariables(length: number): number {
  return 1 + blocks(length - TEXT_CHARS)
}

function bufferVariables(bytes: number): number {
  return bytes > FLAT_BYTES ? 1 + Math.ceil(bytes / VARIABLE_BYTES) : textVariables(bytes)
}

/** So many more for characters that did not fit. */
function blocks(chars: number): number {
  return chars > 0 ? Math.ceil(chars / MORE_CHARS) : 0
}
