/** The scenarios that come with the bench. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../scenario'
import { parse } from './scenario-file'

export const SCENARIO_FOLDER = fileURLToPath(new URL('../scenarios', import.meta.url))

/** Names without their ending, in alphabetical order. */
export function shippedNames(): string[] {
  return readdirSync(SCENARIO_FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => file.slice(0, -4))
    .sort()
}

export function shippedText(name: string): string {
  return readFileSync(join(SCENARIO_FOLDER, `${name}.txt`), 'utf8')
}

export function loadShipped(name: string): Scenario {
  return parse(shippedText(name), name)
}
