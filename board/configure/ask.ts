/** Questions on a terminal. The flow (flow.ts) knows only this, so that a test can answer it. */

import { confirm, input, password, select } from '@inquirer/prompts'

export interface Choice {
  value: string
  /** What it is called, when the value alone would not tell. */
  name?: string
  hint?: string
}

export interface Ask {
  say(text: string): void
  choose(question: string, choices: Choice[], preset?: string): Promise<string>
  /** check: '' for a good answer, else the sentence that asks again. */
  text(question: string, preset: string, check: (answer: string) => string): Promise<string>
  /** As text(), and nothing of it shows. */
  hidden(question: string, check: (answer: string) => string): Promise<string>
  yes(question: string, preset: boolean): Promise<boolean>
}

type Streams = { input?: NodeJS.ReadableStream; output?: NodeJS.WritableStream }

/** Lines of a list that show at once. */
const PAGE = 12

/** A terminal; other streams for a test. Ctrl-C and a closed input reject with an ExitPromptError. */
export function terminal(streams: Streams = {}): Ask {
  const verdict = (check: (answer: string) => string) => (answer: string) => check(answer.trim()) || true
  return {
    say: (text) => void (streams.output ?? process.stdout).write(`${text}\n`),
    choose: (message, choices, preset) =>
      select(
        {
          message,
          pageSize: PAGE,
          default: preset,
          choices: choices.map(({ value, name, hint }) => ({ value, name: name ?? value, description: hint })),
        },
        streams,
      ),
    text: async (message, preset, check) =>
      (await input({ message, default: preset === '' ? undefined : preset, validate: verdict(check) }, streams)).trim(),
    hidden: async (message, check) =>
      (await password({ message, mask: '*', validate: verdict(check) }, streams)).trim(),
    yes: (message, preset) => confirm({ message, default: preset }, streams),
  }
}
