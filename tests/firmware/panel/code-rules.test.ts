import { describe, expect, it } from 'vitest'
import * as rules from '../../../firmware/panel/code-rules'
import * as codes from '../../../firmware/panel/codes'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'

/** As the keypad fills it. */
function entryOf(digits: string): Uint8Array {
  const entry = new Uint8Array(8)
  for (let at = 0; at < digits.length; at++) entry[at] = Number(digits[at]) || 10
  return entry
}

/** A table that knows these codes, and how often it was asked. */
function table(ordinary: string[], duress: string[] = []) {
  let asked = 0
  const matches = (entry: Uint8Array) => {
    asked++
    const digits = [...entry].filter((key) => key > 0).map((key) => key % 10)
    if (duress.includes(digits.join(''))) return rules.DURESS
    return ordinary.includes(digits.join('')) ? rules.CODE : rules.NOBODY
  }
  return { matches, asked: () => asked }
}

function refused(digits: string, ordinary: string[] = [], duress: string[] = [], isDuress = 0): boolean {
  return rules.refuses(entryOf(digits), digits.length, isDuress, table(ordinary, duress).matches)
}

describe('weak codes (C-7, C-8)', () => {
  it.each(['1234', '4112', '5555', '0000', '1111', '9999', '12345', '2580', '123456', '12345678'])(
    'refuses the factory value %s for ever',
    (digits) => {
      expect(refused(digits)).toBe(true)
    },
  )

  it.each(['777777', '934560', '906543', '27890', '10987', '258014', '714709', '0852', '0963', '3690'])(
    'refuses %s: all the same, a run of four, or a column of the keypad',
    (digits) => {
      expect(refused(digits)).toBe(true)
    },
  )

  it.each(['1984', '2007', '3112', '1231', '0101', '2902'])(
    'refuses %s of four digits: a year, or a date',
    (digits) => {
      expect(refused(digits)).toBe(true)
      // Longer codes are no years.
      expect(refused(`${digits}75`)).toBe(false)
    },
  )

  it.each(['274916', '805372', '4113', '3213', '1899', '123986', '2589', '40825713'])('takes %s', (digits) => {
    expect(refused(digits)).toBe(false)
  })
})

describe('nearness (C-9)', () => {
  it.each([
    ['352670', true, 'the same'],
    ['352671', true, '1 on the last digit'],
    ['352672', true, '2 on the last digit'],
    ['352679', true, '1 below, around the corner'],
    ['352678', true, '2 below, around the corner'],
    ['352673', false, '3 on the last digit'],
    ['352677', false, '3 below'],
    ['352690', false, 'one other digit'],
    ['252680', false, 'two other digits'],
  ])('an ordinary code %s beside 352670: refused %s (%s)', (digits, isRefused) => {
    expect(refused(digits, ['352670'])).toBe(isRefused)
  })

  it('one digit from a duress code is refused, whichever comes second, and two are enough', () => {
    for (let at = 0; at < 6; at++) {
      for (let by = 1; by < 10; by++) {
        const digits = '274916'.split('')
        digits[at] = String((Number(digits[at]) + by) % 10)
        const near = digits.join('')
        expect(refused(near, [], ['274916']), near).toBe(true)
        if (!rules.isWeak(entryOf(near), 6)) expect(refused('274916', [near], [], 1), near).toBe(true)
      }
    }
    expect(refused('284926', [], ['274916'])).toBe(false)
    expect(refused('284926', ['274916'], [], 1)).toBe(false)
  })

  it('no single wrong digit of any code in a table of 64 that was made by these rules is a duress code', () => {
    const random = new Random(5)
    const made: { digits: string; isDuress: boolean }[] = []
    while (made.length < 64) {
      const digits = String(100000 + (random.next() % 900000))
      const isDuress = made.length % 2 === 1
      const ordinary = made.filter((code) => !code.isDuress).map((code) => code.digits)
      const duress = made.filter((code) => code.isDuress).map((code) => code.digits)
      if (!refused(digits, ordinary, duress, isDuress ? 1 : 0)) made.push({ digits, isDuress })
    }
    for (const code of made) {
      for (const other of made) {
        const slips = [...code.digits].filter((digit, at) => digit !== other.digits[at]).length
        if (code !== other && (code.isDuress || other.isDuress)) expect(slips).toBeGreaterThan(1)
        else if (code !== other) expect(slips).toBeGreaterThan(0)
      }
    }
  })
})

describe('a check', () => {
  it('takes as many steps for a weak, a near and a good code (C-10), 9 a digit and one', () => {
    for (const digits of ['274916', '777777', '352671', '352670']) {
      const { matches, asked } = table(['352670'])
      rules.refuses(entryOf(digits), 6, 0, matches)
      expect(asked()).toBe(6 * 9 + 1)
    }
    const { matches, asked } = table([])
    rules.refuses(entryOf('4113'), 4, 1, matches)
    expect(asked()).toBe(4 * 9 + 1)
  })

  it('tries one neighbour a step, each once, and leaves the entry as it was after each (C-13)', () => {
    const entry = entryOf('274916')
    const c = rules.begin(entry, 6, 0)
    const tried = new Set<string>()
    let steps = 0
    for (let isDone = false; !isDone; steps++) {
      isDone = rules.step(c, (now) => {
        tried.add([...now].map((key) => key % 10).join(''))
        return rules.NOBODY
      })
      expect(entry).toEqual(entryOf('274916'))
    }
    expect([steps, tried.size, c.isRefused]).toEqual([55, 55, 0])
  })

  it('asks the hashed table of the panel, which holds no digits', () => {
    const random = new Random(1)
    const secret = new Uint8Array(32)
    random.fill(secret)
    const held = codes.create(secret, new Uint8Array(16), random)
    codes.store(held, nodeCrypto, 0, entryOf('352670'), 1, false, codes.USER, 255)
    codes.store(held, nodeCrypto, 32, entryOf('904418'), 1, true, codes.USER, 255)
    const matches = (entry: Uint8Array) => {
      codes.match(held, nodeCrypto, entry)
      return held.found + held.duress
    }
    const check = (digits: string) => rules.refuses(entryOf(digits), 6, 0, matches)
    expect(['352670', '352668', '904419', '914418'].map(check)).toEqual([true, false, true, true])
    expect(['352674', '914428'].map(check)).toEqual([false, false])
  })
})
