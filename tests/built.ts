/**
 * Bundles for the tests. Several test files look at the same ones, each in a process of its own, and a build takes seconds:
 * so what was built is kept on disk under a hash of everything that it is made of, and built once, by whoever comes first.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Bundle } from '../board/pipeline'
import { type BoardOptions, buildBoard, buildFirmware, buildStoryBench } from '../board/targets'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/built-for-tests')
const FIRMWARE = ['board', 'firmware']
/** Whoever has not finished after so long has died. */
const PATIENCE_MS = 60000

export function firmware(): Promise<Bundle> {
  return kept('firmware', FIRMWARE, buildFirmware)
}

export function board(name: string, options: BoardOptions = {}): Promise<Bundle> {
  return kept(`board ${name} ${JSON.stringify(options)}`, FIRMWARE, () => buildBoard(name, options))
}

/** scripts: all that is run with it, for it keeps the names in there. */
export function storyBench(families: string, scripts: string): Promise<Bundle> {
  return kept(`bench ${families} ${scripts}`, [...FIRMWARE, 'hal-mock'], () => buildStoryBench(families, scripts))
}

/** folders: whose files it is made of. */
async function kept(what: string, folders: string[], build: () => Promise<Bundle>): Promise<Bundle> {
  const key = hashOf(what, folders)
  const file = join(CACHE, `${key}.json`)
  const lock = join(CACHE, `${key}.lock`)
  mkdirSync(CACHE, { recursive: true })
  while (!existsSync(file)) {
    if (!take(lock)) {
      await wait(50)
      continue
    }
    try {
      const bundle = await build()
      writeFileSync(`${lock}/made`, JSON.stringify({ ...bundle, sources: [...bundle.sources] }))
      forgetOld()
      renameSync(`${lock}/made`, file)
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  const read = JSON.parse(readFileSync(file, 'utf8'))
  return { ...read, sources: new Map(read.sources) }
}

/** Only one process gets it; that of one that died is taken over. */
function take(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    try {
      if (Date.now() - statSync(lock).mtimeMs > PATIENCE_MS) rmSync(lock, { recursive: true, force: true })
    } catch {
      // It was given back just now.
    }
    return false
  }
}

/** What is a day old: of other contents, most likely. */
function forgetOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name)
    if (name.endsWith('.json') && Date.now() - statSync(path).mtimeMs > 86400000) rmSync(path, { force: true })
  }
}

/** Of all sources that a build reads, the tools' exact versions and what is built. */
function hashOf(what: string, folders: string[]): string {
  const hash = createHash('sha256').update(`${what}\n${process.version}\n`)
  hash.update(readFileSync(join(ROOT, 'package-lock.json')))
  for (const folder of folders) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const path = join(ROOT, folder, entry)
      if (statSync(path).isFile()) hash.update(`${folder}/${entry}\n`).update(readFileSync(path))
    }
  }
  return hash.digest('hex').slice(0, 32)
}
