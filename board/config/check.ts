/**
 * The whole check of a panel's file: each field by the schema, then what several fields make together, then the pins on the
 * board. Everything that is wrong is told, each with its line when it comes from a text.
 */

import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Config } from '../../firmware/config'
import { TEXT_LIMIT_BYTES } from '../../firmware/store/settings'
import { BOARDS, type BoardMap } from '../boards/index'
import { checkPins } from '../pin-check'
import { compile, wired } from './compile'
import { fieldName, type Path, type Problem, problem, problemsOf } from './problems'
import { broken } from './rules'
import { type Panel, panelSchema } from './schema'
import type { User } from './users'

export interface Verdict {
  problems: Problem[]
  /** The device's record, and who has a code; undefined when there is a problem. */
  config: Config | undefined
  users: User[] | undefined
}

/** Judges a panel as an installer writes it, for a board. */
export function judge(given: unknown, map: BoardMap): Verdict {
  const found = panelSchema.safeParse(given)
  if (found.success) {
    const problems = together(found.data, map)
    const config = compile(found.data, map)
    problems.push(...tooLong(config))
    if (problems.length > 0) return { problems, config: undefined, users: undefined }
    return { problems, config, users: found.data.users }
  }
  const problems = problemsOf(found.error, given)
  // With what is wrong left out, the rest can be looked at: an installer wants to see all at once.
  const rest = panelSchema.safeParse(mended(given, found.error.issues.flatMap(wrongPaths)))
  if (rest.success) {
    const isNew = (problem: Problem) => !problems.some((other) => touches(other.path, problem.path))
    problems.push(...together(rest.data, map).filter(isNew))
  }
  return { problems, config: undefined, users: undefined }
}

/** The sentences alone; empty for a sound panel. The first board when none is given. */
export function check(given: unknown, map: BoardMap = BOARDS[0]): string[] {
  return judge(given, map).problems.map((problem) => problem.text)
}

/** Judges a file's text: JSON, comments allowed. Each problem begins with its line. */
export function judgeText(text: string, map: BoardMap): Omit<Verdict, 'problems'> & { problems: string[] } {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  if (errors.length > 0 || tree === undefined) {
    const [{ error, offset }] = errors.length > 0 ? errors : [{ error: 4, offset: 0 }]
    const problem = `line ${lineOf(text, offset)}: this is not JSON (${printParseErrorCode(error)}): correct it`
    return { problems: [problem], config: undefined, users: undefined }
  }
  const repeated = repeats(tree, [])
  const { problems, config, users } = judge(getNodeValue(tree), map)
  const all = [...repeated, ...problems].map((problem) => ({ line: lineOf(text, offsetOf(tree, problem)), problem }))
  all.sort((left, right) => left.line - right.line)
  return {
    problems: all.map(({ line, problem }) => `line ${line}: ${problem.text}`),
    config: all.length > 0 ? undefined : config,
    users: all.length > 0 ? undefined : users,
  }
}

function together(panel: Panel, map: BoardMap): Problem[] {
  const whole = wired(panel, map)
  const problems = broken(whole, map)
  if (panel.board !== undefined && panel.board !== map.name) {
    problems.push(problem(['board'], panel.board, `use ${map.name}, which --board names, or leave --board out`))
  }
  const pins = whole.pins as Config['pins']
  const zones = whole.zones.map(({ name, pin, loop }) => ({
    name,
    pin: pin ?? -1,
    isMeasured: loop?.eolOhms !== undefined,
  }))
  for (const text of checkPins(map, { pins, zones: zones.filter((zone) => zone.pin >= 0), outputs: whole.outputs })) {
    problems.push({ path: pinPath(whole, text), text })
  }
  return problems
}

/** The field that a sentence about a GPIO is about. */
function pinPath(panel: Panel, text: string): Path {
  const gpio = Number(/^GPIO(\d+)/.exec(text)?.[1] ?? -1)
  // Of two uses of a pin the zone is the one that an installer has chosen.
  const zone = panel.zones.findIndex((candidate) => candidate.pin === gpio)
  return zone >= 0 ? ['zones', zone, 'pin'] : ['pins']
}

/** Flash has a page for the settings, most of it for this. */
function tooLong(config: Config): Problem[] {
  const beyond = configText(config).length - TEXT_LIMIT_BYTES
  const text = `the settings take ${beyond} bytes more than the panel has room for: use shorter names, or fewer receivers`
  return beyond > 0 ? [{ path: [], text }] : []
}

/** As the device's flash holds it: JSON in ASCII. */
export function configText(config: Config): string {
  const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(config).replace(/[^ -~]/g, escaped)
}

type Issue = { code?: string; path: PropertyKey[]; keys?: string[] }

function wrongPaths(issue: Issue): Path[] {
  const path = issue.path as Path
  return issue.code === 'unrecognized_keys' ? (issue.keys ?? []).map((key) => [...path, key]) : [path]
}

/** What stands for a field that is wrong and has no default, while the others are looked at. */
const STAND_INS: Record<string, unknown> = {
  host: '192.0.2.1',
  port: 1,
  account: '0000',
  isMonitoring: true,
  name: 'Zone',
  type: 'noAlarm',
  mac: '02:00:00:00:00:01',
}

/** A copy with defaults and stand-ins for these fields. Places in lists stay as they are. */
function mended(given: unknown, paths: Path[]): unknown {
  const copy = structuredClone(given)
  for (const path of paths) {
    let owner = copy as Record<string | number, unknown>
    for (const step of path.slice(0, -1)) owner = owner?.[step] as Record<string | number, unknown>
    const last = path[path.length - 1]
    if (typeof owner !== 'object' || owner === null || typeof last !== 'string') continue
    delete owner[last]
    if (last in STAND_INS) owner[last] = STAND_INS[last]
  }
  return copy
}

function touches(wrong: Path, other: Path): boolean {
  const shorter = Math.min(wrong.length, other.length)
  return wrong.slice(0, shorter).every((step, at) => step === other[at])
}

/** JSON takes the last of two fields of one name, and nobody sees it. */
function repeats(node: Node, path: Path): Problem[] {
  const problems: Problem[] = []
  const seen: string[] = []
  node.children?.forEach((child, at) => {
    if (node.type === 'array') problems.push(...repeats(child, [...path, at]))
    else if (child.type === 'property' && child.children?.[1] !== undefined) {
      const key = String(child.children[0].value)
      const here = [...path, key]
      if (seen.includes(key))
        problems.push({ path: here, text: `${fieldName(here)} stands there twice: leave one out` })
      seen.push(key)
      problems.push(...repeats(child.children[1], here))
    }
  })
  return problems
}

/** Where the field stands, or what should hold it. */
function offsetOf(tree: Node, { path }: Problem): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent.offset : node.offset
  }
  return tree.offset
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
