// The workflow in docs/scenarios.md for stories in a repository of their own: read as GitHub reads it (docs.github.com, "Workflow
// syntax"), and its commands run by a shell as its runner runs them, against this working tree.
//
// Not here: the actions themselves. A checkout is a copy, and `npm ci`, which would fetch, says with --dry-run whether package.json
// and its lock agree; what it would have installed is linked.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Step {
  uses?: string
  with?: { [name: string]: string | number }
  run?: string
  if?: string
  'working-directory'?: string
}

const root = resolve(import.meta.dirname, '../../..')
const docs = readFileSync(join(root, 'docs/scenarios.md'), 'utf8')
const workflow = parse(/^```yaml\n(name: stories\n[\s\S]*?)^```$/m.exec(docs)?.[1] ?? '')
const steps: Step[] = workflow.jobs.stories.steps
const using = (action: string) => steps.filter(({ uses }) => uses?.startsWith(`${action}@`))

/** What a run of the panel's programs needs of a checkout. */
const CHECKOUT = [
  'board',
  'docs',
  'firmware',
  'hal-mock',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  '.npmrc',
]
const PASSES = 'title The light\n\nat 40 s   arm with code A\nby 60 s   expect light on\n'
const FAILS = 'title No light\n\nat 40 s   arm with code A\nat 60 s   expect light off\n'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A runner's workspace, in which a job's steps run until one fails; then those that wait for that. */
class Job {
  readonly workspace = mkdtempSync(join(tmpdir(), 'workflow '))
  output = ''
  isFailed = false
  /** Steps that ran, by their place. */
  done: number[] = []

  constructor(private stories: { [name: string]: string }) {
    folders.push(this.workspace)
  }

  run(): void {
    steps.forEach((step, at) => {
      if ((step.if === 'failure()') !== this.isFailed) return
      this.done.push(at)
      if (step.uses?.startsWith('actions/checkout@')) this.checkout(step.with?.path)
      if (step.run !== undefined && this.shell(step.run, step['working-directory'] ?? '.') !== 0) this.isFailed = true
    })
  }

  private checkout(path: string | number | undefined): void {
    if (path === undefined) {
      mkdirSync(join(this.workspace, 'stories'))
      for (const [name, text] of Object.entries(this.stories))
        writeFileSync(join(this.workspace, 'stories', name), text)
      return
    }
    const folder = join(this.workspace, `${path}`)
    // With its times: board/ensure.mjs installs when the lock is newer than what is there.
    for (const name of CHECKOUT)
      cpSync(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true })
  }

  /** As a runner's bash has it: a file, and the first command that fails ends it. Returns the exit code. */
  private shell(run: string, directory: string): number {
    const isInstall = run.trim() === 'npm ci'
    const file = join(this.workspace, '.step.sh')
    writeFileSync(file, isInstall ? 'npm ci --dry-run --offline' : run)
    const cwd = join(this.workspace, directory)
    const { status, stdout, stderr } = spawnSync('bash', ['-e', file], { cwd, encoding: 'utf8', env: environment() })
    this.output += stdout + stderr
    if (isInstall) symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'), 'dir')
    return status ?? -1
  }
}

/** Without what npm has told this process of the package that it runs. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|VITEST|NODE_OPTIONS$)/i.test(name))
  return { ...Object.fromEntries(kept), CI: 'true' }
}

function versionOf(text: string): number[] {
  return text.replace(/^\D*/, '').split('.').map(Number)
}

describe('the workflow in docs/scenarios.md', () => {
  it('has the stories in the workspace itself and the panel beside them, each checked out once', () => {
    expect(workflow.on).toEqual(['push', 'pull_request'])
    expect(using('actions/checkout').map((step) => step.with)).toEqual([
      undefined,
      { repository: ['$', '{{ vars.PANEL }}'].join(''), path: 'panel' },
    ])
    for (const { uses, run } of steps) {
      expect(uses === undefined ? run : uses).toMatch(uses === undefined ? /\S/ : /^actions\/[a-z-]+@v\d+$/)
    }
  })

  it('sets up a Node that package.json allows, and caches by a lock that is there', () => {
    const [{ with: setup = {} }] = using('actions/setup-node')
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(engines.node).toMatch(/^>=[\d.]+$/)
    expect(versionOf(`${setup['node-version']}`)[0]).toBeGreaterThan(versionOf(engines.node)[0])
    expect(setup['cache-dependency-path']).toBe('panel/package-lock.json')
    expect(existsSync(join(root, 'package-lock.json'))).toBe(true)
  })

  it('runs all of its commands in the panel, and keeps what is made there when one fails', () => {
    for (const step of steps) if (step.run !== undefined) expect(step['working-directory']).toBe('panel')
    const [upload] = using('actions/upload-artifact')
    expect(upload).toMatchObject({ if: 'failure()', with: { path: 'failed' } })
  })

  it('succeeds with stories that pass, and keeps nothing', () => {
    const job = new Job({ 'first.txt': PASSES, 'second one.txt': PASSES })
    job.run()
    expect(job.output).toContain('second one.txt')
    expect([job.isFailed, job.done.length], job.output).toEqual([
      false,
      steps.filter((step) => step.if === undefined).length,
    ])
    expect(existsSync(join(job.workspace, 'failed'))).toBe(false)
  })

  it('fails with a story that fails, and keeps its trace and its packets', () => {
    const job = new Job({ 'no light.txt': FAILS })
    job.run()
    expect([job.isFailed, job.done.length], job.output).toEqual([true, steps.length])
    expect(job.output).toContain('expect light off')
    const kept = (name: string) => readFileSync(join(job.workspace, 'failed', name))
    expect(kept('no light.jsonl').toString()).toContain('"source":"light"')
    expect(kept('no light.pcap').length).toBeGreaterThan(1000)
  })
})
