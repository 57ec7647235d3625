/**
 * Remembers which steps are done, so that a run that failed goes on where it stopped. A file per chip (by its MAC); what
 * it holds is no secret: names of steps, and the fingerprint of what was being installed. Another fingerprint begins
 * anew.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface State {
  path: string
  fingerprint: string
  done: string[]
}

/** $XDG_STATE_HOME/duress-panel, by default ~/.local/state/duress-panel. */
export function folder(environment = process.env): string {
  return join(environment.XDG_STATE_HOME || join(environment.HOME || homedir(), '.local/state'), 'duress-panel')
}

/** State of the chip for this installation; empty when there is none, or it is of another one. */
export function load(folderPath: string, mac: string, fingerprint: string): State {
  const path = join(folderPath, `flash-${mac.replace(/:/g, '')}.json`)
  const state: State = { path, fingerprint, done: [] }
  try {
    const found = JSON.parse(readFileSync(path, 'utf8'))
    if (found.fingerprint === fingerprint && Array.isArray(found.done)) state.done = found.done.map(String)
  } catch {
    // None yet, or a torn one: every step can be repeated.
  }
  return state
}

export function mark(state: State, step: string): void {
  if (!state.done.includes(step)) state.done.push(step)
  keep(state)
}

/** These have to be repeated. */
export function unmark(state: State, steps: string[]): void {
  state.done = state.done.filter((step) => !steps.includes(step))
  keep(state)
}

function keep(state: State): void {
  mkdirSync(join(state.path, '..'), { recursive: true })
  writeFileSync(state.path, `${JSON.stringify({ fingerprint: state.fingerprint, done: state.done })}\n`, {
    mode: 0o600,
  })
}

/** The panel is whole: the next run is a new installation. */
export function forget(state: State): void {
  rmSync(state.path, { force: true })
}

/** One name for a set of contents. */
export function fingerprint(parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}
