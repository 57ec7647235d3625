/** What the commands for a panel's file have in common: where they write, their help, their exit codes. */

import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'

export interface Output {
  say: (text: string) => void
  complain: (text: string) => void
}

const TERMINAL: Output = {
  say: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
}

/** npm runs programs in the project's folder, and says where the user is. */
export function fromCaller(name: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), name)
}

/** A command that writes there, and throws where it would end the process. */
export function commandFor(name: string, description: string, help: string, { say, complain }: Output): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .addHelpText('after', help)
    .showHelpAfterError('(--help lists the options)')
    .configureOutput({ writeOut: say, writeErr: complain })
    .exitOverride()
}

/** Exit code of what was thrown: 0 for help, 2 for options that are wrong, else 1 with its sentence. */
export function exitCodeOf(reason: unknown, { complain }: Output): number {
  const { exitCode, message } = reason as { exitCode?: number; message: string }
  if (exitCode !== undefined) return exitCode === 0 ? 0 : 2
  complain(`${message}\n`)
  return 1
}

/** Runs main() when the file of that address is the program, and not a part of another one. */
export async function runIfProgram(
  address: string,
  main: (words: string[], output: Output) => number | Promise<number>,
): Promise<void> {
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== fileURLToPath(address)) return
  // Whoever reads may have seen enough (`| head`).
  process.stdout.on('error', (reason: NodeJS.ErrnoException) => {
    if (reason.code !== 'EPIPE') throw reason
  })
  process.exitCode = await main(process.argv.slice(2), TERMINAL)
}
