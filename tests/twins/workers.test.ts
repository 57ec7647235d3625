import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Progress } from './progress'
import { emptyTally } from './twins'
import { type Answer, type LeakHunt, type SliceAnswer, slicesOf, sumOf } from './work'
import { shareOut } from './workers'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = ['--import', 'tsx', 'tests/twins/main.ts']
const HUNTS = [0, 1, 2, 3].map((index): LeakHunt => ({ kind: 'leak', index, seed: 1 }))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twins-workers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let made = 0
/** A worker that does this with each piece. */
async function workerThat(does: string): Promise<string> {
  const path = join(folder, `worker-${++made}.mjs`)
  await writeFile(path, `process.on('message', (piece) => { ${does} })\n`)
  return path
}

const ANSWER = `process.send({ kind: 'leak', name: String(process.pid), told: '', after: piece.index })`

describe('npm run twins -- --jobs', () => {
  it('says the same of 23 histories with 3 jobs as with 1, but for the time', async () => {
    const [one, three] = await Promise.all(
      ['1', '3'].map(async (jobs) => {
        const args = [...PROGRAM, '--histories', '23', '--seed', '9', '--jobs', jobs]
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
        return stdout.replace(/in \d+ s/, 'in ? s')
      }),
    )
    expect(three).toBe(one)
    expect(one.trimEnd().split('\n').at(-1)).toBe('23 histories, 0 differences')
  })

  it('refuses 0 and words', async () => {
    const refused = ['0', 'all'].map((jobs) => {
      const failed = promisify(execFile)(process.execPath, [...PROGRAM, '--jobs', jobs], { cwd: ROOT })
      return expect(failed).rejects.toThrow(`--jobs is '${jobs}': use 1 or more`)
    })
    await Promise.all(refused)
  })

  it('ends its workers when it is interrupted, and says so to the shell with 130', async () => {
    const args = [...PROGRAM, '--histories', '100000', '--jobs', '2']
    const program = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => program.on('exit', resolve))
    const workers = await childrenOf(program, 2)
    program.kill('SIGINT')
    expect(await ended).toBe(130)
    await expect.poll(() => workers.filter(isThere), { timeout: 10000 }).toEqual([])
  })
})

/** As soon as there are so many. */
async function childrenOf({ pid }: ChildProcess, count: number): Promise<number[]> {
  for (let look = 0; look < 600; look++) {
    const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    const pairs = list.map((line) => line.trim().split(/ +/).map(Number))
    const found = pairs.filter(([, parent]) => parent === pid).map(([child]) => child)
    if (found.length >= count) return found
    await sleep(100)
  }
  throw new Error(`there are no ${count} workers`)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('sharing out', () => {
  it('gives each piece to one of 2 workers, and each answer its place', async () => {
    const worker = await workerThat(ANSWER)
    const places: [number, number][] = []
    const names = new Set<string>()
    const tell = (answer: Answer, index: number) => {
      if (answer.kind === 'leak') {
        places.push([index, answer.after])
        names.add(answer.name)
      }
      return true
    }
    await shareOut(HUNTS, 2, tell, worker)
    expect(places.sort()).toEqual(HUNTS.map(({ index }) => [index, index]))
    expect(names.size).toBe(2)
  })

  it('hands out no more pieces after the answer that ends it', async () => {
    const worker = await workerThat(ANSWER)
    const heard: number[] = []
    const end = (_: Answer, index: number) => {
      heard.push(index)
      return false
    }
    await shareOut(HUNTS, 2, end, worker)
    expect(heard.sort()).toEqual([0, 1])
  })

  it.each([
    ['with 3', 'process.exit(3)'],
    ['with 0', 'process.exit(0)'],
    ['by SIGKILL', `process.kill(process.pid, 'SIGKILL')`],
  ])('says so when a worker ends %s', async (how, does) => {
    const worker = await workerThat(`if (piece.index === 2) { ${does} } else { ${ANSWER} }`)
    const all = shareOut(HUNTS, 2, () => true, worker)
    await expect(all).rejects.toThrow(
      new RegExp(`^worker [12] of 2 ended ${how} in leak 3; nothing can be said of all`),
    )
  })
})

describe('slices', () => {
  it('are each history once: 123 of seed 5 are 50 of it, 50 of seed 6 and 23 of seed 7', () => {
    const each = slicesOf(123, 5).flatMap(({ seed, from, count }) =>
      Array.from({ length: count }, (_, at) => `${seed} ${from + at}`),
    )
    const expected = Array.from({ length: 123 }, (_, at) => `${5 + Math.floor(at / 50)} ${at % 50}`)
    expect(each).toEqual(expected)
  })

  it('are summed up to the first difference, whatever was played behind it', () => {
    const answer = (histories: number, report: string): SliceAnswer => {
      const tally = { ...emptyTally(), histories, calls: 1, steps: new Map([['mains', histories]]) }
      return { kind: 'slice', tally, report }
    }
    const whole = sumOf([answer(10, ''), answer(10, '')])
    expect([whole.tally.histories, whole.tally.steps.get('mains'), whole.reports]).toEqual([20, 20, []])
    const broken = sumOf([answer(10, ''), answer(4, 'first'), answer(10, ''), answer(2, 'second')])
    expect([broken.tally.histories, broken.tally.calls, broken.reports]).toEqual([14, 2, ['first']])
  })
})

describe('progress', () => {
  const run = (isTTY: boolean, steps: [number, number][]) => {
    let nowMs = 0
    let text = ''
    const progress = new Progress(100, 'histories', { isTTY, write: (more) => (text += more) }, () => nowMs)
    for (const [atMs, done] of steps) {
      nowMs = atMs
      progress.at(done, '0 differences')
    }
    progress.clear()
    return text
  }

  it('is a line every 10 s where nobody looks at a terminal', () => {
    const text = run(false, [
      [4000, 10],
      [10000, 25],
      [12000, 30],
      [19999, 40],
      [20100, 50],
    ])
    const lines = ['25 of 100 histories, 0 differences, 30 s left', '50 of 100 histories, 0 differences, 21 s left', '']
    expect(text).toBe(lines.join('\n'))
  })

  it('is one line that is written anew at a terminal, and taken away at the end', () => {
    const text = run(true, [
      [1000, 1],
      [30000, 10],
    ])
    expect(text.split('\r\x1b[K')).toEqual([
      '',
      '1 of 100 histories, 0 differences, 99 s left',
      '10 of 100 histories, 0 differences, 5 min left',
      '',
    ])
  })
})
