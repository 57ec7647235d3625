/** Builds the page with Vite into dist/page/, when its sources have changed since the last time. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const PAGE_FOLDER = join(ROOT, 'dist', 'page')
const SOURCES = join(ROOT, 'hal-mock', 'page')
const OTHER_SOURCES = ['hal-mock/programs/page-protocol.ts', 'hal-mock/programs/page-build.ts', 'package-lock.json']

/** Returns how long the build took in ms, 0 when there was nothing to do. Rejects with what Vite says. */
export async function ensurePage(): Promise<number> {
  const builtMs = changedMs(join(PAGE_FOLDER, 'index.html'))
  const newestMs = Math.max(newestIn(SOURCES), ...OTHER_SOURCES.map((file) => changedMs(join(ROOT, file))))
  if (builtMs > newestMs) return 0
  const fromMs = performance.now()
  const { build } = await import('vite')
  mkdirSync(join(ROOT, 'dist'), { recursive: true })
  const outDir = mkdtempSync(join(ROOT, 'dist', 'page-'))
  await build({
    root: SOURCES,
    configFile: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: false },
  })
  // Whole, or not at all: somebody else may be building, or serving what was there.
  rmSync(PAGE_FOLDER, { recursive: true, force: true })
  try {
    renameSync(outDir, PAGE_FOLDER)
  } catch {
    rmSync(outDir, { recursive: true, force: true })
  }
  return Math.max(1, Math.round(performance.now() - fromMs))
}

function changedMs(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}

function newestIn(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true })
  return Math.max(
    ...entries.map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? newestIn(path) : changedMs(path)
    }),
  )
}
