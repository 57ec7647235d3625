/** The bench as a page: builds it when its sources have changed, serves it until a signal comes, and says where. */

import { spawn } from 'node:child_process'
import { ensurePage, PAGE_FOLDER } from './page-build'
import { type PageServer, servePage } from './page-server'
import { type Live, startLive } from './panel-live'

/** What the page's panel senses: all that the bench can break. */
export const PAGE_PANEL = ['supply', 'box', 'loops']

export interface PageSettings {
  seed: number
  port: number
  isOpen: boolean
  isLive: boolean
}

/** Resolves when the signal has come. Rejects with a sentence when the port is taken. */
export async function runPage(
  settings: PageSettings,
  output: { out: (line: string) => void },
  stop: AbortSignal,
): Promise<void> {
  const builtMs = await ensurePage()
  if (builtMs > 0) output.out(`The page was built in ${(builtMs / 1000).toFixed(1)} s.`)
  let live: Live | undefined
  let page: PageServer | undefined
  try {
    if (settings.isLive) {
      live = await startLive(
        () => page?.session.utcSeconds() ?? 0,
        (event) => page?.session.hear(event),
      )
    }
    page = await open(settings, live)
    output.out(`The bench is at ${page.address}  (Ctrl+C ends it)`)
    if (settings.isOpen) openBrowser(page.address)
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve()
      stop.addEventListener('abort', () => resolve(), { once: true })
    })
  } finally {
    await page?.close()
    await live?.close()
  }
}

async function open({ seed, port }: PageSettings, live: Live | undefined): Promise<PageServer> {
  const panel = live === undefined ? PAGE_PANEL : []
  try {
    return await servePage({ setup: { seed, panel }, live, port, folder: PAGE_FOLDER })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    throw new Error(`port ${port} cannot be had (${code}): is the bench running already? Or choose another with --port`)
  }
}

/** Whatever the desktop opens pages with. Without one there is the address to read. */
function openBrowser(address: string): void {
  const program = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  const child = spawn(program, [address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
