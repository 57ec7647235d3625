/** A browser of this machine, and a bench of one's own in it. */

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { PAGE_PANEL } from '../../hal-mock/programs/page'
import { ensurePage, PAGE_FOLDER } from '../../hal-mock/programs/page-build'
import { type PageServer, servePage } from '../../hal-mock/programs/page-server'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']

/** '' when there is none. CHROMIUM names another one. */
export function browserPath(): string {
  const { CHROMIUM } = process.env
  return CHROMIUM ?? PLACES.find((path) => existsSync(path)) ?? ''
}

export const HOW_TO_GET_ONE = 'no browser: apt-get install chromium, or CHROMIUM=/path/to/chrome, and these tests run'

/** Builds the page if need be, once for all. */
export async function launch(): Promise<Browser> {
  await ensurePage()
  // Chromium's own sandbox refuses root, which a container's user often is.
  return chromium.launch({ executablePath: browserPath(), chromiumSandbox: process.getuid?.() !== 0 })
}

export interface Bench {
  server: PageServer
  page: Page
  /** What the browser complained of. */
  complaints: string[]
  close(): Promise<void>
}

/** A bench of its own, with the page open in a window. */
export async function openBench(
  browser: Browser,
  context: BrowserContextOptions = {},
  panel: string[] = PAGE_PANEL,
): Promise<Bench> {
  const server = await servePage({ setup: { seed: 1, panel }, port: 0, folder: PAGE_FOLDER })
  const own = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...context })
  const page = await own.newPage()
  page.setDefaultTimeout(20000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(server.address)
  await page.getByRole('heading', { name: 'The premises' }).waitFor()
  return {
    server,
    page,
    complaints,
    close: async () => {
      await own.close()
      await server.close()
    },
  }
}
