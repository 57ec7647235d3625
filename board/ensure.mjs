/**
 * Makes sure the tools are there: installs what package-lock.json names when it was never installed or has changed
 * since. Every script that a newcomer types begins with it. Plain Node, because nothing else exists yet.
 */

import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** package.json "engines" says the same. */
const OLDEST_NODE = [20, 19]

const root = fileURLToPath(new URL('..', import.meta.url))

function changedAtMs(path) {
  return statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join('.')} or newer.`)
  process.exit(1)
}

// npm writes this file at the end of every installation, so half an installation counts as none.
if (changedAtMs('node_modules/.package-lock.json') < changedAtMs('package-lock.json')) {
  console.error('Installing the tools named in package-lock.json (once) ...')
  try {
    // npm is a script on Windows and needs the shell there.
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
  } catch {
    console.error('npm ci failed: see its message above; it needs access to the npm registry.')
    process.exit(1)
  }
}
