import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { User } from '../../../board/config/users'
import { askCodes, askCodesOf, createPrompter } from '../../../board/flash/codes-prompt'
import { codeProblem } from '../../../board/flash/provision'

/** Answers typed one after the other; gives the codes and what the screen showed. */
async function ask(answers: string[], isTerminal = false, users: User[] = [], mayDuress = true) {
  const input = Object.assign(new PassThrough(), { isTTY: isTerminal, setRawMode: () => input })
  const output = new PassThrough()
  let shown = ''
  output.on('data', (bytes) => {
    shown += bytes
  })
  const prompter = createPrompter(input as never, output)
  // Typed while the question stands: what comes before a question may be echoed, as on any terminal.
  const watch = setInterval(() => {
    if (/: $/.test(shown) && answers.length > 0) {
      shown += '|'
      input.write(`${answers.shift()}${isTerminal ? '\r' : '\n'}`)
    } else if (answers.length === 0 && /: $/.test(shown)) input.end()
  }, 2)
  try {
    const asked = users.length === 0 ? askCodes(prompter, 6, mayDuress) : askCodesOf(prompter, 6, users, 2)
    return { codes: await asked, shown: () => shown }
  } finally {
    clearInterval(watch)
    prompter.close()
  }
}

describe('codes', () => {
  it('are asked twice, for user 1 and the others, with a duress code in slot 32 + user - 1', async () => {
    const { codes } = await ask(['352670', '352670', '904418', '904418', '7', '617293', '617293', '', ''])
    expect(codes).toEqual([
      { slot: 0, digits: '352670', user: 1, isDuress: false },
      { slot: 32, digits: '904418', user: 1, isDuress: true },
      { slot: 6, digits: '617293', user: 7, isDuress: false },
    ])
  })

  it('are asked for the users of the file, each with number, name and role, and go into the slots of their numbers', async () => {
    const users: User[] = [
      { user: 3, name: 'Anna' },
      { user: 40, duressOf: 3 },
      { user: 12, role: 'armOnly', partitions: [2] },
    ]
    const { codes, shown } = await ask(['352670', '352670', '', '904418', '904418', '617293', '617293'], false, users)
    // Role 3 is a user, 4 one that arms only; bit 12 says that the slot is in use.
    expect(codes).toEqual([
      { slot: 2, digits: '352670', user: 3, isDuress: false, rights: 4096 + 3 * 256 + 3 },
      { slot: 39, digits: '904418', user: 3, isDuress: true, rights: 4096 + 3 * 256 + 3 },
      { slot: 11, digits: '617293', user: 12, isDuress: false, rights: 4096 + 4 * 256 + 2 },
    ])
    expect(shown()).toContain('Code, as user, of user 3, Anna (6 digits): ')
    expect(shown()).toContain('Duress code of user 3, Anna (disarms, and calls for help silently): ')
    expect(shown()).toContain('Code, as armOnly, of user 12 (6 digits): ')
    // A duress code that the file asks for cannot be left out.
    expect(shown()).toContain('Type 6 digits.')
  })

  it('for duress are not asked where there may be none (D-25, DS-3)', async () => {
    const { codes, shown } = await ask(['352670', '352670', '7', '617293', '617293', ''], false, [], false)
    expect(codes.map(({ user, isDuress }) => [user, isDuress])).toEqual([
      [1, false],
      [7, false],
    ])
    expect(shown().toLowerCase()).not.toContain('duress')
  })

  it('never show on the screen, over a terminal either', async () => {
    for (const isTerminal of [false, true]) {
      const { shown } = await ask(['352670', '352670', '904418', '904418', ''], isTerminal)
      expect(shown()).toContain('Code of user 1 (6 digits)')
      for (const piece of ['3526', '2670', '9044', '4418']) expect(shown()).not.toContain(piece)
    }
  })

  it('are asked again when the two differ', async () => {
    const { codes, shown } = await ask(['352670', '352671', '352670', '352670', '', ''])
    expect(codes).toHaveLength(1)
    expect(shown()).toContain('The two are not the same.')
  })

  it('are given up after 5 refused attempts', async () => {
    await expect(ask(['1', '2', '3', '4', '5', '6'])).rejects.toThrow(/5 attempts: nothing was written/)
  })

  it('are given up when the input ends', async () => {
    await expect(ask(['352670'])).rejects.toThrow(/input ended/)
  })
})

describe('a refused code', () => {
  const others = [{ slot: 0, digits: '352670', user: 1, isDuress: false }]
  const CHOOSE = 'Choose another code.'
  it.each([
    ['35267', false, 'Type 6 digits.'],
    ['35267a', false, 'Type 6 digits.'],
    ['123456', false, CHOOSE], // factory value (C-7)
    ['777777', false, CHOOSE], // all the same (C-8)
    ['934560', false, CHOOSE], // a run of four (C-8)
    ['906543', false, CHOOSE], // a run of four down
    ['352670', false, CHOOSE], // another user's (C-9)
    ['352672', false, CHOOSE], // within 2 on the last digit (C-9)
    ['352678', false, CHOOSE], // within 2 around the corner: 8, 9, 0
    ['352674', false, ''],
    ['952670', false, ''], // a distance of 1 to an ordinary code is allowed for an ordinary code
    ['952670', true, CHOOSE], // but one wrong digit must never make a duress code (C-9)
    ['958670', true, CHOOSE], // nor two
    ['958170', true, ''],
    ['35267', true, 'Type 6 digits.'], // as long as all others (D-2)
  ])('%s (duress %s): "%s"', (digits, isDuress, sentence) => {
    expect(codeProblem(digits, isDuress, 6, others)).toBe(sentence)
  })

  it.each(['2580', '1470', '1984', '2007', '3112', '1231', '0000'])('of four digits: %s', (digits) => {
    expect(codeProblem(digits, false, 4, [])).toBe(CHOOSE)
  })
})
