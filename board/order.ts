/**
 * What runs in every pass stands first in a flat bundle. The interpreter searches a scope from its oldest name to its
 * newest, and the global scope of a panel has some 400 (espruino.md §6.1): a name at the end costs about 6000
 * instructions each time it is used, one of the first a few hundred.
 */

import { parseSync, type types } from '@babel/core'
import type { NameMap } from './parts'

/** 'file#name' as written in the source, the most used first. Those of files that a bundle does not hold are passed over. */
export const HOT: string[] = [
  ...['timer', 'pass', 'mode', 'panel'].map((name) => `board/main.ts#${name}`),
  'firmware/app.ts#poll',
  ...['countedSeconds', 'upMs', 'lastMs', 'nowMs'].map((name) => `board/hal.ts#${name}`),
  // Zones at expanders, then what runs while one settles.
  ...['zone-inputs.ts#isStill', 'expander.ts#isStill'].map((name) => `firmware/io/${name}`),
  ...['pollInputs', 'pollRest', 'setDeadlines', 'pollKeys'].map((name) => `firmware/app.ts#${name}`),
  ...['zone-inputs.ts#poll', 'expander.ts#read'].map((name) => `firmware/io/${name}`),
  // Then what runs in each pass of the paths.
  ...['app.ts#dispatch', 'transmit/dispatcher.ts#poll', 'panel/keypad.ts#deadline'].map((name) => `firmware/${name}`),
  ...['ethernet/ethernet-path.ts#poll', 'cellular/cellular-path.ts#poll'].map((name) => `firmware/${name}`),
  ...['look', 'read', 'transfer', 'wordAt'].map((name) => `firmware/ethernet/w5500.ts#${name}`),
  'firmware/parts.ts#loaded',
  ...['take', 'pollPath', 'proceed'].map((name) => `firmware/transmit/dispatcher.ts#${name}`),
  ...['serve', 'isBusy', 'patience'].map((name) => `firmware/ethernet/ethernet-path.ts#${name}`),
  // And while a key is down or a code is judged.
  ...['isAtRest', 'attend'].map((name) => `firmware/io/keypad-matrix.ts#${name}`),
  ...['pollOthers', 'setOthersDeadlines', 'pollCode'].map((name) => `firmware/app.ts#${name}`),
  // And what a second at rest consists of.
  ...['tend', 'upkeep'].map((name) => `firmware/app.ts#${name}`),
  ...['app/supervise.ts#poll', 'app/reports.ts#report', 'parts.ts#drop'].map((name) => `firmware/${name}`),
  ...['ethernet/ethernet-path.ts#check', 'ethernet/w5500.ts#inspect', 'cellular/at.ts#listen'].map(
    (name) => `firmware/${name}`,
  ),
]

/**
 * The same program with the hot names made first: variables by an empty declaration, functions by standing there.
 * Fails: with an Error that names an entry of the table which the bundle should have and has not.
 */
export function hotFirst(code: string, names: NameMap, files: Set<string>, table: string[] = HOT): string {
  const wanted = table.filter((entry) => files.has(entry.split('#')[0]))
  if (wanted.length === 0) return code
  const tree = parseSync(code, { babelrc: false, configFile: false, sourceType: 'script' }) as types.File
  const functions = new Map<string, { start: number; end: number }>()
  const variables = new Set<string>()
  for (const statement of tree.program.body) {
    if (statement.type === 'FunctionDeclaration' && statement.id)
      functions.set(statement.id.name, { start: statement.start ?? 0, end: statement.end ?? 0 })
    else if (statement.type === 'VariableDeclaration')
      for (const { id } of statement.declarations) if (id.type === 'Identifier') variables.add(id.name)
  }
  let first = ''
  const moved: { start: number; end: number }[] = []
  for (const entry of wanted) {
    const name = names.get(entry)
    if (name === undefined) throw new Error(`there is no ${entry}: correct board/order.ts`)
    const place = functions.get(name)
    if (place !== undefined) {
      first += code.slice(place.start, place.end)
      moved.push(place)
    } else if (variables.has(name)) first += `var ${name};`
    // Else the minifier has put it where it is used.
  }
  let rest = code
  for (const { start, end } of moved.sort((left, right) => right.start - left.start))
    rest = rest.slice(0, start) + rest.slice(end)
  return first + rest
}
