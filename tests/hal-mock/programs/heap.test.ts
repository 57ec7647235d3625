import { describe, expect, it } from 'vitest'
import { HeapCount } from '../../../hal-mock/programs/heap'

const count = (value: object, left: object[] = []) => new HeapCount(left).of(value)
const tenOf = (value: unknown) => Array(10).fill(value)

// E.getSizeOf() of each in the interpreter with 14-byte variables says the same; rows with § are in espruino.md too.
// biome-ignore format: a row a line
const SIZES: [string, object, number][] = [
  ['{} (§6.1)', {}, 1],
  ['{a:1,b:2,c:3} (§6.1)', { a: 1, b: 2, c: 3 }, 4],
  ['{a:{}} (§6.1)', { a: {} }, 3],
  ['[] (§6.1)', [], 1],
  ['10 small integers (§6.1)', tenOf(7), 11],
  ['10 large integers (§6.1)', tenOf(10000), 21],
  ['two lists in one', [[], []], 5],
  ['the smallest integer that needs no variable, -8192 (§3.1)', { a: -8192 }, 2],
  ['one less', { a: -8193 }, 3],
  ['the largest, 8191 (§3.1)', { a: 8191 }, 2],
  ['one more', { a: 8192 }, 3],
  ['a fraction', { a: 1.5 }, 3],
  ['Infinity', { a: Infinity }, 3],
  ['null (§6.1)', { a: null }, 3],
  ['undefined (§6.1)', { a: undefined }, 2],
  ['a truth value of a record (§6.1)', { a: true }, 3],
  ['a truth value of a list (§6.1)', [true], 2],
  ['a name of 4 characters (§6.1)', { abcd: 1 }, 2],
  ['a name of 5', { abcde: 1 }, 3],
  ['a name of 14 (§6.1)', { abcdefghijklmn: 1 }, 3],
  ['a name of 15', { abcdefghijklmno: 1 }, 4],
  ['a long name with a large number', { longername: 10000 }, 4],
  ['an empty text', { a: '' }, 3],
  ['a text of 9 characters (§6.1)', { a: '123456789' }, 3],
  ['a text of 10', { a: '1234567890' }, 4],
  ['Uint8Array(9)', new Uint8Array(9), 3],
  ['Uint8Array(10)', new Uint8Array(10), 4],
  ['Uint8Array(16) (§6.1)', new Uint8Array(16), 4],
  ['Uint8Array(19)', new Uint8Array(19), 4],
  ['Uint8Array(20)', new Uint8Array(20), 5],
  ['Uint8Array(32) (§6.1)', new Uint8Array(32), 6],
  ['Uint8Array(100) (§6.1)', new Uint8Array(100), 11],
  ['Uint8Array(1024) (§6.1)', new Uint8Array(1024), 77],
  ['Uint32Array(16) (§6.1)', new Uint32Array(16), 8],
]

describe('variables of the interpreter', () => {
  it.each(SIZES)('%s', (_, value, size) => {
    expect(count(value)).toBe(size)
  })

  it('are counted once for what is reached twice: a record, a list, a buffer with two views', () => {
    const shared = { a: 1 }
    expect(count([shared, shared])).toBe(3 + 2)
    const list = [1]
    expect(count({ a: list, b: list })).toBe(3 + 2)
    const bytes = new Uint8Array(100)
    expect(count([bytes, bytes.subarray(10)])).toBe(3 + 11 + 1)
  })

  it('do not mind a cycle', () => {
    const record: { me?: object } = {}
    record.me = record
    expect(count(record)).toBe(2)
  })

  it('are those of the program: hardware and functions cost their name only', () => {
    const chip = { registers: new Uint8Array(1024) }
    expect(count({ chip, read: () => 1 }, [chip])).toBe(3)
  })

  it('of an instance of a class are not known, and it says so', () => {
    class Chip {}
    expect(() => count({ a: new Chip() })).toThrow('a Chip is no plain record')
  })

  it('are counted anew each time, though most of a record is remembered', () => {
    const record: { list: number[]; more?: string } = { list: [] }
    const heap = new HeapCount()
    expect(heap.of(record)).toBe(3)
    record.list.push(1, 10000)
    expect(heap.of(record)).toBe(6)
    record.more = 'ten chars.'
    expect(heap.of(record)).toBe(9)
    record.list = []
    delete record.more
    expect(heap.of(record)).toBe(3)
  })
})
