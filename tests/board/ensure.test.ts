/** ensure.mjs in a folder of its own, with an npm that only writes down what it was asked. */

import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SOURCE = fileURLToPath(new URL('../../board/ensure.mjs', import.meta.url))

describe('ensure', () => {
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ensure-'))
    mkdirSync(join(folder, 'board'))
    copyFileSync(SOURCE, join(folder, 'board/ensure.mjs'))
    written('package-lock.json', 1000)
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  function written(path: string, atSeconds: number): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '{}')
    utimesSync(join(folder, path), atSeconds, atSeconds)
  }

  /** Runs it from another folder, as npm --prefix would. */
  function ensure(npmStatus: number): { status: number | null; asked: string; said: string } {
    const log = join(folder, 'asked')
    const npm = join(folder, 'bin/npm')
    mkdirSync(dirname(npm), { recursive: true })
    writeFileSync(npm, `#!/bin/sh\necho "$PWD $*" > '${log}'\nexit ${npmStatus}\n`, { mode: 0o755 })
    const result = spawnSync(process.execPath, [join(folder, 'board/ensure.mjs')], {
      cwd: tmpdir(),
      env: { ...process.env, PATH: `${dirname(npm)}:${process.env.PATH}` },
      encoding: 'utf8',
    })
    return { status: result.status, asked: existsSync(log) ? readFileSync(log, 'utf8') : '', said: result.stderr }
  }

  it('installs when node_modules is missing, in the project whatever the current folder', () => {
    const { status, asked, said } = ensure(0)
    expect(status).toBe(0)
    expect(asked).toMatch(/ensure-\w+\/? ci /)
    expect(said.split('\n')).toHaveLength(2)
  })

  it('installs when the lock file is newer than the last installation', () => {
    written('node_modules/.package-lock.json', 999)
    expect(ensure(0).asked).toContain(' ci ')
  })

  it('installs when an installation was broken off before its end', () => {
    written('node_modules/half/package.json', 2000)
    expect(ensure(0).asked).toContain(' ci ')
  })

  it('does and says nothing when the installation is as new as the lock file', () => {
    written('node_modules/.package-lock.json', 1000)
    expect(ensure(0)).toEqual({ status: 0, asked: '', said: '' })
  })

  it('ends with 1 and a sentence when npm fails', () => {
    const { status, said } = ensure(7)
    expect(status).toBe(1)
    expect(said).toContain('npm ci failed')
  })
})
