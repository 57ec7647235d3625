// `npm start`: the page is built when its sources have changed, served until a signal comes, and a port that is taken is told.

import { statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensurePage, PAGE_FOLDER } from '../../../hal-mock/programs/page-build'
import { run } from '../../../hal-mock/programs/panel'

const told = () => {
  const lines: string[] = []
  return { lines, output: { out: (line: string) => lines.push(line), error: (line: string) => lines.push(line) } }
}

describe('npm start', () => {
  it.each([[['--port', '0']], [['--port', '0', '--live']]])('%j serves the page and says where', async (words) => {
    const stop = new AbortController()
    const { lines, output } = told()
    const running = run(words, output, undefined, stop.signal)
    await expect.poll(() => lines.join('\n'), { timeout: 60000 }).toContain('The bench is at http://127.0.0.1:')
    const address = /http:\S+/.exec(lines.join())?.[0] ?? ''
    const page = await (await fetch(address)).text()
    expect(page).toContain('<title>Alarm panel bench</title>')
    const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? ''
    expect((await fetch(new URL(script, address))).status).toBe(200)
    // Works without internet access: nothing is fetched from elsewhere.
    expect(page).not.toMatch(/(src|href)="https?:/)
    stop.abort()
    expect(await running).toBe(0)
    await expect(fetch(address)).rejects.toThrow()
  })

  it('ends with 1 and a sentence when the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()))
    const { port } = other.address() as AddressInfo
    const { lines, output } = told()
    expect(await run(['--port', String(port)], output, undefined, new AbortController().signal)).toBe(1)
    expect(lines.at(-1)).toBe(
      `panel: port ${port} cannot be had (EADDRINUSE): is the bench running already? Or choose another with --port`,
    )
    other.close()
  })
})

describe('the build', () => {
  it('is left alone while no source has changed', async () => {
    await ensurePage()
    const before = statSync(join(PAGE_FOLDER, 'index.html')).mtimeMs
    expect(await ensurePage()).toBe(0)
    expect(statSync(join(PAGE_FOLDER, 'index.html')).mtimeMs).toBe(before)
  })
})
