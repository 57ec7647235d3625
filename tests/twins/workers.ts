/**
 * Shares pieces of work out over processes, each of which runs tests/twins/worker.ts. A worker that ends before it is told to is
 * an error: nothing may look finished that was not done.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Answer, nameOf, type Piece, play } from './work'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** With these a shell says that a program was interrupted or told to end. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Hands pieces out in their order, and answers on as they come; when `tell` returns false no more are handed out, and those under
 * way are still answered. One job is done here. Rejects when a worker dies.
 */
export async function shareOut(
  pieces: Piece[],
  jobs: number,
  tell: (answer: Answer, index: number) => boolean,
  worker = WORKER,
): Promise<void> {
  const count = Math.min(jobs, pieces.length)
  if (count > 1) return shareOver(pieces, count, tell, worker)
  for (const [index, piece] of pieces.entries()) if (!tell(await play(piece), index)) return
}

async function shareOver(
  pieces: Piece[],
  count: number,
  tell: (answer: Answer, index: number) => boolean,
  worker: string,
): Promise<void> {
  const children: ChildProcess[] = []
  const endAll = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const end = () => {
      endAll()
      process.exit(code)
    }
    process.on(signal, end)
    return { signal, end }
  })
  let next = 0
  const take = () => (next < pieces.length ? next++ : -1)
  const onAnswer = (answer: Answer, index: number) => {
    if (!tell(answer, index)) next = pieces.length
  }
  try {
    const running = Array.from({ length: count }, (_, at) => {
      const child = fork(worker, { serialization: 'advanced' })
      children.push(child)
      return work(child, `worker ${at + 1} of ${count}`, pieces, take, onAnswer)
    })
    await Promise.all(running)
  } finally {
    endAll()
    for (const { signal, end } of handlers) process.off(signal, end)
  }
}

/** One worker's life: a piece after the other, until there are none. */
function work(
  child: ChildProcess,
  name: string,
  pieces: Piece[],
  take: () => number,
  onAnswer: (answer: Answer, index: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let index = -1
    const give = () => {
      index = take()
      if (index < 0) resolve()
      else child.send(pieces[index])
    }
    child.on('message', (answer: Answer) => {
      onAnswer(answer, index)
      give()
    })
    child.on('error', (error) => reject(new Error(`${name} could not be used: ${error.message}`)))
    child.on('exit', (code, signal) => {
      const how = signal === null ? `with ${code}` : `by ${signal}`
      const where = index < 0 ? 'before its work was done' : `in ${nameOf(pieces[index])}`
      reject(new Error(`${name} ended ${how} ${where}; nothing can be said of all`))
    })
    give()
  })
}
