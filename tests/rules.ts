/**
 * `npm run rules`: every rule of a panel's behaviour (docs/rules.json) with the tests that cite its number, and what is not
 * built, with the reason. A rule is covered when a test file has its number in a title or a comment, and nothing of it is open:
 * the range of a setting can be checked before the panel does anything with it.
 */

import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import colors from 'picocolors'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface Rule {
  id: string
  section: string
  /** What it asks, in short. */
  rule: string
  /** Why no test cites it, or what is missing although one does; absent when it is built and tested. */
  open?: string
}

export interface Citation {
  rule: Rule
  /** Test files, by path. */
  files: string[]
}

const RULE_ID = /\b(?:ST|PT|DS|[ZWAOCDLKRSPE])-\d+\b/g

export function rules(): Rule[] {
  return JSON.parse(readFileSync(join(ROOT, 'docs/rules.json'), 'utf8')) as Rule[]
}

/** Rule numbers by test file. 'A-4 to A-7' and 'P-2, P-4' name what they name, no range is filled in. */
export function citedIn(folder: string = join(ROOT, 'tests')): Map<string, string[]> {
  const cited = new Map<string, string[]>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.test.ts')) continue
    const path = join(folder, name)
    for (const id of new Set(readFileSync(path, 'utf8').match(RULE_ID) ?? [])) {
      cited.set(id, [...(cited.get(id) ?? []), relative(ROOT, path)])
    }
  }
  return cited
}

export function citations(): Citation[] {
  const cited = citedIn()
  return rules().map((rule) => ({ rule, files: cited.get(rule.id) ?? [] }))
}

export function isCovered({ rule, files }: Citation): boolean {
  return files.length > 0 && rule.open === undefined
}

function main(): void {
  const program = new Command('npm run rules --')
    .description('Prints the rules of a panel with the tests that cite them, and what is not built.')
    .option('--open', 'only the rules that are not covered')
    .showHelpAfterError('(--help lists the options)')
    .parse()
  process.stdout.on('error', () => process.exit(0)) // the reader of a pipe has seen enough
  const isOpen = program.opts<{ open?: boolean }>().open === true
  let section = ''
  const found = citations()
  for (const { rule, files } of found) {
    if (isOpen && isCovered({ rule, files })) continue
    if (rule.section !== section) console.log(`\n${colors.bold(rule.section)}`)
    section = rule.section
    const [first, ...others] = files
    const tests = first === undefined ? '' : `${first}${others.length > 0 ? ` and ${others.length} more` : ''}`
    const where = isCovered({ rule, files })
      ? colors.green(tests)
      : colors.yellow(`not covered: ${rule.open ?? 'no reason given'}${tests === '' ? '' : ` (in part: ${tests})`}`)
    console.log(`${rule.id.padEnd(6)}${rule.rule}\n      ${where}`)
  }
  const covered = found.filter(isCovered).length
  console.log(`\n${covered} of ${found.length} rules covered`)
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main()
