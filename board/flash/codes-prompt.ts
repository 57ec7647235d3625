/**
 * Asks for user codes, hidden and twice. Typed digits are kept in memory only, until the settings are made.
 * From a pipe instead of a terminal, the same answers are read as lines.
 */

import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { rightsOf, type User } from '../config/users'
import { FlashError } from './failures'
import { codeProblem, type UserCode } from './provision'

/** A slot for the code and one for the duress code of each user (64 slots). */
export const USER_LIMIT = 32
/** Refused answers until we give up. */
const TRIES = 5

export interface Prompter {
  /** The answer without its line end. Throws FlashError when input ends. */
  ask(question: string, isHidden: boolean): Promise<string>
  close(): void
}

/** Codes of the users that the panel's file names, in its order; each in the slot of its number. */
export async function askCodesOf(
  prompter: Prompter,
  codeLength: number,
  users: User[],
  partitionCount: number,
): Promise<UserCode[]> {
  const codes: UserCode[] = []
  for (const user of users) {
    const owner = users.find((other) => other.user === user.duressOf) ?? user
    const isDuress = owner !== user
    const name = owner.name === undefined ? '' : `, ${owner.name}`
    const kind = isDuress ? 'Duress code' : `Code, as ${user.role ?? 'user'},`
    const hint = isDuress ? 'disarms, and calls for help silently' : `${codeLength} digits`
    const question = `${kind} of user ${owner.user}${name} (${hint}): `
    const digits = await askTwice(prompter, question, isDuress, false, codeLength, codes)
    const rights = rightsOf(user, users, partitionCount)
    codes.push({ slot: user.user - 1, digits, user: owner.user, isDuress, rights })
  }
  return codes
}

/**
 * Without such a list: codes of user 1, then of others until the number is left empty; a duress code of each, where there may
 * be any (D-25).
 */
export async function askCodes(prompter: Prompter, codeLength: number, mayDuress: boolean): Promise<UserCode[]> {
  const codes: UserCode[] = []
  await askUser(prompter, 1, codeLength, mayDuress, codes)
  for (;;) {
    const answer = (await prompter.ask(`Number of another user (2-${USER_LIMIT}, empty to end): `, false)).trim()
    if (answer === '') return codes
    const user = Number(answer)
    const isFree = !codes.some((code) => code.user === user)
    if (Number.isInteger(user) && user >= 2 && user <= USER_LIMIT && isFree) {
      await askUser(prompter, user, codeLength, mayDuress, codes)
    }
  }
}

async function askUser(
  prompter: Prompter,
  user: number,
  codeLength: number,
  mayDuress: boolean,
  codes: UserCode[],
): Promise<void> {
  const digits = await askTwice(
    prompter,
    `Code of user ${user} (${codeLength} digits): `,
    false,
    false,
    codeLength,
    codes,
  )
  codes.push({ slot: user - 1, digits, user, isDuress: false })
  if (!mayDuress) return
  const duress = `Duress code of user ${user} (disarms, and calls for help silently; empty for none): `
  const silent = await askTwice(prompter, duress, true, true, codeLength, codes)
  if (silent !== '') codes.push({ slot: USER_LIMIT + user - 1, digits: silent, user, isDuress: true })
}

/** '' only for one that may be left out. */
async function askTwice(
  prompter: Prompter,
  question: string,
  isDuress: boolean,
  isOptional: boolean,
  codeLength: number,
  others: UserCode[],
): Promise<string> {
  let problem = ''
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const digits = await prompter.ask(problem === '' ? question : `${problem}\n${question}`, true)
    if (digits === '' && isOptional) return ''
    problem = codeProblem(digits, isDuress, codeLength, others)
    if (problem !== '') continue
    if ((await prompter.ask('Once more: ', true)) === digits) return digits
    problem = 'The two are not the same.'
  }
  throw new FlashError(`no code was accepted in ${TRIES} attempts: nothing was written`)
}

/** Over a terminal without echo, or line by line from a pipe. */
export function createPrompter(input: Readable & { isTTY?: boolean }, output: Writable): Prompter {
  // A sink for readline's echo while an answer is hidden.
  let isHidden = false
  const echo = {
    write: (text: string): boolean => {
      if (!isHidden) output.write(text)
      return true
    },
  }
  const lines: string[] = []
  const waiting: { resolve: (line: string) => void; reject: (reason: Error) => void }[] = []
  let hasEnded = false
  const reader = createInterface({
    input,
    terminal: input.isTTY === true,
    output: asStream(output, echo.write),
    historySize: 0,
  })
  reader.on('line', (line) => {
    const next = waiting.shift()
    if (next === undefined) lines.push(line)
    else next.resolve(line)
  })
  // Ctrl-C: nothing was written yet.
  reader.on('SIGINT', () => reader.close())
  reader.on('close', () => {
    hasEnded = true
    for (const next of waiting.splice(0)) next.reject(new FlashError('input ended before all codes were given'))
  })
  return {
    async ask(question, hide) {
      output.write(question)
      isHidden = hide
      try {
        const line = lines.shift()
        if (line !== undefined) return line
        if (hasEnded) throw new FlashError('input ended before all codes were given')
        return await new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }))
      } finally {
        isHidden = false
        if (hide) output.write('\n')
      }
    },
    close: () => reader.close(),
  }
}

/** The terminal as readline wants it, with another write. */
function asStream(output: Writable, write: (text: string) => boolean): Writable {
  return new Proxy(output, {
    get: (target, key) => {
      if (key === 'write') return write
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
