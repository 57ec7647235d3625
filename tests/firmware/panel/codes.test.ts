import { describe, expect, it } from 'vitest'
import type { Crypto } from '../../../firmware/hal'
import * as codes from '../../../firmware/panel/codes'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'

/** C-3: a fixed table, always scanned whole. */
const SLOTS = 64
const SALT_BYTES = 16

/** An entry as the keypad makes it: eight bytes, 10 for the key 0, 0 behind the last digit. */
function entryOf(digits: string): Uint8Array {
  const entry = new Uint8Array(8)
  for (let index = 0; index < digits.length; index++) entry[index] = digits[index] === '0' ? 10 : Number(digits[index])
  return entry
}

function empty(seed = 1): codes.Codes {
  const random = new Random(seed)
  const secret = new Uint8Array(32)
  const salt = new Uint8Array(SALT_BYTES)
  random.fill(secret)
  random.fill(salt)
  return codes.create(secret, salt, random)
}

function store(table: codes.Codes, slot: number, digits: string, user: number, isDuress = false): void {
  codes.store(table, nodeCrypto, slot, entryOf(digits), user, isDuress, codes.USER, 255)
}

/** Outcome of a match: found, duress, user, slot. */
function match(table: codes.Codes, digits: string): number[] {
  codes.match(table, nodeCrypto, entryOf(digits))
  return [table.found, table.duress, table.user, table.slot]
}

const NOT_FOUND = [0, 0, 1, 1]

describe('match', () => {
  const table = empty()
  store(table, 0, '274916', 1)
  store(table, 1, '805372', 2)
  store(table, 2, '618043', 1, true)
  store(table, 40, '4711', 7)
  store(table, 41, '12345678', 8)
  store(table, 63, '350796', 64)

  it.each([
    ['a user code in the first slot', '274916', [1, 0, 1, 1]],
    ['another user', '805372', [1, 0, 2, 2]],
    ['a duress code: the owner is user 1, the slot is 3 (D-2, D-12)', '618043', [1, 1, 1, 3]],
    ['a code of 4 digits (C-1)', '4711', [1, 0, 7, 41]],
    ['a code of 8 digits (C-1)', '12345678', [1, 0, 8, 42]],
    ['user 64 in the last slot', '350796', [1, 0, 64, 64]],
  ])('finds %s', (_name, digits, outcome) => {
    expect(match(table, digits)).toEqual(outcome)
  })

  it.each([
    ['a wrong code', '913578'],
    ['one digit off', '274917'],
    ['two digits swapped', '724916'],
    ['the first digits of a code', '27491'],
    ['a code and a digit more', '2749160'],
    ['a zero behind a shorter code', '47110'],
    ['a code read backwards', '619472'],
    ['nothing at all', ''],
  ])('does not find %s', (_name, digits) => {
    expect(match(table, digits)).toEqual(NOT_FOUND)
  })

  it('takes 0 for a digit: 0, 00 and 10 are three codes', () => {
    const zeros = empty()
    store(zeros, 0, '0000', 1)
    store(zeros, 1, '00000', 2)
    store(zeros, 2, '1000', 3)
    expect(match(zeros, '0000')).toEqual([1, 0, 1, 1])
    expect(match(zeros, '00000')).toEqual([1, 0, 2, 2])
    expect(match(zeros, '1000')).toEqual([1, 0, 3, 3])
    expect(match(zeros, '000')).toEqual(NOT_FOUND)
    expect(match(zeros, '000000')).toEqual(NOT_FOUND)
  })

  it('leaves nothing of the last outcome behind', () => {
    expect(match(table, '618043')).toEqual([1, 1, 1, 3])
    expect(match(table, '913578')).toEqual(NOT_FOUND)
    expect(match(table, '350796')).toEqual([1, 0, 64, 64])
  })

  it('finds nothing in an empty table, whatever the code', () => {
    const none = empty()
    for (let code = 0; code < 2000; code++) expect(match(none, String(1000 + code))[0]).toBe(0)
  })
})

describe('open (C-4)', () => {
  const table = empty()
  store(table, 0, '274916', 1)
  store(table, 1, '805372', 2)
  store(table, 2, '618043', 2, true)

  it('closes all codes of a user: none is found, all are known, duress is told', () => {
    codes.open(table, 2, 0)
    expect(match(table, '805372')).toEqual([0, 0, 2, 2])
    expect(match(table, '618043')).toEqual([0, 1, 2, 3])
    expect(table.known).toBe(1)
    expect(match(table, '274916')).toEqual([1, 0, 1, 1])
    expect(match(table, '913578')).toEqual(NOT_FOUND)
    expect(table.known).toBe(0)
  })

  it('opens them again, and leaves empty slots as they are', () => {
    codes.open(table, 2, 1)
    codes.open(table, 1, 1)
    expect([match(table, '805372'), match(table, '618043')]).toEqual([
      [1, 0, 2, 2],
      [1, 1, 2, 3],
    ])
    expect([...table.rights].filter((right) => right !== 0)).toHaveLength(3)
  })
})

describe('a table full of 64 codes', () => {
  const table = empty(9)
  const digits: string[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    digits.push(String(100003 + slot * 12347))
    // Every fourth slot is a duress code of the user before it.
    store(table, slot, digits[slot], slot % 4 === 3 ? slot : slot + 1, slot % 4 === 3)
  }

  it('finds each with its own user, slot and role', () => {
    for (let slot = 0; slot < SLOTS; slot++) {
      const isDuress = slot % 4 === 3
      expect(match(table, digits[slot])).toEqual([1, isDuress ? 1 : 0, isDuress ? slot : slot + 1, slot + 1])
    }
  })

  it('finds no neighbour of any: 64 codes, 6 places, 9 other digits (C-9)', () => {
    for (const code of digits) {
      for (let place = 0; place < 6; place++) {
        for (let step = 1; step < 10; step++) {
          const near = code.slice(0, place) + ((Number(code[place]) + step) % 10) + code.slice(place + 1)
          if (!digits.includes(near)) expect(match(table, near)).toEqual(NOT_FOUND)
        }
      }
    }
  })

  // A slot keeps 48 bits of the hash. A wrong code meets one of 64 slots by chance with probability 64 / 2^48, which is
  // 2.3e-13; somebody who tries all 10^6 codes of six digits finds a false one with probability 2.3e-7. So a single one in
  // 20 000 tries means that bits are lost: with 12 bits left there would be 312.
  it('takes none of 20 000 random codes for one of them', () => {
    const random = new Random(5)
    let falseMatches = 0
    for (let round = 0; round < 20000; round++) {
      const code = String(1000000 + random.below(9000000)) // seven digits: never one of the table's
      falseMatches += match(table, code)[0]
    }
    expect(falseMatches).toBe(0)
  })

  it('compares every one of the 48 bits', () => {
    const before = Uint16Array.from(table.tags)
    for (const word of [0, 1, 2, 3]) {
      for (let bit = 0; bit < 12; bit++) {
        table.tags[10 * 4 + word] ^= 1 << bit
        expect(match(table, digits[10])).toEqual(NOT_FOUND)
        table.tags.set(before)
      }
    }
    expect(match(table, digits[10])[0]).toBe(1)
  })

  it('keeps every number within 0 to 8191, as the interpreter stores short ones (D-30)', () => {
    expect(table.tags.every((word) => word <= 4095)).toBe(true)
    expect(table.meta.every((word) => word <= 8191)).toBe(true)
  })
})

describe('what is left of a code', () => {
  it('is not in the salted buffer after store and match (C-13)', () => {
    const table = empty()
    const salt = [...table.salted]
    expect(salt.length).toBe(SALT_BYTES + 8)
    store(table, 5, '274916', 1)
    expect([...table.salted]).toEqual(salt)
    match(table, '618043')
    expect([...table.salted]).toEqual(salt)
    expect(salt.slice(SALT_BYTES)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('was there while the hash was made, behind the salt', () => {
    const table = empty()
    const seen: number[] = []
    const spy: Crypto = {
      ...nodeCrypto,
      pbkdf2(secret, salt, iterations, lengthBytes) {
        seen.push(...salt.slice(SALT_BYTES))
        return nodeCrypto.pbkdf2(secret, salt, iterations, lengthBytes)
      },
    }
    codes.match(table, spy, entryOf('6180'))
    expect(seen).toEqual([6, 1, 8, 10, 0, 0, 0, 0])
  })

  it('is in no field of the record, as digits or as entry bytes (C-12)', () => {
    const table = empty()
    store(table, 5, '274916', 1)
    store(table, 6, '618043', 1, true)
    match(table, '618043')
    const text = JSON.stringify({ ...table, secret: 0 })
    for (const digits of ['274916', '618043']) expect(text).not.toContain(digits)
    const bytes = Buffer.from([...table.salted, ...table.tags, ...table.meta])
    for (const digits of ['274916', '618043'])
      expect(bytes.includes(Buffer.from(entryOf(digits).slice(0, 6)))).toBe(false)
  })

  it('cannot be told from another panel: secret and salt make other words of the same code (C-12)', () => {
    const [one, two] = [empty(1), empty(2)]
    store(one, 5, '274916', 1)
    store(two, 5, '274916', 1)
    expect([...one.tags.slice(20, 24)]).not.toEqual([...two.tags.slice(20, 24)])
    const salted = codes.create(one.secret, new Uint8Array(SALT_BYTES), new Random(1))
    store(salted, 5, '274916', 1)
    expect([...salted.tags.slice(20, 24)]).not.toEqual([...one.tags.slice(20, 24)])
  })

  it('fills empty slots with noise, so that nobody can count the codes (C-3)', () => {
    const words = [...empty().tags]
    expect(words.length).toBe(SLOTS * 4)
    expect(new Set(words).size).toBeGreaterThan(200)
  })
})

describe('a duress code', () => {
  it('is not there until somebody sets one, and gone without trace when it is taken away (D-1, D-25)', () => {
    const random = new Random(4)
    const table = codes.create(new Uint8Array(32).fill(7), new Uint8Array(16).fill(9), random)
    expect(codes.hasDuress(table)).toBe(false)
    const entry = Uint8Array.from([2, 7, 4, 9, 1, 6, 0, 0])
    codes.store(table, nodeCrypto, 0, entry, 1, false, codes.USER, 255)
    expect(codes.hasDuress(table)).toBe(false)
    const before = [table.meta.slice(), table.rights.slice()]
    codes.store(table, nodeCrypto, 5, Uint8Array.from([6, 1, 8, 10, 4, 6, 0, 0]), 1, true, codes.USER, 255)
    expect(codes.hasDuress(table)).toBe(true)
    codes.remove(table, random, 5)
    expect(codes.hasDuress(table)).toBe(false)
    expect([table.meta, table.rights]).toEqual(before)
  })
})
