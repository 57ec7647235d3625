// The page's server over real sockets: who is served, and what is said when a message cannot be followed.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ToPage } from '../../../hal-mock/programs/page-protocol'
import { type PageServer, servePage } from '../../../hal-mock/programs/page-server'

let folder = ''
let server: PageServer
const open: WebSocket[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><p>the page')
  await writeFile(join(folder, 'secret.key'), 'no file of a page')
  server = await servePage({ setup: { seed: 1, panel: [] }, port: 0, folder })
})

afterAll(async () => {
  for (const socket of open) socket.terminate()
  await server.close()
  await rm(folder, { recursive: true })
})

const port = () => Number(new URL(server.address).port)

/** Status and body of a request with these headers. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: port(), path, method, headers }, (response) => {
      let body = ''
      response.on('data', (bytes) => {
        body += bytes
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** A socket of the page, and what came over it. */
async function page(origin = server.address.replace(/\/$/, '')) {
  const socket = new WebSocket(`ws://127.0.0.1:${port()}/ws`, { origin })
  open.push(socket)
  const told: ToPage[] = []
  socket.on('message', (data) => told.push(JSON.parse(String(data)) as ToPage))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  const until = async <T extends ToPage['type']>(type: T, isIt: (message: Extract<ToPage, { type: T }>) => boolean) => {
    for (let tries = 0; tries < 400; tries++) {
      const found = told.find((message) => message.type === type && isIt(message as Extract<ToPage, { type: T }>))
      if (found !== undefined) return found as Extract<ToPage, { type: T }>
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`no such ${type}; the last: ${JSON.stringify(told.at(-1))}`)
  }
  return { socket, told, until, say: (message: unknown) => socket.send(JSON.stringify(message)) }
}

describe('files', () => {
  it('are the page, with headers that let nothing else in', async () => {
    const { status, body, headers } = await ask('/')
    expect([status, body]).toEqual([200, '<!doctype html><p>the page'])
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it.each([
    ['/nothing.html', 404],
    ['/secret.key', 404],
    ['/../package.json', 404],
    ['/%2e%2e%2f%2e%2e%2fetc/passwd', 404],
    ['/export/everything', 404],
  ])('%s: %i', async (path, status) => {
    expect((await ask(path)).status).toBe(status)
  })

  it('are read only', async () => {
    expect((await ask('/', {}, 'POST')).status).toBe(405)
  })
})

describe('who is no page of ours', () => {
  it.each([
    ['another Host, as DNS rebinding brings it', { host: 'panel.example:80' }],
    ['another Origin', { origin: 'http://evil.example' }],
    ['no Origin at all that could be read', { origin: 'null' }],
    ['a site that asks across', { 'sec-fetch-site': 'cross-site' }],
  ])('gets no file: %s', async (_, headers) => {
    expect((await ask('/', headers)).status).toBe(403)
    expect((await ask('/export/scenario', headers)).status).toBe(403)
  })

  it.each(['http://evil.example', 'http://127.0.0.1:1', 'null', `http://localhost.evil.example`])(
    'gets no socket: %s',
    async (origin) => {
      await expect(page(origin)).rejects.toThrow('403')
    },
  )

  it('gets no socket without an Origin, and none elsewhere', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/ws`)
    await expect(
      new Promise((_, reject) => {
        socket.on('error', reject)
      }),
    ).rejects.toThrow('403')
    const elsewhere = new WebSocket(`ws://127.0.0.1:${port()}/other`, { origin: server.address.slice(0, -1) })
    await expect(
      new Promise((_, reject) => {
        elsewhere.on('error', reject)
      }),
    ).rejects.toThrow('403')
  })

  it('is told by the server that it listens on loopback only', () => {
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  })
})

describe('the socket', () => {
  it('brings codes, stories, the view and all marks so far', async () => {
    const { until } = await page()
    const hello = await until('hello', () => true)
    expect(hello.codes.map(({ name }) => name)).toEqual(['code A', 'code B', 'duress A'])
    expect(hello.stories.length).toBeGreaterThan(10)
    const { view } = await until('view', () => true)
    expect(view.display[0]).toContain('READY')
    const { fromId, marks } = await until('marks', () => true)
    expect([fromId, marks[0][0]]).toEqual([0, 0])
    expect(marks.length).toBeGreaterThan(50)
  })

  it('follows: a door is opened, time stands still, a moment is gone to, and a fork there takes later marks back', async () => {
    const { say, until, told } = await page()
    const { view } = await until('view', () => true)
    say({ type: 'act', line: 'open zone 1' })
    await until('view', (message) => message.view.display[0].includes('NOT READY'))
    say({ type: 'speed', speed: 0 })
    await until('view', (message) => message.view.speed === 0)
    told.length = 0
    say({ type: 'go', atMs: view.nowMs - 1000 })
    const back = await until('view', (message) => message.view.nowMs === Math.floor(view.nowMs - 1000))
    expect(back.view).toMatchObject({ laterCount: 1, speed: 0 })
    expect(told.some(({ type }) => type === 'marks')).toBe(false)
    say({ type: 'act', line: 'open zone 2' })
    const { fromId, marks } = await until('marks', () => true)
    expect(fromId).toBe(marks[0][0])
    expect(marks.map(([, , , what]) => what)).toContain('zone 2 opens')
    expect(marks.map(([, , , what]) => what)).not.toContain('zone 1 opens')
    expect(
      (await until('view', (message) => message.view.laterCount === 0)).view.zones.map((zone) => zone.isOpen),
    ).toEqual([false, true])
  })

  it.each<[unknown, RegExp]>([
    ['{', /one JSON object/],
    [{ type: 'dance' }, /"type"/],
    [{ type: 'act' }, /"line"/],
    [{ type: 'act', line: 'x'.repeat(121) }, /"line"/],
    [{ type: 'act', line: 'dance' }, /is no action/],
    [{ type: 'act', line: 'open zone 9' }, /number from 1 to 2/],
    [{ type: 'speed', speed: 7 }, /"speed"/],
    [{ type: 'go', atMs: -1 }, /"atMs"/],
    [{ type: 'go', atMs: 31 * 86400000 }, /more than a day ahead/],
    [{ type: 'go', atMs: 5, extra: 1 }, /extra/],
    [{ type: 'bytes', id: 99999999 }, /nothing to decode/],
    [{ type: 'wires', fromMs: 0, untilMs: 60000 }, /up to 30 s/],
    [{ type: 'new', seed: 1, panel: ['rocket'] }, /no such panel/],
    [{ type: 'new', seed: 1, panel: ['house', 'supply'] }, /supply needs the inputs that house has zones at/],
    [{ type: 'story', name: 'none' }, /no story "none"/],
    [{ type: 'story', name: 'mine', text: 'at noon press 1' }, /mine, line 1: .*is no time/],
  ])('refuses %j in a sentence, and goes on', async (message, problem) => {
    const { socket, until } = await page()
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    const { text } = await until('problem', () => true)
    expect(text).toMatch(problem)
    expect(socket.readyState).toBe(WebSocket.OPEN)
    socket.terminate()
  })

  it('gives the files of the run', async () => {
    const { status, body, headers } = await ask('/export/scenario', { 'sec-fetch-site': 'same-origin' })
    expect(status).toBe(200)
    expect(headers['content-disposition']).toBe('attachment; filename="recorded.txt"')
    expect(body).toMatch(/^title Recorded by hand\nseed 1\n/)
  })
})
